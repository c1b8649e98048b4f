//! The entries of a Kubernetes Secret: each is one, whatever its name.

use bstr::ByteSlice;

use super::{Assignment, Notation, Speaks, blanks, entry};
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
    let first = at.saturating_sub(REACH);
    let before = &bytes[first..at];
    let start = before
        .rfind(b"\n---")
        .map_or(first, |part| first + part + 1);
    let behind = &bytes[at..bytes.len().min(at + REACH)];
    let end = at + behind.find(b"\n---").unwrap_or(behind.len());
    for name in [&b"data"[..], b"stringData"] {
        let document = &bytes[start..end];
        let block = document
            .find_iter(name)
            .map(|place| start + place)
            .find(|&place| is_key(bytes, place, name.len()));
        if let Some(block) = block {
            entries(&bytes[..end], block + name.len(), file_type, found);
        }
    }
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
        match entry::at(bytes, at, flow) {
            Some(entry) => {
                at = entry.end;
                if entry.value.is_empty() {
                    continue;
                }
                found(Assignment {
                    name: entry.name,
                    value: entry.value,
                    notation: match entry.quoted {
                        true => Notation::Quoted,
                        false => Notation::Bare,
                    },
                    speaks: Speaks::Holder,
                    file_type,
                });
            }
            None if flow => return,
            None => {}
        }
    }
}
