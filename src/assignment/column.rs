//! The cells of a column whose head speaks of a secret, in a table: `name,api_key` and the rows below; in a table of a text,
//! `| name | api_key |`. Of a table of two columns without a head, the cell behind a name.

use std::ops::Range;

use bstr::ByteSlice;

use super::{Notation, Place, Value, blanks, line_before, trim_end};
use crate::filetype::Syntax;
use crate::words::name::reading;

/// A bound: the longest row that names the columns. It keeps the work linear: so many columns are read at most.
const LONGEST_HEAD: usize = 1024;

/// A bound: how far below their head the cells of a column are read. Larger tables hold data of a program.
const REACH: usize = 1 << 20;

/// A bound: the longest cell that may hold a secret, and the longest that is passed over within a row.
const LONGEST_CELL: usize = 4096;

/// What may stand between the cells of a row.
const SEPARATORS: &[u8] = b",;\t|";

/// The cells below a name in the first row of a table.
pub(super) fn cells(place: &Place<'_>, found: &mut dyn FnMut(Value)) -> bool {
    let Place { bytes, name, .. } = place;
    if place.syntax != Syntax::Table {
        return below(place, found);
    }
    let pair = behind_name(bytes, name);
    let is_pair = pair.is_some();
    pair.into_iter().for_each(&mut *found);
    let head = &bytes[..bytes.len().min(LONGEST_HEAD)];
    let Some(line) = head.find_byte(b'\n').filter(|&end| name.end <= end) else {
        return is_pair;
    };
    let separator = separator(&head[..line]);
    let table = Table { bytes, separator };
    let Some((number, title)) = table.column(name) else {
        return is_pair;
    };
    let end = bytes.len().min(line + REACH);
    let mut row = line + 1;
    while row < end {
        let (cell, behind) = table.row(row, number);
        if let Some(cell) = cell.filter(|cell| !cell.text.is_empty()) {
            found(Value {
                name: Some(title.clone()),
                ..Value::new(cell.text, cell.notation)
            });
        }
        row = behind;
    }
    true
}

/// The cell behind a name, of a row that has these two alone.
fn behind_name(bytes: &[u8], name: &Range<usize>) -> Option<Value> {
    let quoted = usize::from(bytes.get(name.end) == Some(&b'"'));
    let start = name.start.checked_sub(quoted)?;
    let end = name.end + quoted;
    let separator = *bytes.get(end).filter(|b| SEPARATORS.contains(b))?;
    if start > 0 && bytes[start - 1] != b'\n' || quoted == 1 && bytes[start] != b'"' {
        return None;
    }
    let cell = Table { bytes, separator }.cell(end + 1);
    let is_last = matches!(bytes.get(cell.end), None | Some(b'\n'));
    (is_last && reading(&bytes[cell.text.clone()]).strength.is_none() && !cell.text.is_empty())
        .then(|| Value::new(cell.text, cell.notation))
}

/// The cells below a name that is the head of a column in a table of a text, whose rows start with a sign.
fn below(place: &Place<'_>, found: &mut dyn FnMut(Value)) -> bool {
    /// A bound: how far below the head they are read.
    const REACH: usize = 4096;
    /// A bound: the longest row before a name.
    const ROW: usize = 240;
    let Place { bytes, name, .. } = place;
    let behind = name.end + blanks(bytes, name.end);
    if bytes.get(behind) != Some(&b'|') {
        return false;
    }
    let Some(before) = line_before(bytes, name.start, ROW) else {
        return false;
    };
    let row = name.start - before.len();
    // The head is the first row.
    let above = line_before(bytes, row.saturating_sub(1), ROW);
    let is_row = |line: &[u8]| line.trim_ascii_start().starts_with(b"|");
    // `| API key |`
    let is_word = |b: u8| b.is_ascii_alphanumeric() || b" `*\"".contains(&b);
    let is_whole = trim_end(before, is_word).ends_with(b"|");
    if !is_row(before) || !is_whole || row > 0 && above.is_none_or(is_row) {
        return false;
    }
    let number = before.iter().filter(|&&b| b == b'|').count();
    let end = bytes.len().min(name.end + REACH);
    let mut line = name.end;
    let mut any = false;
    while let Some(len) = bytes[line..end].find_byte(b'\n') {
        line += len + 1;
        let start = line + blanks(bytes, line);
        if bytes.get(start) != Some(&b'|') {
            break;
        }
        let rest = bytes.get(start..end).unwrap_or_default();
        let rest = &rest[..rest.find_byte(b'\n').unwrap_or(rest.len())];
        let Some(cell) = nth_cell(rest, number) else {
            continue;
        };
        let is_padding = |c| matches!(c, ' ' | '\t' | '\r' | '`' | '"' | '*');
        let text = rest[cell.clone()].trim_with(is_padding);
        let padding = cell.len() - rest[cell.clone()].trim_start_with(is_padding).len();
        if !text.is_empty() {
            any = true;
            let at = start + cell.start + padding;
            found(Value::new(at..at + text.len(), Notation::Bare));
        }
    }
    any
}

