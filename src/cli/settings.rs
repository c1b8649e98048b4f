//! The layers of settings that hold for a command, and the policy that a commit would change.

use std::path::PathBuf;

use anyhow::{Context, Result};
use bstr::BStr;

use super::Misuse;
use crate::allow;
use crate::config::{self, Config, Layer, Origin};
use crate::git::Repo;
use crate::shell::shown_path;

/// Settings of the command line.
#[derive(Debug, Default, clap::Args)]
pub(super) struct SettingsArgs {
    /// A settings file on top of all others
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// One setting on top of all others, such as scan.threshold=certain
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
}

impl SettingsArgs {
    /// What was typed, as layers.
    pub(super) fn layers(&self) -> Result<Vec<Layer>> {
        let mut layers = Vec::new();
        if let Some(file) = &self.config {
            layers = config::named(Origin::CommandLine, file)?;
            if layers.is_empty() {
                let name = shown_path(file);
                return Err(Misuse(format!("there is no `{name}`: name a settings file")).into());
            }
        }
        for set in &self.set {
            layers.push(one(set)?);
        }
        Ok(layers)
    }
}

/// The layer of one `--set`. A value need not be quoted as in a file.
fn one(set: &str) -> Result<Layer> {
    const NAME: &str = "--set";
    let Some((key, value)) = set.split_once('=') else {
        return Err(Misuse("--set takes KEY=VALUE, such as scan.threshold=certain".into()).into());
    };
    let parse = |text: &str| Layer::parse(Origin::CommandLine, text.as_bytes(), NAME);
    // A word need not be quoted, nor stand in a list where it is the only one.
    let as_word = || {
        let plain = |b: u8| b.is_ascii_graphic() && b != b'\'' && b != b'[';
        let word = !value.is_empty() && value.bytes().all(plain);
        let forms = [format!("{key} = '{value}'"), format!("{key} = ['{value}']")];
        word.then(|| forms.iter().find_map(|form| parse(form).ok()))
            .flatten()
    };
    match parse(&format!("{key} = {value}")) {
        Ok(layer) => Ok(layer),
        Err(error) => as_word().ok_or_else(|| error.into()),
    }
}

/// The layers of a machine and a repository as they lie in the working tree, where a person edits
/// them, or else as staged; without a working tree, as committed on the repository's own branch.
pub(super) fn at_hand(repo: Option<&Repo>) -> Result<Vec<Layer>> {
    let mut layers = config::machine()?;
    if let Some(repo) = repo {
        layers.extend(match in_working_tree(repo)? {
            found if !found.is_empty() => found,
            _ if repo.worktree().is_err() => {
                config::repository(&|path| repo.at_head(BStr::new(path)))?
            }
            _ => config::repository(&|path| staged(repo, path))?,
        });
    }
    Ok(layers)
}

/// The settings for a commit.
pub(super) struct ForCommit {
    /// The layers in force.
    pub(super) layers: Vec<Layer>,
    /// In what the commit makes the repository's policy weaker.
    pub(super) weaker: Vec<String>,
}

/// The layers that judge a commit: the policy that it would commit, whatever the working tree
/// holds, so that what passes here passes for everybody. Only a policy that git doesn't know yet is
/// read from the working tree.
pub(super) fn for_commit(repo: &Repo) -> Result<ForCommit> {
    let machine = config::machine()?;
    let with = |own: Vec<Layer>| [machine.clone(), own].concat();
    let name = BStr::new(config::FILE_NAME);
    // The second is asked for as soon as the settings are known.
    repo.look_up(&[name, BStr::new(allow::FILE_NAME)])
        .context("cannot read the index")?;
    let policy = repo
        .versions(name)
        .with_context(|| format!("cannot read {name}"))?;
    if !policy.staged && !policy.committed {
        let layers = with(in_working_tree(repo)?);
        let weaker = Vec::new();
        return Ok(ForCommit { layers, weaker });
    }
    let own = config::repository(&|path| staged(repo, path))?;
    let extends = |layers: &[Layer]| layers.iter().any(|layer| !layer.extends.is_empty());
    let mut weaker = Vec::new();
    if !policy.same || extends(&own) {
        // A policy that could not be understood is no measure.
        if let Ok(before) = config::repository(&|path| repo.at_head(BStr::new(path))) {
            let (before, after) = (with(before), with(own.clone()));
            weaker = config::weaker(&Config::fold(before), &Config::fold(after));
        }
    }
    let layers = with(own);
    Ok(ForCommit { layers, weaker })
}

/// A file as staged.
fn staged(repo: &Repo, path: &str) -> Result<Option<Vec<u8>>> {
    repo.indexed(BStr::new(path))
        .with_context(|| format!("cannot read {path}"))
}

fn in_working_tree(repo: &Repo) -> Result<Vec<Layer>> {
    match repo.worktree() {
        Ok(top) => config::repository(&|path| Ok(config::in_working_tree(top, path)?)),
        Err(_) => Ok(Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(text: &str) -> Result<Vec<String>, String> {
        let layer = one(text).map_err(|error| error.to_string())?;
        let said = |said: &config::Said<config::Step>| {
            format!("{} {}", said.value.setting.key(), said.value.name())
        };
        Ok(layer.steps.iter().map(said).collect())
    }

    #[test]
    fn a_word_needs_neither_quotes_nor_a_list() {
        for (text, expected) in [
            ("scan.threshold=certain", "scan.threshold certain"),
            ("scan.threshold='certain'", "scan.threshold certain"),
            ("scan.exclude=vendor/", "scan.exclude vendor/"),
            ("scan.exclude = ['vendor/']", "scan.exclude vendor/"),
            ("rules.off=slack-*", "rules.off slack-*"),
            ("hooks.trailer=true", "hooks.trailer true"),
        ] {
            assert_eq!(set(text), Ok(vec![expected.to_owned()]), "{text}");
        }
    }

    #[test]
    fn what_is_not_a_setting_is_refused() {
        for text in [
            "",
            "scan.threshold",
            "scan.threshold=",
            "scan.threshold=sure",
            "scan.treshold=certain",
            "scan.threshold=certain\nlock=['rule']\n[",
            "hooks.trailer='yes'",
        ] {
            assert!(set(text).is_err(), "{text:?}: {:?}", set(text));
        }
    }
}
