//! The words of a shell script, as a shell reads them: quotes, substitutions, here-documents, and the
//! commands between `;`, `&&`, `|` and their kin.
//!
//! It reads what POSIX shells, bash and zsh have in common. What they would refuse is read to its end as
//! well as may be: nothing is run here.

use std::mem;

use crate::words::name::is_identifier;

/// A part of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Characters without quotes.
    Plain(String),
    /// Characters in quotes.
    Quoted(String),
    /// A variable.
    Variable {
        name: String,
        quoted: bool,
        /// Whether its value is what comes of it, and not its length or whether it is set.
        shows: bool,
    },
    /// The output of a script.
    Output(String),
}

/// A word, as parts that stand right behind each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Word(pub(super) Vec<Part>);

impl Word {
    /// The scripts of which it has the output.
    pub(super) fn scripts(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Output(script) => Some(script.as_str()),
            _ => None,
        })
    }

    /// Its characters, if they are all that it has and none is quoted.
    fn bare(&self) -> Option<&str> {
        match self.0.as_slice() {
            [Part::Plain(text)] => Some(text),
            _ => None,
        }
    }
}

/// A command with what stands around it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Simple {
    /// `NAME=VALUE` before the command.
    pub(super) assigned: Vec<(String, Word)>,
    /// The command and its arguments.
    pub(super) words: Vec<Word>,
    /// Each sign of redirection with its file.
    pub(super) redirected: Vec<(String, Word)>,
    /// What stands on standard input, if the script says it.
    pub(super) input: Option<Word>,
    /// Whether another command reads what it writes.
    pub(super) is_piped: bool,
}

impl Simple {
    fn is_empty(&self) -> bool {
        self.words.is_empty() && self.assigned.is_empty() && self.redirected.is_empty()
    }
}

/// The words that open a command and are none.
const RESERVED: &[&str] = &[
    "!", "{", "}", "if", "then", "else", "elif", "fi", "do", "done", "while", "until", "esac",
    "time",
];

/// The commands of a script, in their order.
pub(super) fn read(script: &str) -> Vec<Simple> {
    let mut reader = Reader::of(script);
    reader.run();
    reader.done
}

/// A here-document whose text is still to come: the end of it, and where it belongs.
struct Waiting {
    end: String,
    tabs: bool,
    raw: bool,
    /// The number of the command, of those that are done.
    command: usize,
}

struct Reader {
    chars: Vec<char>,
    at: usize,
    done: Vec<Simple>,
    simple: Simple,
    word: Word,
    /// The sign for which the next word is a file.
    redirects: Option<String>,
    waiting: Vec<Waiting>,
}

