//! Assignments: a name that speaks of a secret, and the values that it is given.
//!
//! A keyword of a rule leads here. From it the [name] is read both ways, and then the [`READERS`] are
//! asked, each for a family of notations: what stands behind a [sign](value), the [items](yaml) below a
//! name, the text of an [element], what stands [beside](sibling) a name in one block, the arguments of a
//! [call], the options of a [command], a [cookie], the cells of a [column](mod@column), the rows that a statement of SQL [inserts](insert). What no keyword
//! leads to, the entries of a Kubernetes Secret, is read by [`manifest`].
//!
//! Every reader looks at a bounded number of bytes, so that the work is linear in the text. Between two keywords
//! nothing is remembered but where no value can [end](Seen).

mod before;
pub(crate) mod bytes;
mod call;
mod column;
mod command;
mod cookie;
mod element;
mod entry;
mod expression;
mod insert;
mod join;
mod line;
pub(crate) mod manifest;
mod message;
mod name;
mod parents;
mod sibling;
mod string;
mod value;
mod which;
mod yaml;

use std::cell::Cell;
use std::ops::Range;

pub(crate) use self::name::{goes_on, name_end, variable};

use crate::filetype::{FileType, Syntax};

/// A weight: the fewest bytes of a value that is given on, as no password that anybody takes has fewer. Most values
/// of names that speak of a secret are shorter: numbers, words, `true`.
const SHORTEST: usize = 6;

/// A name and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// Where the name stands.
    pub name: Range<usize>,
    /// Where the value stands.
    pub value: Range<usize>,
    /// How the value is written.
    pub notation: Notation,
    /// What says that the value may be a secret.
    pub speaks: Speaks,
    /// What the path says about the file that holds it.
    pub file_type: FileType,
}

/// What says that a value may be a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaks {
    /// The words of its name. Where it is one of several, the name is read without the `s` of the plural.
    Name,
    /// The function whose argument it is, and whose name stands for the value's: `login(user, "x")`.
    Call,
    /// What holds it, whatever its name: a Kubernetes Secret, a cookie.
    Holder,
}

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notation {
    /// Between quotes.
    Quoted,
    /// As it is, up to a space or the end of its line.
    Bare,
    /// As it is, where code may stand: only what no identifier looks like counts.
    Unclear,
    /// As a parameter of a URL.
    Query,
    /// Between the tags of an element.
    Element,
    /// As a list of numbers, one a byte.
    Bytes,
}

/// What stands beside a name, as one way to read it.
struct Place<'t> {
    bytes: &'t [u8],
    /// Where the name stands.
    name: Range<usize>,
    syntax: Syntax,
    seen: &'t Seen,
}

/// What was seen of a text at the names before: of a text that is all names and no values, each would read the same
/// again.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// A stretch in which no bare value ends.
    endless: Stretch,
    /// A stretch in which no string starts.
    unquoted: Stretch,
}

/// A stretch of a text in which something is not, as was seen.
#[derive(Debug, Default)]
struct Stretch(Cell<(usize, usize)>);

impl Stretch {
    /// From where on it is to be looked for between `start` and `end`.
    fn fresh(&self, start: usize, end: usize) -> usize {
        let (from, known) = self.0.get();
        match (from..=known).contains(&start) {
            true => known.min(end),
            false => start.min(end),
        }
    }

    /// Notes that it is not within a place.
    fn note(&self, place: Range<usize>) {
        self.0.set((place.start, place.end));
    }
}

/// A value that a reader found.
struct Value {
    place: Range<usize>,
    notation: Notation,
    /// Whether it may be one of several.
    item: bool,
    speaks: Speaks,
    /// Where its name stands, if that is not the one that led to it.
    name: Option<Range<usize>>,
}

impl Value {
    /// A value of the name that led to it.
    fn new(place: Range<usize>, notation: Notation) -> Self {
        Self {
            place,
            notation,
            item: false,
            speaks: Speaks::Name,
            name: None,
        }
    }
}

