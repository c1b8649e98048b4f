//! A hook that could not look refuses: its program, its script or what git told it is not whole.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::global::with_older_git;
use crate::support::{
    Ran, Reading, Scratch, anthropic_key, feed, lay_out_husky, path_after, run, write_script,
};

/// The ways in which git comes to keyward, each set up by a program that can be broken.
const WAYS: [&str; 3] = ["here", "everywhere", "husky"];

fn set_up(way: &str) -> (Scratch, PathBuf) {
    let scratch = with_older_git();
    let program = scratch.root().join("bin/keyward");
    fs::create_dir(program.parent().unwrap()).unwrap();
    fs::copy(env!("CARGO_BIN_EXE_keyward"), &program).unwrap();
    if way == "husky" {
        lay_out_husky(scratch.top(), &["pre-commit", "pre-push"]);
        scratch.git(&["config", "core.hooksPath", ".husky/_"]);
    }
    scratch.commit_all();
    let args = match way {
        "everywhere" => &["install", "--global"][..],
        _ => &["install"],
    };
    run(scratch.command(&program).args(args)).passes();
    (scratch, program)
}

/// A commit with a key, for which PATH has another directory in front.
fn commit(scratch: &Scratch, first: &Path) -> Ran {
    scratch.add("key.txt", anthropic_key());
    let mut git = scratch.command("git");
    git.args(["commit", "-q", "-m", "key"]);
    run(git.env("PATH", path_after(first)))
}

fn refused(ran: &Ran, said: &str) {
    assert_ne!(ran.code, Some(0), "{said}: {}", ran.stderr);
    assert!(ran.stderr.contains(said), "{said}: {}", ran.stderr);
}

#[test]
fn a_program_that_is_not_keyward_is_no_silent_pass() {
    for way in WAYS {
        let (scratch, program) = set_up(way);
        // Its own directory is on PATH, too: the fallback finds the very same.
        fs::remove_file(&program).unwrap();
        for text in [
            "",
            "\n",
            "#!/bin/sh\n",
            "#!/bin/sh\nexit 0\n",
            "#!/bin/sh\necho no\n",
        ] {
            let elsewhere = scratch.root().join("elsewhere");
            write_script(&elsewhere.join("keyward"), text);
            let ran = commit(&scratch, &elsewhere);
            refused(&ran, "so this commit is refused");
        }
        write_script(&program, "");
        let ran = commit(&scratch, program.parent().unwrap());
        refused(&ran, "so this commit is refused");
        // One that moved serves.
        let moved = scratch.root().join("moved");
        fs::create_dir(&moved).unwrap();
        fs::copy(env!("CARGO_BIN_EXE_keyward"), moved.join("keyward")).unwrap();
        refused(&commit(&scratch, &moved), "1 secret in this commit");
    }
}

#[test]
fn a_script_that_was_cut_refuses() {
    for way in ["here", "everywhere"] {
        let (scratch, program) = set_up(way);
        let hook = match way {
            "here" => scratch.top().join(".git/hooks/pre-commit"),
            _ => scratch.home().join(".local/share/keyward/hooks/pre-commit"),
        };
        let text = fs::read(&hook).unwrap();
        let opened = text.windows(3).position(|it| it == b"\n{ ").unwrap() + 3;
        // At the end of each line, where a shell would see nothing amiss.
        let ends = (opened..text.len() - 1).filter(|&at| text[at - 1] == b'\n');
        for end in ends {
            fs::write(&hook, &text[..end]).unwrap();
            let ran = commit(&scratch, program.parent().unwrap());
            assert_ne!(ran.code, Some(0), "{way}: {end}");
        }
    }
}

/// A repository with a key in a commit that no hook saw, and a server to push it to.
fn with_a_key_to_push(way: &str) -> Scratch {
    let (scratch, _) = set_up(way);
    scratch.git(&["init", "-q", "--bare", "../server.git"]);
    scratch.git(&["remote", "add", "origin", "../server.git"]);
    scratch.git(&["push", "-q", "--no-verify", "origin", "main"]);
    scratch.add("key.txt", anthropic_key());
    scratch.git(&["commit", "-q", "--no-verify", "-m", "key"]);
    scratch
}

