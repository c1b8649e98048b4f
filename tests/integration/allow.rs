//! `keyward allow`: one finding, all that is there, and what other tools' files let pass.

use std::collections::BTreeSet;
use std::fs;

use crate::support::{Ran, Reading, Scratch, anthropic_key, letters};

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

/// The id of what a scan of all files finds first.
fn id(scratch: &Scratch) -> String {
    let ran = scratch.keyward(&["scan", "--format", "json", "."]);
    let first = ran.stdout.lines().next().expect("a finding");
    let value: serde_json::Value = serde_json::from_str(first).unwrap();
    value["id"].as_str().unwrap().to_owned()
}

#[test]
fn entries_are_shown_and_taken_out() {
    let scratch = Scratch::new(Reading::Default);
    let list = || scratch.keyward(&["allow", "--list"]).stdout;
    assert_eq!(
        list(),
        "nothing is allowed: .keyward.allow has no entries\n"
    );
    scratch.add("a.py", line());
    scratch.add("b c.py", line());
    let all = [
        "allow",
        "--all",
        "--reason",
        "made up",
        "--until",
        "2999-01-31",
    ];
    scratch.keyward(&all).passes();
    let told = list();
    assert_eq!(told.lines().count(), 2, "{told}");
    assert!(
        told.contains("  anthropic-api-key  /a.py    until 2999-01-31  made up\n"),
        "{told}"
    );
    let id = told.lines().next().unwrap().split(' ').next().unwrap();
    let ran = scratch.keyward(&["allow", "--remove", id]);
    ran.passes();
    assert!(
        ran.stdout
            .starts_with("no longer allowed: anthropic-api-key in /"),
        "{}",
        ran.stdout
    );
    assert_eq!(list().lines().count(), 1);
    assert_eq!(code(&scratch), Some(1));
    let ran = scratch.keyward(&["allow", "--remove", id]);
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.stderr.contains("keyward allow --list"),
        "{}",
        ran.stderr
    );
    assert_eq!(list().lines().count(), 1);
}

#[test]
fn what_would_be_of_no_use_is_not_written() {
    let scratch = Scratch::new(Reading::Default);
    scratch.add("a.py", line());
    for reason in [
        "...",
        "",
        "  ",
        "reason",
        "TODO",
        "<your reason here>",
        "\u{2026}",
        "no reason",
    ] {
        for what in ["--all", "01234567"] {
            let ran = scratch.keyward(&["allow", what, "--reason", reason]);
            assert_eq!(ran.code, Some(2), "{reason:?} {}", ran.stdout);
            assert!(ran.stderr.contains("such as --reason"), "{}", ran.stderr);
        }
    }
    let ran = scratch.keyward(&[
        "allow",
        "--all",
        "--reason",
        "made up",
        "--until",
        "2020-01-31",
    ]);
    assert_eq!(ran.code, Some(2), "{}", ran.stdout);
    assert!(ran.stderr.contains("2020-01-31 is over"), "{}", ran.stderr);
    assert!(!scratch.top().join(".keyward.allow").exists());
    for reason in ["x", "the key of the sandbox", "\u{7528}\u{4f8b}"] {
        scratch
            .keyward(&["allow", "--all", "--reason", reason])
            .passes();
        scratch
            .keyward(&["allow", "--remove", &entries(&scratch)[0][..8]])
            .passes();
    }
}

#[test]
fn an_entry_that_ended_is_named_where_it_is_why() {
    let scratch = Scratch::new(Reading::Default);
    scratch.add("a.py", line());
    let id = id(&scratch);
    let all = [
        "allow",
        "--all",
        "--reason",
        "until the move",
        "--until",
        "2999-01-31",
    ];
    scratch.keyward(&all).passes();
    let file = scratch.top().join(".keyward.allow");
    let text = fs::read_to_string(&file).unwrap().replace("2999", "2020");
    scratch.add(".keyward.allow", text);
    let ran = scratch.keyward(&["hook", "pre-commit"]);
    assert_eq!(ran.code, Some(1));
    let told = format!(
        "a.py was allowed until 2020-01-31 (until the move), and no longer is; if it may go on: \
         keyward allow {id} --until YYYY-MM-DD --reason 'until the move'"
    );
    assert!(ran.stderr.contains(&told), "{}", ran.stderr);
    let ran = scratch.keyward(&["scan", "--staged", "--format", "sarif"]);
    assert!(
        ran.stdout.contains("was allowed until 2020-01-31"),
        "{}",
        ran.stdout
    );
    assert!(
        scratch
            .keyward(&["allow", "--list"])
            .stdout
            .contains("ended 2020-01-31")
    );
}

