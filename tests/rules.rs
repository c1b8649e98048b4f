//! The catalog proves itself: every rule finds its own samples however a file writes them, no other
//! rule claims them, and no rule finds what it must not.

#![allow(clippy::unwrap_used, reason = "a test ends at what it did not expect")]

mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs, thread};

use keyward::parts::confidence::Confidence;
use keyward::parts::detect::{Detection, Detector};
use keyward::parts::lab::check::check;
use keyward::parts::lab::{Random, has_line, name_of, sample};
use keyward::parts::prefilter::Method;
use keyward::parts::proof::{Check, Proof};
use keyward::parts::rules::{Reach, Rule, RuleNumber, RuleSet};
use keyward::parts::text::Text;
use regex::bytes::{Regex, RegexBuilder};
use support::contexts::Context;
use support::locks::{ID_NAMES, KINDS, Sums};
use support::{document, is_thorough};

/// How many random keys each rule must find in each context: a run that takes its time draws them
/// all, any other what is drawn in seconds.
fn samples() -> usize {
    if is_thorough() { 200 } else { 25 }
}

/// How many near misses of each sort each rule must pass over.
const NEAR_MISSES: usize = 20;

/// The near miss of which no rule at all may make a finding.
const UNSEALED: &str = "a wrong checksum";

/// Between two keys of a text: further than the context of one reaches.
const GAP: &[u8] = b"\n\n\n\n\n\n\n\n\n\n";

#[test]
fn each_rule_finds_its_samples_alone_and_no_counterexample() {
    let faults = over_all_rules(|rules, number, faults| {
        faults.extend(check(rules, number, 50).iter().map(ToString::to_string));
    });
    assert_none(&faults);
}

#[test]
fn each_rule_finds_random_keys_in_every_context() {
    // The other prefilter finds the same keywords, or else some rule fails in each context: a part of the
    // keys shows that.
    let by_automaton = RuleSet::builtin().sought_by(Method::AhoCorasick);
    let faults = over_all_rules(|rules, number, faults| {
        let rule = rules.get(number);
        let mut random = Random::of_rule(&rule.id);
        let keys: Vec<Vec<u8>> = (0..samples())
            .map(|_| draw(rules, rule, &mut random))
            .collect();
        let part = &keys[..keys.len() / 5];
        for (rules, keys) in [(rules, &keys[..]), (&by_automaton, part)] {
            for context in Context::ALL {
                let mut missed = find_all(rules, rules.get(number), context, keys);
                let count = missed.len();
                if let Some(first) = missed.pop() {
                    faults.push(format!(
                        "{} in {context:?}: {count} of {}: {first}",
                        rule.id,
                        keys.len()
                    ));
                }
            }
        }
    });
    assert_none(&faults);
}

#[test]
fn no_rule_takes_a_near_miss_for_a_key() {
    let faults = over_all_rules(|rules, number, faults| {
        let rule = rules.get(number);
        if matches!(rule.reach, Reach::Around | Reach::Named) {
            return;
        }
        for (what, keys) in near_misses(rule) {
            let texts = keys.iter().map(|key| {
                let name = match rule.reach {
                    Reach::Near => name_of(rule),
                    Reach::Anchored | Reach::Around | Reach::Named => "value".to_owned(),
                };
                [Context::Python, Context::Dotenv, Context::Json].map(|c| c.write(&name, key).line)
            });
            let all: Vec<u8> = texts
                .flatten()
                .flat_map(|line| [line, GAP.to_vec()].concat())
                .collect();
            let text = Text::decode(&all);
            let detector = Detector::new(rules);
            // What starts like this and has the shape of another rule's keys is one of those, and a
            // generic rule asks for no format. A wrong checksum leaves nothing to either, but to what goes by names.
            let is_fault = |found: &Detection<'_>| {
                let other = found.candidate.rule;
                let secret = found.candidate.secret();
                let is_other = other.generic || keys.iter().any(|key| key.starts_with(secret));
                let holds = |checksum: Proof| checksum.check(secret) == Check::Valid;
                found.judgement.confidence > Confidence::Possible
                    && match what {
                        UNSEALED => {
                            let is_by_name = other.generic && other.reach == Reach::Named;
                            !is_by_name && !other.checksum.is_some_and(holds)
                        }
                        _ => other.id == rule.id || !is_other,
                    }
            };
            let found: BTreeMap<&str, usize> = detector
                .detect(&text)
                .iter()
                .filter(|found| is_fault(found))
                .fold(BTreeMap::new(), |mut counts, found| {
                    *counts.entry(&*found.candidate.rule.id).or_default() += 1;
                    counts
                });
            if !found.is_empty() {
                faults.push(format!(
                    "{}: {what}: reported {found:?} in {}",
                    rule.id,
                    3 * keys.len()
                ));
            }
        }
    });
    assert_none(&faults);
}

