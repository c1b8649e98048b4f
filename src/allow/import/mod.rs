//! What other tools' files let pass, read so that keyward's own entries can be written for it.
//!
//! Those files name paths, lines, patterns and hashes; an entry of keyward's names a secret. So a
//! file is read into [`Exemption`]s, the places that they name are scanned, and what is found there
//! is allowed, each secret by its fingerprint. What has no meaning here is [`Left`], to be told.

mod detect_secrets;
mod gitleaks;
mod ripsecrets;
mod talisman;

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;

use bstr::{BStr, BString, ByteSlice};
use regex::bytes::{Regex, RegexBuilder};

use crate::finding::Finding;
use crate::glob::PathGlobs;

/// The longest file that is read, in bytes: a baseline of a hundred thousand findings.
pub(crate) const MOST_BYTES: u64 = 64 << 20;

/// A file of another tool's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// `.gitleaksignore`, `.betterleaksignore`: fingerprints.
    GitleaksIgnore,
    /// `.gitleaks.toml`: allowlists.
    GitleaksConfig,
    /// `.secrets.baseline` of detect-secrets.
    SecretsBaseline,
    /// `.secretsignore` of ripsecrets.
    SecretsIgnore,
    /// `.talismanrc`.
    TalismanRc,
}

impl Format {
    /// The format of a file by its name.
    pub(crate) fn of(name: &str) -> Option<Self> {
        Some(match name {
            ".gitleaksignore" | ".betterleaksignore" | ".infisicalignore" => Self::GitleaksIgnore,
            ".gitleaks.toml" | "gitleaks.toml" | ".betterleaks.toml" | ".infisical-scan.toml" => {
                Self::GitleaksConfig
            }
            ".secretsignore" => Self::SecretsIgnore,
            ".talismanrc" => Self::TalismanRc,
            name if name.ends_with(".secrets.baseline") || name == "secrets.baseline" => {
                Self::SecretsBaseline
            }
            _ => return None,
        })
    }

    /// The names that are known.
    pub(crate) const NAMES: &str =
        ".gitleaksignore, .gitleaks.toml, .secrets.baseline, .secretsignore, .talismanrc";
}

/// What a file lets pass.
#[derive(Debug, Default)]
pub(crate) struct Import {
    /// What can be looked for.
    pub exemptions: Vec<Exemption>,
    /// What can't.
    pub left: Vec<Left>,
}

impl Import {
    fn leave(&mut self, line: Option<usize>, why: impl Into<String>) {
        let why = why.into();
        self.left.push(Left { line, why });
    }
}

/// What could not be carried over, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Left {
    /// The line in the other tool's file, counted from 1, if it is known.
    pub line: Option<usize>,
    /// The reason, with nothing from the file in it that could be a secret.
    pub why: String,
}

impl fmt::Display for Left {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        f.write_str(&self.why)
    }
}

/// One thing that a file lets pass: all that its criteria hold for.
#[derive(Debug)]
pub(crate) struct Exemption {
    /// The commit in which it lies, in hex, with the path there; otherwise it lies in the present
    /// files.
    pub commit: Option<(String, BString)>,
    criteria: Vec<Criterion>,
}

/// What must hold for a finding.
#[derive(Debug)]
enum Criterion {
    /// It lies at this path.
    Path(BString),
    /// One of the patterns covers its path.
    Glob(PathGlobs),
    /// The regex fits somewhere in its path.
    PathRegex(Regex),
    /// It stands on this line.
    Line(usize),
    /// The regex fits somewhere in the secret.
    Secret(Regex),
    /// The regex fits somewhere in its line.
    Text(Regex),
    /// The secret has this word in it, in whatever case.
    Word(Vec<u8>),
    /// It is a secret (or else a file).
    IsSecret(bool),
    /// One of these holds.
    Any(Vec<Criterion>),
}

/// A finding with the text around it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen<'f> {
    /// The finding.
    pub finding: &'f Finding,
    /// The line on which it starts; empty for a file.
    pub line: &'f Line<'f>,
    /// The part of the line that it covers.
    pub secret: &'f [u8],
}

