//! Finds the keywords of the built-in rules in a text.
//!
//! An aho-corasick automaton over five thousand keywords takes 25 million instructions to build, many
//! times what a small commit costs otherwise, and its tables outgrow the caches. The keywords are
//! known when keyward is built, so the build lays out static tables instead. At every second place
//! of a text, the hash of three bytes picks a slot, which tells whether a keyword has those and the
//! fourth; in source code 24 to 38 places in a thousand bytes pass. There the bytes beside the four
//! are tested likewise, and at 5 to 10 of them buckets say which keywords to compare. The user's own
//! keywords, known only at run time, go through aho-corasick, and the tests hold the sieve to what
//! aho-corasick finds.

use std::ops::Range;

use super::gram;

include!(concat!(env!("OUT_DIR"), "/sieve.rs"));

const KEYWORD_COUNT: usize = KEYWORDS_STARTS.len() - 1;

/// A keyword at a place of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// Where it starts.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// Its number among the keywords.
    pub keyword: usize,
}

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

/// How many keywords there are.
pub(crate) const fn keyword_count() -> usize {
    KEYWORD_COUNT
}

/// The keyword of that number, in lower case.
#[inline]
fn keyword(number: usize) -> &'static [u8] {
    let [start, end] = [number, number + 1].map(|at| KEYWORDS_STARTS[at] as usize);
    &KEYWORDS.as_bytes()[start..end]
}

/// The marks of the grams at which a keyword may be found.
#[inline]
fn marks() -> &'static [u16; gram::SLOTS] {
    &MARKS
}

/// The marks of what may stand beside a whole gram.
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

/// How many grams are sifted at once, and how many bytes they start in.
const GRAMS: usize = 256;
const BLOCK: usize = 2 * GRAMS;

/// Gives every place of every built-in keyword whose gram starts in a part of the text. They come by
/// the places of their grams, which is nearly, not quite, the order of their starts.
pub(crate) fn each_hit(text: &[u8], part: Range<usize>, mut found: impl FnMut(Hit)) {
    let mut at = part.start.next_multiple_of(2);
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
        let mut likely = [0; GRAMS];
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
    let table = marks();
    let known = slots.map(|slot: u16| table[usize::from(slot)]);
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

fn compare(text: &[u8], at: usize, found: &mut impl FnMut(Hit)) {
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

fn compare_part(text: &[u8], at: usize, gram: u32, found: &mut impl FnMut(Hit)) {
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
            found(Hit {
                start,
                end,
                keyword: number,
            });
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

#[cfg(test)]
mod tests {
    use aho_corasick::AhoCorasick;

    use super::*;
    use crate::lab::Random;

    /// What an automaton over the same keywords finds.
    fn oracle(text: &[u8]) -> Vec<Hit> {
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build((0..keyword_count()).map(keyword))
            .unwrap();
        let mut hits: Vec<Hit> = automaton
            .find_overlapping_iter(text)
            .map(|m| Hit {
                start: m.start(),
                end: m.end(),
                keyword: m.pattern().as_usize(),
            })
            .collect();
        hits.sort_unstable();
        hits
    }

    fn sieved(text: &[u8]) -> Vec<Hit> {
        let mut hits = Vec::new();
        // In parts, as large texts are looked at.
        for from in (0..text.len()).step_by(1_001) {
            let part = from..text.len().min(from + 1_001);
            each_hit(text, part, |hit| hits.push(hit));
        }
        hits.sort_unstable();
        hits
    }

    #[test]
    fn the_sieve_finds_what_aho_corasick_finds() {
        let mut random = Random::new(4);
        let mut text = Vec::new();
        for _ in 0..40_000 {
            let keyword = keyword(random.below(keyword_count()));
            let cut = random.below(keyword.len() + 1);
            for &byte in if random.below(4) == 0 {
                &keyword[..cut]
            } else {
                keyword
            } {
                let upper = random.below(2) == 0;
                text.push(if upper {
                    byte.to_ascii_uppercase()
                } else {
                    byte
                });
            }
            for _ in 0..random.below(3) {
                text.push(random.below(256) as u8);
            }
        }
        let expected = oracle(&text);
        assert!(expected.len() > 30_000);
        assert_eq!(sieved(&text), expected);
    }

    #[test]
    fn each_keyword_is_found_alone_and_at_either_end() {
        for number in 0..keyword_count() {
            let keyword = keyword(number);
            for text in [
                keyword.to_vec(),
                [keyword, "\u{e9}".as_bytes()].concat(),
                [b"\0", &keyword.to_ascii_uppercase()[..]].concat(),
            ] {
                let found = sieved(&text);
                assert!(found.iter().any(|hit| hit.keyword == number), "{text:?}");
            }
        }
    }

    #[test]
    fn short_texts_are_no_trouble() {
        for text in [&b""[..], b"a", b"ab", b"sk-", b"\xff\xff\xff"] {
            assert_eq!(sieved(text), oracle(text));
        }
    }
}
