//! The two readers of a repository, and what they are made of.
//!
//! [`libgit2`] answers in-process for ordinary repositories, with an own reader of the
//! [index] and of [loose] objects; [`plumbing`] asks git itself, for all that the first can't read.

pub(super) mod index;
pub(super) mod libgit2;
mod loose;
pub(super) mod plumbing;
