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

mod write;

use std::ops::{ControlFlow, Range};

use memchr::{memchr, memchr2_iter};

pub(super) use self::write::{Letter, flatten, letter, needs, of, spelled};
use super::charset::CharSet;

/// A bound: so often all parts that are repeated are walked through, since one may stand in another, before what
/// follows counts as fitting anything.
const MOST_ROUNDS_IN_ALL: usize = 1024;

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

/// Whether an outline fits a text, starting where `start` says.
pub(super) fn fits(outline: &str, text: &[u8], start: Start) -> bool {
    let mut walk = Walk::new(outline, text);
    let from = match start {
        Start::First => {
            walk.skip_heads();
            Places::all(0..1)
        }
        Start::Anywhere => match walk.heads() {
            Some(from) => from,
            None => return false,
        },
    };
    !walk.parts(from).0.is_empty()
}

/// A part of a text that an outline fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// From the first place where a fit may start to a byte behind the farthest end of one.
    pub span: Range<usize>,
    /// From here on, a start is another part's.
    pub before: usize,
}

/// The parts of a text in which an outline fits, in their order. So far as the `longest` fit is long, a start may stand
/// behind the first one of its part: a byte lies in two parts at most. If every fit is `bounded` by that, no part is
/// looked at beyond.
pub(super) fn parts(outline: &str, text: &[u8], longest: usize, bounded: bool) -> Vec<Part> {
    let mut walk = Walk::new(outline, text);
    let mut parts = Vec::new();
    let Some(near) = walk.heads() else {
        return parts;
    };
    let start = walk.at;
    let mut near = near.0.into_iter().peekable();
    while let Some(first) = near.next() {
        let end = first.start.saturating_add(longest.max(1));
        let mut from = Places::all(first.clone());
        while let Some(range) = near.next_if(|range| range.start < end) {
            from.push(range);
        }
        let before = near.peek().map_or(text.len() + 1, |range| range.start);
        // What is needed must stand within the longest fit.
        let last = from.0.last().map_or(first.end, |range| range.end);
        walk.at = 0;
        let reach = last.saturating_add(longest).min(text.len());
        if !walk.holds_needs(&text[first.start..reach]) {
            continue;
        }
        walk.text = if bounded { &text[..reach] } else { text };
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

    /// Those that are none of the others.
    fn without(self, others: &Self) -> Self {
        let mut left = Self::default();
        let mut others = others.0.as_slice();
        for mut range in self.0 {
            while let [other, rest @ ..] = others
                && other.start < range.end
            {
                if range.start < other.start {
                    left.push(range.start..other.start);
                }
                range.start = range.start.max(other.end.min(range.end));
                if other.end > range.end {
                    break;
                }
                others = rest;
            }
            if !range.is_empty() {
                left.push(range);
            }
        }
        left
    }

    fn union(self, other: Self) -> Self {
        if self.0.is_empty() || other.0.is_empty() {
            return if self.0.is_empty() { other } else { self };
        }
        let mut all = Self(Vec::with_capacity(self.0.len() + other.0.len()));
        let mut others = other.0.into_iter().peekable();
        for range in self.0 {
            while let Some(other) = others.next_if(|other| other.start < range.start) {
                all.push(other);
            }
            all.push(range);
        }
        others.for_each(|range| all.push(range));
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

    /// The places behind all parts, from some of these places.
    fn parts(&mut self, mut from: Places) -> Places {
        while self.at < self.outline.len() && !from.0.is_empty() {
            from = self.part(from);
        }
        from
    }

    /// Passes over the next part.
    fn skip(&mut self) {
        let sort = self.outline[self.at];
        self.at += 1;
        let end = match sort {
            b'(' | b'[' => {
                while !matches!(self.outline[self.at], b')' | b']') {
                    self.skip();
                }
                self.at += 1;
                return;
            }
            b'&' => return self.skip(),
            b'*' => {
                self.skip();
                return self.skip();
            }
            b'=' | b'?' => b'~',
            _ => b';',
        };
        let rest = &self.outline[self.at..];
        self.at += memchr(end, rest).map_or(rest.len(), |at| at + 1);
        if matches!(sort, b'r' | b'@') {
            self.skip();
        }
    }

    /// The places behind the next part. Where there are none before it, it is only passed over.
    fn part(&mut self, mut from: Places) -> Places {
        if from.0.is_empty() {
            self.skip();
            return from;
        }
        let sort = self.outline[self.at];
        self.at += 1;
        match sort {
            b'(' => {
                while self.outline[self.at] != b')' {
                    from = self.part(from);
                }
                self.at += 1;
                from
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
                self.run(from, set, sort == b'C', min, max)
            }
            b'*' => self.spread(from),
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

    fn skip_heads(&mut self) {
        while matches!(self.outline.get(self.at), Some(b'&' | b'@')) {
            self.skip();
        }
    }

    /// The places of the text from which a fit may start, as the heads of the outline tell them. `None` if there is
    /// none.
    fn heads(&mut self) -> Option<Places> {
        if !self.holds_needs(self.text) {
            return None;
        }
        if self.outline.get(self.at) != Some(&b'@') {
            return Some(Places::all(0..self.text.len() + 1));
        }
        self.at += 1;
        let (min, max) = self.bounds();
        let (literal, any_case) = self.next_text();
        let mut near = Places::default();
        let _ = literal.each(self.text, any_case, |at| {
            if let Some(last) = at.checked_sub(min) {
                near.push(at.saturating_sub(max)..last + 1);
            }
            true
        });
        (!near.0.is_empty()).then_some(near)
    }

    /// Whether a text holds what every fit does.
    fn holds_needs(&mut self, text: &[u8]) -> bool {
        while self.outline.get(self.at) == Some(&b'&') {
            self.at += 1;
            let several = self.outline[self.at] == b'[';
            self.at += usize::from(several);
            let mut holds = false;
            while matches!(self.outline.get(self.at), Some(b'=' | b'?')) {
                let (literal, any_case) = self.next_text();
                holds = holds || literal.each(text, any_case, |_| false).is_break();
                if !several {
                    break;
                }
            }
            self.at += usize::from(several);
            if !holds {
                return false;
            }
        }
        true
    }

    /// A text that comes next, and whether it may stand in any case of its letters.
    fn next_text(&mut self) -> (Spelling, bool) {
        let any_case = self.outline[self.at] == b'?';
        self.at += 1;
        (self.spelling(), any_case)
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
                let _ = spelling.each(text, any_case, |at| {
                    let end = range.start + at + len;
                    behind.push(end..end + 1);
                    true
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
        // How far the run is known, and whether it ends there: no byte is looked at twice, and none that is farther
        // than the characters can reach.
        let (mut end, mut ended) = (0, false);
        for range in from.0 {
            let reach = (range.end - 1).saturating_add(max).min(text.len());
            let mut start = range.start;
            while start < range.end {
                if end <= start {
                    (end, ended) = (start, false);
                }
                if !ended && end < reach {
                    let others = text[end..reach].iter().position(|&byte| !is_in(byte));
                    (end, ended) = match others {
                        Some(len) => (end + len, true),
                        None => (reach, false),
                    };
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
            if self.rounds == 0 {
                return all.union(self.all_behind(&behind));
            }
            reached = behind;
        }
        all
    }

    /// The places behind any number of characters of a set and of another part, which are what comes next.
    fn spread(&mut self, from: Places) -> Places {
        let part = self.at;
        let mut all = Places::default();
        let mut reached = from;
        loop {
            self.at = part;
            let run = self.part(reached);
            let behind = self.part(run.clone());
            all = all.union(run);
            // What is known was gone on from: each place once.
            reached = behind.without(&all);
            if reached.0.is_empty() {
                return all;
            }
            all = all.union(reached.clone());
            self.rounds = self.rounds.saturating_sub(1);
            if self.rounds == 0 {
                return all.clone().union(self.all_behind(&all));
            }
        }
    }

    /// Every place from the first of these on.
    fn all_behind(&self, places: &Places) -> Places {
        let first = places.0.first();
        let rest = first.map(|first| first.start..self.text.len() + 1);
        Places(rest.into_iter().collect())
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

    /// Gives each place where it stands, as long as `found` asks for more.
    fn each(
        &self,
        text: &[u8],
        any_case: bool,
        mut found: impl FnMut(usize) -> bool,
    ) -> ControlFlow<()> {
        let (letter, offset) = self.rarest();
        let other = match any_case {
            true => letter.to_ascii_uppercase(),
            false => letter,
        };
        for hit in memchr2_iter(letter, other, text) {
            if let Some(at) = hit.checked_sub(offset)
                && self.stands(text, at, any_case)
                && !found(at)
            {
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    }

    /// The letter that stands least often in texts, and where it is.
    fn rarest(&self) -> (u8, usize) {
        /// A weight: the letters of source code, the commonest first. What is not among them is rarer.
        const COMMON: &[u8] = b" etaoinrsldcupmfhgbyv_kw";
        let rank = |letter: u8| memchr(letter, COMMON).unwrap_or(COMMON.len());
        let mut best = (self.letters[0], 0, rank(self.letters[0]));
        for (at, &letter) in self.letters[..self.len].iter().enumerate().skip(1) {
            if best.2 == COMMON.len() {
                break;
            }
            let rank = rank(letter);
            if rank > best.2 {
                best = (letter, at, rank);
            }
        }
        (best.0, best.1)
    }
}

#[cfg(test)]
mod tests;
