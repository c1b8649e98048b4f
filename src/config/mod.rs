//! Settings in layers, resolved.
//!
//! A [`Layer`] is what one place says, with every value optional; [`Config::fold`] puts layers on
//! top of each other and leaves no value unset. To add a layer, add an [`Origin`]; to add a
//! setting, add a [`Setting`] and a [`Step`], and follow the compiler; then add it to `schema.json`.
//! Settings are data: none can make keyward run a command.

mod extends;
mod keys;
mod layer;
mod schema;
mod setting;
mod sources;
mod weaker;

use std::collections::BTreeMap;

use bstr::ByteSlice;
use gix_glob::wildmatch;

use crate::finding::Confidence;
use crate::glob::PathGlobs;
use crate::guard::GuardSettings;
pub use extends::{
    Extends, RECORD_NAME, Remote, UPDATE, UPDATE_AND_STAGE, VENDOR_DIRECTORY, Vendored,
    parse_record, record,
};
pub use layer::{ConfigError, Layer, Origin, OwnRule};
pub use schema::SCHEMA;
pub use setting::{Place, Said, Setting, Step};
pub use sources::{
    SYSTEM_VARIABLE, in_working_tree, machine, named, repository, system_file, user_file,
};
pub use weaker::weaker;

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

/// Which rules are in force: one switch after the other, the last that fits a rule decides.
#[derive(Clone, Debug, Default)]
pub struct RuleSwitches {
    /// The switches, in the order of the layers.
    pub steps: Vec<Switch>,
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
            .find(|switch| fits(&switch.ids, rule) || fits(&switch.ids, provider))
            .is_none_or(|switch| switch.on)
    }
}

/// What is done about a commit that no hook has checked. The order is by strength.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unchecked {
    /// Nothing.
    #[default]
    Off,
    /// `post-commit` looks at it and tells.
    Warn,
    /// `prepare-commit-msg` checks it, too, and refuses it if it holds a secret.
    Deny,
}

impl Unchecked {
    /// The word for it, in settings.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Warn => "warn",
            Self::Deny => "deny",
        }
    }
}

/// Every setting, resolved.
#[derive(Clone, Debug)]
pub struct Config {
    /// Which rules are in force.
    pub rules: RuleSwitches,
    /// Paths that are not scanned.
    pub exclude: PathGlobs,
    /// The guard's settings.
    pub guard: GuardSettings,
    /// The confidence below which a finding is not shown.
    pub threshold: Set<Confidence>,
    /// What is done about a commit that no hook has checked.
    pub unchecked: Set<Unchecked>,
    /// Whether the message of a commit says that it was checked.
    pub trailer: Set<bool>,
    /// All that the layers say, in order.
    pub trail: Vec<Told>,
    /// What may not be weakened, and by whom.
    pub locks: BTreeMap<Setting, Place>,
}

/// What a layer says, and what became of it.
#[derive(Clone, Debug)]
pub struct Told {
    /// What it says, and where.
    pub said: Said<Step>,
    /// The lock that keeps it from having an effect.
    pub held: Option<Place>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            rules: RuleSwitches::default(),
            exclude: PathGlobs::default(),
            guard: GuardSettings::default(),
            threshold: Set {
                value: Confidence::Likely,
                by: Origin::BuiltIn,
            },
            unchecked: Set {
                value: Unchecked::default(),
                by: Origin::BuiltIn,
            },
            trailer: Set {
                value: false,
                by: Origin::BuiltIn,
            },
            trail: Vec::new(),
            locks: BTreeMap::new(),
        }
    }
}

impl Config {
    /// Puts the layers on top of what is built in, in the order of their origins. Lists grow from
    /// layer to layer; a single value is that of the last layer that sets it. What would weaken a
    /// setting that an earlier layer locked has no effect.
    pub fn fold(layers: impl IntoIterator<Item = Layer>) -> Self {
        let mut layers: Vec<Layer> = layers.into_iter().collect();
        layers.sort_by_key(|layer| layer.origin);
        layers.into_iter().fold(Self::default(), Self::over)
    }

    fn over(mut self, layer: Layer) -> Self {
        for said in layer.steps {
            let held = self
                .locks
                .get(&said.value.setting())
                .filter(|_| said.value.weakens(&self))
                .cloned();
            if held.is_none() {
                self.apply(said.value.clone(), said.place.origin);
            }
            self.trail.push(Told { said, held });
        }
        for lock in layer.locks {
            self.locks.entry(lock.value).or_insert(lock.place);
        }
        self
    }

    fn apply(&mut self, step: Step, by: Origin) {
        match step {
            Step::GuardAdd(glob) => self.guard.add.extend([glob]),
            Step::GuardOff(glob) => self.guard.off.extend([glob]),
            Step::GuardRuleOff(id) => self.guard.off_rules.push(id),
            // It is in the trail.
            Step::Rule(_) => {}
            Step::RulesOff(ids) => self.rules.steps.push(Switch { ids, on: false }),
            Step::RulesOn(ids) => self.rules.steps.push(Switch { ids, on: true }),
            Step::Exclude(glob) => self.exclude.extend([glob]),
            Step::Threshold(value) => self.threshold = Set { value, by },
            Step::Unchecked(value) => self.unchecked = Set { value, by },
            Step::Trailer(value) => self.trailer = Set { value, by },
        }
    }

