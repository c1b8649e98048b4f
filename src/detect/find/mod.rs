//! Finds candidates: goes to the places that the prefilter gives, and there tries each rule that a
//! keyword leads to, by the way in which it is reached.

mod alone;
mod anchored;
mod around;
mod named;
mod near;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::thread;

use self::around::Window;
use self::named::OpenName;
use super::names::Names;
use super::shape;
use crate::assignment::{self, Assignment};
use crate::candidate::{Candidate, Source};
use crate::filetype::FileType;
use crate::judge::{Judgement, Reasons};
use crate::pile;
use crate::prefilter::Hit;
use crate::rules::{Reach, Rule, RuleNumber, RuleSet};
use crate::text::Text;
use crate::unwrap::{self, Unwrapped};

/// How long a text is that one thread goes through alone, in bytes. A bound: at a gigabyte a second
/// (`benches/detector.rs`) it is a millisecond's work, of which starting a thread must stay a small
/// part.
pub(super) const ALONE: usize = 1 << 20;

/// A pass over a text, or over what was wrapped in it.
#[derive(Clone)]
pub(super) struct Pass<'a> {
    rules: &'a RuleSet,
    source: Source<'a>,
    binary: bool,
    file_type: FileType,
    /// Whether what is assigned to a name is given if it is no secret, too.
    all: bool,
}

/// What a keyword of a text leads to.
struct Lead<'a> {
    /// The rule, and its number in the set.
    rule: &'a Rule,
    number: RuleNumber,
    /// The number of the keyword among the rule's literals.
    literal: usize,
    /// Where the keyword stands.
    keyword: Range<usize>,
}

/// What the keywords of a text, or of a part of it, lead to.
#[derive(Debug, Default)]
pub(super) struct Sightings {
    /// The candidates of anchored rules.
    pub(super) anchored: Vec<Spot>,
    /// The candidates of rules that need neither a literal nor a name.
    pub(super) alone: Vec<Spot>,
    /// What is assigned to the names of generic rules. Of a text of a million names next to none is kept: each is
    /// judged as it comes, and kept with its judgement, unless all are asked for. What a manifest holds is kept as it
    /// is.
    pub(super) assigned: Vec<Assigned>,
    /// Where a pattern is to be sought, by rule.
    pub(super) around: BTreeMap<RuleNumber, Vec<Window>>,
    /// The names of providers.
    pub(super) names: Names,
    /// Where something may be wrapped.
    marks: Marks,
    /// What the names so far showed of the text.
    seen: assignment::Seen,
    /// Why what is assigned counts.
    reasons: Reasons,
}

/// What is assigned to a name, by a rule, with the judgement on it if it was judged already.
#[derive(Clone, Debug)]
pub(super) struct Assigned {
    pub(super) assignment: Box<Assignment>,
    judgement: Option<Judgement>,
    public: u32,
    pub(super) number: RuleNumber,
}

impl Assigned {
    /// `None` for a candidate that has no name.
    fn new(
        number: RuleNumber,
        candidate: Candidate<'_>,
        judgement: Option<Judgement>,
    ) -> Option<Self> {
        Some(Self {
            assignment: candidate.assignment?,
            judgement,
            public: u32::try_from(candidate.public).unwrap_or(u32::MAX),
            number,
        })
    }
}

/// A candidate of which no more is known than its rule and its place. A text may have very many.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    start: usize,
    end: usize,
    public: u32,
    pub(super) number: RuleNumber,
    loose: bool,
}

impl Spot {
    fn new(number: RuleNumber, candidate: &Candidate<'_>) -> Self {
        Self {
            start: candidate.place.start,
            end: candidate.place.end,
            public: u32::try_from(candidate.public).unwrap_or(u32::MAX),
            number,
            loose: candidate.loose,
        }
    }

    pub(super) const fn place(&self) -> Range<usize> {
        self.start..self.end
    }
}

/// Where something may be wrapped in a text.
#[derive(Debug, Default)]
pub(super) struct Marks {
    /// The closing quotes of literals that go on in the next one.
    pub(super) joints: Vec<usize>,
    /// Whether it holds a manifest of a Kubernetes Secret.
    pub(super) manifest: bool,
}

impl Sightings {
    /// Adds those of the part behind.
    pub(super) fn append(&mut self, mut behind: Self) {
        pile::append(&mut self.anchored, behind.anchored);
        pile::append(&mut self.alone, behind.alone);
        pile::append(&mut self.assigned, behind.assigned);
        for (number, windows) in behind.around {
            let own = self.around.entry(number).or_default();
            for window in windows {
                window.push(own);
            }
        }
        self.names.append(behind.names);
        self.marks.joints.append(&mut behind.marks.joints);
        self.marks.manifest |= behind.marks.manifest;
    }
}

impl<'a> Pass<'a> {
    /// A pass over a text as it stands.
    pub(super) fn over(rules: &'a RuleSet, text: &'a Text<'_>, all: bool) -> Self {
        Self {
            rules,
            source: Source::Plain(text.bytes()),
            binary: text.is_binary(),
            file_type: text.file_type(),
            all,
        }
    }

    /// A pass over what was wrapped in the same text.
    pub(super) fn within(&self, unwrapped: &Arc<Unwrapped>) -> Self {
        Self {
            source: Source::Unwrapped(Arc::clone(unwrapped)),
            ..self.clone()
        }
    }

