//! Makes one entry of all that was seen of a secret: since when, by whom, where, and who has it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::mem;

use anyhow::Result;
use bstr::{BStr, BString, ByteSlice};

use super::Plan;
use super::entry::{Audit, CommitFacts, Entry, Pushed};
use super::holders::{Alike, Holders, OnRemote, name_of};
use super::judge::{Sighting, Source};
use super::read::Seen;
use crate::archive;
use crate::change::{COMMIT_HEADER, Change, EntryKind, InMemory, Status};
use crate::disk;
use crate::finding::{Finding, Fingerprint, Found};
use crate::git::{Commit, Holder, Kind, ObjectReader, Objects, Repo, Short};
use crate::scan::Class;
use crate::verdict::{Unread, decide};

/// A bound: secrets whose marks fit into a word.
const AT_ONCE: usize = 64;

/// A bound: paths of an entry that are told, and other secrets beside it.
const MOST_PATHS: usize = 100;

/// A bound: files of the working tree that are looked at again.
const MOST_FILES: usize = 5000;

/// A bound: bytes of such a file.
const LONGEST: u64 = 64 << 20;

/// What a commit is reached from, as bits. Those from [`mark::REMOTE`] on stand for remotes.
mod mark {
    pub(super) const HEAD: u64 = 1;
    pub(super) const REF: u64 = 2;
    pub(super) const OTHER: u64 = 4;
    /// The first bit of a remote. The last one stands for all that have no other.
    pub(super) const REMOTE: u32 = 8;
    pub(super) const REMOTES: usize = 56;
}

/// All sightings of a secret.
#[derive(Debug, Default)]
struct Group {
    findings: Vec<Finding>,
    /// The blobs that hold it.
    blobs: BTreeSet<Short>,
    /// The commits that say it themselves.
    said: BTreeSet<usize>,
    /// The numbers of the headers that say it.
    headers: BTreeSet<u32>,
    /// The roots that say it themselves: in a tag, or by their names.
    roots: BTreeSet<usize>,
    /// The commits that brought it: no parent of theirs holds it.
    brought: Vec<usize>,
    /// The newest commit that holds it.
    last: Option<usize>,
    /// The numbers of its paths.
    nodes: BTreeSet<u32>,
    /// Of those the ones that it has in the newest commit.
    newest: BTreeSet<u32>,
    in_head: bool,
    /// Whether it lies in a file of git's own.
    in_file: bool,
    /// In what else it stands.
    kinds: Vec<EntryKind>,
}

/// What was told before, without the secrets in it: many entries are told with the same names.
#[derive(Default)]
struct Told {
    /// What each root is called, and the whole name of its ref.
    roots: HashMap<usize, (BString, BString)>,
    paths: HashMap<u32, BString>,
    commits: HashMap<usize, Option<CommitFacts>>,
}

pub(super) fn gather(
    repo: &Repo,
    objects: &Objects,
    plan: &Plan<'_>,
    mut seen: Seen,
) -> Result<Audit> {
    let mut audit = Audit {
        commits: seen.graph.len(),
        blobs: seen.blobs,
        missing: seen.missing,
        shallow: seen.roots.shallow,
        partial: seen.roots.partial,
        submodules: seen.walked.submodules,
        unreachable: plan.unreachable,
        stopped: seen.stopped,
        remotes: names_of_remotes(plan, &seen),
        only: plan.only,
        recalled: seen.recalled,
        ..Audit::default()
    };
    let mut reader = objects.reader();
    let sightings = mem::take(&mut seen.sightings);
    let groups = group(sightings, plan, &seen, &mut audit);
    let mut teller = Teller {
        plan,
        reader: &mut reader,
        head: head(&seen),
        marks: marks(&seen),
        only: plan
            .only
            .map(|only| only.commits(&seen.graph))
            .transpose()?,
        alike: Alike::of(&seen.roots.roots, &seen.tips),
        seen,
        groups,
        told: Told::default(),
    };
    teller.headers();
    teller.follow();
    teller.entries(&mut audit);
    teller.in_worktree(repo, &mut audit);
    audit.sort();
    Ok(audit)
}

fn names_of_remotes(plan: &Plan<'_>, seen: &Seen) -> Vec<String> {
    let names = seen.roots.remotes.iter();
    names
        .map(|name| plan.scan.sealed(name.as_bytes()).to_string())
        .collect()
}

