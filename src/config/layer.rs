//! One layer of settings: a file as it was written, with every value optional.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use bstr::ByteSlice;
use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::Unchecked;
use super::extends::{Extends, Remote};
use super::keys::{known_keys, nearest};
use super::setting::{Place, Said, Setting, Step};
use crate::confidence::Confidence;
use crate::disk;
use crate::glob::PathGlob;
use crate::proof::Proof;
use crate::rules::words::RuleWords;
use crate::shell;

/// Where a layer comes from. The order is that of precedence: later wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// What holds when nobody says anything.
    BuiltIn,
    /// The machine's file, `/etc/keyward/config.toml`.
    System,
    /// The user's own file.
    User,
    /// A file that the repository's names under `extends`.
    Team,
    /// The repository's `.keyward.toml`.
    Repository,
    /// What was typed.
    CommandLine,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BuiltIn => "built in",
            Self::System => "system",
            Self::User => "user",
            Self::Team => "team",
            Self::Repository => "repository",
            Self::CommandLine => "command line",
        })
    }
}

/// A rule of somebody's own.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnRule {
    /// The name of the provider, if the rule gives one.
    pub provider: Option<String>,
    /// The rule.
    pub words: RuleWords,
}

/// The settings of one layer, in the order in which they hold.
#[derive(Clone, Debug)]
pub struct Layer {
    /// Where it comes from.
    pub origin: Origin,
    /// The file, as errors call it.
    pub file: Box<str>,
    /// What it says.
    pub steps: Vec<Said<Step>>,
    /// The settings that later layers may not weaken.
    pub locks: Vec<Said<Setting>>,
    /// The files that it builds on.
    pub extends: Vec<Said<Extends>>,
}

/// What is wrong with a settings file. The exit code for it is 2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The file's name, as it was given.
    pub file: String,
    /// The line, counted from 1, if it is known.
    pub line: Option<usize>,
    /// What is wrong, without any value from the file: it could be a secret.
    pub problem: String,
    /// What to do about it.
    pub advice: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} in {}",
            self.problem,
            shell::shown(self.file.as_bytes())
        )?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        write!(f, ": {}", self.advice)
    }
}

impl std::error::Error for ConfigError {}

