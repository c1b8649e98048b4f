//! The real binary in real repositories.

#![allow(clippy::unwrap_used, reason = "a test ends at what it did not expect")]
#![allow(
    clippy::use_debug,
    reason = "what a test tells is for the person who broke it"
)]

mod allow;
mod catalog;
mod config;
#[path = "../contexts/mod.rs"]
#[allow(dead_code, reason = "the tests of the rules use all of it")]
mod contexts;
mod docs;
mod doctor;
mod documents;
mod frameworks;
mod global;
mod history;
mod hooks;
mod ignored;
mod install;
mod install_sh;
mod packages;
mod report;
mod scratch;
mod staged;
mod system;
mod team;
mod trailer;
