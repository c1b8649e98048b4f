//! Why only a human can tell whether a random value is a secret.

use super::evidence::{self, DIGITS_OF_A_WORD, LONG, LONG_LETTERS, trailing_digits};
use super::{Case, Says, place};
use crate::assignment::Notation;
use crate::assignment::Speaks;
use crate::filetype::Syntax;
use crate::judge::context;
use crate::judge::sum::Sum;
use crate::words::name::{self, Strength};
use crate::words::randomness::Randomness;
use crate::words::{contains, is_one_of, number, role};

/// Its name speaks of anything, and nothing beside it speaks of a secret.
pub(super) fn name(case: &Case<'_>, _: &Sum) -> Says {
    /// A weight: so random is a key that was drawn, in bits: 20 letters and digits and more.
    const KEY: f32 = 60.0;
    // Beside a cipher stand keys in hex by the thousand, nearly all in tests of it.
    let is_hex = || case.value.iter().all(u8::is_ascii_hexdigit);
    let told = || {
        place::is_of_service(case)
            || case.randomness().bits >= KEY
                && !is_hex()
                && (case.assignment.file_type.keeps_secrets
                    || place::is_beside(case, role::BESIDE_KEY))
    };
    said(
        case,
        case.strength() == Strength::Weak && !told(),
        "may speak of a secret",
    )
}

/// Hex digits of a digest's length under the name of a password: in code and rows of users, its hash; in settings,
/// what `openssl rand -hex` drew. Beside a salt they are one of any length.
pub(super) fn hash(case: &Case<'_>, _: &Sum) -> Says {
    /// A weight: the fewest digits of a hash that was made with a salt.
    const LEAST: usize = 40;
    let is_digest = || number::digest_bits(case.value).is_some();
    let is_long = || case.value.len() >= LEAST && case.value.iter().all(u8::is_ascii_hexdigit);
    let is_salted = || place::is_beside(case, role::BESIDE_HASH);
    said(
        case,
        name::is_password(case.name)
            && (is_digest() && (!is_setting(case) || is_salted()) || is_long() && is_salted()),
        "speaks of a secret, but it may be its hash",
    )
}

/// Hex digits under a key of something: a key in a variable of the environment, else as often a public one, a
/// test's or an id.
pub(super) fn hex_key(case: &Case<'_>, _: &Sum) -> Says {
    let is_variable =
        is_setting(case) && !case.assignment.file_type.example && name::is_variable(case.name);
    said(
        case,
        case.strength() == Strength::Unknown
            && !is_variable
            && case.value.iter().all(u8::is_ascii_hexdigit),
        "may speak of a secret, and hex digits may name things",
    )
}

/// Whether it stands in settings or in a script.
fn is_setting(case: &Case<'_>) -> bool {
    matches!(
        case.assignment.file_type.syntax,
        Syntax::Settings | Syntax::Script
    )
}

/// Whether it stands in the address of a file that a page shows: `?alt=media&token=`.
fn is_of_media(case: &Case<'_>) -> bool {
    /// A bound: nothing but a parameter or two stands between.
    const REACH: usize = 64;
    let start = case.assignment.name.start;
    case.assignment.notation == Notation::Query
        && contains(
            &case.candidate.text()[start.saturating_sub(REACH)..start],
            b"alt=media",
        )
}

/// UUIDs name things more often than they open them, but for what is called a token.
pub(super) fn uuid(case: &Case<'_>, _: &Sum) -> Says {
    let is_token = name::is_token(case.name) && !is_of_media(case);
    said(
        case,
        case.is_uuid()
            && (case.strength() < Strength::Strong && !is_token || is_of_request(case.name)),
        "speaks of a secret, but a UUID may name it",
    )
}

/// Whether a name is that of the token by which a client tells the same request from another one, as AWS calls it:
/// `ClientToken`. A variable of the environment holds none.
fn is_of_request(name: &[u8]) -> bool {
    name::is_made_of(name, &["client", "token"]) && !name::is_variable(name)
}

