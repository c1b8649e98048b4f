//! What to do about a leak: whoever follows the steps word for word ends with a repository, and a remote, in
//! which nothing has the key any more.

#![cfg(unix)]

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::support::{Ran, Reading, Scratch, anthropic_key, assert_sealed, letters, run};

/// A repository whose commands find keyward, and a bare remote of it.
fn scratch_with_remote() -> (Scratch, PathBuf) {
    let mut scratch = Scratch::new(Reading::Default);
    let program = PathBuf::from(env!("CARGO_BIN_EXE_keyward"));
    scratch.first_on_path(program.parent().unwrap());
    let remote = scratch.add_remote();
    (scratch, remote)
}

fn commit(scratch: &Scratch, path: &str, content: &str, message: &str) {
    scratch.write(path, content);
    scratch.git(&["add", "--all"]);
    scratch.git(&["commit", "-q", "--no-verify", "-m", message]);
}

/// The id of the one secret that an audit tells of.
fn id_of(scratch: &Scratch) -> String {
    let ran = scratch.keyward(&["audit", "--unreachable", "--json"]);
    let first = ran.stdout.lines().next().unwrap();
    let line: Value = serde_json::from_str(first).unwrap();
    assert_eq!(line["kind"], "secret", "{}", ran.stdout);
    line["id"].as_str().unwrap().to_owned()
}

fn playbook(scratch: &Scratch, id: &str) -> Value {
    let ran = scratch.keyward(&["respond", id, "--json"]);
    assert_eq!(ran.code, Some(1), "{}{}", ran.stdout, ran.stderr);
    serde_json::from_str(&ran.stdout).unwrap()
}

fn step<'p>(playbook: &'p Value, name: &str) -> Option<&'p Value> {
    let steps = playbook["steps"].as_array().unwrap();
    steps.iter().find(|step| step["name"] == name)
}

fn lines<'p>(playbook: &'p Value, name: &str, kind: &str) -> Vec<&'p str> {
    let lines = step(playbook, name).and_then(|step| step["lines"].as_array());
    let lines = lines
        .into_iter()
        .flatten()
        .filter(|line| line["kind"] == kind);
    lines.map(|line| line["text"].as_str().unwrap()).collect()
}

/// Does what the steps say that clean, in their order.
fn follow(scratch: &Scratch, id: &str, key: &str, mend: impl Fn()) {
    let playbook = playbook(scratch, id);
    if step(&playbook, "files").is_some() {
        mend();
    }
    for name in ["files", "history", "push", "remote", "forget", "check"] {
        for command in lines(&playbook, name, "command") {
            let ran = run(scratch
                .command("sh")
                .env("GIT_EDITOR", "sed -i -e s/sk-ant-.*/gone/")
                .args(["-c", command]));
            assert_sealed(ran.told().as_bytes(), key);
            assert_eq!(
                ran.code,
                Some(0),
                "{name}: {command}: {}{}",
                ran.stdout,
                ran.stderr
            );
        }
    }
    let gone = scratch.keyward(&["respond", id]);
    assert_sealed(gone.told().as_bytes(), key);
    assert_eq!(gone.code, Some(0), "{}{}", gone.stdout, gone.stderr);
    assert!(gone.stdout.contains("is gone"), "{}", gone.stdout);
}

fn has_filter(scratch: &Scratch) -> bool {
    scratch.try_git(&["filter-repo", "--version"]).code == Some(0)
}

fn line(key: &str) -> String {
    format!("import os\nkey = \"{key}\"\n")
}

const MENDED: &str = "import os\nkey = os.environ[\"ANTHROPIC_API_KEY\"]\n";

