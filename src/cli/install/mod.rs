//! `keyward install` and `keyward uninstall`.

mod agents;
mod everywhere;
mod template;

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use directories::BaseDirs;

use crate::agent::Agent;
use crate::allow::proposal;
use crate::config::Config;
use crate::git::{ConfigScope, Repo};
use crate::hook::{
    self, Caller, Elsewhere, HookKind, HooksPath, Installed, Place, Side, Site, Uninstalled, What,
};
use crate::respond;

pub(super) use self::agents::Place as AgentPlace;
pub(super) use self::everywhere::serves_all;
use super::kinds;
use super::session::Session;
use super::{Exit, Misuse, voice};

/// Check every commit of this repository from now on
#[derive(Debug, Default, clap::Args)]
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

#[derive(Debug, Default, clap::Args)]
struct Which {
    /// The hook, and no other; may be given more than once [default: pre-commit, pre-merge-commit,
    /// commit-msg and pre-push, and those that the settings ask for; uninstall: all]
    #[arg(long = "hook", value_name = "KIND", value_parser = kinds::hooks())]
    hooks: Vec<HookKind>,
    /// Go on although git looks for the hooks outside this repository, where others share them
    #[arg(long)]
    shared: bool,
    /// For every repository of yours, by git's global config
    #[arg(long, conflicts_with = "shared")]
    global: bool,
    /// For every repository of every user of this machine, by git's system config; needs root
    #[arg(long, conflicts_with_all = ["shared", "global"])]
    system: bool,
    /// In a template directory, from which `git init` and `git clone` copy (init.templateDir)
    #[arg(long, value_name = "DIR", conflicts_with_all = ["shared", "global", "system"])]
    template: Option<PathBuf>,
    /// The AI agents of this repository, or with --global those of yours, and not git's hooks [default: install: those
    /// that are used here; uninstall: all]
    #[arg(long, value_name = "AGENT", value_parser = kinds::agents(), num_args = 0.., conflicts_with_all = ["hooks", "shared", "system", "template"])]
    agents: Option<Vec<Agent>>,
}

pub(super) fn install(args: &InstallArgs) -> Result<Exit> {
    if let Some(names) = &args.which.agents {
        return agents::install(names, args.which.global);
    }
    if let Some(scope) = args.which.scope() {
        return everywhere::install(scope, &args.which);
    }
    if let Some(template) = &args.which.template {
        return template::install(template, &args.which);
    }
    let place = args.which.place()?;
    let program = program()?;
    let repo = Repo::from_env()?;
    let top = repo.worktree().ok();
    let mut called = Vec::new();
    let mut kinds = args.which.kinds_to_install()?;
    // Whoever names a hook wants it, whatever calls keyward there already.
    if args.which.hooks.is_empty() {
        kinds = without_called(kinds, &place, top, &mut called)?;
    }
    let installed = kinds
        .into_iter()
        .map(|kind| hook::install(&place, kind, &program))
        .collect::<Result<Vec<Installed>>>()?;
    let mut out = voice::out();
    if !installed.is_empty() {
        writeln!(out, "{}", hook::tell_installed(&installed))?;
    }
    if !called.is_empty() {
        writeln!(out, "{}", hook::tell_called(&called))?;
    }
    for framework in top.into_iter().flat_map(hook::to_be_told) {
        writeln!(out, "{}", framework.advice())?;
    }
    Ok(Exit::Clean)
}

/// The hooks that [`install`] would put in place.
pub(super) fn missing(repo: &Repo, config: &Config) -> Result<Vec<&'static str>> {
    let kinds = InstallArgs::default().which.asked_for(config);
    let place = match place(repo)? {
        Ok(place) => place,
        // Installing says why it goes nowhere.
        Err(_) => return Ok(kinds.into_iter().map(HookKind::name).collect()),
    };
    let kinds = without_called(kinds, &place, repo.worktree().ok(), &mut Vec::new())?;
    let mut missing = Vec::new();
    for kind in kinds {
        let found = hook::inspect(&place, kind)?;
        if !matches!(found.what, What::Keyward { lost: None, .. }) {
            missing.push(kind.name());
        }
    }
    Ok(missing)
}

/// The kinds for which no hook that is there calls keyward: set beside one that does, it would run twice.
fn without_called(
    kinds: Vec<HookKind>,
    place: &Place,
    top: Option<&Path>,
    called: &mut Vec<(HookKind, Caller)>,
) -> Result<Vec<HookKind>> {
    let mut rest = Vec::new();
    for kind in kinds {
        let caller = match hook::inspect(place, kind)? {
            found if found.executable => hook::caller(&found, kind, top),
            _ => None,
        };
        match caller {
            Some(caller) => called.push((kind, caller)),
            None => rest.push(kind),
        }
    }
    Ok(rest)
}

fn tell(uninstalled: &[Uninstalled]) -> Result<Exit> {
    let told = hook::tell_uninstalled(uninstalled);
    writeln!(voice::out(), "{told}")?;
    let any = |is: fn(&Uninstalled) -> bool| uninstalled.iter().any(is);
    Ok(if any(|one| matches!(one, Uninstalled::Parked(_))) {
        Exit::Findings
    } else if any(|one| matches!(one, Uninstalled::Unread(_))) {
        // It may be keyward's.
        Exit::Unread
    } else {
        Exit::Clean
    })
}

