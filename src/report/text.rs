//! Names and paths as they fit into a report.

use std::borrow::Cow;

use bstr::ByteSlice;

use crate::change::STANDARD_INPUT;
use crate::shell::shown;

/// The text in at most `width` characters, cut in the middle: the start and the end of a path tell
/// more than what lies between.
pub(super) fn cut(text: &str, width: usize) -> Cow<'_, str> {
    let count = text.chars().count();
    if count <= width {
        return Cow::Borrowed(text);
    }
    let kept = width.saturating_sub(1);
    let head = kept / 2;
    let start: String = text.chars().take(head).collect();
    let end: String = text.chars().skip(count - (kept - head)).collect();
    Cow::Owned(format!("{start}…{end}"))
}

/// Where something was found, in words: its path, or what stands for one.
pub(crate) fn place_name(path: &[u8]) -> String {
    match path == STANDARD_INPUT.as_bytes() {
        true => "standard input".to_owned(),
        false => shown(path),
    }
}

/// The path as seen from a directory, both from the top of the repository.
pub(super) fn seen_from<'p>(path: &'p [u8], directory: &[u8]) -> Cow<'p, [u8]> {
    let directory = directory.strip_suffix(b"/").unwrap_or(directory);
    if directory.is_empty() || path.is_empty() {
        return Cow::Borrowed(path);
    }
    let mut steps = directory.split_str("/").peekable();
    let mut rest = path;
    while let Some(step) = steps.peek() {
        match rest
            .strip_prefix(*step)
            .and_then(|rest| rest.strip_prefix(b"/"))
        {
            Some(inside) => rest = inside,
            None => break,
        }
        steps.next();
    }
    let up = b"../".repeat(steps.count());
    Cow::Owned([up.as_slice(), rest].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_keep_their_ends() {
        assert_eq!(cut("short", 5), "short");
        assert_eq!(cut("src/deeply/nested/app.py", 11), "src/d…pp.py");
        assert_eq!(cut("ééééé", 3), "é…é");
        assert_eq!(cut("abc", 1), "…");
        assert_eq!(cut("abc", 0), "…");
    }

    #[test]
    fn paths_are_seen_from_where_the_reader_stands() {
        let seen = |path: &str, directory: &str| {
            let seen = seen_from(path.as_bytes(), directory.as_bytes());
            String::from_utf8(seen.into_owned()).unwrap()
        };
        assert_eq!(seen("src/app.py", ""), "src/app.py");
        assert_eq!(seen("src/app.py", "src/"), "app.py");
        assert_eq!(seen("src/app.py", "src"), "app.py");
        assert_eq!(seen("src/app.py", "srcs"), "../src/app.py");
        assert_eq!(seen("src/a/b.py", "src/c/d"), "../../a/b.py");
        assert_eq!(seen(".env", "a/b"), "../../.env");
        assert_eq!(seen("src", "src"), "../src");
    }
}
