//! Checks that a rule does what it says: the same for the catalog and for a user's own rules.

use std::fmt;

use super::line::lines;
use super::{Random, sample};
use crate::confidence::Confidence;
use crate::detect::Detector;
use crate::rules::format::Format;
use crate::rules::{Reach, Rule, RuleNumber, RuleSet};
use crate::text::Text;

/// A bound: how often each counterexample is drawn. Most hold nothing random.
const COUNTEREXAMPLE_DRAWS: usize = 5;

/// A bound: of so many samples one is tried in each of the rule's lines, too.
const LINES_EACH: usize = 10;

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
/// counterexamples. Each time they are the same.
pub fn check(rules: &RuleSet, number: RuleNumber, samples: usize) -> Vec<Fault> {
    let rule = rules.get(number);
    let trial = Trial {
        rule,
        detector: Detector::new(rules),
    };
    let mut random = Random::of_rule(&rule.id);
    let mut all = companion(rules, rule);
    all.extend(trial.samples(samples, &mut random));
    all.extend(trial.counterexamples(&mut random));
    let mut faults: Vec<Fault> = Vec::new();
    for what in all {
        if !faults.iter().any(|fault| fault.what == what) {
            let rule = rule.id.clone().into_owned();
            faults.push(Fault { rule, what });
        }
    }
    faults
}

/// The other half of a pair is a rule.
fn companion(rules: &RuleSet, rule: &Rule) -> Vec<String> {
    match &rule.companion {
        Some(companion) if rules.find(companion).is_none() => {
            vec![format!(
                "its companion `{companion}` is not a rule in force"
            )]
        }
        _ => Vec::new(),
    }
}

/// A rule under test. What its methods give is wrong with it, in words for its author.
struct Trial<'r> {
    rule: &'r Rule,
    detector: Detector<'r>,
}

