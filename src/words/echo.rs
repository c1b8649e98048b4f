//! What somebody typed or wrote into a file, and whether it may be said again.

use super::randomness::has_drawn_part;
use crate::shell;

/// A bound: a longer word is none that somebody misspelt.
const LONGEST: usize = 64;

/// A bound: so much of one that may be a key.
const START: usize = 4;

/// Whether the text may be said again to whoever has to see what is wrong with it: a key that stands in
/// the place of a name must not get into a terminal or a log.
pub(crate) fn may_be_said(text: &str) -> bool {
    text.len() <= LONGEST && !has_drawn_part(text.as_bytes())
}

/// A name as it may be said: nothing that a terminal obeys, of what is long its start, and of what reads as
/// drawn no more than tells it from others.
pub(crate) fn said(name: &str) -> String {
    let is_drawn = has_drawn_part(name.as_bytes());
    shell::shown_start(name, if is_drawn { START } else { LONGEST })
}

/// What was typed between accents, or else what it is: `such file`.
pub(crate) fn said_or(typed: &str, what: &str) -> String {
    match may_be_said(typed) {
        true => format!("`{}`", shell::escaped(typed)),
        false => what.to_owned(),
    }
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
            assert_eq!(said(text), text);
            assert_eq!(said_or(text, "such file"), format!("`{text}`"));
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
                assert_eq!(said_or(&text, "such file"), "such file");
                assert!(said(&text).chars().count() <= START + 1);
            }
        }
        assert!(said(&"long ".repeat(100)).chars().count() <= LONGEST + 1);
        assert!(!said("a\u{1b}[2J").contains('\u{1b}'));
    }
}
