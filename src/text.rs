//! A text: what a blob holds, decoded by its bytes, with its lines.
//!
//! Neither the file's name nor git's attributes have a say in that: what git can commit, an attacker or an
//! accident can name as it likes.

use std::borrow::Cow;
use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::ops::Range;

use bstr::ByteSlice;

use crate::filetype::FileType;
use crate::finding::Span;

/// A blob as text.
#[derive(Debug)]
pub struct Text<'b> {
    bytes: Cow<'b, [u8]>,
    binary: bool,
    file_type: FileType,
    lines: OnceCell<Lines>,
    /// The characters of long lines, by their indexes.
    columns: RefCell<HashMap<usize, Columns>>,
}

/// How many bytes at the start tell what a blob is. A bound: git itself looks at 8,000.
const SNIFFED: usize = 8192;

impl<'b> Text<'b> {
    /// Decodes a blob. No blob is refused: what is not text is taken as [binary](Self::is_binary).
    pub fn decode(blob: &'b [u8]) -> Self {
        let decoded = match utf16_order(blob) {
            Some(order) => Some(decode_utf16(blob, order)),
            // Runs of UTF-16 or UTF-32: a file without a mark, a log that PowerShell appended to, a
            // Windows program.
            None => collapse_utf16_runs(blob),
        };
        // UTF-8, Latin-1 and whatever else has ASCII in it is taken as it is.
        let bytes = decoded.map_or(Cow::Borrowed(blob), Cow::Owned);
        let binary = looks_binary(&bytes[..bytes.len().min(SNIFFED)]);
        Self::of(bytes, binary)
    }

    fn of(bytes: Cow<'b, [u8]>, binary: bool) -> Self {
        Self {
            bytes,
            binary,
            file_type: FileType::default(),
            lines: OnceCell::new(),
            columns: RefCell::default(),
        }
    }

    /// As [`decode`](Self::decode), of a blob that is kept.
    pub(crate) fn decode_owned(blob: Vec<u8>) -> Text<'static> {
        let Text { bytes, binary, .. } = Text::decode(&blob);
        let bytes = match bytes {
            Cow::Borrowed(_) => None,
            Cow::Owned(decoded) => Some(decoded),
        };
        Text::of(Cow::Owned(bytes.unwrap_or(blob)), binary)
    }

    /// The name of a file, or of a person, as text. As in binary data, only formats with a distinctive prefix count in it.
    pub(crate) fn of_name(name: &'b [u8]) -> Self {
        Self::of(Cow::Borrowed(name), true)
    }

    /// The parts of a name, each in a line, as text of a file: what is assigned in a part counts.
    pub(crate) fn of_parts(lines: Vec<u8>) -> Text<'static> {
        Text::of(Cow::Owned(lines), false)
    }

    /// The same text, as the content of a file of this type.
    #[must_use]
    pub fn at(mut self, file_type: FileType) -> Self {
        self.file_type = file_type;
        self
    }

    /// What the path of its file says about it; the default where there is none.
    pub fn file_type(&self) -> FileType {
        self.file_type
    }

    /// The decoded bytes: UTF-8, or whatever superset of ASCII the blob was in.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether this is no text: only formats with a distinctive prefix count in it.
    pub fn is_binary(&self) -> bool {
        self.binary
    }

    fn line_ends(&self) -> &Lines {
        self.lines.get_or_init(|| Lines::of(&self.bytes))
    }

    /// The index, from 0, of the line that holds the byte at `offset`.
    pub fn line_of(&self, offset: usize) -> usize {
        self.line_ends().before(&self.bytes, offset)
    }

    /// Where the line of that index lies, without its line end.
    pub fn line_range(&self, index: usize) -> Range<usize> {
        let ends = self.line_ends();
        let start = match index.checked_sub(1) {
            None => 0,
            Some(last) => ends.place(&self.bytes, last).expect("it has the line") + 1,
        };
        let end = ends.place(&self.bytes, index);
        start..end.unwrap_or(self.bytes.len())
    }

    /// The lines that a span of bytes touches, as indexes from 0.
    pub fn lines_of(&self, span: &Range<usize>) -> std::ops::RangeInclusive<usize> {
        let last = span.end.max(span.start + 1) - 1;
        self.line_of(span.start)..=self.line_of(last)
    }

    /// The line of that index, without its line end.
    pub fn line(&self, index: usize) -> &[u8] {
        trim_cr(&self.bytes[self.line_range(index)])
    }

    /// A span of bytes as lines and columns.
    pub fn span(&self, bytes: &Range<usize>) -> Span {
        let (first, last) = self.lines_of(bytes).into_inner();
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Span {
            line: number(first + 1),
            column: number(self.column(first, bytes.start)),
            end_line: number(last + 1),
            end_column: number(self.column(last, bytes.end)),
        }
    }

    fn column(&self, line: usize, offset: usize) -> usize {
        let range = self.line_range(line);
        // A span may end behind the line's end.
        let whole = &self.bytes[range.start..self.bytes.len().min(range.end + 1)];
        let before = offset - range.start;
        if whole.len() <= Columns::STEP {
            return match whole[..before].to_str() {
                Ok(text) => text.chars().count() + 1,
                Err(_) => before + 1,
            };
        }
        let mut known = self.columns.borrow_mut();
        let columns = known.entry(line).or_insert_with(|| Columns::of(whole));
        columns.before(whole, before) + 1
    }
}

