//! Aho-corasick over any list of keywords.

use std::fmt;
use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind, Input};

/// An automaton that finds every place of every keyword of a list.
pub(crate) struct Automaton {
    built: AhoCorasick,
}

impl Automaton {
    /// One that finds them in any case of their letters. A keyword's number is its place in the list.
    pub(super) fn over<K: AsRef<[u8]>>(keywords: impl IntoIterator<Item = K>) -> Self {
        let built = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(keywords)
            .expect("the keywords of the catalog and of a settings file fit an automaton");
        Self { built }
    }

    /// One that finds them as they are written; `None` if they are too much for an automaton. They may be as long as a
    /// text, so that it is of the sort that is built in linear time, too.
    pub(crate) fn exact<K: AsRef<[u8]>>(keywords: impl IntoIterator<Item = K>) -> Option<Self> {
        let built = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::NoncontiguousNFA))
            .build(keywords)
            .ok()?;
        Some(Self { built })
    }

    /// Every place in a text where a keyword starts within a part of it, with the keyword's number, in
    /// the order of their ends.
    pub(crate) fn places(
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

impl fmt::Debug for Automaton {
    /// How many keywords it has: they may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Automaton")
            .field("keywords", &self.built.patterns_len())
            .finish_non_exhaustive()
    }
}
