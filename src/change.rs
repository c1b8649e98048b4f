//! What a source yields: one path of a commit, with what it holds and what it replaces.

use std::fmt;
use std::sync::Arc;

use anyhow::Result;
use bstr::{BStr, BString};

/// What happened to the path, the strictest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// No parent has the path, or only as a link where there is a file now.
    Added,
    /// The same, and a file with the very same content is deleted: an exact rename.
    Moved,
    /// At least one parent has it, and none has it with this content.
    Modified,
}

/// What sort of entry the path is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EntryKind {
    /// A file, executable or not.
    File,
    /// A symbolic link: the blob is the target's path, which is never followed.
    Link,
    /// A commit of another repository: a submodule, of which the name alone is here.
    Submodule,
    /// The message of a commit or of a tag. The path names no file.
    Message,
    /// What else is recorded with a commit or a tag: who made it, how a ref is called. The path names no
    /// file.
    Header,
    /// A file in an archive: the path is that of the archive, `!/`, and its own there.
    Member,
}

impl EntryKind {
    /// Whether people chose the path: that of a file, or in an archive.
    pub(crate) const fn is_named(self) -> bool {
        matches!(
            self,
            Self::File | Self::Link | Self::Submodule | Self::Member
        )
    }

    /// Whether the path is that of a file.
    pub(crate) const fn has_path(self) -> bool {
        matches!(self, Self::File | Self::Link | Self::Submodule)
    }
}

/// What a commit's message is called where others have a path.
pub(crate) const COMMIT_MESSAGE: &str = "commit message";
/// What stands for a path where standard input is looked at.
pub(crate) const STANDARD_INPUT: &str = "-";

/// What the message of an annotated tag is called.
pub(crate) const TAG_MESSAGE: &str = "tag message";

/// What is called what a commit says beside its message: who made it, and what tools add.
pub(crate) const COMMIT_HEADER: &str = "commit header";

/// The same of a tag.
pub(crate) const TAG_HEADER: &str = "tag header";

/// What the name of a branch or a tag is called.
pub(crate) const REF_NAME: &str = "ref name";

/// Whether a fresh clone would keep this path from being added.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Ignored {
    /// No ignore file covers it.
    No,
    /// A tracked `.gitignore` covers it, as it will be committed.
    ByRepository,
    /// Only this machine's excludes do; the string names the file, for the reader. They protect
    /// nobody else.
    ByThisMachine(String),
}

/// What can be asked of a path, each at a cost: reading is done only on demand, by whichever thread
/// looks at the path.
pub trait Origin: Send {
    /// The new content. An error means that it could not be read: the commit can't be judged.
    fn content(&self) -> Result<Vec<u8>>;

    /// What the path replaces: its content in each parent that has it, and of one that was moved as it is
    /// what was moved. Content that can't be had is left out, which makes more lines count as added,
    /// never fewer.
    fn replaced(&self) -> Result<Vec<Vec<u8>>>;

    /// Whether a line was there before, which no content that the path replaces has: in any file that the same
    /// commit deletes, of a new path, since a rename is a deletion and an addition; or in each of the commits
    /// that it may follow. The first question of a commit costs a look at all of them.
    fn is_known(&self, line: &[u8]) -> bool {
        let _ = line;
        false
    }

    /// Whether a fresh clone would ignore the path.
    fn ignored(&self) -> Result<Ignored>;
}

/// One path of a commit.
pub struct Change<'s> {
    /// The path from the top of the repository, with `/`, as git has it: any bytes but NUL.
    pub path: BString,
    /// What happened to it.
    pub status: Status,
    /// File or link.
    pub kind: EntryKind,
    /// The id of the commit, in hex, where it is made already: a source that reads history has many.
    pub commit: Option<Arc<str>>,
    origin: Box<dyn Origin + 's>,
}

impl<'s> Change<'s> {
    /// A change whose contents are had from `origin`.
    pub fn new(
        path: impl Into<BString>,
        status: Status,
        kind: EntryKind,
        origin: impl Origin + 's,
    ) -> Self {
        Self {
            path: path.into(),
            status,
            kind,
            commit: None,
            origin: Box::new(origin),
        }
    }

    /// A change of which the path is all that is here.
    pub(crate) fn named(path: impl Into<BString>, status: Status, kind: EntryKind) -> Self {
        Self::new(path, status, kind, InMemory::default())
    }

    /// The same, as a part of that commit.
    pub fn in_commit(mut self, id: Arc<str>) -> Self {
        self.commit = Some(id);
        self
    }

    /// The path, borrowed.
    pub fn path(&self) -> &BStr {
        self.path.as_ref()
    }

    /// See `Origin::content`.
    pub fn content(&self) -> Result<Vec<u8>> {
        self.origin.content()
    }

    /// See `Origin::replaced`.
    pub fn replaced(&self) -> Result<Vec<Vec<u8>>> {
        self.origin.replaced()
    }

    /// See `Origin::is_known`.
    pub fn is_known(&self, line: &[u8]) -> bool {
        self.origin.is_known(line)
    }

    /// See `Origin::ignored`.
    pub fn ignored(&self) -> Result<Ignored> {
        self.origin.ignored()
    }
}

impl fmt::Debug for Change<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Change")
            .field("path", &self.path)
            .field("status", &self.status)
            .field("kind", &self.kind)
            .field("commit", &self.commit)
            .finish_non_exhaustive()
    }
}

/// A change in memory: standard input, and tests.
#[derive(Clone, Debug, Default)]
pub struct InMemory {
    /// The new content.
    pub content: Vec<u8>,
    /// What it replaces.
    pub replaced: Vec<Vec<u8>>,
    /// Whether the path is ignored.
    pub ignored: Option<Ignored>,
}

impl Origin for InMemory {
    fn content(&self) -> Result<Vec<u8>> {
        Ok(self.content.clone())
    }

    fn replaced(&self) -> Result<Vec<Vec<u8>>> {
        Ok(self.replaced.clone())
    }

    fn ignored(&self) -> Result<Ignored> {
        Ok(self.ignored.clone().unwrap_or(Ignored::No))
    }
}
