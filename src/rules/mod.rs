//! Rules: what a secret looks like, as data.
//!
//! The catalog beside this file holds one TOML file per provider. [`words`] says what may stand
//! there, [`mod@format`] how a key is written down, and [`compile`] makes a [`Rule`] of it, which is what
//! the detector gets. The built-in rules are compiled when keyward is built; a user's own rules are
//! compiled the same way at run time.

mod catalog;
mod charset;
mod compile;
mod filler;
pub(crate) mod format;
mod outline;
mod pattern;
mod program;
mod provider;
#[allow(dead_code, reason = "the build writes records, the program reads them")]
mod record;
mod rule;
mod set;
mod shape;
pub(crate) mod words;

pub(crate) use self::provider::{Provider, ProviderRef};
pub use self::rule::{Reach, Rule};
pub use self::set::RuleSet;
pub(crate) use self::words::Mend;

/// The day on which the catalog's links were recorded. They were not all tried that day:
/// `keyward rules links` lists them for somebody with a network.
pub const RECORDED: &str = "2026-11-24";

/// The number of a rule in its set, by which it is asked for. Those of the catalog come first, in the
/// order of the providers' files; then a user's own, as they were given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleNumber(u16);

impl RuleNumber {
    /// As an index.
    #[inline]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// What a keyword leads to: a literal of a rule.
#[derive(Clone, Copy, Debug)]
pub struct Use {
    /// The rule.
    pub rule: RuleNumber,
    /// The number of the literal in the rule.
    pub literal: u16,
}
