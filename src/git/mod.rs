//! Reads repositories. Nothing else in the crate names git2 or runs git.
//!
//! [`Repo`] asks one of two readers: [libgit2](read::libgit2), in-process, for ordinary repositories, and
//! [git's plumbing](read::plumbing) for all that libgit2 can't read. Whatever the first fails at is asked
//! of the second, and only an error of the second is an error.
//!
//! The first also answers first, whatever the size of the repository, so that what decides is only
//! whether it can read it: the reader of the index has the figures. The second starts a process or two,
//! of which each takes as long as a whole hook run in a small repository (docs/performance.md, W1).

mod base;
mod blobs;
mod caller;
mod compare;
mod env;
mod fetch;
mod forge;
mod fresh;
mod held;
mod history;
mod id;
mod ignore;
mod ignored;
mod lfs;
mod message;
mod object;
mod open;
pub(crate) mod parsers;
mod pool;
mod programs;
mod read;
mod refs;
mod rehearsal;
mod repo;
mod rewrite;
mod settings;
mod staged;
mod trailer;
mod tree;
mod worktree;

pub(crate) use self::base::{Base, Sight};
pub(crate) use self::fetch::Fetched;
pub(crate) use self::forge::{Answer, Forge};
pub(crate) use self::fresh::Fresh;
pub(crate) use self::held::{
    Doubt, Graph, Held, Holder, Key, KeySet, Look, Made, ObjectReader, Objects, Partial, Paths,
    Place, ReadBefore, Root, Roots, Short, ShortMap, Viewer, Walk, places,
};
pub(crate) use self::history::{CommitId, History, RefUpdate, RevRange};
pub(crate) use self::id::ObjectId;
pub(crate) use self::object::{Commit, Kind, Tag};
pub(crate) use self::open::NoRepository;
pub(crate) use self::programs::{GitProgram, first_of, programs};
pub(crate) use self::rehearsal::{HookRun, LeftOut, REHEARSAL_VARIABLE, Rehearsal, Told};
pub use self::repo::Repo;
pub(crate) use self::settings::ConfigHook;
pub use self::settings::ConfigScope;
