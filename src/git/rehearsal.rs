//! A commit that is never made: the hooks run as git runs them, over an index and objects that are
//! thrown away.
//!
//! The index holds what HEAD holds and one file more. Index and objects are in a directory of their
//! own inside the git directory, to which git is pointed by the variables that hooks know anyway,
//! so that nothing of the repository is written to, and nothing is left when it ends.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bstr::{BStr, ByteSlice};

use super::programs;
use super::read::command::{not_started, refusal};
use super::repo::Repo;

/// Set for hooks that run in a rehearsal: keyward's scripts then leave out the hooks that they
/// keep, which may take minutes and change files.
pub(crate) const REHEARSAL_VARIABLE: &str = "KEYWARD_SELF_TEST";

/// How the directory of a rehearsal is called, before the number of its process.
const DIRECTORY: &str = "keyward-self-test-";

/// The first git with `git hook run --to-stdin`, which runs whatever git would run by itself.
const HOOK_RUN: (u32, u32, u32) = (2, 40, 0);

/// An index and objects that nobody else sees, gone when this is dropped.
pub struct Rehearsal<'r> {
    repo: &'r Repo,
    directory: PathBuf,
    left_out: Vec<LeftOut>,
    /// Files that are run as they are, since the hook of that kind would run more than them.
    alone: Vec<(String, PathBuf)>,
    /// By which no hook runs while the commit is prepared.
    quiet: Vec<String>,
}

/// Hooks that are not to run, though git would run them beside others of that kind that are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The kind, as git calls it.
    pub kind: String,
    /// Whether they include the one of the hooks directory.
    pub in_directory: bool,
    /// The names of those in git's config.
    pub named: Vec<String>,
}

impl LeftOut {
    /// As settings for git.
    fn settings(&self) -> impl Iterator<Item = String> {
        let named = self
            .named
            .iter()
            .map(|name| format!("hook.{name}.enabled=false"));
        let directory = self
            .in_directory
            .then(|| "core.hooksPath=/dev/null".to_owned());
        named.chain(directory)
    }
}

/// What git tells a hook.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Its arguments.
    pub args: Vec<OsString>,
    /// What it reads from standard input.
    pub input: Vec<u8>,
}

/// How a hook ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookRun {
    /// The exit code; `None` if it was killed.
    pub code: Option<i32>,
    /// What it wrote, on both channels. It is the hook's own text: escape it before it is shown.
    pub told: String,
}

impl Repo {
    /// Prepares a commit that is never made, for which some hooks are left out, and of some kinds one file is
    /// run alone.
    ///
    /// # Errors
    /// When the git directory can't be written to, or HEAD can't be read.
    pub fn rehearse(
        &self,
        left_out: Vec<LeftOut>,
        alone: Vec<(String, PathBuf)>,
    ) -> Result<Rehearsal<'_>> {
        sweep(&self.git_dir);
        let name = format!("{DIRECTORY}{}", std::process::id());
        // git runs a hook for each index that it writes.
        let index_hooks = LeftOut {
            kind: "post-index-change".to_owned(),
            in_directory: true,
            named: Vec::from_iter(
                self.config_hooks("post-index-change")?
                    .into_iter()
                    .map(|hook| hook.name),
            ),
        };
        let rehearsal = Rehearsal {
            repo: self,
            directory: self.git_dir.join(name),
            left_out,
            alone,
            quiet: index_hooks.settings().collect(),
        };
        rehearsal
            .prepare()
            .context("cannot prepare a commit for the self-test")?;
        Ok(rehearsal)
    }
}

