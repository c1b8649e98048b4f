//! `keyward verify`: asks the provider of one key whether it lives.

use anyhow::Result;

use super::{KeyArgs, Told};
use crate::cli::Exit;

/// Ask the provider of one key whether it still lives: one request, and only of that key
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    #[command(flatten)]
    pub(super) key: KeyArgs,
    #[command(flatten)]
    pub(super) told: Told,
}

pub(in crate::cli) fn run(args: &Args) -> Result<Exit> {
    super::ask_to_verify(args)
}
