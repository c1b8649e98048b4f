//! Settings in layers, as a hook, a scan and `keyward config` see them.

use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

use crate::probe::with_both;
use crate::support::{Reading, Scratch, anthropic_key};

const THRESHOLD: &str = "[scan]\nthreshold = 'certain'\n";

/// A line with a key, the same for as long as the tests run: both readers must see it alike.
fn key_line() -> &'static str {
    static LINE: OnceLock<String> = OnceLock::new();
    LINE.get_or_init(|| format!("key = \"{}\"\n", anthropic_key()))
}

/// Stages a file with a key.
fn add_key(scratch: &Scratch, path: &str) {
    scratch.add(path, key_line());
}

fn system(scratch: &Scratch, text: &str) {
    fs::write(scratch.root().join("system.toml"), text).unwrap();
}

fn user(scratch: &Scratch, text: &str) -> PathBuf {
    let file = if cfg!(target_os = "macos") {
        "home/Library/Application Support/keyward/config.toml"
    } else {
        "home/.config/keyward/config.toml"
    };
    let file = scratch.root().join(file);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, text).unwrap();
    file
}

/// Another repository with a policy, at a tag; its address for `extends`.
fn team(scratch: &Scratch, policy: &str) -> String {
    let dir = scratch.root().join("team");
    if !dir.exists() {
        fs::create_dir(&dir).unwrap();
        scratch.git_in(&dir, &["init", "--quiet"]);
    }
    fs::create_dir_all(dir.join("policy")).unwrap();
    fs::write(dir.join("policy/keyward.toml"), policy).unwrap();
    scratch.git_in(&dir, &["add", "--all"]);
    scratch.git_in(&dir, &["commit", "--quiet", "--no-verify", "-m", "policy"]);
    let path = dir.to_string_lossy().replace('\\', "/");
    format!("file:///{}", path.trim_start_matches('/'))
}

fn extends(url: &str, rev: &str) -> String {
    format!("extends = [{{ git = '{url}', rev = '{rev}', path = 'policy/keyward.toml' }}]\n")
}

