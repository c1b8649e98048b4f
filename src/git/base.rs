//! What the repository holds before a commit, or before the commits of a range or a push: every file of
//! some trees, shown once each.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use anyhow::Result;
use bstr::BStr;

use super::history::{RefUpdate, RevRange};
use super::id::{Mode, ObjectId};
use super::object::{Commit, Kind};
use super::repo::Repo;
use super::tree::differences;

/// A bound: of a push, no more commits that the other side has are looked at.
const MOST_COMMITS: usize = 8;

/// A bound: a larger blob holds data.
const MOST_OF_A_BLOB: usize = 1 << 20;

/// A bound: no more bytes are shown in all. To read so many took half a second on two cores.
const MOST_BYTES: usize = 128 << 20;

/// The commits from which others start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Base(Vec<ObjectId>);

impl Repo {
    /// The base of what is staged: HEAD.
    ///
    /// # Errors
    /// When git can't tell.
    pub fn base_of_staged(&self) -> Result<Base> {
        Ok(Base(Vec::from_iter(self.head()?)))
    }

    /// The base of HEAD's commit: its parents.
    ///
    /// # Errors
    /// When git can't tell.
    pub fn base_of_last(&self) -> Result<Base> {
        let head = self.head()?;
        let parents = head.map(|head| Commit::parse(&self.object(head, Kind::Commit)?));
        Ok(Base(
            parents.transpose()?.map_or(Vec::new(), |it| it.parents),
        ))
    }

    /// The base of a push, as [`pushed`](Self::pushed) takes it: what the remote has of these.
    ///
    /// # Errors
    /// When git can't tell.
    pub fn base_of_pushed(&self, updates: &[RefUpdate], remote: &str) -> Result<Base> {
        let known = self.known_to(updates, remote)?;
        self.plumbing.boundary(&tips(updates), &known).map(Base)
    }

    /// The base of a push, as [`received`](Self::received) takes it: what is here of these.
    ///
    /// # Errors
    /// When git can't tell.
    pub fn base_of_received(&self, updates: &[RefUpdate]) -> Result<Base> {
        let known = Repo::known_here();
        self.plumbing.boundary(&tips(updates), &known).map(Base)
    }

    /// Shows the content of every file of a base until `look` says that it has seen enough, on as many
    /// threads as there are cores for them. Files that `first` names come first.
    ///
    /// What can't be read, what is large, and what comes after a great many bytes is left out.
    pub fn show_base(
        &self,
        base: &Base,
        first: impl Fn(&BStr) -> bool,
        look: &(dyn Fn(&[u8]) -> bool + Sync),
    ) {
        let blobs = self.blobs_of(base, first);
        let (next, read, enough) = (
            AtomicUsize::new(0),
            AtomicUsize::new(0),
            AtomicBool::new(false),
        );
        let work = || {
            while !enough.load(Ordering::Relaxed)
                && let Some(&id) = blobs.get(next.fetch_add(1, Ordering::Relaxed))
            {
                let Some(blob) = self.small_blob(id, MOST_OF_A_BLOB) else {
                    continue;
                };
                let before = read.fetch_add(blob.len(), Ordering::Relaxed);
                if before > MOST_BYTES || !look(&blob) {
                    enough.store(true, Ordering::Relaxed);
                }
            }
        };
        thread::scope(|scope| {
            let cores = thread::available_parallelism().map_or(1, usize::from);
            for _ in 1..cores.min(blobs.len()) {
                // A thread that can't be started leaves the work to the others.
                let _ = thread::Builder::new().spawn_scoped(scope, work);
            }
            work();
        });
    }

    /// The blobs of all files, each once.
    fn blobs_of(&self, base: &Base, first: impl Fn(&BStr) -> bool) -> Vec<ObjectId> {
        let read = |id| self.object(id, Kind::Tree).map(Arc::new);
        let (mut sooner, mut later) = (Vec::new(), Vec::new());
        let mut seen = HashSet::new();
        for &commit in base.0.iter().take(MOST_COMMITS) {
            let commit = self.object(commit, Kind::Commit);
            let files = commit
                .and_then(|commit| Commit::parse(&commit))
                .and_then(|commit| differences(&read, None, commit.tree));
            for file in files.unwrap_or_default() {
                let blob = file.new.filter(|entry| entry.mode == Mode::File);
                if let Some(id) = blob.map(|entry| entry.id).filter(|&id| seen.insert(id)) {
                    match first(file.path.as_ref()) {
                        true => sooner.push(id),
                        false => later.push(id),
                    }
                }
            }
        }
        sooner.append(&mut later);
        sooner
    }
}

impl From<&RevRange> for Base {
    /// The base of a range.
    fn from(range: &RevRange) -> Self {
        Self(Vec::from_iter(range.base.map(|base| base.0)))
    }
}

/// What the refs of a push will name.
fn tips(updates: &[RefUpdate]) -> Vec<ObjectId> {
    updates.iter().filter_map(|update| update.new).collect()
}
