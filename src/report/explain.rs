//! For people who ask why: every candidate with the judgement on it, also those that are no secrets.

use std::io::{self, Write};

use crate::scan::Explained;
use crate::shell::shown;

/// Writes a line for each candidate.
///
/// # Errors
/// What the writer says.
pub fn explain(candidates: &[Explained], out: &mut dyn Write) -> io::Result<()> {
    for candidate in candidates {
        let verdict = candidate.confidence.map_or("no", |sure| sure.as_str());
        writeln!(
            out,
            "{}:{}:{}  {}  {}  {verdict}: {}",
            shown(&candidate.path),
            candidate.span.line,
            candidate.span.column,
            candidate.rule,
            shown(candidate.secret.redacted().as_bytes()),
            candidate.reason,
        )?;
    }
    Ok(())
}