/// Sorts what was seen by secret, and notes what else there is to tell.
fn group(
    sightings: Vec<Sighting>,
    plan: &Plan<'_>,
    seen: &Seen,
    audit: &mut Audit,
) -> BTreeMap<Fingerprint, Group> {
    let mut groups: BTreeMap<Fingerprint, Group> = BTreeMap::new();
    let (mut allowed, mut below) = (BTreeSet::new(), BTreeSet::new());
    let (mut lfs, mut archives) = (BTreeSet::new(), BTreeSet::new());
    for Sighting { source, outcome } in sightings {
        let verdict = decide(outcome, plan.allowed, |_| plan.threshold);
        let names = |findings: &[Finding]| -> Vec<Fingerprint> {
            findings.iter().map(|it| it.fingerprint.clone()).collect()
        };
        allowed.extend(
            verdict
                .allowed
                .iter()
                .map(|it| it.finding.fingerprint.clone()),
        );
        below.extend(names(&verdict.below_threshold));
        lfs.extend(verdict.lfs);
        archives.extend(verdict.archives.into_iter().map(|it| it.path));
        for unread in verdict.unread {
            note_unread(audit, unread);
        }
        for finding in verdict.blocking {
            let group = groups.entry(finding.fingerprint.clone()).or_default();
            match source {
                Source::Blob(key) => group.blobs.extend([key.0]),
                Source::Commit(id) => {
                    group.said.extend(seen.graph.number(&id));
                    if finding.path == COMMIT_HEADER {
                        group.headers.extend(seen.headers.get(&(&id).into()));
                    }
                }
                Source::Root(root) => group.roots.extend(root),
                Source::File => group.in_file = true,
            }
            if source != Source::File && !group.kinds.contains(&finding.kind) {
                group.kinds.push(finding.kind);
            }
            group.findings.push(finding);
        }
    }
    audit.absent.sort_unstable();
    audit.absent.dedup();
    audit.absent.truncate(MOST_PATHS);
    audit.allowed = allowed.len();
    audit.below_threshold = below.difference(&allowed).count();
    audit.lfs = lfs.into_iter().collect();
    audit.archives = archives.into_iter().collect();
    groups
}

/// A blob that is named and not here counts, and others are told with why.
fn note_unread(audit: &mut Audit, unread: Unread) {
    if unread.reason.contains("not there") || unread.reason.contains("bad file") {
        audit.missing += 1;
        audit.absent.push(unread.path);
    } else {
        audit.unread.push(unread);
    }
}

fn head(seen: &Seen) -> Option<usize> {
    let mut roots = seen.roots.roots.iter().zip(&seen.tips);
    let head = roots.find(|(root, _)| root.holder == Holder::Head(BString::default()));
    head.and_then(|(_, tip)| *tip)
}

/// What each commit is reached from.
fn marks(seen: &Seen) -> Vec<u64> {
    let roots = seen.roots.roots.iter().zip(&seen.tips);
    let own = roots.filter_map(|(root, tip)| {
        let mut mark = match &root.holder {
            Holder::Head(worktree) if worktree.is_empty() => mark::HEAD | mark::OTHER,
            Holder::Branch(_) | Holder::Remote(_) | Holder::Tag(_) => mark::REF,
            _ => mark::OTHER,
        };
        if let Some(tracked) = root.tracked {
            mark |= remote_bit(tracked.remote);
        }
        Some(((*tip)?, mark))
    });
    seen.graph.marked(own)
}

fn remote_bit(remote: usize) -> u64 {
    let place = u32::try_from(remote.min(mark::REMOTES - 1)).unwrap_or(0);
    1 << (mark::REMOTE + place)
}

struct Teller<'t, 'o> {
    plan: &'t Plan<'t>,
    reader: &'t mut ObjectReader<'o>,
    head: Option<usize>,
    marks: Vec<u64>,
    /// The commits of which is told what they brought; `None` where all is told.
    only: Option<Vec<bool>>,
    alike: Alike,
    seen: Seen,
    groups: BTreeMap<Fingerprint, Group>,
    told: Told,
}

