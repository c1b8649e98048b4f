//! Tests of what is opened, and of what is said of the rest.

use std::io::Write;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};
use rawzip::{CompressionMethod, ZipArchiveWriter};

use super::members::{LEAST_BYTES as LEAST, MOST_MEMBERS as MANY};
use super::*;

fn deflated(content: &[u8]) -> Vec<u8> {
    let mut deflate = DeflateEncoder::new(Vec::new(), Compression::fast());
    deflate.write_all(content).unwrap();
    deflate.finish().unwrap()
}

fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipArchiveWriter::new(Vec::new());
    for (name, content) in files {
        let file = zip.new_file(*name);
        let deflate = file.compression_method(CompressionMethod::DEFLATE);
        let (mut entry, config) = deflate.start().unwrap();
        let mut writer = config.wrap(DeflateEncoder::new(&mut entry, Compression::fast()));
        writer.write_all(content).unwrap();
        let (encoder, descriptor) = writer.finish().unwrap();
        encoder.finish().unwrap();
        entry.finish(descriptor).unwrap();
    }
    zip.finish().unwrap()
}

fn gzipped(content: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(content).unwrap();
    gzip.finish().unwrap()
}

fn tarred(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, content) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(content.len() as u64);
        tar.append_data(&mut header, name, *content).unwrap();
    }
    tar.into_inner().unwrap()
}

fn open(path: &str, blob: &[u8], left: &mut Left) -> (Vec<(String, Vec<u8>)>, members::Opened) {
    let mut all = Vec::new();
    let packing = Packing::of(blob).unwrap();
    let opened = each_member(packing, path.as_bytes(), blob, left, &mut |_, member| {
        all.push((member.name.to_string(), member.content));
    });
    (all, opened)
}

/// What is in an archive, by name and size, and whether that is all.
fn names(path: &str, blob: &[u8]) -> (Vec<String>, bool) {
    let (all, opened) = open(path, blob, &mut Left::of(blob.len()));
    let all = all.iter();
    let all = all.map(|(name, content)| format!("{name} {}", content.len()));
    (all.collect(), opened.is_whole)
}

#[test]
fn an_archive_is_told_by_its_bytes() {
    let (start, [block, end]) = BZIP2;
    let bzip2 = [block, end].map(|it| [start, b"9", it].concat());
    let bzip2 = bzip2.iter().map(|start| (&start[..], Packing::Other));
    for (start, packing) in STARTS.iter().copied().chain(bzip2) {
        let mut blob = start.to_vec();
        assert_eq!(Packing::of(&blob), None);
        blob.resize(40, 0);
        assert_eq!(Packing::of(&blob), Some(packing));
        blob.insert(0, b' ');
        assert_eq!(Packing::of(&blob), None);
    }
    let mut tar = vec![0; 600];
    tar[257..262].copy_from_slice(b"ustar");
    assert_eq!(Packing::of(&tar), Some(Packing::Tar));
    let program = [
        b"#!/bin/sh\nexec java -jar \"$0\"\n",
        &zipped(&[("a", b"b")])[..],
    ]
    .concat();
    assert_eq!(Packing::of(&program), Some(Packing::Zip));
    for text in [
        "",
        "PK is a name, and no archive at all",
        "BZ: a text of some length",
        "BZhang wrote this text",
        "BZh9 is what bzip2 starts with",
        "ustar is what stands in an archive",
        "x^2 + 1 is a polynomial",
        "x\u{9c}, a control character",
        "]]> ends a section",
        "LZIP 1.24 packs well",
    ] {
        assert_eq!(Packing::of(text.as_bytes()), None, "{text}");
    }
}

#[test]
fn the_words_are_in_the_order_of_strength() {
    for (place, archives) in Archives::ALL.into_iter().enumerate() {
        assert_eq!(archives as usize, place);
    }
}

#[test]
fn a_path_in_an_archive_has_the_file_around_it() {
    let path = inside(b"d/a.zip", b"b/c.txt");
    assert_eq!(path, b"d/a.zip!/b/c.txt");
    assert_eq!(file_around(&inside(&path, b"d")), Some(&b"d/a.zip"[..]));
    assert_eq!(file_around(b"d/a.zip!"), None);
}

