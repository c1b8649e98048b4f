//! What an audit tells: one entry a secret, with where it is and who has it. No entry holds a secret.

use std::borrow::Cow;
use std::collections::BTreeSet;

use bstr::BString;

use super::{Only, Recalled};
use crate::allow::Date;
use crate::change::EntryKind;
use crate::confidence::Confidence;
use crate::finding::{Finding, Fingerprint};
use crate::git::{Doubt, Partial};
use crate::verdict::Unread;

/// What an audit of a repository found.
#[derive(Clone, Debug, Default)]
pub(crate) struct Audit {
    /// Secrets, and files that hold secrets by their names: the most urgent first.
    pub(crate) entries: Vec<Entry>,
    /// How many of what was found is allowed.
    pub(crate) allowed: usize,
    /// How many is less sure than the threshold.
    pub(crate) below_threshold: usize,
    /// How many commits were gone through.
    pub(crate) commits: usize,
    /// How many blobs.
    pub(crate) blobs: usize,
    /// What could not be read.
    pub(crate) unread: Vec<Unread>,
    /// Git LFS objects, of which the pointers were read.
    pub(crate) lfs: Vec<BString>,
    /// Archives, into which nobody looked.
    pub(crate) archives: Vec<BString>,
    /// How many objects that are named are not here.
    pub(crate) missing: usize,
    /// The paths of some of them: those of the first files.
    pub(crate) absent: Vec<BString>,
    /// Whether a part of history was never fetched.
    pub(crate) shallow: bool,
    /// Whether objects may be missing since nobody asked for them.
    pub(crate) partial: Partial,
    /// Whether trees name commits of other repositories.
    pub(crate) submodules: bool,
    /// Whether objects that nothing holds were looked at, too.
    pub(crate) unreachable: bool,
    /// Whether somebody ended it before its end.
    pub(crate) stopped: bool,
    /// The names of the remotes.
    pub(crate) remotes: Vec<String>,
    /// What some commits brought, and nothing else, is told.
    pub(crate) only: Option<Only>,
    /// What became of the cache.
    pub(crate) recalled: Recalled,
}

impl Audit {
    /// Whether something that there is was not looked at.
    pub(crate) fn is_incomplete(&self) -> bool {
        self.stopped || self.shallow || self.missing > 0 || !self.unread.is_empty()
    }

    /// Why objects are not here, and what brings them.
    pub(crate) fn brings_missing(&self) -> &'static str {
        match self.partial {
            Partial::Fetched => "a partial clone; fetch all: git fetch --refetch --no-filter",
            Partial::Copied => "a copy of a partial clone; clone again without --filter",
            Partial::No => "damaged: git fsck; take them from another clone",
        }
    }

    /// Takes in when secrets were revoked, by their ids.
    pub(crate) fn note_revoked(&mut self, when: impl Fn(&str) -> Option<Date>) {
        for entry in &mut self.entries {
            entry.revoked = when(entry.id());
        }
        self.sort();
    }

    /// Takes in when other keys took the place of those that were found.
    pub(crate) fn note_rotated(&mut self, when: impl Fn(&Finding) -> Option<Date>) {
        for entry in &mut self.entries {
            entry.rotated = when(&entry.finding);
        }
    }

    /// Puts the most urgent first.
    pub(super) fn sort(&mut self) {
        self.entries.sort_by_cached_key(|entry| {
            let last = entry.last.as_ref().map_or(0, |commit| commit.time);
            let sure = std::cmp::Reverse(entry.confidence);
            let path = entry.place().into_owned();
            (entry.urgency(), sure, -last, path, entry.id().to_owned())
        });
    }
}

