//! The home directory: its directories and files, none of which lies outside, whatever anybody puts in the way
//! while they are read.
//!
//! A path is opened name by name, each below the directory that is open already and never through a link. A
//! link is resolved first, and what it leads to is opened in the same way.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use bstr::{BString, ByteSlice, ByteVec};

/// A bound: a longer file is not read. Transcripts of a long day have a few megabytes.
pub(crate) const MOST_FILE_BYTES: u64 = 64 << 20;

/// Who beside its owner can read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Readers {
    /// Nobody, as far as its mode says.
    Nobody,
    /// Its group.
    Group,
    /// Everybody on this machine.
    Everybody,
}

/// Why something was not looked at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Why {
    /// The system does not let us.
    Unreadable(String),
    /// It is longer than [`MOST_FILE_BYTES`].
    TooLong,
    /// There was no time left.
    OutOfTime,
    /// There are more files than are read.
    TooMany,
    /// It is deeper than directories are looked into.
    TooDeep,
    /// It is an archive that keyward does not open.
    Packed,
    /// It is on another file system.
    OtherFileSystem,
    /// It is a link that leads out of the home directory.
    LinkOut,
    /// It is no file, but something that waits or answers: a pipe, a socket, a device.
    NoFile,
}

impl Why {
    /// The word for it in a report for programs.
    pub(crate) const fn word(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "unreadable",
            Self::TooLong => "too-long",
            Self::OutOfTime => "out-of-time",
            Self::TooMany => "too-many",
            Self::TooDeep => "too-deep",
            Self::Packed => "packed",
            Self::OtherFileSystem => "other-file-system",
            Self::LinkOut => "link-out",
            Self::NoFile => "no-file",
        }
    }

    /// The same for people.
    pub(crate) fn told(&self) -> String {
        match self {
            Self::Unreadable(why) => format!("cannot be read: {why}"),
            Self::TooLong => format!("longer than {} MiB", MOST_FILE_BYTES >> 20),
            Self::OutOfTime => "no time was left".to_owned(),
            Self::TooMany => "there are too many files".to_owned(),
            Self::TooDeep => "directories too deep".to_owned(),
            Self::Packed => "packed in a way that keyward does not open".to_owned(),
            Self::OtherFileSystem => "on another file system".to_owned(),
            Self::LinkOut => "a link out of the home directory".to_owned(),
            Self::NoFile => "a pipe, a socket or a device".to_owned(),
        }
    }

    /// Whether a key may have been missed there that is in the home directory.
    pub(crate) const fn is_gap(&self) -> bool {
        !matches!(self, Self::OtherFileSystem | Self::LinkOut | Self::NoFile)
    }
}

/// What an entry of a directory is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sort {
    File,
    Directory,
    Link,
    Other,
}

/// A file as it was read.
pub(super) struct Read {
    pub(super) bytes: Vec<u8>,
    pub(super) readers: Readers,
}

/// The home directory.
#[derive(Debug)]
pub(super) struct Home {
    path: PathBuf,
    open: sys::Top,
}

impl Home {
    /// Opens it.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let path = path.canonicalize()?;
        let open = sys::Top::open(&path)?;
        Ok(Self { path, open })
    }

    /// Its path, without links.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// What a link leads to, by its path below the home directory; `None` if it leads out of that, or nowhere.
    pub(super) fn resolve(&self, link: &[u8]) -> Option<BString> {
        let target = self.path.join(link.to_path().ok()?).canonicalize().ok()?;
        let below = target.strip_prefix(&self.path).ok()?;
        let below = Vec::from_path_lossy(below).into_owned();
        Some(with_slashes(below).into())
    }

    /// Whether a link leads anywhere.
    pub(super) fn leads(&self, link: &[u8]) -> bool {
        let path = link.to_path().map(|link| self.path.join(link));
        path.is_ok_and(|path| path.exists())
    }

    /// What is at a path without links; `None` if nothing is.
    pub(super) fn sort(&self, path: &[u8]) -> Option<Sort> {
        let path = self.path.join(path.to_path().ok()?);
        Some(sort_of(fs::symlink_metadata(path).ok()?.file_type()))
    }

    /// The entries of a directory, by its path without links.
    pub(super) fn list(&self, directory: &[u8]) -> Result<Vec<(BString, Sort)>, Why> {
        self.open.list(directory)
    }

    /// A file, by its path without links; `None` if there is none any more.
    pub(super) fn read(&self, file: &[u8]) -> Result<Option<Read>, Why> {
        self.open.read(file)
    }
}

