//! A finding: a secret or a guarded file, with all that a report may say about it.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use bstr::{BString, ByteSlice};
use sha2::{Digest, Sha256};

use crate::change::EntryKind;
use crate::confidence::Confidence;
use crate::encoding::hex;
use crate::filetype::FileType;
use crate::ledger::{Ledger, Mark};
use crate::prefilter::Automaton;
use crate::rules::{Mend, ProviderRef};

/// Where a finding lies. Lines and columns count from 1; columns count characters, or bytes where
/// a line is not UTF-8; the end column is the one behind the last character.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// First line.
    pub line: usize,
    /// Column of the first character.
    pub column: usize,
    /// Last line.
    pub end_line: usize,
    /// Column behind the last character.
    pub end_column: usize,
}

/// The bytes of a secret. They leave this file only as a [`Fingerprint`] or redacted.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    bytes: Box<[u8]>,
    public: usize,
}

impl Secret {
    /// The secret, of which the first `public` bytes are the public prefix of its format.
    pub fn new(bytes: &[u8], public: usize) -> Self {
        Self {
            bytes: bytes.into(),
            public: public.min(bytes.len()),
        }
    }

    /// The public prefix and at most four characters of the rest, and no more than an eighth of
    /// it: four characters of an eight-letter password would be half of it.
    pub fn redacted(&self) -> String {
        let head = head_of_armour(&self.bytes);
        let (prefix, body) = self.bytes.split_at(self.public.max(head));
        let shown = if head > 0 { 0 } else { (body.len() / 8).min(4) };
        let mut out: String = prefix
            .iter()
            .chain(&body[..shown])
            .map(|&byte| match byte {
                b' '..=b'~' => byte as char,
                _ => '?',
            })
            .collect();
        out.push('…');
        out
    }

    /// Where it stands first in a text.
    pub(crate) fn place_in(&self, text: &[u8]) -> Option<Range<usize>> {
        let start = text.find(&self.bytes)?;
        Some(start..start + self.bytes.len())
    }

    /// A name without it.
    pub(crate) fn taken_out_of(&self, name: &[u8]) -> Vec<u8> {
        match self.bytes.is_empty() {
            true => name.to_vec(),
            false => name.replace(&*self.bytes, self.redacted()),
        }
    }

    /// The line by which git filter-repo replaces it, as a pattern. It goes to that program alone, by a pipe.
    /// A key of several lines is meant with any line end, and as JSON writes it.
    pub(crate) fn rule_for_filter(&self) -> Vec<u8> {
        let mut rule = b"regex:".to_vec();
        for &byte in &self.bytes {
            match byte {
                b'\n' => rule.extend_from_slice(br"(?:\r?\n|\\n|\\r\\n)"),
                b'\r' => rule.extend_from_slice(br"\r?"),
                byte if byte.is_ascii_alphanumeric() => rule.push(byte),
                byte => rule.extend_from_slice(format!(r"\x{byte:02x}").as_bytes()),
            }
        }
        rule.extend_from_slice(b"==>REMOVED\n");
        rule
    }

    /// The first characters of its random part, by which a search recognises it; `None` where they would be
    /// too much of it.
    pub(crate) fn mark(&self) -> Option<(&str, usize)> {
        /// A bound: what is shown of it.
        const SHOWN: usize = 8;
        /// A bound: of less, that is too much.
        const LEAST: usize = 32;
        // Behind the public start there may be the number of its version: `03-`.
        let rest = &self.bytes[self.public..];
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let is_version = digits > 0 && matches!(rest.get(digits), Some(b'-' | b'_'));
        let body = if is_version {
            &rest[digits + 1..]
        } else {
            rest
        };
        let is_text = head_of_armour(&self.bytes) == 0 && body.iter().all(u8::is_ascii_graphic);
        if !is_text || body.len() < LEAST {
            return None;
        }
        let text = std::str::from_utf8(&body[..SHOWN]).ok()?;
        Some((text, body.len()))
    }

    /// The bytes, for the provider that it opens and for nobody else.
    #[cfg(feature = "network")]
    pub(crate) fn for_its_provider(&self) -> &[u8] {
        &self.bytes
    }

    /// What it is called where keys are remembered.
    pub(crate) fn remembered_as(&self, ledger: &Ledger) -> Mark {
        ledger.mark(&self.bytes)
    }

    /// The name by which the secret is allowed.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(b"secret", &self.bytes)
    }
}

