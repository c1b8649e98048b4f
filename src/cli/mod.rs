//! The command line: one file per subcommand, each with its arguments beside what it does.

mod allow;
mod completions;
mod config;
mod doctor;
mod hook;
mod ignore;
mod install;
mod rules;
mod scan;
mod session;
mod settings;

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::allow::AllowError;
use crate::config::ConfigError;

/// Keeps API keys out of commits.
#[derive(Debug, Parser)]
#[command(
    name = "keyward",
    version,
    arg_required_else_help = true,
    after_help = "Exit codes: 0 clean, 1 findings, 2 usage or configuration, 3 could not scan.\n\
                  Start with: keyward install"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Install(install::InstallArgs),
    Uninstall(install::UninstallArgs),
    Scan(scan::Args),
    Allow(allow::Args),
    Ignore(ignore::Args),
    Rules(rules::Args),
    Config(config::Args),
    Doctor(doctor::Args),
    Hook(hook::Args),
    Completions(completions::CompletionsArgs),
    #[command(hide = true)]
    Man(completions::ManArgs),
}

/// What a run ends with. The numbers are a promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Nothing was found.
    Clean = 0,
    /// Something was.
    Findings = 1,
    /// The command line or a configuration file can't be understood.
    Usage = 2,
    /// Something could not be read or judged.
    Unread = 3,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Runs the command that the arguments name, prints the error that ended it, and gives the exit code.
pub fn main() -> ExitCode {
    match run() {
        Ok(exit) => exit.into(),
        Err(error) => fail(&error).into(),
    }
}

fn run() -> Result<Exit> {
    match Cli::parse().command {
        Command::Install(args) => install::install(&args),
        Command::Uninstall(args) => install::uninstall(&args),
        Command::Scan(args) => scan::run(&args),
        Command::Allow(args) => allow::run(&args),
        Command::Ignore(args) => ignore::run(&args),
        Command::Rules(args) => rules::run(&args),
        Command::Config(args) => config::run(&args),
        Command::Doctor(args) => doctor::run(&args),
        Command::Hook(args) => hook::run(&args),
        Command::Completions(args) => completions::completions(&args),
        Command::Man(args) => completions::man(&args),
    }
}

/// Prints the error that ended a run, and chooses its exit code.
fn fail(error: &anyhow::Error) -> Exit {
    // With standard error gone there is nobody left to tell.
    let _ = writeln!(io::stderr().lock(), "keyward: {error:#}");
    let misunderstood = error
        .chain()
        .any(|cause| cause.is::<ConfigError>() || cause.is::<AllowError>() || cause.is::<Misuse>());
    if misunderstood {
        Exit::Usage
    } else {
        Exit::Unread
    }
}

/// Arguments that are well-formed and can't be followed.
#[derive(Debug)]
pub(crate) struct Misuse(pub(crate) String);

impl std::fmt::Display for Misuse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Misuse {}
