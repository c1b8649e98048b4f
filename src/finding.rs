//! A finding: a secret or a guarded file, with all that a report may say about it.

use std::borrow::Cow;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet, VecDeque};
use std::fmt;
use std::ops::{Deref, DerefMut, Range, RangeInclusive};
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
/// a line is not UTF-8; the end column is the one behind the last character. No text is so long that one needs
/// more bits: there may be a million of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// First line.
    pub line: u32,
    /// Column of the first character.
    pub column: u32,
    /// Last line.
    pub end_line: u32,
    /// Column behind the last character.
    pub end_column: u32,
}

impl Span {
    /// Its numbers, in the order of its fields.
    pub fn numbers(self) -> [usize; 4] {
        [self.line, self.column, self.end_line, self.end_column].map(|number| number as usize)
    }

    /// The lines that it touches, counted from 1.
    pub fn lines(self) -> RangeInclusive<usize> {
        self.line as usize..=self.end_line as usize
    }
}

/// The bytes of a secret. They leave this file only as a [`Fingerprint`] or redacted.
#[derive(Clone)]
pub struct Secret {
    /// Those of several, one behind the other: a text may hold a million.
    all: Arc<Box<[u8]>>,
    start: u32,
    len: u32,
    public: u32,
}

impl Secret {
    /// The secret, of which the first `public` bytes are the public prefix of its format.
    pub fn new(bytes: &[u8], public: usize) -> Self {
        let secret = Self::all_of([(bytes, public)]).next();
        secret.expect("there is one")
    }

    /// Secrets, each with the length of the public prefix of its format. They are kept together, as long as one of them is.
    pub(crate) fn all_of<'b>(
        secrets: impl IntoIterator<Item = (&'b [u8], usize)>,
    ) -> impl Iterator<Item = Self> {
        let number = |size: usize| u32::try_from(size).expect("secrets of a few texts are no 4 GB");
        let mut all = Vec::new();
        let mut ends = Vec::new();
        for (bytes, public) in secrets {
            all.extend_from_slice(bytes);
            ends.push((all.len(), public.min(bytes.len())));
        }
        let all = Arc::new(all.into_boxed_slice());
        let mut start = 0;
        ends.into_iter().map(move |(end, public)| {
            let len = end - std::mem::replace(&mut start, end);
            Self {
                all: Arc::clone(&all),
                start: number(end - len),
                len: number(len),
                public: number(public),
            }
        })
    }

    fn bytes(&self) -> &[u8] {
        &self.all[self.start as usize..][..self.len as usize]
    }

    const fn public(&self) -> usize {
        self.public as usize
    }

    /// The public prefix and at most four characters of the rest, and no more than an eighth of
    /// it: four characters of an eight-letter password would be half of it.
    pub fn redacted(&self) -> String {
        let head = head_of_armour(self.bytes());
        let (prefix, body) = self.bytes().split_at(self.public().max(head));
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
        let start = text.find(self.bytes())?;
        Some(start..start + self.bytes().len())
    }

    /// A name without it.
    pub(crate) fn taken_out_of(&self, name: &[u8]) -> Vec<u8> {
        match self.bytes().is_empty() {
            true => name.to_vec(),
            false => name.replace(self.bytes(), self.redacted()),
        }
    }

