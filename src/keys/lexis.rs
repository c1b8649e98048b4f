//! Where texts and comments stand in code, by the signs that open and close them in its language.
//!
//! It is no parser: what it can't tell for sure is found out by reading a file in two ways, of which in one no plain
//! quotes go over lines. Both have to agree on a place.

use std::collections::{HashMap, VecDeque};
use std::ops::Range;

use bstr::ByteSlice;

use crate::filetype::{Sign, Signs};

/// What a stretch of a file is, if it is no code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    /// A text, or a part of one that has code in it.
    Text,
    Comment,
    /// What stands around the code of a page.
    Markup,
}

/// A stretch of a file that is no code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) sort: Sort,
    /// All of it, with its signs.
    pub(super) span: Range<usize>,
    /// What stands between the signs of a plain text that is one piece; empty of any other.
    pub(super) inner: Range<usize>,
}

/// The texts and comments of a file, in order.
#[derive(Debug)]
pub(super) struct Lexis(Vec<Token>);

impl Lexis {
    /// Reads a file. Plain quotes go over lines only if `lines` says so.
    pub(super) fn of(text: &[u8], signs: &Signs, lines: bool) -> Self {
        let mut reader = Reader {
            text,
            signs,
            lines,
            at: 0,
            tokens: Vec::new(),
            holes: Vec::new(),
            pending: VecDeque::new(),
            ends: None,
            plain_until: 0,
            unclosed: (0, 0),
            last: 0,
        };
        reader.read();
        Self(reader.tokens)
    }

    /// The token that a place is in.
    pub(super) fn at(&self, at: usize) -> Option<&Token> {
        let behind = self.0.partition_point(|token| token.span.end <= at);
        self.0.get(behind).filter(|token| token.span.start <= at)
    }

    /// The first token that ends behind a place.
    pub(super) fn behind(&self, at: usize) -> Option<&Token> {
        self.0
            .get(self.0.partition_point(|token| token.span.end <= at))
    }

    /// The text with nothing but its code: comments are blank, texts are quotes, and lines stay lines.
    pub(super) fn code(&self, text: &[u8]) -> Vec<u8> {
        let mut code = text.to_vec();
        for token in &self.0 {
            let with = match token.sort {
                Sort::Text => b'"',
                _ => b' ',
            };
            let bytes = code[token.span.clone()].iter_mut();
            bytes.filter(|b| **b != b'\n').for_each(|b| *b = with);
        }
        code
    }
}

/// Code within a text: `"${name}"`.
struct Hole<'s> {
    sign: &'s Sign,
    /// Where the text starts that it is in.
    start: usize,
    /// How many tokens there were then.
    tokens: usize,
    /// How many brackets are open in it.
    depth: usize,
}

/// A text that starts on the next line and ends with a line of its own: `<<EOF`.
struct Document<'t> {
    word: &'t [u8],
    indented: bool,
}

/// Where lines start that are this word, as they are and without their blanks.
type Ends<'t> = [HashMap<&'t [u8], Vec<usize>>; 2];

struct Reader<'t> {
    text: &'t [u8],
    signs: &'t Signs,
    lines: bool,
    at: usize,
    tokens: Vec<Token>,
    holes: Vec<Hole<'t>>,
    pending: VecDeque<Document<'t>>,
    ends: Option<Ends<'t>>,
    /// Up to here no text has code in it: what opened as such on this line was not closed.
    plain_until: usize,
    /// The end of a line, and the signs that nothing closes up to there, a bit each.
    unclosed: (usize, u64),
    /// The last byte of code that is no blank.
    last: u8,
}

/// How a text goes on.
enum Goes {
    /// It ends there.
    To(usize),
    /// Code starts in it there.
    Into(usize),
    /// Nothing closes it.
    Nowhere,
}

