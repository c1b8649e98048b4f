//! What code needs at the top of its file.

use std::borrow::Cow;

use bstr::ByteSlice;

use super::lexis::{Lexis, Sort};
use crate::disk;
use crate::dotenv::{self, MARK};

/// The text with the import, where it is not there yet before a place that needs it: before the first of its kind, or
/// behind what has to stand first.
pub(super) fn imported<'t>(
    text: &'t [u8],
    lexis: &Lexis,
    import: &str,
    needed: usize,
) -> Cow<'t, [u8]> {
    let (word, what) = import.split_once(' ').unwrap_or((import, ""));
    let what = what.trim_end_matches(';');
    if is_there(text, lexis, word, what, needed) {
        return Cow::Borrowed(text);
    }
    let at = place(text, lexis, word);
    let end = disk::line_end(text);
    let is_open = at > 0 && text[at - 1] != b'\n' && !(at == MARK.len() && text.starts_with(MARK));
    let line = [if is_open { end } else { "" }, import, end].concat();
    Cow::Owned(dotenv::replaced(text, &[(at..at, line.into_bytes())]))
}

/// The lines that start in code, each with its place and without the comment in it.
fn lines<'t>(text: &'t [u8], lexis: &Lexis) -> impl Iterator<Item = (usize, &'t [u8])> {
    let mut at = match text.starts_with(MARK) {
        true => MARK.len(),
        false => 0,
    };
    let lines = text[at..].lines_with_terminator().map(move |line| {
        let start = at;
        at += line.len();
        (start, line)
    });
    lines.filter_map(move |(start, line)| {
        let mut end = line.len();
        // One that starts within a text or a comment is no code.
        let mut token = lexis.behind(start);
        if token.is_some_and(|token| token.span.start < start) {
            return None;
        }
        while let Some(it) = token.filter(|it| it.span.start < start + line.len()) {
            if it.sort == Sort::Comment {
                end = it.span.start - start;
                break;
            }
            token = lexis.behind(it.span.end);
        }
        Some((start, line[..end].trim_end()))
    })
}

fn is_there(text: &[u8], lexis: &Lexis, word: &str, what: &str, needed: usize) -> bool {
    let mut in_list = false;
    for (at, line) in lines(text, lexis) {
        if at >= needed {
            return false;
        }
        if in_list {
            if names(line.trim(), what) {
                return true;
            }
            in_list = !line.contains(&b')');
        } else if let Some(rest) = line.strip_prefix(word.as_bytes())
            && rest.first().is_none_or(|b| !b.is_ascii_alphanumeric())
        {
            let mut listed = rest.split(|b| b"(;)".contains(b));
            if listed.any(|one| names(one.trim(), what)) {
                return true;
            }
            in_list = rest.trim_start().starts_with(b"(") && !rest.contains(&b')');
        }
    }
    false
}

/// Whether what follows the word of an import brings that: `sys, os` does `os`, and `os.path` binds it too; `os as o`
/// binds another name, as `o "os"` does.
fn names(listed: &[u8], what: &str) -> bool {
    if let Some(path) = what.strip_prefix(['"', '\'']) {
        let path = path.trim_end_matches(['"', '\'']);
        return ["\"", "'"].into_iter().any(|sign| {
            let quoted = [sign, path, sign].concat();
            let rest = listed.strip_prefix(quoted.as_bytes());
            rest.is_some_and(|rest| matches!(rest.trim(), b"" | b";"))
        });
    }
    listed.split(|&b| b == b',' || b == b';').any(|one| {
        let mut words = one.fields();
        let first = words.next().unwrap_or_default();
        let rest = first.strip_prefix(what.as_bytes());
        let binds = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"."));
        binds && words.next().is_none()
    })
}

/// Where an import goes that starts with this word.
fn place(text: &[u8], lexis: &Lexis, word: &str) -> usize {
    let next_line = |at: usize| {
        let end = text[at..].find_byte(b'\n');
        end.map_or(text.len(), |end| at + end + 1)
    };
    let starts = |line: &[u8], with: &str| line.starts_with(with.as_bytes());
    // Go and Dart say first what the file belongs to.
    let belongs =
        |line: &[u8]| starts(line, "package ") || starts(line, "library ") || line == b"library;";
    let named = lines(text, lexis)
        .find(|(_, line)| belongs(line))
        .map(|(at, _)| at);
    let mut first = match named {
        Some(at) => next_line(at),
        None if text.starts_with(MARK) => MARK.len(),
        None => 0,
    };
    if word == "import" && named.is_some_and(|at| starts(&text[at..], "package ")) {
        // What stands before the imports of Go may belong to one of them.
        return first;
    }
    let mut at = first;
    while at < text.len() {
        let next = next_line(at);
        let line = &text[at..next];
        let blank = line.len() - line.trim_start().len();
        let token = lexis.at(at + blank).filter(|_| !line.trim().is_empty());
        if let Some(token) = token
            && token.span.start == at + blank
            && text[token.span.end..next_line(token.span.end.max(at))]
                .trim()
                .is_empty()
        {
            // Comments right at the top, and the text about the module, stay there.
            let end = next_line(token.span.end.saturating_sub(1).max(at));
            let is_text = token.sort == Sort::Text && blank == 0;
            if first == at || is_text {
                first = end;
            }
            if token.sort != Sort::Comment && !is_text {
                return first;
            }
            at = end;
        } else if line.trim().is_empty() {
            at = next;
        } else if starts(line, "from __future__") {
            at = behind_statement(text, at);
            first = at;
        } else {
            let is_import = starts(line, word) || word == "import" && starts(line, "from ");
            return if is_import { at } else { first };
        }
    }
    first
}

/// Behind the lines of an import of Python that goes over several.
fn behind_statement(text: &[u8], from: usize) -> usize {
    let mut at = from;
    let mut in_list = false;
    for line in text[from..].lines_with_terminator() {
        at += line.len();
        let code = line.split(|&b| b == b'#').next().unwrap_or_default();
        in_list = (in_list || code.contains(&b'(')) && !code.contains(&b')');
        if !in_list && !code.trim_end().ends_with(b"\\") {
            break;
        }
    }
    at
}
