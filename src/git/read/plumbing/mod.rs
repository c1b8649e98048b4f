//! The reader for everything else: git itself, by its plumbing commands, never by a patch.
//!
//! No command here can be made to start another program by a repository's config or attributes:
//! raw differences know no external diff, `cat-file` applies no filter, the file system monitor is
//! off, and objects that are missing are not fetched.

mod commits;
mod files;
mod objects;

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Result, ensure};
use bstr::ByteSlice;

pub(in crate::git) use self::commits::{Known, KnownRefs, Logged};
pub(in crate::git) use self::files::{Staged, pathspec};
use super::batch::Batch;
use super::command::{bare_git, path, refusal, run};
use crate::git::env::LOCAL;
use crate::git::pool::Pool;

/// Which repository git is asked about.
pub(in crate::git) enum Scope {
    /// The one that the environment names, or that of the current directory.
    Environment,
    /// The one that holds this directory, whatever the environment says.
    Directory(PathBuf),
}

pub(in crate::git) struct Plumbing {
    scope: Scope,
    empty_tree: OnceLock<String>,
    /// One for each thread that reads.
    objects: Pool<Batch>,
}

impl Plumbing {
    pub(in crate::git) fn new(scope: Scope) -> Self {
        Self {
            scope,
            empty_tree: OnceLock::new(),
            objects: Pool::default(),
        }
    }

    /// A git that only reads.
    fn reading(&self) -> Command {
        let mut git = self.git();
        git.args(["-c", "core.fsmonitor=false", "-c", "core.quotePath=false"]);
        git
    }

    /// A git with the user's own settings, for what the user asked for.
    pub(in crate::git) fn git(&self) -> Command {
        let mut git = bare_git();
        self.aim(&mut git);
        git.env("GIT_NO_REPLACE_OBJECTS", "1");
        git
    }

    /// Makes a program look at this repository: where the environment names it, that does.
    pub(in crate::git) fn aim(&self, program: &mut Command) {
        if let Scope::Directory(dir) = &self.scope {
            for variable in LOCAL {
                program.env_remove(variable);
            }
            program.current_dir(dir);
        }
    }

    pub(in crate::git) fn read<A: AsRef<OsStr>>(
        &self,
        args: impl IntoIterator<Item = A>,
    ) -> Result<Vec<u8>> {
        let output = run(self.reading().args(args))?;
        ensure!(output.status.success(), refusal(&output));
        Ok(output.stdout)
    }

    /// As `read`, where an exit code of 1 says that there is nothing.
    pub(in crate::git) fn read_optional<A: AsRef<OsStr>>(
        &self,
        args: impl IntoIterator<Item = A>,
    ) -> Result<Option<Vec<u8>>> {
        let output = run(self.reading().args(args))?;
        if output.status.code() == Some(1) {
            return Ok(None);
        }
        ensure!(output.status.success(), refusal(&output));
        // What there is takes a line, or a NUL, if it is empty.
        ensure!(!output.stdout.is_empty(), LOST);
        Ok(Some(output.stdout))
    }

    /// Runs git for what it does, with its working directory at `top`. What a repository's config has watch its files
    /// is not started.
    pub(in crate::git) fn change<A: AsRef<OsStr>>(
        &self,
        repository: &[A],
        args: impl IntoIterator<Item = A>,
    ) -> Result<()> {
        let mut git = self.git();
        git.args(repository).args(["-c", "core.fsmonitor=false"]);
        let output = run(git.args(args))?;
        ensure!(output.status.success(), refusal(&output));
        Ok(())
    }

    pub(in crate::git) fn git_dir(&self) -> Result<PathBuf> {
        path(self.read(["rev-parse", "--absolute-git-dir"])?)
    }

    pub(in crate::git) fn common_dir(&self) -> Result<PathBuf> {
        let common = self.absolute(path(self.read(["rev-parse", "--git-common-dir"])?)?)?;
        // git may tell it as `../.git`. On Windows that is resolved by now.
        Ok(if cfg!(windows) {
            common
        } else {
            common.canonicalize()?
        })
    }

    /// The top of the working tree; an error in a bare repository.
    pub(in crate::git) fn worktree(&self) -> Result<PathBuf> {
        path(self.read(["rev-parse", "--show-toplevel"])?)
    }

    /// What git says about a path relative to the directory that it was started in.
    fn absolute(&self, path: PathBuf) -> Result<PathBuf> {
        Ok(match &self.scope {
            Scope::Directory(dir) => std::path::absolute(dir.join(path))?,
            Scope::Environment => std::path::absolute(path)?,
        })
    }

    pub(in crate::git) fn ignores_case(&self) -> Result<bool> {
        let value = self.read_optional(["config", "--bool", "--get", "core.ignoreCase"])?;
        Ok(value.is_some_and(|value| value.trim() == b"true"))
    }

    /// The file of `core.excludesFile`, if it is set; an empty path means none.
    pub(in crate::git) fn excludes_file(&self) -> Result<Option<PathBuf>> {
        let value = self.read_optional(["config", "-z", "--path", "--get", "core.excludesFile"])?;
        Ok(match value {
            Some(value) => Some(
                value
                    .strip_suffix(b"\0")
                    .unwrap_or(&value)
                    .to_path()?
                    .to_owned(),
            ),
            None => None,
        })
    }

    /// The directory of the repository's objects.
    pub(in crate::git) fn objects_dir(&self) -> Result<PathBuf> {
        self.absolute(path(self.read(["rev-parse", "--git-path", "objects"])?)?)
    }

    /// Where git looks for hooks, relative to the working directory that `repository` sets.
    pub(in crate::git) fn hooks_dir<A: AsRef<OsStr>>(&self, repository: &[A]) -> Result<PathBuf> {
        let mut git = self.reading();
        git.args(repository)
            .args(["rev-parse", "--git-path", "hooks"]);
        let output = run(&mut git)?;
        ensure!(output.status.success(), refusal(&output));
        path(output.stdout)
    }

    /// The values of settings whose keys fit a regular expression, the last one last.
    pub(in crate::git) fn settings(&self, keys: &str) -> Result<Vec<(String, String)>> {
        let output = self
            .read_optional(["config", "-z", "--get-regexp", keys])?
            .unwrap_or_default();
        Ok(output
            .split_str("\0")
            .filter(|setting| !setting.is_empty())
            .map(|setting| {
                let setting = setting.to_str_lossy();
                // One without a value is a switch that is on.
                let (key, value) = setting.split_once('\n').unwrap_or((&setting, "true"));
                (key.to_owned(), value.to_owned())
            })
            .collect())
    }
}

/// What is said of an answer that was lost on its way.
const LOST: &str = "a part of git's answer was lost on its way; run this again";
