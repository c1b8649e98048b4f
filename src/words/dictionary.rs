//! Texts that are put together from the words that people write where a password belongs.

use super::monotony::{self, Monotony};
use super::role;

/// A bound: the longest text that may be put together from words. The search is linear in it, with the
/// longest word as the factor.
const MAX_SPELLED: usize = 64;

/// A bound: the longest word that fills the place of a password, in bytes.
const LONGEST: usize = 13;

/// A weight: how many digits people append to a word, a year for the most part. Not measured.
const APPENDED: usize = 4;

/// Whether a text in lower case is nothing but words of the list, short numbers, and signs.
pub(crate) fn is_words(lower: &str) -> bool {
    if lower.len() > MAX_SPELLED {
        return false;
    }
    if !lower.is_ascii() {
        return role::FILLER.has(lower);
    }
    lower
        .split(|c: char| !c.is_ascii_alphanumeric())
        .all(|piece| is_made_up(piece.as_bytes()))
        && lower.contains(|c: char| c.is_ascii_alphabetic())
}

/// The same behind digits and signs that stand for letters.
pub(crate) fn is_words_in_disguise(lower: &str) -> bool {
    let plain = undisguised(lower.trim_matches(|c: char| !c.is_ascii_alphanumeric()));
    plain != lower && is_words(&plain)
}

/// Whether a text in lower case is one word of the list with signs strewn in, to test how they are escaped:
/// `pa;ss`.
pub(crate) fn is_strewn_with_signs(lower: &str) -> bool {
    let letters: String = lower.chars().filter(char::is_ascii_alphanumeric).collect();
    letters.len() < lower.len() && role::FILLER.has(&letters)
}

/// Letters for the digits and signs that are written in their place.
pub(crate) fn undisguised(lower: &str) -> String {
    lower
        .chars()
        .map(|c| match c {
            '0' => 'o',
            '1' | '!' => 'i',
            '3' => 'e',
            '4' | '@' => 'a',
            '5' | '$' => 's',
            '7' => 't',
            c => c,
        })
        .collect()
}

/// Whether words and numbers of the list, one after another, make up the piece.
fn is_made_up(piece: &[u8]) -> bool {
    // `ends[i]`: the first `i` bytes are made up.
    let mut ends = vec![false; piece.len() + 1];
    ends[0] = true;
    for start in 0..piece.len() {
        if !ends[start] {
            continue;
        }
        for end in start + 1..=piece.len().min(start + LONGEST) {
            let part = &piece[start..end];
            ends[end] |= is_short_number(part)
                || super::find(part).is_some_and(|word| word.is(role::FILLER));
        }
    }
    ends[piece.len()]
}

/// A number that people append: a few digits, or digits that count or repeat one.
pub(crate) fn is_short_number(part: &[u8]) -> bool {
    part.iter().all(u8::is_ascii_digit)
        && (part.len() <= APPENDED
            || matches!(
                monotony::throughout(part),
                Some(Monotony::Run | Monotony::Sequence)
            ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_is_longer_than_is_looked_for() {
        let longest = role::FILLER.words().map(|word| word.text().len()).max();
        assert_eq!(longest, Some(LONGEST));
    }

    #[test]
    fn words_are_told_apart_and_together() {
        for words in [
            "my_secret_pw",
            "mysecretpassword",
            "admin2024",
            "test:test",
            "contraseña",
            "kennwort!",
        ] {
            assert!(is_words(words), "{words}");
        }
        for other in [
            "kq8vtz2m",
            "blue-monkey",
            "12345678",
            "admin2024zz",
            "passwordq",
        ] {
            assert!(!is_words(other), "{other}");
        }
        assert!(!is_words(&"test".repeat(17)));
        assert!(is_words_in_disguise("p@ssw0rd") && !is_words_in_disguise("password"));
        assert!(is_strewn_with_signs("pa;ss") && !is_strewn_with_signs("pass"));
    }
}
