//! One layer of settings: a file as it was written, with every value optional.

use std::borrow::Cow;
use std::fmt;
use std::path::Path;

use bstr::ByteSlice;
use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::keys::{known_keys, nearest};
use super::{FILE_NAME, PathGlob, PathGlobs, Unchecked, file};
use crate::finding::Confidence;
use crate::rules::words::{Level, RuleWords};

/// No settings file is longer.
const MOST_BYTES: u64 = 1 << 20;

/// Where a layer comes from. The order is that of precedence: later wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// What holds when nobody says anything.
    BuiltIn,
    /// The user's own file.
    User,
    /// The repository's `.keyward.toml`.
    Repository,
    /// What was typed.
    CommandLine,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BuiltIn => "built in",
            Self::User => "user",
            Self::Repository => "repository",
            Self::CommandLine => "command line",
        })
    }
}

/// A rule of somebody's own.
#[derive(Clone, Debug)]
pub struct OwnRule {
    /// The name of the provider, if the rule gives one.
    pub provider: Option<String>,
    /// The rule.
    pub words: RuleWords,
}

/// The settings of one layer. What it doesn't set is `None` or empty.
#[derive(Clone, Debug)]
pub struct Layer {
    /// Where it comes from.
    pub origin: Origin,
    /// Rules and providers to switch off: ids, or globs of ids.
    pub rules_off: Vec<String>,
    /// Rules and providers to switch on again.
    pub rules_on: Vec<String>,
    /// The layer's own rules.
    pub own_rules: Vec<OwnRule>,
    /// Paths that are not scanned.
    pub exclude: PathGlobs,
    /// The confidence below which a finding is not shown.
    pub threshold: Option<Confidence>,
    /// Paths that the guard refuses beside the built-in ones.
    pub guard_add: PathGlobs,
    /// Paths that the guard lets pass.
    pub guard_off: PathGlobs,
    /// The guard's rules that are switched off.
    pub guard_off_rules: Vec<String>,
    /// What is done about a commit that no hook has checked.
    pub unchecked: Option<Unchecked>,
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
        write!(f, "{} in {}", self.problem, self.file.escape_debug())?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        write!(f, ": {}", self.advice)
    }
}

impl std::error::Error for ConfigError {}

