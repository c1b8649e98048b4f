//! An empty repository, as git makes one for this user, for as long as it is asked.

use anyhow::{Context, Result};
use tempfile::TempDir;

use super::read::command::{run, user_git};
use super::repo::Repo;

/// An empty repository in a directory for temporary files, gone when this is dropped.
pub(crate) struct Fresh {
    repo: Repo,
    _directory: TempDir,
}

impl Fresh {
    /// Made by the user's git, with the templates and settings of the user.
    ///
    /// # Errors
    /// When git can't make it, with git's own reason.
    pub(crate) fn new() -> Result<Self> {
        let directory = TempDir::with_prefix("keyward-")
            .context("cannot make a directory for temporary files")?;
        let mut git = user_git();
        run(git
            .arg("init")
            .arg("--quiet")
            .arg("--")
            .arg(directory.path()))
        .context("cannot make a repository to try the hooks in")?;
        Ok(Self {
            repo: Repo::open(directory.path(), None)?,
            _directory: directory,
        })
    }

    pub(crate) fn repo(&self) -> &Repo {
        &self.repo
    }
}
