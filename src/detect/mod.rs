//! Finds candidates in a text and judges them.
//!
//! One pass over the text gives the places where a rule's literal or a provider's name stands. Only
//! there a regex is [tried](find), and what it fits is [judged](crate::judge). What is
//! [wrapped](crate::unwrap) in the text takes the same way. Of the secrets that lie one within another
//! the detector [settles](mod@settle) on one.

mod boundary;
mod detection;
mod evidence;
mod find;
mod names;
pub(crate) mod oracle;
mod pairs;
mod section;
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
use std::thread;

use self::find::Pass;
use self::pairs::Pairs;
use self::section::Section;
use self::settle::{Judged, Refused, settle};
use self::trace::Within;
use crate::candidate::Candidate;
use crate::judge::{Judgement, Reasons, Rejection, judge};
use crate::pile;
use crate::prefilter;
use crate::rules::{Reach, RuleSet};
use crate::text::Text;
use crate::unwrap::{self, Run, Runs, Wrapping};

/// A bound: so many sections of a text are held at once, on as many threads.
const MOST_THREADS: usize = 4;

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

/// A section that is to be judged, with the base64 that holds text there.
struct Task<'s> {
    section: &'s Section,
    runs: Vec<Run>,
    /// Another section holds the kind of a Kubernetes Secret.
    manifest: bool,
}

/// What the judges say of the candidates of a section.
#[derive(Default)]
struct Heard<'a> {
    judged: Vec<Judged<'a>>,
    refused: Vec<Refused<'a>>,
    /// Those that are no secrets, if anybody asks.
    rejected: Vec<(Candidate<'a>, Rejection)>,
}

impl<'a> Heard<'a> {
    /// With what the sections before carry on into this one; what this one carries on is in its place then.
    fn settled_behind(mut self, carried: &mut Self, section: &Section) -> Self {
        self.judged.append(&mut carried.judged);
        self.refused.append(&mut carried.refused);
        let carries = |candidate: &Candidate<'_>| section.carries(&extent(candidate));
        let judged = self.judged.iter().filter(|(it, _)| carries(it));
        carried.judged = judged.cloned().collect();
        let refused = self.refused.iter().filter(|it| carries(&it.token));
        carried.refused = refused.cloned().collect();
        self.judged
            .retain(|(candidate, _)| !section.is_behind(&candidate.span));
        self.refused
            .retain(|refused| !section.is_behind(&refused.token.span));
        self
    }
}

/// A candidate with the name that it is assigned to.
fn extent(candidate: &Candidate<'_>) -> Range<usize> {
    let Range { start, end } = candidate.span;
    match &candidate.assignment {
        Some(assignment) if candidate.wrapping.is_none() => start.min(assignment.name.start)..end,
        _ => start..end,
    }
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
        let mut all = Vec::new();
        self.each(text, trace, &mut |detection| all.push(detection));
        all
    }

    /// Gives the secrets of a text as [`detect_with`](Self::detect_with) does. Of a long text no more than a part is
    /// held at once.
    pub(crate) fn each<'a>(
        &'a self,
        text: &'a Text<'_>,
        trace: &mut dyn Trace,
        found: &mut dyn FnMut(Detection<'a>),
    ) {
        let sections = Section::all(text.bytes());
        self.each_of(&sections, text, trace, found);
    }

    /// As [`each`](Self::each), by these sections of the text.
    fn each_of<'a>(
        &'a self,
        sections: &[Section],
        text: &'a Text<'_>,
        trace: &mut dyn Trace,
        found: &mut dyn FnMut(Detection<'a>),
    ) {
        let pass = Pass::over(self.rules, text, trace.asks_for_rejected());
        let mut runs = Runs::of(text.bytes());
        let mut pairs = Pairs::default();
        let mut carried = Heard::default();
        let manifest = sections.len() > 1 && prefilter::has_manifest(text.bytes());
        let threads = match sections {
            [_] => 1,
            _ => thread::available_parallelism().map_or(1, |cores| cores.get().min(MOST_THREADS)),
        };
        for sections in sections.chunks(threads) {
            let tasks = sections.iter().map(|section| Task {
                section,
                runs: runs.in_part(&section.near()),
                manifest,
            });
            let heard = hear_all(&pass, &tasks.collect::<Vec<_>>());
            for (section, heard) in sections.iter().zip(heard) {
                let mut within = Within {
                    section,
                    trace: &mut *trace,
                };
                for (candidate, why) in &heard.rejected {
                    within.rejected(candidate, why);
                }
                let Heard {
                    judged, refused, ..
                } = heard.settled_behind(&mut carried, section);
                let mut settled = settle(text, judged, &refused, &mut within);
                settled.retain(|(candidate, _)| section.tells_of(&candidate.span));
                // Of two candidates for each secret, one is left.
                settled.shrink_to_fit();
                let mut detections = Vec::with_capacity(settled.len());
                pile::give(settled, |(candidate, judgement)| {
                    detections.push(Detection {
                        candidate,
                        judgement,
                        companion: None,
                    });
                });
                pairs.add(text, detections, section.is_last(), trace, found);
            }
        }
    }

    /// Every candidate of a text with the judgement on it, also those that are no secrets, before
    /// anything is settled: for tests, and for those of rules.
    pub fn explain<'a>(
        &'a self,
        text: &'a Text<'_>,
    ) -> Vec<(Candidate<'a>, Result<Judgement, Rejection>)> {
        let pass = Pass::over(self.rules, text, true);
        let section = Section::whole(text.bytes());
        let task = Task {
            section: &section,
            runs: Runs::of(text.bytes()).in_part(&section.near()),
            manifest: false,
        };
        let mut all = Vec::new();
        each_judged(&pass, &task, |candidate, judgement| {
            all.push((candidate, judgement));
        });
        all
    }
}

