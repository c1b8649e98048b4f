//! GitLab's secret detection report, for its vulnerability reports; version 15 of its schema.

use std::io::{self, Write};
use std::time::{SystemTime, UNIX_EPOCH};

use bstr::ByteSlice;
use serde::Serialize;

use super::ascii;
use super::facts::{Facts, Level, Note, Ordinals, findings, message_of, notes};
use super::{Report, Style};
use crate::allow::Date;
use crate::confidence::Confidence;
use crate::finding::{Finding, Span};
use crate::shell::shown;

/// The version of the schema that the report keeps to.
const VERSION: &str = "15.0.7";

/// What stands for the commit where a report is about the files of the checkout.
const NO_COMMIT: &str = "0000000";

pub(super) fn write(report: &Report, _: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut ordinals = Ordinals::default();
    let now = now();
    let document = Document {
        version: VERSION,
        scan: Scan {
            analyzer: Program::KEYWARD,
            scanner: Program::KEYWARD,
            kind: "secret_detection",
            start_time: now.clone(),
            end_time: now,
            status: match report.verdict.unread.as_slice() {
                [] => "success",
                _ => "failure",
            },
            messages: notes(report).map(|note| message(&note)).collect(),
        },
        vulnerabilities: findings(&report.verdict)
            .map(|(finding, level)| vulnerability(finding, level, &mut ordinals))
            .collect(),
    };
    ascii::line(&document, out)
}

fn vulnerability(finding: &Finding, level: Level, ordinals: &mut Ordinals) -> Vulnerability {
    let facts = Facts::of(finding);
    let lines = finding.region().map_or(1..=1, Span::lines);
    Vulnerability {
        id: ordinals.name(finding),
        name: finding.name.to_string(),
        description: message_of(finding, &facts, level),
        severity: match (level, finding.confidence) {
            (Level::Blocking, Confidence::Certain) => "Critical",
            (Level::Blocking, Confidence::Likely) => "High",
            (Level::Blocking, Confidence::Possible) => "Low",
            (Level::Held | Level::Warning, _) => "Info",
        },
        solution: facts.mend,
        location: Location {
            file: finding.path.to_str_lossy().into_owned(),
            commit: Commit {
                sha: finding.commit.as_deref().unwrap_or(NO_COMMIT).to_owned(),
            },
            start_line: *lines.start(),
            end_line: *lines.end(),
        },
        identifiers: [Identifier {
            kind: "keyward_rule_id",
            name: format!("keyward rule {}", finding.rule),
            value: finding.rule.to_string(),
            url: facts.revoke.map(str::to_owned),
        }],
    }
}

fn message(note: &Note<'_>) -> ScanMessage {
    ScanMessage {
        level: if note.unread { "fatal" } else { "warn" },
        value: match note.path.is_empty() {
            true => note.message.to_owned(),
            false => format!("{}: {}", shown(note.path), note.message),
        },
    }
}

/// The present moment in UTC, to the second.
fn now() -> String {
    let seconds = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    let of_day = seconds % 86_400;
    format!(
        "{}T{:02}:{:02}:{:02}",
        Date::today(),
        of_day / 3600,
        of_day / 60 % 60,
        of_day % 60
    )
}

#[derive(Serialize)]
struct Document {
    version: &'static str,
    scan: Scan,
    vulnerabilities: Vec<Vulnerability>,
}

#[derive(Serialize)]
struct Scan {
    analyzer: Program,
    scanner: Program,
    #[serde(rename = "type")]
    kind: &'static str,
    start_time: String,
    end_time: String,
    status: &'static str,
    messages: Vec<ScanMessage>,
}

#[derive(Serialize)]
struct Program {
    id: &'static str,
    name: &'static str,
    url: &'static str,
    vendor: Vendor,
    version: &'static str,
}

impl Program {
    const KEYWARD: Self = Self {
        id: "keyward",
        name: "keyward",
        url: env!("CARGO_PKG_REPOSITORY"),
        vendor: Vendor { name: "keyward" },
        version: env!("CARGO_PKG_VERSION"),
    };
}

