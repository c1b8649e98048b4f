//! Rules whose pattern has a literal somewhere: the regex is sought around it.

use std::ops::Range;

use super::{Lead, Pass, Sightings};
use crate::candidate::Candidate;
use crate::detect::window;
use crate::rules::RuleNumber;

impl<'a> Pass<'a> {
    /// Takes down where a rule's pattern may lie.
    pub(super) fn around(&self, lead: &Lead<'a>, sightings: &mut Sightings<'a>) {
        let (rule, keyword) = (lead.rule, lead.keyword.start);
        // A look before the start and one behind the end need a byte more.
        let start = keyword.saturating_sub(rule.before + 1);
        let end = (keyword + rule.behind + 1).min(self.bytes().len());
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
                let search = search.get_or_insert_with(|| self.rules.pattern(number).search());
                let text = &text[..part.span.end];
                let mut at = part.span.start;
                while at <= text.len()
                    && let Some(fit) = search.find(text, at)
                    && fit.whole.start < part.before
                {
                    if let Some(secret) = fit.secret {
                        let span = window.start + secret.start..window.start + secret.end;
                        found(self.candidate(rule, span));
                    }
                    at = fit.whole.end.max(fit.whole.start + 1);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lab::{Random, sample};
    use crate::rules::{Reach, RuleSet};

    #[test]
    fn every_fit_lies_around_a_keyword() {
        let rules = RuleSet::builtin();
        let mut random = Random::new(0xa2);
        let around = rules
            .numbered()
            .filter(|(_, rule)| rule.reach == Reach::Around);
        for (number, rule) in around {
            let sample = sample(rule, &mut random).expect("each rule accepts its own samples");
            let fit = rules.pattern(number).find(&sample).expect("a fit");
            let sample = sample.to_ascii_lowercase();
            let lies_around = |place: usize| {
                (fit.start..fit.end).contains(&place)
                    && place - fit.start <= rule.before
                    && fit.end - place <= rule.behind
            };
            let known = rule.literals.iter().any(|literal| {
                let word = literal.text.as_bytes();
                let mut places = sample.windows(word.len()).enumerate();
                places.any(|(at, place)| place == word && lies_around(at))
            });
            assert!(known, "{}", rule.id);
        }
    }
}
