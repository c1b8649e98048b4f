//! Finding and opening a repository, and which reader is asked.

use std::env;
use std::fmt;
use std::fs::{self, Metadata};
use std::io;
use std::path::Path;
use std::sync::{Mutex, OnceLock};

use anyhow::{Context, Result, bail};

use super::read::Reader;
use super::read::libgit2::Libgit2;
use super::read::plumbing::{Plumbing, Scope};
use super::repo::Repo;
use crate::disk;
use crate::shell::shown_path;

/// There is no repository where somebody stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoRepository;

impl fmt::Display for NoRepository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "this is not a git repository, nor is a directory above it: go into one, or make one \
             here: git init",
        )
    }
}

impl std::error::Error for NoRepository {}

/// Whether a directory, or one above it, holds what git takes for a repository's own directory.
///
/// # Errors
/// When that can't be asked: what is taken for no repository would be left as it is, and nobody be told.
fn is_inside(dir: &Path) -> Result<bool> {
    for (above, dir) in dir.ancestors().enumerate() {
        let git = dir.join(".git");
        let head = git.join("HEAD");
        // One above that is closed to this person is none of theirs.
        let is_none = |err: &io::Error| {
            disk::is_absent(err) || above > 0 && err.kind() == io::ErrorKind::PermissionDenied
        };
        let is_file = asked(&git, fs::metadata(&git), is_none)?.is_some_and(|git| git.is_file());
        if is_file || asked(&head, head.symlink_metadata(), is_none)?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What is told of a file; `None` if there is none.
fn asked(
    path: &Path,
    told: io::Result<Metadata>,
    is_none: impl Fn(&io::Error) -> bool,
) -> Result<Option<Metadata>> {
    match told {
        Ok(metadata) => Ok(Some(metadata)),
        Err(err) if is_none(&err) => Ok(None),
        Err(err) => bail!(
            "cannot look at {}: {err}. Go on where it can be read, then try again",
            shown_path(path)
        ),
    }
}

impl Repo {
    /// The repository that git's environment variables name, as they do in a hook, or else the
    /// one that holds the current directory.
    ///
    /// # Errors
    /// When git refuses to read it, with git's own reason; a word on what to do when there is none.
    pub fn from_env() -> Result<Self> {
        let forced = Reader::from_env()?;
        let opened = Self::new(forced, true, Libgit2::from_env, Scope::Environment);
        opened.map_err(|error| {
            let here = env::current_dir();
            let is_named = env::var_os("GIT_DIR").is_some();
            match here
                .is_ok_and(|here| !is_named && is_inside(&here).is_ok_and(|is_inside| !is_inside))
            {
                true => NoRepository.into(),
                false => error,
            }
        })
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
        if is_inside(&dir)? {
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
