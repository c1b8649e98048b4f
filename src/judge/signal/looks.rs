//! What a value looks like: a path, code, a pattern. In a draw the signs of these are chance.

use super::{Case, Says};
use crate::filetype::is_file_name;
use crate::judge::judgement::Shape;
use crate::judge::sum::Sum;
use crate::words::name::{Strength, is_identifier};
use crate::words::randomness::Randomness;
use crate::words::{self, reference, role};

/// A weight: what the look of code, of a path or of a pattern says against a value, in bits, where the value has
/// about as many a character as a draw. Not measured by itself.
const LOOKS: f32 = -28.0;

/// A weight: the same where it has fewer.
const READS_AND_LOOKS: f32 = -64.0;

/// A weight: what the look of a path says against a value that is called nothing but a key, in bits: more than the digest
/// of 256 bits has that often ends the name of an object. Not measured by itself.
const NAMES_AN_OBJECT: f32 = -256.0;

/// A weight: about as many bits a character as a draw of small letters, digits and signs has; of Django's keys of 50 all
/// but 1% have 1.25, but some notations rule signs out.
const DENSE: f32 = 0.9;

/// It looks like a path, code or a pattern.
pub(super) fn weighs(case: &Case<'_>, _: &Sum) -> Says {
    match of(case) {
        None => Says::Nothing,
        // The key of an object in a store is a path: `t5_2bhxu0/t2_5bn5wlvy/a94a8fe5...`.
        Some(Shape::Place) if case.strength() == Strength::Weak => {
            Says::Bits(match case.value.contains(&b'/') && is_path(case.value) {
                true => NAMES_AN_OBJECT,
                false => READS_AND_LOOKS,
            })
        }
        Some(_) if case.randomness().density() < DENSE || is_code(case.value) => {
            Says::Bits(READS_AND_LOOKS)
        }
        Some(_) => Says::Bits(LOOKS),
    }
}

/// Whether a value has more of what joins statements of code than a draw has by chance: it was read from the end of one
/// string to the start of the next.
fn is_code(value: &[u8]) -> bool {
    /// A weight: of random texts of 40 printable characters one in 100,000 has as many.
    const MARKS: usize = 3;
    const CODE: [&[u8; 2]; 9] = [
        b");", b"()", b"==", b"||", b"&&", b"=>", b"};", b"){", b"+(",
    ];
    let marks = value
        .windows(2)
        .filter(|pair| CODE.iter().any(|mark| *pair == &mark[..]));
    marks.take(MARKS).count() == MARKS
}

/// What a value looks like, if that is no secret.
pub(super) fn of(case: &Case<'_>) -> Option<Shape> {
    let value = case.value;
    if is_place(value) {
        Some(Shape::Place)
    } else if is_expression(value, case.is_bare()) {
        Some(Shape::Expression)
    } else if is_pattern(value) {
        Some(Shape::Pattern)
    } else {
        None
    }
}

/// Whether a value has the look of a path or a host, and fewer bits a character than a draw.
pub(in crate::judge) fn reads_as_place(value: &[u8]) -> bool {
    is_place(value) && Randomness::of(value).density() < DENSE
}

/// A URL, a path, a host, a mail address.
fn is_place(value: &[u8]) -> bool {
    /// A weight: what is longer and has slashes is base64 rather than a path. Not measured.
    const LONGEST_PATH: usize = 100;
    /// A weight: so many backslashes before letters part the names of a path; a password has one by chance.
    /// Not measured.
    const BACKSLASHES: usize = 2;
    if value.contains(&b'/') && value.len() < LONGEST_PATH && is_path(value) {
        return true;
    }
    if value
        .windows(2)
        .filter(|pair| pair[0] == b'\\' && pair[1].is_ascii_alphabetic())
        .count()
        >= BACKSLASHES
    {
        return true;
    }
    // `user@host.tld`
    if let Some(at) = value.iter().position(|&b| b == b'@') {
        let host = &value[at + 1..];
        if at > 0
            && is_host(host)
            && value[..at]
                .iter()
                .all(|b| b.is_ascii_alphanumeric() || b"._+-".contains(b))
        {
            return true;
        }
    }
    is_host(value) || is_file_name(value)
}

