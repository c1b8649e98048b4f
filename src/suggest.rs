//! Which word was meant.

/// A bound: nobody mistypes a longer word, and the time grows with the square of the length.
const LONGEST: usize = 64;

/// The question whether one of the words was meant by `name`; where none is near, what is said otherwise.
pub(crate) fn meant(name: &str, words: &[&str], otherwise: impl FnOnce() -> String) -> String {
    match nearest(&name.to_lowercase(), words) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => otherwise(),
    }
}

/// The word that `name` was meant to be, if one is near enough: a letter left out, put in, replaced
/// or swapped with its neighbour for every three of the word.
fn nearest<'w>(name: &str, words: &[&'w str]) -> Option<&'w str> {
    if name.len() > LONGEST {
        return None;
    }
    words
        .iter()
        .map(|word| (strsim::osa_distance(name, word), *word))
        .filter(|(distance, word)| *distance <= word.len().max(3) / 3)
        .min()
        .map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_found_if_it_is_near() {
        let words = ["exclude", "threshold", "on", "off", "add"];
        for (name, expected) in [
            ("exlude", Some("exclude")),
            ("excludes", Some("exclude")),
            ("treshhold", Some("threshold")),
            ("of", Some("off")),
            ("no", Some("on")),
            ("command", None),
            ("", None),
        ] {
            assert_eq!(nearest(name, &words), expected, "{name}");
        }
        assert_eq!(nearest(&"x".repeat(1 << 20), &words), None);
        let otherwise = || "see the list".to_owned();
        assert_eq!(meant("ONN", &words, otherwise), "did you mean `on`?");
        assert_eq!(meant("xyz", &words, otherwise), "see the list");
    }
}
