//! The paths under which trees hold blobs: each directory's tree is read once and compared with the last
//! one that was read of the same directory, so that of a history only what differs is looked at.

mod parts;

use std::collections::{HashMap, hash_map};
use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;

use anyhow::{Result, ensure};
use bstr::{BStr, BString, ByteSlice};

use super::key::{Key, KeyMap, KeySet, Seed, Short, ShortSet};
use super::objects::ObjectReader;
use super::trees::{Differing, Entry, Listed, Sort};
use crate::change::EntryKind;
use crate::git::id::ObjectId;
use crate::git::object::{DEEPEST, Kind};

/// A bound: a few objects can stand for more paths than there is memory. No history that people made
/// has as many.
const MOST_PATHS: usize = 8_000_000;

/// A bound: bytes of trees that are kept to be compared with the next ones.
pub(super) const KEPT: usize = 48 << 20;

/// The number of the top of the repository.
pub(crate) const TOP: u32 = 0;

const NONE: u32 = u32::MAX;

/// Paths by their number, each as a name in a directory.
pub(crate) struct Paths {
    nodes: Vec<Node>,
    names: Vec<u8>,
    /// The last node of each hash of a directory and a name.
    last: HashMap<u64, u32, Seed>,
    seed: Seed,
}

struct Node {
    directory: u32,
    start: usize,
    length: u32,
    /// The node before that has the same hash.
    before: u32,
    /// What its file is taken for, once somebody asked.
    class: u32,
}

impl Default for Paths {
    fn default() -> Self {
        let mut paths = Self {
            nodes: Vec::new(),
            names: Vec::new(),
            last: HashMap::default(),
            seed: Seed::default(),
        };
        paths.push(NONE, b"", NONE);
        paths
    }
}

impl Paths {
    fn push(&mut self, directory: u32, name: &[u8], before: u32) -> u32 {
        let node = Node {
            directory,
            start: self.names.len(),
            length: u32::try_from(name.len()).unwrap_or(0),
            before,
            class: NONE,
        };
        self.names.extend_from_slice(name);
        self.nodes.push(node);
        u32::try_from(self.nodes.len() - 1).unwrap_or(NONE)
    }

    fn name(&self, node: u32) -> &[u8] {
        let node = &self.nodes[node as usize];
        &self.names[node.start..node.start + node.length as usize]
    }

    fn hash(&self, directory: u32, name: &[u8]) -> u64 {
        let mut hash = self.seed.build_hasher();
        hash.write_u64(directory.into());
        for word in name.chunks(8) {
            let mut bytes = [0; 8];
            bytes[..word.len()].copy_from_slice(word);
            hash.write_u64(u64::from_le_bytes(bytes));
        }
        hash.finish()
    }

    /// The number of a name in a directory.
    pub(super) fn find(&self, directory: u32, name: &[u8]) -> Option<u32> {
        let mut at = *self.last.get(&self.hash(directory, name))?;
        while at != NONE {
            let node = &self.nodes[at as usize];
            if node.directory == directory && self.name(at) == name {
                return Some(at);
            }
            at = node.before;
        }
        None
    }

    fn make(&mut self, directory: u32, name: &[u8]) -> Result<u32> {
        if let Some(node) = self.find(directory, name) {
            return Ok(node);
        }
        ensure!(
            self.nodes.len() < MOST_PATHS,
            "there are more paths than anybody can look at"
        );
        let hash = self.hash(directory, name);
        let before = self.last.get(&hash).copied().unwrap_or(NONE);
        let node = self.push(directory, name, before);
        self.last.insert(hash, node);
        Ok(node)
    }

    /// The number of a path, which is made if there is none.
    ///
    /// # Errors
    /// When there are too many.
    pub(crate) fn number(&mut self, path: &BStr) -> Result<u32> {
        let mut names = path.split_str("/");
        names.try_fold(TOP, |directory, name| self.make(directory, name))
    }

    /// The path of that number, from the top of the repository.
    pub(crate) fn path(&self, node: u32) -> BString {
        let mut names = Vec::new();
        let mut at = node;
        while at != TOP && at != NONE {
            names.push(self.name(at));
            at = self.nodes[at as usize].directory;
        }
        names.reverse();
        bstr::join("/", names).into()
    }

