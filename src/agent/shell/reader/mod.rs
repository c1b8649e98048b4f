//! A shell script as a shell reads it: quotes, substitutions, here-documents, groups and loops, and the
//! commands between `;`, `&&`, `|` and their kin.
//!
//! It reads what POSIX shells, bash and zsh have in common. What they would refuse is read to its end as
//! well as may be: nothing is run here. Each character is read once, and once more for each level of what
//! has to be unfolded first (backticks, `${x:-…}`), of which there are few.

mod word;

use std::mem;
use std::rc::Rc;

use super::script::{Command, DEEPEST, Kind, Part, Pipe, Redirect, Script, Sign, Word};
use crate::words::name::is_identifier;

/// The commands of a script, which stands so deep in others.
pub(super) fn read(script: &str, depth: usize) -> Script {
    let mut reader = Reader::of(script, depth);
    reader.run(false);
    reader.finished()
}

/// The words that stand before a command and are none.
const SKIPPED: &[&str] = &["!", "then", "else", "elif", "do", "time", "-p"];

/// The words that open a group, each with the one that closes it.
const GROUPS: &[(&str, &str)] = &[
    ("{", "}"),
    ("if", "fi"),
    ("while", "done"),
    ("until", "done"),
    ("for", "done"),
    ("select", "done"),
    ("case", "esac"),
];

/// A here-document whose text is still to come: the end of it.
struct Waiting {
    end: String,
    tabs: bool,
    raw: bool,
}

/// A group that is open.
struct Frame {
    close: &'static str,
    /// What stands before it.
    pipes: Vec<Pipe>,
    pipe: Pipe,
    function: Option<String>,
}

struct Reader {
    chars: Rc<[char]>,
    at: usize,
    depth: usize,
    is_too_deep: bool,
    pipes: Vec<Pipe>,
    pipe: Pipe,
    frames: Vec<Frame>,
    assigned: Vec<(String, Word)>,
    words: Vec<Word>,
    redirects: Vec<Redirect>,
    /// A group that is closed, and may have redirections behind it.
    closed: Option<Kind>,
    word: Word,
    /// The sign for which the next word is a file.
    redirects_to: Option<(Option<u32>, Sign)>,
    /// The here-document whose end is the next word.
    document: Option<(Option<u32>, bool)>,
    waiting: Vec<Waiting>,
    /// The function whose body is to come.
    function: Option<String>,
    wants_name: bool,
    is_coprocess: bool,
    /// Whether what comes up to the next `)` is a pattern of `case`.
    in_pattern: bool,
}

impl Reader {
    fn of(text: &str, depth: usize) -> Self {
        Self::at(text.chars().collect(), 0, depth)
    }

    fn at(chars: Rc<[char]>, at: usize, depth: usize) -> Self {
        Self {
            chars,
            at,
            depth,
            is_too_deep: false,
            pipes: Vec::new(),
            pipe: Vec::new(),
            frames: Vec::new(),
            assigned: Vec::new(),
            words: Vec::new(),
            redirects: Vec::new(),
            closed: None,
            word: Word::default(),
            redirects_to: None,
            document: None,
            waiting: Vec::new(),
            function: None,
            wants_name: false,
            is_coprocess: false,
            in_pattern: false,
        }
    }

