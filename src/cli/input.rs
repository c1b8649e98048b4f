//! What comes in on standard input: the one way to it.
//!
//! Where it is closed, Rust opens the null device in its place, and where it can't be read, `std::io::stdin` reads it
//! as empty. Whoever was to look at it would find nothing there and say that all is well. So it is read as the file
//! that it is, and it is told whether anything can come.

use std::io::{self, IsTerminal, Read, StdinLock};

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

/// What comes, up to `most` bytes, and why there was no more of it.
#[derive(Debug, Default)]
pub(super) struct Came {
    /// What came.
    pub content: Vec<u8>,
    /// Why not all of it could be read.
    pub error: Option<io::Error>,
    /// Whether nothing could come.
    pub is_nothing: bool,
}

/// All that comes, up to `most` bytes; `None` where nothing can.
///
/// # Errors
/// When it can't be read.
pub(super) fn given(most: u64) -> io::Result<Option<Vec<u8>>> {
    let came = came(most);
    match came.error {
        Some(error) => Err(error),
        None => Ok((!came.is_nothing).then_some(came.content)),
    }
}

/// What comes, up to `most` bytes, and whatever of it came before it could be read no more.
#[cfg(unix)]
pub(super) fn came(most: u64) -> Came {
    use std::fs;
    use std::os::unix::fs::{FileTypeExt, MetadataExt};

    let opened = || -> io::Result<Option<fs::File>> {
        let stdin = opened()?;
        let metadata = stdin.metadata()?;
        let is_null = metadata.file_type().is_char_device()
            && fs::metadata("/dev/null")?.rdev() == metadata.rdev();
        Ok((!is_null).then_some(stdin))
    };
    match opened() {
        Ok(Some(stdin)) => taken(stdin, most),
        Ok(None) => Came {
            is_nothing: true,
            ..Came::default()
        },
        Err(error) => Came {
            error: Some(error),
            ..Came::default()
        },
    }
}

/// What a reader has, up to `most` bytes; what was read before an error stays.
fn taken(reader: impl Read, most: u64) -> Came {
    let mut content = Vec::new();
    let error = reader.take(most).read_to_end(&mut content).err();
    Came {
        content,
        error,
        is_nothing: false,
    }
}

#[cfg(unix)]
fn opened() -> io::Result<std::fs::File> {
    use std::os::fd::AsFd;

    Ok(io::stdin().as_fd().try_clone_to_owned()?.into())
}

/// There, it is not known whether anything can come.
#[cfg(not(unix))]
pub(super) fn came(most: u64) -> Came {
    taken(io::stdin().lock(), most)
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A reader that fails.
    struct Broken;

    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("gone"))
        }
    }

    #[test]
    fn what_came_before_an_error_is_kept() {
        let came = taken(b"some of it".as_slice().chain(Broken), 100);
        assert_eq!(came.content, b"some of it");
        assert!(came.error.is_some() && !came.is_nothing);
        let came = taken(b"some of it".as_slice().chain(Broken), 4);
        assert!(came.content == b"some" && came.error.is_none());
    }
}
