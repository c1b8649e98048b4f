//! keyward's lines in a config file of git's.

use std::fs;
use std::io::ErrorKind;
use std::ops::Range;
use std::path::Path;

use anyhow::{Result, bail, ensure};
use bstr::ByteSlice;

use super::block::{ALONE, Block, Marks};
use super::refused;
use crate::disk;
use crate::git::ConfigScope;
use crate::shell::shown_path;

const OPEN: &str = "# >>> keyward >>>";
const CLOSE: &str = "# <<< keyward <<<";

/// Ends the first line of a block behind a line that had no end, which got one.
const JOINED: &str = " ended the line above";

/// A value as git's config files have it (git-config(1), "Syntax").
pub(super) fn setting(value: &[u8]) -> Result<String> {
    let value = value.to_str()?;
    ensure!(
        !value.contains(char::is_control),
        "git's config can't hold a path with control characters"
    );
    let escaped = value.replace('\\', "\\\\").replace('"', "\\\"");
    Ok(format!("\"{escaped}\""))
}

/// A config file of git's.
pub(super) struct GitConfig {
    pub(super) there: bool,
    pub(super) text: Vec<u8>,
}

impl GitConfig {
    pub(super) fn read(path: &Path) -> Result<Self> {
        match fs::metadata(path) {
            Ok(metadata) if !metadata.is_file() => bail!(
                "{} is not a plain file. Make it one, or let GIT_CONFIG_GLOBAL or GIT_CONFIG_SYSTEM name \
                 one, and run the command again",
                shown_path(path)
            ),
            Err(err) if err.kind() == ErrorKind::NotFound => {
                return Ok(Self {
                    there: false,
                    text: Vec::new(),
                });
            }
            _ => {}
        }
        let text = fs::read(path).map_err(|err| refused("read", path, &err))?;
        Ok(Self { there: true, text })
    }

    /// Where keyward's lines are, and what the first of them says behind the mark. A first line without
    /// the last is not touched.
    fn block(&self) -> Option<(Range<usize>, &[u8])> {
        let marks = Marks {
            open: OPEN.to_owned(),
            close: CLOSE.to_owned(),
        };
        match marks.find(&self.text) {
            Block::Whole { lines, note } => Some((lines, note)),
            Block::Nothing | Block::Open => None,
        }
    }

    /// Whether keyward's lines are in it.
    pub(super) fn has_block(&self) -> bool {
        self.block().is_some()
    }

    pub(super) fn with_block(&self, lines: &str, scope: ConfigScope) -> Vec<u8> {
        let option = scope.option();
        let body = format!(
            "# `keyward install {option}` wrote these lines, and `keyward uninstall {option}` takes \
             them away.\n{lines}{CLOSE}\n"
        );
        let Some((lines, note)) = self.block() else {
            let is_open = !self.text.is_empty() && !self.text.ends_with(b"\n");
            let (end, note) = match (self.there, is_open) {
                (false, _) => ("", ALONE),
                (_, true) => ("\n", JOINED),
                _ => ("", ""),
            };
            let block = format!("{end}{OPEN}{note}\n{body}");
            return [&self.text, block.as_bytes()].concat();
        };
        // Any other words behind the mark are not keyward's.
        let mut known = [ALONE, JOINED].into_iter();
        let note = known.find(|known| known.as_bytes() == note);
        let first = format!("{OPEN}{}\n", note.unwrap_or_default());
        let others = others(&self.text[lines.clone()]);
        let (before, after) = (&self.text[..lines.start], &self.text[lines.end..]);
        [before, first.as_bytes(), body.as_bytes(), &others, after].concat()
    }

    /// The text without the block, and whether the block made the file; `None` if there is none.
    pub(super) fn without_block(&self) -> Option<(Vec<u8>, bool)> {
        let (lines, note) = self.block()?;
        let mut before = &self.text[..lines.start];
        let after = &self.text[lines.end..];
        let others = others(&self.text[lines]);
        if note == JOINED.as_bytes() && after.is_empty() && others.is_empty() {
            before = before.strip_suffix(b"\n").unwrap_or(before);
        }
        Some(([before, &others, after].concat(), note == ALONE.as_bytes()))
    }
}

/// What `git config` wrote between keyward's lines: it puts a setting behind the last one of its
/// section, and the last `[core]` may be keyward's.
fn others(block: &[u8]) -> Vec<u8> {
    let mut kept: Vec<&[u8]> = Vec::new();
    let mut header: Option<&[u8]> = None;
    for line in block.lines_with_terminator() {
        let words = line.trim_ascii();
        if words.starts_with(b"[") {
            header = Some(line);
        } else if !is_own(words) {
            kept.extend(header.take());
            kept.push(line);
        }
    }
    kept.concat()
}

fn is_own(words: &[u8]) -> bool {
    words.is_empty()
        || words.starts_with(b"#")
        || ["hooksPath = ", "command = ", "event = "]
            .iter()
            .any(|own| words.starts_with(own.as_bytes()))
}

/// Replaces a config of git's. As git itself does, it writes to what a link leads to: a dotfile is
/// often one.
pub(super) fn write(path: &Path, text: &[u8]) -> Result<()> {
    let file = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    disk::replace(&file, text).map_err(|err| refused("write", path, &err))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_block(text: &str) -> Vec<u8> {
        config(text).with_block("[core]\n\thooksPath = \"/h\"\n", ConfigScope::Global)
    }

    fn config(text: &str) -> GitConfig {
        GitConfig {
            there: true,
            text: text.as_bytes().to_vec(),
        }
    }

    fn round_trip(text: &str, change: impl Fn(String) -> String) -> String {
        let with = with_block(text);
        let changed = change(String::from_utf8(with).unwrap());
        let (rest, _) = config(&changed).without_block().unwrap();
        String::from_utf8(rest).unwrap()
    }

    #[test]
    fn every_file_comes_back() {
        for text in [
            "",
            "\n",
            "[user]\n\tname = A\n",
            "[user]\n\tname = A",
            "# x\r\n",
        ] {
            assert_eq!(round_trip(text, |with| with), text);
            // Installed twice.
            let twice = |with: String| {
                let again = with_block(&with);
                assert_eq!(with.as_bytes(), again);
                with
            };
            assert_eq!(round_trip(text, twice), text);
        }
    }

    #[test]
    fn what_others_wrote_stays() {
        let added = round_trip("[a]\n", |with| {
            with.replace("\"/h\"\n", "\"/h\"\n\teditor = vim\n") + "[b]\n"
        });
        assert_eq!(added, "[a]\n[core]\n\teditor = vim\n[b]\n");
        let joined = round_trip("[a]", |with| with + "[b]\n");
        assert_eq!(joined, "[a]\n[b]\n");
    }
}
