//! What stands around a password in a URL or a command: who logs in, and where.

use std::ops::Range;

use bstr::ByteSlice;

use super::context::is_for_example_host;
use super::signal::{is_strong, reads_undisguised};
use super::{Rejection, is_shaped};
use crate::candidate::Candidate;
use crate::encoding::{decode_base64, percent_decoded};
use crate::words::dictionary::undisguised;
use crate::words::is_one_of;
use crate::words::randomness::Randomness;

/// How far back a user's name is read, in bytes. A bound: the rules for URLs allow 128.
const USER_REACH: usize = 128;

/// How far behind a password of a command its URL is looked for, in bytes. A bound: longer commands are
/// rare, and there the host is not known.
const HOST_REACH: usize = 256;

/// The users of code hosts that are told by a token instead of a password, in order.
const TOKEN_USERS: &[&str] = &[
    "__token__",
    "git",
    "gitlab-ci-token",
    "oauth",
    "oauth2",
    "private-token",
    "token",
    "x-access-token",
    "x-oauth-basic",
    "x-token-auth",
];

/// A weight: what letters alone must have to be no words, in bits, for a server on one's own machine, and a password of an
/// example. Two words that were never seen side by side have some; not measured.
const LOCAL_BITS: f32 = 10.0;

/// Who logs in, and where; each empty if it is not known.
#[cfg_attr(test, derive(Debug))]
struct Login<'a> {
    user: &'a [u8],
    host: &'a [u8],
    /// A template fills in the host.
    is_template: bool,
}

impl<'a> Login<'a> {
    fn around(text: &'a [u8], password: &Range<usize>) -> Option<Self> {
        let from = password.start.saturating_sub(USER_REACH);
        let before = &text[from..password.start];
        let quotes: &[u8] = b"\"'";
        let before = match before {
            [rest @ .., quote] if quotes.contains(quote) => rest,
            _ => before,
        };
        let before = before.strip_suffix(b":")?;
        let before = match before {
            [rest @ .., quote] if quotes.contains(quote) => rest,
            _ => before,
        };
        let is_outside = |b: &u8| b.is_ascii_whitespace() || b"/=\"'`<>(".contains(b);
        let start = before.iter().rposition(is_outside).map_or(0, |at| at + 1);
        Some(Self {
            user: &before[start..],
            host: host_behind(&text[password.end..]),
            is_template: starts_template(&text[password.end..]),
        })
    }

    /// Whether a word stands for who logs in, or for where: `username:...@host.net`, `me:...@hostname.com`.
    fn is_for_anybody(&self) -> bool {
        const USERS: [&str; 2] = ["user_name", "username"];
        const HOSTS: [&str; 8] = [
            "domain",
            "domainname",
            "host",
            "hostname",
            "mydomain",
            "myhost",
            "yourdomain",
            "yourhost",
        ];
        let mut labels = self.host.rsplit(|&b| b == b'.').skip(1);
        is_one_of(self.user, &USERS) || labels.next().is_some_and(|label| is_one_of(label, &HOSTS))
    }

    /// Whether the host is the machine itself, a name that only its own network knows, or whatever runs the text.
    fn is_local(&self) -> bool {
        if self.is_template {
            return true;
        }
        let host = self.host.to_ascii_lowercase();
        !host.is_empty()
            && (host.starts_with(b"127.")
                || host.starts_with(b"[::1")
                || matches!(&host[..], b"0.0.0.0" | b"host.docker.internal")
                || host.ends_with(b".localhost")
                || host.ends_with(b".local")
                || !host.contains(&b'.') && !host.contains(&b':'))
    }
}

/// The host behind a password: that of its own URL, or of the command's.
fn host_behind(text: &[u8]) -> &[u8] {
    let start = match text.strip_prefix(b"@") {
        Some(_) => 1,
        None => {
            let line = &text[..text.len().min(HOST_REACH)];
            let end = line.iter().position(|&b| b == b'\n');
            let line = &line[..end.unwrap_or(line.len())];
            match line.windows(3).position(|mark| mark == b"://") {
                Some(at) => at + 3,
                None => return &[],
            }
        }
    };
    let host = &text[start..];
    let len = host
        .iter()
        .take(HOST_REACH)
        .enumerate()
        .take_while(|&(at, &b)| {
            b.is_ascii_alphanumeric()
                || b"._-".contains(&b)
                || host[0] == b'[' && (at == 0 || matches!(b, b':' | b']'))
        })
        .count();
    &host[..len]
}

/// Whether a template stands behind a password where its host would: `@{{ host }}`, `@%s:%s`, `@$HOST`.
fn starts_template(text: &[u8]) -> bool {
    match text {
        [b'@', b'{' | b'$' | b'<', ..] | [b'@', b'#', b'{', ..] => true,
        [b'@', b'%', sign, rest @ ..] => {
            let is_escape =
                sign.is_ascii_hexdigit() && rest.first().is_some_and(u8::is_ascii_hexdigit);
            !is_escape
        }
        _ => false,
    }
}

