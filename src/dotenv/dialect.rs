//! What each loader makes of a value. Each was tried on the same texts, which are the test.
//!
//! A value into which a loader puts variables, or what a command prints, depends on where it is read.

use bstr::ByteSlice;

use super::Entry;
use crate::table::table;
use crate::words::name::is_identifier;

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
        Node = Row { word: "node", readers: "dotenv of npm", usual: true, read: node },
        /// dotenv with dotenv-expand.
        Vite = Row { word: "vite", readers: "Vite and Next.js", usual: true, read: vite },
        /// python-dotenv.
        Python = Row { word: "python", readers: "python-dotenv", usual: true, read: python },
        /// dotenv of Ruby.
        Ruby = Row { word: "ruby", readers: "dotenv of Ruby", usual: true, read: ruby },
        /// Docker Compose.
        Compose = Row { word: "compose", readers: "Docker Compose", usual: true, read: compose },
        /// A POSIX shell.
        Shell = Row { word: "shell", readers: "a shell", usual: true, read: shell },
        /// `docker run --env-file`.
        Docker = Row { word: "docker", readers: "docker run --env-file", usual: false, read: docker },
        /// django-environ.
        Django = Row { word: "django", readers: "django-environ", usual: false, read: django },
        /// `EnvironmentFile=` of systemd.
        Systemd = Row { word: "systemd", readers: "systemd", usual: false, read: systemd },
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
struct Source<'t> {
    entry: &'t Entry,
    name: &'t [u8],
    /// What parts the name from the rest: `=` or `:`.
    sign: u8,
    /// All that stands behind the sign, with the blanks and the comment.
    raw: &'t [u8],
}

impl Source<'_> {
    /// Whether no blank stands before the sign.
    fn name_ends_at_sign(&self) -> bool {
        self.entry.name.end + 1 == self.entry.raw.start
    }
}

