//! Texts that say the same over and over: one character, characters in their order, a short text.

use std::fmt;

/// How a text goes on as nothing that is drawn at random does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Monotony {
    /// One character over and over.
    Run,
    /// Characters in the order of the alphabet, or of the keyboard.
    Sequence,
    /// A short text over and over.
    Repetition,
}

impl fmt::Display for Monotony {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Run => "one character over and over",
            Self::Sequence => "characters in order",
            Self::Repetition => "it repeats itself",
        })
    }
}

/// A weight: how often a random body may have a run that counts. One in a million keys is lost to it.
const CHANCE: f64 = 1e-6;

/// A weight: the shortest text of which most pairs in order are no chance. Of random hex digits one text of
/// this length in 13,000 passes for a sequence, of 16 one in 35,000, of larger alphabets one in millions.
const ORDERLY_LEN: usize = 12;

/// A weight: the shortest text that is told by repeating itself. Half of a random one of this length is the
/// same as the other half once in 4 thousand million even for hex digits.
const PERIODIC_LEN: usize = 16;

/// A weight: from this length on, 70% of orderly pairs two apart are no chance: of random hex digits one pair
/// in nine is, and so one text in 600 million.
const STRIDE_LEN: usize = 20;

/// A bound: what repeats itself after more characters is longer than what people type.
const LONGEST_PERIOD: usize = 32;

/// What the digits of a keyboard give with the shift key. A test types it up to the brackets that tries every sign,
/// maybe without some; people end a password with its start.
const SHIFTED_DIGITS: &[u8] = b"!@#$%^&*()";

/// A weight: fewer signs in that order are chance, or the end of a password.
const SIGNS_IN_ORDER: usize = 7;

/// How a random body goes on monotonously, in a part of it or throughout. `alphabet` is the size of the set
/// that a real one is drawn from; `spoken` tells the runs that belong to the format itself.
///
/// Each test passes a random body of that alphabet all but once in a million, the shortest of hex digits and
/// of small letters aside.
pub(crate) fn of(body: &[u8], alphabet: u32, spoken: impl Fn(&str) -> bool) -> Option<Monotony> {
    let limit = run_limit(body.len(), alphabet);
    let (run, end) = longest_run(body, |a, b| a == b);
    if run >= limit && run - spoken_run(&body[end - run..end], &spoken) >= limit {
        return Some(Monotony::Run);
    }
    if longest_run(body, is_up).0 > limit || longest_run(body, is_down).0 > limit {
        return Some(Monotony::Sequence);
    }
    if has_row_of_signs(body) {
        return Some(Monotony::Sequence);
    }
    if body.len() < ORDERLY_LEN {
        return None;
    }
    if is_orderly(body) {
        return Some(Monotony::Sequence);
    }
    if body.len() >= PERIODIC_LEN && (1..=body.len() / 2).any(|period| has_period(body, period)) {
        return Some(Monotony::Repetition);
    }
    if body.len() >= STRIDE_LEN && is_interleaved(body) || is_mash(body) {
        return Some(Monotony::Sequence);
    }
    None
}

/// How a text goes on monotonously from its first character to its last, however short it is. The case of a
/// run's letters does not count.
pub(crate) fn throughout(text: &[u8]) -> Option<Monotony> {
    let is_each =
        |follows: fn(u8, u8) -> bool| text.windows(2).all(|pair| follows(pair[0], pair[1]));
    if is_each(|a, b| a.eq_ignore_ascii_case(&b)) {
        Some(Monotony::Run)
    } else if is_each(is_up)
        || is_each(is_down)
        || matches!(text, b"1234567890" | b"0987654321")
        || is_orderly(text)
    {
        Some(Monotony::Sequence)
    } else if (1..=text.len() / 2)
        .take(LONGEST_PERIOD)
        .any(|period| has_period(text, period))
    {
        Some(Monotony::Repetition)
    } else {
        None
    }
}

/// Whether a text has one character so often in a row that it is no password, whatever stands around it.
pub(crate) fn has_run(text: &[u8]) -> bool {
    /// A weight: a random password of 16 letters and digits has such a run once in 400 thousand million.
    const RUN: usize = 8;
    longest_run(text, |a, b| a == b).0 >= RUN
}

const fn is_up(a: u8, b: u8) -> bool {
    b == a.wrapping_add(1)
}

const fn is_down(a: u8, b: u8) -> bool {
    is_up(b, a)
}

/// Whether signs stand in the order of the keyboard, up to the brackets: `!#%^&*()`.
fn has_row_of_signs(body: &[u8]) -> bool {
    let place = |byte: u8| SHIFTED_DIGITS.iter().position(|&sign| sign == byte);
    body.windows(SIGNS_IN_ORDER).any(|part| {
        part.ends_with(b"()")
            && part
                .windows(2)
                .all(|pair| place(pair[0]).is_some_and(|first| place(pair[1]) > Some(first)))
    })
}