impl Trial<'_> {
    /// Each sample is found, whole, by the rule and no other; that of a public rule by none.
    fn samples(&self, count: usize, random: &mut Random) -> Vec<String> {
        let mut faults = Vec::new();
        for at in 0..count {
            match sample(self.rule, random) {
                Some(secret) => {
                    faults.extend(self.sample(&secret));
                    if at % LINES_EACH == 0 {
                        faults.extend(self.lines(&secret, random));
                    }
                }
                None => {
                    faults.push("it takes its own samples for placeholders".into());
                    break;
                }
            }
        }
        faults
    }

    fn sample(&self, secret: &[u8]) -> Vec<String> {
        let rule = self.rule;
        let (line, start) = in_context(rule, secret);
        let text = Text::decode(&line);
        let found = self.detector.detect(&text);
        let claims: Vec<&str> = found.iter().map(|d| &*d.candidate.rule.id).collect();
        let mut faults = Vec::new();
        match claims.as_slice() {
            [] if rule.public => {}
            [] => {
                let reasons = match self.rejections(&text).as_slice() {
                    [] => "nothing there is tried".to_owned(),
                    reasons => reasons.join("; "),
                };
                faults.push(format!("it does not find its own sample ({reasons})"));
            }
            [id] if *id != rule.id || rule.public => {
                faults.push(format!("`{id}` claims its sample"));
            }
            [_] => {
                let detection = &found[0];
                if detection.judgement.confidence < rule.confidence.min(Confidence::Likely) {
                    faults.push("its sample is found, but is only `possible`".into());
                }
                let whole = start..start + secret.len();
                if !brings_context(rule) && detection.candidate.span != whole {
                    faults.push("it finds only a part of its sample".into());
                }
            }
            several => faults.push(format!(
                "its sample is found more than once: by `{}`",
                several.join("`, `")
            )),
        }
        faults
    }

    /// In each of the rule's lines the secret is found, by it or by another rule of the provider.
    fn lines(&self, secret: &[u8], random: &mut Random) -> Vec<String> {
        let rule = self.rule;
        let lines = match lines(rule, secret, random) {
            Ok(lines) => lines,
            Err(error) => return vec![format!("line: {error}")],
        };
        let source = |at: usize| {
            let given = rule.lines.get(at).map(|line| &**line);
            given.unwrap_or("that of its variable").to_owned()
        };
        let mut faults = Vec::new();
        for (at, line) in lines.iter().enumerate() {
            let text = Text::decode(line);
            let found = self.detector.detect(&text);
            let wanted = rule.confidence.min(Confidence::Likely);
            let is_told = found.iter().any(|detection| {
                // In a file of settings the rule for that file may say more.
                detection.candidate.rule.provider == rule.provider
                    && detection.judgement.confidence >= wanted
            });
            if !is_told && !rule.public {
                let claims: Vec<&str> = found.iter().map(|d| &*d.candidate.rule.id).collect();
                let reasons = self.rejections(&text).join("; ");
                faults.push(format!(
                    "it does not find its secret in the line `{}` (found by {claims:?}; {reasons})",
                    source(at)
                ));
            }
        }
        faults
    }

    /// Why the rule found nothing in a text.
    fn rejections(&self, text: &Text<'_>) -> Vec<String> {
        let candidates = self.detector.explain(text);
        candidates
            .iter()
            .filter(|(candidate, _)| candidate.rule.id == self.rule.id)
            .filter_map(|(_, judgement)| judgement.as_ref().err().map(ToString::to_string))
            .collect()
    }

    /// No rule finds more than a possible secret in a counterexample.
    fn counterexamples(&self, random: &mut Random) -> Vec<String> {
        let mut faults = Vec::new();
        for source in self.rule.counterexamples.iter() {
            match Format::parse(source) {
                Ok(format) => {
                    for _ in 0..COUNTEREXAMPLE_DRAWS {
                        let drawn = format.sample(&mut |limit| random.below(limit));
                        let ids = self.claims(&drawn).into_iter();
                        faults.extend(
                            ids.map(|id| format!("`{id}` claims the counterexample `{source}`")),
                        );
                    }
                }
                Err(error) => faults.push(format!("counterexample `{source}`: {error}")),
            }
        }
        faults
    }

    /// The rules that find more than a possible secret in a counterexample.
    fn claims(&self, counterexample: &[u8]) -> Vec<String> {
        let (line, _) = in_context(self.rule, counterexample);
        let text = Text::decode(&line);
        let found = self.detector.detect(&text);
        found
            .iter()
            .filter(|detection| detection.judgement.confidence > Confidence::Possible)
            .map(|detection| detection.candidate.rule.id.clone().into_owned())
            .collect()
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::words::RuleWords;

    #[derive(serde::Deserialize)]
    struct File {
        rule: Vec<RuleWords>,
    }

    /// What is wrong with the first of some rules, each given without its name.
    fn faults(rules: &[&str]) -> Vec<String> {
        let text = rules
            .iter()
            .map(|rule| format!("[[rule]]\nname = 'A key'\n{rule}\n"));
        let file: File = toml::from_str(&text.collect::<String>()).unwrap();
        let set = RuleSet::with(file.rule.iter().map(|words| (None, words))).unwrap();
        let number = set.number_of(&file.rule[0].id).unwrap();
        let faults = check(&set, number, 20);
        faults.into_iter().map(|fault| fault.what).collect()
    }

    #[test]
    fn the_author_of_a_rule_is_told_what_it_does_wrong() {
        let good = "id = 'acme-key'\nformat = 'acme_<base62:30>'\n";
        let pattern = "id = 'acme-key'\npattern = 'acme_[0-9A-Za-z]{30}'\nkeywords = ['acme_']\n";
        for (rules, told) in [
            (&[good][..], None),
            (
                &[&*format!("{good}companion = 'acme-id'")],
                Some("its companion `acme-id` is not a rule in force"),
            ),
            (
                &["id = 'acme-key'\nformat = 'acme_<[a]:30>'"],
                Some("it takes its own samples for placeholders"),
            ),
            (
                &[&format!("{pattern}examples = ['acme_<base62:20>']")],
                Some("it does not find its own sample (nothing there is tried)"),
            ),
            (
                &[&format!("{pattern}examples = ['acme_<[x]:30>']")],
                Some("it does not find its own sample (a placeholder: characters in order)"),
            ),
            (
                &[
                    "id = 'acme-key'\nformat = 'acme_<[l]:1><base62:29>'",
                    "id = 'acme-more'\nformat = 'acme_l<base62:29>'",
                ],
                Some("`acme-more` claims its sample"),
            ),
            (
                &[&format!(
                    "{pattern}examples = ['acme_<base62:30> acme_<base62:30>']"
                )],
                Some("its sample is found more than once: by `acme-key`, `acme-key`"),
            ),
            (
                &[&format!("{good}counterexamples = ['acme_<base62:30>']")],
                Some("`acme-key` claims the counterexample `acme_<base62:30>`"),
            ),
            (
                &[&format!("{good}counterexamples = ['acme_<base62>']")],
                Some(
                    "counterexample `acme_<base62>`: `<base62>` has no length: write `<base62:20>`",
                ),
            ),
            (&[&format!("{good}public = true")], None),
        ] {
            assert_eq!(
                faults(rules),
                Vec::from_iter(told.map(str::to_owned)),
                "{rules:?}"
            );
        }
    }
}
