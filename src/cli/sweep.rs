//! `keyward sweep`: the places of the home directory where keys should not lie.

use anyhow::{Context, Result};

use super::session::Session;
use super::voice::{Reader, Terminal};
use super::{Exit, Misuse};
use crate::confidence::Confidence;
use crate::detect::Detector;
use crate::report::{Detail, Style, sweep as report};
use crate::scan::Scan;
use crate::shell::shown_path;
use crate::sweep;

/// Look for keys in your home directory: shell histories, settings, notes, transcripts
///
/// It reads, and does nothing else: no file is changed, no connection is opened, no link is followed out of the
/// home directory.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Write one JSON object instead of lines
    #[arg(long)]
    json: bool,
    /// Show what only a human can tell, too
    #[arg(long)]
    possible: bool,
    /// Tell every file and every key, also those that are told already
    #[arg(short, long, conflicts_with = "json")]
    verbose: bool,
}

pub(super) fn run(args: &Args) -> Result<Exit> {
    let home = std::env::home_dir().filter(|home| home.is_absolute());
    let home = home.ok_or_else(|| {
        Misuse("your home directory is not known: set HOME to its path".to_owned())
    })?;
    let session = Session::load(None)?;
    let scan = Scan {
        exclude: Some(session.config.exclude()),
        ..Scan::new(Detector::new(&session.rules))
    };
    let threshold = match args.possible {
        true => Confidence::Possible,
        false => session.threshold,
    };
    let swept = sweep::sweep(&home, &scan, threshold);
    let swept = swept.with_context(|| format!("cannot read {}", shown_path(&home)))?;
    let store = session.config.store();
    let style = Style {
        detail: match args.verbose {
            true => Detail::Verbose,
            false => Detail::Usual,
        },
        ..Terminal::of_output().style()
    };
    Reader::of(args.json).tell(|out| match args.json {
        true => Ok(report::write_json(&swept, store, out)?),
        false => Ok(report::write(&swept, store, &style, out)?),
    })?;
    Ok(if !swept.entries.is_empty() {
        Exit::Findings
    } else if swept.has_gaps() {
        Exit::Unread
    } else {
        Exit::Clean
    })
}
