//! Writes what an audit found, for people and for programs.

mod csv;
mod details;
mod html;
mod human;
mod json;
mod many;
mod merge;

pub(crate) use self::csv::{write as write_csv, write_columns, write_failed as write_failed_row};
pub(crate) use self::details::write as write_details;
pub(crate) use self::html::{Chapter, write as write_html};
pub(crate) use self::human::write as write_human;
pub(crate) use self::json::{write as write_json, write_failed, write_share};
pub(crate) use self::many::{Many, write_line, write_many};
pub(crate) use self::merge::Merged;

use super::Style;

/// Why a file was not looked at, for programs.
const NOT_HERE: &str = "the file is not here";

/// For whom a report on an audit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AuditFormat {
    /// People.
    Human,
    /// Programs: a JSON object a line.
    Json,
    /// Spreadsheets.
    Csv,
}

impl AuditFormat {
    pub(crate) const ALL: [Self; 3] = [Self::Human, Self::Json, Self::Csv];

    /// Its name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Json => "json",
            Self::Csv => "csv",
        }
    }
}

/// What a report on an audit depends on beside what was found.
#[derive(Clone, Debug, Default)]
pub(crate) struct AuditStyle {
    /// Where it is read.
    pub style: Style,
    /// What to call the repository where there are several; empty where there is one.
    pub repository: String,
}
