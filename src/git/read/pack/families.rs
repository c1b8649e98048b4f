//! Goes through packs family by family: an object, then those that are made of it, and so on, so that
//! each is inflated once and made once.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::{Context, Result};

use super::entry::{Base, Head, apply, inflate};
use super::{Pack, Packs, Reader, read_at, share};
use crate::git::id::ObjectId;
use crate::git::object::Kind;

/// A bound: bytes of objects that all threads keep while those that are made of them are looked at. What
/// is more is made anew.
const HELD: usize = 48 << 20;

/// A weight: bytes of a pack that are read at once to see what its objects are made of.
const WINDOW: usize = 1 << 20;

const NONE: u32 = u32::MAX;

/// Whoever looks at objects, on several threads.
pub(in crate::git) trait Visitor: Sync {
    /// Whether to be shown an object.
    fn wants(&self, id: &ObjectId) -> bool;

    /// Looks at one, and says what to remember of it for those that are made of it; 0 for nothing. What
    /// can't be read is not shown.
    fn visit(&self, id: &ObjectId, kind: Kind, object: &[u8], made: Option<Made<'_>>) -> u32;

    /// Whether to end before the end.
    fn is_stopped(&self) -> bool;
}

/// How an object is made of another one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Made<'m> {
    /// What the visitor said of the other one.
    pub(crate) mark: u32,
    /// What is not as in the other one.
    pub(crate) fresh: &'m [Range<usize>],
}

impl Packs {
    /// Shows every object that is wanted, once for each pack that has it.
    pub(in crate::git) fn visit(&self, visitor: &dyn Visitor) {
        for number in 0..self.packs.len() {
            if let Ok(families) = Families::of(self, number, visitor) {
                families.visit(visitor);
            }
        }
    }
}

/// The objects of a pack that are wanted, and those that they are made of.
struct Families<'p> {
    packs: &'p Packs,
    pack: usize,
    threads: usize,
    wanted: Vec<bool>,
    /// Those that are made of no other: the largest families first, so that no thread is left with one.
    roots: Vec<u32>,
    /// Where the children of each object begin in `children`.
    starts: Vec<u32>,
    children: Vec<u32>,
}

/// An object whose children are being looked at.
struct Frame {
    number: usize,
    next: u32,
    object: Option<Arc<Vec<u8>>>,
    /// What the visitor said of it.
    mark: u32,
}

impl<'p> Families<'p> {
    fn of(packs: &'p Packs, pack: usize, visitor: &dyn Visitor) -> Result<Self> {
        let file = &packs.packs[pack];
        let count = file.starts.len();
        let mut wanted = vec![false; count];
        for (number, wanted) in wanted.iter_mut().enumerate() {
            *wanted = file.id(number).is_some_and(|id| visitor.wants(&id));
        }
        let mut families = Self {
            packs,
            pack,
            threads: thread::available_parallelism().map_or(1, usize::from),
            roots: Vec::new(),
            starts: vec![0; count + 1],
            children: Vec::new(),
            wanted,
        };
        if families.wanted.contains(&true) {
            families.arrange(&bases(file)?);
        }
        Ok(families)
    }

    /// Sorts what is needed by what it is made of.
    fn arrange(&mut self, bases: &[u32]) {
        let mut needed = vec![false; bases.len()];
        for number in 0..bases.len() {
            let mut at = number;
            while self.wanted[number] && !needed[at] {
                needed[at] = true;
                match bases[at] {
                    NONE => break,
                    base => at = base as usize,
                }
            }
        }
        for (number, _) in needed.iter().enumerate().filter(|(_, needed)| **needed) {
            match bases[number] {
                NONE => self.roots.push(number as u32),
                base => self.starts[base as usize + 1] += 1,
            }
        }
        for at in 1..self.starts.len() {
            self.starts[at] += self.starts[at - 1];
        }
        let mut filled = self.starts.clone();
        self.children = vec![0; self.starts[bases.len()] as usize];
        for (number, _) in needed.iter().enumerate().filter(|(_, needed)| **needed) {
            if bases[number] != NONE {
                let at = &mut filled[bases[number] as usize];
                self.children[*at as usize] = number as u32;
                *at += 1;
            }
        }
        let mut roots = std::mem::take(&mut self.roots);
        roots.sort_by_cached_key(|&root| std::cmp::Reverse(self.size(root)));
        self.roots = roots;
    }

    /// How many objects there are in a family.
    fn size(&self, root: u32) -> usize {
        let mut size = 0;
        let mut waiting = vec![root];
        while let Some(at) = waiting.pop() {
            size += 1;
            let own = self.starts[at as usize]..self.starts[at as usize + 1];
            waiting.extend_from_slice(&self.children[own.start as usize..own.end as usize]);
        }
        size
    }

