//! What keeps objects alive: refs, the heads of working trees, the logs of refs, what git left half done,
//! and the indexes. git's own files are read beside, since some of it no command of git tells.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::Result;
use bstr::{BString, ByteSlice};

use super::key::Short;
use super::remotes::{Doubt, Remotes, SETTINGS, There, Tracked};
use crate::disk;
use crate::git::id::ObjectId;
use crate::git::read::plumbing::{Logged, Staged};
use crate::git::repo::Repo;

/// A bound: how deep the directories of git's own files go.
const DEEPEST: usize = 32;

/// A bound: what is longer is no file of git's that names commits.
const LONGEST: u64 = 256 << 20;

/// Files in a git directory, beside those whose names end with `_HEAD`, whose lines start with ids.
const STATES: &[&str] = &[
    "AUTO_MERGE",
    "rebase-merge/orig-head",
    "rebase-merge/onto",
    "rebase-merge/autostash",
    "rebase-merge/stopped-sha",
    "rebase-apply/orig-head",
    "rebase-apply/onto",
    "rebase-apply/autostash",
    "rebase-apply/abort-safety",
];

/// Texts that git keeps beside the objects.
const TEXTS: &[&str] = &[
    "COMMIT_EDITMSG",
    "MERGE_MSG",
    "SQUASH_MSG",
    "TAG_EDITMSG",
    "NOTES_EDITMSG",
];

/// What holds an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Holder {
    /// A branch of this repository, by its short name.
    Branch(BString),
    /// What a remote had when it was last asked: `origin/main`.
    Remote(BString),
    /// A tag.
    Tag(BString),
    /// `refs/stash`.
    Stash,
    /// Notes on commits.
    Notes(BString),
    /// Any other ref.
    Ref(BString),
    /// The HEAD of a working tree, and whose, if it is not the main one.
    Head(BString),
    /// The log of a ref.
    Log(BString),
    /// What git remembers of something that it did or has half done.
    State(BString),
}

/// An object that is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Root {
    /// The object: mostly a commit or a tag.
    pub(crate) id: ObjectId,
    /// By what.
    pub(crate) holder: Holder,
    /// The whole name of the ref; empty if it is none.
    pub(crate) name: BString,
    /// What says that a remote has it or had it.
    pub(crate) tracked: Option<Tracked>,
    /// Why a remote may have it of which nothing here says so.
    pub(crate) doubt: Option<Doubt>,
    /// Whether it is an error if the object is not there: logs outlive their commits.
    pub(crate) needed: bool,
}

/// Everything that holds something.
#[derive(Clone, Debug, Default)]
pub(crate) struct Roots {
    /// The objects, in the order in which they are gone through.
    pub(crate) roots: Vec<Root>,
    /// The names of the remotes.
    pub(crate) remotes: Vec<String>,
    /// Why a remote may have what neither a ref nor a log has.
    pub(crate) forgotten: Option<Doubt>,
    /// What is staged, in every working tree.
    pub(crate) staged: Vec<Staged>,
    /// Texts that lie beside the objects: what `rerere` remembers, and messages that were begun.
    pub(crate) texts: Vec<(BString, PathBuf)>,
    /// Files and directories of git's own that are there and can't be read, and why.
    pub(crate) unread: Unread,
    /// Whether a part of history was never fetched.
    pub(crate) shallow: bool,
    /// Whether objects may be missing since nobody asked for them.
    pub(crate) partial: Partial,
}

/// Whether a repository is a clone that left objects out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Partial {
    /// It is not.
    #[default]
    No,
    /// It is, and a remote is known that gives them.
    Fetched,
    /// It is, and nothing here says who has them: the clone was copied.
    Copied,
}

