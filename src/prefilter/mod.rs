//! Finds the places of a text where a keyword stands: only there a rule is tried.

mod gram;
pub(crate) mod sieve;

pub use self::sieve::Hit;