#[test]
fn an_entry_goes_with_a_file_that_moves() {
    let scratch = Scratch::new(Reading::Default);
    scratch.hook("pre-commit");
    let key = line();
    scratch.add("a.py", &key);
    scratch
        .keyward(&["allow", "--all", "--reason", "made up"])
        .passes();
    scratch.passes(&["commit", "-m", "a"]);
    let id = id_of(&scratch);
    scratch.git(&["mv", "a.py", "b.py"]);
    scratch.passes(&["commit", "-m", "moved"]);
    let ran = scratch.keyward(&["scan", "."]);
    assert_eq!(ran.code, Some(0), "{}", ran.stdout);
    let mend = format!("to have an entry of its own: keyward allow {id} --reason 'made up'");
    assert!(ran.stdout.contains(&mend), "{}", ran.stdout);
    // A line that is touched on the way passes, too, and is told.
    scratch.git(&["mv", "b.py", "c.py"]);
    scratch.add("c.py", format!("my_{key}"));
    let ran = scratch.try_git(&["commit", "-m", "edited"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("c.py passes by the entry for a.py"),
        "{}",
        ran.stderr
    );
    scratch
        .keyward(&["allow", &id, "--reason", "made up"])
        .passes();
    let ran = scratch.keyward(&["scan", "."]);
    assert!(!ran.stdout.contains("entry of its own"), "{}", ran.stdout);
    // While the old file is there, the same key elsewhere is another matter.
    scratch.passes(&["commit", "-m", "entry"]);
    scratch.add("d.py", format!("other_{key}"));
    scratch.is_refused(&["commit", "-m", "elsewhere"]);
}

/// The id of the first entry.
fn id_of(scratch: &Scratch) -> String {
    entries(scratch)[0][..8].to_owned()
}

#[test]
fn two_branches_that_allow_merge() {
    let scratch = Scratch::new(Reading::Default);
    scratch.add("a.py", line());
    scratch
        .keyward(&["allow", "--all", "--reason", "on main"])
        .passes();
    scratch.commit_all();
    for round in 0..6 {
        for branch in ["p", "q"] {
            let name = format!("{branch}{round}");
            scratch.git(&["checkout", "-q", "-b", &name, "main"]);
            scratch.add(&format!("{name}.py"), line());
            scratch
                .keyward(&["allow", "--all", "--reason", &name])
                .passes();
            scratch.commit_all();
        }
        scratch.git(&["checkout", "-q", "main"]);
        for branch in ["p", "q"] {
            let name = format!("{branch}{round}");
            scratch
                .try_git(&["merge", "-q", "--no-edit", &name])
                .passes();
        }
    }
    // Both sides of a merge may have sorted what an earlier one left: a line can stand there twice,
    // and counts once.
    let told = entries(&scratch).into_iter().collect::<BTreeSet<_>>();
    assert_eq!(told.len(), 13);
    assert_eq!(code(&scratch), Some(0));
    // What is there already is left as it is, and what is not staged is not staged.
    for (attributes, staged) in [
        (".keyward.allow merge=ours\n", true),
        ("*.txt text\r\n", true),
        ("*.png binary\n", false),
    ] {
        let scratch = Scratch::new(Reading::Default);
        scratch.add("a.py", line());
        match staged {
            true => scratch.add(".gitattributes", attributes),
            false => scratch.write(".gitattributes", attributes),
        }
        scratch
            .keyward(&["allow", "--all", "--reason", "made up"])
            .passes();
        let text = fs::read_to_string(scratch.top().join(".gitattributes")).unwrap();
        let expected = match attributes.starts_with("*.txt") {
            true => format!("{attributes}.keyward.allow merge=union\r\n"),
            false => attributes.to_owned(),
        };
        assert_eq!(text, expected);
        let listed = scratch.git(&["ls-files", ".gitattributes"]);
        assert_eq!(listed.is_empty(), !staged);
    }
}

#[test]
fn of_many_at_once_none_is_lost() {
    let scratch = Scratch::new(Reading::Default);
    for at in 0..6 {
        scratch.add(&format!("a{at}.py"), line());
    }
    let ran = scratch.keyward(&["scan", "--staged", "--format", "json"]);
    let ids: Vec<String> = ran
        .stdout
        .lines()
        .filter_map(|line| {
            let value: serde_json::Value = serde_json::from_str(line).unwrap();
            Some(value["id"].as_str()?.to_owned())
        })
        .collect();
    assert_eq!(ids.len(), 6);
    std::thread::scope(|scope| {
        for id in &ids {
            scope.spawn(|| {
                scratch
                    .keyward(&["allow", id, "--reason", "made up"])
                    .passes()
            });
        }
    });
    assert_eq!(entries(&scratch).len(), 6);
    for at in 0..6 {
        scratch.add(&format!(".env{at}"), "A=1\n");
    }
    std::thread::scope(|scope| {
        for at in 0..6 {
            let name = format!(".env{at}");
            let scratch = &scratch;
            scope.spawn(move || scratch.keyward(&["ignore", &name]).passes());
        }
    });
    let ignored = fs::read_to_string(scratch.top().join(".gitignore")).unwrap();
    assert_eq!(ignored.lines().count(), 6, "{ignored}");
}

#[test]
fn a_comment_behind_the_end_of_a_block_allows_it() {
    let scratch = Scratch::new(Reading::Default);
    let body: Vec<String> = (0..12).map(|_| letters(64)).collect();
    let label = concat!("RSA PRIV", "ATE KEY");
    let block = format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----",
        body.join("\n")
    );
    for (text, expected) in [
        (format!("KEY = \"\"\"{block}\"\"\"\n"), 1),
        (format!("KEY = \"\"\"{block}\"\"\"  # keyward:allow\n"), 0),
        (format!("KEY = \"\"\"{block}\"\"\"  # gitleaks:allow\n"), 0),
        (format!("# keyward:allow\nKEY = \"\"\"{block}\"\"\"\n"), 0),
        (format!("KEY = \"\"\"{block}\"\"\"\n# keyward:allow\n"), 1),
    ] {
        scratch.add("a.py", &text);
        assert_eq!(code(&scratch), Some(expected));
    }
}
