//! Where a word is looked for in the table of all words.
//!
//! `build.rs` includes this file too: it lays out the table, and both must hash alike.

/// How many slots there are, as a power of two. A bound: any number that leaves some free finds the same; of these a
/// quarter is taken, so that most texts that are no words end at the first.
const BITS: u32 = 12;
pub(crate) const SLOTS: usize = 1 << BITS;

/// The slot where a word is looked for first; behind it the next ones are. The hash is FNV-1a
/// (RFC 9923, with 32 bits).
#[inline]
pub(crate) fn first(word: &[u8]) -> usize {
    let hash = word.iter().fold(0x811c_9dc5_u32, |hash, &byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    (hash >> (u32::BITS - BITS)) as usize
}
