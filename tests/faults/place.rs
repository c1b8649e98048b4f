//! Where a scene plays: a repository and a home directory that can be laid out anew as often as one likes.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use bstr::ByteSlice;

use crate::scenes::{Call, Scene};
use crate::support::{Reading, Scratch};

/// A bound: what takes longer hangs. The machine may be busy.
const LONGEST: Duration = Duration::from_secs(30);

/// How a run ended.
pub(crate) struct Ended {
    /// The exit code; `None` for a signal.
    pub(crate) code: Option<i32>,
    pub(crate) hangs: bool,
    pub(crate) told: String,
}

pub(crate) struct Place {
    scratch: Scratch,
    call: Call,
    /// All files below the root, as they are before each run.
    before: BTreeMap<PathBuf, (Vec<u8>, u32)>,
}

impl Place {
    pub(crate) fn new(scene: &Scene, reading: Reading) -> Self {
        let mut scratch = Scratch::new(reading);
        let call = (scene.make)(&scratch);
        for (name, value) in &call.variables {
            scratch.set(name, value);
        }
        let before = contents(&scratch.root());
        Self {
            scratch,
            call,
            before,
        }
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.scratch.root()
    }

    /// Whether a path is of this place, and so not of the machine.
    pub(crate) fn holds(&self, path: &str) -> bool {
        Path::new(path).starts_with(self.root())
    }

    /// The files of git's that something may happen to.
    pub(crate) fn files_of_git(&self) -> Vec<PathBuf> {
        let dir = self.scratch.top().join(&self.call.dir);
        let dir = dir.canonicalize().unwrap();
        let git = match dir.join(".git").is_dir() {
            true => dir.join(".git"),
            false => dir,
        };
        let files = self.before.keys();
        files.filter(|it| it.starts_with(&git)).cloned().collect()
    }

    /// Makes all files be as they were.
    pub(crate) fn restore(&self) {
        let root = self.root();
        let now = contents(&root);
        for path in now.keys().filter(|path| !self.before.contains_key(*path)) {
            fs::remove_file(path).unwrap();
        }
        for (path, file) in &self.before {
            if now.get(path) != Some(file) {
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                let _ = fs::remove_file(path);
                fs::write(path, &file.0).unwrap();
                fs::set_permissions(path, fs::Permissions::from_mode(file.1)).unwrap();
            }
        }
    }

    /// All files but those that differ from one run to the next.
    pub(crate) fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let root = self.root();
        let files = contents(&root).into_iter().map(|(path, (content, _))| {
            let name = path.strip_prefix(&root).unwrap().to_str().unwrap();
            (name.to_owned(), content)
        });
        files.filter(|(name, _)| !is_volatile(name)).collect()
    }

    /// What git holds to be staged.
    pub(crate) fn staged(&self) -> Option<String> {
        let mut git = self.scratch.command("git");
        let output = git.args(["ls-files", "--stage"]).output().unwrap();
        output
            .status
            .success()
            .then(|| output.stdout.to_str_lossy().into_owned())
    }

    /// As if all that was left behind had been so for days.
    pub(crate) fn age(&self) {
        let then = SystemTime::now() - Duration::from_secs(3 * 24 * 60 * 60);
        for path in contents(&self.root()).keys() {
            if path.to_str().is_some_and(is_temporary) {
                let file = fs::File::options().write(true).open(path).unwrap();
                file.set_modified(then).unwrap();
            }
        }
    }

    /// Runs it behind the words of another program, if there are any, and in an environment that may be changed.
    pub(crate) fn run(&self, before: &[String], change: impl Fn(&mut Command)) -> Ended {
        let words = before.iter().chain(&self.call.words);
        // A shell of its own group is ended with all that it started.
        let mut command = self.scratch.command("/usr/bin/timeout");
        command
            .arg("--signal=KILL")
            .arg(LONGEST.as_secs().to_string())
            .args(words)
            .current_dir(self.scratch.top().join(&self.call.dir));
        change(&mut command);
        let mut out = tempfile::tempfile().unwrap();
        let written = out.try_clone().unwrap();
        // git hands refs on by a pipe.
        let started = Instant::now();
        command.stdin(match self.call.input.is_empty() {
            true => Stdio::null(),
            false => Stdio::piped(),
        });
        command.stdout(written.try_clone().unwrap()).stderr(written);
        let mut child = command.spawn().unwrap();
        if let Some(mut stdin) = child.stdin.take() {
            // Who reads nothing may have ended.
            let _ = stdin.write_all(&self.call.input);
        }
        let status = child.wait().unwrap();
        let mut told = Vec::new();
        out.rewind().unwrap();
        out.read_to_end(&mut told).unwrap();
        Ended {
            code: status.code(),
            hangs: started.elapsed() >= LONGEST,
            told: told.to_str_lossy().into_owned(),
        }
    }
}

/// Whether it is a file by way of which another is written.
pub(crate) fn is_temporary(name: &str) -> bool {
    name.ends_with(".tmp") || name.ends_with(".keyward-new")
}

/// What no two runs write alike: git's own notes, and what is remembered of keys, with the time of each.
fn is_volatile(name: &str) -> bool {
    let parts = [
        "/.git/objects/",
        "/.git/logs/",
        "/.git/index",
        "/.git/FETCH_HEAD",
        "/.git/keyward",
        "home/.local/share/keyward/keys.json",
        "home/.local/share/keyward/key",
        "home/.cache/",
    ];
    // What is left behind is looked for everywhere.
    !is_temporary(name) && parts.iter().any(|part| name.contains(part))
}

/// What was read of a file; `None` if it is gone: of what was ended a child may still take something away.
fn there<T>(read: io::Result<T>) -> Option<T> {
    match read {
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        read => Some(read.unwrap()),
    }
}

fn contents(root: &Path) -> BTreeMap<PathBuf, (Vec<u8>, u32)> {
    let mut found = BTreeMap::new();
    let mut left = vec![root.to_owned()];
    while let Some(dir) = left.pop() {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            let Some(metadata) = there(fs::symlink_metadata(&path)) else {
                continue;
            };
            if metadata.is_dir() {
                left.push(path);
            } else if metadata.is_file() {
                let mode = metadata.permissions().mode();
                if let Some(content) = there(fs::read(&path)) {
                    found.insert(path, (content, mode));
                }
            }
        }
    }
    found
}
