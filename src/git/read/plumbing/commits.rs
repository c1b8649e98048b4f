//! What git says of commits: which one a name means, which are reached, what the logs of refs tell.

use std::collections::HashSet;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use bstr::{BString, ByteSlice};

use super::super::command::{refusal, run, run_with, unexpected};
use super::{LOST, Plumbing};
use crate::git::id::ObjectId;

/// A line of a ref's log.
#[derive(Clone, Debug, Default)]
pub(in crate::git) struct Logged {
    /// What the ref named: the last one from then on.
    pub(in crate::git) ids: Vec<ObjectId>,
    /// When, in seconds since 1970.
    pub(in crate::git) time: i64,
    /// What was done, in git's words.
    pub(in crate::git) done: BString,
}

impl Logged {
    /// `OLD NEW NAME <ADDRESS> TIME ZONE<tab>WORDS`
    pub(in crate::git) fn of_line(line: &[u8]) -> Self {
        let (head, done) = line.split_once_str("\t").unwrap_or((line, b""));
        let ids = head.split_str(" ").take(2);
        let time = head.rsplit_str(" ").nth(1).and_then(|it| it.to_str().ok());
        Self {
            ids: ids
                .filter_map(|word| ObjectId::parse(word)?.or_nothing())
                .collect(),
            time: time.and_then(|it| it.parse().ok()).unwrap_or(0),
            done: done.into(),
        }
    }
}

impl Plumbing {
    /// Every commit that a log of a ref names.
    pub(in crate::git) fn logged(&self) -> Result<Vec<ObjectId>> {
        let listed = self.read(["rev-list", "--no-walk", "--reflog"])?;
        ByteSlice::lines(&*listed)
            .map(|id| ObjectId::parse(id).with_context(|| unexpected("rev-list")))
            .collect()
    }

    /// What the logs of refs tell, the newest of each first, where git alone can read them; nothing where it can't go through them,
    /// since a commit of theirs is gone.
    pub(in crate::git) fn logs(&self) -> Result<Vec<(BString, Logged)>> {
        let format = "--format=%H %gD%x09%gs";
        let options = [
            "log",
            "-g",
            "--all",
            "--no-show-signature",
            "--date=unix",
            format,
        ];
        let listed = run(self.reading().args(options))?.stdout;
        let logged = |line: &[u8]| {
            let (head, done) = line.split_once_str("\t")?;
            let (id, name) = head.split_once_str(" ")?;
            let (name, time) = name.strip_suffix(b"}")?.rsplit_once_str("@{")?;
            let logged = Logged {
                ids: vec![ObjectId::parse(id)?],
                time: time.to_str().ok()?.parse().ok()?,
                done: done.into(),
            };
            Some((name.into(), logged))
        };
        Ok(ByteSlice::lines(&*listed).filter_map(logged).collect())
    }

    /// The commit of HEAD; `None` before the first one.
    pub(in crate::git) fn head(&self) -> Result<Option<ObjectId>> {
        self.read_optional(["rev-parse", "--verify", "--quiet", "HEAD"])?
            .map(|output| ObjectId::parse(output.trim_end()).context("git named no commit"))
            .transpose()
    }

    /// The object that a revision names; `None` if there is none.
    pub(in crate::git) fn resolve(&self, revision: &str) -> Result<Option<ObjectId>> {
        let args = [
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            revision,
        ];
        let Some(output) = self.read_optional(args)? else {
            return Ok(None);
        };
        let id = ObjectId::parse(output.trim_end()).with_context(|| unexpected("rev-parse"))?;
        Ok(Some(id))
    }

    /// The commits that can be reached from `tips` and not from what is excluded, parents first.
    pub(in crate::git) fn commits(
        &self,
        tips: &[ObjectId],
        known: &Known,
    ) -> Result<Vec<ObjectId>> {
        let listed = self.listed(tips, known)?;
        let told: HashSet<&ObjectId> = listed.commits.iter().chain(&known.objects).collect();
        let others: Vec<ObjectId> = tips
            .iter()
            .filter(|tip| !told.contains(tip))
            .copied()
            .collect();
        for tips in others.chunks(MOST_NAMED) {
            self.prove_known(tips, known)?;
        }
        Ok(listed.commits)
    }

    /// The commits that are excluded and are parents of those that are not.
    pub(in crate::git) fn boundary(
        &self,
        tips: &[ObjectId],
        known: &Known,
    ) -> Result<Vec<ObjectId>> {
        Ok(self.listed(tips, known)?.boundary)
    }

    /// Lists commits. That every parent of one is listed too, or excluded, proves that no part of the
    /// answer is missing but what nothing listed comes from.
    fn listed(&self, tips: &[ObjectId], known: &Known) -> Result<Listed> {
        let mut git = self.reading();
        git.args(["rev-list", "--topo-order", "--reverse"]).args([
            "--boundary",
            "--parents",
            "--stdin",
        ]);
        known.exclude_refs(&mut git);
        let mut input = String::new();
        for tip in tips {
            input.push_str(&format!("{tip}\n"));
        }
        input.push_str(&known.excluded_objects());
        let output = run_with(&mut git, input.as_bytes())?;
        ensure!(output.status.success(), refusal(&output));
        Listed::parse(&output.stdout)
    }

