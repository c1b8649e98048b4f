//! Where a tree and what follows it differ, and how the differences from each parent become the
//! changes of one commit.

use std::collections::{HashMap, HashSet};

use bstr::{BStr, BString, ByteSlice};

use super::id::{Entry, Mode, ObjectId};
use crate::change::{EntryKind, Status};

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

impl StagedPath {
    /// The blobs that the path may have held before, in every parent.
    pub(super) fn replaced(&self, deleted: &RenameSources) -> Vec<ObjectId> {
        let mut ids = self.old.clone();
        if self.status == Status::Added {
            ids.extend(deleted.likely(self.path.as_ref(), self.id));
        }
        ids
    }
}

/// Makes one commit of its differences from each parent, of which there is at least one: a first
/// commit is compared with the empty tree.
///
/// A path counts only if every parent lacks its blob: what one of them has is not new.
pub(super) fn combine(parents: Vec<Vec<Delta>>) -> (Vec<StagedPath>, RenameSources) {
    let mut deleted = RenameSources::default();
    for delta in parents.iter().flatten() {
        if let (Some(old), None) = (delta.old, delta.new)
            && old.mode != Mode::Gitlink
        {
            deleted.push(delta.path.clone(), old.id);
        }
    }
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
                status: if had { Status::Modified } else { Status::Added },
                kind,
                id: new.id,
                old,
            })
        })
        .collect();
    staged.sort_by(|a, b| a.path.cmp(&b.path));
    (staged, deleted)
}

/// The files that a commit deletes: what a new file may have been before it was renamed.
#[derive(Clone, Debug, Default)]
pub(super) struct RenameSources {
    all: Vec<ObjectId>,
    ids: HashSet<ObjectId>,
    by_name: HashMap<BString, Vec<usize>>,
    by_directory: HashMap<BString, Vec<usize>>,
    by_extension: HashMap<BString, Vec<usize>>,
}

impl RenameSources {
    /// A commit may rename thousands of files, each of which would have to be compared with all
    /// that were deleted. A source too few makes lines count as added, never the reverse.
    const MOST: usize = 64;

    fn push(&mut self, path: BString, id: ObjectId) {
        if !self.ids.insert(id) {
            return;
        }
        let at = self.all.len();
        self.all.push(id);
        let (directory, name) = split(path.as_ref());
        for (map, key) in [
            (&mut self.by_name, name),
            (&mut self.by_directory, directory),
            (&mut self.by_extension, extension(name)),
        ] {
            map.entry(key.to_owned()).or_default().push(at);
        }
    }

    /// The blobs that a new file at `path` most likely comes from: the very same blob, or else
    /// those of the same name, of the same directory, of the same extension, then the rest.
    fn likely(&self, path: &BStr, id: ObjectId) -> Vec<ObjectId> {
        if self.ids.contains(&id) {
            return vec![id];
        }
        let (directory, name) = split(path);
        let at = |map: &HashMap<BString, Vec<usize>>, key: &BStr| {
            map.get(key)
                .map(|at| at[..at.len().min(Self::MOST)].to_vec())
                .unwrap_or_default()
        };
        let mut seen = HashSet::new();
        at(&self.by_name, name)
            .into_iter()
            .chain(at(&self.by_directory, directory))
            .chain(at(&self.by_extension, extension(name)))
            .chain(0..self.all.len())
            .filter(|&at| seen.insert(at))
            .take(Self::MOST)
            .map(|at| self.all[at])
            .collect()
    }
}

fn split(path: &BStr) -> (&BStr, &BStr) {
    match path.rfind_byte(b'/') {
        Some(slash) => (path[..slash].as_bstr(), path[slash + 1..].as_bstr()),
        None => (b"".as_bstr(), path),
    }
}

fn extension(name: &BStr) -> &BStr {
    name.rfind_byte(b'.')
        .map_or(b"".as_bstr(), |dot| name[dot..].as_bstr())
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
        assert!(deleted.all.is_empty());
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

    #[test]
    fn rename_sources_are_the_likeliest_and_few() {
        let mut deltas: Vec<Delta> = (0..200)
            .map(|n| delta(&format!("old/{n}.txt"), file(n), None))
            .collect();
        deltas.push(delta("elsewhere/key.rs", file(250), None));
        deltas.push(delta("src/other.c", file(251), None));
        let (_, sources) = combine(vec![deltas]);
        let likely = sources.likely("src/key.rs".into(), id(255));
        assert_eq!(likely.len(), RenameSources::MOST);
        assert_eq!(likely[..2], [id(250), id(251)]);
        assert_eq!(sources.likely("new".into(), id(7)), [id(7)]);
    }
}
