use std::io;

use super::entry::EXTENDED;
use super::window::CHUNK;
use super::*;
use crate::git::id::Mode;
use crate::lab::Random;

fn parse(data: Vec<u8>) -> Result<Index> {
    Index::parse(Cursor::new(data))
}

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
    let index = parse(sample()).unwrap();
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
    assert_eq!(index.end_of(1..5, b"d/", None).unwrap(), 3);
    assert_eq!(index.tree(), None);
    let child = index.cache.children(0)[&b"d"[..]];
    assert_eq!(index.cached_tree(child, 2), ObjectId::from_bytes(&[9; ID]));
    assert_eq!(index.cached_tree(child, 3), None);
}

#[test]
fn what_is_not_understood_is_an_error() {
    let plain = [entry("a", 0o100_644, 0)];
    let refused = |data| parse(data).unwrap_err().to_string();
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
    assert!(parse(index(2, &plain, &extension(b"NEWS", b""))).is_ok());
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
        assert_eq!(parse(data).unwrap().cache.root(), None);
    }
}

/// Sorted paths, some longer than the flags can tell and some longer than a chunk.
fn paths(random: &mut Random) -> Vec<String> {
    let mut paths: Vec<String> = (0..random.below(700))
        .map(|_| {
            let length = match random.below(300) {
                0 => CHUNK + random.below(99),
                1 => 0xfff - 3 + random.below(9),
                _ => 1 + random.below(40),
            };
            format!("{}/{}", random.below(9), "n".repeat(length))
                + &random.below(1 << 31).to_string()
        })
        .collect();
    paths.sort();
    paths.dedup();
    paths
}

/// An index of that version. Of each path it holds the kind, the flags and more flags; with `lean`
/// it has a cache tree.
fn written(version: u32, lean: bool, paths: &[String], wanted: &[(u32, u16, u16)]) -> Vec<u8> {
    let mut out = b"DIRC".to_vec();
    out.extend(u32::to_be_bytes(version));
    out.extend(u32::try_from(paths.len()).unwrap().to_be_bytes());
    let mut last = "";
    for (place, (path, &(bits, mut flags, more))) in paths.iter().zip(wanted).enumerate() {
        let start = out.len();
        if version == 2 {
            flags &= !EXTENDED;
        }
        out.resize(start + 24, 0);
        out.extend(bits.to_be_bytes());
        out.resize(start + 40, 0);
        out.resize(start + 40 + ID, u8::try_from(place % 255).unwrap());
        let length = u16::try_from(path.len().min(0xfff)).unwrap();
        out.extend((flags | length).to_be_bytes());
        if flags & EXTENDED != 0 {
            out.extend(more.to_be_bytes());
        }
        if version == 4 {
            let same = last.bytes().zip(path.bytes());
            let same = same.take_while(|(a, b)| a == b).count();
            // Seven bits each, all but the last marked and one too small.
            let mut rest = last.len() - same;
            let mut number = vec![u8::try_from(rest & 0x7f).unwrap()];
            while rest >> 7 != 0 {
                rest = (rest >> 7) - 1;
                number.push(0x80 | u8::try_from(rest & 0x7f).unwrap());
            }
            out.extend(number.iter().rev());
            out.extend(path[same..].bytes());
            out.push(0);
            last = path;
        } else {
            out.extend(path.bytes());
            let length = (out.len() - start + 8) & !7;
            out.resize(start + length, 0);
        }
    }
    if lean {
        out.extend(extension(b"TREE", b"\0-1 0\n"));
        out.extend(extension(b"UNTR", &[b'u'; 300]));
    }
    out.extend([0; ID]);
    out
}

