//! What joins a name to its value.

use std::ops::Range;

use bstr::ByteSlice;

use super::before::{
    is_argument, is_cell, is_labelled, is_set, is_set_by_command, is_set_in_brackets, starts_line,
    takes_space,
};
use super::name::is_getter;
use super::value::is_text;
use super::{blanks, element, line_before, next_word, starts_with, string, which};
use crate::encoding::decode_base58;
use crate::filetype::{Syntax, is_file_name};
use crate::words::name::pieces;
use crate::words::{find_in_any_case, place_of, role};

/// Where a value may start, and what is known of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Joint {
    /// Where to look for the value.
    pub(super) at: usize,
    /// What stands before it.
    pub(super) kind: Kind,
}

/// What stands between a name and its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `=`, `:`, `=>` and their kin.
    Sign,
    /// A parameter of a URL: `?key=`.
    Query,
    /// The bracket of a call. Only strings can follow.
    Call,
    /// The bracket of a call that says first which of several things is meant: `client.tokens.update("id", ...`.
    Entry,
    /// A comma: the next argument of a call, or the next item. Only a string can follow.
    Argument,
    /// A space, behind an option of a command or the like.
    Space,
    /// The end of a tag.
    Tag,
    /// A value that is taken where the one named is missing: `${NAME:-value}`.
    Fallback,
    /// The same in code: `NAME || "value"`. Only a string can follow.
    Default,
    /// The bracket of a block that the name stands before: `variable "db_password" {`.
    Block,
    /// The end of a call that looks a name up: what is taken if it gives nothing may follow.
    Operand,
}

/// A bound: how long a type may be between a name and its sign, `password: Option<&'static str> =`.
const LONGEST_TYPE: usize = 48;

/// Reads what follows a name. `None` if no value does.
pub(super) fn behind(bytes: &[u8], name: &Range<usize>, syntax: Syntax) -> Option<Joint> {
    if is_in_arn(bytes, name.start) || is_file(bytes, name) || is_session_attribute(bytes, name) {
        return None;
    }
    let Closed { at, quoted, called } = close(bytes, name.end)?;
    let spaces = blanks(bytes, at);
    let joint = |at, kind| Some(Joint { at, kind });
    let found = sign(bytes, at + spaces, quoted, called, name);
    if let Some((after, kind)) = found {
        let after = match syntax {
            Syntax::Prose if kind == Kind::Sign => behind_emphasis(bytes, after),
            _ => after,
        };
        // Settings have no types, nor have scripts.
        if kind == Kind::Sign
            && !matches!(syntax, Syntax::Settings | Syntax::Script)
            && bytes[after - 1] == b':'
            && let Some(value) = behind_type(bytes, after)
        {
            return joint(value, Kind::Sign);
        }
        return joint(after, kind);
    }
    if let Some(value) = behind_filter(bytes, at + spaces) {
        return joint(value, Kind::Default);
    }
    if let Some(value) = value_key(bytes, at) {
        return joint(value, Kind::Sign);
    }
    if let Some(value) = element_below(bytes, at) {
        return joint(value, Kind::Tag);
    }
    if !quoted && let Some(value) = behind_tag_options(bytes, at) {
        return joint(value, Kind::Sign);
    }
    if spaces > 0 {
        // `const password string = "..."`
        // What stands behind a sign is a value itself: `alt=form.secret tags="..."`.
        let before = &bytes[name.start.saturating_sub(2)..name.start];
        let is_value = matches!(before, [.., b'='] | [b'=', b'"' | b'\'']);
        // No type follows a name in quotes, but the next attribute may: `title="Custom Token" id="x"`. One follows an
        // annotation: `@Named("apiKey") String key = "x"`.
        if !is_value
            && (!quoted || called)
            && let Some(value) = behind_type(bytes, at + spaces)
        {
            return joint(value, Kind::Sign);
        }
        if !quoted && let Some(value) = behind_value_option(bytes, at + spaces) {
            return joint(value, Kind::Space);
        }
        if !quoted && let Some(value) = behind_clause(bytes, at + spaces) {
            return joint(value, Kind::Default);
        }
        if !quoted && let Some(value) = behind_accessors(bytes, at + spaces) {
            return joint(value, Kind::Sign);
        }
        if !quoted && let Some(value) = behind_copula(bytes, name, at + spaces, syntax) {
            return joint(value, Kind::Space);
        }
        if quoted && let Some(value) = behind_tag_word(bytes, at + spaces) {
            return joint(value, Kind::Sign);
        }
        if quoted && !called && is_set_by_command(bytes, name, syntax) {
            return joint(at + spaces, Kind::Space);
        }
        if quoted && is_set_in_brackets(bytes, name) {
            return joint(at + spaces, Kind::Default);
        }
        if !quoted && let Some(kind) = takes_space(bytes, name, syntax) {
            return joint(behind_continuation(bytes, at + spaces), kind);
        }
    }
    None
}

