//! The settings, one by one: what each is called, what a layer may say of it, and which way is
//! weaker.

use std::fmt;
use std::sync::Arc;

use super::layer::{Origin, OwnRule};
use super::{Config, Unchecked};
use crate::finding::Confidence;
use crate::glob::PathGlob;
use crate::shell;

/// A setting, as a lock names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Setting {
    /// `[guard] add`
    GuardAdd,
    /// `[guard] off`
    GuardOff,
    /// `[hooks] trailer`
    HooksTrailer,
    /// `[hooks] unchecked`
    HooksUnchecked,
    /// `[[rule]]`
    Rule,
    /// `[rules] off`
    RulesOff,
    /// `[rules] on`
    RulesOn,
    /// `[scan] exclude`
    ScanExclude,
    /// `[scan] threshold`
    ScanThreshold,
}

impl Setting {
    /// Every setting, in the order of their names.
    pub const ALL: &[Self] = &[
        Self::GuardAdd,
        Self::GuardOff,
        Self::HooksTrailer,
        Self::HooksUnchecked,
        Self::Rule,
        Self::RulesOff,
        Self::RulesOn,
        Self::ScanExclude,
        Self::ScanThreshold,
    ];

    /// The name in a file: `scan.threshold`.
    pub const fn key(self) -> &'static str {
        match self {
            Self::GuardAdd => "guard.add",
            Self::GuardOff => "guard.off",
            Self::HooksTrailer => "hooks.trailer",
            Self::HooksUnchecked => "hooks.unchecked",
            Self::Rule => "rule",
            Self::RulesOff => "rules.off",
            Self::RulesOn => "rules.on",
            Self::ScanExclude => "scan.exclude",
            Self::ScanThreshold => "scan.threshold",
        }
    }

    /// The setting of that name.
    pub fn named(key: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|setting| setting.key() == key)
    }
}

/// One thing that a layer says: a single value, or one entry of a list.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// The guard refuses these paths; with `!`, it doesn't.
    GuardAdd(PathGlob),
    /// The guard lets these paths pass; with `!`, it doesn't.
    GuardOff(PathGlob),
    /// A rule of the guard is switched off.
    GuardRuleOff(String),
    /// A rule of the layer's own.
    Rule(Box<OwnRule>),
    /// Rules and providers are switched off: an id, or a glob of ids.
    RulesOff(String),
    /// Rules and providers are switched on again.
    RulesOn(String),
    /// These paths are not scanned; with `!`, they are.
    Exclude(PathGlob),
    /// The confidence below which a finding is not shown.
    Threshold(Confidence),
    /// What is done about a commit that no hook has checked.
    Unchecked(Unchecked),
    /// Whether a commit's message says that it was checked.
    Trailer(bool),
}

impl Step {
    /// The setting that it belongs to.
    pub fn setting(&self) -> Setting {
        match self {
            Self::GuardAdd(_) => Setting::GuardAdd,
            Self::GuardOff(_) | Self::GuardRuleOff(_) => Setting::GuardOff,
            Self::Rule(_) => Setting::Rule,
            Self::RulesOff(_) => Setting::RulesOff,
            Self::RulesOn(_) => Setting::RulesOn,
            Self::Exclude(_) => Setting::ScanExclude,
            Self::Threshold(_) => Setting::ScanThreshold,
            Self::Unchecked(_) => Setting::HooksUnchecked,
            Self::Trailer(_) => Setting::HooksTrailer,
        }
    }

    /// Whether less may be found once this is said than before: the one definition by which a
    /// lock holds, and by which a commit is told that it weakens the policy.
    pub fn weakens(&self, so_far: &Config) -> bool {
        match self {
            Self::GuardAdd(glob) => glob.is_negative(),
            Self::GuardOff(glob) | Self::Exclude(glob) => !glob.is_negative(),
            Self::GuardRuleOff(_) | Self::RulesOff(_) => true,
            Self::RulesOn(_) => false,
            // What is public by design is never a finding, and no other rule may claim it.
            Self::Rule(rule) => rule.words.public,
            Self::Threshold(threshold) => *threshold > so_far.threshold.value,
            Self::Unchecked(unchecked) => *unchecked < so_far.unchecked.value,
            // Nothing else would tell of the commits that nobody checked.
            Self::Trailer(is_on) => !*is_on && so_far.trailer.value,
        }
    }

    /// Whether its setting has one value and not a list: the last that is said holds.
    pub fn is_single(&self) -> bool {
        matches!(
            self,
            Self::Threshold(_) | Self::Unchecked(_) | Self::Trailer(_)
        )
    }

    /// What tells it from the other entries of its list.
    pub fn name(&self) -> &str {
        match self {
            Self::GuardAdd(glob) | Self::GuardOff(glob) | Self::Exclude(glob) => glob.as_str(),
            Self::GuardRuleOff(id) | Self::RulesOff(id) | Self::RulesOn(id) => id,
            Self::Rule(rule) => &rule.words.id,
            Self::Threshold(threshold) => threshold.as_str(),
            Self::Unchecked(unchecked) => unchecked.as_str(),
            Self::Trailer(true) => "true",
            Self::Trailer(false) => "false",
        }
    }
}

/// Where something was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The layer.
    pub origin: Origin,
    /// The file, as errors name it.
    pub file: Arc<str>,
    /// The line, counted from 1.
    pub line: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { origin, file, line } = self;
        write!(f, "{origin}, {}:{line}", shell::shown(file.as_bytes()))
    }
}

/// What a layer says, and where.
#[derive(Clone, Debug)]
pub struct Said<T> {
    /// What.
    pub value: T,
    /// Where.
    pub place: Place,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_read_back() {
        assert!(Setting::ALL.is_sorted_by_key(|setting| setting.key()));
        for setting in Setting::ALL {
            assert_eq!(Setting::named(setting.key()), Some(*setting));
        }
        assert_eq!(Setting::named("scan"), None);
    }

    #[test]
    fn for_each_setting_it_is_told_which_way_is_weaker() {
        let glob = |text| PathGlob::parse(text).expect("a pattern");
        let mut config = Config::default();
        config.unchecked.value = Unchecked::Warn;
        config.trailer.value = true;
        for (step, weaker) in [
            (Step::Trailer(false), true),
            (Step::Trailer(true), false),
            (Step::Unchecked(Unchecked::Off), true),
            (Step::Unchecked(Unchecked::Warn), false),
            (Step::Unchecked(Unchecked::Deny), false),
            (Step::GuardAdd(glob("a")), false),
            (Step::GuardAdd(glob("!a")), true),
            (Step::GuardOff(glob("a")), true),
            (Step::GuardOff(glob("!a")), false),
            (Step::GuardRuleOff("guard-env-file".to_owned()), true),
            (Step::RulesOff("jwt-token".to_owned()), true),
            (Step::RulesOn("jwt-token".to_owned()), false),
            (Step::Exclude(glob("a")), true),
            (Step::Exclude(glob("!a")), false),
            (Step::Threshold(Confidence::Possible), false),
            (Step::Threshold(config.threshold.value), false),
            (Step::Threshold(Confidence::Certain), true),
        ] {
            assert_eq!(step.weakens(&config), weaker, "{step:?}");
        }
    }
}
