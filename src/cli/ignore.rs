//! `keyward ignore PATH`: keeps a file out of git, and on disk.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::{Context, Result};
use bstr::{BStr, BString, ByteSlice};
use keyward::change::Ignored;
use keyward::files;
use keyward::git::Repo;

use super::Exit;

/// Add a file to .gitignore and unstage it; it stays on disk
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The files
    #[arg(required = true)]
    paths: Vec<PathBuf>,
}

pub(super) fn run(args: &Args) -> Result<Exit> {
    let repo = Repo::from_env()?;
    let mut out = io::stdout().lock();
    for path in &args.paths {
        let path = repo.path_of(path)?;
        let shown = keyward::shell::shown(path.as_ref());
        if repo.ignored(path.as_ref())? != Ignored::ByRepository {
            add_pattern(&repo, path.as_ref())?;
            repo.stage(BStr::new(".gitignore"))?;
            if repo.ignored(path.as_ref())? != Ignored::ByRepository {
                anyhow::bail!(
                    "{shown} is in .gitignore now, but a later or nested .gitignore takes it out again: \
                     remove the line with `!` there"
                );
            }
        }
        repo.unstage(path.as_ref())?;
        writeln!(
            out,
            "{shown} is ignored and no longer staged; it is still on disk. Commit again."
        )?;
    }
    Ok(Exit::Clean)
}

/// Appends the pattern for a path to the top `.gitignore`.
fn add_pattern(repo: &Repo, path: &BStr) -> Result<()> {
    let file = repo.worktree()?.join(".gitignore");
    let mut content = match fs::read(&file) {
        Ok(content) => content,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(error).context("cannot read .gitignore"),
    };
    let line_end: &[u8] = if content.contains_str("\r\n") {
        b"\r\n"
    } else {
        b"\n"
    };
    if !content.is_empty() && !content.ends_with(b"\n") {
        content.extend_from_slice(line_end);
    }
    content.extend_from_slice(&pattern(path));
    content.extend_from_slice(line_end);
    files::replace(&file, &content).context("cannot write .gitignore")
}

/// The pattern that covers a path: by its name at any depth for dot files such as `.env`, by its
/// place for the rest.
fn pattern(path: &BStr) -> BString {
    let name = path
        .rsplit_once_str("/")
        .map_or(path.as_bytes(), |(_, name)| name);
    let mut out = BString::default();
    let covered = if name.starts_with(b".") {
        name
    } else {
        out.push(b'/');
        path.as_bytes()
    };
    let last = covered.len().saturating_sub(1);
    for (at, &byte) in covered.iter().enumerate() {
        if b"\\*?[".contains(&byte)
            || (byte == b' ' && at == last)
            || (at == 0 && b"!#".contains(&byte))
        {
            out.push(b'\\');
        }
        out.push(byte);
    }
    out
}
