//! `keyward hook KIND`: what the scripts in git's hooks directory call.

use std::ffi::OsString;
use std::io::Write;
use std::path::Path;
use std::process;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, ensure};
use bstr::{BString, ByteSlice};

use super::kinds;
use super::leave;
use super::range::{self, Commits};
use super::session::{Channel, Session, conclude};
use super::{Exit, Misuse, input, told, voice};
use crate::agent::is_authored;
use crate::allow::Date;
use crate::config::{Config, Unchecked};
use crate::count::{counted, first_of};
use crate::deadline;
use crate::disk;
use crate::git::{Base, REHEARSAL_VARIABLE, RefUpdate, Repo};
use crate::hook::{self, HookKind};
use crate::report::{Detail, Format, Occasion, Report};
use crate::shell::shown;
use crate::verdict::{WeakenedBy, Weaker};

/// Run as git's hook; called by the script that `keyward install` sets up
#[derive(Debug, PartialEq, Eq, clap::Args)]
pub(super) struct Args {
    /// Which hook git runs
    #[arg(value_name = "KIND", value_parser = kinds::hooks())]
    kind: HookKind,
    /// git's global config names it: nothing to do where the repository's own hook runs keyward
    #[arg(long, hide = true)]
    global: bool,
    /// A script hands on what it read: standard input ends with a dot, or it was cut on the way
    #[arg(long, hide = true)]
    whole: bool,
    /// What git passes to the hook
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    rest: Vec<OsString>,
}

impl Args {
    /// What git and the scripts of `keyward install` type, read without a parser that would have to be set up for each
    /// commit; `None` for all else.
    pub(super) fn typed(mut arguments: impl Iterator<Item = OsString>) -> Option<Self> {
        if arguments.next()? != "hook" {
            return None;
        }
        let kind = arguments.next()?;
        let mut typed = Self {
            kind: HookKind::ALL.iter().copied().find(|it| kind == it.name())?,
            global: false,
            whole: false,
            rest: Vec::new(),
        };
        while let Some(argument) = arguments.next() {
            let option = match argument.to_str() {
                Some("--global") => &mut typed.global,
                Some("--whole") => &mut typed.whole,
                // Another option, or one that git may mean.
                _ if argument.as_encoded_bytes().starts_with(b"-") => return None,
                _ => {
                    typed.rest = std::iter::once(argument).chain(arguments).collect();
                    break;
                }
            };
            if std::mem::replace(option, true) {
                return None;
            }
        }
        Some(typed)
    }
}

pub(super) fn run(args: &Args) -> Result<Exit> {
    let kind = args.kind;
    deadline::watch(move |after| end_late(kind, after));
    if kind.is_told_refs() {
        // That may be a whole history.
        deadline::begin();
    }
    // git tells nobody what became of the commit.
    match look(args).context(args.kind.outcome()) {
        Err(error) if is_agent() => Ok(super::fail_agent(&error)),
        ended => ended,
    }
}

/// Says that it took too long, and ends.
#[expect(clippy::exit, reason = "what takes too long may never come back")]
fn end_late(kind: HookKind, after: Duration) {
    let error = anyhow!(
        "looking took longer than {}; try again, or have it wait longer: scan.deadline in the settings",
        counted(
            usize::try_from(after.as_secs()).unwrap_or(usize::MAX),
            "second"
        )
    )
    .context(kind.outcome());
    let exit = match is_agent() {
        true => super::fail_agent(&error),
        false => super::fail(&error),
    };
    process::exit(exit as i32);
}

/// Whether an agent has git run this.
fn is_agent() -> bool {
    leave::running().is_some()
}

/// How it is told what was found: nobody can ask a hook for a format.
fn format() -> Format {
    match is_agent() {
        true => Format::AGENT,
        false => Format::HUMAN,
    }
}

fn look(args: &Args) -> Result<Exit> {
    let repo = Repo::from_env()?;
    if args.global && hook::is_run_from(&repo.hooks_dir()?, &repo.common_dir()?, args.kind) {
        return Ok(Exit::Clean);
    }
    match args.kind {
        HookKind::PreCommit | HookKind::PreMergeCommit => match by_hand(&repo)? {
            Some(exit) => Ok(exit),
            None => staged(&repo),
        },
        HookKind::PrepareCommitMsg => prepare_commit_msg(&repo, args),
        HookKind::CommitMsg => commit_msg(&repo, args),
        HookKind::PostCommit => post_commit(&repo),
        HookKind::PrePush => pre_push(&repo, args),
        HookKind::PreReceive => pre_receive(&repo, args),
    }
}

