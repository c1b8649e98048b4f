//! Assignments: a name that speaks of a secret, and the value that it is given.
//!
//! A keyword of a rule leads here. From it the name is read both ways, behind the name what joins it
//! to its value, and then the value, each in the notations that people commit: a string in code, a
//! bare value in a settings file, an argument of a call or a command, an element or an attribute of
//! markup, a parameter of a URL. Every step looks at a bounded number of bytes.

pub(crate) mod env_file;
mod join;
mod value;

use std::ops::Range;

use crate::filetype::{FileType, Syntax};
use crate::words::name::pieces;

/// A bound: the longest name, in bytes. No program has one that is longer.
const LONGEST_NAME: usize = 80;

/// A name and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// Where the name stands.
    pub name: Range<usize>,
    /// Where the value stands.
    pub value: Range<usize>,
    /// How the value is written.
    pub notation: Notation,
    /// What the path says about the file that holds it.
    pub file_type: FileType,
}

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notation {
    /// Between quotes.
    Quoted,
    /// As it is, up to a space or the end of its line.
    Bare,
    /// As it is, where code may stand: only what no identifier looks like counts.
    Unclear,
    /// As a parameter of a URL.
    Query,
    /// Between the tags of an element.
    Element,
}

/// The environment variable that goes by a name: `db.apiKey` gives `DB_API_KEY`. `None` if the name
/// makes none.
pub(crate) fn variable(name: &[u8]) -> Option<String> {
    /// A bound: the end of a long name says what it is.
    const MOST: usize = 4;
    let pieces: Vec<String> = pieces(name)
        .map(|piece| String::from_utf8_lossy(piece).to_ascii_uppercase())
        .collect();
    let last = pieces.len().saturating_sub(MOST);
    let joined = pieces[last..].join("_");
    joined
        .starts_with(|c: char| c.is_ascii_alphabetic())
        .then_some(joined)
}

/// What stands beside a name, as one way to read it.
struct Place<'t> {
    bytes: &'t [u8],
    /// Where the name stands.
    name: Range<usize>,
    syntax: Syntax,
}

/// A value that a reader found.
struct Value {
    place: Range<usize>,
    notation: Notation,
}

/// Gives the values that a name is given in one family of notations.
type Reader = fn(&Place<'_>, &mut dyn FnMut(Value));

/// The families, in the order in which they are tried: the first that finds values has the name.
const READERS: &[Reader] = &[value::behind_sign];

/// Gives every value of the name that holds a keyword at `keyword`.
pub(crate) fn each(
    bytes: &[u8],
    keyword: &Range<usize>,
    file_type: FileType,
    found: &mut impl FnMut(Assignment),
) {
    let Some(name) = name_around(bytes, keyword) else {
        return;
    };
    let place = Place {
        bytes,
        name,
        syntax: file_type.syntax,
    };
    for read in READERS {
        let mut any = false;
        read(&place, &mut |value| {
            any = true;
            found(Assignment {
                name: place.name.clone(),
                value: value.place,
                notation: value.notation,
                file_type,
            });
        });
        if any {
            return;
        }
    }
}

/// Whether the name that holds a keyword goes on to another one.
pub(crate) fn goes_on(bytes: &[u8], keyword: &Range<usize>, other: &Range<usize>) -> bool {
    keyword.end <= other.start && name_end(bytes, keyword) >= other.end
}

/// The end of the name that goes on behind a keyword.
pub(crate) fn name_end(bytes: &[u8], keyword: &Range<usize>) -> usize {
    let longest = (keyword.end + LONGEST_NAME).min(bytes.len());
    let mut end = keyword.end;
    while end < longest && (is_name(bytes[end]) || is_inner_dot(bytes, end)) {
        end += 1;
    }
    while end > keyword.end && matches!(bytes[end - 1], b'-' | b'.') {
        end -= 1;
    }
    end
}

fn name_around(bytes: &[u8], keyword: &Range<usize>) -> Option<Range<usize>> {
    let first = keyword.start.saturating_sub(LONGEST_NAME);
    let end = name_end(bytes, keyword);
    let mut start = keyword.start;
    while start > first && (is_name(bytes[start - 1]) || bytes[start - 1] == b'.') {
        start -= 1;
    }
    if end - start > LONGEST_NAME {
        return None;
    }
    // The `n` of an escaped line end is none of the name's.
    if start > 0
        && start < keyword.start
        && bytes[start - 1] == b'\\'
        && matches!(bytes[start], b'n' | b'r' | b't')
    {
        start += 1;
    }
    while start < keyword.start && bytes[start] == b'.' {
        start += 1;
    }
    Some(start..end)
}

const fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

/// A dot between two names: `token.value`.
fn is_inner_dot(bytes: &[u8], at: usize) -> bool {
    bytes[at] == b'.' && bytes.get(at + 1).is_some_and(u8::is_ascii_alphanumeric)
}

/// How many blanks stand at `at`.
fn blanks(bytes: &[u8], at: usize) -> usize {
    /// A bound: more of them part a table, not a name from its value.
    const MOST: usize = 80;
    let rest = bytes.get(at..).unwrap_or_default();
    rest.iter()
        .take(MOST)
        .take_while(|&&b| b == b' ' || b == b'\t')
        .count()
}

/// Behind blanks and at most one line end with the blanks of the next line.
fn next_word(bytes: &[u8], at: usize) -> usize {
    let mut at = at + blanks(bytes, at);
    if bytes.get(at) == Some(&b'\r') {
        at += 1;
    }
    if bytes.get(at) == Some(&b'\n') {
        at += 1;
        at += blanks(bytes, at);
    }
    at
}

fn starts_with(bytes: &[u8], at: usize, text: &[u8]) -> bool {
    bytes.get(at..at + text.len()) == Some(text)
}

#[cfg(test)]
pub(crate) mod tests;
