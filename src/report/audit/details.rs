//! One secret: who, when, where, and what to do.

use std::io::{self, Write};

use bstr::BString;

use super::AuditStyle;
use crate::allow::Date;
use crate::audit::{Audit, CommitFacts, Entry, Urgency};
use crate::count::first_of;
use crate::finding::Found;
use crate::report::advice;
use crate::report::page::{Page, Paint};
use crate::report::text::cut;
use crate::shell::shown;
use crate::store::Store;

/// A bound: names that are told of many.
const NAMED: usize = 8;

/// A bound: the longest that a list of names is in a line, in characters.
const LONGEST: usize = 200;

/// What has git forget all that no ref holds.
const FORGET: &str =
    "git reflog expire --expire=now --expire-unreachable=now --all && git gc --prune=now";

/// Writes all that is known of an entry.
///
/// # Errors
/// When `out` can't be written to.
pub(crate) fn write(
    audit: &Audit,
    entry: &Entry,
    style: &AuditStyle,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut lines = Page::new(&style.style, Store::default(), out);
    let finding = &entry.finding;
    let what = match &finding.secret {
        Some(secret) => format!("{}  {}", finding.name, secret.redacted()),
        None => finding.name.to_string(),
    };
    let why = format!("  {} ({})", cut(&finding.why, LONGEST), entry.confidence);
    lines.line(&[
        (
            Paint::Name,
            &format!("{}  {}", entry.id(), cut(&what, LONGEST)),
        ),
        (Paint::Faint, &why),
    ])?;
    commit(&mut lines, "first", entry.first.as_ref())?;
    commit(&mut lines, "last", entry.last.as_ref())?;
    let mut label = "paths";
    for path in entry.paths.iter().take(NAMED) {
        lines.labelled(label, &cut(&shown(path), LONGEST), "")?;
        label = "";
    }
    if entry.paths.len() > NAMED {
        let more = format!("and {} more", entry.paths.len() - NAMED);
        lines.labelled("", &more, "keyward audit --json has all")?;
    }
    lines.labelled("now", &now(entry), "")?;
    list(&mut lines, "branches", &entry.branches)?;
    list(&mut lines, "tags", &entry.tags)?;
    list(&mut lines, "held by", &entry.held_by)?;
    pushed(&mut lines, audit, entry)?;
    beside(&mut lines, audit, entry)?;
    what_to_do(&mut lines, entry)
}

fn commit(lines: &mut Page<'_>, label: &str, commit: Option<&CommitFacts>) -> io::Result<()> {
    let Some(commit) = commit else {
        return Ok(());
    };
    let author = shown(&commit.author);
    let told = format!(
        "{}  {}  {}",
        commit.date(),
        advice::short(&commit.id),
        cut(&author, LONGEST)
    );
    lines.labelled(label, &told, "")
}

fn now(entry: &Entry) -> String {
    let mut places = Vec::new();
    if entry.in_head {
        places.push("in HEAD");
    }
    if entry.staged {
        places.push("staged");
    }
    if entry.in_worktree {
        places.push("in the working tree");
    }
    match places.is_empty() {
        true => "in none of the files here; history keeps it".to_owned(),
        false => places.join(", "),
    }
}

fn list(lines: &mut Page<'_>, label: &str, names: &[BString]) -> io::Result<()> {
    if names.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = names.iter().map(|name| shown(name)).collect();
    lines.labelled(
        label,
        &cut(&first_of(&names, NAMED, ToString::to_string), LONGEST),
        "",
    )
}

