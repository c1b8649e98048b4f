//! The program itself: what it says, and that the hook it sets judges commits.

use std::fs;
use std::path::Path;
use std::process::{Output, Stdio};
use std::thread;

use crate::support::anthropic_key;

use super::{OLD_HOOK, Repo, husky, snapshot, stderr, write_script};

const KEYWARD: &str = env!("CARGO_BIN_EXE_keyward");

impl Repo {
    fn keyward(&self, dir: &Path, command: &str) -> Output {
        self.command(KEYWARD, dir).arg(command).output().unwrap()
    }

    /// Runs a command of the program that has to succeed.
    fn keyward_ok(&self, dir: &Path, command: &str) -> String {
        let output = self.keyward(dir, command);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let said = String::from_utf8(output.stdout).unwrap();
        assert!((1..=3).contains(&said.lines().count()), "{said}");
        said
    }

    /// A commit without a key goes through and one with a key does not, in that directory.
    fn assert_judged(&self, dir: &Path) {
        fs::write(dir.join("settings.py"), "debug = True\n").unwrap();
        self.git_in(dir, ["add", "settings.py"]);
        let output = self.commit_in(dir);
        assert!(output.status.success(), "{}", stderr(&output));
        fs::write(
            dir.join("settings.py"),
            format!("key = \"{}\"\n", anthropic_key()),
        )
        .unwrap();
        self.git_in(dir, ["add", "settings.py"]);
        let output = self.commit_in(dir);
        assert_eq!(output.status.code(), Some(1));
        assert!(stderr(&output).contains("Anthropic"), "{}", stderr(&output));
        self.git_in(dir, ["reset", "-q", "--hard"]);
    }
}

