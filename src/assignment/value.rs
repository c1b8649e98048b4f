//! Where a value starts and ends.

use std::ops::Range;

use super::join::{self, Joint, Kind};
use super::{Notation, Place, Value, blanks, next_word, starts_with};
use crate::filetype::Syntax;
use crate::words::{find_in_any_case, reference, role};

/// A bound: the longest value between quotes, in bytes. Rules for what is longer, keys and documents, need no
/// name.
const LONGEST_QUOTED: usize = 2048;

/// A bound: the longest value without them.
const LONGEST_BARE: usize = 512;

/// A bound: how far back is looked for what tells text from code on a line; where more stands before it, it is
/// taken for code.
const LINE_REACH: usize = 240;

/// What opens and closes a string, the longer ones first.
const QUOTES: &[&[u8]] = &[
    b"\"\"\"",
    b"'''",
    b"\\\\\\\"",
    b"\\\"",
    b"\\'",
    b"&quot;",
    b"\"",
    b"'",
    b"`",
];

/// The value behind what joins a name to it.
pub(super) fn behind_sign(place: &Place<'_>, found: &mut dyn FnMut(Value)) {
    let Place {
        bytes,
        ref name,
        syntax,
    } = *place;
    let value = join::behind(bytes, name, syntax)
        .and_then(|joint| at(bytes, name, joint, syntax))
        .map(|(place, notation)| Value { place, notation });
    value.into_iter().for_each(found);
}

/// Reads the value at a joint.
fn at(
    bytes: &[u8],
    name: &Range<usize>,
    joint: Joint,
    syntax: Syntax,
) -> Option<(Range<usize>, Notation)> {
    let here = joint.at + blanks(bytes, joint.at);
    match joint.kind {
        Kind::Query => Some((bare(bytes, here, Kind::Query)?, Notation::Query)),
        Kind::Tag => element(bytes, joint.at).map(|value| (value, Notation::Element)),
        Kind::Sign | Kind::Argument | Kind::Space | Kind::Fallback | Kind::Default => {
            if let Some(value) = string(bytes, here, joint.kind) {
                return Some((within(bytes, default(bytes, value)), Notation::Quoted));
            }
            if matches!(joint.kind, Kind::Argument | Kind::Default) {
                return None;
            }
            if let Some(value) = block(bytes, joint.at, here, syntax) {
                return Some((default(bytes, value), Notation::Bare));
            }
            let value = bare(bytes, here, joint.kind)?;
            let notation = literal(bytes, name, &value, joint.kind, syntax)?;
            Some((default(bytes, value), notation))
        }
    }
}

/// What stands for the value of a variable that has none: `value` of `${NAME:-value}`. Any other value
/// stays as it is.
fn default(bytes: &[u8], mut value: Range<usize>) -> Range<usize> {
    /// A bound: nobody nests defaults deeper.
    const DEEPEST: usize = 4;
    for _ in 0..DEEPEST {
        let Some(default) = reference::fallback(&bytes[value.clone()]) else {
            break;
        };
        // It ends where the bracket closes.
        let end = value.end - 1;
        value = end - default.len()..end;
    }
    value
}

/// The one line of a YAML block: `|`, `>-` or `|2` behind a colon, and the value below. A block of more lines
/// is a text, whose secrets have names of their own.
fn block(bytes: &[u8], joint: usize, at: usize, syntax: Syntax) -> Option<Range<usize>> {
    if bytes.get(joint - 1) != Some(&b':')
        || !matches!(bytes.get(at), Some(b'|' | b'>'))
        || matches!(syntax, Syntax::Code | Syntax::Machine)
    {
        return None;
    }
    /// What may stand behind the sign of a block (YAML 1.2, section 8.1.1): how far it is indented, and what
    /// becomes of the line ends behind it.
    const HEADER: usize = 2;
    let header = bytes[at + 1..]
        .iter()
        .take(HEADER)
        .take_while(|b| matches!(b, b'+' | b'-' | b'1'..=b'9'));
    let line_end = at + 1 + header.count();
    let start = next_word(bytes, line_end);
    let indent = indent(&bytes[line_end..start])?;
    let value = bare(bytes, start, Kind::Sign)?;
    let below = next_word(bytes, value.end);
    let ends = match bytes.get(below) {
        None | Some(b'\n' | b'\r') => true,
        Some(_) => self::indent(&bytes[value.end..below])? < indent,
    };
    (indent > 0 && ends).then_some(value)
}

