//! Takes down what is dropped on the line.

use crate::candidate::Candidate;
use crate::change::Change;
use crate::confidence::Confidence;
use crate::detect::{Settled, Trace, Why};
use crate::finding::Secret;
use crate::guard::Named;
use crate::judge::{Judgement, Rejection};
use crate::text::Text;
use crate::verdict::Dropped;

/// Takes down what the detector drops in one text.
pub(super) struct Sink<'a, 's> {
    change: &'a Change<'s>,
    text: &'a Text<'a>,
    dropped: &'a mut Vec<Dropped>,
}

impl<'a, 's> Sink<'a, 's> {
    pub(super) fn new(
        change: &'a Change<'s>,
        text: &'a Text<'a>,
        dropped: &'a mut Vec<Dropped>,
    ) -> Self {
        Self {
            change,
            text,
            dropped,
        }
    }

    fn drop(
        &mut self,
        candidate: &Candidate<'_>,
        confidence: Option<Confidence>,
        why: String,
        because: String,
    ) {
        self.dropped.push(Dropped {
            path: self.change.path.clone(),
            span: Some(self.text.span(&candidate.span)),
            rule: candidate.rule.id.clone(),
            secret: Some(Secret::new(candidate.secret(), candidate.public)),
            confidence,
            why,
            because,
        });
    }
}

impl Trace for Sink<'_, '_> {
    fn asks_for_rejected(&self) -> bool {
        true
    }

    fn rejected(&mut self, candidate: &Candidate<'_>, why: &Rejection) {
        self.drop(candidate, None, why.to_string(), String::new());
    }

    fn settled(&mut self, candidate: &Candidate<'_>, judgement: &Judgement, why: Settled<'_>) {
        // What a refused token holds is no secret, whatever it looks like by itself.
        if why == Settled::Refused {
            return self.drop(candidate, None, why.to_string(), String::new());
        }
        let confidence = Some(judgement.confidence);
        let reason = Why::of(candidate, judgement).to_string();
        self.drop(candidate, confidence, reason, why.to_string());
    }
}

/// A file whose name a guard knows, and that holds nothing that it guards.
pub(super) fn harmless(change: &Change<'_>, named: &Named<'_, '_>) -> Dropped {
    Dropped {
        path: change.path.clone(),
        span: None,
        rule: named.rule().id.into(),
        secret: None,
        confidence: None,
        why: "its name fits, and it holds nothing secret".to_owned(),
        because: String::new(),
    }
}
