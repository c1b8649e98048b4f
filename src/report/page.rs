//! Lines of a page: how they look, how they are broken, and how names stand in them.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style as Look};
use textwrap::{Options, WordSplitter, WrapAlgorithm};
use unicode_width::UnicodeWidthStr;

use crate::change::STANDARD_INPUT;
use crate::finding::Finding;
use crate::report::advice::{self, Advice, Advised};
use crate::report::text::{cut, place_name, seen_from};
use crate::report::{Detail, Style};
use crate::shell::{escaped, quoted, shown};
use crate::store::Store;
use crate::verdict::{Reach, Rewrite};

/// A bound: the longest that a name, or a sentence of a rule, is in a line, in characters. Commands are
/// never cut.
pub(super) const LONGEST: usize = 120;

/// A bound: on a terminal that says it is narrower, lines are as wide as this.
const NARROWEST: usize = 20;

/// How many columns a label takes, with the blanks around it.
pub(super) const LABEL: usize = 10;

/// How a piece of a line looks on a terminal.
#[derive(Clone, Copy)]
pub(super) enum Paint {
    Plain,
    Alarm,
    Name,
    Faint,
}

impl Paint {
    const fn look(self) -> Look {
        match self {
            Self::Plain => Look::new(),
            Self::Alarm => AnsiColor::Red.on_default().bold(),
            Self::Name => Look::new().bold(),
            Self::Faint => Look::new().dimmed(),
        }
    }
}

/// What is written, in the style of its reader.
pub(super) struct Page<'a> {
    pub(super) style: &'a Style,
    /// Where the values go that are taken out.
    pub(super) store: Store,
    /// How the commits are opened again that hold what is taken out.
    pub(super) rewrite: &'a Rewrite,
    /// Which remotes have it.
    pub(super) reach: &'a Reach,
    /// Commands with paths as the reader finds them.
    pub(super) advice: Advice<'a>,
    directory: &'a [u8],
    out: &'a mut dyn Write,
}

impl<'a> Page<'a> {
    pub(super) fn new(style: &'a Style, store: Store, out: &'a mut dyn Write) -> Self {
        static UNKNOWN: Rewrite = Rewrite::UNKNOWN;
        static NOBODY_ASKED: Reach = Reach::Unknown;
        let directory: &[u8] = &style.prefix;
        Self {
            style,
            store,
            rewrite: &UNKNOWN,
            reach: &NOBODY_ASKED,
            advice: Advice::seen_from(directory),
            directory,
            out,
        }
    }

    /// A piece of a line, with no control character of what it is made of.
    fn painted(&self, paint: Paint, text: &str) -> String {
        let (text, look) = (escaped(text), paint.look());
        match self.style.color && !text.is_empty() {
            true => format!("{look}{text}{look:#}"),
            false => text.into_owned(),
        }
    }

    /// A line as long as it is.
    pub(super) fn line(&mut self, pieces: &[(Paint, &str)]) -> io::Result<()> {
        for (paint, text) in pieces {
            let text = self.painted(*paint, text);
            write!(self.out, "{text}")?;
        }
        writeln!(self.out)
    }

    /// A sentence behind the start of its line, broken between words; what follows stands as far in as
    /// `hang` says.
    pub(super) fn fill(
        &mut self,
        start: (Paint, &str),
        sentence: &[(Paint, &str)],
        hang: usize,
    ) -> io::Result<()> {
        let columns: usize = sentence.iter().map(|(_, text)| text.width()).sum();
        if self.fits(start.1.width() + columns) {
            return self.line(&[&[start], sentence].concat());
        }
        let painted = |(paint, text): &(Paint, &str)| self.painted(*paint, text);
        let sentence: String = sentence.iter().map(painted).collect();
        let (first, next) = (self.painted(start.0, start.1), " ".repeat(hang));
        let options = Options::new(self.width().unwrap_or(usize::MAX))
            .initial_indent(&first)
            .subsequent_indent(&next)
            .break_words(false)
            .word_splitter(WordSplitter::NoHyphenation)
            .wrap_algorithm(WrapAlgorithm::FirstFit);
        for line in textwrap::wrap(&sentence, options) {
            writeln!(self.out, "{}", line.trim_end())?;
        }
        Ok(())
    }

    /// A sentence from the start of a line.
    pub(super) fn plain(&mut self, text: &str) -> io::Result<()> {
        self.fill((Paint::Plain, ""), &[(Paint::Plain, text)], 2)
    }

