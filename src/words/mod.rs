//! What words say of a value: that it stands for a secret, is kept elsewhere, or reads as written; and
//! what names say of the values that they are given.
//!
//! It judges texts by themselves, and knows nothing of rules, candidates, files or git. Every word that
//! it knows stands in `words.toml`, once, with its roles; the build makes tables of it.

pub(crate) mod dictionary;
pub(crate) mod echo;
pub(crate) mod excerpt;
pub(crate) mod monotony;
pub(crate) mod name;
pub(crate) mod number;
pub(crate) mod placeholder;
pub(crate) mod randomness;
pub(crate) mod reference;
mod slot;
pub(crate) mod stand_in;
pub(crate) mod wordy;

use crate::texts::Texts;

include!(concat!(env!("OUT_DIR"), "/words.rs"));

/// A word of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Word(u16);

impl Word {
    /// The word, in lower case.
    pub(crate) fn text(self) -> &'static str {
        WORDS.get(usize::from(self.0))
    }

    /// Its bytes.
    pub(crate) fn bytes(self) -> &'static [u8] {
        WORDS.bytes(usize::from(self.0))
    }

    /// Whether it has a role.
    pub(crate) fn is(self, role: Role) -> bool {
        ROLES[usize::from(self.0)] >> role.0 & 1 == 1
    }
}

/// What a word does where it stands: see [`role`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Role(u8);

impl Role {
    /// The words that have the role, in order.
    pub(crate) fn words(self) -> impl Iterator<Item = Word> {
        let starts = &MEMBERS_STARTS[usize::from(self.0)..];
        MEMBERS[usize::from(starts[0])..usize::from(starts[1])]
            .iter()
            .map(|&number| Word(number))
    }

    /// Whether a word in any case has the role.
    pub(crate) fn has_in_any_case(self, word: &[u8]) -> bool {
        find_in_any_case(word).is_some_and(|word| word.is(self))
    }

    /// Whether a word in lower case has the role.
    pub(crate) fn has(self, word: &str) -> bool {
        find(word.as_bytes()).is_some_and(|word| word.is(self))
    }
}

/// Whether a text is one of some words, in any case of its letters.
pub(crate) fn is_one_of(text: &[u8], words: &[impl AsRef<[u8]>]) -> bool {
    words
        .iter()
        .any(|word| text.eq_ignore_ascii_case(word.as_ref()))
}

/// Whether a text holds a word in any case of its letters.
pub(crate) fn contains(text: &[u8], word: &[u8]) -> bool {
    let Some(first) = word.first().map(u8::to_ascii_lowercase) else {
        return true;
    };
    text.windows(word.len())
        .any(|place| place[0].to_ascii_lowercase() == first && place.eq_ignore_ascii_case(word))
}

/// Where a text holds a part first, which is not empty. What searches long texts fast is made up for each part, which takes longer
/// than to look through one of a line.
pub(crate) fn place_of(part: &[u8], text: &[u8]) -> Option<usize> {
    let last = text.len().checked_sub(part.len())?;
    (0..=last).find(|&at| text[at] == part[0] && text[at..].starts_with(part))
}

/// A word of the list, asked for in lower case.
pub(crate) fn find(word: &[u8]) -> Option<Word> {
    if word.len() > LONGEST {
        return None;
    }
    // Each slot has the number of a word and one more, or zero where it is free.
    slot::all(word)
        .map_while(|slot| NUMBERS[slot].checked_sub(1).map(Word))
        .find(|known| known.bytes() == word)
}

/// A word of the list, asked for in any case.
pub(crate) fn find_in_any_case(word: &[u8]) -> Option<Word> {
    let mut lower = [0; LONGEST];
    let lower = lower.get_mut(..word.len())?;
    lower.copy_from_slice(word);
    lower.make_ascii_lowercase();
    find(lower)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// TOML refuses a word that stands there twice, the build a role without words, and the compiler one
    /// that nobody asks for.
    #[test]
    fn the_list_is_in_order() {
        let list = include_str!("words.toml");
        for heading in ["[roles]", "[words]"] {
            let (_, rows) = list.split_once(heading).expect("the list has it");
            let names: Vec<&str> = rows
                .lines()
                .take_while(|line| !line.starts_with('['))
                .filter_map(|line| line.split_once(" = "))
                .map(|(name, _)| name.trim_matches('"'))
                .collect();
            assert!(names.is_sorted_by(|a, b| a < b), "{heading}");
        }
    }

    #[test]
    fn every_word_is_found() {
        for number in 0..ROLES.len() {
            let word = Word(number as u16);
            assert_eq!(find(word.text().as_bytes()), Some(word));
            assert_eq!(word.text(), word.text().to_lowercase());
            let loud = word.text().to_ascii_uppercase();
            assert_eq!(find_in_any_case(loud.as_bytes()), Some(word));
        }
        for other in ["", "passwor", "passwordx", "\u{ff}", "zzz", "a\0"] {
            assert_eq!(find(other.as_bytes()), None, "{other}");
        }
        assert_eq!(find_in_any_case("x".repeat(300).as_bytes()), None);
    }

    #[test]
    fn a_role_has_its_words() {
        let words: Vec<_> = role::KEY.words().map(Word::text).collect();
        assert_eq!(words, ["key", "keys"]);
        assert!(role::KEY.has("keys") && !role::KEY.has("password") && !role::KEY.has("Key"));
    }
}
