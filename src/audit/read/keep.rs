//! What of an audit the next one is to know.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use bstr::{BStr, BString, ByteSlice};

use super::{MOST_UNREAD, Reading, unread};
use crate::audit::Plan;
use crate::audit::cache::{Kept, Suspect, Trees};
use crate::audit::judge::{Sighting, Source};
use crate::git::{Key, KeySet, ObjectId, Place, ReadBefore, Short, ShortMap};
use crate::scan::Class;

impl Reading<'_, '_> {
    /// Whether nothing that commits lead to is missing.
    fn is_whole(&self) -> bool {
        self.missing == 0 && self.walk.unread.is_empty()
    }

    /// Whether there are other commits than those that are known.
    fn has_news(&self) -> bool {
        let known = &self.kept.before.graph;
        self.graph.len() > 0 && (!self.is_grown || known.len() != self.graph.len())
    }

    /// Keeps for the next audit what this one came to know.
    pub(super) fn keep(&self, plan: &Plan<'_>, sightings: &[Sighting]) {
        if let Some(cache) = plan.cache().filter(|_| !plan.unreachable)
            && self.is_whole()
            && self.has_news()
        {
            // Without it the next one takes as long as this one, and says so to whom asks.
            let _ = cache.store(&self.to_keep(plan, sightings));
        }
    }

    /// What the next audit is to know.
    fn to_keep(&self, plan: &Plan<'_>, sightings: &[Sighting]) -> Kept {
        let of_blob = |it: &Sighting| match it.source {
            Source::Blob(key) => Some(key),
            _ => None,
        };
        let dirty: KeySet = sightings.iter().filter_map(of_blob).collect();
        let is_clean =
            |key: &&Key| !dirty.contains(key) && !Class::from_number(key.1).is_particular();
        let elsewhere: KeySet = self.walk.elsewhere().iter().copied().collect();
        let in_commits = self.walk.seen().filter(|key| !elsewhere.contains(key));
        Kept {
            before: ReadBefore {
                graph: self.graph.clone(),
                shown: self.to_show(sightings),
            },
            clean: sorted(in_commits.filter(is_clean)),
            elsewhere: sorted(elsewhere.iter().filter(is_clean)),
            trees: self.trees_to_keep(plan, sightings, &is_clean),
        }
    }

    /// The commits that say something themselves that is not clean.
    fn to_show(&self, sightings: &[Sighting]) -> Vec<u32> {
        let mut headers = HashSet::new();
        let mut shown = Vec::new();
        for sighting in sightings {
            if let Source::Commit(id) = sighting.source {
                headers.extend(self.said.of_commits.get(&Short::from(&id)).copied());
                shown.extend(self.graph.number(&id));
            }
        }
        let has = |number: &usize| {
            let header = self
                .said
                .of_commits
                .get(&Short::from(&self.graph.id(*number)));
            header.is_some_and(|header| headers.contains(header))
        };
        if !headers.is_empty() {
            shown.extend((0..self.graph.len()).filter(has));
        }
        shown.sort_unstable();
        shown.dedup();
        shown.into_iter().map(|number| number as u32).collect()
    }

    /// What the trees hold that is not clean; `None` where a path says a secret, or too much could not be read.
    fn trees_to_keep(
        &self,
        plan: &Plan<'_>,
        sightings: &[Sighting],
        is_clean: &dyn Fn(&&Key) -> bool,
    ) -> Option<Trees> {
        if unread(sightings).nth(MOST_UNREAD).is_some() {
            return None;
        }
        let mut paths: HashMap<u32, BString> = HashMap::new();
        let mut suspect = |id: ObjectId, node: u32, link: bool| {
            let path = match paths.get(&node) {
                Some(path) => path.clone(),
                None => {
                    let path = self.walk.paths.path(node);
                    if plan.sealed(&path) != path {
                        return None;
                    }
                    paths.insert(node, path.clone());
                    path
                }
            };
            Some(Suspect { id, link, path })
        };
        let looks = &self.walk.looks[..self.in_commits];
        let looks = looks.iter().filter(|look| {
            let key = Key(Short::from(&look.id), look.class);
            look.class != Class::EXCLUDED.number() && !is_clean(&&key)
        });
        let ids: ShortMap<ObjectId> = looks
            .clone()
            .map(|it| (Short::from(&it.id), it.id))
            .collect();
        let suspects = looks.map(|look| suspect(look.id, look.node, look.link));
        let suspects = suspects.collect::<Option<_>>()?;
        let set = |set: &Vec<Place>| {
            let places = set.iter();
            let places = places.map(|it| suspect(*ids.get(&it.blob)?, it.node, it.link));
            places.collect::<Option<Vec<_>>>()
        };
        let mut sets = self.held.sets.iter().map(set).collect::<Option<Vec<_>>>()?;
        for set in &mut sets {
            set.sort_by(|one, other| as_walked(one.path.as_ref(), other.path.as_ref()));
        }
        Some(Trees {
            suspects,
            sets,
            of: self.held.of.clone(),
            submodules: u32::try_from(self.walk.submodules).unwrap_or(u32::MAX),
        })
    }
}

fn sorted<'k>(keys: impl Iterator<Item = &'k Key>) -> Vec<Key> {
    let mut keys: Vec<Key> = keys.copied().collect();
    keys.sort_unstable();
    keys
}

/// The order in which a walk comes to paths: of a directory first the files, then what is below.
fn as_walked(one: &BStr, other: &BStr) -> Ordering {
    let (mut ones, mut others) = (
        one.split_str("/").peekable(),
        other.split_str("/").peekable(),
    );
    loop {
        let (Some(name), Some(other)) = (ones.next(), others.next()) else {
            return Ordering::Equal;
        };
        let below = (ones.peek().is_some(), others.peek().is_some());
        let as_sorted = |name: &[u8]| [name, b"/"].concat();
        let found = match below {
            (false, true) => Ordering::Less,
            (true, false) => Ordering::Greater,
            (false, false) => name.cmp(other),
            (true, true) => as_sorted(name).cmp(&as_sorted(other)),
        };
        if found != Ordering::Equal || !below.0 {
            return found;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_come_as_a_walk_comes_to_them() {
        // Of two directories, the name of each counts as if it ended with a slash.
        let order = ["a", "z", "b.d/a", "b/z", "b/a/x", "c/a"].map(BStr::new);
        for (at, one) in order.iter().enumerate() {
            for (other_at, other) in order.iter().enumerate() {
                assert_eq!(as_walked(one, other), at.cmp(&other_at), "{one} {other}");
            }
        }
    }
}
