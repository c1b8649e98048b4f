//! `keyward allow`: writes entries to `.keyward.allow`, for one finding, for all that is there, or
//! for what another tool's file lets pass.

mod import;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;
use bstr::{BStr, BString};

use super::session::Session;
use super::{Exit, Misuse, voice};
use crate::allow::{self, AllowList, Date, Entry};
use crate::change::{Change, Status};
use crate::confidence::Confidence;
use crate::count::{count, counted};
use crate::finding::Finding;
use crate::git::Repo;
use crate::shell::shown;
use crate::verdict::{Unread, Verdict};

/// A bound: the fewest digits that name a finding.
const LEAST_ID: usize = 4;

/// Allow a finding that is not a secret, or one that cannot be mended yet
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("what").required(true))]
pub(super) struct Args {
    /// The finding, by the id that keyward printed
    #[arg(group = "what")]
    id: Option<String>,
    /// All that is found in the tracked files now: for a repository that starts with keyward
    #[arg(long, group = "what")]
    all: bool,
    /// What another tool's file lets pass: .gitleaksignore, .gitleaks.toml, .secrets.baseline,
    /// .secretsignore or .talismanrc
    #[arg(long, value_name = "FILE", group = "what")]
    import: Option<PathBuf>,
    /// Why it may stay; it is written down for the others
    #[arg(long, required_unless_present = "import")]
    reason: Option<String>,
    /// The last day on which it is allowed
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = parse_date)]
    until: Option<Date>,
}

pub(super) fn run(args: &Args) -> Result<Exit> {
    let repo = Repo::from_env()?;
    match (&args.id, &args.import) {
        (Some(id), _) => allow_one(&repo, id, args),
        (None, Some(file)) => import::run(&repo, file, args),
        (None, None) => allow_all(&repo, args),
    }
}

fn allow_one(repo: &Repo, typed: &str, args: &Args) -> Result<Exit> {
    let id = typed.to_ascii_lowercase();
    if id.len() < LEAST_ID || !id.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(Misuse(format!(
            "`{}` is not an id: copy it from the line that says `allow`",
            shown(typed.as_bytes())
        ))
        .into());
    }
    let mut session = Session::load(Some(repo))?;
    session.threshold = Confidence::Possible;
    let mut list = std::mem::take(&mut session.allowed);
    let found = findings_named(repo, &session, &id)?;
    add(&mut list, &found, args.reason.as_deref(), args.until)?;
    write(repo, &list)?;
    let mut out = voice::out();
    for Finding { name, path, .. } in &found {
        writeln!(out, "allowed: {name} in {}", shown(path))?;
    }
    let file = allow::FILE_NAME;
    writeln!(out, "{file} is written and staged; commit again")?;
    Ok(Exit::Clean)
}

/// The findings whose fingerprint starts with these digits, where keyward can have told of them last:
/// all have the same fingerprint.
fn findings_named(repo: &Repo, session: &Session, id: &str) -> Result<Vec<Finding>> {
    let named = |verdict: Verdict| -> Vec<Finding> {
        let mut all = found(verdict);
        all.retain(|finding| finding.fingerprint.as_str().starts_with(id));
        all
    };
    let mut found = named(session.look(repo.staged()?));
    if found.is_empty() {
        let top = [repo.worktree()?.to_owned()];
        found = named(session.look(repo.worktree_files(&top)?));
    }
    // A message that commit-msg refused is kept by git, and what pre-push refused is committed.
    let message = repo.git_dir().join("COMMIT_EDITMSG");
    if found.is_empty() && message.is_file() {
        found = named(session.look(std::iter::once(repo.message(&message))));
    }
    if found.is_empty() {
        found = named(session.look(repo.unpushed()?));
    }
    let misuse = match found.first() {
        None => format!(
            "nothing that is staged, in the working tree or in a commit that is not pushed has the \
             id {id}; see `keyward scan --staged`"
        ),
        Some(first) if found.iter().any(|one| one.fingerprint != first.fingerprint) => {
            format!("several findings start with {id}: give more of the id")
        }
        Some(_) => return Ok(found),
    };
    Err(Misuse(misuse).into())
}

/// A baseline: what the tracked files hold now, in the eyes of the hook.
fn allow_all(repo: &Repo, args: &Args) -> Result<Exit> {
    let mut session = Session::load(Some(repo))?;
    let verdict = session.look(tracked(repo)?);
    let unread = verdict.unread.clone();
    let found = found(verdict);
    let mut list = std::mem::take(&mut session.allowed);
    let entries = add(&mut list, &found, args.reason.as_deref(), args.until)?;
    let mut out = voice::out();
    if entries == 0 {
        writeln!(
            out,
            "nothing is found in the tracked files: there is nothing to allow"
        )?;
    } else {
        write(repo, &list)?;
        told(&mut out, &found, entries)?;
    }
    unread_told(&unread)
}

/// The tracked files: what nobody added yet is not for a baseline.
fn tracked(repo: &Repo) -> Result<impl Iterator<Item = Result<Change<'_>>>> {
    let top = [repo.worktree()?.to_owned()];
    let files = repo.worktree_files(&top)?;
    Ok(files.filter(|file| !matches!(file, Ok(file) if file.status == Status::Added)))
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
    reason: Option<&str>,
    until: Option<Date>,
) -> Result<usize> {
    let before = list.entries().count();
    for finding in findings {
        let entry = Entry::for_finding(finding, until, reason.unwrap_or_default());
        list.insert(entry.map_err(|problem| Misuse(problem.to_string()))?);
    }
    Ok(list.entries().count() - before)
}

fn write(repo: &Repo, list: &AllowList) -> Result<()> {
    list.write(&repo.worktree()?.join(allow::FILE_NAME))?;
    repo.stage(BStr::new(allow::FILE_NAME))
}

/// Says how much was allowed, by rule: a person should see what passes from now on.
fn told(out: &mut impl Write, findings: &[Finding], entries: usize) -> Result<()> {
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
        "{} in {}, {}: {} is written and staged; read it with git diff --cached, then commit it. What \
         is a real key must still be revoked.",
        counted(findings.len(), "finding"),
        counted(paths.len(), "file"),
        count(entries, "entry", "entries"),
        allow::FILE_NAME
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

fn parse_date(text: &str) -> Result<Date, &'static str> {
    Date::parse(text).ok_or("a date is written 2027-01-31")
}