#[test]
fn no_rule_takes_a_sum_of_a_lock_file_for_a_key() {
    let faults = beside_every_provider(&|name, number, sums| {
        let (kind, entry) = KINDS[number % KINDS.len()];
        (kind, entry(name, sums))
    });
    assert_none(&faults);
}

#[test]
fn no_rule_takes_an_id_for_a_key() {
    let faults = beside_every_provider(&|name, number, sums| {
        let end = ID_NAMES[number % ID_NAMES.len()];
        let contexts = [
            Context::Python,
            Context::JavaScript,
            Context::Dotenv,
            Context::Yaml,
            Context::Json,
        ];
        let context = sums.0.pick(&contexts);
        let name = format!(
            "{}{end}",
            name.replace(['-', '.'], "_").to_ascii_uppercase()
        );
        let written = context.write(&name, sums.id().as_bytes());
        (end, String::from_utf8(written.line).unwrap())
    });
    // Of 100,000 at most five.
    let most = if is_thorough() { 5 } else { 0 };
    assert!(faults.len() <= most, "{} faults: {faults:#?}", faults.len());
}

/// Draws texts beside the name of each provider in turn, and gives what is found there, at the threshold of
/// the hook: by which rule, beside which name, in what kind of text.
fn beside_every_provider(
    draw: &(dyn Fn(&str, usize, &mut Sums<'_>) -> (&'static str, String) + Sync),
) -> Vec<String> {
    let draws = if is_thorough() { 100_000 } else { 2_000 };
    let rules = RuleSet::builtin();
    let names = names_of_providers(&rules);
    let numbers: Vec<usize> = (0..draws).collect();
    in_parallel(&numbers, |&number, faults| {
        let mut random = Random::new(0x10c + number as u64);
        // Each provider meets each kind: the two counts go on at different steps.
        let name = &names[number % names.len()];
        let (kind, text) = draw(name, number / names.len() + number, &mut Sums(&mut random));
        let text = Text::decode(text.as_bytes());
        let told = Detector::new(&rules)
            .detect(&text)
            .iter()
            .filter(|found| found.judgement.confidence > Confidence::Possible)
            .map(|found| format!("{}: {kind} beside {name}", found.candidate.rule.id))
            .collect::<Vec<_>>();
        faults.extend(told);
    })
}

/// The names under which code knows the providers: their ids, and the words of their rules.
fn names_of_providers(rules: &RuleSet) -> Vec<String> {
    let mut names = Vec::new();
    for rule in rules.iter() {
        let plain = |name: &str| name.replace(['_', '-'], "").to_ascii_lowercase();
        let variables: Vec<String> = rule
            .env
            .iter()
            .chain(rule.provider.env.iter())
            .map(|name| plain(name))
            .collect();
        // Some words are names of the keys themselves.
        let speaks = |word: &str| {
            ["auth", "cred", "key", "pass", "secret", "ticket", "token"]
                .into_iter()
                .any(|credential| word.contains(credential))
        };
        let words = rule.literals.iter().filter(|_| rule.reach == Reach::Near);
        let words = words.map(|literal| &*literal.text);
        for word in words.chain([&*rule.provider.id]) {
            if !speaks(word) && !variables.contains(&plain(word)) {
                names.push(word.to_owned());
            }
        }
    }
    names.sort();
    names.dedup();
    names
}

#[test]
fn each_rule_says_what_it_can() {
    let rules = RuleSet::builtin();
    let mut ids: Vec<&str> = rules.iter().map(|rule| &*rule.id).collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count, "two rules share an id");
    for (number, rule) in rules.numbered() {
        assert!(!rule.literals.is_empty(), "{} has no keyword", rule.id);
        assert!(!rule.sources.is_empty(), "{} has no source", rule.id);
        assert!(has_line(rule) || rule.public, "{} has no line", rule.id);
        assert!(
            rule.regex.is_empty() == (rule.reach == Reach::Named) && rule.regex.is_ascii(),
            "{}",
            rule.id
        );
        if rule.reach != Reach::Named {
            let _ = rules.pattern(number);
        }
    }
}

