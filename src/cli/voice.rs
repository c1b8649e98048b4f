//! What keyward says: the one way to standard output and standard error.
//!
//! Whatever a line is made of, no character of it reaches the terminal that cannot be seen, no key
//! that a name holds, and nothing that a CI runner would obey. What is for programs has its own way,
//! and its format sees to that.

use std::env;
use std::io::{self, BufWriter, StderrLock, StdoutLock, Write};
use std::mem;
use std::sync::LazyLock;

use anstream::stream::{AsLockedWrite, RawStream};
use anstream::{AutoStream, ColorChoice};
use anyhow::{Context, Result};
use bstr::ByteSlice;
use terminal_size::{Width, terminal_size_of};

use crate::detect::Detector;
use crate::report::Style;
use crate::rules::RuleSet;
use crate::scan;
use crate::shell;

/// Finds the keys in what is said.
static RULES: LazyLock<RuleSet> = LazyLock::new(RuleSet::builtin);

/// What a channel leads to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Terminal {
    /// Whether it shows colours, and nobody said that it should not.
    pub(super) color: bool,
    /// How many columns it has; `None` where it is none.
    pub(super) width: Option<usize>,
}

impl Terminal {
    pub(super) fn of_output() -> Self {
        Self {
            color: has_color(&io::stdout()),
            width: columns(terminal_size_of(io::stdout())),
        }
    }

    pub(super) fn of_errors() -> Self {
        Self {
            color: has_color(&io::stderr()),
            width: columns(terminal_size_of(io::stderr())),
        }
    }

    /// How a report looks there.
    pub(super) fn style(self) -> Style {
        Style {
            color: self.color,
            width: self.width,
            ..Style::default()
        }
    }
}

fn columns(size: Option<(Width, terminal_size::Height)>) -> Option<usize> {
    size.map(|(Width(columns), _)| usize::from(columns))
        .filter(|columns| *columns > 0)
}

/// As anstream decides it, by `NO_COLOR`, `CLICOLOR`, `CLICOLOR_FORCE` and `TERM`; `FORCE_COLOR` is
/// what programs of Node ask for.
fn has_color(stream: &impl RawStream) -> bool {
    let said = |name: &str| env::var_os(name).filter(|value| !value.is_empty());
    match said("FORCE_COLOR") {
        Some(value) if said("NO_COLOR").is_none() => value != "0" && value != "false",
        _ => AutoStream::choice(stream) != ColorChoice::Never,
    }
}

/// Says lines to people.
pub(super) struct Voice<S: RawStream + AsLockedWrite> {
    out: BufWriter<AutoStream<S>>,
    /// Whether colours pass.
    color: bool,
    /// The start of a line whose end was not said yet.
    line: Vec<u8>,
}

/// To people, on standard output.
pub(super) fn out() -> Voice<StdoutLock<'static>> {
    Voice::new(io::stdout().lock(), has_color(&io::stdout()))
}

/// To people, on standard error.
pub(super) fn err() -> Voice<StderrLock<'static>> {
    Voice::new(io::stderr().lock(), has_color(&io::stderr()))
}

/// Who reads what a command writes to standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reader {
    People,
    Programs,
}

impl Reader {
    /// Whoever asked for a format for programs, or did not.
    pub(super) const fn of(programs: bool) -> Self {
        match programs {
            true => Self::Programs,
            false => Self::People,
        }
    }

    /// Writes a report for them, to its end. One who stops reading has what they wanted: `keyward audit | head`.
    pub(super) fn tell(self, write: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<()> {
        let whole = |out: &mut dyn Write| {
            write(out)?;
            Ok(out.flush()?)
        };
        let told = match self {
            Self::People => whole(&mut out()),
            Self::Programs => whole(&mut to_programs()),
        };
        match told {
            Err(error) if is_closed_pipe(&error) => Ok(()),
            told => told.context("cannot write the report"),
        }
    }
}

/// Whether an error says that nobody reads any more.
pub(super) fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let mut causes = error.chain();
    causes.any(|cause| {
        let cause = cause.downcast_ref::<io::Error>();
        cause.is_some_and(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
    })
}

/// To programs, on standard output: as it is.
pub(super) fn to_programs() -> BufWriter<StdoutLock<'static>> {
    BufWriter::new(io::stdout().lock())
}

impl<S: RawStream + AsLockedWrite> Voice<S> {
    fn new(stream: S, color: bool) -> Self {
        let choice = match color {
            true => ColorChoice::Always,
            false => ColorChoice::Never,
        };
        Self {
            out: BufWriter::new(AutoStream::new(stream, choice)),
            color,
            line: Vec::new(),
        }
    }
}

