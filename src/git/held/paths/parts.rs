//! The trees of many commits, gone through by several threads at once: each takes a part of them, and what the parts saw
//! is put together in their order, so that it is what one walk would have seen.

use std::collections::{BTreeMap, HashMap, hash_map};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use anyhow::Result;

use super::{KEPT, Look, NONE, TOP, Walk};
use crate::git::held::key::{Key, Short};
use crate::git::held::objects::Objects;
use crate::git::id::ObjectId;

/// A weight: of fewer trees a second thread would read much of what the first one reads.
const ALONE: usize = 1000;

/// A weight: parts for each thread. The trees of older commits are smaller.
const PARTS: usize = 6;

/// What the parts came to so far.
struct Gathered<'g, 'a> {
    walk: &'g mut Walk<'a>,
    /// The part that comes next.
    next: usize,
    /// Those behind it that are done.
    waiting: BTreeMap<usize, Walk<'a>>,
    /// Which of the trees were gone through.
    done: Vec<Range<usize>>,
}

impl<'a> Walk<'a> {
    /// Takes trees, as [`tree`](Self::tree) does one after the other, until `next`, which is asked before each one,
    /// says that it is enough. Gives the numbers of those that were taken.
    ///
    /// # Errors
    /// When there are more paths than anybody can look at.
    pub(crate) fn trees(
        &mut self,
        objects: &Objects<'_>,
        trees: &[ObjectId],
        next: &(dyn Fn() -> bool + Sync),
    ) -> Result<Vec<Range<usize>>> {
        let most = trees.len().div_ceil(ALONE).max(1);
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let threads = threads.min(most);
        let each = match threads {
            1 => trees.len().max(1),
            _ => trees.len().div_ceil(threads * PARTS).max(ALONE / 2),
        };
        let parts: Vec<&[ObjectId]> = trees.chunks(each).collect();
        let (class, clean) = (self.class, self.clean);
        let gathered = Mutex::new(Gathered {
            walk: self,
            next: 0,
            waiting: BTreeMap::new(),
            done: Vec::new(),
        });
        let number = AtomicUsize::new(0);
        let failed = AtomicBool::new(false);
        let work = || -> Result<()> {
            let mut reader = objects.reader_beside(threads);
            let is_next = || !failed.load(Ordering::Relaxed) && next();
            loop {
                let number = number.fetch_add(1, Ordering::Relaxed);
                let Some(part) = parts.get(number) else {
                    return Ok(());
                };
                let mut walk = Walk::new(class, clean);
                walk.most_kept = KEPT / threads;
                let mut done = 0;
                for &tree in part.iter().take_while(|_| is_next()) {
                    walk.tree(&mut reader, tree)?;
                    done += 1;
                }
                // A part that waits for its turn holds no trees.
                walk.last = HashMap::new();
                let mut gathered = gathered.lock().unwrap_or_else(PoisonError::into_inner);
                gathered.done.push(number * each..number * each + done);
                gathered.take(number, walk)?;
            }
        };
        let work = || {
            let worked = work();
            if worked.is_err() {
                failed.store(true, Ordering::Relaxed);
            }
            worked
        };
        thread::scope(|scope| -> Result<()> {
            // A thread that can't be started leaves the work to the others.
            let others: Vec<_> = (1..threads)
                .filter_map(|_| thread::Builder::new().spawn_scoped(scope, work).ok())
                .collect();
            let own = work();
            for other in others {
                other.join().expect("a panic ends the process")?;
            }
            own
        })?;
        let gathered = gathered.into_inner();
        let mut done = gathered.unwrap_or_else(PoisonError::into_inner).done;
        done.sort_unstable_by_key(|part| part.start);
        Ok(done)
    }

    /// Takes in what another walk saw that began where this one ended.
    fn take(&mut self, other: Self) -> Result<()> {
        let mut nodes = vec![TOP];
        for number in 1..other.paths.nodes.len() {
            let node = &other.paths.nodes[number];
            let directory = nodes[node.directory as usize];
            // A directory's number is smaller than those of what is in it.
            let own = self
                .paths
                .make(directory, other.paths.name(number as u32))?;
            let known = &mut self.paths.nodes[own as usize].class;
            if *known == NONE {
                *known = node.class;
            }
            nodes.push(own);
        }
        let own = |node: u32| nodes[node as usize];
        for look in other.looks {
            let key = Key(Short::from(&look.id), look.class);
            if !self.seen.contains_key(&key) {
                let node = own(look.node);
                self.looks.push(Look { node, ..look });
            }
        }
        for (key, node) in other.seen {
            match self.seen.entry(key) {
                hash_map::Entry::Vacant(place) => {
                    place.insert(own(node));
                }
                hash_map::Entry::Occupied(place) if *place.get() != own(node) => {
                    self.also.insert(Key(key.0, own(node)));
                }
                hash_map::Entry::Occupied(_) => {}
            }
        }
        let also = other.also.into_iter();
        self.also.extend(also.map(|key| Key(key.0, own(key.1))));
        self.submodules += other.submodules;
        for tree in other.unread {
            let tree = Key(tree.0, own(tree.1));
            if !self.trees.contains(&tree) {
                self.unread.push(tree);
            }
        }
        let trees = other.trees.into_iter();
        self.trees.extend(trees.map(|key| Key(key.0, own(key.1))));
        self.known.extend(other.known);
        Ok(())
    }
}

impl<'a> Gathered<'_, 'a> {
    /// Takes what a part saw as soon as those before it are taken.
    fn take(&mut self, number: usize, walk: Walk<'a>) -> Result<()> {
        self.waiting.insert(number, walk);
        while let Some(walk) = self.waiting.remove(&self.next) {
            self.next += 1;
            self.walk.take(walk)?;
        }
        Ok(())
    }
}