#[test]
fn pages_are_links_that_a_person_can_open() {
    let rules = RuleSet::builtin();
    for rule in rules.iter() {
        let provider = &rule.provider;
        let sources = rule.sources.iter().filter(|source| source.contains("://"));
        let pages = [
            &provider.docs,
            &provider.revoke,
            &provider.usage,
            &provider.limit,
        ];
        for page in pages
            .into_iter()
            .filter(|page| !page.is_empty())
            .chain(sources)
        {
            let rest = page.strip_prefix("https://").unwrap_or_default();
            let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
            let is_name = |part: &str| {
                !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            };
            assert!(
                host.contains('.') && host.split('.').all(is_name),
                "{}: `{page}` has no host",
                rule.id
            );
            let is_plain = |b: u8| b.is_ascii_graphic() && !b"<>\"{}|\\^`".contains(&b);
            assert!(
                page.bytes().all(is_plain),
                "{}: `{page}` is no URL",
                rule.id
            );
        }
    }
    let day: Vec<&str> = keyward::parts::rules::RECORDED.split('-').collect();
    assert_eq!(
        day.iter().map(|part| part.len()).collect::<Vec<_>>(),
        [4, 2, 2]
    );
    assert!(day.iter().all(|part| part.parse::<u16>().is_ok()));
}

#[test]
fn the_catalog_is_as_broad_as_it_says() {
    let rules = RuleSet::builtin();
    let secret: Vec<&Rule> = rules.iter().filter(|rule| !rule.public).collect();
    let providers = |wanted: &dyn Fn(&Rule) -> bool| {
        let mut ids: Vec<&str> = secret
            .iter()
            .filter(|rule| wanted(rule))
            .map(|rule| &*rule.provider.id)
            .collect();
        ids.sort_unstable();
        ids.dedup();
        ids.len()
    };
    assert!(secret.len() >= 850, "{} rules", secret.len());
    let all = providers(&|_| true);
    assert!(all >= 500, "{all} providers");
    let ai =
        providers(&|rule| rule.provider.kind == "ai" && rule.confidence > Confidence::Possible);
    assert!(ai >= 120, "{ai} providers of AI");
}

#[test]
fn docs_rules_md_says_what_the_catalog_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules.md");
    let expected = document::of(&RuleSet::builtin());
    if env::var_os("KEYWARD_WRITE_DOCS").is_some() {
        fs::write(&path, &expected).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found.replace('\r', "") == expected,
        "docs/rules.md is out of date: KEYWARD_WRITE_DOCS=1 cargo test --locked --test rules docs"
    );
}

/// Runs a test over every rule, on every processor.
fn over_all_rules(test: impl Fn(&RuleSet, RuleNumber, &mut Vec<String>) + Sync) -> Vec<String> {
    let rules = RuleSet::builtin();
    let numbers: Vec<RuleNumber> = rules.numbers().collect();
    in_parallel(&numbers, |&number, faults| test(&rules, number, faults))
}

/// Runs a test over each item, on every processor, and gives the faults in their order.
fn in_parallel<T: Sync>(items: &[T], test: impl Fn(&T, &mut Vec<String>) + Sync) -> Vec<String> {
    let next = AtomicUsize::new(0);
    let all = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                let mut faults = Vec::new();
                while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                    test(item, &mut faults);
                }
                all.lock().unwrap().extend(faults);
            });
        }
    });
    let mut all = all.into_inner().unwrap();
    all.sort();
    all
}

/// A random key of the rule that is not by chance one of a rule of the same provider that says more:
/// `sk-ant-<letters:3>01-...` may start with `sk-ant-api01-`.
fn draw(rules: &RuleSet, rule: &Rule, random: &mut Random) -> Vec<u8> {
    loop {
        let key = sample(rule, random).unwrap();
        let is_other = rules.numbered().any(|(number, other)| {
            other.provider == rule.provider
                && other.reach == Reach::Anchored
                && other.literal_len > rule.literal_len
                && rules
                    .pattern(number)
                    .find(&key)
                    .is_some_and(|m| m.len() == key.len())
        });
        if !is_other {
            return key;
        }
    }
}

fn assert_none(faults: &[String]) {
    assert!(
        faults.is_empty(),
        "{} faults:\n{}",
        faults.len(),
        faults.join("\n")
    );
}

