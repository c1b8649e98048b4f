//! What was looked at and allowed: the file `.keyward.allow`.
//!
//! The file has one entry a line, sorted by fingerprint:
//!
//! ```text
//! # Why the next one is there.
//! 0123456789abcdef acme-api-key /docs/manual.md - the example of the manual
//! fedcba9876543210 acme-api-key "/a\\ b/*.json" 2027-01-31 revoked, gone with the next release
//! ```
//!
//! Nothing in it depends on line numbers or on the clock, so that entries survive edits and merge
//! cleanly. Comments and blank lines are kept; they belong to the entry below them.

mod date;
mod entry;
pub(crate) mod import;
pub(crate) mod proposal;
pub(crate) mod told;

use std::ffi::OsStr;
use std::fmt;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use bstr::ByteSlice;

use crate::disk;
use crate::finding::Finding;
use crate::shell;
use crate::words::excerpt::Excerpt;
pub(crate) use date::Date;
pub(crate) use entry::{Entry, Problem, is_no_reason};

/// The file's name, at the top of a repository.
pub(crate) const FILE_NAME: &str = ".keyward.allow";

/// What a new file starts with.
const HEADER: &[&str] = &[
    "# What keyward lets pass, one line each: fingerprint, rule, path, last day or -, reason.",
    "# Written by `keyward allow`.",
    "",
];

/// An allow file: its entries, sorted, and its comments.
#[derive(Clone, Debug)]
pub struct AllowList {
    header: Vec<String>,
    /// Sorted by [`Entry::key`], no two alike.
    items: Vec<Item>,
    footer: Vec<String>,
    today: Date,
}

/// An entry with the comments above it.
#[derive(Clone, Debug)]
struct Item {
    comments: Vec<String>,
    entry: Entry,
}

impl Default for AllowList {
    /// A list without entries.
    fn default() -> Self {
        Self {
            header: HEADER.iter().map(|&line| line.to_owned()).collect(),
            items: Vec::new(),
            footer: Vec::new(),
            today: Date::today(),
        }
    }
}

/// What is wrong with an allow file. The exit code for it is 2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowError {
    /// The file's name, as it was given.
    pub file: String,
    /// The place of what is wrong.
    pub(crate) place: Box<Excerpt>,
    /// What is wrong with it.
    pub problem: Problem,
}

impl fmt::Display for AllowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file,
            place,
            problem,
        } = self;
        let file = shell::shown(file.as_bytes());
        write!(f, "{file}:{}:{}: {problem}", place.line, place.column)
    }
}

impl std::error::Error for AllowError {}

impl AllowList {
    /// Reads the bytes of an allow file; `name` is what errors call the file. Expired entries are
    /// kept, and allow nothing.
    ///
    /// # Errors
    /// At the first line that is not an entry, a comment or blank.
    pub fn parse(bytes: &[u8], name: &str) -> Result<Self, AllowError> {
        Self::parse_on(Date::today(), bytes, name)
    }

    fn parse_on(today: Date, bytes: &[u8], name: &str) -> Result<Self, AllowError> {
        let mut list = Self {
            header: Vec::new(),
            items: Vec::new(),
            footer: Vec::new(),
            today,
        };
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut comments = Vec::new();
        for line in bytes.lines() {
            let start = line.as_ptr().addr() - bytes.as_ptr().addr();
            let error = |(at, problem): (usize, Problem)| AllowError {
                file: name.to_owned(),
                place: Box::new(Excerpt::of(bytes, start + at)),
                problem,
            };
            let text = line.to_str();
            let text = text.map_err(|err| error((err.valid_up_to(), Problem::Utf8)))?;
            let line = text.trim_end();
            if line.is_empty() || line.starts_with('#') {
                comments.push(line.to_owned());
                // The comments above the first blank line are the file's own.
                if line.is_empty() && list.items.is_empty() {
                    list.header.append(&mut comments);
                }
            } else {
                let entry = Entry::parse(line).map_err(error)?;
                let comments = std::mem::take(&mut comments);
                list.items.push(Item { comments, entry });
            }
        }
        list.footer = comments;
        // A merge can leave two alike. One that holds goes before one that ended, or else the first.
        list.items.sort_by(|one, other| {
            let ended = |item: &Item| item.entry.is_expired(today);
            let order = one.entry.key().cmp(&other.entry.key());
            order.then(ended(one).cmp(&ended(other)))
        });
        list.items.dedup_by(|later, earlier| {
            let same = later.entry.key() == earlier.entry.key();
            if same {
                earlier.comments.append(&mut later.comments);
            }
            same
        });
        Ok(list)
    }

