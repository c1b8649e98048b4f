//! How far a long look is: told on a terminal, from one second on, and gone at its end.

use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};

use crate::change::Change;
use crate::count::counted;

/// A bound: so many changes pass before the clock is asked: an ordinary commit has fewer.
const UNASKED: usize = 16;

/// A bound: nobody waits for less than that.
const PATIENCE: Duration = Duration::from_secs(1);

/// Changes, counted as they pass.
pub(super) struct Progress<I> {
    changes: I,
    seen: usize,
    commits: usize,
    last: Option<Arc<str>>,
    start: Option<Instant>,
    bar: Bar,
}

/// What is shown.
enum Bar {
    /// Nothing so far.
    Later,
    /// Nothing: nobody looks.
    Never,
    Shown(ProgressBar),
}

impl<I> Progress<I> {
    /// The same changes. Where nobody wants to see how far it is, nothing is shown.
    pub(super) fn of(changes: I, wanted: bool) -> Self {
        Self {
            changes,
            seen: 0,
            commits: 0,
            last: None,
            start: None,
            bar: if wanted { Bar::Later } else { Bar::Never },
        }
    }

    fn told(&self) -> String {
        match self.commits {
            0 => format!("keyward looks at {}", counted(self.seen, "file")),
            commits => format!("keyward looks at {}", counted(commits, "commit")),
        }
    }

    fn show(&mut self) {
        let start = *self.start.get_or_insert_with(Instant::now);
        if matches!(self.bar, Bar::Later) && start.elapsed() >= PATIENCE {
            self.bar = match io::stderr().is_terminal() {
                true => Bar::Shown(bar()),
                false => Bar::Never,
            };
        }
        if let Bar::Shown(bar) = &self.bar {
            bar.set_message(self.told());
        }
    }
}

fn bar() -> ProgressBar {
    let style =
        ProgressStyle::with_template("{msg}").unwrap_or_else(|_| ProgressStyle::default_spinner());
    ProgressBar::new_spinner().with_style(style)
}

impl<'s, I: Iterator<Item = Result<Change<'s>>>> Iterator for Progress<I> {
    type Item = Result<Change<'s>>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.changes.next();
        if matches!(self.bar, Bar::Never) {
            return next;
        }
        let Some(change) = &next else {
            self.end();
            return None;
        };
        self.seen += 1;
        if let Ok(Change {
            commit: Some(commit),
            ..
        }) = change
        {
            let is_same = |last: &Arc<str>| Arc::ptr_eq(last, commit) || last == commit;
            if !self.last.as_ref().is_some_and(is_same) {
                self.commits += 1;
                self.last = Some(Arc::clone(commit));
            }
        }
        if self.seen.is_multiple_of(UNASKED) {
            self.show();
        }
        next
    }
}

impl<I> Progress<I> {
    fn end(&mut self) {
        if let Bar::Shown(bar) = &self.bar {
            bar.finish_and_clear();
        }
        self.bar = Bar::Never;
    }
}

impl<I> Drop for Progress<I> {
    fn drop(&mut self) {
        self.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::{EntryKind, InMemory, Status};

    fn changes(commits: &[&str]) -> Vec<Result<Change<'static>>> {
        let change = |commit: &&str| {
            let change = Change::new("a", Status::Added, EntryKind::File, InMemory::default());
            Ok(match *commit {
                "" => change,
                id => change.in_commit(id.into()),
            })
        };
        commits.iter().map(change).collect()
    }

    #[test]
    fn what_passes_is_counted_and_passes_on() {
        for (commits, expected) in [
            (&["", "", ""][..], "keyward looks at 3 files"),
            (&["a"], "keyward looks at 1 commit"),
            (&["a", "a", "b", "c", "c"], "keyward looks at 3 commits"),
        ] {
            let mut progress = Progress::of(changes(commits).into_iter(), true);
            for _ in commits {
                assert!(progress.next().is_some());
            }
            assert_eq!(progress.told(), expected);
            assert!(progress.next().is_none());
            let unseen = Progress::of(changes(commits).into_iter(), false);
            assert_eq!(unseen.count(), commits.len());
        }
    }
}
