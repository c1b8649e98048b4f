//! Values of settings that take the rest of their line: `.env`, INI, YAML, properties.

use std::ops::Range;

use bstr::ByteSlice;

use super::join::Joint;
use super::value::LONGEST_BARE;
use super::{Place, blanks, line_before, string, trim_end};
use crate::filetype::Syntax;

/// Whether the rest of a line is a value as it is, no expression.
pub(super) fn is_plain(rest: &[u8]) -> bool {
    !rest.iter().any(|b| matches!(b, b'"' | b'\'' | b'`'))
}

/// The rest of the line behind a joint, up to a comment, if the whole line is a name and its value and no
/// blank stands in that.
pub(super) fn rest(place: &Place<'_>, joint: usize) -> Option<Range<usize>> {
    let takes_line = match place.syntax {
        Syntax::Settings => starts_line(place, SETTINGS),
        // An instruction of a container file: no shell reads it.
        Syntax::Script => starts_line(place, &[b"ENV", b"ARG"]),
        _ => false,
    };
    if !takes_line {
        return None;
    }
    let start = behind_properties(place.bytes, joint + blanks(place.bytes, joint));
    let value = start..start + until_comment(&place.bytes[start..])?;
    let text = &place.bytes[value.clone()];
    let value = match text {
        [] | [b'"' | b'\'' | b'`', ..] | [b'[', .., b']'] | [b'{', .., b'}'] | [b'<', ..] => {
            return None;
        }
        [.., b',' | b';'] => value.start..value.end - 1,
        _ => value,
    };
    let text = &place.bytes[value.clone()];
    // More parameters of a URL or a connection follow.
    let next = text.iter().position(|b| matches!(b, b'&' | b';'));
    let more = next.is_some_and(|at| {
        let name = text[at + 1..]
            .iter()
            .take_while(|b| b.is_ascii_alphanumeric() || **b == b'_');
        let name = name.count();
        text.get(at + 1 + name) == Some(&b'=') && name > 0
    });
    let has_blank = text.iter().any(|b| *b == b' ' || *b == b'\t');
    let is_text = text.iter().any(|b| b.is_ascii_alphanumeric());
    (is_text && !has_blank && !more).then_some(value)
}

/// How many bytes the value has that starts a text: up to the end of the line, or the comment behind a blank.
/// `None` if it is too long.
pub(super) fn until_comment(text: &[u8]) -> Option<usize> {
    let longest = text.len().min(LONGEST_BARE + 1);
    let line = text[..longest].find_byte(b'\n').unwrap_or(longest);
    if line > LONGEST_BARE {
        return None;
    }
    let line = &text[..line];
    let comment = (1..line.len()).find(|&at| match (line[at - 1], line[at]) {
        (b' ' | b'\t', b'#') | (b' ', b';') => true,
        (b' ', b'/') => line.get(at + 1) == Some(&b'/'),
        _ => false,
    });
    Some(line[..comment.unwrap_or(line.len())].trim_ascii_end().len())
}

/// Behind the anchor and the type of a value in YAML: `&name`, `!!str`.
fn behind_properties(bytes: &[u8], at: usize) -> usize {
    behind_property(bytes, behind_property(bytes, at))
}

/// Behind one of them.
fn behind_property(bytes: &[u8], at: usize) -> usize {
    /// A bound: the longest of them.
    const LONGEST: usize = 32;
    if !matches!(
        bytes.get(at..at + 2),
        Some([b'!', b'!'] | [b'&', b'a'..=b'z' | b'A'..=b'Z'])
    ) {
        return at;
    }
    let word = bytes[at + 1..].iter().take(LONGEST);
    let end = at
        + 1
        + word
            .take_while(|b| b.is_ascii_alphanumeric() || b"_-!".contains(b))
            .count();
    match bytes.get(end) {
        Some(b' ') if blanks(bytes, end) > 0 => end + blanks(bytes, end),
        _ => at,
    }
}

/// A joint behind what stands before a string in YAML: `&name "x"`.
pub(super) fn behind_anchor(bytes: &[u8], joint: Joint) -> Joint {
    let start = joint.at + blanks(bytes, joint.at);
    let at = behind_properties(bytes, start);
    match at > start && string::opens(bytes, at) {
        true => Joint { at, ..joint },
        false => joint,
    }
}

/// What the notations of settings put before a name on its line.
const SETTINGS: &[&[u8]] = &[b"", b"-", b"export", b"set", b"- -", b"?"];

/// Whether nothing else stands before a name on its line.
fn starts_line(place: &Place<'_>, words: &[&[u8]]) -> bool {
    /// A bound: an indent, and `export`.
    const REACH: usize = 80;
    let Some(line) = line_before(place.bytes, place.name.start, REACH) else {
        return false;
    };
    let line = trim_end(line, |b| matches!(b, b'"' | b'\''));
    words.contains(&line.trim_ascii())
}
