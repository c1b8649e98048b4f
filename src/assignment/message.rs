//! What a string or a line says beside its secret: the scheme of a header, the names of an object that is kept
//! as text.

use std::ops::Range;

use bstr::ByteSlice;

use super::Place;
use crate::words::name::{ends_in_id, pieces};
use crate::words::{find_in_any_case, role};

/// A bound: the longest name of a scheme.
const LONGEST_SCHEME: usize = 20;

/// The part of a string that is the secret: behind the name of a scheme, or in an object that is kept as text.
pub(super) fn within(place: &Place<'_>, value: Range<usize>) -> Range<usize> {
    let value = without_quotes(place.bytes, value);
    let text = &place.bytes[value.clone()];
    if let Some(len) = scheme(place, text) {
        return value.start + len..value.end;
    }
    if text.starts_with(b"{")
        && text.ends_with(b"}")
        && text.contains(&b'"')
        && let Some(inner) = of_object(text)
    {
        return value.start + inner.start..value.start + inner.end;
    }
    value
}

/// The longest string of an object, but for those whose own names say that they are ids or hashes.
fn of_object(text: &[u8]) -> Option<Range<usize>> {
    let mut longest: Option<Range<usize>> = None;
    let mut own: &[u8] = b"";
    let mut start = 0;
    for quote in text.find_iter(b"\"") {
        let end = quote - usize::from(text[..quote].ends_with(b"\\"));
        let string = start..end.max(start);
        start = quote + 1;
        let inner = &text[string.clone()];
        if text[start..].trim_ascii_start().starts_with(b":") {
            own = inner;
        } else if is_text_value(inner)
            && !is_other(own)
            && longest
                .as_ref()
                .is_none_or(|longest| longest.len() < string.len())
        {
            longest = Some(string);
        }
    }
    longest
}

/// Whether the name of an object's string says that it is an id or a hash. What else it says may be whose secret it is.
fn is_other(name: &[u8]) -> bool {
    let is_hash = |piece| find_in_any_case(piece).is_some_and(|word| word.is(role::HASH));
    ends_in_id(name) || pieces(name).any(is_hash)
}

/// A string within a string: `"\"x\""`.
fn without_quotes(bytes: &[u8], value: Range<usize>) -> Range<usize> {
    match bytes[value.clone()] {
        [b'\\', b'"', .., b'\\', b'"'] if value.len() > 4 => value.start + 2..value.end - 2,
        [b'"', .., b'"'] | [b'\'', .., b'\''] if value.len() > 2 => value.start + 1..value.end - 1,
        _ => value,
    }
}

/// Behind the scheme that stands at `at`, or `at` if none does.
pub(super) fn behind_scheme(place: &Place<'_>, at: usize) -> usize {
    let rest = &place.bytes[at..];
    let longest = rest.len().min(2 * LONGEST_SCHEME);
    at + scheme(place, &rest[..longest]).unwrap_or(0)
}

/// The length of what stands before the credentials of a header: `Token `, `Token token=`. The header
/// `Authorization` has a scheme whatever its name; elsewhere only a known one is told from a value.
fn scheme(place: &Place<'_>, text: &[u8]) -> Option<usize> {
    let space = text.iter().take(LONGEST_SCHEME).position(|&b| b == b' ')?;
    let word = &text[..space];
    let is_header = is_authorization(&place.bytes[place.name.clone()]);
    let known = role::SCHEME.has_in_any_case(word);
    let is_word = word.first().is_some_and(u8::is_ascii_alphabetic)
        && word
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(b));
    if !(known || is_header && is_word) {
        return None;
    }
    let rest = &text[space + 1..];
    let parameter = rest
        .iter()
        .take(LONGEST_SCHEME)
        .take_while(|b| b.is_ascii_lowercase())
        .count();
    match rest.get(parameter..parameter + 2) {
        Some([b'=', b'"' | b'\\']) if is_header => Some(space + parameter + 3),
        Some([b'=', b]) if is_header && b.is_ascii_alphanumeric() => Some(space + parameter + 2),
        _ => Some(space + 1),
    }
}

fn is_authorization(name: &[u8]) -> bool {
    pieces(name)
        .last()
        .is_some_and(|piece| piece.eq_ignore_ascii_case(b"authorization"))
}

/// Neither the space between two strings nor a number.
fn is_text_value(text: &[u8]) -> bool {
    text.iter()
        .all(|b| b.is_ascii_alphanumeric() || b"_-+/=.".contains(b))
}
