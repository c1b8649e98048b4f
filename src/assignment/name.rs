//! The name that a keyword stands in.

use std::ops::Range;

use super::{Place, value};
use crate::filetype::Syntax;
use crate::words::name::{pieces, reading};
use crate::words::randomness::has_drawn_part;
use crate::words::{Role, find_in_any_case, is_one_of, role};

/// A bound: the longest name, in bytes. No program has one that is longer.
const LONGEST_NAME: usize = 80;

/// The environment variable that goes by a name: `db.apiKey` gives `DB_API_KEY`. `None` if the name
/// makes none, or if a part of it was drawn and not written: it may be a key itself, and the variable is
/// printed.
pub(crate) fn variable(name: &[u8]) -> Option<String> {
    /// A bound: the end of a long name says what it is.
    const MOST: usize = 4;
    if has_drawn_part(name) {
        return None;
    }
    let pieces: Vec<String> = pieces(name)
        .map(|piece| String::from_utf8_lossy(piece).to_ascii_uppercase())
        .collect();
    let last = pieces.len().saturating_sub(MOST);
    let joined = pieces[last..].join("_");
    joined
        .starts_with(|c: char| c.is_ascii_alphabetic())
        .then_some(joined)
}

/// Whether the name that holds a keyword goes on to another one.
pub(crate) fn goes_on(bytes: &[u8], keyword: &Range<usize>, other: &Range<usize>) -> bool {
    // Most stand in other names.
    if other.start > keyword.end + LONGEST_NAME || other.end <= keyword.start {
        return false;
    }
    let other = own(bytes, other);
    own(bytes, keyword).end <= other.start && name_end(bytes, keyword) >= other.end
}

/// Whether a name is that of several things.
pub(super) fn is_plural(name: &[u8]) -> bool {
    matches!(name, [.., before, b's' | b'S'] if !matches!(before, b's' | b'S'))
}

/// A name of several things, as the name of one of them: without the `s` at its end, or the `es` of `hashes`.
pub(super) fn singular(bytes: &[u8], name: Range<usize>) -> Range<usize> {
    let text = &bytes[name.clone()];
    let cut = match text {
        [.., a, b, c, d] if is_plural(text) && [*a, *b, *c, *d].eq_ignore_ascii_case(b"shes") => 2,
        _ => usize::from(is_plural(text)),
    };
    name.start..name.end - cut
}

/// Whether an entry of a block may be one of the things that the name of the block says: it is, unless its own
/// name says that it is something else.
pub(super) fn may_be_item(name: &[u8]) -> bool {
    reading(name).turned_by.is_none()
}

/// Whether a function's name says that it gives the secret that its argument names: `getToken("x")`.
pub(super) fn is_getter(name: &[u8]) -> bool {
    let last = name.rsplit(|&b| b == b'.').next().unwrap_or(name);
    let verb = pieces(last).next().and_then(find_in_any_case);
    verb.is_some_and(|verb| verb.is(role::GETTER))
}

/// Whether a name within brackets or below another one says that it holds that one's value: `default`.
pub(super) fn holds_value(name: &[u8]) -> bool {
    has_all(name, role::HOLDS)
}

/// Whether a name says that its value is the name of what stands beside it: `key`.
pub(super) fn holds_name(name: &[u8]) -> bool {
    has_all(name, role::NAMES)
}

fn has_all(name: &[u8], role: Role) -> bool {
    pieces(name).next().is_some() && pieces(name).all(|piece| role.has_in_any_case(piece))
}

/// What of a keyword is a part of a name: a keyword may end in a sign, `login(`.
fn own(bytes: &[u8], keyword: &Range<usize>) -> Range<usize> {
    let text = &bytes[keyword.clone()];
    let name = |b: &u8| is_name(*b) || *b == b'.';
    let start = text.iter().position(name).unwrap_or(0);
    let end = text.iter().rposition(name).map_or(text.len(), |at| at + 1);
    keyword.start + start..keyword.start + end
}

/// The end of the name that goes on behind a keyword.
pub(crate) fn name_end(bytes: &[u8], keyword: &Range<usize>) -> usize {
    let keyword = own(bytes, keyword);
    let longest = (keyword.end + LONGEST_NAME).min(bytes.len());
    let mut end = keyword.end;
    while end < longest && (is_name(bytes[end]) || is_inner_dot(bytes, end)) {
        end += 1;
    }
    while end > keyword.end && matches!(bytes[end - 1], b'-' | b'.') {
        end -= 1;
    }
    end
}

