//! Holds the detector to brute force: every regex at every place of a text. The prefilter, the
//! windows and the order of work may lose nothing.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::sync::{LazyLock, Mutex};

use regex::bytes::{Regex, RegexBuilder};

use crate::assignment;
use crate::detect::find::{self, Pass, Sightings};
use crate::detect::names::Names;
use crate::detect::{Detector, boundary, evidence};
use crate::lab::{Random, sample};
use crate::prefilter::Method;
use crate::proof::{Check, Proof};
use crate::rules::{Reach, Rule, RuleNumber, RuleSet};
use crate::text::Text;

type Found = BTreeSet<(String, usize, usize)>;

fn by_detector(rules: &RuleSet, text: &Text<'_>) -> Found {
    Detector::new(rules)
        .explain(text)
        .into_iter()
        .filter(|(candidate, _)| !candidate.loose && candidate.wrapping.is_none())
        .map(|(candidate, _)| key(candidate.rule, &candidate.span))
        .collect()
}

fn key(rule: &Rule, span: &Range<usize>) -> (String, usize, usize) {
    (rule.id.clone().into_owned(), span.start, span.end)
}

/// The regex of a rule, by the regex crate.
fn regex_of(rule: &Rule) -> Regex {
    static KNOWN: LazyLock<Mutex<HashMap<String, Regex>>> = LazyLock::new(Mutex::default);
    let source = match rule.reach {
        Reach::Anchored => format!("^(?:{})", rule.regex),
        Reach::Around | Reach::Near | Reach::Named => rule.regex.clone().into_owned(),
    };
    let mut known = KNOWN.lock().unwrap();
    let compiled = known.entry(source).or_insert_with_key(|source| {
        RegexBuilder::new(source)
            .unicode(false)
            .dfa_size_limit(0)
            .build()
            .unwrap()
    });
    compiled.clone()
}

/// Every place that the regex of an anchored rule fits: to an end of its own, or to the one that the bytes before
/// tell.
fn anchored_everywhere(rules: &RuleSet, number: RuleNumber, bytes: &[u8]) -> Vec<Range<usize>> {
    let rule = rules.get(number);
    let regex = regex_of(rule);
    let fit = |start: usize, end: usize| {
        let fit = regex.find(&bytes[start..end.min(bytes.len())])?;
        Some(start..start + fit.end()).filter(|span| span.len() <= rule.max_len)
    };
    let exact = |start: usize| {
        let span = fit(start, start + rule.max_len + 1)?;
        let holds = boundary::holds_before(bytes, start, rule)
            && boundary::holds_after(bytes, span.end, rule);
        holds.then_some(span)
    };
    let told = |start: usize| {
        let len = boundary::length_before(bytes, start)?;
        fit(start, start + len).filter(|span| span.len() == len && len >= rule.min_len)
    };
    (0..bytes.len())
        .filter_map(|start| exact(start).or_else(|| told(start)))
        .collect()
}

