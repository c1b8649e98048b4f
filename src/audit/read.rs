//! Goes through all that git holds, and has each thing judged once.

mod keep;

use std::collections::{HashMap, HashSet};
use std::mem;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use anyhow::{Result, anyhow};
use bstr::{BStr, BString, ByteSlice};
use sha2::{Digest, Sha256};

use super::cache::{Kept, Recalled, Suspect};
use super::judge::{Blobs, Judge, Sighting, Source};
use super::{Plan, Stage, Watch};
use crate::change::{COMMIT_HEADER, COMMIT_MESSAGE, EntryKind, REF_NAME, TAG_HEADER, TAG_MESSAGE};
use crate::disk;
use crate::git::{
    Commit, Graph, Held, Key, KeySet, Kind, Look, ObjectId, ObjectReader, Objects, Place, Repo,
    Roots, Short, ShortMap, Tag, Walk, places,
};
use crate::scan::Class;

/// A weight: texts that are handed to another thread at once.
const BATCH: usize = 256;

/// A bound: batches that wait to be judged.
const WAITING: usize = 16;

/// A bound: a longer file of git's own is not one of its texts.
const LONGEST: u64 = 64 << 20;

/// A bound: of more blobs that can't be read nobody is told where they stand, should they come.
const MOST_UNREAD: usize = 1000;

/// A bound: nobody makes a tag of a tag of a tag that often.
const MOST_TAGS: usize = 64;

/// All that was seen.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) roots: Roots,
    /// The commit that each root leads to.
    pub(super) tips: Vec<Option<usize>>,
    pub(super) graph: Graph,
    /// The number of each commit's header, of those that were not known to be clean. Equal ones have one number.
    pub(super) headers: ShortMap<u32>,
    pub(super) walked: Walked,
    /// Where the blobs stand that are not clean.
    pub(super) held: Held,
    pub(super) sightings: Vec<Sighting>,
    /// How many blobs were judged.
    pub(super) blobs: usize,
    /// How many objects are named and not here.
    pub(super) missing: usize,
    /// Whether somebody ended it before its end.
    pub(super) stopped: bool,
    /// What became of the cache.
    pub(super) recalled: Recalled,
}

/// What the walk through trees left.
#[derive(Default)]
pub(super) struct Walked {
    pub(super) paths: crate::git::Paths,
    pub(super) submodules: bool,
}

/// A text of a commit, a tag or a ref.
struct Said {
    source: Source,
    kind: EntryKind,
    name: &'static str,
    content: Vec<u8>,
}

pub(super) fn read(
    repo: &Repo,
    objects: &Objects,
    plan: &Plan<'_>,
    watch: &dyn Watch,
) -> Result<Seen> {
    let roots = repo.roots()?;
    let judge = Judge::new(plan);
    let class = |path: &BStr, kind: EntryKind| plan.scan.class_of(path, kind).number();
    let (kept, mut recalled) = match plan.cache() {
        Some(cache) => cache.load(),
        None => (None, Recalled::Unasked),
    };
    let kept = kept.unwrap_or_default();
    let clean: KeySet = kept.clean.iter().chain(&kept.elsewhere).copied().collect();
    let (sender, receiver) = sync_channel(WAITING);
    let receiver = Mutex::new(receiver);
    let mut reading = Reading {
        reader: objects.reader(),
        graph: Graph::default(),
        walk: Walk::new(&class, &clean),
        kept: &kept,
        held: Held::default(),
        unheld: Vec::new(),
        is_grown: false,
        in_commits: 0,
        tips: Vec::new(),
        missing: 0,
        said: Saying::new(sender),
        watch,
    };
    watch.begin(Stage::Commits, None);
    thread::scope(|scope| -> Result<()> {
        // One is enough to judge what another reads.
        let other = thread::Builder::new().spawn_scoped(scope, || judge_said(&judge, &receiver));
        if other.is_err() {
            reading.said.alone = Some(&judge);
        }
        let read = reading.all(objects, &roots, plan.unreachable);
        // The other thread ends when nothing more can come.
        reading.said.end();
        read
    })?;
    judge_texts(&judge, &roots);
    let blobs = judge_blobs(&judge, objects, &reading.walk, watch);
    let sightings = judge.take_seen();
    // What was found is told with where it stands, also where somebody ended the look.
    let stopped = watch.is_stopped();
    reading.find_places(objects, &sightings);
    if let Recalled::Known { trees, .. } = &mut recalled {
        *trees = reading.is_grown;
    }
    if !stopped && !roots.shallow {
        reading.keep(plan, &sightings);
    }
    Ok(Seen {
        roots,
        sightings,
        blobs,
        stopped,
        recalled,
        ..reading.into_seen()
    })
}

