//! Reads git's index: what the next commit holds.
//!
//! libgit2 reads it too, but allocates for each entry, hashes the whole file and keeps its cache
//! tree to itself. That cache names the tree of every directory without staged changes, and with
//! it a commit in a large repository costs what it changes, not what the repository holds.
//!
//! The format is git's `Documentation/gitformat-index.txt`, versions 2 to 4. What this reader
//! doesn't know (a split index, a sparse one) is an error, and git itself is asked.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::fmt::{self, Debug};
use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;
use std::sync::{Mutex, OnceLock};
use std::time::SystemTime;

use anyhow::{Context, Result, bail, ensure};
use bstr::{BStr, ByteSlice};

use crate::git::id::{Entry, Mode, ObjectId};
use crate::git::pool::lock;

/// The bytes of an object id. The index doesn't say which hash it uses; this reader is used only
/// where it is SHA-1.
const ID: usize = 20;

/// The fixed part of an entry: ten numbers of four bytes, the id, the flags.
const FIXED: usize = 40 + ID + 2;

/// Where the kind of an entry stands in it.
const MODE: usize = 24;

/// The flag of an entry that has more flags.
const EXTENDED: u16 = 0x4000;

/// How many entries are kept, and read again, together.
const BLOCK: usize = 64;

/// How much is read at once: little enough for a processor's cache.
const CHUNK: usize = 128 << 10;

/// The most that an entry takes unless its path is too long for its flags.
const USUAL: usize = FIXED + 2 + 0xfff + 8;

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
/// where every 64th entry starts: what the cache tree skips never takes memory of its own, which costs
/// more to get from the system than to fill. With 100,000 entries the hook then took 0.47 of what
/// `git diff --cached --raw` takes, and with all of the file in memory 0.74. Without a cache tree
/// every entry will be asked for, and all are kept.
#[derive(Debug)]
pub(super) struct Index {
    source: Mutex<Box<dyn Source>>,
    stamp: Option<(u64, SystemTime)>,
    blocks: Vec<Block>,
    count: usize,
    /// The extension that holds the cache tree, with its names.
    names: Vec<u8>,
    cache: Vec<CachedTree>,
}

/// Some entries that stand together.
#[derive(Debug)]
struct Block {
    at: Range<u32>,
    loaded: OnceLock<Loaded>,
}

#[derive(Debug)]
struct Loaded {
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
    fn of(entry: &RawEntry<'_>, at: usize) -> Result<Self> {
        let path = u32::try_from(at + entry.path_at)?;
        Ok(Self {
            entry: u32::try_from(at)?,
            path: path..path + u32::try_from(entry.path.len())?,
        })
    }
}

impl Loaded {
    /// Takes `count` entries in the form of versions 2 and 3.
    fn new(data: Vec<u8>, count: usize) -> Result<Self> {
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
    fn path(&self, at: usize) -> &[u8] {
        let Range { start, end } = self.places[at].path;
        &self.data[start as usize..end as usize]
    }
}

/// An entry as the file has it.
struct RawEntry<'d> {
    bits: u32,
    flags: u16,
    path: &'d [u8],
    path_at: usize,
    /// How long it is, with the padding.
    length: usize,
}

impl<'d> RawEntry<'d> {
    /// The entry at the start of `data`, in the form of versions 2 and 3.
    #[inline]
    fn decode(data: &'d [u8]) -> Result<Self> {
        let (mut entry, at) = Self::decode_fixed(data)?;
        // The flags tell the length of a path that is not too long for them.
        let end = match usize::from(entry.flags & 0xfff) {
            0xfff => until_nul(data, at, data.len())?.end,
            length => at + length,
        };
        ensure!(data.get(end) == Some(&0), "it ends within a path");
        entry.path = &data[at..end];
        entry.path_at = at;
        // Entries are padded with one to eight NULs to a multiple of eight.
        entry.length = (end + 8) & !7;
        if data.len() < entry.length {
            return Err(EndMissing.into());
        }
        Ok(entry)
    }

    /// All but the path, and where that starts.
    fn decode_fixed(data: &'d [u8]) -> Result<(Self, usize)> {
        let fixed: &[u8; FIXED] = data.first_chunk().context("it is cut short")?;
        let flags = u16::from_be_bytes([fixed[FIXED - 2], fixed[FIXED - 1]]);
        let at = match flags & EXTENDED {
            0 => FIXED,
            _ => FIXED + 2,
        };
        let entry = Self {
            bits: u32::from_be_bytes(bytes(fixed, MODE)?),
            flags,
            path: &[],
            path_at: 0,
            length: 0,
        };
        Ok((entry, at))
    }

