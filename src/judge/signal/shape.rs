//! What a value is instead of a secret, by its form alone.

use super::{Case, Says};
use crate::armour;
use crate::filetype::is_file_name;
use crate::judge::judgement::{Rejection, Shape, Unfit};
use crate::judge::sum::Sum;
use crate::proof::chain::is_public_nkey;
use crate::words::name::Strength;
use crate::words::randomness::{DRAWN, Randomness};
use crate::words::reference::{self, Reference};
use crate::words::{is_one_of, number};

/// What hashes of passwords, digests and publishable keys start with, in lower case.
const STARTS: &[(&[u8], Shape)] = &[
    (b"$2a$", Shape::Hash),
    (b"$2b$", Shape::Hash),
    (b"$2x$", Shape::Hash),
    (b"$2y$", Shape::Hash),
    (b"$1$", Shape::Hash),
    (b"$5$", Shape::Hash),
    (b"$6$", Shape::Hash),
    (b"$apr1$", Shape::Hash),
    (b"$argon2", Shape::Hash),
    (b"$pbkdf2", Shape::Hash),
    (b"$scrypt", Shape::Hash),
    (b"amzn1.account.", Shape::Public),
    (b"amzn1.application-", Shape::Public),
    (b"argon2", Shape::Hash),
    (b"amzn1.ask.", Shape::Public),
    (b"amzn1.devportal.", Shape::Public),
    (b"base64:", Shape::Pattern),
    (b"bcrypt", Shape::Hash),
    (b"data:", Shape::Place),
    (b"ghsa-", Shape::Public),
    (b"grub.pbkdf2", Shape::Hash),
    (b"md5$", Shape::Hash),
    (b"md5-", Shape::Hash),
    (b"md5:", Shape::Hash),
    (b"md5=", Shape::Hash),
    (b"npm:", Shape::Place),
    (b"patch:", Shape::Place),
    (b"pbkdf2", Shape::Hash),
    (b"pk.", Shape::Public),
    (b"pk_live_", Shape::Public),
    (b"pk_test_", Shape::Public),
    (b"scrypt:", Shape::Hash),
    (b"scram-sha", Shape::Hash),
    (b"sha1:", Shape::Hash),
    (b"sha1-", Shape::Hash),
    (b"sha256", Shape::Hash),
    (b"sha384", Shape::Hash),
    (b"sha512", Shape::Hash),
    (b"tpub", Shape::Public),
    (b"workspace:", Shape::Place),
    (b"xpub", Shape::Public),
    (b"{md5", Shape::Hash),
    (b"{sha", Shape::Hash),
    (b"{smd5", Shape::Hash),
    (b"{ssha", Shape::Hash),
];

/// It has the form of something that is no secret.
pub(super) fn refuses(case: &Case<'_>, _: &Sum) -> Says {
    refusal(case).map_or(Says::Nothing, Says::No)
}

/// Why the form of a value says that it is no secret.
pub(super) fn refusal(case: &Case<'_>) -> Option<Rejection> {
    let shape = of(case.value, case.is_bare())?;
    // A key of 256 bits may be written as a number, under a name that leaves no doubt.
    let is_key = shape == Shape::Number
        && case.strength() == Strength::Strong
        && hex_key(case.value).is_some();
    // A UUID that was drawn may be a password; one made of the time and a place is none.
    let drawn = shape == Shape::Uuid
        && case.strength() >= Strength::Fair
        && !number::is_time_uuid(without_braces(case.value));
    (!drawn && !is_key).then_some(Rejection::Unfit(Unfit::Shape(shape)))
}

/// Behind the start of a known format, the random part must be one.
pub(super) fn refuses_part(case: &Case<'_>, _: &Sum) -> Says {
    let candidate = case.candidate;
    let shape = (candidate.public > 0)
        .then(|| {
            of(candidate.secret(), case.is_bare())
                .or_else(|| super::looks::of(&case.with(candidate.secret())))
        })
        .flatten();
    match shape {
        Some(shape) => Says::No(Rejection::Unfit(Unfit::Shape(shape))),
        None => Says::Nothing,
    }
}

