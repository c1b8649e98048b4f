//! PuTTY's private key files: lines of `Name: value`, and the two halves of the key in base64.
//!
//! <https://the.earth.li/~sgtatham/putty/latest/htmldoc/AppendixC.html>

use bstr::ByteSlice;

use super::{Armoured, Extent};

/// A bound: the private half of the shortest key, Ed25519, has 44 characters.
const SHORTEST: usize = 20;

/// Reads a file, of any version.
pub(super) fn read(text: &[u8]) -> Option<Armoured> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    if !text.starts_with(b"PuTTY-User-Key-File-") {
        return None;
    }
    let mut lines = text.lines();
    let mut encrypted = true;
    let mut extent = Extent::Unclear;
    while let Some(line) = lines.next() {
        if let Some(cipher) = line.strip_prefix(b"Encryption:") {
            encrypted = cipher.trim_ascii() != b"none";
        } else if let Some(count) = line.strip_prefix(b"Private-Lines:") {
            let count = count.to_str().ok().and_then(|n| n.trim().parse().ok());
            extent = private_half(lines, count.unwrap_or(0));
            break;
        }
    }
    Some(Armoured::private(encrypted, extent))
}

/// How much there is of the private half, which has so many lines.
fn private_half<'t>(lines: impl Iterator<Item = &'t [u8]>, count: usize) -> Extent {
    let is_base64 = |line: &&[u8]| {
        !line.is_empty()
            && line
                .iter()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='))
    };
    let (mut found, mut chars) = (0, 0);
    for line in lines.take(count).take_while(is_base64) {
        found += 1;
        chars += line.len();
    }
    if chars < SHORTEST {
        Extent::Filler
    } else if found == count {
        Extent::Whole
    } else {
        Extent::Unclear
    }
}
