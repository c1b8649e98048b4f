//! Tokens that stand for a token.
//!
//! Each test is strict enough to pass a random token a million times out of a million and one:
//! word lists and digit counts as the field uses them lose up to 14% of real keys.

/// Words that say "not the real one". As a substring they need six letters, as a whole piece
/// between separators four.
const WORDS: &[&str] = &[
    "apikey",
    "asdfgh",
    "baadf00d",
    "badc0ffee",
    "cafebabe",
    "cafed00d",
    "change",
    "changeme",
    "deadbeef",
    "deadc0de",
    "decafbad",
    "demo",
    "dummy",
    "enter",
    "example",
    "fake",
    "feedface",
    "fixme",
    "foobar",
    "here",
    "hidden",
    "insert",
    "invalid",
    "masked",
    "mock",
    "mykey",
    "notreal",
    "null",
    "placeholder",
    "password",
    "qwerty",
    "redacted",
    "removed",
    "replace",
    "sample",
    "secret",
    "test",
    "testing",
    "todo",
    "token",
    "undefined",
    "your",
];

/// Why a body is a placeholder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placeholder {
    /// One character over and over.
    Run,
    /// Characters in the order of the alphabet.
    Sequence,
    /// A short text over and over.
    Repetition,
    /// A word that says so.
    Word(&'static str),
}

/// Whether the random part of a token is a placeholder. `alphabet` is the size of the set that a
/// real one is drawn from; `spoken` tells the words that belong to the format itself.
pub(crate) fn find(
    body: &[u8],
    alphabet: u32,
    spoken: impl Fn(&str) -> bool,
) -> Option<Placeholder> {
    let limit = run_limit(body.len(), alphabet);
    let (run, end) = longest_run(body, |a, b| a == b);
    if run >= limit && !std::str::from_utf8(&body[end - limit..end]).is_ok_and(&spoken) {
        return Some(Placeholder::Run);
    }
    let up = |a: u8, b: u8| b == a.wrapping_add(1);
    let down = |a: u8, b: u8| a == b.wrapping_add(1);
    if longest_run(body, up).0 > limit || longest_run(body, down).0 > limit {
        return Some(Placeholder::Sequence);
    }
    if body.len() >= 12 {
        let orderly = body
            .windows(2)
            .filter(|pair| up(pair[0], pair[1]) || down(pair[0], pair[1]) || pair[0] == pair[1])
            .count();
        // A random pair is orderly three times in `alphabet`.
        if orderly * 5 > body.len() * 3 {
            return Some(Placeholder::Sequence);
        }
        if body.len() >= 16 && (1..=body.len() / 2).any(|period| has_period(body, period)) {
            return Some(Placeholder::Repetition);
        }
        if body.len() >= STRIDE_LEN && is_interleaved(body) || is_mash(body) {
            return Some(Placeholder::Sequence);
        }
    }
    let pairs = Pairs::of(body);
    WORDS
        .iter()
        .filter(|word| pairs.may_make(word.as_bytes()))
        .find(|word| contains_word(body, word.as_bytes()) && !spoken(word))
        .map(|word| Placeholder::Word(word))
}

/// From this length on, 70% of orderly pairs two apart are no chance: of hex digits 3 in 16 are.
const STRIDE_LEN: usize = 20;

/// Whether it is two sequences in turns: `a0b1c2d3`.
fn is_interleaved(body: &[u8]) -> bool {
    let orderly = body
        .windows(3)
        .filter(|three| three[2].abs_diff(three[0]) == 1)
        .count();
    orderly * 10 > (body.len() - 2) * 7
}

/// Whether it was typed with two hands on the home row: `asdfjkasdlfkj`. Of 12 random small letters one
/// text in 10,000 was.
fn is_mash(body: &[u8]) -> bool {
    let home = body.iter().filter(|b| b"asdfghjkl;".contains(b)).count();
    home * 100 >= body.len() * 85
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

/// The run length that a random body reaches less than once in a million.
fn run_limit(len: usize, alphabet: u32) -> usize {
    let alphabet = f64::from(alphabet.max(2));
    let mut limit = 5;
    while len as f64 / alphabet.powi(limit - 1) > 1e-6 && limit < 40 {
        limit += 1;
    }
    limit as usize
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
        whole || (word.len() >= 6 && one_case)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_told() {
        for (body, expected) in [
            ("xxxxxxxxxxxxxxxxxxxx", Placeholder::Run),
            ("8fJ2kXXXXXXXX9aQ1bcd", Placeholder::Run),
            ("1234567890abcdef", Placeholder::Sequence),
            ("abcdefghijklmnopqrst", Placeholder::Sequence),
            ("a1b2c3d4a1b2c3d4a1b2c3d4", Placeholder::Repetition),
            ("deadbeefdeadbeefdeadbeefdeadbeef", Placeholder::Repetition),
            ("a0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5", Placeholder::Sequence),
            ("asdfasfasfasdfjkasdfadfa", Placeholder::Sequence),
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

    #[test]
    fn a_run_counts_by_its_alphabet() {
        assert_eq!(run_limit(40, 62), 6);
        assert_eq!(run_limit(64, 16), 8);
    }
}
