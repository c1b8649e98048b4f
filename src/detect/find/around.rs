//! Rules whose pattern has a literal somewhere: the regex is sought around it.

use std::ops::Range;

use super::{Lead, Pass, Sightings};
use crate::candidate::Candidate;
use crate::rules::RuleNumber;

/// A bound: of so many keywords in a window it is asked whether the pattern may go on behind them. Where there are
/// more, it is sought without a question.
const MOST_ASKED: usize = 4;

/// A part of a text in which a pattern is sought.
#[derive(Clone, Debug)]
pub(in crate::detect) struct Window {
    pub(in crate::detect) span: Range<usize>,
    /// The keywords that led there: which literal of the rule, and where it ends.
    hits: [(usize, usize); MOST_ASKED],
    /// How many there were.
    count: usize,
}

impl Window {
    /// Adds it to a list of disjoint ones that come nearly in the order of their starts.
    pub(super) fn push(self, windows: &mut Vec<Self>) {
        match windows.last_mut() {
            Some(last) if last.span.end >= self.span.start => {
                last.span.start = last.span.start.min(self.span.start);
                last.span.end = last.span.end.max(self.span.end);
                for hit in self.hits.into_iter().take(self.count) {
                    if let Some(place) = last.hits.get_mut(last.count) {
                        *place = hit;
                    }
                    last.count += 1;
                }
                last.count = last.count.max(self.count);
            }
            _ => windows.push(self),
        }
    }
}

impl<'a> Pass<'a> {
    /// Takes down where a rule's pattern may lie.
    pub(super) fn around(&self, lead: &Lead<'a>, sightings: &mut Sightings) {
        let (rule, keyword) = (lead.rule, lead.keyword.start);
        // A look before the start and one behind the end need a byte more.
        let start = keyword.saturating_sub(rule.before + 1);
        let end = (keyword + rule.behind + 1).min(self.bytes().len());
        let windows = sightings.around.entry(lead.number).or_default();
        let window = Window {
            span: start..end,
            hits: [(lead.literal, lead.keyword.end); MOST_ASKED],
            count: 1,
        };
        window.push(windows);
    }

    /// Whether the pattern of a rule may go on behind one of the keywords of a window.
    fn may_go_on(&self, number: RuleNumber, window: &Window) -> bool {
        let text = &self.bytes()[..window.span.end];
        let goes_on = |&(literal, end): &(usize, usize)| {
            end > text.len() || self.rules.may_go_on(number, literal, text, end)
        };
        window.count > MOST_ASKED || window.hits[..window.count].iter().any(goes_on)
    }

    /// Gives what the regex of a rule fits in these windows.
    pub(super) fn search_around(
        &self,
        number: RuleNumber,
        windows: Vec<Window>,
        found: &mut impl FnMut(Candidate<'a>),
    ) {
        let rule = self.rules.get(number);
        let mut search = None;
        for window in windows {
            if !self.may_go_on(number, &window) {
                continue;
            }
            let window = window.span;
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

    /// Whose pattern goes on behind it, as far as anybody looks.
    #[test]
    fn every_fit_lies_around_a_keyword() {
        let rules = RuleSet::builtin();
        let mut random = Random::new(0xa2);
        let around = rules
            .numbered()
            .filter(|(_, rule)| rule.reach == Reach::Around);
        for (number, rule) in around.flat_map(|rule| [rule; 12]) {
            let sample = sample(rule, &mut random).expect("each rule accepts its own samples");
            let fit = rules.pattern(number).find(&sample).expect("a fit");
            let text = sample.clone();
            let sample = sample.to_ascii_lowercase();
            let lies_around = |place: usize| {
                (fit.start..fit.end).contains(&place)
                    && place - fit.start <= rule.before
                    && fit.end - place <= rule.behind
            };
            let known = rule
                .literals
                .iter()
                .enumerate()
                .any(|(number_in_rule, literal)| {
                    let word = literal.text.as_bytes();
                    let mut places = sample.windows(word.len()).enumerate();
                    places.any(|(at, place)| {
                        place == word
                            && lies_around(at)
                            && rules.may_go_on(number, number_in_rule, &text, at + word.len())
                    })
                });
            assert!(known, "{}", rule.id);
        }
    }

    #[test]
    fn an_ordinary_line_leads_nowhere() {
        let rules = RuleSet::builtin();
        for (id, line, keyword) in [
            ("netrc-password", "login(password=secret)", "password"),
            ("http-auth-bearer", "\"Bearer $TOKEN\"", "bearer "),
            (
                "http-auth-url-password",
                "see https://example.org/a:b@c",
                "://",
            ),
            (
                "http-auth-curl-user",
                "curl -H x https://example.org",
                "curl",
            ),
        ] {
            let number = rules.number_of(id).expect(id);
            let literals = &rules.get(number).literals;
            let literal = literals.iter().position(|it| it.text == keyword);
            let at = line.to_ascii_lowercase().find(keyword).expect(id) + keyword.len();
            let literal = literal.expect(id);
            assert!(
                !rules.may_go_on(number, literal, line.as_bytes(), at),
                "{id}"
            );
        }
    }
}
