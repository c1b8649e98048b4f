//! Patterns as programs: what the regex crate compiles a pattern to, written down as numbers.
//!
//! To compile a pattern costs some hundred thousand instructions, which is as much as all else in a small commit, and a
//! line of an ordinary program may hold what five patterns want to see. So the build compiles the catalog's, and what a
//! run does with them is this file: it goes through a program one way after the other, in the order in which the regex
//! crate goes, and nowhere twice. The tests hold the two to one answer.
//!
//! `build.rs` includes this file too.

mod write;

use std::borrow::Cow;
use std::ops::Range;

use regex_automata::util::look::{Look, LookMatcher};

pub(super) use self::write::Written;

/// A bound, in bytes: what is noted of one search. It is a bit for each byte of the text and each place of the program
/// to which several ways lead; what takes more goes to the machine of the regex crate that goes all ways at once.
const NOTED: usize = 4 << 20;

/// A weight, in bytes: so far behind a keyword it is looked whether a pattern may go on there. What it wants of a line
/// stands within; what goes on farther is sought in any case.
const AHEAD: usize = 128;

/// A bound: so many steps that look may take, whatever the text.
const STEPS: usize = 1_500;

/// How many numbers the head has.
const HEAD: usize = 6;

/// How many numbers a state takes.
const STATE: usize = 4;

/// How many numbers a set of bytes takes.
const SET: usize = 16;

/// What a state does, which is its first number; three more say with what.
mod op {
    /// A text: where it stands, the next state, how long it is.
    pub(super) const TEXT: u16 = 0;
    /// Bytes of one set: where it stands, the next state, how many.
    pub(super) const RUN: u16 = 1;
    /// One of two states, the first one first.
    pub(super) const SPLIT: u16 = 2;
    /// One of several states: where they are listed, how many.
    pub(super) const UNION: u16 = 3;
    /// What comes next says a byte: where the ranges are listed, how many. A range is its first byte and its last in
    /// one number, and the next state.
    pub(super) const SPARSE: u16 = 4;
    /// Notes the place: the slot, the next state.
    pub(super) const CAPTURE: u16 = 5;
    /// Looks around: for what, the next state.
    pub(super) const LOOK: u16 = 6;
    /// Goes on where it has not been at this place before: the number of this mark, the next state.
    pub(super) const MARK: u16 = 7;
    /// It fits.
    pub(super) const MATCH: u16 = 8;
    /// It never fits.
    pub(super) const FAIL: u16 = 9;
}

/// A pattern, compiled: its head, the groups that have an upper bound, the bytes with which a fit may start, where it goes
/// on behind each of its rule's literals, its states, and what these say more.
#[derive(Clone, Debug)]
pub(super) struct Program(Cow<'static, [u16]>);

impl Program {
    /// What the build has written.
    pub(super) const fn written(numbers: &'static [u16]) -> Self {
        Self(Cow::Borrowed(numbers))
    }

    fn head(&self, at: usize) -> usize {
        usize::from(self.0[at])
    }

    /// The group that is the secret; 0 is the whole.
    pub(super) fn secret(&self) -> usize {
        self.head(0)
    }

    /// How many places the groups start and end at.
    fn slots(&self) -> usize {
        self.head(1)
    }

    /// How many marks there are.
    fn marks(&self) -> usize {
        self.head(2)
    }

    /// How many states there are.
    pub(super) fn states(&self) -> usize {
        self.head(3)
    }

    /// The groups that have an upper bound, and how many bytes it is.
    pub(super) fn bounds(&self) -> impl Iterator<Item = (usize, usize)> {
        let bounds = self.0[HEAD..HEAD + 2 * self.head(4)].as_chunks().0.iter();
        bounds.map(|&[group, most]| (usize::from(group), usize::from(most)))
    }

    fn code(&self) -> Code<'_> {
        let rest = &self.0[HEAD + 2 * self.head(4)..];
        let (first, rest) = rest.split_at(SET);
        let (entries, rest) = rest.split_at(2 * self.head(5));
        let (states, more) = rest.split_at(STATE * self.states());
        Code {
            first,
            entries: entries.as_chunks().0,
            states: states.as_chunks().0,
            more,
        }
    }

    /// Whether a text of this length can be gone through one way after the other.
    pub(super) fn takes(&self, len: usize) -> bool {
        self.marks().saturating_mul(len + 1) / 8 <= NOTED
    }
}

