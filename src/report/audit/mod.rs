//! Writes what an audit found, for people and for programs.

mod details;
mod human;
mod json;
mod many;

pub(crate) use self::details::write as write_details;
pub(crate) use self::human::write as write_human;
pub(crate) use self::json::write as write_json;
pub(crate) use self::many::{Many, write_failed, write_line, write_many};

use super::Style;
use crate::count::digits;

/// The first few of many names.
fn first_of<T: ToString>(names: &[T], most: usize) -> String {
    let told: Vec<String> = names.iter().take(most).map(ToString::to_string).collect();
    let told = told.join(", ");
    match names.len().checked_sub(most) {
        Some(more) if more > 0 => format!("{told} and {} more", digits(more)),
        _ => told,
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

#[cfg(test)]
mod tests {
    use super::first_of;

    #[test]
    fn a_list_is_short() {
        assert_eq!(first_of(&["a", "b"], 2), "a, b");
        assert_eq!(first_of(&["a", "b", "c"], 2), "a, b and 1 more");
    }
}
