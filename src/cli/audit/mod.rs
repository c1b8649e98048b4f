//! `keyward audit`: all that a repository still holds.

mod cache;
pub(super) mod repos;

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result, anyhow};

use self::repos::{Shard, name_of};
use super::kinds;
use super::playbooks::Playbooks;
use super::progress::Steps;
use super::range;
use super::session::Session;
use super::settings::SettingsArgs;
use super::told;
use super::voice::{self, Reader, Terminal};
use super::{Exit, Misuse};
use crate::allow::Date;
use crate::archive::Archives;
use crate::audit::{Audit, Only, Plan, Stage, Watch, audit};
use crate::confidence::Confidence;
use crate::detect::Detector;
use crate::disk;
use crate::finding::{Fingerprint, Secret};
use crate::git::Repo;
use crate::ledger;
use crate::report::audit::{
    AuditFormat, AuditStyle, Chapter, Many, write_columns, write_csv, write_details, write_failed,
    write_failed_row, write_html, write_human, write_json, write_line, write_many, write_share,
};
use crate::respond::{Ledger, step};
use crate::scan::Scan;
use crate::shell::shown_path;
use crate::words::echo;

/// Look for secrets in all that a repository still holds: every branch, tag, stash, note, log and index
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Repositories, or the id of a secret to tell all about [default: the one here]
    #[arg(value_name = "REPO|ID")]
    what: Vec<PathBuf>,
    /// Look at objects, too, that nothing holds any more
    #[arg(long)]
    unreachable: bool,
    /// Many repositories, of which each is told in a line: those below a directory, or those that a file
    /// lists, one a line ("-" is standard input)
    #[arg(long, value_name = "FILE|DIR", conflicts_with = "what")]
    repos: Option<PathBuf>,
    /// Of these, the share of one machine among several: 1/8 is the first of eight
    #[arg(long, value_name = "I/N", requires = "repos")]
    shard: Option<Shard>,
    /// Tell only what was brought by commits of that day or later
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = kinds::date, conflicts_with = "range")]
    since: Option<Date>,
    /// Tell only what the commits brought that B has and A has not
    #[arg(long, value_name = "A..B", conflicts_with = "repos")]
    range: Option<String>,
    /// Look at all again, also at what an earlier audit found clean
    #[arg(long)]
    no_cache: bool,
    /// Say what was known from an earlier audit
    #[arg(short, long)]
    verbose: bool,
    /// For whom the report is
    #[arg(long, value_name = "FORMAT", value_parser = kinds::audit_formats(), default_value = "human")]
    format: AuditFormat,
    /// Write one JSON object a line, as --format json does
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Write a page for a browser, too, with what to do about each; it holds no secret and fetches nothing
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    #[command(flatten)]
    settings: SettingsArgs,
}

impl Args {
    fn format(&self) -> AuditFormat {
        match self.json {
            true => AuditFormat::Json,
            false => self.format,
        }
    }
}

/// What a shell says of a program that Ctrl-C ended.
const INTERRUPTED: i32 = 130;

/// Whether somebody asked to end.
static STOPPED: AtomicBool = AtomicBool::new(false);

pub(super) fn run(args: &Args) -> Result<Exit> {
    let (ids, places): (Vec<&PathBuf>, Vec<&PathBuf>) =
        args.what.iter().partition(|it| id_of(it).is_some());
    hear_interrupts();
    if let Some(by) = &args.repos {
        let share = args.shard.unwrap_or(Shard::WHOLE);
        let places = share.share(repos::listed(by)?);
        return many(args, share, &places);
    }
    let repos = match places.as_slice() {
        [] => vec![(String::new(), Repo::from_env()?)],
        [one] => vec![(String::new(), open(one)?)],
        many => many
            .iter()
            .map(|place| Ok((name_of(place), open(place)?)))
            .collect::<Result<_>>()?,
    };
    if args.format() == AuditFormat::Csv {
        tell(args, |out| Ok(write_columns(out)?))?;
    }
    let mut exit = Exit::Clean;
    let mut page = Page::new(args.html.as_deref());
    for (name, repo) in &repos {
        let audit = looked(args, repo)?;
        write(args, &audit, name, &ids)?;
        exit = worse(exit, exit_of(&audit));
        let stopped = audit.stopped;
        page.add(repo, name, audit)?;
        if stopped {
            break;
        }
    }
    page.write()?;
    Ok(exit)
}

/// The page for a browser, where one is asked for.
struct Page<'a> {
    file: Option<&'a Path>,
    chapters: Vec<Chapter>,
}

impl<'a> Page<'a> {
    /// A bound: so many secrets of a repository have their playbook on the page.
    const MOST: usize = 500;

    fn new(file: Option<&'a Path>) -> Self {
        Self {
            file,
            chapters: Vec::new(),
        }
    }

