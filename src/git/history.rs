//! Sources that read history: the commits of a range, of a push, and those that a push brings.
//!
//! Every commit is compared with its parents, as the commit to be is: a line that any of them has is
//! not added. What one commit adds and a later one takes out counts, since history keeps it.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet, VecDeque};
use std::fmt;
use std::fs;
use std::sync::Arc;
use std::vec;

use anyhow::{Context, Result, bail};
use bstr::{BStr, BString, ByteSlice};
use sha2::{Digest, Sha256};

use super::compare::{Deleted, Replaced, StagedPath, combine};
use super::id::{Mode, ObjectId};
use super::object::{Commit, Kind, Tag};
use super::read::libgit2::Libgit2;
use super::read::plumbing::{Known, KnownRefs, Plumbing};
use super::repo::Repo;
use super::tree::differences;
use crate::change::{
    COMMIT_HEADER, COMMIT_MESSAGE, Change, EntryKind, Ignored, InMemory, Origin, REF_NAME, Status,
    TAG_HEADER, TAG_MESSAGE,
};
use crate::deadline;
use crate::shell::shown;

/// A bound: nobody makes a tag of a tag of a tag that often.
const MOST_TAGS: usize = 64;

/// An end of a range: a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommitId(pub(super) ObjectId);

impl CommitId {
    /// Its id as that of an object.
    pub(crate) fn object(&self) -> ObjectId {
        self.0
    }
}

impl fmt::Display for CommitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The commits that can be reached from one and not from the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RevRange {
    /// Left out, with all that it reaches; `None` leaves out nothing.
    pub base: Option<CommitId>,
    /// Where it ends.
    pub tip: CommitId,
}

/// A ref that moves, as git tells `pre-receive`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefUpdate {
    old: Option<ObjectId>,
    pub(super) new: Option<ObjectId>,
    /// The ref.
    pub name: BString,
}

impl RefUpdate {
    /// Reads a line `old new ref`, by which git tells `pre-receive` of a ref that moves.
    pub fn received(line: &[u8]) -> Option<Self> {
        let mut words = line.trim_end_with(|c| c == '\r').splitn_str(3, " ");
        let (old, new, name) = (words.next()?, words.next()?, words.next()?);
        Some(Self {
            old: ObjectId::parse(old)?.or_nothing(),
            new: ObjectId::parse(new)?.or_nothing(),
            name: name.into(),
        })
    }

    /// Reads a line `local-ref local-object remote-ref remote-object`, by which git tells
    /// `pre-push` of a ref that will move. The local ref may be any expression.
    pub fn pushed(line: &[u8]) -> Option<Self> {
        let line = line.trim_end_with(|c| c == '\r');
        let mut words = line.rsplitn_str(4, " ");
        let (old, name) = (words.next()?, words.next()?);
        let new = words.next()?;
        words.next()?;
        Some(Self {
            old: ObjectId::parse(old)?.or_nothing(),
            new: ObjectId::parse(new)?.or_nothing(),
            name: name.into(),
        })
    }
}

impl RefUpdate {
    /// A branch that moves from one commit, if it is known, to another.
    pub fn of_commit(old: Option<CommitId>, new: CommitId, name: &str) -> Self {
        Self {
            old: old.map(|old| old.0),
            new: Some(new.0),
            name: name.into(),
        }
    }
}

/// What is made of a commit whose parent is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Absent {
    /// Nobody can say what the commit added.
    Refuse,
    /// It has no such parent: more lines count as added, never fewer.
    Without,
}

impl Repo {
    /// The commit that a revision names; `None` if there is none.
    ///
    /// # Errors
    /// When git can't tell.
    pub fn commit_named(&self, revision: &str) -> Result<Option<CommitId>> {
        let peeled = format!("{revision}^{{commit}}");
        Ok(self.plumbing.resolve(&peeled)?.map(CommitId))
    }

    /// Whether a part of history was never fetched.
    ///
    /// # Errors
    /// When git can't tell where the repository is.
    pub fn is_shallow(&self) -> Result<bool> {
        let file = self.common_dir()?.join("shallow");
        Ok(fs::metadata(file).is_ok_and(|file| file.len() > 0))
    }

