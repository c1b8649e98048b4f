//! Rules whose secrets have no literal of their own: the regex is sought near words that name the
//! provider, and near the other half of a pair.

use std::ops::Range;

use super::{Lead, Pass, Sightings};
use crate::candidate::Candidate;
use crate::detect::names::Name;
use crate::detect::{boundary, evidence, window};
use crate::rules::{Rule, RuleNumber};

impl<'a> Pass<'a> {
    /// Takes down the name of a provider.
    pub(super) fn near(&self, lead: &Lead<'a>, sightings: &mut Sightings<'a>) {
        if evidence::is_piece(self.bytes(), &lead.keyword) {
            let names = &mut sightings.names;
            names.note(lead.number, lead.keyword.clone(), lead.literal);
        }
    }

    /// Gives what the regex of a rule fits near one of the names.
    pub(super) fn search_near(
        &self,
        number: RuleNumber,
        names: &[Name],
        found: &mut impl FnMut(Candidate<'a>),
    ) {
        let rule = self.rules.get(number);
        let reach = evidence::BYTES + rule.max_len;
        for window in window::around(self.bytes(), names.iter().map(Name::span), reach) {
            self.search_tokens(number, rule, window, |span| {
                if let Some(evidence) = evidence::of(self.bytes(), &span, rule, names) {
                    found(Candidate {
                        evidence: Some(evidence),
                        ..self.candidate(rule, span)
                    });
                }
            });
        }
    }

    /// Gives every token in a window that a rule's regex fits. What fits from the middle of a longer
    /// token is no token, and hides none that starts within it.
    fn search_tokens(
        &self,
        number: RuleNumber,
        rule: &Rule,
        window: Range<usize>,
        mut found: impl FnMut(Range<usize>),
    ) {
        let bytes = self.bytes();
        if !rule.may_fit(&bytes[window.clone()]) {
            return;
        }
        let mut search = self.rules.pattern(number).search();
        let mut from = window.start;
        while let Some(fit) = search.find(&bytes[from..window.end], 0) {
            let span = from + fit.whole.start..from + fit.whole.end;
            if span.len() <= rule.max_len && boundary::holds(bytes, &span, rule) {
                found(span.clone());
            }
            from = span.start + 1;
            while from < window.end && !boundary::holds_before(bytes, from, rule) {
                from += 1;
            }
        }
    }
}
