//! What stands above a name in the text: a block whose values are encrypted.

use bstr::ByteSlice;

use super::{Place, blanks, trim_end};
use crate::filetype::Syntax;
use crate::words::name::pieces;
use crate::words::role;

/// A bound: how far above a name its parents are looked for.
const REACH: usize = 4096;

/// A bound: how many lines above.
const LINES: usize = 64;

/// Whether a name stands in a block whose name says that what it holds is encrypted: `encryptedData`.
pub(super) fn seal(place: &Place<'_>) -> bool {
    if matches!(
        place.syntax,
        Syntax::Code | Syntax::Script | Syntax::Prose | Syntax::Table
    ) {
        return false;
    }
    let start = place.name.start;
    let first = start.saturating_sub(REACH);
    let mut above = &place.bytes[first..start];
    let mut column = usize::MAX;
    for number in 0..LINES {
        let line = above.rfind_byte(b'\n').map_or(0, |at| at + 1);
        let indent = blanks(above, line);
        let text = above[line + indent..].trim_ascii_end();
        if number == 0 || indent < column && !text.is_empty() {
            // Its own line opens the block only before it: `"encryptedData": {"x"`.
            let opened = match number {
                0 => text.rfind_byte(b'{').map(|open| &text[..open]),
                _ => text.strip_suffix(b":").or_else(|| text.strip_suffix(b"{")),
            };
            if opened.is_some_and(seals) {
                return true;
            }
            column = indent;
        }
        if column == 0 || line == 0 {
            return false;
        }
        above = &above[..line - 1];
    }
    false
}

/// Whether the last name of a text says that what follows is encrypted.
fn seals(text: &[u8]) -> bool {
    let text = trim_end(text, |b| matches!(b, b' ' | b':' | b'=' | b'"' | b'\''));
    let before = trim_end(text, |b| {
        b.is_ascii_alphabetic() || matches!(b, b'_' | b'-')
    });
    let name = &text[before.len()..];
    pieces(name).any(|piece| role::SEALS.has_in_any_case(piece))
}
