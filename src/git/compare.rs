//! Where a tree and what follows it differ, and how the differences from each parent become the
//! changes of one commit.

use std::collections::{BTreeMap, HashMap, HashSet, btree_map};
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
    let deleted: Vec<(BString, ObjectId)> = parents
        .iter()
        .flatten()
        .filter_map(|delta| {
            let old = delta.old.filter(|_| delta.new.is_none())?;
            (old.mode != Mode::Gitlink).then(|| (delta.path.clone(), old.id))
        })
        .collect();
    let arrived = parents.iter().flatten();
    let arrived = arrived.filter(|delta| delta.old.is_none() && delta.new.is_some());
    let deleted = Deleted::of(deleted, arrived.map(|delta| delta.path.as_bstr()));
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
            let mut olds = vec![delta.old];
            for other in &others {
                olds.push(*other.get(&delta.path)?);
            }
            let mut olds: Vec<Entry> = olds.into_iter().flatten().collect();
            // Of a submodule only the name is here: one that was there says nothing new.
            if new.mode == Mode::Gitlink && !olds.is_empty() {
                return None;
            }
            olds.retain(|old| old.mode != Mode::Gitlink);
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
                kind: new.mode.kind(),
                id: new.id,
                old,
            })
        })
        .collect();
    staged.sort_by(|a, b| a.path.cmp(&b.path));
    (staged, Arc::new(deleted))
}

/// What a commit adds that follows the one or the other: git does not say which. Both are in the order of paths.
///
/// A path that it adds to one alone is as it is there: all of it is known to the other. What it adds to both is
/// known only where both know it, and new if it is new to either.
pub(super) fn unite(
    one: Vec<(StagedPath, Replaced)>,
    other: Vec<(StagedPath, Replaced)>,
) -> Vec<(StagedPath, Replaced)> {
    let mut all: BTreeMap<BString, (StagedPath, Replaced)> = BTreeMap::new();
    for (path, replaced) in one.into_iter().chain(other) {
        match all.entry(path.path.clone()) {
            btree_map::Entry::Vacant(place) => drop(place.insert((path, replaced))),
            btree_map::Entry::Occupied(mut place) => {
                let (known, before) = place.get_mut();
                known.status = known.status.min(path.status);
                before.unless(replaced);
            }
        }
    }
    all.into_values().collect()
}

/// The files that a commit deletes: what a new file may have been before it was moved.
#[derive(Debug, Default)]
pub(super) struct Deleted {
    /// The blobs, each once: those of a name that a new file has first, else in the order of paths.
    all: Vec<ObjectId>,
    ids: HashSet<ObjectId>,
    lines: OnceLock<KnownLines>,
}

impl Deleted {
    /// A bound: no more bytes of what was deleted are read for its lines. A line too few counts as
    /// added, never the reverse.
    const MOST_BYTES: usize = 128 << 20;

    fn of<'n>(
        mut deleted: Vec<(BString, ObjectId)>,
        arrived: impl Iterator<Item = &'n BStr>,
    ) -> Self {
        if deleted.is_empty() {
            return Self::default();
        }
        let names: HashSet<&[u8]> = arrived.map(|path| last_name(path)).collect();
        deleted.sort_by(|(a, _), (b, _)| {
            let is_other = |path: &BString| !names.contains(last_name(path));
            (is_other(a), a).cmp(&(is_other(b), b))
        });
        let mut ids = HashSet::new();
        let all = deleted.into_iter().map(|(_, id)| id);
        Self {
            all: all.filter(|&id| ids.insert(id)).collect(),
            ids,
            lines: OnceLock::new(),
        }
    }

    /// Whether there are any.
    pub(super) const fn is_any(&self) -> bool {
        !self.all.is_empty()
    }

    /// Whether any of the files has a line. `read` gives a blob of at most so many bytes; all of them are
    /// read the first time, one after the other, so that one commit has one answer.
    fn have(&self, line: &[u8], read: impl Fn(ObjectId, usize) -> Option<Vec<u8>>) -> bool {
        if !self.is_any() {
            return false;
        }
        let lines = self.lines.get_or_init(|| {
            let mut left = Self::MOST_BYTES;
            let blobs = self.all.iter().filter_map(|&id| {
                let blob = read(id, left)?;
                left = left.checked_sub(blob.len())?;
                Some(Text::decode_owned(blob))
            });
            KnownLines::of(blobs)
        });
        lines.contain(line)
    }
}

fn last_name(path: &[u8]) -> &[u8] {
    path.rsplit_once_str("/").map_or(path, |(_, name)| name)
}

/// What a path of a commit replaces. It is found out when somebody asks: of most paths nobody does.
pub(super) struct Replaced {
    id: ObjectId,
    status: Status,
    /// The blobs that parents have at the path.
    old: Vec<ObjectId>,
    /// What the commit deletes: a new path may have been moved.
    deleted: Arc<Deleted>,
    /// What else it may replace instead.
    instead: Option<Box<Replaced>>,
    /// The lines of what the path held, where there is something else.
    lines: OnceLock<KnownLines>,
}

