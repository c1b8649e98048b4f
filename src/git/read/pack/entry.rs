//! An object as it lies in a pack: a few bytes that say what it is, and a zlib stream of it or of what
//! makes it of another one (gitformat-pack).

use std::ops::Range;

use anyhow::{Context, Result, bail, ensure};
use flate2::{Decompress, FlushDecompress, Status};

use super::super::room;
use crate::git::id::ObjectId;
use crate::git::object::Kind;

/// A bound: what an object may take in memory. Whoever asks is told that a larger one was not read.
pub(super) const LARGEST: u64 = 512 << 20;

/// What deflate can make of a byte at most: a hostile size reserves no more.
const MOST: usize = 1032;

/// What an entry is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Base {
    /// Nothing: the stream is the object.
    Whole(Kind),
    /// The object that many bytes before.
    Before(u64),
    /// The object of that id.
    Named(ObjectId),
}

/// What stands before the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) base: Base,
    /// How many bytes the stream makes.
    pub(super) size: u64,
    /// How many bytes the head itself has.
    pub(super) length: usize,
}

impl Head {
    /// A bound: the longest head has a size of ten bytes and an id.
    pub(super) const LONGEST: usize = 64;

    pub(super) fn parse(bytes: &[u8], id_length: usize) -> Option<Self> {
        let mut at = 0;
        let mut next = || {
            let byte = bytes.get(at).copied();
            at += 1;
            byte
        };
        let first = next()?;
        let mut size = u64::from(first & 15);
        let (mut shift, mut byte) = (4, first);
        while byte & 0x80 != 0 {
            byte = next()?;
            size |= u64::from(byte & 0x7f).checked_shl(shift)?;
            shift += 7;
        }
        let base = match first >> 4 & 7 {
            1 => Base::Whole(Kind::Commit),
            2 => Base::Whole(Kind::Tree),
            3 => Base::Whole(Kind::Blob),
            4 => Base::Whole(Kind::Tag),
            6 => {
                let mut byte = next()?;
                let mut back = u64::from(byte & 0x7f);
                while byte & 0x80 != 0 {
                    byte = next()?;
                    back = (back.checked_add(1)?.checked_mul(128)?) | u64::from(byte & 0x7f);
                }
                Base::Before(back)
            }
            7 => {
                let id = ObjectId::from_bytes(bytes.get(at..at + id_length)?)?;
                at += id_length;
                Base::Named(id)
            }
            _ => return None,
        };
        Some(Self {
            base,
            size,
            length: at,
        })
    }
}

/// Inflates a stream that makes so many bytes.
pub(super) fn inflate(stream: &mut Decompress, data: &[u8], size: u64) -> Result<Vec<u8>> {
    ensure!(size <= LARGEST, "it is larger than 512 MB");
    let size = usize::try_from(size)?;
    ensure!(
        size <= data.len().saturating_mul(MOST),
        "a pack tells a size that cannot be"
    );
    stream.reset(true);
    // A byte of room shows a stream that goes on.
    let mut out = room(size + 1)?;
    loop {
        let before = (stream.total_in(), stream.total_out());
        let rest = data.get(usize::try_from(before.0)?..).unwrap_or_default();
        let status = stream.decompress_vec(rest, &mut out, FlushDecompress::Finish)?;
        if status == Status::StreamEnd {
            break;
        }
        if before == (stream.total_in(), stream.total_out()) {
            bail!("a stream of a pack is cut off");
        }
    }
    ensure!(out.len() == size, "a stream of a pack has another size");
    Ok(out)
}

/// Makes an object of another one, by the copies and insertions of a delta, and notes what of it is fresh:
/// what is inserted, and where what follows each other does not in the other one.
pub(super) fn apply(base: &[u8], delta: &[u8], fresh: &mut Vec<Range<usize>>) -> Result<Vec<u8>> {
    fresh.clear();
    // Where the other one goes on, if that is what comes next.
    let mut next = 0;
    let mut rest = delta;
    let of = size(&mut rest).context("a delta is cut off")?;
    let makes = size(&mut rest).context("a delta is cut off")?;
    ensure!(of == base.len() as u64, "a delta is of another object");
    ensure!(makes <= LARGEST, "it is larger than 512 MB");
    let makes = usize::try_from(makes)?;
    let mut out = room(makes)?;
    while let Some((&step, after)) = rest.split_first() {
        rest = after;
        if step & 0x80 != 0 {
            let mut number = |bits: std::ops::Range<u32>| {
                let mut number = 0;
                for (place, bit) in bits.enumerate() {
                    if step >> bit & 1 == 1 {
                        let (&byte, after) = rest.split_first()?;
                        rest = after;
                        number |= usize::from(byte) << (8 * place);
                    }
                }
                Some(number)
            };
            let start = number(0..4).context("a delta is cut off")?;
            let length = number(4..7).context("a delta is cut off")?;
            let length = if length == 0 { 0x1_0000 } else { length };
            if start != next {
                fresh.push(out.len()..out.len());
            }
            next = start.saturating_add(length);
            let copied = base.get(start..next);
            out.extend_from_slice(copied.context("a delta copies what is not there")?);
        } else {
            let length = usize::from(step);
            ensure!(length > 0, "a delta has an odd step");
            let (inserted, after) = rest
                .split_at_checked(length)
                .context("a delta is cut off")?;
            fresh.push(out.len()..out.len() + length);
            out.extend_from_slice(inserted);
            rest = after;
        }
        ensure!(out.len() <= makes, "a delta makes more than it says");
    }
    ensure!(out.len() == makes, "a delta makes less than it says");
    if next != base.len() {
        fresh.push(out.len()..out.len());
    }
    Ok(out)
}

