//! `keyward completions SHELL`, and the manual pages that packages bring along.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::CommandFactory;
use clap_complete::{Shell, generate};
use clap_mangen::Man;

use super::{Cli, Exit, voice};
use crate::shell::shown_path;

/// Print a script that completes keyward's commands in a shell
#[derive(Debug, clap::Args)]
pub(super) struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

/// Write the manual pages, one for each command, into a directory
#[derive(Debug, clap::Args)]
pub(super) struct ManArgs {
    /// The directory; it is made if it is not there
    directory: PathBuf,
}

pub(super) fn completions(args: &CompletionsArgs) -> Result<Exit> {
    // Into memory first: the generator ends the program at a closed pipe.
    let mut script = Vec::new();
    generate(args.shell, &mut Cli::command(), "keyward", &mut script);
    let mut out = voice::to_programs();
    out.write_all(&script)?;
    out.flush()?;
    Ok(Exit::Clean)
}

pub(super) fn man(args: &ManArgs) -> Result<Exit> {
    let mut keyward = Cli::command();
    keyward.build();
    let written = fs::create_dir_all(&args.directory).and_then(|()| write(&keyward, args));
    written.with_context(|| format!("cannot write to {}", shown_path(&args.directory)))?;
    Ok(Exit::Clean)
}

/// A page for a command and one for each below it that people type.
fn write(command: &clap::Command, args: &ManArgs) -> io::Result<()> {
    let name = command.get_display_name().unwrap_or(command.get_name());
    let mut page = Vec::new();
    Man::new(command.clone()).render(&mut page)?;
    fs::write(args.directory.join(format!("{name}.1")), page)?;
    command
        .get_subcommands()
        .filter(|below| !below.is_hide_set() && below.get_name() != "help")
        .try_for_each(|below| write(below, args))
}