#[test]
fn installs_and_uninstalls() {
    let repo = Repo::new();
    let said = repo.keyward_ok(&repo.top, "install");
    assert!(said.contains(repo.hooks().to_str().unwrap()), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    repo.assert_judged(&repo.top);
    repo.keyward_ok(&repo.top, "install");
    repo.assert_judged(&repo.top);
    repo.keyward_ok(&repo.top, "uninstall");
    assert!(!repo.hooks().exists());
    repo.keyward_ok(&repo.top, "uninstall");
}

#[test]
fn from_a_subdirectory_a_linked_worktree_and_a_submodule() {
    let repo = Repo::new();
    let sub = repo.top.join("some/where below");
    fs::create_dir_all(&sub).unwrap();
    repo.keyward_ok(&sub, "install");
    repo.assert_judged(&sub);
    fs::create_dir_all(&sub).unwrap();
    repo.keyward_ok(&sub, "uninstall");
    assert!(!repo.hooks().exists());

    let tree = repo.linked();
    repo.keyward_ok(&tree, "install");
    repo.assert_judged(&tree);
    repo.assert_judged(&repo.top);
    repo.keyward_ok(&tree, "uninstall");
    assert!(!repo.hooks().exists());

    let other = Repo::new();
    let sub = repo.submodule(&other);
    repo.keyward_ok(&sub, "install");
    repo.assert_judged(&sub);
    assert!(!repo.hooks().exists());
}

#[test]
fn a_repository_whose_git_directory_is_elsewhere() {
    let repo = Repo::new();
    let git_dir = repo.root().join("git dir");
    let top = repo.root().join("separate");
    fs::create_dir(&top).unwrap();
    let argument = format!("--separate-git-dir={}", git_dir.display());
    repo.git_in(&top, ["init", "-q", "--template=", &argument]);
    repo.keyward_ok(&top, "install");
    assert!(git_dir.join("hooks/pre-commit").is_file());
    repo.assert_judged(&top);
    repo.keyward_ok(&top, "uninstall");
    assert!(!git_dir.join("hooks").exists());
}

#[test]
fn hooks_path() {
    let repo = Repo::new();
    for setting in [
        "tools/hooks",
        repo.top.join("tools/hooks").to_str().unwrap(),
    ] {
        repo.git(["config", "core.hooksPath", setting]);
        repo.keyward_ok(&repo.top, "install");
        assert!(repo.top.join("tools/hooks/pre-commit").is_file());
        repo.assert_judged(&repo.top);
        repo.keyward_ok(&repo.top, "uninstall");
        assert!(!repo.top.join("tools/hooks").exists());
    }

    let file = husky(&repo);
    fs::write(&file, "echo team >> \"$HOME/ran\"\nexit 0\n").unwrap();
    repo.keyward_ok(&repo.top, "install");
    repo.assert_judged(&repo.top);
    repo.keyward_ok(&repo.top, "uninstall");
    assert_eq!(
        fs::read_to_string(file).unwrap(),
        "echo team >> \"$HOME/ran\"\nexit 0\n"
    );
}

#[test]
fn hooks_path_outside_or_off_is_refused_with_the_way_out() {
    let repo = Repo::new();
    let corporate = repo.root().join("corporate");
    for setting in [corporate.to_str().unwrap(), "/dev/null", ""] {
        repo.git(["config", "--global", "core.hooksPath", setting]);
        let output = repo.keyward(&repo.top, "install");
        assert!(matches!(output.status.code(), Some(2 | 3)), "{setting}");
        let said = stderr(&output);
        assert!(
            said.contains("core.hooksPath") && said.contains(".gitconfig"),
            "{said}"
        );
        assert!(said.contains("keyward install"), "{said}");
        assert!(!corporate.exists() && !repo.hooks().exists());
    }
}

#[test]
fn a_hook_that_was_there() {
    let repo = Repo::new();
    write_script(&repo.hook(), OLD_HOOK);
    let before = snapshot(&repo.hooks());
    repo.keyward_ok(&repo.top, "install");
    repo.assert_judged(&repo.top);
    assert_eq!(repo.ran(), "old hook\nold hook\n");
    repo.keyward_ok(&repo.top, "uninstall");
    assert_eq!(snapshot(&repo.hooks()), before);
}

#[test]
fn outside_a_repository() {
    let repo = Repo::new();
    for command in ["install", "uninstall"] {
        let output = repo.keyward(&repo.root(), command);
        assert!(
            matches!(output.status.code(), Some(2 | 3)),
            "{}",
            stderr(&output)
        );
        assert!(!stderr(&output).is_empty());
    }
}

#[cfg(unix)]
#[test]
fn a_umask_does_not_make_a_dead_hook() {
    let repo = Repo::new();
    fs::create_dir(repo.hooks()).unwrap();
    let status = repo
        .command("sh", &repo.top)
        .args(["-c", "umask 0333; exec \"$0\" install >/dev/null", KEYWARD])
        .status()
        .unwrap();
    assert!(status.success());
    repo.assert_judged(&repo.top);
}

/// Processes that are killed at any moment, for as long as one takes.
#[cfg(unix)]
#[test]
fn killed_at_any_moment() {
    let repo = Repo::new();
    write_script(&repo.hook(), OLD_HOOK);
    let before = snapshot(&repo.hooks());
    for round in 0..40 {
        let command = if round % 3 == 2 {
            "uninstall"
        } else {
            "install"
        };
        let mut child = repo
            .command(KEYWARD, &repo.top)
            .arg(command)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        thread::sleep(std::time::Duration::from_micros(round * 400));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(repo.commit().status.success());
        assert_eq!(repo.ran(), "old hook\n", "round {round}");
    }
    repo.keyward_ok(&repo.top, "install");
    repo.assert_judged(&repo.top);
    repo.keyward_ok(&repo.top, "uninstall");
    assert_eq!(snapshot(&repo.hooks()), before);
}

#[cfg(unix)]
#[test]
fn processes_at_once() {
    let repo = Repo::new();
    write_script(&repo.hook(), OLD_HOOK);
    let before = snapshot(&repo.hooks());
    let children: Vec<_> = (0..12)
        .map(|_| {
            let mut command = repo.command(KEYWARD, &repo.top);
            command
                .arg("install")
                .stdout(Stdio::null())
                .spawn()
                .unwrap()
        })
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    repo.assert_judged(&repo.top);
    repo.keyward_ok(&repo.top, "uninstall");
    assert_eq!(snapshot(&repo.hooks()), before);
}
