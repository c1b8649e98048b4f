//! Reads git's index: what the next commit holds.
//!
//! libgit2 reads it too, but allocates for each entry, hashes the whole file and keeps its cache
//! tree to itself. That cache names the tree of every directory without staged changes, and with
//! it a commit in a large repository costs what it changes, not what the repository holds.
//!
//! The format is git's `Documentation/gitformat-index.txt`, versions 2 to 4. What this reader
//! doesn't know (a split index, a sparse one) is an error, and git itself is asked.

mod block;
mod cache_tree;
mod entry;
#[cfg(test)]
mod tests;
mod window;

use std::collections::HashMap;
use std::fmt::Debug;
use std::fs::File;
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use anyhow::{Context, Result, bail, ensure};
use bstr::{BStr, ByteSlice};

use self::block::{BLOCK, Block, Blocks, Held, Loaded, Recent};
use self::cache_tree::CacheTree;
use self::entry::{Entries, ID, State, number};
use self::window::Window;
use crate::disk;
use crate::git::id::{Entry, ObjectId};
use crate::git::pool::lock;
use crate::git::tree::{Follower, New};

/// The bytes before the first entry: a signature, the version, the number of entries.
const HEADER: usize = 12;

/// What the index is read from, and again where an entry is asked for.
pub(super) trait Source: Read + Seek + Send + Debug {
    /// What is another one once somebody has written to it. git itself never does: it puts another
    /// file in its place.
    fn stamp(&self) -> Result<Option<(u64, SystemTime)>>;
}

impl Source for File {
    fn stamp(&self) -> Result<Option<(u64, SystemTime)>> {
        let metadata = self.metadata()?;
        Ok(Some((metadata.len(), metadata.modified()?)))
    }
}

impl<T: AsRef<[u8]> + Send + Debug> Source for Cursor<T> {
    fn stamp(&self) -> Result<Option<(u64, SystemTime)>> {
        Ok(None)
    }
}

/// An index. Its entries are sorted by path.
///
/// It is gone through once in a small buffer, and where there is a cache tree, no more is kept than
/// where every 64th entry starts, and the few blocks that were last asked for: what the cache tree skips
/// never takes memory of its own, which costs more to get from the system than to fill. With 100,000
/// entries the hook then took 0.47 of what `git diff --cached --raw` takes, and with all of the file in
/// memory 0.74. Without a cache tree every entry will be asked for, and all are kept.
#[derive(Debug)]
pub(super) struct Index {
    source: Mutex<Box<dyn Source>>,
    stamp: Option<(u64, SystemTime)>,
    blocks: Vec<Block>,
    recent: Mutex<Recent>,
    count: usize,
    cache: CacheTree,
}

impl Index {
    /// Reads the index at `path`. One that isn't there is empty, as it is for git.
    pub(super) fn read(path: &Path) -> Result<Self> {
        match disk::open_regular(path) {
            Ok(file) => Self::parse(file).context("cannot read the index"),
            // Both ways to ask have to say so: taken as empty, an index passes everything.
            Err(err) if disk::is_absent(&err) && path.try_exists().is_ok_and(|it| !it) => {
                Ok(Self {
                    source: Mutex::new(Box::new(Cursor::new([]))),
                    stamp: None,
                    blocks: Vec::new(),
                    recent: Mutex::default(),
                    count: 0,
                    cache: CacheTree::default(),
                })
            }
            Err(err) => Err(err).context("cannot read the index"),
        }
    }

    /// Reads an index.
    pub(super) fn parse(mut source: impl Source + 'static) -> Result<Self> {
        let stamp = source.stamp()?;
        let length = usize::try_from(source.seek(SeekFrom::End(0))?)?;
        u32::try_from(length).context("it is too long")?;
        // At its end is a checksum of the length of an id.
        let end = length.checked_sub(ID).context("it is too short")?;
        let lean = cache_tree::seems_to_be_there(&mut source, end)?;
        source.rewind()?;
        let mut window = Window::new(&mut source, length);
        let (version, count) = header(&mut window)?;
        let mut blocks = Blocks::new(count, HEADER, length, !lean || version == 4);
        let mut entries = Entries::new(&mut window, version, count, HEADER, length);
        while let Some(entry) = entries.next()? {
            ensure!(entry.end <= end, "it ends within an entry");
            blocks.push(&entry)?;
        }
        let at = entries.at();
        let cache = CacheTree::parse(extensions(&mut window, at, end)?);
        Ok(Self {
            blocks: blocks.finish(at)?,
            source: Mutex::new(Box::new(source)),
            stamp,
            recent: Mutex::default(),
            count,
            cache,
        })
    }

