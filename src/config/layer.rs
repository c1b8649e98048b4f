//! One layer of settings: a file as it was written, with every value optional.

use std::path::Path;
use std::sync::Arc;

use bstr::ByteSlice;
use toml::de::DeTable;

use super::extends::Extends;
use super::origin::{ConfigError, Location, Origin, Said, Source};
use super::reader::{At, EXTENDS, LOCK, Reader};
use super::setting::{SECTIONS, Setting, Step};
use crate::disk;

/// The settings of one layer, in the order in which they hold.
#[derive(Clone, Debug)]
pub struct Layer {
    /// Who wrote the file, which decides what the layer goes before.
    pub origin: Origin,
    /// The file's name in errors: a path, or `--set`.
    pub file: Box<str>,
    /// The settings that it sets, one step for each value and each entry of a list.
    pub steps: Vec<Said<Step>>,
    /// The settings that later layers may not weaken.
    pub locks: Vec<Said<Setting>>,
    /// The files of `extends`, whose layers come before this one.
    pub extends: Vec<Said<Extends>>,
}

impl Layer {
    /// A bound: no settings file is longer.
    pub const MOST_BYTES: u64 = 1 << 20;

    /// Reads a file, if there is one.
    ///
    /// # Errors
    /// A `ConfigError` when it can't be read or is not valid.
    pub fn read(origin: Origin, path: &Path) -> Result<Option<Self>, ConfigError> {
        let name = path.to_string_lossy().into_owned();
        match disk::read_regular(path, Self::MOST_BYTES) {
            Ok(Some(bytes)) => Self::parse(origin, &bytes, &name).map(Some),
            Ok(None) => Ok(None),
            Err(err) => {
                let problem = format!("cannot read the settings ({err})");
                Err(ConfigError::of_file(name, problem, "name a text file"))
            }
        }
    }

    /// Reads a layer from the bytes of a settings file; `name` is what errors call the file.
    ///
    /// # Errors
    /// A `ConfigError` with the line: when the file is too long, is not TOML, has an unknown
    /// key, or has a value that its key doesn't take.
    pub fn parse(origin: Origin, bytes: &[u8], name: &str) -> Result<Self, ConfigError> {
        let text = text(bytes, name)?;
        let reader = Reader {
            name,
            bytes: text.as_bytes(),
        };
        let table = DeTable::parse(text).map_err(|err| reader.syntax_error(&err))?;
        let mut table = table.into_inner();
        reader.check_keys(&table)?;
        let extends = match table.remove(EXTENDS) {
            Some(files) => reader.extends(origin, files)?,
            None => Vec::new(),
        };
        let locks = match table.remove(LOCK) {
            Some(names) => reader.locks(names)?,
            None => Vec::new(),
        };
        let steps = steps(&reader, table)?;
        let lines = Lines::new(origin, name, text);
        Ok(Self {
            origin,
            file: name.into(),
            steps: lines.locate(steps),
            locks: lines.locate(locks),
            extends: lines.locate(extends),
        })
    }
}

