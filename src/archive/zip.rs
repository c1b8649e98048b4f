//! What is in ZIP archives.

use std::io::Read;
use std::ops::Range;

use bstr::ByteSlice;
use flate2::bufread::DeflateDecoder;
use rawzip::{CompressionMethod, ZipArchive, ZipFileHeaderRecord, ZipSliceArchive};

use super::members::{Left, Member, Opened};

/// What the header of a file starts with.
const FILE: &[u8] = b"PK\x03\x04";

/// Gives each file. The directory at the end says which there are, and where. Programs that read an archive from its
/// start see the headers of the files instead: if the two say different things, or hide something from each
/// other, the archive is not whole.
pub(super) fn each(
    blob: &[u8],
    left: &mut Left,
    give: &mut dyn FnMut(&mut Left, Member),
) -> Opened {
    let Ok(zip) = ZipArchive::from_slice(blob) else {
        return Opened::closed(blob);
    };
    let mut opened = Opened {
        is_whole: true,
        rest: Vec::new(),
    };
    let directory = zip.directory_offset() as usize..zip.end_offset() as usize;
    let mut parts = vec![directory];
    let mut count = 0;
    for entry in zip.entries() {
        let (Ok(entry), Some(())) = (entry, left.member()) else {
            opened.is_whole = false;
            break;
        };
        count += 1;
        opened.say(entry.comment().as_bytes());
        match unpack(&zip, &entry, left) {
            Some(unpacked) => {
                opened.is_whole &= unpacked.is_whole;
                parts.push(unpacked.part);
                if let Some(member) = unpacked.member {
                    give(left, member);
                }
            }
            None => opened.is_whole = false,
        }
    }
    opened.is_whole &= count == zip.entries_hint();
    opened.say(zip.comment().as_bytes());
    opened.say_between(blob, parts, |between| between.contains_str(FILE));
    opened
}

/// A file that could be read.
struct Unpacked {
    /// Where it stands in the archive, with its header.
    part: Range<usize>,
    is_whole: bool,
    /// `None`: a directory.
    member: Option<Member>,
}

/// Reads a file. `None` if it is encrypted, packed in a way that is not known, or not there.
fn unpack(
    zip: &ZipSliceArchive<&[u8]>,
    entry: &ZipFileHeaderRecord<'_>,
    left: &mut Left,
) -> Option<Unpacked> {
    let packed = zip.get_entry(entry.wayfinder()).ok()?;
    let header = packed.local_header();
    if entry.flags().is_encrypted() || entry.flags().is_masked() {
        return None;
    }
    let (start, end) = (
        entry.local_header_offset(),
        packed.compressed_data_range().1,
    );
    let part = usize::try_from(start).ok()?..usize::try_from(end).ok()?;
    let name = entry.file_path();
    let name: &[u8] = name.as_ref();
    let data = packed.data();
    if entry.is_dir() && data.is_empty() {
        return Some(Unpacked {
            part,
            is_whole: true,
            member: None,
        });
    }
    let mut content = Vec::new();
    let is_all = match entry.compression_method() {
        CompressionMethod::STORE => left.read(packed.verifying_reader(data), &mut content),
        CompressionMethod::DEFLATE => {
            let mut decoder = DeflateDecoder::new(data);
            let reader: &mut dyn Read = &mut decoder;
            left.read(packed.verifying_reader(reader), &mut content)
                && decoder.total_in() == data.len() as u64
        }
        _ => return None,
    };
    let sizes = (
        header.compressed_size_hint(),
        header.uncompressed_size_hint(),
    );
    let is_as_said = header.compression_method() == entry.compression_method()
        && header.flags().is_encrypted() == entry.flags().is_encrypted()
        && AsRef::<[u8]>::as_ref(&header.file_path()) == name
        && (header.flags().has_data_descriptor()
            || sizes == (entry.compressed_size_hint(), entry.uncompressed_size_hint()));
    Some(Unpacked {
        part,
        is_whole: is_all && is_as_said,
        member: Some(Member::new(name, content)),
    })
}