pub(super) fn uninstall(args: &UninstallArgs) -> Result<Exit> {
    if let Some(names) = &args.which.agents {
        return agents::uninstall(names, args.which.global);
    }
    if let Some(scope) = args.which.scope() {
        return everywhere::uninstall(scope);
    }
    if let Some(template) = &args.which.template {
        return template::uninstall(template, &args.which);
    }
    // `core.hooksPath` may have been set since: git's own directory is looked at in any case.
    let own = Place::Directory {
        dir: Repo::from_env()?.common_dir()?.join("hooks"),
        in_worktree: false,
    };
    let mut places = vec![own];
    let mut uninstalled = Vec::new();
    let mut failed = None;
    let other = match place(&Repo::from_env()?) {
        Ok(Ok(place)) => Some(place),
        // Other repositories may share it.
        Ok(Err(elsewhere)) if args.which.shared => elsewhere.accept(),
        Ok(Err(_)) => None,
        Err(err) => {
            failed = Some(err);
            None
        }
    };
    if let Some(place) = other.filter(|place| *place != places[0]) {
        places.insert(0, place);
    }
    for place in &places {
        for kind in args.which.kinds_to_uninstall() {
            match hook::uninstall(place, kind) {
                Ok(done) => uninstalled.push(done),
                Err(err) => failed = failed.or(Some(err)),
            }
            match hook::uninstall_parked(place, kind) {
                Ok(done) => uninstalled.extend(done),
                Err(err) => failed = failed.or(Some(err)),
            }
        }
    }
    if let Some(err) = failed {
        // What is gone is told also where another stays.
        if uninstalled.iter().any(|it| *it != Uninstalled::Nothing) {
            tell(&uninstalled)?;
        }
        return Err(err);
    }
    let exit = tell(&uninstalled)?;
    // One that stays goes on with what is noted.
    if args.which.hooks.is_empty() {
        forget(&Repo::from_env()?)?;
    }
    Ok(exit)
}

/// Removes what keyward noted in git's directory, and says what of it somebody may miss.
fn forget(repo: &Repo) -> Result<()> {
    let gone = hook::forget(&repo.git_dirs()?)?;
    let mut out = voice::out();
    for (name, what) in [
        (
            respond::NOTES,
            "what was done about which leak, as `keyward respond` noted it",
        ),
        (proposal::NAME, "what agents had proposed to allow"),
    ] {
        if gone.contains(OsStr::new(name)) {
            writeln!(out, "gone with it: {what}")?;
        }
    }
    Ok(())
}

impl Which {
    fn kinds_to_install(&self) -> Result<Vec<HookKind>> {
        if !self.hooks.is_empty() {
            return Ok(self.of(|kind| self.names(kind)));
        }
        let repo = Repo::from_env()?;
        // Nobody commits there: others push to it.
        if repo.worktree().is_err() {
            return Ok(self.of(|kind| kind.side() == Side::Server));
        }
        Ok(self.asked_for(&Session::load(Some(&repo))?.config))
    }

    /// Where there is no repository: the settings of the machine and the user may ask for more.
    fn kinds_outside(&self) -> Result<Vec<HookKind>> {
        if !self.hooks.is_empty() {
            return Ok(self.of(|kind| self.names(kind)));
        }
        Ok(self.asked_for(&Session::load(None)?.config))
    }

    /// The kinds that these settings ask for.
    fn asked_for(&self, config: &Config) -> Vec<HookKind> {
        HookKind::usual(config).collect()
    }

    /// The config of git's beyond the repository that is meant, if one is.
    fn scope(&self) -> Option<ConfigScope> {
        match (self.global, self.system) {
            (_, true) => Some(ConfigScope::System),
            (true, _) => Some(ConfigScope::Global),
            _ => None,
        }
    }

    fn names(&self, kind: HookKind) -> bool {
        self.hooks.contains(&kind)
    }

    fn kinds_to_uninstall(&self) -> Vec<HookKind> {
        self.of(|kind| self.hooks.is_empty() || self.names(kind))
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
    let mut hooks_dir = repo.hooks_dir()?;
    let git_dir = repo.common_dir()?;
    let mut setting = repo.hooks_path_setting()?;
    // What is installed for every repository goes on to each one's own directory.
    if serves_all(&hooks_dir) {
        hooks_dir = git_dir.join("hooks");
        setting = None;
    }
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

/// The program that hooks are to call.
fn program() -> Result<PathBuf> {
    let program = std::env::current_exe().context("cannot tell where keyward is")?;
    // A link such as ~/.local/bin/keyward stays valid when what it leads to is replaced.
    Ok(named_program().unwrap_or(program))
}

/// The program as it was called, if that names a file: the first argument with a directory in it.
fn named_program() -> Option<PathBuf> {
    let named = PathBuf::from(std::env::args_os().next()?);
    let absolute = std::path::absolute(&named).ok()?;
    (named.components().count() > 1 && absolute.is_file()).then_some(absolute)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_help_names_the_hooks_that_are_installed() {
        let command = <InstallArgs as clap::Args>::augment_args(clap::Command::new("install"));
        let hooks = command.get_arguments().find(|arg| arg.get_id() == "hooks");
        let help = hooks
            .and_then(|arg| arg.get_help())
            .map(ToString::to_string);
        let kinds: Vec<&str> = HookKind::usual(&Config::default())
            .map(HookKind::name)
            .collect();
        let (last, most) = kinds.split_last().expect("some are");
        let named = format!("[default: {} and {last}", most.join(", "));
        assert!(help.is_some_and(|help| help.contains(&named)), "{named}");
    }
}