/// Whether most pairs are in order, or the same twice, in a text that is long enough: `aaaabbbbbbccccdddd`. A random pair
/// is three times in the size of its alphabet.
fn is_orderly(body: &[u8]) -> bool {
    let orderly = body
        .windows(2)
        .filter(|pair| is_up(pair[0], pair[1]) || is_down(pair[0], pair[1]) || pair[0] == pair[1])
        .count();
    body.len() >= ORDERLY_LEN && orderly * 5 > body.len() * 3
}

/// Whether it is two sequences in turns: `a0b1c2d3`.
fn is_interleaved(body: &[u8]) -> bool {
    let orderly = body
        .windows(3)
        .filter(|three| three[2].abs_diff(three[0]) == 1)
        .count();
    orderly * 10 > (body.len() - 2) * 7
}

/// Whether it was typed with two hands on the home row: `asdfjkasdlfkj`.
///
/// A weight: of 12 random small letters one text in 14,000 was, of 12 letters and digits one in 160 million.
fn is_mash(body: &[u8]) -> bool {
    let home = body.iter().filter(|b| b"asdfghjkl;".contains(b)).count();
    home * 100 >= body.len() * 85
}

/// The run length that a random body reaches less often than [`CHANCE`].
fn run_limit(len: usize, alphabet: u32) -> usize {
    /// A weight: no shorter run counts, however large the alphabet. Not measured.
    const SHORTEST: i32 = 5;
    /// A bound: of the smallest alphabets, no run that people type is longer.
    const LONGEST: i32 = 40;
    let alphabet = f64::from(alphabet.max(2));
    let mut limit = SHORTEST;
    while len as f64 / alphabet.powi(limit - 1) > CHANCE && limit < LONGEST {
        limit += 1;
    }
    limit as usize
}

/// How much of a run belongs to the format itself; what was drawn may go on as it does.
fn spoken_run(run: &[u8], spoken: impl Fn(&str) -> bool) -> usize {
    /// A bound: no format has a shorter run, and none a longer one.
    const LENGTHS: std::ops::RangeInclusive<usize> = 4..=40;
    let mut lengths = LENGTHS.rev().filter(|&len| len <= run.len());
    lengths
        .find(|&len| std::str::from_utf8(&run[..len]).is_ok_and(&spoken))
        .unwrap_or(0)
}

/// The length of the longest run, and where it ends.
fn longest_run(body: &[u8], follows: impl Fn(u8, u8) -> bool) -> (usize, usize) {
    let mut longest = (body.len().min(1), body.len().min(1));
    let mut run = 1;
    for (at, pair) in body.windows(2).enumerate() {
        run = if follows(pair[0], pair[1]) {
            run + 1
        } else {
            1
        };
        longest = longest.max((run, at + 2));
    }
    longest
}

/// Whether the body repeats after `period` characters, throughout.
fn has_period(body: &[u8], period: usize) -> bool {
    body.iter().zip(&body[period..]).all(|(a, b)| a == b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_counts_by_its_alphabet() {
        assert_eq!(run_limit(40, 62), 6);
        assert_eq!(run_limit(64, 16), 8);
        assert_eq!(of(b"8fJ2kXXXXX9aQ1bcd0zM", 62, |_| false), None);
        assert_eq!(
            of(b"8fJ2kXXXXXX9aQ1bcd0z", 62, |_| false),
            Some(Monotony::Run)
        );
        assert_eq!(of(b"8fJ2kXXXXXX9aQ1bcd0z", 62, |run| run == "XXXXXX"), None);
    }

    #[test]
    fn a_row_of_signs_is_a_sequence() {
        for (text, expected) in [
            ("abc123!@#$%^&*()_+-=[]{}|;':,.<>?/~`", true),
            ("~`!@#$%^&*()_-+={[}]|\\:;\"'<,>.?/", true),
            ("kQ8v!@#$%^&*()", true),
            ("p@ssw0rd!#%^&*()[]{};:,.<>?/~", true),
            ("kQ8vZr2m!@#$%^&*", false),
            ("kQ8vZr2m!@#$%^", false),
            ("kQ!8vZr@2m#$x%9w", false),
        ] {
            let found = of(text.as_bytes(), 94, |_| false) == Some(Monotony::Sequence);
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn whole_texts_are_told_however_short() {
        for (text, expected) in [
            ("", Some(Monotony::Run)),
            ("aaaa", Some(Monotony::Run)),
            ("aAaA", Some(Monotony::Run)),
            ("1234", Some(Monotony::Sequence)),
            ("dcba", Some(Monotony::Sequence)),
            ("1234567890", Some(Monotony::Sequence)),
            ("kQ8vkQ8v", Some(Monotony::Repetition)),
            ("kQ8vkQ8", None),
            ("k8", None),
        ] {
            assert_eq!(throughout(text.as_bytes()), expected, "{text}");
        }
        assert!(has_run(b"pKaaaaaaaaw") && !has_run(b"pKaaaaaaaw"));
    }
}
