//! Reads repositories. Nothing else in the crate names git2 or runs git.
//!
//! [`Repo`] asks one of two readers: [libgit2](read::libgit2), in-process, for ordinary repositories, and
//! [git's plumbing](read::plumbing) for all that libgit2 can't read. Whatever the first fails at is asked
//! of the second, and only an error of the second is an error.
//!
//! The first also answers first, whatever the size of the repository, so that what decides is only
//! whether it can read it: the reader of the index has the figures. The second starts a process or two,
//! of which each takes as long as a whole hook run in a small repository (docs/performance.md, W1).

mod compare;
mod fetch;
mod history;
mod id;
mod ignore;
mod message;
mod object;
mod pool;
mod programs;
mod read;
mod rehearsal;
mod trailer;
mod tree;

use std::collections::HashMap;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

use anyhow::{Context, Result, bail, ensure};
use bstr::{BStr, BString, ByteSlice};

use self::compare::{Delta, RenameSources, StagedPath};
pub use self::fetch::Fetched;
use self::id::{Entry, Mode, ObjectId};
use self::ignore::Ignores;
use self::object::Kind;
use self::pool::lock;
use self::read::libgit2::Libgit2;
use self::read::plumbing::{self, Plumbing, Scope};
use crate::change::{Change, EntryKind, Ignored, Origin, Status};
pub use programs::{GitProgram, first_of, programs};
pub use rehearsal::{HookRun, LeftOut, REHEARSAL_VARIABLE, Rehearsal, Told};

pub use self::history::{COMMIT_MESSAGE, CommitId, RefUpdate, RevRange, TAG_MESSAGE};
#[cfg(fuzzing)]
pub use self::read::index::fuzz_index;
pub use self::trailer::TRAILER;

/// The environment variable that forces a [`Reader`], by its name in lower case.
pub const READER_VARIABLE: &str = "KEYWARD_READER";

/// What reads a repository. Both give the same answers, where the first gives one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// libgit2, in-process.
    Libgit2,
    /// The git program.
    Git,
}

impl Reader {
    fn from_env() -> Result<Option<Self>> {
        match env::var_os(READER_VARIABLE) {
            None => Ok(None),
            Some(name) if name.is_empty() => Ok(None),
            Some(name) if name == "libgit2" => Ok(Some(Self::Libgit2)),
            Some(name) if name == "git" => Ok(Some(Self::Git)),
            Some(_) => {
                bail!("{READER_VARIABLE} names no reader; set it to libgit2 or git, or unset it")
            }
        }
    }
}

/// A config of git's that holds beyond one repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfigScope {
    /// The user's own: for every repository of theirs.
    Global,
    /// That of the machine: for every user.
    System,
}

impl ConfigScope {
    /// The option of `git config`, and of `keyward install`, that means it.
    pub const fn option(self) -> &'static str {
        match self {
            Self::Global => "--global",
            Self::System => "--system",
        }
    }
}

/// A hook that git's config names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigHook {
    /// Its name: the word after `hook.` in the settings.
    pub name: String,
    /// The hook's kind, as git calls it.
    pub event: String,
    /// What git has a shell run.
    pub command: String,
    /// The setting that keeps git from running it, if one does.
    pub off: Option<String>,
}

/// Where a file is known to git.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Versions {
    /// In the index.
    pub staged: bool,
    /// In HEAD.
    pub committed: bool,
    /// Alike in both.
    pub same: bool,
}

/// A repository, as it is while the process runs.
pub struct Repo {
    libgit2: Option<Libgit2>,
    plumbing: Plumbing,
    forced: Option<Reader>,
    /// Whether git's environment variables speak of this repository.
    in_env: bool,
    git_dir: PathBuf,
    worktree: OnceLock<PathBuf>,
    head: OnceLock<Option<ObjectId>>,
    indexed: Mutex<HashMap<BString, Option<Entry>>>,
    ignores: Mutex<Option<Arc<Ignores>>>,
}

impl Repo {
    /// The repository that git's environment variables name, as they do in a hook, or else the
    /// one that holds the current directory.
    ///
    /// # Errors
    /// When there is none, or git refuses to read it: with git's own reason.
    pub fn from_env() -> Result<Self> {
        let forced = Reader::from_env()?;
        Self::new(forced, true, Libgit2::from_env, Scope::Environment)
    }