/// The form of a value that is no secret, if it has one.
fn of(value: &[u8], bare: bool) -> Option<Shape> {
    if value.is_empty() {
        return Some(Shape::Phrase);
    }
    if is_binary(value) || is_escaped(value) {
        return Some(Shape::Binary);
    }
    if value.contains(&b' ') || is_list(value) {
        return Some(Shape::Phrase);
    }
    if is_modular_crypt(value) {
        return Some(Shape::Hash);
    }
    let first = value[0].to_ascii_lowercase();
    if let Some(&(_, shape)) = STARTS.iter().find(|(start, _)| {
        start[0] == first
            && value
                .get(..start.len())
                .is_some_and(|head| head.eq_ignore_ascii_case(start))
    }) {
        return Some(shape);
    }
    if armour::is_public_start(value)
        || armour::pem::is_start(value)
        || is_point(value)
        || is_public_nkey(value)
    {
        return Some(Shape::Public);
    }
    if reference::of(value) == Some(Reference::Encrypted) {
        return Some(Shape::Encrypted);
    }
    if is_hash_of_a_database(value) {
        return Some(Shape::Hash);
    }
    if number::is_uuid(without_braces(value)) {
        return Some(Shape::Uuid);
    }
    if is_number(value) || is_hex_number(value) || is_version_range(value) {
        return Some(Shape::Number);
    }
    if is_place(value) || is_file(value) {
        return Some(Shape::Place);
    }
    if is_regex(value) || is_strokes(value) {
        return Some(Shape::Pattern);
    }
    if is_call(value) || bare && ends_in_member(value) {
        return Some(Shape::Expression);
    }
    None
}

/// Whether a value says which keys of a keyboard are hit: `Ctrl-Shift-Z|Alt+F4`.
fn is_strokes(value: &[u8]) -> bool {
    const HELD: [&[u8]; 9] = [
        b"alt", b"cmd", b"command", b"control", b"ctrl", b"meta", b"mod", b"option", b"shift",
    ];
    /// A bound: the longest name of another key, `backspace`.
    const LONGEST: usize = 9;
    let is_held = |part: &[u8]| is_one_of(part, &HELD);
    let is_key = |part: &[u8]| {
        part.len() < 2
            || part.len() <= LONGEST
                && part.iter().all(u8::is_ascii_alphanumeric)
                && Randomness::of(part).bits < 0.0
    };
    value.split(|&b| b == b'|').all(|stroke| {
        let mut parts = stroke.split(|b| matches!(b, b'+' | b'-'));
        parts.next().is_some_and(is_held) && parts.all(|part| is_held(part) || is_key(part))
    })
}

/// Whether a value is the name of a file by its ending. A draw ends so once in 100,000 and less often.
fn is_file(value: &[u8]) -> bool {
    /// A weight: shorter endings stand behind a dot by chance.
    const ENDING: usize = 3;
    let is_name = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    let ending = value.rsplit(|&b| b == b'.').next().unwrap_or_default();
    ending.len() >= ENDING && value.iter().all(is_name) && is_file_name(value)
}

/// Whether a value is a point of the curve P-256 in base64, as a browser is given it (RFC 8292, section 3.2): 65
/// bytes, of which the first is 4. Of 256 random texts of that length one starts so.
fn is_point(value: &[u8]) -> bool {
    /// So many characters have 65 bytes.
    const LEN: usize = 87;
    let value = value.strip_suffix(b"=").unwrap_or(value);
    let is_base64 = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'+' | b'/');
    value.len() == LEN && matches!(value, [b'B', b'A'..=b'P', ..]) && value.iter().all(is_base64)
}

/// Whether a value has bytes that no one types, or more letters beyond ASCII than a password has among others.
fn is_binary(value: &[u8]) -> bool {
    /// A weight: a text in another script has more of them, in shares of the characters. Without a bound some
    /// 240 labels in other languages are found in the labelled repositories, with this one none.
    const SHARE: usize = 4;
    if value.is_ascii() {
        return value.iter().any(u8::is_ascii_control);
    }
    let Ok(text) = std::str::from_utf8(value) else {
        return true;
    };
    let beyond = text.chars().filter(|c| !c.is_ascii()).count();
    beyond * SHARE > text.chars().count() || text.chars().any(char::is_control)
}

/// A name with brackets behind it, and nothing behind these: `get(x)`.
fn is_call(value: &[u8]) -> bool {
    let name = value
        .iter()
        .take_while(|b| b.is_ascii_alphanumeric() || [b'_', b'.'].contains(b))
        .count();
    name > 0 && value.get(name) == Some(&b'(') && value.last() == Some(&b')')
}

/// A URL, or a path by its start.
fn is_place(value: &[u8]) -> bool {
    value.windows(3).any(|part| part == b"://")
        || value.starts_with(b"/?") && Randomness::of(value).bits < DRAWN
        || is_below_blank(value)
        || [
            &b"./"[..],
            b"../",
            b"~/",
            b"C:",
            b"c:",
            b"\\\\",
            b"//",
            b"#/",
            b"www.",
        ]
        .iter()
        .any(|start| value.starts_with(start))
}

