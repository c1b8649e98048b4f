//! For spreadsheets: a row for each secret or file, the most urgent first, and for what could not be looked at.

use std::io::{self, Write};

use bstr::BString;

use super::{AuditStyle, NOT_HERE};
use crate::allow::Date;
use crate::audit::{Audit, CommitFacts, Entry};
use crate::report::csv::Rows;
use crate::report::facts::Facts;
use crate::shell::shown;

const COLUMNS: [&str; 25] = [
    "kind",
    "repository",
    "urgency",
    "id",
    "name",
    "provider",
    "redacted",
    "confidence",
    "path",
    "paths",
    "first_date",
    "first_author",
    "first_commit",
    "last_date",
    "last_commit",
    "in_head",
    "branches",
    "tags",
    "remotes",
    "pushed_since",
    "held_by",
    "revoke",
    "rotated",
    "revoked",
    "message",
];

/// Writes the names of the columns.
///
/// # Errors
/// When `out` can't be written to.
pub(crate) fn write_columns(out: &mut dyn Write) -> io::Result<()> {
    Rows::new(out).row(COLUMNS)
}

/// Writes the rows of a repository.
///
/// # Errors
/// When `out` can't be written to.
pub(crate) fn write(audit: &Audit, style: &AuditStyle, out: &mut dyn Write) -> io::Result<()> {
    let mut rows = Rows::new(out);
    for entry in &audit.entries {
        rows.row(row(entry, &style.repository))?;
    }
    for unread in &audit.unread {
        let path = shown(&unread.path);
        rows.row(note("unread", &style.repository, &path, &unread.reason))?;
    }
    for path in &audit.absent {
        rows.row(note("unread", &style.repository, &shown(path), NOT_HERE))?;
    }
    for (kind, paths) in [("archive", &audit.archives), ("lfs-object", &audit.lfs)] {
        for path in paths {
            rows.row(note(
                kind,
                &style.repository,
                &shown(path),
                "nobody looked into it",
            ))?;
        }
    }
    if audit.is_incomplete() {
        let told = "not all of it could be looked at";
        rows.row(note("incomplete", &style.repository, "", told))?;
    }
    Ok(())
}

/// Writes a repository that could not be looked at.
///
/// # Errors
/// When `out` can't be written to.
pub(crate) fn write_failed(name: &str, why: &str, out: &mut dyn Write) -> io::Result<()> {
    Rows::new(out).row(note("failed", name, "", why))
}

fn note(kind: &str, repository: &str, path: &str, message: &str) -> [String; COLUMNS.len()] {
    let mut cells = COLUMNS.map(|_| String::new());
    for (column, text) in [
        ("kind", kind),
        ("repository", repository),
        ("path", path),
        ("message", message),
    ] {
        if let Some(at) = COLUMNS.iter().position(|it| *it == column) {
            text.clone_into(&mut cells[at]);
        }
    }
    cells
}

fn row(entry: &Entry, repository: &str) -> [String; COLUMNS.len()] {
    let facts = Facts::of(&entry.finding);
    let all = |names: &[BString]| {
        names
            .iter()
            .map(|it| shown(it))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let date = |commit: &Option<CommitFacts>| {
        commit
            .as_ref()
            .map_or(String::new(), |it| it.date().to_string())
    };
    let day = |date: Option<Date>| date.map_or(String::new(), |date| date.to_string());
    let id =
        |commit: &Option<CommitFacts>| commit.as_ref().map_or(String::new(), |it| it.id.clone());
    let author = entry.first.as_ref().map(|it| shown(&it.author));
    let remotes: Vec<&str> = entry.pushed.iter().map(|it| it.remote.as_str()).collect();
    let since = entry.pushed.iter().filter_map(|it| it.since.as_ref());
    let since = since.map(|commit| commit.date().to_string()).min();
    [
        facts.kind.to_owned(),
        repository.to_owned(),
        entry.urgency().name().to_owned(),
        entry.id().to_owned(),
        entry.finding.name.to_string(),
        facts.provider.unwrap_or_default().to_owned(),
        facts.redacted.unwrap_or_default(),
        entry.confidence.as_str().to_owned(),
        shown(&entry.place()),
        entry.paths.len().to_string(),
        date(&entry.first),
        author.unwrap_or_default(),
        id(&entry.first),
        date(&entry.last),
        id(&entry.last),
        entry.in_head.to_string(),
        all(&entry.branches),
        all(&entry.tags),
        remotes.join(" "),
        since.unwrap_or_default(),
        all(&entry.held_by),
        facts.revoke.unwrap_or_default().to_owned(),
        day(entry.rotated),
        day(entry.revoked),
        entry.finding.why.to_string(),
    ]
}
