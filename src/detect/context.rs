//! What the text around a key says about it.

use std::ops::Range;

use crate::words::name::pieces;

/// Parts of names that say "credential".
const CREDENTIAL: &[&[u8]] = &[
    b"key",
    b"token",
    b"secret",
    b"auth",
    b"pass",
    b"pwd",
    b"cred",
    b"bearer",
    b"access",
    b"signature",
];

/// Pieces of names that say "hash" or "id". The second list holds for hex digits only.
const HASH: &[&str] = &[
    "checksum",
    "commit",
    "digest",
    "etag",
    "fingerprint",
    "hash",
    "integrity",
    "md5",
    "rev",
    "revision",
    "sha",
    "sha1",
    "sha256",
    "sha512",
];
const ID: &[&str] = &[
    "arn", "group", "guid", "id", "ids", "project", "tenant", "uuid", "version",
];

/// Whether a byte can't be a part of a URL. A backslash can: JSON writes `\u0026` for `&`.
pub(super) fn ends_url(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'>')
}

/// The line of a value, as far as it stands before it.
#[derive(Debug)]
pub(super) struct Line<'a> {
    before: &'a [u8],
}

impl<'a> Line<'a> {
    /// The line before the value, 120 bytes of it at most.
    pub(super) fn around(text: &'a [u8], value: &Range<usize>) -> Self {
        let from = value.start.saturating_sub(120);
        let before = &text[from..value.start];
        let start = before
            .iter()
            .rposition(|&b| b == b'\n')
            .map_or(0, |at| at + 1);
        Self {
            before: &before[start..],
        }
    }

    /// Whether something before the value says that it is a credential.
    pub(super) fn names_credential(&self) -> bool {
        CREDENTIAL.iter().any(|word| {
            self.before
                .windows(word.len())
                .any(|window| window.eq_ignore_ascii_case(word))
        })
    }

    /// A word in the value's own name that says it is a hash, or an id where its digits are hex.
    pub(super) fn hash_word(&self, hex: bool) -> Option<&'static str> {
        let name = self.name();
        let is_public = |(a, b): (&[u8], &[u8])| {
            a.eq_ignore_ascii_case(b"public") && b.eq_ignore_ascii_case(b"key")
        };
        if pieces(name).zip(pieces(name).skip(1)).any(is_public) {
            return Some("public key");
        }
        let lists: &[&[&'static str]] = if hex { &[HASH, ID] } else { &[HASH] };
        pieces(name)
            .find_map(|piece| {
                lists
                    .iter()
                    .flat_map(|list| list.iter())
                    .find(|word| piece.eq_ignore_ascii_case(word.as_bytes()))
            })
            .copied()
    }

    /// Whether the value is the end of the name of a cloud resource or of a condition on one:
    /// `arn:aws:iam::*:role/...`, `aws:RequestTag/...`.
    pub(super) fn is_resource(&self) -> bool {
        let start = self
            .before
            .iter()
            .rposition(|&b| ends_url(b) || matches!(b, b',' | b'(' | b'[' | b'='))
            .map_or(0, |at| at + 1);
        let word = &self.before[start..];
        word.ends_with(b"aws:") || word.starts_with(b"arn:") && word.contains(&b':')
    }

    /// The name that the value is assigned to.
    fn name(&self) -> &'a [u8] {
        let is_name = |b: u8| b.is_ascii_alphanumeric() || b"_-.@".contains(&b);
        let end = self
            .before
            .iter()
            .rposition(|&b| is_name(b))
            .map_or(0, |at| at + 1);
        let start = self.before[..end]
            .iter()
            .rposition(|&b| !is_name(b))
            .map_or(0, |at| at + 1);
        &self.before[start..end]
    }
}

/// The 50 most common pairs of letters in English, a bit each, by the first letter, after the counts
/// of Norvig, "English Letter Frequency Counts: Mayzner Revisited" (2013).
const COMMON_PAIRS: [u32; 26] = {
    let pairs = b"th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se \
                  ha as ou io le ve co me de hi ri ro ic ne ea ra ce li ch ll be ma si om ur ";
    let mut table = [0u32; 26];
    let mut at = 0;
    while at < pairs.len() {
        table[(pairs[at] - b'a') as usize] |= 1 << (pairs[at + 1] - b'a');
        at += 3;
    }
    table
};

