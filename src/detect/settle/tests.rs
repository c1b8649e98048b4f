//! Each step of settling by itself, with made-up rules and candidates.

use super::*;
use crate::candidate::{Nearness, Source};
use crate::lab::Random;
use crate::rules::RuleSet;

/// A rule of one service for what starts with four fixed characters, with something changed.
fn rule(change: impl FnOnce(&mut Rule)) -> Rule {
    let rules = RuleSet::builtin();
    let mut rule = rules.iter().next().unwrap().clone();
    rule.id = "made-up".into();
    rule.reach = Reach::Anchored;
    rule.generic = false;
    rule.literal_len = 4;
    rule.public = false;
    rule.companion = None;
    change(&mut rule);
    rule
}

fn at(rule: &Rule, span: Range<usize>) -> Candidate<'_> {
    static TEXT: [u8; 4096] = [b'a'; 4096];
    Candidate::at(rule, &Source::Plain(&TEXT), span)
}

fn sure(candidate: Candidate<'_>, confidence: Confidence) -> Judged<'_> {
    let why = "".into();
    (candidate, Judgement { confidence, why })
}

fn near(nearness: Nearness, gap: usize) -> Option<Box<Evidence<'static>>> {
    Some(Box::new(Evidence::made_up(nearness, gap)))
}

fn spans(judged: &[Judged<'_>]) -> Vec<Range<usize>> {
    judged.iter().map(|(one, _)| one.span.clone()).collect()
}

#[test]
fn each_part_of_a_rank_decides_where_those_before_are_equal() {
    use Confidence::{Certain, Likely, Possible};
    let [plain, long] = [4, 9].map(|len| rule(|rule| rule.literal_len = len));
    let bare = rule(|rule| rule.literal_len = 0);
    let generic = rule(|rule| {
        rule.generic = true;
        rule.literal_len = 9;
    });
    let named = rule(|rule| {
        rule.reach = Reach::Named;
        rule.literal_len = 9;
    });
    let named_generic = rule(|rule| {
        rule.reach = Reach::Named;
        rule.generic = true;
    });
    let with = |mut candidate: Candidate<'static>, wrapping, evidence, confidence| {
        candidate.wrapping = wrapping;
        candidate.evidence = evidence;
        sure(candidate, confidence)
    };
    let rules = [&plain, &long, &bare, &generic, &named, &named_generic];
    let [plain, long, bare, generic, named, named_generic] =
        rules.map(|rule| &*Box::leak(Box::new(rule.clone())));
    let (base64, pieces) = (Some(Wrapping::Base64), Some(Wrapping::Pieces));
    let variable = || near(Nearness::Variable, 1);
    // In each row the first is greater in one field, and the second in all that come behind it.
    let rows = [
        (
            "counts",
            with(at(named_generic, 0..20), base64, None, Likely),
            with(at(long, 0..30), None, variable(), Possible),
        ),
        (
            "names_service",
            with(at(named, 0..20), base64, None, Likely),
            with(at(generic, 0..30), None, variable(), Certain),
        ),
        (
            "has_form",
            with(at(bare, 0..20), base64, None, Likely),
            with(at(named, 0..30), None, variable(), Certain),
        ),
        (
            "has_literal",
            with(at(plain, 0..20), pieces, None, Likely),
            with(at(long, 0..30), base64, variable(), Certain),
        ),
        (
            "literal_len",
            with(at(long, 0..20), pieces, None, Likely),
            with(at(plain, 0..30), None, variable(), Certain),
        ),
        (
            "evidence, or none",
            with(at(bare, 0..20), pieces, near(Nearness::Near, 90), Likely),
            with(at(bare, 0..30), None, None, Certain),
        ),
        (
            "evidence, by its kind",
            with(
                at(bare, 0..20),
                pieces,
                near(Nearness::Variable, 90),
                Likely,
            ),
            with(at(bare, 0..30), None, near(Nearness::Named, 1), Certain),
        ),
        (
            "evidence, by its gap",
            with(at(bare, 0..20), pieces, near(Nearness::Named, 1), Likely),
            with(at(bare, 0..30), None, near(Nearness::Named, 2), Certain),
        ),
        (
            "len",
            with(at(plain, 0..30), pieces, None, Likely),
            with(at(plain, 0..20), None, None, Certain),
        ),
        (
            "is_plain",
            with(at(plain, 0..20), None, None, Likely),
            with(at(plain, 0..20), pieces, None, Certain),
        ),
        (
            "confidence",
            with(at(plain, 0..20), None, None, Certain),
            with(at(plain, 0..20), None, None, Likely),
        ),
    ];
    for (what, greater, less) in rows {
        assert!(Rank::of(&greater) > Rank::of(&less), "{what}");
        for mut both in [
            vec![greater.clone(), less.clone()],
            vec![less.clone(), greater.clone()],
        ] {
            claim(&mut both, &mut ());
            assert_eq!(both.len(), 1, "{what}");
            assert!(Rank::of(&both[0]) == Rank::of(&greater), "{what}");
        }
    }
}

