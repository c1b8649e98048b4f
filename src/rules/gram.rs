//! Grams: four bytes of a text at once, folded so that letters of either case are the same.
//!
//! `build.rs` includes this file too: it lays out the tables that [`super::sieve`] reads, and both
//! must hash alike.

/// How many bytes a gram has.
pub(super) const LEN: usize = 4;

/// The size of the map of grams, as a power of two: 32 KiB, which fits the fastest cache.
pub(super) const MAP_BITS: u32 = 18;

/// The size of the table of buckets, as a power of two.
pub(super) const BUCKET_BITS: u32 = 12;

/// 2^32 over the golden ratio (Knuth, The Art of Computer Programming, 6.4).
const GOLDEN: u32 = 0x9e37_79b9;

/// The gram of four bytes.
#[inline]
pub(super) const fn fold(bytes: [u8; LEN]) -> u32 {
    u32::from_le_bytes(bytes) | 0x2020_2020
}

/// The gram at a place of a text; what lies behind the end counts as zeros.
#[inline]
pub(super) fn at(text: &[u8], at: usize) -> u32 {
    let rest = text.get(at..).unwrap_or_default();
    let bytes = rest.first_chunk().copied().unwrap_or_else(|| {
        let mut bytes = [0; LEN];
        bytes[..rest.len()].copy_from_slice(rest);
        bytes
    });
    fold(bytes)
}

/// The word of the map that a gram is looked up in, and the two bits that are set there for it. With
/// one bit, every fifth time that a gram passed, it was by chance.
#[inline]
pub(super) const fn slot(gram: u32) -> (usize, u32, u32) {
    let hash = gram.wrapping_mul(GOLDEN);
    let word = (hash >> (32 - (MAP_BITS - 6))) as usize;
    (word, hash >> 14 & 63, hash >> 8 & 63)
}

/// The bucket of a gram. It goes by the first three bytes alone, so that a keyword of three bytes
/// is in one bucket whatever follows it.
#[inline]
pub(super) const fn bucket(gram: u32) -> usize {
    ((gram << 8).wrapping_mul(GOLDEN) >> (32 - BUCKET_BITS)) as usize
}
