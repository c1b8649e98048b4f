//! Which remotes have what stops a commit, and how the commits that hold it are opened again.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use anyhow::{Context, Result};
use bstr::BStr;

use crate::allow::Date;
use crate::filetype::extension;
use crate::finding::Sought;
use crate::git::{Base, CommitId, Repo, Sight};
use crate::report::short;
use crate::text::Text;
use crate::verdict::{OnRemote, Reach, Rewrite, Verdict};

/// A bound: of more commits, none is asked for by itself.
const TOLD: usize = 4;

/// A bound: so many commits git compares in moments, each with what those before it come from.
const COMPARED: usize = 256;

/// Which remotes have what blocks. Asked only where something does.
pub(super) fn of(repo: &Repo, verdict: &Verdict) -> Result<Reach> {
    let ids = verdict.blocking.iter().map(|it| it.commit.clone());
    let ids: BTreeSet<Option<Arc<str>>> = ids.collect();
    if ids.is_empty() || ids.len() > TOLD {
        return Ok(Reach::Unknown);
    }
    let mut remotes = BTreeMap::new();
    for id in ids {
        let Some(revision) = id.as_deref() else {
            match reach_of_staged(repo, verdict)? {
                Reach::Unknown => return Ok(Reach::Unknown),
                Reach::Known(there) => remotes.extend(there),
            }
            continue;
        };
        let Some(commit) = repo.commit_named(revision)? else {
            continue;
        };
        if let Some(branch) = repo.remote_branch_with(&commit.to_string())? {
            let since = Some(Date::of_time(repo.written(&commit)?));
            remotes.insert(id, OnRemote { branch, since });
            continue;
        }
        // A remote may have it from another commit.
        let before = repo.last_pushed(&commit)?;
        match on_any(repo, verdict, id.as_deref(), &before)? {
            Reach::Unknown => return Ok(Reach::Unknown),
            Reach::Known(there) => remotes.extend(there),
        }
    }
    Ok(Reach::Known(remotes))
}

/// Which remote has what is to be committed already, from an older commit. One answer stands for all of it.
fn reach_of_staged(repo: &Repo, verdict: &Verdict) -> Result<Reach> {
    let head = match share(verdict, None, repo, &repo.base_of_staged()?) {
        Share::None => None,
        Share::Some => return Ok(Reach::Unknown),
        Share::All => repo.commit_named("HEAD")?,
    };
    let Some(head) = head else {
        return Ok(Reach::Known(BTreeMap::new()));
    };
    let on = |branch| {
        Reach::Known(
            [(
                None,
                OnRemote {
                    branch,
                    since: None,
                },
            )]
            .into(),
        )
    };
    if let Some(branch) = repo.remote_branch_with(&head.to_string())? {
        return Ok(on(branch));
    }
    let there = on_any(repo, verdict, None, &repo.last_pushed(&head)?)?;
    // A commit of a remote may have had it, and lost it again.
    Ok(match there {
        Reach::Known(there) if there.is_empty() => Reach::Unknown,
        there => there,
    })
}

/// Which remote has all that a commit brings, as one of these commits has it that remotes have.
fn on_any(repo: &Repo, verdict: &Verdict, id: Option<&str>, commits: &[CommitId]) -> Result<Reach> {
    for commit in commits.iter().take(TOLD) {
        match share(verdict, id, repo, &Base::from(commit)) {
            Share::None => {}
            Share::Some => return Ok(Reach::Unknown),
            Share::All => {
                if let Some(branch) = repo.remote_branch_with(&commit.to_string())? {
                    let there = OnRemote {
                        branch,
                        since: None,
                    };
                    return Ok(Reach::Known([(id.map(Arc::from), there)].into()));
                }
            }
        }
    }
    Ok(Reach::Known(BTreeMap::new()))
}

/// How much of something is somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Share {
    None,
    Some,
    All,
}

/// How much of what a commit brings, or of what is to be committed, stands in a base, in files of the same kinds or in
/// others.
fn share(verdict: &Verdict, id: Option<&str>, repo: &Repo, base: &Base) -> Share {
    let to_be = || {
        let all = verdict.blocking.iter();
        all.filter(move |it| it.commit.as_deref() == id)
    };
    // What may be held was sought in the base of what is staged, and blocks since it is not there.
    let Some(sought) = Sought::of(to_be().filter(|it| !it.may_be_held())) else {
        return Share::None;
    };
    let extensions: HashSet<_> = to_be().map(|it| extension(&it.path)).collect();
    let alike = |path: &BStr| extensions.contains(&extension(path));
    repo.show_base(base, alike, &sought);
    match to_be().filter(|it| sought.has_found(it)).count() {
        0 => Share::None,
        found if found == to_be().count() => Share::All,
        _ => Share::Some,
    }
}

/// How the commits are opened again that hold what blocks.
pub(super) fn rewrite(repo: &Repo, verdict: &Verdict) -> Result<Rewrite> {
    let ids = verdict.blocking.iter().filter_map(|it| it.commit.clone());
    let ids: BTreeSet<Arc<str>> = ids.collect();
    if ids.is_empty() {
        // A commit to be has no name, and costs no program of git's.
        return Ok(Rewrite {
            command: Rewrite::from("--root"),
            ..Rewrite::default()
        });
    }
    let mut rewrite = Rewrite {
        commits: ids.len(),
        before_head: ids.len() <= TOLD,
        command: Rewrite::from("--root"),
        ..Rewrite::default()
    };
    let head = repo.commit_named("HEAD")?;
    let open = |commit: &CommitId| -> Result<String> {
        if head.as_ref() == Some(commit) {
            return Ok(Rewrite::AMEND.to_owned());
        }
        let parent = format!("{commit}^");
        Ok(match repo.commit_named(&parent)? {
            Some(_) => Rewrite::from(&format!("{}^", short(&commit.to_string()))),
            None => Rewrite::from("--root"),
        })
    };
    for id in ids.iter().take(TOLD) {
        let commit = repo.commit_named(id)?.context("the commit is gone")?;
        rewrite.each.insert(Arc::clone(id), open(&commit)?);
        rewrite.before_head &= match &head {
            Some(head) if rewrite.before_head => {
                *head == commit || repo.merge_base(head, &commit)?.as_ref() == Some(&commit)
            }
            _ => false,
        };
    }
    // What all of them come from, which may be one of them. Of very many, all of history is as good.
    let oldest = match ids.len() <= COMPARED {
        true => repo.base_of_all(ids.iter().map(|id| &**id))?,
        false => None,
    };
    match oldest {
        Some(oldest) if ids.contains(&*oldest.to_string()) => rewrite.command = open(&oldest)?,
        Some(oldest) => rewrite.command = Rewrite::from(short(&oldest.to_string())),
        // History that begins in several places.
        None => rewrite.before_head = false,
    }
    Ok(rewrite)
}

impl Sight for Sought {
    fn suspects(&self, file: &[u8]) -> bool {
        let text = Text::decode(file);
        !text.is_binary() && self.is_in(text.bytes())
    }

    fn look_at(&self, blob: &[u8]) {
        let text = Text::decode(blob);
        if !text.is_binary() {
            self.look_at(text.bytes());
        }
    }

    fn is_enough(&self) -> bool {
        self.is_all_found()
    }
}
