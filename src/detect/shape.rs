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
