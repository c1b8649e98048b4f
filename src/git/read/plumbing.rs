//! The reader for everything else: git itself, by its plumbing commands, never by a patch.
//!
//! No command here can be made to start another program by a repository's config or attributes:
//! raw differences know no external diff, `cat-file` applies no filter, the file system monitor is
//! off, and objects that are missing are not fetched.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context, Result, anyhow, bail, ensure};
use bstr::{BStr, BString, ByteSlice};

use super::batch::Batch;
use super::command::{bare_git, path, refusal, run, run_with, unexpected};
use crate::git::compare::Delta;
use crate::git::env::LOCAL;
use crate::git::id::{Entry, Mode, ObjectId};
use crate::git::object::Kind;
use crate::git::pool::Pool;

/// Which repository git is asked about.
pub(in crate::git) enum Scope {
    /// The one that the environment names, or that of the current directory.
    Environment,
    /// The one that holds this directory, whatever the environment says.
    Directory(PathBuf),
}

pub(in crate::git) struct Plumbing {
    scope: Scope,
    empty_tree: OnceLock<String>,
    /// One for each thread that reads.
    objects: Pool<Batch>,
}

/// A line of a ref's log.
#[derive(Clone, Debug, Default)]
pub(in crate::git) struct Logged {
    /// What the ref named: the last one from then on.
    pub(in crate::git) ids: Vec<ObjectId>,
    /// When, in seconds since 1970.
    pub(in crate::git) time: i64,
    /// What was done, in git's words.
    pub(in crate::git) done: BString,
}

impl Logged {
    /// `OLD NEW NAME <ADDRESS> TIME ZONE<tab>WORDS`
    pub(in crate::git) fn of_line(line: &[u8]) -> Self {
        let (head, done) = line.split_once_str("\t").unwrap_or((line, b""));
        let ids = head.split_str(" ").take(2);
        let time = head.rsplit_str(" ").nth(1).and_then(|it| it.to_str().ok());
        Self {
            ids: ids
                .filter_map(|word| ObjectId::parse(word)?.or_nothing())
                .collect(),
            time: time.and_then(|it| it.parse().ok()).unwrap_or(0),
            done: done.into(),
        }
    }
}

impl Plumbing {
    pub(in crate::git) fn new(scope: Scope) -> Self {
        Self {
            scope,
            empty_tree: OnceLock::new(),
            objects: Pool::default(),
        }
    }

    /// A git that only reads.
    fn reading(&self) -> Command {
        let mut git = self.git();
        git.args(["-c", "core.fsmonitor=false", "-c", "core.quotePath=false"]);
        git
    }

    /// A git with the user's own settings, for what the user asked for.
    pub(in crate::git) fn git(&self) -> Command {
        let mut git = bare_git();
        self.aim(&mut git);
        git.env("GIT_NO_REPLACE_OBJECTS", "1");
        git
    }

    /// Makes a program look at this repository: where the environment names it, that does.
    pub(in crate::git) fn aim(&self, program: &mut Command) {
        if let Scope::Directory(dir) = &self.scope {
            for variable in LOCAL {
                program.env_remove(variable);
            }
            program.current_dir(dir);
        }
    }

    pub(in crate::git) fn read<A: AsRef<OsStr>>(
        &self,
        args: impl IntoIterator<Item = A>,
    ) -> Result<Vec<u8>> {
        let output = run(self.reading().args(args))?;
        ensure!(output.status.success(), refusal(&output));
        Ok(output.stdout)
    }

    /// As `read`, where an exit code of 1 says that there is nothing.
    pub(in crate::git) fn read_optional<A: AsRef<OsStr>>(
        &self,
        args: impl IntoIterator<Item = A>,
    ) -> Result<Option<Vec<u8>>> {
        let output = run(self.reading().args(args))?;
        if output.status.code() == Some(1) {
            return Ok(None);
        }
        ensure!(output.status.success(), refusal(&output));
        // What there is takes a line, or a NUL, if it is empty.
        ensure!(!output.stdout.is_empty(), LOST);
        Ok(Some(output.stdout))
    }

    /// Runs git for what it does, with its working directory at `top`.
    pub(in crate::git) fn change<A: AsRef<OsStr>>(
        &self,
        repository: &[A],
        args: impl IntoIterator<Item = A>,
    ) -> Result<()> {
        let output = run(self.git().args(repository).args(args))?;
        ensure!(output.status.success(), refusal(&output));
        Ok(())
    }

