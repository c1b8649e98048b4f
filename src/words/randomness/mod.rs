//! How random a text is: as a draw from an alphabet, against the words, identifiers, versions and
//! paths that people write.
//!
//! Two models price the text in bits. In the first every character is drawn from the smallest
//! alphabet that the text is of. The second goes by how written text goes on: which class of
//! character follows the last two, and which letter follows the last two letters. What a text costs
//! more as writing than as a draw is the evidence for randomness; a random text has about half a
//! bit a character of it with digits alone and three with letters of both cases. `train.py` made the
//! tables, and says from what. What repeats itself is no news to the second model.

mod bytes;

/// The tables, as `train.py` wrote them: a letter for each quarter of a bit.
static TABLES: &[u8] = include_bytes!("tables.txt");

/// Where the tables start: behind the line that says what they are.
const START: usize = {
    let mut at = 0;
    while TABLES[at] != b'\n' {
        at += 1;
    }
    at + 1
};

/// How many bytes a row of the table of classes has, with its line end.
const CLASS_ROW: usize = 5;
const SIGNS: usize = START + 25 * CLASS_ROW;
const SIGN_COUNT: usize = 32;
const LETTERS: usize = SIGNS + SIGN_COUNT + 1;
const LETTER_ROW: usize = 27;

const _: () = assert!(TABLES.len() == LETTERS + 27 * 27 * LETTER_ROW);

/// A weight: the most that a sign costs, in quarters of a bit. Not measured by itself: the tables come from names and words, and the
/// signs that stand beside those in code are no news.
const RARE_SIGN: u32 = 24;

/// A weight: from so many bits on, with so many a character, no sign of code or of a reference counts: of 2,000
/// random values of 24 printable characters 19 in 20 have 48 bits and more, and all but 1% 1.6 a character.
pub(crate) const DRAWN: f32 = 36.0;

/// A weight: see [`DRAWN`]. What is written and has as many bits is longer.
const DRAWN_DENSITY: f32 = 1.2;

/// A bound: the longest text that is priced; of a longer one, its start.
const LONGEST: usize = 256;

/// A weight: the shortest text that is asked whether it repeats itself. Not measured.
const REPEATS: usize = 12;

/// A weight: so many characters that stood together before say what comes next. Of 64 hex digits that were drawn one in
/// thirty goes on once as it did before.
const CONTEXT: usize = 3;

/// A class of characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Lower = 0,
    Upper = 1,
    Digit = 2,
    Sign = 3,
    Start = 4,
}

impl Class {
    fn of(byte: u8) -> Self {
        match byte {
            b'a'..=b'z' => Self::Lower,
            b'A'..=b'Z' => Self::Upper,
            b'0'..=b'9' => Self::Digit,
            _ => Self::Sign,
        }
    }
}

/// What the model makes of a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Randomness {
    /// The evidence for a random draw, in bits; below 0 the text reads as written.
    pub(crate) bits: f32,
    /// How many characters were looked at.
    pub(crate) len: usize,
    /// The size of the alphabet that the text is of.
    pub(crate) alphabet: u32,
}

impl Randomness {
    /// Weighs a text.
    pub(crate) fn of(text: &[u8]) -> Self {
        let text = &text[..text.len().min(LONGEST)];
        let alphabet = alphabet(text);
        let even = text.len() as f32 * (alphabet.max(2) as f32).log2();
        let drawn = even.min(by_class(text));
        let mut bits = written(text, |_| false) - drawn;
        if bits > 0.0 && text.len() >= REPEATS {
            let again = again(text);
            if again != [0; 4] {
                bits = written(text, |at| again[at / 64] >> (at % 64) & 1 == 1) - drawn;
            }
        }
        Self {
            bits,
            len: text.len(),
            alphabet,
        }
    }

    /// The evidence a character.
    pub(crate) fn density(&self) -> f32 {
        self.bits / self.len.max(1) as f32
    }

    /// Whether nothing but a draw has so much evidence in so many characters.
    pub(crate) fn is_drawn(&self) -> bool {
        self.bits >= DRAWN && self.density() >= DRAWN_DENSITY
    }
}

