//! `keyward hook KIND`: what the scripts in git's hooks directory call.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::path::Path;

use anyhow::{Context, Result};
use bstr::ByteSlice;

use super::kinds::HookName;
use super::session::{Channel, Session, conclude};
use super::{Exit, Misuse, voice};
use crate::config::Unchecked;
use crate::git::{REHEARSAL_VARIABLE, RefUpdate, Repo};
use crate::hook::{self, HookKind};
use crate::report::{Format, Occasion, Report};

/// Run as git's hook; called by the script that `keyward install` sets up
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Which hook git runs
    #[arg(value_name = "KIND")]
    kind: HookName,
    /// git's global config names it: nothing to do where the repository's own hook runs keyward
    #[arg(long, hide = true)]
    global: bool,
    /// What git passes to the hook
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    rest: Vec<OsString>,
}

pub(super) fn run(args: &Args) -> Result<Exit> {
    // git tells nobody what became of the commit.
    look(args).context(args.kind.0.outcome())
}

fn look(args: &Args) -> Result<Exit> {
    let repo = Repo::from_env()?;
    if args.global && hook::is_run_from(&repo.hooks_dir()?, args.kind.0) {
        return Ok(Exit::Clean);
    }
    match args.kind.0 {
        HookKind::PreCommit | HookKind::PreMergeCommit => staged(&repo),
        HookKind::PrepareCommitMsg => prepare_commit_msg(&repo, args),
        HookKind::CommitMsg => commit_msg(&repo, args),
        HookKind::PostCommit => post_commit(&repo),
        HookKind::PrePush => pre_push(&repo, args),
        HookKind::PreReceive => pre_receive(&repo),
    }
}

fn stop(report: impl Into<Report>, occasion: Occasion) -> Result<Exit> {
    conclude(&report.into(), Format::HUMAN, Channel::Hook(occasion))
}

fn staged(repo: &Repo) -> Result<Exit> {
    let session = Session::for_commit(repo, Vec::new())?;
    check_staged(repo, &session)
}

fn check_staged(repo: &Repo, session: &Session) -> Result<Exit> {
    let exit = stop(session.look_at_staged(repo)?, Occasion::Commit)?;
    let config = &session.config;
    let is_asked_for = config.unchecked() != Unchecked::Off || config.trailer();
    if exit == Exit::Clean && is_asked_for && is_real() {
        hook::note_checked(repo.git_dir(), &repo.staged_tree()?)?;
    }
    Ok(exit)
}

/// Of a commit that is never made, nothing is left behind.
fn is_real() -> bool {
    std::env::var_os(REHEARSAL_VARIABLE).is_none()
}

/// Checks what no hook has checked: `--no-verify` skips the others, and for what is picked or
/// reverted git runs none of them.
fn prepare_commit_msg(repo: &Repo, args: &Args) -> Result<Exit> {
    let session = Session::for_commit(repo, Vec::new())?;
    // git runs no commit-msg for what a rebase squashes, whose messages it puts together.
    if session.config.trailer()
        && is_real()
        && let (Some(file), Ok(tree)) = (args.rest.first(), repo.staged_tree())
    {
        repo.note_in_message(Path::new(file), &tree, None)?;
    }
    // A rebase that ended here would leave its user in the middle of it; post-commit tells of it.
    if session.config.unchecked() != Unchecked::Deny
        || is_rebase(repo)
        || hook::was_checked(repo.git_dir(), &repo.staged_tree()?)
    {
        return Ok(Exit::Clean);
    }
    check_staged(repo, &session)
}

fn is_rebase(repo: &Repo) -> bool {
    ["rebase-merge", "rebase-apply"]
        .iter()
        .any(|dir| repo.git_dir().join(dir).is_dir())
}

