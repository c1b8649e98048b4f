//! Writes a verdict for its reader. One file per format, one row in [`FORMATS`].
//!
//! A report knows what was found and where its reader stands, and nothing else: not git, not the
//! rules, not the settings. Whatever it prints that somebody else named (paths, names, reasons) goes
//! through `text.rs` first, so that no terminal code reaches a terminal and no pasted command does
//! more than it says.

use std::io;

use bstr::BString;

use crate::verdict::{Notes, Verdict};

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

/// What a report tells.
#[derive(Clone, Debug, Default)]
pub(crate) struct Report {
    /// What blocks, what was allowed, and what could not be read.
    pub verdict: Verdict,
    /// What the command found out beside.
    pub notes: Notes,
}

impl From<Verdict> for Report {
    /// A report without notes.
    fn from(verdict: Verdict) -> Self {
        Self {
            verdict,
            notes: Notes::default(),
        }
    }
}

type Write = fn(&Report, &Style, &mut dyn io::Write) -> io::Result<()>;

/// An output format.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Format {
    name: &'static str,
    write: Write,
}

/// Every output format, in the order in which help shows them. A new one is a file and a row.
pub(crate) const FORMATS: &[Format] = &[
    Format::HUMAN,
    Format::new("json", json::write),
    Format::new("sarif", sarif::write),
    Format::new("github", github::write),
    Format::new("gitlab", gitlab::write),
    Format::new("gitlab-secrets", gitlab_secrets::write),
    Format::new("junit", junit::write),
    Format::new("csv", csv::write),
];

impl Format {
    /// For people: what, where, why and the mend.
    pub(crate) const HUMAN: Self = Self::new("human", human::write);

    /// For people who ask why: what became of every candidate. It is none of [`FORMATS`], since a
    /// scan is traced for it.
    pub(crate) const EXPLAIN: Self = Self::new("explain", explain::write);

    const fn new(name: &'static str, write: Write) -> Self {
        Self { name, write }
    }

    /// What a person types to choose it.
    pub(crate) const fn name(self) -> &'static str {
        self.name
    }

    /// The format of that name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        FORMATS.iter().copied().find(|format| format.name == name)
    }
}

/// What a hook stops.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Occasion {
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
pub(crate) struct Style {
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

/// Writes the report.
///
/// # Errors
/// When `out` can't be written to.
pub(crate) fn write(
    format: Format,
    report: &Report,
    style: &Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    (format.write)(report, style, out)
}

#[cfg(test)]
mod tests {
    use super::samples::{printed, report_of, secret_with};
    use super::*;
    use crate::lab::Random;

    #[test]
    fn each_format_has_a_name_of_its_own() {
        for (at, format) in FORMATS.iter().enumerate() {
            let named = FORMATS.iter().position(|other| other.name == format.name);
            assert_eq!(named, Some(at), "{}", format.name);
        }
        assert_eq!(Format::named("csv").map(Format::name), Some("csv"));
        assert!(Format::named("xml").is_none());
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
            let report = report_of(findings);
            let blocking = &report.verdict.blocking;
            let mut outputs = vec![format!("{report:?}"), format!("{blocking:#?}")];
            for (hook, color) in [(true, true), (true, false), (false, true), (false, false)] {
                for format in FORMATS {
                    let style = Style {
                        color,
                        hook,
                        ..Style::default()
                    };
                    outputs.push(printed(format.write, &report, &style));
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
