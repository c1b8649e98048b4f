//! The straight line from changes to findings.
//!
//! Whoever asks why something is no finding has the line [traced](Scan::trace): it takes the same way,
//! and writes down what is dropped on it.

mod added;
mod before;
mod cell;
mod class;
pub(crate) mod keep;
pub(crate) mod name;
mod news;
mod packed;
mod tell;
mod trace;

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::{Mutex, PoisonError};
use std::thread;

use anyhow::Result;
use bstr::{BStr, BString, ByteSlice};

use crate::allow::AllowList;
use crate::archive::{Archives, Left, Packing};
use crate::change::{Change, EntryKind, InMemory, Status};
use crate::confidence::Confidence;
use crate::deadline;
use crate::detect::Detector;
use crate::filetype::{FileType, Syntax};
use crate::finding::{Finding, Fingerprint};
use crate::glob::PathGlobs;
use crate::guard::{Guards, Held, Named};
use crate::lfs;
use crate::text::Text;
use crate::verdict::{Dropped, Outcome, Unread};
use before::Before;
pub(crate) use class::Class;
use keep::Taken;
use trace::Sink;

/// What a scan goes by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scan<'a> {
    /// Finds the secrets.
    pub detector: Detector<'a>,
    /// Without guards no file is refused for its name.
    pub guards: Option<&'a Guards>,
    /// Files that are not looked at. A message is, whatever its name.
    pub exclude: Option<&'a PathGlobs>,
    /// What is done about archives and other packed files.
    pub archives: Archives,
    /// Whether to take down what becomes of all that is no finding.
    pub trace: bool,
    /// Of a text with very many findings the first are kept, those that have an entry here, and how many more there
    /// are. `None` if all are kept.
    pub shortens: Option<&'a AllowList>,
}

impl<'a> Scan<'a> {
    /// A scan for secrets alone: no guards, nothing excluded, no trace.
    pub(crate) fn new(detector: Detector<'a>) -> Self {
        Self {
            detector,
            guards: None,
            exclude: None,
            archives: Archives::Tell,
            trace: false,
            shortens: None,
        }
    }

    /// Looks at every change and gives what was found, and what could not be read, in the order of the
    /// changes.
    ///
    /// From half a megabyte on, as many threads look as there are cores for them. Each holds one blob.
    pub(crate) fn run<'s, I>(&self, changes: I) -> Outcome
    where
        I: IntoIterator<Item = Result<Change<'s>>>,
        I::IntoIter: Send,
    {
        let mut outcome = self.look_at_all(changes.into_iter());
        self.tell_once(&mut outcome);
        outcome
    }

