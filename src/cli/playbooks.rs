//! What to do about the secrets of an audit, with what only the repository knows.

use anyhow::{Context, Result};

use crate::audit::{Audit, CommitFacts, Entry};
use crate::git::Repo;
use crate::report;
use crate::respond::{self, Asks, Case, Ledger, Playbook, Remote, Shape, step};
#[cfg(feature = "network")]
use crate::verify;

/// What the playbooks of a repository's secrets have in common.
pub(super) struct Playbooks<'a> {
    repo: &'a Repo,
    audit: &'a Audit,
    ledger: Ledger,
    remotes: Vec<Remote>,
    in_directory: bool,
}

impl<'a> Playbooks<'a> {
    pub(super) fn new(repo: &'a Repo, audit: &'a Audit) -> Result<Self> {
        let remotes = repo.remotes_with_addresses()?;
        let remotes = remotes.iter();
        Ok(Self {
            repo,
            audit,
            ledger: Ledger::read(&repo.common_dir()?).context("cannot read what was done")?,
            remotes: remotes
                .map(|(name, address)| Remote::new(name, address))
                .collect(),
            in_directory: !repo.prefix()?.is_empty(),
        })
    }

    /// What to do about one of them.
    pub(super) fn of(&self, entry: &Entry) -> Result<Playbook> {
        let is_beside = |it: &&Entry| entry.beside.contains(&it.finding.fingerprint);
        let case = Case {
            entry,
            relatives: self.audit.entries.iter().filter(is_beside).collect(),
            remotes: &self.remotes,
            shape: shape(self.repo, entry)?,
            mend: report::mend_in_words(&entry.finding),
            replaced: self.ledger.done(entry.id(), step::HISTORY).is_some(),
            asks: asks(entry),
        };
        let mut playbook = respond::playbook(&case, &self.ledger);
        if self.in_directory {
            playbook
                .who
                .push_str("; the commands are for the top of the repository");
        }
        Ok(playbook)
    }
}

/// What the provider of a secret can be asked by this program.
#[cfg(feature = "network")]
fn asks(entry: &Entry) -> Asks {
    Asks {
        verify: verify::can_verify(&entry.finding.rule),
        revoke: verify::can_revoke(&entry.finding.rule),
    }
}

#[cfg(not(feature = "network"))]
fn asks(_: &Entry) -> Asks {
    Asks::default()
}

fn shape(repo: &Repo, entry: &Entry) -> Result<Shape> {
    let Some(first) = &entry.first else {
        return Ok(Shape::default());
    };
    Ok(Shape {
        branch: repo.branch()?,
        line: repo.line_to_head(&first.id)?,
        has_parent: has_parent(repo, first)?,
    })
}

/// Whether a commit is not the first of its history.
pub(super) fn has_parent(repo: &Repo, commit: &CommitFacts) -> Result<bool> {
    Ok(repo.commit_named(&format!("{}^", commit.id))?.is_some())
}
