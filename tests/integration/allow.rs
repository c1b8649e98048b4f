//! `keyward allow`: one finding, all that is there, and what other tools' files let pass.

use std::fs;

use crate::support::{Ran, Reading, Scratch, anthropic_key};

fn line() -> String {
    format!("key = '{}'\n", anthropic_key())
}

fn entries(scratch: &Scratch) -> Vec<String> {
    let file = scratch.top().join(".keyward.allow");
    let text = fs::read_to_string(file).unwrap_or_default();
    let lines = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(str::to_owned).collect()
}

fn code(scratch: &Scratch) -> Option<i32> {
    scratch.keyward(&["scan", "."]).code
}

fn import(scratch: &Scratch, name: &str, text: &str) -> Ran {
    scratch.write(name, text);
    let ran = scratch.keyward(&["allow", "--import", name]);
    assert_eq!(ran.code, Some(0), "{} {}", ran.stdout, ran.stderr);
    ran
}

#[test]
fn all_makes_a_baseline_that_lasts_and_lets_nothing_new_pass() {
    let scratch = Scratch::new(Reading::Default);
    scratch.hook("pre-commit");
    let (one, two) = (line(), line());
    scratch.add("a.py", &one);
    scratch.add("b/c.py", format!("{two}{one}{one}"));
    scratch.add(".env", "A=1\n");
    scratch.commit_all();
    scratch.write("untracked.py", line());
    assert_eq!(code(&scratch), Some(1));
    let ran = scratch.keyward(&["allow", "--all", "--reason", "before keyward"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(
        ran.stdout.contains("5 findings in 3 files, 4 entries"),
        "{}",
        ran.stdout
    );
    let lines = entries(&scratch);
    assert_eq!(lines.len(), 4, "{lines:?}");
    assert!(
        lines.iter().all(|line| line.ends_with(" - before keyward")),
        "{lines:?}"
    );
    scratch.passes(&["commit", "-m", "baseline"]);
    fs::remove_file(scratch.top().join("untracked.py")).unwrap();
    assert_eq!(code(&scratch), Some(0));

    // Lines may move within the file; another key, or the same one elsewhere, is no part of it.
    scratch.add("a.py", format!("\n\n\n{one}"));
    scratch.passes(&["commit", "-m", "moved"]);
    scratch.add("d.py", &one);
    scratch.is_refused(&["commit", "-m", "elsewhere"]);
    scratch.git(&["rm", "-q", "--cached", "d.py"]);
    scratch.add("a.py", format!("{one}{}", line()));
    scratch.is_refused(&["commit", "-m", "another"]);

    // Once more, nothing is added twice, and a reason that is there stays.
    scratch.git(&["checkout", "-q", "HEAD", "--", "a.py"]);
    fs::remove_file(scratch.top().join("d.py")).unwrap();
    let ran = scratch.keyward(&["allow", "--all", "--reason", "again"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.contains("nothing to allow"), "{}", ran.stdout);
    assert_eq!(entries(&scratch), lines);
}

#[test]
fn one_thing_is_allowed_at_a_time_and_with_a_reason() {
    let scratch = Scratch::new(Reading::Default);
    for args in [
        &["allow"][..],
        &["allow", "--all"],
        &["allow", "0123456789"],
        &["allow", "--all", "0123456789", "--reason", "x"],
        &["allow", "--all", "--import", ".talismanrc", "--reason", "x"],
        &["allow", "--import", "nowhere/.talismanrc"],
        &["allow", "--import", "Cargo.toml"],
    ] {
        let ran = scratch.keyward(args);
        assert_eq!(ran.code, Some(2), "{args:?} {}", ran.stderr);
    }
    assert!(entries(&scratch).is_empty());
}

#[test]
fn gitleaks_fingerprints_become_entries_of_what_stands_there() {
    let scratch = Scratch::new(Reading::Default);
    let (one, two, old) = (line(), line(), line());
    scratch.add("gone.py", &old);
    scratch.commit_all();
    let commit = scratch.git(&["rev-parse", "HEAD"]);
    scratch.git(&["rm", "-q", "gone.py"]);
    scratch.add("a.py", format!("# one\n{one}{two}"));
    scratch.commit_all();
    let text = format!(
        "# old\n{commit}:gone.py:generic-api-key:1\na.py:generic-api-key:2\nb.py:x:1\nnonsense\n"
    );
    let ran = import(&scratch, ".gitleaksignore", &text);
    assert!(
        ran.stdout.contains("2 findings in 2 files, 2 entries"),
        "{}",
        ran.stdout
    );
    assert!(
        ran.stdout.contains("1 of 3 entries name nothing"),
        "{}",
        ran.stdout
    );
    assert!(
        ran.stdout.contains("not carried over: line 5: "),
        "{}",
        ran.stdout
    );
    let lines = entries(&scratch);
    let reason = " - imported from .gitleaksignore";
    assert!(lines.iter().all(|line| line.ends_with(reason)), "{lines:?}");
    // The second key of the file is still found, and the old one is known if it comes back.
    let told = scratch.keyward(&["scan", "."]);
    assert_eq!(told.code, Some(1));
    assert!(told.stdout.contains("a.py:3:"), "{}", told.stdout);
    scratch.add("a.py", format!("# one\n{one}"));
    scratch.add("gone.py", &old);
    assert_eq!(code(&scratch), Some(0));
}

#[test]
fn the_other_formats_name_what_they_let_pass() {
    let key = line();
    let cases = [
        (
            ".gitleaks.toml",
            "[allowlist]\npaths = ['^testdata/']\n[[rules]]\nid = 'x'\nregex = 'x'\n".to_owned(),
        ),
        (
            ".secrets.baseline",
            r#"{"results": {"testdata/a.py": [{"type": "x", "hashed_secret": "0", "line_number": 2}]}}"#.to_owned(),
        ),
        (".secretsignore", "testdata/*\n".to_owned()),
        (".secretsignore", format!("[secrets]\n^{}\n", &key[7..40])),
        (
            ".talismanrc",
            "fileignoreconfig:\n- filename: testdata/a.py\n  checksum: 0123\n".to_owned(),
        ),
        (
            ".talismanrc",
            "allowed_patterns:\n- '^key = .*'\nthreshold: high\n".to_owned(),
        ),
    ];
    for (name, text) in cases {
        let scratch = Scratch::new(Reading::Default);
        scratch.add("testdata/a.py", format!("# one\n{key}"));
        scratch.add("other.py", format!("other_{}", line()));
        scratch.commit_all();
        let ran = import(&scratch, name, &text);
        assert!(
            ran.stdout.contains("1 finding in 1 file"),
            "{name} {}",
            ran.stdout
        );
        let left = ran.stdout.contains("not carried over");
        assert_eq!(
            left,
            text.contains("rules") || text.contains("threshold"),
            "{name}"
        );
        let told = scratch.keyward(&["scan", "."]);
        assert_eq!(told.code, Some(1));
        assert!(
            told.stdout.contains("other.py:1:"),
            "{name} {}",
            told.stdout
        );
        assert!(!told.stdout.contains("testdata"), "{name} {}", told.stdout);
        // Nothing of the key is in what was written or told.
        let written = fs::read_to_string(scratch.top().join(".keyward.allow")).unwrap();
        for part in key.as_bytes()[24..100].windows(8) {
            let part = str::from_utf8(part).unwrap();
            assert!(
                !written.contains(part) && !ran.stdout.contains(part),
                "{name}"
            );
        }
    }
}

#[test]
fn an_entry_that_is_not_committed_is_told() {
    const TOLD: &str = "keyward: 1 finding is allowed by your .keyward.allow, but not by the one \
                        that is committed; to share it: git add .keyward.allow\n";
    let scratch = Scratch::new(Reading::Default);
    scratch.hook("pre-commit");
    let key = line();
    scratch.add("a.py", &key);
    let ran = scratch.keyward(&["allow", "--all", "--reason", "ours"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    // The file alone: the commit lacks the entry, and nobody else's check will let it pass.
    let ran = scratch.try_git(&["commit", "-q", "-m", "key", "a.py"]);
    assert_eq!((ran.code, &*ran.stderr), (Some(0), TOLD));
    // With the entry, or by a comment, there is nothing to tell.
    scratch.git(&["add", ".keyward.allow"]);
    scratch.add("a.py", format!("\n{key}"));
    let ran = scratch.try_git(&["commit", "-q", "-m", "both"]);
    assert_eq!((ran.code, &*ran.stderr), (Some(0), ""));
    scratch.add(
        "b.py",
        format!("key = '{}' # keyward:allow\n", anthropic_key()),
    );
    let ran = scratch.try_git(&["commit", "-q", "-m", "comment"]);
    assert_eq!((ran.code, &*ran.stderr), (Some(0), ""));
}
