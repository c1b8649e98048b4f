//! `[hooks] trailer`: a commit that was checked says so, and a range tells of the others.

use std::fs;

use crate::support::{Ran, Reading, Scratch, anthropic_key, run};

const TRAILER: &str = "Keyward-Checked: ";

fn passes(ran: &Ran) {
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
}

/// A repository with the trailer on and the hooks in place.
fn set_up(reading: Reading) -> Scratch {
    let scratch = Scratch::new(reading);
    scratch.write(".keyward.toml", "[hooks]\ntrailer = true\n");
    passes(&scratch.keyward(&["install"]));
    scratch.git(&["add", "--all"]);
    scratch.git(&["commit", "-q", "-m", "settings"]);
    scratch.git(&["tag", "start"]);
    scratch
}

fn message(scratch: &Scratch) -> String {
    scratch.git(&["log", "-1", "--format=%B"])
}

/// The trailer of HEAD, which names its tree.
fn own(scratch: &Scratch) -> String {
    let tree = scratch.git(&["rev-parse", "HEAD^{tree}"]);
    format!(
        "{TRAILER}{} tree {}",
        env!("CARGO_PKG_VERSION"),
        &tree[..12]
    )
}

/// HEAD's message is this one and says that HEAD was checked, once, as git reads trailers.
#[track_caller]
fn assert_says(scratch: &Scratch, text: &str) {
    let own = own(scratch);
    assert_eq!(message(scratch).trim_end(), format!("{text}\n\n{own}"));
    let read = scratch.git(&["log", "-1", "--format=%(trailers:key=Keyward-Checked)"]);
    assert_eq!(read.trim_end(), own);
}

fn commit(scratch: &Scratch, name: &str, args: &[&str]) {
    scratch.add(name, format!("{name}\n"));
    scratch.git(&[&["commit", "-q", "-m", name], args].concat());
}

#[test]
fn what_was_checked_says_so_once() {
    for reading in [Reading::Default, Reading::Git] {
        let scratch = set_up(reading);
        assert_says(&scratch, "settings");
        commit(&scratch, "one", &[]);
        assert_says(&scratch, "one");
        // Other content, the same, another message.
        scratch.add("more", "more\n");
        scratch.git(&["commit", "-q", "--amend", "--no-edit"]);
        assert_says(&scratch, "one");
        scratch.git(&["commit", "-q", "--amend", "--no-edit"]);
        assert_says(&scratch, "one");
        scratch.git(&["commit", "-q", "--amend", "-m", "another"]);
        assert_says(&scratch, "another");
        // A path alone, all that is tracked, a merge.
        scratch.write("one", "changed\n");
        scratch.git(&["commit", "-q", "-m", "path", "one"]);
        assert_says(&scratch, "path");
        scratch.write("one", "again\n");
        scratch.git(&["commit", "-q", "-a", "-m", "all"]);
        assert_says(&scratch, "all");
        scratch.git(&["checkout", "-q", "-b", "side", "start"]);
        commit(&scratch, "side", &[]);
        scratch.git(&["checkout", "-q", "main"]);
        scratch.git(&["merge", "-q", "--no-ff", "--no-edit", "side"]);
        assert_says(&scratch, "Merge branch 'side'");
        // It stands with others.
        scratch.git(&["commit", "-q", "--allow-empty", "-s", "-m", "signed"]);
        let by = "Signed-off-by: Nobody <nobody@example.com>";
        let expected = format!("signed\n\n{by}\n{}", own(&scratch));
        assert_eq!(message(&scratch).trim_end(), expected);
    }
}

#[test]
fn what_was_not_checked_does_not_say_so() {
    let scratch = set_up(Reading::Default);
    commit(&scratch, "unseen", &["--no-verify"]);
    assert_eq!(message(&scratch).trim_end(), "unseen");
    // Not for a tree that another hook made after the check.
    let late = "#!/bin/sh\n./.git/hooks/pre-commit.checked && echo x >late && git add late\n";
    let hook = scratch.top().join(".git/hooks/pre-commit");
    fs::rename(&hook, hook.with_extension("checked")).unwrap();
    fs::write(&hook, late).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
        commit(&scratch, "changed", &[]);
        assert_eq!(message(&scratch).trim_end(), "changed");
    }
    fs::rename(hook.with_extension("checked"), &hook).unwrap();
    // An amended message says no more what is no longer true, if anybody looks.
    commit(&scratch, "checked", &[]);
    assert_says(&scratch, "checked");
    let before = message(&scratch);
    scratch.add("past", "past\n");
    scratch.git(&["commit", "-q", "--amend", "--no-edit", "--no-verify"]);
    assert_eq!(message(&scratch), before);
    assert!(!before.contains(&own(&scratch)));
    // Off, nothing is added and nothing noted.
    scratch.write(".keyward.toml", "");
    scratch.git(&["commit", "-q", "-a", "-m", "off"]);
    assert_eq!(message(&scratch).trim_end(), "off");
}

