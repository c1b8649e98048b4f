//! What a judgement says: how sure a secret is, or why it is none.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use super::sum::Sum;
use crate::confidence::Confidence;
use crate::words::placeholder::Placeholder;

/// What speaks for a candidate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// How sure it is a secret.
    pub confidence: Confidence,
    /// Why, for people.
    pub why: Arc<str>,
}

/// The reasons of judgements: that of many is there once.
#[derive(Debug, Default)]
pub(crate) struct Reasons(HashSet<Arc<str>>);

impl Reasons {
    /// A bound: of more different ones the next is kept for itself.
    const MOST: usize = 4096;

    /// The judgement, with a reason that was given before as it was given then.
    pub(crate) fn shared(&mut self, judgement: Judgement) -> Judgement {
        if let Some(known) = self.0.get(&judgement.why) {
            let why = Arc::clone(known);
            return Judgement { why, ..judgement };
        }
        if self.0.len() >= Self::MOST {
            self.0.clear();
        }
        self.0.insert(Arc::clone(&judgement.why));
        judgement
    }
}

/// Why a candidate is not a secret.
#[derive(Clone, Debug, PartialEq)]
pub enum Rejection {
    /// What it is instead, or what it lacks, for people.
    Is(&'static str),
    /// It stands for a secret.
    Placeholder(Placeholder),
    /// It has fewer bits of entropy a character than a random one.
    Entropy {
        /// What it has.
        bits: f32,
        /// What a random one exceeds.
        floor: f32,
    },
    /// Its check characters or its structure are wrong.
    Checksum(&'static str),
    /// What is beside it names it a hash or an id.
    Named(&'static str),
    /// It is assigned to a name, and no secret.
    Unfit(Unfit),
}

impl Rejection {
    /// It reads like an identifier or a sentence.
    pub(super) const WORDS: Self = Self::Is("made of words");

    /// It is printed in documentation.
    pub(crate) const EXAMPLE: Self = Self::Is("a published example");

    /// Dots or a word stand for a part of it.
    pub(super) const LEFT_OUT: Self = Self::Is("a part of it is left out");

    /// A password that stands for one, that everybody knows, or that is kept elsewhere.
    pub(super) const STAND_IN: Self = Self::Is("a placeholder, a default or a reference");
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Is(what) => f.write_str(what),
            Self::Placeholder(placeholder) => write!(f, "a placeholder: {placeholder}"),
            Self::Entropy { bits, floor } => {
                write!(
                    f,
                    "not random: {bits:.2} bits a character, a random one has {floor:.2}"
                )
            }
            Self::Checksum(name) => write!(f, "its check fails: {name}"),
            Self::Named(word) => write!(f, "named `{word}`: a hash or an id"),
            Self::Unfit(unfit) => unfit.fmt(f),
        }
    }
}

/// Why an assignment holds no secret.
#[derive(Clone, Debug, PartialEq)]
pub enum Unfit {
    /// A word in the name says that the value is something else.
    Name(&'static str),
    /// The value is no secret by its shape.
    Shape(Shape),
    /// Everybody may have it, by the place that it stands in.
    Public(&'static str),
    /// The line is a program's work.
    Minified,
    /// All that its signals say together is against it.
    Light(Box<Sum>),
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name("") => f.write_str("its name does not speak of a secret"),
            Self::Name(word) => write!(f, "its name says `{word}`"),
            Self::Public(what) => write!(f, "public by design: {what}"),
            Self::Minified => f.write_str("on a line that no person writes"),
            Self::Shape(shape) => f.write_str(shape.as_str()),
            Self::Light(sum) => write!(f, "not random enough under its name ({sum})"),
        }
    }
}

/// What a value is instead of a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Words with spaces.
    Phrase,
    /// A place on a disk, a host or a page.
    Place,
    /// A call, an index, a comparison: code.
    Expression,
    /// A UUID, which names things.
    Uuid,
    /// A number, a date, a version.
    Number,
    /// A digest or a hash of a password.
    Hash,
    /// What may be shown to everybody: a public key, a certificate.
    Public,
    /// A text in base64 that is no secret as a whole.
    Document,
    /// Encrypted: the key to it is elsewhere.
    Encrypted,
    /// A pattern, a format or a template.
    Pattern,
    /// Bytes that no one types.
    Binary,
}

impl Shape {
    /// For people.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Phrase => "words",
            Self::Place => "a path, a host or a page",
            Self::Expression => "an expression",
            Self::Uuid => "a UUID",
            Self::Number => "a number, a date or a version",
            Self::Hash => "a hash",
            Self::Public => "public by design",
            Self::Document => "a document in base64",
            Self::Encrypted => "encrypted",
            Self::Pattern => "a pattern or a template",
            Self::Binary => "not text",
        }
    }
}