    /// What a file of that path is taken for, as somebody says who is asked once.
    pub(crate) fn class(&mut self, node: u32, kind: EntryKind, class: &ClassOf<'_>) -> u32 {
        let known = self.nodes[node as usize].class;
        if kind == EntryKind::File && known != NONE {
            return known;
        }
        let told = class(self.path(node).as_ref(), kind);
        if kind == EntryKind::File {
            self.nodes[node as usize].class = told;
        }
        told
    }

    /// As [`class`](Self::class), of one whose number is not kept.
    pub(super) fn class_now(&self, node: u32, kind: EntryKind, class: &ClassOf<'_>) -> u32 {
        match self.nodes[node as usize].class {
            known if kind == EntryKind::File && known != NONE => known,
            _ => class(self.path(node).as_ref(), kind),
        }
    }

    /// Marks nodes and the directories that lead to them.
    pub(super) fn leading_to(&self, nodes: impl Iterator<Item = u32>) -> Vec<bool> {
        let mut marked = vec![false; self.nodes.len()];
        for mut at in nodes {
            while at != NONE && !marked[at as usize] {
                marked[at as usize] = true;
                at = self.nodes[at as usize].directory;
            }
        }
        marked
    }
}

/// Says what a file of a path is taken for: two of one class are judged alike.
pub(crate) type ClassOf<'c> = dyn Fn(&BStr, EntryKind) -> u32 + Sync + 'c;

/// A blob to be looked at, under the path by which it was seen first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Look {
    /// The blob.
    pub(crate) id: ObjectId,
    /// The number of the path.
    pub(crate) node: u32,
    /// Whether it is a link's target.
    pub(crate) link: bool,
    /// What its path is taken for.
    pub(crate) class: u32,
}

/// Goes through trees and gathers the blobs that are to be looked at.
pub(crate) struct Walk<'a> {
    /// The paths of all that was seen.
    pub(crate) paths: Paths,
    /// What is to be looked at, each once for each class of its paths.
    pub(crate) looks: Vec<Look>,
    /// How many links to commits of other repositories there were.
    pub(crate) submodules: usize,
    /// The trees that could not be read, by directory.
    pub(crate) unread: Vec<Key>,
    pub(super) class: &'a ClassOf<'a>,
    /// Blobs that need not be looked at.
    clean: &'a KeySet,
    /// The blobs that there are, by class, and the first path of each.
    seen: KeyMap<u32>,
    /// Other paths of theirs.
    also: KeySet,
    /// Of those that there are the ones that no commit holds.
    elsewhere: Option<Vec<Key>>,
    /// Trees that were read, by directory.
    trees: KeySet,
    /// The same, wherever they are.
    known: ShortSet,
    /// The last tree of each directory.
    last: HashMap<u32, Listed>,
    kept: usize,
    /// How many may be; walks beside each other share what one may keep.
    most_kept: usize,
}

impl<'a> Walk<'a> {
    /// A walk that looks at nothing that is known to be clean.
    pub(crate) fn new(class: &'a ClassOf<'a>, clean: &'a KeySet) -> Self {
        Self {
            paths: Paths::default(),
            looks: Vec::new(),
            submodules: 0,
            unread: Vec::new(),
            class,
            clean,
            seen: KeyMap::default(),
            also: KeySet::default(),
            elsewhere: None,
            trees: KeySet::default(),
            known: ShortSet::default(),
            last: HashMap::new(),
            kept: 0,
            most_kept: KEPT,
        }
    }

    /// Takes a blob under a path, unless it was looked at as that.
    pub(crate) fn blob(&mut self, id: ObjectId, node: u32, link: bool) {
        let kind = if link {
            EntryKind::Link
        } else {
            EntryKind::File
        };
        let class = self.paths.class(node, kind, self.class);
        let key = Key(Short::from(&id), class);
        match self.seen.entry(key) {
            hash_map::Entry::Vacant(place) => {
                place.insert(node);
            }
            hash_map::Entry::Occupied(place) => {
                if *place.get() != node {
                    self.also.insert(Key(key.0, node));
                }
                return;
            }
        }
        if let Some(elsewhere) = &mut self.elsewhere {
            elsewhere.push(key);
        }
        if !self.clean.contains(&key) {
            self.looks.push(Look {
                id,
                node,
                link,
                class,
            });
        }
    }

    /// Takes blobs that commits hold and that are known to be clean, under whatever paths.
    pub(crate) fn take_clean(&mut self, keys: impl Iterator<Item = Key>) {
        self.seen.extend(keys.map(|key| (key, TOP)));
    }

    /// From now on no commit holds what comes.
    pub(crate) fn end_commits(&mut self) {
        self.elsewhere = Some(Vec::new());
    }

