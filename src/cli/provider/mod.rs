//! What `verify` and `revoke` share: which key is meant, and how it is told what came of it.

#[cfg(not(feature = "network"))]
mod absent;
#[cfg(feature = "network")]
mod ask;
pub(super) mod revoke;
#[cfg(feature = "network")]
mod subject;
pub(super) mod verify;

#[cfg(not(feature = "network"))]
use self::absent::{revoke as ask_to_revoke, verify as ask_to_verify};
#[cfg(feature = "network")]
use self::ask::{revoke as ask_to_revoke, verify as ask_to_verify};

use super::settings::SettingsArgs;

/// Which key is meant.
#[derive(Debug, clap::Args)]
struct KeyArgs {
    /// The id of the secret, as it was told
    #[arg(value_name = "ID", required_unless_present = "stdin")]
    id: Option<String>,
    /// Read the key, from a terminal without showing it
    #[arg(long, conflicts_with = "id")]
    stdin: bool,
    /// What the provider wants to know beside the key, such as host=gitlab.example.com; no secret
    #[arg(long, value_name = "NAME=VALUE")]
    with: Vec<String>,
    #[command(flatten)]
    settings: SettingsArgs,
}

/// How it is told.
#[derive(Debug, clap::Args)]
struct Told {
    /// Write one JSON object: the same as --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// For whom it is told
    #[arg(long, value_name = "FORMAT", value_parser = ["human", "json", "agent"], default_value = "human")]
    format: String,
}
