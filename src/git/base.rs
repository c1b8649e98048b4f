//! What the repository holds before a commit, or before the commits of a range or a push: every file of
//! some trees, shown once each.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::Result;
use bstr::{BStr, BString, ByteSlice};

use super::history::{CommitId, RefUpdate, RevRange};
use super::id::{Mode, ObjectId};
use super::object::{Commit, Kind};
use super::repo::Repo;
use super::tree::differences;
use crate::disk;

/// A bound: of a push, no more commits that the other side has are looked at.
const MOST_COMMITS: usize = 8;

/// A bound: a larger file holds data.
const MOST_OF_A_FILE: usize = 1 << 20;

/// A bound: no more bytes of objects are unpacked in all. It takes half a second on two cores.
const MOST_UNPACKED: usize = 64 << 20;

/// A bound: no more bytes of the working tree are read in all.
const MOST_READ: usize = 512 << 20;

/// The commits from which others start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Base {
    commits: Vec<ObjectId>,
    /// What may be the base instead: only the files that it has, too, are held for certain.
    instead: Option<ObjectId>,
}

impl Base {
    const fn of(commits: Vec<ObjectId>) -> Self {
        Self {
            commits,
            instead: None,
        }
    }
}

impl Repo {
    /// The base of what is staged: HEAD, or what both HEAD and the commits before it have where it may be amended.
    ///
    /// # Errors
    /// When git can't tell.
    pub fn base_of_staged(&self) -> Result<Base> {
        let followed = self.followed()?;
        Ok(Base {
            commits: followed.first.into_iter().flatten().collect(),
            instead: followed.instead,
        })
    }

    /// The base of HEAD's commit: its parents.
    ///
    /// # Errors
    /// When git can't tell.
    pub fn base_of_last(&self) -> Result<Base> {
        let head = self.head()?;
        let parents = head.map(|head| Commit::parse(&self.object(head, Kind::Commit)?));
        Ok(Base::of(
            parents.transpose()?.map_or(Vec::new(), |it| it.parents),
        ))
    }

    /// The base of a push, as [`pushed`](Self::pushed) takes it: what the remotes have of these.
    ///
    /// # Errors
    /// When git can't tell.
    pub fn base_of_pushed(&self, updates: &[RefUpdate]) -> Result<Base> {
        let known = self.known_to_remotes(updates);
        self.plumbing.boundary(&tips(updates), &known).map(Base::of)
    }

    /// The base of a push, as [`received`](Self::received) takes it: what is here of these.
    ///
    /// # Errors
    /// When git can't tell.
    pub fn base_of_received(&self, updates: &[RefUpdate]) -> Result<Base> {
        let known = Repo::known_here();
        self.plumbing.boundary(&tips(updates), &known).map(Base::of)
    }

    /// The commits from which another comes and that remotes had when they were last asked. None where they had that one.
    ///
    /// # Errors
    /// When git can't tell.
    pub(crate) fn last_pushed(&self, commit: &CommitId) -> Result<Vec<CommitId>> {
        let known = self.known_to_remotes(&[]);
        let boundary = self.plumbing.boundary(&[commit.0], &known)?;
        Ok(boundary.into_iter().map(CommitId).collect())
    }

    /// Shows the content of the files of a base to `sight` until that has seen enough, on as many threads
    /// as there are cores for them. Files that `first` names come first.
    ///
    /// To unpack all objects of a large repository takes seconds, to read its working tree a twentieth of
    /// that (19,000 files, 250 megabytes: 6.5 s and 0.3 s, by `git grep`). So a file that has the size of
    /// its object is read there, and the object only where `Sight::suspects` something in the file; one
    /// that was edited to the same size may so be missed. What can't be read, what is large, and what comes
    /// after a great many bytes is left out, too.
    pub fn show_base(&self, base: &Base, first: impl Fn(&BStr) -> bool, sight: &impl Sight) {
        let files = self.files_of(base, first);
        let top = self.worktree().ok();
        let next = AtomicUsize::new(0);
        let (unpacked, read) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let within = |counter: &AtomicUsize, size: usize, most: usize| {
            size <= MOST_OF_A_FILE && counter.fetch_add(size, Ordering::Relaxed) + size <= most
        };
        let work = || {
            while !sight.is_enough()
                && let Some((path, id)) = files.get(next.fetch_add(1, Ordering::Relaxed))
            {
                let size = self.size_of(*id);
                if let (Some(top), Some(size)) = (top, size)
                    && let Some(file) = file_of_size(top, path.as_ref(), size)
                    && (!within(&read, size, MOST_READ)
                        || disk::read_whole(&file).is_ok_and(|file| !sight.suspects(&file)))
                {
                    continue;
                }
                if within(&unpacked, size.unwrap_or_default(), MOST_UNPACKED)
                    && let Some(blob) = self.old_blob(*id)
                    && (size.is_some() || within(&unpacked, blob.len(), MOST_UNPACKED))
                {
                    sight.look_at(&blob);
                }
            }
        };
        thread::scope(|scope| {
            let cores = thread::available_parallelism().map_or(1, usize::from);
            for _ in 1..cores.min(files.len()) {
                // A thread that can't be started leaves the work to the others.
                let _ = thread::Builder::new().spawn_scoped(scope, work);
            }
            work();
        });
    }

