//! Tokens that stand for a token.
//!
//! Each test is strict enough to pass a random token a million times out of a million and one:
//! word lists and digit counts as the field uses them lose up to 14% of real keys.

use std::fmt;

use super::monotony::{self, Monotony};
use super::randomness::Randomness;
use super::role;

/// Why a body is a placeholder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placeholder {
    /// It says the same over and over.
    Monotonous(Monotony),
    /// A word that says so.
    Word(&'static str),
}

impl fmt::Display for Placeholder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Monotonous(monotony) => monotony.fmt(f),
            Self::Word(word) => write!(f, "it says `{word}`"),
        }
    }
}

/// Whether the random part of a token is a placeholder. `alphabet` is the size of the set that a
/// real one is drawn from; `spoken` tells the words that belong to the format itself.
pub(crate) fn find(
    body: &[u8],
    alphabet: u32,
    spoken: impl Fn(&str) -> bool,
) -> Option<Placeholder> {
    if let Some(monotony) = monotony::of(body, alphabet, &spoken) {
        return Some(Placeholder::Monotonous(monotony));
    }
    let word_in = |text: &[u8]| {
        let pairs = Pairs::of(text);
        role::SUBSTRING
            .words()
            .filter(|word| pairs.may_make(word.bytes()))
            .find(|word| contains_word(text, word.bytes()) && !spoken(word.text()))
    };
    let word = word_in(body)?;
    // What stands beside a draw names its kind: `acme-test-<40 letters>`. Asked last: few bodies hold a word.
    let mut draws = drawn(body).peekable();
    let word = match draws.peek() {
        Some(_) => draws.find_map(word_in)?,
        None => word,
    };
    Some(Placeholder::Word(word.text()))
}

/// The runs of letters and digits in a text that a machine drew beyond doubt.
pub(crate) fn drawn(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    /// A weight: no shorter run is beyond doubt. Not measured.
    const LEAST: usize = 24;
    /// A weight: what it has at least for random, in bits. Of 24 letters and digits, drawn, nearly all have;
    /// words have none. Not measured.
    const BITS: f32 = 40.0;
    text.split(|b| !b.is_ascii_alphanumeric())
        .filter(|run| run.len() >= LEAST && Randomness::of(run).bits >= BITS)
}

/// Which letters stand beside which in a body, in either case: a random body has few of the pairs
/// that make a word, and need not be searched for it.
struct Pairs([u32; 32]);

impl Pairs {
    fn of(body: &[u8]) -> Self {
        let mut pairs = [0; 32];
        for pair in body.windows(2) {
            pairs[usize::from(pair[0] & 31)] |= 1 << (pair[1] & 31);
        }
        Self(pairs)
    }

    fn may_make(&self, word: &[u8]) -> bool {
        word.windows(2)
            .all(|pair| self.0[usize::from(pair[0] & 31)] >> (pair[1] & 31) & 1 == 1)
    }
}

/// A weight: from how many letters on a word tells wherever it stands, if it is in one case. Shorter ones must
/// stand between signs: of random texts of 40 letters and digits one in 17,000 holds a word of four letters of
/// the list, one in 40 million a word of six.
const TELLING_ANYWHERE: usize = 6;

fn contains_word(body: &[u8], word: &[u8]) -> bool {
    let Some(last) = body.len().checked_sub(word.len()) else {
        return false;
    };
    (0..=last).any(|at| {
        let found = &body[at..at + word.len()];
        if found[0] | 0x20 != word[0] || !found.eq_ignore_ascii_case(word) {
            return false;
        }
        let whole = (at == 0 || !body[at - 1].is_ascii_alphanumeric())
            && body
                .get(at + word.len())
                .is_none_or(|b| !b.is_ascii_alphanumeric());
        let one_case = found[1..].iter().all(u8::is_ascii_lowercase)
            || found.iter().all(u8::is_ascii_uppercase);
        whole || (word.len() >= TELLING_ANYWHERE && one_case)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_told() {
        for (body, expected) in [
            (
                "xxxxxxxxxxxxxxxxxxxx",
                Placeholder::Monotonous(Monotony::Run),
            ),
            (
                "8fJ2kXXXXXXXX9aQ1bcd",
                Placeholder::Monotonous(Monotony::Run),
            ),
            (
                "1234567890abcdef",
                Placeholder::Monotonous(Monotony::Sequence),
            ),
            (
                "abcdefghijklmnopqrst",
                Placeholder::Monotonous(Monotony::Sequence),
            ),
            (
                "a1b2c3d4a1b2c3d4a1b2c3d4",
                Placeholder::Monotonous(Monotony::Repetition),
            ),
            (
                "deadbeefdeadbeefdeadbeefdeadbeef",
                Placeholder::Monotonous(Monotony::Repetition),
            ),
            (
                "a0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5",
                Placeholder::Monotonous(Monotony::Sequence),
            ),
            (
                "asdfasfasfasdfjkasdfadfa",
                Placeholder::Monotonous(Monotony::Sequence),
            ),
            ("0000deadbeef8274", Placeholder::Word("deadbeef")),
            ("IOSFODNN7EXAMPLE", Placeholder::Word("example")),
            ("your-key-goes-in-this", Placeholder::Word("your")),
            ("k3J-test-9dKq2", Placeholder::Word("test")),
        ] {
            assert_eq!(
                find(body.as_bytes(), 62, |_| false),
                Some(expected),
                "{body}"
            );
        }
    }

    #[test]
    fn a_word_before_a_draw_names_its_kind() {
        let draw = crate::lab::Random::new(9).token(40);
        for start in ["acme-test-", "sk-demo-", "your_", "example."] {
            assert_eq!(
                find(format!("{start}{draw}").as_bytes(), 62, |_| false),
                None
            );
            let short = format!("{start}{}", &draw[..12]);
            assert!(
                find(short.as_bytes(), 62, |_| false).is_some() || start == "your_",
                "{short}"
            );
        }
        let within = format!("{}EXAMPLE{}", &draw[..12], &draw[12..30]);
        assert!(find(within.as_bytes(), 62, |_| false).is_some());
        // Any of several draws may hold it: base64 is cut at each `+` and `/`.
        let longer = format!("{within}/{}+{draw}{}", &draw[..30], &draw[..20]);
        assert!(find(longer.as_bytes(), 64, |_| false).is_some());
    }

    #[test]
    fn a_word_within_random_letters_is_chance() {
        for body in ["k3JtestX9dKq2", "aQyourZ81kd0", "0hereK2pWq93kd"] {
            assert_eq!(find(body.as_bytes(), 62, |_| false), None, "{body}");
        }
    }

    #[test]
    fn random_bodies_pass() {
        let mut random = crate::lab::Random::new(7);
        for alphabet in [16usize, 36, 62] {
            let letters = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
            for _ in 0..20_000 {
                let body: Vec<u8> = (0..40).map(|_| letters[random.below(alphabet)]).collect();
                assert_eq!(find(&body, alphabet as u32, |_| false), None);
            }
        }
    }
}
