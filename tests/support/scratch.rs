//! Throw-away repositories, and children that see nothing of this machine.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;

use bstr::ByteSlice;
use tempfile::TempDir;

/// What reads the repository in a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// As for a user: libgit2, and git where that fails.
    Default,
    /// libgit2 alone.
    Libgit2,
    /// git alone.
    Git,
}

/// How a child ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// It ended well.
    #[track_caller]
    pub(crate) fn passes(&self) {
        assert_eq!(self.code, Some(0), "{}{}", self.stdout, self.stderr);
    }

    /// All that it told.
    pub(crate) fn told(&self) -> String {
        format!("{}\n{}", self.stdout, self.stderr)
    }
}

/// A repository with a home directory of its own, gone when it is dropped.
pub(crate) struct Scratch {
    _dir: TempDir,
    root: PathBuf,
    home: PathBuf,
    top: PathBuf,
    reading: Reading,
    variables: Vec<(String, String)>,
}

impl Scratch {
    /// A new repository in which nothing is committed.
    pub(crate) fn new(reading: Reading) -> Self {
        Self::init(reading, &[])
    }

    /// As `new`, with more arguments for `git init`.
    pub(crate) fn init(reading: Reading, args: &[&str]) -> Self {
        let mut scratch = Self::named("home", "repo");
        scratch.reading = reading;
        scratch.git(&[&["init", "--quiet"], args].concat());
        scratch
    }

