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
    pub(super) fn near(&self, lead: &Lead<'a>, sightings: &mut Sightings) {
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
                        evidence: Some(Box::new(evidence)),
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
        let text = &bytes[window.clone()];
        if !rule.may_fit(text) {
            return;
        }
        let mut search = self.rules.pattern(number).search();
        for part in rule.parts(text) {
            let mut from = window.start + part.span.start;
            let (before, end) = (window.start + part.before, window.start + part.span.end);
            while from < before.min(end)
                && let Some(fit) = search.find(&bytes[from..end], 0)
                && from + fit.whole.start < before
            {
                let span = from + fit.whole.start..from + fit.whole.end;
                if span.len() <= rule.max_len && boundary::holds(bytes, &span, rule) {
                    found(span.clone());
                }
                from = span.start + 1;
                while from < end && !boundary::holds_before(bytes, from, rule) {
                    from += 1;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::detect::Detector;
    use crate::rules::RuleSet;
    use crate::rules::words::RuleWords;
    use crate::text::Text;

    /// Were each place tried up to the end of the line, this would take minutes.
    #[test]
    fn a_wide_pattern_takes_no_more_than_its_length_from_each_place() {
        let own: RuleWords = toml::from_str(
            "id = 'acme-note'\nname = 'A note'\npattern = 'ab[^;]*;'\ncontext = 'required'\n\
             words = ['acme']\nexamples = ['ab <base62:20>;']",
        )
        .expect("it is a rule");
        let rules = RuleSet::with([(None, &own)]).expect("it compiles");
        let is_found = |text: &str| {
            let (detector, text) = (Detector::new(&rules), Text::decode(text.as_bytes()));
            let found = detector.explain(&text);
            found.iter().any(|(it, _)| it.rule.id == "acme-note")
        };
        assert!(!is_found(&format!("{};x", "ab acme cd, ".repeat(20_000))));
        assert!(is_found(&format!("{}ab q7;", "acme cd, ".repeat(2_000))));
    }
}
