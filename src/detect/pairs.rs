//! Secrets of two halves, put together as the sections of a text are settled.

use super::settle::{COMPANION_LINES, doubt_in_samples, join_pairs};
use super::{Detection, Trace};
use crate::rules::Rule;
use crate::text::Text;

/// A bound: so many halves that may still find each other wait for the next section.
const MOST: usize = 1024;

/// Detections of which some may be joined with what comes.
#[derive(Debug, Default)]
pub(super) struct Pairs<'a> {
    waiting: Vec<Detection<'a>>,
}

impl<'a> Pairs<'a> {
    /// Takes what a section settled on, and gives what cannot be joined with anything in the next one; of the
    /// `last` section all.
    pub(super) fn add(
        &mut self,
        text: &Text<'_>,
        settled: Vec<Detection<'a>>,
        last: bool,
        trace: &mut dyn Trace,
        found: &mut dyn FnMut(Detection<'a>),
    ) {
        match self.waiting.is_empty() {
            true => self.waiting = settled,
            false => self.waiting.extend(settled),
        }
        let behind = match last {
            true => Vec::new(),
            false => self.waiting.split_off(open(text, &self.waiting)),
        };
        let mut ready = std::mem::replace(&mut self.waiting, behind);
        join_pairs(text, &mut ready, trace);
        doubt_in_samples(text, &mut ready);
        ready.into_iter().for_each(found);
    }
}

fn is_half(rule: &Rule) -> bool {
    rule.companion.is_some() || !rule.other_halves.is_empty()
}

/// Where the halves start with which what comes may be joined: each stands near the next one.
fn open(text: &Text<'_>, detections: &[Detection<'_>]) -> usize {
    let halves = detections.iter().enumerate().rev();
    let halves = halves.filter(|(_, it)| is_half(it.candidate.rule));
    let (mut first, mut below) = (detections.len(), None);
    for (count, (at, half)) in halves.enumerate() {
        let line = text.line_of(half.candidate.span.start);
        if below.is_some_and(|below: usize| below.abs_diff(line) > COMPANION_LINES) {
            break;
        }
        if count == MOST {
            return last_pair(detections);
        }
        (first, below) = (at, Some(line));
    }
    first
}

/// Behind the last secret that has another half.
fn last_pair(detections: &[Detection<'_>]) -> usize {
    let wants = |it: &Detection<'_>| it.candidate.rule.companion.is_some();
    let last = detections.iter().rposition(wants);
    last.map_or(detections.len(), |at| at + 1)
}
