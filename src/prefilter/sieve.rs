//! The search for the keywords of the catalog and the marks, compiled into static tables.
//!
//! At every second place of a text, the hash of three bytes picks a slot, which tells whether a keyword
//! has those and the fourth; in source code 24 to 38 places in a thousand bytes pass. There the bytes
//! beside the four are tested likewise, and at 5 to 10 of them buckets say which keywords to compare.
//! What it finds is what aho-corasick finds over the same keywords.

use std::ops::Range;

use super::{gram, marks};
use crate::texts::Texts;

include!(concat!(env!("OUT_DIR"), "/sieve.rs"));

/// Each number of 16 bits is that of a slot: no look-up needs a comparison.
const _: () = assert!(FOURTHS.len() == gram::SLOTS);

/// How many texts are sought: the catalog's keywords, sorted, and behind them the marks.
pub(super) const KEYWORD_COUNT: usize = KEYWORDS.len();

/// A keyword and what tells soonest that it is not there: eight of its bytes, folded.
#[derive(Clone, Copy, Debug)]
struct Entry {
    /// The four bytes by which the text is sifted, and where in the keyword they stand. Of some the
    /// first or the last is not known and zero.
    gram: u32,
    gram_at: i8,
    /// Four more, as far from them as the keyword allows.
    check: u32,
    check_at: u8,
    len: u8,
    keyword: u16,
}

/// The keyword of that number, in lower case.
#[inline]
pub(super) fn keyword(number: usize) -> &'static [u8] {
    KEYWORDS.bytes(number)
}

/// The bits of what may stand beside a whole gram.
#[inline]
fn neighbours(gram: u32) -> u32 {
    NEIGHBOURS[gram::neighbour_slot(gram)]
}

/// Whether some keyword may know only this part of a gram.
#[inline]
fn is_short(part: u32) -> bool {
    let (word, bit) = gram::short_slot(part);
    SHORT[word] >> bit & 1 == 1
}

/// The entries of a bucket.
#[inline]
fn bucket(number: usize) -> &'static [Entry] {
    &ENTRIES[usize::from(STARTS[number])..usize::from(STARTS[number + 1])]
}

/// How many grams are sifted at once, and how many bytes they start in. A bound: any multiple of 64
/// finds the same.
const GRAMS: usize = 256;
const BLOCK: usize = 2 * GRAMS;

/// Gives every place of every keyword, with its number, whose gram starts in a part of the text. They
/// come by the places of their grams, which is nearly, not quite, the order of their starts.
pub(super) fn each_place(
    text: &[u8],
    part: Range<usize>,
    mut found: impl FnMut(usize, Range<usize>),
) {
    let mut at = part.start.next_multiple_of(2);
    // Behind its count is what an earlier block left.
    let mut likely = [0; GRAMS];
    while at < part.end {
        let passed = match text[at..].first_chunk() {
            Some(block) => sift(block),
            None => {
                let rest = &text[at..];
                let mut block = [0; BLOCK + 2];
                block[..rest.len()].copy_from_slice(rest);
                sift(&block)
            }
        };
        // What is likely is put aside without a branch, which would be guessed wrongly half of the
        // time, and before the tables that it is looked up in have been read.
        let mut count = 0;
        for (number, mut grams) in passed.into_iter().enumerate() {
            while grams != 0 {
                let place = at + 2 * (64 * number + grams.trailing_zeros() as usize);
                likely[count] = place;
                count += usize::from(Parts::known(text, place).any() & (place < part.end));
                grams &= grams - 1;
            }
        }
        for &place in &likely[..count] {
            compare(text, place, &mut found);
        }
        at += BLOCK;
    }
}

