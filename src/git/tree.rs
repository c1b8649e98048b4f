//! Where a tree differs from what follows it: from another tree, or from the index.
//!
//! Readers give only objects and the index's entries, so that what is compared is the same code: no
//! reader's idea of a rename, of an attribute or of a setting gets between.

use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use bstr::{BStr, BString};

use super::compare::Delta;
use super::id::{Entry, ObjectId};
use super::object::{DEEPEST, Item, sort_key, tree};

/// A bound: a few objects can stand for more paths than there is memory: a tree that holds another
/// ten times, which holds another ten times. No commit that a person made changes as many.
const MOST_PATHS: usize = 2_000_000;

/// A bound: nor are their paths longer, in bytes and together: a few directories with long names, one in
/// the other, make a path of each file that takes more memory than what was sent.
const MOST_BYTES: usize = 64 * MOST_PATHS;

/// Reads the content of a tree.
pub(super) type ReadTree<'r> = dyn Fn(ObjectId) -> Result<Arc<Vec<u8>>> + 'r;

/// What a tree is compared with.
pub(super) trait Follower {
    /// A directory of it.
    type Directory;

    /// Whether a directory is known, without a look into it, to hold just what that tree holds.
    fn is(&self, directory: &Self::Directory, tree: ObjectId) -> bool;

    /// Shows what stands in a directory, in git's order. `prefix` is the length of the directory's
    /// path with the slash behind it.
    fn list(
        &self,
        directory: &Self::Directory,
        prefix: usize,
        show: impl FnMut(&BStr, New<Self::Directory>) -> Result<()>,
    ) -> Result<()>;
}

/// What stands under a name in what follows.
pub(super) enum New<D> {
    /// A directory.
    Directory(D),
    /// A file, or what will be none: `git add -N` only announced it.
    Entry(Option<Entry>),
    /// An open conflict, of which nobody can say what it will be.
    Unmerged,
}

/// What becomes of an old tree that can't be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// Nobody can say what differs.
    Refuse,
    /// Everything counts as added: more lines, never fewer.
    Empty,
}

/// Where the tree `new` differs from the tree `old`, or from nothing. Of an old directory that can't
/// be read everything counts as added.
///
/// # Errors
/// When a new directory can't be read.
pub(super) fn differences(
    read: &ReadTree<'_>,
    old: Option<ObjectId>,
    new: ObjectId,
) -> Result<Vec<Delta>> {
    bounded(read, old, new, [MOST_PATHS, MOST_BYTES])
}

fn bounded(
    read: &ReadTree<'_>,
    old: Option<ObjectId>,
    new: ObjectId,
    most: [usize; 2],
) -> Result<Vec<Delta>> {
    let trees = Trees { read };
    let mut walk = Walk::new(read, Unreadable::Empty, &trees);
    [walk.left, walk.bytes_left] = most;
    walk.from(old, new)
}

/// Trees as what follows.
struct Trees<'r> {
    read: &'r ReadTree<'r>,
}

impl Follower for Trees<'_> {
    type Directory = ObjectId;

    fn is(&self, directory: &ObjectId, tree: ObjectId) -> bool {
        *directory == tree
    }

    fn list(
        &self,
        &id: &ObjectId,
        _: usize,
        mut show: impl FnMut(&BStr, New<ObjectId>) -> Result<()>,
    ) -> Result<()> {
        let object = (self.read)(id).context("cannot read a directory")?;
        for (name, item) in tree(&object, id.as_bytes().len())? {
            let item = match item {
                Item::Directory(id) => New::Directory(id),
                Item::Entry(entry) => New::Entry(Some(entry)),
            };
            show(name, item)?;
        }
        Ok(())
    }
}

/// Goes through a tree and what follows it side by side, and past the directories that are alike.
pub(super) struct Walk<'w, F> {
    read: &'w ReadTree<'w>,
    unreadable: Unreadable,
    follower: &'w F,
    /// How many more paths may differ, directories among them: one may hold nothing but others.
    left: usize,
    /// How many more bytes their paths may have.
    bytes_left: usize,
    deltas: Vec<Delta>,
}

impl<'w, F: Follower> Walk<'w, F> {
    pub(super) fn new(read: &'w ReadTree<'w>, unreadable: Unreadable, follower: &'w F) -> Self {
        Self {
            read,
            unreadable,
            follower,
            left: usize::MAX,
            bytes_left: usize::MAX,
            deltas: Vec::new(),
        }
    }

    /// Where a directory of what follows differs from a tree, or from nothing.
    pub(super) fn from(mut self, old: Option<ObjectId>, new: F::Directory) -> Result<Vec<Delta>> {
        if !old.is_some_and(|old| self.follower.is(&new, old)) {
            self.directory(&mut BString::default(), old, Some(new), 0)?;
        }
        Ok(self.deltas)
    }

