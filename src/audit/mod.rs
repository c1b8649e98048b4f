//! A leak in all of a history: what a repository still holds is judged, each blob once, and of what is
//! found it is told since when, by whom, where, and whether a remote has it.
//!
//! [`read`] goes through what git holds and has it judged, but for what a [`cache`] knows to be clean; [`gather`] makes
//! one [entry] of all that was seen of a secret.

mod cache;
mod entry;
mod gather;
mod holders;
mod judge;
mod read;

pub(crate) use self::cache::{Cache, Recalled};
pub(crate) use self::entry::{Audit, CommitFacts, Entry, Pushed, Urgency};

use anyhow::{Result, ensure};
use bstr::BString;

use crate::allow::{AllowList, Date};
use crate::confidence::Confidence;
use crate::finding::Secret;
use crate::git::{Graph, Repo, RevRange};
use crate::scan::Scan;

/// What an audit goes by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan<'a> {
    /// Judges each blob.
    pub(crate) scan: Scan<'a>,
    /// What is allowed now counts for all of history.
    pub(crate) allowed: &'a AllowList,
    /// What is less sure is counted and not told.
    pub(crate) threshold: Confidence,
    /// Whether to look at objects that nothing holds.
    pub(crate) unreachable: bool,
    /// A value that counts wherever it stands, whatever it looks like.
    pub(crate) sought: Option<&'a Secret>,
    /// What some commits brought, and nothing else, is told.
    pub(crate) only: Option<Only>,
    /// What an earlier audit found clean.
    pub(crate) cache: Option<&'a Cache>,
}

/// Some commits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Only {
    /// Those that were made on that day or later.
    Since(Date),
    /// Those of a range.
    Range(RevRange),
}

impl Only {
    /// Which commits of a graph they are.
    ///
    /// # Errors
    /// When an end of the range is not among them.
    fn commits(self, graph: &Graph) -> Result<Vec<bool>> {
        let range = match self {
            Self::Since(date) => {
                let is_since = |number| Date::of_time(graph.time(number)) >= date;
                return Ok((0..graph.len()).map(is_since).collect());
            }
            Self::Range(range) => range,
        };
        let mut ends = Vec::new();
        for (end, mark) in [(Some(range.tip), 1), (range.base, 2)] {
            let Some(end) = end else { continue };
            let number = graph.number(&end.object());
            ensure!(
                number.is_some(),
                "no branch, tag or log leads to the commit {end}; look at all: keyward audit --unreachable"
            );
            ends.extend(number.map(|number| (number, mark)));
        }
        let marks = graph.marked(ends);
        Ok(marks.into_iter().map(|mark| mark == 1).collect())
    }
}

impl Plan<'_> {
    /// The name of a person, a file or a ref with the secrets in it redacted.
    fn sealed(&self, name: &[u8]) -> BString {
        let sealed = self.scan.sealed(name);
        match self.sought {
            Some(sought) => sought.taken_out_of(&sealed).into(),
            None => sealed,
        }
    }

    /// The cache. What is sought may stand where all else is clean.
    fn cache(&self) -> Option<&Cache> {
        self.cache.filter(|_| self.sought.is_none())
    }
}

/// What an audit is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Commits and their messages.
    Commits,
    /// The trees of commits.
    Trees,
    /// Blobs.
    Blobs,
    /// The commits of what was found.
    Places,
}

/// Whoever watches an audit, and may end it. Called from several threads.
pub(crate) trait Watch: Sync {
    /// A stage begins, of so many steps if that is known.
    fn begin(&self, stage: Stage, steps: Option<usize>);

    /// So many steps were made.
    fn advance(&self, steps: usize);

    /// Whether to end now.
    fn is_stopped(&self) -> bool;
}

/// Audits a repository.
///
/// # Errors
/// When git can't tell what it holds.
pub(crate) fn audit(repo: &Repo, plan: &Plan<'_>, watch: &dyn Watch) -> Result<Audit> {
    let objects = repo.objects()?;
    let seen = read::read(repo, &objects, plan, watch)?;
    gather::gather(repo, &objects, plan, seen)
}