/// A secret, or a file that holds secrets by its name, and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// The finding that says most about it.
    pub(crate) finding: Finding,
    /// How sure the surest finding is.
    pub(crate) confidence: Confidence,
    /// The paths, each once: first the one of the newest commit.
    pub(crate) paths: Vec<BString>,
    /// The first commit that brought it; `None` if no commit holds it.
    pub(crate) first: Option<CommitFacts>,
    /// The newest commit that holds it.
    pub(crate) last: Option<CommitFacts>,
    /// Whether HEAD's files hold it.
    pub(crate) in_head: bool,
    /// Whether the files of the working tree do.
    pub(crate) in_worktree: bool,
    /// Whether it is staged.
    pub(crate) staged: bool,
    /// The branches whose history holds it.
    pub(crate) branches: Vec<BString>,
    /// The tags.
    pub(crate) tags: Vec<BString>,
    /// The remotes that have it or had it, as far as is known here.
    pub(crate) pushed: Vec<Pushed>,
    /// Why a remote may have it although none is known to: empty where one is, and where nothing here
    /// is a sign of a push.
    pub(crate) doubts: BTreeSet<Doubt>,
    /// What else holds it, in words: `the stash`, `the log of HEAD`.
    pub(crate) held_by: Vec<BString>,
    /// The commands that delete the refs which hold it, where no branch does.
    pub(crate) frees: Vec<String>,
    /// The whole names of all refs that hold it, of remotes, too.
    pub(crate) refs: Vec<BString>,
    /// In what it stands: files, messages, headers.
    pub(crate) kinds: Vec<EntryKind>,
    /// Whether the name of a file has it.
    pub(crate) in_name: bool,
    /// When another key took its place, as `keyward keys rotate` remembers.
    pub(crate) rotated: Option<Date>,
    /// When it was revoked, if somebody noted that.
    pub(crate) revoked: Option<Date>,
    /// The ids of other secrets that stood in the same files.
    pub(crate) beside: Vec<Fingerprint>,
}

/// A remote that has a secret, or had it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pushed {
    /// The remote's name.
    pub(crate) remote: String,
    /// The first commit by which it has it; `None` where it is not in a commit.
    pub(crate) since: Option<CommitFacts>,
    /// When it had it at the latest, in seconds since 1970, where a log noted that.
    pub(crate) by: Option<i64>,
    /// Whether it still had it when it was last asked. It may have been taken back; who fetched it before
    /// has it.
    pub(crate) now: bool,
    /// The remote's branches whose history holds it.
    pub(crate) branches: Vec<BString>,
}

/// A commit, as people know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CommitFacts {
    /// Its id, in hex.
    pub(crate) id: String,
    /// Name and address of its author, without secrets.
    pub(crate) author: BString,
    /// When it was written, in seconds since 1970.
    pub(crate) time: i64,
}

impl CommitFacts {
    /// The day on which it was written, in UTC.
    pub(crate) fn date(&self) -> Date {
        Date::of_time(self.time)
    }
}

/// How much there is to be done about an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Urgency {
    /// A remote has it or had it, and it is in use.
    PushedInHead,
    /// A remote has it or had it.
    Pushed,
    /// Nobody can tell from here whether a remote has it.
    MayBePushed,
    /// It is in HEAD, staged or in the working tree, and nothing here is a sign of a push.
    InHead,
    /// It is in history, and nothing here is a sign of a push.
    Here,
    /// No ref reaches it any more.
    Left,
    /// It opens nothing any more, wherever it is.
    Revoked,
}

impl Urgency {
    /// All of them, the most urgent first.
    pub(crate) const ALL: [Self; 7] = [
        Self::PushedInHead,
        Self::Pushed,
        Self::MayBePushed,
        Self::InHead,
        Self::Here,
        Self::Left,
        Self::Revoked,
    ];

    /// The word for programs.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::PushedInHead => "pushed-in-head",
            Self::Pushed => "pushed",
            Self::MayBePushed => "may-be-pushed",
            Self::InHead => "in-head",
            Self::Here => "here",
            Self::Left => "left",
            Self::Revoked => "revoked",
        }
    }
}

impl Entry {
    /// How much there is to be done about it.
    pub(crate) fn urgency(&self) -> Urgency {
        if self.revoked.is_some() {
            return Urgency::Revoked;
        }
        let in_use = self.in_head || self.staged || self.in_worktree;
        match (self.pushed.is_empty(), in_use) {
            (false, true) => Urgency::PushedInHead,
            (false, false) => Urgency::Pushed,
            (true, _) if !self.doubts.is_empty() => Urgency::MayBePushed,
            (true, true) => Urgency::InHead,
            (true, false) if self.branches.is_empty() && self.tags.is_empty() => Urgency::Left,
            (true, false) => Urgency::Here,
        }
    }

    /// What names it.
    pub(crate) fn id(&self) -> &str {
        self.finding.fingerprint.id()
    }

    /// Where it stands, for whoever reads one line.
    pub(crate) fn place(&self) -> Cow<'_, BString> {
        match self.paths.first() {
            Some(path) => Cow::Borrowed(path),
            None => Cow::Borrowed(&self.finding.path),
        }
    }
}
