//! What every format for programs says of a finding, and of what is no finding.

use bstr::BStr;

use super::Report;
use super::advice::{self, Advice};
use crate::finding::{Finding, Found, Secret};
use crate::verdict::Verdict;

/// What depends on the kind of finding.
pub(super) struct Facts<'v> {
    pub(super) kind: &'static str,
    pub(super) provider: Option<&'v str>,
    pub(super) redacted: Option<String>,
    pub(super) env: Option<String>,
    pub(super) revoke: Option<&'v str>,
    pub(super) mend: String,
}

impl<'v> Facts<'v> {
    pub(super) fn of(finding: &'v Finding) -> Self {
        let mut facts = Self {
            kind: "secret",
            provider: None,
            redacted: None,
            env: None,
            revoke: advice::revoke(finding),
            mend: Advice::FROM_TOP.mend(finding).told(),
        };
        match &finding.found {
            Found::Secret { provider, .. } => {
                facts.provider = Some(&*provider.id).filter(|id| !id.is_empty());
                facts.redacted = finding.secret.as_ref().map(Secret::redacted);
                facts.env = Some(advice::env(finding));
            }
            Found::File { .. } => facts.kind = "file",
            Found::TrackedFile => facts.kind = "tracked-file",
        }
        facts
    }

    /// What was found and why it counts, in one line.
    pub(super) fn message(&self, finding: &Finding) -> String {
        match &self.redacted {
            Some(redacted) => format!("{} {redacted}: {}", finding.name, finding.why),
            None => format!("{}: {}", finding.name, finding.why),
        }
    }
}

/// As [`Facts::message`], with the commit that brought the finding and what becomes of it, for formats
/// that have no place of their own for them.
pub(super) fn message_of(finding: &Finding, facts: &Facts<'_>, level: Level) -> String {
    let mut message = facts.message(finding);
    if level == Level::Held {
        message.push_str("; the repository holds it already");
    }
    if let Some(commit) = finding.commit.as_deref() {
        message.push_str(&format!(" (commit {})", advice::short(commit)));
    }
    message
}

/// What becomes of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    /// It blocks.
    Blocking,
    /// It is a secret that the repository holds already: told, and no more.
    Held,
    /// It is worth a line.
    Warning,
}

impl Level {
    /// How the formats call it that have a word for it.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Blocking => "blocking",
            Self::Held => "held",
            Self::Warning => "warning",
        }
    }
}

/// The findings that a report shows, each with what becomes of it.
pub(super) fn findings(verdict: &Verdict) -> impl Iterator<Item = (&Finding, Level)> {
    [
        (&verdict.blocking, Level::Blocking),
        (&verdict.held, Level::Held),
        (&verdict.warnings, Level::Warning),
    ]
    .into_iter()
    .flat_map(|(findings, level)| findings.iter().map(move |finding| (finding, level)))
}

/// What is no finding and must be told.
pub(super) struct Note<'v> {
    pub(super) kind: &'static str,
    /// Empty if it is about no path.
    pub(super) path: &'v BStr,
    pub(super) message: &'v str,
    /// Whether something could not be read: nobody can say that it is clean.
    pub(super) unread: bool,
}

/// What is no finding, in the order of its weight.
pub(super) fn notes(report: &Report) -> impl Iterator<Item = Note<'_>> {
    let Report { verdict, notes } = report;
    let unread = verdict.unread.iter().map(|unread| Note {
        kind: "unread",
        path: unread.path.as_ref(),
        message: &unread.reason,
        unread: true,
    });
    let lfs = verdict.lfs.iter().map(|path| Note {
        kind: "lfs-object",
        path: path.as_ref(),
        message: "the Git LFS object was not read, only its pointer",
        unread: false,
    });
    let archives = verdict.archives.iter().map(|archive| Note {
        kind: "archive",
        path: archive.path.as_ref(),
        message: "nobody looked into the archive",
        unread: false,
    });
    let weaker = notes.weaker.what.iter().map(|weaker| Note {
        kind: "policy",
        path: BStr::new(".keyward.toml"),
        message: weaker,
        unread: false,
    });
    let remarks = verdict.remarks.iter().map(|remark| Note {
        kind: remark.kind,
        path: remark.path.as_ref(),
        message: &remark.message,
        unread: false,
    });
    unread
        .chain(lfs)
        .chain(archives)
        .chain(weaker)
        .chain(remarks)
}

/// Counts how often each name came before: two secrets of one fingerprint in one file are two
/// findings, and programs want a name for each that stays when lines move.
#[derive(Default)]
pub(super) struct Ordinals(std::collections::BTreeMap<Vec<u8>, usize>);

impl Ordinals {
    /// A name for this finding that no other of the report has.
    pub(super) fn name(&mut self, finding: &Finding) -> String {
        let mut key = finding.path.to_vec();
        key.push(0);
        key.extend_from_slice(finding.rule.as_bytes());
        key.push(0);
        key.extend_from_slice(finding.fingerprint.as_str().as_bytes());
        let count = self.0.entry(key.clone()).or_default();
        key.push(0);
        key.extend_from_slice(count.to_string().as_bytes());
        *count += 1;
        crate::finding::Fingerprint::of_path(&key).to_string()
    }
}
