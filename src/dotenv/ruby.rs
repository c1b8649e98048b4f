//! What is read in Ruby.

use super::dialect::Reading::{self, Unset, Value, Varies};
use super::dialect::{
    ALL_FILLED, Source, before_sign, between, is_end, is_filled, stripped, trimmed, unescaped,
};

/// dotenv.
pub(super) fn dotenv(source: &Source<'_>) -> Reading {
    if source.name.contains(&b'-') {
        return Unset;
    }
    let raw = trimmed(source.raw);
    let (inner, quote) = match raw.first() {
        Some(&quote @ (b'\'' | b'"')) => match between(raw) {
            Some((inner, rest)) if is_end(rest) => (inner, Some(quote)),
            _ => (stripped(before_sign(raw), b"'\""), Some(quote)),
        },
        _ => (before_sign(raw), None),
    };
    if quote == Some(b'\'') {
        return Value(inner.to_vec());
    }
    if is_filled(inner, ALL_FILLED, true) {
        return Varies;
    }
    Value(unescaped(inner, |b| match (b, quote) {
        (b'n' | b'r', Some(_)) => None,
        _ => Some(vec![b]),
    }))
}
