//! What git's config says: of hooks and where they are, for this repository and beyond it.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use bstr::ByteSlice;

use super::env::variable;
use super::read::command::{self, bare_git, refusal, run, unexpected};
use super::read::plumbing::{Plumbing, Scope};
use super::repo::Repo;

/// A config of git's that holds beyond one repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfigScope {
    /// The user's own: for every repository of theirs.
    Global,
    /// That of the machine: for every user.
    System,
}

impl ConfigScope {
    /// The option of `git config`, and of `keyward install`, that means it.
    pub const fn option(self) -> &'static str {
        match self {
            Self::Global => "--global",
            Self::System => "--system",
        }
    }

    /// The variable that hides it from a command before which it stands.
    pub(crate) const fn hidden(self) -> &'static str {
        match self {
            Self::Global => "GIT_CONFIG_GLOBAL=/dev/null",
            Self::System => "GIT_CONFIG_NOSYSTEM=1",
        }
    }
}

/// A hook that git's config names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigHook {
    /// Its name: the word after `hook.` in the settings.
    pub name: String,
    /// The hook's kind, as git calls it.
    pub event: String,
    /// What git has a shell run.
    pub command: String,
    /// The setting that keeps git from running it, if one does.
    pub off: Option<String>,
}

impl Repo {
    /// The directory in which git looks for this repository's hooks, whether it is there or not.
    ///
    /// # Errors
    /// When git can't tell.
    pub fn hooks_dir(&self) -> Result<PathBuf> {
        let hooks = self.plumbing.hooks_dir(&self.as_arguments())?;
        Ok(self.top().join(hooks))
    }

    /// The value of `core.hooksPath` and the file that sets it, or `command line`; `None` if it is
    /// not set.
    ///
    /// # Errors
    /// When git can't read its config.
    pub fn hooks_path_setting(&self) -> Result<Option<(String, String)>> {
        let args = ["config", "-z", "--show-origin", "--get", "core.hooksPath"];
        let setting = self.plumbing.read_optional(args)?;
        Ok(setting.and_then(with_origin).map(|(value, origin)| {
            let origin = origin.strip_prefix("file:").unwrap_or(&origin);
            (value, origin.trim_end_matches(':').to_owned())
        }))
    }

    /// The name of whoever commits here, if git's config says it.
    ///
    /// # Errors
    /// When git can't read its config.
    pub fn user_name(&self) -> Result<Option<String>> {
        self.setting("user.name")
    }

    /// What a setting says, if it is there.
    fn setting(&self, key: &str) -> Result<Option<String>> {
        let value = self
            .plumbing
            .read_optional(["config", "-z", "--get", key])?;
        let plain = |value: Vec<u8>| {
            let value = value.trim_end_with(|c| c == '\0');
            value.to_str_lossy().into_owned()
        };
        Ok(value.map(plain))
    }

    /// The hooks that git's config names for one event. Empty for a git that knows none.
    ///
    /// # Errors
    /// When git can't read its config, or finds a hook in it that stops every command.
    pub fn config_hooks(&self, event: &str) -> Result<Vec<ConfigHook>> {
        /// The first git that runs them.
        const CONFIG_HOOKS: (u32, u32, u32) = (2, 54, 0);
        if Self::version()? < CONFIG_HOOKS {
            return Ok(Vec::new());
        }
        let list = ["hook", "list", "-z", "--show-scope", event];
        let listed = self.plumbing.read_optional(list)?.unwrap_or_default();
        let mut hooks = Vec::new();
        for (name, off) in named_hooks(&listed, event) {
            let command = self.setting(&format!("hook.{name}.command"))?;
            hooks.push(ConfigHook {
                name,
                event: event.to_owned(),
                command: command.unwrap_or_default(),
                off,
            });
        }
        Ok(hooks)
    }

    /// Who sets `core.hooksPath`, in git's word: `system`, `global`, `local`, `worktree` or
    /// `command`; `None` if nobody does.
    ///
    /// # Errors
    /// When git can't read its config, or is older than 2.26 and can't tell.
    pub fn hooks_path_scope(&self) -> Result<Option<String>> {
        let args = ["config", "-z", "--show-scope", "--get", "core.hooksPath"];
        let output = self.plumbing.read_optional(args)?;
        Ok(output.and_then(|output| {
            let scope = output.split_str("\0").next()?;
            Some(scope.to_str_lossy().into_owned())
        }))
    }

