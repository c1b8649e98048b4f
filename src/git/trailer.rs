//! The trailer of a commit's message that says which tree was checked before the commit was made.
//!
//! It names the tree, so that it says nothing of another: of a commit that was rebased, picked, or
//! amended past the hooks, nobody can take it for the word of a check.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use bstr::ByteSlice;

use super::history::RevRange;
use super::message::{Cleanup, Layout, layout};
use super::object::{Commit, Kind};
use super::read::plumbing::Known;
use super::repo::Repo;
use crate::disk;
use crate::local_check::{Claim, LocalChecks};

/// What the line begins with.
pub(crate) const TRAILER: &str = "Keyward-Checked:";

/// How much of a tree's id the line holds, in hex digits.
const SHORT: usize = 12;

/// Forges that commit by themselves, by the address that they commit with.
const FORGES: &[&str] = &["noreply@github.com"];

impl Repo {
    /// Lets the message in `file` say that the tree was checked, if it was. A message that was put
    /// together from others says it once in any case, and one that git will refuse for being empty
    /// stays empty.
    ///
    /// # Errors
    /// When the file can't be read or written, or git can't read its config.
    pub fn note_in_message(&self, file: &Path, tree: &str, checked_by: Option<&str>) -> Result<()> {
        let text = disk::read_whole(file).context("cannot read the commit's message")?;
        let line = checked_by.map(|version| line(version, tree));
        let noted = noted(&text, &self.cleanup()?, tree, line.as_deref());
        if noted != text {
            fs::write(file, noted).context("cannot write the commit's message")?;
        }
        Ok(())
    }

    /// What the commits of a range say of local checks.
    ///
    /// # Errors
    /// When git can't list them, or one can't be read.
    pub fn local_checks(&self, range: &RevRange) -> Result<LocalChecks> {
        let known = Known {
            objects: Vec::from_iter(range.base.map(|base| base.0)),
            refs: None,
        };
        let mut checks = LocalChecks::default();
        for id in self.plumbing.commits(&[range.tip.0], &known)? {
            let commit = Commit::parse(&self.object(id, Kind::Commit)?)?;
            if commit.parents.len() > 1 {
                checks.merges += 1;
            } else if FORGES.iter().any(|forge| is_by(&commit.committer, forge)) {
                checks.by_forge += 1;
            } else {
                let claim = claim(&commit.message, &commit.tree.to_string());
                checks.count(commit.author.to_str_lossy().into_owned(), claim);
            }
        }
        Ok(checks)
    }
}

fn is_by(person: &[u8], address: &str) -> bool {
    let ends = person
        .strip_suffix(b">")
        .and_then(|person| person.strip_suffix(address.as_bytes()));
    ends.is_some_and(|name| name.ends_with(b"<"))
}

fn line(version: &str, tree: &str) -> String {
    format!("{TRAILER} {version} tree {}", &tree[..SHORT])
}

fn is_own(line: &[u8]) -> bool {
    let start = line.get(..TRAILER.len());
    start.is_some_and(|start| start.eq_ignore_ascii_case(TRAILER.as_bytes()))
}

fn claim(message: &[u8], tree: &str) -> Claim {
    let mut claims = message.lines().filter(|line| is_own(line));
    let is_any = claims.clone().next().is_some();
    match (is_any, claims.any(|line| names(line, tree))) {
        (_, true) => Claim::Own,
        (true, false) => Claim::Other,
        (false, false) => Claim::Nothing,
    }
}

fn names(line: &[u8], tree: &str) -> bool {
    let named = line
        .rsplit_once_str(" tree ")
        .map(|(_, id)| id.trim_ascii());
    named.is_some_and(|id| id.len() >= SHORT && tree.as_bytes().starts_with(id))
}

/// The message with that line, or, without one, with no more than one of its kind: the one that
/// names the tree, or else the last.
fn noted(text: &[u8], cleanup: &Cleanup, tree: &str, line: Option<&str>) -> Vec<u8> {
    let Layout { lines, rest, .. } = layout(text, cleanup);
    let is_empty = |(line, is_comment): &(&[u8], bool)| !is_comment && line.trim().is_empty();
    let is_claim = |(line, is_comment): &(&[u8], bool)| !is_comment && is_own(line);
    let stays = match line {
        Some(_) => None,
        None => lines
            .iter()
            .position(|line| is_claim(line) && names(line.0, tree))
            .or_else(|| lines.iter().rposition(is_claim)),
    };
    let mut kept: Vec<(&[u8], bool)> = Vec::with_capacity(lines.len());
    for (at, line) in lines.iter().enumerate() {
        if stays == Some(at) || !is_claim(line) {
            kept.push(*line);
            continue;
        }
        // One that was a paragraph of its own takes the empty line before it along.
        let is_last = lines
            .get(at + 1)
            .is_none_or(|next| next.1 || is_empty(next));
        if is_last && kept.last().is_some_and(is_empty) {
            kept.pop();
        }
    }
    let is_content = |(line, is_comment): &(&[u8], bool)| !is_comment && !line.trim().is_empty();
    let Some(last) = kept.iter().rposition(is_content) else {
        return text.to_vec();
    };
    let (message, after) = kept.split_at(last + 1);
    let mut out: Vec<u8> = message
        .iter()
        .flat_map(|(line, _)| *line)
        .copied()
        .collect();
    if let Some(line) = line {
        if !out.ends_with(b"\n") {
            out.push(b'\n');
        }
        if !ends_with_trailers(message) {
            out.push(b'\n');
        }
        out.extend_from_slice(line.as_bytes());
        out.push(b'\n');
    }
    out.extend(after.iter().flat_map(|(line, _)| *line));
    out.extend_from_slice(rest);
    out
}