impl<'t> Reader<'t> {
    fn read(&mut self) {
        if self.signs.markup.is_some() {
            self.markup();
        }
        while self.at < self.text.len() {
            self.step();
        }
        // What is open at the end is no code for sure.
        if let Some(hole) = self.holes.first() {
            let (start, tokens) = (hole.start, hole.tokens);
            self.tokens.truncate(tokens);
            self.push(Sort::Text, start..self.text.len(), 0..0);
        }
    }

    fn rest(&self) -> &'t [u8] {
        &self.text[self.at..]
    }

    fn push(&mut self, sort: Sort, span: Range<usize>, inner: Range<usize>) {
        if !span.is_empty() {
            self.tokens.push(Token { sort, span, inner });
        }
    }

    fn line_end(&self, from: usize) -> usize {
        let end = self.text[from..].find_byte(b'\n');
        end.map_or(self.text.len(), |end| from + end)
    }

    /// What stands around code, up to the next sign that opens some.
    fn markup(&mut self) {
        let Some((open, _)) = self.signs.markup else {
            return;
        };
        let start = self.at;
        let end = self.rest().find(open);
        self.at = end.map_or(self.text.len(), |end| start + end + open.len());
        self.push(Sort::Markup, start..self.at, 0..0);
    }

    fn step(&mut self) {
        let byte = self.text[self.at];
        if let Some((_, close)) = self.signs.markup
            && self.rest().starts_with(close.as_bytes())
        {
            self.markup();
            return;
        }
        if let Some(number) = self.sign() {
            self.open(number);
            return;
        }
        match byte {
            b'\n' => {
                self.at += 1;
                self.documents();
                self.leave_line();
                return;
            }
            b'\\' => {
                // What stands behind it opens nothing.
                self.last = byte;
                self.at = (self.at + 2).min(self.text.len());
                return;
            }
            b'/' if self.signs.patterns && self.is_pattern() => return,
            b'<' if !self.signs.document.is_empty() => self.document(),
            b'(' | b'[' | b'{' => self.bracket(1),
            b')' | b']' | b'}' if self.close_hole(byte) => return,
            _ => {}
        }
        if !byte.is_ascii_whitespace() {
            self.last = byte;
        }
        self.at += 1;
    }

    fn bracket(&mut self, by: usize) {
        if let Some(hole) = self.holes.last_mut() {
            hole.depth += by;
        }
    }

    /// The number of the sign that stands here.
    fn sign(&self) -> Option<usize> {
        let rest = self.rest();
        let before = self.at.checked_sub(1).map(|at| self.text[at]);
        let is_start = before.is_none_or(|b| b.is_ascii_whitespace() || b";(){}[],&|".contains(&b));
        self.signs.all.iter().position(|sign| {
            rest.starts_with(sign.open.as_bytes())
                && (!sign.word || is_start)
                && (sign.unless.is_empty() || !rest.starts_with(sign.unless.as_bytes()))
        })
    }

    /// A text or comment that a sign opens here, or a byte of code if nothing closes it.
    fn open(&mut self, number: usize) {
        let sign = &self.signs.all[number];
        let start = self.at;
        let inner = start + sign.open.len();
        let is_known = start < self.unclosed.0 && self.unclosed.1 & (1 << (number % 64)) != 0;
        let goes = match is_known {
            true => Goes::Nowhere,
            false => self.text_from(sign, inner),
        };
        match goes {
            Goes::To(end) => {
                let close = end.saturating_sub(sign.close.len());
                let is_closed = self.text[close..end] == *sign.close.as_bytes();
                let sort = match sign.comment {
                    true => Sort::Comment,
                    false => Sort::Text,
                };
                let is_short = sign.open.len() <= 2 && close >= inner;
                let is_plain = !sign.comment && is_short && is_closed;
                self.push(sort, start..end, if is_plain { inner..close } else { 0..0 });
                self.at = end;
                if !sign.comment {
                    self.last = b'"';
                }
            }
            Goes::Into(hole) => {
                let tokens = self.tokens.len();
                self.push(Sort::Text, start..hole, 0..0);
                self.holes.push(Hole {
                    sign,
                    start,
                    tokens,
                    depth: 0,
                });
                self.at = hole;
                self.last = 0;
            }
            Goes::Nowhere => {
                if start >= self.unclosed.0 {
                    self.unclosed = (self.line_end((start + 1).min(self.text.len())), 0);
                }
                self.unclosed.1 |= 1 << (number % 64);
                self.last = self.text[start];
                self.at = start + 1;
            }
        }
    }

    /// Whether a text of that sign may go over lines.
    fn has_lines(&self, sign: &Sign) -> bool {
        sign.lines && (self.lines || !matches!(sign.open, "\"" | "'"))
    }

    /// How a text goes on from a place in it.
    fn text_from(&self, sign: &Sign, from: usize) -> Goes {
        let (text_end, lines) = (self.text.len(), self.has_lines(sign));
        if sign.close.is_empty() {
            if !sign.comment {
                return Goes::To(from);
            }
            // A comment ends with its line, or with the code of its page.
            let end = self.line_end(from);
            let close = self.signs.markup.and_then(|(_, close)| {
                let close = self.text[from..end].find(close)?;
                Some(from + close)
            });
            return Goes::To(close.unwrap_or(end));
        }
        let close = sign.close.as_bytes();
        /// A bound: nobody writes code in texts that are so deep in one another.
        const DEEP: usize = 64;
        let is_near = self.holes.len() < DEEP;
        let has_holes = !sign.hole.is_empty() && from >= self.plain_until && is_near;
        let mut at = from;
        while at < text_end {
            let rest = &self.text[at..];
            if rest.starts_with(close) {
                return Goes::To(at + close.len());
            }
            if has_holes && rest.starts_with(sign.hole.as_bytes()) {
                return Goes::Into(at + sign.hole.len());
            }
            match rest[0] {
                b'\n' if !lines => return Goes::Nowhere,
                b'\\' if !sign.raw && !sign.comment => at += 2,
                _ => at += 1,
            }
        }
        match lines {
            true => Goes::To(text_end),
            false => Goes::Nowhere,
        }
    }

    /// Goes back into the text whose code ends here, if one does.
    fn close_hole(&mut self, byte: u8) -> bool {
        let Some(hole) = self.holes.last_mut() else {
            return false;
        };
        if hole.depth > 0 {
            hole.depth -= 1;
            return false;
        }
        let closes = match hole.sign.hole.ends_with('(') {
            true => b')',
            false => b'}',
        };
        if byte != closes {
            return false;
        }
        let (sign, start) = (hole.sign, self.at);
        match self.text_from(sign, start + 1) {
            Goes::To(end) => {
                self.holes.pop();
                self.push(Sort::Text, start..end, 0..0);
                self.at = end;
                self.last = b'"';
            }
            Goes::Into(next) => {
                self.push(Sort::Text, start..next, 0..0);
                self.at = next;
                self.last = 0;
            }
            Goes::Nowhere => self.forget_holes(start),
        }
        true
    }

    /// At the end of a line no code is left open in a text that ends with its line.
    fn leave_line(&mut self) {
        let is_short = |hole: &Hole| !self.has_lines(hole.sign);
        if self.holes.iter().any(is_short) {
            self.forget_holes(self.at - 1);
        }
    }

    /// Reads the first open text of a line again, in which no code is sought this time.
    fn forget_holes(&mut self, line: usize) {
        let first = self
            .holes
            .iter()
            .position(|hole| !self.has_lines(hole.sign));
        let Some(hole) = first.map(|first| self.holes.drain(first..).next()) else {
            self.at += 1;
            return;
        };
        let Some(hole) = hole else {
            return;
        };
        self.plain_until = self.line_end(line).max(self.plain_until) + 1;
        self.tokens.truncate(hole.tokens);
        self.at = hole.start;
        self.pending.clear();
    }

    /// Whether a slash opens a pattern here, and goes behind it then.
    fn is_pattern(&mut self) -> bool {
        /// A bound: no pattern is longer.
        const LONGEST: usize = 1000;
        // Behind a name or a value it divides.
        if !matches!(
            self.last,
            0 | b'('
                | b','
                | b'='
                | b':'
                | b'['
                | b'!'
                | b'&'
                | b'|'
                | b'?'
                | b'{'
                | b'}'
                | b';'
                | b'+'
                | b'~'
                | b'>'
        ) {
            return false;
        }
        let rest = &self.text[self.at + 1..];
        let mut class = false;
        let mut at = 0;
        while at < rest.len().min(LONGEST) {
            match rest[at] {
                b'\n' => return false,
                b'\\' => at += 1,
                b'[' => class = true,
                b']' => class = false,
                b'/' if !class && at > 0 => {
                    let end = self.at + at + 2;
                    self.push(Sort::Text, self.at..end, 0..0);
                    self.at = end;
                    self.last = b'"';
                    return true;
                }
                _ => {}
            }
            at += 1;
        }
        false
    }

    /// Notes a document that starts on the next line, if one is named here.
    fn document(&mut self) {
        let sign = self.signs.document.as_bytes();
        let rest = self.rest();
        if !rest.starts_with(sign) || rest[sign.len()..].starts_with(b"<") {
            // `<<<` of a shell is another thing, and no part of it opens one.
            let signs = rest.iter().take_while(|b| **b == b'<').count();
            self.at += signs.saturating_sub(1);
            return;
        }
        let rest = &rest[sign.len()..];
        let indented = rest.starts_with(b"-") || rest.starts_with(b"~") || sign.len() == 3;
        let rest =
            rest.trim_start_with(|c| matches!(c, '-' | '~' | ' ' | '\t' | '"' | '\'' | '\\'));
        let is_word = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
        let len = rest.iter().take_while(|b| is_word(b)).count();
        if len > 0 && !rest[0].is_ascii_digit() {
            let word = &rest[..len];
            self.pending.push_back(Document { word, indented });
        }
        self.at += sign.len() - 1;
    }

    /// Goes behind the documents that start on this line.
    fn documents(&mut self) {
        while let Some(document) = self.pending.pop_front() {
            let text = self.text;
            let is_php = self.signs.document.len() == 3;
            let ends = self.ends.get_or_insert_with(|| ends(text, is_php));
            let lines = ends[usize::from(document.indented)].get(document.word);
            let Some(lines) = lines else {
                continue;
            };
            let at = self.at;
            let next = lines.partition_point(|line| *line < at);
            let line = lines.get(next).copied();
            // With no such line it is none: two signs move bits, too.
            if let Some(line) = line {
                let end = match is_php {
                    // Code goes on behind the word.
                    true => {
                        let blanks = text[line..]
                            .iter()
                            .take_while(|b| matches!(b, b' ' | b'\t'));
                        line + blanks.count() + document.word.len()
                    }
                    false => self.line_end(line),
                };
                self.push(Sort::Text, self.at..end, 0..0);
                self.at = end;
                self.last = b'"';
            }
        }
    }
}

/// Where lines start that may end a document.
fn ends(text: &[u8], is_php: bool) -> Ends<'_> {
    let mut ends = Ends::default();
    let mut at = 0;
    for line in text.lines_with_terminator() {
        let whole = line.trim_end_with(|c| matches!(c, '\r' | '\n'));
        let mut bare = whole.trim();
        if is_php {
            let is_word = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
            bare = &bare[..bare.iter().take_while(|b| is_word(b)).count()];
        }
        for (of, word) in ends.iter_mut().zip([whole, bare]) {
            of.entry(word).or_default().push(at);
        }
        at += line.len();
    }
    ends
}
