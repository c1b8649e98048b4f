//! What the place says at which a value stands: a badge, a line that no person writes, a file that keeps secrets.

use std::ops::Range;

use bstr::ByteSlice;

use super::{Case, Says, looks};
use crate::assignment::Notation;
use crate::judge::context::{self, Line};
use crate::judge::in_test;
use crate::judge::judgement::{Rejection, Shape, Unfit};
use crate::judge::sum::Sum;
use crate::words::name::{self, Strength, pieces};
use crate::words::randomness::Randomness;
use crate::words::{Role, contains, role};

/// A weight: on a line that goes on for so many bytes around the value no person wrote. Bundlers' lines have
/// thousands, people's seldom more than 200.
const MINIFIED: usize = 500;

/// A weight: the fewest bytes of a password that a person made up, in a file that keeps secrets. Not measured.
const MADE_UP: usize = 6;

/// A weight: what a file that keeps secrets says for a password that a person made up, in bits: more than the name
/// and the notation say against it. Not measured.
const KEEPS_SECRETS: f32 = 16.0;

/// It is shown to everybody there, or a program wrote the line.
pub(super) fn refuses(case: &Case<'_>, _: &Sum) -> Says {
    let (candidate, notation) = (case.candidate, case.assignment.notation);
    if notation == Notation::Query && is_badge(candidate.text(), case.assignment.name.start) {
        return Says::No(Rejection::Unfit(Unfit::Shape(Shape::Public)));
    }
    let shows_in_a_bundle = notation == Notation::Unclear
        || matches!(notation, Notation::Quoted | Notation::Bytes)
            && case.strength() < Strength::Strong;
    if shows_in_a_bundle && is_minified(candidate.text(), &candidate.place) {
        return Says::No(Rejection::Unfit(Unfit::Minified));
    }
    Says::Nothing
}

/// It is a password in a file that keeps secrets.
pub(super) fn weighs(case: &Case<'_>, _: &Sum) -> Says {
    match case.is_made_up() {
        true => Says::Bits(KEEPS_SECRETS),
        false => Says::Nothing,
    }
}

/// Whether what a person made up counts, too, not only what a machine drew: a password in a file whose name says that
/// it holds secrets, but is no example.
pub(super) fn takes_made_up(case: &Case<'_>) -> bool {
    let file_type = case.assignment.file_type;
    file_type.keeps_secrets
        && !file_type.example
        && case.strength() == Strength::Strong
        && name::is_password(case.name)
        && case.value.len() >= MADE_UP
        && looks::of(case).is_none()
}

/// Whether the id of a key stands beside the value.
pub(super) fn is_key_id_beside(case: &Case<'_>) -> bool {
    beside(case).into_iter().any(|text| {
        let next = pieces(text).skip(1);
        pieces(text)
            .zip(next)
            .any(|(a, b)| a.eq_ignore_ascii_case(b"key") && b.eq_ignore_ascii_case(b"id"))
    })
}

/// Whether a name beside the value, on its line or the next, is a word of a role: siblings say what a key is to.
pub(super) fn is_beside(case: &Case<'_>, role: Role) -> bool {
    beside(case)
        .into_iter()
        .chain([between(case)])
        .flat_map(pieces)
        .any(|piece| role.has_in_any_case(piece))
}

/// Whether the value is that of an entry that a service is named by, in a map of keys: `KEYS = {"together": "x"}`.
pub(super) fn is_of_service(case: &Case<'_>) -> bool {
    let line = Line::around(case.candidate.text(), &case.candidate.place);
    let mut pieces = pieces(line.name());
    pieces
        .next()
        .is_some_and(|piece| role::SERVICE.has_in_any_case(piece))
        && pieces.count() < 2
}

/// Whether the value is an argument that stands behind another one, on its line or on one of its own.
pub(super) fn is_further_argument(case: &Case<'_>) -> bool {
    called_with(case).is_some()
}

/// What is called with the value, as an argument that stands behind another one; empty if it has no name.
pub(super) fn called_with<'c>(case: &Case<'c>) -> Option<&'c [u8]> {
    /// A bound: how far back the bracket is looked for.
    const REACH: usize = 240;
    let text = case.candidate.text();
    let value = &case.candidate.place;
    let before = &text[value.start.saturating_sub(REACH)..value.start];
    let Some((b'"' | b'\'' | b'`', before)) = before.split_last() else {
        return None;
    };
    if before.trim_ascii_end().last() != Some(&b',') {
        return None;
    }
    let open = before.iter().rposition(|b| matches!(b, b'(' | b'[' | b'{'));
    let before = &before[..open.filter(|&at| before[at] == b'(')?];
    let is_name = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.');
    let len = before.iter().rev().take_while(is_name).count();
    Some(&before[before.len() - len..])
}

