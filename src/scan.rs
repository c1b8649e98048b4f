//! The straight line from changes to findings.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::{Context, Result};
use bstr::BString;

use crate::allow::comment;
use crate::change::{Change, EntryKind};
use crate::detect::{Detection, Detector};
use crate::finding::{Finding, Fingerprint, Found, Secret};
use crate::guard::Guards;
use crate::text::{AddedLines, Text};
use crate::verdict::{Outcome, Unread};

/// What a Git LFS pointer starts with (Git LFS specification, version 1).
const LFS_POINTER: &[u8] = b"version https://git-lfs.github.com/spec/v1\n";

/// A pointer is a few lines; a file that is longer only starts like one.
const LFS_POINTER_MAX: usize = 1024;

/// Looks at every change and gives what was found, and what could not be looked at. Without guards
/// no file is refused for its name.
pub fn scan<'s>(
    changes: impl IntoIterator<Item = Result<Change<'s>>>,
    guards: Option<&Guards>,
    detector: &Detector<'_>,
) -> Outcome {
    let mut outcome = Outcome::default();
    let mut first_told = FirstTold::default();
    for change in changes {
        match change {
            Ok(change) => {
                outcome.paths += 1;
                let told = outcome.findings.len();
                let scanned = scan_change(&change, guards, detector, &mut outcome);
                if let Some(commit) = &change.commit {
                    first_told.forget_later(&mut outcome.findings, told, commit);
                }
                if let Err(error) = scanned {
                    outcome.unread.push(Unread {
                        path: change.path,
                        reason: format!("{error:#}"),
                    });
                }
            }
            Err(error) => outcome.unread.push(Unread {
                path: Default::default(),
                reason: format!("{error:#}"),
            }),
        }
    }
    outcome
}

/// In which commit each finding was told first. One that a later commit brings up again, because it
/// touches the line, is not told again.
#[derive(Default)]
struct FirstTold(HashMap<(Fingerprint, BString), Arc<str>>);

impl FirstTold {
    /// Takes out what an earlier commit had, of the findings from the one at `from` on.
    fn forget_later(&mut self, findings: &mut Vec<Finding>, from: usize, commit: &Arc<str>) {
        let new = findings.split_off(from);
        findings.extend(new.into_iter().filter(|finding| {
            let key = (finding.fingerprint.clone(), finding.path.clone());
            let first = self.0.entry(key).or_insert_with(|| Arc::clone(commit));
            *first == *commit
        }));
    }
}

fn scan_change(
    change: &Change<'_>,
    guards: Option<&Guards>,
    detector: &Detector<'_>,
    outcome: &mut Outcome,
) -> Result<()> {
    if let Some(guards) = guards {
        outcome.findings.extend(guards.check(change)?);
    }
    let content = change.content()?;
    if content.len() <= LFS_POINTER_MAX && content.starts_with(LFS_POINTER) {
        outcome.lfs.push(change.path.clone());
    }
    let text = Text::decode(&content);
    let mut detections = detector.detect(&text);
    if detections.is_empty() {
        return Ok(());
    }
    let replaced = change
        .replaced()
        .context("cannot read what the file held before")?;
    let parents: Vec<Text<'_>> = replaced.iter().map(|blob| Text::decode(blob)).collect();
    let added = AddedLines::new(&parents);
    detections.retain(|detection| {
        added.touch(&text, &detection.candidate.span)
            || detection
                .companion
                .as_ref()
                .is_some_and(|span| added.touch(&text, span))
    });
    outcome.findings.extend(
        detections
            .iter()
            .map(|detection| finding(change, &text, detection)),
    );
    Ok(())
}

fn finding(change: &Change<'_>, text: &Text<'_>, detection: &Detection<'_>) -> Finding {
    let candidate = &detection.candidate;
    let rule = candidate.rule;
    let secret = Secret::new(candidate.secret, candidate.public);
    let line = text.line_of(candidate.span.start);
    let above = line.checked_sub(1).map(|above| text.line(above));
    let mut why = detection.judgement.why.clone();
    if detection.companion.is_some() {
        why = "both halves of the pair stand here".into();
    }
    if change.kind == EntryKind::Link {
        why.push_str("; it stands in a symbolic link's target");
    }
    Finding {
        path: change.path.clone(),
        kind: change.kind,
        commit: change.commit.clone(),
        span: Some(text.span(&candidate.span)),
        rule: rule.id.clone(),
        name: rule.name.clone(),
        confidence: detection.judgement.confidence,
        why,
        fingerprint: secret.fingerprint(),
        found: Found::Secret {
            env: rule.env.first().cloned().unwrap_or_default(),
            provider: rule.provider,
            secret,
        },
        comment: comment::find(text.line(line), above, &rule.id),
    }
}
