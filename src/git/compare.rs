//! Where a tree and what follows it differ, and how the differences from each parent become the
//! changes of one commit.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::iter;
use std::sync::{Arc, OnceLock};

use bstr::{BStr, BString, ByteSlice};

use super::id::{Entry, Mode, ObjectId};
use crate::change::{EntryKind, Status};
use crate::text::{KnownLines, Text};

/// A path that differs between a parent's tree and the index. Paths without a resolved entry
/// (unmerged ones) are never given: they can't be committed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Delta {
    pub(super) path: BString,
    /// In the tree.
    pub(super) old: Option<Entry>,
    /// In the index.
    pub(super) new: Option<Entry>,
}

/// One path of the commit to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StagedPath {
    pub(super) path: BString,
    pub(super) status: Status,
    pub(super) kind: EntryKind,
    pub(super) id: ObjectId,
    /// The blobs that parents have at this path, each once.
    pub(super) old: Vec<ObjectId>,
}

/// Makes one commit of its differences from each parent, of which there is at least one: a first
/// commit is compared with the empty tree.
///
/// A path counts only if every parent lacks its blob: what one of them has is not new.
pub(super) fn combine(parents: Vec<Vec<Delta>>) -> (Vec<StagedPath>, Arc<Deleted>) {
    let deleted = parents.iter().flatten().filter_map(|delta| {
        let old = delta.old.filter(|_| delta.new.is_none())?;
        (old.mode != Mode::Gitlink).then(|| (delta.path.clone(), old.id))
    });
    let deleted = Deleted::of(deleted.collect());
    let mut parents = parents.into_iter();
    let first = parents.next().unwrap_or_default();
    let others: Vec<HashMap<BString, Option<Entry>>> = parents
        .map(|deltas| {
            deltas
                .into_iter()
                .map(|delta| (delta.path, delta.old))
                .collect()
        })
        .collect();
    let mut staged: Vec<StagedPath> = first
        .into_iter()
        .filter_map(|delta| {
            let new = delta.new?;
            let kind = new.mode.kind()?;
            let mut olds = vec![delta.old];
            for other in &others {
                olds.push(*other.get(&delta.path)?);
            }
            let olds: Vec<Entry> = olds
                .into_iter()
                .flatten()
                .filter(|old| old.mode != Mode::Gitlink)
                .collect();
            if olds.iter().any(|old| old.id == new.id) {
                return None;
            }
            // A file where only links were is a new file: its name deserves the guard.
            let had = olds
                .iter()
                .any(|old| old.mode == Mode::File || new.mode == Mode::Link);
            let mut old: Vec<ObjectId> = Vec::new();
            for entry in olds {
                if !old.contains(&entry.id) {
                    old.push(entry.id);
                }
            }
            Some(StagedPath {
                path: delta.path,
                status: match had {
                    true => Status::Modified,
                    false if deleted.ids.contains(&new.id) => Status::Moved,
                    false => Status::Added,
                },
                kind,
                id: new.id,
                old,
            })
        })
        .collect();
    staged.sort_by(|a, b| a.path.cmp(&b.path));
    (staged, Arc::new(deleted))
}

/// The files that a commit deletes: what a new file may have been before it was moved.
#[derive(Debug, Default)]
pub(super) struct Deleted {
    /// In the order of paths.
    all: Vec<(BString, ObjectId)>,
    ids: HashSet<ObjectId>,
    /// The places in `all`, in the order of the paths read from their ends.
    by_end: Vec<usize>,
    lines: OnceLock<KnownLines>,
}

impl Deleted {
    /// A bound: a commit may move thousands of files, each of which would have to be compared with all
    /// that were deleted. Where a finding is left after these, its line is sought in all.
    const MOST: usize = 64;

    /// A bound: of these, so many are taken for where they lay, the others for what they were called.
    const NEIGHBOURS: usize = 16;

    /// A bound: no more bytes of what was deleted are read for its lines. A line too few counts as
    /// added, never the reverse.
    const MOST_BYTES: usize = 128 << 20;

    fn of(mut all: Vec<(BString, ObjectId)>) -> Self {
        all.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        all.dedup();
        let mut by_end: Vec<usize> = (0..all.len()).collect();
        by_end.sort_by(|&a, &b| from_end(&all[a].0).cmp(from_end(&all[b].0)));
        Self {
            ids: all.iter().map(|(_, id)| *id).collect(),
            all,
            by_end,
            lines: OnceLock::new(),
        }
    }

    /// The blobs that a new file at `path` most likely comes from: the very same blob, or else those
    /// whose paths share the longest end with it, and a few of those that lay nearest to it.
    fn likely(&self, path: &BStr, id: ObjectId) -> Vec<ObjectId> {
        if self.ids.contains(&id) {
            return vec![id];
        }
        let ends = by_likeness(
            self.by_end.len(),
            |at| from_end(&self.all[self.by_end[at]].0).cmp(from_end(path)),
            |at| common(from_end(&self.all[self.by_end[at]].0), from_end(path)),
        );
        let starts = by_likeness(
            self.all.len(),
            |at| self.all[at].0.as_bytes().cmp(path),
            |at| common(self.all[at].0.iter(), path.iter()),
        );
        let ends = ends.map(|at| self.by_end[at]);
        let mut seen = HashSet::new();
        let named = ends.take(Self::MOST - Self::NEIGHBOURS);
        named
            .chain(starts.take(Self::MOST))
            .map(|at| self.all[at].1)
            .filter(|&id| seen.insert(id))
            .take(Self::MOST)
            .collect()
    }

