//! A name and its value as two entries of one block: `{"value": "x", "name": "API_KEY"}`; and as the two
//! items of a pair: `{ "ApiKey", "x" }`.

use bstr::ByteSlice;

use super::entry::Block;
use super::name::{holds_name, holds_value};
use super::{Notation, Place, Value, blanks, entry, next_word, starts_with, string, trim_end};
use crate::words::name::pieces;
use crate::words::{Role, role};

/// A bound: how far the entries are read, each way.
const REACH: usize = 256;

/// A bound: how many entries are read.
const MOST: usize = 12;

/// The value that stands beside a name.
pub(super) fn value(place: &Place<'_>, found: &mut dyn FnMut(Value)) -> bool {
    of_entry(place)
        .or_else(|| of_pair(place))
        .or_else(|| of_row(place))
        .or_else(|| of_label(place))
        .into_iter()
        .for_each(found);
    false
}

/// The value of the block's entry that is called `value`, where the name is that of an entry called `name`.
fn of_entry(place: &Place<'_>) -> Option<Value> {
    let Place { bytes, name, .. } = place;
    let first = name.start.saturating_sub(REACH);
    let before = &bytes[first..name.start];
    let quotes = |b: u8| matches!(b, b'"' | b'\'' | b'\\' | b' ');
    let key = trim_end(before, quotes);
    let key = key.strip_suffix(b":").or_else(|| key.strip_suffix(b"="))?;
    let key = trim_end(key, quotes);
    let word = trim_end(key, |b| b.is_ascii_alphabetic() || b == b'_').len();
    let (key, key_at) = (&key[word..], first + word);
    if !holds_name(key) && prefix_before(key, role::NAMES).is_none() {
        return None;
    }
    let opens = |brackets: &[u8]| {
        let at = first + bytes[first..key_at].rfind_byteset(brackets)?;
        matches!(bytes[at], b'{' | b'(').then_some(at + 1)
    };
    if let Some(start) = opens(b"{}") {
        return beside(place, key, start, Block::Braces);
    }
    first_entry(bytes, first, key_at)
        .and_then(|start| beside(place, key, start, Block::Lines))
        // `string(name: 'API_KEY', defaultValue: 'x')`
        .or_else(|| beside(place, key, opens(b"()")?, Block::Call))
}

/// The value of the block whose first entry is at `start`, in which the entry `key` is the name.
fn beside(place: &Place<'_>, key: &[u8], start: usize, block: Block) -> Option<Value> {
    let Place { bytes, name, .. } = place;
    let holds = |other: &[u8]| match holds_name(key) {
        true => holds_value(other),
        false => {
            let prefix = prefix_before(other, role::HOLDS);
            prefix.is_some() && prefix == prefix_before(key, role::NAMES)
        }
    };
    let end = bytes.len().min(name.end + REACH);
    let mut at = start;
    for _ in 0..MOST {
        at = next_entry(bytes, at, block)?;
        if at >= end {
            return None;
        }
        let entry = entry::at(bytes, at, block)?;
        if holds(&bytes[entry.name.clone()]) && !entry.value.is_empty() {
            return Some(Value::new(entry.value, entry.notation));
        }
        at = entry.end;
    }
    None
}

/// The value of the entry that is called `value`, in a list of keys and values under a name, as Postman writes what a way
/// to log in needs: `"apikey": [{"key": "value", "value": "x"}, {"key": "key", "value": "X-Key"}]`.
pub(super) fn listed(place: &Place<'_>, found: &mut dyn FnMut(Value)) -> bool {
    of_list(place).into_iter().for_each(found);
    false
}

fn of_list(place: &Place<'_>) -> Option<Value> {
    /// A bound: how many pairs it has.
    const PAIRS: usize = 6;
    let Place { bytes, name, .. } = place;
    let colon = match bytes.get(name.end)? {
        b'"' => name.end + 1,
        _ => return None,
    };
    let open = next_word(bytes, colon + 1);
    if bytes.get(colon) != Some(&b':') || bytes.get(open) != Some(&b'[') {
        return None;
    }
    let mut at = next_word(bytes, open + 1);
    for _ in 0..PAIRS {
        let end = bytes.len().min(at + REACH);
        if bytes.get(at) != Some(&b'{') {
            return None;
        }
        let (mut is_it, mut value) = (false, None);
        let mut inner = at + 1;
        while let Some(start) = next_entry(bytes, inner, Block::Braces).filter(|&at| at < end) {
            let entry = entry::at(bytes, start, Block::Braces)?;
            let own = &bytes[entry.name.clone()];
            if holds_name(own) {
                is_it = holds_value(&bytes[entry.value.clone()]);
            } else if holds_value(own) && !entry.value.is_empty() {
                value = Some(Value::new(entry.value, entry.notation));
            }
            inner = entry.end;
        }
        if is_it && value.is_some() {
            return value;
        }
        let close = next_word(bytes, inner);
        if bytes.get(close) != Some(&b'}') {
            return None;
        }
        at = next_word(bytes, next_word(bytes, close + 1) + 1);
    }
    None
}

/// What stands before the last word of a name, if that has the role and is not all of the name: `Parameter` of
/// `ParameterKey`.
fn prefix_before(name: &[u8], role: Role) -> Option<&[u8]> {
    let last = pieces(name).last()?;
    let prefix = name.strip_suffix(last)?;
    (!prefix.is_empty() && role.has_in_any_case(last)).then_some(prefix)
}

