//! The commits that can be reached, parents before children.

use anyhow::{Result, bail};

use super::key::{Short, ShortMap};
use super::objects::ObjectReader;
use crate::git::id::ObjectId;
use crate::git::object::{Commit, Kind};

/// What stands for a commit that is on its way in.
const OPEN: u32 = u32::MAX;

/// Commits by their number. A parent's is smaller than its child's.
#[derive(Clone, Debug, Default)]
pub(crate) struct Graph {
    ids: Vec<ObjectId>,
    trees: Vec<ObjectId>,
    times: Vec<i64>,
    /// Where the parents of each end in `parents`.
    ends: Vec<u32>,
    parents: Vec<u32>,
    numbers: ShortMap<u32>,
}

/// Commits that somebody read before. They are not read again, and what they say is shown again only of those that
/// are named.
#[derive(Debug, Default)]
pub(crate) struct ReadBefore {
    pub(crate) graph: Graph,
    /// The numbers of those that are shown again, in order.
    pub(crate) shown: Vec<u32>,
}

impl ReadBefore {
    /// The number of a commit that need not be shown again.
    fn known(&self, id: &ObjectId) -> Option<usize> {
        let number = self.graph.number(id)?;
        let is_shown = self.shown.binary_search(&(number as u32)).is_ok();
        (!is_shown).then_some(number)
    }
}

/// A commit whose parents come first.
struct Open {
    id: ObjectId,
    tree: ObjectId,
    time: i64,
    waiting: Vec<ObjectId>,
    next: usize,
}

impl Graph {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    /// The id of a commit.
    pub(crate) fn id(&self, number: usize) -> ObjectId {
        self.ids[number]
    }

    /// The tree of a commit.
    pub(crate) fn tree(&self, number: usize) -> ObjectId {
        self.trees[number]
    }

    /// When a commit was made, in seconds since 1970.
    pub(crate) fn time(&self, number: usize) -> i64 {
        self.times[number]
    }

    /// The parents of a commit that are here.
    pub(crate) fn parents(&self, number: usize) -> &[u32] {
        let start = number.checked_sub(1).map_or(0, |last| self.ends[last]);
        &self.parents[start as usize..self.ends[number] as usize]
    }

    /// The number of a commit.
    pub(crate) fn number(&self, id: &ObjectId) -> Option<usize> {
        let number = *self.numbers.get(&id.into())?;
        (number != OPEN).then_some(number as usize)
    }

    /// Puts a commit behind the others, of which it names its parents.
    pub(crate) fn push(&mut self, id: ObjectId, tree: ObjectId, time: i64, parents: &[u32]) {
        let number = u32::try_from(self.ids.len()).unwrap_or(OPEN);
        self.numbers.insert(Short::from(&id), number);
        self.ids.push(id);
        self.trees.push(tree);
        self.times.push(time);
        let known = parents.iter().filter(|&&parent| parent < number);
        self.parents.extend(known);
        let end = u32::try_from(self.parents.len()).unwrap_or(u32::MAX);
        self.ends.push(end);
    }

    /// Adds a commit and all that it goes back to. Each one that was not read before is shown as soon as it is read.
    /// Gives how many times a parent is named that is not there.
    ///
    /// # Errors
    /// When the commit itself can't be read.
    pub(crate) fn add(
        &mut self,
        reader: &mut ObjectReader<'_>,
        before: &ReadBefore,
        tip: ObjectId,
        is_stopped: &dyn Fn() -> bool,
        show: &mut dyn FnMut(ObjectId, Commit),
    ) -> Result<usize> {
        let mut missing = 0;
        if self.numbers.contains_key(&Short::from(&tip)) {
            return Ok(missing);
        }
        let mut stack = vec![self.open(reader, before, tip, show)?];
        while let Some(open) = stack.last_mut() {
            if is_stopped() {
                break;
            }
            let Some(&parent) = open.waiting.get(open.next) else {
                self.close(stack.pop());
                continue;
            };
            open.next += 1;
            if !self.numbers.contains_key(&Short::from(&parent)) {
                match self.open(reader, before, parent, show) {
                    Ok(parent) => stack.push(parent),
                    Err(_) => missing += 1,
                }
            }
        }
        // Those that were not finished are not known.
        for open in stack {
            self.numbers.remove(&Short::from(&open.id));
        }
        Ok(missing)
    }

    fn open(
        &mut self,
        reader: &mut ObjectReader<'_>,
        before: &ReadBefore,
        id: ObjectId,
        show: &mut dyn FnMut(ObjectId, Commit),
    ) -> Result<Open> {
        if let Some(number) = before.known(&id) {
            self.numbers.insert(Short::from(&id), OPEN);
            let parents = before.graph.parents(number).iter();
            return Ok(Open {
                id,
                tree: before.graph.tree(number),
                time: before.graph.time(number),
                waiting: parents.map(|&at| before.graph.id(at as usize)).collect(),
                next: 0,
            });
        }
        let (kind, object) = reader.read(&id)?;
        if kind != Kind::Commit {
            bail!("{id} is not a commit");
        }
        let commit = Commit::parse(&object)?;
        self.numbers.insert(Short::from(&id), OPEN);
        let open = Open {
            id,
            tree: commit.tree,
            time: commit.made,
            waiting: commit.parents.clone(),
            next: 0,
        };
        show(id, commit);
        Ok(open)
    }

    fn close(&mut self, open: Option<Open>) {
        if let Some(open) = open {
            let parents: Vec<u32> = open
                .waiting
                .iter()
                .filter_map(|parent| self.numbers.get(&Short::from(parent)).copied())
                .filter(|&parent| parent != OPEN)
                .collect();
            self.push(open.id, open.tree, open.time, &parents);
        }
    }

    /// Of every commit the marks of those that go back to it, and its own.
    pub(crate) fn marked(&self, own: impl IntoIterator<Item = (usize, u64)>) -> Vec<u64> {
        let mut marks = self.marks(own);
        for number in (0..self.len()).rev() {
            if marks[number] != 0 {
                for &parent in self.parents(number) {
                    marks[parent as usize] |= marks[number];
                }
            }
        }
        marks
    }

    fn marks(&self, own: impl IntoIterator<Item = (usize, u64)>) -> Vec<u64> {
        let mut marks = vec![0; self.len()];
        for (number, mark) in own {
            marks[number] |= mark;
        }
        marks
    }

    /// Of every commit the marks of those that it goes back to, and its own.
    pub(crate) fn reached(&self, own: impl IntoIterator<Item = (usize, u64)>) -> Vec<u64> {
        let mut marks = self.marks(own);
        for number in 0..self.len() {
            for &parent in self.parents(number) {
                marks[number] |= marks[parent as usize];
            }
        }
        marks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(digit: u8) -> ObjectId {
        ObjectId::from_bytes(&[digit; 20]).unwrap()
    }

    #[test]
    fn marks_go_down_and_up() {
        // 0 - 1 - 3 merge of 1 and 2; 2 is of 0; 4 is alone.
        let mut graph = Graph::default();
        for (number, parents) in [&[][..], &[0], &[0], &[1, 2], &[]].into_iter().enumerate() {
            let digit = u8::try_from(number).unwrap();
            graph.push(id(digit), id(200), number as i64, parents);
        }
        assert_eq!(graph.parents(3), [1, 2]);
        assert_eq!(graph.number(&id(3)), Some(3));
        assert_eq!(graph.marked([(3, 1), (2, 2), (4, 4)]), [3, 1, 3, 1, 4]);
        assert_eq!(graph.reached([(1, 1), (4, 4)]), [0, 1, 0, 1, 4]);
    }
}
