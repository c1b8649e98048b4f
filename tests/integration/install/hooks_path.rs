//! `core.hooksPath`: in the working tree, outside of it, and off.

use keyward::parts::hook::{self, Uninstalled};

use super::{KIND, OLD_HOOK, Repo, snapshot, write_script};

#[test]
fn hooks_path_in_the_working_tree() {
    for absolute in [false, true] {
        let repo = Repo::new();
        let dir = repo.top.join("tools/hooks");
        let old = dir.join("pre-commit");
        write_script(&old, OLD_HOOK);
        let setting = if absolute {
            dir.to_str().unwrap()
        } else {
            "tools/hooks"
        };
        repo.git(["config", "core.hooksPath", setting]);
        let before = snapshot(&dir);

        let installed = repo.install();
        assert!(installed.in_worktree);
        assert_eq!(installed.path, old);
        assert!(repo.commit().status.success());
        assert_eq!(repo.ran(), "old hook\nkeyward hook pre-commit\n");

        assert_eq!(repo.uninstall(), Uninstalled::Restored(old));
        assert_eq!(snapshot(&dir), before);
    }
}

#[test]
fn a_relative_hooks_path_is_that_of_the_current_working_tree() {
    let repo = Repo::new();
    repo.git(["config", "core.hooksPath", ".githooks"]);
    let tree = repo.linked();
    let place = repo.place_in(&tree).unwrap();
    let installed = repo.install_at(&place);
    assert_eq!(installed.path, tree.join(".githooks/pre-commit"));
    repo.assert_guarded(&tree);
}

#[test]
fn hooks_path_outside_is_written_only_for_who_asks() {
    let repo = Repo::new();
    let corporate = repo.root().join("corporate hooks");
    write_script(&corporate.join("pre-commit"), OLD_HOOK);
    repo.git([
        "config",
        "--global",
        "core.hooksPath",
        corporate.to_str().unwrap(),
    ]);
    let before = snapshot(&corporate);

    let elsewhere = repo.place_in(&repo.top).unwrap_err();
    assert_eq!(snapshot(&corporate), before);
    let place = elsewhere.accept().unwrap();
    repo.install_at(&place);
    assert!(repo.commit().status.success());
    assert_eq!(repo.ran(), "old hook\nkeyward hook pre-commit\n");
    hook::uninstall(&place, KIND).unwrap();
    assert_eq!(snapshot(&corporate), before);
}

#[test]
fn the_mend_for_a_hooks_path_outside_works() {
    let repo = Repo::new();
    let corporate = repo.root().join("corporate");
    repo.git([
        "config",
        "--global",
        "core.hooksPath",
        corporate.to_str().unwrap(),
    ]);
    let text = repo.place_in(&repo.top).unwrap_err().to_string();
    let (_, mend) = text.split_once("git config core.hooksPath ").unwrap();
    let (dir, _) = mend.split_once(" && ").unwrap();
    repo.git(["config", "core.hooksPath", dir.trim_matches('\'')]);
    assert_eq!(repo.install().path, repo.hook());
    repo.assert_guarded(&repo.top);
}

#[cfg(unix)]
#[test]
fn hooks_that_are_turned_off_are_named() {
    let repo = Repo::new();
    repo.git(["config", "core.hooksPath", "/dev/null"]);
    let elsewhere = repo.place_in(&repo.top).unwrap_err();
    assert!(elsewhere.to_string().contains("turns all hooks off"));
    assert_eq!(elsewhere.accept(), None);
}
