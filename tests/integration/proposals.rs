//! An agent proposes what is to be allowed, and a person decides.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::{Ran, Reading, Scratch, anthropic_key, ids, rounds, run};

/// A repository with some keys staged, one a file.
fn with_keys(files: &[&str]) -> (Scratch, Vec<String>) {
    let scratch = Scratch::new(Reading::Default);
    let mut found = Vec::new();
    for file in files {
        scratch.add(file, format!("key = \"{}\"\n", anthropic_key()));
        let ran = scratch.keyward(&["scan", "--format", "json", file]);
        found.extend(ids(&ran.stdout));
    }
    (scratch, found)
}

/// keyward, as an agent runs it.
fn agent(scratch: &Scratch, variable: &str) -> Command {
    let mut command = scratch.command(env!("CARGO_BIN_EXE_keyward"));
    let (name, value) = variable.split_once('=').unwrap_or((variable, "1"));
    command.env(name, value);
    command
}

fn as_agent(scratch: &Scratch, variable: &str, args: &[&str]) -> Ran {
    run(agent(scratch, variable).args(args))
}

fn allowed(scratch: &Scratch) -> Vec<String> {
    let text = fs::read_to_string(scratch.top().join(".keyward.allow")).unwrap_or_default();
    let lines = text.lines();
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(str::to_owned).collect()
}

fn proposed(git_dir: &Path) -> Vec<String> {
    let files = fs::read_dir(git_dir.join("keyward-proposed"));
    let files = files.into_iter().flatten().map(|file| file.unwrap().path());
    files
        .map(|file| fs::read_to_string(file).unwrap())
        .collect()
}

const WHY: &str = "made up for the test of it";

#[test]
fn what_an_agent_allows_is_a_proposal_until_a_person_confirms_it() {
    for (variable, title) in [
        ("CLAUDECODE", "Claude Code"),
        ("CODEX_THREAD_ID=0199-a", "Codex CLI"),
        ("CURSOR_AGENT", "Cursor"),
        ("GEMINI_CLI", "Gemini CLI"),
        ("AI_AGENT=new-one", "new-one"),
    ] {
        let (scratch, ids) = with_keys(&["a.py"]);
        let git_dir = scratch.top().join(".git");
        scratch.keyward(&["install"]).passes();
        let id = &*ids[0];
        let ran = as_agent(&scratch, variable, &["allow", id, "--reason", WHY]);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        let next = format!("keyward allow --confirm {id}");
        assert!(ran.stdout.contains("not allowed yet"), "{}", ran.stdout);
        assert!(ran.stdout.contains(&next), "{}", ran.stdout);
        assert_eq!(allowed(&scratch), Vec::<String>::new());
        let held = proposed(&git_dir);
        assert_eq!(held.len(), 1, "{held:?}");
        assert!(!held[0].contains("sk-ant"), "{held:?}");
        let commit = ["commit", "-qm", "x"];
        assert_eq!(scratch.try_git(&commit).code, Some(1));

        // Once more, it is the same one.
        let ran = scratch.keyward(&["allow", "--propose", id, "--reason", WHY]);
        assert_eq!((ran.code, proposed(&git_dir).len()), (Some(1), 1));
        as_agent(&scratch, variable, &["allow", id, "--reason", WHY]);

        for args in [&["allow", "--confirm"][..], &["allow", "--confirm", id]] {
            let ran = as_agent(&scratch, variable, args);
            assert_eq!((ran.code, allowed(&scratch).len()), (Some(2), 0));
            assert!(ran.stderr.contains("tell a person"), "{}", ran.stderr);
        }
        let list = as_agent(&scratch, variable, &["allow", "--list"]);
        assert!(list.stdout.contains("proposed by"), "{}", list.stdout);

        let ran = scratch.keyward(&["allow", "--confirm", id]);
        ran.passes();
        for told in [id, "a.py", WHY, title, "Anthropic API key"] {
            assert!(ran.stdout.contains(told), "{told}: {}", ran.stdout);
        }
        let entry = allowed(&scratch).remove(0);
        let end = format!("{WHY} (proposed by {title}, confirmed by Nobody)");
        assert!(entry.ends_with(&end), "{entry}");
        assert_eq!(proposed(&git_dir).len(), 0);
        assert_eq!(scratch.try_git(&commit).code, Some(0));
        assert_eq!(scratch.keyward(&["allow", "--confirm"]).code, Some(2));
    }
}

