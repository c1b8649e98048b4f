//! What was found, in lines and as JSON.

use std::io::{self, Write};

use anyhow::Result;
use serde::Serialize;

use super::facts::Facts;
use crate::cli::Exit;
use crate::cli::voice::Reader;
use crate::doctor::{Check, State, only_agents_are_broken};
use crate::hook::Side;
use crate::report::json_line;
use crate::shell::shown;

/// Writes the checks, as lines or as JSON.
pub(super) fn tell(
    checks: &[Check],
    json: bool,
    lines: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<Exit> {
    Reader::of(json).tell(|out| match json {
        true => write_json(checks, out),
        false => Ok(lines(out)?),
    })?;
    Ok(match checks.iter().all(Check::is_safe) {
        true => Exit::Clean,
        false => Exit::Findings,
    })
}

pub(super) fn write_lines(
    checks: &[Check],
    facts: &Facts<'_>,
    out: &mut impl Write,
) -> io::Result<()> {
    let subject = match facts.side {
        Side::Developer => "Commits",
        Side::Server => "Pushes",
    };
    let (place, again) = match facts.is_new {
        true => ("in a new repository of yours", "keyward doctor --global"),
        false => ("here", "keyward doctor"),
    };
    write_checks(checks, out)?;
    let is_untried = |check: &Check| matches!(check.state, State::Untried(_));
    let untried = checks.iter().any(is_untried);
    let broken = checks.iter().filter(|check| !check.is_safe()).count();
    match broken {
        0 if untried => writeln!(
            out,
            "{subject} are checked {place}, if what is untried does as it says."
        ),
        0 => writeln!(out, "{subject} are checked {place}."),
        _ if only_agents_are_broken(checks) => writeln!(
            out,
            "{subject} are checked {place}; keys are NOT safe from agents. Mend what is broken, then: {again}"
        ),
        _ => writeln!(
            out,
            "{subject} are NOT safe {place}. Mend what is broken, then: {again}"
        ),
    }
}

/// Each check, with what mends it.
pub(super) fn write_checks(checks: &[Check], out: &mut impl Write) -> io::Result<()> {
    for (at, Check { about, state }) in checks.iter().enumerate() {
        let (word, fault) = match state {
            State::Healthy(seen) => {
                writeln!(out, "ok      {about:9}  {}", shown(seen.as_bytes()))?;
                continue;
            }
            State::Untried(fault) => ("untried", fault),
            State::Untidy(fault) => ("untidy", fault),
            State::Broken(fault) => ("BROKEN", fault),
        };
        writeln!(out, "{word:7} {about:9}  {}", shown(fault.what.as_bytes()))?;
        // One command that mends several things is said once, behind the last of them.
        let same = |next: &Check| matches!(&next.state, State::Broken(next) | State::Untidy(next) | State::Untried(next) if next.mend == fault.mend);
        if !checks.get(at + 1).is_some_and(same) {
            let label = match state {
                State::Untried(_) => "to prove",
                _ => "mend",
            };
            writeln!(out, "          {label:8} {}", shown(fault.mend.as_bytes()))?;
        }
    }
    Ok(())
}

/// What `keyward doctor --json` prints.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Report<'c> {
    /// Whether nothing is broken.
    protected: bool,
    /// What was looked at, in order.
    checks: Vec<Line<'c>>,
}

/// One thing that was looked at.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Line<'c> {
    /// What it is, in a word.
    about: &'c str,
    /// `ok`, `untidy` or `broken`.
    state: &'static str,
    /// What was seen, or what is wrong.
    what: &'c str,
    /// The command that mends it; null where nothing is wrong.
    mend: Option<&'c str>,
}

fn write_json(checks: &[Check], out: &mut dyn Write) -> Result<()> {
    let lines = checks.iter().map(|Check { about, state }| match state {
        State::Healthy(seen) => Line {
            about,
            state: "ok",
            what: seen,
            mend: None,
        },
        State::Untried(fault) | State::Untidy(fault) | State::Broken(fault) => Line {
            about,
            state: match state {
                State::Broken(_) => "broken",
                State::Untried(_) => "untried",
                _ => "untidy",
            },
            what: &fault.what,
            mend: Some(&fault.mend),
        },
    });
    let report = Report {
        protected: checks.iter().all(Check::is_safe),
        checks: lines.collect(),
    };
    Ok(json_line(&report, out)?)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_schema_of_the_documents_is_that_of_the_types() {
        crate::report::samples::hold_schema_of::<super::Report<'_>>("doctor.schema.json");
    }
}
