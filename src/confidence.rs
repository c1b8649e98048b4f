//! How sure keyward is of a finding.
//!
//! This file knows nothing but `std`: the build includes it, and so do the words of a rule.

use std::fmt;
use std::str::FromStr;

/// How sure keyward is. The order is by certainty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// Only a human can tell. The hook stays silent.
    Possible,
    /// Context or randomness speaks for it.
    Likely,
    /// The format is distinctive, and its checksum holds where it has one.
    Certain,
}

impl Confidence {
    /// All, the least certain first.
    pub const ALL: [Self; 3] = [Self::Possible, Self::Likely, Self::Certain];

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

impl FromStr for Confidence {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|confidence| confidence.as_str() == word)
            .ok_or_else(|| {
                format!("`{word}` is not a confidence: write `possible`, `likely` or `certain`")
            })
    }
}

#[cfg(test)]
mod tests {
    use super::Confidence;

    #[test]
    fn each_is_read_from_its_own_word() {
        assert!(Confidence::ALL.is_sorted());
        for confidence in Confidence::ALL {
            assert_eq!(confidence.as_str().parse(), Ok(confidence));
        }
        assert_eq!(
            "sure".parse::<Confidence>().unwrap_err(),
            "`sure` is not a confidence: write `possible`, `likely` or `certain`"
        );
    }
}
