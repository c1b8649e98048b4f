//! The programs: the keyward that the hooks call, and every git.

use std::path::PathBuf;

use super::Check;
use crate::git::GitProgram;
use crate::shell::shown_path;

/// The program that a hook calls.
#[derive(Clone, Debug)]
pub(crate) struct Called {
    /// The path in the hook.
    pub path: PathBuf,
    /// What it answers to `--version`; `None` if it can't be run.
    pub answer: Option<String>,
    /// What the hook falls back to: the `keyward` of this shell's PATH.
    pub on_path: Option<PathBuf>,
    /// Whether a program that was not started from a shell sees that too.
    pub gui_sees_it: bool,
}

/// PATH as a program has it that was not started from a shell; `None` where that is the same.
pub(crate) const fn gui_path() -> Option<&'static str> {
    if cfg!(windows) {
        None
    } else if cfg!(target_os = "macos") {
        Some("/usr/bin:/bin:/usr/sbin:/sbin")
    } else {
        Some("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
    }
}

/// Whether the hooks reach keyward, from a terminal and from a GUI. `own` is the version of the
/// program that asks.
pub(crate) fn program(called: &Called, own: &str) -> Check {
    const ABOUT: &str = "program";
    const MEND: &str = "keyward install";
    let path = shown_path(&called.path);
    let Some(answer) = &called.answer else {
        return match &called.on_path {
            None => Check::broken(
                ABOUT,
                format!(
                    "the hooks call {path}, which can't be run, and there is none on PATH: every commit is refused"
                ),
                MEND,
            ),
            Some(other) if !called.gui_sees_it => Check::broken(
                ABOUT,
                format!(
                    "the hooks call {path}, which can't be run; {} is on PATH here, and not on the short PATH of a GUI",
                    shown_path(other)
                ),
                MEND,
            ),
            Some(other) => Check::untidy(
                ABOUT,
                format!(
                    "the hooks call {path}, which can't be run, and fall back to {}",
                    shown_path(other)
                ),
                MEND,
            ),
        };
    };
    match answer.trim().strip_prefix("keyward ") {
        None => Check::broken(
            ABOUT,
            format!("the hooks call {path}, which is not keyward"),
            MEND,
        ),
        Some(version) if version != own => Check::untidy(
            ABOUT,
            format!("the hooks call keyward {version} at {path}; this is {own}"),
            MEND,
        ),
        Some(version) => Check::healthy(ABOUT, format!("keyward {version} at {path}")),
    }
}

/// The gits of this machine: the first is the one that is run.
pub(crate) fn gits(found: &[GitProgram], gui_sees_one: bool) -> Check {
    const ABOUT: &str = "git";
    let all: Vec<String> = found
        .iter()
        .map(|git| match git.version {
            Some((major, minor, patch)) => {
                format!("{major}.{minor}.{patch} at {}", shown_path(&git.path))
            }
            None => format!("an unknown version at {}", shown_path(&git.path)),
        })
        .collect();
    match (all.is_empty(), gui_sees_one) {
        (true, _) => Check::broken(
            ABOUT,
            "there is no git on PATH",
            "install git, or add it to PATH",
        ),
        (false, false) => Check::untidy(
            ABOUT,
            format!("{}; none is on the short PATH of a GUI", all.join(", ")),
            "start the GUI from a terminal, or link git into /usr/local/bin",
        ),
        (false, true) => Check::healthy(ABOUT, all.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::*;

    fn called(answer: Option<&str>, on_path: Option<&str>, gui_sees_it: bool) -> Check {
        let called = Called {
            path: "/opt/keyward".into(),
            answer: answer.map(str::to_owned),
            on_path: on_path.map(PathBuf::from),
            gui_sees_it,
        };
        program(&called, "1.2.0")
    }

    fn is_broken(check: &Check) -> bool {
        !check.is_safe()
    }

    fn is_untidy(check: &Check) -> bool {
        matches!(check.state, State::Untidy(_))
    }

    #[test]
    fn a_program_is_judged_by_its_answer_and_by_what_it_falls_back_to() {
        let seen = "keyward 1.2.0 at /opt/keyward".to_owned();
        let healthy = called(Some("keyward 1.2.0\n"), None, false);
        assert_eq!(healthy.state, State::Healthy(seen));
        assert!(is_untidy(&called(Some("keyward 1.1.0\n"), None, false)));
        assert!(is_broken(&called(Some("bash 5.2\n"), None, false)));
        assert!(is_broken(&called(Some(""), None, false)));
        assert!(is_broken(&called(None, None, false)));
        assert!(is_broken(&called(None, Some("/home/ann/keyward"), false)));
        assert!(is_untidy(&called(None, Some("/usr/bin/keyward"), true)));
    }

    #[test]
    fn every_git_is_named_and_a_gui_needs_one() {
        let git = |path: &str, version| GitProgram {
            path: path.into(),
            version,
        };
        let all = [git("/usr/bin/git", Some((2, 47, 3))), git("/opt/git", None)];
        let seen = "2.47.3 at /usr/bin/git, an unknown version at /opt/git".to_owned();
        assert_eq!(gits(&all, true).state, State::Healthy(seen));
        assert!(is_untidy(&gits(&all, false)));
        assert!(is_broken(&gits(&[], true)));
    }
}