    /// The entry at the start of `data` in the form of version 4, which tells only how its path
    /// differs from the one before. It is written to `whole` in the other form. Gives its length.
    fn expand(data: &[u8], previous: &[u8], whole: &mut Vec<u8>) -> Result<usize> {
        let (_, at) = RawEntry::decode_fixed(data)?;
        let (strip, suffix_at) = offset_number(data, at)?;
        let suffix = until_nul(data, suffix_at, data.len())?;
        let kept = previous
            .len()
            .checked_sub(strip)
            .context("a path is cut wrongly")?;
        whole.clear();
        whole.extend_from_slice(&data[..at]);
        whole.extend_from_slice(&previous[..kept]);
        whole.extend_from_slice(&data[suffix.clone()]);
        let length = u16::try_from(whole.len() - at).map_or(0xfff, |length| length.min(0xfff));
        let [high, low] = &mut whole[FIXED - 2..FIXED] else {
            bail!("it is cut short");
        };
        let flags = u16::from_be_bytes([*high, *low]) & !0xfff | length;
        [*high, *low] = flags.to_be_bytes();
        whole.resize((whole.len() + 8) & !7, 0);
        Ok(suffix.end + 1)
    }

    fn stage(&self) -> u16 {
        stage(self.flags)
    }
}

/// The side of an open conflict that an entry is; 0 where there is none.
fn stage(flags: u16) -> u16 {
    flags >> 12 & 3
}

/// The part of a source that is looked at.
struct Window<'s> {
    source: &'s mut dyn Source,
    buffer: Vec<u8>,
    seen: Range<usize>,
    ended: bool,
}

impl Window<'_> {
    /// What comes next: `need` bytes or more, or all there is.
    fn ahead(&mut self, need: usize) -> Result<&[u8]> {
        if self.seen.len() < need && !self.ended {
            self.buffer.copy_within(self.seen.clone(), 0);
            self.seen = 0..self.seen.len();
            if self.buffer.len() < need {
                self.buffer.resize(need, 0);
            }
            while self.seen.end < need && !self.ended {
                match self.source.read(&mut self.buffer[self.seen.end..]) {
                    Ok(0) => self.ended = true,
                    Ok(more) => self.seen.end += more,
                    Err(err) if err.kind() == io::ErrorKind::Interrupted => {}
                    Err(err) => return Err(err.into()),
                }
            }
        }
        Ok(&self.buffer[self.seen.clone()])
    }

    fn skip(&mut self, length: usize) -> Result<()> {
        ensure!(length <= self.seen.len(), "it ends within an entry");
        self.seen.start += length;
        Ok(())
    }

    /// Reads what comes next with `take`, which sees twice as much for as long as it misses the end
    /// of a path: few are too long for their flags, and the rest are within the first view.
    fn understand<T>(&mut self, mut take: impl FnMut(&[u8]) -> Result<T>) -> Result<T> {
        let mut need = USUAL;
        loop {
            let taken = take(self.ahead(need)?);
            match taken {
                Err(err) if err.is::<EndMissing>() && !self.ended => {
                    need = 2 * need.max(self.seen.len());
                }
                taken => return taken,
            }
        }
    }

    /// The next bytes, of which there must be as many.
    fn take(&mut self, length: usize) -> Result<Vec<u8>> {
        let mut taken = Vec::new();
        self.pass(length, |part| taken.extend_from_slice(part))?;
        Ok(taken)
    }

    /// Shows the next bytes in parts, of which there must be as many.
    fn pass(&mut self, mut length: usize, mut show: impl FnMut(&[u8])) -> Result<()> {
        while length > 0 {
            let ahead = self.ahead(length.min(CHUNK))?;
            let part = &ahead[..ahead.len().min(length)];
            ensure!(!part.is_empty(), "an extension is cut short");
            show(part);
            let passed = part.len();
            length -= passed;
            self.skip(passed)?;
        }
        Ok(())
    }
}

/// The end of a path is not in view.
#[derive(Debug)]
struct EndMissing;

impl fmt::Display for EndMissing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it ends within a path")
    }
}

