//! `keyward config`: the settings in force, where they come from, and what others share.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use keyward::allow::AllowList;
use keyward::config::{self, Config, Extends, Layer, Origin, Remote, Resolved, Vendored};
use keyward::disk;
use keyward::git::Repo;
use keyward::shell::shown;

use super::session::Session;
use super::settings::{self, SettingsArgs};
use super::{Exit, Misuse};

/// Show the settings in force, check them, or fetch those that a team shares
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Print every setting with the layer and the line that it comes from
    Show {
        #[command(flatten)]
        settings: SettingsArgs,
    },
    /// Check the settings that lie here and those that are staged, their own rules included
    Check {
        /// A settings file [default: all that are in force]
        file: Option<PathBuf>,
    },
    /// Fetch what `extends` names by git into .keyward, to be reviewed and committed
    Update,
    /// Print the JSON schema of a settings file, for editors
    Schema,
}

pub(super) fn run(args: &Args) -> Result<Exit> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    match &args.command {
        Command::Show { settings } => show(settings, &mut out)?,
        Command::Check { file } => check(file.as_deref(), &mut out)?,
        Command::Update => update(&mut out)?,
        Command::Schema => out.write_all(config::schema()?.as_bytes())?,
    }
    out.flush()?;
    Ok(Exit::Clean)
}

fn show(settings: &SettingsArgs, out: &mut impl Write) -> Result<()> {
    let repo = Repo::around(Path::new("."))?;
    let mut layers = settings::at_hand(repo.as_ref())?;
    layers.extend(settings.layers()?);
    let config = Session::new(layers, AllowList::default())?.config;
    for [key, value, place, note] in rows(&config) {
        writeln!(out, "{key:15}  {value:24}  {place}{note}")?;
    }
    Ok(())
}

/// Name, value, place and remark of each setting, in the order of the names.
fn rows(config: &Config) -> Vec<[String; 4]> {
    let text = |text: &str| shown(text.as_bytes());
    let mut rows = Vec::new();
    for (setting, word) in config.built_in() {
        let place = Origin::BuiltIn.to_string();
        rows.push([
            setting.key().to_owned(),
            setting.written(word),
            place,
            String::new(),
        ]);
    }
    // Of those with one value, the one that comes last holds.
    let mut last = BTreeMap::new();
    for (at, resolved) in config.trail.iter().enumerate() {
        if resolved.held.is_none() {
            last.insert(resolved.said.value.setting, at);
        }
    }
    for (at, Resolved { said, held }) in config.trail.iter().enumerate() {
        let setting = said.value.setting;
        let note = match held {
            Some(lock) => format!("  no effect: locked by {}", text(&lock.to_string())),
            None if setting.is_single() && last.get(&setting) != Some(&at) => {
                "  no effect: a later layer sets it".to_owned()
            }
            None => String::new(),
        };
        let value = setting.written(&text(said.value.name()));
        rows.push([
            setting.key().to_owned(),
            value,
            text(&said.at.to_string()),
            note,
        ]);
    }
    for (setting, at) in &config.locks {
        let value = format!("\"{}\"", setting.key());
        rows.push([
            "lock".to_owned(),
            value,
            text(&at.to_string()),
            String::new(),
        ]);
    }
    rows.sort_by(|one, other| one[0].cmp(&other[0]));
    rows
}

fn check(file: Option<&Path>, out: &mut impl Write) -> Result<()> {
    if let Some(file) = file {
        let layer = Layer::read(Origin::Repository, file)?.ok_or_else(|| {
            Misuse(format!(
                "there is no `{}`: name a settings file",
                file.display()
            ))
        })?;
        Session::new(vec![layer], AllowList::default())?;
        writeln!(out, "{}: all is well", shown(path_bytes(file).as_ref()))?;
        return Ok(());
    }
    let repo = Repo::around(Path::new("."))?;
    let here = Session::load(repo.as_ref())?;
    if let Some(repo) = &repo {
        Session::for_commit(repo, Vec::new())?;
    }
    let settings = here.config.trail.len() + here.config.locks.len();
    let held = here.config.trail.iter().filter(|step| step.held.is_some());
    let held = held.count();
    write!(out, "{settings} settings and {} allowed findings, ", {
        here.allowed.entries().count()
    })?;
    match held {
        0 => writeln!(out, "all is well")?,
        _ => writeln!(
            out,
            "all is well but that locks keep {held} from having an effect: keyward config show"
        )?,
    }
    Ok(())
}