    /// The value of `core.hooksPath` that holds for every repository there, and the file that sets
    /// it.
    ///
    /// # Errors
    /// When git can't read its config.
    pub fn hooks_path_in(scope: ConfigScope) -> Result<Option<(String, String)>> {
        let plumbing = Plumbing::new(Scope::Environment);
        let scopes = match scope {
            ConfigScope::Global => &[ConfigScope::Global, ConfigScope::System][..],
            ConfigScope::System => &[ConfigScope::System],
        };
        for scope in scopes {
            let args = [
                "config",
                "-z",
                "--show-origin",
                scope.option(),
                "--includes",
                "--get",
                "core.hooksPath",
            ];
            let setting = plumbing.read_optional(args)?.and_then(with_origin);
            if let Some((value, origin)) = setting {
                let origin = origin.strip_prefix("file:").unwrap_or(&origin).to_owned();
                return Ok(Some((value, origin)));
            }
        }
        Ok(None)
    }

    /// The file that holds that config, which need not exist: the one that `git config` writes
    /// (git-config(1), "FILES").
    ///
    /// # Errors
    /// When there is no home directory, or git can't tell.
    pub fn config_file(scope: ConfigScope) -> Result<PathBuf> {
        match scope {
            ConfigScope::Global => global_config(),
            ConfigScope::System => match variable("GIT_CONFIG_SYSTEM") {
                Some(named) => Ok(std::path::absolute(named)?),
                None => system_config(),
            },
        }
    }

    /// The version of the git program.
    ///
    /// # Errors
    /// When git can't be run.
    pub fn version() -> Result<(u32, u32, u32)> {
        command::version()
    }
}

fn global_config() -> Result<PathBuf> {
    if let Some(named) = variable("GIT_CONFIG_GLOBAL") {
        return Ok(std::path::absolute(named)?);
    }
    let home = variable("HOME").or_else(|| variable("USERPROFILE"));
    let home = PathBuf::from(home.context("HOME is not set; set it and run this again")?);
    let usual = home.join(".gitconfig");
    let other = match variable("XDG_CONFIG_HOME") {
        Some(dir) => PathBuf::from(dir).join("git/config"),
        None => home.join(".config/git/config"),
    };
    Ok(if !usual.exists() && other.exists() {
        other
    } else {
        usual
    })
}

/// The system's config file. git tells its name since 2.42, but every git opens it in an editor, and
/// does not make it for that.
fn system_config() -> Result<PathBuf> {
    let mut git = bare_git();
    git.env("GIT_EDITOR", "echo")
        .args(["config", "--system", "--edit"]);
    let output = run(&mut git)?;
    ensure!(output.status.success(), refusal(&output));
    let named = command::path(output.stdout)?;
    ensure!(named.is_absolute(), unexpected("config --system --edit"));
    Ok(named)
}

/// The value and the origin in what `git config -z --show-origin --get` prints.
fn with_origin(output: Vec<u8>) -> Option<(String, String)> {
    let mut fields = output
        .split_str("\0")
        .map(|field| field.to_str_lossy().into_owned());
    let origin = fields.next()?;
    Some((fields.next()?, origin))
}

/// The hooks in what `git hook list -z --show-scope` prints, each with the setting that keeps git
/// from running it.
fn named_hooks(listed: &[u8], event: &str) -> Vec<(String, Option<String>)> {
    // The hook of the hooks directory has no scope before its name.
    let entries = listed.split_str("\0");
    let named = entries.filter_map(|entry| Some(entry.split_once_str("\t")?.1));
    named
        .map(|rest| {
            let rest = rest.to_str_lossy();
            if let Some(name) = rest.strip_prefix("disabled\t") {
                (name.to_owned(), Some(format!("hook.{name}.enabled")))
            } else if let Some(name) = rest.strip_prefix("event-disabled\t") {
                (name.to_owned(), Some(format!("hook.{event}.enabled")))
            } else {
                (rest.into_owned(), None)
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hooks_are_listed_with_what_turns_them_off() {
        let listed = b"global\tlint\0local\tdisabled\tslow one\0local\tevent-disabled\tx\0hook from hookdir\0";
        let off = |setting: &str| Some(setting.to_owned());
        assert_eq!(
            named_hooks(listed, "pre-commit"),
            [
                ("lint".to_owned(), None),
                ("slow one".to_owned(), off("hook.slow one.enabled")),
                ("x".to_owned(), off("hook.pre-commit.enabled")),
            ]
        );
    }
}
