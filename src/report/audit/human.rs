//! A summary, a line for each secret by its urgency, what was not read, and how to go on: a screen.

use std::io::{self, Write};

use super::AuditStyle;
use crate::audit::{Audit, Entry, Only, Urgency};
use crate::count::{count, counted, digits, first_of};
use crate::report::advice;
use crate::report::page::{Page, Paint};
use crate::report::text::cut;
use crate::shell::shown;
use crate::store::Store;

/// A bound: lines of entries that fit a screen.
const MOST: usize = 12;

/// A bound: the longest that a path or a name is in a line, in characters.
const LONGEST: usize = 40;

/// A bound: names that are told of many.
const NAMED: usize = 3;

/// How far in a line goes on: under the date.
const HANG: usize = 12;

/// Writes the report.
///
/// # Errors
/// When `out` can't be written to.
pub(crate) fn write(audit: &Audit, style: &AuditStyle, out: &mut dyn Write) -> io::Result<()> {
    let headline = headline(audit, style);
    let mut lines = Page::new(&style.style, Store::default(), out);
    let paint = match audit.entries.is_empty() {
        true => Paint::Plain,
        false => Paint::Alarm,
    };
    lines.fill((Paint::Plain, ""), &[(paint, &headline)], 2)?;
    let mut told = 0;
    for urgency in Urgency::ALL {
        let of_it = audit.entries.iter().filter(|it| it.urgency() == urgency);
        let of_it: Vec<&Entry> = of_it.collect();
        if of_it.is_empty() || told == MOST {
            continue;
        }
        lines.gap()?;
        lines.line(&[(Paint::Name, heading(urgency))])?;
        for entry in of_it.into_iter().take(MOST - told) {
            row(&mut lines, entry)?;
            told += 1;
        }
    }
    if audit.entries.len() > told {
        let more = digits(audit.entries.len() - told);
        lines.plain(&format!("and {more} more: keyward audit --json has all"))?;
    }
    let unread = not_read(audit);
    if !unread.is_empty() {
        lines.gap()?;
    }
    for (at, (what, aside)) in unread.iter().enumerate() {
        lines.labelled(if at == 0 { "unread" } else { "" }, what, aside)?;
    }
    next(&mut lines, audit, &headline)
}

/// The summary, as keyward says it.
pub(super) fn headline(audit: &Audit, style: &AuditStyle) -> String {
    format!("keyward: {}", summary(audit, &style.repository))
}

/// The summary of a repository, which has a name where there are several.
pub(super) fn summary(audit: &Audit, repository: &str) -> String {
    let is_secret = |entry: &&Entry| entry.finding.secret.is_some();
    let secrets = audit.entries.iter().filter(is_secret).count();
    let files = audit.entries.len() - secrets;
    let what = match (secrets, files) {
        (0, 0) => "no secrets".to_owned(),
        (secrets, 0) => counted(secrets, "secret"),
        (0, files) => count(files, "file of secrets", "files of secrets"),
        (secrets, files) => format!(
            "{} and {}",
            counted(secrets, "secret"),
            count(files, "file of secrets", "files of secrets")
        ),
    };
    let of = match repository {
        "" => String::new(),
        name => format!(" of {name}"),
    };
    let only = match audit.only {
        None => String::new(),
        Some(only) => format!(" {}", brought(only)),
    };
    let mut told = format!(
        "{what}{only} in {} and {}{of}",
        counted(audit.commits, "commit"),
        count(audit.blobs, "version of files", "versions of files"),
    );
    told.push_str(&on_remotes(audit));
    if audit.allowed > 0 {
        told.push_str(&format!(", {} allowed", digits(audit.allowed)));
    }
    if audit.below_threshold > 0 {
        let below = digits(audit.below_threshold);
        told.push_str(&format!(", {below} below the threshold"));
    }
    if audit.stopped {
        told.push_str("; not finished");
    }
    told
}

/// Which of all that is there is told.
pub(super) fn brought(only: Only) -> String {
    match only {
        Only::Since(date) => format!("brought since {date}"),
        Only::Range(_) => "brought by the range".to_owned(),
    }
}

/// How many of them remotes have, or had, or may have.
fn on_remotes(audit: &Audit) -> String {
    let pushed = audit.entries.iter().filter(|it| !it.pushed.is_empty());
    let unknown = audit.entries.iter().filter(|it| !it.doubts.is_empty());
    let are = |count: usize| match count {
        1 => "1 is or was".to_owned(),
        count => format!("{} are or were", digits(count)),
    };
    match (pushed.count(), unknown.count()) {
        (0, 0) if audit.entries.is_empty() || audit.remotes.is_empty() => String::new(),
        (0, 0) => "; none is on a remote, as far as is known here".to_owned(),
        (pushed, 0) => format!("; {} on a remote", are(pushed)),
        (0, unknown) => format!("; {} may be on a remote", digits(unknown)),
        (pushed, unknown) => {
            format!("; {} on a remote, {} may be", are(pushed), digits(unknown))
        }
    }
}