#[test]
fn what_is_in_an_archive_is_given() {
    let files: &[(&str, &[u8])] = &[("a/b.txt", b"one"), ("c", b"three")];
    let all = vec!["a/b.txt 3".to_owned(), "c 5".to_owned()];
    let tar = tarred(files);
    let two = [gzipped(&tar[..700]), gzipped(&tar[700..])].concat();
    let padded = [gzipped(&tar), vec![0; 512]].concat();
    for (path, blob) in [
        ("x.jar", zipped(files)),
        ("x.tar", tar.clone()),
        ("x.tgz", gzipped(&tar)),
        ("parts.tgz", two),
        ("padded.tgz", padded),
    ] {
        assert_eq!(names(path, &blob), (all.clone(), true), "{path}");
        // Cut anywhere, it is all there, or that is said.
        for end in 30..blob.len() {
            if Packing::of(&blob[..end]).is_some() {
                let (some, is_whole) = names(path, &blob[..end]);
                assert!(!is_whole || some == all || path == "x.tar", "{path} {end}");
            }
        }
    }
    let one = |name: &str| (vec![format!("{name} 9")], true);
    for (path, name) in [
        ("logs/a.log.gz", "a.log"),
        ("b.svgz", "b.svgz"),
        ("c.gz!/d.gz", "d"),
    ] {
        assert_eq!(names(path, &gzipped(b"some text")), one(name));
    }
    for name in ["/etc/a", "./a", ".//./a"] {
        let (found, _) = names("a.zip", &zipped(&[(name, b"")]));
        assert!(found[0] == "a 0" || found[0] == "etc/a 0", "{found:?}");
    }
}

#[test]
fn what_is_in_no_file_is_the_rest() {
    let rest = |blob: &[u8]| {
        let (_, opened) = open("a", blob, &mut Left::of(blob.len()));
        assert!(opened.is_whole);
        String::from_utf8_lossy(&opened.rest).into_owned()
    };
    let zip = zipped(&[("a", b"packed")]);
    let program = [b"#!/bin/sh before\n", &zip[..]].concat();
    assert!(rest(&program).contains("before"));
    let mut said = zip.clone();
    let end = said.len();
    said[end - 2] = 4;
    said.extend(b"said");
    assert!(rest(&said).contains("said"));
    let mut gzip = flate2::GzBuilder::new()
        .comment("said")
        .write(Vec::new(), Compression::fast());
    gzip.write_all(b"packed").unwrap();
    assert!(rest(&gzip.finish().unwrap()).contains("said"));
    let behind = [&gzipped(b"packed")[..], b"behind"].concat();
    assert!(rest(&behind).contains("behind"));
    for blob in [zip, gzipped(b"packed"), tarred(&[("a", b"packed")])] {
        assert!(!rest(&blob).contains("packed"));
    }
}

