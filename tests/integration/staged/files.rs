//! Single files, and the working tree, as the library gives them.

use std::fs;

use crate::probe::{digest, with_both};
use crate::support::anthropic_key;

#[test]
fn the_working_tree_is_listed_as_git_would_add_it() {
    let key = anthropic_key();
    with_both(|scratch| {
        scratch.write("tracked.txt", "old\n");
        scratch.write("gone.txt", "old\n");
        scratch.write("sub/tracked.txt", "old\n");
        scratch.write(".gitignore", "*.log\n");
        scratch.commit_all();
        fs::remove_file(scratch.top().join("gone.txt")).unwrap();
        scratch.write("tracked.txt", &key);
        scratch.write("new.txt", "new\n");
        scratch.write("ignored.log", &key);
        scratch.write("sub/new.txt", "new\n");
        let kept = digest(b"*.log\n");
        let (old, new) = (digest(b"old\n"), digest(b"new\n"));
        let key = digest(key.as_bytes());
        let all = [
            format!("Modified File \".gitignore\" {kept} []"),
            format!("Added File \"new.txt\" {new} []"),
            format!("Added File \"sub/new.txt\" {new} []"),
            format!("Modified File \"sub/tracked.txt\" {old} []"),
            format!("Modified File \"tracked.txt\" {key} []"),
        ];
        let sub = scratch.top().join("sub");
        assert_eq!(scratch.ask(scratch.top(), &["worktree"]), all);
        assert_eq!(scratch.ask(&sub, &["worktree"]), all);
        assert_eq!(scratch.ask(scratch.top(), &["worktree", "sub"]), all[2..4]);
        assert_eq!(scratch.ask(&sub, &["worktree", "."]), all[2..4]);
        assert_eq!(
            scratch.ask(&sub, &["worktree", "../new.txt", "tracked.txt"]),
            [&*all[1], &all[3]]
        );
    });
}

#[test]
fn files_are_staged_and_unstaged_by_their_exact_path() {
    with_both(|scratch| {
        scratch.write("sub/*.txt", "star\n");
        scratch.write("sub/a.txt", "a\n");
        scratch.write("-n", "dash\n");
        let sub = scratch.top().join("sub");
        let staged = || scratch.git(&["ls-files"]);
        assert_eq!(scratch.ask(&sub, &["stage", "sub/*.txt"]), [""; 0]);
        assert_eq!(staged(), "sub/*.txt");
        assert_eq!(scratch.ask(&sub, &["stage", "-n"]), [""; 0]);
        assert_eq!(scratch.ask(&sub, &["unstage", "sub/*.txt"]), [""; 0]);
        assert_eq!(staged(), "-n");
        assert_eq!(scratch.ask(&sub, &["unstage", "-n"]), [""; 0]);
        assert_eq!(staged(), "");
        assert!(scratch.top().join("-n").exists());
        assert!(scratch.ask(&sub, &["stage", "absent"])[0].starts_with("error"));
    });
}

#[test]
fn small_files_are_read_as_staged() {
    with_both(|scratch| {
        scratch.add(".keyward.toml", "staged\n");
        scratch.write(".keyward.toml", "not staged\n");
        scratch.add("a\nb/.gitignore", "x\n");
        let staged = digest(b"staged\n");
        let told = scratch.ask(
            scratch.top(),
            &["indexed", ".keyward.toml", ".keyward.allow"],
        );
        assert_eq!(
            told,
            [
                format!(".keyward.toml Ok(Some({staged:?}))"),
                ".keyward.allow Ok(None)".into()
            ]
        );
        #[cfg(unix)]
        {
            fs::remove_file(scratch.top().join(".keyward.toml")).unwrap();
            std::os::unix::fs::symlink("/etc/passwd", scratch.top().join(".keyward.toml")).unwrap();
            scratch.git(&["add", ".keyward.toml"]);
            let told = scratch.ask(scratch.top(), &["indexed", ".keyward.toml"]);
            assert!(told[0].contains("symbolic link"), "{told:?}");
        }
    });
}
