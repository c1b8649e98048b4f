//! `keyward allow`: writes entries to `.keyward.allow`, for one finding, for all that is there, or
//! for what another tool's file lets pass; shows them, and takes them out.

mod edit;
mod entries;
mod import;
mod proposals;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;
use bstr::BString;

use super::kinds;
use super::leave::{self, Leave, TELL};
use super::range::CommitsArgs;
use super::session::Session;
use super::{Exit, Misuse, voice};
use crate::allow::{self, AllowList, Date, Entry};
use crate::confidence::Confidence;
use crate::count::{count, counted};
use crate::finding::Finding;
use crate::git::Repo;
use crate::report::place_name;
use crate::shell::shown;
use crate::verdict::{Unread, Verdict};
use crate::words::echo;
pub(super) use edit::{Written, edit};

/// A bound: the fewest digits that name a finding.
const LEAST_ID: usize = 4;

/// Allow a finding that is not a secret, or one that cannot be mended yet
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("what").required(true))]
pub(super) struct Args {
    /// The finding, by the id that keyward printed
    #[arg(group = "what")]
    id: Option<String>,
    /// All that is found in the tracked files now, or in the commits that are named: for a
    /// repository that starts with keyward
    #[arg(long, group = "what")]
    all: bool,
    /// What another tool's file lets pass: .gitleaksignore, .gitleaks.toml, .secrets.baseline,
    /// .secretsignore or .talismanrc
    #[arg(long, value_name = "FILE", group = "what", conflicts_with_all = ["range", "history"])]
    import: Option<PathBuf>,
    /// Show what is allowed
    #[arg(long, group = "what", conflicts_with_all = ["range", "history", "reason", "until"])]
    list: bool,
    /// Take out the entries of a finding, by its id
    #[arg(
        long,
        value_name = "ID",
        group = "what",
        conflicts_with_all = ["range", "history", "reason", "until"]
    )]
    remove: Option<String>,
    /// Only propose it, as an AI agent does: a person confirms it
    #[arg(long, requires = "id")]
    propose: bool,
    /// Show what agents proposed, all or one by its id, and allow it
    #[arg(
        long,
        value_name = "ID",
        num_args = 0..=1,
        group = "what",
        conflicts_with_all = ["range", "history", "reason", "until", "propose"]
    )]
    confirm: Option<Option<String>>,
    #[command(flatten)]
    commits: CommitsArgs,
    /// Why it may stay; it is written down for the others
    #[arg(long, required_unless_present_any = ["import", "list", "remove", "confirm"])]
    reason: Option<String>,
    /// The last day on which it is allowed
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = kinds::date)]
    until: Option<Date>,
}

pub(super) fn run(args: &Args) -> Result<Exit> {
    let repo = Repo::from_env()?;
    check(args)?;
    if args.list {
        return entries::list(&repo);
    }
    if let Some(id) = &args.confirm {
        let id = id.as_deref().map(parse_id).transpose()?;
        return proposals::confirm(&repo, id.as_deref());
    }
    if let Some(id) = &args.id {
        let id = parse_id(id)?;
        if args.propose {
            return proposals::propose(&repo, &id, args, &leave::proposer());
        }
        return match Leave::asked(&repo) {
            Ok(leave) => allow_one(&repo, &leave, &id, args),
            Err(agent) => proposals::propose(&repo, &id, args, &agent.title),
        };
    }
    if let Some(id) = &args.remove {
        let leave = Leave::or_refused(&repo, TELL)?;
        return entries::remove(&repo, &leave, &parse_id(id)?);
    }
    let leave = Leave::or_refused(&repo, ONE_BY_ONE)?;
    match &args.import {
        Some(file) => import::run(&repo, &leave, file, args),
        None => allow_all(&repo, &leave, args),
    }
}

/// What an agent is told that would allow many findings at once.
const ONE_BY_ONE: &str = "propose one finding at a time by keyward allow ID --reason \"...\", or tell a person \
                          to run this in a terminal of their own";

