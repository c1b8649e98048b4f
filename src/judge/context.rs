//! What the text around a key says about it.

use std::ops::Range;

use crate::words::name::pieces;
use crate::words::{Word, find_in_any_case, role};

/// Whether a byte can't be a part of a URL. A backslash can: JSON writes `\u0026` for `&`.
pub(crate) fn ends_url(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'>')
}

/// How many bytes of its line before a value are looked at. A bound: a name has 80, and it keeps the work
/// linear where a file has no lines.
const LINE_BEFORE: usize = 120;

/// The line of a value, as far as it stands before it.
#[derive(Debug)]
pub(super) struct Line<'a> {
    before: &'a [u8],
}

impl<'a> Line<'a> {
    /// The line before the value, at most [`LINE_BEFORE`] bytes of it.
    pub(super) fn around(text: &'a [u8], value: &Range<usize>) -> Self {
        let from = value.start.saturating_sub(LINE_BEFORE);
        let before = &text[from..value.start];
        let start = before
            .iter()
            .rposition(|&b| b == b'\n')
            .map_or(0, |at| at + 1);
        Self {
            before: &before[start..],
        }
    }

    /// Whether something before the value says that it is a credential.
    pub(super) fn names_credential(&self) -> bool {
        role::CREDENTIAL.words().any(|word| {
            let word = word.bytes();
            self.before
                .windows(word.len())
                .any(|window| window.eq_ignore_ascii_case(word))
        })
    }

    /// A word in the value's own name that says it is a hash, or an id where its digits are hex.
    pub(super) fn hash_word(&self, hex: bool) -> Option<&'static str> {
        let name = self.name();
        let is_public = |(a, b): (&[u8], &[u8])| {
            a.eq_ignore_ascii_case(b"public") && b.eq_ignore_ascii_case(b"key")
        };
        if pieces(name).zip(pieces(name).skip(1)).any(is_public) {
            return Some("public key");
        }
        pieces(name)
            .filter_map(find_in_any_case)
            .find(|word| word.is(role::HASH) || hex && word.is(role::ID))
            .map(Word::text)
    }

    /// Whether the value is the end of the name of a cloud resource or of a condition on one:
    /// `arn:aws:iam::*:role/...`, `aws:RequestTag/...`.
    pub(super) fn is_resource(&self) -> bool {
        let start = self
            .before
            .iter()
            .rposition(|&b| ends_url(b) || matches!(b, b',' | b'(' | b'[' | b'='))
            .map_or(0, |at| at + 1);
        let word = &self.before[start..];
        word.ends_with(b"aws:") || word.starts_with(b"arn:") && word.contains(&b':')
    }

    /// The name that the value is assigned to.
    fn name(&self) -> &'a [u8] {
        let is_name = |b: u8| b.is_ascii_alphanumeric() || b"_-.@".contains(&b);
        let end = self
            .before
            .iter()
            .rposition(|&b| is_name(b))
            .map_or(0, |at| at + 1);
        let start = self.before[..end]
            .iter()
            .rposition(|&b| !is_name(b))
            .map_or(0, |at| at + 1);
        &self.before[start..end]
    }
}

/// The narrowest line of a text in base64 that is cut into lines, in characters. A weight: programs cut at
/// 64 and 76, some at 40 and more; keys are listed below each other, too, and most are shorter.
const BLOCK_WIDTH: usize = 40;

/// Whether a token is a whole line of a longer text in base64: the line above or below has a run of
/// base64 of the same length, behind the same indent or quote. One that has the same prefix is another
/// key.
pub(super) fn is_in_block(text: &[u8], token: &Range<usize>, prefix: &[u8]) -> bool {
    let is_base64 = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'_' | b'-');
    let line_start = |at: usize| {
        text[..at]
            .iter()
            .rev()
            .take(LINE_BYTES)
            .position(|&b| b == b'\n')
            .map(|back| at - back)
            .or((at <= LINE_BYTES).then_some(0))
    };
    let run = |at: usize| {
        text[at..]
            .iter()
            .take(LINE_BYTES)
            .take_while(|&&b| is_base64(b))
            .count()
    };
    let Some(start) = line_start(token.start) else {
        return false;
    };
    let column = token.start - start;
    let width = run(token.start);
    if width < BLOCK_WIDTH || width < token.len() {
        return false;
    }
    let fits = |other: usize| {
        let at = other + column;
        at < text.len()
            && text[other..at] == text[start..token.start]
            && run(at) == width
            && !text[at..].starts_with(prefix)
    };
    let above = start.checked_sub(1).and_then(line_start);
    let below = text[token.end..]
        .iter()
        .take(LINE_BYTES)
        .position(|&b| b == b'\n')
        .map(|ahead| token.end + ahead + 1);
    above.is_some_and(fits) || below.is_some_and(fits)
}

/// The longest line that is taken for one of a text in base64, in bytes. A bound: programs cut at 76, and
/// it keeps the work linear.
const LINE_BYTES: usize = 256;

/// Whether what stands behind a password is a host that RFC 2606 and RFC 6761 keep for documentation
/// and tests: nobody has an account there.
pub(super) fn is_for_example_host(text: &[u8], password: &Range<usize>) -> bool {
    /// The longest name of a host, in bytes (RFC 1035, section 2.3.4). A bound.
    const LONGEST: usize = 253;
    let Some(behind) = text[password.end..].strip_prefix(b"@") else {
        return false;
    };
    let len = behind
        .iter()
        .take(LONGEST)
        .take_while(|&&b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
        .count();
    let host = behind[..len].to_ascii_lowercase();
    let host = host.strip_suffix(b".").unwrap_or(&host);
    let is_within = |domain: &[u8]| {
        host.strip_suffix(domain)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with(b"."))
    };
    [
        &b"example.com"[..],
        b"example.net",
        b"example.org",
        b"example",
        b"invalid",
    ]
    .into_iter()
    .any(is_within)
}
