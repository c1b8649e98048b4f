//! Reads the values of a settings file, with errors that name the line and no value.

use bstr::ByteSlice;
use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::extends::{Extends, Remote};
use super::keys::known_keys;
use super::origin::{ConfigError, Origin};
use super::setting::{OwnRule, SECTIONS, Setting, Step, Takes, Value};
use crate::glob::PathGlob;
use crate::guard;
use crate::proof::Proof;
use crate::rules::words::RuleWords;
use crate::shell;
use crate::suggest::meant;
use crate::words::echo;

pub(super) const EXTENDS: &str = "extends";
pub(super) const LOCK: &str = "lock";
const PROVIDER: &str = "provider";

/// The keys of each table that a file can have; the first is the file itself.
pub(super) fn known_tables() -> Vec<(&'static str, Vec<&'static str>)> {
    let settings = |section: &str| -> Vec<&str> {
        let paths = Setting::ALL.iter().map(|setting| setting.path());
        let of_section = paths.filter(|path| path.0 == section);
        of_section.map(|path| path.1).collect()
    };
    let mut file = settings("");
    file.extend([EXTENDS, LOCK]);
    file.extend(SECTIONS.iter().map(|(name, _)| name));
    let mut tables = vec![("", file)];
    tables.extend(SECTIONS.iter().map(|(name, _)| (*name, settings(name))));
    tables.push((EXTENDS, known_keys::<Remote>().to_vec()));
    tables.push((Setting::Rule.key(), rule_keys()));
    tables
}

/// The keys of a rule: its own words know no provider, which a file of the catalog names once.
fn rule_keys() -> Vec<&'static str> {
    [known_keys::<RuleWords>(), &[PROVIDER]].concat()
}

/// A value, and its place in the file in bytes.
pub(super) type At<T> = (usize, T);

/// The file that is being read, for its errors.
pub(super) struct Reader<'t> {
    pub(super) name: &'t str,
    pub(super) bytes: &'t [u8],
}

