//! `keyward verify`: asks the provider of one key whether it lives.

use anyhow::Result;

use super::Exit;
use super::provider::{self, KeyArgs, Told};

/// Ask the provider of one key whether it still lives: one request, and only of that key
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    pub(super) key: KeyArgs,
    #[command(flatten)]
    pub(super) told: Told,
}

pub(super) fn run(args: &Args) -> Result<Exit> {
    provider::verify(args)
}
