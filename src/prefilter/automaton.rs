//! Aho-corasick over any list of keywords.

use std::ops::Range;

use aho_corasick::{AhoCorasick, Input};

/// An automaton that finds every place of every keyword of a list, in any case of its letters.
#[derive(Debug)]
pub(super) struct Automaton {
    built: AhoCorasick,
}

impl Automaton {
    /// Builds it. A keyword's number is its place in the list.
    pub(super) fn over<K: AsRef<[u8]>>(keywords: impl IntoIterator<Item = K>) -> Self {
        let built = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(keywords)
            .expect("the keywords of the catalog and of a settings file fit an automaton");
        Self { built }
    }

    /// Every place in a text where a keyword starts within a part of it, with the keyword's number, in
    /// the order of their ends.
    pub(super) fn places(
        &self,
        text: &[u8],
        part: Range<usize>,
    ) -> impl Iterator<Item = (usize, Range<usize>)> {
        let longest = self.built.max_pattern_len();
        let end = text.len().min(part.end + longest.saturating_sub(1));
        // Where there is no keyword, there is no part to search either.
        let start = part.start.min(end);
        self.built
            .find_overlapping_iter(Input::new(text).range(start..end))
            .map(|place| (place.pattern().as_usize(), place.range()))
            .filter(move |(_, place)| place.start < part.end)
    }
}