impl Reader<'_> {
    pub(super) fn error(
        &self,
        at: usize,
        problem: impl Into<String>,
        advice: impl Into<String>,
    ) -> ConfigError {
        ConfigError::at(self.name, self.bytes, at, problem, advice)
    }

    /// An error of the parser, whose words know no value of the file.
    pub(super) fn syntax_error(&self, err: &toml::de::Error) -> ConfigError {
        let at = err.span().map_or(0, |span| span.start);
        let message = err.message();
        let behind = self.bytes[at.min(self.bytes.len())..].lines().next();
        let message = match behind.is_none_or(|line| line.trim_ascii().is_empty()) {
            true if message.starts_with(UNQUOTED) => NO_VALUE,
            _ => message,
        };
        let known = SYNTAX.iter().find(|(start, ..)| message.starts_with(start));
        if let Some((_, problem, advice)) = known {
            return self.error(at, *problem, *advice);
        }
        let problem = message.split(", expected ").next().unwrap_or_default();
        let is_plain = |c: char| c.is_ascii_lowercase() || " -;,`_".contains(c);
        match problem.chars().all(is_plain) {
            true => self.error(at, format!("not TOML: {problem}"), "correct the line"),
            false => self.error(at, "not TOML", "correct the line"),
        }
    }

    /// An error about a value, of which only what was expected is told: its message may hold the
    /// value, and the value may be a secret.
    fn value_error(&self, err: &toml::de::Error) -> ConfigError {
        let at = err.span().map_or(0, |span| span.start);
        let message = err.message();
        if let Some(field) = message.strip_prefix("missing field ") {
            let example = EXAMPLES.iter().find(|(key, _)| field.contains(key));
            let example = example.map_or("", |(_, example)| example);
            let advice = format!("add it, as in `{example}`");
            return self.error(at, format!("a table without {field}"), advice);
        }
        let expected = message
            .split_once("expected ")
            .map(|(_, expected)| expected);
        match expected {
            Some(expected) if !expected.contains(['\n', '\r']) => self.misfit(at, plain(expected)),
            _ => self.error(at, MISFIT, "correct or remove it"),
        }
    }

    pub(super) fn check_keys(&self, file: &DeTable<'_>) -> Result<(), ConfigError> {
        for (name, known) in known_tables() {
            match (name, file.get(name).map(Spanned::get_ref)) {
                ("", _) => self.check_table(file, &known)?,
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
        let advice = meant(name, known, || match section_of(name) {
            Some(section) => format!("it belongs below `[{section}]`"),
            None => format!("the keys here are {}", quoted(known)),
        });
        let problem = format!("unknown key `{}`", echo::said(name));
        Err(self.error(key.span().start, problem, advice))
    }

    /// A table of settings.
    pub(super) fn table<'v>(
        &self,
        name: &str,
        value: Spanned<DeValue<'v>>,
    ) -> Result<DeTable<'v>, ConfigError> {
        let at = value.span().start;
        match value.into_inner() {
            DeValue::Table(table) => Ok(table),
            _ => {
                let problem = format!("`{name}` that is not a table");
                Err(self.error(
                    at,
                    problem,
                    format!("write `[{name}]` on a line of its own"),
                ))
            }
        }
    }

    /// What a value says of a setting: one step, or one for each entry of a list.
    pub(super) fn steps(
        &self,
        setting: Setting,
        value: Spanned<DeValue<'_>>,
    ) -> Result<Vec<At<Step>>, ConfigError> {
        let at = value.span().start;
        let values = match setting.takes() {
            Takes::Word { words, .. } => vec![(at, self.word(words, &value)?)],
            Takes::Flag { .. } => vec![(at, self.flag(&value)?)],
            Takes::Paths => {
                self.each(value, "testdata/", |item| self.glob(item).map(Value::Paths))?
            }
            Takes::Ids => self.each(value, "slack-*", |item| self.id(item).map(Value::Ids))?,
            Takes::Days => self.each(value, "stripe=30", |item| self.days(item).map(Value::Ids))?,
            Takes::GuardRules => {
                let known: Vec<&str> = guard::rules().iter().map(|rule| rule.id).collect();
                self.each(value, "/fixtures/.env", |item| self.guard_off(item, &known))?
            }
            Takes::Rules => self.own_rules(value)?,
        };
        let step = |(at, value)| (at, Step { setting, value });
        Ok(values.into_iter().map(step).collect())
    }

    fn word(&self, words: &[&str], value: &Spanned<DeValue<'_>>) -> Result<Value, ConfigError> {
        let word = match value.get_ref() {
            DeValue::String(word) => words.iter().position(|known| known == word),
            _ => None,
        };
        let otherwise = || format!("write one of {}", either(words));
        word.map(Value::Word).ok_or_else(|| match value.get_ref() {
            DeValue::String(word) => self.error(
                value.span().start,
                format!("unknown word `{}`", echo::said(word)),
                meant(word, words, otherwise),
            ),
            _ => self.error(value.span().start, MISFIT, otherwise()),
        })
    }

    fn flag(&self, value: &Spanned<DeValue<'_>>) -> Result<Value, ConfigError> {
        match value.get_ref() {
            DeValue::Boolean(is_on) => Ok(Value::Word(usize::from(*is_on))),
            _ => Err(self.misfit(value.span().start, "`true` or `false`, without quotes")),
        }
    }

    /// Another sort of value than is expected there.
    fn misfit(&self, at: usize, expected: &str) -> ConfigError {
        self.error(at, MISFIT, format!("write {expected}"))
    }

    /// The entries of a list, each with its place.
    fn each<T>(
        &self,
        list: Spanned<DeValue<'_>>,
        example: &str,
        read: impl Fn(Spanned<String>) -> Result<T, ConfigError>,
    ) -> Result<Vec<At<T>>, ConfigError> {
        let at = list.span().start;
        let DeValue::Array(items) = list.into_inner() else {
            return Err(self.misfit(at, &format!("a list, such as `[\"{example}\"]`")));
        };
        let place = |item: Spanned<DeValue<'_>>| {
            let span = item.span();
            let DeValue::String(text) = item.into_inner() else {
                let advice = format!("write it in quotes, such as `\"{example}\"`");
                return Err(self.error(span.start, "an entry that is not text", advice));
            };
            let text = Spanned::new(span.clone(), text.into_owned());
            Ok((span.start, read(text)?))
        };
        items.into_iter().map(place).collect()
    }

    fn own_rules(&self, rules: Spanned<DeValue<'_>>) -> Result<Vec<At<Value>>, ConfigError> {
        let at = rules.span().start;
        let DeValue::Array(rules) = rules.into_inner() else {
            return Err(self.error(at, "`rule` that is not a list", "write `[[rule]]`"));
        };
        let place = |rule: Spanned<DeValue<'_>>| {
            let at = rule.span().start;
            Ok((at, Value::Rule(Box::new(self.own_rule(rule)?))))
        };
        rules.into_iter().map(place).collect()
    }

    fn own_rule(&self, mut rule: Spanned<DeValue<'_>>) -> Result<OwnRule, ConfigError> {
        let mut provider = None;
        if let DeValue::Table(table) = rule.get_mut() {
            self.check_table(table, &rule_keys())?;
            self.check_checksum(table)?;
            provider = table.remove(PROVIDER);
        }
        let provider = provider
            .map(|provider| String::deserialize(ValueDeserializer::from(provider)))
            .transpose()
            .map_err(|err| self.value_error(&err))?;
        let mut words = RuleWords::deserialize(ValueDeserializer::from(rule))
            .map_err(|err| self.value_error(&err))?;
        // Both are printed wherever the rule finds something.
        words.name = shell::escaped(&words.name).into_owned();
        let provider = provider.map(|provider: String| shell::escaped(&provider).into_owned());
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
        let advice = meant(name, &known, || {
            "the catalog has examples: keyward rules show github-personal-token".to_owned()
        });
        let problem = format!("unknown checksum `{}`", echo::said(name));
        Err(self.error(value.span().start, problem, advice))
    }

    fn glob(&self, item: Spanned<String>) -> Result<PathGlob, ConfigError> {
        let advice = "write a pattern as in `.gitignore`, such as `testdata/` or `*.snap`";
        PathGlob::parse(item.get_ref())
            .map_err(|err| self.error(item.span().start, err.to_string(), advice))
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
        Err(self.error(at, "an id that no rule can have", advice))
    }

    /// So many days, for all or for one name.
    fn days(&self, item: Spanned<String>) -> Result<String, ConfigError> {
        let at = item.span().start;
        let said = item.into_inner();
        let (name, days) = said.rsplit_once('=').unwrap_or(("*", &said));
        let is_name = |b: u8| b.is_ascii_alphanumeric() || b"-_*".contains(&b);
        let is_number = (1..=4).contains(&days.len()) && days.bytes().all(|b| b.is_ascii_digit());
        if !name.is_empty() && name.bytes().all(is_name) && (is_number || days == "never") {
            return Ok(said);
        }
        let advice = "write a number of days such as `90`, or one for a provider or a variable: `stripe=30`, \
                      `SIGNING_KEY=never`";
        Err(self.error(at, "no number of days", advice))
    }

    /// Parts the guard's rules from patterns of paths.
    fn guard_off(&self, item: Spanned<String>, known: &[&str]) -> Result<Value, ConfigError> {
        let text = item.get_ref().as_str();
        if known.contains(&text) {
            return Ok(Value::Ids(item.into_inner()));
        }
        if !text.starts_with("guard-") || text.contains(['/', '*', '.']) {
            return self.glob(item).map(Value::Paths);
        }
        let advice = meant(text, known, || {
            format!(
                "the guard's rules are {}; a path starts with `/`",
                quoted(known)
            )
        });
        let problem = format!("unknown guard rule `{}`", echo::said(text));
        Err(self.error(item.span().start, problem, advice))
    }

    pub(super) fn locks(
        &self,
        names: Spanned<DeValue<'_>>,
    ) -> Result<Vec<At<Setting>>, ConfigError> {
        self.each(names, "scan.threshold", |item| self.lock(item))
    }

    fn lock(&self, item: Spanned<String>) -> Result<Setting, ConfigError> {
        let text = item.get_ref().as_str();
        let known: Vec<&str> = Setting::ALL.iter().map(|setting| setting.key()).collect();
        Setting::named(text).ok_or_else(|| {
            let advice = meant(text, &known, || {
                format!("a lock names one of {}", quoted(&known))
            });
            let problem = format!("unknown setting `{}`", echo::said(text));
            self.error(item.span().start, problem, advice)
        })
    }

    pub(super) fn extends(
        &self,
        by: Origin,
        items: Spanned<DeValue<'_>>,
    ) -> Result<Vec<At<Extends>>, ConfigError> {
        let advice = "write `extends = [\"path\"]`, or tables with `git`, `rev` and `path`";
        let at = items.span().start;
        let DeValue::Array(items) = items.into_inner() else {
            return Err(self.error(at, "`extends` that is not a list", advice));
        };
        let extends = |item: Spanned<DeValue<'_>>| {
            let at = item.span().start;
            let extends = match item.get_ref() {
                DeValue::String(path) => Extends::path(by, path.clone().into_owned()),
                DeValue::Table(table) => {
                    self.check_table(table, known_keys::<Remote>())?;
                    let remote = Remote::deserialize(ValueDeserializer::from(item))
                        .map_err(|err| self.value_error(&err))?;
                    Extends::git(by, remote)
                }
                _ => Err(("an entry that names no file", advice)),
            };
            let extends = extends.map_err(|(problem, advice)| self.error(at, problem, advice))?;
            Ok((at, extends))
        };
        items.into_iter().map(extends).collect()
    }
}

