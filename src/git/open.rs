//! Finding and opening a repository, and which reader is asked.

use std::path::Path;
use std::sync::{Mutex, OnceLock};

use anyhow::{Context, Result};

use super::read::Reader;
use super::read::libgit2::Libgit2;
use super::read::plumbing::{Plumbing, Scope};
use super::repo::Repo;

impl Repo {
    /// The repository that git's environment variables name, as they do in a hook, or else the
    /// one that holds the current directory.
    ///
    /// # Errors
    /// When there is none, or git refuses to read it: with git's own reason.
    pub fn from_env() -> Result<Self> {
        let forced = Reader::from_env()?;
        Self::new(forced, true, Libgit2::from_env, Scope::Environment)
    }

    /// The repository that holds `dir`. git's environment variables speak of another one and have
    /// no say.
    ///
    /// # Errors
    /// As for [`Repo::from_env`].
    pub fn open(dir: &Path, reader: Option<Reader>) -> Result<Self> {
        let forced = match reader {
            Some(reader) => Some(reader),
            None => Reader::from_env()?,
        };
        let scope = Scope::Directory(std::path::absolute(dir)?);
        Self::new(forced, false, || Libgit2::open(dir), scope)
    }

    /// The repository that holds `dir`, or `None` where there is none.
    ///
    /// # Errors
    /// When there is one and it can't be read.
    pub fn around(dir: &Path) -> Result<Option<Self>> {
        let dir = std::path::absolute(dir)?;
        let holds = |dir: &Path| {
            let git = dir.join(".git");
            git.is_file() || git.join("HEAD").symlink_metadata().is_ok()
        };
        if dir.ancestors().any(holds) {
            Self::open(&dir, None).map(Some)
        } else {
            Ok(None)
        }
    }

    fn new(
        forced: Option<Reader>,
        in_env: bool,
        libgit2: impl FnOnce() -> Result<Libgit2>,
        scope: Scope,
    ) -> Result<Self> {
        let plumbing = Plumbing::new(scope);
        let libgit2 = match forced {
            Some(Reader::Git) => None,
            Some(Reader::Libgit2) => Some(libgit2().context("cannot open the repository")?),
            None => libgit2().ok(),
        };
        let git_dir = match &libgit2 {
            Some(libgit2) => libgit2.git_dir(),
            None => plumbing.git_dir().context("cannot open the repository")?,
        };
        Ok(Self {
            libgit2,
            plumbing,
            forced,
            in_env,
            git_dir,
            worktree: OnceLock::new(),
            head: OnceLock::new(),
            indexed: Mutex::default(),
            ignores: Mutex::new(None),
        })
    }
}