fn judge_texts(judge: &Judge<'_>, roots: &Roots) {
    for (name, file) in &roots.texts {
        match disk::read_regular(file, LONGEST) {
            Ok(Some(content)) => {
                judge.text(Source::File, EntryKind::Message, name.as_ref(), &content);
            }
            // It is gone since it was listed.
            Ok(None) => {}
            Err(error) => judge.unread(Source::File, name.clone(), &error.into()),
        }
    }
    for (name, why) in &roots.unread {
        judge.unread(Source::File, name.clone(), &anyhow!("{why}"));
    }
}

/// The blob of a sighting that somebody may want to find: something was found in it, or will be once it can be read.
fn places_of(sightings: &[Sighting]) -> KeySet {
    let are_few = unread(sightings).count() <= MOST_UNREAD;
    let wanted = sightings.iter().filter_map(|it| match it.source {
        Source::Blob(key) if !it.outcome.findings.is_empty() => Some(key),
        _ => None,
    });
    wanted
        .chain(unread(sightings).filter(|_| are_few))
        .collect()
}

/// The blobs that could not be read, all or a part of them.
fn unread(sightings: &[Sighting]) -> impl Iterator<Item = Key> {
    sightings.iter().filter_map(|it| match it.source {
        Source::Blob(key) if !it.outcome.unread.is_empty() => Some(key),
        _ => None,
    })
}

fn judge_blobs(
    judge: &Judge<'_>,
    objects: &Objects<'_>,
    walk: &Walk<'_>,
    watch: &dyn Watch,
) -> usize {
    let is_looked_at = |look: &&Look| look.class != Class::EXCLUDED.number();
    let mut looks: Vec<Look> = walk.looks.iter().filter(is_looked_at).copied().collect();
    looks.sort_by_key(|look| Short::from(&look.id));
    let mut wanted: Vec<ObjectId> = Vec::new();
    let mut starts = Vec::new();
    for (at, look) in looks.iter().enumerate() {
        if wanted.last() != Some(&look.id) {
            wanted.push(look.id);
            starts.push(at);
        }
    }
    watch.begin(Stage::Blobs, Some(wanted.len()));
    let paths = &walk.paths;
    let path = |node| paths.path(node);
    let blobs = Blobs {
        judge,
        looks: &looks,
        path: &path,
        starts: &starts,
        watch,
    };
    objects.show(&wanted, &blobs);
    // Those that are known to be clean, too.
    let is_counted = |key: &&Key| key.1 != Class::EXCLUDED.number();
    let mut all: Vec<Short> = walk.seen().filter(is_counted).map(|key| key.0).collect();
    all.sort_unstable();
    all.dedup();
    all.len()
}

fn judge_said(judge: &Judge<'_>, receiver: &Mutex<Receiver<Vec<Said>>>) {
    loop {
        let next = receiver
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .recv();
        let Ok(batch) = next else {
            return;
        };
        for said in batch {
            judge.text(said.source, said.kind, said.name.into(), &said.content);
        }
    }
}

/// Texts on their way to whoever judges them.
struct Saying<'j> {
    sender: Option<SyncSender<Vec<Said>>>,
    batch: Vec<Said>,
    /// The headers that were told of already, as hashes, and their numbers: most commits are of few people.
    headers: HashMap<[u8; 32], u32>,
    /// The number of each commit's.
    of_commits: ShortMap<u32>,
    /// Judges at once where there is no other thread.
    alone: Option<&'j Judge<'j>>,
}

impl Saying<'_> {
    fn new(sender: SyncSender<Vec<Said>>) -> Self {
        Self {
            sender: Some(sender),
            batch: Vec::new(),
            headers: HashMap::new(),
            of_commits: ShortMap::default(),
            alone: None,
        }
    }

    fn header(&mut self, source: Source, name: &'static str, header: Vec<u8>) {
        let next = u32::try_from(self.headers.len()).unwrap_or(u32::MAX);
        let number = *self
            .headers
            .entry(Sha256::digest(&header).into())
            .or_insert(next);
        if let Source::Commit(id) = source {
            self.of_commits.insert(Short::from(&id), number);
        }
        if number == next {
            self.say(source, EntryKind::Header, name, header);
        }
    }

    fn message(&mut self, source: Source, name: &'static str, message: Vec<u8>) {
        if !message.trim().is_empty() {
            self.say(source, EntryKind::Message, name, message);
        }
    }

    fn say(&mut self, source: Source, kind: EntryKind, name: &'static str, content: Vec<u8>) {
        if let Some(judge) = self.alone {
            judge.text(source, kind, name.into(), &content);
            return;
        }
        self.batch.push(Said {
            source,
            kind,
            name,
            content,
        });
        if self.batch.len() >= BATCH {
            self.send();
        }
    }

    fn send(&mut self) {
        if let Some(sender) = &self.sender {
            let batch = mem::take(&mut self.batch);
            // The other side ends last.
            let _ = sender.send(batch);
        }
    }

    fn end(&mut self) {
        self.send();
        self.sender = None;
    }
}