fn stop(repo: &Repo, report: impl Into<Report>, occasion: Occasion) -> Result<Exit> {
    let report = report.into();
    if is_real() {
        told::note(Some(repo), &report.verdict);
    }
    // Of nothing, nothing is told.
    let format = match report.is_silent() {
        true => Format::HUMAN,
        false => {
            deadline::end();
            format()
        }
    };
    conclude(&report, format, Channel::Hook(occasion))
}

/// What somebody has pre-commit or prek look at without a commit: a range, or the files that there are.
/// `None` where git makes a commit, or something is staged.
fn by_hand(repo: &Repo) -> Result<Option<Exit>> {
    // git names the index to its hooks.
    if variable("PRE_COMMIT").is_none() || std::env::var_os("GIT_INDEX_FILE").is_some() {
        return Ok(None);
    }
    let ends = variable("PRE_COMMIT_FROM_REF").zip(variable("PRE_COMMIT_TO_REF"));
    let report = if let Some((base, tip)) = ends {
        let range = range::between(repo, &base, &tip)?;
        let session = Session::for_commits(repo, &Commits::Range(range), Vec::new())?;
        session.look_at_commits(repo.range(&range)?, repo, || Ok(Base::from(&range)))
    } else if repo.staged()?.next().is_none() {
        let session = Session::load(Some(repo))?;
        session.look(repo.tracked_files()?).into()
    } else {
        return Ok(None);
    };
    deadline::end();
    told::note(Some(repo), &report.verdict);
    // pre-commit runs its hooks at the top.
    let output = Channel::Output(Detail::Usual, BString::default());
    conclude(&report, format(), output).map(Some)
}

/// Looks at what is staged.
pub(super) fn staged(repo: &Repo) -> Result<Exit> {
    check_staged(repo, &session_of_commit(repo)?)
}

/// What judges a commit that is made now, or was made just now, by whoever has git run this.
fn session_of_commit(repo: &Repo) -> Result<Session> {
    let mut session = Session::for_commit(repo, Vec::new())?;
    if is_stricter_to_agents(&session) && is_agent() {
        session.threshold = session.config.agents_threshold();
    }
    Ok(session)
}

/// Whether the commits of agents are held to more than those of people.
fn is_stricter_to_agents(session: &Session) -> bool {
    session.config.agents_threshold() < session.threshold
}

fn check_staged(repo: &Repo, session: &Session) -> Result<Exit> {
    let exit = stop(repo, session.look_at_staged(repo)?, Occasion::Commit)?;
    deadline::end();
    let config = &session.config;
    if exit == Exit::Clean && is_real() {
        remind(repo, config)?;
    }
    let is_asked_for = config.unchecked() != Unchecked::Off || config.trailer();
    if exit == Exit::Clean && is_asked_for && is_real() {
        hook::note_checked(repo.git_dir(), &repo.staged_tree()?)?;
        tell_missing(repo, config)?;
    }
    Ok(exit)
}

/// Reminds of keys that are to be replaced, once a day at most.
fn remind(repo: &Repo, config: &Config) -> Result<()> {
    /// A bound: of more keys only the number is told.
    const MOST: usize = 3;
    if !config.reminds() {
        return Ok(());
    }
    let Some(due) = hook::due(repo.git_dir()) else {
        return Ok(());
    };
    let today = Date::today().to_string();
    let due: Vec<&str> = due
        .iter()
        .filter_map(|line| line.split_once(' '))
        .filter(|(_, day)| *day <= today.as_str())
        .map(|(name, _)| name)
        .collect();
    if due.is_empty() {
        return Ok(());
    }
    let names = first_of(&due, MOST, |name| shown(name.as_bytes()));
    writeln!(
        voice::err(),
        "keyward: due to be replaced: {names}; see: keyward keys   (to hear no more of it: keys.remind = false)"
    )?;
    Ok(())
}

