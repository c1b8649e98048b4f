//! Finds base64 that holds text.

use std::ops::Range;

use super::Stride;
use crate::encoding::{base64_value, extend_base64};

/// The shortest run that is looked at, without its padding, in characters. A weight: twenty bytes, and
/// few keys are shorter; of shorter runs, names in source code are many. [`each_text`] is built on it.
const RUN: usize = 27;

/// The fewest bytes of text that a run must hold. A weight: of random runs one in a hundred thousand
/// does.
const TEXT: usize = 15;

/// The fewest bytes of text in a value of a Kubernetes Secret, which says itself that it is base64. A
/// bound: nothing shorter is taken for a password.
const VALUE_TEXT: usize = 4;

/// How many decoded bytes tell whether the rest is worth decoding. A bound, of speed alone: what they
/// let pass is decoded as a whole.
const SNIFFED: usize = 12;

/// A line of base64 this long, in characters, may go on in the next line. A bound: `base64` breaks at 76
/// characters, PEM and MIME at 64 or 76, and what is no more than indented is a little shorter.
const BROKEN_LINE: usize = 60;

/// A line that is longer is given in parts of so many characters, so that of a text of one line not all is unwrapped at
/// once. A bound; a multiple of four, as a group of base64 has.
const LONGEST: usize = 1 << 16;

/// How many characters are decoded together.
const GROUP: usize = 4;

/// A run of base64 that holds text, or a line of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    /// The characters, with their padding.
    pub(super) range: Range<usize>,
    /// It goes on with the line before, and what parts the two is left out.
    pub(super) goes_on: bool,
    /// Which of the bytes that it stands for are text.
    pub(super) text: Stride,
}

/// Gives every run of base64 that holds text, a line each, in order.
pub(super) fn each_text(bytes: &[u8], is_cut: bool, found: impl FnMut(Run)) {
    let mut texts = Texts {
        is_cut,
        ..Texts::default()
    };
    texts.each_until(bytes, bytes.len(), found);
}

/// Goes through a text once, as far as somebody asks, for the runs of base64 that hold text.
#[derive(Debug, Default)]
pub(super) struct Texts {
    /// Up to where it was looked at.
    done: usize,
    /// Where a run may start that was not looked at.
    next: usize,
    /// A line that comes next, of a run of which the lines before were given.
    open: Option<Line>,
    /// A run at the very start may be the rest of one, so that its groups of four may start behind it.
    is_cut: bool,
}

/// A line of a run, or a part of a long one, that holds text.
#[derive(Debug)]
struct Line {
    /// Its characters without padding.
    range: Range<usize>,
    /// Where the characters of base64 end in whose middle it may stand.
    end: usize,
    goes_on: bool,
    text: Stride,
}

impl Texts {
    /// Gives the runs that start before `until`, a line each, in order; those that were given before are not.
    ///
    /// A run of [`RUN`] characters covers the first twelve bytes of some block of sixteen, so that only
    /// those are tested, eight at a time: no character of base64 is below `+`. That passes in one block
    /// of thirty of source code, where single bytes decide.
    pub(super) fn each_until(&mut self, bytes: &[u8], until: usize, mut found: impl FnMut(Run)) {
        const BLOCK: usize = 16;
        if let Some(line) = self.open.take() {
            self.next = self.lines(bytes, line, until, &mut found);
        }
        let (blocks, rest) = bytes.as_chunks::<BLOCK>();
        let first = self.done.max(self.next / BLOCK * BLOCK) / BLOCK;
        let last = until.div_ceil(BLOCK).min(blocks.len());
        for (number, block) in blocks.iter().enumerate().take(last).skip(first) {
            let at = number * BLOCK;
            if at >= self.next && may_be_base64(block) && goes_on(bytes, at) {
                self.look(bytes, at, until, &mut found);
                if self.open.is_some() {
                    break;
                }
            }
        }
        self.done = self.done.max(last * BLOCK);
        let at = blocks.len() * BLOCK;
        if until > at && self.open.is_none() && at >= self.next && rest.len() >= 12 {
            self.look(bytes, at, until, &mut found);
        }
    }

