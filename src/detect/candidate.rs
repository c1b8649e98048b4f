//! What is found in a text before it is judged, and after.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::{Evidence, Judgement};
use crate::assignment::Assignment;
use crate::rules::Rule;
use crate::unwrap::{Unwrapped, Wrapping};

/// The bytes in which a candidate was found.
#[derive(Clone)]
pub(super) enum Source<'a> {
    /// Those of a text as it stands.
    Plain(&'a [u8]),
    /// What was wrapped in it.
    Unwrapped(Arc<Unwrapped>),
}

impl Source<'_> {
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Plain(bytes) => bytes,
            Self::Unwrapped(unwrapped) => unwrapped.bytes(),
        }
    }
}

/// A span of a text that has the shape of a secret.
#[derive(Clone)]
pub struct Candidate<'a> {
    /// The rule whose shape it has.
    pub rule: &'a Rule,
    /// The secret's bytes in the text; of a wrapped one, what wraps it.
    pub span: Range<usize>,
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
    pub(super) source: Source<'a>,
    /// Where the secret lies in the source.
    pub(super) place: Range<usize>,
}

impl<'a> Candidate<'a> {
    /// What lies at a place of the source, for a rule whose regex fits it.
    pub(super) fn at(rule: &'a Rule, source: &Source<'a>, place: Range<usize>) -> Self {
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

    /// Why a judge takes it for a secret, with how it is wrapped.
    pub fn why<'w>(&self, judgement: &'w Judgement) -> Why<'w> {
        Why {
            reason: &judgement.why,
            wrapping: self.wrapping,
            pair: false,
            link: false,
        }
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

impl Detection<'_> {
    /// Why it is a secret.
    pub fn why(&self) -> Why<'_> {
        Why {
            pair: self.companion.is_some(),
            ..self.candidate.why(&self.judgement)
        }
    }
}

/// Why something is a secret: what each step knows of it, put into words for people at the end.
#[derive(Clone, Copy, Debug)]
pub struct Why<'a> {
    /// What the judge says.
    pub reason: &'a str,
    /// How it is wrapped in the text.
    pub wrapping: Option<Wrapping>,
    /// Both halves of a pair stand there, which says more than the rest.
    pub pair: bool,
    /// It stands in the target of a symbolic link.
    pub link: bool,
}

impl fmt::Display for Why<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.wrapping {
            _ if self.pair => f.write_str("both halves of the pair stand here")?,
            Some(wrapping) => write!(f, "{wrapping}; {}", self.reason)?,
            None => f.write_str(self.reason)?,
        }
        if self.link {
            f.write_str("; it stands in a symbolic link's target")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Why;
    use crate::unwrap::Wrapping;

    #[test]
    fn a_reason_says_what_each_step_knows() {
        let plain = Why {
            reason: "its format fits",
            wrapping: None,
            pair: false,
            link: false,
        };
        let wrapped = Why {
            wrapping: Some(Wrapping::Base64),
            ..plain
        };
        let pair = Why {
            pair: true,
            ..wrapped
        };
        let linked = |why: Why<'static>| Why { link: true, ..why };
        for (why, expected) in [
            (plain, "its format fits"),
            (wrapped, "in base64; its format fits"),
            (pair, "both halves of the pair stand here"),
            (
                linked(wrapped),
                "in base64; its format fits; it stands in a symbolic link's target",
            ),
            (
                linked(pair),
                "both halves of the pair stand here; it stands in a symbolic link's target",
            ),
        ] {
            assert_eq!(why.to_string(), expected);
        }
    }
}
