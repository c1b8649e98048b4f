//! A file that is about to be written, edited, moved or deleted.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use bstr::ByteSlice;
use memchr::memmem::Finder;

use super::Desk;
use crate::agent::{Guarded, MOST_BYTES, guarded, starters_below};
use crate::allow;
use crate::change::{Change, EntryKind, InMemory, Status};
use crate::disk;
use crate::finding::Finding;
use crate::git::Repo;
use crate::report::agent::Refusal;
use crate::shell::shown;

impl Desk {
    /// Looks at a file that is about to be written; `new` makes of what it holds what it will hold.
    pub(super) fn write(
        &mut self,
        path: &str,
        new: impl FnOnce(Option<&str>) -> Written,
    ) -> Option<String> {
        let file = self.absolute(path);
        let old = disk::read_regular(&file, MOST_BYTES).ok().flatten();
        let old_text = old.as_deref().map(String::from_utf8_lossy);
        let written = new(old_text.as_deref());
        if let Some(reason) = self.keeps_in_check(path, Some(&written.content)) {
            return Some(reason);
        }
        let named = self.named(&file);
        let status = match old {
            Some(_) => Status::Modified,
            None => Status::Added,
        };
        let origin = InMemory {
            content: written.content.into_bytes(),
            replaced: old.into_iter().chain(written.replaced).collect(),
            ..InMemory::default()
        };
        let change = Change::new(named.clone(), status, EntryKind::File, origin);
        let mut verdict = self.look(change);
        let mut found = verdict.blocking;
        let by_comment = verdict
            .allowed
            .extract_if(.., |allowed| allowed.finding.comment.is_some())
            .map(|allowed| allowed.finding);
        let commented: Vec<Finding> = by_comment.collect();
        let is_comment = found.is_empty() && !commented.is_empty();
        found.extend(commented);
        if found.is_empty() {
            return None;
        }
        let repo = repository_of(&file);
        if is_passed_over(&repo, &file) {
            return None;
        }
        if let Ok(Some(repo)) = &repo {
            self.note(repo, &found);
        }
        let refusal = Refusal {
            deed: "refused",
            what: "this write",
            why: match is_comment {
                true => "an agent may not allow a secret by a comment",
                false => "git tracks the file, or would",
            },
            findings: &found,
            next: "write it without the secret; the value goes into .env, which git must ignore",
        };
        Some(refusal.told())
    }

    /// Looks at a file of which parts are about to be replaced. Of a large one the lines around the part are enough
    /// where nothing is found in them: agents wait at each edit.
    pub(super) fn edit(
        &mut self,
        path: &str,
        parts: &[(String, String)],
        all: bool,
    ) -> Option<String> {
        let file = self.absolute(path);
        if let ([(part, new)], false) = (parts, all)
            && kept(&file).or_else(|| kept(&real(&file))).is_none()
            && let Ok(Some((before, after))) = around(&file, part, new)
        {
            let origin = InMemory {
                content: after,
                replaced: vec![before],
                ..InMemory::default()
            };
            let named = self.named(&file);
            let change = Change::new(named, Status::Modified, EntryKind::File, origin);
            let verdict = self.look(change);
            if verdict.blocking.is_empty() && verdict.allowed.is_empty() {
                return None;
            }
        }
        self.write(path, |old| edited(old, parts, all))
    }

    /// Writes down what was refused in a file of a repository, so that an agent can propose it.
    fn note(&self, repo: &Repo, findings: &[Finding]) {
        if repo.worktree().ok() == self.top.as_deref() {
            let _ = allow::told::note(repo.git_dir(), findings);
        }
    }

    /// Refuses a text that goes into settings by which an agent runs no hooks.
    pub(super) fn switches_hooks_off(&self, path: &str, text: &str) -> Option<String> {
        let file = self.absolute(path);
        let is_starter = guarded(&file.to_string_lossy()) == Some(Guarded::Starter);
        (is_starter && switches_off(text)).then(|| not_yours(path, Guarded::Starter.about()))
    }