/// A settings file. `rule` is read by hand, since the rules' own words know no `provider`, and so is
/// `extends`, whose entries are strings or tables.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    lock: Option<Items>,
    rules: Option<RulesTable>,
    scan: Option<ScanTable>,
    guard: Option<GuardTable>,
    hooks: Option<HooksTable>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RulesTable {
    off: Option<Items>,
    on: Option<Items>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ScanTable {
    exclude: Option<Items>,
    threshold: Option<Spanned<Confidence>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct GuardTable {
    add: Option<Items>,
    off: Option<Items>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct HooksTable {
    trailer: Option<Spanned<bool>>,
    unchecked: Option<Spanned<UncheckedWord>>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum UncheckedWord {
    Off,
    Warn,
    Deny,
}

/// The keys of each table that a file can have; the first is the file itself.
pub(super) fn known_tables() -> [(&'static str, Vec<&'static str>); 7] {
    let with = |keys: &[&'static str], more: &[&'static str]| [keys, more].concat();
    [
        ("", with(known_keys::<Document>(), &[EXTENDS, RULE])),
        (EXTENDS, known_keys::<Remote>().to_vec()),
        ("guard", known_keys::<GuardTable>().to_vec()),
        ("hooks", known_keys::<HooksTable>().to_vec()),
        (RULE, with(known_keys::<RuleWords>(), &[PROVIDER])),
        ("rules", known_keys::<RulesTable>().to_vec()),
        ("scan", known_keys::<ScanTable>().to_vec()),
    ]
}

const EXTENDS: &str = "extends";
const RULE: &str = "rule";
const PROVIDER: &str = "provider";

impl Layer {
    /// No settings file is longer.
    pub const MOST_BYTES: u64 = 1 << 20;

    /// Reads a file, if there is one.
    ///
    /// # Errors
    /// A [`ConfigError`] when it can't be read or is not valid.
    pub fn read(origin: Origin, path: &Path) -> Result<Option<Self>, ConfigError> {
        let name = path.to_string_lossy().into_owned();
        match disk::read_regular(path, Self::MOST_BYTES) {
            Ok(Some(bytes)) => Self::parse(origin, &bytes, &name).map(Some),
            Ok(None) => Ok(None),
            Err(err) => Err(ConfigError {
                file: name,
                line: None,
                problem: format!("cannot read the settings ({err})"),
                advice: "make it a readable text file, or remove it".to_owned(),
            }),
        }
    }

    /// Reads a layer from the bytes of a settings file; `name` is what errors call the file.
    ///
    /// # Errors
    /// A [`ConfigError`] with the line: when the file is too long, is not TOML, has an unknown
    /// key, or has a value that its key doesn't take.
    pub fn parse(origin: Origin, bytes: &[u8], name: &str) -> Result<Self, ConfigError> {
        let mut source = Source { name, bytes };
        if bytes.len() as u64 > Self::MOST_BYTES {
            let problem = format!("more than {} bytes", Self::MOST_BYTES);
            return Err(source.error(None, problem, "shorten the file"));
        }
        let text = bytes.to_str().map_err(|err| {
            source.error(
                Some(err.valid_up_to()),
                "text that is not UTF-8",
                "save the file as UTF-8",
            )
        })?;
        // Without its mark, so that places in the text are places in what was parsed.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        source.bytes = text.as_bytes();
        let mut table = DeTable::parse(text).map_err(|err| source.toml_error(&err))?;

        source.check_keys(table.get_ref())?;
        let rules = table.get_mut().remove(RULE);
        let own_rules = rules.map(|rules| source.own_rules(rules)).transpose()?;
        let extends = table.get_mut().remove(EXTENDS);
        let extends = extends
            .map(|extends| source.extends(origin, extends))
            .transpose()?;
        let root = Spanned::new(table.span(), DeValue::Table(table.into_inner()));
        let document = Document::deserialize(ValueDeserializer::from(root))
            .map_err(|err| source.toml_error(&err))?;

        let rules = document.rules.unwrap_or_default();
        let scan = document.scan.unwrap_or_default();
        let guard = document.guard.unwrap_or_default();
        // "on" comes after "off", so that a layer can switch a provider off but for one rule.
        let mut said = source.steps(rules.off, |id| source.id(id).map(Step::RulesOff))?;
        said.extend(source.steps(rules.on, |id| source.id(id).map(Step::RulesOn))?);
        said.extend(own_rules.unwrap_or_default());
        said.extend(source.steps(scan.exclude, |item| source.glob(item).map(Step::Exclude))?);
        if let Some(level) = scan.threshold {
            let at = level.span().start;
            said.push((at, Step::Threshold(level.into_inner())));
        }
        let hooks = document.hooks.unwrap_or_default();
        if let Some(is_on) = hooks.trailer {
            said.push((is_on.span().start, Step::Trailer(is_on.into_inner())));
        }
        if let Some(word) = hooks.unchecked {
            let at = word.span().start;
            let unchecked = match word.into_inner() {
                UncheckedWord::Off => Unchecked::Off,
                UncheckedWord::Warn => Unchecked::Warn,
                UncheckedWord::Deny => Unchecked::Deny,
            };
            said.push((at, Step::Unchecked(unchecked)));
        }
        said.extend(source.steps(guard.add, |item| source.glob(item).map(Step::GuardAdd))?);
        let known: Vec<&str> = crate::guard::rules().iter().map(|rule| rule.id).collect();
        said.extend(source.steps(guard.off, |item| source.guard_off(item, &known))?);
        let locks = source.steps(document.lock, |item| source.lock(item))?;
        let mut lines = Lines::new(origin, name, source.bytes);
        Ok(Self {
            origin,
            file: name.into(),
            steps: lines.place(said),
            locks: lines.place(locks),
            extends: lines.place(extends.unwrap_or_default()),
        })
    }
}

type Items = Vec<Spanned<String>>;

/// Turns places in a file into lines, once for each line however many entries it has.
struct Lines {
    origin: Origin,
    file: Arc<str>,
    ends: Vec<usize>,
}

impl Lines {
    fn new(origin: Origin, name: &str, bytes: &[u8]) -> Self {
        Self {
            origin,
            file: name.into(),
            ends: bytes.find_iter("\n").collect(),
        }
    }

    fn place<T>(&mut self, said: Vec<(usize, T)>) -> Vec<Said<T>> {
        said.into_iter()
            .map(|(at, value)| Said {
                value,
                place: Place {
                    origin: self.origin,
                    file: Arc::clone(&self.file),
                    line: self.ends.partition_point(|&end| end < at) + 1,
                },
            })
            .collect()
    }
}

/// The file that is being read, for its errors.
struct Source<'t> {
    name: &'t str,
    bytes: &'t [u8],
}

impl Source<'_> {
    fn error(
        &self,
        at: Option<usize>,
        problem: impl Into<String>,
        advice: impl Into<String>,
    ) -> ConfigError {
        let line = at.map(|at| {
            let before = &self.bytes[..at.min(self.bytes.len())];
            before.iter().filter(|&&b| b == b'\n').count() + 1
        });
        ConfigError {
            file: self.name.to_owned(),
            line,
            problem: problem.into(),
            advice: advice.into(),
        }
    }

    /// An error of the parser, of which only what it expected is told: its message may hold the
    /// value, and the value may be a secret.
    fn toml_error(&self, err: &toml::de::Error) -> ConfigError {
        let at = err.span().map(|span| span.start);
        let message = err.message();
        let expected = message.find("expected ").map(|at| &message[at..]);
        if message.starts_with("missing field") {
            return self.error(at, message, "add it");
        }
        match expected {
            Some(expected) if !expected.contains(['\n', '\r']) => {
                self.error(at, "a value that doesn't fit", expected)
            }
            _ => self.error(at, "text that is not TOML", "correct or remove the line"),
        }
    }

    fn check_keys(&self, table: &DeTable<'_>) -> Result<(), ConfigError> {
        for (name, known) in known_tables() {
            match (name, table.get(name).map(Spanned::get_ref)) {
                ("", _) => self.check_table(table, &known)?,
                (_, Some(DeValue::Table(table))) => self.check_table(table, &known)?,
                // Tables in a list are checked as they are read.
                _ => {}
            }
        }
        Ok(())
    }

    fn check_table(&self, table: &DeTable<'_>, known: &[&str]) -> Result<(), ConfigError> {
        let unknown = table
            .keys()
            .filter(|key| !known.contains(&key.get_ref().as_ref()))
            .min_by_key(|key| key.span().start);
        let Some(key) = unknown else {
            return Ok(());
        };
        let name: &str = key.get_ref().as_ref();
        let advice = match nearest(name, known) {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => format!("the keys here are {}", quoted(known)),
        };
        Err(self.error(
            Some(key.span().start),
            format!("unknown key `{}`", shown(name)),
            advice,
        ))
    }

    fn own_rules(&self, rules: Spanned<DeValue<'_>>) -> Result<Vec<(usize, Step)>, ConfigError> {
        let at = rules.span().start;
        let DeValue::Array(rules) = rules.into_inner() else {
            return Err(self.error(Some(at), "`rule` that is not a list", "write `[[rule]]`"));
        };
        rules
            .into_iter()
            .map(|rule| {
                let at = rule.span().start;
                Ok((at, Step::Rule(Box::new(self.own_rule(rule)?))))
            })
            .collect()
    }

    fn own_rule(&self, mut rule: Spanned<DeValue<'_>>) -> Result<OwnRule, ConfigError> {
        let mut provider = None;
        if let DeValue::Table(table) = rule.get_mut() {
            let known: Vec<&str> = known_keys::<RuleWords>()
                .iter()
                .copied()
                .chain([PROVIDER])
                .collect();
            self.check_table(table, &known)?;
            self.check_checksum(table)?;
            provider = table.remove(PROVIDER);
        }
        let provider = provider
            .map(|provider| String::deserialize(ValueDeserializer::from(provider)))
            .transpose()
            .map_err(|err| self.toml_error(&err))?;
        let words = RuleWords::deserialize(ValueDeserializer::from(rule))
            .map_err(|err| self.toml_error(&err))?;
        Ok(OwnRule { provider, words })
    }

    fn check_checksum(&self, rule: &DeTable<'_>) -> Result<(), ConfigError> {
        let Some(value) = rule.get("checksum") else {
            return Ok(());
        };
        let DeValue::String(name) = value.get_ref() else {
            return Ok(());
        };
        if Proof::named(name).is_some() {
            return Ok(());
        }
        let known: Vec<&str> = Proof::all().map(Proof::name).collect();
        let advice = match nearest(name, &known) {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => "the catalog has examples: keyward rules show github-personal-token".to_owned(),
        };
        let problem = format!("unknown checksum `{}`", shown(name));
        Err(self.error(Some(value.span().start), problem, advice))
    }

    /// The entries of a list, each with its place.
    fn steps<T>(
        &self,
        items: Option<Items>,
        step: impl Fn(Spanned<String>) -> Result<T, ConfigError>,
    ) -> Result<Vec<(usize, T)>, ConfigError> {
        items
            .unwrap_or_default()
            .into_iter()
            .map(|item| Ok((item.span().start, step(item)?)))
            .collect()
    }

    fn glob(&self, item: Spanned<String>) -> Result<PathGlob, ConfigError> {
        let advice = "write a pattern as in `.gitignore`, such as `testdata/` or `*.snap`";
        PathGlob::parse(item.get_ref())
            .map_err(|err| self.error(Some(item.span().start), err.to_string(), advice))
    }

    fn id(&self, item: Spanned<String>) -> Result<String, ConfigError> {
        let at = item.span().start;
        let id = item.into_inner();
        let valid = !id.is_empty()
            && id
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_*".contains(&b));
        if valid {
            return Ok(id);
        }
        let advice = "`keyward rules list` shows the ids; `*` stands for any part of one";
        Err(self.error(Some(at), "an id that no rule can have", advice))
    }

    /// Parts the guard's rules from patterns of paths.
    fn guard_off(&self, item: Spanned<String>, known: &[&str]) -> Result<Step, ConfigError> {
        let text = item.get_ref().as_str();
        if known.contains(&text) {
            return Ok(Step::GuardRuleOff(item.into_inner()));
        }
        if !text.starts_with("guard-") || text.contains(['/', '*', '.']) {
            return self.glob(item).map(Step::GuardOff);
        }
        let advice = match nearest(text, known) {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => "`keyward rules list` shows the ids; a path starts with `/`".to_owned(),
        };
        let problem = format!("unknown guard rule `{}`", shown(text));
        Err(self.error(Some(item.span().start), problem, advice))
    }

    fn lock(&self, item: Spanned<String>) -> Result<Setting, ConfigError> {
        let text = item.get_ref().as_str();
        let known: Vec<&str> = Setting::ALL.iter().map(|setting| setting.key()).collect();
        Setting::named(text).ok_or_else(|| {
            let advice = match nearest(text, &known) {
                Some(nearest) => format!("did you mean `{nearest}`?"),
                None => format!("a lock names one of {}", quoted(&known)),
            };
            let problem = format!("unknown setting `{}`", shown(text));
            self.error(Some(item.span().start), problem, advice)
        })
    }

    fn extends(
        &self,
        by: Origin,
        items: Spanned<DeValue<'_>>,
    ) -> Result<Vec<(usize, Extends)>, ConfigError> {
        let advice = "write `extends = [\"path\"]`, or tables with `git`, `rev` and `path`";
        let at = items.span().start;
        let DeValue::Array(items) = items.into_inner() else {
            return Err(self.error(Some(at), "`extends` that is not a list", advice));
        };
        let extends = |item: Spanned<DeValue<'_>>| {
            let at = item.span().start;
            let extends = match item.get_ref() {
                DeValue::String(path) => Extends::path(by, path.clone().into_owned()),
                DeValue::Table(table) => {
                    self.check_table(table, known_keys::<Remote>())?;
                    let remote = Remote::deserialize(ValueDeserializer::from(item))
                        .map_err(|err| self.toml_error(&err))?;
                    Extends::git(by, remote)
                }
                _ => Err(("an entry that names no file", advice)),
            };
            let extends =
                extends.map_err(|(problem, advice)| self.error(Some(at), problem, advice))?;
            Ok((at, extends))
        };
        items.into_iter().map(extends).collect()
    }
}

fn quoted(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    quoted.join(", ")
}

/// A name from the file as it may be printed: short, and nothing that a terminal obeys.
fn shown(name: &str) -> String {
    /// A bound: longer than every word that is expected there.
    const LONGEST: usize = 40;
    shell::shown_start(name, LONGEST)
}

#[cfg(test)]
mod tests {
    use super::super::FILE_NAME;
    use super::*;

    fn parse(text: &str) -> Result<Layer, ConfigError> {
        Layer::parse(Origin::Repository, text.as_bytes(), FILE_NAME)
    }

    fn error(text: &str) -> String {
        parse(text)
            .expect_err("the text of this test is not valid")
            .to_string()
    }

    #[test]
    fn every_key_is_read() {
        let layer = parse(
            r#"
            extends = ["policy/base.toml"]
            lock = ["scan.threshold", "rule"]

            [rules]
            off = ["openai-*", "slack"]
            on = ["openai-api-key"]

            [scan]
            exclude = ["testdata/", "*.snap"]
            threshold = "certain"

            [guard]
            add = ["*.secret"]
            off = ["guard-netrc-file", "/fixtures/.env"]

            [[rule]]
            id = "acme-token"
            name = "Acme token"
            provider = "Acme"
            format = "acme_<base62:32>"

            [[rule]]
            id = "own-token"
            name = "our token"
            pattern = "own_[a-z]{40}"
            keywords = ["own_"]
            "#,
        )
        .expect("every key is known");
        let said: Vec<(&str, &str, usize)> = layer
            .steps
            .iter()
            .map(|said| {
                let key = said.value.setting().key();
                (key, said.value.name(), said.place.line)
            })
            .collect();
        let expected = [
            ("rules.off", "openai-*", 6),
            ("rules.off", "slack", 6),
            ("rules.on", "openai-api-key", 7),
            ("rule", "acme-token", 17),
            ("rule", "own-token", 23),
            ("scan.exclude", "testdata/", 10),
            ("scan.exclude", "*.snap", 10),
            ("scan.threshold", "certain", 11),
            ("guard.add", "*.secret", 14),
            ("guard.off", "guard-netrc-file", 15),
            ("guard.off", "/fixtures/.env", 15),
        ];
        assert_eq!(said, expected);
        let locks: Vec<_> = layer.locks.iter().map(|lock| lock.value).collect();
        assert_eq!(locks, [Setting::ScanThreshold, Setting::Rule]);
        assert_eq!(
            layer.extends[0].value,
            Extends::Path("policy/base.toml".to_owned())
        );
        let rule = |at: usize| match &layer.steps[at].value {
            Step::Rule(rule) => rule,
            other => panic!("{other:?}"),
        };
        assert_eq!(rule(3).provider.as_deref(), Some("Acme"));
        assert_eq!(rule(4).provider, None);
        assert_eq!(rule(3).words.format.as_slice(), ["acme_<base62:32>"]);
    }

    #[test]
    fn a_file_that_says_nothing_sets_nothing() {
        for text in [
            "",
            "\u{feff}",
            "# words\n",
            "[rules]\n[scan]\n[guard]\n",
            "rule = []\n",
        ] {
            let layer = parse(text).expect("nothing is wrong with it");
            assert!(layer.steps.is_empty(), "{text:?}");
        }
    }

    #[test]
    fn an_error_names_the_file_the_line_and_the_nearest_key() {
        let cases = [
            (
                "[scan]\n\nexlude = []\n",
                "unknown key `exlude` in .keyward.toml, line 3: did you mean `exclude`?",
            ),
            (
                "\u{feff}[scna]\n",
                "unknown key `scna` in .keyward.toml, line 1: did you mean `scan`?",
            ),
            (
                "[[rule]]\nid = 'a-b'\nname = 'b'\nformt = 'x'\n",
                "unknown key `formt` in .keyward.toml, line 4: did you mean `format`?",
            ),
            (
                "[guard]\ncommand = 'rm'\n",
                "unknown key `command` in .keyward.toml, line 2: the keys here are `add`, `off`",
            ),
            (
                "[guard]\noff = [\n  'guard-netrc-flie',\n]\n",
                "unknown guard rule `guard-netrc-flie` in .keyward.toml, line 3: did you mean `guard-netrc-file`?",
            ),
            (
                "[scan]\nthreshold = 'sure'\n",
                "a value that doesn't fit in .keyward.toml, line 2: expected one of `possible`, `likely`, `certain`",
            ),
            (
                "[scan]\nexclude = [\n'a',\n'',\n]\n",
                "the pattern names nothing in .keyward.toml, line 4: write a pattern as in `.gitignore`, such as `testdata/` or `*.snap`",
            ),
            (
                "[rules]\noff = ['a b']\n",
                "an id that no rule can have in .keyward.toml, line 2: `keyward rules list` shows the ids; `*` stands for any part of one",
            ),
            (
                "[[rule]]\nid = 'a-b'\nname = 'b'\nchecksum = 'github-crc31'\n",
                "unknown checksum `github-crc31` in .keyward.toml, line 4: did you mean `github-crc32`?",
            ),
            (
                "lock = ['scan.treshold']\n",
                "unknown setting `scan.treshold` in .keyward.toml, line 1: did you mean `scan.threshold`?",
            ),
            (
                "extends = 'x'\n",
                "`extends` that is not a list in .keyward.toml, line 1: write `extends = [\"path\"]`, or tables with `git`, `rev` and `path`",
            ),
            (
                "extends = [\n'../x']\n",
                "a path that leads out of the repository in .keyward.toml, line 2: name a file in it, from its top and with `/`",
            ),
            (
                "[[extends]]\ngit = 'https://host.example/a'\nrevision = 'v1'\npath = 'a'\n",
                "unknown key `revision` in .keyward.toml, line 3: the keys here are `git`, `rev`, `path`",
            ),
            (
                "extends = [{ git = 'ext::sh -c x', rev = 'v1', path = 'a' }]\n",
                "a word that git could take for something else in .keyward.toml, line 1: `git`, `rev` and `path` have no blanks or quotes and start with no dash",
            ),
            (
                "\n[[rule]]\nid = 'a-b'\n",
                "missing field `name` in .keyward.toml, line 2: add it",
            ),
            (
                "rule = 1\n",
                "`rule` that is not a list in .keyward.toml, line 1: write `[[rule]]`",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(error(text), expected);
        }
    }

    #[test]
    fn every_sort_of_nonsense_is_an_error_with_its_line() {
        for (text, line) in [
            ("[scan\n", 1),
            ("a = \n", 1),
            ("\n\nscan = 1\n", 3),
            ("[rules]\noff = 'x'\n", 2),
            ("[rules]\noff = [1]\n", 2),
            ("[scan]\n[scan]\n", 2),
            ("rule = [1]\n", 1),
            ("[[rule]]\nid = 'a'\nname = 'b'\nprovider = 1\n", 4),
            ("[[rule]]\nid = 'a'\nname = 1\n", 3),
        ] {
            let err = parse(text).expect_err(text);
            assert_eq!(err.line, Some(line), "{text:?}: {err}");
        }
        let err = Layer::parse(Origin::User, b"a = 1\n\xff", "x").expect_err("not UTF-8");
        assert_eq!(err.line, Some(2));
        let long = vec![b'\n'; 1 + Layer::MOST_BYTES as usize];
        assert!(Layer::parse(Origin::User, &long, "x").is_err());
        let deep = format!("a = {}", "[".repeat(100_000));
        assert!(parse(&deep).is_err());
    }

    #[test]
    fn an_error_prints_no_value_and_no_control_character() {
        let value = ["tr0ub4", "dor"].concat();
        for text in [
            format!("[rules]\noff = '{value}'\n"),
            format!("[scan]\nthreshold = '{value}'\n"),
            format!("[scan]\nthreshold = {value}\n"),
            format!("[guard]\nadd = [{{ {value} = 1 }}]\n"),
            format!("[[rule]]\nid = 'a'\nname = 'b'\nmin_entropy = '{value}'\n"),
        ] {
            assert!(!error(&text).contains(&value), "{text}");
        }
        let message = error("\"\\u001b[31m\\nx\" = 1\n");
        assert!(!message.contains(['\u{1b}', '\n']), "{message:?}");
        let message = error(&format!("{} = 1\n", "a".repeat(10_000)));
        assert!(message.len() < 300, "{message}");
    }

    #[test]
    fn an_error_can_be_told_from_others() {
        let err = anyhow::Error::new(parse("x = 1").expect_err("an unknown key"));
        let err = err.context("cannot read the settings");
        assert!(err.downcast_ref::<ConfigError>().is_some());
    }
}
