//! The forge that a repository is pushed to, asked through the command that its user has signed in with.

use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use super::Repo;

/// A forge that has such a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Forge {
    /// GitHub, by `gh`.
    GitHub,
    /// GitLab, by `glab`.
    GitLab,
}

/// What a forge says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// What was asked for, as JSON.
    Said(Vec<u8>),
    /// Nothing: it is not there, or not for this user.
    Refused,
}

impl Forge {
    /// Its command.
    pub(crate) const fn program(self) -> &'static str {
        match self {
            Self::GitHub => "gh",
            Self::GitLab => "glab",
        }
    }

    /// The forge of that command.
    pub(crate) fn of_program(name: &str) -> Option<Self> {
        [Self::GitHub, Self::GitLab]
            .into_iter()
            .find(|forge| forge.program() == name)
    }
}

impl Repo {
    /// Asks the forge for what is at a path of its API. What its command writes to standard error is not passed on.
    ///
    /// # Errors
    /// When there is no such command.
    pub(crate) fn ask_forge(&self, forge: Forge, path: &str) -> Result<Answer> {
        let program = forge.program();
        let asked = Command::new(program)
            .args(["api", path])
            .current_dir(self.worktree()?)
            .env("GH_PROMPT_DISABLED", "1")
            .env("NO_PROMPT", "1")
            .stdin(Stdio::null())
            .output()
            .with_context(|| {
                format!("cannot run `{program}`: install it and sign in, by {program} auth login")
            })?;
        Ok(match asked.status.success() {
            true => Answer::Said(asked.stdout),
            false => Answer::Refused,
        })
    }
}
