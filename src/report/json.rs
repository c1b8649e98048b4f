//! For programs: one JSON object per line, in ASCII.
//!
//! Every object has `kind`, `status` and `path`:
//!
//! | kind | status | is |
//! |---|---|---|
//! | `secret` | `blocking` | a secret; it has all the fields |
//! | `secret` | `held` | one that the repository holds already, where that is enough to be told and not to block |
//! | `file` | `blocking` | a file that holds secrets by its name, about to be added |
//! | `tracked-file` | `warning` | the same, already tracked |
//! | `unread` | `unread` | a path that could not be read or judged; `path` is empty if the trouble is not with one path |
//! | `lfs-object` | `warning` | a Git LFS object that was not read, only its pointer |
//! | `archive` | `warning` | an archive or a compressed file, into which nobody looked |
//! | `policy` | `warning` | the commit, or the range, makes the policy weaker, as `message` says; `path` is `.keyward.toml` |
//! | `range` | `warning` | there were no commits, so nothing was looked at |
//! | `excluded` | `warning` | files that nobody looked at, since the settings exclude them |
//! | `allow` | `warning` | what `.keyward.allow` lets pass and who brought that, or an entry that ended |
//! | `settings` | `warning` | a settings file that was not asked |
//! | `rotated` | `warning` | a key that was replaced, as `keyward keys rotate` remembers |
//! | `more` | `warning` | how many more findings a file has than are listed; they stop what was looked at, too |
//! | `not-staged` | `warning` | a finding that is mended in the working tree and not in what is staged |
//! | `local-checks` | `note` | whose commits came without a local check, as `message` says, where the settings ask for it |
//!
//! Lines and columns count from 1, columns in characters, and the end is the one behind the last;
//! all four are null where the whole file is meant, or its name. `path` is the path from the top of the
//! repository; where it is not UTF-8, U+FFFD stands for what is not, and `path_hex` holds its bytes.
//! A finding in history has `commit`, the id of the commit that adds it; one in the message of a
//! commit or a tag has `commit message` or `tag message` for its `path`, one in what else is recorded
//! `commit header`, `tag header` or `ref name`. What was allowed is
//! left out.

use std::io::{self, Write};

use serde::Serialize;

use super::ascii::line;
use super::facts::{Facts, findings, notes};
use super::{Report, Style};
use crate::encoding;
use crate::finding::{Finding, Span};

pub(super) fn write(report: &Report, _: &Style, out: &mut dyn Write) -> io::Result<()> {
    for (finding, level) in findings(&report.verdict) {
        line(&FindingLine::new(finding, level.as_str()), out)?;
    }
    for note in notes(report) {
        let note = NoteLine {
            kind: note.kind,
            status: if note.unread { "unread" } else { "warning" },
            path: Path::new(note.path),
            message: note.message,
        };
        line(&note, out)?;
    }
    if let Some(checks) = &report.notes.local_checks {
        let note = NoteLine {
            kind: "local-checks",
            status: "note",
            path: Path::new(b""),
            message: &checks.lines().join("\n"),
        };
        line(&note, out)?;
    }
    Ok(())
}

/// A path, lossless.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Path {
    /// From the top of the repository; empty if it is about no one path.
    path: String,
    /// Its bytes in hex, where it is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    path_hex: Option<String>,
}

impl Path {
    pub(super) fn new(bytes: &[u8]) -> Self {
        let path = String::from_utf8_lossy(bytes);
        let path_hex = (path.as_bytes() != bytes).then(|| encoding::hex(bytes));
        Self {
            path: path.into_owned(),
            path_hex,
        }
    }
}

