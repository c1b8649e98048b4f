//! The literals that an expression may come to: what a constructor or a decoder wraps, the items of a list,
//! the default of a lookup, the last choice of several, what a block gives as its value.
//!
//! It reads any language by the signs that they share: quotes, brackets, commas, and what joins names
//! to values. From one name it reads at most [`REACH`] bytes and [`TOKENS`] tokens, whatever the text holds.

use std::ops::Range;

use super::name::{holds_value, is_getter, is_plural, may_be_item};
use super::which::{names_things, says_which};
use super::{Stretch, blanks, starts_with, string};
use crate::words::name::{ends_in_id, pieces, reading};
use crate::words::{is_one_of, role};

/// A bound: how far an expression is read. A list of fifty tokens has so many bytes.
const REACH: usize = 4096;

/// A bound: how many words, strings and signs of an expression are read. A list of a hundred items has so many.
const TOKENS: usize = 256;

/// A bound: how many brackets may be open. Code that hides a value deeper computes it.
const DEEPEST: usize = 5;

/// A bound: the longest name of a function or a type.
const LONGEST_WORD: usize = 64;

/// Which literals count within a pair of brackets.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Frame {
    /// Each item of a list. What lists it holds are of something else: the rules of a lexer, not its tokens.
    Items,
    /// Each argument of what makes a value of it.
    All,
    /// All but the first, which names what is looked up.
    Further,
    /// The first alone.
    First,
    /// What a name says to be the value alone.
    Named,
}

/// Where an expression starts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    /// Behind a sign.
    Sign,
    /// Behind the bracket of a call.
    Call,
    /// The same, of a function whose first argument says whose secret the others are.
    Pair,
    /// At an argument of a call or an item of a list.
    Argument,
    /// At the bracket of a block.
    Block,
    /// Behind an operand: what is taken if that is missing may follow.
    Operand,
}

/// A literal of an expression.
pub(super) struct Literal {
    /// What stands between its quotes.
    pub(super) text: Range<usize>,
    /// Whether it stands in brackets: it may be one of several.
    pub(super) item: bool,
}

/// Gives the literals that the expression at `at` may come to.
///
/// Where the `name` is one of several things, the entries of a block are such things.
pub(super) fn each(
    bytes: &[u8],
    name: &[u8],
    at: usize,
    start: Start,
    found: &mut dyn FnMut(Literal),
) {
    let mut reader = Reader {
        bytes: &bytes[..bytes.len().min(at + REACH)],
        at,
        frames: [Frame::Named; DEEPEST],
        depth: 0,
        wanted: true,
        operand: false,
        choice: false,
        compared: start == Start::Sign && {
            let before = bytes[..at].trim_ascii_end();
            before.ends_with(b"==") || before.ends_with(b"!=")
        },
        plural: is_plural(name),
        start,
    };
    match start {
        Start::Sign => {}
        Start::Call => reader.open(Frame::All).unwrap_or_default(),
        Start::Pair => reader.open(Frame::Further).unwrap_or_default(),
        Start::Argument => reader.open(Frame::First).unwrap_or_default(),
        Start::Block => {
            reader.at += 1;
            reader.open(Frame::Named).unwrap_or_default();
        }
        Start::Operand => reader.ends_operand(),
    }
    for _ in 0..TOKENS {
        if reader.step(found).is_none() {
            break;
        }
    }
}

/// Whether a string may start where an expression at `at` is read. `unquoted` is a stretch in which none does, as was
/// seen before.
pub(super) fn has_string(bytes: &[u8], at: usize, unquoted: &Stretch) -> bool {
    let end = bytes.len().min(at + REACH);
    let fresh = unquoted.fresh(at, end);
    // Any quote has one of these: see `string::opens`, and `q` of Perl.
    let may_open = |b: &u8| matches!(b, b'"' | b'\'' | b'`' | b'&' | b'[' | b'q');
    let found = bytes[fresh..end].iter().any(may_open);
    if !found {
        unquoted.note(at..end);
    }
    found
}

