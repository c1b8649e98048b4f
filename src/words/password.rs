//! Passwords that are none: placeholders, defaults and references.
//!
//! A password has no format; all that can be said of one is that it is not a secret. The words here
//! are compared as wholes: `changeme` is a placeholder, `xk9changeme2Qv` is not.

use std::borrow::Cow;
use std::sync::LazyLock;

use super::reference;
use crate::encoding::percent_decoded;

/// Words that fill the place of a password in documentation and defaults. A password made of
/// nothing but these, short numbers, and signs is none.
static WORDS: LazyLock<Vec<&str>> =
    LazyLock::new(|| include_str!("password-words.txt").lines().collect());

/// Words that make a placeholder of whatever they are a piece of. Sorted.
const TELLING: &[&str] = &[
    "changeit",
    "changeme",
    "dummy",
    "example",
    "fixme",
    "insert",
    "placeholder",
    "redacted",
    "replace",
    "replaceme",
    "todo",
    "your",
];

/// Words that say of a name that a secret belongs to it.
const SAYING: [&str; 9] = [
    "key",
    "pass",
    "passphrase",
    "passwd",
    "password",
    "pw",
    "pwd",
    "secret",
    "token",
];

/// What hides a part of a secret, anywhere in the text, and what parts the name of a scheme from a host.
const MASKS: &[&str] = &["***", "xxxx", "...", "…", "####", "://"];

/// The shortest password that is taken for one.
const MIN_LEN: usize = 4;

/// The longest text that may be put together from words; the search is linear in it, with the longest
/// word as the factor.
const MAX_SPELLED: usize = 64;

/// Whether a password is a placeholder, a default that everybody knows, or a reference. One that
/// stands in a URL may be percent-encoded.
pub(crate) fn weak_password(secret: &[u8]) -> bool {
    let is_weak = |secret: &[u8]| is_weak(&String::from_utf8_lossy(secret));
    is_weak(secret) || matches!(percent_decoded(secret), Cow::Owned(decoded) if is_weak(&decoded))
}

fn is_weak(text: &str) -> bool {
    let text = text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`'));
    if text.chars().count() < MIN_LEN
        || is_run(text.as_bytes())
        || has_run(text.as_bytes())
        || is_bare(text)
    {
        return true;
    }
    let lower = text.to_lowercase();
    reference::of(text.as_bytes()).is_some()
        || reference::has_template(text.as_bytes())
        || MASKS.iter().any(|mark| lower.contains(mark))
        || pieces(text).any(|piece| TELLING.binary_search(&piece.as_str()).is_ok())
        || is_setting(text)
        || is_words(&lower)
        || is_words_in_disguise(&lower)
        || is_listed(&lower)
}

/// The same behind digits and signs that stand for letters.
fn is_words_in_disguise(lower: &str) -> bool {
    let plain = plain(lower.trim_matches(|c: char| !c.is_ascii_alphanumeric()));
    plain != lower && is_words(&plain)
}

/// Nothing but signs, or a number of up to five digits: a port or the like.
fn is_bare(text: &str) -> bool {
    !text.contains(char::is_alphanumeric)
        || text.len() <= 5 && text.bytes().all(|b| b.is_ascii_digit())
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
                    || is_short_number(piece.as_bytes()))
        })
        && text
            .split(['_', '-', '.'])
            .any(|piece| SAYING.contains(&piece.to_ascii_lowercase().as_str()))
}

/// Whether a text is one word of the list with signs strewn in, to test how they are escaped: `pa;ss`.
fn is_listed(lower: &str) -> bool {
    let letters: String = lower.chars().filter(char::is_ascii_alphanumeric).collect();
    letters.len() < lower.len() && WORDS.binary_search(&letters.as_str()).is_ok()
}

/// One character over and over, or characters that count up or down.
fn is_run(text: &[u8]) -> bool {
    let steps = || text.windows(2).map(|pair| pair[1].wrapping_sub(pair[0]));
    [0, 1, 255].iter().any(|&step| steps().all(|s| s == step))
        || text.iter().all(|b| text[0].eq_ignore_ascii_case(b))
        || matches!(text, b"1234567890" | b"0987654321")
}

/// One character eight times in a row: a random password has that once in a million million.
fn has_run(text: &[u8]) -> bool {
    text.windows(8)
        .any(|eight| eight.iter().all(|&byte| byte == eight[0]))
}

/// The pieces of a text, in lower case: cut at signs, at digits, and where capitals start a word.
fn pieces(text: &str) -> impl Iterator<Item = String> + '_ {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < bytes.len() && !bytes[at].is_ascii_alphabetic() {
            at += 1;
        }
        let start = at;
        while at < bytes.len() && bytes[at].is_ascii_alphabetic() {
            at += 1;
            if at < bytes.len()
                && bytes[at - 1].is_ascii_lowercase()
                && bytes[at].is_ascii_uppercase()
            {
                break;
            }
        }
        (start < at).then(|| text[start..at].to_ascii_lowercase())
    })
}

/// Letters for the digits and signs that are written in their place.
pub(crate) fn plain(lower: &str) -> String {
    lower
        .chars()
        .map(|c| match c {
            '0' => 'o',
            '1' | '!' => 'i',
            '3' => 'e',
            '4' | '@' => 'a',
            '5' | '$' => 's',
            '7' => 't',
            c => c,
        })
        .collect()
}

/// Whether a text in lower case is nothing but words of the list, short numbers, and signs.
fn is_words(lower: &str) -> bool {
    if lower.len() > MAX_SPELLED {
        return false;
    }
    if !lower.is_ascii() {
        return WORDS.binary_search(&lower).is_ok();
    }
    lower
        .split(|c: char| !c.is_ascii_alphanumeric())
        .all(|piece| is_spelled(piece.as_bytes()))
        && lower.contains(|c: char| c.is_ascii_alphabetic())
}

/// Whether words and numbers of the list, one after another, make up the piece.
fn is_spelled(piece: &[u8]) -> bool {
    const LONGEST: usize = 13;
    // `ends[i]`: the first `i` bytes are made up.
    let mut ends = vec![false; piece.len() + 1];
    ends[0] = true;
    for start in 0..piece.len() {
        if !ends[start] {
            continue;
        }
        for end in start + 1..=piece.len().min(start + LONGEST) {
            let part = &piece[start..end];
            ends[end] |= is_short_number(part)
                || std::str::from_utf8(part).is_ok_and(|part| WORDS.binary_search(&part).is_ok());
        }
    }
    ends[piece.len()]
}

/// A number that people append: up to four digits, or digits that count.
fn is_short_number(part: &[u8]) -> bool {
    part.iter().all(u8::is_ascii_digit) && (part.len() <= 4 || is_run(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted() {
        for list in [&WORDS[..], TELLING] {
            assert!(list.is_sorted(), "{list:?}");
        }
    }

    #[test]
    fn placeholders_and_references_are_weak() {
        for weak in [
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
            assert!(weak_password(weak.as_bytes()), "{weak}");
        }
    }

    #[test]
    fn passwords_are_not() {
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
            assert!(!weak_password(strong.as_bytes()), "{strong}");
        }
        assert!(!weak_password(b"k\xff8vTz2m\xfe"));
    }

    #[test]
    fn long_passwords_cost_no_more_than_their_length() {
        let long = "test".repeat(500_000);
        assert!(!weak_password(long.as_bytes()));
    }
}