/// The text of a file, without the mark that it may start with: so places in it are places in what
/// is parsed.
fn text<'t>(bytes: &'t [u8], name: &str) -> Result<&'t str, ConfigError> {
    let reader = Reader { name, bytes };
    if bytes.len() as u64 > Layer::MOST_BYTES {
        let problem = format!("more than {} bytes", Layer::MOST_BYTES);
        return Err(ConfigError::of_file(name, problem, "shorten the file"));
    }
    let text = bytes.to_str().map_err(|err| {
        let at = err.valid_up_to();
        reader.error(at, "text that is not UTF-8", "save the file as UTF-8")
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// What a file says, setting by setting.
fn steps(reader: &Reader<'_>, mut file: DeTable<'_>) -> Result<Vec<At<Step>>, ConfigError> {
    let mut tables = vec![("", DeTable::new())];
    for (name, _) in SECTIONS {
        if let Some(section) = file.remove(*name) {
            tables.push((name, reader.table(name, section)?));
        }
    }
    tables[0].1 = file;
    let mut steps = Vec::new();
    for &setting in Setting::ALL {
        let (section, name) = setting.path();
        let table = tables.iter_mut().find(|(known, _)| *known == section);
        if let Some(value) = table.and_then(|(_, table)| table.remove(name)) {
            steps.extend(reader.steps(setting, value)?);
        }
    }
    Ok(steps)
}

/// Turns places in a file into lines, once for each line however many entries it has.
struct Lines {
    source: Arc<Source>,
    ends: Vec<usize>,
}

impl Lines {
    fn new(origin: Origin, name: &str, text: &str) -> Self {
        Self {
            source: Arc::new(Source {
                origin,
                file: name.into(),
                text: text.into(),
            }),
            ends: text.as_bytes().find_iter("\n").collect(),
        }
    }

    fn locate<T>(&self, values: Vec<At<T>>) -> Vec<Said<T>> {
        let said = |(at, value)| Said {
            value,
            at: Location {
                source: Arc::clone(&self.source),
                line: self.ends.partition_point(|&end| end < at) + 1,
                at,
            },
        };
        values.into_iter().map(said).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{FILE_NAME, Value};
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
                let key = said.value.setting.key();
                (key, said.value.name(), said.at.line)
            })
            .collect();
        let expected = [
            ("guard.add", "*.secret", 14),
            ("guard.off", "guard-netrc-file", 15),
            ("guard.off", "/fixtures/.env", 15),
            ("rule", "acme-token", 17),
            ("rule", "own-token", 23),
            ("rules.off", "openai-*", 6),
            ("rules.off", "slack", 6),
            ("rules.on", "openai-api-key", 7),
            ("scan.exclude", "testdata/", 10),
            ("scan.exclude", "*.snap", 10),
            ("scan.threshold", "certain", 11),
        ];
        assert_eq!(said, expected);
        let locks: Vec<_> = layer.locks.iter().map(|lock| lock.value).collect();
        assert_eq!(locks, [Setting::ScanThreshold, Setting::Rule]);
        assert_eq!(
            layer.extends[0].value,
            Extends::Path("policy/base.toml".to_owned())
        );
        let rule = |at: usize| match &layer.steps[at].value.value {
            Value::Rule(rule) => rule,
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
                "3: unknown key `exlude`: did you mean `exclude`?",
            ),
            (
                "\u{feff}[scna]\n",
                "1: unknown key `scna`: did you mean `scan`?",
            ),
            (
                "[[rule]]\nid = 'a-b'\nname = 'b'\nformt = 'x'\n",
                "4: unknown key `formt`: did you mean `format`?",
            ),
            (
                "[guard]\ncommand = 'rm'\n",
                "2: unknown key `command`: the keys here are `add`, `off`",
            ),
            (
                "[guard]\noff = [\n  'guard-netrc-flie',\n]\n",
                "3: unknown guard rule `guard-netrc-flie`: did you mean `guard-netrc-file`?",
            ),
            (
                "[scan]\nthreshold = 'sure'\n",
                "2: unknown word `sure`: write one of `\"possible\"`, `\"likely\"`, `\"certain\"`",
            ),
            (
                "[scan]\nexclude = [\n'a',\n'',\n]\n",
                "4: the pattern names nothing: write a pattern as in `.gitignore`, such as `testdata/` or `*.snap`",
            ),
            (
                "[rules]\noff = ['a b']\n",
                "2: an id that no rule can have: `keyward rules list` shows the ids; `*` stands for any part of one",
            ),
            (
                "[[rule]]\nid = 'a-b'\nname = 'b'\nchecksum = 'github-crc31'\n",
                "4: unknown checksum `github-crc31`: did you mean `github-crc32`?",
            ),
            (
                "lock = ['scan.treshold']\n",
                "1: unknown setting `scan.treshold`: did you mean `scan.threshold`?",
            ),
            (
                "extends = 'x'\n",
                "1: `extends` that is not a list: write `extends = [\"path\"]`, or tables with `git`, `rev` and `path`",
            ),
            (
                "extends = [\n'../x']\n",
                "2: a path that leads out of the repository: name a file in it, from its top and with `/`",
            ),
            (
                "[[extends]]\ngit = 'https://host.example/a'\nrevision = 'v1'\npath = 'a'\n",
                "3: unknown key `revision`: the keys here are `git`, `rev`, `path`",
            ),
            (
                "extends = [{ git = 'ext::sh -c x', rev = 'v1', path = 'a' }]\n",
                "1: a word that git could take for something else: `git`, `rev` and `path` have no blanks or quotes and start with no dash",
            ),
            (
                "\n[[rule]]\nid = 'a-b'\n",
                "2: a table without `name`: add it, as in `name = \"Acme key\"`",
            ),
            (
                "store = '1pasword'\n",
                "1: unknown word `1pasword`: did you mean `1password`?",
            ),
            (
                "unchecked = 'deny'\n",
                "1: unknown key `unchecked`: it belongs below `[hooks]`",
            ),
            (
                "[hooks]\nunchecked = true\n",
                "2: a value that does not fit: write one of `\"off\"`, `\"warn\"`, `\"deny\"`",
            ),
            (
                "[hooks]\ntrailer = 'yes'\n",
                "2: a value that does not fit: write `true` or `false`, without quotes",
            ),
            (
                "[scan]\nexclude = 'a'\n",
                "2: a value that does not fit: write a list, such as `[\"testdata/\"]`",
            ),
            (
                "[scan]\nthreshold = likely\n",
                "2: text without quotes: put it between quotes",
            ),
            (
                "[scan]\nexclude = ['a' 'b']\n",
                "2: two entries of a list without a comma: put `,` between them",
            ),
            (
                "[scan\nexclude = []\n",
                "1: the name of a table without its end: close it with `]`",
            ),
            (
                "[scan]\n[scan]\n",
                "2: a name that stands twice: keep one of them, with all that belongs to it",
            ),
            (
                "[scan]\nexclude = [\"a\\q\"]\n",
                "2: a backslash in double quotes: write it twice, or use single quotes",
            ),
            (
                "[scan]\nexclude: ['a']\n",
                "2: a key without a value: write it as `key = \"value\"`",
            ),
            (
                "[scan]\nexclude =\n",
                "2: a key without a value: write it as `key = \"value\"`",
            ),
            (
                "[[rule]]\nid = 'a-b'\nname = 'b'\nmin_entropy = '3'\n",
                "4: a value that does not fit: write a number, without quotes",
            ),
            (
                "[[rule]]\nid = 'a-b'\nname = 'b'\ncontext = 'yes'\n",
                "4: a value that does not fit: write `required` or `alone`",
            ),
            (
                "rule = 1\n",
                "1: `rule` that is not a list: write `[[rule]]`",
            ),
        ];
        for (text, expected) in cases {
            let (line, told) = expected.split_once(": ").expect("a line and what is told");
            let error = error(text);
            assert!(
                error.starts_with(&format!(".keyward.toml:{line}:")) && error.ends_with(told),
                "{text:?}: {error}"
            );
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
            let place = err.place.as_ref().map(|place| place.line);
            assert_eq!(place, Some(line), "{text:?}: {err}");
        }
        let err = Layer::parse(Origin::User, b"a = 1\n\xff", "x").expect_err("not UTF-8");
        assert_eq!(err.place.map(|place| place.line), Some(2));
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
