//! `keyward allow`: writes entries to `.keyward.allow`, for one finding, for all that is there, or
//! for what another tool's file lets pass.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use bstr::{BStr, BString, ByteSlice};
use keyward::allow::import::{self, Exemption, Import, Seen};
use keyward::allow::{self, AllowList, Date, Entry};
use keyward::change::{Change, EntryKind, InMemory, Status};
use keyward::confidence::Confidence;
use keyward::finding::Finding;
use keyward::git::Repo;
use keyward::shell::shown;
use keyward::text::Text;
use keyward::verdict::{Unread, Verdict};

use super::session::Session;
use super::{Exit, Misuse};

/// The fewest digits that name a finding.
const LEAST_ID: usize = 4;

/// How many lines of another tool's file are told one by one.
const TOLD: usize = 20;

/// Allow a finding that is no secret, or one that cannot be mended yet
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
        (None, Some(file)) => allow_imported(&repo, file, args),
        (None, None) => allow_all(&repo, args),
    }
}

fn allow_one(repo: &Repo, typed: &str, args: &Args) -> Result<Exit> {
    let id = typed.to_ascii_lowercase();
    if id.len() < LEAST_ID || !id.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(Misuse(format!(
            "`{typed}` is no id: copy it from the line that says `allow`"
        ))
        .into());
    }
    let mut session = Session::load(Some(repo))?;
    session.threshold = Confidence::Possible;
    let mut list = std::mem::take(&mut session.allowed);
    let named = |verdict: Verdict| -> Vec<Finding> {
        let mut all = found(verdict);
        all.retain(|finding| finding.fingerprint.as_str().starts_with(&id));
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
    let Some(first) = found.first() else {
        return Err(Misuse(format!(
            "nothing that is staged, in the working tree or in a commit that is not pushed has the \
             id {id}; see `keyward scan --staged`"
        ))
        .into());
    };
    if found
        .iter()
        .any(|finding| finding.fingerprint != first.fingerprint)
    {
        return Err(Misuse(format!(
            "several findings start with {id}: give more of the id"
        ))
        .into());
    }
    add(&mut list, &found, args.reason.as_deref(), args.until)?;
    write(repo, &list)?;
    let mut out = io::stdout().lock();
    for finding in &found {
        writeln!(
            out,
            "allowed: {} in {}",
            finding.name,
            shown(finding.path.as_ref())
        )?;
    }
    writeln!(
        out,
        "{} is written and staged; commit again",
        allow::FILE_NAME
    )?;
    Ok(Exit::Clean)
}

/// A baseline: what the tracked files hold now, in the eyes of the hook.
fn allow_all(repo: &Repo, args: &Args) -> Result<Exit> {
    let mut session = Session::load(Some(repo))?;
    let verdict = session.look(tracked(repo)?);
    let unread = verdict.unread.clone();
    let found = found(verdict);
    let mut list = std::mem::take(&mut session.allowed);
    let entries = add(&mut list, &found, args.reason.as_deref(), args.until)?;
    let mut out = io::stdout().lock();
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

/// What another tool's file lets pass, found again by scanning what the file names.
fn allow_imported(repo: &Repo, file: &Path, args: &Args) -> Result<Exit> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let format = import::Format::of(&name).ok_or_else(|| {
        Misuse(format!(
            "keyward does not know files such as `{}`: it reads {}",
            shown(name.as_bytes()),
            import::Format::NAMES
        ))
    })?;
    let import = import::parse(format, &read(file)?);
    let mut session = Session::load(Some(repo))?;
    session.threshold = Confidence::Possible;
    let mut list = std::mem::take(&mut session.allowed);

    let verdict = session.look(tracked(repo)?);
    let unread = verdict.unread.clone();
    let mut used = vec![false; import.exemptions.len()];
    let mut allowed = in_files(repo, found(verdict), &import, &mut used)?;
    session.guards = None;
    for (at, exemption) in import.exemptions.iter().enumerate() {
        let of_commit = in_commit(repo, &session, exemption)?;
        used[at] |= !of_commit.is_empty();
        allowed.extend(of_commit);
    }

    // What is allowed already keeps its reason.
    allowed.retain(|finding| list.find(finding).is_none());
    let reason = match &args.reason {
        Some(reason) => reason.clone(),
        None => format!("imported from {}", shown(name.as_bytes())),
    };
    let entries = add(&mut list, &allowed, Some(&reason), args.until)?;
    let mut out = io::stdout().lock();
    if entries > 0 {
        write(repo, &list)?;
        told(&mut out, &allowed, entries)?;
    } else {
        writeln!(
            out,
            "nothing that the file names is found and not allowed yet: there is nothing to allow"
        )?;
    }
    let idle = used.iter().filter(|used| !**used).count();
    if idle > 0 {
        writeln!(
            out,
            "{idle} of its {} entries name nothing that keyward finds, so they need none of its own",
            used.len()
        )?;
    }
    for left in import.left.iter().take(TOLD) {
        writeln!(out, "not carried over: {left}")?;
    }
    if import.left.len() > TOLD {
        writeln!(out, "and {} more", import.left.len() - TOLD)?;
    }
    unread_told(&unread)
}