    pub(in crate::git) fn git_dir(&self) -> Result<PathBuf> {
        path(self.read(["rev-parse", "--absolute-git-dir"])?)
    }

    pub(in crate::git) fn common_dir(&self) -> Result<PathBuf> {
        let common = self.absolute(path(self.read(["rev-parse", "--git-common-dir"])?)?)?;
        // git may tell it as `../.git`. On Windows that is resolved by now.
        Ok(if cfg!(windows) {
            common
        } else {
            common.canonicalize()?
        })
    }

    /// The top of the working tree; an error in a bare repository.
    pub(in crate::git) fn worktree(&self) -> Result<PathBuf> {
        path(self.read(["rev-parse", "--show-toplevel"])?)
    }

    /// What git says about a path relative to the directory that it was started in.
    fn absolute(&self, path: PathBuf) -> Result<PathBuf> {
        Ok(match &self.scope {
            Scope::Directory(dir) => std::path::absolute(dir.join(path))?,
            Scope::Environment => std::path::absolute(path)?,
        })
    }

    pub(in crate::git) fn ignores_case(&self) -> Result<bool> {
        let value = self.read_optional(["config", "--bool", "--get", "core.ignoreCase"])?;
        Ok(value.is_some_and(|value| value.trim() == b"true"))
    }

    /// The file of `core.excludesFile`, if it is set; an empty path means none.
    pub(in crate::git) fn excludes_file(&self) -> Result<Option<PathBuf>> {
        let value = self.read_optional(["config", "-z", "--path", "--get", "core.excludesFile"])?;
        Ok(match value {
            Some(value) => Some(
                value
                    .strip_suffix(b"\0")
                    .unwrap_or(&value)
                    .to_path()?
                    .to_owned(),
            ),
            None => None,
        })
    }

    /// The directory of the repository's objects.
    pub(in crate::git) fn objects_dir(&self) -> Result<PathBuf> {
        self.absolute(path(self.read(["rev-parse", "--git-path", "objects"])?)?)
    }

    /// The files that git does not track and no `.gitignore` covers; this machine's own excludes
    /// have no say.
    pub(in crate::git) fn unignored(&self, top: &Path) -> Result<Vec<BString>> {
        let mut git = self.reading();
        git.args(["ls-files", "-z", "--full-name", "--others"])
            .args(["--exclude-per-directory=.gitignore", "--"])
            .arg(top);
        paths(&mut git)
    }

    /// The files that fit one of some patterns, whether git tracks or ignores them.
    pub(in crate::git) fn files_like(&self, patterns: &[&str]) -> Result<Vec<BString>> {
        let mut git = self.reading();
        git.args([
            "ls-files",
            "-z",
            "--full-name",
            "--cached",
            "--others",
            "--",
        ])
        .args(patterns.iter().map(|it| format!(":(top,glob,icase){it}")));
        paths(&mut git)
    }

    /// Whether git passes over a path as it is in the working tree, by whatever file says so.
    pub(in crate::git) fn passes_over(&self, file: &Path) -> Result<bool> {
        let mut git = self.reading();
        // By its input: the name of a file may be a secret, and what a program is started with is seen by others.
        git.args(["check-ignore", "--quiet", "-z", "--stdin"]);
        let name = <[u8]>::from_path(file).context("the path is not Unicode")?;
        let output = run_with(&mut git, &[name, b"\0"].concat())?;
        match output.status.code() {
            Some(0) => Ok(true),
            Some(1) => Ok(false),
            _ => bail!(refusal(&output)),
        }
    }

    /// How many bytes the ids of objects have.
    pub(in crate::git) fn id_length(&self) -> Result<usize> {
        let format = self.read(["rev-parse", "--show-object-format"])?;
        Ok(match format.trim() {
            b"sha256" => 32,
            _ => 20,
        })
    }

    /// Every commit that a log of a ref names.
    pub(in crate::git) fn logged(&self) -> Result<Vec<ObjectId>> {
        let listed = self.read(["rev-list", "--no-walk", "--reflog"])?;
        ByteSlice::lines(&*listed)
            .map(|id| ObjectId::parse(id).with_context(|| unexpected("rev-list")))
            .collect()
    }

