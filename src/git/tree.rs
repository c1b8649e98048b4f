//! Where two trees differ.
//!
//! Both readers give only objects, so that what is compared is the same code: no reader's idea of a
//! rename, of an attribute or of a setting gets between.

use std::cmp::Ordering;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use bstr::{BStr, BString};

use super::compare::Delta;
use super::id::{Entry, ObjectId};
use super::object::{DEEPEST, Item, sort_key, tree};

/// A bound: a few objects can stand for more paths than there is memory: a tree that holds another ten
/// times, which holds another ten times. No commit that a person made changes as many.
const MOST_PATHS: usize = 2_000_000;

/// Reads the content of a tree.
pub(super) type ReadTree<'r> = dyn Fn(ObjectId) -> Result<Arc<Vec<u8>>> + 'r;

/// Where `new` differs from `old`, or from nothing. Of an old directory that can't be read
/// everything counts as added.
///
/// # Errors
/// When a new directory can't be read.
pub(super) fn differences(
    read: &ReadTree<'_>,
    old: Option<ObjectId>,
    new: ObjectId,
) -> Result<Vec<Delta>> {
    bounded(read, old, new, MOST_PATHS)
}

fn bounded(
    read: &ReadTree<'_>,
    old: Option<ObjectId>,
    new: ObjectId,
    most: usize,
) -> Result<Vec<Delta>> {
    let mut walk = Walk {
        read,
        left: most,
        deltas: Vec::new(),
    };
    if old != Some(new) {
        walk.directory(&mut BString::default(), old, Some(new), 0)?;
    }
    Ok(walk.deltas)
}

struct Walk<'r> {
    read: &'r ReadTree<'r>,
    /// How many more paths may differ, directories among them: one may hold nothing but others.
    left: usize,
    deltas: Vec<Delta>,
}

impl Walk<'_> {
    /// Compares one directory; `prefix` is its path with a slash at the end, or empty.
    ///
    /// Entries are paired by name, in git's order. In a tree that is out of order a pair may be
    /// missed: then one is deleted and the other added, which is never less to look at.
    fn directory(
        &mut self,
        prefix: &mut BString,
        old: Option<ObjectId>,
        new: Option<ObjectId>,
        depth: usize,
    ) -> Result<()> {
        ensure!(depth < DEEPEST, "a directory is too deep");
        let old_object = old.and_then(|id| Some((id, (self.read)(id).ok()?)));
        let old_items = match &old_object {
            Some((id, object)) => tree(object, id.as_bytes().len()).unwrap_or_default(),
            None => Vec::new(),
        };
        let new_object = match new {
            Some(id) => Some((id, (self.read)(id).context("cannot read a directory")?)),
            None => None,
        };
        let new_items = match &new_object {
            Some((id, object)) => tree(object, id.as_bytes().len())?,
            None => Vec::new(),
        };
        let (mut olds, mut news) = (old_items.iter().peekable(), new_items.iter().peekable());
        loop {
            let order = match (olds.peek(), news.peek()) {
                (None, None) => return Ok(()),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(old), Some(new)) => key(old).cmp(key(new)),
            };
            let old = (order != Ordering::Greater).then(|| olds.next()).flatten();
            let new = (order != Ordering::Less).then(|| news.next()).flatten();
            let Some((name, _)) = new.or(old) else {
                continue;
            };
            let (old, new) = (old.map(|(_, item)| *item), new.map(|(_, item)| *item));
            if old != new {
                let length = prefix.len();
                prefix.extend_from_slice(name);
                self.item(prefix, old, new, depth)?;
                prefix.truncate(length);
            }
        }
    }

    fn item(
        &mut self,
        path: &mut BString,
        old: Option<Item>,
        new: Option<Item>,
        depth: usize,
    ) -> Result<()> {
        let entry = |item: Option<Item>| match item {
            Some(Item::Entry(entry)) => Some(entry),
            _ => None,
        };
        let directory = |item: Option<Item>| match item {
            Some(Item::Directory(id)) => Some(id),
            _ => None,
        };
        self.left = self
            .left
            .checked_sub(1)
            .context("a commit changes more paths than anybody can look at")?;
        self.file(path.as_ref(), entry(old), entry(new));
        let (old, new) = (directory(old), directory(new));
        if old.is_some() || new.is_some() {
            path.push(b'/');
            self.directory(path, old, new, depth + 1)?;
        }
        Ok(())
    }

    fn file(&mut self, path: &BStr, old: Option<Entry>, new: Option<Entry>) {
        if old != new {
            self.deltas.push(Delta {
                path: path.to_owned(),
                old,
                new,
            });
        }
    }
}

fn key<'i>((name, item): &'i (&BStr, Item)) -> impl Iterator<Item = &'i u8> {
    sort_key(name, matches!(item, Item::Directory(_)))
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
            assert!(bounded(&read, None, id(11), 10_000).is_err());
        }
    }
}
