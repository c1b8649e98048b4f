//! Many repositories: a line for each, those that could not be looked at, and at last what there is in all.

use std::io::{self, Write};

use super::AuditStyle;
use super::human::headline;
use crate::audit::Audit;
use crate::count::{count, digits};
use crate::report::page::{Page, Paint};
use crate::report::text::cut;
use crate::store::Store;

/// A bound: the longest that a name or a reason is in a line, in characters.
const LONGEST: usize = 120;

/// What became of many repositories.
#[derive(Clone, Debug, Default)]
pub(crate) struct Many {
    /// How many were looked at.
    pub(crate) repositories: usize,
    /// In how many something was found.
    pub(crate) found: usize,
    /// Those that could not be looked at, and why.
    pub(crate) failed: Vec<(String, String)>,
}

/// Writes the line of one of many.
///
/// # Errors
/// When `out` can't be written to.
pub(crate) fn write_line(audit: &Audit, style: &AuditStyle, out: &mut dyn Write) -> io::Result<()> {
    let mut told = headline(audit, style);
    if audit.is_incomplete() && !audit.stopped {
        told.push_str("; not all could be read");
    }
    let paint = match audit.entries.is_empty() {
        true => Paint::Plain,
        false => Paint::Alarm,
    };
    Page::new(&style.style, Store::default(), out).fill((Paint::Plain, ""), &[(paint, &told)], 2)
}

/// Writes what became of all.
///
/// # Errors
/// When `out` can't be written to.
pub(crate) fn write_many(many: &Many, style: &AuditStyle, out: &mut dyn Write) -> io::Result<()> {
    let mut lines = Page::new(&style.style, Store::default(), out);
    lines.gap()?;
    for (name, why) in &many.failed {
        lines.labelled("failed", &cut(name, LONGEST), &cut(why, LONGEST))?;
    }
    if many.found > 0 {
        lines.told(
            "next",
            "",
            Some("keyward audit REPO"),
            "tells one with its secrets",
        )?;
    }
    let told = format!(
        "keyward: {}; secrets in {}; {} could not be looked at",
        count(many.repositories, "repository", "repositories"),
        digits(many.found),
        digits(many.failed.len()),
    );
    let paint = match many.found + many.failed.len() {
        0 => Paint::Plain,
        _ => Paint::Alarm,
    };
    lines.fill((Paint::Plain, ""), &[(paint, &told)], 2)
}
