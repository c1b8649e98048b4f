//! Where a value starts and ends.

use std::ops::Range;

use bstr::ByteSlice;

use super::bytes;
use super::expression::{self, Start};
use super::join::{self, Joint, Kind};
use super::{
    Notation, Place, Value, blanks, element, line, line_before, message, next_word, starts_with,
    string,
};
use crate::filetype::Syntax;
use crate::words::reference;

/// A bound: the longest value without them.
pub(super) const LONGEST_BARE: usize = 512;

/// A bound: how far back is looked for what tells text from code on a line; where more stands before it, it is
/// taken for code.
pub(super) const LINE_REACH: usize = 240;

/// The values behind what joins a name to them.
pub(super) fn behind_sign(place: &Place<'_>, found: &mut dyn FnMut(Value)) -> bool {
    let Some(joint) = join::behind(place.bytes, &place.name, place.syntax) else {
        return false;
    };
    let joint = match place.syntax {
        Syntax::Settings if joint.kind == Kind::Sign => line::behind_anchor(place.bytes, joint),
        _ => joint,
    };
    if matches!(joint.kind, Kind::Sign | Kind::Call | Kind::Default)
        && let Some(list) = bytes::list(place.bytes, joint.at)
    {
        found(Value::new(list, Notation::Bytes));
        return true;
    }
    let rest = match joint.kind {
        Kind::Sign | Kind::Space | Kind::Fallback => line::rest(place, joint.at),
        _ => None,
    };
    let is_plain = joint.kind == Kind::Sign
        && (rest.clone()).is_some_and(|rest| line::is_plain(&place.bytes[rest]));
    let mut any = false;
    if !is_plain {
        literals(place, joint, &mut |value| {
            any = true;
            found(value);
        });
    }
    if !any && let Some(value) = without_quotes(place, joint, rest) {
        found(value);
    }
    false
}

/// The strings behind a joint.
fn literals(place: &Place<'_>, joint: Joint, found: &mut dyn FnMut(Value)) {
    let bytes = place.bytes;
    let start = match joint.kind {
        Kind::Query | Kind::Tag => return,
        Kind::Space | Kind::Fallback => {
            let at = joint.at + blanks(bytes, joint.at);
            let text = string::at(bytes, at).map(|literal| literal.text);
            if let Some(text) = text.filter(|text| !text.is_empty()) {
                let text = message::within(place, default(bytes, text));
                found(Value::new(text, Notation::Quoted));
            }
            return;
        }
        Kind::Sign | Kind::Default => Start::Sign,
        Kind::Call => Start::Call,
        Kind::Entry => Start::Pair,
        Kind::Argument => Start::Argument,
        Kind::Block => Start::Block,
        Kind::Operand => Start::Operand,
    };
    if !expression::has_string(bytes, joint.at, &place.seen.unquoted) {
        return;
    }
    let name = &bytes[place.name.clone()];
    expression::each(bytes, name, joint.at, start, &mut |literal| {
        let text = message::within(place, default(bytes, literal.text));
        found(Value {
            item: literal.item,
            ..Value::new(text, Notation::Quoted)
        });
    });
}

