//! One line of the allow file, and the way it is written.

use std::fmt::{self, Write as _};

use super::date::Date;
use crate::finding::{Finding, Fingerprint};
use crate::glob::PathGlob;

/// What is allowed, where, until when and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The fingerprint of the one secret, or of the path of the one file, that is allowed.
    pub fingerprint: Fingerprint,
    /// The id of the rule whose finding is allowed.
    pub rule: String,
    /// The paths on which it is allowed.
    pub path: PathGlob,
    /// The last day on which it is allowed; for ever if none is given.
    pub until: Option<Date>,
    /// Why it is allowed, in one line for whoever reviews the file.
    pub reason: String,
}

impl Entry {
    /// The entry that allows a finding at its path and nowhere else.
    ///
    /// A path that no pattern can name becomes `*`: the fingerprint keeps the entry narrow.
    ///
    /// # Errors
    /// When the reason is empty, longer than a line, or has control characters.
    pub fn for_finding(
        finding: &Finding,
        until: Option<Date>,
        reason: &str,
    ) -> Result<Self, Problem> {
        if !is_rule(&finding.rule) {
            return Err(Problem::Rule);
        }
        let anywhere = || PathGlob::parse("*").expect("a star is a pattern");
        let path = PathGlob::exact(finding.path.as_ref()).unwrap_or_else(anywhere);
        Ok(Self {
            fingerprint: finding.fingerprint.clone(),
            rule: finding.rule.clone().into_owned(),
            path,
            until,
            reason: checked_reason(reason)?.to_owned(),
        })
    }

    /// The same for another time, and with its reason.
    ///
    /// # Errors
    /// As for [`for_finding`](Self::for_finding).
    pub fn with(self, until: Option<Date>, reason: &str) -> Result<Self, Problem> {
        let reason = checked_reason(reason)?.to_owned();
        Ok(Self {
            until,
            reason,
            ..self
        })
    }

    /// Whether the entry speaks of the secret or the file of this finding, wherever that is.
    pub fn is_of(&self, finding: &Finding) -> bool {
        self.fingerprint == finding.fingerprint && self.rule == finding.rule
    }

    /// Whether the entry speaks of this finding, be it expired or not.
    pub fn covers(&self, finding: &Finding) -> bool {
        self.is_of(finding) && self.path.covers(finding.path.as_ref())
    }

    /// Whether the last day of the entry lies before `today`.
    pub fn is_expired(&self, today: Date) -> bool {
        self.until.is_some_and(|until| until < today)
    }

    /// Reads a line of the allow file that is neither blank nor a comment. An error has its place in
    /// the line, in bytes.
    pub(super) fn parse(line: &str) -> Result<Self, (usize, Problem)> {
        if line.len() > LONGEST_LINE {
            return Err((0, Problem::TooLong));
        }
        if let Some(at) = line.find(is_control) {
            return Err((at, Problem::Control));
        }
        if ["<<<<<<<", "=======", ">>>>>>>", "|||||||"]
            .iter()
            .any(|sign| line.starts_with(sign))
        {
            return Err((0, Problem::Conflict));
        }
        let at = |rest: &str| line.len() - rest.len();
        let (fingerprint, rest) = word(line);
        let fingerprint = Fingerprint::parse(fingerprint).ok_or((0, Problem::Fingerprint))?;
        let place = at(rest);
        let (rule, rest) = word(rest);
        if !is_rule(rule) {
            return Err((place, Problem::Rule));
        }
        let place = at(rest);
        let (path, rest) = path(rest).ok_or((place, Problem::Path))?;
        let path = PathGlob::parse(&path).map_err(|_| (place, Problem::Path))?;
        let place = at(rest);
        let (until, rest) = word(rest);
        let until = match until {
            "-" => None,
            date => Some(Date::parse(date).ok_or((place, Problem::Date))?),
        };
        let reason = checked_reason(rest).map_err(|problem| (at(rest), problem))?;
        Ok(Self {
            fingerprint,
            rule: rule.to_owned(),
            path,
            until,
            reason: reason.to_owned(),
        })
    }

    /// What sorts the entries and tells them apart. The fingerprint comes first: entries of two
    /// branches then seldom stand next to each other, and git merges them.
    pub(super) fn key(&self) -> (&Fingerprint, &str, &str) {
        (&self.fingerprint, &self.rule, self.path.as_str())
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            fingerprint,
            rule,
            path,
            until,
            reason,
        } = self;
        write!(f, "{fingerprint} {rule} ")?;
        write_path(path.as_str(), f)?;
        match until {
            Some(until) => write!(f, " {until} {reason}"),
            None => write!(f, " - {reason}"),
        }
    }
}