impl std::error::Error for EndMissing {}

/// What an index says about a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It will be committed.
    Staged(Entry),
    /// `git add -N` announced it: no part of the commit.
    IntentToAdd,
    /// A conflict is open: it can't be committed.
    Unmerged,
}

/// A directory in the cache tree, with what lies below it behind it, up to `end`.
#[derive(Debug)]
struct CachedTree {
    name: Range<usize>,
    /// How many entries the tree covers and its id, if nothing in it has changed since.
    valid: Option<(usize, ObjectId)>,
    end: usize,
}

impl Index {
    /// Reads the index at `path`. One that isn't there is empty, as it is for git.
    pub(super) fn read(path: &Path) -> Result<Self> {
        match File::open(path) {
            Ok(file) => Self::parse(file).context("cannot read the index"),
            Err(err) if err.kind() == io::ErrorKind::NotFound => Ok(Self {
                source: Mutex::new(Box::new(Cursor::new([]))),
                stamp: None,
                blocks: Vec::new(),
                count: 0,
                names: Vec::new(),
                cache: Vec::new(),
            }),
            Err(err) => Err(err).context("cannot read the index"),
        }
    }

    /// Reads an index.
    pub(super) fn parse(mut source: impl Source + 'static) -> Result<Self> {
        let stamp = source.stamp()?;
        let length = usize::try_from(source.seek(SeekFrom::End(0))?)?;
        u32::try_from(length).context("it is too long")?;
        let end = length.checked_sub(ID).context("it is too short")?;
        let lean = seems_to_have_cache_tree(&mut source, end)?;
        source.rewind()?;
        let mut window = Window {
            source: &mut source,
            buffer: vec![0; CHUNK.min(length.max(12))],
            seen: 0..0,
            ended: false,
        };
        let header = window.ahead(12)?;
        ensure!(
            header.get(..4) == Some(b"DIRC"),
            "it does not start as an index does"
        );
        let version = number(header, 4)?;
        ensure!((2..=4).contains(&version), "version {version} is unknown");
        let count = number(header, 8)?;
        window.skip(12)?;

        // A hostile count reserves no more than the file could hold.
        let mut blocks = Vec::with_capacity(count.min(length / FIXED).div_ceil(BLOCK));
        let mut last = Last::default();
        let (mut whole, mut kept, mut places) = (Vec::new(), Vec::new(), Vec::new());
        let mut expanded_length = 0;
        let keep = !lean || version == 4;
        let (mut at, mut block_at) = (12, 12);
        for place in 1..=count {
            let entry_length = if version == 4 {
                let entry_length =
                    window.understand(|data| RawEntry::expand(data, &last.path, &mut whole))?;
                let entry = RawEntry::decode(&whole)?;
                last.go_to(&entry, version)?;
                places.push(Place::of(&entry, kept.len())?);
                kept.extend_from_slice(&whole);
                expanded_length += whole.len();
                ensure!(
                    expanded_length / 64 <= length,
                    "its paths grow beyond reason"
                );
                entry_length
            } else {
                window.understand(|data| {
                    let entry = RawEntry::decode(data)?;
                    last.go_to(&entry, version)?;
                    if keep {
                        let bytes = data.get(..entry.length);
                        places.push(Place::of(&entry, kept.len())?);
                        kept.extend_from_slice(bytes.context("it ends within an entry")?);
                    }
                    Ok(entry.length)
                })?
            };
            window.skip(entry_length)?;
            at += entry_length;
            ensure!(at <= end, "it ends within an entry");
            if place % BLOCK == 0 || place == count {
                let loaded = OnceLock::new();
                if keep {
                    let _ = loaded.set(Loaded {
                        data: kept.to_vec(),
                        places: std::mem::take(&mut places),
                    });
                    kept.clear();
                }
                blocks.push(Block {
                    at: u32::try_from(block_at)?..u32::try_from(at)?,
                    loaded,
                });
                block_at = at;
            }
        }

        let mut names = Vec::new();
        while at < end {
            let header = window.take(8)?;
            let length = number(&header, 4)?;
            at = at.saturating_add(8).saturating_add(length);
            ensure!(at <= end, "an extension is cut short");
            match &header[..4] {
                b"TREE" => names = window.take(length)?,
                b"link" => bail!("it is split"),
                b"sdir" => bail!("it is sparse"),
                [b'A'..=b'Z', ..] => window.pass(length, |_| {})?,
                _ => bail!("it has an extension that must be understood"),
            }
        }
        let cache = cached_trees(&names).unwrap_or_default();
        drop(window);
        Ok(Self {
            source: Mutex::new(Box::new(source)),
            stamp,
            blocks,
            count,
            names,
            cache,
        })
    }