/// Where the lines of a text end: how many of them do before every so many bytes. A text of nothing but line ends
/// takes no more memory than another.
#[derive(Debug)]
struct Lines {
    counts: Vec<usize>,
}

impl Lines {
    /// A bound: of no place more bytes are looked at.
    const STEP: usize = 256;

    fn of(text: &[u8]) -> Self {
        let mut ends = 0;
        let counts = text.chunks(Self::STEP).map(|chunk| {
            let before = ends;
            ends += chunk.iter().filter(|&&byte| byte == b'\n').count();
            before
        });
        Self {
            counts: counts.collect(),
        }
    }

    /// How many lines end before a place of the text.
    fn before(&self, text: &[u8], place: usize) -> usize {
        let place = place.min(text.len());
        let step = (place / Self::STEP).min(self.counts.len().saturating_sub(1));
        let before = self.counts.get(step).copied().unwrap_or_default();
        before + line_ends(&text[step * Self::STEP..place]).count()
    }

    /// Where the line of an index ends; `None` if the text ends there.
    fn place(&self, text: &[u8], index: usize) -> Option<usize> {
        let step = self.counts.partition_point(|&before| before <= index);
        let step = step.checked_sub(1)?;
        let chunk = &text[step * Self::STEP..];
        let chunk = &chunk[..chunk.len().min(Self::STEP)];
        let end = line_ends(chunk).nth(index - self.counts[step])?;
        Some(step * Self::STEP + end)
    }
}

/// How many characters stand before the places of a long line: counted once, not again from the line's
/// start for each finding.
#[derive(Debug)]
struct Columns {
    /// The characters before every so many bytes.
    counts: Vec<usize>,
    /// How many bytes of the line are UTF-8.
    valid: usize,
}

impl Columns {
    /// A bound: of no finding more bytes are counted.
    const STEP: usize = 4096;

    fn of(line: &[u8]) -> Self {
        let valid = match line.to_str() {
            Ok(_) => line.len(),
            Err(error) => error.valid_up_to(),
        };
        let mut characters = 0;
        let counts = line[..valid].chunks(Self::STEP).map(|chunk| {
            let before = characters;
            characters += starts(chunk);
            before
        });
        Self {
            counts: counts.collect(),
            valid,
        }
    }

    /// The characters before a place of the line, or the bytes where those are no UTF-8.
    fn before(&self, line: &[u8], place: usize) -> usize {
        let is_cut = line.get(place).is_some_and(|&byte| !is_start(byte));
        if place > self.valid || is_cut && place < self.valid {
            return place;
        }
        let step = place / Self::STEP;
        match self.counts.get(step) {
            Some(before) => before + starts(&line[step * Self::STEP..place]),
            // Right behind the last step.
            None => self.counts.last().map_or(0, |before| {
                before + starts(&line[(step - 1) * Self::STEP..place])
            }),
        }
    }
}

/// Whether a byte of UTF-8 is the first of a character.
const fn is_start(byte: u8) -> bool {
    byte & 0xc0 != 0x80
}

fn starts(text: &[u8]) -> usize {
    text.iter().filter(|&&byte| is_start(byte)).count()
}

