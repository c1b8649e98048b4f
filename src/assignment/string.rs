//! Strings between quotes.

use std::ops::Range;

use super::{next_word, starts_with};

/// A bound: the longest value between quotes, in bytes. Rules for what is longer, keys and documents, need no
/// name.
const LONGEST: usize = 2048;

/// What opens and closes a string, the longer ones first.
const QUOTES: &[&[u8]] = &[
    b"\"\"\"",
    b"'''",
    b"\\\\\\\"",
    b"\\\"",
    b"\\'",
    b"&quot;",
    b"``",
    b"\"",
    b"'",
    b"`",
];

/// A string.
pub(super) struct Literal {
    /// What stands between its quotes. It may be empty.
    pub(super) text: Range<usize>,
    /// Behind the closing quote.
    pub(super) end: usize,
}

/// Whether a quote stands at `at`.
pub(super) fn opens(bytes: &[u8], at: usize) -> bool {
    // Most places are asked in vain.
    match bytes.get(at) {
        Some(b'"' | b'\'' | b'`' | b'\\' | b'&') => {
            QUOTES.iter().any(|quote| starts_with(bytes, at, quote))
        }
        Some(b'[') => bracketed(bytes, at).is_some(),
        _ => false,
    }
}

/// The string that starts at `at`. It ends at its quote on the same line; between three quotes, on a line of
/// its own.
pub(super) fn at(bytes: &[u8], at: usize) -> Option<Literal> {
    if let Some(literal) = doubled(bytes, at).or_else(|| bracketed(bytes, at)) {
        return Some(literal);
    }
    let quote = *QUOTES.iter().find(|quote| starts_with(bytes, at, quote))?;
    let triple = matches!(quote, b"\"\"\"" | b"'''");
    let start = match triple {
        true => next_word(bytes, at + quote.len()),
        false => at + quote.len(),
    };
    let longest = (start + LONGEST).min(bytes.len());
    let mut end = start;
    while end < longest {
        if bytes[end] == quote[0] && starts_with(bytes, end, quote) {
            return Some(Literal {
                text: start..end,
                end: end + quote.len(),
            });
        }
        match bytes[end] {
            b'\n' if triple => {
                let close = next_word(bytes, end);
                return starts_with(bytes, close, quote).then(|| Literal {
                    text: start..start + bytes[start..end].trim_ascii_end().len(),
                    end: close + quote.len(),
                });
            }
            b'\n' => return None,
            b'\\' => end += 2,
            _ => end += 1,
        }
    }
    None
}

/// A string of Lua between two brackets each, maybe with signs between them: `[[x]]`, `[==[x]==]`. A list in a list and
/// a test of a shell hold blanks, commas or quotes.
fn bracketed(bytes: &[u8], at: usize) -> Option<Literal> {
    /// A bound: the signs.
    const MOST: usize = 4;
    let rest = bytes.get(at..)?.strip_prefix(b"[")?;
    let signs = rest.iter().take(MOST).take_while(|&&b| b == b'=').count();
    if rest.get(signs) != Some(&b'[') {
        return None;
    }
    let start = at + signs + 2;
    let longest = &bytes[start..bytes.len().min(start + LONGEST)];
    let len = longest
        .iter()
        .take_while(|b| b.is_ascii_graphic() && !b"\"'`,[]".contains(b))
        .count();
    let end = start + len;
    let close = bytes.get(end..end + signs + 2)?;
    let closes = close.starts_with(b"]")
        && close.ends_with(b"]")
        && close[1..=signs].iter().all(|&b| b == b'=');
    (closes && len > 0).then(|| Literal {
        text: start..end,
        end: end + signs + 2,
    })
}

/// A string of Perl or Ruby behind a word that quotes, between any brackets or signs: `q(x)`, `qq{x}`, `%q[x]`. It starts at
/// the bracket.
pub(super) fn behind_word(bytes: &[u8], at: usize) -> Option<Literal> {
    let close = match bytes.get(at)? {
        b'(' => b')',
        b'{' => b'}',
        b'[' => b']',
        b'<' => b'>',
        sign @ (b'/' | b'|' | b'!' | b'~') => *sign,
        _ => return None,
    };
    let start = at + 1;
    let longest = &bytes[start..bytes.len().min(start + LONGEST)];
    let len = longest
        .iter()
        .take_while(|&&b| b.is_ascii_graphic() && b != close && !b"\"'`,;".contains(&b))
        .count();
    let end = start + len;
    (bytes.get(end) == Some(&close)).then_some(Literal {
        text: start..end,
        end: end + 1,
    })
}

/// A string between two quotes each, as Nix has it and SQL within a string: `''x''`. Two quotes with nothing in them
/// are far more often a string without a character, or a quote within one.
fn doubled(bytes: &[u8], at: usize) -> Option<Literal> {
    const QUOTE: &[u8] = b"''";
    let start = at + QUOTE.len();
    let first = bytes.get(start)?;
    if !starts_with(bytes, at, QUOTE) || b" ,;:)]}=+\t\r\n'\"".contains(first) {
        return None;
    }
    let longest = &bytes[start..bytes.len().min(start + LONGEST)];
    let len = longest.iter().position(|b| matches!(b, b'\'' | b'\n'))?;
    let end = start + len;
    starts_with(bytes, end, QUOTE).then(|| Literal {
        text: start..end,
        end: end + QUOTE.len(),
    })
}