    /// Refuses a change of what keeps agents in check. `new` is what the file will hold, if that is known.
    pub(super) fn keeps_in_check(&self, path: &str, new: Option<&str>) -> Option<String> {
        let file = self.absolute(path);
        let kind = kept(&file).or_else(|| kept(&real(&file)))?;
        let is_kept = match &kind {
            Kept::File(Guarded::Starter) => {
                let old = fs::read_to_string(&file).unwrap_or_default();
                new.map_or(0, starts) < starts(&old)
                    || new.is_some_and(|new| switches_off(new) && !switches_off(&old))
            }
            Kept::File(_) => true,
            // With a directory goes all that is in it.
            Kept::Below(files) => {
                let is_starter = |below: &String| {
                    let text = fs::read_to_string(file.join(below)).unwrap_or_default();
                    starts(&text) > 0
                };
                new.is_none() && files.iter().any(is_starter)
            }
        };
        if !is_kept {
            return None;
        }
        let about = match kind {
            Kept::File(kind) => kind.about(),
            Kept::Below(_) => Guarded::Starter.about(),
        };
        Some(not_yours(path, about))
    }
}

/// Why a file is not for an agent to change.
fn not_yours(path: &str, about: &str) -> String {
    Refusal {
        deed: "refused",
        what: "this write",
        why: &format!("{}: {about}", shown(path.as_bytes())),
        findings: &[],
        next: "tell a person what should change there, and why",
    }
    .told()
}

/// The repository in which a file lies or would lie.
fn repository_of(file: &Path) -> Result<Option<Repo>> {
    let directory = file.ancestors().skip(1).find(|above| above.is_dir());
    Repo::around(directory.context("there is no such directory")?)
}

/// Whether a file is ignored by git, or in no repository: a key there is in no commit. Asked only about what
/// holds one.
pub(super) fn is_out_of_git(file: &Path) -> bool {
    is_passed_over(&repository_of(file), file)
}

fn is_passed_over(repo: &Result<Option<Repo>>, file: &Path) -> bool {
    match repo {
        Ok(None) => true,
        Ok(Some(repo)) => repo.passes_over(file).unwrap_or(false),
        Err(_) => false,
    }
}

/// What a path keeps in check.
enum Kept {
    File(Guarded),
    /// These files, if they are there and start keyward.
    Below(Vec<String>),
}

fn kept(file: &Path) -> Option<Kept> {
    let path = file.to_string_lossy();
    if let Some(kind) = guarded(&path) {
        return Some(Kept::File(kind));
    }
    let below = starters_below(&path);
    (!below.is_empty()).then_some(Kept::Below(below))
}

/// A file by the directory in which it lies, whatever led there.
fn real(file: &Path) -> PathBuf {
    let parent = file
        .parent()
        .and_then(|parent| fs::canonicalize(parent).ok());
    match (parent, file.file_name()) {
        (Some(parent), Some(name)) => parent.join(name),
        _ => file.to_owned(),
    }
}

/// How often a text starts keyward.
fn starts(text: &str) -> usize {
    text.matches("keyward").count()
}

/// Whether settings of an agent have it run no hooks at all, by its own switch for that.
fn switches_off(settings: &str) -> bool {
    const SWITCHES: &[&str] = &[
        "disableallhooks:true",
        "disablehooks:true",
        "enablehooks:false",
        "codex_hooks=false",
        "hooks=false",
    ];
    let is_of_it = |c: &char| !c.is_whitespace() && *c != '"' && *c != '\'';
    let plain: String = settings.chars().filter(is_of_it).collect();
    let plain = plain.to_ascii_lowercase();
    SWITCHES.iter().any(|switch| plain.contains(switch))
}

/// What a file will hold.
pub(super) struct Written {
    content: String,
    /// What it replaces, beside what the file holds.
    replaced: Vec<Vec<u8>>,
}

impl From<String> for Written {
    fn from(content: String) -> Self {
        Self {
            content,
            replaced: Vec::new(),
        }
    }
}

