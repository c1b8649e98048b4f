//! `keyward respond`: what to do about a leak, step by step.

use std::io::Write;

use anyhow::{Context, Result, ensure};

use super::audit;
use super::playbooks::{self, Playbooks};
use super::session::Session;
use super::settings::SettingsArgs;
use super::voice::{self, Reader, Terminal};
use super::{Exit, Misuse, input};
use crate::audit::{Audit, Entry};
use crate::change::{Change, EntryKind, InMemory, Status};
use crate::confidence::Confidence;
use crate::count::counted;
use crate::finding::{Finding, Fingerprint, Found, Secret};
use crate::git::Repo;
use crate::report::respond as written;
use crate::respond::{self, Ledger, Playbook, STEPS, step};
use crate::rules::Provider;
use crate::suggest;
use crate::words::echo;

/// What to do about a key that is out: revoke first, clean last, with every command and page
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The id of the secret, as it was told
    #[arg(value_name = "ID", required_unless_present_any = ["provider", "stdin"])]
    id: Option<String>,
    /// A key of this provider that was seen elsewhere
    #[arg(long, value_name = "NAME", conflicts_with_all = ["id", "stdin"])]
    provider: Option<String>,
    /// Read the key, from a terminal without showing it, and look for it in all that git keeps
    #[arg(long, conflicts_with = "id")]
    stdin: bool,
    /// Note that a step is done
    #[arg(long, value_name = "STEP", requires = "id")]
    done: Option<String>,
    /// Note that a step is not done after all
    #[arg(long, value_name = "STEP", requires = "id", conflicts_with = "done")]
    undone: Option<String>,
    /// Have git filter-repo replace it in all commits that have it
    #[arg(long, requires = "id", conflicts_with_all = ["done", "undone"])]
    rewrite: bool,
    /// Show the first eight characters of its random part, for a search that tells where it turns up
    #[arg(long, requires = "id", conflicts_with_all = ["done", "undone", "rewrite"])]
    alert_text: bool,
    /// Write Markdown, for a ticket
    #[arg(long, conflicts_with = "json")]
    markdown: bool,
    /// Write one JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: SettingsArgs,
}

/// A bound: no key is longer.
const LONGEST: u64 = 64 << 10;

/// A bound: what is shorter stands everywhere.
const SHORTEST: usize = 8;

pub(super) fn run(args: &Args) -> Result<Exit> {
    if let Some(name) = &args.provider {
        let playbook = of_provider(name)?;
        return write(args, &playbook).map(|()| Exit::Clean);
    }
    let repo = Repo::from_env()?;
    if args.stdin {
        return pasted(args, &repo);
    }
    let id = id_of(args.id.as_deref().unwrap_or_default())?;
    for (name, done) in [(&args.done, true), (&args.undone, false)] {
        if let Some(name) = name {
            return tick(&repo, &id, name, done);
        }
    }
    let audit = look(&args.settings, &repo, None, None)?;
    let Some(entry) = audit.entries.iter().find(|it| it.id() == id) else {
        return absent(&repo, &audit, &id);
    };
    if args.alert_text {
        return alert_text(entry);
    }
    if args.rewrite {
        return rewrite(&repo, entry);
    }
    tell(args, &repo, &audit, entry)
}

/// The first eight digits of an id.
pub(super) fn id_of(typed: &str) -> Result<String> {
    match Fingerprint::is_start(typed, 8) {
        true => Ok(typed[..8].to_owned()),
        false => {
            let it = echo::said_or(typed, "that");
            Err(Misuse(format!(
                "{it} is no id: keyward audit tells the ids of what is found"
            ))
            .into())
        }
    }
}

/// All that the repository holds, with what nothing reaches.
pub(super) fn look(
    settings: &SettingsArgs,
    repo: &Repo,
    sought: Option<&Secret>,
    threshold: Option<Confidence>,
) -> Result<Audit> {
    let looked = audit::Look {
        settings,
        unreachable: true,
        sought,
        threshold,
        only: None,
        cached: true,
    };
    audit::one(&looked, repo)
}

fn of_provider(name: &str) -> Result<Playbook> {
    let rules = crate::rules::RuleSet::builtin();
    let is_named = |it: &&'static Provider| {
        it.id.eq_ignore_ascii_case(name) || it.name.eq_ignore_ascii_case(name)
    };
    if let Some(provider) = rules.providers().find(is_named) {
        return Ok(respond::of_provider(provider));
    }
    let known: Vec<&str> = rules.providers().map(|it| &*it.id).collect();
    let it = echo::said_or(name, "that name");
    let advice = suggest::meant(name, &known, || "keyward rules list has all".to_owned());
    Err(Misuse(format!("no provider is called {it}: {advice}")).into())
}

