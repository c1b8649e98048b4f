//! `keyward allow ID`: writes an entry to `.keyward.allow`.

use std::io::{self, Write};

use anyhow::Result;
use bstr::BStr;
use keyward::allow::{self, Date, Entry};
use keyward::finding::{Confidence, Finding};
use keyward::git::Repo;
use keyward::verdict::Verdict;

use super::session::Session;
use super::{Exit, Misuse};

/// The fewest digits that name a finding.
const LEAST_ID: usize = 4;

/// Allow a finding that is no secret, or one that cannot be mended yet
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The finding, by the id that keyward printed
    id: String,
    /// Why it may stay; it is written down for the others
    #[arg(long)]
    reason: String,
    /// The last day on which it is allowed
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = parse_date)]
    until: Option<Date>,
}

pub(super) fn run(args: &Args) -> Result<Exit> {
    let id = args.id.to_ascii_lowercase();
    if id.len() < LEAST_ID || !id.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(Misuse(format!(
            "`{}` is no id: copy it from the line that says `allow`",
            args.id
        ))
        .into());
    }
    let repo = Repo::from_env()?;
    let mut session = Session::load(Some(&repo))?;
    session.policy.threshold = Confidence::Possible;
    let mut list = std::mem::take(&mut session.allowed);
    let named = |verdict: Verdict| -> Vec<Finding> {
        let all = verdict.blocking.into_iter().chain(verdict.warnings);
        all.filter(|finding| finding.fingerprint.as_str().starts_with(&id))
            .collect()
    };
    let mut found = named(session.look(repo.staged()?));
    if found.is_empty() {
        let top = [repo.worktree()?.to_owned()];
        found = named(session.look(repo.worktree_files(&top)?));
    }
    // A message that commit-msg refused is kept by git, and what pre-push refused is committed.
    let message = repo.git_dir().join("COMMIT_EDITMSG");
    if found.is_empty() && message.is_file() {
        found = named(session.look(std::iter::once(repo.message(&message))));
    }
    if found.is_empty() {
        found = named(session.look(repo.unpushed()?));
    }
    let Some(first) = found.first() else {
        return Err(Misuse(format!(
            "nothing that is staged, in the working tree or in a commit that is not pushed has the \
             id {id}; see `keyward scan --staged`"
        ))
        .into());
    };
    if found
        .iter()
        .any(|finding| finding.fingerprint != first.fingerprint)
    {
        return Err(Misuse(format!(
            "several findings start with {id}: give more of the id"
        ))
        .into());
    }
    for finding in &found {
        let entry = Entry::for_finding(finding, args.until, &args.reason);
        list.insert(entry.map_err(|problem| Misuse(problem.to_string()))?);
    }
    list.write(&repo.worktree()?.join(allow::FILE_NAME))?;
    repo.stage(BStr::new(allow::FILE_NAME))?;
    let mut out = io::stdout().lock();
    for finding in &found {
        writeln!(
            out,
            "allowed: {} in {}",
            finding.name,
            keyward::report::shown(finding.path.as_ref())
        )?;
    }
    writeln!(
        out,
        "{} is written and staged; commit again",
        allow::FILE_NAME
    )?;
    Ok(Exit::Clean)
}

fn parse_date(text: &str) -> Result<Date, &'static str> {
    Date::parse(text).ok_or("a date is written 2027-01-31")
}