/// The states of a program, and the texts, sets and lists that they name.
#[derive(Clone, Copy)]
struct Code<'p> {
    first: &'p [u16],
    entries: &'p [[u16; 2]],
    states: &'p [[u16; STATE]],
    more: &'p [u16],
}

impl<'p> Code<'p> {
    fn more(self, at: u16, len: usize) -> &'p [u16] {
        &self.more[usize::from(at)..usize::from(at) + len]
    }

    /// Whether all of a text is of a set.
    fn are_in(self, set: u16, text: &[u8]) -> bool {
        let set = self.more(set, SET);
        text.iter().all(|&byte| is_in(set, byte))
    }

    /// The states behind a literal of the rule; `None` where they are too many to be asked.
    fn behind_literal(self, literal: usize) -> Option<&'p [u16]> {
        let &[at, count] = self.entries.get(literal)?;
        (count > 0).then(|| self.more(at, usize::from(count)))
    }

    fn is_text(self, at: u16, text: &[u8]) -> bool {
        let letters = self.more(at, text.len());
        letters.iter().zip(text).all(|(&a, &b)| a == u16::from(b))
    }

    /// The state that comes behind a byte.
    fn behind(self, [_, at, count, _]: [u16; STATE], byte: u8) -> Option<u16> {
        let ranges = self.more(at, 2 * usize::from(count)).as_chunks().0.iter();
        let holds = |range: u16| {
            let [first, last] = range.to_le_bytes();
            (first..=last).contains(&byte)
        };
        let mut nexts = ranges.filter(|&&[range, _]| holds(range));
        nexts.next().map(|&[_, next]| next)
    }
}

fn is_in(set: &[u16], byte: u8) -> bool {
    set[usize::from(byte >> 4)] >> (byte & 15) & 1 != 0
}

/// Where to go on when a way leads nowhere.
#[derive(Clone, Copy, Debug)]
enum Turn {
    /// In this state, at this place.
    Go(u16, usize),
    /// Nowhere: a slot had this place before.
    Restore(u16, usize),
}

/// What is noted of no place.
const NOWHERE: usize = usize::MAX;

/// What a search needs while it runs, and what it found.
#[derive(Debug, Default)]
pub(super) struct Run {
    turns: Vec<Turn>,
    /// Which marks were met where, a bit each.
    met: Vec<u64>,
    /// The words of that which are not empty: with so many alone the next search begins, and not with all of a long text.
    touched: Vec<usize>,
    /// Where the groups of the last fit start and end.
    slots: Vec<usize>,
}

impl Run {
    /// Whether a program fits at `from`, or, if it is `free`, behind it; the first such fit is noted.
    pub(super) fn finds(
        &mut self,
        program: &Program,
        text: &[u8],
        from: usize,
        free: bool,
    ) -> bool {
        if from > text.len() {
            return false;
        }
        let mut walk = self.walk(program, text, from..text.len());
        let starts = text[from..].iter().take(if free { usize::MAX } else { 1 });
        for (start, &byte) in (from..).zip(starts) {
            if !is_in(walk.code.first, byte) {
                continue;
            }
            if let Some(end) = walk.fit_from(0, start) {
                self.slots[..2].copy_from_slice(&[start, end]);
                return true;
            }
        }
        false
    }

    /// Whether a program may go on behind a literal of its rule that ends at `at`. It looks a little way ahead alone: of
    /// what holds so far it says yes.
    pub(super) fn may_go_on(
        &mut self,
        program: &Program,
        literal: usize,
        text: &[u8],
        at: usize,
    ) -> bool {
        let Some(entries) = program.code().behind_literal(literal) else {
            return true;
        };
        let mut walk = self.walk(program, text, at..text.len().min(at + AHEAD));
        walk.steps = STEPS;
        entries
            .iter()
            .any(|&entry| walk.fit_from(entry, at).is_some())
    }

