//! One file of another repository, by the user's own git and with the user's own credentials.
//!
//! Only a command that somebody typed for it comes here, never a hook.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use bstr::ByteSlice;

use super::id::ObjectId;
use super::read::command::{not_started, refusal, user_git};
use super::repo::Repo;

/// A file as it was fetched.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// The commit that the revision was.
    pub commit: String,
    /// The file.
    pub content: Vec<u8>,
}

impl Repo {
    /// Fetches the file at `path` of revision `rev` of the repository at `url`. What git needs for
    /// it is kept below this repository's git directory and removed at the end.
    ///
    /// git is let use https, ssh and local files, so that no address can make it run a program;
    /// and none of the three may start with a dash.
    ///
    /// # Errors
    /// When git can't fetch it, with git's own reason; when there is no such file, or it is longer
    /// than `most` bytes.
    pub fn fetch_file(&self, url: &str, rev: &str, path: &str, most: u64) -> Result<Fetched> {
        let dir = self
            .common_dir()?
            .join(format!("keyward-update-{}", std::process::id()));
        fs::create_dir(&dir).context("cannot make a directory in git's own")?;
        let fetched = fetch(&dir, url, rev, path, most);
        fs::remove_dir_all(&dir).context("cannot remove what git fetched")?;
        fetched
    }
}

fn fetch(dir: &Path, url: &str, rev: &str, path: &str, most: u64) -> Result<Fetched> {
    let git = || {
        let mut git = user_git();
        git.current_dir(dir)
            .env("GIT_DIR", dir)
            .env("GIT_ALLOW_PROTOCOL", "https:ssh:file")
            .args(["-c", "core.hooksPath=/dev/null"]);
        git
    };
    run(git().args(["init", "--quiet", "--bare", "--template="]))?;
    let reach = |depth: &[&str]| {
        let mut fetch = git();
        fetch
            .args(["fetch", "--quiet", "--no-tags"])
            .args(depth)
            .args(["--", url])
            .arg(format!("+{rev}:refs/keyward/fetched"));
        run(&mut fetch)
    };
    // A server need not give a commit by its id, and one without smart transport knows no depth.
    if let Err(error) = reach(&["--depth=1"]) {
        if ObjectId::parse(rev.as_bytes()).is_none() {
            return Err(error);
        }
        run(git()
            .args(["fetch", "--quiet", "--tags", "--", url])
            .arg("+refs/heads/*:refs/heads/*"))?;
        run(git().args(["update-ref", "refs/keyward/fetched", rev]))
            .with_context(|| format!("the repository has no commit {rev}"))?;
    }
    let commit = run(git().args(["rev-parse", "refs/keyward/fetched^{commit}"]))?;
    let commit = ObjectId::parse(commit.trim_end()).context("git named no commit")?;
    let mut object = OsString::from(format!("{commit}:"));
    object.push(path);
    let kind = run(git().args(["ls-tree", &commit.to_string(), "--", path]))?;
    ensure!(
        kind.starts_with(b"100"),
        "there is no file of that path in revision {rev}"
    );
    let size = run(git().args(["cat-file", "-s"]).arg(&object))?;
    let size: u64 = size.to_str_lossy().trim().parse().unwrap_or(u64::MAX);
    ensure!(size <= most, "the file is longer than {most} bytes");
    let content = run(git().args(["cat-file", "blob"]).arg(&object))?;
    Ok(Fetched {
        commit: commit.to_string(),
        content,
    })
}

/// Runs git, which may ask the user for a password, and gives what it prints.
fn run(git: &mut Command) -> Result<Vec<u8>> {
    let output = git.stdin(Stdio::inherit()).output().map_err(not_started)?;
    ensure!(output.status.success(), refusal(&output));
    Ok(output.stdout)
}