/// What closes around a name.
struct Closed {
    /// Where it ends.
    at: usize,
    /// Whether the name is in quotes.
    quoted: bool,
    /// Whether it is the argument of a call: what the call gives is not what its argument names.
    called: bool,
}

/// Reads what closes around a name: quotes, brackets of an index, an empty pair of a call or an array.
/// `None` at the end of the text.
fn close(bytes: &[u8], name_end: usize) -> Option<Closed> {
    /// A bound: `\"])` and its kin.
    const MOST: usize = 4;
    /// A bound: a string in a string in a string.
    const ESCAPES: usize = 3;
    /// A bound: the digits of an array's length.
    const DIGITS: usize = 6;
    let mut at = name_end;
    let (mut quoted, mut called) = (false, false);
    for _ in 0..MOST {
        match *bytes.get(at)? {
            b'"' | b'\'' | b'`' => {
                quoted = true;
                at += 1;
            }
            // A quote in a string, or in a string in one.
            b'\\' => {
                let escapes = bytes[at..]
                    .iter()
                    .take(ESCAPES)
                    .take_while(|&&b| b == b'\\')
                    .count();
                if !matches!(bytes.get(at + escapes), Some(b'"' | b'\'')) {
                    break;
                }
                at += escapes;
            }
            b')' => {
                called |= quoted;
                at += 1;
            }
            b']' | b'}' | b'*' => at += 1,
            // A binary of Erlang: `<<"api_key">> => <<"x">>`.
            b'>' if quoted && starts_with(bytes, at, b">>") => at += 2,
            b'(' if bytes.get(at + 1) == Some(&b')') => at += 2,
            b'[' => {
                let digits = bytes[at + 1..]
                    .iter()
                    .take(DIGITS)
                    .take_while(|b| b.is_ascii_digit())
                    .count();
                if bytes.get(at + 1 + digits) != Some(&b']') {
                    break;
                }
                at += digits + 2;
            }
            b'&' if starts_with(bytes, at, b"&quot;") => {
                quoted = true;
                at += 6;
            }
            _ => break,
        }
    }
    Some(Closed { at, quoted, called })
}

/// Whether the argument at `at` is given to a function that makes another text of it: `sha256("secret")`, whatever that is
/// compared with.
fn is_of_maker(bytes: &[u8], at: usize) -> bool {
    /// A bound: the longest name of a function, with its object.
    const REACH: usize = 64;
    let before = &bytes[at.saturating_sub(REACH)..at];
    let before = before.trim_end_with(|c| matches!(c, '"' | '\'' | '`' | ' ' | '\\'));
    let open = before.strip_suffix(b"b").unwrap_or(before);
    let Some(before) = open.strip_suffix(b"(") else {
        return false;
    };
    let is_part = |b: &u8| b.is_ascii_alphanumeric() || b"_.:>-".contains(b);
    let len = before.iter().rev().take_while(|b| is_part(b)).count();
    let mut words = pieces(&before[before.len() - len..]).filter_map(find_in_any_case);
    words.any(|word| word.is(role::HASH) || word.is(role::TAKES_BOTH))
}

/// Whether a name ends a path: `src/fields/password.js`.
fn is_file(bytes: &[u8], name: &Range<usize>) -> bool {
    let before = name.start.checked_sub(1).map(|at| bytes[at]);
    matches!(before, Some(b'/' | b'\\')) && is_file_name(&bytes[name.clone()])
}

/// Whether a name is an attribute of a session description (RFC 8866), `a=ice-pwd:`: what it is given lives as
/// long as the call.
fn is_session_attribute(bytes: &[u8], name: &Range<usize>) -> bool {
    let before = &bytes[name.start.saturating_sub(3)..name.start];
    let opens = |b: &u8| b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b'`' | b'n');
    before.ends_with(b"a=")
        && (before.len() == 2 || opens(&before[0]))
        && bytes.get(name.end) == Some(&b':')
}