/// Whether a name, or a part of it between its signs, reads as drawn and not as written: it may be a secret, and is
/// not to be printed.
pub(crate) fn has_drawn_part(name: &[u8]) -> bool {
    /// A weight: the bits from which a part of a name was drawn. Not measured.
    const DRAWN: f32 = 10.0;
    let is_drawn = |text: &[u8]| Randomness::of(text).bits >= DRAWN;
    is_drawn(name) || name.split(|b| !b.is_ascii_alphanumeric()).any(is_drawn)
}

/// What a text costs as a draw that picks a class of character first, each as often as the text has
/// it, in bits: keys are drawn from digits and a few letters too.
fn by_class(text: &[u8]) -> f32 {
    let mut counts = [0u32; 4];
    for &byte in text {
        counts[Class::of(byte) as usize] += 1;
    }
    by_share(counts, [26.0, 26.0, 10.0, SIGN_COUNT as f32])
}

/// What a draw costs that picks one of some classes first, each as often as it was counted, and then one of so many
/// of that class, in bits.
fn by_share<const N: usize>(counts: [u32; N], sizes: [f32; N]) -> f32 {
    /// A weight: what a share of a class costs to say, in bits. Not measured.
    const SHARE: f32 = 3.0;
    let len = counts.iter().sum::<u32>() as f32;
    counts
        .iter()
        .zip(sizes)
        .filter(|&(&count, _)| count > 0)
        .map(|(&count, size)| {
            let count = count as f32;
            count * (size.log2() - (count / len).log2()) + SHARE
        })
        .sum()
}

/// The places of a text, one bit each, where it goes on as it did behind the same characters before: who types at random
/// types the same again (`sdfsdfdsf`).
fn again(text: &[u8]) -> [u64; LONGEST / 64] {
    /// The last place behind each context, by the context's hash.
    const SLOTS: usize = 128;
    let mut places = [0u8; SLOTS];
    let mut again = [0; LONGEST / 64];
    for at in CONTEXT..text.len() {
        let context = &text[at - CONTEXT..at];
        let hash = context
            .iter()
            .fold(0usize, |hash, &b| hash * 31 + usize::from(b));
        let before = usize::from(std::mem::replace(&mut places[hash % SLOTS], at as u8));
        if before > 0 && text[before - CONTEXT..before] == *context && text[before] == text[at] {
            again[at / 64] |= 1 << (at % 64);
        }
    }
    again
}

/// What a text costs as writing, in bits. What says the same again costs one bit for each character.
fn written(text: &[u8], is_again: impl Fn(usize) -> bool) -> f32 {
    let mut quarters = 0u32;
    let mut digits = 0u32;
    let (mut first, mut second) = (0usize, 0usize);
    let mut before = (Class::Start, Class::Start);
    for (at, &byte) in text.iter().enumerate() {
        let class = Class::of(byte);
        if class == Class::Upper && before.1 != Class::Upper {
            (first, second) = (0, 0);
        }
        let row = before.0 as usize * 5 + before.1 as usize;
        let so_far = (quarters, digits);
        quarters += price(START + row * CLASS_ROW + class as usize);
        match class {
            Class::Lower | Class::Upper => {
                let letter = usize::from(byte.to_ascii_lowercase() - b'a');
                quarters += price(LETTERS + (first * 27 + second) * LETTER_ROW + letter);
                (first, second) = (second, letter + 1);
            }
            Class::Digit => {
                digits += 1;
                (first, second) = (0, 0);
            }
            Class::Sign | Class::Start => {
                let known = sign(byte).map_or(RARE_SIGN, |number| price(SIGNS + number));
                quarters += known.min(RARE_SIGN);
                (first, second) = (0, 0);
            }
        }
        if is_again(at) {
            (quarters, digits) = (so_far.0 + 4, so_far.1);
        }
        before = (before.1, class);
    }
    quarters as f32 / 4.0 + digits as f32 * std::f32::consts::LOG2_10
}

fn price(at: usize) -> u32 {
    u32::from(TABLES[at] - b'A')
}

/// The number of a sign among those of ASCII.
fn sign(byte: u8) -> Option<usize> {
    let number = match byte {
        b'!'..=b'/' => byte - b'!',
        b':'..=b'@' => byte - b':' + 15,
        b'['..=b'`' => byte - b'[' + 22,
        b'{'..=b'~' => byte - b'{' + 28,
        _ => return None,
    };
    Some(usize::from(number))
}

