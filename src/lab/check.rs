//! Checks that a rule does what it says: the same for the catalog and for a user's own rules.

use std::fmt;

use super::{Random, sample};
use crate::detect::Detector;
use crate::finding::Confidence;
use crate::rules::format::Format;
use crate::rules::{Reach, Rule, RuleSet};
use crate::text::Text;

/// What is wrong with a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The rule's id.
    pub rule: String,
    /// What is wrong, in words for its author.
    pub what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rule `{}`: {}", self.rule, self.what)
    }
}

/// Draws `samples` random secrets of a rule and looks at who claims each; then at each of its
/// counterexamples. The same seed draws the same samples.
pub fn check(rules: &RuleSet, number: usize, samples: usize, seed: u64) -> Vec<Fault> {
    let rule = rules.get(number);
    let detector = Detector::new(rules);
    let mut random = Random::new(seed);
    let mut faults: Vec<Fault> = Vec::new();
    let mut fault = |what: String| {
        let fault = Fault {
            rule: rule.id.clone().into_owned(),
            what,
        };
        if !faults.contains(&fault) {
            faults.push(fault);
        }
    };
    if let Some(companion) = &rule.companion
        && rules.find(companion).is_none()
    {
        fault(format!("its companion `{companion}` is no rule"));
    }
    for _ in 0..samples {
        let Some(secret) = sample(rule, &mut random) else {
            fault("it takes its own samples for placeholders".into());
            break;
        };
        let (line, start) = in_context(rule, &secret);
        let text = Text::decode(&line);
        let found = detector.detect(&text);
        let claims: Vec<&str> = found.iter().map(|d| &*d.candidate.rule.id).collect();
        match claims.as_slice() {
            [] if rule.public => {}
            [] => {
                let reasons: Vec<String> = detector
                    .explain(&text)
                    .iter()
                    .filter(|(candidate, _)| candidate.rule.id == rule.id)
                    .filter_map(|(_, judgement)| judgement.as_ref().err().map(ToString::to_string))
                    .collect();
                fault(format!(
                    "it does not find its own sample ({})",
                    reasons.join("; ")
                ));
            }
            [id] if *id != rule.id || rule.public => fault(format!("`{id}` claims its sample")),
            [_] => {
                let detection = &found[0];
                if detection.judgement.confidence < rule.confidence.min(Confidence::Likely) {
                    fault("its sample is only possible".into());
                }
                if !brings_context(rule)
                    && detection.candidate.span != (start..start + secret.len())
                {
                    fault("it finds only a part of its sample".into());
                }
            }
            several => fault(format!("its sample gives several findings: {several:?}")),
        }
    }
    for source in rule.counterexamples.iter() {
        let format = match Format::parse(source) {
            Ok(format) => format,
            Err(error) => {
                fault(format!("counterexample `{source}`: {error}"));
                continue;
            }
        };
        for _ in 0..5 {
            let (line, _) = in_context(rule, &format.sample(&mut |limit| random.below(limit)));
            let text = Text::decode(&line);
            for detection in detector.detect(&text) {
                if detection.judgement.confidence > Confidence::Possible {
                    let id = &detection.candidate.rule.id;
                    fault(format!("`{id}` claims the counterexample `{source}`"));
                }
            }
        }
    }
    faults
}

/// Whether the rule's samples hold what must stand around the secret.
fn brings_context(rule: &Rule) -> bool {
    matches!(rule.reach, Reach::Around | Reach::Named)
}

/// A line as a program would hold the secret, with the provider named where the rule asks for it,
/// and where in the line the secret starts.
fn in_context(rule: &Rule, secret: &[u8]) -> (Vec<u8>, usize) {
    let mut line = match rule.reach {
        Reach::Around | Reach::Named => Vec::new(),
        Reach::Near => {
            let name = rule.env.first().unwrap_or(&rule.literals[0].text);
            format!("{name}=\"").into_bytes()
        }
        Reach::Anchored => b"value = \"".to_vec(),
    };
    let start = line.len();
    line.extend_from_slice(secret);
    line.extend_from_slice(if brings_context(rule) { b"\n" } else { b"\"\n" });
    (line, start)
}
