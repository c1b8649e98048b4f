//! `keyward hook KIND`: what the scripts in git's hooks directory call.

use anyhow::Result;
use keyward::git::Repo;
use keyward::hook::HookKind;
use keyward::report::Format;

use super::Exit;
use super::session::{Channel, Session, conclude};

/// Run as git's hook; called by the script that `keyward install` sets up
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Which hook git runs
    #[arg(value_parser = parse_kind)]
    kind: HookKind,
    /// What git passes to the hook
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    rest: Vec<std::ffi::OsString>,
}

fn parse_kind(name: &str) -> Result<HookKind, String> {
    HookKind::named(name).ok_or_else(|| {
        let known: Vec<&str> = HookKind::ALL.iter().map(|kind| kind.name()).collect();
        format!("the hooks are: {}", known.join(", "))
    })
}

pub(super) fn run(args: &Args) -> Result<Exit> {
    match args.kind {
        HookKind::PreCommit | HookKind::PreMergeCommit => {
            let repo = Repo::from_env()?;
            let session = Session::for_commit(&repo, Vec::new())?;
            let verdict = session.look(repo.staged()?);
            conclude(&verdict, Format::Human, Channel::Hook)
        }
    }
}
