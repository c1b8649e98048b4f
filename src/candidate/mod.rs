//! What is found in a text before it is judged.

mod evidence;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

pub(crate) use self::evidence::{Evidence, Nearness, Weight};

use crate::assignment::Assignment;
use crate::rules::Rule;
use crate::unwrap::{Unwrapped, Wrapping};

/// The bytes in which a candidate was found.
#[derive(Clone)]
pub(crate) enum Source<'a> {
    /// Those of a text as it stands.
    Plain(&'a [u8]),
    /// What was wrapped in it.
    Unwrapped(Arc<Unwrapped>),
}

impl Source<'_> {
    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Self::Plain(bytes) => bytes,
            Self::Unwrapped(unwrapped) => unwrapped.bytes(),
        }
    }
}

/// A span of a text that has the shape of a secret. What only some have lies elsewhere: there may be a million.
#[derive(Clone)]
pub struct Candidate<'a> {
    /// The rule whose shape it has.
    pub rule: &'a Rule,
    /// The secret's bytes in the text; of a wrapped one, what wraps it.
    pub span: Range<usize>,
    /// What names the provider near by; always there where the rule asks for it.
    pub evidence: Option<Box<Evidence<'a>>>,
    /// The name that the secret is assigned to, where the rule goes by names.
    pub assignment: Option<Box<Assignment>>,
    /// How many bytes of the secret are the public start of its format.
    pub public: usize,
    /// The characters are not those of the format, though its prefix and length are.
    pub loose: bool,
    /// How it is wrapped in the text, if it is.
    pub wrapping: Option<Wrapping>,
    pub(crate) source: Source<'a>,
    /// Where the secret lies in the source.
    pub(crate) place: Range<usize>,
}

impl<'a> Candidate<'a> {
    /// What lies at a place of the source, for a rule whose regex fits it.
    pub(crate) fn at(rule: &'a Rule, source: &Source<'a>, place: Range<usize>) -> Self {
        Self {
            rule,
            span: place.clone(),
            evidence: None,
            assignment: None,
            public: rule.prefix.len(),
            loose: false,
            wrapping: None,
            source: source.clone(),
            place,
        }
    }

    /// The secret, unwrapped.
    pub fn secret(&self) -> &[u8] {
        &self.text()[self.place.clone()]
    }

    /// The secret without the public start of its format.
    pub fn body(&self) -> &[u8] {
        self.secret().get(self.public..).unwrap_or_default()
    }

    /// The text around it, unwrapped: what context is judged by, and where its assignment lies.
    pub fn text(&self) -> &[u8] {
        self.source.bytes()
    }
}

impl fmt::Debug for Candidate<'_> {
    /// Its rule and where it stands, without a byte of the text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Candidate")
            .field("rule", &self.rule.id)
            .field("span", &self.span)
            .field("wrapping", &self.wrapping)
            .field("loose", &self.loose)
            .finish_non_exhaustive()
    }
}