/// A history with a key, and whether only git filter-repo takes it out.
type History = (&'static str, bool, fn(&Scratch, &str));

/// A place, and what puts a key there.
type Plant = (&'static str, fn(&Scratch, &str));

const PUSHED: &[History] = &[
    ("the last commit", false, |scratch, key| {
        commit(scratch, "app.py", &line(key), "key");
    }),
    ("a few commits", false, |scratch, key| {
        commit(scratch, "app.py", &line(key), "key");
        commit(scratch, "b.txt", "b\n", "next");
        commit(scratch, "b.txt", "c\n", "and next");
    }),
    ("what was taken out since", true, |scratch, key| {
        commit(scratch, "app.py", &line(key), "key");
        commit(scratch, "app.py", MENDED, "without");
    }),
    ("a branch and a tag", true, |scratch, key| {
        commit(scratch, "app.py", &line(key), "key");
        scratch.git(&["tag", "v1"]);
        scratch.git(&["checkout", "-q", "-b", "side"]);
        commit(scratch, "c.txt", "c\n", "aside");
        scratch.git(&["push", "-q", "origin", "side"]);
        scratch.git(&["checkout", "-q", "main"]);
        scratch.git(&["branch", "-q", "-D", "side"]);
    }),
    ("a message", true, |scratch, key| {
        commit(scratch, "c.txt", "c\n", &format!("uses {key}"));
        commit(scratch, "c.txt", "d\n", "next");
    }),
    ("the message of the last commit", false, |scratch, key| {
        commit(scratch, "c.txt", "c\n", &format!("uses {key}"));
    }),
];

#[test]
fn whoever_follows_it_word_for_word_ends_with_nothing() {
    for (name, needs_filter, plant) in PUSHED {
        let (scratch, remote) = scratch_with_remote();
        if *needs_filter && !has_filter(&scratch) {
            eprintln!("{name}: not tried, since git filter-repo is not here");
            continue;
        }
        let key = anthropic_key();
        commit(&scratch, "a.txt", "a\n", "first");
        plant(&scratch, &key);
        scratch.git(&["push", "-q", "origin", "HEAD:refs/heads/main"]);
        let id = id_of(&scratch);
        let told = scratch.keyward(&["respond", &id]);
        assert_sealed(told.told().as_bytes(), &key);
        assert!(
            told.stdout.contains("on origin/main since 2024-01-01"),
            "{name}: {}",
            told.stdout
        );
        scratch
            .keyward(&["respond", &id, "--done", "revoke"])
            .passes();
        follow(&scratch, &id, &key, || match *name {
            "the message of the last commit" => {}
            _ => scratch.write("app.py", MENDED),
        });
        let there = scratch.keyward(&["audit", "--unreachable", remote.to_str().unwrap()]);
        assert_eq!(there.code, Some(0), "{name}: {}", there.stdout);
    }
}

#[test]
fn what_no_remote_has_is_taken_away_here() {
    let plants: &[Plant] = &[
        ("staged and taken back", |scratch, key| {
            scratch.add("app.py", line(key));
            scratch.add("app.py", MENDED);
        }),
        ("staged", |scratch, key| scratch.add("app.py", line(key))),
        ("a lost commit", |scratch, key| {
            commit(scratch, "app.py", &line(key), "key");
            scratch.git(&["reset", "-q", "--hard", "HEAD~1"]);
        }),
        ("the stash", |scratch, key| {
            scratch.write("a.txt", line(key));
            scratch.git(&["stash", "-q"]);
        }),
        ("a note", |scratch, key| {
            scratch.git(&["notes", "add", "-m", key]);
        }),
        ("the message of a tag", |scratch, key| {
            scratch.git(&["tag", "-a", "v1", "-m", key]);
        }),
        ("another worktree", |scratch, key| {
            let tree = scratch.top().join("tree");
            scratch.git(&["worktree", "add", "-q", "--detach", "tree"]);
            fs::write(tree.join("x.py"), line(key)).unwrap();
            scratch.git_in(&tree, &["add", "--all"]);
            scratch.git_in(&tree, &["commit", "-q", "-m", "there"]);
        }),
        ("what rerere remembers", |scratch, key| {
            scratch.write(".git/rr-cache/0123/preimage", line(key));
        }),
    ];
    for (name, plant) in plants {
        let (scratch, _) = scratch_with_remote();
        let key = anthropic_key();
        commit(&scratch, "a.txt", "a\n", "first");
        plant(&scratch, &key);
        let id = id_of(&scratch);
        let told = scratch.keyward(&["respond", &id]);
        assert!(
            told.stdout.contains("on no remote") || told.stdout.contains("nobody can tell"),
            "{name}: {}",
            told.stdout
        );
        assert_sealed(told.told().as_bytes(), &key);
        scratch
            .keyward(&["respond", &id, "--done", "usage"])
            .passes();
        follow(&scratch, &id, &key, || scratch.write("app.py", MENDED));
    }
}

#[test]
fn a_step_is_ticked_off_and_the_audit_knows_what_is_revoked() {
    let (scratch, _) = scratch_with_remote();
    let (key, other) = (anthropic_key(), anthropic_key());
    commit(
        &scratch,
        "app.py",
        &format!("{}other = \"{other}\"\n", line(&key)),
        "keys",
    );
    let told = scratch.keyward(&["audit", "--json"]).stdout;
    let first: Value = serde_json::from_str(told.lines().next().unwrap()).unwrap();
    let id = first["id"].as_str().unwrap();
    assert!(step(&playbook(&scratch, id), "relatives").is_some());
    for name in ["revoke", "usage", "revoke"] {
        scratch.keyward(&["respond", id, "--done", name]).passes();
    }
    let done = playbook(&scratch, id);
    for (name, is_done) in [("revoke", true), ("usage", true), ("limit", false)] {
        assert_eq!(
            step(&done, name).unwrap()["done"].is_string(),
            is_done,
            "{name}"
        );
    }
    let audit = scratch.keyward(&["audit"]).stdout;
    assert!(
        audit.contains("revoked, still in history: harmless"),
        "{audit}"
    );
    assert!(audit.contains("revoked on "), "{audit}");
    let noted = fs::read_to_string(scratch.top().join(".git/keyward-respond")).unwrap();
    assert_eq!(noted.lines().count(), 2, "{noted}");
    assert!(!noted.contains(id), "{noted}");
    scratch
        .keyward(&["respond", id, "--undone", "revoke"])
        .passes();
    assert!(!scratch.keyward(&["audit"]).stdout.contains("harmless"));
    let no_step = scratch.keyward(&["respond", id, "--done", "revok"]);
    assert_eq!(no_step.code, Some(2));
    assert!(
        no_step.stderr.contains("the steps are revoke, usage"),
        "{}",
        no_step.stderr
    );
    let unknown = scratch.keyward(&["respond", "0123abcd"]);
    assert_eq!(unknown.code, Some(2), "{}", unknown.stderr);
    for form in ["--markdown", "--json"] {
        let ran = scratch.keyward(&["respond", id, form]);
        assert_sealed(ran.told().as_bytes(), &key);
        assert_sealed(ran.told().as_bytes(), &other);
    }
    let ticket = scratch.keyward(&["respond", id, "--markdown"]).stdout;
    assert!(
        ticket.contains("- [x] **usage**") && ticket.contains("- [ ] **revoke**"),
        "{ticket}"
    );
}

#[test]
fn eight_characters_are_shown_on_request_alone() {
    let (scratch, _) = scratch_with_remote();
    let key = anthropic_key();
    commit(&scratch, "app.py", &line(&key), "key");
    let id = id_of(&scratch);
    let ran = scratch.keyward(&["respond", &id, "--alert-text"]);
    ran.passes();
    let body = &key["sk-ant-api03-".len()..];
    assert_eq!(ran.stdout.lines().next(), Some(&body[..8]));
    assert!(
        ran.stdout.contains("8 of its 95 random characters"),
        "{}",
        ran.stdout
    );
    assert_sealed(ran.told().as_bytes(), &key);
    assert!(
        !scratch
            .keyward(&["respond", &id])
            .stdout
            .contains(&body[..8])
    );
}

/// Hands a key over on standard input.
fn paste(scratch: &Scratch, key: &str) -> Ran {
    let ran = scratch.keyward_fed(&["respond", "--stdin", "--json"], format!("{key}\n"));
    assert_sealed(ran.told().as_bytes(), key);
    ran
}

#[test]
fn a_key_that_is_pasted_is_found_whatever_it_looks_like() {
    // No rule takes the first of them for anything.
    for key in [format!("sentence {}", letters(10)), anthropic_key()] {
        let places: &[fn(&Scratch, &str)] = &[
            |scratch, key| commit(scratch, "a.txt", &format!("see {key} there\n"), "text"),
            |scratch, key| commit(scratch, "a.txt", "a\n", &format!("says {key}")),
            |scratch, key| {
                let wide: Vec<u8> = format!("\u{feff}see {key}\n")
                    .encode_utf16()
                    .flat_map(u16::to_le_bytes)
                    .collect();
                scratch.add("wide.txt", wide);
            },
            |scratch, key| {
                scratch.git_fed(&["hash-object", "-w", "--stdin"], key.as_bytes());
            },
        ];
        let (nowhere, _) = scratch_with_remote();
        commit(&nowhere, "a.txt", "nothing\n", "first");
        let ran = paste(&nowhere, &key);
        assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
        assert!(
            ran.stderr.contains("it is in none of 1 commit and 1 blob"),
            "{}",
            ran.stderr
        );
        for place in places {
            let (scratch, _) = scratch_with_remote();
            commit(&scratch, "b.txt", "nothing\n", "first");
            place(&scratch, &key);
            let ran = paste(&scratch, &key);
            assert_eq!(ran.code, Some(1), "{}{}", ran.stdout, ran.stderr);
            let told: Value = serde_json::from_str(&ran.stdout).unwrap();
            assert!(step(&told, "forget").is_some());
        }
    }
    let (scratch, _) = scratch_with_remote();
    let short = scratch.keyward_fed(&["respond", "--stdin", "--json"], "short\n");
    assert_eq!(short.code, Some(2), "{}", short.stdout);
    assert!(!short.told().contains("short\n"), "{}", short.stderr);
}

#[test]
fn a_provider_has_its_pages() {
    let (scratch, _) = scratch_with_remote();
    let ran = scratch.keyward(&["respond", "--provider", "OpenAI"]);
    ran.passes();
    assert!(
        ran.stdout.contains("https://platform.openai.com/api-keys"),
        "{}",
        ran.stdout
    );
    let ran = scratch.keyward(&["respond", "--provider", "opnai"]);
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.stderr.contains("did you mean `openai`?"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_refusal_says_what_is_known_of_a_key_in_head() {
    let (scratch, _) = scratch_with_remote();
    let (old, lost, new) = (anthropic_key(), anthropic_key(), anthropic_key());
    let told = |files: &[(&str, &str)], expected: &str| {
        for (path, key) in files {
            scratch.add(path, line(key));
        }
        let ran = scratch.keyward(&["hook", "pre-commit"]);
        assert_eq!(ran.code, Some(1), "{}", ran.stderr);
        assert_sealed(ran.told().as_bytes(), &old);
        assert!(ran.stderr.contains(expected), "{}", ran.stderr);
        for (path, _) in files {
            scratch.git(&["rm", "-q", "--cached", "--force", path]);
            fs::remove_file(scratch.top().join(path)).unwrap();
        }
    };
    let nobody_knows = "if it was ever pushed or shared: https";
    let is_there = "now, since it is on origin/main already: https";
    let is_not = "not pushed yet, so only if it was shared: https";
    commit(&scratch, "a.py", &line(&old), "first");
    // No remote is known to have any of it.
    told(&[("b.py", &old)], nobody_knows);
    scratch.git(&["push", "-q", "origin", "HEAD:refs/heads/main"]);
    told(&[("b.py", &old)], is_there);
    // A commit on top of it, that nobody else has, changes nothing.
    commit(&scratch, "lost.py", &line(&lost), "on top");
    told(&[("b.py", &old)], is_there);
    told(&[("b.py", &lost)], nobody_knows);
    told(&[("b.py", &new)], is_not);
    // One of them does not speak for the other.
    told(&[("b.py", &old), ("c.py", &new)], nobody_knows);
    told(&[("b.py", &old), ("c.py", &lost)], nobody_knows);
}

#[test]
fn a_refusal_tells_whether_a_remote_has_it() {
    let (scratch, _) = scratch_with_remote();
    let (key, other) = (anthropic_key(), anthropic_key());
    commit(&scratch, "a.txt", "a\n", "first");
    scratch.add("app.py", line(&key));
    let told = |args: &[&str]| {
        let ran = scratch.keyward(args);
        assert_eq!(ran.code, Some(1), "{}", ran.stderr);
        assert_sealed(ran.told().as_bytes(), &key);
        let lines = format!("{}{}", ran.stdout, ran.stderr);
        assert!(lines.lines().count() < 15, "{lines}");
        lines
    };
    let refused = told(&["hook", "pre-commit"]);
    assert!(
        refused.contains("not pushed yet, so only if it was shared: https"),
        "{refused}"
    );
    commit(&scratch, "app.py", &line(&key), "key");
    let made = told(&["scan", "--range", "HEAD~1..HEAD"]);
    assert!(made.contains("not pushed yet"), "{made}");
    scratch.git(&["push", "-q", "origin", "HEAD:refs/heads/main"]);
    let pushed = told(&["scan", "--range", "HEAD~1..HEAD"]);
    assert!(
        pushed.contains("now, since it is on origin/main since 2024-01-01: https"),
        "{pushed}"
    );
    assert!(pushed.contains("keyward respond "), "{pushed}");
    // The same key, in another file of the kind.
    scratch.add("again.py", line(&key));
    let again = told(&["hook", "pre-commit"]);
    assert!(
        again.contains("now, since it is on origin/main already: https"),
        "{again}"
    );
    // Nor does a commit that is not pushed say that the key is not.
    commit(&scratch, "again.py", &line(&key), "again");
    let again = told(&["scan", "--range", "HEAD~1..HEAD"]);
    for word in [
        "now, since it is on origin/main already: https",
        "usage   https://platform.claude.com/usage",
        "limit   https://platform.claude.com/settings/limits",
    ] {
        assert!(again.contains(word), "no {word}: {again}");
    }
    scratch.git(&["rm", "-q", "--cached", "again.py"]);
    scratch.add(".env", format!("ANTHROPIC_API_KEY={other}\n"));
    let file = told(&["hook", "pre-commit"]);
    assert!(
        file.contains("not pushed yet, so only if it was shared: https"),
        "{file}"
    );
}
