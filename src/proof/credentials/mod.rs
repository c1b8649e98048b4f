//! A user and a password, joined by a colon and written in base64; and passwords by themselves.

pub(super) mod seal;

use super::Check;
use crate::encoding::decode_base64;
use crate::words::randomness::Randomness;
use crate::words::stand_in::is_stand_in;

/// A weight: a user name of this length that is random is a token. Names of people are shorter. Not
/// measured.
const TOKEN_LEN: usize = 16;

/// Basic authentication: a user, a colon and a password, in base64 (RFC 7617, section 2), without
/// control characters. The `auth` of a Docker configuration is written the same way.
///
/// The password must not stand in for one: it is no placeholder, default or reference, and not the
/// user's name. That is promised, since nothing else can be told of a password.
pub(super) fn basic(secret: &[u8]) -> Check {
    match decode_base64(secret).and_then(text) {
        Some(text) => login(&text),
        None => Check::Invalid,
    }
}

/// The text that bytes are in UTF-8, or else in Latin-1 if most of them are ASCII. Some clients write
/// names and passwords in that.
fn text(bytes: Vec<u8>) -> Option<String> {
    /// A weight: of so many letters at least one is ASCII for each that is not.
    const SHARE: usize = 4;
    let text = String::from_utf8(bytes).or_else(|error| {
        let bytes = error.into_bytes();
        let others = bytes.iter().filter(|byte| !byte.is_ascii()).count();
        // From 0xa0 on Latin-1 has letters and signs; below it has control characters.
        let are_letters = bytes.iter().all(|&b| b.is_ascii() || b >= 0xa0);
        (are_letters && others * SHARE <= bytes.len())
            .then(|| bytes.into_iter().map(char::from).collect())
            .ok_or(())
    });
    text.ok().filter(|text| !text.chars().any(char::is_control))
}

/// The verdict on `user:password`.
fn login(text: &str) -> Check {
    let Some((user, password)) = text.split_once(':') else {
        return Check::Invalid;
    };
    // Many services take a token as the user, with no password or any.
    let token = user.len() >= TOKEN_LEN
        && !is_stand_in(user.as_bytes())
        && Randomness::of(user.as_bytes()).bits > 0.0;
    let strong = password != user && !is_stand_in(password.as_bytes());
    Check::promised(token && !user.contains(' ') || strong)
}

/// A password, or a user and a password, in base64, as npm keeps them. What is no text once it is decoded
/// was no base64, and may be a password as it stands.
pub(super) fn in_base64(secret: &[u8]) -> Check {
    match decode_base64(secret).and_then(text) {
        Some(text) if text.contains(':') => login(&text),
        Some(text) if is_stand_in(text.as_bytes()) || reads_as_words(&text) => Check::Invalid,
        _ => Check::Unknown,
    }
}

/// The secret of a webhook behind its prefix: random bytes in base64. A text that somebody wrote is none.
pub(super) fn webhook(secret: &[u8]) -> Check {
    let start = secret
        .iter()
        .rposition(|&b| b == b'_')
        .map_or(0, |at| at + 1);
    match decode_base64(&secret[start..]).and_then(text) {
        Some(_) => Check::Invalid,
        None => Check::Unknown,
    }
}

/// Whether a text was written and not drawn.
fn reads_as_words(text: &str) -> bool {
    Randomness::of(text.as_bytes()).bits < 0.0
}

/// A password where a format has one, as in a URL. Nothing proves a password, so none is ever valid.
pub(super) fn password(secret: &[u8]) -> Check {
    if is_stand_in(secret) {
        Check::Invalid
    } else {
        Check::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::encode_base64_padded;

    #[test]
    fn a_user_and_a_password_of_some_worth() {
        for (text, expected) in [
            ("deploy:kQ8vTz2mWp", Check::Valid),
            (":kQ8vTz2mWpR4nLxYc", Check::Valid),
            ("kQ8vTz2mWpR4nLxYc:", Check::Valid),
            ("kQ8vTz2mWpR4nLxYc:x", Check::Valid),
            ("kQ8vTz2mWp:kQ8vTz2mWp", Check::Invalid),
            ("user:password", Check::Invalid),
            ("Aladdin:open sesame", Check::Invalid),
            ("deploy:", Check::Invalid),
            ("the-client-of-a-service:", Check::Invalid),
            ("deploy:${PASSWORD}", Check::Invalid),
            ("no colon at all", Check::Invalid),
            ("deploy:kQ8v\u{1}z2mWp", Check::Invalid),
        ] {
            assert_eq!(
                basic(&encode_base64_padded(text.as_bytes())),
                expected,
                "{text}"
            );
        }
        assert_eq!(
            basic(&encode_base64_padded(b"a:\xff\xfe\xfd\xfc\xfb")),
            Check::Invalid
        );
        assert_eq!(basic(b"not base64!"), Check::Invalid);
    }

    #[test]
    fn a_password_is_never_proved() {
        assert_eq!(password(b"kQ8vTz2mWp"), Check::Unknown); // keyward:allow
        assert_eq!(password(b"changeme"), Check::Invalid);
    }
}
