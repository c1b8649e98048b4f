//! Settings in layers, resolved.
//!
//! A [`Layer`] is what one file says, with every value optional; [`Config::fold`] puts layers on
//! top of each other. To add a layer, add an [`Origin`]. To add a setting, add a row to the table in
//! `setting`, a method to [`Config`] that gives its value, and its name to docs/team.md. Settings are
//! data: none can make keyward run a command.

mod extends;
mod keys;
mod layer;
mod origin;
mod reader;
mod schema;
mod setting;
mod sources;
mod update;
mod weaker;

use std::collections::BTreeMap;

use bstr::ByteSlice;
use gix_glob::wildmatch;

use crate::archive::Archives;
use crate::confidence::Confidence;
use crate::deadline::Deadline;
use crate::glob::PathGlobs;
use crate::guard::GuardSettings;
use crate::store::Store;
pub(crate) use extends::{Remote, UPDATE, UPDATE_AND_STAGE, VENDOR_DIRECTORY, Vendored};
pub use layer::Layer;
pub use origin::Origin;
pub(crate) use origin::{ConfigError, Location, Said};
pub(crate) use reader::WITHOUT_QUOTES;
pub(crate) use schema::schema;
pub(crate) use setting::{OwnRule, Setting, Step, Unchecked, Value};
pub(crate) use sources::{in_working_tree, machine, named, repository};
pub(crate) use update::{Fetched, Updated, update};
pub(crate) use weaker::weaker;

/// The settings file's name, at the top of a repository.
pub(crate) const FILE_NAME: &str = ".keyward.toml";

/// Which rules are in force: one switch after the other, the last that fits a rule decides.
#[derive(Clone, Debug, Default)]
pub struct RuleSwitches {
    /// The switches, in the order of the layers.
    pub steps: Vec<Switch>,
}

/// One entry of `rules.on` or `rules.off`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Switch {
    /// The id of rules or of their provider; `*` stands for any part of it.
    pub ids: String,
    /// `true` if the entry is one of `rules.on`.
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

/// Every setting, resolved: what is built in where no layer says anything.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The places of the words that layers set.
    words: BTreeMap<Setting, usize>,
    paths: BTreeMap<Setting, PathGlobs>,
    /// All that the layers say, in order.
    pub trail: Vec<Resolved>,
    /// What may not be weakened, and by whom.
    pub locks: BTreeMap<Setting, Location>,
}

/// What a layer says, and what became of it.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// The step, and the line that says it.
    pub said: Said<Step>,
    /// The lock that keeps it from having an effect.
    pub held: Option<Location>,
}

/// The settings, one method each.
impl Config {
    /// Whether what keyward could not look at is refused to an agent.
    pub fn agents_fail_closed(&self) -> bool {
        self.word(Setting::AgentsFailure) == 1
    }

    /// Whether an agent only proposes what is to be allowed.
    pub fn agents_propose(&self) -> bool {
        self.word(Setting::AgentsPropose) == 1
    }

    /// The confidence below which a finding in a commit of an agent is not shown.
    pub fn agents_threshold(&self) -> Confidence {
        Confidence::ALL[self.word(Setting::AgentsThreshold)].min(self.threshold())
    }

    /// What the guard refuses beside the built-in files, and what it lets pass.
    pub fn guard(&self) -> GuardSettings {
        GuardSettings {
            add: self.paths(Setting::GuardAdd).clone(),
            off: self.paths(Setting::GuardOff).clone(),
            off_rules: self.ids(Setting::GuardOff).map(str::to_owned).collect(),
        }
    }

    /// Whether the message of a commit says that it was checked.
    pub fn trailer(&self) -> bool {
        self.word(Setting::HooksTrailer) == 1
    }

    /// Whether the hook reminds of keys that are to be replaced.
    pub fn reminds(&self) -> bool {
        self.word(Setting::KeysRemind) == 1
    }

