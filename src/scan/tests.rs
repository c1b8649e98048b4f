//! The line as a whole, from changes in memory.

use std::collections::BTreeSet;

use super::*;
use crate::change::{InMemory, Status};
use crate::confidence::Confidence;
use crate::finding::Span;
use crate::guard::GuardSettings;
use crate::lab::{Random, sample};
use crate::rules::RuleSet;
use crate::verdict::{Packed, decide};

fn added(path: &str, content: impl Into<Vec<u8>>) -> Result<Change<'static>> {
    modified(path, content, [])
}

/// A file that replaces others of these contents.
fn modified<const N: usize>(
    path: &str,
    content: impl Into<Vec<u8>>,
    replaced: [Vec<u8>; N],
) -> Result<Change<'static>> {
    let origin = InMemory {
        content: content.into(),
        replaced: replaced.into(),
        ..InMemory::default()
    };
    Ok(Change::new(path, Status::Added, EntryKind::File, origin))
}

fn key(rules: &RuleSet, id: &str, seed: u64) -> String {
    let rule = rules.find(id).unwrap();
    let sample = sample(rule, &mut Random::new(seed)).unwrap();
    String::from_utf8(sample).unwrap()
}

/// Files large enough that every core helps; each seventh has a key, each thirteenth can't be
/// had.
#[test]
fn many_threads_say_what_one_says() {
    let rules = RuleSet::builtin();
    let key = key(&rules, "anthropic-api-key", 9);
    let changes = (0..200).map(|number| {
        if number % 13 == 0 {
            return Err(anyhow::anyhow!("number {number}"));
        }
        let mut content = vec![b' '; 20_000 * (number % 5)];
        if number % 7 == 0 {
            content.extend_from_slice(key.as_bytes());
        }
        added(&format!("{number:03}"), content)
    });
    let outcome = Scan::new(Detector::new(&rules)).run(changes);
    assert_eq!(outcome.paths, 200 - 16);
    let found: Vec<String> = outcome
        .findings
        .iter()
        .map(|finding| finding.path.to_string())
        .collect();
    let expected: Vec<String> = (0..200)
        .filter(|number| number % 7 == 0 && number % 13 != 0)
        .map(|number| format!("{number:03}"))
        .collect();
    assert_eq!(found, expected);
    let unread: Vec<&str> = outcome.unread.iter().map(|it| it.reason.as_str()).collect();
    let expected: Vec<String> = (0..200)
        .step_by(13)
        .map(|number| format!("number {number}"))
        .collect();
    assert_eq!(unread, expected);
}

#[test]
fn a_trace_says_why_something_is_no_finding() {
    let rules = RuleSet::builtin();
    let [old, new] = [1, 2].map(|seed| key(&rules, "anthropic-api-key", seed));
    let secret = key(&rules, "langfuse-secret-key", 3);
    let public = key(&rules, "langfuse-public-key", 3);
    let files = || {
        [
            added(".mcp.json", "{}\n"),
            modified(
                "a.py",
                format!("x = '{old}'\ny = '{new}'\n"),
                [format!("x = '{old}'\n").into_bytes()],
            ),
            added(
                "b.py",
                format!("secret = '{secret}'\npublic = '{public}'\n"),
            ),
            added("excluded.py", format!("x = '{old}'\n")),
        ]
    };
    let line = |trace: bool| {
        Scan {
            detector: Detector::new(&rules),
            guards: Some(&Guards::new(GuardSettings::default())),
            exclude: Some(&PathGlobs::parse(&["excluded.py"]).unwrap()),
            archives: Archives::Tell,
            trace,
            shortens: None,
        }
        .run(files())
    };
    let (traced, plain) = (line(true), line(false));
    assert_eq!(traced.findings, plain.findings);
    assert_eq!(
        (&plain.dropped[..], &plain.excluded[..]),
        (&[][..], &[][..])
    );
    assert_eq!(traced.excluded, ["excluded.py"]);
    let told = |path: &str, rule: &str| {
        let mut all = traced.dropped.iter();
        let dropped = all.find(|dropped| dropped.path == path && dropped.rule == rule);
        dropped.map(|dropped| (dropped.confidence, &*dropped.because))
    };
    assert_eq!(
        told("a.py", "anthropic-api-key"),
        Some((
            Some(Confidence::Certain),
            "the commit does not add its line"
        ))
    );
    let half = told("b.py", "langfuse-public-key").expect("the half is dropped");
    assert_eq!(half.1, "it is reported with the other half of its pair");
    let rules: Vec<&str> = traced.findings.iter().map(|found| &*found.rule).collect();
    assert_eq!(rules, ["anthropic-api-key", "langfuse-secret-key"]);
    let guarded = traced
        .dropped
        .iter()
        .find(|dropped| dropped.path == ".mcp.json");
    let guarded = guarded.expect("a guard that lets a file pass says so");
    assert_eq!(
        (&*guarded.rule, guarded.confidence),
        ("guard-agent-settings", None)
    );
}