impl Dialect {
    /// The word for it.
    pub(crate) const fn word(self) -> &'static str {
        self.row().word
    }

    /// What it makes of an entry.
    pub(crate) fn read(self, text: &[u8], entry: &Entry) -> Reading {
        (self.row().read)(&Source {
            entry,
            name: &text[entry.name.clone()],
            sign: text[entry.raw.start - 1],
            raw: &text[entry.raw.clone()],
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
            let is_value = matches!(reading, Value(_) | Varies);
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
fn trimmed(text: &[u8]) -> &[u8] {
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

fn is_end(rest: &[u8]) -> bool {
    let rest = trimmed(rest);
    rest.is_empty() || rest.starts_with(b"#")
}

/// Replaces backslashes and what stands behind them; `None` leaves both.
fn unescaped(text: &[u8], with: impl Fn(u8) -> Option<Vec<u8>>) -> Vec<u8> {
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
fn control(name: u8) -> Option<Vec<u8>> {
    Some(vec![match name {
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        _ => return None,
    }])
}

/// Whether a variable, or with `commands` what a command prints, is put in.
fn is_filled(text: &[u8]) -> bool {
    let mut at = 0;
    while at < text.len() {
        match text[at] {
            b'\\' => at += 1,
            b'$' => {
                let next = text.get(at + 1);
                if next.is_some_and(|b| b.is_ascii_alphabetic() || b"_{($".contains(b)) {
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
fn before_sign(raw: &[u8]) -> &[u8] {
    let line = raw.lines().next().unwrap_or_default();
    trimmed(line.split(|&b| b == b'#').next().unwrap_or_default())
}

/// The value up to a comment that stands behind a blank.
fn before_comment(raw: &[u8]) -> &[u8] {
    let line = raw.lines().next().unwrap_or_default();
    trimmed(&line[..super::comment_at(line)])
}

/// Without the quotes around the whole, whatever stands between them.
fn stripped<'t>(text: &'t [u8], quotes: &[u8]) -> &'t [u8] {
    match text {
        [first, inner @ .., last] if first == last && quotes.contains(first) => inner,
        _ => text,
    }
}

fn node(source: &Source<'_>) -> Reading {
    let raw = trimmed(source.raw);
    let Some(&first) = raw.first() else {
        return Value(Vec::new());
    };
    let inner = match b"'\"`".contains(&first).then(|| between(raw)).flatten() {
        Some((inner, rest)) if is_end(rest) => inner,
        _ => stripped(before_sign(raw), b"'\"`"),
    };
    Value(match first {
        b'"' => unescaped(inner, |b| control(b).filter(|_| b != b't')),
        _ => inner.to_vec(),
    })
}

fn vite(source: &Source<'_>) -> Reading {
    match node(source) {
        Value(value) if is_filled(&value) => Varies,
        // What protects a sign goes.
        Value(value) => Value(value.replace(b"\\$", b"$")),
        other => other,
    }
}

fn python(source: &Source<'_>) -> Reading {
    if source.sign != b'=' {
        return Unset;
    }
    let raw = trimmed(source.raw);
    let value = match raw.first() {
        Some(b'\'' | b'"') => {
            let Some((inner, _)) = between(raw).filter(|(_, rest)| is_end(rest)) else {
                return Unset;
            };
            let single = raw[0] == b'\'';
            unescaped(inner, |b| match b {
                b'\\' | b'\'' => Some(vec![b]),
                _ if single => None,
                b'"' => Some(vec![b]),
                b'a' => Some(vec![7]),
                b'b' => Some(vec![8]),
                b'f' => Some(vec![12]),
                b'v' => Some(vec![11]),
                _ => control(b),
            })
        }
        _ => before_comment(source.raw).to_vec(),
    };
    match value.contains_str("${") {
        true => Varies,
        false => Value(value),
    }
}

fn ruby(source: &Source<'_>) -> Reading {
    if source.name.contains(&b'-') {
        return Unset;
    }
    let raw = trimmed(source.raw);
    let (inner, quote) = match raw.first() {
        Some(&quote @ (b'\'' | b'"')) => match between(raw) {
            Some((inner, rest)) if is_end(rest) => (inner, Some(quote)),
            _ => (stripped(before_sign(raw), b"'\""), Some(quote)),
        },
        _ => (before_sign(raw), None),
    };
    if quote == Some(b'\'') {
        return Value(inner.to_vec());
    }
    if is_filled(inner) {
        return Varies;
    }
    Value(unescaped(inner, |b| match (b, quote) {
        (b'n' | b'r', Some(_)) => None,
        _ => Some(vec![b]),
    }))
}

fn compose(source: &Source<'_>) -> Reading {
    let raw = trimmed(source.raw);
    let (inner, quote) = match raw.first() {
        Some(&quote @ (b'\'' | b'"')) => {
            let Some((inner, rest)) = between(raw) else {
                return Refused;
            };
            if !is_end(rest) && rest.find_byteset(b"'\"").is_some() {
                return Refused;
            }
            (inner, Some(quote))
        }
        _ => (before_comment(source.raw), None),
    };
    if quote == Some(b'\'') {
        return Value(unescaped(inner, |b| (b == b'\'').then(|| vec![b])));
    }
    let doubled = inner.replace(b"$$", b"");
    if is_filled(&doubled) {
        return Varies;
    }
    let inner = inner.replace(b"$$", b"$");
    Value(match quote {
        Some(_) => unescaped(&inner, |b| match b {
            b'\\' | b'"' | b'$' => Some(vec![b]),
            _ => control(b),
        }),
        None => inner,
    })
}

fn docker(source: &Source<'_>) -> Reading {
    let behind = source.name_ends_at_sign();
    if source.entry.export || source.sign != b'=' || !behind {
        return Refused;
    }
    Value(source.raw.lines().next().unwrap_or_default().to_vec())
}

fn django(source: &Source<'_>) -> Reading {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
    if !source.entry.tight || source.entry.indented || !source.name.iter().all(plain) {
        return Unset;
    }
    let line = source.raw.lines().next().unwrap_or_default();
    Value(match stripped(line, b"'\"") {
        inner if inner.len() == line.len() => line.to_vec(),
        inner if line.starts_with(b"'") => inner.to_vec(),
        inner => unescaped(inner, |b| match b {
            b'n' | b'r' | b't' => None,
            _ => Some(vec![b]),
        }),
    })
}

fn systemd(source: &Source<'_>) -> Reading {
    enum State {
        Before,
        Bare,
        Single,
        Double,
    }
    if source.entry.export || source.sign != b'=' || !is_identifier(source.name) {
        return Unset;
    }
    let mut value = Vec::new();
    // How much of it is no blank at the end.
    let mut kept = 0;
    let mut state = State::Before;
    let mut bytes = source.raw.iter().copied();
    while let Some(byte) = bytes.next() {
        state = match (state, byte) {
            (State::Before, b'\'') => State::Single,
            (State::Before, b'"') => State::Double,
            (State::Before, b' ' | b'\t') => State::Before,
            (State::Single, b'\'') | (State::Double, b'"') => State::Before,
            (State::Double, b'\\') => {
                match bytes.next() {
                    Some(next @ (b'"' | b'\\' | b'`' | b'$')) => value.push(next),
                    Some(b'\n') | None => {}
                    Some(next) => value.extend([b'\\', next]),
                }
                State::Double
            }
            (State::Before | State::Bare, byte) => {
                match byte {
                    b'\\' => value.extend(bytes.next()),
                    byte => value.push(byte),
                }
                if !matches!(byte, b' ' | b'\t') {
                    kept = value.len();
                }
                State::Bare
            }
            (quoted, byte) => {
                value.push(byte);
                quoted
            }
        };
    }
    match state {
        State::Single | State::Double => return Varies,
        State::Bare => value.truncate(kept),
        State::Before => {}
    }
    match value.is_empty() {
        true => Unset,
        false => Value(value),
    }
}

fn shell(source: &Source<'_>) -> Reading {
    if !source.entry.tight || !is_identifier(source.name) {
        return Unset;
    }
    let mut value = Vec::new();
    let mut bytes = source.raw.iter().copied();
    let mut quote = None;
    while let Some(byte) = bytes.next() {
        match (byte, quote) {
            (b'\'' | b'"', None) => quote = Some(byte),
            (byte, Some(open)) if byte == open => quote = None,
            (byte, Some(b'\'')) => value.push(byte),
            (b'$' | b'`', _) => return Varies,
            (b'\\', None) => value.extend(bytes.next()),
            (b'\\', Some(_)) => match bytes.next() {
                Some(next @ (b'$' | b'`' | b'"' | b'\\')) => value.push(next),
                Some(b'\n') => {}
                Some(next) => value.extend([b'\\', next]),
                None => return Refused,
            },
            (b' ' | b'\t', None) => {
                let rest: Vec<u8> = bytes.collect();
                // What follows a blank is a command, which gets the variable alone.
                return match is_end(&rest) {
                    true => Value(value),
                    false => Unset,
                };
            }
            (b';', None) => return Value(value),
            (b'|' | b'&' | b'<' | b'>' | b'(' | b')', None) => return Refused,
            (byte, _) => value.push(byte),
        }
    }
    match quote {
        Some(_) => Refused,
        None => Value(value),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Pieces, Says, entries};
    use super::*;

    fn read(text: &str, dialect: Dialect) -> Reading {
        let text = text.as_bytes();
        let entry = entries(text).next();
        dialect.read(text, &entry.expect("an entry"))
    }

    /// Of each text what most make of it, and who makes something else: as it came out of the programs.
    #[test]
    fn each_dialect_reads_as_its_program_did() {
        use Dialect::*;
        /// A text, what most dialects read there, and those that read something else.
        type Row<'t> = (&'t str, Reading, &'t [(Dialect, Reading)]);
        let is = |value: &str| Value(value.as_bytes().to_vec());
        let table: &[Row<'_>] = &[
            ("A=plain\n", is("plain"), &[]),
            (
                "A = spaced value \n",
                is("spaced value"),
                &[(Docker, Refused), (Django, Unset), (Shell, Unset)],
            ),
            (
                "export A=exp\n",
                is("exp"),
                &[(Docker, Refused), (Systemd, Unset)],
            ),
            (
                "A=abc#def\n",
                is("abc#def"),
                &[(Node, is("abc")), (Vite, is("abc")), (Ruby, is("abc"))],
            ),
            (
                "A=abc #def\n",
                is("abc"),
                &[
                    (Django, is("abc #def")),
                    (Docker, is("abc #def")),
                    (Systemd, is("abc #def")),
                ],
            ),
            (
                "A='single # q' # c\n",
                is("single # q"),
                &[
                    (Django, is("'single # q' # c")),
                    (Docker, is("'single # q' # c")),
                    (Systemd, is("single # q# c")),
                ],
            ),
            (
                "A=\"line1\\nline2\"\n",
                is("line1\nline2"),
                &[
                    (Django, is("line1\\nline2")),
                    (Ruby, is("line1\\nline2")),
                    (Systemd, is("line1\\nline2")),
                    (Shell, is("line1\\nline2")),
                    (Docker, is("\"line1\\nline2\"")),
                ],
            ),
            (
                "A='line1\\nline2'\n",
                is("line1\\nline2"),
                &[(Docker, is("'line1\\nline2'"))],
            ),
            (
                "A=line1\\nline2\n",
                is("line1\\nline2"),
                &[
                    (Ruby, is("line1nline2")),
                    (Systemd, is("line1nline2")),
                    (Shell, is("line1nline2")),
                ],
            ),
            (
                "A=\"l1\nl2\"\nB=after\n",
                is("l1\nl2"),
                &[(Django, is("\"l1")), (Docker, is("\"l1"))],
            ),
            (
                "A=\"esc \\\" q\"\n",
                is("esc \" q"),
                &[
                    (Node, is("esc \\\" q")),
                    (Vite, is("esc \\\" q")),
                    (Docker, is("\"esc \\\" q\"")),
                ],
            ),
            (
                "A=pa$$word\n",
                is("pa$$word"),
                &[
                    (Vite, Varies),
                    (Ruby, Varies),
                    (Shell, Varies),
                    (Compose, is("pa$word")),
                ],
            ),
            (
                "A=x$HOSTV\n",
                is("x$HOSTV"),
                &[
                    (Vite, Varies),
                    (Ruby, Varies),
                    (Shell, Varies),
                    (Compose, Varies),
                ],
            ),
            (
                "A='x${HOSTV}'\n",
                is("x${HOSTV}"),
                &[
                    (Vite, Varies),
                    (Python, Varies),
                    (Docker, is("'x${HOSTV}'")),
                ],
            ),
            (
                "A=\"a\\$b\"\n",
                is("a$b"),
                &[
                    (Node, is("a\\$b")),
                    (Python, is("a\\$b")),
                    (Docker, is("\"a\\$b\"")),
                ],
            ),
            ("A=\n", is(""), &[(Systemd, Unset)]),
            ("A=a b c\n", is("a b c"), &[(Shell, Unset)]),
            ("A=crlf\r\nB=two\r\n", is("crlf"), &[]),
            (
                "A.B-C=dots\n",
                is("dots"),
                &[
                    (Django, Unset),
                    (Ruby, Unset),
                    (Systemd, Unset),
                    (Shell, Unset),
                ],
            ),
            (
                "1A=digit\n",
                is("digit"),
                &[(Systemd, Unset), (Shell, Unset)],
            ),
            ("  A=indented\n", is("indented"), &[(Django, Unset)]),
            (
                "A=$(echo hi)\n",
                is("$(echo hi)"),
                &[
                    (Vite, Varies),
                    (Ruby, Varies),
                    (Shell, Varies),
                    (Compose, Varies),
                ],
            ),
            (
                "A=\"a\"b\n",
                is("\"a\"b"),
                &[
                    (Compose, is("a")),
                    (Python, Unset),
                    (Systemd, is("ab")),
                    (Shell, is("ab")),
                ],
            ),
            (
                "A=C:\\path\\new\n",
                is("C:\\path\\new"),
                &[
                    (Ruby, is("C:pathnew")),
                    (Systemd, is("C:pathnew")),
                    (Shell, is("C:pathnew")),
                ],
            ),
            (
                "A=\"tab\\tx\"\n",
                is("tab\\tx"),
                &[
                    (Python, is("tab\tx")),
                    (Compose, is("tab\tx")),
                    (Ruby, is("tabtx")),
                    (Docker, is("\"tab\\tx\"")),
                ],
            ),
            ("A=x=y==\n", is("x=y=="), &[]),
            (
                "A='it''s'\n",
                is("it''s"),
                &[
                    (Compose, Refused),
                    (Python, Unset),
                    (Systemd, is("its")),
                    (Shell, is("its")),
                    (Docker, is("'it''s'")),
                ],
            ),
            (
                "A=\"x\" \"y\"\n",
                is("x\" \"y"),
                &[
                    (Compose, Refused),
                    (Python, Unset),
                    (Shell, Unset),
                    (Systemd, is("xy")),
                    (Docker, is("\"x\" \"y\"")),
                ],
            ),
            ("A=val;\n", is("val;"), &[(Shell, is("val"))]),
            (
                "A=\"\"\n",
                is(""),
                &[(Docker, is("\"\"")), (Systemd, Unset)],
            ),
            ("A==x\n", is("=x"), &[]),
            (
                "A: yaml\n",
                is("yaml"),
                &[
                    (Python, Unset),
                    (Django, Unset),
                    (Systemd, Unset),
                    (Shell, Unset),
                    (Docker, Refused),
                ],
            ),
        ];
        for (text, most, others) in table {
            for &dialect in Dialect::ALL {
                let other = others.iter().find(|(other, _)| *other == dialect);
                let expected = other.map_or(most, |(_, reading)| reading);
                assert_eq!(read(text, dialect), *expected, "{dialect:?} {text:?}");
            }
        }
    }

    #[test]
    fn no_text_stops_a_reader() {
        let mut random = crate::lab::Random::new(9);
        for _ in 0..3000 {
            let text = format!("A={}", random.text(b"ab'\"`\\# \t$({=;", 14));
            for &dialect in Dialect::ALL {
                read(&text, dialect);
            }
        }
    }

    #[test]
    fn what_is_read_alike_needs_nobody_to_say_how() {
        let agreed = |text: &str| {
            let pieces = Pieces::of(text.as_bytes()).next().expect("a line");
            match pieces.says {
                Says::Entry(entry) => Agreement::of(text.as_bytes(), &entry),
                _ => panic!("{text}"),
            }
        };
        for text in ["A=b", "A='b c' # d", "export A=\"b\"", "A = b"] {
            assert!(matches!(agreed(text), Agreement::On(_)), "{text}");
        }
        for text in ["A=b#c", "A=\"b\\nc\"", "A=b$C", "A=b\\c"] {
            assert!(matches!(agreed(text), Agreement::Not(_)), "{text}");
        }
    }
}
