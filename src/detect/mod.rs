//! Finds candidates in a text and judges them.
//!
//! One pass over the text gives the places where a rule's literal or a provider's name stands. Only
//! there a regex is [tried](find), and what it fits is [judged](crate::judge). What is
//! [wrapped](crate::unwrap) in the text takes the same way. Of the secrets that lie one within another
//! the detector [settles](settle) on one.

mod boundary;
mod detection;
mod evidence;
mod find;
mod names;
pub(crate) mod oracle;
mod settle;
mod shape;
#[cfg(test)]
mod tests;
mod trace;
mod window;

pub use self::detection::Detection;
pub(crate) use self::detection::Why;
pub(crate) use self::trace::{Settled, Trace};

use std::ops::Range;
use std::sync::Arc;

use self::find::Pass;
use self::settle::Refused;
use crate::candidate::Candidate;
use crate::judge::{Judgement, Reasons, Rejection, judge};
use crate::rules::{Reach, RuleSet};
use crate::text::Text;
use crate::unwrap::{self, Wrapping};

/// Whether what refuses a candidate says so for lesser rules, too: a token whose check fails is no key of any
/// service, though a name may still say that it is a secret; one of a known format that is printed in documents, or
/// stands for one, is none by any name.
fn has_last_word(candidate: &Candidate<'_>, why: &Rejection) -> bool {
    let rule = candidate.rule;
    let is_whole = rule.reach == Reach::Anchored && rule.checksum.is_some() && !candidate.loose;
    match why {
        Rejection::Checksum(_) => rule.reach != Reach::Around,
        Rejection::Placeholder(_) => is_whole,
        other => is_whole && *other == Rejection::EXAMPLE,
    }
}

/// Whether a token says of itself that its time is over, or what stands beside it that it is shown to everybody.
fn is_spent(candidate: &Candidate<'_>, judgement: &Judgement) -> bool {
    let rule = candidate.rule;
    rule.reach == Reach::Anchored
        && (rule.checksum.is_some() || !rule.shown_beside.is_empty())
        && !candidate.loose
        && judgement.confidence < rule.confidence
}

/// Finds secrets in texts by the rules of a set.
#[derive(Clone, Copy, Debug)]
pub struct Detector<'r> {
    rules: &'r RuleSet,
}

impl<'r> Detector<'r> {
    /// A detector for these rules.
    pub fn new(rules: &'r RuleSet) -> Self {
        Self { rules }
    }

    /// The secrets of a text, each claimed by the one rule that says most about it, in order.
    pub fn detect<'a>(&'a self, text: &'a Text<'_>) -> Vec<Detection<'a>> {
        self.detect_with(text, &mut ())
    }

    /// As [`detect`](Self::detect); the trace takes down what becomes of all other candidates.
    pub fn detect_with<'a>(
        &'a self,
        text: &'a Text<'_>,
        trace: &mut dyn Trace,
    ) -> Vec<Detection<'a>> {
        let mut judged = Vec::new();
        let mut refused = Vec::new();
        let all = trace.asks_for_rejected();
        let mut reasons = Reasons::default();
        self.each_judged(text, all, |candidate, judgement| match judgement {
            Ok(judgement) => {
                let judgement = reasons.shared(judgement);
                if is_spent(&candidate, &judgement) {
                    refused.push(Refused {
                        token: candidate.clone(),
                        by_check: false,
                    });
                }
                judged.push((candidate, judgement));
            }
            Err(why) => {
                trace.rejected(&candidate, &why);
                if has_last_word(&candidate, &why) {
                    refused.push(Refused {
                        by_check: matches!(why, Rejection::Checksum(_))
                            && candidate.rule.checksum.is_some_and(|it| !it.disproves()),
                        token: candidate,
                    });
                }
            }
        });
        settle::settle(text, judged, &refused, trace)
    }

    /// Every candidate of a text with the judgement on it, also those that are no secrets, before
    /// anything is settled: for tests, and for those of rules.
    pub fn explain<'a>(
        &'a self,
        text: &'a Text<'_>,
    ) -> Vec<(Candidate<'a>, Result<Judgement, Rejection>)> {
        let mut all = Vec::new();
        self.each_judged(text, true, |candidate, judgement| {
            all.push((candidate, judgement));
        });
        all
    }

    /// Gives every candidate with the judgement on it: those that stand in the text as they are, then
    /// those that are wrapped in it. What is assigned to a name and no secret is only given if `all` are asked for: no
    /// other rule needs to know.
    fn each_judged<'a>(
        &'a self,
        text: &'a Text<'_>,
        all: bool,
        mut found: impl FnMut(Candidate<'a>, Result<Judgement, Rejection>),
    ) {
        let bytes = text.bytes();
        let pass = Pass::over(self.rules, text, all);
        let judged = |candidate: &Candidate<'a>, known: Option<Judgement>| {
            known.map_or_else(|| judge(candidate), Ok)
        };
        let marks = pass.candidates(|candidate, known| {
            let judgement = judged(&candidate, known);
            found(candidate, judgement);
        });
        for unwrapped in unwrap::unwrap(bytes, &marks.joints, marks.manifest) {
            let unwrapped = Arc::new(unwrapped);
            let mut unwrapped_found = |mut candidate: Candidate<'a>,
                                       known: Option<Judgement>,
                                       span: &Range<usize>,
                                       twice: bool| {
                let Some((span, wrapping)) = unwrapped.origin(bytes, span) else {
                    return;
                };
                candidate.span = span;
                candidate.wrapping = Some(match twice {
                    true => Wrapping::Base64Twice,
                    false => wrapping,
                });
                let judgement = judged(&candidate, known);
                found(candidate, judgement);
            };
            pass.within(&unwrapped).candidates(|candidate, known| {
                let span = candidate.span.clone();
                unwrapped_found(candidate, known, &span, false);
            });
            if let Some(inner) = unwrapped.again().map(Arc::new) {
                pass.within(&inner).candidates(|candidate, known| {
                    if let Some((span, _)) = inner.origin(unwrapped.bytes(), &candidate.span) {
                        unwrapped_found(candidate, known, &span, true);
                    }
                });
            }
        }
    }
}
