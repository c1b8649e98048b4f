//! For people who ask why: every candidate with the judgement on it, also those that are no findings.
//!
//! A line each, in the order in which they stand: where, by which rule, what, how surely it is a secret
//! (`no` if it is none) and why; and of what is a secret and not reported, why not.

use std::borrow::Cow;
use std::io::{self, Write};

use bstr::BStr;

use super::facts::notes;
use super::{Report, Style};
use crate::confidence::Confidence;
use crate::finding::{Finding, Secret, Span};
use crate::shell::{escaped, shown};
use crate::verdict::Dropped;

pub(super) fn write(report: &Report, _: &Style, out: &mut dyn Write) -> io::Result<()> {
    let verdict = &report.verdict;
    let reported = verdict.blocking.iter().chain(&verdict.warnings);
    let mut rows: Vec<Row<'_>> = reported
        .map(|finding| Row {
            reported: true,
            ..Row::of(finding, "")
        })
        .collect();
    rows.extend(verdict.allowed.iter().map(|allowed| {
        let because = format!("allowed by {}", allowed.by);
        Row::of(&allowed.finding, because)
    }));
    let held = verdict.held.iter();
    rows.extend(held.map(|finding| Row::of(finding, "the repository holds it already")));
    let below = verdict.below_threshold.iter();
    rows.extend(below.map(|finding| Row::of(finding, "it is below the threshold")));
    rows.extend(verdict.dropped.iter().map(Row::dropped));
    rows.sort_by_key(|row| (row.path, row.span));
    for row in rows {
        writeln!(out, "{}", escaped(&row.text()))?;
    }
    for path in &verdict.excluded {
        writeln!(out, "{}  excluded by the settings", shown(path))?;
    }
    for note in notes(report) {
        let text = match note.unread {
            true => format!("could not be read: {}", note.message),
            false => note.message.to_owned(),
        };
        writeln!(out, "{}  {}", shown(note.path), escaped(&text))?;
    }
    Ok(())
}

/// What one line tells.
struct Row<'v> {
    path: &'v BStr,
    span: Option<Span>,
    rule: &'v str,
    secret: Option<&'v Secret>,
    confidence: Option<Confidence>,
    why: &'v str,
    because: Cow<'v, str>,
    /// Whether it is one of those that a report tells.
    reported: bool,
}

impl<'v> Row<'v> {
    fn of(finding: &'v Finding, because: impl Into<Cow<'v, str>>) -> Self {
        Self {
            path: finding.path.as_ref(),
            span: finding.span,
            rule: &finding.rule,
            secret: finding.secret.as_ref(),
            confidence: Some(finding.confidence),
            why: &finding.why,
            because: because.into(),
            reported: false,
        }
    }

    fn dropped(dropped: &'v Dropped) -> Self {
        Self {
            path: dropped.path.as_ref(),
            span: dropped.span,
            rule: &dropped.rule,
            secret: dropped.secret.as_ref(),
            confidence: dropped.confidence,
            why: &dropped.why,
            because: dropped.because.as_str().into(),
            reported: false,
        }
    }

    fn text(&self) -> String {
        let mut out = shown(self.path);
        if let Some(span) = self.span {
            out.push_str(&format!(":{}:{}", span.line, span.column));
        }
        out.push_str(&format!("  {}  ", self.rule));
        if let Some(secret) = self.secret {
            out.push_str(&format!("{}  ", secret.redacted()));
        }
        let surely = self.confidence.map_or("no", Confidence::as_str);
        out.push_str(&format!("{surely}: {}", self.why));
        match (self.reported, &*self.because) {
            (true, _) => out.push_str("; reported"),
            (false, "") => {}
            (false, because) => out.push_str(&format!("; not reported: {because}")),
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{HOSTILE_PATH, file, hostile, printed, report_of, secret};
    use super::*;
    use crate::change::Ignored;
    use crate::verdict::Allowed;

    fn explained(report: &Report) -> String {
        printed(super::write, report, &Style::default())
    }

    #[test]
    fn each_candidate_is_a_line_at_its_place() {
        let mut report = report_of([secret("b.py"), file(".env", Ignored::No)]);
        let verdict = &mut report.verdict;
        verdict.allowed.push(Allowed {
            finding: secret("a.py"),
            by: "the comment `keyward:allow`".into(),
        });
        verdict.below_threshold.push(secret("c.py"));
        verdict.dropped.push(Dropped {
            why: "a placeholder".to_owned(),
            confidence: None,
            ..Dropped::finding(secret("c.py"), String::new())
        });
        let because = "it is a part of a longer token".to_owned();
        verdict
            .dropped
            .push(Dropped::finding(secret("a.py"), because));
        verdict.excluded.push("d.py".into());
        assert_eq!(
            explained(&report),
            "\
.env  env-file  certain: files of this name hold secrets; reported
a.py:12:11  acme-api-key  acme_pNof…  certain: the format is Acme's alone; not reported: allowed by the comment `keyward:allow`
a.py:12:11  acme-api-key  acme_pNof…  certain: the format is Acme's alone; not reported: it is a part of a longer token
b.py:12:11  acme-api-key  acme_pNof…  certain: the format is Acme's alone; reported
c.py:12:11  acme-api-key  acme_pNof…  certain: the format is Acme's alone; not reported: it is below the threshold
c.py:12:11  acme-api-key  acme_pNof…  no: a placeholder
d.py  excluded by the settings
"
        );
    }

    #[test]
    fn no_name_makes_a_line_or_paints_one() {
        let mut report = hostile();
        let because = "\u{1b}[2J\n".to_owned();
        let dropped = Dropped::finding(secret(HOSTILE_PATH), because);
        report.verdict.dropped.push(dropped);
        report.verdict.excluded.push(HOSTILE_PATH.into());
        let out = explained(&report);
        assert_eq!(out.lines().count(), 13, "{out}");
        assert!(
            out.chars().all(|c| c == '\n' || crate::shell::is_plain(c)),
            "{out:?}"
        );
    }
}
