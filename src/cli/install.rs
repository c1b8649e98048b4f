//! `keyward install` and `keyward uninstall`.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use directories::{BaseDirs, ProjectDirs};
use keyward::config::Config;
use keyward::git::{ConfigScope, Repo};
use keyward::hook::{
    self, Elsewhere, Framework, HookKind, HooksPath, Machine, Place, Refused, Site, Taken,
    Uninstalled, Unsafe,
};
use keyward::shell::{quoted_path, shown_path};

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
    /// For every repository of yours, by git's global config
    #[arg(long, conflicts_with = "shared")]
    global: bool,
    /// For every repository of every user of this machine, by git's system config; needs root
    #[arg(long, conflicts_with_all = ["shared", "global"])]
    system: bool,
    /// In a template directory, from which `git init` and `git clone` copy (init.templateDir)
    #[arg(long, value_name = "DIR", conflicts_with_all = ["shared", "global", "system"])]
    template: Option<PathBuf>,
}

pub(super) fn install(args: &InstallArgs) -> Result<Exit> {
    if let Some(scope) = args.which.scope() {
        return install_everywhere(scope, &args.which);
    }
    if let Some(template) = &args.which.template {
        return install_in_template(template, &args.which);
    }
    let place = args.which.place()?;
    let program = program()?;
    let installed = args
        .which
        .kinds_to_install()?
        .into_iter()
        .map(|kind| hook::install(&place, kind, &program))
        .collect::<Result<Vec<_>>>()?;
    let mut out = io::stdout().lock();
    writeln!(out, "{}", hook::tell_installed(&installed))?;
    if let Ok(top) = Repo::from_env()?.worktree() {
        for framework in Framework::found(top) {
            writeln!(out, "{}", framework.advice())?;
        }
    }
    Ok(Exit::Clean)
}

/// Every repository of the user, or of every user.
fn install_everywhere(scope: ConfigScope, which: &Which) -> Result<Exit> {
    let kinds = which.kinds_outside()?;
    let (machine, program) = (machine(scope)?, program()?);
    let way = machine
        .install(&kinds, &program)
        .map_err(|error| as_told(error, "install", scope))?;
    let told = hook::tell_installed_globally(&kinds, &machine, way);
    writeln!(io::stdout().lock(), "{told}")?;
    Ok(Exit::Clean)
}

/// An error of [`Machine`]'s, with the way out that this command has.
fn as_told(error: anyhow::Error, command: &str, scope: ConfigScope) -> anyhow::Error {
    if error.is::<Taken>() || error.is::<Unsafe>() {
        return Misuse(error.to_string()).into();
    }
    match (error.downcast_ref::<Refused>(), program()) {
        (Some(refused), Ok(program))
            if refused.is_denied() && scope == ConfigScope::System && cfg!(unix) =>
        {
            anyhow::anyhow!(
                "{}. Run it as root: sudo {} {command} --system",
                refused.tried(),
                quoted_path(&program)
            )
        }
        _ => error,
    }
}

/// The hooks of repositories that are yet to be made: git copies them from the template.
fn install_in_template(template: &Path, which: &Which) -> Result<Exit> {
    let template = template_dir(template)?;
    let (place, program) = (template_hooks(&template), program()?);
    for kind in which.kinds_outside()? {
        hook::install(&place, kind, &program)?;
    }
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "keyward's hooks are in {}: a repository that git makes from it has them",
        shown_path(&template.join("hooks"))
    )?;
    writeln!(
        out,
        "git makes repositories from it as soon as you say: git config --global init.templateDir {}",
        quoted_path(&template)
    )?;
    Ok(Exit::Clean)
}

fn uninstall_from_template(template: &Path, which: &Which) -> Result<Exit> {
    let place = template_hooks(&template_dir(template)?);
    let uninstalled = which
        .kinds_to_uninstall()
        .into_iter()
        .map(|kind| hook::uninstall(&place, kind))
        .collect::<Result<Vec<_>>>()?;
    tell(&uninstalled)
}

/// A template directory, which must be there: what keyward makes it takes away again.
fn template_dir(typed: &Path) -> Result<PathBuf> {
    if !typed.is_dir() {
        let told = format!("there is no directory {}: make it first", shown_path(typed));
        return Err(Misuse(told).into());
    }
    std::path::absolute(typed).context("cannot tell where the template is")
}

fn template_hooks(template: &Path) -> Place {
    Place::Directory {
        dir: template.join("hooks"),
        in_worktree: false,
    }
}

fn uninstall_everywhere(scope: ConfigScope) -> Result<Exit> {
    let uninstalled = machine(scope)?.uninstall();
    let told = match uninstalled.map_err(|error| as_told(error, "uninstall", scope))? {
        true => "keyward no longer checks every repository; git's config is as it was",
        false => "keyward was not installed for every repository: nothing to do",
    };
    writeln!(io::stdout().lock(), "{told}")?;
    Ok(Exit::Clean)
}

fn tell(uninstalled: &[Uninstalled]) -> Result<Exit> {
    let told = hook::tell_uninstalled(uninstalled);
    writeln!(io::stdout().lock(), "{told}")?;
    Ok(Exit::Clean)
}

/// Whether it is the directory of the scripts that serve every repository, of the user or of all.
pub(super) fn serves_all(hooks_dir: &Path) -> bool {
    [ConfigScope::Global, ConfigScope::System]
        .into_iter()
        .any(|scope| hooks_for(scope).is_ok_and(|hooks| hooks == hooks_dir))
}

/// The directory of the scripts that serve every repository of that scope. Those for every user are
/// beside git's own config for them, where the same hands keep both.
fn hooks_for(scope: ConfigScope) -> Result<PathBuf> {
    match scope {
        ConfigScope::Global => ProjectDirs::from("", "", "keyward")
            .map(|dirs| dirs.data_dir().join("hooks"))
            .context("HOME is not set; set it and run this again"),
        ConfigScope::System => {
            let config = Repo::config_file(scope)?;
            Ok(config.with_file_name("keyward").join("hooks"))
        }
    }
}

fn machine(scope: ConfigScope) -> Result<Machine> {
    Ok(Machine {
        scope,
        config: Repo::config_file(scope)?,
        hooks: hooks_for(scope)?,
        git: Repo::version()?,
        hooks_path: Repo::hooks_path_in(scope)?.filter(|(value, _)| !serves_all(Path::new(value))),
    })
}

pub(super) fn uninstall(args: &UninstallArgs) -> Result<Exit> {
    if let Some(scope) = args.which.scope() {
        return uninstall_everywhere(scope);
    }
    if let Some(template) = &args.which.template {
        return uninstall_from_template(template, &args.which);
    }
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
    tell(&uninstalled)
}

impl Which {
    fn kinds_to_install(&self) -> Result<Vec<HookKind>> {
        if !self.hooks.is_empty() {
            return Ok(self.of(|kind| self.hooks.contains(&kind)));
        }
        Ok(self.asked_for(&Session::load(Some(&Repo::from_env()?))?.config))
    }

    /// Where there is no repository: the settings of the machine and the user may ask for more.
    fn kinds_outside(&self) -> Result<Vec<HookKind>> {
        if !self.hooks.is_empty() {
            return Ok(self.of(|kind| self.hooks.contains(&kind)));
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
