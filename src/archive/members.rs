//! What is in archives, with bounds on all that a hostile one can ask for.

use std::io::Read;
use std::iter;
use std::ops::Range;

use bstr::{BString, ByteSlice};
use flate2::bufread::GzDecoder;

use super::{Packing, zip};

/// A bound: of one file no more is unpacked in all, whatever is in what it holds.
const MOST_BYTES: usize = 256 << 20;

/// A bound: nor more for each of its bytes. Text packs to a tenth, rows that repeat to a hundredth.
const MOST_RATIO: usize = 200;

/// A bound: so much is unpacked even of a small one.
pub(super) const LEAST_BYTES: usize = 4 << 20;

/// A bound: no more files are looked at in it.
pub(super) const MOST_MEMBERS: usize = 20_000;

/// A bound: an archive in an archive in an archive.
const DEEPEST: usize = 3;

/// A bound: what is behind it in the name of a file is left out, since each finding has the name.
const LONGEST_NAME: usize = 4096;

/// What may still be unpacked of a file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Left {
    bytes: usize,
    members: usize,
    depth: usize,
}

impl Left {
    /// Of a file of that size.
    pub(crate) fn of(size: usize) -> Self {
        let most = size.saturating_mul(MOST_RATIO);
        Self {
            bytes: most.clamp(LEAST_BYTES, MOST_BYTES),
            members: MOST_MEMBERS,
            depth: DEEPEST,
        }
    }

    /// Lets something look into what is in it, if it is not too deep.
    pub(crate) fn deeper<T>(&mut self, look: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.depth = self.depth.checked_sub(1)?;
        let looked = look(self);
        self.depth += 1;
        Some(looked)
    }

    /// Counts one more file; `None` if there are too many.
    pub(super) fn member(&mut self) -> Option<()> {
        self.members = self.members.checked_sub(1)?;
        Some(())
    }

    /// Adds what a reader gives. The answer says whether that is all of it.
    pub(super) fn read(&mut self, from: impl Read, content: &mut Vec<u8>) -> bool {
        let before = content.len();
        let most = before + self.bytes;
        let read = from.take(self.bytes as u64 + 1).read_to_end(content);
        let is_all = read.is_ok() && content.len() <= most;
        content.truncate(most);
        self.bytes -= content.len() - before;
        is_all
    }
}

/// A file in an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    /// Its path there.
    pub(crate) name: BString,
    pub(crate) content: Vec<u8>,
}

impl Member {
    /// A file by the name that it has in an archive, as a path that leads nowhere else.
    pub(super) fn new(name: &[u8], content: Vec<u8>) -> Self {
        let mut name = &name[..name.len().min(LONGEST_NAME)];
        while let Some(rest) = name.strip_prefix(b"/").or(name.strip_prefix(b"./")) {
            name = rest;
        }
        let name = name.into();
        Self { name, content }
    }
}

/// What is left of an archive behind the files that were in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Opened {
    /// Whether these are all files that are in it, with all that is in each.
    pub(crate) is_whole: bool,
    /// What is in none of them: comments, and what stands before, between and behind them.
    pub(crate) rest: Vec<u8>,
}

impl Opened {
    /// An archive that nobody can open.
    pub(super) fn closed(blob: &[u8]) -> Self {
        Self {
            is_whole: false,
            rest: blob.to_vec(),
        }
    }

    /// Adds something that is in no file.
    pub(super) fn say(&mut self, beside: &[u8]) {
        let beside = beside.trim_with(|it| it == '\0');
        if !beside.is_empty() {
            self.rest.extend_from_slice(beside);
            self.rest.push(b'\n');
        }
    }

    /// Adds what is in none of these parts. They are all that there is if none begins before the end of another,
    /// and `hides` nothing of what is between them.
    pub(super) fn say_between(
        &mut self,
        blob: &[u8],
        mut parts: Vec<Range<usize>>,
        hides: impl Fn(&[u8]) -> bool,
    ) {
        parts.sort_by_key(|part| (part.start, part.end));
        let mut end = 0;
        for part in parts.into_iter().chain(iter::once(blob.len()..blob.len())) {
            self.is_whole &= part.start >= end;
            let between = blob.get(end..part.start).unwrap_or_default();
            self.is_whole &= !hides(between);
            self.say(between);
            end = end.max(part.end.min(blob.len()));
        }
    }
}