/// Whether a path starts with what is to be filled in: `<URL>/acme/authz`.
fn is_below_blank(value: &[u8]) -> bool {
    let Some(rest) = value.strip_prefix(b"<") else {
        return false;
    };
    let is_part = |b: &&u8| b.is_ascii_uppercase() || **b == b'_';
    let len = rest.iter().take_while(is_part).count();
    len > 0 && rest[len..].starts_with(b">/")
}

/// Whether a word stands behind a dot at the end: `tokens2.value`.
fn ends_in_member(value: &[u8]) -> bool {
    /// A weight: a shorter word may be chance. Not measured.
    const SHORTEST: usize = 3;
    let Some(dot) = value.iter().rposition(|&b| b == b'.') else {
        return false;
    };
    let word = &value[dot + 1..];
    word.len() >= SHORTEST
        && word.iter().all(|&b| b.is_ascii_lowercase() || b == b'_')
        && Randomness::of(word).bits < 0.0
}

/// A class of characters, as regexes have it, or more of their other signs than a draw has by chance.
fn is_regex(value: &[u8]) -> bool {
    /// A weight: of random texts of 24 printable characters one in 1,200 has as many.
    const SIGNS: usize = 2;
    let signs = value
        .windows(2)
        .filter(|pair| {
            matches!(
                *pair,
                [b'(', b'?']
                    | [b'[', b'^']
                    | [b'.', b'*']
                    | [b'.', b'+']
                    | [b')', b'?']
                    | [b')', b'*']
                    | [b')', b'+']
                    | [b']', b'*']
                    | [b']', b'+']
                    | [b']', b'?']
                    | [b')', b'$']
            ) || pair[0] == b'\\' && b"swdbSWDB.[]()".contains(&pair[1])
        })
        .take(SIGNS)
        .count();
    signs == SIGNS || is_anchored(value) || has_class(value) || is_time_format(value)
}

/// Bound to both ends of a line, as regexes are: `^(one|other)$`. Of random printable texts one in 8,836 is.
fn is_anchored(value: &[u8]) -> bool {
    value.starts_with(b"^") && value.ends_with(b"$")
}

/// Percent signs before letters, more than a draw has by chance: `%Y-%m-%dT%H:%M:%SZ`.
fn is_time_format(value: &[u8]) -> bool {
    /// A weight: of random texts of 24 printable characters one in 30,000 has as many.
    const FIELDS: usize = 3;
    let fields = value
        .windows(2)
        .filter(|pair| pair[0] == b'%' && pair[1].is_ascii_alphabetic());
    fields.take(FIELDS).count() == FIELDS
}

fn has_class(value: &[u8]) -> bool {
    // Each has one; most values have none.
    if !value.contains(&b'-') {
        return false;
    }
    [
        &b"A-Za-z"[..],
        b"a-zA-Z",
        b"a-z0-9",
        b"A-Z0-9",
        b"0-9a-",
        b"0-9A-",
        b"[a-z",
        b"[A-Z",
        b"[0-9",
    ]
    .iter()
    .any(|class| value.windows(class.len()).any(|part| part == *class))
}

/// Bytes written as escapes: `\x8f\x02`.
fn is_escaped(value: &[u8]) -> bool {
    /// A weight: fewer may be signs of a password. Not measured.
    const MANY: usize = 2;
    /// A weight: in a short value a single one is a sixth of it. Not measured.
    const SHARE: usize = 6;
    let escapes = value
        .windows(2)
        .filter(|pair| {
            pair[0] == b'\\' && (matches!(pair[1], b'x' | b'u') || pair[1].is_ascii_digit())
        })
        .count();
    escapes >= MANY || escapes * SHARE >= value.len()
}

/// Words of small letters with commas between them, or many parts with colons: `ECDH:AES:!MD5:!DSS:3DES`.
fn is_list(value: &[u8]) -> bool {
    /// A weight: a token has one colon, and a draw as many as this once in millions.
    const PARTS: usize = 5;
    let word = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_lowercase);
    value.contains(&b',') && value.split(|&b| b == b',').all(word)
        || value.split(|&b| b == b':').count() >= PARTS
}

/// `$6$rounds=5000$...`, maybe behind a scheme in braces: how hashes of passwords are kept.
fn is_modular_crypt(value: &[u8]) -> bool {
    /// A bound: the longest scheme, with its brace.
    const SCHEME: usize = 16;
    /// A bound: the longest id, `bcrypt-sha256` and its kin.
    const ID: usize = 14;
    let start = match value.iter().position(|&b| b == b'}') {
        Some(end) if value[0] == b'{' && end < SCHEME => end + 1,
        _ => 0,
    };
    let Some((b'$', rest)) = value[start..].split_first() else {
        return false;
    };
    let id = rest
        .iter()
        .take_while(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || **b == b'-')
        .count();
    (1..=ID).contains(&id) && rest.get(id) == Some(&b'$')
}

