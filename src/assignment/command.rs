//! The options of commands that take a user and a password in one word: `curl -u user:password`.

use std::ops::Range;

use bstr::ByteSlice;

use super::{Notation, Place, Speaks, Value, blanks, join, line_before, next_word, string};

/// The options, as `curl` and its kin have them.
const OPTIONS: &[&[u8]] = &[b"-u", b"--user", b"--proxy-user"];

/// A bound: the longest user with a password.
const LONGEST: usize = 512;

/// The password behind such an option; where there is none, the user, which is a key then.
pub(super) fn credentials(place: &Place<'_>, found: &mut dyn FnMut(Value)) -> bool {
    let Place { bytes, name, .. } = place;
    if bytes[name.clone()].ends_with(b"-stdin") {
        handed_over(bytes, name.start).into_iter().for_each(found);
        return true;
    }
    if !OPTIONS.contains(&&bytes[name.clone()]) {
        return false;
    }
    let value = word(bytes, name.end).and_then(|(word, notation)| {
        let part = secret(bytes, word)?;
        Some(Value {
            speaks: Speaks::Holder,
            ..Value::new(part, notation)
        })
    });
    value.into_iter().for_each(found);
    true
}

/// The word behind an option that ends at `at`, in a command or a list of arguments.
fn word(bytes: &[u8], at: usize) -> Option<(Range<usize>, Notation)> {
    let mut at = at;
    if matches!(bytes.get(at), Some(b'"' | b'\'')) {
        let comma = at + 1 + blanks(bytes, at + 1);
        if bytes.get(comma) != Some(&b',') {
            return None;
        }
        at = next_word(bytes, comma + 1);
    } else if bytes.get(at) == Some(&b'=') {
        at += 1;
    } else {
        at = join::behind_continuation(bytes, at + blanks(bytes, at));
    }
    if string::opens(bytes, at) {
        let text = string::at(bytes, at)?.text;
        return Some((text, Notation::Quoted));
    }
    let part =
        |b: &&u8| !b.is_ascii_whitespace() && !matches!(b, b'"' | b'\'' | b'`' | b'\\' | b'|');
    let len = bytes[at..].iter().take(LONGEST).take_while(part).count();
    // `user:'password'`
    if bytes[at..at + len].ends_with(b":") && string::opens(bytes, at + len) {
        let text = string::at(bytes, at + len)?.text;
        let end = match text.is_empty() {
            true => at + len,
            false => text.end,
        };
        return Some((at..end, Notation::Quoted));
    }
    Some((at..at + len, Notation::Bare))
}

/// The secret of a user with a password.
fn secret(bytes: &[u8], word: Range<usize>) -> Option<Range<usize>> {
    let colon = word.start + bytes[word.clone()].find_byte(b':')?;
    let password = bytes[colon + 1..word.end].trim_start_with(|c| c == '"' || c == '\'');
    match password.len() {
        0 | 1 => Some(word.start..colon),
        len => Some(word.end - len..word.end),
    }
}

/// What the command before a pipe writes: `echo x | docker login --password-stdin`.
fn handed_over(bytes: &[u8], at: usize) -> Option<Value> {
    /// A bound: both commands.
    const REACH: usize = 240;
    const WRITERS: &[&[u8]] = &[b"echo ", b"echo -n ", b"printf "];
    let line = line_before(bytes, at, REACH)?;
    let first = at - line.len();
    let pipe = line.rfind_byte(b'|')?;
    let writer = WRITERS
        .iter()
        .filter_map(|writer| Some(line[..pipe].rfind(writer)? + writer.len()))
        .max()?;
    let start = first + writer;
    let value = match string::at(bytes, start) {
        Some(literal) => Value::new(literal.text, Notation::Quoted),
        None => {
            let len = line[writer..pipe].trim_ascii_end().len();
            Value::new(start..start + len, Notation::Bare)
        }
    };
    (!value.place.is_empty() && value.place.end <= first + pipe).then_some(value)
}
