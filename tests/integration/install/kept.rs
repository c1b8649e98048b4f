//! Hooks that were there: they run first, and come back.

use std::collections::{BTreeSet, VecDeque};
use std::fs;
#[cfg(unix)]
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::Path;

use keyward::parts::hook::{self, Uninstalled};

use super::{KIND, OLD_HOOK, Repo, renew, set_mode, snapshot, stderr, write_script};

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

/// What pre-commit and prek write, as far as it matters here: what they found runs first, and they end with
/// an error where they come up below themselves.
const GENERATED: &str = "#!/usr/bin/env bash\n# File generated by pre-commit: https://pre-commit.com\n\
    [ -z \"$PRE_COMMIT_RUNNING_LEGACY\" ] || { echo 'bug: migration mode' >&2; exit 1; }\n\
    code=0\nlegacy=\"${0%/*}/pre-commit.legacy\"\n\
    [ ! -x \"$legacy\" ] || PRE_COMMIT_RUNNING_LEGACY=1 \"$legacy\" \"$@\" || code=1\n\
    echo tool >> \"$HOME/ran\"\nexit $code\n";

fn is_generated(path: &Path) -> bool {
    fs::read_to_string(path).is_ok_and(|text| text == GENERATED)
}

fn tool_installs(repo: &Repo) {
    if repo.hook().exists() && !is_generated(&repo.hook()) {
        fs::rename(repo.hook(), repo.hooks().join("pre-commit.legacy")).unwrap();
    }
    write_script(&repo.hook(), GENERATED);
}

fn tool_uninstalls(repo: &Repo) {
    if is_generated(&repo.hook()) {
        fs::remove_file(repo.hook()).unwrap();
        let _ = fs::rename(repo.hooks().join("pre-commit.legacy"), repo.hook());
    }
}

fn uninstall_all(repo: &Repo) {
    repo.uninstall();
    hook::uninstall_parked(&repo.place(), KIND).unwrap();
}