fn read(file: &Path) -> Result<Vec<u8>> {
    let cannot_read = || format!("cannot read {}", file.display());
    let metadata = fs::metadata(file).map_err(|_| {
        Misuse(format!(
            "there is no `{}`: name a file of another tool's",
            file.display()
        ))
    })?;
    if !metadata.is_file() || metadata.len() > import::MOST_BYTES {
        return Err(Misuse(format!("`{}` is no such file", file.display())).into());
    }
    fs::read(file).with_context(cannot_read)
}

/// The findings in the present files that one of the exemptions speaks of.
fn in_files(
    repo: &Repo,
    findings: Vec<Finding>,
    import: &Import,
    used: &mut [bool],
) -> Result<Vec<Finding>> {
    let mut by_path: BTreeMap<BString, Vec<Finding>> = BTreeMap::new();
    for finding in findings {
        let path = finding.path.clone();
        by_path.entry(path).or_default().push(finding);
    }
    let mut allowed = Vec::new();
    for (path, findings) in by_path {
        let file = repo.worktree()?.join(path.to_path()?);
        // A link's own text is no line of a file.
        let is_file = fs::symlink_metadata(&file).is_ok_and(|found| found.is_file());
        let content = if is_file {
            fs::read(&file)?
        } else {
            Vec::new()
        };
        let text = Text::decode(&content);
        for finding in findings {
            let (line, secret) = around(&text, &finding);
            let seen = Seen {
                finding: &finding,
                line,
                secret,
            };
            let mut covered = false;
            for (at, exemption) in import.exemptions.iter().enumerate() {
                if exemption.commit.is_none() && exemption.covers(seen) {
                    used[at] = true;
                    covered = true;
                }
            }
            if covered {
                allowed.push(finding);
            }
        }
    }
    Ok(allowed)
}

/// The line on which a finding starts, and the part of the line that it covers.
fn around<'t>(text: &'t Text<'_>, finding: &Finding) -> (&'t [u8], &'t [u8]) {
    let Some(span) = finding.span else {
        return (b"", b"");
    };
    let line = text.line(span.line - 1);
    let at = |column: usize| match line.to_str() {
        Ok(text) => text
            .char_indices()
            .nth(column - 1)
            .map_or(line.len(), |(at, _)| at),
        Err(_) => (column - 1).min(line.len()),
    };
    let end = match span.line == span.end_line {
        true => at(span.end_column),
        false => line.len(),
    };
    let start = at(span.column).min(end);
    (line, &line[start..end])
}

/// The findings of an exemption that names a commit.
fn in_commit(repo: &Repo, session: &Session, exemption: &Exemption) -> Result<Vec<Finding>> {
    let Some((commit, path)) = &exemption.commit else {
        return Ok(Vec::new());
    };
    let Some(content) = repo.file_of(commit, path.as_ref())? else {
        return Ok(Vec::new());
    };
    let origin = InMemory {
        content: content.clone(),
        ..InMemory::default()
    };
    let change = Change::new(path.clone(), Status::Added, EntryKind::File, origin);
    let text = Text::decode(&content);
    let mut findings = found(session.look(std::iter::once(Ok(change))));
    findings.retain(|finding| {
        let (line, secret) = around(&text, finding);
        exemption.covers(Seen {
            finding,
            line,
            secret,
        })
    });
    Ok(findings)
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
        "{} findings in {} files, {entries} entries: {} is written and staged; read it with git \
         diff --cached, then commit it. What is a real key must still be revoked.",
        findings.len(),
        paths.len(),
        allow::FILE_NAME
    )?;
    Ok(())
}

/// Says what could not be read, which is not allowed by any entry.
fn unread_told(unread: &[Unread]) -> Result<Exit> {
    let mut err = io::stderr().lock();
    for Unread { path, reason } in unread {
        writeln!(
            err,
            "keyward: could not look at {}: {}",
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
