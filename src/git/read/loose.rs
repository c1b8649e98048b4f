//! Reads loose objects: those that have a file each, as `git add` leaves them.
//!
//! libgit2 does so too, but inflates through the system's zlib, copies each object, and goes on for ever at
//! a file that is cut short. Here zlib-rs inflates straight into the object, and each thread reads by itself.
//!
//! The format is that of git's `object-file.c`: a zlib stream of the kind, the size, a NUL and the
//! content.

use std::cell::Cell;
use std::env;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use anyhow::{Context, Result, bail, ensure};
use bstr::ByteSlice;
use flate2::{Decompress, FlushDecompress, Status};

use super::room;
use crate::disk;
use crate::git::id::ObjectId;
use crate::git::object::Kind;

/// The longest start of an object: its kind, a size of 20 digits, a NUL.
const HEAD: usize = 32;

/// What deflate can make of a byte at most: a hostile size reserves no more.
const MOST: usize = 1032;

/// A bound: as many bytes of a file as hold the start of an object, packed.
const PACKED_HEAD: u64 = 256;

/// A bound: git follows no more alternates of alternates (object-file.c).
const DEEPEST: usize = 5;

/// A bound: nobody lists as many.
const MOST_ALTERNATES: usize = 256;

/// A bound: a list of alternates holds a few paths.
const LONGEST_LIST: u64 = 1 << 20;

/// The directories that hold a repository's objects.
pub(super) struct Directories {
    own: PathBuf,
    /// Whether the environment may name others.
    in_env: bool,
    /// Those of other repositories that it borrows from.
    others: OnceLock<Vec<PathBuf>>,
}

impl Directories {
    pub(super) const fn new(own: PathBuf, in_env: bool) -> Self {
        Self {
            own,
            in_env,
            others: OnceLock::new(),
        }
    }

    /// All of them, its own first. The others are looked up only when somebody gets to them.
    pub(super) fn all(&self) -> impl Iterator<Item = &Path> {
        let others = std::iter::once_with(|| self.others.get_or_init(|| self.alternates()));
        std::iter::once(&self.own)
            .chain(others.flatten())
            .map(PathBuf::as_path)
    }

    /// What `objects/info/alternates` and the environment name. What can't be read names nothing: git
    /// then finds no object there either.
    fn alternates(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        if self.in_env
            && let Some(list) = env::var_os("GIT_ALTERNATE_OBJECT_DIRECTORIES")
        {
            found.extend(env::split_paths(&list).filter(|path| !path.as_os_str().is_empty()));
        }
        let mut ends = vec![(self.own.clone(), 0)];
        ends.extend(found.iter().map(|path| (path.clone(), 1)));
        while let Some((directory, depth)) = ends.pop() {
            let list = directory.join("info/alternates");
            let Ok(Some(list)) = disk::read_regular(&list, LONGEST_LIST) else {
                continue;
            };
            for line in list.lines() {
                let named = line.to_path().ok().filter(|_| !line.starts_with(b"#"));
                let Some(named) = named.filter(|path| !path.as_os_str().is_empty()) else {
                    continue;
                };
                let path = directory.join(named);
                if found.len() < MOST_ALTERNATES && !found.contains(&path) {
                    found.push(path.clone());
                    if depth < DEEPEST {
                        ends.push((path, depth + 1));
                    }
                }
            }
        }
        found
    }

    /// The object of that id among the loose ones; `None` if it is not one.
    ///
    /// # Errors
    /// When its file can't be read, or is no whole object.
    pub(super) fn object(&self, id: ObjectId) -> Result<Option<(Kind, Vec<u8>)>> {
        self.first(id, |file| inflate(&disk::read_whole(file)?))
    }

    /// The size of that object; `None` if it is no loose one.
    pub(super) fn size_of(&self, id: ObjectId) -> Result<Option<usize>> {
        self.first(id, |file| {
            let mut start = Vec::new();
            disk::open_regular(file)?
                .take(PACKED_HEAD)
                .read_to_end(&mut start)?;
            Ok(Head::read(&start)?.size)
        })
    }

