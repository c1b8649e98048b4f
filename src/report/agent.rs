//! For AI agents: few lines, each with a key that stays, and at the end what to do next.
//!
//! What an agent is kept from, what a hook stops and what a scan finds read the same.

use std::collections::BTreeSet;
use std::io::{self, Write};

use bstr::{BStr, ByteSlice};

use super::advice::Advice;
use super::facts::notes;
use super::text::seen_from;
use super::{Detail, Occasion, Report, Style};
use crate::count::{count, counted};
use crate::finding::Finding;
use crate::local_check::LocalChecks;
use crate::shell::shown;
use crate::verdict::Verdict;

/// A bound: of more findings, or more of what is no finding, an agent needs no list.
const MOST: usize = 5;

/// What an agent is kept from, and why.
#[derive(Clone, Debug)]
pub(crate) struct Refusal<'f> {
    /// What became of it: "refused".
    pub deed: &'f str,
    /// What it is, in a few words: "this write".
    pub what: &'f str,
    /// Why, where no finding says it; empty otherwise.
    pub why: &'f str,
    /// What was found.
    pub findings: &'f [Finding],
    /// What to do next.
    pub next: &'f str,
}

impl Refusal<'_> {
    /// The lines.
    pub(crate) fn told(&self) -> String {
        let mut lines = vec![headline(self.deed, self.what, self.why)];
        lines.extend(found(self.findings, 0, BStr::new("")));
        lines.extend(allow(self.findings));
        lines.push(format!("next: {}", self.next));
        lines.join("\n")
    }
}

/// An error that ended a hook, and what an agent does about it.
pub(crate) fn failed(said: &str, is_misunderstood: bool) -> String {
    let next = match is_misunderstood {
        true => {
            "correct what it names; `.keyward.toml` and `.keyward.allow` are for a person: tell them what \
             stands there"
        }
        false => "mend the cause and try again, or tell a person; do not go around the check",
    };
    format!(
        "{}\nnext: {next}",
        headline("failed", &shown(said.as_bytes()), "")
    )
}

