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

/// A token that starts with the rule's prefix and has its length, whatever its letters: providers
/// change alphabets more often than prefixes.
pub(super) fn loose(bytes: &[u8], start: usize, rule: &Rule) -> Option<Range<usize>> {
    let prefix = rule.prefix.as_bytes();
    if prefix.len() < LOOSE_PREFIX || !bytes[start..].starts_with(prefix) {
        return None;
    }
    let longest = (start + rule.max_len + 1).min(bytes.len());
    let len = bytes[start..longest]
        .iter()
        .skip(prefix.len())
        .take_while(|&&b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
        .count()
        + prefix.len();
    (rule.min_len..=rule.max_len)
        .contains(&len)
        .then_some(start..start + len)
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
    use super::is_uuid;

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