    fn visit(&self, visitor: &dyn Visitor) {
        let next = AtomicUsize::new(0);
        let work = || {
            let mut reader = Reader::new(self.packs, self.threads);
            while !visitor.is_stopped() {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(&root) = self.roots.get(at) else {
                    return;
                };
                // What can't be read is asked of others, one by one.
                let _ = self.family(root as usize, &mut reader, visitor);
            }
        };
        thread::scope(|scope| {
            for _ in 1..self.threads {
                // A thread that can't be started leaves the work to the others.
                let _ = thread::Builder::new().spawn_scoped(scope, work);
            }
            work();
        });
    }

    fn family(&self, root: usize, reader: &mut Reader<'_>, visitor: &dyn Visitor) -> Result<()> {
        let file = &self.packs.packs[self.pack];
        let head = file.bytes(root, &mut reader.bytes)?;
        let Base::Whole(kind) = head.base else {
            return Ok(());
        };
        let object = inflate(&mut reader.stream, &reader.bytes[head.length..], head.size)?;
        let mut held = 0;
        let mut stack = Vec::new();
        self.enter(root, kind, object, None, &mut stack, &mut held, visitor);
        while let Some(frame) = stack.last_mut() {
            let end = self.starts[frame.number + 1];
            if frame.next == end {
                held -= frame.object.as_ref().map_or(0, |object| object.len());
                stack.pop();
                continue;
            }
            let child = self.children[frame.next as usize] as usize;
            frame.next += 1;
            let base = match &frame.object {
                Some(object) => Arc::clone(object),
                None => reader.at(self.pack, frame.number)?.1,
            };
            let mark = frame.mark;
            if frame.next == end {
                held -= frame.object.take().map_or(0, |object| object.len());
            }
            if visitor.is_stopped() {
                return Ok(());
            }
            let made = file.bytes(child, &mut reader.bytes).and_then(|head| {
                inflate(&mut reader.stream, &reader.bytes[head.length..], head.size)
            });
            // Those that are made of it can't be read either.
            let fresh = &mut reader.fresh;
            if let Ok(object) = made.and_then(|delta| apply(&base, &delta, fresh)) {
                drop(base);
                let made = Made {
                    mark,
                    fresh: &reader.fresh,
                };
                self.enter(
                    child,
                    kind,
                    object,
                    Some(made),
                    &mut stack,
                    &mut held,
                    visitor,
                );
            }
        }
        Ok(())
    }

    /// Shows an object and goes on to those that are made of it.
    #[expect(
        clippy::too_many_arguments,
        reason = "it is a part of the loop that calls it"
    )]
    fn enter(
        &self,
        number: usize,
        kind: Kind,
        object: Vec<u8>,
        made: Option<Made<'_>>,
        stack: &mut Vec<Frame>,
        held: &mut usize,
        visitor: &dyn Visitor,
    ) {
        let file = &self.packs.packs[self.pack];
        let mut mark = 0;
        if self.wanted[number]
            && let Some(id) = file.id(number)
        {
            mark = visitor.visit(&id, kind, &object, made);
        }
        if self.starts[number] == self.starts[number + 1] {
            return;
        }
        *held += object.len();
        stack.push(Frame {
            number,
            next: self.starts[number],
            object: Some(Arc::new(object)),
            mark,
        });
        let last = stack.len() - 1;
        let mut at = 0;
        let most = share(HELD, self.threads);
        while *held > most && at < last {
            *held -= stack[at].object.take().map_or(0, |object| object.len());
            at += 1;
        }
    }
}

/// What each object of a pack is made of, as numbers in its order.
fn bases(file: &Pack) -> Result<Vec<u32>> {
    let mut bases = Vec::with_capacity(file.starts.len());
    let mut window = Vec::new();
    let mut start = 0;
    for (number, &offset) in file.starts.iter().enumerate() {
        let left = file.end.checked_sub(offset).context("a pack is cut off")?;
        let needed = left.min(Head::LONGEST as u64);
        if offset + needed > start + window.len() as u64 || offset < start {
            start = offset;
            window.resize(usize::try_from(left.min(WINDOW as u64))?, 0);
            read_at(&file.file, start, &mut window)?;
        }
        let at = usize::try_from(offset - start)?;
        let head = Head::parse(&window[at..], file.length);
        let base = head
            .and_then(|head| file.base(number, &head).ok())
            .flatten();
        bases.push(match base {
            Some(base) => u32::try_from(base)?,
            None => NONE,
        });
    }
    Ok(bases)
}
