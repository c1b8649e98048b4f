//! Lines of keyward's in somebody's file, between two marks.

use std::ops::Range;

use bstr::ByteSlice;

/// Ends the first line of a block that is the whole file: there was none before.
pub(super) const ALONE: &str = " made this file";

/// The first and the last line of a block.
pub(super) struct Marks {
    pub(super) open: String,
    pub(super) close: String,
}

/// What is between two marks in a file, these included.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Block<'t> {
    /// There is no first line.
    Nothing,
    /// There is a first line and not the last.
    Open,
    /// The lines, and what the first of them says behind the mark.
    Whole { lines: Range<usize>, note: &'t [u8] },
}

impl Marks {
    /// The first block in a text.
    pub(super) fn find<'t>(&self, text: &'t [u8]) -> Block<'t> {
        let mut first = None;
        let mut at = 0;
        for line in text.lines_with_terminator() {
            let words = line.trim_ascii_end();
            match first {
                None => {
                    let note = words.strip_prefix(self.open.as_bytes());
                    first = note.map(|note| (at, note));
                }
                Some((start, note)) if words == self.close.as_bytes() => {
                    let lines = start..at + line.len();
                    return Block::Whole { lines, note };
                }
                Some(_) => {}
            }
            at += line.len();
        }
        match first {
            Some(_) => Block::Open,
            None => Block::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_whole_or_open_or_not_there() {
        let marks = Marks {
            open: "# >>> x >>>".to_owned(),
            close: "# <<< x <<<".to_owned(),
        };
        let whole = |lines, note: &'static str| Block::Whole {
            lines,
            note: note.as_bytes(),
        };
        for (text, expected) in [
            ("", Block::Nothing),
            ("a\n# <<< x <<<\n", Block::Nothing),
            ("# >>> x >>>\na\n", Block::Open),
            ("# <<< x <<<\n# >>> x >>>\n", Block::Open),
            ("a\n# >>> x >>>\nb\n# <<< x <<<\nc\n", whole(2..28, "")),
            (
                "# >>> x >>> made this file\r\n# <<< x <<<",
                whole(0..39, ALONE),
            ),
            (
                "# >>> x >>>\n# >>> x >>>\n# <<< x <<<\n# <<< x <<<\n",
                whole(0..36, ""),
            ),
        ] {
            assert_eq!(marks.find(text.as_bytes()), expected, "{text:?}");
        }
    }
}
