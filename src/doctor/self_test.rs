//! The proof: a made-up key, in a commit that is never made and in a push that never happens, must be
//! refused by what git runs.

use std::ffi::OsStr;

use anyhow::Result;
use bstr::{BStr, BString};

use super::Check;
use crate::detect::Detector;
use crate::finding::Confidence;
use crate::git::{HookRun, Rehearsal, Told};
use crate::hook::HookKind;
use crate::lab::{Random, sample};
use crate::rules::{Reach, RuleSet};
use crate::text::Text;

const ABOUT: &str = "self-test";

/// A made-up key, and where it is staged.
#[derive(Clone)]
pub struct Bait {
    /// A path that the settings don't exclude.
    pub path: BString,
    /// A file that holds the key.
    pub with_key: Vec<u8>,
    /// One that holds none.
    pub clean: Vec<u8>,
}

impl Bait {
    /// A key that the rules in force are certain of, made up from `seed`, at a path that is looked
    /// at. What keeps every commit from being checked is the error.
    ///
    /// # Errors
    /// When the settings exclude every path, or switch every rule off.
    pub fn new(
        rules: &RuleSet,
        excluded: impl Fn(&BStr) -> bool,
        seed: u64,
    ) -> Result<Self, Box<Check>> {
        const PATHS: &[&str] = &[
            "keyward-self-test.txt",
            "keyward-self-test.py",
            "keyward-self-test/settings",
        ];
        const MEND: &str = "correct .keyward.toml, then: keyward doctor";
        let broken = |what: &str| Box::new(Check::broken(ABOUT, what, MEND));
        let path = PATHS
            .iter()
            .map(|&path| BString::from(path))
            .find(|path| !excluded(path.as_ref()))
            .ok_or_else(|| {
                broken("`exclude` in the settings covers every path: nothing is looked at")
            })?;
        let mut random = Random::new(seed);
        let detector = Detector::new(rules);
        let with_key = rules
            .iter()
            .filter(|rule| rule.reach == Reach::Anchored && !rule.public)
            .filter(|rule| rule.confidence == Confidence::Certain)
            .find_map(|rule| {
                let line = [b"value = \"", &*sample(rule, &mut random)?, b"\"\n"].concat();
                let text = Text::decode(&line);
                let found = detector.detect(&text);
                let is_certain = found
                    .iter()
                    .any(|found| found.judgement.confidence == Confidence::Certain);
                is_certain.then(|| line.clone())
            })
            .ok_or_else(|| broken("the settings switch every rule off: no key is found"))?;
        Ok(Self {
            path,
            with_key,
            clean: b"nothing to see\n".to_vec(),
        })
    }
}

/// What git tells a hook of that kind about a commit, a message or a push with this content.
fn tell(rehearsal: &Rehearsal<'_>, kind: HookKind, path: &BStr, content: &[u8]) -> Result<Told> {
    const REF: &str = "refs/heads/keyward-self-test";
    let mut told = Told::default();
    match kind {
        HookKind::PreCommit | HookKind::PreMergeCommit => rehearsal.stage(path, content)?,
        HookKind::PrepareCommitMsg | HookKind::PostCommit => {
            rehearsal.stage(path, content)?;
            told.args = vec![rehearsal.message(b"self-test\n")?.into(), "message".into()];
        }
        HookKind::CommitMsg => told.args = vec![rehearsal.message(content)?.into()],
        HookKind::PrePush => {
            let new = rehearsal.commit(path, content)?;
            let none = "0".repeat(new.len());
            // A remote that nobody has: nothing is there yet.
            told.args = vec!["keyward-self-test".into(), "keyward-self-test".into()];
            // As for `git push REMOTE COMMIT:REF`: there is no branch of that name to look up.
            told.input = format!("{new} {new} {REF} {none}\n").into_bytes();
        }
        HookKind::PreReceive => {
            let new = rehearsal.commit(path, content)?;
            let none = "0".repeat(new.len());
            told.input = format!("{none} {new} {REF}\n").into_bytes();
        }
    }
    Ok(told)
}

/// Runs the hooks of those kinds over a commit, a message or a push with a key, which they must
/// refuse, also on the short PATH of a GUI, and over one without.
///
/// # Errors
/// When a commit can't be prepared, or the hooks can't be started.
pub fn self_test(
    rehearsal: &Rehearsal<'_>,
    kinds: &[HookKind],
    bait: &Bait,
    gui: Option<&OsStr>,
) -> Result<Vec<Check>> {
    let path: &BStr = bait.path.as_ref();
    let mut checks = Vec::new();
    let mut proven = Vec::new();
    for &kind in kinds {
        let told = tell(rehearsal, kind, path, &bait.with_key)?;
        let with_key = rehearsal.run(kind.name(), &told, None)?;
        if with_key.code == Some(0) && rehearsal.is_barred(kind.name()) {
            checks.push(Check::broken(
                ABOUT,
                format!("{kind}: the hook is on a file system that runs no programs (noexec)"),
                "mount it without noexec, then: keyward doctor",
            ));
            continue;
        }
        let on_gui = match gui {
            Some(_) => rehearsal.run(kind.name(), &told, gui)?,
            None => with_key.clone(),
        };
        let told = tell(rehearsal, kind, path, &bait.clean)?;
        let clean = rehearsal.run(kind.name(), &told, None)?;
        if let Some(what) = fault(&with_key, &on_gui, &clean) {
            let what = format!("{kind}: {what}");
            checks.push(Check::broken(ABOUT, what, super::install(kind)));
            continue;
        }
        proven.push(kind.name());
        if !is_refusal(&on_gui) {
            // Nothing gets through unseen; nothing gets through at all.
            let what = "on the short PATH of a GUI, it refuses everything: it";
            let what = format!("{kind}: {}", ended(what, &on_gui));
            let mend = "link keyward into /usr/local/bin, or start the GUI from a terminal";
            checks.push(Check::untidy(ABOUT, what, mend));
        }
    }
    if !proven.is_empty() {
        let line = format!(
            "{}: a made-up key was refused, a clean file was not",
            proven.join(", ")
        );
        checks.insert(0, Check::healthy(ABOUT, line));
    }
    Ok(checks)
}

fn fault(with_key: &HookRun, on_gui: &HookRun, clean: &HookRun) -> Option<String> {
    let what = if with_key.code == Some(0) {
        "a made-up key went through".to_owned()
    } else if !is_refusal(with_key) {
        ended("with a made-up key, it", with_key)
    } else if clean.code != Some(0) {
        ended("without a key, it", clean)
    } else if on_gui.code == Some(0) {
        "a made-up key went through on the short PATH of a GUI".to_owned()
    } else {
        return None;
    };
    Some(what)
}

/// Whether the key was found, and for that alone the commit refused.
fn is_refusal(run: &HookRun) -> bool {
    run.code == Some(1) && run.told.contains("keyward: 1 secret")
}

/// How a run ended that should have ended otherwise, with keyward's own reason if it gave one.
fn ended(what: &str, run: &HookRun) -> String {
    let code = match run.code {
        Some(code) => format!("{what} ended with {code}"),
        None => format!("{what} was killed"),
    };
    match run
        .told
        .lines()
        .find_map(|line| line.strip_prefix("keyward: "))
    {
        Some(reason) => format!("{code}: {reason}"),
        None => code,
    }
}
