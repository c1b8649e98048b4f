//! Real commits with a key of every rule.

use std::collections::BTreeSet;

use keyward::parts::confidence::Confidence;
use keyward::parts::lab::{Random, name_of, sample};
use keyward::parts::rules::RuleSet;

use crate::support::contexts::Context;
use crate::support::{Reading, Scratch};

/// Further than the context of one key reaches.
const GAP: &str = "\n\n\n\n\n\n\n\n\n\n";

#[test]
fn a_commit_with_a_key_of_any_rule_is_refused_and_the_rule_named() {
    let rules = RuleSet::builtin();
    let expected: BTreeSet<&str> = rules
        .iter()
        .filter(|rule| !rule.public && rule.confidence > Confidence::Possible)
        .map(|rule| &*rule.id)
        .collect();
    for (context, path) in [
        (Context::Python, "app.py"),
        // A text for people would be an example, in which some keys are only possible.
        (Context::Dotenv, "settings.conf"),
        (Context::Yaml, "deploy.yaml"),
        (Context::Json, "config.json"),
        (Context::Shell, "run.sh"),
    ] {
        let scratch = Scratch::new(Reading::Default);
        scratch.hook("pre-commit");
        let mut random = Random::new(context as u64);
        let mut text = Vec::new();
        for id in &expected {
            let rule = rules.find(id).unwrap();
            let key = sample(rule, &mut random).unwrap();
            text.extend(context.write(&name_of(rule), &key).line);
            text.extend(GAP.as_bytes());
        }
        scratch.add(path, &text);

        let told = scratch.keyward(&["scan", "--staged", "--format", "json"]);
        assert_eq!(told.code, Some(1), "{path}: {}", told.stderr);
        let named: BTreeSet<&str> = told
            .stdout
            .lines()
            .filter_map(|line| line.split("\"rule\":\"").nth(1)?.split('"').next())
            .collect();
        let missed: Vec<&&str> = expected.difference(&named).collect();
        assert!(missed.is_empty(), "{path}: {missed:?}");
        scratch.is_refused(&["commit", "-m", "a key of every rule"]);
    }
}