/// Where a cell of a row stands whose cells signs stand before and behind.
fn nth_cell(row: &[u8], number: usize) -> Option<Range<usize>> {
    let mut start = 0;
    for _ in 0..number {
        start += row[start..].find_byte(b'|')? + 1;
    }
    Some(start..start + row[start..].find_byte(b'|')?)
}

/// What parts the cells of a row: the sign that stands in it most often.
fn separator(row: &[u8]) -> u8 {
    let count = |sign: &u8| row.iter().filter(|&b| b == sign).count();
    let signs = SEPARATORS.iter().rev();
    signs.copied().max_by_key(count).unwrap_or(b',')
}

/// A table.
struct Table<'t> {
    bytes: &'t [u8],
    separator: u8,
}

/// A cell of a row.
struct Cell {
    /// What stands in it, without quotes and blanks around it.
    text: Range<usize>,
    notation: Notation,
    /// Where what parts it from the next cell stands, or the end of the line.
    end: usize,
}

impl Table<'_> {
    /// The number of the column in whose head a name is the last that speaks of a secret, and the whole head.
    fn column(&self, name: &Range<usize>) -> Option<(usize, Range<usize>)> {
        let mut at = 0;
        for number in 0.. {
            let cell = self.cell(at);
            if cell.text.end >= name.end {
                let behind = &self.bytes[name.end..cell.text.end];
                let is_last = cell.text.start <= name.start && reading(behind).strength.is_none();
                return is_last.then_some((number, cell.text));
            }
            at = self.next(&cell)?;
        }
        None
    }

    /// The cell of a column in the row that starts at `at`, if the row has so many, and where the next row starts.
    fn row(&self, at: usize, number: usize) -> (Option<Cell>, usize) {
        let mut found = None;
        let mut cell = self.cell(at);
        for at in 0.. {
            let next = self.next(&cell);
            let end = cell.end;
            if at == number {
                found = Some(cell);
            }
            match next {
                Some(next) => cell = self.cell(next),
                None if matches!(self.bytes.get(end), None | Some(b'\n')) => {
                    return (found, end + 1);
                }
                // A cell that is too long: nothing is known of those behind it.
                None => {
                    let line = self.bytes[end..].find_byte(b'\n');
                    return (found, line.map_or(self.bytes.len(), |line| end + line + 1));
                }
            }
        }
        (found, self.bytes.len())
    }

    /// Where the next cell of the row starts.
    fn next(&self, cell: &Cell) -> Option<usize> {
        (self.bytes.get(cell.end) == Some(&self.separator)).then_some(cell.end + 1)
    }

    /// The cell that starts at `at`. What is longer than any is cut there.
    fn cell(&self, at: usize) -> Cell {
        let at = at.min(self.bytes.len());
        let rest = &self.bytes[at..self.bytes.len().min(at + LONGEST_CELL)];
        let ends = |b: u8| b == self.separator || b == b'\n';
        let quoted = rest.first() == Some(&b'"');
        let close = match quoted {
            true => closing(rest),
            false => None,
        };
        let from = close.map_or(0, |close| close + 1);
        let len = rest[from..].iter().position(|&b| ends(b));
        let len = len.map_or(rest.len(), |len| from + len);
        let text = match close {
            Some(close) => at + 1..at + close,
            None => {
                let text = rest[..len].trim_ascii();
                let start = at + rest[..len].len() - rest[..len].trim_ascii_start().len();
                start..start + text.len()
            }
        };
        Cell {
            text,
            notation: match close {
                Some(_) => Notation::Quoted,
                None => Notation::Bare,
            },
            end: at + len,
        }
    }
}

/// Where the quote of a cell closes; two in a row are one of its text.
fn closing(cell: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        at += cell.get(at..)?.find_byte(b'"')?;
        if cell.get(at + 1) != Some(&b'"') {
            return Some(at);
        }
        at += 2;
    }
}