/// Whether a name is a part of an Amazon resource name: `arn:aws:secretsmanager:...:secret:x`.
fn is_in_arn(bytes: &[u8], at: usize) -> bool {
    /// A bound: the longest start of such a name.
    const REACH: usize = 80;
    let before = &bytes[at.saturating_sub(REACH)..at];
    before.last() == Some(&b':')
        && before
            .rsplit(|b| b.is_ascii_whitespace() || matches!(b, b'"' | b'\''))
            .next()
            .is_some_and(|word| word.starts_with(b"arn:"))
}

/// The sign at `at`, as the place behind it and what it is.
fn sign(
    bytes: &[u8],
    at: usize,
    quoted: bool,
    called: bool,
    name: &Range<usize>,
) -> Option<(usize, Kind)> {
    let rest = &bytes[at..];
    if called && is_of_maker(bytes, name.start) {
        return None;
    }
    let query = || {
        let before = &bytes[..name.start];
        // With a blank before it, it is a sign behind a comment or a private name of JavaScript.
        !quoted
            && at == name.end
            && (before.ends_with(b"&amp;") || matches!(before.last(), Some(b'?' | b'&' | b'#')))
    };
    Some(match rest {
        [b'=', b'=', b'=', ..]
        | [b'!', b'=', b'=', ..]
        | [b'|', b'|', b'=', ..]
        | [b'?', b'?', b'=', ..] => (at + 3, Kind::Sign),
        [b':', b':', b'=', ..] => (at + 3, Kind::Sign),
        // Jsonnet.
        [b':', b':', b' ', b'"' | b'\'', ..] => (at + 2, Kind::Sign),
        [b'+', b':', ..] if quoted || at == name.end => (at + 2, Kind::Sign),
        [b'=', b'~', ..] | [b':', b':', ..] => return None,
        [b'=' | b':', ..] if called && !rest.starts_with(b"==") => return None,
        [b'.' | b'{', ..] | [b'o', b'r', b' ', ..] if called => (at, Kind::Operand),
        // What a function without parameters gives.
        [b'{', ..] if bytes[name.end..at].trim_ascii_end() == b"()" => (at, Kind::Operand),
        [b'{', ..] if quoted && is_labelled(bytes, name) => (at, Kind::Block),
        // C++.
        [b'{', ..] if at == name.end && string::opens(bytes, at + 1) => (at + 1, Kind::Call),
        // Kotlin; AppleScript.
        [b't', b'o', b' ', b'"', ..] if quoted || bytes[..name.start].ends_with(b"set ") => {
            (at + 2, Kind::Default)
        }
        [b'b', b'y', b' ', ..] if at > name.end => (at + 3, Kind::Default),
        // R; a string that a shell hands over.
        [b'<', b'-', ..] => (at + 2, Kind::Default),
        [b'<', b'<', b'<', ..] => (at + 3, Kind::Space),
        [b'o', b'r', b' ', ..] if at > name.end => (at + 3, Kind::Default),
        [b'.', b'=', ..] => (at + 2, Kind::Sign),
        [b';', b's', b':', ..] if quoted => (serialised(bytes, at)?, Kind::Sign),
        [b'=', b'=' | b'>', ..]
        | [b'!' | b':' | b'+' | b'?', b'=', ..]
        | [b'-', b'>', b'"' | b'\'', ..]
        | [b'-', b'>', b' ', b'"' | b'\'', ..] => (at + 2, Kind::Sign),
        [b':', b'-', ..] => (at + 2, Kind::Fallback),
        [b'|', b'|', ..] | [b'?', b'?', ..] | [b'?', b':', ..] => (at + 2, Kind::Default),
        [b'=', ..] if query() => (at + 1, Kind::Query),
        [b'=' | b':', ..] => (at + 1, Kind::Sign),
        [b'%', b'3', b'D' | b'd', ..] => (at + 3, Kind::Query),
        // Perl.
        [b'/', b'/', b' ', b'"' | b'\'', ..] => (at + 2, Kind::Default),
        [b',', ..] if called => return None,
        [b',', ..] if !quoted && is_set(bytes, name) => (at + 1, Kind::Argument),
        [b',', ..] if !quoted => (behind_results(bytes, name, at)?, Kind::Sign),
        [b',', ..] if quoted => match value_key(bytes, at) {
            Some(value) => (value, Kind::Sign),
            None if is_argument(bytes, name) => (at + 1, Kind::Argument),
            None => return None,
        },
        [b'(', ..] if !quoted && at == name.end && !is_getter(&bytes[name.clone()]) => {
            let function = &bytes[name.clone()];
            if which::names_things(bytes, function, at + 1) {
                return None;
            }
            match which::says_which(bytes, function, at + 1) {
                true => (at + 1, Kind::Entry),
                false => (at + 1, Kind::Call),
            }
        }
        [b'|', b' ', ..] if is_cell(bytes, name) => (at + 1, Kind::Space),
        [b'>', ..] if ends_tag(&bytes[..name.start]) => (at + 1, Kind::Tag),
        _ => return None,
    })
}

