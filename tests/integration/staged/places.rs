//! Where a repository may be, and from where git is started.

use std::fs;

use super::{COMMIT, TEXT};
use crate::probe::{digest, hooked, with_both};
use crate::support::{Reading, Scratch, anthropic_key, run};

#[test]
fn a_linked_worktree_is_a_worktree() {
    let key = anthropic_key();
    hooked(&[("sub/a.txt", TEXT)], |scratch| {
        scratch.git(&["worktree", "add", "--quiet", "../linked"]);
        let linked = scratch.root().join("linked");
        let sub = linked.join("sub");
        fs::write(sub.join("a.txt"), &key).unwrap();
        for (dir, args) in [
            (&linked, &["commit", "-a", "-m", "x"][..]),
            (&sub, &["commit", "-m", "x", "a.txt"]),
            (&sub, &["-C", "..", "commit", "-a", "-m", "x"]),
        ] {
            scratch.is_refused_in(dir, args);
        }
        fs::write(sub.join("a.txt"), "clean\n").unwrap();
        scratch.passes_in(&sub, &["commit", "-m", "x", "a.txt"]);
        let places = scratch.ask(&sub, &["places"]);
        let root = scratch.root();
        assert_eq!(places[0], format!("worktree {}", linked.display()));
        assert_eq!(
            places[1],
            format!("git {}", root.join("repo/.git/worktrees/linked").display())
        );
        assert_eq!(
            places[2],
            format!("common {}", root.join("repo/.git").display())
        );
        assert_eq!(
            places[3],
            format!("hooks {}", root.join("repo/.git/hooks").display())
        );
    });
}

#[test]
fn a_submodule_is_a_repository() {
    let key = anthropic_key();
    with_both(|scratch| {
        let inner = scratch.root().join("inner");
        fs::create_dir(&inner).unwrap();
        scratch.git_in(&inner, &["init", "--quiet"]);
        scratch.git_in(&inner, &["commit", "--quiet", "--allow-empty", "-m", "x"]);
        scratch.git(&["submodule", "--quiet", "add", "../inner", "module"]);
        scratch.commit_all();
        scratch.hook("pre-commit");
        let module = scratch.top().join("module");
        let hooks = scratch.top().join(".git/modules/module/hooks");
        fs::create_dir_all(&hooks).unwrap();
        fs::copy(
            scratch.top().join(".git/hooks/pre-commit"),
            hooks.join("pre-commit"),
        )
        .unwrap();

        fs::write(module.join("a.txt"), &key).unwrap();
        scratch.git_in(&module, &["add", "a.txt"]);
        scratch.is_refused_in(&module, &COMMIT);
        fs::write(module.join("a.txt"), "clean\n").unwrap();
        scratch.passes_in(&module, &["commit", "-a", "-m", "x"]);
        // The pointer to the submodule's new commit has nothing to read.
        let before = scratch.seen().len();
        scratch.passes(&["commit", "-a", "-m", "pointer"]);
        assert_eq!(scratch.seen().len(), before);
        let places = scratch.ask(&module, &["places"]);
        assert_eq!(places[0], format!("worktree {}", module.display()));
        assert_eq!(places[3], format!("hooks {}", hooks.display()));
    });
}

#[test]
fn a_git_directory_may_be_elsewhere() {
    let key = anthropic_key();
    hooked(&[("sub/a.txt", TEXT)], |scratch| {
        scratch.git(&["init", "--quiet", "--separate-git-dir", "../elsewhere.git"]);
        scratch.add("sub/a.txt", &key);
        scratch.is_refused(&COMMIT);
        let root = scratch.root();
        scratch.is_refused_in(&scratch.top().join("sub"), &COMMIT);
        // Now nothing in the working tree tells where the repository is.
        fs::remove_file(scratch.top().join(".git")).unwrap();
        for (dir, git_dir, work_tree) in [
            ("repo", "../elsewhere.git", None),
            ("repo", "../elsewhere.git", Some(".")),
            ("repo/sub", "../../elsewhere.git", Some("..")),
            ("home", "../elsewhere.git", Some("../repo")),
        ] {
            let mut args = vec![format!("--git-dir={git_dir}")];
            args.extend(work_tree.map(|tree| format!("--work-tree={tree}")));
            args.extend(COMMIT.map(String::from));
            let ran = run(scratch
                .command("git")
                .current_dir(root.join(dir))
                .args(&args));
            assert_eq!(ran.code, Some(1), "{args:?}: {}", ran.stderr);
            assert_eq!(scratch.hook_code(), Some(1), "{args:?}: {}", ran.stderr);
        }
        let seen = scratch.seen();
        assert_eq!(seen.len(), 6);
        assert!(seen.iter().all(|line| *line == seen[0]), "{seen:?}");
    });
}

