//! Where a hook goes, from what git says about the repository.

use std::fmt;
use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::shell::{quoted_path, shown_path};

/// What git says about where a repository's hooks are. All paths are absolute.
#[derive(Clone, Copy, Debug)]
pub struct Site<'a> {
    /// What `git rev-parse --git-path hooks` says: it answers for linked worktrees, submodules and
    /// `core.hooksPath`.
    pub hooks_dir: &'a Path,
    /// `core.hooksPath`, if set.
    pub hooks_path: Option<HooksPath<'a>>,
    /// The top of the current working tree; a bare repository has none.
    pub worktree: Option<&'a Path>,
    /// The repository itself: `git rev-parse --git-common-dir`.
    pub git_dir: &'a Path,
    /// The user's home directory. husky's files are shared, so they name a program in it as
    /// `$HOME/...`.
    pub home: Option<&'a Path>,
}

/// The setting `core.hooksPath`.
#[derive(Clone, Copy, Debug)]
pub struct HooksPath<'a> {
    /// As it is written.
    pub value: &'a str,
    /// Where it is written, as the reader knows it: a file, or the command line.
    pub origin: &'a str,
}

/// Where hooks go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A hooks directory, of which git runs the files.
    Directory {
        /// The directory; it need not exist.
        dir: PathBuf,
        /// It is part of the working tree, so what is in it is probably tracked.
        in_worktree: bool,
    },
    /// The directory above husky's own. git runs `_/pre-commit`, which `npm install` writes anew
    /// and which runs the team's `pre-commit`: that is where keyward goes.
    Husky {
        /// Usually `.husky`.
        dir: PathBuf,
        /// See [`Site::home`].
        home: Option<PathBuf>,
    },
}

/// Why a hook is not installed without being asked: git looks for it outside the repository.
/// `Display` tells the user what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elsewhere {
    dir: PathBuf,
    why: Why,
    default_dir: PathBuf,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Why {
    /// `core.hooksPath` names it.
    Setting { value: String, origin: String },
    /// The hooks directory is a symbolic link to it.
    Link,
    /// `core.hooksPath` names no directory, which turns all hooks off.
    Off { value: String, origin: String },
}

/// Where the hooks of a repository go.
///
/// # Errors
/// When that is outside the repository, where other repositories may share them, or nowhere.
pub fn place(site: &Site<'_>) -> Result<Place, Elsewhere> {
    let elsewhere = |why| Elsewhere {
        dir: site.hooks_dir.to_owned(),
        why,
        default_dir: site.git_dir.join("hooks"),
    };
    if let Some(HooksPath { value, origin }) = site.hooks_path
        && (value.is_empty() || is_no_directory(site.hooks_dir))
    {
        let (value, origin) = (value.to_owned(), origin.to_owned());
        return Err(elsewhere(Why::Off { value, origin }));
    }

    let dir = resolve(site.hooks_dir);
    let is_in = |top: &Path| {
        // A `..` is left only behind a directory that doesn't exist: it leads anywhere.
        dir.starts_with(resolve(top)) && !dir.components().any(|c| c == Component::ParentDir)
    };
    let in_git_dir = is_in(site.git_dir);
    let in_worktree = !in_git_dir && site.worktree.is_some_and(is_in);
    if !in_git_dir && !in_worktree {
        return Err(elsewhere(match site.hooks_path {
            Some(HooksPath { value, origin }) => Why::Setting {
                value: value.to_owned(),
                origin: origin.to_owned(),
            },
            None => Why::Link,
        }));
    }
    if in_worktree
        && site.hooks_path.is_some()
        && let Some(dir) = husky_dir(site.hooks_dir)
    {
        return Ok(Place::Husky {
            dir: dir.to_owned(),
            home: site.home.map(Path::to_owned),
        });
    }
    Ok(Place::Directory {
        dir: site.hooks_dir.to_owned(),
        in_worktree,
    })
}

impl Elsewhere {
    /// The place all the same, for a user who asked for it. `None` where no hook can be.
    pub fn accept(self) -> Option<Place> {
        match self.why {
            Why::Setting { .. } | Why::Link => Some(Place::Directory {
                dir: self.dir,
                in_worktree: false,
            }),
            Why::Off { .. } => None,
        }
    }
}

impl fmt::Display for Elsewhere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dir = shown_path(&self.dir);
        match &self.why {
            Why::Setting { value, origin } => write!(
                f,
                "git runs this repository's hooks from {dir}, outside the repository, and others may \
                 share them; nothing was written (core.hooksPath = {}, in {})\n  \
                 to install there, for all of them:  keyward install --shared\n  \
                 to install here, without the hooks there:  \
                 git config core.hooksPath {} && keyward install",
                shown_path(Path::new(value)),
                shown_path(Path::new(origin)),
                quoted_path(&self.default_dir),
            ),
            Why::Link => write!(
                f,
                "{dir} is a symbolic link to {}, outside the repository, and others may share it; \
                 nothing was written\n  \
                 to install there, for all of them:  keyward install --shared\n  \
                 to install here, without the hooks there:  rm {} && keyward install",
                shown_path(&resolve(&self.dir)),
                quoted_path(&self.dir),
            ),
            Why::Off { value, origin } => write!(
                f,
                "core.hooksPath = \"{}\", in {}, turns all hooks off; nothing was written\n  \
                 to turn them on here:  git config core.hooksPath {} && keyward install",
                shown_path(Path::new(value)),
                shown_path(Path::new(origin)),
                quoted_path(&self.default_dir),
            ),
        }
    }
}

