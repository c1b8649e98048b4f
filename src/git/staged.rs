//! The source of a commit to be: what is staged, and how a path is staged or taken back.

use std::env;
use std::ffi::OsString;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use bstr::{BStr, BString, ByteSlice, ByteVec};

use super::compare::{Delta, Replaced, StagedPath, combine, unite};
use super::env::variable;
use super::id::ObjectId;
use super::object::{Commit, Kind, authored};
use super::pool::lock;
use super::read::plumbing::pathspec;
use super::repo::Repo;
use crate::change::{Change, EntryKind, Ignored, Origin};
use crate::disk;

impl Repo {
    /// What the commit to be adds and changes, in the order of paths. Files that are deleted or
    /// in conflict and what `git add -N` announced are no part of it, and of submodules new names alone are.
    ///
    /// # Errors
    /// When HEAD or the index can't be read.
    pub fn staged(&self) -> Result<impl Iterator<Item = Result<Change<'_>>> + Send + '_> {
        let index = self.index_path()?;
        let followed = self.followed()?;
        let paths = self.staged_after(&followed.first, &index)?;
        let paths = match followed.instead {
            Some(head) => unite(paths, self.staged_after(&[Some(head)], &index)?),
            None => paths,
        };
        Ok(paths.into_iter().map(move |(staged, replaced)| {
            if staged.kind == EntryKind::Submodule {
                return Ok(Change::named(staged.path, staged.status, staged.kind));
            }
            let origin = StagedOrigin {
                repo: self,
                replaced,
                path: staged.path.clone(),
                id: staged.id,
            };
            Ok(Change::new(staged.path, staged.status, staged.kind, origin))
        }))
    }

    /// What is staged, as a commit that follows these and what is being merged.
    fn staged_after(
        &self,
        followed: &[Option<ObjectId>],
        index: &Path,
    ) -> Result<Vec<(StagedPath, Replaced)>> {
        let mut parents = Vec::new();
        for &followed in followed {
            let differences = self.differences(followed, index);
            parents.push(differences.context("cannot read what is staged")?);
        }
        for head in self.merge_heads() {
            // A head that can't be read makes more lines count as added, never fewer.
            parents.extend(self.differences(Some(head), index));
        }
        let (paths, deleted) = combine(parents);
        let paths = paths.into_iter();
        Ok(paths
            .map(|path| {
                let replaced = Replaced::by(&path, &deleted);
                (path, replaced)
            })
            .collect())
    }

    /// The commits that the commit to be will follow, beside those that it merges: HEAD, or, where it may take
    /// the place of HEAD, what HEAD follows. Before the first commit it follows nothing.
    pub(super) fn followed(&self) -> Result<Followed> {
        let head = self.head()?;
        Ok(match self.amended(head) {
            Some(parents) => Followed {
                first: parents.into_iter().map(Some).collect(),
                instead: head,
            },
            None => Followed {
                first: vec![head],
                instead: None,
            },
        })
    }

    /// The parents of HEAD, if the commit to be may take its place (`git commit --amend`).
    ///
    /// git tells no hook that looks at a commit that it is amended. But it tells each who is the author, and
    /// from when (`determine_author_info` in builtin/commit.c), and of an amended commit that is HEAD's
    /// author. So it is of one that takes its author over from HEAD (`git commit -C HEAD`), and follows it.
    /// Where the commits before have it, too, somebody always commits at one time, and it says
    /// nothing; nor does it of a first commit, before which there is none.
    fn amended(&self, head: Option<ObjectId>) -> Option<Vec<ObjectId>> {
        /// A bound: within so many seconds two commits of one person may have one time.
        const CLOSE: u64 = 2;
        if !self.in_env {
            return None;
        }
        // git names the index to all that it runs for a commit.
        variable("GIT_INDEX_FILE")?;
        let said = |name| Vec::from_os_string(variable(name)?).ok();
        let when = said("GIT_AUTHOR_DATE")?;
        let when = when.strip_prefix(b"@")?;
        let (seconds, _) = when.split_once_str(" ")?;
        let seconds: u64 = seconds.to_str().ok()?.parse().ok()?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
        if seconds.saturating_add(CLOSE) > now.as_secs() {
            return None;
        }
        let (name, email) = (said("GIT_AUTHOR_NAME")?, said("GIT_AUTHOR_EMAIL")?);
        let author = [name.as_slice(), b" <", &email, b"> ", when].concat();
        let read = |id| self.object(id, Kind::Commit).ok();
        let head = read(head?)?;
        let parents = Commit::parse(&head).ok()?.parents;
        let is_apart = |&parent: &ObjectId| read(parent).is_some_and(|it| authored(&it) != author);
        let is_amended = authored(&head) == author && !parents.is_empty();
        (is_amended && parents.iter().all(is_apart)).then_some(parents)
    }

    fn differences(&self, commit: Option<ObjectId>, index: &Path) -> Result<Vec<Delta>> {
        self.ask(
            |libgit2| libgit2.diff(commit, index),
            |git| git.diff(commit),
        )
    }