/// Refuses what would be written down and be of no use.
fn check(args: &Args) -> Result<()> {
    if let Some(until) = args.until
        && until < Date::today()
    {
        let told = format!("{until} is over: give a day to come, or leave --until out");
        return Err(Misuse(told).into());
    }
    if let Some(reason) = &args.reason
        && allow::is_no_reason(reason)
    {
        let told = "the reason says nothing: write why it may stay, such as --reason \"a test key of \
                    the sandbox\"";
        return Err(Misuse(told.to_owned()).into());
    }
    if args.reason.as_deref().is_some_and(voice::holds_key) {
        let told = "the reason holds a key, and everybody reads it: say why without the key";
        return Err(Misuse(told.to_owned()).into());
    }
    Ok(())
}

/// The digits of an id.
fn parse_id(typed: &str) -> Result<String> {
    let id = typed.trim().to_ascii_lowercase();
    if id.len() >= LEAST_ID && id.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Ok(id);
    }
    let it = echo::said_or(typed, "that");
    let told = format!("{it} is not an id: copy it from the line that says `allow`");
    Err(Misuse(told).into())
}

/// Something that can be allowed.
#[derive(Clone)]
struct Named {
    /// The entry that allows it, for ever and for no reason yet.
    entry: Entry,
    name: String,
    path: String,
}

impl Named {
    fn of(finding: &Finding) -> Result<Self> {
        let entry = Entry::for_finding(finding, None, &finding.name);
        Ok(Self {
            entry: entry.map_err(misuse)?,
            name: shown(finding.name.as_bytes()),
            path: place_name(&finding.path),
        })
    }

    fn told(entry: Entry) -> Self {
        Self {
            name: shown(entry.reason.as_bytes()),
            path: place_name(entry.path.as_str().trim_start_matches('/').as_bytes()),
            entry,
        }
    }
}

fn allow_one(repo: &Repo, leave: &Leave, id: &str, args: &Args) -> Result<Exit> {
    let named = named(repo, id, args)?;
    let reason = leave.reason(args.reason.as_deref().unwrap_or_default());
    let written = edit(repo, leave, |list| {
        for named in &named {
            list.insert(
                named
                    .entry
                    .clone()
                    .with(args.until, &reason)
                    .map_err(misuse)?,
            );
        }
        Ok(())
    })?;
    let mut out = voice::out();
    let told: BTreeSet<(&str, &str)> = named.iter().map(|it| (&*it.name, &*it.path)).collect();
    for (name, path) in told {
        writeln!(out, "allowed: {name} in {path}")?;
    }
    writeln!(out, "{written}; commit again")?;
    Ok(Exit::Clean)
}

/// What cannot be allowed, as the fault of who typed it.
pub(super) fn misuse(problem: allow::Problem) -> Misuse {
    Misuse(problem.to_string())
}

/// What has a fingerprint that starts with these digits, wherever keyward can have told of it: all have
/// the same fingerprint.
fn named(repo: &Repo, id: &str, args: &Args) -> Result<Vec<Named>> {
    let mut session = Session::load(Some(repo))?;
    session.threshold = Confidence::Possible;
    session.allowed = AllowList::default();
    let of = |verdict: Verdict| -> Result<Vec<Named>> {
        let mut all = found(verdict);
        all.retain(|finding| finding.fingerprint.as_str().starts_with(id));
        all.iter().map(Named::of).collect()
    };
    let found = match args.commits.read(repo)? {
        Some(commits) => of(session.look(commits.changes(repo)?))?,
        None => anywhere(repo, &session, id, &of)?,
    };
    let misuse = match found.first() {
        None if args.commits.are_named() => {
            format!("none of these commits brings what has the id {id}")
        }
        None => format!(
            "nothing has the id {id}: not what keyward told of last, and nothing that is staged, in \
             the working tree or in a commit that is here; copy the id from the line that says `allow`"
        ),
        Some(first)
            if found
                .iter()
                .any(|it| it.entry.fingerprint != first.entry.fingerprint) =>
        {
            format!("several findings start with {id}: give more of the id")
        }
        Some(_) => return Ok(found),
    };
    Err(Misuse(misuse).into())
}

