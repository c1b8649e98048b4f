//! A provider's name near a value.

use std::cmp::Reverse;

/// How close a provider's name is to a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Nearness {
    /// A few lines away, or behind the value.
    Near,
    /// In the name that the value is assigned to, or close before it.
    Named,
    /// The value's name is one of the provider's environment variables.
    Variable,
}

/// A provider's name near a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence<'a> {
    /// How close it is.
    pub nearness: Nearness,
    /// The name, as the rule has it.
    pub word: &'a str,
    /// The bytes between.
    pub(crate) gap: usize,
}

impl Evidence<'_> {
    /// How much it says.
    pub(crate) const fn weight(&self) -> Weight {
        (self.nearness, Reverse(self.gap))
    }

    /// Evidence of a kind, so many bytes away.
    #[cfg(test)]
    pub(crate) const fn made_up(nearness: Nearness, gap: usize) -> Self {
        Self {
            nearness,
            word: "made up",
            gap,
        }
    }
}

/// How much a name near by says: the closer in kind, and then in bytes, the more.
pub(crate) type Weight = (Nearness, Reverse<usize>);
