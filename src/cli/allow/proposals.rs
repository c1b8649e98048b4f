//! What an agent proposes to allow: written down, shown to a person, and made an entry.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};

use super::{Args, Named, edit, misuse, named};
use crate::allow::proposal::{Proposal, Proposals};
use crate::allow::{Date, Entry};
use crate::cli::leave::{Leave, TELL};
use crate::cli::{Exit, Misuse, ask, voice};
use crate::count::counted;
use crate::git::Repo;
use crate::glob::PathGlob;
use crate::shell::{quoted_path, shown, shown_path, shown_start};

/// A bound: of a longer name of a person or an agent the start is written down.
const LONGEST_NAME: usize = 60;

/// Writes down what an agent would allow.
pub(super) fn propose(repo: &Repo, id: &str, args: &Args, by: &str) -> Result<Exit> {
    let found = named(repo, id, args)?;
    let reason = args.reason.as_deref().unwrap_or_default().trim();
    let Some(name) = found.first().map(|first| first.name.clone()) else {
        return Ok(Exit::Clean);
    };
    let mut entries = Vec::new();
    for Named {
        mut entry, path, ..
    } in found.iter().cloned()
    {
        // A path that is a key itself is not written down; the fingerprint is narrow enough.
        if voice::holds_key(&path) {
            entry.path = PathGlob::parse("*").context("a star is a pattern")?;
        }
        let entry = entry.with(args.until, reason).map_err(misuse)?;
        // What a confirmation adds has to fit, too.
        let longest = "x".repeat(LONGEST_NAME);
        confirmed(&entry, by, &longest)?;
        if !entries.contains(&entry) {
            entries.push(entry);
        }
    }
    let proposal = Proposal {
        entries,
        name: name.clone(),
        by: by.to_owned(),
        on: Date::today(),
    };
    proposal
        .write(repo.git_dir())
        .context("cannot write the proposal")?;
    let mut out = voice::out();
    let paths: BTreeSet<&str> = found.iter().map(|it| &*it.path).collect();
    for path in paths {
        writeln!(out, "proposed: {name} in {path}; it is not allowed yet")?;
    }
    writeln!(
        out,
        "next: tell a person to decide, in {}: keyward allow --confirm {}",
        shown_path(repo.worktree()?),
        proposal.id()
    )?;
    out.flush()?;
    Ok(Exit::Findings)
}

/// An entry as it is written once a person has confirmed it.
fn confirmed(entry: &Entry, by: &str, person: &str) -> Result<Entry> {
    let reason = format!(
        "{} (proposed by {}, confirmed by {person})",
        entry.reason,
        shown_start(by, LONGEST_NAME)
    );
    let entry = entry.clone().with(entry.until, &reason);
    Ok(entry.map_err(misuse)?)
}

/// Shows what is proposed and makes it entries. Without an id, each is asked about where somebody can
/// answer.
pub(super) fn confirm(repo: &Repo, id: Option<&str>) -> Result<Exit> {
    let leave = Leave::of_person(TELL)?;
    let found = Proposals::read(repo.git_dir());
    let mut out = voice::out();
    if found.broken > 0 {
        writeln!(
            out,
            "{} can't be read and were left: {}",
            counted(found.broken, "proposal"),
            shown_path(&Proposals::directory(repo.git_dir()))
        )?;
    }
    let chosen = chosen(repo, &found.all, id)?;
    let asks = id.is_none() && ask::is_somebody_there();
    let today = Date::today();
    let person = match repo.user_name()?.as_deref().map(str::trim) {
        None | Some("") => "a person".to_owned(),
        Some(name) => shown_start(name, LONGEST_NAME),
    };
    let mut confirmed_ones = Vec::new();
    for proposal in chosen {
        show(&mut out, proposal)?;
        out.flush()?;
        if proposal.entries.iter().all(|entry| entry.is_expired(today)) {
            writeln!(out, "  its last day is over: it is not allowed")?;
        } else if !asks || ask::yes("  allow it?")? {
            confirmed_ones.push(proposal);
        }
    }
    if confirmed_ones.is_empty() {
        writeln!(
            out,
            "nothing was allowed; to forget a proposal: keyward allow --remove ID"
        )?;
        return Ok(Exit::Clean);
    }
    let written = edit(repo, &leave, |list| {
        for proposal in &confirmed_ones {
            for entry in &proposal.entries {
                list.insert(confirmed(entry, &proposal.by, &person)?);
            }
        }
        Ok(())
    })?;
    for proposal in &confirmed_ones {
        proposal
            .drop_from(repo.git_dir())
            .context("cannot remove the proposal")?;
    }
    writeln!(
        out,
        "allowed: {}; {written}; commit again",
        counted(confirmed_ones.len(), "proposal")
    )?;
    out.flush()?;
    Ok(Exit::Clean)
}

