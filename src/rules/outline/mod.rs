//! What a text must look like for a rule's regex to fit somewhere in it: the regex once more, in a form
//! that is asked without being compiled. To compile a regex costs a million instructions and more, which
//! is more than all else in a small commit. So the regex is compiled for, and confirms, candidates alone.
//!
//! An outline is a text, since it is a part of a rule's [record](super::record). It is worked through from
//! left to right with the set of all places that can be reached, so that the work is linear in the text
//! for each of its parts, whatever the text. Looks around (`\b`, `^`) are left out: an outline may fit where
//! the regex does not, and never the other way round.
//!
//! `build.rs` includes this file too.

use std::fmt::Write as _;
use std::ops::Range;

use memchr::memchr2_iter;
use regex_syntax::hir::{Class, Hir, HirKind, Literal, Repetition};

use super::charset::CharSet;

/// A bound: a part that is more than a character is repeated so often before it counts as fitting anything.
const MOST_ROUNDS: usize = 32;

/// A bound: so often all such parts together are, since one may stand in another.
const MOST_ROUNDS_IN_ALL: usize = 1024;

/// A weight: a shorter text is nearly everywhere.
const LEAST_LANDMARK: usize = 2;

/// A bound: a longer text is written in pieces.
const LONGEST_TEXT: usize = 64;

/// Where a fit may start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    /// At the first byte.
    First,
    /// At any byte.
    Anywhere,
}

/// The outline of a pattern. A part is one letter and what it says:
///
/// | part | says |
/// |---|---|
/// | `=text~` | the text; `~` and `%` stand as `%7e` and `%25`, as does what does not print |
/// | `?text~` | the same, in any case of its letters |
/// | `c<set>,<min>,<max>;` | so many characters of a set, in hex; no `max` is no bound |
/// | `C<set>,<min>,<max>;` | the same, or bytes beyond ASCII |
/// | `r<min>,<max>;` part | the part so many times |
/// | `(` parts `)` | one after the other |
/// | `[` parts `]` | one of them |
/// | `@<min>,<max>;` text | at the start alone: the text stands so many bytes behind the start of a fit |
pub(super) fn of(hir: &Hir) -> String {
    let mut out = String::new();
    write_landmark(hir, &mut out);
    write(hir, &mut out);
    out
}

/// The first text that stands in every fit, if it stands near its start: where it is not, nothing fits.
fn write_landmark(hir: &Hir, out: &mut String) {
    let mut parts = Vec::new();
    flatten(hir, &mut parts);
    let (mut min, mut max) = (0, 0);
    let mut at = 0;
    while at < parts.len() {
        let mut text = Vec::new();
        while let Some(more) = parts.get(at).and_then(|part| spelled(part)) {
            text.extend(more);
            at += 1;
        }
        if text.len() >= LEAST_LANDMARK {
            text.truncate(LONGEST_TEXT);
            let max = u32::try_from(max).ok();
            out.push('@');
            write_bounds(u32::try_from(min).unwrap_or_default(), max, out);
            write_text(&text, out);
            return;
        }
        min += text.len();
        max += text.len();
        if let Some(part) = parts.get(at) {
            let properties = part.properties();
            let (Some(least), Some(most)) = (properties.minimum_len(), properties.maximum_len())
            else {
                return;
            };
            min += least;
            max += most;
            at += 1;
        }
    }
}

/// The parts of a pattern that stand one after the other.
fn flatten<'h>(hir: &'h Hir, parts: &mut Vec<&'h Hir>) {
    match hir.kind() {
        HirKind::Capture(capture) => flatten(&capture.sub, parts),
        HirKind::Concat(all) => all.iter().for_each(|part| flatten(part, parts)),
        _ => parts.push(hir),
    }
}

/// The letters of a part, if it is spelled out.
fn spelled(hir: &Hir) -> Option<Vec<Letter>> {
    match hir.kind() {
        HirKind::Literal(Literal(bytes)) => Some(letters(bytes)),
        HirKind::Class(class) => letter(class).map(|letter| vec![letter]),
        HirKind::Look(_) => Some(Vec::new()),
        _ => None,
    }
}

fn write(hir: &Hir, out: &mut String) {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => out.push_str("()"),
        HirKind::Literal(literal) => write_text(&letters(&literal.0), out),
        HirKind::Class(class) => write_run(class, 1, Some(1), out),
        HirKind::Capture(capture) => write(&capture.sub, out),
        HirKind::Repetition(repetition) => write_repetition(repetition, out),
        HirKind::Concat(parts) => {
            out.push('(');
            write_sequence(parts, out);
            out.push(')');
        }
        HirKind::Alternation(options) => {
            out.push('[');
            options.iter().for_each(|option| write(option, out));
            out.push(']');
        }
    }
}

