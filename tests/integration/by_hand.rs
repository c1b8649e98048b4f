//! `keyward hook pre-commit` where git makes no commit: pre-commit or prek was run by hand, or by CI.

use crate::support::{Ran, Reading, Scratch, anthropic_key, run};

fn by_hand(scratch: &Scratch, range: Option<(&str, &str)>) -> Ran {
    let mut hook = scratch.command(env!("CARGO_BIN_EXE_keyward"));
    hook.args(["hook", "pre-commit"]).env("PRE_COMMIT", "1");
    if let Some((base, tip)) = range {
        hook.env("PRE_COMMIT_FROM_REF", base);
        hook.env("PRE_COMMIT_TO_REF", tip);
    }
    run(&mut hook)
}

#[test]
fn what_is_asked_for_is_looked_at() {
    let scratch = Scratch::new(Reading::Default);
    scratch.add("a.txt", "one\n");
    scratch.commit_all();
    by_hand(&scratch, None).passes();
    scratch.add("key.txt", anthropic_key());
    scratch.commit_all();
    // All files, since nothing is staged; and a range, whatever the files hold now.
    for range in [None, Some(("HEAD~1", "HEAD"))] {
        let ran = by_hand(&scratch, range);
        assert_eq!(ran.code, Some(1), "{}{}", ran.stdout, ran.stderr);
        assert!(ran.stdout.contains("key.txt:1:1"), "{}", ran.stdout);
    }
    scratch.git(&["rm", "-q", "key.txt"]);
    scratch.commit_all();
    by_hand(&scratch, None).passes();
    by_hand(&scratch, Some(("HEAD~1", "HEAD"))).passes();
    let zeros = "0".repeat(40);
    for base in ["HEAD~2", &zeros] {
        assert_eq!(
            by_hand(&scratch, Some((base, "HEAD"))).code,
            Some(1),
            "{base}"
        );
    }
    // What is not here is no empty range.
    for range in [("nowhere", "HEAD"), ("HEAD", "nowhere")] {
        let ran = by_hand(&scratch, Some(range));
        assert_eq!(ran.code, Some(2), "{}", ran.stderr);
        assert!(ran.stderr.contains("`nowhere`"), "{}", ran.stderr);
    }
    // What is staged is looked at as for a commit, and only that.
    scratch.add("key.txt", anthropic_key());
    scratch.commit_all();
    scratch.add("b.txt", "clean\n");
    by_hand(&scratch, None).passes();
    // git makes a commit.
    let mut hook = scratch.command(env!("CARGO_BIN_EXE_keyward"));
    hook.args(["hook", "pre-commit"]).env("PRE_COMMIT", "1");
    hook.env("GIT_INDEX_FILE", ".git/index");
    scratch.git(&["reset", "-q"]);
    run(&mut hook).passes();
}

#[test]
fn hooks_that_the_settings_ask_for_and_a_clone_lacks_are_told() {
    let scratch = Scratch::new(Reading::Default);
    scratch.keyward(&["install"]).passes();
    let commit = || scratch.try_git(&["commit", "-q", "--allow-empty", "-m", "x"]);
    assert_eq!(commit().stderr, "");
    scratch.add(".keyward.toml", "[hooks]\nunchecked = 'deny'\n");
    let ran = commit();
    ran.passes();
    let told = "keyward: the settings of this repository ask for hooks that this clone has not \
                (prepare-commit-msg, post-commit); to set them: keyward install\n";
    assert_eq!(ran.stderr.matches(told).count(), 1, "{}", ran.stderr);
    scratch.keyward(&["install"]).passes();
    assert_eq!(commit().stderr, "");
}