/// `*` and 40 hex digits: MySQL's `mysql_native_password`. `md5` and 32: PostgreSQL's `md5`.
fn is_hash_of_a_database(value: &[u8]) -> bool {
    [(&b"*"[..], 40), (b"md5", 32)]
        .iter()
        .any(|(start, digits)| {
            let rest = value.strip_prefix(*start);
            rest.is_some_and(|rest| rest.len() == *digits && rest.iter().all(u8::is_ascii_hexdigit))
        })
}

/// A value that may stand in braces, as Windows writes UUIDs, or behind the start of a name (RFC 9562, section 4).
pub(super) fn without_braces(value: &[u8]) -> &[u8] {
    const START: &[u8] = b"urn:uuid:";
    match value {
        [b'{', inner @ .., b'}'] => inner,
        _ => match value.split_at_checked(START.len()) {
            Some((start, inner)) if start.eq_ignore_ascii_case(START) => inner,
            _ => value,
        },
    }
}

/// Which versions of something are meant: `^10.48.4|^11.0.8`, `>=4,<4.0.99||>=4.1`, `~2.1.*`, `jeepney==0.9.0`.
fn is_version_range(value: &[u8]) -> bool {
    let value = behind_package(value);
    let is_sign = |b: u8| b"^~<>=!".contains(&b);
    let is_version = |part: &[u8]| {
        let start = part.iter().take_while(|&&b| is_sign(b)).count();
        let part = &part[start..];
        part.first().is_some_and(u8::is_ascii_digit)
            && part
                .iter()
                .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'*' | b'x'))
    };
    let mut parts = value
        .split(|b| matches!(b, b'|' | b',' | b' '))
        .filter(|part| !part.is_empty());
    value
        .first()
        .is_some_and(|&b| is_sign(b) || b.is_ascii_digit())
        && value
            .iter()
            .any(|&b| is_sign(b) || matches!(b, b'|' | b'*'))
        && value.contains(&b'.')
        && parts.all(is_version)
}

/// What stands behind the name of a package in front of its versions: `==0.9.0` of `jeepney==0.9.0`.
fn behind_package(value: &[u8]) -> &[u8] {
    let is_name = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.[]".contains(b);
    let len = value.iter().take_while(|b| is_name(b)).count();
    match &value[len..] {
        [b'=' | b'>' | b'<' | b'~' | b'!', b'=', ..] if value[0].is_ascii_lowercase() => {
            &value[len..]
        }
        _ => value,
    }
}

/// `0x` and hex digits, with what a language writes behind them; a text that was drawn begins so, too, at times.
fn is_hex_number(value: &[u8]) -> bool {
    /// A weight: the letters of a type (`0xFFull`, `0x1p-4`), of the `x` of another number. Not measured.
    const LETTERS: usize = 4;
    let is_other = |b: &&u8| b.is_ascii_alphabetic() && !b.is_ascii_hexdigit();
    behind_sign(value)
        .is_some_and(|rest| rest.iter().filter(is_other).take(LETTERS + 1).count() <= LETTERS)
}

/// The digits of such a number that has as many as a key that was drawn: an address of a chain has 40.
pub(super) fn hex_key(value: &[u8]) -> Option<&[u8]> {
    /// A bound: 256 bits.
    const DIGITS: usize = 64;
    let is_key = |it: &&[u8]| it.len() == DIGITS && it.iter().all(u8::is_ascii_hexdigit);
    behind_sign(value).filter(is_key)
}

/// What stands behind the sign of a hex number.
fn behind_sign(value: &[u8]) -> Option<&[u8]> {
    let behind = |sign: &[u8; 2]| value.strip_prefix(sign);
    behind(b"0x").or_else(|| behind(b"0X"))
}

/// Digits with signs between them and at most two letters: dates, versions, addresses, amounts.
fn is_number(value: &[u8]) -> bool {
    /// A weight: the `T` and the `Z` of a time. Not measured.
    const LETTERS: usize = 2;
    // `^1.2.3`, `>=2`
    let start = value.iter().take_while(|b| b"^~<>=v".contains(b)).count();
    let value = &value[start..];
    let letters = value.iter().filter(|b| b.is_ascii_alphabetic()).count();
    let signs = value
        .iter()
        .filter(|b| !b.is_ascii_alphanumeric() && !b".:-_/+,T".contains(b))
        .count();
    letters <= LETTERS && signs == 0
}
