//! Environment files, read without losing a byte of them and written back.
//!
//! There is no one grammar: every loader has its own. What the reader takes apart is what all of them see, a
//! name with what stands behind it; what a loader makes of that is asked of its [`Dialect`].

mod container;
mod dialect;
mod node;
mod python;
mod ruby;
mod shell;

use std::ops::Range;

use bstr::ByteSlice;

use crate::disk::{line_end, with_line};

pub(crate) use self::dialect::{Agreement, Dialect, Reading};

/// What a line of an environment file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line<'t> {
    /// A name and its value, without quotes and without the comment behind it.
    Value {
        /// The name.
        name: &'t [u8],
        /// The value; empty if there is none.
        value: &'t [u8],
    },
    /// A name alone: its value comes from the environment.
    Inherited,
    /// Something else, such as a value of several lines.
    Other,
}

/// The lines that say something: neither blank nor comments.
pub(crate) fn lines(text: &[u8]) -> impl Iterator<Item = Line<'_>> {
    Pieces::of(text).filter_map(move |piece| match piece.says {
        Says::Nothing | Says::Comment => None,
        Says::Inherited => Some(Line::Inherited),
        Says::Other => Some(Line::Other),
        Says::Entry(entry) => Some(match entry.plain(text) {
            value if value.contains(&b'\n') => Line::Other,
            value => Line::Value {
                name: &text[entry.name.clone()],
                value,
            },
        }),
    })
}

/// The names of an environment file with what they are given.
pub(crate) fn entries(text: &[u8]) -> impl Iterator<Item = Entry> {
    Pieces::of(text).filter_map(|piece| match piece.says {
        Says::Entry(entry) => Some(entry),
        _ => None,
    })
}

/// A line of an environment file, or the lines of a value in quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    /// All of it, with its end.
    pub(crate) span: Range<usize>,
    /// What it says.
    pub(crate) says: Says,
}

/// What a piece says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Says {
    /// It is blank.
    Nothing,
    /// It is a comment.
    Comment,
    /// A name and a value.
    Entry(Entry),
    /// A name alone.
    Inherited,
    /// What no loader understands, or each in its own way.
    Other,
}

/// A name and what it is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The name.
    pub(crate) name: Range<usize>,
    /// What stands behind the sign, up to the end of the line or of the quotes, without the comment behind
    /// it, and with the quotes.
    pub(crate) value: Range<usize>,
    /// The same with the blanks and the comment.
    pub(crate) raw: Range<usize>,
    /// The sign in which the value stands.
    pub(crate) quote: Option<u8>,
    /// Whether it stands behind `export`.
    pub(crate) export: bool,
    /// Whether blanks stand before it.
    pub(crate) indented: bool,
    /// Whether it is as a shell has it: `=`, without blanks beside it.
    pub(crate) tight: bool,
    /// Whether a quote opens the value that nothing closes.
    pub(crate) open: bool,
}

impl Entry {
    /// The value without the quotes; empty where a comment stands in its place.
    pub(crate) fn plain<'t>(&self, text: &'t [u8]) -> &'t [u8] {
        let value = &text[self.value.clone()];
        match self.quote {
            Some(_) => value[1..value.len() - 1].trim_ascii(),
            None if value.starts_with(b"#") => b"",
            None => value,
        }
    }
}

/// The pieces of an environment file, in order: together they are all of it.
#[derive(Debug)]
pub(crate) struct Pieces<'t> {
    text: &'t [u8],
    at: usize,
    /// The signs of which none closes anything from here on.
    unclosed: Vec<u8>,
}

/// The mark of UTF-8 with which some editors start a file.
pub(crate) const MARK: &[u8] = b"\xef\xbb\xbf";

impl<'t> Pieces<'t> {
    /// The pieces of a text.
    pub(crate) fn of(text: &'t [u8]) -> Self {
        Self {
            text,
            at: 0,
            unclosed: Vec::new(),
        }
    }

    /// The pieces of a line alone, which may be the end of a comment.
    pub(crate) fn entry_in(text: &'t [u8], line: Range<usize>) -> Option<Entry> {
        let mut pieces = Self::of(&text[..line.end]);
        pieces.at = line.start;
        match pieces.next()?.says {
            Says::Entry(entry) => Some(entry),
            _ => None,
        }
    }

