//! The index of a pack, by which an object is found in it: gitformat-pack, version 2.

use anyhow::{Context, Result, ensure};

use crate::git::id::ObjectId;

/// How the second version starts, which git has written since 2008.
const MAGIC: &[u8] = b"\xfftOc\0\0\0\x02";

/// How many objects have ids up to a first byte, for each byte.
const FANOUT: usize = 256 * 4;

/// Where the ids begin.
const IDS: usize = MAGIC.len() + FANOUT;

/// An offset with this bit is the number of one among the long ones.
const LONG: u32 = 1 << 31;

/// A weight: so often the place of an id is guessed before what is left is halved.
const GUESSES: usize = 4;

/// An index as it lies on the disk.
pub(super) struct PackIndex {
    data: Vec<u8>,
    count: usize,
    /// Bytes of an id.
    length: usize,
}

impl PackIndex {
    pub(super) fn parse(data: Vec<u8>, length: usize) -> Result<Self> {
        ensure!(
            data.starts_with(MAGIC),
            "the index of a pack has an odd start"
        );
        let count = number(&data, IDS - 4).context("the index of a pack is cut off")?;
        let count = usize::try_from(count)?;
        let whole = count
            .checked_mul(length + 8)
            .and_then(|bytes| bytes.checked_add(IDS));
        ensure!(
            whole.is_some_and(|whole| whole <= data.len()),
            "the index of a pack is cut off"
        );
        Ok(Self {
            data,
            count,
            length,
        })
    }

    /// How many objects the pack has.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// The id of the object at a place in the order of ids.
    pub(super) fn id(&self, place: usize) -> Option<ObjectId> {
        ObjectId::from_bytes(self.raw(place))
    }

    fn raw(&self, place: usize) -> &[u8] {
        let start = IDS + place * self.length;
        &self.data[start..start + self.length]
    }

    /// The place of an object.
    pub(super) fn find(&self, id: &ObjectId) -> Option<usize> {
        let id = id.as_bytes();
        let first = usize::from(*id.first()?);
        let up_to = |byte: usize| {
            let count = number(&self.data, MAGIC.len() + byte * 4)?;
            Some(usize::try_from(count).ok()?.min(self.count))
        };
        let mut low = match first {
            0 => 0,
            _ => up_to(first - 1)?,
        };
        let mut high = up_to(first)?;
        // Ids are spread evenly, if nobody made them otherwise: a guess or two come near.
        let sought = word(id);
        let (mut below, mut above) = (
            u64::from(first as u8) << 56,
            u64::from(first as u8) << 56 | u64::MAX >> 8,
        );
        let mut guesses = GUESSES;
        while low < high {
            let middle = match guesses {
                0 => low + (high - low) / 2,
                _ => {
                    guesses -= 1;
                    let (part, all) = (sought.saturating_sub(below), above - below);
                    let share = u128::from(part) * ((high - low) as u128) / (u128::from(all) + 1);
                    (low + share as usize).min(high - 1)
                }
            };
            let found = self.raw(middle);
            match word(found).cmp(&sought).then_with(|| found.cmp(id)) {
                std::cmp::Ordering::Less => (low, below) = (middle + 1, word(found)),
                std::cmp::Ordering::Equal => return Some(middle),
                std::cmp::Ordering::Greater => (high, above) = (middle, word(found)),
            }
        }
        None
    }

    /// Where in the pack the object at a place lies.
    pub(super) fn offset(&self, place: usize) -> Option<u64> {
        let offsets = IDS + self.count * (self.length + 4);
        let offset = number(&self.data, offsets + place * 4)?;
        if offset & LONG == 0 {
            return Some(offset.into());
        }
        let at = offsets + self.count * 4 + usize::try_from(offset ^ LONG).ok()?.checked_mul(8)?;
        let bytes = self.data.get(at..at.checked_add(8)?)?;
        Some(u64::from_be_bytes(bytes.try_into().ok()?))
    }
}

/// The first bytes of an id as a number.
fn word(id: &[u8]) -> u64 {
    id.first_chunk()
        .map_or(0, |start| u64::from_be_bytes(*start))
}

fn number(data: &[u8], at: usize) -> Option<u32> {
    let bytes = data.get(at..at + 4)?;
    Some(u32::from_be_bytes(bytes.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(ids: &[[u8; 20]], offsets: &[u32], long: &[u64]) -> Vec<u8> {
        let mut data = MAGIC.to_vec();
        for byte in 0..=255u8 {
            let count = ids.iter().filter(|id| id[0] <= byte).count();
            data.extend(u32::try_from(count).unwrap().to_be_bytes());
        }
        data.extend(ids.concat());
        data.extend(vec![0; ids.len() * 4]);
        data.extend(offsets.iter().flat_map(|offset| offset.to_be_bytes()));
        data.extend(long.iter().flat_map(|offset| offset.to_be_bytes()));
        data.extend([0; 40]);
        data
    }

    #[test]
    fn objects_are_found_where_they_lie() {
        let ids = [[0; 20], [7; 20], [9; 20], [255; 20]];
        let data = index(&ids, &[12, 500, LONG, 99], &[1 << 40]);
        let found = PackIndex::parse(data, 20).unwrap();
        assert_eq!(found.count(), 4);
        for (id, offset) in ids.iter().zip([12, 500, 1 << 40, 99]) {
            let id = ObjectId::from_bytes(id).unwrap();
            let place = found.find(&id).unwrap();
            assert_eq!(found.id(place), Some(id));
            assert_eq!(found.offset(place), Some(offset));
        }
        assert_eq!(found.find(&ObjectId::from_bytes(&[8; 20]).unwrap()), None);
    }

    #[test]
    fn what_is_no_whole_index_is_refused() {
        let data = index(&[[1; 20], [2; 20]], &[LONG | 7, 9], &[]);
        for end in 0..IDS + 2 * 28 {
            assert!(PackIndex::parse(data[..end].to_vec(), 20).is_err(), "{end}");
        }
        let found = PackIndex::parse(data, 20).unwrap();
        assert_eq!(found.offset(0), None);
        assert!(PackIndex::parse(vec![0xff; 5000], 20).is_err());
    }
}
