//! The set-up, examined: what git will really run, and whether it does its work.
//!
//! Each check takes plain facts and gives a [`Check`]: healthy, or what is wrong and the one
//! command that mends it. The facts are gathered by the caller, except for the [self-test], which
//! runs what git would run.
//!
//! [self-test]: mod@self_test

mod agents;
pub(crate) mod ci;
pub(crate) mod forge;
mod hooks;
mod machine;
mod self_test;
mod upkeep;

use crate::config::{self, ConfigError};

pub(crate) use agents::{Aider, Asking, Tried, agents, aider, only_agents_are_broken, unreadable};
pub(crate) use hooks::{Hooks, Shadow, hooks};
pub(crate) use machine::{Called, gits, gui_path, program};
pub(crate) use self_test::{Bait, self_test};
pub(crate) use upkeep::{Worn, tracked, unignored};

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Check {
    /// What was looked at, in a word.
    pub about: &'static str,
    /// How it is.
    pub state: State,
}

/// How a thing is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// As it should be: what was seen, in one line.
    Healthy(String),
    /// As it should be by what is written there, which nobody has tried.
    Untried(Fault),
    /// Untidy, and no danger.
    Untidy(Fault),
    /// Commits are not checked, or not as they should be.
    Broken(Fault),
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// In one line.
    pub what: String,
    /// The command that mends it, or the file and the line to correct.
    pub mend: String,
}

impl Check {
    fn healthy(about: &'static str, seen: impl Into<String>) -> Self {
        let state = State::Healthy(seen.into());
        Self { about, state }
    }

    fn untried(about: &'static str, what: impl Into<String>, mend: impl Into<String>) -> Self {
        let (what, mend) = (what.into(), mend.into());
        let state = State::Untried(Fault { what, mend });
        Self { about, state }
    }

    fn untidy(about: &'static str, what: impl Into<String>, mend: impl Into<String>) -> Self {
        let (what, mend) = (what.into(), mend.into());
        let state = State::Untidy(Fault { what, mend });
        Self { about, state }
    }

    fn broken(about: &'static str, what: impl Into<String>, mend: impl Into<String>) -> Self {
        let (what, mend) = (what.into(), mend.into());
        let state = State::Broken(Fault { what, mend });
        Self { about, state }
    }

    /// Whether commits are checked as far as this goes.
    pub(crate) fn is_safe(&self) -> bool {
        !matches!(self.state, State::Broken(_))
    }

    /// What reading the settings or the allow list gave: `seen` if it was read. Without it, what the
    /// hooks are asked about, the `occasion`, is refused.
    pub(crate) fn of_reading(
        about: &'static str,
        occasion: &str,
        seen: &str,
        read: Result<(), &anyhow::Error>,
    ) -> Self {
        match read {
            Ok(()) => Self::healthy(about, seen),
            Err(error) => {
                let update = error
                    .downcast_ref::<ConfigError>()
                    .is_some_and(|error| error.advice.contains(config::UPDATE));
                let mend = match update {
                    true => config::UPDATE_AND_STAGE,
                    false => "correct the file, then: keyward doctor",
                };
                let what = format!("every {occasion} is refused until this is mended: {error:#}");
                Self::broken(about, what, mend)
            }
        }
    }
}
