//! What judges commits that are made already, what a policy that is not committed does, and that each id
//! that is told can be allowed where it was told.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use keyward::parts::lab::Random;

use crate::FORMATS;
use crate::support::{Ran, Reading, Scratch, anthropic_key, run};

fn line() -> String {
    format!("key = '{}'\n", anthropic_key())
}

fn commit(scratch: &Scratch, path: &str, content: &str) -> String {
    scratch.add(path, content);
    scratch.git(&["commit", "-q", "--no-verify", "-m", path]);
    scratch.git(&["rev-parse", "HEAD"])
}

/// The command that a report gives to allow its first finding.
fn printed(report: &str) -> Vec<String> {
    let line = report
        .lines()
        .find(|line| line.contains("keyward allow"))
        .unwrap_or_else(|| panic!("nothing to allow: {report}"));
    let words = line.split_whitespace();
    let words: Vec<&str> = words
        .skip_while(|word| *word != "keyward")
        .skip(1)
        .collect();
    assert!(words[2] == "--reason", "{line}");
    let mut args: Vec<String> = words[..3].iter().map(|word| (*word).to_owned()).collect();
    args.push("made up for a test".to_owned());
    args
}

fn keyward_in(scratch: &Scratch, dir: &Path, args: &[&str]) -> Ran {
    let mut keyward = scratch.command(env!("CARGO_BIN_EXE_keyward"));
    run(keyward.current_dir(dir).args(args))
}

fn clone(scratch: &Scratch, args: &[&str]) -> PathBuf {
    let to = scratch.root().join("clone");
    let _ = fs::remove_dir_all(&to);
    let from = format!("file://{}", scratch.top().display());
    let clone = [&["clone", "-q"], args, &[&from, to.to_str().unwrap()]].concat();
    scratch.git(&clone);
    to
}

#[test]
fn what_any_report_tells_can_be_allowed() {
    // In a range whose commits are on a remote, from a clone that never saw the report.
    for told_here in [true, false] {
        let scratch = Scratch::new(Reading::Default);
        let base = commit(&scratch, "a.txt", "one\n");
        commit(&scratch, "b.py", &line());
        commit(&scratch, "b.py", "gone\n");
        let dir = clone(&scratch, &[]);
        let range = format!("{base}..HEAD");
        let scan = || keyward_in(&scratch, &dir, &["scan", "--range", &range]);
        let ran = scan();
        assert_eq!(ran.code, Some(1), "{}{}", ran.stdout, ran.stderr);
        if !told_here {
            fs::remove_file(dir.join(".git/keyward-told")).unwrap();
        }
        let allow = printed(&ran.stdout);
        let allow: Vec<&str> = allow.iter().map(String::as_str).collect();
        keyward_in(&scratch, &dir, &allow).passes();
        scan().passes();
    }
    // From standard input, of which nothing is left.
    let scratch = Scratch::new(Reading::Default);
    fs::write(scratch.root().join("input"), line()).unwrap();
    let scan = || {
        let input = fs::File::open(scratch.root().join("input")).unwrap();
        let mut keyward = scratch.command(env!("CARGO_BIN_EXE_keyward"));
        run(keyward.args(["scan", "--stdin"]).stdin(Stdio::from(input)))
    };
    let allow = printed(&scan().stdout);
    scratch.keyward(&allow).passes();
    scan().passes();
    // In a file that git ignores, named from a directory below.
    let scratch = Scratch::new(Reading::Default);
    scratch.add(".gitignore", "build/\n");
    scratch.write("build/out.py", line());
    let scan = || keyward_in(&scratch, &scratch.top().join("build"), &["scan", "out.py"]);
    let ran = scan();
    assert!(ran.stdout.contains("\nout.py:1:8  "), "{}", ran.stdout);
    scratch.keyward(&printed(&ran.stdout)).passes();
    scan().passes();
}

