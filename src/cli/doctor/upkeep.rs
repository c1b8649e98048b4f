//! What wears out with time: allow entries, and files that nothing keeps out of a commit.

use std::io::Write;

use anyhow::Result;
use bstr::BString;

use crate::allow::{self, AllowList};
use crate::change::Change;
use crate::cli::allow::edit;
use crate::cli::leave::{Leave, TELL};
use crate::cli::session::Session;
use crate::cli::{Exit, voice};
use crate::confidence::Confidence;
use crate::detect::Detector;
use crate::doctor::{self, Check, Worn};
use crate::finding::Finding;
use crate::git::Repo;
use crate::scan;
use crate::scan::name::masked;

/// The checks of what wears out.
pub(super) fn checks(repo: &Repo, session: &Session) -> Result<Vec<Check>> {
    let mut checks = Vec::new();
    if session.allowed.entries().next().is_some() {
        checks.extend(Worn::of(&session.allowed, &all_findings(repo, session)?).checks());
    }
    let loose = guarded(repo.unignored_files()?, session)?;
    let tracked = guarded(repo.tracked_files()?, session)?;
    // Of those that git tracks, nothing has to be ignored first.
    match doctor::tracked(&tracked) {
        Some(check) if loose.is_empty() => checks.push(check),
        Some(check) => checks.extend([check, doctor::unignored(&loose)]),
        None => checks.push(doctor::unignored(&loose)),
    }
    Ok(checks)
}

/// All that the tracked files hold, allowed or not.
fn all_findings(repo: &Repo, session: &Session) -> Result<Vec<Finding>> {
    let verdict = session.look_with(
        repo.tracked_files()?,
        &AllowList::default(),
        Confidence::Possible,
    );
    let allowed = verdict.allowed.into_iter().map(|allowed| allowed.finding);
    Ok(verdict
        .blocking
        .into_iter()
        .chain(verdict.warnings)
        .chain(allowed)
        .collect())
}

/// Of some files, those that the guard would refuse, without the keys in their names.
fn guarded<'r>(
    files: impl Iterator<Item = Result<Change<'r>>>,
    session: &Session,
) -> Result<Vec<BString>> {
    let Some(guards) = &session.guards else {
        return Ok(Vec::new());
    };
    let detector = Detector::new(&session.rules);
    let mut paths = Vec::new();
    for change in files {
        let change = change?;
        if !session.config.exclude().covers(change.path())
            && scan::guarded(&change, guards, &detector)?.is_some()
        {
            paths.push(masked(&detector, &change.path).into_owned().into());
        }
    }
    Ok(paths)
}

/// Removes the allow entries that are of no more use.
pub(super) fn prune(repo: &Repo) -> Result<Exit> {
    let leave = Leave::or_refused(repo, TELL)?;
    let session = Session::load(Some(repo))?;
    let worn = Worn::of(&session.allowed, &all_findings(repo, &session)?);
    let mut out = voice::out();
    let count = worn.expired.len() + worn.unused.len();
    if count == 0 {
        writeln!(
            out,
            "every entry in {} is in use: nothing to do",
            allow::FILE_NAME
        )?;
        return Ok(Exit::Clean);
    }
    let written = edit(repo, &leave, |list| {
        list.retain(|entry| !worn.has(entry));
        Ok(())
    })?;
    writeln!(
        out,
        "removed {count} of {} entries; {written}: commit it",
        worn.total
    )?;
    Ok(Exit::Clean)
}
