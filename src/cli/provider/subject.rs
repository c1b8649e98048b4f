//! The key that is meant, and the file in which it stands.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use bstr::{BStr, BString, ByteSlice};

use super::KeyArgs;
use crate::audit::Entry;
use crate::cli::respond::{id_of, known_as, look, read_key};
use crate::cli::{Misuse, voice};
use crate::confidence::Confidence;
use crate::disk;
use crate::finding::{Finding, Found, Secret};
use crate::git::Repo;
use crate::rules::{Provider, RuleSet};
use crate::text::Text;
use crate::verify::{Case, Near, may_be_typed, names_for};
use crate::words::echo;

/// A bound: no longer file is looked into for what stands beside a key.
const LONGEST: u64 = 16 << 20;

/// A bound: so many of the places of a key are looked at.
const PLACES: usize = 4;

/// A key that a provider is asked about.
pub(super) struct Subject {
    /// What names it; empty for one that was typed.
    pub(super) id: String,
    /// Where what is done about it is noted.
    pub(super) repo: Option<Repo>,
    pub(super) finding: Finding,
    /// Where it is, as far as that is known.
    pub(super) paths: Vec<BString>,
    secret: Secret,
    redacted: String,
    file: Option<(Vec<u8>, usize)>,
    given: BTreeMap<String, String>,
    rules: RuleSet,
}

impl Subject {
    pub(super) fn of(args: &KeyArgs) -> Result<Self> {
        let rules = RuleSet::builtin();
        if args.stdin {
            let key = read_key()?;
            let unknown = "no rule knows a key like that, so nobody can tell whom to ask";
            let finding = known_as(&args.settings, &key)?;
            let finding = finding.ok_or_else(|| Misuse(unknown.to_owned()))?;
            return Self::new(finding, args, rules);
        }
        let id = id_of(args.id.as_deref().unwrap_or_default())?;
        let repo = Repo::from_env()?;
        let audit = look(&args.settings, &repo, None, Some(Confidence::Possible))?;
        let Some(entry) = audit.entries.into_iter().find(|it| it.id() == id) else {
            let told = format!("no secret {id} is here; see: keyward audit --unreachable");
            return Err(Misuse(told).into());
        };
        let mut subject = Self::new(entry.finding.clone(), args, rules)?;
        subject.file = file(&repo, &entry, &subject.secret);
        subject.paths.clone_from(&entry.paths);
        subject.id = id;
        subject.repo = Some(repo);
        Ok(subject)
    }

    fn new(finding: Finding, args: &KeyArgs, rules: RuleSet) -> Result<Self> {
        let Some(secret) = &finding.secret else {
            let told = "that is a file, and no key: nobody can be asked about it";
            return Err(Misuse(told.to_owned()).into());
        };
        let secret = secret.clone();
        Ok(Self {
            id: String::new(),
            repo: None,
            paths: Vec::new(),
            redacted: secret.redacted(),
            given: given(&args.with, &finding.rule, &rules)?,
            secret,
            finding,
            file: None,
            rules,
        })
    }

    pub(super) fn case(&self) -> Case<'_> {
        let file = self.file.as_ref();
        Case {
            rule: &self.finding.rule,
            key: self.secret.for_its_provider(),
            redacted: &self.redacted,
            near: file.map(|(text, place)| Near::new(text, *place, &self.rules)),
            given: &self.given,
        }
    }

    pub(super) fn provider(&self) -> Option<&Provider> {
        match &self.finding.found {
            Found::Secret { provider, .. } => Some(provider),
            Found::File { .. } | Found::TrackedFile => None,
        }
    }
}

/// What was given by `--with`.
fn given(with: &[String], rule: &str, rules: &RuleSet) -> Result<BTreeMap<String, String>> {
    let names = names_for(rule);
    let mut given = BTreeMap::new();
    for one in with {
        let (name, value) = one.split_once('=').unwrap_or((one, ""));
        let it = echo::said_or(name, "that name");
        let misuse = |told: String| Err(Misuse(told).into());
        if !names.contains(name) {
            let all: Vec<&str> = names.iter().map(String::as_str).collect();
            return misuse(match all.is_empty() {
                true => format!("{it} is of no use: nothing is asked beside such a key"),
                false => format!(
                    "{it} is of no use for such a key; it takes {}",
                    all.join(", ")
                ),
            });
        }
        if !may_be_typed(name, rules) || voice::holds_key(value) {
            return misuse(format!(
                "{it} may be a secret, and every program of this machine sees arguments: put it near the key, in \
                 the same file"
            ));
        }
        let value = value.strip_prefix("https://").unwrap_or(value);
        let value = value.trim_end_matches('/');
        if value.is_empty() {
            return misuse(format!("--with {it} has no value: write NAME=VALUE"));
        }
        given.insert(name.to_owned(), value.to_owned());
    }
    Ok(given)
}

/// The text of a file in which the secret stands, and where it stands there.
fn file(repo: &Repo, entry: &Entry, secret: &Secret) -> Option<(Vec<u8>, usize)> {
    let commits = [&entry.last, &entry.first];
    entry.paths.iter().take(PLACES).find_map(|path| {
        let path: &BStr = path.as_ref();
        let now = || in_worktree(repo, path).ok().flatten();
        let staged = || repo.indexed(path).ok().flatten();
        let of_commits = commits.into_iter().flatten();
        let of_commits = of_commits.filter_map(|it| repo.file_of(&it.id, path).ok().flatten());
        [now(), staged()]
            .into_iter()
            .flatten()
            .chain(of_commits)
            .find_map(|content| {
                let text = Text::decode_owned(content);
                let place = secret.place_in(text.bytes())?;
                Some((text.bytes().to_vec(), place.start))
            })
    })
}

fn in_worktree(repo: &Repo, path: &BStr) -> Result<Option<Vec<u8>>> {
    let path = path.to_str().context("its name is not UTF-8")?;
    Ok(disk::read_inside(repo.worktree()?, path, LONGEST)?)
}
