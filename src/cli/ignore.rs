//! `keyward ignore PATH`: keeps a file out of git, and on disk.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use bstr::{BStr, BString, ByteSlice};

use super::{Exit, Misuse, voice};
use crate::change::Ignored;
use crate::disk::{self, Lock};
use crate::git::Repo;
use crate::glob::literal;
use crate::shell::{quoted, shown};
use crate::words::echo;

const NAME: &str = ".gitignore";

/// Add a file to .gitignore and unstage it; it stays on disk
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The files
    #[arg(required = true)]
    paths: Vec<PathBuf>,
}

pub(super) fn run(args: &Args) -> Result<Exit> {
    let repo = Repo::from_env()?;
    // Of two commands at once neither loses what the other wrote.
    let _lock = Lock::of(&repo.common_dir()?);
    let mut paths = Vec::new();
    for file in &args.paths {
        let path = repo.path_of(file)?;
        check(&repo, file, path.as_ref())?;
        paths.push(path);
    }
    let mut out = voice::out();
    for path in &paths {
        let path = path.as_bstr();
        let versions = repo.versions(path)?;
        ignore(&repo, path)?;
        if versions.staged {
            repo.unstage(path)?;
        }
        let became = match (versions.committed, versions.staged) {
            (false, true) => "is ignored and no longer staged; it is still on disk. Commit again.",
            (false, false) => "is ignored; it is still on disk",
            (true, _) => {
                "is ignored; it is still on disk, but leaves the repository with your next commit: \
                 whoever pulls that loses the file, so tell them. What it held stays in history: \
                 revoke what is live."
            }
        };
        writeln!(out, "{} {became}", shown(path))?;
    }
    Ok(Exit::Clean)
}

/// Refuses what is no file, with what to do instead.
fn check(repo: &Repo, file: &Path, path: &BStr) -> Result<()> {
    let name = shown(path);
    if file.is_dir() && !file.is_symlink() {
        let line = quoted(&[b"/", literal(path).as_slice(), b"/"].concat());
        let told = format!(
            "{name} is a directory: name the files in it that hold secrets; to have git ignore all \
             of it: echo {line} >>{NAME}"
        );
        return Err(Misuse(told).into());
    }
    if file.symlink_metadata().is_ok() || repo.versions(path)?.staged {
        return Ok(());
    }
    let is_pattern = path.iter().any(|byte| b"*?[".contains(byte));
    let told = match echo::may_be_said(&name) {
        true if is_pattern => format!(
            "there is no file {name}, and keyward ignore takes no patterns; to have git ignore all \
             that fit: echo {} >>{NAME}",
            quoted(path)
        ),
        true => format!("there is no file {name}: name a file that is here"),
        false => "there is no such file: name one that is here".to_owned(),
    };
    Err(Misuse(told).into())
}

/// Has the repository ignore a path, if it does not yet.
pub(super) fn ignore(repo: &Repo, path: &BStr) -> Result<()> {
    if repo.ignored(path)? == Ignored::ByRepository {
        return Ok(());
    }
    // It may stand there and only not be staged, and a line below may take it back.
    for again in [false, true] {
        add_pattern(repo, path, again)?;
        repo.stage_unfiltered(BStr::new(NAME))?;
        if repo.ignored(path)? == Ignored::ByRepository {
            break;
        }
    }
    if repo.ignored(path)? != Ignored::ByRepository {
        anyhow::bail!(
            "{} is in {NAME} now, but a later or nested {NAME} takes it out again: remove the line \
             with `!` there",
            shown(path)
        );
    }
    Ok(())
}

/// Appends the pattern for a path to the top `.gitignore`, unless it stands there and is not asked for
/// again, or is the last line.
fn add_pattern(repo: &Repo, path: &BStr, again: bool) -> Result<()> {
    /// A bound: no such file is longer.
    const MOST_BYTES: u64 = 16 << 20;
    let top = repo.worktree()?;
    // git reads none through a link, and what a link leads to is not ours to copy or to change.
    let content = disk::read_inside(top, NAME, MOST_BYTES)
        .with_context(|| format!("cannot read {NAME}"))?
        .unwrap_or_default();
    let pattern = pattern(path);
    let is_there = match again {
        true => content.lines().next_back() == Some(pattern.as_bytes()),
        false => content.lines().any(|line| line == pattern.as_bytes()),
    };
    if is_there {
        return Ok(());
    }
    let content = disk::with_line(content, &pattern);
    disk::replace_from(repo.git_dir(), &top.join(NAME), &content)
        .with_context(|| format!("cannot write {NAME}"))
}

/// The pattern that covers a path: by its name at any depth for dot files such as `.env`, by its
/// place for the rest.
fn pattern(path: &BStr) -> BString {
    let name = path
        .rsplit_once_str("/")
        .map_or(path.as_bytes(), |(_, name)| name);
    match name.starts_with(b".") {
        true => literal(name),
        false => [b"/", literal(path).as_slice()].concat().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dot_file_is_covered_at_any_depth_and_other_files_at_their_place() {
        for (path, expected) in [
            (".env", ".env"),
            ("app/.env.local", ".env.local"),
            ("key.pem", "/key.pem"),
            ("app/key.pem", "/app/key.pem"),
            ("!a", "/!a"),
            (".a[b] ", ".a\\[b]\\ "),
        ] {
            assert_eq!(pattern(path.into()), expected, "{path}");
        }
    }
}
