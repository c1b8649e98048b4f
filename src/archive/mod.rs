//! Files whose content is packed: which are, and what is in those that can be opened.

mod members;
mod zip;

pub(crate) use self::members::{Left, Member, each_member};

/// How a file is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Packing {
    /// ZIP: documents of office programs and packages of many languages, too.
    Zip,
    /// One packed file, which may be a tar archive.
    Gzip,
    /// Files as they are, one behind the other.
    Tar,
    /// In a way that keyward does not open.
    Other,
}

/// What they start with.
const STARTS: &[(&[u8], Packing)] = &[
    (b"PK\x03\x04", Packing::Zip),
    (b"PK\x05\x06", Packing::Zip),
    (b"\x1f\x8b\x08", Packing::Gzip),
    (b"\xfd7zXZ\0", Packing::Other),
    (b"\x28\xb5\x2f\xfd", Packing::Other),
    (b"7z\xbc\xaf\x27\x1c", Packing::Other),
    (b"Rar!\x1a\x07", Packing::Other),
    // LZ4, as it is and as it was.
    (b"\x04\x22\x4d\x18", Packing::Other),
    (b"\x02\x21\x4c\x18", Packing::Other),
    (b"LZIP\x01", Packing::Other),
    // compress, by the length of its codes: 12 bits, 14 and 16.
    (b"\x1f\x9d\x8c", Packing::Other),
    (b"\x1f\x9d\x8e", Packing::Other),
    (b"\x1f\x9d\x90", Packing::Other),
    // zlib without a file around it, as it mostly packs, and as well as it can.
    (b"x\x9c", Packing::Other),
    (b"x\xda", Packing::Other),
    // LZMA, by the sizes of its dictionary that its levels take.
    (b"]\0\0\x04\0", Packing::Other),
    (b"]\0\0\x10\0", Packing::Other),
    (b"]\0\0\x20\0", Packing::Other),
    (b"]\0\0\x40\0", Packing::Other),
    (b"]\0\0\x80\0", Packing::Other),
    (b"]\0\0\0\x01", Packing::Other),
    (b"]\0\0\0\x02", Packing::Other),
    (b"]\0\0\0\x04", Packing::Other),
];

/// What bzip2 starts with; behind the size of its blocks, a digit, the first of them starts with one of these, or
/// there is none.
const BZIP2: (&[u8], [&[u8]; 2]) = (b"BZh", [b"1AY&SY", b"\x17\x72\x45\x38\x50\x90"]);

/// What the last record of a ZIP archive starts with, and how long it is without a comment. A program that unpacks
/// itself starts with what it likes.
const ZIP_END: (&[u8], usize) = (b"PK\x05\x06", 22);

/// What stands in the header of the first file of a tar archive, and where.
const TAR: (&[u8], usize) = (b"ustar", 257);

/// A bound: what is shorter holds no file.
const SHORTEST: usize = 14;

impl Packing {
    /// How a blob is packed; `None` if it is not.
    pub(crate) fn of(blob: &[u8]) -> Option<Self> {
        if blob.len() < SHORTEST {
            return None;
        }
        let is = |at: usize, sign: &[u8]| blob.get(at..).is_some_and(|it| it.starts_with(sign));
        let (start, blocks) = BZIP2;
        let size = start.len();
        if is(0, start) && blob[size].is_ascii_digit() && blocks.iter().any(|it| is(size + 1, it)) {
            return Some(Self::Other);
        }
        let known = STARTS.iter().find(|(start, _)| is(0, start));
        let ends = || {
            blob.len()
                .checked_sub(ZIP_END.1)
                .is_some_and(|at| is(at, ZIP_END.0))
        };
        known
            .map(|(_, packing)| *packing)
            .or_else(|| is(TAR.1, TAR.0).then_some(Self::Tar))
            .or_else(|| ends().then_some(Self::Zip))
    }

    /// Whether keyward opens it, where it is to look into what is packed.
    pub(crate) const fn opens(self) -> bool {
        !matches!(self, Self::Other)
    }

    /// Whether what is in it stands there as it is: it is opened always.
    pub(crate) const fn is_plain(self) -> bool {
        matches!(self, Self::Tar)
    }
}

/// What is done about packed files. The order is by strength.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Archives {
    /// They are named.
    #[default]
    Tell,
    /// They are looked into, as far as they can be opened, and the others are named.
    Look,
    /// The same, and the others are refused.
    Refuse,
}

impl Archives {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Tell, Self::Look, Self::Refuse];
    /// Their words in a settings file.
    pub const WORDS: [&'static str; 3] = ["tell", "look", "refuse"];
}

/// What stands between the path of an archive and the path in it.
const INSIDE: &[u8] = b"!/";

/// The path of a file in an archive.
pub(crate) fn inside(archive: &[u8], name: &[u8]) -> Vec<u8> {
    [archive, INSIDE, name].concat()
}

/// The file of a path: the archive, if it is that of a file in one.
pub(crate) fn file_of(path: &[u8]) -> &[u8] {
    file_around(path).unwrap_or(path)
}

/// The file that a path may lie in, if it is that of a file in an archive.
pub(crate) fn file_around(path: &[u8]) -> Option<&[u8]> {
    let at = path.windows(INSIDE.len()).position(|it| it == INSIDE)?;
    Some(&path[..at])
}

#[cfg(test)]
mod tests;
