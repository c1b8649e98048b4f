//! SARIF 2.1.0, for code scanning and editors.
//!
//! One run with one result for each finding; the rules that found something stand in the tool's
//! description with their help. `partialFingerprints` holds the finding's own fingerprint, which
//! stays when lines move. What could not be read is a notification of level `error`, and the
//! invocation then did not succeed.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::{Serialize, Serializer};

use super::advice;
use super::ascii;
use super::facts::{Facts, Level, Note, findings, message_of, notes};
use super::{Report, Style};
use crate::confidence::Confidence;
use crate::finding::{Finding, Span};
use crate::verdict::Verdict;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

pub(super) fn write(report: &Report, _: &Style, out: &mut dyn Write) -> io::Result<()> {
    let rules = Rules::of(&report.verdict);
    let results = Results {
        verdict: &report.verdict,
        numbers: &rules.numbers,
    };
    let log = Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: "keyward",
                    information_uri: env!("CARGO_PKG_REPOSITORY"),
                    semantic_version: env!("CARGO_PKG_VERSION"),
                    rules: &rules.list,
                },
            },
            invocations: [Invocation {
                execution_successful: report.verdict.unread.is_empty(),
                tool_execution_notifications: notes(report).map(|n| notification(&n)).collect(),
            }],
            column_kind: "unicodeCodePoints",
            results,
        }],
    };
    ascii::line(&log, out)
}

#[derive(Serialize)]
struct Log<'v> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'v>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'v> {
    tool: Tool<'v>,
    invocations: [Invocation; 1],
    column_kind: &'static str,
    results: Results<'v>,
}

/// The results, each made as it is written.
struct Results<'v> {
    verdict: &'v Verdict,
    numbers: &'v BTreeMap<&'v str, usize>,
}

impl Serialize for Results<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let results = findings(self.verdict);
        serializer.collect_seq(results.map(|(finding, level)| {
            let number = self.numbers.get(&*finding.rule).copied();
            result(finding, level, number.unwrap_or_default())
        }))
    }
}

