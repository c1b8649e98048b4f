//! `keyward scan`: the same line over files, what is staged, commits, or standard input.

use std::path::{Component, Path, PathBuf};

use anyhow::Result;
use bstr::{BStr, BString, ByteSlice};

use super::kinds;
use super::range::{Commits, CommitsArgs};
use super::session::{Channel, Session, conclude, conclude_failed};
use super::settings::{self, SettingsArgs};
use super::{Exit, Misuse, input, told};
use crate::archive::Archives;
use crate::change::{Change, EntryKind, InMemory, STANDARD_INPUT, Status};
use crate::config::{Config, Layer, Origin};
use crate::count::count;
use crate::files;
use crate::git::{Base, Repo};
use crate::report::{Detail, Format, Report};
use crate::verdict::{Remark, Verdict};
use crate::words::echo;

/// Look for secrets in files, in what is staged, in commits, or in standard input
#[derive(Debug, clap::Args)]
#[command(override_usage = "keyward scan [OPTIONS] [PATH]...\n       \
                            keyward scan [OPTIONS] --staged\n       \
                            keyward scan [OPTIONS] --range A..B\n       \
                            keyward scan [OPTIONS] --history\n       \
                            keyward scan [OPTIONS] --stdin")]
pub(super) struct Args {
    /// Files and directories; in a repository, what is tracked or new and not ignored [default: .]
    #[arg(value_name = "PATH", conflicts_with_all = ["range", "history"])]
    paths: Vec<PathBuf>,
    /// Look at what is staged, as the hook does
    #[arg(long, conflicts_with_all = ["paths", "stdin", "range", "history"])]
    staged: bool,
    #[command(flatten)]
    commits: CommitsArgs,
    /// Look at standard input
    #[arg(long, conflicts_with_all = ["paths", "range", "history"])]
    stdin: bool,
    /// How to write what is found
    #[arg(long, default_value = "human", value_name = "FORMAT", value_parser = kinds::formats())]
    format: Format,
    /// Say nothing where all is well, and nothing but what stops
    #[arg(short, long, conflicts_with_all = ["verbose", "explain"])]
    quiet: bool,
    /// Tell what was allowed, and by what; what only a human can tell; and every place
    #[arg(short, long)]
    verbose: bool,
    /// Show what only a human can tell, too
    #[arg(long)]
    possible: bool,
    /// Show every candidate with the judgement on it, and why, instead of the findings
    #[arg(long, conflicts_with = "format")]
    explain: bool,
    #[command(flatten)]
    settings: SettingsArgs,
}

impl Args {
    fn detail(&self) -> Detail {
        match (self.quiet, self.verbose) {
            (true, _) => Detail::Quiet,
            (_, true) => Detail::Verbose,
            _ => Detail::Usual,
        }
    }

    /// Reads the settings for what lies in a repository, or anywhere.
    fn session(&self, repo: Option<&Repo>) -> Result<Session> {
        Ok(self.tuned(Session::with(repo, self.typed()?)?))
    }

    /// The same session, that tells what was asked for, and looks into archives.
    fn tuned(&self, mut session: Session) -> Session {
        session.trace = self.explain;
        session.shortens = true;
        session.progress = !self.quiet;
        session.archives = session.archives.max(Archives::Look);
        session
    }

    /// The settings that were typed, the option that stands for one included.
    fn typed(&self) -> Result<Vec<Layer>> {
        let mut layers = self.settings.layers()?;
        if self.possible {
            let said = b"scan.threshold = 'possible'";
            layers.push(Layer::parse(Origin::CommandLine, said, "--possible")?);
        }
        Ok(layers)
    }
}

pub(super) fn run(args: &Args) -> Result<Exit> {
    let ended = scan(args);
    if let Err(error) = &ended {
        // A program that waits for a report gets one, with the error in it.
        conclude_failed(error, args.format)?;
    }
    ended
}

fn scan(args: &Args) -> Result<Exit> {
    let (mut report, prefix) = look(args)?;
    tell_left_out(&mut report.verdict);
    let output = Channel::Output(args.detail(), prefix);
    if !args.explain {
        return conclude(&report, args.format, output);
    }
    // An answer to a question is no verdict: a secret in it is what was asked for.
    Ok(match conclude(&report, Format::EXPLAIN, output)? {
        Exit::Findings => Exit::Clean,
        exit => exit,
    })
}

/// Looks where it is asked to, and writes down what it found there. Gives the directory in which the reader
/// stands, too, where paths are told from the top of a repository.
fn look(args: &Args) -> Result<(Report, BString)> {
    if args.stdin {
        let repo = Repo::around(Path::new("."))?;
        let report = scan_stdin(args, repo.as_ref())?.into();
        return Ok((noted(repo.as_ref(), report), BString::default()));
    }
    if !args.staged && !args.commits.are_named() {
        let (verdict, prefix) = scan_paths(args)?;
        return Ok((verdict.into(), prefix));
    }
    let repo = Repo::from_env()?;
    let report = match args.commits.read(&repo)? {
        Some(commits) => scan_commits(args, &repo, &commits)?,
        None => {
            let session = Session::for_commit(&repo, args.typed()?)?;
            args.tuned(session).look_at_staged(&repo)?
        }
    };
    Ok((noted(Some(&repo), report), repo.prefix()?))
}

/// The report, of which is written down what can be allowed by its id.
fn noted(repo: Option<&Repo>, report: Report) -> Report {
    told::note(repo, &report.verdict);
    report
}

