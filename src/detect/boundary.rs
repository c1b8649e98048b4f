//! Where a token begins and ends.
//!
//! A word boundary is not enough: tokens stand behind escaped line ends (`\nsk-...`), percent
//! escapes (`%2Fghp_...`) and colour codes, and letters like a token's own may be the middle of
//! base64.

use std::ops::Range;

use crate::encoding::percent_escape;
use crate::rules::{Reach, Rule};

/// A run of base64 this long before a token, in bytes, means that the token lies within base64. A weight:
/// names and paths before a token are shorter; not measured.
const BASE64_RUN: usize = 20;

/// A run this long means so even before a prefix such as `xyz_`, which base64 for URLs may hold. A
/// weight: a line of PEM; a token behind a path of that length without a sign is rare. Not measured.
const TOKEN_RUN: usize = 64;

/// The longest codes of a colour, in bytes. A bound: `38;2;255;255;255` sets each part of it apart, and
/// such are rare in files.
const COLOUR_CODES: usize = 12;

/// How many bytes before a place go on like a token or base64, up to [`TOKEN_RUN`].
///
/// Many rules ask for one place, and in a file of nothing but prefixes for each few bytes: what was
/// counted for the place before counts on.
#[derive(Debug, Default)]
pub(super) struct RunBefore {
    start: usize,
    len: usize,
}

impl RunBefore {
    fn at(&mut self, bytes: &[u8], start: usize) -> usize {
        if start != self.start {
            let known = start
                .checked_sub(self.start)
                .filter(|&further| further < TOKEN_RUN);
            let fresh = bytes[..start]
                .iter()
                .rev()
                .take(known.unwrap_or(TOKEN_RUN))
                .take_while(|&&b| b.is_ascii_alphanumeric() || b"_-+/".contains(&b))
                .count();
            let before = if known == Some(fresh) { self.len } else { 0 };
            *self = Self {
                start,
                len: TOKEN_RUN.min(fresh + before),
            };
        }
        self.len
    }
}

/// Whether a token may begin and end where this one does.
pub(super) fn holds(bytes: &[u8], span: &Range<usize>, rule: &Rule) -> bool {
    holds_before(bytes, span.start, rule) && holds_after(bytes, span.end, rule)
}

/// Whether a token of the rule may begin at `start`.
pub(super) fn holds_before(bytes: &[u8], start: usize, rule: &Rule) -> bool {
    holds_behind(bytes, start, rule, &mut RunBefore::default())
}

/// As `holds_before`, for places that come nearly in order.
pub(super) fn holds_behind(bytes: &[u8], start: usize, rule: &Rule, run: &mut RunBefore) -> bool {
    let before = &bytes[..start];
    let Some(&last) = before.last() else {
        return true;
    };
    // A format that starts with a separator stands behind what it separates: `tenant.webhook...`.
    let separates = |first: &u8| !first.is_ascii_alphanumeric() && bytes.get(start) == Some(first);
    match last {
        _ if rule.prefix.as_bytes().first().is_some_and(separates) => true,
        b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => {
            ends_in_escape(before) && !(is_bare(rule) && ends_in_base64(before))
        }
        b'_' | b'-' | b'+' | b'/' => {
            let separated = rule.has_separator();
            let longest = if separated { TOKEN_RUN } else { BASE64_RUN };
            // Without a literal start it may be the rest of a path, an option or base64.
            !is_bare(rule) && run.at(bytes, start) < longest
        }
        // A member, a fragment, or the middle of an escape.
        b'.' => {
            !is_bare(rule)
                || !before
                    .iter()
                    .nth_back(1)
                    .is_some_and(u8::is_ascii_alphanumeric)
        }
        b'#' => !is_bare(rule),
        b'%' => !is_bare(rule) || !starts_with_hex_pair(&bytes[start..]),
        _ => true,
    }
}

/// Whether a token may begin at `start` of what is no text: a letter before it may be its length, or the end of the
/// value before it. What lies in a long run is base64.
pub(super) fn holds_in_binary(
    bytes: &[u8],
    start: usize,
    rule: &Rule,
    run: &mut RunBefore,
) -> bool {
    run.at(bytes, start) < TOKEN_RUN && !goes_on_in_word(&bytes[..start], rule.prefix.as_bytes())
}

/// Whether the letters of a prefix are the end of a word that starts before it: `Session_` holds `ion_`.
fn goes_on_in_word(before: &[u8], prefix: &[u8]) -> bool {
    /// Endings that are prefixes, too, and the letters behind which they end a word.
    const ENDINGS: &[(&[u8], &[u8])] = &[(b"ion", b"cglnstx")];
    let letters = prefix
        .iter()
        .take_while(|b| b.is_ascii_alphabetic())
        .count();
    let last = before.last().map(u8::to_ascii_lowercase);
    let mut endings = ENDINGS.iter();
    endings.any(|(ending, behind)| {
        prefix[..letters].eq_ignore_ascii_case(ending)
            && last.is_some_and(|last| behind.contains(&last))
    })
}

