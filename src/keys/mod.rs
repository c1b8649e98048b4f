//! Keys in the files where they belong: what an environment file holds, what of it may be committed, and how a
//! line of code reads it from there.

pub(crate) mod mend;
pub(crate) mod template;