#[test]
fn what_one_remote_has_is_no_news_to_another() {
    let scratch = Scratch::new(Reading::Default);
    commit(&scratch, "old.py", &line());
    for name in ["origin", "mirror"] {
        let server = scratch.root().join(name);
        scratch.git(&["init", "-q", "--bare", server.to_str().unwrap()]);
        scratch.git(&["remote", "add", name, server.to_str().unwrap()]);
    }
    scratch.git(&["push", "-q", "origin", "main"]);
    scratch.keyward(&["install"]).passes();
    scratch.try_git(&["push", "-q", "mirror", "main"]).passes();
    // What is new to all of them is looked at, and can be allowed.
    commit(&scratch, "new.py", &line());
    let push = ["push", "-q", "mirror", "main"];
    let ran = scratch.try_git(&push);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(!ran.stderr.contains("old.py"), "{}", ran.stderr);
    scratch.keyward(&printed(&ran.stderr)).passes();
    scratch.try_git(&push).passes();
}

#[test]
fn all_of_history_is_looked_at_and_makes_a_baseline() {
    for reading in [Reading::Libgit2, Reading::Git] {
        let scratch = Scratch::new(reading);
        commit(&scratch, "a.py", &line());
        commit(&scratch, "a.py", "gone\n");
        scratch.git(&["checkout", "-q", "-b", "side"]);
        commit(&scratch, "b.py", &line());
        scratch.git(&["checkout", "-q", "main"]);
        scratch.git(&["tag", "-a", "v1", "-m", &line()]);
        scratch.write("a.py", line());
        scratch.git(&["stash", "-q"]);
        let scan = || scratch.keyward(&["scan", "--history", "--format", "csv"]);
        let ran = scan();
        assert_eq!(ran.code, Some(1), "{}{}", ran.stdout, ran.stderr);
        assert_eq!(
            ran.stdout.matches(",blocking,").count(),
            4,
            "{}",
            ran.stdout
        );
        let baseline = ["allow", "--all", "--history", "--reason", "before keyward"];
        scratch.keyward(&baseline).passes();
        scan().passes();
    }
    // The same of a range.
    let scratch = Scratch::new(Reading::Default);
    commit(&scratch, "a.py", &line());
    commit(&scratch, "b.py", &line());
    let range = ["--range", "HEAD~1..HEAD"];
    let allow = [&["allow", "--all", "--reason", "old"][..], &range].concat();
    scratch.keyward(&allow).passes();
    scratch.keyward(&[&["scan"][..], &range].concat()).passes();
    assert_eq!(scratch.keyward(&["scan", "--history"]).code, Some(1));
}