    /// The blobs that there are, by class.
    pub(crate) fn seen(&self) -> impl Iterator<Item = &Key> {
        self.seen.keys()
    }

    /// Of those the ones that no commit holds.
    pub(crate) fn elsewhere(&self) -> &[Key] {
        self.elsewhere.as_deref().unwrap_or_default()
    }

    /// The numbers of the paths under which blobs were seen, and of the directories that lead there.
    pub(super) fn ways_to(&self, blobs: &KeySet) -> Vec<bool> {
        let shorts: ShortSet = blobs.iter().map(|key| key.0).collect();
        let first = blobs.iter().filter_map(|key| self.seen.get(key).copied());
        let also = self.also.iter().filter(|key| shorts.contains(&key.0));
        self.paths.leading_to(first.chain(also.map(|key| key.1)))
    }

    /// Takes a tree, as that of the top of the repository, and all below it.
    ///
    /// # Errors
    /// When there are more paths than anybody can look at.
    pub(crate) fn tree(&mut self, reader: &mut ObjectReader<'_>, id: ObjectId) -> Result<()> {
        let mut waiting = vec![(id, TOP, 0)];
        while let Some((id, directory, depth)) = waiting.pop() {
            let key = Key(Short::from(&id), directory);
            if !self.trees.insert(key) {
                continue;
            }
            self.known.insert(Short::from(&id));
            let object = match reader.read(&id) {
                Ok((Kind::Tree, object)) => object,
                _ => {
                    self.unread.push(key);
                    continue;
                }
            };
            let first = waiting.len();
            let length = id.as_bytes().len();
            let last = self.forgotten(directory);
            let differing = last.differing(&object, length);
            let mut news = last.news(&object, &differing, length);
            loop {
                match news.next() {
                    Ok(Some(entry)) => self.entry(&entry, directory, depth, &mut waiting)?,
                    Ok(None) => break,
                    Err(_) => {
                        self.unread.push(key);
                        break;
                    }
                }
            }
            waiting[first..].reverse();
            self.keep(directory, last, object, differing);
        }
        Ok(())
    }

    /// Whether a tree was read, in whatever directory.
    pub(crate) fn knows(&self, id: &ObjectId) -> bool {
        self.known.contains(&Short::from(id))
    }

    fn entry(
        &mut self,
        entry: &Entry<'_>,
        directory: u32,
        depth: usize,
        waiting: &mut Vec<(ObjectId, u32, usize)>,
    ) -> Result<()> {
        let Some(id) = ObjectId::from_bytes(entry.id) else {
            return Ok(());
        };
        match entry.sort() {
            Sort::Directory => {
                ensure!(depth < DEEPEST, "a directory is too deep");
                let node = self.paths.make(directory, entry.name)?;
                waiting.push((id, node, depth + 1));
            }
            Sort::File => {
                let node = self.paths.make(directory, entry.name)?;
                self.blob(id, node, false);
            }
            Sort::Link => {
                let node = self.paths.make(directory, entry.name)?;
                self.blob(id, node, true);
            }
            Sort::Submodule => self.submodules += 1,
        }
        Ok(())
    }

    /// The last tree of a directory, which is no longer kept; an empty one if there is none.
    fn forgotten(&mut self, directory: u32) -> Listed {
        let last = self.last.remove(&directory).unwrap_or_default();
        self.kept -= last.size();
        last
    }

    fn keep(
        &mut self,
        directory: u32,
        mut last: Listed,
        object: Arc<Vec<u8>>,
        differing: Differing,
    ) {
        if object.len() > self.most_kept / 4 {
            return;
        }
        last.follow(object, differing);
        if self.kept + last.size() > self.most_kept {
            self.last.clear();
            self.kept = 0;
        }
        self.kept += last.size();
        self.last.insert(directory, last);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_have_one_number_each() {
        let mut paths = Paths::default();
        let one = paths.number("src/a b.rs".into()).unwrap();
        let other = paths.number("src/c.rs".into()).unwrap();
        assert_ne!(one, other);
        assert_eq!(paths.number("src/a b.rs".into()).unwrap(), one);
        assert_eq!(paths.path(one), "src/a b.rs");
        assert_eq!(paths.path(TOP), "");
        let class = |path: &BStr, _: EntryKind| path.len() as u32;
        assert_eq!(paths.class(one, EntryKind::File, &class), 10);
        assert_eq!(paths.class_now(other, EntryKind::Link, &class), 8);
    }
}
