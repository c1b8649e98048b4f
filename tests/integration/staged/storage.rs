//! How a repository may be stored, and which reader reads it.

use std::fs;

use super::{COMMIT, TEXT, trap};
use keyward::parts::lab::Random;

use crate::probe::{digest, with_both, with_git};
use crate::support::{Reading, Scratch, anthropic_key};

/// A key on an added line is found, and a clean change passes, with the index and the objects as
/// they are.
fn works(scratch: &Scratch, key: &str) {
    scratch.hook("pre-commit");
    let before = scratch.seen().len();
    scratch.add("dir/a.txt", format!("{TEXT}{key}\n"));
    scratch.is_refused(&COMMIT);
    scratch.add("dir/a.txt", format!("{TEXT}eleven\n"));
    scratch.passes(&COMMIT);
    let seen = scratch.seen().split_off(before);
    assert_eq!(seen.len(), 2, "{seen:?}");
    assert!(
        seen.iter()
            .all(|line| line.starts_with("Modified File \"dir/a.txt\"")),
        "{seen:?}"
    );
    assert!(
        seen.iter()
            .all(|line| line.ends_with(&format!("[{:?}]", digest(TEXT.as_bytes())))),
        "{seen:?}"
    );
}

fn some_files(scratch: &Scratch) {
    for dir in ["dir", "dir/sub", "other", "other/sub", "third"] {
        scratch.write(format!("{dir}/a.txt"), TEXT);
        scratch.write(format!("{dir}/b.txt"), "b\n");
    }
    scratch.commit_all();
}

#[test]
fn every_index_that_libgit2_can_read() {
    let key = anthropic_key();
    for settings in [
        &[("index.version", "2")][..],
        &[("index.version", "4")],
        &[("index.skipHash", "true")],
        &[("feature.manyFiles", "true")],
        &[("core.untrackedCache", "true")],
        &[
            ("index.recordEndOfIndexEntries", "true"),
            ("index.recordOffsetTable", "true"),
            ("index.threads", "2"),
        ],
        &[("core.ignoreCase", "true")],
        &[("core.compression", "0"), ("pack.indexVersion", "1")],
    ] {
        with_both(|scratch| {
            for (name, value) in settings {
                scratch.git(&["config", name, value]);
            }
            some_files(scratch);
            scratch.git(&["update-index", "--untracked-cache"]);
            scratch.git(&["status", "--short"]);
            scratch.git(&["gc", "--quiet"]);
            works(scratch, &key);
        });
    }
}

#[test]
fn an_index_with_a_monitor() {
    let key = anthropic_key();
    with_both(|scratch| {
        some_files(scratch);
        let (_, program) = trap(scratch);
        fs::write(&program, "#!/bin/sh\nprintf 'token\\0/\\0'\n").unwrap();
        scratch.git(&["config", "core.fsmonitor", &program]);
        scratch.git(&["config", "core.fsmonitorHookVersion", "2"]);
        scratch.git(&["update-index", "--fsmonitor"]);
        scratch.git(&["status", "--short"]);
        let index = fs::read(scratch.top().join(".git/index")).unwrap();
        assert!(index.windows(4).any(|bytes| bytes == b"FSMN"));
        works(scratch, &key);
    });
}

#[test]
fn objects_of_another_repository() {
    let key = anthropic_key();
    with_both(|scratch| {
        some_files(scratch);
        let store = scratch.root().join("store");
        fs::rename(scratch.top().join(".git/objects"), &store).unwrap();
        fs::create_dir_all(scratch.top().join(".git/objects/info")).unwrap();
        scratch.write(
            ".git/objects/info/alternates",
            format!("{}\n", store.display()),
        );
        works(scratch, &key);
    });
    with_both(|scratch| {
        some_files(scratch);
        let store = scratch.root().join("store");
        fs::rename(scratch.top().join(".git/objects"), &store).unwrap();
        fs::create_dir_all(scratch.top().join(".git/objects")).unwrap();
        scratch.set("GIT_ALTERNATE_OBJECT_DIRECTORIES", store.to_str().unwrap());
        works(scratch, &key);
    });
}

#[test]
fn what_libgit2_refuses_git_reads() {
    let key = anthropic_key();
    with_git(&["--object-format=sha256"], |scratch| {
        some_files(scratch);
        works(scratch, &key);
    });
    with_git(&["--ref-format=reftable"], |scratch| {
        some_files(scratch);
        works(scratch, &key);
    });
    with_git(&[], |scratch| {
        some_files(scratch);
        scratch.git(&["update-index", "--split-index"]);
        scratch.git(&["config", "core.splitIndex", "true"]);
        works(scratch, &key);
    });
    with_git(&[], |scratch| {
        some_files(scratch);
        scratch.git(&["sparse-checkout", "set", "--cone", "--sparse-index", "dir"]);
        works(scratch, &key);
    });
}