/// Whether two and more other long strings of hex digits or base64 stand in the brackets that the value stands in, and one of
/// all says that it is one: by its digits alone, by its padding, or by the length of the value.
pub(super) fn is_one_of_many(case: &Case<'_>) -> bool {
    /// A bound: how far around it the others are looked for, each way.
    const REACH: usize = 400;
    /// A weight: an id stands beside its secret, but no two of them.
    const OTHERS: usize = 2;
    /// A weight: shorter ones are names.
    const LEAST: usize = 16;
    let [before, behind] = around(case.candidate.text(), &case.candidate.place, REACH);
    let before = before.rsplit(|&b| b == b'(').next();
    let behind = behind.split(|b| matches!(b, b')' | b';')).next();
    let parts = [before, behind].into_iter().flatten();
    let is_part = |b: &u8| b.is_ascii_alphanumeric() || b"+/=".contains(b);
    let long = parts
        .flat_map(|part| part.split(is_quote))
        .filter(|part| part.len() >= LEAST && part.iter().all(is_part));
    let says_bytes = |part: &[u8]| part.ends_with(b"=") || part.iter().all(u8::is_ascii_hexdigit);
    let (mut count, mut says) = (0, says_bytes(case.value));
    for part in long {
        count += 1;
        says |= says_bytes(part) || part.len() == case.value.len();
    }
    count >= OTHERS && says
}

/// Whether the value stands behind a plain word in a row of two strings, and near by are more such rows, of which the second
/// is as long and was drawn, too: texts and what became of them, `("printf", "aaCjFz4Sh8Eg2QSqAReePlq6")`. Headers and
/// variables have other names.
pub(super) fn is_in_table(case: &Case<'_>) -> bool {
    /// A bound: how far around it the other rows are looked for, each way: some rows.
    const REACH: usize = 320;
    /// A weight: what so many bits have was drawn, or made of what was typed.
    const RANDOM: f32 = 16.0;
    /// A weight: so many of them, since one may be the id that goes with a secret.
    const OTHERS: usize = 2;
    let text = case.candidate.text();
    let (name, value) = (&case.assignment.name, &case.candidate.place);
    let is_row = name.start > 0
        && name.end < value.start
        && text[..value.start]
            .get(name.start - 1..)
            .is_some_and(|row| {
                row.first().is_some_and(is_quote) && is_between(&row[name.len() + 1..])
            });
    let is_word = |text: &[u8]| {
        text.iter()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
            && name::of_id(text).is_none()
    };
    let is_other = |line: &&[u8]| {
        two_strings(line).is_some_and(|[first, second]| {
            is_word(first) && second.len() == value.len() && Randomness::of(second).bits >= RANDOM
        })
    };
    is_row && is_word(&text[name.clone()]) && {
        let [before, behind] = around(text, &(name.start..value.end), REACH);
        // The rest of its own line is none of them.
        let is_end = |b: &u8| *b == b'\n';
        let others = [before.rsplit(is_end), behind.rsplit(is_end)];
        let others = others.into_iter().flatten();
        others.filter(is_other).take(OTHERS).count() == OTHERS
    }
}

/// Whether what stands between two strings is a comma, with their quotes.
fn is_between(text: &[u8]) -> bool {
    let text = text.trim_ascii();
    matches!(text, [open, rest @ .., close]
        if is_quote(open) && is_quote(close) && rest.trim_ascii() == b",")
}

/// The strings of a line that is a row of two in brackets: `("a", "b"),`.
fn two_strings(line: &[u8]) -> Option<[&[u8]; 2]> {
    let line = line.trim_ascii();
    if !line.first().is_some_and(|b| b"([{".contains(b)) {
        return None;
    }
    let mut parts = line[1..].split(is_quote);
    let mut next = || parts.next();
    let (open, first, comma, second, close) = (next()?, next()?, next()?, next()?, next()?);
    let is_row = open.trim_ascii().is_empty()
        && comma.trim_ascii() == b","
        && close
            .trim_ascii()
            .first()
            .is_some_and(|b| b")]}".contains(b));
    is_row.then_some([first, second])
}

