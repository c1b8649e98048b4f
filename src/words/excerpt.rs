//! A line of a file that somebody wrote, with a mark under what is wrong with it.

use std::fmt;
use std::ops::Range;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::echo::may_be_said;
use crate::shell;

/// A bound: of a line, so many bytes on either side of the place are looked at.
const AROUND: usize = 200;

/// A bound: so many characters of a line are shown.
const WIDEST: usize = 72;

/// A bound: what has no letters and is no longer is a number or a date.
const NUMBER: usize = 10;

/// A bound: a word that changes more often between letters and digits reads as a password.
const CHANGES: usize = 2;

/// The place of a mistake, and its line as it may be said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Excerpt {
    /// The line, counted from 1.
    pub line: usize,
    /// The column of the mistake, in characters, counted from 1.
    pub column: usize,
    shown: String,
    /// Which columns of what is shown are marked.
    marked: Range<usize>,
}

impl Excerpt {
    /// The line of a text in which that byte stands. What begins there is marked: a word, or a text with
    /// its quotes.
    pub(crate) fn of(text: &[u8], at: usize) -> Self {
        let at = at.min(text.len());
        let (before, behind) = text.split_at(at);
        let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
        let start = before.iter().rposition(|&byte| byte == b'\n');
        let start = start.map_or(0, |newline| newline + 1);
        let column = String::from_utf8_lossy(&text[start..at]).chars().count() + 1;
        let end = behind.iter().take(AROUND).position(|&byte| byte == b'\n');
        let end = at + end.unwrap_or(behind.len().min(AROUND));
        let from = start.max(at.saturating_sub(AROUND));
        let before = String::from_utf8_lossy(&text[from..at]).into_owned();
        let behind = String::from_utf8_lossy(&text[at..end]).into_owned();
        // A word that is cut there says less than it is.
        let before = match before.find(is_joint) {
            Some(joint) if from > start => &before[joint..],
            _ => &before,
        };
        let behind = match behind.rfind(is_joint) {
            Some(joint) if end == at + AROUND => &behind[..joint],
            _ => behind.trim_end_matches('\r'),
        };
        let length = length(behind, before.trim().is_empty());
        let marked = before.len()..before.len() + length;
        let (shown, marked) = fit(&format!("{before}{behind}"), marked);
        let (shown, marked) = cut(shown.trim_end(), marked);
        Self {
            line,
            column,
            shown,
            marked,
        }
    }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.line.to_string();
        let width = |range: Range<usize>| -> usize {
            let marked = self.shown.chars().skip(range.start).take(range.len());
            marked.map(|c| c.width().unwrap_or(0)).sum()
        };
        let blanks = " ".repeat(width(0..self.marked.start));
        let marks = "^".repeat(width(self.marked.clone()).max(1));
        writeln!(f, "  {number} | {}", self.shown)?;
        write!(f, "  {:1$} | {blanks}{marks}", "", number.width())
    }
}

/// How long what a text starts with is, in bytes: a word, a text with its quotes, or the head of a table.
fn length(text: &str, is_start: bool) -> usize {
    let Some(first) = text.chars().next() else {
        return 0;
    };
    match first {
        '"' | '\'' => {
            let close = text[1..].find(first);
            close.map_or(text.len(), |close| close + 2)
        }
        '[' if is_start => text.rfind(']').map_or(text.len(), |close| close + 1),
        first if is_joint(first) => first.len_utf8(),
        _ => text.find(is_joint).unwrap_or(text.len()),
    }
}

/// What stands between words.
fn is_joint(c: char) -> bool {
    c.is_whitespace() || "\"'=,[]{}#()*!<>|".contains(c)
}