/// Writes the keys into one text and looks at what is found there: each once, by this rule, where it
/// stands. What is said about a fault holds no key.
fn find_all(rules: &RuleSet, rule: &Rule, context: Context, keys: &[Vec<u8>]) -> Vec<String> {
    let name = name_of(rule);
    let mut bytes = Vec::new();
    let mut spans = Vec::new();
    let mut lines = Vec::new();
    let mut line = 0;
    for key in keys {
        let written = context.write(&name, key);
        let changed = written.line[written.start..written.end] != **key;
        spans.push((
            bytes.len() + written.start..bytes.len() + written.end,
            changed,
        ));
        lines.push((line, bytes.len()));
        for part in [&written.line[..], GAP] {
            line += lines_in(part);
            bytes.extend_from_slice(part);
        }
    }
    let text = Text::decode(&bytes);
    let detector = Detector::new(rules);
    let mut found = detector.detect(&text).into_iter().peekable();
    let mut faults = Vec::new();
    for ((span, changed), (line, line_start)) in spans.into_iter().zip(lines) {
        let mut here = Vec::new();
        while let Some(next) = found.next_if(|next| next.candidate.span.start < span.end) {
            here.push(next);
        }
        if rule.public {
            if let Some(claim) = here.first() {
                faults.push(format!("`{}` claims it", claim.candidate.rule.id));
            }
            continue;
        }
        let [one] = here.as_slice() else {
            let ids: Vec<&str> = here.iter().map(|one| &*one.candidate.rule.id).collect();
            faults.push(format!("found by {ids:?}"));
            continue;
        };
        let place = &one.candidate.span;
        let exact = !matches!(rule.reach, Reach::Around | Reach::Named) && !changed;
        let [at, column, _, end_column] = text.span(place).numbers();
        // A key of several lines starts below the first.
        let line = line + lines_in(&bytes[line_start..place.start]);
        if one.candidate.rule.id != rule.id {
            let part = if *place == span { "it" } else { "a part" };
            faults.push(format!("`{}` claims {part}", one.candidate.rule.id));
        } else if (exact && *place != span) || place.start < span.start || place.end > span.end {
            faults.push("found at another place".into());
        } else if at != line + 1
            || (exact && column != place.start - line_start + 1)
            || (exact && end_column != place.end - line_start + 1)
        {
            faults.push("told with another line or column".into());
        } else if one.judgement.confidence < rule.confidence.min(Confidence::Likely) {
            faults.push(format!("only possible: {}", one.judgement.why));
        }
    }
    faults
}

fn lines_in(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&b| b == b'\n').count()
}

/// What is nearly a key of the rule, by the way in which it is not one.
fn near_misses(rule: &Rule) -> Vec<(&'static str, Vec<Vec<u8>>)> {
    let mut random = Random::of_rule(&rule.id);
    let whole = RegexBuilder::new(&format!("^(?:{})$", rule.regex))
        .unicode(false)
        .build()
        .unwrap();
    let mut keys: Vec<Vec<u8>> = Vec::new();
    for _ in 0..NEAR_MISSES {
        keys.push(sample(rule, &mut random).unwrap());
    }
    let is_key = |whole: &Regex, key: &[u8]| {
        whole.is_match(key) && (rule.min_len..=rule.max_len).contains(&key.len())
    };
    let tail: Vec<u8> = rule
        .tail
        .bytes()
        .filter(u8::is_ascii_alphanumeric)
        .collect();
    let strangers: Vec<u8> = b"_-0zZ!".to_vec();
    let mut short = Vec::new();
    let mut long = Vec::new();
    let mut strange = Vec::new();
    let mut unsealed = Vec::new();
    let mut placeholders = Vec::new();
    for key in keys {
        if key.len() >= rule.min_len {
            short.push(key[..rule.min_len - 1].to_vec());
        }
        // A token may start anew behind other characters.
        let solid = key
            .iter()
            .skip(rule.prefix.len())
            .all(|&b| b.is_ascii_alphanumeric());
        if !tail.is_empty() && solid {
            let mut longer = key.clone();
            while longer.len() <= rule.max_len {
                longer.push(tail[random.below(tail.len())]);
            }
            long.push(longer);
        }
        let body = rule.prefix.len();
        let at = body + random.below(key.len() - body);
        // The stranger stands near the end, so that nothing behind it is long enough for a key.
        let mut other = key.clone();
        if is_key(&whole, &key[..rule.min_len]) {
            other.truncate(rule.min_len);
        }
        let cut = (other.len() - 1 - random.below(8)).max(body);
        let place = other[cut];
        if cut < rule.min_len
            && let Some(stranger) = strangers.iter().find(|&&stranger| {
                other[cut] = stranger;
                stranger != place && !is_key(&whole, &other)
            })
        {
            other[cut] = *stranger;
            strange.push(other);
        }
        if let Some(checksum) = rule.checksum {
            let mut wrong = key.clone();
            let old = wrong[at];
            wrong[at] = if old == b'a' { b'b' } else { b'a' };
            if is_key(&whole, &wrong) && checksum.check(&wrong) == Check::Invalid {
                unsealed.push(wrong);
            }
        }
        let mut placeholder = key[..body].to_vec();
        placeholder.resize(key.len(), b'x');
        placeholders.push(placeholder);
    }
    vec![
        ("a character short", short),
        ("a character long", long),
        ("another alphabet", strange),
        (UNSEALED, unsealed),
        ("a placeholder", placeholders),
    ]
}
