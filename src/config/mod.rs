//! Settings in layers, resolved.
//!
//! A [`Layer`] is what one place says, with every value optional; [`Config::fold`] puts layers on
//! top of each other and leaves no value unset. To add a layer, add an [`Origin`]; to add a
//! setting, add it to [`Layer`], to its file, and to [`Config::fold`]. Settings are data: none can
//! make keyward run a command.

mod file;
mod globs;
mod keys;
mod layer;

use bstr::ByteSlice;
use gix_glob::wildmatch;

use crate::finding::Confidence;
use crate::verdict::Policy;
pub(crate) use file::read_regular;
pub use globs::{GlobError, PathGlob, PathGlobs};
pub use layer::{ConfigError, Layer, Origin, OwnRule};

/// The settings file's name, at the top of a repository.
pub const FILE_NAME: &str = ".keyward.toml";

/// A value with the layer that set it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Set<T> {
    /// The value.
    pub value: T,
    /// Who set it.
    pub by: Origin,
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

/// Which rules are in force: one step after the other, the last that fits a rule decides.
#[derive(Clone, Debug, Default)]
pub struct RuleSwitches {
    /// The steps, in the order of the layers; within one, "on" comes after "off", so that a layer
    /// can switch a provider off but for one rule.
    pub steps: Vec<Set<Switch>>,
}

/// Switches rules on or off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Switch {
    /// The id of rules or of their provider; `*` stands for any part of it.
    pub ids: String,
    /// On or off.
    pub on: bool,
}

impl RuleSwitches {
    /// Whether a rule of a provider is in force.
    pub fn is_on(&self, rule: &str, provider: &str) -> bool {
        let fits = |ids: &str, id: &str| {
            wildmatch(
                ids.into(),
                id.as_bytes().as_bstr(),
                wildmatch::Mode::empty(),
            )
        };
        self.steps
            .iter()
            .rev()
            .map(|step| &step.value)
            .find(|switch| fits(&switch.ids, rule) || fits(&switch.ids, provider))
            .is_none_or(|switch| switch.on)
    }
}

/// What is done about a commit that no hook has checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unchecked {
    /// Nothing.
    #[default]
    Off,
    /// `post-commit` looks at it and tells.
    Warn,
    /// `prepare-commit-msg` checks it, too, and refuses it if it holds a secret.
    Deny,
}

/// Every setting, resolved.
#[derive(Clone, Debug)]
pub struct Config {
    /// Which rules are in force.
    pub rules: RuleSwitches,
    /// Rules of the user's and the repository's own.
    pub own_rules: Vec<Set<OwnRule>>,
    /// Paths that are not scanned.
    pub exclude: PathGlobs,
    /// The guard's settings.
    pub guard: GuardSettings,
    /// The confidence below which a finding is not shown.
    pub threshold: Set<Confidence>,
    /// What is done about a commit that no hook has checked.
    pub unchecked: Set<Unchecked>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            rules: RuleSwitches::default(),
            own_rules: Vec::new(),
            exclude: PathGlobs::default(),
            guard: GuardSettings::default(),
            threshold: Set {
                value: Policy::default().threshold,
                by: Origin::BuiltIn,
            },
            unchecked: Set {
                value: Unchecked::default(),
                by: Origin::BuiltIn,
            },
        }
    }
}

impl Config {
    /// Puts the layers on top of what is built in, in the order of their origins. Lists grow from
    /// layer to layer; a single value is that of the last layer that sets it.
    pub fn fold(layers: impl IntoIterator<Item = Layer>) -> Self {
        let mut layers: Vec<Layer> = layers.into_iter().collect();
        layers.sort_by_key(|layer| layer.origin);
        layers.into_iter().fold(Self::default(), Self::over)
    }

