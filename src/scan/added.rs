//! Whether a commit adds the lines of what is found. What was there before is asked for once, at the first finding.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::ops::Range;

use anyhow::{Context, Result};

use super::before::Before;
use crate::deadline;
use crate::detect::Detection;
use crate::text::{AddedLines, Text};

/// A bound: of so many lines is known whether a commit adds them. Findings come in the order of the text, so that the
/// next one asks about a line near by.
const KNOWN_LINES: usize = 4096;

/// The lines that a commit adds to a text.
pub(super) struct Added<'t> {
    text: &'t Text<'t>,
    before: &'t Before<'t>,
    added: OnceCell<AddedLines>,
    /// A line is asked about once, however many findings are on it.
    known: RefCell<HashMap<usize, bool>>,
}

impl<'t> Added<'t> {
    pub(super) fn new(text: &'t Text<'t>, before: &'t Before<'t>) -> Self {
        Self {
            text,
            before,
            added: OnceCell::new(),
            known: RefCell::default(),
        }
    }

    /// Whether a line of what was detected is new, or one of its other half.
    ///
    /// # Errors
    /// What was there before cannot be read.
    pub(super) fn has(&self, detection: &Detection<'_>) -> Result<bool> {
        let added = match self.added.get() {
            Some(added) => added,
            None => {
                let replaced = (self.before.replaced)();
                let replaced = replaced.context("cannot read what the file held before")?;
                deadline::count(replaced.iter().map(Vec::len).sum());
                let lines = AddedLines::new(replaced.iter().map(|blob| Text::decode(blob)));
                self.added.get_or_init(|| lines)
            }
        };
        let adds = |span: &Range<usize>| self.adds(added, span);
        Ok(adds(&detection.candidate.span) || detection.companion.as_deref().is_some_and(adds))
    }

    fn adds(&self, added: &AddedLines, span: &Range<usize>) -> bool {
        let mut known = self.known.borrow_mut();
        if known.len() >= KNOWN_LINES {
            known.clear();
        }
        self.text.lines_of(span).any(|index| {
            *known.entry(index).or_insert_with(|| {
                let line = self.text.line(index);
                added.has(line) && !(self.before.is_known)(line)
            })
        })
    }
}