/// The name that holds a keyword. `None` if it is too long to be one.
pub(super) fn around(bytes: &[u8], keyword: &Range<usize>) -> Option<Range<usize>> {
    let keyword = own(bytes, keyword);
    let first = keyword.start.saturating_sub(LONGEST_NAME);
    let end = name_end(bytes, &keyword);
    let mut start = keyword.start;
    while start > first && (is_name(bytes[start - 1]) || bytes[start - 1] == b'.') {
        start -= 1;
    }
    if end - start > LONGEST_NAME {
        return None;
    }
    // The `n` of an escaped line end is none of the name's.
    if start > 0
        && start < keyword.start
        && bytes[start - 1] == b'\\'
        && matches!(bytes[start], b'n' | b'r' | b't')
    {
        start += 1;
    }
    while start < keyword.start && bytes[start] == b'.' {
        start += 1;
    }
    Some(start..end)
}

/// A name in a text with the word before it, where that says what it is the name of: `API key`, `public key`, `csrf token`. What
/// stands before `name=` or `--name` is another word.
pub(super) fn with_word_before(place: &Place<'_>, name: Range<usize>) -> Range<usize> {
    /// A bound: the longest such word.
    const LONGEST: usize = 16;
    let own = &place.bytes[name.clone()];
    let behind = &place.bytes[name.end..];
    if own.starts_with(b"-") || behind.starts_with(b"=") {
        return name;
    }
    let before = &place.bytes[name.start.saturating_sub(LONGEST + 2)..name.start];
    let Some(before) = before.strip_suffix(b" ") else {
        return name;
    };
    let len = before
        .iter()
        .rev()
        .take_while(|&&b| is_name(b) || b == b'.')
        .count();
    let (rest, word) = before.split_at(before.len() - len);
    let is_word = rest
        .last()
        .is_none_or(|&b| b.is_ascii_whitespace() || b"\"'`*(>".contains(&b));
    let is = |names: &[&[u8]]| is_one_of(own, names);
    let is_told = is_word
        && len > 0
        && len <= LONGEST
        && (role::OPENS.has_in_any_case(word)
            || role::PUBLIC.has_in_any_case(word) && is(&[b"key", b"token"])
            || role::EVERYDAY.has_in_any_case(word) && is(&[b"key"]))
        && match place.syntax {
            Syntax::Prose => true,
            Syntax::Unknown if behind.starts_with(b": ") || behind.starts_with(b" is ") => true,
            // The text of an element: `<th>API key</th>`.
            _ if behind.starts_with(b"</") => true,
            _ => value::is_text(place.bytes, name.start),
        };
    match is_told {
        true => name.start - 1 - len..name.end,
        false => name,
    }
}

pub(super) const fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

/// A dot between two names: `token.value`.
fn is_inner_dot(bytes: &[u8], at: usize) -> bool {
    bytes[at] == b'.' && bytes.get(at + 1).is_some_and(u8::is_ascii_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::Random;

    #[test]
    fn a_variable_goes_by_the_name() {
        for (name, expected) in [
            ("db.apiKey", "DB_API_KEY"),
            ("aws_secret_access_key", "AWS_SECRET_ACCESS_KEY"),
            ("oauth2ClientSecretV2", "CLIENT_SECRET_V2"),
            ("X-RapidAPI-Key", "X_RAPID_API_KEY"),
            ("k8sProdDbPwd01", "K8S_PROD_DB_PWD01"),
            ("HTTPS_PROXY_PASSWORD", "HTTPS_PROXY_PASSWORD"),
            ("sha256HmacKey", "HMAC_KEY"),
            ("x509Passphrase", "PASSPHRASE"),
            ("ec2SshKeyPem", "KEY_PEM"),
            ("stripeWebhookSigningSecret", "WEBHOOK_SIGNING_SECRET"),
        ] {
            let variable = variable(name.as_bytes()).unwrap_or_default();
            assert!(variable.ends_with(expected), "{name}: {variable}");
        }
    }

    #[test]
    fn a_name_that_holds_a_key_makes_no_variable() {
        let mut random = Random::new(5);
        for round in 0..300 {
            let token = random.token(16 + round % 40);
            for name in [
                token.clone(),
                format!("ghp_{token}_password"),
                format!("password_{token}"),
                format!("the_key_of_my_long_application_{token}_token"),
                format!("{token}Password"),
            ] {
                if let Some(variable) = variable(name.as_bytes()) {
                    let bare = |text: &str| text.replace('_', "").to_ascii_uppercase();
                    let (variable, token) = (bare(&variable), bare(&token));
                    let pieces = token.as_bytes().windows(9);
                    let shown =
                        pieces.filter(|piece| variable.contains(&*String::from_utf8_lossy(piece)));
                    assert_eq!(shown.count(), 0, "{name}: {variable}");
                }
            }
        }
    }
}