    fn over(mut self, layer: Layer) -> Self {
        let Layer {
            origin: by,
            rules_off,
            rules_on,
            own_rules,
            exclude,
            threshold,
            guard_add,
            guard_off,
            guard_off_rules,
            unchecked,
        } = layer;
        let off = rules_off.into_iter().map(|ids| Switch { ids, on: false });
        let on = rules_on.into_iter().map(|ids| Switch { ids, on: true });
        self.rules
            .steps
            .extend(off.chain(on).map(|value| Set { value, by }));
        self.own_rules
            .extend(own_rules.into_iter().map(|value| Set { value, by }));
        self.exclude.extend(exclude);
        self.guard.add.extend(guard_add);
        self.guard.off.extend(guard_off);
        self.guard.off_rules.extend(guard_off_rules);
        if let Some(value) = threshold {
            self.threshold = Set { value, by };
        }
        if let Some(value) = unchecked {
            self.unchecked = Set { value, by };
        }
        self
    }

    /// What a verdict goes by.
    pub fn policy(&self) -> Policy {
        Policy {
            threshold: self.threshold.value,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(origin: Origin, text: &str) -> Layer {
        Layer::parse(origin, text.as_bytes(), FILE_NAME).expect("the text of this test is valid")
    }

    #[test]
    fn nothing_said_is_what_is_built_in() {
        let config = Config::fold([]);
        assert_eq!(config.policy(), Policy::default());
        assert_eq!(config.threshold.by, Origin::BuiltIn);
        assert!(config.rules.is_on("openai-api-key", "openai"));
        assert!(!config.exclude.covers("a".into()));
    }

    #[test]
    fn later_layers_win_whatever_the_order_they_come_in() {
        let user = layer(Origin::User, "[scan]\nthreshold = 'certain'\n");
        let repository = layer(Origin::Repository, "[scan]\nthreshold = 'possible'\n");
        let silent = Layer::empty(Origin::CommandLine);
        let config = Config::fold([silent, repository, user]);
        let expected = Set {
            value: Confidence::Possible,
            by: Origin::Repository,
        };
        assert_eq!(config.threshold, expected);
        assert_eq!(config.policy().threshold, Confidence::Possible);
    }

    #[test]
    fn lists_grow() {
        let user = layer(
            Origin::User,
            "[scan]\nexclude = ['a']\n[guard]\nadd = ['*.x']\n",
        );
        let repository = layer(
            Origin::Repository,
            "[scan]\nexclude = ['b', '!a']\n[guard]\nadd = ['*.y']\noff = ['z', 'guard-env-file']\n",
        );
        let config = Config::fold([user, repository]);
        assert!(config.exclude.covers("b".into()));
        assert!(!config.exclude.covers("a".into()));
        assert!(config.guard.add.covers("n.x".into()) && config.guard.add.covers("n.y".into()));
        assert!(config.guard.off.covers("z".into()));
        assert_eq!(config.guard.off_rules, ["guard-env-file"]);
    }

    #[test]
    fn own_rules_keep_their_layer() {
        let rule = "[[rule]]\nid = 'acme-key'\nname = 'Acme key'\nformat = 'acme_<hex:32>'\n";
        let config = Config::fold([layer(Origin::Repository, rule)]);
        assert_eq!(config.own_rules.len(), 1);
        assert_eq!(config.own_rules[0].by, Origin::Repository);
    }

    #[test]
    fn the_last_switch_that_fits_decides() {
        let user = layer(Origin::User, "[rules]\noff = ['slack', 'stripe-*']\n");
        let repository = layer(
            Origin::Repository,
            "[rules]\non = ['slack', 'openai-api-key']\noff = ['openai', '*-webhook']\n",
        );
        let config = Config::fold([repository, user]);
        for (rule, provider, expected) in [
            ("slack-bot-token", "slack", true),
            ("slack-webhook", "slack", true),
            ("discord-webhook", "discord", false),
            ("stripe-secret-key", "stripe", false),
            ("openai-api-key", "openai", true),
            ("openai-admin-key", "openai", false),
            ("github-pat", "github", true),
        ] {
            assert_eq!(config.rules.is_on(rule, provider), expected, "{rule}");
        }
        assert_eq!(config.rules.steps[0].by, Origin::User);
    }
}
