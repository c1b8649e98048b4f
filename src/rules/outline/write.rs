//! Writes the outline of a pattern down.

use std::fmt::Write as _;

use regex_syntax::hir::{Class, Hir, HirKind, Literal, Repetition};

use super::super::charset::CharSet;
use super::LONGEST_TEXT;

/// A bound: a part that is more than a character and comes oftener is written as a run of all characters that stand
/// in it.
const MOST_ROUNDS: u32 = 32;

/// A weight: a shorter text is nearly everywhere.
const LEAST_LANDMARK: usize = 2;

/// A weight: the shortest text that is asked for before all else.
const LEAST_NEED: usize = 4;

/// A weight: signs that few lines of a program have, so that a shorter text with one says as much.
const RARE: &[u8] = b"@^~";

/// A bound: of so many texts one stands in some line of any program.
const MOST_NEEDED: usize = 6;

/// A weight: so many needs are asked for; each further one tells little more.
const NEEDS: usize = 2;

/// The outline of a pattern. A part is one letter and what it says:
///
/// | part | says |
/// |---|---|
/// | `=text~` | the text; `~` and `%` stand as `%7e` and `%25`, as does what does not print |
/// | `?text~` | the same, in any case of its letters |
/// | `c<set>,<min>,<max>;` | so many characters of a set, in hex; no `max` is no bound |
/// | `C<set>,<min>,<max>;` | the same, or bytes beyond ASCII |
/// | `r<min>,<max>;` part | the part so many times |
/// | `*` characters, part | any number of these characters and of the part, in any order |
/// | `(` parts `)` | one after the other |
/// | `[` parts `]` | one of them |
/// | `&` text, or `&[` texts `]` | at the start alone: a fit holds the text, or one of them |
/// | `@<min>,<max>;` text | behind these alone: the text stands so many bytes behind the start of a fit |
pub(in super::super) fn of(hir: &Hir) -> String {
    let (mut landmark, mut out) = (String::new(), String::new());
    write_landmark(hir, &mut landmark);
    write_needs(hir, &landmark, &mut out);
    out.push_str(&landmark);
    let mut whole = hir;
    while let HirKind::Capture(capture) = whole.kind() {
        whole = &capture.sub;
    }
    match whole.kind() {
        HirKind::Concat(parts) => write_sequence(parts, &mut out),
        _ => write(whole, &mut out),
    }
    out
}

/// The texts that every fit holds, wherever, but that of the landmark: of two of the longest, one each of several.
fn write_needs(hir: &Hir, landmark: &str, out: &mut String) {
    let mut needs = needs(hir);
    needs.retain(|need| {
        let text = written(&need[0]);
        need.len() > 1 || !landmark.ends_with(&text)
    });
    needs.sort_by_key(|need| std::cmp::Reverse(shortest(need)));
    for need in needs.iter().take(NEEDS) {
        out.push('&');
        if let [text] = &need[..] {
            write_text(text, out);
            continue;
        }
        out.push('[');
        need.iter().for_each(|text| write_text(text, out));
        out.push(']');
    }
}

/// The texts of which a pattern holds one each, wherever.
pub(in super::super) fn needs(hir: &Hir) -> Vec<Vec<Vec<Letter>>> {
    let mut needs = Vec::new();
    collect_needs(hir, &mut needs);
    needs
}

/// Of several texts the length of the shortest: it is the one that stands anywhere soonest.
fn shortest(need: &[Vec<Letter>]) -> usize {
    need.iter().map(Vec::len).min().unwrap_or(0)
}

fn collect_needs(hir: &Hir, needs: &mut Vec<Vec<Vec<Letter>>>) {
    match hir.kind() {
        HirKind::Literal(literal) => add_need(letters(&literal.0), needs),
        HirKind::Capture(capture) => collect_needs(&capture.sub, needs),
        HirKind::Repetition(repetition) if repetition.min > 0 => {
            collect_needs(&repetition.sub, needs);
        }
        HirKind::Concat(parts) => {
            let mut at = 0;
            while at < parts.len() {
                let mut text = Vec::new();
                let start = at;
                while let Some(more) = parts.get(at).and_then(spelled) {
                    text.extend(more);
                    at += 1;
                }
                if at == start {
                    collect_needs(&parts[at], needs);
                    at += 1;
                } else {
                    add_need(text, needs);
                }
            }
        }
        HirKind::Alternation(options) => {
            let mut all = Vec::new();
            for option in options {
                let mut own = Vec::new();
                collect_needs(option, &mut own);
                match own.into_iter().max_by_key(|need| shortest(need)) {
                    Some(need) => all.extend(need),
                    None => return,
                }
            }
            if all.len() <= MOST_NEEDED {
                needs.push(all);
            }
        }
        HirKind::Empty | HirKind::Look(_) | HirKind::Class(_) | HirKind::Repetition(_) => {}
    }
}