/// How long what starts at `start` is, if what stands before it may say so: the byte that is its length, or a letter at
/// the start of its line, by which pickle marks a string that ends with the line.
///
/// Behind a byte that no text has, that is enough. Field 1 of a message of protobuf is marked by the end of a line, and
/// field 4 by a quote: there it has to end where that length says.
pub(super) fn length_before(bytes: &[u8], start: usize) -> Option<usize> {
    /// A bound: no token that is told so is longer.
    const LONGEST: usize = 255;
    let is_text = |byte: u8| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~');
    let ends = |len: u8| {
        let next = bytes.get(start + usize::from(len));
        next.is_none_or(|next| !next.is_ascii_alphanumeric() && !b"_-".contains(next))
    };
    let line = || {
        let rest = bytes[start..].iter().take(LONGEST);
        let len = rest.take_while(|&&byte| is_text(byte) && !matches!(byte, b'\n' | b'\r'));
        let len = len.count();
        let ends = matches!(bytes.get(start + len), None | Some(b'\n' | b'\r'));
        ends.then_some(len)
    };
    let len = match bytes[..start] {
        [b'V'] | [.., b'\n', b'V'] => line(),
        _ => None,
    };
    len.or_else(|| match bytes[..start] {
        [.., before, b'z' | b'Z', len] if !is_text(before) => Some(len.into()),
        [.., kind, len] if !is_text(kind) => Some(len.into()),
        [.., b'\n' | b'"', len] if start + usize::from(len) <= bytes.len() && ends(len) => {
            Some(len.into())
        }
        _ => None,
    })
}

/// Whether a token may end before `end` in what is no text: the next value, or its kind, may stand there.
pub(super) fn holds_after_in_binary(bytes: &[u8], end: usize) -> bool {
    let behind = bytes[end..].iter().take(TOKEN_RUN);
    behind.take_while(|b| b.is_ascii_alphanumeric()).count() < TOKEN_RUN
}

/// Whether a token of the rule may end before `end`: one that goes on is another one.
pub(super) fn holds_after(bytes: &[u8], end: usize, rule: &Rule) -> bool {
    match bytes.get(end) {
        None => true,
        Some(&next) if next.is_ascii_alphanumeric() || rule.tail.contains(next) => false,
        Some(b'_' | b'-') if rule.reach == Reach::Near => false,
        // A call: code that names something.
        Some(b'(') if is_bare(rule) => false,
        // Base64 that goes on.
        Some(b'+' | b'/') if is_bare(rule) => {
            !bytes.get(end + 1).is_some_and(u8::is_ascii_alphanumeric)
        }
        // The padding of base64, or a name that something is assigned to.
        Some(b'=') if is_bare(rule) => false,
        Some(b'%') if is_bare(rule) => !is_escape_of_base64(&bytes[end..]),
        // A part of a host name, a file name, a member or a token of several parts.
        Some(b'.') if rule.reach == Reach::Near => !bytes
            .get(end + 1)
            .is_some_and(|&next| next.is_ascii_alphanumeric() || next == b'_'),
        Some(_) => true,
    }
}

/// Whether a text starts with the percent escape of a sign that base64 has: `%2B`, `%2F`, `%3D`.
fn is_escape_of_base64(text: &[u8]) -> bool {
    percent_escape(text, 0).is_some_and(|byte| matches!(byte, b'+' | b'/' | b'='))
}

/// Whether what stands before a token is base64 up to the percent escape of one of its signs: `...9x%2B`. Behind a
/// slash that ends a path, `%2F%2Fhost%2F`, another word starts.
fn ends_in_base64(before: &[u8]) -> bool {
    let Some((rest, escape)) = before.len().checked_sub(3).map(|at| before.split_at(at)) else {
        return false;
    };
    match percent_escape(escape, 0) {
        Some(b'+') => true,
        Some(b'/') => {
            let run = rest.iter().rev().take(BASE64_RUN);
            run.take_while(|b| b.is_ascii_alphanumeric()).count() >= BASE64_RUN
        }
        _ => false,
    }
}

/// Whether the rule's secrets have no start of their own that tells them from other tokens.
fn is_bare(rule: &Rule) -> bool {
    rule.reach == Reach::Near && !rule.has_separator()
}

fn starts_with_hex_pair(text: &[u8]) -> bool {
    text.len() >= 2 && text[..2].iter().all(u8::is_ascii_hexdigit)
}