#[test]
fn an_archive_that_lies_is_not_whole() {
    let files: &[(&str, &[u8])] = &[("a", b"one"), ("b", b"other")];
    let zip = zipped(files);
    let (header, directory) = (b"PK\x03\x04", b"PK\x01\x02");
    let nth = |sign: &[u8], n: usize| {
        let mut at = zip.windows(4).enumerate().filter(|(_, it)| it == &sign);
        at.nth(n).unwrap().0
    };
    let (first, second) = (nth(directory, 0), nth(directory, 1));
    // What is wrong, where, and what stands there instead.
    let lies: &[(&str, usize, &[u8])] = &[
        ("a name in the header alone", nth(header, 0) + 30, b"x"),
        (
            "a way of packing in the header alone",
            nth(header, 0) + 8,
            &[0],
        ),
        ("encryption", first + 8, &[9]),
        ("an unknown way of packing", first + 10, &[14]),
        ("a check sum", first + 16, &[1, 2, 3, 4]),
        ("a packed size", first + 20, &[2]),
        ("a size that is too small", first + 24, &[1]),
        ("a size that is too large", first + 24, &[200]),
        ("two of one place", second + 42, &[0]),
        ("a place beyond the end", second + 42, &[0xff; 4]),
        ("a number of files", zip.len() - 12, &[1]),
        (
            "a directory behind its first file",
            zip.len() - 6,
            &[second as u8],
        ),
    ];
    for (what, at, lie) in lies {
        let mut blob = zip.clone();
        blob[*at..at + lie.len()].copy_from_slice(lie);
        assert_ne!(blob, zip, "{what}");
        assert!(!names("a.zip", &blob).1, "{what}");
    }
    // Another archive before it, of which its directory knows nothing.
    assert!(!names("a.zip", &[&zip[..], &zip[..]].concat()).1);
    // Every bit, and every length: nothing panics.
    for at in 0..zip.len() {
        for bit in 0..8 {
            let mut blob = zip.clone();
            blob[at] ^= 1 << bit;
            if Packing::of(&blob).is_some() {
                names("a.zip", &blob);
            }
        }
    }
}

#[test]
fn what_is_too_much_is_left_out_and_said() {
    let zeros = vec![0; LEAST + 1];
    for blob in [
        gzipped(&zeros),
        zipped(&[("a", &zeros)]),
        gzipped(&tarred(&[("a", &zeros)])),
        gzipped(&gzipped(&zeros)),
    ] {
        let mut left = Left::of(1);
        let (found, opened) = open("a", &blob, &mut left);
        let all: usize = found.iter().map(|(_, content)| content.len()).sum();
        assert!(all <= LEAST);
        assert!(!opened.is_whole || Packing::of(&found[0].1).is_some());
    }
    let many: Vec<String> = (0..=MANY).map(|n| format!("{n}")).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|n| (n.as_str(), &b""[..])).collect();
    for blob in [zipped(&many), tarred(&many)] {
        let (found, is_whole) = names("a", &blob);
        assert_eq!((found.len(), is_whole), (MANY, false));
    }
    let mut left = Left::of(1);
    let fourth =
        left.deeper(|left| left.deeper(|left| left.deeper(|left| left.deeper(|_| ()).is_none())));
    assert_eq!(fourth, Some(Some(Some(true))));
    assert!(left.deeper(|_| ()).is_some());
    // Files that all say the same packed bytes are theirs.
    let bomb = overlapping(100, &deflated(&vec![0; 1 << 20]));
    let (found, opened) = open("a.zip", &bomb, &mut Left::of(bomb.len()));
    let all: usize = found.iter().map(|(_, content)| content.len()).sum();
    assert_eq!((found.len(), all), (100, LEAST));
    assert!(!opened.is_whole);
}

/// An archive with one file, and a directory in which it stands many times.
fn overlapping(times: usize, packed: &[u8]) -> Vec<u8> {
    let sizes = [
        &(packed.len() as u32).to_le_bytes()[..],
        &(1u32 << 20).to_le_bytes(),
    ]
    .concat();
    let check = crc32(&vec![0; 1 << 20]).to_le_bytes();
    let common = [
        &[20, 0, 0, 0, 8, 0, 0, 0, 0, 0][..],
        &check,
        &sizes,
        &[1, 0, 0, 0],
    ]
    .concat();
    let mut zip = [&b"PK\x03\x04"[..], &common, b"a", packed].concat();
    let start = zip.len() as u32;
    for _ in 0..times {
        zip.extend(b"PK\x01\x02\x14\0");
        zip.extend(&common);
        zip.extend([0; 14]);
        zip.push(b'a');
    }
    let size = zip.len() as u32 - start;
    let count = (times as u16).to_le_bytes();
    zip.extend(b"PK\x05\x06\0\0\0\0");
    zip.extend([count, count].concat());
    zip.extend(size.to_le_bytes());
    zip.extend(start.to_le_bytes());
    zip.extend([0, 0]);
    zip
}

fn crc32(content: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(content);
    crc.sum()
}