    /// Compares one directory; `prefix` is its path with a slash at the end, or empty.
    ///
    /// Entries are paired by name, in git's order. In a tree that is out of order a pair may be
    /// missed: then one is deleted and the other added, which is never less to look at.
    fn directory(
        &mut self,
        prefix: &mut BString,
        old: Option<ObjectId>,
        new: Option<F::Directory>,
        depth: usize,
    ) -> Result<()> {
        ensure!(depth < DEEPEST, "a directory is too deep");
        let object = old.map(|id| (self.read)(id)).transpose();
        let object = self.tolerate(object)?.flatten();
        let length = old.map_or(0, |id| id.as_bytes().len());
        let items = object.as_ref().map(|object| tree(object, length));
        let items = self.tolerate(items.transpose())?.flatten();
        let items = items.unwrap_or_default();
        let mut olds = items.into_iter().peekable();
        if let Some(new) = &new {
            let follower = self.follower;
            follower.list(new, prefix.len(), |name, item| {
                let is_directory = matches!(item, New::Directory(_));
                let order = |(old, item): &(&BStr, Item)| {
                    let key = sort_key(old, matches!(item, Item::Directory(_)));
                    key.cmp(sort_key(name, is_directory))
                };
                while let Some((name, item)) = olds.next_if(|old| order(old).is_lt()) {
                    self.differ(prefix, name, Some(item), None, depth)?;
                }
                let old = olds.next_if(|old| order(old).is_eq());
                let old = old.map(|(_, item)| item);
                if self.is_same(old.as_ref(), &item) {
                    return Ok(());
                }
                self.differ(prefix, name, old, Some(item), depth)
            })?;
        }
        for (name, item) in olds {
            self.differ(prefix, name, Some(item), None, depth)?;
        }
        Ok(())
    }

    /// `None` for an old tree that can't be read, where that is no error.
    fn tolerate<T>(&self, read: Result<T>) -> Result<Option<T>> {
        match read {
            Err(_) if self.unreadable == Unreadable::Empty => Ok(None),
            read => read.map(Some),
        }
    }

    /// Whether what follows is what was there. Of an open conflict nothing can be committed, whatever
    /// was there.
    #[inline]
    fn is_same(&self, old: Option<&Item>, new: &New<F::Directory>) -> bool {
        match (old, new) {
            (Some(Item::Entry(old)), New::Entry(Some(new))) => old == new,
            (Some(Item::Directory(old)), New::Directory(new)) => self.follower.is(new, *old),
            (None, New::Entry(None)) | (_, New::Unmerged) => true,
            _ => false,
        }
    }

    /// Notes what differs under one name in a directory, and below it.
    fn differ(
        &mut self,
        prefix: &mut BString,
        name: &BStr,
        old: Option<Item>,
        new: Option<New<F::Directory>>,
        depth: usize,
    ) -> Result<()> {
        let (old, old_directory) = match old {
            Some(Item::Entry(entry)) => (Some(entry), None),
            Some(Item::Directory(id)) => (None, Some(id)),
            None => (None, None),
        };
        let (new, new_directory) = match new {
            Some(New::Entry(entry)) => (entry, None),
            Some(New::Directory(directory)) => (None, Some(directory)),
            Some(New::Unmerged) | None => (None, None),
        };
        let length = prefix.len();
        prefix.extend_from_slice(name);
        self.note(prefix, old, new)?;
        if old_directory.is_some() || new_directory.is_some() {
            prefix.push(b'/');
            self.directory(prefix, old_directory, new_directory, depth + 1)?;
        }
        prefix.truncate(length);
        Ok(())
    }