/// The lines around a part of a large file, as they are and with another part in its place; `None` where all of the
/// file has to be looked at.
fn around(file: &Path, part: &str, new: &str) -> io::Result<Option<(Vec<u8>, Vec<u8>)>> {
    /// A bound: a file that is no longer is looked at whole.
    const SHORT: u64 = 1 << 16;
    /// A bound: no key and nothing that tells what it is reaches further from one line to another. Nor is the end
    /// of a line sought further.
    const REACH: usize = 1 << 14;
    let metadata = fs::metadata(file)?;
    let is_large = metadata.is_file() && (SHORT + 1..=MOST_BYTES).contains(&metadata.len());
    let length = usize::try_from(metadata.len()).unwrap_or(usize::MAX);
    if !is_large || part.is_empty() || part.len() > length / 2 {
        return Ok(None);
    }
    let mut file = File::open(file)?;
    let Some(at) = first(&mut file, part.as_bytes())? else {
        return Ok(None);
    };
    let start = at.saturating_sub(2 * REACH);
    let stop = length.min(at + part.len() + 2 * REACH);
    let mut lines = vec![0; stop.saturating_sub(start)];
    file.seek(SeekFrom::Start(start as u64))?;
    file.read_exact(&mut lines)?;
    let (at, end) = (at - start, at - start + part.len());
    let from = match lines[..at.saturating_sub(REACH)].rfind_byte(b'\n') {
        Some(newline) => newline + 1,
        None if start == 0 => 0,
        None => return Ok(None),
    };
    let far = lines.get(end + REACH..);
    let to = match far.and_then(|far| far.find_byte(b'\n')) {
        Some(newline) => end + REACH + newline + 1,
        None if stop == length => lines.len(),
        None => return Ok(None),
    };
    // Signs of two bytes are read from the start of the text on. And somebody may have written to the file.
    let shown = &lines[from..to];
    let is_same = lines.get(at..end) == Some(part.as_bytes());
    if !is_same || shown.contains(&0) || shown.len() > length / 2 {
        return Ok(None);
    }
    let replaced = [&lines[from..at], new.as_bytes(), &lines[end..to]].concat();
    Ok(Some((shown.to_vec(), replaced)))
}

/// Where a part is in a file for the first time. No more of it is held than a few pages.
fn first(file: &mut File, part: &[u8]) -> io::Result<Option<usize>> {
    /// A bound: so many bytes are read at once, or as many as the part has.
    const STEP: usize = 1 << 15;
    let finder = Finder::new(part);
    let mut window = vec![0; part.len() + STEP.max(part.len())];
    let (mut passed, mut held) = (0, 0);
    loop {
        match file.read(&mut window[held..]) {
            Ok(0) => return Ok(None),
            Ok(read) => held += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        }
        if let Some(at) = finder.find(&window[..held]) {
            return Ok(Some(passed + at));
        }
        let gone = held.saturating_sub(part.len() - 1);
        window.copy_within(gone..held, 0);
        passed += gone;
        held -= gone;
    }
}

