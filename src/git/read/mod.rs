//! The two readers of a repository, and what they are made of.
//!
//! [`libgit2`] answers in-process for ordinary repositories, with an own reader of the
//! [index] and of [loose] objects, and only once a look at the [packs] found nothing against it; [pack]
//! reads all of a history; [`plumbing`] asks git itself, for all that the first can't read.

mod batch;
pub(super) mod command;
pub(super) mod index;
pub(super) mod libgit2;
mod loose;
pub(super) mod pack;
mod packs;
pub(super) mod plumbing;

use std::env;

use anyhow::{Result, bail};

use crate::disk;

/// The environment variable that forces a [`Reader`], by its name in lower case.
pub(crate) const READER_VARIABLE: &str = "KEYWARD_READER";

/// What reads a repository. Both give the same answers, where the first gives one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// libgit2, in-process.
    Libgit2,
    /// The git program.
    Git,
}

impl Reader {
    pub(super) fn from_env() -> Result<Option<Self>> {
        match env::var_os(READER_VARIABLE) {
            None => Ok(None),
            Some(name) if name.is_empty() => Ok(None),
            Some(name) if name == "libgit2" => Ok(Some(Self::Libgit2)),
            Some(name) if name == "git" => Ok(Some(Self::Git)),
            Some(_) => {
                bail!("{READER_VARIABLE} names no reader; set it to libgit2 or git, or unset it")
            }
        }
    }
}

/// An empty buffer with room for so many bytes.
fn room(bytes: usize) -> Result<Vec<u8>> {
    Ok(disk::room(bytes)?)
}

/// The name of a parser, and what tries it.
pub type Parser = (&'static str, fn(&[u8]));

/// What reads objects and indexes, to be tried with any bytes.
pub(super) const PARSERS: &[Parser] = &[
    ("an index", index::try_index),
    ("a loose object", |bytes| drop(loose::inflate(bytes))),
    ("a pack", pack::try_parts),
    ("the log of a ref", |bytes| {
        drop(plumbing::Logged::of_line(bytes))
    }),
];
