//! What each loader makes of a value. Each was tried on the same texts, which are the test.
//!
//! A value into which a loader puts variables, or what a command prints, depends on where it is read.

#[cfg(test)]
mod tests;

use bstr::ByteSlice;

use super::{Entry, MARK, container, node, python, ruby, shell};
use crate::table::table;

/// A row of the table of dialects.
struct Row {
    /// The word for it on the command line.
    word: &'static str,
    /// Who reads that way.
    readers: &'static str,
    /// Whether such a file is usually read that way, so that nobody has to name it.
    usual: bool,
    read: fn(&Source<'_>) -> Reading,
}

table! {
    /// A way in which environment files are read.
    pub(crate) enum Dialect of Row {
        /// npm's dotenv.
        Node = Row { word: "node", readers: "dotenv of npm", usual: true, read: node::dotenv },
        /// dotenv with dotenv-expand.
        Next = Row { word: "next", readers: "Next.js", usual: true, read: node::expanded },
        /// The parser of Node.js with dotenv-expand.
        Vite = Row { word: "vite", readers: "Vite", usual: true, read: node::vite },
        /// python-dotenv.
        Python = Row { word: "python", readers: "python-dotenv", usual: true, read: python::dotenv },
        /// dotenv of Ruby.
        Ruby = Row { word: "ruby", readers: "dotenv of Ruby", usual: true, read: ruby::dotenv },
        /// Docker Compose.
        Compose = Row { word: "compose", readers: "Docker Compose", usual: true, read: container::compose },
        /// A POSIX shell.
        Shell = Row { word: "shell", readers: "a shell", usual: true, read: shell::shell },
        /// `docker run --env-file`.
        Docker = Row { word: "docker", readers: "docker run --env-file", usual: false, read: container::docker },
        /// django-environ.
        Django = Row { word: "django", readers: "django-environ", usual: false, read: python::django },
        /// dotenvx.
        Dotenvx = Row { word: "dotenvx", readers: "dotenvx", usual: false, read: node::dotenvx },
        /// `node --env-file`.
        EnvFile = Row { word: "node-env-file", readers: "node --env-file", usual: false, read: node::env_file },
        /// `EnvironmentFile=` of systemd.
        Systemd = Row { word: "systemd", readers: "systemd", usual: false, read: shell::systemd },
    }
}

/// What a loader makes of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// The variable gets this value.
    Value(Vec<u8>),
    /// It is not set.
    Unset,
    /// The loader refuses the file.
    Refused,
    /// That depends on other variables, or on what a command prints.
    Varies,
}

use Reading::{Refused, Unset, Value, Varies};

/// An entry in its text.
pub(super) struct Source<'t> {
    pub(super) entry: &'t Entry,
    pub(super) name: &'t [u8],
    /// What parts the name from the rest: `=` or `:`.
    pub(super) sign: u8,
    /// All that stands behind the sign, with the blanks and the comment.
    pub(super) raw: &'t [u8],
    /// The same to the end of the text.
    pub(super) rest: &'t [u8],
    /// What stands between the name and the sign.
    pub(super) gap: &'t [u8],
    /// Whether more than one blank stands behind `export`, or a tab.
    pub(super) is_wide: bool,
    /// Whether a byte order mark stands before it, by which many lose the name.
    pub(super) is_marked: bool,
}

impl Source<'_> {
    /// What stands behind the sign, to the end of the line for those whom a carriage return ends none.
    pub(super) fn line(&self) -> &[u8] {
        /// A bound: so much of a text is looked at that has carriage returns alone.
        const LONGEST: usize = 1 << 10;
        let near = &self.rest[..self.rest.len().min(self.raw.len() + LONGEST)];
        let end = near[self.raw.len()..].find_byte(b'\n');
        &near[..end.map_or(near.len(), |end| self.raw.len() + end)]
    }
}

impl Dialect {
    /// The word for it.
    pub(crate) const fn word(self) -> &'static str {
        self.row().word
    }

    /// What it makes of an entry.
    pub(crate) fn read(self, text: &[u8], entry: &Entry) -> Reading {
        /// A bound: nobody indents a line further.
        const INDENT: usize = 64;
        let start = entry.name.start;
        (self.row().read)(&Source {
            entry,
            name: &text[entry.name.clone()],
            sign: text[entry.raw.start - 1],
            raw: &text[entry.raw.clone()],
            rest: &text[entry.raw.start..],
            gap: &text[entry.name.end..entry.raw.start - 1],
            is_wide: entry.export && !text[..start].ends_with(b"export "),
            is_marked: start < INDENT && text.starts_with(MARK) && !text[..start].contains(&b'\n'),
        })
    }
}