    fn walk<'w>(
        &'w mut self,
        program: &'w Program,
        text: &'w [u8],
        span: Range<usize>,
    ) -> Walk<'w> {
        let places = span.len() + 1;
        self.turns.clear();
        self.slots.clear();
        self.slots.resize(program.slots(), NOWHERE);
        for word in self.touched.drain(..) {
            self.met[word] = 0;
        }
        let words = (program.marks() * places).div_ceil(64);
        if self.met.len() < words {
            self.met.resize(words, 0);
        }
        Walk {
            code: program.code(),
            text,
            span,
            places,
            steps: usize::MAX,
            run: self,
        }
    }

    /// Where a group of the last fit lies.
    pub(super) fn group(&self, group: usize) -> Option<Range<usize>> {
        let slots = self.slots.get(2 * group..2 * group + 2)?;
        let is_there = !slots.contains(&NOWHERE);
        is_there.then(|| slots[0]..slots[1])
    }
}

/// A walk through a program over a text.
struct Walk<'w> {
    code: Code<'w>,
    text: &'w [u8],
    /// What of it is gone through. Where the text goes on behind that, nobody knows that a way leads nowhere.
    span: Range<usize>,
    /// How many places there are in that.
    places: usize,
    /// How many steps may be taken before nobody knows.
    steps: usize,
    run: &'w mut Run,
}

impl Walk<'_> {
    /// Where a fit ends, from a state and a place on.
    fn fit_from(&mut self, state: u16, start: usize) -> Option<usize> {
        self.run.turns.push(Turn::Go(state, start));
        while let Some(turn) = self.run.turns.pop() {
            match turn {
                Turn::Go(state, at) => {
                    if let Some(end) = self.go(state, at) {
                        self.run.turns.clear();
                        return Some(end);
                    }
                }
                Turn::Restore(slot, place) => self.run.slots[usize::from(slot)] = place,
            }
        }
        None
    }

    /// Goes one way to its end.
    fn go(&mut self, mut state: u16, mut at: usize) -> Option<usize> {
        let (code, text, last) = (self.code, self.text, self.span.end);
        loop {
            self.steps -= 1;
            if self.steps == 0 {
                self.steps = 1;
                return Some(at);
            }
            let now = code.states[usize::from(state)];
            let [what, more, next, count] = now;
            state = next;
            match what {
                op::TEXT | op::RUN => {
                    let end = at + usize::from(count);
                    if end > last {
                        return (last < text.len()).then_some(at);
                    }
                    let place = &text[at..end];
                    let fits = match what {
                        op::TEXT => code.is_text(more, place),
                        _ => code.are_in(more, place),
                    };
                    if !fits {
                        return None;
                    }
                    at = end;
                }
                op::SPLIT => {
                    self.run.turns.push(Turn::Go(next, at));
                    state = more;
                }
                op::UNION => {
                    let [first, others @ ..] = code.more(more, usize::from(next)) else {
                        return None;
                    };
                    let turns = others.iter().rev().map(|&other| Turn::Go(other, at));
                    self.run.turns.extend(turns);
                    state = *first;
                }
                op::SPARSE => {
                    if at == last {
                        return (last < text.len()).then_some(at);
                    }
                    state = code.behind(now, text[at])?;
                    at += 1;
                }
                op::CAPTURE => {
                    let slot = &mut self.run.slots[usize::from(more)];
                    let before = std::mem::replace(slot, at);
                    self.run.turns.push(Turn::Restore(more, before));
                }
                op::LOOK => {
                    let look = Look::from_repr(1 << more)?;
                    if !LookMatcher::new().matches(look, text, at) {
                        return None;
                    }
                }
                op::MARK => {
                    let bit = usize::from(more) * self.places + at - self.span.start;
                    let word = &mut self.run.met[bit / 64];
                    if *word >> (bit % 64) & 1 != 0 {
                        return None;
                    }
                    if *word == 0 {
                        self.run.touched.push(bit / 64);
                    }
                    *word |= 1 << (bit % 64);
                }
                op::MATCH => return Some(at),
                _ => return None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::shape::parse;

    /// Of many fits in a long text each would otherwise begin with room for all that follows.
    #[test]
    fn a_search_leaves_as_much_behind_as_it_went_through() {
        let hir = parse(r"x(?P<secret>[ab]{3,400})y").unwrap();
        let program = Written::relaxed(&hir).unwrap().program().unwrap();
        let text = b"xabay".repeat(6_000);
        let (mut run, mut at, mut fits) = (Run::default(), 0, 0);
        while run.finds(&program, &text, at, true) {
            assert!(run.touched.len() < 20, "{}", run.touched.len());
            at = run.group(0).unwrap().end;
            fits += 1;
        }
        assert_eq!((fits, at), (6_000, text.len()));
    }
}