impl Replaced {
    pub(super) fn by(path: &StagedPath, deleted: &Arc<Deleted>) -> Self {
        Self {
            id: path.id,
            status: path.status,
            old: path.old.clone(),
            deleted: Arc::clone(deleted),
            instead: None,
            lines: OnceLock::new(),
        }
    }

    /// Says what the path may replace instead.
    fn unless(&mut self, other: Self) {
        let is_modified = self.status == Status::Modified && other.status == Status::Modified;
        if !(is_modified && self.old == other.old) {
            self.instead = Some(Box::new(other));
        }
    }

    /// The blobs that the path held before, in every parent, and the same one of another path.
    fn own(&self) -> impl Iterator<Item = ObjectId> {
        let moved = (self.status == Status::Moved).then_some(self.id);
        self.old.iter().copied().chain(moved)
    }

    /// What the path replaces for certain.
    pub(super) fn ids(&self) -> impl Iterator<Item = ObjectId> {
        let instead = self.instead.as_deref();
        let is_certain = move |id: &ObjectId| {
            instead.is_none_or(|instead| instead.own().any(|other| other == *id))
        };
        self.own().filter(is_certain)
    }

    /// Whether a line was there that nothing of that has: in a file that the commit deletes, of which the path
    /// may have it, or in each of what it may replace.
    pub(super) fn has(
        &self,
        line: &[u8],
        read: impl Fn(ObjectId, usize) -> Option<Vec<u8>>,
    ) -> bool {
        match &self.instead {
            None => self.has_moved(line, read),
            Some(instead) => self.knows(line, &read) && instead.knows(line, &read),
        }
    }

    fn has_moved(&self, line: &[u8], read: impl Fn(ObjectId, usize) -> Option<Vec<u8>>) -> bool {
        self.status != Status::Modified && self.deleted.have(line, read)
    }

    fn knows(&self, line: &[u8], read: impl Fn(ObjectId, usize) -> Option<Vec<u8>>) -> bool {
        let lines = self.lines.get_or_init(|| {
            let blobs = self.own().filter_map(|id| read(id, usize::MAX));
            KnownLines::of(blobs.map(Text::decode_owned))
        });
        lines.contain(line) || self.has_moved(line, read)
    }
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
    fn a_mode_alone_is_no_change_and_of_gitlinks_new_names_are() {
        let deltas = vec![
            delta("new-submodule", None, entry(Mode::Gitlink, 1)),
            delta("mode", file(1), file(1)),
            delta("pointer", entry(Mode::Gitlink, 1), entry(Mode::Gitlink, 2)),
            delta("was-submodule", entry(Mode::Gitlink, 1), file(2)),
            delta("now-submodule", file(1), entry(Mode::Gitlink, 2)),
        ];
        let (staged, deleted) = combine(vec![deltas]);
        let [new, was] = &staged[..] else {
            panic!("{staged:?}");
        };
        assert_eq!(
            (new.path.as_bstr(), new.kind),
            (b"new-submodule".as_bstr(), EntryKind::Submodule)
        );
        assert_eq!(
            (was.path.as_bstr(), was.kind),
            (b"was-submodule".as_bstr(), EntryKind::File)
        );
        for path in [new, was] {
            assert_eq!(path.status, Status::Added);
            assert!(path.old.is_empty());
        }
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

    fn deleted(paths: impl IntoIterator<Item = (String, u16)>, arrived: &[&str]) -> Deleted {
        let paths = paths.into_iter();
        let paths = paths.map(|(path, n)| (path.into(), number(n))).collect();
        Deleted::of(paths, arrived.iter().map(|path| BStr::new(*path)))
    }

    #[test]
    fn what_has_the_name_of_a_new_file_is_read_first() {
        let paths = (0..300).map(|n| (format!("old/{n:03}/{}.c", n % 7), n % 100));
        let sources = deleted(paths, &["new/5.c", "6.c"]);
        assert_eq!(sources.all.len(), 100);
        let first = sources.all[..4].iter();
        assert!(first.eq(&[number(5), number(6), number(12), number(13)]));
    }

    /// However many files were moved, and however many lines are asked about.
    #[test]
    fn each_deleted_file_is_read_once() {
        for count in [1, 40, 300] {
            let reads = std::cell::Cell::new(0);
            let sources = deleted((0..count).map(|n| (format!("{n}"), n)), &[]);
            let read = |id: ObjectId, most: usize| {
                reads.set(reads.get() + 1);
                let large = Deleted::MOST_BYTES / 3;
                let size = if id == number(0) { large } else { 5 };
                (size <= most).then(|| vec![b'x'; size])
            };
            for _ in 0..100 {
                assert!(!sources.have(b"y", read));
            }
            assert!(sources.have(b"xxxxx", read) || count == 1);
            assert_eq!(reads.get(), usize::from(count));
        }
    }

    #[test]
    fn a_line_is_sought_in_all_that_was_deleted() {
        let sources = deleted((0..300).map(|n| (format!("{n}"), n)), &[]);
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
        let few = deleted((0..4).map(|n| (format!("{n}"), n)), &[]);
        assert!(few.have(b"line 0", read) && !few.have(b"line 4", read));
        assert!(!Deleted::default().have(b"line 0", read));
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
