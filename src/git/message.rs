//! The message of a commit to be: what of its file git will keep.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use bstr::ByteSlice;

use super::env::variable;
use super::history::COMMIT_MESSAGE;
use super::repo::Repo;
use crate::change::{Change, EntryKind, InMemory, Status};

/// git's line above what it shows to the writer and throws away; a comment's sign goes before it.
const SCISSORS: &str = " ------------------------ >8 ------------------------";

/// The signs of which git takes the first that no line of the message begins with, where
/// `core.commentChar` is `auto` (git-config(1); the list is in builtin/commit.c).
const AUTO: &[u8] = b"#;@!$%^&|:";

/// What git does with a message once it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cleanup {
    /// What a line begins with that is no part of the message; `None` stands for `auto`.
    pub(super) comment: Option<String>,
    /// Whether such lines stay.
    pub(super) keeps_comments: bool,
    /// Whether nothing was shown to a writer, so that there is nothing to throw away.
    pub(super) keeps_all: bool,
}

impl Repo {
    /// The message that `file` holds, as git will record it: without comments, and without what
    /// stands under the scissors. Lines keep their numbers.
    ///
    /// # Errors
    /// When the file can't be read, or git can't read its config.
    pub fn message(&self, file: &Path) -> Result<Change<'static>> {
        let text = fs::read(file).context("cannot read the commit's message")?;
        let origin = InMemory {
            content: kept(&text, &self.cleanup()?),
            ..InMemory::default()
        };
        Ok(Change::new(
            COMMIT_MESSAGE,
            Status::Added,
            EntryKind::Message,
            origin,
        ))
    }

    pub(super) fn cleanup(&self) -> Result<Cleanup> {
        let settings = self.ask(
            |libgit2| {
                libgit2.settings(&["core.commentchar", "core.commentstring", "commit.cleanup"])
            },
            |git| git.settings(r"^(core\.comment(char|string)|commit\.cleanup)$"),
        )?;
        let last = |wanted: fn(&str) -> bool| {
            let found = settings.iter().rev().find(|(key, _)| wanted(key));
            found.map(|(_, value)| value.as_str())
        };
        let comment = last(|key| key.starts_with("core.")).unwrap_or("#");
        Ok(Cleanup {
            comment: (comment != "auto").then(|| comment.to_owned()),
            keeps_comments: matches!(
                last(|key| key == "commit.cleanup"),
                Some("verbatim" | "whitespace" | "scissors")
            ),
            // git tells a hook so that nobody edited the message: then it keeps its comments.
            keeps_all: variable("GIT_EDITOR").is_some_and(|editor| editor == ":"),
        })
    }
}

/// The lines of a message's file, with their ends.
pub(super) struct Layout<'t> {
    /// Each with whether it is a comment, which git throws away.
    pub(super) lines: Vec<(&'t [u8], bool)>,
    /// The scissors and what stands under them.
    pub(super) rest: &'t [u8],
}

pub(super) fn layout<'t>(text: &'t [u8], cleanup: &Cleanup) -> Layout<'t> {
    if cleanup.keeps_all {
        let lines = text.lines_with_terminator().map(|line| (line, false));
        return Layout {
            lines: lines.collect(),
            rest: b"",
        };
    }
    let comment = match &cleanup.comment {
        Some(comment) => comment.as_bytes().to_vec(),
        None => guessed(text),
    };
    let scissors = [&comment, SCISSORS.as_bytes()].concat();
    let is_comment = |line: &[u8]| !comment.is_empty() && line.starts_with(&comment);
    let mut out = Layout {
        lines: Vec::new(),
        rest: text,
    };
    let mut lines = text.lines_with_terminator().peekable();
    while let Some(line) = lines.next() {
        // Under scissors that the writer typed the message goes on.
        let is_end = line.trim_end() == scissors
            && lines
                .peek()
                .is_none_or(|next| is_comment(next) || next.starts_with(b"diff --"));
        if is_end {
            break;
        }
        out.rest = &out.rest[line.len()..];
        out.lines
            .push((line, is_comment(line) && !cleanup.keeps_comments));
    }
    out
}

/// The text with empty lines for what git throws away, and without its end if that goes too.
fn kept(text: &[u8], cleanup: &Cleanup) -> Vec<u8> {
    let lines = layout(text, cleanup).lines.into_iter();
    lines
        .flat_map(|(line, is_comment)| if is_comment { b"\n" } else { line })
        .copied()
        .collect()
}

/// The sign that git took: that of the scissors, or that of the last line, where its comments are.
fn guessed(text: &[u8]) -> Vec<u8> {
    let of = |line: &[u8]| line.first().copied().filter(|sign| AUTO.contains(sign));
    let scissors = text
        .lines()
        .find_map(|line| of(line).filter(|_| line[1..].trim_end() == SCISSORS.as_bytes()));
    let last = || {
        text.lines()
            .rev()
            .find(|line| !line.is_empty())
            .and_then(of)
    };
    Vec::from_iter(scissors.or_else(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(comment: Option<&str>) -> Cleanup {
        Cleanup {
            comment: comment.map(str::to_owned),
            keeps_comments: false,
            keeps_all: false,
        }
    }

    fn cut(text: &str, cleanup: &Cleanup) -> String {
        String::from_utf8(kept(text.as_bytes(), cleanup)).unwrap()
    }

    #[test]
    fn comments_become_empty_lines() {
        let text = "subject\n# one\n #two\nend #3\n#\n";
        let expected = "subject\n\n #two\nend #3\n\n";
        assert_eq!(cut(text, &written(Some("#"))), expected);
        assert_eq!(cut(text, &written(Some("//"))), text);
        assert_eq!(cut("a\n// b\n/ c", &written(Some("//"))), "a\n\n/ c");
        assert_eq!(cut("", &written(Some("#"))), "");
    }

    #[test]
    fn what_is_under_the_scissors_is_cut() {
        for (sign, setting) in [("#", Some("#")), (";", Some(";")), ("%", None)] {
            let text =
                format!("subject\n{sign}{SCISSORS}\n{sign} Do not\ndiff --git a/x b/x\n+k\n");
            assert_eq!(cut(&text, &written(setting)), "subject\n", "{sign}");
        }
        let typed = format!("subject\n#{SCISSORS}\nand on\n# comment\n");
        assert_eq!(cut(&typed, &written(Some("#"))), "subject\n\nand on\n\n");
        let bare = format!("subject\n#{SCISSORS}\ndiff --git a/x b/x\n+k\n");
        assert_eq!(cut(&bare, &written(Some("#"))), "subject\n");
    }

    #[test]
    fn the_sign_that_git_took_is_found() {
        let auto = written(None);
        assert_eq!(cut("# mine\n; git's\n;\n\n", &auto), "# mine\n\n\n\n");
        assert_eq!(cut("# mine\ntext\n", &auto), "# mine\ntext\n");
    }

    #[test]
    fn a_message_that_nobody_edited_keeps_its_comments() {
        let text = format!("# a\n#{SCISSORS}\n# b\n");
        let unedited = Cleanup {
            keeps_all: true,
            ..written(Some("#"))
        };
        assert_eq!(cut(&text, &unedited), text);
        let whitespace = Cleanup {
            keeps_comments: true,
            ..written(Some("#"))
        };
        assert_eq!(cut(&text, &whitespace), "# a\n");
    }
}
