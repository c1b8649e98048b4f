//! A command for a shell: what it says, and what it would do with files.

use std::fs;
use std::path::PathBuf;

use gix_glob::wildmatch;

use super::write::is_out_of_git;
use super::{COMMAND, Desk};
use crate::agent::Look;
use crate::agent::shell::{Place, Step, followed};
use crate::change::{Change, EntryKind, InMemory, Status};
use crate::report::agent::Refusal;

/// A bound: of more entries of directories the first are asked.
const MOST_ENTRIES: usize = 10_000;

/// A bound: of more files that one command names the first are looked at.
const MOST_FILES: usize = 500;

/// A bound: of more texts that go into files the first may go there.
const MOST_PLACED: usize = 50;

impl Desk {
    /// Why a command may not run, if it may not.
    pub(super) fn command(&mut self, command: &str) -> Option<String> {
        let top = self.top.as_ref().unwrap_or(&self.directory);
        let home = std::env::home_dir().unwrap_or_default();
        let place = Place {
            directory: self.directory.to_string_lossy().into_owned(),
            top: top.to_string_lossy().into_owned(),
            home: home.to_string_lossy().into_owned(),
        };
        let followed = followed(command, &place);
        let said = self.text("command.sh", command.to_owned(), COMMAND);
        if let Some(reason) = said {
            // A value may go where git does not look.
            let rest = self.without_placed(command, &followed.placed);
            let rest = rest.map(|rest| self.text("command.sh", rest, COMMAND));
            if rest != Some(None) {
                return Some(reason);
            }
        }
        let mut placed = followed.placed.iter().take(MOST_PLACED);
        if let Some(reason) = placed.find_map(|(path, text)| self.switches_hooks_off(path, text)) {
            return Some(reason);
        }
        followed.steps.iter().find_map(|step| self.step(step))
    }

    /// A command without the texts that go into files which are in no commit; `None` if there are none.
    fn without_placed(&self, command: &str, placed: &[(String, String)]) -> Option<String> {
        let mut rest = command.to_owned();
        for (path, text) in placed.iter().take(MOST_PLACED) {
            let text = text.trim();
            let is_placed = !text.is_empty() && !path.is_empty();
            if is_placed && rest.contains(text) && is_out_of_git(&self.absolute(path)) {
                rest = rest.replacen(text, "", 1);
            }
        }
        (rest != command).then_some(rest)
    }

    /// Why a command may not do what it would.
    fn step(&mut self, step: &Step) -> Option<String> {
        match step {
            Step::Look(Look::Touch { path }) if path.contains(['*', '?', '[']) => {
                let fitting = self.fitting(path);
                let mut paths = std::iter::once(path).chain(&fitting);
                paths.find_map(|path| self.keeps_in_check(path, None))
            }
            Step::Look(look) => self.refusal(look, COMMAND),
            Step::Pattern { pattern, lines } => self
                .fitting(pattern)
                .iter()
                .find_map(|path| self.read(path, None, lines)),
            Step::Below { directory, lines } => self
                .guarded_in(directory)
                .iter()
                .find_map(|path| self.read(path, None, lines)),
            Step::Allow if !self.session.config.agents_propose() => None,
            Step::Allow => Some(
                Refusal {
                    deed: "refused",
                    what: COMMAND,
                    why: "what keyward lets pass is for a person to decide",
                    findings: &[],
                    next: "mend it; if it is no secret: keyward allow --propose ID --reason \"...\", and tell a \
                           person to confirm it",
                }
                .told(),
            ),
            Step::Refuse { why, next } => Some(
                Refusal {
                    deed: "refused",
                    what: COMMAND,
                    why,
                    findings: &[],
                    next,
                }
                .told(),
            ),
        }
    }

    /// The files of a directory that a guard knows by their names.
    fn guarded_in(&self, directory: &str) -> Vec<String> {
        let directory = self.absolute(directory);
        let guards = self.session.guards.as_ref();
        let is_guarded = |path: &PathBuf| {
            let named = self.named(path);
            let change = Change::new(named, Status::Added, EntryKind::File, InMemory::default());
            guards.is_some_and(|guards| guards.named(&change).is_some())
        };
        let entries = fs::read_dir(directory).into_iter().flatten().flatten();
        entries
            .take(MOST_ENTRIES)
            .map(|entry| entry.path())
            .filter(is_guarded)
            .take(MOST_FILES)
            .map(|path| path.to_string_lossy().into_owned())
            .collect()
    }

    /// The files that a pattern of a shell stands for. `**` is any way down.
    pub(super) fn fitting(&mut self, pattern: &str) -> Vec<String> {
        let absolute = self.absolute(pattern);
        let is_deep = absolute.components().any(|part| part.as_os_str() == "**");
        let mut left = MOST_ENTRIES;
        let mut found = vec![PathBuf::new()];
        for part in absolute.components() {
            let part = part.as_os_str().to_string_lossy();
            if !part.contains(['*', '?', '[']) {
                found.iter_mut().for_each(|path| path.push(&*part));
                continue;
            }
            let mut next = Vec::new();
            let mut pending = found;
            while let Some(directory) = pending.pop() {
                let entries = (left > 0).then(|| fs::read_dir(&directory).ok()).flatten();
                for entry in entries.into_iter().flatten().flatten() {
                    if left == 0 {
                        break;
                    }
                    left -= 1;
                    let name = entry.file_name().to_string_lossy().into_owned();
                    let is_directory = entry.file_type().is_ok_and(|kind| kind.is_dir());
                    if part == "**" {
                        if is_directory && name != ".git" {
                            pending.push(entry.path());
                        }
                        continue;
                    }
                    // A shell leaves out what is hidden.
                    let is_hidden = name.starts_with('.') && !part.starts_with('.') && !is_deep;
                    let mode = wildmatch::Mode::empty();
                    if !is_hidden && wildmatch(part.as_bytes().into(), name.as_bytes().into(), mode)
                    {
                        next.push(entry.path());
                    }
                }
                if part == "**" {
                    next.push(directory);
                }
            }
            found = next;
        }
        if left == 0 || found.len() > MOST_FILES {
            let why = "a pattern stands for more files than keyward looks at".to_owned();
            self.trouble.get_or_insert(why);
        }
        found
            .iter()
            .take(MOST_FILES)
            .map(|path| path.to_string_lossy().into_owned())
            .collect()
    }
}