    /// After how many days a key is to be replaced; `None`: never.
    pub fn rotate_after(&self, provider: &str, variable: &str) -> Option<u64> {
        const USUAL: &str = "90";
        let fits = |name: &str, of: &str| {
            wildmatch(
                name.into(),
                of.as_bytes().as_bstr(),
                wildmatch::Mode::empty(),
            )
        };
        let said: Vec<&str> = self.ids(Setting::KeysRotateAfter).collect();
        let named = said.iter().rev().find_map(|said| {
            let (name, days) = said.rsplit_once('=').unwrap_or(("*", said));
            (fits(name, variable) || fits(name, provider)).then_some(days)
        });
        named.unwrap_or(USUAL).parse().ok()
    }

    /// Where the team keeps its secrets.
    pub fn store(&self) -> Store {
        Store::ALL[self.word(Setting::Store)]
    }

    /// What is done about a commit that no hook has checked.
    pub fn unchecked(&self) -> Unchecked {
        Unchecked::ALL[self.word(Setting::HooksUnchecked)]
    }

    /// The rules of the layers' own.
    pub fn own_rules(&self) -> impl Iterator<Item = (&OwnRule, &Location)> {
        self.in_force().filter_map(|said| match &said.value.value {
            Value::Rule(rule) => Some((&**rule, &said.at)),
            _ => None,
        })
    }

    /// Which rules are in force.
    pub fn rules(&self) -> RuleSwitches {
        let switches = self.in_force().filter_map(|said| {
            let on = match said.value.setting {
                Setting::RulesOn => true,
                Setting::RulesOff => false,
                _ => return None,
            };
            let ids = said.value.name().to_owned();
            Some(Switch { ids, on })
        });
        RuleSwitches {
            steps: switches.collect(),
        }
    }

    /// What is done about archives and other packed files.
    pub fn archives(&self) -> Archives {
        Archives::ALL[self.word(Setting::ScanArchives)]
    }

    /// How long a hook may take for a gigabyte.
    pub fn deadline(&self) -> Deadline {
        Deadline::ALL[self.word(Setting::ScanDeadline)]
    }

    /// Paths that are not scanned.
    pub fn exclude(&self) -> &PathGlobs {
        self.paths(Setting::ScanExclude)
    }

