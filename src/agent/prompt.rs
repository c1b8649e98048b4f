//! A prompt, and the files that it mentions: what stands behind an `@` is read without any tool.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::event::field;
use super::tool::attached;
use super::tool::{Look, whole};

/// A bound: of more files in one prompt the first are looked at.
const MOST_FILES: usize = 100;

/// A bound: of more signs in one prompt the first are looked at.
const MOST_SIGNS: usize = 10_000;

/// A bound: no path is longer.
const LONGEST_PATH: usize = 4096;

/// What is to be looked at before a prompt goes to the model.
pub(super) fn looks(event: &Map<String, Value>) -> Vec<Look> {
    let prompt = field(event, &["prompt", "user_prompt", "userPrompt"]);
    let prompt = prompt.map(text_of).unwrap_or_default();
    let mut looks = vec![Look::Text {
        name: "prompt",
        text: prompt.clone().into_owned(),
    }];
    let attached = attached(event, &["file_path", "filePath", "path"]);
    let files = mentions(&prompt).chain(attached).take(MOST_FILES);
    looks.extend(files.map(whole));
    looks
}

/// The text of a prompt, which may come in pieces.
fn text_of(prompt: &Value) -> Cow<'_, str> {
    if let Value::String(text) = prompt {
        return text.into();
    }
    let mut pieces: Vec<&str> = Vec::new();
    let mut pending = vec![prompt];
    while let Some(value) = pending.pop() {
        match value {
            Value::String(text) => pieces.push(text),
            Value::Array(list) => pending.extend(list.iter().rev()),
            Value::Object(fields) => pending.extend(fields.values()),
            _ => {}
        }
    }
    pieces.join("\n").into()
}

/// The paths behind an `@` that starts a word.
fn mentions(prompt: &str) -> impl Iterator<Item = String> + '_ {
    let starts_word = |at: usize| {
        let before = prompt[..at].chars().next_back();
        before.is_none_or(|c| c.is_whitespace() || "([{<\"'`,;:".contains(c))
    };
    prompt
        .match_indices('@')
        .filter(move |(at, _)| starts_word(*at))
        .take(MOST_SIGNS)
        .filter_map(|(at, _)| path(&prompt[at + 1..]))
}

/// The path that a text starts with: in quotes, or up to the next blank, where a backslash keeps one.
fn path(text: &str) -> Option<String> {
    let mut chars = text.chars();
    let quote = chars.clone().next().filter(|c| "\"'".contains(*c));
    if quote.is_some() {
        chars.next();
    }
    let mut path = String::new();
    while let Some(c) = chars.next() {
        match c {
            '\\' if quote.is_none() => path.extend(chars.next()),
            c if Some(c) == quote => break,
            c if quote.is_none() && (c.is_whitespace() || "\"'`<>|".contains(c)) => break,
            '\n' => break,
            c => path.push(c),
        }
        if path.len() > LONGEST_PATH {
            return None;
        }
    }
    // Lines of it: `a.py#L3-9`, `a.py:3-9`.
    let path = path.split('#').next().unwrap_or_default();
    let path = path.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '}']);
    let path = without_number(path).map_or(path, |path| without_number(path).unwrap_or(path));
    (!path.is_empty()).then(|| path.to_owned())
}

/// A path without the lines, or the column, at its end: `:3-9`.
fn without_number(path: &str) -> Option<&str> {
    let is_number = |c: char| c.is_ascii_digit() || c == '-';
    let before = path.trim_end_matches(is_number);
    before
        .strip_suffix(':')
        .filter(|_| before.len() < path.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mentions_are_paths_that_start_a_word() {
        let found = |prompt: &str| mentions(prompt).collect::<Vec<_>>();
        for (prompt, expected) in [
            ("read @.env please", &[".env"][..]),
            ("(@a/b.py), @c.py.", &["a/b.py", "c.py"]),
            (
                "@\"my file.txt\" @my\\ file.txt",
                &["my file.txt", "my file.txt"],
            ),
            ("@src/a.rs#L3-9!", &["src/a.rs"]),
            (
                "@a.py:3-9 @notes2:1-3 @a2.rs:4:7,",
                &["a.py", "notes2", "a2.rs"],
            ),
            ("mail me@example.com", &[]),
            ("@ @", &[]),
            ("@", &[]),
        ] {
            assert_eq!(found(prompt), expected, "{prompt}");
        }
    }
}
