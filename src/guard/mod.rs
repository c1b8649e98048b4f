//! The file guard: files that hold secrets by their name.
//!
//! What it knows is in `patterns.toml`, which the build turns into static tables; see `words.rs`
//! for what a guard may say.

mod content;
#[cfg_attr(
    not(test),
    expect(
        dead_code,
        reason = "only the build and the tests read patterns.toml, the library has its tables"
    )
)]
mod words;

use std::borrow::Cow;

use anyhow::Result;
use bstr::{BStr, ByteSlice};

use crate::change::{Change, EntryKind, Status};
use crate::confidence::Confidence;
use crate::filetype::{self, FileType};
use crate::finding::{Finding, Found, Told};
use crate::glob::PathGlobs;
use crate::text::Text;
use crate::texts::Texts;
use content::Judgement;
use words::Content;

/// A guard of `patterns.toml`.
#[derive(Debug)]
struct Guard {
    id: &'static str,
    name: &'static str,
    except: &'static [&'static str],
    content: Content,
    seldom: Content,
    plain: &'static [&'static str],
    ambiguous: bool,
    opaque: bool,
}

impl Guard {
    /// What it is called.
    const fn rule(&self) -> Rule {
        Rule {
            id: self.id,
            name: self.name,
        }
    }
}

/// The file names without a star, sorted, with the directories that must stand right above each.
#[derive(Debug)]
struct Names {
    bases: Texts,
    dirs: Texts,
    /// The number of each one's guard.
    guards: &'static [u8],
}

/// A file name with stars: what stands before the first, between them, and behind the last.
#[derive(Debug)]
struct Starred {
    dirs: &'static str,
    head: &'static str,
    middle: &'static [&'static str],
    tail: &'static str,
    guard: usize,
}

include!(concat!(env!("OUT_DIR"), "/guard.rs"));

/// The rule of the files that `[guard] add` names.
const OWN: Rule = Rule {
    id: "guard-own-pattern",
    name: "guarded file",
};

/// A rule of the guard, for listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The id, which starts with `guard-`.
    pub id: &'static str,
    /// What such a file is: "environment file".
    pub name: &'static str,
}

/// The guard's rules, built in and the one for the settings' own patterns; sorted by id.
pub(crate) fn rules() -> Vec<Rule> {
    let mut rules: Vec<Rule> = GUARDS.iter().map(Guard::rule).collect();
    rules.push(OWN);
    rules.sort_unstable_by_key(|rule| rule.id);
    rules
}

/// What the settings add to the guard, and what they switch off.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GuardSettings {
    /// Paths that it refuses beside the built-in ones.
    pub add: PathGlobs,
    /// Paths that it lets pass.
    pub off: PathGlobs,
    /// The ids of its rules that are switched off.
    pub off_rules: Vec<String>,
}

/// The guard's patterns in force.
#[derive(Clone, Debug, Default)]
pub struct Guards {
    settings: GuardSettings,
}

impl Guards {
    /// The built-in patterns, with what the settings add and switch off.
    pub fn new(settings: GuardSettings) -> Self {
        Self { settings }
    }

    /// The guards that a change's name fits; `None` if there is none, so that nobody need ask for its content.
    ///
    /// A link passes: what it holds is a path. So does a message, which has no name.
    pub fn named<'c, 's>(&self, change: &'c Change<'s>) -> Option<Named<'c, 's>> {
        if change.kind != EntryKind::File {
            return None;
        }
        let path = change.path();
        // Asked only where a guard fits: nearly no path does.
        let unlikely = || FileType::of_path(path).example || filetype::is_vendored(path);
        let guards: Vec<(&'static Guard, Content)> = guards_of(path)
            .filter(|(guard, _)| self.is_on(guard.id))
            .map(|(guard, fit)| match fit == Fit::OtherEnding || unlikely() {
                true => (guard, guard.seldom),
                false => (guard, guard.content),
            })
            .collect();
        let own = self.settings.add.covers(path) && self.is_on(OWN.id);
        let named = own || !guards.is_empty();
        (named && !self.settings.off.covers(path)).then_some(Named {
            change,
            guards,
            own,
        })
    }

    fn is_on(&self, id: &str) -> bool {
        !self.settings.off_rules.iter().any(|off| off == id)
    }
}

/// A change whose name says that it holds secrets.
#[derive(Debug)]
pub struct Named<'c, 's> {
    change: &'c Change<'s>,
    /// Those with a full name first, each with what the content has to say.
    guards: Vec<(&'static Guard, Content)>,
    /// Whether a pattern of the settings names it, too.
    own: bool,
}

/// What a guarded file holds.
#[derive(Clone, Copy, Debug)]
pub struct Held<'a> {
    /// Its bytes.
    pub blob: &'a [u8],
    /// The same as text.
    pub text: &'a Text<'a>,
    /// How sure the detector is of what it finds in it, by the rules in force; `None` if it finds nothing.
    pub surest: Option<Confidence>,
}

impl Held<'_> {
    /// Whether there is a secret in it.
    fn secret(&self) -> bool {
        self.surest > Some(Confidence::Possible)
    }
}

impl Named<'_, '_> {
    /// Whether it is a settings file in which secrets are kept, so that what a person made up may be one.
    pub fn keeps_secrets(&self) -> bool {
        let keeps = |(guard, _): &(&Guard, Content)| guard.content == Content::SecretValue;
        self.guards.iter().any(keeps)
    }

    /// The rule whose name it has.
    pub fn rule(&self) -> Rule {
        self.guards.first().map_or(OWN, |(guard, _)| guard.rule())
    }

