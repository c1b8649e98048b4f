//! `keyward agents-md`: what the instructions of a repository say to agents about keyward.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, Result};

use super::{Exit, Misuse, voice};
use crate::disk;
use crate::shell::shown_path;

/// Print five lines for AGENTS.md on how to work with keyward, or write them there
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Write them to a file, in the place of those that are there [default: AGENTS.md]
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "AGENTS.md")]
    write: Option<PathBuf>,
}

const START: &str = "<!-- keyward: start -->";
const END: &str = "<!-- keyward: end -->";

const LINES: &str = "\
- keyward keeps keys out of commits here. Never commit or push around it: no `--no-verify`, no `HUSKY=0`, no other hooks.
- A refusal ends with `next:`, which says what to do. Mend the code; what is no key, propose by `keyward allow --propose ID --reason WHY`.
- Keys live in the environment. Read them by name (`process.env.NAME`, `os.environ[\"NAME\"]`); never print, copy or ask for them.
- To see which variables a file has: `cut -d= -f1 .env`. Do not read files of secrets, nor run `env` or `printenv`.
- Before you commit, `keyward scan --staged` tells what would be refused.
";

pub(super) fn run(args: &Args) -> Result<Exit> {
    let Some(file) = &args.write else {
        let mut out = voice::out();
        write!(out, "{LINES}")?;
        out.flush()?;
        return Ok(Exit::Clean);
    };
    /// A bound: no instructions are longer.
    const MOST_BYTES: u64 = 4 << 20;
    let name = shown_path(file);
    let old =
        disk::read_regular(file, MOST_BYTES).with_context(|| format!("cannot read {name}"))?;
    let old = String::from_utf8(old.unwrap_or_default())
        .map_err(|_| Misuse(format!("{name} is not UTF-8: save it as UTF-8")))?;
    let new = with_lines(&old).ok_or_else(|| {
        Misuse(format!(
            "{name} has `{START}` without `{END}` behind it: put that where the lines end"
        ))
    })?;
    let mut out = voice::out();
    if new == old {
        writeln!(out, "{name} has them already")?;
        return Ok(Exit::Clean);
    }
    disk::replace(file, new.as_bytes()).with_context(|| format!("cannot write {name}"))?;
    writeln!(out, "written to {name}; commit it")?;
    Ok(Exit::Clean)
}

/// A text with the lines between their marks; `None` if one mark is missing.
fn with_lines(old: &str) -> Option<String> {
    let block = format!("{START}\n{LINES}{END}");
    if let Some(start) = old.find(START) {
        let end = start + old[start..].find(END)? + END.len();
        return Some(format!("{}{block}{}", &old[..start], &old[end..]));
    }
    let gap = match old {
        "" => "",
        old if old.ends_with("\n\n") => "",
        old if old.ends_with('\n') => "\n",
        _ => "\n\n",
    };
    Some(format!("{old}{gap}{block}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_are_written_once_and_the_rest_stays() {
        assert_eq!(LINES.lines().count(), 5);
        for old in ["", "# A\n", "# A", "# A\n\n"] {
            let once = with_lines(old).expect("there is no mark");
            assert!(once.starts_with(old) && once.contains(LINES));
            assert_eq!(with_lines(&once), Some(once.clone()));
            let aged = once.replace("Never commit", "Old words") + "\nmore\n";
            let again = with_lines(&aged).expect("both marks are there");
            assert_eq!(again, format!("{once}\nmore\n"));
        }
        assert_eq!(with_lines(START), None);
    }
}