/// What is heard of some sections of a text, each on a thread.
fn hear_all<'a>(pass: &Pass<'a>, tasks: &[Task<'_>]) -> Vec<Heard<'a>> {
    let (first, others) = match tasks {
        [] => return Vec::new(),
        [task] => return vec![hear(pass, task)],
        [first, others @ ..] => (first, others),
    };
    thread::scope(|scope| {
        let others: Vec<_> = others
            .iter()
            .map(|task| {
                let work = move || hear(pass, task);
                (task, thread::Builder::new().spawn_scoped(scope, work))
            })
            .collect();
        let mut all = vec![hear(pass, first)];
        for (task, other) in others {
            all.push(match other {
                Ok(other) => other.join().expect("a panic ends the process"),
                // No thread could be started.
                Err(_) => hear(pass, task),
            });
        }
        all
    })
}

/// Judges what there is in a section of a text.
fn hear<'a>(pass: &Pass<'a>, task: &Task<'_>) -> Heard<'a> {
    let mut heard = Heard::default();
    let mut reasons = Reasons::default();
    each_judged(pass, task, |candidate, judgement| match judgement {
        Ok(judgement) => {
            let judgement = reasons.shared(judgement);
            if is_spent(&candidate, &judgement) {
                heard.refused.push(Refused {
                    token: candidate.clone(),
                    by_check: false,
                });
            }
            heard.judged.push((candidate, judgement));
        }
        Err(why) => {
            if has_last_word(&candidate, &why) {
                heard.refused.push(Refused {
                    by_check: matches!(why, Rejection::Checksum(_))
                        && candidate.rule.checksum.is_some_and(|it| !it.disproves()),
                    token: candidate.clone(),
                });
            }
            if pass.gives_all() {
                heard.rejected.push((candidate, why));
            }
        }
    });
    heard
}

/// Gives every candidate in a section with the judgement on it: those that stand in the text as they are, then
/// those that are wrapped in it. What is assigned to a name and no secret is only given if `all` are asked for: no
/// other rule needs to know.
fn each_judged<'a>(
    pass: &Pass<'a>,
    task: &Task<'_>,
    mut found: impl FnMut(Candidate<'a>, Result<Judgement, Rejection>),
) {
    let bytes = pass.bytes();
    let part = task.section.near();
    let judged = |candidate: &Candidate<'a>, known: Option<Judgement>| {
        known.map_or_else(|| judge(candidate), Ok)
    };
    let marks = pass.candidates(part.clone(), |candidate, known| {
        let judgement = judged(&candidate, known);
        found(candidate, judgement);
    });
    let manifest = task.manifest || marks.manifest;
    for unwrapped in unwrap::unwrap(bytes, &part, &task.runs, &marks.joints, manifest) {
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
        let within = pass.within(&unwrapped);
        within.candidates(0..unwrapped.bytes().len(), |candidate, known| {
            let span = candidate.span.clone();
            unwrapped_found(candidate, known, &span, false);
        });
        if let Some(inner) = unwrapped.again().map(Arc::new) {
            let within = pass.within(&inner);
            within.candidates(0..inner.bytes().len(), |candidate, known| {
                if let Some((span, _)) = inner.origin(unwrapped.bytes(), &candidate.span) {
                    unwrapped_found(candidate, known, &span, true);
                }
            });
        }
    }
}
