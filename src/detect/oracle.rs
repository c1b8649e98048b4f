//! The detector's answer by brute force: every regex at every place of a text. The prefilter, the windows and the order
//! of work may lose nothing of it. For the tests and `fuzz/`, never a scan.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::sync::{LazyLock, Mutex, PoisonError};

use regex::bytes::{Regex, RegexBuilder};

use super::names::Names;
use super::{Detector, boundary, evidence};
use crate::assignment;
use crate::proof::{Check, Proof};
use crate::rules::{Reach, Rule, RuleNumber, RuleSet};
use crate::text::Text;

/// The rule of each candidate, and where it starts and ends.
pub type Found = BTreeSet<(String, usize, usize)>;

/// What the detector takes for candidates in what is written out.
pub fn by_detector(rules: &RuleSet, text: &Text<'_>) -> Found {
    Detector::new(rules)
        .explain(text)
        .into_iter()
        .filter(|(candidate, _)| !candidate.loose && candidate.wrapping.is_none())
        .map(|(candidate, _)| key(candidate.rule, &candidate.span))
        .collect()
}

pub(super) fn key(rule: &Rule, span: &Range<usize>) -> (String, usize, usize) {
    (rule.id.clone().into_owned(), span.start, span.end)
}

/// The regex of a rule, by the regex crate.
fn regex_of(rule: &Rule) -> Regex {
    match rule.reach {
        Reach::Anchored => compiled(format!("^(?:{})", rule.regex)),
        Reach::Around | Reach::Near | Reach::Named => compiled(rule.regex.clone().into_owned()),
    }
}

fn compiled(source: String) -> Regex {
    static KNOWN: LazyLock<Mutex<HashMap<String, Regex>>> = LazyLock::new(Mutex::default);
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let compiled = known.entry(source).or_insert_with_key(|source| {
        let mut builder = RegexBuilder::new(source);
        let built = builder.unicode(false).dfa_size_limit(0).build();
        built.expect("the build has tried the regexes of the catalog")
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

/// The same by brute force.
pub fn by_brute_force(rules: &RuleSet, text: &Text<'_>) -> Found {
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
            Reach::Near => near_everywhere(rules, number, bytes, &lower, &mut found),
        }
    }
    found
}

/// Every place that the regex of a rule fits whose provider is named near by, or that speaks for itself.
fn near_everywhere(
    rules: &RuleSet,
    number: RuleNumber,
    bytes: &[u8],
    lower: &[u8],
    found: &mut Found,
) {
    let rule = rules.get(number);
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
        return;
    }
    let anchored = compiled(format!("^(?:{})", rule.regex));
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
