//! Files that anybody may have put there: read with a limit, and replaced at once.

use std::error::Error;
use std::fmt;
use std::fs::{self, File, Metadata, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Read, Write};
use std::iter;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use bstr::ByteSlice;

/// All that a regular file holds.
///
/// # Errors
/// As for [`open_regular`], and when it can't be read, or ends before its length: a disk that fails may tell so, and
/// what would be missing is not told to be clean.
pub(crate) fn read_whole(path: &Path) -> io::Result<Vec<u8>> {
    whole(open_regular(path)?, u64::MAX)
}

/// What a file holds, up to one byte more than `most`.
fn whole(file: File, most: u64) -> io::Result<Vec<u8>> {
    // What the metadata claims is no limit: files below /proc claim nothing.
    let length = file.metadata()?.len();
    let mut content = room(usize::try_from(length.min(most)).unwrap_or(usize::MAX))?;
    file.take(most.saturating_add(1))
        .read_to_end(&mut content)?;
    if (content.len() as u64) < length.min(most) {
        return Err(io::Error::other(
            "it ended before its length; if nothing writes to it now, look after the disk",
        ));
    }
    Ok(content)
}

/// An empty buffer with room for so many bytes, which somebody else tells.
///
/// # Errors
/// When this machine has not so much memory: a kernel that gives what it has not ends a process later, or another one,
/// and nobody is told why.
pub(crate) fn room(bytes: usize) -> io::Result<Vec<u8>> {
    /// A bound: of less nobody asks.
    const MUCH: usize = 256 << 20;
    if bytes >= MUCH {
        fits(bytes as u64, free())?;
    }
    let mut room = Vec::new();
    let reserved = room.try_reserve_exact(bytes);
    reserved.map_err(|_| io::Error::other("there is not enough memory for it"))?;
    Ok(room)
}

/// Whether so many bytes fit into what is free, with a tenth of it to spare for what is found in them.
fn fits(bytes: u64, free: Option<u64>) -> io::Result<()> {
    match free {
        Some(free) if bytes > free / 10 * 9 => Err(io::Error::other(format!(
            "there is not enough memory for it: it has {} MB, and {} MB are free",
            bytes >> 20,
            free >> 20
        ))),
        _ => Ok(()),
    }
}

/// How many bytes of memory a process may still take here, by what Linux tells; `None` if nobody does.
fn free() -> Option<u64> {
    let machine = fs::read_to_string("/proc/meminfo");
    let machine = machine.ok().and_then(|told| available(&told));
    // What holds a container, by both versions of control groups.
    let limits = ["memory.max", "memory/memory.limit_in_bytes"];
    let limits = limits.iter().filter_map(|name| {
        let told = fs::read_to_string(Path::new("/sys/fs/cgroup").join(name));
        told.ok()?.trim().parse::<u64>().ok()
    });
    machine.into_iter().chain(limits).min()
}

/// What `/proc/meminfo` tells to be available, in bytes.
fn available(told: &str) -> Option<u64> {
    let line = told
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let number: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    number.checked_mul(1024)
}

/// Something else than a file stands where one is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Irregular;

impl fmt::Display for Irregular {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it is not a regular file")
    }
}

impl Error for Irregular {}

impl Irregular {
    /// Whether an error comes from it.
    pub(crate) fn is_cause_of(error: &(dyn Error + 'static)) -> bool {
        let told = |cause: &io::Error| cause.get_ref().is_some_and(|told| told.is::<Self>());
        let mut causes = iter::successors(Some(error), |&error| error.source());
        causes.any(|cause| cause.is::<Self>() || cause.downcast_ref().is_some_and(told))
    }
}

/// Opens a regular file, to which a link may lead, and waits for nobody: a FIFO would have to be written to.
///
/// # Errors
/// [`Irregular`] where it is something else: a device may have no end. Else when it can't be opened.
pub(crate) fn open_regular(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    // What is told of the file before it is opened may be told of another one.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(
        &mut options,
        rustix::fs::OFlags::NONBLOCK.bits().cast_signed(),
    );
    let file = options.open(path)?;
    match file.metadata()?.is_file() {
        true => Ok(file),
        false => Err(io::Error::other(Irregular)),
    }
}

/// The content of a regular file, or `None` if there is none.
///
/// # Errors
/// When it is something else, longer than `most` bytes, or can't be read.
pub(crate) fn read_regular(path: &Path, most: u64) -> io::Result<Option<Vec<u8>>> {
    let file = match open_regular(path) {
        Ok(file) => file,
        Err(err) if is_absent(&err) => return Ok(None),
        Err(err) => return Err(err),
    };
    let content = whole(file, most)?;
    if content.len() as u64 > most {
        return Err(io::Error::other(format!("it is longer than {most} bytes")));
    }
    Ok(Some(content))
}