/// The id of a resource of a cloud, `vpc-1a2b3c4d`: some letters and eight or seventeen hex digits.
pub(super) fn resource(case: &Case<'_>, _: &Sum) -> Says {
    /// A weight: the longest such letters. Not measured.
    const LETTERS: std::ops::RangeInclusive<usize> = 1..=8;
    let mut parts = case.value.splitn(2, |&b| b == b'-');
    let letters = parts.next().unwrap_or_default();
    let digits = parts.next().unwrap_or_default();
    said(
        case,
        case.strength() < Strength::Strong
            && LETTERS.contains(&letters.len())
            && letters.iter().all(u8::is_ascii_lowercase)
            && matches!(digits.len(), 8 | 17)
            && digits
                .iter()
                .all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase()),
        "speaks of a secret, but it reads like the id of a resource",
    )
}

/// It is short for what it is made of: letters of one case, maybe with a digit or two behind them, may be a word of
/// any language, and a few hex digits an id.
pub(super) fn short_of_kind(case: &Case<'_>, _: &Sum) -> Says {
    /// A weight: fewer hex digits may be an id.
    const SHORT_HEX: usize = 12;
    let value = case.value;
    let digits = trailing_digits(value).min(DIGITS_OF_A_WORD);
    let word = &value[..value.len() - digits];
    // Joined by underscores they name something: `ACME_AK`.
    let mut parts = word.split(|&b| b == b'_');
    let letters = parts.all(|part| {
        let is = |sort: fn(&u8) -> bool| part.iter().skip(1).all(sort);
        part.iter().all(u8::is_ascii_alphabetic)
            && (is(u8::is_ascii_lowercase) || word.len() > part.len() && is(u8::is_ascii_uppercase))
    });
    // No draw of small and capital letters has a capital first and no other one: a word of any length does.
    let is_only = || !word.iter().skip(1).any(u8::is_ascii_uppercase);
    let least = match (word.first(), digits) {
        (Some(b'A'..=b'Z'), 0) if is_only() => usize::MAX,
        (_, 0) => LONG_LETTERS,
        _ => LONG,
    };
    let short = letters && value.len() < least
        || value.len() < SHORT_HEX && value.iter().all(u8::is_ascii_hexdigit);
    said(
        case,
        short,
        "speaks of a secret, but short for letters or hex digits alone",
    )
}

/// Letters alone, some beyond ASCII, are words of a language that the randomness of a value was not learnt from:
/// `Arbetsyteåtkomst`.
pub(super) fn foreign(case: &Case<'_>, _: &Sum) -> Says {
    let is_words = || {
        std::str::from_utf8(case.value).is_ok_and(|text| {
            let mut letters = text.chars();
            letters.all(|c| c.is_alphabetic() || matches!(c, '-' | '\u{301}' | '\u{308}'))
        })
    };
    said(
        case,
        !case.value.is_ascii() && is_words(),
        "speaks of a secret, but it is a word of another language",
    )
}

/// Hex digits among what a test of a cipher is made of: what goes in and what comes out.
pub(super) fn vector(case: &Case<'_>, _: &Sum) -> Says {
    said(
        case,
        case.assignment.file_type.example
            && number::digest_bits(case.value).is_some()
            && place::is_beside(case, role::BESIDE_VECTOR),
        "speaks of a secret, but it is one of the vectors of a test",
    )
}

/// Hex digits as one of the arguments by which a test makes something: a commit, a digest, an id; or one of several long
/// texts, as the vectors of a cipher are.
pub(super) fn argument(case: &Case<'_>, _: &Sum) -> Says {
    said(
        case,
        case.assignment.file_type.example
            && case.assignment.file_type.syntax != Syntax::Prose
            && case.assignment.speaks == Speaks::Name
            && place::is_further_argument(case)
            && (number::digest_bits(case.value).is_some() || place::is_one_of_many(case)),
        "speaks of a secret, but it is one of several arguments",
    )
}

/// What became of a word in a row of a test: `("password", "<its hash>")`, where the rows around it have other words
/// and what became of them.
pub(super) fn row(case: &Case<'_>, _: &Sum) -> Says {
    said(
        case,
        case.assignment.file_type.example
            && case.assignment.notation == Notation::Quoted
            && place::is_in_table(case),
        "speaks of a secret, but it is one of the rows of a test",
    )
}

