//! What the repository holds already: told, and no reason to stop a commit, a push or a range, where that is
//! enough.

use crate::probe::{hooked, with_both};
use crate::support::{Reading, Scratch, anthropic_key, letters, write_script};

const COMMIT: [&str; 3] = ["commit", "-m", "change"];

/// A line with a password that no provider's rule knows.
fn generic(value: &str) -> String {
    format!("db_password = \"{value}\"\n")
}

#[test]
fn a_value_that_the_parent_holds_is_told() {
    let (value, key) = (letters(24), anthropic_key());
    let own = generic(&value);
    let others = format!("k = \"{key}\"\n");
    // What holds it, what is committed, and whether that passes.
    let cases: [(&str, &str, &str, &str, bool); 14] = [
        ("docs/a.md", &own, "src/new.py", &own, true),
        ("src/old.go", &own, "test/new_test.go", &own, true),
        ("config/a.ini", &own, "deploy/b.ini", &own, true),
        ("a.txt", &value, "src/new.py", &own, true),
        ("tests/a.py", &others, "tests/b.py", &others, true),
        ("src/a.py", &others, "docs/b.md", &others, true),
        ("tests/a.py", &others, "src/b.py", &others, false),
        ("src/a.py", &others, "src/b.py", &others, false),
        ("README.md", &others, "config/b.yaml", &others, false),
        ("other.md", "nothing", "tests/b.py", &others, false),
        ("other.md", "nothing", "src/b.py", &own, false),
        // A part of a longer word is another value.
        ("a.txt", &format!("x{value}"), "src/b.py", &own, false),
        ("a.txt", &format!("{value}0"), "src/b.py", &own, false),
        // In data nobody looks.
        (
            "a.bin",
            &format!("\0\x01\x02\u{ff}\0\0\x03\0{value}"),
            "src/b.py",
            &own,
            false,
        ),
    ];
    for (held, content, path, added, passes) in cases {
        hooked(&[(held, content)], |scratch| {
            scratch.add(path, added);
            if passes {
                let told = scratch.keyward(&["hook", "pre-commit"]);
                assert_eq!(told.code, Some(0), "{held} {path}: {}", told.stderr);
                assert_eq!(
                    told.stderr,
                    format!(
                        "keyward: 1 secret that the repository holds already: {path}:1; revoke \
                         what is live\n"
                    )
                );
                scratch.passes(&COMMIT);
            } else {
                scratch.is_refused(&COMMIT);
            }
        });
    }
}

#[test]
fn what_the_same_commit_deletes_or_edits_counts_as_held() {
    let value = letters(24);
    with_both(|scratch| {
        scratch.write("gone.ini", generic(&value));
        scratch.write("edited.ini", generic(&value));
        scratch.commit_all();
        scratch.hook("pre-commit");
        scratch.git(&["rm", "--quiet", "gone.ini"]);
        scratch.add("edited.ini", "nothing = 1\n");
        scratch.add("new/place.py", format!("x = 1\n{}", generic(&value)));
        scratch.passes(&COMMIT);
        // By now it stands in the new file only.
        scratch.add("another/place.py", generic(&value));
        scratch.passes(&COMMIT);
    });
}

#[test]
fn a_service_s_key_is_no_less_live_the_second_time() {
    let key = anthropic_key();
    hooked(&[("a.txt", "x\n")], |scratch| {
        scratch.add("src/a.py", format!("k = \"{key}\"\n"));
        scratch.is_refused(&COMMIT);
        scratch.git(&["commit", "--no-verify", "-q", "-m", "skipped"]);
        scratch.add("src/b.py", format!("k = \"{key}\"\n"));
        scratch.is_refused(&COMMIT);
        // In the same commit two of one kind, of which one is held, and stops all the same.
        scratch.add("tests/b.py", format!("k = \"{key}\"\n"));
        let told = scratch.is_refused(&COMMIT);
        assert!(told.contains("keyward: 1 secret in this commit"), "{told}");
        assert!(told.contains("holds already: tests/b.py:1"), "{told}");
    });
}