fn commit_msg(repo: &Repo, args: &Args) -> Result<Exit> {
    let file = args
        .rest
        .first()
        .ok_or_else(|| Misuse("commit-msg needs the file of the message".to_owned()))?;
    let session = Session::for_commit(repo, Vec::new())?;
    let message = repo.message(Path::new(file));
    let exit = stop(session.look(std::iter::once(message)), Occasion::Message)?;
    if exit == Exit::Clean && session.config.trailer() && is_real() {
        let tree = repo.staged_tree()?;
        let is_checked = hook::was_checked(repo.git_dir(), &tree);
        let by = is_checked.then_some(env!("CARGO_PKG_VERSION"));
        repo.note_in_message(Path::new(file), &tree, by)?;
    }
    Ok(exit)
}

/// Looks at a commit that was made without a check. It can stop nothing.
fn post_commit(repo: &Repo) -> Result<Exit> {
    let session = Session::for_commit(repo, Vec::new())?;
    if session.config.unchecked() == Unchecked::Off
        || hook::was_checked(repo.git_dir(), &repo.last_tree()?)
    {
        return Ok(Exit::Clean);
    }
    let verdict = session.look_beside(repo.last_commit()?, repo, || repo.base_of_last());
    let found = match verdict.held.is_empty() {
        true => "no secret",
        false => "no new secret",
    };
    let exit = stop(verdict, Occasion::Made)?;
    // What was picked, reverted or rebased had no check to skip.
    if exit == Exit::Clean && repo.last_deed()?.starts_with("commit") {
        writeln!(
            voice::err(),
            "keyward: this commit skipped the check (--no-verify); keyward looked at it now and \
             found {found}"
        )?;
    }
    Ok(exit)
}

fn pre_push(repo: &Repo, args: &Args) -> Result<Exit> {
    let mut updates = updates(RefUpdate::pushed)?;
    let mut remote = args
        .rest
        .first()
        .map(|name| name.to_string_lossy().into_owned());
    if updates.is_empty() && remote.is_none() {
        remote = variable("PRE_COMMIT_REMOTE_NAME");
        updates.extend(told_by_pre_commit(repo)?);
    }
    if updates.is_empty() {
        return Ok(Exit::Clean);
    }
    let session = Session::for_commit(repo, Vec::new())?;
    let remote = remote.unwrap_or_default();
    let pushed = repo.pushed(&updates, &remote)?;
    let base = || repo.base_of_pushed(&updates, &remote);
    stop(session.look_beside(pushed, repo, base), Occasion::Push)
}

/// What pre-commit and prek tell of a push: they read the refs themselves, and give the first by
/// variables. A branch that is pushed from its root on is only named.
fn told_by_pre_commit(repo: &Repo) -> Result<Option<RefUpdate>> {
    let tip = variable("PRE_COMMIT_TO_REF").or_else(|| variable("PRE_COMMIT_LOCAL_BRANCH"));
    let Some(tip) = tip else {
        return Ok(None);
    };
    let new = repo
        .commit_named(&tip)?
        .with_context(|| format!("the commit {tip:?}, which is to be pushed, is not here"))?;
    let old = match variable("PRE_COMMIT_FROM_REF") {
        Some(base) => repo.commit_named(&base)?,
        None => None,
    };
    Ok(Some(RefUpdate::of_commit(old, new, &tip)))
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn pre_receive(repo: &Repo) -> Result<Exit> {
    let updates = updates(RefUpdate::received)?;
    let session = Session::receiving(repo, &updates)?;
    let received = repo.received(&updates)?;
    let base = || repo.base_of_received(&updates);
    stop(session.look_beside(received, repo, base), Occasion::Receive)
}

/// The refs that git tells on standard input, one in each line.
fn updates(parse: fn(&[u8]) -> Option<RefUpdate>) -> Result<Vec<RefUpdate>> {
    let mut input = Vec::new();
    io::stdin()
        .lock()
        .read_to_end(&mut input)
        .context("cannot read which refs are pushed")?;
    ByteSlice::lines(&*input)
        .map(|line| parse(line).context("git named a ref in a form that keyward does not know"))
        .collect()
}
