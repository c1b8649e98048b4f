//! Cells of a notebook: where a reader finds a place, who never sees the file's lines.

use bstr::ByteSlice;

use crate::text::Text;

/// What each cell of a notebook says of itself, as nbformat writes it: before all else of the cell.
const SIGN: &str = "\"cell_type\"";

/// Where the cells of a text start; none if it is no notebook.
pub(super) struct Cells(Vec<usize>);

impl Cells {
    pub(super) fn of(path: &[u8], text: &Text<'_>) -> Self {
        match path.ends_with(b".ipynb") {
            true => Self(text.bytes().find_iter(SIGN).collect()),
            false => Self(Vec::new()),
        }
    }

    /// The number of the cell at a place, counted from 1.
    pub(super) fn at(&self, place: usize) -> Option<usize> {
        let before = self.0.partition_point(|&start| start <= place);
        (before > 0).then_some(before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_in_the_cell_that_starts_before_it() {
        let notebook = br#"{"cells": [{"cell_type": "code", "source": ["a"]},
            {"cell_type": "markdown", "source": ["\"cell_type\" b"]}]}"#;
        let text = Text::decode(notebook);
        let at = |path: &str, sign: &[u8]| {
            let place = notebook.find(sign).expect("it is there");
            Cells::of(path.as_bytes(), &text).at(place)
        };
        assert_eq!(at("x.ipynb", b"\"cells"), None);
        assert_eq!(at("x.ipynb", b"\"a\""), Some(1));
        assert_eq!(at("x.ipynb", b" b\"]"), Some(2));
        assert_eq!(at("x.json", b"\"a\""), None);
    }
}
