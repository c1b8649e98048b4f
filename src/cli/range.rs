//! Which commits a command looks at: by what somebody typed.

use anyhow::{Result, bail};

use super::Misuse;
use crate::git::{CommitId, History, Repo, RevRange};
use crate::words::echo;

/// Commits that are made already.
#[derive(Debug, Default, clap::Args)]
pub(super) struct CommitsArgs {
    /// Look at what each commit of a range adds, and at its message: the commits that B has and A
    /// has not
    #[arg(long, value_name = "A..B", conflicts_with = "history")]
    range: Option<String>,
    /// Look at all commits of every branch, tag and stash
    #[arg(long)]
    history: bool,
}

/// The commits that are looked at.
#[derive(Clone, Copy, Debug)]
pub(super) enum Commits {
    /// Those of a range.
    Range(RevRange),
    /// All that there are.
    All,
}

impl CommitsArgs {
    /// Whether any were asked for.
    pub(super) fn are_named(&self) -> bool {
        self.history || self.range.is_some()
    }

    /// The commits that were asked for.
    pub(super) fn read(&self, repo: &Repo) -> Result<Option<Commits>> {
        match &self.range {
            Some(range) => parse(repo, range).map(Commits::Range).map(Some),
            None => Ok(self.history.then_some(Commits::All)),
        }
    }
}

impl Commits {
    /// What they add.
    pub(super) fn changes<'r>(&self, repo: &'r Repo) -> Result<History<'r>> {
        match self {
            Self::Range(range) => repo.range(range),
            Self::All => repo.all_history(),
        }
    }

    /// What is to be said where there are none.
    pub(super) fn none(&self, repo: &Repo) -> Result<String> {
        if let Self::Range(RevRange {
            base: Some(base),
            tip,
        }) = *self
        {
            let turned = RevRange {
                base: Some(tip),
                tip: base,
            };
            let count = repo.range(&turned)?.commits_left();
            if count > 0 {
                return Ok(format!(
                    "the range has 0 commits; with its ends the other way round it has {count}"
                ));
            }
        }
        Ok(match self {
            Self::Range(_) => "the range has 0 commits".to_owned(),
            Self::All => "there are 0 commits here".to_owned(),
        })
    }
}

/// The commits of a range as it is typed.
pub(super) fn parse(repo: &Repo, range: &str) -> Result<RevRange> {
    let Some((base, tip)) = ends(range) else {
        let it = echo::said_or(range, "that");
        let told = match range.strip_prefix("..").is_some_and(|tip| !tip.is_empty()) {
            true => {
                format!("{it} has no base: write a range as A..B; for all of history: --history")
            }
            false => format!(
                "{it} is not a range of commits: write it as A..B, such as origin/main..HEAD"
            ),
        };
        return Err(Misuse(told).into());
    };
    between(repo, base, tip)
}

/// The commits between two revisions. A tip that is left out is HEAD; a base of zeros, by which forges
/// tell of a new branch, leaves out nothing.
pub(super) fn between(repo: &Repo, base: &str, tip: &str) -> Result<RevRange> {
    let zeros = is_id(base) && base.bytes().all(|b| b == b'0');
    Ok(RevRange {
        base: match zeros {
            true => None,
            false => Some(commit(repo, base)?),
        },
        tip: commit(repo, if tip.is_empty() { "HEAD" } else { tip })?,
    })
}

/// The names of both ends of a range; the second may be left out.
fn ends(range: &str) -> Option<(&str, &str)> {
    range.split_once("..").filter(|(base, tip)| {
        let whole = !tip.starts_with('.') && !tip.contains("..");
        whole && !base.is_empty()
    })
}

fn commit(repo: &Repo, revision: &str) -> Result<CommitId> {
    if let Some(commit) = repo.commit_named(revision)? {
        return Ok(commit);
    }
    let is_cut_off = repo.is_shallow()?;
    let rest = if is_cut_off { " --unshallow" } else { "" };
    if is_id(revision) {
        bail!("the commit {revision} is not here; fetch it: git fetch{rest} origin {revision}");
    }
    if echo::may_be_said(revision)
        && let Some((remote, branch)) = repo.branch_of_remote(revision)?
    {
        // A clone of one branch knows no other: its name has to be given whole.
        bail!(
            "{revision} is not here; fetch it: git fetch{rest} {remote} \
             +refs/heads/{branch}:refs/remotes/{remote}/{branch}"
        );
    }
    let it = echo::said_or(revision, "such name");
    if is_cut_off {
        bail!(
            "no commit is called {it} here, since history is cut off; fetch it: git fetch --unshallow"
        );
    }
    Err(Misuse(format!(
        "no commit is called {it} here; see: git branch --all"
    ))
    .into())
}

/// Whether it is a whole object id, which is no slip of the pen.
fn is_id(revision: &str) -> bool {
    matches!(revision.len(), 40 | 64) && revision.bytes().all(|b| b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_has_two_ends_of_which_the_second_may_be_left_out() {
        for (range, expected) in [
            ("a..b", Some(("a", "b"))),
            ("v1.0..v1.1", Some(("v1.0", "v1.1"))),
            ("a..", Some(("a", ""))),
            ("..b", None),
            ("..", None),
            ("a...b", None),
            ("a..b..c", None),
            ("a", None),
            ("", None),
        ] {
            assert_eq!(ends(range), expected, "{range}");
        }
    }

    #[test]
    fn a_whole_id_is_told_from_a_name() {
        for (name, expected) in [
            ("0".repeat(40), true),
            ("af".repeat(32), true),
            ("0".repeat(39), false),
            ("main".to_owned(), false),
            ("g".repeat(40), false),
        ] {
            assert_eq!(is_id(&name), expected, "{name}");
        }
    }
}
