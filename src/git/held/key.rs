//! Keys of sets and maps of many objects: half an id and a hash that costs next to nothing.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, Hash, Hasher, RandomState};

use crate::git::id::ObjectId;

/// The first 16 bytes of an id. Nobody makes two objects that share them: that takes 2^64 tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Short(u64, u64);

impl From<&ObjectId> for Short {
    fn from(id: &ObjectId) -> Self {
        Self::of(id.as_bytes())
    }
}

impl Short {
    /// Of the raw bytes of an id, which has at least 16.
    pub(super) fn of(id: &[u8]) -> Self {
        let word = |at: usize| {
            let bytes = id.get(at..at + 8).and_then(|word| word.try_into().ok());
            bytes.map_or(0, u64::from_le_bytes)
        };
        Self(word(0), word(8))
    }

    /// Its bytes.
    pub(crate) fn to_bytes(self) -> [u8; 16] {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.0.to_le_bytes());
        bytes[8..].copy_from_slice(&self.1.to_le_bytes());
        bytes
    }

    /// The one of these bytes.
    pub(crate) fn from_bytes(bytes: [u8; 16]) -> Self {
        Self::of(&bytes)
    }
}

impl Hash for Short {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0);
    }
}

/// An object at a place, or as what it is taken for: a number beside its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key(pub(crate) Short, pub(crate) u32);

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let spread = u64::from(self.1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        state.write_u64(self.0.0 ^ spread);
    }
}

/// Hashes words that are as good as random, with a seed that whoever made up the ids did not know.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seed(u64);

impl Default for Seed {
    fn default() -> Self {
        Self(RandomState::new().hash_one(0))
    }
}

impl BuildHasher for Seed {
    type Hasher = Folded;

    fn build_hasher(&self) -> Folded {
        Folded(self.0)
    }
}

/// The state of [`Seed`].
#[derive(Debug)]
pub(crate) struct Folded(u64);

impl Hasher for Folded {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(byte.into());
        }
    }

    fn write_u64(&mut self, word: u64) {
        let product = u128::from(self.0 ^ word) * u128::from(0x9e37_79b9_7f4a_7c15_u64);
        self.0 = (product >> 64) as u64 ^ product as u64;
    }
}

pub(crate) type ShortMap<V> = HashMap<Short, V, Seed>;
pub(super) type ShortSet = HashSet<Short, Seed>;
pub(crate) type KeySet = HashSet<Key, Seed>;
pub(super) type KeyMap<V> = HashMap<Key, V, Seed>;
