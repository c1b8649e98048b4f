//! For programs: one JSON object per line, in ASCII. First a line for each secret or file, the most
//! urgent first, and at last one for the whole.
//!
//! | kind | is |
//! |---|---|
//! | `secret` | a secret, with all that is known of it |
//! | `file` | a file that holds secrets by its name, with the same fields |
//! | `unread` | something that could not be read, or a file that is not here (the first hundred): `path`, `message` |
//! | `archive`, `lfs-object` | something into which nobody looked: `path` |
//! | `failed` | a repository that could not be looked at: `path`, `message` |
//! | `share` | at the start of many repositories: `number` of `of` shares, and its `repositories` |
//! | `summary` | the whole: how much was looked at, and whether all of it |
//!
//! `urgency` is `pushed-in-head`, `pushed`, `may-be-pushed`, `in-head`, `here`, `left` (no branch or tag
//! reaches it) or `revoked` (`keyward respond ID --done revoke` was said, on the day that `revoked` has). `rotated` is the day on which `keyward keys rotate` put another key in its place. `first` and `last` are commits or null: `id`, `author`, `date` (UTC) and `time` (seconds
//! since 1970). `pushed` has an object for each remote that has it or had it: `remote`, `since` (a commit
//! or null), `by` (the date on which it had it at the latest, or null), `now` (whether it still had it when
//! it was last asked) and `branches`. `doubts` says why nobody can tell from here whether a remote has it:
//! `bare`, `gone` (the branch of the remote that its branch follows), `address` (to which its branch is
//! pushed), `untracked` (branches of a remote), `tag`, `ref` or `forgotten` (no log has it any more). `beside` has the fingerprints of the secrets that stood in the same
//! files. No field holds a secret, nor more of it than `redacted`.

use std::io::{self, Write};

use bstr::BString;
use serde::Serialize;

use super::human::brought;
use super::{AuditStyle, NOT_HERE};
use crate::allow::Date;
use crate::audit::{Audit, CommitFacts, Entry, Pushed};
use crate::report::ascii::line;
use crate::report::facts::Facts;
use crate::shell::shown;

/// Writes the report.
///
/// # Errors
/// When `out` can't be written to.
pub(crate) fn write(audit: &Audit, style: &AuditStyle, out: &mut dyn Write) -> io::Result<()> {
    let repository = Some(style.repository.as_str()).filter(|name| !name.is_empty());
    for entry in &audit.entries {
        line(&EntryLine::new(entry, repository), out)?;
    }
    let mut note = |kind: &'static str, path: &BString, message: Option<&str>| {
        let note = NoteLine {
            kind,
            repository,
            path: lossy(path),
            message,
        };
        line(&note, out)
    };
    for unread in &audit.unread {
        note("unread", &unread.path, Some(&unread.reason))?;
    }
    for path in &audit.absent {
        note("unread", path, Some(NOT_HERE))?;
    }
    for path in &audit.archives {
        note("archive", path, None)?;
    }
    for path in &audit.lfs {
        note("lfs-object", path, None)?;
    }
    line(&SummaryLine::new(audit, repository), out)
}

/// Writes a repository that could not be looked at.
///
/// # Errors
/// When `out` can't be written to.
pub(crate) fn write_failed(name: &str, why: &str, out: &mut dyn Write) -> io::Result<()> {
    let note = NoteLine {
        kind: "failed",
        repository: Some(name),
        path: name.to_owned(),
        message: Some(why),
    };
    line(&note, out)
}

/// Writes which repositories are to follow: those of one of so many shares.
///
/// # Errors
/// When `out` can't be written to.
pub(crate) fn write_share(
    number: usize,
    of: usize,
    repositories: &[String],
    out: &mut dyn Write,
) -> io::Result<()> {
    let share = ShareLine {
        kind: "share",
        number,
        of,
        repositories,
    };
    line(&share, out)
}

fn lossy(bytes: &BString) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn names(all: &[BString]) -> Vec<String> {
    all.iter().map(lossy).collect()
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct CommitLine<'a> {
    id: &'a str,
    author: String,
    date: String,
    time: i64,
}

impl<'a> CommitLine<'a> {
    fn new(commit: &'a CommitFacts) -> Self {
        Self {
            id: &commit.id,
            author: shown(&commit.author),
            date: commit.date().to_string(),
            time: commit.time,
        }
    }
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct PushedLine<'a> {
    remote: &'a str,
    since: Option<CommitLine<'a>>,
    by: Option<String>,
    now: bool,
    branches: Vec<String>,
}

