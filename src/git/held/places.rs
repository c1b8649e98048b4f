//! In which commits a few blobs stand, and where: the trees are gone through once more, no farther than a path leads to
//! such a blob, and of most of them nothing is kept but that they hold none.

use std::collections::HashMap;
use std::sync::Arc;
use std::thread;

use super::graph::Graph;
use super::key::{Key, KeyMap, KeySet, Short};
use super::objects::{ObjectReader, Objects};
use super::paths::{ClassOf, Entry, Paths, Sort, TOP, Walk};
use crate::change::EntryKind;
use crate::git::id::ObjectId;
use crate::git::object::{DEEPEST, Kind};

/// Sets of blobs at paths, and which of them each commit holds.
#[derive(Debug, Default)]
pub(crate) struct Held {
    /// The sets. The first is empty.
    pub(crate) sets: Vec<Vec<Place>>,
    /// The number of each commit's set.
    pub(crate) of: Vec<u32>,
}

/// A blob at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Place {
    /// The blob.
    pub(crate) blob: Short,
    /// The number of its path.
    pub(crate) node: u32,
    /// Whether it is a link's target.
    pub(crate) link: bool,
}

impl Held {
    /// Of so many commits that hold nothing.
    pub(crate) fn of_nothing(commits: usize) -> Self {
        Self {
            sets: vec![Vec::new()],
            of: vec![0; commits],
        }
    }

    /// The number of a set, which is put behind the others unless it is known.
    pub(crate) fn number(&mut self, set: Vec<Place>, known: &mut HashMap<Vec<Place>, u32>) -> u32 {
        if set.is_empty() {
            return 0;
        }
        if let Some(&number) = known.get(&set) {
            return number;
        }
        let number = u32::try_from(self.sets.len()).unwrap_or(0);
        known.insert(set.clone(), number);
        self.sets.push(set);
        number
    }
}

/// Where blobs stand that a walk saw, in these commits, whose sets are put to those of the others.
pub(crate) fn places(
    objects: &Objects<'_>,
    graph: &Graph,
    commits: &[usize],
    walk: &Walk<'_>,
    blobs: &KeySet,
    held: &mut Held,
) {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let each = commits.len().div_ceil(threads).max(1);
    let ways = walk.ways_to(blobs);
    let work = |part: &[usize]| {
        let mut seeker = Seeker::new(objects.reader_beside(threads), walk, blobs, &ways);
        for &commit in part {
            let set = seeker.tree(graph.tree(commit), TOP, 0);
            seeker.held.of.push(set);
        }
        seeker.held
    };
    let work = &work;
    let found: Vec<Held> = thread::scope(|scope| {
        let start = |part| {
            (
                part,
                thread::Builder::new().spawn_scoped(scope, move || work(part)),
            )
        };
        let others: Vec<_> = commits.chunks(each).map(start).collect();
        others
            .into_iter()
            .map(|(part, other)| match other {
                Ok(other) => other.join().expect("a panic ends the process"),
                Err(_) => work(part),
            })
            .collect()
    });
    let sets = held.sets.iter().cloned().zip(0..);
    let mut known: HashMap<Vec<Place>, u32> = sets.collect();
    for (part, commits) in found.into_iter().zip(commits.chunks(each)) {
        let numbers: Vec<u32> = part
            .sets
            .into_iter()
            .map(|set| held.number(set, &mut known))
            .collect();
        for (&commit, &set) in commits.iter().zip(&part.of) {
            held.of[commit] = numbers[set as usize];
        }
    }
}

struct Seeker<'s> {
    reader: ObjectReader<'s>,
    paths: &'s Paths,
    class: &'s ClassOf<'s>,
    /// Which paths are of such blobs, and which directories lead there.
    ways: &'s [bool],
    /// The blobs, as what they are taken for.
    blobs: &'s KeySet,
    /// Of the first two bytes of their ids, which there are.
    likely: Vec<u64>,
    /// The sets of the trees that were read, by directory.
    trees: KeyMap<u32>,
    held: Held,
    known: HashMap<Vec<Place>, u32>,
}

impl<'s> Seeker<'s> {
    fn new(
        reader: ObjectReader<'s>,
        walk: &'s Walk<'_>,
        blobs: &'s KeySet,
        ways: &'s [bool],
    ) -> Self {
        let mut likely = vec![0; 1 << 10];
        for blob in blobs {
            let bytes = blob.0.to_bytes();
            let start = u16::from_le_bytes([bytes[0], bytes[1]]);
            likely[usize::from(start >> 6)] |= 1 << (start & 63);
        }
        Self {
            reader,
            paths: &walk.paths,
            class: walk.class,
            ways,
            blobs,
            likely,
            trees: KeyMap::default(),
            held: Held::of_nothing(0),
            known: HashMap::new(),
        }
    }

    fn is_likely(&self, id: &[u8]) -> bool {
        let start = u16::from_le_bytes([id[0], id[1]]);
        self.likely[usize::from(start >> 6)] >> (start & 63) & 1 == 1
    }

    /// The set of what a directory's tree holds.
    fn tree(&mut self, id: ObjectId, directory: u32, depth: usize) -> u32 {
        let key = Key(Short::from(&id), directory);
        if let Some(&set) = self.trees.get(&key) {
            return set;
        }
        let mut set = Vec::new();
        if depth < DEEPEST
            && let Ok((Kind::Tree, object)) = self.reader.read(&id)
        {
            self.entries(&object, id.as_bytes().len(), directory, depth, &mut set);
        }
        set.sort_unstable();
        let number = self.held.number(set, &mut self.known);
        self.trees.insert(key, number);
        number
    }

    fn entries(
        &mut self,
        object: &Arc<Vec<u8>>,
        length: usize,
        directory: u32,
        depth: usize,
        set: &mut Vec<Place>,
    ) {
        let mut rest = object.as_slice();
        while let Ok(Some(entry)) = Entry::first(&mut rest, length) {
            let sort = entry.sort();
            if sort == Sort::Submodule || sort != Sort::Directory && !self.is_likely(entry.id) {
                continue;
            }
            let node = self.paths.find(directory, entry.name);
            let Some(node) = node.filter(|&node| self.ways[node as usize]) else {
                continue;
            };
            if sort == Sort::Directory {
                if let Some(id) = ObjectId::from_bytes(entry.id) {
                    let below = self.tree(id, node, depth + 1);
                    set.extend_from_slice(&self.held.sets[below as usize]);
                }
                continue;
            }
            let (blob, link) = (Short::of(entry.id), sort == Sort::Link);
            let kind = if link {
                EntryKind::Link
            } else {
                EntryKind::File
            };
            let class = self.paths.class_now(node, kind, self.class);
            if self.blobs.contains(&Key(blob, class)) {
                set.push(Place { blob, node, link });
            }
        }
    }
}