struct Reader<'t> {
    bytes: &'t [u8],
    at: usize,
    /// The brackets that are open.
    frames: [Frame; DEEPEST],
    depth: usize,
    /// Whether a literal that follows counts.
    wanted: bool,
    /// Whether an operand has ended, so that an operator may follow.
    operand: bool,
    /// Whether it is the choice of `a ? b : c`.
    choice: bool,
    /// Whether it is compared with a name: `if token == "x":`.
    compared: bool,
    /// Whether the name of the expression is that of several things.
    plural: bool,
    /// Where the expression starts.
    start: Start,
}

impl Reader<'_> {
    /// Reads a token. `None` where the expression ends.
    fn step(&mut self, found: &mut dyn FnMut(Literal)) -> Option<()> {
        self.at += blanks(self.bytes, self.at);
        let byte = *self.bytes.get(self.at)?;
        if string::opens(self.bytes, self.at) {
            return self.literal(found);
        }
        match byte {
            b'\n' | b'\r' => return self.line_end(),
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => return self.word(found),
            b'0'..=b'9' => self.skip(|b| b.is_ascii_alphanumeric() || *b == b'_' || *b == b'.'),
            b'(' | b'[' | b'{' => return self.bracket(byte),
            b')' | b']' | b'}' => {
                self.depth = self.depth.checked_sub(1)?;
                self.at += 1;
            }
            b',' | b';' => {
                self.at += 1;
                return self.next_item();
            }
            // What is called on what a call gives is given other things: `header("authorization", x).header("id", "y")`.
            b'.' if self.operand && self.depth == 0 && self.start == Start::Argument => {
                return None;
            }
            b'.' if self.operand => {
                self.at += 1;
                return Some(());
            }
            b'|' if self.depth > 0 && !self.operand && self.parameters() > 0 => {
                self.at += self.parameters();
                return Some(());
            }
            b'|' | b'?' | b':' => return self.operator(),
            b'=' | b'-' if self.operand && self.arrow() => {
                // It is what the call gives: `sign("x") => "y"`.
                let of_call = matches!(self.start, Start::Call | Start::Pair | Start::Argument);
                if of_call && self.depth == 0 {
                    return None;
                }
                self.at += 2;
                self.operand = false;
                self.wanted = !matches!(self.frame(), Some(Frame::Named));
                return Some(());
            }
            // `<<"x">>`, `<string>"x"`
            b'<' if !self.operand => {
                let len = match type_arguments(&self.bytes[self.at..]) {
                    0 if starts_with(self.bytes, self.at, b"<<") => 2,
                    0 => return None,
                    len => len,
                };
                self.at += len;
                return Some(());
            }
            b'/' | b'#'
                if self.depth > 0 && (byte == b'#' || starts_with(self.bytes, self.at, b"//")) =>
            {
                self.skip(|b| *b != b'\n');
                return Some(());
            }
            b'\\' if matches!(self.bytes.get(self.at + 1), Some(b'\n' | b'\r')) => {
                self.at += 2;
                return Some(());
            }
            // What stands before a string or a type.
            b'&' | b'@' | b'$' | b'~' | b'*' | b'!' | b'-' if !self.operand => {
                self.at += 1;
                return Some(());
            }
            _ if self.depth > 0 => {
                self.at += 1;
                self.wanted = false;
                self.operand = false;
                return Some(());
            }
            _ => return None,
        }
        self.ends_operand();
        Some(())
    }

    fn skip(&mut self, part: impl Fn(&u8) -> bool) {
        let len = self.bytes[self.at..].iter().take_while(|b| part(b)).count();
        self.at += len.max(1);
    }

    fn ends_operand(&mut self) {
        self.operand = true;
        self.wanted = false;
    }

    fn frame(&self) -> Option<Frame> {
        self.depth.checked_sub(1).map(|at| self.frames[at])
    }

    fn open(&mut self, frame: Frame) -> Option<()> {
        *self.frames.get_mut(self.depth)? = frame;
        self.depth += 1;
        self.wanted = matches!(frame, Frame::All | Frame::First | Frame::Items);
        self.operand = false;
        Some(())
    }

    /// Behind a comma. `None` outside of all brackets.
    fn next_item(&mut self) -> Option<()> {
        self.wanted = matches!(self.frame()?, Frame::All | Frame::Further | Frame::Items);
        self.operand = false;
        self.choice = false;
        Some(())
    }

    fn line_end(&mut self) -> Option<()> {
        let start = self.at;
        while matches!(self.bytes.get(self.at), Some(b'\n' | b'\r')) {
            self.at += 1;
            self.at += blanks(self.bytes, self.at);
        }
        if self.depth > 0 {
            // In a block the next line is the next entry, or goes on with an operator.
            let next = *self.bytes.get(self.at)?;
            self.operand &= !(next.is_ascii_alphabetic() || b"_\"'".contains(&next));
            return Some(());
        }
        let lines = self.bytes[start..self.at]
            .iter()
            .filter(|&&b| b == b'\n')
            .count();
        let goes_on = !self.operand
            || matches!(self.bytes.get(self.at)?, b'|' | b'?' | b':' | b'.')
            || starts_with(self.bytes, self.at, b"or ");
        (lines <= 1 && goes_on).then_some(())
    }

    fn literal(&mut self, found: &mut dyn FnMut(Literal)) -> Option<()> {
        let literal = string::at(self.bytes, self.at)?;
        let behind = literal.end + blanks(self.bytes, literal.end);
        let is_key = match self.bytes.get(behind) {
            Some(b':') => {
                // `"x" :keyword`
                let next = self.bytes.get(behind + 1);
                let is_keyword = behind > literal.end && next.is_some_and(u8::is_ascii_alphabetic);
                let opens_block = self.compared && self.depth == 0;
                let is_beside = self.depth > 0 || behind == literal.end;
                !self.choice && !is_keyword && !opens_block && is_beside
            }
            Some(b'=') => self.depth > 0 && self.bytes.get(behind + 1) != Some(&b'='),
            _ => false,
        };
        if is_key {
            self.depth.checked_sub(1)?;
            self.at = behind + 1 + usize::from(self.bytes.get(behind + 1) == Some(&b'>'));
            self.names(&self.bytes[literal.text]);
            return Some(());
        }
        if self.depth == 0 && !self.wanted {
            return None;
        }
        self.at = literal.end;
        if self.wanted && !literal.text.is_empty() {
            let item = self.depth > 0;
            found(Literal {
                text: literal.text,
                item,
            });
        }
        self.ends_operand();
        // Behind a string only the other branch of a choice can follow.
        (self.depth > 0 || self.choice).then_some(())
    }

    /// Takes what follows as the value of a name within brackets.
    fn names(&mut self, name: &[u8]) {
        self.wanted = self.depth == 1 && (holds_value(name) || self.plural && may_be_item(name));
        self.operand = false;
    }

    fn word(&mut self, found: &mut dyn FnMut(Literal)) -> Option<()> {
        /// A bound: the letters before a string, `rb"`.
        const PREFIX: usize = 2;
        let start = self.at;
        let rest = &self.bytes[start..];
        let mut len = 0;
        while len < LONGEST_WORD
            && rest
                .get(len)
                .is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'$'))
            || rest.get(len..len + 2) == Some(b"::")
        {
            len += match rest[len] {
                b':' => 2,
                _ => 1,
            };
        }
        let word = &rest[..len];
        self.at += len;
        self.at += type_arguments(&self.bytes[self.at..]);
        let behind = self.at + blanks(self.bytes, self.at);
        let next = self.bytes.get(behind).copied();
        if behind == self.at && len <= PREFIX && self.raw() {
            return Some(());
        }
        if self.wanted && matches!(word, b"q" | b"qq") && self.behind_word(found) {
            return (self.depth > 0).then_some(());
        }
        match next {
            Some(b':') if word == b"lambda" => {
                self.at = behind + 1;
                return Some(());
            }
            // `vec!["x"]`
            Some(b'!')
                if matches!(self.bytes.get(self.at + 1), Some(b'(' | b'[' | b'{'))
                    && !looks_up(word) =>
            {
                self.at += 2;
                return self.open(self.if_wanted(Frame::All));
            }
            Some(b'(') if behind == self.at && len < LONGEST_WORD => {
                self.at += 1;
                return self.open(
                    if names_things(self.bytes, word, self.at) || makes_id(word) {
                        // What it makes names something: `Uuid.fromString("x")`.
                        Frame::Named
                    } else if looks_up(word) || says_which(self.bytes, word, self.at) {
                        Frame::Further
                    } else {
                        self.if_wanted(Frame::All)
                    },
                );
            }
            _ => {}
        }
        match word {
            b"new" | b"await" | b"return" => return Some(()),
            b"or" | b"else" | b"if" | b"unless" | b"and" if self.operand => {
                self.wanted = matches!(word, b"or" | b"else");
                self.operand = false;
                return Some(());
            }
            _ => {}
        }
        let is_sign = match next {
            Some(b':') => !self.choice && self.bytes.get(behind + 1) != Some(&b':'),
            Some(b'=') => !matches!(self.bytes.get(behind + 1), Some(b'=' | b'~')),
            _ => false,
        };
        if is_sign && self.depth > 0 {
            self.at = behind + 1 + usize::from(self.bytes.get(behind + 1) == Some(&b'>'));
            self.names(word);
            return Some(());
        }
        if self.depth == 0 && self.operand && self.bytes[start - 1] != b'.' {
            return None;
        }
        self.ends_operand();
        Some(())
    }

    /// Whether a string of Perl follows at once, behind the word that quotes it: `q(x)`.
    fn behind_word(&mut self, found: &mut dyn FnMut(Literal)) -> bool {
        let Some(literal) = string::behind_word(self.bytes, self.at) else {
            return false;
        };
        self.at = literal.end;
        found(Literal {
            text: literal.text,
            item: self.depth > 0,
        });
        self.ends_operand();
        true
    }

    /// Whether a string follows at once, behind the signs of a raw one: `r#"x"#`.
    fn raw(&mut self) -> bool {
        /// A bound: the signs.
        const MOST: usize = 3;
        let rest = &self.bytes[self.at..];
        let signs = rest.iter().take(MOST).take_while(|&&b| b == b'#').count();
        let quotes: &[u8] = match signs {
            0 => b"\"'`",
            _ => b"\"",
        };
        let follows = rest.get(signs).is_some_and(|b| quotes.contains(b));
        if follows {
            self.at += signs;
        }
        follows
    }

    /// What counts in brackets that open here: nothing, where no literal would.
    fn if_wanted(&self, frame: Frame) -> Frame {
        // Behind an operand a method of it is called.
        match self.wanted || self.operand {
            true => frame,
            false => Frame::Named,
        }
    }

    fn bracket(&mut self, byte: u8) -> Option<()> {
        self.at += 1;
        let inner = self.at + blanks(self.bytes, self.at);
        // The type of a list: `[]byte`, `String[]`, `[16]byte`.
        if byte == b'[' {
            let digits = self.bytes[inner..].iter().take(LONGEST_WORD);
            let close = inner
                + digits
                    .take_while(|b| b.is_ascii_digit() || **b == b'.')
                    .count();
            if self.bytes.get(close) == Some(&b']') {
                self.at = close + 1;
                return Some(());
            }
        }
        let is_nested = self.frame() == Some(Frame::Items);
        let frame = match (self.operand, byte) {
            // An index, a call of what a call gave.
            (true, b'(' | b'[') => Frame::Named,
            // Behind an operand a block of code may stand: what it gives must be a string.
            (true, _) => {
                let next = super::next_word(self.bytes, self.at);
                let is_string =
                    string::opens(self.bytes, next) || starts_with(self.bytes, next, b"return ");
                is_string.then_some(Frame::Items)?
            }
            (false, _) if is_nested => Frame::Named,
            (false, _) => self.if_wanted(Frame::Items),
        };
        self.open(frame)
    }

    /// The length of the parameters of a closure: `|_|`.
    fn parameters(&self) -> usize {
        let rest = &self.bytes[self.at + 1..];
        let inner = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b' ' | b',');
        let len = rest.iter().take(LONGEST_WORD).take_while(inner).count();
        match rest.get(len) {
            Some(b'|') if len > 0 => len + 2,
            _ => 0,
        }
    }

    /// Whether what a function gives follows behind its parameters: `() => "x"`, `() -> "x"`.
    fn arrow(&self) -> bool {
        let before = self.bytes[..self.at].trim_ascii_end();
        before.ends_with(b")") && self.bytes.get(self.at + 1) == Some(&b'>')
    }

    fn operator(&mut self) -> Option<()> {
        let rest = &self.bytes[self.at..];
        let (len, chooses) = match rest {
            // Without an operand before it, a closure without parameters.
            [b'|', b'|', ..] => (2, self.operand || self.wanted),
            [b'?', b'?' | b':', ..] => (2, true),
            // The default of a type, in CUE.
            [b'|', b' ', b'*', ..] if self.operand => (3, true),
            [b'?', b'.' | b'(' | b')' | b';', ..] => {
                self.at += 1;
                return Some(());
            }
            [b'?', ..] if self.operand => {
                self.choice = true;
                (1, true)
            }
            [b':', ..] if self.choice => {
                self.choice = false;
                (1, true)
            }
            // `:symbol`
            [b':', ..] if self.depth > 0 => (1, false),
            _ => return None,
        };
        self.at += len;
        self.operand = false;
        self.wanted = chooses;
        Some(())
    }
}