/// One of the parts that a text was cut into: `tokens = ["3", "1", "1", "d2ab..."]`.
pub(super) fn part(case: &Case<'_>, _: &Sum) -> Says {
    let text = case.candidate.text();
    // The name of several things is read as that of one.
    let is_several = matches!(text.get(case.assignment.name.end), Some(b's' | b'S'));
    said(
        case,
        is_several
            && case.strength() < Strength::Strong
            && case.assignment.speaks == Speaks::Name
            && contains(case.name, b"token")
            && place::is_among_parts(case),
        "may speak of a secret, or of what a text was cut into",
    )
}

/// One of several names that differ in a few places: `SESSION = "cl_B7d4PD111AAA"`, `ACCOUNT = "cl_B7d4PD333AAA"`. Two that
/// were drawn have nothing in common but the start of their format.
pub(super) fn family(case: &Case<'_>, _: &Sum) -> Says {
    said(
        case,
        !name::is_password(case.name) && place::has_kin_near(case),
        "speaks of a secret, but another value near by differs from it in a few places",
    )
}

/// The id of a session that an answer hands out in a recording: hex digits, that end with the session.
pub(super) fn session(case: &Case<'_>, _: &Sum) -> Says {
    let is_id = || case.value.iter().all(u8::is_ascii_hexdigit) || case.is_uuid();
    said(
        case,
        case.assignment.file_type.example
            && case.assignment.speaks == Speaks::Holder
            && is_id()
            && place::is_cookie_of_answer(case),
        "keeps a session, but its id is handed out in an example",
    )
}

/// It spells words once digits and signs are taken for the letters that they look like.
pub(super) fn spelled(case: &Case<'_>, _: &Sum) -> Says {
    said(
        case,
        is_spelled(case.value) && !evidence::is_padded(case.value),
        "speaks of a secret, but it spells words",
    )
}

/// Small words joined by dashes, maybe with a few drawn characters at the end, name a thing: `acme-cert-3f9a1`.
pub(super) fn slug(case: &Case<'_>, _: &Sum) -> Says {
    /// A weight: with more bits the words are none. Not measured.
    const BITS: f32 = 24.0;
    /// A weight: the longest such tail.
    const TAIL: usize = 6;
    let is_word = |part: &[u8]| part.len() > 1 && part.iter().all(u8::is_ascii_lowercase);
    let is_tail = |part: &[u8]| {
        part.len() <= TAIL
            && part
                .iter()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    };
    let mut parts = case.value.rsplit(|&b| b == b'-');
    let tail = parts.next().unwrap_or_default();
    let is_slug = case.value.contains(&b'-')
        && (is_word(tail) || is_tail(tail))
        && parts.all(is_word)
        && Randomness::of(&case.value[..case.value.len() - tail.len()]).bits < BITS
        && !name::is_password(case.name);
    said(
        case,
        is_slug,
        "speaks of a secret, but it reads like the name of a thing",
    )
}

/// An answer that a document shows, as tests write them anew each time: `example:` of an OpenAPI document.
pub(super) fn answer(case: &Case<'_>, _: &Sum) -> Says {
    said(
        case,
        case.assignment.file_type.example
            && case.assignment.file_type.syntax == Syntax::Settings
            && place::is_in_example(case),
        "speaks of a secret, but an example of a document holds it",
    )
}

/// The template of a message about a password, not one: `templates: { reset_password: "x" }`, `TEMPLATE_RESET_PASSWORD`.
pub(super) fn message(case: &Case<'_>, _: &Sum) -> Says {
    /// What messages are about that a service sends on a password or a key.
    const ABOUT: [&[u8]; 14] = [
        b"change",
        b"changed",
        b"confirm",
        b"expired",
        b"forget",
        b"forgot",
        b"forgotten",
        b"lost",
        b"new",
        b"recover",
        b"reset",
        b"update",
        b"updated",
        b"verify",
    ];
    const TEMPLATES: [&[u8]; 2] = [b"template", b"templates"];
    let is_template = || {
        let (text, start) = (case.candidate.text(), case.assignment.name.start);
        has(case.name, &TEMPLATES)
            || context::map_around(text, start).is_some_and(|map| has(map, &TEMPLATES))
    };
    said(
        case,
        has(case.name, &ABOUT) && is_template(),
        "speaks of a secret, but it may be a template about one",
    )
}

