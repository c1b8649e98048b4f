//! Which rules claim the same secrets, and which of them gets a secret: told to people who ask.
//!
//! The order itself is that of `settle` in the [detector](crate::detect).

use super::{Random, sample};
use crate::rules::{Reach, Rule, RuleNumber, RuleSet};

/// A bound: how many samples are compared. Rules share a shape or do not; few share a part of one.
const SAMPLES: usize = 20;

/// Why one of two rules whose formats a secret has gets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Why {
    /// This one is of a named service, the other may be of any.
    Named,
    /// This one has more fixed characters.
    SaysMore,
    /// The other is of a named service.
    OtherNamed,
    /// The other has more fixed characters.
    OtherSaysMore,
    /// Neither says more: the one whose provider is named nearest gets it.
    Nearest,
}

/// The rules whose formats the samples of a rule have too, with why which of them gets such a secret.
pub(crate) fn rivals(rules: &RuleSet, number: RuleNumber) -> Vec<(&Rule, Why)> {
    let rule = rules.get(number);
    // The secret of a pattern or of a name is told by what stands around it.
    if matches!(rule.reach, Reach::Around | Reach::Named) {
        return Vec::new();
    }
    let mut random = Random::of_rule(&rule.id);
    let samples: Vec<Vec<u8>> = (0..SAMPLES)
        .filter_map(|_| sample(rule, &mut random))
        .collect();
    let has_format = |number: RuleNumber, other: &Rule, secret: &[u8]| {
        (other.min_len..=other.max_len).contains(&secret.len())
            && secret.starts_with(other.prefix.as_bytes())
            && rules
                .pattern(number)
                .find(secret)
                .is_some_and(|found| found.len() == secret.len())
    };
    rules
        .numbered()
        .filter(|&(at, other)| {
            at != number
                && !matches!(other.reach, Reach::Around | Reach::Named)
                && samples.iter().any(|secret| has_format(at, other, secret))
        })
        .map(|(_, other)| (other, why(rule, other)))
        .collect()
}

fn why(rule: &Rule, other: &Rule) -> Why {
    match (rule.generic, other.generic) {
        (false, true) => Why::Named,
        (true, false) => Why::OtherNamed,
        _ if rule.literal_len > other.literal_len => Why::SaysMore,
        _ if rule.literal_len < other.literal_len => Why::OtherSaysMore,
        _ => Why::Nearest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn between(id: &str, other: &str) -> Option<Why> {
        let rules = RuleSet::builtin();
        let number = rules.number_of(id).unwrap();
        rivals(&rules, number)
            .into_iter()
            .find(|(rival, _)| rival.id == other)
            .map(|(_, why)| why)
    }

    #[test]
    fn rules_of_one_shape_know_each_other() {
        let compatible = "openai-compatible-api-key";
        assert_eq!(between("deepseek-api-key", compatible), Some(Why::Named));
        assert_eq!(
            between(compatible, "deepseek-api-key"),
            Some(Why::OtherNamed)
        );
        assert_eq!(
            between("deepseek-api-key", "dashscope-api-key"),
            Some(Why::Nearest)
        );
        assert_eq!(
            between("anthropic-api-key", "anthropic-other-key"),
            Some(Why::SaysMore)
        );
        assert_eq!(
            between("github-personal-token", "gitlab-personal-token"),
            None
        );
    }
}
