//! The script that is installed: what it runs, and what it says when it can not.

use std::fs;
use std::path::{Path, PathBuf};

use keyward::parts::hook::{self, What};

use super::{KIND, OLD_HOOK, Repo, renew, set_mode, snapshot, stderr, write_script};

#[test]
fn an_older_script_is_replaced_and_what_it_keeps_is_kept() {
    let repo = Repo::new();
    write_script(&repo.hook(), OLD_HOOK);
    let original = snapshot(&repo.hooks());
    repo.install();
    let current = fs::read_to_string(repo.hook()).unwrap();
    let older = current.lines().take(6).collect::<Vec<_>>().join("\n") + "\nexit 0\n";
    assert!(older.contains("keyward_previous='pre-commit.keyward-previous'"));
    fs::write(repo.hook(), older).unwrap();

    let keyward = What::Keyward {
        program: Some(repo.program()),
        lost: None,
    };
    assert_eq!(repo.found().what, keyward);
    let installed = repo.install();
    assert!(!installed.already);
    assert_eq!(installed.kept, Some(repo.kept()));
    assert_eq!(fs::read_to_string(repo.hook()).unwrap(), current);
    repo.uninstall();
    assert_eq!(snapshot(&repo.hooks()), original);
}

#[cfg(unix)]
#[test]
fn a_script_that_lost_its_permission_gets_it_back() {
    let repo = Repo::new();
    repo.install();
    set_mode(&repo.hook(), 0o644);
    assert!(!repo.found().executable);
    assert!(!repo.install().already);
    assert!(repo.found().executable);
    repo.assert_guarded(&repo.top);
}

#[test]
fn what_stands_in_the_hooks_place_is_told() {
    let repo = Repo::new();
    let what = || repo.found().what;
    let keyward = |program: PathBuf, lost: Option<&str>| What::Keyward {
        program: Some(program),
        lost: lost.map(str::to_owned),
    };
    assert_eq!(what(), What::Nothing);
    write_script(&repo.hook(), OLD_HOOK);
    assert_eq!(what(), What::Foreign);
    repo.install();
    assert!(repo.found().executable);
    assert_eq!(what(), keyward(repo.program(), None));
    let again = repo.install();
    assert!(again.already);
    assert_eq!(again.kept, Some(repo.kept()));
    let elsewhere = PathBuf::from("/elsewhere/keyward");
    assert!(
        !hook::install(&repo.place(), KIND, &elsewhere)
            .unwrap()
            .already
    );
    assert_eq!(what(), keyward(elsewhere.clone(), None));
    fs::remove_file(repo.kept()).unwrap();
    assert_eq!(
        what(),
        keyward(elsewhere, Some("pre-commit.keyward-previous"))
    );
    fs::write(repo.hook(), "").unwrap();
    assert_eq!(what(), What::Empty);
}

#[cfg(unix)]
#[test]
fn the_program_is_gone() {
    let repo = Repo::new();
    repo.install();
    let moved = repo.home().join("elsewhere/keyward");
    fs::create_dir(moved.parent().unwrap()).unwrap();
    fs::rename(repo.program(), &moved).unwrap();

    let output = repo.commit();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        stderr(&output),
        format!(
            "keyward: its program is neither at {} nor on PATH, so this commit is refused.\n  \
             to go on   install it (https://github.com/keyward/keyward), then run here: keyward install\n  \
             to remove  rm \"{}\"\n",
            repo.program().display(),
            repo.hook().display()
        )
    );
    let hook = repo.command(repo.hook(), &repo.top).status().unwrap();
    assert_eq!(hook.code(), Some(3));

    // On PATH it is found wherever it is.
    let path = format!(
        "{}:{}",
        moved.parent().unwrap().display(),
        std::env::var("PATH").unwrap()
    );
    let mut commit = repo.command("git", &repo.top);
    let commit = commit
        .args(["commit", "-q", "--allow-empty", "-m", "x"])
        .env("PATH", path);
    assert!(commit.status().unwrap().success());
    assert_eq!(repo.ran(), "keyward hook pre-commit\n");
}

#[cfg(unix)]
#[test]
fn the_way_out_that_the_script_names_works() {
    for old in [None, Some(OLD_HOOK)] {
        let repo = Repo::new();
        if let Some(old) = old {
            write_script(&repo.hook(), old);
        }
        let before = snapshot(&repo.hooks());
        repo.install();
        fs::remove_file(repo.program()).unwrap();
        let text = stderr(&repo.commit());
        let (_, remove) = text.split_once("to remove  ").unwrap();
        let status = repo
            .command("sh", Path::new("/"))
            .args(["-c", remove])
            .status()
            .unwrap();
        assert!(status.success());
        repo.uninstall();
        assert_eq!(snapshot(&repo.hooks()), before);
    }
}

#[test]
fn an_empty_program_is_no_silent_pass() {
    let repo = Repo::new();
    repo.install();
    fs::write(repo.program(), "").unwrap();
    assert_eq!(repo.commit().status.code(), Some(1));
}

#[cfg(unix)]
#[test]
fn the_short_path_of_a_gui() {
    let repo = Repo::new();
    repo.install();
    let git = std::env::split_paths(&std::env::var_os("PATH").unwrap())
        .map(|dir| dir.join("git"))
        .find(|path| path.is_file())
        .unwrap();
    let status = repo
        .command(git, &repo.top)
        .args(["commit", "-q", "--allow-empty", "-m", "x"])
        .env("PATH", "/usr/bin:/bin")
        .status()
        .unwrap();
    assert!(status.success());
    assert_eq!(repo.ran(), "keyward hook pre-commit\n");
}

#[cfg(unix)]
#[test]
fn every_shell_reads_the_script() {
    let repo = Repo::new();
    write_script(&repo.hook(), OLD_HOOK);
    repo.install();
    let shells: [&[&str]; 5] = [
        &["sh"],
        &["dash"],
        &["bash", "--posix"],
        &["busybox", "sh"],
        &["sh", "-eu"],
    ];
    for shell in shells {
        let mut command = repo.command(shell[0], &repo.top);
        let Ok(status) = command
            .args(&shell[1..])
            .arg(".git/hooks/pre-commit")
            .status()
        else {
            assert_ne!(shell[0], "sh");
            continue;
        };
        assert!(status.success(), "{shell:?}");
        assert_eq!(
            repo.ran(),
            "old hook\nkeyward hook pre-commit\n",
            "{shell:?}"
        );
    }
    // Started inside the directory, its own name has no directory in it.
    let status = repo
        .command("sh", &repo.hooks())
        .arg("pre-commit")
        .status()
        .unwrap();
    assert!(status.success());
    assert_eq!(repo.ran(), "old hook\nkeyward hook pre-commit\n");
}

#[cfg(unix)]
#[test]
fn program_paths_of_all_sorts() {
    let repo = Repo::new();
    for name in [
        "it's",
        "a \"b\"",
        "$HOME",
        "`x`",
        "back\\slash",
        "new\nline",
        "-n",
        "ключ",
        "@PREVIOUS@",
    ] {
        let program = repo.home().join(name).join("keyward");
        repo.write_program(&program);
        let installed = hook::install(&repo.place(), KIND, &program).unwrap();
        renew(&installed.path);
        repo.assert_guarded(&repo.top);
        let keyward = What::Keyward {
            program: Some(program),
            lost: None,
        };
        assert_eq!(repo.found().what, keyward);
    }
    repo.uninstall();
    assert!(!repo.hooks().exists());
}
