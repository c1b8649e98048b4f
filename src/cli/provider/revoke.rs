//! `keyward revoke`: has the provider of one key end it.

use anyhow::Result;

use super::{KeyArgs, Told};
use crate::cli::Exit;

/// Have the provider of one key end it: shows what would be sent, and asks first
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    #[command(flatten)]
    pub(super) key: KeyArgs,
    /// Only show what would be sent
    #[arg(long, conflicts_with = "yes")]
    pub(super) dry_run: bool,
    /// Send it without asking
    #[arg(long)]
    pub(super) yes: bool,
    #[command(flatten)]
    pub(super) told: Told,
}

pub(in crate::cli) fn run(args: &Args) -> Result<Exit> {
    super::ask_to_revoke(args)
}
