//! What the value's own characters say, and how it is written.
//!
//! Each number is a weight: another one finds other things. They were set together, by what
//! `benches/accuracy` finds and raises falsely on public code (`docs/accuracy.md`); none was measured by
//! itself, unless it says so.

use super::{Case, Says, doubt};
use crate::assignment::Notation;
use crate::judge::sum::Sum;
use crate::words::dictionary::undisguised;
use crate::words::monotony::{self, Monotony};
use crate::words::name::{self, Strength};
use crate::words::randomness::{Randomness, entropy};

/// A weight: what a value has against it that is too short to tell, is of signs, or repeats itself, in bits.
const NOTHING_TO_TELL: f32 = -64.0;

/// A weight: how many digits at the end make no other thing of a word.
pub(super) const DIGITS_OF_A_WORD: usize = 2;

/// How random it is.
pub(super) fn value(case: &Case<'_>, _: &Sum) -> Says {
    match case.is_made_up() {
        true => Says::Nothing,
        false => Says::Bits(case.randomness().bits),
    }
}

/// How it is written: what may be code must be far from it.
pub(super) fn notation(case: &Case<'_>, _: &Sum) -> Says {
    match case.assignment.notation {
        Notation::Quoted | Notation::Query => Says::Nothing,
        Notation::Bare | Notation::Element => Says::Bits(-3.0),
        Notation::Unclear => Says::Bits(-24.0),
    }
}

/// Where no digit stands in it, it may be a word.
pub(super) fn no_digit(case: &Case<'_>, _: &Sum) -> Says {
    let trailing = trailing_digits(case.value);
    let has_digit = trailing > DIGITS_OF_A_WORD
        || case.value[..case.value.len() - trailing]
            .iter()
            .any(u8::is_ascii_digit);
    match has_digit {
        true => Says::Nothing,
        false => Says::Bits(-8.0),
    }
}

/// It has too few letters and digits to tell. Fewer count under a name that leaves no doubt.
pub(super) fn short(case: &Case<'_>, _: &Sum) -> Says {
    /// A weight: the fewest letters and digits of a value, without a long number.
    const LEAST_LETTERS: usize = 6;
    let least = match case.strength() {
        Strength::Strong => 8,
        Strength::Fair | Strength::Unknown | Strength::Weak => 10,
    };
    let signs = case.value.iter().filter(|b| is_sign(**b)).count();
    let letters = case.value.len() - signs - long_number(case.value);
    let repeats = matches!(
        monotony::throughout(case.value),
        Some(Monotony::Run | Monotony::Repetition)
    );
    match case.value.len() < least || letters < LEAST_LETTERS || repeats {
        true => Says::Bits(NOTHING_TO_TELL),
        false => Says::Nothing,
    }
}

/// A third of what may be typed are signs, but so is much of code: only in quotes, beside letters of both cases and
/// digits, may they be more.
pub(super) fn signs(case: &Case<'_>, _: &Sum) -> Says {
    let signs = case.value.iter().filter(|b| is_sign(**b)).count();
    let fifths = match !case.is_bare() && has_sorts(case.value) {
        true => 3,
        false => 2,
    };
    match signs * 5 > case.value.len() * fifths && !case.is_drawn() {
        true => Says::Bits(-40.0),
        false => Says::Nothing,
    }
}

/// A long text that was written gathers bits, too, but few a character.
pub(super) fn density(case: &Case<'_>, _: &Sum) -> Says {
    match case.randomness().density() < least_density(case.value) {
        true => Says::Bits(NOTHING_TO_TELL),
        false => Says::Nothing,
    }
}

/// It has all the sorts of characters that rules for passwords ask for.
pub(super) fn all_sorts(case: &Case<'_>, _: &Sum) -> Says {
    /// A weight: what that says, in bits: more than the name and the notation say against it.
    const ALL_SORTS: f32 = 16.0;
    match case.has_all_sorts() {
        true => Says::Bits(ALL_SORTS),
        false => Says::Nothing,
    }
}

/// Whether the value of a password has small and capital letters, digits and a sign, as rules for passwords ask, and is
/// no word with these around it: `8195274612Yq$`.
pub(super) fn has_all_sorts(case: &Case<'_>) -> bool {
    /// A weight: the bytes of such a value.
    const BYTES: std::ops::RangeInclusive<usize> = 12..=40;
    /// A weight: the evidence that it needs, in bits.
    const BITS: f32 = 4.0;
    let value = case.value;
    let signs = value.iter().filter(|b| b.is_ascii_punctuation()).count();
    case.strength() == Strength::Strong
        && name::is_password(case.name)
        && BYTES.contains(&value.len())
        && has_sorts(value)
        && (1..=value.len() / 3).contains(&signs)
        && case.randomness().bits >= BITS
        && !doubt::is_spelled(value)
}

