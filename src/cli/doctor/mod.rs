//! `keyward doctor`: gathers the facts of the set-up, and tells what is wrong with it.

mod agents;
mod ci;
mod facts;
mod forge;
mod output;
mod policy;
mod programs;
mod upkeep;

use std::ffi::OsStr;
use std::hash::{BuildHasher, RandomState};

use anyhow::Result;

use self::facts::Facts;
use super::Exit;
use crate::doctor::{self, Bait, Check};
use crate::git::{Fresh, Repo};
use crate::hook::Side;

/// Prove that commits are checked here, by a test with a made-up key
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Write one JSON object instead of lines
    #[arg(long)]
    json: bool,
    /// Remove expired and unused entries from .keyward.allow
    #[arg(long, conflicts_with = "json")]
    prune: bool,
    /// In the test, run hooks that are not keyward's own, too; they may take time and change files
    #[arg(long)]
    run_others: bool,
    /// Try what a new repository of yours gets, wherever you stand: `keyward install --global`
    #[arg(long, conflicts_with = "prune")]
    global: bool,
    /// Tell how the pipelines of this repository let a secret out, and nothing else
    #[arg(long, conflicts_with_all = ["json", "prune", "run_others", "global"])]
    ci: bool,
    /// Ask the forge, through your own gh or glab, what it protects, and nothing else
    #[arg(
        long,
        value_name = "COMMAND",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = forge::BY_REMOTE,
        value_parser = [forge::BY_REMOTE, "gh", "glab"],
        conflicts_with_all = ["ci", "prune", "run_others", "global"]
    )]
    forge: Option<String>,
}

pub(super) fn run(args: &Args) -> Result<Exit> {
    if args.global {
        let fresh = Fresh::new()?;
        return examine_and_tell(fresh.repo(), args);
    }
    let repo = Repo::from_env()?;
    if args.ci {
        return ci::run(&repo);
    }
    if let Some(named) = &args.forge {
        return forge::run(&repo, named, args.json);
    }
    match args.prune {
        true => upkeep::prune(&repo),
        false => examine_and_tell(&repo, args),
    }
}

fn examine_and_tell(repo: &Repo, args: &Args) -> Result<Exit> {
    let facts = Facts::gather(repo, args.run_others, args.global)?;
    let checks = examine(repo, &facts)?;
    output::tell(&checks, args.json, |mut out| {
        output::write_lines(&checks, &facts, &mut out)
    })
}

fn examine(repo: &Repo, facts: &Facts<'_>) -> Result<Vec<Check>> {
    let mut checks = facts.hooks()?;
    checks.extend(facts.programs());
    checks.push(programs::gits());
    checks.extend(facts.read.iter().cloned());
    let Some(session) = &facts.session else {
        return Ok(checks);
    };
    if facts.side == Side::Developer {
        checks.extend(upkeep::checks(repo, session)?);
    }
    let excluded = |path: &bstr::BStr| session.config.exclude().covers(path);
    let seed = RandomState::new().hash_one(std::process::id());
    match Bait::new(&session.rules, excluded, seed) {
        Ok(bait) => {
            checks.extend(self_test(repo, facts, &bait)?);
            if facts.side == Side::Developer {
                checks.extend(agents::checks(
                    repo,
                    facts.is_new,
                    &bait,
                    session.config.unchecked(),
                )?);
            }
        }
        Err(check) => checks.push(*check),
    }
    Ok(checks)
}

fn self_test(repo: &Repo, facts: &Facts<'_>, bait: &Bait) -> Result<Vec<Check>> {
    let kinds = facts.tested();
    let rehearsal = repo.rehearse(facts.left_out(&kinds), facts.alone())?;
    doctor::self_test(&rehearsal, &kinds, bait, doctor::gui_path().map(OsStr::new))
}