#[test]
fn many_are_one_line() {
    let values: Vec<String> = (0..6).map(|_| letters(24)).collect();
    let all: String = values.iter().map(|value| generic(value)).collect();
    hooked(&[("old.ini", &all)], |scratch| {
        scratch.add("new.py", &all);
        let told = scratch.keyward(&["hook", "pre-commit"]);
        assert_eq!(told.code, Some(0), "{}", told.stderr);
        assert_eq!(
            told.stderr,
            "keyward: 6 secrets that the repository holds already: new.py:1, new.py:2, new.py:3, and 3 \
             more; revoke what is live\n"
        );
        let all = scratch.keyward(&["scan", "--staged"]);
        assert!(
            all.stdout.contains("new.py:5, new.py:6; revoke"),
            "{}",
            all.stdout
        );
    });
}

#[test]
fn every_format_has_a_level_for_it() {
    let value = letters(24);
    let scratch = Scratch::new(Reading::Default);
    scratch.write("old.ini", generic(&value));
    scratch.commit_all();
    scratch.add("new.py", generic(&value));
    for (format, expected) in [
        (
            "human",
            "1 secret that the repository holds already: new.py:1",
        ),
        ("json", "\"status\":\"held\""),
        ("sarif", "\"level\":\"note\""),
        ("github", "::notice file=new.py"),
        ("gitlab", "\"severity\":\"info\""),
        ("gitlab-secrets", "\"severity\":\"Info\""),
        ("junit", "failures=\"0\""),
        ("csv", "secret,held,new.py"),
    ] {
        let ran = scratch.keyward(&["scan", "--staged", "--format", format]);
        assert_eq!(ran.code, Some(0), "{format}: {}{}", ran.stdout, ran.stderr);
        assert!(ran.stdout.contains(expected), "{format}: {}", ran.stdout);
        assert!(!ran.stdout.contains(&value[..8]), "{format}");
    }
    let ran = scratch.keyward(&["scan", "--staged", "--explain"]);
    assert!(
        ran.stdout
            .contains("not reported: the repository holds it already"),
        "{}",
        ran.stdout
    );
}

#[test]
fn a_range_and_a_push_go_by_their_base() {
    let value = letters(24);
    with_both(|scratch| {
        scratch.write("old.ini", generic(&value));
        scratch.commit_all();
        let remote = scratch.root().join("remote.git");
        let remote = remote.to_str().unwrap();
        scratch.git(&["init", "--quiet", "--bare", remote]);
        scratch.git(&["remote", "add", "origin", remote]);
        scratch.git(&["push", "--quiet", "origin", "HEAD:main"]);
        let program = env!("CARGO_BIN_EXE_keyward");
        let script = format!("#!/bin/sh\nexec '{program}' hook pre-push \"$@\"\n");
        write_script(&scratch.top().join(".git/hooks/pre-push"), &script);
        scratch.write("new.py", generic(&value));
        scratch.commit_all();
        let ran = scratch.keyward(&["scan", "--range", "HEAD~1..HEAD"]);
        assert_eq!(ran.code, Some(0), "{}", ran.stdout);
        // Nothing before the first commit holds it.
        let zeros = "0".repeat(40);
        let ran = scratch.keyward(&["scan", "--range", &format!("{zeros}..HEAD")]);
        assert_eq!(ran.code, Some(1), "{}", ran.stdout);
        for branch in ["HEAD:main", "HEAD:another"] {
            let pushed = scratch.try_git(&["push", "origin", branch]);
            assert_eq!(pushed.code, Some(0), "{}", pushed.stderr);
            let held = pushed
                .stderr
                .contains("1 secret that the repository holds already: new.py:1");
            assert_eq!(held, branch == "HEAD:main", "{}", pushed.stderr);
        }
        let other = letters(24);
        scratch.write("newer.py", generic(&other));
        scratch.commit_all();
        assert_eq!(
            scratch.try_git(&["push", "origin", "HEAD:main"]).code,
            Some(1)
        );
    });
}