    /// How many entries there are.
    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// The block that holds an entry.
    #[inline]
    fn block(&self, at: usize) -> Result<&Loaded> {
        ensure!(at < self.count, "it has no such entry");
        let block = &self.blocks[at / BLOCK];
        if let Some(loaded) = block.loaded.get() {
            return Ok(loaded);
        }
        let count = BLOCK.min(self.count - at / BLOCK * BLOCK);
        let loaded = Loaded::new(self.reread(&block.at)?, count)?;
        Ok(block.loaded.get_or_init(|| loaded))
    }

    fn reread(&self, part: &Range<u32>) -> Result<Vec<u8>> {
        let mut data = vec![0; part.len()];
        let mut source = lock(&self.source);
        source.seek(SeekFrom::Start(part.start.into()))?;
        source
            .read_exact(&mut data)
            .context("cannot read the index again")?;
        ensure!(
            source.stamp()? == self.stamp,
            "it changed while it was read"
        );
        Ok(data)
    }

    /// The path of an entry.
    #[inline]
    pub(super) fn path(&self, at: usize) -> Result<&[u8]> {
        Ok(self.block(at)?.path(at % BLOCK))
    }

    /// What the entry is.
    pub(super) fn state(&self, at: usize) -> Result<State> {
        let block = self.block(at)?;
        let entry = &block.data[block.places[at % BLOCK].entry as usize..];
        // Without a commit's cache tree this is asked for every entry.
        let fixed: &[u8; FIXED] = entry.first_chunk().context("it is cut short")?;
        let flags = u16::from_be_bytes(bytes(fixed, FIXED - 2)?);
        if stage(flags) != 0 {
            return Ok(State::Unmerged);
        }
        if flags & EXTENDED != 0 && u16::from_be_bytes(bytes(entry, FIXED)?) & 0x2000 != 0 {
            return Ok(State::IntentToAdd);
        }
        let mode = Mode::from_bits(u32::from_be_bytes(bytes(fixed, MODE)?));
        Ok(State::Staged(Entry {
            mode: mode.context("the index has an entry of an unknown kind")?,
            id: id(fixed, FIXED - 2 - ID)?,
        }))
    }

