//! Texts that the build made static: one literal, and where each of them starts in it.
//!
//! A static list of `&str` has a pointer a text, which the loader corrects at each start of the program; this has
//! two, however many there are.

/// Texts in a fixed order; `build/emit.rs` writes them.
#[derive(Debug)]
pub(crate) struct Texts {
    all: &'static str,
    /// Where each starts, in bytes, and where the last one ends.
    starts: &'static [u32],
}

impl Texts {
    /// Texts that stand one behind the other in `all`; of `starts` there is one more than of them.
    pub(crate) const fn new(all: &'static str, starts: &'static [u32]) -> Self {
        Self { all, starts }
    }

    /// How many there are.
    pub(crate) const fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// One of them.
    #[inline]
    pub(crate) fn get(&self, number: usize) -> &'static str {
        &self.all[self.starts[number] as usize..self.starts[number + 1] as usize]
    }

    /// The bytes of one of them.
    #[inline]
    pub(crate) fn bytes(&self, number: usize) -> &'static [u8] {
        &self.all.as_bytes()[self.starts[number] as usize..self.starts[number + 1] as usize]
    }

    /// All of them.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &'static str> {
        (0..self.len()).map(|number| self.get(number))
    }

    /// The number of a text, where they are sorted.
    pub(crate) fn find(&self, text: &[u8]) -> Option<usize> {
        let at = self.partition_point(|known| known < text);
        (at < self.len() && self.bytes(at) == text).then_some(at)
    }

    /// The number of the first text of which something does not hold, where it holds of all before that.
    pub(crate) fn partition_point(&self, holds: impl Fn(&[u8]) -> bool) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low.midpoint(high);
            match holds(self.bytes(middle)) {
                true => low = middle + 1,
                false => high = middle,
            }
        }
        low
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorted_texts_are_found() {
        const TEXTS: Texts = Texts::new("aabcb\u{e9}", &[0, 1, 4, 7]);
        const { assert!(TEXTS.len() == 3) }
        assert_eq!(TEXTS.iter().collect::<Vec<_>>(), ["a", "abc", "b\u{e9}"]);
        for (number, text) in TEXTS.iter().enumerate() {
            assert_eq!(TEXTS.find(text.as_bytes()), Some(number));
            assert_eq!(TEXTS.bytes(number), TEXTS.get(number).as_bytes());
        }
        for other in ["", "ab", "abcd", "b", "c"] {
            assert_eq!(TEXTS.find(other.as_bytes()), None, "{other}");
        }
        assert_eq!(Texts::new("", &[0]).find(b""), None);
    }
}