    /// The line by which git filter-repo replaces it, as a pattern. It goes to that program alone, by a pipe.
    /// A key of several lines is meant with any line end, and as JSON writes it.
    pub(crate) fn rule_for_filter(&self) -> Vec<u8> {
        let mut rule = b"regex:".to_vec();
        for &byte in self.bytes() {
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
        let rest = &self.bytes()[self.public()..];
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let is_version = digits > 0 && matches!(rest.get(digits), Some(b'-' | b'_'));
        let body = if is_version {
            &rest[digits + 1..]
        } else {
            rest
        };
        let is_text = head_of_armour(self.bytes()) == 0 && body.iter().all(u8::is_ascii_graphic);
        if !is_text || body.len() < LEAST {
            return None;
        }
        let text = std::str::from_utf8(&body[..SHOWN]).ok()?;
        Some((text, body.len()))
    }

    /// The bytes, for the provider that it opens and for nobody else.
    #[cfg(feature = "network")]
    pub(crate) fn for_its_provider(&self) -> &[u8] {
        self.bytes()
    }

    /// What it is called where keys are remembered.
    pub(crate) fn remembered_as(&self, ledger: &Ledger) -> Mark {
        ledger.mark(self.bytes())
    }

    /// The name by which the secret is allowed.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(b"secret", self.bytes())
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

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.bytes() == other.bytes() && self.public == other.public
    }
}

impl Eq for Secret {}

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
            let Some(secret) = &finding.secret else {
                continue;
            };
            let Entry::Vacant(place) = places.entry(secret.fingerprint()) else {
                continue;
            };
            bytes += secret.bytes().len();
            if values.len() == Self::MOST || bytes > Self::MOST_BYTES {
                break;
            }
            place.insert(values.len());
            values.push(secret.bytes());
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
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Found {
    /// A secret in a text.
    Secret {
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

/// What is to be told of a finding. Findings of one rule in one file have it together, since there may be a million.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Told {
    /// The path from the top of the repository, or as it was given on the command line.
    pub path: BString,
    /// File, link, or the message of a commit, of which the path is only a name.
    pub kind: EntryKind,
    /// The id of the commit, in hex, if it is made already.
    pub commit: Option<Arc<str>>,
    /// The rule's id.
    pub rule: Cow<'static, str>,
    /// What the rule finds: "GitHub personal access token".
    pub name: Cow<'static, str>,
    /// How sure it is.
    pub confidence: Confidence,
    /// Why it counts, in a few words: "checksum holds".
    pub why: Arc<str>,
    /// A secret, or the file.
    pub found: Found,
    /// The comment in the file that allows it, if there is one: `keyward:allow`.
    pub comment: Option<&'static str>,
}

/// A secret or a guarded file. What is told of it is read as if it were its own: `finding.rule`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    told: Arc<Told>,
    /// The secret; `None` for a guarded file.
    pub secret: Option<Secret>,
    /// Where in the file; `None` for a guarded file, and for a secret in a name.
    pub span: Option<Span>,
    /// Of a pair of two halves, where the other one stands: the id that goes with a secret.
    pub pair: Option<Box<Span>>,
    /// What names it in an allow entry.
    pub fingerprint: Fingerprint,
}

impl Deref for Finding {
    type Target = Told;

    fn deref(&self) -> &Told {
        &self.told
    }
}

impl DerefMut for Finding {
    /// What is told of this one alone.
    fn deref_mut(&mut self) -> &mut Told {
        Arc::make_mut(&mut self.told)
    }
}

impl Finding {
    /// A secret at a place of a text, or in a name.
    pub fn secret(told: impl Into<Arc<Told>>, secret: Secret, span: Option<Span>) -> Self {
        Self {
            told: told.into(),
            fingerprint: secret.fingerprint(),
            secret: Some(secret),
            span,
            pair: None,
        }
    }

    /// A file that holds secrets by its name.
    pub fn file(told: Told) -> Self {
        Self {
            fingerprint: Fingerprint::of_path(&told.path),
            told: Arc::new(told),
            secret: None,
            span: None,
            pair: None,
        }
    }

    /// A value that somebody seeks, where no rule knows it.
    pub(crate) fn sought(secret: &Secret, path: BString, kind: EntryKind, span: Span) -> Self {
        let told = Told {
            path,
            kind,
            commit: None,
            rule: Cow::Borrowed("sought"),
            name: Cow::Borrowed("the key that you gave"),
            confidence: Confidence::Certain,
            why: "it is the same, byte for byte".into(),
            found: Found::Secret {
                provider: ProviderRef::default(),
                env: Cow::Borrowed(""),
                mend: Mend::default(),
                generic: true,
            },
            comment: None,
        };
        Self::secret(told, secret.clone(), Some(span))
    }

