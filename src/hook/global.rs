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

use anyhow::{Result, ensure};

use super::directory::{self, is_dir, lock_beside, remove};
use super::everyone;
use super::git_config::{self, GitConfig, setting};
use super::script::{self, Script, path_bytes};
use super::{HookKind, refused};
use crate::disk::Access;
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

/// Where the hooks of every repository go. All paths are absolute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Machine {
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
pub(crate) enum Way {
    /// Its config names them.
    Config,
    /// `core.hooksPath` leads to them.
    HooksPath,
}

/// `core.hooksPath` is somebody else's. `Display` tells the user what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Taken {
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
    pub(crate) fn install(&self, kinds: &[HookKind], program: &Path) -> Result<Way> {
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
        let _lock = lock_beside(&self.config)?;
        let old = GitConfig::read(&self.config)?;
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
            git_config::write(&self.config, &new)?;
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
    pub(crate) fn uninstall(&self) -> Result<bool> {
        let above = self.config.parent();
        if !above.map(is_dir).transpose()?.unwrap_or_default() {
            return Ok(false);
        }
        let _lock = lock_beside(&self.config)?;
        let config = GitConfig::read(&self.config)?;
        let installed = config.has_block() || is_dir(&self.hooks)?;
        // git must not look for what is no longer there.
        if let Some((rest, made)) = config.without_block() {
            if made && rest.is_empty() {
                remove(&self.config)?;
            } else {
                git_config::write(&self.config, &rest)?;
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
