//! The settings, one row each: what each is called, what it takes, and which way is weaker.

use crate::archive::Archives;
use crate::confidence::Confidence;
use crate::deadline::Deadline;
use crate::glob::PathGlob;
use crate::rules::words::RuleWords;
use crate::table::table;

/// A row of the table of settings.
struct Row {
    /// The name in a file: `scan.threshold`.
    key: &'static str,
    /// What it does, for the schema.
    about: &'static str,
    takes: Takes,
    finds: Finds,
}

/// What a setting takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Takes {
    /// One of these words, from low to high, and which of them is built in; the last that is said
    /// holds.
    Word {
        words: &'static [&'static str],
        built_in: usize,
    },
    /// `true` or `false`.
    Flag { built_in: bool },
    /// Patterns of paths; `!` in front of one takes paths back.
    Paths,
    /// Ids of rules or of providers; `*` stands for any part.
    Ids,
    /// After how many days: for all, or for one name.
    Days,
    /// Ids of the guard's rules, and patterns of paths.
    GuardRules,
    /// Rules of the layer's own.
    Rules,
}

/// What comes of a higher word, or of one entry more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Finds {
    More,
    Less,
    /// It is of no account.
    AsMuch,
}

const FLAG: &[&str] = &["false", "true"];

table! {
    /// A setting, as a lock names it, in the order of the names. In a layer they hold in this order:
    /// `rules.on` comes after `rules.off`, so that a layer can switch a provider off but for one rule.
    pub enum Setting of Row {
        /// What becomes of what an agent is about to do where keyward could not look.
        AgentsFailure = Row {
            key: "agents.failure",
            about: "What becomes of what an AI agent is about to do where keyward could not look at \
                    it. open: it goes on, and is told so. closed: it is refused.",
            takes: Takes::Word {
                words: &["open", "closed"],
                built_in: 0,
            },
            finds: Finds::More,
        },
        /// Whether an agent proposes what is to be allowed, and a person confirms it.
        AgentsPropose = Row {
            key: "agents.propose",
            about: "Whether `keyward allow`, called by an AI agent, writes a proposal, which a person \
                    confirms by `keyward allow --confirm`, and no entry.",
            takes: Takes::Flag { built_in: true },
            finds: Finds::More,
        },
        /// The confidence below which a finding in a commit of an agent is not shown.
        AgentsThreshold = Row {
            key: "agents.threshold",
            about: "The confidence below which a finding in a commit of an AI agent is not shown: one that an agent has \
                    git make, or whose message names one in `Co-authored-by`. Where `scan.threshold` is lower, that \
                    holds.",
            takes: Takes::Word {
                words: &CONFIDENCES,
                built_in: Confidence::Certain as usize,
            },
            finds: Finds::Less,
        },
        /// Paths that the guard refuses beside the built-in ones.
        GuardAdd = Row {
            key: "guard.add",
            about: "Files to refuse for their name, beside those that are built in.",
            takes: Takes::Paths,
            finds: Finds::More,
        },
        /// Paths that the guard lets pass, and its rules that are switched off.
        GuardOff = Row {
            key: "guard.off",
            about: "Files, or ids of the guard's rules, to let pass.",
            takes: Takes::GuardRules,
            finds: Finds::Less,
        },
        /// Whether a commit's message says that it was checked. Without it, nothing else would tell of
        /// the commits that nobody checked.
        HooksTrailer = Row {
            key: "hooks.trailer",
            about: "Whether the message of a commit that was checked gets a trailer that says so, and \
                    a scan of a range counts the commits without.",
            takes: Takes::Flag { built_in: false },
            finds: Finds::More,
        },
        /// What is done about a commit that no hook has checked.
        HooksUnchecked = Row {
            key: "hooks.unchecked",
            about: "What is done about a commit that no hook has checked. off: nothing. warn: \
                    post-commit looks at it and tells. deny: prepare-commit-msg checks it, too.",
            takes: Takes::Word {
                words: &Unchecked::WORDS,
                built_in: Unchecked::Off as usize,
            },
            finds: Finds::More,
        },
        /// Whether the hook reminds of keys that are to be replaced.
        KeysRemind = Row {
            key: "keys.remind",
            about: "Whether the hook of a commit reminds, once a day at most, of keys that are to be replaced.",
            takes: Takes::Flag { built_in: true },
            finds: Finds::AsMuch,
        },
        /// After how many days keys are to be replaced.
        KeysRotateAfter = Row {
            key: "keys.rotate_after",
            about: "After how many days a key is to be replaced: `90`, `stripe=30` for a provider, `SIGNING_KEY=never` \
                    for a variable; `*` stands for any part of a name. The last that fits holds, 90 where none does.",
            takes: Takes::Days,
            finds: Finds::AsMuch,
        },
        /// Rules of the layers' own.
        Rule = Row {
            key: "rule",
            about: "Rules of your own.",
            takes: Takes::Rules,
            finds: Finds::More,
        },
        /// Rules and providers that are switched off.
        RulesOff = Row {
            key: "rules.off",
            about: "Rules that find nothing: ids of rules or of their providers; `*` stands for any \
                    part.",
            takes: Takes::Ids,
            finds: Finds::Less,
        },
        /// Rules and providers that are switched on again.
        RulesOn = Row {
            key: "rules.on",
            about: "Rules that are switched on again: ids of rules or of their providers; `*` stands \
                    for any part.",
            takes: Takes::Ids,
            finds: Finds::More,
        },
        /// What is done about archives and other packed files.
        ScanArchives = Row {
            key: "scan.archives",
            about: "What the hooks do about archives and compressed files. tell: they are named. look: \
                    zip, gzip and tar are looked into, and the others named. refuse: the others are \
                    refused. keyward scan always looks.",
            takes: Takes::Word {
                words: &Archives::WORDS,
                built_in: Archives::Tell as usize,
            },
            finds: Finds::More,
        },
        /// How long a hook may take.
        ScanDeadline = Row {
            key: "scan.deadline",
            about: "How long a hook may take for each gigabyte that it looks at. What takes longer is refused, and told.",
            takes: Takes::Word {
                words: &Deadline::WORDS,
                built_in: Deadline::Minute as usize,
            },
            finds: Finds::AsMuch,
        },
        /// Paths that are not scanned.
        ScanExclude = Row {
            key: "scan.exclude",
            about: "Paths that are not scanned: patterns as in .gitignore; `!` in front of one takes \
                    paths back.",
            takes: Takes::Paths,
            finds: Finds::Less,
        },
        /// The confidence below which a finding is not shown.
        ScanThreshold = Row {
            key: "scan.threshold",
            about: "The confidence below which a finding is not shown. possible: only a human can \
                    tell. likely: context or randomness speaks for it. certain: the format is \
                    distinctive.",
            takes: Takes::Word {
                words: &CONFIDENCES,
                built_in: Confidence::Likely as usize,
            },
            finds: Finds::Less,
        },
        /// Where the team keeps its secrets.
        Store = Row {
            key: "store",
            about: "Where the team keeps its secrets: what a mend proposes for the value.",
            takes: Takes::Word {
                words: &crate::store::Store::WORDS,
                built_in: crate::store::Store::None as usize,
            },
            finds: Finds::AsMuch,
        },
    }
}

