//! Writes a playbook: for people on a terminal, for the ticket of an incident, and for programs.

mod human;
mod json;
mod markdown;

pub(crate) use self::human::write as write_human;
pub(crate) use self::json::write as write_json;
pub(crate) use self::markdown::write as write_markdown;
