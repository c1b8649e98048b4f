//! `keyward install --agents` and `keyward uninstall --agents`: the settings of AI agents.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use directories::BaseDirs;

use super::super::{Exit, Misuse, voice};
use super::program;
use crate::agent::Agent;
use crate::agent::edit::{self, Problem};
use crate::agent::settings::{Settings, is_ours, mentions_us};
use crate::disk;
use crate::git::Repo;
use crate::shell::{quoted_path, shown_path};

/// A bound: no settings of an agent are longer.
const MOST_BYTES: u64 = 4 << 20;

/// Where settings are written.
pub(in crate::cli) struct Place {
    /// The top of the repository, or the home directory.
    base: PathBuf,
    home: PathBuf,
    of_user: bool,
}

impl Place {
    pub(in crate::cli) fn new(of_user: bool) -> Result<Self> {
        let home = BaseDirs::new().map(|dirs| dirs.home_dir().to_owned());
        let home = home.context("cannot tell where your home directory is")?;
        let base = match of_user {
            true => home.clone(),
            false => Repo::from_env()?.worktree()?.to_owned(),
        };
        Ok(Self {
            base,
            home,
            of_user,
        })
    }

    /// The file of an agent's settings, as it is named and as it lies.
    pub(in crate::cli) fn file(&self, settings: &Settings) -> (&'static str, PathBuf) {
        let named = match self.of_user {
            true => settings.user,
            false => settings.project,
        };
        let file = self.base.join(named);
        // The dotfiles of a user may be links to where they are kept.
        let real = match self.of_user {
            true => fs::canonicalize(&file).unwrap_or(file),
            false => file,
        };
        (named, real)
    }

    pub(in crate::cli) fn read(&self, named: &str, file: &Path) -> Result<Option<String>> {
        let bytes = match self.of_user {
            true => disk::read_regular(file, MOST_BYTES),
            false => disk::read_inside(&self.base, named, MOST_BYTES),
        };
        let bytes = bytes.with_context(|| format!("cannot read {}", shown_path(file)))?;
        let text = bytes.map(String::from_utf8).transpose();
        text.map_err(|_| unfit(file, Problem::NotJson))
    }

    /// Whether an agent has left its traces here or in the home directory.
    fn has_traces(&self, settings: &Settings) -> bool {
        let directory = |base: &Path, file: &str| {
            let above = Path::new(file).parent().unwrap_or(Path::new(""));
            let is_part = |name: &std::ffi::OsStr| name == "hooks" || name == "plugin";
            let own = match above.file_name().is_some_and(is_part) {
                // Where all that a forge reads stands, too.
                true if above.starts_with(".github") => above,
                true => above.parent().unwrap_or(above),
                false => above,
            };
            base.join(own).is_dir()
        };
        directory(&self.home, settings.user)
            || (!self.of_user && directory(&self.base, settings.project))
    }

    /// The command that the settings are to name. What a team commits finds keyward on PATH.
    fn command(&self, agent: Agent) -> Result<String> {
        let program = match self.of_user {
            true => quoted_path(&program()?),
            false => "keyward".to_owned(),
        };
        Ok(format!("{program} agent-hook {}", agent.name()))
    }
}

fn unfit(file: &Path, problem: Problem) -> anyhow::Error {
    let why = match problem {
        Problem::NotJson => "is no JSON that can be read",
        Problem::Shape => "has something else where keyward's hooks belong",
    };
    Misuse(format!(
        "{} {why}, and was left as it is; mend it, and then: keyward install --agents",
        shown_path(file)
    ))
    .into()
}

pub(super) fn install(names: &[Agent], of_user: bool) -> Result<Exit> {
    let place = Place::new(of_user)?;
    let agents: Vec<Agent> = match names {
        [] => Agent::ALL
            .iter()
            .copied()
            .filter(|&agent| Settings::of(agent).is_some_and(|it| place.has_traces(it)))
            .collect(),
        names => names.to_vec(),
    };
    if agents.is_empty() {
        let told = "no agent has its settings here or in your home directory; name one: keyward install \
                    --agents claude-code";
        return Err(Misuse(told.to_owned()).into());
    }
    let mut out = voice::out();
    for agent in agents {
        let Some(settings) = Settings::of(agent) else {
            writeln!(out, "{}: {}", agent.title(), by_hand(agent))?;
            continue;
        };
        let (named, file) = place.file(settings);
        let is_new = put(&place, agent, settings)?;
        let done = match is_new {
            true => "asks keyward from now on",
            false => "asks keyward already",
        };
        let shown = match of_user {
            true => shown_path(&file),
            false => named.to_owned(),
        };
        writeln!(out, "{} {done}: {shown}", agent.title())?;
        if !settings.then.is_empty() {
            writeln!(out, "  to do    {}", settings.then)?;
        }
        writeln!(out, "  open     {}", settings.open)?;
    }
    if !of_user {
        writeln!(
            out,
            "commit these files, and whoever works here has them; keyward has to be on PATH"
        )?;
    }
    Ok(Exit::Clean)
}