/// A path of 4096 bytes, every one escaped, and a reason.
const LONGEST_LINE: usize = 20_000;

/// What is wrong with a line, or with a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// A mark that git leaves in a merge.
    Conflict,
    /// Characters that a terminal obeys, or that change the order of others.
    Control,
    /// No date.
    Date,
    /// No fingerprint.
    Fingerprint,
    /// No path, or none that can be one.
    Path,
    /// No reason.
    Reason,
    /// No rule id.
    Rule,
    /// More than any entry needs.
    TooLong,
    /// Not UTF-8.
    Utf8,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Conflict => {
                "a merge conflict is left: keep the entries of both sides and remove the marks"
            }
            Self::Control => "there are control characters: remove them",
            Self::Date => "the fourth word must be a date such as 2027-01-31, or `-`",
            Self::Fingerprint => {
                "an entry starts with a fingerprint of 16 hex digits: write it with `keyward allow`"
            }
            Self::Path => "the third word must be a path pattern, in quotes if it has blanks",
            Self::Reason => "the reason is missing: say why it is allowed",
            Self::Rule => "the second word must be a rule id: `keyward rules list` shows them",
            Self::TooLong => "the line is too long: shorten the reason",
            Self::Utf8 => "the line is not UTF-8: save the file as UTF-8",
        })
    }
}

impl std::error::Error for Problem {}

/// The first word, and what follows its blanks.
fn word(text: &str) -> (&str, &str) {
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    (word, rest.trim_start_matches(' '))
}

fn is_rule(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic())
}

fn checked_reason(text: &str) -> Result<&str, Problem> {
    const LONGEST: usize = 2000;
    let text = text.trim();
    if text.is_empty() {
        Err(Problem::Reason)
    } else if text.len() > LONGEST {
        Err(Problem::TooLong)
    } else if has_control(text) {
        Err(Problem::Control)
    } else {
        Ok(text)
    }
}

/// Words that stand where a reason is to be written and give none, sorted.
const NO_REASON: &[&str] = &[
    "a",
    "an",
    "because",
    "comment",
    "do",
    "explain",
    "fixme",
    "goes",
    "here",
    "insert",
    "it",
    "my",
    "na",
    "no",
    "none",
    "placeholder",
    "please",
    "reason",
    "some",
    "tbd",
    "text",
    "the",
    "this",
    "todo",
    "why",
    "write",
    "xxx",
    "your",
];

/// Whether a reason gives none: `...`, or nothing but words that stand where one is to be written.
pub(crate) fn is_no_reason(text: &str) -> bool {
    let mut words = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty());
    words.all(|word| NO_REASON.contains(&&*word.to_lowercase()))
}

/// Whether a report that prints the text could be made to say something else: by what a terminal
/// obeys, or by what turns the order of characters around.
fn has_control(text: &str) -> bool {
    text.chars().any(is_control)
}

fn is_control(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Writes a path as one word: in quotes if it has a blank, a quote or a control character.
fn write_path(path: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if !path.contains([' ', '"']) && !has_control(path) {
        return f.write_str(path);
    }
    f.write_char('"')?;
    for c in path.chars() {
        match c {
            '"' | '\\' => write!(f, "\\{c}")?,
            c if is_control(c) => write!(f, "\\u{{{:x}}}", u32::from(c))?,
            c => f.write_char(c)?,
        }
    }
    f.write_char('"')
}

/// Reads what [`write_path`] wrote, and what follows its blanks.
fn path(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let (path, rest) = word(text);
        return (!path.is_empty()).then(|| (path.to_owned(), rest));
    };
    let mut path = String::new();
    let mut chars = quoted.chars();
    loop {
        match chars.next()? {
            '"' => break,
            '\\' => match chars.next()? {
                c @ ('"' | '\\') => path.push(c),
                'u' => {
                    let (digits, rest) = chars.as_str().strip_prefix('{')?.split_once('}')?;
                    path.push(char::from_u32(u32::from_str_radix(digits, 16).ok()?)?);
                    chars = rest.chars();
                }
                _ => return None,
            },
            c => path.push(c),
        }
    }
    let rest = chars.as_str();
    let rest = if rest.is_empty() {
        rest
    } else {
        rest.strip_prefix(' ')?
    };
    Some((path, rest.trim_start_matches(' ')))
}
