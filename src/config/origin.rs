//! Where a setting was said, and what is wrong with a file that says it.

use std::fmt;
use std::sync::Arc;

use crate::shell::shown;

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

/// The line of a settings file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The layer that the file makes.
    pub origin: Origin,
    /// The file's name in errors: a path, or `--set`.
    pub file: Arc<str>,
    /// The line, counted from 1.
    pub line: usize,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { origin, file, line } = self;
        write!(f, "{origin}, {}:{line}", shown(file.as_bytes()))
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
    pub file: String,
    /// The line, counted from 1, if it is known.
    pub line: Option<usize>,
    /// What is wrong, without any value from the file: it could be a secret.
    pub problem: String,
    /// What the user should do: a key that was meant, a command, an example.
    pub advice: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in {}", self.problem, shown(self.file.as_bytes()))?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        write!(f, ": {}", self.advice)
    }
}

impl std::error::Error for ConfigError {}
