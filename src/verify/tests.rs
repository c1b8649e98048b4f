//! Every row is asked over TLS of a server on this machine that plays its provider.

#![cfg(feature = "network-tests")]

use std::collections::BTreeMap;
use std::time::Duration;

use ureq::tls::{PemItem, parse_pem};

#[path = "../../tests/support/provider.rs"]
mod provider;

use self::provider::{Manner, Provider, Reply};
use super::answer::tests::fulfilling;
use super::table::{self, Row};
use super::*;
use crate::lab::{Random, sample};
use crate::rules::RuleSet;

fn network(provider: &Provider, patience: Duration) -> Network {
    let items = parse_pem(provider.authority.as_bytes());
    let certificates = items.filter_map(|item| match item {
        Ok(PemItem::Certificate(it)) => Some(it),
        _ => None,
    });
    Network {
        roots: Some(certificates.collect()),
        patience,
        port: Some(provider.port),
    }
}

const PATIENCE: Duration = Duration::from_secs(120);

/// A key that such a row is asked of.
fn key_of(row: &Row, random: &mut Random, rules: &RuleSet) -> Vec<u8> {
    if let Some(host) = row.address.first() {
        let host = host.replace('*', "acme");
        return format!("https://{host}/services/{}", random.token(24)).into_bytes();
    }
    let rule = rules.find(&row.rules[0]).expect("a rule");
    let drawn = sample(rule, random).filter(|it| it.is_ascii() && !it.contains(&b'\n'));
    let mut key = drawn.unwrap_or_else(|| random.token(40).into_bytes());
    if row.sign.is_some() {
        // Some are base64, and all others may be.
        key = random.token(44).into_bytes();
    }
    key
}

/// What a page says of a row.
fn cells(row: &Row) -> String {
    let rules: Vec<String> = row.rules.iter().map(|it| format!("`{it}`")).collect();
    let (host, path) = fill::split(&row.url);
    let path = path.split('?').next().unwrap_or(path);
    let place = match row.address.first() {
        Some(host) => format!("`{} https://{host}/`", row.method()),
        None => format!("`{} https://{host}{path}`", row.method()),
    };
    format!("| {} | {place} |", rules.join(", "))
}

#[test]
fn the_page_has_every_row() {
    const HEAD: &str = "{host} and other names in braces stand for what stands beside the key.\n\n";
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/reference/verify.md");
    let page = std::fs::read_to_string(path).expect("the page");
    let (written, _) = page.split_once(HEAD).expect("the head of the tables");
    let mut made = format!("{written}{HEAD}| kind of key | is asked by |\n|---|---|\n");
    for row in table::all().filter(|row| row.done.is_empty()) {
        made.push_str(&cells(row));
        made.push('\n');
    }
    made.push_str("\n## Who takes keys back\n\n| kind of key | is revoked by | what it does |\n|---|---|---|\n");
    for row in table::all().filter(|row| !row.done.is_empty()) {
        made.push_str(&format!("{} {} |\n", cells(row), row.does));
    }
    if std::env::var_os("KEYWARD_WRITE_DOCS").is_some() {
        std::fs::write(path, &made).expect("the page can be written");
    }
    let held = std::fs::read_to_string(path).expect("the page");
    assert!(
        held == made,
        "docs/reference/verify.md is out of date: KEYWARD_WRITE_DOCS=1 cargo test --locked --features network-tests \
         --lib verify"
    );
}

/// What stands beside it.
fn beside(row: &Row, random: &mut Random) -> BTreeMap<String, String> {
    let names = fill::wanted(row, &row.rules[0]).into_iter();
    names
        .map(|name| {
            let value = random.token(12).to_lowercase();
            (name, format!("acme{value}"))
        })
        .collect()
}