    /// What the commits of a range add and change, parents first, and their messages.
    ///
    /// # Errors
    /// When git can't list them. A commit whose parent was never fetched is an error among the
    /// changes.
    pub fn range(&self, range: &RevRange) -> Result<History<'_>> {
        let known = Known {
            objects: Vec::from_iter(range.base.map(|base| base.0)),
            refs: None,
        };
        let commits = self.plumbing.commits(&[range.tip.0], &known)?;
        Ok(History::new(self, commits, Absent::Refuse))
    }

    /// What all commits add and change that any branch, tag, stash or other ref reaches, as
    /// [`range`](Self::range) tells it, and the messages of tags.
    ///
    /// # Errors
    /// When git can't list them.
    pub fn all_history(&self) -> Result<History<'_>> {
        let mut refs = self.refs()?;
        // It may be on no branch.
        refs.extend(self.plumbing.head()?.map(|head| (head, "HEAD".into())));
        self.reached(refs, &Known::default(), Absent::Refuse)
    }

    /// What a push adds: what no remote had when it was last asked. What went to one is public as far
    /// as that remote is, and whoever pushes it to the next can no longer keep it in.
    ///
    /// # Errors
    /// When git can't list the commits.
    pub fn pushed(&self, updates: &[RefUpdate]) -> Result<History<'_>> {
        self.brought(updates, &self.known_to_remotes(updates))
    }

    /// What the remotes had of the refs when they were last asked.
    pub(super) fn known_to_remotes(&self, updates: &[RefUpdate]) -> Known {
        let objects = updates.iter().filter_map(|update| update.old);
        Known {
            // One that is not here was pushed by somebody else.
            objects: objects.filter(|&id| self.holds(id)).collect(),
            refs: Some(KnownRefs::Remotes),
        }
    }

    /// What any ref reaches.
    pub(super) fn known_here() -> Known {
        Known {
            objects: Vec::new(),
            refs: Some(KnownRefs::All),
        }
    }

    /// What a push brings into this repository, while git asks whether to take it: what no ref
    /// reaches yet.
    ///
    /// # Errors
    /// When git can't list the commits.
    pub fn received(&self, updates: &[RefUpdate]) -> Result<History<'_>> {
        self.brought(updates, &Self::known_here())
    }

    /// What HEAD's commit adds.
    ///
    /// # Errors
    /// When there is none, or it can't be read.
    pub fn last_commit(&self) -> Result<History<'_>> {
        let head = self.plumbing.head()?.context("there is no commit")?;
        Ok(History::new(self, vec![head], Absent::Without))
    }

    /// The id, in hex, of the tree of HEAD's commit.
    ///
    /// # Errors
    /// When there is none, or it can't be read.
    pub fn last_tree(&self) -> Result<String> {
        let head = self.ask(Libgit2::head, Plumbing::head)?;
        let head = head.context("there is no commit")?;
        let commit = Commit::parse(&self.object(head, Kind::Commit)?)?;
        Ok(commit.tree.to_string())
    }

    /// What was done last to HEAD, in git's words: `commit: ...`, `cherry-pick: ...`. Empty if git
    /// keeps no log of it.
    ///
    /// # Errors
    /// When git can't tell.
    pub fn last_deed(&self) -> Result<String> {
        self.plumbing.last_deed()
    }

    /// What the commits add that no remote has, as far as is known here.
    ///
    /// # Errors
    /// When git can't list them.
    pub fn unpushed(&self) -> Result<History<'_>> {
        let known = Known {
            objects: Vec::new(),
            refs: Some(KnownRefs::Remotes),
        };
        let commits = match self.plumbing.head()? {
            Some(head) => self.plumbing.commits(&[head], &known)?,
            None => Vec::new(),
        };
        Ok(History::new(self, commits, Absent::Without))
    }

    fn brought(&self, updates: &[RefUpdate], known: &Known) -> Result<History<'_>> {
        let brings = |update: &RefUpdate| Some((update.new?, update.name.clone()));
        let refs = updates.iter().filter_map(brings);
        self.reached(refs, known, Absent::Without)
    }

    /// What refs reach that is not known.
    fn reached(
        &self,
        refs: impl IntoIterator<Item = (ObjectId, BString)>,
        known: &Known,
        absent: Absent,
    ) -> Result<History<'_>> {
        let mut history = History::new(self, Vec::new(), absent);
        let mut tips = Vec::new();
        for (id, name) in refs {
            history.header(None, REF_NAME, name.to_vec());
            tips.extend(history.tip(id, name.as_ref())?);
        }
        if !tips.is_empty() {
            history.commits = self.plumbing.commits(&tips, known)?.into();
        }
        Ok(history)
    }

    /// A file as a commit has it; `None` if it hasn't.
    ///
    /// # Errors
    /// When it can't be read, or is not a file.
    pub fn committed(&self, commit: &CommitId, path: &BStr) -> Result<Option<Vec<u8>>> {
        match self.entry_in(commit.0, path)? {
            None => Ok(None),
            Some(entry) if entry.mode == Mode::File => self.object(entry.id, Kind::Blob).map(Some),
            Some(_) => bail!(
                "{} is not a file; commit the file itself instead",
                shown(path)
            ),
        }
    }

    /// The commits at the tips of the branches and tags that a push brings, each once.
    ///
    /// # Errors
    /// When git can't tell.
    pub fn tips(&self, updates: &[RefUpdate]) -> Result<Vec<CommitId>> {
        let mut seen = HashSet::new();
        let mut commits = Vec::new();
        // Thousands may come at once: git is not asked about each.
        for new in updates.iter().filter_map(|update| update.new) {
            if let Some(commit) = self.tip_of(new)?
                && seen.insert(commit)
            {
                commits.push(CommitId(commit));
            }
        }
        Ok(commits)
    }

    /// The commit that an id is of, or that the tags it is of name.
    fn tip_of(&self, mut id: ObjectId) -> Result<Option<ObjectId>> {
        for _ in 0..MOST_TAGS {
            let (kind, object) = self.any_object(id)?;
            match kind {
                Kind::Commit => return Ok(Some(id)),
                Kind::Tag => id = Tag::parse(&object)?.object,
                Kind::Tree | Kind::Blob => return Ok(None),
            }
        }
        bail!("{id} is a tag of more than {MOST_TAGS} tags")
    }
}

