//! `keyward config`: the settings in force, where they come from, and what others share.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Result;
use bstr::{BString, ByteSlice};

use super::session::Session;
use super::settings::{self, SettingsArgs};
use super::{Exit, Misuse, voice};
use crate::allow::AllowList;
use crate::config::{self, Config, Layer, Origin, Remote, Resolved, Updated, Vendored};
use crate::count::counted;
use crate::disk::Lock;
use crate::git::{self, Repo};
use crate::shell::{shown, shown_path};

/// Show the settings in force, check them, or fetch those that a team shares
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Print every setting with the layer and the line that it comes from
    #[command(after_help = "Examples:\n  \
        keyward config show\n  \
        keyward config show --set scan.threshold=certain")]
    Show {
        #[command(flatten)]
        settings: SettingsArgs,
    },
    /// Check the settings that lie here and those that are staged, their own rules included
    #[command(after_help = "Examples:\n  \
        keyward config check\n  \
        keyward config check .keyward.toml")]
    Check {
        /// A settings file [default: all that are in force]
        file: Option<PathBuf>,
    },
    /// Fetch what `extends` names by git into .keyward, to be reviewed and committed
    #[command(after_help = "Examples:\n  keyward config update")]
    Update,
    /// Print the JSON schema of a settings file, for editors
    #[command(after_help = "Examples:\n  keyward config schema >keyward.schema.json")]
    Schema,
}

pub(super) fn run(args: &Args) -> Result<Exit> {
    let mut out = voice::out();
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
        writeln!(out, "{key:17}  {value:24}  {place}{note}")?;
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
            let file = shown_path(file);
            Misuse(format!("there is no `{file}`: name a settings file"))
        })?;
        Session::new(vec![layer], AllowList::default())?;
        writeln!(out, "{}: all is well", shown_path(file))?;
        if is_nested(file)? {
            writeln!(out, "but it has no effect: {TOP}")?;
        }
        return Ok(());
    }
    let repo = Repo::around(Path::new("."))?;
    let here = Session::load(repo.as_ref())?;
    if let Some(repo) = &repo {
        Session::for_commit(repo, Vec::new())?;
        for path in nested(repo)? {
            writeln!(out, "{} has no effect: {TOP}", shown(&path))?;
        }
    }
    let settings = here.config.trail.len() + here.config.locks.len();
    let held = here.config.trail.iter().filter(|step| step.held.is_some());
    let held = held.count();
    let allowed = counted(here.allowed.entries().count(), "allowed finding");
    write!(out, "{} and {allowed}, ", counted(settings, "setting"))?;
    match held {
        0 => writeln!(out, "all is well")?,
        _ => writeln!(
            out,
            "all is well but that locks keep {held} from having an effect: keyward config show"
        )?,
    }
    Ok(())
}

/// Where settings are read from in a repository.
const TOP: &str = "settings are read at the top of the repository alone";

/// Whether a settings file lies below the top of a repository.
fn is_nested(file: &Path) -> Result<bool> {
    let parent = file.parent().filter(|dir| !dir.as_os_str().is_empty());
    let is_own = file
        .file_name()
        .is_some_and(|name| name == config::FILE_NAME);
    let repo = Repo::around(parent.unwrap_or(Path::new(".")))?;
    Ok(match repo {
        Some(repo) if is_own && repo.worktree().is_ok() => {
            repo.path_of(file)?.as_bstr() != config::FILE_NAME
        }
        _ => false,
    })
}

/// The settings files of a working tree that nobody reads.
fn nested(repo: &Repo) -> Result<Vec<BString>> {
    let Ok(top) = repo.worktree() else {
        return Ok(Vec::new());
    };
    let own = [b"/", config::FILE_NAME.as_bytes()].concat();
    let files = repo.worktree_files(&[top.to_owned()])?;
    let paths = files.filter_map(|file| Some(file.ok()?.path));
    Ok(paths.filter(|path| path.ends_with(&own)).collect())
}

fn update(out: &mut impl Write) -> Result<()> {
    let repo = Repo::from_env()?;
    let fetch = |Remote { git, rev, path }: &Remote| {
        let git::Fetched { content, commit } =
            repo.fetch_file(git, rev, path, Layer::MOST_BYTES)?;
        Ok(config::Fetched { content, commit })
    };
    let _lock = Lock::of(&repo.common_dir()?);
    let Some(updated) = config::update(repo.worktree()?, repo.git_dir(), &fetch)? else {
        writeln!(
            out,
            "{} names no file of another repository: there is nothing to fetch",
            config::FILE_NAME
        )?;
        return Ok(());
    };
    for Updated { path, state, from } in updated {
        write!(out, "{state:9}  {path}")?;
        if let Some(Vendored {
            git, rev, commit, ..
        }) = from
        {
            let commit = &commit[..12.min(commit.len())];
            write!(out, "  {rev} of {git} at {commit}")?;
        }
        writeln!(out)?;
    }
    writeln!(
        out,
        "stage it, and read it before you commit: git add {} {} && git diff --cached",
        config::FILE_NAME,
        config::VENDOR_DIRECTORY
    )?;
    Ok(())
}