/// Asks a row, and gives what came of it with what the provider saw.
fn asked(
    row: &'static Row,
    provider: &Provider,
    network: &Network,
    replies: &dyn Fn(&Values<'_>) -> Reply,
) -> (Verdict, String, Vec<provider::Asked>) {
    let rules = RuleSet::builtin();
    let mut random = Random::new(7);
    let key = key_of(row, &mut random, &rules);
    let given = beside(row, &mut random);
    let case = Case {
        rule: &row.rules[0],
        key: &key,
        redacted: "…",
        near: None,
        given: &given,
    };
    provider.answers([replies(&values(&case, row))]);
    let verdict = verify(&case, network);
    let key = String::from_utf8_lossy(&key).into_owned();
    (verdict, key, provider.asked())
}

#[test]
fn every_row_reaches_its_provider_and_hears_its_answers() {
    let provider = Provider::start();
    let network = network(&provider, PATIENCE);
    for row in table::checks() {
        let live = &row.live[0];
        let (verdict, key, seen) = asked(row, &provider, &network, &|values| {
            let answer = fulfilling(live, values, row);
            Reply::json(answer.status, answer.body)
        });
        let rules = &row.rules;
        let is_head = row.method() == "HEAD";
        assert_eq!(verdict.state, State::Live, "{rules:?}: {}", verdict.why);
        assert_eq!(seen.len(), 1, "{rules:?}");
        assert!(
            seen[0].line.starts_with(&format!("{} /", row.method())),
            "{rules:?}"
        );
        let told = format!("{verdict:?}");
        assert!(!told.contains(&key), "{rules:?}");
        // The key stands in the address only where there is no other way.
        if !row.url.contains("{key}") && row.parts.is_empty() {
            assert!(!seen[0].line.contains(&key), "{rules:?}");
        }
        let signs = row.sign.as_ref().map(|it| it.secret.clone());
        if signs.is_some_and(|it| it == "{key}" || it == format!("{{{}}}", rules[0])) {
            assert!(!format!("{:?}", seen[0]).contains(&key), "{rules:?}");
        }
        let Some(dead) = row.dead.iter().find(|_| !is_head) else {
            continue;
        };
        let (verdict, _, seen) = asked(row, &provider, &network, &|values| {
            let answer = fulfilling(dead, values, row);
            Reply::json(answer.status, answer.body)
        });
        assert_eq!(verdict.state, State::Dead, "{rules:?}: {}", verdict.why);
        assert_eq!(seen.len(), row.hosts.len().max(1), "{rules:?}");
    }
}

#[test]
fn an_odd_answer_says_nothing_of_a_key() {
    let provider = Provider::start();
    let network_of = |patience| network(&provider, patience);
    let network = network_of(PATIENCE);
    let page = "<!DOCTYPE html><title>Sign in</title>";
    let elsewhere = Reply {
        headers: vec![("Location", "https://elsewhere.example/user".to_owned())],
        ..Reply::json(302, "")
    };
    let odd: &[(Reply, &str)] = &[
        (Reply::of(200, "text/html", page), "a page came instead"),
        (Reply::of(401, "text/html", page), "a page came instead"),
        (
            Reply::of(403, "text/plain", "blocked by policy"),
            "may be a proxy's",
        ),
        (Reply::json(407, "{}"), "a proxy or a portal"),
        (Reply::json(429, "{}"), "too often"),
        (Reply::json(500, "{}"), "not well (500)"),
        (Reply::json(503, "{"), "not well (503)"),
        (elsewhere, "leads elsewhere"),
        (Reply::json(200, "{\"login\": \"an"), "came broken"),
        (Reply::json(200, vec![b' '; 2 << 20]), "longer than is read"),
        (
            Reply {
                manner: Manner::Cut,
                ..Reply::json(401, "{\"message\": \"Bad credentials\"}")
            },
            "broke off",
        ),
    ];
    let row = table::check_of("github-personal-token").expect("a row");
    for (reply, expected) in odd {
        let (verdict, _, seen) = asked(row, &provider, &network, &|_| reply.clone());
        assert_eq!(verdict.state, State::Unknown, "{expected}");
        assert!(
            verdict.why.contains(expected),
            "{}: {expected}",
            verdict.why
        );
        assert_eq!(seen.len(), 1, "{expected}");
    }
    let silent = Reply {
        manner: Manner::Never,
        ..Reply::json(200, "{}")
    };
    let hasty = network_of(Duration::from_millis(300));
    let (verdict, ..) = asked(row, &provider, &hasty, &|_| silent.clone());
    assert_eq!(verdict.state, State::Unknown);
    assert!(
        verdict.why.contains("did not answer in time"),
        "{}",
        verdict.why
    );
    // Whom nobody trusts is told nothing.
    let mut strangers = network_of(PATIENCE);
    strangers.roots = None;
    let (verdict, _, seen) = asked(row, &provider, &strangers, &|_| Reply::json(200, "{}"));
    assert!(
        verdict.why.contains("no authority that is trusted"),
        "{}",
        verdict.why
    );
    assert!(seen.is_empty());
    // A build for development reaches nobody else.
    let mut nowhere = network_of(PATIENCE);
    nowhere.port = None;
    let (verdict, _, seen) = asked(row, &provider, &nowhere, &|_| Reply::json(200, "{}"));
    assert!(verdict.why.contains("can't be found"), "{}", verdict.why);
    assert!(seen.is_empty());
}

#[test]
fn every_revocation_is_sent_and_believed_only_by_the_providers_word() {
    let provider = Provider::start();
    let network = network(&provider, PATIENCE);
    let rules = RuleSet::builtin();
    for row in table::all().filter(|row| !row.done.is_empty()) {
        let mut random = Random::new(9);
        let rule = &row.rules[0];
        let key = match rule.as_str() {
            "tailscale-key" => format!("tskey-api-{}-{}", random.token(9), random.token(20)).into(),
            _ => key_of(row, &mut random, &rules),
        };
        let given = beside(row, &mut random);
        let case = Case {
            rule,
            key: &key,
            redacted: "…",
            near: None,
            given: &given,
        };
        let revocation = Revocation::of(&case).unwrap_or_else(|why| panic!("{rule}: {why}"));
        let key = String::from_utf8_lossy(&key);
        for shown in revocation.shown() {
            let told = format!("{shown:?}");
            assert!(!told.contains(&*key), "{rule}: {told}");
        }
        let done = fulfilling(&row.done[0], &values(&case, row), row);
        provider.answers([Reply::json(done.status, done.body)]);
        assert_eq!(revocation.make(&case, &network), Ok(()), "{rule}");
        assert_eq!(provider.asked().len(), 1, "{rule}");
        for no in [
            Reply::of(200, "text/html", "<html>"),
            Reply::json(401, "{}"),
            Reply::json(500, "{}"),
        ] {
            provider.answers([no]);
            assert!(revocation.make(&case, &network).is_err(), "{rule}");
        }
    }
}

#[test]
fn every_row_is_of_a_rule_and_says_where_it_was_read() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/rules/catalog/verify");
    let rules = RuleSet::builtin();
    let mut count = 0;
    for file in std::fs::read_dir(folder).expect("the folder") {
        let path = file.expect("a file").path();
        let stem = path.file_stem().and_then(|it| it.to_str()).expect("a name");
        let text = std::fs::read_to_string(&path).expect("a text");
        let table: toml::Table = toml::from_str(&text).expect("TOML");
        for row in table.values().flat_map(|it| it.as_array().expect("rows")) {
            let list = |name: &str| {
                let all = row.get(name).and_then(toml::Value::as_array);
                all.into_iter().flatten().filter_map(toml::Value::as_str)
            };
            assert!(list("sources").next().is_some(), "{stem}");
            let sure = row.get("sure").and_then(toml::Value::as_str);
            assert!(matches!(sure, Some("high" | "medium")), "{stem}");
            for rule in list("rules") {
                assert!(rules.find(rule).is_some(), "{stem}: {rule}");
                assert!(rule.starts_with(&format!("{stem}-")), "{stem}: {rule}");
                count += 1;
            }
        }
    }
    assert_eq!(
        count,
        table::all().map(|row| row.rules.len()).sum::<usize>()
    );
    assert!(count > 550, "{count}");
    for row in table::all() {
        for rule in &row.rules {
            let same = table::all()
                .filter(|it| it.rules.contains(rule) && it.done.is_empty() == row.done.is_empty());
            assert_eq!(same.count(), 1, "{rule}");
        }
    }
}