#[test]
fn a_subdirectory_is_as_good_as_the_top() {
    let key = anthropic_key();
    hooked(&[("sub/a.txt", TEXT)], |scratch| {
        scratch.add("sub/a.txt", &key);
        scratch.is_refused_in(&scratch.top().join("sub"), &COMMIT);
        scratch.is_refused_in(&scratch.top().join("sub"), &["commit", "-m", "x", "a.txt"]);
        // A relative index is relative to the top, wherever git is started.
        scratch.set("GIT_INDEX_FILE", ".git/index");
        let from_sub = scratch.ask(&scratch.top().join("sub"), &[""]);
        assert_eq!(from_sub, scratch.ask(scratch.top(), &[""]));
        assert!(
            from_sub[0].starts_with("Modified File \"sub/a.txt\""),
            "{from_sub:?}"
        );
    });
}

#[test]
fn hooks_are_where_git_looks() {
    with_both(|scratch| {
        scratch.write("sub/a.txt", TEXT);
        let sub = scratch.top().join("sub");
        let places = scratch.ask(&sub, &["places"]);
        assert_eq!(
            places[3],
            format!("hooks {}", scratch.top().join(".git/hooks").display())
        );
        assert_eq!(places[4], "setting None");
        scratch.git(&["config", "core.hooksPath", ".husky/_"]);
        let places = scratch.ask(&sub, &["places"]);
        assert_eq!(
            places[3],
            format!("hooks {}", scratch.top().join(".husky/_").display())
        );
        assert!(
            places[4].starts_with("setting Some((\".husky/_\", "),
            "{}",
            places[4]
        );
        assert!(places[4].contains(".git/config"), "{}", places[4]);
        let shared = scratch.root().join("shared");
        scratch.git(&["config", "--unset", "core.hooksPath"]);
        scratch.git(&[
            "config",
            "--global",
            "core.hooksPath",
            shared.to_str().unwrap(),
        ]);
        let places = scratch.ask(&sub, &["places"]);
        assert_eq!(places[3], format!("hooks {}", shared.display()));
        assert!(places[4].contains("home/.gitconfig"), "{}", places[4]);
    });
}

#[test]
fn the_environment_of_a_hook_is_not_of_another_repository() {
    let key = anthropic_key();
    for reading in [Reading::Default, Reading::Git] {
        let mut scratch = Scratch::new(reading);
        scratch.add("a.txt", &key);
        let other = scratch.root().join("other");
        fs::create_dir(&other).unwrap();
        scratch.git_in(&other, &["init", "--quiet"]);
        fs::write(other.join("b.txt"), TEXT).unwrap();
        scratch.git_in(&other, &["add", "b.txt"]);
        let git_dir = scratch.top().join(".git");
        scratch.set("GIT_DIR", git_dir.to_str().unwrap());
        scratch.set("GIT_INDEX_FILE", git_dir.join("index").to_str().unwrap());
        scratch.set(
            "GIT_WORK_TREE",
            scratch.top().to_str().unwrap().to_owned().as_str(),
        );
        let seen = scratch.ask(scratch.top(), &["other", other.to_str().unwrap()]);
        assert_eq!(
            seen,
            [format!(
                "Added File \"b.txt\" {} []",
                digest(TEXT.as_bytes())
            )]
        );
    }
}