/// How far a line is indented before which this white space stands. `None` if it stands on the line itself.
fn indent(space: &[u8]) -> Option<usize> {
    let newline = space.iter().rposition(|&b| b == b'\n')?;
    Some(space.len() - newline - 1)
}

/// The part of a string that is the secret: behind the name of a scheme, or the longest string of
/// an object that is kept as text.
fn within(bytes: &[u8], value: Range<usize>) -> Range<usize> {
    let text = &bytes[value.clone()];
    /// A bound: the longest name of a scheme.
    const SCHEME: usize = 12;
    if let Some(space) = text.iter().take(SCHEME).position(|&b| b == b' ') {
        let scheme = &text[..space];
        if find_in_any_case(scheme).is_some_and(|word| word.is(role::SCHEME)) {
            return value.start + space + 1..value.end;
        }
    }
    if text.starts_with(b"{") && text.ends_with(b"}") && text.contains(&b'"') {
        let mut longest = value.clone();
        let mut best = 0;
        let mut start = 0;
        for (at, &byte) in text.iter().enumerate() {
            if byte == b'"' {
                let end = at - usize::from(text[at - 1] == b'\\');
                if end > start && end - start > best && is_text_value(&text[start..end]) {
                    best = end - start;
                    longest = value.start + start..value.start + end;
                }
                start = at + 1;
            }
        }
        return longest;
    }
    value
}

/// Neither the space between two strings nor a number.
fn is_text_value(text: &[u8]) -> bool {
    text.iter()
        .all(|b| b.is_ascii_alphanumeric() || b"_-+/=.".contains(b))
}

/// A string at `at`, behind whatever wraps it: a prefix of letters, brackets, a constructor.
fn string(bytes: &[u8], at: usize, kind: Kind) -> Option<Range<usize>> {
    /// A bound: `new String(new char[] { "`.
    const WRAPPERS: usize = 4;
    let mut at = at;
    if kind != Kind::Space {
        at = next_word(bytes, at);
    }
    for _ in 0..WRAPPERS {
        if let Some(quote) = QUOTES.iter().find(|quote| starts_with(bytes, at, quote)) {
            return quoted(bytes, at + quote.len(), quote);
        }
        match *bytes.get(at)? {
            b'(' | b'[' | b'{' | b'&' | b'@' | b'$' | b'~' => at = next_word(bytes, at + 1),
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => at = behind_wrapper(bytes, at)?,
            _ => return None,
        }
    }
    None
}

/// Behind what makes a string of a string: `b"`, `new String(`, `[]byte(`, `Some(`.
fn behind_wrapper(bytes: &[u8], at: usize) -> Option<usize> {
    /// A bound: the letters before a string, `rb"`.
    const LETTERS: usize = 2;
    /// A bound: the longest name of a function or a type.
    const LONGEST: usize = 40;
    let len = bytes[at..]
        .iter()
        .take(LONGEST)
        .take_while(|&&b| b.is_ascii_alphanumeric() || b"_.:<>[]".contains(&b))
        .count();
    let end = at + len;
    let word = &bytes[at..end];
    match bytes.get(end)? {
        b'"' | b'\'' | b'`' if len <= LETTERS => Some(end),
        b' ' if word == b"new" || word == b"await" || word == b"or" => {
            Some(end + blanks(bytes, end))
        }
        b'(' => {
            let last = word.rsplit(|b| b".:".contains(b)).next().unwrap_or(word);
            let reads = find_in_any_case(last).is_some_and(|word| word.is(role::READER))
                || last.to_ascii_lowercase().starts_with(b"dec");
            (!reads).then(|| next_word(bytes, end + 1))
        }
        _ => None,
    }
}

/// Up to the quote that closes a string, on the same line; between three quotes, on a line of its own.
fn quoted(bytes: &[u8], start: usize, quote: &[u8]) -> Option<Range<usize>> {
    let triple = matches!(quote, b"\"\"\"" | b"'''");
    let start = if triple {
        next_word(bytes, start)
    } else {
        start
    };
    let longest = (start + LONGEST_QUOTED).min(bytes.len());
    let mut end = start;
    while end < longest {
        if bytes[end] == quote[0] && starts_with(bytes, end, quote) {
            let after = bytes.get(end + quote.len());
            // A key of the same table, not a value.
            let is_key = after == Some(&b':') && quote.len() == 1;
            return (end > start && !is_key).then_some(start..end);
        }
        match bytes[end] {
            b'\n' if triple && starts_with(bytes, next_word(bytes, end), quote) => {
                let text = bytes[start..end].trim_ascii_end();
                return (!text.is_empty()).then_some(start..start + text.len());
            }
            b'\n' => return None,
            b'\\' => end += 2,
            _ => end += 1,
        }
    }
    None
}