    /// Looks at the run that covers the byte at `at`, and notes where to look on.
    #[cold]
    fn look(&mut self, bytes: &[u8], at: usize, until: usize, found: &mut impl FnMut(Run)) {
        // Most of what comes here has a dot or a colon in the middle.
        if [at + 6, at + 11, at]
            .iter()
            .any(|&at| base64_value(bytes[at]).is_none())
        {
            return;
        }
        let end = at + run_len(&bytes[at..]);
        let before = bytes[self.next..at].iter().rev();
        let start = at
            - before
                .take_while(|&&byte| base64_value(byte).is_some())
                .count();
        self.next = end;
        // The parts of a JSON Web Token are judged as the token that they make up.
        let dotted =
            start.checked_sub(1).map(|at| bytes[at]) == Some(b'.') || bytes.get(end) == Some(&b'.');
        if end - start < RUN || dotted {
            return;
        }
        let is_cut = self.is_cut && start == 0;
        let groups = match is_cut {
            true => GROUP,
            false => 1,
        };
        let line = (start..start + groups).find_map(|start| {
            let part = start..end.min(start + LONGEST);
            let cut = Cut {
                before: is_cut,
                behind: part.end < end,
            };
            let (len, text) = text_chars(&bytes[part], TEXT, cut)?;
            Some(Line {
                range: start..start + len,
                end,
                goes_on: false,
                text,
            })
        });
        if let Some(line) = line {
            self.next = self.lines(bytes, line, until, found);
        }
    }

    /// Gives a line and those with which it goes on, as far as they start before `until`; gives where to look on.
    fn lines(
        &mut self,
        bytes: &[u8],
        mut line: Line,
        until: usize,
        found: &mut impl FnMut(Run),
    ) -> usize {
        loop {
            if line.range.start >= until {
                let next = line.end;
                self.open = Some(line);
                return next;
            }
            let padded = padding(bytes, line.range.end);
            let behind = line.range.end + padded;
            let len = line.range.len();
            found(Run {
                range: line.range.start..behind,
                goes_on: line.goes_on,
                text: line.text,
            });
            if padded > 0 || len < BROKEN_LINE || !len.is_multiple_of(4) {
                return behind.max(line.end);
            }
            match line.behind(bytes, behind) {
                Some(next) => line = next,
                None => return behind.max(line.end),
            }
        }
    }
}

impl Line {
    /// The line with which this one goes on, or the next part of it.
    fn behind(&self, bytes: &[u8], behind: usize) -> Option<Self> {
        let (range, end, text) = match behind < self.end && self.range.len() == LONGEST {
            true => {
                let part = behind..self.end.min(behind + LONGEST);
                let cut = Cut {
                    before: true,
                    behind: part.end < self.end,
                };
                let (len, text) = next_text(&bytes[part], self.text, cut)?;
                (behind..behind + len, self.end, text)
            }
            false => {
                let (range, text) = next_line(bytes, behind, self.text)?;
                let part = range.start..range.end.min(range.start + LONGEST);
                (part, range.end, text)
            }
        };
        Some(Self {
            range,
            end,
            goes_on: true,
            text,
        })
    }
}

/// Whether none of the first twelve bytes is below `+`: no space, line end, quote or bracket.
#[inline]
fn may_be_base64(block: &[u8; 16]) -> bool {
    let [a, b, c, d, e, f, g, h, i, j, k, l, ..] = *block;
    let first = u64::from_le_bytes([a, b, c, d, e, f, g, h]);
    let second = u64::from_le_bytes([i, j, k, l, b'+', b'+', b'+', b'+']);
    (below(first) | below(second)) & HIGH == 0
}

/// The highest bit of each byte.
const HIGH: u64 = 0x8080_8080_8080_8080;

/// Sets the highest bit of a byte that is below `+`; what it says of the bytes above one is chance.
#[inline]
fn below(word: u64) -> u64 {
    const LEAST: u64 = 0x2b2b_2b2b_2b2b_2b2b;
    word.wrapping_sub(LEAST) & !word
}

