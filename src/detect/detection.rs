//! What is detected, and why, for people.

use std::fmt;
use std::ops::Range;

use crate::candidate::Candidate;
use crate::judge::Judgement;
use crate::unwrap::Wrapping;

/// A candidate that was judged to be a secret.
#[derive(Clone, Debug)]
pub struct Detection<'a> {
    /// What it is.
    pub candidate: Candidate<'a>,
    /// How sure that is, and why.
    pub judgement: Judgement,
    /// Where the other half of a pair stands.
    pub companion: Option<Box<Range<usize>>>,
}

impl Detection<'_> {
    /// Why it is a secret.
    pub fn why(&self) -> Why<'_> {
        Why {
            pair: self.companion.is_some(),
            ..Why::of(&self.candidate, &self.judgement)
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

impl<'a> Why<'a> {
    /// Why a judge takes a candidate for a secret, with how it is wrapped.
    pub fn of(candidate: &Candidate<'_>, judgement: &'a Judgement) -> Self {
        Self {
            reason: &judgement.why,
            wrapping: candidate.wrapping,
            pair: false,
            link: false,
        }
    }
}

impl Why<'_> {
    /// Whether the judge's own words say all of it.
    pub fn is_plain(&self) -> bool {
        self.wrapping.is_none() && !self.pair && !self.link
    }
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
