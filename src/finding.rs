//! A finding: a secret or a guarded file, with all that a report may say about it.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use bstr::BString;
use sha2::{Digest, Sha256};

use crate::change::EntryKind;
use crate::confidence::Confidence;
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
        let (prefix, body) = self.bytes.split_at(self.public);
        let shown = (body.len() / 8).min(4);
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

    /// The name by which the secret is allowed.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(b"secret", &self.bytes)
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

/// The first 16 hex digits of a SHA-256 over a secret's bytes, or a guarded file's path.
///
/// It is the same wherever the secret stands, so an allow entry survives a move, and 64 bits keep
/// it from covering another secret by chance.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(String);

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
        let digest = hash.finalize();
        Self(
            digest
                .iter()
                .take(Self::LEN / 2)
                .map(|b| format!("{b:02x}"))
                .collect(),
        )
    }

    /// Reads a whole fingerprint, as an allow entry holds it.
    pub fn parse(text: &str) -> Option<Self> {
        let valid =
            text.len() == Self::LEN && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        valid.then(|| Self(text.to_owned()))
    }

    /// The hex digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What a person types to name it: the first eight digits.
    pub fn id(&self) -> &str {
        &self.0[..8]
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
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
    /// Where in the file; `None` for a guarded file.
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
    /// The comment in the file that allows it, if there is one: `keyward:allow`.
    pub comment: Option<&'static str>,
}