/// Whatever the detector looks at is found, or dropped for one reason.
#[test]
fn a_trace_forgets_no_candidate() {
    let rules = RuleSet::builtin();
    let mut random = Random::new(11);
    let numbered: Vec<_> = rules.iter().collect();
    for some in numbered.chunks(7) {
        let mut text = String::new();
        for rule in some {
            if let Some(sample) = sample(rule, &mut random) {
                let sample = String::from_utf8(sample).unwrap();
                text.push_str(&format!("API_KEY = \"{sample}\" # {}\n", rule.id));
            }
        }
        let detector = Detector::new(&rules);
        let decoded = Text::decode(text.as_bytes());
        let place = |rule: &str, span: &Span| (rule.to_owned(), *span);
        let all: BTreeSet<_> = detector
            .explain(&decoded)
            .iter()
            .map(|(one, _)| place(&one.rule.id, &decoded.span(&one.span)))
            .collect();
        let change = added("a.py", text.clone()).unwrap();
        let mut dropped = Vec::new();
        let mut sink = Sink::new(&change, &decoded, &mut dropped);
        let found = detector.detect_with(&decoded, &mut sink);
        let found = found.iter().map(|one| &one.candidate);
        let mut told: BTreeSet<_> = found
            .map(|one| place(&one.rule.id, &decoded.span(&one.span)))
            .collect();
        told.extend(
            dropped
                .iter()
                .map(|one| place(&one.rule, &one.span.unwrap())),
        );
        assert_eq!(told, all, "{text}");
    }
}

#[test]
fn what_an_earlier_commit_brought_is_told_once() {
    let rules = RuleSet::builtin();
    let key = key(&rules, "anthropic-api-key", 5);
    let commits = || {
        ["1", "2"].map(|id| {
            let content = format!("x = '{key}' # {id}\n");
            added("a.py", content).map(|change| change.in_commit(id.into()))
        })
    };
    for trace in [true, false] {
        let line = Scan {
            trace,
            ..Scan::new(Detector::new(&rules))
        };
        let outcome = line.run(commits());
        let commits: Vec<_> = outcome
            .findings
            .iter()
            .map(|one| one.commit.as_deref())
            .collect();
        assert_eq!(commits, [Some("1")]);
        let mut dropped = outcome.dropped.iter();
        let is_told = dropped.any(|one| one.because == "an earlier commit of these brought it");
        assert_eq!(is_told, trace);
        assert!(trace || outcome.dropped.is_empty());
    }
}

