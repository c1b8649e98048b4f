//! The entries of a Kubernetes Secret: each is one, whatever its name.
//!
//! Of a list of manifests, each kind has what stands between the kind before it and the one behind.

use bstr::ByteSlice;

use super::entry::Block;
use super::{Assignment, Speaks, blanks, entry, line_before};
use crate::filetype::FileType;

/// A bound: how far the values may stand from the kind of their manifest, in bytes. A size of its own has no
/// manifest; those that people write by hand have less.
const REACH: usize = 8192;

/// A bound: how many entries are read.
const ENTRIES: usize = 64;

/// Gives the values of the manifest whose kind stands at `at`.
pub(crate) fn each(
    bytes: &[u8],
    at: usize,
    file_type: FileType,
    found: &mut impl FnMut(Assignment),
) {
    let own = column(bytes, at);
    // At its end stands the `d` of this one.
    let start = start(bytes, at, own);
    let end = end(bytes, at + 1, own);
    for name in [&b"data"[..], b"stringData"] {
        // What lies deeper is a part of something else.
        let is_block =
            |&place: &usize| is_key(bytes, place, name.len()) && column(bytes, place) == own;
        let mut below = bytes[at..end].find_iter(name).map(|place| at + place);
        let block = below.find(is_block).or_else(|| {
            let mut above = bytes[start..at].rfind_iter(name).map(|place| start + place);
            above.find(is_block)
        });
        if let Some(block) = block {
            entries(&bytes[..end], block + name.len(), file_type, found);
        }
    }
}

/// Where the manifest starts whose kind stands at `at`, so far in on its line.
fn start(bytes: &[u8], at: usize, own: usize) -> usize {
    let first = at.saturating_sub(REACH);
    let mut line_end = at;
    loop {
        let line = bytes[first..line_end]
            .rfind_byte(b'\n')
            .map_or(first, |newline| first + newline + 1);
        let text = &bytes[line..line_end];
        if let Some(kind) = text
            .rfind_iter(KIND)
            .find(|&kind| is_other(bytes, line + kind, own))
        {
            return line + kind + KIND.len();
        }
        if line == first || text.starts_with(b"---") || is_outside(text, own) {
            return line;
        }
        line_end = line - 1;
    }
}

/// Where a manifest ends whose kind stands before `at`, so far in on its line.
fn end(bytes: &[u8], at: usize, own: usize) -> usize {
    let last = bytes.len().min(at + REACH);
    let mut line = at;
    loop {
        let rest = bytes.get(line..last).unwrap_or_default();
        let line_end = rest.find_byte(b'\n').map_or(last, |len| line + len);
        let text = &rest[..line_end - line.min(line_end)];
        if line > at && (text.starts_with(b"---") || is_outside(text, own)) {
            return line;
        }
        if let Some(kind) = text
            .find_iter(KIND)
            .find(|&kind| is_other(bytes, line + kind, own))
        {
            return line + kind;
        }
        if line_end == last {
            return last;
        }
        line = line_end + 1;
    }
}

/// Whether a line is of what holds the manifest: it stands further out.
fn is_outside(line: &[u8], own: usize) -> bool {
    !line.trim_ascii().is_empty() && blanks(line, 0) < own
}

/// Whether the kind of another manifest stands at `at`, not of a part of this one.
fn is_other(bytes: &[u8], at: usize, own: usize) -> bool {
    is_key(bytes, at, KIND.len()) && column(bytes, at) <= own
}

/// What the kind of a manifest is called.
const KIND: &[u8] = b"kind";

/// How far in the line of a name stands, behind the mark of an item.
fn column(bytes: &[u8], at: usize) -> usize {
    /// A bound: the deepest indent.
    const DEEPEST: usize = 80;
    let line = line_before(bytes, at, DEEPEST).unwrap_or_default();
    line.iter()
        .take_while(|&&b| matches!(b, b' ' | b'-'))
        .count()
}

/// Whether a word is the whole name of an entry.
fn is_key(bytes: &[u8], at: usize, len: usize) -> bool {
    let quoted = matches!(bytes.get(at + len), Some(b'"'));
    let before = at.checked_sub(1).map(|before| bytes[before]);
    let opened = match quoted {
        true => before == Some(b'"'),
        false => matches!(before, None | Some(b'\n' | b' ')),
    };
    opened && bytes.get(at + len + usize::from(quoted)) == Some(&b':')
}

/// Gives the entries of the block whose name ends at `at`.
fn entries(bytes: &[u8], at: usize, file_type: FileType, found: &mut impl FnMut(Assignment)) {
    let mut at = at + usize::from(bytes.get(at) == Some(&b'"')) + 1;
    at += blanks(bytes, at);
    let flow = bytes.get(at) == Some(&b'{');
    at += usize::from(flow);
    let mut column = None;
    for _ in 0..ENTRIES {
        if flow {
            at += bytes[at.min(bytes.len())..]
                .iter()
                .take(REACH)
                .take_while(|b| b.is_ascii_whitespace() || **b == b',')
                .count();
        } else {
            let Some(line) = bytes.get(at..).and_then(|rest| rest.find_byte(b'\n')) else {
                return;
            };
            at += line + 1;
            let indent = blanks(bytes, at);
            if indent == 0 || indent < *column.get_or_insert(indent) {
                return;
            }
            at += indent;
            if Some(indent) != column {
                continue;
            }
        }
        let block = if flow { Block::Braces } else { Block::Lines };
        match entry::at(bytes, at, block) {
            Some(entry) => {
                at = entry.end;
                if entry.value.is_empty() {
                    continue;
                }
                found(Assignment {
                    name: entry.name,
                    value: entry.value,
                    notation: entry.notation,
                    speaks: Speaks::Holder,
                    file_type,
                });
            }
            None if flow => return,
            None => {}
        }
    }
}
