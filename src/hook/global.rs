//! The hooks of every repository of a user, or of all users of a machine: lines in git's global or
//! system config.
//!
//! Where git knows hooks in its config (2.54 and newer) the lines name them, and they run beside
//! every repository's own, whatever its `core.hooksPath` says. An older git passes such lines over
//! in silence. For it, they set `core.hooksPath` to a directory of keyward's, and since git then
//! finds no hook of a repository's own, that directory has a script for every hook that git knows,
//! which goes on to the repository's.

use std::fmt::Write as _;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail, ensure};
use bstr::ByteSlice;

use super::directory::{self, Lock, remove};
use super::everyone;
use super::script::{self, Script, path_bytes};
use super::{HookKind, refused};
use crate::disk::{self, Access};
use crate::git::ConfigScope;
use crate::shell::shown_path;

/// The first git that runs hooks from its config.
const CONFIG_HOOKS: (u32, u32, u32) = (2, 54, 0);

/// The hooks that git looks for in a hooks directory (githooks(5) of 2.47). `fsmonitor-watchman` is
/// none: its path is a setting.
const GIT_HOOKS: &[&str] = &[
    "applypatch-msg",
    "commit-msg",
    "p4-changelist",
    "p4-post-changelist",
    "p4-pre-submit",
    "p4-prepare-changelist",
    "post-applypatch",
    "post-checkout",
    "post-commit",
    "post-index-change",
    "post-merge",
    "post-receive",
    "post-rewrite",
    "post-update",
    "pre-applypatch",
    "pre-auto-gc",
    "pre-commit",
    "pre-merge-commit",
    "pre-push",
    "pre-rebase",
    "pre-receive",
    "prepare-commit-msg",
    "proc-receive",
    "push-to-checkout",
    "reference-transaction",
    "sendemail-validate",
    "update",
];

const OPEN: &str = "# >>> keyward >>>";
const CLOSE: &str = "# <<< keyward <<<";

/// Ends the first line of a block that is the whole file.
const ALONE: &str = " made this file";

/// Ends the first line of a block behind a line that had no end, which got one.
const JOINED: &str = " ended the line above";

/// Where the hooks of every repository go. All paths are absolute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    /// Whose repositories they are.
    pub scope: ConfigScope,
    /// git's config file of that scope; it need not exist.
    pub config: PathBuf,
    /// A directory for keyward's scripts alone; it need not exist.
    pub hooks: PathBuf,
    /// The version of git.
    pub git: (u32, u32, u32),
    /// `core.hooksPath` for every repository, and where it is set, if it leads to somebody else's.
    pub hooks_path: Option<(String, String)>,
}

/// How git comes to run the hooks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Its config names them.
    Config,
    /// `core.hooksPath` leads to them.
    HooksPath,
}

/// `core.hooksPath` is somebody else's. `Display` tells the user what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    value: String,
    origin: String,
    scope: ConfigScope,
}

impl std::fmt::Display for Taken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "core.hooksPath = {}, in {}, is where git finds the hooks of every repository already; \
             nothing was written\n  \
             to install there, beside what is there:  keyward install --shared, in any repository\n  \
             to use keyward's directory instead:  remove that setting, then keyward install {}",
            shown_path(Path::new(&self.value)),
            shown_path(Path::new(&self.origin)),
            self.scope.option(),
        )
    }
}

impl std::error::Error for Taken {}

impl Machine {
    /// Has git run the hooks of these kinds in every repository.
    ///
    /// # Errors
    /// [`Taken`]; [`Unsafe`](super::Unsafe), where other users could not run the program or could
    /// change it; or what the file system refuses. Nothing is changed then.
    pub fn install(&self, kinds: &[HookKind], program: &Path) -> Result<Way> {
        ensure!(
            program.is_absolute(),
            "the hook needs the program's absolute path, not {}",
            shown_path(program)
        );
        let is_for_all = self.scope == ConfigScope::System;
        if is_for_all {
            everyone::can_run(program, &self.config)?;
        }
        if let Some((value, origin)) = &self.hooks_path
            && self.way() == Way::HooksPath
        {
            return Err(Taken {
                value: value.clone(),
                origin: origin.clone(),
                scope: self.scope,
            }
            .into());
        }
        let _lock = Lock::beside(&self.config)?;
        let old = Config::read(&self.config)?;
        let way = self.way();
        let lines = match way {
            Way::Config => hook_lines(kinds, program, self)?,
            Way::HooksPath => {
                let ours = setting(&path_bytes(&self.hooks)?)?;
                format!("[core]\n\thooksPath = {ours}\n")
            }
        };
        match way {
            Way::Config => self.remove_scripts()?,
            Way::HooksPath => self.write_scripts(kinds, program)?,
        }
        let new = old.with_block(&lines, self.scope);
        if new != old.text {
            if is_for_all && !old.there {
                // A config that others can't read ends every git command of theirs.
                everyone::make_file(&self.config)?;
            }
            write(&self.config, &new)?;
        }
        Ok(way)
    }

