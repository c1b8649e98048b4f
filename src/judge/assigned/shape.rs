//! Values that are no secret by their shape: what everybody writes beside a name that speaks of one.

use std::ops::Range;

use crate::armour;
use crate::filetype::is_file_name;
use crate::judge::judgement::Shape;
use crate::words::number;
use crate::words::randomness::Randomness;
use crate::words::reference::{self, Reference};
use crate::words::{self, role};

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
    (b"0x", Shape::Number),
    (b"argon2", Shape::Hash),
    (b"base64:", Shape::Pattern),
    (b"bcrypt", Shape::Hash),
    (b"data:", Shape::Place),
    (b"md5", Shape::Hash),
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
    (b"{sha", Shape::Hash),
    (b"{ssha", Shape::Hash),
];

/// The shape of a value that is no secret, if it has one.
pub(super) fn of(value: &[u8], bare: bool) -> Option<Shape> {
    if value.iter().any(|&b| !(b' '..=b'~').contains(&b)) {
        return Some(Shape::Binary);
    }
    if is_escaped(value) {
        return Some(Shape::Binary);
    }
    if value.contains(&b' ') || is_list(value) {
        return Some(Shape::Phrase);
    }
    if is_modular_crypt(value) {
        return Some(Shape::Hash);
    }
    if let Some(&(_, shape)) = STARTS.iter().find(|(start, _)| {
        value
            .get(..start.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(start))
    }) {
        return Some(shape);
    }
    if armour::is_public_start(value) || armour::pem::is_start(value) {
        return Some(Shape::Public);
    }
    if reference::of(value) == Some(Reference::Encrypted) {
        return Some(Shape::Encrypted);
    }
    if is_mysql_hash(value) {
        return Some(Shape::Hash);
    }
    if number::is_uuid(without_braces(value)) {
        return Some(Shape::Uuid);
    }
    if is_number(value) {
        return Some(Shape::Number);
    }
    if is_place(value) {
        return Some(Shape::Place);
    }
    if is_expression(value, bare) {
        return Some(Shape::Expression);
    }
    if is_pattern(value) {
        return Some(Shape::Pattern);
    }
    None
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

/// Words of small letters with commas between them.
fn is_list(value: &[u8]) -> bool {
    let word = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_lowercase);
    value.contains(&b',') && value.split(|&b| b == b',').all(word)
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

/// `*` and 40 hex digits: MySQL's `mysql_native_password`.
fn is_mysql_hash(value: &[u8]) -> bool {
    value.len() == 41 && value[0] == b'*' && value[1..].iter().all(u8::is_ascii_hexdigit)
}

/// A value that may stand in braces, as Windows writes UUIDs.
pub(super) fn without_braces(value: &[u8]) -> &[u8] {
    match value {
        [b'{', inner @ .., b'}'] => inner,
        _ => value,
    }
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

/// A URL, a path, a host, a mail address.
fn is_place(value: &[u8]) -> bool {
    /// A weight: what is longer and has slashes is base64 rather than a path. Not measured.
    const LONGEST_PATH: usize = 100;
    /// A weight: so many backslashes before letters part the names of a path; a password has one by chance.
    /// Not measured.
    const BACKSLASHES: usize = 2;
    let has = |text: &[u8]| find(value, text).is_some();
    if has(b"://") || value.contains(&b'/') && value.len() < LONGEST_PATH && is_path(value) {
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
    if [
        &b"./"[..],
        b"../",
        b"~/",
        b"C:",
        b"c:",
        b"\\\\",
        b"//",
        b"www.",
    ]
    .iter()
    .any(|start| value.starts_with(start))
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
    let has = |text: &[u8]| find(value, text).is_some();
    if matches!(value[0], b')' | b',' | b';' | b']' | b'}' | b'>') {
        return true;
    }
    if has(b"()") || has(b"=>") || has(b"->") || has(b"::") || has(b"&&") || has(b"||") {
        return true;
    }
    if bare && (value.iter().any(|b| b"([*".contains(b)) || matches!(value[0], b'!' | b'&')) {
        return true;
    }
    if bare && ends_in_member(value) {
        return true;
    }
    // A name, a dot, a name: no letter turns from lower to upper to digit within them.
    is_dotted(value)
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

/// Identifiers joined by dots, each of words: `config.database.password`.
fn is_dotted(value: &[u8]) -> bool {
    /// A weight: the most digits of an identifier. Not measured.
    const DIGITS: usize = 1;
    let mut parts = 0;
    for part in value.split(|&b| b == b'.') {
        parts += 1;
        let name = part
            .first()
            .is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_')
            && part.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_')
            && part.iter().filter(|b| b.is_ascii_digit()).count() <= DIGITS;
        if !name {
            return false;
        }
    }
    parts >= 2
}

/// Regexes, format strings, markup, and colours: `#rgb`, `#rrggbb`, `#rrggbbaa`.
fn is_pattern(value: &[u8]) -> bool {
    let has = |text: &[u8]| find(value, text).is_some();
    has(b"A-Za-z")
        || has(b"a-zA-Z")
        || has(b"a-z0-9")
        || has(b"A-Z0-9")
        || has(b"0-9a-")
        || has(b"0-9A-")
        || has(b"[a-z")
        || has(b"[A-Z")
        || has(b"[0-9")
        || has(b"\\w")
        || has(b"\\d")
        || has(b"%s")
        || has(b"%d")
        || has(b"{0}")
        || has(b"{}")
        || has(b"</")
        || is_template(value)
        || has(b"/>")
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

fn find(value: &[u8], text: &[u8]) -> Option<Range<usize>> {
    value
        .windows(text.len())
        .position(|window| window == text)
        .map(|at| at..at + text.len())
}