/// The changes of one commit after the other. Only those of the present one are held.
pub struct History<'r> {
    repo: &'r Repo,
    commits: VecDeque<ObjectId>,
    absent: Absent,
    pending: VecDeque<Result<Change<'r>>>,
    paths: VecDeque<Paths>,
    /// What was given already, as hashes: a branch that was picked commit by commit onto another
    /// is read once.
    given: HashSet<[u8; 32]>,
    trees: Trees<'r>,
}

/// Trees that were read lately. What one commit has is what the next one is compared with: over
/// 10,000 commits, git's reader took 8.5 seconds of processor time instead of 12.4.
struct Trees<'r> {
    repo: &'r Repo,
    read: RefCell<HashMap<ObjectId, Arc<Vec<u8>>>>,
    /// The bytes of what is kept.
    held: Cell<usize>,
}

impl Trees<'_> {
    /// More bytes are not kept.
    const MOST: usize = 16 << 20;

    fn read(&self, id: ObjectId) -> Result<Arc<Vec<u8>>> {
        if let Some(tree) = self.read.borrow().get(&id) {
            return Ok(Arc::clone(tree));
        }
        let tree = Arc::new(self.repo.object(id, Kind::Tree)?);
        let mut read = self.read.borrow_mut();
        if self.held.get() + tree.len() > Self::MOST {
            read.clear();
            self.held.set(0);
        }
        self.held.set(self.held.get() + tree.len());
        read.insert(id, Arc::clone(&tree));
        Ok(tree)
    }
}

impl<'r> History<'r> {
    /// How many commits are still to come.
    pub fn commits_left(&self) -> usize {
        self.commits.len()
    }

    fn new(repo: &'r Repo, commits: Vec<ObjectId>, absent: Absent) -> Self {
        Self {
            repo,
            commits: commits.into(),
            absent,
            pending: VecDeque::new(),
            paths: VecDeque::new(),
            given: HashSet::new(),
            trees: Trees {
                repo,
                read: RefCell::default(),
                held: Cell::new(0),
            },
        }
    }

