//! Reads packs: for whoever reads all of a history, of which libgit2 would make each object anew.
//!
//! Two ways lead through a pack. [`Reader`] gives single objects and keeps those that others are made of;
//! [`Packs::visit`] goes through it family by family, so that each object is inflated once and made
//! once, on every core. Whatever can't be read here is asked of the other readers, which know how to
//! complain.

mod entry;
mod families;
mod index;

use std::collections::HashMap;
use std::fs::{self, File};
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use bstr::ByteSlice;
use flate2::Decompress;

use self::entry::{Base, Head, apply, inflate};
pub(crate) use self::families::Made;
pub(in crate::git) use self::families::Visitor;
use self::index::PackIndex;
use crate::disk;
use crate::git::id::ObjectId;
use crate::git::object::Kind;

/// A bound: an object that is made of more others, one after the other, is no work of git's, which
/// stops at 4095.
const LONGEST_CHAIN: usize = 5000;

/// A bound: bytes of objects that the readers of all threads keep since others may be made of them.
const KEPT: usize = 48 << 20;

/// A bound: so much each of them keeps, however many there are.
const LEAST_KEPT: usize = 4 << 20;

/// A bound: directories of objects that borrow from one another.
const MOST_ALTERNATES: usize = 32;

/// The packs of a repository and of those that it borrows from.
pub(in crate::git) struct Packs {
    packs: Vec<Pack>,
}

struct Pack {
    index: PackIndex,
    file: File,
    /// Where each object begins, in order.
    starts: Vec<u64>,
    /// The place of each in the index.
    places: Vec<u32>,
    /// The number in that order of each object in the index.
    numbers: Vec<u32>,
    /// Where the last object ends.
    end: u64,
    /// Bytes of an id.
    length: usize,
}

impl Packs {
    /// The packs below a directory of objects, whose ids have so many bytes.
    pub(in crate::git) fn open(objects: &Path, length: usize) -> Self {
        let mut directories = vec![objects.to_owned()];
        let mut at = 0;
        while at < directories.len() && directories.len() < MOST_ALTERNATES {
            for more in alternates(&directories[at]) {
                if !directories.contains(&more) {
                    directories.push(more);
                }
            }
            at += 1;
        }
        let mut packs = Vec::new();
        for directory in &directories {
            let Ok(files) = fs::read_dir(directory.join("pack")) else {
                continue;
            };
            let mut files: Vec<PathBuf> = files
                .filter_map(|file| Some(file.ok()?.path()))
                .filter(|file| file.extension().is_some_and(|ending| ending == "idx"))
                .collect();
            files.sort();
            packs.extend(
                files
                    .iter()
                    .filter_map(|file| Pack::open(file, length).ok()),
            );
        }
        Self { packs }
    }

    /// The numbers of an object and of the pack that has it.
    fn find(&self, id: &ObjectId) -> Option<(usize, usize)> {
        let mut packs = self.packs.iter().enumerate();
        packs.find_map(|(number, pack)| Some((number, pack.find(id)?)))
    }
}

/// The directories of objects that one borrows from.
fn alternates(objects: &Path) -> Vec<PathBuf> {
    let Ok(listed) = disk::read_whole(&objects.join("info/alternates")) else {
        return Vec::new();
    };
    let named = listed
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with(b"#"))
        .filter_map(|line| line.to_path().ok());
    named.map(|directory| objects.join(directory)).collect()
}

impl Pack {
    fn open(index: &Path, length: usize) -> Result<Self> {
        let file = disk::open_regular(&index.with_extension("pack"))?;
        let size = file.metadata()?.len();
        let index = PackIndex::parse(disk::read_whole(index)?, length)?;
        let mut order = Vec::with_capacity(index.count());
        for place in 0..index.count() {
            let offset = index.offset(place).context("an object lies nowhere")?;
            order.push((offset, u32::try_from(place)?));
        }
        order.sort_unstable();
        let (starts, places): (Vec<u64>, Vec<u32>) = order.into_iter().unzip();
        let mut numbers = vec![0; places.len()];
        for (number, &place) in places.iter().enumerate() {
            numbers[place as usize] = u32::try_from(number)?;
        }
        let end = size
            .checked_sub(length as u64)
            .context("a pack is cut off")?;
        Ok(Self {
            index,
            file,
            starts,
            places,
            numbers,
            end,
            length,
        })
    }

    /// The number, in the order of the pack, of an object.
    fn find(&self, id: &ObjectId) -> Option<usize> {
        Some(self.numbers[self.index.find(id)?] as usize)
    }

    /// The id of the object of a number.
    fn id(&self, number: usize) -> Option<ObjectId> {
        self.index.id(self.places[number] as usize)
    }

    /// The number of the object that begins at a place before another one, mostly not far.
    fn number_before(&self, number: usize, start: u64) -> Option<usize> {
        let (mut low, mut step) = (number, 1);
        while low > 0 && self.starts[low] > start {
            low = low.saturating_sub(step);
            step *= 2;
        }
        let found = self.starts[low..=number].binary_search(&start).ok()?;
        Some(low + found)
    }

    /// Reads the bytes of an object as they lie in the pack.
    fn bytes(&self, number: usize, into: &mut Vec<u8>) -> Result<Head> {
        let start = self.starts[number];
        let end = self.starts.get(number + 1).copied().unwrap_or(self.end);
        let length = end.checked_sub(start).context("a pack is cut off")?;
        ensure!(
            length <= entry::LARGEST && end <= self.end,
            "it is larger than 512 MB"
        );
        into.resize(usize::try_from(length)?, 0);
        read_at(&self.file, start, into)?;
        Head::parse(into, self.length).context("an object of a pack has an odd start")
    }

