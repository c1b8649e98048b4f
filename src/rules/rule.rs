//! A rule, as the detector has it.
//!
//! [`compile`](super::compile) makes it from the words of a rule. `build.rs` includes this file, and
//! writes the rules of the catalog down as records; the [catalog](super::catalog) reads them.

use super::charset::CharSet;
use super::outline::{self, Part, Start};
use super::provider::ProviderRef;
use super::record::{self, List, Text, fields, worded};
use super::words::Mend;
use crate::confidence::Confidence;
use crate::proof::Proof;

/// How the detector comes to a rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// A literal stands at a known place of every secret: the regex is tried there, anchored.
    #[default]
    Anchored,
    /// A literal stands somewhere in what the pattern covers: the regex searches around it.
    Around,
    /// The secret has no literal of its own: the regex searches near words that name the provider.
    Near,
    /// The secret is what is assigned to a name that holds one of the literals.
    Named,
}

impl Reach {
    pub(super) const ALL: [Self; 4] = [Self::Anchored, Self::Around, Self::Near, Self::Named];
}

worded!(Confidence, Mend, Reach);

fields! {
    /// A literal that leads the prefilter to a rule.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Literal {
        /// The text: exact for [`Reach::Anchored`], lower case otherwise.
        pub text: Text,
        /// The fewest bytes of a secret before it.
        pub min_before: usize,
        /// The most.
        pub max_before: usize,
    }
}

fields! {
    /// One kind of secret. The default finds nothing: no literal leads to it.
    #[derive(Clone, Debug, Default)]
    pub struct Rule {
        /// Words with dashes, starting with the provider's.
        pub id: Text,
        /// What it finds, for people.
        pub name: Text,
        /// The service that the secret opens.
        pub provider: ProviderRef,
        /// An ASCII regex, without anchors; empty for [`Reach::Named`].
        pub regex: Text,
        /// How the detector comes to it.
        pub reach: Reach,
        /// The literals for the prefilter.
        pub literals: List<Literal>,
        /// The most bytes that a secret has.
        pub max_len: usize,
        /// The fewest.
        pub min_len: usize,
        /// Whether all that its regex covers has at most [`max_len`](Self::max_len) bytes.
        pub bounded: bool,
        /// For [`Reach::Around`], the most bytes that the pattern covers before the start of a keyword.
        pub before: usize,
        /// The most that it covers from there on.
        pub behind: usize,
        /// Every character that a secret may hold; empty where a pattern leaves that open.
        pub bytes: CharSet,
        /// What a text must look like for the regex to fit somewhere in it.
        pub outline: Text,
        /// The public text that each secret starts with.
        pub prefix: Text,
        /// How many characters of each secret are fixed: the rule that says most claims a secret.
        pub literal_len: usize,
        /// The secret may open any service.
        pub generic: bool,
        /// Whether the shape alone sets the secret apart.
        pub distinctive: bool,
        /// The characters that may not follow a secret.
        pub tail: CharSet,
        /// The size of the alphabet that the random part is drawn from.
        pub alphabet: u32,
        /// Whether the random part is hex digits alone, as hashes and ids are too.
        pub hex: bool,
        /// The fewest bits of entropy a character of the random part.
        pub min_entropy: f32,
        /// The test of the check characters or the structure.
        pub checksum: Option<Proof>,
        /// How sure a finding is.
        pub confidence: Confidence,
        /// How sure a finding is whose checksum fails. Without it, there is no finding.
        pub unchecked: Option<Confidence>,
        /// Public by design: never a finding, and no other rule may claim it.
        pub public: bool,
        /// It counts without its provider's name, too, where its check holds or its shape stands alone.
        pub alone: bool,
        /// Its secrets end by themselves within days.
        pub short_lived: bool,
        /// Texts that, near a key, say that a page or an app shows it to everybody.
        pub shown_beside: List<Text>,
        /// Texts that, near a key, take that back.
        pub shown_unless: List<Text>,
        /// Whole lines in which the rule finds its secrets; `<key>` stands for the secret.
        pub lines: List<Text>,
        /// The id of the rule for the other half of a pair.
        pub companion: Option<Text>,
        /// The numbers of the catalog's rules whose companion this rule is.
        pub other_halves: List<u16>,
        /// The environment variables that should hold the secret.
        pub env: List<Text>,
        /// What to do about a secret that is found.
        pub mend: Mend,
        /// The formats, or the examples of a pattern or of names: what samples are drawn from.
        pub samples: List<Text>,
        /// Formats of what no rule may find.
        pub counterexamples: List<Text>,
        /// Where the facts come from.
        pub sources: List<Text>,
    }
}

impl Rule {
    /// Whether a word is part of the format itself, as `test` is of `sk_test_`.
    pub fn speaks(&self, word: &str) -> bool {
        self.samples.iter().any(|format| format.contains(word))
    }

    /// Whether the literal start of its secrets can't be a piece of base64.
    pub fn has_separator(&self) -> bool {
        self.prefix
            .bytes()
            .any(|byte| !byte.is_ascii_alphanumeric() && !matches!(byte, b'+' | b'/'))
    }

    /// Whether the rule's regex may fit anywhere in a text.
    pub fn may_fit(&self, text: &[u8]) -> bool {
        (self.bytes.is_empty() || has_run(text, self.bytes, self.min_len))
            && outline::fits(&self.outline, text, Start::Anywhere)
    }

    /// The parts of a text in which the rule's regex may fit.
    pub fn parts(&self, text: &[u8]) -> Vec<Part> {
        outline::parts(&self.outline, text, self.max_len, self.bounded)
    }

    /// Whether the rule's regex may fit a text from its start on.
    pub fn may_start(&self, text: &[u8]) -> bool {
        self.starts_alike(text) && outline::fits(&self.outline, text, Start::First)
    }

    /// Whether a text starts with as many characters of the rule's secrets as these have at least.
    fn starts_alike(&self, text: &[u8]) -> bool {
        self.bytes.is_empty()
            || text
                .get(..self.min_len)
                .is_some_and(|start| start.iter().rev().all(|&byte| self.bytes.contains(byte)))
    }
}

/// Whether a text has so many characters of a set on end. Of a text with few of them it reads few.
fn has_run(text: &[u8], set: CharSet, len: usize) -> bool {
    let mut start = 0;
    while let Some(place) = text.get(start..start + len) {
        match place.iter().rposition(|&byte| !set.contains(byte)) {
            None => return true,
            Some(other) => start += other + 1,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::has_run;
    use crate::rules::charset::CharSet;

    #[test]
    fn a_run_is_found_wherever_it_stands() {
        let digits = CharSet::named("digits").unwrap();
        for (text, longest) in [
            ("", 0),
            ("12", 2),
            ("a12b123", 3),
            ("1234a", 4),
            ("a1b2c", 1),
        ] {
            for len in 1..6 {
                assert_eq!(
                    has_run(text.as_bytes(), digits, len),
                    len <= longest,
                    "{text} {len}"
                );
            }
        }
    }
}
