//! Writes down what is told, so that `keyward allow ID` finds it again.

use crate::allow;
use crate::git::Repo;
use crate::verdict::Verdict;

/// Writes down the findings that stop something, in the git directory of a repository with
/// a working tree. Where that can't be written, `keyward allow` looks for them.
pub(super) fn note(repo: Option<&Repo>, verdict: &Verdict) {
    let blocking = &verdict.blocking;
    if let Some(repo) = repo
        && !blocking.is_empty()
        && repo.worktree().is_ok()
    {
        let _ = allow::told::note(repo.git_dir(), blocking);
    }
}