    /// The number of the object that another one is made of; `None` if it is made of none.
    fn base(&self, number: usize, head: &Head) -> Result<Option<usize>> {
        let base = match head.base {
            Base::Whole(_) => return Ok(None),
            Base::Before(back) => {
                let start = self.starts[number].checked_sub(back);
                start.and_then(|start| self.number_before(number, start))
            }
            Base::Named(id) => self.find(&id),
        };
        base.map(Some)
            .context("an object of a pack is made of one that is not in it")
    }
}

/// Fills the buffer from a place of a file.
fn read_at(file: &File, at: u64, into: &mut [u8]) -> io::Result<()> {
    #[cfg(unix)]
    return std::os::unix::fs::FileExt::read_exact_at(file, into, at);
    #[cfg(not(unix))]
    {
        let mut done = 0;
        while done < into.len() {
            let read = std::os::windows::fs::FileExt::seek_read(
                file,
                &mut into[done..],
                at + done as u64,
            )?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            done += read;
        }
        Ok(())
    }
}

/// What one of so many threads may keep of what they may keep together.
fn share(all: usize, threads: usize) -> usize {
    (all / threads.max(1)).max(LEAST_KEPT)
}

/// Objects by pack and number.
type Lately = HashMap<(usize, usize), (Kind, Arc<Vec<u8>>)>;

/// Reads single objects, of which one thread has one.
pub(in crate::git) struct Reader<'p> {
    packs: &'p Packs,
    stream: Decompress,
    bytes: Vec<u8>,
    /// What of the last object is not as in the one that it is made of.
    fresh: Vec<Range<usize>>,
    /// What was read lately, by pack and number; and what was read before that.
    young: Lately,
    old: Lately,
    /// The bytes of the young.
    held: usize,
    /// How many bytes may be kept.
    most: usize,
}

impl<'p> Reader<'p> {
    /// One of those of so many threads.
    pub(in crate::git) fn new(packs: &'p Packs, threads: usize) -> Self {
        Self {
            packs,
            stream: Decompress::new(true),
            bytes: Vec::new(),
            fresh: Vec::new(),
            young: HashMap::new(),
            old: HashMap::new(),
            held: 0,
            most: share(KEPT, threads),
        }
    }

    /// Lets go of what was read lately.
    pub(in crate::git) fn forget(&mut self) {
        (self.young, self.old, self.held) = (Lately::new(), Lately::new(), 0);
    }

    /// What an object is and holds; `None` if no pack has it.
    pub(in crate::git) fn read(&mut self, id: &ObjectId) -> Result<Option<(Kind, Arc<Vec<u8>>)>> {
        let Some((pack, number)) = self.packs.find(id) else {
            return Ok(None);
        };
        self.at(pack, number).map(Some)
    }

    fn at(&mut self, pack: usize, mut number: usize) -> Result<(Kind, Arc<Vec<u8>>)> {
        let file = &self.packs.packs[pack];
        let mut deltas = Vec::new();
        let (kind, mut object) = loop {
            if let Some(known) = self.known(pack, number) {
                break known;
            }
            ensure!(
                deltas.len() < LONGEST_CHAIN,
                "an object is made of too many others"
            );
            let head = file.bytes(number, &mut self.bytes)?;
            let made = inflate(&mut self.stream, &self.bytes[head.length..], head.size)?;
            match (head.base, file.base(number, &head)?) {
                (Base::Whole(kind), _) => {
                    let object = Arc::new(made);
                    self.keep(pack, number, kind, &object);
                    break (kind, object);
                }
                (_, Some(base)) => {
                    deltas.push((number, made));
                    number = base;
                }
                (_, None) => bail!("an object of a pack is made of nothing"),
            }
        };
        while let Some((number, delta)) = deltas.pop() {
            object = Arc::new(apply(&object, &delta, &mut self.fresh)?);
            self.keep(pack, number, kind, &object);
        }
        Ok((kind, object))
    }

    fn known(&mut self, pack: usize, number: usize) -> Option<(Kind, Arc<Vec<u8>>)> {
        if let Some(known) = self.young.get(&(pack, number)) {
            return Some(known.clone());
        }
        let (kind, object) = self.old.remove(&(pack, number))?;
        self.keep(pack, number, kind, &object);
        Some((kind, object))
    }

    fn keep(&mut self, pack: usize, number: usize, kind: Kind, object: &Arc<Vec<u8>>) {
        if object.len() > self.most / 4 {
            return;
        }
        if self.held + object.len() > self.most / 2 {
            self.old = std::mem::take(&mut self.young);
            self.held = 0;
        }
        self.held += object.len();
        self.young
            .insert((pack, number), (kind, Arc::clone(object)));
    }
}

/// Reads any bytes as each part of a pack.
pub(super) fn try_parts(bytes: &[u8]) {
    if let Ok(index) = PackIndex::parse(bytes.to_vec(), 20) {
        for place in 0..index.count() {
            let _ = (index.id(place), index.offset(place));
        }
    }
    let _ = Head::parse(bytes, 20);
    let (base, delta) = bytes.split_at(bytes.len() / 2);
    let _ = apply(base, delta, &mut Vec::new());
    let mut stream = Decompress::new(true);
    let _ = inflate(&mut stream, bytes, bytes.len() as u64 * 2);
}