    /// What the logs of refs tell, the newest of each first, where git alone can read them; nothing where it can't go through them,
    /// since a commit of theirs is gone.
    pub(in crate::git) fn logs(&self) -> Result<Vec<(BString, Logged)>> {
        let format = "--format=%H %gD%x09%gs";
        let options = [
            "log",
            "-g",
            "--all",
            "--no-show-signature",
            "--date=unix",
            format,
        ];
        let listed = run(self.reading().args(options))?.stdout;
        let logged = |line: &[u8]| {
            let (head, done) = line.split_once_str("\t")?;
            let (id, name) = head.split_once_str(" ")?;
            let (name, time) = name.strip_suffix(b"}")?.rsplit_once_str("@{")?;
            let logged = Logged {
                ids: vec![ObjectId::parse(id)?],
                time: time.to_str().ok()?.parse().ok()?,
                done: done.into(),
            };
            Some((name.into(), logged))
        };
        Ok(ByteSlice::lines(&*listed).filter_map(logged).collect())
    }

    /// Every object that there is, with its kind.
    pub(in crate::git) fn all_objects(&self) -> Result<Vec<(ObjectId, Kind)>> {
        let listed = self.read([
            "cat-file",
            "--batch-all-objects",
            "--unordered",
            "--batch-check=%(objectname) %(objecttype)",
        ])?;
        let line = |line: &[u8]| {
            let (id, kind) = line.split_once_str(" ")?;
            Some((ObjectId::parse(id)?, Kind::named(kind)?))
        };
        // What is broken is told in other words.
        Ok(ByteSlice::lines(&*listed).filter_map(line).collect())
    }

    /// What an index of the repository holds.
    pub(in crate::git) fn staged_in(&self, common: &Path, index: &Path) -> Result<Vec<Staged>> {
        let mut git = self.reading();
        let mut directory = OsString::from("--git-dir=");
        directory.push(common);
        git.env("GIT_INDEX_FILE", index)
            .arg(directory)
            .args(["ls-files", "-s", "-z"]);
        let output = run(&mut git)?;
        ensure!(output.status.success(), refusal(&output));
        let line = |line: &[u8]| {
            let (head, path) = line.split_once_str("\t")?;
            let mut words = head.split_str(" ");
            let mode = words.next()?;
            Some(Staged {
                path: path.into(),
                id: ObjectId::parse(words.next()?)?,
                link: mode.starts_with(b"12"),
            })
        };
        let lines = output.stdout.split_str("\0");
        let files = lines.filter(|line| !line.is_empty() && !line.starts_with(b"16"));
        files
            .map(|told| line(told).with_context(|| unexpected("ls-files")))
            .collect()
    }

    /// Where git looks for hooks, relative to the working directory that `repository` sets.
    pub(in crate::git) fn hooks_dir<A: AsRef<OsStr>>(&self, repository: &[A]) -> Result<PathBuf> {
        let mut git = self.reading();
        git.args(repository)
            .args(["rev-parse", "--git-path", "hooks"]);
        let output = run(&mut git)?;
        ensure!(output.status.success(), refusal(&output));
        path(output.stdout)
    }

    /// The commit of HEAD; `None` before the first one.
    pub(in crate::git) fn head(&self) -> Result<Option<ObjectId>> {
        self.read_optional(["rev-parse", "--verify", "--quiet", "HEAD"])?
            .map(|output| ObjectId::parse(output.trim_end()).context("git named no commit"))
            .transpose()
    }

    /// Where the index differs from the tree of a commit, or from nothing, in the order of paths.
    pub(in crate::git) fn diff(&self, commit: Option<ObjectId>) -> Result<Vec<Delta>> {
        self.diff_index(commit, &[])
    }

    /// What will be committed at each of these paths.
    pub(in crate::git) fn indexed(&self, paths: &[&BStr]) -> Result<Vec<(BString, Entry)>> {
        let deltas = self.diff_index(None, paths)?;
        Ok(deltas
            .into_iter()
            // The pathspec of a directory has what is in it, too.
            .filter(|delta| paths.contains(&delta.path.as_bstr()))
            .filter_map(|delta| Some((delta.path, delta.new?)))
            .collect())
    }