/// How long the first line of a key in armour is, which says what it is: `-----BEGIN PRIVATE KEY-----`. 0
/// for any other text.
fn head_of_armour(bytes: &[u8]) -> usize {
    /// A bound: no label is longer.
    const LONGEST: usize = 64;
    const DASHES: &[u8] = b"-----";
    let Some(label) = bytes.strip_prefix(b"-----BEGIN ") else {
        return 0;
    };
    let is_label = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b' ';
    let length = label.iter().take(LONGEST).position(|byte| !is_label(byte));
    match length {
        Some(length) if label[length..].starts_with(DASHES) => {
            bytes.len() - label.len() + length + DASHES.len()
        }
        _ => 0,
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.redacted())
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.redacted())
    }
}

/// The secrets of findings, to be sought in texts.
///
/// A value counts only as a whole: not as a part of a longer word.
#[derive(Debug)]
pub(crate) struct Sought {
    values: Automaton,
    /// Of each value, whether it was found.
    found: Vec<AtomicBool>,
    /// The places of the values, by their fingerprints.
    places: HashMap<Fingerprint, usize>,
    /// How many were not found yet.
    left: AtomicUsize,
}

impl Sought {
    /// A bound: of more values, or longer ones in all, the rest is not sought.
    const MOST: usize = 1000;
    /// A bound, as [`MOST`](Self::MOST), in bytes.
    const MOST_BYTES: usize = 256 << 10;

    /// The secrets of these findings; `None` if there is none to be sought.
    pub(crate) fn of<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> Option<Self> {
        let mut values: Vec<&[u8]> = Vec::new();
        let mut places = HashMap::new();
        let mut bytes = 0;
        for finding in findings {
            let Found::Secret { secret, .. } = &finding.found else {
                continue;
            };
            let Entry::Vacant(place) = places.entry(secret.fingerprint()) else {
                continue;
            };
            bytes += secret.bytes.len();
            if values.len() == Self::MOST || bytes > Self::MOST_BYTES {
                break;
            }
            place.insert(values.len());
            values.push(&secret.bytes);
        }
        if values.is_empty() {
            return None;
        }
        Some(Self {
            found: values.iter().map(|_| AtomicBool::new(false)).collect(),
            left: AtomicUsize::new(values.len()),
            values: Automaton::exact(values)?,
            places,
        })
    }

    /// Notes what stands in a text.
    pub(crate) fn look_at(&self, text: &[u8]) {
        for value in self.values_in(text) {
            if !self.found[value].swap(true, Ordering::Relaxed) {
                self.left.fetch_sub(1, Ordering::Relaxed);
            }
        }
    }

    /// Whether anything stands in a text that was not found yet.
    pub(crate) fn is_in(&self, text: &[u8]) -> bool {
        self.values_in(text)
            .any(|value| !self.found[value].load(Ordering::Relaxed))
    }

    /// Whether all of it was found.
    pub(crate) fn is_all_found(&self) -> bool {
        self.left.load(Ordering::Relaxed) == 0
    }

    fn values_in<'t>(&'t self, text: &'t [u8]) -> impl Iterator<Item = usize> + 't {
        let places = self.values.places(text, 0..text.len());
        places
            .filter(|(_, place)| is_whole(text, place))
            .map(|(value, _)| value)
    }

    /// Whether a finding's secret was found.
    pub(crate) fn has_found(&self, finding: &Finding) -> bool {
        self.places
            .get(&finding.fingerprint)
            .is_some_and(|&place| self.found[place].load(Ordering::Relaxed))
    }
}

/// Whether what stands at a place of a text is no part of a longer word.
fn is_whole(text: &[u8], place: &Range<usize>) -> bool {
    let is_word = |at: Option<usize>| {
        let byte = at.and_then(|at| text.get(at));
        byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
    };
    let goes_on = |one: Option<usize>, other: Option<usize>| is_word(one) && is_word(other);
    !goes_on(place.start.checked_sub(1), Some(place.start))
        && !goes_on(place.end.checked_sub(1), Some(place.end))
}

/// The first 16 hex digits of a SHA-256 over a secret's bytes, or a guarded file's path.
///
/// It is the same wherever the secret stands, so an allow entry survives a move, and 64 bits keep
/// it from covering another secret by chance.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; Self::LEN]);

impl Fingerprint {
    /// How many hex digits a fingerprint has.
    pub const LEN: usize = 16;

    /// The fingerprint of a guarded file.
    pub fn of_path(path: &[u8]) -> Self {
        Self::of(b"path", path)
    }