/// The content of a regular file below `top`, which no symbolic link leads to; `None` if there is
/// none.
///
/// # Errors
/// As for `read_regular`, and when the file or a directory on the way to it is a link: it may
/// lead out of `top`.
pub fn read_inside(top: &Path, path: &str, most: u64) -> io::Result<Option<Vec<u8>>> {
    let mut file = top.to_path_buf();
    for part in path.split('/') {
        file.push(part);
        match fs::symlink_metadata(&file) {
            Ok(found) if found.is_symlink() => {
                return Err(io::Error::other(
                    "it is a symbolic link, which keyward does not follow",
                ));
            }
            Ok(_) => {}
            Err(err) if is_absent(&err) => return Ok(None),
            Err(err) => return Err(err),
        }
    }
    read_regular(&file, most)
}

/// Whether whoever runs this may run that file, as git asks before it runs a hook.
#[cfg(unix)]
pub(crate) fn may_run(path: &Path) -> bool {
    rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok()
}

/// There, nobody asks.
#[cfg(not(unix))]
pub(crate) fn may_run(path: &Path) -> bool {
    path.is_file()
}

/// Whether the error says that there is no such file, or that a directory on the way to it is a file.
pub(crate) fn is_absent(err: &io::Error) -> bool {
    matches!(
        err.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

/// Who may do what with a file that is written anew.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Access<'m> {
    /// What the umask leaves everybody.
    New,
    /// Its owner alone may read and write it.
    Private,
    /// As with that file.
    Like(&'m Metadata),
    /// A program: its owner may read and run it, others what the umask leaves them.
    Program,
    /// A program for every user to read and run, whatever the umask.
    ProgramForAll,
}

/// Puts a file with this content in the place of the one at `path`. Whoever reads it, and whatever
/// interrupts this, sees the old content or the new, never a part, and what a killed process left is removed by
/// the next one that writes there. The permissions stay. A symbolic link is itself replaced, and what it leads to
/// is left alone: anybody may have put it there.
///
/// # Errors
/// When the file or one beside it can't be written.
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    put(directory_of(path), path, content, Access::New)
}

/// As [`replace`], by way of a file in the directory `aside`, so that what interrupts this leaves nothing
/// beside `path`. Where that is on another file system, by way of one beside it after all.
///
/// # Errors
/// As for [`replace`].
pub(crate) fn replace_from(aside: &Path, path: &Path, content: &[u8]) -> io::Result<()> {
    put_from(aside, path, content, Access::New)
}

/// As [`replace_from`]; a file that was not there is its owner's alone.
///
/// # Errors
/// As for [`replace`].
pub(crate) fn replace_private_from(aside: &Path, path: &Path, content: &[u8]) -> io::Result<()> {
    put_from(aside, path, content, Access::Private)
}

/// As [`replace`], by way of a file beside it that [`clear`] removes; whoever could read the old one, the new one is
/// its owner's alone.
///
/// # Errors
/// As for [`replace`].
pub(crate) fn replace_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let beside = path.with_file_name(own_name());
    replace_by_way_of(&beside, path, content, Access::Private)
}

/// The name of a file by way of which something is written once. Processes of two machines or containers may have
/// one number.
fn own_name() -> String {
    let process = std::process::id();
    let once = RandomState::new().hash_one(process);
    format!("keyward-{process}-{once:x}.tmp")
}

fn directory_of(path: &Path) -> &Path {
    let parent = path.parent().filter(|it| !it.as_os_str().is_empty());
    parent.unwrap_or(Path::new("."))
}

fn put_from(aside: &Path, path: &Path, content: &[u8], new: Access<'_>) -> io::Result<()> {
    match put(aside, path, content, new) {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
            put(directory_of(path), path, content, new)
        }
        done => done,
    }
}

/// Makes a directory, and those above it that are not there, which only its owner can look into.
///
/// # Errors
/// When it can't be made.
pub(crate) fn make_private_dir(directory: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}

/// A bound: nobody takes longer to write a file.
const LONGEST: Duration = Duration::from_secs(60);

/// Removes what commands left in `aside` that were killed while they wrote a file by way of that.
pub(crate) fn clear_old(aside: &Path) {
    clear(aside, LONGEST);
}