impl Reader {
    fn of(text: &str) -> Self {
        Self {
            chars: text.chars().collect(),
            at: 0,
            done: Vec::new(),
            simple: Simple::default(),
            word: Word::default(),
            redirects: None,
            waiting: Vec::new(),
        }
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn run(&mut self) {
        while let Some(c) = self.peek(0) {
            self.at += 1;
            match c {
                ' ' | '\t' | '\r' => self.end_word(),
                '\n' => {
                    self.end_command(false);
                    self.take_documents();
                }
                '#' if !self.in_word() => {
                    while self.peek(0).is_some_and(|c| c != '\n') {
                        self.at += 1;
                    }
                }
                ';' | ')' => self.end_command(false),
                '(' => self.open(),
                '&' if self.peek(0) == Some('>') => {
                    self.end_word();
                    self.redirect('&');
                }
                '&' if self
                    .redirects
                    .as_deref()
                    .is_some_and(|sign| sign.ends_with(['>', '<'])) =>
                {
                    // `2>&1` names no file.
                    self.redirects = Some("&".to_owned());
                }
                '&' => {
                    if self.peek(0) == Some('&') {
                        self.at += 1;
                    }
                    self.end_command(false);
                }
                '|' => {
                    let is_or = self.peek(0) == Some('|');
                    if matches!(self.peek(0), Some('|' | '&')) {
                        self.at += 1;
                    }
                    self.end_command(!is_or);
                }
                '<' | '>' if self.peek(0) == Some('(') => {
                    self.at += 1;
                    let script = self.balanced(')');
                    self.push(Part::Output(script));
                }
                '<' | '>' => self.redirect(c),
                _ => self.character(c),
            }
        }
        self.end_command(false);
        self.take_documents();
    }

    /// A character of a word.
    fn character(&mut self, c: char) {
        match c {
            '\\' => match self.peek(0) {
                Some('\n') => self.at += 1,
                Some(next) => {
                    self.at += 1;
                    self.push(Part::Quoted(next.into()));
                }
                None => {}
            },
            '\'' => {
                let text = self.until('\'');
                self.push(Part::Quoted(text));
            }
            '"' => self.double_quoted(),
            '`' => {
                let script = self.backticks();
                self.push(Part::Output(script));
            }
            '$' if self.peek(0) == Some('\'') => {
                self.at += 1;
                let text = self.ansi();
                self.push(Part::Quoted(text));
            }
            '$' if self.peek(0) == Some('"') => {}
            '$' => {
                let part = self.dollar(false);
                self.push(part);
            }
            c => self.push_plain(c),
        }
    }

    fn in_word(&self) -> bool {
        !self.word.0.is_empty()
    }

    fn push(&mut self, part: Part) {
        self.word.0.push(part);
    }

    fn push_plain(&mut self, c: char) {
        match self.word.0.last_mut() {
            Some(Part::Plain(text)) => text.push(c),
            _ => self.word.0.push(Part::Plain(c.into())),
        }
    }

    fn until(&mut self, end: char) -> String {
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

    fn double_quoted(&mut self) {
        let mut text = String::new();
        self.push(Part::Quoted(String::new()));
        while let Some(c) = self.peek(0) {
            self.at += 1;
            let part = match c {
                '"' => break,
                '\\' => {
                    match self.peek(0) {
                        Some('\n') => {}
                        Some(next @ ('"' | '\\' | '$' | '`')) => text.push(next),
                        Some(next) => text.extend(['\\', next]),
                        None => {}
                    }
                    self.at += 1;
                    continue;
                }
                '`' => Part::Output(self.backticks()),
                '$' => self.dollar(true),
                c => {
                    text.push(c);
                    continue;
                }
            };
            match part {
                Part::Quoted(more) => text.push_str(&more),
                part => {
                    self.push(Part::Quoted(mem::take(&mut text)));
                    self.push(part);
                }
            }
        }
        self.push(Part::Quoted(text));
    }

    /// What stands behind a `$`.
    fn dollar(&mut self, quoted: bool) -> Part {
        let name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        match self.peek(0) {
            Some('(') if self.peek(1) == Some('(') => {
                self.at += 2;
                let text = self.balanced(')');
                // The second one.
                if self.peek(0) == Some(')') {
                    self.at += 1;
                }
                Part::Quoted(text)
            }
            Some('(') => {
                self.at += 1;
                Part::Output(self.balanced(')'))
            }
            Some('{') => {
                self.at += 1;
                braced(&self.balanced('}'), quoted)
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
                Part::Variable {
                    name: found,
                    quoted,
                    shows: true,
                }
            }
            _ => Part::Quoted("$".to_owned()),
        }
    }

    /// The script between two backticks, in which a backslash keeps one.
    fn backticks(&mut self) -> String {
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
        text
    }

    /// What stands up to the bracket that closes this one, quotes and all.
    fn balanced(&mut self, close: char) -> String {
        let open = if close == ')' { '(' } else { '{' };
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
                (None, '\'' | '"') => quote = Some(c),
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

    /// A `(`: of a function behind its name, or of commands in a shell of their own.
    fn open(&mut self) {
        let is_name = self.in_word() || self.simple.words.len() == 1;
        let mut ahead = 0;
        while self.peek(ahead).is_some_and(|c| c == ' ') {
            ahead += 1;
        }
        self.end_word();
        if is_name && self.peek(ahead) == Some(')') && self.simple.words.len() == 1 {
            self.at += ahead + 1;
            self.simple = Simple::default();
            return;
        }
        self.end_command(false);
    }

    /// A sign of redirection, of which the first character is read.
    fn redirect(&mut self, first: char) {
        let digits = |word: &Word| {
            word.bare()
                .is_some_and(|text| text.bytes().all(|b| b.is_ascii_digit()))
        };
        // `2>` is no word.
        if self.in_word() && digits(&self.word) {
            self.word = Word::default();
        }
        self.end_word();
        let mut sign = String::from(first);
        while let Some(c) = self.peek(0).filter(|c| "<>|-".contains(*c)) {
            if c == '-' && sign != "<<" {
                break;
            }
            self.at += 1;
            sign.push(c);
        }
        if self.peek(0) == Some('&') {
            self.at += 1;
            sign = "&".to_owned();
        }
        self.redirects = Some(sign);
    }

    fn end_word(&mut self) {
        if !self.in_word() {
            return;
        }
        let word = mem::take(&mut self.word);
        match self.redirects.take() {
            Some(sign) if sign == "<<" || sign == "<<-" => {
                let raw = word.0.iter().any(|part| matches!(part, Part::Quoted(_)));
                let end = word.0.iter().map(|part| match part {
                    Part::Plain(text) | Part::Quoted(text) => text.as_str(),
                    _ => "",
                });
                self.waiting.push(Waiting {
                    end: end.collect(),
                    tabs: sign.ends_with('-'),
                    raw,
                    command: self.done.len(),
                });
            }
            Some(sign) if sign == "<<<" => self.simple.input = Some(word),
            Some(sign) => self.simple.redirected.push((sign, word)),
            None => self.add(word),
        }
    }

    fn add(&mut self, word: Word) {
        if self.simple.words.is_empty() {
            if word.bare().is_some_and(|text| RESERVED.contains(&text)) {
                return;
            }
            if let Some(assigned) = assignment(&word) {
                self.simple.assigned.push(assigned);
                return;
            }
        }
        self.simple.words.push(word);
    }

    fn end_command(&mut self, is_piped: bool) {
        self.end_word();
        self.redirects = None;
        let simple = mem::take(&mut self.simple);
        let waits = self
            .waiting
            .last()
            .is_some_and(|it| it.command == self.done.len());
        if !simple.is_empty() || waits {
            self.done.push(Simple { is_piped, ..simple });
        }
    }

    /// The texts of the here-documents whose lines start here.
    fn take_documents(&mut self) {
        for waiting in mem::take(&mut self.waiting) {
            let mut text = String::new();
            while self.at < self.chars.len() {
                let line = self.until('\n');
                let own = match waiting.tabs {
                    true => line.trim_start_matches('\t'),
                    false => &line,
                };
                if own.trim_end_matches('\r') == waiting.end {
                    break;
                }
                text.push_str(own);
                text.push('\n');
            }
            let word = match waiting.raw {
                true => Word(vec![Part::Quoted(text)]),
                false => expanded(&text),
            };
            if let Some(simple) = self.done.get_mut(waiting.command) {
                simple.input = Some(word);
            }
        }
    }
}

/// A text in which substitutions count and quotes do not.
fn expanded(text: &str) -> Word {
    let mut reader = Reader::of(&text.replace('"', "\\\""));
    reader.double_quoted();
    reader.word
}

/// What stands between `${` and `}`.
fn braced(inner: &str, quoted: bool) -> Part {
    let body = inner.trim_start_matches(['!', '#']);
    let end = body
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .unwrap_or(body.len());
    let (name, rest) = body.split_at(end);
    let is_told = rest.trim_start_matches(':').starts_with('+');
    Part::Variable {
        name: name.to_owned(),
        quoted,
        shows: !inner.starts_with('#') && !is_told,
    }
}

/// A word that assigns, as the name and the value.
fn assignment(word: &Word) -> Option<(String, Word)> {
    let Some(Part::Plain(first)) = word.0.first() else {
        return None;
    };
    let (name, value) = first.split_once('=')?;
    let name = name.strip_suffix('+').unwrap_or(name);
    if !is_identifier(name.as_bytes()) {
        return None;
    }
    let mut parts = vec![Part::Plain(value.to_owned())];
    parts.extend(word.0[1..].iter().cloned());
    Some((name.to_owned(), Word(parts)))
}
