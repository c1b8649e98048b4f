//! The lines of an environment file, read as its loaders do where they agree.

use bstr::ByteSlice;

/// What a line of an environment file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line<'t> {
    /// A name and its value, without quotes and without the comment behind it.
    Value {
        /// The name.
        name: &'t [u8],
        /// The value; empty if there is none.
        value: &'t [u8],
    },
    /// A name alone: its value comes from the environment.
    Inherited,
    /// Something else, such as the later lines of a value in quotes.
    Other,
}

/// The lines that say something: neither blank nor comments.
pub(crate) fn lines(text: &[u8]) -> impl Iterator<Item = Line<'_>> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    text.lines()
        .map(|line| {
            let line = line.trim_ascii();
            let behind = line.strip_prefix(b"export ");
            behind.unwrap_or(line).trim_ascii_start()
        })
        .filter(|line| !line.is_empty() && !line.starts_with(b"#"))
        .map(|line| match line.split_once_str(b"=") {
            Some((name, value)) => Line::Value {
                name: name.trim_ascii_end(),
                value: without_quotes(value.trim_ascii()),
            },
            None if line.iter().all(|&b| b.is_ascii_alphanumeric() || b == b'_') => Line::Inherited,
            None => Line::Other,
        })
}

/// A value that is not closed on its line keeps its quote.
fn without_quotes(value: &[u8]) -> &[u8] {
    if let [quote @ (b'"' | b'\''), inner @ ..] = value {
        return match inner.find_byte(*quote) {
            Some(end) => inner[..end].trim_ascii(),
            None => value,
        };
    }
    match value.find(b" #") {
        Some(end) => value[..end].trim_ascii(),
        None if value.starts_with(b"#") => b"",
        None => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_loaders_do() {
        let value = |name: &'static str, value: &'static str| Line::Value {
            name: name.as_bytes(),
            value: value.as_bytes(),
        };
        for (text, expected) in [
            ("A=b\n", vec![value("A", "b")]),
            ("\u{feff}A = b c \r\n", vec![value("A", "b c")]),
            ("export  A='b # c' # d\n", vec![value("A", "b # c")]),
            (
                "A=b # c\nB=#c\nC=d#e",
                vec![value("A", "b"), value("B", ""), value("C", "d#e")],
            ),
            ("# A=b\n\n  \n", vec![]),
            ("A=\nB=\"\"\n", vec![value("A", ""), value("B", "")]),
            ("A=b=c\n", vec![value("A", "b=c")]),
            ("PATH_1\n", vec![Line::Inherited]),
            (
                "A=\"b\nmore words\"\n",
                vec![value("A", "\"b"), Line::Other],
            ),
        ] {
            assert_eq!(
                lines(text.as_bytes()).collect::<Vec<_>>(),
                expected,
                "{text:?}"
            );
        }
    }
}
