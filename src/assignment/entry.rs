//! An entry of a block: a name, a sign and a value, in YAML, JSON, TOML and their kin.

use std::ops::Range;

use super::{Notation, blanks, line, string};

/// A bound: the longest name of an entry that says something of the others.
const LONGEST_NAME: usize = 64;

/// An entry.
pub(super) struct Entry {
    /// Where its name stands.
    pub(super) name: Range<usize>,
    /// Where its value stands, without quotes. Empty if none stands on the line.
    pub(super) value: Range<usize>,
    /// How the value is written.
    pub(super) notation: Notation,
    /// Behind the value.
    pub(super) end: usize,
}

/// What the entries of a block stand in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Block {
    /// Lines: a bare value goes up to the end of its own.
    Lines,
    /// Braces: it goes up to a comma or a bracket.
    Braces,
    /// The brackets of a call: the same.
    Call,
}

/// The entry at `at`.
pub(super) fn at(bytes: &[u8], at: usize, block: Block) -> Option<Entry> {
    let quoted = matches!(bytes.get(at), Some(b'"' | b'\''));
    let start = at + usize::from(quoted);
    let len = bytes
        .get(start..)?
        .iter()
        .take(LONGEST_NAME)
        .take_while(|b| b.is_ascii_alphanumeric() || b"_.-/".contains(b))
        .count();
    let name = start..start + len;
    let sign = name.end + usize::from(quoted);
    let sign = sign + blanks(bytes, sign);
    if len == 0 || !matches!(bytes.get(sign), Some(b':' | b'=')) {
        return None;
    }
    let at = sign + 1 + blanks(bytes, sign + 1);
    let (value, notation, end) = value(bytes, at, block)?;
    Some(Entry {
        name,
        value,
        notation,
        end,
    })
}

/// The value at `at`, how it is written, and where it ends.
pub(super) fn value(
    bytes: &[u8],
    at: usize,
    block: Block,
) -> Option<(Range<usize>, Notation, usize)> {
    if string::opens(bytes, at) {
        let literal = string::at(bytes, at)?;
        return Some((literal.text, Notation::Quoted, literal.end));
    }
    let rest = bytes.get(at..)?;
    let mut len = line::until_comment(rest)?;
    if block != Block::Lines {
        len = flow(&rest[..len], block);
    }
    Some((at..at + len, Notation::Bare, at + len))
}

/// The length of a bare value that a comma or a bracket ends. What stands in round brackets is a part of it: `new Date(0)`.
fn flow(rest: &[u8], block: Block) -> usize {
    let mut open = 0;
    let ends = |b: &u8| match b {
        b'(' => {
            open += 1;
            false
        }
        b')' if open > 0 => {
            open -= 1;
            false
        }
        b')' => block == Block::Call,
        b',' => open == 0,
        b'{' | b'[' | b']' | b'}' => true,
        _ => false,
    };
    let mut len = rest.iter().position(ends).unwrap_or(rest.len());
    if open > 0 {
        // It is no bracket of code: `note: :-(`.
        let ends = |b: &u8| matches!(b, b',' | b'{' | b'[' | b']' | b'}');
        len = rest.iter().position(ends).unwrap_or(rest.len());
    }
    rest[..len].trim_ascii_end().len()
}
