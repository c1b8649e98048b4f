//! Changes the allow file of a working tree, one command at a time.

use std::fmt;

use anyhow::{Result, bail};
use bstr::BStr;

use crate::allow::{AllowList, FILE_NAME};
use crate::change::Ignored;
use crate::cli::leave::Leave;
use crate::cli::session;
use crate::disk::{self, Lock};
use crate::git::Repo;

/// Where git is told how to join files.
const ATTRIBUTES: &str = ".gitattributes";

/// Has git take the entries of both branches where it merges them: each stands for itself, and one that
/// comes twice counts once.
const UNION: &str = ".keyward.allow merge=union";

/// What was written, in words.
pub(crate) struct Written {
    with_attributes: bool,
}

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.with_attributes {
            true => write!(
                f,
                "{FILE_NAME} is written and staged, and {ATTRIBUTES}, by which git merges it"
            ),
            false => write!(f, "{FILE_NAME} is written and staged"),
        }
    }
}

/// Changes the list as it lies in the working tree, or else as it is staged, writes and stages it. Two
/// commands never do so at once, so that neither loses what the other wrote. Nobody does so without leave.
pub(crate) fn edit(
    repo: &Repo,
    _leave: &Leave,
    change: impl FnOnce(&mut AllowList) -> Result<()>,
) -> Result<Written> {
    let top = repo.worktree()?;
    let _lock = Lock::of(&repo.common_dir()?);
    repo.forget_index();
    let mut list = session::allow_list(repo)?;
    change(&mut list)?;
    list.write(&top.join(FILE_NAME), repo.git_dir())?;
    repo.stage_unfiltered(BStr::new(FILE_NAME))?;
    let with_attributes = merge_by_entry(repo)?;
    Ok(Written { with_attributes })
}

/// Writes and stages the line by which git merges the file, if nobody said yet how to, and if that
/// stages nothing else.
fn merge_by_entry(repo: &Repo) -> Result<bool> {
    /// A bound: no such file is longer.
    const MOST_BYTES: u64 = 16 << 20;
    let top = repo.worktree()?;
    if repo.has_attribute("merge", BStr::new(FILE_NAME))? {
        return Ok(false);
    }
    let content = match disk::read_inside(top, ATTRIBUTES, MOST_BYTES) {
        Ok(content) => content,
        // One that is a link, or no file, is left to whoever made it.
        Err(err) if err.raw_os_error().is_none() => return Ok(false),
        Err(err) => bail!(
            "{FILE_NAME} is written and staged, but {ATTRIBUTES}, by which git merges it, cannot be read: {err}. \
             Make it readable for you, and put this line into it: {UNION}"
        ),
    };
    if content != repo.indexed(BStr::new(ATTRIBUTES))? {
        return Ok(false);
    }
    let content = disk::with_line(content.unwrap_or_default(), UNION.as_bytes());
    disk::replace_from(repo.git_dir(), &top.join(ATTRIBUTES), &content)?;
    match repo.stage_unfiltered(BStr::new(ATTRIBUTES)) {
        Ok(()) => Ok(true),
        // It is of use here at least.
        Err(_) if repo.ignored(BStr::new(ATTRIBUTES))? != Ignored::No => Ok(false),
        Err(err) => bail!(
            "{FILE_NAME} is written and staged, but {ATTRIBUTES}, by which git merges it, is written and not staged: \
             {err:#}. To stage it: git add {ATTRIBUTES}"
        ),
    }
}