impl Repo {
    /// Everything that holds something.
    ///
    /// # Errors
    /// When git can't list its refs.
    pub(crate) fn roots(&self) -> Result<Roots> {
        let common = self.common_dir()?;
        let mut roots = Roots {
            shallow: self.is_shallow()?,
            ..Roots::default()
        };
        let mut worktrees = match self.git_dirs() {
            Ok(mut all) => all.split_off(1),
            Err(error) => {
                roots
                    .unread
                    .push(("worktrees".into(), format!("{error:#}")));
                Vec::new()
            }
        };
        worktrees.sort();
        let mut remotes = Remotes::new(&self.plumbing.settings(SETTINGS)?);
        roots.partial = match remotes.partial {
            true => Partial::Fetched,
            false if has_promised(&self.plumbing.objects_dir()?) => Partial::Copied,
            false => Partial::No,
        };
        let mut gathering = Gathering {
            doubt: remotes.doubt(!worktrees.is_empty()),
            remotes: &mut remotes,
            roots: &mut roots,
        };
        gathering.refs(self.refs()?);
        if let Some(head) = self.plumbing.head()? {
            gathering.hold(head, Holder::Head(BString::default()), true);
        }
        if common.join("reftable").is_dir() {
            for id in self.plumbing.logged()? {
                gathering.hold(id, Holder::Log("reftable".into()), false);
            }
            let mut logs: BTreeMap<BString, Vec<Logged>> = BTreeMap::new();
            // The oldest first, as in files.
            for (name, logged) in self.plumbing.logs()?.into_iter().rev() {
                logs.entry(name).or_default().push(logged);
            }
            for (name, logged) in logs {
                gathering.logged(&name, &name, logged);
            }
        }
        gathering.directory(&common, b"");
        for worktree in &worktrees {
            let name = <[u8]>::from_path(worktree.file_name().map_or(Path::new(""), Path::new));
            gathering.directory(worktree, name.unwrap_or_default());
        }
        for directory in [&common].into_iter().chain(&worktrees) {
            let index = directory.join("index");
            if index.is_file() {
                roots
                    .staged
                    .extend(self.plumbing.staged_in(&common, &index)?);
            }
        }
        remembered(&common, &mut roots);
        let could_be = remotes.has_remotes().then_some(Doubt::Forgotten);
        roots.forgotten = Some(Doubt::Bare).filter(|_| remotes.bare).or(could_be);
        roots.remotes = remotes.names;
        Ok(roots)
    }
}

/// Takes in what holds something, each with what it says of remotes.
struct Gathering<'g> {
    roots: &'g mut Roots,
    remotes: &'g mut Remotes,
    /// Why a remote may have any commit of which nothing here says so.
    doubt: Option<Doubt>,
}

