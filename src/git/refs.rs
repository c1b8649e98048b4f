//! Refs, and how commits that they name lie to each other.

use anyhow::{Context, Result};
use bstr::{BString, ByteSlice};

use super::history::CommitId;
use super::id::ObjectId;
use super::object::{Commit, Kind};
use super::read::command::unexpected;
use super::repo::Repo;

impl Repo {
    /// What each ref names.
    pub(super) fn refs(&self) -> Result<Vec<(ObjectId, BString)>> {
        let args = ["for-each-ref", "--format=%(objectname) %(refname)"];
        let listed = self.plumbing.read(args)?;
        let named = |line: &[u8]| {
            let (id, name) = line.split_once_str(" ")?;
            Some((ObjectId::parse(id)?, name.into()))
        };
        ByteSlice::lines(&*listed)
            .map(|line| named(line).with_context(|| unexpected("for-each-ref")))
            .collect()
    }

    /// The commit from which two others come; `None` if there is none.
    ///
    /// # Errors
    /// When git can't tell.
    pub fn merge_base(&self, one: &CommitId, other: &CommitId) -> Result<Option<CommitId>> {
        self.base_of_all([&*one.to_string(), &*other.to_string()])
    }

    /// The commit from which all of them come, which may be one of them; `None` if there is none.
    ///
    /// # Errors
    /// When git can't tell.
    pub(crate) fn base_of_all<'c>(
        &self,
        commits: impl IntoIterator<Item = &'c str>,
    ) -> Result<Option<CommitId>> {
        let args = ["merge-base", "--octopus"].into_iter().chain(commits);
        let Some(output) = self.plumbing.read_optional(args)? else {
            return Ok(None);
        };
        let id = ObjectId::parse(output.trim_end());
        Ok(Some(CommitId(
            id.with_context(|| unexpected("merge-base"))?,
        )))
    }

    /// A branch of a remote that has a commit, as it was when the remote was last asked.
    ///
    /// # Errors
    /// When git can't tell.
    pub(crate) fn remote_branch_with(&self, commit: &str) -> Result<Option<BString>> {
        let listed = self.plumbing.read([
            "for-each-ref",
            "--count=1",
            "--format=%(refname:lstrip=2)",
            "--contains",
            commit,
            "refs/remotes",
        ])?;
        let first = ByteSlice::lines(&*listed).next();
        Ok(first.map(BString::from))
    }

    /// When a commit was written, in seconds since 1970.
    ///
    /// # Errors
    /// When it is not there.
    pub(crate) fn written(&self, commit: &CommitId) -> Result<i64> {
        let object = self.object(commit.0, Kind::Commit)?;
        Ok(Commit::parse(&object)?.written)
    }

    /// The remote and the branch of it that a name such as `origin/main` stands for, if there is such
    /// a remote: a clone of one branch has no other's ref.
    ///
    /// # Errors
    /// When git can't read its config.
    pub fn branch_of_remote(&self, name: &str) -> Result<Option<(String, String)>> {
        let name = name.strip_prefix("refs/remotes/").unwrap_or(name);
        let remotes = self.remotes_with_addresses()?;
        let branch = remotes.into_iter().find_map(|(remote, _)| {
            let branch = name.strip_prefix(&*remote)?.strip_prefix('/')?;
            // What stands behind the name leads on from its commit.
            let branch = branch.split(['~', '^', ':', '@']).next()?.to_owned();
            Some((remote, branch))
        });
        Ok(branch)
    }

    /// The branch that others start from: that of a remote's HEAD, else `main` or `master` where there is one, else
    /// the one that is checked out. `None` where none can be told.
    ///
    /// # Errors
    /// When git can't list its refs.
    pub fn main_branch(&self) -> Result<Option<String>> {
        const HEAD: &str = "refs/remotes/origin/HEAD";
        let args = ["symbolic-ref", "--quiet", HEAD];
        if let Some(named) = self.plumbing.read_optional(args)?
            && let Some(branch) = named.trim().strip_prefix(b"refs/remotes/origin/")
        {
            return Ok(branch.to_str().ok().map(str::to_owned));
        }
        let refs = self.refs()?;
        let is_there = |name: &str| refs.iter().any(|(_, known)| known == name);
        let usual = ["main", "master"];
        let known = usual
            .into_iter()
            .find(|name| is_there(&format!("refs/heads/{name}")));
        if let Some(known) = known {
            return Ok(Some(known.to_owned()));
        }
        Ok(self
            .branch()?
            .and_then(|here| here.to_str().ok().map(str::to_owned)))
    }

    /// The addresses of all remotes.
    ///
    /// # Errors
    /// When git can't read its config.
    pub fn remote_addresses(&self) -> Result<Vec<String>> {
        let remotes = self.remotes_with_addresses()?;
        Ok(remotes.into_iter().map(|(_, address)| address).collect())
    }

    /// All remotes, each with its address.
    ///
    /// # Errors
    /// When git can't read its config.
    pub(crate) fn remotes_with_addresses(&self) -> Result<Vec<(String, String)>> {
        let settings = self.plumbing.settings(r"^remote\..*\.url$")?;
        let name = |key: &str| {
            let name = key.strip_prefix("remote.")?.strip_suffix(".url")?;
            Some(name.to_owned())
        };
        let remotes = settings.into_iter();
        Ok(remotes
            .filter_map(|(key, address)| Some((name(&key)?, address)))
            .collect())
    }
}
