//! Sets of ASCII characters: what a run of a format is drawn from.
//!
//! This file knows nothing but `std`: `build.rs` includes it too.

use std::fmt;

/// A set of ASCII characters, one bit each.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct CharSet(pub u128);

/// The named sets, sorted by name. The names are those of the formats' sources.
const NAMED: &[(&str, &str)] = &[
    ("aad-secret", "A-Za-z0-9._~-"),
    ("alnum-dash", "A-Za-z0-9-"),
    ("base32-lower", "a-z2-7"),
    ("base32-upper", "A-Z2-7"),
    ("base36-lower", "0-9a-z"),
    ("base58", "1-9A-HJ-NP-Za-km-z"),
    ("base62", "A-Za-z0-9"),
    ("base62-percent", "A-Za-z0-9%"),
    ("base64", "A-Za-z0-9+/"),
    ("base64-any", "A-Za-z0-9+/_=-"),
    ("base64url", "A-Za-z0-9_-"),
    ("base64url-dot", "A-Za-z0-9_.-"),
    ("base64url-plus", "A-Za-z0-9_+-"),
    ("bech32-lower", "qpzry9x8gf2tvdw0s3jn54khce6mua7l"),
    ("bech32-upper", "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"),
    ("crypt64", "./A-Za-z0-9"),
    ("digits", "0-9"),
    ("hex", "0-9a-fA-F"),
    ("hex-lower", "0-9a-f"),
    ("hex-upper", "0-9A-F"),
    ("hostname", "A-Za-z0-9.-"),
    ("letters", "A-Za-z"),
    ("letters-lower", "a-z"),
    ("letters-upper", "A-Z"),
    ("lower-alnum", "a-z0-9"),
    ("lower-alnum-dash", "a-z0-9_-"),
    ("upper-alnum", "A-Z0-9"),
    ("upper-alnum-dash", "A-Z0-9-"),
    ("word", "A-Za-z0-9_"),
    ("word-lower", "a-z0-9_"),
];

impl CharSet {
    /// The empty set.
    pub const EMPTY: Self = Self(0);

    /// The set of that name, if there is one.
    pub fn named(name: &str) -> Option<Self> {
        let at = NAMED.binary_search_by_key(&name, |entry| entry.0).ok()?;
        Self::spelled(NAMED[at].1)
    }

    /// The set spelled as in a regex class, without its brackets: `A-Z0-9_-`.
    ///
    /// `None` if it is empty, not ASCII, or a range runs backwards.
    pub fn spelled(spelling: &str) -> Option<Self> {
        let bytes = spelling.as_bytes();
        if bytes.is_empty() || !spelling.is_ascii() {
            return None;
        }
        let mut set = Self::EMPTY;
        let mut at = 0;
        while at < bytes.len() {
            let low = bytes[at];
            if at + 2 < bytes.len() && bytes[at + 1] == b'-' {
                let high = bytes[at + 2];
                if low > high {
                    return None;
                }
                (low..=high).for_each(|byte| set.insert(byte));
                at += 3;
            } else {
                set.insert(low);
                at += 1;
            }
        }
        Some(set)
    }

    fn insert(&mut self, byte: u8) {
        self.0 |= 1 << byte;
    }

    /// The characters of a text; those that are not ASCII are left out.
    pub fn of(text: &str) -> Self {
        text.bytes()
            .filter(u8::is_ascii)
            .fold(Self::EMPTY, |all, byte| all.union(Self(1 << byte)))
    }

    /// Whether the set holds this byte. Bytes beyond ASCII are in no set.
    #[inline]
    pub const fn contains(self, byte: u8) -> bool {
        // Halves: a shift of all 128 bits takes three times the instructions.
        let half = if byte & 64 == 0 {
            self.0 as u64
        } else {
            (self.0 >> 64) as u64
        };
        byte < 128 && half >> (byte & 63) & 1 == 1
    }

    /// How many characters the set holds.
    pub const fn len(self) -> u32 {
        self.0.count_ones()
    }

    /// Whether the set holds nothing.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// What is in either set.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The characters, in ASCII order.
    pub fn bytes(self) -> impl Iterator<Item = u8> {
        (0..128u8).filter(move |&byte| self.contains(byte))
    }

    /// The set as a regex class, brackets and all.
    pub(super) fn class(self) -> String {
        let mut out = String::from("[");
        let mut next = 0u8;
        while next < 128 {
            if !self.contains(next) {
                next += 1;
                continue;
            }
            let first = next;
            while next < 127 && self.contains(next + 1) {
                next += 1;
            }
            push_escaped(&mut out, first);
            if next > first {
                if next > first + 1 {
                    out.push('-');
                }
                push_escaped(&mut out, next);
            }
            next += 1;
        }
        out.push(']');
        out
    }
}

impl fmt::Debug for CharSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.class())
    }
}

/// Appends one ASCII character so that a regex takes it as itself, in a class and outside.
pub(super) fn push_escaped(out: &mut String, byte: u8) {
    match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'_' | b'"' | b'\'' | b'/' | b':' | b'=' => {
            out.push(byte as char);
        }
        b' '..=b'~' => {
            out.push('\\');
            out.push(byte as char);
        }
        _ => out.push_str(&format!("\\x{byte:02x}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_spelled_right() {
        assert!(NAMED.is_sorted_by(|a, b| a.0 < b.0));
        for (name, spelling) in NAMED {
            assert!(CharSet::spelled(spelling).is_some(), "{name}");
        }
    }
}