#[derive(Serialize)]
struct Tool<'v> {
    driver: Driver<'v>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver<'v> {
    name: &'static str,
    information_uri: &'static str,
    semantic_version: &'static str,
    rules: &'v [Rule],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: String,
    short_description: Message,
    full_description: Message,
    help: Message,
    #[serde(skip_serializing_if = "Option::is_none")]
    help_uri: Option<String>,
    default_configuration: Configuration,
    properties: RuleProperties,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct RuleProperties {
    tags: [&'static str; 2],
    precision: &'static str,
    #[serde(rename = "security-severity")]
    security_severity: &'static str,
}

#[derive(Serialize)]
struct Message {
    text: String,
}

impl Message {
    /// A text in which nothing is a placeholder or a link.
    fn new(text: &str) -> Self {
        let mut out = String::with_capacity(text.len());
        for c in text.chars() {
            match c {
                '{' => out.push_str("{{"),
                '}' => out.push_str("}}"),
                '[' | ']' | '\\' => out.extend(['\\', c]),
                c => out.push(c),
            }
        }
        Self { text: out }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
    tool_execution_notifications: Vec<Notification>,
}

#[derive(Serialize)]
struct Notification {
    level: &'static str,
    message: Message,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations: Vec<Location>,
    descriptor: Descriptor,
}

#[derive(Serialize)]
struct Descriptor {
    id: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult {
    rule_id: String,
    rule_index: usize,
    level: &'static str,
    message: Message,
    locations: [Location; 1],
    partial_fingerprints: Fingerprints,
    properties: ResultProperties,
}

#[derive(Serialize)]
struct Fingerprints {
    #[serde(rename = "keyward/v1")]
    own: String,
}

#[derive(Serialize)]
struct ResultProperties {
    confidence: &'static str,
    mend: String,
    allow: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: PhysicalLocation,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<Region>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactLocation {
    uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri_base_id: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_column: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_column: Option<usize>,
}

/// The rules that found something, in the order in which they come.
#[derive(Default)]
struct Rules<'v> {
    list: Vec<Rule>,
    numbers: BTreeMap<&'v str, usize>,
}

impl<'v> Rules<'v> {
    fn of(verdict: &'v Verdict) -> Self {
        let mut rules = Self::default();
        for (finding, becomes) in findings(verdict) {
            if !rules.numbers.contains_key(&*finding.rule) {
                rules.add(finding, level(becomes, finding.confidence));
            }
        }
        rules
    }

    fn add(&mut self, finding: &'v Finding, level: &'static str) {
        let facts = Facts::of(finding);
        let (precision, security_severity) = match finding.confidence {
            Confidence::Certain => ("very-high", "9.0"),
            Confidence::Likely => ("high", "8.0"),
            Confidence::Possible => ("low", "5.0"),
        };
        self.numbers.insert(&finding.rule, self.list.len());
        self.list.push(Rule {
            id: finding.rule.to_string(),
            short_description: Message::new(&finding.name),
            full_description: Message::new(&match facts.kind {
                "secret" => format!("{} in a file of the repository", finding.name),
                _ => format!("{}: a file that holds secrets by its name", finding.name),
            }),
            help: Message::new(&help(&facts)),
            help_uri: facts.revoke.map(str::to_owned),
            default_configuration: Configuration { level },
            properties: RuleProperties {
                tags: ["security", "secret"],
                precision,
                security_severity,
            },
        });
    }
}

/// What to do about findings of a rule, whichever it is.
fn help(facts: &Facts<'_>) -> String {
    let mut out = match facts.kind {
        "secret" => {
            let variable = match &facts.env {
                Some(env) => format!(", such as {env}"),
                None => String::new(),
            };
            format!(
                "Take it out of the file and read it from an environment variable{variable}, or \
                 from a secret manager."
            )
        }
        _ => "Take the file out of the repository, and have .gitignore cover it.".to_owned(),
    };
    out.push_str(" If it was ever pushed or shared, revoke it");
    match facts.revoke {
        Some(page) => out.push_str(&format!(": {page}")),
        None => out.push('.'),
    }
    // Which one is no secret, each finding says for itself.
    out.push_str(" Only what is not a secret is allowed: each finding has the command.");
    out
}

fn level(becomes: Level, confidence: Confidence) -> &'static str {
    match (becomes, confidence) {
        (Level::Blocking, Confidence::Certain | Confidence::Likely) => "error",
        (Level::Warning, _) => "warning",
        (Level::Blocking, Confidence::Possible) | (Level::Held, _) => "note",
    }
}

fn result(finding: &Finding, becomes: Level, rule_index: usize) -> SarifResult {
    let facts = Facts::of(finding);
    let region = match finding.region().map(Span::numbers) {
        Some([start_line, start_column, end_line, end_column]) => Region {
            start_line,
            start_column: Some(start_column),
            end_line: Some(end_line),
            end_column: Some(end_column),
        },
        // Code scanning shows nothing without a line.
        None => Region {
            start_line: 1,
            start_column: None,
            end_line: None,
            end_column: None,
        },
    };
    SarifResult {
        rule_id: finding.rule.to_string(),
        rule_index,
        level: level(becomes, finding.confidence),
        message: Message::new(&message_of(finding, &facts, becomes)),
        locations: [Location {
            physical_location: PhysicalLocation {
                artifact_location: artifact(&finding.path),
                region: Some(region),
            },
        }],
        partial_fingerprints: Fingerprints {
            own: finding.fingerprint.to_string(),
        },
        properties: ResultProperties {
            confidence: finding.confidence.as_str(),
            mend: facts.mend,
            allow: advice::allow(finding.fingerprint.id()),
        },
    }
}

fn notification(note: &Note<'_>) -> Notification {
    let location = || Location {
        physical_location: PhysicalLocation {
            artifact_location: artifact(note.path),
            region: None,
        },
    };
    Notification {
        level: if note.unread { "error" } else { "warning" },
        message: Message::new(note.message),
        locations: (!note.path.is_empty()).then(location).into_iter().collect(),
        descriptor: Descriptor { id: note.kind },
    }
}

/// A path as a URI: relative to the top of the repository, unless it was given as absolute.
fn artifact(path: &[u8]) -> ArtifactLocation {
    let absolute = path.starts_with(b"/");
    let mut uri = String::from(if absolute { "file://" } else { "" });
    for &byte in path {
        // A colon in the first part would make a scheme of it.
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(byte.into());
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    ArtifactLocation {
        uri,
        uri_base_id: (!absolute).then_some("%SRCROOT%"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use serde_sarif::sarif::Sarif;

    use super::super::samples::{HOSTILE_PATH, file, hostile, printed, report_of, secret};
    use super::super::{Report, Style};
    use super::*;
    use crate::change::Ignored;

    /// The report, which must be what the types made from the standard's schema take and give
    /// back: every key known, every value of its type, nothing missing.
    fn sarif(report: &Report) -> Value {
        let text = printed(super::write, report, &Style::default());
        assert!(text.bytes().all(|b| matches!(b, b' '..=b'~' | b'\n')));
        let value: Value = serde_json::from_str(&text).expect("it is JSON");
        let typed: Sarif = serde_json::from_str(&text).expect("it fits the schema");
        let again = serde_json::to_value(&typed).expect("what was read can be written");
        assert_eq!(again, value);
        value
    }

    #[test]
    fn a_clean_report_is_whole() {
        let log = sarif(&Report::default());
        assert_eq!(log["version"], "2.1.0");
        let run = &log["runs"][0];
        assert_eq!(run["tool"]["driver"]["name"], "keyward");
        assert_eq!(run["results"], serde_json::json!([]));
        assert_eq!(run["invocations"][0]["executionSuccessful"], true);
    }

    #[test]
    fn a_secret_has_its_rule_its_place_and_its_fingerprint() {
        let log = sarif(&report_of([
            secret("src/app.py"),
            file(".env", Ignored::No),
        ]));
        let run = &log["runs"][0];
        let result = &run["results"][0];
        assert_eq!(result["ruleId"], "acme-api-key");
        assert_eq!(result["level"], "error");
        assert_eq!(
            result["message"]["text"],
            "Acme API key acme_pNof…: the format is Acme's alone"
        );
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "src/app.py");
        assert_eq!(
            place["region"],
            serde_json::json!({"startLine": 12, "startColumn": 11, "endLine": 12, "endColumn": 56})
        );
        assert_eq!(
            result["partialFingerprints"]["keyward/v1"],
            "5c0e907e01111620"
        );
        let rule = &run["tool"]["driver"]["rules"][0];
        assert_eq!(rule["id"], "acme-api-key");
        assert_eq!(rule["helpUri"], "https://acme.example/keys");
        let help = rule["help"]["text"].as_str().expect("a text");
        // A rule has many findings: the id of one has no business there.
        assert!(help.contains("ACME_API_KEY") && !help.contains("5c0e907e"));
        let allow = result["properties"]["allow"].as_str().expect("a command");
        assert!(allow.starts_with("keyward allow 5c0e907e "), "{allow}");
        let file = &run["results"][1]["locations"][0]["physicalLocation"];
        assert_eq!(file["region"], serde_json::json!({"startLine": 1}));
        assert_eq!(run["results"][1]["ruleIndex"], 1);
    }

    #[test]
    fn names_are_neither_addresses_nor_placeholders_nor_links() {
        let report = hostile();
        let log = sarif(&report);
        let run = &log["runs"][0];
        let uri = |at: &Value| {
            let uri = at["physicalLocation"]["artifactLocation"]["uri"].as_str();
            uri.expect("a location has an address").to_owned()
        };
        let first = uri(&run["results"][0]["locations"][0]);
        assert!(
            first.starts_with("%3Dcmd%7Ca%250A%2Cb%3Ac%22%3C%26%3E%27%1B"),
            "{first}"
        );
        assert!(first.ends_with("%FF%EF%BF%BF.py"), "{first}");
        let decoded = crate::encoding::percent_decoded(first.as_bytes());
        assert_eq!(*decoded, *HOSTILE_PATH);
        let text = run["results"][0]["message"]["text"]
            .as_str()
            .expect("a text");
        assert!(text.contains("{{0}}\\[a\\](b)"), "{text}");
        let invocation = &run["invocations"][0];
        assert_eq!(invocation["executionSuccessful"], false);
        let told = invocation["toolExecutionNotifications"].as_array();
        let levels: Vec<_> = told.expect("a list").iter().map(|n| &n["level"]).collect();
        assert_eq!(levels, ["error", "error", "warning", "warning", "warning"]);
        assert_eq!(artifact(b"/a b").uri, "file:///a%20b");
    }
}
