//! Installing for every repository of a user, or of every user of a machine.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use directories::ProjectDirs;

use super::{Which, program};
use crate::cli::{Exit, Misuse, voice};
use crate::git::{ConfigScope, Repo};
use crate::hook::{self, Machine, Refused, Taken, Unsafe};
use crate::shell::quoted_path;

/// Every repository of the user, or of every user.
pub(super) fn install(scope: ConfigScope, which: &Which) -> Result<Exit> {
    let kinds = which.kinds_outside()?;
    let (machine, program) = (machine(scope)?, program()?);
    let way = machine
        .install(&kinds, &program)
        .map_err(|error| as_told(error, "install", scope))?;
    let told = hook::tell_installed_globally(&kinds, &machine, way);
    writeln!(voice::out(), "{told}")?;
    Ok(Exit::Clean)
}

/// An error of [`Machine`]'s, with the way out that this command has.
fn as_told(error: anyhow::Error, command: &str, scope: ConfigScope) -> anyhow::Error {
    if error.is::<Taken>() || error.is::<Unsafe>() {
        return Misuse(error.to_string()).into();
    }
    match (error.downcast_ref::<Refused>(), program()) {
        (Some(refused), Ok(program))
            if refused.is_denied() && scope == ConfigScope::System && cfg!(unix) =>
        {
            anyhow::anyhow!(
                "{}. Run it as root: sudo {} {command} --system",
                refused.tried(),
                quoted_path(&program)
            )
        }
        _ => error,
    }
}

/// Takes away what [`install`] did.
pub(super) fn uninstall(scope: ConfigScope) -> Result<Exit> {
    let uninstalled = machine(scope)?.uninstall();
    let told = match uninstalled.map_err(|error| as_told(error, "uninstall", scope))? {
        true => "keyward no longer checks every repository; git's config is as it was",
        false => "keyward was not installed for every repository: nothing to do",
    };
    writeln!(voice::out(), "{told}")?;
    Ok(Exit::Clean)
}

/// Whether it is the directory of the scripts that serve every repository, of the user or of all.
pub(in crate::cli) fn serves_all(hooks_dir: &Path) -> bool {
    [ConfigScope::Global, ConfigScope::System]
        .into_iter()
        .any(|scope| hooks_for(scope).is_ok_and(|hooks| hooks == hooks_dir))
}

/// The directory of the scripts that serve every repository of that scope. Those for every user are
/// beside git's own config for them, where the same hands keep both.
fn hooks_for(scope: ConfigScope) -> Result<PathBuf> {
    match scope {
        ConfigScope::Global => ProjectDirs::from("", "", "keyward")
            .map(|dirs| dirs.data_dir().join("hooks"))
            .context("HOME is not set; set it and run this again"),
        ConfigScope::System => {
            let config = Repo::config_file(scope)?;
            Ok(config.with_file_name("keyward").join("hooks"))
        }
    }
}

fn machine(scope: ConfigScope) -> Result<Machine> {
    Ok(Machine {
        scope,
        config: Repo::config_file(scope)?,
        hooks: hooks_for(scope)?,
        git: Repo::version()?,
        hooks_path: Repo::hooks_path_in(scope)?.filter(|(value, _)| !serves_all(Path::new(value))),
    })
}
