//! Writes what an audit found, for people and for programs.

mod details;
mod html;
mod human;
mod json;
mod many;

pub(crate) use self::details::write as write_details;
pub(crate) use self::html::{Chapter, write as write_html};
pub(crate) use self::human::write as write_human;
pub(crate) use self::json::{write as write_json, write_failed};
pub(crate) use self::many::{Many, write_line, write_many};

use super::Style;

/// What a report on an audit depends on beside what was found.
#[derive(Clone, Debug, Default)]
pub(crate) struct AuditStyle {
    /// Where it is read.
    pub style: Style,
    /// What to call the repository where there are several; empty where there is one.
    pub repository: String,
}