#[test]
fn refs_that_a_script_cannot_hand_on_are_no_silent_pass() {
    let git = run(std::process::Command::new("sh").args(["-c", "command -v git"]));
    for way in WAYS {
        let scratch = with_a_key_to_push(way);
        let team = match way {
            "husky" => scratch.top().join(".husky/pre-push"),
            "here" => scratch.top().join(".git/hooks/pre-push.keyward-previous"),
            _ => scratch.top().join(".git/hooks/pre-push"),
        };
        if way == "here" {
            scratch.keyward(&["uninstall"]).passes();
            write_script(&team.with_extension(""), "#!/bin/sh\nexit 0\n");
            scratch.keyward(&["install"]).passes();
        } else if way == "everywhere" {
            write_script(&team, "#!/bin/sh\nexit 0\n");
        }
        // No cat, one that fails, and one that is cut before its end.
        for cat in ["", "#!/bin/sh\nexit 1\n", "#!/bin/sh\nkill -9 $$\n"] {
            let bin = scratch.root().join("few");
            let _ = fs::remove_dir_all(&bin);
            fs::create_dir(&bin).unwrap();
            for name in ["sh", "env", "basename", "dirname", "git"] {
                let found =
                    run(std::process::Command::new("sh")
                        .args(["-c", &format!("command -v {name}")]));
                std::os::unix::fs::symlink(found.stdout.trim(), bin.join(name)).unwrap();
            }
            if !cat.is_empty() {
                write_script(&bin.join("cat"), cat);
            }
            let mut push = scratch.command(git.stdout.trim());
            let push = push
                .args(["push", "-q", "origin", "main"])
                .env("PATH", &bin);
            assert_ne!(run(push).code, Some(0), "{way}: {cat:?}");
        }
        refused(
            &scratch.try_git(&["push", "-q", "origin", "main"]),
            "1 secret",
        );
        assert!(team.exists());
    }
    // The end is missing: a shell could not write all of it.
    let scratch = with_a_key_to_push("here");
    let mut hook = scratch.command(env!("CARGO_BIN_EXE_keyward"));
    let mut hook = hook
        .args(["hook", "--whole", "pre-push", "origin", "url"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(hook.stdin.take());
    assert_eq!(hook.wait().unwrap().code(), Some(3));
}

#[test]
fn a_push_of_which_nothing_is_told_is_looked_at_or_refused() {
    let scratch = with_a_key_to_push("here");
    let ended = |kind: &str, shell: &str| {
        let program = env!("CARGO_BIN_EXE_keyward");
        let line = shell.replace("KEYWARD", &format!("'{program}' hook {kind}"));
        run(scratch.command("sh").args(["-c", &line])).code
    };
    for closed in ["KEYWARD origin url <&-", "KEYWARD origin url </dev/null"] {
        assert_eq!(ended("pre-push", closed), Some(3), "{closed}");
        assert_eq!(ended("pre-receive", closed), Some(3), "{closed}");
    }
    assert_eq!(ended("pre-receive", "true | KEYWARD"), Some(3));
    // Another command has read them before.
    let eaten = "echo refs | { cat >/dev/null; KEYWARD origin url; }";
    assert_eq!(ended("pre-push", eaten), Some(1));
    // git tells nothing of what the remote has already.
    scratch.git(&["push", "-q", "--no-verify", "origin", "main"]);
    assert_eq!(ended("pre-push", eaten), Some(0));
    for target in [
        &["origin", "main"][..],
        &["../server.git", "main"],
        &["--all"],
        &["--tags"],
    ] {
        scratch
            .try_git(&[&["push", "-q"], target].concat())
            .passes();
    }
    // A remote that is called by its address, of which nothing is known.
    scratch.git(&["init", "-q", "--bare", "../other.git"]);
    scratch.git(&["push", "-q", "--no-verify", "../other.git", "main"]);
    scratch
        .try_git(&["push", "-q", "../other.git", "main"])
        .passes();
    // A branch that goes brings nothing.
    scratch.git(&["push", "-q", "--no-verify", "origin", "main:gone"]);
    scratch.try_git(&["push", "-q", "origin", ":gone"]).passes();
}

/// What keyward reads on standard input, and with what it ends where nothing can come there.
const READERS: &[(&[&str], i32)] = &[
    (&["scan", "--stdin"], 3),
    (&["scan", "--stdin", "--format", "json"], 3),
    (&["respond", "--stdin"], 3),
    (&["audit", "--repos", "-"], 3),
    (&["report", "merge", "-"], 3),
    (&["hook", "pre-receive"], 3),
    (&["hook", "pre-push", "origin", "../server.git"], 3),
    (&["hook", "pre-push"], 3),
    // `agents.failure` says what becomes of it; what is built in lets it go on, and tells.
    (&["agent-hook", "claude-code"], 0),
];

#[test]
fn what_can_not_come_on_standard_input_is_no_silent_pass() {
    let (scratch, program) = set_up("here");
    let with = |args: &[&str], how: &str| {
        let line = format!("exec \"$@\" {how}");
        let mut sh = scratch.command("sh");
        run(sh.args(["-c", &line, "sh"]).arg(&program).args(args))
    };
    for how in ["<&-", "</dev/null", "<>/dev/null", "0>file", "<."] {
        for &(args, code) in READERS {
            let ran = with(args, how);
            assert_eq!(ran.code, Some(code), "{args:?} {how}: {}", ran.stderr);
            let told = [ran.stdout, ran.stderr].concat();
            assert!(!told.is_empty(), "{args:?} {how}");
        }
    }
    scratch.write(".keyward.toml", "[agents]\nfailure = 'closed'\n");
    let closed = with(&["agent-hook", "claude-code"], "<&-");
    let told = [closed.stdout, closed.stderr].concat();
    assert!(told.contains("standard input is closed"), "{told}");
    assert!(told.contains("deny") || closed.code == Some(2), "{told}");
    // What is empty was handed over, too.
    scratch.write("empty", "");
    with(&["scan", "--stdin"], "<empty").passes();
    let piped = "true | \"$@\" scan --stdin";
    run(scratch
        .command("sh")
        .args(["-c", piped, "sh"])
        .arg(&program))
    .passes();
    // pre-commit reads the refs itself, and tells them by variables.
    scratch.add("key.txt", anthropic_key());
    scratch.git(&["commit", "-q", "--no-verify", "-m", "key"]);
    let mut push = scratch.command(&program);
    push.args(["hook", "pre-push"])
        .env("PRE_COMMIT_FROM_REF", "HEAD~1")
        .env("PRE_COMMIT_TO_REF", "HEAD")
        .stdin(Stdio::null());
    assert_eq!(run(&mut push).code, Some(1));
}

#[test]
fn a_git_that_never_answers_is_not_waited_for() {
    let scratch = Scratch::new(Reading::Git);
    scratch.add(".keyward.toml", "[scan]\ndeadline = '1s'\n");
    scratch.add("key.txt", anthropic_key());
    let git = run(std::process::Command::new("sh").args(["-c", "command -v git"]));
    let bin = scratch.root().join("slow");
    let text = format!(
        "#!/bin/sh\ncase \" $* \" in\n*' diff-index '*' -- ') exec sleep 60 ;;\nesac\nexec {} \"$@\"\n",
        git.stdout.trim()
    );
    write_script(&bin.join("git"), &text);
    let mut hook = scratch.command(env!("CARGO_BIN_EXE_keyward"));
    hook.args(["hook", "pre-commit"])
        .env("PATH", path_after(&bin));
    let ran = run(&mut hook);
    assert_eq!(ran.code, Some(3), "{}", ran.stderr);
    refused(
        &ran,
        "this commit is refused: looking took longer than 1 second;",
    );
}

/// A git on PATH that writes down how often it is started, and the file in which.
fn counted(scratch: &Scratch) -> (PathBuf, PathBuf) {
    let git = run(std::process::Command::new("sh").args(["-c", "command -v git"]));
    let bin = scratch.root().join("counted");
    let log = scratch.root().join("started");
    let text = format!(
        "#!/bin/sh\necho \"$*\" >>'{}'\nexec {} \"$@\"\n",
        log.display(),
        git.stdout.trim()
    );
    write_script(&bin.join("git"), &text);
    (bin, log)
}

/// Which commit is to be opened again is asked of all of them at once.
#[test]
fn many_commits_with_keys_start_no_git_for_each() {
    let scratch = Scratch::new(Reading::Default);
    scratch.add("a.py", "a\n");
    scratch.commit_all();
    let (bin, log) = counted(&scratch);
    let base = scratch.git(&["rev-parse", "HEAD"]);
    let started = |commits: usize| {
        for number in 0..commits {
            scratch.add("a.py", format!("{number} = '{}'\n", anthropic_key()));
            scratch.commit_all();
        }
        let mut scan = scratch.command(env!("CARGO_BIN_EXE_keyward"));
        scan.args(["scan", "--range", &format!("{base}..HEAD")])
            .env("PATH", path_after(&bin));
        let ran = run(&mut scan);
        assert_eq!(ran.code, Some(1), "{}", ran.stderr);
        let all = fs::read_to_string(&log).unwrap();
        fs::remove_file(&log).unwrap();
        // As many read objects as there are threads.
        let asked = all.lines().filter(|it| !it.contains("cat-file"));
        (asked.count(), ran.told())
    };
    const MORE: usize = 12;
    let (few, _) = started(6);
    let (many, told) = started(MORE);
    // As many as there are threads look at commits, too.
    assert!(many < few + MORE, "{many} after {few}");
    let first = scratch.git(&["rev-list", "--reverse", &format!("{base}..HEAD")]);
    let opened = format!("git rebase -i {}^", &first[..10]);
    assert!(told.contains(&opened), "{told}");
}

/// Whoever opens a pipe to read waits for somebody who writes.
#[test]
fn an_index_that_is_no_file_is_refused() {
    for reading in [Reading::Default, Reading::Git] {
        let scratch = Scratch::new(reading);
        scratch.add("a.py", "a\n");
        scratch.commit_all();
        let pipe = scratch.top().join(".git/pipe");
        run(scratch.command("mkfifo").arg(&pipe)).passes();
        let mut hook = scratch.command(env!("CARGO_BIN_EXE_keyward"));
        hook.args(["hook", "pre-commit"])
            .env("GIT_INDEX_FILE", &pipe);
        let named = run(&mut hook);
        fs::rename(&pipe, scratch.top().join(".git/index")).unwrap();
        let own = scratch.keyward(&["hook", "pre-commit"]);
        for ran in [named, own] {
            assert_eq!(ran.code, Some(3), "{}", ran.stderr);
            assert!(ran.stderr.contains("is not a file"), "{}", ran.stderr);
        }
    }
}

/// git waits for whoever writes to a pipe in the place of an object, and a device has no end.
#[test]
fn an_object_that_is_no_file_is_refused_at_once() {
    let scratch = Scratch::new(Reading::Default);
    scratch.add("dir/a.py", "a\n");
    scratch.commit_all();
    scratch.add("dir/a.py", format!("k = '{}'\n", anthropic_key()));
    let objects = scratch.top().join(".git/objects");
    for spec in [":dir/a.py", "HEAD", "HEAD^{tree}", "HEAD:dir"] {
        let id = scratch.git(&["rev-parse", spec]);
        let (start, end) = id.trim().split_at(2);
        let object = objects.join(start).join(end);
        let kept = scratch.root().join("kept");
        fs::rename(&object, &kept).unwrap();
        for stands_in in ["fifo", "/dev/zero", "/dev/tty", "directory"] {
            match stands_in {
                "fifo" => run(scratch.command("mkfifo").arg(&object)).passes(),
                "directory" => fs::create_dir(&object).unwrap(),
                device => symlink(device, &object).unwrap(),
            }
            let ran = scratch.keyward(&["hook", "pre-commit"]);
            assert_eq!(ran.code, Some(3), "{spec} {stands_in}: {}", ran.stderr);
            if stands_in != "/dev/tty" {
                assert!(
                    ran.stderr.contains("not a regular file"),
                    "{spec} {stands_in}: {}",
                    ran.stderr
                );
            }
            match stands_in {
                "directory" => fs::remove_dir(&object).unwrap(),
                _ => fs::remove_file(&object).unwrap(),
            }
        }
        fs::rename(&kept, &object).unwrap();
    }
    let ran = scratch.keyward(&["hook", "pre-commit"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    // The same of the index of a pack.
    scratch.git(&["repack", "-adq"]);
    scratch.git(&["prune-packed"]);
    let packs = fs::read_dir(objects.join("pack")).unwrap();
    let index = packs
        .map(|entry| entry.unwrap().path())
        .find(|file| file.extension().is_some_and(|it| it == "idx"))
        .unwrap();
    fs::remove_file(&index).unwrap();
    run(scratch.command("mkfifo").arg(&index)).passes();
    let ran = scratch.keyward(&["hook", "pre-commit"]);
    assert_eq!(ran.code, Some(3), "{}", ran.stderr);
    assert!(ran.stderr.contains("not a regular file"), "{}", ran.stderr);
}

/// A server is told of thousands of refs at once: git started for each took longer than all that keyward looked at.
#[test]
fn a_push_of_many_refs_starts_no_git_for_each() {
    let scratch = Scratch::new(Reading::Default);
    scratch.add("a.py", "a\n");
    scratch.commit_all();
    let (bin, log) = counted(&scratch);
    let zeros = "0".repeat(40);
    let started = |refs: usize| {
        let told: String = (0..refs)
            .map(|number| {
                let parent = scratch.git(&["rev-parse", "HEAD"]);
                let own = [
                    "commit-tree",
                    "-p",
                    parent.trim(),
                    "-m",
                    &number.to_string(),
                    "HEAD^{tree}",
                ];
                let new = scratch.git(&own);
                format!("{zeros} {} refs/heads/{number}\n", new.trim())
            })
            .collect();
        let mut hook = scratch.command(env!("CARGO_BIN_EXE_keyward"));
        hook.args(["hook", "pre-receive"])
            .env("PATH", path_after(&bin));
        let output = feed(hook, told.as_bytes());
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        let all = fs::read_to_string(&log).unwrap();
        fs::remove_file(&log).unwrap();
        all.lines().count()
    };
    assert_eq!(started(2), started(12));
}