/// The tables of a settings file, and what each is about, for the schema.
pub(super) const SECTIONS: &[(&str, &str)] = &[
    ("agents", "What AI agents may do."),
    ("guard", "Files that are refused for their name."),
    ("hooks", "What the hooks do."),
    ("keys", "How keys are kept."),
    ("rules", "Which rules are in force."),
    ("scan", "What is scanned, and what is shown."),
];

impl Setting {
    /// The name in a file: `scan.threshold`.
    pub const fn key(self) -> &'static str {
        self.row().key
    }

    /// The table that it stands in, none for the file's own, and its name there.
    pub(super) fn path(self) -> (&'static str, &'static str) {
        self.key().split_once('.').unwrap_or(("", self.key()))
    }

    pub(super) const fn about(self) -> &'static str {
        self.row().about
    }

    pub(super) const fn takes(self) -> Takes {
        self.row().takes
    }

    /// The setting that a file or a lock calls by that key.
    pub fn named(key: &str) -> Option<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|setting| setting.key() == key)
    }

    /// The words that it takes, from low to high, and the place of the one that is built in; `None`
    /// if it has a list and not one value.
    pub(super) const fn words(self) -> Option<(&'static [&'static str], usize)> {
        match self.takes() {
            Takes::Word { words, built_in } => Some((words, built_in)),
            Takes::Flag { built_in } => Some((FLAG, built_in as usize)),
            _ => None,
        }
    }

    /// Whether it has one value and not a list: the last that is said holds.
    pub fn is_single(self) -> bool {
        self.words().is_some()
    }

    /// A value as it is written in TOML: a flag bare, anything else in quotes.
    pub fn written(self, value: &str) -> String {
        match self.takes() {
            Takes::Flag { .. } => value.to_owned(),
            _ => format!("\"{value}\""),
        }
    }

    /// Whether less is found with the word at that place than with the other.
    pub(super) fn is_weaker(self, word: usize, than: usize) -> bool {
        match self.row().finds {
            Finds::More => word < than,
            Finds::Less => word > than,
            Finds::AsMuch => false,
        }
    }

    /// The list whose order decides between its entries: `rules.on` and `rules.off` are one. `None`
    /// if no order does.
    pub(super) fn ordered_list(self) -> Option<Self> {
        match (self, self.takes()) {
            (Self::RulesOn, _) => Some(Self::RulesOff),
            (_, Takes::Word { .. } | Takes::Flag { .. } | Takes::Rules) => None,
            (_, Takes::Paths | Takes::Ids | Takes::Days | Takes::GuardRules) => Some(self),
        }
    }
}