    /// Whether any of the files has a line, where there are too many for [`likely`](Self::likely) to have
    /// named them all. `read` gives a blob of at most so many bytes; all of them are read the first time, in the
    /// order of their paths, so that one commit has one answer.
    fn have(&self, line: &[u8], read: impl Fn(ObjectId, usize) -> Option<Vec<u8>>) -> bool {
        if self.all.len() <= Self::MOST - Self::NEIGHBOURS {
            return false;
        }
        let lines = self.lines.get_or_init(|| {
            let mut lines = KnownLines::default();
            let mut left = Self::MOST_BYTES;
            let mut seen = HashSet::new();
            let ids = self.all.iter().map(|(_, id)| *id);
            for id in ids.filter(|&id| seen.insert(id)) {
                let Some(blob) = read(id, left) else {
                    continue;
                };
                let Some(rest) = left.checked_sub(blob.len()) else {
                    continue;
                };
                left = rest;
                lines.add(&Text::decode(&blob));
            }
            lines
        });
        lines.contain(line)
    }
}

/// What a path of a commit replaces. It is found out when somebody asks: of most paths nobody does.
pub(super) struct Replaced {
    path: StagedPath,
    /// What the commit deletes: a new path may have been moved.
    deleted: Arc<Deleted>,
}

impl Replaced {
    pub(super) fn by(path: &StagedPath, deleted: &Arc<Deleted>) -> Self {
        Self {
            path: path.clone(),
            deleted: Arc::clone(deleted),
        }
    }

    fn is_new(&self) -> bool {
        self.path.status != Status::Modified
    }

    /// The blobs that the path most likely held before, in every parent.
    pub(super) fn ids(&self) -> Vec<ObjectId> {
        let mut ids = self.path.old.clone();
        if self.is_new() {
            ids.extend(self.deleted.likely(self.path.path.as_ref(), self.path.id));
        }
        ids
    }

    /// Whether a file that the commit deletes has a line, of which the path may have it.
    pub(super) fn has(
        &self,
        line: &[u8],
        read: impl Fn(ObjectId, usize) -> Option<Vec<u8>>,
    ) -> bool {
        self.is_new() && self.deleted.have(line, read)
    }
}

/// The places of a sorted list, that which is most like something first: `order` tells where a place
/// stands to it, `likeness` how much they share. What stands nearer to it in the order shares no less.
fn by_likeness(
    len: usize,
    order: impl Fn(usize) -> Ordering,
    likeness: impl Fn(usize) -> usize,
) -> impl Iterator<Item = usize> {
    let (mut low, mut high) = (0, len);
    while low < high {
        let middle = low.midpoint(high);
        match order(middle) {
            Ordering::Less => low = middle + 1,
            Ordering::Equal | Ordering::Greater => high = middle,
        }
    }
    let (mut before, mut behind) = (low, low);
    iter::from_fn(move || {
        let above = before.checked_sub(1).map(|at| (likeness(at), at));
        let below = (behind < len).then(|| (likeness(behind), behind));
        match (above, below) {
            (Some((alike, at)), other) if other.is_none_or(|(other, _)| alike > other) => {
                before = at;
                Some(at)
            }
            (_, below) => {
                let (_, at) = below?;
                behind += 1;
                Some(at)
            }
        }
    })
}

fn from_end(path: &[u8]) -> impl Iterator<Item = &u8> {
    path.iter().rev()
}

