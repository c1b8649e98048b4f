//! What stands in the lines below a name: the items of a sequence, the `default` of a mapping, and the
//! item that follows an option in a list of arguments.

use bstr::ByteSlice;

use super::entry::Block;
use super::name::{holds_value, is_plural, may_be_item};
use super::{Notation, Place, Value, blanks, entry, line_before, message};
use crate::filetype::Syntax;

/// A bound: how many lines below a name are read.
const LINES: usize = 64;

/// A bound: how many bytes they may have.
const REACH: usize = 4096;

/// The values in the lines below a name.
pub(super) fn below(place: &Place<'_>, found: &mut dyn FnMut(Value)) -> bool {
    let Place {
        bytes,
        name,
        syntax,
        ..
    } = place;
    if matches!(syntax, Syntax::Code | Syntax::Machine) {
        return false;
    }
    let quoted = matches!(bytes.get(name.end), Some(b'"' | b'\''));
    let at = name.end + usize::from(quoted);
    match bytes.get(at) {
        Some(b':') => {
            let end = at + 1 + blanks(bytes, at + 1);
            if matches!(bytes.get(end), Some(b'\n' | b'\r' | b'#')) {
                block(place, end, found);
            }
        }
        Some(b'\n' | b'\r') if bytes[name.start] == b'-' => {
            if let Some(value) = behind_option(place, at) {
                found(value);
            }
        }
        _ => {}
    }
    false
}

/// The lines behind `at`, each with its indent and where its text starts; blank ones and comments are left out.
fn lines(bytes: &[u8], at: usize) -> impl Iterator<Item = (usize, usize)> {
    let end = bytes.len().min(at + REACH);
    let mut at = at;
    std::iter::from_fn(move || {
        at += bytes[at..end].find_byte(b'\n')? + 1;
        let indent = blanks(bytes, at);
        Some((indent, at + indent))
    })
    .take(LINES)
    .filter(|&(_, start)| !matches!(bytes.get(start), None | Some(b'\n' | b'\r' | b'#')))
}

/// The column of the text of the line in which `at` stands, and where that text starts.
fn own_column(bytes: &[u8], at: usize) -> Option<(usize, usize)> {
    /// A bound: an indent, and the marks of items.
    const REACH: usize = 80;
    let line = at - line_before(bytes, at, REACH)?.len();
    let indent = blanks(bytes, line);
    Some((indent, line + indent))
}

/// The items or the entries below the line that ends at `end`.
fn block(place: &Place<'_>, end: usize, found: &mut dyn FnMut(Value)) {
    let Place { bytes, name, .. } = place;
    let Some((own, _)) = own_column(bytes, name.start) else {
        return;
    };
    let plural = is_plural(&bytes[name.clone()]);
    let mut column = None;
    for (indent, start) in lines(bytes, end) {
        let column = *column.get_or_insert(indent);
        let is_item = bytes[start..].starts_with(b"- ");
        if indent < column || column < own || column == own && !is_item {
            return;
        }
        if indent > column {
            continue;
        }
        let (value, notation, item) = if is_item {
            let at = start + 2 + blanks(bytes, start + 2);
            let Some((value, notation, _)) = entry::value(bytes, at, Block::Lines) else {
                return;
            };
            (message::within(place, value), notation, true)
        } else {
            let Some(entry) = entry::at(bytes, start, Block::Lines) else {
                return;
            };
            let key = &bytes[entry.name];
            let is_item = plural && may_be_item(key);
            if !is_item && !holds_value(key) {
                continue;
            }
            (entry.value, entry.notation, is_item)
        };
        // A mapping within the item has names of its own.
        let text = &bytes[value.clone()];
        let is_mapping =
            notation == Notation::Bare && (text.ends_with(b":") || text.contains_str(b": "));
        if !text.is_empty() && !is_mapping {
            found(Value {
                item,
                ..Value::new(value, notation)
            });
        }
    }
}

/// The item below an option that is an item itself: `- --token`, then `- x`.
fn behind_option(place: &Place<'_>, end: usize) -> Option<Value> {
    let Place { bytes, name, .. } = place;
    let (own, own_start) = own_column(bytes, name.start)?;
    let (indent, start) = lines(bytes, end).next()?;
    let is_item = |at: usize| bytes[at..].starts_with(b"- ");
    if indent != own || !is_item(own_start) || !is_item(start) {
        return None;
    }
    let at = start + 2 + blanks(bytes, start + 2);
    let (value, notation, _) = entry::value(bytes, at, Block::Lines)?;
    let is_option = bytes[value.clone()].starts_with(b"-");
    (!value.is_empty() && !is_option).then(|| Value::new(value, notation))
}
