//! What becomes of candidates, for people who ask why something is no finding.

use std::fmt;

use super::section::Section;
use crate::candidate::Candidate;
use crate::judge::{Judgement, Rejection};

/// Takes down what becomes of the candidates that are not detected.
pub trait Trace {
    /// Whether anybody asks for what is rejected.
    fn asks_for_rejected(&self) -> bool;

    /// One that its judge takes for no secret.
    fn rejected(&mut self, candidate: &Candidate<'_>, why: &Rejection);

    /// One that its judge takes for a secret, and that is not a detection by itself.
    fn settled(&mut self, candidate: &Candidate<'_>, judgement: &Judgement, why: Settled<'_>);
}

/// Nobody asks.
impl Trace for () {
    fn asks_for_rejected(&self) -> bool {
        false
    }

    fn rejected(&mut self, _: &Candidate<'_>, _: &Rejection) {}

    fn settled(&mut self, _: &Candidate<'_>, _: &Judgement, _: Settled<'_>) {}
}

/// Somebody asks, of one section of a text: what others see at its edges is told by them.
pub(super) struct Within<'t> {
    pub(super) section: &'t Section,
    pub(super) trace: &'t mut dyn Trace,
}

impl Trace for Within<'_> {
    fn asks_for_rejected(&self) -> bool {
        self.trace.asks_for_rejected()
    }

    fn rejected(&mut self, candidate: &Candidate<'_>, why: &Rejection) {
        if self.section.tells_of(&candidate.span) {
            self.trace.rejected(candidate, why);
        }
    }

    fn settled(&mut self, candidate: &Candidate<'_>, judgement: &Judgement, why: Settled<'_>) {
        if self.section.tells_of(&candidate.span) {
            self.trace.settled(candidate, judgement, why);
        }
    }
}

/// Why the detector settles on something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled<'r> {
    /// It lies within a token that was refused or is spent.
    Refused,
    /// It is a part of a longer token.
    Part,
    /// The rule of that id says more about the place.
    Claimed(&'r str),
    /// It is public by design.
    Public,
    /// It is one detection with the other half of a pair.
    Half,
}

impl fmt::Display for Settled<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused => f.write_str("it lies within a token that was refused or is spent"),
            Self::Part => f.write_str("it is a part of a longer token"),
            Self::Claimed(rule) => write!(f, "{rule} says more about this place"),
            Self::Public => f.write_str("it is public by design"),
            Self::Half => f.write_str("it is reported with the other half of its pair"),
        }
    }
}