#[test]
fn a_pair_is_told_and_allowed_where_its_secret_stands() {
    let rules = RuleSet::builtin();
    for (id, secret, names) in [
        (
            "aws-access-key-id",
            "aws-secret-access-key",
            ["aws_access_key_id", "aws_secret_access_key"],
        ),
        (
            "langfuse-public-key",
            "langfuse-secret-key",
            ["LANGFUSE_PUBLIC_KEY", "LANGFUSE_SECRET_KEY"],
        ),
    ] {
        let half = format!("{} = {}", names[0], key(&rules, id, 1));
        let whole = format!("{} = {}", names[1], key(&rules, secret, 2));
        for (text, line, allowed) in [
            (format!("{half}\n{whole}\n"), 2, false),
            (format!("{whole}\n\n{half}\n"), 1, false),
            (format!("{half}\n{whole} # keyward:allow\n"), 2, true),
            (format!("{half} # keyward:allow\n\n{whole}\n"), 3, false),
            (format!("{half}\n# keyward:allow\n{whole}\n"), 3, true),
        ] {
            let origin = InMemory {
                content: text.into_bytes(),
                ..InMemory::default()
            };
            let change = Change::new("a.py", Status::Added, EntryKind::File, origin);
            let outcome = Scan::new(Detector::new(&rules)).run([Ok(change)]);
            let of_pair = outcome.findings.iter().filter(|found| found.rule == secret);
            let told: Vec<(u32, bool)> = of_pair
                .map(|found| {
                    (
                        found.span.map_or(0, |span| span.line),
                        found.comment.is_some(),
                    )
                })
                .collect();
            assert_eq!(told, [(line, allowed)], "{secret}");
        }
    }
}

fn gzipped(content: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(content).unwrap();
    gzip.finish().unwrap()
}

fn tarred(name: &str, content: &[u8]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_ustar();
    header.set_size(content.len() as u64);
    tar.append_data(&mut header, name, content).unwrap();
    tar.into_inner().unwrap()
}

/// The paths of what is found, of what nobody looked into, and of what is refused.
fn packed(archives: Archives, changes: Vec<Result<Change<'static>>>) -> [Vec<String>; 3] {
    let rules = RuleSet::builtin();
    let line = Scan {
        archives,
        ..Scan::new(Detector::new(&rules))
    };
    let outcome = line.run(changes);
    let told = |archive: &Packed| {
        let note = if archive.opens { "" } else { " (closed)" };
        format!("{}{note}", archive.path)
    };
    [
        outcome
            .findings
            .iter()
            .map(|it| it.path.to_string())
            .collect(),
        outcome.archives.iter().map(told).collect(),
        outcome
            .unread
            .iter()
            .map(|it| it.path.to_string())
            .collect(),
    ]
}

fn lists(of: [&[&str]; 3]) -> [Vec<String>; 3] {
    of.map(|list| list.iter().map(|&path| path.to_owned()).collect())
}

#[test]
fn what_is_packed_is_told_looked_into_or_refused() {
    let key = key(&RuleSet::builtin(), "anthropic-api-key", 11);
    let text = format!("x = '{key}'\n").into_bytes();
    let closed = [b"7z\xbc\xaf\x27\x1c", &[7; 40][..]].concat();
    for (archives, expected) in [
        (
            Archives::Tell,
            [
                &["c.tar!/c.py"][..],
                &["d/a.py.gz", "b.7z (closed)", "d.tar!/d.gz"],
                &[],
            ],
        ),
        (
            Archives::Look,
            [
                &["d/a.py.gz!/a.py", "c.tar!/c.py", "d.tar!/d.gz!/d"],
                &["b.7z (closed)"],
                &[],
            ],
        ),
        (
            Archives::Refuse,
            [
                &["d/a.py.gz!/a.py", "c.tar!/c.py", "d.tar!/d.gz!/d"],
                &[],
                &["b.7z"],
            ],
        ),
    ] {
        let changes = vec![
            added("d/a.py.gz", gzipped(&text)),
            added("b.7z", closed.clone()),
            added("c.tar", tarred("c.py", &text)),
            added("d.tar", tarred("d.gz", &gzipped(&text))),
        ];
        assert_eq!(packed(archives, changes), lists(expected), "{archives:?}");
    }
    // What cannot be opened at all is looked at as it is.
    let broken = [&b"PK\x03\x04 broken\n"[..], &text].concat();
    assert_eq!(
        packed(Archives::Look, vec![added("a.zip", broken)]),
        lists([&["a.zip"], &["a.zip (closed)"], &[]])
    );
    // An archive in an archive, not without end.
    let mut nested = text;
    for depth in 1..=4 {
        nested = gzipped(&nested);
        let path = format!("a.gz{}", "!/a".repeat(depth.min(3)));
        let found = packed(Archives::Look, vec![added("a.gz", nested.clone())]);
        let told = format!("{path} (closed)");
        match depth {
            4 => assert_eq!(found, lists([&[], &[&told], &[]])),
            _ => assert_eq!(found, lists([&[&path], &[], &[]])),
        }
    }
}

