//! `keyward install --agents` and `keyward uninstall --agents`: the settings of AI agents.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use directories::BaseDirs;

use super::super::{Exit, Misuse, voice};
use super::program;
use crate::agent::Agent;
use crate::agent::edit::Problem;
use crate::agent::settings::{Settings, is_own_program, mentions_us};
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

    /// The files of an agent's settings, each as it is named and as it lies.
    pub(in crate::cli) fn files(&self, settings: &Settings) -> Vec<(String, PathBuf)> {
        let lies = |named: String| {
            let file = self.base.join(&named);
            // The dotfiles of a user may be links to where they are kept.
            let real = match self.of_user {
                true => fs::canonicalize(&file).unwrap_or(file),
                false => file,
            };
            (named, real)
        };
        settings.files(self.of_user).into_iter().map(lies).collect()
    }

    pub(in crate::cli) fn read(&self, named: &str, file: &Path) -> Result<Option<String>> {
        let bytes = match self.of_user {
            true => disk::read_regular(file, MOST_BYTES),
            false => disk::read_inside(&self.base, named, MOST_BYTES),
        };
        let bytes = bytes.with_context(|| format!("cannot read {}", shown_path(file)))?;
        let text = bytes.map(String::from_utf8).transpose();
        text.map_err(|_| unfit(file, Problem::Unreadable))
    }

    /// Whether an agent has left its traces here or in the home directory.
    fn has_traces(&self, settings: &Settings) -> bool {
        let is_there = |base: &Path, of_user: bool| {
            let Some(file) = settings.files(of_user).into_iter().next() else {
                return false;
            };
            let above = Path::new(&file).parent().unwrap_or(Path::new(""));
            const PARTS: &[&str] = &["Hooks", "hooks", "plugin", "plugins"];
            let is_part = |name: &std::ffi::OsStr| PARTS.iter().any(|part| name == *part);
            let own = match above.file_name().is_some_and(is_part) {
                // Where all that a forge reads stands, too.
                true if above.starts_with(".github") => above,
                true => above.parent().unwrap_or(above),
                false => above,
            };
            base.join(own).is_dir()
        };
        is_there(&self.home, true) || (!self.of_user && is_there(&self.base, false))
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
    let is_toml = file.extension().is_some_and(|it| it == "toml");
    let why = match problem {
        Problem::Unreadable if is_toml => "is no TOML that can be read",
        Problem::Unreadable => "is no JSON that can be read",
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
            writeln!(
                out,
                "{} runs what is set for Copilot and for Claude Code: keyward install --agents copilot",
                agent.title()
            )?;
            continue;
        };
        let files = place.files(settings);
        if files.is_empty() {
            writeln!(
                out,
                "{} has hooks of a user alone: keyward install --agents {} --global",
                agent.title(),
                agent.name()
            )?;
            continue;
        }
        for (named, file) in files {
            let is_new = put(&place, agent, settings, &named, &file)?;
            let done = match is_new {
                true => "asks keyward from now on",
                false => "asks keyward already",
            };
            let shown = match of_user {
                true => shown_path(&file),
                false => named,
            };
            writeln!(out, "{} {done}: {shown}", agent.title())?;
        }
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

/// Writes a file of an agent's settings, and says whether it was another before.
fn put(place: &Place, agent: Agent, settings: &Settings, named: &str, file: &Path) -> Result<bool> {
    let old = place.read(named, file)?;
    let command = place.command(agent)?;
    let new = match settings.program(named, &command) {
        // A file of that name that somebody else wrote.
        Some(_) if old.as_deref().is_some_and(|old| !is_own_program(old)) => {
            return Err(unfit(file, Problem::Shape));
        }
        Some(program) => program,
        None => settings
            .filled(old.as_deref(), &command, place.of_user)
            .map_err(|problem| unfit(file, problem))?,
    };
    if old.as_deref() == Some(&new) {
        return Ok(false);
    }
    let cannot_write = || format!("cannot write {}", shown_path(file));
    if let Some(directory) = file.parent() {
        fs::create_dir_all(directory).with_context(cannot_write)?;
    }
    disk::replace(file, new.as_bytes()).with_context(cannot_write)?;
    #[cfg(unix)]
    if settings.are_run() {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::Permissions::from_mode(0o755);
        fs::set_permissions(file, mode).with_context(cannot_write)?;
    }
    Ok(true)
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
        for (named, file) in place.files(settings) {
            if take(&place, settings, &named, &file)? {
                is_any = true;
                let shown = shown_path(&file);
                writeln!(out, "{} no longer asks keyward: {shown}", agent.title())?;
            }
        }
    }
    if !is_any {
        writeln!(out, "no agent asks keyward here")?;
    }
    Ok(Exit::Clean)
}

/// Takes what is keyward's out of a file of an agent's settings; whether there was something.
fn take(place: &Place, settings: &Settings, named: &str, file: &Path) -> Result<bool> {
    let Some(old) = place.read(named, file)? else {
        return Ok(false);
    };
    let rest = match settings.program(named, "") {
        Some(_) if is_own_program(&old) => None,
        Some(_) => return Ok(false),
        None => match settings.emptied(&old) {
            Ok(rest) => rest,
            // What nobody can read holds nothing of keyward's.
            Err(_) if !mentions_us(&old) => return Ok(false),
            Err(problem) => return Err(unfit(file, problem)),
        },
    };
    if rest.as_deref() == Some(&old) {
        return Ok(false);
    }
    let cannot_write = || format!("cannot write {}", shown_path(file));
    match rest {
        Some(rest) => disk::replace(file, rest.as_bytes()).with_context(cannot_write)?,
        None => {
            fs::remove_file(file).with_context(cannot_write)?;
            // Only if nothing is in them.
            let above = file.ancestors().skip(1);
            for above in above.take_while(|above| *above != place.base) {
                if fs::remove_dir(above).is_err() {
                    break;
                }
            }
        }
    }
    Ok(true)
}
