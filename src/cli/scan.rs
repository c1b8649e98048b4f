//! `keyward scan`: the same line over files, what is staged, or standard input.

use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use keyward::change::{Change, EntryKind, InMemory, Status};
use keyward::config::{Layer, Origin};
use keyward::files;
use keyward::git::Repo;
use keyward::report::Format;
use keyward::verdict::Verdict;

use super::session::{Channel, Session, conclude};
use super::settings::SettingsArgs;
use super::{Exit, Misuse};

/// Look for secrets in files, in what is staged, or in standard input
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Files and directories; in a repository, what is tracked or new and not ignored [default: .]
    paths: Vec<PathBuf>,
    /// Look at what is staged, as the hook does
    #[arg(long, conflicts_with_all = ["paths", "stdin"])]
    staged: bool,
    /// Look at standard input
    #[arg(long, conflicts_with = "paths")]
    stdin: bool,
    /// How to write what is found
    #[arg(long, default_value = "human", value_name = "FORMAT")]
    format: Format,
    /// Show what only a human can tell, too
    #[arg(long)]
    possible: bool,
    #[command(flatten)]
    settings: SettingsArgs,
}

pub(super) fn run(args: &Args) -> Result<Exit> {
    let verdict = if args.stdin {
        scan_stdin(args)?
    } else if args.staged {
        let repo = Repo::from_env()?;
        let session = Session::for_commit(&repo, typed(args)?)?;
        session.look(repo.staged()?)
    } else {
        scan_paths(args)?
    };
    conclude(&verdict, args.format, Channel::Output)
}

fn session(repo: Option<&Repo>, args: &Args) -> Result<Session> {
    Session::with(repo, typed(args)?)
}

/// The settings that were typed, the option that stands for one included.
fn typed(args: &Args) -> Result<Vec<Layer>> {
    let mut layers = args.settings.layers()?;
    if args.possible {
        let said = b"scan.threshold = 'possible'";
        layers.push(Layer::parse(Origin::CommandLine, said, "--possible")?);
    }
    Ok(layers)
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
    let mut session = session(Repo::around(Path::new("."))?.as_ref(), args)?;
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
        let mut session = session(repo.as_ref(), args)?;
        let mut verdict = None;
        if let Some(repo) = repo.as_ref().filter(|_| path.is_dir()) {
            let tracked = session.look(repo.worktree_files(std::slice::from_ref(path))?);
            // A directory that is named though it is ignored: somebody wants to know.
            verdict = Some(tracked).filter(|tracked| tracked.paths > 0);
        }
        let verdict = verdict.unwrap_or_else(|| {
            session.guards = None;
            session.look(files::below(path))
        });
        all.absorb(verdict);
    }
    Ok(all)
}
