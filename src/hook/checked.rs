//! Which commit was checked last: how `post-commit` and `prepare-commit-msg` know of one that was
//! not.
//!
//! The hook that checks a commit writes down the id of the tree that will be committed. It is the
//! same whatever becomes of the message, for an amended commit and for a merge. The file is in the
//! git directory of the one working tree.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::refused;
use crate::disk;

const NAME: &str = "keyward-checked";

/// Writes down that a tree was checked.
///
/// # Errors
/// When the file can't be written.
pub(crate) fn note_checked(git_dir: &Path, tree: &str) -> Result<()> {
    let path = git_dir.join(NAME);
    let line = format!("{tree}\n");
    if fs::read(&path).is_ok_and(|old| old == line.as_bytes()) {
        return Ok(());
    }
    // Half a line is not the id of a tree: nothing is lost if this is interrupted.
    fs::write(&path, line).map_err(|err| refused("write", &path, &err))
}

/// Whether it is this tree that was checked last.
pub(crate) fn was_checked(git_dir: &Path, tree: &str) -> bool {
    fs::read_to_string(git_dir.join(NAME)).is_ok_and(|noted| noted.trim_end() == tree)
}

/// The start of the name of all that keyward writes into git's directory.
const OURS: &[u8] = b"keyward-";

/// Removes what keyward wrote down, for every working tree of the repository, by their directories for git. Gives the
/// names of what was there.
///
/// # Errors
/// When something can't be removed.
pub(crate) fn forget(git_dirs: &[PathBuf]) -> Result<BTreeSet<OsString>> {
    let mut gone = BTreeSet::new();
    for dir in git_dirs {
        let entries = fs::read_dir(dir).map_err(|err| refused("list", dir, &err))?;
        for entry in entries {
            let entry = entry.map_err(|err| refused("list", dir, &err))?;
            if !entry.file_name().as_encoded_bytes().starts_with(OURS) {
                continue;
            }
            let path = entry.path();
            let is_directory = entry.file_type().is_ok_and(|it| it.is_dir());
            let removed = match is_directory {
                true => fs::remove_dir_all(&path),
                false => fs::remove_file(&path),
            };
            match removed {
                Err(err) if !disk::is_absent(&err) => {
                    return Err(refused("remove", &path, &err));
                }
                _ => gone.insert(entry.file_name()),
            };
        }
    }
    Ok(gone)
}