/// A finding.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct FindingLine<'v> {
    /// `secret`, `file` or `tracked-file`.
    kind: &'static str,
    /// `blocking`, `held` or `warning`.
    status: &'static str,
    #[serde(flatten)]
    path: Path,
    #[serde(skip_serializing_if = "Option::is_none")]
    /// The id of the commit that adds it, in history.
    commit: Option<&'v str>,
    /// From 1; null where the whole file is meant, or its name. Of a pair, that of the half which stands first.
    line: Option<usize>,
    /// From 1, in characters.
    column: Option<usize>,
    /// The last line: of a pair, that of the half which stands last.
    end_line: Option<usize>,
    /// The column behind the last character.
    end_column: Option<usize>,
    /// The id of the rule.
    rule: &'v str,
    /// What the rule finds.
    name: &'v str,
    /// The id of the provider; null if none is known.
    provider: Option<&'v str>,
    /// `possible`, `likely` or `certain`.
    confidence: &'static str,
    /// What names the secret, wherever it stands.
    fingerprint: &'v str,
    /// The start of the fingerprint, as people type it.
    id: &'v str,
    /// The public prefix and at most four characters; null for a file.
    redacted: Option<String>,
    /// What was found and why it counts, in a line.
    message: String,
    /// Why it counts.
    why: &'v str,
    /// What to do.
    mend: String,
    /// The environment variable that should hold it; null for a file.
    env: Option<String>,
    /// The page on which it is revoked; null if none is known.
    revoke: Option<&'v str>,
}

impl<'v> FindingLine<'v> {
    fn new(finding: &'v Finding, status: &'static str) -> Self {
        let facts = Facts::of(finding);
        let message = facts.message(finding);
        let numbers = finding.region().map(Span::numbers);
        Self {
            kind: facts.kind,
            status,
            path: Path::new(&finding.path),
            commit: finding.commit.as_deref(),
            line: numbers.map(|[line, ..]| line),
            column: numbers.map(|[_, column, ..]| column),
            end_line: numbers.map(|[.., end_line, _]| end_line),
            end_column: numbers.map(|[.., end_column]| end_column),
            rule: &finding.rule,
            name: &finding.name,
            provider: facts.provider,
            confidence: finding.confidence.as_str(),
            fingerprint: finding.fingerprint.as_str(),
            id: finding.fingerprint.id(),
            redacted: facts.redacted,
            message,
            why: &finding.why,
            mend: facts.mend,
            env: facts.env,
            revoke: facts.revoke,
        }
    }
}

/// What is no finding.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct NoteLine<'v> {
    /// `unread`, `lfs-object`, `archive`, `policy`, `local-checks`, `range`, `excluded`, `allow`, `settings`, `more`
    /// or `not-staged`.
    kind: &'static str,
    /// `unread`, `warning` or `note`.
    status: &'static str,
    #[serde(flatten)]
    path: Path,
    /// What there is to tell.
    message: &'v str,
}

#[cfg(test)]
mod tests {
    use bstr::BString;

    use super::super::samples::{file, printed, report_of, secret, tracked};
    use super::super::{Report, Style};
    use crate::change::Ignored;
    use crate::verdict::{Unread, Verdict};

    fn json(report: &Report) -> String {
        printed(super::write, report, &Style::default())
    }

    #[test]
    fn a_secret_has_all_the_fields() {
        assert_eq!(
            json(&report_of([secret("src/app.py")])),
            concat!(
                r#"{"kind":"secret","status":"blocking","path":"src/app.py","#,
                r#""line":12,"column":11,"end_line":12,"end_column":56,"#,
                r#""rule":"acme-api-key","name":"Acme API key","provider":"acme","#,
                r#""confidence":"certain","#,
                r#""fingerprint":"5c0e907e01111620","id":"5c0e907e","redacted":"acme_pNof\u2026","#,
                r#""message":"Acme API key acme_pNof\u2026: the format is Acme's alone","#,
                r#""why":"the format is Acme's alone","#,
                r#""mend":"read it from the environment: os.environ[\"ACME_API_KEY\"]","#,
                r#""env":"ACME_API_KEY","revoke":"https://acme.example/keys"}"#,
                "\n"
            )
        );
    }

