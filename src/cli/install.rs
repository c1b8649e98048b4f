//! `keyward install` and `keyward uninstall`.

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::{Context, Result};
use directories::BaseDirs;
use keyward::git::Repo;
use keyward::hook::{self, Elsewhere, HookKind, HooksPath, Place, Site};

use super::{Exit, Misuse};

/// Check every commit of this repository from now on
#[derive(Debug, clap::Args)]
pub(super) struct InstallArgs {
    #[command(flatten)]
    which: Which,
}

/// Take keyward out of this repository; hooks that were there before come back
#[derive(Debug, clap::Args)]
pub(super) struct UninstallArgs {
    #[command(flatten)]
    which: Which,
}

#[derive(Debug, clap::Args)]
struct Which {
    /// Go on although git looks for the hooks outside this repository, where others share them
    #[arg(long)]
    shared: bool,
}

pub(super) fn install(args: &InstallArgs) -> Result<Exit> {
    let place = args.which.place()?;
    let program = std::env::current_exe().context("cannot tell where keyward is")?;
    // A link such as ~/.local/bin/keyward stays valid when what it leads to is replaced.
    let program = named_program().unwrap_or(program);
    let installed = HookKind::ALL
        .iter()
        .map(|&kind| hook::install(&place, kind, &program))
        .collect::<Result<Vec<_>>>()?;
    writeln!(io::stdout().lock(), "{}", hook::tell_installed(&installed))?;
    Ok(Exit::Clean)
}

pub(super) fn uninstall(args: &UninstallArgs) -> Result<Exit> {
    // `core.hooksPath` may have been set since: git's own directory is looked at in any case.
    let own = Place::Directory {
        dir: Repo::from_env()?.common_dir()?.join("hooks"),
        in_worktree: false,
    };
    let mut places = vec![own];
    match args.which.place() {
        Ok(place) if place != places[0] => places.insert(0, place),
        _ => {}
    }
    let mut uninstalled = Vec::new();
    for place in &places {
        for &kind in HookKind::ALL {
            uninstalled.push(hook::uninstall(place, kind)?);
        }
    }
    writeln!(
        io::stdout().lock(),
        "{}",
        hook::tell_uninstalled(&uninstalled)
    )?;
    Ok(Exit::Clean)
}

impl Which {
    fn place(&self) -> Result<Place> {
        place(&Repo::from_env()?)?.or_else(|elsewhere: Elsewhere| {
            let told = elsewhere.to_string();
            Some(elsewhere)
                .filter(|_| self.shared)
                .and_then(Elsewhere::accept)
                .ok_or_else(|| Misuse(told).into())
        })
    }
}

/// Where the repository's hooks go.
pub(super) fn place(repo: &Repo) -> Result<Result<Place, Elsewhere>> {
    let hooks_dir = repo.hooks_dir()?;
    let git_dir = repo.common_dir()?;
    let setting = repo.hooks_path_setting()?;
    let home = BaseDirs::new().map(|dirs| dirs.home_dir().to_owned());
    let site = Site {
        hooks_dir: &hooks_dir,
        hooks_path: setting
            .as_ref()
            .map(|(value, origin)| HooksPath { value, origin }),
        worktree: repo.worktree().ok(),
        git_dir: &git_dir,
        home: home.as_deref(),
    };
    Ok(hook::place(&site))
}

/// The program as it was called, if that names a file: the first argument with a directory in it.
fn named_program() -> Option<PathBuf> {
    let named = PathBuf::from(std::env::args_os().next()?);
    let absolute = std::path::absolute(&named).ok()?;
    (named.components().count() > 1 && absolute.is_file()).then_some(absolute)
}
