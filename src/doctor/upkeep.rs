//! What wears out: allow entries, and files that nothing keeps out of the next commit.

use bstr::BString;

use super::Check;
use crate::allow::{AllowList, Entry, FILE_NAME};
use crate::finding::Finding;
use crate::shell;

/// At most so many of a kind are named.
const NAMED: usize = 3;

/// The allow entries that are of no more use.
#[derive(Clone, Debug, Default)]
pub struct Worn {
    /// Those whose last day is over.
    pub expired: Vec<Entry>,
    /// Those that hold and have nothing to allow.
    pub unused: Vec<Entry>,
    /// How many entries there are in all.
    pub total: usize,
}

impl Worn {
    /// Looks at each entry. `findings` is all that the tracked files hold, allowed or not.
    pub fn of(list: &AllowList, findings: &[Finding]) -> Self {
        let expired: Vec<Entry> = list.expired().cloned().collect();
        let is_used = |entry: &Entry| findings.iter().any(|finding| entry.covers(finding));
        let unused = list
            .entries()
            .filter(|entry| !is_used(entry) && !expired.contains(entry));
        Self {
            unused: unused.cloned().collect(),
            total: list.entries().count(),
            expired,
        }
    }

    /// Whether the entry is one of them.
    pub fn has(&self, entry: &Entry) -> bool {
        self.expired.contains(entry) || self.unused.contains(entry)
    }

    /// What to say of them.
    pub fn checks(&self) -> Vec<Check> {
        const ABOUT: &str = "allow";
        let total = self.total;
        let mut checks = Vec::new();
        for (entries, what) in [
            (&self.expired, "expired and allow nothing any more"),
            (&self.unused, "allow nothing that the tracked files hold"),
        ] {
            if entries.is_empty() {
                continue;
            }
            let named: Vec<String> = entries
                .iter()
                .take(NAMED)
                .map(|entry| format!("{} ({})", entry.fingerprint.id(), entry.rule))
                .collect();
            let what = format!(
                "{} of {total} entries in {FILE_NAME} {what}: {}{}",
                entries.len(),
                named.join(", "),
                more(entries.len())
            );
            checks.push(Check::untidy(ABOUT, what, "keyward doctor --prune"));
        }
        if checks.is_empty() && total > 0 {
            let entries = if total == 1 { "entry" } else { "entries" };
            let seen = format!("{total} {entries} in {FILE_NAME}, all in use");
            checks.push(Check::healthy(ABOUT, seen));
        }
        checks
    }
}

/// Files that hold secrets by their name and that no `.gitignore` covers, though git does not
/// track them.
pub fn unignored(paths: &[BString]) -> Check {
    const ABOUT: &str = "ignored";
    if paths.is_empty() {
        return Check::healthy(
            ABOUT,
            "no file here holds secrets by its name and is not ignored",
        );
    }
    let named = || paths.iter().take(NAMED);
    let shown: Vec<String> = named().map(|path| shell::shown(path)).collect();
    let words: Vec<String> = named().map(|path| shell::quoted(path)).collect();
    Check::untidy(
        ABOUT,
        format!(
            "no .gitignore covers {}{}",
            shown.join(", "),
            more(paths.len())
        ),
        format!("keyward ignore {}", words.join(" ")),
    )
}

fn more(count: usize) -> String {
    match count.saturating_sub(NAMED) {
        0 => String::new(),
        rest => format!(" and {rest} more"),
    }
}
