//! Rules whose secrets have no literal and need no name near by: their check proves them, or their shape
//! is nothing else's. Each long run of characters is tried.

use std::ops::Range;

use super::{Pass, Sightings, Spot};
use crate::detect::boundary;
use crate::proof::{Check, Proof};
use crate::rules::{Rule, RuleNumber};

/// Which bytes may stand in a token; all others end a run. As a table: every text is asked.
const TOKEN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0u8;
    while byte < 128 {
        table[byte as usize] =
            byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'+' | b'/');
        byte += 1;
    }
    table
};

const fn is_token(byte: u8) -> bool {
    TOKEN[byte as usize]
}

impl<'a> Pass<'a> {
    /// Tries those rules at each run of a part of the text that is long enough for one of them.
    pub(super) fn alone(&self, part: Range<usize>, sightings: &mut Sightings) {
        if self.binary {
            return;
        }
        let mut rules: Option<Vec<(RuleNumber, &'a Rule)>> = None;
        let shortest = self.rules.alone_min_len();
        let bytes = self.bytes();
        let mut at = part.start;
        // A run that began before the part is the other part's.
        if at > 0 && is_token(bytes[at - 1]) {
            at += run(&bytes[at..part.end]);
        }
        // Most places are never looked at: a run of so many bytes has a byte at every such distance.
        while at < part.end
            && let Some(window) = bytes.get(at..at.saturating_add(shortest))
        {
            let other = last_low(window).or_else(|| window.iter().rposition(|&b| !is_token(b)));
            if let Some(other) = other {
                at += other + 1;
                continue;
            }
            for &(number, rule) in rules
                .get_or_insert_with(|| self.rules.alone().collect())
                .iter()
            {
                for start in [at, at + 1] {
                    // Only an escape may stand before it in the run: `\n`.
                    if start == at || boundary::holds_before(bytes, start, rule) {
                        self.try_alone(number, rule, start, sightings);
                    }
                }
            }
            at += run(&bytes[at..part.end]);
        }
    }

    /// Tries a rule at the start of a run.
    fn try_alone(
        &self,
        number: RuleNumber,
        rule: &'a Rule,
        start: usize,
        sightings: &mut Sightings,
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
            sightings.alone.push(Spot::new(number, &candidate));
        }
    }

    /// Whether a text of a rule's characters is a secret of it without anything else.
    fn speaks_for_itself(&self, number: RuleNumber, rule: &Rule, text: &[u8]) -> bool {
        // The check is asked first: a few instructions, and of what it proves the pattern has to fit all.
        let is_proven = |proof: Proof| proof.check(text) == Check::Valid;
        rule.checksum.is_none_or(is_proven)
            && (self.rules.pattern(number).find(text)).is_some_and(|fit| fit.len() == text.len())
    }
}

/// Where in a window the last byte stands that is below all of a token's: a blank, a quote, a bracket. Eight
/// bytes are looked at in one go, since every text is asked.
///
/// A plus sign behind such a byte may pass for one, too: no secret starts with it.
fn last_low(window: &[u8]) -> Option<usize> {
    /// The least byte of a token, eight times.
    const LEAST: u64 = u64::from_le_bytes([b'+'; 8]);
    /// The highest bit of each byte.
    const HIGH: u64 = u64::from_le_bytes([0x80; 8]);
    let mut end = window.len();
    for bytes in window.as_rchunks().1.iter().rev() {
        let word = u64::from_le_bytes(*bytes);
        // A byte below the least borrows, and its highest bit is set.
        let low = word.wrapping_sub(LEAST) & !word & HIGH;
        if low != 0 {
            return Some(end - 1 - low.leading_zeros() as usize / 8);
        }
        end -= 8;
    }
    None
}

/// How many bytes a text starts with that may stand in a token.
fn run(text: &[u8]) -> usize {
    text.iter().take_while(|&&byte| is_token(byte)).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::Random;

    #[test]
    fn a_low_byte_is_seen_wherever_it_stands() {
        let mut random = Random::new(0xa10e);
        for _ in 0..20_000 {
            let mut window = vec![0; 49];
            for byte in &mut window {
                let other = random.below(12) == 0;
                *byte = if other { random.below(256) as u8 } else { b'a' };
            }
            let expected = window[1..]
                .iter()
                .rposition(|&byte| byte < b'+')
                .map(|at| at + 1);
            let found = last_low(&window);
            let is_plus = found.is_some_and(|at| window[at] == b'+' && window[at - 1] < b'+');
            assert!(found == expected || is_plus, "{window:?}");
        }
    }
}
