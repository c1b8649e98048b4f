//! What is kept of the findings of one text: of a list of a million keys the first thousands, and how many more there
//! are.

use anyhow::Result;

use super::added::Added;
use super::before::Before;
use super::tell::Teller;
use crate::allow::AllowList;
use crate::change::Change;
use crate::confidence::Confidence;
use crate::detect::Detection;
use crate::finding::Finding;
use crate::text::Text;
use crate::verdict::{Dropped, Further, Outcome};

/// A bound: the secrets of so many findings are kept together, as long as one of them is.
const AT_ONCE: usize = 1024;

/// A bound: no further apart they stand in their text, in bytes. What is unwrapped is there as long as one of it is.
const TOGETHER: usize = 512 << 10;

/// A bound: so many findings of one text and one kind are kept. Nobody reads more, who mends them sees the next, and what
/// they take is little beside a text that holds as many.
pub(crate) const MOST: usize = 10_000;

/// The detections of one text, as they come.
pub(super) struct Taken<'t, 'c, 'd> {
    added: Added<'t>,
    teller: Teller<'t, 'c>,
    kept: Kept<'t>,
    /// Those of which no finding is made yet.
    batch: Vec<Detection<'d>>,
    surest: Option<Confidence>,
    /// Why it cannot be told what is new.
    failed: Option<anyhow::Error>,
    /// What is no finding, if anybody asks.
    dropped: Option<Vec<Dropped>>,
}

impl<'t, 'c, 'd> Taken<'t, 'c, 'd> {
    pub(super) fn new(
        (shortens, trace): (Option<&'t AllowList>, bool),
        change: &'t Change<'c>,
        text: &'t Text<'t>,
        before: &'t Before<'t>,
    ) -> Self {
        Self {
            added: Added::new(text, before),
            teller: Teller::new(change, text),
            kept: Kept {
                allowed: shortens.filter(|_| !trace),
                ..Kept::default()
            },
            batch: Vec::new(),
            surest: None,
            failed: None,
            dropped: trace.then(Vec::new),
        }
    }

    /// Takes one.
    pub(super) fn add(&mut self, detection: Detection<'d>) {
        let confidence = detection.judgement.confidence;
        self.surest = self.surest.max(Some(confidence));
        if self.failed.is_some() {
            return;
        }
        match self.added.has(&detection) {
            Err(error) => self.failed = Some(error),
            Ok(true) => {
                let start = detection.candidate.span.start;
                let is_far =
                    |first: &Detection<'_>| start.abs_diff(first.candidate.span.start) > TOGETHER;
                if self.batch.len() >= AT_ONCE || self.batch.first().is_some_and(is_far) {
                    self.make();
                }
                let comment = || self.teller.comment(&detection);
                if !self.kept.counts(confidence, comment) {
                    self.batch.push(detection);
                }
            }
            Ok(false) => {
                if let Some(dropped) = &mut self.dropped {
                    let because = "the commit does not add its line".to_owned();
                    let finding = self.teller.dropped(&detection);
                    dropped.push(Dropped::finding(finding, because));
                }
            }
        }
    }

    /// Makes findings of what waits for it.
    fn make(&mut self) {
        for finding in self.teller.findings(&self.batch) {
            self.kept.add(finding);
        }
        self.batch.clear();
    }

    /// How sure the surest is, new or not.
    pub(super) const fn surest(&self) -> Option<Confidence> {
        self.surest
    }

    /// Gives what is new to an outcome.
    ///
    /// # Errors
    /// It cannot be told what is new.
    pub(super) fn give(mut self, outcome: &mut Outcome) -> Result<()> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        self.make();
        outcome.dropped.extend(self.dropped.into_iter().flatten());
        outcome.findings.append(&mut self.kept.findings);
        outcome.further.extend(self.kept.further());
        Ok(())
    }
}

/// The findings of one text.
#[derive(Debug, Default)]
struct Kept<'a> {
    /// What has an entry here is always kept: the entry may hold or not. `None` if all is kept.
    allowed: Option<&'a AllowList>,
    findings: Vec<Finding>,
    kinds: Vec<Kind>,
}

/// Findings on which a verdict is the same, where no entry is asked for.
#[derive(Debug)]
struct Kind {
    comment: Option<&'static str>,
    confidence: Confidence,
    kept: usize,
    further: Option<Further>,
}

impl Kept<'_> {
    /// Keeps a finding, or counts it.
    fn add(&mut self, finding: Finding) {
        let is_named = |allowed: &AllowList| allowed.of(&finding).next().is_some();
        if self.allowed.is_none_or(is_named) {
            return self.findings.push(finding);
        }
        let (comment, confidence) = (finding.comment, finding.confidence);
        let alike = |kind: &Kind| kind.comment == comment && kind.confidence == confidence;
        let known = self.kinds.iter().position(alike).unwrap_or_else(|| {
            self.kinds.push(Kind {
                comment,
                confidence,
                kept: 0,
                further: None,
            });
            self.kinds.len() - 1
        });
        let kind = &mut self.kinds[known];
        if kind.kept < MOST {
            kind.kept += 1;
            return self.findings.push(finding);
        }
        match &mut kind.further {
            Some(further) => further.count += 1,
            None => {
                kind.further = Some(Further {
                    like: finding,
                    count: 1,
                })
            }
        }
    }

    /// Counts what would be a finding, if that is all that becomes of it: enough of its kind are kept, and there is no
    /// entry for anything.
    fn counts(
        &mut self,
        confidence: Confidence,
        comment: impl FnOnce() -> Option<&'static str>,
    ) -> bool {
        let may_be_named = |allowed: &AllowList| allowed.entries().next().is_some();
        let is_full = |kind: &Kind| kind.confidence == confidence && kind.further.is_some();
        if self.allowed.is_none_or(may_be_named) || !self.kinds.iter().any(is_full) {
            return false;
        }
        let comment = comment();
        let mut kinds = self.kinds.iter_mut();
        let kind = kinds.find(|kind| kind.confidence == confidence && kind.comment == comment);
        let further = kind.and_then(|kind| kind.further.as_mut());
        match further {
            Some(further) => {
                further.count += 1;
                true
            }
            None => false,
        }
    }

    /// What there is of each kind beside the findings that are kept.
    fn further(self) -> impl Iterator<Item = Further> {
        self.kinds.into_iter().filter_map(|kind| kind.further)
    }
}
