//! A hook under husky: a block of lines at the head of the team's `.husky/pre-commit`.
//!
//! That file is tracked and `sh -e` runs it, executable or not. Appended lines would not be reached
//! after an `exit` or an `exec`, and a script put in its place would make the whole file look
//! changed. So the block runs the rest of the file in a shell of its own and keyward after it, and
//! the file without the block is what it was, byte for byte.

use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use bstr::ByteSlice;

use super::block::{ALONE, Block, Marks};
use super::directory::{fresh, is_dir, lock_beside, remove, replace};
use super::script::path_bytes;
use super::{HookKind, Installed, Uninstalled, refused};
use crate::disk::Access;
use crate::shell::{quote, shown_path};

const TEMPLATE: &str = include_str!("../../hooks/husky.sh");

/// Runs the rest of the file, which the self-test of `keyward doctor` leaves out.
const REST: &str = r#"[ -n "${KEYWARD_SELF_TEST-}" ] || sh -e "$0" keyward:rest "$@" || exit"#;

/// The same, where git tells the refs once and both want to know. The dot shows that none is missing.
const REST_OF_REFS: &str = r#"keyward_input=$(cat && echo .) || exit
    [ -n "${KEYWARD_SELF_TEST-}" ] ||
        printf %s "${keyward_input%.}" 2>/dev/null | sh -e "$0" keyward:rest "$@" || exit"#;

/// Ends as keyward does.
const CALL: &str = r#"exec "$keyward_program" hook @KIND@ "$@""#;

/// The same, with the refs.
const CALL_WITH_REFS: &str = r#"printf %s "$keyward_input" 2>/dev/null | "$keyward_program" hook --whole @KIND@ "$@"
    exit"#;

pub(super) fn install(
    dir: &Path,
    kind: HookKind,
    program: &Path,
    home: Option<&Path>,
) -> Result<Installed> {
    let path = dir.join(kind.name());
    let _lock = lock_beside(&path)?;
    remove(&fresh(&path))?;
    let old = File::read(&path)?;
    let new = with_block(kind, &block(kind, program, home)?, old.as_ref(), &path)?;
    let already = old.as_ref().is_some_and(|file| file.text == new);
    if !already {
        let access = old
            .as_ref()
            .map_or(Access::Program, |file| Access::Like(&file.metadata));
        replace(&path, &new, access)?;
    }
    Ok(installed(kind, dir, path, already))
}

pub(super) fn uninstall(dir: &Path, kind: HookKind) -> Result<Uninstalled> {
    let path = dir.join(kind.name());
    if !is_dir(dir)? {
        return Ok(Uninstalled::Nothing);
    }
    let _lock = lock_beside(&path)?;
    remove(&fresh(&path))?;
    let Some(File { text, metadata }) = File::read(&path)? else {
        return Ok(Uninstalled::Nothing);
    };
    let Some((lines, alone)) = find(kind, &text, &path)? else {
        return Ok(Uninstalled::Nothing);
    };
    let rest = [&text[..lines.start], &text[lines.end..]].concat();
    if alone && rest.is_empty() {
        remove(&path)?;
        return Ok(Uninstalled::Removed(path));
    }
    replace(&path, &rest, Access::Like(&metadata))?;
    Ok(Uninstalled::Restored(path))
}

/// Whether keyward's lines are in the file.
pub(super) fn has_block(kind: HookKind, text: &[u8], path: &Path) -> Result<bool> {
    Ok(find(kind, text, path)?.is_some())
}

fn installed(kind: HookKind, dir: &Path, path: PathBuf, already: bool) -> Installed {
    Installed {
        kind,
        path,
        kept: None,
        already,
        is_below: false,
        in_worktree: true,
        awaits_husky: !dir.join("_").join("h").is_file(),
    }
}

/// A hook of the team's.
struct File {
    text: Vec<u8>,
    metadata: Metadata,
}

impl File {
    fn read(path: &Path) -> Result<Option<Self>> {
        let metadata = match fs::symlink_metadata(path) {
            Ok(metadata) => metadata,
            Err(err) if err.kind() == ErrorKind::NotFound => return Ok(None),
            Err(err) => return Err(refused("read", path, &err)),
        };
        if !metadata.is_file() {
            bail!(
                "{} is not a plain file. Make it one, so that only this repository's hook is \
                 changed, and run the command again",
                shown_path(path)
            );
        }
        let text = fs::read(path).map_err(|err| refused("read", path, &err))?;
        Ok(Some(Self { text, metadata }))
    }
}

