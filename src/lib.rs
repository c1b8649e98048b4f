//! keyward keeps API keys out of commits.
//!
//! A scan is one straight line; each step takes the value before it and knows nothing of the step
//! after it:
//!
//! ```text
//! source -> changes -> texts -> candidates -> findings -> verdict -> report
//! git       git        text     detect        scan        verdict    report
//! ```
//!
//! The program is all here; `main.rs` calls [`main`]. Nothing else is public but [`parts`], so that the compiler
//! sees what nobody uses.

// A test may be one long table.
#![cfg_attr(not(test), warn(clippy::too_many_lines))]

mod agent;
mod allow;
mod archive;
mod armour;
mod assignment;
mod audit;
mod candidate;
mod change;
mod cli;
mod comment;
mod confidence;
mod config;
mod count;
mod deadline;
mod deposit;
mod detect;
mod disk;
mod doctor;
mod dotenv;
mod encoding;
mod files;
mod filetype;
mod finding;
mod git;
mod glob;
mod guard;
mod hook;
mod judge;
mod keys;
mod lab;
mod ledger;
mod lfs;
mod local_check;
mod local_key;
mod pile;
mod prefilter;
mod proof;
mod report;
mod respond;
mod rules;
mod scan;
mod setup;
mod shell;
mod store;
mod suggest;
mod sweep;
mod table;
mod text;
mod texts;
mod unwrap;
mod verdict;
#[cfg(feature = "network")]
mod verify;
mod words;

pub use self::cli::main;

/// What the benchmarks, the fuzz targets and the tests work with. No interface: it changes as they do.
pub mod parts;
