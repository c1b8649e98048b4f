//! Commits that are made already: ranges, and what a push brings. Each scenario is read by both
//! readers, and the report must be the same.

use std::fs;
use std::path::Path;

use crate::support::{Ran, Reading, Scratch, anthropic_key, run};

const TEXT: &str = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\nten\n";

/// Runs a scenario with each reader, in a repository of each hash, and compares what it tells.
fn with_readers(scenario: impl Fn(&mut Scratch) -> String) {
    for init in [&[][..], &["--object-format=sha256"]] {
        let readings: &[Reading] = if init.is_empty() {
            &[Reading::Libgit2, Reading::Git, Reading::Default]
        } else {
            // libgit2 reads no such repository.
            &[Reading::Git, Reading::Default]
        };
        let told: Vec<String> = readings
            .iter()
            .map(|&reading| scenario(&mut Scratch::init(reading, init)))
            .collect();
        assert!(told.windows(2).all(|pair| pair[0] == pair[1]), "{told:#?}");
    }
}

/// Commits all there is, with that message, and returns the commit.
fn commit(scratch: &Scratch, message: &str) -> String {
    scratch.git(&["add", "--all", "--force"]);
    let args = ["commit", "-q", "--no-verify", "--allow-empty", "-m"];
    scratch.git(&[&args[..], &[message]].concat());
    scratch.git(&["rev-parse", "HEAD"])
}

fn scan(scratch: &Scratch, range: &str) -> Ran {
    scratch.keyward(&["scan", "--format", "json", "--range", range])
}

/// `commit path:line` of each finding.
fn places(ran: &Ran) -> Vec<String> {
    ran.stdout
        .lines()
        .map(|line| {
            let value: serde_json::Value = serde_json::from_str(line).unwrap();
            format!(
                "{} {}:{}",
                value["commit"].as_str().unwrap_or("-"),
                value["path"].as_str().unwrap(),
                value["line"]
            )
        })
        .collect()
}

#[test]
fn each_commit_counts_by_its_own_added_lines() {
    let (old, key, other) = (anthropic_key(), anthropic_key(), anthropic_key());
    with_readers(|scratch| {
        scratch.write("old.txt", format!("{TEXT}{old}\n"));
        let base = commit(scratch, "base");
        scratch.write("old.txt", format!("zero\n{TEXT}{old}\n"));
        commit(scratch, "another line of an old file");
        scratch.write("dir/a.txt", format!("x\n{key}\n"));
        let added = commit(scratch, "adds");
        scratch.git(&["mv", "old.txt", "moved.txt"]);
        scratch.write("dir/a.txt", "x\n");
        commit(scratch, "takes out again, and moves");
        scratch.write("b.txt", &other);
        let last = commit(scratch, "last");
        let ran = scan(scratch, &format!("{base}..HEAD"));
        assert_eq!(ran.code, Some(1), "{}", ran.stderr);
        assert_eq!(
            places(&ran),
            [format!("{added} dir/a.txt:2"), format!("{last} b.txt:1")]
        );
        assert_eq!(scan(scratch, &format!("{added}..{last}~1")).code, Some(0));
        // Without a base, all of history.
        let zeros = "0".repeat(base.len());
        assert_eq!(places(&scan(scratch, &format!("{zeros}..HEAD"))).len(), 3);
        ran.stdout
    });
}

#[test]
fn a_root_commit_adds_all_that_it_has() {
    let key = anthropic_key();
    with_readers(|scratch| {
        let base = commit(scratch, "base");
        scratch.git(&["checkout", "-q", "--orphan", "other"]);
        scratch.write("a.txt", &key);
        commit(scratch, "root");
        let ran = scan(scratch, &format!("{base}.."));
        assert_eq!(places(&ran).len(), 1, "{}", ran.stderr);
        String::new()
    });
}

