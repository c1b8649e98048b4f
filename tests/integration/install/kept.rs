//! Hooks that were there: they run first, and come back.

use std::fs;
#[cfg(unix)]
use std::os::unix::fs::{MetadataExt, symlink};

use keyward::parts::hook::Uninstalled;

use super::{OLD_HOOK, Repo, renew, set_mode, snapshot, stderr, write_script};

/// Hooks of all sorts. Each writes down that it ran, or can't.
#[cfg(unix)]
fn old_hooks() -> Vec<(&'static str, &'static str)> {
    vec![
        ("sh", OLD_HOOK),
        (
            "exit 0 at the end",
            "#!/bin/sh\necho old hook >> \"$HOME/ran\"\nexit 0\n",
        ),
        (
            "exec",
            "#!/bin/sh\nexec sh -c 'echo old hook >> \"$HOME/ran\"'\n",
        ),
        ("no first line", "echo old hook >> \"$HOME/ran\"\n"),
        ("no line end", "#!/bin/sh\necho old hook >> \"$HOME/ran\""),
        (
            "Python",
            "#!/usr/bin/env python3\nimport os\n\
             open(os.environ['HOME'] + '/ran', 'a').write('old hook\\n')\n",
        ),
        (
            "Perl",
            "#!/usr/bin/perl\nopen F, '>>', \"$ENV{HOME}/ran\"; print F \"old hook\\n\";\n",
        ),
    ]
}

#[cfg(unix)]
#[test]
fn a_hook_that_was_there_runs_first_and_comes_back() {
    for (name, text) in old_hooks() {
        let repo = Repo::new();
        write_script(&repo.hook(), text);
        set_mode(&repo.hook(), 0o750);
        if !repo.commit().status.success() {
            // Perl and Python are not on every machine.
            assert!(["Python", "Perl"].contains(&name), "{name}");
            continue;
        }
        assert_eq!(repo.ran(), "old hook\n");
        let before = snapshot(&repo.hooks());
        let inode = fs::metadata(repo.hook()).unwrap().ino();

        let installed = repo.install();
        assert_eq!(installed.kept, Some(repo.kept()), "{name}");
        assert!(repo.commit().status.success());
        assert_eq!(repo.ran(), "old hook\nkeyward hook pre-commit\n", "{name}");
        repo.verdict(1);
        assert_eq!(repo.commit().status.code(), Some(1));

        assert_eq!(repo.uninstall(), Uninstalled::Restored(repo.hook()));
        assert_eq!(snapshot(&repo.hooks()), before, "{name}");
        assert_eq!(fs::metadata(repo.hook()).unwrap().ino(), inode);
    }
}

#[cfg(unix)]
#[test]
fn a_program_as_hook() {
    let repo = Repo::new();
    fs::create_dir(repo.hooks()).unwrap();
    let path = std::env::var_os("PATH").unwrap();
    let find = |name: &str| {
        std::env::split_paths(&path)
            .map(|dir| dir.join(name))
            .find(|path| path.is_file())
            .unwrap()
    };
    for (program, code) in [("true", 0), ("false", 1)] {
        fs::copy(find(program), repo.hook()).unwrap();
        renew(&repo.hook());
        let before = snapshot(&repo.hooks());
        repo.install();
        assert_eq!(repo.commit().status.code(), Some(code));
        assert_eq!(repo.ran().is_empty(), code != 0);
        repo.uninstall();
        assert_eq!(snapshot(&repo.hooks()), before);
    }
}

#[cfg(unix)]
#[test]
fn a_hook_that_git_passes_over_is_kept_and_not_run() {
    let repo = Repo::new();
    write_script(&repo.hook(), OLD_HOOK);
    set_mode(&repo.hook(), 0o644);
    let before = snapshot(&repo.hooks());
    repo.install();
    repo.assert_guarded(&repo.top);
    repo.uninstall();
    assert_eq!(snapshot(&repo.hooks()), before);
}

#[cfg(unix)]
#[test]
fn links_stay_links() {
    let repo = Repo::new();
    let target = repo.top.join("tools/check.sh");
    write_script(&target, OLD_HOOK);
    fs::create_dir(repo.hooks()).unwrap();

    symlink("../../tools/check.sh", repo.hook()).unwrap();
    let before = snapshot(&repo.hooks());
    repo.install();
    assert!(repo.commit().status.success());
    assert_eq!(repo.ran(), "old hook\nkeyward hook pre-commit\n");
    repo.uninstall();
    assert_eq!(snapshot(&repo.hooks()), before);

    fs::remove_file(&target).unwrap();
    repo.install();
    repo.assert_guarded(&repo.top);
    repo.uninstall();
    assert_eq!(snapshot(&repo.hooks()), before);
    assert_eq!(fs::read_to_string(target).ok(), None);
}