    /// From where to where it lies, with both halves of a pair: what programs mark that read reports by line.
    pub fn region(&self) -> Option<Span> {
        let span = self.span?;
        let Some(pair) = &self.pair else {
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
        self.span.is_none() && self.secret.is_some()
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

/// What is told of the findings in one file: what is told of many is there once.
#[derive(Debug, Default)]
pub(crate) struct Shelf {
    known: HashSet<Arc<Told>>,
    /// Those that came last: the next finding is mostly told of as one of them.
    last: VecDeque<Arc<Told>>,
}

impl Shelf {
    /// A bound: of more different ones the next is kept for itself.
    const MOST: usize = 4096;
    /// A bound: how many of the last ones are looked at.
    const LAST: usize = 4;

    /// What is told, as it was told before; made only if it is none of the last.
    pub(crate) fn shared(
        &mut self,
        is: impl Fn(&Told) -> bool,
        make: impl FnOnce() -> Told,
    ) -> Arc<Told> {
        if let Some(last) = self.last.iter().find(|told| is(told)) {
            return Arc::clone(last);
        }
        let told = make();
        let told = match self.known.get(&told) {
            Some(known) => Arc::clone(known),
            None => Arc::new(told),
        };
        if self.known.len() >= Self::MOST {
            self.known.clear();
        }
        self.known.insert(Arc::clone(&told));
        self.last.truncate(Self::LAST - 1);
        self.last.push_front(Arc::clone(&told));
        told
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::Random;

    fn finding(path: &str, value: &[u8], generic: bool) -> Finding {
        let told = Told {
            path: path.into(),
            kind: EntryKind::File,
            commit: None,
            rule: Cow::Borrowed("acme-key"),
            name: Cow::Borrowed("Acme key"),
            confidence: Confidence::Certain,
            why: "".into(),
            found: Found::Secret {
                provider: ProviderRef::default(),
                env: Cow::Borrowed(""),
                mend: Mend::default(),
                generic,
            },
            comment: None,
        };
        let span = Span {
            line: 1,
            column: 1,
            end_line: 1,
            end_column: 2,
        };
        Finding::secret(told, Secret::new(value, 0), Some(span))
    }

    /// There may be a million: 800 bytes for each were most of what a scan of a file of keys took.
    #[test]
    fn a_finding_takes_few_bytes() {
        assert!(size_of::<Finding>() <= 80);
        let bytes = b"0123456789abcdef";
        let all: Vec<Secret> = Secret::all_of([(&bytes[..10], 3), (&bytes[10..], 9)]).collect();
        assert!(Arc::ptr_eq(&all[0].all, &all[1].all));
        assert_eq!(all[0], Secret::new(&bytes[..10], 3));
        assert_eq!(all[1], Secret::new(&bytes[10..], 6));
    }

    #[test]
    fn what_is_told_of_many_is_there_once() {
        let mut shelf = Shelf::default();
        let of = |name: &str| Told::clone(&finding(name, b"x", true));
        let all: Vec<Arc<Told>> = (0..100)
            .map(|number| {
                let told = of(["a", "b", "c", "d", "e", "f"][number % 6]);
                let expected = told.path.clone();
                shelf.shared(|known| known.path == expected, || told)
            })
            .collect();
        for (number, told) in all.iter().enumerate() {
            assert!(Arc::ptr_eq(told, &all[number % 6]), "{number}");
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
        let mut told = Told::clone(&finding("a", b"x", true));
        told.found = Found::TrackedFile;
        let file = Finding::file(told);
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
            let mut message = finding.clone();
            message.kind = EntryKind::Message;
            assert!(!message.may_be_held());
            assert_eq!(finding.kind, EntryKind::File);
            let mut name = finding;
            name.span = None;
            assert!(name.is_in_name() && !name.may_be_held());
        }
    }
}
