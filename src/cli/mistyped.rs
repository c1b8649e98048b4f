//! What is told beside an argument that no command takes: the command that does what it says elsewhere.

use std::path::Path;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::hook::HookKind;

/// Words that other tools have, or people, and the command that does that here.
const ELSEWHERE: &[(&[&str], &str)] = &[
    (&["baseline"], "keyward allow --all --reason \"...\""),
    (
        &[
            "check",
            "detect",
            "dir",
            "directory",
            "file",
            "filesystem",
            "git",
            "run",
            "search",
        ],
        "keyward scan",
    ),
    (&["disable", "remove", "unprotect"], "keyward uninstall"),
    (&["enable", "protect", "setup"], "keyward install"),
    (&["history", "log"], "keyward audit"),
    (&["leak", "leaked"], "keyward respond --stdin"),
    (&["status"], "keyward doctor"),
];

/// The error, with the tips that help, and without the one that a word with dashes could be meant as a name,
/// where no file has that name.
pub(super) fn told(mut error: clap::Error) -> clap::Error {
    let word = [ContextKind::InvalidSubcommand, ContextKind::InvalidArg]
        .into_iter()
        .find_map(|kind| match error.get(kind) {
            Some(ContextValue::String(word)) => Some(word.clone()),
            _ => None,
        });
    let is_unknown = matches!(
        error.kind(),
        ErrorKind::InvalidSubcommand | ErrorKind::UnknownArgument
    );
    let Some(word) = word.filter(|_| is_unknown) else {
        return error;
    };
    if Path::new(&word).symlink_metadata().is_err() && word.starts_with('-') {
        error.remove(ContextKind::Suggested);
    }
    if let Some(command) = command_for(&word) {
        // What is spelt alike does something else.
        error.remove(ContextKind::SuggestedSubcommand);
        let tip = format!("`{command}` does that").into();
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip]));
    }
    error
}

fn command_for(word: &str) -> Option<String> {
    let mut rows = ELSEWHERE.iter();
    let row = rows.find(|(words, _)| words.contains(&word));
    row.map(|&(_, command)| command.to_owned()).or_else(|| {
        let mut kinds = HookKind::ALL.iter();
        let kind = kinds.find(|kind| kind.name() == word)?;
        Some(format!("keyward install --hook {kind}"))
    })
}