/// The length of the arguments of a type: `<string, string>`.
fn type_arguments(rest: &[u8]) -> usize {
    if rest.first() != Some(&b'<') {
        return 0;
    }
    let inner = |b: &&u8| b.is_ascii_alphanumeric() || b"_., ?&'<[]:".contains(b);
    let len = rest[1..]
        .iter()
        .take(LONGEST_WORD)
        .take_while(inner)
        .count();
    let close = rest[1 + len..]
        .iter()
        .take(2)
        .take_while(|&&b| b == b'>')
        .count();
    match close {
        0 => 0,
        _ => 1 + len + close,
    }
}

/// Whether what a function makes of its argument, or finds by it, names something: `ObjectId`, `Uuid.fromString`.
fn makes_id(function: &[u8]) -> bool {
    /// What a type is asked for by which it reads itself.
    const READS: [&[u8]; 6] = [b"from", b"new", b"of", b"parse", b"value", b"try"];
    let mut path = function
        .rsplit(|b| b".:".contains(b))
        .filter(|part| !part.is_empty());
    let last = path.next().unwrap_or_default();
    let reads = || {
        pieces(last)
            .next()
            .is_some_and(|verb| is_one_of(verb, &READS))
    };
    ends_in_id(last) || reads() && path.next().is_some_and(ends_in_id)
}

/// Whether the first argument of a function says what is looked up.
fn looks_up(function: &[u8]) -> bool {
    let last = function
        .rsplit(|b| b".:".contains(b))
        .next()
        .unwrap_or(function);
    role::READER.has_in_any_case(last)
        || is_getter(last) && reading(last).strength.is_some()
        || last.to_ascii_lowercase().starts_with(b"decr")
}