fn pushed(lines: &mut Page<'_>, audit: &Audit, entry: &Entry) -> io::Result<()> {
    let mut label = "pushed";
    for remote in entry.pushed.iter().take(NAMED) {
        let since = match &remote.since {
            Some(commit) => format!(" since {} ({})", commit.date(), advice::short(&commit.id)),
            None => String::new(),
        };
        let by = match remote.by {
            Some(by) => format!(", there by {} at the latest", Date::of_time(by)),
            None => String::new(),
        };
        let branches: Vec<String> = remote.branches.iter().map(|name| shown(name)).collect();
        let aside = match remote.now {
            true => cut(&first_of(&branches, NAMED, ToString::to_string), LONGEST).into_owned(),
            false => "it was there; no branch of it that is known here still has it".to_owned(),
        };
        let told = format!("to {}{since}{by}", cut(&remote.remote, LONGEST));
        lines.labelled(label, &told, &aside)?;
        label = "";
    }
    if entry.pushed.is_empty() && entry.doubts.is_empty() {
        let told = match audit.remotes.is_empty() {
            true => "no sign of it here, and no remote is known",
            false => "no sign of it here: no ref of a remote has it, nor the log of one",
        };
        return lines.labelled(label, told, "");
    }
    for doubt in &entry.doubts {
        lines.labelled(label, &format!("not known: {}", doubt.why()), "")?;
        label = "";
    }
    if !entry.doubts.is_empty() && !audit.remotes.is_empty() {
        let ask = "git ls-remote";
        lines.told("", "to see what a remote has now", Some(ask), "")?;
    }
    Ok(())
}

fn beside(lines: &mut Page<'_>, audit: &Audit, entry: &Entry) -> io::Result<()> {
    let mut label = "rotate";
    for other in entry.beside.iter().take(NAMED) {
        let found = audit
            .entries
            .iter()
            .find(|it| it.finding.fingerprint == *other);
        let name = found.map_or("", |it| &*it.finding.name);
        let told = format!("{}  {}", other.id(), cut(name, LONGEST));
        let aside = match label {
            "" => "",
            _ => "it stood in the same file: who has one has the other",
        };
        lines.labelled(label, &told, aside)?;
        label = "";
    }
    Ok(())
}

fn what_to_do(lines: &mut Page<'_>, entry: &Entry) -> io::Result<()> {
    lines.gap()?;
    if let (Some(date), None) = (entry.rotated, entry.revoked) {
        let told = format!("on {date}: another key took its place");
        lines.labelled("rotated", &told, "if it is revoked since, it opens nothing")?;
    }
    if let Some(date) = entry.revoked {
        lines.labelled(
            "revoked",
            &format!("on {date}, still in history: harmless"),
            "",
        )?;
    }
    let pages = match &entry.finding.found {
        Found::Secret { provider, .. } => Some(provider.pages()),
        Found::File { .. } | Found::TrackedFile => None,
    };
    for (name, page) in pages.iter().flatten() {
        let aside = match *name {
            "revoke" => "first: what is out can't be called back",
            "usage" => "what it was used for since",
            "limit" => "what it can cost",
            _ => continue,
        };
        if !page.is_empty() {
            lines.labelled(name, page, aside)?;
        }
    }
    let then = match entry.urgency() {
        Urgency::PushedInHead | Urgency::Pushed => {
            "revoke it, whatever becomes of history: others may have fetched it"
        }
        Urgency::MayBePushed => "revoke it, unless you are sure that it was never pushed",
        Urgency::InHead => "take it out of the files, then out of the commits that have it",
        Urgency::Here => "take it out of the commits that have it before you push",
        Urgency::Left => "no branch has it: have git forget it",
        Urgency::Revoked => "it opens nothing any more: to clean history is for tidiness",
    };
    lines.labelled("then", then, "")?;
    let steps = format!("keyward respond {}", entry.id());
    lines.told("", "step by step", Some(&steps), "")?;
    if entry.pushed.is_empty() {
        clean(lines, entry)?;
    }
    lines.allow(entry.id(), "only if it is no secret")
}

/// How it goes from the repository, where nobody else has it.
fn clean(lines: &mut Page<'_>, entry: &Entry) -> io::Result<()> {
    if let Some(first) = &entry.first
        && !entry.branches.is_empty()
    {
        let reopen = advice::reopen(&entry.finding, &first.id, lines.rewrite);
        lines.advised("", &reopen)?;
    }
    for command in entry.frees.iter().take(NAMED) {
        lines.told("", "", Some(command), "")?;
    }
    if entry.first.is_some() || !entry.frees.is_empty() || entry.urgency() == Urgency::Left {
        lines.told("", "and at last", Some(FORGET), "")?;
    }
    Ok(())
}