    /// What a commit has at a path.
    pub(in crate::git) fn in_commit(&self, commit: ObjectId, path: &BStr) -> Result<Option<Entry>> {
        let mut git = self.reading();
        git.args(["ls-tree", "-z", "--full-tree", &commit.to_string(), "--"]);
        git.arg(path.to_os_str()?);
        let output = run(&mut git)?;
        ensure!(output.status.success(), refusal(&output));
        for line in output
            .stdout
            .split_str("\0")
            .filter(|line| !line.is_empty())
        {
            let (head, name) = line
                .split_once_str("\t")
                .with_context(|| unexpected("ls-tree"))?;
            if name == path.as_bytes() {
                let mut words = head.split_str(" ");
                let mode = words.next().unwrap_or_default();
                if words.next() == Some(b"tree") {
                    return Ok(None);
                }
                let id = words.next().unwrap_or_default();
                return entry(mode, id).with_context(|| unexpected("ls-tree"));
            }
        }
        Ok(None)
    }

    fn diff_index(&self, commit: Option<ObjectId>, paths: &[&BStr]) -> Result<Vec<Delta>> {
        let tree = match commit {
            Some(id) => id.to_string(),
            None => self.empty_tree()?.to_owned(),
        };
        let mut git = self.reading();
        git.args([
            "diff-index",
            "--cached",
            "--raw",
            "-z",
            "--no-renames",
            "--no-abbrev",
            "--no-ext-diff",
            "--exit-code",
            "--ita-invisible-in-index",
            "--ignore-submodules=none",
            &tree,
            "--",
        ]);
        for path in paths {
            git.arg(pathspec(path)?);
        }
        let output = run(&mut git)?;
        // The exit code says whether anything differs, so that an answer that was lost is none.
        let differs = match output.status.code() {
            Some(0) => false,
            Some(1) => true,
            _ => bail!(refusal(&output)),
        };
        ensure!(differs != output.stdout.is_empty(), LOST);
        deltas(&output.stdout)
    }

    /// The id of the empty tree in the repository's own hash.
    fn empty_tree(&self) -> Result<&str> {
        if let Some(id) = self.empty_tree.get() {
            return Ok(id);
        }
        // There is no input, and nothing is written.
        let id = self.read(["hash-object", "-t", "tree", "--stdin"])?;
        let id = ObjectId::parse(id.trim_end()).with_context(|| unexpected("hash-object"))?;
        Ok(self.empty_tree.get_or_init(|| id.to_string()))
    }

    /// The paths below `under` (all, if it is empty) that git knows, and those that it would add.
    pub(in crate::git) fn worktree_files(
        &self,
        top: &Path,
        under: &[PathBuf],
    ) -> Result<WorktreeFiles> {
        let mut git = self.reading();
        git.args(["ls-files", "-z", "-t", "--full-name"]).args([
            "--cached",
            "--others",
            "--exclude-standard",
            "--",
        ]);
        if under.is_empty() {
            git.arg(top);
        }
        for path in under {
            let mut spec = OsString::from(":(literal)");
            spec.push(self.absolute(path.clone())?);
            git.arg(spec);
        }
        let output = run(&mut git)?;
        ensure!(output.status.success(), refusal(&output));
        let mut files = WorktreeFiles {
            tracked: Vec::new(),
            untracked: Vec::new(),
        };
        let listed = output.stdout.split_str("\0");
        for tagged in listed.filter(|tagged| !tagged.is_empty()) {
            // A letter that says what git knows of it, and a space.
            match tagged {
                [b'?', b' ', path @ ..] => files.untracked.push(path.into()),
                [_, b' ', path @ ..] => files.tracked.push(path.into()),
                _ => bail!("git lists files in a way that keyward does not know"),
            }
        }
        // A path in conflict is listed once for each side.
        files.tracked.dedup();
        Ok(files)
    }

    /// What an object of that kind holds.
    pub(in crate::git) fn object(&self, id: ObjectId, kind: Kind) -> Result<Vec<u8>> {
        match self.try_object(id) {
            Ok(Some((found, _))) if found != kind => Err(anyhow!("{id} is not a {}", kind.name())),
            Ok(Some((_, object))) => Ok(object),
            Ok(None) | Err(_) => Err(self.why_none(id, kind)),
        }
    }

    /// What an object is and holds; `None` if git doesn't have it. A `git cat-file` that is running
    /// answers.
    pub(in crate::git) fn try_object(&self, id: ObjectId) -> Result<Option<(Kind, Vec<u8>)>> {
        // It is put back only after an answer: git ends at a corrupt object, and the next question
        // starts another.
        let mut running = match self.objects.take() {
            Some(running) => running,
            None => Batch::start(self.reading())?,
        };
        let object = running.object(id)?;
        self.objects.put(running);
        Ok(object)
    }

