//! JUnit's XML, which every CI shows: one test case for each finding, failed.

use std::io::{self, Write};

use super::advice;
use super::facts::{Facts, Level, Note, findings, message_of, notes};
use super::{Report, Style};
use crate::finding::Finding;
use crate::shell::{escaped, shown};
use crate::verdict::Reach;

pub(super) fn write(report: &Report, _: &Style, out: &mut dyn Write) -> io::Result<()> {
    let verdict = &report.verdict;
    let failures = verdict.blocking.len();
    let errors = verdict.unread.len();
    // A suite without tests is an error to some.
    let clean = failures + errors == 0;
    let counts = format!(
        "tests=\"{}\" failures=\"{failures}\" errors=\"{errors}\"",
        failures + errors + usize::from(clean)
    );
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites name=\"keyward\" {counts}>")?;
    writeln!(out, "  <testsuite name=\"keyward\" {counts}>")?;
    if clean {
        let name = match verdict.paths {
            0 => "0 files: nothing was looked at".to_owned(),
            paths => format!("{paths} files, no secrets"),
        };
        writeln!(out, "    <testcase classname=\"keyward\" name=\"{name}\"/>")?;
    }
    let asides = cases(report, out)?;
    if !asides.is_empty() {
        let asides = xml(&asides.join("\n"));
        writeln!(out, "    <system-out>{asides}</system-out>")?;
    }
    writeln!(out, "  </testsuite>\n</testsuites>")
}

/// Writes a case for all that fails, and gives what is to be told beside.
fn cases(report: &Report, out: &mut dyn Write) -> io::Result<Vec<String>> {
    let mut asides = Vec::new();
    for (finding, level) in findings(&report.verdict) {
        let facts = Facts::of(finding);
        if level == Level::Blocking {
            failure(finding, &facts, &report.verdict.reach, out)?;
        } else {
            let message = message_of(finding, &facts, level);
            let path = shown(&finding.path);
            asides.push(format!("{path}: {message}; mend: {}", facts.mend));
        }
    }
    for note in notes(report) {
        if note.unread {
            error(&note, out)?;
        } else {
            let about = match note.path.is_empty() {
                true => String::new(),
                false => format!("{}: ", shown(note.path)),
            };
            asides.push(format!("{about}{}", note.message));
        }
    }
    Ok(asides)
}

fn failure(
    finding: &Finding,
    facts: &Facts<'_>,
    reach: &Reach,
    out: &mut dyn Write,
) -> io::Result<()> {
    let path = shown(&finding.path);
    let place = match finding.span {
        Some(span) => format!("{path}:{}:{}", span.line, span.column),
        None => path.clone(),
    };
    let mut advice = format!("mend: {}", facts.mend);
    if let Some(page) = facts.revoke {
        let when = advice::when_to_revoke(finding, reach);
        advice.push_str(&format!("; revoke ({when}): {page}"));
    }
    let line = finding.span.map_or(1, |span| span.line);
    writeln!(
        out,
        "    <testcase classname=\"{0}\" name=\"{1}\" file=\"{0}\" line=\"{line}\">\n      \
         <failure type=\"{2}\" message=\"{3}\">{4}</failure>\n    </testcase>",
        xml(&path),
        xml(&format!("{place} {}", finding.name)),
        xml(&finding.rule),
        xml(&message_of(finding, facts, Level::Blocking)),
        xml(&advice),
    )
}

fn error(note: &Note<'_>, out: &mut dyn Write) -> io::Result<()> {
    let path = match note.path.is_empty() {
        true => "keyward".to_owned(),
        false => shown(note.path),
    };
    writeln!(
        out,
        "    <testcase classname=\"{0}\" name=\"{0} could not be read\">\n      \
         <error type=\"unread\" message=\"{1}\"/>\n    </testcase>",
        xml(&path),
        xml(note.message),
    )
}

/// Text between tags or in an attribute, with nothing that XML 1.0 has no way to write.
fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, line) in text.split('\n').enumerate() {
        if at > 0 {
            out.push('\n');
        }
        for c in escaped(line).chars() {
            match c {
                '&' => out.push_str("&amp;"),
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '"' => out.push_str("&quot;"),
                '\'' => out.push_str("&apos;"),
                '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
                c => out.push(c),
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::samples::{hostile, printed, report_of, secret};
    use super::super::{Report, Style};

    fn junit(report: &Report) -> String {
        printed(super::write, report, &Style::default())
    }

    #[test]
    fn a_finding_is_a_failed_test() {
        assert_eq!(
            junit(&report_of([secret("src/app.py")])),
            r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="keyward" tests="1" failures="1" errors="0">
  <testsuite name="keyward" tests="1" failures="1" errors="0">
    <testcase classname="src/app.py" name="src/app.py:12:11 Acme API key" file="src/app.py" line="12">
      <failure type="acme-api-key" message="Acme API key acme_pNof…: the format is Acme&apos;s alone">mend: read it from the environment: os.environ[&quot;ACME_API_KEY&quot;]; revoke (if it was ever pushed or shared): https://acme.example/keys</failure>
    </testcase>
  </testsuite>
</testsuites>
"#
        );
        let clean = junit(&Report::default());
        assert!(
            clean.contains("tests=\"1\" failures=\"0\" errors=\"0\""),
            "{clean}"
        );
    }

    #[test]
    fn no_name_makes_a_tag_or_leaves_one() {
        let out = junit(&hostile());
        assert!(!out.contains("\u{ffff}") && !out.contains("\u{1b}") && !out.contains('\r'));
        let (mut open, mut seen) = (Vec::new(), 0);
        let mut rest = out.split_once("?>").expect("a declaration").1;
        while let Some((text, after)) = rest.split_once('<') {
            assert!(!text.contains('>'), "{text}");
            let (tag, after) = after.split_once('>').expect("every tag ends");
            seen += 1;
            match tag.strip_prefix('/') {
                Some(name) => assert_eq!(open.pop(), Some(name)),
                None if tag.ends_with('/') => {}
                None => open.push(tag.split(' ').next().expect("a tag has a name")),
            }
            assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
            rest = after;
        }
        assert!(open.is_empty() && rest.trim().is_empty());
        // The suites, 4 failures and 2 errors in a case each, and what is aside.
        assert_eq!(seen, 2 * 2 + 4 * 4 + 2 * 3 + 2);
    }
}
