//! `keyward ignore PATH`: keeps a file out of git, and on disk.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, Result};
use bstr::{BStr, BString, ByteSlice};

use super::{Exit, voice};
use crate::change::Ignored;
use crate::disk;
use crate::git::Repo;
use crate::glob::literal;

/// Add a file to .gitignore and unstage it; it stays on disk
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The files
    #[arg(required = true)]
    paths: Vec<PathBuf>,
}

pub(super) fn run(args: &Args) -> Result<Exit> {
    let repo = Repo::from_env()?;
    let mut out = voice::out();
    for path in &args.paths {
        let path = repo.path_of(path)?;
        let shown = crate::shell::shown(path.as_ref());
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
    const NAME: &str = ".gitignore";
    /// A bound: no such file is longer.
    const MOST_BYTES: u64 = 16 << 20;
    let top = repo.worktree()?;
    // git reads none through a link, and what a link leads to is not ours to copy or to change.
    let mut content = disk::read_inside(top, NAME, MOST_BYTES)
        .with_context(|| format!("cannot read {NAME}"))?
        .unwrap_or_default();
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
    disk::replace(&top.join(NAME), &content).with_context(|| format!("cannot write {NAME}"))
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