/// Tells which grams of a block, at every second place, may be those of keywords: a bit each.
///
/// Each step is a loop of its own over the whole block, so that the compiler makes vectors of all but
/// the one that looks up: with one loop for all, it took 1.7 times as long.
fn sift(block: &[u8; BLOCK + 2]) -> [u64; GRAMS / 64] {
    let mut halves = [0; GRAMS + 1];
    for (half, bytes) in halves.iter_mut().zip(block.as_chunks().0) {
        *half = u16::from_le_bytes(*bytes) | 0x2020;
    }
    let (mut slots, mut wanted) = ([0; GRAMS], [0; GRAMS]);
    for at in 0..GRAMS {
        (slots[at], wanted[at]) = gram::slot(halves[at], halves[at + 1]);
    }
    let known = slots.map(|slot: u16| FOURTHS[usize::from(slot)]);
    let mut passes = [0; GRAMS];
    for at in 0..GRAMS {
        passes[at] = u8::from(known[at] & wanted[at] == wanted[at]);
    }
    let mut passed = [0; GRAMS / 64];
    for (passed, passes) in passed.iter_mut().zip(passes.as_chunks::<64>().0) {
        for (number, eight) in passes.as_chunks().0.iter().enumerate() {
            // The product brings the lowest bits of the eight bytes together in the highest byte.
            let bits = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
            *passed |= bits << (8 * number);
        }
    }
    passed
}

/// The parts of a gram that some keyword may know.
struct Parts {
    gram: u32,
    whole: bool,
    first: bool,
    last: bool,
}

impl Parts {
    #[inline]
    fn known(text: &[u8], at: usize) -> Self {
        let (before, gram, behind) = gram::around(text, at);
        let beside = gram::neighbours(Some(before), Some(behind));
        Self {
            gram,
            whole: neighbours(gram) & beside == beside,
            first: is_short(gram & gram::FIRST),
            last: is_short(gram & gram::LAST),
        }
    }

    #[inline]
    fn any(&self) -> bool {
        self.whole | self.first | self.last
    }
}

fn compare(text: &[u8], at: usize, found: &mut impl FnMut(usize, Range<usize>)) {
    let parts = Parts::known(text, at);
    for (may_be, part) in [
        (parts.whole, gram::WHOLE),
        (parts.first, gram::FIRST),
        (parts.last, gram::LAST),
    ] {
        if may_be {
            compare_part(text, at, parts.gram & part, found);
        }
    }
}

fn compare_part(text: &[u8], at: usize, gram: u32, found: &mut impl FnMut(usize, Range<usize>)) {
    for entry in bucket(gram::bucket(gram)) {
        if gram != entry.gram {
            continue;
        }
        let Some(start) = at.checked_add_signed(-isize::from(entry.gram_at)) else {
            continue;
        };
        let len = usize::from(entry.len);
        let known = u32::MAX >> (8 * gram::LEN.saturating_sub(len));
        let check = gram::at(text, start + usize::from(entry.check_at));
        if (check ^ entry.check) & known != 0 {
            continue;
        }
        let number = usize::from(entry.keyword);
        let end = start + len;
        let place = text.get(start..end);
        if place.is_some_and(|place| is_keyword(place, keyword(number))) {
            found(number, start..end);
        }
    }
}

/// Whether a text is a keyword, of the same length, in any case of its letters.
#[inline]
fn is_keyword(text: &[u8], keyword: &[u8]) -> bool {
    // Byte by byte: most are shorter than what the standard library's way needs to be fast.
    text.iter()
        .zip(keyword)
        .all(|(a, b)| a.to_ascii_lowercase() == *b)
}

/// Gives the number and the length of every keyword of a rule that a text starts with.
///
/// The keywords are sorted, so that those with the text's first three bytes stand together; to sift a
/// block of the text for them would cost ten times as much.
pub(super) fn each_at(text: &[u8], mut found: impl FnMut(usize, usize)) {
    const RULES: usize = KEYWORD_COUNT - marks::COUNT;
    let Some(start) = text.first_chunk::<3>() else {
        return;
    };
    let start = start.to_ascii_lowercase();
    let (mut first, mut last) = (0, RULES);
    while first < last {
        let middle = first.midpoint(last);
        if keyword(middle)[..3] < *start {
            first = middle + 1;
        } else {
            last = middle;
        }
    }
    for number in first..RULES {
        let keyword = keyword(number);
        if !keyword.starts_with(&start) {
            return;
        }
        let place = text.get(..keyword.len());
        if place.is_some_and(|place| is_keyword(place, keyword)) {
            found(number, keyword.len());
        }
    }
}