    /// Reads the file at `path`; without one, the list is empty.
    ///
    /// # Errors
    /// When it is a symbolic link, which may lead out of the repository, or can't be read; an
    /// `AllowError` when it is not valid.
    pub fn read(path: &Path) -> Result<Self> {
        /// A bound: more than a hundred thousand entries.
        const MOST_BYTES: u64 = 16 << 20;
        let name = path.to_string_lossy();
        let (top, file) = match (path.parent(), path.file_name().and_then(OsStr::to_str)) {
            (Some(top), Some(file)) => (top, file),
            _ => bail!("{} is not a file", shell::shown_path(path)),
        };
        let bytes = disk::read_inside(top, file, MOST_BYTES)
            .with_context(|| format!("cannot read {}", shell::shown_path(path)))?;
        match bytes {
            Some(bytes) => Ok(Self::parse(&bytes, &name)?),
            None => Ok(Self::default()),
        }
    }

    /// Writes the file at `path`, wholly or not at all, by way of one in the directory `aside`.
    ///
    /// # Errors
    /// When one of the two can't be written.
    pub(crate) fn write(&self, path: &Path, aside: &Path) -> Result<()> {
        disk::replace_from(aside, path, self.to_string().as_bytes())
            .with_context(|| format!("cannot write {}", shell::shown_path(path)))
    }

    /// The entry that allows a finding: fingerprint, rule and path fit, and its last day is not
    /// over.
    pub fn find(&self, finding: &Finding) -> Option<&Entry> {
        self.of(finding)
            .find(|entry| !entry.is_expired(self.today) && entry.covers(finding))
    }

    /// The entries of a finding's secret, wherever they allow it and however long.
    pub(crate) fn of<'l>(&'l self, finding: &Finding) -> impl Iterator<Item = &'l Entry> + use<'l> {
        let first = self
            .items
            .partition_point(|item| item.entry.fingerprint < finding.fingerprint);
        let fingerprint = finding.fingerprint.clone();
        self.items[first..]
            .iter()
            .map(|item| &item.entry)
            .take_while(move |entry| entry.fingerprint == fingerprint)
    }

    /// The entries that hold for a finding's secret, and stand for another path.
    pub(crate) fn held_elsewhere<'l, 'f>(
        &'l self,
        finding: &'f Finding,
    ) -> impl Iterator<Item = &'l Entry> + use<'l, 'f> {
        self.of(finding).filter(move |entry| {
            !entry.is_expired(self.today) && entry.is_of(finding) && !entry.covers(finding)
        })
    }

    /// The entries, expired ones too.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.items.iter().map(|item| &item.entry)
    }

    /// The entries whose last day is over.
    pub fn expired(&self) -> impl Iterator<Item = &Entry> {
        self.entries().filter(|entry| entry.is_expired(self.today))
    }

    /// Removes the entries for which `is_kept` is false, with the comments above them.
    pub fn retain(&mut self, is_kept: impl Fn(&Entry) -> bool) {
        self.items.retain(|item| is_kept(&item.entry));
    }

    /// Adds the entries of another list. Of two with the same fingerprint, rule and path, this
    /// list's stays.
    pub fn absorb(&mut self, other: Self) {
        self.items.extend(other.items);
        self.items.sort_by(|a, b| a.entry.key().cmp(&b.entry.key()));
        self.items.dedup_by(|b, a| a.entry.key() == b.entry.key());
    }

    /// Adds an entry at its place. One with the same fingerprint, rule and path is replaced.
    pub fn insert(&mut self, entry: Entry) {
        match self
            .items
            .binary_search_by(|item| item.entry.key().cmp(&entry.key()))
        {
            Ok(at) => self.items[at].entry = entry,
            Err(at) => self.items.insert(
                at,
                Item {
                    comments: Vec::new(),
                    entry,
                },
            ),
        }
    }
}

