//! Objects, one by one and all at once.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use anyhow::Result;

use super::key::{Short, ShortMap};
use crate::git::id::ObjectId;
use crate::git::object::Kind;
use crate::git::read::Reader as By;
pub(crate) use crate::git::read::pack::Made;
use crate::git::read::pack::{Packs, Reader, Visitor};
use crate::git::repo::Repo;

/// The objects of a repository.
pub(crate) struct Objects<'r> {
    repo: &'r Repo,
    /// Not where git alone is to be asked.
    packs: Option<Packs>,
}

/// Whoever looks at objects, on several threads at once.
pub(crate) trait Viewer: Sync {
    /// Looks at the object of that number among those that are wanted, or learns why it can't. What it
    /// says of it is told it again with those that are made of it; 0 is nothing.
    fn look(&self, number: usize, object: Result<(Kind, &[u8])>, made: Option<Made<'_>>) -> u32;

    /// Whether to end before the end.
    fn is_stopped(&self) -> bool;
}

impl Repo {
    /// The objects of the repository.
    ///
    /// # Errors
    /// When git can't tell where they lie.
    pub(crate) fn objects(&self) -> Result<Objects<'_>> {
        let packs = match self.forced {
            Some(By::Git) => None,
            _ => {
                let length = match &self.libgit2 {
                    // It reads no other.
                    Some(_) => 20,
                    None => self.plumbing.id_length()?,
                };
                Some(Packs::open(&self.plumbing.objects_dir()?, length))
            }
        };
        Ok(Objects { repo: self, packs })
    }
}

impl Objects<'_> {
    /// A reader for one thread.
    pub(crate) fn reader(&self) -> ObjectReader<'_> {
        self.reader_beside(1)
    }

    /// A reader for one of so many threads, which together keep no more than one alone.
    pub(crate) fn reader_beside(&self, threads: usize) -> ObjectReader<'_> {
        ObjectReader {
            repo: self.repo,
            packed: self.packs.as_ref().map(|it| Reader::new(it, threads)),
        }
    }

    /// Every object that there is, with its kind.
    ///
    /// # Errors
    /// When git can't list them.
    pub(crate) fn all(&self) -> Result<Vec<(ObjectId, Kind)>> {
        self.repo.plumbing.all_objects()
    }

    /// Shows each of these once, in whatever order is fastest. No two may be the same.
    pub(crate) fn show(&self, wanted: &[ObjectId], viewer: &dyn Viewer) {
        let numbers = wanted.iter().enumerate();
        let shown = Shown {
            numbers: numbers.map(|(at, id)| (Short::from(id), at)).collect(),
            done: wanted.iter().map(|_| AtomicBool::new(false)).collect(),
            viewer,
        };
        if let Some(packs) = &self.packs {
            packs.visit(&shown);
        }
        let next = AtomicUsize::new(0);
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let work = || {
            let mut reader = self.reader_beside(threads);
            while !viewer.is_stopped() {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(id) = wanted.get(at) else {
                    return;
                };
                if !shown.done[at].load(Ordering::Relaxed) {
                    match reader.read(id) {
                        Ok((kind, object)) => viewer.look(at, Ok((kind, &object)), None),
                        Err(error) => viewer.look(at, Err(error), None),
                    };
                }
            }
        };
        thread::scope(|scope| {
            for _ in 1..threads {
                // A thread that can't be started leaves the work to the others.
                let _ = thread::Builder::new().spawn_scoped(scope, work);
            }
            work();
        });
    }
}

struct Shown<'v> {
    numbers: ShortMap<usize>,
    done: Vec<AtomicBool>,
    viewer: &'v dyn Viewer,
}

impl Visitor for Shown<'_> {
    fn wants(&self, id: &ObjectId) -> bool {
        let number = self.numbers.get(&id.into());
        number.is_some_and(|&number| !self.done[number].load(Ordering::Relaxed))
    }

    fn visit(&self, id: &ObjectId, kind: Kind, object: &[u8], made: Option<Made<'_>>) -> u32 {
        if let Some(&number) = self.numbers.get(&id.into())
            && !self.done[number].swap(true, Ordering::Relaxed)
        {
            return self.viewer.look(number, Ok((kind, object)), made);
        }
        0
    }

    fn is_stopped(&self) -> bool {
        self.viewer.is_stopped()
    }
}

/// Reads single objects: from packs, or as the repository's readers have them.
pub(crate) struct ObjectReader<'o> {
    repo: &'o Repo,
    packed: Option<Reader<'o>>,
}

impl ObjectReader<'_> {
    /// Lets go of what it kept of what it read.
    pub(crate) fn forget(&mut self) {
        if let Some(packed) = &mut self.packed {
            packed.forget();
        }
    }

    /// What an object is and holds.
    ///
    /// # Errors
    /// When it is not there or can't be read.
    pub(crate) fn read(&mut self, id: &ObjectId) -> Result<(Kind, Arc<Vec<u8>>)> {
        if let Some(packed) = &mut self.packed
            && let Ok(Some(found)) = packed.read(id)
        {
            return Ok(found);
        }
        let (kind, object) = self.repo.any_object(*id)?;
        Ok((kind, Arc::new(object)))
    }
}

/// The distinct ones of many ids, in the order in which they come first.
pub(super) fn distinct(ids: impl IntoIterator<Item = ObjectId>) -> Vec<ObjectId> {
    let mut seen = HashSet::new();
    ids.into_iter()
        .filter(|id| seen.insert(Short::from(id)))
        .collect()
}