/// The value behind a joint that has no quotes around it.
fn without_quotes(place: &Place<'_>, joint: Joint, rest: Option<Range<usize>>) -> Option<Value> {
    let bytes = place.bytes;
    let at = joint.at + blanks(bytes, joint.at);
    let (value, notation) = match joint.kind {
        Kind::Query => (bare(place, at, Kind::Query)?, Notation::Query),
        Kind::Tag => (element::text(bytes, joint.at)?, Notation::Element),
        Kind::Argument | Kind::Block | Kind::Call | Kind::Default | Kind::Entry | Kind::Operand => {
            return None;
        }
        Kind::Sign | Kind::Space | Kind::Fallback => {
            if let Some(value) = block(place, joint.at, at) {
                (value, Notation::Bare)
            } else if let Some(value) = heredoc(bytes, at) {
                (value, Notation::Quoted)
            } else if let Some(value) = rest {
                (message::within(place, value), Notation::Bare)
            } else {
                let at = message::behind_scheme(place, at);
                let value = bare(place, at, joint.kind)?;
                let notation = literal(bytes, &place.name, &value, joint.kind, place.syntax)?;
                (value, notation)
            }
        }
    };
    Some(Value::new(default(bytes, value), notation))
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
fn block(place: &Place<'_>, joint: usize, at: usize) -> Option<Range<usize>> {
    let bytes = place.bytes;
    if bytes.get(joint - 1) != Some(&b':')
        || !matches!(bytes.get(at), Some(b'|' | b'>'))
        || matches!(place.syntax, Syntax::Code | Syntax::Machine)
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
    let value = bare(place, start, Kind::Sign)?;
    let below = next_word(bytes, value.end);
    let ends = match bytes.get(below) {
        None | Some(b'\n' | b'\r') => true,
        Some(_) => self::indent(&bytes[value.end..below])? < indent,
    };
    (indent > 0 && ends).then_some(value)
}

/// The one line between `<<WORD` at `at` and the line that holds the word alone.
fn heredoc(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    /// A bound: the longest word that ends such a text.
    const LONGEST: usize = 32;
    let rest = bytes.get(at..)?.strip_prefix(b"<<")?;
    let opener = rest[..rest.len().min(2 * LONGEST)].lines().next()?;
    let word = opener.trim_with(|c| matches!(c, '<' | '-' | '~' | '"' | '\'' | ' ' | '\r'));
    let is_word = word.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_');
    if word.is_empty() || word.len() > LONGEST || !is_word {
        return None;
    }
    let line = at + b"<<".len() + opener.len() + 1;
    let longest = bytes.get(line..bytes.len().min(line + LONGEST_BARE))?;
    let end = line + longest.find_byte(b'\n')?;
    let closes = bytes[end + 1..].get(blanks(bytes, end + 1)..)?;
    let closes = closes.strip_prefix(word)?;
    if closes.first().is_some_and(u8::is_ascii_alphanumeric) {
        return None;
    }
    let text = bytes[line..end].trim_ascii();
    let start = line + blanks(bytes, line);
    (!text.is_empty()).then_some(start..start + text.len())
}

/// How far a line is indented before which this white space stands. `None` if it stands on the line itself.
fn indent(space: &[u8]) -> Option<usize> {
    let newline = space.iter().rposition(|&b| b == b'\n')?;
    Some(space.len() - newline - 1)
}

/// Up to the end of a word.
fn bare(place: &Place<'_>, start: usize, kind: Kind) -> Option<Range<usize>> {
    let bytes = place.bytes;
    let ends = |byte: u8| match byte {
        b'"' | b'\'' | b'`' | b'<' | b'>' | b';' | b',' | b'\\' | b'|' => true,
        b'}' if kind == Kind::Fallback => true,
        b'&' | b'#' | b')' | b']' | b'}' | b'{' | b'*' => kind == Kind::Query,
        _ => byte <= b' ' || byte >= 0x7f,
    };
    // No sign ends a value that does not end one behind `=`, too.
    let endless = matches!(kind, Kind::Sign | Kind::Space).then_some(&place.seen.endless);
    let most = start + LONGEST_BARE + 1;
    let known = endless.map_or(start, |endless| endless.fresh(start, most));
    let fresh = bytes[known..].iter().take(most - known);
    let mut len = known - start + fresh.take_while(|&&b| !ends(b)).count();
    if let Some(endless) = endless {
        endless.note(start..start + len);
    }
    // `410496|DgdnXx3`: an id, and the token that belongs to it.
    let id = &bytes[start..start + len];
    if starts_with(bytes, start + len, b"|") && !id.is_empty() && id.iter().all(u8::is_ascii_digit)
    {
        let token = bytes[start + len + 1..].iter().take(LONGEST_BARE);
        len += 1 + token.take_while(|&&b| !ends(b)).count();
    }
    if let Some(and) = bytes[start..start + len].find_byte(b'&') {
        if let Some(amp) = bytes[start + and..start + len].find(b"&amp") {
            len = and + amp;
        }
        // `a=1&b=2` without the page before it.
        if kind == Kind::Sign
            && bytes[start..start + len]
                .get(and..)
                .is_some_and(|more| more.contains(&b'='))
        {
            len = and;
        }
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
            .all(|b| b.is_ascii_alphanumeric() || b"_-+/=.:".contains(b))
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
        Syntax::Settings if ends_line || is_one_of_pairs(bytes, name) => Some(Notation::Bare),
        Syntax::Script | Syntax::Prose | Syntax::Table | Syntax::Unknown
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

/// Whether a name and its value are one of several pairs on a line: `name=app password=x state=present`.
fn is_one_of_pairs(bytes: &[u8], name: &Range<usize>) -> bool {
    let before = name.start.checked_sub(1).map(|at| bytes[at]);
    bytes.get(name.end) == Some(&b'=') && matches!(before, Some(b' ' | b'\t' | b'"' | b'\''))
}

/// Whether a place in code lies within a string or a comment.
pub(super) fn is_text(bytes: &[u8], at: usize) -> bool {
    let Some(line) = line_before(bytes, at, LINE_REACH) else {
        return false;
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
