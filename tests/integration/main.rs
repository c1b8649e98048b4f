//! The real binary in real repositories.

#![allow(clippy::unwrap_used, reason = "a test ends at what it did not expect")]
#![allow(clippy::print_stderr, reason = "a test says what it could not try")]
#![allow(
    clippy::use_debug,
    reason = "what a test tells is for the person who broke it"
)]

mod agent_kinds;
mod agents;
mod allow;
mod archives;
mod audit;
mod by_hand;
mod catalog;
mod ci;
mod completions;
mod config;
mod disk;
mod docs;
mod doctor;
mod doctor_agents;
mod documents;
mod faulty;
mod fix;
mod forge;
mod frameworks;
mod global;
mod held;
mod history;
mod hooks;
mod ignore;
mod ignored;
mod init;
mod install;
mod install_sh;
mod keys;
mod killed;
mod leaks;
mod lfs;
mod mistakes;
mod packages;
mod pages;
mod pipelines;
mod policy;
mod prefilter;
mod probe;
mod proposals;
mod real_agents;
mod reference;
mod releases;
mod report;
mod respond;
mod rules;
mod scan;
mod silent;
mod staged;
#[path = "../support/mod.rs"]
mod support;
mod sweep;
mod system;
mod team;
mod template;
mod trailer;
mod triage;
mod verify;
mod voice;
mod widths;

/// Every format of a report.
const FORMATS: [&str; 10] = [
    "human",
    "agent",
    "json",
    "sarif",
    "github",
    "gitlab",
    "gitlab-secrets",
    "junit",
    "csv",
    "markdown",
];