/// A line with what may be a key or a password left out of it, and which of its characters are marked.
fn fit(line: &str, marked: Range<usize>) -> (String, Range<usize>) {
    let mut fit = Fit {
        marked,
        out: String::with_capacity(line.len()),
        count: 0,
        start: None,
        end: None,
    };
    // No key has a letter beyond ASCII.
    let is_between = |c: char| is_joint(c) || !c.is_ascii() || c.is_ascii_control();
    let mut at = 0;
    // Up to here the line holds nothing that reads as a password.
    let mut said = 0;
    while at < line.len() {
        let rest = &line[at..];
        if at >= said {
            let chunk = &rest[..rest.find(parts_values).unwrap_or(rest.len())];
            if is_made_up(chunk) {
                fit.push(at + chunk.len(), "…");
                at += chunk.len();
                continue;
            }
            let parting = rest[chunk.len()..].chars().next();
            said = at + chunk.len() + parting.map_or(0, char::len_utf8);
            if chunk.is_empty() {
                fit.put(at, &rest[..said - at]);
                at = said;
                continue;
            }
        }
        let rest = &rest[..said - at];
        let joint = rest.find(|c| !is_between(c)).unwrap_or(rest.len());
        fit.put(at, &rest[..joint]);
        let rest = &rest[joint..];
        let word = &rest[..rest.find(is_between).unwrap_or(rest.len())];
        at += joint;
        let is_number = word.len() <= NUMBER && !word.contains(|c: char| c.is_ascii_alphabetic());
        match is_number || may_be_said(word) && changes(word) <= CHANGES {
            true => fit.put(at, word),
            false => fit.push(at + word.len(), "…"),
        }
        at += word.len();
    }
    let start = fit.start.unwrap_or(fit.count);
    (fit.out, start..fit.end.unwrap_or(fit.count).max(start))
}

/// What stands between the names and the values of a line.
fn parts_values(c: char) -> bool {
    c.is_whitespace() || "\"'=,[]{}".contains(c)
}

/// Whether a text reads as a password of words, numbers and signs: `blue!tree_42`. Paths and patterns of paths have signs,
/// too.
fn is_made_up(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_path = text.contains('/') || text.contains("*.");
    let is_inside = |at: usize| {
        let beside = |at: Option<usize>| {
            at.and_then(|at| bytes.get(at))
                .is_some_and(u8::is_ascii_alphanumeric)
        };
        beside(at.checked_sub(1)) && (beside(Some(at + 1)) || at + 1 == bytes.len())
            || at == 0 && beside(Some(1))
    };
    let has = |signs: &[u8]| (0..bytes.len()).any(|at| signs.contains(&bytes[at]) && is_inside(at));
    if has(b"!@$%^&+?~;#") || !is_path && has(b"*") {
        return text.contains(|c: char| c.is_ascii_alphabetic());
    }
    let kinds = b"-_.".iter().filter(|sign| bytes.contains(sign)).count();
    !is_path && kinds > 1 && bytes.iter().any(u8::is_ascii_digit)
}

/// A line as it is put together, and where in it the mark is.
struct Fit {
    /// Where the mark is in the line, in bytes.
    marked: Range<usize>,
    out: String,
    /// How many characters there are.
    count: usize,
    start: Option<usize>,
    end: Option<usize>,
}

impl Fit {
    /// Adds what stands at a place of the line, in pieces that are in the mark or outside of it.
    fn put(&mut self, at: usize, text: &str) {
        let Range { start, end } = self.marked;
        let mut from = 0;
        for cut in [start, end, at + text.len()] {
            let cut = cut.clamp(at, at + text.len()) - at;
            if from < cut {
                let piece = text[from..cut].replace('\t', " ");
                self.push(at + cut, &shell::escaped(&piece));
                from = cut;
            }
        }
    }

    /// Adds what stands for the line up to `until`.
    fn push(&mut self, until: usize, shown: &str) {
        if self.marked.start < until {
            self.start.get_or_insert(self.count);
        }
        self.out.push_str(shown);
        self.count += shown.chars().count();
        if self.marked.end <= until {
            self.end.get_or_insert(self.count);
        }
    }
}

/// How often letters and digits change with each other.
fn changes(word: &str) -> usize {
    let bytes = word.as_bytes();
    let is_change = |pair: &&[u8]| {
        pair.iter().all(u8::is_ascii_alphanumeric)
            && pair[0].is_ascii_digit() != pair[1].is_ascii_digit()
    };
    bytes.windows(2).filter(is_change).count()
}