    fn look_at_all<'s>(
        &self,
        mut changes: impl Iterator<Item = Result<Change<'s>>> + Send,
    ) -> Outcome {
        let mut outcome = Outcome::default();
        let mut read = 0;
        let ended = loop {
            let Some(change) = changes.next() else {
                break true;
            };
            read += self.look(change, &mut outcome);
            // The ordinary commit is smaller, and starting threads would be a large part of what it costs.
            if read >= deadline::SHORT {
                break false;
            }
        };
        // Asking for the cores means to read files, too.
        let threads = match ended {
            true => 1,
            false => thread::available_parallelism().map_or(1, usize::from),
        };
        if threads == 1 {
            for change in changes {
                self.look(change, &mut outcome);
            }
            return outcome;
        }
        let changes = Mutex::new(changes.enumerate());
        let work = || {
            let mut outcomes = Vec::new();
            loop {
                let next = changes
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .next();
                let Some((number, change)) = next else {
                    return outcomes;
                };
                let mut outcome = Outcome::default();
                self.look(change, &mut outcome);
                outcomes.push((number, outcome));
            }
        };
        let mut outcomes = thread::scope(|scope| {
            // A thread that can't be started leaves the work to the others.
            let others: Vec<_> = (1..threads)
                .filter_map(|_| thread::Builder::new().spawn_scoped(scope, work).ok())
                .collect();
            let mut outcomes = work();
            for other in others {
                outcomes.extend(other.join().expect("a panic ends the process"));
            }
            outcomes
        });
        outcomes.sort_by_key(|(number, _)| *number);
        for (_, next) in outcomes {
            outcome.append(next);
        }
        outcome
    }

    /// Leaves out what was told already. In history that is what an earlier commit had: a later one brings
    /// it up again because it touches the line. A directory's name is that of each file in it.
    fn tell_once(&self, outcome: &mut Outcome) {
        let mut names = HashSet::new();
        outcome.findings.retain(|finding| {
            !finding.is_in_name()
                || names.insert((finding.fingerprint.clone(), finding.path.clone()))
        });
        let again = brought_again(&outcome.findings);
        let mut again = again.iter();
        let again = outcome
            .findings
            .extract_if(.., |_| again.next().is_some_and(|&again| again));
        let because = "an earlier commit of these brought it";
        let again = again.map(|finding| Dropped::finding(finding, because.to_owned()));
        if self.trace {
            outcome.dropped.extend(again);
        } else {
            again.for_each(drop);
        }
    }

    /// Looks at one change and gives how many bytes it was.
    fn look(&self, change: Result<Change<'_>>, outcome: &mut Outcome) -> usize {
        let (path, error) = match change {
            Ok(mut change) => {
                let excluded = self.excludes(&change);
                outcome.left_out += usize::from(excluded);
                if excluded && !self.trace {
                    return 0;
                }
                let in_name = name::seal(&self.detector, &mut change, name::is_new);
                if excluded {
                    outcome.excluded.push(change.path);
                    return 0;
                }
                // What is recorded beside a message belongs to it, and of a submodule nothing is read.
                let is_read = !matches!(change.kind, EntryKind::Header | EntryKind::Submodule);
                outcome.paths += usize::from(is_read);
                outcome.findings.extend(in_name);
                match self.scan_change(&change, outcome) {
                    Ok(read) => return read,
                    Err(error) => (change.path, error),
                }
            }
            Err(error) => (BString::default(), error),
        };
        outcome.unread.push(Unread {
            path,
            reason: format!("{error:#}"),
        });
        0
    }

    /// Looks at what somebody has already read, at a path of a class: as a change that replaces nothing.
    pub(crate) fn look_into(
        &self,
        mut change: Change<'_>,
        content: &[u8],
        class: Class,
    ) -> Outcome {
        let mut outcome = Outcome::default();
        if class == Class::EXCLUDED {
            return outcome;
        }
        outcome.paths = 1;
        let mut named = None;
        if class.is_particular() {
            outcome.findings = name::seal(&self.detector, &mut change, name::is_new);
            named = self.guards.and_then(|guards| guards.named(&change));
        }
        if let Err(error) = self.scan_content(&change, content, named, &mut outcome) {
            outcome.unread.push(Unread {
                path: change.path.clone(),
                reason: format!("{error:#}"),
            });
        }
        outcome
    }

    /// Whether what somebody has already read is clean, if all of it was but what is fresh; `None` if
    /// that can't be told by a part.
    pub(crate) fn is_clean_but(
        &self,
        path: &BStr,
        content: &[u8],
        fresh: &[Range<usize>],
    ) -> Option<bool> {
        let file_type = FileType::of_path(path);
        // What a cell holds its column says, however far above.
        let head = match file_type.syntax {
            Syntax::Table => content
                .find_byte(b'\n')
                .map_or(content.len(), |end| end + 1),
            _ => 0,
        };
        if fresh.iter().any(|place| place.start < head) {
            return None;
        }
        let windows = news::windows(content, fresh)?;
        if Packing::of(content).is_some() || Text::decode(content).is_binary() {
            return None;
        }
        for window in windows {
            let part = match window.start < head {
                true => Cow::Borrowed(&content[window]),
                false if head == 0 => Cow::Borrowed(&content[window]),
                false => Cow::Owned([&content[..head], &content[window]].concat()),
            };
            let text = Text::decode(&part).at(file_type);
            if text.is_binary() {
                return None;
            }
            if !self.detector.detect(&text).is_empty() {
                return Some(false);
            }
        }
        Some(true)
    }

    /// What a file of a path is taken for.
    pub(crate) fn class_of(&self, path: &BStr, kind: EntryKind) -> Class {
        let nothing = InMemory::default();
        let change = Change::new(path, Status::Added, kind, nothing);
        if self.excludes(&change) {
            return Class::EXCLUDED;
        }
        let guarded = self.guards.and_then(|guards| guards.named(&change));
        if guarded.is_some() || name::holds_secret(&self.detector, path) {
            return Class::particular(path);
        }
        Class::of(FileType::of_path(path), kind)
    }

    /// The name of a person, a file or a ref with the secrets in it redacted.
    pub(crate) fn sealed(&self, name: &[u8]) -> BString {
        name::masked(&self.detector, name).into_owned().into()
    }

    fn excludes(&self, change: &Change<'_>) -> bool {
        let covers = |globs: &PathGlobs| globs.covers(change.path());
        change.kind.is_named() && self.exclude.is_some_and(covers)
    }

    fn scan_change(&self, change: &Change<'_>, outcome: &mut Outcome) -> Result<usize> {
        let named = self.guards.and_then(|guards| guards.named(change));
        let content = change.content()?;
        self.scan_content(change, &content, named, outcome)?;
        Ok(content.len())
    }

    fn scan_content(
        &self,
        change: &Change<'_>,
        content: &[u8],
        named: Option<Named<'_, '_>>,
        outcome: &mut Outcome,
    ) -> Result<()> {
        if lfs::is_pointer(content) {
            outcome.lfs.push(change.path.clone());
        }
        let left = Cell::new(Left::of(content.len()));
        let before = Before::of(change, &left);
        match Packing::of(content) {
            None => self.look_at_text(change, named, content, &before, outcome),
            Some(packing) => {
                let mut left = left.get();
                self.look_at_packed(
                    change,
                    named,
                    (packing, content),
                    &before,
                    &mut left,
                    outcome,
                )
            }
        }
    }

    /// Looks at what a file holds, as text.
    fn look_at_text(
        &self,
        change: &Change<'_>,
        named: Option<Named<'_, '_>>,
        content: &[u8],
        before: &Before<'_>,
        outcome: &mut Outcome,
    ) -> Result<()> {
        deadline::count(content.len());
        let text = text_of(change, content, named.as_ref());
        let mut taken = Taken::new((self.shortens, self.trace), change, &text, before);
        let mut add = |detection| taken.add(detection);
        match self.trace {
            true => {
                let mut sink = Sink::new(change, &text, &mut outcome.dropped);
                self.detector.each(&text, &mut sink, &mut add);
            }
            false => self.detector.each(&text, &mut (), &mut add),
        }
        if let Some(named) = named {
            let finding = named.check(&held(content, &text, taken.surest()))?;
            if finding.is_none() && self.trace {
                outcome.dropped.push(trace::harmless(change, &named));
            }
            outcome.findings.extend(finding);
        }
        taken.give(outcome)
    }
}

