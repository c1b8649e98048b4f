//! What is told of a text's detections.

use std::borrow::Cow;
use std::sync::Arc;

use super::cell::Cells;
use crate::assignment::variable;
use crate::change::{Change, EntryKind};
use crate::comment::Comments;
use crate::detect::{Detection, Why};
use crate::finding::{Finding, Found, Secret, Shelf, Told};
use crate::text::Text;

/// Tells of the detections of one text, in the order in which they stand.
pub(super) struct Teller<'a, 's> {
    change: &'a Change<'s>,
    text: &'a Text<'a>,
    cells: Option<Cells>,
    /// The last line that was asked about, with the comments that speak of it: it is asked once, however many
    /// findings are on it.
    last: Option<(usize, Comments<'a>)>,
    shelf: Shelf,
}

impl<'a, 's> Teller<'a, 's> {
    pub(super) fn new(change: &'a Change<'s>, text: &'a Text<'a>) -> Self {
        Self {
            change,
            text,
            cells: None,
            last: None,
            shelf: Shelf::default(),
        }
    }

    /// The findings. Their secrets are kept together, as long as one of them is.
    pub(super) fn findings(&mut self, detections: &[Detection<'_>]) -> Vec<Finding> {
        let (change, text) = (self.change, self.text);
        let candidates = detections.iter().map(|it| &it.candidate);
        let secrets = Secret::all_of(candidates.map(|it| (it.secret(), it.public)));
        let found = detections.iter().zip(secrets).map(|(detection, secret)| {
            let cells = self
                .cells
                .get_or_insert_with(|| Cells::of(&change.path, text));
            let cell = cells.at(detection.candidate.span.start);
            self.finding(detection, secret, cell)
        });
        found.collect()
    }

    /// The comment that allows what was found, if there is one.
    pub(super) fn comment(&mut self, detection: &Detection<'_>) -> Option<&'static str> {
        let text = self.text;
        let line = text.line_of(detection.candidate.span.start);
        let comments = match self.last.take() {
            Some((known, comments)) if known == line => comments,
            _ => comments_of(text, line),
        };
        let (_, comments) = self.last.insert((line, comments));
        comment_on(text, detection, comments)
    }

    /// What would be a finding.
    pub(super) fn dropped(&mut self, detection: &Detection<'_>) -> Finding {
        let candidate = &detection.candidate;
        let secret = Secret::new(candidate.secret(), candidate.public);
        self.finding(detection, secret, None)
    }

    fn finding(
        &mut self,
        detection: &Detection<'_>,
        secret: Secret,
        cell: Option<usize>,
    ) -> Finding {
        let text = self.text;
        let span = &detection.candidate.span;
        let comment = self.comment(detection);
        // Of a pair, too, that is where its secret stands: what allows it is sought there.
        let span = text.span(span);
        let pair = detection.companion.as_deref().map(|half| text.span(half));
        let other = pair.filter(|half| half.line != span.line);
        let beside = Beside {
            other: other.map(|half| half.line),
            cell,
        };
        let told = told(self.change, detection, beside, comment, &mut self.shelf);
        let mut finding = Finding::secret(told, secret, Some(span));
        finding.pair = pair.map(Box::new);
        finding
    }
}

/// The comments that speak of a line of a text.
fn comments_of<'t>(text: &'t Text<'_>, line: usize) -> Comments<'t> {
    let above = line.checked_sub(1).map(|above| text.line(above));
    Comments::of(text.line(line), above, text.file_type().syntax)
}

/// The comment that allows what was found, if there is one.
fn comment_on(
    text: &Text<'_>,
    detection: &Detection<'_>,
    comments: &Comments<'_>,
) -> Option<&'static str> {
    let candidate = &detection.candidate;
    let rule = &candidate.rule.id;
    comments.allow(rule).or_else(|| {
        // Behind the end of what has several lines, too.
        let (first, last) = text.lines_of(&candidate.span).into_inner();
        let syntax = text.file_type().syntax;
        (last > first)
            .then(|| Comments::of(text.line(last), None, syntax).allow(rule))
            .flatten()
    })
}

/// Where a reader finds it beside its own line.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Beside {
    /// The line of the other half of a pair, where that is another one.
    other: Option<u32>,
    /// The number of its cell in a notebook.
    cell: Option<usize>,
}

/// What is told of a detection.
pub(super) fn told(
    change: &Change<'_>,
    detection: &Detection<'_>,
    beside: Beside,
    comment: Option<&'static str>,
    shelf: &mut Shelf,
) -> Arc<Told> {
    let candidate = &detection.candidate;
    let rule = candidate.rule;
    let why = Why {
        link: change.kind == EntryKind::Link,
        ..detection.why()
    };
    let why = match beside {
        Beside {
            other: None,
            cell: None,
        } if why.is_plain() => Arc::clone(&detection.judgement.why),
        Beside { other, cell } => {
            let mut why = why.to_string();
            if let Some(line) = other {
                why.push_str(&format!(", the other one on line {line}"));
            }
            if let Some(cell) = cell {
                why.push_str(&format!("; in cell {cell}"));
            }
            why.into()
        }
    };
    let env: Cow<'static, str> = match &candidate.assignment {
        Some(assigned) => variable(&candidate.text()[assigned.name.clone()])
            .unwrap_or_default()
            .into(),
        None => rule.env.first().cloned().unwrap_or_default(),
    };
    let confidence = detection.judgement.confidence;
    let is_told = |known: &Told| {
        known.rule == rule.id
            && known.confidence == confidence
            && known.comment == comment
            && (Arc::ptr_eq(&known.why, &why) || known.why == why)
            && matches!(&known.found, Found::Secret { env: known, .. } if *known == env)
    };
    shelf.shared(is_told, || Told {
        path: change.path.clone(),
        kind: change.kind,
        commit: change.commit.clone(),
        rule: rule.id.clone(),
        name: rule.name.clone(),
        confidence,
        why: Arc::clone(&why),
        found: Found::Secret {
            env: env.clone(),
            provider: rule.provider.clone(),
            mend: rule.mend,
            generic: rule.generic,
        },
        comment,
    })
}