fn tick(repo: &Repo, id: &str, name: &str, done: bool) -> Result<Exit> {
    let Some(step) = STEPS.iter().find(|step| **step == name) else {
        let it = echo::said_or(name, "that");
        let all = STEPS.join(", ");
        return Err(Misuse(format!("{it} is no step; the steps are {all}")).into());
    };
    Ledger::note(&repo.common_dir()?, id, step, done)
        .context("cannot note it in git's directory")?;
    let mut out = voice::out();
    match (done, *step) {
        (true, step::REVOKE) => writeln!(
            out,
            "noted: {id} is revoked; keyward audit tells it as harmless from now on"
        )?,
        (true, step) => writeln!(out, "noted: {step} is done for {id}")?,
        (false, step) => writeln!(out, "noted: {step} is not done for {id}")?,
    }
    out.flush()?;
    Ok(Exit::Clean)
}

/// What is told where the secret is not here.
fn absent(repo: &Repo, audit: &Audit, id: &str) -> Result<Exit> {
    if audit.is_incomplete() {
        let told =
            format!("{id} was not found, and not all could be looked at: keyward audit says what");
        writeln!(voice::err(), "keyward: {told}")?;
        return Ok(Exit::Unread);
    }
    if !Ledger::read(&repo.common_dir()?)?.knows(id) {
        return Err(Misuse(format!(
            "no secret {id} is here; see: keyward audit --unreachable"
        ))
        .into());
    }
    let mut out = voice::out();
    let looked = looked(audit);
    writeln!(
        out,
        "keyward: {id} is gone: it is in none of {looked} here, and in nothing else that git keeps"
    )?;
    writeln!(
        out,
        "  what others fetched before, they have: it stays revoked"
    )?;
    out.flush()?;
    Ok(Exit::Clean)
}

fn looked(audit: &Audit) -> String {
    let commits = counted(audit.commits, "commit");
    format!("{commits} and {}", counted(audit.blobs, "blob"))
}

fn exit_of(audit: &Audit) -> Exit {
    match audit.is_incomplete() {
        true => Exit::Unread,
        false => Exit::Findings,
    }
}

fn tell(args: &Args, repo: &Repo, audit: &Audit, entry: &Entry) -> Result<Exit> {
    let playbooks = Playbooks::new(repo, audit)?;
    write(args, &playbooks.of(entry)?)?;
    Ok(exit_of(audit))
}

fn write(args: &Args, playbook: &Playbook) -> Result<()> {
    let style = Terminal::of_output().style();
    Reader::of(args.json || args.markdown).tell(|out| {
        let written = match (args.json, args.markdown) {
            (true, _) => written::write_json(playbook, out),
            (false, true) => written::write_markdown(playbook, out),
            (false, false) => written::write_human(playbook, &style, out),
        };
        Ok(written?)
    })
}

/// A key that somebody types or pipes in.
fn pasted(args: &Args, repo: &Repo) -> Result<Exit> {
    let key = read_key()?;
    let secret = Secret::new(&key, 0);
    // As a rule finds it, which knows more of it, or as it is.
    let known = known_as(&args.settings, &key)?;
    let sought = known.as_ref().and_then(|it| it.secret.clone());
    let sought = sought.unwrap_or(secret);
    let audit = look(
        &args.settings,
        repo,
        Some(&sought),
        Some(Confidence::Possible),
    )?;
    let name = sought.fingerprint();
    let found = audit
        .entries
        .iter()
        .find(|it| it.finding.fingerprint == name);
    if let Some(entry) = found {
        return tell(args, repo, &audit, entry);
    }
    if let Some(Found::Secret { provider, .. }) = known.as_ref().map(|it| &it.found)
        && !provider.revoke.is_empty()
    {
        write(args, &respond::of_provider(provider))?;
    }
    let mut out = voice::err();
    let told = format!("it is in none of {} here", looked(&audit));
    match audit.is_incomplete() {
        true => writeln!(
            out,
            "keyward: {told}, and not all could be looked at: keyward audit says what"
        )?,
        false => writeln!(
            out,
            "keyward: {told}; archives and Git LFS objects are looked into for known keys alone"
        )?,
    }
    Ok(match audit.is_incomplete() {
        true => Exit::Unread,
        false => Exit::Clean,
    })
}

