//! What stands before a name: the call whose argument it is, the command or the directive that sets it.

use std::ops::Range;

use bstr::ByteSlice;

use super::join::Kind;
use super::{blanks, line_before, string, trim_end};
use crate::filetype::Syntax;
use crate::words::name::pieces;
use crate::words::{place_of, role};

/// Whether nothing but an indent stands before `at` on its line.
pub(super) fn starts_line(bytes: &[u8], at: usize) -> bool {
    /// A bound: the deepest indent.
    const REACH: usize = 80;
    line_before(bytes, at, REACH).is_some_and(|line| line.trim_ascii().is_empty())
}

/// Whether a word stands before the quote of a name, as before the label of a block.
pub(super) fn is_labelled(bytes: &[u8], name: &Range<usize>) -> bool {
    /// A bound: the word, and the blanks behind it.
    const REACH: usize = 24;
    let before = &bytes[name.start.saturating_sub(REACH)..name.start];
    let before = trim_end(trim_end(before, |b| b == b'"'), |b| b == b' ');
    before.last().is_some_and(u8::is_ascii_alphabetic)
}

/// Whether a name is a cell of a table in Markdown.
pub(super) fn is_cell(bytes: &[u8], name: &Range<usize>) -> bool {
    /// A bound: a cell of a name alone, padded.
    const REACH: usize = 40;
    let before = &bytes[name.start.saturating_sub(REACH)..name.start];
    let before = trim_end(before, |b| matches!(b, b' ' | b'`' | b'*'));
    before.ends_with(b"|")
}

/// Whether a name between quotes, with a comma behind it, names the argument that follows. In a list
/// it does not.
pub(super) fn is_argument(bytes: &[u8], name: &Range<usize>) -> bool {
    // An option goes with the item behind it, whatever holds them.
    if bytes[name.start] == b'-' {
        return true;
    }
    /// A bound: how far back a call's function is looked for.
    const REACH: usize = 48;
    let before = bytes[name.start.saturating_sub(REACH)..name.start].trim_ascii_end();
    let Some(before) = before
        .strip_suffix(b"\"")
        .or_else(|| before.strip_suffix(b"'"))
        .or_else(|| before.strip_suffix(b"`"))
    else {
        return false;
    };
    let before = before
        .strip_suffix(b"\\")
        .unwrap_or(before)
        .trim_ascii_end();
    let Some(call) = before.strip_suffix(b"(") else {
        // Further arguments stand before it, or other items of a list.
        let open = before.iter().rposition(|b| matches!(b, b'(' | b'[' | b'{'));
        return before.last() == Some(&b',')
            && match open {
                Some(at) => before[at] == b'(',
                None => is_command(before),
            };
    };
    let function = call
        .rsplit(|b| !b.is_ascii_alphanumeric() && *b != b'_')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    !role::TAKES_BOTH
        .words()
        .any(|verb| place_of(verb.bytes(), &function).is_some())
}

/// Whether a text has a line on which a function is called without brackets: `buildConfigField "String", `.
fn is_command(before: &[u8]) -> bool {
    let line = before.rfind_byte(b'\n').map_or(0, |at| at + 1);
    let line = before[line..].trim_ascii_start();
    let word = line
        .iter()
        .take_while(|b| b.is_ascii_alphanumeric() || **b == b'_');
    let word = word.count();
    word > 0 && matches!(line.get(word..word + 2), Some([b' ', b'"' | b'\'']))
}

/// Whether a name without quotes, with a comma behind it, names the string that follows: a symbol,
/// `set :db_password, "x"`, or what a call sets, `strcpy(config.password, "x")`.
pub(super) fn is_set(bytes: &[u8], name: &Range<usize>) -> bool {
    /// A bound: the function, and what stands between it and the name.
    const REACH: usize = 48;
    let before = &bytes[name.start.saturating_sub(REACH)..name.start];
    if let Some(before) = before.strip_suffix(b":") {
        return before.ends_with(b" ") || before.ends_with(b"(");
    }
    let call = trim_end(before, |b| matches!(b, b'&' | b'*')).strip_suffix(b"(");
    call.is_some_and(|call| sets(last_word(call)))
}

/// Whether a name between quotes stands first in the brackets of Lisp, behind a word that sets it:
/// `(setenv "API_KEY" "x")`.
pub(super) fn is_set_in_brackets(bytes: &[u8], name: &Range<usize>) -> bool {
    /// A bound: the function, and what stands between it and the name.
    const REACH: usize = 32;
    let before = &bytes[name.start.saturating_sub(REACH)..name.start];
    let Some(before) = before.strip_suffix(b" \"") else {
        return false;
    };
    let open = before.rfind_byte(b'(');
    open.is_some_and(|open| {
        let function = &before[open + 1..];
        sets(function) && !function.contains(&b' ')
    })
}

