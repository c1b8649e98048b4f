//! What keyward told of last: how `keyward allow ID` finds it again, whatever it was found in.
//!
//! The file lies in the git directory of the one working tree and holds what an allow file would:
//! fingerprints, rules and paths, no secret. The place of the reason has the name of what was found.

use std::fs;
use std::io;
use std::path::Path;

use super::{AllowList, Entry};
use crate::disk;
use crate::finding::Finding;

/// The file's name.
pub(crate) const NAME: &str = "keyward-told";

/// A bound: nobody allows more of one report one by one.
const MOST: usize = 1000;

/// A bound: longer than so many lines of a usual length.
const MOST_BYTES: u64 = 4 << 20;

/// Writes down what was found.
///
/// # Errors
/// When the file can't be written.
pub(crate) fn note(git_dir: &Path, findings: &[Finding]) -> io::Result<()> {
    let mut list = AllowList {
        header: Vec::new(),
        ..AllowList::default()
    };
    let entries = findings
        .iter()
        .filter_map(|finding| Entry::for_finding(finding, None, &finding.name).ok());
    entries.take(MOST).for_each(|entry| list.insert(entry));
    // A part of it is no list: nothing is lost if this is interrupted.
    fs::write(git_dir.join(NAME), list.to_string())
}

/// What was found, each as an entry that would allow it, with its name for the reason.
pub(crate) fn noted(git_dir: &Path) -> Vec<Entry> {
    let bytes = disk::read_regular(&git_dir.join(NAME), MOST_BYTES);
    let list = bytes
        .ok()
        .flatten()
        .and_then(|bytes| AllowList::parse(&bytes, NAME).ok());
    list.map_or(Vec::new(), |list| list.entries().cloned().collect())
}
