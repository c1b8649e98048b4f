//! Single files and objects: as they are staged, in HEAD, or in another commit.

use std::collections::HashMap;

use anyhow::{Context, Result, bail};
use bstr::{BStr, BString};

use super::id::{Entry, Mode, ObjectId};
use super::object::{Commit, Kind, Tag};
use super::pool::lock;
use super::repo::Repo;
use crate::shell::shown;

/// Where a file is known to git.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Versions {
    /// In the index.
    pub staged: bool,
    /// In HEAD.
    pub committed: bool,
    /// Alike in both.
    pub same: bool,
}

impl Repo {
    /// A file as it is staged; `None` if it isn't. One that `git add -N` announced is empty.
    ///
    /// # Errors
    /// When it can't be read, or is a symbolic link, which keyward never follows.
    pub fn indexed(&self, path: &BStr) -> Result<Option<Vec<u8>>> {
        match self.indexed_entries(&[path])?.first() {
            None => Ok(None),
            Some((_, entry)) => match entry.mode {
                Mode::File => self.blob(entry.id).map(Some),
                Mode::Link => bail!(
                    "{} is a symbolic link; commit the file itself instead",
                    shown(path)
                ),
                Mode::Gitlink => bail!("{} is a submodule; commit a file instead", shown(path)),
            },
        }
    }

    /// A file as it is in HEAD; `None` if it isn't.
    ///
    /// # Errors
    /// As for [`Repo::indexed`].
    pub fn at_head(&self, path: &BStr) -> Result<Option<Vec<u8>>> {
        match self.committed_entry(path)? {
            None => Ok(None),
            Some(entry) if entry.mode == Mode::File => self.blob(entry.id).map(Some),
            Some(_) => bail!("{} is not a file in HEAD", shown(path)),
        }
    }

    /// A file as it is in a commit, given by its whole id in hex; `None` if either isn't there.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn file_of(&self, commit: &str, path: &BStr) -> Result<Option<Vec<u8>>> {
        let Some(commit) = ObjectId::parse(commit.as_bytes()) else {
            return Ok(None);
        };
        match self.entry_in(commit, path) {
            Ok(Some(entry)) if entry.mode == Mode::File => self.blob(entry.id).map(Some),
            // A clone need not have every commit.
            Ok(_) | Err(_) => Ok(None),
        }
    }

    /// The message of a commit or of a tag, given by its whole id in hex; empty of anything else.
    ///
    /// # Errors
    /// When it can't be read.
    pub(crate) fn message_of(&self, id: &str) -> Result<Vec<u8>> {
        let Some(id) = ObjectId::parse(id.as_bytes()) else {
            return Ok(Vec::new());
        };
        let (kind, object) = self.any_object(id)?;
        Ok(match kind {
            Kind::Commit => Commit::parse(&object)?.message,
            Kind::Tag => Tag::parse(&object)?.message,
            Kind::Tree | Kind::Blob => Vec::new(),
        })
    }

    fn committed_entry(&self, path: &BStr) -> Result<Option<Entry>> {
        let Some(head) = self.head()? else {
            return Ok(None);
        };
        self.entry_in(head, path)
    }

    pub(super) fn entry_in(&self, commit: ObjectId, path: &BStr) -> Result<Option<Entry>> {
        self.ask(
            |libgit2| libgit2.in_commit(commit, path),
            |git| git.in_commit(commit, path),
        )
    }

    /// Whether a file is staged and committed, and is the same in both.
    ///
    /// # Errors
    /// When the index or HEAD can't be read.
    pub fn versions(&self, path: &BStr) -> Result<Versions> {
        let staged = self.indexed_entries(&[path])?;
        let staged = staged.first().map(|(_, entry)| entry);
        let committed = self.committed_entry(path)?;
        Ok(Versions {
            staged: staged.is_some(),
            committed: committed.is_some(),
            same: staged == committed.as_ref(),
        })
    }

    /// Looks files up in the index, all at once: git then is asked once for all of them and not
    /// once for each.
    ///
    /// # Errors
    /// When the index can't be read.
    pub fn look_up(&self, paths: &[&BStr]) -> Result<()> {
        self.indexed_entries(paths).map(drop)
    }

    pub(super) fn indexed_entries(&self, paths: &[&BStr]) -> Result<Vec<(BString, Entry)>> {
        let mut known = lock(&self.indexed);
        let unknown: Vec<&BStr> = paths
            .iter()
            .copied()
            .filter(|path| !known.contains_key(*path))
            .collect();
        if !unknown.is_empty() {
            let mut found: HashMap<BString, Entry> =
                self.read_index(&unknown)?.into_iter().collect();
            for path in unknown {
                known.insert(path.to_owned(), found.remove(path));
            }
        }
        let entry = |path: &&BStr| Some((BString::from(*path), known.get(*path).copied()??));
        Ok(paths.iter().filter_map(entry).collect())
    }

    fn read_index(&self, paths: &[&BStr]) -> Result<Vec<(BString, Entry)>> {
        let index = self.index_path()?;
        self.ask(
            |libgit2| libgit2.indexed(&index, paths),
            |git| git.indexed(paths),
        )
    }

    pub(super) fn blob(&self, id: ObjectId) -> Result<Vec<u8>> {
        self.object(id, Kind::Blob)
    }

    /// What an object of that kind holds.
    pub(super) fn object(&self, id: ObjectId, kind: Kind) -> Result<Vec<u8>> {
        self.ask(
            |libgit2| libgit2.object_of(id, kind),
            |git| git.object(id, kind),
        )
    }

    /// What an object of any kind is and holds.
    pub(super) fn any_object(&self, id: ObjectId) -> Result<(Kind, Vec<u8>)> {
        self.ask(
            |libgit2| libgit2.object(id),
            |git| {
                git.try_object(id)?
                    .with_context(|| format!("the object {id} is not there"))
            },
        )
    }

    /// The size of a blob, where that can be had without the blob.
    pub(super) fn size_of(&self, id: ObjectId) -> Option<usize> {
        self.libgit2.as_ref()?.size_of(id).ok()
    }

    /// Whether an object is here and whole.
    pub(super) fn holds(&self, id: ObjectId) -> bool {
        self.any_object(id).is_ok()
    }

    /// A blob that the commit replaces, if it can be had and is not known to be larger.
    pub(super) fn old_blob_within(&self, id: ObjectId, most: usize) -> Option<Vec<u8>> {
        let fits = self.size_of(id).is_none_or(|size| size <= most);
        fits.then(|| self.old_blob(id)).flatten()
    }

    /// A blob that the commit replaces, if it can be had.
    pub(super) fn old_blob(&self, id: ObjectId) -> Option<Vec<u8>> {
        let (kind, blob) = self.any_object(id).ok()?;
        (kind == Kind::Blob).then_some(blob)
    }
}