impl fmt::Display for AllowList {
    /// Writes the whole file, comments and blank lines too.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.header {
            writeln!(f, "{line}")?;
        }
        for Item { comments, entry } in &self.items {
            for line in comments {
                writeln!(f, "{line}")?;
            }
            writeln!(f, "{entry}")?;
        }
        for line in &self.footer {
            writeln!(f, "{line}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;
    use crate::change::Ignored;
    use crate::confidence::Confidence;
    use crate::finding::{Fingerprint, Found, Told};
    use crate::glob::PathGlob;

    fn day(text: &str) -> Date {
        Date::parse(text).expect("the dates of this test are days")
    }

    fn parse(text: &str) -> Result<AllowList, AllowError> {
        AllowList::parse_on(day("2026-06-15"), text.as_bytes(), FILE_NAME)
    }

    fn finding(path: &[u8], rule: &'static str) -> Finding {
        Finding::file(Told {
            path: path.into(),
            kind: crate::change::EntryKind::File,
            commit: None,
            rule: Cow::Borrowed(rule),
            name: Cow::Borrowed("environment file"),
            confidence: Confidence::Certain,
            why: "its name".into(),
            found: Found::File {
                ignored: Ignored::No,
            },
            comment: None,
        })
    }

    fn line(finding: &Finding, rest: &str) -> String {
        format!("{} {rest}\n", finding.fingerprint)
    }

    #[test]
    fn an_entry_allows_what_fits_in_every_part() {
        let env = finding(b"a/.env", "guard-env-file");
        for (rest, expected) in [
            ("guard-env-file /a/.env - why", true),
            ("guard-env-file a/ - why", true),
            ("guard-env-file * - why", true),
            ("guard-env-file **/.env 2026-06-15 why", true),
            ("guard-env-file /a/.env 2026-06-14 why", false),
            ("guard-env-file /.env - why", false),
            ("guard-env-file !/a/.env - why", false),
            ("guard-key-file /a/.env - why", false),
        ] {
            let list = parse(&line(&env, rest)).expect("a valid entry");
            assert_eq!(list.find(&env).is_some(), expected, "{rest}");
        }
        let other = finding(b"b/.env", "guard-env-file");
        let list = parse(&line(&other, "guard-env-file * - why")).expect("a valid entry");
        assert!(list.find(&env).is_none());
        assert!(list.find(&other).is_some());
        assert!(AllowList::default().find(&env).is_none());
    }

    #[test]
    fn an_expired_entry_does_not_hide_one_that_holds() {
        let env = finding(b".env", "guard-env-file");
        let text = [
            line(&env, "guard-env-file * 2020-01-01 old"),
            line(&env, "guard-env-file .env - new"),
        ];
        let list = parse(&text.concat()).expect("valid entries");
        assert_eq!(
            list.find(&env).map(|entry| entry.reason.as_str()),
            Some("new")
        );
        assert_eq!(
            list.expired()
                .map(|entry| entry.reason.as_str())
                .collect::<Vec<_>>(),
            ["old"]
        );
    }

    #[test]
    fn an_error_names_the_file_and_the_line() {
        let good = "0123456789abcdef acme-key * - why";
        let cases = [
            ("nonsense", Problem::Fingerprint),
            ("0123456789ABCDEF acme-key * - why", Problem::Fingerprint),
            ("0123456789abcdef0 acme-key * - why", Problem::Fingerprint),
            ("0123456789abcdef", Problem::Rule),
            ("0123456789abcdef acmé-key * - why", Problem::Rule),
            ("0123456789abcdef acme-key", Problem::Path),
            ("0123456789abcdef acme-key \"a - why", Problem::Path),
            ("0123456789abcdef acme-key \"a\"x - why", Problem::Path),
            ("0123456789abcdef acme-key \"\\q\" - why", Problem::Path),
            (
                "0123456789abcdef acme-key \"\\u{110000}\" - why",
                Problem::Path,
            ),
            ("0123456789abcdef acme-key / - why", Problem::Path),
            ("0123456789abcdef acme-key *", Problem::Date),
            ("0123456789abcdef acme-key * tomorrow why", Problem::Date),
            ("0123456789abcdef acme-key * 2026-02-30 why", Problem::Date),
            ("0123456789abcdef acme-key * -", Problem::Reason),
            ("0123456789abcdef acme-key * -   ", Problem::Reason),
            ("0123456789abcdef acme-key * - \u{1b}[2J", Problem::Control),
            (
                "0123456789abcdef acme-key * - \u{202e}yhw",
                Problem::Control,
            ),
            ("0123456789abcdef\tacme-key * - why", Problem::Control),
            ("<<<<<<< HEAD", Problem::Conflict),
            ("=======", Problem::Conflict),
            (">>>>>>> other", Problem::Conflict),
        ];
        for (bad, problem) in cases {
            let err = parse(&format!("# comment\n\n{good}\n{bad}\n{good}\n")).expect_err(bad);
            assert_eq!((err.place.line, err.problem), (4, problem), "{bad}");
            let message = err.to_string();
            assert!(message.starts_with(".keyward.allow:4:"), "{message}");
            assert!(!message.contains('\u{1b}'), "{message}");
        }
        let err = AllowList::parse(b"# \xff\n", "x").expect_err("not UTF-8");
        assert_eq!(err.problem, Problem::Utf8);
        let long = format!("{good} {}", "y".repeat(1 << 20));
        assert_eq!(
            parse(&long).expect_err("too long").problem,
            Problem::TooLong
        );
    }

    #[test]
    fn what_is_read_is_written_again_sorted() {
        let text = "\
# The header stays on top.

# about c
cccccccccccccccc acme-key /x - third

aaaaaaaaaaaaaaaa acme-key \"/a\\\\ b\\\"c\" 2026-07-01 first
bbbbbbbbbbbbbbbb acme-key * - second, twice
bbbbbbbbbbbbbbbb acme-key * - second, again
# The end.
";
        let expected = "\
# The header stays on top.


aaaaaaaaaaaaaaaa acme-key \"/a\\\\ b\\\"c\" 2026-07-01 first
bbbbbbbbbbbbbbbb acme-key * - second, twice
# about c
cccccccccccccccc acme-key /x - third
# The end.
";
        let written = parse(text).expect("valid").to_string();
        assert_eq!(written, expected);
        assert_eq!(
            parse(&written)
                .expect("what was written is valid")
                .to_string(),
            expected
        );
        let crlf = text.replace('\n', "\r\n");
        assert_eq!(parse(&crlf).expect("valid").to_string(), expected);
    }

    #[test]
    fn an_inserted_entry_stands_at_its_place_and_is_found() {
        let mut list = AllowList::default();
        let paths: &[&[u8]] = &[
            b".env",
            b"a b/.env",
            b"a\"\\b/.env",
            b"new\nline/.env",
            b"\x1b[2J/.env",
            "ü/\u{202e}/.env".as_bytes(),
            b"[x]*?/.env",
            b"#/!/.env",
            b"\xff/.env",
        ];
        for path in paths {
            let finding = finding(path, "guard-env-file");
            let entry = Entry::for_finding(&finding, None, " why ").expect("a reason is given");
            list.insert(entry.clone());
            list.insert(entry);
        }
        assert_eq!(list.entries().count(), paths.len());
        assert!(list.entries().is_sorted_by_key(Entry::key));
        let written = list.to_string();
        assert_eq!(written.lines().count(), HEADER.len() + paths.len());
        let read = parse(&written).expect("what was written is valid");
        assert_eq!(read.to_string(), written);
        for path in paths {
            let finding = finding(path, "guard-env-file");
            assert_eq!(
                read.find(&finding).map(|entry| entry.reason.as_str()),
                Some("why")
            );
        }
    }

    #[test]
    fn an_entry_replaces_its_like_and_keeps_the_comment() {
        let mut list = parse("# c\naaaaaaaaaaaaaaaa acme-key * - old\n").expect("valid");
        list.insert(Entry {
            fingerprint: Fingerprint::parse("aaaaaaaaaaaaaaaa").expect("16 digits"),
            rule: "acme-key".to_owned(),
            path: PathGlob::parse("*").expect("a pattern"),
            until: Some(day("2030-01-01")),
            reason: "new".to_owned(),
        });
        assert_eq!(
            list.to_string(),
            "# c\naaaaaaaaaaaaaaaa acme-key * 2030-01-01 new\n"
        );
    }

    #[test]
    fn a_reason_is_asked_for_and_takes_one_line() {
        let finding = finding(b".env", "guard-env-file");
        for (reason, problem) in [
            ("", Problem::Reason),
            (" \n", Problem::Reason),
            ("a\nb", Problem::Control),
        ] {
            assert_eq!(
                Entry::for_finding(&finding, None, reason),
                Err(problem),
                "{reason:?}"
            );
        }
    }
}