    /// Takes apart what a ref will name: the messages of tags, then the commit, which is returned,
    /// or a file or a directory.
    fn tip(&mut self, mut id: ObjectId, name: &BStr) -> Result<Option<ObjectId>> {
        for _ in 0..MOST_TAGS {
            let (kind, object) = self.repo.any_object(id)?;
            match kind {
                Kind::Commit => return Ok(Some(id)),
                Kind::Tag => {
                    let tag = Tag::parse(&object)?;
                    self.header(Some(id), TAG_HEADER, tag.header);
                    self.message(id, TAG_MESSAGE, tag.message);
                    id = tag.object;
                }
                Kind::Tree => {
                    self.paths(id, &[None], id)?;
                    return Ok(None);
                }
                Kind::Blob => {
                    let origin = InMemory {
                        content: object,
                        ..InMemory::default()
                    };
                    let change = Change::new(name, Status::Added, EntryKind::File, origin);
                    self.pending.push_back(Ok(change));
                    return Ok(None);
                }
            }
        }
        bail!("{} is a tag of more than {MOST_TAGS} tags", shown(name))
    }

    fn commit(&mut self, id: ObjectId) -> Result<()> {
        deadline::count_commit();
        let commit = Commit::parse(&self.repo.object(id, Kind::Commit)?)?;
        let mut parents = Vec::new();
        for parent in commit.parents {
            let found = self.repo.object(parent, Kind::Commit);
            match found.and_then(|object| Commit::parse(&object)) {
                Ok(parent) => parents.push(Some(parent.tree)),
                Err(_) if self.absent == Absent::Without => {}
                Err(_) if self.repo.is_shallow()? => bail!(
                    "history is cut off behind commit {}; fetch the rest: git fetch --unshallow",
                    short(id)
                ),
                Err(err) => {
                    return Err(err.context(format!("cannot read the parent of {}", short(id))));
                }
            }
        }
        if parents.is_empty() {
            parents.push(None);
        }
        self.header(Some(id), COMMIT_HEADER, commit.header);
        self.message(id, COMMIT_MESSAGE, commit.message);
        self.paths(commit.tree, &parents, id)
    }

    fn message(&mut self, id: ObjectId, name: &str, content: Vec<u8>) {
        self.text(Some(id), name, EntryKind::Message, content);
    }

    /// Takes up what is recorded beside a message. Of many commits of one person it is the same.
    fn header(&mut self, id: Option<ObjectId>, name: &str, content: Vec<u8>) {
        self.text(id, name, EntryKind::Header, content);
    }

    fn text(&mut self, id: Option<ObjectId>, name: &str, kind: EntryKind, content: Vec<u8>) {
        if !is_new(&mut self.given, &[name.as_bytes(), &content]) {
            return;
        }
        let origin = InMemory {
            content,
            ..InMemory::default()
        };
        let change = Change::new(name, Status::Added, kind, origin);
        self.pending.push_back(Ok(match id {
            Some(id) => change.in_commit(hex(id)),
            None => change,
        }));
    }

    /// Takes up what differs from every parent's tree.
    fn paths(&mut self, tree: ObjectId, parents: &[Option<ObjectId>], id: ObjectId) -> Result<()> {
        let trees = &self.trees;
        let read = |id| trees.read(id);
        let deltas = parents
            .iter()
            .map(|&parent| differences(&read, parent, tree))
            .collect::<Result<Vec<_>>>()?;
        let (paths, deleted) = combine(deltas);
        self.paths.push_back(Paths {
            left: paths.into_iter(),
            deleted,
            commit: hex(id),
        });
        Ok(())
    }