/// Whether a run that covers the twelve bytes at `at` may go on for eight more on one side, as it must
/// to be one of [`RUN`]. Most words and paths in source code do not.
fn goes_on(bytes: &[u8], at: usize) -> bool {
    let holds = |place: Option<&[u8; 8]>| {
        place.is_some_and(|place| below(u64::from_le_bytes(*place)) & HIGH == 0)
    };
    holds(bytes[..at].last_chunk()) || holds(bytes[at + 12..].first_chunk())
}

fn run_len(bytes: &[u8]) -> usize {
    let is_base64 = |&&byte: &&u8| base64_value(byte).is_some();
    bytes.iter().take_while(is_base64).count()
}

fn padding(bytes: &[u8], end: usize) -> usize {
    let rest = bytes[end..].iter();
    rest.take(2).take_while(|&&byte| byte == b'=').count()
}

/// The base64 of the next line, if that holds nothing else and goes on with the text.
fn next_line(bytes: &[u8], end: usize, before: Stride) -> Option<(Range<usize>, Stride)> {
    let rest = &bytes[end..];
    let rest = rest
        .strip_prefix(b"\r")
        .unwrap_or(rest)
        .strip_prefix(b"\n")?;
    let indent = rest
        .iter()
        .take_while(|&&byte| matches!(byte, b' ' | b'\t'))
        .count();
    let start = bytes.len() - rest.len() + indent;
    let len = run_len(&bytes[start..]);
    let after = bytes.get(start + len + padding(bytes, start + len));
    let alone = matches!(after, None | Some(b'\r' | b'\n' | b'"' | b'\'' | b'`'));
    let run = &bytes[start..start + len];
    if !alone || len < 2 {
        return None;
    }
    let (chars, stride) = next_text(run, before, Cut::default())?;
    (chars == len).then(|| (start..start + len, stride))
}

/// How many characters at the start of a run hold text that goes on with text of a stride, and in which bytes.
fn next_text(run: &[u8], before: Stride, cut: Cut) -> Option<(usize, Stride)> {
    let (chars, stride) = match before {
        Stride::ALL => text_chars(run, 1, cut)?,
        _ => (run.len(), wide(&decoded(run))?),
    };
    ((before == Stride::ALL) == (stride == Stride::ALL)).then_some((chars, stride))
}

/// Gives every value of a Kubernetes Secret behind `from` that is base64 of a text too short for [`each_text`].
pub(super) fn each_value(bytes: &[u8], from: usize, mut found: impl FnMut(Run)) {
    let mut at = from;
    while let Some(colon) = bytes[at..].iter().position(|&byte| byte == b':') {
        let after = at + colon + 1;
        let is_gap = |&&byte: &&u8| matches!(byte, b' ' | b'\t' | b'"' | b'\'');
        let start = after + bytes[after..].iter().take_while(is_gap).count();
        let len = run_len(&bytes[start..]);
        let end = start + len + padding(bytes, start + len);
        let ends = matches!(
            bytes.get(end),
            None | Some(b'\r' | b'\n' | b' ' | b'"' | b'\'' | b',')
        );
        if start > after
            && ends
            && len < RUN
            && (end - start).is_multiple_of(4)
            && let Some((chars, text)) =
                text_chars(&bytes[start..start + len], VALUE_TEXT, Cut::default())
            && chars == len
        {
            found(Run {
                range: start..end,
                goes_on: false,
                text,
            });
        }
        at = start + len;
    }
}

/// Where a run is cut, so that a character of its text may be.
#[derive(Clone, Copy, Debug, Default)]
struct Cut {
    before: bool,
    behind: bool,
}

/// How many characters at the start of a run hold text, and in which of its bytes. `None` if it holds less than
/// `least` characters of text.
fn text_chars(run: &[u8], least: usize, cut: Cut) -> Option<(usize, Stride)> {
    let head = decoded(&run[..run.len().min(SNIFFED / 3 * 4)]);
    if head.len() < SNIFFED.min(least) {
        return None;
    }
    if text_len(&head, cut) + 3 < head.len() {
        wide(&head)?;
        let text = decoded(run);
        return wide(&text)
            .filter(|_| text.len() / 2 >= least)
            .map(|stride| (run.len(), stride));
    }
    let text = decoded(run);
    let len = text_len(&text, cut);
    let chars = match len == text.len() {
        true => run.len(),
        false => (len * 8).div_ceil(6),
    };
    (len >= least).then_some((chars, Stride::ALL))
}

