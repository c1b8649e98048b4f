//! The proof: a made-up key, in a commit that is never made and in a push that never happens, must be
//! refused by what git runs.

use std::ffi::OsStr;

use anyhow::Result;
use bstr::{BStr, BString};

use super::Check;
use crate::change::{Change, EntryKind, InMemory, Status};
use crate::confidence::Confidence;
use crate::detect::Detector;
use crate::finding::Fingerprint;
use crate::git::{HookRun, Rehearsal, Told};
use crate::hook::{HookKind, Input};
use crate::lab::{Random, sample};
use crate::prefilter::{Method, Prefilter};
use crate::rules::{Reach, RuleSet};
use crate::scan::Scan;

const ABOUT: &str = "self-test";

/// A made-up key, and where it is staged.
#[derive(Clone)]
pub(crate) struct Bait {
    /// A path that the settings don't exclude.
    pub path: BString,
    /// A file that holds the key.
    pub with_key: Vec<u8>,
    /// The key's fingerprint, by which a report names it.
    pub fingerprint: Fingerprint,
    /// One that holds none.
    pub clean: Vec<u8>,
}

impl Bait {
    /// A key that the rules in force are certain of, made up from `seed`, at a path that is looked
    /// at. What keeps every commit from being checked is the error.
    ///
    /// # Errors
    /// When the settings exclude every path, or switch every rule off.
    pub(crate) fn new(
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
        let (with_key, fingerprint) = rules
            .iter()
            .filter(|rule| rule.reach == Reach::Anchored && !rule.public)
            .filter(|rule| rule.confidence == Confidence::Certain)
            .find_map(|rule| {
                let line = [b"value = \"", &*sample(rule, &mut random)?, b"\"\n"].concat();
                let fingerprint = fingerprint(&line, path.as_ref(), &detector)?;
                Some((line, fingerprint))
            })
            .ok_or_else(|| broken("the settings switch every rule off: no key is found"))?;
        if !is_found_by_all(&with_key) {
            let what = "the compiled prefilter and the one by aho-corasick find different keywords";
            let mend = "install keyward anew, and report it";
            return Err(Box::new(Check::broken(ABOUT, what, mend)));
        }
        Ok(Self {
            path,
            with_key,
            fingerprint,
            clean: b"nothing to see\n".to_vec(),
        })
    }
}

/// The fingerprint of the key in a line, if it is found for certain.
fn fingerprint(line: &[u8], path: &BStr, detector: &Detector<'_>) -> Option<Fingerprint> {
    let origin = InMemory {
        content: line.to_vec(),
        ..InMemory::default()
    };
    let change = Change::new(path, Status::Added, EntryKind::File, origin);
    let outcome = Scan::new(*detector).run([Ok(change)]);
    let found = outcome.findings.into_iter();
    let mut certain = found.filter(|finding| finding.confidence == Confidence::Certain);
    certain.next().map(|finding| finding.fingerprint)
}

/// Whether every prefilter gives the same hits in a line.
fn is_found_by_all(line: &[u8]) -> bool {
    let [first, other] = Method::ALL.map(|method| {
        let mut hits = Vec::new();
        let prefilter = Prefilter::new(method, Vec::new());
        prefilter.each_hit(line, 0..line.len(), |hit| hits.push(hit));
        hits.sort();
        hits
    });
    first == other
}

/// What git tells a hook of that kind about a commit, a message or a push with this content.
fn tell(rehearsal: &Rehearsal<'_>, kind: HookKind, path: &BStr, content: &[u8]) -> Result<Told> {
    const REF: &str = "refs/heads/keyward-self-test";
    let mut told = Told::default();
    match kind.input() {
        Input::Index => rehearsal.stage(path, content)?,
        Input::IndexAndMessage => {
            rehearsal.stage(path, content)?;
            told.args = vec![rehearsal.message(b"self-test\n")?.into(), "message".into()];
        }
        Input::Message => told.args = vec![rehearsal.message(content)?.into()],
        Input::Pushed => {
            let new = rehearsal.commit(path, content)?;
            let none = "0".repeat(new.len());
            // A remote that nobody has: nothing is there yet.
            told.args = vec!["keyward-self-test".into(), "keyward-self-test".into()];
            // As for `git push REMOTE COMMIT:REF`: there is no branch of that name to look up.
            told.input = format!("{new} {new} {REF} {none}\n").into_bytes();
        }
        Input::Received => {
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
pub(crate) fn self_test(
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
        if let Some(what) = fault(bait, &with_key, &on_gui, &clean) {
            let what = format!("{kind}: {what}");
            checks.push(Check::broken(ABOUT, what, kind.side().install_command()));
            continue;
        }
        proven.push(kind.name());
        if !is_refusal(&on_gui, bait) {
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

fn fault(bait: &Bait, with_key: &HookRun, on_gui: &HookRun, clean: &HookRun) -> Option<String> {
    let what = if with_key.code == Some(0) {
        "a made-up key went through".to_owned()
    } else if !is_refusal(with_key, bait) {
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

/// Whether keyward refused, and named the key: its report has what a person types to allow it.
fn is_refusal(run: &HookRun, bait: &Bait) -> bool {
    run.code == Some(1) && run.told.contains(bait.fingerprint.id())
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

#[cfg(test)]
mod tests {
    use super::*;

    fn bait() -> Bait {
        let nothing = |_: &BStr| false;
        Bait::new(&RuleSet::builtin(), nothing, 7).expect("the catalog has keys")
    }

    fn run(code: Option<i32>, told: &str) -> HookRun {
        let told = told.to_owned();
        HookRun { code, told }
    }

    #[test]
    fn what_keeps_every_commit_from_being_checked_is_told() {
        let bait = |excluded: &dyn Fn(&BStr) -> bool, rules: &RuleSet| {
            Bait::new(rules, excluded, 7).map(|bait| bait.path.to_string())
        };
        let rules = RuleSet::builtin();
        let path = bait(&|path| path.ends_with(b".txt"), &rules);
        assert_eq!(path, Ok("keyward-self-test.py".to_owned()));
        let all = bait(&|_| true, &rules).expect_err("nothing is looked at");
        assert!(!all.is_safe());
        let off = bait(&|_| false, &rules.without(|_, _| true)).expect_err("no key is found");
        assert!(!off.is_safe());
    }

    #[test]
    fn only_what_names_the_key_and_ends_with_one_is_a_refusal() {
        let bait = bait();
        let named = format!("keyward: a secret\n  allow   {}", bait.fingerprint.id());
        let refused = run(Some(1), &named);
        let clean = run(Some(0), "");
        assert_eq!(fault(&bait, &refused, &refused, &clean), None);
        let other = run(Some(1), "keyward: a secret\n  allow   00000000\n");
        let failed = run(Some(3), "keyward: cannot read the index\n");
        let killed = run(None, "");
        for (with_key, on_gui, clean, expected) in [
            (&clean, &clean, &clean, "a made-up key went through"),
            (
                &other,
                &refused,
                &clean,
                "with a made-up key, it ended with 1: a secret",
            ),
            (
                &failed,
                &failed,
                &clean,
                "with a made-up key, it ended with 3: cannot read the index",
            ),
            (
                &killed,
                &killed,
                &clean,
                "with a made-up key, it was killed",
            ),
            (
                &refused,
                &refused,
                &failed,
                "without a key, it ended with 3: cannot read the index",
            ),
            (
                &refused,
                &clean,
                &clean,
                "a made-up key went through on the short PATH of a GUI",
            ),
        ] {
            let found = fault(&bait, with_key, on_gui, clean);
            assert_eq!(found.as_deref(), Some(expected));
        }
    }
}
