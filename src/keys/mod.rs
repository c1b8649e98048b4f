//! Keys in the files where they belong: what an environment file holds, what of it may be committed, and how a
//! line of code reads it from there.

pub(crate) mod calendar;
pub(crate) mod held;
mod import;
mod lexis;
pub(crate) mod mend;
mod outline;
pub(crate) mod template;