    fn finished(self) -> Script {
        Script {
            pipes: self.pipes,
            is_too_deep: self.is_too_deep,
        }
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    /// Reads to the end, or to the `)` that closes what was opened before.
    fn run(&mut self, is_inner: bool) {
        while let Some(c) = self.peek(0) {
            if self.is_too_deep {
                break;
            }
            self.at += 1;
            if self.in_test() && "()|&<>".contains(c) {
                self.push_plain(c);
                continue;
            }
            match c {
                ' ' | '\t' | '\r' => self.end_word(),
                '\n' => {
                    self.end_pipe();
                    self.take_documents();
                }
                '#' if !self.in_word() => {
                    while self.peek(0).is_some_and(|c| c != '\n') {
                        self.at += 1;
                    }
                }
                ';' => {
                    self.end_pipe();
                    let is_case = self.frames.last().is_some_and(|it| it.close == "esac");
                    if is_case && matches!(self.peek(0), Some(';' | '&')) {
                        self.in_pattern = true;
                    }
                }
                ')' => {
                    if self.close_parenthesis(is_inner) {
                        return;
                    }
                }
                '(' => self.open_parenthesis(),
                '&' if self.peek(0) == Some('>') => {
                    self.end_word();
                    self.redirect('&');
                }
                '&' => {
                    if self.peek(0) == Some('&') {
                        self.at += 1;
                    }
                    self.end_pipe();
                }
                '|' => {
                    let is_or = self.peek(0) == Some('|');
                    if matches!(self.peek(0), Some('|' | '&')) {
                        self.at += 1;
                    }
                    match is_or {
                        true => self.end_pipe(),
                        false => self.end_command(),
                    }
                }
                '<' | '>' if self.peek(0) == Some('(') => {
                    self.at += 1;
                    let script = self.nested();
                    self.word.0.push(Part::Process(script));
                }
                '<' | '>' => self.redirect(c),
                _ => self.character(c),
            }
        }
        while !self.frames.is_empty() {
            self.close();
        }
        self.end_pipe();
        self.take_documents();
    }

    /// Whether a `[[` is open, in which the signs of a shell say other things.
    fn in_test(&self) -> bool {
        let first = self.words.first().and_then(Word::bare);
        let last = self.words.last().and_then(Word::bare);
        first == Some("[[") && last != Some("]]")
    }

    /// A `)`; whether it closes what this reader was made for.
    fn close_parenthesis(&mut self, is_inner: bool) -> bool {
        if self.in_pattern {
            self.end_pipe();
            self.in_pattern = false;
            return false;
        }
        match self.frames.last().map(|frame| frame.close) {
            Some(")") => self.close(),
            Some("esac") => {
                self.end_pipe();
            }
            _ if is_inner => {
                while !self.frames.is_empty() {
                    self.close();
                }
                self.end_pipe();
                self.take_documents();
                return true;
            }
            _ => self.end_pipe(),
        }
        false
    }

    /// A `(`: of a function behind its name, of a list, or of commands in a shell of their own.
    fn open_parenthesis(&mut self) {
        if self.in_pattern {
            return;
        }
        let is_list = self.words.is_empty()
            && self.word.bare().is_some_and(|text| {
                let name = text.strip_suffix('=').map(|it| it.trim_end_matches('+'));
                name.is_some_and(|name| is_identifier(name.as_bytes()))
            });
        if is_list {
            return self.list();
        }
        let mut ahead = 0;
        while self.peek(ahead).is_some_and(|c| c == ' ') {
            ahead += 1;
        }
        self.end_word();
        let is_empty = self.peek(ahead) == Some(')');
        if is_empty && self.words.is_empty() && self.function.is_some() {
            self.at += ahead + 1;
            return;
        }
        let name = self.words.first().and_then(Word::bare).map(str::to_owned);
        if let (true, 1, Some(name)) = (is_empty, self.words.len(), name) {
            self.at += ahead + 1;
            self.words.clear();
            self.function = Some(name);
            return;
        }
        if !self.words.is_empty() {
            self.end_pipe();
        }
        self.open(")");
    }

    /// The words of `a=(x y)`, as one value with blanks.
    fn list(&mut self) {
        let before = mem::take(&mut self.word);
        let mut value = before;
        while let Some(c) = self.peek(0) {
            self.at += 1;
            match c {
                ')' => break,
                ' ' | '\t' | '\n' | '\r' => {
                    let word = mem::take(&mut self.word);
                    value.0.extend(word.0);
                    value.0.push(Part::Plain(" ".to_owned()));
                }
                c => self.character(c),
            }
        }
        value.0.extend(mem::take(&mut self.word).0);
        self.word = value;
        self.end_word();
    }

    fn open(&mut self, close: &'static str) {
        if self.frames.len() + self.depth >= DEEPEST {
            self.is_too_deep = true;
            return;
        }
        self.frames.push(Frame {
            close,
            pipes: mem::take(&mut self.pipes),
            pipe: mem::take(&mut self.pipe),
            function: self.function.take(),
        });
    }

    /// Closes the innermost group.
    fn close(&mut self) {
        self.end_pipe();
        let Some(frame) = self.frames.pop() else {
            return;
        };
        let body = Script {
            pipes: mem::replace(&mut self.pipes, frame.pipes),
            is_too_deep: false,
        };
        self.pipe = frame.pipe;
        self.in_pattern = false;
        let body = Rc::new(body);
        self.closed = Some(match frame.function {
            Some(name) => Kind::Function(name, body),
            None => Kind::Group(body, frame.close == ")"),
        });
    }

    /// A sign of redirection, of which the first character is read.
    fn redirect(&mut self, first: char) {
        let mut stream = None;
        // `2>` is no word.
        let number = self.word.bare().map(str::parse::<u32>);
        if let Some(Ok(number)) = number {
            stream = Some(number);
            self.word = Word::default();
        }
        self.end_word();
        let mut sign = String::from(first);
        while let Some(c) = self.peek(0).filter(|c| "<>|&-".contains(*c)) {
            if c == '-' && sign != "<<" || c == '&' && sign.ends_with('&') {
                break;
            }
            self.at += 1;
            sign.push(c);
        }
        match sign.as_str() {
            "<<" | "<<-" => self.document = Some((stream, sign == "<<-")),
            "<<<" => self.redirects_to = Some((stream, Sign::Text)),
            _ => {
                let sign = match sign.as_str() {
                    "<" => Sign::In,
                    "<&" | ">&" => Sign::Same,
                    sign if sign.starts_with('&') => Sign::Both,
                    _ => Sign::Out,
                };
                self.redirects_to = Some((stream, sign));
            }
        }
    }

    fn end_word(&mut self) {
        if !self.in_word() {
            return;
        }
        let word = mem::take(&mut self.word);
        if let Some((stream, tabs)) = self.document.take() {
            let raw = word.0.iter().any(|part| matches!(part, Part::Quoted(_)));
            let end = word.0.iter().map(|part| match part {
                Part::Plain(text) | Part::Quoted(text) => text.as_str(),
                _ => "",
            });
            self.waiting.push(Waiting {
                end: end.collect(),
                tabs,
                raw,
            });
            // Its text takes this place.
            self.redirects.push(Redirect {
                stream,
                sign: Sign::Text,
                word: Word::default(),
            });
            return;
        }
        let Some((stream, sign)) = self.redirects_to.take() else {
            return self.add(word);
        };
        let is_number = |word: &Word| {
            word.bare()
                .is_some_and(|text| text.bytes().all(|b| b.is_ascii_digit() || b == b'-'))
        };
        // `>& file` is both streams.
        let sign = match sign {
            Sign::Same if stream.is_none() && !is_number(&word) => Sign::Both,
            sign => sign,
        };
        self.redirects.push(Redirect { stream, sign, word });
    }

    fn add(&mut self, word: Word) {
        if self.wants_name {
            self.wants_name = false;
            self.function = word.bare().map(str::to_owned);
            return;
        }
        if self.words.is_empty() && self.assigned.is_empty() {
            let bare = word.bare().unwrap_or_default();
            if self.closes(bare) {
                return self.close();
            }
            if !self.in_pattern && self.opens(bare, &word) {
                return;
            }
        }
        if self.words.len() == 1 && self.is_coprocess && word.bare() == Some("{") {
            self.words.clear();
            self.is_coprocess = false;
            return self.open("}");
        }
        if self.words.is_empty()
            && let Some(assigned) = assignment(&word)
        {
            return self.assigned.push(assigned);
        }
        self.words.push(word);
    }

    /// Whether a word closes the group that is open.
    fn closes(&self, bare: &str) -> bool {
        !bare.is_empty() && self.frames.last().is_some_and(|frame| frame.close == bare)
    }

    /// Takes a word that is none of a command, if it is one.
    fn opens(&mut self, bare: &str, word: &Word) -> bool {
        if let Some((open, close)) = GROUPS.iter().find(|(open, _)| *open == bare) {
            self.open(close);
            // What stands behind these is no command.
            if matches!(*open, "for" | "select" | "case") {
                self.words.push(word.clone());
            }
            if *open == "case" {
                self.in_pattern = true;
            }
            return true;
        }
        match bare {
            "function" => self.wants_name = true,
            "coproc" => self.is_coprocess = true,
            bare => return SKIPPED.contains(&bare),
        }
        true
    }

    fn end_command(&mut self) {
        self.end_word();
        self.redirects_to = None;
        self.document = None;
        self.is_coprocess = false;
        let assigned = mem::take(&mut self.assigned);
        let words = mem::take(&mut self.words);
        let redirects = mem::take(&mut self.redirects);
        let kind = match self.closed.take() {
            Some(kind) => kind,
            None if self.in_pattern && words.first().and_then(Word::bare) != Some("case") => return,
            None if assigned.is_empty() && words.is_empty() && redirects.is_empty() => return,
            None => Kind::Simple(assigned, words),
        };
        self.pipe.push(Command { kind, redirects });
    }

    fn end_pipe(&mut self) {
        self.end_command();
        let pipe = mem::take(&mut self.pipe);
        if !pipe.is_empty() {
            self.pipes.push(pipe);
        }
    }

    /// The texts of the here-documents whose lines start here.
    fn take_documents(&mut self) {
        let waiting = mem::take(&mut self.waiting);
        // Their places are the last ones of their kind.
        let mut texts = Vec::new();
        for waiting in waiting {
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
                false => self.expanded(&text, true),
            };
            texts.push(word);
        }
        if texts.is_empty() {
            return;
        }
        let mut places = Vec::new();
        collect(&mut self.pipes, texts.len(), &mut places);
        // The places stand from the last to the first.
        for (text, place) in texts.into_iter().rev().zip(places) {
            place.word = text;
        }
    }
}

/// The places of here-documents whose texts are still to come, from the last on.
fn collect<'p>(pipes: &'p mut [Pipe], most: usize, places: &mut Vec<&'p mut Redirect>) {
    /// A bound: of one line, so many pipes are asked.
    const MOST: usize = 100;
    let pipes = pipes.iter_mut().rev().take(MOST);
    for command in pipes.flat_map(|pipe| pipe.iter_mut().rev()) {
        for redirect in command.redirects.iter_mut().rev() {
            if redirect.sign == Sign::Text && redirect.word.0.is_empty() {
                places.push(redirect);
                if places.len() == most {
                    return;
                }
            }
        }
    }
}

/// A word that assigns, as the name and the value.
fn assignment(word: &Word) -> Option<(String, Word)> {
    let Some(Part::Plain(first)) = word.0.first() else {
        return None;
    };
    let (name, value) = first.split_once('=')?;
    let name = name.strip_suffix('+').unwrap_or(name);
    let name = name.split('[').next().unwrap_or(name);
    if !is_identifier(name.as_bytes()) {
        return None;
    }
    let mut parts = vec![Part::Plain(value.to_owned())];
    parts.extend(word.0[1..].iter().cloned());
    Some((name.to_owned(), Word(parts)))
}
