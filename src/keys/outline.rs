//! Where a place of code stands: in which statement, and in which brackets of others.

use bstr::ByteSlice;

/// A bound: so far back is looked within a statement.
const LOOK: usize = 2000;
/// A bound: so many brackets outwards is looked.
const DEPTH: usize = 32;

/// A bracket that is open.
#[derive(Clone, Copy, Debug)]
struct Bracket {
    open: usize,
    /// Where the part of the statement starts that it stands in.
    start: usize,
    /// Whether it holds statements, and no part of one.
    block: bool,
}

/// Code without its texts and comments, taken apart as far as it was read. Places are asked for in order.
pub(super) struct Outline<'c> {
    code: &'c [u8],
    at: usize,
    start: usize,
    /// The last byte that is no blank.
    last: u8,
    open: Vec<Bracket>,
}

impl<'c> Outline<'c> {
    pub(super) const fn of(code: &'c [u8]) -> Self {
        Self {
            code,
            at: 0,
            start: 0,
            last: 0,
            open: Vec::new(),
        }
    }

    /// Reads on up to a place.
    pub(super) fn go_to(&mut self, place: usize) {
        while self.at < place.min(self.code.len()) {
            let (at, byte) = (self.at, self.code[self.at]);
            let in_part = self.open.last().is_some_and(|bracket| !bracket.block);
            match byte {
                b'(' | b'[' | b'{' => {
                    let is_part =
                        matches!(self.last, b'=' | b'(' | b',' | b'[' | b']' | b':' | b'?');
                    self.open.push(Bracket {
                        open: at,
                        start: self.start,
                        block: byte == b'{' && !is_part,
                    });
                    self.start = at + 1;
                }
                b')' | b']' | b'}' => {
                    if let Some(bracket) = self.open.pop() {
                        self.start = match bracket.block {
                            true => at + 1,
                            false => bracket.start,
                        };
                    }
                }
                b';' => self.start = at + 1,
                b',' if in_part => self.start = at + 1,
                b'\n' if !in_part && !self.goes_on() => self.start = at + 1,
                _ => {}
            }
            if !byte.is_ascii_whitespace() {
                self.last = byte;
            }
            self.at += 1;
        }
    }

    /// Whether the statement goes on behind the end of a line.
    fn goes_on(&self) -> bool {
        /// A bound: so far the next sign is sought.
        const NEAR: usize = 200;
        let rest = &self.code[self.at..];
        let next = rest.iter().take(NEAR).find(|b| !b.is_ascii_whitespace());
        matches!(
            self.last,
            b'=' | b',' | b'+' | b'-' | b'*' | b'/' | b'&' | b'|' | b'.' | b'\\' | b'?'
        ) || next.is_some_and(|next| matches!(next, b'=' | b'.' | b'+' | b'?' | b':' | b'&' | b'|'))
    }

    /// What stands before the place in its statement, and then before each bracket that it is in, up to a block:
    /// each with the bracket behind it and the one around it.
    fn parts(&self) -> impl Iterator<Item = (&'c [u8], Option<u8>, Option<usize>)> + '_ {
        let code = self.code;
        let part = move |start: usize, end: usize| {
            &code[start.max(end.saturating_sub(LOOK)).min(end)..end]
        };
        let mut inner = Some((self.start, self.at, None));
        let mut around = self.open.iter().rev();
        std::iter::from_fn(move || {
            let (start, end, behind) = inner?;
            let bracket = around.next();
            inner = bracket
                .filter(|bracket| !bracket.block)
                .map(|bracket| (bracket.start, bracket.open, Some(code[bracket.open])));
            let outer = bracket.filter(|bracket| !bracket.block);
            Some((part(start, end), behind, outer.map(|bracket| bracket.open)))
        })
        .take(DEPTH)
    }

    /// Whether the place has to be a constant, by one of these rules of its language.
    pub(super) fn is_constant(&self, rules: &[&str]) -> bool {
        self.parts().any(|(part, behind, around)| {
            rules.iter().any(|rule| match *rule {
                "(=" => around.is_some_and(|open| self.is_list(open)) && gives(part),
                "@(" => behind == Some(b'(') && is_annotation(part),
                "^@" => around.is_none() && part.trim_start().starts_with(b"@"),
                "^[" => behind == Some(b'[') && part.trim().is_empty(),
                "#[" => behind == Some(b'[') && part.trim_end().ends_with(b"#"),
                "^<" => behind.is_some() && part.trim_start().starts_with(b"<"),
                // These are asked for by themselves.
                rule if rule.starts_with(['<', '>']) => false,
                word => has_word(part, word),
            })
        })
    }

    /// Whether a bracket is round, or stands right behind one that is: `(`, `({`.
    fn is_list(&self, open: usize) -> bool {
        let before = &self.code[open.saturating_sub(LOOK)..open];
        self.code[open] == b'(' || before.trim_end().ends_with(b"(")
    }

    /// The statement up to the place, if it stands in no bracket of it, and where it starts.
    pub(super) fn statement(&self) -> Option<(usize, &'c [u8])> {
        let is_bare = self.open.last().is_none_or(|bracket| bracket.block);
        let is_near = self.at - self.start.min(self.at) <= LOOK;
        (is_bare && is_near).then(|| (self.start, &self.code[self.start..self.at]))
    }

    /// The round bracket that the place stands right in, with what stands before it.
    pub(super) fn list(&self) -> Option<(usize, &'c [u8])> {
        let bracket = self
            .open
            .last()
            .filter(|bracket| self.code[bracket.open] == b'(')?;
        let start = bracket.start.max(bracket.open.saturating_sub(LOOK));
        Some((bracket.open, &self.code[start..bracket.open]))
    }

    /// Whether the place is the value of an attribute of markup: `<App key="`.
    pub(super) fn is_attribute(&self) -> bool {
        let before = &self.code[self.at.saturating_sub(LOOK)..self.at];
        let Some(name) = before.strip_suffix(b"=") else {
            return false;
        };
        let named = name
            .last()
            .is_some_and(|b| b.is_ascii_alphanumeric() || b"-_:".contains(b));
        let tag = name.rfind_byteset(b"<>;");
        let opens = |at: usize| {
            name[at] == b'<' && name[at + 1..].first().is_some_and(u8::is_ascii_alphabetic)
        };
        named && tag.is_some_and(opens)
    }
}

/// Whether a name is given a value there: `a = `, and neither `a == ` nor `a => `.
fn gives(part: &[u8]) -> bool {
    part.find_iter("=").any(|at| {
        let before = at.checked_sub(1).map_or(b' ', |at| part[at]);
        let behind = part.get(at + 1).copied().unwrap_or(b' ');
        !b"=!<>+-*/.|&?:%^~".contains(&before) && !b"=>~".contains(&behind)
    })
}

/// Whether it ends with the name of an annotation: `@Value`.
fn is_annotation(part: &[u8]) -> bool {
    let part = part.trim_end();
    let name = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.');
    let len = part.iter().rev().take_while(|b| name(b)).count();
    part[..part.len() - len].ends_with(b"@")
}

pub(super) fn has_word(text: &[u8], word: &str) -> bool {
    let is_word = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
    text.find_iter(word)
        .any(|at| !is_word(text[..at].last()) && !is_word(text.get(at + word.len())))
}