/// Gives the values that a name is given in one family of notations. Returns whether the name is of that
/// family in any case, so that no other need be asked.
type Reader = fn(&Place<'_>, &mut dyn FnMut(Value)) -> bool;

/// The families, in the order in which they are tried: the first that finds values has the name.
const READERS: &[Reader] = &[
    column::cells,
    cookie::pairs,
    insert::values,
    call::arguments,
    command::credentials,
    yaml::below,
    element::of_attribute,
    sibling::listed,
    value::behind_sign,
    sibling::value,
];

/// Gives every value of the name that holds a keyword at `keyword`.
pub(crate) fn each(
    bytes: &[u8],
    keyword: &Range<usize>,
    file_type: FileType,
    seen: &Seen,
    found: &mut impl FnMut(Assignment),
) {
    each_by(READERS.iter(), bytes, keyword, file_type, seen, found);
}

/// The same by these readers alone.
fn each_by<'r>(
    readers: impl Iterator<Item = &'r Reader>,
    bytes: &[u8],
    keyword: &Range<usize>,
    file_type: FileType,
    seen: &Seen,
    found: &mut impl FnMut(Assignment),
) {
    let Some(name) = name::around(bytes, keyword) else {
        return;
    };
    let place = Place {
        bytes,
        name,
        syntax: file_type.syntax,
        seen,
    };
    for read in readers {
        let (mut any, mut sealed) = (false, None);
        let claimed = read(&place, &mut |value| {
            any = true;
            // What is looked for above is the same for all.
            let is_long = value.place.len() >= SHORTEST;
            if !is_long || *sealed.get_or_insert_with(|| parents::seal(&place)) {
                return;
            }
            let name = match value.name {
                Some(name) => name,
                None if value.item => name::singular(bytes, place.name.clone()),
                None => place.name.clone(),
            };
            let name = match value.speaks {
                Speaks::Name => name::with_word_before(&place, name),
                _ => name,
            };
            found(Assignment {
                name,
                value: value.place,
                notation: value.notation,
                speaks: value.speaks,
                file_type,
            });
        });
        if any || claimed {
            return;
        }
    }
}

/// How many blanks stand at `at`.
fn blanks(bytes: &[u8], at: usize) -> usize {
    /// A bound: more of them part a table, not a name from its value.
    const MOST: usize = 80;
    let rest = bytes.get(at..).unwrap_or_default();
    rest.iter()
        .take(MOST)
        .take_while(|&&b| b == b' ' || b == b'\t')
        .count()
}

/// Behind blanks and at most one line end with the blanks of the next line.
fn next_word(bytes: &[u8], at: usize) -> usize {
    let mut at = at + blanks(bytes, at);
    if bytes.get(at) == Some(&b'\r') {
        at += 1;
    }
    if bytes.get(at) == Some(&b'\n') {
        at += 1;
        at += blanks(bytes, at);
    }
    at
}

/// A text without the bytes at its end that are so.
#[inline]
fn trim_end(text: &[u8], so: impl Fn(u8) -> bool) -> &[u8] {
    let end = text.iter().rposition(|&b| !so(b)).map_or(0, |at| at + 1);
    &text[..end]
}

/// What stands before `at` on its line; `None` where the line starts out of sight.
fn line_before(bytes: &[u8], at: usize, reach: usize) -> Option<&[u8]> {
    let first = at.saturating_sub(reach);
    let before = &bytes[first..at];
    match before.iter().rposition(|&b| b == b'\n') {
        Some(newline) => Some(&before[newline + 1..]),
        None => (first == 0).then_some(before),
    }
}

fn starts_with(bytes: &[u8], at: usize, text: &[u8]) -> bool {
    bytes.get(at..at + text.len()) == Some(text)
}

#[cfg(test)]
pub(crate) mod tests;