#[test]
fn every_version_says_what_was_written() {
    let mut random = Random::new(5);
    for _ in 0..40 {
        let paths = paths(&mut random);
        let wanted: Vec<(u32, u16, u16)> = paths
            .iter()
            .map(|_| match random.below(9) {
                0 => (0o100_755, 0x4000, 0x2000),
                1 => (0o120_000, 0x1000, 0),
                2 => (0o100_755, 0x4000, 0x4000),
                _ => (0o100_644, 0, 0),
            })
            .collect();
        for (version, lean) in (2..=4).flat_map(|version| [(version, false), (version, true)]) {
            let out = written(version, lean, &paths, &wanted);
            let index = parse(out).unwrap();
            assert_eq!(index.len(), paths.len());
            let kept = |block: &Block| block.loaded.is_some();
            assert_eq!(
                index.blocks.iter().all(kept),
                !lean || version == 4 || paths.is_empty()
            );
            // From both ends, so that blocks are not read in their order.
            for at in (0..paths.len()).rev().chain(0..paths.len()) {
                assert!(
                    index
                        .path_is(at, |path| path == paths[at].as_bytes())
                        .unwrap()
                );
                let (bits, flags, more) = wanted[at];
                let state = if flags & 0x3000 != 0 {
                    State::Unmerged
                } else if version > 2 && more & 0x2000 != 0 {
                    State::IntentToAdd
                } else {
                    let id = [u8::try_from(at % 255).unwrap(); ID];
                    State::Staged(Entry {
                        mode: Mode::from_bits(bits).unwrap(),
                        id: ObjectId::from_bytes(&id).unwrap(),
                    })
                };
                assert_eq!(index.state(at).unwrap(), state);
                let found = index.find(paths[at].as_str().into()).unwrap();
                assert_eq!(found.is_some(), matches!(state, State::Staged(_)));
                let directory = &paths[at].as_bytes()[..2];
                let end =
                    at + paths[at..].partition_point(|path| path.as_bytes()[..2] == *directory);
                assert_eq!(index.end_of(at..paths.len(), directory, None).unwrap(), end);
            }
        }
    }
}

#[test]
fn a_directory_ends_where_it_ends_whatever_the_cache_says() {
    for count in 0..6 {
        let cache = format!("\0-1 1\nd\0{count} 0\n");
        let body = [cache.as_bytes(), &[9; ID]].concat();
        let entries = ["a", "d/b", "d/c", "e", "f"].map(|path| entry(path, 0o100_644, 0));
        let index = parse(index(2, &entries, &extension(b"TREE", &body))).unwrap();
        let child = index.cache.children(0)[&b"d"[..]];
        for end in 3..=5 {
            assert_eq!(index.end_of(1..end, b"d/", Some(child)).unwrap(), 3);
        }
    }
}

/// A file that somebody writes to.
#[derive(Debug)]
struct Written(Cursor<Vec<u8>>, std::cell::Cell<u64>);

impl Read for Written {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // Few at a time, as a pipe or a network gives them.
        let few = buffer.len().min(7);
        self.0.read(&mut buffer[..few])
    }
}

impl Seek for Written {
    fn seek(&mut self, place: SeekFrom) -> io::Result<u64> {
        self.0.seek(place)
    }
}

impl Source for Written {
    fn stamp(&self) -> Result<Option<(u64, SystemTime)>> {
        self.1.set(self.1.get() + 1);
        Ok(Some((self.1.get() / 3, SystemTime::UNIX_EPOCH)))
    }
}

#[test]
fn an_index_that_changes_meanwhile_is_an_error() {
    let names: Vec<String> = (100..300).map(|number| format!("{number}")).collect();
    let entries: Vec<Vec<u8>> = names.iter().map(|name| entry(name, 0o100_644, 0)).collect();
    let data = index(2, &entries, &extension(b"TREE", b"\0-1 0\n"));
    let index = Index::parse(Written(Cursor::new(data), 0.into())).unwrap();
    assert!(index.path_is(70, |path| path == b"170").unwrap());
    assert!(index.path_is(140, |_| true).is_err());
}

#[test]
fn no_bytes_make_it_panic() {
    let whole = sample();
    for length in 0..whole.len() {
        let _ = parse(whole[..length].to_vec());
    }
    for version in [2, 4] {
        for at in 0..whole.len() {
            for byte in [0, 1, 0x7f, 0x80, 0xff] {
                let mut data = whole.clone();
                data[7] = version;
                data[at] = byte;
                if let Ok(index) = parse(data) {
                    for at in 0..index.len() {
                        let _ = (index.path_is(at, <[u8]>::is_empty).is_ok(), index.state(at));
                    }
                }
            }
        }
    }
}
