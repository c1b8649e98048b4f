//! Names that strangers chose, made fit for a terminal and for a shell.

use std::borrow::Cow;
use std::path::Path;

use bstr::{ByteSlice, ByteVec};

/// Characters that cannot be seen, or that change how others are seen, in order: terminal codes,
/// zero-width characters, marks that turn the direction of writing, tags, fillers. None has a
/// business in a name, and each can make one name look like another.
const UNSEEN: &[(char, char)] = &[
    ('\0', '\u{1f}'),
    ('\u{7f}', '\u{9f}'),
    ('\u{ad}', '\u{ad}'),
    ('\u{34f}', '\u{34f}'),
    ('\u{600}', '\u{605}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{6dd}', '\u{6dd}'),
    ('\u{70f}', '\u{70f}'),
    ('\u{890}', '\u{891}'),
    ('\u{8e2}', '\u{8e2}'),
    ('\u{115f}', '\u{1160}'),
    ('\u{17b4}', '\u{17b5}'),
    ('\u{180b}', '\u{180f}'),
    ('\u{200b}', '\u{200f}'),
    ('\u{2028}', '\u{202e}'),
    ('\u{2060}', '\u{206f}'),
    ('\u{3164}', '\u{3164}'),
    ('\u{fe00}', '\u{fe0f}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{ffa0}', '\u{ffa0}'),
    ('\u{fff0}', '\u{fffb}'),
    ('\u{110bd}', '\u{110bd}'),
    ('\u{110cd}', '\u{110cd}'),
    ('\u{13430}', '\u{1345f}'),
    ('\u{1bca0}', '\u{1bca3}'),
    ('\u{1d173}', '\u{1d17a}'),
    ('\u{e0000}', '\u{e0fff}'),
];

/// Whether the character shows as itself and leaves its neighbours alone.
pub(crate) fn is_plain(c: char) -> bool {
    let after = UNSEEN.partition_point(|&(first, _)| first <= c);
    after == 0 || UNSEEN[after - 1].1 < c
}

/// The text with everything unseen spelled out: `\n`, `\u{202e}`; and with it what a CI runner obeys
/// wherever it stands in a line of a log. A backslash stays as it is, so that escaping twice is escaping
/// once.
pub(crate) fn escaped(text: &str) -> Cow<'_, str> {
    // Nearly every text is ASCII.
    let printable = |byte: u8| matches!(byte, b' '..=b'~');
    let plain = text.bytes().all(printable) || text.chars().all(is_plain);
    if plain && !text.as_bytes().windows(2).any(|pair| pair == b"##") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for (at, c) in text.char_indices() {
        let commands = c == '#' && out.ends_with('#') && is_command(&text[at + 1..]);
        match (commands, is_plain(c)) {
            (true, _) => out.extend(c.escape_unicode()),
            (false, false) => out.extend(c.escape_default()),
            (false, true) => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Whether a command to a runner of Azure or GitHub goes on so behind `##`.
fn is_command(behind: &str) -> bool {
    let name = behind.trim_start_matches(|c: char| c.is_ascii_alphanumeric());
    name.starts_with('[')
}

/// A path as text: escaped, with `\xNN` for bytes that are not UTF-8.
pub(crate) fn shown(path: &[u8]) -> String {
    let mut out = String::with_capacity(path.len());
    for chunk in path.utf8_chunks() {
        out.push_str(&escaped(chunk.valid()));
        for byte in chunk.invalid() {
            out.push_str(&format!("\\x{byte:02x}"));
        }
    }
    out
}

/// A path of this machine as text, as [`shown`] has it.
pub(crate) fn shown_path(path: &Path) -> String {
    shown(&bytes(path))
}

/// A name in at most so many characters and an ellipsis, as [`shown`] has it: for a file that anybody
/// may have written, of which a message tells a part.
pub(crate) fn shown_start(name: &str, most: usize) -> String {
    match name.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", escaped(&name[..end])),
        None => escaped(name).into_owned(),
    }
}

fn bytes(path: &Path) -> Cow<'_, [u8]> {
    Vec::from_path_lossy(path)
}

/// Bytes as one word of a shell script, whatever they are: between single quotes.
pub(crate) fn quote(bytes: &[u8]) -> Vec<u8> {
    let mut word = vec![b'\''];
    word.extend(bytes.replace("'", r"'\''"));
    word.push(b'\'');
    word
}

/// What [`quote`] made the word of that the text starts with, and the text behind it; `None` if it
/// starts with no such word.
pub(crate) fn unquote(text: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut bytes = Vec::new();
    let mut rest = text.strip_prefix(b"'")?;
    loop {
        let (part, behind) = rest.split_once_str("'")?;
        bytes.extend_from_slice(part);
        match behind.strip_prefix(br"\''") {
            Some(more) => {
                bytes.push(b'\'');
                rest = more;
            }
            None => return Some((bytes, behind)),
        }
    }
}

/// A path of this machine as [`quoted`] has it.
pub(crate) fn quoted_path(path: &Path) -> String {
    quoted(&bytes(path))
}

/// The path as one word of a shell, to be shown and copied: bare where that is safe, and never with
/// a character that can't be seen. No shell takes it for an option or for anything but a path.
pub(crate) fn quoted(path: &[u8]) -> String {
    quoted_word(&not_an_option(path))
}

/// The path as a git pathspec that means this path alone, as one word of a shell.
pub(crate) fn pathspec(path: &[u8]) -> String {
    let magic = path.starts_with(b":") || path.iter().any(|byte| br"*?[\".contains(byte));
    if magic {
        quoted_word(&[b":(literal)", path].concat())
    } else {
        quoted(path)
    }
}

fn not_an_option(path: &[u8]) -> Cow<'_, [u8]> {
    if path.starts_with(b"-") {
        Cow::Owned([b"./", path].concat())
    } else {
        Cow::Borrowed(path)
    }
}