    /// Where the line ends that starts or goes on there: before its end, and behind it.
    fn line_end(&self, from: usize) -> (usize, usize) {
        let Some(end) = self.text[from..].find_byteset(b"\r\n") else {
            return (self.text.len(), self.text.len());
        };
        let end = from + end;
        match self.text[end..].starts_with(b"\r\n") {
            true => (end, end + 2),
            false => (end, end + 1),
        }
    }

    fn skip_blanks(&self, from: usize, end: usize) -> usize {
        let blanks = self.text[from..end].iter();
        from + blanks.take_while(|b| matches!(b, b' ' | b'\t')).count()
    }

    /// The name that stands there, and where the value starts, with its blanks.
    fn head(&self, start: usize, end: usize) -> Option<(Range<usize>, usize, bool)> {
        let is_name = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-');
        let len = self.text[start..end].iter().take_while(is_name).count();
        let name = start..start + len;
        let sign = self.skip_blanks(name.end, end);
        let behind = match self.text[sign..end] {
            [b'=', ..] => sign + 1,
            // As YAML has it, which half of the loaders take.
            [b':', b' ' | b'\t', ..] => sign + 1,
            _ => return None,
        };
        let tight = sign == name.end && self.text[sign] == b'=';
        (len > 0).then_some((name, behind, tight))
    }

    /// Where the value ends that a quote opens, behind the sign that closes it, with the end of its line;
    /// `None` if nothing closes it, or something else than a comment stands behind.
    fn quoted(&mut self, open: usize) -> Option<(usize, (usize, usize))> {
        let quote = self.text[open];
        if self.unclosed.contains(&quote) {
            return None;
        }
        let Some((inner, _)) = dialect::between(&self.text[open..]) else {
            self.unclosed.push(quote);
            return None;
        };
        let close = open + inner.len() + 2;
        let end = self.line_end(close);
        let behind = self.skip_blanks(close, end.0);
        (behind == end.0 || self.text[behind] == b'#').then_some((close, end))
    }

    fn entry(&mut self, start: usize, end: (usize, usize)) -> (Says, usize) {
        let export = self.text[start..end.0].starts_with(b"export ")
            || self.text[start..end.0].starts_with(b"export\t");
        let from = match export {
            true => self.skip_blanks(start + b"export".len(), end.0),
            false => start,
        };
        let Some((name, raw, tight)) = self.head(from, end.0) else {
            let rest = &self.text[from..end.0];
            let rest = rest.find(" #").map_or(rest, |comment| &rest[..comment]);
            let is_name = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
            return match rest.trim_ascii_end().iter().all(is_name) {
                true => (Says::Inherited, end.1),
                false => (Says::Other, end.1),
            };
        };
        let value = self.skip_blanks(raw, end.0);
        let opens = matches!(self.text[value..end.0].first(), Some(b'"' | b'\'' | b'`'));
        let mut entry = Entry {
            name,
            value: value..value,
            raw: raw..end.0,
            quote: None,
            export,
            indented: false,
            tight: tight && value == raw,
            open: false,
        };
        if opens && let Some((close, end)) = self.quoted(value) {
            entry.quote = Some(self.text[value]);
            entry.value.end = close;
            entry.raw.end = end.0;
            return (Says::Entry(entry), end.1);
        }
        let line = &self.text[value..end.0];
        entry.value.end = value + line[..comment_at(line)].trim_ascii_end().len();
        entry.open = opens && !line[1..].contains(&line[0]);
        (Says::Entry(entry), end.1)
    }
}

/// Where the comment of a line starts, a blank before it; its end if there is none.
fn comment_at(line: &[u8]) -> usize {
    let opens = |pair: &[u8]| matches!(pair, b" #" | b"\t#");
    line.windows(2).position(opens).unwrap_or(line.len())
}

impl Iterator for Pieces<'_> {
    type Item = Piece;

    fn next(&mut self) -> Option<Piece> {
        let from = self.at;
        if from == self.text.len() {
            return None;
        }
        let start = match from == 0 && self.text.starts_with(MARK) {
            true => MARK.len(),
            false => from,
        };
        let end = self.line_end(start);
        let first = self.skip_blanks(start, end.0);
        let (says, to) = match self.text[first..end.0].first() {
            None => (Says::Nothing, end.1),
            Some(b'#') => (Says::Comment, end.1),
            Some(_) => {
                let (mut says, to) = self.entry(first, end);
                if let Says::Entry(entry) = &mut says {
                    entry.indented = first > start;
                }
                (says, to)
            }
        };
        self.at = to;
        Some(Piece {
            span: from..to,
            says,
        })
    }
}