#[test]
fn a_merge_adds_only_what_no_parent_has() {
    let (ours, theirs, typed) = (anthropic_key(), anthropic_key(), anthropic_key());
    with_readers(|scratch| {
        scratch.write("a.txt", TEXT);
        commit(scratch, "base");
        scratch.git(&["checkout", "-q", "-b", "side"]);
        scratch.write("a.txt", format!("{theirs}\n{TEXT}"));
        let side = commit(scratch, "side");
        scratch.git(&["checkout", "-q", "main"]);
        scratch.write("a.txt", format!("{TEXT}{ours}\n"));
        let main = commit(scratch, "main");
        scratch.git(&["merge", "-q", "--no-commit", "side"]);
        let both = format!("{theirs}\n{TEXT}{ours}\n");
        assert_eq!(
            fs::read_to_string(scratch.top().join("a.txt")).unwrap(),
            both
        );
        commit(scratch, "merge");
        let not_both = scratch.git(&["rev-parse", "HEAD"]);
        let range = format!("{main}..{not_both}");
        let ran = scan(scratch, &range);
        assert_eq!(places(&ran), [format!("{side} a.txt:1")]);
        // Typed while the conflict was resolved, it is nobody else's.
        scratch.write("a.txt", format!("{both}{typed}\n"));
        scratch.git(&["commit", "-q", "-a", "--amend", "--no-verify", "--no-edit"]);
        let merge = scratch.git(&["rev-parse", "HEAD"]);
        let ran = scan(scratch, &format!("{main}..HEAD"));
        assert_eq!(
            places(&ran),
            [format!("{side} a.txt:1"), format!("{merge} a.txt:13")]
        );
        ran.stdout
    });
}

#[test]
fn messages_and_guarded_files_count_once() {
    let key = anthropic_key();
    with_readers(|scratch| {
        let base = commit(scratch, "base");
        let first = commit(scratch, &format!("subject\n\nbody {key}"));
        scratch.write(".env", "A=b\n");
        let env = commit(scratch, "env");
        scratch.write(".env", "A=c\n");
        commit(scratch, "env again");
        let ran = scan(scratch, &format!("{base}..HEAD"));
        assert_eq!(
            places(&ran),
            [
                format!("{first} commit message:3"),
                format!("{env} .env:null")
            ]
        );
        ran.stdout
    });
}

#[test]
fn one_secret_is_told_where_it_came_in() {
    let key = anthropic_key();
    with_readers(|scratch| {
        let base = commit(scratch, "base");
        scratch.write("a.txt", &key);
        let first = commit(scratch, "first");
        scratch.write("a.txt", format!("key = {key}\n"));
        commit(scratch, "the line again");
        let ran = scan(scratch, &format!("{base}..HEAD"));
        assert_eq!(places(&ran), [format!("{first} a.txt:1")]);
        ran.stdout
    });
}

#[test]
fn the_report_names_the_commit() {
    let key = anthropic_key();
    let scratch = Scratch::new(Reading::Default);
    let base = commit(&scratch, "base");
    scratch.write("a.py", format!("key = '{key}'\n"));
    let added = commit(&scratch, "adds");
    let ran = scratch.keyward(&["scan", "--range", &format!("{base}..")]);
    assert_eq!(ran.code, Some(1));
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(lines[0], "keyward: 1 secret in 2 files");
    assert!(lines[2].starts_with("a.py:1:8  Anthropic API key  "));
    assert_eq!(lines[4], format!("  commit  {}", &added[..10]));
    assert!(lines[6].contains("put ANTHROPIC_API_KEY=... into .env"));
    assert_eq!(lines[7], "          in the commit: git commit --amend");
    assert!(!ran.stdout.contains(&key));
}

#[test]
fn the_command_that_opens_the_commits_is_the_one_that_works() {
    let secret = |scratch: &Scratch, name: &str| {
        scratch.write(name, format!("key = '{}'\n", anthropic_key()));
        commit(scratch, name)
    };
    let told = |scratch: &Scratch| {
        let ran = scratch.keyward(&["scan", "--history"]);
        assert_eq!(ran.code, Some(1), "{}", ran.stderr);
        let mut lines = ran.stdout.lines().map(str::trim_start);
        let opens = |line: &&str| line.starts_with("in the commit") || line.starts_with("then");
        let line = lines.find(|line| opens(line)).map(str::to_owned);
        line.unwrap_or(ran.stdout)
    };
    with_readers(|scratch| {
        // The first commit of all, that is the last, too.
        let root = secret(scratch, "a.py");
        assert_eq!(told(scratch), "in the commit: git commit --amend");
        commit(scratch, "clean");
        let opened = "git rebase -i --root  (mark it `edit`)";
        assert_eq!(told(scratch), format!("in the commit: {opened}"));
        let mut names = vec![root];
        for name in ["b.py", "c.py", "d.py"] {
            names.push(secret(scratch, name));
        }
        assert_eq!(
            told(scratch),
            "then    in 4 commits: git rebase -i --root  (mark each of them `edit`)"
        );
        // Of those that are left, the oldest.
        let range = format!("{}..HEAD", names[0]);
        let ran = scratch.keyward(&["scan", "--range", &range]);
        let opened = format!(
            "in 3 commits: git rebase -i {}^  (mark each of them `edit`)",
            &names[1][..10]
        );
        assert_eq!(ran.stdout.matches(&opened).count(), 3, "{}", ran.stdout);
        for name in ["e.py", "f.py"] {
            secret(scratch, name);
        }
        let ran = scratch.keyward(&["scan", "--range", &range]);
        let opened = format!(
            "  then    in 5 commits: git rebase -i {}^  (mark each of them `edit`)\n",
            &names[1][..10]
        );
        assert!(ran.stdout.contains(&opened), "{}", ran.stdout);
        let revision = format!("{}^", &names[1][..10]);
        scratch.git(&["rev-parse", "--verify", "-q", &revision]);
        // Each has keys of its own.
        String::new()
    });
}