#[test]
fn places_that_do_not_overlap_have_a_claim_each() {
    let own = rule(|_| {});
    let public = rule(|rule| {
        rule.literal_len = 8;
        rule.public = true;
    });
    let likely = |candidate| sure(candidate, Confidence::Likely);
    let mut judged = vec![
        likely(at(&own, 10..20)),
        likely(at(&own, 20..30)),
        likely(at(&own, 30..40)),
        // What is public by design hides what lies in it.
        likely(at(&public, 45..70)),
        likely(at(&own, 50..60)),
    ];
    claim(&mut judged, &mut ());
    assert_eq!(spans(&judged), [10..20, 20..30, 30..40]);
    let other = rule(|rule| rule.id = "the-second".into());
    let mut equal = vec![likely(at(&own, 0..9)), likely(at(&other, 0..9))];
    claim(&mut equal, &mut ());
    assert_eq!(equal.len(), 1);
    assert_eq!(equal[0].0.rule.id, "made-up", "the first of two equals");
}

#[test]
fn what_speaks_for_a_span_speaks_for_each_rule_of_it() {
    use Confidence::{Certain, Likely, Possible};
    let own = rule(|_| {});
    let public = rule(|rule| rule.public = true);
    let mut loose = sure(at(&own, 10..20), Possible);
    loose.0.loose = true;
    let mut loose_and_certain = sure(at(&own, 40..50), Certain);
    loose_and_certain.0.loose = true;
    let mut judged = vec![
        sure(at(&own, 40..50), Possible),
        loose_and_certain,
        sure(at(&own, 10..20), Possible),
        loose,
        sure(at(&own, 10..20), Likely),
        sure(at(&own, 10..21), Certain),
        sure(at(&public, 30..35), Certain),
        sure(at(&own, 30..35), Possible),
    ];
    level_equal_spans(&mut judged);
    let levels: Vec<_> = judged
        .iter()
        .map(|(one, judgement)| (one.span.clone(), judgement.confidence))
        .collect();
    assert_eq!(
        levels,
        [
            (10..20, Likely),
            (10..20, Possible),
            (10..20, Likely),
            (10..21, Certain),
            (30..35, Certain),
            (30..35, Possible),
            (40..50, Possible),
            (40..50, Certain),
        ]
    );
}

#[test]
fn what_lies_in_a_refused_token_is_dropped_unless_it_may_be_another() {
    let [less, more] = [2, 6].map(|len| rule(|rule| rule.literal_len = len));
    let token = rule(|_| {});
    let near_token = rule(|rule| rule.reach = Reach::Near);
    let generic_token = rule(|rule| rule.generic = true);
    let bare_token = rule(|rule| rule.literal_len = 0);
    let named = rule(|rule| {
        rule.reach = Reach::Named;
        rule.literal_len = 9;
    });
    let generic = rule(|rule| {
        rule.generic = true;
        rule.literal_len = 9;
    });
    let wrapped = |rule, span, wrapping| {
        let mut candidate = at(rule, span);
        candidate.wrapping = Some(wrapping);
        candidate
    };
    let within = |rule| at(rule, 12..18);
    let equal = |rule| at(rule, 10..20);
    let base64 = Wrapping::Base64;
    for (what, refused, candidate, dropped) in [
        ("a rule that says less", equal(&token), within(&less), true),
        (
            "a rule that says as much",
            equal(&token),
            within(&token),
            false,
        ),
        ("a rule that says more", equal(&token), within(&more), false),
        ("the same bytes", equal(&token), equal(&less), true),
        (
            "the same of a token near a name",
            equal(&near_token),
            equal(&less),
            false,
        ),
        (
            "a part of a token near a name",
            equal(&near_token),
            within(&less),
            true,
        ),
        ("its end", equal(&near_token), at(&less, 11..20), true),
        ("its start", equal(&near_token), at(&less, 10..19), true),
        (
            "the same of a generic token",
            equal(&generic_token),
            equal(&less),
            false,
        ),
        (
            "a part of a generic token",
            equal(&generic_token),
            within(&less),
            true,
        ),
        ("a longer one", equal(&token), at(&less, 10..21), false),
        ("an earlier one", equal(&token), at(&less, 9..20), false),
        (
            "what stands behind",
            equal(&token),
            at(&less, 20..22),
            false,
        ),
        ("a name's", equal(&bare_token), equal(&named), true),
        (
            "a name's beyond it",
            equal(&bare_token),
            at(&named, 10..21),
            false,
        ),
        (
            "generic in base64",
            equal(&token),
            wrapped(&generic, 12..18, base64),
            true,
        ),
        (
            "generic in pieces",
            equal(&token),
            wrapped(&generic, 12..18, Wrapping::Pieces),
            false,
        ),
        (
            "a service's in base64",
            equal(&token),
            wrapped(&more, 12..18, base64),
            false,
        ),
        (
            "in a bare token",
            equal(&bare_token),
            wrapped(&generic, 12..18, base64),
            false,
        ),
        (
            "in a token that is wrapped itself",
            wrapped(&token, 10..20, base64),
            wrapped(&generic, 12..18, base64),
            false,
        ),
    ] {
        let mut judged = vec![sure(candidate, Confidence::Likely)];
        let refused = Refused {
            token: refused,
            by_check: false,
        };
        drop_refused(&mut judged, &[refused], false, &mut ());
        assert_eq!(judged.is_empty(), dropped, "{what}");
    }
}