    /// The repository that holds `dir`. git's environment variables speak of another one and have
    /// no say.
    ///
    /// # Errors
    /// As for [`Repo::from_env`].
    pub fn open(dir: &Path, reader: Option<Reader>) -> Result<Self> {
        let forced = match reader {
            Some(reader) => Some(reader),
            None => Reader::from_env()?,
        };
        let scope = Scope::Directory(std::path::absolute(dir)?);
        Self::new(forced, false, || Libgit2::open(dir), scope)
    }

    /// The repository that holds `dir`, or `None` where there is none.
    ///
    /// # Errors
    /// When there is one and it can't be read.
    pub fn around(dir: &Path) -> Result<Option<Self>> {
        let dir = std::path::absolute(dir)?;
        let holds = |dir: &Path| {
            let git = dir.join(".git");
            git.is_file() || git.join("HEAD").symlink_metadata().is_ok()
        };
        if dir.ancestors().any(holds) {
            Self::open(&dir, None).map(Some)
        } else {
            Ok(None)
        }
    }

    fn new(
        forced: Option<Reader>,
        in_env: bool,
        libgit2: impl FnOnce() -> Result<Libgit2>,
        scope: Scope,
    ) -> Result<Self> {
        let plumbing = Plumbing::new(scope);
        let libgit2 = match forced {
            Some(Reader::Git) => None,
            Some(Reader::Libgit2) => Some(libgit2().context("cannot open the repository")?),
            None => libgit2().ok(),
        };
        let git_dir = match &libgit2 {
            Some(libgit2) => libgit2.git_dir(),
            None => plumbing.git_dir().context("cannot open the repository")?,
        };
        Ok(Self {
            libgit2,
            plumbing,
            forced,
            in_env,
            git_dir,
            worktree: OnceLock::new(),
            head: OnceLock::new(),
            indexed: Mutex::default(),
            ignores: Mutex::new(None),
        })
    }

    /// Asks libgit2 and, where it has no answer, git.
    fn ask<T>(
        &self,
        libgit2: impl FnOnce(&Libgit2) -> Result<T>,
        git: impl FnOnce(&Plumbing) -> Result<T>,
    ) -> Result<T> {
        if let Some(reader) = &self.libgit2 {
            match libgit2(reader) {
                Err(_) if self.forced.is_none() => {}
                answer => return answer,
            }
        }
        git(&self.plumbing)
    }

    /// The directory of this working tree's own git files: `.git`, or `.git/worktrees/NAME`.
    pub fn git_dir(&self) -> &Path {
        &self.git_dir
    }

    /// The directory that all working trees of the repository share.
    ///
    /// # Errors
    /// When git can't tell.
    pub fn common_dir(&self) -> Result<PathBuf> {
        match &self.libgit2 {
            Some(libgit2) => Ok(libgit2.common_dir()),
            None => self.plumbing.common_dir(),
        }
    }

    /// The top of the working tree.
    ///
    /// # Errors
    /// When the repository is bare.
    pub fn worktree(&self) -> Result<&Path> {
        if let Some(worktree) = self.worktree.get() {
            return Ok(worktree);
        }
        let worktree = match &self.libgit2 {
            Some(libgit2) => self.worktree_by(libgit2)?,
            None => self.plumbing.worktree()?,
        };
        Ok(self.worktree.get_or_init(|| worktree))
    }

    /// libgit2 takes a relative `GIT_WORK_TREE` as relative to the git directory and doesn't know
    /// that with `GIT_DIR` alone the current directory is the top.
    fn worktree_by(&self, libgit2: &Libgit2) -> Result<PathBuf> {
        let own = libgit2.worktree();
        if self.in_env {
            if let Some(named) = variable("GIT_WORK_TREE") {
                return Ok(std::path::absolute(named)?);
            }
            if own.is_some() && variable("GIT_DIR").is_some() && !libgit2.names_worktree()? {
                return Ok(env::current_dir()?);
            }
        }
        own.context("a bare repository has no working tree; run keyward where the files are")
    }

    /// The commit of HEAD; `None` before the first one.
    fn head(&self) -> Result<Option<ObjectId>> {
        if let Some(head) = self.head.get() {
            return Ok(*head);
        }
        let head = self.ask(Libgit2::head, Plumbing::head)?;
        Ok(*self.head.get_or_init(|| head))
    }

