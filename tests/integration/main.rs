//! The real binary in real repositories.

#![allow(clippy::unwrap_used, reason = "a test ends at what it did not expect")]
#![allow(
    clippy::use_debug,
    reason = "what a test tells is for the person who broke it"
)]

mod allow;
mod config;
mod documents;
mod ignored;
mod install;
mod install_sh;
mod report;
mod scratch;
mod staged;
