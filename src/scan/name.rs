//! Secrets in the names of files and directories: found like others, and sealed before anybody prints the
//! path.

use std::borrow::Cow;

use bstr::{BString, ByteSlice};

use super::tell::{Beside, told};
use crate::change::{Change, Status};
use crate::confidence::Confidence;
use crate::detect::{Detection, Detector};
use crate::finding::{Finding, Fingerprint, Secret, Shelf};
use crate::text::Text;

/// A bound: of more secrets in one path the first are told, since each is told with the path up to it.
const MOST_TOLD: usize = 16;

/// Seals what is secret in a change's path, and gives the findings, if the path is new: each at the path of
/// the file or directory that has it in its name.
pub(super) fn seal(
    detector: &Detector<'_>,
    change: &mut Change<'_>,
    is_new: impl FnOnce(&Change<'_>) -> bool,
) -> Vec<Finding> {
    if !change.kind.is_named() || !may_hold(&change.path) {
        return Vec::new();
    }
    let path = change.path.clone();
    let text = Text::of_name(&path);
    let detections = detector.detect(&text);
    if detections.is_empty() {
        return Vec::new();
    }
    change.path = sealed(&path, &detections);
    if !is_new(change) {
        return Vec::new();
    }
    let at = |detection: &Detection<'_>| {
        let candidate = &detection.candidate;
        let told = told(
            change,
            detection,
            Beside::default(),
            None,
            &mut Shelf::default(),
        );
        let secret = Secret::new(candidate.secret(), candidate.public);
        let mut found = Finding::secret(told, secret, None);
        let end = detection.candidate.span.end;
        let end = path[end..]
            .find_byte(b'/')
            .map_or(path.len(), |at| end + at);
        found.path = sealed(&path[..end], &detections);
        found.why = format!("{}; it stands in the name", found.why).into();
        found
    };
    detections.iter().take(MOST_TOLD).map(at).collect()
}

/// A text with the keys in it redacted: one that somebody typed, or that a repository holds, and that is to be
/// printed. As in names, only formats with a distinctive prefix count.
pub(crate) fn masked<'t>(detector: &Detector<'_>, text: &'t [u8]) -> Cow<'t, [u8]> {
    if !may_hold(text) {
        return Cow::Borrowed(text);
    }
    match detector.detect(&Text::of_name(text)).as_slice() {
        [] => Cow::Borrowed(text),
        detections => Cow::Owned(sealed(text, detections).into()),
    }
}

/// A text with every secret in it redacted that is at least so sure, but for those that may pass; `None` if there is
/// none.
pub(crate) fn redacted(
    detector: &Detector<'_>,
    text: &[u8],
    least: Confidence,
    may_pass: &[Fingerprint],
) -> Option<BString> {
    let text = Text::decode(text);
    let mut detections = detector.detect(&text);
    detections.retain(|detection| {
        let passes = || {
            // As a finding has it: unwrapped.
            let candidate = &detection.candidate;
            may_pass.contains(&Secret::new(candidate.secret(), candidate.public).fingerprint())
        };
        detection.judgement.confidence >= least && (may_pass.is_empty() || !passes())
    });
    (!detections.is_empty()).then(|| sealed(text.bytes(), &detections))
}

/// Whether a path has a secret in it.
pub(super) fn holds_secret(detector: &Detector<'_>, path: &[u8]) -> bool {
    may_hold(path) && !detector.detect(&Text::of_name(path)).is_empty()
}

/// Whether a path has a piece that may be a secret: as long, with a digit, with letters of both cases, or with the sign
/// of a login. Most have not.
fn may_hold(path: &[u8]) -> bool {
    /// A weight: a shorter piece of a path is not asked about. Not measured.
    const SHORTEST: usize = 12;
    let ends_run = |b: &u8| matches!(b, b'/' | b' ' | b',' | b';');
    path.split(ends_run).any(|run| {
        let has = |kind: fn(&u8) -> bool| run.iter().any(kind);
        run.len() >= SHORTEST
            && (has(u8::is_ascii_digit)
                || has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase)
                || has(|&b| b == b'@'))
    })
}

/// Whether nothing was there under the path.
pub(super) fn is_new(change: &Change<'_>) -> bool {
    // A file of the working tree is tracked, and replaces nothing.
    change.status != Status::Modified
        || change
            .replaced()
            .map_or(true, |replaced| replaced.is_empty())
}

/// The start of a path with its secrets redacted, which are in the order in which they stand.
fn sealed(path: &[u8], detections: &[Detection<'_>]) -> BString {
    let mut out = BString::default();
    let mut done = 0;
    for detection in detections {
        let candidate = &detection.candidate;
        let (start, end) = (candidate.span.start.max(done), candidate.span.end);
        if end > path.len() {
            break;
        }
        out.extend_from_slice(&path[done..start]);
        if end > done {
            let secret = Secret::new(&path[start..end], candidate.public);
            out.extend_from_slice(secret.redacted().as_bytes());
            done = end;
        }
    }
    out.extend_from_slice(&path[done..]);
    out
}
