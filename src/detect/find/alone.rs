//! Rules whose secrets have no literal and need no name near by: their check proves them, or their shape
//! is nothing else's. Each long run of characters is tried.

use std::ops::Range;

use super::{Pass, Sightings};
use crate::detect::boundary;
use crate::proof::Check;
use crate::rules::{Rule, RuleNumber};

/// Whether a byte may stand in a token. What it may not hold, such as a slash, ends a run.
const fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'+' | b'/')
}

impl<'a> Pass<'a> {
    /// Tries those rules at each run of a part of the text that is long enough for one of them.
    pub(super) fn alone(&self, part: Range<usize>, sightings: &mut Sightings<'a>) {
        if self.binary {
            return;
        }
        let rules: Vec<(RuleNumber, &'a Rule)> = self.rules.alone().collect();
        let Some(shortest) = rules.iter().map(|(_, rule)| rule.min_len).min() else {
            return;
        };
        let bytes = self.bytes();
        let mut at = part.start;
        // A run that began before the part is the other part's.
        if at > 0 && is_token(bytes[at - 1]) {
            at += run(&bytes[at..]);
        }
        // Most places are never looked at: a run of so many bytes has a byte at every such distance.
        while at < part.end
            && let Some(window) = bytes.get(at..at + shortest)
        {
            if let Some(other) = window.iter().rposition(|&byte| !is_token(byte)) {
                at += other + 1;
                continue;
            }
            for &(number, rule) in &rules {
                for start in [at, at + 1] {
                    // Only an escape may stand before it in the run: `\n`.
                    if start == at || boundary::holds_before(bytes, start, rule) {
                        self.try_alone(number, rule, start, sightings);
                    }
                }
            }
            at += run(&bytes[at..]);
        }
    }

    /// Tries a rule at the start of a run.
    fn try_alone(
        &self,
        number: RuleNumber,
        rule: &'a Rule,
        start: usize,
        sightings: &mut Sightings<'a>,
    ) {
        let bytes = self.bytes();
        let len = bytes[start..]
            .iter()
            .take(rule.max_len + 1)
            .take_while(|&&byte| rule.bytes.contains(byte))
            .count();
        let span = start..start + len;
        if (rule.min_len..=rule.max_len).contains(&len)
            && boundary::holds(bytes, &span, rule)
            && self.speaks_for_itself(number, rule, &bytes[span.clone()])
        {
            let candidate = self.candidate(rule, span);
            sightings.alone.push((number, candidate));
        }
    }

    /// Whether a text of a rule's characters is a secret of it without anything else.
    fn speaks_for_itself(&self, number: RuleNumber, rule: &Rule, text: &[u8]) -> bool {
        match rule.checksum {
            Some(checksum) => checksum.check(text) == Check::Valid,
            None => {
                let fit = self.rules.regex(number).find(text);
                fit.is_some_and(|fit| fit.len() == text.len())
            }
        }
    }
}

/// How many bytes a text starts with that may stand in a token.
fn run(text: &[u8]) -> usize {
    text.iter().take_while(|&&byte| is_token(byte)).count()
}