/// A settings file. `rule` is read by hand, since the rules' own words know no `provider`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    rules: Option<RulesTable>,
    scan: Option<ScanTable>,
    guard: Option<GuardTable>,
    hooks: Option<HooksTable>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RulesTable {
    off: Option<Vec<Spanned<String>>>,
    on: Option<Vec<Spanned<String>>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ScanTable {
    exclude: Option<Vec<Spanned<String>>>,
    threshold: Option<Spanned<Level>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct GuardTable {
    add: Option<Vec<Spanned<String>>>,
    off: Option<Vec<Spanned<String>>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct HooksTable {
    unchecked: Option<UncheckedWord>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum UncheckedWord {
    Off,
    Warn,
    Deny,
}

const RULE: &str = "rule";
const PROVIDER: &str = "provider";

impl Layer {
    /// A layer that sets nothing.
    pub fn empty(origin: Origin) -> Self {
        Self {
            origin,
            rules_off: Vec::new(),
            rules_on: Vec::new(),
            own_rules: Vec::new(),
            exclude: PathGlobs::default(),
            threshold: None,
            guard_add: PathGlobs::default(),
            guard_off: PathGlobs::default(),
            guard_off_rules: Vec::new(),
            unchecked: None,
        }
    }

    /// Reads the user's file, if there is one.
    ///
    /// # Errors
    /// A [`ConfigError`] when it can't be read or is not valid.
    pub fn user() -> Result<Option<Self>, ConfigError> {
        match directories::ProjectDirs::from("", "", "keyward") {
            Some(dirs) => Self::read(Origin::User, &dirs.config_dir().join("config.toml")),
            None => Ok(None),
        }
    }

    /// Reads the repository's file below `top`, if there is one. A hook reads what is staged
    /// instead, with [`Layer::parse`].
    ///
    /// # Errors
    /// A [`ConfigError`] when it can't be read or is not valid.
    pub fn repository(top: &Path) -> Result<Option<Self>, ConfigError> {
        Self::read(Origin::Repository, &top.join(FILE_NAME))
    }

    /// Reads a file, if there is one.
    ///
    /// # Errors
    /// A [`ConfigError`] when it can't be read or is not valid.
    pub fn read(origin: Origin, path: &Path) -> Result<Option<Self>, ConfigError> {
        let name = path.display().to_string();
        match file::read_regular(path, MOST_BYTES) {
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
        if bytes.len() as u64 > MOST_BYTES {
            let problem = format!("more than {MOST_BYTES} bytes");
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
        let root = Spanned::new(table.span(), DeValue::Table(table.into_inner()));
        let document = Document::deserialize(ValueDeserializer::from(root))
            .map_err(|err| source.toml_error(&err))?;

        let rules = document.rules.unwrap_or_default();
        let scan = document.scan.unwrap_or_default();
        let guard = document.guard.unwrap_or_default();
        let (guard_off_rules, guard_off) = source.guard_rules(guard.off)?;
        Ok(Self {
            origin,
            rules_off: source.ids(rules.off)?,
            rules_on: source.ids(rules.on)?,
            own_rules: own_rules.unwrap_or_default(),
            exclude: source.globs(scan.exclude)?,
            threshold: scan.threshold.map(|level| match level.into_inner() {
                Level::Possible => Confidence::Possible,
                Level::Likely => Confidence::Likely,
                Level::Certain => Confidence::Certain,
            }),
            guard_add: source.globs(guard.add)?,
            guard_off: source.globs(Some(guard_off))?,
            guard_off_rules,
            unchecked: document
                .hooks
                .and_then(|hooks| hooks.unchecked)
                .map(|word| match word {
                    UncheckedWord::Off => Unchecked::Off,
                    UncheckedWord::Warn => Unchecked::Warn,
                    UncheckedWord::Deny => Unchecked::Deny,
                }),
        })
    }
}

type Items = Vec<Spanned<String>>;

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
        let top: Vec<&str> = known_keys::<Document>()
            .iter()
            .copied()
            .chain([RULE])
            .collect();
        self.check_table(table, &top)?;
        let inner = |name: &str| match table.get(name).map(Spanned::get_ref) {
            Some(DeValue::Table(inner)) => Some(inner),
            _ => None,
        };
        for (name, known) in [
            ("guard", known_keys::<GuardTable>()),
            ("hooks", known_keys::<HooksTable>()),
            ("rules", known_keys::<RulesTable>()),
            ("scan", known_keys::<ScanTable>()),
        ] {
            if let Some(table) = inner(name) {
                self.check_table(table, known)?;
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

    fn own_rules(&self, rules: Spanned<DeValue<'_>>) -> Result<Vec<OwnRule>, ConfigError> {
        let at = rules.span().start;
        let DeValue::Array(rules) = rules.into_inner() else {
            return Err(self.error(Some(at), "`rule` that is not a list", "write `[[rule]]`"));
        };
        rules.into_iter().map(|rule| self.own_rule(rule)).collect()
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

    fn globs(&self, items: Option<Items>) -> Result<PathGlobs, ConfigError> {
        items
            .unwrap_or_default()
            .into_iter()
            .map(|item| {
                let advice = "write a pattern as in `.gitignore`, such as `testdata/` or `*.snap`";
                PathGlob::parse(item.get_ref())
                    .map_err(|err| self.error(Some(item.span().start), err.to_string(), advice))
            })
            .collect()
    }

    fn ids(&self, items: Option<Items>) -> Result<Vec<String>, ConfigError> {
        let mut ids = Vec::new();
        for item in items.unwrap_or_default() {
            let valid = !item.get_ref().is_empty()
                && item
                    .get_ref()
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-_*".contains(&b));
            if !valid {
                let advice = "`keyward rules list` shows the ids; `*` stands for any part of one";
                return Err(self.error(
                    Some(item.span().start),
                    "an id that no rule can have",
                    advice,
                ));
            }
            ids.push(item.into_inner());
        }
        Ok(ids)
    }

    /// Parts the guard's rules from patterns of paths.
    fn guard_rules(&self, items: Option<Items>) -> Result<(Vec<String>, Items), ConfigError> {
        let rules = crate::guard::rules();
        let known: Vec<&str> = rules.iter().map(|rule| rule.id).collect();
        let (mut ids, mut paths) = (Vec::new(), Vec::new());
        for item in items.unwrap_or_default() {
            let text = item.get_ref().as_str();
            if known.contains(&text) {
                ids.push(item.into_inner());
            } else if text.starts_with("guard-") && !text.contains(['/', '*', '.']) {
                let advice = match nearest(text, &known) {
                    Some(nearest) => format!("did you mean `{nearest}`?"),
                    None => "`keyward rules list` shows the ids; a path starts with `/`".to_owned(),
                };
                let problem = format!("unknown guard rule `{}`", shown(text));
                return Err(self.error(Some(item.span().start), problem, advice));
            } else {
                paths.push(item);
            }
        }
        Ok((ids, paths))
    }
}

fn quoted(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    quoted.join(", ")
}

/// A name from the file as it may be printed: short, and without control characters.
fn shown(name: &str) -> Cow<'_, str> {
    const LONGEST: usize = 40;
    let plain = name.bytes().all(|b| b.is_ascii_graphic() || b == b' ');
    if plain && name.len() <= LONGEST {
        return Cow::Borrowed(name);
    }
    let mut out: String = name
        .chars()
        .take(LONGEST)
        .flat_map(char::escape_default)
        .collect();
    if name.chars().nth(LONGEST).is_some() {
        out.push('…');
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
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
        assert_eq!(layer.rules_off, ["openai-*", "slack"]);
        assert_eq!(layer.rules_on, ["openai-api-key"]);
        assert!(layer.exclude.covers("a/testdata/b".into()));
        assert!(layer.exclude.covers("a.snap".into()));
        assert_eq!(layer.threshold, Some(Confidence::Certain));
        assert!(layer.guard_add.covers("a/b.secret".into()));
        assert!(layer.guard_off.covers("fixtures/.env".into()));
        assert!(!layer.guard_off.covers("guard-netrc-file".into()));
        assert_eq!(layer.guard_off_rules, ["guard-netrc-file"]);
        let rules: Vec<_> = layer
            .own_rules
            .iter()
            .map(|rule| (rule.words.id.as_str(), rule.provider.as_deref()))
            .collect();
        assert_eq!(rules, [("acme-token", Some("Acme")), ("own-token", None)]);
        assert_eq!(
            layer.own_rules[0].words.format.as_slice(),
            ["acme_<base62:32>"]
        );
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
            assert!(layer.rules_off.is_empty() && layer.rules_on.is_empty());
            assert!(layer.own_rules.is_empty() && layer.exclude.is_empty());
            assert_eq!(layer.threshold, None, "{text:?}");
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
        let long = vec![b'\n'; 1 + MOST_BYTES as usize];
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
