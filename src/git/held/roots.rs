//! What keeps objects alive: refs, the heads of working trees, the logs of refs, what git left half done,
//! and the indexes. git's own files are read beside, since some of it no command of git tells.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::Result;
use bstr::{BString, ByteSlice};

use crate::disk;
use crate::git::id::ObjectId;
use crate::git::read::plumbing::Staged;
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
    /// The number of the remote that had it when it was last asked.
    pub(crate) remote: Option<usize>,
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
    /// What is staged, in every working tree.
    pub(crate) staged: Vec<Staged>,
    /// Texts that lie beside the objects: what `rerere` remembers, and messages that were begun.
    pub(crate) texts: Vec<(BString, PathBuf)>,
    /// Files and directories of git's own that are there and can't be read, and why.
    pub(crate) unread: Unread,
    /// Whether a part of history was never fetched.
    pub(crate) shallow: bool,
    /// Whether blobs may be missing since they are fetched when they are needed.
    pub(crate) partial: bool,
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
        let mirrors = self.remotes(&mut roots)?;
        self.hold_refs(&mut roots, &mirrors)?;
        if let Some(head) = self.plumbing.head()? {
            roots.hold(head, Holder::Head(BString::default()), true);
        }
        if common.join("reftable").is_dir() {
            for id in self.plumbing.logged()? {
                roots.hold(id, Holder::Log("reftable".into()), false);
            }
        }
        roots.directory(&common, b"");
        let mut worktrees = entries(&common.join("worktrees"), &mut roots.unread);
        worktrees.sort();
        for worktree in &worktrees {
            let name = <[u8]>::from_path(worktree.file_name().map_or(Path::new(""), Path::new));
            roots.directory(worktree, name.unwrap_or_default());
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
        Ok(roots)
    }

    /// Notes the remotes, and gives the numbers of those that this repository mirrors.
    fn remotes(&self, roots: &mut Roots) -> Result<Vec<usize>> {
        let settings = self
            .plumbing
            .settings(r"^remote\..*\.(url|mirror|promisor|partialclonefilter)$")?;
        let mut mirrors = Vec::new();
        for (key, value) in &settings {
            let Some((name, what)) = key
                .strip_prefix("remote.")
                .and_then(|key| key.rsplit_once('.'))
            else {
                continue;
            };
            let number = match roots.remotes.iter().position(|known| known == name) {
                Some(number) => number,
                None => {
                    roots.remotes.push(name.to_owned());
                    roots.remotes.len() - 1
                }
            };
            match what {
                "mirror" if value == "true" => mirrors.push(number),
                "promisor" if value == "true" => roots.partial = true,
                "partialclonefilter" => roots.partial = true,
                _ => {}
            }
        }
        Ok(mirrors)
    }

    fn hold_refs(&self, roots: &mut Roots, mirrors: &[usize]) -> Result<()> {
        for (id, name) in self.refs()? {
            let mut remote = mirrors.first().copied();
            let holder = if let Some(branch) = name.strip_prefix(b"refs/heads/") {
                Holder::Branch(branch.into())
            } else if let Some(tracked) = tracked(&name) {
                remote = Some(roots.remote_of(tracked));
                Holder::Remote(tracked.into())
            } else if let Some(tag) = name.strip_prefix(b"refs/tags/") {
                Holder::Tag(tag.into())
            } else if let Some(notes) = name.strip_prefix(b"refs/notes/") {
                Holder::Notes(notes.into())
            } else if name == "refs/stash" {
                remote = None;
                Holder::Stash
            } else {
                Holder::Ref(name.clone())
            };
            roots.roots.push(Root {
                id,
                holder,
                name,
                remote,
                needed: true,
            });
        }
        Ok(())
    }
}

impl Roots {
    fn hold(&mut self, id: ObjectId, holder: Holder, needed: bool) {
        self.roots.push(Root {
            id,
            holder,
            name: BString::default(),
            remote: None,
            needed,
        });
    }

    /// The number of the remote of a ref below `refs/remotes/`. A remote's name may have slashes.
    fn remote_of(&mut self, tracked: &[u8]) -> usize {
        let is_below = |name: &str| {
            let rest = tracked.strip_prefix(name.as_bytes());
            rest.is_some_and(|rest| rest.starts_with(b"/"))
        };
        let named = self.remotes.iter().enumerate();
        let longest = named
            .filter(|(_, name)| is_below(name))
            .max_by_key(|(_, name)| name.len());
        if let Some((number, _)) = longest {
            return number;
        }
        // One that the settings know no more.
        let name = tracked.split_str("/").next().unwrap_or(tracked);
        self.remotes.push(name.to_str_lossy().into_owned());
        self.remotes.len() - 1
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
        for id in ids_in(&directory.join("HEAD"), 1, &mut self.unread) {
            self.hold(id, Holder::Head(worktree.into()), false);
        }
        if !worktree.is_empty()
            && let Some(branch) = read(&directory.join("HEAD"), &mut self.unread)
            && let Some(name) = branch.strip_prefix(b"ref: ")
        {
            // Only its own refs: the shared ones are listed.
            let own = name.trim().to_path().ok().map(|name| directory.join(name));
            let ids = own.map(|file| ids_in(&file, 1, &mut self.unread));
            for id in ids.into_iter().flatten() {
                self.hold(id, Holder::Head(worktree.into()), false);
            }
        }
        for file in entries(directory, &mut self.unread) {
            let name = file.file_name().and_then(|name| name.to_str());
            if let Some(name) = name.filter(|name| name.ends_with("_HEAD")) {
                for id in ids_in(&file, 1, &mut self.unread) {
                    self.hold(id, Holder::State(named(name.as_bytes())), false);
                }
            }
        }
        for state in STATES {
            for id in ids_in(&directory.join(state), 1, &mut self.unread) {
                self.hold(id, Holder::State(named(state.as_bytes())), false);
            }
        }
        for name in TEXTS {
            let file = directory.join(name);
            if file.is_file() {
                self.texts.push((named(name.as_bytes()), file));
            }
        }
        let mut files = Vec::new();
        files_below(&directory.join("logs"), &mut files, &mut self.unread);
        for (name, file) in files {
            for id in ids_in(&file, 2, &mut self.unread) {
                self.hold(id, Holder::Log(named(&name)), false);
            }
        }
        if !worktree.is_empty() {
            let mut files = Vec::new();
            files_below(&directory.join("refs"), &mut files, &mut self.unread);
            for (name, file) in files {
                for id in ids_in(&file, 1, &mut self.unread) {
                    self.hold(id, Holder::Ref(named(&name)), false);
                }
            }
        }
    }
}

/// What a ref tracks, `origin/main`: what `git maintenance` has fetched ahead, too.
fn tracked(name: &[u8]) -> Option<&[u8]> {
    let mut spaces = [&b"refs/remotes/"[..], b"refs/prefetch/remotes/"].into_iter();
    spaces.find_map(|space| name.strip_prefix(space))
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

/// The ids with which the lines of a file start, so many of each line, each once.
fn ids_in(file: &Path, words: usize, unread: &mut Unread) -> Vec<ObjectId> {
    let content = read(file, unread).unwrap_or_default();
    let lines = ByteSlice::lines(&*content);
    let ids = lines.flat_map(|line| line.split_str(" ").take(words));
    let ids = ids.filter_map(|word| {
        let word = word.split_str("\t").next()?;
        ObjectId::parse(word)?.or_nothing()
    });
    super::objects::distinct(ids)
}
