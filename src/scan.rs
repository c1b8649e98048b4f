//! The straight line from changes to findings.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use anyhow::{Context, Result};
use bstr::BString;

use crate::assignment::variable;
use crate::change::{Change, EntryKind};
use crate::comment;
use crate::confidence::Confidence;
use crate::detect::{Detection, Detector, Why};
use crate::filetype::FileType;
use crate::finding::{Finding, Fingerprint, Found, Secret, Span};
use crate::guard::{Guards, Held, Named};
use crate::lfs;
use crate::text::{AddedLines, Text};
use crate::verdict::{Outcome, Unread};

/// How many bytes are read before other threads help: the ordinary commit is smaller, and starting
/// threads would be a large part of what it costs.
const ALONE: usize = 512 * 1024;

/// Looks at every change and gives what was found, and what could not be looked at, in the order of
/// the changes. Without guards no file is refused for its name.
///
/// From half a megabyte on, as many threads look as there are cores for them. Each holds one blob.
pub fn scan<'s, I>(changes: I, guards: Option<&Guards>, detector: &Detector<'_>) -> Outcome
where
    I: IntoIterator<Item = Result<Change<'s>>>,
    I::IntoIter: Send,
{
    let mut outcome = look_at_all(changes.into_iter(), guards, detector);
    tell_once(&mut outcome.findings);
    outcome
}

fn look_at_all<'s>(
    mut changes: impl Iterator<Item = Result<Change<'s>>> + Send,
    guards: Option<&Guards>,
    detector: &Detector<'_>,
) -> Outcome {
    let mut outcome = Outcome::default();
    let mut read = 0;
    let ended = loop {
        let Some(change) = changes.next() else {
            break true;
        };
        read += look(change, guards, detector, &mut outcome);
        if read >= ALONE {
            break false;
        }
    };
    // Asking for the cores means to read files, too.
    let threads = match ended {
        true => 1,
        false => thread::available_parallelism().map_or(1, usize::from),
    };
    if threads == 1 {
        for change in changes {
            look(change, guards, detector, &mut outcome);
        }
        return outcome;
    }
    let changes = Mutex::new(changes.enumerate());
    let work = || {
        let mut outcomes = Vec::new();
        loop {
            let next = changes
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .next();
            let Some((number, change)) = next else {
                return outcomes;
            };
            let mut outcome = Outcome::default();
            look(change, guards, detector, &mut outcome);
            outcomes.push((number, outcome));
        }
    };
    let mut outcomes = thread::scope(|scope| {
        // A thread that can't be started leaves the work to the others.
        let others: Vec<_> = (1..threads)
            .filter_map(|_| thread::Builder::new().spawn_scoped(scope, work).ok())
            .collect();
        let mut outcomes = work();
        for other in others {
            outcomes.extend(other.join().expect("a panic ends the process"));
        }
        outcomes
    });
    outcomes.sort_by_key(|(number, _)| *number);
    for (_, next) in outcomes {
        outcome.append(next);
    }
    outcome
}

/// Leaves out of history what an earlier commit had: a later one brings it up again because it
/// touches the line.
fn tell_once(findings: &mut Vec<Finding>) {
    let mut first: HashMap<(Fingerprint, BString), Arc<str>> = HashMap::new();
    findings.retain(|finding| {
        let Some(commit) = &finding.commit else {
            return true;
        };
        let key = (finding.fingerprint.clone(), finding.path.clone());
        *first.entry(key).or_insert_with(|| Arc::clone(commit)) == *commit
    });
}

/// Looks at one change and gives how many bytes it was.
fn look(
    change: Result<Change<'_>>,
    guards: Option<&Guards>,
    detector: &Detector<'_>,
    outcome: &mut Outcome,
) -> usize {
    let (path, error) = match change {
        Ok(change) => {
            outcome.paths += 1;
            match scan_change(&change, guards, detector, outcome) {
                Ok(read) => return read,
                Err(error) => (change.path, error),
            }
        }
        Err(error) => (Default::default(), error),
    };
    outcome.unread.push(Unread {
        path,
        reason: format!("{error:#}"),
    });
    0
}

/// A candidate with the judgement on it.
#[derive(Clone, Debug)]
pub struct Explained {
    /// The path of its file.
    pub path: BString,
    /// Where in the file.
    pub span: Span,
    /// The rule whose shape it has.
    pub rule: Cow<'static, str>,
    /// Its bytes, sealed.
    pub secret: Secret,
    /// How sure it is a secret; `None` if it is none.
    pub confidence: Option<Confidence>,
    /// Why, or why not.
    pub reason: String,
}

/// Every candidate in the changes' new contents, also those that are no secrets, in the order in
/// which they stand.
///
/// # Errors
/// A change that cannot be read.
pub fn explain<'s>(
    changes: impl IntoIterator<Item = Result<Change<'s>>>,
    detector: &Detector<'_>,
) -> Result<Vec<Explained>> {
    let mut all = Vec::new();
    for change in changes {
        let change = change?;
        let content = change.content()?;
        let text = text_of(&change, &content, None);
        let first = all.len();
        all.extend(
            detector
                .explain(&text)
                .into_iter()
                .map(|(candidate, judged)| {
                    let (confidence, reason) = match judged {
                        Ok(judgement) => {
                            let why = candidate.why(&judgement).to_string();
                            (Some(judgement.confidence), why)
                        }
                        Err(rejection) => (None, rejection.to_string()),
                    };
                    Explained {
                        path: change.path.clone(),
                        span: text.span(&candidate.span),
                        rule: candidate.rule.id.clone(),
                        secret: Secret::new(candidate.secret(), candidate.public),
                        confidence,
                        reason,
                    }
                }),
        );
        all[first..].sort_by_key(|explained| explained.span);
    }
    Ok(all)
}