#[test]
fn no_other_way_to_the_allow_file_is_open_to_an_agent() {
    let (scratch, ids) = with_keys(&["a.py", "b.py"]);
    scratch
        .keyward(&["allow", &ids[0], "--reason", WHY])
        .passes();
    let before = allowed(&scratch);
    scratch.write(".gitleaksignore", "b.py:generic-api-key:1\n");
    for args in [
        &["allow", "--all", "--reason", WHY][..],
        &["allow", "--all", "--history", "--reason", WHY],
        &["allow", "--import", ".gitleaksignore"],
        &["allow", "--remove", &ids[0]],
        &["allow", "--confirm"],
        &["doctor", "--prune"],
    ] {
        let ran = as_agent(&scratch, "CLAUDECODE", args);
        assert_eq!(ran.code, Some(2), "{args:?} {ran:?}");
        assert!(ran.stderr.contains("Claude Code runs this"), "{ran:?}");
        assert!(ran.stderr.contains("tell a person"), "{ran:?}");
        assert_eq!(allowed(&scratch), before, "{args:?}");
    }
    let many = as_agent(&scratch, "CLAUDECODE", &["allow", "--all", "--reason", WHY]);
    assert!(many.stderr.contains("propose one finding"), "{many:?}");
    // What tells of nothing is nobody's.
    for variable in ["CLAUDECODE=0", "CURSOR_TRACE_ID=x", "AGENT=buildkite"] {
        as_agent(&scratch, variable, &["allow", "--all", "--reason", WHY]).passes();
    }
    assert_eq!(allowed(&scratch).len(), 2);
}

#[test]
fn the_settings_say_whether_agents_may_do_more_and_a_lock_holds() {
    let (mut scratch, ids) = with_keys(&["a.py", "b.py"]);
    let off = "[agents]\npropose = false\n";
    scratch.write(".keyward.toml", off);
    let allow = |scratch: &Scratch, id: &str| {
        as_agent(scratch, "CLAUDECODE", &["allow", id, "--reason", WHY]).code
    };
    // An agent can write that line, too.
    assert_eq!(allow(&scratch, &ids[0]), Some(1));
    scratch.git(&["add", ".keyward.toml"]);
    assert_eq!(allow(&scratch, &ids[0]), Some(1));
    scratch.git(&["commit", "-qnm", "x", ".keyward.toml"]);
    assert_eq!(allow(&scratch, &ids[0]), Some(0));
    let entry = allowed(&scratch).remove(0);
    assert!(entry.ends_with("(allowed by Claude Code)"), "{entry}");
    // A proposal is confirmed by a person all the same.
    let ran = as_agent(&scratch, "CLAUDECODE", &["allow", "--confirm"]);
    assert_eq!(ran.code, Some(2));

    let system = scratch.root().join("system.toml");
    fs::write(&system, "lock = ['agents.propose']\n").unwrap();
    scratch.set("KEYWARD_SYSTEM_CONFIG", system.to_str().unwrap());
    assert_eq!(allow(&scratch, &ids[1]), Some(1));
    assert_eq!(allowed(&scratch).len(), 1);
}

