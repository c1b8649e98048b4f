//! Comma-separated values (RFC 4180), for spreadsheets.

use std::io::{self, Write};

use super::facts::{Facts, findings, notes};
use super::{Report, Style};
use crate::shell::{escaped, shown};

const COLUMNS: [&str; 17] = [
    "kind",
    "status",
    "path",
    "line",
    "column",
    "end_line",
    "end_column",
    "rule",
    "name",
    "provider",
    "confidence",
    "fingerprint",
    "redacted",
    "message",
    "mend",
    "revoke",
    "commit",
];

pub(super) fn write(report: &Report, _: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut rows = Rows::new(out);
    rows.row(COLUMNS)?;
    for (finding, level) in findings(&report.verdict) {
        let facts = Facts::of(finding);
        let number = |number: Option<u32>| number.map_or(String::new(), |n| n.to_string());
        let span = finding.region();
        let message = facts.message(finding);
        rows.row([
            facts.kind.to_owned(),
            level.as_str().to_owned(),
            shown(&finding.path),
            number(span.map(|span| span.line)),
            number(span.map(|span| span.column)),
            number(span.map(|span| span.end_line)),
            number(span.map(|span| span.end_column)),
            finding.rule.to_string(),
            finding.name.to_string(),
            facts.provider.unwrap_or_default().to_owned(),
            finding.confidence.to_string(),
            finding.fingerprint.to_string(),
            facts.redacted.unwrap_or_default(),
            message,
            facts.mend,
            facts.revoke.unwrap_or_default().to_owned(),
            finding.commit.as_deref().unwrap_or_default().to_owned(),
        ])?;
    }
    for note in notes(report) {
        let mut cells = COLUMNS.map(|_| String::new());
        cells[0] = note.kind.to_owned();
        cells[1] = if note.unread { "unread" } else { "warning" }.to_owned();
        cells[2] = shown(note.path);
        cells[13] = note.message.to_owned();
        rows.row(cells)?;
    }
    Ok(())
}

/// Rows of cells, of which no spreadsheet takes one for a formula.
pub(super) struct Rows<'o>(csv::Writer<&'o mut dyn Write>);

impl<'o> Rows<'o> {
    pub(super) fn new(out: &'o mut dyn Write) -> Self {
        let mut builder = csv::WriterBuilder::new();
        builder.terminator(csv::Terminator::CRLF);
        Self(builder.from_writer(out))
    }

    /// Writes a row.
    ///
    /// # Errors
    /// When it can't be written.
    pub(super) fn row<T: AsRef<str>>(
        &mut self,
        cells: impl IntoIterator<Item = T>,
    ) -> io::Result<()> {
        let cells = cells.into_iter().map(|text| cell(text.as_ref()));
        let written = self.0.write_record(cells);
        written.map_err(|error| match error.into_kind() {
            csv::ErrorKind::Io(error) => error,
            _ => io::Error::other("a row has other columns than the first one"),
        })?;
        self.0.flush()
    }
}

/// A cell that no spreadsheet takes for a formula.
fn cell(text: &str) -> String {
    let text = escaped(text);
    let is_formula = text
        .trim_start()
        .starts_with(['=', '+', '-', '@', '|', '%']);
    format!("{}{text}", if is_formula { "'" } else { "" })
}

#[cfg(test)]
mod tests {
    use super::super::samples::{hostile, printed, report_of, secret};
    use super::super::{Report, Style};
    use super::*;

    fn csv(report: &Report) -> String {
        printed(super::write, report, &Style::default())
    }

    #[test]
    fn a_finding_is_a_row() {
        assert_eq!(
            csv(&report_of([secret("src/app.py")])),
            "kind,status,path,line,column,end_line,end_column,rule,name,provider,confidence,\
             fingerprint,redacted,message,mend,revoke,commit\r\n\
             secret,blocking,src/app.py,12,11,12,56,acme-api-key,Acme API key,acme,certain,\
             5c0e907e01111620,acme_pNof…,Acme API key acme_pNof…: the format is Acme's alone,\
             \"read it from the environment: os.environ[\"\"ACME_API_KEY\"\"]\",\
             https://acme.example/keys,\r\n"
        );
    }

    #[test]
    fn no_name_is_a_formula_or_more_than_a_cell() {
        let out = csv(&hostile());
        let rows: Vec<&str> = out.split_terminator("\r\n").collect();
        assert_eq!(rows.len(), 12);
        for row in rows {
            assert!(!row.chars().any(char::is_control), "{row:?}");
            let (mut cells, mut quoted, mut start) = (1, false, true);
            for c in row.chars() {
                match c {
                    '"' => quoted = !quoted,
                    ',' if !quoted => cells += 1,
                    '=' | '+' | '-' | '@' => assert!(!start, "{row}"),
                    _ => {}
                }
                start = c == ',' && !quoted || (start && c == '"');
            }
            assert_eq!(cells, COLUMNS.len(), "{row}");
            assert!(!quoted, "{row}");
        }
    }
}
