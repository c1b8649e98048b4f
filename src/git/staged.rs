//! The source of a commit to be: what is staged, and how a path is staged or taken back.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use bstr::{BStr, BString, ByteSlice};

use super::compare::{Delta, Replaced, combine};
use super::id::ObjectId;
use super::pool::lock;
use super::read::plumbing::pathspec;
use super::repo::Repo;
use crate::change::{Change, Ignored, Origin};

impl Repo {
    /// What the commit to be adds and changes, in the order of paths. Files that are deleted or
    /// in conflict, submodules and what `git add -N` announced are no part of it.
    ///
    /// # Errors
    /// When HEAD or the index can't be read.
    pub fn staged(&self) -> Result<impl Iterator<Item = Result<Change<'_>>> + Send + '_> {
        let index = self.index_path()?;
        let head = self.head()?;
        let mut parents = vec![
            self.differences(head, &index)
                .context("cannot read what is staged")?,
        ];
        for head in self.merge_heads() {
            // A head that can't be read makes more lines count as added, never fewer.
            parents.extend(self.differences(Some(head), &index));
        }
        let (paths, deleted) = combine(parents);
        Ok(paths.into_iter().map(move |staged| {
            let origin = StagedOrigin {
                repo: self,
                replaced: Replaced::by(&staged, &deleted),
                path: staged.path.clone(),
                id: staged.id,
            };
            Ok(Change::new(staged.path, staged.status, staged.kind, origin))
        }))
    }

    fn differences(&self, commit: Option<ObjectId>, index: &Path) -> Result<Vec<Delta>> {
        self.ask(
            |libgit2| libgit2.diff(commit, index),
            |git| git.diff(commit),
        )
    }

    /// The id, in hex, of the tree that the commit to be will have.
    ///
    /// # Errors
    /// When the index is in conflict or can't be read.
    pub fn staged_tree(&self) -> Result<String> {
        let index = self.index_path()?;
        let known = self.libgit2.as_ref();
        let known = known.and_then(|libgit2| libgit2.staged_tree(&index));
        // Another hook may have staged something since git knew.
        let tree = match known {
            Some(tree) => tree,
            None => self.plumbing.write_tree()?,
        };
        Ok(tree.to_string())
    }

    /// The other parents of a merge. git writes `MERGE_HEAD` only after `pre-merge-commit`, which
    /// is told of them in variables.
    fn merge_heads(&self) -> Vec<ObjectId> {
        if let Ok(heads) = fs::read(self.git_dir.join("MERGE_HEAD")) {
            return heads
                .lines()
                .filter_map(|line| ObjectId::parse(line.trim()))
                .collect();
        }
        if !self.in_env {
            return Vec::new();
        }
        env::vars_os()
            .filter_map(|(name, _)| {
                ObjectId::parse(name.to_str()?.strip_prefix("GITHEAD_")?.as_bytes())
            })
            .collect()
    }

    /// Stages a path as it is in the working tree.
    ///
    /// # Errors
    /// When git refuses.
    pub fn stage(&self, path: &BStr) -> Result<()> {
        let args = ["add".into(), "--".into(), pathspec(path)?];
        self.change(args)
    }

    /// Takes a path out of the index and leaves the file where it is.
    ///
    /// # Errors
    /// When git refuses.
    pub fn unstage(&self, path: &BStr) -> Result<()> {
        let path = path.to_os_str()?.to_owned();
        self.change([
            "update-index".into(),
            "--force-remove".into(),
            "--".into(),
            path,
        ])
    }

    /// Whether git's attributes say anything of that name about a path.
    ///
    /// # Errors
    /// When git can't tell.
    pub fn has_attribute(&self, name: &str, path: &BStr) -> Result<bool> {
        let asked = ["check-attr", "-z", name, "--"].map(OsString::from);
        let arguments = self.as_arguments().into_iter().chain(asked);
        let told = self
            .plumbing
            .read(arguments.chain([path.to_os_str()?.to_owned()]))?;
        Ok(told.split_str("\0").nth(2) != Some(b"unspecified"))
    }

    /// The id, in hex, of what is staged at a path.
    ///
    /// # Errors
    /// When the index can't be read.
    pub fn staged_id(&self, path: &BStr) -> Result<Option<String>> {
        let entries = self.indexed_entries(&[path])?;
        Ok(entries.first().map(|(_, entry)| entry.id.to_string()))
    }

    fn change<const N: usize>(&self, args: [OsString; N]) -> Result<()> {
        self.plumbing.change(&self.as_arguments(), args)?;
        self.forget_index();
        Ok(())
    }

    /// Reads the index anew when it is asked for next: another command may have changed it.
    pub fn forget_index(&self) {
        *lock(&self.ignores) = None;
        lock(&self.indexed).clear();
        if let Some(libgit2) = &self.libgit2 {
            libgit2.forget_index();
        }
    }
}

struct StagedOrigin<'r> {
    repo: &'r Repo,
    path: BString,
    id: ObjectId,
    replaced: Replaced,
}

impl Origin for StagedOrigin<'_> {
    fn content(&self) -> Result<Vec<u8>> {
        self.repo
            .blob(self.id)
            .context("cannot read what is staged")
    }

    fn replaced(&self) -> Result<Vec<Vec<u8>>> {
        let ids = self.replaced.ids();
        Ok(ids.filter_map(|id| self.repo.old_blob(id)).collect())
    }

    fn is_moved(&self, line: &[u8]) -> bool {
        self.replaced
            .has(line, |id, most| self.repo.old_blob_within(id, most))
    }

    fn ignored(&self) -> Result<Ignored> {
        self.repo.ignored(self.path.as_ref())
    }
}