/// A file with some parts replaced. Where an old part is not found, or all of it would be too much, what is new
/// is all that is known.
pub(super) fn edited(old: Option<&str>, parts: &[(String, String)], all: bool) -> Written {
    /// A bound: so many bytes are gone through for the parts of one edit.
    const MOST_WORK: usize = 1 << 30;
    let alone = || Written {
        content: parts.iter().map(|(_, new)| format!("{new}\n")).collect(),
        replaced: parts
            .iter()
            .map(|(old, _)| old.clone().into_bytes())
            .collect(),
    };
    let mut content = old.unwrap_or_default().to_owned();
    let mut work = 0_usize;
    // Before the place where the same was replaced just now, it stands no more.
    let mut last: Option<(&str, usize)> = None;
    for (old, new) in parts {
        let from = last
            .filter(|(it, _)| *it == old.as_str())
            .map_or(0, |(_, at)| at.saturating_sub(old.len()));
        let from = (0..=from).rev().find(|&it| content.is_char_boundary(it));
        let from = from.unwrap_or(0);
        let found = content[from..].find(old.as_str()).map(|at| from + at);
        let places = match found {
            None => 0,
            Some(_) if all && !old.is_empty() => content.matches(old.as_str()).count(),
            Some(_) => 1,
        };
        let longest = content
            .len()
            .saturating_add(places.saturating_mul(new.len()));
        work = work.saturating_add(longest);
        let (Some(at), true) = (found, work <= MOST_WORK && longest as u64 <= 4 * MOST_BYTES)
        else {
            return alone();
        };
        last = None;
        if old.is_empty() {
            content.push('\n');
            content.push_str(new);
        } else if all {
            content = content.replace(old.as_str(), new);
        } else {
            content.replace_range(at..at + old.len(), new);
            last = Some((old, at));
        }
    }
    content.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::Random;

    #[test]
    fn a_part_is_found_wherever_it_is_in_a_file() {
        let mut random = Random::new(7);
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("file");
        for length in [1, 40, 5_000, 40_000] {
            let text: Vec<u8> = (0..200_000)
                .map(|_| b'a' + random.below(20) as u8)
                .collect();
            let part = "Z".repeat(length);
            for at in [
                0,
                32_768 - length.min(32_768) / 2,
                65_536,
                100_001,
                text.len() - length,
            ] {
                let mut text = text.clone();
                text[at..at + length].copy_from_slice(part.as_bytes());
                fs::write(&path, &text).unwrap();
                let found = first(&mut File::open(&path).unwrap(), part.as_bytes()).unwrap();
                assert_eq!(found, Some(at), "{length} at {at}");
                let longer = format!("{part}Z");
                let found = first(&mut File::open(&path).unwrap(), longer.as_bytes()).unwrap();
                assert_eq!(found, None, "{length} at {at}");
            }
        }
    }

    #[test]
    fn parts_are_replaced_as_one_after_the_other() {
        let mut random = Random::new(11);
        let mut drawn = |longest: usize| -> String {
            let letters = ["a", "b", "aa", "\u{e9}"];
            let count = random.below(longest + 1);
            (0..count).map(|_| letters[random.below(4)]).collect()
        };
        for round in 0..4_000 {
            let (all, before) = (round % 2 == 0, drawn(12));
            let same = (drawn(2), drawn(3));
            let mut parts = vec![same.clone(), same.clone(), (drawn(2), drawn(3)), same];
            parts.retain(|(old, _)| !old.is_empty());
            let mut expected = Some(before.clone());
            for (old, new) in &parts {
                expected = expected.filter(|it| it.contains(old)).map(|it| match all {
                    true => it.replace(old, new),
                    false => it.replacen(old, new, 1),
                });
            }
            let after = edited(Some(&before), &parts, all);
            if let Some(expected) = expected {
                assert_eq!(after.content, expected, "{before} {parts:?}");
            }
        }
    }

    #[test]
    fn the_lines_around_a_part_are_whole_and_the_same_but_for_it() {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("file");
        let lines: String = (0..20_000).map(|at| format!("line {at:05}\n")).collect();
        fs::write(&path, &lines).unwrap();
        for at in [0, 1_000, 10_000, 19_999] {
            let part = format!("{at:05}");
            let (before, after) = around(&path, &part, "new\nother").unwrap().unwrap();
            let before = String::from_utf8(before).unwrap();
            assert!(lines.contains(&before) && before.ends_with('\n'), "{at}");
            assert!(before.starts_with("line "), "{at}");
            let expected = before.replacen(&part, "new\nother", 1);
            assert_eq!(String::from_utf8(after).unwrap(), expected);
            assert!(before.len() < lines.len() / 2);
        }
        // Nothing to go by: not there, most of it, one line alone, a short file, none, and no text.
        for part in ["", "nowhere", &lines[..lines.len() - 12]] {
            assert!(around(&path, part, "").unwrap().is_none());
        }
        fs::write(&path, "x".repeat(200_000) + "y\n").unwrap();
        assert!(around(&path, "y", "").unwrap().is_none());
        fs::write(&path, "a\nb\n").unwrap();
        assert!(around(&path, "a", "").unwrap().is_none());
        fs::write(&path, lines.replace("line 10", "\0")).unwrap();
        assert!(around(&path, "line 09999", "").unwrap().is_none());
        assert!(around(&scratch.path().join("none"), "a", "").is_err());
        assert!(around(scratch.path(), "a", "").unwrap().is_none());
    }
}