fn sort_of(kind: fs::FileType) -> Sort {
    if kind.is_symlink() {
        Sort::Link
    } else if kind.is_dir() {
        Sort::Directory
    } else if kind.is_file() {
        Sort::File
    } else {
        Sort::Other
    }
}

fn with_slashes(path: Vec<u8>) -> Vec<u8> {
    match cfg!(windows) {
        true => path.replace(b"\\", b"/"),
        false => path,
    }
}

fn unreadable(error: &io::Error) -> Why {
    Why::Unreadable(match error.kind() {
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    })
}

#[cfg(unix)]
mod sys {
    use std::fs::File;
    use std::io::{self, Read as _};
    use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
    use std::path::Path;

    use bstr::{BString, ByteSlice};
    use rustix::fs::{self, AtFlags, Dir, FileType, Mode, OFlags, Stat};
    use rustix::io::Errno;

    use super::{MOST_FILE_BYTES, Read, Readers, Sort, Why, unreadable};

    /// The home directory, open.
    #[derive(Debug)]
    pub(super) struct Top {
        fd: OwnedFd,
        stat: Stat,
    }

    const DIRECTORY: OFlags = OFlags::RDONLY
        .union(OFlags::DIRECTORY)
        .union(OFlags::NOFOLLOW)
        .union(OFlags::CLOEXEC);

    /// A pipe is not waited for, and a terminal does not become ours.
    const FILE: OFlags = OFlags::RDONLY
        .union(OFlags::NOFOLLOW)
        .union(OFlags::NONBLOCK)
        .union(OFlags::NOCTTY)
        .union(OFlags::CLOEXEC);

    /// What it means that a name can't be opened.
    fn why(error: Errno) -> Why {
        match error {
            // It was none a moment ago.
            Errno::LOOP => Why::LinkOut,
            Errno::NXIO => Why::NoFile,
            error => unreadable(&io::Error::from(error)),
        }
    }

    fn readers(stat: &Stat, bits: (u32, u32)) -> Readers {
        let mode = Mode::from_raw_mode(stat.st_mode).bits();
        let (group, others) = bits;
        #[allow(clippy::useless_conversion, reason = "other systems have another type")]
        let mode = u32::from(mode);
        // The group of that number is a user's own on most systems.
        let is_own_group = stat.st_gid == stat.st_uid;
        if mode & others != 0 {
            Readers::Everybody
        } else if mode & group != 0 && !is_own_group {
            Readers::Group
        } else {
            Readers::Nobody
        }
    }

    impl Top {
        pub(super) fn open(path: &Path) -> io::Result<Self> {
            let fd = fs::open(path, DIRECTORY, Mode::empty())?;
            let stat = fs::fstat(&fd)?;
            Ok(Self { fd, stat })
        }

        /// Opens the directory at a path, and tells who can come into it.
        fn directory(&self, path: &[u8]) -> Result<(Option<OwnedFd>, Readers), Why> {
            const COME_IN: (u32, u32) = (0o010, 0o001);
            let mut open: Option<OwnedFd> = None;
            let mut least = readers(&self.stat, COME_IN);
            for name in path.split_str("/").filter(|name| !name.is_empty()) {
                let above = self.of(&open);
                let next = fs::openat(above, name, DIRECTORY, Mode::empty()).map_err(why)?;
                let stat = fs::fstat(&next).map_err(why)?;
                if stat.st_dev != self.stat.st_dev {
                    return Err(Why::OtherFileSystem);
                }
                least = least.min(readers(&stat, COME_IN));
                open = Some(next);
            }
            Ok((open, least))
        }

        fn of<'f>(&'f self, open: &'f Option<OwnedFd>) -> BorrowedFd<'f> {
            open.as_ref().map_or(self.fd.as_fd(), AsFd::as_fd)
        }

        pub(super) fn list(&self, directory: &[u8]) -> Result<Vec<(BString, Sort)>, Why> {
            let (open, _) = self.directory(directory)?;
            let fd = self.of(&open);
            let mut found = Vec::new();
            for entry in Dir::read_from(fd).map_err(why)? {
                let entry = entry.map_err(why)?;
                let name = entry.file_name().to_bytes();
                if matches!(name, b"." | b"..") {
                    continue;
                }
                let kind = match entry.file_type() {
                    FileType::Unknown => match fs::statat(fd, name, AtFlags::SYMLINK_NOFOLLOW) {
                        Ok(stat) => FileType::from_raw_mode(stat.st_mode),
                        Err(_) => continue,
                    },
                    kind => kind,
                };
                let sort = match kind {
                    FileType::RegularFile => Sort::File,
                    FileType::Directory => Sort::Directory,
                    FileType::Symlink => Sort::Link,
                    _ => Sort::Other,
                };
                found.push((name.into(), sort));
            }
            found.sort();
            Ok(found)
        }

