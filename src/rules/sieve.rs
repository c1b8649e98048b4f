//! Finds the keywords of the built-in rules in a text.
//!
//! An aho-corasick automaton over two thousand keywords takes 25 million instructions to build, many
//! times what a small commit costs otherwise, and its tables outgrow the caches. The keywords are
//! known when keyward is built, so the build lays out static tables instead: a map of the rarest
//! four bytes of each keyword, which lets few positions pass, and buckets that say which keywords to
//! compare there. The user's own keywords, known only at run time, go through
//! aho-corasick, and the tests hold the sieve to what aho-corasick finds.

use std::ops::Range;

use super::{catalog, gram};

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
pub(super) struct Entry {
    /// The four bytes by which the text is sifted, and where in the keyword they stand.
    pub(super) gram: u32,
    pub(super) gram_at: u8,
    /// Four more, as far from them as the keyword allows.
    pub(super) check: u32,
    pub(super) check_at: u8,
    pub(super) len: u8,
    pub(super) keyword: u16,
}

/// How many places are looked at before anything is decided: a branch for each costs more.
const STEP: usize = 4;

/// Gives every place of every built-in keyword whose gram starts in a part of the text. They come by
/// the places of their grams, which is nearly, not quite, the order of their starts.
pub(super) fn each_hit(text: &[u8], part: Range<usize>, mut found: impl FnMut(Hit)) {
    let map = catalog::grams();
    let passes = |gram: u32| {
        let (word, one, other) = gram::slot(gram);
        (map[word] >> one) & (map[word] >> other) & 1
    };
    let mut at = part.start;
    while at + STEP <= part.end
        && let Some(bytes) = text[at..].first_chunk()
    {
        let bytes = u64::from_le_bytes(*bytes) | 0x2020_2020_2020_2020;
        let mut places = 0;
        for place in 0..STEP {
            places |= passes((bytes >> (8 * place)) as u32) << place;
        }
        while places != 0 {
            let place = at + places.trailing_zeros() as usize;
            compare(text, place, gram::at(text, place), &mut found);
            places &= places - 1;
        }
        at += STEP;
    }
    // A keyword of three bytes may end the text.
    let last = (text.len() + 1).saturating_sub(gram::LEN - 1);
    for at in at..part.end.min(last) {
        let gram = gram::at(text, at);
        if passes(gram) == 1 {
            compare(text, at, gram, &mut found);
        }
    }
}

#[inline]
fn compare(text: &[u8], at: usize, gram: u32, found: &mut impl FnMut(Hit)) {
    for entry in catalog::bucket(gram::bucket(gram)) {
        let len = usize::from(entry.len);
        let known = u32::MAX >> (8 * gram::LEN.saturating_sub(len));
        if (gram ^ entry.gram) & known != 0 {
            continue;
        }
        let Some(start) = at.checked_sub(usize::from(entry.gram_at)) else {
            continue;
        };
        let check = gram::at(text, start + usize::from(entry.check_at));
        if (check ^ entry.check) & known != 0 {
            continue;
        }
        let keyword = usize::from(entry.keyword);
        let end = start + len;
        let place = text.get(start..end);
        if place.is_some_and(|place| is_keyword(place, catalog::keyword(keyword))) {
            found(Hit {
                start,
                end,
                keyword,
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
    use crate::detect::sample::Random;

    /// What an automaton over the same keywords finds.
    fn oracle(text: &[u8]) -> Vec<Hit> {
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build((0..catalog::keyword_count()).map(catalog::keyword))
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
            let keyword = catalog::keyword(random.below(catalog::keyword_count()));
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
        for number in 0..catalog::keyword_count() {
            let keyword = catalog::keyword(number);
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