    /// The confidence below which a finding is not shown.
    pub fn threshold(&self) -> Confidence {
        Confidence::ALL[self.word(Setting::ScanThreshold)]
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
            let lock = self.locks.get(&said.value.setting);
            let held = lock.filter(|_| self.is_weakened_by(&said.value)).cloned();
            if held.is_none() {
                self.apply(&said.value);
            }
            self.trail.push(Resolved { said, held });
        }
        for lock in layer.locks {
            self.locks.entry(lock.value).or_insert(lock.at);
        }
        self
    }

    fn apply(&mut self, step: &Step) {
        match &step.value {
            Value::Word(word) => {
                self.words.insert(step.setting, *word);
            }
            Value::Paths(glob) => {
                let globs = self.paths.entry(step.setting).or_default();
                globs.extend([glob.clone()]);
            }
            // They are in the trail.
            Value::Ids(_) | Value::Rule(_) => {}
        }
    }

    /// Whether less may be found once this is said, too.
    fn is_weakened_by(&self, step: &Step) -> bool {
        step.weakens(self.word(step.setting))
    }

    /// What has an effect, in the order of the layers.
    pub fn in_force(&self) -> impl Iterator<Item = &Said<Step>> {
        let free = self.trail.iter().filter(|resolved| resolved.held.is_none());
        free.map(|resolved| &resolved.said)
    }

    /// The settings with one value that no layer sets, and the word that is built in.
    pub fn built_in(&self) -> impl Iterator<Item = (Setting, &'static str)> {
        let unset = Setting::ALL
            .iter()
            .filter(|setting| !self.words.contains_key(setting));
        unset.filter_map(|setting| {
            let (words, built_in) = setting.words()?;
            Some((*setting, words[built_in]))
        })
    }

    /// The place of the word that holds for a setting; 0 for one with a list.
    fn word(&self, setting: Setting) -> usize {
        let built_in = || setting.words().map_or(0, |(_, built_in)| built_in);
        self.words.get(&setting).copied().unwrap_or_else(built_in)
    }

    fn paths(&self, setting: Setting) -> &PathGlobs {
        static NONE: PathGlobs = PathGlobs::NONE;
        self.paths.get(&setting).unwrap_or(&NONE)
    }

    fn ids(&self, setting: Setting) -> impl Iterator<Item = &str> {
        self.in_force()
            .filter_map(move |said| match &said.value.value {
                Value::Ids(ids) if said.value.setting == setting => Some(ids.as_str()),
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
        assert_eq!(config.threshold(), Confidence::Likely);
        let built_in: Vec<(Setting, &str)> = config.built_in().collect();
        assert!(built_in.contains(&(Setting::ScanThreshold, "likely")));
        assert!(built_in.iter().all(|(setting, _)| setting.is_single()));
        assert!(config.rules().is_on("openai-api-key", "openai"));
        assert!(!config.exclude().covers("a".into()));
    }

    #[test]
    fn later_layers_win_whatever_the_order_they_come_in() {
        let user = layer(Origin::User, "[scan]\nthreshold = 'certain'\n");
        let repository = layer(Origin::Repository, "[scan]\nthreshold = 'possible'\n");
        let silent = layer(Origin::CommandLine, "");
        let config = Config::fold([silent, repository, user]);
        assert_eq!(config.threshold(), Confidence::Possible);
        assert!(
            config
                .built_in()
                .all(|(setting, _)| setting != Setting::ScanThreshold)
        );
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
        assert!(config.exclude().covers("b".into()));
        assert!(!config.exclude().covers("a".into()));
        assert!(config.guard().add.covers("n.x".into()) && config.guard().add.covers("n.y".into()));
        assert!(config.guard().off.covers("z".into()));
        assert_eq!(config.guard().off_rules, ["guard-env-file"]);
    }

    #[test]
    fn a_key_is_replaced_after_the_days_that_fit_last() {
        assert_eq!(Config::fold([]).rotate_after("stripe", "A"), Some(90));
        let text =
            "[keys]\nremind = false\nrotate_after = ['60', 'stripe=30', 'SIGNING_*=never']\n";
        let config = Config::fold([layer(Origin::Repository, text)]);
        assert!(!config.reminds() && Config::fold([]).reminds());
        for (provider, variable, expected) in [
            ("", "A", Some(60)),
            ("stripe", "A", Some(30)),
            ("stripe", "SIGNING_KEY", None),
        ] {
            assert_eq!(
                config.rotate_after(provider, variable),
                expected,
                "{variable}"
            );
        }
        for wrong in ["x", "-1", "=3", "a b=3", "99999", "a=", ""] {
            let text = format!("[keys]\nrotate_after = ['{wrong}']\n");
            assert!(
                Layer::parse(Origin::Repository, text.as_bytes(), FILE_NAME).is_err(),
                "{wrong}"
            );
        }
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
                    .is_some_and(|by| by.source.origin == Origin::System)
            })
            .map(|told| told.said.value.setting.key())
            .collect();
        let expected = [
            "guard.add",
            "guard.off",
            "guard.off",
            "rule",
            "rules.off",
            "scan.exclude",
            "scan.threshold",
        ];
        assert_eq!(held, expected);
        assert!(config.rules().is_on("openai-api-key", "openai"));
        assert!(!config.rules().is_on("slack-bot-token", "slack"));
        assert!(!config.exclude().covers("src/a".into()));
        assert!(config.exclude().covers("vendor/a".into()));
        assert!(config.guard().add.covers("a.secret".into()));
        assert!(config.guard().off.is_empty() && config.guard().off_rules.is_empty());
        assert_eq!(config.threshold(), Confidence::Likely);
        assert_eq!(config.own_rules().count(), 0);

        let config = Config::fold([layer(Origin::CommandLine, strong), system]);
        assert!(config.trail.iter().all(|told| told.held.is_none()));
        assert!(config.rules().is_on("slack-bot-token", "slack"));
        assert!(!config.exclude().covers("vendor/a".into()));
        assert!(config.guard().add.covers("a.private".into()));
        assert_eq!(config.threshold(), Confidence::Possible);
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
            assert_eq!(config.exclude().covers(path.into()), covered, "{path}");
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
            assert_eq!(config.rules().is_on(rule, provider), expected, "{rule}");
        }
        assert_eq!(config.trail[0].said.at.source.origin, Origin::User);
    }
}