/// Parts one after the other; letters that stand side by side, each in one case or both, become one text.
fn write_sequence(parts: &[Hir], out: &mut String) {
    let mut text = Vec::new();
    for part in parts {
        match spelled(part) {
            Some(more) => text.extend(more),
            None => {
                write_text(&std::mem::take(&mut text), out);
                write(part, out);
            }
        }
    }
    write_text(&text, out);
}

fn write_repetition(repetition: &Repetition, out: &mut String) {
    let (min, max) = (repetition.min, repetition.max);
    match repetition.sub.kind() {
        HirKind::Class(class) => write_run(class, min, max, out),
        HirKind::Literal(Literal(bytes)) if bytes.len() == 1 && bytes.is_ascii() => {
            write_set(CharSet(1 << bytes[0]), false, (min, max), out);
        }
        _ => {
            out.push('r');
            write_bounds(min, max, out);
            write(&repetition.sub, out);
        }
    }
}

/// A letter, and whether it may stand in the other case too.
pub(super) type Letter = (u8, bool);

fn letters(bytes: &[u8]) -> Vec<Letter> {
    bytes.iter().map(|&byte| (byte, false)).collect()
}

/// The letter, if the class is one letter in both cases, or one byte.
pub(super) fn letter(class: &Class) -> Option<Letter> {
    let Class::Bytes(class) = class else {
        return None;
    };
    match class.ranges() {
        [one] => (one.start() == one.end()).then_some((one.start(), false)),
        [upper, lower] => {
            let both = upper.start() == upper.end()
                && lower.start() == lower.end()
                && upper.start().is_ascii_uppercase()
                && upper.start().to_ascii_lowercase() == lower.start();
            both.then_some((lower.start(), true))
        }
        _ => None,
    }
}

fn write_text(text: &[Letter], out: &mut String) {
    for text in text.chunks(LONGEST_TEXT) {
        let any_case = text.iter().any(|&(_, any_case)| any_case);
        out.push(if any_case { '?' } else { '=' });
        for &(byte, _) in text {
            let byte = if any_case {
                byte.to_ascii_lowercase()
            } else {
                byte
            };
            if byte.is_ascii_graphic() && !matches!(byte, b'%' | b'~') {
                out.push(char::from(byte));
            } else {
                write!(out, "%{byte:02x}").expect("a string takes all");
            }
        }
        out.push('~');
    }
}

fn write_run(class: &Class, min: u32, max: Option<u32>, out: &mut String) {
    let mut set = CharSet::EMPTY;
    let mut beyond = false;
    let mut add = |start: u32, end: u32| {
        (start..=end.min(127)).for_each(|byte| set = set.union(CharSet(1 << byte)));
        beyond |= end > 127;
    };
    // Beyond ASCII a character has up to four bytes.
    let width = match class {
        Class::Bytes(class) => {
            let ranges = class.ranges().iter();
            ranges.for_each(|range| add(range.start().into(), range.end().into()));
            1
        }
        Class::Unicode(class) => {
            let ranges = class.ranges().iter();
            ranges.for_each(|range| add(range.start().into(), range.end().into()));
            4
        }
    };
    let max = max.and_then(|max| max.checked_mul(width));
    write_set(set, beyond, (min, max), out);
}

fn write_set(set: CharSet, beyond: bool, (min, max): (u32, Option<u32>), out: &mut String) {
    let sort = if beyond { 'C' } else { 'c' };
    write!(out, "{sort}{:x},", set.0).expect("a string takes all");
    write_bounds(min, max, out);
}

fn write_bounds(min: u32, max: Option<u32>, out: &mut String) {
    let max = max.map(|max| max.to_string()).unwrap_or_default();
    write!(out, "{min},{max};").expect("a string takes all");
}

/// Whether an outline fits a text, starting where `start` says.
pub(super) fn fits(outline: &str, text: &[u8], start: Start) -> bool {
    let mut walk = Walk::new(outline, text);
    let from = match start {
        Start::First => {
            // It is passed over.
            walk.landmark(b"");
            Places::all(0..1)
        }
        Start::Anywhere => walk
            .landmark(text)
            .unwrap_or_else(|| Places::all(0..text.len() + 1)),
    };
    !from.0.is_empty() && !walk.parts(from).0.is_empty()
}

