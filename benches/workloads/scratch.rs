//! Repositories to time in, each in a directory of its own that goes when it is done with.

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::run::Program;
use crate::support::{self, Reading, anthropic_key};

pub(crate) struct Scratch(support::Scratch);

impl Scratch {
    /// An empty repository.
    pub(crate) fn new() -> Self {
        Self(support::Scratch::new(Reading::Default))
    }

    /// A program that runs here, with settings of its own.
    pub(crate) fn program<S: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = S>) -> Program {
        Program::new(words, self.0.top().to_owned())
            .with("HOME", self.0.home())
            .with("XDG_CONFIG_HOME", self.0.home().join(".config"))
            .with("GIT_CONFIG_NOSYSTEM", "1")
            .with("LC_ALL", "C")
    }

    /// Runs git, demands that it succeeds, and gives what it writes.
    pub(crate) fn git(&self, args: &[&str]) -> String {
        self.0.git(args)
    }

    fn path(&self, below: &str) -> PathBuf {
        self.0.top().join(below)
    }

    /// Writes a file of these pieces.
    pub(crate) fn write(&self, path: &str, pieces: &[&[u8]]) {
        let file = self.path(path);
        fs::create_dir_all(file.parent().expect("it has one")).expect("a directory");
        let mut file = fs::File::create(file).expect("a file");
        for piece in pieces {
            file.write_all(piece).expect("room on the disk");
        }
    }

    /// Copies files of a directory and those below it, links left out, in the order of their names, until they are so
    /// many bytes.
    pub(crate) fn copy(&self, from: &Path, most: u64) {
        let (mut open, mut left) = (vec![from.to_owned()], most);
        while let Some(path) = open.pop() {
            let about = fs::symlink_metadata(&path).expect("a file that there is");
            if about.is_dir() {
                let inside = fs::read_dir(&path).expect("a directory that can be read");
                let mut inside: Vec<PathBuf> = inside.flatten().map(|it| it.path()).collect();
                inside.sort();
                open.extend(inside.into_iter().rev());
            } else if about.is_file() && about.len() <= left {
                let to = self
                    .path("source")
                    .join(path.strip_prefix(from).expect("below"));
                fs::create_dir_all(to.parent().expect("it has one")).expect("a directory");
                fs::copy(&path, &to).expect("room on the disk");
                left -= about.len();
            }
        }
    }

    /// The size of a file in bytes.
    pub(crate) fn size(&self, path: &str) -> usize {
        let size = fs::metadata(self.path(path)).expect("a file").len();
        usize::try_from(size).expect("a size fits")
    }

    /// Commits so many files of one content, which are in the index alone: the working tree would
    /// only take its time to write.
    pub(crate) fn commit_entries(&self, count: usize, cache_tree: bool) {
        self.commit_spread(count, 50, cache_tree);
    }

    /// The same, so many in a directory.
    pub(crate) fn commit_spread(&self, count: usize, together: usize, cache_tree: bool) {
        let blob = (self.0).git_fed(&["hash-object", "-w", "--stdin"], b"content\n");
        let fill = || {
            let entries: String = (0..count)
                .map(|number| {
                    let (dir, sub) = (number / together / 20, number / together % 20);
                    format!("100644 {blob} 0\tdir{dir:03}/sub{sub:02}/file{number}.txt\n")
                })
                .collect();
            let args = ["update-index", "--index-info"];
            self.0.git_fed(&args, entries.as_bytes());
        };
        fill();
        let tree = self.git(&["write-tree"]);
        let commit = self.git(&["commit-tree", "-m", "start", &tree]);
        self.git(&["update-ref", "HEAD", &commit]);
        if !cache_tree {
            // `write-tree` has left the cache in the index; filling it anew doesn't.
            fs::remove_file(self.path(".git/index")).expect("an index");
            fill();
        }
    }

    /// Stages three files with sixty lines.
    pub(crate) fn stage_three(&self) {
        for file in ["one.py", "two.js", "three.md"] {
            let lines: String = (1..=20)
                .map(|n| format!("value_{n} = compute({n}, \"some text\")  // of no interest\n"))
                .collect();
            self.write(file, &[lines.as_bytes()]);
            self.git(&["add", file]);
        }
    }

    /// Writes the ids of all that is staged into a file, for `git cat-file --batch`.
    pub(crate) fn list_ids(&self) {
        let staged = self.git(&["ls-files", "-s"]);
        let ids = staged.lines().filter_map(|line| line.split(' ').nth(1));
        let ids: String = ids.flat_map(|id| [id, "\n"]).collect();
        // Not in the way of `git add`.
        self.write(".git/info/exclude", &[b"/ids\n"]);
        self.write("ids", &[ids.as_bytes()]);
    }

    /// The figures would say little if the hook let everything through.
    pub(crate) fn demand_a_verdict(&self, keyward: &Path) {
        let hook = || {
            let words = [keyward.as_os_str(), "hook".as_ref(), "pre-commit".as_ref()];
            let mut hook = self.program(words).command();
            hook.stderr(Stdio::null())
                .status()
                .expect("keyward starts")
                .code()
        };
        assert_eq!(hook(), Some(0), "the hook must pass a clean commit");
        let key = format!("key = \"{}\"\n", anthropic_key());
        self.write("key.py", &[key.as_bytes()]);
        // Copied by the kernel: this process, whose children start with its memory, stays small.
        fs::copy(self.path(".git/index"), self.path(".git/before")).expect("an index");
        self.git(&["add", "key.py"]);
        assert_eq!(hook(), Some(1), "the hook must refuse a key");
        fs::rename(self.path(".git/before"), self.path(".git/index")).expect("a copy");
        fs::remove_file(self.path("key.py")).expect("the file is there");
    }
}