    /// A home directory and one for a working tree, by these names, which no repository is yet.
    pub(crate) fn named(home: &str, top: &str) -> Self {
        let dir = TempDir::new().unwrap();
        // On macOS the way to a temporary directory leads through a link, and git tells its end.
        let root = dir.path().canonicalize().unwrap();
        // On Windows the end is told in a form that git does not know.
        let plain = root.to_str().and_then(|root| root.strip_prefix(r"\\?\"));
        let root = plain.map(PathBuf::from).unwrap_or(root);
        let scratch = Self {
            home: root.join(home),
            top: root.join(top),
            root,
            _dir: dir,
            reading: Reading::Default,
            variables: Vec::new(),
        };
        fs::create_dir(&scratch.home).unwrap();
        fs::create_dir(&scratch.top).unwrap();
        // Objects stay as `git add` makes them, and nothing runs in the background.
        fs::write(
            scratch.git_config(),
            "[user]\nname = Nobody\nemail = nobody@example.com\n[init]\ndefaultBranch = main\n\
             [protocol \"file\"]\nallow = always\n[commit]\ngpgSign = false\n\
             [gc]\nauto = 0\n[maintenance]\nauto = false\n",
        )
        .unwrap();
        scratch
    }

    /// The top of the working tree.
    pub(crate) fn top(&self) -> &Path {
        &self.top
    }

    /// The directory of the repository, the home directory and what else a test puts there.
    pub(crate) fn root(&self) -> PathBuf {
        self.root.clone()
    }

    /// The home directory of every child.
    pub(crate) fn home(&self) -> &Path {
        &self.home
    }

    /// git's config of the user.
    pub(crate) fn git_config(&self) -> PathBuf {
        self.home.join(".gitconfig")
    }

    /// What reads now.
    pub(crate) fn reading(&self) -> Reading {
        self.reading
    }

    /// Makes another reader read from now on.
    pub(crate) fn read_with(&mut self, reading: Reading) {
        self.reading = reading;
    }

    /// Sets an environment variable for every child from now on.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    /// Makes every child from now on find programs in a directory before all others.
    pub(crate) fn first_on_path(&mut self, dir: &Path) {
        self.set("PATH", &path_after(dir));
    }

    /// A command in the working tree that knows nothing of this machine.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .stdin(Stdio::null())
            .current_dir(&self.top);
        for name in [
            "PATH",
            "TMPDIR",
            "SystemRoot",
            "LD_LIBRARY_PATH",
            "LLVM_PROFILE_FILE",
        ] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command
            .env("HOME", &self.home)
            .env("KEYWARD_SYSTEM_CONFIG", self.root.join("system.toml"))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", self.git_config())
            .env("GIT_AUTHOR_DATE", "2024-01-01T00:00:00Z")
            .env("GIT_COMMITTER_DATE", "2024-01-01T00:00:00Z")
            .env("KEYWARD_TEST_LOG", self.root.join("log"));
        match self.reading {
            Reading::Default => {}
            Reading::Libgit2 => drop(command.env("KEYWARD_READER", "libgit2")),
            Reading::Git => drop(command.env("KEYWARD_READER", "git")),
        }
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs git in the working tree and returns what it prints. It must succeed.
    pub(crate) fn git<A: AsRef<OsStr>>(&self, args: &[A]) -> String {
        self.git_in(&self.top, args)
    }

    /// As `git`, in another directory.
    pub(crate) fn git_in<A: AsRef<OsStr>>(&self, dir: &Path, args: &[A]) -> String {
        let ran = run(self.command("git").current_dir(dir).args(args));
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        ran.stdout.trim_end_matches('\n').to_owned()
    }

    /// As `git`, for a git that reads all of this before it writes.
    pub(crate) fn git_fed<A: AsRef<OsStr>>(&self, args: &[A], input: &[u8]) -> String {
        let mut git = self.command("git");
        git.args(args);
        let output = feed(git, input);
        assert!(output.status.success(), "git failed");
        let told = String::from_utf8(output.stdout).unwrap();
        told.trim_end_matches('\n').to_owned()
    }

    /// Runs git in the working tree, however it ends.
    pub(crate) fn try_git<A: AsRef<OsStr>>(&self, args: &[A]) -> Ran {
        run(self.command("git").args(args))
    }

    /// Runs keyward in the working tree.
    pub(crate) fn keyward<A: AsRef<OsStr>>(&self, args: &[A]) -> Ran {
        run(self.command(env!("CARGO_BIN_EXE_keyward")).args(args))
    }

    /// As `keyward`, with something to read.
    pub(crate) fn keyward_fed<A: AsRef<OsStr>>(&self, args: &[A], input: impl AsRef<[u8]>) -> Ran {
        let mut keyward = self.command(env!("CARGO_BIN_EXE_keyward"));
        keyward.args(args);
        Ran::from(feed(keyward, input.as_ref()))
    }

    /// Makes a bare repository beside this one, which is its `origin` from then on.
    pub(crate) fn add_remote(&self) -> PathBuf {
        let remote = self.root.join("remote.git");
        self.git(&["init", "-q", "--bare", remote.to_str().unwrap()]);
        self.git(&["remote", "add", "origin", remote.to_str().unwrap()]);
        remote
    }

    /// Writes a file of the working tree, with the directories above it.
    pub(crate) fn write(&self, path: impl AsRef<Path>, content: impl AsRef<[u8]>) {
        let path = self.top.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Writes a file and stages it.
    pub(crate) fn add(&self, path: &str, content: impl AsRef<[u8]>) {
        self.write(path, content);
        self.git(&["add", "--force", "--", path]);
    }

    /// Stages all there is and commits it without asking any hook.
    pub(crate) fn commit_all(&self) {
        self.git(&["add", "--all"]);
        self.git(&[
            "commit",
            "--quiet",
            "--no-verify",
            "--allow-empty",
            "-m",
            "before",
        ]);
    }
}

/// Runs a child to its end.
pub(crate) fn run(command: &mut Command) -> Ran {
    let output = loop {
        match command.output() {
            // A program that was just written: another test forked in that moment.
            Err(err) if err.kind() == ErrorKind::ExecutableFileBusy => thread::yield_now(),
            output => break output.unwrap(),
        }
    };
    Ran::from(output)
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: output.stdout.to_str_lossy().into_owned(),
            stderr: output.stderr.to_str_lossy().into_owned(),
        }
    }
}

/// Runs a child to its end, with something to read.
pub(crate) fn feed(mut command: Command, input: &[u8]) -> Output {
    command.stdin(Stdio::piped());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // Who reads nothing may have ended.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

/// What PATH is with a directory before all others.
pub(crate) fn path_after(dir: &Path) -> String {
    let others = std::env::var_os("PATH").unwrap_or_default();
    let all = [dir.to_path_buf()].into_iter();
    let path = std::env::join_paths(all.chain(std::env::split_paths(&others)));
    path.unwrap().into_string().unwrap()
}

/// Every file below a directory that is not git's, by its path with `/`.
pub(crate) fn files_below(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut left = vec![root.to_owned()];
    while let Some(dir) = left.pop() {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                left.extend(Some(path).filter(|path| !path.ends_with(".git")));
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap();
                found.insert(name.replace('\\', "/"), fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// The ids of findings, as they are told, from a report in JSON.
pub(crate) fn ids(report: &str) -> Vec<String> {
    let parts = report.split("\"fingerprint\":\"").skip(1);
    parts.map(|rest| rest[..8].to_owned()).collect()
}

/// Lays out what husky 9 makes in a working tree: git runs `.husky/_/KIND`, and that the team's `.husky/KIND`
/// with `sh -e`. Whether git is told of it is up to the caller.
pub(crate) fn lay_out_husky(top: &Path, kinds: &[&str]) {
    let own = top.join(".husky/_");
    for kind in kinds {
        write_script(
            &own.join(kind),
            "#!/usr/bin/env sh\n. \"$(dirname \"$0\")/h\"\n",
        );
    }
    fs::write(
        own.join("h"),
        "#!/usr/bin/env sh\nn=$(basename \"$0\")\ns=$(dirname \"$(dirname \"$0\")\")/$n\n\
         [ ! -f \"$s\" ] && exit 0\n[ \"${HUSKY-}\" = \"0\" ] && exit 0\nsh -e \"$s\" \"$@\"\n",
    )
    .unwrap();
    fs::write(own.join(".gitignore"), "*\n").unwrap();
}

/// Writes a program of a few lines, with the directories above it.
pub(crate) fn write_script(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
}
