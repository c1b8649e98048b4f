//! Escapes: characters of a token written by their numbers, and quotes within quotes.

use std::ops::Range;

use bstr::ByteSlice;

use super::Put;
use super::joint::{is_long, is_token};
use crate::encoding;

/// The fewest characters of a token of which one at least is written as an escape. A weight, as that of
/// a joint: few secrets are shorter, and many texts for people.
const TOKEN: usize = 12;

/// The percent escape that starts at `at`: how many bytes it has, and what it stands for.
pub(super) fn percent(bytes: &[u8], at: usize) -> Option<(usize, Put)> {
    let byte = encoding::percent_escape(bytes, at)?;
    Some((3, Put::Byte(visible(byte.into())?)))
}

/// The escape that starts with the backslash at `at`: how many bytes it has, and what it stands for.
pub(super) fn backslash(bytes: &[u8], at: usize) -> Option<(usize, Put)> {
    let rest = &bytes[at..];
    let byte = |len: usize, byte: u8| Some((len, Put::Byte(byte)));
    match *rest.get(1)? {
        b'n' => byte(2, b'\n'),
        b'r' => byte(2, b'\r'),
        b't' => byte(2, b'\t'),
        sign @ (b'"' | b'\'' | b'/' | b'\\') => byte(2, sign),
        b'x' => byte(4, visible(number(rest.get(2..4)?, 16)?)?),
        b'u' if rest.get(2) == Some(&b'{') => {
            let digits = rest[3..].iter().take(6).position(|&byte| byte == b'}')?;
            byte(digits + 4, visible(number(&rest[3..3 + digits], 16)?)?)
        }
        b'u' => byte(6, visible(number(rest.get(2..6)?, 16)?)?),
        b'U' => byte(10, visible(number(rest.get(2..10)?, 16)?)?),
        b'0'..=b'1' => byte(4, visible(number(rest.get(1..4)?, 8)?)?),
        b'\r' | b'\n' => continuation(bytes, at).map(|len| (len, Put::Nothing)),
        _ => None,
    }
}

/// The length of a backslash, a line end, and the indent of the next line, where a token goes on
/// there.
fn continuation(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = &bytes[at + 1..];
    let rest = rest
        .strip_prefix(b"\r")
        .unwrap_or(rest)
        .strip_prefix(b"\n")?;
    let is_indent = |&&byte: &&u8| matches!(byte, b' ' | b'\t');
    let end = bytes.len() - rest.len() + rest.iter().take_while(is_indent).count();
    let goes_on =
        at > 0 && is_token(bytes[at - 1]) && bytes.get(end).is_some_and(|&byte| is_token(byte));
    goes_on.then(|| end - at)
}

fn number(digits: &[u8], radix: u32) -> Option<u32> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0, |sum, &digit| {
        Some(sum * radix + char::from(digit).to_digit(radix)?)
    })
}

fn visible(number: u32) -> Option<u8> {
    let byte = u8::try_from(number).ok()?;
    matches!(byte, b' '..=b'~').then_some(byte)
}

fn escape(bytes: &[u8], at: usize) -> Option<(usize, Put)> {
    if bytes[at] == b'%' {
        percent(bytes, at)
    } else {
        backslash(bytes, at)
    }
}

/// Gives where an escape in a part of a text makes a difference: in a token, or before the colon of JSON within a string.
pub(super) fn each(bytes: &[u8], part: &Range<usize>, mut found: impl FnMut(usize)) {
    let mut from = part.start;
    // The last one may have ended behind the part.
    while let Some(next) = bytes
        .get(from..part.end)
        .and_then(|rest| rest.find_byteset(b"\\%"))
    {
        let here = from + next;
        from = here + 1;
        let Some(&sign) = bytes.get(from) else {
            return;
        };
        match (bytes[here], sign) {
            (b'\\', b'\\') => from += 1,
            (b'\\', b'"') if bytes.get(here + 2) == Some(&b':') => found(here),
            (b'\\', b'\r' | b'\n') => {
                if let Some(len) = continuation(bytes, here)
                    && is_long(bytes, here, here + len)
                {
                    found(here);
                }
            }
            (b'\\', b'x' | b'u' | b'U' | b'0' | b'1' | b'/') | (b'%', b'2'..=b'7') => {
                if let Some((len, Put::Byte(byte))) = escape(bytes, here)
                    && (is_token(byte) || matches!(byte, b':' | b'@' | b'"'))
                {
                    from = here + len;
                    let (long, end) = measure(bytes, here, from);
                    // What was read is not read again, but where it is too short for a token.
                    from = from.max(end);
                    if long {
                        found(here);
                    }
                }
            }
            _ => {}
        }
    }
}

/// Whether the token around an escape is long enough, and where the escapes in it end.
fn measure(bytes: &[u8], start: usize, end: usize) -> (bool, usize) {
    let before = bytes[..start].iter().rev().take(TOKEN);
    let mut count = 1 + before.take_while(|&&byte| is_token(byte)).count();
    let (mut here, mut escapes) = (end, end);
    while count < TOKEN && here < bytes.len() {
        if is_token(bytes[here]) {
            here += 1;
        } else if matches!(bytes[here], b'\\' | b'%')
            && let Some((len, Put::Byte(b'!'..=b'~'))) = escape(bytes, here)
        {
            here += len;
            escapes = here;
        } else {
            break;
        }
        count += 1;
    }
    (count >= TOKEN, escapes)
}