#[test]
fn of_many_proposals_at_once_none_is_lost() {
    let names: Vec<String> = (0..8).map(|at| format!("{at}.py")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let (scratch, ids) = with_keys(&names);
    for _ in 0..rounds(10) {
        let running: Vec<_> = ids
            .iter()
            .chain(&ids)
            .map(|id| {
                let mut keyward = agent(&scratch, "CLAUDECODE");
                keyward.args(["allow", id, "--reason", WHY]);
                keyward.stdout(std::process::Stdio::null());
                keyward.spawn().unwrap()
            })
            .collect();
        for mut child in running {
            assert_eq!(child.wait().unwrap().code(), Some(1));
        }
        assert_eq!(proposed(&scratch.top().join(".git")).len(), ids.len());
    }
    scratch.keyward(&["allow", "--remove", &ids[0]]).passes();
    let ran = scratch.keyward(&["allow", "--confirm"]);
    ran.passes();
    assert_eq!(allowed(&scratch).len(), ids.len() - 1);
    assert!(!ran.stdout.contains(&ids[0]), "{}", ran.stdout);
}

#[test]
fn a_proposal_shows_no_key_and_cannot_speak_to_the_terminal() {
    let (scratch, ids) = with_keys(&["a.py"]);
    let git_dir = scratch.top().join(".git");
    let key = anthropic_key();
    let reason = format!("it is {key}, a test");
    for reason in [&*reason, "x\u{1b}[2J", " ... "] {
        let args = ["allow", "--propose", &ids[0], "--reason", reason];
        let ran = scratch.keyward(&args);
        assert_eq!(ran.code, Some(2), "{ran:?}");
        assert!(!ran.stderr.contains(&key[20..40]), "{ran:?}");
        let ran = as_agent(
            &scratch,
            "CLAUDECODE",
            &["allow", &ids[0], "--reason", reason],
        );
        assert_eq!(ran.code, Some(2), "{ran:?}");
    }
    assert_eq!(proposed(&git_dir).len(), 0);

    // Whatever lies there, it is shown as what it is.
    let held = git_dir.join("keyward-proposed");
    fs::create_dir_all(&held).unwrap();
    let line = "0123456789abcdef acme-key /a.py - why";
    let hostile = format!(
        "{{\"name\": \"\\u001b[2J\\n::error::x\", \"by\": \"\\u202e\", \"on\": \"2026-11-27\", \"entries\": [\"{line}\"]}}"
    );
    fs::write(held.join("0123456789abcdef.json"), hostile).unwrap();
    fs::write(held.join("b.json"), "nonsense").unwrap();
    let ran = scratch.keyward(&["allow", "--confirm"]);
    ran.passes();
    assert!(ran.stdout.contains("1 proposal can't be read"), "{ran:?}");
    for line in ran.stdout.lines() {
        assert!(!line.chars().any(char::is_control), "{line:?}");
        assert!(!line.trim_start().starts_with("::"), "{line:?}");
    }
    assert_eq!(allowed(&scratch).len(), 1);
}

#[test]
fn a_proposal_belongs_to_its_working_tree_and_is_found_from_the_others() {
    let (scratch, _) = with_keys(&["a.py"]);
    scratch.commit_all();
    let other = scratch.root().join("other tree");
    scratch.git(&["worktree", "add", "-qb", "other", other.to_str().unwrap()]);
    fs::write(
        other.join("b.py"),
        format!("key = \"{}\"\n", anthropic_key()),
    )
    .unwrap();
    scratch.git_in(&other, &["add", "b.py"]);
    let keyward = |dir: &Path, args: &[&str]| {
        run(scratch
            .command(env!("CARGO_BIN_EXE_keyward"))
            .current_dir(dir)
            .args(args))
    };
    let told = keyward(&other, &["scan", "--staged", "--format", "json"]).stdout;
    let id = &*ids(&told)[0];
    let ran = keyward(&other, &["allow", "--propose", id, "--reason", WHY]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let ran = scratch.keyward(&["allow", "--confirm"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.stderr.contains("other tree'"), "{}", ran.stderr);
    keyward(&other, &["allow", "--confirm"]).passes();
    assert!(other.join(".keyward.allow").exists());
}