    /// The bytes of the text, or of what was wrapped in it.
    pub(super) fn bytes(&self) -> &[u8] {
        self.source.bytes()
    }

    /// Whether what is assigned to a name is given if it is no secret, too.
    pub(super) const fn gives_all(&self) -> bool {
        self.all
    }

    /// What lies at a place, as a candidate for a rule.
    fn candidate(&self, rule: &'a Rule, place: Range<usize>) -> Candidate<'a> {
        Candidate::at(rule, &self.source, place)
    }

    /// Gives every candidate to which a keyword in a part of the text leads, with the judgement on it if it was judged
    /// already, and what marks the places where something may be wrapped.
    ///
    /// The candidates of one kind come in the order of their starts, those of one place in the order of
    /// the names that they are assigned to, or else of the rules, in whatever order the prefilter gave the
    /// keywords.
    pub(super) fn candidates(
        &self,
        part: Range<usize>,
        mut found: impl FnMut(Candidate<'a>, Option<Judgement>),
    ) -> Marks {
        let Sightings {
            alone,
            anchored,
            mut assigned,
            around,
            mut names,
            marks,
            seen: _,
            reasons: _,
        } = self.sight(part);
        assigned.sort_by_key(|it| {
            let Assignment { name, value, .. } = &*it.assignment;
            (value.start, name.start, it.number)
        });
        // Marks of one manifest lead to the same entries, a name's keywords to the same value.
        assigned.dedup_by(|it, before| {
            it.number == before.number && it.assignment == before.assignment
        });
        pile::give(assigned, |it| {
            let place = it.assignment.value.clone();
            let candidate = Candidate {
                public: it.public as usize,
                assignment: Some(it.assignment),
                ..self.candidate(self.rules.get(it.number), place)
            };
            found(candidate, it.judgement);
        });
        let mut found = |candidate| found(candidate, None);
        for mut spots in [anchored, alone] {
            spots.sort_by_key(|spot| (spot.start, spot.number));
            pile::give(spots, |spot| {
                let rule = self.rules.get(spot.number);
                found(Candidate {
                    public: spot.public as usize,
                    loose: spot.loose,
                    ..self.candidate(rule, spot.place())
                });
            });
        }
        for (number, windows) in around {
            self.search_around(number, windows, &mut found);
        }
        for (number, hits) in names.sorted() {
            self.search_near(number, hits, &mut found);
        }
        marks
    }

    /// What the keywords in a part of the text lead to. Each core goes through a piece of a long one.
    pub(super) fn sight(&self, all: Range<usize>) -> Sightings {
        if all.len() < ALONE {
            return self.sight_part(all);
        }
        let parts = thread::available_parallelism().map_or(1, usize::from);
        let len = all.len().div_ceil(parts);
        let place = |number: usize| (all.start + number * len).min(all.end);
        let part = |number: usize| place(number)..place(number + 1);
        if parts == 1 {
            return self.sight_part(all);
        }
        thread::scope(|scope| {
            let others: Vec<_> = (1..parts)
                .map(|number| {
                    let work = move || self.sight_part(part(number));
                    (number, thread::Builder::new().spawn_scoped(scope, work))
                })
                .collect();
            let mut all = self.sight_part(part(0));
            for (number, other) in others {
                all.append(match other {
                    Ok(other) => other.join().expect("a panic ends the process"),
                    // No thread could be started.
                    Err(_) => self.sight_part(part(number)),
                });
            }
            all
        })
    }

    /// As `sight`, for the keywords of one part of the text.
    pub(super) fn sight_part(&self, part: Range<usize>) -> Sightings {
        let (start, end) = (part.start, part.end);
        let mut sightings = Sightings::default();
        let mut open = OpenName::default();
        let mut runs = anchored::Runs::before(end);
        let prefilter = self.rules.prefilter();
        prefilter.each_hit(self.bytes(), part, |hit| match hit {
            Hit::Rule {
                keyword,
                start,
                end,
            } => self.each_lead(keyword, start..end, |lead| match lead.rule.reach {
                Reach::Anchored => self.anchored(&lead, &mut runs, &mut sightings),
                Reach::Around => self.around(&lead, &mut sightings),
                Reach::Named => self.named(&lead, &mut open, &mut sightings),
                Reach::Near => self.near(&lead, &mut sightings),
            }),
            Hit::Joint(at) if unwrap::is_joint(self.bytes(), at) => sightings.marks.joints.push(at),
            Hit::Joint(_) => {}
            Hit::Manifest(at) => {
                sightings.marks.manifest = true;
                self.manifest(at, &mut sightings);
            }
        });
        self.close(open, end, &mut sightings);
        self.alone(start..end, &mut sightings);
        sightings
    }

    /// Gives each rule in force that a keyword leads to. In what is no text, only shapes count that
    /// set a secret apart by themselves.
    #[inline]
    fn each_lead(&self, keyword: usize, place: Range<usize>, mut found: impl FnMut(Lead<'a>)) {
        for used in self.rules.uses(keyword) {
            let number = used.rule;
            if !self.rules.is_on(number) {
                continue;
            }
            let rule = self.rules.get(number);
            if self.binary && !shape::is_distinctive(rule) {
                continue;
            }
            found(Lead {
                rule,
                number,
                literal: usize::from(used.literal),
                keyword: place.clone(),
            });
        }
    }
}
