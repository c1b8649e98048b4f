//! Entries put into settings that are TOML, and taken out again: tables at the end of the file, between two marks.
//! All that is not keyward's stays as it is, byte for byte.

use std::ops::Range;

use toml::{Table, Value};

use super::edit::Problem;
use crate::disk;

const OPEN: &str = "# >>> keyward: kept from reading, writing and sending secrets >>>";
const CLOSE: &str = "# <<< keyward <<<";

/// A text with these lines more; the whole of a file where there was none.
pub(crate) fn with(old: Option<&str>, lines: &str) -> Result<String, Problem> {
    let text = old.unwrap_or_default();
    let end = disk::line_end(text.as_bytes());
    let mut with = text.to_owned();
    // An end of a line says that the file was there before.
    with.push_str(old.map_or("", |_| end));
    for line in [OPEN].into_iter().chain(lines.lines()).chain([CLOSE]) {
        with.push_str(line);
        with.push_str(end);
    }
    parsed(text)?;
    // They may have something else of that name.
    parsed(&with).map_err(|_| Problem::Shape)?;
    Ok(with)
}

/// A text without the lines between the marks; `None` if nothing else was in the file.
pub(crate) fn without(text: &str) -> Option<String> {
    let Some(lines) = marked(text) else {
        return Some(text.to_owned());
    };
    let (before, behind) = (&text[..lines.start], &text[lines.end..]);
    match before.strip_suffix(disk::line_end(text.as_bytes())) {
        Some(before) => Some(format!("{before}{behind}")),
        None => (!behind.is_empty()).then(|| behind.to_owned()),
    }
}

/// The commands like that of the hooks in a text, in their order.
pub(crate) fn commands(text: &str, is_ours: &dyn Fn(&str) -> bool) -> Result<Vec<String>, Problem> {
    let table = parsed(text)?;
    let hooks = table.get("hooks").and_then(Value::as_array);
    let mut found = Vec::new();
    for hook in hooks.into_iter().flatten() {
        if let Some(command) = hook.get("command").and_then(Value::as_str)
            && is_ours(command)
            && !found.iter().any(|known| known == command)
        {
            found.push(command.to_owned());
        }
    }
    Ok(found)
}

/// Whether a hook in a text has a command like that and names the event beside it.
pub(crate) fn names(
    text: &str,
    event: &str,
    is_ours: &dyn Fn(&str) -> bool,
) -> Result<bool, Problem> {
    let table = parsed(text)?;
    let hooks = table.get("hooks").and_then(Value::as_array);
    let mut hooks = hooks.into_iter().flatten();
    let is_one = |hook: &Value| {
        let command = hook.get("command").and_then(Value::as_str);
        let fields = hook.as_table();
        command.is_some_and(is_ours)
            && fields.is_some_and(|it| it.values().any(|value| value.as_str() == Some(event)))
    };
    Ok(hooks.any(is_one))
}

fn parsed(text: &str) -> Result<Table, Problem> {
    toml::from_str(text).map_err(|_| Problem::Unreadable)
}

/// The lines from the first mark to the last, with the end of that line.
fn marked(text: &str) -> Option<Range<usize>> {
    let start = text.find(OPEN)?;
    let close = start + text[start..].find(CLOSE)? + CLOSE.len();
    let end = text[close..]
        .find('\n')
        .map_or(text.len(), |at| close + at + 1);
    Some(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: &str = "[[hooks]]\ncommand = \"keyward agent-hook kimi\"\n";

    fn is_ours(command: &str) -> bool {
        command.starts_with("keyward ")
    }

    #[test]
    fn what_is_put_in_is_taken_out_again() {
        for old in [
            None,
            Some(""),
            Some("\n"),
            Some("a = 1"),
            Some("# mine\r\na = 1\r\n"),
            Some("[[hooks]]\ncommand = \"other\" # why\n\n\n"),
            Some("[a]\nhooks = 1\n"),
        ] {
            let with = with(old, LINES).expect("it fits");
            assert!(with.starts_with(old.unwrap_or_default()), "{with}");
            assert_eq!(
                with.contains("\r\n"),
                old.is_some_and(|old| old.contains("\r\n"))
            );
            let named = commands(&with, &is_ours);
            assert_eq!(
                named,
                Ok(vec!["keyward agent-hook kimi".to_owned()]),
                "{with}"
            );
            assert_eq!(without(&with).as_deref(), old, "{with}");
            // What somebody wrote behind it stays.
            let more = format!("{with}b = 2\n");
            let expected = format!("{}b = 2\n", old.unwrap_or_default());
            assert_eq!(without(&more), Some(expected));
        }
        assert_eq!(without("a = 1\n").as_deref(), Some("a = 1\n"));
        assert_eq!(without(OPEN).as_deref(), Some(OPEN));
    }

    #[test]
    fn what_they_do_not_fit_into_is_left() {
        for (old, expected) in [
            ("a = ", Problem::Unreadable),
            ("hooks = 1\n", Problem::Shape),
            ("hooks = []\n", Problem::Shape),
            ("[hooks]\n", Problem::Shape),
        ] {
            assert_eq!(with(Some(old), LINES), Err(expected), "{old}");
        }
        assert_eq!(commands("a = ", &is_ours), Err(Problem::Unreadable));
        assert_eq!(commands("hooks = 1", &is_ours), Ok(Vec::new()));
    }
}
