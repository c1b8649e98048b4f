//! A value that is bytes, not text: written as escapes in a string, or as a list of numbers.

use std::cell::OnceCell;

use super::{Asked, BINARY, Case, Says, Signal, ask_all, doubt, name, place, signal, weighed};
use crate::assignment::{Notation, bytes};
use crate::encoding;
use crate::judge::judgement::{Rejection, Shape, Unfit};
use crate::judge::sum::Sum;
use crate::words::name::{Strength, is_password};
use crate::words::randomness::Randomness;
use crate::words::role;

/// A bound: the fewest bytes that say whether they were drawn.
const LEAST: usize = 12;

/// What is asked of bytes, in this order: their form says nothing else than what they are.
const SIGNALS: &[Signal] = &[
    signal("name", name::refuses),
    signal("place", place::refuses),
    signal("value", value),
    signal("name", name::weighs),
    signal("sum", weighed),
    signal("name", name::has_id),
    signal("name", doubt::name),
    signal("key", of_something),
    signal("vector", vector),
    signal("answer", doubt::answer),
    signal("verb", doubt::verb),
];

/// What files and messages of known formats start with.
const STARTS: &[&[u8]] = &[
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"BM",
    b"RIFF",
    b"OggS",
    b"ID3",
    b"II*\0",
    b"MM\0*",
    b"\0\0\x01\0",
    b"wOF",
    b"\0asm",
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"\x28\xb5\x2f\xfd",
    b"\x04\x22\x4d\x18",
    b"\xfd7zXZ",
    b"BZh",
    b"\x78\x01",
    b"\x78\x9c",
    b"\x78\xda",
    b"7z\xbc\xaf",
    b"%PDF",
    b"\x7fELF",
    b"MZ",
    b"\xca\xfe\xba\xbe",
    b"\xcf\xfa\xed\xfe",
    b"SQLite",
    b"\x16\x03",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    // DER: a certificate, a signature, what is encrypted. The rules for keys read it.
    b"\x30\x81",
    b"\x30\x82",
    b"\xfe\xff",
];

/// Judges a value as the bytes that it stands for.
pub(super) fn ask(case: &Case<'_>) -> Asked {
    let secret = case.candidate.secret();
    let drawn = match case.assignment.notation {
        Notation::Bytes => Some(bytes::of_list(secret)),
        _ => encoding::unescaped(secret),
    };
    let drawn = drawn.filter(|it| it.len() >= LEAST).ok_or(BINARY)?;
    let inner = case.with(&drawn);
    if drawn.iter().all(|b| (b' '..=b'~').contains(b)) {
        let (sum, doubt) = super::ask(&inner)?;
        return Ok((sum, doubt.or_else(|| vector_of(&inner))));
    }
    let inner = Case {
        randomness: OnceCell::from(Randomness::of_bytes(&drawn)),
        is_made_up: OnceCell::from(false),
        has_all_sorts: OnceCell::from(false),
        ..inner
    };
    ask_all(SIGNALS, &inner)
}

/// How random the bytes are, unless they are text in UTF-8, or a file or a message by how they start.
fn value(case: &Case<'_>, _: &Sum) -> Says {
    let is_text = || !case.value.is_ascii() && std::str::from_utf8(case.value).is_ok();
    let is_known = || STARTS.iter().any(|start| case.value.starts_with(start));
    let is_label = || is_password(case.name) && is_double_byte(case.value);
    match is_text() || is_known() || is_for_people(case) || is_label() {
        true => Says::No(Rejection::Unfit(Unfit::Shape(Shape::Binary))),
        false => Says::Bits(case.randomness().bits),
    }
}

/// Whether bytes may be a text in a charset of East Asia, which is what programs call a password in: characters of two
/// bytes, and printable ones of one.
fn is_double_byte(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    loop {
        rest = match rest {
            [] => return true,
            [b' '..=b'~', behind @ ..] => behind,
            [0x81..=0xfe, 0x40..=0xfe, behind @ ..] => behind,
            _ => return false,
        };
    }
}

/// Whether escapes of characters stand for what a person reads, in one of the languages of the first 256: such a text has
/// none of the signs that control a terminal. Of 16 drawn bytes three in a hundred have none.
fn is_for_people(case: &Case<'_>) -> bool {
    let is_control = |b: &u8| matches!(b, 0..=8 | 0x0b | 0x0c | 0x0e..=0x1f | 0x7f..=0x9f);
    case.assignment.notation != Notation::Bytes
        && case
            .candidate
            .secret()
            .windows(2)
            .any(|pair| pair == b"\\u")
        && !case.value.iter().any(is_control)
}

/// A list of numbers as the key of something; or, in a test, under a name that speaks of a secret often, not always. What
/// programs say to each other has such names, too.
fn of_something(case: &Case<'_>, _: &Sum) -> Says {
    let is_open = match case.strength() {
        Strength::Strong => false,
        Strength::Fair => case.assignment.file_type.example,
        Strength::Unknown => case.assignment.notation == Notation::Bytes,
        Strength::Weak => true,
    };
    match is_open {
        true => Says::Doubt("may speak of a secret, and bytes may be anything"),
        false => Says::Nothing,
    }
}

/// Among what a test of a cipher is made of.
fn vector(case: &Case<'_>, _: &Sum) -> Says {
    vector_of(case).map_or(Says::Nothing, Says::Doubt)
}

/// The doubt that bytes are one of the vectors of a test: by what stands beside them, by a test around them, or by the
/// other lists there. A key that code keeps has no more than an IV beside it.
fn vector_of(case: &Case<'_>) -> Option<&'static str> {
    /// A weight: so many numbers around it in a test, and elsewhere.
    const IN_TESTS: usize = 16;
    /// A weight: more than the bytes of a key and an IV.
    const ELSEWHERE: usize = 48;
    let least = match case.assignment.file_type.example {
        true => IN_TESTS,
        false => ELSEWHERE,
    };
    let is_vector = place::is_beside(case, role::BESIDE_VECTOR)
        || place::is_in_test(case)
        || place::has_numbers_around(case, least);
    is_vector.then_some("speaks of a secret, but it is one of the vectors of a test")
}