/// A line with findings on it. Each regex looks at it once, however many they are.
#[derive(Debug)]
pub(crate) struct Line<'t> {
    bytes: &'t [u8],
    is_utf8: bool,
    /// Which regexes fit, by where they lie.
    known: RefCell<HashMap<*const Regex, bool>>,
}

impl<'t> Line<'t> {
    /// A line of a text.
    pub(crate) fn new(bytes: &'t [u8]) -> Self {
        Self {
            bytes,
            is_utf8: bytes.is_utf8(),
            known: RefCell::default(),
        }
    }

    /// What is on it.
    pub(crate) const fn bytes(&self) -> &'t [u8] {
        self.bytes
    }

    /// Whether that is UTF-8.
    pub(crate) const fn is_utf8(&self) -> bool {
        self.is_utf8
    }

    fn fits(&self, regex: &Regex) -> bool {
        let mut known = self.known.borrow_mut();
        let fits = known.entry(std::ptr::from_ref(regex));
        *fits.or_insert_with(|| !self.bytes.is_empty() && regex.is_match(self.bytes))
    }
}

impl Exemption {
    /// Whether it speaks of a finding.
    pub(crate) fn covers(&self, seen: Seen<'_>) -> bool {
        self.criteria.iter().all(|criterion| criterion.holds(seen))
    }
}

impl Criterion {
    fn holds(&self, seen: Seen<'_>) -> bool {
        let path: &BStr = seen.finding.path.as_ref();
        match self {
            Self::Path(named) => path == named,
            Self::Glob(globs) => globs.covers(path),
            Self::PathRegex(regex) => regex.is_match(path),
            Self::Line(line) => seen
                .finding
                .span
                .is_some_and(|span| span.lines().contains(line)),
            Self::Secret(regex) => !seen.secret.is_empty() && regex.is_match(seen.secret),
            Self::Text(regex) => seen.line.fits(regex),
            Self::Word(word) => {
                !word.is_empty() && seen.secret.to_ascii_lowercase().contains_str(word)
            }
            Self::IsSecret(secret) => seen.finding.span.is_some() == *secret,
            Self::Any(criteria) => criteria.iter().any(|criterion| criterion.holds(seen)),
        }
    }
}

/// Reads a file of another tool's.
pub(crate) fn parse(format: Format, bytes: &[u8]) -> Import {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut import = Import::default();
    match format {
        Format::GitleaksIgnore => gitleaks::fingerprints(bytes, &mut import),
        Format::GitleaksConfig => gitleaks::config(bytes, &mut import),
        Format::SecretsBaseline => detect_secrets::baseline(bytes, &mut import),
        Format::SecretsIgnore => ripsecrets::patterns(bytes, &mut import),
        Format::TalismanRc => talisman::config(bytes, &mut import),
    }
    import
}

/// A regex of another tool's, if keyward's engine takes it: those of Go and Rust are close kin.
fn regex(pattern: &str) -> Option<Regex> {
    /// A bound: a larger program of the engine walks through much of itself for each byte of a text.
    const MOST_BYTES: usize = 256 << 10;
    // What is not ASCII in a class needs Unicode tables, which are not built in.
    let mut regex = RegexBuilder::new(pattern);
    regex.unicode(false).size_limit(MOST_BYTES).build().ok()
}

/// A path as git has it.
fn path(text: &str) -> BString {
    let text = text.replace('\\', "/");
    text.trim_start_matches("./").into()
}

/// The lines of a list, numbered from 1, without those that are empty or a comment. What is not UTF-8
/// is left.
fn entries<'b>(bytes: &'b [u8], import: &mut Import) -> Vec<(usize, &'b str)> {
    let mut entries = Vec::new();
    for (index, line) in bytes.lines().enumerate() {
        match line.to_str().map(str::trim) {
            Ok(text) if text.is_empty() || text.starts_with('#') => {}
            Ok(text) => entries.push((index + 1, text)),
            Err(_) => import.leave(Some(index + 1), "what is not UTF-8"),
        }
    }
    entries
}

