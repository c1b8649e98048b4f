//! How sure keyward is of a finding.
//!
//! This file knows nothing but `std`: the build includes it, and so do the words of a rule.

use std::fmt;

/// How sure keyward is. The order is by certainty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// Only a human can tell. The hook stays silent.
    #[default]
    Possible,
    /// Context or randomness speaks for it.
    Likely,
    /// The format is distinctive, and its checksum holds where it has one.
    Certain,
}

impl Confidence {
    /// All, the least certain first.
    pub const ALL: [Self; 3] = [Self::Possible, Self::Likely, Self::Certain];

    /// The words for all.
    pub const WORDS: [&str; 3] = [
        Self::Possible.as_str(),
        Self::Likely.as_str(),
        Self::Certain.as_str(),
    ];

    /// The confidence of that word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.as_str() == word)
    }

    /// The word for it, in output, in rules and in settings.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Possible => "possible",
            Self::Likely => "likely",
            Self::Certain => "certain",
        }
    }
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::Confidence;

    #[test]
    fn each_is_read_from_its_own_word() {
        assert!(Confidence::ALL.is_sorted());
        for (confidence, word) in Confidence::ALL.into_iter().zip(Confidence::WORDS) {
            assert_eq!(Confidence::named(word), Some(confidence));
        }
        assert_eq!(Confidence::named("sure"), None);
    }
}