/// Which bytes of UTF-16 are text, if it is that and nearly all of it ASCII: the others are zero.
fn wide(bytes: &[u8]) -> Option<Stride> {
    /// A weight: so many of four characters are ASCII in the scripts that people hide a key in.
    const ASCII: usize = 3;
    let enough = |first: usize, holds: fn(u8) -> bool| {
        let all = bytes.iter().skip(first).step_by(2);
        let count = all.clone().filter(|&&byte| holds(byte)).count();
        count * 4 >= all.count() * ASCII
    };
    [0, 1]
        .into_iter()
        .find(|&first| enough(first, is_text) && enough(1 - first, |byte| byte == 0))
        .map(|first| Stride { first, step: 2 })
}

/// Whether a byte stands in a text: no control character but line ends and tabs.
fn is_text(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~' | 0x80..)
}

/// How many bytes at the start are text: UTF-8 without control characters but line ends and tabs.
fn text_len(bytes: &[u8], cut: Cut) -> usize {
    /// The most bytes of a character behind its first.
    const BEHIND: usize = 3;
    let is_behind = |&&byte: &&u8| cut.before && byte & 0xc0 == 0x80;
    let rest = bytes.iter().take(BEHIND).take_while(is_behind).count();
    let text = &bytes[rest..];
    let len = text.iter().take_while(|&&byte| is_text(byte)).count();
    let valid = match std::str::from_utf8(&text[..len]) {
        Err(error) if cut.behind && len == text.len() && error.error_len().is_none() => len,
        Err(error) => error.valid_up_to(),
        Ok(_) => len,
    };
    rest + valid
}

/// What a run without its padding stands for.
fn decoded(run: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(run.len() / 4 * 3 + 3);
    decode(run, &mut out);
    out
}

/// Decodes a run without its padding and adds it to `out`. A run in both alphabets at once is not
/// base64, and the bits that are left over at the end are dropped.
pub(super) fn decode(run: &[u8], out: &mut Vec<u8>) {
    let has = |signs: [u8; 2]| run.iter().any(|byte| signs.contains(byte));
    if !(has([b'+', b'/']) && has([b'-', b'_'])) {
        // A run holds no other character.
        let _ = extend_base64(run, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::encode_base64_padded;

    #[test]
    fn a_long_run_comes_in_parts_whoever_asks_and_how_far() {
        let text = "naïve, Größe, 日本 and so on: ".repeat(9_000);
        let run = encode_base64_padded(text.as_bytes());
        let bytes = [b"x = '", &run[..], b"'\n"].concat();
        let all = |steps: usize| {
            let (mut texts, mut found) = (Texts::default(), Vec::new());
            for step in 1..=steps {
                let until = bytes.len() * step / steps;
                texts.each_until(&bytes, until, |run| found.push(run));
                assert!(found.iter().all(|run| run.range.start < until));
            }
            found
        };
        let whole = all(1);
        assert!(whole.len() > 3);
        let mut decoded = Vec::new();
        for (number, run) in whole.iter().enumerate() {
            assert_eq!(run.goes_on, number > 0);
            decode(&bytes[run.range.clone()], &mut decoded);
        }
        assert_eq!(decoded.len(), text.len() / 3 * 3 + text.len() % 3);
        assert!(decoded == text.as_bytes());
        for steps in [2, 3, 7, 100] {
            assert!(all(steps) == whole, "{steps}");
        }
    }

    #[test]
    fn a_run_is_found_wherever_it_starts_and_ends() {
        for len in 20..48 {
            let text: Vec<u8> = (0..len).map(|at| b'a' + at % 26).collect();
            let run = encode_base64_padded(&text);
            for before in 0..40 {
                for after in [0, 1, 7, 11, 12, 16, 30] {
                    let bytes = [&vec![b' '; before][..], &run, &vec![b' '; after]].concat();
                    let mut found = Vec::new();
                    each_text(&bytes, false, |run| found.push(run.range));
                    assert_eq!(found.len(), 1, "{len} bytes after {before}");
                    assert_eq!(found[0], before..before + run.len());
                }
            }
        }
    }
}