/// The size of the smallest usual alphabet that the text is of.
fn alphabet(text: &[u8]) -> u32 {
    let (mut lower, mut upper, mut digit, mut hex_only) = (false, false, false, true);
    let mut signs = [0u8; 3];
    let mut sign_count = 0;
    for &byte in text {
        match Class::of(byte) {
            Class::Lower => lower = true,
            Class::Upper => upper = true,
            Class::Digit => digit = true,
            Class::Sign | Class::Start => {
                if sign_count < signs.len() && !signs[..sign_count].contains(&byte) {
                    signs[sign_count] = byte;
                    sign_count += 1;
                }
            }
        }
        hex_only &= byte.is_ascii_hexdigit();
    }
    if hex_only && !(lower && upper) && (lower || upper) {
        return 16;
    }
    let letters = 26 * (u32::from(lower) + u32::from(upper)) + 10 * u32::from(digit);
    letters
        + if sign_count < signs.len() {
            sign_count as u32
        } else {
            SIGN_COUNT as u32
        }
}

/// The Shannon entropy of the bytes, in bits a byte.
pub(crate) fn entropy(bytes: &[u8]) -> f32 {
    let mut counts = [0u32; 256];
    for &byte in bytes {
        counts[usize::from(byte)] += 1;
    }
    let len = bytes.len() as f32;
    counts
        .iter()
        .filter(|&&count| count > 0)
        .map(|&count| {
            let share = count as f32 / len;
            -share * share.log2()
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::Random;

    fn bits(text: &str) -> f32 {
        Randomness::of(text.as_bytes()).bits
    }

    #[test]
    fn words_and_identifiers_read_as_written() {
        for written in [
            "password",
            "getAccessToken",
            "MAX_RETRY_COUNT",
            "application/json",
            "node_modules/left-pad",
            "correcthorsebattery",
            "org.example.security.TokenProvider",
            "ThisIsTheNameOfTheInterestingThing",
            "superuser",
            "internationalization",
        ] {
            assert!(bits(written) < 0.0, "{written}: {}", bits(written));
        }
    }

    /// The error rates that docs/accuracy.md gives: how often a random text stays below a limit.
    #[test]
    fn random_texts_are_told() {
        let mut random = Random::new(11);
        let base62: Vec<u8> = (b'0'..=b'9')
            .chain(b'A'..=b'Z')
            .chain(b'a'..=b'z')
            .collect();
        for (alphabet, len, limit, least) in [
            (&base62[..], 16, 12.0, 995),
            (&base62[..], 32, 24.0, 999),
            (&base62[36..], 16, 12.0, 980),
            (b"0123456789abcdef", 32, 12.0, 985),
        ] {
            let told = (0..1000)
                .filter(|_| {
                    let text: Vec<u8> = (0..len)
                        .map(|_| alphabet[random.below(alphabet.len())])
                        .collect();
                    Randomness::of(&text).bits > limit
                })
                .count();
            assert!(told >= least, "{} {len}: {told}", alphabet.len());
        }
    }

    #[test]
    fn what_is_typed_at_random_repeats_itself() {
        for mashed in [
            "Zya7Q7Zndsfsdfdsfdsfdsfdsfdsf",
            "Dsdfsdfdsfdsfdsfdsfdsfdfdfs",
            "xcvxcvxcvbxcvxcvxcvxcv",
            "kjhkjh78kjhkjhkjhkjhkjhkjh",
        ] {
            assert!(bits(mashed) < 20.0, "{mashed}: {}", bits(mashed));
        }
        // Three characters again are chance.
        assert_eq!(again(b"k7Qab9xk7Qz")[0], 0);
        assert_eq!(again(b"k7Qab9xk7Qa")[0], 1 << 10);
    }

    #[test]
    fn the_signs_are_numbered_in_order() {
        let numbers: Vec<_> = (b'!'..=b'~').filter_map(sign).collect();
        assert_eq!(numbers, (0..SIGN_COUNT).collect::<Vec<_>>());
    }

    #[test]
    fn any_bytes_are_weighed() {
        for text in [&b""[..], b"\xff\xfe\0", b"a", "überlänge".as_bytes()] {
            assert!(Randomness::of(text).bits.is_finite());
        }
    }
}
