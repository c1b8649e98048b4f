//! What stands where git looks for a hook, as it is, without touching it: for `keyward doctor`.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::Result;
use bstr::{ByteSlice, ByteVec};

use super::directory::head;
use super::script::Script;
use super::{HookKind, Place, framework, husky, refused};
use crate::disk;
use crate::shell::unquote;

/// The line that names the program, in a script and in a husky block.
const PROGRAM: &str = "keyward_program=";

/// The file that is, or should be, a hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The file, whether it is there or not.
    pub path: PathBuf,
    /// What stands there, by its content.
    pub what: What,
    /// Its permissions let it be run. husky does not ask for that.
    pub executable: bool,
    /// The hook is pre-commit's or prek's, which runs this file.
    pub is_below: bool,
    /// husky's own scripts, by which git reaches the file, are not there.
    pub awaits_husky: bool,
}

/// What a file in a hook's place is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// There is no file.
    Nothing,
    /// A directory, a pipe: git can't run it.
    NoFile,
    /// An empty file, which git runs as a hook that lets everything pass.
    Empty,
    /// Somebody else's, which does not call keyward itself.
    Foreign,
    /// Somebody else's, which calls keyward, as it reads.
    Mention,
    /// A script of keyward's, or a hook of husky's with keyward's lines.
    Keyward {
        /// The program that it calls before it looks on PATH.
        program: Option<PathBuf>,
        /// The name of the hook that was there before and should run first, if that is gone.
        lost: Option<String>,
    },
}

/// Looks at the hook of that kind. Writes nothing.
///
/// # Errors
/// When the file can't be looked at.
pub fn inspect(place: &Place, kind: HookKind) -> Result<Found> {
    let (path, home) = match place {
        Place::Directory { dir, .. } => (dir.join(kind.name()), None),
        Place::Husky { dir, home } => (dir.join(kind.name()), home.as_deref()),
    };
    let mut found = Found {
        path,
        what: What::Nothing,
        executable: false,
        is_below: false,
        awaits_husky: false,
    };
    if let Place::Directory { .. } = place {
        let slot = super::directory::slot(&found.path);
        // Without keyward's below, it is the tool's own that is told.
        if slot != found.path && head(&slot).is_ok_and(|text| Script::parse(&text).is_some()) {
            found.path = slot;
            found.is_below = true;
        }
    }
    let metadata = match fs::metadata(&found.path) {
        Ok(metadata) => metadata,
        Err(err) if disk::is_absent(&err) => {
            return Ok(found);
        }
        Err(err) => return Err(refused("read", &found.path, &err)),
    };
    if !metadata.is_file() {
        found.what = What::NoFile;
        return Ok(found);
    }
    let text = match head(&found.path) {
        Ok(text) => text,
        // A program that may be run and not read.
        Err(err) if err.kind() == ErrorKind::PermissionDenied => b"?".to_vec(),
        Err(err) => return Err(refused("read", &found.path, &err)),
    };
    let lost = match place {
        Place::Husky { dir, .. } => {
            found.executable = true;
            let own = dir.join("_");
            found.awaits_husky = !own.join("h").is_file() || !own.join(kind.name()).is_file();
            husky::has_block(kind, &text, &found.path)?.then_some(None)
        }
        Place::Directory { dir, .. } => {
            found.executable = disk::may_run(&found.path);
            Script::parse(&text).map(|script| {
                let gone = |name: &String| fs::symlink_metadata(dir.join(name)).is_err();
                script.previous.filter(gone)
            })
        }
    };
    found.what = match lost {
        Some(lost) => What::Keyward {
            program: program(&text, home),
            lost,
        },
        None if text.trim_ascii().is_empty() => What::Empty,
        None if framework::calls(&text, kind) => What::Mention,
        None => What::Foreign,
    };
    Ok(found)
}

/// The program that a command of git's config starts, if keyward wrote it.
pub(crate) fn program_of(command: &str) -> Option<PathBuf> {
    let (program, rest) = unquote(command.strip_prefix(PROGRAM)?.as_bytes())?;
    let is_ours = rest.starts_with(b"; ");
    is_ours.then_some(program.into_path_buf().ok()?)
}

/// The program that a script calls.
fn program(text: &[u8], home: Option<&Path>) -> Option<PathBuf> {
    let mut at = 0;
    let word = text.lines_with_terminator().find_map(|line| {
        let indent = line.len() - line.trim_ascii_start().len();
        let from = at + indent;
        at += line.len();
        text[from..].strip_prefix(PROGRAM.as_bytes())
    })?;
    let (base, word) = match word.strip_prefix(b"\"$HOME\"/") {
        Some(rest) => (home?, rest),
        None => (Path::new(""), word),
    };
    let (program, rest) = unquote(word)?;
    let is_whole = rest
        .lines()
        .next()
        .is_none_or(|rest| rest.trim_ascii().is_empty());
    is_whole.then_some(base.join(program.to_path().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_of_a_command_is_read() {
        let command = r"keyward_program='/home/ann'\''s/keyward'; test -s x";
        assert_eq!(program_of(command), Some("/home/ann's/keyward".into()));
        assert_eq!(program_of("make check"), None);
    }

    #[test]
    fn the_program_of_every_way_to_write_it_is_read() {
        let read = |line: &str| {
            let text = format!("#!/bin/sh\n  {line}\n");
            program(text.as_bytes(), Some(Path::new("/home/ann")))
        };
        for (line, expected) in [
            ("keyward_program='/opt/keyward'", Some("/opt/keyward")),
            (
                r"keyward_program='/a'\''b c/keyward'",
                Some("/a'b c/keyward"),
            ),
            (
                r#"keyward_program="$HOME"/'.local/bin/keyward'"#,
                Some("/home/ann/.local/bin/keyward"),
            ),
            ("keyward_program='/a\nb'", Some("/a\nb")),
            ("keyward_program='/a'b", None),
            ("keyward_program=$(date)", None),
            ("keyward_program='/a", None),
            ("program='/a'", None),
        ] {
            assert_eq!(read(line), expected.map(PathBuf::from), "{line}");
        }
    }
}
