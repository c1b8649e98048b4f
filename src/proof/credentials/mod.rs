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
    let Some(text) = decode_base64(secret).and_then(|bytes| String::from_utf8(bytes).ok()) else {
        return Check::Invalid;
    };
    let Some((user, password)) = text.split_once(':') else {
        return Check::Invalid;
    };
    if text.chars().any(char::is_control) {
        return Check::Invalid;
    }
    // Many services take a token as the user, with no password or any.
    let token = user.len() >= TOKEN_LEN
        && !is_stand_in(user.as_bytes())
        && Randomness::of(user.as_bytes()).bits > 0.0;
    let strong = password != user && !is_stand_in(password.as_bytes());
    Check::promised(token && !user.contains(' ') || strong)
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
