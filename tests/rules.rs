//! The catalog proves itself: every rule finds its own samples, no other rule claims them, and no
//! rule finds what it must not.

use keyward::detect::check::check;
use keyward::rules::RuleSet;

#[test]
fn each_rule_finds_its_samples_alone_and_no_counterexample() {
    let rules = RuleSet::builtin();
    let faults: Vec<String> = rules
        .numbered()
        .flat_map(|(number, _)| check(&rules, number, 50, 0x6b65_7977))
        .map(|fault| fault.to_string())
        .collect();
    assert!(
        faults.is_empty(),
        "{} faults:\n{}",
        faults.len(),
        faults.join("\n")
    );
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
        assert!(
            !rule.regex.is_empty() && rule.regex.is_ascii(),
            "{}",
            rule.id
        );
        let _ = rules.regex(number);
        let provider = &rule.provider;
        for page in [
            &provider.docs,
            &provider.revoke,
            &provider.usage,
            &provider.limit,
        ] {
            assert!(
                page.is_empty() || page.starts_with("https://"),
                "{}: {page}",
                rule.id
            );
        }
    }
}
