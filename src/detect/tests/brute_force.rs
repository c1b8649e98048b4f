//! Holds the detector to brute force: every regex at every place of a text. The prefilter, the
//! windows and the order of work may lose nothing.

use crate::detect::find::{self, Pass, Sightings};
use crate::detect::oracle::{by_brute_force, by_detector, key};
use crate::lab::{Random, sample};
use crate::prefilter::Method;
use crate::rules::{Reach, RuleNumber, RuleSet};
use crate::text::Text;

/// Samples, parts of samples, names of providers and noise, in lines of all lengths.
pub(super) fn text(rules: &RuleSet, random: &mut Random, len: usize) -> Vec<u8> {
    let numbered: Vec<RuleNumber> = rules.numbered().map(|(number, _)| number).collect();
    let separators: [&[u8]; 12] = [
        b"\n", b" = \"", b"\"\n", b": ", b"/", b"\\n", b" ", b"-", b"_", b"\t", b"%2F", b"=",
    ];
    let mut out = Vec::new();
    while out.len() < len {
        let rule = rules.get(numbered[random.below(numbered.len())]);
        match random.below(4) {
            0 | 1 => {
                if rule.reach == Reach::Near && random.below(4) > 0 {
                    out.extend_from_slice(
                        rule.literals[random.below(rule.literals.len())]
                            .text
                            .as_bytes(),
                    );
                    out.extend_from_slice(separators[random.below(separators.len())]);
                }
                let secret = sample(rule, random).expect("each rule accepts its own samples");
                let cut = if random.below(4) == 0 {
                    random.below(secret.len())
                } else {
                    secret.len()
                };
                // Long ones make the text dull.
                out.extend_from_slice(&secret[..cut.min(600)]);
            }
            2 => out.extend_from_slice(
                rule.literals[random.below(rule.literals.len())]
                    .text
                    .as_bytes(),
            ),
            _ => (0..random.below(20)).for_each(|_| out.push(random.below(256) as u8)),
        }
        out.extend_from_slice(separators[random.below(separators.len())]);
    }
    out
}

#[test]
fn the_prefilter_loses_nothing() {
    let rules = RuleSet::builtin();
    let by_automaton = RuleSet::builtin().sought_by(Method::AhoCorasick);
    let mut random = Random::new(0x0bac1e);
    let mut compared = 0;
    for _ in 0..12 {
        let blob = text(&rules, &mut random, 6_000);
        let text = Text::decode(&blob);
        if text.is_binary() {
            continue;
        }
        let all = by_brute_force(&rules, &text);
        for rules in [&rules, &by_automaton] {
            let ours = by_detector(rules, &text);
            let lost: Vec<_> = all.difference(&ours).collect();
            assert!(lost.is_empty(), "the prefilter lost {lost:?}");
            let invented: Vec<_> = ours.difference(&all).collect();
            assert!(
                invented.is_empty(),
                "brute force does not find {invented:?}"
            );
        }
        compared += all.len();
    }
    assert!(compared > 200, "only {compared} candidates compared");
}

/// Several cores go through a long text: what one finds in it must be found.
#[test]
fn parts_of_a_long_text_lose_nothing() {
    for method in Method::ALL {
        parts_lose_nothing(&RuleSet::builtin().sought_by(method));
    }
}

fn parts_lose_nothing(rules: &RuleSet) {
    let mut random = Random::new(0x10c);
    // What it starts with says that it is text.
    let mut blob = vec![b' '; 8192];
    while blob.len() < find::ALONE {
        blob.extend(text(rules, &mut random, 4_000));
        blob.resize(blob.len() + 4_000, b' ');
    }
    let blob = Text::decode(&blob);
    let len = blob.bytes().len();
    assert!(!blob.is_binary() && len >= find::ALONE);
    let spans = |sightings: Sightings| {
        let sorted = |mut keys: Vec<(String, usize, usize)>| {
            keys.sort_unstable();
            keys
        };
        let of_spot = |spot: &find::Spot| key(rules.get(spot.number), &spot.place());
        let anchored = sorted(sightings.anchored.iter().map(of_spot).collect());
        let assigned = sightings.assigned.iter();
        let assigned = assigned.map(|it| key(rules.get(it.number), &it.assignment.value));
        let mut assigned = sorted(assigned.collect());
        assigned.dedup();
        let alone = sorted(sightings.alone.iter().map(of_spot).collect());
        let mut names = sightings.names;
        let names: Vec<String> = names.sorted().map(|names| format!("{names:?}")).collect();
        let around = sightings.around.into_iter().map(|(number, windows)| {
            let spans = windows.into_iter().map(|window| window.span);
            (number, spans.collect::<Vec<_>>())
        });
        (anchored, assigned, around.collect::<Vec<_>>(), names, alone)
    };
    let pass = Pass::over(rules, &blob, true);
    let whole = spans(pass.sight_part(0..len));
    assert!(whole.0.len() > 1_000 && whole.1.len() > 20 && !whole.4.is_empty());
    for parts in [2, 3, 7] {
        let step = len.div_ceil(parts);
        let mut all = Sightings::default();
        for number in 0..parts {
            let part = number * step..((number + 1) * step).min(len);
            all.append(pass.sight_part(part));
        }
        assert!(spans(all) == whole, "{parts} parts differ");
    }
    assert!(spans(pass.sight(0..len)) == whole);
}

#[test]
fn the_start_of_a_format_is_told_wherever_it_stands() {
    let rules = RuleSet::builtin();
    let anchored = rules.iter().filter(|rule| rule.reach == Reach::Anchored);
    let literals = anchored.flat_map(|rule| rule.literals.iter());
    for literal in literals.filter(|literal| literal.text.len() <= 32) {
        for before in ["k=", "k= "] {
            let text = format!("{before}{}x7Qk2", literal.text);
            let value = before.len()..text.len();
            let decoded = Text::decode(text.as_bytes());
            let told = Pass::over(&rules, &decoded, true).public_start(&value);
            assert!(told >= literal.text.len(), "{text}: {told}");
        }
    }
}
