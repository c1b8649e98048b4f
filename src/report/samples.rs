//! Findings for the tests of the reports. Their secrets are made up as the tests run.

use std::borrow::Cow;

use bstr::BString;

use super::{Report, Style, Write};
use crate::change::{EntryKind, Ignored};
use crate::confidence::Confidence;
use crate::finding::{Finding, Found, Secret, Span, Told};
use crate::lab::Random;
use crate::rules::{Mend, Provider};
use crate::verdict::{Packed, Unread, Verdict};

/// Bytes of a token as text.
pub(super) fn ascii(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("a token is ASCII")
}

/// A secret of Acme's at line 12, column 11.
pub(super) fn secret(path: impl Into<BString>) -> Finding {
    secret_with(path, "acme_", &Random::new(1).token(40))
}

/// The same, of other bytes.
pub(super) fn secret_with(path: impl Into<BString>, prefix: &str, body: &str) -> Finding {
    let secret = Secret::new(format!("{prefix}{body}").as_bytes(), prefix.len());
    let told = Told {
        path: path.into(),
        kind: EntryKind::File,
        commit: None,
        rule: Cow::Borrowed("acme-api-key"),
        name: Cow::Borrowed("Acme API key"),
        confidence: Confidence::Certain,
        why: "the format is Acme's alone".into(),
        found: Found::Secret {
            provider: Provider {
                id: Cow::Borrowed("acme"),
                name: Cow::Borrowed("Acme"),
                kind: Cow::Borrowed("ai"),
                revoke: Cow::Borrowed("https://acme.example/keys"),
                ..Provider::default()
            }
            .into(),
            env: Cow::Borrowed("ACME_API_KEY"),
            mend: Mend::Environment,
            generic: false,
        },
        comment: None,
    };
    let span = Span {
        line: 12,
        column: 11,
        end_line: 12,
        end_column: 56,
    };
    Finding::secret(told, secret, Some(span))
}

/// A guarded file, about to be added.
pub(super) fn file(path: impl Into<BString>, ignored: Ignored) -> Finding {
    Finding::file(Told {
        path: path.into(),
        kind: EntryKind::File,
        commit: None,
        rule: Cow::Borrowed("env-file"),
        name: Cow::Borrowed("environment file"),
        confidence: Confidence::Certain,
        why: "files of this name hold secrets".into(),
        found: Found::File { ignored },
        comment: None,
    })
}

/// A guarded file that is tracked.
pub(super) fn tracked(path: impl Into<BString>) -> Finding {
    let mut tracked = file(path, Ignored::No);
    tracked.found = Found::TrackedFile;
    tracked
}

/// A report of what blocks, over as many paths as there are findings.
pub(super) fn report_of(blocking: impl IntoIterator<Item = Finding>) -> Report {
    let blocking: Vec<_> = blocking.into_iter().collect();
    Report::from(Verdict {
        paths: blocking.len(),
        blocking,
        ..Verdict::default()
    })
}

/// A path that speaks to every format: to terminals, logs, XML, workflow commands, spreadsheets.
pub(super) const HOSTILE_PATH: &[u8] =
    b"=cmd|a%0A,b:c\"<&>'\x1b[31m\n::error::x\r]]>{0}[a](b)\xe2\x80\xae\xff\xef\xbf\xbf.py";

/// A report with one of everything, in which all that others named is hostile.
pub(super) fn hostile() -> Report {
    let text = "=x,y:z\"<&>'\u{1b}[2J\n::error::x\r]]>{0}[a](b)%0A\u{202e}\u{ffff}";
    let mut of_path = secret(HOSTILE_PATH);
    of_path.name = Cow::Owned(text.to_owned());
    of_path.why = text.into();
    let mut report = report_of([
        of_path.clone(),
        of_path,
        file(HOSTILE_PATH, Ignored::No),
        secret("src/app.py"),
    ]);
    let verdict = &mut report.verdict;
    verdict.warnings.push(tracked(HOSTILE_PATH));
    verdict.held.push(verdict.blocking[0].clone());
    verdict.archives.push(Packed {
        path: HOSTILE_PATH.into(),
        opens: true,
    });
    verdict.unread = vec![
        Unread {
            path: HOSTILE_PATH.into(),
            reason: text.to_owned(),
        },
        Unread {
            path: BString::default(),
            reason: "dubious ownership".to_owned(),
        },
    ];
    verdict.lfs.push(HOSTILE_PATH.into());
    report.notes.weaker.what.push(text.to_owned());
    report
}

/// What a format makes of a report.
pub(super) fn printed(write: Write, report: &Report, style: &Style) -> String {
    let mut out = Vec::new();
    write(report, style, &mut out).expect("a vector can be written to");
    String::from_utf8(out).expect("a report is UTF-8")
}

/// Holds a schema of docs/reference/schemas to the type that it is of, or writes it.
pub(crate) fn hold_schema_of<T: schemars::JsonSchema>(name: &str) {
    let made = serde_json::to_value(schemars::schema_for!(T));
    hold_schema(name, &made.expect("a schema is JSON"));
}

/// Holds a schema of docs/reference/schemas to what it is made from, or writes it.
pub(crate) fn hold_schema(name: &str, made: &serde_json::Value) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/reference/schemas/");
    let path = format!("{path}{name}");
    let text = serde_json::to_string_pretty(made).expect("a schema is JSON") + "\n";
    if std::env::var_os("KEYWARD_WRITE_DOCS").is_some() {
        std::fs::write(&path, &text).expect("the documents can be written");
    }
    assert!(
        std::fs::read_to_string(&path).is_ok_and(|held| held == text),
        "{name} is out of date: KEYWARD_WRITE_DOCS=1 cargo test --locked --lib schema"
    );
}
