//! Installing twice, a hundred times, at once, and killed in between.

use std::collections::BTreeMap;
use std::fs;
#[cfg(unix)]
use std::os::unix::fs::symlink;
use std::path::Path;
use std::thread;

use keyward::parts::hook::{self, HookKind, Uninstalled};

use crate::support::rounds;

use super::{KIND, OLD_HOOK, Repo, husky, renew, set_mode, snapshot, write_script};

#[test]
fn twice_is_once() {
    let repo = Repo::new();
    write_script(&repo.hook(), OLD_HOOK);
    let original = snapshot(&repo.hooks());
    repo.install();
    let once = snapshot(&repo.hooks());
    let again = repo.install();
    assert!(again.already);
    assert_eq!(again.kept, Some(repo.kept()));
    assert_eq!(snapshot(&repo.hooks()), once);
    repo.uninstall();
    assert_eq!(repo.uninstall(), Uninstalled::Nothing);
    assert_eq!(snapshot(&repo.hooks()), original);
}

/// Something that stands where a hook goes.
type Before = (&'static str, fn(&Path));

/// What may stand there, working or not.
const BEFORE: &[Before] = &[
    ("nothing", |_| {}),
    ("sh", |hook| write_script(hook, OLD_HOOK)),
    ("Python", |hook| {
        write_script(hook, "#!/usr/bin/env python3\nprint(1)\n")
    }),
    ("CRLF, no end", |hook| {
        write_script(hook, "#!/bin/sh\r\nexit 0")
    }),
    ("a program", |hook| {
        write_script(hook, "");
        fs::write(hook, b"\x7fELF\0\xff\r\n").unwrap();
    }),
    ("empty", |hook| write_script(hook, "")),
    #[cfg(unix)]
    ("not executable", |hook| {
        write_script(hook, OLD_HOOK);
        set_mode(hook, 0o640);
    }),
    #[cfg(unix)]
    ("only for its owner", |hook| {
        write_script(hook, OLD_HOOK);
        set_mode(hook, 0o700);
    }),
    #[cfg(unix)]
    ("a link to a script", |hook| {
        let script = hook.with_file_name("team-script");
        write_script(&script, OLD_HOOK);
        symlink("team-script", hook).unwrap();
    }),
    #[cfg(unix)]
    ("a link to nowhere", |hook| {
        symlink("nowhere", hook).unwrap()
    }),
];

#[test]
fn a_hundred_times_over_any_hook_of_any_kind() {
    let times = rounds(100);
    for &kind in HookKind::ALL {
        for (name, make) in BEFORE {
            let repo = Repo::new();
            fs::create_dir_all(repo.hooks()).unwrap();
            make(&repo.hooks().join(kind.name()));
            let (place, git_dir) = (repo.place(), repo.top.join(".git"));
            let before = snapshot(&git_dir);
            for _ in 0..times {
                hook::install(&place, kind, &repo.program()).unwrap();
                hook::uninstall(&place, kind).unwrap();
            }
            assert_eq!(snapshot(&git_dir), before, "{kind} over {name}");
        }
    }
    // husky's are files of the working tree, which it reads and does not run.
    for (name, make) in BEFORE.iter().filter(|(name, _)| !name.starts_with("a ")) {
        let repo = Repo::new();
        let file = husky(&repo);
        make(&file);
        let (place, before) = (repo.place(), snapshot(&repo.top));
        for _ in 0..times {
            hook::install(&place, KIND, &repo.program()).unwrap();
            hook::uninstall(&place, KIND).unwrap();
        }
        assert_eq!(snapshot(&repo.top), before, "husky over {name}");
    }
}

#[cfg(unix)]
#[test]
fn many_at_once() {
    for old in [None, Some(OLD_HOOK)] {
        for _ in 0..rounds(40) {
            let repo = Repo::new();
            if let Some(old) = old {
                write_script(&repo.hook(), old);
            }
            let (place, program) = (repo.place(), repo.program());
            let before = snapshot(&repo.hooks());
            thread::scope(|scope| {
                for _ in 0..8 {
                    scope.spawn(|| hook::install(&place, KIND, &program).unwrap());
                }
            });
            assert_eq!(repo.install().kept.is_some(), old.is_some());
            assert!(repo.install().already);

            thread::scope(|scope| {
                for n in 0..8 {
                    let (place, program) = (&place, &program);
                    scope.spawn(move || {
                        if n % 2 == 0 {
                            hook::install(place, KIND, program).map(drop).unwrap();
                        } else {
                            hook::uninstall(place, KIND).map(drop).unwrap();
                        }
                    });
                }
            });
            repo.uninstall();
            assert_eq!(snapshot(&repo.hooks()), before);
        }
    }
}

/// Every state in which a kill can leave the hooks directory, made by hand from the states before
/// and behind it. `None` is a repository without a hooks directory.
#[test]
fn killed_between_any_two_steps() {
    type Break = fn(&Repo);
    let states: &[(&str, Option<&str>, Break)] = &[
        ("script half written", Some(OLD_HOOK), |repo| {
            write_script(
                &repo.hooks().join("pre-commit.keyward-new"),
                "#!/bin/sh\n# keyw",
            );
        }),
        ("old hook has two names", Some(OLD_HOOK), |repo| {
            fs::hard_link(repo.hook(), repo.kept()).unwrap();
        }),
        ("old hook was copied", Some(OLD_HOOK), |repo| {
            fs::copy(repo.hook(), repo.kept()).unwrap();
            renew(&repo.kept());
        }),
        ("two names and a script", Some(OLD_HOOK), |repo| {
            fs::hard_link(repo.hook(), repo.kept()).unwrap();
            repo.install();
            let new = repo.hooks().join("pre-commit.keyward-new");
            fs::rename(repo.hook(), new).unwrap();
            fs::hard_link(repo.kept(), repo.hook()).unwrap();
        }),
        ("old hook moved, script not there", Some(OLD_HOOK), |repo| {
            fs::rename(repo.hook(), repo.kept()).unwrap();
        }),
        ("directory half made", None, |repo| {
            fs::create_dir(repo.top.join(".git/hooks.keyward-new")).unwrap();
        }),
        ("directory made aside", None, |repo| {
            repo.install();
            fs::remove_file(repo.hook()).unwrap();
            fs::rename(repo.hooks(), repo.top.join(".git/hooks.keyward-new")).unwrap();
        }),
        ("directory made, no script", None, |repo| {
            repo.install();
            fs::remove_file(repo.hook()).unwrap();
        }),
        ("script written, not in place", None, |repo| {
            repo.install();
            fs::rename(repo.hook(), repo.hooks().join("pre-commit.keyward-new")).unwrap();
        }),
    ];
    for (name, old, break_it) in states {
        let intact = |repo: &Repo| {
            if let Some(old) = old {
                write_script(&repo.hook(), old);
            }
        };
        let git_dir = |repo: &Repo| {
            let hooks = snapshot(&repo.hooks());
            let aside = snapshot(&repo.top.join(".git/hooks.keyward-new"));
            hooks
                .into_iter()
                .chain(aside)
                .map(|(path, state)| (path.strip_prefix(&repo.top).unwrap().to_owned(), state))
                .collect::<BTreeMap<_, _>>()
        };
        let repo = Repo::new();
        intact(&repo);
        let before = git_dir(&repo);
        break_it(&repo);
        repo.uninstall();
        assert_eq!(git_dir(&repo), before, "{name}: uninstall");

        break_it(&repo);
        let installed = repo.install();
        assert_eq!(installed.kept.is_some(), old.is_some(), "{name}");
        repo.commit();
        let expected = if old.is_some() { "old hook\n" } else { "" };
        assert_eq!(
            repo.ran(),
            format!("{expected}keyward hook pre-commit\n"),
            "{name}"
        );
        let broken_then_installed = git_dir(&repo);
        repo.uninstall();
        assert_eq!(git_dir(&repo), before, "{name}: install, uninstall");
        repo.install();
        assert_eq!(broken_then_installed, git_dir(&repo), "{name}: install");
    }
}