#[test]
fn paths_are_told_from_where_the_reader_stands() {
    let scratch = Scratch::new(Reading::Default);
    let base = commit(&scratch, "base");
    scratch.write("src/app.py", format!("key = '{}'\n", anthropic_key()));
    scratch.write("top.py", format!("key = '{}'\n", anthropic_key()));
    scratch.git(&["add", "."]);
    let scan = |arguments: &[&str]| {
        let mut command = scratch.command(env!("CARGO_BIN_EXE_keyward"));
        let ran = run(command
            .current_dir(scratch.top().join("src"))
            .arg("scan")
            .args(arguments));
        assert_eq!(ran.code, Some(1), "{}", ran.stderr);
        ran.stdout
    };
    for (arguments, expected) in [
        (
            &["--staged"][..],
            &["\napp.py:1:8  ", "\n../top.py:1:8  "][..],
        ),
        (&[".."], &["\napp.py:1:8  ", "\n../top.py:1:8  "]),
        (&["."], &["\napp.py:1:8  "]),
        (&["app.py"], &["\napp.py:1:8  "]),
        (
            &["--staged", "--format", "json"],
            &["\"path\":\"src/app.py\""],
        ),
    ] {
        let told = scan(arguments);
        for part in expected {
            assert!(told.contains(part), "{arguments:?} {part}: {told}");
        }
    }
    commit(&scratch, "adds");
    let told = scan(&["--range", &format!("{base}..")]);
    assert!(told.contains("\n../top.py:1:8  "), "{told}");
}

#[test]
fn a_range_that_is_none_is_a_usage_error() {
    let scratch = Scratch::new(Reading::Default);
    commit(&scratch, "base");
    for range in [
        "HEAD",
        "..",
        "a...b",
        "HEAD..nothing",
        "..--all",
        "x..y..z",
        "HEAD..",
    ] {
        let ran = scan(&scratch, range);
        let expected = if range == "HEAD.." { 0 } else { 2 };
        assert_eq!(ran.code, Some(expected), "{range}: {}", ran.stderr);
    }
    let ran = scratch.keyward(&["scan", "--range", "HEAD..HEAD", "--staged"]);
    assert_eq!(ran.code, Some(2));
}