    /// The finding for the change, if what it holds doesn't say otherwise.
    ///
    /// # Errors
    /// When git can't tell whether the file is ignored.
    pub fn check(&self, held: &Held<'_>) -> Result<Option<Finding>> {
        for (guard, content) in &self.guards {
            if let Judgement::Guarded { sure, why } = content::judge(*content, held) {
                let confidence = match sure && !guard.ambiguous {
                    true => Confidence::Certain,
                    false => Confidence::Likely,
                };
                return self.finding(guard.rule(), confidence, why, held).map(Some);
            }
        }
        if self.own && content::judge(Content::Any, held) != Judgement::Harmless {
            let why = "a pattern of the settings guards it";
            return self.finding(OWN, Confidence::Certain, why, held).map(Some);
        }
        Ok(None)
    }

    fn finding(
        &self,
        rule: Rule,
        confidence: Confidence,
        why: &str,
        held: &Held<'_>,
    ) -> Result<Finding> {
        let change = self.change;
        let tracked = match change.status {
            Status::Added => false,
            // Any file may have been empty.
            Status::Moved => !held.blob.is_empty(),
            Status::Modified => true,
        };
        let found = match tracked {
            true => Found::TrackedFile,
            false => Found::File {
                ignored: change.ignored()?,
            },
        };
        Ok(Finding::file(Told {
            path: change.path.clone(),
            kind: change.kind,
            commit: change.commit.clone(),
            rule: Cow::Borrowed(rule.id),
            name: Cow::Borrowed(rule.name),
            confidence,
            why: why.into(),
            found,
            comment: None,
        }))
    }
}

/// How a name fits a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fit {
    /// As people name such files.
    Usual,
    /// By its start, and its end says that it is another kind of file: `.env.md`; or by its end, and the word before
    /// says so: `versions.env`; or a word within it makes it a template: `.env.example.docker`.
    OtherEnding,
}

/// The guards whose names a path fits, those with a full name first.
fn guards_of(path: &BStr) -> impl Iterator<Item = (&'static Guard, Fit)> + '_ {
    let (dirs, base) = split(path);
    let Names {
        bases,
        dirs: above,
        guards,
    } = &NAMES;
    let is_before = |name: &[u8]| {
        name.iter()
            .copied()
            .lt(base.iter().map(u8::to_ascii_lowercase))
    };
    let plain = (bases.partition_point(is_before)..bases.len())
        .take_while(move |&at| bases.bytes(at).eq_ignore_ascii_case(base))
        .filter(move |&at| ends_with_dirs(dirs, above.get(at)))
        .map(move |at| (&GUARDS[usize::from(guards[at])], Fit::Usual));
    let starred = STARRED
        .iter()
        .filter(move |starred| starred.fits(base) && ends_with_dirs(dirs, starred.dirs))
        .filter_map(move |starred| {
            let guard = &GUARDS[starred.guard];
            let word = last_word(&base[..base.len() - starred.tail.len()]);
            let template = !guard.opaque && filetype::is_template(word);
            let is_plain = || {
                let is = |plain: &&str| plain.as_bytes().eq_ignore_ascii_case(word);
                guard.plain.iter().any(is)
            };
            // `.env.d.ts`, `.env.example.docker`
            let is_other = starred.tail.is_empty()
                && (filetype::ends_like_another_kind(base)
                    || base.split(|&b| b == b'.').any(filetype::is_template));
            let fit = match is_other || is_plain() {
                true => Fit::OtherEnding,
                false => Fit::Usual,
            };
            (!template).then_some((guard, fit))
        });
    plain.chain(starred).filter(move |(guard, _)| {
        !guard
            .except
            .iter()
            .any(|name| name.as_bytes().eq_ignore_ascii_case(base))
    })
}

fn split(path: &[u8]) -> (&[u8], &[u8]) {
    match path.rfind_byte(b'/') {
        Some(at) => (&path[..at], &path[at + 1..]),
        None => (b"", path),
    }
}

/// Whether a path's directories end with those of a pattern, as whole names.
fn ends_with_dirs(dirs: &[u8], wanted: &str) -> bool {
    if wanted.is_empty() {
        return true;
    }
    let Some(start) = dirs.len().checked_sub(wanted.len()) else {
        return false;
    };
    dirs[start..].eq_ignore_ascii_case(wanted.as_bytes()) && (start == 0 || dirs[start - 1] == b'/')
}

/// The word that a name ends with: `example` of `.env.example`, `sample` of `sample.env`.
fn last_word(name: &[u8]) -> &[u8] {
    let mut words = name.rsplit(|b| matches!(b, b'.' | b'-' | b'_'));
    words.next().unwrap_or_default()
}

impl Starred {
    fn fits(&self, base: &[u8]) -> bool {
        let (head, tail) = (self.head.as_bytes(), self.tail.as_bytes());
        let Some(end) = base
            .len()
            .checked_sub(tail.len())
            .filter(|&end| end >= head.len())
        else {
            return false;
        };
        if !base[end..].eq_ignore_ascii_case(tail) || !base[..head.len()].eq_ignore_ascii_case(head)
        {
            return false;
        }
        let mut rest = &base[head.len()..end];
        self.middle.iter().all(|piece| {
            let at = rest
                .windows(piece.len())
                .position(|window| window.eq_ignore_ascii_case(piece.as_bytes()));
            rest = at.map_or(b"", |at| &rest[at + piece.len()..]);
            at.is_some()
        })
    }
}

#[cfg(test)]
mod tests;
