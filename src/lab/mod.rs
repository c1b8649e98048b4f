//! The laboratory: random secrets, and what becomes of them.
//!
//! `keyward rules check` and `rules show`, the self-test of an installation and the tests work here.
//! A scan never does.

pub(crate) mod check;
mod line;
mod name;
pub(crate) mod precedence;
mod random;
pub mod sample;

pub use self::line::has_line;
pub use self::name::name_of;
pub use self::random::Random;
pub use self::sample::sample;
