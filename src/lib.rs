//! keyward keeps API keys out of commits.
//!
//! A scan is one straight line; each step takes the value before it and knows nothing of the step
//! after it:
//!
//! ```text
//! source -> changes -> texts -> candidates -> findings -> verdict -> report
//! git       git        text     detect        scan        verdict    report
//! ```

pub mod allow;
mod armour;
mod assignment;
pub mod change;
pub mod comment;
pub mod confidence;
pub mod config;
pub mod detect;
pub mod disk;
pub mod doctor;
mod encoding;
pub mod files;
pub mod filetype;
pub mod finding;
pub mod git;
pub mod glob;
pub mod guard;
pub mod hook;
pub mod lab;
mod lfs;
pub mod local_check;
pub mod prefilter;
pub mod proof;
pub mod report;
pub mod rules;
pub mod scan;
pub mod shell;
mod table;
pub mod text;
pub mod unwrap;
pub mod verdict;
mod words;
