//! The entries of an index, as the file has them.

use std::cmp::Ordering;
use std::ops::Range;

use anyhow::{Context, Result, bail, ensure};
use bstr::ByteSlice;

use super::window::{EndMissing, Window};
use crate::git::id::{Entry, Mode, ObjectId};

/// The bytes of an object id. The index doesn't say which hash it uses; this reader is used only
/// where it is SHA-1.
pub(super) const ID: usize = 20;

/// The fixed part of an entry: ten numbers of four bytes, the id, the flags.
pub(super) const FIXED: usize = 40 + ID + 2;

/// Where the kind of an entry stands in it.
const MODE: usize = 24;

/// The flag of an entry that has more flags.
pub(super) const EXTENDED: u16 = 0x4000;

/// The most that an entry takes unless its path is too long for its flags.
const USUAL: usize = FIXED + 2 + 0xfff + 8;

/// What an index says about a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It will be committed.
    Staged(Entry),
    /// `git add -N` announced it: no part of the commit.
    IntentToAdd,
    /// A conflict is open: it can't be committed.
    Unmerged,
}

impl State {
    /// What an entry says, which starts at the start of `data`.
    #[inline]
    pub(super) fn of(data: &[u8]) -> Result<Self> {
        // Without a commit's cache tree this is asked for every entry.
        let fixed: &[u8; FIXED] = data.first_chunk().context("it is cut short")?;
        let flags = u16::from_be_bytes(bytes(fixed, FIXED - 2)?);
        if stage(flags) != 0 {
            return Ok(Self::Unmerged);
        }
        if flags & EXTENDED != 0 && u16::from_be_bytes(bytes(data, FIXED)?) & 0x2000 != 0 {
            return Ok(Self::IntentToAdd);
        }
        let mode = Mode::from_bits(u32::from_be_bytes(bytes(fixed, MODE)?));
        Ok(Self::Staged(Entry {
            mode: mode.context("the index has an entry of an unknown kind")?,
            id: id(fixed, FIXED - 2 - ID)?,
        }))
    }
}

/// An entry in the form of versions 2 and 3: what it says, and where in its bytes the rest is.
pub(super) struct RawEntry {
    bits: u32,
    flags: u16,
    pub(super) path: Range<usize>,
    /// How long it is, with the padding.
    pub(super) length: usize,
}

impl RawEntry {
    /// The entry at the start of `data`.
    #[inline]
    pub(super) fn decode(data: &[u8]) -> Result<Self> {
        let (fixed, at) = fixed(data)?;
        let flags = u16::from_be_bytes([fixed[FIXED - 2], fixed[FIXED - 1]]);
        // The flags tell the length of a path that is not too long for them.
        let end = match usize::from(flags & 0xfff) {
            0xfff => until_nul(data, at, data.len())?.end,
            length => at + length,
        };
        ensure!(data.get(end) == Some(&0), "it ends within a path");
        // Entries are padded with one to eight NULs to a multiple of eight.
        let length = (end + 8) & !7;
        if data.len() < length {
            return Err(EndMissing.into());
        }
        Ok(Self {
            bits: u32::from_be_bytes(bytes(fixed, MODE)?),
            flags,
            path: at..end,
            length,
        })
    }
}

/// The fixed part of the entry at the start of `data`, and where its path starts.
#[inline]
fn fixed(data: &[u8]) -> Result<(&[u8; FIXED], usize)> {
    let fixed: &[u8; FIXED] = data.first_chunk().context("it is cut short")?;
    let flags = u16::from_be_bytes([fixed[FIXED - 2], fixed[FIXED - 1]]);
    let at = match flags & EXTENDED {
        0 => FIXED,
        _ => FIXED + 2,
    };
    Ok((fixed, at))
}

/// The form of the entries of one version.
enum Form {
    /// Versions 2 and 3: each stands for itself.
    Plain,
    /// Version 4: each tells only how its path differs from the one before.
    Prefixed {
        /// The entry in the form of the other versions.
        whole: Vec<u8>,
        /// How long all of them are in that form, and how long the file is.
        grown: usize,
        length: usize,
    },
}

impl Form {
    /// The next entry behind the one with the path `previous`: what it says, its bytes in the form
    /// of versions 2 and 3, and how many the file has of it.
    #[inline]
    fn read<'e>(
        &'e mut self,
        window: &'e mut Window<'_>,
        previous: &[u8],
    ) -> Result<(RawEntry, &'e [u8], usize)> {
        match self {
            Self::Plain => {
                let entry = window.understand(USUAL, RawEntry::decode)?;
                let length = entry.length;
                Ok((entry, window.skip(length)?, length))
            }
            Self::Prefixed {
                whole,
                grown,
                length,
            } => {
                let taken = window.understand(USUAL, |data| expand(data, previous, whole))?;
                window.skip(taken)?;
                *grown += whole.len();
                ensure!(*grown / 64 <= *length, "its paths grow beyond reason");
                Ok((RawEntry::decode(whole)?, whole, taken))
            }
        }
    }
}

