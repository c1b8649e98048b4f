//! The git command whose hook this process serves.

use std::ffi::OsString;
use std::path::Path;
use sysinfo::{Pid, Process, ProcessRefreshKind, ProcessesToUpdate, System, UpdateKind};

/// A bound: how many processes may stand between git and this one, such as shells and other managers of hooks.
const BETWEEN: usize = 16;

/// git's own options whose value is an argument of its own (git(1)).
const WITH_VALUE: &[&str] = &[
    "-c",
    "-C",
    "--attr-source",
    "--config-env",
    "--git-dir",
    "--namespace",
    "--super-prefix",
    "--work-tree",
];

/// Whether the nearest git that this process descends from is a `git commit` that no `--cleanup` was given to.
///
/// `false` also where that can't be seen: another user's process, an old git that runs its aliases by itself.
pub(super) fn cleans_by_default() -> bool {
    let mut system = System::new();
    let Ok(mut pid) = sysinfo::get_current_pid() else {
        return false;
    };
    for _ in 0..BETWEEN {
        let Some(process) = process(&mut system, pid) else {
            return false;
        };
        if is_git(process.cmd()) {
            return is_plain_commit(process.cmd());
        }
        let Some(parent) = process.parent() else {
            return false;
        };
        pid = parent;
    }
    false
}

fn process(system: &mut System, pid: Pid) -> Option<&Process> {
    let wanted = ProcessRefreshKind::nothing().with_cmd(UpdateKind::Always);
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), false, wanted);
    system.process(pid)
}

fn is_git(command: &[OsString]) -> bool {
    let name = command
        .first()
        .and_then(|program| Path::new(program).file_stem());
    name.is_some_and(|name| name.eq_ignore_ascii_case("git"))
}

/// Whether a command line of git is one of `commit` without the option, however that is shortened.
fn is_plain_commit(command: &[OsString]) -> bool {
    let mut arguments = command
        .iter()
        .skip(1)
        .map(|argument| argument.to_string_lossy());
    while let Some(argument) = arguments.next() {
        if WITH_VALUE.contains(&&*argument) {
            arguments.next();
        } else if !argument.starts_with('-') {
            return argument == "commit" && !arguments.any(|option| says_otherwise(&option));
        }
    }
    false
}

/// Whether an option of `git commit` says what becomes of comments, or that there is no editor, by which they stay.
fn says_otherwise(option: &str) -> bool {
    const LONG: &[&str] = &["--c", "--f", "--m", "--no-e", "--r"];
    let has_message = |letters: &str| letters.contains(['C', 'F', 'm']);
    match option.strip_prefix('-') {
        Some(letters) if !letters.starts_with('-') => has_message(letters),
        _ => LONG.iter().any(|start| option.starts_with(start)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    #[test]
    fn only_a_commit_without_the_option_is_plain() {
        for plain in [
            "git commit",
            "/usr/bin/git commit -v --amend",
            "git -c user.name=commit -C deep commit --all",
            "git --git-dir .git --work-tree=. commit",
        ] {
            assert!(
                is_git(&command(plain)) && is_plain_commit(&command(plain)),
                "{plain}"
            );
        }
        for other in [
            "git commit --cleanup=verbatim",
            "git commit --amend --cleanup whitespace",
            "git commit --cl=verbatim",
            "git commit -m subject",
            "git commit -qam subject",
            "git commit --file=message",
            "git commit --amend --no-edit",
            "git -c core.editor=x ci",
            "git rebase --continue",
            "git merge commit",
            "git -c commit",
            "git",
        ] {
            assert!(
                is_git(&command(other)) && !is_plain_commit(&command(other)),
                "{other}"
            );
        }
        for program in ["bash git commit", "legit commit", ""] {
            assert!(!is_git(&command(program)), "{program}");
        }
    }

    #[test]
    fn what_no_git_started_is_no_commit() {
        // Were it one, the hooks of the commit that runs these tests would be what is seen.
        let mut system = System::new();
        let own = process(&mut system, sysinfo::get_current_pid().unwrap()).unwrap();
        assert!(!is_git(own.cmd()) && own.parent().is_some());
    }
}