fn trim_cr(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

fn line_ends(bytes: &[u8]) -> impl Iterator<Item = usize> {
    bytes
        .iter()
        .enumerate()
        .filter_map(|(at, &byte)| (byte == b'\n').then_some(at))
}

/// The lines that no parent has.
///
/// A line counts as had wherever it stands in a parent, so moving a line within its file adds
/// nothing. Line ends don't count: a file whose CRLF become LF has no new lines.
#[derive(Debug)]
pub struct AddedLines {
    parents: KnownLines,
}

impl AddedLines {
    /// The lines of the replaced texts.
    pub fn new<'t>(parents: impl IntoIterator<Item = Text<'t>>) -> Self {
        Self {
            parents: KnownLines::of(parents.into_iter()),
        }
    }

    /// Whether no parent has a line.
    pub fn has(&self, line: &[u8]) -> bool {
        !self.parents.contain(line)
    }
}

/// The lines of any number of texts, as [`AddedLines`] compares them.
///
/// They are kept as hashes, of which nobody knows the key: a line is taken for another once in 2^64. In a
/// sorted list they take half the memory of a set.
#[derive(Debug, Default)]
pub(crate) struct KnownLines {
    hasher: RandomState,
    hashes: Vec<u64>,
    /// How many of them are sorted.
    sorted: usize,
}

impl KnownLines {
    /// A bound: twice as many are sorted before there are more, so that lines which come again take no
    /// memory.
    const LOOSE: usize = 1 << 20;

    /// The lines of these texts.
    pub(crate) fn of<'t>(texts: impl Iterator<Item = Text<'t>>) -> Self {
        let mut known = Self::default();
        for text in texts {
            for line in lines(&text) {
                known.hashes.push(known.hasher.hash_one(line));
                if known.hashes.len() >= 2 * known.sorted.max(Self::LOOSE) {
                    known.sort();
                }
            }
        }
        known.sort();
        known
    }

    fn sort(&mut self) {
        self.hashes.sort_unstable();
        self.hashes.dedup();
        self.sorted = self.hashes.len();
    }

    /// Whether any of the texts has a line.
    pub(crate) fn contain(&self, line: &[u8]) -> bool {
        self.hashes
            .binary_search(&self.hasher.hash_one(line))
            .is_ok()
    }
}

/// The lines of a text without their ends.
fn lines<'t>(text: &'t Text<'_>) -> impl Iterator<Item = &'t [u8]> {
    let lines = text.bytes().lines_with_terminator();
    lines.map(|line| trim_cr(line.strip_suffix(b"\n").unwrap_or(line)))
}

/// The order of the two bytes of a UTF-16 unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ByteOrder {
    Little,
    Big,
}

/// A run of ASCII this long, in bytes, is none that UTF-16 has by chance. A bound: every Latin letter of
/// UTF-16 has a zero beside it, and of other scripts few pairs of bytes are both printable.
const ASCII_RUN: usize = 20;

/// Whether the blob is UTF-16 as a whole, by its mark. With a run of plain ASCII in it, it is not:
/// decoding would garble that.
fn utf16_order(blob: &[u8]) -> Option<ByteOrder> {
    let order = match blob {
        // FF FE 00 00 would be UTF-32, whose ASCII the collapsing of runs lays bare.
        [0xff, 0xfe, 0, 0, ..] => return None,
        [0xff, 0xfe, ..] => ByteOrder::Little,
        [0xfe, 0xff, ..] => ByteOrder::Big,
        _ => return None,
    };
    let mut run = 0;
    for &byte in blob {
        run = if matches!(byte, b' '..=b'~') {
            run + 1
        } else {
            0
        };
        if run >= ASCII_RUN {
            return None;
        }
    }
    Some(order)
}

/// UTF-16 as UTF-8. Unpaired surrogates become U+FFFD; an odd last byte is kept as it is.
fn decode_utf16(blob: &[u8], order: ByteOrder) -> Vec<u8> {
    let units = blob.chunks_exact(2).map(|pair| match order {
        ByteOrder::Little => u16::from_le_bytes([pair[0], pair[1]]),
        ByteOrder::Big => u16::from_be_bytes([pair[0], pair[1]]),
    });
    let mut out = String::with_capacity(blob.len() / 2 + 1);
    out.extend(
        char::decode_utf16(units)
            .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
            .filter(|&c| c != '\u{feff}'),
    );
    let mut out = out.into_bytes();
    if let [last] = *blob.chunks_exact(2).remainder() {
        out.push(last);
    }
    out
}

