//! What wears out: allow entries, and files that nothing keeps out of the next commit.

use bstr::BString;

use super::Check;
use crate::allow::{AllowList, Entry, FILE_NAME};
use crate::count::{count, first_of};
use crate::finding::Finding;
use crate::shell;

/// At most so many of a kind are named.
const NAMED: usize = 3;

/// The allow entries that are of no more use.
#[derive(Clone, Debug, Default)]
pub(crate) struct Worn {
    /// Those whose last day is over.
    pub expired: Vec<Entry>,
    /// Those that hold and have nothing to allow.
    pub unused: Vec<Entry>,
    /// How many entries there are in all.
    pub total: usize,
}

impl Worn {
    /// Looks at each entry. `findings` is all that the tracked files hold, allowed or not.
    pub(crate) fn of(list: &AllowList, findings: &[Finding]) -> Self {
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
    pub(crate) fn has(&self, entry: &Entry) -> bool {
        self.expired.contains(entry) || self.unused.contains(entry)
    }

    /// What to say of them.
    pub(crate) fn checks(&self) -> Vec<Check> {
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
            let named = first_of(entries, NAMED, |entry| {
                format!("{} ({})", entry.fingerprint.id(), entry.rule)
            });
            let what = format!(
                "{} of {total} entries in {FILE_NAME} {what}: {named}",
                entries.len()
            );
            checks.push(Check::untidy(ABOUT, what, "keyward doctor --prune"));
        }
        if checks.is_empty() && total > 0 {
            let entries = count(total, "entry", "entries");
            let seen = format!("{entries} in {FILE_NAME}, all in use");
            checks.push(Check::healthy(ABOUT, seen));
        }
        checks
    }
}

/// Files that hold secrets by their name and that no `.gitignore` covers, though git does not
/// track them.
pub(crate) fn unignored(paths: &[BString]) -> Check {
    const ABOUT: &str = "ignored";
    if paths.is_empty() {
        return Check::healthy(
            ABOUT,
            "no file here holds secrets by its name and is not ignored",
        );
    }
    let (names, words) = named(paths);
    Check::untidy(
        ABOUT,
        format!("no .gitignore covers {names}"),
        format!("keyward ignore {words}"),
    )
}

/// The first of some paths, for a sentence and as the words of a command.
fn named(paths: &[BString]) -> (String, String) {
    let names = first_of(paths, NAMED, |path| shell::shown(path));
    let first = paths.iter().take(NAMED);
    let words: Vec<String> = first.map(|path| shell::quoted(path)).collect();
    (names, words.join(" "))
}

/// Files that hold secrets by their name and that git tracks: whoever has the repository has them.
pub(crate) fn tracked(paths: &[BString]) -> Option<Check> {
    if paths.is_empty() {
        return None;
    }
    let (names, words) = named(paths);
    Some(Check::untidy(
        "tracked",
        format!(
            "git tracks {names}, which by the name holds secrets: all who have the repository have them"
        ),
        format!("revoke what is in it, and: git rm --cached {words} && keyward ignore {words}"),
    ))
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::*;

    fn list(count: usize, until: &str) -> AllowList {
        let text: String = (0..count)
            .map(|at| format!("{at:016x} acme-key * {until} why\n"))
            .collect();
        AllowList::parse(text.as_bytes(), FILE_NAME).expect("the entries of this test are valid")
    }

    fn fault(check: &Check) -> (&str, &str) {
        match &check.state {
            State::Untidy(fault) => (&fault.what, &fault.mend),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn entries_without_use_are_named_and_counted() {
        let worn = Worn::of(&list(5, "-"), &[]);
        let [check] = &worn.checks()[..] else {
            panic!("one line");
        };
        let (what, mend) = fault(check);
        assert_eq!(
            what,
            "5 of 5 entries in .keyward.allow allow nothing that the tracked files hold: 00000000 \
             (acme-key), 00000000 (acme-key), 00000000 (acme-key) and 2 more"
        );
        assert_eq!(mend, "keyward doctor --prune");
    }

    #[test]
    fn an_expired_entry_is_told_once_whether_it_is_of_use_or_not() {
        let old = list(1, "2020-01-01");
        let worn = Worn::of(&old, &[]);
        assert_eq!((worn.expired.len(), worn.unused.len()), (1, 0));
        assert!(old.entries().all(|entry| worn.has(entry)));
        let checks = worn.checks();
        assert!(fault(&checks[0]).0.contains("expired"), "{checks:?}");
        assert_eq!(checks.len(), 1);
    }

    #[test]
    fn nothing_is_said_of_no_entries() {
        assert!(Worn::of(&AllowList::default(), &[]).checks().is_empty());
    }

    #[test]
    fn files_that_nothing_keeps_out_are_named_as_words_of_the_command() {
        let paths: Vec<BString> = [".env", "my keys/id_rsa", "c", "d"]
            .map(BString::from)
            .into();
        let check = unignored(&paths);
        assert_eq!(
            fault(&check),
            (
                "no .gitignore covers .env, my keys/id_rsa, c and 1 more",
                "keyward ignore .env 'my keys/id_rsa' c"
            )
        );
        assert!(matches!(unignored(&[]).state, State::Healthy(_)));
    }
}
