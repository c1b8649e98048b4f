//! Who may write down what keyward lets pass: a person, and an agent only where the settings say so.

use std::env;

use anyhow::Result;
use bstr::BStr;

use super::{Misuse, ask, settings};
use crate::agent::{self, Within};
use crate::config::{self, Config, Layer};
use crate::git::Repo;

/// Leave to write the allow file. Whoever writes it has to show that.
#[derive(Debug)]
pub(super) struct Leave {
    /// The agent that has it.
    by: Option<String>,
}

impl Leave {
    /// Leave for whoever runs this; or the agent that does and has none.
    pub(super) fn asked(repo: &Repo) -> Result<Self, Within> {
        match agent() {
            None => Ok(Self { by: None }),
            Some(agent) if proposes(repo) => Err(agent),
            Some(agent) => Ok(Self {
                by: Some(agent.title),
            }),
        }
    }

    /// The same, where nothing can be proposed instead: an agent is told what to do next.
    ///
    /// # Errors
    /// For an agent without leave.
    pub(super) fn or_refused(repo: &Repo, next: &str) -> Result<Self> {
        Self::asked(repo).map_err(|agent| refused(&agent, next).into())
    }

    /// Leave for a person, whatever the settings say.
    ///
    /// # Errors
    /// For an agent.
    pub(super) fn of_person(next: &str) -> Result<Self> {
        match agent() {
            None => Ok(Self { by: None }),
            Some(agent) => Err(refused(&agent, next).into()),
        }
    }

    /// A reason as it is written down: that of an agent says whose it is.
    pub(super) fn reason(&self, reason: &str) -> String {
        match &self.by {
            None => reason.to_owned(),
            Some(agent) => format!("{} (allowed by {agent})", reason.trim()),
        }
    }
}

/// What an agent is told to do with what only a person may.
pub(super) const TELL: &str = "tell a person to run this in a terminal of their own";

/// The agent that runs this, as far as the environment says.
pub(super) fn running() -> Option<Within> {
    agent::within(|name| env::var(name).ok())
}

/// Whoever runs this, as the one who proposes something.
pub(super) fn proposer() -> String {
    running().map_or_else(|| "an agent".to_owned(), |agent| agent.title)
}

/// The agent that runs this, if one does. At a terminal, whoever sits there is asked: a person may have
/// started it from what an agent started.
fn agent() -> Option<Within> {
    let agent = running()?;
    let question = format!(
        "{} is set here, as {} sets it for what it runs. Are you a person?",
        agent.variable, agent.title
    );
    let is_person = ask::is_somebody_there() && ask::yes(&question).unwrap_or(false);
    (!is_person).then_some(agent)
}

fn refused(agent: &Within, next: &str) -> Misuse {
    Misuse(format!(
        "{} runs this ({} is set), and what keyward lets pass is for a person to decide; {next}",
        agent.title, agent.variable
    ))
}

/// Whether agents only propose. That they may do more has to stand in the settings that lie here and in
/// those that are committed: an agent can edit the first.
fn proposes(repo: &Repo) -> bool {
    let committed = || -> Result<Vec<Layer>> {
        let mut layers = config::machine()?;
        layers.extend(config::repository(&|path| repo.at_head(BStr::new(path)))?);
        Ok(layers)
    };
    let is_off = |layers: Result<Vec<Layer>>| {
        layers.is_ok_and(|layers| !Config::fold(layers).agents_propose())
    };
    !(is_off(settings::at_hand(Some(repo))) && is_off(committed()))
}
