//! The straight line from changes to findings.
//!
//! Whoever asks why something is no finding has the line [traced](Scan::trace): it takes the same way,
//! and writes down what is dropped on it.

mod before;
mod cell;
mod class;
pub(crate) mod name;
mod news;
mod packed;
mod trace;

use std::borrow::Cow;
use std::cell::{Cell, LazyCell};
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use anyhow::{Context, Result};
use bstr::{BStr, BString, ByteSlice};

use crate::archive::{Archives, Left, Packing};
use crate::assignment::variable;
use crate::change::{Change, EntryKind, InMemory, Status};
use crate::comment::Comments;
use crate::deadline;
use crate::detect::{Detection, Detector, Why};
use crate::filetype::{FileType, Syntax};
use crate::finding::{Finding, Fingerprint, Found, Secret};
use crate::glob::PathGlobs;
use crate::guard::{Guards, Held, Named};
use crate::lfs;
use crate::text::{AddedLines, Text};
use crate::verdict::{Dropped, Outcome, Unread};
use before::Before;
use cell::Cells;
pub(crate) use class::Class;
use trace::Sink;

/// A bound: of so many lines is known whether a commit adds them. Findings come in the order of the text, so that the
/// next one asks about a line near by.
const KNOWN_LINES: usize = 4096;

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
        let mut first: HashMap<(Fingerprint, BString), Arc<str>> = HashMap::new();
        let again = outcome.findings.extract_if(.., |finding| {
            let Some(commit) = &finding.commit else {
                return false;
            };
            let key = (finding.fingerprint.clone(), finding.path.clone());
            *first.entry(key).or_insert_with(|| Arc::clone(commit)) != *commit
        });
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
                // What is recorded beside a message belongs to it.
                outcome.paths += usize::from(change.kind != EntryKind::Header);
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
        let detections = if self.trace {
            let mut sink = Sink::new(change, &text, &mut outcome.dropped);
            self.detector.detect_with(&text, &mut sink)
        } else {
            self.detector.detect(&text)
        };
        if let Some(named) = named {
            let finding = named.check(&held(content, &text, &detections))?;
            if finding.is_none() && self.trace {
                outcome.dropped.push(trace::harmless(change, &named));
            }
            outcome.findings.extend(finding);
        }
        if detections.is_empty() {
            return Ok(());
        }
        let replaced = (before.replaced)().context("cannot read what the file held before")?;
        deadline::count(replaced.iter().map(Vec::len).sum());
        let parents: Vec<Text<'_>> = replaced.iter().map(|blob| Text::decode(blob)).collect();
        let added = AddedLines::new(&parents);
        let cells = LazyCell::new(|| Cells::of(&change.path, &text));
        // A line is asked about once, however many findings are on it.
        let mut known: HashMap<usize, bool> = HashMap::new();
        let mut adds = |span: &Range<usize>| {
            if known.len() >= KNOWN_LINES {
                known.clear();
            }
            text.lines_of(span).any(|index| {
                *known.entry(index).or_insert_with(|| {
                    let line = text.line(index);
                    added.has(line) && !(before.is_known)(line)
                })
            })
        };
        // So are the comments that speak of it.
        let mut last: Option<(usize, Comments<'_>)> = None;
        let mut finding = |detection: &Detection<'_>| {
            let line = text.line_of(detection.candidate.span.start);
            let comments = match last.take() {
                Some((known, comments)) if known == line => comments,
                _ => comments_of(&text, line),
            };
            let (_, comments) = last.insert((line, comments));
            finding(change, &text, detection, comments)
        };
        // Of each, only the finding is kept.
        outcome.findings.reserve(detections.len());
        for detection in detections {
            if adds(&detection.candidate.span)
                || detection.companion.as_ref().is_some_and(&mut adds)
            {
                let mut told = finding(&detection);
                if let Some(cell) = cells.at(detection.candidate.span.start) {
                    told.why.push_str(&format!("; in cell {cell}"));
                }
                outcome.findings.push(told);
            } else if self.trace {
                let because = "the commit does not add its line".to_owned();
                let finding = finding(&detection);
                outcome.dropped.push(Dropped::finding(finding, because));
            }
        }
        Ok(())
    }
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
    named.check(&held(&content, &text, &detector.detect(&text)))
}

fn held<'a>(blob: &'a [u8], text: &'a Text<'a>, found: &[Detection<'_>]) -> Held<'a> {
    Held {
        blob,
        text,
        surest: found
            .iter()
            .map(|detection| detection.judgement.confidence)
            .max(),
    }
}

/// The comments that speak of a line of a text.
fn comments_of<'t>(text: &'t Text<'_>, line: usize) -> Comments<'t> {
    let above = line.checked_sub(1).map(|above| text.line(above));
    Comments::of(text.line(line), above, text.file_type().syntax)
}

fn finding(
    change: &Change<'_>,
    text: &Text<'_>,
    detection: &Detection<'_>,
    comments: &Comments<'_>,
) -> Finding {
    let candidate = &detection.candidate;
    let rule = candidate.rule;
    let secret = Secret::new(candidate.secret(), candidate.public);
    let why = Why {
        link: change.kind == EntryKind::Link,
        ..detection.why()
    };
    let span = text.span(&candidate.span);
    let pair = detection.companion.as_ref().map(|half| text.span(half));
    let mut why = why.to_string();
    if let Some(half) = pair.filter(|half| half.line != span.line) {
        why.push_str(&format!(", the other one on line {}", half.line));
    }
    Finding {
        path: change.path.clone(),
        kind: change.kind,
        commit: change.commit.clone(),
        // Of a pair, too, that is where its secret stands: what allows it is sought there.
        span: Some(span),
        pair,
        rule: rule.id.clone(),
        name: rule.name.clone(),
        confidence: detection.judgement.confidence,
        why,
        fingerprint: secret.fingerprint(),
        found: Found::Secret {
            env: match &candidate.assignment {
                Some(assigned) => variable(&candidate.text()[assigned.name.clone()])
                    .unwrap_or_default()
                    .into(),
                None => rule.env.first().cloned().unwrap_or_default(),
            },
            provider: rule.provider.clone(),
            mend: rule.mend,
            generic: rule.generic,
            secret,
        },
        comment: comments.allow(&rule.id).or_else(|| {
            // Behind the end of what has several lines, too.
            let (first, last) = text.lines_of(&candidate.span).into_inner();
            let syntax = text.file_type().syntax;
            (last > first)
                .then(|| Comments::of(text.line(last), None, syntax).allow(&rule.id))
                .flatten()
        }),
    }
}

#[cfg(test)]
mod agreement;
#[cfg(test)]
mod tests;