/// Whether a text ends where the name of an element starts. A group of a regex has its name in such brackets, too:
/// `(?P<secret>`.
fn ends_tag(before: &[u8]) -> bool {
    let is_group =
        before.ends_with(b"(?<") || before.ends_with(b"(?P<") || before.ends_with(b"\\k<");
    matches!(before.last(), Some(b'<' | b':')) && !is_group
}

/// Behind the type and the length of the string that follows in what PHP's `serialize` wrote:
/// `"smtp_password";s:20:"..."`.
fn serialised(bytes: &[u8], at: usize) -> Option<usize> {
    /// A bound: the digits of a length.
    const DIGITS: usize = 6;
    let at = at + b";s:".len();
    let len = bytes[at..]
        .iter()
        .take(DIGITS)
        .take_while(|b| b.is_ascii_digit())
        .count();
    (bytes.get(at + len) == Some(&b':')).then_some(at + len + 1)
}

/// Behind the sign that gives several names their values: `key, err := f("x")`.
fn behind_results(bytes: &[u8], name: &Range<usize>, at: usize) -> Option<usize> {
    /// A bound: nobody takes more results.
    const NAMES: usize = 3;
    /// A bound: the longest name of a result.
    const LONGEST: usize = 24;
    let mut at = at;
    for _ in 0..NAMES {
        if bytes.get(at) != Some(&b',') {
            break;
        }
        at += 1 + blanks(bytes, at + 1);
        let word = bytes[at..]
            .iter()
            .take(LONGEST)
            .take_while(|b| b.is_ascii_alphanumeric() || **b == b'_');
        at += word.count();
        at += blanks(bytes, at);
    }
    match bytes.get(at..at + 2)? {
        b":=" => Some(at + 2),
        b"= " if starts_line(bytes, name.start) => Some(at + 1),
        _ => None,
    }
}

/// Behind `Type = ` at `at`, if that is what stands there.
fn behind_type(bytes: &[u8], at: usize) -> Option<usize> {
    let start = at + blanks(bytes, at);
    let first = *bytes.get(start)?;
    if !first.is_ascii_alphabetic() && !matches!(first, b'&' | b'[' | b'*') {
        return None;
    }
    let is_type = |b: &&u8| {
        b.is_ascii_alphanumeric()
            || matches!(
                b,
                b'_' | b'<' | b'>' | b'[' | b']' | b'&' | b'\'' | b'|' | b'?'
            )
            || matches!(b, b'.' | b':' | b' ' | b'*')
    };
    let longest = bytes[start..].iter().take(LONGEST_TYPE);
    let end = start + longest.take_while(is_type).count();
    if bytes.get(end) != Some(&b'=') {
        return None;
    }
    let value = end + 1 + blanks(bytes, (end + 1).min(bytes.len()));
    // Behind the padding of base64 stands nothing.
    let begins = bytes.get(value).is_some_and(|b| {
        b.is_ascii_alphabetic() || matches!(b, b'"' | b'\'' | b'`' | b'[' | b'&' | b'(' | b'@')
    });
    begins.then_some(end + 1)
}

/// Behind the `value` that goes with a name: `name: X`, then `value: ...`, in YAML, JSON and markup.
fn value_key(bytes: &[u8], at: usize) -> Option<usize> {
    let at = at + usize::from(bytes.get(at) == Some(&b','));
    let mut at = next_word(bytes, at);
    let quoted = matches!(bytes.get(at), Some(b'"' | b'\''));
    at += usize::from(quoted);
    if !bytes
        .get(at..at + 5)
        .is_some_and(|word| word.eq_ignore_ascii_case(b"value"))
    {
        return None;
    }
    at += 5 + usize::from(quoted);
    at += blanks(bytes, at);
    matches!(bytes.get(at), Some(b':' | b'=')).then_some(at + 1)
}

