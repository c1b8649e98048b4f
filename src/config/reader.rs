//! Reads the values of a settings file, with errors that name the line and no value.

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::extends::{Extends, Remote};
use super::keys::{known_keys, nearest};
use super::origin::{ConfigError, Origin};
use super::setting::{OwnRule, SECTIONS, Setting, Step, Takes, Value};
use crate::glob::PathGlob;
use crate::guard;
use crate::proof::Proof;
use crate::rules::words::RuleWords;
use crate::shell;
use crate::words::randomness::has_drawn_part;

/// How the problem begins where a file has a key that no table has.
pub(crate) const UNKNOWN: &str = "unknown key";

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
    pub(super) fn toml_error(&self, err: &toml::de::Error) -> ConfigError {
        let at = err.span().map(|span| span.start);
        let message = err.message();
        let expected = message.find("expected ").map(|at| &message[at..]);
        if message.starts_with("missing field") {
            return self.error(at, message, "add it");
        }
        match expected {
            Some(expected) if !expected.contains(['\n', '\r']) => {
                self.error(at, "a value that doesn't fit", plain(expected))
            }
            _ => self.error(at, "text that is not TOML", "correct or remove the line"),
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
        let advice = match nearest(name, known) {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => format!("the keys here are {}", quoted(known)),
        };
        Err(self.error(
            Some(key.span().start),
            format!("{UNKNOWN} `{}`", shown(name)),
            advice,
        ))
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
                Err(self.error(Some(at), problem, format!("write `[{name}]`")))
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
        word.map(Value::Word)
            .ok_or_else(|| self.misfit(value, &format!("one of {}", quoted(words))))
    }

    fn flag(&self, value: &Spanned<DeValue<'_>>) -> Result<Value, ConfigError> {
        match value.get_ref() {
            DeValue::Boolean(is_on) => Ok(Value::Word(usize::from(*is_on))),
            _ => Err(self.misfit(value, "`true` or `false`")),
        }
    }

    fn misfit(&self, value: &Spanned<DeValue<'_>>, expected: &str) -> ConfigError {
        let at = Some(value.span().start);
        self.error(
            at,
            "a value that doesn't fit",
            format!("expected {expected}"),
        )
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
            let advice = format!("expected a list, such as [\"{example}\"]");
            return Err(self.error(Some(at), "a value that doesn't fit", advice));
        };
        let place = |item: Spanned<DeValue<'_>>| {
            let span = item.span();
            let DeValue::String(text) = item.into_inner() else {
                let advice = format!("write it in quotes, such as \"{example}\"");
                return Err(self.error(Some(span.start), "an entry that is not text", advice));
            };
            let text = Spanned::new(span.clone(), text.into_owned());
            Ok((span.start, read(text)?))
        };
        items.into_iter().map(place).collect()
    }

    fn own_rules(&self, rules: Spanned<DeValue<'_>>) -> Result<Vec<At<Value>>, ConfigError> {
        let at = rules.span().start;
        let DeValue::Array(rules) = rules.into_inner() else {
            return Err(self.error(Some(at), "`rule` that is not a list", "write `[[rule]]`"));
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
            .map_err(|err| self.toml_error(&err))?;
        let mut words = RuleWords::deserialize(ValueDeserializer::from(rule))
            .map_err(|err| self.toml_error(&err))?;
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
        let advice = match nearest(name, &known) {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => "the catalog has examples: keyward rules show github-personal-token".to_owned(),
        };
        let problem = format!("unknown checksum `{}`", shown(name));
        Err(self.error(Some(value.span().start), problem, advice))
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
    fn guard_off(&self, item: Spanned<String>, known: &[&str]) -> Result<Value, ConfigError> {
        let text = item.get_ref().as_str();
        if known.contains(&text) {
            return Ok(Value::Ids(item.into_inner()));
        }
        if !text.starts_with("guard-") || text.contains(['/', '*', '.']) {
            return self.glob(item).map(Value::Paths);
        }
        let advice = match nearest(text, known) {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => "`keyward rules list` shows the ids; a path starts with `/`".to_owned(),
        };
        let problem = format!("unknown guard rule `{}`", shown(text));
        Err(self.error(Some(item.span().start), problem, advice))
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
            let advice = match nearest(text, &known) {
                Some(nearest) => format!("did you mean `{nearest}`?"),
                None => format!("a lock names one of {}", quoted(&known)),
            };
            let problem = format!("unknown setting `{}`", shown(text));
            self.error(Some(item.span().start), problem, advice)
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

/// What a parser expected, in words for people.
fn plain(expected: &str) -> String {
    const WORDS: &[(&str, &str)] = &[
        ("a sequence", "a list, such as [\"a\", \"b\"]"),
        ("a map", "a table"),
        ("a boolean", "`true` or `false`"),
        ("a string", "text in quotes"),
        (
            "string or list of strings",
            "text in quotes, or a list of such",
        ),
        ("f64", "a number"),
        ("literal string", "text in quotes"),
    ];
    let rest = expected.strip_prefix("expected ").unwrap_or(expected);
    let known = WORDS.iter().find(|(word, _)| *word == rest);
    format!("expected {}", known.map_or(rest, |(_, plain)| plain))
}

fn quoted(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    quoted.join(", ")
}

/// A name from the file as it may be printed: nothing that a terminal obeys, and only the start of what is too
/// long for a word that is expected there or reads as drawn. It may be a key.
pub(crate) fn shown(name: &str) -> String {
    /// A bound: longer than every word that is expected there.
    const LONGEST: usize = 40;
    /// A bound: so much of any other.
    const START: usize = 4;
    let is_word = name.len() <= LONGEST && !has_drawn_part(name.as_bytes());
    shell::shown_start(name, if is_word { LONGEST } else { START })
}
