//! What an agent proposes to allow, until a person confirms it.
//!
//! Each proposal is a file of its own in the git directory of the one working tree: it is written whole or
//! not at all, and several that are written at once do not meet. It holds what an allow file would, and
//! no secret.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{Date, Entry};
use crate::disk;

/// The name of the directory of proposals in git's directory.
pub(crate) const NAME: &str = "keyward-proposed";

/// A bound: of more proposals nobody reads each.
const MOST: usize = 1000;

/// A bound: a longer one was written by no `keyward allow`.
const MOST_BYTES: u64 = 4 << 20;

/// What is proposed: one secret or one file, wherever it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Proposal {
    /// The entries that would allow it, with the reason that is proposed; never empty, all of one
    /// fingerprint.
    pub entries: Vec<Entry>,
    /// What it is.
    pub name: String,
    /// Who proposed it.
    pub by: String,
    /// When.
    pub on: Date,
}

/// The proposals of a working tree.
#[derive(Debug, Default)]
pub(crate) struct Proposals {
    /// Those that can be read, in the order of their fingerprints.
    pub all: Vec<Proposal>,
    /// How many can't be.
    pub broken: usize,
}

impl Proposal {
    /// The digits by which a person names it.
    pub(crate) fn id(&self) -> &str {
        self.entries[0].fingerprint.id()
    }

    /// Whether its fingerprint starts with these digits.
    pub(crate) fn is_of(&self, id: &str) -> bool {
        self.entries[0].fingerprint.as_str().starts_with(id)
    }

    /// Writes it, in the place of one for the same.
    ///
    /// # Errors
    /// When the file can't be written.
    pub(crate) fn write(&self, git_dir: &Path) -> io::Result<()> {
        let file = self.file(git_dir);
        if let Some(directory) = file.parent() {
            fs::create_dir_all(directory)?;
        }
        let entries: Vec<String> = self.entries.iter().map(Entry::to_string).collect();
        let value = json!({
            "name": self.name,
            "by": self.by,
            "on": self.on.to_string(),
            "entries": entries,
        });
        let content = format!("{value:#}\n");
        disk::replace(&file, content.as_bytes())
    }

    /// Takes it away. One that is gone already is no error.
    ///
    /// # Errors
    /// When the file can't be removed.
    pub(crate) fn drop_from(&self, git_dir: &Path) -> io::Result<()> {
        match fs::remove_file(self.file(git_dir)) {
            Err(error) if !disk::is_absent(&error) => Err(error),
            _ => Ok(()),
        }
    }

    fn file(&self, git_dir: &Path) -> PathBuf {
        let fingerprint = self.entries[0].fingerprint.as_str();
        Proposals::directory(git_dir).join(format!("{fingerprint}.json"))
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let value: Value = serde_json::from_slice(bytes).ok()?;
        let text = |name: &str| value.get(name)?.as_str().map(str::to_owned);
        let lines = value.get("entries")?.as_array()?.iter();
        let entries: Option<Vec<Entry>> = lines
            .map(|line| Entry::parse(line.as_str()?).ok())
            .collect();
        let entries = entries?;
        let first = entries.first()?;
        let is_one = entries.iter().all(|it| it.fingerprint == first.fingerprint);
        is_one.then_some(())?;
        Some(Self {
            name: text("name")?,
            by: text("by")?,
            on: Date::parse(&text("on")?)?,
            entries,
        })
    }
}

impl Proposals {
    /// Those in a git directory.
    pub(crate) fn read(git_dir: &Path) -> Self {
        let files = fs::read_dir(Self::directory(git_dir));
        let paths = files.into_iter().flatten().flatten().map(|it| it.path());
        let is_one = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "json");
        let mut found = Self::default();
        for path in paths.filter(is_one).take(MOST) {
            let read = disk::read_regular(&path, MOST_BYTES);
            match read.ok().flatten().map(|bytes| Proposal::parse(&bytes)) {
                Some(Some(proposal)) => found.all.push(proposal),
                _ => found.broken += 1,
            }
        }
        found
            .all
            .sort_by(|a, b| a.entries[0].fingerprint.cmp(&b.entries[0].fingerprint));
        found
    }

    /// The directory that holds those of a git directory.
    pub(crate) fn directory(git_dir: &Path) -> PathBuf {
        git_dir.join(NAME)
    }

    /// How many there are in the other working trees of a repository, by the directories for git of
    /// these.
    pub(crate) fn elsewhere(git_dirs: Vec<PathBuf>, git_dir: &Path) -> Vec<(PathBuf, usize)> {
        /// A bound: nobody has more working trees.
        const MOST_TREES: usize = 1000;
        let same = |one: &Path| fs::canonicalize(one).ok();
        let own = same(git_dir);
        git_dirs
            .into_iter()
            .take(MOST_TREES)
            .filter(|other| same(other) != own)
            .map(|other| {
                let count = Self::read(&other).all.len();
                (other, count)
            })
            .filter(|(_, count)| *count > 0)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_proposal_is_none() {
        let line = "0123456789abcdef acme-key /a.py - why";
        let whole = json!({ "name": "n", "by": "b", "on": "2026-11-27", "entries": [line] });
        let read = |value: &Value| Proposal::parse(value.to_string().as_bytes());
        let proposal = read(&whole).expect("it is whole");
        assert_eq!(proposal.id(), "01234567");
        assert!(proposal.is_of("0123") && !proposal.is_of("1"));
        let other = line.replace('0', "9");
        for (name, value) in [
            ("entries", json!([])),
            ("entries", json!(["nonsense"])),
            ("entries", json!([7])),
            ("entries", json!([line, other])),
            ("entries", json!([format!("{line}\u{1b}[2J")])),
            ("entries", Value::Null),
            ("on", json!("yesterday")),
            ("by", Value::Null),
            ("name", json!([])),
        ] {
            let mut broken = whole.clone();
            broken[name] = value;
            assert_eq!(read(&broken), None, "{broken}");
        }
        assert_eq!(Proposal::parse(b"\xff{"), None);
    }
}
