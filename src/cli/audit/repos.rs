//! Many repositories: which there are, and which of them are the share of this machine.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context, Result, ensure};

use crate::cli::{Misuse, input, voice};
use crate::git::Repo;
use crate::shell::shown_path;
use crate::words::echo;

/// A bound: directories below one another in which repositories are looked for.
const DEEPEST: usize = 16;

/// A bound: as many machines as anybody has.
const MOST_SHARES: usize = 100_000;

/// A repository that is listed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::cli) struct Listed {
    place: PathBuf,
    /// How large it is, in whatever unit, if the list says so.
    size: Option<u64>,
}

/// The share of one machine: `2/8` is the second of eight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) struct Shard {
    pub(super) number: usize,
    pub(super) of: usize,
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/');
        let parsed = parts.and_then(|(number, of)| {
            let (number, of) = (number.parse().ok()?, of.parse().ok()?);
            (1 <= number && number <= of && of <= MOST_SHARES).then_some(Self { number, of })
        });
        parsed.ok_or_else(|| "the first of eight is 1/8, and the last 8/8".to_owned())
    }
}

impl Shard {
    /// All of it.
    pub(in crate::cli) const WHOLE: Self = Self { number: 1, of: 1 };

    /// Its share of what is listed, in the order of the names. It depends on nothing but the list: the
    /// largest go first, each to whoever has the least. One of unknown size is taken for an average one.
    pub(in crate::cli) fn share(self, mut listed: Vec<Listed>) -> Vec<PathBuf> {
        listed.sort();
        listed.dedup_by(|one, other| one.place == other.place);
        let known: Vec<u64> = listed.iter().filter_map(|it| it.size).collect();
        let whole: u128 = known.iter().map(|&size| u128::from(size)).sum();
        let average = (whole / (known.len().max(1) as u128)).max(1);
        let size = |it: &Listed| it.size.map_or(average, |size| u128::from(size).max(1));
        let mut order: Vec<usize> = (0..listed.len()).collect();
        order.sort_by_key(|&at| (Reverse(size(&listed[at])), at));
        let mut loads: BinaryHeap<Reverse<(u128, usize)>> =
            (1..=self.of).map(|number| Reverse((0, number))).collect();
        let mut own = Vec::new();
        for at in order {
            if let Some(Reverse((load, number))) = loads.pop() {
                loads.push(Reverse((load + size(&listed[at]), number)));
                own.extend((number == self.number).then_some(at));
            }
        }
        own.sort_unstable();
        own.into_iter().map(|at| listed[at].place.clone()).collect()
    }
}

/// The repositories that a file lists, one a line, or that lie below a directory; `-` is standard input.
///
/// # Errors
/// When the list can't be read, or there is none.
pub(in crate::cli) fn listed(by: &Path) -> Result<Vec<Listed>> {
    let found = if by == Path::new("-") {
        let text = input::handed(u64::MAX)?;
        lines(std::str::from_utf8(&text).context("cannot read the list")?)
    } else if by.is_dir() {
        below(by)
    } else {
        let name = by.to_string_lossy();
        let it = echo::said_or(&name, "the list of repositories");
        if by.symlink_metadata().is_err() {
            let told = format!(
                "there is no {it}: name a directory with repositories, or a file that lists some"
            );
            return Err(Misuse(told).into());
        }
        lines(&fs::read_to_string(by).with_context(|| format!("cannot read {it}"))?)
    };
    if found.is_empty() {
        let told =
            "there are no repositories: give a directory with some, or a file that lists them";
        return Err(Misuse(told.to_owned()).into());
    }
    Ok(found)
}

/// What a repository is called in a report.
pub(in crate::cli) fn name_of(place: &Path) -> String {
    voice::fit_for_programs(&shown_path(place))
}

/// `PATH`, or `PATH<tab>SIZE`. Blank lines and those of a `#` say nothing.
fn lines(text: &str) -> Vec<Listed> {
    let lines = text.lines().map(|line| line.trim_end_matches('\r'));
    let lines = lines.filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let (place, size) = match line.rsplit_once('\t') {
                Some((place, size)) if size.parse::<u64>().is_ok() => (place, size.parse().ok()),
                _ => (line, None),
            };
            let place = Path::new(place);
            let around = place.parent().filter(|_| place.ends_with(".git"));
            Listed {
                place: around.unwrap_or(place).to_owned(),
                size,
            }
        })
        .collect()
}

