//! Finds the keywords of the built-in rules in a text.
//!
//! An aho-corasick automaton over two thousand keywords takes 25 million instructions to build, ten
//! times what a small commit costs otherwise, and its tables outgrow the caches. The keywords are
//! known when keyward is built, so the build lays out static tables instead: a map of the rarest
//! four bytes of each keyword, which lets a few positions in a hundred pass, and buckets that say
//! which keywords to compare there. The user's own keywords, known only at run time, go through
//! aho-corasick, and the tests hold the sieve to what aho-corasick finds.

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

/// A keyword and the place in it where its gram starts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) keyword: u16,
    pub(super) offset: u8,
}

/// Gives every place of every built-in keyword. They come by the places of their grams, which is
/// nearly, not quite, the order of their starts.
pub(super) fn each_hit(text: &[u8], mut found: impl FnMut(Hit)) {
    let map = catalog::grams();
    let mut look = |at: usize, gram: u32| {
        let slot = gram::slot(gram);
        if map[slot >> 6] >> (slot & 63) & 1 == 1 {
            compare(text, at, gram, &mut found);
        }
    };
    for (at, window) in text.windows(gram::LEN).enumerate() {
        look(at, gram::fold([window[0], window[1], window[2], window[3]]));
    }
    // A keyword of three bytes may end the text.
    if let [.., a, b, c] = *text {
        look(text.len() - 3, gram::fold([a, b, c, 0]));
    }
}

#[cold]
fn compare(text: &[u8], at: usize, gram: u32, found: &mut impl FnMut(Hit)) {
    for entry in catalog::bucket(gram::bucket(gram)) {
        let Some(start) = at.checked_sub(usize::from(entry.offset)) else {
            continue;
        };
        let number = usize::from(entry.keyword);
        let keyword = catalog::keyword(number).as_bytes();
        let end = start + keyword.len();
        if text
            .get(start..end)
            .is_some_and(|place| place.eq_ignore_ascii_case(keyword))
        {
            found(Hit {
                start,
                end,
                keyword: number,
            });
        }
    }
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
        each_hit(text, |hit| hits.push(hit));
        hits.sort_unstable();
        hits
    }

    #[test]
    fn the_sieve_finds_what_aho_corasick_finds() {
        let mut random = Random::new(4);
        let mut text = Vec::new();
        for _ in 0..40_000 {
            let keyword = catalog::keyword(random.below(catalog::keyword_count())).as_bytes();
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
                keyword.to_owned(),
                format!("{keyword}\u{e9}"),
                format!("\0{}", keyword.to_ascii_uppercase()),
            ] {
                let found = sieved(text.as_bytes());
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