impl Gathering<'_> {
    fn refs(&mut self, refs: Vec<(ObjectId, BString)>) {
        let tracked = refs.iter().map(|(_, name)| self.remotes.tracked(name));
        let tracked: Vec<Option<(usize, BString)>> = tracked.collect();
        let there = There {
            refs: refs.iter().map(|(_, name)| name.clone()).collect(),
            remotes: tracked.iter().flatten().map(|it| it.0).collect(),
        };
        for ((id, name), tracked) in refs.into_iter().zip(tracked) {
            let own = self.doubt.filter(|_| self.remotes.bare);
            // Of what no remote is known by, nobody notes that it was pushed.
            let silent = |doubt: Doubt, remotes: &Remotes| {
                own.or_else(|| remotes.has_remotes().then_some(doubt))
            };
            let (holder, doubt) = if let Some(branch) = name.strip_prefix(b"refs/heads/") {
                let doubt = self.remotes.doubt_of_branch(branch.into(), &there);
                (Holder::Branch(branch.into()), own.or(doubt).or(self.doubt))
            } else if let Some(tag) = name.strip_prefix(b"refs/tags/") {
                (Holder::Tag(tag.into()), silent(Doubt::Tag, self.remotes))
            } else if let Some(notes) = name.strip_prefix(b"refs/notes/") {
                (
                    Holder::Notes(notes.into()),
                    silent(Doubt::Ref, self.remotes),
                )
            } else if name == "refs/stash" {
                (Holder::Stash, own)
            } else if let Some((_, short)) = &tracked {
                (Holder::Remote(short.clone()), None)
            } else {
                (Holder::Ref(name.clone()), silent(Doubt::Ref, self.remotes))
            };
            self.roots.roots.push(Root {
                id,
                holder,
                name,
                tracked: tracked.map(|(remote, _)| Tracked {
                    remote,
                    now: true,
                    by: None,
                }),
                doubt,
                needed: true,
            });
        }
    }

    fn hold(&mut self, id: ObjectId, holder: Holder, needed: bool) {
        self.held(id, holder, needed, None);
    }

    fn held(&mut self, id: ObjectId, holder: Holder, needed: bool, tracked: Option<Tracked>) {
        self.roots.roots.push(Root {
            id,
            holder,
            name: BString::default(),
            tracked,
            doubt: self.doubt,
            needed,
        });
    }

    /// Takes in what the log of a ref tells. What a remote's ref ever named the remote had; and what a log
    /// says was fetched, too.
    fn logged(&mut self, name: &[u8], told: &BString, logged: Vec<Logged>) {
        let whole = self.remotes.tracked(name).map(|(remote, _)| remote);
        let mut seen = HashSet::new();
        for Logged {
            ids, time, done, ..
        } in logged
        {
            let source = whole.or_else(|| self.remotes.source(done.as_ref()));
            // The last one is what the ref named from then on.
            for (at, id) in ids.iter().enumerate() {
                let is_told = whole.is_some() || at + 1 == ids.len();
                let remote = source.filter(|_| is_told);
                if seen.insert((Short::from(id), remote)) {
                    let tracked = remote.map(|remote| Tracked {
                        remote,
                        now: false,
                        by: Some(time),
                    });
                    self.held(*id, Holder::Log(told.clone()), false, tracked);
                }
            }
        }
    }

    fn log(&mut self, file: &Path, name: &[u8], told: &BString) {
        let content = read(file, &mut self.roots.unread).unwrap_or_default();
        let lines = ByteSlice::lines(&*content);
        let logged = lines.map(Logged::of_line).collect();
        self.logged(name, told, logged);
    }

    /// Takes in what was fetched last.
    fn fetched(&mut self, file: &Path, told: &BString) {
        let content = read(file, &mut self.roots.unread).unwrap_or_default();
        for line in ByteSlice::lines(&*content) {
            if let Some((id, remote)) = self.remotes.fetched(line) {
                let tracked = Tracked {
                    remote,
                    now: false,
                    by: None,
                };
                self.held(id, Holder::State(told.clone()), false, Some(tracked));
            }
        }
    }

    /// Reads a git directory: the common one, or that of another working tree.
    fn directory(&mut self, directory: &Path, worktree: &[u8]) {
        let named = |name: &[u8]| {
            let mut told = BString::from(name);
            if !worktree.is_empty() {
                told.extend_from_slice(b" of worktree ");
                told.extend_from_slice(worktree);
            }
            told
        };
        for id in ids_in(&directory.join("HEAD"), &mut self.roots.unread) {
            self.hold(id, Holder::Head(worktree.into()), false);
        }
        if !worktree.is_empty()
            && let Some(branch) = read(&directory.join("HEAD"), &mut self.roots.unread)
            && let Some(name) = branch.strip_prefix(b"ref: ")
        {
            // Only its own refs: the shared ones are listed.
            let own = name.trim().to_path().ok().map(|name| directory.join(name));
            let ids = own.map(|file| ids_in(&file, &mut self.roots.unread));
            for id in ids.into_iter().flatten() {
                self.hold(id, Holder::Head(worktree.into()), false);
            }
        }
        for file in entries(directory, &mut self.roots.unread) {
            let name = file.file_name().and_then(|name| name.to_str());
            if let Some(name) = name.filter(|name| name.ends_with("_HEAD")) {
                if name == "FETCH_HEAD" {
                    self.fetched(&file, &named(name.as_bytes()));
                    continue;
                }
                for id in ids_in(&file, &mut self.roots.unread) {
                    self.hold(id, Holder::State(named(name.as_bytes())), false);
                }
            }
        }
        for state in STATES {
            for id in ids_in(&directory.join(state), &mut self.roots.unread) {
                self.hold(id, Holder::State(named(state.as_bytes())), false);
            }
        }
        for name in TEXTS {
            let file = directory.join(name);
            if file.is_file() {
                self.roots.texts.push((named(name.as_bytes()), file));
            }
        }
        let mut files = Vec::new();
        files_below(&directory.join("logs"), &mut files, &mut self.roots.unread);
        for (name, file) in files {
            self.log(&file, &name, &named(&name));
        }
        if !worktree.is_empty() {
            let mut files = Vec::new();
            files_below(&directory.join("refs"), &mut files, &mut self.roots.unread);
            for (name, file) in files {
                for id in ids_in(&file, &mut self.roots.unread) {
                    self.hold(id, Holder::Ref(named(&name)), false);
                }
            }
        }
    }
}