/// Whether one refused token drops a candidate, said in one sentence.
fn drops(refused: &Refused<'_>, candidate: &Candidate<'_>) -> bool {
    if refused.by_check && candidate.rule.generic && candidate.rule.reach == Reach::Named {
        return false;
    }
    let refused = &refused.token;
    let rule = refused.rule;
    let covers =
        refused.span.start <= candidate.span.start && refused.span.end >= candidate.span.end;
    let whole = (rule.reach == Reach::Near || rule.generic) && refused.span == candidate.span;
    let unwraps = candidate.wrapping == Some(Wrapping::Base64)
        && candidate.rule.generic
        && refused.wrapping.is_none()
        && rule.literal_len > 0;
    let named = candidate.rule.reach == Reach::Named;
    let placed = candidate.rule.generic
        && candidate.rule.reach == Reach::Around
        && rule.generic
        && rule.reach == Reach::Anchored;
    let ends = named
        && rule.literal_len > 0
        && refused.span.end == candidate.span.end
        && (0..=8).contains(&(refused.span.start as isize - candidate.span.start as isize));
    let says_more = rule.literal_len > candidate.rule.literal_len && !whole;
    ends || covers && (unwraps || named || placed || says_more)
}

#[test]
fn however_many_tokens_are_refused_none_is_forgotten() {
    let mut random = Random::new(0x5e771e);
    let reaches = [Reach::Anchored, Reach::Around, Reach::Near, Reach::Named];
    let rules: Vec<Rule> = (0..80)
        .map(|number| {
            rule(|rule| {
                rule.reach = reaches[number % 4];
                rule.generic = number / 4 % 2 == 0;
                rule.literal_len = [0, 1, 4, 5, 9][number / 8 % 5];
            })
        })
        .collect();
    let (mut kept, mut dropped) = (0, 0);
    for _ in 0..300 {
        let mut draw = |most: usize| -> Vec<Candidate<'_>> {
            (0..random.below(most))
                .map(|_| {
                    let start = random.below(30);
                    let rule = &rules[random.below(rules.len())];
                    let mut candidate = at(rule, start..start + 1 + random.below(12));
                    candidate.wrapping =
                        [None, Some(Wrapping::Base64), Some(Wrapping::Pieces)][random.below(3)];
                    candidate
                })
                .collect()
        };
        let (refused, candidates) = (draw(24), draw(12));
        let by_check = |number| number % 3 == 0;
        let refused: Vec<Refused<'_>> = (0..)
            .zip(refused)
            .map(|(number, token)| Refused {
                token,
                by_check: by_check(number),
            })
            .collect();
        for candidate in candidates {
            let expected = refused.iter().any(|refused| drops(refused, &candidate));
            let mut judged = vec![sure(candidate, Confidence::Likely)];
            drop_refused(&mut judged, &refused, false, &mut ());
            assert_eq!(judged.is_empty(), expected);
            *if expected { &mut dropped } else { &mut kept } += 1;
        }
    }
    assert!(kept > 300 && dropped > 300, "{kept} {dropped}");
}

