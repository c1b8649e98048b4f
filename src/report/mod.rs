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
pub(crate) mod agent;
mod ascii;
pub(crate) mod audit;
mod csv;
mod explain;
mod facts;
mod github;
mod gitlab;
mod gitlab_secrets;
mod human;
mod json;
mod junit;
mod markdown;
mod page;
pub(crate) mod respond;
#[cfg(test)]
pub(crate) mod samples;
mod sarif;
pub(crate) mod sweep;
mod text;
#[cfg(feature = "network")]
pub(crate) mod verify;

pub(crate) use self::advice::{mend_in_words, short, sort_of};
pub(crate) use self::ascii::line as json_line;
pub(crate) use self::text::place_name;

/// What a report tells.
#[derive(Clone, Debug, Default)]
pub(crate) struct Report {
    /// What blocks, what was allowed, and what could not be read.
    pub verdict: Verdict,
    /// What the command found out beside.
    pub notes: Notes,
}

impl Report {
    /// Whether a hook has nothing to say.
    pub(crate) fn is_silent(&self) -> bool {
        let Self { verdict, notes } = self;
        !verdict.blocks()
            && verdict.unread.is_empty()
            && self.has_no_notes()
            && notes.local_checks.is_none()
    }

    /// Whether there is nothing that is worth a line and stops nothing.
    fn has_no_notes(&self) -> bool {
        let Self { verdict, notes } = self;
        notes.weaker.what.is_empty()
            && verdict.remarks.is_empty()
            && notes.unshared == 0
            && verdict.held.is_empty()
            && verdict.warnings.is_empty()
            && verdict.lfs.is_empty()
            && verdict.archives.is_empty()
    }
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
    about: &'static str,
    write: Write,
}

/// Every output format, in the order in which help shows them. A new one is a file and a row.
pub(crate) const FORMATS: &[Format] = &[
    Format::HUMAN,
    Format::AGENT,
    Format::new("json", "one JSON object a line", json::write),
    Format::new(
        "sarif",
        "SARIF 2.1.0, for code scanning and editors",
        sarif::write,
    ),
    Format::new("github", "annotations of GitHub Actions", github::write),
    Format::new("gitlab", "GitLab's code quality report", gitlab::write),
    Format::new(
        "gitlab-secrets",
        "GitLab's secret detection report",
        gitlab_secrets::write,
    ),
    Format::new("junit", "JUnit's XML, which every CI shows", junit::write),
    Format::new("csv", "a row a finding, for spreadsheets", csv::write),
    Format::MARKDOWN,
];

impl Format {
    /// For people: what, where, why and the mend.
    pub(crate) const HUMAN: Self = Self::new("human", "for people", human::write);

    /// For AI agents: keys, mends and a next step.
    pub(crate) const AGENT: Self = Self::new(
        "agent",
        "for AI agents: a few lines with keys, and what to do next",
        agent::write,
    );

    /// For pages of a forge: a comment, or the summary of a job.
    pub(crate) const MARKDOWN: Self = Self::new(
        "markdown",
        "tables, for a comment or the summary of a job",
        markdown::write,
    );

    /// For people who ask why: what became of every candidate. It is none of [`FORMATS`], since a
    /// scan is traced for it.
    pub(crate) const EXPLAIN: Self = Self::new("explain", "why", explain::write);

    const fn new(name: &'static str, about: &'static str, write: Write) -> Self {
        Self { name, about, write }
    }

    /// What it is, in a few words.
    pub(crate) const fn about(self) -> &'static str {
        self.about
    }

    /// Whether a job of GitHub Actions reads it, whose page has room for more.
    pub(crate) fn is_annotations(self) -> bool {
        self.name == "github"
    }

    /// Whether its lines are told as what people read is: paths from where the reader stands.
    pub(crate) fn is_told(self) -> bool {
        self.is_for_people() || self.name == Self::AGENT.name
    }

    /// Whether people read it, and no program.
    pub(crate) fn is_for_people(self) -> bool {
        [Self::HUMAN, Self::EXPLAIN]
            .iter()
            .any(|format| format.name == self.name)
    }

    /// What a person types to choose it.
    pub(crate) const fn name(self) -> &'static str {
        self.name
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

/// How much a report for people tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Detail {
    /// What stops, and nothing else.
    Quiet,
    /// What stops, and what is worth a line.
    #[default]
    Usual,
    /// What was allowed or is less sure, too, and every place.
    Verbose,
}

/// Where the report is read. Only the caller can know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Style {
    /// Whether to use colours: a terminal, and nobody said `NO_COLOR`.
    pub color: bool,
    /// How many columns a line has; `None` where it is as long as it is.
    pub width: Option<usize>,
    /// How much is told.
    pub detail: Detail,
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
    use super::samples::{printed, report_of, secret, secret_with};
    use super::*;
    use crate::lab::Random;
    use crate::verdict::{OnRemote, Reach};

    #[test]
    fn each_format_has_a_name_of_its_own() {
        for (at, format) in FORMATS.iter().enumerate() {
            let named = FORMATS.iter().position(|other| other.name == format.name);
            assert_eq!(named, Some(at), "{}", format.name);
        }
        assert!(FORMATS.iter().all(|format| !format.about.is_empty()));
    }

    #[test]
    fn every_report_that_advises_says_when_to_revoke_by_what_is_known() {
        let mut report = report_of([secret("a.py")]);
        let branch = "origin/main".into();
        let there = OnRemote {
            branch,
            since: None,
        };
        report.verdict.reach = Reach::Known([(None, there)].into());
        for name in ["human", "github", "junit", "markdown"] {
            let format = FORMATS.iter().find(|format| format.name == name).unwrap();
            let told = printed(format.write, &report, &Style::default());
            let told = told.replace('\\', "");
            assert!(
                told.contains("now, since it is on origin/main already"),
                "{told}"
            );
        }
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
