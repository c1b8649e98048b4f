//! What git runs for every user of a machine: each must be able to run it, and nobody but its owner
//! to change it.

use std::fmt;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::refused;
use crate::shell::shown_path;

/// Why a program can't serve every user. `Display` tells what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unsafe {
    /// What every user would run.
    path: PathBuf,
    /// The file or directory on the way to it that is not as it should be.
    at: PathBuf,
    why: Why,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    /// Not every user may run it, or go through it.
    Closed,
    /// A user who is not trusted with everybody's git owns it.
    Owned,
    /// Every user may write to it.
    Writable,
}

impl fmt::Display for Unsafe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (path, at) = (shown_path(&self.path), shown_path(&self.at));
        let why = match self.why {
            Why::Closed => format!("{at} is closed to other users"),
            Why::Owned => format!("{at} belongs to a user who could change what the others run"),
            Why::Writable => format!("every user could change {at}"),
        };
        write!(
            f,
            "{path} can't be what git runs for every user: {why}; nothing was written\n  \
             put keyward where all can run it and only root can change it, /usr/local/bin for one, \
             and run it from there",
        )
    }
}

impl std::error::Error for Unsafe {}

/// Checks a program that git is to run for every user. Whoever owns the directory of git's
/// `config` can have everybody's git run what they like already, and so can root.
///
/// # Errors
/// [`Unsafe`], or when it can't be looked at.
pub(super) fn can_run(program: &Path, config: &Path) -> Result<()> {
    let target = fs::canonicalize(program).map_err(|err| refused("read", program, &err))?;
    check(program, &target, config)?;
    // A link can be led elsewhere by who can change its directory.
    let (Some(dir), Some(name)) = (program.parent(), program.file_name()) else {
        return Ok(());
    };
    let dir = fs::canonicalize(dir).map_err(|err| refused("read", dir, &err))?;
    check(program, &dir.join(name), config)
}

/// Checks a directory whose scripts git is to run for every user.
///
/// # Errors
/// As for [`can_run`].
pub(super) fn can_run_from(dir: &Path, config: &Path) -> Result<()> {
    let real = fs::canonicalize(dir).map_err(|err| refused("read", dir, &err))?;
    check(dir, &real, config)
}

#[cfg(unix)]
fn check(path: &Path, real: &Path, config: &Path) -> Result<()> {
    use std::os::unix::fs::MetadataExt;

    const STICKY: u32 = 0o1000;
    let trusted = config
        .ancestors()
        .skip(1)
        .find_map(|dir| Some(fs::metadata(dir).ok()?.uid()));
    for at in real.ancestors() {
        let metadata = fs::symlink_metadata(at).map_err(|err| refused("read", at, &err))?;
        let mode = metadata.mode();
        let is_sticky_dir = metadata.is_dir() && mode & STICKY != 0;
        let why = if metadata.uid() != 0 && Some(metadata.uid()) != trusted {
            Why::Owned
        } else if metadata.is_symlink() {
            continue;
        } else if mode & 0o001 == 0 {
            Why::Closed
        } else if mode & 0o002 != 0 && !is_sticky_dir {
            Why::Writable
        } else {
            continue;
        };
        return Err(Unsafe {
            path: path.to_owned(),
            at: at.to_owned(),
            why,
        }
        .into());
    }
    Ok(())
}

/// There, who may change what is not told by owner and mode.
#[cfg(not(unix))]
fn check(_: &Path, _: &Path, _: &Path) -> Result<()> {
    Ok(())
}

/// Makes a directory, and those above it that are missing, for every user to read, whatever the
/// umask.
///
/// # Errors
/// When the file system refuses.
pub(super) fn make_directory(dir: &Path) -> Result<()> {
    let missing: Vec<&Path> = dir.ancestors().take_while(|dir| !dir.exists()).collect();
    for dir in missing.into_iter().rev() {
        DirBuilder::new()
            .create(dir)
            .and_then(|()| open_to_all(dir, 0o755))
            .map_err(|err| refused("make", dir, &err))?;
    }
    Ok(())
}

/// Makes an empty file for every user to read, whatever the umask. One that is there stays.
///
/// # Errors
/// When the file system refuses.
pub(super) fn make_file(file: &Path) -> Result<()> {
    let made = OpenOptions::new().write(true).create_new(true).open(file);
    let opened = match made {
        Ok(_) => open_to_all(file, 0o644),
        Err(err) if err.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(err) => Err(err),
    };
    opened.map_err(|err| refused("make", file, &err))
}

#[cfg(unix)]
fn open_to_all(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;

    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn open_to_all(_: &Path, _: u32) -> io::Result<()> {
    Ok(())
}