#[derive(Serialize)]
struct Vendor {
    name: &'static str,
}

#[derive(Serialize)]
struct ScanMessage {
    level: &'static str,
    value: String,
}

#[derive(Serialize)]
struct Vulnerability {
    id: String,
    name: String,
    description: String,
    severity: &'static str,
    solution: String,
    location: Location,
    identifiers: [Identifier; 1],
}

#[derive(Serialize)]
struct Location {
    file: String,
    commit: Commit,
    start_line: usize,
    end_line: usize,
}

#[derive(Serialize)]
struct Commit {
    sha: String,
}

#[derive(Serialize)]
struct Identifier {
    #[serde(rename = "type")]
    kind: &'static str,
    name: String,
    value: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::{Value, json};

    use super::super::samples::{hostile, printed, report_of, secret};
    use super::super::{Report, Style};

    fn report(report: &Report) -> Value {
        let text = printed(super::write, report, &Style::default());
        assert!(text.bytes().all(|b| matches!(b, b' '..=b'~' | b'\n')));
        serde_json::from_str(&text).expect("it is JSON")
    }

    /// What version 15 of GitLab's schema for secret detection demands.
    fn assert_fits(report: &Value) {
        let text = |at: &str| {
            let text = report.pointer(at).and_then(Value::as_str);
            text.unwrap_or_else(|| panic!("{at} is no text"))
        };
        for program in ["analyzer", "scanner"] {
            for key in ["id", "name", "version", "vendor/name"] {
                assert!(!text(&format!("/scan/{program}/{key}")).is_empty());
            }
        }
        assert_eq!(text("/scan/type"), "secret_detection");
        assert!(["success", "failure"].contains(&text("/scan/status")));
        for key in ["start_time", "end_time"] {
            let time = text(&format!("/scan/{key}"));
            let shape: String = time
                .chars()
                .map(|c| if c.is_ascii_digit() { '0' } else { c })
                .collect();
            assert_eq!(shape, "0000-00-00T00:00:00");
        }
        for message in report["scan"]["messages"].as_array().expect("a list") {
            let level = message["level"].as_str().expect("a level");
            assert!(["info", "warn", "fatal"].contains(&level));
            assert!(message["value"].is_string());
        }
        let all = report["vulnerabilities"].as_array().expect("a list");
        for found in all {
            let severity = found["severity"].as_str().expect("a severity");
            assert!(["Info", "Unknown", "Low", "Medium", "High", "Critical"].contains(&severity));
            assert!(found["name"].as_str().is_some_and(|name| name.len() <= 255));
            assert!(found["location"]["commit"]["sha"].is_string());
            assert!(found["location"]["start_line"].as_u64() >= Some(1));
            let identifier = &found["identifiers"][0];
            for key in ["type", "name", "value"] {
                assert!(
                    identifier[key]
                        .as_str()
                        .is_some_and(|text| !text.is_empty())
                );
            }
        }
        let ids: BTreeSet<_> = all.iter().map(|found| found["id"].as_str()).collect();
        assert_eq!(ids.len(), all.len());
    }

    #[test]
    fn a_finding_is_a_vulnerability() {
        let report = report(&report_of([secret("src/app.py")]));
        assert_fits(&report);
        let found = &report["vulnerabilities"][0];
        assert_eq!(found["severity"], "Critical");
        assert_eq!(
            found["location"],
            json!({"file": "src/app.py", "commit": {"sha": "0000000"}, "start_line": 12, "end_line": 12})
        );
        assert_eq!(report["scan"]["status"], "success");
    }

    #[test]
    fn what_was_not_read_is_a_failure() {
        let report = report(&hostile());
        assert_fits(&report);
        assert_eq!(report["scan"]["status"], "failure");
        assert_eq!(report["scan"]["messages"][0]["level"], "fatal");
        assert_fits(&super::tests::report(&Report::default()));
    }
}