/// The lines that call the program. A program in the home directory is named as `$HOME/...`, so
/// that the lines are the same for everybody who installs it there.
fn block(kind: HookKind, program: &Path, home: Option<&Path>) -> Result<Vec<u8>> {
    let word = match home.and_then(|home| program.strip_prefix(home).ok()) {
        Some(rest) => [b"\"$HOME\"/".to_vec(), quote(&path_bytes(rest)?)].concat(),
        None => quote(&path_bytes(program)?),
    };
    let (rest, call) = match kind.is_told_refs() {
        true => (REST_OF_REFS, CALL_WITH_REFS),
        false => (REST, CALL),
    };
    let text = TEMPLATE.replace("@REST@", rest).replace("@CALL@", call);
    let text = kind.fill_in(&text);
    Ok(text.as_bytes().replacen("@PROGRAM@", word, 1))
}

/// The file with the block in it.
fn with_block(kind: HookKind, block: &[u8], old: Option<&File>, path: &Path) -> Result<Vec<u8>> {
    let text = old.map(|file| file.text.as_slice()).unwrap_or_default();
    let (lines, alone) = find(kind, text, path)?.unwrap_or_else(|| {
        let start = first_line(text);
        (start..start, old.is_none())
    });
    let block = if alone {
        block.replacen("\n", format!("{ALONE}\n"), 1)
    } else {
        block.to_vec()
    };
    Ok([&text[..lines.start], &block, &text[lines.end..]].concat())
}

/// Behind `#!`, which editors and linters look for in the first line.
fn first_line(text: &[u8]) -> usize {
    match text.find_byte(b'\n') {
        Some(end) if text.starts_with(b"#!") => end + 1,
        _ => 0,
    }
}

/// The lines of the block in a file, and whether there was no file before.
fn find(kind: HookKind, text: &[u8], path: &Path) -> Result<Option<(Range<usize>, bool)>> {
    let marks = Marks {
        open: format!("# >>> keyward {kind} >>>"),
        close: format!("# <<< keyward {kind} <<<"),
    };
    match marks.find(text) {
        Block::Nothing => Ok(None),
        Block::Whole { lines, note } => Ok(Some((lines, note == ALONE.as_bytes()))),
        Block::Open => bail!(
            "{} has keyward's first line but not its last, `{}`. Delete keyward's lines and run the \
             command again",
            shown_path(path),
            marks.close
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: HookKind = HookKind::PreCommit;

    fn program_line(program: &str, home: Option<&str>) -> String {
        let block = block(KIND, Path::new(program), home.map(Path::new)).unwrap();
        let line = block
            .lines()
            .find(|line| line.contains_str("keyward_program="));
        line.unwrap().trim_ascii().to_str().unwrap().to_owned()
    }

    #[test]
    fn a_program_at_home_is_named_the_same_for_everybody() {
        assert_eq!(
            program_line("/home/ann/.local/bin/keyward", Some("/home/ann")),
            r#"keyward_program="$HOME"/'.local/bin/keyward'"#
        );
        assert_eq!(
            program_line("/opt/keyward", Some("/home/ann")),
            "keyward_program='/opt/keyward'"
        );
        assert_eq!(
            program_line("/opt/keyward", None),
            "keyward_program='/opt/keyward'"
        );
    }

    #[test]
    fn the_block_goes_behind_the_first_line_only_if_that_is_one() {
        assert_eq!(first_line(b"#!/bin/sh\nnpm test\n"), 10);
        assert_eq!(first_line(b"#!/bin/sh"), 0);
        assert_eq!(first_line(b"npm test\n"), 0);
        assert_eq!(first_line(b""), 0);
    }

    #[test]
    fn a_block_that_has_lost_its_end_is_not_touched() {
        let text = b"# >>> keyward pre-commit >>>\nnpm test\n";
        assert!(find(KIND, text, Path::new("pre-commit")).is_err());
    }
}