    /// git's own reason for not giving an object, which the long-lived process doesn't tell.
    fn why_none(&self, id: ObjectId, kind: Kind) -> anyhow::Error {
        let args = ["cat-file", kind.name(), &id.to_string()];
        match run(self.reading().args(args)) {
            Ok(output) if !output.status.success() => anyhow!(refusal(&output)),
            Ok(_) => anyhow!("git did not give the object {id}"),
            Err(err) => err,
        }
    }

    /// The object that a revision names; `None` if there is none.
    pub(in crate::git) fn resolve(&self, revision: &str) -> Result<Option<ObjectId>> {
        let args = [
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            revision,
        ];
        let Some(output) = self.read_optional(args)? else {
            return Ok(None);
        };
        let id = ObjectId::parse(output.trim_end()).with_context(|| unexpected("rev-parse"))?;
        Ok(Some(id))
    }

    /// The commits that can be reached from `tips` and not from what is excluded, parents first.
    pub(in crate::git) fn commits(
        &self,
        tips: &[ObjectId],
        known: &Known,
    ) -> Result<Vec<ObjectId>> {
        let listed = self.listed(tips, known)?;
        let told: HashSet<&ObjectId> = listed.commits.iter().chain(&known.objects).collect();
        let others: Vec<ObjectId> = tips
            .iter()
            .filter(|tip| !told.contains(tip))
            .copied()
            .collect();
        for tips in others.chunks(MOST_NAMED) {
            self.prove_known(tips, known)?;
        }
        Ok(listed.commits)
    }

    /// The commits that are excluded and are parents of those that are not.
    pub(in crate::git) fn boundary(
        &self,
        tips: &[ObjectId],
        known: &Known,
    ) -> Result<Vec<ObjectId>> {
        Ok(self.listed(tips, known)?.boundary)
    }

    /// Lists commits. That every parent of one is listed too, or excluded, proves that no part of the
    /// answer is missing but what nothing listed comes from.
    fn listed(&self, tips: &[ObjectId], known: &Known) -> Result<Listed> {
        let mut git = self.reading();
        git.args(["rev-list", "--topo-order", "--reverse"]).args([
            "--boundary",
            "--parents",
            "--stdin",
        ]);
        known.exclude_refs(&mut git);
        let mut input = String::new();
        for tip in tips {
            input.push_str(&format!("{tip}\n"));
        }
        input.push_str(&known.excluded_objects());
        let output = run_with(&mut git, input.as_bytes())?;
        ensure!(output.status.success(), refusal(&output));
        Listed::parse(&output.stdout)
    }

    /// Makes sure that nothing is to be listed of some tips. They are named as arguments, which can't
    /// be lost on their way, and the answer is a number, not its absence.
    fn prove_known(&self, tips: &[ObjectId], known: &Known) -> Result<()> {
        let mut git = self.reading();
        git.args(["rev-list", "--count"]);
        git.args(tips.iter().map(ObjectId::to_string));
        git.arg("--stdin");
        known.exclude_refs(&mut git);
        let output = run_with(&mut git, known.excluded_objects().as_bytes())?;
        ensure!(output.status.success(), refusal(&output));
        ensure!(output.stdout.trim_ascii() == b"0", LOST);
        Ok(())
    }

    /// The values of settings whose keys fit a regular expression, the last one last.
    pub(in crate::git) fn settings(&self, keys: &str) -> Result<Vec<(String, String)>> {
        let output = self
            .read_optional(["config", "-z", "--get-regexp", keys])?
            .unwrap_or_default();
        Ok(output
            .split_str("\0")
            .filter(|setting| !setting.is_empty())
            .map(|setting| {
                let setting = setting.to_str_lossy();
                // One without a value is a switch that is on.
                let (key, value) = setting.split_once('\n').unwrap_or((&setting, "true"));
                (key.to_owned(), value.to_owned())
            })
            .collect())
    }

    /// The tree of the index, which git writes if need be.
    pub(in crate::git) fn write_tree(&self) -> Result<ObjectId> {
        let output = self.read(["write-tree"])?;
        ObjectId::parse(output.trim_end()).with_context(|| unexpected("write-tree"))
    }

