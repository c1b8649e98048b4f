//! The reader for ordinary repositories: in-process, through libgit2, without starting git.
//!
//! What it can't read (SHA-256 objects, reftable, a split or sparse index, a broken pack) is an
//! error, and the caller asks git.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

use anyhow::{Context, Result, bail, ensure};
use bstr::{BStr, BString, ByteSlice};
use git2::{ErrorCode, ObjectType, Oid, Repository, RepositoryOpenFlags};

use super::index::Index;
use super::loose::Directories;
use super::packs;
use super::room;
use crate::disk::Irregular;
use crate::git::compare::Delta;
use crate::git::id::{Entry, ObjectId};
use crate::git::object::{Commit, Item, Kind, tree};
use crate::git::pool::{Pool, lock};
use crate::git::tree::{Unreadable, Walk};

/// A bound: so many commits and trees are kept for the next who asks.
const KEPT: usize = 4;

/// A bound, in bytes: none that is longer is.
const LONGEST_KEPT: usize = 1 << 20;

/// A bound: of a longer pack, libgit2 is asked for an object only once its size is known.
const LONG: u64 = 256 << 20;

/// An object, by its id, that is kept.
type Kept = (ObjectId, Kind, Arc<Vec<u8>>);

pub(in crate::git) struct Libgit2 {
    /// Where the repository is sought: by the environment, or from a directory.
    dir: Option<PathBuf>,
    /// libgit2's own view of it, of which each thread that reads has one.
    opened: Pool<Repository>,
    git_dir: PathBuf,
    common_dir: PathBuf,
    /// Where objects lie.
    objects: Directories,
    /// The length of the longest pack; why not, if libgit2 may not read any.
    longest_pack: OnceLock<Result<u64, Option<Irregular>>>,
    index: Mutex<Option<Arc<Index>>>,
    /// The first commits and trees that were read: of HEAD they are asked for by the settings, and then by what is
    /// staged.
    kept: Mutex<Vec<Kept>>,
}

impl Libgit2 {
    /// The repository that git's environment variables name, or that of the current directory.
    pub(in crate::git) fn from_env() -> Result<Self> {
        Self::new(None)
    }

    /// The repository that holds `dir`, whatever the environment says.
    pub(in crate::git) fn open(dir: &Path) -> Result<Self> {
        Self::new(Some(dir.to_owned()))
    }

    fn new(dir: Option<PathBuf>) -> Result<Self> {
        // git doesn't hash what it reads either; for a blob of 60 MB it is a fifth of a second.
        git2::opts::strict_hash_verification(false);
        let repo = open(dir.as_deref())?;
        let common_dir = without_slash(repo.commondir());
        let elsewhere = std::env::var_os("GIT_OBJECT_DIRECTORY")
            .filter(|objects| dir.is_none() && !objects.is_empty());
        let libgit2 = Self {
            git_dir: without_slash(repo.path()),
            objects: Directories::new(
                elsewhere.map_or_else(|| common_dir.join("objects"), PathBuf::from),
                dir.is_none(),
            ),
            longest_pack: OnceLock::new(),
            common_dir,
            opened: Pool::default(),
            index: Mutex::new(None),
            kept: Mutex::default(),
            dir,
        };
        libgit2.opened.put(repo);
        Ok(libgit2)
    }

    /// Asks libgit2.
    fn ask<T>(&self, question: impl FnOnce(&Repository) -> Result<T>) -> Result<T> {
        let repo = match self.opened.take() {
            Some(repo) => repo,
            None => open(self.dir.as_deref())?,
        };
        let answer = question(&repo);
        self.opened.put(repo);
        answer
    }

    pub(in crate::git) fn git_dir(&self) -> PathBuf {
        self.git_dir.clone()
    }

    pub(in crate::git) fn common_dir(&self) -> PathBuf {
        self.common_dir.clone()
    }

    /// The working tree as the repository's own files tell it.
    pub(in crate::git) fn worktree(&self) -> Option<PathBuf> {
        self.ask(|repo| Ok(repo.workdir().map(without_slash)))
            .ok()
            .flatten()
    }

