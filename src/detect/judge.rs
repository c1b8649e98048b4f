//! Judges a candidate: a secret, and how surely, or what it is instead.

use std::fmt;

use sha2::{Digest, Sha256};

use super::Candidate;
use super::checksum::Check;
use super::context::{self, Strength};
use super::password;
use super::placeholder::{self, Placeholder};
use super::shape;
use crate::finding::Confidence;
use crate::rules::Reach;

include!(concat!(env!("OUT_DIR"), "/known_examples.rs"));

/// What speaks for a candidate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// How sure it is a secret.
    pub confidence: Confidence,
    /// Why, for people.
    pub why: String,
}

/// Why a candidate is not a secret.
#[derive(Clone, Debug, PartialEq)]
pub enum Rejection {
    /// It is printed in documentation.
    KnownExample,
    /// It stands for a secret.
    Placeholder(Placeholder),
    /// A password that stands for one, that everybody knows, or that is kept elsewhere.
    Weak,
    /// It has fewer bits of entropy a character than a random one.
    Entropy {
        /// What it has.
        bits: f32,
        /// What a random one exceeds.
        floor: f32,
    },
    /// Its check characters or its structure are wrong.
    Checksum(&'static str),
    /// It is made of words.
    Words,
    /// It is hex digits of a hash's length, where the format has more letters.
    Hash,
    /// It is a line of a longer text in base64.
    Block,
    /// It stands before a host that is reserved for documentation.
    ExampleHost,
    /// What is beside it names it a hash or an id.
    Named(&'static str),
    /// Nothing near by says that it is a secret of this provider.
    Context,
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::KnownExample => f.write_str("a published example"),
            Self::Placeholder(Placeholder::Run) => {
                f.write_str("a placeholder: one character over and over")
            }
            Self::Placeholder(Placeholder::Sequence) => {
                f.write_str("a placeholder: characters in order")
            }
            Self::Placeholder(Placeholder::Repetition) => {
                f.write_str("a placeholder: it repeats itself")
            }
            Self::Placeholder(Placeholder::Word(word)) => {
                write!(f, "a placeholder: it says `{word}`")
            }
            Self::Weak => f.write_str("a placeholder, a default or a reference"),
            Self::Entropy { bits, floor } => {
                write!(
                    f,
                    "not random: {bits:.2} bits a character, a random one has {floor:.2}"
                )
            }
            Self::Checksum(name) => write!(f, "its check fails: {name}"),
            Self::Words => f.write_str("made of words"),
            Self::Hash => f.write_str("hex digits of a hash's length"),
            Self::Block => f.write_str("a line of a longer text in base64"),
            Self::ExampleHost => f.write_str("for a host of examples"),
            Self::Named(word) => write!(f, "named `{word}`: a hash or an id"),
            Self::Context => f.write_str("nothing near by names the provider"),
        }
    }
}

/// Judges a candidate.
///
/// # Errors
/// Why it is not a secret.
pub fn judge(candidate: &Candidate<'_>) -> Result<Judgement, Rejection> {
    let rule = candidate.rule;
    let secret = candidate.secret;
    let body = candidate.body();
    if KNOWN_EXAMPLES
        .binary_search(&Sha256::digest(secret).into())
        .is_ok()
    {
        return Err(Rejection::KnownExample);
    }
    // What a pattern finds has a structure of its own, which its checksum judges.
    let shaped = rule.reach != Reach::Around;
    if shaped {
        if let Some(placeholder) = placeholder::find(body, rule.alphabet, |word| rule.speaks(word))
        {
            return Err(Rejection::Placeholder(placeholder));
        }
        let bits = entropy(body);
        if bits < rule.min_entropy {
            return Err(Rejection::Entropy {
                bits,
                floor: rule.min_entropy,
            });
        }
    }
    if context::is_for_example_host(candidate.text, &candidate.span) {
        return Err(Rejection::ExampleHost);
    }
    if !shaped && rule.checksum.is_none() {
        // In a long random secret the marks of a reference are chance.
        let random = secret.len() >= 32 && entropy(secret) > 3.5;
        if !random && password::weak_password(secret) {
            return Err(Rejection::Weak);
        }
        if context::is_wordy(secret) {
            return Err(Rejection::Words);
        }
    }
    if shaped && context::is_wordy(body) {
        return Err(Rejection::Words);
    }
    if rule.reach == Reach::Anchored
        && !shape::has_separator(rule)
        && context::is_in_block(candidate.text, &candidate.span, rule.prefix.as_bytes())
    {
        return Err(Rejection::Block);
    }
    if candidate.loose {
        return Ok(Judgement {
            confidence: Confidence::Possible,
            why: "its prefix and length are the format's, its characters are not".into(),
        });
    }
    let check = rule
        .checksum
        .map(|checksum| (checksum, checksum.check(secret)));
    if let Some((checksum, Check::Invalid)) = check {
        return Err(Rejection::Checksum(checksum.name()));
    }
    let Some(evidence) = &candidate.evidence else {
        let confidence = match check {
            Some((_, Check::Valid)) if shaped && rule.confidence > Confidence::Possible => {
                Confidence::Certain
            }
            _ => rule.confidence,
        };
        let why = match (check, confidence) {
            (Some((_, Check::Valid)), _) if shaped => {
                "its format and its check characters hold".to_owned()
            }
            (_, Confidence::Certain) => format!("the format is {}'s alone", rule.provider.name),
            _ => "its format fits".to_owned(),
        };
        return Ok(Judgement { confidence, why });
    };
    if rule.literal_len == 0
        && evidence.strength != Strength::Variable
        && !rule.hex
        && is_hash(rule.alphabet, body)
    {
        return Err(Rejection::Hash);
    }
    let line = context::Line::around(candidate.text, &candidate.span);
    if rule.literal_len == 0
        && evidence.strength != Strength::Variable
        && let Some(word) = line.hash_word(rule.hex)
    {
        return Err(Rejection::Named(word));
    }
    if rule.literal_len == 0 && line.is_resource() {
        return Err(Rejection::Named("arn"));
    }
    if rule.literal_len == 0 && shape::is_uuid(body) && !rule.speaks("<uuid>") {
        return Err(Rejection::Named("uuid"));
    }
    let confidence = match (evidence.strength, line.names_credential(), rule.hex) {
        (Strength::Variable, _, _) | (_, true, _) => Confidence::Likely,
        (Strength::Named, false, false) => Confidence::Likely,
        (Strength::Named, false, true) | (Strength::Near, false, false) => Confidence::Possible,
        (Strength::Near, false, true) => return Err(Rejection::Context),
    };
    Ok(Judgement {
        confidence: confidence.min(rule.confidence),
        why: format!("its format fits and `{}` stands by it", evidence.word),
    })
}

/// Whether a body is hex digits of the length of SHA-1 or SHA-256, as commit ids and digests are,
/// where the format has all letters and digits.
fn is_hash(alphabet: u32, body: &[u8]) -> bool {
    alphabet >= 62 && matches!(body.len(), 40 | 64) && body.iter().all(u8::is_ascii_hexdigit)
}

/// The Shannon entropy of the bytes, in bits a byte.
pub fn entropy(bytes: &[u8]) -> f32 {
    let mut counts = [0u32; 256];
    for &byte in bytes {
        counts[usize::from(byte)] += 1;
    }
    let len = bytes.len() as f32;
    counts
        .iter()
        .filter(|&&count| count > 0)
        .map(|&count| {
            let share = count as f32 / len;
            -share * share.log2()
        })
        .sum()
}