    /// What the newest entry of HEAD's log says was done; empty if there is no log.
    pub(in crate::git) fn last_deed(&self) -> Result<String> {
        let output = self.read(["log", "-g", "-1", "--format=%gs", "HEAD", "--"])?;
        Ok(output.to_str_lossy().trim().to_owned())
    }
}

/// A bound: as many ids as the shortest command line takes that a system allows.
const MOST_NAMED: usize = 500;

/// What is said of an answer that was lost on its way.
const LOST: &str = "a part of git's answer was lost on its way; run this again";

/// Commits as `rev-list` gives them.
#[derive(Debug, Default)]
struct Listed {
    commits: Vec<ObjectId>,
    /// The excluded parents of them.
    boundary: Vec<ObjectId>,
}

impl Listed {
    /// `<id> <parents>`, or the same behind `-` for what is excluded.
    fn parse(output: &[u8]) -> Result<Self> {
        ensure!(output.is_empty() || output.ends_with(b"\n"), LOST);
        let mut listed = Self::default();
        let mut parents: Vec<ObjectId> = Vec::new();
        for line in ByteSlice::lines(output) {
            let (line, is_excluded) = match line.strip_prefix(b"-") {
                Some(line) => (line, true),
                None => (line, false),
            };
            let ids = line.split_str(" ").map(ObjectId::parse);
            let mut ids = ids.map(|id| id.with_context(|| unexpected("rev-list")));
            let id = ids.next().with_context(|| unexpected("rev-list"))??;
            if is_excluded {
                listed.boundary.push(id);
                continue;
            }
            listed.commits.push(id);
            for parent in ids {
                parents.push(parent?);
            }
        }
        let seen: HashSet<&ObjectId> = listed.commits.iter().chain(&listed.boundary).collect();
        ensure!(parents.iter().all(|parent| seen.contains(parent)), LOST);
        Ok(listed)
    }
}

/// What is known already, and is left out with all that it reaches.
#[derive(Clone, Debug, Default)]
pub(in crate::git) struct Known {
    pub(in crate::git) objects: Vec<ObjectId>,
    pub(in crate::git) refs: Option<KnownRefs>,
}

impl Known {
    /// Has `rev-list` leave out what the refs reach.
    fn exclude_refs(&self, git: &mut Command) {
        match &self.refs {
            None => {}
            Some(KnownRefs::All) => {
                git.args(["--not", "--all"]);
            }
            Some(KnownRefs::Remotes) => {
                git.args(["--not", "--remotes"]);
            }
        }
    }

    /// The lines by which `rev-list` is told to leave out what the objects reach.
    fn excluded_objects(&self) -> String {
        self.objects.iter().map(|id| format!("^{id}\n")).collect()
    }
}

/// Refs whose commits are known already.
#[derive(Clone, Debug)]
pub(in crate::git) enum KnownRefs {
    /// All of the repository's.
    All,
    /// What any remote had when it was last asked.
    Remotes,
}

/// What is staged in a working tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Staged {
    /// The path.
    pub(crate) path: BString,
    /// The blob.
    pub(crate) id: ObjectId,
    /// Whether it is a link.
    pub(crate) link: bool,
}

/// The files of a working tree, as paths from its top.
pub(in crate::git) struct WorktreeFiles {
    pub(in crate::git) tracked: Vec<BString>,
    pub(in crate::git) untracked: Vec<BString>,
}

/// The pathspec for exactly one path, from the top of the working tree.
pub(in crate::git) fn pathspec(path: &BStr) -> Result<OsString> {
    let mut spec = OsString::from(":(top,literal)");
    spec.push(path.to_os_str()?);
    Ok(spec)
}

/// `:<mode> <mode> <id> <id> <status>\0<path>\0`, repeated.
fn deltas(output: &[u8]) -> Result<Vec<Delta>> {
    ensure!(output.is_empty() || output.ends_with(b"\0"), LOST);
    let mut deltas: Vec<Delta> = Vec::new();
    let mut fields = output.split_str("\0");
    loop {
        let Some(head) = fields.next().filter(|head| !head.is_empty()) else {
            return Ok(deltas);
        };
        let path = fields.next().with_context(|| unexpected("diff-index"))?;
        let delta = delta(head, path).with_context(|| unexpected("diff-index"))?;
        deltas.extend(delta);
    }
}