/// Where the first entry of the item stands in whose lines the key at `key` is: behind `- `, or in the first of
/// the lines that are indented alike.
fn first_entry(bytes: &[u8], first: usize, key: usize) -> Option<usize> {
    let column = |line: usize| {
        let indent = blanks(bytes, line);
        match bytes.get(line + indent..line + indent + 2) {
            Some(b"- ") => indent + 2,
            _ => indent,
        }
    };
    let mut line = bytes[first..key]
        .rfind_byte(b'\n')
        .map_or(first, |at| first + at + 1);
    let own = column(line);
    for _ in 0..MOST {
        let start = line + blanks(bytes, line);
        if bytes[start..].starts_with(b"- ") {
            return Some(start + 2);
        }
        let before = bytes[first..line.saturating_sub(1).max(first)]
            .rfind_byte(b'\n')
            .map(|at| first + at + 1)
            // The first line of the text.
            .or((first == 0 && line > 0).then_some(0));
        match before {
            Some(before) if column(before) == own => line = before,
            _ => return Some(start),
        }
    }
    None
}

/// The next entry of a block. `None` where the block ends.
fn next_entry(bytes: &[u8], at: usize, block: Block) -> Option<usize> {
    let mut at = at + blanks(bytes, at);
    if block != Block::Lines {
        at += usize::from(bytes.get(at) == Some(&b','));
        at = next_word(bytes, at);
        return (!matches!(bytes.get(at)?, b'}' | b'{' | b']' | b')')).then_some(at);
    }
    let below = next_word(bytes, at);
    (bytes.get(below) != Some(&b'-')).then_some(below)
}

/// The second of two items: `{ "ApiKey", "x" }`, `["ApiKey", "x"]`, in Erlang and Elixir `{password, "x"}`.
fn of_pair(place: &Place<'_>) -> Option<Value> {
    let Place { bytes, name, .. } = place;
    let before = &bytes[name.start.saturating_sub(REACH)..name.start];
    let (before, behind) = match bytes.get(name.end)? {
        b',' => (before.strip_suffix(b":").unwrap_or(before), name.end),
        quote => (
            before.strip_suffix(&[*quote])?.trim_ascii_end(),
            name.end + 1,
        ),
    };
    let close = match before.last()? {
        b'{' => b'}',
        b'[' if behind > name.end => b']',
        _ => return None,
    };
    let comma = behind + blanks(bytes, behind);
    let at = match bytes.get(comma)? {
        b',' => next_word(bytes, comma + 1),
        _ => return None,
    };
    // A binary of Erlang: `<<"x">>`.
    let binary = starts_with(bytes, at, b"<<");
    let literal = string::at(bytes, at + 2 * usize::from(binary))?;
    let behind = next_word(bytes, literal.end + 2 * usize::from(binary));
    (bytes.get(behind) == Some(&close) && !literal.text.is_empty())
        .then(|| Value::new(literal.text, Notation::Quoted))
}

/// The value that is set in the row of a table whose name it is:
/// `UPDATE settings SET value = 'x' WHERE name = 'api_key'`.
fn of_row(place: &Place<'_>) -> Option<Value> {
    let Place { bytes, name, .. } = place;
    let first = name.start.saturating_sub(REACH);
    let before = bytes[first..name.start].strip_suffix(b"'")?;
    let before = before.trim_ascii_end().strip_suffix(b"=")?;
    let ends_in = |text: &[u8], role: Role| {
        let last = pieces(text).last();
        last.is_some_and(|piece| role.has_in_any_case(piece))
    };
    let column = |text: &[u8]| {
        let text = trim_end(text, |b| matches!(b, b' ' | b'`' | b'"' | b']'));
        let part = |b: &&u8| b.is_ascii_alphanumeric() || **b == b'_';
        let len = text.iter().rev().take_while(part).count();
        text.len() - len..text.len()
    };
    let named = column(before);
    let clause = trim_end(&before[..named.start], |b| {
        matches!(b, b' ' | b'`' | b'"' | b'[')
    });
    if !ends_in(&before[named], role::NAMES)
        || !clause[column(clause)].eq_ignore_ascii_case(b"where")
    {
        return None;
    }
    let sign = clause
        .rfind_iter(b"=")
        .find(|&sign| ends_in(&clause[column(&clause[..sign])], role::HOLDS))?;
    let at = first + sign + 1;
    let literal = string::at(bytes, at + blanks(bytes, at))?;
    (!literal.text.is_empty() && literal.end < name.start)
        .then(|| Value::new(literal.text, Notation::Quoted))
}

/// The argument before one whose label says that it names what is set:
/// `setValue("x", forHTTPHeaderField: "X-Api-Key")`.
fn of_label(place: &Place<'_>) -> Option<Value> {
    let Place { bytes, name, .. } = place;
    let first = name.start.saturating_sub(REACH);
    let before = bytes[first..name.start].strip_suffix(b"\"")?;
    let before = before.strip_suffix(b"@").unwrap_or(before).trim_ascii_end();
    let before = before.strip_suffix(b":")?;
    let letters = before.iter().rev().take_while(|b| b.is_ascii_alphabetic());
    let label = before.len() - letters.count();
    let mut words = pieces(&before[label..]);
    let names = words.next() == Some(b"for")
        && words
            .last()
            .is_some_and(|last| role::NAMES.has_in_any_case(last));
    let argument = before[..label].trim_ascii_end();
    let argument = argument.strip_suffix(b",").unwrap_or(argument);
    let text = argument.strip_suffix(b"\"").filter(|_| names)?;
    let start = text.rfind_byte(b'"')? + 1;
    (start < text.len()).then(|| Value::new(first + start..first + text.len(), Notation::Quoted))
}
