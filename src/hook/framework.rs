//! Tools that run hooks from a file that the team shares, and how keyward is put into it.
//!
//! keyward's own hooks stand beside theirs all the same. The line in the team's file is for those
//! who never run `keyward install`, and for tools that write their scripts anew.

use std::path::Path;

use bstr::ByteSlice;

/// A tool that runs hooks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framework {
    /// pre-commit, or prek, which reads the same file.
    PreCommit,
    /// lefthook.
    Lefthook,
}

/// Names under which lefthook looks for its file, each with every extension, and also hidden.
const LEFTHOOK: [&str; 8] = [
    "lefthook.yml",
    "lefthook.yaml",
    "lefthook.toml",
    "lefthook.json",
    ".lefthook.yml",
    ".lefthook.yaml",
    ".lefthook.toml",
    ".lefthook.json",
];

const PRE_COMMIT: [&str; 2] = [".pre-commit-config.yaml", ".pre-commit-config.yml"];

impl Framework {
    /// The tools that a repository is set up for, by the files at its top.
    pub(crate) fn found(top: &Path) -> Vec<Self> {
        let has = |names: &[&str]| names.iter().any(|name| top.join(name).is_file());
        let mut found = Vec::new();
        if has(&PRE_COMMIT) {
            found.push(Self::PreCommit);
        }
        if has(&LEFTHOOK) {
            found.push(Self::Lefthook);
        }
        found
    }

    /// Whether the tool's file names keyward: it is then the tool's hooks that call it.
    pub(crate) fn names_keyward(self, top: &Path) -> bool {
        /// A bound: no such file is longer.
        const MOST_BYTES: u64 = 1 << 20;
        let names: &[&str] = match self {
            Self::PreCommit => &PRE_COMMIT,
            Self::Lefthook => &LEFTHOOK,
        };
        names.iter().any(|name| {
            let file = crate::disk::read_regular(&top.join(name), MOST_BYTES);
            file.is_ok_and(|file| file.is_some_and(|text| text.contains_str("keyward")))
        })
    }

    /// How the team has it, in a line.
    pub(crate) const fn advice(self) -> &'static str {
        match self {
            Self::PreCommit => {
                "This repository uses pre-commit: to bring keyward to the team, add \
                 https://github.com/keyward/keyward with the id `keyward` to .pre-commit-config.yaml"
            }
            Self::Lefthook => {
                "This repository uses lefthook, which may write its hooks over keyward's: add \
                 `run: keyward hook pre-commit` to the jobs of pre-commit in its file"
            }
        }
    }
}
