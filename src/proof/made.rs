//! The day on which this list of facts was made: 24 November 2026. A bound: what ended before is of no use, whatever the
//! clock of a machine says; what ended since counts until the next version.

/// In seconds since 1970.
pub(super) const SECONDS: f64 = 1_795_478_400.0;

/// As the calendar has it.
pub(crate) const DAY: &str = "2026-11-24";
