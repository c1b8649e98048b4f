//! Where a word is looked for in the table of all words.
//!
//! `build.rs` includes this file too: it lays out the table, and both must go through the slots alike.

/// How many slots there are, as a power of two. A bound: any number that leaves some free finds the same; of these a
/// quarter is taken, so that most texts that are no words end at the first.
const BITS: u32 = 12;
pub(crate) const SLOTS: usize = 1 << BITS;

/// The slots of a word, in the order in which they are tried: from its hash on, FNV-1a of 32 bits
/// (draft-eastlake-fnv).
#[inline]
pub(crate) fn all(word: &[u8]) -> impl Iterator<Item = usize> {
    let hash = word.iter().fold(0x811c_9dc5_u32, |hash, &byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    let first = (hash >> (u32::BITS - BITS)) as usize;
    (first..SLOTS).chain(0..first)
}