/// Gives each file that is in an archive at some path.
pub(crate) fn each_member(
    packing: Packing,
    path: &[u8],
    blob: &[u8],
    left: &mut Left,
    give: &mut dyn FnMut(&mut Left, Member),
) -> Opened {
    match packing {
        Packing::Zip => zip::each(blob, left, give),
        Packing::Tar => each_of_tar(blob, left, give),
        Packing::Gzip => unpack_gzip(path, blob, left, give),
        Packing::Other => Opened::closed(blob),
    }
}

fn unpack_gzip(
    path: &[u8],
    blob: &[u8],
    left: &mut Left,
    give: &mut dyn FnMut(&mut Left, Member),
) -> Opened {
    let mut opened = Opened {
        is_whole: true,
        rest: Vec::new(),
    };
    let mut content = Vec::new();
    let mut packed = blob;
    // One packed file may stand behind another, and all are one.
    while Packing::of(packed) == Some(Packing::Gzip) && opened.is_whole {
        let mut decoder = GzDecoder::new(packed);
        opened.is_whole = left.member().is_some() && left.read(&mut decoder, &mut content);
        if let Some(header) = decoder.header() {
            for said in [header.filename(), header.comment(), header.extra()] {
                opened.say(said.unwrap_or_default());
            }
        }
        packed = decoder.into_inner();
    }
    opened.say(packed);
    if Packing::of(&content) == Some(Packing::Tar) {
        let tar = each_of_tar(&content, left, give);
        opened.is_whole &= tar.is_whole;
        opened.say(&tar.rest);
        return opened;
    }
    let start = path.rfind_byte(b'/').map_or(0, |at| at + 1);
    let name = &path[start..];
    let stem = [&b".gz"[..], b".gzip"]
        .iter()
        .find_map(|ending| name.strip_suffix(*ending));
    give(left, Member::new(stem.unwrap_or(name), content));
    opened
}

fn each_of_tar(blob: &[u8], left: &mut Left, give: &mut dyn FnMut(&mut Left, Member)) -> Opened {
    let mut opened = Opened {
        is_whole: true,
        rest: Vec::new(),
    };
    let mut parts = Vec::new();
    let mut start = 0;
    let mut tar = tar::Archive::new(blob);
    // One archive may stand behind another.
    tar.set_ignore_zeros(true);
    let Ok(entries) = tar.entries() else {
        return Opened::closed(blob);
    };
    for entry in entries {
        let (Ok(mut entry), Some(())) = (entry, left.member()) else {
            opened.is_whole = false;
            break;
        };
        let name = entry.path_bytes().into_owned();
        opened.is_whole &= name.len() <= LONGEST_NAME;
        for said in [
            entry.link_name_bytes().as_deref(),
            entry.header().username_bytes(),
        ] {
            opened.say(said.unwrap_or_default());
        }
        let size = entry.header().entry_size().unwrap_or_default();
        // Before its header stand those that say more of it.
        let part = start..entry.raw_file_position().saturating_add(size) as usize;
        start = part.end;
        if let Ok(Some(more)) = entry.pax_extensions() {
            let more = more.filter_map(Result::ok);
            let more = more.filter(|said| !matches!(said.key_bytes(), b"path" | b"linkpath"));
            more.for_each(|said| opened.say(said.value_bytes()));
        }
        if entry.header().entry_type().is_dir() {
            parts.push(part);
            continue;
        }
        let mut content = Vec::new();
        match left.read(&mut entry, &mut content) {
            true => parts.push(part),
            false => opened.is_whole = false,
        }
        give(left, Member::new(&name, content));
    }
    opened.say_between(blob, parts, |_| false);
    opened
}