fn add_need(mut text: Vec<Letter>, needs: &mut Vec<Vec<Vec<Letter>>>) {
    let is_rare = |&(byte, _): &Letter| RARE.contains(&byte);
    if text.len() >= LEAST_NEED || text.iter().any(is_rare) {
        text.truncate(LONGEST_TEXT);
        needs.push(vec![text]);
    }
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
pub(in super::super) fn flatten<'h>(hir: &'h Hir, parts: &mut Vec<&'h Hir>) {
    match hir.kind() {
        HirKind::Capture(capture) => flatten(&capture.sub, parts),
        HirKind::Concat(all) => all.iter().for_each(|part| flatten(part, parts)),
        _ => parts.push(hir),
    }
}

/// The letters of a part, if it is spelled out.
pub(in super::super) fn spelled(hir: &Hir) -> Option<Vec<Letter>> {
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
            let mut set = Bytes::default();
            set.add(bytes[0].into(), bytes[0].into());
            write_set(set, (min, max), out);
        }
        _ if max.is_some_and(|max| max <= MOST_ROUNDS) => {
            out.push('r');
            write_bounds(min, max, out);
            write(&repetition.sub, out);
        }
        _ => write_spread(repetition, out),
    }
}

/// What comes any number of times: where one of its options is a character, as a run of such with the other options
/// within; else as a run of all characters that stand in it.
fn write_spread(repetition: &Repetition, out: &mut String) {
    let mut sub = &*repetition.sub;
    while let HirKind::Capture(capture) = sub.kind() {
        sub = &capture.sub;
    }
    let mut set = Bytes::default();
    if let HirKind::Alternation(options) = sub.kind() {
        let is_byte = |option: &&Hir| match option.kind() {
            HirKind::Class(_) => true,
            HirKind::Literal(Literal(bytes)) => bytes.len() == 1,
            _ => false,
        };
        let (bytes, others): (Vec<&Hir>, Vec<&Hir>) = options.iter().partition(is_byte);
        if !bytes.is_empty() && !others.is_empty() {
            bytes.iter().for_each(|byte| set.add_all_of(byte));
            out.push('*');
            write_set(set, (0, None), out);
            out.push('[');
            others.iter().for_each(|other| write(other, out));
            out.push(']');
            return;
        }
    }
    set.add_all_of(sub);
    let properties = sub.properties();
    let times = |count: u32, len: Option<usize>| count.checked_mul(u32::try_from(len?).ok()?);
    let min = times(repetition.min, properties.minimum_len()).unwrap_or(0);
    let max = repetition
        .max
        .and_then(|max| times(max, properties.maximum_len()));
    write_set(set, (min, max), out);
}

/// A letter, and whether it may stand in the other case too.
pub(in super::super) type Letter = (u8, bool);

fn letters(bytes: &[u8]) -> Vec<Letter> {
    bytes.iter().map(|&byte| (byte, false)).collect()
}

/// The letter, if the class is one letter in both cases, or one byte.
pub(in super::super) fn letter(class: &Class) -> Option<Letter> {
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

fn written(text: &[Letter]) -> String {
    let mut out = String::new();
    write_text(text, &mut out);
    out
}

/// A set of bytes: some of ASCII, and all or none beyond.
#[derive(Clone, Copy, Default)]
struct Bytes {
    ascii: CharSet,
    beyond: bool,
}

impl Bytes {
    fn add(&mut self, start: u32, end: u32) {
        (start..=end.min(127)).for_each(|byte| self.ascii = self.ascii.union(CharSet(1 << byte)));
        self.beyond |= end > 127;
    }

    fn add_class(&mut self, class: &Class) {
        match class {
            Class::Bytes(class) => {
                let ranges = class.ranges().iter();
                ranges.for_each(|range| self.add(range.start().into(), range.end().into()));
            }
            Class::Unicode(class) => {
                let ranges = class.ranges().iter();
                ranges.for_each(|range| self.add(range.start().into(), range.end().into()));
            }
        }
    }

    /// Adds every byte that may stand in what a pattern fits.
    fn add_all_of(&mut self, hir: &Hir) {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => {}
            HirKind::Literal(literal) => {
                let bytes = literal.0.iter();
                bytes.for_each(|&byte| self.add(byte.into(), byte.into()));
            }
            HirKind::Class(class) => self.add_class(class),
            HirKind::Capture(capture) => self.add_all_of(&capture.sub),
            HirKind::Repetition(repetition) => self.add_all_of(&repetition.sub),
            HirKind::Concat(parts) | HirKind::Alternation(parts) => {
                parts.iter().for_each(|part| self.add_all_of(part));
            }
        }
    }
}

fn write_run(class: &Class, min: u32, max: Option<u32>, out: &mut String) {
    let mut set = Bytes::default();
    set.add_class(class);
    // Beyond ASCII a character has up to four bytes.
    let width = match class {
        Class::Bytes(_) => 1,
        Class::Unicode(_) => 4,
    };
    let max = max.and_then(|max| max.checked_mul(width));
    write_set(set, (min, max), out);
}

fn write_set(set: Bytes, (min, max): (u32, Option<u32>), out: &mut String) {
    let sort = if set.beyond { 'C' } else { 'c' };
    write!(out, "{sort}{:x},", set.ascii.0).expect("a string takes all");
    write_bounds(min, max, out);
}

fn write_bounds(min: u32, max: Option<u32>, out: &mut String) {
    let max = max.map(|max| max.to_string()).unwrap_or_default();
    write!(out, "{min},{max};").expect("a string takes all");
}
