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

/// A weight: a shorter piece of a path is not asked about. Not measured.
const SHORTEST: usize = 12;

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
    let texts = Texts::of(&path);
    let detections = texts.detect(detector);
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
/// printed. As in names, only formats with a distinctive prefix count, and what is assigned without a blank.
pub(crate) fn masked<'t>(detector: &Detector<'_>, text: &'t [u8]) -> Cow<'t, [u8]> {
    if !may_hold(text) {
        return Cow::Borrowed(text);
    }
    match Texts::of(text).detect(detector).as_slice() {
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
    may_hold(path) && !Texts::of(path).detect(detector).is_empty()
}

/// A name as it is looked at.
struct Texts<'n> {
    /// As it is, for what has a form of its own.
    whole: Text<'n>,
    /// The same bytes with a line for each part, for what is assigned in it: `backup/password=.../dump.sql`.
    parts: Option<Text<'static>>,
}

impl<'n> Texts<'n> {
    fn of(name: &'n [u8]) -> Self {
        Self {
            whole: Text::of_name(name),
            parts: name.contains(&b'=').then(|| Text::of_parts(parts(name))),
        }
    }

    /// What is secret in it, in the order in which it stands.
    fn detect<'a>(&'a self, detector: &'a Detector<'_>) -> Vec<Detection<'a>> {
        let mut all = detector.detect(&self.whole);
        let Some(parts) = &self.parts else {
            return all;
        };
        let lies_in = |one: &Detection<'_>, other: &Detection<'_>| {
            let (one, other) = (&one.candidate.span, &other.candidate.span);
            one.start < other.end && other.start < one.end
        };
        let mut assigned = detector.detect(parts);
        assigned.retain(|it| is_drawn(it) && !all.iter().any(|known| lies_in(it, known)));
        if !assigned.is_empty() {
            all.append(&mut assigned);
            all.sort_by_key(|it| it.candidate.span.start);
        }
        all
    }
}

/// A name with the ends of lines where a part of it ends: at slashes, at what quotes it, and before its extension.
fn parts(name: &[u8]) -> Vec<u8> {
    /// A bound: the longest extension. What is cut off a secret with a dot is no longer.
    const EXTENSION: usize = 8;
    let mut lines = name.to_vec();
    for byte in &mut lines {
        if matches!(byte, b'/' | b'`' | b'"' | b'\'') {
            *byte = b'\n';
        }
    }
    for line in lines.split_mut(|&byte| byte == b'\n') {
        let Some(dot) = line.rfind_byte(b'.') else {
            continue;
        };
        let extension = &line[dot + 1..];
        let is_short = (1..=EXTENSION).contains(&extension.len());
        if is_short && extension.iter().all(u8::is_ascii_alphanumeric) {
            line[dot] = b'\n';
        }
    }
    lines
}

/// Whether something in the parts of a name is surely no word: a name as `password=hunter2` may be one.
fn is_drawn(detection: &Detection<'_>) -> bool {
    let candidate = &detection.candidate;
    let Some(assignment) = &candidate.assignment else {
        return false;
    };
    let text = candidate.text();
    candidate.span.len() >= SHORTEST
        && candidate.wrapping.is_none()
        && detection.judgement.confidence >= Confidence::Likely
        && text.get(assignment.name.end..assignment.value.start) == Some(b"=")
}

/// Whether a path has a piece that may be a secret: as long, with a digit, with letters of both cases, or with the sign
/// of a login. Most have not.
fn may_hold(path: &[u8]) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::Random;
    use crate::rules::RuleSet;

    #[test]
    fn what_is_assigned_in_a_name_is_redacted() {
        let rules = RuleSet::builtin();
        let detector = Detector::new(&rules);
        let mut random = Random::new(0x4e);
        for (name, len) in [
            ("password=<k>/x.py", 24),
            ("password=<k>", 24),
            ("backup/db_password=<k>/dump.sql", 24),
            ("token=<k>.env", 24),
            ("a/b/api_key=<k>", 32),
            ("API_KEY=<k>.txt", 32),
            ("client_secret=<k>/", 32),
            ("cfg.secret=<k>.yaml", 32),
            ("auth_token=<k>", 40),
            ("--password=<k>", 24),
            ("unexpected argument '--password=<k>' found", 24),
            ("there is no `token=<k>`: name a file", 24),
            ("  then: git add 'password=<k>/x.py'", 24),
            ("GIT_DIR names token=<k>, which is not there", 24),
        ] {
            for _ in 0..10 {
                let drawn = random.token(len);
                let drawn = drawn.replace(['-', '_'], "x");
                let name = name.replace("<k>", &drawn);
                let masked = masked(&detector, name.as_bytes());
                let masked = masked.to_str().unwrap();
                assert!(!masked.contains(&drawn[4..13]), "{name}: {masked}");
                let (before, behind) = name.split_once(&drawn).unwrap();
                assert!(
                    masked.starts_with(before) && masked.ends_with(behind),
                    "{masked}"
                );
            }
        }
    }

    #[test]
    fn ordinary_names_stay_as_they_are() {
        let rules = RuleSet::builtin();
        let detector = Detector::new(&rules);
        for name in [
            "country=us/date=2024-01-01/part-00000.parquet",
            "token=1/key=value/x.csv",
            "key=value/part-00000-3f1a2c4d-5e6f-4a7b-8c9d-0e1f2a3b4c5d.c000.snappy.parquet",
            "year=2024/month=11/day=28/hour=11/events.json.gz",
            "password=hunter2.txt",
            "session_id=20240101T120000/log.txt",
            "user_key=customer_name/data.avro",
            "partition_key=2024-01-01T00:00:00Z/data.orc",
            "model=resnet50-v1.5/lr=0.001,batch=256/events.out",
            "token=example/README.md",
            "token=${TOKEN}/x",
            "secret=changeme-please/x.yml",
            "key=9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08/layer.tar",
            "password=correct horse battery staple.md",
            "git -c user.name=Nobody -c core.editor=true commit",
            "  to go on   set KEYWARD_READER=git, then run: keyward doctor",
        ] {
            assert_eq!(
                masked(&detector, name.as_bytes()).as_bstr(),
                name.as_bytes().as_bstr()
            );
        }
    }
}