impl<S: RawStream + AsLockedWrite> Write for Voice<S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut rest = bytes;
        while let Some((line, behind)) = rest.split_once_str("\n") {
            self.line.extend_from_slice(line);
            let line = mem::take(&mut self.line);
            self.out.write_all(fit(&line, self.color).as_bytes())?;
            self.out.write_all(b"\n")?;
            rest = behind;
        }
        self.line.extend_from_slice(rest);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let line = mem::take(&mut self.line);
        self.out.write_all(fit(&line, self.color).as_bytes())?;
        self.out.flush()
    }
}

impl<S: RawStream + AsLockedWrite> Drop for Voice<S> {
    fn drop(&mut self) {
        // Whoever wants to know asks before.
        let _ = self.flush();
    }
}

/// A text of one line as a report for programs may have it: without the keys in it.
pub(super) fn fit_for_programs(text: &str) -> String {
    let masked = scan::name::masked(&Detector::new(&RULES), text.as_bytes());
    String::from_utf8_lossy(&masked).into_owned()
}

/// Whether a text that somebody typed holds a key.
pub(super) fn holds_key(text: &str) -> bool {
    let masked = scan::name::masked(&Detector::new(&RULES), text.as_bytes());
    *masked != *text.as_bytes()
}

/// A text as it is said to people who have no colours.
pub(crate) fn said(text: &[u8]) -> Vec<u8> {
    let lines = text.lines_with_terminator();
    let fit = lines.map(|line| match line.strip_suffix(b"\n") {
        Some(line) => fit(line, false) + "\n",
        None => fit(line, false),
    });
    fit.collect::<String>().into_bytes()
}

/// A line as it may be said.
fn fit(line: &[u8], color: bool) -> String {
    let line = scan::name::masked(&Detector::new(&RULES), line);
    let mut out = String::with_capacity(line.len());
    let mut rest = &*line;
    // Where the words start, behind blanks and colours.
    let mut start = None;
    while !rest.is_empty() {
        let control = control(rest, color);
        let end = match control {
            0 => (1..rest.len())
                .find(|&at| self::control(&rest[at..], color) > 0)
                .unwrap_or(rest.len()),
            control => control,
        };
        let (piece, behind) = rest.split_at(end);
        if control > 0 {
            out.push_str(&String::from_utf8_lossy(piece));
        } else {
            let before = out.len();
            out.push_str(&shell::shown(piece));
            let blanks = out[before..].len() - out[before..].trim_start().len();
            if before + blanks < out.len() {
                start.get_or_insert(before + blanks);
            }
        }
        rest = behind;
    }
    // A CI runner takes that for a command.
    if let Some(start) = start.filter(|&start| out[start..].starts_with("::")) {
        out.replace_range(start..=start, r"\u{3a}");
    }
    out
}

/// The length of what the text starts with, if it is a tab or, where there are colours, one.
fn control(text: &[u8], color: bool) -> usize {
    match text {
        [b'\t', ..] => 1,
        [0x1b, b'[', rest @ ..] if color => {
            let digits = |b: &u8| b.is_ascii_digit() || *b == b';';
            let end = rest.iter().position(|b| !digits(b));
            end.filter(|&end| rest[end] == b'm')
                .map_or(0, |end| end + 3)
        }
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::Random;

    #[test]
    fn a_line_paints_nothing_and_commands_nobody() {
        for (line, color, expected) in [
            ("a\tb", false, "a\tb"),
            ("a\u{1b}[2Jb", true, r"a\u{1b}[2Jb"),
            ("\u{1b}[1ma\u{1b}[0m", true, "\u{1b}[1ma\u{1b}[0m"),
            ("\u{1b}[1ma", false, r"\u{1b}[1ma"),
            ("\u{1b}[1", true, r"\u{1b}[1"),
            ("x\u{202e}y\u{7}", true, r"x\u{202e}y\u{7}"),
            ("::error::x", false, r"\u{3a}:error::x"),
            ("  ::add-mask::x", false, r"  \u{3a}:add-mask::x"),
            ("\u{1b}[1m::x", true, "\u{1b}[1m\\u{3a}:x"),
            (
                "\u{1b}[1m \u{1b}[2m::x",
                true,
                "\u{1b}[1m \u{1b}[2m\\u{3a}:x",
            ),
            ("a ::error::x", false, "a ::error::x"),
            ("a ##vso[task.x]y", false, r"a #\u{23}vso[task.x]y"),
            ("##[error]x", false, r"#\u{23}[error]x"),
            ("## a", false, "## a"),
        ] {
            assert_eq!(fit(line.as_bytes(), color), expected, "{line:?}");
        }
        assert_eq!(fit(b"a\xff", true), r"a\xff");
    }

    #[test]
    fn a_key_in_a_line_is_masked() {
        let key = format!("sk-ant-{}-{}AA", "api03", Random::new(3).token(93));
        let said = fit(
            format!("there is no `{key}`: name a file").as_bytes(),
            false,
        );
        assert!(!said.contains(&key[14..30]), "{said}");
        assert!(said.starts_with("there is no `sk-ant-api03-"), "{said}");
        assert!(said.ends_with("`: name a file"), "{said}");
    }
}
