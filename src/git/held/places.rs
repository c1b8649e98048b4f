//! In which commits a few blobs stand, and where: the trees are gone through once more, no farther than a path leads to
//! such a blob, and of most of them nothing is kept but that they hold none.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::graph::Graph;
use super::key::{Key, KeyMap, KeySet, Short};
use super::objects::{ObjectReader, Objects};
use super::paths::{ClassOf, KEPT, Paths, TOP, Walk};
use super::trees::{Entry, Listed, Sort};
use crate::change::EntryKind;
use crate::git::id::ObjectId;
use crate::git::object::{DEEPEST, Kind};

/// A weight: parts of the commits for each thread. The trees of older commits are smaller.
const PARTS: usize = 16;

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
    let each = commits.len().div_ceil(threads * PARTS).max(1);
    let ways = walk.ways_to(blobs);
    let next = AtomicUsize::new(0);
    let work = || {
        let mut seeker = Seeker::new(objects.reader_beside(threads), walk, blobs, &ways, threads);
        let mut parts = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(part) = commits.chunks(each).nth(number) else {
                return (seeker.held.sets, parts);
            };
            let sets = part
                .iter()
                .map(|&commit| seeker.tree(graph.tree(commit), TOP, 0));
            parts.push((part, sets.collect()));
        }
    };
    let found: Vec<(Vec<Vec<Place>>, Parts<'_>)> = thread::scope(|scope| {
        // A thread that can't be started leaves the work to the others.
        let others: Vec<_> = (1..threads)
            .filter_map(|_| thread::Builder::new().spawn_scoped(scope, work).ok())
            .collect();
        let mut found = vec![work()];
        found.extend((others.into_iter()).map(|it| it.join().expect("a panic ends the process")));
        found
    });
    let sets = held.sets.iter().cloned().zip(0..);
    let mut known: HashMap<Vec<Place>, u32> = sets.collect();
    for (sets, parts) in found {
        let numbers: Vec<u32> = (sets.into_iter())
            .map(|set| held.number(set, &mut known))
            .collect();
        for (commits, sets) in parts {
            for (&commit, set) in commits.iter().zip(sets) {
                held.of[commit] = numbers[set as usize];
            }
        }
    }
}

/// Commits with the numbers of their sets.
type Parts<'c> = Vec<(&'c [usize], Vec<u32>)>;

/// The last tree of a directory, and what of its entries may be or lead to such a blob.
#[derive(Default)]
struct Last {
    tree: Listed,
    ways: Vec<Way>,
}

/// An entry of a tree that may be such a blob or lead to one.
#[derive(Clone, Copy)]
struct Way {
    /// Where it stands in the tree.
    at: usize,
    id: ObjectId,
    node: u32,
    sort: Sort,
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
    /// The last tree of each directory.
    last: HashMap<u32, Last>,
    /// The bytes of those, and how many may be.
    kept: usize,
    most_kept: usize,
    held: Held,
    known: HashMap<Vec<Place>, u32>,
}

impl<'s> Seeker<'s> {
    fn new(
        reader: ObjectReader<'s>,
        walk: &'s Walk<'_>,
        blobs: &'s KeySet,
        ways: &'s [bool],
        threads: usize,
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
            last: HashMap::new(),
            kept: 0,
            most_kept: KEPT / threads,
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
            for way in self.ways_in(object, id.as_bytes().len(), directory) {
                self.follow(&way, depth, &mut set);
            }
        }
        set.sort_unstable();
        let number = self.held.number(set, &mut self.known);
        self.trees.insert(key, number);
        number
    }

    /// The entries of a directory's tree that may be such a blob or lead to one.
    fn ways_in(&mut self, object: Arc<Vec<u8>>, length: usize, directory: u32) -> Vec<Way> {
        let Last { mut tree, ways } = self.last.remove(&directory).unwrap_or_default();
        self.kept -= tree.size();
        let differing = tree.differing(&object, length);
        let (old, new) = (&differing.old, &differing.new);
        let is_before = |way: &Way| way.at < old.start;
        let is_behind = |way: &Way| way.at >= old.end;
        let mut now: Vec<Way> = ways.iter().copied().take_while(is_before).collect();
        let mut rest = &object[new.clone()];
        loop {
            let at = new.end - rest.len();
            let Ok(Some(entry)) = Entry::first(&mut rest, length) else {
                break;
            };
            now.extend(self.way(at, &entry, directory));
        }
        let behind = ways.iter().copied().filter(is_behind).map(|way| {
            let at = way.at - old.end + new.end;
            Way { at, ..way }
        });
        now.extend(behind);
        if object.len() <= self.most_kept / 4 {
            tree.follow(object, differing);
            if self.kept + tree.size() > self.most_kept {
                self.last.clear();
                self.kept = 0;
            }
            self.kept += tree.size();
            // Of a tree with odd entries none is kept.
            let ways = match tree.size() {
                0 => Vec::new(),
                _ => now.clone(),
            };
            self.last.insert(directory, Last { tree, ways });
        }
        now
    }

    /// An entry as one that may be such a blob or lead to one.
    fn way(&self, at: usize, entry: &Entry<'_>, directory: u32) -> Option<Way> {
        let sort = entry.sort();
        if sort == Sort::Submodule || sort != Sort::Directory && !self.is_likely(entry.id) {
            return None;
        }
        let node = self.paths.find(directory, entry.name);
        let node = node.filter(|&node| self.ways[node as usize])?;
        let id = ObjectId::from_bytes(entry.id)?;
        Some(Way { at, id, node, sort })
    }

    /// Adds what an entry is or leads to.
    fn follow(&mut self, way: &Way, depth: usize, set: &mut Vec<Place>) {
        let &Way { id, node, sort, .. } = way;
        if sort == Sort::Directory {
            let below = self.tree(id, node, depth + 1);
            set.extend_from_slice(&self.held.sets[below as usize]);
            return;
        }
        let (blob, link) = (Short::from(&id), sort == Sort::Link);
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
