//! What is to be known of a repository's set-up before anybody judges it, gathered once.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::{policy, programs};
use crate::cli::install;
use crate::cli::session::Session;
use crate::config::Config;
use crate::doctor::{self, Check, Hooks, Shadow};
use crate::git::{ConfigHook, ConfigScope, LeftOut, Repo};
use crate::hook::{self, Elsewhere, Found, HookKind, Place, Side, Want, What};

/// The facts of a set-up.
pub(super) struct Facts<'r> {
    repo: &'r Repo,
    /// Hooks that are not keyward's own are run in the self-test, too.
    others_are_run: bool,
    /// The repository was made for this, as new ones are.
    pub(super) is_new: bool,
    pub(super) side: Side,
    /// The settings, as far as they can be read.
    config: Config,
    /// What judges a commit; `None` if something keeps every commit from being judged.
    pub(super) session: Option<Session>,
    /// What reading the settings gave.
    pub(super) read: Vec<Check>,
    /// Where git finds the hooks.
    place: Result<Place, Elsewhere>,
    /// What stands there, for each kind that is needed or keyward's.
    found: Vec<(HookKind, Found)>,
    /// The lines of git's config that name keyward.
    named: Vec<(HookKind, ConfigHook)>,
    /// The lines of git's config that name something else.
    others: Vec<(HookKind, ConfigHook)>,
}

impl<'r> Facts<'r> {
    pub(super) fn gather(repo: &'r Repo, others_are_run: bool, is_new: bool) -> Result<Self> {
        let side = match repo.worktree() {
            Ok(_) => Side::Developer,
            Err(_) => Side::Server,
        };
        let (session, read) = policy::read(repo, side);
        let config = session.as_ref().map(|session| session.config.clone());
        let config = config.unwrap_or_default();
        let place = effective_place(repo)?;
        let accepted = match &place {
            Ok(place) => Some(place.clone()),
            Err(elsewhere) => elsewhere.clone().accept(),
        };
        let found = match accepted {
            Some(place) => found_in(repo, &place, |kind| {
                kind.side() == side && kind.want(&config) == Want::Needed
            })?,
            None => Vec::new(),
        };
        let mut lines = Vec::new();
        for &kind in HookKind::ALL {
            let hooks = repo.config_hooks(kind.name())?.into_iter();
            lines.extend(hooks.map(|hook| (kind, hook)));
        }
        let (named, others) = lines
            .into_iter()
            .partition(|(_, hook)| hook.name.starts_with("keyward"));
        Ok(Self {
            repo,
            others_are_run,
            is_new,
            side,
            config,
            session,
            read,
            place,
            found,
            named,
            others,
        })
    }

    /// The kinds for which git's config runs keyward.
    fn by_config(&self) -> Vec<HookKind> {
        let on = self.named.iter().filter(|(_, hook)| hook.off.is_none());
        on.map(|(kind, _)| *kind).collect()
    }

    /// The hooks, where git looks for them.
    pub(super) fn hooks(&self) -> Result<Vec<Check>> {
        let off = self
            .named
            .iter()
            .filter_map(|(kind, hook)| Some((*kind, hook.off.clone()?)));
        let setting = self.repo.hooks_path_setting()?;
        let own_dir = self.repo.common_dir()?.join("hooks");
        let scope = self.repo.hooks_path_scope();
        let scope = scope.unwrap_or_default().unwrap_or_default();
        let shadow = setting
            .as_ref()
            .map(|(value, origin)| self.shadow(value, origin, &scope, &own_dir));
        let is_husky = matches!(self.place, Ok(Place::Husky { .. }));
        Ok(doctor::hooks(&Hooks {
            found: &self.found,
            shadow,
            own_dir: &own_dir,
            side: self.side,
            by_config: &self.by_config(),
            off: &off.collect::<Vec<_>>(),
            others_are_run: self.others_are_run,
            is_new: self.is_new,
            husky_off: is_husky && env::var_os("HUSKY").is_some_and(|value| value == "0"),
        }))
    }

