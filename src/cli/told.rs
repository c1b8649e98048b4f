//! Writes down what is told, so that `keyward allow ID` finds it again.

use crate::allow;
use crate::allow::Date;
use crate::finding::Finding;
use crate::git::Repo;
use crate::ledger::Ledger;
use crate::shell::shown;
use crate::verdict::{Remark, Verdict};

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

/// When another key took the place of the one that was found.
pub(super) fn rotated_on(ledger: &Ledger, finding: &Finding) -> Option<Date> {
    let secret = finding.secret.as_ref()?;
    let known = ledger.of(&secret.remembered_as(ledger))?;
    known.rotated.map(Date::from_days)
}

/// Says of keys that were found whether another took their place, and when. Without what is remembered of keys, nothing
/// is said.
pub(super) fn rotated(verdict: &mut Verdict) {
    if verdict.blocking.is_empty() {
        return;
    }
    let Ok(Some(ledger)) = Ledger::look() else {
        return;
    };
    let remarks = verdict.blocking.iter().filter_map(|finding| {
        let date = rotated_on(&ledger, finding)?;
        Some(Remark {
            kind: "rotated",
            path: finding.path.clone(),
            message: format!(
                "{} holds a key that was rotated on {}: if it is revoked since, it opens nothing more",
                shown(&finding.path),
                date
            ),
        })
    });
    let mut remarks: Vec<Remark> = remarks.collect();
    remarks.dedup();
    verdict.remarks.extend(remarks);
}