/// One thing that a layer says: a single value, or one entry of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The setting that it belongs to.
    pub setting: Setting,
    /// The value, of the sort that the setting takes.
    pub value: Value,
}

/// A single value of a setting, or one entry of its list.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// The place of a word among those that the setting takes.
    Word(usize),
    /// A pattern of paths.
    Paths(PathGlob),
    /// An id, or a glob of ids.
    Ids(String),
    /// A rule of the layer's own.
    Rule(Box<OwnRule>),
}

impl Step {
    /// Whether less may be found once this is said than before: the one definition by which a
    /// lock holds, and by which a commit is told that it weakens the policy. `so_far` is the place of
    /// the word that held until then, for a setting that takes one.
    pub(super) fn weakens(&self, so_far: usize) -> bool {
        let finds_less = self.setting.row().finds == Finds::Less;
        match &self.value {
            Value::Word(word) => self.setting.is_weaker(*word, so_far),
            Value::Paths(glob) => finds_less != glob.is_negative(),
            Value::Ids(_) => finds_less,
            // What is public by design is never a finding, and no other rule may claim it.
            Value::Rule(rule) => rule.words.public,
        }
    }

    /// What tells it from the other entries of its list, or the word of a single value.
    pub fn name(&self) -> &str {
        match &self.value {
            Value::Word(word) => self.setting.words().map_or("", |(words, _)| words[*word]),
            Value::Paths(glob) => glob.as_str(),
            Value::Ids(ids) => ids,
            Value::Rule(rule) => &rule.words.id,
        }
    }
}

/// A `[[rule]]` of a settings file.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnRule {
    /// The name of the provider, if the rule gives one.
    pub provider: Option<String>,
    /// The keys that a rule of the catalog has, too.
    pub words: RuleWords,
}

/// What is done about a commit that no hook has checked. The order is by strength.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unchecked {
    /// Nothing: `post-commit` and `prepare-commit-msg` end at once.
    Off,
    /// `post-commit` looks at it and tells.
    Warn,
    /// `prepare-commit-msg` checks it, too, and refuses it if it holds a secret.
    Deny,
}

impl Unchecked {
    pub(super) const ALL: [Self; 3] = [Self::Off, Self::Warn, Self::Deny];
    const WORDS: [&str; 3] = ["off", "warn", "deny"];
}