/// How the problem begins where a word is no value of TOML.
pub(crate) const WITHOUT_QUOTES: &str = "text without quotes";

/// What the parser says of a word without quotes, and of nothing at all.
const UNQUOTED: &str = "string values must be quoted";

/// What the parser says of a key alone.
const NO_VALUE: &str = "key with no value";

/// What the parser says where a text is no TOML, by its start, with what is wrong and what to do.
const SYNTAX: &[(&str, &str, &str)] = &[
    (UNQUOTED, WITHOUT_QUOTES, "put it between quotes"),
    (
        "unclosed array",
        "a list without its end",
        "close it with `]`, each text in it with its quote",
    ),
    (
        "unclosed table",
        "the name of a table without its end",
        "close it with `]`",
    ),
    (
        "missing comma between array elements",
        "two entries of a list without a comma",
        "put `,` between them",
    ),
    (
        "duplicate key",
        "a name that stands twice",
        "keep one of them, with all that belongs to it",
    ),
    (
        "missing escaped value",
        "a backslash in double quotes",
        "write it twice, or use single quotes",
    ),
    (
        NO_VALUE,
        "a key without a value",
        "write it as `key = \"value\"`",
    ),
    (
        "missing assignment",
        "a key without `=` behind it",
        "write it as `key = \"value\"`",
    ),
    (
        "unquoted keys cannot be empty",
        "a value without a key",
        "write it as `key = \"value\"`",
    ),
    (
        "invalid key-value pair",
        "a line that is not TOML",
        "write it as `key = \"value\"`, or as `[table]`",
    ),
    (
        "invalid unquoted key",
        "a line that is not TOML",
        "write it as `key = \"value\"`, or as `[table]`",
    ),
    (
        "unexpected",
        "something too much on the line",
        "remove it, or put it on a line of its own",
    ),
    (
        "extra",
        "something too much on the line",
        "remove it, or put it on a line of its own",
    ),
];

