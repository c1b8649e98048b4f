//! How far a long look is: told on a terminal, from one second on, and gone at its end.

use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

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
    ProgressBar::new_spinner().with_style(style("{msg}"))
}

/// A form that is none is a fault of ours, and no reason to stop looking.
fn style(form: &str) -> ProgressStyle {
    ProgressStyle::with_template(form).unwrap_or_else(|_| ProgressStyle::default_spinner())
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

/// The steps of work that several threads share, stage by stage: how many are done, how fast, and how long
/// the stage still takes.
pub(super) struct Steps {
    bar: ProgressBar,
    since: Instant,
    /// Whether nobody has to wonder any more whether it is to be shown.
    decided: AtomicBool,
}

impl Steps {
    pub(super) fn new() -> Self {
        Self {
            bar: ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()),
            since: Instant::now(),
            decided: AtomicBool::new(false),
        }
    }

    /// A stage begins, of so many steps if that is known.
    pub(super) fn begin(&self, things: &'static str, steps: Option<usize>) {
        self.bar.reset();
        let form = match steps {
            Some(steps) => {
                self.bar.set_length(steps as u64);
                "keyward looks at {msg}: {human_pos} of {human_len}, {per_sec}, {eta} left"
            }
            None => {
                self.bar.unset_length();
                "keyward looks at {msg}: {human_pos}"
            }
        };
        self.bar.set_style(style(form));
        self.bar.set_message(things);
    }

    pub(super) fn advance(&self, steps: usize) {
        self.bar.inc(steps as u64);
        if !self.decided.load(Ordering::Relaxed)
            && self.since.elapsed() >= PATIENCE
            && !self.decided.swap(true, Ordering::Relaxed)
            && io::stderr().is_terminal()
        {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
    }

    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
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
    fn every_form_is_one() {
        let steps = Steps::new();
        for known in [None, Some(3)] {
            steps.begin("commits", known);
            steps.advance(2);
            assert_eq!(
                (steps.bar.position(), steps.bar.length()),
                (2, known.map(|it| it as u64))
            );
        }
        steps.end();
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
