//! `keyward keys`: the keys in local files that git ignores, and never their values.

mod calendar;
mod gather;
mod rotate;
mod shelves;
mod show;

use std::path::PathBuf;

use anyhow::Result;

use self::gather::Gathered;
use super::Exit;

/// Show which keys lie in local files, and since when; never their values
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    list: ListArgs,
}

#[derive(Debug, clap::Args)]
struct ListArgs {
    /// Environment files, or directories that hold some [default: those of this repository]
    #[arg(value_name = "FILE")]
    paths: Vec<PathBuf>,
    /// The names of all variables, keys or not, and nothing else
    #[arg(long)]
    names: bool,
    /// For a program: one JSON object
    #[arg(long, conflicts_with = "names")]
    json: bool,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    #[command(after_help = "Examples:\n  \
        keyward keys calendar              to keyward-keys.ics\n  \
        keyward keys calendar ~/keys.ics")]
    Calendar(calendar::Args),
    #[command(after_help = "Examples:\n  \
        keyward keys rotate STRIPE_SECRET_KEY\n  \
        keyward keys rotate STRIPE_SECRET_KEY --file .env.production\n  \
        keyward keys rotate STRIPE_SECRET_KEY --for 1password")]
    Rotate(rotate::Args),
}

pub(super) fn run(args: &Args) -> Result<Exit> {
    match &args.command {
        Some(Command::Calendar(args)) => calendar::run(args),
        Some(Command::Rotate(args)) => rotate::run(args),
        None if args.list.names => show::names(&args.list.paths),
        None => {
            let gathered = Gathered::of(&args.list.paths)?;
            match args.list.json {
                true => show::json(&gathered),
                false => show::people(&gathered),
            }
        }
    }
}
