//! The parts of words: quotes, variables and substitutions.

use std::rc::Rc;

use super::super::script::{DEEPEST, Part, Script, Variable, Word};
use super::{Reader, read};

impl Reader {
    /// Whether there may be a level below this one; that there is none to be read is remembered.
    fn may_go_deeper(&mut self) -> bool {
        let may = self.depth < DEEPEST;
        self.is_too_deep |= !may;
        may
    }

    /// A script within this one, of which the sign that opens it is read.
    pub(super) fn nested(&mut self) -> Rc<Script> {
        if !self.may_go_deeper() {
            return Rc::default();
        }
        let mut inner = Self::at(Rc::clone(&self.chars), self.at, self.depth + 1);
        inner.run(true);
        self.at = inner.at;
        self.is_too_deep |= inner.is_too_deep;
        Rc::new(inner.finished())
    }

    /// A script of its own within this one.
    pub(super) fn unfolded(&mut self, text: &str) -> Rc<Script> {
        if !self.may_go_deeper() {
            return Rc::default();
        }
        let script = read(text, self.depth + 1);
        self.is_too_deep |= script.is_too_deep;
        Rc::new(script)
    }

    /// A text in which substitutions count, and quotes only if it stands in none.
    pub(super) fn expanded(&mut self, text: &str, in_quotes: bool) -> Word {
        if !self.may_go_deeper() {
            return Word::default();
        }
        let mut inner = Self::of(text, self.depth + 1);
        if in_quotes {
            inner.quoted_to(None);
        } else {
            while let Some(c) = inner.peek(0) {
                inner.at += 1;
                inner.character(c);
            }
        }
        self.is_too_deep |= inner.is_too_deep;
        inner.word
    }

    /// A character of a word.
    pub(super) fn character(&mut self, c: char) {
        match c {
            '\\' => match self.peek(0) {
                Some('\n') => self.at += 1,
                Some(next) => {
                    self.at += 1;
                    self.push_quoted(next);
                }
                None => {}
            },
            '\'' => {
                let text = self.until('\'');
                self.word.0.push(Part::Quoted(text));
            }
            '"' => self.quoted_to(Some('"')),
            '`' => {
                let script = self.backticks();
                self.push_output(script, false);
            }
            '$' if self.peek(0) == Some('\'') => {
                self.at += 1;
                let text = self.ansi();
                self.word.0.push(Part::Quoted(text));
            }
            '$' if self.peek(0) == Some('"') => {}
            '$' => self.dollar(false),
            c => self.push_plain(c),
        }
    }

    pub(super) fn in_word(&self) -> bool {
        !self.word.0.is_empty()
    }

    pub(super) fn push_plain(&mut self, c: char) {
        match self.word.0.last_mut() {
            Some(Part::Plain(text)) => text.push(c),
            _ => self.word.0.push(Part::Plain(c.into())),
        }
    }

    fn push_quoted(&mut self, c: char) {
        match self.word.0.last_mut() {
            Some(Part::Quoted(text)) => text.push(c),
            _ => self.word.0.push(Part::Quoted(c.into())),
        }
    }

    fn push_output(&mut self, script: Rc<Script>, quoted: bool) {
        self.word.0.push(Part::Output { script, quoted });
    }

    pub(super) fn until(&mut self, end: char) -> String {
        let mut text = String::new();
        while let Some(c) = self.peek(0) {
            self.at += 1;
            if c == end {
                break;
            }
            text.push(c);
        }
        text
    }

    /// What stands between `$'` and `'`.
    fn ansi(&mut self) -> String {
        let mut text = String::new();
        while let Some(c) = self.peek(0) {
            self.at += 1;
            match c {
                '\'' => break,
                '\\' => {
                    let Some(escape) = self.peek(0) else {
                        break;
                    };
                    self.at += 1;
                    text.push(match escape {
                        'n' => '\n',
                        't' => '\t',
                        'r' => '\r',
                        'e' | 'E' => '\u{1b}',
                        'x' => self.number(16, 2, 0),
                        'u' => self.number(16, 4, 0),
                        digit @ '0'..='7' => self.number(8, 2, digit.to_digit(8).unwrap_or(0)),
                        other => other,
                    });
                }
                c => text.push(c),
            }
        }
        text
    }

    fn number(&mut self, radix: u32, most: usize, start: u32) -> char {
        let mut number = start;
        for _ in 0..most {
            let Some(digit) = self.peek(0).and_then(|c| c.to_digit(radix)) else {
                break;
            };
            self.at += 1;
            number = number * radix + digit;
        }
        char::from_u32(number).unwrap_or('\u{fffd}')
    }

