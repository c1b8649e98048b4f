//! `keyward report`: what was written by several audits, put together.

use std::io;
use std::path::PathBuf;

use anyhow::{Context, Result};

use super::Exit;
use super::audit::repos;
use super::input;
use super::voice::{self, Reader, Terminal};
use crate::disk;
use crate::report::audit::{AuditStyle, Merged};
use crate::shell::shown_path;

/// A bound: bytes of a report.
const LONGEST: u64 = 4 << 30;

/// Put reports together that several machines wrote
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// One line a secret, however many repositories hold it, and what is missing
    #[command(after_help = "Examples:\n  \
        keyward report merge 1.jsonl 2.jsonl  what two shards of an audit wrote\n  \
        keyward report merge --repos repos.txt all.jsonl\n  \
        keyward report merge --json all.jsonl")]
    Merge(MergeArgs),
}

#[derive(Debug, clap::Args)]
struct MergeArgs {
    /// What `keyward audit --json` wrote, of one repository or of many; "-" is standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// The list that the audits were given: those of its repositories that no report has are told
    #[arg(long, value_name = "FILE|DIR")]
    repos: Option<PathBuf>,
    /// Write one JSON object a line
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<Exit> {
    let Command::Merge(args) = &args.command;
    let mut merged = Merged::default();
    for file in &args.files {
        let name = voice::fit_for_programs(&shown_path(file));
        let content = match file.as_os_str() == "-" {
            true => input::handed(LONGEST),
            false => disk::read_regular(file, LONGEST)
                .and_then(|content| content.ok_or_else(|| io::ErrorKind::NotFound.into()))
                .map_err(Into::into),
        };
        merged.add(
            &name,
            &content.with_context(|| format!("cannot read {name}"))?,
        );
    }
    if let Some(by) = &args.repos {
        for place in repos::Shard::WHOLE.share(repos::listed(by)?) {
            merged.expect(repos::name_of(&place));
        }
    }
    let style = AuditStyle {
        style: Terminal::of_output().style(),
        ..AuditStyle::default()
    };
    Reader::of(args.json).tell(|out| match args.json {
        true => Ok(merged.write_json(out)?),
        false => Ok(merged.write_human(&style, out)?),
    })?;
    Ok(match (merged.is_incomplete(), merged.has_found()) {
        (true, _) => Exit::Unread,
        (false, true) => Exit::Findings,
        (false, false) => Exit::Clean,
    })
}
