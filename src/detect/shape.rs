//! What the shape of a rule's secrets says.

use std::ops::Range;

use crate::rules::{Reach, Rule};

/// The length, in bytes, from which on a prefix makes a token of another alphabet worth a look. A weight,
/// not measured: what has a shorter prefix is often a word. Such tokens are only possible.
const LOOSE_PREFIX: usize = 6;

/// How far behind a part of a text a run is followed, in bytes. A bound: no secret with such a prefix is as long, so that
/// one of which more is not known is none.
const LONGEST: usize = 1 << 16;

/// Whether the rule's shape alone sets it apart, so that it counts in binary files too.
pub(super) fn is_distinctive(rule: &Rule) -> bool {
    rule.reach != Reach::Near && rule.distinctive
}

/// Where the letters, digits, `_` and `-` from a place on end.
///
/// In a file of nothing but prefixes many rules ask for nearly one place, and a run may be as long as
/// the file: what was seen once is not gone through again, and none is followed far behind the part that is gone
/// through.
#[derive(Debug)]
pub(super) struct RunBehind {
    known: Option<Range<usize>>,
    /// A run that is longer is said to end here.
    end: usize,
}

impl RunBehind {
    /// For a part of a text that ends there.
    pub(super) const fn before(end: usize) -> Self {
        Self {
            known: None,
            end: end.saturating_add(LONGEST),
        }
    }

    fn end(&mut self, bytes: &[u8], from: usize) -> usize {
        let goes_on = |at: usize| {
            let byte = bytes.get(at).filter(|_| at < self.end);
            byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
        };
        let known = self.known.take().unwrap_or(usize::MAX..usize::MAX);
        let run = if (known.start..=known.end).contains(&from) {
            known
        } else {
            let mut at = from;
            while at != known.start && goes_on(at) {
                at += 1;
            }
            from..if at == known.start { known.end } else { at }
        };
        self.known.insert(run).end
    }
}

/// A token that starts with the rule's prefix and has its length, whatever its letters: providers
/// change alphabets more often than prefixes.
pub(super) fn loose(
    bytes: &[u8],
    start: usize,
    rule: &Rule,
    run: &mut RunBehind,
) -> Option<Range<usize>> {
    let prefix = rule.prefix.as_bytes();
    if prefix.len() < LOOSE_PREFIX || !bytes[start..].starts_with(prefix) {
        return None;
    }
    let end = run.end(bytes, start + prefix.len());
    (rule.min_len..=rule.max_len.min(LONGEST - 1))
        .contains(&(end - start))
        .then_some(start..end)
}

#[cfg(test)]
mod tests {
    use super::RunBehind;

    #[test]
    fn a_run_ends_at_the_same_place_whoever_asked_before() {
        let bytes: Vec<u8> = (0..400)
            .map(|at| if at % 90 == 70 { b' ' } else { b'a' })
            .collect();
        for step in [1, 3, 40, 69, 90, 100] {
            let mut run = RunBehind::before(bytes.len());
            let there = (0..bytes.len() + 1).step_by(step);
            for at in there.clone().chain(there.rev()) {
                let rest = bytes[at..].iter().take_while(|byte| **byte == b'a');
                assert_eq!(run.end(&bytes, at), at + rest.count(), "at {at} by {step}");
            }
        }
    }
}
