//! Has texts and blobs judged, on every core, and keeps what is not clean.

use std::mem;
use std::sync::{Mutex, PoisonError};

use anyhow::{Result, anyhow};
use bstr::{BStr, BString};

use super::{Plan, Watch};
use crate::change::{Change, EntryKind, InMemory, Status};
use crate::finding::{Finding, Secret};
use crate::git::{Key, Kind, Look, Made, ObjectId, Short, Viewer};
use crate::scan::{Class, Scan};
use crate::text::Text;
use crate::verdict::{Outcome, Unread};

/// Where something was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Source {
    /// In a blob, as what its path is taken for.
    Blob(Key),
    /// In what a commit itself says.
    Commit(ObjectId),
    /// In a tag or in the name of a ref, by the number of its root; `None` if nothing holds it.
    Root(Option<usize>),
    /// In a file of git's own.
    File,
}

/// What was seen at a place that is not clean.
#[derive(Debug)]
pub(super) struct Sighting {
    pub(super) source: Source,
    pub(super) outcome: Outcome,
}

/// Judges, and keeps what is not clean.
pub(super) struct Judge<'a> {
    scan: Scan<'a>,
    /// A value that counts wherever it stands.
    sought: Option<&'a Secret>,
    seen: Mutex<Vec<Sighting>>,
}

impl<'a> Judge<'a> {
    pub(super) fn new(plan: &Plan<'a>) -> Self {
        Self {
            scan: plan.scan,
            sought: plan.sought,
            seen: Mutex::default(),
        }
    }

    /// Judges what is no file of the repository's.
    pub(super) fn text(&self, source: Source, kind: EntryKind, name: &BStr, content: &[u8]) {
        let change = Change::new(name, Status::Added, kind, InMemory::default());
        let change = match source {
            Source::Commit(id) => change.in_commit(id.to_string().into()),
            _ => change,
        };
        let class = self.scan.class_of(name, kind);
        self.keep(source, self.look(change, content, class));
    }

    /// What there is in a text, with the value that is sought.
    fn look(&self, change: Change<'_>, content: &[u8], class: Class) -> Outcome {
        let (path, kind) = (change.path.clone(), change.kind);
        let mut outcome = self.scan.look_into(change, content, class);
        if let Some(sought) = self.sought {
            let text = Text::decode(content);
            let name = sought.fingerprint();
            if !outcome.findings.iter().any(|it| it.fingerprint == name)
                && let Some(place) = sought.place_in(text.bytes())
            {
                let path = sought.taken_out_of(&path).into();
                let span = text.span(&place);
                outcome
                    .findings
                    .push(Finding::sought(sought, path, kind, span));
            }
        }
        outcome
    }

    /// Whether it is clean.
    fn blob(&self, look: &Look, path: BString, content: &[u8]) -> bool {
        let kind = match look.link {
            true => EntryKind::Link,
            false => EntryKind::File,
        };
        let change = Change::new(path, Status::Added, kind, InMemory::default());
        let class = Class::from_number(look.class);
        let outcome = self.look(change, content, class);
        self.keep(source_of(look), outcome)
    }

    /// Keeps what can't be judged.
    pub(super) fn unread(&self, source: Source, path: BString, error: &anyhow::Error) {
        let mut outcome = Outcome::default();
        outcome.unread.push(Unread {
            path: self.scan.sealed(&path),
            reason: format!("{error:#}"),
        });
        self.keep(source, outcome);
    }

    /// Keeps what is not clean, and says whether it is.
    fn keep(&self, source: Source, outcome: Outcome) -> bool {
        let is_clean = outcome.findings.is_empty()
            && outcome.unread.is_empty()
            && outcome.lfs.is_empty()
            && outcome.archives.is_empty();
        if !is_clean {
            let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            seen.push(Sighting { source, outcome });
        }
        is_clean
    }

    /// What is not clean, in an order that depends on nothing but what there is.
    pub(super) fn take_seen(&self) -> Vec<Sighting> {
        let seen = self.seen.lock();
        let mut seen = mem::take(&mut *seen.unwrap_or_else(PoisonError::into_inner));
        // What was seen at one place was seen by one thread.
        seen.sort_by_key(|sighting| sighting.source);
        seen
    }
}

fn source_of(look: &Look) -> Source {
    Source::Blob(Key(Short::from(&look.id), look.class))
}

/// Has blobs judged as they are shown.
pub(super) struct Blobs<'b, 'a> {
    pub(super) judge: &'b Judge<'a>,
    /// What is to be looked at, those of one blob beside each other.
    pub(super) looks: &'b [Look],
    /// The path of each.
    pub(super) path: &'b (dyn Fn(u32) -> BString + Sync),
    /// Where the looks of each blob that is shown begin.
    pub(super) starts: &'b [usize],
    pub(super) watch: &'b dyn Watch,
}

impl Blobs<'_, '_> {
    /// Judges one blob, and gives the class as which it is clean, if there is one that all its paths have.
    fn judge(&self, looks: &[Look], content: &[u8], made: Option<Made<'_>>) -> u32 {
        let class = match looks {
            // What is sought may stand where no rule looks again.
            _ if self.judge.sought.is_some() => 0,
            [look] if !look.link && !Class::from_number(look.class).is_particular() => look.class,
            _ => 0,
        };
        // The one that it is made of is clean: what they share is clean, too.
        if let Some(made) = made.filter(|made| made.mark != 0 && made.mark == class) {
            let path = (self.path)(looks[0].node);
            let scan = &self.judge.scan;
            if scan.is_clean_but(path.as_ref(), content, made.fresh) == Some(true) {
                return class;
            }
        }
        let mut is_clean = true;
        for look in looks {
            is_clean &= self.judge.blob(look, (self.path)(look.node), content);
        }
        if is_clean { class } else { 0 }
    }
}

impl Viewer for Blobs<'_, '_> {
    fn look(&self, number: usize, object: Result<(Kind, &[u8])>, made: Option<Made<'_>>) -> u32 {
        let end = self.starts.get(number + 1).copied();
        let looks = &self.looks[self.starts[number]..end.unwrap_or(self.looks.len())];
        let content = match object {
            Ok((Kind::Blob, content)) => Ok(content),
            Ok((kind, _)) => Err(anyhow!("it is a {}, not a file", kind.name())),
            Err(error) => Err(error),
        };
        self.watch.advance(1);
        match &content {
            Ok(content) => self.judge(looks, content, made),
            Err(error) => {
                for look in looks {
                    let path = (self.path)(look.node);
                    self.judge.unread(source_of(look), path, error);
                }
                0
            }
        }
    }

    fn is_stopped(&self) -> bool {
        self.watch.is_stopped()
    }
}