const BAD_PATTERN: &str = "a pattern that keyward can't read";

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;
    use crate::change::Ignored;
    use crate::confidence::Confidence;
    use crate::finding::{Found, Secret, Span, Told};

    #[test]
    fn a_line_is_asked_once_and_no_regex_is_without_bounds() {
        let line = Line::new(b"a fake line");
        let [one, other] = ["fake$", "fake"].map(|pattern| regex(pattern).unwrap());
        for _ in 0..3 {
            assert!(!line.fits(&one) && line.fits(&other));
        }
        assert_eq!(line.known.borrow().len(), 2);
        assert!(!Line::new(b"").fits(&regex("^$").unwrap()));
        assert!(regex("[a-z]{0,400}abc[a-z]{10,9000}[0-9]{10}").is_none());
    }
    use crate::rules::{Mend, ProviderRef};

    /// A finding on a line of a file; a guarded file on line 0.
    pub(super) fn finding(path: &str, line: usize) -> Finding {
        let number = u32::try_from(line).expect("a short file");
        let span = Span {
            line: number,
            column: 1,
            end_line: number + 1,
            end_column: 2,
        };
        let secret = Found::Secret {
            provider: ProviderRef::default(),
            env: Cow::Borrowed(""),
            mend: Mend::default(),
            generic: false,
        };
        let file = Found::File {
            ignored: Ignored::No,
        };
        let told = Told {
            path: path.into(),
            kind: crate::change::EntryKind::File,
            commit: None,
            rule: Cow::Borrowed("acme-api-key"),
            name: Cow::Borrowed("Acme API key"),
            confidence: Confidence::Certain,
            why: "".into(),
            found: if line > 0 { secret } else { file },
            comment: None,
        };
        match line {
            0 => Finding::file(told),
            _ => Finding::secret(told, Secret::new(b"x", 0), Some(span)),
        }
    }

    /// Whether what was read speaks of a finding.
    pub(super) fn covers(import: &Import, path: &str, line: usize, text: &str) -> bool {
        let finding = finding(path, line);
        let secret = text.split('\'').nth(1).unwrap_or(text);
        let seen = Seen {
            finding: &finding,
            line: &Line::new(text.as_bytes()),
            secret: secret.as_bytes(),
        };
        import.exemptions.iter().any(|one| one.covers(seen))
    }

    #[test]
    fn formats_are_told_by_name() {
        for name in Format::NAMES.split(", ") {
            assert!(Format::of(name).is_some(), "{name}");
        }
        assert_eq!(
            Format::of("ci.secrets.baseline"),
            Some(Format::SecretsBaseline)
        );
        assert_eq!(Format::of("gitleaks.json"), None);
    }

    #[test]
    fn nonsense_is_left_and_never_a_panic() {
        let nonsense: &[&[u8]] = &[
            b"",
            b"\xff\xfe\x00",
            b"a:b:c",
            b":::",
            b"- - -\n  - :\n",
            b"fileignoreconfig: 1\n",
            b"fileignoreconfig:\n- filename\n- : x\n",
            b"[[allowlists]]\nregexes = 1\n",
            b"[allowlist]\nregexes = ['(']\npaths = ['(']\n",
            b"{\"results\": 1}",
            b"{\"results\": {\"a\": [1, {\"line_number\": -1}]}}",
            b"[secrets]\n(\n",
        ];
        for bytes in nonsense {
            for format in [
                Format::GitleaksIgnore,
                Format::GitleaksConfig,
                Format::SecretsBaseline,
                Format::SecretsIgnore,
                Format::TalismanRc,
            ] {
                let import = parse(format, bytes);
                assert!(
                    !covers(&import, "src/app.py", 7, "key = 'value'"),
                    "{format:?}"
                );
            }
        }
    }
}
