//! The git programs of this machine: which is run, and which others a GUI may bring or find.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::read::command::version_of;

/// Where gits are that a GUI client or another shell runs and that may not be on PATH, below the
/// root or, for the relative ones, the home directory.
const USUAL: &[&str] = &[
    "/usr/local/bin",
    "/usr/bin",
    "/opt/homebrew/bin",
    "/opt/local/bin",
    "/home/linuxbrew/.linuxbrew/bin",
    "/run/current-system/sw/bin",
    "/Library/Developer/CommandLineTools/usr/bin",
    "/Applications/Xcode.app/Contents/Developer/usr/bin",
    "/Applications/GitHub Desktop.app/Contents/Resources/app/git/bin",
    "/Applications/Fork.app/Contents/Resources/git-instance/git/bin",
    "/Applications/Sourcetree.app/Contents/Resources/git_local/bin",
    "/usr/lib/github-desktop/resources/app/git/bin",
    "C:/Program Files/Git/cmd",
    "AppData/Local/Programs/Git/cmd",
    "AppData/Local/Fork/gitInstance/cmd",
];

/// A git program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GitProgram {
    /// Where it was found.
    pub path: PathBuf,
    /// Its version; `None` if it does not tell one.
    pub version: Option<(u32, u32, u32)>,
}

/// Every git on PATH, in its order, so that the first is the one that is run, and those in the
/// usual places. Two names of one program count once.
pub(crate) fn programs() -> Vec<GitProgram> {
    let search = env::var_os("PATH").unwrap_or_default();
    let home = env::home_dir().unwrap_or_default();
    let usual = USUAL.iter().map(|place| home.join(place));
    let mut seen = Vec::new();
    let mut found = Vec::new();
    for directory in env::split_paths(&search).chain(usual) {
        let path = directory.join(file_name("git"));
        if !path.is_absolute() || !is_executable(&path) {
            continue;
        }
        let real = fs::canonicalize(&path).unwrap_or_else(|_| path.clone());
        if seen.contains(&real) {
            continue;
        }
        seen.push(real);
        let version = version_of(&path).ok();
        found.push(GitProgram { path, version });
    }
    found
}

/// The first program of that name in the directories of `search`, a list as PATH holds it.
pub(crate) fn first_of(name: &str, search: &OsStr) -> Option<PathBuf> {
    env::split_paths(search)
        .map(|directory| directory.join(file_name(name)))
        .find(|path| is_executable(path))
}

/// The git that is run.
pub(super) fn first_git() -> io::Result<PathBuf> {
    first_of("git", &env::var_os("PATH").unwrap_or_default())
        .ok_or_else(|| io::ErrorKind::NotFound.into())
}

fn file_name(program: &str) -> String {
    format!("{program}{}", env::consts::EXE_SUFFIX)
}

/// Whether the path leads to a file that its owner may run.
#[cfg(unix)]
pub(super) fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;

    fs::metadata(path)
        .is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

/// Whether the path leads to a file.
#[cfg(not(unix))]
pub(super) fn is_executable(path: &Path) -> bool {
    path.is_file()
}