struct Reading<'r, 'j> {
    reader: ObjectReader<'r>,
    graph: Graph,
    walk: Walk<'r>,
    /// What is known from an earlier audit.
    kept: &'r Kept,
    /// What the trees of commits hold that an earlier audit found not clean.
    held: Held,
    /// The commits whose trees were gone through now.
    unheld: Vec<usize>,
    /// Whether all commits that are known are still here, so that their trees need not be gone through.
    is_grown: bool,
    /// How many looks the commits led to.
    in_commits: usize,
    tips: Vec<Option<usize>>,
    missing: usize,
    said: Saying<'j>,
    watch: &'r dyn Watch,
}

impl Reading<'_, '_> {
    fn all(&mut self, objects: &Objects<'_>, roots: &Roots, unreachable: bool) -> Result<()> {
        let mut trees = Vec::new();
        let mut blobs = Vec::new();
        for (number, root) in roots.roots.iter().enumerate() {
            if !root.name.is_empty() {
                let name = root.name.to_vec();
                self.said.header(Source::Root(Some(number)), REF_NAME, name);
            }
            let tip = self.root(Some(number), root.id, &mut trees, &mut blobs);
            if matches!(tip, Tip::Absent) && root.needed {
                self.missing += 1;
            }
            self.tips.push(match tip {
                Tip::Commit(tip) => Some(tip),
                Tip::Other | Tip::Absent => None,
            });
        }
        let mut left = Vec::new();
        if unreachable {
            for (id, kind) in objects.all()? {
                match kind {
                    Kind::Commit | Kind::Tag => {
                        self.root(None, id, &mut trees, &mut blobs);
                    }
                    Kind::Tree => trees.push(id),
                    Kind::Blob => left.push(id),
                }
            }
        }
        self.watch.begin(Stage::Trees, Some(self.graph.len()));
        let known = &self.kept.before.graph;
        let is_known = |number: &usize| known.number(&self.graph.id(*number)).is_some();
        let grown = (0..self.graph.len()).filter(is_known).count() == known.len();
        self.is_grown = grown && !unreachable && self.kept.trees.is_some();
        self.trees(objects)?;
        if self.watch.is_stopped() {
            return Ok(());
        }
        self.walk.end_commits();
        self.in_commits = self.walk.looks.len();
        for staged in &roots.staged {
            let node = self.walk.paths.number(staged.path.as_ref())?;
            self.walk.blob(staged.id, node, staged.link);
        }
        for tree in trees {
            if !self.walk.knows(&tree) {
                self.walk.tree(&mut self.reader, tree)?;
            }
        }
        let known: HashSet<Short> = self.walk.seen().map(|key| key.0).collect();
        for blob in blobs.into_iter().chain(left) {
            if !known.contains(&Short::from(&blob)) {
                let name = BString::from(format!("blob {blob}"));
                let node = self.walk.paths.number(name.as_ref())?;
                self.walk.blob(blob, node, false);
            }
        }
        Ok(())
    }

    /// Takes in what the trees of commits hold: of those that are known only what is not clean.
    fn trees(&mut self, objects: &Objects<'_>) -> Result<()> {
        self.held = Held::of_nothing(self.graph.len());
        let Some(trees) = self.kept.trees.as_ref().filter(|_| self.is_grown) else {
            return self.all_trees(objects);
        };
        let mut known_sets = HashMap::new();
        let mut numbers: Vec<Option<u32>> = vec![None; trees.sets.len()];
        self.walk.take_clean(self.kept.clean.iter().copied());
        for number in (0..self.graph.len()).rev() {
            if self.watch.is_stopped() {
                return Ok(());
            }
            let before = self.kept.before.graph.number(&self.graph.id(number));
            match before {
                Some(before) => {
                    let set = trees.of[before] as usize;
                    let known = match numbers[set] {
                        Some(known) => known,
                        None => {
                            let set = taken(&mut self.walk, &trees.sets[set])?;
                            self.held.number(set, &mut known_sets)
                        }
                    };
                    numbers[set] = Some(known);
                    self.held.of[number] = known;
                }
                None => {
                    self.walk.tree(&mut self.reader, self.graph.tree(number))?;
                    self.unheld.push(number);
                }
            }
            self.watch.advance(1);
        }
        taken(&mut self.walk, &trees.suspects)?;
        self.walk.submodules += trees.submodules as usize;
        Ok(())
    }