/// Whether a body reads like words, or like a name that is made of them.
///
/// What speaks for a name is weighed against what speaks for a random draw, in quarters of a bit:
/// letters that commonly follow each other, few digits, and, where there are letters of both cases,
/// few capitals. Of the 14,330 names of 12 characters and more in the standard library of Python
/// 3.11, 46% of the pairs are common, against 7% of random ones; with letters of both cases 17% are
/// capitals and 0.2% digits. 94% of those that have 16 characters or more pass, and of random bodies
/// of that length one in 3,600, of 24 characters one in 12,000.
pub(crate) fn is_wordy(body: &[u8]) -> bool {
    const PAIR: [i32; 2] = [-3, 10];
    const LOWER: i32 = 4;
    const UPPER: i32 = -7;
    const DIGIT: i32 = -7;
    const ENOUGH: i32 = 32;
    if body.len() < 12 {
        return false;
    }
    let mixed = body.iter().any(u8::is_ascii_lowercase) && body.iter().any(u8::is_ascii_uppercase);
    let mut weight = 0;
    for byte in body {
        weight += match byte {
            b'0'..=b'9' => DIGIT,
            b'a'..=b'z' if mixed => LOWER,
            b'A'..=b'Z' if mixed => UPPER,
            _ => 0,
        };
    }
    for pair in body.windows(2) {
        if let [
            a @ (b'a'..=b'z' | b'A'..=b'Z'),
            b @ (b'a'..=b'z' | b'A'..=b'Z'),
        ] = *pair
        {
            let first = usize::from(a.to_ascii_lowercase() - b'a');
            let common = COMMON_PAIRS[first] >> (b.to_ascii_lowercase() - b'a') & 1;
            weight += PAIR[common as usize];
        }
    }
    weight >= ENOUGH
}

/// The narrowest line of a text in base64 that is cut into lines.
const BLOCK_WIDTH: usize = 40;

/// Whether a token is a whole line of a longer text in base64: the line above or below has a run of
/// base64 of the same length, behind the same indent or quote. One that has the same prefix is another
/// key.
pub(super) fn is_in_block(text: &[u8], token: &Range<usize>, prefix: &[u8]) -> bool {
    let is_base64 = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'_' | b'-');
    let line_start = |at: usize| {
        text[..at]
            .iter()
            .rev()
            .take(LINE_BYTES)
            .position(|&b| b == b'\n')
            .map(|back| at - back)
            .or((at <= LINE_BYTES).then_some(0))
    };
    let run = |at: usize| {
        text[at..]
            .iter()
            .take(LINE_BYTES)
            .take_while(|&&b| is_base64(b))
            .count()
    };
    let Some(start) = line_start(token.start) else {
        return false;
    };
    let column = token.start - start;
    let width = run(token.start);
    if width < BLOCK_WIDTH || width < token.len() {
        return false;
    }
    let fits = |other: usize| {
        let at = other + column;
        at < text.len()
            && text[other..at] == text[start..token.start]
            && run(at) == width
            && !text[at..].starts_with(prefix)
    };
    let above = start.checked_sub(1).and_then(line_start);
    let below = text[token.end..]
        .iter()
        .take(LINE_BYTES)
        .position(|&b| b == b'\n')
        .map(|ahead| token.end + ahead + 1);
    above.is_some_and(fits) || below.is_some_and(fits)
}

/// The longest line that is taken for one of a text in base64, in bytes.
const LINE_BYTES: usize = 256;

/// Whether what stands behind a password is a host that RFC 2606 and RFC 6761 keep for documentation
/// and tests: nobody has an account there.
pub(super) fn is_for_example_host(text: &[u8], password: &Range<usize>) -> bool {
    const LONGEST: usize = 253;
    let Some(behind) = text[password.end..].strip_prefix(b"@") else {
        return false;
    };
    let len = behind
        .iter()
        .take(LONGEST)
        .take_while(|&&b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
        .count();
    let host = behind[..len].to_ascii_lowercase();
    let host = host.strip_suffix(b".").unwrap_or(&host);
    let is_within = |domain: &[u8]| {
        host.strip_suffix(domain)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with(b"."))
    };
    [
        &b"example.com"[..],
        b"example.net",
        b"example.org",
        b"example",
        b"invalid",
    ]
    .into_iter()
    .any(is_within)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_wordy_and_random_letters_are_not() {
        for name in [
            "ThisIsTheNameOfTheInterestingThing",
            "organizationAuthenticationSettings",
            "GetBucketNotificationConfigurationOutput",
            "turbopackFileSystemCache",
            "hasLegacyServicesConfig2",
            "OAuth2TestsMixin",
            "final-impersonated-token",
            "GCM_BITBUCKET_ALWAYS_REFRESH_CREDENTIALS",
            "assumeRoleWithWebIdentity",
        ] {
            assert!(is_wordy(name.as_bytes()), "{name}");
        }
        assert!(!is_wordy(b"qZxWvKpLmRtYuBnHgFdSjQwXcVkP"));
    }

    #[test]
    fn random_bodies_are_seldom_wordy() {
        let mut random = crate::lab::Random::new(11);
        let letters = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
        for (alphabet, len) in [(16, 32), (36, 16), (36, 40), (62, 16), (62, 24), (64, 40)] {
            let wordy = (0..20_000)
                .filter(|_| {
                    let body: Vec<u8> = (0..len).map(|_| letters[random.below(alphabet)]).collect();
                    is_wordy(&body)
                })
                .count();
            assert!(wordy <= 10, "{wordy} of {len} from {alphabet}");
        }
    }

    #[test]
    fn common_pairs_are_spelled_in_pairs() {
        assert_eq!(
            COMMON_PAIRS.iter().map(|row| row.count_ones()).sum::<u32>(),
            50
        );
    }
}