#[test]
fn libgit2_alone_is_never_clean_where_it_can_not_read() {
    for (init, spoil) in [
        (&["--object-format=sha256"][..], None),
        (&["--ref-format=reftable"], None),
        (&[], Some(&["update-index", "--split-index"][..])),
        (
            &[],
            Some(&["sparse-checkout", "set", "--cone", "--sparse-index", "dir"]),
        ),
    ] {
        let scratch = Scratch::init(Reading::Libgit2, init);
        some_files(&scratch);
        if let Some(spoil) = spoil {
            scratch.git(spoil);
        }
        let told = scratch.ask(scratch.top(), &[""]);
        assert!(told[0].starts_with("error"), "{told:?}");
        assert_eq!(scratch.exit_code(), Some(3));
    }
}

#[test]
fn a_partial_clone_fetches_nothing() {
    let key = anthropic_key();
    for reading in [Reading::Default, Reading::Git] {
        let scratch = Scratch::new(reading);
        scratch.write("a.txt", format!("{TEXT}{key}\n"));
        scratch.commit_all();
        scratch.git(&["config", "uploadpack.allowFilter", "true"]);
        let url = format!("file://{}", scratch.top().display());
        let clone = scratch.root().join("clone");
        scratch.git(&[
            "clone",
            "--quiet",
            "--no-checkout",
            "--filter=blob:none",
            &url,
            "../clone",
        ]);
        fs::write(clone.join("a.txt"), format!("zero\n{TEXT}{key}\n")).unwrap();
        scratch.git_in(&clone, &["add", "a.txt"]);
        let before = scratch.git_in(&clone, &["count-objects", "-v"]);
        let seen = scratch.ask(&clone, &[""]);
        assert_eq!(seen.len(), 1);
        assert!(seen[0].ends_with("[]"), "{seen:?}");
        assert_eq!(scratch.git_in(&clone, &["count-objects", "-v"]), before);
    }
}

/// Trees and indexes of every shape: names that sort unlike their directories, files where
/// directories were, unmerged and announced entries, caches that are half valid.
#[test]
fn readers_agree_on_whatever_git_can_hold() {
    const NAMES: [&str; 12] = [
        "a", "a.b", "a/b", "a/b/c", "a0", "a0/b", "ab", "ab/c", "b/a", "b/a.c/d", "b/a/d", "b0",
    ];
    let mut scratch = Scratch::new(Reading::Git);
    let blobs: Vec<String> = ["x\n", "y\n", "z\n"]
        .iter()
        .map(|content| {
            scratch.write("../blob", content);
            scratch.git(&["hash-object", "-w", "../blob"])
        })
        .collect();
    let mut random = Random::new(7);
    let mut total = 0;
    for round in 0..40 {
        for half in 0..2 {
            if half == 1 {
                scratch.git(&["commit", "--quiet", "--allow-empty", "-m", "x"]);
            }
            let mut info = String::new();
            for _ in 0..6 {
                let name = random.pick(&NAMES);
                let id = &blobs[random.below(3)];
                match random.below(8) {
                    0 | 1 => info.push_str(&format!("0 {} 0\t{name}\n", "0".repeat(40))),
                    2 => info.push_str(&format!("120000 {id} 0\t{name}\n")),
                    3 => info.push_str(&format!("160000 {id} 0\t{name}\n")),
                    4 => info.push_str(&format!("100755 {id} 0\t{name}\n")),
                    5 if half == 1 => info.push_str(&format!(
                        "0 {0} 0\t{name}\n100644 {id} 1\t{name}\n100644 {id} 2\t{name}\n",
                        "0".repeat(40)
                    )),
                    _ => info.push_str(&format!("100644 {id} 0\t{name}\n")),
                }
            }
            scratch.git_fed(&["update-index", "--index-info"], info.as_bytes());
        }
        if round % 4 == 0 {
            scratch.git(&["update-index", "--index-version", ["2", "4"][round / 4 % 2]]);
        }
        scratch.read_with(Reading::Git);
        let by_git = scratch.ask(scratch.top(), &[""]);
        scratch.read_with(Reading::Libgit2);
        let by_libgit2 = scratch.ask(scratch.top(), &[""]);
        assert_eq!(by_git, by_libgit2, "round {round}");
        total += by_git.len();
        scratch.git(&["read-tree", "HEAD"]);
    }
    assert!(total > 50, "{total}");
}