#[test]
fn show_names_the_layer_and_the_line_of_every_value() {
    let scratch = Scratch::new(Reading::Default);
    system(
        &scratch,
        "lock = ['scan.exclude']\n[rules]\noff = ['slack']\n",
    );
    let user = user(&scratch, "[scan]\nexclude = ['mine/']\n");
    scratch.write("policy/base.toml", THRESHOLD);
    scratch.write(
        ".keyward.toml",
        "extends = ['policy/base.toml']\n\n[scan]\nthreshold = 'likely'\n[guard]\nadd = ['*.x', \"\\u001b[2J\"]\n",
    );
    let ran = scratch.keyward(&["config", "show", "--set", "rules.on=slack-webhook"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let system = scratch.root().join("system.toml");
    let (system, user) = (system.display(), user.display());
    let expected = format!(
        "agents.failure     \"open\"                    built in\n\
         agents.propose     true                      built in\n\
         agents.threshold   \"certain\"                 built in\n\
         guard.add          \"*.x\"                     repository, .keyward.toml:6\n\
         guard.add          \"\\u{{1b}}[2J\"               repository, .keyward.toml:6\n\
         hooks.trailer      false                     built in\n\
         hooks.unchecked    \"off\"                     built in\n\
         keys.remind        true                      built in\n\
         lock               \"scan.exclude\"            system, {system}:1\n\
         rules.off          \"slack\"                   system, {system}:3\n\
         rules.on           \"slack-webhook\"           command line, --set:1\n\
         scan.archives      \"tell\"                    built in\n\
         scan.deadline      \"60s\"                     built in\n\
         scan.exclude       \"mine/\"                   user, {user}:2  no effect: locked by system, {system}:1\n\
         scan.threshold     \"certain\"                 team, policy/base.toml:2  no effect: a later layer sets it\n\
         scan.threshold     \"likely\"                  repository, .keyward.toml:4\n\
         store              \"none\"                    built in\n"
    );
    assert_eq!(ran.stdout, expected);
    let empty = Scratch::new(Reading::Default).keyward(&["config", "show"]);
    assert_eq!(
        empty.stdout,
        "agents.failure     \"open\"                    built in\n\
         agents.propose     true                      built in\n\
         agents.threshold   \"certain\"                 built in\n\
         hooks.trailer      false                     built in\n\
         hooks.unchecked    \"off\"                     built in\n\
         keys.remind        true                      built in\n\
         scan.archives      \"tell\"                    built in\n\
         scan.deadline      \"60s\"                     built in\n\
         scan.threshold     \"likely\"                  built in\n\
         store              \"none\"                    built in\n"
    );
}

#[test]
fn a_mistake_in_any_layer_stops_everything_with_its_file_and_line() {
    for layer in ["system", "user", "team", "repository"] {
        for (text, told) in [
            ("\n[scna]\n", "unknown key `scna`"),
            ("\n[scan]\nexclude = 1\n", "a value that does not fit"),
            (
                "\n[[rule]]\nid = 'a-b'\nname = 'x'\npattern = 'acme_(x'\nkeywords = ['acme_']\nexamples = ['acme_x']\n",
                "the pattern is not a valid regex: error: unclosed group",
            ),
            (
                "\n[[rule]]\nid = 'a-b'\nname = 'x'\nformat = 'acme_<bas62:20>'\n",
                "rule `a-b`",
            ),
        ] {
            let scratch = Scratch::new(Reading::Default);
            scratch.hook("pre-commit");
            add_key(&scratch, "a.py");
            match layer {
                "system" => system(&scratch, text),
                "user" => drop(user(&scratch, text)),
                "team" => {
                    scratch.add("team.toml", text);
                    scratch.add(".keyward.toml", "extends = ['team.toml']\n");
                }
                _ => scratch.add(".keyward.toml", text),
            }
            for args in [
                &["hook", "pre-commit"][..],
                &["scan", "."],
                &["scan", "--staged"],
                &["config", "check"],
                &["config", "show"],
            ] {
                let ran = scratch.keyward(args);
                assert_eq!(ran.code, Some(2), "{layer} {args:?} {text}: {}", ran.stderr);
                assert!(
                    ran.stderr.contains(told),
                    "{layer} {args:?}: {}",
                    ran.stderr
                );
                let line = ["exclude = 1", "pattern =", "format =", "[scna]"]
                    .iter()
                    .find_map(|wrong| text.lines().position(|line| line.starts_with(wrong)));
                let place = format!(":{}:", line.expect("a line that is wrong") + 1);
                assert!(
                    ran.stderr.contains(&place),
                    "{layer} {args:?}: {}",
                    ran.stderr
                );
            }
            let ran = scratch.try_git(&["commit", "-q", "-m", "x"]);
            assert_ne!(ran.code, Some(0));
            assert_eq!(scratch.hook_code(), Some(2));
        }
    }
}

#[test]
fn the_policy_of_a_commit_is_the_one_that_it_would_commit() {
    with_both(|scratch| {
        scratch.hook("pre-commit");
        scratch.add(".keyward.toml", "[scan]\nexclude = ['vendor/']\n");
        scratch.commit_all();
        // What only the working tree allows is not allowed.
        scratch.write(".keyward.toml", "[scan]\nexclude = ['vendor/', 'src/']\n");
        add_key(scratch, "src/a.py");
        scratch.is_refused(&["commit", "-m", "x"]);
        // A mistake that is not staged stops nobody.
        scratch.git(&["rm", "-q", "--cached", "src/a.py"]);
        scratch.write(".keyward.toml", "[scna]\n");
        add_key(scratch, "vendor/a.py");
        scratch.passes(&["commit", "-m", "x"]);
        // And one in the working tree's place: it is gone there, and holds in the index.
        fs::remove_file(scratch.top().join(".keyward.toml")).unwrap();
        add_key(scratch, "vendor/b.py");
        scratch.passes(&["commit", "-m", "x"]);
        // `commit PATH` leaves a staged policy out.
        scratch.add(".keyward.toml", "[scan]\nexclude = ['*']\n");
        scratch.write("vendor/c.py", "c");
        scratch.git(&["add", "vendor/c.py"]);
        scratch.commit_all();
        scratch.add(".keyward.toml", "");
        scratch.write("vendor/c.py", key_line());
        scratch.passes(&["commit", "-m", "x", "vendor/c.py"]);
        add_key(scratch, "d.py");
        scratch.is_refused(&["commit", "-m", "x"]);
    });
}

#[test]
fn a_policy_that_git_does_not_know_yet_is_read_from_the_working_tree() {
    let scratch = Scratch::new(Reading::Default);
    scratch.hook("pre-commit");
    scratch.write(".keyward.toml", "[scan]\nexclude = ['a.py']\n");
    add_key(&scratch, "a.py");
    scratch.passes(&["commit", "-m", "x"]);
    scratch.git(&["add", ".keyward.toml"]);
    scratch.commit_all();
    // Once git knows it, taking it out of the index takes it out of force.
    scratch.git(&["rm", "-q", "--cached", ".keyward.toml"]);
    scratch.write("a.py", format!("another_{}", key_line()));
    scratch.git(&["add", "a.py"]);
    scratch.is_refused(&["commit", "-m", "x"]);
}

#[test]
fn a_commit_that_weakens_the_policy_says_so() {
    with_both(|scratch| {
        scratch.hook("pre-commit");
        let commit = |text: &str| {
            scratch.add(".keyward.toml", text);
            let ran = scratch.try_git(&["commit", "-q", "-m", "x"]);
            assert_eq!(ran.code, Some(0), "{}", ran.stderr);
            ran.stderr
        };
        let strict = "[scan]\nthreshold = 'possible'\n[guard]\nadd = ['*.x']\n";
        assert_eq!(commit(strict), "");
        let told = commit("[scan]\nexclude = ['vendor/']\n");
        assert_eq!(
            told,
            "keyward: this commit weakens the policy: guard.add loses `*.x`, \
             scan.exclude gains `vendor/`, scan.threshold is likely instead of possible; to see \
             it: git diff --cached .keyward.toml .keyward\n"
        );
        assert_eq!(commit(strict), "");
        scratch.git(&["rm", "-q", "--cached", ".keyward.toml"]);
        let told = scratch.try_git(&["commit", "-q", "-m", "x"]).stderr;
        assert!(told.contains("guard.add loses `*.x`"), "{told}");
        // A commit that leaves the policy alone has nothing to say.
        scratch.add("other", "x\n");
        let told = scratch.try_git(&["commit", "-q", "-m", "x"]).stderr;
        assert_eq!(told, "");
    });
}

#[test]
fn a_changed_file_of_the_team_counts_as_policy() {
    with_both(|scratch| {
        scratch.hook("pre-commit");
        scratch.add(".keyward.toml", "extends = ['policy/base.toml']\n");
        scratch.add("policy/base.toml", "[guard]\nadd = ['*.x']\n");
        scratch.commit_all();
        scratch.add("policy/base.toml", "");
        let told = scratch.try_git(&["commit", "-q", "-m", "x"]).stderr;
        assert!(told.contains("guard.add loses `*.x`"), "{told}");
        scratch.git(&["rm", "-q", "--cached", "policy/base.toml"]);
        scratch.try_git(&["commit", "-q", "-m", "x"]);
        assert_eq!(scratch.hook_code(), Some(2));
    });
}

#[test]
fn a_lock_of_the_machine_holds_against_the_repository() {
    let scratch = Scratch::new(Reading::Default);
    scratch.hook("pre-commit");
    system(
        &scratch,
        "lock = ['scan.exclude', 'scan.threshold', 'rules.off', 'guard.off']\n",
    );
    scratch.add(
        ".keyward.toml",
        "[scan]\nexclude = ['*']\nthreshold = 'certain'\n[rules]\noff = ['*']\n[guard]\noff = ['*']\n",
    );
    add_key(&scratch, "a.py");
    let told = scratch.is_refused(&["commit", "-m", "x"]);
    assert!(told.contains("a.py:1"), "{told}");
    let ran = scratch.keyward(&["scan", "--set", "scan.exclude=['*']", "."]);
    assert_eq!(ran.code, Some(1), "{}", ran.stdout);
    let ran = scratch.keyward(&["config", "check"]);
    assert_eq!(ran.code, Some(0));
    assert!(ran.stdout.contains("locks keep 4"), "{}", ran.stdout);
}

#[test]
fn the_command_line_comes_last() {
    let scratch = Scratch::new(Reading::Default);
    add_key(&scratch, "a.py");
    let code = |args: &[&str]| scratch.keyward(&[&["scan"], args].concat()).code;
    assert_eq!(code(&["."]), Some(1));
    assert_eq!(code(&["--set", "scan.exclude=['a.py']", "."]), Some(0));
    assert_eq!(
        code(&["--set", "rules.off = [ 'anthropic' ]", "."]),
        Some(0)
    );
    fs::write(
        scratch.root().join("mine.toml"),
        "[rules]\noff = ['anthropic']\n",
    )
    .unwrap();
    assert_eq!(code(&["--config", "../mine.toml", "."]), Some(0));
    for wrong in [
        &["--set", "scan.exclude"][..],
        &["--set", "scan.excude=['a']"],
        &["--set", "scan.threshold=sure"],
        &["--config", "../nowhere.toml"],
    ] {
        assert_eq!(code(&[wrong, &["."]].concat()), Some(2), "{wrong:?}");
    }
}

#[test]
fn a_relative_place_for_the_machine_is_refused() {
    let mut scratch = Scratch::new(Reading::Default);
    scratch.add("system.toml", "[scan]\nexclude = ['*']\n");
    scratch.set("KEYWARD_SYSTEM_CONFIG", "system.toml");
    let ran = scratch.keyward(&["scan", "."]);
    assert_eq!(ran.code, Some(2), "{}", ran.stdout);
}

#[cfg(unix)]
#[test]
fn no_link_in_a_repository_is_followed() {
    use std::os::unix::fs::symlink;
    for name in [".keyward.toml", ".keyward.allow", "policy/base.toml"] {
        let scratch = Scratch::new(Reading::Default);
        fs::create_dir(scratch.root().join("outside")).unwrap();
        fs::write(scratch.root().join("outside/base.toml"), "").unwrap();
        match name {
            "policy/base.toml" => {
                scratch.write(".keyward.toml", "extends = ['policy/base.toml']\n");
                symlink(scratch.root().join("outside"), scratch.top().join("policy")).unwrap();
            }
            _ => symlink("../outside/base.toml", scratch.top().join(name)).unwrap(),
        }
        for staged in [false, true] {
            if staged {
                scratch.git(&["add", "--all"]);
            }
            for args in [&["scan", "."][..], &["hook", "pre-commit"]] {
                let ran = scratch.keyward(args);
                assert!(
                    ran.code > Some(1),
                    "{name} {args:?} {staged}: {}",
                    ran.stderr
                );
            }
        }
    }
}

#[test]
fn head_is_read_alike() {
    with_both(|scratch| {
        let paths = [
            "committed",
            ".keyward.toml",
            "a/b/c.toml",
            "a/b",
            "a/b/d",
            "x",
        ];
        let ask = |scratch: &Scratch| scratch.ask(scratch.top(), &paths);
        assert!(ask(scratch).iter().all(|line| line.contains("Ok(None)")));
        scratch.add(".keyward.toml", "one\n");
        scratch.add("a/b/c.toml", "two\n");
        scratch.commit_all();
        scratch.add("a/b/c.toml", "three\n");
        scratch.add("x", "four\n");
        let told = ask(scratch);
        for (line, end) in told.iter().zip([
            "staged: true, committed: true, same: true }",
            "staged: true, committed: true, same: false }",
            "staged: false, committed: false, same: true }",
            "staged: false, committed: false, same: true }",
            "staged: true, committed: false, same: false }",
        ]) {
            assert!(line.ends_with(end), "{line}");
        }
    });
}

#[test]
fn a_team_policy_is_fetched_once_vendored_and_reviewed() {
    let scratch = Scratch::new(Reading::Default);
    scratch.hook("pre-commit");
    let url = team(&scratch, "[guard]\nadd = ['*.team']\n");
    scratch.add(".keyward.toml", extends(&url, "main"));

    // Nothing is fetched by a hook: it says what to do.
    let ran = scratch.try_git(&["commit", "-q", "-m", "x"]);
    assert_eq!(scratch.hook_code(), Some(2));
    assert!(
        ran.stderr.contains("keyward config update"),
        "{}",
        ran.stderr
    );

    let ran = scratch.keyward(&["config", "update"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(
        ran.stdout.starts_with("new        .keyward/keyward-"),
        "{}",
        ran.stdout
    );
    assert!(
        ran.stdout
            .contains("git add .keyward.toml .keyward && git diff --cached"),
        "{}",
        ran.stdout
    );
    scratch.git(&["add", ".keyward.toml", ".keyward"]);
    scratch.passes(&["commit", "-q", "-m", "policy"]);
    scratch.add("a.team", "x\n");
    scratch.is_refused(&["commit", "-q", "-m", "x"]);
    scratch.git(&["rm", "-q", "--cached", "a.team"]);
    let show = scratch.keyward(&["config", "show"]).stdout;
    assert!(show.contains("team, .keyward/keyward-"), "{show}");

    // The team's repository is not needed from now on, and what it changes waits for an update.
    let record = fs::read(scratch.top().join(".keyward/extends.toml")).unwrap();
    team(&scratch, "[guard]\nadd = ['*.other']\n");
    scratch.add("b", "x\n");
    scratch.passes(&["commit", "-q", "-m", "x"]);
    let ran = scratch.keyward(&["config", "update"]);
    assert!(ran.stdout.starts_with("changed    "), "{}", ran.stdout);
    assert_ne!(
        record,
        fs::read(scratch.top().join(".keyward/extends.toml")).unwrap()
    );
    let again = scratch.keyward(&["config", "update"]);
    assert!(again.stdout.starts_with("unchanged  "), "{}", again.stdout);
    scratch.git(&["add", ".keyward"]);
    let told = scratch.try_git(&["commit", "-q", "-m", "x"]).stderr;
    assert!(told.contains("guard.add loses `*.team`"), "{told}");

    // A vendored file that somebody edited is an error, whoever asks.
    let name = ran.stdout.split_whitespace().nth(1).unwrap().to_owned();
    scratch.add(&name, "");
    for args in [
        &["hook", "pre-commit"][..],
        &["scan", "."],
        &["config", "check"],
    ] {
        let ran = scratch.keyward(args);
        assert_eq!(ran.code, Some(2), "{args:?} {}", ran.stderr);
        assert!(ran.stderr.contains("was changed here"), "{}", ran.stderr);
    }
    // A pinned commit, by its id; and what is no longer named goes.
    let team = scratch.root().join("team");
    let first = scratch.git_in(&team, &["rev-list", "--max-parents=0", "HEAD"]);
    scratch.write(".keyward.toml", extends(&url, &first));
    let ran = scratch.keyward(&["config", "update"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(
        ran.stdout.contains(&format!("removed    {name}")),
        "{}",
        ran.stdout
    );
    let show = scratch.keyward(&["config", "show"]).stdout;
    assert!(show.contains("\"*.team\""), "{show}");
    scratch.write(".keyward.toml", "");
    scratch.keyward(&["config", "update"]);
    let left: Vec<_> = fs::read_dir(scratch.top().join(".keyward"))
        .unwrap()
        .collect();
    assert_eq!(left.len(), 1, "{left:?}");
    let left: Vec<_> = fs::read_dir(scratch.top().join(".git"))
        .unwrap()
        .filter(|entry| {
            let name = entry.as_ref().unwrap().file_name();
            name.to_string_lossy().starts_with("keyward-update")
        })
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn an_update_that_fails_changes_nothing() {
    let scratch = Scratch::new(Reading::Default);
    let url = team(&scratch, "[scna]\n");
    let cases = [
        (extends(&url, "main"), 2, "unknown key `scna`"),
        (extends(&url, "nowhere"), 3, "git: "),
        (extends(&format!("{url}x"), "main"), 3, "git: "),
        (
            extends(&url, "main").replace("policy/", "other/"),
            3,
            "no file of that path",
        ),
        (extends("ext::sh%20-c%20x", "main"), 2, "an address"),
    ];
    for (text, code, told) in cases {
        scratch.write(".keyward.toml", &text);
        let ran = scratch.keyward(&["config", "update"]);
        assert_eq!(ran.code, Some(code), "{text} {}", ran.stderr);
        assert!(ran.stderr.contains(told), "{text} {}", ran.stderr);
        assert!(!scratch.top().join(".keyward").exists());
    }
    let ran = Scratch::new(Reading::Default).keyward(&["config", "update"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
}

#[test]
fn the_schema_is_json_and_check_reads_one_file() {
    let scratch = Scratch::new(Reading::Default);
    let ran = scratch.keyward(&["config", "schema"]);
    assert_eq!(ran.code, Some(0));
    let schema: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(schema["type"], "object");
    scratch.write("good.toml", THRESHOLD);
    scratch.write("bad.toml", "[scan]\nthreshold = 1\n");
    assert_eq!(
        scratch.keyward(&["config", "check", "good.toml"]).code,
        Some(0)
    );
    assert_eq!(
        scratch.keyward(&["config", "check", "bad.toml"]).code,
        Some(2)
    );
    assert_eq!(
        scratch.keyward(&["config", "check", "none.toml"]).code,
        Some(2)
    );
    assert_eq!(scratch.keyward(&["config", "check"]).code, Some(0));
}
