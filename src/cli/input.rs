//! What comes in on standard input: the one way to it.
//!
//! Where it is closed, Rust opens the null device in its place, and where it can't be read, `std::io::stdin` reads it
//! as empty. Whoever was to look at it would find nothing there and say that all is well. So it is read as the file
//! that it is, and it is told whether anything can come.

use std::io::{self, IsTerminal, StdinLock};

use anyhow::{Context, Result};

/// Whether somebody types there.
pub(super) fn is_terminal() -> bool {
    io::stdin().is_terminal()
}

/// The lines that somebody types.
pub(super) fn lines() -> StdinLock<'static> {
    io::stdin().lock()
}

/// The next line that somebody types.
///
/// # Errors
/// When the terminal is gone.
pub(super) fn line() -> io::Result<String> {
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    Ok(line)
}

/// What is said where nothing can come.
pub(super) const NOTHING: &str =
    "nothing was handed over: standard input is closed, or is /dev/null";

/// All that was asked to be read, up to `most` bytes.
///
/// # Errors
/// When it can't be read, and where nothing can come: nobody asks for that to be looked at.
pub(super) fn handed(most: u64) -> Result<Vec<u8>> {
    let given = given(most).context("cannot read standard input")?;
    given.with_context(|| format!("{NOTHING}; hand it over by a pipe, or by `< FILE`"))
}

/// All that comes, up to `most` bytes; `None` where nothing can.
///
/// # Errors
/// When it can't be read.
#[cfg(unix)]
pub(super) fn given(most: u64) -> io::Result<Option<Vec<u8>>> {
    use std::fs;
    use std::io::Read;
    use std::os::unix::fs::{FileTypeExt, MetadataExt};

    let stdin = opened()?;
    let metadata = stdin.metadata()?;
    let is_null = metadata.file_type().is_char_device()
        && fs::metadata("/dev/null")?.rdev() == metadata.rdev();
    if is_null {
        return Ok(None);
    }
    let mut content = Vec::new();
    stdin.take(most).read_to_end(&mut content)?;
    Ok(Some(content))
}

#[cfg(unix)]
fn opened() -> io::Result<std::fs::File> {
    use std::os::fd::AsFd;

    Ok(io::stdin().as_fd().try_clone_to_owned()?.into())
}

/// There, it is not known whether anything can come.
#[cfg(not(unix))]
pub(super) fn given(most: u64) -> io::Result<Option<Vec<u8>>> {
    use std::io::Read;

    let mut content = Vec::new();
    io::stdin().lock().take(most).read_to_end(&mut content)?;
    Ok(Some(content))
}

/// Whether it is what git gives to a hook that is told something: a pipe.
#[cfg(unix)]
pub(super) fn is_piped() -> bool {
    use std::os::unix::fs::FileTypeExt;

    let metadata = opened().and_then(|stdin| stdin.metadata());
    metadata.is_ok_and(|it| it.file_type().is_fifo() || it.file_type().is_socket())
}

/// There, it is not asked.
#[cfg(not(unix))]
pub(super) fn is_piped() -> bool {
    true
}