fn path_bytes(path: &Path) -> Vec<u8> {
    path.to_string_lossy().into_owned().into_bytes()
}

fn update(out: &mut impl Write) -> Result<()> {
    let repo = Repo::from_env()?;
    let top = repo.worktree()?;
    let own = config::in_working_tree(top, config::FILE_NAME)?;
    let own = own
        .map(|bytes| Layer::parse(Origin::Repository, &bytes, config::FILE_NAME))
        .transpose()?;
    let remotes: Vec<Remote> = own
        .iter()
        .flat_map(|layer| &layer.extends)
        .filter_map(|extends| match &extends.value {
            Extends::Git(remote) => Some(remote.clone()),
            Extends::Path(_) => None,
        })
        .collect();
    let recorded = match config::in_working_tree(top, config::RECORD_NAME)? {
        Some(bytes) => config::parse_record(&bytes)?,
        None if remotes.is_empty() => {
            writeln!(
                out,
                "{} names nothing by git: there is nothing to fetch",
                config::FILE_NAME
            )?;
            return Ok(());
        }
        None => Vec::new(),
    };
    // All is fetched and understood before anything is written.
    let mut fetched = Vec::new();
    for remote in &remotes {
        let Remote { git, rev, path } = remote;
        let file = repo
            .fetch_file(git, rev, path, Layer::MOST_BYTES)
            .with_context(|| format!("cannot fetch {path} of {git}"))?;
        Layer::parse(Origin::Team, &file.content, path)?;
        fetched.push((remote, file));
    }
    let mut vendored: Vec<Vendored> = Vec::new();
    for (remote, file) in &fetched {
        let path = remote.vendored();
        let before = config::in_working_tree(top, &path)?;
        let what = match before {
            None => "new",
            Some(before) if before == file.content => "unchanged",
            Some(_) => "changed",
        };
        put(top, &path, &file.content)?;
        writeln!(
            out,
            "{what:9}  {path}  {} of {} at {}",
            remote.rev,
            remote.git,
            &file.commit[..12.min(file.commit.len())]
        )?;
        vendored.push(Vendored::new(remote, &file.commit, &file.content));
    }
    vendored.sort();
    vendored.dedup();
    let kept: Vec<String> = vendored.iter().map(Vendored::file).collect();
    for old in recorded.iter().map(Vendored::file) {
        if !kept.contains(&old) && config::in_working_tree(top, &old)?.is_some() {
            fs::remove_file(top.join(&old)).with_context(|| format!("cannot remove {old}"))?;
            writeln!(out, "{:9}  {old}", "removed")?;
        }
    }
    put(
        top,
        config::RECORD_NAME,
        config::record(&vendored).as_bytes(),
    )?;
    writeln!(
        out,
        "read it with git diff, then: git add {} {}",
        config::FILE_NAME,
        config::VENDOR_DIRECTORY
    )?;
    Ok(())
}

/// Writes a file below [`config::VENDOR_DIRECTORY`], to which no link leads.
fn put(top: &Path, path: &str, content: &[u8]) -> Result<()> {
    config::in_working_tree(top, path)?;
    let directory = top.join(config::VENDOR_DIRECTORY);
    if !directory.is_dir() {
        fs::create_dir(&directory)
            .with_context(|| format!("cannot make {}", config::VENDOR_DIRECTORY))?;
    }
    disk::replace(&top.join(path), content).with_context(|| format!("cannot write {path}"))
}
