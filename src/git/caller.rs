//! The git command whose hook this process serves.

use std::borrow::Cow;
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

/// What a command of git that makes a commit was told about the message, by its options.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    /// Which command it is.
    pub(super) is_commit: bool,
    /// What becomes of comments and scissors: `--cleanup`.
    pub(super) cleanup: Option<String>,
    /// Whether it shows its diff to the writer, and cuts it off again: `-v`, `--no-verbose`.
    pub(super) is_verbose: Option<bool>,
    /// Whether it may have no editor, by which comments stay.
    pub(super) is_given: bool,
}

/// What the nearest git that this process descends from was told, if that is `git commit` or `git merge`.
///
/// `None` also where that can't be seen: another user's process, an old git that runs its aliases by itself.
pub(super) fn told() -> Option<Told> {
    let mut system = System::new();
    let mut pid = sysinfo::get_current_pid().ok()?;
    for _ in 0..BETWEEN {
        let process = process(&mut system, pid)?;
        if is_git(process.cmd()) {
            return told_by(process.cmd());
        }
        pid = process.parent()?;
    }
    None
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

/// A command that makes a commit, and its options whose value is an argument of its own, long ones and letters.
struct Makes {
    name: &'static str,
    long: &'static [&'static str],
    letters: &'static [u8],
}

const COMMIT: Makes = Makes {
    name: "commit",
    long: &[
        "--author",
        "--cleanup",
        "--date",
        "--file",
        "--fixup",
        "--message",
        "--pathspec-from-file",
        "--reedit-message",
        "--reuse-message",
        "--squash",
        "--template",
        "--trailer",
    ],
    letters: b"CFcmt",
};

const MERGE: Makes = Makes {
    name: "merge",
    long: &[
        "--cleanup",
        "--file",
        "--into-name",
        "--message",
        "--strategy",
        "--strategy-option",
    ],
    letters: b"FXms",
};

/// What a command line of git tells, however its options are shortened; `None` unless it is of a command that is known.
fn told_by(command: &[OsString]) -> Option<Told> {
    let mut arguments = command
        .iter()
        .skip(1)
        .map(|argument| argument.to_string_lossy());
    let name = loop {
        let argument = arguments.next()?;
        if WITH_VALUE.contains(&&*argument) {
            arguments.next();
        } else if !argument.starts_with('-') {
            break argument;
        }
    };
    let makes = [COMMIT, MERGE].into_iter().find(|it| it.name == name)?;
    let mut told = Told {
        is_commit: makes.name == COMMIT.name,
        ..Told::default()
    };
    while let Some(argument) = arguments.next() {
        if argument == "--" {
            break;
        }
        let is_apart = match argument.strip_prefix("--") {
            Some(_) => told.hear(&argument, &makes),
            None => match argument.strip_prefix('-') {
                Some(letters) => told.hear_letters(letters.as_bytes(), &makes),
                None => false,
            },
        };
        if is_apart {
            let value = arguments.next();
            if is_short_for(&argument, "--cleanup") {
                told.cleanup = value.map(Cow::into_owned);
            }
        }
    }
    // What a merge shows is none of its message.
    if !told.is_commit {
        told.is_verbose = Some(false);
    }
    Some(told)
}

/// Whether an option is that one, or the start of it: of several that start so, git takes none.
fn is_short_for(option: &str, whole: &str) -> bool {
    option.len() > "--".len() && whole.starts_with(option)
}

impl Told {
    /// Takes in a long option. Whether its value is the next argument.
    fn hear(&mut self, option: &str, makes: &Makes) -> bool {
        /// Those that bring a message, or say that nobody edits it.
        const GIVE: &[&str] = &["--f", "--m", "--no-e", "--r"];
        let (name, value) = match option.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (option, None),
        };
        if is_short_for(name, "--verbose") {
            self.is_verbose = Some(true);
        } else if is_short_for(name, "--no-verbose") && !is_short_for(name, "--no-verify") {
            self.is_verbose = Some(false);
        } else if is_short_for(name, "--no-cleanup") {
            self.cleanup = Some("default".to_owned());
        } else if let Some(value) = value.filter(|_| is_short_for(name, "--cleanup")) {
            self.cleanup = Some(value.to_owned());
        }
        self.is_given |= GIVE.iter().any(|start| name.starts_with(start));
        value.is_none() && makes.long.iter().any(|long| is_short_for(name, long))
    }

    /// Takes in options of a letter. Whether the value of the last is the next argument.
    fn hear_letters(&mut self, letters: &[u8], makes: &Makes) -> bool {
        for (at, letter) in letters.iter().enumerate() {
            self.is_given |= b"CFm".contains(letter);
            match letter {
                b'v' => self.is_verbose = Some(true),
                // What follows is its value, if it has one.
                b'S' | b'u' => return false,
                _ if makes.letters.contains(letter) => return at + 1 == letters.len(),
                _ => {}
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    fn told(line: &str) -> Told {
        let command = command(line);
        assert!(is_git(&command), "{line}");
        told_by(&command).unwrap_or_else(|| panic!("{line}"))
    }

    #[test]
    fn a_commit_tells_what_becomes_of_its_message() {
        for (line, cleanup, is_verbose, is_given) in [
            ("git commit", None, None, false),
            ("/usr/bin/git commit -v --amend", None, Some(true), false),
            (
                "git -c user.name=commit -C deep commit --all",
                None,
                None,
                false,
            ),
            ("git --git-dir .git --work-tree=. commit", None, None, false),
            (
                "git commit --cleanup=verbatim",
                Some("verbatim"),
                None,
                false,
            ),
            (
                "git commit --amend --cleanup whitespace",
                Some("whitespace"),
                None,
                false,
            ),
            ("git commit --cl=verbatim", Some("verbatim"), None, false),
            (
                "git commit --cleanup=strip --clean scissors -q",
                Some("scissors"),
                None,
                false,
            ),
            (
                "git commit --cleanup=strip --no-cleanup",
                Some("default"),
                None,
                false,
            ),
            ("git commit -m subject", None, None, true),
            ("git commit -qam subject", None, None, true),
            ("git commit --file=message", None, None, true),
            ("git commit --amend --no-edit", None, None, true),
            ("git commit -av", None, Some(true), false),
            ("git commit --verbose -q", None, Some(true), false),
            ("git commit --verb --no-verbose", None, Some(false), false),
            ("git commit --no-verify", None, None, false),
            ("git commit -Sv -uv", None, None, false),
            ("git commit -m -v", None, None, true),
            ("git commit -mv", None, None, true),
            ("git commit -t --no-verbose", None, None, false),
            ("git commit --author -v --date -v", None, None, false),
            ("git commit x -v", None, Some(true), false),
            ("git commit -- -v --cleanup=strip", None, None, false),
        ] {
            let expected = Told {
                is_commit: true,
                cleanup: cleanup.map(str::to_owned),
                is_verbose,
                is_given,
            };
            assert_eq!(told(line), expected, "{line}");
        }
        let merge = told("git merge -v --cleanup=whitespace -s ours --edit topic");
        assert_eq!(merge.cleanup.as_deref(), Some("whitespace"));
        assert!(!merge.is_commit && merge.is_verbose == Some(false));
    }

    #[test]
    fn of_other_commands_nothing_is_told() {
        for other in [
            "git -c core.editor=x ci",
            "git rebase --continue",
            "git cherry-pick -e commit",
            "git -c commit",
            "git",
        ] {
            let other = command(other);
            assert!(is_git(&other) && told_by(&other).is_none(), "{other:?}");
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