/// Says of how many files nobody said anything, since the settings exclude them.
fn tell_left_out(verdict: &mut Verdict) {
    let left_out = verdict.left_out;
    if left_out == 0 {
        return;
    }
    let files = count(left_out, "file was", "files were");
    verdict.remarks.push(Remark {
        kind: "excluded",
        path: BString::default(),
        message: format!(
            "{files} not looked at, since the settings exclude them; to see which: keyward config \
             show"
        ),
    });
}

fn scan_commits(args: &Args, repo: &Repo, commits: &Commits) -> Result<Report> {
    let session = args.tuned(Session::for_commits(repo, commits, args.typed()?)?);
    let changes = commits.changes(repo)?;
    let is_none = changes.commits_left() == 0;
    let base = || {
        Ok(match commits {
            Commits::Range(range) => Base::from(range),
            Commits::All => Base::default(),
        })
    };
    let mut report = session.look_at_commits(changes, repo, base);
    if is_none {
        report.verdict.remarks.push(Remark {
            kind: "range",
            path: BString::default(),
            message: commits.none(repo)?,
        });
    }
    // That the trailer is asked for may come with the commits.
    let is_asked = || {
        let here = settings::at_hand(Some(repo)).map(Config::fold);
        session.config.trailer() || here.is_ok_and(|config| config.trailer())
    };
    if let Commits::Range(range) = commits
        && is_asked()
    {
        report.notes.local_checks = Some(repo.local_checks(range)?);
    }
    Ok(report)
}

fn scan_stdin(args: &Args, repo: Option<&Repo>) -> Result<Verdict> {
    let origin = InMemory {
        content: input::handed(u64::MAX)?,
        ..InMemory::default()
    };
    let change = Change::new(STANDARD_INPUT, Status::Added, EntryKind::File, origin);
    let mut session = args.session(repo)?;
    session.guards = None;
    Ok(session.look(std::iter::once(Ok(change))))
}

/// Whether a path that is not there reads as a range of commits.
fn is_range(path: &Path) -> bool {
    let text = path.to_string_lossy();
    let ends = text
        .split_once("..")
        .map(|(from, to)| (from, to.trim_start_matches('.')));
    ends.is_some_and(|(from, to)| {
        [from, to]
            .iter()
            .all(|end| !end.is_empty() && !end.starts_with('/') && !end.ends_with('/'))
    })
}

fn scan_paths(args: &Args) -> Result<(Verdict, BString)> {
    let here = [PathBuf::from(".")];
    let paths = if args.paths.is_empty() {
        &here[..]
    } else {
        &args.paths
    };
    let mut all = Verdict::default();
    let mut repos = Vec::new();
    for path in paths {
        if path.symlink_metadata().is_err() {
            let it = echo::said_or(&path.to_string_lossy(), "such file");
            let next = match is_range(path) {
                true => "for the commits of a range: keyward scan --range A..B",
                false => "name a file or a directory",
            };
            return Err(Misuse(format!("there is no {it}: {next}")).into());
        }
        // git takes no path that leads up and down again.
        let leads_up = path.components().any(|part| part == Component::ParentDir);
        let path = &match leads_up {
            true => path.canonicalize()?,
            false => path.clone(),
        };
        let directory = if path.is_dir() {
            path.as_path()
        } else {
            path.parent()
                .filter(|parent| !parent.as_os_str().is_empty())
                .unwrap_or(Path::new("."))
        };
        let repo = Repo::around(directory)?.filter(|repo| repo.worktree().is_ok());
        let mut session = args.session(repo.as_ref())?;
        let mut verdict = None;
        if let Some(repo) = repo.as_ref().filter(|_| path.is_dir()) {
            let tracked = session.look(repo.worktree_files(std::slice::from_ref(path))?);
            // A directory that is named though it is ignored: somebody wants to know.
            verdict = Some(tracked).filter(|tracked| tracked.paths > 0);
        }
        let mut verdict = match verdict {
            Some(verdict) => verdict,
            None => {
                session.guards = None;
                session.look(files::below(path).map(|file| from_top(repo.as_ref(), file)))
            }
        };
        if let Some(top) = repo.as_ref().and_then(|repo| repo.worktree().ok()) {
            let is_there = |path: &BStr| {
                let file = path.to_path().map(|path| top.join(path));
                file.is_ok_and(|file| file.symlink_metadata().is_ok())
            };
            verdict.allow_moved(&session.allowed, is_there);
        }
        all.absorb(verdict);
        repos.extend(repo);
    }
    // Of several repositories none has all.
    let mut dirs = repos.iter().map(Repo::git_dir);
    let first = dirs.next();
    let is_one = dirs.all(|dir| Some(dir) == first) && repos.len() == paths.len();
    let Some(repo) = repos.first().filter(|_| is_one) else {
        return Ok((all, BString::default()));
    };
    told::note(Some(repo), &all);
    Ok((all, repo.prefix()?))
}

/// A file with its path from the top of the repository, as an entry that allows something names it.
fn from_top<'s>(repo: Option<&Repo>, file: Result<Change<'s>>) -> Result<Change<'s>> {
    let mut file = file?;
    let named = file.path.to_path().ok();
    if let Some(repo) = repo
        && let Some(Ok(path)) = named.map(|named| repo.path_of(named))
    {
        file.path = path;
    }
    Ok(file)
}
