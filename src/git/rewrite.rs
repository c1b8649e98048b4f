//! What is to be known before commits are rewritten, and the program that rewrites many.

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use bstr::{BString, ByteSlice};

use super::read::command::user_git;
use super::repo::Repo;
#[cfg(not(unix))]
use crate::disk;

impl Repo {
    /// The branch of HEAD; `None` if it is on none.
    ///
    /// # Errors
    /// When git can't tell.
    pub(crate) fn branch(&self) -> Result<Option<BString>> {
        let name = self
            .plumbing
            .read_optional(["symbolic-ref", "--quiet", "HEAD"])?;
        Ok(name.and_then(|name| Some(name.trim_end().strip_prefix(b"refs/heads/")?.into())))
    }

    /// How many commits lie from that one to HEAD, with both, in one line; `None` if they lie otherwise.
    ///
    /// # Errors
    /// When git can't tell.
    pub(crate) fn line_to_head(&self, first: &str) -> Result<Option<usize>> {
        let args = ["merge-base", "HEAD", first];
        let base = self.plumbing.read_optional(args)?.unwrap_or_default();
        if base.trim_end() != first.as_bytes() {
            return Ok(None);
        }
        let range = format!("{first}..HEAD");
        let count = |least: &str| -> Result<usize> {
            let counted = self.plumbing.read(["rev-list", "--count", least, &range])?;
            let counted = counted.trim_end().to_str()?;
            counted.parse().context("git rev-list counts otherwise")
        };
        match count("--min-parents=2")? {
            0 => Ok(Some(1 + count("--min-parents=1")?)),
            _ => Ok(None),
        }
    }

    /// Whether a file that git tracks is changed and not committed.
    ///
    /// # Errors
    /// When git can't tell.
    pub(crate) fn is_changed(&self) -> Result<bool> {
        let args = ["status", "--porcelain", "--untracked-files=no"];
        Ok(!self.plumbing.read(args)?.is_empty())
    }

    /// Whether git filter-repo is there.
    pub(crate) fn has_filter() -> bool {
        let mut git = user_git();
        git.args(["filter-repo", "--version"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        git.status().is_ok_and(|status| status.success())
    }

    /// Has git filter-repo rewrite these refs by the rules that it reads from its input. Its options name that
    /// by `/dev/stdin`. Nothing that it prints is passed on: it may have what is to go.
    ///
    /// # Errors
    /// When it can't be started, or fails.
    pub(crate) fn filter(&self, option: &str, rules: &[u8], refs: &[BString]) -> Result<()> {
        // Where it ran a day ago or more, it would ask, and take the rules for the answer.
        let ran = self.common_dir()?.join("filter-repo").join("already_ran");
        if ran.is_file() {
            fs::remove_file(&ran).context("cannot remove filter-repo/already_ran")?;
        }
        let refs = refs.iter().map(|name| name.to_os_str());
        let refs = refs.collect::<Result<Vec<&OsStr>, _>>()?;
        let (file, _guard) = self.handed_over(rules)?;
        let mut git = user_git();
        git.current_dir(self.top())
            .args(["filter-repo", "--force", "--partial", "--quiet"])
            .args(["--replace-refs", "delete-no-add", option])
            .arg(&file)
            .arg("--refs")
            .args(refs)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut child = git.spawn().context("cannot start git filter-repo")?;
        if let Some(mut input) = child.stdin.take() {
            // Whether it read all of it, its end says.
            let _ = input.write_all(rules);
        }
        let status = child.wait()?;
        ensure!(
            status.success(),
            "git filter-repo failed and says nothing here, since it could say the key; the old commits are in \
             the logs of refs: git reflog"
        );
        Ok(())
    }

    /// The name under which the program finds its input.
    #[cfg(unix)]
    fn handed_over(&self, _: &[u8]) -> Result<(PathBuf, ())> {
        Ok((PathBuf::from("/dev/stdin"), ()))
    }

    /// Where no name leads to the input: a file that nobody else may read, and that is gone at the end.
    #[cfg(not(unix))]
    fn handed_over(&self, rules: &[u8]) -> Result<(PathBuf, Gone)> {
        let name = format!("keyward-rules-{}", std::process::id());
        let file = self.common_dir()?.join(name);
        let gone = Gone(file.clone());
        let beside = disk::with_suffix(&file, ".tmp");
        disk::replace_by_way_of(&beside, &file, rules, disk::Access::Private)?;
        Ok((file, gone))
    }
}

/// Removes a file when it is dropped.
#[cfg(not(unix))]
struct Gone(PathBuf);

#[cfg(not(unix))]
impl Drop for Gone {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}
