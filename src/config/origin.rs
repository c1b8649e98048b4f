//! Where a setting was said, and what is wrong with a file that says it.

use std::fmt;
use std::sync::Arc;

use crate::shell::shown;
use crate::words::excerpt::Excerpt;

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
    /// `--config FILE` and `--set KEY=VALUE`.
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

/// A settings file as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Source {
    /// The layer that the file makes.
    pub(super) origin: Origin,
    /// The file's name in errors: a path, or `--set`.
    pub(super) file: Box<str>,
    /// Its text.
    pub(super) text: Box<str>,
}

/// A place in a settings file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    pub(super) source: Arc<Source>,
    /// The line, counted from 1.
    pub line: usize,
    /// The place, in bytes.
    pub(super) at: usize,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Source { origin, file, .. } = &*self.source;
        write!(f, "{origin}, {}:{}", shown(file.as_bytes()), self.line)
    }
}

impl Location {
    /// The file's name in errors: a path, or `--set`.
    pub(crate) fn file(&self) -> &str {
        &self.source.file
    }

    /// What is wrong with what stands there.
    pub(crate) fn error(
        &self,
        problem: impl Into<String>,
        advice: impl Into<String>,
    ) -> ConfigError {
        ConfigError::at(
            self.file(),
            self.source.text.as_bytes(),
            self.at,
            problem,
            advice,
        )
    }

    /// Of a table that starts there, the place of a key in it; the table's own where it has none.
    pub(crate) fn of_key(&self, key: &str) -> Self {
        let table = &self.source.text[self.at..];
        let mut at = self.at;
        for (number, line) in table.split_inclusive('\n').enumerate() {
            let text = line.trim_start();
            if number > 0 && text.starts_with('[') {
                break;
            }
            let is_key = |rest: &str| rest.trim_start().starts_with('=');
            if text.strip_prefix(key).is_some_and(is_key) {
                return Self {
                    source: Arc::clone(&self.source),
                    line: self.line + number,
                    at: at + (line.len() - text.len()),
                };
            }
            at += line.len();
        }
        self.clone()
    }
}

/// A value of a layer with the line that has it.
#[derive(Clone, Debug)]
pub struct Said<T> {
    /// The value.
    pub value: T,
    /// The line that has it.
    pub at: Location,
}

/// What is wrong with a settings file. The exit code for it is 2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The file's name, as it was given.
    file: String,
    /// The place, if it is known.
    pub(crate) place: Option<Box<Excerpt>>,
    /// What is wrong, without any value from the file: it could be a secret.
    pub(crate) problem: String,
    /// What the user should do: a key that was meant, a command, an example.
    pub(crate) advice: String,
}

impl ConfigError {
    /// What is wrong with a file as a whole.
    pub(crate) fn of_file(
        file: impl Into<String>,
        problem: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self {
            file: file.into(),
            place: None,
            problem: problem.into(),
            advice: advice.into(),
        }
    }

    /// What is wrong at a place of its text, in bytes.
    pub(super) fn at(
        file: &str,
        text: &[u8],
        at: usize,
        problem: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self {
            place: Some(Box::new(Excerpt::of(text, at))),
            ..Self::of_file(file, problem, advice)
        }
    }
}

impl fmt::Display for ConfigError {
    /// The place comes first, as editors and terminals know it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", shown(self.file.as_bytes()))?;
        if let Some(place) = &self.place {
            write!(f, ":{}:{}", place.line, place.column)?;
        }
        write!(f, ": {}: {}", self.problem, self.advice)
    }
}

impl std::error::Error for ConfigError {}