    /// The id, in hex, of the tree that the commit to be will have.
    ///
    /// # Errors
    /// When the index is in conflict or can't be read.
    pub fn staged_tree(&self) -> Result<String> {
        let index = self.index_path()?;
        let known = self.libgit2.as_ref();
        let known = known.and_then(|libgit2| libgit2.staged_tree(&index));
        // Another hook may have staged something since git knew.
        let tree = match known {
            Some(tree) => tree,
            None => self.plumbing.write_tree()?,
        };
        Ok(tree.to_string())
    }

    /// The other parents of a merge. git writes `MERGE_HEAD` only after `pre-merge-commit`, which
    /// is told of them in variables.
    fn merge_heads(&self) -> Vec<ObjectId> {
        if let Ok(heads) = disk::read_whole(&self.git_dir.join("MERGE_HEAD")) {
            return heads
                .lines()
                .filter_map(|line| ObjectId::parse(line.trim()))
                .collect();
        }
        if !self.in_env {
            return Vec::new();
        }
        env::vars_os()
            .filter_map(|(name, _)| {
                ObjectId::parse(name.to_str()?.strip_prefix("GITHEAD_")?.as_bytes())
            })
            .collect()
    }

    /// Stages a path as it is in the working tree, by the filters that git's attributes name for it.
    ///
    /// # Errors
    /// When git refuses.
    pub fn stage(&self, path: &BStr) -> Result<()> {
        let args = ["add".into(), "--".into(), pathspec(path)?];
        self.change(args)
    }

    /// The same for a file that keyward wrote for itself or for git, which no filter is meant for: none is started.
    ///
    /// # Errors
    /// When git refuses.
    pub fn stage_unfiltered(&self, path: &BStr) -> Result<()> {
        // Also what says that there is none may be the name of a driver.
        let driver = self.told_attribute("filter", path)?;
        ensure!(
            !driver.contains(&b'='),
            "git's attributes name a filter for {path} that keyward can't leave out: look at it, then stage the file yourself"
        );
        let mut args = Vec::new();
        for setting in ["clean=", "process=", "required=false"] {
            let given = [b"filter.", driver.as_slice(), b".", setting.as_bytes()].concat();
            args.extend(["-c".into(), given.to_os_str()?.to_owned()]);
        }
        args.extend(["add".into(), "--".into(), pathspec(path)?]);
        self.change(args)
    }

    /// Takes a path out of the index and leaves the file where it is.
    ///
    /// # Errors
    /// When git refuses.
    pub fn unstage(&self, path: &BStr) -> Result<()> {
        let path = path.to_os_str()?.to_owned();
        self.change([
            "update-index".into(),
            "--force-remove".into(),
            "--".into(),
            path,
        ])
    }

    /// Whether git's attributes say anything of that name about a path.
    ///
    /// # Errors
    /// When git can't tell.
    pub fn has_attribute(&self, name: &str, path: &BStr) -> Result<bool> {
        Ok(self.told_attribute(name, path)? != b"unspecified")
    }

    /// What git tells of that name for a path: a value, or one of its three words.
    fn told_attribute(&self, name: &str, path: &BStr) -> Result<Vec<u8>> {
        let asked = ["check-attr", "-z", name, "--"].map(OsString::from);
        let arguments = self.as_arguments().into_iter().chain(asked);
        let told = self
            .plumbing
            .read(arguments.chain([path.to_os_str()?.to_owned()]))?;
        Ok(told.split_str("\0").nth(2).unwrap_or_default().to_vec())
    }

    /// The id, in hex, of what is staged at a path.
    ///
    /// # Errors
    /// When the index can't be read.
    pub fn staged_id(&self, path: &BStr) -> Result<Option<String>> {
        let entries = self.indexed_entries(&[path])?;
        Ok(entries.first().map(|(_, entry)| entry.id.to_string()))
    }

    fn change(&self, args: impl IntoIterator<Item = OsString>) -> Result<()> {
        self.plumbing.change(&self.as_arguments(), args)?;
        self.forget_index();
        Ok(())
    }

    /// Reads the index anew when it is asked for next: another command may have changed it.
    pub fn forget_index(&self) {
        *lock(&self.ignores) = None;
        lock(&self.indexed).clear();
        if let Some(libgit2) = &self.libgit2 {
            libgit2.forget_index();
        }
    }
}

/// What a commit to be follows.
pub(super) struct Followed {
    /// Its parents, beside those that it merges; `None` before the first commit.
    pub(super) first: Vec<Option<ObjectId>>,
    /// What it may follow instead, where git does not say whether it is amended. It adds what it adds to either.
    pub(super) instead: Option<ObjectId>,
}

struct StagedOrigin<'r> {
    repo: &'r Repo,
    path: BString,
    id: ObjectId,
    replaced: Replaced,
}

impl Origin for StagedOrigin<'_> {
    fn content(&self) -> Result<Vec<u8>> {
        self.repo
            .blob(self.id)
            .context("cannot read what is staged")
    }

    fn replaced(&self) -> Result<Vec<Vec<u8>>> {
        let ids = self.replaced.ids();
        Ok(ids.filter_map(|id| self.repo.old_blob(id)).collect())
    }

    fn is_known(&self, line: &[u8]) -> bool {
        self.replaced
            .has(line, |id, most| self.repo.old_blob_within(id, most))
    }

    fn ignored(&self) -> Result<Ignored> {
        self.repo.ignored(self.path.as_ref())
    }
}