fn by_brute_force(rules: &RuleSet, text: &Text<'_>) -> Found {
    let bytes = text.bytes();
    let lower = bytes.to_ascii_lowercase();
    let mut found = by_names(rules, text, &lower);
    for (number, rule) in rules.numbered() {
        let regex = regex_of(rule);
        match rule.reach {
            Reach::Anchored => {
                for span in anchored_everywhere(rules, number, bytes) {
                    found.insert(key(rule, &span));
                }
            }
            Reach::Around => {
                for captures in regex.captures_iter(bytes) {
                    let secret = captures.name("secret").or_else(|| captures.get(0));
                    if let Some(secret) = secret {
                        found.insert(key(rule, &secret.range()));
                    }
                }
            }
            // By names, all rules at once: the last keyword of a name decides.
            Reach::Named => {}
            Reach::Near => {
                let mut names = Names::default();
                for (literal, word) in rule.literals.iter().enumerate() {
                    let word = word.text.to_ascii_lowercase();
                    for start in 0..lower.len() {
                        if lower[start..].starts_with(word.as_bytes())
                            && evidence::is_piece(bytes, &(start..start + word.len()))
                        {
                            names.note(number, start..start + word.len(), literal);
                        }
                    }
                }
                let half = rule.companion.as_deref().and_then(|id| rules.number_of(id));
                if let Some(half) = half
                    && rules.get(half).reach == Reach::Anchored
                {
                    for span in anchored_everywhere(rules, half, bytes) {
                        names.note_half(number, span);
                    }
                }
                let names = names.sorted().next().map(|(_, names)| names.to_vec());
                let names = names.unwrap_or_default();
                if names.is_empty() && !rule.alone {
                    continue;
                }
                let anchored = format!("^(?:{})", rule.regex);
                let anchored = RegexBuilder::new(&anchored).unicode(false).build().unwrap();
                for start in 0..bytes.len() {
                    if !boundary::holds_before(bytes, start, rule) {
                        continue;
                    }
                    let Some(m) = anchored.find(&bytes[start..]) else {
                        continue;
                    };
                    let span = start..start + m.end();
                    if span.len() <= rule.max_len
                        && boundary::holds_after(bytes, span.end, rule)
                        && (evidence::of(bytes, &span, rule, &names).is_some()
                            || rule.alone && speaks_for_itself(bytes, &span, rule))
                    {
                        found.insert(key(rule, &span));
                    }
                }
            }
        }
    }
    found
}

/// Whether a rule's secret needs no name: it fills a run of its characters, and its check holds, if it has
/// one.
fn speaks_for_itself(bytes: &[u8], span: &Range<usize>, rule: &Rule) -> bool {
    let goes_on = bytes
        .get(span.end)
        .is_some_and(|&byte| rule.bytes.contains(byte));
    let holds = |checksum: Proof| checksum.check(&bytes[span.clone()]) == Check::Valid;
    !goes_on && rule.checksum.is_none_or(holds)
}

/// What every keyword of a name leads to, unless its name goes on to another one.
fn by_names(rules: &RuleSet, text: &Text<'_>, lower: &[u8]) -> Found {
    let bytes = text.bytes();
    let mut keywords: Vec<(&Rule, Range<usize>)> = Vec::new();
    for (_, rule) in rules.numbered() {
        if rule.reach != Reach::Named {
            continue;
        }
        for literal in rule.literals.iter() {
            for start in 0..lower.len() {
                if lower[start..].starts_with(literal.text.as_bytes()) {
                    keywords.push((rule, start..start + literal.text.len()));
                }
            }
        }
    }
    keywords
        .iter()
        .filter(|(_, keyword)| {
            !keywords
                .iter()
                .any(|(_, other)| assignment::goes_on(bytes, keyword, other))
        })
        .flat_map(|(rule, keyword)| {
            let mut found = Vec::new();
            assignment::each(
                bytes,
                keyword,
                text.file_type(),
                &Default::default(),
                &mut |assignment| {
                    found.push(key(rule, &assignment.value));
                },
            );
            found
        })
        .collect()
}

/// Samples, parts of samples, names of providers and noise, in lines of all lengths.
fn text(rules: &RuleSet, random: &mut Random, len: usize) -> Vec<u8> {
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
    let spans = |sightings: Sightings<'_>| {
        let sorted = |mut keys: Vec<(String, usize, usize)>| {
            keys.sort_unstable();
            keys
        };
        let anchored = sightings.anchored.iter();
        let anchored = sorted(anchored.map(|(_, it)| key(it.rule, &it.span)).collect());
        let assigned = sightings.assigned.iter();
        let assigned = assigned.map(|(_, it, _)| key(it.rule, &it.span));
        let mut assigned = sorted(assigned.collect());
        assigned.dedup();
        let alone = sightings.alone.iter();
        let alone = sorted(alone.map(|(_, it)| key(it.rule, &it.span)).collect());
        let mut names = sightings.names;
        let names: Vec<String> = names.sorted().map(|names| format!("{names:?}")).collect();
        (anchored, assigned, sightings.around, names, alone)
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
    assert!(spans(pass.sight()) == whole);
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