pub(super) fn write(report: &Report, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let Report { verdict, notes } = report;
    let is_clean = !verdict.blocks() && verdict.unread.is_empty();
    let prefix = BStr::new(&style.prefix);
    let mut lines = found(&verdict.blocking, verdict.unlisted(), prefix);
    lines.extend(beside(report, prefix, style.detail));
    let is_told = style.hook || style.detail == Detail::Quiet;
    if is_clean && lines.is_empty() && is_told && notes.local_checks.is_none() {
        return Ok(());
    }
    writeln!(out, "{}", start(verdict, style))?;
    lines.extend(allow(&verdict.blocking));
    if !is_clean {
        lines.push(format!("next: {}", next(verdict, style)));
    }
    for line in lines {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

fn headline(deed: &str, what: &str, why: &str) -> String {
    match why {
        "" => format!("keyward: {deed}: {what}"),
        why => format!("keyward: {deed}: {what}: {why}"),
    }
}

/// The first line of a report.
fn start(verdict: &Verdict, style: &Style) -> String {
    let files = counted(verdict.paths, "file");
    let unread = match verdict.unread.len() {
        0 => String::new(),
        _ => "not all could be read".to_owned(),
    };
    let found = match verdict.blocking.len() + verdict.unlisted() {
        0 => String::new(),
        some => counted(some, "finding"),
    };
    let why = match (found.is_empty(), unread.is_empty()) {
        (false, false) => format!("{found}, and {unread}"),
        _ => format!("{found}{unread}"),
    };
    match (style.hook, why.is_empty()) {
        (true, true) => headline("passed", style.occasion.place(), ""),
        (true, false) => {
            let deed = match style.occasion {
                Occasion::Made => "found",
                _ => "refused",
            };
            let why = format!("{why}; {}", style.occasion.end());
            headline(deed, style.occasion.place(), &why)
        }
        (false, true) if verdict.paths == 0 => headline("empty", "nothing was looked at", ""),
        (false, true) => headline("clean", &files, ""),
        (false, false) if !verdict.blocks() => headline("unread", &files, &why),
        (false, false) => headline("found", &files, &why),
    }
}

/// A line of a list, and how many more there are.
fn listed(lines: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut lines: Vec<String> = lines.into_iter().collect();
    let more = lines.len().saturating_sub(MOST);
    if more > 0 {
        lines.truncate(MOST);
        lines.push(format!("more: {more}"));
    }
    lines
}

/// The findings, each with its mend, and how many more there are than these, with those that nobody lists.
fn found(findings: &[Finding], unlisted: usize, prefix: &BStr) -> Vec<String> {
    let mut lines = Vec::new();
    for finding in findings.iter().take(MOST) {
        lines.push(format!("found: {}", line(finding, prefix)));
        if finding.kind.has_path() {
            let mend = Advice::seen_from(prefix).mend(finding).told();
            lines.push(format!("mend: {mend}"));
        }
    }
    let more = findings.len().saturating_sub(MOST) + unlisted;
    if more > 0 {
        lines.push(format!("more: {more}"));
    }
    lines
}

/// What stops nothing, and what could not be read.
fn beside(report: &Report, prefix: &BStr, detail: Detail) -> Vec<String> {
    let Report { verdict, notes: of } = report;
    let told = |is_unread: bool| {
        let of_kind = notes(report).filter(move |note| note.unread == is_unread);
        listed(of_kind.map(|note| {
            let key = if is_unread { "unread" } else { "note" };
            let message = shown(note.message.as_bytes());
            match note.path.is_empty() {
                true => format!("{key}: {message}"),
                false => format!("{key}: {}: {message}", shown(&seen_from(note.path, prefix))),
            }
        }))
    };
    let mut lines = told(true);
    if detail == Detail::Quiet {
        return lines;
    }
    let of_key = |key: &str, findings: Vec<&Finding>| {
        let lines = findings.into_iter().map(|it| line(it, prefix));
        listed(lines.map(|line| format!("{key}: {line}")))
    };
    lines.extend(of_key("held", verdict.held.iter().collect()));
    lines.extend(of_key("warning", verdict.warnings.iter().collect()));
    if detail == Detail::Verbose {
        let allowed = verdict.allowed.iter().map(|it| &it.finding);
        lines.extend(of_key("allowed", allowed.collect()));
        lines.extend(of_key("below", verdict.below_threshold.iter().collect()));
    }
    lines.extend(told(false));
    if of.unshared > 0 {
        let what = count(of.unshared, "finding is", "findings are");
        lines.push(format!(
            "note: {what} allowed by .keyward.allow as it lies here, and not as it is committed; to share it: \
             git add .keyward.allow"
        ));
    }
    let checks = of.local_checks.as_ref().into_iter();
    let checks = checks.flat_map(LocalChecks::lines);
    lines.extend(checks.map(|line| format!("note: {}", shown(line.trim().as_bytes()))));
    lines
}

/// The command by which an agent proposes to allow what was found in files.
fn allow(findings: &[Finding]) -> Option<String> {
    let mut in_files = findings.iter().filter(|finding| finding.kind.has_path());
    let first = in_files.next()?.fingerprint.id();
    let is_one = in_files.all(|finding| finding.fingerprint.id() == first);
    let id = if is_one { first } else { "ID" };
    Some(format!(
        "allow: keyward allow --propose {id} --reason \"...\" (only what is no secret; a person decides)"
    ))
}

/// What is done once the mends are followed.
fn next(verdict: &Verdict, style: &Style) -> String {
    let findings = &verdict.blocking;
    let again = match style.hook {
        true => style.occasion.again(),
        false => "scan again",
    };
    if findings.is_empty() {
        return format!("mend why it could not be read, then {again}; do not go around the check");
    }
    let mend = match findings.len() {
        1 => "do what mend says",
        _ => "do what each mend says",
    };
    let advice = Advice::seen_from(&style.prefix);
    let is_made = findings.iter().any(|finding| finding.commit.is_some());
    if is_made && !verdict.rewrite.command.is_empty() {
        return format!(
            "{mend} where it was committed: {}, then {again}",
            verdict.rewrite.command
        );
    }
    let edited = findings.iter().filter(|it| advice.mend(it).edits);
    let in_files = edited.filter(|it| it.kind.has_path());
    let paths: BTreeSet<&[u8]> = in_files.map(|it| it.path.as_bytes()).collect();
    match style.hook && style.occasion == Occasion::Commit && (1..=MOST).contains(&paths.len()) {
        true => format!("{mend}, then: {}, and {again}", advice.stage(paths)),
        false => format!("{mend}, then {again}"),
    }
}

/// What to do about a finding in a file, in one line.
pub(crate) fn mend(finding: &Finding) -> String {
    Advice::FROM_TOP.mend(finding).told()
}

/// A finding in a line: where it is, what it is, and the id by which it is allowed.
fn line(finding: &Finding, prefix: &BStr) -> String {
    let path = match finding.kind.has_path() {
        true => shown(&seen_from(&finding.path, prefix)),
        false => shown(&finding.path),
    };
    let mut place = match finding.span {
        Some(span) => format!("{path}:{}", span.line),
        None => path,
    };
    if let Some(commit) = &finding.commit {
        place.push_str(&format!(" in {}", super::short(commit)));
    }
    let rule = shown(finding.rule.as_bytes());
    let name = shown(finding.name.as_bytes());
    let what = match &finding.secret {
        Some(secret) => format!("{rule} {} ({name})", shown(secret.redacted().as_bytes())),
        None => format!("{rule} ({name})"),
    };
    match finding.kind.has_path() {
        true => format!("{place} {what} [{}]", finding.fingerprint.id()),
        false => format!("{place} {what}"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{hostile, printed, report_of, secret, secret_with};
    use super::*;

    fn told(findings: Vec<Finding>, hook: bool, occasion: Occasion) -> String {
        let style = Style {
            color: true,
            hook,
            occasion,
            prefix: "src".into(),
            ..Style::default()
        };
        printed(write, &report_of(findings), &style)
    }

    #[test]
    fn a_commit_a_push_and_a_scan_read_the_same() {
        let one = secret("src/a b.py");
        let id = one.fingerprint.id().to_owned();
        let found = format!(
            "found: a b.py:12 acme-api-key {} (Acme API key) [{id}]\n\
             mend: read it from the environment: os.environ[\"ACME_API_KEY\"]\n\
             allow: keyward allow --propose {id} --reason \"...\" (only what is no secret; a person decides)\n",
            one.secret.as_ref().expect("it is a secret").redacted()
        );
        for (hook, occasion, start, next) in [
            (
                true,
                Occasion::Commit,
                "refused: this commit: 1 finding; nothing was committed",
                "do what mend says, then: git add 'a b.py', and commit again",
            ),
            (
                true,
                Occasion::Push,
                "refused: what you push: 1 finding; nothing was pushed",
                "do what mend says, then push again",
            ),
            (
                true,
                Occasion::Made,
                "found: the commit that was just made: 1 finding; it skipped the check",
                "do what mend says, then amend the commit",
            ),
            (
                false,
                Occasion::Commit,
                "found: 1 file: 1 finding",
                "do what mend says, then scan again",
            ),
        ] {
            assert_eq!(
                told(vec![one.clone()], hook, occasion),
                format!("keyward: {start}\n{found}next: {next}\n")
            );
        }
        assert_eq!(told(Vec::new(), true, Occasion::Commit), "");
        let clean = told(Vec::new(), false, Occasion::Commit);
        assert_eq!(clean, "keyward: empty: nothing was looked at\n");
        let two = vec![one, secret_with("a.py", "acme_", "0123456789abcdefghij")];
        assert!(told(two, true, Occasion::Commit).contains("--propose ID "));
    }

    #[test]
    fn every_line_has_a_key_whatever_others_named() {
        const KEYS: &[&str] = &[
            "keyward", "found", "mend", "more", "unread", "held", "warning", "note", "allow",
            "next",
        ];
        let told = printed(write, &hostile(), &Style::default());
        for line in told.lines() {
            let key = line.split(": ").next().unwrap_or_default();
            assert!(KEYS.contains(&key), "{line}");
            assert!(!line.chars().any(char::is_control), "{line:?}");
        }
        assert!(told.lines().count() < 50, "{told}");
    }

    #[test]
    fn a_refusal_is_a_few_lines_with_keys() {
        let findings = vec![secret("src/app.py"); 7];
        let refusal = Refusal {
            deed: "refused",
            what: "this write",
            why: "",
            findings: &findings,
            next: "do it",
        };
        let told = refusal.told();
        let keys: Vec<&str> = told
            .lines()
            .map(|line| line.split(": ").next().unwrap_or_default())
            .collect();
        let mut expected = vec!["keyward"];
        expected.extend(["found", "mend"].repeat(MOST));
        expected.extend(["more", "allow", "next"]);
        assert_eq!(keys, expected, "{told}");
        assert!(told.contains("os.environ"), "{told}");
        let other = Refusal {
            why: "it is so",
            findings: &[],
            ..refusal
        };
        assert_eq!(
            other.told(),
            "keyward: refused: this write: it is so\nnext: do it"
        );
    }
}
