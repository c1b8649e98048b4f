//! Keys in the files where they belong: what an environment file holds, and what becomes of it.

pub(crate) mod template;