/// The line that gives a name this value, so that all loaders that usually read such a file agree on it; `None` if
/// there is none.
pub(crate) fn assigned(name: &str, value: &[u8]) -> Option<Vec<u8>> {
    let is_plain = |b: &u8| b.is_ascii_alphanumeric() || b"_./:=@+,-".contains(b);
    let forms: &[&[u8]] = match value.iter().all(is_plain) {
        true => &[b""],
        false => &[b"'", b"\""],
    };
    forms.iter().find_map(|sign| {
        let line = [name.as_bytes(), b"=", sign, value, sign].concat();
        let entry = Pieces::entry_in(&line, 0..line.len())?;
        let agreed = Agreement::of(&line, &entry) == Agreement::On(value.to_vec());
        let shell = Dialect::Shell.read(&line, &entry) == Reading::Value(value.to_vec());
        (entry.raw.end == line.len() && agreed && shell).then_some(line)
    })
}

/// Why a value is not written into an environment file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unwritten {
    /// Its name has another one there.
    Another,
    /// No way to write it is read alike by all loaders.
    NoForm,
}

/// The text with this value for the name, whichever of the name's entries a loader takes: some take the first, most
/// the last. Entries without a value get it; `None` if all of them have it already.
///
/// # Errors
/// When an entry has another value, or this one can't be written.
pub(crate) fn with_value(
    text: &[u8],
    name: &str,
    value: &[u8],
) -> Result<Option<Vec<u8>>, Unwritten> {
    let line = || assigned(name, value).ok_or(Unwritten::NoForm);
    let mut edits = Vec::new();
    let mut is_there = false;
    for piece in Pieces::of(text) {
        let Says::Entry(entry) = piece.says else {
            continue;
        };
        if text[entry.name.clone()] != *name.as_bytes() {
            continue;
        }
        is_there = true;
        if Agreement::of(text, &entry) == Agreement::On(value.to_vec()) {
            continue;
        }
        let plain = entry.plain(text);
        if !plain.is_empty() && plain != value {
            return Err(Unwritten::Another);
        }
        let comment = text[entry.value.start..entry.raw.end].trim_ascii();
        let mut end = entry.value.end;
        if plain.is_empty() && comment.starts_with(b"#") {
            // Behind the value some loaders would take it for a part of that.
            let start = match piece.span.start {
                0 if text.starts_with(MARK) => MARK.len(),
                start => start,
            };
            let above = [comment, line_end(text).as_bytes()].concat();
            edits.push((start..start, above));
            end = entry.raw.end;
        }
        edits.push((entry.name.start..end, line()?));
    }
    Ok(match (is_there, edits.is_empty()) {
        (true, true) => None,
        (true, false) => Some(replaced(text, &edits)),
        (false, _) => Some(with_line(text.to_vec(), &line()?)),
    })
}

