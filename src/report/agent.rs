//! For AI agents: few lines, each with a key that stays, and at the end what to do next.

use super::advice::Advice;
use crate::finding::{Finding, Found};
use crate::shell::shown;

/// A bound: of more findings an agent needs no list.
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
        let mut lines = vec![match self.why {
            "" => format!("keyward: {}: {}", self.deed, self.what),
            why => format!("keyward: {}: {}: {why}", self.deed, self.what),
        }];
        for finding in self.findings.iter().take(MOST) {
            lines.extend(finding_lines(finding));
        }
        if self.findings.len() > MOST {
            lines.push(format!("more: {}", self.findings.len() - MOST));
        }
        lines.push(format!("next: {}", self.next));
        lines.join("\n")
    }
}

/// What to do about a finding in a file, in one line.
pub(crate) fn mend(finding: &Finding) -> String {
    Advice::FROM_TOP.mend(finding).told()
}

/// The command by which an agent proposes to allow a finding.
pub(crate) fn propose(finding: &Finding) -> String {
    let id = finding.fingerprint.id();
    format!("keyward allow --propose {id} --reason \"...\"")
}

/// A finding, and its mend if it is in a file.
fn finding_lines(finding: &Finding) -> Vec<String> {
    let path = shown(&finding.path);
    let place = match finding.span {
        Some(span) => format!("{path}:{}", span.line),
        None => path,
    };
    let rule = shown(finding.rule.as_bytes());
    let name = shown(finding.name.as_bytes());
    let what = match &finding.found {
        Found::Secret { secret, .. } => {
            format!("{rule} {} ({name})", shown(secret.redacted().as_bytes()))
        }
        Found::File { .. } | Found::TrackedFile => format!("{rule} ({name})"),
    };
    let mut lines = vec![format!("found: {place} {what}")];
    if finding.kind.has_path() {
        lines.push(format!("mend: {}", mend(finding)));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::super::samples::secret;
    use super::*;

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
        expected.extend(["more", "next"]);
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