    pub(super) fn gap(&mut self) -> io::Result<()> {
        writeln!(self.out)
    }

    pub(super) fn width(&self) -> Option<usize> {
        self.style.width.map(|width| width.max(NARROWEST))
    }

    fn fits(&self, columns: usize) -> bool {
        self.width().is_none_or(|width| columns <= width)
    }

    /// A name, and what is told of it: in one line, or in the one below.
    pub(super) fn headed(&mut self, name: &str, what: &str) -> io::Result<()> {
        if self.fits(name.width() + 2 + what.width()) {
            return self.line(&[(Paint::Name, name), (Paint::Plain, &format!("  {what}"))]);
        }
        self.line(&[(Paint::Name, name)])?;
        self.fill((Paint::Plain, "  "), &[(Paint::Plain, what)], 2)
    }

    pub(super) fn labelled(&mut self, label: &str, text: &str, aside: &str) -> io::Result<()> {
        self.told(label, text, None, aside)
    }

    /// What to do.
    pub(super) fn advised(&mut self, label: &str, advised: &Advised) -> io::Result<()> {
        let command = advised.command.as_deref();
        self.told(label, &advised.words, command, &advised.effect)
    }

    /// Words, a command that is to be copied and hence is never broken, and an aside: in one line, or in
    /// one each.
    pub(super) fn told(
        &mut self,
        label: &str,
        words: &str,
        command: Option<&str>,
        aside: &str,
    ) -> io::Result<()> {
        let label = format!("  {label:<8}");
        let words = match command {
            Some(_) if !words.is_empty() => format!("{words}: "),
            _ => words.to_owned(),
        };
        let command = command.unwrap_or_default();
        let aside = match aside {
            "" => String::new(),
            aside => format!("  ({aside})"),
        };
        if self.fits(label.width() + words.width() + command.width() + aside.width()) {
            return self.line(&[
                (Paint::Faint, &label),
                (Paint::Plain, &words),
                (Paint::Plain, command),
                (Paint::Faint, &aside),
            ]);
        }
        let mut start = label.as_str();
        let blanks = " ".repeat(LABEL);
        if !words.is_empty() {
            let words = words.trim_end();
            self.fill((Paint::Faint, start), &[(Paint::Plain, words)], LABEL)?;
            start = &blanks;
        }
        if !command.is_empty() {
            self.line(&[(Paint::Faint, start), (Paint::Plain, command)])?;
        }
        match aside.trim_start() {
            "" => Ok(()),
            aside => self.fill((Paint::Faint, &blanks), &[(Paint::Faint, aside)], LABEL),
        }
    }

    pub(super) fn allow(&mut self, id: &str, aside: &str) -> io::Result<()> {
        self.told("allow", "", Some(&advice::allow(id)), aside)
    }

    /// What is worth a line, with the command that does something about it.
    pub(super) fn noted(&mut self, words: &str, command: &str) -> io::Result<()> {
        let words = format!("keyward: {words}:");
        if self.fits(words.width() + 1 + command.width()) {
            return self.line(&[(Paint::Plain, &format!("{words} {command}"))]);
        }
        self.plain(&words)?;
        self.line(&[(Paint::Plain, &format!("  {command}"))])
    }

    /// A path to look at, from where the reader stands.
    pub(super) fn name(&self, path: &[u8]) -> String {
        if path.is_empty() || path == STANDARD_INPUT.as_bytes() {
            return place_name(STANDARD_INPUT.as_bytes());
        }
        cut(&shown(&seen_from(path, self.directory)), LONGEST).into_owned()
    }

    /// A finding's path with its line and column, to be opened in an editor.
    pub(super) fn place(&self, finding: &Finding) -> String {
        let position = position(finding).map_or(String::new(), |position| format!(":{position}"));
        format!("{}{position}", self.name(&finding.path))
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

    pub(super) fn is_verbose(&self) -> bool {
        self.style.detail == Detail::Verbose
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
    match &finding.secret {
        Some(secret) => format!("{name}  {}", cut(&secret.redacted(), LONGEST)),
        None => name.into_owned(),
    }
}

/// Why it counts, and how surely.
pub(super) fn why(finding: &Finding) -> String {
    format!("{} ({})", cut(&finding.why, LONGEST), finding.confidence)
}