/// The entry at the start of `data` in the form of version 4, which tells only how its path
/// differs from the one before. It is written to `whole` in the other form. Gives its length.
fn expand(data: &[u8], previous: &[u8], whole: &mut Vec<u8>) -> Result<usize> {
    let (_, at) = fixed(data)?;
    let (strip, suffix_at) = offset_number(data, at)?;
    let suffix = until_nul(data, suffix_at, data.len())?;
    let kept = previous
        .len()
        .checked_sub(strip)
        .context("a path is cut wrongly")?;
    whole.clear();
    whole.extend_from_slice(&data[..at]);
    whole.extend_from_slice(&previous[..kept]);
    whole.extend_from_slice(&data[suffix.clone()]);
    let length = u16::try_from(whole.len() - at).map_or(0xfff, |length| length.min(0xfff));
    let [high, low] = &mut whole[FIXED - 2..FIXED] else {
        bail!("it is cut short");
    };
    let flags = u16::from_be_bytes([*high, *low]) & !0xfff | length;
    [*high, *low] = flags.to_be_bytes();
    whole.resize((whole.len() + 8) & !7, 0);
    Ok(suffix.end + 1)
}

/// An entry that [`Entries`] shows.
pub(super) struct Seen<'e> {
    pub(super) entry: RawEntry,
    /// All of it, in the form of versions 2 and 3.
    pub(super) bytes: &'e [u8],
    /// Where in the file it ends.
    pub(super) end: usize,
}

/// Goes through the entries of an index, in the order of the file. Not an `Iterator`: what it gives
/// is seen only until the next one.
pub(super) struct Entries<'w, 's> {
    window: &'w mut Window<'s>,
    form: Form,
    version: usize,
    /// How many are to come.
    left: usize,
    last: Last,
    /// Where in the file the next one starts.
    at: usize,
}

impl<'w, 's> Entries<'w, 's> {
    /// The entries that come next in the file, which is `length` bytes long, from `at` on.
    pub(super) fn new(
        window: &'w mut Window<'s>,
        version: usize,
        count: usize,
        at: usize,
        length: usize,
    ) -> Self {
        let form = match version {
            4 => Form::Prefixed {
                whole: Vec::new(),
                grown: 0,
                length,
            },
            _ => Form::Plain,
        };
        Self {
            window,
            form,
            version,
            left: count,
            last: Last::default(),
            at,
        }
    }

    /// The next entry.
    #[inline]
    pub(super) fn next(&mut self) -> Result<Option<Seen<'_>>> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        let (entry, bytes, taken) = self.form.read(self.window, &self.last.path)?;
        self.last.go_to(&entry, bytes, self.version)?;
        self.at += taken;
        Ok(Some(Seen {
            entry,
            bytes,
            end: self.at,
        }))
    }

    /// Where in the file the next entry starts, or what follows the last one.
    pub(super) fn at(&self) -> usize {
        self.at
    }
}

/// The entry before.
#[derive(Default)]
struct Last {
    path: Vec<u8>,
    stage: u16,
}

impl Last {
    /// Goes on to the next entry, if it may follow.
    fn go_to(&mut self, next: &RawEntry, bytes: &[u8], version: usize) -> Result<()> {
        ensure!(
            next.flags & EXTENDED == 0 || version >= 3,
            "an entry has flags of a later version"
        );
        ensure!(next.bits & 0o170_000 != 0o040_000, "it is sparse");
        let path = &bytes[next.path.clone()];
        ensure!(!path.is_empty(), "a path is empty");
        let mut order = self.path[..].cmp(path);
        if order == Ordering::Equal {
            order = self.stage.cmp(&stage(next.flags));
        }
        ensure!(order == Ordering::Less, "its entries are out of order");
        self.path.clear();
        self.path.extend_from_slice(path);
        self.stage = stage(next.flags);
        Ok(())
    }
}

/// The side of an open conflict that an entry is; 0 where there is none.
fn stage(flags: u16) -> u16 {
    flags >> 12 & 3
}

/// The bytes at a place, of which there must be as many.
#[inline]
fn bytes<const N: usize>(data: &[u8], at: usize) -> Result<[u8; N]> {
    data.get(at..)
        .and_then(|rest| rest.first_chunk())
        .copied()
        .context("it is cut short")
}

/// A number of four bytes.
pub(super) fn number(data: &[u8], at: usize) -> Result<usize> {
    Ok(usize::try_from(u32::from_be_bytes(bytes(data, at)?))?)
}

/// The id at a place.
pub(super) fn id(data: &[u8], at: usize) -> Result<ObjectId> {
    ObjectId::from_bytes(&bytes::<ID>(data, at)?).context("it is cut short")
}

/// From `start` up to the next NUL, which stands before `end`.
pub(super) fn until_nul(data: &[u8], start: usize, end: usize) -> Result<Range<usize>> {
    let rest = data.get(start..end).context("it ends within a path")?;
    let length = rest.find_byte(0).ok_or(EndMissing)?;
    Ok(start..start + length)
}

/// A number in the encoding of pack offsets, and where the bytes behind it start.
fn offset_number(data: &[u8], mut at: usize) -> Result<(usize, usize)> {
    let mut value = 0_usize;
    loop {
        let [byte] = bytes(data, at)?;
        at += 1;
        value = value
            .checked_shl(7)
            .filter(|shifted| shifted >> 7 == value)
            .context("a number is too large")?
            | usize::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Ok((value, at));
        }
        value = value.checked_add(1).context("a number is too large")?;
    }
}
