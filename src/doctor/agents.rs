//! The AI agents that are set to ask keyward: whether they do, and whether that stops a made-up key.

use super::Check;
use crate::shell::shown;

/// What these checks are about.
pub(crate) const ABOUT: &str = "agents";

/// An agent that is set to ask keyward.
#[derive(Clone, Debug)]
pub(crate) struct Asking {
    /// The name that its makers gave it.
    pub title: &'static str,
    /// The file of its settings, as it is shown.
    pub file: String,
    /// The command that they name.
    pub command: String,
    /// The events at which they name none.
    pub missing: Vec<&'static str>,
    /// What came of the command.
    pub tried: Tried,
    /// The command that writes them anew.
    pub install: String,
}

/// What came of a command that was given a made-up key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Tried {
    /// The key was refused, and what has none was not.
    Works,
    /// The program is not there.
    Missing(String),
    /// It was not run: a repository names a program of its own.
    NotRun,
    /// It ended in another way than an answer, or did not end.
    Failed(String),
    /// The key went through.
    Passes,
    /// What has no key was refused, too.
    RefusesAll,
}

/// A check for each that does not work, and one for all that do.
pub(crate) fn agents(asking: &[Asking]) -> Vec<Check> {
    let mut proven = Vec::new();
    let mut checks = Vec::new();
    for one in asking {
        match one.check() {
            Some(check) => checks.push(check),
            None => proven.push(format!("{} ({})", one.title, one.file)),
        }
    }
    if !proven.is_empty() {
        let line = format!(
            "{}: a command with a made-up key was refused, one without was not",
            proven.join(", ")
        );
        checks.insert(0, Check::healthy(ABOUT, line));
    }
    checks
}

impl Asking {
    fn check(&self) -> Option<Check> {
        let command = shown(self.command.as_bytes());
        let by = format!("{} runs {command} by {}", self.title, self.file);
        let what = match &self.tried {
            Tried::Works if self.missing.is_empty() => return None,
            Tried::Works => {
                let what = format!(
                    "{} asks by an old entry in {}: not at {}",
                    self.title,
                    self.file,
                    self.missing.join(", ")
                );
                return Some(Check::untidy(ABOUT, what, &*self.install));
            }
            Tried::NotRun => {
                let what = format!("{by}, which is not the keyward on PATH, and was not run");
                return Some(Check::untried(ABOUT, what, &*self.install));
            }
            Tried::Missing(program) => {
                let program = shown(program.as_bytes());
                let what = format!("{by}, and there is no {program}: it goes on unasked");
                let mend = match program == "keyward" {
                    true => "put keyward on PATH, then: keyward doctor",
                    false => &*self.install,
                };
                return Some(Check::broken(ABOUT, what, mend));
            }
            Tried::Failed(how) => format!("{by}, which {how}: it goes on unasked"),
            Tried::Passes => format!("{by}, and a made-up key went through"),
            Tried::RefusesAll => format!("{by}, which refuses a command without a key, too"),
        };
        Some(Check::broken(ABOUT, what, &*self.install))
    }
}

/// Settings that name keyward and can't be read.
pub(crate) fn unreadable(title: &str, file: &str, install: &str) -> Check {
    Check::broken(
        ABOUT,
        format!("{file} can't be read: {title} does not ask"),
        format!("mend the file, then: {install}"),
    )
}

/// How Aider commits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Aider {
    /// Whether it was told to run git's hooks.
    pub verifies: bool,
    /// Whether the settings have what skipped the hooks refused all the same.
    pub denies: bool,
}

/// What to say of Aider, which leaves git's hooks out unless it is told otherwise.
pub(crate) fn aider(aider: Aider) -> Option<Check> {
    if aider.verifies || aider.denies {
        return None;
    }
    Some(Check::untidy(
        ABOUT,
        "Aider commits with --no-verify unless it is told otherwise: no hook looks at its commits",
        "git-commit-verify: true in .aider.conf.yml, or unchecked = \"deny\" under [hooks] in .keyward.toml and \
         then: keyward install",
    ))
}

/// Whether all that is broken is about agents.
pub(crate) fn only_agents_are_broken(checks: &[Check]) -> bool {
    let mut broken = checks.iter().filter(|check| !check.is_safe());
    broken.all(|check| check.about == ABOUT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_to_fail_is_a_line_with_its_mend() {
        let asking = |tried: Tried, missing: &[&'static str]| Asking {
            title: "Claude Code",
            file: ".claude/settings.json".to_owned(),
            command: "keyward agent-hook claude-code".to_owned(),
            missing: missing.to_vec(),
            tried,
            install: "keyward install --agents claude-code".to_owned(),
        };
        use Tried::*;
        for (tried, missing, is_safe, words) in [
            (Works, &[][..], true, "was refused, one without was not"),
            (Works, &["PostToolUse"], true, "not at PostToolUse"),
            (
                Missing("keyward".to_owned()),
                &[],
                false,
                "no keyward: it goes on unasked",
            ),
            (
                Missing("/x/keyward".to_owned()),
                &[],
                false,
                "no /x/keyward",
            ),
            (NotRun, &[], true, "was not run"),
            (
                Failed("ended with 3".to_owned()),
                &[],
                false,
                "ended with 3",
            ),
            (Passes, &[], false, "went through"),
            (RefusesAll, &[], false, "refuses a command without"),
        ] {
            let checks = agents(&[asking(tried, missing)]);
            assert_eq!(checks.len(), 1);
            assert_eq!(checks[0].is_safe(), is_safe, "{checks:?}");
            let told = format!("{:?}", checks[0]);
            assert!(told.contains(words), "{told}");
        }
        assert_eq!(agents(&[]), []);
        assert!(
            aider(Aider {
                verifies: true,
                denies: false
            })
            .is_none()
        );
        assert!(
            aider(Aider {
                verifies: false,
                denies: true
            })
            .is_none()
        );
        assert!(
            aider(Aider {
                verifies: false,
                denies: false
            })
            .is_some()
        );
    }
}
