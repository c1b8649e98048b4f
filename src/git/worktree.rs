//! Sources that read the working tree: the files as they are there now.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use bstr::{BString, ByteSlice};

use super::repo::Repo;
use crate::change::{Change, EntryKind, Ignored, Origin, Status};
use crate::disk;

impl Repo {
    /// The files of the working tree that are tracked, or new and not ignored, with their present
    /// content: all of them, or those at and below the given paths, relative to the current
    /// directory. Nothing counts as replaced. A tracked file is [`Status::Modified`].
    ///
    /// # Errors
    /// When git can't list them.
    pub fn worktree_files<'r>(
        &'r self,
        under: &[PathBuf],
    ) -> Result<impl Iterator<Item = Result<Change<'r>>> + Send + use<'r>> {
        let top = self.worktree()?;
        let files = self.plumbing.worktree_files(top, under)?;
        let tracked = files
            .tracked
            .into_iter()
            .map(|path| (path, Status::Modified));
        let untracked = files
            .untracked
            .into_iter()
            .map(|path| (path, Status::Added));
        let mut files: Vec<(BString, Status)> = tracked.chain(untracked).collect();
        files.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(self.on_disk(top, files))
    }

    /// The files that git tracks, as they lie in the working tree.
    ///
    /// # Errors
    /// When git can't list them.
    pub fn tracked_files(&self) -> Result<impl Iterator<Item = Result<Change<'_>>> + Send> {
        let is_new = |change: &Result<Change<'_>>| matches!(change, Ok(change) if change.status == Status::Added);
        let files = self.worktree_files(&[])?;
        Ok(files.filter(move |change| !is_new(change)))
    }

    /// The files that git does not track and no `.gitignore` in the working tree covers, with
    /// their content. This machine's own excludes keep none of them out: they protect nobody else.
    ///
    /// # Errors
    /// When git can't list them.
    pub fn unignored_files(&self) -> Result<impl Iterator<Item = Result<Change<'_>>> + '_> {
        let top = self.worktree()?;
        let files = self.plumbing.unignored(top)?;
        let files = files.into_iter().map(|path| (path, Status::Added));
        Ok(self.on_disk(top, files.collect()))
    }

    /// The files that may be ones with variables, by their names, whether git tracks or ignores them.
    ///
    /// # Errors
    /// When git can't list them.
    pub fn local_files(&self) -> Result<Vec<BString>> {
        let mut files = self
            .plumbing
            .files_like(&["**/.env*", "**/*.env", "**/.dev.vars*"])?;
        files.sort();
        files.dedup();
        Ok(files)
    }

    /// Whether `git add` would pass over a file, which need not be there yet: by the `.gitignore` files as
    /// they lie in the working tree, or by this machine's own.
    ///
    /// # Errors
    /// When git can't tell.
    pub fn passes_over(&self, file: &Path) -> Result<bool> {
        self.plumbing.passes_over(file)
    }

    /// Files of the working tree with their present content; those that are not there are left out.
    fn on_disk<'r>(
        &'r self,
        top: &'r Path,
        files: Vec<(BString, Status)>,
    ) -> impl Iterator<Item = Result<Change<'r>>> + 'r {
        files.into_iter().filter_map(move |(path, status)| {
            let file = match path.to_path() {
                Ok(relative) => top.join(relative),
                Err(err) => return Some(Err(err.into())),
            };
            let kind = match fs::symlink_metadata(&file) {
                Ok(found) if found.is_symlink() => EntryKind::Link,
                Ok(found) if found.is_file() => EntryKind::File,
                // A submodule, a repository in the repository, a pipe.
                Ok(_) => return None,
                Err(err) if disk::is_absent(&err) => return None,
                // Reading the content tells the reason.
                Err(_) => EntryKind::File,
            };
            let origin = WorktreeOrigin {
                repo: self,
                path: path.clone(),
                file,
                kind,
            };
            Some(Ok(Change::new(path, status, kind, origin)))
        })
    }
}

struct WorktreeOrigin<'r> {
    repo: &'r Repo,
    path: BString,
    file: PathBuf,
    kind: EntryKind,
}

impl Origin for WorktreeOrigin<'_> {
    fn content(&self) -> Result<Vec<u8>> {
        Ok(match self.kind {
            EntryKind::File
            | EntryKind::Submodule
            | EntryKind::Message
            | EntryKind::Header
            | EntryKind::Member => disk::read_whole(&self.file)?,
            EntryKind::Link => {
                let target = fs::read_link(&self.file)?;
                <[u8]>::from_path(&target)
                    .context("the link's target is not Unicode")?
                    .to_vec()
            }
        })
    }

    fn replaced(&self) -> Result<Vec<Vec<u8>>> {
        Ok(Vec::new())
    }

    fn ignored(&self) -> Result<Ignored> {
        self.repo.ignored(self.path.as_ref())
    }
}