#[test]
fn no_commits_are_no_all_clear() {
    let scratch = Scratch::new(Reading::Default);
    commit(&scratch, "a.txt", "one\n");
    commit(&scratch, "b.txt", "two\n");
    for range in ["HEAD..HEAD", "HEAD..", "HEAD..HEAD~1"] {
        for format in FORMATS {
            let ran = scratch.keyward(&["scan", "--format", format, "--range", range]);
            assert_eq!(ran.code, Some(0), "{range} {}", ran.stderr);
            assert!(ran.stdout.contains("0 commits"), "{range} {}", ran.stdout);
            assert!(!ran.stdout.contains("no secrets"), "{range} {}", ran.stdout);
            let turned = range.ends_with("~1");
            assert_eq!(ran.stdout.contains("round it has 1"), turned, "{range}");
        }
    }
    let ran = scratch.keyward(&["scan", "--range", "..HEAD"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("--history"), "{}", ran.stderr);
}

#[test]
fn a_range_is_judged_by_the_policy_of_its_base() {
    for (policy, weaker) in [
        ("[scan]\nexclude = ['*']\n", "scan.exclude gains"),
        ("[rules]\noff = ['*']\n", "rules.off gains"),
        (
            "[scan]\nthreshold = 'certain'\n",
            "scan.threshold is certain",
        ),
    ] {
        for reading in [Reading::Libgit2, Reading::Git] {
            let scratch = Scratch::new(reading);
            let base = commit(&scratch, "a.txt", "one\n");
            scratch.add(".keyward.toml", policy);
            commit(&scratch, "b.py", &line());
            let range = format!("{base}..HEAD");
            for format in FORMATS {
                let ran = scratch.keyward(&["scan", "--format", format, "--range", &range]);
                assert_eq!(ran.code, Some(1), "{format} {}", ran.stdout);
                assert!(ran.stdout.contains(weaker), "{format} {}", ran.stdout);
            }
        }
    }
    // What was there before the range holds, and is not told.
    let scratch = Scratch::new(Reading::Default);
    let base = commit(&scratch, ".keyward.toml", "[scan]\nexclude = ['vendor/']\n");
    commit(&scratch, "vendor/a.py", &line());
    let ran = scratch.keyward(&["scan", "--range", &format!("{base}..")]);
    assert_eq!(ran.code, Some(0), "{}", ran.stdout);
    assert!(
        ran.stdout.contains("1 file was not looked at"),
        "{}",
        ran.stdout
    );
    assert!(!ran.stdout.contains("weaken"), "{}", ran.stdout);
    // A branch that is older than a stricter policy has not weakened it.
    scratch.git(&["checkout", "-q", "-b", "older", &base]);
    commit(&scratch, "c.txt", "c\n");
    scratch.git(&["checkout", "-q", "main"]);
    commit(
        &scratch,
        ".keyward.toml",
        "[scan]\nthreshold = 'possible'\n",
    );
    let ran = scratch.keyward(&["scan", "--range", "main..older"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stdout);
    assert!(!ran.stdout.contains("weaken"), "{}", ran.stdout);
}

#[test]
fn an_entry_may_come_with_the_commits_and_is_told() {
    let scratch = Scratch::new(Reading::Default);
    let base = commit(&scratch, "a.txt", "one\n");
    scratch.add("b.py", line());
    scratch
        .keyward(&["allow", "--all", "--reason", "made up"])
        .passes();
    scratch.git(&["commit", "-q", "--no-verify", "-m", "both"]);
    for format in FORMATS {
        let range = format!("{base}..HEAD");
        let ran = scratch.keyward(&["scan", "--format", format, "--range", &range]);
        assert_eq!(ran.code, Some(0), "{}", ran.stdout);
        assert!(
            ran.stdout.contains("that these commits bring"),
            "{format} {}",
            ran.stdout
        );
    }
}

#[test]
fn a_policy_that_git_does_not_track_is_told_where_it_weakens() {
    for hidden in [false, true] {
        let scratch = Scratch::new(Reading::Default);
        if hidden {
            scratch.write(".git/info/exclude", ".keyward.toml\n");
        }
        scratch.add("a.py", line());
        scratch.write(".keyward.toml", "[scan]\nexclude = ['*.py']\n");
        let ran = scratch.keyward(&["hook", "pre-commit"]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        let told = "keyward: a .keyward.toml that git does not track weakens the policy here: \
                    scan.exclude gains `*.py`; to share it: git add -f .keyward.toml\n";
        assert_eq!(ran.stderr, told);
        for format in FORMATS {
            let ran = scratch.keyward(&["scan", "--staged", "--format", format]);
            assert!(
                ran.stdout.contains("scan.exclude gains"),
                "{format} {}",
                ran.stdout
            );
        }
        // One that makes it stricter changes nothing for others.
        scratch.write(".keyward.toml", "[scan]\nthreshold = 'possible'\n");
        let ran = scratch.keyward(&["hook", "pre-commit"]);
        assert_eq!(ran.code, Some(1));
        assert!(!ran.stderr.contains("weakens"), "{}", ran.stderr);
    }
}

#[test]
fn what_was_excluded_is_told_and_nothing_is_no_answer() {
    let scratch = Scratch::new(Reading::Default);
    scratch.add("a.py", line());
    scratch.add("b.py", "two\n");
    scratch.add(".keyward.toml", "[scan]\nexclude = ['*']\n");
    for format in FORMATS {
        let ran = scratch.keyward(&["scan", "--format", format, "."]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        assert!(
            ran.stdout.contains("3 files were not looked at"),
            "{format} {}",
            ran.stdout
        );
        assert!(
            !ran.stdout.contains("no secrets"),
            "{format} {}",
            ran.stdout
        );
    }
}

#[test]
fn a_refusal_tells_what_was_not_staged() {
    let scratch = Scratch::new(Reading::Default);
    scratch.add(".keyward.toml", "[scan]\nexclude = ['docs/']\n");
    scratch.commit_all();
    scratch.add("a.py", line());
    scratch.add("b.py", line());
    scratch.write("a.py", "mended\n");
    let told = || scratch.keyward(&["hook", "pre-commit"]).stderr;
    assert!(
        told().contains(
            "a.py is mended in your working tree, and not in what is staged: git add a.py"
        )
    );
    assert!(!told().contains("b.py is mended"));
    assert!(!told().contains(".keyward.toml"));
    scratch.write(".keyward.toml", "[scan]\nexclude = ['docs/', '*.py']\n");
    assert!(
        told().contains("to use them: git add .keyward.toml"),
        "{}",
        told()
    );
    scratch.git(&["add", ".keyward.toml"]);
    assert_eq!(scratch.keyward(&["hook", "pre-commit"]).code, Some(0));
    // One that nobody reads is told when it is committed.
    scratch.add("packages/api/.keyward.toml", "[scan]\nexclude = ['*']\n");
    assert!(
        told().contains("packages/api/.keyward.toml has no effect"),
        "{}",
        told()
    );
}

#[test]
fn what_is_not_here_comes_with_the_command_that_fetches_it() {
    let scratch = Scratch::new(Reading::Default);
    commit(&scratch, "a.txt", "one\n");
    scratch.git(&["checkout", "-q", "-b", "topic"]);
    commit(&scratch, "b.txt", "two\n");
    commit(&scratch, "c.txt", "three\n");
    for args in [
        &["--depth", "1", "--branch", "topic"][..],
        &["--single-branch", "--branch", "topic"],
    ] {
        let dir = clone(&scratch, args);
        let scan = || keyward_in(&scratch, &dir, &["scan", "--range", "origin/main..HEAD"]);
        let ran = scan();
        assert_eq!(ran.code, Some(3), "{}", ran.stderr);
        let command = ran.stderr.split_once("fetch it: ").unwrap().1.trim();
        let words: Vec<&str> = command.split(' ').skip(1).collect();
        scratch.git_in(&dir, &words);
        let ran = scan();
        assert_eq!(ran.code, Some(0), "{command} {}{}", ran.stdout, ran.stderr);
    }
}

#[test]
fn a_mistake_in_the_settings_names_the_word_and_the_mend() {
    let scratch = Scratch::new(Reading::Default);
    scratch.add("a.txt", "one\n");
    for (text, line, mend) in [
        (
            "[rules]\noff = ['antropic']\n",
            2,
            "did you mean `anthropic`?",
        ),
        (
            "[rules]\n\non = ['github-persnal-token']\n",
            3,
            "did you mean `github-personal-token`?",
        ),
        (
            "[scan]\nexclude = 'vendor/'\n",
            2,
            "write a list, such as `[\"testdata/\"]`",
        ),
        ("[scan]\nexclude = [1]\n", 2, "write it in quotes"),
        (
            "lock = 'rule'\n",
            1,
            "write a list, such as `[\"scan.threshold\"]`",
        ),
        (
            "[[rule]]\nid = 'a-b'\nname = 'c'\nformat = 'x_<hex:32>'\nkeywords = 'x'\n",
            5,
            "a list",
        ),
    ] {
        scratch.write(".keyward.toml", text);
        let ran = scratch.keyward(&["scan", "."]);
        assert_eq!(ran.code, Some(2), "{text} {}", ran.stdout);
        assert!(ran.stderr.contains(mend), "{text} {}", ran.stderr);
        assert!(
            ran.stderr.contains(&format!("toml:{line}:")),
            "{text} {}",
            ran.stderr
        );
        assert!(!ran.stderr.contains("sequence"), "{}", ran.stderr);
    }
    fs::remove_file(scratch.top().join(".keyward.toml")).unwrap();
    for set in [
        "scan.treshold=certain",
        "scan.treshold=['certain']",
        "scan.exlude=a/",
    ] {
        let ran = scratch.keyward(&["scan", "--set", set, "."]);
        assert_eq!(ran.code, Some(2), "{}", ran.stdout);
        assert!(ran.stderr.contains("did you mean"), "{set} {}", ran.stderr);
    }
    // A rule of the settings' own can be switched off, too, and a pattern may fit nothing.
    let own = "[rules]\noff = ['acme-key', 'nothing-*']\n[[rule]]\nid = 'acme-key'\nname = 'a'\n\
               format = 'acme_<hex:32>'\n";
    scratch.write(".keyward.toml", own);
    scratch.keyward(&["scan", "."]).passes();
}

#[test]
fn a_key_in_the_place_of_a_name_is_not_said_again() {
    let scratch = Scratch::new(Reading::Default);
    commit(&scratch, "a.txt", "one\n");
    let key = anthropic_key();
    let id = ["allow", &key, "--reason", "made up"];
    let range = format!("{key}..HEAD");
    let set = format!("scan.{key}=1");
    for args in [
        &id[..],
        &["allow", "--remove", &key],
        &["scan", &key],
        &["scan", "--range", &range],
        &["scan", "--range", &key],
        &["scan", "--set", &set],
        &["ignore", &key],
    ] {
        let ran = scratch.keyward(args);
        assert!(ran.code >= Some(2), "{}", ran.stdout);
        assert!(!ran.stderr.contains(&key[20..40]), "it shows the key");
    }
    for text in [
        format!("[rules]\noff = ['{}']\n", &key[13..40].replace('_', "a")),
        format!("lock = ['{key}']\n"),
        format!("'{key}' = 1\n"),
        format!("[scan]\n'{key}' = 1\n"),
        format!("[guard]\noff = ['guard-{key}']\n"),
        format!("[[rule]]\nid = 'a-b'\nname = 'b'\nchecksum = '{key}'\n"),
    ] {
        scratch.write(".keyward.toml", &text);
        let ran = scratch.keyward(&["config", "check"]);
        assert_eq!(ran.code, Some(2), "{}", ran.stdout);
        assert!(!ran.stderr.contains(&key[20..30]), "it shows the key");
    }
}

/// Nor a password that was typed under its name, or stands in a variable.
#[test]
fn what_is_assigned_in_an_argument_is_not_said_again() {
    let scratch = Scratch::new(Reading::Default);
    commit(&scratch, "a.txt", "one\n");
    let drawn = Random::new(19).token(24).replace(['-', '_'], "x");
    let named = format!("password={drawn}");
    let option = format!("--password={drawn}");
    for args in [
        &["doctor", &named][..],
        &["help", &option],
        &["scan", &named],
        &["scan", "--range", &named],
        &["scan", "--set", &named],
        &["scan", "--format", &named],
        &["config", "show", &option],
        &["allow", &named],
        &["ignore", &option],
        &[&option],
        &[&named],
    ] {
        let ran = scratch.keyward(args);
        assert!(ran.code >= Some(2), "{args:?} {}", ran.told());
        assert!(
            !ran.told().contains(&drawn[5..14]),
            "{args:?} {}",
            ran.told()
        );
    }
    for variable in [
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "KEYWARD_READER",
    ] {
        let mut hook = scratch.command(env!("CARGO_BIN_EXE_keyward"));
        hook.args(["hook", "pre-commit"]);
        let ran = run(hook.env(variable, format!("token={drawn}")));
        assert!(
            !ran.told().contains(&drawn[5..14]),
            "{variable} {}",
            ran.told()
        );
    }
}

#[test]
fn a_check_of_the_settings_tells_what_has_no_effect() {
    let scratch = Scratch::new(Reading::Default);
    scratch.write("packages/api/.keyward.toml", "[scan]\nexclude = ['*']\n");
    for (args, told) in [
        (
            &["config", "check"][..],
            "packages/api/.keyward.toml has no effect",
        ),
        (
            &["config", "check", "packages/api/.keyward.toml"],
            "but it has no effect",
        ),
    ] {
        let ran = scratch.keyward(args);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        assert!(ran.stdout.contains(told), "{args:?} {}", ran.stdout);
    }
    scratch.write(".keyward.toml", "[scan]\nexclude = ['docs/']\n");
    fs::remove_dir_all(scratch.top().join("packages")).unwrap();
    for args in [
        &["config", "check"][..],
        &["config", "check", ".keyward.toml"],
    ] {
        let ran = scratch.keyward(args);
        assert_eq!(ran.stdout.lines().count(), 1, "{}", ran.stdout);
    }
}
