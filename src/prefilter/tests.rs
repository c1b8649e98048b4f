//! Holds the sieve to aho-corasick, hit for hit.

use super::*;
use crate::lab::Random;

/// Every hit in a text, in order.
fn hits(prefilter: &Prefilter, text: &[u8], step: usize) -> Vec<Hit> {
    let mut hits = Vec::new();
    // In parts, as large texts are looked at.
    for from in (0..text.len()).step_by(step) {
        let part = from..text.len().min(from + step);
        prefilter.each_hit(text, part, |hit| hits.push(hit));
    }
    hits.sort_unstable();
    hits
}

/// Everything that is sought, by the numbers of the sieve's table.
fn sought() -> impl Iterator<Item = &'static [u8]> {
    (0..sieve::KEYWORD_COUNT).map(sieve::keyword)
}

/// Keywords and marks, whole and in part, in any case, and noise.
fn mess(len: usize) -> Vec<u8> {
    let mut random = Random::new(4);
    let mut text = Vec::new();
    for _ in 0..len {
        let keyword = sieve::keyword(random.below(sieve::KEYWORD_COUNT));
        let cut = random.below(keyword.len() + 1);
        if random.below(8) == 0 {
            text.extend_from_slice(b"kin");
        }
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
    text
}

fn own() -> Vec<String> {
    ["acme_", "api", "key", "z"].map(str::to_owned).to_vec()
}

#[test]
fn the_sieve_finds_what_aho_corasick_finds() {
    let text = mess(40_000);
    for own in [Vec::new(), own()] {
        let sieve = Prefilter::new(Method::Sieve, own.clone());
        let automaton = Prefilter::new(Method::AhoCorasick, own);
        let expected = hits(&automaton, &text, text.len());
        assert!(expected.len() > 30_000);
        let joints = |hit: &&Hit| matches!(hit, Hit::Joint(_));
        assert!(expected.iter().filter(joints).count() > 500);
        assert!(expected.iter().any(|hit| matches!(hit, Hit::Manifest(_))));
        for step in [text.len(), 1_001, 4_096] {
            assert!(hits(&sieve, &text, step) == expected, "in parts of {step}");
            let in_parts = hits(&automaton, &text, step);
            assert!(in_parts == expected, "the automaton in parts of {step}");
        }
    }
}

#[test]
fn hits_come_nearly_in_order() {
    let text = mess(2_000);
    for method in Method::ALL {
        let mut last = 0;
        Prefilter::new(method, own()).each_hit(&text, 0..text.len(), |hit| {
            if let Hit::Rule { start, .. } = hit {
                assert!(start + 256 > last, "{start} behind {last}");
                last = last.max(start);
            }
        });
        assert!(last > text.len() / 2);
    }
}

#[test]
fn each_keyword_is_found_alone_and_at_either_end() {
    let sieve = Prefilter::new(Method::Sieve, Vec::new());
    for (number, keyword) in sought().enumerate() {
        for text in [
            keyword.to_vec(),
            [keyword, "\u{e9}".as_bytes()].concat(),
            [b"\0", &keyword.to_ascii_uppercase()[..]].concat(),
            [b"kin", keyword].concat(),
        ] {
            let is_it = |hit: &Hit| match *hit {
                Hit::Rule { keyword, .. } => keyword == number,
                Hit::Joint(_) | Hit::Manifest(_) => number >= keyword_count(),
            };
            let manifest = number
                .checked_sub(keyword_count())
                .is_some_and(|mark| marks::sign(mark, &text, text.len() - keyword.len()).is_none());
            let found = hits(&sieve, &text, text.len());
            assert!(manifest || found.iter().any(is_it), "{text:?}");
        }
    }
}

#[test]
fn short_texts_are_no_trouble() {
    for text in [&b""[..], b"a", b"ab", b"sk-", b"\xff\xff\xff"] {
        let [one, other] = Method::ALL.map(|method| {
            let prefilter = Prefilter::new(method, own());
            let mut found = hits(&prefilter, text, 1);
            prefilter.each_at(text, 0, |keyword, end| {
                found.push(Hit::keyword(keyword, 0..end));
            });
            found
        });
        assert_eq!(one, other);
    }
}

#[test]
fn keywords_at_a_place_are_those_that_start_there() {
    let text = mess(3_000);
    let prefilter = Prefilter::new(Method::Sieve, own());
    let mut all = Vec::new();
    prefilter.each_hit(&text, 0..text.len(), |hit| {
        if let Hit::Rule { .. } = hit {
            all.push(hit);
        }
    });
    all.sort_unstable();
    let mut found = Vec::new();
    for at in 0..=text.len() {
        prefilter.each_at(&text, at, |keyword, end| {
            found.push(Hit::keyword(keyword, at..end));
        });
    }
    found.sort_unstable();
    assert!(found == all && found.len() > 2_000);
}

#[test]
fn the_methods_are_known_by_their_names() {
    for method in Method::ALL {
        assert_eq!(Method::named(method.name()), Some(method));
    }
    assert_eq!(Method::named("Sieve"), None);
}