    /// What stands in double quotes, or to the end.
    fn quoted_to(&mut self, end: Option<char>) {
        self.word.0.push(Part::Quoted(String::new()));
        while let Some(c) = self.peek(0) {
            self.at += 1;
            match c {
                c if Some(c) == end => break,
                '\\' => {
                    match self.peek(0) {
                        Some('\n') => {}
                        Some(next @ ('"' | '\\' | '$' | '`')) => self.push_quoted(next),
                        Some(next) => {
                            self.push_quoted('\\');
                            self.push_quoted(next);
                        }
                        None => {}
                    }
                    self.at += 1;
                }
                '`' => {
                    let script = self.backticks();
                    self.push_output(script, true);
                }
                '$' => self.dollar(true),
                c => self.push_quoted(c),
            }
        }
    }

    /// What stands behind a `$`.
    fn dollar(&mut self, quoted: bool) {
        let name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        match self.peek(0) {
            Some('(') if self.peek(1) == Some('(') => {
                self.at += 2;
                let text = self.balanced('(', ')', true);
                // The second one.
                if self.peek(0) == Some(')') {
                    self.at += 1;
                }
                let inner = self.expanded(&text, true);
                self.word.0.extend(inner.0);
            }
            Some('(') => {
                self.at += 1;
                let script = self.nested();
                self.push_output(script, quoted);
            }
            Some('{') => {
                self.at += 1;
                let inner = self.balanced('{', '}', quoted);
                let variable = self.braced(&inner, quoted);
                self.word.0.push(Part::Variable(variable));
            }
            Some(c) if name(c) || "@*#?!-$".contains(c) => {
                let mut found = String::new();
                if name(c) && !c.is_ascii_digit() {
                    while let Some(c) = self.peek(0).filter(|c| name(*c)) {
                        self.at += 1;
                        found.push(c);
                    }
                } else {
                    self.at += 1;
                    found.push(c);
                }
                // `$env:NAME` of PowerShell.
                if found.eq_ignore_ascii_case("env") && self.peek(0) == Some(':') {
                    self.at += 1;
                    found.clear();
                    while let Some(c) = self.peek(0).filter(|c| name(*c)) {
                        self.at += 1;
                        found.push(c);
                    }
                }
                self.word.0.push(Part::Variable(Variable {
                    quoted: quoted && found != "@",
                    name: found,
                    shows: true,
                    ..Variable::default()
                }));
            }
            _ => self.push_quoted('$'),
        }
    }

    /// What stands between `${` and `}`.
    fn braced(&mut self, inner: &str, quoted: bool) -> Variable {
        let body = inner.trim_start_matches(['!', '#']);
        let end = body
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .unwrap_or(body.len());
        let (name, rest) = match (end, body.chars().next()) {
            (0, Some('@' | '*')) => body.split_at(1),
            _ => body.split_at(end),
        };
        // `a[@]`, `a[0]`.
        let (index, rest) = match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((index, rest)) => (index, rest),
            None => ("", rest),
        };
        let signs = |c: char| ":-+=?#%/^,".contains(c);
        let end = rest.find(|c: char| !signs(c)).unwrap_or(rest.len());
        let (sign, operand) = match rest {
            // The sign of an option may stand behind `:-`.
            _ if rest.starts_with(':') && end > 2 => rest.split_at(2),
            _ if rest.starts_with(['-', '+', '=', '?']) && end > 1 => rest.split_at(1),
            _ => rest.split_at(end),
        };
        let is_told = sign.trim_start_matches(':').starts_with('+');
        Variable {
            quoted: quoted && index != "@" && name != "@",
            shows: !inner.starts_with('#') && !is_told,
            points: inner.starts_with('!'),
            name: name.to_owned(),
            sign: sign.to_owned(),
            operand: match operand.is_empty() {
                true => Word::default(),
                false => self.expanded(operand, quoted),
            },
        }
    }

    /// The script between two backticks, in which a backslash keeps one.
    fn backticks(&mut self) -> Rc<Script> {
        let mut text = String::new();
        while let Some(c) = self.peek(0) {
            self.at += 1;
            match c {
                '`' => break,
                '\\' if matches!(self.peek(0), Some('`' | '\\' | '$')) => {
                    text.extend(self.peek(0));
                    self.at += 1;
                }
                c => text.push(c),
            }
        }
        self.unfolded(&text)
    }

    /// What stands up to the sign that closes this one, quotes and all.
    fn balanced(&mut self, open: char, close: char, in_quotes: bool) -> String {
        let mut text = String::new();
        let mut depth = 0_usize;
        let mut quote = None;
        while let Some(c) = self.peek(0) {
            self.at += 1;
            match (quote, c) {
                (Some('\''), '\'') => quote = None,
                (Some('\''), _) => {}
                (_, '\\') => {
                    text.push(c);
                    text.extend(self.peek(0));
                    self.at += 1;
                    continue;
                }
                (Some('"'), '"') => quote = None,
                (None, '"') => quote = Some(c),
                (None, '\'') if !in_quotes => quote = Some(c),
                (None, c) if c == open => depth += 1,
                (None, c) if c == close => match depth {
                    0 => break,
                    _ => depth -= 1,
                },
                _ => {}
            }
            text.push(c);
        }
        text
    }
}
