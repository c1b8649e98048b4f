//! What a line of a script does with a secret.

use crate::words::name::is_identifier;

/// Commands that write what they are given.
const PRINTS: &[&str] = &["echo", "printf", "print", "write-host", "write-output"];

/// Commands behind a pipe that give on what they got, so that the log has it in another form.
const PASSES_ON: &[&str] = &[
    "awk", "base64", "cat", "cut", "fold", "head", "od", "rev", "sed", "sort", "tail", "tr", "xxd",
];

/// Whether an expression of GitHub Actions is one secret.
pub(super) fn is_secret_expression(text: &str) -> bool {
    let text = text.trim_matches(['"', '\'', ' ']);
    let inner = text
        .strip_prefix("${{")
        .and_then(|text| text.strip_suffix("}}"));
    inner.is_some_and(|inner| secret_of_expression(inner).is_some())
}

/// The secret that the inside of an expression gives; `None` if it gives something else of it.
fn secret_of_expression(inner: &str) -> Option<&str> {
    let compares = ["==", "!=", "&&", "!", "(", "format"]
        .iter()
        .any(|sign| inner.contains(sign));
    let secret = inner
        .split("||")
        .map(str::trim)
        .find(|part| part.starts_with("secrets."))?;
    (!compares).then_some(secret)
}

/// Where the first secret stands in a text that a shell expands, and what it is called.
pub(super) fn secret_in(text: &str, is_secret: impl Fn(&str) -> bool) -> Option<(usize, &str)> {
    let bytes = text.as_bytes();
    let mut quoted = false;
    let mut doubly = false;
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b'\'' if !doubly => quoted = !quoted,
            b'"' if !quoted => doubly = !doubly,
            b'$' if text[at..].starts_with("${{") => {
                let inner = &text[at + 3..];
                let inner = &inner[..inner.find("}}")?];
                if let Some(name) = secret_of_expression(inner) {
                    return Some((at, name));
                }
                at += inner.len();
            }
            b'$' if !quoted => {
                let name = variable(&text[at + 1..]);
                if let Some(name) = name.filter(|name| is_secret(name)) {
                    return Some((at, name));
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// The variable that is read behind a `$`.
fn variable(text: &str) -> Option<&str> {
    let text = text.strip_prefix('$').unwrap_or(text);
    let text = text.strip_prefix("env:").unwrap_or(text);
    let (text, close) = match text.as_bytes().first()? {
        b'{' => (&text[1..], Some('}')),
        // Azure reads variables so, and shells start commands.
        b'(' => (&text[1..], Some(')')),
        _ => (text, None),
    };
    let end = text
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .unwrap_or(text.len());
    let (name, behind) = text.split_at(end);
    let is_read = match close {
        // `${X:+set}` and `${X+set}` tell only whether there is one.
        Some('}') => !behind.starts_with(":+") && !behind.starts_with('+'),
        Some(close) => behind.starts_with(close),
        None => true,
    };
    (is_read && is_identifier(name.as_bytes())).then_some(name)
}

/// What a line writes into the log: where each piece starts, and its text.
pub(super) fn printed(script: &str) -> impl Iterator<Item = (usize, &str)> {
    /// What may stand before a command.
    const LEADS: &[&str] = &["do ", "else ", "then ", "{ "];
    let start = script.as_ptr() as usize;
    commands(script).filter_map(move |command| {
        let mut body =
            command.trim_start_matches(|c: char| c.is_whitespace() || "\"'@".contains(c));
        while let Some(behind) = LEADS.iter().find_map(|lead| body.strip_prefix(lead)) {
            body = behind.trim_start();
        }
        let word = body.split([' ', '(']).next().unwrap_or_default();
        let prints = PRINTS.contains(&&*word.to_ascii_lowercase());
        let is_shown = prints && !body.contains("::add-mask::") && goes_to_log(body);
        is_shown.then_some((body.as_ptr() as usize - start, body))
    })
}

/// A line, split behind what ends a command.
fn commands(script: &str) -> impl Iterator<Item = &str> {
    let mut quotes = Quotes::default();
    script.split_inclusive(move |c: char| {
        let is_double = c == quotes.before;
        quotes.leave_out(c) && (c == ';' || matches!(c, '&' | '|') && is_double)
    })
}

/// The quotes of a line that is read from its start.
#[derive(Default)]
struct Quotes {
    open: Option<char>,
    before: char,
}

impl Quotes {
    /// Whether the next character stands in none.
    fn leave_out(&mut self, c: char) -> bool {
        match self.open {
            None if matches!(c, '"' | '\'') => self.open = Some(c),
            Some(open) if open == c && self.before != '\\' => self.open = None,
            _ => {}
        }
        self.before = c;
        self.open.is_none()
    }
}

/// Whether what a command writes is not kept from the log, by a file or another program.
fn goes_to_log(command: &str) -> bool {
    let mut quotes = Quotes::default();
    for (at, c) in command.char_indices() {
        if !quotes.leave_out(c) {
            continue;
        }
        match c {
            '>' => {
                let to = command[at..].trim_start_matches(['>', '&', ' ', '"', '$', '{']);
                return to.trim_end_matches([';', '&', '"', '\'', ' ']) == "2"
                    || to.starts_with("/dev/std")
                    || to.starts_with("GITHUB_STEP_SUMMARY");
            }
            '|' if !command[at + 1..].starts_with('|') => {
                let last = command[at + 1..].rsplit('|').next().unwrap_or_default();
                let word = last.split_whitespace().next().unwrap_or_default();
                return PASSES_ON.contains(&word) && !last.contains('>');
            }
            _ => {}
        }
    }
    true
}

/// Where a line has the shell show every command.
pub(super) fn traces(script: &str) -> Option<usize> {
    let starts_word =
        |at: &usize| !script[..*at].ends_with(|c: char| c.is_alphanumeric() || "-_./".contains(c));
    let mut starts = ["set -", "bash -", "sh -"].iter();
    let at = starts.find_map(|start| script.find(start).filter(starts_word))?;
    let flags = script[at..].split_once('-').map_or("", |(_, flags)| flags);
    let word = flags
        .split(|c: char| !c.is_ascii_alphanumeric())
        .next()
        .unwrap_or_default();
    let is_short = word.len() <= 6
        && word.contains('x')
        && word.chars().all(|c| "abcefhklmnopruvxEBCHPT".contains(c));
    (is_short || flags.starts_with("o xtrace")).then_some(at)
}

/// The variables to which a line of a Jenkinsfile gives a secret.
pub(super) fn bound_in_jenkins(text: &str) -> Vec<&str> {
    let mut bound = Vec::new();
    for name in ["variable:", "passwordVariable:", "keyFileVariable:"] {
        if let Some((_, behind)) = text.split_once(name) {
            let name = behind.trim_start().trim_start_matches(['\'', '"']);
            let end = name.find(['\'', '"']).unwrap_or_default();
            bound.extend(Some(&name[..end]).filter(|name| is_identifier(name.as_bytes())));
        }
    }
    if let Some((name, value)) = text.split_once('=')
        && value.trim_start().starts_with("credentials(")
    {
        let name = name.split_whitespace().next_back();
        bound.extend(name.filter(|name| is_identifier(name.as_bytes())));
    }
    bound
}