/// The content of a change as text.
fn text_of<'c>(change: &Change<'_>, content: &'c [u8], named: Option<&Named<'_, '_>>) -> Text<'c> {
    Text::decode(content).at(FileType {
        keeps_secrets: named.is_some_and(Named::keeps_secrets),
        ..FileType::of_path(&change.path)
    })
}

/// What a guard says about a change. Its content is asked for only if its name fits.
///
/// # Errors
/// A change that cannot be read.
pub fn guarded(
    change: &Change<'_>,
    guards: &Guards,
    detector: &Detector<'_>,
) -> Result<Option<Finding>> {
    let Some(named) = guards.named(change) else {
        return Ok(None);
    };
    let content = change.content()?;
    let text = text_of(change, &content, Some(&named));
    named.check(&held(&content, &text, &detector.detect(&text)))
}

fn held<'a>(blob: &'a [u8], text: &'a Text<'a>, found: &[Detection<'_>]) -> Held<'a> {
    Held {
        blob,
        text,
        secret: found
            .iter()
            .any(|detection| detection.judgement.confidence > Confidence::Possible),
    }
}

fn scan_change(
    change: &Change<'_>,
    guards: Option<&Guards>,
    detector: &Detector<'_>,
    outcome: &mut Outcome,
) -> Result<usize> {
    let named = guards.and_then(|guards| guards.named(change));
    let content = change.content()?;
    if lfs::is_pointer(&content) {
        outcome.lfs.push(change.path.clone());
    }
    let text = text_of(change, &content, named.as_ref());
    let mut detections = detector.detect(&text);
    if let Some(named) = named {
        let finding = named.check(&held(&content, &text, &detections))?;
        outcome.findings.extend(finding);
    }
    if detections.is_empty() {
        return Ok(content.len());
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
    Ok(content.len())
}

fn finding(change: &Change<'_>, text: &Text<'_>, detection: &Detection<'_>) -> Finding {
    let candidate = &detection.candidate;
    let rule = candidate.rule;
    let secret = Secret::new(candidate.secret(), candidate.public);
    // A pair is one finding, which reaches from its first half to its second.
    let span = match &detection.companion {
        Some(other) => candidate.span.start.min(other.start)..candidate.span.end.max(other.end),
        None => candidate.span.clone(),
    };
    let line = text.line_of(candidate.span.start);
    let above = line.checked_sub(1).map(|above| text.line(above));
    let why = Why {
        link: change.kind == EntryKind::Link,
        ..detection.why()
    };
    Finding {
        path: change.path.clone(),
        kind: change.kind,
        commit: change.commit.clone(),
        span: Some(text.span(&span)),
        rule: rule.id.clone(),
        name: rule.name.clone(),
        confidence: detection.judgement.confidence,
        why: why.to_string(),
        fingerprint: secret.fingerprint(),
        found: Found::Secret {
            env: match &candidate.assignment {
                Some(assigned) => variable(&candidate.text()[assigned.name.clone()])
                    .unwrap_or_default()
                    .into(),
                None => rule.env.first().cloned().unwrap_or_default(),
            },
            provider: rule.provider.clone(),
            mend: rule.mend,
            secret,
        },
        comment: comment::find(text.line(line), above, &rule.id),
    }
}

#[cfg(test)]
mod agreement;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::{InMemory, Status};
    use crate::rules::RuleSet;

    /// Files large enough that every core helps; each seventh has a key, each thirteenth can't be
    /// had.
    #[test]
    fn many_threads_say_what_one_says() {
        let rules = RuleSet::builtin();
        let rule = rules.find("anthropic-api-key").unwrap();
        let mut random = crate::lab::Random::new(9);
        let key = crate::lab::sample(rule, &mut random).unwrap();
        let changes = (0..200).map(|number| {
            if number % 13 == 0 {
                return Err(anyhow::anyhow!("number {number}"));
            }
            let mut content = vec![b' '; 20_000 * (number % 5)];
            if number % 7 == 0 {
                content.extend_from_slice(&key);
            }
            let origin = InMemory {
                content,
                ..InMemory::default()
            };
            let path = format!("{number:03}");
            Ok(Change::new(path, Status::Added, EntryKind::File, origin))
        });
        let outcome = scan(changes, None, &Detector::new(&rules));
        assert_eq!(outcome.paths, 200 - 16);
        let found: Vec<String> = outcome
            .findings
            .iter()
            .map(|finding| finding.path.to_string())
            .collect();
        let expected: Vec<String> = (0..200)
            .filter(|number| number % 7 == 0 && number % 13 != 0)
            .map(|number| format!("{number:03}"))
            .collect();
        assert_eq!(found, expected);
        let unread: Vec<&str> = outcome.unread.iter().map(|it| it.reason.as_str()).collect();
        let expected: Vec<String> = (0..200)
            .step_by(13)
            .map(|number| format!("number {number}"))
            .collect();
        assert_eq!(unread, expected);
    }
}