/// The version of a secret, behind its name, that a vault is asked for: `client.GetSecret("db", "<32 hex digits>")`. Another
/// function takes a default there.
pub(super) fn version(case: &Case<'_>, _: &Sum) -> Says {
    /// A bound: the digits of a version (<https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates>).
    const DIGITS: usize = 32;
    const THINGS: [&[u8]; 3] = [b"certificate", b"key", b"secret"];
    const VAULTS: [&[u8]; 4] = [b"client", b"kv", b"secrets", b"vault"];
    let is_version = |value: &[u8]| {
        value.len() == DIGITS
            && value
                .iter()
                .all(|b| b.is_ascii_digit() || matches!(b, b'a'..=b'f'))
    };
    let asks_vault = |function: &[u8]| {
        let Some(dot) = function.iter().rposition(|&b| b == b'.') else {
            return false;
        };
        let (vault, getter) = (&function[..dot], &function[dot + 1..]);
        let verb = name::pieces(getter).next().unwrap_or_default();
        verb.eq_ignore_ascii_case(b"get") && has(getter, &THINGS) && has(vault, &VAULTS)
    };
    said(
        case,
        is_version(case.value) && place::called_with(case).is_some_and(asks_vault),
        "speaks of a secret, but it is the version of one",
    )
}

/// A token in the address of the image of a badge, which whoever reads the page gets.
pub(super) fn badge(case: &Case<'_>, _: &Sum) -> Says {
    let (text, start) = (case.candidate.text(), case.assignment.name.start);
    said(
        case,
        case.assignment.notation == Notation::Query && context::is_in_badge(text, start),
        "speaks of a secret, but it stands in the address of a badge",
    )
}

/// Its name says what is done with a key, not what the key is to: `set_key`. What such a function is given is the key.
pub(super) fn verb(case: &Case<'_>, _: &Sum) -> Says {
    let first = name::pieces(case.name).next().unwrap_or_default();
    let is_call = case.candidate.text().get(case.assignment.name.end) == Some(&b'(');
    said(
        case,
        case.strength() == Strength::Unknown && role::VERB.has_in_any_case(first) && !is_call
            || is_call && case.strength() < Strength::Strong && is_attribute(case.name),
        "may speak of a secret, or of what is done with a key",
    )
}

/// Whether a name is that of a method by which the key of an attribute is given its value, of a type that the method says:
/// `NetworkConnectionSubtypeKey.String`.
fn is_attribute(name: &[u8]) -> bool {
    const TYPES: [&[u8]; 6] = [
        b"String",
        b"StringSlice",
        b"Int",
        b"Int64",
        b"Bool",
        b"Float64",
    ];
    let Some(dot) = name.iter().rposition(|&b| b == b'.') else {
        return false;
    };
    TYPES.contains(&&name[dot + 1..]) && name[..dot].ends_with(b"Key")
}

/// It is short, in a test, a document or another example.
pub(super) fn example(case: &Case<'_>, _: &Sum) -> Says {
    said(
        case,
        !evidence::is_strong(case.value) && place::is_in_sample(case),
        "speaks of a secret, but short, in an example",
    )
}

/// Whether a name has one of some words.
fn has(name: &[u8], words: &[&[u8]]) -> bool {
    name::pieces(name).any(|piece| is_one_of(piece, words))
}

/// A doubt, if it holds; where what people make up counts, none of these does.
fn said(case: &Case<'_>, holds: bool, why: &'static str) -> Says {
    match holds && !case.is_made_up() {
        true => Says::Doubt(why),
        false => Says::Nothing,
    }
}

/// Whether a value reads as written once digits and signs are taken for the letters that they look
/// like, and all letters for small ones: `S3cuR1ty`.
pub(super) fn is_spelled(value: &[u8]) -> bool {
    /// A weight: a longer value spells no words by chance. Of 4,000 random values of 8 letters and digits 11 do, of 12
    /// letters and digits 2.
    const LONGEST: usize = 24;
    value.len() <= LONGEST && evidence::reads_undisguised(value)
}
