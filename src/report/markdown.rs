//! Markdown, for a comment or the summary of a job: what stops, secret by secret, and what to do.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::advice;
use super::facts::{Facts, Level, findings, notes};
use super::text::cut;
use super::{Report, Style};
use crate::count::{counted, digits};
use crate::finding::{Finding, Found};
use crate::shell::{escaped, shown};
use crate::verdict::Reach;

/// A bound: so many secrets and files are rows; GitHub shows a megabyte of a summary.
const ROWS: usize = 200;

/// A bound: so many places of a secret are named.
const PLACES: usize = 5;

/// A bound: the longest cell, in characters.
const LONGEST: usize = 160;

pub(super) fn write(report: &Report, _: &Style, out: &mut dyn Write) -> io::Result<()> {
    let verdict = &report.verdict;
    let mut entries: BTreeMap<(&str, &str), Vec<&Finding>> = BTreeMap::new();
    for (finding, level) in findings(verdict) {
        if level == Level::Blocking {
            let key = (&*finding.rule, finding.fingerprint.as_str());
            entries.entry(key).or_default().push(finding);
        }
    }
    let is_secret = |places: &&Vec<&Finding>| matches!(places[0].found, Found::Secret { .. });
    let secrets = entries.values().filter(is_secret).count();
    let files = entries.len() - secrets;
    writeln!(out, "### keyward\n")?;
    let looked = counted(verdict.paths, "file");
    match (entries.is_empty(), verdict.unread.is_empty()) {
        // To have looked at nothing is no answer.
        (true, true) if verdict.paths == 0 => {
            writeln!(out, "{looked}: nothing was looked at.\n")?;
        }
        (true, true) => writeln!(out, "{looked}, no secrets.\n")?,
        (true, false) => writeln!(out, "Not everything could be read.\n")?,
        (false, _) => {
            let mut what = Vec::new();
            if secrets > 0 {
                what.push(counted(secrets, "secret"));
            }
            if files > 0 {
                what.push(format!("{} of secrets", counted(files, "file")));
            }
            writeln!(out, "**{}** in {looked}.\n", what.join(" and "))?;
            table(&entries, &report.verdict.reach, out)?;
        }
    }
    for note in notes(report) {
        let path = match note.path.is_empty() {
            true => String::new(),
            false => format!("`{}`: ", code(&shown(note.path))),
        };
        let word = if note.unread {
            "**not read**"
        } else {
            note.kind
        };
        writeln!(out, "- {word}: {path}{}", text(note.message))?;
    }
    Ok(())
}

fn table(
    entries: &BTreeMap<(&str, &str), Vec<&Finding>>,
    reach: &Reach,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out, "| what | where | what to do |\n|---|---|---|")?;
    for places in entries.values().take(ROWS) {
        let first = places[0];
        let facts = Facts::of(first);
        let redacted = facts
            .redacted
            .as_deref()
            .map(|redacted| format!("<br>`{}`", code(redacted)));
        let mut named: Vec<String> = places
            .iter()
            .take(PLACES)
            .map(|finding| place(finding))
            .collect();
        if places.len() > PLACES {
            named.push(format!("and {} more", digits(places.len() - PLACES)));
        }
        let mut todo = vec![text(&facts.mend)];
        if let Some(page) = facts.revoke {
            let is_there = |place: &&&Finding| reach.of(place.commit.as_ref()).is_some();
            let worst = places.iter().find(is_there).unwrap_or(&first);
            let when = advice::when_to_revoke(worst, reach);
            todo.push(format!("revoke ({}): <{}>", text(&when), escaped(page)));
        }
        let allow = advice::allow(first.fingerprint.id());
        todo.push(format!("only if it is not a secret: `{}`", code(&allow)));
        writeln!(
            out,
            "| {}{} | {} | {} |",
            text(&first.name),
            redacted.unwrap_or_default(),
            named.join("<br>"),
            todo.join("<br>")
        )?;
    }
    if entries.len() > ROWS {
        writeln!(
            out,
            "\nand {} more: see the log.",
            digits(entries.len() - ROWS)
        )?;
    }
    writeln!(out)
}

fn place(finding: &Finding) -> String {
    let line = finding
        .span
        .map_or(String::new(), |span| format!(":{}", span.line));
    let commit = finding.commit.as_deref().map_or(String::new(), |commit| {
        format!(" in {}", advice::short(commit))
    });
    format!("`{}{line}`{commit}", code(&shown(&finding.path)))
}

/// Text in which nothing is a mark, a link, a name that is told, or the end of a cell.
pub(super) fn text(text: &str) -> String {
    let mut out = String::new();
    for c in escaped(&cut(text, LONGEST)).chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '@' => out.push_str("&#64;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '(' | ')' | '!' | '|' | '#' | '~' | '$' => {
                out.extend(['\\', c]);
            }
            c => out.push(c),
        }
    }
    out
}

/// What stands between backticks in a cell.
fn code(text: &str) -> String {
    escaped(&cut(text, LONGEST))
        .replace('`', "'")
        .replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::super::samples::{file, hostile, printed, report_of, secret};
    use super::super::{Report, Style};
    use crate::change::Ignored;

    fn markdown(report: &Report) -> String {
        printed(super::write, report, &Style::default())
    }

    #[test]
    fn a_secret_is_a_row_with_its_places_and_what_to_do() {
        let told = markdown(&report_of([
            secret("src/app.py"),
            secret("b.py"),
            file(".env", Ignored::No),
        ]));
        assert!(
            told.contains("**1 secret and 1 file of secrets** in 3 files.\n"),
            "{told}"
        );
        let row = "| Acme API key<br>`acme_pNof…` | `src/app.py:12`<br>`b.py:12` | read it from the \
                   environment: os.environ\\[\"ACME\\_API\\_KEY\"\\]<br>revoke (if it was ever pushed or \
                   shared): <https://acme.example/keys><br>only if it is not a secret: `keyward allow \
                   5c0e907e --reason \"...\"` |\n";
        assert!(told.contains(row), "{told}");
        assert!(markdown(&Report::default()).contains("0 files: nothing was looked at.\n"));
    }

    #[test]
    fn no_name_is_more_than_a_cell() {
        let told = markdown(&hostile());
        for line in told.lines() {
            assert!(!line.contains(|c: char| c.is_control()), "{line:?}");
            if line.starts_with('|') {
                let bars = line.replace("\\|", "").matches('|').count();
                assert_eq!(bars, 4, "{line}");
            }
            // Between backticks nothing is a link.
            assert!(
                !line.split('`').step_by(2).any(|text| text.contains("](b)")),
                "{line}"
            );
        }
    }
}
