//! Files outside of any repository as changes: every line of theirs counts as added.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use bstr::{BString, ByteVec};

use crate::change::{Change, EntryKind, Ignored, Origin, Status};
use crate::disk;
use crate::shell::shown_path;

/// A file, or every file below a directory but those of git's own, in the order of their names.
/// Links are not followed.
pub(crate) fn below(path: &Path) -> impl Iterator<Item = Result<Change<'static>>> + Send + use<> {
    let mut pending = vec![(path.to_owned(), true)];
    std::iter::from_fn(move || {
        while let Some((path, named)) = pending.pop() {
            match step(&path, named) {
                Ok(Step::Change(change)) => return Some(Ok(change)),
                Ok(Step::Directory(entries)) => {
                    pending.extend(entries.into_iter().rev().map(|entry| (entry, false)));
                }
                Ok(Step::Nothing) => {}
                Err(error) => return Some(Err(error)),
            }
        }
        None
    })
}

enum Step {
    Change(Change<'static>),
    Directory(Vec<PathBuf>),
    Nothing,
}

fn step(path: &Path, named: bool) -> Result<Step> {
    let cannot_read = || format!("cannot read {}", shown_path(path));
    // A path that was named is looked at through a link; one that was come upon is not.
    let metadata = if named {
        fs::metadata(path)
    } else {
        fs::symlink_metadata(path)
    }
    .with_context(cannot_read)?;
    let kind = metadata.file_type();
    if kind.is_dir() {
        if !named && path.file_name().is_some_and(|name| name == ".git") {
            return Ok(Step::Nothing);
        }
        let mut entries = fs::read_dir(path)
            .and_then(|entries| {
                entries
                    .map(|entry| entry.map(|entry| entry.path()))
                    .collect::<Result<Vec<_>, _>>()
            })
            .with_context(cannot_read)?;
        entries.sort();
        return Ok(Step::Directory(entries));
    }
    let entry = if kind.is_symlink() {
        EntryKind::Link
    } else if kind.is_file() {
        EntryKind::File
    } else if named {
        bail!("{} is not a file: use --stdin for a pipe", shown_path(path));
    } else {
        return Ok(Step::Nothing);
    };
    Ok(Step::Change(Change::new(
        path_bytes(path),
        Status::Added,
        entry,
        OnDisk {
            path: path.to_owned(),
            kind: entry,
        },
    )))
}

/// The path with `/`, without a leading `./`.
fn path_bytes(path: &Path) -> BString {
    let path = path.strip_prefix(".").unwrap_or(path);
    let bytes = Vec::from_path_lossy(path).into_owned();
    if cfg!(windows) {
        return bytes
            .into_iter()
            .map(|b| if b == b'\\' { b'/' } else { b })
            .collect::<Vec<_>>()
            .into();
    }
    bytes.into()
}

struct OnDisk {
    path: PathBuf,
    kind: EntryKind,
}

impl Origin for OnDisk {
    fn content(&self) -> Result<Vec<u8>> {
        match self.kind {
            EntryKind::File
            | EntryKind::Submodule
            | EntryKind::Message
            | EntryKind::Header
            | EntryKind::Member => disk::read_whole(&self.path).context("cannot read the file"),
            EntryKind::Link => fs::read_link(&self.path)
                .map(|target| Vec::from_path_lossy(&target).into_owned())
                .context("cannot read the link"),
        }
    }

    fn replaced(&self) -> Result<Vec<Vec<u8>>> {
        Ok(Vec::new())
    }

    fn ignored(&self) -> Result<Ignored> {
        Ok(Ignored::No)
    }
}
