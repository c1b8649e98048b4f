//! What each fuzz target tries, in a file that needs no libFuzzer: the tests try what the targets kept, too.

mod material;
mod reports;
mod repository;

use std::sync::LazyLock;

use keyward::parts::allow::AllowList;
use keyward::parts::config::{Config, Layer, Origin};
use keyward::parts::detect::{Detector, oracle};
use keyward::parts::parsers;
use keyward::parts::rules::RuleSet;
use keyward::parts::rules::format::Format;
use keyward::parts::text::{AddedLines, Text};

type Try = fn(&[u8]);

/// Every target, by its name.
const ALL: &[(&str, Try)] = &[
    ("allow", allow),
    ("format", format),
    ("growth", growth),
    ("oracle", by_oracle),
    ("parsers", parse),
    ("reports", reports::report),
    ("repository", repository::commit),
    ("settings", settings),
    ("text", text),
];

/// What the target of a name tries.
pub(crate) fn of(name: &str) -> Try {
    let row = ALL.iter().find(|(known, _)| *known == name);
    row.unwrap_or_else(|| panic!("no target is called {name}"))
        .1
}

static RULES: LazyLock<RuleSet> = LazyLock::new(RuleSet::builtin);

/// Any allow file.
fn allow(bytes: &[u8]) {
    if let Ok(list) = AllowList::parse(bytes, ".keyward.allow") {
        assert!(list.entries().count() <= bytes.len());
    }
}

/// Any format: what parses gives a regex that fits its own samples.
fn format(bytes: &[u8]) {
    let Some(format) = std::str::from_utf8(bytes)
        .ok()
        .and_then(|it| Format::parse(it).ok())
    else {
        return;
    };
    assert!(format.min_len() <= format.max_len());
    let mut number = 0usize;
    let sample = format.sample(&mut |limit| {
        number = number.wrapping_mul(31).wrapping_add(7);
        number % limit
    });
    assert!((format.min_len()..=format.max_len()).contains(&sample.len()));
}

/// A line that is there again and again: twice the text is twice the candidates to look at. What takes long without
/// any is found by libFuzzer's own clock.
fn growth(bytes: &[u8]) {
    let part = material::text(&RULES, bytes, 400);
    if part.is_empty() {
        return;
    }
    let detector = Detector::new(&RULES);
    let work = |size: usize| {
        let blob: Vec<u8> = part.iter().copied().cycle().take(size).collect();
        let text = Text::decode(&blob);
        let explained = detector.explain(&text);
        let looked_at = explained.iter();
        looked_at
            .map(|(candidate, _)| candidate.secret().len() + 1)
            .sum::<usize>()
    };
    // A line ends, and a wrapping opens, in the one and not in the other: so much may come with that.
    let size = (8 * part.len()).max(8_192);
    let (once, twice) = (work(size), work(2 * size));
    assert!(twice <= once * 5 / 2 + 4_096, "{once} and {twice}");
}

/// Keys, parts of keys, and names between any bytes: the detector finds what brute force finds, and no more.
fn by_oracle(bytes: &[u8]) {
    let blob = material::text(&RULES, bytes, 300);
    let text = Text::decode(&blob);
    if !text.is_binary() {
        let (ours, all) = (
            oracle::by_detector(&RULES, &text),
            oracle::by_brute_force(&RULES, &text),
        );
        let lost: Vec<_> = all.difference(&ours).collect();
        let invented: Vec<_> = ours.difference(&all).collect();
        assert!(
            lost.is_empty() && invented.is_empty(),
            "lost {lost:?}, invented {invented:?}"
        );
    }
}

/// Every parser of what others wrote: the first byte says which one, the others are what it reads.
fn parse(bytes: &[u8]) {
    let Some((first, rest)) = bytes.split_first() else {
        return;
    };
    let count = parsers::all().count();
    if let Some((_, parse)) = parsers::all().nth(usize::from(*first) % count) {
        parse(rest);
    }
}

/// Any settings file, and the rules in it.
fn settings(bytes: &[u8]) {
    match Layer::parse(Origin::Repository, bytes, ".keyward.toml") {
        Ok(layer) => {
            let config = Config::fold([layer]);
            let own = config.own_rules();
            let _ = RuleSet::with(own.map(|(own, _)| (own.provider.as_deref(), &own.words)));
        }
        Err(error) => assert!(!error.to_string().contains(|c: char| c.is_control())),
    }
}

/// Any blob: decoded, unwrapped, searched, and its findings placed on lines.
fn text(blob: &[u8]) {
    look(&Detector::new(&RULES), blob);
}

/// Looks at a blob as a scan does, and holds what it gives to what it promises.
pub(crate) fn look(detector: &Detector<'_>, blob: &[u8]) {
    let text = Text::decode(blob);
    let added = AddedLines::new([]);
    for detection in detector.detect(&text) {
        let span = &detection.candidate.span;
        assert!(span.start < span.end && span.end <= text.bytes().len());
        let place = text.span(span);
        assert!((place.line, place.column) < (place.end_line, place.end_column));
        let mut lines = text.lines_of(span).peekable();
        assert!(lines.peek().is_some() && lines.all(|index| added.has(text.line(index))));
        assert!(!detection.candidate.secret().is_empty());
    }
}