/// Whether a password is a time and a digest of 256 bits: AWS signs a request to a repository so, and takes it for some
/// minutes (`20240607T131507Z4c01...`).
fn is_signature(password: &[u8]) -> bool {
    /// The characters of the time.
    const TIME: usize = 16;
    /// The characters of the digest.
    const DIGEST: usize = 64;
    let Some((time, digest)) = password.split_at_checked(TIME) else {
        return false;
    };
    let is_time = time.iter().enumerate().all(|(at, &b)| match at {
        8 => b == b'T',
        15 => b == b'Z',
        _ => b.is_ascii_digit(),
    });
    is_time && digest.len() == DIGEST && digest.iter().all(u8::is_ascii_hexdigit)
}

/// Whether a candidate is the password of a login, whatever form that has.
fn is_password(candidate: &Candidate<'_>) -> bool {
    let checksum = candidate.rule.checksum;
    !is_shaped(candidate) && checksum.is_some_and(|it| it.name() == "url-password")
}

/// The password of a login in base64 (RFC 7617), behind the name of its user.
fn in_base64(candidate: &Candidate<'_>) -> Option<Vec<u8>> {
    let checksum = candidate.rule.checksum.filter(|_| !is_shaped(candidate))?;
    let login = decode_base64(candidate.secret()).filter(|_| checksum.name() == "basic-auth")?;
    let (_, password) = login.split_once_str(":")?;
    Some(percent_decoded(password).into_owned())
}

/// Whether a candidate is a password of a login that somebody may have made up for an example: it is short, and words. Of one
/// that is written in base64, only what says so itself, and words of another language.
pub(crate) fn is_made_up(candidate: &Candidate<'_>) -> bool {
    let says = |password: &[u8]| says_password(password) || is_foreign(password);
    if !is_password(candidate) {
        return in_base64(candidate).is_some_and(|password| says(&password));
    }
    let password = percent_decoded(candidate.secret());
    let bits = || Randomness::of(&password.to_ascii_lowercase()).bits;
    let reads = || bits() < LOCAL_BITS || is_words(&password) || reads_undisguised(&password);
    says(&password) || !is_strong(&password) && reads()
}

/// Whether a candidate is the password of a login at a host that documents and tests have for themselves, whatever it is
/// made of.
pub(crate) fn is_for_nobody(candidate: &Candidate<'_>) -> bool {
    is_password(candidate) && is_for_example_host(candidate.text(), &candidate.place)
}

/// Whether a password is letters alone, of which some are beyond ASCII and the others no draw.
fn is_foreign(password: &[u8]) -> bool {
    let plain: Vec<u8> = password.iter().copied().filter(u8::is_ascii).collect();
    !password.is_ascii() && is_letters(password) && Randomness::of(&plain).bits < LOCAL_BITS
}

fn is_letters(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok_and(|text| text.chars().all(char::is_alphabetic))
}

/// Whether a password is letters alone, that are not as mixed as those of a draw, nor small ones alone, which their own bits
/// judge: `ObviouslyWrong`.
fn is_words(password: &[u8]) -> bool {
    /// A weight: so many bits have letters of both cases that were drawn, from ten on. Not measured.
    const DRAWN: f32 = 24.0;
    is_letters(password)
        && !password.iter().all(u8::is_ascii_lowercase)
        && Randomness::of(password).bits < DRAWN
}

/// Whether a password says what it is, maybe with signs for letters, `SENTINELpassword1234`, `P@ssw%rd`, and has nothing
/// beside that which was drawn.
fn says_password(password: &[u8]) -> bool {
    const WORDS: [&str; 2] = ["passw", "secret"];
    /// A weight: what stands on one side of the word and is as long and as random was drawn.
    const DRAWN: (usize, f32) = (10, 20.0);
    let lower = String::from_utf8_lossy(password).to_ascii_lowercase();
    let text = undisguised(&lower);
    let is_drawn = |part: &&[u8]| {
        let (least, bits) = DRAWN;
        part.len() >= least && Randomness::of(part).bits >= bits
    };
    WORDS.iter().any(|word| {
        text.find(word).is_some_and(|at| {
            let sides = [password.get(..at), password.get(at + word.len()..)];
            !sides.iter().flatten().any(is_drawn)
        })
    })
}

/// Whether a text ends with the name of an entry that only looks like an option of a command: `"-unit":`.
fn is_entry(text: &[u8]) -> bool {
    let Some((b':', text)) = text.split_last() else {
        return false;
    };
    let Some((quote @ (b'"' | b'\''), text)) = text.split_last() else {
        return false;
    };
    let text = &text[text.len().saturating_sub(USER_REACH)..];
    let word = text
        .rsplit(|b| b == quote || b.is_ascii_whitespace())
        .next();
    word.is_some_and(|word| {
        word.starts_with(b"-") && text[..text.len() - word.len()].last() == Some(quote)
    })
}

