//! Lines of a page: how they look, and how names stand in them.

use std::io::{self, Write};

use crate::finding::{Finding, Found};
use crate::report::Style;
use crate::report::advice::{self, Advice};
use crate::report::text::{cut, seen_from};
use crate::shell::{escaped, quoted, shown};

/// The longest that a name, or a sentence of a rule, is in a line, in characters. Commands are never
/// cut.
pub(super) const LONGEST: usize = 120;

/// How a piece of a line looks on a terminal.
#[derive(Clone, Copy)]
pub(super) enum Paint {
    Plain,
    Alarm,
    Name,
    Faint,
}

impl Paint {
    fn code(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Alarm => Some("1;31"),
            Self::Name => Some("1"),
            Self::Faint => Some("2"),
        }
    }
}

/// What is written, in the style of its reader.
pub(super) struct Page<'a> {
    pub(super) style: &'a Style,
    /// Commands with paths as the reader finds them.
    pub(super) advice: Advice<'a>,
    directory: &'a [u8],
    out: &'a mut dyn Write,
}

impl<'a> Page<'a> {
    pub(super) fn new(style: &'a Style, out: &'a mut dyn Write) -> Self {
        let directory: &[u8] = if style.hook { &style.prefix } else { b"" };
        Self {
            style,
            advice: Advice::seen_from(directory),
            directory,
            out,
        }
    }

    /// The one place that writes: whatever a line is made of, no control character of it gets
    /// through.
    pub(super) fn line(&mut self, pieces: &[(Paint, &str)]) -> io::Result<()> {
        for (paint, text) in pieces {
            let text = escaped(text);
            match paint.code().filter(|_| self.style.color) {
                Some(code) => write!(self.out, "\x1b[{code}m{text}\x1b[0m")?,
                None => write!(self.out, "{text}")?,
            }
        }
        writeln!(self.out)
    }

    pub(super) fn plain(&mut self, text: &str) -> io::Result<()> {
        self.line(&[(Paint::Plain, text)])
    }

    pub(super) fn gap(&mut self) -> io::Result<()> {
        writeln!(self.out)
    }

    pub(super) fn labelled(&mut self, label: &str, text: &str, aside: &str) -> io::Result<()> {
        let label = format!("  {label:<8}");
        if aside.is_empty() {
            return self.line(&[(Paint::Faint, &label), (Paint::Plain, text)]);
        }
        let aside = format!("  ({aside})");
        self.line(&[
            (Paint::Faint, &label),
            (Paint::Plain, text),
            (Paint::Faint, &aside),
        ])
    }

    pub(super) fn allow(&mut self, id: &str, aside: &str) -> io::Result<()> {
        self.labelled("allow", &advice::allow(id), aside)
    }

    /// A path to look at, as the reader finds it: in a hook from where the reader stands.
    pub(super) fn name(&self, path: &[u8]) -> String {
        if path.is_empty() {
            return "standard input".to_owned();
        }
        cut(&shown(&seen_from(path, self.directory)), LONGEST).into_owned()
    }

    /// A path as one word of a shell.
    pub(super) fn quoted(&self, path: &[u8]) -> String {
        quoted(&seen_from(path, self.directory))
    }

    /// How many lines a list may have.
    pub(super) fn most(&self, in_a_hook: usize) -> usize {
        if self.style.hook {
            in_a_hook
        } else {
            usize::MAX
        }
    }
}

/// The label for the first of several lines, and none for the others.
pub(super) fn labels(first: &str) -> impl Iterator<Item = &str> {
    std::iter::once(first).chain(std::iter::repeat(""))
}

/// Line and column.
pub(super) fn position(finding: &Finding) -> Option<String> {
    finding
        .span
        .map(|span| format!("{}:{}", span.line, span.column))
}

/// The name of what was found, and as much of it as may be shown.
pub(super) fn what(finding: &Finding) -> String {
    let name = cut(&finding.name, LONGEST);
    match &finding.found {
        Found::Secret { secret, .. } => format!("{name}  {}", cut(&secret.redacted(), LONGEST)),
        Found::File { .. } | Found::TrackedFile => name.into_owned(),
    }
}

/// Why it counts, and how surely.
pub(super) fn why(finding: &Finding) -> String {
    format!("{} ({})", cut(&finding.why, LONGEST), finding.confidence)
}