impl Teller<'_, '_> {
    /// Of commits with the same header only one was judged: finds the others.
    fn headers(&mut self) {
        let mut sought: HashMap<u32, Vec<Fingerprint>> = HashMap::new();
        for (name, group) in &self.groups {
            for &header in &group.headers {
                sought.entry(header).or_default().push(name.clone());
            }
        }
        if sought.is_empty() {
            return;
        }
        for number in 0..self.seen.graph.len() {
            let id = self.seen.graph.id(number);
            let names = self.seen.headers.get(&(&id).into());
            for name in names
                .and_then(|header| sought.get(header))
                .into_iter()
                .flatten()
            {
                if let Some(group) = self.groups.get_mut(name) {
                    group.said.insert(number);
                }
            }
        }
    }

    /// Finds the commits that brought each secret, and the last that holds it.
    fn follow(&mut self) {
        let graph = &self.seen.graph;
        let held = &self.seen.held;
        let names: Vec<Fingerprint> = self.groups.keys().cloned().collect();
        let mut of_blob: HashMap<Short, Vec<usize>> = HashMap::new();
        for (at, group) in self.groups.values().enumerate() {
            for blob in &group.blobs {
                of_blob.entry(*blob).or_default().push(at);
            }
        }
        // The secrets of each set, and the newest commit that has it.
        let of_set: Vec<BTreeSet<usize>> = held
            .sets
            .iter()
            .map(|set| {
                let of_place = |place: &crate::git::Place| of_blob.get(&place.blob);
                set.iter().filter_map(of_place).flatten().copied().collect()
            })
            .collect();
        let mut groups: Vec<Group> = mem::take(&mut self.groups).into_values().collect();
        let age = |commit: usize| (graph.time(commit), commit);
        let mut newest: Vec<Option<usize>> = vec![None; of_set.len()];
        let set_of = |commit: usize| held.of.get(commit).map_or(0, |&set| set as usize);
        for commit in (0..graph.len()).filter(|&commit| self.is_told(commit)) {
            let set = set_of(commit);
            let Some(secrets) = of_set.get(set) else {
                continue;
            };
            newest[set] = newest[set]
                .into_iter()
                .chain([commit])
                .max_by_key(|&it| age(it));
            let parents = graph.parents(commit);
            let is_old = |&parent: &u32| set_of(parent as usize) == set;
            if secrets.is_empty() || parents.iter().any(is_old) {
                continue;
            }
            for &secret in secrets {
                let has = |&parent: &u32| of_set[set_of(parent as usize)].contains(&secret);
                if !parents.iter().any(has) {
                    groups[secret].brought.push(commit);
                }
            }
        }
        for (set, commit) in newest.iter().enumerate() {
            let Some(commit) = *commit else { continue };
            for &secret in &of_set[set] {
                let group = &mut groups[secret];
                let places = held.sets[set].iter();
                let own = places.filter(|place| group.blobs.contains(&place.blob));
                let own: BTreeSet<u32> = own.map(|place| place.node).collect();
                group.nodes.extend(&own);
                if group.last.is_none_or(|last| age(last) < age(commit)) {
                    group.last = Some(commit);
                    group.newest = own;
                }
                group.in_head |= self.head.is_some_and(|head| set_of(head) == set);
            }
        }
        for group in &mut groups {
            let told = group.said.iter().filter(|&&commit| self.is_told(commit));
            group.brought.extend(told);
            let last = group.said.iter().copied().chain(group.last);
            group.last = last.max_by_key(|&commit| age(commit));
            group
                .brought
                .sort_by_key(|&commit| (graph.time(commit), commit));
        }
        self.groups = names.into_iter().zip(groups).collect();
    }

    /// Whether a commit is held by something, or whoever asks wants to know of it anyway.
    fn is_told(&self, commit: usize) -> bool {
        self.plan.unreachable || self.marks[commit] != 0
    }

    fn entries(&mut self, audit: &mut Audit) {
        let groups = mem::take(&mut self.groups);
        let beside = beside(&groups);
        let all: Vec<(Fingerprint, Group)> = groups.into_iter().collect();
        for batch in all.chunks(AT_ONCE) {
            let own = batch.iter().enumerate().flat_map(|(at, (_, group))| {
                let brought = group.brought.iter();
                brought.map(move |&commit| (commit, 1 << at))
            });
            let reached = self.alike.reached(&self.seen.graph.reached(own));
            for (at, (name, group)) in batch.iter().enumerate() {
                if !self.is_asked_for(group) {
                    continue;
                }
                let mut entry = self.entry(group, &reached, at, &audit.remotes);
                entry.beside = beside.get(name).cloned().unwrap_or_default();
                audit.entries.push(entry);
            }
        }
    }