    fn add(&mut self, repo: &Repo, name: &str, audit: Audit) -> Result<()> {
        if self.file.is_none() {
            return Ok(());
        }
        let playbooks = Playbooks::new(repo, &audit)?;
        let entries = audit.entries.iter().take(Self::MOST);
        let playbooks = entries
            .map(|entry| playbooks.of(entry))
            .collect::<Result<_>>()?;
        self.chapters.push(Chapter {
            audit,
            repository: name.to_owned(),
            playbooks,
        });
        Ok(())
    }

    fn write(&self) -> Result<()> {
        let Some(file) = self.file else {
            return Ok(());
        };
        let mut page = Vec::new();
        write_html(&self.chapters, &mut page)?;
        let written = disk::replace_private(file, &page);
        written.with_context(|| format!("cannot write {}", shown_path(file)))?;
        let told = format!("the page is in {}", shown_path(file));
        // Programs read standard output.
        writeln!(voice::err(), "keyward: {told}").context("cannot write the report")
    }
}

/// Audits many. One that is broken does not stop the others.
fn many(args: &Args, share: Shard, places: &[PathBuf]) -> Result<Exit> {
    begin(args, share, places)?;
    let mut exit = Exit::Clean;
    let mut page = Page::new(args.html.as_deref());
    let mut all = Many {
        repositories: places.len(),
        ..Many::default()
    };
    for place in places {
        let name = name_of(place);
        let found = match STOPPED.load(Ordering::Relaxed) {
            true => Err(anyhow!("it was stopped before")),
            false => repos::open(place).and_then(|repo| Ok((looked(args, &repo)?, repo))),
        };
        match found {
            Ok((audit, repo)) => {
                all.found += usize::from(!audit.entries.is_empty());
                exit = worse(exit, exit_of(&audit));
                let style = style_of(&name);
                tell(args, |out| match args.format() {
                    AuditFormat::Json => Ok(write_json(&audit, &style, out)?),
                    AuditFormat::Csv => Ok(write_csv(&audit, &style, out)?),
                    AuditFormat::Human => Ok(write_line(&audit, &style, out)?),
                })?;
                page.add(&repo, &name, audit)?;
            }
            Err(error) => {
                exit = Exit::Unread;
                let why = voice::fit_for_programs(&format!("{error:#}"));
                tell(args, |out| match args.format() {
                    AuditFormat::Json => Ok(write_failed(&name, &why, out)?),
                    AuditFormat::Csv => Ok(write_failed_row(&name, &why, out)?),
                    AuditFormat::Human => Ok(()),
                })?;
                all.failed.push((name, why));
            }
        }
    }
    if args.format() == AuditFormat::Human {
        tell(args, |out| Ok(write_many(&all, &style_of(""), out)?))?;
    }
    page.write()?;
    Ok(exit)
}

/// Writes what stands before the reports of many.
fn begin(args: &Args, share: Shard, places: &[PathBuf]) -> Result<()> {
    tell(args, |out| match args.format() {
        AuditFormat::Json => {
            let names: Vec<String> = places.iter().map(|place| name_of(place)).collect();
            Ok(write_share(share.number, share.of, &names, out)?)
        }
        AuditFormat::Csv => Ok(write_columns(out)?),
        AuditFormat::Human => Ok(()),
    })
}

fn style_of(repository: &str) -> AuditStyle {
    AuditStyle {
        style: Terminal::of_output().style(),
        repository: repository.to_owned(),
    }
}

/// Lets Ctrl-C and its like end the look with what was found so far. A signal that can't be caught ends the
/// run, as if nobody had tried.
fn hear_interrupts() {
    let _ = ctrlc::set_handler(|| {
        #[expect(clippy::exit, reason = "who asks twice does not want to wait")]
        if STOPPED.swap(true, Ordering::Relaxed) {
            process::exit(INTERRUPTED);
        }
        if io::stderr().is_terminal() {
            let told = "keyward ends with what it found so far; Ctrl-C again ends it at once";
            // With standard error gone there is nobody left to tell.
            let _ = writeln!(voice::err(), "\n{told}");
        }
    });
}

fn open(place: &Path) -> Result<Repo> {
    if place.symlink_metadata().is_err() {
        let it = echo::said_or(&place.to_string_lossy(), "such repository");
        let told = format!("there is no {it}: name a repository");
        return Err(Misuse(told).into());
    }
    repos::opened(place)
}

/// The id of a secret, unless something of that name is there.
fn id_of(what: &Path) -> Option<&str> {
    let text = what.to_str()?;
    (Fingerprint::is_start(text, 8) && what.symlink_metadata().is_err()).then_some(text)
}