#[test]
fn a_commit_that_was_never_fetched_is_no_clean_commit() {
    let key = anthropic_key();
    for reading in [Reading::Libgit2, Reading::Git] {
        let scratch = Scratch::new(reading);
        scratch.write("a.txt", &key);
        let base = commit(&scratch, "base");
        scratch.write("b.txt", TEXT);
        commit(&scratch, "second");
        scratch.write("b.txt", "one");
        commit(&scratch, "third");
        let clone = |depth: &str| {
            let to = scratch.root().join(format!("shallow-{depth}"));
            let from = format!("file://{}", scratch.top().display());
            let args = ["clone", "-q", "--depth", depth, &from];
            scratch.git(&[&args[..], &[to.to_str().unwrap()]].concat());
            to
        };
        let scan_in = |dir: &Path, range: &str| {
            let mut command = scratch.command(env!("CARGO_BIN_EXE_keyward"));
            run(command.current_dir(dir).args(["scan", "--range", range]))
        };
        let one = clone("1");
        for range in [format!("{base}..HEAD"), "HEAD~1..HEAD".to_owned()] {
            let ran = scan_in(&one, &range);
            assert_eq!(ran.code, Some(3), "{reading:?} {range}: {}", ran.stderr);
            assert!(
                ran.stderr.contains("git fetch --unshallow"),
                "{}",
                ran.stderr
            );
        }
        // All of history, of which the first commit here has a parent that is elsewhere.
        let ran = scan_in(&one, &format!("{}..HEAD", "0".repeat(40)));
        assert_eq!(ran.code, Some(3), "{}", ran.stdout);
        assert!(
            ran.stdout.contains("git fetch --unshallow"),
            "{}",
            ran.stdout
        );
        // What is asked for is here, whatever is not.
        let two = clone("2");
        let ran = scan_in(&two, "HEAD~1..HEAD");
        assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
        // Nothing was fetched on the way.
        assert_eq!(scratch.git_in(&one, &["rev-list", "--count", "HEAD"]), "1");

        let elsewhere = format!("{}..HEAD", "1".repeat(40));
        let ran = scan(&scratch, &elsewhere);
        assert_eq!(ran.code, Some(3));
        assert!(ran.stderr.contains("git fetch origin"), "{}", ran.stderr);
    }
}

#[test]
fn objects_that_are_gone_are_no_clean_commit() {
    for reading in [Reading::Libgit2, Reading::Git, Reading::Default] {
        let scratch = Scratch::new(reading);
        scratch.write("old.txt", TEXT);
        let base = commit(&scratch, "base");
        scratch.write("dir/a.txt", "new");
        scratch.write("old.txt", format!("{TEXT}eleven\n"));
        commit(&scratch, "second");
        let remove = |object: &str| {
            let id = scratch.git(&["rev-parse", object]);
            let file = format!(".git/objects/{}/{}", &id[..2], &id[2..]);
            let path = scratch.top().join(file);
            let content = fs::read(&path).unwrap();
            fs::remove_file(&path).unwrap();
            (path, content)
        };
        let range = format!("{base}..HEAD");
        for (object, code) in [
            ("HEAD:dir/a.txt", 3),
            ("HEAD:dir", 3),
            ("HEAD^{tree}", 3),
            // By its settings the range is judged.
            ("HEAD~1^{tree}", 3),
            // More lines count as added.
            ("HEAD~1:old.txt", 0),
        ] {
            let (path, content) = remove(object);
            let ran = scan(&scratch, &range);
            assert_eq!(
                ran.code,
                Some(code),
                "{reading:?} {object}: {}{}",
                ran.stdout,
                ran.stderr
            );
            fs::write(path, content).unwrap();
        }
    }
}

#[test]
fn nothing_is_fetched_for_a_partial_clone() {
    for reading in [Reading::Libgit2, Reading::Git, Reading::Default] {
        let scratch = Scratch::new(reading);
        scratch.git(&["config", "uploadpack.allowFilter", "true"]);
        scratch.write("a.txt", TEXT);
        commit(&scratch, "base");
        scratch.write("a.txt", format!("{TEXT}eleven\n"));
        commit(&scratch, "second");
        let url = format!("file://{}", scratch.top().display());
        let args = ["clone", "-q", "--filter=blob:none", "--no-checkout", &url];
        scratch.git(&[&args[..], &["../partial"]].concat());
        let partial = scratch.root().join("partial");
        let scan = || {
            let mut command = scratch.command(env!("CARGO_BIN_EXE_keyward"));
            run(command
                .current_dir(&partial)
                .args(["scan", "--range", "HEAD~1..HEAD"]))
        };
        let missing = || {
            let args = ["rev-list", "--objects", "--all", "--missing=print"];
            let told = scratch.git_in(&partial, &args);
            told.lines().filter(|line| line.starts_with('?')).count()
        };
        assert_eq!(missing(), 2);
        let ran = scan();
        assert_eq!(ran.code, Some(3), "{reading:?}: {}", ran.stdout);
        assert_eq!(missing(), 2);
        // With the new file here, the old one that is not makes more lines count as added.
        scratch.git_in(&partial, &["checkout", "-q"]);
        assert_eq!(missing(), 1);
        let ran = scan();
        assert_eq!(ran.code, Some(0), "{reading:?}: {}", ran.stdout);
        assert_eq!(missing(), 1);
    }
}