/// Whether a pack came from a remote that left out what its objects name: git puts a file beside it.
fn has_promised(objects: &Path) -> bool {
    let files = fs::read_dir(objects.join("pack")).into_iter().flatten();
    let mut endings = files.flatten().map(|file| file.path());
    endings.any(|file| file.extension().is_some_and(|ending| ending == "promisor"))
}

/// The conflicts that `rerere` remembers: plain files with the text of both sides.
fn remembered(common: &Path, roots: &mut Roots) {
    let mut files = Vec::new();
    files_below(&common.join("rr-cache"), &mut files, &mut roots.unread);
    roots.texts.extend(files.into_iter().map(|(name, file)| {
        let mut path = BString::from("rr-cache/");
        path.extend_from_slice(&name);
        (path, file)
    }));
}

/// What could not be read, and why.
type Unread = Vec<(BString, String)>;

/// What a directory holds, if it is there.
fn entries(directory: &Path, unread: &mut Unread) -> Vec<PathBuf> {
    let listed = fs::read_dir(directory)
        .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
    match listed {
        Ok(entries) => entries,
        Err(error) => {
            if !disk::is_absent(&error) {
                note(directory, &error, unread);
            }
            Vec::new()
        }
    }
}

fn note(file: &Path, error: &io::Error, unread: &mut Unread) {
    let name = <[u8]>::from_path(file).unwrap_or_default();
    unread.push((name.into(), error.to_string()));
}

/// The regular files below a directory, each with its path from there.
fn files_below(top: &Path, found: &mut Vec<(Vec<u8>, PathBuf)>, unread: &mut Unread) {
    let mut waiting = vec![(top.to_owned(), 0)];
    while let Some((directory, depth)) = waiting.pop() {
        let mut entries = entries(&directory, unread);
        entries.sort();
        for entry in entries {
            match fs::symlink_metadata(&entry) {
                Ok(file) if file.is_dir() && depth < DEEPEST => waiting.push((entry, depth + 1)),
                Ok(file) if file.is_file() => {
                    let name = entry.strip_prefix(top).ok().and_then(<[u8]>::from_path);
                    found.push((name.unwrap_or_default().replace("\\", "/"), entry));
                }
                _ => {}
            }
        }
    }
}

fn read(file: &Path, unread: &mut Unread) -> Option<Vec<u8>> {
    let content = disk::read_regular(file, LONGEST);
    content.unwrap_or_else(|error| {
        note(file, &error, unread);
        None
    })
}

/// The ids with which the lines of a file start, each once.
fn ids_in(file: &Path, unread: &mut Unread) -> Vec<ObjectId> {
    let content = read(file, unread).unwrap_or_default();
    let lines = ByteSlice::lines(&*content);
    let ids = lines.filter_map(|line| {
        let word = line.split(|&b| b == b' ' || b == b'\t').next()?;
        ObjectId::parse(word)?.or_nothing()
    });
    super::objects::distinct(ids)
}