    /// How many entries there are.
    fn len(&self) -> usize {
        self.count
    }

    /// The block that holds an entry.
    #[inline]
    fn block(&self, at: usize) -> Result<Held<'_>> {
        ensure!(at < self.count, "it has no such entry");
        let number = at / BLOCK;
        let block = &self.blocks[number];
        if let Some(loaded) = &block.loaded {
            return Ok(Held::Kept(loaded));
        }
        let mut recent = lock(&self.recent);
        if let Some(loaded) = recent.get(number) {
            return Ok(Held::Recent(loaded));
        }
        let count = BLOCK.min(self.count - number * BLOCK);
        let loaded = Arc::new(Loaded::new(self.reread(&block.at)?, count)?);
        recent.keep(number, &loaded);
        Ok(Held::Recent(loaded))
    }

    fn reread(&self, part: &Range<u32>) -> Result<Vec<u8>> {
        let mut data = Vec::with_capacity(part.len());
        let mut source = lock(&self.source);
        source.seek(SeekFrom::Start(part.start.into()))?;
        (&mut *source)
            .take(u64::try_from(part.len())?)
            .read_to_end(&mut data)
            .context("cannot read the index again")?;
        ensure!(
            data.len() == part.len() && source.stamp()? == self.stamp,
            "it changed while it was read"
        );
        Ok(data)
    }

    /// Whether the path of an entry is so.
    #[inline]
    fn path_is(&self, at: usize, so: impl FnOnce(&[u8]) -> bool) -> Result<bool> {
        Ok(so(self.block(at)?.path(at % BLOCK)))
    }

    /// What the entry is.
    fn state(&self, at: usize) -> Result<State> {
        State::of(self.block(at)?.entry(at % BLOCK))
    }

    /// The first entry in `range` that is not below a directory whose path, with its slash at the
    /// end, is `directory`. The range starts with an entry that is. `node` is the directory in the
    /// cache tree, which may know.
    fn end_of(&self, range: Range<usize>, directory: &[u8], node: Option<usize>) -> Result<usize> {
        let below = |at| self.path_is(at, |path| path.starts_with(directory));
        if let Some((count, _)) = node.and_then(|node| self.cache.valid(node)) {
            let end = range.start.saturating_add(count);
            if (range.start + 1..=range.end).contains(&end)
                && below(end - 1)?
                && (end == range.end || !below(end)?)
            {
                return Ok(end);
            }
        }
        // In growing steps: what is far away is not looked at.
        let mut step = 1;
        let mut known = range.start;
        while range.end - known > step && below(known + step)? {
            known += step;
            step *= 2;
        }
        first(known + 1..range.end.min(known + step), below)
    }

    /// What will be committed at `path`, if anything.
    pub(super) fn find(&self, path: &BStr) -> Result<Option<Entry>> {
        let at = first(0..self.len(), |at| {
            self.path_is(at, |it| it < path.as_bytes())
        })?;
        if at == self.len() || !self.path_is(at, |it| it == path.as_bytes())? {
            return Ok(None);
        }
        Ok(match self.state(at)? {
            State::Staged(entry) => Some(entry),
            State::IntentToAdd | State::Unmerged => None,
        })
    }

    /// The tree of the whole index, if git left it there and nothing was staged since.
    pub(super) fn tree(&self) -> Option<ObjectId> {
        self.cached_tree(self.cache.root()?, self.len())
    }

    /// The tree of a directory in the cache, if it is known to be what its `entries` make.
    fn cached_tree(&self, node: usize, entries: usize) -> Option<ObjectId> {
        let (count, id) = self.cache.valid(node)?;
        (count == entries).then_some(id)
    }

    /// The whole repository.
    pub(super) fn all(&self) -> Directory {
        Directory {
            node: self.cache.root(),
            entries: 0..self.len(),
        }
    }
}