    /// What `core.hooksPath` does here.
    fn shadow<'s>(
        &self,
        value: &'s str,
        origin: &'s str,
        scope: &'s str,
        own_dir: &Path,
    ) -> Shadow<'s> {
        let own = Place::Directory {
            dir: own_dir.to_owned(),
            in_worktree: false,
        };
        let is_read = |path: &Path| self.found.iter().any(|(_, found)| found.path == path);
        // The scripts for every repository go on to its own hooks.
        let go_on =
            matches!(&self.place, Ok(Place::Directory { dir, .. }) if install::serves_all(dir));
        let dead = HookKind::ALL
            .iter()
            .filter_map(|&kind| hook::inspect(&own, kind).ok())
            .filter(|hook| matches!(hook.what, What::Keyward { .. }) && !is_read(&hook.path))
            .filter(|_| !go_on);
        let outside = self.place.is_err();
        Shadow {
            value,
            origin,
            scope,
            outside,
            off: outside && self.found.is_empty(),
            dead: dead.map(|hook| hook.path).collect(),
            hidden: hidden_hooks(scope),
        }
    }

    /// The programs that the hooks call, one line each; usually they call one.
    pub(super) fn programs(&self) -> Vec<Check> {
        let in_hooks = self
            .found
            .iter()
            .filter_map(|(_, found)| match &found.what {
                What::Keyward { program, .. } => program.clone(),
                _ => None,
            });
        let lines = self.named.iter();
        let in_config = lines.filter_map(|(_, named)| hook::program_of(&named.command));
        let mut programs: Vec<PathBuf> = in_hooks.chain(in_config).collect();
        programs.sort();
        programs.dedup();
        programs::called(programs)
    }

    /// The kinds that the self-test runs: those that should refuse a key, where keyward, or whatever
    /// stands in its place and may be run, is there.
    pub(super) fn tested(&self) -> Vec<HookKind> {
        let by_config = self.by_config();
        let is_run = |kind: HookKind| {
            let found = self.found.iter().find(|(found, _)| *found == kind);
            by_config.contains(&kind)
                || found.is_some_and(|(_, found)| {
                    found.executable
                        && match &found.what {
                            What::Keyward { .. } => true,
                            What::Foreign | What::Mention | What::Empty => self.others_are_run,
                            What::Nothing | What::NoFile => false,
                        }
                })
        };
        let all = HookKind::ALL.iter().copied();
        all.filter(|&kind| kind.refuses(&self.config) && is_run(kind))
            .collect()
    }

    /// keyward's scripts that another tool's hook runs: alone, unless that tool's are to be run, too.
    pub(super) fn alone(&self) -> Vec<(String, PathBuf)> {
        let below = self.found.iter().filter(|(_, found)| found.is_below);
        let alone = below.map(|(kind, found)| (kind.name().to_owned(), found.path.clone()));
        alone.filter(|_| !self.others_are_run).collect()
    }

    /// What is not keyward's among the hooks of these kinds, unless it is to be run.
    pub(super) fn left_out(&self, kinds: &[HookKind]) -> Vec<LeftOut> {
        if self.others_are_run {
            return Vec::new();
        }
        let by_config = self.by_config();
        let is_keyward = |kind: HookKind| {
            let mut found = self.found.iter();
            found.any(|(other, found)| *other == kind && matches!(found.what, What::Keyward { .. }))
        };
        let others = |kind: HookKind| {
            let others = self.others.iter().filter(move |(other, _)| *other == kind);
            others.map(|(_, hook)| hook.name.clone()).collect()
        };
        let left_out = |&kind: &HookKind| LeftOut {
            kind: kind.name().to_owned(),
            // Where it is keyward's, it is the one that does the work.
            in_directory: by_config.contains(&kind) && !is_keyward(kind),
            named: others(kind),
        };
        kinds.iter().map(left_out).collect()
    }
}

/// What stands where git looks for hooks. Beyond those that are needed, only what is keyward's
/// matters.
fn found_in(
    repo: &Repo,
    place: &Place,
    is_needed: impl Fn(HookKind) -> bool,
) -> Result<Vec<(HookKind, Found)>> {
    let calls_keyward = |what: &What| matches!(what, What::Keyward { program: Some(program), .. } if !program.as_os_str().is_empty());
    let mut all = Vec::new();
    for &kind in HookKind::ALL {
        let mut found = hook::inspect(place, kind)?;
        if hook::caller(&found, kind, repo.worktree().ok()).is_some() {
            found.what = What::Mention;
        }
        if is_needed(kind) || calls_keyward(&found.what) {
            all.push((kind, found));
        }
    }
    Ok(all)
}

/// Where git finds the hooks. What is installed for every repository counts as it stands.
fn effective_place(repo: &Repo) -> Result<Result<Place, Elsewhere>> {
    let hooks_dir = repo.hooks_dir()?;
    if install::serves_all(&hooks_dir) {
        return Ok(Ok(Place::Directory {
            dir: hooks_dir,
            in_worktree: false,
        }));
    }
    install::place(repo)
}

/// keyward's hooks for every repository that git would run, were `core.hooksPath` not set in a scope
/// that goes before theirs.
fn hidden_hooks(by: &str) -> Option<PathBuf> {
    let hidden = match by {
        "system" => &[][..],
        "global" => &[ConfigScope::System],
        _ => &[ConfigScope::Global, ConfigScope::System],
    };
    hidden.iter().find_map(|&scope| {
        let (value, _) = Repo::hooks_path_in(scope).ok()??;
        let dir = PathBuf::from(value);
        install::serves_all(&dir).then_some(dir)
    })
}
