//! Rules whose secrets have no literal of their own: the regex is sought near words that name the
//! provider, and near the other half of a pair.

use std::collections::BTreeMap;
use std::ops::Range;

use super::{Lead, Pass, Sightings};
use crate::detect::{Candidate, boundary, evidence, window};
use crate::rules::{Rule, RuleNumber};

/// The places where providers are named, by the numbers of the rules.
#[derive(Debug, Default)]
pub(in crate::detect) struct Names {
    by_rule: BTreeMap<RuleNumber, Vec<Name>>,
}

/// A place where a provider is named.
#[derive(Clone, Copy, Debug)]
pub(in crate::detect) struct Name {
    start: usize,
    end: usize,
    /// The number of the name among the rule's literals. The other half of a pair has none.
    literal: Option<usize>,
}

impl Name {
    /// Where it stands.
    pub(in crate::detect) const fn span(&self) -> Range<usize> {
        self.start..self.end
    }

    /// The name as its rule has it; for the other half of a pair, the id of the rule that finds it.
    pub(in crate::detect) fn word<'a>(&self, rule: &'a Rule) -> &'a str {
        match self.literal {
            Some(literal) => &rule.literals[literal].text,
            None => rule.companion.as_deref().unwrap_or_default(),
        }
    }
}

impl Names {
    /// Takes down a name.
    pub(in crate::detect) fn note(&mut self, rule: RuleNumber, span: Range<usize>, literal: usize) {
        self.push(rule, span, Some(literal));
    }

    /// Takes down the other half of a pair, which names the provider as well as a word does.
    pub(in crate::detect) fn note_half(&mut self, rule: RuleNumber, span: Range<usize>) {
        self.push(rule, span, None);
    }

    fn push(&mut self, rule: RuleNumber, span: Range<usize>, literal: Option<usize>) {
        self.by_rule.entry(rule).or_default().push(Name {
            start: span.start,
            end: span.end,
            literal,
        });
    }

    /// Adds other names.
    pub(super) fn append(&mut self, other: Self) {
        for (rule, mut names) in other.by_rule {
            self.by_rule.entry(rule).or_default().append(&mut names);
        }
    }

    /// The names of each rule's provider, in the order of their starts.
    pub(in crate::detect) fn sorted(&mut self) -> impl Iterator<Item = (RuleNumber, &[Name])> {
        self.by_rule.iter_mut().map(|(&rule, names)| {
            names.sort_unstable_by_key(|name| (name.start, name.end));
            (rule, names.as_slice())
        })
    }
}

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
        let regex = self.rules.regex(number);
        let mut from = window.start;
        while let Some(fit) = regex.find(&bytes[from..window.end]) {
            let span = from + fit.start()..from + fit.end();
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