/// Into the element that follows the one that holds the name: `<key>X</key> <string>...`, `<param-name>X` and
/// `<param-value>`.
fn element_below(bytes: &[u8], at: usize) -> Option<usize> {
    let ends_in = |name: &[u8], role| {
        let last = pieces(name).last().and_then(find_in_any_case);
        last.is_some_and(|word| word.is(role))
    };
    let (name, behind) = element::tag(bytes, at, b"</")?;
    if let Some(cell) = element::next_cell(bytes, name, behind) {
        return Some(cell);
    }
    if !ends_in(name, role::NAMES) {
        return None;
    }
    let (value, inside) = element::tag(bytes, next_word(bytes, behind), b"<")?;
    (ends_in(value, role::HOLDS) || value == b"string").then_some(inside)
}

/// Behind the sign that a command goes on in the next line, and the indent there.
pub(super) fn behind_continuation(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at..at + 2) {
        Some([b'\\' | b'^' | b'`', b'\n' | b'\r']) => next_word(bytes, at + 1),
        _ => at,
    }
}

/// Behind the word of a declaration that gives its value: `01 API-KEY PIC X(40) VALUE "x"`.
fn behind_clause(bytes: &[u8], at: usize) -> Option<usize> {
    const WORD: &[u8] = b"VALUE ";
    let longest = &bytes[at..bytes.len().min(at + LONGEST_TYPE)];
    let part = |b: &u8| b.is_ascii_alphanumeric() || b" ().-_".contains(b);
    let len = longest.iter().take_while(|b| part(b)).count();
    let word =
        place_of(WORD, &longest[..len]).filter(|&word| word == 0 || longest[word - 1] == b' ')?;
    let value = at + word + WORD.len();
    string::opens(bytes, value).then_some(value)
}

/// Behind the accessors of a property of C#, where its value may follow: `ApiKey { get; set; } = "x"`.
fn behind_accessors(bytes: &[u8], at: usize) -> Option<usize> {
    let longest = &bytes[at..bytes.len().min(at + LONGEST_TYPE)];
    let inner = longest.strip_prefix(b"{")?.trim_ascii_start();
    let part = |b: &u8| b.is_ascii_lowercase() || matches!(b, b';' | b' ');
    let len = inner.iter().take_while(|b| part(b)).count();
    let is_accessors = inner.starts_with(b"get;") && inner.get(len) == Some(&b'}');
    let behind = at + longest.len() - inner.len() + len + 1;
    let sign = behind + blanks(bytes, behind);
    let is_sign = bytes.get(sign) == Some(&b'=') && bytes.get(sign + 1) != Some(&b'=');
    (is_accessors && is_sign).then_some(sign + 1)
}

/// Behind the word by which a sentence says what a name's value is, `the API key is x`; without one, where the sentence ends
/// with what no word looks like: `to set auth token x`.
fn behind_copula(bytes: &[u8], name: &Range<usize>, at: usize, syntax: Syntax) -> Option<usize> {
    const WORD: &[u8] = b"is ";
    /// A bound: how many words before the name are asked, `the auth` among them.
    const SET_WORDS: usize = 3;
    let is_sentence = || match syntax {
        Syntax::Prose | Syntax::Unknown => true,
        Syntax::Machine | Syntax::Table => false,
        Syntax::Code | Syntax::Settings | Syntax::Script => is_text(bytes, name.start),
    };
    // Of `the commit of the token is x` the token is not what is.
    let before = || line_before(bytes, name.start, LONGEST_TYPE).unwrap_or_default();
    let is_subject = || {
        let before = before().trim_ascii_end();
        let before = before.strip_suffix(b" the").unwrap_or(before);
        let what = before
            .trim_ascii_end()
            .strip_suffix(b" of")
            .unwrap_or_default();
        let what = what
            .rsplit(|&b| b == b' ')
            .next()
            .and_then(find_in_any_case);
        !what.is_some_and(|word| word.is(role::ID) || word.is(role::HASH))
    };
    // `to set the auth token x`
    let is_set = || {
        let mut words = pieces(before())
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
            .take(SET_WORDS);
        words.any(|word| role::SETTER.has_in_any_case(word))
    };
    let len = match starts_with(bytes, at, WORD) {
        true => WORD.len(),
        false if ends_line_in_draw(bytes, at, is_set) => 0,
        false => return None,
    };
    (is_sentence() && is_subject()).then_some(at + len)
}

