//! A repository: where it is, and which of the two readers answers.

use std::collections::HashMap;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

use anyhow::{Context, Result, bail, ensure};
use bstr::{BString, ByteSlice};

use super::env::variable;
use super::id::{Entry, ObjectId};
use super::ignore::Ignores;
use super::read::Reader;
use super::read::libgit2::Libgit2;
use super::read::plumbing::Plumbing;
use crate::disk::{self, Irregular};
use crate::shell::shown_path;

/// A repository, as it is while the process runs.
pub struct Repo {
    pub(super) libgit2: Option<Libgit2>,
    pub(super) plumbing: Plumbing,
    pub(super) forced: Option<Reader>,
    /// Whether git's environment variables speak of this repository.
    pub(super) in_env: bool,
    pub(super) git_dir: PathBuf,
    pub(super) worktree: OnceLock<PathBuf>,
    pub(super) head: OnceLock<Option<ObjectId>>,
    pub(super) indexed: Mutex<HashMap<BString, Option<Entry>>>,
    pub(super) ignores: Mutex<Option<Arc<Ignores>>>,
}

impl Repo {
    /// Asks libgit2 and, where it has no answer, git. What is no file where git keeps one, git would open, and wait for.
    pub(super) fn ask<T>(
        &self,
        libgit2: impl FnOnce(&Libgit2) -> Result<T>,
        git: impl FnOnce(&Plumbing) -> Result<T>,
    ) -> Result<T> {
        if let Some(reader) = &self.libgit2 {
            match libgit2(reader) {
                Err(error) if self.forced.is_none() && !Irregular::is_cause_of(&*error) => {}
                answer => return answer,
            }
        }
        git(&self.plumbing)
    }

    /// The directory of this working tree's own git files: `.git`, or `.git/worktrees/NAME`.
    pub fn git_dir(&self) -> &Path {
        &self.git_dir
    }

    /// The directory that all working trees of the repository share.
    ///
    /// # Errors
    /// When git can't tell.
    pub fn common_dir(&self) -> Result<PathBuf> {
        match &self.libgit2 {
            Some(libgit2) => Ok(libgit2.common_dir()),
            None => self.plumbing.common_dir(),
        }
    }

    /// The directory of git's own files of each working tree, that which all share first.
    ///
    /// # Errors
    /// When that one is not known, or the others can't be listed.
    pub(crate) fn git_dirs(&self) -> Result<Vec<PathBuf>> {
        let mut all = vec![self.common_dir()?];
        match fs::read_dir(all[0].join("worktrees")) {
            Ok(linked) => {
                for entry in linked {
                    all.push(entry?.path());
                }
            }
            Err(error) if disk::is_absent(&error) => {}
            Err(error) => return Err(error).context("the working trees can't be listed"),
        }
        Ok(all)
    }

    /// The top of the working tree.
    ///
    /// # Errors
    /// When the repository is bare.
    pub fn worktree(&self) -> Result<&Path> {
        if let Some(worktree) = self.worktree.get() {
            return Ok(worktree);
        }
        let worktree = match &self.libgit2 {
            Some(libgit2) => self.worktree_by(libgit2)?,
            None => self.plumbing.worktree()?,
        };
        Ok(self.worktree.get_or_init(|| worktree))
    }

    /// libgit2 takes a relative `GIT_WORK_TREE` as relative to the git directory and doesn't know
    /// that with `GIT_DIR` alone the current directory is the top.
    fn worktree_by(&self, libgit2: &Libgit2) -> Result<PathBuf> {
        let own = libgit2.worktree();
        if self.in_env {
            if let Some(named) = variable("GIT_WORK_TREE") {
                return Ok(std::path::absolute(named)?);
            }
            if own.is_some() && variable("GIT_DIR").is_some() && !libgit2.names_worktree()? {
                return Ok(env::current_dir()?);
            }
        }
        own.context("a bare repository has no working tree; run keyward where the files are")
    }

    /// The commit of HEAD; `None` before the first one.
    pub(super) fn head(&self) -> Result<Option<ObjectId>> {
        if let Some(head) = self.head.get() {
            return Ok(*head);
        }
        let head = self.ask(Libgit2::head, Plumbing::head)?;
        Ok(*self.head.get_or_init(|| head))
    }

