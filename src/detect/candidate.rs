//! What is found in a text before it is judged, and after.

use std::ops::Range;

use super::{Evidence, Judgement};
use crate::assignment::Assignment;
use crate::rules::Rule;
use crate::unwrap::Wrapping;

/// A span of a text that has the shape of a secret.
#[derive(Clone, Debug)]
pub struct Candidate<'a> {
    /// The rule whose shape it has.
    pub rule: &'a Rule,
    /// The secret's bytes in the text; of a wrapped one, what wraps it.
    pub span: Range<usize>,
    /// What stands there, unwrapped.
    pub secret: &'a [u8],
    /// The text around it, and where the secret lies in it, is what context is judged by.
    pub text: &'a [u8],
    /// What names the provider near by; always there where the rule asks for it.
    pub evidence: Option<Evidence<'a>>,
    /// The name that the secret is assigned to, where the rule goes by names.
    pub assignment: Option<Assignment>,
    /// How many bytes of the secret are the public start of its format.
    pub public: usize,
    /// The characters are not those of the format, though its prefix and length are.
    pub loose: bool,
    /// How it is wrapped in the text, if it is.
    pub wrapping: Option<Wrapping>,
}

impl<'a> Candidate<'a> {
    /// What stands in a span of the text, as it is, for a rule whose regex fits it.
    pub(super) fn at(rule: &'a Rule, text: &'a [u8], span: Range<usize>) -> Self {
        Self {
            rule,
            secret: &text[span.clone()],
            span,
            text,
            evidence: None,
            assignment: None,
            public: rule.prefix.len(),
            loose: false,
            wrapping: None,
        }
    }

    /// The secret without the public start of its format.
    pub fn body(&self) -> &[u8] {
        self.secret.get(self.public..).unwrap_or_default()
    }
}

/// A candidate that was judged to be a secret.
#[derive(Clone, Debug)]
pub struct Detection<'a> {
    /// What it is.
    pub candidate: Candidate<'a>,
    /// How sure that is, and why.
    pub judgement: Judgement,
    /// Where the other half of a pair stands.
    pub companion: Option<Range<usize>>,
}