#[test]
fn what_an_archive_had_before_is_not_added() {
    let rules = RuleSet::builtin();
    let [old, new] = [12, 13].map(|seed| key(&rules, "anthropic-api-key", seed));
    let text = |lines: &[&str]| lines.join("\n").into_bytes();
    type Pack = fn(&[u8]) -> Vec<u8>;
    let packs: [(&str, &str, Pack); 3] = [
        ("a.gz", "a.gz!/a", gzipped),
        ("a.tar", "a.tar!/a", |text| tarred("a", text)),
        ("a.tgz", "a.tgz!/b.gz!/b", |text| {
            gzipped(&tarred("b.gz", &gzipped(text)))
        }),
    ];
    for (path, inside, pack) in packs {
        let found = |now: &[&str], before: &[&str]| {
            let before = pack(&text(before));
            let change = modified(path, pack(&text(now)), [before]);
            packed(Archives::Look, vec![change])
        };
        assert_eq!(found(&[&old, "b"], &["a", &old]), lists([&[], &[], &[]]));
        assert_eq!(
            found(&[&old, &new], &["a", &old]),
            lists([&[inside], &[], &[]])
        );
    }
    // A name in it, too.
    let now = tarred(&new, b"now");
    for (before, count) in [(tarred(&new, b"before"), 0), (tarred("a", b"before"), 1)] {
        let change = modified("a.tar", now.clone(), [before]);
        let [found, ..] = packed(Archives::Look, vec![change]);
        assert_eq!(found.len(), count);
        assert!(found.iter().all(|path| !path.contains(&new)));
    }
}

#[test]
fn what_may_pass_passes_however_it_is_wrapped() {
    let rules = RuleSet::builtin();
    let (one, other) = (
        key(&rules, "anthropic-api-key", 3),
        key(&rules, "anthropic-api-key", 4),
    );
    let line = |key: &str| format!("export ANTHROPIC_API_KEY={key}\n");
    let in_base64 = |key: &str| {
        let wrapped = crate::encoding::encode_base64_padded(line(key).as_bytes());
        format!("data: {}\n", String::from_utf8(wrapped).unwrap())
    };
    let found = Scan::new(Detector::new(&rules)).run([added("a.txt", line(&one))]);
    let may_pass = [found.findings[0].fingerprint.clone()];
    let detector = Detector::new(&rules);
    let redacted = |text: &str, may_pass: &[_]| {
        name::redacted(&detector, text.as_bytes(), Confidence::Likely, may_pass)
    };
    for text in [line(&one), in_base64(&one), line(&one).replace('=', "%3D")] {
        assert!(redacted(&text, &[]).is_some(), "a key is left");
        assert_eq!(redacted(&text, &may_pass), None);
    }
    for text in [line(&other), in_base64(&other)] {
        assert!(redacted(&text, &may_pass).is_some(), "another key passes");
    }
}