    fn of(domain: &[u8], bytes: &[u8]) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"keyward ");
        hash.update(domain);
        hash.update([0]);
        hash.update(bytes);
        let digits = hex(&hash.finalize()[..Self::LEN / 2]);
        Self::of_digits(&digits).expect("each byte has two digits")
    }

    /// Reads a whole fingerprint, as an allow entry holds it.
    pub fn parse(text: &str) -> Option<Self> {
        match Self::is_start(text, Self::LEN) {
            true => Self::of_digits(text),
            false => None,
        }
    }

    fn of_digits(text: &str) -> Option<Self> {
        text.as_bytes().try_into().ok().map(Self)
    }

    /// Whether a text can be the start of one, with that many digits at least.
    pub(crate) fn is_start(text: &str, least: usize) -> bool {
        let is_hex = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
        (least..=Self::LEN).contains(&text.len()) && text.bytes().all(is_hex)
    }

    /// The hex digits.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("hex digits are ASCII")
    }

    /// What a person types to name it: the first eight digits.
    pub fn id(&self) -> &str {
        &self.as_str()[..8]
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A secret in a text.
    Secret {
        /// Its bytes, sealed.
        secret: Secret,
        /// The service that it opens.
        provider: ProviderRef,
        /// The environment variable that should hold it; empty if none is known.
        env: Cow<'static, str>,
        /// What to do about it.
        mend: Mend,
        /// Whether its rule knows no service that it opens.
        generic: bool,
    },
    /// A file that holds secrets by its name, about to be added.
    File {
        /// Whether ignore files cover it: the mend depends on it.
        ignored: crate::change::Ignored,
    },
    /// A file that holds secrets by its name, already tracked: a warning, never a refusal.
    TrackedFile,
}

/// A secret or a guarded file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The path from the top of the repository, or as it was given on the command line.
    pub path: BString,
    /// File, link, or the message of a commit, of which the path is only a name.
    pub kind: EntryKind,
    /// The id of the commit, in hex, if it is made already.
    pub commit: Option<Arc<str>>,
    /// Where in the file; `None` for a guarded file, and for a secret in a name.
    pub span: Option<Span>,
    /// The rule's id.
    pub rule: Cow<'static, str>,
    /// What the rule finds: "GitHub personal access token".
    pub name: Cow<'static, str>,
    /// How sure it is.
    pub confidence: Confidence,
    /// Why it counts, in a few words: "checksum holds".
    pub why: String,
    /// The secret, or the file.
    pub found: Found,
    /// What names it in an allow entry.
    pub fingerprint: Fingerprint,
    /// Of a pair of two halves, where the other one stands: the id that goes with a secret.
    pub pair: Option<Span>,
    /// The comment in the file that allows it, if there is one: `keyward:allow`.
    pub comment: Option<&'static str>,
}

impl Finding {
    /// A value that somebody seeks, where no rule knows it.
    pub(crate) fn sought(secret: &Secret, path: BString, kind: EntryKind, span: Span) -> Self {
        Self {
            path,
            kind,
            commit: None,
            span: Some(span),
            rule: Cow::Borrowed("sought"),
            name: Cow::Borrowed("the key that you gave"),
            confidence: Confidence::Certain,
            why: "it is the same, byte for byte".to_owned(),
            fingerprint: secret.fingerprint(),
            found: Found::Secret {
                secret: secret.clone(),
                provider: ProviderRef::default(),
                env: Cow::Borrowed(""),
                mend: Mend::default(),
                generic: true,
            },
            pair: None,
            comment: None,
        }
    }

    /// From where to where it lies, with both halves of a pair: what programs mark that read reports by line.
    pub fn region(&self) -> Option<Span> {
        let span = self.span?;
        let Some(pair) = self.pair else {
            return Some(span);
        };
        let (line, column) = (span.line, span.column).min((pair.line, pair.column));
        let (end_line, end_column) =
            (span.end_line, span.end_column).max((pair.end_line, pair.end_column));
        Some(Span {
            line,
            column,
            end_line,
            end_column,
        })
    }

    /// Whether it is a secret in the name of the file or directory at its path.
    pub fn is_in_name(&self) -> bool {
        self.span.is_none() && matches!(self.found, Found::Secret { .. })
    }

