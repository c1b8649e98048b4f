//! What stands in for a password: placeholders, defaults that everybody knows, and references.
//!
//! A password has no format; all that can be said of one is that it is not a secret. Words are compared
//! as wholes: `changeme` is a placeholder, `xk9changeme2Qv` is not.

use std::borrow::Cow;

use super::monotony::{self, Monotony};
use super::name::pieces;
use super::{dictionary, placeholder, reference, role};
use crate::encoding::percent_decoded;

/// What hides a part of a secret, anywhere in the text. Letters of both cases together are drawn ones: of random
/// texts of 48 letters and digits one in 20,000 holds four of them.
const MASKS: &[&str] = &["***", "xxxx", "XXXX", "...", "…", "####"];

/// What parts the name of a scheme from a host.
const SCHEME: &str = "://";

/// A weight: the shortest password that is taken for one. Not measured.
const MIN_LEN: usize = 4;

/// A weight: the most digits of a port or another number that is no password by itself. Not measured.
const PORT_LEN: usize = 5;

/// Whether a password is a placeholder, a default that everybody knows, or a reference. One that
/// stands in a URL may be percent-encoded.
pub(crate) fn is_stand_in(secret: &[u8]) -> bool {
    let says = |secret: &[u8]| says_no_secret(&String::from_utf8_lossy(secret));
    says(secret) || matches!(percent_decoded(secret), Cow::Owned(decoded) if says(&decoded))
}