/// A part of a text that an outline fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// From the first place where a fit may start to a byte behind the farthest end of one.
    pub span: Range<usize>,
    /// From here on, a start is another part's.
    pub before: usize,
}

/// The parts of a text in which an outline fits, in their order. `reach` says how far a start may stand
/// behind the first one of its part: with the length of the longest fit, a byte lies in two parts at most.
pub(super) fn parts(outline: &str, text: &[u8], reach: usize) -> Vec<Part> {
    let mut walk = Walk::new(outline, text);
    let near = walk.landmark(text);
    let start = walk.at;
    let near = near.unwrap_or_else(|| Places::all(0..text.len() + 1));
    let mut near = near.0.into_iter().peekable();
    let mut parts = Vec::new();
    while let Some(first) = near.next() {
        let end = first.start.saturating_add(reach.max(1));
        let mut from = Places::all(first.clone());
        while let Some(range) = near.next_if(|range| range.start < end) {
            from.push(range);
        }
        let before = near.peek().map_or(text.len() + 1, |range| range.start);
        (walk.at, walk.rounds) = (start, MOST_ROUNDS_IN_ALL);
        if let Some(last) = walk.parts(from).0.last() {
            let span = first.start..last.end.min(text.len());
            parts.push(Part { span, before });
        }
    }
    parts
}

/// Places in a text, as ranges that are sorted and lie apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Places(Vec<Range<usize>>);

impl Places {
    fn all(range: Range<usize>) -> Self {
        Self(vec![range])
    }

    /// Adds a range that starts no earlier than the last one.
    fn push(&mut self, range: Range<usize>) {
        match self.0.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => self.0.push(range),
        }
    }

    fn union(self, other: Self) -> Self {
        if self.0.is_empty() || other.0.is_empty() {
            return if self.0.is_empty() { other } else { self };
        }
        let mut both = [self.0, other.0].concat();
        both.sort_unstable_by_key(|range| range.start);
        let mut all = Self::default();
        both.into_iter().for_each(|range| all.push(range));
        all
    }
}

/// A walk through an outline.
struct Walk<'a> {
    outline: &'a [u8],
    /// Where in the outline it stands.
    at: usize,
    text: &'a [u8],
    /// How often parts may still be repeated.
    rounds: usize,
}

impl<'a> Walk<'a> {
    fn new(outline: &'a str, text: &'a [u8]) -> Self {
        Self {
            outline: outline.as_bytes(),
            at: 0,
            text,
            rounds: MOST_ROUNDS_IN_ALL,
        }
    }

    /// The places behind the parts up to a closing bracket or the end, from some of these places.
    fn parts(&mut self, mut from: Places) -> Places {
        while !matches!(self.outline.get(self.at), None | Some(b')')) {
            from = self.part(from);
        }
        from
    }

    /// The places behind the next part. Where there are none before it, it is only passed over.
    fn part(&mut self, from: Places) -> Places {
        let sort = self.outline[self.at];
        self.at += 1;
        match sort {
            b'(' => {
                let behind = self.parts(from);
                self.at += 1;
                behind
            }
            b'[' => {
                let mut behind = Places::default();
                while self.outline[self.at] != b']' {
                    behind = behind.union(self.part(from.clone()));
                }
                self.at += 1;
                behind
            }
            b'=' | b'?' => self.literal(from, sort == b'?'),
            b'c' | b'C' => {
                let set = CharSet(self.number(16));
                let (min, max) = self.bounds();
                match from.0.is_empty() {
                    true => from,
                    false => self.run(from, set, sort == b'C', min, max),
                }
            }
            _ => self.repeat(from),
        }
    }

    /// The number that comes next, and what ends it.
    fn number(&mut self, base: u32) -> u128 {
        let mut number = 0;
        while let Some(digit) = char::from(self.outline[self.at]).to_digit(base) {
            number = number * u128::from(base) + u128::from(digit);
            self.at += 1;
        }
        self.at += 1;
        number
    }

    fn bounds(&mut self) -> (usize, usize) {
        let length = |number: u128| usize::try_from(number).unwrap_or(usize::MAX);
        let min = length(self.number(10));
        let open = self.outline[self.at] == b';';
        let max = length(self.number(10));
        (min, if open { usize::MAX } else { max })
    }