/// Tells of the hooks that the settings ask for and that this clone has not: settings come by a pull,
/// and hooks do not.
fn tell_missing(repo: &Repo, config: &Config) -> Result<()> {
    let hooks_dir = repo.hooks_dir()?;
    let usual: Vec<HookKind> = HookKind::usual(&Config::default()).collect();
    let asked_for = HookKind::usual(config).filter(|kind| !usual.contains(kind));
    let mut missing = Vec::new();
    for kind in asked_for {
        let is_there =
            hook::is_there(&hooks_dir, kind) || !repo.config_hooks(kind.name())?.is_empty();
        if !is_there {
            missing.push(kind.name());
        }
    }
    if !missing.is_empty() {
        writeln!(
            voice::err(),
            "keyward: the settings of this repository ask for hooks that this clone has not ({}); to set them: \
             keyward install",
            missing.join(", ")
        )?;
    }
    Ok(())
}

/// Of a commit that is never made, nothing is left behind.
fn is_real() -> bool {
    std::env::var_os(REHEARSAL_VARIABLE).is_none()
}

/// Checks what no hook has checked: `--no-verify` skips the others, and for what is picked or
/// reverted git runs none of them.
fn prepare_commit_msg(repo: &Repo, args: &Args) -> Result<Exit> {
    let session = session_of_commit(repo)?;
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
    let mut session = Session::for_commit(repo, Vec::new())?;
    let is_of_agent = is_stricter_to_agents(&session) && is_by_agent(Path::new(file));
    if is_of_agent {
        session.threshold = session.config.agents_threshold();
    }
    let message = repo.message(Path::new(file));
    let mut exit = stop(
        repo,
        session.look(std::iter::once(message)),
        Occasion::Message,
    )?;
    if exit == Exit::Clean && is_of_agent {
        exit = stop(repo, session.look_at_staged(repo)?, Occasion::Commit)?;
    }
    if exit == Exit::Clean && session.config.trailer() && is_real() {
        let tree = repo.staged_tree()?;
        let is_checked = hook::was_checked(repo.git_dir(), &tree);
        let by = is_checked.then_some(env!("CARGO_PKG_VERSION"));
        repo.note_in_message(Path::new(file), &tree, by)?;
    }
    Ok(exit)
}

/// Whether an agent has git make a commit of this message, or is named in it as an author.
fn is_by_agent(message: &Path) -> bool {
    /// A bound: no message is longer.
    const MOST_BYTES: u64 = 1 << 20;
    let named = || disk::read_regular(message, MOST_BYTES).ok().flatten();
    is_agent() || named().is_some_and(|message| is_authored(&message))
}

/// Looks at the last commit, whoever made it.
pub(super) fn last(repo: &Repo) -> Result<Exit> {
    let session = session_of_commit(repo)?;
    let verdict = session.look_beside(repo.last_commit()?, repo, || repo.base_of_last());
    stop(repo, verdict, Occasion::Made)
}

/// Looks at a commit that was made without a check. It can stop nothing.
fn post_commit(repo: &Repo) -> Result<Exit> {
    let session = session_of_commit(repo)?;
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
    let exit = stop(repo, verdict, Occasion::Made)?;
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
    let told = told_refs(args)?;
    let mut updates = updates(&told, RefUpdate::pushed)?;
    if updates.is_empty() && args.rest.is_empty() {
        updates.extend(told_by_pre_commit(repo)?);
    }
    if updates.is_empty() {
        updates.extend(untold(repo, args)?);
    }
    if updates.is_empty() {
        return Ok(Exit::Clean);
    }
    let mut session = Session::for_commit(repo, Vec::new())?;
    // What a commit to be would change is nothing to a push.
    if session.weaker.by == WeakenedBy::Commit {
        session.weaker = Weaker::default();
    }
    let base = || repo.base_of_pushed(&updates);
    let report = session.look_at_commits(repo.pushed(&updates)?, repo, base);
    let exit = stop(repo, report, Occasion::Push)?;
    // Where keyward's script is in the way of the one that Git LFS would have set, it does what that does.
    let owes_lfs = exit == Exit::Clean
        && is_real()
        && repo.keeps_lfs_objects()?
        && hook::takes_lfs_place(&repo.hooks_dir()?, &repo.common_dir()?.join("hooks"));
    if owes_lfs {
        deadline::end();
        repo.upload_lfs_objects(&args.rest, &told)?;
    }
    Ok(exit)
}