    fn way(&self) -> Way {
        match self.git >= CONFIG_HOOKS {
            true => Way::Config,
            false => Way::HooksPath,
        }
    }

    /// Undoes [`Machine::install`]; `false` if there was nothing to undo.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn uninstall(&self) -> Result<bool> {
        if !self.config.parent().is_some_and(Path::is_dir) {
            return Ok(false);
        }
        let _lock = Lock::beside(&self.config)?;
        let config = Config::read(&self.config)?;
        let installed = config.block().is_some() || self.hooks.is_dir();
        // git must not look for what is no longer there.
        if let Some((rest, made)) = config.without_block() {
            if made && rest.is_empty() {
                remove(&self.config)?;
            } else {
                write(&self.config, &rest)?;
            }
        }
        self.remove_scripts()?;
        Ok(installed)
    }

    fn write_scripts(&self, kinds: &[HookKind], program: &Path) -> Result<()> {
        let access = match self.scope {
            ConfigScope::Global => {
                fs::create_dir_all(&self.hooks)
                    .map_err(|err| refused("make", &self.hooks, &err))?;
                Access::Program
            }
            ConfigScope::System => {
                everyone::make_directory(&self.hooks)?;
                everyone::can_run_from(&self.hooks, &self.config)?;
                Access::ProgramForAll
            }
        };
        for &name in GIT_HOOKS {
            let kind = HookKind::named(name).filter(|kind| kinds.contains(kind));
            let text = script::write_global(name, kind, program, self)?;
            let path = self.hooks.join(name);
            if !directory::holds(&path, &text) {
                directory::replace(&path, &text, access)?;
            }
        }
        Ok(())
    }

    /// Removes the scripts, and the directory if nobody put anything else there.
    fn remove_scripts(&self) -> Result<()> {
        for &name in GIT_HOOKS {
            let path = self.hooks.join(name);
            let head = directory::head(&path).unwrap_or_default();
            if Script::parse(&head).is_some() {
                remove(&path)?;
            }
        }
        for dir in [Some(self.hooks.as_path()), self.hooks.parent()] {
            let Some(dir) = dir else { continue };
            match fs::remove_dir(dir) {
                Err(err)
                    if !matches!(
                        err.kind(),
                        ErrorKind::NotFound | ErrorKind::DirectoryNotEmpty
                    ) =>
                {
                    return Err(refused("remove", dir, &err));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// The settings by which git runs a command for each event. Each needs a name of its own, since the
/// command is not told the event; an event without a command would end every commit, so it comes
/// last.
fn hook_lines(kinds: &[HookKind], program: &Path, machine: &Machine) -> Result<String> {
    let mut lines = String::new();
    for &kind in kinds {
        let command = setting(&script::command(kind, program, machine)?)?;
        write!(
            lines,
            "[hook \"keyward-{kind}\"]\n\tcommand = {command}\n\tevent = {kind}\n"
        )?;
    }
    Ok(lines)
}

/// A value as git's config files have it (git-config(1), "Syntax").
fn setting(value: &[u8]) -> Result<String> {
    let value = value.to_str()?;
    ensure!(
        !value.contains(char::is_control),
        "git's config can't hold a path with control characters"
    );
    let escaped = value.replace('\\', "\\\\").replace('"', "\\\"");
    Ok(format!("\"{escaped}\""))
}

/// A config file of git's.
struct Config {
    there: bool,
    text: Vec<u8>,
}

/// Where the block is, and what its first line says.
struct Block {
    start: usize,
    end: usize,
    alone: bool,
    joined: bool,
}

impl Config {
    fn read(path: &Path) -> Result<Self> {
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

    fn block(&self) -> Option<Block> {
        let mut at = 0;
        let mut start = None;
        for line in self.text.lines_with_terminator() {
            let words = line.trim_ascii_end();
            if let Some(rest) = words.strip_prefix(OPEN.as_bytes())
                && start.is_none()
            {
                start = Some((at, rest == ALONE.as_bytes(), rest == JOINED.as_bytes()));
            } else if words == CLOSE.as_bytes()
                && let Some((start, alone, joined)) = start
            {
                return Some(Block {
                    start,
                    end: at + line.len(),
                    alone,
                    joined,
                });
            }
            at += line.len();
        }
        None
    }

    fn with_block(&self, lines: &str, scope: ConfigScope) -> Vec<u8> {
        let option = scope.option();
        let body = format!(
            "# `keyward install {option}` wrote these lines, and `keyward uninstall {option}` takes \
             them away.\n{lines}{CLOSE}\n"
        );
        let (before, mark, others, after) = match self.block() {
            Some(block) => {
                let mark = match (block.alone, block.joined) {
                    (true, _) => ALONE,
                    (_, true) => JOINED,
                    _ => "",
                };
                let inside = &self.text[block.start..block.end];
                let before = &self.text[..block.start];
                (before, mark, others(inside), &self.text[block.end..])
            }
            None => {
                let is_open = !self.text.is_empty() && !self.text.ends_with(b"\n");
                let mark = match (self.there, is_open) {
                    (false, _) => ALONE,
                    (_, true) => JOINED,
                    _ => "",
                };
                let end = if is_open { &b"\n"[..] } else { b"" };
                let block = [end, format!("{OPEN}{mark}\n{body}").as_bytes()].concat();
                return [&self.text, &block[..]].concat();
            }
        };
        let block = format!("{OPEN}{mark}\n{body}");
        [before, block.as_bytes(), &others, after].concat()
    }

    /// The text without the block, and whether the block made the file; `None` if there is none.
    fn without_block(&self) -> Option<(Vec<u8>, bool)> {
        let block = self.block()?;
        let mut before = &self.text[..block.start];
        let after = &self.text[block.end..];
        let others = others(&self.text[block.start..block.end]);
        if block.joined && after.is_empty() && others.is_empty() {
            before = before.strip_suffix(b"\n").unwrap_or(before);
        }
        Some(([before, &others, after].concat(), block.alone))
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
fn write(path: &Path, text: &[u8]) -> Result<()> {
    let file = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    disk::replace(&file, text).map_err(|err| refused("write", path, &err))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine() -> Machine {
        Machine {
            scope: ConfigScope::Global,
            config: PathBuf::from("/home/ann/.gitconfig"),
            hooks: PathBuf::from("/h"),
            git: CONFIG_HOOKS,
            hooks_path: None,
        }
    }

    fn with_block(text: &str) -> Vec<u8> {
        config(text).with_block("[core]\n\thooksPath = \"/h\"\n", ConfigScope::Global)
    }

    fn config(text: &str) -> Config {
        Config {
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

    #[test]
    fn a_command_comes_before_its_event() {
        let kinds = [HookKind::PreCommit, HookKind::PrePush];
        let lines = hook_lines(&kinds, Path::new("/a \"b\"/it's"), &machine()).unwrap();
        let keys: Vec<&str> = lines
            .lines()
            .map(|line| line.split_once(" = ").map_or(line, |(key, _)| key.trim()))
            .collect();
        assert_eq!(
            keys,
            [
                "[hook \"keyward-pre-commit\"]",
                "command",
                "event",
                "[hook \"keyward-pre-push\"]",
                "command",
                "event"
            ]
        );
        assert!(
            lines.contains(r#"command = "keyward_program='/a \"b\"/it'\\''s'; "#),
            "{lines}"
        );
        assert!(hook_lines(&kinds, Path::new("/a\nb"), &machine()).is_err());
    }

    #[test]
    fn the_hooks_are_sorted_and_hold_each_kind() {
        assert!(GIT_HOOKS.is_sorted());
        for kind in HookKind::ALL {
            assert!(GIT_HOOKS.contains(&kind.name()), "{kind}");
        }
    }
}
