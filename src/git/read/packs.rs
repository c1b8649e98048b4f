//! Whether libgit2 may be asked for packed objects.
//!
//! It believes what a pack's index says and reads where that points, also beyond the pack's end. So the
//! places are looked at once, before the first question: four bytes an object, and no object itself. Where there are
//! so many that it would be felt at each commit, libgit2 is asked for none: git itself reads them.
//!
//! The formats are those of git's `gitformat-pack.txt`.

use std::fs;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::disk::{self, is_absent};

/// What an index of version 2 starts with, its version, and 256 counts.
const HEADER: u64 = 8 + 4 * 256;

/// The bytes of an object's id.
const ID: u64 = 20;

/// What stands at the end of a pack.
const TRAILER: u64 = 20;

/// A place with this bit is the number of one that takes eight bytes.
const LARGE: u32 = 1 << 31;

/// A bound, in bytes: indexes that are longer together are not looked at. So long are those of 2.4 million objects,
/// whose places take 10 MB, and a millisecond or two.
const LONGEST_LOOKED_AT: u64 = 64 << 20;

/// A bound: so many places are read at once.
const CHUNK: usize = 1 << 16;

/// Looks at the packs in directories of objects, and gives the length of the longest.
///
/// # Errors
/// When an index says what can't be, or when there is too much to look at.
pub(super) fn longest<'d>(directories: impl Iterator<Item = &'d Path>) -> Result<u64> {
    let (mut longest, mut looked_at) = (0, 0);
    for directory in directories {
        let directory = directory.join("pack");
        // Without it there are no packs.
        let Ok(entries) = fs::read_dir(&directory) else {
            continue;
        };
        let mut longest_here = 0;
        for entry in entries {
            let index = entry.context("the packs can't be listed")?.path();
            if index.extension().is_none_or(|extension| extension != "idx") {
                continue;
            }
            let length = of_pack(&index)?;
            looked_at += fs::metadata(&index).map_or(0, |index| index.len());
            longest_here = longest_here.max(length);
            ensure!(
                looked_at <= LONGEST_LOOKED_AT,
                "there are too many objects in packs to look at the place of each"
            );
            if length > 0 {
                let checked = disk::open_regular(&index)
                    .map_err(Into::into)
                    .and_then(|mut file| check(&mut file, length));
                checked.with_context(|| format!("{} is corrupt", index.display()))?;
            }
        }
        longest = longest.max(longest_here);
        let together = directory.join("multi-pack-index");
        match disk::open_regular(&together) {
            Ok(mut file) => check_together(&mut file, longest_here)
                .with_context(|| format!("{} is corrupt", together.display()))?,
            Err(error) if is_absent(&error) => {}
            Err(error) => return Err(error).context("the index of several packs can't be read"),
        }
    }
    Ok(longest)
}

/// The length of the pack of an index. Without a pack it leads nowhere.
fn of_pack(index: &Path) -> Result<u64> {
    match fs::metadata(index.with_extension("pack")) {
        Ok(pack) => Ok(pack.len()),
        Err(error) if is_absent(&error) => Ok(0),
        Err(error) => Err(error).context("a pack can't be read"),
    }
}

/// Checks that every place in the index of a pack lies in it.
fn check(index: &mut (impl Read + Seek), pack: u64) -> Result<()> {
    let mut header = [0; HEADER as usize];
    index.read_exact(&mut header)?;
    if !header.starts_with(b"\xfftOc") {
        return check_first_version(index, pack);
    }
    ensure!(
        header.starts_with(b"\xfftOc\0\0\0\x02"),
        "its version is unknown"
    );
    let count = u64::from(number(&header, header.len() - 4)?);
    // Behind the ids stand as many checksums, then the places, then those that are large.
    index.seek(SeekFrom::Start(HEADER + count * (ID + 4)))?;
    let mut larges = 0;
    each(index, count, |place| {
        if place & LARGE != 0 {
            larges = larges.max(u64::from(place & !LARGE) + 1);
            return Ok(());
        }
        within(u64::from(place), pack)
    })?;
    each_large(index, larges, pack)
}