    /// Makes sure that nothing is to be listed of some tips. They are named as arguments, which can't
    /// be lost on their way, and the answer is a number, not its absence.
    fn prove_known(&self, tips: &[ObjectId], known: &Known) -> Result<()> {
        let mut git = self.reading();
        git.args(["rev-list", "--count"]);
        git.args(tips.iter().map(ObjectId::to_string));
        git.arg("--stdin");
        known.exclude_refs(&mut git);
        let output = run_with(&mut git, known.excluded_objects().as_bytes())?;
        ensure!(output.status.success(), refusal(&output));
        ensure!(output.stdout.trim_ascii() == b"0", LOST);
        Ok(())
    }

    /// The tree of the index, which git writes if need be.
    pub(in crate::git) fn write_tree(&self) -> Result<ObjectId> {
        let output = self.read(["write-tree"])?;
        ObjectId::parse(output.trim_end()).with_context(|| unexpected("write-tree"))
    }

    /// What the newest entry of HEAD's log says was done; empty if there is no log.
    pub(in crate::git) fn last_deed(&self) -> Result<String> {
        let output = self.read(["log", "-g", "-1", "--format=%gs", "HEAD", "--"])?;
        Ok(output.to_str_lossy().trim().to_owned())
    }
}

/// A bound: as many ids as the shortest command line takes that a system allows.
const MOST_NAMED: usize = 500;

/// Commits as `rev-list` gives them.
#[derive(Debug, Default)]
struct Listed {
    commits: Vec<ObjectId>,
    /// The excluded parents of them.
    boundary: Vec<ObjectId>,
}

impl Listed {
    /// `<id> <parents>`, or the same behind `-` for what is excluded.
    fn parse(output: &[u8]) -> Result<Self> {
        ensure!(output.is_empty() || output.ends_with(b"\n"), LOST);
        let mut listed = Self::default();
        let mut parents: Vec<ObjectId> = Vec::new();
        for line in ByteSlice::lines(output) {
            let (line, is_excluded) = match line.strip_prefix(b"-") {
                Some(line) => (line, true),
                None => (line, false),
            };
            let ids = line.split_str(" ").map(ObjectId::parse);
            let mut ids = ids.map(|id| id.with_context(|| unexpected("rev-list")));
            let id = ids.next().with_context(|| unexpected("rev-list"))??;
            if is_excluded {
                listed.boundary.push(id);
                continue;
            }
            listed.commits.push(id);
            for parent in ids {
                parents.push(parent?);
            }
        }
        let seen: HashSet<&ObjectId> = listed.commits.iter().chain(&listed.boundary).collect();
        ensure!(parents.iter().all(|parent| seen.contains(parent)), LOST);
        Ok(listed)
    }
}

/// What is known already, and is left out with all that it reaches.
#[derive(Clone, Debug, Default)]
pub(in crate::git) struct Known {
    pub(in crate::git) objects: Vec<ObjectId>,
    pub(in crate::git) refs: Option<KnownRefs>,
}

impl Known {
    /// Has `rev-list` leave out what the refs reach.
    fn exclude_refs(&self, git: &mut Command) {
        match &self.refs {
            None => {}
            Some(KnownRefs::All) => {
                git.args(["--not", "--all"]);
            }
            Some(KnownRefs::Remotes) => {
                git.args(["--not", "--remotes"]);
            }
        }
    }

    /// The lines by which `rev-list` is told to leave out what the objects reach.
    fn excluded_objects(&self) -> String {
        self.objects.iter().map(|id| format!("^{id}\n")).collect()
    }
}

/// Refs whose commits are known already.
#[derive(Clone, Debug)]
pub(in crate::git) enum KnownRefs {
    /// All of the repository's.
    All,
    /// What any remote had when it was last asked.
    Remotes,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_commits_with_a_hole_is_an_error() {
        let [a, b, c, d] = ["a", "b", "c", "d"].map(|digit| digit.repeat(40));
        let lines = [
            format!("-{d}\n"),
            format!("{c} {d}\n"),
            format!("{b} {c}\n"),
            format!("{a} {b} {c}\n"),
        ];
        let listed = Listed::parse(lines.concat().as_bytes()).unwrap();
        assert_eq!(listed.commits.len(), 3);
        assert_eq!(listed.boundary.len(), 1);
        assert!(Listed::parse(b"").unwrap().commits.is_empty());
        for missing in 0..3 {
            let mut lines = lines.to_vec();
            lines.remove(missing);
            assert!(
                Listed::parse(lines.concat().as_bytes()).is_err(),
                "{missing}"
            );
        }
        let whole = lines.concat();
        let last = whole.len() - lines[3].len();
        for cut in (last + 1)..whole.len() {
            assert!(Listed::parse(&whole.as_bytes()[..cut]).is_err(), "{cut}");
        }
    }
}
