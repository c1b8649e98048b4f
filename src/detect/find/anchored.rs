//! Rules with a literal at a known place of every secret: the regex is tried there, and only there.

use super::{Lead, Pass, Sightings, Spot};
use crate::candidate::Candidate;
use crate::detect::boundary::{self, RunBefore};
use crate::detect::shape::{self, RunBehind};

/// What was counted around the place before, so that it is not counted again.
#[derive(Debug)]
pub(super) struct Runs {
    before: RunBefore,
    behind: RunBehind,
}

impl Runs {
    /// For a part of a text that ends there.
    pub(super) fn before(end: usize) -> Self {
        Self {
            before: RunBefore::default(),
            behind: RunBehind::before(end),
        }
    }
}

impl<'a> Pass<'a> {
    /// Tries a rule at each place where a secret with the literal may start.
    pub(super) fn anchored(&self, lead: &Lead<'a>, runs: &mut Runs, sightings: &mut Sightings) {
        let keyword = &lead.keyword;
        let literal = &lead.rule.literals[lead.literal];
        // The prefilter knows no case.
        if self.bytes()[keyword.clone()] != *literal.text.as_bytes() {
            return;
        }
        let first = keyword.start.saturating_sub(literal.max_before);
        let last = keyword.start.checked_sub(literal.min_before);
        for start in first..last.map_or(first, |last| last + 1) {
            // What ends before the literal is another token, with a hit of its own.
            let Some(mut candidate) = self
                .try_at(lead, start, runs)
                .filter(|candidate| candidate.span.end >= keyword.end)
            else {
                continue;
            };
            if start == keyword.start {
                candidate.public = keyword.len();
            }
            if !candidate.loose {
                for half in self.rules.other_halves(lead.number) {
                    sightings.names.note_half(half, candidate.span.clone());
                }
            }
            sightings.anchored.push(Spot::new(lead.number, &candidate));
        }
    }

    /// Tries a rule at one place: by its regex, or else by its prefix and length alone.
    fn try_at(&self, lead: &Lead<'a>, start: usize, runs: &mut Runs) -> Option<Candidate<'a>> {
        let (rule, bytes) = (lead.rule, self.bytes());
        let apart = boundary::holds_behind(bytes, start, rule, &mut runs.before);
        let holds =
            apart || self.binary && boundary::holds_in_binary(bytes, start, rule, &mut runs.before);
        let told = boundary::length_before(bytes, start);
        if !holds && told.is_none() {
            return None;
        }
        let end = (start + rule.max_len + 1).min(bytes.len());
        let fit = |end: usize| {
            let fit = self.rules.pattern(lead.number).find(&bytes[start..end])?;
            Some(start..start + fit.end)
        };
        let may_start = rule.may_start(&bytes[start..end]);
        let told = told
            .filter(|len| may_start && (rule.min_len..=rule.max_len).contains(len))
            .filter(|len| start + len <= bytes.len())
            .and_then(|len| fit(start + len).filter(|span| span.len() == len));
        let exact = || {
            (may_start && holds)
                .then(|| fit(end))
                .flatten()
                .filter(|span| {
                    span.len() <= rule.max_len
                        && (boundary::holds_after(bytes, span.end, rule)
                            || self.binary && boundary::holds_after_in_binary(bytes, span.end))
                })
        };
        // In a text, a sign of its own may stand for a length by chance.
        let fits = match self.binary {
            true => told.or_else(exact),
            false => exact().or(told),
        };
        let (span, loose) = match fits {
            Some(span) => (span, false),
            None if !apart => return None,
            None => (shape::loose(bytes, start, rule, &mut runs.behind)?, true),
        };
        Some(Candidate {
            loose,
            ..self.candidate(rule, span)
        })
    }
}
