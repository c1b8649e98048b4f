//! Writes a verdict for its reader. One file per format.
//!
//! A report knows what was found and where its reader stands, and nothing else: not git, not the
//! rules, not the settings. Whatever it prints that somebody else named (paths, names, reasons) goes
//! through `text.rs` first, so that no terminal code reaches a terminal and no pasted command does
//! more than it says.

use std::fmt;
use std::io;
use std::str::FromStr;

use bstr::BString;

pub use self::explain::explain;
use crate::verdict::Verdict;

mod advice;
mod ascii;
mod csv;
mod explain;
mod facts;
mod github;
mod gitlab;
mod gitlab_secrets;
mod human;
mod json;
mod junit;
#[cfg(test)]
mod samples;
mod sarif;
mod text;

/// An output format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For people: what, where, why and the mend.
    #[default]
    Human,
    /// For programs: one JSON object per line.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Annotations of GitHub Actions.
    Github,
    /// GitLab's code quality report.
    Gitlab,
    /// GitLab's secret detection report.
    GitlabSecrets,
    /// JUnit's XML.
    Junit,
    /// Comma-separated values.
    Csv,
}

impl Format {
    /// Every format, in the order in which help shows them.
    pub const ALL: &[Self] = &[
        Self::Human,
        Self::Json,
        Self::Sarif,
        Self::Github,
        Self::Gitlab,
        Self::GitlabSecrets,
        Self::Junit,
        Self::Csv,
    ];

    /// The names of all formats, in the same order.
    pub const NAMES: &[&str] = &[
        Self::Human.as_str(),
        Self::Json.as_str(),
        Self::Sarif.as_str(),
        Self::Github.as_str(),
        Self::Gitlab.as_str(),
        Self::GitlabSecrets.as_str(),
        Self::Junit.as_str(),
        Self::Csv.as_str(),
    ];

    /// What a person types to choose it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Json => "json",
            Self::Sarif => "sarif",
            Self::Github => "github",
            Self::Gitlab => "gitlab",
            Self::GitlabSecrets => "gitlab-secrets",
            Self::Junit => "junit",
            Self::Csv => "csv",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, UnknownFormat> {
        Self::ALL
            .iter()
            .copied()
            .find(|format| format.as_str() == name)
            .ok_or(UnknownFormat)
    }
}

/// The name is that of no format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownFormat;

impl fmt::Display for UnknownFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no such format; there are {}", Format::NAMES.join(", "))
    }
}

impl std::error::Error for UnknownFormat {}

/// What a hook stops.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Occasion {
    /// A commit that is about to be made.
    #[default]
    Commit,
    /// The same, because of its message.
    Message,
    /// Nothing: the commit is made.
    Made,
    /// A push, on the side that pushes.
    Push,
    /// A push, on the side that is pushed to: its reader sees each line with `remote:` before it.
    Receive,
}

impl Occasion {
    /// What was looked at.
    const fn place(self) -> &'static str {
        match self {
            Self::Commit => "this commit",
            Self::Message => "this commit's message",
            Self::Made => "the commit that was just made",
            Self::Push => "what you push",
            Self::Receive => "this push",
        }
    }

    /// What became of it.
    const fn end(self) -> &'static str {
        match self {
            Self::Commit | Self::Message => "nothing was committed",
            Self::Made => "it skipped the check",
            Self::Push => "nothing was pushed",
            Self::Receive => "nothing was accepted",
        }
    }

    /// What to do once the cause is mended.
    const fn again(self) -> &'static str {
        match self {
            Self::Commit | Self::Message => "commit again",
            Self::Made => "amend the commit",
            Self::Push | Self::Receive => "push again",
        }
    }

    /// Where the rest of a long list is.
    const fn rest(self) -> &'static str {
        match self {
            Self::Commit => "keyward scan --staged",
            Self::Message | Self::Made | Self::Push | Self::Receive => {
                "the others are shown once these are fixed"
            }
        }
    }
}

/// Where the report is read. Only the caller can know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Whether to use colours: a terminal, and nobody said `NO_COLOR`.
    pub color: bool,
    /// Whether a hook asks: it says nothing unless there is something to say, and it speaks of a
    /// commit that was stopped.
    pub hook: bool,
    /// What a hook stopped.
    pub occasion: Occasion,
    /// The directory in which the reader stands, from the top of the repository: git's
    /// `GIT_PREFIX`. Empty at the top. Paths are shown, and commands given, as seen from there.
    pub prefix: BString,
}

/// Writes the verdict.
///
/// # Errors
/// When `out` can't be written to.
pub fn write(
    format: Format,
    verdict: &Verdict,
    style: &Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    match format {
        Format::Human => human::write(verdict, style, out),
        Format::Json => json::write(verdict, out),
        Format::Sarif => sarif::write(verdict, out),
        Format::Github => github::write(verdict, out),
        Format::Gitlab => gitlab::write(verdict, out),
        Format::GitlabSecrets => gitlab_secrets::write(verdict, out),
        Format::Junit => junit::write(verdict, out),
        Format::Csv => csv::write(verdict, out),
    }
}

#[cfg(test)]
mod tests {
    use super::samples::{Random, printed, secret_with, verdict_of};
    use super::*;

    #[test]
    fn names_are_read_back() {
        let read: Vec<_> = Format::NAMES.iter().map(|name| name.parse()).collect();
        let all: Vec<_> = Format::ALL.iter().map(|&format| Ok(format)).collect();
        assert_eq!(read, all);
        assert_eq!(
            "xml".parse::<Format>().map_err(|error| error.to_string()),
            Err(format!(
                "no such format; there are {}",
                Format::NAMES.join(", ")
            ))
        );
    }

    #[test]
    fn no_output_holds_five_characters_of_a_secret() {
        let mut random = Random::new(7);
        let paths = [
            "a.py",
            ".env",
            "k8s/prod.yaml",
            "deploy key",
            "README.md",
            "x.pem",
        ];
        for round in 0..40 {
            let bodies: Vec<String> = (0..1 + round % 6)
                .map(|i| random.token(8 + 13 * i))
                .collect();
            let findings = bodies
                .iter()
                .zip(paths)
                .map(|(body, path)| secret_with(path, "acme_", body));
            let verdict = verdict_of(findings);
            let mut outputs = vec![format!("{verdict:?}"), format!("{:#?}", verdict.blocking)];
            for (hook, color) in [(true, true), (true, false), (false, true), (false, false)] {
                for &format in Format::ALL {
                    let style = Style {
                        color,
                        hook,
                        ..Style::default()
                    };
                    outputs.push(printed(format, &verdict, &style));
                }
            }
            for output in outputs {
                for body in &bodies {
                    let windows = body.as_bytes().windows(5);
                    assert_eq!(
                        windows
                            .filter(|w| output.contains(samples::ascii(w)))
                            .count(),
                        0
                    );
                }
            }
        }
    }
}
