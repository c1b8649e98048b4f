//! The entries of trees, and where one tree differs from another: most are as long as the last one of their directory
//! and differ in one entry.

use std::ops::Range;
use std::sync::Arc;

use anyhow::{Context, Result};
use bstr::ByteSlice;

/// What an entry of a tree is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    Directory,
    File,
    Link,
    Submodule,
}

/// An entry of a tree, as it lies there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry<'t> {
    mode: &'t [u8],
    pub(super) name: &'t [u8],
    pub(super) id: &'t [u8],
    /// All its bytes.
    whole: &'t [u8],
}

impl<'t> Entry<'t> {
    /// The first entry of what is left of a tree, which goes on behind it.
    pub(super) fn first(tree: &mut &'t [u8], length: usize) -> Result<Option<Self>> {
        let all = *tree;
        if all.is_empty() {
            return Ok(None);
        }
        let odd = "a tree has an odd entry";
        let space = all.iter().take(8).position(|&b| b == b' ').context(odd)?;
        let end = all[space..].find_byte(0).context(odd)? + space;
        let whole = all.get(..end + 1 + length).context(odd)?;
        *tree = &all[whole.len()..];
        Ok(Some(Self {
            mode: &all[..space],
            name: &all[space + 1..end],
            id: &whole[end + 1..],
            whole,
        }))
    }

    /// By its mode: what git doesn't know is a directory or refused.
    pub(super) fn sort(&self) -> Sort {
        match self.mode {
            [b'1', b'0', ..] => Sort::File,
            [b'1', b'2', ..] => Sort::Link,
            [b'1', b'6', ..] => Sort::Submodule,
            _ => Sort::Directory,
        }
    }
}

/// The entries of a tree that an older one of the same directory has not.
pub(super) struct News<'t> {
    old: &'t [u8],
    new: &'t [u8],
    length: usize,
}

impl<'t> News<'t> {
    /// The next one.
    ///
    /// # Errors
    /// When the tree goes on with what is none.
    pub(super) fn next(&mut self) -> Result<Option<Entry<'t>>> {
        'entries: while let Some(entry) = Entry::first(&mut self.new, self.length)? {
            if let Some(rest) = self.old.strip_prefix(entry.whole) {
                self.old = rest;
                continue;
            }
            // Whatever the order of an odd tree is, more counts as new, never less.
            let mut old = self.old;
            while let Ok(Some(other)) = Entry::first(&mut old, self.length) {
                let after = other.name > entry.name;
                if after {
                    break;
                }
                self.old = old;
                if other.whole == entry.whole {
                    continue 'entries;
                }
                if other.name == entry.name {
                    return Ok(Some(entry));
                }
            }
            return Ok(Some(entry));
        }
        Ok(None)
    }
}

/// A tree, and where its entries end.
#[derive(Debug, Default)]
pub(super) struct Listed {
    object: Arc<Vec<u8>>,
    ends: Vec<u32>,
}

/// Where a tree may differ from an older one. What stands before and behind is the same, and whole entries.
#[derive(Debug)]
pub(super) struct Differing {
    pub(super) old: Range<usize>,
    pub(super) new: Range<usize>,
    /// Where the entries of the newer one end; nothing if not all of it is entries.
    ends: Option<Vec<u32>>,
}

impl Listed {
    /// How many bytes it takes.
    pub(super) fn size(&self) -> usize {
        self.object.len() + self.ends.len() * size_of::<u32>()
    }

    /// Where a newer tree may differ from it.
    pub(super) fn differing(&self, new: &[u8], length: usize) -> Differing {
        let old = self.object.as_slice();
        let same = common_start(old, new);
        let first = self.ends.partition_point(|&end| end as usize <= same);
        let last = first.checked_sub(1);
        let start = last.map_or(0, |last| self.ends[last] as usize);
        let same = common_end(&old[start..], &new[start..]);
        let behind = &self.ends[first..];
        let last = behind.partition_point(|&end| (end as usize) < old.len() - same);
        let end = behind.get(last).map_or(old.len(), |&end| end as usize);
        let goes_on = new.len() - (old.len() - end);
        // What goes on as the old one is whole entries, if those before it end where it begins.
        let differing = |old: Range<usize>, new_end: usize| Differing {
            ends: ends(&new[..new_end], start, length),
            old,
            new: start..new_end,
        };
        let found = differing(start..end, goes_on);
        match found.ends {
            None if goes_on < new.len() => differing(start..old.len(), new.len()),
            _ => found,
        }
    }