#[test]
fn beside_pre_commit_every_order_is_the_same() {
    /// What changes the hooks, and which of (tool, keyward) is set up after it.
    type Step = (&'static str, fn(&Repo), fn([bool; 2]) -> [bool; 2]);
    const STEPS: [Step; 4] = [
        ("tool", tool_installs, |[_, keyward]| [true, keyward]),
        ("no tool", tool_uninstalls, |[_, keyward]| [false, keyward]),
        (
            "keyward",
            |repo| drop(repo.install()),
            |[tool, _]| [tool, true],
        ),
        ("no keyward", uninstall_all, |[tool, _]| [tool, false]),
    ];
    for old in [None, Some(OLD_HOOK)] {
        let repo = Repo::new();
        if let Some(old) = old {
            write_script(&repo.hook(), old);
        }
        // What the next step does hangs on the files alone: each state of them is tried once, and with
        // that every order of any length.
        let mut seen = BTreeSet::from([([false; 2], snapshot(&repo.hooks()))]);
        let mut ways = VecDeque::from([Vec::<Step>::new()]);
        while let Some(way) = ways.pop_front() {
            for step in STEPS {
                let _ = fs::remove_dir_all(repo.hooks());
                if let Some(old) = old {
                    write_script(&repo.hook(), old);
                }
                let way: Vec<Step> = way.iter().copied().chain([step]).collect();
                let mut set_up = [false; 2];
                for (_, take, after) in &way {
                    take(&repo);
                    set_up = after(set_up);
                }
                if !seen.insert((set_up, snapshot(&repo.hooks()))) {
                    continue;
                }
                let told: Vec<_> = way.iter().map(|(name, ..)| *name).collect();
                assert!(told.len() < 8, "the files never come to rest: {told:?}");
                let output = repo.commit();
                assert!(output.status.success(), "{told:?}: {}", stderr(&output));
                let ran = repo.ran();
                for (line, runs) in [
                    ("tool", set_up[0]),
                    ("old hook", old.is_some()),
                    ("keyward hook pre-commit", set_up[1]),
                ] {
                    let times = ran.lines().filter(|it| *it == line).count();
                    assert_eq!(times, usize::from(runs), "{told:?}: {ran}");
                }
                ways.push_back(way);
            }
        }
        assert!(seen.len() >= 4);
    }
}

#[test]
fn what_an_older_keyward_left_beside_pre_commit_is_mended() {
    let older = |repo: &Repo, hook: &Path| {
        // It kept pre-commit's own script and stood above it.
        fs::copy(repo.hook(), repo.kept()).unwrap();
        let text = {
            let scratch = Repo::new();
            write_script(&scratch.hook(), OLD_HOOK);
            scratch.install();
            let text = fs::read_to_string(scratch.hook()).unwrap();
            text.replace(
                scratch.program().to_str().unwrap(),
                repo.program().to_str().unwrap(),
            )
        };
        fs::remove_file(hook).ok();
        write_script(hook, &text);
    };
    let quoted = |repo: &Repo| repo.program().to_str().unwrap().replace('\'', r"'\''");
    for again in [false, true] {
        let repo = Repo::new();
        tool_installs(&repo);
        older(&repo, &repo.hook());
        let text = fs::read_to_string(repo.hook()).unwrap();
        let line = text
            .lines()
            .find(|it| it.starts_with("keyward_program="))
            .unwrap();
        let named = format!("keyward_program='{}'", quoted(&repo));
        fs::write(repo.hook(), text.replace(line, &named)).unwrap();
        if again {
            tool_installs(&repo);
        }
        // As it stands, a clean commit passes, and keyward looks at it.
        let output = repo.commit();
        assert!(output.status.success(), "{}", stderr(&output));
        let ran = repo.ran();
        assert!(
            ran.contains("tool") && ran.contains("keyward hook"),
            "{ran}"
        );
        repo.install();
        assert!(repo.commit().status.success());
        assert_eq!(repo.ran(), "keyward hook pre-commit\ntool\n");
        assert!(!repo.kept().exists() && is_generated(&repo.hook()));
        uninstall_all(&repo);
        assert!(repo.commit().status.success());
        assert_eq!(repo.ran(), "tool\n");
        assert!(!repo.hooks().join("pre-commit.legacy").exists());
    }
}

#[test]
fn what_another_tool_moved_aside_is_taken_out_unless_it_is_run() {
    // lefthook moves it and runs it no more.
    for old in [None, Some(OLD_HOOK)] {
        let repo = Repo::new();
        if let Some(old) = old {
            write_script(&repo.hook(), old);
        }
        repo.install();
        let aside = repo.hooks().join("pre-commit.old");
        fs::rename(repo.hook(), &aside).unwrap();
        write_script(&repo.hook(), "#!/bin/sh\ncall_lefthook run pre-commit\n");
        uninstall_all(&repo);
        assert_eq!(fs::read_to_string(&aside).ok().as_deref(), old);
        assert!(!repo.kept().exists());
    }
    // What was there first is that tool's own, which it wrote again: once is enough, however often that was.
    for times in 1..=2 {
        const OWN: &str = "#!/bin/sh\ncall_lefthook run pre-commit\n";
        let repo = Repo::new();
        write_script(&repo.hook(), OWN);
        let before = snapshot(&repo.hooks());
        for _ in 0..times {
            repo.install();
            fs::rename(repo.hook(), repo.hooks().join("pre-commit.old")).unwrap();
            write_script(&repo.hook(), OWN);
        }
        uninstall_all(&repo);
        assert_eq!(snapshot(&repo.hooks()), before);
    }
    let repo = Repo::new();
    repo.install();
    another_tool(&repo);
    let left = hook::uninstall_parked(&repo.place(), KIND).unwrap();
    let parked = repo.hooks().join("pre-commit.legacy");
    assert_eq!(left, [Uninstalled::Parked(parked.clone())]);
    assert!(parked.exists());
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