    #[test]
    fn a_file_has_no_position() {
        let mut report = report_of([file(".env", Ignored::No)]);
        report.verdict.warnings.push(tracked("old/.env"));
        assert_eq!(
            json(&report),
            concat!(
                r#"{"kind":"file","status":"blocking","path":".env","#,
                r#""line":null,"column":null,"end_line":null,"end_column":null,"#,
                r#""rule":"env-file","name":"environment file","provider":null,"#,
                r#""confidence":"certain","#,
                r#""fingerprint":"dc11c5fafd837e53","id":"dc11c5fa","redacted":null,"#,
                r#""message":"environment file: files of this name hold secrets","#,
                r#""why":"files of this name hold secrets","#,
                r#""mend":"keyward ignore .env","env":null,"revoke":null}"#,
                "\n",
                r#"{"kind":"tracked-file","status":"warning","path":"old/.env","#,
                r#""line":null,"column":null,"end_line":null,"end_column":null,"#,
                r#""rule":"env-file","name":"environment file","provider":null,"#,
                r#""confidence":"certain","#,
                r#""fingerprint":"3b2c7e76b735e0d3","id":"3b2c7e76","redacted":null,"#,
                r#""message":"environment file: files of this name hold secrets","#,
                r#""why":"files of this name hold secrets","#,
                r#""mend":"git rm --cached -- old/.env","env":null,"revoke":null}"#,
                "\n"
            )
        );
    }

    #[test]
    fn what_was_not_read_is_said() {
        let report = Report::from(Verdict {
            unread: vec![
                Unread {
                    path: BString::from("a.bin"),
                    reason: "object 12ab is missing".to_owned(),
                },
                Unread {
                    path: BString::from(""),
                    reason: "dubious ownership".to_owned(),
                },
            ],
            lfs: vec![BString::from("big.psd")],
            ..Verdict::default()
        });
        assert_eq!(
            json(&report),
            concat!(
                r#"{"kind":"unread","status":"unread","path":"a.bin","message":"object 12ab is missing"}"#,
                "\n",
                r#"{"kind":"unread","status":"unread","path":"","message":"dubious ownership"}"#,
                "\n",
                r#"{"kind":"lfs-object","status":"warning","path":"big.psd","message":"the Git LFS object was not read, only its pointer"}"#,
                "\n"
            )
        );
    }

    #[test]
    fn any_path_is_told_exactly_and_in_ascii() {
        let report = report_of([
            secret("na\u{ef}ve \u{1f511}\u{202e}\x1b[31m\n\".py"),
            secret(&b"caf\xe9.py"[..]),
        ]);
        let out = json(&report);
        assert!(out.bytes().all(|b| matches!(b, b' '..=b'~' | b'\n')));
        let paths: Vec<(String, Option<String>)> = out
            .lines()
            .map(|line| {
                let value: serde_json::Value =
                    serde_json::from_str(line).expect("each line is JSON");
                let text = |key: &str| value[key].as_str().map(str::to_owned);
                (
                    text("path").expect("every line has a path"),
                    text("path_hex"),
                )
            })
            .collect();
        assert_eq!(
            paths,
            [
                (
                    "na\u{ef}ve \u{1f511}\u{202e}\x1b[31m\n\".py".to_owned(),
                    None
                ),
                (
                    "caf\u{fffd}.py".to_owned(),
                    Some("636166e92e7079".to_owned())
                ),
            ]
        );
    }

    #[test]
    fn the_schema_of_the_documents_is_that_of_the_types() {
        let schema = serde_json::json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "A line of keyward scan --format json",
            "anyOf": [
                schemars::schema_for!(super::FindingLine<'_>),
                schemars::schema_for!(super::NoteLine<'_>),
            ],
        });
        crate::report::samples::hold_schema("scan.schema.json", &schema);
    }

    #[test]
    fn a_clean_verdict_is_no_line() {
        assert_eq!(json(&Report::default()), "");
    }
}