/// Slashes between words: base64 has them too, but not words of one case between them.
fn is_path(value: &[u8]) -> bool {
    value.split(|&b| b == b'/').all(|part| {
        let Some((first, rest)) = part.split_first() else {
            return true;
        };
        let plain =
            |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-.,{}:$*@~".contains(b);
        (plain(first) || first.is_ascii_uppercase()) && rest.iter().all(plain)
    })
}

/// Labels with dots between them, the last one of those that hosts end in: `db.example.com`.
fn is_host(value: &[u8]) -> bool {
    /// A weight: the longest label. RFC 1035 allows 63, of which random tokens make use, not people. Not
    /// measured.
    const LABEL: usize = 40;
    let mut labels = value.rsplit(|&b| b == b'.');
    let last = labels.next().unwrap_or_default();
    let last = last.split(|&b| b == b':').next().unwrap_or_default();
    let mut count = 0;
    words::find(last).is_some_and(|word| word.is(role::HOST))
        && labels.all(|label| {
            count += 1;
            !label.is_empty()
                && label.len() <= LABEL
                && label
                    .iter()
                    .all(|b| b.is_ascii_alphanumeric() || *b == b'-' || *b == b'_')
        })
        && count >= 1
}

/// Brackets in pairs around or behind a name, and signs that join names.
fn is_expression(value: &[u8], bare: bool) -> bool {
    let joins = |pair: &[u8]| matches!(pair, b"()" | b"=>" | b"->" | b"::" | b"&&" | b"||");
    if matches!(value[0], b')' | b',' | b';' | b']' | b'}' | b'>') {
        return true;
    }
    if value.windows(2).any(joins) {
        return true;
    }
    if bare && (value.iter().any(|b| b"([*".contains(b)) || matches!(value[0], b'!' | b'&')) {
        return true;
    }
    // A name, a dot, a name: no letter turns from lower to upper to digit within them.
    is_dotted(value)
}

/// Identifiers joined by dots, each of words: `config.database.password`.
fn is_dotted(value: &[u8]) -> bool {
    /// A weight: the most digits of an identifier. Not measured.
    const DIGITS: usize = 1;
    let mut parts = 0;
    for part in value.split(|&b| b == b'.') {
        parts += 1;
        let name =
            is_identifier(part) && part.iter().filter(|b| b.is_ascii_digit()).count() <= DIGITS;
        if !name {
            return false;
        }
    }
    parts >= 2
}

/// Regexes, format strings, markup, and colours: `#rgb`, `#rrggbb`, `#rrggbbaa`.
fn is_pattern(value: &[u8]) -> bool {
    let marks = |pair: &[u8]| {
        matches!(
            pair,
            b"\\w" | b"\\d" | b"%s" | b"%d" | b"{}" | b"</" | b"/>"
        )
    };
    value.windows(2).any(marks)
        || value.windows(3).any(|mark| mark == b"{0}")
        || is_template(value)
        || reference::has_blank(value)
        || (value.first() == Some(&b'#')
            && matches!(value.len(), 4 | 7 | 9)
            && value[1..].iter().all(u8::is_ascii_hexdigit))
}

/// A name in braces or between percent signs somewhere: a place to fill in.
fn is_template(value: &[u8]) -> bool {
    let name = |b: &u8| b.is_ascii_alphanumeric() || b"_.()[]:".contains(b);
    let within = |open: u8, close: u8| {
        let Some(start) = value.iter().position(|&b| b == open) else {
            return false;
        };
        let inner = value[start + 1..].iter().take_while(|b| name(b)).count();
        inner > 0 && value.get(start + 1 + inner) == Some(&close)
    };
    within(b'{', b'}') || value[0] == b'%' && within(b'%', b'%')
}
