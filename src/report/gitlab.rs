//! GitLab's code quality report, which shows findings in a merge request.

use std::io::{self, Write};

use bstr::ByteSlice;
use serde::Serialize;

use super::ascii;
use super::facts::{Facts, Level, Ordinals, findings, message_of, notes};
use super::{Report, Style};
use crate::confidence::Confidence;
use crate::finding::Fingerprint;

pub(super) fn write(report: &Report, _: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut ordinals = Ordinals::default();
    let mut issues = Vec::new();
    for (finding, level) in findings(&report.verdict) {
        let facts = Facts::of(finding);
        issues.push(Issue {
            description: format!(
                "{}; mend: {}",
                message_of(finding, &facts, level),
                facts.mend
            ),
            check_name: finding.rule.to_string(),
            fingerprint: ordinals.name(finding),
            severity: match (level, finding.confidence) {
                (Level::Blocking, Confidence::Certain) => "blocker",
                (Level::Blocking, Confidence::Likely) => "critical",
                (Level::Blocking, Confidence::Possible) | (Level::Warning, _) => "minor",
                (Level::Held, _) => "info",
            },
            location: Location {
                path: finding.path.to_str_lossy().into_owned(),
                lines: Lines {
                    begin: finding.span.map_or(1, |span| span.line as usize),
                },
            },
        });
    }
    for note in notes(report) {
        let key = [
            note.kind.as_bytes(),
            b"\0",
            note.path,
            b"\0",
            note.message.as_bytes(),
        ]
        .concat();
        let path = match note.path.is_empty() {
            // Every issue needs one.
            true => ".".to_owned(),
            false => note.path.to_str_lossy().into_owned(),
        };
        issues.push(Issue {
            description: match note.unread {
                true => format!("keyward could not scan: {}", note.message),
                false => note.message.to_owned(),
            },
            check_name: format!("keyward-{}", note.kind),
            fingerprint: Fingerprint::of_path(&key).to_string(),
            severity: if note.unread { "blocker" } else { "info" },
            location: Location {
                path,
                lines: Lines { begin: 1 },
            },
        });
    }
    ascii::line(&issues, out)
}

#[derive(Serialize)]
struct Issue {
    description: String,
    check_name: String,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::{Value, json};

    use super::super::samples::{hostile, printed, report_of, secret, tracked};
    use super::super::{Report, Style};

    fn gitlab(report: &Report) -> Value {
        let text = printed(super::write, report, &Style::default());
        assert!(text.bytes().all(|b| matches!(b, b' '..=b'~' | b'\n')));
        serde_json::from_str(&text).expect("it is JSON")
    }

    #[test]
    fn a_finding_is_an_issue() {
        let mut report = report_of([secret("src/app.py")]);
        report.verdict.warnings.push(tracked("old/.env"));
        let issues = gitlab(&report);
        assert_eq!(
            issues[0],
            json!({
                "description": "Acme API key acme_pNof…: the format is Acme's alone; mend: read it \
                                from the environment: os.environ[\"ACME_API_KEY\"]",
                "check_name": "acme-api-key",
                "fingerprint": issues[0]["fingerprint"],
                "severity": "blocker",
                "location": {"path": "src/app.py", "lines": {"begin": 12}},
            })
        );
        assert_eq!(issues[1]["severity"], "minor");
        assert_eq!(gitlab(&Report::default()), json!([]));
    }

    #[test]
    fn every_issue_has_a_fingerprint_of_its_own() {
        let report = hostile();
        let issues = gitlab(&report);
        let issues = issues.as_array().expect("a list");
        let names: BTreeSet<&str> = issues
            .iter()
            .filter_map(|issue| issue["fingerprint"].as_str())
            .collect();
        assert_eq!(names.len(), 11);
        assert_eq!(names.len(), issues.len());
        assert_eq!(gitlab(&report), gitlab(&hostile()));
    }
}
