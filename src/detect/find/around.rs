//! Rules whose pattern has a literal somewhere: the regex is sought around it.

use std::ops::Range;

use regex::bytes::{CaptureLocations, Regex};

use super::{Lead, Pass, Sightings};
use crate::candidate::Candidate;
use crate::detect::window;
use crate::rules::{Part, RuleNumber};

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
        let mut search = None;
        for window in windows {
            let text = &self.bytes()[window.clone()];
            for part in rule.parts(text) {
                let search = search.get_or_insert_with(|| Search::with(self.rules.regex(number)));
                search.part(text, &part, |place| {
                    let span = window.start + place.start..window.start + place.end;
                    found(self.candidate(rule, span));
                });
            }
        }
    }
}

/// The search for a rule's secrets by its regex.
struct Search<'r> {
    regex: &'r Regex,
    groups: CaptureLocations,
    /// The group that is the secret.
    secret: usize,
}

impl<'r> Search<'r> {
    fn with(regex: &'r Regex) -> Self {
        let mut names = regex.capture_names();
        Self {
            regex,
            groups: regex.capture_locations(),
            // Without such a group, the whole is the secret.
            secret: names.position(|name| name == Some("secret")).unwrap_or(0),
        }
    }

    /// Gives the secrets in a part of a text.
    fn part(&mut self, text: &[u8], part: &Part, mut found: impl FnMut(Range<usize>)) {
        let text = &text[..part.span.end];
        let mut at = part.span.start;
        while at <= text.len()
            && let Some(whole) = self.regex.captures_read_at(&mut self.groups, text, at)
            && whole.start() < part.before
        {
            if let Some((start, end)) = self.groups.get(self.secret) {
                found(start..end);
            }
            at = whole.end().max(whole.start() + 1);
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
