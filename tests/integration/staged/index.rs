//! Which index is read: the one that git made for the commit.

use std::fs;
use std::io::Write as _;
use std::process::Stdio;

use super::{COMMIT, TEXT, object};
use crate::probe::{digest, hooked, with_both};
use crate::support::{Reading, Scratch, anthropic_key};

#[test]
fn the_blob_counts_and_not_the_working_tree() {
    let key = anthropic_key();
    hooked(&[], |scratch| {
        scratch.add("a.txt", &key);
        scratch.write("a.txt", "clean\n");
        scratch.is_refused(&COMMIT);
        scratch.git(&["add", "a.txt"]);
        scratch.write("a.txt", &key);
        scratch.passes(&COMMIT);
    });
}

#[test]
fn commit_all_reads_the_index_that_git_made_for_it() {
    let key = anthropic_key();
    hooked(&[("a.txt", TEXT)], |scratch| {
        scratch.write("a.txt", &key);
        scratch.is_refused(&["commit", "-a", "-m", "all"]);
        scratch.write("a.txt", "clean\n");
        scratch.passes(&["commit", "-a", "-m", "all"]);
    });
}

#[test]
fn commit_patch_reads_the_index_that_git_made_for_it() {
    let key = anthropic_key();
    hooked(&[("a.txt", TEXT)], |scratch| {
        scratch.write("a.txt", format!("{key}\n{TEXT}eleven\n"));
        answering(scratch, "y\nn\n", &["commit", "-p", "-m", "the key"]);
        assert_eq!(scratch.hook_code(), Some(1));
        answering(scratch, "n\ny\n", &["commit", "-p", "-m", "the rest"]);
        assert_eq!(scratch.hook_code(), Some(0));
    });
}

/// Runs git with these arguments and answers its questions.
fn answering(scratch: &Scratch, answers: &str, args: &[&str]) {
    let mut git = scratch.command("git");
    let mut child = git
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(answers.as_bytes())
        .unwrap();
    child.wait().unwrap();
}

#[test]
fn commit_path_takes_that_path_alone() {
    let key = anthropic_key();
    hooked(&[("a.txt", TEXT), ("b.txt", TEXT)], |scratch| {
        scratch.add("b.txt", &key);
        scratch.write("a.txt", "clean\n");
        scratch.passes(&["commit", "-m", "another file is staged", "a.txt"]);
        scratch.write("a.txt", &key);
        scratch.is_refused(&["commit", "-m", "this one", "a.txt"]);
    });
}

#[test]
fn an_index_that_is_not_where_git_says_is_an_error() {
    with_both(|scratch| {
        scratch.write("a.txt", TEXT);
        scratch.commit_all();
        scratch.set("GIT_INDEX_FILE", "no/such/index");
        assert_eq!(scratch.exit_code(), Some(3));
    });
}

#[test]
fn what_is_only_announced_is_not_committed() {
    let key = anthropic_key();
    hooked(&[("gone.txt", TEXT)], |scratch| {
        scratch.write("key.txt", &key);
        scratch.write(".env", "A=1\n");
        scratch.write(".keyward.toml", "# this is not staged either\n");
        scratch.git(&["add", "-N", "--force", "key.txt", ".env", ".keyward.toml"]);
        scratch.git(&["rm", "--quiet", "--cached", "gone.txt"]);
        scratch.git(&["add", "-N", "gone.txt"]);
        scratch.add("sub/a.txt", TEXT);
        assert_eq!(
            scratch.ask(scratch.top(), &["indexed", ".keyward.toml"]),
            [".keyward.toml Ok(None)"]
        );
        let before = scratch.seen().len();
        scratch.passes(&COMMIT);
        let text = digest(TEXT.as_bytes());
        // That `gone.txt` is deleted makes it what the new file may have been.
        assert_eq!(
            scratch.seen()[before..],
            [format!("Moved File \"sub/a.txt\" {text} [{text:?}]")]
        );
    });
}

#[test]
fn a_new_blob_that_can_not_be_had_is_an_error() {
    hooked(&[], |scratch| {
        scratch.add("a.txt", TEXT);
        scratch.add("b.txt", "b\n");
        let file = object(scratch, ":a.txt");
        fs::remove_file(&file).unwrap();
        assert_eq!(scratch.exit_code(), Some(3));
        for rubbish in [&b""[..], b"rubbish"] {
            fs::write(&file, rubbish).unwrap();
            assert_eq!(scratch.exit_code(), Some(3), "{rubbish:?}");
        }
        // The others are still read.
        let seen = scratch.ask(scratch.top(), &[""]);
        assert!(seen[0].contains("unreadable"), "{seen:?}");
        assert!(seen[1].contains(&digest(b"b\n")), "{seen:?}");
    });
}

#[test]
fn what_can_not_be_read_is_an_error() {
    for (file, content) in [
        (".git/config", "[core\n"),
        (".git/HEAD", "rubbish"),
        (".git/index", "rubbish"),
        (".git/index", "DIRC\0\0\0\x02\0\0\0\x05"),
    ] {
        for reading in [Reading::Default, Reading::Libgit2, Reading::Git] {
            let scratch = Scratch::new(reading);
            scratch.write("a.txt", TEXT);
            scratch.commit_all();
            scratch.write(file, content);
            let told = scratch.ask(scratch.top(), &[""]);
            assert!(told[0].starts_with("error"), "{reading:?} {file}: {told:?}");
            assert_eq!(scratch.exit_code(), Some(3), "{reading:?} {file}");
        }
    }
    for reading in [Reading::Default, Reading::Git] {
        let scratch = Scratch::new(reading);
        scratch.write("a.txt", TEXT);
        scratch.commit_all();
        fs::remove_file(object(&scratch, "HEAD^{tree}")).unwrap();
        scratch.add("a.txt", "another\n");
        assert_eq!(scratch.exit_code(), Some(3));
        let nowhere = scratch.ask(&scratch.root(), &[""]);
        assert!(nowhere[0].contains("not a git repository"), "{nowhere:?}");
    }
}

#[test]
fn what_git_refuses_is_refused_with_its_reason() {
    let mut scratch = Scratch::new(Reading::Git);
    scratch.commit_all();
    scratch.set("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1");
    let ran = scratch.keyward(&["hook", "pre-commit"]);
    assert_eq!(ran.code, Some(3), "{}", ran.stderr);
    assert!(ran.stderr.contains("dubious ownership"), "{}", ran.stderr);
    assert!(ran.stderr.contains("safe.directory"), "{}", ran.stderr);
    let told = scratch.ask(scratch.top(), &[""]);
    assert!(
        told[0].contains("git config --global --add safe.directory"),
        "{told:?}"
    );
}