    /// Whether it is to be told: one of the commits that are asked for brought it.
    fn is_asked_for(&self, group: &Group) -> bool {
        let mut brought = group.brought.iter();
        let only = self.only.as_ref();
        only.is_none_or(|only| brought.any(|&commit| only[commit]))
    }

    fn entry(&mut self, group: &Group, reached: &[u64], at: usize, remotes: &[String]) -> Entry {
        let newest = self.sealed_paths(group.newest.iter());
        let value = |it: &&Finding| (it.confidence, newest.contains(&it.path));
        let surest = group.findings.iter().max_by_key(value);
        let finding = surest.unwrap_or(&group.findings[0]).clone();
        let mut staged = self.seen.roots.staged.iter();
        let staged = staged.any(|it| group.blobs.contains(&(&it.id).into()));
        let mut holders = self.holders(group, reached, at);
        if group.in_file {
            holders.others.insert("a file in git's directory".into());
        }
        if staged {
            holders.others.insert("the index".into());
        }
        if holders.others.is_empty() && holders.branches.is_empty() && holders.tags.is_empty() {
            holders.others = holders.logs;
        }
        if !holders.branches.is_empty() {
            holders.frees.clear();
        }
        let is_held = group.brought.iter().any(|&commit| self.marks[commit] != 0);
        if !is_held && !group.brought.is_empty() {
            holders.doubts.extend(self.seen.roots.forgotten);
        }
        if !holders.remotes.is_empty() {
            holders.doubts.clear();
        }
        let on = holders.remotes.into_iter();
        let pushed = on.map(|(remote, on)| {
            let name = remotes.get(remote).cloned().unwrap_or_default();
            self.pushed(group, remote, name, on)
        });
        let pushed = pushed.collect();
        Entry {
            confidence: finding.confidence,
            paths: self.paths(group, &newest),
            first: self.facts(group.brought.first().copied()),
            last: self.facts(group.last),
            in_head: group.in_head,
            in_worktree: false,
            staged,
            branches: holders.branches,
            tags: holders.tags,
            pushed,
            doubts: holders.doubts,
            held_by: holders.others.into_iter().collect(),
            frees: holders.frees,
            refs: holders.refs,
            kinds: group.kinds.clone(),
            in_name: group.findings.iter().any(Finding::is_in_name),
            rotated: None,
            revoked: None,
            beside: Vec::new(),
            finding,
        }
    }

    /// What of the roots holds a secret.
    fn holders(&mut self, group: &Group, reached: &[u64], at: usize) -> Holders {
        let mut holders = Holders::default();
        for number in self.alike.holding(reached, at, &group.roots) {
            let (plan, root) = (self.plan, &self.seen.roots.roots[number]);
            let told = self.told.roots.entry(number).or_insert_with(|| {
                let name = plan.sealed(name_of(&root.holder));
                (name, plan.sealed(&root.name))
            });
            holders.add(root, &told.0, &told.1);
        }
        holders
    }

    /// Since when a remote has a secret, and in which of its branches.
    fn pushed(&mut self, group: &Group, remote: usize, name: String, on: OnRemote) -> Pushed {
        let bit = remote_bit(remote);
        let mut brought = group.brought.iter().copied();
        let since = brought.find(|&commit| self.marks[commit] & bit != 0);
        Pushed {
            remote: name,
            since: self.facts(since),
            by: on.by,
            now: on.now,
            branches: on.branches,
        }
    }

    /// The paths at which it stands, without the secrets in their names: first those that it has in the newest commit.
    fn paths(&mut self, group: &Group, newest: &BTreeSet<BString>) -> Vec<BString> {
        let own = group.findings.iter().map(|finding| finding.path.clone());
        let mut told: BTreeSet<BString> = own.take(MOST_PATHS).collect();
        // One in a name has the name of the directory, and not of each file in it.
        let in_name = group.findings.iter().all(Finding::is_in_name);
        let is_file = group
            .findings
            .iter()
            .any(|it| matches!(it.found, Found::File { .. }));
        if !in_name && !is_file {
            told.extend(self.sealed_paths(group.nodes.iter()));
        }
        // Of what is in an archive, that says more than the archive's own path.
        let around = |path: &BString| archive::file_around(path).map(BString::from);
        let around: BTreeSet<BString> = told.iter().filter_map(around).collect();
        let told = told.into_iter().filter(|path| !around.contains(path));
        let (mut told, older): (Vec<_>, Vec<_>) =
            told.partition(|path| newest.contains(file(path)));
        told.extend(older);
        told.truncate(MOST_PATHS);
        told
    }