impl std::error::Error for Elsewhere {}

/// Whether something stands at the path that can't hold hooks: `/dev/null`, usually.
fn is_no_directory(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| !metadata.is_dir())
}

/// The directory above husky's own, if `hooks_dir` is husky's. In a fresh worktree husky's own
/// doesn't exist yet.
fn husky_dir(hooks_dir: &Path) -> Option<&Path> {
    let is_husky = hooks_dir.file_name()? == "_"
        && (hooks_dir.join("h").is_file() || !hooks_dir.try_exists().unwrap_or(true));
    is_husky.then(|| hooks_dir.parent()).flatten()
}

/// The path without symbolic links, as far as it exists.
fn resolve(path: &Path) -> PathBuf {
    let mut missing = Vec::new();
    let mut there = path;
    loop {
        if let Ok(real) = fs::canonicalize(there) {
            return missing
                .iter()
                .rev()
                .fold(real, |path, name| path.join(name));
        }
        let (Some(name), Some(parent)) = (there.file_name(), there.parent()) else {
            return path.to_owned();
        };
        missing.push(name);
        there = parent;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPO: &str = "/no-such-place/repo";

    fn at(hooks_dir: &str, hooks_path: Option<&str>) -> Result<Place, Elsewhere> {
        place(&Site {
            hooks_dir: Path::new(hooks_dir),
            hooks_path: hooks_path.map(|value| HooksPath {
                value,
                origin: "/home/ann/.gitconfig",
            }),
            worktree: Some(Path::new(REPO)),
            git_dir: Path::new("/no-such-place/repo/.git"),
            home: None,
        })
    }

    fn directory(dir: &str, in_worktree: bool) -> Result<Place, Elsewhere> {
        let dir = PathBuf::from(dir);
        Ok(Place::Directory { dir, in_worktree })
    }

    #[test]
    fn the_repositorys_own_directory() {
        let hooks = "/no-such-place/repo/.git/hooks";
        assert_eq!(at(hooks, None), directory(hooks, false));
        assert_eq!(at(hooks, Some(hooks)), directory(hooks, false));
    }

    #[test]
    fn a_directory_of_the_working_tree() {
        let hooks = "/no-such-place/repo/.githooks";
        assert_eq!(at(hooks, Some(".githooks")), directory(hooks, true));
    }

    #[test]
    fn husky() {
        assert_eq!(
            at("/no-such-place/repo/web/.husky/_", Some("web/.husky/_")),
            Ok(Place::Husky {
                dir: PathBuf::from("/no-such-place/repo/web/.husky"),
                home: None,
            })
        );
        let older = "/no-such-place/repo/.husky";
        assert_eq!(at(older, Some(".husky")), directory(older, true));
    }

    #[test]
    fn a_directory_outside_is_not_written_without_being_asked() {
        let elsewhere = at("/no-such-place/corp", Some("/no-such-place/corp")).unwrap_err();
        assert_eq!(
            elsewhere.to_string(),
            "git runs this repository's hooks from /no-such-place/corp, outside the repository, and \
             others may share them; nothing was written (core.hooksPath = /no-such-place/corp, in \
             /home/ann/.gitconfig)\n  \
             to install there, for all of them:  keyward install --shared\n  \
             to install here, without the hooks there:  git config core.hooksPath \
             /no-such-place/repo/.git/hooks && keyward install"
        );
        assert_eq!(
            elsewhere.accept(),
            directory("/no-such-place/corp", false).ok()
        );
    }

    #[test]
    fn a_sibling_with_the_same_beginning_is_outside() {
        assert!(at("/no-such-place/repo2/hooks", Some("../repo2/hooks")).is_err());
        assert!(at("/no-such-place/repo2/_", Some("../repo2/_")).is_err());
        assert!(at("/no-such-place/repo/../hooks", Some("../hooks")).is_err());
    }

    #[test]
    fn hooks_turned_off() {
        let off = at("/", Some("")).unwrap_err();
        assert_eq!(
            off.to_string(),
            "core.hooksPath = \"\", in /home/ann/.gitconfig, turns all hooks off; nothing was \
             written\n  to turn them on here:  git config core.hooksPath \
             /no-such-place/repo/.git/hooks && keyward install"
        );
        assert_eq!(off.accept(), None);
    }
}
