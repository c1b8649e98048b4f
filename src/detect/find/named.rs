//! Rules that go by names: the secret is what is assigned to a name that holds a keyword.

use std::ops::Range;

use super::{Assigned, Lead, Pass, Sightings};
use crate::assignment::{self, Assignment};
use crate::candidate::Candidate;
use crate::judge::judge;
use crate::prefilter::Hit;
use crate::rules::{Reach, RuleNumber};

/// The rule of what a Kubernetes Secret holds under a name that says nothing.
const OF_MANIFESTS: &str = "generic-secret";

/// The rule and the keyword of the last name that was seen. It may go on to another keyword: the last
/// one of a name says what it is.
#[derive(Debug, Default)]
pub(super) struct OpenName(Option<(RuleNumber, Range<usize>)>);

impl<'a> Pass<'a> {
    /// Takes a keyword as the last one of its name, until another one comes.
    pub(super) fn named(&self, lead: &Lead<'a>, open: &mut OpenName, sightings: &mut Sightings) {
        let (number, keyword) = (lead.number, lead.keyword.clone());
        match &open.0 {
            // Hits are nearly in order: the later of two may come first.
            Some((_, other)) if assignment::goes_on(self.bytes(), &keyword, other) => {}
            Some((_, other)) if assignment::goes_on(self.bytes(), other, &keyword) => {
                open.0 = Some((number, keyword));
            }
            _ => {
                if let Some((rule, keyword)) = open.0.replace((number, keyword)) {
                    self.assign(rule, &keyword, sightings);
                }
            }
        }
    }

    /// Takes down what is assigned to the last name of a part that ends at `end`.
    pub(super) fn close(&self, open: OpenName, end: usize, sightings: &mut Sightings) {
        if let Some((number, keyword)) = open.0
            && !self.goes_on_behind(&keyword, end)
        {
            self.assign(number, &keyword, sightings);
        }
    }

    /// Whether the name that holds a keyword goes on to another one behind the end of a part, which
    /// the next part sees.
    fn goes_on_behind(&self, keyword: &Range<usize>, end: usize) -> bool {
        let mut goes_on = false;
        let name_end = assignment::name_end(self.bytes(), keyword);
        let behind = end..name_end.max(end);
        let prefilter = self.rules.prefilter();
        prefilter.each_hit(self.bytes(), behind, |hit| {
            let Hit::Rule {
                keyword: other,
                start,
                end,
            } = hit
            else {
                return;
            };
            goes_on |= self.rules.uses(other).iter().any(|used| {
                self.rules.is_on(used.rule) && self.rules.get(used.rule).reach == Reach::Named
            }) && assignment::goes_on(self.bytes(), keyword, &(start..end));
        });
        goes_on
    }

    /// Takes down what is assigned to the name that holds a keyword.
    fn assign(&self, number: RuleNumber, keyword: &Range<usize>, sightings: &mut Sightings) {
        let Sightings {
            assigned,
            reasons,
            seen,
            ..
        } = sightings;
        assignment::each(
            self.bytes(),
            keyword,
            self.file_type,
            seen,
            &mut |assignment| {
                let candidate = self.assigned(number, assignment);
                if self.all {
                    assigned.extend(Assigned::new(number, candidate, None));
                } else if let Ok(judgement) = judge(&candidate) {
                    let judgement = reasons.shared(judgement);
                    assigned.extend(Assigned::new(number, candidate, Some(judgement)));
                }
            },
        );
    }

    /// Takes down what the manifest of a Kubernetes Secret holds whose kind stands at `at`.
    pub(super) fn manifest(&self, at: usize, sightings: &mut Sightings) {
        let rule = self.rules.number_of(OF_MANIFESTS);
        let Some(number) = rule.filter(|&number| self.rules.is_on(number) && !self.binary) else {
            return;
        };
        assignment::manifest::each(self.bytes(), at, self.file_type, &mut |assignment| {
            let candidate = self.assigned(number, assignment);
            let assigned = Assigned::new(number, candidate, None);
            sightings.assigned.extend(assigned);
        });
    }

    /// What is assigned to a name, as a candidate.
    fn assigned(&self, number: RuleNumber, assignment: Assignment) -> Candidate<'a> {
        let place = assignment.value.clone();
        Candidate {
            public: self.public_start(&place),
            assignment: Some(Box::new(assignment)),
            ..self.candidate(self.rules.get(number), place)
        }
    }

    /// How many bytes at the start of a value are those of a format, whether it fits or not.
    pub(in crate::detect) fn public_start(&self, value: &Range<usize>) -> usize {
        /// The longest start that counts, in bytes. A bound: longer are only those of URLs and
        /// documents, which say more than a start does.
        const LONGEST: usize = 32;
        let mut longest = 0;
        let end = value.end.min(value.start + LONGEST);
        let prefilter = self.rules.prefilter();
        prefilter.each_at(&self.bytes()[..end], value.start, |keyword, literal_end| {
            let is_literal = self.rules.uses(keyword).iter().any(|used| {
                let rule = self.rules.get(used.rule);
                rule.reach == Reach::Anchored
                    && rule.literals[usize::from(used.literal)].text.as_bytes()
                        == &self.bytes()[value.start..literal_end]
            });
            if is_literal {
                longest = longest.max(literal_end - value.start);
            }
        });
        longest
    }
}