/// What is looked at where no ref was told. git tells none if the remote has all of them already; but
/// so it seems, too, where something before keyward has read them. What HEAD has and a remote of that
/// name has not is looked at, which is nothing if there is nothing to push.
fn untold(repo: &Repo, args: &Args) -> Result<Option<RefUpdate>> {
    ensure!(
        input::is_piped(),
        "standard input is closed, or leads elsewhere, so that it is not known what is pushed; whatever \
         runs keyward here has to hand on what git writes to it (in lefthook: use_stdin: true)"
    );
    // Without a name, nothing is known of what the remote has.
    let is_named = args.rest.len() > 1 && args.rest[0] != args.rest[1];
    let head = match is_named {
        true => repo.commit_named("HEAD")?,
        false => None,
    };
    Ok(head.map(|head| RefUpdate::of_commit(None, head, "HEAD")))
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

fn pre_receive(repo: &Repo, args: &Args) -> Result<Exit> {
    let updates = updates(&told_refs(args)?, RefUpdate::received)?;
    // git runs this hook for no push without any.
    ensure!(
        !updates.is_empty(),
        "standard input tells no ref, so that it is not known what is pushed; whatever runs keyward here \
         has to hand on what git writes to it"
    );
    let session = Session::receiving(repo, &updates)?;
    let received = repo.received(&updates)?;
    let base = || repo.base_of_received(&updates);
    let report = session.look_at_commits(received, repo, base);
    stop(repo, report, Occasion::Receive)
}

/// What git tells on standard input: refs, one in each line.
fn told_refs(args: &Args) -> Result<Vec<u8>> {
    // Whoever calls judges what it means that nothing can come.
    let given = input::given(u64::MAX).context("cannot read which refs are pushed")?;
    let mut told = given.unwrap_or_default();
    if args.whole {
        let end = told.pop();
        ensure!(
            end == Some(b'.'),
            "the refs that are pushed did not all arrive: the hook's script could not hand them on; push again"
        );
    }
    Ok(told)
}

fn updates(told: &[u8], parse: fn(&[u8]) -> Option<RefUpdate>) -> Result<Vec<RefUpdate>> {
    ByteSlice::lines(told)
        .map(|line| parse(line).context("git named a ref in a form that keyward does not know"))
        .collect()
}

#[cfg(test)]
mod tests {
    use clap::{Args as _, FromArgMatches as _};

    use super::*;

    fn parsed(typed: &[&str]) -> Option<Args> {
        let command = Args::augment_args(clap::Command::new("hook"));
        let matches = command.try_get_matches_from(typed).ok()?;
        Args::from_arg_matches(&matches).ok()
    }

    #[test]
    fn what_git_types_is_read_as_the_parser_reads_it() {
        let usual: &[&[&str]] = &[
            &["hook", "pre-commit"],
            &["hook", "pre-merge-commit", "--global"],
            &["hook", "commit-msg", ".git/COMMIT_EDITMSG"],
            &["hook", "prepare-commit-msg", "--global", "a b", "message"],
            &[
                "hook",
                "pre-push",
                "--whole",
                "origin",
                "https://example.org/a.git",
            ],
            &[
                "hook", "pre-push", "--global", "--whole", "origin", "--whole",
            ],
            &["hook", "pre-push", "", "-x"],
            &["hook", "pre-receive", "--whole", "--global"],
        ];
        for typed in usual {
            let read = Args::typed(typed.iter().map(OsString::from));
            assert!(read.is_some(), "{typed:?}");
            assert_eq!(read, parsed(typed), "{typed:?}");
        }
        let others: &[&[&str]] = &[
            &[],
            &["hook"],
            &["scan", "pre-commit"],
            &["hook", "pre-commit-x"],
            &["hook", "--global", "pre-commit"],
            &["hook", "pre-commit", "--help"],
            &["hook", "pre-commit", "--", "x"],
            &["hook", "pre-commit", "-"],
            &["hook", "pre-commit", "--global", "--global"],
        ];
        for typed in others {
            assert_eq!(Args::typed(typed.iter().map(OsString::from)), None);
        }
    }
}
