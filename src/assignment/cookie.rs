//! Cookies of a recorded request or answer: those that keep a session, by their names.

use super::{Notation, Place, Speaks, Value, blanks, string, trim_end};
use crate::words::name::pieces;
use crate::words::{find_in_any_case, role};

/// A bound: how long the line of a header is.
const REACH: usize = 2048;

/// A bound: how many cookies it has.
const MOST: usize = 32;

/// The session cookies behind the name of a header: `Cookie: theme=dark; connect.sid=x`.
pub(super) fn pairs(place: &Place<'_>, found: &mut dyn FnMut(Value)) -> bool {
    let Place { bytes, name, .. } = place;
    // Every name is asked.
    let header = trim_end(&bytes[name.clone()], |b| !b.is_ascii_alphanumeric());
    let ends = |word: &[u8]| {
        let last = header.len().checked_sub(word.len()).map(|at| &header[at..]);
        last.is_some_and(|last| last.eq_ignore_ascii_case(word))
    };
    let last = || pieces(header).last();
    if !(ends(b"cookie") && last().is_some_and(|piece| piece.eq_ignore_ascii_case(b"cookie"))) {
        return false;
    }
    let quoted = matches!(bytes.get(name.end), Some(b'"' | b'\''));
    let sign = name.end + usize::from(quoted);
    if !matches!(bytes.get(sign), Some(b':' | b',')) {
        return false;
    }
    let mut at = sign + 1 + blanks(bytes, sign + 1);
    at += usize::from(string::opens(bytes, at));
    let end = bytes.len().min(at + REACH);
    for _ in 0..MOST {
        at += blanks(bytes, at);
        let rest = &bytes[at.min(end)..end];
        let part = |b: &&u8| {
            !matches!(b, b';' | b',' | b'"' | b'\'' | b'`' | b'\\') && !b.is_ascii_whitespace()
        };
        let len = rest.iter().take_while(part).count();
        let cookie = &rest[..len];
        if let Some(sign) = cookie.iter().position(|&b| b == b'=')
            && keeps_session(&cookie[..sign])
            && sign + 1 < len
        {
            found(Value {
                name: Some(at..at + sign),
                speaks: Speaks::Holder,
                ..Value::new(at + sign + 1..at + len, Notation::Query)
            });
        }
        at += len;
        if bytes.get(at) != Some(&b';') {
            break;
        }
        at += 1;
    }
    true
}

/// Whether the name of a cookie says that it is the key to a session: `connect.sid`, `PHPSESSID`.
fn keeps_session(name: &[u8]) -> bool {
    pieces(name).any(|piece| {
        find_in_any_case(piece).is_some_and(|word| word.is(role::SESSION) || word.is(role::FAIR))
    })
}
