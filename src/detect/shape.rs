//! What the shape of a rule's secrets says.

use std::ops::Range;

use crate::rules::{Reach, Rule};

/// A prefix from which on a token of another alphabet is worth a look.
const LOOSE_PREFIX: usize = 6;

/// Whether the rule's shape alone sets it apart, so that it counts in binary files too.
pub(super) fn is_distinctive(rule: &Rule) -> bool {
    rule.reach != Reach::Near && rule.distinctive
}

/// Whether the literal start of the rule's secrets can't be a piece of base64.
pub(super) fn has_separator(rule: &Rule) -> bool {
    rule.prefix
        .bytes()
        .any(|byte| !byte.is_ascii_alphanumeric() && !matches!(byte, b'+' | b'/'))
}

/// Where the letters, digits, `_` and `-` from a place on end.
///
/// In a file of nothing but prefixes many rules ask for nearly one place, and a run may be as long as
/// the file: what was seen once is not gone through again.
#[derive(Debug, Default)]
pub(super) struct RunBehind(Option<Range<usize>>);

impl RunBehind {
    fn end(&mut self, bytes: &[u8], from: usize) -> usize {
        let goes_on = |at: usize| {
            let byte = bytes.get(at);
            byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
        };
        let known = self.0.take().unwrap_or(usize::MAX..usize::MAX);
        let run = if (known.start..=known.end).contains(&from) {
            known
        } else {
            let mut at = from;
            while at != known.start && goes_on(at) {
                at += 1;
            }
            from..if at == known.start { known.end } else { at }
        };
        self.0.insert(run).end
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
    (rule.min_len..=rule.max_len)
        .contains(&(end - start))
        .then_some(start..end)
}

/// Whether a text is a UUID and nothing else.
pub(super) fn is_uuid(text: &[u8]) -> bool {
    const GROUPS: [usize; 5] = [8, 4, 4, 4, 12];
    let mut groups = text.split(|&b| b == b'-');
    GROUPS.iter().all(|&len| {
        groups
            .next()
            .is_some_and(|group| group.len() == len && group.iter().all(u8::is_ascii_hexdigit))
    }) && groups.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::{RunBehind, is_uuid};

    #[test]
    fn a_run_ends_at_the_same_place_whoever_asked_before() {
        let bytes: Vec<u8> = (0..400)
            .map(|at| if at % 90 == 70 { b' ' } else { b'a' })
            .collect();
        for step in [1, 3, 40, 69, 90, 100] {
            let mut run = RunBehind::default();
            let there = (0..bytes.len() + 1).step_by(step);
            for at in there.clone().chain(there.rev()) {
                let rest = bytes[at..].iter().take_while(|byte| **byte == b'a');
                assert_eq!(run.end(&bytes, at), at + rest.count(), "at {at} by {step}");
            }
        }
    }

    #[test]
    fn a_uuid_has_five_groups_of_hex_digits() {
        assert!(is_uuid(b"41c6d04b-dead-cafe-1234-9bffd94346b3"));
        for other in [
            "41c6d04b-dead-cafe-1234-9bffd94346b",
            "41c6d04b-dead-cafe-12349-bffd94346b3",
            "41c6d04b-dead-cafe-1234-9bffd94346b3-",
            "41c6d04b-dead-cafe-1234-9bffd94346bg",
            "41c6d04bdeadcafe12349bffd94346b3",
        ] {
            assert!(!is_uuid(other.as_bytes()), "{other}");
        }
    }
}
