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
use std::io;
use std::ops::Range;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use bstr::{BStr, ByteSlice};

use super::delta::{Entry, Mode, ObjectId};

/// The bytes of an object id. The index doesn't say which hash it uses; this reader is used only
/// where it is SHA-1.
const ID: usize = 20;

/// The fixed part of an entry: ten numbers of four bytes, the id, the flags.
const FIXED: usize = 40 + ID + 2;

/// The flag of an entry that has more flags.
const EXTENDED: u16 = 0x4000;

/// An index in memory. Its entries are sorted by path.
#[derive(Debug)]
pub(super) struct Index {
    data: Vec<u8>,
    /// The paths, where the file holds them shortened (version 4); otherwise they are in `data`.
    names: Option<Vec<u8>>,
    entries: Vec<RawEntry>,
    cache: Vec<CachedTree>,
}

#[derive(Debug)]
struct RawEntry {
    /// Where it starts. Four bytes for each place: a million entries are 12 MB.
    at: u32,
    name: u32,
    name_len: u32,
}

impl RawEntry {
    fn name(&self) -> Range<usize> {
        let start = self.name as usize;
        start..start + self.name_len as usize
    }

    fn flags(&self, data: &[u8]) -> Result<u16> {
        short(data, self.at as usize + FIXED - 2)
    }

    fn stage(&self, data: &[u8]) -> Result<u16> {
        Ok(self.flags(data)? >> 12 & 3)
    }
}

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
        match std::fs::read(path) {
            Ok(data) => Self::parse(data).context("cannot read the index"),
            Err(err) if err.kind() == io::ErrorKind::NotFound => Ok(Self {
                data: Vec::new(),
                names: None,
                entries: Vec::new(),
                cache: Vec::new(),
            }),
            Err(err) => Err(err).context("cannot read the index"),
        }
    }

    /// Reads the bytes of an index.
    pub(super) fn parse(data: Vec<u8>) -> Result<Self> {
        ensure!(
            data.get(..4) == Some(b"DIRC"),
            "it does not start as an index does"
        );
        let version = number(&data, 4)?;
        ensure!((2..=4).contains(&version), "version {version} is unknown");
        let count = number(&data, 8)?;
        let end = data.len().checked_sub(ID).context("it is too short")?;
        u32::try_from(data.len()).context("it is too long")?;

        let mut names = (version == 4).then(Vec::new);
        // A hostile count reserves no more than the file could hold.
        let mut entries: Vec<RawEntry> = Vec::with_capacity(count.min(data.len() / FIXED));
        let mut at = 12;
        for _ in 0..count {
            let start = at;
            let bits = number(&data, at + 24)?;
            let flags = short(&data, at + FIXED - 2)?;
            let mut name_at = at + FIXED;
            if flags & EXTENDED != 0 {
                ensure!(version >= 3, "an entry has flags of a later version");
                name_at += 2;
            }
            let name = if let Some(names) = &mut names {
                let (strip, suffix_at) = offset_number(&data, name_at)?;
                let suffix = until_nul(&data, suffix_at, end)?;
                let previous = entries.last().map_or(0..0, RawEntry::name);
                let kept = previous
                    .len()
                    .checked_sub(strip)
                    .context("a path is cut wrongly")?;
                let start = names.len();
                names.extend_from_within(previous.start..previous.start + kept);
                names.extend_from_slice(&data[suffix.clone()]);
                ensure!(
                    names.len() / 64 <= data.len(),
                    "its paths grow beyond reason"
                );
                at = suffix.end + 1;
                start..names.len()
            } else {
                // The flags tell the length of a path that is not too long for them.
                let name = match usize::from(flags & 0xfff) {
                    0xfff => until_nul(&data, name_at, end)?,
                    length => name_at..name_at + length,
                };
                ensure!(data.get(name.end) == Some(&0), "it ends within a path");
                // Entries are padded with one to eight NULs to a multiple of eight.
                at += (name.end - at + 8) & !7;
                name
            };
            ensure!(at <= end, "it ends within an entry");
            ensure!(bits & 0o170_000 != 0o040_000, "it is sparse");
            let entry = RawEntry {
                at: u32::try_from(start)?,
                name: u32::try_from(name.start)?,
                name_len: u32::try_from(name.len())?,
            };
            let paths = names.as_ref().unwrap_or(&data);
            let path = paths.get(name).context("it ends within a path")?;
            ensure!(!path.is_empty(), "a path is empty");
            if let Some(last) = entries.last() {
                let mut order = paths[last.name()].cmp(path);
                if order == Ordering::Equal {
                    order = last.stage(&data)?.cmp(&entry.stage(&data)?);
                }
                ensure!(order == Ordering::Less, "its entries are out of order");
            }
            entries.push(entry);
        }

        let mut cache = Vec::new();
        while at < end {
            let signature = data.get(at..at + 4).context("an extension is cut short")?;
            let length = number(&data, at + 4)?;
            let body = at + 8..at.saturating_add(8).saturating_add(length);
            ensure!(body.end <= end, "an extension is cut short");
            match signature {
                b"TREE" => cache = cached_trees(&data, body.clone()).unwrap_or_default(),
                b"link" => bail!("it is split"),
                b"sdir" => bail!("it is sparse"),
                [b'A'..=b'Z', ..] => {}
                _ => bail!("it has an extension that must be understood"),
            }
            at = body.end;
        }
        Ok(Self {
            data,
            names,
            entries,
            cache,
        })
    }

    /// How many entries there are.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The path of an entry.
    pub(super) fn path(&self, at: usize) -> &[u8] {
        let paths = self.names.as_ref().unwrap_or(&self.data);
        &paths[self.entries[at].name()]
    }

    /// What the entry is.
    pub(super) fn state(&self, at: usize) -> Result<State> {
        let entry = &self.entries[at];
        if entry.stage(&self.data)? != 0 {
            return Ok(State::Unmerged);
        }
        let start = entry.at as usize;
        if entry.flags(&self.data)? & EXTENDED != 0
            && short(&self.data, start + FIXED)? & 0x2000 != 0
        {
            return Ok(State::IntentToAdd);
        }
        let bits = u32::try_from(number(&self.data, start + 24)?)?;
        Ok(State::Staged(Entry {
            mode: Mode::from_bits(bits).context("the index has an entry of an unknown kind")?,
            id: id(&self.data, start + FIXED - 2 - ID)?,
        }))
    }

    /// The first entry in `range` that is not below a directory whose path, with its slash at the
    /// end, is `directory`. The range starts with an entry that is.
    pub(super) fn end_of(&self, range: Range<usize>, directory: &[u8]) -> usize {
        let entries = &self.entries[range.clone()];
        let paths = self.names.as_ref().unwrap_or(&self.data);
        range.start + entries.partition_point(|entry| paths[entry.name()].starts_with(directory))
    }

    /// What will be committed at `path`, if anything.
    pub(super) fn find(&self, path: &BStr) -> Result<Option<Entry>> {
        let paths = self.names.as_ref().unwrap_or(&self.data);
        let at = self
            .entries
            .partition_point(|entry| &paths[entry.name()] < path.as_bytes());
        if at == self.len() || self.path(at) != path.as_bytes() {
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
            children.insert(&self.data[self.cache[at].name.clone()], at);
            at = self.cache[at].end;
        }
        children
    }
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