/// A line short enough to be shown, around what is marked in it.
fn cut(shown: &str, marked: Range<usize>) -> (String, Range<usize>) {
    let count = shown.chars().count();
    if count <= WIDEST {
        return (shown.to_owned(), marked);
    }
    let from = match marked.start > WIDEST / 2 {
        true => marked.start - WIDEST / 4,
        false => 0,
    };
    let kept: String = shown.chars().skip(from).take(WIDEST).collect();
    let before = if from > 0 { "…" } else { "" };
    let behind = if from + WIDEST < count { "…" } else { "" };
    let moved = |at: usize| (at - from).min(WIDEST) + before.chars().count();
    (
        format!("{before}{kept}{behind}"),
        moved(marked.start)..moved(marked.end),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::Random;

    fn told(text: &str, at: &str) -> String {
        let place = text.find(at).expect("it stands in the text");
        Excerpt::of(text.as_bytes(), place).to_string()
    }

    #[test]
    fn a_line_is_shown_with_a_mark_under_the_mistake() {
        for (text, at, expected) in [
            (
                "[scan]\nexlude = []\n",
                "exlude",
                "  2 | exlude = []\n    | ^^^^^^",
            ),
            (
                "x\n\tk = \"ä\" # é\r\n",
                "\"ä",
                "  2 |  k = \"ä\" # é\n    |      ^^^",
            ),
            ("[[rule]]\nid\n", "[[", "  1 | [[rule]]\n    | ^^^^^^^^"),
            (
                "0 a-key * 2020-13-01 x\n",
                "2020",
                "  1 | 0 a-key * 2020-13-01 x\n    |           ^^^^^^^^^^",
            ),
            ("a = [1]\n", "[", "  1 | a = [1]\n    |     ^"),
            ("a = \"b\n", "\"b", "  1 | a = \"b\n    |     ^^"),
            ("a =\nb", "\n", "  1 | a =\n    |    ^"),
            (
                "a = [\"名前\", 'x']\n",
                "'x",
                "  1 | a = [\"名前\", 'x']\n    |              ^^^",
            ),
            (
                "a\u{202e}\u{7f}b = 1\n",
                "1",
                "  1 | a\\u{202e}\\u{7f}b = 1\n    |                    ^",
            ),
        ] {
            assert_eq!(told(text, at), expected, "{text:?}");
        }
        let place = Excerpt::of(b"a\nbc = 1\n", 5);
        assert_eq!((place.line, place.column), (2, 4));
        assert_eq!(Excerpt::of(b"", 9).to_string(), "  1 | \n    | ^");
        assert_eq!(Excerpt::of(b"\xff\xfe=", 2).column, 3);
    }

    #[test]
    fn no_key_and_no_password_is_shown() {
        let mut random = Random::new(5);
        let token = random.token(40);
        let password = ["tr0ub4", "dor"].concat();
        let of_words = ["correct", "#horse_"].concat();
        let of_signs = ["blue!", "tree", "$green*42"].concat();
        for value in [&token, &password, &of_words, &of_signs] {
            for text in [
                format!("threshold = '{value}'\n"),
                format!("threshold = {value} # {value}\n"),
                format!("exclude = ['a', '{value}', 1]\n"),
                format!("{value} = 1, threshold\n"),
            ] {
                for at in 0..=text.len() {
                    let told = Excerpt::of(text.as_bytes(), at).to_string();
                    for part in value.as_bytes().windows(5) {
                        let part = std::str::from_utf8(part).expect("ASCII");
                        assert!(!told.contains(part), "{at}: {told}");
                    }
                }
            }
        }
    }

    #[test]
    fn of_a_long_line_a_part_is_shown() {
        let text = format!("{}here{}", "ab, ".repeat(50_000), ", cd".repeat(50_000));
        let told = told(&text, "here");
        let (line, mark) = told.split_once('\n').expect("two lines");
        assert!(line.chars().count() < 2 * WIDEST, "{line}");
        assert_eq!(
            line.find("here").map(|at| line[..at].chars().count()),
            mark.find('^')
        );
        assert!(mark.ends_with("^^^^") && !mark.ends_with("^^^^^"), "{told}");
    }
}