    /// The files of a base, each content once.
    fn files_of(&self, base: &Base, first: impl Fn(&BStr) -> bool) -> Vec<(BString, ObjectId)> {
        let read = |id| self.object(id, Kind::Tree).map(Arc::new);
        let (mut sooner, mut later) = (Vec::new(), Vec::new());
        let mut seen = HashSet::new();
        // The trees of a push are nearly one: of each further one only what differs from the first is read.
        let mut shown = None;
        let tree_of = |commit| -> Result<ObjectId> {
            Ok(Commit::parse(&self.object(commit, Kind::Commit)?)?.tree)
        };
        // Where the other base differs from the first tree.
        let mut other: Option<HashMap<BString, Option<ObjectId>>> = None;
        for &commit in base.commits.iter().take(MOST_COMMITS) {
            let files = tree_of(commit).and_then(|tree| {
                let files = differences(&read, shown, tree)?;
                if let (None, Some(instead)) = (shown, base.instead) {
                    let there = differences(&read, Some(tree), tree_of(instead)?)?.into_iter();
                    let there = there.map(|it| (it.path, it.new.map(|entry| entry.id)));
                    other = Some(there.collect());
                }
                let is_first = *shown.get_or_insert(tree) == tree;
                Ok((files, is_first))
            });
            let (files, is_first) = files.unwrap_or_default();
            for file in files {
                let blob = file.new.filter(|entry| entry.mode == Mode::File);
                let blob = blob.filter(|entry| match &other {
                    None => true,
                    Some(other) => {
                        (other.get(&file.path)).map_or(is_first, |there| *there == Some(entry.id))
                    }
                });
                if let Some(id) = blob.map(|entry| entry.id).filter(|&id| seen.insert(id)) {
                    match first(file.path.as_ref()) {
                        true => sooner.push((file.path, id)),
                        false => later.push((file.path, id)),
                    }
                }
            }
        }
        sooner.append(&mut later);
        sooner
    }
}

/// Who looks at files. Several threads ask at once.
pub trait Sight: Sync {
    /// Whether a file of the working tree has what is sought, so that its object is worth a look.
    fn suspects(&self, file: &[u8]) -> bool;

    /// Takes in what an object holds.
    fn look_at(&self, blob: &[u8]);

    /// Whether nothing more is sought.
    fn is_enough(&self) -> bool;
}

/// The file of the working tree at a path, if it is one and has that size.
fn file_of_size(top: &Path, path: &BStr, size: usize) -> Option<PathBuf> {
    let file = top.join(path.to_path().ok()?);
    let found = fs::symlink_metadata(&file).ok()?;
    (found.is_file() && usize::try_from(found.len()) == Ok(size)).then_some(file)
}

impl From<&CommitId> for Base {
    /// What a commit holds.
    fn from(commit: &CommitId) -> Self {
        Self::of(vec![commit.0])
    }
}

impl From<&RevRange> for Base {
    /// The base of a range.
    fn from(range: &RevRange) -> Self {
        Self::of(Vec::from_iter(range.base.map(|base| base.0)))
    }
}

/// What the refs of a push will name.
fn tips(updates: &[RefUpdate]) -> Vec<ObjectId> {
    updates.iter().filter_map(|update| update.new).collect()
}