/// Whether a name between quotes, maybe the last one of a path, stands behind a command that sets it:
/// `user-secrets set "App:ApiKey" "x"`.
pub(super) fn is_set_by_command(bytes: &[u8], name: &Range<usize>, syntax: Syntax) -> bool {
    /// A bound: the command, and the path before the name.
    const REACH: usize = 80;
    if !matches!(syntax, Syntax::Script | Syntax::Prose) {
        return false;
    }
    let Some(line) = line_before(bytes, name.start, REACH) else {
        return false;
    };
    let Some(quote) = line.rfind_byteset(b"\"'") else {
        return false;
    };
    let is_path = |b: &u8| b.is_ascii_alphanumeric() || b"_:./-".contains(b);
    line[quote + 1..].iter().all(is_path) && is_setting(line[..quote].trim_ascii())
}

/// The word of letters, digits and `_` that ends a text.
fn last_word(text: &[u8]) -> &[u8] {
    text.rsplit(|b| !b.is_ascii_alphanumeric() && *b != b'_')
        .next()
        .unwrap_or_default()
}

/// Whether the name of a function or a directive says that it gives a name the value behind that.
fn sets(word: &[u8]) -> bool {
    pieces(word).any(|piece| role::SETTER.has_in_any_case(piece))
}

/// Whether a text, what stands before a name on its line, is a command or a directive that gives the name the value
/// behind it: `set -gx`, `git config --global`, `http-request set-header`.
fn is_setting(line: &[u8]) -> bool {
    let is_option = |word: &&[u8]| matches!(word, [b'-' | b'/', ..]);
    let mut words = line.split(u8::is_ascii_whitespace);
    let last = words.rfind(|word| !is_option(word));
    last.is_some_and(|word| word.first().is_some_and(u8::is_ascii_alphabetic) && sets(word))
}

/// Whether a text is a directive that says first whose secret the name behind it is: `user admin`.
fn is_account(line: &[u8]) -> bool {
    let mut words = line.split(u8::is_ascii_whitespace);
    let first = words.next().unwrap_or_default();
    words.count() == 1 && [&b"user"[..], b"username", b"login"].contains(&first)
}

/// What stands before a keyword of Lisp, without its namespace: `:app/api-key`.
fn without_namespace(before: &[u8]) -> &[u8] {
    match before.strip_suffix(b"/") {
        Some(space) => trim_end(space, |b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)),
        None => before,
    }
}

/// What may follow behind a space alone.
pub(super) fn takes_space(bytes: &[u8], name: &Range<usize>, syntax: Syntax) -> Option<Kind> {
    if bytes[name.start] == b'-' {
        return Some(Kind::Space);
    }
    /// A bound: an indent, and what sets a name.
    const REACH: usize = 80;
    let in_sight = line_before(bytes, name.start, REACH);
    let before = &bytes[name.start.saturating_sub(REACH)..name.start];
    let line = in_sight.unwrap_or(before).trim_ascii();
    let is_string = string::opens(bytes, name.end + blanks(bytes, name.end));
    // `set $api_key "x";`, `${api_key}    x`
    let directive = trim_end(line, |b| matches!(b, b'$' | b'{')).trim_ascii_end();
    let is_set = || in_sight.is_some() && is_setting(directive);
    // `(setq db-password "x")`, `set(DB_PASSWORD "x")`
    let in_call = || {
        let word = last_word(line);
        let open = line.strip_suffix(word).unwrap_or_default().ends_with(b"(") && !word.is_empty();
        open || line.ends_with(b"(") && line.len() > 1
    };
    // `{:user "me" :password "x"}`, `@password "x"`, `storePassword 'x'`
    let before_string = || {
        let before = without_namespace(before);
        let is_keyword = matches!(before, [.., b' ' | b'{' | b'(' | b'[' | b'\n', b':' | b'@']);
        let opens =
            in_sight.is_some() && line.is_empty() || matches!(line.last(), Some(b'{' | b';'));
        // `OPTIONS (user 'x', password 'y')`
        let is_option = || line.ends_with(b",") && line.contains(&b'(');
        is_keyword || syntax == Syntax::Code && (opens || is_set() || is_option())
    };
    if line == b"#define" && in_sight.is_some() || is_string && (in_call() || before_string()) {
        return Some(Kind::Argument);
    }
    let takes = match syntax {
        _ if in_sight.is_none() => false,
        // Two columns, as people keep notes.
        Syntax::Prose if directive.is_empty() && is_in_columns(&bytes[name.end..]) => true,
        Syntax::Script | Syntax::Prose => is_set(),
        // `password ...` in .netrc, `token ...` in the settings of many a server.
        Syntax::Unknown | Syntax::Settings => directive.is_empty() || is_set() || is_account(line),
        _ => false,
    };
    takes.then_some(Kind::Space)
}

/// Whether what follows a name is a gap between two columns: a tab, or more than one blank.
fn is_in_columns(behind: &[u8]) -> bool {
    matches!(behind, [b'\t', ..] | [b' ', b' ' | b'\t', ..])
}
