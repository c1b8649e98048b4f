//! The layers of settings that hold for a command, and the policy that a commit would change.

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::{Context, Result};
use bstr::{BStr, BString};

use super::Misuse;
use crate::allow;
use crate::config::{self, Config, ConfigError, Layer, Origin, Said, Setting, Step};
use crate::git::{CommitId, Repo};
use crate::rules::RuleSet;
use crate::shell::{shown, shown_path};
use crate::suggest;
use crate::verdict::{Remark, WeakenedBy, Weaker};
use crate::words::echo;

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
    let layer = parse(&format!("{key} = {value}")).or_else(|error| {
        as_word().ok_or_else(|| {
            // What is wrong is told of the value in the quotes that it need not have, or of the name.
            let forms = [format!("{key} = '{value}'"), format!("{key} = ''")];
            let mut others = forms.iter().filter_map(|form| parse(form).err());
            let is_word = error.problem == config::WITHOUT_QUOTES;
            let is_told = |other: &ConfigError| is_word || other.problem.starts_with("unknown");
            others.find(is_told).unwrap_or(error)
        })
    });
    // Nobody wrote the line that was read.
    let name = format!("{NAME} {}", echo::said(key));
    Ok(layer.map_err(|error| ConfigError::of_file(name, error.problem, error.advice))?)
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
    pub(super) weaker: Weaker,
}

/// The layers that judge a commit: the policy that it would commit, whatever the working tree
/// holds, so that what passes here passes for everybody. Only a policy that git doesn't know yet is
/// read from the working tree, and in what that is weaker than none is told with each commit.
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
        let own = in_working_tree(repo)?;
        let what = match own.is_empty() {
            true => Vec::new(),
            false => weaker(&machine, &with(own.clone())),
        };
        let by = WeakenedBy::Untracked;
        return Ok(ForCommit {
            layers: with(own),
            weaker: Weaker { what, by },
        });
    }
    let own = config::repository(&|path| staged(repo, path))?;
    let extends = |layers: &[Layer]| layers.iter().any(|layer| !layer.extends.is_empty());
    let mut what = Vec::new();
    if !policy.same || extends(&own) {
        // A policy that could not be understood is no measure.
        if let Ok(before) = config::repository(&|path| repo.at_head(BStr::new(path))) {
            what = weaker(&with(before), &with(own.clone()));
        }
    }
    let by = WeakenedBy::Commit;
    Ok(ForCommit {
        layers: with(own),
        weaker: Weaker { what, by },
    })
}

/// A bound: of more refs of a push that weaken the policy, git is not asked where they come from.
const MOST_ASKED: usize = 100;

/// The settings for commits that are made, and in what these make them weaker: the policy of what they
/// come from, so that no commit can switch off what judges it. `None` for a base stands for nothing,
/// which says nothing.
pub(super) fn for_commits(
    repo: &Repo,
    base: Option<&CommitId>,
    tips: &[CommitId],
) -> Result<ForCommit> {
    let machine = config::machine()?;
    let with = |own: Vec<Layer>| [machine.clone(), own].concat();
    let policy = |commit: &CommitId| {
        config::repository(&|path| repo.committed(commit, BStr::new(path))).map(with)
    };
    // Commits whose policy nobody can read are refused.
    let after = tips.iter().map(policy).collect::<Result<Vec<_>>>()?;
    let layers = match base.map(policy) {
        None => machine.clone(),
        Some(Ok(layers)) => layers,
        // They may mend what was taken in before anybody looked.
        Some(Err(error)) if error.is::<ConfigError>() => after.last().cloned().ok_or(error)?,
        Some(Err(error)) => return Err(error),
    };
    let mut told = Weaker::default();
    let mut asked = 0;
    for (tip, after) in tips.iter().zip(&after) {
        let Some(base) = base.filter(|_| !weaker(&layers, after).is_empty()) else {
            continue;
        };
        // Commits that were made before the policy was stricter have not weakened it.
        asked += 1;
        let from = match asked > MOST_ASKED {
            true => Some(*base),
            false => repo.merge_base(base, tip)?,
        };
        let Some(Ok(before)) = from.as_ref().map(policy) else {
            continue;
        };
        told.what.extend(weaker(&before, after));
        told.by = WeakenedBy::Commits {
            base: from.unwrap_or(*base).to_string(),
            tip: tip.to_string(),
        };
    }
    told.what.sort();
    told.what.dedup();
    Ok(ForCommit {
        layers,
        weaker: told,
    })
}

/// In what layers find less than others.
fn weaker(before: &[Layer], after: &[Layer]) -> Vec<String> {
    let fold = |layers: &[Layer]| Config::fold(layers.to_vec());
    config::weaker(&fold(before), &fold(after))
}

/// Makes sure that each id that switches rules on or off is that of a rule or of a provider.
///
/// # Errors
/// At the first that is not, with the one that it is nearest to. Patterns may fit nothing.
pub(super) fn check_ids(config: &Config, rules: &RuleSet) -> Result<(), ConfigError> {
    let switches = [Setting::RulesOn, Setting::RulesOff];
    let is_id = |said: &&Said<Step>| {
        switches.contains(&said.value.setting) && !said.value.name().contains('*')
    };
    let mut said = config.in_force().filter(is_id).peekable();
    if said.peek().is_none() {
        return Ok(());
    }
    let ids = rules.ids().flat_map(|(rule, provider)| [rule, provider]);
    let ids: BTreeSet<&str> = ids.filter(|id| !id.is_empty()).collect();
    let Some(said) = said.find(|said| !ids.contains(said.value.name())) else {
        return Ok(());
    };
    let ids: Vec<&str> = ids.into_iter().collect();
    let name = said.value.name();
    Err(said.at.error(
        format!("unknown rule `{}`", echo::said(name)),
        suggest::meant(name, &ids, || {
            "`keyward rules list` shows the ids".to_owned()
        }),
    ))
}

/// What the settings files leave out that a person may have meant: where one lies that is not asked, and
/// where the one in the working tree is another than the staged one.
pub(super) fn not_asked(
    repo: &Repo,
    nested: Vec<BString>,
    is_stopped: bool,
) -> Result<Vec<Remark>> {
    let name = BStr::new(config::FILE_NAME);
    let mut remarks: Vec<Remark> = nested
        .into_iter()
        .map(|path| Remark {
            kind: "settings",
            message: format!(
                "{} has no effect: settings are read at the top of the repository alone",
                shown(&path)
            ),
            path,
        })
        .collect();
    if is_stopped && repo.versions(name)?.staged {
        let staged = repo.indexed(name)?;
        let here = repo.worktree().ok();
        let here = here.and_then(|top| config::in_working_tree(top, config::FILE_NAME).ok());
        if here.flatten().is_some_and(|here| Some(here) != staged) {
            remarks.push(Remark {
                kind: "settings",
                path: name.to_owned(),
                message: format!(
                    "your {name} has changes that are not staged, and a commit goes by the staged \
                     one; to use them: git add {name}"
                ),
            });
        }
    }
    Ok(remarks)
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