#[test]
fn the_editors_comments_and_scissors_are_no_part_of_it() {
    let mut scratch = set_up(Reading::Default);
    scratch.set("GIT_EDITOR", "sed -i -e '1s/^$/typed/'");
    for args in [
        &["commit", "-q"][..],
        &["commit", "-q", "--verbose"],
        &["commit", "-q", "--cleanup=scissors"],
        &["-c", "core.commentChar=;", "commit", "-q"],
        &["-c", "core.commentChar=auto", "commit", "-q", "--verbose"],
    ] {
        let number = scratch.git(&["rev-list", "--count", "HEAD"]);
        scratch.add("file", format!("{number}\n"));
        let ran = scratch.try_git(args);
        passes(&ran);
        assert_says(&scratch, "typed");
    }
    // A message that nobody typed is still none.
    scratch.set("GIT_EDITOR", "true");
    scratch.add("file", "x\n");
    let ran = scratch.try_git(&["commit", "-q"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("empty commit message"),
        "{}",
        ran.stderr
    );
}

#[test]
fn squashed_and_rebased_it_is_not_doubled() {
    let mut scratch = set_up(Reading::Default);
    for name in ["a", "b", "c"] {
        commit(&scratch, name, &[]);
    }
    scratch.set("GIT_EDITOR", "true");
    scratch.set("GIT_SEQUENCE_EDITOR", "sed -i -e '2,$s/^pick/squash/'");
    scratch.git(&["rebase", "-q", "-i", "HEAD~3"]);
    assert_eq!(message(&scratch).matches(TRAILER).count(), 1);
    assert_says(&scratch, "a\n\nb\n\nc");
    scratch.set("GIT_SEQUENCE_EDITOR", "true");
    scratch.git(&["commit", "-q", "--amend", "-m", "abc"]);
    scratch.git(&["checkout", "-q", "-b", "side", "start"]);
    commit(&scratch, "side", &[]);
    scratch.git(&["rebase", "-q", "main"]);
    assert_eq!(message(&scratch).matches(TRAILER).count(), 1);
    assert!(
        !message(&scratch).contains(&own(&scratch)),
        "its tree is another"
    );
}

#[test]
fn a_range_tells_whose_commits_came_without_it() {
    let scratch = set_up(Reading::Default);
    let by = |scratch: &Scratch, author: &str, args: &[&str]| {
        let number = scratch.git(&["rev-list", "--count", "HEAD"]);
        scratch.add("file", format!("{number}\n"));
        let author = format!("--author={author}");
        scratch.git(&[&["commit", "-q", "-m", "x", &author], args].concat());
    };
    by(&scratch, "Ann <ann@example.com>", &[]);
    by(&scratch, "Ann <ann@example.com>", &["--no-verify"]);
    by(&scratch, "B\u{1b}[2Job <bob@example.com>", &["--no-verify"]);
    by(&scratch, "B\u{1b}[2Job <bob@example.com>", &["--no-verify"]);
    scratch.git(&["checkout", "-q", "-b", "side", "start"]);
    commit(&scratch, "side", &[]);
    commit(&scratch, "picked", &["--author=Ann <ann@example.com>"]);
    scratch.git(&["checkout", "-q", "main"]);
    scratch.git(&["cherry-pick", "side"]);
    scratch.git(&["checkout", "-q", "side"]);
    scratch.git(&["reset", "-q", "--hard", "HEAD~1"]);
    scratch.git(&["checkout", "-q", "main"]);
    scratch.git(&["merge", "-q", "--no-ff", "--no-edit", "side"]);
    let mut forge = scratch.command("git");
    forge.args(["commit", "-q", "--allow-empty", "--no-verify", "-m", "web"]);
    passes(&run(forge.env("GIT_COMMITTER_EMAIL", "noreply@github.com")));

    let ran = scratch.keyward(&["scan", "--range", "start.."]);
    passes(&ran);
    assert!(
        ran.stdout.ends_with(
            "keyward: 4 of 6 commits without a local check, and 1 merged, and 1 made by the forge\n  \
             2 of 3  Ann <ann@example.com> (1 rebased, picked or amended after the check)\n  \
             2 of 2  B\\u{1b}[2Job <bob@example.com>\n"
        ),
        "{}",
        ran.stdout
    );
    let ran = scratch.keyward(&["scan", "--range", "start..", "--format", "github"]);
    passes(&ran);
    assert!(
        ran.stdout
            .starts_with("::notice title=local checks::4 of 6 commits without a local check"),
        "{}",
        ran.stdout
    );
    assert_eq!(ran.stdout.lines().count(), 1);
    let ran = scratch.keyward(&["scan", "--range", "start..", "--format", "json"]);
    assert!(
        ran.stdout
            .contains(r#""kind":"local-checks","status":"note""#),
        "{}",
        ran.stdout
    );
    // A secret is told first, and decides.
    scratch.add("key.txt", anthropic_key());
    scratch.git(&["commit", "-q", "--no-verify", "-m", "key"]);
    let ran = scratch.keyward(&["scan", "--range", "HEAD~1.."]);
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.stdout.starts_with("keyward: 1 secret"),
        "{}",
        ran.stdout
    );
    assert!(
        ran.stdout.contains("1 of 1 commit without a local check"),
        "{}",
        ran.stdout
    );
    // The base asks for it, whatever lies here; where neither does, nothing is counted.
    scratch.write(".keyward.toml", "");
    let told = |range| {
        let ran = scratch.keyward(&["scan", "--range", range]);
        ran.stdout.contains("local check")
    };
    assert!(told("start.."));
    scratch.add(".keyward.toml", "");
    scratch.git(&["commit", "-q", "--no-verify", "-m", "off"]);
    scratch.add("last.txt", "last\n");
    scratch.git(&["commit", "-q", "--no-verify", "-m", "last"]);
    assert!(!told("HEAD~1.."));
}

#[test]
fn commits_of_agents_are_held_to_more() {
    let scratch = Scratch::new(Reading::Default);
    scratch.write(
        ".keyward.toml",
        "[scan]\nthreshold = \"certain\"\n[agents]\nthreshold = \"likely\"\n",
    );
    passes(&scratch.keyward(&["install"]));
    scratch.git(&["add", "--all"]);
    scratch.git(&["commit", "-q", "-m", "settings"]);
    let line = format!("db_password = \"{}\"\n", crate::support::letters(24));
    scratch.add("a.py", &line);
    let by = |author: &str| format!("x\n\nCo-authored-by: {author}");
    let agent = by("Claude <noreply@anthropic.com>");
    let refused = scratch.try_git(&["commit", "-q", "-m", &agent]);
    assert!(refused.stderr.contains("a.py:1:"), "{refused:?}");
    // In its environment, it need not be named.
    let ran = run(scratch
        .command("git")
        .env("CLAUDECODE", "1")
        .args(["commit", "-q", "-m", "x"]));
    assert!(ran.stderr.contains("a.py:1 "), "{ran:?}");
    passes(&scratch.try_git(&["commit", "-q", "-m", &by("Ann <ann@example.com>")]));
    // What an agent commits that is clean goes through.
    scratch.add("b.py", "x = 1\n");
    passes(&scratch.try_git(&["commit", "-q", "-m", &agent]));
}

#[test]
fn commits_of_agents_are_held_to_more_wherever_they_are_looked_at() {
    let scratch = Scratch::new(Reading::Default);
    let remote = scratch.add_remote();
    let settings = "[scan]\nthreshold = \"certain\"\n[agents]\nthreshold = \"likely\"\n";
    let hooks = "[hooks]\nunchecked = \"deny\"\n";
    scratch.write(".keyward.toml", format!("{settings}{hooks}"));
    passes(&scratch.keyward(&["install"]));
    scratch.git(&["add", "--all"]);
    scratch.git(&["commit", "-q", "-m", "settings"]);
    scratch.git(&["push", "-q", "origin", "HEAD:main"]);
    scratch.git(&["tag", "start"]);
    let as_agent = |arguments: &[&str]| {
        run(scratch
            .command("git")
            .env("CLAUDECODE", "1")
            .args(arguments))
    };
    let line = |name: &str| format!("{name} = \"{}\"\n", crate::support::letters(24));
    // Without its checks, an agent's commit is held to as much.
    scratch.add("a.py", line("db_password"));
    let skipped = as_agent(&["commit", "-q", "--no-verify", "-m", "x"]);
    assert!(skipped.stderr.contains("a.py:1 "), "{skipped:?}");
    // That of a person goes through, and so does its push.
    passes(&scratch.try_git(&["commit", "-q", "-m", "x"]));
    passes(&scratch.try_git(&["push", "-q", "origin", "HEAD:main"]));
    // A commit that was made where no hooks are tells by its message whose it is.
    scratch.add("b.py", line("api_password"));
    let made = "commit.gpgsign=false";
    let hooks_away = "core.hooksPath=/dev/null";
    let message = "y\n\nCo-authored-by: Claude <noreply@anthropic.com>";
    scratch.git(&["-c", made, "-c", hooks_away, "commit", "-q", "-m", message]);
    let refused = scratch.try_git(&["push", "-q", "origin", "HEAD:main"]);
    assert_ne!(refused.code, Some(0), "{refused:?}");
    assert!(refused.stderr.contains("b.py:1"), "{refused:?}");
    assert!(!refused.stderr.contains("a.py"), "{refused:?}");
    let scanned = scratch.keyward(&["scan", "--range", "start..HEAD"]);
    assert_eq!(scanned.code, Some(1), "{scanned:?}");
    assert!(scanned.stdout.contains("b.py:1"), "{scanned:?}");
    assert!(!scanned.stdout.contains("a.py:1"), "{scanned:?}");
    // Where agents are held to no more than others, neither is this one.
    scratch.write(".keyward.toml", "[scan]\nthreshold = \"certain\"\n");
    scratch.git(&["commit", "-q", "-a", "-m", "settings"]);
    scratch.git(&["push", "-q", remote.to_str().unwrap(), "HEAD:main"]);
}