    /// The entries of a newer tree that it has not.
    pub(super) fn news<'t>(
        &'t self,
        new: &'t [u8],
        differing: &Differing,
        length: usize,
    ) -> News<'t> {
        News {
            old: &self.object[differing.old.clone()],
            new: &new[differing.new.clone()],
            length,
        }
    }

    /// Becomes the newer tree; nothing if not all of that is entries.
    pub(super) fn follow(&mut self, new: Arc<Vec<u8>>, differing: Differing) {
        let Differing {
            old,
            new: place,
            ends,
        } = differing;
        let Some(ends) = ends else {
            *self = Self::default();
            return;
        };
        let first = self.ends.partition_point(|&end| end as usize <= old.start);
        let last = self.ends.partition_point(|&end| end as usize <= old.end);
        for end in &mut self.ends[last..] {
            *end = (*end as usize - old.end + place.end) as u32;
        }
        self.ends.splice(first..last, ends);
        self.object = new;
    }
}

/// Where the entries of a tree end from a place on, if nothing else is there.
fn ends(tree: &[u8], start: usize, length: usize) -> Option<Vec<u32>> {
    let mut rest = &tree[start..];
    let mut ends = Vec::new();
    while Entry::first(&mut rest, length).ok()?.is_some() {
        ends.push(u32::try_from(tree.len() - rest.len()).ok()?);
    }
    Some(ends)
}

/// How many bytes two texts have in common at their starts.
fn common_start(one: &[u8], other: &[u8]) -> usize {
    let pairs = one.as_chunks::<64>().0.iter().zip(other.as_chunks().0);
    let blocks = pairs.take_while(|(one, other)| one == other).count();
    let pairs = one[64 * blocks..].iter().zip(&other[64 * blocks..]);
    64 * blocks + pairs.take_while(|(one, other)| one == other).count()
}