/// A directory of an index: its place in the cache tree, if it has one, and the entries below it.
pub(in crate::git) struct Directory {
    node: Option<usize>,
    entries: Range<usize>,
}

impl Follower for Index {
    type Directory = Directory;

    fn is(&self, directory: &Directory, tree: ObjectId) -> bool {
        let entries = directory.entries.len();
        let cached = |node| self.cached_tree(node, entries);
        directory.node.and_then(cached) == Some(tree)
    }

    fn list(
        &self,
        directory: &Directory,
        prefix: usize,
        mut show: impl FnMut(&BStr, New<Directory>) -> Result<()>,
    ) -> Result<()> {
        let children = match directory.node {
            Some(node) => self.cache.children(node),
            None => HashMap::new(),
        };
        let Range { start: mut at, end } = directory.entries;
        while at < end {
            let block = self.block(at)?;
            let path = block.path(at % BLOCK);
            let name = &path[prefix..];
            if let Some(slash) = name.find_byte(b'/') {
                let name = &name[..slash];
                let node = children.get(name).copied();
                let entries = at..self.end_of(at..end, &path[..=prefix + slash], node)?;
                at = entries.end;
                show(name.as_bstr(), New::Directory(Directory { node, entries }))?;
                continue;
            }
            let new = match self.state(at)? {
                State::Staged(entry) => New::Entry(Some(entry)),
                State::IntentToAdd => New::Entry(None),
                State::Unmerged => New::Unmerged,
            };
            at += 1;
            // An unmerged path has an entry for each side.
            while matches!(new, New::Unmerged) && at < end && self.path_is(at, |it| it == path)? {
                at += 1;
            }
            show(name.as_bstr(), new)?;
        }
        Ok(())
    }
}

/// Reads the version of the index and the number of its entries.
fn header(window: &mut Window<'_>) -> Result<(usize, usize)> {
    let header = window.ahead(HEADER)?;
    ensure!(
        header.get(..4) == Some(b"DIRC"),
        "it does not start as an index does"
    );
    let version = number(header, 4)?;
    ensure!((2..=4).contains(&version), "version {version} is unknown");
    let count = number(header, 8)?;
    window.skip(HEADER)?;
    Ok((version, count))
}

/// Reads the extensions from `at` to `end` and gives that of the cache tree; empty if there is none.
fn extensions(window: &mut Window<'_>, mut at: usize, end: usize) -> Result<Vec<u8>> {
    let mut cache_tree = Vec::new();
    while at < end {
        let header = window.take(8)?;
        let length = number(&header, 4)?;
        at = at.saturating_add(8).saturating_add(length);
        ensure!(at <= end, "an extension is cut short");
        match &header[..4] {
            b"TREE" => cache_tree = window.take(length)?,
            b"link" => bail!("it is split"),
            b"sdir" => bail!("it is sparse"),
            [b'A'..=b'Z', ..] => window.pass(length, |_| {})?,
            _ => bail!("it has an extension that must be understood"),
        }
    }
    Ok(cache_tree)
}

/// The first place in `range` for which `before` does not hold, which holds for all up to there.
fn first(range: Range<usize>, before: impl Fn(usize) -> Result<bool>) -> Result<usize> {
    let Range { mut start, mut end } = range;
    while start < end {
        let middle = start + (end - start) / 2;
        if before(middle)? {
            start = middle + 1;
        } else {
            end = middle;
        }
    }
    Ok(start)
}

/// Reads any bytes as an index: what parses can be asked for all that is in it.
pub(in crate::git) fn try_index(bytes: &[u8]) {
    if let Ok(index) = Index::parse(Cursor::new(bytes.to_vec())) {
        for at in 0..index.len() {
            let _ = (index.path_is(at, <[u8]>::is_empty), index.state(at));
        }
    }
}