/// Whether the last paragraph is one of trailers, to which another belongs: it is not the subject,
/// and each of its lines is one or goes on with one.
fn ends_with_trailers(message: &[(&[u8], bool)]) -> bool {
    let text = message.iter().filter(|(_, is_comment)| !is_comment);
    let lines: Vec<&[u8]> = text.map(|(line, _)| line.trim_end()).collect();
    let start = lines.iter().rposition(|line| line.is_empty());
    let Some(start) = start.filter(|&start| lines[..start].iter().any(|line| !line.is_empty()))
    else {
        return false;
    };
    lines[start + 1..].iter().enumerate().all(|(at, line)| {
        (at > 0 && line.starts_with(b" "))
            || line.starts_with(b"(cherry picked from commit ")
            || line.split_once_str(":").is_some_and(|(key, value)| {
                let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
                !key.is_empty() && key.iter().all(is_word) && value.starts_with(b" ")
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TREE: &str = "0123456789abcdef";
    const LINE: &str = "Keyward-Checked: 1.0.0 tree 0123456789ab";

    fn written() -> Cleanup {
        Cleanup {
            comment: Some("#".to_owned()),
            is_certain: true,
            mode: None,
            is_verbose: false,
            keeps_all: false,
            told: None,
        }
    }

    #[track_caller]
    fn assert_noted(text: &str, expected: &str) {
        let expected = expected.replace("LINE", LINE);
        let once = noted(text.as_bytes(), &written(), TREE, Some(LINE));
        assert_eq!(once.to_str_lossy(), expected);
        let twice = noted(&once, &written(), TREE, Some(LINE));
        assert_eq!(twice.to_str_lossy(), expected, "twice is as once");
    }

    #[test]
    fn the_line_ends_the_message_and_stands_with_other_trailers() {
        assert_noted("subject", "subject\n\nLINE\n");
        assert_noted("fix: it\n", "fix: it\n\nLINE\n");
        assert_noted("s\n\nbody: a\nb\n", "s\n\nbody: a\nb\n\nLINE\n");
        assert_noted(
            "s\n\nb\n\nSigned-off-by: A <a>\n more\n",
            "s\n\nb\n\nSigned-off-by: A <a>\n more\nLINE\n",
        );
    }

    #[test]
    fn comments_and_what_is_under_the_scissors_stay_below() {
        assert_noted("s\n\n# c\n# d\n", "s\n\nLINE\n\n# c\n# d\n");
        let cut = "# ------------------------ >8 ------------------------\n# x\ndiff --git a b\n";
        assert_noted(&format!("s\n{cut}"), &format!("s\n\nLINE\n{cut}"));
    }

    #[test]
    fn an_empty_message_stays_empty() {
        for text in ["", "\n", "# c\n", "\n# c\n"] {
            assert_noted(text, text);
        }
    }

    #[test]
    fn of_several_one_is_left() {
        let old = "Keyward-Checked: 0.9.0 tree ffffffffffff";
        let squashed = format!("a\n\n{old}\n\nb\n\nkeyward-checked: x\n# c\n");
        assert_noted(&squashed, "a\n\nb\n\nLINE\n# c\n");
        let left = |text: &str| noted(text.as_bytes(), &written(), TREE, None);
        let last = "a\n\nb\n\nkeyward-checked: x\n# c\n";
        assert_eq!(left(&squashed).to_str_lossy(), last);
        let with_own = squashed.replace(old, LINE);
        let first = format!("a\n\n{LINE}\n\nb\n# c\n");
        assert_eq!(left(&with_own).to_str_lossy(), first);
        for alone in ["a", "a\n\n\n# c\n\n", "a\n\nkeyward-checked: x\n"] {
            assert_eq!(left(alone).to_str_lossy(), alone);
        }
    }

    #[test]
    fn a_claim_is_of_the_tree_that_it_names() {
        let tree = TREE;
        let message = |id: &str| format!("s\n\n{TRAILER} 1.0.0 tree {id}\r\n").into_bytes();
        assert_eq!(claim(b"s\n", tree), Claim::Nothing);
        assert_eq!(claim(&message("0123456789ab"), tree), Claim::Own);
        assert_eq!(claim(&message(tree), tree), Claim::Own);
        assert_eq!(claim(&message("0123456789ac"), tree), Claim::Other);
        assert_eq!(claim(&message("0"), tree), Claim::Other);
        assert_eq!(claim(&message(""), tree), Claim::Other);
        assert_eq!(claim(b"Keyward-Checked: tree\n", tree), Claim::Other);
    }

    #[test]
    fn a_forge_is_known_by_its_whole_address() {
        assert!(is_by(b"GitHub <noreply@github.com>", FORGES[0]));
        assert!(!is_by(b"X <another-noreply@github.com>", FORGES[0]));
        assert!(!is_by(b"noreply@github.com", FORGES[0]));
    }
}
