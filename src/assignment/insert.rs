//! The values of a column whose name speaks of a secret, in a statement of SQL:
//! `INSERT INTO users (name, api_key) VALUES ('me', 'x')`.

use std::ops::Range;

use bstr::ByteSlice;

use super::{Notation, Place, Value, next_word, string};

/// A bound: how long the list of columns is. It keeps the work linear: so many names are read at most.
const LONGEST_HEAD: usize = 1024;

/// A bound: how many columns it has.
const COLUMNS: usize = 64;

/// A bound: how far behind the list rows are read. A row of a dump has a few hundred bytes.
const REACH: usize = 4096;

/// The values of the column whose name this is.
pub(super) fn values(place: &Place<'_>, found: &mut dyn FnMut(Value)) -> bool {
    let Place { bytes, name, .. } = place;
    let Some((number, mut at)) = column(bytes, name) else {
        return false;
    };
    let end = bytes.len().min(at + REACH);
    while let Some((value, behind)) = row(&bytes[..end], at, number) {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            found(Value::new(value, Notation::Quoted));
        }
        if bytes.get(behind) != Some(&b',') {
            break;
        }
        at = next_word(bytes, behind + 1);
    }
    true
}

/// Whether a byte may stand in a list of columns.
fn is_listed(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte.is_ascii_whitespace() || b"_`\"[],.".contains(&byte)
}

/// The number of the column of a name, and where the first row stands.
fn column(bytes: &[u8], name: &Range<usize>) -> Option<(usize, usize)> {
    let after = bytes[name.end..].iter().take(3);
    if !after
        .take_while(|&&b| is_listed(b) || b == b')')
        .any(|&b| matches!(b, b',' | b')'))
    {
        return None;
    }
    let before = &bytes[name.start.saturating_sub(LONGEST_HEAD)..name.start];
    let open = before.rfind_byte(b'(')?;
    let listed = &before[open + 1..];
    let number = listed.iter().filter(|&&b| b == b',').count();
    if number >= COLUMNS || !listed.iter().all(|&b| is_listed(b)) || !inserts(&before[..open]) {
        return None;
    }
    let head = &bytes[name.end..bytes.len().min(name.end + LONGEST_HEAD)];
    let close = name.end + head.iter().position(|&b| !is_listed(b))?;
    let word = next_word(bytes, close + 1);
    let is_list = bytes[close] == b')'
        && (bytes.get(word..word + 6)).is_some_and(|word| word.eq_ignore_ascii_case(b"values"));
    is_list.then(|| (number, next_word(bytes, word + 6)))
}

/// Whether a text ends in `INTO table`.
fn inserts(text: &[u8]) -> bool {
    /// A bound: the longest name of a table.
    const REACH: usize = 80;
    let mut words = text[text.len().saturating_sub(REACH)..]
        .rsplit(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty());
    words.next();
    words
        .next()
        .is_some_and(|word| word.eq_ignore_ascii_case(b"into"))
}

/// The string that stands at a number in the row at `at`, if one does, and what follows the row.
fn row(bytes: &[u8], at: usize, number: usize) -> Option<(Option<Range<usize>>, usize)> {
    if bytes.get(at) != Some(&b'(') {
        return None;
    }
    let (mut at, mut column, mut depth) = (at + 1, 0, 0);
    let mut found = None;
    loop {
        match *bytes.get(at)? {
            b'\'' | b'"' => {
                let literal = string::at(bytes, at)?;
                if column == number && depth == 0 {
                    found = Some(literal.text);
                }
                at = literal.end;
                continue;
            }
            b'(' => depth += 1,
            b')' if depth == 0 => return Some((found, at + 1)),
            b')' => depth -= 1,
            b',' if depth == 0 => column += 1,
            _ => {}
        }
        at += 1;
    }
}
