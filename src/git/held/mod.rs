//! Everything that a repository still holds, for whoever audits it: what keeps objects alive
//! ([`roots`]), the commits that are reached from there ([`graph`]), the paths under which their trees
//! hold blobs ([`paths`]), and in which commits a few of those stand ([`mod@places`]).
//!
//! A diff for each commit is too slow for all of a history. A tree is read once for each directory that
//! has it, beside the last tree of that directory; each blob is shown once, in the order in which a pack
//! is made; and only for those that somebody found something in the trees are gone through once more, where they lead to
//! such a blob.

mod graph;
mod key;
mod objects;
mod paths;
mod places;
mod remotes;
mod roots;
mod trees;

pub(crate) use self::graph::{Graph, ReadBefore};
pub(crate) use self::key::{Key, KeySet, Short, ShortMap};
pub(crate) use self::objects::{Made, ObjectReader, Objects, Viewer};
pub(crate) use self::paths::{Look, Paths, Walk};
pub(crate) use self::places::{Held, Place, places};
pub(crate) use self::remotes::Doubt;
pub(crate) use self::roots::{Holder, Partial, Root, Roots};
