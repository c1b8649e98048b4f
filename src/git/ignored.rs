//! Whether a fresh clone would keep a path from being added: by the staged `.gitignore` files, or by
//! the files of this machine.

use std::collections::HashMap;
use std::env;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Result;
use bstr::{BStr, BString, ByteSlice};

use super::id::Mode;
use super::ignore::{Ignores, Patterns, Source, ignored_by};
use super::pool::lock;
use super::read::libgit2::Libgit2;
use super::read::plumbing::Plumbing;
use super::repo::Repo;
use crate::change::Ignored;
use crate::disk;
use crate::shell::shown_path;

const FILE_NAME: &str = ".gitignore";

impl Repo {
    /// Whether a fresh clone would ignore a path, by the `.gitignore` files as they are staged.
    ///
    /// # Errors
    /// When they can't be read.
    pub fn ignored(&self, path: &BStr) -> Result<Ignored> {
        let known = lock(&self.ignores).clone();
        let ignores = match known {
            Some(ignores) => ignores,
            None => {
                let ignores = Arc::new(Ignores::new(self.ignores_case()?));
                *lock(&self.ignores) = Some(Arc::clone(&ignores));
                ignores
            }
        };
        ignores.check(self, path)
    }

    fn ignores_case(&self) -> Result<bool> {
        self.ask(Libgit2::ignores_case, Plumbing::ignores_case)
    }
}

impl Ignores {
    fn check(&self, repo: &Repo, path: &BStr) -> Result<Ignored> {
        let tracked = self.tracked_above(repo, path)?;
        if ignored_by(path, self.case, &tracked, &[]).is_some() {
            return Ok(Ignored::ByRepository);
        }
        let personal = match self.personal.get() {
            Some(personal) => personal,
            None => {
                let personal = read_personal(repo)?;
                self.personal.get_or_init(|| personal)
            }
        };
        Ok(match ignored_by(path, self.case, &tracked, personal) {
            Some(Source::Personal(name)) => Ignored::ByThisMachine(name.to_owned()),
            Some(Source::Tracked) => Ignored::ByRepository,
            None => Ignored::No,
        })
    }

    /// The patterns of every directory above `path`, the top first, each with the length of the
    /// directory's path including its slash.
    fn tracked_above(&self, repo: &Repo, path: &BStr) -> Result<Vec<(usize, Arc<Patterns>)>> {
        let bases: Vec<usize> = std::iter::once(0)
            .chain(path.find_iter("/").map(|slash| slash + 1))
            .collect();
        let mut known = lock(&self.tracked);
        let unknown: Vec<BString> = bases
            .iter()
            .map(|&base| path[..base].as_bstr())
            .filter(|&directory| !known.contains_key(directory))
            .map(|directory| BString::from([directory.as_bytes(), FILE_NAME.as_bytes()].concat()))
            .collect();
        if !unknown.is_empty() {
            let files: Vec<&BStr> = unknown.iter().map(|file| file.as_bstr()).collect();
            let found: HashMap<BString, _> = repo.indexed_entries(&files)?.into_iter().collect();
            for file in unknown {
                let patterns = match found.get(&file) {
                    // git doesn't follow a link here either.
                    Some(entry) if entry.mode == Mode::File => {
                        Patterns::parse(&repo.blob(entry.id)?)
                    }
                    _ => Patterns::default(),
                };
                let directory = &file[..file.len() - FILE_NAME.len()];
                known.insert(directory.into(), Arc::new(patterns));
            }
        }
        Ok(bases
            .into_iter()
            .filter_map(|base| Some((base, Arc::clone(known.get(path[..base].as_bstr())?))))
            .collect())
    }
}

fn read_personal(repo: &Repo) -> Result<Vec<(String, Patterns)>> {
    let common = repo.common_dir()?;
    let exclude = common.join("info").join("exclude");
    let is_usual = repo.worktree().is_ok_and(|top| top.join(".git") == common);
    let mut files = vec![(
        if is_usual {
            ".git/info/exclude".to_owned()
        } else {
            shown(&exclude)
        },
        exclude,
    )];
    if let Some(file) = excludes_file(repo)? {
        files.push((shown(&file), file));
    }
    // A file that can't be read is no help to anybody; git goes on without it too.
    Ok(files
        .into_iter()
        .filter_map(|(name, file)| Some((name, Patterns::parse(&disk::read_whole(&file).ok()?))))
        .collect())
}

/// The file of `core.excludesFile`, or the one that git takes where it isn't set.
fn excludes_file(repo: &Repo) -> Result<Option<PathBuf>> {
    if let Some(file) = repo.plumbing.excludes_file()? {
        return Ok(Some(repo.top().join(file)));
    }
    let config = match env::var_os("XDG_CONFIG_HOME").filter(|dir| !dir.is_empty()) {
        Some(dir) => Some(PathBuf::from(dir)),
        None => env::home_dir().map(|home| home.join(".config")),
    };
    Ok(config.map(|config| config.join("git").join("ignore")))
}

/// A path as a person writes it, with `~` for the home directory.
fn shown(path: &Path) -> String {
    let relative =
        env::home_dir().and_then(|home| path.strip_prefix(home).ok().map(Path::to_owned));
    match relative {
        Some(relative) => shown_path(&Path::new("~").join(relative)),
        None => shown_path(path),
    }
}