/// What a line looks like that a table lacks, by its key.
const EXAMPLES: &[(&str, &str)] = &[
    ("`id`", "id = \"acme-key\""),
    ("`name`", "name = \"Acme key\""),
    ("`git`", "git = \"https://host.example/team/policy\""),
    ("`rev`", "rev = \"main\""),
    ("`path`", "path = \"keyward.toml\""),
];

/// What is wrong where a setting takes another sort of value.
const MISFIT: &str = "a value that does not fit";

/// What a parser expected, in words for people.
fn plain(expected: &str) -> &str {
    const WORDS: &[(&str, &str)] = &[
        ("a sequence", "a list, such as `[\"a\", \"b\"]`"),
        ("a map", "a table"),
        ("a boolean", "`true` or `false`, without quotes"),
        ("a string", "text in quotes"),
        (
            "string or list of strings",
            "text in quotes, or a list of such",
        ),
        ("f32", "a number, without quotes"),
        ("f64", "a number, without quotes"),
    ];
    let known = WORDS.iter().find(|(word, _)| *word == expected);
    known.map_or(expected, |(_, plain)| plain)
}

/// The table in which a setting is, where a key of that name stands in none.
fn section_of(key: &str) -> Option<&'static str> {
    let paths = Setting::ALL.iter().map(|setting| setting.path());
    let mut sections = paths.filter(|(section, name)| !section.is_empty() && *name == key);
    match (sections.next(), sections.next()) {
        (Some((section, _)), None) => Some(section),
        _ => None,
    }
}

fn quoted(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    quoted.join(", ")
}

/// Words of which one is to be written, in the quotes that it needs.
fn either(words: &[&str]) -> String {
    let written: Vec<String> = words.iter().map(|word| format!("`\"{word}\"`")).collect();
    written.join(", ")
}
