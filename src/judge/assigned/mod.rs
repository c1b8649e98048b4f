//! Judges what is assigned to a name: what its name says, what its value is, and how random that is.

mod shape;
mod weights;

use std::ops::Range;

use bstr::ByteSlice;

use crate::assignment::{Assignment, Notation};
use crate::candidate::Candidate;
use crate::confidence::Confidence;
use crate::encoding;
use crate::judge::judgement::{Judgement, Rejection, Shape, Unfit};
use crate::words::monotony::{self, Monotony};
use crate::words::name::{self, Strength};
use crate::words::randomness::{Randomness, entropy};
use crate::words::stand_in::is_stand_in;
use crate::words::{dictionary, number, placeholder};

/// Judges the value of an assignment.
///
/// # Errors
/// Why it is not a secret.
pub(in crate::judge) fn judge(
    candidate: &Candidate<'_>,
    assignment: &Assignment,
) -> Result<Judgement, Rejection> {
    let name = &candidate.text()[assignment.name.clone()];
    let reading = name::reading(name);
    if let Some(word) = reading.turned_by {
        return Err(Rejection::Unfit(Unfit::Name(word)));
    }
    let Some(strength) = reading.strength else {
        return Err(Rejection::Unfit(Unfit::Name("")));
    };
    if let Some(reason) = unfit_where_it_stands(candidate, assignment, strength) {
        return Err(Rejection::Unfit(reason));
    }
    let decoded = encoding::percent_decoded(candidate.body());
    let value = essence(&decoded, assignment.notation);
    refuse(value, name, strength, assignment)?;
    if let Some(text) = base64_text(candidate.secret()) {
        // A token in JSON, or a part of one: the rules for these know better.
        if text.starts_with(b"{") {
            return Err(Rejection::Unfit(Unfit::Shape(Shape::Document)));
        }
        // What matters of `user:password` is the password.
        let secret = text
            .iter()
            .position(|&b| b == b':')
            .map_or(&text[..], |at| &text[at + 1..]);
        refuse(secret, name, strength, assignment)?;
    }
    if may_be_made_up(name, strength, assignment) {
        return Ok(Judgement {
            confidence: Confidence::Likely,
            why: "a password in a file whose name says that it holds secrets".into(),
        });
    }
    let bits = Randomness::of(value).bits;
    let (confidence, why) = match doubt(value, strength, assignment.file_type.example) {
        Some(doubt) => (Confidence::Possible, doubt),
        None => (Confidence::Likely, "a name that speaks of a secret"),
    };
    Ok(Judgement {
        confidence,
        why: format!("a random value ({bits:.0} bits) under {why}"),
    })
}

/// Why what stands around a value, or its start, says that it is no secret.
fn unfit_where_it_stands(
    candidate: &Candidate<'_>,
    assignment: &Assignment,
    strength: Strength,
) -> Option<Unfit> {
    let notation = assignment.notation;
    // Behind the start of a known format its random part must be one.
    if candidate.public > 0
        && let Some(shape) = shape::of(candidate.secret(), notation != Notation::Quoted)
    {
        return Some(Unfit::Shape(shape));
    }
    if notation == Notation::Query && is_badge(candidate.text(), assignment.name.start) {
        return Some(Unfit::Shape(Shape::Public));
    }
    let shows_in_a_bundle = notation == Notation::Unclear
        || notation == Notation::Quoted && strength < Strength::Strong;
    if shows_in_a_bundle && is_minified(candidate.text(), &candidate.place) {
        return Some(Unfit::Minified);
    }
    None
}

/// The part of a value that may be drawn at random.
fn essence(decoded: &[u8], notation: Notation) -> &[u8] {
    let value = decoded.trim_with(|c| matches!(c, '"' | '\'' | '`'));
    if notation != Notation::Query {
        return value;
    }
    // `X-Amz-Credential=<id>/<date>/<region>/...`
    value
        .split(|&b| b == b'/')
        .max_by_key(|part| part.len())
        .unwrap_or(value)
}

/// Whether what a person made up counts, not only what a machine drew: a password in a file whose name says that it
/// holds secrets, but is no example.
fn may_be_made_up(name: &[u8], strength: Strength, assignment: &Assignment) -> bool {
    let file_type = assignment.file_type;
    file_type.keeps_secrets
        && !file_type.example
        && strength == Strength::Strong
        && name::is_password(name)
}

