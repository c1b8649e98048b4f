//! What the value's own characters say, and how it is written.
//!
//! Each number is a weight: another one finds other things. They were set together, by what
//! `benches/accuracy` finds and raises falsely on public code (`docs/accuracy.md`); none was measured by
//! itself, unless it says so.

use super::{Case, Says, doubt};
use crate::assignment::Notation;
use crate::encoding;
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

/// Base64 that ends as only base64 does, and says no text: somebody wrote bytes so.
pub(super) fn padding(case: &Case<'_>, _: &Sum) -> Says {
    /// A weight: what that says, in bits: about what the signs have that are the same in any such value. Not measured.
    const PADDED: f32 = 8.0;
    match is_padded(case.value) {
        true => Says::Bits(PADDED),
        false => Says::Nothing,
    }
}

/// Whether a value is base64 of bytes that are no text, with its padding.
pub(super) fn is_padded(value: &[u8]) -> bool {
    /// A bound: fewer bytes say nothing.
    const LEAST: usize = 12;
    let says_bytes =
        || encoding::decode_base64(value).is_some_and(|bytes| std::str::from_utf8(&bytes).is_err());
    value.ends_with(b"=") && value.len() >= LEAST && value.len().is_multiple_of(4) && says_bytes()
}

/// How it is written: what may be code must be far from it.
pub(super) fn notation(case: &Case<'_>, _: &Sum) -> Says {
    match case.assignment.notation {
        Notation::Quoted | Notation::Query | Notation::Bytes => Says::Nothing,
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
    match has_digit || is_long_password(case) {
        true => Says::Nothing,
        false => Says::Bits(-8.0),
    }
}

/// Whether a password that is no example is letters of one case, too many and too strange for a word.
fn is_long_password(case: &Case<'_>) -> bool {
    /// A weight: what it needs, in bits.
    const BITS: f32 = 10.0;
    /// A weight: no more than a quarter are vowels, and so many others follow each other somewhere. Joined words of a
    /// language that the randomness was not learnt from have the bits, but not these.
    const CONSONANTS: usize = 5;
    let is_vowel = |b: &u8| b"aeiouy".contains(b);
    let has_rhythm = || {
        let vowels = case.value.iter().filter(|b| is_vowel(b)).count();
        let runs = case.value.split(is_vowel).map(<[u8]>::len);
        vowels * 4 > case.value.len() || runs.max().unwrap_or_default() < CONSONANTS
    };
    let file_type = case.assignment.file_type;
    case.strength() == Strength::Strong
        && name::is_password(case.name)
        && !file_type.example
        && case.value.len() >= LONG_LETTERS
        && case.value.iter().all(u8::is_ascii_lowercase)
        && case.randomness().bits >= BITS
        && !has_rhythm()
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
/// no word with these around it: `8195274612Yq$`. What has no sign has as many digits as letters: `urlCUD051714`.
pub(super) fn has_all_sorts(case: &Case<'_>) -> bool {
    /// A weight: the bytes of such a value.
    const BYTES: std::ops::RangeInclusive<usize> = 12..=40;
    /// A weight: the evidence that it needs, in bits.
    const BITS: f32 = 4.0;
    /// A weight: the same of letters and digits, drawn group by group: the digits give none. Words with a year or a row of
    /// digits behind them have less.
    const BITS_IN_GROUPS: f32 = -4.0;
    let value = case.value;
    let signs = value.iter().filter(|b| b.is_ascii_punctuation()).count();
    let has_enough = || match signs {
        0 => is_in_groups(value) && case.randomness().bits >= BITS_IN_GROUPS,
        _ => signs <= value.len() / 3 && case.randomness().bits >= BITS,
    };
    case.strength() == Strength::Strong
        && name::is_password(case.name)
        && BYTES.contains(&value.len())
        && has_sorts(value)
        && has_enough()
        && !doubt::is_spelled(value)
}

/// Whether letters and digits stand in groups, each of one sort, with about as many digits as letters, and no group says
/// the same as another: `urlCUD051714`, but not `maxMAX123456`.
fn is_in_groups(value: &[u8]) -> bool {
    /// A weight: the longest of such values.
    const LONGEST: usize = 15;
    /// A weight: the fewest and the most digits, in quarters of the value.
    const QUARTERS: std::ops::RangeInclusive<usize> = 1..=2;
    /// A weight: the most groups.
    const GROUPS: usize = 4;
    let sort = |b: u8| (b.is_ascii_digit(), b.is_ascii_uppercase());
    let digits = value.iter().filter(|b| b.is_ascii_digit()).count();
    let groups: Vec<&[u8]> = value.chunk_by(|&a, &b| sort(a) == sort(b)).collect();
    let is_row = |group: &[u8]| {
        let steps = group
            .windows(2)
            .filter(|pair| pair[0].abs_diff(pair[1]) <= 1);
        steps.count() + 1 >= group.len()
    };
    let is_twice = |at: usize| {
        let mut others = groups[..at].iter();
        others.any(|other| other.eq_ignore_ascii_case(groups[at]))
    };
    value.len() <= LONGEST
        && groups.len() <= GROUPS
        && value.iter().all(u8::is_ascii_alphanumeric)
        && QUARTERS.contains(&(digits * 4 / value.len()))
        && !(0..groups.len()).any(|at| is_twice(at) || groups[at].len() > 2 && is_row(groups[at]))
        && !groups.iter().any(|group| is_date(group))
}

/// Whether digits are a year of these times, or a day in one.
fn is_date(digits: &[u8]) -> bool {
    let is_year = digits.starts_with(b"19") || digits.starts_with(b"20");
    let ends_in_year = || {
        let year = digits.len().checked_sub(4).map(|at| &digits[at..]);
        year.is_some_and(|year| year.starts_with(b"19") || year.starts_with(b"20"))
    };
    digits.iter().all(u8::is_ascii_digit)
        && matches!(digits.len(), 4 | 6 | 8)
        && (is_year || digits.len() == 8 && ends_in_year())
}

/// Letters beyond ASCII are letters.
fn is_sign(byte: u8) -> bool {
    byte.is_ascii() && !byte.is_ascii_alphanumeric()
}

/// Whether a value is as long and varied as what a machine draws: what people make up for a test is
/// shorter, more so where it has no digit.
pub(in crate::judge) fn is_strong(value: &[u8]) -> bool {
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
pub(in crate::judge) fn reads_undisguised(value: &[u8]) -> bool {
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
