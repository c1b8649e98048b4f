//! Reads loose objects: those that have a file each, as `git add` leaves them.
//!
//! libgit2 does so too, but inflates through the system's zlib and copies each object. Here zlib-rs
//! inflates straight into the blob, and each thread reads by itself.
//!
//! The format is that of git's `object-file.c`: a zlib stream of the kind, the size, a NUL and the
//! content. What isn't so is left to the other readers, which know how to complain.

use std::fs;
use std::path::Path;

use bstr::ByteSlice;
use flate2::{Decompress, FlushDecompress, Status};

use crate::git::id::ObjectId;

/// The longest start of a blob: its kind, a size of 20 digits, a NUL.
const HEAD: usize = 32;

/// What deflate can make of a byte at most: a hostile size reserves no more.
const MOST: usize = 1032;

/// The blob with that id among the loose objects in a directory; `None` if it isn't there, is no
/// blob, or can't be read.
pub(super) fn blob(objects: &Path, id: ObjectId) -> Option<Vec<u8>> {
    let name = id.to_string();
    let (directory, file) = name.split_at(2);
    inflate(&fs::read(objects.join(directory).join(file)).ok()?)
}

fn inflate(data: &[u8]) -> Option<Vec<u8>> {
    let mut stream = Decompress::new(true);
    let mut head = [0; HEAD];
    stream
        .decompress(data, &mut head, FlushDecompress::None)
        .ok()?;
    let read = usize::try_from(stream.total_out()).ok()?;
    let end = head[..read].find_byte(0)?;
    let size: usize = head[..end]
        .strip_prefix(b"blob ")?
        .to_str()
        .ok()?
        .parse()
        .ok()?;
    if size > data.len().saturating_mul(MOST) {
        return None;
    }
    // A byte of room shows a stream that goes on.
    let mut blob = Vec::with_capacity(size.checked_add(HEAD)?);
    blob.extend_from_slice(&head[end + 1..read]);
    loop {
        let before = (stream.total_in(), stream.total_out());
        let rest = &data[usize::try_from(before.0).ok()?..];
        let status = stream
            .decompress_vec(rest, &mut blob, FlushDecompress::Finish)
            .ok()?;
        if status == Status::StreamEnd {
            break;
        }
        if before == (stream.total_in(), stream.total_out()) {
            return None;
        }
    }
    (blob.len() == size).then_some(blob)
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
    fn a_blob_of_any_size_is_read() {
        for size in [0, 1, 20, 24, 25, 26, 32, 33, 1000, 100_000] {
            let content: Vec<u8> = (0..size).map(|n: usize| (n * n) as u8).collect();
            let head = format!("blob {size}\0");
            assert_eq!(
                inflate(&deflate(&[head.as_bytes(), &content])),
                Some(content)
            );
        }
    }

    #[test]
    fn what_is_no_whole_blob_is_left_to_others() {
        let whole = deflate(&[b"blob 5\0", b"12345"]);
        for end in 0..whole.len() {
            assert_eq!(inflate(&whole[..end]), None, "cut at {end}");
        }
        let mut corrupt = whole.clone();
        let last = corrupt.len() - 1;
        corrupt[last] ^= 1;
        assert_eq!(inflate(&corrupt), None);
        for (head, body) in [
            ("tree 5\0", "12345"),
            ("blob 4\0", "12345"),
            ("blob 6\0", "12345"),
            ("blob 99999999999999999999\0", ""),
            ("blob 999999999999\0", ""),
            ("blob x\0", ""),
            ("blob 5", "12345"),
        ] {
            let data = deflate(&[head.as_bytes(), body.as_bytes()]);
            assert_eq!(inflate(&data), None, "{head:?}");
        }
    }
}