/// Why only a human can tell whether a random value is a secret, if so.
fn doubt(value: &[u8], strength: Strength, example: bool) -> Option<&'static str> {
    if strength == Strength::Weak {
        Some("a name that may speak of a secret")
    } else if is_short_of_kind(value) {
        Some("a name that speaks of a secret, but short for letters or hex digits alone")
    } else if is_spelled(value) {
        Some("a name that speaks of a secret, but it spells words")
    } else if example && !is_strong(value) {
        Some("a name that speaks of a secret, but short, in an example")
    } else {
        None
    }
}

/// Whether a value is as long and varied as what a machine draws: what people make up for a test is
/// shorter, more so where it has no digit.
fn is_strong(value: &[u8]) -> bool {
    let least = match value.iter().any(u8::is_ascii_digit) {
        true => weights::STRONG,
        false => weights::STRONG_LETTERS,
    };
    value.len() >= least && entropy(value) >= weights::STRONG_ENTROPY
}

/// Whether a value is short for what it is made of: letters of one case, maybe with a digit or two
/// behind them, may be a word of any language, and a few hex digits an id.
fn is_short_of_kind(value: &[u8]) -> bool {
    let digits = trailing_digits(value).min(weights::DIGITS_OF_A_WORD);
    let word = &value[..value.len() - digits];
    let letters =
        word.iter().all(u8::is_ascii_alphabetic) && word.iter().skip(1).all(u8::is_ascii_lowercase);
    let least = match digits {
        0 => weights::STRONG_LETTERS,
        _ => weights::STRONG,
    };
    letters && value.len() < least
        || value.len() < weights::SHORT_HEX && value.iter().all(u8::is_ascii_hexdigit)
}

/// Whether a value reads as written once digits and signs are taken for the letters that they look
/// like, and all letters for small ones: `S3cuR1ty`.
fn is_spelled(value: &[u8]) -> bool {
    if value.len() > weights::LONGEST_SPELLED {
        return false;
    }
    let lower = String::from_utf8_lossy(value).to_ascii_lowercase();
    Randomness::of(dictionary::undisguised(&lower).as_bytes()).bits < 0.0
}

/// Refuses a value that is no secret.
///
/// # Errors
/// Why it is none.
fn refuse(
    value: &[u8],
    name: &[u8],
    strength: Strength,
    assignment: &Assignment,
) -> Result<(), Rejection> {
    let unfit = |reason| Err(Rejection::Unfit(reason));
    let notation = assignment.notation;
    let shape = shape::of(value, notation != Notation::Quoted);
    let uuid = shape == Some(Shape::Uuid) && !number::is_time_uuid(shape::without_braces(value));
    if let Some(shape) = shape
        && !(uuid && strength == Strength::Strong)
    {
        return unfit(Unfit::Shape(shape));
    }
    if number::digest_bits(value).is_some() && name::is_password(name) {
        return unfit(Unfit::Shape(Shape::Hash));
    }
    if may_be_made_up(name, strength, assignment) {
        if value.len() < weights::MADE_UP {
            return unfit(Unfit::Short);
        }
    } else {
        let sorts = name::is_password(name) && strength == Strength::Strong && has_all_sorts(value);
        if !sorts && let Some(reason) = unlike_a_draw(value, strength, notation, uuid) {
            return unfit(reason);
        }
    }
    // Last, since they cost the most.
    if let Some(placeholder) = placeholder::find(value, 62, |_| false) {
        return Err(Rejection::Placeholder(placeholder));
    }
    let letters_end = value
        .iter()
        .rposition(u8::is_ascii_alphanumeric)
        .map_or(0, |at| at + 1);
    if is_stand_in(value) || letters_end < value.len() && is_stand_in(&value[..letters_end]) {
        return Err(Rejection::STAND_IN);
    }
    Ok(())
}

/// Why a value is not as a machine draws one, if it is not.
fn unlike_a_draw(
    value: &[u8],
    strength: Strength,
    notation: Notation,
    uuid: bool,
) -> Option<Unfit> {
    let signs = value.iter().filter(|b| !b.is_ascii_alphanumeric()).count();
    let most_signs = weights::most_signs(notation == Notation::Quoted && has_sorts(value));
    if value.len() < weights::least_bytes(strength)
        || value.len() - signs - long_number(value) < weights::LEAST_LETTERS
        || signs * 5 > value.len() * most_signs
        || matches!(
            monotony::throughout(value),
            Some(Monotony::Run | Monotony::Repetition)
        )
    {
        return Some(Unfit::Short);
    }
    let randomness = if uuid {
        let digits: Vec<u8> = value
            .iter()
            .copied()
            .filter(u8::is_ascii_hexdigit)
            .collect();
        Randomness::of(&digits)
    } else {
        Randomness::of(value)
    };
    let floor = floor(value, strength, notation);
    if randomness.bits < floor || randomness.density() < least_density(value) {
        return Some(Unfit::Written {
            bits: randomness.bits,
            floor,
        });
    }
    None
}