impl Rehearsal<'_> {
    fn prepare(&self) -> Result<()> {
        let info = self.objects().join("info");
        fs::create_dir_all(&info)
            .with_context(|| format!("cannot make {}", self.directory.display()))?;
        let own = self.repo.plumbing.objects_dir()?;
        let mut alternates = <[u8]>::from_path(&own)
            .context("the path of the objects is not Unicode")?
            .to_vec();
        alternates.push(b'\n');
        fs::write(info.join("alternates"), alternates)?;
        self.reset()
    }

    /// Takes the index back to what HEAD holds.
    fn reset(&self) -> Result<()> {
        let tree = match self.repo.plumbing.head()? {
            Some(commit) => commit.to_string(),
            None => "--empty".to_owned(),
        };
        self.git(&["read-tree", &tree], None).map(drop)
    }

    /// Stages one file with that content beside what HEAD holds, and nothing else.
    ///
    /// # Errors
    /// When git refuses.
    pub fn stage(&self, path: &BStr, content: &[u8]) -> Result<()> {
        self.reset()?;
        let id = self.git(
            &["hash-object", "-w", "--no-filters", "--stdin"],
            Some(content),
        )?;
        let id = id.trim().to_str()?;
        let entry = format!("100644,{id},{}", path.to_str()?);
        self.git(&["update-index", "--add", "--cacheinfo", &entry], None)
            .map(drop)
    }

    /// Writes a commit's message into a file.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn message(&self, message: &[u8]) -> Result<PathBuf> {
        let file = self.directory.join("COMMIT_EDITMSG");
        fs::write(&file, message).context("cannot write a message for the self-test")?;
        Ok(file)
    }

    /// The id of a commit without parents that holds one file and nothing else.
    ///
    /// # Errors
    /// When git refuses.
    pub fn commit(&self, path: &BStr, content: &[u8]) -> Result<String> {
        let id = |output: Vec<u8>| output.trim().to_str().map(str::to_owned);
        let blob = ["hash-object", "-w", "--no-filters", "--stdin"];
        let blob = id(self.git(&blob, Some(content))?)?;
        let entry = format!("100644 blob {blob}\t{}\n", path.to_str()?.replace('/', "-"));
        let tree = id(self.git(&["mktree"], Some(entry.as_bytes()))?)?;
        let commit = [
            "-c",
            "user.name=keyward",
            "-c",
            "user.email=keyward@localhost",
            "commit-tree",
            "--no-gpg-sign",
            "-m",
            "self-test",
            &tree,
        ];
        Ok(id(self.git(&commit, None)?)?)
    }

    /// Runs what git would run for a hook of that kind, found on `search` instead of PATH if it is
    /// given. A hook that isn't there passes.
    ///
    /// # Errors
    /// When nothing could be started.
    pub fn run(&self, kind: &str, told: &Told, search: Option<&OsStr>) -> Result<HookRun> {
        let input = self.directory.join("input");
        fs::write(&input, &told.input).context("cannot write for the self-test")?;
        let alone = self.alone.iter().find(|(of, _)| of == kind);
        let started = |program: &Path| {
            let mut command = Command::new(program);
            self.repo.plumbing.aim(&mut command);
            command
        };
        let mut command = if let Some((_, file)) = alone {
            let mut hook = started(file);
            hook.current_dir(self.repo.top());
            hook
        } else if Repo::version()? >= HOOK_RUN {
            let mut git = started(&programs::first_git().map_err(not_started)?);
            let left_out = self.left_out.iter().filter(|left| left.kind == kind);
            for setting in left_out.flat_map(LeftOut::settings) {
                git.args(["-c", &setting]);
            }
            git.args(["hook", "run", "--ignore-missing"]);
            if !told.input.is_empty() {
                let mut option = OsString::from("--to-stdin=");
                option.push(&input);
                git.arg(option);
            }
            git.args([kind, "--"]);
            git
        } else {
            let hook = self.repo.hooks_dir()?.join(kind);
            if !programs::is_executable(&hook) {
                return Ok(HookRun {
                    code: Some(0),
                    told: String::new(),
                });
            }
            let mut hook = started(&hook);
            hook.current_dir(self.repo.top());
            hook
        };
        self.surround(&mut command);
        command
            .args(&told.args)
            .env(REHEARSAL_VARIABLE, "1")
            .stdin(fs::File::open(&input)?);
        if let Some(search) = search {
            command.env("PATH", search);
        }
        let output = command.output().context("cannot run the hook")?;
        let told = [output.stderr, output.stdout].concat();
        Ok(HookRun {
            code: output.status.code(),
            told: told.to_str_lossy().into_owned(),
        })
    }

    /// Whether the system refuses to start the hook, though its permissions are right: a file
    /// system that is mounted to run no programs. git passes over such a hook in silence.
    pub fn is_barred(&self, kind: &str) -> bool {
        let Ok(directory) = self.repo.hooks_dir() else {
            return false;
        };
        let mut hook = Command::new(directory.join(kind));
        self.surround(&mut hook);
        hook.env(REHEARSAL_VARIABLE, "1").stdin(Stdio::null());
        let refused = hook.output().map_err(|err| err.kind());
        matches!(refused, Err(io::ErrorKind::PermissionDenied))
    }

    fn git(&self, args: &[&str], input: Option<&[u8]>) -> Result<Vec<u8>> {
        let mut git = self.repo.plumbing.git();
        self.surround(&mut git);
        for setting in &self.quiet {
            git.args(["-c", setting]);
        }
        git.args(args).stdin(match input {
            Some(_) => Stdio::piped(),
            None => Stdio::null(),
        });
        let mut child = git
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(not_started)?;
        if let (Some(mut pipe), Some(input)) = (child.stdin.take(), input) {
            pipe.write_all(input)?;
        }
        let output = child.wait_with_output()?;
        ensure!(output.status.success(), refusal(&output));
        Ok(output.stdout)
    }

    fn surround(&self, command: &mut Command) {
        command
            .env("GIT_INDEX_FILE", self.directory.join("index"))
            .env("GIT_OBJECT_DIRECTORY", self.objects());
    }

    fn objects(&self) -> PathBuf {
        self.directory.join("objects")
    }
}

impl Drop for Rehearsal<'_> {
    fn drop(&mut self) {
        // What is left is swept away by the next rehearsal.
        let _ = fs::remove_dir_all(&self.directory);
    }
}

/// Removes what rehearsals left that were killed. One that is an hour old is not running any more.
fn sweep(git_dir: &Path) {
    const OLD: Duration = Duration::from_secs(60 * 60);
    let Ok(entries) = fs::read_dir(git_dir) else {
        return;
    };
    for entry in entries.flatten() {
        let is_ours = entry
            .file_name()
            .to_str()
            .is_some_and(|name| name.starts_with(DIRECTORY));
        let age = entry.metadata().and_then(|metadata| metadata.modified());
        if is_ours
            && age.is_ok_and(|modified| modified.elapsed().is_ok_and(|elapsed| elapsed > OLD))
        {
            // The rehearsal works beside it just as well.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