pub(super) fn heading(urgency: Urgency) -> &'static str {
    match urgency {
        Urgency::PushedInHead => "pushed, and in use: revoke now, then replace",
        Urgency::Pushed => "pushed: revoke now",
        Urgency::MayBePushed => "may be pushed: nobody can tell from here; revoke to be safe",
        Urgency::InHead => "in the files here, no sign of a push: take it out before you push",
        Urgency::Here => "in history here, no sign of a push",
        Urgency::Left => "in no branch or tag, but still in git's store here",
        Urgency::Revoked => "revoked, still in history: harmless",
    }
}

fn row(lines: &mut Page<'_>, entry: &Entry) -> io::Result<()> {
    let since = match &entry.first {
        Some(commit) => commit.date().to_string(),
        None => "no commit ".to_owned(),
    };
    let what = match &entry.finding.secret {
        Some(secret) => {
            let shown = secret.redacted();
            format!(
                "{}  {}",
                cut(&entry.finding.name, LONGEST),
                cut(&shown, LONGEST)
            )
        }
        None => cut(&entry.finding.name, LONGEST).into_owned(),
    };
    let path = shown(&entry.place());
    let more = match entry.paths.len() {
        0 | 1 => String::new(),
        paths => format!(" and {} more", digits(paths - 1)),
    };
    let remotes: Vec<&str> = entry.pushed.iter().map(|it| it.remote.as_str()).collect();
    let whose = match entry.pushed.iter().any(|it| it.now) {
        _ if remotes.is_empty() => String::new(),
        true => format!("  on {}", first_of(&remotes, NAMED, ToString::to_string)),
        false => format!(
            "  was on {}",
            first_of(&remotes, NAMED, ToString::to_string)
        ),
    };
    let whose = match (entry.revoked, entry.rotated) {
        (Some(date), _) => format!("{whose}  revoked on {date}"),
        (None, Some(date)) => format!("{whose}  rotated on {date}"),
        (None, None) => whose,
    };
    let start = format!("  {}  {since}  ", entry.id());
    let rest = [
        (Paint::Plain, format!("{what}  ")),
        (Paint::Name, cut(&path, LONGEST).into_owned()),
        (Paint::Faint, format!("{more}{}", cut(&whose, LONGEST))),
    ];
    let rest: Vec<(Paint, &str)> = rest.iter().map(|(paint, text)| (*paint, &**text)).collect();
    lines.fill((Paint::Plain, &start), &rest, HANG)
}

/// What nobody looked at, and how it is had.
pub(super) fn not_read(audit: &Audit) -> Vec<(String, &'static str)> {
    let mut told = Vec::new();
    for unread in audit.unread.iter().take(NAMED) {
        let path = shown(&unread.path);
        told.push((
            format!("{}: {}", cut(&path, LONGEST), cut(&unread.reason, 120)),
            "",
        ));
    }
    if audit.unread.len() > NAMED {
        told.push((
            format!("and {} more", digits(audit.unread.len() - NAMED)),
            "",
        ));
    }
    if audit.shallow {
        let mend = "history is cut off; fetch the rest: git fetch --unshallow";
        told.push((mend.to_owned(), ""));
    }
    let names = |paths: &[bstr::BString]| {
        let names: Vec<String> = paths.iter().map(|path| shown(path)).collect();
        cut(&first_of(&names, NAMED, ToString::to_string), 120).into_owned()
    };
    if audit.missing > 0 {
        let mut what = count(
            audit.missing,
            "object that is not here",
            "objects that are not here",
        );
        if !audit.absent.is_empty() {
            what.push_str(&format!(": {}", names(&audit.absent)));
        }
        told.push((what, audit.brings_missing()));
    }
    if !audit.archives.is_empty() {
        let what = counted(audit.archives.len(), "archive");
        told.push((format!("{what}: {}", names(&audit.archives)), ""));
    }
    if !audit.lfs.is_empty() {
        let what = counted(audit.lfs.len(), "Git LFS object");
        told.push((format!("{what}: {}", names(&audit.lfs)), ""));
    }
    if audit.submodules {
        let what = "submodules: each is a repository of its own";
        told.push((what.to_owned(), "keyward audit PATH"));
    }
    told
}

/// How to go on, and at last the summary, so that it is what a long list leaves on the screen.
fn next(lines: &mut Page<'_>, audit: &Audit, headline: &str) -> io::Result<()> {
    if let Some(first) = audit.entries.first() {
        lines.gap()?;
        let page = advice::revoke(&first.finding).filter(|_| first.revoked.is_none());
        if let Some(page) = page {
            lines.labelled("revoke", page, first.id())?;
        }
        let details = format!("keyward respond {}", first.id());
        lines.told("next", "", Some(&details), "what to do, step by step")?;
        lines.allow("ID", "only what is not a secret")?;
    }
    if audit.stopped {
        lines.labelled("again", "keyward audit", "it was stopped before its end")?;
    }
    if !audit.entries.is_empty() {
        lines.gap()?;
        lines.fill((Paint::Plain, ""), &[(Paint::Alarm, headline)], 2)?;
    }
    Ok(())
}
