//! Grams: four bytes of a text at once, folded so that letters of either case are the same.
//!
//! `build.rs` includes this file too: it lays out the tables that [`super::sieve`] reads, and both
//! must hash alike.

/// How many bytes a gram has. A bound: what a word of the processor's holds, and no keyword has fewer
/// than three.
pub(super) const LEN: usize = 4;

/// The parts of a gram that a keyword may know: all four bytes, or the first or last three, where it
/// has no more than those from there on.
pub(super) const WHOLE: u32 = u32::MAX;
pub(super) const FIRST: u32 = 0x00ff_ffff;
pub(super) const LAST: u32 = 0xffff_ff00;

/// How many slots the grams have, by the hash of their first three bytes. A bound: any number finds the
/// same. As many as 16 bits can name, so that eight of them are made at once. Only a small part is ever
/// looked at, which stays in the second cache; at an eighth of the size the sieve was no faster.
pub(super) const SLOTS: usize = 1 << 16;

/// The sizes, as powers of two, of the tables that say more about what passes. Bounds: any sizes find
/// the same; in these most entries are those of one keyword.
pub(super) const NEIGHBOUR_BITS: u32 = 14;
pub(super) const SHORT_BITS: u32 = 15;
pub(super) const BUCKET_BITS: u32 = 15;

/// 2^32 over the golden ratio (Knuth, The Art of Computer Programming, 6.4). A bound: any multiplier
/// that spreads as well finds the same.
const GOLDEN: u32 = 0x9e37_79b9;

/// The bit by which the two cases of a letter differ.
const FOLD: u8 = b' ';

/// The gram of four bytes.
#[inline]
pub(super) const fn fold(bytes: [u8; LEN]) -> u32 {
    u32::from_le_bytes(bytes) | 0x2020_2020
}

/// The gram at a place of a text; what lies behind the end counts as zeros.
#[inline]
pub(super) fn at(text: &[u8], at: usize) -> u32 {
    fold(chunk(text.get(at..).unwrap_or_default()))
}

/// The gram at a place of a text with its neighbours, folded too: the byte before and the byte
/// behind. What lies outside counts as zeros.
#[inline]
pub(super) fn around(text: &[u8], at: usize) -> (u8, u32, u8) {
    let word = match at.checked_sub(1) {
        Some(before) => u64::from_le_bytes(chunk(&text[before..])),
        None => u64::from_le_bytes(chunk(text)) << 8,
    };
    let word = word | 0x2020_2020_2020_2020;
    (word as u8, (word >> 8) as u32, (word >> 40) as u8)
}

#[inline]
fn chunk<const N: usize>(rest: &[u8]) -> [u8; N] {
    rest.first_chunk().copied().unwrap_or_else(|| {
        let mut bytes = [0; N];
        bytes[..rest.len()].copy_from_slice(rest);
        bytes
    })
}

/// The slot of a gram, given as its two halves, and the bits that its fourth byte leaves there.
///
/// Halves of 16 bits, and nothing but products, sums and shifts by the same number for all: the
/// compiler makes eight at once of it, on any processor.
#[inline]
pub(super) const fn slot(first: u16, second: u16) -> (u16, u16) {
    let hash = first.wrapping_mul(0x9e35) ^ (first >> 7);
    let hash = hash.wrapping_add((second & 0xff).wrapping_mul(0x6a95));
    (hash, bits(second >> 8))
}

/// The bits that stand for a folded byte. No common character has all the bits of another one; this
/// multiplier was sought for that.
#[inline]
const fn bits(byte: u16) -> u16 {
    byte.wrapping_mul(4065) | 0x8000
}

/// The bits of what stands before and behind a gram. A keyword that ends there leaves all bits.
#[inline]
pub(super) const fn neighbours(before: Option<u8>, behind: Option<u8>) -> u32 {
    const fn known(byte: Option<u8>) -> u32 {
        match byte {
            Some(byte) => bits((byte | FOLD) as u16) as u32,
            None => u16::MAX as u32,
        }
    }
    known(before) | known(behind) << 16
}

/// Where the neighbours of a whole gram are told.
#[inline]
pub(super) const fn neighbour_slot(gram: u32) -> usize {
    (gram.wrapping_mul(0x85eb_ca6b) >> (32 - NEIGHBOUR_BITS)) as usize
}

/// The word, and the bit in it, that tell whether a keyword knows only this part of a gram.
#[inline]
pub(super) const fn short_slot(part: u32) -> (usize, u32) {
    let hash = part.wrapping_mul(0x85eb_ca6b) >> (32 - SHORT_BITS);
    ((hash >> 6) as usize, hash & 63)
}

/// The bucket of a gram, or of a part of one.
#[inline]
pub(super) const fn bucket(part: u32) -> usize {
    (part.wrapping_mul(GOLDEN) >> (32 - BUCKET_BITS)) as usize
}
