//! The entries of an index in blocks, of which only those that are asked for take memory.

use std::ops::{Deref, Range};
use std::sync::Arc;

use anyhow::{Result, ensure};

use super::entry::{FIXED, RawEntry, Seen};

/// How many entries are kept, and read again, together.
pub(super) const BLOCK: usize = 64;

/// How many blocks that are read again are held. A bound: the end of one directory and the start of the next are looked
/// at in turns, and each is in one or two of them.
const RECENT: usize = 4;

/// Some entries that stand together: where they lie in the file, and what is kept of them.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) at: Range<u32>,
    pub(super) loaded: Option<Loaded>,
}

/// The blocks that were read again last, each with its number.
#[derive(Debug, Default)]
pub(super) struct Recent([Option<(usize, Arc<Loaded>)>; RECENT]);

impl Recent {
    pub(super) fn get(&self, number: usize) -> Option<Arc<Loaded>> {
        let (held, loaded) = self.0[number % RECENT].as_ref()?;
        (*held == number).then(|| Arc::clone(loaded))
    }

    /// Holds a block in the place of another one.
    pub(super) fn keep(&mut self, number: usize, loaded: &Arc<Loaded>) {
        self.0[number % RECENT] = Some((number, Arc::clone(loaded)));
    }
}

/// The entries of a block, while they are looked at.
pub(super) enum Held<'b> {
    Kept(&'b Loaded),
    Recent(Arc<Loaded>),
}

impl Deref for Held<'_> {
    type Target = Loaded;

    #[inline]
    fn deref(&self) -> &Loaded {
        match self {
            Self::Kept(loaded) => loaded,
            Self::Recent(loaded) => loaded,
        }
    }
}

#[derive(Debug)]
pub(super) struct Loaded {
    data: Vec<u8>,
    places: Vec<Place>,
}

/// Where an entry lies in its block, and its path.
#[derive(Debug)]
struct Place {
    entry: u32,
    path: Range<u32>,
}

impl Place {
    fn of(entry: &RawEntry, at: usize) -> Result<Self> {
        let Range { start, end } = entry.path;
        Ok(Self {
            entry: u32::try_from(at)?,
            path: u32::try_from(at + start)?..u32::try_from(at + end)?,
        })
    }
}

impl Loaded {
    /// Takes `count` entries in the form of versions 2 and 3.
    pub(super) fn new(data: Vec<u8>, count: usize) -> Result<Self> {
        let mut places = Vec::with_capacity(count);
        let mut at = 0;
        for _ in 0..count {
            let entry = RawEntry::decode(data.get(at..).unwrap_or_default())?;
            places.push(Place::of(&entry, at)?);
            at += entry.length;
        }
        ensure!(at == data.len(), "its entries are not where they were");
        Ok(Self { data, places })
    }

    #[inline]
    pub(super) fn path(&self, at: usize) -> &[u8] {
        let Range { start, end } = self.places[at].path;
        &self.data[start as usize..end as usize]
    }

    /// The bytes of an entry and of those behind it.
    #[inline]
    pub(super) fn entry(&self, at: usize) -> &[u8] {
        &self.data[self.places[at].entry as usize..]
    }
}

/// Blocks while they are filled.
pub(super) struct Blocks {
    all: Vec<Block>,
    /// Where in the file the present one starts, and how many entries it has.
    start: usize,
    count: usize,
    /// Whether the entries themselves are kept, in the form of versions 2 and 3.
    keep: bool,
    data: Vec<u8>,
    places: Vec<Place>,
}

impl Blocks {
    /// No blocks yet, for `count` entries that stand in a file of `length` bytes from `start` on.
    pub(super) fn new(count: usize, start: usize, length: usize, keep: bool) -> Self {
        // A hostile count reserves no more than the file could hold.
        let most = count.min(length / FIXED);
        Self {
            all: Vec::with_capacity(most.div_ceil(BLOCK)),
            start,
            count: 0,
            keep,
            data: Vec::new(),
            places: Vec::new(),
        }
    }

    /// Adds an entry.
    #[inline]
    pub(super) fn push(&mut self, seen: &Seen<'_>) -> Result<()> {
        if self.keep {
            self.places.push(Place::of(&seen.entry, self.data.len())?);
            self.data.extend_from_slice(seen.bytes);
        }
        self.count += 1;
        if self.count == BLOCK {
            self.close(seen.end)?;
        }
        Ok(())
    }

    fn close(&mut self, end: usize) -> Result<()> {
        let loaded = self.keep.then(|| Loaded {
            data: self.data.to_vec(),
            places: std::mem::take(&mut self.places),
        });
        self.data.clear();
        self.all.push(Block {
            at: u32::try_from(self.start)?..u32::try_from(end)?,
            loaded,
        });
        self.start = end;
        self.count = 0;
        Ok(())
    }

    /// All of them, the last one with fewer entries.
    pub(super) fn finish(mut self, end: usize) -> Result<Vec<Block>> {
        if self.count > 0 {
            self.close(end)?;
        }
        Ok(self.all)
    }
}