/// Whether bytes that end in a letter or a digit end in an escape of some notation.
fn ends_in_escape(before: &[u8]) -> bool {
    let hex = |range: Range<usize>| {
        before.len() >= range.end
            && before[before.len() - range.end..before.len() - range.start]
                .iter()
                .all(u8::is_ascii_hexdigit)
    };
    let at = |back: usize| before.len().checked_sub(back).map(|index| before[index]);
    // Most letters are the middle of a word: without one of these it is none of what follows.
    if let [.., six, _, four, three, two, one] = *before
        && one != b'm'
        && ![two, four, six].contains(&b'\\')
        && !matches!(three, b'%' | b'=')
    {
        return false;
    }
    // \n \t \r \" ... in a string literal
    if at(2) == Some(b'\\') && b"nrtbfv0ae".contains(&before[before.len() - 1]) {
        return true;
    }
    // %2F in a URL, =3D in quoted-printable
    if hex(0..2) && at(3) == Some(b'%') {
        return true;
    }
    // Quoted-printable writes the `=` before a value as `=3D`; after it others may follow. A mere
    // `=20` is the start of a value in hex.
    if hex(0..2) && at(3) == Some(b'=') {
        return before.ends_with(b"=3D") || before[..before.len() - 3].ends_with(b"=3D");
    }
    // \x22, \u0022
    if (hex(0..2) && at(3) == Some(b'x') && at(4) == Some(b'\\'))
        || (hex(0..4) && at(5) == Some(b'u') && at(6) == Some(b'\\'))
    {
        return true;
    }
    // ESC [ 1 ; 31 m
    if at(1) == Some(b'm') {
        let codes = before[..before.len() - 1]
            .iter()
            .rev()
            .take(COLOUR_CODES)
            .take_while(|b| b.is_ascii_digit() || **b == b';')
            .count();
        return at(codes + 2) == Some(b'[')
            && (at(codes + 3) == Some(0x1b)
                || before[..before.len() - codes - 2].ends_with(b"\\033")
                || before[..before.len() - codes - 2].ends_with(b"\\x1b")
                || before[..before.len() - codes - 2].ends_with(b"\\u001b")
                || before[..before.len() - codes - 2].ends_with(b"\\e"));
    }
    false
}

#[cfg(test)]
mod tests {
    use super::{RunBefore, ends_in_escape, length_before};

    #[test]
    fn a_run_is_the_same_wherever_it_was_counted_from() {
        let bytes: Vec<u8> = (0..400)
            .map(|at| if at % 90 == 70 { b' ' } else { b'a' })
            .collect();
        for step in [1, 3, 40, 63, 64, 65, 100] {
            let mut run = RunBefore::default();
            let there = (0..bytes.len()).step_by(step);
            for at in there.clone().chain(there.rev()) {
                let afresh = RunBefore::default().at(&bytes, at);
                assert_eq!(run.at(&bytes, at), afresh, "at {at} by {step}");
            }
        }
    }

    #[test]
    fn escapes_of_every_notation_end_before_a_token() {
        for before in [
            "line\\n",
            "a\\t",
            "\\r",
            "x%2F",
            "x=3D",
            "\\x22",
            "\\u0022",
            "\x1b[31m",
            "\x1b[m",
            "\\033[1;31m",
            "\\x1b[0m",
            "\\e[0m",
        ] {
            assert!(ends_in_escape(before.as_bytes()), "{before:?}");
        }
    }

    #[test]
    fn a_length_is_told_by_what_stands_before() {
        let token = "k".repeat(108);
        for (before, behind, len) in [
            ("\0l", "", Some(108)),
            ("\x12l", "\x1a\x03abc", Some(108)),
            ("abc\x1al", "z", Some(108)),
            ("abc\x12zl", "z", Some(108)),
            ("\nl", "\x12\x03abc", Some(108)),
            ("abc\"l", "*\x03abc", Some(108)),
            ("\"l", "", Some(108)),
            ("V", "\np1\n", Some(108)),
            ("(dp0\nV", "\r\n", Some(108)),
            ("\nV", " and more\n", Some(117)),
            // It goes on.
            ("\nl", "k", None),
            ("\"l", "_", None),
            // It would end behind all that there is.
            ("\nm", "", None),
            ("\tl", "", None),
            ("\rl", "", None),
            (" l", "", None),
            ("al", "", None),
            ("'l", "", None),
            ("aV", "\n", None),
            ("l", "", None),
            ("", "", None),
        ] {
            let bytes = [before, &token, behind].concat();
            let told = length_before(bytes.as_bytes(), before.len());
            assert_eq!(told, len, "{before:?} {behind:?}");
        }
    }

    #[test]
    fn letters_are_no_escape() {
        for before in [
            "risk", "n", "x22", "u0022", "=3d", "[31m", "2F", "a", "\\q", "m",
        ] {
            assert!(!ends_in_escape(before.as_bytes()), "{before:?}");
        }
    }
}
