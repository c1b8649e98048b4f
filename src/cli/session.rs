//! What every scanning command needs: the settings, the rules, and the way from changes to output.

use std::io::{self, IsTerminal};

use anyhow::{Context, Result};
use bstr::{BStr, ByteVec};
use keyward::allow::{self, AllowList};
use keyward::change::{Change, EntryKind};
use keyward::config::{self, Config, Layer, Origin};
use keyward::detect::Detector;
use keyward::git::{RefUpdate, Repo};
use keyward::guard::Guards;
use keyward::report::{self, Format, Occasion, Style};
use keyward::rules::RuleSet;
use keyward::scan::scan;
use keyward::verdict::{Policy, Verdict, decide};

use super::Exit;

/// Settings, resolved, and what follows from them.
pub(super) struct Session {
    pub(super) config: Config,
    pub(super) rules: RuleSet,
    /// `None`: files that nobody is about to add to a repository.
    pub(super) guards: Option<Guards>,
    pub(super) allowed: AllowList,
    pub(super) policy: Policy,
}

impl Session {
    /// Reads the settings for a repository, or those of the user alone.
    pub(super) fn load(repo: Option<&Repo>) -> Result<Self> {
        let mut layers = Vec::from_iter(Layer::user()?);
        let mut allowed = AllowList::default();
        if let Some(repo) = repo {
            layers.extend(repository_layer(repo)?);
            allowed = allow_list(repo)?;
        }
        Self::new(layers, allowed)
    }

    /// Reads the settings for what a push brings: those that the repository has taken in already,
    /// on its own branch, so that no push can switch off what judges it. What is allowed is a claim
    /// about one secret, with its reason, and may come with the push.
    pub(super) fn receiving(repo: &Repo, updates: &[RefUpdate]) -> Result<Self> {
        let head = repo.commit_named("HEAD")?;
        let own = |path: &str| match &head {
            Some(head) => repo.committed(head, BStr::new(path)),
            None => Ok(None),
        };
        let mut brought = Vec::new();
        for bytes in repo.committed_by(updates, BStr::new(config::FILE_NAME))? {
            brought.push(Layer::parse(Origin::Repository, &bytes, config::FILE_NAME)?);
        }
        let repository = match own(config::FILE_NAME)? {
            None => None,
            Some(bytes) => match Layer::parse(Origin::Repository, &bytes, config::FILE_NAME) {
                Ok(layer) => Some(layer),
                // A push may mend what was taken in before anybody looked.
                Err(error) => Some(brought.pop().ok_or(error)?),
            },
        };
        let mut allowed = AllowList::default();
        let lists = repo.committed_by(updates, BStr::new(allow::FILE_NAME))?;
        for bytes in own(allow::FILE_NAME)?.into_iter().chain(lists) {
            allowed.absorb(AllowList::parse(&bytes, allow::FILE_NAME)?);
        }
        let layers = Layer::user()?.into_iter().chain(repository).collect();
        Self::new(layers, allowed)
    }

    /// What follows from settings.
    pub(super) fn new(layers: Vec<Layer>, allowed: AllowList) -> Result<Self> {
        let config = Config::fold(layers);
        let own = config.own_rules.iter().map(|rule| &rule.value);
        let mut rules = RuleSet::with(own.map(|rule| (rule.provider.as_deref(), &rule.words)))?;
        // Asking each rule takes it out of the catalog, which costs more than a small commit.
        if !config.rules.steps.is_empty() {
            rules = rules.without(|rule| !config.rules.is_on(&rule.id, &rule.provider.id));
        }
        let guards = Guards::new(config.guard.clone());
        let policy = config.policy();
        Ok(Self {
            config,
            rules,
            guards: Some(guards),
            allowed,
            policy,
        })
    }

    /// Looks at changes and decides on what is found.
    pub(super) fn look<'s>(
        &self,
        changes: impl Iterator<Item = Result<Change<'s>>> + Send,
    ) -> Verdict {
        self.look_with(changes, &self.allowed, &self.policy)
    }

    /// As [`look`](Self::look), with another allow list and another policy.
    pub(super) fn look_with<'s>(
        &self,
        changes: impl Iterator<Item = Result<Change<'s>>> + Send,
        allowed: &AllowList,
        policy: &Policy,
    ) -> Verdict {
        let changes = changes.filter(|change| match change {
            Ok(change) => {
                change.kind == EntryKind::Message || !self.config.exclude.covers(change.path())
            }
            Err(_) => true,
        });
        let outcome = scan(changes, self.guards.as_ref(), &Detector::new(&self.rules));
        decide(outcome, allowed, policy)
    }
}

/// The repository's settings: as they lie in the working tree, where a person edits them, or else
/// as staged.
pub(super) fn repository_layer(repo: &Repo) -> Result<Option<Layer>> {
    if let Ok(top) = repo.worktree()
        && let Some(layer) = Layer::repository(top)?
    {
        return Ok(Some(layer));
    }
    let staged = repo.indexed(BStr::new(config::FILE_NAME));
    Ok(
        match staged.with_context(|| format!("cannot read {}", config::FILE_NAME))? {
            Some(bytes) => Some(Layer::parse(Origin::Repository, &bytes, config::FILE_NAME)?),
            None => None,
        },
    )
}

/// The repository's allow file, found as its settings are.
pub(super) fn allow_list(repo: &Repo) -> Result<AllowList> {
    if let Ok(top) = repo.worktree() {
        let file = top.join(allow::FILE_NAME);
        if file.symlink_metadata().is_ok() {
            return AllowList::read(&file);
        }
    }
    let staged = repo.indexed(BStr::new(allow::FILE_NAME));
    Ok(
        match staged.with_context(|| format!("cannot read {}", allow::FILE_NAME))? {
            Some(bytes) => AllowList::parse(&bytes, allow::FILE_NAME)?,
            None => AllowList::default(),
        },
    )
}

/// Where a verdict is written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Channel {
    /// Standard error, quiet when all is well: a hook that stops something.
    Hook(Occasion),
    /// Standard output: a command that somebody typed.
    Output,
}

/// Writes a verdict and gives the exit code that it means.
pub(super) fn conclude(verdict: &Verdict, format: Format, channel: Channel) -> Result<Exit> {
    let colour =
        |terminal: bool| terminal && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
    let written = match channel {
        Channel::Hook(occasion) => {
            let prefix = std::env::var_os("GIT_PREFIX").unwrap_or_default();
            let style = Style {
                color: colour(io::stderr().is_terminal()),
                hook: true,
                occasion,
                prefix: Vec::from_os_string(prefix).unwrap_or_default().into(),
                ..Style::default()
            };
            report::write(
                format,
                verdict,
                &style,
                &mut io::BufWriter::new(io::stderr().lock()),
            )
        }
        Channel::Output => {
            let style = Style {
                color: colour(io::stdout().is_terminal()),
                hook: false,
                ..Style::default()
            };
            report::write(
                format,
                verdict,
                &style,
                &mut io::BufWriter::new(io::stdout().lock()),
            )
        }
    };
    match written {
        // `keyward scan | head` is no failure to look.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        written => written.context("cannot write the report")?,
    }
    Ok(if !verdict.unread.is_empty() {
        Exit::Unread
    } else if !verdict.blocking.is_empty() {
        Exit::Findings
    } else {
        Exit::Clean
    })
}