    /// Paths by their numbers, without the secrets in them.
    fn sealed_paths<'n>(&mut self, nodes: impl Iterator<Item = &'n u32>) -> BTreeSet<BString> {
        let (paths, plan) = (&self.seen.walked.paths, self.plan);
        let sealed = &mut self.told.paths;
        let mut named: Vec<(BString, u32)> = nodes.map(|&node| (paths.path(node), node)).collect();
        // Which are told depends on nothing but what they are called.
        named.sort_unstable();
        named.truncate(MOST_PATHS);
        let told = named.into_iter().map(|(path, node)| {
            let path = sealed.entry(node).or_insert_with(|| plan.sealed(&path));
            path.clone()
        });
        told.collect()
    }

    fn facts(&mut self, number: Option<usize>) -> Option<CommitFacts> {
        let number = number?;
        if let Some(known) = self.told.commits.get(&number) {
            return known.clone();
        }
        let facts = commit(self.reader, &self.seen, number).map(|commit| CommitFacts {
            id: self.seen.graph.id(number).to_string(),
            author: self.plan.sealed(&commit.author),
            time: commit.written,
        });
        self.told.commits.insert(number, facts.clone());
        facts
    }

    /// Looks at the files of the working tree in which something stood.
    fn in_worktree(&self, repo: &Repo, audit: &mut Audit) {
        let Ok(top) = repo.worktree() else {
            return;
        };
        let mut paths: BTreeMap<BString, BTreeSet<Fingerprint>> = BTreeMap::new();
        for entry in &audit.entries {
            let files = entry.paths.iter();
            for path in files.filter(|_| entry.finding.kind.is_named()) {
                if paths.len() < MOST_FILES {
                    paths.entry(file(path).to_owned()).or_default();
                }
            }
        }
        for (path, found) in &mut paths {
            let Ok(name) = path.to_str() else { continue };
            let Ok(Some(content)) = disk::read_inside(top, name, LONGEST) else {
                continue;
            };
            let kind = EntryKind::File;
            let class = self.plan.scan.class_of(path.as_ref(), kind);
            if class == Class::EXCLUDED {
                continue;
            }
            let nothing = InMemory::default();
            let change = Change::new(BStr::new(path), Status::Added, kind, nothing);
            let outcome = self.plan.scan.look_into(change, &content, class);
            found.extend(outcome.findings.into_iter().map(|it| it.fingerprint));
        }
        for entry in &mut audit.entries {
            entry.in_worktree = entry.paths.iter().any(|path| {
                let found = paths.get(file(path));
                found.is_some_and(|found| found.contains(&entry.finding.fingerprint))
            });
        }
    }
}

/// The file of the working tree that has a path, which may lead into an archive.
fn file(path: &BString) -> &BStr {
    BStr::new(archive::file_of(path))
}

/// Which other secrets stand in the same files.
fn beside(groups: &BTreeMap<Fingerprint, Group>) -> HashMap<Fingerprint, Vec<Fingerprint>> {
    let mut of_blob: HashMap<Short, Vec<&Fingerprint>> = HashMap::new();
    let is_secret = |group: &Group| {
        let mut findings = group.findings.iter();
        findings.any(|it| matches!(it.found, Found::Secret { .. }))
    };
    for (name, group) in groups.iter().filter(|(_, group)| is_secret(group)) {
        for blob in &group.blobs {
            of_blob.entry(*blob).or_default().push(name);
        }
    }
    let mut found = HashMap::new();
    for (name, group) in groups {
        let mut others = BTreeSet::new();
        for blob in &group.blobs {
            for other in of_blob.get(blob).into_iter().flatten() {
                if others.len() < MOST_PATHS && *other != name {
                    others.insert((*other).clone());
                }
            }
        }
        found.insert(name.clone(), others.into_iter().collect());
    }
    found
}

fn commit(reader: &mut ObjectReader<'_>, seen: &Seen, number: usize) -> Option<Commit> {
    match reader.read(&seen.graph.id(number)) {
        Ok((Kind::Commit, object)) => Commit::parse(&object).ok(),
        _ => None,
    }
}