const CONFIDENCES: [&str; Confidence::ALL.len()] = {
    let [possible, likely, certain] = Confidence::ALL;
    [possible.as_str(), likely.as_str(), certain.as_str()]
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_read_back() {
        assert!(Setting::ALL.is_sorted_by_key(|setting| setting.key()));
        assert!(SECTIONS.is_sorted());
        for &setting in Setting::ALL {
            assert_eq!(Setting::named(setting.key()), Some(setting));
            let (section, _) = setting.path();
            let is_known = SECTIONS.iter().any(|(name, _)| *name == section);
            assert!(is_known || section.is_empty(), "{section}");
            assert!(!setting.about().is_empty());
        }
        assert_eq!(Setting::named("scan"), None);
    }

    #[test]
    fn the_manual_lists_every_setting() {
        let manual = include_str!("../../docs/team.md").replace('\n', " ");
        let keys: Vec<String> = Setting::ALL
            .iter()
            .map(|setting| format!("`{}`", setting.key()))
            .collect();
        let (last, most) = keys.split_last().expect("there are settings");
        let list = format!("The settings are {} and {last}.", most.join(", "));
        assert!(manual.contains(&list), "docs/team.md lacks: {list}");
    }

    #[test]
    fn words_are_those_of_what_they_stand_for() {
        for (place, unchecked) in Unchecked::ALL.into_iter().enumerate() {
            assert_eq!(unchecked as usize, place);
        }
        for (place, confidence) in Confidence::ALL.into_iter().enumerate() {
            assert_eq!(confidence as usize, place);
            assert_eq!(CONFIDENCES[place], confidence.as_str());
        }
    }

    #[test]
    fn each_setting_says_which_way_is_weaker() {
        let word = |setting: Setting, word: &str| {
            let (words, _) = setting.words().expect("a single value");
            let place = words.iter().position(|known| *known == word);
            Value::Word(place.expect("one of its words"))
        };
        let glob = |text| Value::Paths(PathGlob::parse(text).expect("a pattern"));
        let id = |id: &str| Value::Ids(id.to_owned());
        use Setting::*;
        let mut tried = Vec::new();
        for (setting, value, expected) in [
            (AgentsFailure, word(AgentsFailure, "open"), true),
            (AgentsFailure, word(AgentsFailure, "closed"), false),
            (AgentsPropose, word(AgentsPropose, "false"), true),
            (AgentsPropose, word(AgentsPropose, "true"), false),
            (AgentsThreshold, word(AgentsThreshold, "possible"), false),
            (AgentsThreshold, word(AgentsThreshold, "likely"), false),
            (AgentsThreshold, word(AgentsThreshold, "certain"), true),
            (GuardAdd, glob("a"), false),
            (GuardAdd, glob("!a"), true),
            (GuardOff, glob("a"), true),
            (GuardOff, glob("!a"), false),
            (GuardOff, id("guard-env-file"), true),
            (HooksTrailer, word(HooksTrailer, "true"), false),
            (HooksUnchecked, word(HooksUnchecked, "off"), true),
            (HooksUnchecked, word(HooksUnchecked, "warn"), false),
            (HooksUnchecked, word(HooksUnchecked, "deny"), false),
            (KeysRemind, word(KeysRemind, "false"), false),
            (KeysRotateAfter, id("stripe=30"), false),
            (RulesOff, id("jwt-token"), true),
            (RulesOn, id("jwt-token"), false),
            (ScanArchives, word(ScanArchives, "tell"), true),
            (ScanArchives, word(ScanArchives, "refuse"), false),
            (ScanDeadline, word(ScanDeadline, "never"), false),
            (ScanExclude, glob("a"), true),
            (ScanExclude, glob("!a"), false),
            (ScanThreshold, word(ScanThreshold, "possible"), false),
            (ScanThreshold, word(ScanThreshold, "likely"), false),
            (ScanThreshold, word(ScanThreshold, "certain"), true),
            (Store, word(Store, "none"), false),
            (Store, word(Store, "vault"), false),
        ] {
            tried.push(setting);
            let step = Step { setting, value };
            assert_eq!(step.weakens(1), expected, "{step:?}");
        }
        let off = Step {
            setting: HooksTrailer,
            value: word(HooksTrailer, "false"),
        };
        assert!(off.weakens(1) && !off.weakens(0));
        // Rules are tried where layers are folded.
        tried.push(Rule);
        for setting in Setting::ALL {
            assert!(tried.contains(setting), "{setting:?}");
        }
    }
}
