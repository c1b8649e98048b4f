//! In which commits a few blobs stand, and where: all trees are gone through once more, and of most of
//! them nothing is kept but that they hold none.

use std::collections::HashMap;
use std::sync::Arc;
use std::thread;

use super::graph::Graph;
use super::key::{Key, KeyMap, KeySet, Short};
use super::objects::{ObjectReader, Objects};
use super::paths::{Entry, Paths, Sort, TOP};
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
}

impl Held {
    fn number(&mut self, set: Vec<Place>, known: &mut HashMap<Vec<Place>, u32>) -> u32 {
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

/// Where the blobs stand in the commits from a number on.
pub(crate) fn places(
    objects: &Objects<'_>,
    graph: &Graph,
    from: usize,
    paths: &Paths,
    blobs: &KeySet,
) -> Held {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let each = (graph.len() - from).div_ceil(threads).max(1);
    let parts = Vec::from_iter((from..graph.len()).step_by(each));
    let work = |start: usize| {
        let mut seeker = Seeker::new(objects.reader(), paths, blobs);
        for commit in start..graph.len().min(start + each) {
            let set = seeker.tree(graph.tree(commit), TOP, 0);
            seeker.held.of.push(set);
        }
        seeker.held
    };
    let found: Vec<Held> = thread::scope(|scope| {
        let others: Vec<_> = parts
            .iter()
            .map(|&start| {
                (
                    start,
                    thread::Builder::new().spawn_scoped(scope, move || work(start)),
                )
            })
            .collect();
        others
            .into_iter()
            .map(|(start, other)| match other {
                Ok(other) => other.join().expect("a panic ends the process"),
                Err(_) => work(start),
            })
            .collect()
    });
    let mut all = Held {
        sets: vec![Vec::new()],
        of: vec![0; from],
    };
    let mut known = HashMap::new();
    for part in found {
        let numbers: Vec<u32> = part
            .sets
            .into_iter()
            .map(|set| all.number(set, &mut known))
            .collect();
        all.of
            .extend(part.of.iter().map(|&set| numbers[set as usize]));
    }
    all
}

struct Seeker<'s> {
    reader: ObjectReader<'s>,
    paths: &'s Paths,
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
    fn new(reader: ObjectReader<'s>, paths: &'s Paths, blobs: &'s KeySet) -> Self {
        let mut likely = vec![0; 1 << 10];
        for blob in blobs {
            let bytes = blob.0.to_bytes();
            let start = u16::from_le_bytes([bytes[0], bytes[1]]);
            likely[usize::from(start >> 6)] |= 1 << (start & 63);
        }
        Self {
            reader,
            paths,
            blobs,
            likely,
            trees: KeyMap::default(),
            held: Held {
                sets: vec![Vec::new()],
                of: Vec::new(),
            },
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
            match entry.sort() {
                Sort::Directory => {
                    let below = self.paths.find(directory, entry.name);
                    if let (Some(node), Some(id)) = (below, ObjectId::from_bytes(entry.id)) {
                        let below = self.tree(id, node, depth + 1);
                        set.extend_from_slice(&self.held.sets[below as usize]);
                    }
                }
                Sort::File | Sort::Link => {
                    if self.is_likely(entry.id)
                        && let Some(node) = self.paths.find(directory, entry.name)
                    {
                        let blob = Short::of(entry.id);
                        // A link's class is not kept: any of the blob's will do.
                        let stands = match self.paths.known_class(node) {
                            Some(class) => self.blobs.contains(&Key(blob, class)),
                            None => self.blobs.iter().any(|key| key.0 == blob),
                        };
                        if stands {
                            set.push(Place { blob, node });
                        }
                    }
                }
                Sort::Submodule => {}
            }
        }
    }
}
