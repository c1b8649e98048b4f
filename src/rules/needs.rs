//! What a text must have before a rule's regex can fit it: looked for first, since compiling a regex
//! costs more than all else in a small commit.
//!
//! `build.rs` includes this file too.

use regex_syntax::hir::{Class, Hir, HirKind};

/// A bound: a literal shorter than this is everywhere.
const LEAST: usize = 3;

/// A bound: the most literals that one need has. With more, looking for them costs what it saves.
const MOST: usize = 16;

/// The needs of a pattern: of each list, every text that the pattern fits has one literal at least,
/// in some case of its letters. The literals are in lower case.
pub(super) fn needs(hir: &Hir) -> Vec<Vec<String>> {
    let mut needs = Vec::new();
    collect(hir, &mut needs);
    needs.sort();
    needs.dedup();
    needs
}

fn collect(hir: &Hir, needs: &mut Vec<Vec<String>>) {
    match hir.kind() {
        HirKind::Concat(parts) => {
            let mut words = vec![String::new()];
            for part in parts {
                match literals(part).and_then(|literals| joined(&words, &literals)) {
                    Some(longer) => words = longer,
                    None => {
                        push(std::mem::replace(&mut words, vec![String::new()]), needs);
                        match literals(part) {
                            Some(literals) => words = literals,
                            None => collect(part, needs),
                        }
                    }
                }
            }
            push(words, needs);
        }
        HirKind::Capture(capture) => collect(&capture.sub, needs),
        HirKind::Repetition(repetition) if repetition.min > 0 => collect(&repetition.sub, needs),
        // Each option needs something: one of all these.
        HirKind::Alternation(options) if literals(hir).is_none() => {
            let mut any = Vec::new();
            for option in options {
                let mut own = Vec::new();
                collect(option, &mut own);
                let shortest = |literals: &Vec<String>| literals.iter().map(String::len).min();
                let Some(best) = own.into_iter().max_by_key(shortest) else {
                    return;
                };
                any.extend(best);
            }
            push(any, needs);
        }
        _ => push(literals(hir).unwrap_or_default(), needs),
    }
}

/// Adds a need, if its literals say anything.
fn push(mut literals: Vec<String>, needs: &mut Vec<Vec<String>>) {
    literals.sort();
    literals.dedup();
    let telling = |literal: &String| literal.len() >= LEAST;
    if (1..=MOST).contains(&literals.len()) && literals.iter().all(telling) {
        needs.push(literals);
    }
}

/// All texts that a part of a pattern fits, in lower case, if they are few.
fn literals(hir: &Hir) -> Option<Vec<String>> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(vec![String::new()]),
        HirKind::Literal(literal) => {
            let text = std::str::from_utf8(&literal.0).ok()?;
            Some(vec![text.to_ascii_lowercase()])
        }
        HirKind::Class(class) => one_letter(class).map(|letter| vec![letter.to_string()]),
        HirKind::Capture(capture) => literals(&capture.sub),
        HirKind::Repetition(repetition) => match (repetition.min, repetition.max) {
            (1, Some(1)) => literals(&repetition.sub),
            (0, Some(1)) => {
                let mut all = literals(&repetition.sub)?;
                all.push(String::new());
                Some(all).filter(|all| all.len() <= MOST)
            }
            _ => None,
        },
        HirKind::Concat(parts) => parts.iter().try_fold(vec![String::new()], |words, part| {
            joined(&words, &literals(part)?)
        }),
        HirKind::Alternation(options) => {
            let all: Vec<Vec<String>> = options.iter().map(literals).collect::<Option<_>>()?;
            Some(all.concat()).filter(|all| all.len() <= MOST)
        }
    }
}

fn joined(words: &[String], next: &[String]) -> Option<Vec<String>> {
    (words.len() * next.len() <= MOST).then(|| {
        words
            .iter()
            .flat_map(|word| next.iter().map(move |next| format!("{word}{next}")))
            .collect()
    })
}

/// The letter, if the class is one letter in both cases, or one byte.
fn one_letter(class: &Class) -> Option<char> {
    let Class::Bytes(class) = class else {
        return None;
    };
    let first = class.ranges().first()?.start().to_ascii_lowercase();
    let same = class
        .ranges()
        .iter()
        .all(|range| range.start() == range.end() && range.start().eq_ignore_ascii_case(&first));
    (same && first.is_ascii()).then_some(char::from(first))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needs_of(pattern: &str) -> Vec<String> {
        let mut parser = regex_syntax::ParserBuilder::new()
            .unicode(false)
            .utf8(false)
            .build();
        needs(&parser.parse(pattern).unwrap())
            .into_iter()
            .map(|need| need.join("|"))
            .collect()
    }

    #[test]
    fn every_part_that_is_always_there_is_a_need() {
        assert_eq!(
            needs_of(
                r"(?i)(?:create|alter)\s{1,8}(?:user|role)[^;]{0,9}(?:identified\s{1,4}by|password)='(?P<secret>[^']{4,8})'"
            ),
            ["alter|create", "identified|password", "role|user"]
        );
        assert_eq!(needs_of(r"(?i)\bbasic (?P<secret>[a-z]{8,})"), ["basic "]);
        assert_eq!(needs_of(r"Pass(?:word)?=x+"), ["pass=|password="]);
        assert_eq!(needs_of(r"(?:abc\d+){1,3}"), ["abc"]);
    }

    #[test]
    fn what_may_be_missing_is_none() {
        for pattern in [
            r"(?:password)?[a-z]+",
            r"(?:abc|x\d+)[0-9]",
            r"(?:abc){0,3}x",
            r"[a-z]{32}",
            r"ab",
        ] {
            assert!(needs_of(pattern).is_empty(), "{pattern}");
        }
    }
}