/// As `check`, of version 1: the counts, then each place before its id.
fn check_first_version(index: &mut (impl Read + Seek), pack: u64) -> Result<()> {
    const WORDS: u64 = 1 + ID / 4;
    let mut count = [0; 4];
    index.seek(SeekFrom::Start(4 * 255))?;
    index.read_exact(&mut count)?;
    let mut at = 0;
    each(index, u64::from(number(&count, 0)?) * WORDS, |place| {
        at += 1;
        match at % WORDS {
            1 => within(u64::from(place), pack),
            _ => Ok(()),
        }
    })
}

/// Checks the index of several packs: every place lies in the longest of them.
fn check_together(index: &mut (impl Read + Seek), longest: u64) -> Result<()> {
    let mut header = [0; 12];
    index.read_exact(&mut header)?;
    ensure!(
        header.starts_with(b"MIDX\x01\x01"),
        "its version is unknown"
    );
    let packs = number(&header, 8)?;
    let mut parts = vec![0; (usize::from(header[6]) + 1) * 12];
    index.read_exact(&mut parts)?;
    let find = |name: &[u8]| -> Result<Option<(u64, u64)>> {
        let Some(at) = parts
            .chunks_exact(12)
            .position(|part| part.starts_with(name))
        else {
            return Ok(None);
        };
        let (start, end) = (wide(&parts, at * 12 + 4)?, wide(&parts, at * 12 + 16)?);
        let length = end.checked_sub(start);
        Ok(Some((start, length.context("its parts are out of order")?)))
    };
    let (start, length) = find(b"OOFF")?.context("it has no places")?;
    let large = find(b"LOFF")?;
    index.seek(SeekFrom::Start(start))?;
    // The number of a pack, and a place in it.
    let mut is_place = true;
    let mut larges = 0;
    each(index, length / 4, |number| {
        is_place = !is_place;
        if !is_place {
            ensure!(number < packs, "it names a pack that is not there");
        } else if large.is_some() && number & LARGE != 0 {
            larges = larges.max(u64::from(number & !LARGE) + 1);
        } else {
            within(u64::from(number), longest)?;
        }
        Ok(())
    })?;
    if let Some((start, length)) = large {
        ensure!(larges <= length / 8, "a large place is missing");
        index.seek(SeekFrom::Start(start))?;
        each_large(index, larges, longest)?;
    }
    Ok(())
}

/// Checks places of eight bytes.
fn each_large(index: &mut impl Read, count: u64, pack: u64) -> Result<()> {
    let mut half = None;
    each(index, count * 2, |number| match half.take() {
        None => {
            half = Some(number);
            Ok(())
        }
        Some(high) => within(u64::from(high) << 32 | u64::from(number), pack),
    })
}

fn within(place: u64, pack: u64) -> Result<()> {
    ensure!(
        place < pack.saturating_sub(TRAILER),
        "it points beyond the pack"
    );
    Ok(())
}

/// Gives numbers of four bytes, in a buffer of a bounded size.
fn each(file: &mut impl Read, count: u64, mut give: impl FnMut(u32) -> Result<()>) -> Result<()> {
    let mut left = usize::try_from(count)?.saturating_mul(4);
    let mut buffer = vec![0; CHUNK.min(left)];
    while left > 0 {
        let part = buffer.len().min(left);
        file.read_exact(&mut buffer[..part])?;
        for bytes in buffer[..part].chunks_exact(4) {
            give(number(bytes, 0)?)?;
        }
        left -= part;
    }
    Ok(())
}

fn number(bytes: &[u8], at: usize) -> Result<u32> {
    let bytes = bytes.get(at..at + 4).context("it is cut short")?;
    Ok(u32::from_be_bytes(bytes.try_into()?))
}