/// `None` if it can't be understood, `Some(None)` for an unmerged path.
fn delta(head: &[u8], path: &[u8]) -> Option<Option<Delta>> {
    let mut words = head.strip_prefix(b":")?.split_str(" ");
    let (old_mode, new_mode) = (words.next()?, words.next()?);
    let (old_id, new_id) = (words.next()?, words.next()?);
    // Of an index that is cut short git gives entries without a path, or of nothing.
    if path.is_empty() {
        return None;
    }
    if words.next()?.starts_with(b"U") {
        return Some(None);
    }
    let (old, new) = (entry(old_mode, old_id)?, entry(new_mode, new_id)?);
    (old.is_some() || new.is_some()).then(|| {
        Some(Delta {
            path: path.into(),
            old,
            new,
        })
    })
}

/// `Some(None)` for the mode 0, which means that there is nothing.
fn entry(mode: &[u8], id: &[u8]) -> Option<Option<Entry>> {
    let bits = u32::from_str_radix(mode.to_str().ok()?, 8).ok()?;
    if bits == 0 {
        return Some(None);
    }
    Some(Some(Entry {
        mode: Mode::from_bits(bits)?,
        id: ObjectId::parse(id)?,
    }))
}

/// The paths that git lists, each with a null byte behind it.
fn paths(git: &mut Command) -> Result<Vec<BString>> {
    let output = run(git)?;
    ensure!(output.status.success(), refusal(&output));
    let paths = output.stdout.split_str("\0");
    let paths = paths.filter(|path| !path.is_empty());
    Ok(paths.map(BString::from).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_differences_are_read() {
        let (a, b) = ("a".repeat(40), "b".repeat(40));
        let zero = "0".repeat(40);
        let output = format!(
            ":100644 100755 {a} {b} M\0one\n\u{fc}\0:000000 120000 {zero} {b} A\0-l\0\
             :100644 000000 {a} {zero} U\0both\0"
        );
        let deltas = deltas(output.as_bytes()).unwrap();
        assert_eq!(deltas.len(), 2);
        assert_eq!(deltas[0].path, "one\n\u{fc}");
        assert_eq!(deltas[0].new.map(|entry| entry.mode), Some(Mode::File));
        assert_eq!(deltas[1].old, None);
        assert_eq!(deltas[1].new.map(|entry| entry.mode), Some(Mode::Link));
    }

    #[test]
    fn an_answer_that_is_not_understood_is_an_error() {
        for output in [
            ":100644",
            "100644 x\0a\0",
            ":100644 100644 a b M\0a\0",
            ":040000 0 0 0 M\0a",
        ] {
            assert!(deltas(output.as_bytes()).is_err(), "{output:?}");
        }
    }

    #[test]
    fn what_a_cut_index_gives_is_an_error() {
        let (a, zero) = ("a".repeat(40), "0".repeat(40));
        for output in [
            format!(":000000 000000 {zero} {zero} A\0\0"),
            format!(":000000 100644 {zero} {a} A\0\0"),
            format!(":000000 000000 {zero} {zero} M\0a\0"),
            format!(":100644 000000 {a} {zero} U\0\0"),
        ] {
            assert!(deltas(output.as_bytes()).is_err(), "{output:?}");
        }
    }

    #[test]
    fn a_list_of_commits_with_a_hole_is_an_error() {
        let [a, b, c, d] = ["a", "b", "c", "d"].map(|digit| digit.repeat(40));
        let lines = [
            format!("-{d}\n"),
            format!("{c} {d}\n"),
            format!("{b} {c}\n"),
            format!("{a} {b} {c}\n"),
        ];
        let listed = Listed::parse(lines.concat().as_bytes()).unwrap();
        assert_eq!(listed.commits.len(), 3);
        assert_eq!(listed.boundary.len(), 1);
        assert!(Listed::parse(b"").unwrap().commits.is_empty());
        for missing in 0..3 {
            let mut lines = lines.to_vec();
            lines.remove(missing);
            assert!(
                Listed::parse(lines.concat().as_bytes()).is_err(),
                "{missing}"
            );
        }
        let whole = lines.concat();
        let last = whole.len() - lines[3].len();
        for cut in (last + 1)..whole.len() {
            assert!(Listed::parse(&whole.as_bytes()[..cut]).is_err(), "{cut}");
        }
    }
}