fn common<'p>(one: impl Iterator<Item = &'p u8>, other: impl Iterator<Item = &'p u8>) -> usize {
    one.zip(other).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(byte: u8) -> ObjectId {
        ObjectId::from_bytes(&[byte; 20]).unwrap()
    }

    fn file(byte: u8) -> Option<Entry> {
        entry(Mode::File, byte)
    }

    fn entry(mode: Mode, byte: u8) -> Option<Entry> {
        Some(Entry { mode, id: id(byte) })
    }

    fn delta(path: &str, old: Option<Entry>, new: Option<Entry>) -> Delta {
        Delta {
            path: path.into(),
            old,
            new,
        }
    }

    #[test]
    fn a_path_that_any_parent_has_alike_is_no_change() {
        let ours = vec![
            delta("both", file(1), file(3)),
            delta("theirs", None, file(4)),
        ];
        let theirs = vec![delta("both", file(2), file(3))];
        let (staged, _) = combine(vec![ours, theirs]);
        assert_eq!(staged.len(), 1);
        assert_eq!(staged[0].path, "both");
        assert_eq!(staged[0].old, [id(1), id(2)]);
        assert_eq!(staged[0].status, Status::Modified);
    }

    #[test]
    fn a_mode_alone_is_no_change_and_gitlinks_are_none() {
        let deltas = vec![
            delta("mode", file(1), file(1)),
            delta("pointer", entry(Mode::Gitlink, 1), entry(Mode::Gitlink, 2)),
            delta("was-submodule", entry(Mode::Gitlink, 1), file(2)),
            delta("now-submodule", file(1), entry(Mode::Gitlink, 2)),
        ];
        let (staged, deleted) = combine(vec![deltas]);
        assert_eq!(staged.len(), 1);
        assert_eq!(staged[0].path, "was-submodule");
        assert_eq!(staged[0].status, Status::Added);
        assert!(staged[0].old.is_empty());
        assert!(deleted.ids.is_empty());
    }

    #[test]
    fn a_file_in_place_of_a_link_is_added() {
        let deltas = vec![
            delta("a", entry(Mode::Link, 1), file(2)),
            delta("b", file(1), entry(Mode::Link, 2)),
            delta("c", entry(Mode::Link, 1), entry(Mode::Link, 2)),
        ];
        let (staged, _) = combine(vec![deltas]);
        let statuses: Vec<Status> = staged.iter().map(|path| path.status).collect();
        assert_eq!(
            statuses,
            [Status::Added, Status::Modified, Status::Modified]
        );
        assert_eq!(staged[0].old, [id(1)]);
    }

    fn number(n: u16) -> ObjectId {
        let [high, low] = n.to_be_bytes();
        let mut bytes = [0; 20];
        (bytes[0], bytes[1]) = (high, low);
        ObjectId::from_bytes(&bytes).unwrap()
    }

    fn deleted(paths: impl IntoIterator<Item = (String, u16)>) -> Deleted {
        let paths = paths.into_iter();
        Deleted::of(paths.map(|(path, n)| (path.into(), number(n))).collect())
    }

    #[test]
    fn the_likeliest_sources_share_the_longest_end_or_lay_near() {
        let mut paths: Vec<(String, u16)> = (0..200).map(|n| (format!("old/{n}.txt"), n)).collect();
        paths.push(("elsewhere/key.rs".to_owned(), 250));
        paths.push(("src/other.c".to_owned(), 251));
        let sources = deleted(paths);
        let likely = sources.likely("src/key.rs".into(), number(999));
        assert_eq!(likely.len(), Deleted::MOST);
        assert_eq!(likely[0], number(250));
        assert!(likely.contains(&number(251)));
        assert_eq!(sources.likely("new".into(), number(7)), [number(7)]);
        assert!(
            Deleted::default()
                .likely("new".into(), number(7))
                .is_empty()
        );
    }

    #[test]
    fn of_many_files_of_one_name_each_finds_its_own() {
        let paths = |top: &str| -> Vec<(String, u16)> {
            let path = |n| format!("{top}/part{n:03}/deep/tests.py");
            (0..500).map(|n| (path(n), n)).collect()
        };
        let sources = deleted(paths("app/providers"));
        for (path, n) in paths("app/other/place") {
            let likely = sources.likely(path.as_str().into(), number(999));
            assert_eq!(likely[0], number(n), "{path}");
        }
    }

    #[test]
    fn likeness_falls_on_the_way() {
        let names = ["a", "ab", "abc", "abcd", "b", "ba", "c"];
        for sought in ["", "a", "abb", "abcd", "abz", "b", "cc", "z"] {
            let shared = |at: usize| common(names[at].as_bytes().iter(), sought.as_bytes().iter());
            let order = |at: usize| names[at].cmp(sought);
            let places: Vec<usize> = by_likeness(names.len(), order, shared).collect();
            assert!(
                places
                    .iter()
                    .map(|&at| shared(at))
                    .is_sorted_by(|a, b| a >= b)
            );
            let all: HashSet<usize> = places.iter().copied().collect();
            assert_eq!((all.len(), places.len()), (names.len(), names.len()));
        }
    }

    #[test]
    fn a_line_is_sought_in_all_that_was_deleted() {
        let sources = deleted((0..300).map(|n| (format!("{n}"), n)));
        let read = |id: ObjectId, _: usize| {
            let n = u16::from_be_bytes([id.as_bytes()[0], id.as_bytes()[1]]);
            (n != 7).then(|| format!("first\r\nline {n}\nlast").into_bytes())
        };
        for (line, expected) in [
            ("line 0", true),
            ("line 299", true),
            ("first", true),
            ("last", true),
            ("line 7", false),
            ("line", false),
            ("line 300", false),
        ] {
            assert_eq!(sources.have(line.as_bytes(), read), expected, "{line}");
        }
        // Of few files all were compared already.
        let few = deleted((0..40).map(|n| (format!("{n}"), n)));
        assert!(!few.have(b"line 0", read));
    }

    #[test]
    fn the_blob_of_a_deleted_file_was_moved() {
        let deltas = vec![
            delta("old", file(1), None),
            delta("new", None, file(1)),
            delta("other", None, file(2)),
        ];
        let (staged, _) = combine(vec![deltas]);
        let statuses: Vec<Status> = staged.iter().map(|path| path.status).collect();
        assert_eq!(statuses, [Status::Moved, Status::Added]);
    }
}
