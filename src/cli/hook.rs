//! `keyward hook KIND`: what the scripts in git's hooks directory call.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use bstr::ByteSlice;

use super::kinds::HookName;
use super::session::{Channel, Session, conclude};
use super::{Exit, Misuse, voice};
use crate::config::Unchecked;
use crate::git::{REHEARSAL_VARIABLE, RefUpdate, Repo};
use crate::hook::{self, HookKind};
use crate::report::{Format, Occasion, Report};

/// Run as git's hook; called by the script that `keyward install` sets up
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Which hook git runs
    #[arg(value_name = "KIND")]
    kind: HookName,
    /// git's global config names it: nothing to do where the repository's own hook runs keyward
    #[arg(long, hide = true)]
    global: bool,
    /// A script hands on what it read: standard input ends with a dot, or it was cut on the way
    #[arg(long, hide = true)]
    whole: bool,
    /// What git passes to the hook
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    rest: Vec<OsString>,
}

pub(super) fn run(args: &Args) -> Result<Exit> {
    // git tells nobody what became of the commit.
    look(args).context(args.kind.0.outcome())
}

fn look(args: &Args) -> Result<Exit> {
    let repo = Repo::from_env()?;
    if args.global && hook::is_run_from(&repo.hooks_dir()?, &repo.common_dir()?, args.kind.0) {