    /// The first entry in `range` that is not below a directory whose path, with its slash at the
    /// end, is `directory`. The range starts with an entry that is. `node` is the directory in the
    /// cache tree, which may know.
    pub(super) fn end_of(
        &self,
        range: Range<usize>,
        directory: &[u8],
        node: Option<usize>,
    ) -> Result<usize> {
        let below = |at| Ok(self.path(at)?.starts_with(directory));
        if let Some((count, _)) = node.and_then(|node| self.cache[node].valid) {
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
        let at = first(0..self.len(), |at| Ok(self.path(at)? < path.as_bytes()))?;
        if at == self.len() || self.path(at)? != path.as_bytes() {
            return Ok(None);
        }
        Ok(match self.state(at)? {
            State::Staged(entry) => Some(entry),
            State::IntentToAdd | State::Unmerged => None,
        })
    }

    /// The whole repository in the cache tree.
    pub(super) fn cached_root(&self) -> Option<usize> {
        (!self.cache.is_empty()).then_some(0)
    }

    /// The tree of a directory in the cache, if it is known to be what its `entries` make.
    pub(super) fn cached_tree(&self, node: usize, entries: usize) -> Option<ObjectId> {
        let (count, id) = self.cache[node].valid?;
        (count == entries).then_some(id)
    }

    /// The directories in a directory of the cache, by name.
    pub(super) fn cached_children(&self, node: usize) -> HashMap<&[u8], usize> {
        let end = self.cache[node].end;
        let mut children = HashMap::new();
        let mut at = node + 1;
        while at < end {
            children.insert(&self.names[self.cache[at].name.clone()], at);
            at = self.cache[at].end;
        }
        children
    }
}

/// The entry before.
#[derive(Default)]
struct Last {
    path: Vec<u8>,
    stage: u16,
}

impl Last {
    /// Goes on to the next entry, if it may follow.
    fn go_to(&mut self, next: &RawEntry<'_>, version: usize) -> Result<()> {
        ensure!(
            next.flags & EXTENDED == 0 || version >= 3,
            "an entry has flags of a later version"
        );
        ensure!(next.bits & 0o170_000 != 0o040_000, "it is sparse");
        ensure!(!next.path.is_empty(), "a path is empty");
        let mut order = self.path[..].cmp(next.path);
        if order == Ordering::Equal {
            order = self.stage.cmp(&next.stage());
        }
        ensure!(order == Ordering::Less, "its entries are out of order");
        self.path.clear();
        self.path.extend_from_slice(next.path);
        self.stage = next.stage();
        Ok(())
    }
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

/// Whether a cache tree seems to stand before the end, which is where the checksum starts. Only git
/// knows where the entries end, so the signature is sought near the end, and the extensions from
/// there on must reach to it. It decides what is kept, not what is found.
fn seems_to_have_cache_tree(source: &mut impl Source, end: usize) -> Result<bool> {
    const SIGNATURE: &[u8] = b"TREE";
    // An index full of them is not git's.
    const TRIED: usize = 64;
    // A directory takes less than half of what an entry takes, and most have several entries.
    let least = end - (end / 16).max(CHUNK).min(end);
    let mut buffer = vec![0; CHUNK.min(end - least)];
    let mut upto = end;
    let mut tried = 0;
    while upto > least && tried < TRIED {
        let from = upto.saturating_sub(CHUNK).max(least);
        let part = &mut buffer[..upto - from];
        source.seek(SeekFrom::Start(u64::try_from(from)?))?;
        source.read_exact(part)?;
        for found in part.rfind_iter(SIGNATURE).take(TRIED - tried) {
            tried += 1;
            if extensions_end_at(source, from + found, end)? {
                return Ok(true);
            }
        }
        // The signature may be cut by the next part.
        upto = if from > least {
            from + SIGNATURE.len() - 1
        } else {
            least
        };
    }
    Ok(false)
}

/// Whether extensions follow each other from `at` to `end`. git knows of ten.
fn extensions_end_at(source: &mut impl Source, mut at: usize, end: usize) -> Result<bool> {
    for _ in 0..16 {
        if at.saturating_add(8) > end {
            return Ok(at == end);
        }
        let mut header = [0; 8];
        source.seek(SeekFrom::Start(u64::try_from(at)?))?;
        source.read_exact(&mut header)?;
        at = (at + 8).saturating_add(number(&header, 4)?);
    }
    Ok(false)
}

fn bytes<const N: usize>(data: &[u8], at: usize) -> Result<[u8; N]> {
    data.get(at..)
        .and_then(|rest| rest.first_chunk())
        .copied()
        .context("it is cut short")
}

fn number(data: &[u8], at: usize) -> Result<usize> {
    Ok(usize::try_from(u32::from_be_bytes(bytes(data, at)?))?)
}

fn id(data: &[u8], at: usize) -> Result<ObjectId> {
    ObjectId::from_bytes(&bytes::<ID>(data, at)?).context("it is cut short")
}

fn until_nul(data: &[u8], start: usize, end: usize) -> Result<Range<usize>> {
    let rest = data.get(start..end).context("it ends within a path")?;
    let length = rest.find_byte(0).ok_or(EndMissing)?;
    Ok(start..start + length)
}

/// A number in the encoding of pack offsets, and where the bytes behind it start.
fn offset_number(data: &[u8], mut at: usize) -> Result<(usize, usize)> {
    let mut value = 0_usize;
    loop {
        let [byte] = bytes(data, at)?;
        at += 1;
        value = value
            .checked_shl(7)
            .filter(|shifted| shifted >> 7 == value)
            .context("a number is too large")?
            | usize::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Ok((value, at));
        }
        value = value.checked_add(1).context("a number is too large")?;
    }
}

/// The cache tree, in the order of the file: each directory before what is in it. `None` if it
/// makes no sense: it is only a cache.
fn cached_trees(data: &[u8]) -> Option<Vec<CachedTree>> {
    let mut nodes: Vec<CachedTree> = Vec::new();
    // Directories whose children are not all read: their place, and how many are missing.
    let mut open: Vec<(usize, usize)> = Vec::new();
    let mut at = 0;
    loop {
        let name = until_nul(data, at, data.len()).ok()?;
        let line_at = name.end + 1;
        let line_end = line_at + data.get(line_at..)?.find_byte(b'\n')?;
        let line = data[line_at..line_end].to_str().ok()?;
        let (count, children) = line.split_once(' ')?;
        let count: i64 = count.parse().ok()?;
        let children: usize = children.parse().ok()?;
        at = line_end + 1;
        let valid = match usize::try_from(count) {
            Ok(count) => {
                let id = id(data, at).ok()?;
                at += ID;
                Some((count, id))
            }
            Err(_) => None,
        };
        nodes.push(CachedTree {
            name,
            valid,
            end: 0,
        });
        open.push((nodes.len() - 1, children));
        while let Some((node, missing)) = open.last_mut() {
            if *missing > 0 {
                *missing -= 1;
                break;
            }
            nodes[*node].end = nodes.len();
            open.pop();
        }
        if open.is_empty() {
            return (at == data.len()).then_some(nodes);
        }
    }
}

/// Reads any bytes as an index, for the fuzzer: what parses can be asked for all that is in it.
#[cfg(fuzzing)]
pub fn fuzz_index(bytes: &[u8]) {
    if let Ok(index) = Index::parse(Cursor::new(bytes.to_vec())) {
        for at in 0..index.len() {
            let _ = (index.path(at), index.state(at));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(data: Vec<u8>) -> Result<Index> {
        Index::parse(Cursor::new(data))
    }

    fn entry(path: &str, bits: u32, flags: u16) -> Vec<u8> {
        let mut out = vec![0; 24];
        out.extend(bits.to_be_bytes());
        out.extend([0; 12]);
        out.extend([7; ID]);
        out.extend((flags | u16::try_from(path.len()).unwrap()).to_be_bytes());
        if flags & 0x4000 != 0 {
            out.extend(0x2000_u16.to_be_bytes());
        }
        out.extend(path.as_bytes());
        let padded = (out.len() + 8) & !7;
        out.resize(padded, 0);
        out
    }

    fn index(version: u32, entries: &[Vec<u8>], extensions: &[u8]) -> Vec<u8> {
        let mut out = b"DIRC".to_vec();
        out.extend(version.to_be_bytes());
        out.extend(u32::try_from(entries.len()).unwrap().to_be_bytes());
        out.extend(entries.concat());
        out.extend(extensions);
        out.extend([0; ID]);
        out
    }

    fn extension(signature: &[u8; 4], body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len()).unwrap().to_be_bytes();
        [&signature[..], &length, body].concat()
    }

    fn sample() -> Vec<u8> {
        let cache = [&b"\0-1 1\nd\x002 0\n"[..], &[9; ID]].concat();
        index(
            3,
            &[
                entry("a", 0o100_644, 0),
                entry("d/b", 0o120_000, 0),
                entry("d/c", 0o100_644, 0x4000),
                entry("e", 0o100_644, 0x1000),
                entry("e", 0o100_644, 0x2000),
            ],
            &[extension(b"TREE", &cache), extension(b"UNTR", b"anything")].concat(),
        )
    }

    #[test]
    fn entries_and_the_cache_tree_are_read() {
        let index = parse(sample()).unwrap();
        let id = ObjectId::from_bytes(&[7; ID]).unwrap();
        let staged = |mode| State::Staged(Entry { mode, id });
        let states: Vec<State> = (0..index.len())
            .map(|at| index.state(at).unwrap())
            .collect();
        assert_eq!(
            states,
            [
                staged(Mode::File),
                staged(Mode::Link),
                State::IntentToAdd,
                State::Unmerged,
                State::Unmerged
            ]
        );
        let find = |path: &str| index.find(path.into()).unwrap();
        assert_eq!(
            find("d/b"),
            Some(Entry {
                mode: Mode::Link,
                id
            })
        );
        for path in ["d/c", "e", "d", "d/", "z"] {
            assert_eq!(find(path), None);
        }
        assert_eq!(index.end_of(1..5, b"d/", None).unwrap(), 3);
        let root = index.cached_root().unwrap();
        assert_eq!(index.cached_tree(root, 5), None);
        let child = index.cached_children(root)[&b"d"[..]];
        assert_eq!(index.cached_tree(child, 2), ObjectId::from_bytes(&[9; ID]));
        assert_eq!(index.cached_tree(child, 3), None);
    }

    #[test]
    fn what_is_not_understood_is_an_error() {
        let plain = [entry("a", 0o100_644, 0)];
        let refused = |data| parse(data).unwrap_err().to_string();
        assert_eq!(
            refused(index(2, &plain, &extension(b"link", b""))),
            "it is split"
        );
        assert_eq!(
            refused(index(2, &plain, &extension(b"sdir", b""))),
            "it is sparse"
        );
        assert_eq!(
            refused(index(2, &[entry("d/", 0o040_000, 0)], b"")),
            "it is sparse"
        );
        assert_eq!(refused(index(5, &plain, b"")), "version 5 is unknown");
        let unsorted = [entry("b", 0o100_644, 0), entry("a", 0o100_644, 0)];
        assert_eq!(
            refused(index(2, &unsorted, b"")),
            "its entries are out of order"
        );
        refused(index(2, &plain, &extension(b"lame", b"")));
        assert!(parse(index(2, &plain, &extension(b"NEWS", b""))).is_ok());
    }

    #[test]
    fn a_cache_that_makes_no_sense_is_no_cache() {
        for body in [
            &b""[..],
            b"\0",
            b"\x001 0\n",
            b"\0-1 9999999999\n",
            b"\0-1 1\n",
        ] {
            let data = index(2, &[], &extension(b"TREE", body));
            assert_eq!(parse(data).unwrap().cached_root(), None);
        }
    }

    /// Numbers that look random.
    fn next(state: &mut u64) -> usize {
        *state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(*state >> 33).unwrap()
    }

    /// Sorted paths, some longer than the flags can tell and some longer than a chunk.
    fn paths(state: &mut u64) -> Vec<String> {
        let mut paths: Vec<String> = (0..next(state) % 700)
            .map(|_| {
                let length = match next(state) % 300 {
                    0 => CHUNK + next(state) % 99,
                    1 => 0xfff - 3 + next(state) % 9,
                    _ => 1 + next(state) % 40,
                };
                format!("{}/{}", next(state) % 9, "n".repeat(length)) + &next(state).to_string()
            })
            .collect();
        paths.sort();
        paths.dedup();
        paths
    }

    #[test]
    fn every_version_says_what_was_written() {
        let mut state = 5;
        for _ in 0..40 {
            let paths = paths(&mut state);
            let wanted: Vec<(u32, u16, u16)> = paths
                .iter()
                .map(|_| match next(&mut state) % 9 {
                    0 => (0o100_755, 0x4000, 0x2000),
                    1 => (0o120_000, 0x1000, 0),
                    2 => (0o100_755, 0x4000, 0x4000),
                    _ => (0o100_644, 0, 0),
                })
                .collect();
            for (version, lean) in (2..=4).flat_map(|version| [(version, false), (version, true)]) {
                let mut out = b"DIRC".to_vec();
                out.extend(u32::to_be_bytes(version));
                out.extend(u32::try_from(paths.len()).unwrap().to_be_bytes());
                let mut last = "";
                for (place, (path, &(bits, mut flags, more))) in
                    paths.iter().zip(&wanted).enumerate()
                {
                    let start = out.len();
                    if version == 2 {
                        flags &= !EXTENDED;
                    }
                    out.resize(start + 24, 0);
                    out.extend(bits.to_be_bytes());
                    out.resize(start + 40, 0);
                    out.resize(start + 40 + ID, u8::try_from(place % 255).unwrap());
                    let length = u16::try_from(path.len().min(0xfff)).unwrap();
                    out.extend((flags | length).to_be_bytes());
                    if flags & EXTENDED != 0 {
                        out.extend(more.to_be_bytes());
                    }
                    if version == 4 {
                        let same = last.bytes().zip(path.bytes());
                        let same = same.take_while(|(a, b)| a == b).count();
                        // Seven bits each, all but the last marked and one too small.
                        let mut rest = last.len() - same;
                        let mut number = vec![u8::try_from(rest & 0x7f).unwrap()];
                        while rest >> 7 != 0 {
                            rest = (rest >> 7) - 1;
                            number.push(0x80 | u8::try_from(rest & 0x7f).unwrap());
                        }
                        out.extend(number.iter().rev());
                        out.extend(path[same..].bytes());
                        out.push(0);
                        last = path;
                    } else {
                        out.extend(path.bytes());
                        let length = (out.len() - start + 8) & !7;
                        out.resize(start + length, 0);
                    }
                }
                if lean {
                    out.extend(extension(b"TREE", b"\0-1 0\n"));
                    out.extend(extension(b"UNTR", &[b'u'; 300]));
                }
                out.extend([0; ID]);
                let index = parse(out).unwrap();
                assert_eq!(index.len(), paths.len());
                let kept = |block: &Block| block.loaded.get().is_some();
                assert_eq!(
                    index.blocks.iter().all(kept),
                    !lean || version == 4 || paths.is_empty()
                );
                // From both ends, so that blocks are not read in their order.
                for at in (0..paths.len()).rev().chain(0..paths.len()) {
                    assert!(index.path(at).unwrap() == paths[at].as_bytes());
                    let (bits, flags, more) = wanted[at];
                    let state = if flags & 0x3000 != 0 {
                        State::Unmerged
                    } else if version > 2 && more & 0x2000 != 0 {
                        State::IntentToAdd
                    } else {
                        let id = [u8::try_from(at % 255).unwrap(); ID];
                        State::Staged(Entry {
                            mode: Mode::from_bits(bits).unwrap(),
                            id: ObjectId::from_bytes(&id).unwrap(),
                        })
                    };
                    assert_eq!(index.state(at).unwrap(), state);
                    let found = index.find(paths[at].as_str().into()).unwrap();
                    assert_eq!(found.is_some(), matches!(state, State::Staged(_)));
                    let directory = &paths[at].as_bytes()[..2];
                    let end =
                        at + paths[at..].partition_point(|path| path.as_bytes()[..2] == *directory);
                    assert_eq!(index.end_of(at..paths.len(), directory, None).unwrap(), end);
                }
            }
        }
    }

    #[test]
    fn a_directory_ends_where_it_ends_whatever_the_cache_says() {
        for count in 0..6 {
            let cache = format!("\0-1 1\nd\0{count} 0\n");
            let body = [cache.as_bytes(), &[9; ID]].concat();
            let entries = ["a", "d/b", "d/c", "e", "f"].map(|path| entry(path, 0o100_644, 0));
            let index = parse(index(2, &entries, &extension(b"TREE", &body))).unwrap();
            let child = index.cached_children(0)[&b"d"[..]];
            for end in 3..=5 {
                assert_eq!(index.end_of(1..end, b"d/", Some(child)).unwrap(), 3);
            }
        }
    }

    /// A file that somebody writes to.
    #[derive(Debug)]
    struct Written(Cursor<Vec<u8>>, std::cell::Cell<u64>);

    impl Read for Written {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            // Few at a time, as a pipe or a network gives them.
            let few = buffer.len().min(7);
            self.0.read(&mut buffer[..few])
        }
    }

    impl Seek for Written {
        fn seek(&mut self, place: SeekFrom) -> io::Result<u64> {
            self.0.seek(place)
        }
    }

    impl Source for Written {
        fn stamp(&self) -> Result<Option<(u64, SystemTime)>> {
            self.1.set(self.1.get() + 1);
            Ok(Some((self.1.get() / 3, SystemTime::UNIX_EPOCH)))
        }
    }

    #[test]
    fn an_index_that_changes_meanwhile_is_an_error() {
        let names: Vec<String> = (100..300).map(|number| format!("{number}")).collect();
        let entries: Vec<Vec<u8>> = names.iter().map(|name| entry(name, 0o100_644, 0)).collect();
        let data = index(2, &entries, &extension(b"TREE", b"\0-1 0\n"));
        let index = Index::parse(Written(Cursor::new(data), 0.into())).unwrap();
        assert_eq!(index.path(70).unwrap(), b"170");
        assert!(index.path(140).is_err());
    }

    #[test]
    fn no_bytes_make_it_panic() {
        let whole = sample();
        for length in 0..whole.len() {
            let _ = parse(whole[..length].to_vec());
        }
        for version in [2, 4] {
            for at in 0..whole.len() {
                for byte in [0, 1, 0x7f, 0x80, 0xff] {
                    let mut data = whole.clone();
                    data[7] = version;
                    data[at] = byte;
                    if let Ok(index) = parse(data) {
                        for at in 0..index.len() {
                            let _ = (index.path(at).is_ok(), index.state(at));
                        }
                    }
                }
            }
        }
    }
}