    /// The index, which git may have put elsewhere for this commit.
    fn index_path(&self) -> Result<PathBuf> {
        let Some(named) = variable("GIT_INDEX_FILE").filter(|_| self.in_env) else {
            return Ok(self.git_dir.join("index"));
        };
        // git goes to the top of the working tree first if it is started somewhere below.
        let base = env::current_dir()?;
        let base = match self.worktree() {
            Ok(top) if base.starts_with(top) => top.to_path_buf(),
            _ => base,
        };
        let path = base.join(named);
        // A new repository has no index file. One in a directory that isn't there is another
        // matter: taken as empty, it would pass everything.
        let found = path.parent().is_some_and(Path::is_dir);
        ensure!(
            found,
            "GIT_INDEX_FILE names {}, which is not there; unset it, or run keyward where git does",
            path.display()
        );
        Ok(path)
    }

    /// What the commit to be adds and changes, in the order of paths. Files that are deleted or
    /// in conflict, submodules and what `git add -N` announced are no part of it.
    ///
    /// # Errors
    /// When HEAD or the index can't be read.
    pub fn staged(&self) -> Result<impl Iterator<Item = Result<Change<'_>>> + Send + '_> {
        let index = self.index_path()?;
        let head = self.head()?;
        let mut parents = vec![
            self.differences(head, &index)
                .context("cannot read what is staged")?,
        ];
        for head in self.merge_heads() {
            // A head that can't be read makes more lines count as added, never fewer.
            parents.extend(self.differences(Some(head), &index));
        }
        let (paths, deleted) = compare::combine(parents);
        let deleted = Arc::new(deleted);
        Ok(paths.into_iter().map(move |staged| {
            let StagedPath {
                path, status, kind, ..
            } = staged.clone();
            let origin = StagedOrigin {
                repo: self,
                staged,
                deleted: Arc::clone(&deleted),
            };
            Ok(Change::new(path, status, kind, origin))
        }))
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
        if let Ok(heads) = fs::read(self.git_dir.join("MERGE_HEAD")) {
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

    /// The files of the working tree that are tracked, or new and not ignored, with their present
    /// content: all of them, or those at and below the given paths, relative to the current
    /// directory. Nothing counts as replaced. A tracked file is [`Status::Modified`].
    ///
    /// # Errors
    /// When git can't list them.
    pub fn worktree_files<'r>(
        &'r self,
        under: &[PathBuf],
    ) -> Result<impl Iterator<Item = Result<Change<'r>>> + Send + use<'r>> {
        let top = self.worktree()?;
        let files = self.plumbing.worktree_files(top, under)?;
        let tracked = files
            .tracked
            .into_iter()
            .map(|path| (path, Status::Modified));
        let untracked = files
            .untracked
            .into_iter()
            .map(|path| (path, Status::Added));
        let mut files: Vec<(BString, Status)> = tracked.chain(untracked).collect();
        files.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(self.on_disk(top, files))
    }

    /// The files that git does not track and no `.gitignore` in the working tree covers, with
    /// their content. This machine's own excludes keep none of them out: they protect nobody else.
    ///
    /// # Errors
    /// When git can't list them.
    pub fn unignored_files(&self) -> Result<impl Iterator<Item = Result<Change<'_>>> + '_> {
        let top = self.worktree()?;
        let files = self.plumbing.unignored(top)?;
        let files = files.into_iter().map(|path| (path, Status::Added));
        Ok(self.on_disk(top, files.collect()))
    }

    /// Files of the working tree with their present content; those that are not there are left out.
    fn on_disk<'r>(
        &'r self,
        top: &'r Path,
        files: Vec<(BString, Status)>,
    ) -> impl Iterator<Item = Result<Change<'r>>> + 'r {
        files.into_iter().filter_map(move |(path, status)| {
            let file = match path.to_path() {
                Ok(relative) => top.join(relative),
                Err(err) => return Some(Err(err.into())),
            };
            let kind = match fs::symlink_metadata(&file) {
                Ok(found) if found.is_symlink() => EntryKind::Link,
                Ok(found) if found.is_file() => EntryKind::File,
                // A submodule, a repository in the repository, a pipe.
                Ok(_) => return None,
                Err(err) if is_absent(&err) => return None,
                // Reading the content tells the reason.
                Err(_) => EntryKind::File,
            };
            let origin = WorktreeOrigin {
                repo: self,
                path: path.clone(),
                file,
                kind,
            };
            Some(Ok(Change::new(path, status, kind, origin)))
        })
    }

