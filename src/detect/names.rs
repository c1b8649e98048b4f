//! The places of a text where providers are named.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::rules::{Rule, RuleNumber};

/// The places where providers are named, by the numbers of the rules.
#[derive(Debug, Default)]
pub(super) struct Names {
    by_rule: BTreeMap<RuleNumber, Vec<Name>>,
}

/// A place where a provider is named.
#[derive(Clone, Copy, Debug)]
pub(super) struct Name {
    start: usize,
    len: u32,
    /// The number of the name among the rule's literals. The other half of a pair has none.
    literal: Option<u16>,
}

impl Name {
    /// Where it stands.
    pub(super) const fn span(&self) -> Range<usize> {
        self.start..self.end()
    }

    const fn end(&self) -> usize {
        self.start + self.len as usize
    }

    /// Whether it is the other half of a pair.
    pub(super) const fn is_half(&self) -> bool {
        self.literal.is_none()
    }

    /// The name as its rule has it; for the other half of a pair, the id of the rule that finds it.
    pub(super) fn word<'a>(&self, rule: &'a Rule) -> &'a str {
        match self.literal {
            Some(literal) => &rule.literals[usize::from(literal)].text,
            None => rule.companion.as_deref().unwrap_or_default(),
        }
    }
}

impl Names {
    /// Takes down a name.
    pub(super) fn note(&mut self, rule: RuleNumber, span: Range<usize>, literal: usize) {
        self.push(rule, span, Some(literal));
    }

    /// Takes down the other half of a pair, which names the provider as well as a word does.
    pub(super) fn note_half(&mut self, rule: RuleNumber, span: Range<usize>) {
        self.push(rule, span, None);
    }

    fn push(&mut self, rule: RuleNumber, span: Range<usize>, literal: Option<usize>) {
        self.by_rule.entry(rule).or_default().push(Name {
            start: span.start,
            len: u32::try_from(span.len()).expect("a name is no 4 GB"),
            // A rule's literals have numbers of 16 bits, as the prefilter has them.
            literal: literal.map(|literal| u16::try_from(literal).expect("a small number")),
        });
    }

    /// Adds other names.
    pub(super) fn append(&mut self, other: Self) {
        for (rule, mut names) in other.by_rule {
            self.by_rule.entry(rule).or_default().append(&mut names);
        }
    }

    /// The names of each rule's provider, in the order of their starts.
    pub(super) fn sorted(&mut self) -> impl Iterator<Item = (RuleNumber, &[Name])> {
        self.by_rule.iter_mut().map(|(&rule, names)| {
            names.sort_unstable_by_key(|name| (name.start, name.end()));
            (rule, names.as_slice())
        })
    }
}