/// Those that a person means.
fn chosen<'p>(repo: &Repo, all: &'p [Proposal], id: Option<&str>) -> Result<Vec<&'p Proposal>> {
    let fits = |proposal: &&Proposal| id.is_none_or(|id| proposal.is_of(id));
    let found: Vec<&Proposal> = all.iter().filter(fits).collect();
    let told = match (id, found.len()) {
        (Some(id), 0) => format!("nothing is proposed that has the id {id}"),
        (None, 0) => "nothing is proposed".to_owned(),
        (Some(id), 2..) => format!("several proposals start with {id}: give more of the id"),
        _ => return Ok(found),
    };
    let others = Proposals::elsewhere(repo.git_dirs()?, repo.git_dir());
    let told = others.iter().fold(told, |told, (git_dir, count)| {
        let count = counted(*count, "proposal");
        format!(
            "{told}; another working tree has {count}: cd {}",
            quoted_path(&tree(git_dir))
        )
    });
    Err(Misuse(told).into())
}

/// The working tree of a directory for git.
fn tree(git_dir: &Path) -> std::path::PathBuf {
    /// A bound: no path is longer.
    const MOST_BYTES: u64 = 64 << 10;
    let link = crate::disk::read_regular(&git_dir.join("gitdir"), MOST_BYTES);
    let link = link
        .ok()
        .flatten()
        .and_then(|it| String::from_utf8(it).ok());
    let dot_git = link.map(|it| git_dir.join(it.trim_end()));
    let dot_git = dot_git.as_deref().unwrap_or(git_dir);
    let top = dot_git.parent().unwrap_or(dot_git);
    fs::canonicalize(top).unwrap_or_else(|_| top.to_owned())
}

fn show(out: &mut impl Write, proposal: &Proposal) -> Result<()> {
    let first = &proposal.entries[0];
    writeln!(
        out,
        "{}  {}  ({})",
        proposal.id(),
        shown(proposal.name.as_bytes()),
        shown(first.rule.as_bytes())
    )?;
    for entry in &proposal.entries {
        let path = entry.path.as_str().trim_start_matches('/');
        writeln!(out, "  where   {}", shown(path.as_bytes()))?;
    }
    writeln!(out, "  reason  {}", shown(first.reason.as_bytes()))?;
    if let Some(until) = first.until {
        writeln!(out, "  until   {until}")?;
    }
    writeln!(
        out,
        "  by      {}, on {}",
        shown(proposal.by.as_bytes()),
        proposal.on
    )?;
    Ok(())
}

/// Shows each proposal in a line.
pub(super) fn list(repo: &Repo, out: &mut impl Write) -> Result<()> {
    for proposal in Proposals::read(repo.git_dir()).all {
        let first = &proposal.entries[0];
        writeln!(
            out,
            "{}  proposed by {}, not allowed yet: {} in {} ({})",
            proposal.id(),
            shown(proposal.by.as_bytes()),
            shown(first.rule.as_bytes()),
            shown(first.path.as_str().as_bytes()),
            shown(first.reason.as_bytes())
        )?;
    }
    Ok(())
}

/// Forgets what is proposed of an id, and says so; gives how many there were.
pub(super) fn forget(repo: &Repo, id: &str, out: &mut impl Write) -> Result<usize> {
    let mut all = Proposals::read(repo.git_dir()).all;
    all.retain(|proposal| proposal.is_of(id));
    for proposal in &all {
        proposal
            .drop_from(repo.git_dir())
            .context("cannot remove the proposal")?;
        let name = shown(proposal.name.as_bytes());
        writeln!(out, "no longer proposed: {name} ({})", proposal.id())?;
    }
    Ok(all.len())
}