/// Looks where it costs least first: what was told last, with what is staged; then the working tree, the
/// last message, the commits that are in no remote, and all of history.
fn anywhere(
    repo: &Repo,
    session: &Session,
    id: &str,
    of: &dyn Fn(Verdict) -> Result<Vec<Named>>,
) -> Result<Vec<Named>> {
    let told = allow::told::noted(repo.git_dir()).into_iter();
    let mut found: Vec<Named> = told
        .filter(|entry| entry.fingerprint.as_str().starts_with(id))
        .map(Named::told)
        .collect();
    found.extend(of(session.look(repo.staged()?))?);
    if found.is_empty() {
        let top = [repo.worktree()?.to_owned()];
        found = of(session.look(repo.worktree_files(&top)?))?;
    }
    // A message that commit-msg refused is kept by git, and what pre-push refused is committed.
    let message = repo.git_dir().join("COMMIT_EDITMSG");
    if found.is_empty() && message.is_file() {
        found = of(session.look(std::iter::once(repo.message(&message))))?;
    }
    if found.is_empty() {
        found = of(session.look(repo.unpushed()?))?;
    }
    // What CI told of is on a remote, and a push elsewhere told of old commits.
    if found.is_empty() {
        found = of(session.look(repo.all_history()?))?;
    }
    Ok(found)
}

/// A baseline: what the tracked files hold now, or what commits bring, in the eyes of the hook.
fn allow_all(repo: &Repo, leave: &Leave, args: &Args) -> Result<Exit> {
    let session = Session::load(Some(repo))?;
    let commits = args.commits.read(repo)?;
    let verdict = match &commits {
        Some(commits) => session.look(commits.changes(repo)?),
        // What nobody added yet is not for a baseline.
        None => session.look(repo.tracked_files()?),
    };
    let unread = verdict.unread.clone();
    let found = found(verdict);
    let mut out = voice::out();
    if found.is_empty() {
        let place = match commits {
            Some(_) => "these commits",
            None => "the tracked files",
        };
        writeln!(
            out,
            "nothing is found in {place}: there is nothing to allow"
        )?;
        return unread_told(&unread);
    }
    let reason = leave.reason(args.reason.as_deref().unwrap_or_default());
    let mut entries = 0;
    let written = edit(repo, leave, |list| {
        entries = add(list, &found, &reason, args.until)?;
        Ok(())
    })?;
    told(&mut out, &found, entries, &written)?;
    unread_told(&unread)
}

/// What a verdict has found, warnings too.
fn found(verdict: Verdict) -> Vec<Finding> {
    let all = verdict.blocking.into_iter().chain(verdict.warnings);
    all.collect()
}

/// Adds an entry for each finding, and gives how many are new.
fn add(
    list: &mut AllowList,
    findings: &[Finding],
    reason: &str,
    until: Option<Date>,
) -> Result<usize> {
    let before = list.entries().count();
    for finding in findings {
        let entry = Entry::for_finding(finding, until, reason);
        list.insert(entry.map_err(misuse)?);
    }
    Ok(list.entries().count() - before)
}

/// Says how much was allowed, by rule: a person should see what passes from now on.
fn told(
    out: &mut impl Write,
    findings: &[Finding],
    entries: usize,
    written: &Written,
) -> Result<()> {
    let mut rules: BTreeMap<&str, usize> = BTreeMap::new();
    let mut paths: Vec<&BString> = Vec::new();
    for finding in findings {
        *rules.entry(&finding.name).or_default() += 1;
        paths.push(&finding.path);
    }
    paths.sort();
    paths.dedup();
    for (name, count) in rules {
        writeln!(out, "{count:6}  {}", shown(name.as_bytes()))?;
    }
    writeln!(
        out,
        "{} in {}, {}: {written}; read it with git diff --cached, then commit it. What is a real key \
         must still be revoked.",
        counted(findings.len(), "finding"),
        counted(paths.len(), "file"),
        count(entries, "entry", "entries"),
    )?;
    Ok(())
}

/// Says what could not be read, which is not allowed by any entry.
fn unread_told(unread: &[Unread]) -> Result<Exit> {
    let mut err = voice::err();
    for Unread { path, reason } in unread {
        writeln!(
            err,
            "keyward: could not read {}: {}",
            shown(path.as_ref()),
            shown(reason.as_bytes())
        )?;
    }
    Ok(match unread {
        [] => Exit::Clean,
        _ => Exit::Unread,
    })
}
