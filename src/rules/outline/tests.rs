//! Outlines are held to the regexes that they stand for.

use regex::bytes::RegexBuilder;
use regex_syntax::hir::Hir;

use super::*;
use crate::lab::{Random, sample};
use crate::rules::RuleSet;

fn hir(pattern: &str) -> Hir {
    let mut parser = regex_syntax::ParserBuilder::new()
        .unicode(false)
        .utf8(false)
        .build();
    parser.parse(pattern).unwrap()
}

#[test]
fn an_outline_reads_like_its_pattern() {
    for (pattern, outline) in [
        (r"ab[0-9]{3}", "@0,0;=ab~=ab~c3ff000000000000,3,3;"),
        (r"(?i)a-b", "@0,0;?a-b~?a-b~"),
        (
            r"[a-z]{1,9}://",
            "@1,9;=://~c7fffffe000000000000000000000000,1,9;=://~",
        ),
        (r"(?:x|yz)?", "r0,1;[=x~=yz~]"),
        (
            r"\bk ~+",
            "&=%7e~@0,0;=k%20~=k%20~c40000000000000000000000000000000,1,;",
        ),
        (r"[^\x00-\x7f]", "C0,1,1;"),
        (r"\bk(?:ab){0,9}", "=k~r0,9;=ab~"),
        (r"\bk(?:ab)*", "=k~c6000000000000000000000000,0,;"),
        (
            r"k(?:a|bc){2,90}",
            "=k~*c2000000000000000000000000,0,;[=bc~]",
        ),
        (
            r"\d(?:login|machine)x*password",
            "&=password~&[=login~=machine~]c3ff000000000000,1,1;[=login~=machine~]c1000000000000000000000000000000,0,;=password~",
        ),
    ] {
        assert_eq!(of(&hir(pattern)), outline);
    }
}

/// Where no look around stands in a pattern, and no part of several characters alone comes very often, its outline
/// fits what it fits.
#[test]
fn an_outline_fits_what_its_pattern_fits() {
    let patterns = [
        r"ab",
        r"a[bc]{1,3}d",
        r"(?i)ab?c+",
        r"(?:ab|b){2,3}c",
        r"(?:a|bc)*d",
        r"a{0,3}b{2}",
        r"[ab]{2,}c|d[^a]",
        r"(?:a?b?){1,2}c",
        r"[^b]{3}",
        r"(?:ab){1,9}",
        r"(?:a|bc)*d",
        r"b(?:a|cd|bA){0,60}a",
    ];
    let mut random = Random::new(0x0071);
    for pattern in patterns {
        let outline = of(&hir(pattern));
        for start in [Start::First, Start::Anywhere] {
            let source = match start {
                Start::First => format!("^(?:{pattern})"),
                Start::Anywhere => pattern.to_owned(),
            };
            let regex = RegexBuilder::new(&source).unicode(false).build().unwrap();
            for _ in 0..2_000 {
                let len = random.below(9);
                let text: Vec<u8> = (0..len).map(|_| b"abcdA\xff"[random.below(6)]).collect();
                let expected = regex.is_match(&text);
                assert_eq!(
                    fits(&outline, &text, start),
                    expected,
                    "{pattern} {start:?} {text:?}"
                );
            }
        }
    }
}

#[test]
fn parts_lie_around_what_may_fit() {
    let outline = of(&hir(r"[a-z]{1,4}://[0-9]{2,3}@"));
    let text = b"ab://12@ x://3@ \n c://45@,abcdef://123@";
    let parts = |longest| -> Vec<(Range<usize>, usize)> {
        let parts = parts(&outline, text, longest, false).into_iter();
        parts.map(|part| (part.span, part.before)).collect()
    };
    assert_eq!(parts(100), [(0..39, text.len() + 1)]);
    assert_eq!(
        parts(11),
        [(0..9, 15), (15..26, 28), (28..39, text.len() + 1)]
    );
}

#[test]
fn places_without_others_are_the_rest() {
    let places = |ranges: &[(usize, usize)]| Places(ranges.iter().map(|&(a, b)| a..b).collect());
    let all = places(&[(0, 5), (8, 10), (20, 30)]);
    for (others, left) in [
        (places(&[]), all.clone()),
        (places(&[(0, 30)]), places(&[])),
        (
            places(&[(2, 3)]),
            places(&[(0, 2), (3, 5), (8, 10), (20, 30)]),
        ),
        (
            places(&[(4, 9), (22, 24), (26, 40)]),
            places(&[(0, 4), (9, 10), (20, 22), (24, 26)]),
        ),
        (places(&[(5, 8), (10, 20), (30, 31)]), all.clone()),
    ] {
        assert_eq!(all.clone().without(&others), left, "{others:?}");
    }
}

/// Were each place gone on from in every round, this would take minutes: a command that goes on over many lines, each of
/// which starts one.
#[test]
fn what_goes_on_over_many_lines_is_gone_through_once() {
    let outline = of(&hir(r"curl(?:[^\r\n]|\\\n){0,400}?-u [0-9]{16}:"));
    for (bounded, lines) in [(true, 20_000), (false, 200)] {
        let text = b"curl -u a:b \\\n".repeat(lines);
        assert_eq!(parts(&outline, &text, 900, bounded), []);
        let fit = [&text[..1_400], b"curl -u 0123456789012345:"].concat();
        assert!(!parts(&outline, &fit, 900, bounded).is_empty());
    }
}

/// Each rule's outline fits its samples, cut and glued as they may be, where its regex does.
#[test]
fn no_outline_of_the_catalog_misses_what_its_regex_fits() {
    let rules = RuleSet::builtin();
    let mut random = Random::new(0x0072);
    let (mut fitted, mut loose) = (0, 0);
    for (number, rule) in rules.numbered() {
        if rule.regex.is_empty() {
            continue;
        }
        for round in 0..12 {
            let mut text = b"x = '".to_vec();
            text.extend(sample(rule, &mut random).expect("each rule accepts its own samples"));
            text.extend(b"'\n");
            if round % 2 == 1 {
                let at = random.below(text.len());
                text[at] = b"a0 -_/\"\xe9"[random.below(8)];
            }
            for start in [0, 5] {
                let text = &text[start..];
                let is_match = rules.pattern(number).find(text).is_some();
                let may = match rule.reach {
                    crate::rules::Reach::Anchored => rule.may_start(text),
                    _ => rule.may_fit(text),
                };
                assert!(may || !is_match, "{}", rule.id);
                fitted += usize::from(is_match);
                loose += usize::from(may && !is_match);
            }
        }
    }
    assert!(fitted > 5_000 && loose * 50 < fitted, "{fitted} {loose}");
}

/// A rule of one's own may repeat what repeats others: that would take the power of their number.
#[test]
fn repetitions_within_others_come_to_an_end() {
    let mut pattern = "ab?".to_owned();
    for _ in 0..12 {
        pattern = format!("(?:{pattern}){{1,30}}c?");
    }
    let outline = of(&hir(&pattern));
    for text in ["ab".repeat(500), "b".repeat(500)] {
        let expected = text.starts_with('a');
        assert_eq!(fits(&outline, text.as_bytes(), Start::Anywhere), expected);
    }
}
