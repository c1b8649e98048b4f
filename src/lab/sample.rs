//! Random samples of secrets: for tests, and for the self-test of an installation.

use regex::bytes::RegexBuilder;

use super::Random;
use crate::proof::Check;
use crate::rules::format::Format;
use crate::rules::{Reach, Rule};
use crate::words::randomness::entropy;
use crate::words::wordy::is_wordy;

/// A bound: how often a sample is drawn before the rule is at fault. One in a million looks like a
/// placeholder.
const DRAWS: usize = 20;

/// A random secret of a rule, with its check characters right. For a rule with a pattern it is one
/// of its examples, filled at random: the secret with what must stand around it.
///
/// `None` if the rule rejects what its own format describes.
pub fn sample(rule: &Rule, random: &mut Random) -> Option<Vec<u8>> {
    // A rule of which no draw passes is one that says something wrong; the caller's test shows it.
    for _ in 0..DRAWS {
        let source = &rule.samples[random.below(rule.samples.len())];
        let format =
            Format::parse(source).expect("the formats were parsed when the rule was compiled");
        let mut secret = format.sample(&mut |limit| random.below(limit));
        if rule.reach == Reach::Named {
            return Some(secret);
        }
        if rule.reach == Reach::Around {
            seal_within(rule, &mut secret, random);
            return Some(secret);
        }
        if let Some(checksum) = rule.checksum {
            checksum.seal(&mut secret, &mut |limit| random.below(limit));
        }
        // A valid structure may be longer than the format allows.
        if secret.len() > rule.max_len {
            continue;
        }
        // The judge goes by what follows the literal that led to the secret.
        let public = rule
            .literals
            .iter()
            .filter(|literal| secret.starts_with(literal.text.as_bytes()))
            .map(|literal| literal.text.len())
            .filter(|_| rule.reach == Reach::Anchored)
            .max()
            .unwrap_or_default();
        let body = &secret[rule.prefix.len().max(public)..];
        if rule.placeholder(&secret, body).is_none()
            && entropy(body) >= rule.min_entropy
            && !is_wordy(body)
        {
            return Some(secret);
        }
    }
    None
}

/// Makes the secret in an example valid, if the rule has a checksum.
fn seal_within(rule: &Rule, example: &mut Vec<u8>, random: &mut Random) {
    let Some(checksum) = rule.checksum else {
        return;
    };
    let Ok(regex) = RegexBuilder::new(&rule.regex).unicode(false).build() else {
        return;
    };
    let Some(captures) = regex.captures(example) else {
        return;
    };
    let Some(span) = captures
        .name("secret")
        .or_else(|| captures.get(0))
        .map(|m| m.range())
    else {
        return;
    };
    let mut secret = example[span.clone()].to_vec();
    if checksum.check(&secret) != Check::Valid {
        checksum.seal(&mut secret, &mut |limit| random.below(limit));
        example.splice(span, secret);
    }
}
