//! What git calls things by: the ids of objects, and what stands under a name in a tree or the index.

use std::fmt;

use crate::change::EntryKind;
use crate::encoding;

/// The name of an object: 20 bytes, or 32 in a SHA-256 repository.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ObjectId {
    bytes: [u8; 32],
    len: u8,
}

impl ObjectId {
    /// An id from its raw bytes; `None` unless there are 20 or 32.
    pub(crate) fn from_bytes(raw: &[u8]) -> Option<Self> {
        let len = match raw.len() {
            20 => 20,
            32 => 32,
            _ => return None,
        };
        let mut bytes = [0; 32];
        bytes[..raw.len()].copy_from_slice(raw);
        Some(Self { bytes, len })
    }

    /// An id from all of its hex digits.
    pub(crate) fn parse(hex: &[u8]) -> Option<Self> {
        if !matches!(hex.len(), 40 | 64) {
            return None;
        }
        let digit = |byte: u8| char::from(byte).to_digit(16);
        let mut raw = [0; 32];
        for (byte, pair) in raw.iter_mut().zip(hex.chunks_exact(2)) {
            *byte = u8::try_from(digit(pair[0])? * 16 + digit(pair[1])?).ok()?;
        }
        Self::from_bytes(&raw[..hex.len() / 2])
    }

    /// The id, unless it is the one of zeros by which git says that there is no object.
    pub(super) fn or_nothing(self) -> Option<Self> {
        self.as_bytes()
            .iter()
            .any(|&byte| byte != 0)
            .then_some(self)
    }

    /// The raw bytes.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&encoding::hex(self.as_bytes()))
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What git's mode says an entry is. Directories are not entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// A regular file, whatever its permissions.
    File,
    /// A symbolic link.
    Link,
    /// A commit of another repository: a submodule.
    Gitlink,
}

impl Mode {
    /// The mode for git's number; `None` for a directory and for what git doesn't know.
    pub(super) fn from_bits(bits: u32) -> Option<Self> {
        match bits & 0o170_000 {
            0o100_000 => Some(Self::File),
            0o120_000 => Some(Self::Link),
            0o160_000 => Some(Self::Gitlink),
            _ => None,
        }
    }

    /// The kind.
    pub(super) const fn kind(self) -> EntryKind {
        match self {
            Self::File => EntryKind::File,
            Self::Link => EntryKind::Link,
            Self::Gitlink => EntryKind::Submodule,
        }
    }
}

/// What a path is in a tree or in the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) mode: Mode,
    pub(super) id: ObjectId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_and_shown_in_hex() {
        let hex = "00ff10".repeat(7)[..40].to_owned();
        assert_eq!(ObjectId::parse(hex.as_bytes()).unwrap().to_string(), hex);
        let long = "ab".repeat(32);
        assert_eq!(ObjectId::parse(long.as_bytes()).unwrap().to_string(), long);
        for bad in ["", "ab", &"g".repeat(40), &"a".repeat(41), &"é".repeat(20)] {
            assert_eq!(ObjectId::parse(bad.as_bytes()), None);
        }
    }
}