/// The repositories below a directory. One that can't be read is listed, so that it is told as failed.
fn below(top: &Path) -> Vec<Listed> {
    let mut found = Vec::new();
    let mut waiting = vec![(top.to_owned(), 0)];
    while let Some((directory, depth)) = waiting.pop() {
        let entries = fs::read_dir(&directory);
        let entries = entries.and_then(|entries| entries.collect::<io::Result<Vec<_>>>());
        match entries {
            Ok(entries) if !is_repository(&directory) => {
                let is_dir = |entry: &fs::DirEntry| entry.file_type().is_ok_and(|it| it.is_dir());
                let directories = entries.iter().filter(|it| depth < DEEPEST && is_dir(it));
                waiting.extend(directories.map(|it| (it.path(), depth + 1)));
            }
            _ => found.push(Listed {
                place: directory,
                size: None,
            }),
        }
    }
    found
}

fn is_repository(directory: &Path) -> bool {
    let is_bare = || {
        let has = |name: &str| directory.join(name).is_dir();
        directory.join("HEAD").is_file() && has("objects") && has("refs")
    };
    directory.join(".git").exists() || is_bare()
}

/// Opens the repository that a directory lies in.
///
/// # Errors
/// When it lies in none, or is a file.
pub(super) fn opened(place: &Path) -> Result<Repo> {
    if place.is_file() {
        let it = echo::said_or(&place.to_string_lossy(), "that");
        let told = format!(
            "{it} is a file, not a repository; to look into it: keyward scan FILE; where it is a list of repositories: \
             keyward audit --repos FILE"
        );
        return Err(Misuse(told).into());
    }
    Repo::open(place, None)
}

/// Opens the repository at a place, and not one around it.
///
/// # Errors
/// When there is none.
pub(super) fn open(place: &Path) -> Result<Repo> {
    let whole = place.canonicalize().context("it can't be found")?;
    let repo = opened(place)?;
    let own = match repo.worktree() {
        Ok(top) => top.canonicalize()?,
        Err(_) => {
            let directory = repo.common_dir()?.canonicalize()?;
            match directory.parent() {
                Some(around) if directory.ends_with(".git") && whole != directory => {
                    around.to_owned()
                }
                _ => directory,
            }
        }
    };
    ensure!(own == whole, "it is no repository");
    Ok(repo)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares(listed: &[Listed], of: usize) -> Vec<Vec<PathBuf>> {
        let shard = |number| Shard { number, of };
        (1..=of)
            .map(|number| shard(number).share(listed.to_vec()))
            .collect()
    }

    #[test]
    fn a_share_is_one_of_so_many() {
        for (text, expected) in [
            ("1/1", Some((1, 1))),
            ("8/8", Some((8, 8))),
            ("0/8", None),
            ("9/8", None),
            ("1/0", None),
            ("1", None),
            ("a/8", None),
            ("1/999999999", None),
            ("-1/8", None),
        ] {
            let expected = expected.map(|(number, of)| Shard { number, of });
            assert_eq!(text.parse().ok(), expected, "{text}");
        }
    }

    #[test]
    fn all_shares_are_all_that_is_listed_each_once() {
        let text: String = (0..200).map(|number| format!("r/{number}\n")).collect();
        let mut all = lines(&text);
        for of in [1, 3, 8, 300] {
            let found = shares(&all, of);
            let most = found.iter().map(Vec::len).max().unwrap();
            let least = found.iter().map(Vec::len).min().unwrap();
            assert!(most - least <= 1, "{of}");
            let mut whole: Vec<PathBuf> = found.concat();
            whole.sort();
            assert_eq!(whole, shares(&all, 1)[0], "{of}");
            // The order of the list is nothing.
            all.reverse();
            assert_eq!(shares(&all, of), found, "{of}");
        }
    }

    #[test]
    fn the_largest_are_shared_evenly() {
        let all = lines("a\t100\nb\t60\nc\t50\nd\t1\ne\n# f\n\n g/.git\nh/.git\t7\na\t100\n");
        let found = shares(&all, 2);
        let names = |names: &[&str]| names.iter().map(PathBuf::from).collect::<Vec<_>>();
        let expected = [names(&[" g", "a", "d", "h"]), names(&["b", "c", "e"])];
        assert_eq!(found, expected);
    }
}
