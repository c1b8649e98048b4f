//! Installing in a template, from which git makes repositories.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::{Which, program, tell};
use crate::cli::{Exit, Misuse, voice};
use crate::hook::{self, Place};
use crate::shell::{quoted_path, shown_path};

/// The hooks of repositories that are yet to be made: git copies them from the template.
pub(super) fn install(template: &Path, which: &Which) -> Result<Exit> {
    let template = directory(template)?;
    let (place, program) = (hooks_of(&template), program()?);
    for kind in which.kinds_outside()? {
        hook::install(&place, kind, &program)?;
    }
    let mut out = voice::out();
    writeln!(
        out,
        "keyward's hooks are in {}: a repository that git makes from it has them",
        shown_path(&template.join("hooks"))
    )?;
    writeln!(
        out,
        "git makes repositories from it as soon as you say: git config --global init.templateDir {}",
        quoted_path(&template)
    )?;
    Ok(Exit::Clean)
}

/// Takes away what [`install`] did.
pub(super) fn uninstall(template: &Path, which: &Which) -> Result<Exit> {
    let place = hooks_of(&directory(template)?);
    let uninstalled = which
        .kinds_to_uninstall()
        .into_iter()
        .map(|kind| hook::uninstall(&place, kind))
        .collect::<Result<Vec<_>>>()?;
    tell(&uninstalled)
}

/// A template directory, which must be there: what keyward makes it takes away again.
fn directory(typed: &Path) -> Result<PathBuf> {
    if !typed.is_dir() {
        let told = format!("there is no directory {}: make it first", shown_path(typed));
        return Err(Misuse(told).into());
    }
    std::path::absolute(typed).context("cannot tell where the template is")
}

fn hooks_of(template: &Path) -> Place {
    Place::Directory {
        dir: template.join("hooks"),
        in_worktree: false,
    }
}