    /// Whether it need not stop anything where the repository holds its secret already: in tests, examples
    /// and documents, or by a rule that knows no service. A key of a service, in what is neither, is worth a
    /// stop each time.
    pub fn may_be_held(&self) -> bool {
        let Found::Secret { generic, .. } = &self.found else {
            return false;
        };
        self.kind == EntryKind::File
            && self.span.is_some()
            && (*generic || FileType::of_path(&self.path).example)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::Random;

    fn finding(path: &str, value: &[u8], generic: bool) -> Finding {
        let secret = Secret::new(value, 0);
        Finding {
            path: path.into(),
            kind: EntryKind::File,
            commit: None,
            span: Some(Span {
                line: 1,
                column: 1,
                end_line: 1,
                end_column: 2,
            }),
            rule: Cow::Borrowed("acme-key"),
            name: Cow::Borrowed("Acme key"),
            confidence: Confidence::Certain,
            why: String::new(),
            fingerprint: secret.fingerprint(),
            found: Found::Secret {
                secret,
                provider: ProviderRef::default(),
                env: Cow::Borrowed(""),
                mend: Mend::default(),
                generic,
            },
            pair: None,
            comment: None,
        }
    }

    #[test]
    fn of_a_key_in_armour_the_head_is_shown_and_nothing_else() {
        let body = Random::new(1).token(200);
        for (head, expected) in [
            (
                "-----BEGIN OPENSSH PRIVATE ",
                "-----BEGIN OPENSSH PRIVATE KEY-----…",
            ),
            ("-----BEGIN ", "-----BEGIN KEY-----…"),
        ] {
            let text = format!("{head}KEY-----\n{body}");
            for public in [0, 5] {
                assert_eq!(Secret::new(text.as_bytes(), public).redacted(), expected);
            }
        }
        for other in [
            format!("-----BEGIN {body}"),
            format!("-----BEGIN {}-----{body}", "A".repeat(80)),
            "-----BEGIN ".to_owned(),
        ] {
            let told = Secret::new(other.as_bytes(), 0).redacted();
            assert!(told.chars().count() <= 5, "{told}");
        }
    }

    #[test]
    fn a_value_is_found_as_a_whole_word() {
        let value = Random::new(1).token(24);
        for (before, behind, expected) in [
            ("", "", true),
            ("key = \"", "\"\n", true),
            ("(", ")", true),
            ("a-", "-b", true),
            ("/", ".", true),
            ("\u{e4}", "\u{df}", true),
            ("x", "", false),
            ("", "0", false),
            ("_", "", false),
            ("a", "b", false),
        ] {
            let sought = Sought::of([&finding("a", value.as_bytes(), true)]).expect("a value");
            let text = format!("{before}{value}{behind}");
            assert_eq!(sought.is_in(text.as_bytes()), expected, "{before} {behind}");
            sought.look_at(text.as_bytes());
            assert_eq!(sought.is_all_found(), expected, "{before} {behind}");
            assert!(!sought.is_in(text.as_bytes()));
            let found = sought.has_found(&finding("other", value.as_bytes(), false));
            assert_eq!(found, expected, "{before} {behind}");
        }
    }

    #[test]
    fn each_value_is_sought_for_itself() {
        let mut random = Random::new(2);
        let values: Vec<String> = (0..20).map(|_| random.token(20)).collect();
        let findings: Vec<Finding> = values
            .iter()
            .chain(&values)
            .map(|value| finding("a", value.as_bytes(), true))
            .collect();
        let sought = Sought::of(&findings).expect("values");
        for (at, value) in values.iter().enumerate().rev() {
            assert!(!sought.has_found(&findings[at]));
            let text = format!("{value}x {value} x{value}");
            sought.look_at(text.as_bytes());
            assert_eq!(sought.is_all_found(), at == 0);
            assert!(sought.has_found(&findings[at]));
            assert!(sought.has_found(&findings[at + values.len()]));
        }
        // One that comes again takes no room of the others.
        let long = random.token(Sought::MOST_BYTES / 4);
        let often = vec![finding("a", long.as_bytes(), true); 9];
        let last = finding("a", values[0].as_bytes(), true);
        let all = Sought::of(often.iter().chain([&last])).expect("values");
        all.look_at(values[0].as_bytes());
        assert!(all.has_found(&last));
        let shown = format!("{sought:?}");
        assert!(values.iter().all(|value| !shown.contains(&value[..5])));
        let file = Finding {
            found: Found::TrackedFile,
            ..finding("a", b"x", true)
        };
        assert!(Sought::of([&file]).is_none());
    }

    #[test]
    fn a_service_s_key_is_told_only_in_tests_and_documents() {
        for (path, generic, expected) in [
            ("src/app.py", true, true),
            ("src/app.py", false, false),
            ("config/prod.yaml", false, false),
            (".env", false, false),
            ("src/app_test.go", false, true),
            ("tests/keys.json", false, true),
            ("docs/setup.yaml", false, true),
            ("README.md", false, true),
            ("examples/a.py", false, true),
            ("contest/a.py", false, false),
        ] {
            let finding = finding(path, b"x", generic);
            assert_eq!(finding.may_be_held(), expected, "{path} {generic}");
            let message = Finding {
                kind: EntryKind::Message,
                ..finding
            };
            assert!(!message.may_be_held());
            let name = Finding {
                span: None,
                kind: EntryKind::File,
                ..message
            };
            assert!(name.is_in_name() && !name.may_be_held());
        }
    }
}