    /// Takes down one path. Not a part of its caller, which calls itself for each directory and whose
    /// place on the stack is to be small.
    #[inline(never)]
    fn note(&mut self, path: &BString, old: Option<Entry>, new: Option<Entry>) -> Result<()> {
        self.left = self
            .left
            .checked_sub(1)
            .context("a commit changes more paths than anybody can look at")?;
        if old != new {
            self.bytes_left = self
                .bytes_left
                .checked_sub(path.len())
                .context("a commit changes longer paths than anybody can look at")?;
            let path = path.clone();
            self.deltas.push(Delta { path, old, new });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use anyhow::anyhow;

    use super::*;

    /// Trees by the number that is their id.
    #[derive(Default)]
    struct Trees(HashMap<ObjectId, Vec<u8>>);

    fn id(number: u8) -> ObjectId {
        ObjectId::from_bytes(&[number; 20]).unwrap()
    }

    impl Trees {
        fn with(mut self, number: u8, entries: &[(&str, &str, u8)]) -> Self {
            let mut object = Vec::new();
            for (mode, name, entry) in entries {
                object.extend(format!("{mode} {name}\0").as_bytes());
                object.extend([*entry; 20]);
            }
            self.0.insert(id(number), object);
            self
        }

        fn compare(&self, old: Option<u8>, new: u8) -> Result<Vec<String>> {
            let read = |id| {
                self.0
                    .get(&id)
                    .cloned()
                    .map(Arc::new)
                    .ok_or_else(|| anyhow!("missing"))
            };
            let deltas = differences(&read, old.map(id), id(new))?;
            let sign = |entry: &Option<Entry>| entry.map_or(0, |entry| entry.id.as_bytes()[0]);
            Ok(deltas
                .iter()
                .map(|delta| format!("{} {} {}", delta.path, sign(&delta.old), sign(&delta.new)))
                .collect())
        }
    }

    #[test]
    fn files_and_directories_are_paired_by_name() {
        let trees = Trees::default()
            .with(
                1,
                &[
                    ("100644", "a", 11),
                    ("40000", "b", 2),
                    ("100644", "c", 12),
                    ("40000", "same", 9),
                ],
            )
            .with(2, &[("100644", "x", 13)])
            .with(
                3,
                &[
                    ("100644", "a", 21),
                    ("100644", "b", 22),
                    ("40000", "d", 2),
                    ("40000", "same", 9),
                ],
            );
        assert_eq!(
            trees.compare(Some(1), 3).unwrap(),
            ["a 11 21", "b 0 22", "b/x 13 0", "c 12 0", "d/x 0 13"]
        );
        assert_eq!(trees.compare(Some(1), 1).unwrap(), [""; 0]);
    }

    #[test]
    fn what_cannot_be_read_counts_as_added_or_is_an_error() {
        let trees = Trees::default()
            .with(1, &[("100644", "a", 11)])
            .with(2, &[("40000", "gone", 99)])
            .with(3, &[("40000", "gone", 1)]);
        assert_eq!(trees.compare(Some(50), 1).unwrap(), ["a 0 11"]);
        assert_eq!(trees.compare(Some(2), 3).unwrap(), ["gone/a 0 11"]);
        assert!(trees.compare(Some(1), 2).is_err());
    }

    #[test]
    fn trees_out_of_order_hide_nothing() {
        let trees = Trees::default()
            .with(1, &[("100644", "b", 11), ("100644", "a", 12)])
            .with(2, &[("100644", "a", 12), ("100644", "b", 13)]);
        let all = trees.compare(Some(1), 2).unwrap();
        assert!(all.contains(&"b 0 13".to_owned()) || all.contains(&"b 11 13".to_owned()));
    }

    #[test]
    fn a_tree_in_itself_and_a_tree_of_billions_come_to_an_end() {
        let trees = Trees::default().with(1, &[("40000", "d", 1)]);
        assert!(trees.compare(None, 1).is_err());
        for lowest in [&[("100644", "f", 200)][..], &[]] {
            let mut bomb = Trees::default().with(0, lowest);
            for level in 1..12 {
                let names: Vec<String> = (0..9).map(|n| format!("d{n}")).collect();
                let entries: Vec<(&str, &str, u8)> = names
                    .iter()
                    .map(|name| ("40000", name.as_str(), level - 1))
                    .collect();
                bomb = bomb.with(level, &entries);
            }
            let read = |id| {
                bomb.0
                    .get(&id)
                    .cloned()
                    .map(Arc::new)
                    .ok_or_else(|| anyhow!("missing"))
            };
            assert!(bounded(&read, None, id(11), [10_000, usize::MAX]).is_err());
        }
    }

    #[test]
    fn few_trees_with_long_names_come_to_an_end() {
        let name = "d".repeat(250);
        let files: Vec<String> = (0..100).map(|n| format!("{n:03}")).collect();
        let files: Vec<(&str, &str, u8)> = files
            .iter()
            .map(|file| ("100644", file.as_str(), 200))
            .collect();
        let mut trees = Trees::default().with(0, &files);
        for level in 1..100 {
            trees = trees.with(level, &[("40000", &name, level - 1)]);
        }
        let read = |id| Ok(Arc::new(trees.0[&id].clone()));
        let length = 99 * 251 + 3;
        for (most, expected) in [(100 * length, true), (100 * length - 1, false)] {
            let found = bounded(&read, None, id(99), [usize::MAX, most]);
            assert_eq!(found.is_ok(), expected);
        }
    }
}