    /// The places of a text from which a fit may start, where a landmark tells them.
    fn landmark(&mut self, text: &[u8]) -> Option<Places> {
        if self.outline.first() != Some(&b'@') {
            return None;
        }
        self.at = 1;
        let (min, max) = self.bounds();
        let any_case = self.outline[self.at] == b'?';
        self.at += 1;
        let literal = self.spelling();
        let mut near = Places::default();
        literal.each(text, any_case, |at| {
            if let Some(last) = at.checked_sub(min) {
                near.push(at.saturating_sub(max)..last + 1);
            }
        });
        Some(near)
    }

    /// A text that comes next, and what ends it.
    fn spelling(&mut self) -> Spelling {
        let mut spelling = Spelling {
            letters: [0; LONGEST_TEXT],
            len: 0,
        };
        while self.outline[self.at] != b'~' {
            spelling.letters[spelling.len] = match self.outline[self.at] {
                b'%' => {
                    let digit = |at: usize| char::from(self.outline[at]).to_digit(16);
                    let [high, low] = [1, 2].map(|next| digit(self.at + next).unwrap_or_default());
                    self.at += 2;
                    (high << 4 | low) as u8
                }
                byte => byte,
            };
            spelling.len += 1;
            self.at += 1;
        }
        self.at += 1;
        spelling
    }

    /// The places behind a text.
    fn literal(&mut self, from: Places, any_case: bool) -> Places {
        let spelling = self.spelling();
        let len = spelling.len;
        let mut behind = Places::default();
        for range in from.0 {
            // Few places are looked at one by one; of many, most are passed over.
            if range.len() < len {
                for start in range {
                    if spelling.stands(self.text, start, any_case) {
                        behind.push(start + len..start + len + 1);
                    }
                }
            } else {
                let end = (range.end - 1 + len).min(self.text.len());
                let text = self.text.get(range.start..end).unwrap_or_default();
                spelling.each(text, any_case, |at| {
                    let end = range.start + at + len;
                    behind.push(end..end + 1);
                });
            }
        }
        behind
    }

    /// The places behind `min` to `max` characters of a set.
    fn run(&self, from: Places, set: CharSet, beyond: bool, min: usize, max: usize) -> Places {
        let is_in = |byte: u8| set.contains(byte) || beyond && byte >= 128;
        let text = self.text;
        let mut behind = Places::default();
        // The end of the run that was looked at last: no byte is looked at twice.
        let mut end = 0;
        for range in from.0 {
            let mut start = range.start;
            while start < range.end {
                if end <= start {
                    let others = text[start..].iter().position(|&byte| !is_in(byte));
                    end = others.map_or(text.len(), |len| start + len);
                }
                // From each of these places, one can go on to the end of the run.
                let last = end.min(range.end - 1).max(start);
                let nearest = start.saturating_add(min);
                if nearest <= end.max(start) {
                    let farthest = last.saturating_add(max).min(end.max(start));
                    behind.push(nearest..farthest.max(nearest) + 1);
                }
                start = last + 1;
            }
        }
        behind
    }

    /// The places behind a part that comes so many times.
    fn repeat(&mut self, from: Places) -> Places {
        let (min, max) = self.bounds();
        let part = self.at;
        let mut all = match min {
            0 => from.clone(),
            _ => Places::default(),
        };
        let mut reached = from;
        for round in 1.. {
            self.at = part;
            let behind = self.part(reached.clone());
            if (min..=max).contains(&round) {
                all = all.union(behind.clone());
            }
            if behind.0.is_empty() || round >= max || behind == reached && round >= min {
                break;
            }
            self.rounds = self.rounds.saturating_sub(1);
            if round == MOST_ROUNDS || self.rounds == 0 {
                let rest = behind
                    .0
                    .first()
                    .map(|first| first.start..self.text.len() + 1);
                return all.union(Places(rest.into_iter().collect()));
            }
            reached = behind;
        }
        all
    }
}

/// A text of an outline.
struct Spelling {
    letters: [u8; LONGEST_TEXT],
    len: usize,
}

impl Spelling {
    fn stands(&self, text: &[u8], at: usize, any_case: bool) -> bool {
        let letters = &self.letters[..self.len];
        let place = text.get(at..at + self.len);
        place.is_some_and(|place| match any_case {
            true => place.eq_ignore_ascii_case(letters),
            false => place == letters,
        })
    }

    /// Gives each place where it stands.
    fn each(&self, text: &[u8], any_case: bool, mut found: impl FnMut(usize)) {
        let first = self.letters[0];
        let other = match any_case {
            true => first.to_ascii_uppercase(),
            false => first,
        };
        for at in memchr2_iter(first, other, text) {
            if self.stands(text, at, any_case) {
                found(at);
            }
        }
    }
}
#[cfg(test)]
mod tests;