/// Letters beyond ASCII are letters.
fn is_sign(byte: u8) -> bool {
    byte.is_ascii() && !byte.is_ascii_alphanumeric()
}

/// Whether a value is as long and varied as what a machine draws: what people make up for a test is
/// shorter, more so where it has no digit.
pub(super) fn is_strong(value: &[u8]) -> bool {
    /// A weight: so many bits of entropy a character are as varied as what a machine draws.
    const ENTROPY: f32 = 3.0;
    let least = match value.iter().any(u8::is_ascii_digit) {
        true => LONG,
        false => LONG_LETTERS,
    };
    value.len() >= least && entropy(value) >= ENTROPY
}

/// A weight: so many bytes, with a digit in them, are as long as what a machine draws.
pub(super) const LONG: usize = 12;

/// A weight: the same without a digit.
pub(super) const LONG_LETTERS: usize = 15;

/// Whether a value has small and capital letters and digits.
fn has_sorts(value: &[u8]) -> bool {
    value.iter().any(u8::is_ascii_lowercase)
        && value.iter().any(u8::is_ascii_uppercase)
        && value.iter().any(u8::is_ascii_digit)
}

/// The least evidence a character, in bits. Of letters that alternate with digits, as nobody writes, it is less:
/// digits give no evidence, so that the letters' has to do.
fn least_density(value: &[u8]) -> f32 {
    /// A weight: from so many bytes on, of which every fifth starts or ends a number, letters and digits
    /// alternate.
    const LONG_ALTERNATING: usize = 24;
    let changes = value
        .windows(2)
        .filter(|pair| pair[0].is_ascii_digit() != pair[1].is_ascii_digit())
        .count();
    let hex = value.iter().all(|b| b.is_ascii_hexdigit() || *b == b'-');
    match value.len() >= LONG_ALTERNATING && changes * 5 >= value.len() && !hex {
        true => 0.3,
        false => 0.5,
    }
}

pub(super) fn trailing_digits(value: &[u8]) -> usize {
    value
        .iter()
        .rev()
        .take_while(|b| b.is_ascii_digit())
        .count()
}

/// How many digits the longest number in a value has, if it is a time or an id by its length.
fn long_number(value: &[u8]) -> usize {
    /// A weight: a number of so many digits is a time or an id by its length, and tells nothing of a secret.
    const LONG_NUMBER: usize = 10;
    value
        .split(|b| !b.is_ascii_digit())
        .map(<[u8]>::len)
        .max()
        .filter(|&len| len >= LONG_NUMBER)
        .unwrap_or(0)
}

/// Whether a text, or its letters alone, reads as written once signs and digits are taken for the letters that they
/// look like: `S3cuR1ty`, `Str0ng!P@ss#123`.
pub(super) fn reads_undisguised(value: &[u8]) -> bool {
    /// A weight: fewer letters are words by chance.
    const LETTERS: usize = 8;
    let lower = String::from_utf8_lossy(value).to_ascii_lowercase();
    let text = undisguised(&lower);
    let letters: Vec<u8> = text.bytes().filter(u8::is_ascii_alphabetic).collect();
    Randomness::of(text.as_bytes()).bits < 0.0
        || letters.len() >= LETTERS && Randomness::of(&letters).bits < 0.0
        || reads_between_signs(value)
}

/// The same of its words by themselves, cut where signs and capitals stand, without the numbers behind them:
/// `Str0ng!K3y@#789`, `TwoFa-User1!`.
fn reads_between_signs(value: &[u8]) -> bool {
    /// A weight: fewer letters are words by chance.
    const LETTERS: usize = 6;
    // `P@ss`
    let is_letter = |at: usize| {
        let beside = |at: Option<&u8>| at.is_some_and(u8::is_ascii_alphabetic);
        matches!(value[at], b'@' | b'$')
            && at
                .checked_sub(1)
                .is_some_and(|before| beside(value.get(before)))
            && beside(value.get(at + 1))
    };
    let joined: Vec<u8> = (0..value.len())
        .map(|at| match value[at] {
            b'@' if is_letter(at) => b'a',
            b'$' if is_letter(at) => b's',
            byte => byte,
        })
        .collect();
    let words: Vec<String> = name::pieces(&joined)
        .map(|piece| &piece[..piece.len() - trailing_digits(piece)])
        .filter(|word| !word.is_empty())
        .map(|word| undisguised(&String::from_utf8_lossy(word).to_ascii_lowercase()))
        .collect();
    let letters: usize = words.iter().map(String::len).sum();
    letters >= LETTERS && Randomness::of(words.join("-").as_bytes()).bits < 0.0
}