/// Whether the value is a cookie that an answer sets: `Set-Cookie: id=x`.
pub(super) fn is_cookie_of_answer(case: &Case<'_>) -> bool {
    /// A bound: how long such a header is before the value.
    const REACH: usize = 400;
    let text = case.candidate.text();
    let start = case.assignment.name.start;
    let before = &text[start.saturating_sub(REACH)..start];
    let line = before.rsplit(|&b| b == b'\n').next().unwrap_or_default();
    contains(line, b"set-cookie")
}

/// Whether a value stands under an entry that is called `example`, at whatever depth.
pub(super) fn is_in_example(case: &Case<'_>) -> bool {
    /// A bound: how far above it is looked for: an example of many entries.
    const REACH: usize = 6 * 1024;
    let (text, start) = (case.candidate.text(), case.assignment.name.start);
    let indent = |line: &[u8]| {
        line.iter()
            .take_while(|b| matches!(b, b' ' | b'\t' | b'-'))
            .count()
    };
    let mut lines = context::whole_lines(text, start, REACH).rsplit(|&b| b == b'\n');
    let own = lines.next().unwrap_or_default();
    if is_in_example_of_line(own) {
        return true;
    }
    let mut own = indent(own);
    while own > 0
        && let Some(line) = lines.next()
    {
        let column = indent(line);
        if column >= own || line.trim_ascii().is_empty() {
            continue;
        }
        own = column;
        let key = line[column..].split(|&b| b == b':').next();
        if is_example(key.unwrap_or_default()) {
            return true;
        }
    }
    false
}

/// Whether the bracket that is open at the end of a line, or one around it, is that of an entry that is called `example`.
fn is_in_example_of_line(line: &[u8]) -> bool {
    let mut depth = 0;
    let mut opens = line.iter().enumerate().rev().filter(|(_, b)| match b {
        b'}' | b']' => {
            depth += 1;
            false
        }
        b'{' | b'[' if depth > 0 => {
            depth -= 1;
            false
        }
        b'{' | b'[' => true,
        _ => false,
    });
    opens.any(|(open, _)| {
        let before = line[..open].trim_ascii_end().strip_suffix(b":");
        let key = before.and_then(|it| it.rsplit(|b| b"{[,".contains(b)).next());
        key.is_some_and(|key| is_example(key.strip_prefix(b"- ").unwrap_or(key)))
    })
}

/// Whether the key of an entry says that it is an example, or some.
fn is_example(key: &[u8]) -> bool {
    let key = key.trim_with(|c| c == '"' || c == '\'' || c.is_whitespace());
    let word = key.strip_suffix(b"s").unwrap_or(key);
    word.eq_ignore_ascii_case(b"example")
}

/// Whether the value stands in a test or an example, as its file is called or as a test right above it says.
pub(super) fn is_in_sample(case: &Case<'_>) -> bool {
    case.assignment.file_type.example || is_in_test(case)
}

/// Whether a test of code stands right above the value, whatever its file is called.
pub(super) fn is_in_test(case: &Case<'_>) -> bool {
    in_test::is_in_test(case.candidate.text(), case.assignment.name.start)
}

/// Whether the value is one of several things in brackets of which others are small numbers: parts that a text is cut into.
pub(super) fn is_among_parts(case: &Case<'_>) -> bool {
    /// A bound: how far around it the others are looked for, each way.
    const REACH: usize = 240;
    /// A weight: so many tell it.
    const PARTS: usize = 2;
    /// A weight: the longest of such parts.
    const LONGEST: usize = 3;
    let [before, behind] = around(case.candidate.text(), &case.candidate.place, REACH);
    let before = before.rsplit(|b| b"([{".contains(b)).next();
    let behind = behind.split(|b| b")]}".contains(b)).next();
    let is_part = |item: &[u8]| {
        let item = item.trim_with(|c| c.is_whitespace() || matches!(c, '"' | '\''));
        (1..=LONGEST).contains(&item.len()) && item.iter().all(u8::is_ascii_digit)
    };
    let items = [before, behind].into_iter().flatten();
    let items = items.flat_map(|items| items.split(|&b| b == b','));
    items.filter(|item| is_part(item)).take(PARTS).count() == PARTS
}

