//! Elements of markup: their texts, and their attributes.

use std::ops::Range;

use bstr::ByteSlice;

use super::name::{holds_name, holds_value};
use super::value::LONGEST_BARE;
use super::{Notation, Place, Value, blanks, next_word, starts_with, string};

/// A bound: how far the attributes of an element are read, each way.
const REACH: usize = 240;

/// A bound: how many elements a value may stand in, `<value><string>`.
const DEEPEST: usize = 2;

/// The name of the element whose tag without attributes stands at `at`, and where the tag ends.
pub(super) fn tag<'t>(bytes: &'t [u8], at: usize, open: &[u8]) -> Option<(&'t [u8], usize)> {
    /// A bound: the longest name of such an element.
    const LONGEST: usize = 32;
    let name = at + open.len();
    let rest = starts_with(bytes, at, open).then(|| &bytes[name..])?;
    let part = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b':');
    let end = name + rest.iter().take(LONGEST).take_while(part).count();
    (bytes.get(end) == Some(&b'>')).then(|| (&bytes[name..end], end + 1))
}

/// Up to the tag that closes an element.
pub(super) fn text(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let mut start = next_word(bytes, at);
    // What holds the value may be an element of its own.
    for _ in 0..DEEPEST {
        match tag(bytes, start, b"<") {
            Some((name, inside)) if holds_value(name) || name == b"string" => {
                start = next_word(bytes, inside);
            }
            _ => break,
        }
    }
    let is_quoted = starts_with(bytes, start, b"<![CDATA[");
    if is_quoted {
        start += 9;
    }
    let longest = &bytes[start..(start + LONGEST_BARE).min(bytes.len())];
    let len = match is_quoted {
        true => longest.find(b"]]>").unwrap_or(longest.len()),
        false => longest.find_byte(b'<').unwrap_or(longest.len()),
    };
    let line = longest[..len].find_byteset(b" \t\r\n").unwrap_or(len);
    let end = start + line;
    (line > 0 && matches!(bytes.get(end), Some(b'<' | b']' | b'\n' | b'\r'))).then_some(start..end)
}

/// Into the cell of a table or the item of a list of terms that stands behind the one whose tag, or a tag within it, closed
/// before `at`: `<th>API key</th><td>x`.
pub(super) fn next_cell<'t>(bytes: &'t [u8], name: &'t [u8], at: usize) -> Option<usize> {
    /// A bound: what marks the text of a cell.
    const DEEPEST: usize = 3;
    const CELLS: [&[u8]; 3] = [b"td", b"th", b"dt"];
    const MARKS: [&[u8]; 6] = [b"b", b"code", b"em", b"strong", b"span", b"label"];
    let (mut name, mut at) = (name, at);
    for _ in 0..DEEPEST {
        if CELLS.contains(&name) {
            break;
        }
        if !MARKS.contains(&name) {
            return None;
        }
        (name, at) = tag(bytes, next_word(bytes, at), b"</")?;
    }
    let open = next_word(bytes, at);
    let opens = [&b"<td"[..], b"<dd"]
        .iter()
        .any(|tag| starts_with(bytes, open, tag));
    if !CELLS.contains(&name) || !opens {
        return None;
    }
    let mut inside = tag_end(bytes, open + 1)? + 1;
    for _ in 0..DEEPEST {
        match tag(bytes, next_word(bytes, inside), b"<") {
            Some((mark, behind)) if MARKS.contains(&mark) => inside = behind,
            _ => break,
        }
    }
    Some(inside)
}

/// The value of an element that has attributes: `<password encrypted="false">x`, or one whose attribute is
/// the name, `<entry key="password">x` and `<add value="x" key="password"/>`.
pub(super) fn of_attribute(place: &Place<'_>, found: &mut dyn FnMut(Value)) -> bool {
    let Place { bytes, name, .. } = place;
    let Some(&before) = name.start.checked_sub(1).and_then(|at| bytes.get(at)) else {
        return false;
    };
    let value = match before {
        b'<' | b':' if blanks(bytes, name.end) > 0 && opens_tag(&bytes[..name.start]) => {
            behind_tag(bytes, name.end)
                .and_then(|at| text(bytes, at))
                .map(|text| (text, Notation::Element))
        }
        b'"' | b'\'' if bytes.get(name.end) == Some(&before) => of_name(bytes, name),
        _ => None,
    };
    value
        .map(|(place, notation)| Value::new(place, notation))
        .into_iter()
        .for_each(found);
    false
}

/// Whether a text ends where the name of an element starts, maybe behind a namespace.
fn opens_tag(text: &[u8]) -> bool {
    /// A bound: the longest name of a namespace.
    const NAMESPACE: usize = 24;
    if text.ends_with(b"<") {
        return true;
    }
    let name = text[..text.len() - 1].iter().rev().take(NAMESPACE);
    let len = name.take_while(|b| b.is_ascii_alphanumeric()).count();
    text[..text.len() - 1 - len].ends_with(b"<")
}

/// The value that belongs to the attribute `name="..."` or its kin.
fn of_name(bytes: &[u8], name: &Range<usize>) -> Option<(Range<usize>, Notation)> {
    let before = &bytes[name.start.saturating_sub(REACH)..name.start - 1];
    let open = before.rfind_byte(b'<')?;
    let before = &before[open..];
    let key = before.trim_ascii_end().strip_suffix(b"=")?.trim_ascii_end();
    let key_at = key.rfind_byteset(b" \t\r\n")?;
    if !holds_name(without_namespace(&key[key_at + 1..])) || before.contains(&b'>') {
        return None;
    }
    let tag = name.start - 1 - before.len();
    if let Some(value) = attribute(bytes, tag + 1..name.start)
        .or_else(|| attribute(bytes, name.end + 1..tag_end(bytes, name.end)?))
    {
        return Some((value, Notation::Quoted));
    }
    let at = behind_tag(bytes, name.end)?;
    text(bytes, at).map(|text| (text, Notation::Element))
}

/// The name of an attribute without its namespace: `Key` of `x:Key`.
fn without_namespace(name: &[u8]) -> &[u8] {
    &name[name.rfind_byte(b':').map_or(0, |at| at + 1)..]
}

/// The text of the attribute `value` in a part of a tag.
fn attribute(bytes: &[u8], tag: Range<usize>) -> Option<Range<usize>> {
    let part = bytes.get(tag.clone())?;
    let sign = part.find_iter(b"=").find(|&sign| {
        let name = part[..sign].rsplit(|b| b.is_ascii_whitespace()).next();
        name.is_some_and(|name| holds_value(without_namespace(name)) || name == b"content")
    })?;
    let literal = string::at(bytes, tag.start + sign + 1)?;
    (!literal.text.is_empty()).then_some(literal.text)
}

/// Where the tag ends that goes on at `at`.
fn tag_end(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = &bytes[at..bytes.len().min(at + REACH)];
    let end = rest.find_byteset(b"<>")?;
    (rest[end] == b'>').then_some(at + end)
}

/// Behind the tag that goes on at `at`, if its element has a text.
fn behind_tag(bytes: &[u8], at: usize) -> Option<usize> {
    let end = tag_end(bytes, at)?;
    (bytes[end - 1] != b'/').then_some(end + 1)
}
