//! When the hook reminds of keys that are to be replaced.
//!
//! What it would say lies in a file of the git directory, and the time of that file is when it is to be said: a hook
//! that has nothing to say asks for the time and for nothing else.

use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Result;

use super::refused;
use crate::disk;

const NAME: &str = "keyward-due";

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A bound: nobody has so many keys that it is longer.
const MOST_BYTES: u64 = 64 << 10;

/// Writes down which keys are to be replaced and when, a line each, and the first of these days, counted from the first
/// of 1970. Whoever is told now is not told again before tomorrow.
///
/// # Errors
/// When the file can't be written.
pub(crate) fn note_due(git_dir: &Path, first: Option<u64>, lines: &str) -> Result<()> {
    let path = git_dir.join(NAME);
    let Some(first) = first else {
        return match fs::remove_file(&path) {
            Err(err) if !disk::is_absent(&err) => Err(refused("remove", &path, &err)),
            _ => Ok(()),
        };
    };
    let day = UNIX_EPOCH.checked_add(DAY * u32::try_from(first).unwrap_or(u32::MAX));
    let when = day.unwrap_or(UNIX_EPOCH).max(SystemTime::now() + DAY);
    let write = || {
        // Half of it is told, at worst.
        fs::write(&path, lines)?;
        File::options().write(true).open(&path)?.set_modified(when)
    };
    write().map_err(|err| refused("write", &path, &err))
}

/// The names of the keys that are due, each with its day, if it is time to say so; then not again before tomorrow.
pub(crate) fn due(git_dir: &Path) -> Option<Vec<String>> {
    let path = git_dir.join(NAME);
    let now = SystemTime::now();
    if fs::metadata(&path).ok()?.modified().ok()? > now {
        return None;
    }
    let lines = disk::read_regular(&path, MOST_BYTES).ok()??;
    // Where that can't be written down, nobody is told again and again.
    let file = File::options().write(true).open(&path).ok()?;
    file.set_modified(now + DAY).ok()?;
    let lines = String::from_utf8(lines).ok()?;
    Some(lines.lines().map(str::to_owned).collect())
}