/// As [`clear_old`], and whatever nobody has written for so long.
pub(crate) fn clear(aside: &Path, longest: Duration) {
    for entry in fs::read_dir(aside).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.as_encoded_bytes();
        let is_ours = name.starts_with(b"keyward-") && name.ends_with(b".tmp");
        let modified = || entry.metadata().and_then(|found| found.modified()).ok();
        let is_old = |time: SystemTime| time.elapsed().is_ok_and(|age| age >= longest);
        if is_ours && modified().is_some_and(is_old) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Replaces a file by way of one in the directory `aside`, and keeps its permissions.
fn put(aside: &Path, path: &Path, content: &[u8], new: Access<'_>) -> io::Result<()> {
    clear_old(aside);
    let old = fs::symlink_metadata(path).ok();
    let access = match old.as_ref().filter(|old| old.is_file()) {
        Some(old) => Access::Like(old),
        None => new,
    };
    replace_by_way_of(&aside.join(own_name()), path, content, access)
}

/// How the lines of a text end.
pub(crate) fn line_end(text: &[u8]) -> &'static str {
    match text.contains_str("\r\n") {
        true => "\r\n",
        false => "\n",
    }
}

/// A text with one more line, which ends as its others do.
pub(crate) fn with_line(mut text: Vec<u8>, line: &[u8]) -> Vec<u8> {
    let line_end = line_end(&text).as_bytes();
    if !text.is_empty() && !text.ends_with(b"\n") {
        text.extend_from_slice(line_end);
    }
    text.extend_from_slice(line);
    text.extend_from_slice(line_end);
    text
}

/// A text with more lines, which end as its others do.
pub(crate) fn with_lines(text: Vec<u8>, lines: &[&str]) -> Vec<u8> {
    let more = lines.iter();
    more.fold(text, |text, line| with_line(text, line.as_bytes()))
}

/// Keeps others that ask for the same out. It ends with the process, however that ends.
pub(crate) struct Lock {
    _dir: Option<File>,
}

impl Lock {
    /// Locks a directory, which is there before and after. Where directories can't be locked (Windows,
    /// some network file systems) nobody is kept out: of two commands in the same instant, one may fail.
    pub(crate) fn of(dir: &Path) -> Self {
        let dir = File::open(dir).ok().filter(|dir| dir.lock().is_ok());
        Self { _dir: dir }
    }
}

/// As [`replace`], by way of a file beside it that the caller names, which must not be there yet:
/// one that is there is not ours to remove.
pub(crate) fn replace_by_way_of(
    beside: &Path,
    path: &Path,
    content: &[u8],
    access: Access<'_>,
) -> io::Result<()> {
    let mut options = OpenOptions::new();
    // Never through a link either.
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, access.mode());
    let mut file = options.open(beside)?;
    let mut write = || {
        file.write_all(content)?;
        access.grant(&file)?;
        file.sync_all()?;
        fs::rename(beside, path)
    };
    write().inspect_err(|_| {
        let _ = fs::remove_file(beside);
    })
}

impl Access<'_> {
    /// The mode in which the file is made, from which the umask takes.
    #[cfg(unix)]
    const fn mode(self) -> u32 {
        match self {
            Self::New => 0o666,
            // What others may not read is closed to them from the first moment on.
            Self::Private | Self::Like(_) => 0o600,
            Self::Program => 0o777,
            Self::ProgramForAll => 0o755,
        }
    }

    /// Lets everybody do with the file what they may.
    fn grant(self, file: &File) -> io::Result<()> {
        match self {
            Self::New | Self::Private => Ok(()),
            Self::Like(metadata) => file.set_permissions(metadata.permissions()),
            #[cfg(unix)]
            Self::Program | Self::ProgramForAll => {
                use std::os::unix::fs::PermissionsExt;

                // git passes over a hook that isn't executable, and a umask can make it so.
                let mode = match self {
                    Self::ProgramForAll => 0o755,
                    _ => file.metadata()?.permissions().mode() | 0o500,
                };
                file.set_permissions(fs::Permissions::from_mode(mode))
            }
            #[cfg(not(unix))]
            Self::Program | Self::ProgramForAll => Ok(()),
        }
    }
}

/// The path with something behind its last name.
pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_into_memory_is_refused_with_its_size() {
        let told = "MemTotal:       24576000 kB\nMemAvailable:    2048000 kB\nBuffers: 1 kB\n";
        assert_eq!(available(told), Some(2_048_000 << 10));
        for nothing in ["", "MemAvailable:", "MemAvailable: x kB", "MemAvailable: 5"] {
            assert_eq!(available(nothing), None, "{nothing}");
        }
        assert!(fits(1 << 40, None).is_ok());
        assert!(fits(900 << 20, Some(1 << 30)).is_ok());
        let error = fits(4 << 30, Some(2 << 30)).expect_err("it is more");
        let expected = "there is not enough memory for it: it has 4096 MB, and 2048 MB are free";
        assert_eq!(error.to_string(), expected);
        assert!(room(usize::MAX).is_err());
    }
}
