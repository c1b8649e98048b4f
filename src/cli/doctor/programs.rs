//! The programs of the machine: the keyward that the hooks call, and every git.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::doctor::{self, Called, Check};
use crate::git;

/// One line for each program that the hooks call.
pub(super) fn called(programs: Vec<PathBuf>) -> Vec<Check> {
    let on_path = git::first_of("keyward", &env::var_os("PATH").unwrap_or_default());
    let check = |path: PathBuf| {
        let called = Called {
            answer: version_of(&path),
            path,
            on_path: on_path.clone(),
            gui_sees_it: gui_sees("keyward"),
        };
        doctor::program(&called, env!("CARGO_PKG_VERSION"))
    };
    programs.into_iter().map(check).collect()
}

/// Every git of this machine.
pub(super) fn gits() -> Check {
    doctor::gits(&git::programs(), gui_sees("git"))
}

/// Whether a program that was not started from a shell finds that name on its PATH.
fn gui_sees(name: &str) -> bool {
    doctor::gui_path().is_none_or(|path| git::first_of(name, OsStr::new(path)).is_some())
}

/// What a program answers to `--version`; `None` if it can't be run or is empty: a shell runs an
/// empty file as a script that succeeds.
fn version_of(program: &Path) -> Option<String> {
    let is_empty = program.metadata().is_ok_and(|metadata| metadata.len() == 0);
    let output = Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .output()
        .ok()
        .filter(|_| !is_empty)?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}