    /// The next path that was taken up, unless it was given already.
    fn next_path(&mut self) -> Option<Change<'r>> {
        loop {
            let paths = self.paths.front_mut()?;
            let Some(path) = paths.left.next() else {
                self.paths.pop_front();
                continue;
            };
            let mut key = vec![path.path.as_bytes(), path.id.as_bytes()];
            key.extend(path.old.iter().map(ObjectId::as_bytes));
            // What a new file was before, only what its commit deletes can say.
            if path.status != Status::Modified && paths.deleted.is_any() {
                key.push(paths.commit.as_bytes());
            }
            if is_new(&mut self.given, &key) {
                let change = match path.kind {
                    EntryKind::Submodule => Change::named(path.path, path.status, path.kind),
                    _ => {
                        let origin = CommittedOrigin {
                            repo: self.repo,
                            replaced: Replaced::by(&path, &paths.deleted),
                            id: path.id,
                        };
                        Change::new(path.path, path.status, path.kind, origin)
                    }
                };
                return Some(change.in_commit(Arc::clone(&paths.commit)));
            }
        }
    }
}

/// Whether these parts, together, were not given before.
fn is_new(given: &mut HashSet<[u8; 32]>, parts: &[&[u8]]) -> bool {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    given.insert(hash.finalize().into())
}

/// The paths of a commit that are still to be given: of one that changes very many, each is made a
/// change when it is asked for.
struct Paths {
    left: vec::IntoIter<StagedPath>,
    deleted: Arc<Deleted>,
    commit: Arc<str>,
}

impl<'r> Iterator for History<'r> {
    type Item = Result<Change<'r>>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(change) = self.pending.pop_front() {
                return Some(change);
            }
            if let Some(change) = self.next_path() {
                return Some(Ok(change));
            }
            let id = self.commits.pop_front()?;
            if let Err(err) = self.commit(id) {
                let told = format!("cannot read commit {}", short(id));
                self.pending.push_back(Err(err.context(told)));
            }
        }
    }
}

fn hex(id: ObjectId) -> Arc<str> {
    id.to_string().into()
}

fn short(id: ObjectId) -> String {
    id.to_string()[..10].to_owned()
}

struct CommittedOrigin<'r> {
    repo: &'r Repo,
    id: ObjectId,
    replaced: Replaced,
}

impl Origin for CommittedOrigin<'_> {
    fn content(&self) -> Result<Vec<u8>> {
        self.repo.blob(self.id)
    }

    fn replaced(&self) -> Result<Vec<Vec<u8>>> {
        let ids = self.replaced.ids();
        Ok(ids.filter_map(|id| self.repo.old_blob(id)).collect())
    }

    fn is_known(&self, line: &[u8]) -> bool {
        self.replaced
            .has(line, |id, most| self.repo.old_blob_within(id, most))
    }

    /// It is in history, whatever would have kept it out.
    fn ignored(&self) -> Result<Ignored> {
        Ok(Ignored::No)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(digit: &str) -> ObjectId {
        ObjectId::parse(digit.repeat(40).as_bytes()).unwrap()
    }

    #[test]
    fn lines_of_both_hooks_are_read() {
        let (zero, one, two) = ("0".repeat(40), "1".repeat(40), "2".repeat(40));
        let line = format!("{zero} {one} refs/heads/m\u{e4}in");
        let update = RefUpdate::received(line.as_bytes()).unwrap();
        assert_eq!((update.old, update.new), (None, Some(id("1"))));
        assert_eq!(update.name, "refs/heads/m\u{e4}in");
        let line = format!("HEAD~1 {one} refs/heads/main {two}\r");
        let update = RefUpdate::pushed(line.as_bytes()).unwrap();
        assert_eq!((update.old, update.new), (Some(id("2")), Some(id("1"))));
        assert_eq!(update.name, "refs/heads/main");
        // A local ref may be an expression with blanks.
        let line = format!("HEAD^{{/fix the}} {one} refs/heads/main {two}");
        assert!(RefUpdate::pushed(line.as_bytes()).is_some());
        let line = format!("(delete) {zero} refs/heads/main {two}");
        assert_eq!(RefUpdate::pushed(line.as_bytes()).unwrap().new, None);
        for bad in ["", "a b c", &format!("{one} {two}")] {
            assert_eq!(RefUpdate::received(bad.as_bytes()), None, "{bad:?}");
            assert_eq!(RefUpdate::pushed(bad.as_bytes()), None, "{bad:?}");
        }
    }
}