    /// A file as it is staged; `None` if it isn't. One that `git add -N` announced is empty.
    ///
    /// # Errors
    /// When it can't be read, or is a symbolic link, which keyward never follows.
    pub fn indexed(&self, path: &BStr) -> Result<Option<Vec<u8>>> {
        match self.indexed_entries(&[path])?.first() {
            None => Ok(None),
            Some((_, entry)) => match entry.mode {
                Mode::File => self.blob(entry.id).map(Some),
                Mode::Link => bail!("{path} is a symbolic link; commit the file itself instead"),
                Mode::Gitlink => bail!("{path} is a submodule; commit a file instead"),
            },
        }
    }

    /// A file as it is in HEAD; `None` if it isn't.
    ///
    /// # Errors
    /// As for [`Repo::indexed`].
    pub fn at_head(&self, path: &BStr) -> Result<Option<Vec<u8>>> {
        match self.committed_entry(path)? {
            None => Ok(None),
            Some(entry) if entry.mode == Mode::File => self.blob(entry.id).map(Some),
            Some(_) => bail!("{path} is no file in HEAD"),
        }
    }

    /// A file as it is in a commit, given by its whole id in hex; `None` if either isn't there.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn file_of(&self, commit: &str, path: &BStr) -> Result<Option<Vec<u8>>> {
        let Some(commit) = ObjectId::parse(commit.as_bytes()) else {
            return Ok(None);
        };
        match self.entry_in(commit, path) {
            Ok(Some(entry)) if entry.mode == Mode::File => self.blob(entry.id).map(Some),
            // A clone need not have every commit.
            Ok(_) | Err(_) => Ok(None),
        }
    }

    fn committed_entry(&self, path: &BStr) -> Result<Option<Entry>> {
        let Some(head) = self.head()? else {
            return Ok(None);
        };
        self.entry_in(head, path)
    }

    fn entry_in(&self, commit: ObjectId, path: &BStr) -> Result<Option<Entry>> {
        self.ask(
            |libgit2| libgit2.in_commit(commit, path),
            |git| git.in_commit(commit, path),
        )
    }

    /// Whether a file is staged and committed, and is the same in both.
    ///
    /// # Errors
    /// When the index or HEAD can't be read.
    pub fn versions(&self, path: &BStr) -> Result<Versions> {
        let staged = self.indexed_entries(&[path])?;
        let staged = staged.first().map(|(_, entry)| entry);
        let committed = self.committed_entry(path)?;
        Ok(Versions {
            staged: staged.is_some(),
            committed: committed.is_some(),
            same: staged == committed.as_ref(),
        })
    }

    /// Looks files up in the index, all at once: git then is asked once for all of them and not
    /// once for each.
    ///
    /// # Errors
    /// When the index can't be read.
    pub fn look_up(&self, paths: &[&BStr]) -> Result<()> {
        self.indexed_entries(paths).map(drop)
    }

    fn indexed_entries(&self, paths: &[&BStr]) -> Result<Vec<(BString, Entry)>> {
        let mut known = lock(&self.indexed);
        let unknown: Vec<&BStr> = paths
            .iter()
            .copied()
            .filter(|path| !known.contains_key(*path))
            .collect();
        if !unknown.is_empty() {
            let mut found: HashMap<BString, Entry> =
                self.read_index(&unknown)?.into_iter().collect();
            for path in unknown {
                known.insert(path.to_owned(), found.remove(path));
            }
        }
        let entry = |path: &&BStr| Some((BString::from(*path), known.get(*path).copied()??));
        Ok(paths.iter().filter_map(entry).collect())
    }

    fn read_index(&self, paths: &[&BStr]) -> Result<Vec<(BString, Entry)>> {
        let index = self.index_path()?;
        self.ask(
            |libgit2| libgit2.indexed(&index, paths),
            |git| git.indexed(paths),
        )
    }

    fn blob(&self, id: ObjectId) -> Result<Vec<u8>> {
        self.object(id, Kind::Blob)
    }

    /// What an object of that kind holds.
    fn object(&self, id: ObjectId, kind: Kind) -> Result<Vec<u8>> {
        self.ask(
            |libgit2| {
                let (found, object) = libgit2.object(id)?;
                ensure!(found == kind, "{id} is no {}", kind.name());
                Ok(object)
            },
            |git| git.object(id, kind),
        )
    }

    /// What an object of any kind is and holds.
    fn any_object(&self, id: ObjectId) -> Result<(Kind, Vec<u8>)> {
        self.ask(
            |libgit2| libgit2.object(id),
            |git| {
                git.try_object(id)?
                    .with_context(|| format!("the object {id} is not there"))
            },
        )
    }

    /// Whether an object is here and whole.
    fn holds(&self, id: ObjectId) -> bool {
        self.any_object(id).is_ok()
    }

    /// A blob that the commit replaces, if it can be had.
    fn old_blob(&self, id: ObjectId) -> Option<Vec<u8>> {
        let (kind, blob) = self.any_object(id).ok()?;
        (kind == Kind::Blob).then_some(blob)
    }

    /// The path, as git has it, of a file that is named relative to the current directory. The file
    /// need not exist.
    ///
    /// # Errors
    /// When it is not in the working tree.
    pub fn path_of(&self, file: &Path) -> Result<BString> {
        let absolute = std::path::absolute(file)?;
        let name = absolute.file_name().context("a path of a file is needed")?;
        // Links in the directories lead where they lead; the file itself may be a link.
        let parent = absolute.parent().unwrap_or(Path::new("/"));
        let parent = fs::canonicalize(parent).unwrap_or_else(|_| parent.to_owned());
        let top = fs::canonicalize(self.worktree()?)?;
        let inside = parent.strip_prefix(&top).map(|below| below.join(name));
        let Ok(inside) = inside else {
            bail!(
                "{} is not in the working tree of this repository",
                file.display()
            );
        };
        let bytes = <[u8]>::from_path(&inside).context("the path is not Unicode")?;
        Ok(if cfg!(windows) {
            bytes.replace(b"\\", b"/").into()
        } else {
            bytes.into()
        })
    }

    /// Whether a fresh clone would ignore a path, by the `.gitignore` files as they are staged.
    ///
    /// # Errors
    /// When they can't be read.
    pub fn ignored(&self, path: &BStr) -> Result<Ignored> {
        let known = lock(&self.ignores).clone();
        let ignores = match known {
            Some(ignores) => ignores,
            None => {
                let ignores = Arc::new(Ignores::new(self.ignores_case()?));
                *lock(&self.ignores) = Some(Arc::clone(&ignores));
                ignores
            }
        };
        ignores.check(self, path)
    }

    fn ignores_case(&self) -> Result<bool> {
        self.ask(Libgit2::ignores_case, Plumbing::ignores_case)
    }

    /// The directory in which git looks for this repository's hooks, whether it is there or not.
    ///
    /// # Errors
    /// When git can't tell.
    pub fn hooks_dir(&self) -> Result<PathBuf> {
        let hooks = self.plumbing.hooks_dir(&self.as_arguments())?;
        Ok(self.top().join(hooks))
    }

    /// The value of `core.hooksPath` and the file that sets it, or `command line`; `None` if it is
    /// not set.
    ///
    /// # Errors
    /// When git can't read its config.
    pub fn hooks_path_setting(&self) -> Result<Option<(String, String)>> {
        let setting = self.plumbing.hooks_path_setting()?;
        Ok(setting.map(|(value, origin)| {
            let origin = origin.strip_prefix("file:").unwrap_or(&origin);
            (value, origin.trim_end_matches(':').to_owned())
        }))
    }

    /// The hooks that git's config names for one event. Empty for a git that knows none.
    ///
    /// # Errors
    /// When git can't read its config, or finds a hook in it that stops every command.
    pub fn config_hooks(&self, event: &str) -> Result<Vec<ConfigHook>> {
        /// The first git that runs them.
        const CONFIG_HOOKS: (u32, u32, u32) = (2, 54, 0);
        if Self::version()? < CONFIG_HOOKS {
            return Ok(Vec::new());
        }
        self.plumbing.config_hooks(event)
    }

    /// Who sets `core.hooksPath`, in git's word: `system`, `global`, `local`, `worktree` or
    /// `command`; `None` if nobody does.
    ///
    /// # Errors
    /// When git can't read its config, or is older than 2.26 and can't tell.
    pub fn hooks_path_scope(&self) -> Result<Option<String>> {
        self.plumbing.hooks_path_scope()
    }

    /// Stages a path as it is in the working tree.
    ///
    /// # Errors
    /// When git refuses.
    pub fn stage(&self, path: &BStr) -> Result<()> {
        let args = ["add".into(), "--".into(), plumbing::pathspec(path)?];
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

    fn change<const N: usize>(&self, args: [OsString; N]) -> Result<()> {
        self.plumbing.change(&self.as_arguments(), args)?;
        *lock(&self.ignores) = None;
        lock(&self.indexed).clear();
        if let Some(libgit2) = &self.libgit2 {
            libgit2.forget_index();
        }
        Ok(())
    }

    /// Where git's relative paths start.
    fn top(&self) -> &Path {
        self.worktree().unwrap_or(&self.git_dir)
    }

    /// The arguments that name this repository to git, at its top.
    fn as_arguments(&self) -> Vec<OsString> {
        let named = |option: &str, path: &Path| {
            let mut argument = OsString::from(option);
            argument.push(path);
            argument
        };
        let mut arguments = vec![
            "-C".into(),
            self.top().into(),
            named("--git-dir=", &self.git_dir),
        ];
        if let Ok(worktree) = self.worktree() {
            arguments.push(named("--work-tree=", worktree));
        }
        arguments
    }

    /// The value of `core.hooksPath` that holds for every repository there, and the file that sets
    /// it.
    ///
    /// # Errors
    /// When git can't read its config.
    pub fn hooks_path_in(scope: ConfigScope) -> Result<Option<(String, String)>> {
        let plumbing = Plumbing::new(Scope::Environment);
        let scopes = match scope {
            ConfigScope::Global => &[ConfigScope::Global, ConfigScope::System][..],
            ConfigScope::System => &[ConfigScope::System],
        };
        for scope in scopes {
            if let Some((value, origin)) = plumbing.hooks_path_in(*scope)? {
                let origin = origin.strip_prefix("file:").unwrap_or(&origin).to_owned();
                return Ok(Some((value, origin)));
            }
        }
        Ok(None)
    }

    /// The file that holds that config, which need not exist: the one that `git config` writes
    /// (git-config(1), "FILES").
    ///
    /// # Errors
    /// When there is no home directory, or git can't tell.
    pub fn config_file(scope: ConfigScope) -> Result<PathBuf> {
        match scope {
            ConfigScope::Global => global_config(),
            ConfigScope::System => match variable("GIT_CONFIG_SYSTEM") {
                Some(named) => Ok(std::path::absolute(named)?),
                None => plumbing::system_config(),
            },
        }
    }

    /// The version of the git program.
    ///
    /// # Errors
    /// When git can't be run.
    pub fn version() -> Result<(u32, u32, u32)> {
        plumbing::version()
    }
}

