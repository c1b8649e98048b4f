//! Brings the files that `extends` names by git into the repository, to be reviewed and committed.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::extends::{Extends, RECORD_NAME, Remote, VENDOR_DIRECTORY, Vendored};
use super::{FILE_NAME, Layer, Origin, extends, in_working_tree};
use crate::disk;

/// A file as another repository has it.
#[derive(Clone, Debug)]
pub(crate) struct Fetched {
    /// Its bytes.
    pub content: Vec<u8>,
    /// The commit that its revision named.
    pub commit: String,
}

/// What became of a file below [`VENDOR_DIRECTORY`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Updated {
    /// Its path, from the top of the repository.
    pub path: String,
    /// `new`, `changed`, `unchanged` or `removed`.
    pub state: &'static str,
    /// Where it was fetched from; `None` if it was removed.
    pub from: Option<Vendored>,
}

/// Fetches what the settings file at `top` names by git, and removes what it no longer names. All is
/// fetched and understood before anything is written, by way of files in the directory `aside`. `None` if it names nothing and never did.
///
/// # Errors
/// A [`ConfigError`](super::ConfigError) where the settings, the record or a fetched file are not
/// valid; what `fetch` says; when a file can't be written.
pub(crate) fn update(
    top: &Path,
    aside: &Path,
    fetch: &dyn Fn(&Remote) -> Result<Fetched>,
) -> Result<Option<Vec<Updated>>> {
    let remotes = remotes(top)?;
    let recorded = match in_working_tree(top, RECORD_NAME)? {
        Some(bytes) => extends::parse_record(&bytes)?,
        None if remotes.is_empty() => return Ok(None),
        None => Vec::new(),
    };
    let fetched = fetch_all(&remotes, fetch)?;
    let mut updated = Vec::new();
    for (remote, file) in &fetched {
        updated.push(vendor(top, aside, remote, file)?);
    }
    let mut vendored: Vec<Vendored> = updated.iter().filter_map(|one| one.from.clone()).collect();
    vendored.sort();
    vendored.dedup();
    updated.extend(prune(top, &recorded, &vendored)?);
    put(
        top,
        aside,
        RECORD_NAME,
        extends::record(&vendored).as_bytes(),
    )?;
    Ok(Some(updated))
}

/// What the settings file names by git.
fn remotes(top: &Path) -> Result<Vec<Remote>> {
    let Some(bytes) = in_working_tree(top, FILE_NAME)? else {
        return Ok(Vec::new());
    };
    let layer = Layer::parse(Origin::Repository, &bytes, FILE_NAME)?;
    let remotes = layer
        .extends
        .into_iter()
        .filter_map(|said| match said.value {
            Extends::Git(remote) => Some(remote),
            Extends::Path(_) => None,
        });
    Ok(remotes.collect())
}

fn fetch_all<'r>(
    remotes: &'r [Remote],
    fetch: &dyn Fn(&Remote) -> Result<Fetched>,
) -> Result<Vec<(&'r Remote, Fetched)>> {
    let fetch = |remote: &'r Remote| {
        let Remote { git, path, .. } = remote;
        let file = fetch(remote).with_context(|| format!("cannot fetch {path} of {git}"))?;
        Layer::parse(Origin::Team, &file.content, path)?;
        Ok((remote, file))
    };
    remotes.iter().map(fetch).collect()
}

/// Writes a fetched file to its place.
fn vendor(top: &Path, aside: &Path, remote: &Remote, file: &Fetched) -> Result<Updated> {
    let path = remote.vendored();
    let state = match in_working_tree(top, &path)? {
        None => "new",
        Some(before) if before == file.content => "unchanged",
        Some(_) => "changed",
    };
    put(top, aside, &path, &file.content)?;
    Ok(Updated {
        path,
        state,
        from: Some(Vendored::new(remote, &file.commit, &file.content)),
    })
}

/// Removes the files that were fetched once and are not now.
fn prune(top: &Path, recorded: &[Vendored], vendored: &[Vendored]) -> Result<Vec<Updated>> {
    let kept: Vec<String> = vendored.iter().map(Vendored::file).collect();
    let mut removed = Vec::new();
    for path in recorded.iter().map(Vendored::file) {
        if !kept.contains(&path) && in_working_tree(top, &path)?.is_some() {
            fs::remove_file(top.join(&path)).with_context(|| format!("cannot remove {path}"))?;
            removed.push(Updated {
                path,
                state: "removed",
                from: None,
            });
        }
    }
    Ok(removed)
}

/// Writes a file below [`VENDOR_DIRECTORY`], to which no link leads.
fn put(top: &Path, aside: &Path, path: &str, content: &[u8]) -> Result<()> {
    in_working_tree(top, path)?;
    let directory = top.join(VENDOR_DIRECTORY);
    if !directory.is_dir() {
        fs::create_dir(&directory).with_context(|| format!("cannot make {VENDOR_DIRECTORY}"))?;
    }
    disk::replace_from(aside, &top.join(path), content)
        .with_context(|| format!("cannot write {path}"))
}
