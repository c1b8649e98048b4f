//! The entries of the allow file: shown, and taken out.

use std::io::Write;

use anyhow::Result;

use super::{edit, proposals};
use crate::allow::{Date, Entry, FILE_NAME};
use crate::change::STANDARD_INPUT;
use crate::cli::leave::Leave;
use crate::cli::session;
use crate::cli::{Exit, Misuse, voice};
use crate::git::Repo;
use crate::report::place_name;
use crate::shell::shown;

/// Shows each entry in a line: id, rule, path, how long, and why.
pub(super) fn list(repo: &Repo) -> Result<Exit> {
    let list = session::allow_list(repo)?;
    let today = Date::today();
    let rows: Vec<[String; 5]> = list.entries().map(|entry| row(entry, today)).collect();
    let mut out = voice::out();
    if rows.is_empty() {
        writeln!(out, "nothing is allowed: {FILE_NAME} has no entries")?;
    }
    let width = |column: usize| {
        let lengths = rows.iter().map(|row| row[column].chars().count());
        lengths.max().unwrap_or_default()
    };
    let (rules, paths, days) = (width(1), width(2), width(3));
    for [id, rule, path, until, reason] in &rows {
        writeln!(
            out,
            "{id}  {rule:rules$}  {path:paths$}  {until:days$}  {reason}"
        )?;
    }
    proposals::list(repo, &mut out)?;
    out.flush()?;
    Ok(Exit::Clean)
}

fn row(entry: &Entry, today: Date) -> [String; 5] {
    let until = match entry.until {
        None => "-".to_owned(),
        Some(until) if entry.is_expired(today) => format!("ended {until}"),
        Some(until) => format!("until {until}"),
    };
    [
        entry.fingerprint.id().to_owned(),
        shown(entry.rule.as_bytes()),
        place(entry),
        until,
        shown(entry.reason.as_bytes()),
    ]
}

/// The pattern of an entry's path, or what stands for it.
fn place(entry: &Entry) -> String {
    let pattern = entry.path.as_str();
    match pattern.strip_prefix('/') {
        Some(STANDARD_INPUT) => place_name(STANDARD_INPUT.as_bytes()),
        _ => shown(pattern.as_bytes()),
    }
}

/// Takes out the entries whose fingerprint starts with these digits: all of one fingerprint. What is proposed of
/// it is forgotten.
pub(super) fn remove(repo: &Repo, leave: &Leave, id: &str) -> Result<Exit> {
    let is_named = |entry: &Entry| entry.fingerprint.as_str().starts_with(id);
    let mut out = voice::out();
    if proposals::forget(repo, id, &mut out)? > 0
        && !session::allow_list(repo)?.entries().any(is_named)
    {
        out.flush()?;
        return Ok(Exit::Clean);
    }
    let mut removed = Vec::new();
    let written = edit(repo, leave, |list| {
        removed = list.entries().filter(|it| is_named(it)).cloned().collect();
        let misuse = match removed.first() {
            None => format!("no entry has the id {id}; to see them: keyward allow --list"),
            Some(first) if removed.iter().any(|it| it.fingerprint != first.fingerprint) => {
                format!("several entries start with {id}: give more of the id")
            }
            Some(_) => {
                list.retain(|entry| !is_named(entry));
                return Ok(());
            }
        };
        Err(Misuse(misuse).into())
    })?;
    for entry in &removed {
        let [_, rule, path, _, reason] = row(entry, Date::today());
        writeln!(out, "no longer allowed: {rule} in {path} ({reason})")?;
    }
    writeln!(out, "{written}; commit it")?;
    out.flush()?;
    Ok(Exit::Clean)
}
