//! The straight line from changes to findings.

use anyhow::{Context, Result};

use crate::allow::comment;
use crate::change::{Change, EntryKind};
use crate::detect::{Detection, Detector};
use crate::finding::{Finding, Found, Secret};
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
    for change in changes {
        match change {
            Ok(change) => {
                outcome.paths += 1;
                if let Err(error) = scan_change(&change, guards, detector, &mut outcome) {
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