        pub(super) fn read(&self, file: &[u8]) -> Result<Option<Read>, Why> {
            const READ: (u32, u32) = (0o040, 0o004);
            let (directory, name) = match file.rfind_byte(b'/') {
                Some(slash) => (&file[..slash], &file[slash + 1..]),
                None => (&b""[..], file),
            };
            let (open, way) = self.directory(directory)?;
            let fd = self.of(&open);
            // What is no file is not even opened; of what took its place since, the next question tells.
            let stat = match fs::statat(fd, name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(stat) => stat,
                Err(Errno::NOENT) => return Ok(None),
                Err(error) => return Err(why(error)),
            };
            check(&stat)?;
            let opened = fs::openat(fd, name, FILE, Mode::empty()).map_err(why)?;
            let stat = fs::fstat(&opened).map_err(why)?;
            check(&stat)?;
            let mut bytes = Vec::new();
            let read = File::from(opened)
                .take(MOST_FILE_BYTES + 1)
                .read_to_end(&mut bytes);
            read.map_err(|error| unreadable(&error))?;
            if bytes.len() as u64 > MOST_FILE_BYTES {
                return Err(Why::TooLong);
            }
            let readers = readers(&stat, READ).min(way);
            Ok(Some(Read { bytes, readers }))
        }
    }

    fn check(stat: &Stat) -> Result<(), Why> {
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile => {}
            FileType::Symlink => return Err(Why::LinkOut),
            _ => return Err(Why::NoFile),
        }
        match u64::try_from(stat.st_size) {
            Ok(size) if size <= MOST_FILE_BYTES => Ok(()),
            _ => Err(Why::TooLong),
        }
    }
}

/// Where directories can't be opened as such, each path is resolved again before it is read.
#[cfg(not(unix))]
mod sys {
    use std::fs::{self, File};
    use std::io::{self, Read as _};
    use std::path::{Path, PathBuf};

    use bstr::{BString, ByteSlice, ByteVec};

    use super::{MOST_FILE_BYTES, Read, Readers, Sort, Why, sort_of, unreadable};

    #[derive(Debug)]
    pub(super) struct Top {
        path: PathBuf,
    }

    impl Top {
        pub(super) fn open(path: &Path) -> io::Result<Self> {
            let path = path.to_owned();
            Ok(Self { path })
        }

        fn at(&self, below: &[u8]) -> Result<PathBuf, Why> {
            let below = below.to_path().map_err(|_| Why::NoFile)?;
            let path = self.path.join(below);
            let path = path.canonicalize().map_err(|error| unreadable(&error))?;
            match path.starts_with(&self.path) {
                true => Ok(path),
                false => Err(Why::LinkOut),
            }
        }

        pub(super) fn list(&self, directory: &[u8]) -> Result<Vec<(BString, Sort)>, Why> {
            let entries = fs::read_dir(self.at(directory)?).map_err(|error| unreadable(&error))?;
            let mut found = Vec::new();
            for entry in entries {
                let entry = entry.map_err(|error| unreadable(&error))?;
                let kind = entry.file_type().map_err(|error| unreadable(&error))?;
                let name = Vec::from_os_string(entry.file_name());
                found.extend(name.map(|name| (name.into(), sort_of(kind))));
            }
            found.sort();
            Ok(found)
        }

        pub(super) fn read(&self, file: &[u8]) -> Result<Option<Read>, Why> {
            let below = file.to_path().map_err(|_| Why::NoFile)?;
            if fs::symlink_metadata(self.path.join(below)).is_err() {
                return Ok(None);
            }
            let path = self.at(file)?;
            let found = fs::metadata(&path).map_err(|error| unreadable(&error))?;
            if !found.is_file() {
                return Err(Why::NoFile);
            }
            if found.len() > MOST_FILE_BYTES {
                return Err(Why::TooLong);
            }
            let mut bytes = Vec::new();
            let file = File::open(&path).map_err(|error| unreadable(&error))?;
            let read = file.take(MOST_FILE_BYTES + 1).read_to_end(&mut bytes);
            read.map_err(|error| unreadable(&error))?;
            let readers = Readers::Nobody;
            Ok(Some(Read { bytes, readers }))
        }
    }
}