/// As one word of a shell, which may be taken for an option.
pub(crate) fn quoted_word(word: &[u8]) -> String {
    let bare = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-./+@,:".contains(byte);
    match word.to_str() {
        Ok(text) if !text.is_empty() && word.iter().all(bare) => text.to_owned(),
        Ok(text) if text.chars().all(is_plain) => quote(word).to_str_lossy().into_owned(),
        _ => ansi_quoted(word),
    }
}

/// `$'...'`, with octal escapes: of all notations for odd bytes the one that every shell which has
/// any reads alike. `!` is escaped because bash looks for history within these quotes.
fn ansi_quoted(word: &[u8]) -> String {
    let mut out = String::from("$'");
    for &byte in word {
        if matches!(byte, b' '..=b'~') && !b"'\\!".contains(&byte) {
            out.push(byte.into());
        } else {
            out.push_str(&format!("\\{byte:03o}"));
        }
    }
    out.push('\'');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unseen_characters_are_in_order() {
        assert!(UNSEEN.is_sorted_by(|a, b| a.1 < b.0));
        assert!(UNSEEN.iter().all(|(first, last)| first <= last));
    }

    #[test]
    fn names_cannot_speak_to_the_terminal() {
        let shown = |path: &[u8]| super::shown(path);
        assert_eq!(shown(b"src/app.py"), "src/app.py");
        assert_eq!(shown("naïve/東京.py".as_bytes()), "naïve/東京.py");
        assert_eq!(shown(b"a\x1b[31m\x07b"), r"a\u{1b}[31m\u{7}b");
        assert_eq!(shown(b"a\nb\tc\rd"), r"a\nb\tc\rd");
        assert_eq!(shown("txt.\u{202e}yp".as_bytes()), r"txt.\u{202e}yp");
        assert_eq!(
            shown("a\u{200b}b\u{feff}".as_bytes()),
            r"a\u{200b}b\u{feff}"
        );
        assert_eq!(shown("\u{9b}31m".as_bytes()), r"\u{9b}31m");
        assert_eq!(shown(b"caf\xe9 \xff\xfe"), r"caf\xe9 \xff\xfe");
        assert_eq!(shown(b"\xe2\x80"), r"\xe2\x80");
        assert_eq!(shown("🔑.py".as_bytes()), "🔑.py");
        assert_eq!(
            shown(b"##vso[a]###[b]## c"),
            r"#\u{23}vso[a]##\u{23}[b]## c"
        );
    }

    #[test]
    fn escaping_twice_is_escaping_once() {
        let once = shown(b"a\x1b\\n\xff");
        assert_eq!(escaped(&once), once);
    }

    #[test]
    fn a_long_name_is_told_by_its_start() {
        assert_eq!(shown_start("naïve", 5), "naïve");
        assert_eq!(shown_start("naïvely", 5), "naïve…");
        assert_eq!(shown_start("\u{1b}[2J", 2), r"\u{1b}[…");
    }

    #[test]
    fn a_path_of_this_machine_cannot_speak_to_the_terminal() {
        let path = Path::new("/tmp/\u{1b}[2J\nx");
        assert_eq!(shown_path(path), r"/tmp/\u{1b}[2J\nx");
    }

    #[test]
    fn what_is_quoted_is_one_word_and_comes_back() {
        assert_eq!(quote(b"/a b/it's $(x)"), br"'/a b/it'\''s $(x)'");
        for bytes in [&b""[..], b"a", b"'", b"''\\''", b"\xff\n$x", b"it's"] {
            for behind in [&b""[..], b"\n", b"; 'x'"] {
                let text = [&quote(bytes), behind].concat();
                assert_eq!(unquote(&text), Some((bytes.to_vec(), behind)));
            }
        }
        for other in [&b""[..], b"'", b"a", b"'a", b"'a'\\''b", b"\"a\""] {
            assert_eq!(unquote(other), None);
        }
    }

    #[test]
    fn a_pasted_path_is_one_word_and_runs_nothing() {
        let quoted = |path: &[u8]| super::quoted(path);
        assert_eq!(quoted(b"src/app.py"), "src/app.py");
        assert_eq!(quoted(b"my file.py"), "'my file.py'");
        assert_eq!(quoted(b"$(reboot).py"), "'$(reboot).py'");
        assert_eq!(quoted(b"`reboot`;&|<>"), "'`reboot`;&|<>'");
        assert_eq!(quoted(b"it's.py"), r"'it'\''s.py'");
        assert_eq!(quoted(b"-rf"), "./-rf");
        assert_eq!(quoted(b"-r f"), "'./-r f'");
        assert_eq!(quoted(b"~root"), "'~root'");
        assert_eq!(quoted(b"!x"), "'!x'");
        assert_eq!(quoted(b""), "''");
        assert_eq!(quoted("naïve.py".as_bytes()), "'naïve.py'");
        assert_eq!(quoted(b"a\nb'!\\"), r"$'a\012b\047\041\134'");
        assert_eq!(quoted("a\u{202e}b".as_bytes()), r"$'a\342\200\256b'");
        assert_eq!(quoted(b"\xff1"), r"$'\3771'");
    }

    #[test]
    fn a_pathspec_means_one_path() {
        assert_eq!(pathspec(b"src/app.py"), "src/app.py");
        assert_eq!(
            pathspec(b"app/[id]/page.tsx"),
            "':(literal)app/[id]/page.tsx'"
        );
        assert_eq!(pathspec(b":(exclude)x"), "':(literal):(exclude)x'");
        assert_eq!(pathspec(b"*"), "':(literal)*'");
        assert_eq!(pathspec(b"-A"), "./-A");
    }
}