/// What the loaders that usually read such a file make of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Agreement {
    /// All that set the variable give it this value.
    On(Vec<u8>),
    /// Some make another value of it: who, one dialect for each value.
    Not(Vec<(Dialect, Reading)>),
}

impl Agreement {
    /// Asks them all.
    pub(crate) fn of(text: &[u8], entry: &Entry) -> Self {
        let mut told: Vec<(Dialect, Reading)> = Vec::new();
        for &dialect in Dialect::ALL.iter().filter(|dialect| dialect.row().usual) {
            let reading = dialect.read(text, entry);
            let is_value = match &reading {
                // A shell keeps the ends of lines as Windows has them: nobody uses such a file in one.
                Value(value) => !value.ends_with(b"\r"),
                Varies => true,
                Unset | Refused => false,
            };
            if is_value && !told.iter().any(|(_, other)| *other == reading) {
                told.push((dialect, reading));
            }
        }
        match &mut told[..] {
            [(_, Value(value))] => Self::On(std::mem::take(value)),
            _ => Self::Not(told),
        }
    }

    /// Who disagrees, for people.
    pub(crate) fn told(readings: &[(Dialect, Reading)]) -> String {
        let who: Vec<&str> = readings.iter().map(|(it, _)| it.row().readers).collect();
        match who.split_last() {
            Some((last, [])) => format!("only {last} makes a value of it"),
            Some((last, most)) => format!("{} and {last} read it differently", most.join(", ")),
            None => "no loader makes a value of it".to_owned(),
        }
    }
}

/// The text without the blanks at its ends.
pub(super) fn trimmed(text: &[u8]) -> &[u8] {
    text.trim_ascii()
}

/// What stands between the quotes that open a text, up to the first that no backslash stands before, and
/// what stands behind.
pub(super) fn between(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let quote = *text.first()?;
    let mut at = 1;
    while at < text.len() {
        match text[at] {
            b'\\' => at += 2,
            byte if byte == quote => return Some((&text[1..at], &text[at + 1..])),
            _ => at += 1,
        }
    }
    None
}

pub(super) fn is_end(rest: &[u8]) -> bool {
    let rest = trimmed(rest);
    rest.is_empty() || rest.starts_with(b"#")
}

/// Replaces backslashes and what stands behind them; `None` leaves both.
pub(super) fn unescaped(text: &[u8], with: impl Fn(u8) -> Option<Vec<u8>>) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let pair = (text[at] == b'\\').then(|| text.get(at + 1)).flatten();
        match pair.map(|&next| (next, with(next))) {
            Some((_, Some(other))) => {
                out.extend(other);
                at += 2;
            }
            Some((next, None)) => {
                out.extend([b'\\', next]);
                at += 2;
            }
            None => {
                out.push(text[at]);
                at += 1;
            }
        }
    }
    out
}

/// What C calls the character.
pub(super) fn control(name: u8) -> Option<Vec<u8>> {
    Some(vec![match name {
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        _ => return None,
    }])
}

/// What stands behind a dollar sign where a variable or what a command prints is put in, beside letters.
pub(super) const ALL_FILLED: &[u8] = b"_{($";

/// Whether something is put in: a letter or one of `signs` stands behind a dollar sign, which a backslash protects
/// where it is no more than that itself.
pub(super) fn is_filled(text: &[u8], signs: &[u8], is_protected: bool) -> bool {
    let mut at = 0;
    while at < text.len() {
        match text[at] {
            b'\\' if is_protected => at += 1,
            b'$' => {
                let next = text.get(at + 1);
                if next.is_some_and(|b| b.is_ascii_alphabetic() || signs.contains(b)) {
                    return true;
                }
            }
            _ => {}
        }
        at += 1;
    }
    false
}

/// The value up to a sign that starts a comment, glued or not.
pub(super) fn before_sign(raw: &[u8]) -> &[u8] {
    let line = raw.lines().next().unwrap_or_default();
    trimmed(line.split(|&b| b == b'#').next().unwrap_or_default())
}

/// Without the quotes around the whole, whatever stands between them.
pub(super) fn stripped<'t>(text: &'t [u8], quotes: &[u8]) -> &'t [u8] {
    match text {
        [first, inner @ .., last] if first == last && quotes.contains(first) => inner,
        _ => text,
    }
}