/// A size at the start of a delta.
fn size(rest: &mut &[u8]) -> Option<u64> {
    let (mut size, mut shift) = (0, 0);
    loop {
        let (&byte, after) = rest.split_first()?;
        *rest = after;
        size |= u64::from(byte & 0x7f).checked_shl(shift)?;
        shift += 7;
        if byte & 0x80 == 0 {
            return Some(size);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::ZlibEncoder;

    use super::*;

    #[test]
    fn heads_of_every_kind_are_read() {
        let id = [7; 20];
        for (bytes, base, size, length) in [
            (vec![0x15], Base::Whole(Kind::Commit), 5, 1),
            (vec![0xb5, 0x02], Base::Whole(Kind::Blob), 37, 2),
            (vec![0x63, 0x05], Base::Before(5), 3, 2),
            (vec![0x63, 0x80, 0x05], Base::Before(133), 3, 3),
            (
                [&[0x71][..], &id].concat(),
                Base::Named(ObjectId::from_bytes(&id).unwrap()),
                1,
                21,
            ),
        ] {
            let head = Head::parse(&bytes, 20).unwrap();
            assert_eq!((head.base, head.size, head.length), (base, size, length));
            for end in 0..length {
                assert_eq!(Head::parse(&bytes[..end], 20), None);
            }
        }
        for odd in [vec![0x00], vec![0x50], vec![0xff; 64]] {
            assert_eq!(Head::parse(&odd, 20), None);
        }
    }

    #[test]
    fn a_stream_is_inflated_to_its_end_or_refused() {
        let mut stream = Decompress::new(true);
        for size in [0u32, 1, 100, 70_000] {
            let content: Vec<u8> = (0..size).map(|n| n.wrapping_mul(n) as u8).collect();
            let mut out = ZlibEncoder::new(Vec::new(), Compression::fast());
            out.write_all(&content).unwrap();
            let data = out.finish().unwrap();
            let whole = inflate(&mut stream, &data, size.into()).unwrap();
            assert_eq!(whole, content);
            assert!(inflate(&mut stream, &data, u64::from(size) + 1).is_err());
            assert!(inflate(&mut stream, &data[..data.len() - 1], size.into()).is_err());
            assert!(inflate(&mut stream, &data, LARGEST + 1).is_err());
        }
    }

    #[test]
    fn a_delta_copies_and_inserts() {
        let base = b"one two three";
        // 13 bytes make 10: copy 4 from 4, insert "x ", copy 4 from 0.
        let delta = [13, 10, 0x91, 4, 4, 2, b'x', b' ', 0x90, 4];
        let mut fresh = Vec::new();
        assert_eq!(apply(base, &delta, &mut fresh).unwrap(), b"two x one ");
        assert_eq!(fresh, [0..0, 4..6, 6..6, 10..10]);
        for end in 0..delta.len() {
            assert!(apply(base, &delta[..end], &mut fresh).is_err(), "{end}");
        }
        // The same again, with nothing but a piece inserted.
        let delta = [13, 15, 0x90, 4, 2, b'x', b'y', 0x91, 4, 9];
        assert_eq!(apply(base, &delta, &mut fresh).unwrap(), b"one xytwo three");
        assert_eq!(fresh.as_slice(), std::slice::from_ref(&(4..6)));
        for odd in [
            &[12, 4, 0x90, 4][..],
            &[13, 4, 0x91, 10, 4],
            &[13, 1, 0],
            &[13, 3, 0x90, 4],
            &[13, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0x90, 4],
        ] {
            assert!(apply(base, odd, &mut fresh).is_err(), "{odd:?}");
        }
    }
}