/// Whether a password is the name of the user that a statement of SQL makes: `CREATE ROLE acme WITH PASSWORD 'acme'`.
fn is_user_of_statement(before: &[u8], password: &[u8]) -> bool {
    const MAKES: [&[u8]; 3] = [b"login", b"role", b"user"];
    let before = &before[before.len().saturating_sub(USER_REACH)..];
    let line = before.rsplit(|&b| b == b'\n').next().unwrap_or_default();
    let is_apart = |b: &u8| b.is_ascii_whitespace() || b"'\"`@".contains(b);
    let words = || line.split(is_apart).filter(|word| !word.is_empty());
    let mut pairs = words().zip(words().skip(1));
    pairs.any(|(makes, user)| is_one_of(makes, &MAKES) && user.eq_ignore_ascii_case(password))
}

/// It is what stands where a password would, but none: a part of a host, the user's own name, words.
pub(super) fn no_login(candidate: &Candidate<'_>) -> Option<Rejection> {
    if !is_password(candidate) {
        return None;
    }
    let before = &candidate.text()[..candidate.place.start];
    if is_entry(before) {
        return Some(Rejection::Is("behind the name of an entry"));
    }
    let decoded = percent_decoded(candidate.secret());
    let bits = || Randomness::of(&decoded.to_ascii_lowercase()).bits;
    if is_user_of_statement(before, &decoded) && bits() < LOCAL_BITS {
        return Some(Rejection::Is("the user's own name"));
    }
    let login = Login::around(candidate.text(), &candidate.place)?;
    if is_signature(&decoded) {
        return Some(Rejection::Is("a signature that ends by itself"));
    }
    if login.user.starts_with(b"[") {
        return Some(Rejection::Is("a part of a host in brackets"));
    }
    let user = login.user.to_ascii_lowercase();
    let is_token_user = TOKEN_USERS
        .binary_search_by(|known| known.as_bytes().cmp(&user))
        .is_ok();
    if is_token_user && bits() <= 0.0 {
        return Some(Rejection::WORDS);
    }
    let is_local = login.is_local();
    if is_local && login.user.eq_ignore_ascii_case(&decoded) {
        return Some(Rejection::Is("the user's own name, on this machine"));
    }
    let reads = || decoded.iter().all(u8::is_ascii_alphabetic) && bits() < LOCAL_BITS;
    ((is_local || login.is_for_anybody()) && reads()).then_some(Rejection::WORDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_logs_in_where() {
        for (text, password, user, host) in [
            ("http://me:pw12@host.net/x", "pw12", "me", "host.net"),
            (
                "x://me:pw12@[2001:db8::1]:80",
                "pw12",
                "me",
                "[2001:db8::1]:80",
            ),
            ("curl -u me:pw12 -s https://a.net/", "pw12", "me", "a.net"),
            (
                "curl -u 'me':'pw12' http://[::1]:80/",
                "pw12",
                "'me",
                "[::1]:80",
            ),
            ("curl --user=:pw12 x\nhttp://a.net", "pw12", "", ""),
        ] {
            let start = text.find(password).unwrap();
            let login = Login::around(text.as_bytes(), &(start..start + password.len())).unwrap();
            let user = user.trim_start_matches('\'');
            assert_eq!(login.user.trim_ascii(), user.as_bytes(), "{text}");
            assert_eq!(login.host, host.as_bytes(), "{text}");
        }
    }

    #[test]
    fn a_word_may_stand_for_the_user_or_the_host() {
        for (user, host, expected) in [
            ("username", "api.acme.net", true),
            ("bob", "hostname.com", true),
            ("bob", "db.yourdomain.org", true),
            ("bob", "hostname", false),
            ("bob", "hostname.acme.net", false),
            ("bob", "acme.net", false),
            ("user", "acme.net", false),
        ] {
            let (user, host) = (user.as_bytes(), host.as_bytes());
            let login = Login {
                user,
                host,
                is_template: false,
            };
            assert_eq!(login.is_for_anybody(), expected, "{login:?}");
        }
    }

    #[test]
    fn a_template_may_stand_for_the_host() {
        for (behind, expected) in [
            ("@{{ host }}/x", true),
            ("@{host}:5432", true),
            ("@%s:%s/x", true),
            ("@%v", true),
            ("@%(host)s", true),
            ("@${HOST}", true),
            ("@$HOST", true),
            ("@#{host}", true),
            ("@host.net", false),
            ("@%68ost.net", false),
            ("@[::1]", false),
            (" {{ host }}", false),
        ] {
            assert_eq!(starts_template(behind.as_bytes()), expected, "{behind}");
        }
    }

    #[test]
    fn hosts_of_this_machine() {
        for (host, expected) in [
            ("localhost", true),
            ("127.0.0.1", true),
            ("[::1]", true),
            ("db", true),
            ("api.localhost", true),
            ("host.net", false),
            ("10.0.0.1", false),
            ("[2001:db8::1]", false),
            ("", false),
        ] {
            let login = Login {
                user: b"",
                host: host.as_bytes(),
                is_template: false,
            };
            assert_eq!(login.is_local(), expected, "{host}");
        }
    }
}