/// What to do for an agent that has no settings of this sort.
fn by_hand(agent: Agent) -> String {
    match agent {
        Agent::VsCode => {
            "runs what is set for Copilot and for Claude Code: keyward install --agents copilot"
                .to_owned()
        }
        agent => format!(
            "add `keyward agent-hook {}` to the hooks of each of its agents, in .kiro/agents: \
             userPromptSubmit, preToolUse and postToolUse",
            agent.name()
        ),
    }
}

/// Writes the settings of an agent, and says whether they were others before.
fn put(place: &Place, agent: Agent, settings: &Settings) -> Result<bool> {
    let (named, file) = place.file(settings);
    let old = place.read(named, &file)?;
    let command = place.command(agent)?;
    let new = match settings.plugin(&command) {
        // A file of that name that somebody else wrote.
        Some(_)
            if old
                .as_deref()
                .is_some_and(|old| !old.starts_with("// keyward:")) =>
        {
            return Err(unfit(&file, Problem::Shape));
        }
        Some(plugin) => plugin,
        None => filled(settings, old.as_deref(), &command, place.of_user)
            .map_err(|problem| unfit(&file, problem))?,
    };
    if old.as_deref() == Some(&new) {
        return Ok(false);
    }
    let cannot_write = || format!("cannot write {}", shown_path(&file));
    if let Some(directory) = file.parent() {
        fs::create_dir_all(directory).with_context(cannot_write)?;
    }
    disk::replace(&file, new.as_bytes()).with_context(cannot_write)?;
    Ok(true)
}

/// The settings with keyward's entries, of this command alone.
fn filled(
    settings: &Settings,
    old: Option<&str>,
    command: &str,
    of_user: bool,
) -> Result<String, Problem> {
    let entries = settings.entries(command, of_user);
    let others = match old {
        Some(old) => edit::without(old, &is_ours)?,
        None => None,
    };
    match others {
        None => edit::new_file(&entries, settings.version()),
        Some(others) => entries
            .iter()
            .try_fold(others, |text, entry| edit::with(&text, entry)),
    }
}

pub(super) fn uninstall(names: &[Agent], of_user: bool) -> Result<Exit> {
    let place = Place::new(of_user)?;
    let is_meant = |agent: &Agent| names.is_empty() || names.contains(agent);
    let mut out = voice::out();
    let mut is_any = false;
    for agent in Agent::ALL.iter().copied().filter(is_meant) {
        let Some(settings) = Settings::of(agent) else {
            continue;
        };
        let (named, file) = place.file(settings);
        let Some(old) = place.read(named, &file)? else {
            continue;
        };
        let rest = match settings.plugin("") {
            Some(_) if old.starts_with("// keyward") => None,
            Some(_) => continue,
            None => match edit::without(&old, &is_ours) {
                Ok(rest) => rest,
                // What nobody can read holds nothing of keyward's.
                Err(_) if !mentions_us(&old) => continue,
                Err(problem) => return Err(unfit(&file, problem)),
            },
        };
        if rest.as_deref() == Some(&old) {
            continue;
        }
        is_any = true;
        let cannot_write = || format!("cannot write {}", shown_path(&file));
        match rest {
            Some(rest) => disk::replace(&file, rest.as_bytes()).with_context(cannot_write)?,
            None => {
                fs::remove_file(&file).with_context(cannot_write)?;
                // Only if nothing is in them.
                for above in file
                    .ancestors()
                    .skip(1)
                    .take_while(|above| *above != place.base)
                {
                    if fs::remove_dir(above).is_err() {
                        break;
                    }
                }
            }
        }
        writeln!(
            out,
            "{} no longer asks keyward: {}",
            agent.title(),
            shown_path(&file)
        )?;
    }
    if !is_any {
        writeln!(out, "no agent asks keyward here")?;
    }
    Ok(Exit::Clean)
}