/// Whether what stands at `at` is all there is of its line, and digits and letters of both cases in such a number as a draw
/// has: of one case, revisions, sums and fingerprints end lines, too, and 32 bytes in base58 are the address of something.
///
/// Where the sentence says that it is set, letters of one case count, too.
fn ends_line_in_draw(bytes: &[u8], at: usize, is_set: impl FnOnce() -> bool) -> bool {
    /// A weight: fewer may be an id.
    const LENGTHS: std::ops::RangeInclusive<usize> = 32..=128;
    /// The bytes of an address of Solana.
    const ADDRESS: usize = 32;
    let rest = &bytes[at..bytes.len().min(at + LENGTHS.end() + 1)];
    let is_part = |b: &&u8| b.is_ascii_alphanumeric();
    let word = &rest[..rest.iter().take_while(is_part).count()];
    let has = |sort: fn(&u8) -> bool| word.iter().any(sort);
    LENGTHS.contains(&word.len())
        && matches!(bytes.get(at + word.len()), None | Some(b'\n' | b'\r'))
        && has(u8::is_ascii_digit)
        && has(u8::is_ascii_alphabetic)
        && (has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase) || is_set())
        && decode_base58(word).is_none_or(|bytes| bytes.len() != ADDRESS)
}

/// Behind the word in a tag of Go that says what is taken where the variable has no value:
/// `env:"API_KEY" envDefault:"x"`.
fn behind_tag_word(bytes: &[u8], at: usize) -> Option<usize> {
    /// A bound: the longest such word.
    const LONGEST: usize = 16;
    let letters = bytes[at..].iter().take(LONGEST);
    let part = |b: &&u8| b.is_ascii_alphabetic() || **b == b'-';
    let len = letters.take_while(part).count();
    let is_default = pieces(&bytes[at..at + len])
        .last()
        .is_some_and(|last| role::HOLDS.has_in_any_case(last));
    (is_default && starts_with(bytes, at + len, b":\"")).then_some(at + len + 1)
}

/// The same behind the options that a variable has in its tag: `env:"API_KEY,required" envDefault:"x"`.
fn behind_tag_options(bytes: &[u8], at: usize) -> Option<usize> {
    /// A bound: the options.
    const LONGEST: usize = 48;
    if bytes.get(at) != Some(&b',') {
        return None;
    }
    let options = bytes[at..].iter().take(LONGEST);
    let part = |b: &&u8| b.is_ascii_alphanumeric() || b",_-=".contains(b);
    let end = at + options.take_while(part).count();
    starts_with(bytes, end, b"\" ")
        .then(|| behind_tag_word(bytes, end + 2))
        .flatten()
}

/// Behind what ends the emphasis of a name with its sign: `**Password:** x`.
fn behind_emphasis(bytes: &[u8], at: usize) -> usize {
    let rest = &bytes[at..];
    let emphasis = rest.starts_with(b"** ") || rest.starts_with(b"__ ");
    at + 2 * usize::from(emphasis)
}

/// Behind the filter of a template that says what is taken where the name has no value: `{{ token | default "x" }}`.
fn behind_filter(bytes: &[u8], at: usize) -> Option<usize> {
    if bytes.get(at) != Some(&b'|') {
        return None;
    }
    let word = at + 1 + blanks(bytes, at + 1);
    let behind = word + b"default".len();
    let value = match bytes.get(behind)? {
        b'(' => behind + 1,
        _ => behind + blanks(bytes, behind),
    };
    (starts_with(bytes, word, b"default") && string::opens(bytes, value)).then_some(value)
}

/// Behind the option that a command takes a value by: `gh secret set NAME --body x`.
fn behind_value_option(bytes: &[u8], at: usize) -> Option<usize> {
    const OPTIONS: &[&[u8]] = &[b"--body", b"--value", b"-b"];
    let option = OPTIONS
        .iter()
        .find(|option| starts_with(bytes, at, option))?;
    let end = at + option.len();
    matches!(bytes.get(end), Some(b' ' | b'=')).then_some(end + 1)
}
