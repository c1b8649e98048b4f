//! The parsers of what a repository holds, to be tried with any bytes.

use super::caller::Told;
use super::history::RefUpdate;
use super::ignore::Patterns;
use super::message::{Cleanup, layout};
use super::object::{Commit, Tag, tree};
use super::read;
pub use super::read::Parser;

/// All of them.
pub(crate) fn all() -> impl Iterator<Item = Parser> {
    const OURS: &[Parser] = &[
        ("a commit", |bytes| drop(Commit::parse(bytes))),
        ("a tag", |bytes| drop(Tag::parse(bytes))),
        ("a tree", |bytes| drop(tree(bytes, 20))),
        ("a .gitignore", |bytes| drop(Patterns::parse(bytes))),
        ("a message", message),
        ("refs that are pushed", |line| {
            drop((RefUpdate::pushed(line), RefUpdate::received(line)))
        }),
    ];
    OURS.iter().chain(read::PARSERS).copied()
}

fn message(text: &[u8]) {
    for (comment, keeps_all, is_seen) in [
        (Some("#"), false, true),
        (Some("#"), false, false),
        (None, false, true),
        (None, true, false),
    ] {
        let cleanup = Cleanup {
            comment: comment.map(str::to_owned),
            is_certain: true,
            mode: None,
            is_verbose: true,
            keeps_all,
            told: is_seen.then(Told::default),
        };
        let layout = layout(text, &cleanup);
        let lines: usize = layout.lines.iter().map(|(line, _)| line.len()).sum();
        assert_eq!(
            lines + layout.rest.len(),
            text.len(),
            "nothing of it is lost"
        );
    }
}