/// Whether another string of the same length stands near by, that differs from the value in a few places, where each has the
/// same character over and over.
pub(super) fn has_kin_near(case: &Case<'_>) -> bool {
    /// A bound: how far around it is looked for, each way: some lines.
    const REACH: usize = 320;
    /// A weight: in how many places. Two that were drawn differ in nearly all, and a token may have a number at its end.
    const PLACES: std::ops::RangeInclusive<usize> = 2..=4;
    /// A weight: shorter ones have less in common, longer ones are keys in a row of tests.
    const LENGTHS: std::ops::RangeInclusive<usize> = 12..=32;
    let (text, value) = (case.candidate.text(), &case.candidate.place);
    let own = &text[value.clone()];
    if !LENGTHS.contains(&own.len()) {
        return false;
    }
    let is_kin = |other: &[u8]| {
        let mut differing = own.iter().zip(other).filter(|(a, b)| a != b);
        let Some(first) = differing.next().filter(|_| other.len() == own.len()) else {
            return false;
        };
        let rest: Vec<_> = differing.take(*PLACES.end()).collect();
        PLACES.contains(&(rest.len() + 1))
            && rest.iter().all(|it| *it == first)
            && first.1.is_ascii_alphanumeric()
    };
    let mut parts = around(text, value, REACH).into_iter();
    parts.any(|part| part.split(is_quote).any(is_kin))
}

/// Whether so many numbers of lists stand around the value.
pub(super) fn has_numbers_around(case: &Case<'_>, least: usize) -> bool {
    /// A bound: how far around it they are looked for, each way: some lists of 64 bytes.
    const REACH: usize = 1536;
    let value = &case.candidate.place;
    let start = case.assignment.name.start.min(value.start);
    let [before, behind] = around(case.candidate.text(), &(start..value.end), REACH);
    let count = |text: &[u8]| {
        let numbers = text
            .windows(3)
            .filter(|it| it[0].is_ascii_hexdigit() && it[1] == b',' && it[2].is_ascii_whitespace());
        numbers.take(least).count()
    };
    count(before) + count(behind) >= least
}

/// What stands before the name and behind the value.
fn beside<'c>(case: &Case<'c>) -> [&'c [u8]; 2] {
    /// A bound: how far names beside it are looked for, in bytes to each side: some three lines.
    const REACH: usize = 160;
    let (name, value) = (&case.assignment.name, &case.candidate.place);
    let both = name.start.min(value.start)..name.end.max(value.end);
    around(case.candidate.text(), &both, REACH)
}

/// What stands between the name and the value that is no joint of them: the other columns of an `INSERT`.
fn between<'c>(case: &Case<'c>) -> &'c [u8] {
    /// A bound: as many columns as are looked at, by their names.
    const REACH: usize = 160;
    let (name, value) = (&case.assignment.name, &case.candidate.place);
    let text = case.candidate.text();
    let between = text.get(name.end..value.start).unwrap_or_default();
    let between = &between[..between.len().min(REACH)];
    match between {
        [b',', ..] | [b'`' | b'"' | b']', b',', ..] => between,
        _ => b"",
    }
}

/// So many bytes before a place of a text, and as many behind it.
fn around<'t>(text: &'t [u8], place: &Range<usize>, reach: usize) -> [&'t [u8]; 2] {
    [
        &text[place.start.saturating_sub(reach)..place.start],
        &text[place.end..text.len().min(place.end + reach)],
    ]
}

/// What opens or closes a string.
const fn is_quote(byte: &u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`')
}

/// Whether a place lies in the address of a badge, or of those who draw them: the tokens there are for everybody to read.
fn is_badge(text: &[u8], at: usize) -> bool {
    /// A bound: how far back the address is read.
    const REACH: usize = 120;
    text[at.saturating_sub(REACH)..at]
        .rsplit(|b| b.is_ascii_whitespace() || matches!(b, b'"' | b'(' | b'<'))
        .next()
        .is_some_and(|url| contains(url, b"badge") || contains(url, b"img.shields.io/"))
}

/// Whether a value stands on a line that no person writes.
fn is_minified(text: &[u8], span: &Range<usize>) -> bool {
    let before = &text[span.start.saturating_sub(MINIFIED)..span.start];
    let after = &text[span.end..(span.end + MINIFIED).min(text.len())];
    before.len() + after.len() >= MINIFIED && !before.contains(&b'\n') && !after.contains(&b'\n')
}
