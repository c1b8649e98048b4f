//! `keyward install` and `keyward uninstall`.

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::{Context, Result};
use directories::BaseDirs;
use keyward::config::Unchecked;
use keyward::git::Repo;
use keyward::hook::{self, Elsewhere, HookKind, HooksPath, Place, Site};

use super::hook::parse_kind;
use super::session::Session;
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
    /// The hook, and no other; may be given more than once [default: pre-commit, pre-merge-commit,
    /// commit-msg and pre-push, and those that the settings ask for; uninstall: all]
    #[arg(long = "hook", value_name = "KIND", value_parser = parse_kind)]
    hooks: Vec<HookKind>,
    /// Go on although git looks for the hooks outside this repository, where others share them
    #[arg(long)]
    shared: bool,
}

pub(super) fn install(args: &InstallArgs) -> Result<Exit> {
    let place = args.which.place()?;
    let program = std::env::current_exe().context("cannot tell where keyward is")?;
    // A link such as ~/.local/bin/keyward stays valid when what it leads to is replaced.
    let program = named_program().unwrap_or(program);
    let installed = args
        .which
        .kinds_to_install()?
        .into_iter()
        .map(|kind| hook::install(&place, kind, &program))
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
        for kind in args.which.kinds_to_uninstall() {
            uninstalled.push(hook::uninstall(place, kind)?);
        }
    }
    hook::forget_checked(&Repo::from_env()?.common_dir()?)?;
    writeln!(
        io::stdout().lock(),
        "{}",
        hook::tell_uninstalled(&uninstalled)
    )?;
    Ok(Exit::Clean)
}

impl Which {
    fn kinds_to_install(&self) -> Result<Vec<HookKind>> {
        if !self.hooks.is_empty() {
            return Ok(self.of(|kind| self.hooks.contains(&kind)));
        }
        let unchecked = Session::load(Some(&Repo::from_env()?))?.config.unchecked;
        Ok(self.of(|kind| {
            HookKind::USUAL.contains(&kind)
                || match kind {
                    HookKind::PostCommit => unchecked.value != Unchecked::Off,
                    HookKind::PrepareCommitMsg => unchecked.value == Unchecked::Deny,
                    _ => false,
                }
        }))
    }

    fn kinds_to_uninstall(&self) -> Vec<HookKind> {
        self.of(|kind| self.hooks.is_empty() || self.hooks.contains(&kind))
    }

    /// The kinds that are wanted, in the order in which git runs them.
    fn of(&self, wanted: impl Fn(HookKind) -> bool) -> Vec<HookKind> {
        HookKind::ALL
            .iter()
            .copied()
            .filter(|&kind| wanted(kind))
            .collect()
    }

    fn place(&self) -> Result<Place> {
        let repo = Repo::from_env()?;
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
        hook::place(&site).or_else(|elsewhere: Elsewhere| {
            let told = elsewhere.to_string();
            Some(elsewhere)
                .filter(|_| self.shared)
                .and_then(Elsewhere::accept)
                .ok_or_else(|| Misuse(told).into())
        })
    }
}

/// The program as it was called, if that names a file: the first argument with a directory in it.
fn named_program() -> Option<PathBuf> {
    let named = PathBuf::from(std::env::args_os().next()?);
    let absolute = std::path::absolute(&named).ok()?;
    (named.components().count() > 1 && absolute.is_file()).then_some(absolute)
}