impl<'a> PushedLine<'a> {
    fn new(pushed: &'a Pushed) -> Self {
        Self {
            remote: &pushed.remote,
            since: pushed.since.as_ref().map(CommitLine::new),
            by: pushed.by.map(|time| Date::of_time(time).to_string()),
            now: pushed.now,
            branches: names(&pushed.branches),
        }
    }
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct EntryLine<'a> {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    repository: Option<&'a str>,
    urgency: &'static str,
    id: &'a str,
    fingerprint: &'a str,
    rule: &'a str,
    name: &'a str,
    provider: Option<&'a str>,
    confidence: &'static str,
    why: &'a str,
    redacted: Option<String>,
    paths: Vec<String>,
    first: Option<CommitLine<'a>>,
    last: Option<CommitLine<'a>>,
    in_head: bool,
    in_worktree: bool,
    staged: bool,
    branches: Vec<String>,
    tags: Vec<String>,
    pushed: Vec<PushedLine<'a>>,
    doubts: Vec<&'static str>,
    held_by: Vec<String>,
    beside: Vec<&'a str>,
    revoke: Option<&'a str>,
    rotated: Option<String>,
    revoked: Option<String>,
}

impl<'a> EntryLine<'a> {
    fn new(entry: &'a Entry, repository: Option<&'a str>) -> Self {
        let facts = Facts::of(&entry.finding);
        Self {
            kind: facts.kind,
            repository,
            urgency: entry.urgency().name(),
            id: entry.id(),
            fingerprint: entry.finding.fingerprint.as_str(),
            rule: &entry.finding.rule,
            name: &entry.finding.name,
            provider: facts.provider,
            confidence: entry.confidence.as_str(),
            why: &entry.finding.why,
            redacted: facts.redacted,
            paths: names(&entry.paths),
            first: entry.first.as_ref().map(CommitLine::new),
            last: entry.last.as_ref().map(CommitLine::new),
            in_head: entry.in_head,
            in_worktree: entry.in_worktree,
            staged: entry.staged,
            branches: names(&entry.branches),
            tags: names(&entry.tags),
            pushed: entry.pushed.iter().map(PushedLine::new).collect(),
            doubts: entry.doubts.iter().map(|it| it.name()).collect(),
            held_by: names(&entry.held_by),
            beside: entry.beside.iter().map(|it| it.as_str()).collect(),
            revoke: facts.revoke,
            rotated: entry.rotated.map(|date| date.to_string()),
            revoked: entry.revoked.map(|date| date.to_string()),
        }
    }
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct NoteLine<'a> {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    repository: Option<&'a str>,
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ShareLine<'a> {
    kind: &'static str,
    number: usize,
    of: usize,
    repositories: &'a [String],
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct SummaryLine<'a> {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    repository: Option<&'a str>,
    secrets: usize,
    commits: usize,
    blobs: usize,
    allowed: usize,
    below_threshold: usize,
    missing: usize,
    shallow: bool,
    submodules: bool,
    unreachable: bool,
    complete: bool,
    stopped: bool,
    /// Of what is told, if it is not all.
    #[serde(skip_serializing_if = "Option::is_none")]
    only: Option<String>,
}

impl<'a> SummaryLine<'a> {
    fn new(audit: &Audit, repository: Option<&'a str>) -> Self {
        Self {
            kind: "summary",
            repository,
            secrets: audit.entries.len(),
            commits: audit.commits,
            blobs: audit.blobs,
            allowed: audit.allowed,
            below_threshold: audit.below_threshold,
            missing: audit.missing,
            shallow: audit.shallow,
            submodules: audit.submodules,
            unreachable: audit.unreachable,
            complete: !audit.is_incomplete(),
            stopped: audit.stopped,
            only: audit.only.map(brought),
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_schema_of_the_documents_is_that_of_the_types() {
        let mut generator = schemars::SchemaGenerator::default();
        let lines = [
            generator.subschema_for::<super::EntryLine<'_>>(),
            generator.subschema_for::<super::NoteLine<'_>>(),
            generator.subschema_for::<super::ShareLine<'_>>(),
            generator.subschema_for::<super::SummaryLine<'_>>(),
        ];
        let schema = serde_json::json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "A line of keyward audit --json",
            "anyOf": lines,
            "$defs": generator.take_definitions(true),
        });
        crate::report::samples::hold_schema("audit.schema.json", &schema);
    }
}