/// How a repository is looked at.
pub(super) struct Look<'a> {
    pub(super) settings: &'a SettingsArgs,
    pub(super) unreachable: bool,
    /// A value that counts wherever it stands.
    pub(super) sought: Option<&'a Secret>,
    /// Another threshold than that of the settings.
    pub(super) threshold: Option<Confidence>,
    /// The commits of which is told what they brought; `None` for all.
    pub(super) only: Option<Only>,
    /// Whether what an earlier audit found clean counts.
    pub(super) cached: bool,
}

/// Audits one repository as the arguments say.
fn looked(args: &Args, repo: &Repo) -> Result<Audit> {
    let only = match (&args.range, args.since) {
        (Some(range), _) => Some(Only::Range(range::parse(repo, range)?)),
        (None, since) => since.map(Only::Since),
    };
    let look = Look {
        settings: &args.settings,
        unreachable: args.unreachable,
        sought: None,
        threshold: None,
        only,
        cached: !args.no_cache,
    };
    let audit = one(&look, repo)?;
    if args.verbose {
        let mut out = voice::err();
        writeln!(out, "keyward: {}", cache::told(audit.recalled))?;
        out.flush()?;
    }
    Ok(audit)
}

/// Audits one repository, with what is known to be revoked.
pub(super) fn one(look: &Look<'_>, repo: &Repo) -> Result<Audit> {
    let session = Session::with(Some(repo), look.settings.layers()?)?;
    let cache = Some(()).filter(|()| look.cached);
    let cache = cache.and_then(|()| cache::of(repo, &session));
    let plan = Plan {
        scan: Scan {
            detector: Detector::new(&session.rules),
            guards: session.guards.as_ref(),
            exclude: Some(session.config.exclude()),
            archives: session.archives.max(Archives::Look),
            trace: false,
            shortens: None,
        },
        allowed: &session.allowed,
        threshold: look.threshold.unwrap_or(session.threshold),
        unreachable: look.unreachable,
        sought: look.sought,
        only: look.only,
        cache: cache.as_ref(),
    };
    let watcher = Watcher(Steps::new());
    let found = audit(repo, &plan, &watcher);
    watcher.0.end();
    let mut found = found?;
    let done =
        Ledger::read(&repo.common_dir()?).context("cannot read what was done about leaks")?;
    found.note_revoked(|id| done.done(id, step::REVOKE));
    // Without what is remembered of keys, nothing is said.
    if !found.entries.is_empty()
        && let Ok(Some(keys)) = ledger::Ledger::look()
    {
        found.note_rotated(|finding| told::rotated_on(&keys, finding));
    }
    Ok(found)
}

fn write(args: &Args, audit: &Audit, name: &str, ids: &[&PathBuf]) -> Result<()> {
    let style = style_of(name);
    tell(args, |out| {
        match args.format() {
            AuditFormat::Json => return Ok(write_json(audit, &style, out)?),
            AuditFormat::Csv => return Ok(write_csv(audit, &style, out)?),
            AuditFormat::Human => {}
        }
        if ids.is_empty() {
            write_human(audit, &style, out)?;
        }
        for id in ids.iter().filter_map(|id| id_of(id)) {
            let mut entries = audit.entries.iter();
            let entry = entries.find(|it| it.finding.fingerprint.as_str().starts_with(id));
            let told = || Misuse(format!("no secret {id} is here; see: keyward audit"));
            write_details(audit, entry.ok_or_else(told)?, &style, out)?;
        }
        Ok(())
    })
}

/// Tells a part of the report to whom it is for.
fn tell(args: &Args, write: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<()> {
    Reader::of(args.format() != AuditFormat::Human).tell(write)
}

fn exit_of(audit: &Audit) -> Exit {
    match (audit.is_incomplete(), audit.entries.is_empty()) {
        (true, _) => Exit::Unread,
        (false, false) => Exit::Findings,
        (false, true) => Exit::Clean,
    }
}

fn worse(one: Exit, other: Exit) -> Exit {
    match one as u8 > other as u8 {
        true => one,
        false => other,
    }
}

/// Shows how far an audit is, and hears Ctrl-C.
struct Watcher(Steps);

impl Watch for Watcher {
    fn begin(&self, stage: Stage, steps: Option<usize>) {
        let things = match stage {
            Stage::Commits => "commits",
            Stage::Trees => "the files of commits",
            Stage::Blobs => "versions of files",
            Stage::Places => "where it stands",
        };
        self.0.begin(things, steps);
    }

    fn advance(&self, steps: usize) {
        self.0.advance(steps);
    }

    fn is_stopped(&self) -> bool {
        STOPPED.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_told_from_a_directory() {
        for (what, expected) in [
            ("0123abcd", true),
            ("0123abcd0123abcd", true),
            ("0123abc", false),
            ("0123abcd0123abcd0", false),
            ("0123ABCD", false),
            (".", false),
            ("repo", false),
        ] {
            assert_eq!(id_of(Path::new(what)).is_some(), expected, "{what}");
        }
    }
}