#[cfg(unix)]
#[test]
fn arguments_standard_input_and_exit_code_pass_through() {
    let repo = Repo::new();
    write_script(
        &repo.hook(),
        "#!/bin/sh\nprintf '%s\\n' \"$@\" > \"$HOME/args\"\ncat > \"$HOME/stdin\"\nexit 7\n",
    );
    repo.install();
    fs::write(repo.home().join("input"), "a line\nno end").unwrap();
    let status = repo
        .command(repo.hook(), &repo.top)
        .args(["one", "", "two words", "*"])
        .stdin(fs::File::open(repo.home().join("input")).unwrap())
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(7));
    assert_eq!(
        fs::read_to_string(repo.home().join("args")).unwrap(),
        "one\n\ntwo words\n*\n"
    );
    assert_eq!(
        fs::read_to_string(repo.home().join("stdin")).unwrap(),
        "a line\nno end"
    );
    assert_eq!(repo.ran(), "");
}

#[test]
fn keyward_sees_what_the_hook_before_it_staged() {
    let repo = Repo::new();
    write_script(
        &repo.hook(),
        "#!/bin/sh\necho formatted > file\ngit add file\n",
    );
    repo.install();
    fs::write(repo.top.join("file"), "unformatted\n").unwrap();
    repo.git(["add", "file"]);
    repo.git(["commit", "-q", "-m", "file"]);
    let staged = fs::read_to_string(repo.home().join("staged")).unwrap();
    assert!(
        staged.contains(&repo.git(["rev-parse", "HEAD:file"])),
        "{staged}"
    );
    assert_eq!(repo.git(["show", "HEAD:file"]), "formatted");
}

/// What `pre-commit install` does: it moves keyward's script to `.legacy` and runs it from its own.
fn another_tool(repo: &Repo) {
    fs::rename(repo.hook(), repo.hooks().join("pre-commit.legacy")).unwrap();
    write_script(
        &repo.hook(),
        "#!/bin/sh\necho tool >> \"$HOME/ran\"\n\"${0%/*}/pre-commit.legacy\" \"$@\"\n",
    );
}

#[test]
fn another_tool_that_keeps_keywards_script_in_its_turn() {
    let both = "keyward hook pre-commit\nkeyward hook pre-commit\n";
    for (old, expected) in [
        (None, format!("tool\n{both}")),
        (Some(OLD_HOOK), format!("tool\nold hook\n{both}")),
    ] {
        let repo = Repo::new();
        if let Some(old) = old {
            write_script(&repo.hook(), old);
        }
        repo.install();
        another_tool(&repo);
        let before = snapshot(&repo.hooks());
        repo.install();
        assert!(repo.commit().status.success());
        assert_eq!(repo.ran(), expected);
        repo.uninstall();
        assert_eq!(snapshot(&repo.hooks()), before);

        // With the old hook gone its name is free, but keyward's first script would run it.
        let _ = fs::remove_file(repo.kept());
        repo.install();
        repo.commit();
        assert_eq!(repo.ran().matches("tool").count(), 1);
    }
}

#[test]
fn a_second_hook_does_not_overwrite_the_first_that_was_kept() {
    let repo = Repo::new();
    write_script(&repo.hook(), OLD_HOOK);
    repo.install();
    write_script(&repo.hook(), "#!/bin/sh\necho second >> \"$HOME/ran\"\n");
    let before = snapshot(&repo.hooks());
    repo.install();
    assert!(repo.commit().status.success());
    assert_eq!(repo.ran(), "second\nkeyward hook pre-commit\n");
    repo.uninstall();
    assert_eq!(snapshot(&repo.hooks()), before);
}

#[test]
fn the_hook_that_was_kept_is_gone() {
    let repo = Repo::new();
    write_script(&repo.hook(), OLD_HOOK);
    repo.install();
    fs::remove_file(repo.kept()).unwrap();
    let output = repo.commit();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stderr(&output).contains("pre-commit.keyward-previous, is gone"),
        "{}",
        stderr(&output)
    );
    assert_eq!(repo.ran(), "");
    repo.install();
    repo.assert_guarded(&repo.top);
}

#[test]
fn a_foreign_script_cannot_have_a_file_elsewhere_moved() {
    let repo = Repo::new();
    let precious = repo.top.join("precious");
    fs::write(&precious, "precious").unwrap();
    write_script(
        &repo.hook(),
        "#!/bin/sh\n# keyward hook: pre-commit\nkeyward_previous='../../precious'\n",
    );
    repo.uninstall();
    assert_eq!(fs::read_to_string(precious).unwrap(), "precious");
}
