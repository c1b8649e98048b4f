//! Which commits of a range say that they were checked where they were made, author by author.
//!
//! It is a claim and no proof: whoever writes a message can write this too.

use std::collections::BTreeMap;

/// No more authors than these are named.
const NAMED: usize = 20;

/// What the message of a commit says of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Nothing.
    Nothing,
    /// That another tree was checked: it was rebased, picked or amended since.
    Other,
    /// That its own tree was checked.
    Own,
}

/// One author's commits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tally {
    commits: usize,
    nothing: usize,
    other: usize,
}

impl Tally {
    const fn unchecked(self) -> usize {
        self.nothing + self.other
    }
}

/// The commits of a range, counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LocalChecks {
    authors: BTreeMap<String, Tally>,
    /// Commits with more than one parent, which are not counted: who merges adds little, and
    /// forges merge by themselves.
    pub merges: usize,
    /// Commits that a forge made, which runs no hook: not counted either.
    pub by_forge: usize,
}

impl LocalChecks {
    /// Counts a commit.
    pub fn count(&mut self, author: String, claim: Claim) {
        let tally = self.authors.entry(author).or_default();
        tally.commits += 1;
        match claim {
            Claim::Nothing => tally.nothing += 1,
            Claim::Other => tally.other += 1,
            Claim::Own => {}
        }
    }

    /// The count in words: a line for all, and one for each author with commits that nobody
    /// checked, the most first. Names are as in the commits: escape them.
    pub fn lines(&self) -> Vec<String> {
        let all: usize = self.authors.values().map(|tally| tally.commits).sum();
        let unchecked: usize = self.authors.values().map(|tally| tally.unchecked()).sum();
        let mut first = match (all, unchecked) {
            (0, _) => "no commits to count for a local check".to_owned(),
            (_, 0) => format!("{} with a local check", commits(all)),
            _ => format!("{unchecked} of {} without a local check", commits(all)),
        };
        let left_out = [
            (self.merges, "merged"),
            (self.by_forge, "made by the forge"),
        ];
        for (number, what) in left_out.into_iter().filter(|(number, _)| *number > 0) {
            first.push_str(&format!(", and {number} {what}"));
        }
        let mut authors: Vec<_> = self
            .authors
            .iter()
            .filter(|(_, tally)| tally.unchecked() > 0)
            .collect();
        authors.sort_by_key(|(_, tally)| std::cmp::Reverse(tally.unchecked()));
        let line = |(author, tally): &(&String, &Tally)| {
            let line = format!("{} of {}  {author}", tally.unchecked(), tally.commits);
            match tally.other {
                0 => line,
                other => format!("{line} ({other} rebased, picked or amended after the check)"),
            }
        };
        let mut lines = vec![first];
        lines.extend(authors.iter().take(NAMED).map(line));
        if authors.len() > NAMED {
            lines.push(format!("and {} more authors", authors.len() - NAMED));
        }
        lines
    }
}

fn commits(number: usize) -> String {
    match number {
        1 => "1 commit".to_owned(),
        _ => format!("{number} commits"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn authors_without_a_check_are_told_the_most_first() {
        let mut checks = LocalChecks::default();
        for (author, claim) in [
            ("Ann <a>", Claim::Own),
            ("Ann <a>", Claim::Other),
            ("Bob <b>", Claim::Nothing),
            ("Bob <b>", Claim::Nothing),
            ("Cy <c>", Claim::Own),
        ] {
            checks.count(author.to_owned(), claim);
        }
        assert_eq!(
            checks.lines(),
            [
                "3 of 5 commits without a local check",
                "2 of 2  Bob <b>",
                "1 of 2  Ann <a> (1 rebased, picked or amended after the check)",
            ]
        );
    }

    #[test]
    fn what_is_not_counted_is_named() {
        let mut checks = LocalChecks {
            merges: 2,
            by_forge: 1,
            ..LocalChecks::default()
        };
        assert_eq!(
            checks.lines(),
            ["no commits to count for a local check, and 2 merged, and 1 made by the forge"]
        );
        checks.count("Ann <a>".to_owned(), Claim::Own);
        assert_eq!(
            checks.lines(),
            ["1 commit with a local check, and 2 merged, and 1 made by the forge"]
        );
    }

    #[test]
    fn no_more_than_so_many_are_named() {
        let mut checks = LocalChecks::default();
        for number in 0..NAMED + 5 {
            checks.count(format!("{number} <x>"), Claim::Nothing);
        }
        let lines = checks.lines();
        assert_eq!(lines.len(), NAMED + 2);
        assert_eq!(lines.last().map(String::as_str), Some("and 5 more authors"));
    }
}