/// How many bytes two texts have in common at their ends.
fn common_end(one: &[u8], other: &[u8]) -> usize {
    let pairs = one.as_rchunks::<64>().1.iter().rev();
    let pairs = pairs.zip(other.as_rchunks().1.iter().rev());
    let blocks = pairs.take_while(|(one, other)| one == other).count();
    let left = |all: &'_ [u8]| all.len() - 64 * blocks;
    let pairs = one[..left(one)].iter().rev();
    let pairs = pairs.zip(other[..left(other)].iter().rev());
    64 * blocks + pairs.take_while(|(one, other)| one == other).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(entries: &[(&str, &str, u8)]) -> Vec<u8> {
        let mut object = Vec::new();
        for (mode, name, id) in entries {
            object.extend(format!("{mode} {name}\0").as_bytes());
            object.extend([*id; 20]);
        }
        object
    }

    fn news(old: &[u8], new: &[u8]) -> Vec<(String, u8)> {
        let mut news = News {
            old,
            new,
            length: 20,
        };
        let mut found = Vec::new();
        while let Some(entry) = news.next().unwrap() {
            found.push((entry.name.to_str().unwrap().to_owned(), entry.id[0]));
        }
        found
    }

    #[test]
    fn only_what_differs_is_new() {
        let one = tree(&[
            ("100644", "a", 1),
            ("100644", "b", 2),
            ("40000", "d", 3),
            ("100644", "z", 4),
        ]);
        let other = tree(&[
            ("100644", "b", 2),
            ("100644", "c", 9),
            ("40000", "d", 8),
            ("100644", "z", 4),
        ]);
        assert_eq!(news(&one, &one), []);
        assert_eq!(news(&one, &other), [("c".into(), 9), ("d".into(), 8)]);
        assert_eq!(news(b"", &other).len(), 4);
        assert_eq!(news(&one, b""), []);
        // The same blob as a link is another thing.
        let link = tree(&[("120000", "a", 1)]);
        assert_eq!(news(&one, &link), [("a".into(), 1)]);
    }

    #[test]
    fn an_odd_tree_hides_nothing_and_ends() {
        let one = tree(&[("100644", "b", 1), ("100644", "a", 2)]);
        let other = tree(&[("100644", "a", 3), ("100644", "b", 4)]);
        let found = news(&one, &other);
        assert!(found.contains(&("a".into(), 3)) && found.contains(&("b".into(), 4)));
        for odd in [
            &b"100644"[..],
            b"100644 a",
            b"100644 a\0short",
            b"123456789 a",
        ] {
            let mut rest = odd;
            assert!(Entry::first(&mut rest, 20).is_err(), "{odd:?}");
        }
    }

    /// What a newer tree has that an older one has not, and what is remembered of it then.
    fn followed(last: &mut Listed, new: &[u8]) -> Vec<(String, u8)> {
        let differing = last.differing(new, 20);
        let mut news = last.news(new, &differing, 20);
        let mut found = Vec::new();
        while let Ok(Some(entry)) = news.next() {
            found.push((entry.name.to_str().unwrap().to_owned(), entry.id[0]));
        }
        last.follow(Arc::new(new.to_vec()), differing);
        found
    }

    #[test]
    fn only_where_trees_differ_entries_are_read() {
        let names: Vec<String> = (0..200).map(|number| format!("{number:03}")).collect();
        let entries = |change: &dyn Fn(usize) -> Option<u8>| -> Vec<(&str, &str, u8)> {
            let ids = names.iter().enumerate();
            ids.filter_map(|(at, name)| Some(("100644", name.as_str(), change(at)?)))
                .collect()
        };
        let trees = [
            entries(&|_| Some(1)),
            entries(&|at| Some(if at == 100 { 2 } else { 1 })),
            entries(&|at| (at != 50).then_some(1)),
            entries(&|at| Some(if at % 67 == 0 { 3 } else { 1 })),
            entries(&|_| None),
            entries(&|at| (at > 0).then_some(1)),
            entries(&|at| (at < 199).then_some(1)),
            entries(&|_| Some(1)),
        ];
        let mut last = Listed::default();
        let mut before = Vec::new();
        for entries in trees {
            let new = tree(&entries);
            assert_eq!(followed(&mut last, &new), news(&before, &new));
            let mut fresh = Listed::default();
            followed(&mut fresh, &new);
            assert_eq!((&last.object, &last.ends), (&fresh.object, &fresh.ends));
            before = new;
        }
    }

    #[test]
    fn what_is_no_tree_is_not_kept_and_what_follows_it_is_all_new() {
        let one = tree(&[("100644", "a", 1), ("100644", "b", 2), ("100644", "c", 3)]);
        let cut = &one[..one.len() - 5];
        let mut last = Listed::default();
        followed(&mut last, &one);
        assert_eq!(followed(&mut last, cut), []);
        assert_eq!((last.size(), last.ends.len()), (0, 0));
        assert_eq!(followed(&mut last, &one).len(), 3);
    }

    #[test]
    fn of_one_entry_that_differs_only_that_is_read() {
        let entry = |at: usize, id: u8| tree(&[("100644", &format!("{at:03}"), id)]);
        let one: Vec<u8> = (0..200).flat_map(|at| entry(at, 1)).collect();
        let mut last = Listed::default();
        followed(&mut last, &one);
        let length = entry(0, 1).len();
        for at in [0, 1, 100, 199] {
            let mut other = one.clone();
            other[at * length..(at + 1) * length].copy_from_slice(&entry(at, 2));
            let differing = last.differing(&other, 20);
            assert_eq!(differing.new, at * length..(at + 1) * length);
        }
    }

    #[test]
    fn whatever_a_tree_holds_is_new_or_was_in_the_last_one() {
        let entries = |tree: &[u8]| {
            let mut rest = tree;
            let mut found = Vec::new();
            while let Ok(Some(entry)) = Entry::first(&mut rest, 20) {
                found.push((entry.name.to_vec(), entry.id.to_vec()));
            }
            found
        };
        let one: Vec<u8> = (0..30)
            .flat_map(|at| tree(&[("100644", "ab", at)]))
            .collect();
        let mut random = crate::lab::Random::new(14);
        let mut last = Listed::default();
        let mut before = Vec::new();
        for _ in 0..2_000 {
            let mut new = one.clone();
            for _ in 0..random.below(3) {
                let at = random.below(new.len());
                match random.below(4) {
                    0 => new[at] = b"\0 10"[random.below(4)],
                    1 => drop(new.drain(at..new.len().min(at + 29))),
                    2 => drop(new.drain(at..new.len().min(at + random.below(40)))),
                    _ => new.insert(at, b"\0 1a"[random.below(4)]),
                }
            }
            let differing = last.differing(&new, 20);
            let mut told = last.news(&new, &differing, 20);
            let mut found = Vec::new();
            while let Ok(Some(entry)) = told.next() {
                found.push((entry.name.to_vec(), entry.id.to_vec()));
            }
            let lost = |entry: &&_| !found.contains(entry) && !before.contains(*entry);
            let all = entries(&new);
            assert_eq!(all.iter().find(lost), None);
            last.follow(Arc::new(new), differing);
            before = match last.size() {
                0 => Vec::new(),
                _ => all,
            };
        }
    }

    #[test]
    fn what_two_texts_share_is_counted() {
        for length in [0, 1, 63, 64, 65, 200] {
            let text = vec![b'a'; length];
            assert_eq!(common_start(&text, &text), length);
            assert_eq!(common_end(&text, &text), length);
            for at in 0..length {
                let mut other = text.clone();
                other[at] = b'b';
                assert_eq!(common_start(&text, &other), at);
                assert_eq!(common_end(&text, &other), length - 1 - at);
                assert_eq!(common_end(&text, &other[at + 1..]), length - 1 - at);
            }
        }
    }
}
