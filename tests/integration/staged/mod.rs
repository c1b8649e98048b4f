//! The staged commit, and git's environment in a hook: real commits, through a hook that runs the
//! real binary, and the same changes seen by both readers.

mod changes;
mod content;
mod files;
mod index;
mod merges;
mod moves;
mod names;
mod places;
mod settings;
mod storage;

use std::path::PathBuf;

use crate::support::{Scratch, write_script};

const COMMIT: [&str; 3] = ["commit", "-m", "change"];

/// Lines of text among which a key may stand.
const TEXT: &str = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\nten\n";

/// Programs that a repository's settings name, none of which may run: each leaves a mark.
fn trap(scratch: &Scratch) -> (PathBuf, String) {
    let mark = scratch.root().join("ran");
    let program = scratch.root().join("program");
    let script = format!("#!/bin/sh\ntouch '{}'\ncat\n", mark.display());
    write_script(&program, &script);
    (mark, program.to_str().unwrap().to_owned())
}

/// The file of a loose object.
fn object(scratch: &Scratch, name: &str) -> PathBuf {
    let id = scratch.git(&["rev-parse", name]);
    scratch
        .top()
        .join(".git/objects")
        .join(&id[..2])
        .join(&id[2..])
}