    /// Takes in what the trees of all commits hold.
    fn all_trees(&mut self, objects: &Objects<'_>) -> Result<()> {
        // What it keeps are commits, of which nobody asks any more.
        self.reader.forget();
        let commits: Vec<usize> = (0..self.graph.len()).rev().collect();
        let trees: Vec<ObjectId> = commits.iter().map(|&it| self.graph.tree(it)).collect();
        let watch = self.watch;
        let next = || {
            watch.advance(1);
            !watch.is_stopped()
        };
        let done = self.walk.trees(objects, &trees, &next)?;
        let done = done.into_iter().flat_map(|part| &commits[part]);
        self.unheld.extend(done);
        Ok(())
    }

    /// Finds where those blobs stand in which something was found or may be.
    fn find_places(&mut self, objects: &Objects<'_>, sightings: &[Sighting]) {
        let found = places_of(sightings);
        if !found.is_empty() {
            self.watch.begin(Stage::Places, None);
            let (graph, commits, walk) = (&self.graph, &self.unheld, &self.walk);
            places(objects, graph, commits, walk, &found, &mut self.held);
        }
    }

    fn into_seen(self) -> Seen {
        let walk = self.walk;
        Seen {
            tips: self.tips,
            graph: self.graph,
            headers: self.said.of_commits,
            missing: self.missing + walk.unread.len(),
            walked: Walked {
                submodules: walk.submodules > 0,
                paths: walk.paths,
            },
            held: self.held,
            ..Seen::default()
        }
    }

    /// Takes in what an object leads to.
    fn root(
        &mut self,
        root: Option<usize>,
        mut id: ObjectId,
        trees: &mut Vec<ObjectId>,
        blobs: &mut Vec<ObjectId>,
    ) -> Tip {
        for _ in 0..MOST_TAGS {
            if let Some(number) = self.graph.number(&id) {
                return Tip::Commit(number);
            }
            let Ok((kind, object)) = self.reader.read(&id) else {
                return Tip::Absent;
            };
            match kind {
                Kind::Commit => return self.commit(id),
                Kind::Tree => {
                    trees.push(id);
                    return Tip::Other;
                }
                Kind::Blob => {
                    blobs.push(id);
                    return Tip::Other;
                }
                Kind::Tag => {
                    let Ok(tag) = Tag::parse(&object) else {
                        return Tip::Absent;
                    };
                    let source = Source::Root(root);
                    self.said.header(source, TAG_HEADER, tag.header);
                    self.said.message(source, TAG_MESSAGE, tag.message);
                    id = tag.object;
                }
            }
        }
        Tip::Absent
    }

    fn commit(&mut self, id: ObjectId) -> Tip {
        let (said, watch) = (&mut self.said, self.watch);
        let mut show = |id: ObjectId, commit: Commit| {
            let source = Source::Commit(id);
            said.header(source, COMMIT_HEADER, commit.header);
            said.message(source, COMMIT_MESSAGE, commit.message);
            watch.advance(1);
        };
        let is_stopped = || watch.is_stopped();
        let before = &self.kept.before;
        let added = self
            .graph
            .add(&mut self.reader, before, id, &is_stopped, &mut show);
        match added {
            Ok(missing) => self.missing += missing,
            Err(_) => return Tip::Absent,
        }
        self.graph.number(&id).map_or(Tip::Absent, Tip::Commit)
    }
}

/// Has a walk take in blobs at paths, and gives where they stand.
fn taken(walk: &mut Walk<'_>, suspects: &[Suspect]) -> Result<Vec<Place>> {
    let mut set = Vec::with_capacity(suspects.len());
    for Suspect { id, link, path } in suspects {
        let node = walk.paths.number(path.as_ref())?;
        walk.blob(*id, node, *link);
        set.push(Place {
            blob: id.into(),
            node,
            link: *link,
        });
    }
    set.sort_unstable();
    Ok(set)
}

/// What a root leads to.
enum Tip {
    Commit(usize),
    Other,
    Absent,
}