/// Drops the zeros of UTF-16 and UTF-32 runs within other bytes, so that a token in them reads as
/// one. `None` if there is no such run.
///
/// A run is at least four characters of ASCII or Latin-1, each parted from the next by the same
/// number of zeros. Line ends stay line ends, and what is of another script stays as it is.
fn collapse_utf16_runs(blob: &[u8]) -> Option<Vec<u8>> {
    /// A bound: shorter than any secret, and what is dropped are zeros alone.
    const LEAST: usize = 4;
    let text = |byte: u8| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~' | 0xa0..);
    let mut out: Option<Vec<u8>> = None;
    let mut kept = 0;
    // The next byte with a zero behind it.
    let next = |at: usize| {
        let rest = blob.get(at + 1..).unwrap_or_default();
        rest.find_byte(0).map_or(blob.len(), |zero| at + zero)
    };
    let mut at = blob.find_byte(0)?.saturating_sub(1);
    while at < blob.len() {
        if !text(blob[at]) {
            at = next(at + 1);
            continue;
        }
        let zeros = blob[at + 1..]
            .iter()
            .take(4)
            .take_while(|&&b| b == 0)
            .count();
        if zeros != 1 && zeros != 3 {
            at = next(at + 1);
            continue;
        }
        let step = 1 + zeros;
        let mut end = at;
        while blob.get(end).is_some_and(|&byte| text(byte))
            && blob[end + 1..].len() >= zeros
            && blob[end + 1..end + step].iter().all(|&b| b == 0)
        {
            end += step;
        }
        // Big-endian runs end on a character without zeros behind it.
        let last = blob.get(end).is_some_and(|&byte| text(byte));
        if (end - at) / step + usize::from(last) >= LEAST {
            let out = out.get_or_insert_with(|| Vec::with_capacity(blob.len()));
            let before = &blob[kept..at];
            let own = if last { zeros } else { 0 };
            out.extend_from_slice(before.strip_suffix(&[0; 3][..own]).unwrap_or(before));
            for &byte in blob[at..end].iter().step_by(step) {
                out.extend_from_slice(char::from(byte).encode_utf8(&mut [0; 2]).as_bytes());
            }
            kept = end;
        }
        at = end;
    }
    let mut out = out?;
    out.extend_from_slice(&blob[kept..]);
    Some(out)
}

