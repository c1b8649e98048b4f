//! What a value says in base64, if that is text.

use super::{Case, Says, ask};
use crate::encoding;
use crate::judge::judgement::{Rejection, Shape, Unfit};
use crate::judge::sum::Sum;
use crate::words::name::Strength;
use crate::words::randomness::{DRAWN, Randomness};

/// The text that it says is no secret: a document, or what would be none by itself.
pub(super) fn refuses(case: &Case<'_>, _: &Sum) -> Says {
    if case.is_decoded {
        return Says::Nothing;
    }
    let secret = case.candidate.secret();
    let Some(text) = base64_text(secret).or_else(|| text_with_dots(secret)) else {
        return Says::Nothing;
    };
    // Behind the header of an encrypted token stands what was drawn (RFC 7516, section 7.1): it opens what it is for.
    const PARTS: usize = 5;
    if text.starts_with(b"{") && secret.split(|&b| b == b'.').count() == PARTS {
        return Says::Nothing;
    }
    // A token in JSON, or a part of one: the rules for these know better.
    if text.starts_with(b"{") {
        if is_secret_head(case, &text) {
            return Says::Nothing;
        }
        return Says::No(Rejection::Unfit(Unfit::Shape(Shape::Document)));
    }
    // What matters of `user:password` is the password.
    let secret = text
        .iter()
        .position(|&b| b == b':')
        .map_or(&text[..], |at| &text[at + 1..]);
    if secret.is_empty() {
        return Says::No(Rejection::STAND_IN);
    }
    let inner = Case {
        is_decoded: true,
        ..case.with(secret)
    };
    match ask(&inner) {
        Err(rejection) => Says::No(rejection),
        Ok(_) => Says::Nothing,
    }
}

/// Whether one part of a token stands alone under a name that leaves no doubt, and holds something drawn: somebody took it
/// for a secret, and the service keeps to it. What is signed goes with its signature.
fn is_secret_head(case: &Case<'_>, text: &[u8]) -> bool {
    /// A weight: what a member needs that says which key is meant, in bits: less than a draw has, as such names are made of
    /// parts. Words, the names of algorithms and days have less.
    const BITS: f32 = -5.0;
    /// A weight: so many as a draw has, so that it needs no digits.
    const LETTERS: f32 = 8.0;
    /// A weight: fewer characters say less.
    const LEAST: usize = 10;
    let is_drawn = |text: &[u8]| {
        let digits = text.iter().filter(|b| b.is_ascii_digit()).count();
        let least = match digits {
            0..=2 => LETTERS,
            _ => BITS,
        };
        text.len() >= LEAST && Randomness::of(text).bits >= least
    };
    case.strength() == Strength::Strong
        && !case.candidate.secret().contains(&b'.')
        && text.ends_with(b"}")
        && text.split(|&b| b == b'"').any(is_drawn)
}

/// What a value says in base64 into which dots were put, as tests of a reader of tokens have it.
fn text_with_dots(value: &[u8]) -> Option<Vec<u8>> {
    let joined: Vec<u8> = value.iter().copied().filter(|&b| b != b'.').collect();
    (joined.len() < value.len())
        .then(|| base64_text(&joined))
        .flatten()
        .filter(|text| text.iter().all(|b| (b' '..=b'~').contains(b)))
}

/// What a value says in base64, if that is text: UTF-8, or `user:password` in Latin-1.
pub(in crate::judge) fn base64_text(value: &[u8]) -> Option<Vec<u8>> {
    /// A bound: fewer bytes are text by chance.
    const SHORTEST: usize = 4;
    /// A weight: the shortest part of one that is a secret by itself.
    const DRAWN_PART: usize = 16;
    /// A bound: the letters with an accent in a name and a password.
    const ACCENTS: usize = 2;
    // Of what bars part, none may be drawn by itself.
    let mut behind = value.split(|&b| b == b'|').skip(1);
    if behind.any(|part| part.len() >= DRAWN_PART && Randomness::of(part).bits >= DRAWN) {
        return None;
    }
    // Of a JSON web token or a part of one, its header. A number names something, such as a bot; what is behind it
    // counts.
    let mut parts = value
        .split(|&b| matches!(b, b'.' | b'|'))
        .filter(|part| !part.is_empty());
    let decoded = encoding::decode_base64(parts.next()?)?;
    if decoded.iter().all(u8::is_ascii_digit) && parts.next().is_some() {
        return None;
    }
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