    /// The index, which git may have put elsewhere for this commit.
    pub(super) fn index_path(&self) -> Result<PathBuf> {
        let Some(named) = variable("GIT_INDEX_FILE").filter(|_| self.in_env) else {
            let path = self.git_dir.join("index");
            is_index(&path)?;
            return Ok(path);
        };
        // git goes to the top of the working tree first if it is started somewhere below.
        let base = env::current_dir()?;
        let base = match self.worktree() {
            Ok(top) if base.starts_with(top) => top.to_path_buf(),
            _ => base,
        };
        let path = base.join(named);
        // A new repository has no index file, but git writes the one that it names before it runs a
        // hook: taken as empty, one that isn't there would pass everything.
        ensure!(
            is_index(&path)?,
            "GIT_INDEX_FILE names {}, which is not there; unset it, or run keyward where git does",
            shown_path(&path)
        );
        Ok(path)
    }

    /// The path, as git has it, of a file that is named relative to the current directory. The file
    /// need not exist.
    ///
    /// # Errors
    /// When it is not in the working tree.
    pub fn path_of(&self, file: &Path) -> Result<BString> {
        let absolute = std::path::absolute(file)?;
        let name = absolute.file_name().context("a path of a file is needed")?;
        // Links in the directories lead where they lead; the file itself may be a link.
        let parent = absolute.parent().unwrap_or(Path::new("/"));
        let parent = fs::canonicalize(parent).unwrap_or_else(|_| parent.to_owned());
        let top = fs::canonicalize(self.worktree()?)?;
        let inside = parent.strip_prefix(&top).map(|below| below.join(name));
        let Ok(inside) = inside else {
            bail!(
                "{} is not in the working tree of this repository",
                shown_path(file)
            );
        };
        let bytes = <[u8]>::from_path(&inside).context("the path is not Unicode")?;
        Ok(if cfg!(windows) {
            bytes.replace(b"\\", b"/").into()
        } else {
            bytes.into()
        })
    }

    /// The directory in which somebody stands, from the top of the repository, with a slash at its end. Empty
    /// at the top, and where that is not inside: names go by the top.
    pub fn prefix(&self) -> Result<BString> {
        let Ok(top) = self.worktree() else {
            return Ok(BString::default());
        };
        let here = fs::canonicalize(".")?;
        let inside = here.strip_prefix(fs::canonicalize(top)?);
        let inside = inside.ok().and_then(|inside| <[u8]>::from_path(inside));
        Ok(match inside {
            None | Some(b"") => BString::default(),
            Some(inside) => [
                &inside.replace(std::path::MAIN_SEPARATOR_STR, b"/"),
                &b"/"[..],
            ]
            .concat()
            .into(),
        })
    }

    /// Where git's relative paths start.
    pub(super) fn top(&self) -> &Path {
        self.worktree().unwrap_or(&self.git_dir)
    }

    /// The arguments that name this repository to git, at its top.
    pub(super) fn as_arguments(&self) -> Vec<OsString> {
        let named = |option: &str, path: &Path| {
            let mut argument = OsString::from(option);
            argument.push(path);
            argument
        };
        let mut arguments = vec![
            "-C".into(),
            self.top().into(),
            named("--git-dir=", &self.git_dir),
        ];
        if let Ok(worktree) = self.worktree() {
            arguments.push(named("--work-tree=", worktree));
        }
        arguments
    }
}

/// Whether there is an index at a path.
///
/// # Errors
/// When something else is there: whoever opens a FIFO waits for ever.
fn is_index(path: &Path) -> Result<bool> {
    match fs::metadata(path) {
        Ok(metadata) => {
            ensure!(
                metadata.is_file(),
                "{} is not a file, and git's index has to be one: move it away, and make a new index: git reset",
                shown_path(path)
            );
            Ok(true)
        }
        // Whoever reads it says why it can't be read.
        Err(err) => Ok(!disk::is_absent(&err)),
    }
}