/// Whether more than a tenth of the bytes are neither text nor a plausible part of one. The tenth is a
/// weight: logs with colour codes and text with NULs stay below it, programs and pictures do not.
fn looks_binary(sample: &[u8]) -> bool {
    // Comparisons without branches and sums of one byte: the compiler makes vectors of them, and every
    // text goes through here.
    let is_odd = |byte: u8| {
        let is_control = (byte < b' ') & (byte.wrapping_sub(b'\t') > b'\r' - b'\t');
        (is_control & (byte != 0x1b)) | (byte == 0x7f)
    };
    let odd: usize = sample
        .chunks(usize::from(u8::MAX))
        .map(|chunk| usize::from(chunk.iter().map(|&byte| u8::from(is_odd(byte))).sum::<u8>()))
        .sum();
    odd * 10 > sample.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16le(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    fn utf16be(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_be_bytes).collect()
    }

    #[test]
    fn utf16_is_decoded_with_and_without_a_mark() {
        let text = "key = abc\r\nü = 2\r\n";
        let marked = [b"\xff\xfe".to_vec(), utf16le(text)].concat();
        assert_eq!(Text::decode(&marked).bytes(), text.as_bytes());
        let marked = [b"\xfe\xff".to_vec(), utf16be(text)].concat();
        assert_eq!(Text::decode(&marked).bytes(), text.as_bytes());
        assert_eq!(Text::decode(&utf16le(text)).bytes(), text.as_bytes());
        assert_eq!(Text::decode(&utf16be(text)).bytes(), text.as_bytes());
    }

    #[test]
    fn utf16_appended_to_ascii_is_laid_bare() {
        let plain = b"# a line of plain ASCII\n";
        let long = utf16le(&"KEY=secret\n".repeat(40));
        for mixed in [
            [&plain[..], &utf16le("KEY=secret\n"), plain].concat(),
            [&long, &plain[..]].concat(),
            [b"\xff\xfe", &long[..], plain].concat(),
        ] {
            let text = Text::decode(&mixed);
            assert!(text.bytes().contains_str("KEY=secret\n"));
            assert!(text.bytes().contains_str("plain ASCII\n"));
        }
        let big = [b"A=1;;".to_vec(), utf16be("KEY=secret"), b"\nB".to_vec()].concat();
        assert!(Text::decode(&big).bytes().contains_str("KEY=secret"));
    }

    #[test]
    fn utf32_is_laid_bare() {
        let blob: Vec<u8> = "\u{feff}KEY=secret"
            .chars()
            .flat_map(|c| (c as u32).to_le_bytes())
            .collect();
        assert!(Text::decode(&blob).bytes().contains_str("KEY=secret"));
    }

    #[test]
    fn text_with_nuls_stays_text() {
        let blob = b"one two three\0key = value\0\0more text here\n";
        let text = Text::decode(blob);
        assert!(!text.is_binary());
        assert_eq!(text.bytes(), blob);
    }

    #[test]
    fn spans_count_characters_from_one() {
        let text = Text::decode("ab\nü key\n".as_bytes());
        let span = text.span(&(6..9));
        assert_eq!(
            (span.line, span.column, span.end_line, span.end_column),
            (2, 3, 2, 6)
        );
        let latin1 = Text::decode(b"\xfc key");
        assert_eq!(latin1.span(&(2..5)).column, 3);
    }

    #[test]
    fn lines_are_those_between_line_ends() {
        let mut random = crate::lab::Random::new(0x11e);
        for rare in [1, 3, 50, 2_000] {
            for len in [0, 1, 255, 256, 257, 511, 512, 5_000] {
                let sign = |random: &mut crate::lab::Random| match random.below(rare) {
                    0 => b'\n',
                    _ => b'a',
                };
                let bytes: Vec<u8> = (0..len).map(|_| sign(&mut random)).collect();
                let text = Text::decode(&bytes);
                let mut start = 0;
                for (index, line) in bytes.split(|&byte| byte == b'\n').enumerate() {
                    let range = start..start + line.len();
                    assert_eq!(text.line_range(index), range, "{rare} {len}");
                    for place in [range.start, range.end] {
                        assert_eq!(text.line_of(place), index, "{rare} {len} {place}");
                    }
                    start = range.end + 1;
                }
            }
        }
    }

    #[test]
    fn columns_of_a_long_line_are_those_of_a_short_one() {
        let mut random = crate::lab::Random::new(0xc01);
        for broken in [None, Some(3), Some(5_000), Some(9_000)] {
            let mut line = String::from("first\n").into_bytes();
            while line.len() < 12_294 {
                let sign = ["a", "\u{fc}", "\u{20ac}", "\u{1f511}"][random.below(4)];
                line.extend(sign.as_bytes());
            }
            line.truncate(12_294);
            if let Some(at) = broken {
                line[at + 6] = 0xff;
            }
            let text = Text::decode(&line);
            for _ in 0..2_000 {
                let place = match random.below(8) {
                    0 => 4_096 * random.below(4),
                    1 => 12_288,
                    _ => random.below(12_289),
                };
                let expected = match std::str::from_utf8(&line[6..6 + place]) {
                    Ok(before) => before.chars().count() + 1,
                    Err(_) => place + 1,
                };
                assert_eq!(text.column(1, 6 + place), expected, "{place} {broken:?}");
            }
        }
    }

    #[test]
    fn a_line_that_a_parent_has_is_not_added() {
        let parents = [Text::decode(b"old\r\nboth"), Text::decode(b"other\n")];
        let text = Text::decode(b"new\nold\nboth\nother");
        let added = AddedLines::new(parents);
        let is_added: Vec<bool> = (0..4).map(|line| added.has(text.line(line))).collect();
        assert_eq!(is_added, [true, false, false, false]);
    }

    #[test]
    fn lines_of_many_texts_are_known() {
        let texts = [&b"one\r\ntwo"[..], b"three\n\n", b"two\n"];
        let known = KnownLines::of(texts.iter().map(|text| Text::decode(text)));
        for (line, expected) in [
            ("one", true),
            ("two", true),
            ("three", true),
            ("", true),
            ("four", false),
        ] {
            assert_eq!(known.contain(line.as_bytes()), expected, "{line}");
        }
        let many = b"\n".repeat(5 * KnownLines::LOOSE);
        let known = KnownLines::of(std::iter::once(Text::decode(&many)));
        assert!(known.hashes.capacity() <= 4 * KnownLines::LOOSE);
        assert_eq!(known.hashes.len(), 1);
    }

    #[test]
    fn no_blob_is_refused() {
        for blob in [
            &b""[..],
            b"\0",
            b"\xff\xfe",
            b"\xff\xfe\0",
            b"a\0",
            b"\0\0\0a\0\0\0",
        ] {
            let text = Text::decode(blob);
            let _ = text.span(&(0..text.bytes().len()));
        }
    }
}
