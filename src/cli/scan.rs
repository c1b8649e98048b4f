//! `keyward scan`: the same line over files, what is staged, commits, or standard input.

use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::kinds::FormatName;
use super::session::{Channel, Session, conclude, conclude_failed};
use super::settings::SettingsArgs;
use super::{Exit, Misuse};
use crate::change::{Change, EntryKind, InMemory, Status};
use crate::config::{Layer, Origin};
use crate::files;
use crate::git::{Base, CommitId, Repo, RevRange};
use crate::report::{Detail, Format, Report};
use crate::verdict::Verdict;

/// Look for secrets in files, in what is staged, in commits, or in standard input
#[derive(Debug, clap::Args)]
#[command(override_usage = "keyward scan [OPTIONS] [PATH]...\n       \
                            keyward scan [OPTIONS] --staged\n       \
                            keyward scan [OPTIONS] --range A..B\n       \
                            keyward scan [OPTIONS] --stdin")]
pub(super) struct Args {
    /// Files and directories; in a repository, what is tracked or new and not ignored [default: .]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Look at what is staged, as the hook does
    #[arg(long, conflicts_with_all = ["paths", "stdin"])]
    staged: bool,
    /// Look at what each commit of a range adds, and at its message: the commits that B has and A
    /// has not
    #[arg(long, value_name = "A..B", conflicts_with_all = ["paths", "stdin", "staged"])]
    range: Option<String>,
    /// Look at standard input
    #[arg(long, conflicts_with = "paths")]
    stdin: bool,
    /// How to write what is found
    #[arg(long, default_value = "human", value_name = "FORMAT")]
    format: FormatName,
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
        let mut session = Session::with(repo, self.typed()?)?;
        session.trace = self.explain;
        session.progress = !self.quiet;
        Ok(session)
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
    let ended = look(args);
    if let Err(error) = &ended {
        // A program that waits for a report gets one, with the error in it.
        conclude_failed(error, args.format.0)?;
    }
    ended
}

fn look(args: &Args) -> Result<Exit> {
    let report = if args.stdin {
        scan_stdin(args)?.into()
    } else if args.staged {
        let repo = Repo::from_env()?;
        let mut session = Session::for_commit(&repo, args.typed()?)?;
        session.trace = args.explain;
        session.progress = !args.quiet;
        session.look_at_staged(&repo)?
    } else if let Some(range) = &args.range {
        scan_range(args, range)?
    } else {
        scan_paths(args)?.into()
    };
    let output = Channel::Output(args.detail());
    if !args.explain {
        return conclude(&report, args.format.0, output);
    }
    // An answer to a question is no verdict: a secret in it is what was asked for.
    Ok(match conclude(&report, Format::EXPLAIN, output)? {
        Exit::Findings => Exit::Clean,
        exit => exit,
    })
}

fn scan_range(args: &Args, range: &str) -> Result<Report> {
    let repo = Repo::from_env()?;
    let range = parse_range(&repo, range)?;
    let session = args.session(Some(&repo))?;
    let verdict = session.look_beside(repo.range(&range)?, &repo, || Ok(Base::from(&range)));
    let mut report = Report::from(verdict);
    if session.config.trailer() {
        report.notes.local_checks = Some(repo.local_checks(&range)?);
    }
    Ok(report)
}

/// The commits between two revisions. An end that is left out is HEAD; a base of zeros, by which
/// forges tell of a new branch, leaves out nothing.
fn parse_range(repo: &Repo, range: &str) -> Result<RevRange> {
    let Some((base, tip)) = ends(range) else {
        let told = format!("`{range}` is not a range of commits: write it as A..B");
        return Err(Misuse(told).into());
    };
    let base = match base {
        zeros if !zeros.is_empty() && zeros.bytes().all(|b| b == b'0') && is_id(zeros) => None,
        base => Some(commit(repo, base)?),
    };
    Ok(RevRange {
        base,
        tip: commit(repo, tip)?,
    })
}

/// The names of both ends of a range, one of which may be left out.
fn ends(range: &str) -> Option<(&str, &str)> {
    range.split_once("..").filter(|(base, tip)| {
        let whole = !tip.starts_with('.') && !tip.contains("..");
        whole && !(base.is_empty() && tip.is_empty())
    })
}

fn commit(repo: &Repo, named: &str) -> Result<CommitId> {
    let revision = if named.is_empty() { "HEAD" } else { named };
    if let Some(commit) = repo.commit_named(revision)? {
        return Ok(commit);
    }
    if repo.is_shallow()? {
        bail!(
            "{revision:?} is not here, since history is cut off; fetch it: git fetch --unshallow"
        );
    }
    if is_id(revision) {
        bail!("the commit {revision} is not here; fetch it: git fetch origin {revision}");
    }
    Err(Misuse(format!(
        "there is no commit {revision:?} here; see: git branch --all"
    ))
    .into())
}

/// Whether it is a whole object id, which is no slip of the pen.
fn is_id(revision: &str) -> bool {
    matches!(revision.len(), 40 | 64) && revision.bytes().all(|b| b.is_ascii_hexdigit())
}

fn scan_stdin(args: &Args) -> Result<Verdict> {
    let mut content = Vec::new();
    std::io::stdin()
        .lock()
        .read_to_end(&mut content)
        .context("cannot read standard input")?;
    let origin = InMemory {
        content,
        ..InMemory::default()
    };
    let change = Change::new("-", Status::Added, EntryKind::File, origin);
    let mut session = args.session(Repo::around(Path::new("."))?.as_ref())?;
    session.guards = None;
    Ok(session.look(std::iter::once(Ok(change))))
}

fn scan_paths(args: &Args) -> Result<Verdict> {
    let here = [PathBuf::from(".")];
    let paths = if args.paths.is_empty() {
        &here[..]
    } else {
        &args.paths
    };
    let mut all = Verdict::default();
    for path in paths {
        if path.symlink_metadata().is_err() {
            return Err(Misuse(format!(
                "there is no `{}`: name a file or a directory",
                path.display()
            ))
            .into());
        }
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
        let verdict = match verdict {
            Some(verdict) => verdict,
            None => {
                session.guards = None;
                session.look(files::below(path))
            }
        };
        all.absorb(verdict);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_has_two_ends_of_which_one_may_be_left_out() {
        for (range, expected) in [
            ("a..b", Some(("a", "b"))),
            ("v1.0..v1.1", Some(("v1.0", "v1.1"))),
            ("a..", Some(("a", ""))),
            ("..b", Some(("", "b"))),
            ("..", None),
            ("a...b", None),
            ("a..b..c", None),
            ("a", None),
            ("", None),
        ] {
            assert_eq!(ends(range), expected, "{range}");
        }
    }

    #[test]
    fn a_whole_id_is_told_from_a_name() {
        for (name, expected) in [
            ("0".repeat(40), true),
            ("af".repeat(32), true),
            ("0".repeat(39), false),
            ("main".to_owned(), false),
            ("g".repeat(40), false),
        ] {
            assert_eq!(is_id(&name), expected, "{name}");
        }
    }
}