#[test]
fn a_part_of_a_longer_token_is_dropped() {
    use Confidence::{Certain, Likely, Possible};
    let own = rule(|_| {});
    let bare = rule(|rule| {
        rule.reach = Reach::Near;
        rule.literal_len = 0;
    });
    let near_literal = rule(|rule| rule.reach = Reach::Near);
    let loose = |span| {
        let mut candidate = at(&own, span);
        candidate.loose = true;
        candidate
    };
    for (what, longer, part, dropped) in [
        (
            "of a likely token",
            sure(at(&own, 0..30), Likely),
            at(&own, 3..30),
            true,
        ),
        (
            "from its start on",
            sure(at(&own, 0..30), Likely),
            at(&own, 0..20),
            false,
        ),
        (
            "beyond its end",
            sure(at(&own, 0..30), Likely),
            at(&own, 3..31),
            false,
        ),
        (
            "of a possible token",
            sure(at(&own, 0..30), Possible),
            at(&own, 3..30),
            false,
        ),
        (
            "bare, of a possible one",
            sure(at(&own, 0..30), Possible),
            at(&bare, 3..30),
            true,
        ),
        (
            "of what is only like one",
            sure(loose(0..30), Possible),
            at(&bare, 3..30),
            false,
        ),
        (
            "of what stands near a name",
            sure(at(&near_literal, 0..30), Certain),
            at(&own, 3..30),
            false,
        ),
    ] {
        let mut judged = vec![longer, sure(part, Certain)];
        drop_parts(&mut judged, &mut ());
        assert_eq!(judged.len() == 1, dropped, "{what}");
    }
}

fn detections<'a>(found: impl IntoIterator<Item = (&'a Rule, usize)>) -> Vec<Detection<'a>> {
    found
        .into_iter()
        .map(|(rule, start)| {
            let (candidate, judgement) = sure(at(rule, start..start + 1), Confidence::Likely);
            Detection {
                candidate,
                judgement,
                companion: None,
            }
        })
        .collect()
}

/// Which detections are left, and where the other halves of each stand.
fn joined(lines: &str, found: &[(&Rule, usize)]) -> Vec<(usize, Option<usize>)> {
    let mut all = detections(found.iter().copied());
    join_pairs(&Text::decode(lines.as_bytes()), &mut all, &mut ());
    all.iter()
        .map(|one| {
            let is_pair = one.judgement.confidence == Confidence::Certain;
            assert_eq!(is_pair, one.companion.is_some());
            let other = one.companion.as_ref().map(|other| other.start);
            (one.candidate.span.start, other)
        })
        .collect()
}

#[test]
fn a_half_goes_to_the_nearest_that_wants_it() {
    let secret = rule(|rule| rule.companion = Some("made-up-id".into()));
    let half = rule(|rule| rule.id = "made-up-id".into());
    let other = rule(|rule| rule.id = "other".into());
    let (secret, half, other) = (&secret, &half, &other);
    // A line a byte: what stands at 2 n is in line n.
    let lines = "x\n".repeat(40);
    for (what, found, expected) in [
        ("alone", vec![(secret, 0)], vec![(0, None)]),
        ("a half alone", vec![(half, 0)], vec![(0, None)]),
        ("above", vec![(half, 0), (secret, 10)], vec![(10, Some(0))]),
        ("below", vec![(secret, 0), (half, 10)], vec![(0, Some(10))]),
        (
            "too far",
            vec![(half, 0), (secret, 12), (half, 24)],
            vec![(0, None), (12, None), (24, None)],
        ),
        (
            "above before below",
            vec![(half, 0), (secret, 10), (half, 12)],
            vec![(10, Some(0)), (12, None)],
        ),
        (
            "the nearest above",
            vec![(half, 0), (half, 2), (secret, 4)],
            vec![(0, None), (4, Some(2))],
        ),
        (
            "others between",
            vec![(half, 0), (other, 2), (secret, 4)],
            vec![(2, None), (4, Some(0))],
        ),
        (
            "each half once",
            vec![(half, 0), (secret, 2), (secret, 4), (half, 6)],
            vec![(2, Some(0)), (4, Some(6))],
        ),
        (
            "no half left",
            vec![(half, 0), (secret, 2), (secret, 4)],
            vec![(2, Some(0)), (4, None)],
        ),
    ] {
        assert_eq!(joined(&lines, &found), expected, "{what}");
    }
}

/// A line of nothing but keys whose other halves are missing takes no time to speak of.
#[test]
fn halves_that_are_missing_cost_nothing() {
    let secret = rule(|rule| rule.companion = Some("missing".into()));
    let found: Vec<(&Rule, usize)> = (0..60_000).map(|at| (&secret, at % 4_000)).collect();
    let line = "x".repeat(4_096);
    assert_eq!(joined(&line, &found).len(), found.len());
}