/// What a value says in base64, if that is text: UTF-8, or `user:password` in Latin-1.
fn base64_text(value: &[u8]) -> Option<Vec<u8>> {
    /// A bound: fewer bytes are text by chance.
    const SHORTEST: usize = 4;
    /// A bound: the letters with an accent in a name and a password.
    const ACCENTS: usize = 2;
    // Of a JSON web token or a part of one, its header.
    let first = value.split(|&b| b == b'.').find(|part| !part.is_empty())?;
    let decoded = encoding::decode_base64(first)?;
    let is_text = match std::str::from_utf8(&decoded) {
        Ok(text) => text
            .chars()
            .all(|c| !c.is_control() || matches!(c, '\t' | '\r' | '\n')),
        Err(_) => {
            let accents = decoded.iter().filter(|&&b| b >= 0xc0).count();
            let plain = decoded.iter().filter(|b| (b' '..=b'~').contains(b)).count();
            decoded.contains(&b':') && accents <= ACCENTS && accents + plain == decoded.len()
        }
    };
    (decoded.len() >= SHORTEST && is_text).then_some(decoded)
}

/// Whether a value has small and capital letters, digits and a sign, as rules for passwords ask, and is
/// no word with these around it: `8195274612Yq$`.
fn has_all_sorts(value: &[u8]) -> bool {
    let signs = value.iter().filter(|b| b.is_ascii_punctuation()).count();
    weights::ALL_SORTS.contains(&value.len())
        && has_sorts(value)
        && (1..=value.len() / 3).contains(&signs)
        && Randomness::of(value).bits >= weights::ALL_SORTS_BITS
        && !is_spelled(value)
}

/// Whether a value has small and capital letters and digits.
fn has_sorts(value: &[u8]) -> bool {
    value.iter().any(u8::is_ascii_lowercase)
        && value.iter().any(u8::is_ascii_uppercase)
        && value.iter().any(u8::is_ascii_digit)
}

/// Whether a place lies in the address of a badge: the tokens there are for everybody to read.
fn is_badge(text: &[u8], at: usize) -> bool {
    /// A bound: how far back the address is read.
    const REACH: usize = 120;
    text[at.saturating_sub(REACH)..at]
        .rsplit(|b| b.is_ascii_whitespace() || matches!(b, b'"' | b'(' | b'<'))
        .next()
        .is_some_and(|url| url.windows(5).any(|part| part == b"badge"))
}

/// Whether a value stands on a line that no person writes.
fn is_minified(text: &[u8], span: &Range<usize>) -> bool {
    let reach = weights::MINIFIED;
    let before = &text[span.start.saturating_sub(reach)..span.start];
    let after = &text[span.end..(span.end + reach).min(text.len())];
    before.len() + after.len() >= reach && !before.contains(&b'\n') && !after.contains(&b'\n')
}

/// The least evidence a character, in bits.
fn least_density(value: &[u8]) -> f32 {
    let changes = value
        .windows(2)
        .filter(|pair| pair[0].is_ascii_digit() != pair[1].is_ascii_digit())
        .count();
    let hex = value.iter().all(|b| b.is_ascii_hexdigit() || *b == b'-');
    if value.len() >= weights::LONG_ALTERNATING && changes * 5 >= value.len() && !hex {
        weights::DENSITY_OF_ALTERNATING
    } else {
        weights::DENSITY
    }
}

fn trailing_digits(value: &[u8]) -> usize {
    value
        .iter()
        .rev()
        .take_while(|b| b.is_ascii_digit())
        .count()
}

/// How many digits the longest number in a value has, if it is a time or an id by its length.
fn long_number(value: &[u8]) -> usize {
    value
        .split(|b| !b.is_ascii_digit())
        .map(<[u8]>::len)
        .max()
        .filter(|&len| len >= weights::LONG_NUMBER)
        .unwrap_or(0)
}

/// The evidence that a value needs, in bits.
fn floor(value: &[u8], strength: Strength, notation: Notation) -> f32 {
    let trailing = trailing_digits(value);
    let digit = trailing > weights::DIGITS_OF_A_WORD
        || value[..value.len() - trailing]
            .iter()
            .any(u8::is_ascii_digit);
    let word = if digit { 0.0 } else { weights::NO_DIGIT };
    weights::floor(strength) + word + weights::written(notation)
}

#[cfg(test)]
mod tests;