    /// What has an effect, in the order of the layers.
    pub fn in_force(&self) -> impl Iterator<Item = &Said<Step>> {
        let free = self.trail.iter().filter(|told| told.held.is_none());
        free.map(|told| &told.said)
    }

    /// The rules of the layers' own.
    pub fn own_rules(&self) -> impl Iterator<Item = (&OwnRule, &Place)> {
        self.in_force().filter_map(|said| match &said.value {
            Step::Rule(rule) => Some((&**rule, &said.place)),
            _ => None,
        })
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
        assert_eq!(config.threshold.value, Confidence::Likely);
        assert_eq!(config.threshold.by, Origin::BuiltIn);
        assert!(config.rules.is_on("openai-api-key", "openai"));
        assert!(!config.exclude.covers("a".into()));
    }

    #[test]
    fn later_layers_win_whatever_the_order_they_come_in() {
        let user = layer(Origin::User, "[scan]\nthreshold = 'certain'\n");
        let repository = layer(Origin::Repository, "[scan]\nthreshold = 'possible'\n");
        let silent = layer(Origin::CommandLine, "");
        let config = Config::fold([silent, repository, user]);
        let expected = Set {
            value: Confidence::Possible,
            by: Origin::Repository,
        };
        assert_eq!(config.threshold, expected);
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
    fn own_rules_keep_their_place() {
        let rule = "\n[[rule]]\nid = 'acme-key'\nname = 'Acme key'\nformat = 'acme_<hex:32>'\n";
        let config = Config::fold([layer(Origin::Repository, rule)]);
        let places: Vec<String> = config
            .own_rules()
            .map(|(rule, place)| format!("{} {place}", rule.words.id))
            .collect();
        assert_eq!(places, ["acme-key repository, .keyward.toml:2"]);
    }

    #[test]
    fn a_lock_lets_later_layers_tighten_and_not_weaken() {
        let locks = "lock = ['guard.add', 'guard.off', 'rule', 'rules.off', 'scan.exclude', \
                     'scan.threshold']\n";
        let system = format!(
            "{locks}[rules]\noff = ['slack']\n[scan]\nexclude = ['vendor/']\n\
             threshold = 'likely'\n[guard]\nadd = ['*.secret']\n"
        );
        let weak = "[rules]\noff = ['openai']\n[scan]\nexclude = ['src/']\n\
                    threshold = 'certain'\n[guard]\nadd = ['!a.secret']\n\
                    off = ['.env', 'guard-netrc-file']\n\
                    [[rule]]\nid = 'acme-key'\nname = 'a'\nformat = 'acme_<hex:32>'\npublic = true\n";
        let strong = "[rules]\non = ['slack']\n[scan]\nexclude = ['!vendor/']\n\
                      threshold = 'possible'\n[guard]\nadd = ['*.private']\noff = ['!.env']\n\
                      [[rule]]\nid = 'acme-key'\nname = 'a'\nformat = 'acme_<hex:32>'\n";
        let system = layer(Origin::System, &system);

        let config = Config::fold([layer(Origin::Repository, weak), system.clone()]);
        let held: Vec<&str> = config
            .trail
            .iter()
            .filter(|told| {
                told.held
                    .as_ref()
                    .is_some_and(|by| by.origin == Origin::System)
            })
            .map(|told| told.said.value.setting().key())
            .collect();
        let expected = [
            "rules.off",
            "rule",
            "scan.exclude",
            "scan.threshold",
            "guard.add",
            "guard.off",
            "guard.off",
        ];
        assert_eq!(held, expected);
        assert!(config.rules.is_on("openai-api-key", "openai"));
        assert!(!config.rules.is_on("slack-bot-token", "slack"));
        assert!(!config.exclude.covers("src/a".into()));
        assert!(config.exclude.covers("vendor/a".into()));
        assert!(config.guard.add.covers("a.secret".into()));
        assert!(config.guard.off.is_empty() && config.guard.off_rules.is_empty());
        assert_eq!(config.threshold.by, Origin::System);
        assert_eq!(config.own_rules().count(), 0);

        let config = Config::fold([layer(Origin::CommandLine, strong), system]);
        assert!(config.trail.iter().all(|told| told.held.is_none()));
        assert!(config.rules.is_on("slack-bot-token", "slack"));
        assert!(!config.exclude.covers("vendor/a".into()));
        assert!(config.guard.add.covers("a.private".into()));
        assert_eq!(config.threshold.value, Confidence::Possible);
        assert_eq!(config.own_rules().count(), 1);
    }

    #[test]
    fn a_lock_holds_neither_its_own_layer_nor_earlier_ones() {
        let text = "lock = ['scan.exclude']\n[scan]\nexclude = ['b']\n";
        let team = layer(Origin::Team, text);
        let user = layer(Origin::User, "[scan]\nexclude = ['a']\n");
        let later = layer(Origin::Team, "lock = ['rule']\n[scan]\nexclude = ['c']\n");
        let config = Config::fold([team, user, later]);
        for (path, covered) in [("a", true), ("b", true), ("c", false)] {
            assert_eq!(config.exclude.covers(path.into()), covered, "{path}");
        }
        assert_eq!(config.locks.len(), 2);
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
        assert_eq!(config.trail[0].said.place.origin, Origin::User);
    }
}
