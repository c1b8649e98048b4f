//! Rules whose pattern has a literal somewhere: the regex is sought around it.

use std::ops::Range;

use super::{Lead, Pass, Sightings};
use crate::candidate::Candidate;
use crate::detect::window;
use crate::rules::RuleNumber;

/// How far a pattern may start before its keyword, in bytes. A bound: no pattern of the catalog has
/// more before its keyword, and a user's own pattern that has is found if another keyword of it is
/// nearer.
const PATTERN_REACH: usize = 512;

impl<'a> Pass<'a> {
    /// Takes down where a rule's pattern may lie.
    pub(super) fn around(&self, lead: &Lead<'a>, sightings: &mut Sightings<'a>) {
        let start = lead.keyword.start.saturating_sub(PATTERN_REACH);
        let end = (lead.keyword.end + lead.rule.max_len).min(self.bytes().len());
        let windows = sightings.around.entry(lead.number).or_default();
        window::push(windows, start..end);
    }

    /// Gives what the regex of a rule fits in these windows.
    pub(super) fn search_around(
        &self,
        number: RuleNumber,
        windows: Vec<Range<usize>>,
        found: &mut impl FnMut(Candidate<'a>),
    ) {
        let rule = self.rules.get(number);
        for window in windows {
            let (offset, haystack) = (window.start, &self.bytes()[window]);
            if !self.rules.may_fit(number, haystack) {
                continue;
            }
            let mut found = |start: usize, end: usize| {
                let span = offset + start..offset + end;
                found(self.candidate(rule, span));
            };
            let regex = self.rules.regex(number);
            if rule.grouped {
                for captures in regex.captures_iter(haystack) {
                    if let Some(secret) = captures.name("secret") {
                        found(secret.start(), secret.end());
                    }
                }
            } else {
                for whole in regex.find_iter(haystack) {
                    found(whole.start(), whole.end());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::PATTERN_REACH;
    use crate::lab::{Random, sample};
    use crate::rules::{Reach, RuleSet};

    #[test]
    fn every_pattern_starts_within_reach_of_a_keyword() {
        let rules = RuleSet::builtin();
        let mut random = Random::new(0xa2);
        for rule in rules.iter().filter(|rule| rule.reach == Reach::Around) {
            let sample = sample(rule, &mut random).expect("each rule accepts its own samples");
            let sample = sample.to_ascii_lowercase();
            let first = rule.literals.iter().filter_map(|literal| {
                let mut places = sample.windows(literal.text.len());
                places.position(|place| place == literal.text.as_bytes())
            });
            assert!(
                first.min().expect("a keyword") < PATTERN_REACH,
                "{}",
                rule.id
            );
        }
    }
}