/// The key as a rule knows it, where it is one of a known form.
pub(super) fn known_as(settings: &SettingsArgs, key: &[u8]) -> Result<Option<Finding>> {
    let session = Session::with(None, settings.layers()?)?;
    let origin = InMemory {
        content: key.to_vec(),
        ..InMemory::default()
    };
    let change = Change::new("key", Status::Added, EntryKind::File, origin);
    let verdict = session.look(std::iter::once(Ok(change)));
    let all = verdict.blocking.into_iter().chain(verdict.below_threshold);
    let whole = Secret::new(key, 0).fingerprint();
    Ok(all.into_iter().find(|it| it.fingerprint == whole))
}

pub(super) fn read_key() -> Result<Vec<u8>> {
    let key = if input::is_terminal() {
        let mut err = voice::err();
        write!(err, "the key (it is not shown): ")?;
        err.flush()?;
        drop(err);
        rpassword::read_password()
            .context("cannot read the key")?
            .into_bytes()
    } else {
        input::handed(LONGEST + 1)?
    };
    let key = key.trim_ascii().to_vec();
    if key.len() < SHORTEST || key.len() as u64 > LONGEST {
        let told =
            format!("a key has at least {SHORTEST} characters: give it alone, on standard input");
        return Err(Misuse(told).into());
    }
    Ok(key)
}

fn alert_text(entry: &Entry) -> Result<Exit> {
    let Some(secret) = &entry.finding.secret else {
        return Err(Misuse(
            "that is a file, and no key: there is nothing to search for".to_owned(),
        )
        .into());
    };
    let Some((text, length)) = secret.mark() else {
        let told = "eight characters would be too much of it: it is too short, or of many lines";
        return Err(Misuse(told.to_owned()).into());
    };
    let mut out = voice::out();
    writeln!(out, "{text}")?;
    writeln!(
        out,
        "  {} of its {length} random characters: who sees the alert can tell the key by them, and not guess the rest;",
        text.len()
    )?;
    writeln!(
        out,
        "  whoever keeps the alert learns that it is yours. Only once it is revoked; the public start is no use, all keys share it"
    )?;
    out.flush()?;
    Ok(Exit::Clean)
}

/// Has it replaced in all commits that have it.
fn rewrite(repo: &Repo, entry: &Entry) -> Result<Exit> {
    let Some(secret) = &entry.finding.secret else {
        let told = format!(
            "that is a file, and no key: see: keyward respond {}",
            entry.id()
        );
        return Err(Misuse(told).into());
    };
    let Some(first) = entry.first.as_ref().filter(|_| !entry.refs.is_empty()) else {
        let told = format!(
            "no branch or tag has it: see: keyward respond {}",
            entry.id()
        );
        return Err(Misuse(told).into());
    };
    if repo.worktree().is_ok() && repo.is_changed()? {
        let told = "files are changed, and rewriting would take that away: commit it first";
        return Err(Misuse(told.to_owned()).into());
    }
    ensure!(
        Repo::has_filter(),
        "git filter-repo is not installed: pip install git-filter-repo, then again"
    );
    // Only the first run can name a commit: it gives the commits other names.
    let refs = respond::rewritten(entry, playbooks::has_parent(repo, first)?);
    let mut refs = refs.as_slice();
    let rules = secret.rule_for_filter();
    let is_said = entry.kinds.contains(&EntryKind::Message);
    let is_text = entry.kinds.iter().any(|kind| kind.is_named()) && !entry.in_name;
    for (option, is_needed) in [
        ("--replace-text", is_text),
        ("--replace-message", is_said),
        ("--paths-from-file", entry.in_name),
    ] {
        if is_needed {
            repo.filter(option, &rules, refs)?;
            refs = &entry.refs;
        }
    }
    Ledger::note(&repo.common_dir()?, entry.id(), step::HISTORY, true)
        .context("the commits are rewritten, and that cannot be noted in git's directory")?;
    let mut out = voice::out();
    writeln!(
        out,
        "rewritten: {} has REMOVED in its place; the old commits are in the logs of refs yet",
        entry.id()
    )?;
    writeln!(out, "  next    keyward respond {}", entry.id())?;
    out.flush()?;
    Ok(Exit::Clean)
}