/// Puts other texts in the place of some, which are in order and apart.
pub(crate) fn replaced(text: &[u8], edits: &[(Range<usize>, Vec<u8>)]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut from = 0;
    for (place, with) in edits {
        out.extend_from_slice(&text[from..place.start]);
        out.extend_from_slice(with);
        from = place.end;
    }
    out.extend_from_slice(&text[from..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_loaders_do() {
        let value = |name: &'static str, value: &'static str| Line::Value {
            name: name.as_bytes(),
            value: value.as_bytes(),
        };
        for (text, expected) in [
            ("A=b\n", vec![value("A", "b")]),
            ("\u{feff}A = b c \r\n", vec![value("A", "b c")]),
            ("export  A='b # c' # d\n", vec![value("A", "b # c")]),
            (
                "A=b # c\nB=#c\nC=d#e",
                vec![value("A", "b"), value("B", ""), value("C", "d#e")],
            ),
            ("# A=b\n\n  \n", vec![]),
            ("A=\nB=\"\"\n", vec![value("A", ""), value("B", "")]),
            ("A=b=c\n", vec![value("A", "b=c")]),
            ("A: b\nA.B-C=d", vec![value("A", "b"), value("A.B-C", "d")]),
            ("A=a\rB=b\r", vec![value("A", "a"), value("B", "b")]),
            ("PATH_1\nmore words\n", vec![Line::Inherited, Line::Other]),
            (
                "A=\"b\nmore words\" # c\nB=1\n",
                vec![Line::Other, value("B", "1")],
            ),
            ("A=\"b\nmore words\n", vec![value("A", "\"b"), Line::Other]),
            ("A='it''s'\n", vec![value("A", "'it''s'")]),
        ] {
            let read: Vec<Line> = lines(text.as_bytes()).collect();
            assert_eq!(read, expected, "{text:?}");
        }
    }

    #[test]
    fn a_value_is_written_as_all_read_it() {
        for (value, expected) in [
            ("abc-1", Some("A=abc-1")),
            ("a b", Some("A='a b'")),
            ("a'b", Some("A=\"a'b\"")),
            ("a\nb", Some("A='a\nb'")),
            ("a#b", Some("A='a#b'")),
            ("", Some("A=")),
            ("a$b'c", None),
            ("a\"'b", None),
        ] {
            let line = assigned("A", value.as_bytes());
            assert_eq!(line.as_deref(), expected.map(str::as_bytes), "{value:?}");
        }
    }

    #[test]
    fn a_value_that_is_put_in_wins_whichever_entry_is_read() {
        for (text, expected) in [
            ("", Ok(Some("K=v1#x\n"))),
            ("A=b", Ok(Some("A=b\nK=v1#x\n"))),
            ("K=\nA=b\n", Ok(Some("K=v1#x\nA=b\n"))),
            ("K='v1#x'\n", Ok(None)),
            ("K=v1#x\n", Ok(Some("K=v1#x\n"))),
            ("K='v1#x'\nK=\n", Ok(Some("K='v1#x'\nK=v1#x\n"))),
            ("K=\"\"\r\nK='v1#x'\r\n", Ok(Some("K=v1#x\r\nK='v1#x'\r\n"))),
            (
                "export K= # from a\n",
                Ok(Some("# from a\nexport K=v1#x\n")),
            ),
            ("\u{feff}K=#c\n", Ok(Some("\u{feff}#c\nK=v1#x\n"))),
            ("K='v1#x'\nK=other\n", Err(Unwritten::Another)),
            ("K=other\nK='v1#x'\n", Err(Unwritten::Another)),
        ] {
            // What is written stands in quotes, so that no loader takes a part of it for a comment.
            let quoted = |text: &str| text.replace("K=v1#x", "K='v1#x'");
            let new = with_value(text.as_bytes(), "K", b"v1#x");
            let expected = expected.map(|new| new.map(|new| quoted(new).into_bytes()));
            assert_eq!(new, expected, "{text:?}");
            if let Ok(Some(new)) = new {
                assert_eq!(with_value(&new, "K", b"v1#x"), Ok(None), "{text:?}");
            }
        }
        assert_eq!(with_value(b"", "K", b"a$b'c"), Err(Unwritten::NoForm));
    }

    #[test]
    fn the_pieces_are_all_of_any_text() {
        let mut random = crate::lab::Random::new(7);
        for _ in 0..3000 {
            let text = random.text(b"AB=:'\"`\\#\r\n\t  $x.", 24);
            let text = text.as_bytes();
            let mut at = 0;
            for piece in Pieces::of(text) {
                assert_eq!(piece.span.start, at, "{text:?}");
                assert!(piece.span.end > at, "{text:?}");
                at = piece.span.end;
                if let Says::Entry(entry) = piece.says {
                    let _ = entry.plain(text);
                    let raw = entry.raw;
                    assert!(raw.start <= entry.value.start && entry.value.end <= raw.end);
                    assert!(raw.end <= at && entry.name.end <= raw.start);
                }
            }
            assert_eq!(at, text.len());
        }
    }

    #[test]
    fn quotes_that_nothing_closes_take_no_time() {
        let text = "A=\"x\nB='\nC=`\\".repeat(200_000);
        assert!(Pieces::of(text.as_bytes()).count() > 200_000);
    }
}