fn global_config() -> Result<PathBuf> {
    if let Some(named) = variable("GIT_CONFIG_GLOBAL") {
        return Ok(std::path::absolute(named)?);
    }
    let home = variable("HOME").or_else(|| variable("USERPROFILE"));
    let home = PathBuf::from(home.context("HOME is not set; set it and run this again")?);
    let usual = home.join(".gitconfig");
    let other = match variable("XDG_CONFIG_HOME") {
        Some(dir) => PathBuf::from(dir).join("git/config"),
        None => home.join(".config/git/config"),
    };
    Ok(if !usual.exists() && other.exists() {
        other
    } else {
        usual
    })
}

fn variable(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}

fn is_absent(err: &io::Error) -> bool {
    matches!(
        err.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

struct StagedOrigin<'r> {
    repo: &'r Repo,
    staged: StagedPath,
    deleted: Arc<RenameSources>,
}

impl Origin for StagedOrigin<'_> {
    fn content(&self) -> Result<Vec<u8>> {
        self.repo
            .blob(self.staged.id)
            .context("cannot read what is staged")
    }

    fn replaced(&self) -> Result<Vec<Vec<u8>>> {
        Ok(history::replaced(&self.staged, &self.deleted)
            .into_iter()
            .filter_map(|id| self.repo.old_blob(id))
            .collect())
    }

    fn ignored(&self) -> Result<Ignored> {
        self.repo.ignored(self.staged.path.as_ref())
    }
}

struct WorktreeOrigin<'r> {
    repo: &'r Repo,
    path: BString,
    file: PathBuf,
    kind: EntryKind,
}

impl Origin for WorktreeOrigin<'_> {
    fn content(&self) -> Result<Vec<u8>> {
        Ok(match self.kind {
            EntryKind::File | EntryKind::Message => fs::read(&self.file)?,
            EntryKind::Link => {
                let target = fs::read_link(&self.file)?;
                <[u8]>::from_path(&target)
                    .context("the link's target is not Unicode")?
                    .to_vec()
            }
        })
    }

    fn replaced(&self) -> Result<Vec<Vec<u8>>> {
        Ok(Vec::new())
    }

    fn ignored(&self) -> Result<Ignored> {
        self.repo.ignored(self.path.as_ref())
    }
}
