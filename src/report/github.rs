//! Workflow commands of GitHub Actions, which make annotations of a change.
//!
//! GitHub shows ten errors and ten warnings of a step; the log has all.

use std::io::{self, Write};

use super::advice;
use super::facts::{Facts, Level, findings, message_of, notes};
use super::{Report, Style};
use crate::archive;
use crate::change::EntryKind;
use crate::confidence::Confidence;
use crate::finding::Span;
use crate::shell::{escaped, shown};

pub(super) fn write(report: &Report, _: &Style, out: &mut dyn Write) -> io::Result<()> {
    for (finding, level) in findings(&report.verdict) {
        let facts = Facts::of(finding);
        let command = match (level, finding.confidence) {
            (Level::Blocking, Confidence::Certain | Confidence::Likely) => "error",
            (Level::Warning, _) => "warning",
            (Level::Blocking, Confidence::Possible) | (Level::Held, _) => "notice",
        };
        let mut text = format!(
            "{}\nmend: {}",
            message_of(finding, &facts, level),
            facts.mend
        );
        if let Some(page) = facts.revoke {
            let when = advice::when_to_revoke(finding, &report.verdict.reach);
            text.push_str(&format!("\nrevoke ({when}): {page}"));
        }
        text.push_str(&format!(
            "\nallow only if it is not a secret: {}",
            advice::allow(finding.fingerprint.id())
        ));
        // A message is in no file.
        let path: &[u8] = match finding.kind {
            EntryKind::Message | EntryKind::Header => b"",
            EntryKind::File | EntryKind::Link | EntryKind::Submodule => &finding.path,
            EntryKind::Member => archive::file_of(&finding.path),
        };
        // Lines are those of the file in the archive, which nobody is shown.
        let span = finding
            .region()
            .filter(|_| finding.kind != EntryKind::Member);
        annotation(command, path, span, &finding.name, &text, out)?;
    }
    for note in notes(report) {
        let (command, title) = match (note.unread, note.kind) {
            (true, _) => ("error", "keyward could not scan"),
            (false, "policy") => ("warning", "weaker policy"),
            (false, "lfs-object" | "archive") => ("notice", "not read"),
            (false, _) => ("notice", "keyward"),
        };
        annotation(command, note.path, None, title, note.message, out)?;
    }
    if let Some(checks) = &report.notes.local_checks {
        let text = checks.lines().join("\n");
        annotation("notice", b"", None, "local checks", &text, out)?;
    }
    Ok(())
}

fn annotation(
    command: &str,
    path: &[u8],
    span: Option<Span>,
    title: &str,
    text: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    write!(out, "::{command} ")?;
    if !path.is_empty() {
        write!(out, "file={},", property(&shown(path)))?;
    }
    if let Some(span) = span {
        write!(out, "line={},endLine={},", span.line, span.end_line)?;
        // Columns are only understood within one line.
        if span.line == span.end_line {
            let last = span.end_column.saturating_sub(1).max(span.column);
            write!(out, "col={},endColumn={last},", span.column)?;
        }
    }
    let lines: Vec<_> = text.split('\n').map(escaped).collect();
    writeln!(
        out,
        "title={}::{}",
        property(&escaped(title)),
        data(&lines.join("\n"))
    )
}

/// The text of a command: a line end would end it.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// A value among others: these end at a comma, and all of them at two colons.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::super::samples::{file, hostile, printed, report_of, secret};
    use super::super::{Report, Style};
    use crate::change::Ignored;

    fn github(report: &Report) -> String {
        printed(super::write, report, &Style::default())
    }

    #[test]
    fn a_finding_is_one_command() {
        assert_eq!(
            github(&report_of([
                secret("src/app.py"),
                file(".env", Ignored::No)
            ])),
            "::error file=src/app.py,line=12,endLine=12,col=11,endColumn=55,title=Acme API key::\
             Acme API key acme_pNof…: the format is Acme's alone%0Amend: read it from the \
             environment: os.environ[\"ACME_API_KEY\"]%0Arevoke (if it was ever pushed or shared): \
             https://acme.example/keys%0Aallow only if it is not a secret: keyward allow 5c0e907e \
             --reason \"...\"\n\
             ::error file=.env,title=environment file::environment file: files of this name hold \
             secrets%0Amend: keyward ignore .env%0Aallow only if it is not a secret: keyward allow \
             dc11c5fa --reason \"...\"\n"
        );
        assert_eq!(github(&Report::default()), "");
    }

    #[test]
    fn no_name_makes_a_command_of_its_own() {
        let out = github(&hostile());
        assert_eq!(out.lines().count(), 11);
        for line in out.lines() {
            let (head, text) = line
                .strip_prefix("::")
                .and_then(|line| line.split_once("::"))
                .expect("every line is a command");
            let (command, properties) = head.split_once(' ').expect("every command has a title");
            assert!(["error", "warning", "notice"].contains(&command), "{line}");
            for property in properties.split(',') {
                let name = property.split_once('=').expect("a name and a value").0;
                let known = ["file", "line", "endLine", "col", "endColumn", "title"];
                assert!(known.contains(&name), "{line}");
            }
            assert!(!text.chars().any(char::is_control), "{line:?}");
        }
    }
}
