//! The hooks directory: where it is, whether it is there, and what stands in the way.

use std::fs;
#[cfg(unix)]
use std::os::unix::fs::symlink;

use keyward::parts::hook::{self, Place, Uninstalled, tell_installed};

use super::{KIND, OLD_HOOK, Repo, names, snapshot, write_script};

#[test]
fn a_missing_hooks_directory_is_made_and_removed_again() {
    let repo = Repo::new();
    let before = names(&repo.top.join(".git"));

    let installed = repo.install();
    assert_eq!(installed.path, repo.hook());
    assert_eq!(installed.kept, None);
    assert!(!installed.already && !installed.in_worktree && !installed.awaits_husky);
    let told = format!(
        "keyward now checks every commit here: {}",
        installed.path.display()
    );
    assert_eq!(tell_installed(&[installed]), told);
    repo.assert_guarded(&repo.top);

    assert_eq!(repo.uninstall(), Uninstalled::Removed(repo.hook()));
    assert_eq!(names(&repo.top.join(".git")), before);
    assert_eq!(repo.uninstall(), Uninstalled::Nothing);
    repo.ran();
    assert!(repo.commit().status.success());
    assert_eq!(repo.ran(), "");
}

#[test]
fn a_directory_that_was_there_stays_even_if_empty() {
    let repo = Repo::new();
    fs::create_dir(repo.hooks()).unwrap();
    repo.install();
    repo.uninstall();
    assert!(repo.hooks().is_dir());
}

#[test]
fn a_directory_that_got_other_files_stays() {
    let repo = Repo::new();
    repo.install();
    write_script(&repo.hooks().join("post-commit"), OLD_HOOK);
    repo.uninstall();
    assert!(repo.hooks().join("post-commit").is_file());
}

#[test]
fn subdirectory() {
    let repo = Repo::new();
    let sub = repo.top.join("some/where below");
    fs::create_dir_all(&sub).unwrap();
    let place = repo.place_in(&sub).unwrap();
    let installed = repo.install_at(&place);
    assert_eq!(installed.path, repo.hook());
    repo.assert_guarded(&sub);
    assert_eq!(snapshot(&sub).len(), 1);
}

#[test]
fn linked_worktree() {
    let repo = Repo::new();
    let tree = repo.linked();
    let place = repo.place_in(&tree).unwrap();
    let installed = repo.install_at(&place);
    assert_eq!(installed.path, repo.hook());
    repo.assert_guarded(&tree);
    repo.assert_guarded(&repo.top);
    hook::uninstall(&repo.place_in(&tree).unwrap(), KIND).unwrap();
    assert!(!repo.hooks().exists());
}

#[test]
fn submodule() {
    let repo = Repo::new();
    let other = Repo::new();
    let sub = repo.submodule(&other);
    let place = repo.place_in(&sub).unwrap();
    let installed = repo.install_at(&place);
    assert_eq!(
        installed.path,
        repo.top.join(".git/modules/sub/hooks/pre-commit")
    );
    repo.assert_guarded(&sub);
}

#[cfg(unix)]
#[test]
fn a_hooks_directory_that_is_a_link() {
    let repo = Repo::new();
    let real = repo.top.join("tools");
    fs::create_dir(&real).unwrap();
    symlink("../tools", repo.hooks()).unwrap();
    let before = snapshot(&real);
    repo.install();
    repo.assert_guarded(&repo.top);
    repo.uninstall();
    assert_eq!(snapshot(&real), before);
    assert!(repo.hooks().is_symlink());

    let outside = repo.root().join("shared");
    fs::rename(&real, &outside).unwrap();
    fs::remove_file(repo.hooks()).unwrap();
    symlink(&outside, repo.hooks()).unwrap();
    let elsewhere = repo.place_in(&repo.top).unwrap_err();
    assert!(elsewhere.to_string().contains("symbolic link"));
    repo.install_at(&elsewhere.accept().unwrap());
    repo.assert_guarded(&repo.top);
}

#[cfg(unix)]
#[test]
fn what_stands_in_the_way_is_named() {
    let repo = Repo::new();
    let place = Place::Directory {
        dir: repo.hooks(),
        in_worktree: false,
    };
    let error = || {
        let err = hook::install(&place, KIND, &repo.program()).unwrap_err();
        let text = format!("{err:#}");
        assert!(text.ends_with("run the command again"), "{text}");
        text
    };
    fs::create_dir_all(repo.hook()).unwrap();
    assert!(error().contains("pre-commit is not a file"));
    fs::remove_dir_all(repo.hooks()).unwrap();

    fs::write(repo.hooks(), "").unwrap();
    assert!(error().contains("hooks is not a directory"));
    fs::remove_file(repo.hooks()).unwrap();

    symlink("nowhere", repo.hooks()).unwrap();
    assert!(error().contains("hooks is not a directory"));
}

#[cfg(unix)]
#[test]
fn a_link_in_the_way_of_the_new_script_is_not_followed() {
    let repo = Repo::new();
    let precious = repo.home().join("precious");
    fs::write(&precious, "precious").unwrap();
    repo.git(["config", "core.hooksPath", ".githooks"]);
    let dir = repo.top.join(".githooks");
    fs::create_dir(&dir).unwrap();
    symlink(&precious, dir.join("pre-commit.keyward-new")).unwrap();
    repo.install();
    assert_eq!(fs::read_to_string(precious).unwrap(), "precious");
    repo.assert_guarded(&repo.top);
}