/// What a cell is the head of its column says, however far above.
#[test]
fn of_a_table_no_part_is_looked_at_without_its_head() {
    let rules = RuleSet::builtin();
    let scan = Scan::new(Detector::new(&rules));
    let mut rows = "name,api_key\n".to_owned();
    for row in 0..4_000 {
        rows.push_str(&format!("row {row},none\n"));
    }
    let cell = Random::new(3).token(40);
    let with_key = format!("{rows}row x,{cell}\n");
    let clean = |path: &str, text: &str, place| {
        scan.is_clean_but(path.into(), text.as_bytes(), std::slice::from_ref(&place))
    };
    for (path, expected) in [("a.csv", false), ("a.txt", true)] {
        let last = rows.len()..with_key.len();
        assert_eq!(clean(path, &with_key, last), Some(expected), "{path}");
        let last = rows.len() - 10..rows.len();
        assert_eq!(clean(path, &rows, last), Some(true), "{path}");
    }
    assert_eq!(clean("a.csv", &with_key, 5..12), None);
}

/// A pair is one finding, at its secret; programs that read by line mark both halves.
#[test]
fn a_pair_is_marked_from_its_first_half_to_its_last() {
    let rules = RuleSet::builtin();
    let secret = key(&rules, "langfuse-secret-key", 5);
    let public = key(&rules, "langfuse-public-key", 5);
    for (text, line, region, why) in [
        (
            format!("a: {public}\nb: {secret}\n"),
            2,
            (1, 2),
            ", the other one on line 1",
        ),
        (
            format!("b: {secret}\n\na: {public}\n"),
            1,
            (1, 3),
            ", the other one on line 3",
        ),
        (
            format!("{public} {secret}\n"),
            1,
            (1, 1),
            "both halves of the pair stand here",
        ),
    ] {
        let outcome = Scan::new(Detector::new(&rules)).run([added("a.yml", text.clone())]);
        let [finding] = &outcome.findings[..] else {
            panic!("{} findings: {text}", outcome.findings.len());
        };
        let lies = finding.region().unwrap();
        assert_eq!(finding.span.map(|span| span.line), Some(line), "{text}");
        assert_eq!((lies.line, lies.end_line), region, "{text}");
        assert!(finding.why.ends_with(why), "{}", finding.why);
    }
}

/// Nobody reads a list of ten thousand keys to its end: of a text that holds more, the rest is counted, and what an
/// entry speaks of is kept.
#[test]
fn of_very_many_findings_the_rest_is_counted() {
    let rules = RuleSet::builtin();
    let mut random = Random::new(0x4e9);
    let mut content = String::new();
    for number in 0..keep::MOST + 40 {
        let comment = if number % 1_000 == 999 {
            " # keyward:allow"
        } else {
            ""
        };
        content += &format!("password = \"{}\"{comment}\n", random.token(40));
    }
    let look = |shortens| {
        let scan = Scan {
            shortens,
            ..Scan::new(Detector::new(&rules))
        };
        scan.run([added("a.py", &*content)])
    };
    let all = look(None);
    assert!(all.further.is_empty());
    let all = all.findings;
    assert_eq!(all.len(), keep::MOST + 40);
    let last = all.last().expect("there are many");
    let entry = format!("{} {} /a.py - it is mine\n", last.fingerprint, last.rule);
    let list = AllowList::parse(entry.as_bytes(), "").expect("an entry");
    let verdict = decide(look(Some(&list)), &list, |_| Confidence::Likely);
    assert!(verdict.blocks());
    assert_eq!(verdict.blocking.len(), keep::MOST);
    assert_eq!(verdict.allowed.len(), 10 + 1);
    // The others are those with a comment, and the last one.
    assert_eq!(verdict.unlisted(), 40 - 10 - 1);
    assert_eq!((verdict.more_allowed, verdict.more_below), (0, 0));
    let [remark] = &verdict.remarks[..] else {
        panic!("{:?}", verdict.remarks);
    };
    assert!(
        remark
            .message
            .contains("a.py has 29 more findings from line 10011 on"),
        "{remark:?}"
    );
    // Where all are less sure than asked for, nothing stops.
    let verdict = decide(look(Some(&list)), &list, |_| Confidence::Certain);
    assert!(!verdict.blocks());
    assert_eq!(
        verdict.below_threshold.len() + verdict.more_below,
        keep::MOST + 29
    );
}
