//! Reading a file that anybody may have put there.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// The content of a regular file, or `None` if there is none.
///
/// # Errors
/// When it is something else (opening a FIFO would wait for ever), longer than `most` bytes, or
/// can't be read.
pub(crate) fn read_regular(path: &Path, most: u64) -> io::Result<Option<Vec<u8>>> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => {}
        Ok(_) => return Err(io::Error::other("it is not a regular file")),
        Err(err) if is_absent(&err) => return Ok(None),
        Err(err) => return Err(err),
    }
    let mut content = Vec::new();
    File::open(path)?.take(most + 1).read_to_end(&mut content)?;
    // The length that the metadata claims is no limit: files below /proc claim none.
    if content.len() as u64 > most {
        return Err(io::Error::other(format!("it is longer than {most} bytes")));
    }
    Ok(Some(content))
}

/// The content of a regular file below `top`, which no symbolic link leads to; `None` if there is
/// none.
///
/// # Errors
/// As for [`read_regular`], and when the file or a directory on the way to it is a link: it may
/// lead out of `top`.
pub(crate) fn read_inside(top: &Path, path: &str, most: u64) -> io::Result<Option<Vec<u8>>> {
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

fn is_absent(err: &io::Error) -> bool {
    matches!(
        err.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}
