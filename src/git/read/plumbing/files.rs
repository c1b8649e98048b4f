//! What git says of files: staged, in a commit, in the working tree.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use bstr::{BStr, BString, ByteSlice};

use super::super::command::{refusal, run, run_with, unexpected};
use super::{LOST, Plumbing};
use crate::git::compare::Delta;
use crate::git::id::{Entry, Mode, ObjectId};

impl Plumbing {
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
}