/// Up to the tag that closes an element.
fn element(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let mut start = next_word(bytes, at);
    if starts_with(bytes, start, b"<![CDATA[") {
        start += 9;
    }
    let len = bytes[start..]
        .iter()
        .take(LONGEST_BARE)
        .take_while(|&&b| b != b'<' && b != b']' && !b.is_ascii_whitespace())
        .count();
    let end = start + len;
    (len > 0 && matches!(bytes.get(end), Some(b'<' | b']' | b'\n' | b'\r'))).then_some(start..end)
}

/// Up to the end of a word.
fn bare(bytes: &[u8], start: usize, kind: Kind) -> Option<Range<usize>> {
    let ends = |byte: u8| match byte {
        b'"' | b'\'' | b'`' | b'<' | b'>' | b';' | b',' | b'\\' | b'|' => true,
        b'}' if kind == Kind::Fallback => true,
        b'&' | b'#' | b')' | b']' | b'}' | b'{' | b'*' => kind == Kind::Query,
        _ => byte <= b' ' || byte >= 0x7f,
    };
    let mut len = bytes[start..]
        .iter()
        .take(LONGEST_BARE + 1)
        .take_while(|&&b| !ends(b))
        .count();
    // `a=1&b=2` without the page before it.
    if kind == Kind::Sign
        && let Some(and) = bytes[start..start + len].iter().position(|&b| b == b'&')
        && bytes[start + and..start + len].contains(&b'=')
    {
        len = and;
    }
    if len == 0 || len > LONGEST_BARE {
        return None;
    }
    let mut end = start + len;
    // A bracket or a full stop that closes what the value stands in is none of its own.
    let closing = |byte: u8| matches!(byte, b')' | b']' | b'}' | b'.' | b':');
    while end > start
        && closing(bytes[end - 1])
        && bytes[start..end - 1]
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || b"_-+/=.".contains(b))
    {
        end -= 1;
    }
    // The next parameter is cut off.
    while end > start && bytes[end - 1] == b'&' {
        end -= 1;
    }
    (end > start).then_some(start..end)
}

/// How a bare value is written, if it is one where it stands, not a part of a sentence or of an
/// expression.
fn literal(
    bytes: &[u8],
    name: &Range<usize>,
    value: &Range<usize>,
    kind: Kind,
    syntax: Syntax,
) -> Option<Notation> {
    if kind == Kind::Space || kind == Kind::Fallback {
        return Some(Notation::Bare);
    }
    let after = value.end + blanks(bytes, value.end);
    let next = bytes.get(after).copied().unwrap_or(b'\n');
    let ends_line = b"\n\r#\\;,\"'`<)}]|".contains(&next) || starts_with(bytes, after, b"//");
    let joined = matches!(bytes.get(name.end), Some(b'=' | b':'));
    match syntax {
        Syntax::Settings if ends_line => Some(Notation::Bare),
        Syntax::Script | Syntax::Prose | Syntax::Unknown
            if ends_line || joined || bytes[name.start] == b'-' =>
        {
            Some(Notation::Bare)
        }
        Syntax::Code if joined && is_text(bytes, name.start) => Some(Notation::Bare),
        // In a string of many lines, whose start is out of sight.
        Syntax::Code if ends_line => Some(Notation::Unclear),
        _ => None,
    }
}

/// Whether a place in code lies within a string or a comment.
fn is_text(bytes: &[u8], at: usize) -> bool {
    let before = &bytes[at.saturating_sub(LINE_REACH)..at];
    let line = match before.iter().rposition(|&b| b == b'\n') {
        Some(newline) => &before[newline + 1..],
        None if before.len() == LINE_REACH => return false,
        None => before,
    };
    let start = line.trim_ascii_start();
    if [&b"//"[..], b"#", b"*", b"--", b"/*", b"<!--", b";", b">>>"]
        .iter()
        .any(|mark| start.starts_with(mark))
    {
        return true;
    }
    let mut open = None;
    let mut at = 0;
    while at < line.len() {
        match (line[at], open) {
            (b'\\', Some(_)) => at += 1,
            (b @ (b'"' | b'\'' | b'`'), None) => open = Some(b),
            (b, Some(quote)) if b == quote => open = None,
            (b'/', None) if line.get(at + 1) == Some(&b'/') => return true,
            (b'#', None) if at > 0 && line[at - 1] == b' ' => return true,
            _ => {}
        }
        at += 1;
    }
    open.is_some()
}
