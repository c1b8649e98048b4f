//! What somebody typed, and whether it may be said again.

use super::randomness::has_drawn_part;

/// A bound: a longer word is none that somebody misspelt.
const LONGEST: usize = 64;

/// Whether the text may be said again to whoever has to see what is wrong with it: a key that stands in
/// the place of a name must not get into a terminal or a log.
pub(crate) fn may_be_said(text: &str) -> bool {
    text.len() <= LONGEST && !has_drawn_part(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::Random;

    #[test]
    fn names_are_said_again_and_draws_are_not() {
        for text in [
            "",
            "exlude",
            "scan.treshold",
            "guard-netrc-flie",
            "antropic-api-key",
            "src/report/humn.rs",
            "origin/feature/login",
            "--all",
            "github-crc31",
        ] {
            assert!(may_be_said(text), "{text}");
        }
        let mut random = Random::new(3);
        for length in [20, 24, 36, 40, 64, 93] {
            let token = random.token(length);
            for text in [
                token.clone(),
                format!("src/{token}.py"),
                format!("acme-api-{token}"),
            ] {
                assert!(!may_be_said(&text), "a draw of {length}");
            }
        }
    }
}