fn wide(bytes: &[u8], at: usize) -> Result<u64> {
    let bytes = bytes.get(at..at + 8).context("it is cut short")?;
    Ok(u64::from_be_bytes(bytes.try_into()?))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    /// An index of these places.
    fn written(places: &[u32], larges: &[u64]) -> Vec<u8> {
        let mut index = b"\xfftOc\0\0\0\x02".to_vec();
        let count = u32::try_from(places.len()).unwrap();
        index.extend(count.to_be_bytes().repeat(256));
        index.extend(vec![7; places.len() * 24]);
        index.extend(places.iter().flat_map(|place| place.to_be_bytes()));
        index.extend(larges.iter().flat_map(|place| place.to_be_bytes()));
        index
    }

    /// An index of several packs, of these places in the second of two.
    fn together(places: &[u32], larges: &[u64]) -> Vec<u8> {
        let mut index = b"MIDX\x01\x01\x02\0\0\0\0\x02".to_vec();
        let start = 12 + 3 * 12;
        let end = start + 8 * places.len() as u64;
        for (name, at) in [
            (b"OOFF", start),
            (b"LOFF", end),
            (b"\0\0\0\0", end + 8 * larges.len() as u64),
        ] {
            index.extend(name);
            index.extend(at.to_be_bytes());
        }
        for place in places {
            index.extend(1_u32.to_be_bytes());
            index.extend(place.to_be_bytes());
        }
        index.extend(larges.iter().flat_map(|place| place.to_be_bytes()));
        index
    }

    #[test]
    fn a_place_beyond_the_pack_is_refused() {
        for (places, larges, expected) in [
            (&[][..], &[][..], true),
            (&[12, 500, 979], &[], true),
            (&[12, 980], &[], false),
            (&[12, 999], &[], false),
            (&[12, 1 << 30, 500], &[], false),
            (&[12, LARGE, 500], &[600], true),
            (&[LARGE, LARGE + 1], &[600, 1 << 40], false),
            (&[12, LARGE + 5], &[600], false),
        ] {
            let checked = check(&mut Cursor::new(written(places, larges)), 1000);
            assert_eq!(checked.is_ok(), expected, "{places:?}");
            let checked = check_together(&mut Cursor::new(together(places, larges)), 1000);
            assert_eq!(checked.is_ok(), expected, "{places:?}");
        }
    }

    #[test]
    fn an_index_of_the_first_version_is_checked() {
        for (places, expected) in [
            (&[][..], true),
            (&[12, 979], true),
            (&[12, 980], false),
            (&[u32::MAX, 12], false),
        ] {
            let mut index = u32::try_from(places.len())
                .unwrap()
                .to_be_bytes()
                .repeat(256);
            for place in places {
                index.extend(place.to_be_bytes());
                index.extend([0xff; 20]);
            }
            index.extend([7; 40]);
            assert_eq!(check(&mut Cursor::new(&index), 1000).is_ok(), expected);
        }
    }

    #[test]
    fn what_is_too_long_to_be_looked_at_is_left_to_git() {
        let directory = tempfile::tempdir().unwrap();
        let packs = directory.path().join("pack");
        fs::create_dir(&packs).unwrap();
        let write = |name: &str, content: &[u8], length: u64| {
            let file = packs.join(name);
            fs::write(&file, content).unwrap();
            fs::File::options()
                .write(true)
                .open(file)
                .unwrap()
                .set_len(length)
                .unwrap();
        };
        write("a.pack", b"", 1000);
        let long = 2 + LONGEST_LOOKED_AT / 2;
        for (count, expected) in [(1, true), (2, false)] {
            write(&format!("{count}.pack"), b"", 1000);
            write(&format!("{count}.idx"), &written(&[12], &[]), long);
            let found = longest([directory.path()].into_iter());
            assert_eq!(found.ok(), expected.then_some(1000));
        }
    }

    #[test]
    fn an_index_that_is_cut_short_is_refused() {
        for whole in [
            written(&[12, LARGE], &[500]),
            together(&[12, LARGE], &[500]),
        ] {
            let check = |index: &[u8]| match index.starts_with(b"M") {
                true => check_together(&mut Cursor::new(index), 1000),
                false => check(&mut Cursor::new(index), 1000),
            };
            assert!(check(&whole).is_ok());
            for end in 0..whole.len() {
                assert!(check(&whole[..end]).is_err(), "{end}");
            }
        }
    }
}