    /// What the first file of that object has that can be read.
    fn first<T>(&self, id: ObjectId, read: impl Fn(&Path) -> Result<T>) -> Result<Option<T>> {
        let name = id.to_string();
        let (directory, file) = name.split_at(2);
        let mut failed = None;
        for objects in self.all() {
            match read(&objects.join(directory).join(file)) {
                Ok(found) => return Ok(Some(found)),
                Err(error) => {
                    let is_absent = error.downcast_ref().is_some_and(disk::is_absent);
                    failed = failed.or(Some(error).filter(|_| !is_absent));
                }
            }
        }
        match failed {
            Some(error) => Err(error.context(format!("the object {id} can't be read"))),
            None => Ok(None),
        }
    }
}

/// The start of an object.
struct Head {
    kind: Kind,
    size: usize,
    stream: Decompress,
    /// What of the content was inflated with it.
    content: Vec<u8>,
}

thread_local! {
    /// A stream that has done its work: to set one up for the next object takes a tenth of what a small one takes.
    static SPARE: Cell<Option<Decompress>> = const { Cell::new(None) };
}

/// A stream at its start.
fn stream() -> Decompress {
    match SPARE.take() {
        Some(mut stream) => {
            stream.reset(true);
            stream
        }
        None => Decompress::new(true),
    }
}

impl Head {
    fn read(data: &[u8]) -> Result<Self> {
        let mut stream = stream();
        let mut head = [0; HEAD];
        stream.decompress(data, &mut head, FlushDecompress::None)?;
        let read = usize::try_from(stream.total_out())?;
        let end = head[..read].find_byte(0).context(CORRUPT)?;
        let (kind, size) = head[..end].split_once_str(" ").context(CORRUPT)?;
        Ok(Self {
            kind: Kind::named(kind).context(CORRUPT)?,
            size: size.to_str()?.parse()?,
            stream,
            content: head[end + 1..read].to_vec(),
        })
    }
}

const CORRUPT: &str = "it is corrupt";

pub(super) fn inflate(data: &[u8]) -> Result<(Kind, Vec<u8>)> {
    let Head {
        kind,
        size,
        mut stream,
        content,
    } = Head::read(data)?;
    ensure!(size <= data.len().saturating_mul(MOST), CORRUPT);
    // A byte of room shows a stream that goes on.
    let mut object = room(size.saturating_add(HEAD))?;
    object.extend_from_slice(&content);
    loop {
        let before = (stream.total_in(), stream.total_out());
        let rest = &data[usize::try_from(before.0)?..];
        let status = stream.decompress_vec(rest, &mut object, FlushDecompress::Finish)?;
        if status == Status::StreamEnd {
            break;
        }
        if before == (stream.total_in(), stream.total_out()) {
            bail!(CORRUPT);
        }
    }
    SPARE.set(Some(stream));
    ensure!(object.len() == size, CORRUPT);
    Ok((kind, object))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::ZlibEncoder;

    use super::*;

    fn deflate(parts: &[&[u8]]) -> Vec<u8> {
        let mut out = ZlibEncoder::new(Vec::new(), Compression::fast());
        for part in parts {
            out.write_all(part).unwrap();
        }
        out.finish().unwrap()
    }

    #[test]
    fn an_object_of_any_size_and_kind_is_read() {
        for size in [0, 1, 20, 24, 25, 26, 32, 33, 1000, 100_000] {
            let content: Vec<u8> = (0..size).map(|n: usize| (n * n) as u8).collect();
            for kind in [Kind::Blob, Kind::Tree, Kind::Commit, Kind::Tag] {
                let head = format!("{} {size}\0", kind.name());
                let data = deflate(&[head.as_bytes(), &content]);
                assert_eq!(inflate(&data).unwrap(), (kind, content.clone()));
                assert_eq!(Head::read(&data).unwrap().size, size);
            }
        }
    }

    #[test]
    fn what_is_no_whole_object_is_refused() {
        let whole = deflate(&[b"blob 5\0", b"12345"]);
        for end in 0..whole.len() {
            assert!(inflate(&whole[..end]).is_err(), "cut at {end}");
        }
        let mut corrupt = whole.clone();
        let last = corrupt.len() - 1;
        corrupt[last] ^= 1;
        assert!(inflate(&corrupt).is_err());
        for (head, body) in [
            ("twig 5\0", "12345"),
            ("blob 4\0", "12345"),
            ("blob 6\0", "12345"),
            ("blob 99999999999999999999\0", ""),
            ("blob 999999999999\0", ""),
            ("blob x\0", ""),
            ("blob 5", "12345"),
        ] {
            let data = deflate(&[head.as_bytes(), body.as_bytes()]);
            assert!(inflate(&data).is_err(), "{head:?}");
        }
    }
}
