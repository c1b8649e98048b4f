//! The hooks: where they go, how they are installed, and how they are taken away.
//!
//! A hook is a short script in a directory of git's. [`mod@place`] says which directory that is, from
//! what git reports; [`install`] writes the script there and moves a hook that was there aside;
//! [`uninstall`] puts it back, byte for byte. Every step is one atomic operation of the file
//! system, in an order that keeps a working hook in place throughout, so that an install that is
//! killed loses nothing and the next `install` or `uninstall` completes it.
//!
//! To add a kind, add a row to the table in `kind`, and what it does to `cli::hook`; `hooks/script`
//! serves all.

mod block;
mod checked;
mod directory;
mod everyone;
mod framework;
mod git_config;
mod global;
mod husky;
mod inspect;
mod kind;
mod place;
mod remind;
mod script;
mod told;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};

use crate::shell::shown_path;

pub(crate) use checked::{forget, note_checked, was_checked};
pub(crate) use everyone::Unsafe;
pub(crate) use framework::{Caller, caller, to_be_told};
pub(crate) use global::{Machine, Taken, Way};
pub(crate) use inspect::program_of;
pub use inspect::{Found, What, inspect};
pub use kind::HookKind;
pub(crate) use kind::{Input, Side, Want};
pub use place::{Elsewhere, HooksPath, Place, Site, place};
pub(crate) use remind::{due, note_due};
pub use told::tell_installed;
pub(crate) use told::{tell_called, tell_installed_globally, tell_uninstalled};

/// What [`install`] did; [`tell_installed`] tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installed {
    /// The kind of hook.
    pub kind: HookKind,
    /// The file that git, or husky, runs.
    pub path: PathBuf,
    /// The hook that was there before and runs first.
    pub kept: Option<PathBuf>,
    /// Nothing had to be done.
    pub already: bool,
    /// What pre-commit or prek installed is the hook, and runs it.
    pub is_below: bool,
    /// Where the hook is a file of the working tree, which the team shares.
    pub in_worktree: bool,
    /// husky's own scripts are not there yet: git runs nothing until `npm install` has made them.
    pub awaits_husky: bool,
}

/// What [`uninstall`] did; `tell_uninstalled` tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Uninstalled {
    /// keyward was not installed.
    Nothing,
    /// The hook is gone; there was none before.
    Removed(PathBuf),
    /// The hook that was there before is back.
    Restored(PathBuf),
    /// A script of keyward's that another tool moved aside and runs from there, which stays.
    Parked(PathBuf),
    /// One that nobody but its owner may read, so that nobody can tell whose it is. It stays.
    Unread(PathBuf),
}

/// Puts the hook of that kind in place, to call the program at `program`.
///
/// A hook that is there is moved aside and runs first. Installing twice, also at the same time, is
/// the same as once.
///
/// # Errors
/// When `program` is not an absolute path, or the file system refuses; nothing is changed then.
pub fn install(place: &Place, kind: HookKind, program: &Path) -> Result<Installed> {
    ensure!(
        program.is_absolute(),
        "the hook needs the program's absolute path, not {}",
        shown_path(program)
    );
    match place {
        Place::Directory { dir, in_worktree } => {
            let mut installed = directory::install(dir, kind, program)?;
            installed.in_worktree = *in_worktree;
            Ok(installed)
        }
        Place::Husky { dir, home } => husky::install(dir, kind, program, home.as_deref()),
    }
}

/// Takes the hook of that kind away and puts back what was there before.
///
/// # Errors
/// When the file system refuses.
pub fn uninstall(place: &Place, kind: HookKind) -> Result<Uninstalled> {
    match place {
        Place::Directory { dir, .. } => directory::uninstall(dir, kind),
        Place::Husky { dir, .. } => husky::uninstall(dir, kind),
    }
}

/// Takes away what other tools moved aside of the hook of that kind and do not run.
///
/// # Errors
/// When the file system refuses.
pub fn uninstall_parked(place: &Place, kind: HookKind) -> Result<Vec<Uninstalled>> {
    match place {
        Place::Directory { dir, .. } if directory::is_dir(dir)? => {
            directory::uninstall_parked(dir, kind)
        }
        Place::Directory { .. } | Place::Husky { .. } => Ok(Vec::new()),
    }
}

/// Whether keyward's script for pushes stands where Git LFS would put its own, so that LFS has none:
/// where git looks for hooks, or in the repository's own directory, to which the scripts for every
/// repository go on.
pub(crate) fn takes_lfs_place(hooks_dir: &Path, own_dir: &Path) -> bool {
    directory::takes_lfs_place(&[hooks_dir, own_dir])
}

/// Whether git runs keyward from a repository's hooks directory at that moment. Then what git's
/// global config says would run it a second time.
///
/// A hook that is a file of the working tree, as husky's, does not count: whoever commits it could
/// switch off with it what the user has set.
pub(crate) fn is_run_from(hooks_dir: &Path, git_dir: &Path, kind: HookKind) -> bool {
    directory::runs(hooks_dir, git_dir, kind)
}

/// Whether git finds a hook of that kind, whoever's: where husky is set up, the team's file.
pub(crate) fn is_there(hooks_dir: &Path, kind: HookKind) -> bool {
    let above = hooks_dir.parent().filter(|_| hooks_dir.ends_with("_"));
    above.unwrap_or(hooks_dir).join(kind.name()).is_file()
}

/// A file operation that failed. `Display` tells what was tried and what to do about it.
#[derive(Debug)]
pub(crate) struct Refused {
    tried: String,
    mend: String,
    kind: io::ErrorKind,
}

impl Refused {
    /// What was tried, and why it failed.
    pub(crate) fn tried(&self) -> &str {
        &self.tried
    }

    /// Whether it is the rights of whoever ran keyward that did not go so far.
    pub(crate) fn is_denied(&self) -> bool {
        matches!(
            self.kind,
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem
        )
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}. {}", self.tried, self.mend)
    }
}

impl std::error::Error for Refused {}

/// The error of a file operation.
fn refused(doing: &str, path: &Path, err: &io::Error) -> anyhow::Error {
    let dir = path.parent().unwrap_or(path);
    let mend = match err.kind() {
        io::ErrorKind::PermissionDenied if doing == "read" => {
            format!(
                "Make {} readable for you and run the command again",
                shown_path(path)
            )
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            format!(
                "Make {} writable for you and run the command again",
                shown_path(dir)
            )
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "Free some disk space and run the command again".to_owned()
        }
        io::ErrorKind::NotADirectory => {
            format!(
                "Move away what stands in the way of {} and run the command again",
                shown_path(dir)
            )
        }
        _ => format!("Check {} and run the command again", shown_path(dir)),
    };
    let tried = format!("cannot {doing} {}: {err}", shown_path(path));
    let kind = err.kind();
    anyhow::Error::new(Refused { tried, mend, kind })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relative_program_is_refused() {
        let place = Place::Directory {
            dir: PathBuf::from("/nowhere/hooks"),
            in_worktree: false,
        };
        let err = install(&place, HookKind::PreCommit, Path::new("keyward")).unwrap_err();
        assert_eq!(
            err.to_string(),
            "the hook needs the program's absolute path, not keyward"
        );
    }
}
