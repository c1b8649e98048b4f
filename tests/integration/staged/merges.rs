//! Merges: with a conflict, waiting, and clean.

use super::TEXT;
use crate::probe::{digest, with_both};
use crate::support::{Scratch, anthropic_key};

/// Two branches with a conflict in `a.txt`; `theirs` also adds a file.
fn diverge(scratch: &Scratch, ours: &str, theirs: &str, theirs_new: &str) {
    scratch.write("a.txt", TEXT);
    scratch.commit_all();
    scratch.git(&["checkout", "--quiet", "-b", "theirs"]);
    scratch.write("a.txt", TEXT.replace("five\n", theirs));
    scratch.write("theirs.txt", theirs_new);
    scratch.commit_all();
    scratch.git(&["checkout", "--quiet", "main"]);
    scratch.write("a.txt", TEXT.replace("five\n", ours));
    scratch.commit_all();
}

#[test]
fn a_merge_with_a_conflict_is_judged_by_its_resolution() {
    let (key, other, typed) = (anthropic_key(), anthropic_key(), anthropic_key());
    with_both(|scratch| {
        let theirs = format!("theirs {key}\n");
        diverge(scratch, "ours\n", &theirs, &format!("{other}\n"));
        scratch.hook("pre-commit");
        assert_ne!(scratch.try_git(&["merge", "theirs"]).code, Some(0));
        // Before it is resolved, nothing of it can be committed.
        assert_eq!(scratch.ask(scratch.top(), &[""]), [""; 0]);
        scratch.add(
            "a.txt",
            TEXT.replace("five\n", &format!("ours\n{theirs}{typed}\n")),
        );
        scratch.is_refused(&["commit", "--no-edit"]);
        scratch.add("a.txt", TEXT.replace("five\n", &format!("ours\n{theirs}")));
        let before = scratch.seen().len();
        scratch.passes(&["commit", "--no-edit"]);
        // What is theirs alone is no change at all, and both sides count as replaced.
        let seen = &scratch.seen()[before..];
        assert_eq!(seen.len(), 1);
        for old in ["ours\n", &theirs] {
            assert!(
                seen[0].contains(&digest(TEXT.replace("five\n", old).as_bytes())),
                "{seen:?}"
            );
        }
    });
}

#[test]
fn a_key_added_to_a_merge_that_waits_is_refused() {
    let (key, typed) = (anthropic_key(), anthropic_key());
    with_both(|scratch| {
        diverge(scratch, "five\n", "five\n", &format!("{key}\n"));
        scratch.hook("pre-commit");
        scratch.git(&["merge", "--quiet", "--no-commit", "theirs"]);
        scratch.add("new.txt", &typed);
        scratch.is_refused(&["commit", "--no-edit"]);
        scratch.git(&["rm", "--quiet", "--force", "new.txt"]);
        scratch.passes(&["commit", "--no-edit"]);
    });
}

#[test]
fn a_clean_merge_brings_nothing_new() {
    let (key, typed) = (anthropic_key(), anthropic_key());
    with_both(|scratch| {
        diverge(scratch, "five\n", "five\n", &format!("{key}\n"));
        scratch.git(&["checkout", "--quiet", "-b", "third", "HEAD~1"]);
        scratch.write("third.txt", &typed);
        scratch.commit_all();
        scratch.git(&["checkout", "--quiet", "main"]);
        scratch.hook("pre-merge-commit");
        scratch.passes(&["merge", "--quiet", "--no-edit", "theirs", "third"]);
        assert!(scratch.seen().is_empty(), "{:?}", scratch.seen());
    });
}