fn says_no_secret(text: &str) -> bool {
    let text = text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`'));
    let bytes = text.as_bytes();
    if text.chars().count() < MIN_LEN
        || matches!(
            monotony::throughout(bytes),
            Some(Monotony::Run | Monotony::Sequence)
        )
        || monotony::has_run(bytes)
        || is_signs_or_port(text)
    {
        return true;
    }
    let lower = text.to_lowercase();
    reference::of(bytes).is_some()
        || reference::has_template(bytes)
        || has_mask(text)
        || text.contains(SCHEME)
        || has_telling_word(bytes) && placeholder::drawn(bytes).next().is_none()
        || is_setting(text)
        || dictionary::is_words(&lower)
        || dictionary::is_words_in_disguise(&lower)
        || dictionary::is_strewn_with_signs(&lower)
}

/// Whether a part of a secret is hidden, by stars, dots and the like, or it is an address.
pub(crate) fn is_masked(secret: &[u8]) -> bool {
    let text = String::from_utf8_lossy(secret);
    has_mask(&text) || text.contains(SCHEME)
}

fn has_mask(text: &str) -> bool {
    MASKS.iter().any(|mark| text.contains(mark))
}

/// Whether a value says of itself that the secret is to be filled in: `REPLACE_ME`, `change-this!`, `xxxx`. A
/// default that everybody knows does not.
pub(crate) fn is_to_be_filled_in(value: &[u8]) -> bool {
    /// What is to be changed.
    const CHANGED: [&[u8]; 6] = [b"here", b"in", b"it", b"me", b"that", b"this"];
    let text = String::from_utf8_lossy(value);
    let lower = text.to_lowercase();
    let run = value.len() >= MIN_LEN && monotony::throughout(value) == Some(Monotony::Run);
    let words: Vec<&[u8]> = pieces(lower.as_bytes()).collect();
    let change = |pair: &[&[u8]]| pair[0] == b"change" && CHANGED.contains(&pair[1]);
    has_mask(&text) || run || has_telling_word(value) || words.windows(2).any(change)
}

/// Whether a piece of a text, cut at digits too, is a word that makes a placeholder of the whole.
fn has_telling_word(text: &[u8]) -> bool {
    pieces(text)
        .flat_map(|piece| piece.split(u8::is_ascii_digit))
        .any(|piece| role::TELLING.has_in_any_case(piece))
}

/// Nothing but signs, or a number that is short: a port or the like.
fn is_signs_or_port(text: &str) -> bool {
    !text.contains(char::is_alphanumeric)
        || text.len() <= PORT_LEN && text.bytes().all(|b| b.is_ascii_digit())
}

/// The name of a setting, or of a member that holds it: words of one case, joined, of which one says
/// what it is. `netrc_pass`, `AWS_SECRET_ACCESS_KEY`, `connection.password`.
fn is_setting(text: &str) -> bool {
    let text = text.trim_end_matches([')', ']', '}', ',', ';']);
    let joined = text.contains(['_', '-', '.']);
    let one_case = !text.contains(|c: char| c.is_ascii_lowercase())
        || !text.contains(|c: char| c.is_ascii_uppercase());
    joined
        && one_case
        && text.split(['_', '-', '.']).all(|piece| {
            !piece.is_empty()
                && (piece.bytes().all(|b| b.is_ascii_alphabetic())
                    || dictionary::is_short_number(piece.as_bytes()))
        })
        && text
            .split(['_', '-', '.'])
            .any(|piece| role::SETTING.has_in_any_case(piece.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_and_references_stand_in() {
        for other in [
            "",
            "x",
            "Contraseña",
            "wachtwoord",
            "pw",
            "****",
            "xxxx",
            "XXXXXXXX",
            "aaaaaaa",
            "....",
            "...",
            "1234",
            "123456",
            "87654321",
            "password",
            "Password",
            "PASSWORD",
            "passwd",
            "secret",
            "changeme",
            "change_me",
            "example",
            "user",
            "postgres",
            "root",
            "admin",
            "guest",
            "test",
            "your-password",
            "YourPassword",
            "my_secret_pw",
            "mysecretpassword",
            "rootpass",
            "password123",
            "admin2024",
            "P@ssw0rd",
            "s3cr3t",
            "supersecret!",
            "<password>",
            "[password]",
            "{password}",
            "{0}",
            "{{ password }}",
            "${DB_PASS}",
            "$DB_PASS",
            "$password",
            "%DB_PASS%",
            "%s",
            "%(password)s",
            "#{password}",
            "<%= pw %>",
            "__PASSWORD__",
            "@DB_PASS@",
            "$(cat pw)",
            "op://vault/db/password",
            "process.env.DB_PASS",
            "os.environ[\"X\"]",
            "vault:db#pw",
            "%3Cpassword%3E",
            "%24%7BDB_PASS%7D",
            "P%40ssw0rd",
            "replace-with-8Vk2",
            "abc123",
            "qwerty",
            "letmein",
            "hunter2",
            "minioadmin",
            "'changeme'",
            "kV8xxxxxx",
            "open sesame",
            "pass:word",
            "test:test",
            "ENC[AES256_GCM,data:abc]",
            "postgrespassword",
            "8545",
            "27017",
            "%23%40%3C%3E%24",
            "pa;ss",
            "p,ass@word",
            "pa$$word%3F%22!",
            "netrc_pass",
            "AWS_SECRET_ACCESS_KEY",
            "INCORRECT_PASSWORD",
            "not-the-correct-password",
            "connection.password)",
            "access-token-1",
            "resource=https://host.net",
            "pKaaaaaaaaaaaaaaaassword",
        ] {
            assert!(is_stand_in(other.as_bytes()), "{other}");
        }
    }

    #[test]
    fn passwords_do_not() {
        for strong in [
            "kQ8vTz2m",
            "correct horse battery staple",
            "84739284",
            "Zt!9v_",
            "$ecret7vQ",
            "testing-kQ8vTz2m",
            "kQ8%vT@z",
            "bluemonkey77x",
            "p4-kQ8v-root",
            "Tr0ub4dor&3",
            "überholt-9",
            "xk9changemevq2",
            "netrc_pass7",
            "Netrc_Pass",
            "blue-monkey",
            "284719",
        ] {
            assert!(!is_stand_in(strong.as_bytes()), "{strong}");
        }
        assert!(!is_stand_in(b"k\xff8vTz2m\xfe"));
    }

    #[test]
    fn long_passwords_cost_no_more_than_their_length() {
        let long = "test".repeat(500_000);
        assert!(!is_stand_in(long.as_bytes()));
    }
}