fn short(data: &[u8], at: usize) -> Result<u16> {
    Ok(u16::from_be_bytes(bytes(data, at)?))
}

fn id(data: &[u8], at: usize) -> Result<ObjectId> {
    ObjectId::from_bytes(&bytes::<ID>(data, at)?).context("it is cut short")
}

fn until_nul(data: &[u8], start: usize, end: usize) -> Result<Range<usize>> {
    let rest = data.get(start..end).context("it ends within a path")?;
    let length = rest.find_byte(0).context("it ends within a path")?;
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
fn cached_trees(data: &[u8], body: Range<usize>) -> Option<Vec<CachedTree>> {
    let mut nodes: Vec<CachedTree> = Vec::new();
    // Directories whose children are not all read: their place, and how many are missing.
    let mut open: Vec<(usize, usize)> = Vec::new();
    let mut at = body.start;
    loop {
        let name = until_nul(data, at, body.end).ok()?;
        let line_at = name.end + 1;
        let line_end = line_at + data.get(line_at..body.end)?.find_byte(b'\n')?;
        let line = data[line_at..line_end].to_str().ok()?;
        let (count, children) = line.split_once(' ')?;
        let count: i64 = count.parse().ok()?;
        let children: usize = children.parse().ok()?;
        at = line_end + 1;
        let valid = match usize::try_from(count) {
            Ok(count) => {
                let id = id(&data[..body.end], at).ok()?;
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
            return (at == body.end).then_some(nodes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let index = Index::parse(sample()).unwrap();
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
        assert_eq!(index.end_of(1..5, b"d/"), 3);
        let root = index.cached_root().unwrap();
        assert_eq!(index.cached_tree(root, 5), None);
        let child = index.cached_children(root)[&b"d"[..]];
        assert_eq!(index.cached_tree(child, 2), ObjectId::from_bytes(&[9; ID]));
        assert_eq!(index.cached_tree(child, 3), None);
    }

    #[test]
    fn what_is_not_understood_is_an_error() {
        let plain = [entry("a", 0o100_644, 0)];
        let refused = |data| Index::parse(data).unwrap_err().to_string();
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
        assert!(Index::parse(index(2, &plain, &extension(b"NEWS", b""))).is_ok());
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
            assert_eq!(Index::parse(data).unwrap().cached_root(), None);
        }
    }

    #[test]
    fn no_bytes_make_it_panic() {
        let whole = sample();
        for length in 0..whole.len() {
            let _ = Index::parse(whole[..length].to_vec());
        }
        for version in [2, 4] {
            for at in 0..whole.len() {
                for byte in [0, 1, 0x7f, 0x80, 0xff] {
                    let mut data = whole.clone();
                    data[7] = version;
                    data[at] = byte;
                    if let Ok(index) = Index::parse(data) {
                        for at in 0..index.len() {
                            let _ = (index.path(at).len(), index.state(at));
                        }
                    }
                }
            }
        }
    }
}