    /// Whether the repository's config names a working tree elsewhere.
    pub(in crate::git) fn names_worktree(&self) -> Result<bool> {
        self.ask(|repo| Ok(optional(repo.config()?.get_entry("core.worktree"))?.is_some()))
    }

    pub(in crate::git) fn ignores_case(&self) -> Result<bool> {
        self.ask(|repo| Ok(optional(repo.config()?.get_bool("core.ignorecase"))?.unwrap_or(false)))
    }

    /// The values of these settings, under their names. Two that say the same thing are asked of
    /// git, which knows the later one.
    pub(in crate::git) fn settings(&self, keys: &[&str]) -> Result<Vec<(String, String)>> {
        let settings = self.ask(|repo| {
            let config = repo.config()?;
            let mut settings = Vec::new();
            for &key in keys {
                if let Some(value) = optional(config.get_string(key))? {
                    settings.push((key.to_owned(), value));
                }
            }
            Ok(settings)
        })?;
        let comments = settings.iter().filter(|(key, _)| key.starts_with("core."));
        ensure!(comments.count() < 2, "which is the later setting?");
        Ok(settings)
    }

    /// The commit of HEAD; `None` before the first one.
    pub(in crate::git) fn head(&self) -> Result<Option<ObjectId>> {
        self.ask(|repo| match repo.head() {
            Ok(head) => {
                let id = head.target().context("HEAD names no commit")?;
                Ok(ObjectId::from_bytes(id.as_bytes()))
            }
            Err(err) if err.code() == ErrorCode::UnbornBranch => Ok(None),
            Err(err) => Err(err).context("cannot read HEAD"),
        })
    }

    /// The index at `path`, which is read once.
    fn index(&self, path: &Path) -> Result<Arc<Index>> {
        let mut known = lock(&self.index);
        if let Some(index) = &*known {
            return Ok(Arc::clone(index));
        }
        let index = Arc::new(Index::read(path)?);
        *known = Some(Arc::clone(&index));
        Ok(index)
    }

    /// Makes the next question read the index anew.
    pub(in crate::git) fn forget_index(&self) {
        *lock(&self.index) = None;
    }

    /// Where the index differs from the tree of a commit, or from nothing, in the order of paths.
    ///
    /// By keyward's own reader of the index, for every repository whose index it knows: with 100,000
    /// files the whole hook takes 0.47 of the time of `git diff --cached --raw` where the index has a
    /// cache tree, and about as long as that where it has none (`benches/workloads`, W2). git, asked
    /// in its place, can't take less; it is where this reader gives up.
    pub(in crate::git) fn diff(
        &self,
        commit: Option<ObjectId>,
        index: &Path,
    ) -> Result<Vec<Delta>> {
        let index = &*self.index(index)?;
        let tree = match commit {
            Some(id) => Some(Commit::parse(&self.kept(id, Kind::Commit)?)?.tree),
            None => None,
        };
        let read = |id| self.kept(id, Kind::Tree);
        Walk::new(&read, Unreadable::Refuse, index).from(tree, index.all())
    }

    /// The tree that the index makes, where git left it there and nothing was staged since.
    pub(in crate::git) fn staged_tree(&self, index: &Path) -> Option<ObjectId> {
        self.index(index).ok()?.tree()
    }

    /// What will be committed at each of these paths.
    pub(in crate::git) fn indexed(
        &self,
        index: &Path,
        paths: &[&BStr],
    ) -> Result<Vec<(BString, Entry)>> {
        let index = self.index(index)?;
        let mut entries = Vec::new();
        for path in paths {
            if let Some(entry) = index.find(path)? {
                entries.push((BString::from(*path), entry));
            }
        }
        Ok(entries)
    }

    /// What a commit has at a path.
    pub(in crate::git) fn in_commit(&self, commit: ObjectId, path: &BStr) -> Result<Option<Entry>> {
        let mut id = Commit::parse(&self.kept(commit, Kind::Commit)?)?.tree;
        let mut names = path.split_str("/").peekable();
        while let Some(name) = names.next() {
            let object = self.kept(id, Kind::Tree)?;
            let items = tree(&object, id.as_bytes().len())?;
            let found = items.into_iter().find(|(other, _)| *other == name);
            match found.map(|(_, item)| item) {
                Some(Item::Entry(entry)) if names.peek().is_none() => return Ok(Some(entry)),
                Some(Item::Directory(below)) => id = below,
                Some(Item::Entry(_)) | None => return Ok(None),
            }
        }
        Ok(None)
    }