/// Of each finding, whether an earlier commit of these brought it.
fn brought_again(findings: &[Finding]) -> Vec<bool> {
    let mut first: HashMap<(&Fingerprint, &BStr), &str> = HashMap::new();
    let mut again = Vec::with_capacity(findings.len());
    for finding in findings {
        again.push(finding.commit.as_deref().is_some_and(|commit| {
            let place = (&finding.fingerprint, finding.path.as_ref());
            *first.entry(place).or_insert(commit) != commit
        }));
    }
    again
}

/// The content of a change as text.
fn text_of<'c>(change: &Change<'_>, content: &'c [u8], named: Option<&Named<'_, '_>>) -> Text<'c> {
    if change.kind == EntryKind::Header {
        return Text::of_name(content);
    }
    Text::decode(content).at(FileType {
        keeps_secrets: named.is_some_and(Named::keeps_secrets),
        ..FileType::of_path(&change.path)
    })
}

/// What a guard says about a change. Its content is asked for only if its name fits.
///
/// # Errors
/// A change that cannot be read.
pub fn guarded(
    change: &Change<'_>,
    guards: &Guards,
    detector: &Detector<'_>,
) -> Result<Option<Finding>> {
    let Some(named) = guards.named(change) else {
        return Ok(None);
    };
    let content = change.content()?;
    let text = text_of(change, &content, Some(&named));
    let mut surest = None;
    detector.each(&text, &mut (), &mut |detection| {
        surest = surest.max(Some(detection.judgement.confidence));
    });
    named.check(&held(&content, &text, surest))
}

fn held<'a>(blob: &'a [u8], text: &'a Text<'a>, surest: Option<Confidence>) -> Held<'a> {
    Held { blob, text, surest }
}

#[cfg(test)]
mod agreement;
#[cfg(test)]
mod tests;
