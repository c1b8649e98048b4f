//! What the test programs and the benches share: throw-away repositories, made-up keys, and the ways
//! to write a key down.

#![allow(dead_code, unused_imports, reason = "each program uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a test ends at what it did not expect")]
#![allow(clippy::print_stderr, reason = "a test says what it could not try")]

pub(crate) mod contexts;
pub(crate) mod document;
mod keys;
pub(crate) mod locks;
#[cfg(feature = "network-tests")]
pub(crate) mod provider;
mod scratch;
#[cfg(unix)]
mod terminal;

pub(crate) use keys::{anthropic_key, assert_no_run, assert_sealed, letters};
pub(crate) use scratch::{
    Ran, Reading, Scratch, feed, files_below, ids, lay_out_husky, path_after, run, write_script,
};
#[cfg(unix)]
pub(crate) use terminal::on_terminal;

/// Whether a test may take its time: in `.ci/run` and in the CI, which say so by `CI=true`, and not
/// where somebody waits.
pub(crate) fn is_thorough() -> bool {
    std::env::var_os("CI").is_some_and(|value| value == "true")
}

/// How often a test repeats what has to hold each time: so many times where it may take its time, else a
/// tenth of it.
pub(crate) fn rounds(thorough: usize) -> usize {
    if is_thorough() {
        thorough
    } else {
        thorough / 10
    }
}