    /// The size of a blob.
    pub(in crate::git) fn size_of(&self, id: ObjectId) -> Result<usize> {
        if let Some(size) = self.objects.size_of(id)? {
            return Ok(size);
        }
        self.longest_pack()?;
        self.ask(|repo| Ok(repo.odb()?.read_header(oid(id)?)?.0))
    }

    /// What an object is and holds.
    pub(in crate::git) fn object(&self, id: ObjectId) -> Result<(Kind, Vec<u8>)> {
        if let Some(object) = self.objects.object(id)? {
            return Ok(object);
        }
        let longest = self.longest_pack()?;
        self.ask(|repo| {
            let odb = repo.odb()?;
            if longest > LONG {
                // libgit2 gives its own copy, of which another is made. git gives one.
                let (size, _) = odb.read_header(oid(id)?)?;
                ensure!((size as u64) < LONG, "{id} is long");
            }
            let object = odb.read(oid(id)?)?;
            // What is packed well is long in a short pack, too.
            ensure!((object.len() as u64) < LONG, "{id} is long");
            let kind = match object.kind() {
                ObjectType::Blob => Kind::Blob,
                ObjectType::Tree => Kind::Tree,
                ObjectType::Commit => Kind::Commit,
                ObjectType::Tag => Kind::Tag,
                ObjectType::Any => bail!("{id} is of no known kind"),
            };
            let mut content = room(object.len())?;
            content.extend_from_slice(object.data());
            Ok((kind, content))
        })
    }

    /// What an object of that kind holds.
    pub(in crate::git) fn object_of(&self, id: ObjectId, kind: Kind) -> Result<Vec<u8>> {
        let (found, object) = self.object(id)?;
        ensure!(found == kind, "{id} is not a {}", kind.name());
        Ok(object)
    }

    /// As [`object_of`](Self::object_of), of what may be asked for again.
    fn kept(&self, id: ObjectId, kind: Kind) -> Result<Arc<Vec<u8>>> {
        let is_it = |(known, of, _): &&Kept| *known == id && *of == kind;
        if let Some((.., object)) = lock(&self.kept).iter().find(is_it) {
            return Ok(Arc::clone(object));
        }
        let object = Arc::new(self.object_of(id, kind)?);
        let mut kept = lock(&self.kept);
        if kept.len() < KEPT && object.len() <= LONGEST_KEPT {
            kept.push((id, kind, Arc::clone(&object)));
        }
        Ok(object)
    }

    /// The length of the longest pack. An error where libgit2 may not be let near them.
    fn longest_pack(&self) -> Result<u64> {
        let longest = self.longest_pack.get_or_init(|| {
            let longest = packs::longest(self.objects.all());
            longest.map_err(|error| Irregular::is_cause_of(&*error).then_some(Irregular))
        });
        match *longest {
            Ok(longest) => Ok(longest),
            Err(Some(irregular)) => Err(irregular).context("the index of a pack can't be read"),
            Err(None) => bail!("the index of a pack is corrupt, or too long to be checked"),
        }
    }
}

fn open(dir: Option<&Path>) -> Result<Repository> {
    Ok(match dir {
        None => Repository::open_from_env()?,
        Some(dir) => {
            let no_ceiling: [&Path; 0] = [];
            Repository::open_ext(dir, RepositoryOpenFlags::empty(), no_ceiling)?
        }
    })
}

fn oid(id: ObjectId) -> Result<Oid> {
    Ok(Oid::from_bytes(id.as_bytes())?)
}

fn without_slash(path: &Path) -> PathBuf {
    path.components().collect()
}

fn optional<T>(result: Result<T, git2::Error>) -> Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(err) if err.code() == ErrorCode::NotFound => Ok(None),
        Err(err) => Err(err.into()),
    }
}
