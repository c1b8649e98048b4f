//! What the text around a key says about it.

use std::ops::Range;

use bstr::ByteSlice;

use crate::filetype::has_sum;
use crate::words::name::{ends_in_id, of_id, pieces, reading};
use crate::words::{Word, contains, find_in_any_case, role};

/// Whether a byte can't be a part of a URL. A backslash can: JSON writes `\u0026` for `&`.
pub(crate) fn ends_url(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'>')
}

/// Whether a value breaks off where it ends, as people show keys: `eyJhbGc...`, `9fK2xQ[...]`, `9fK2xQ…`,
/// `9fK2xQ<truncated>`. The sign may stand within its place or right behind it.
pub(super) fn is_broken_off(text: &[u8], value: &Range<usize>) -> bool {
    /// A weight: a draw has one of these where it ends once in thousands, and needs it behind another sign then.
    const SIGNS: &[&[u8]] = &["…".as_bytes(), b"..", b"***"];
    /// A bound: the longest word that says so, with its brackets.
    const LONGEST: usize = 24;
    let is_open = |b: u8| matches!(b, b'[' | b'<' | b'(' | b'{');
    // Not `</hidden>`, and not `<!-- removed -->`.
    let is_word = |word: &[u8]| word.first().is_some_and(u8::is_ascii_alphanumeric);
    let says_so = |word: &[u8]| {
        word.starts_with(b"..")
            || word.starts_with("…".as_bytes())
            || is_word(word)
                && pieces(word)
                    .next()
                    .is_some_and(|piece| role::LEFT_OUT.has_in_any_case(piece))
    };
    let before = &text[value.clone()];
    let behind = &text[value.end..text.len().min(value.end + LONGEST)];
    if SIGNS
        .iter()
        .any(|sign| before.ends_with(sign) || behind.starts_with(sign))
    {
        return true;
    }
    let last = &before[before.len().saturating_sub(LONGEST)..];
    let own = last.iter().rposition(|&b| is_open(b)).filter(|_| {
        before
            .last()
            .is_some_and(|b| matches!(b, b']' | b'>' | b')' | b'}'))
    });
    match (own, behind.split_first()) {
        (Some(open), _) => says_so(&last[open + 1..]),
        (None, Some((&open, rest))) if is_open(open) => says_so(rest),
        _ => false,
    }
}

/// How many bytes of its line before a value are looked at. A bound: a name has 80, and it keeps the work
/// linear where a file has no lines.
const LINE_BEFORE: usize = 120;

/// How many bytes above a line the one is looked for that it stands under. A bound: a list of 70 digests in
/// hex is shorter; it keeps the work linear.
const PARENT_REACH: usize = 4096;

/// The longest heading of a list, in bytes. A bound: what is longer is data.
const LONGEST_HEADING: usize = 80;

/// The whole lines that end at a place, as far as one looks.
pub(super) fn whole_lines(text: &[u8], end: usize, reach: usize) -> &[u8] {
    let above = &text[end.saturating_sub(reach)..end];
    match above.iter().position(|&b| b == b'\n') {
        Some(cut) if above.len() < end => &above[cut + 1..],
        None if above.len() < end => &[],
        _ => above,
    }
}

/// The line of a value, as far as it stands before it.
#[derive(Debug)]
pub(super) struct Line<'a> {
    /// What stands above the line, as far as one looks.
    above: &'a [u8],
    before: &'a [u8],
}

impl<'a> Line<'a> {
    /// The line before the value, at most [`LINE_BEFORE`] bytes of it.
    pub(super) fn around(text: &'a [u8], value: &Range<usize>) -> Self {
        let from = value.start.saturating_sub(LINE_BEFORE);
        let before = &text[from..value.start];
        let line = before.iter().rposition(|&b| b == b'\n');
        let start = line.map_or(0, |at| at + 1);
        // Of a line whose start lies further away nothing is known of what it stands under.
        let above = match line {
            Some(at) => whole_lines(text, from + at, PARENT_REACH),
            None => &[],
        };
        Self {
            above,
            before: &before[start..],
        }
    }

    /// Whether something before the value says that it is a credential.
    pub(super) fn names_credential(&self) -> bool {
        role::CREDENTIAL
            .words()
            .any(|word| contains(self.before, word.bytes()))
    }

    /// The name of a digest that is a part of the value's own notation, as lock files write it: `h1:`,
    /// `sha512-`, `sha256:`, `sha256=`.
    pub(super) fn digest_mark(&self) -> Option<&'static str> {
        let mark = self.before.strip_suffix(b":").or_else(|| {
            let dash = self.before.strip_suffix(b"-");
            dash.or_else(|| self.before.strip_suffix(b"="))
        })?;
        let start = mark
            .iter()
            .rposition(|b| !b.is_ascii_alphanumeric())
            .map_or(0, |at| at + 1);
        if mark[..start].ends_with(b"_") || mark[..start].ends_with(b".") {
            return None;
        }
        find_in_any_case(&mark[start..])
            .filter(|word| word.is(role::HASH))
            .map(Word::text)
    }

    /// A word in the value's own name that says it is a hash or an id. What says that it is an id is taken
    /// back by a credential behind it: `client id`, `id token`.
    pub(super) fn other_word(&self) -> Option<&'static str> {
        let name = self.name();
        let is_public = |(a, b): (&[u8], &[u8])| {
            a.eq_ignore_ascii_case(b"public") && b.eq_ignore_ascii_case(b"key")
        };
        if pieces(name).zip(pieces(name).skip(1)).any(is_public) {
            return Some("public key");
        }
        let hash =
            pieces(name).find_map(|piece| find_in_any_case(piece).filter(|it| it.is(role::HASH)));
        hash.map(Word::text).or_else(|| of_id(name))
    }

    /// Whether the line, or what it stands under, is one of a list of sums: hex digits behind a version, the
    /// address of a repository or the name of a file, or under a heading that speaks of sums.
    pub(super) fn is_sum(&self) -> bool {
        let name = self.name();
        is_version(name)
            || name.ends_with(b".git")
            || self.is_of_file()
            || self.parent().is_some_and(speaks_of_sums)
    }

    /// Whether it starts as a list of sums of BSD: `SHA256 (acme-1.0.tar.gz) = `.
    pub(super) fn is_bsd_sum(&self) -> bool {
        let of_file = self.before.trim_ascii().strip_suffix(b") =");
        let parts = of_file.and_then(|line| line.split_once_str(" ("));
        parts.is_some_and(|(word, _)| role::HASH.has_in_any_case(word))
    }

    /// Whether the value's name is that of a file, in quotes or in front of a colon: settings may end like one.
    fn is_of_file(&self) -> bool {
        let name = name_at_end(self.before);
        let is_quote = |b: Option<&u8>| b.is_some_and(|b| b"\"'`|".contains(b));
        let is_quoted = is_quote(self.before[..name.start].last()) || {
            let behind = self.before[name.end..].trim_ascii_start();
            behind.starts_with(b":") || behind.starts_with(b"|")
        };
        is_quoted && has_sum(&self.before[name])
    }

    /// Whether the value is the end of the name of a cloud resource or of a condition on one:
    /// `arn:aws:iam::*:role/...`, `aws:RequestTag/...`.
    pub(super) fn is_resource(&self) -> bool {
        let start = self
            .before
            .iter()
            .rposition(|&b| ends_url(b) || matches!(b, b',' | b'(' | b'[' | b'='))
            .map_or(0, |at| at + 1);
        let word = &self.before[start..];
        word.ends_with(b"aws:") || word.starts_with(b"arn:") && word.contains(&b':')
    }

    /// Whether the value is what a service looks for in the DNS, to see whose a domain is: `"docusign=<uuid>"`,
    /// `stripe-verification=`.
    pub(super) fn is_domain_check(&self) -> bool {
        /// What such a record starts with that speaks of no verification.
        const NAMES: [&[u8]; 1] = [b"docusign"];
        let Some(before) = self.before.strip_suffix(b"=") else {
            return false;
        };
        let is_name = |b: &&u8| b.is_ascii_alphanumeric() || b"_-.".contains(b);
        let len = before.iter().rev().take_while(is_name).count();
        let (rest, name) = before.split_at(before.len() - len);
        let is_whole = rest
            .last()
            .is_none_or(|&b| ends_url(b) || matches!(b, b'(' | b'[' | b','));
        let name = name.to_ascii_lowercase();
        is_whole && (NAMES.contains(&&name[..]) || name.ends_with(b"-verification"))
    }

    /// Whether the value says which state of what stands before it is meant: `uses: acme/deploy@<commit>`.
    pub(super) fn is_revision(&self) -> bool {
        let of = self.before.strip_suffix(b"@").unwrap_or_default();
        let word = of.rsplit(|&b| ends_url(b)).next().unwrap_or_default();
        word.contains(&b'/') && word.last().is_some_and(u8::is_ascii_alphanumeric)
    }

    /// The name that the value is assigned to. Where that is only `value`, the one before it counts.
    pub(super) fn name(&self) -> &'a [u8] {
        let name = name_at_end(self.before);
        let word = &self.before[name.clone()];
        if word.eq_ignore_ascii_case(b"value") {
            return &self.before[name_at_end(&self.before[..name.start])];
        }
        word
    }

    /// The line that this one stands under: the nearest above that is indented less.
    fn parent(&self) -> Option<&'a [u8]> {
        let own = indent(self.before);
        let mut lines = self.above.rsplit(|&b| b == b'\n');
        lines
            .find(|line| indent(line) < own && !line.trim_ascii().is_empty())
            .filter(|line| line.len() <= LONGEST_HEADING)
    }
}

/// Whether a name that stands at `at` is that of an entry in a map of keys, as the map's own name says: `keys:`,
/// `API_KEYS = {`.
pub(crate) fn is_among_keys(text: &[u8], at: usize) -> bool {
    map_around(text, at).is_some_and(|map| {
        let reading = reading(map);
        reading.strength.is_some() && reading.turned_by.is_none()
    })
}

/// The name of the map in which a name stands at `at`.
pub(super) fn map_around(text: &[u8], at: usize) -> Option<&[u8]> {
    let line = Line::around(text, &(at..at));
    let heading = match line.before.rfind_byteset(b"{(") {
        Some(open) => &line.before[..open],
        None => line.parent()?,
    };
    Some(&heading[name_at_end(heading)])
}

/// Whether a place lies in the address of the image of a badge.
pub(super) fn is_in_badge(text: &[u8], at: usize) -> bool {
    /// A bound: how far back the address is read.
    const REACH: usize = 400;
    let before = &text[at.saturating_sub(REACH)..at];
    let url = before
        .rsplit(|&b| ends_url(b) || b == b'(')
        .next()
        .unwrap_or_default();
    let Some(query) = url.iter().position(|&b| b == b'?') else {
        return false;
    };
    let path = &url[..query];
    contains(path, b"://") && (path.ends_with(b".svg") || contains(path, b"badge"))
}

/// The name that ends a line, but for what joins it with its value: all that stands in quotes, or else what
/// has no blank.
fn name_at_end(line: &[u8]) -> Range<usize> {
    let is_name = |b: u8| b.is_ascii_alphanumeric() || b"_-.@".contains(&b);
    let joint = line
        .iter()
        .rposition(|&b| !matches!(b, b'"' | b'\'' | b'`' | b'\\' | b' ' | b'\t'))
        .map_or(0, |at| at + 1);
    if let [start @ .., b'=' | b':'] = &line[..joint]
        && let [start @ .., quote @ (b'"' | b'\'')] = start.trim_ascii_end()
        && let Some(open) = start.iter().rposition(|b| b == quote)
    {
        return open + 1..start.len();
    }
    let end = line
        .iter()
        .rposition(|&b| is_name(b))
        .map_or(0, |at| at + 1);
    let start = line[..end]
        .iter()
        .rposition(|&b| !is_name(b))
        .map_or(0, |at| at + 1);
    start..end
}

/// Whether a name is a version: `1.4.1`, `v2.0.0-rc.1`.
fn is_version(name: &[u8]) -> bool {
    let numbers = name.strip_prefix(b"v").unwrap_or(name);
    let mut parts = numbers.splitn(3, |&b| b == b'.');
    let mut is_number = || {
        parts
            .next()
            .is_some_and(|part| !part.is_empty() && part.iter().all(u8::is_ascii_digit))
    };
    is_number() && is_number()
}

/// Whether a heading speaks of sums: `SPEC CHECKSUMS:`, `"hashes": {`.
fn speaks_of_sums(heading: &[u8]) -> bool {
    pieces(heading)
        .filter_map(find_in_any_case)
        .any(|word| word.is(role::HASH))
}

/// Whether hex digits stand in a list of such: the line above and the one below each end in as many, behind a name of
/// their own, or two of one side do.
pub(super) fn is_in_column(text: &[u8], value: &Range<usize>) -> bool {
    /// A weight: a key and its id stand below each other, too; three of one length seldom.
    const OTHERS: usize = 2;
    column(text, value, b'\n', |_| true) >= OTHERS
}

/// Whether hex digits stand in a list of sums, whatever their own name says: many lines around it end in as many, and
/// their names speak of no secret and no id, as some stand beside the secret that goes with them. A lock file of
/// translations has them behind the names of messages: `settings/copy_secret: 55ac31...`.
pub(super) fn is_among_sums(text: &[u8], value: &Range<usize>) -> bool {
    /// A weight: settings have an id or two of a length beside their secret. Not measured.
    const OTHERS: usize = 4;
    /// A weight: fewer digits are a number or a short id.
    const DIGITS: usize = 16;
    let is_hex = || text[value.clone()].iter().all(u8::is_ascii_hexdigit);
    let is_neutral = |line: &[u8]| {
        let before = &line[..line.len() - value.len()];
        let words = || pieces(before).filter_map(find_in_any_case);
        let name = &before[name_at_end(before)];
        reading(name).strength.is_none()
            && !ends_in_id(name)
            && !words().any(|word| word.is(role::CREDENTIAL))
    };
    let others = |end| column(text, value, end, is_neutral);
    value.len() >= DIGITS && is_hex() && (others(b'\n') >= OTHERS || others(b',') >= OTHERS)
}

/// How many lines right above and below hex digits end in as many, of those that `counts` lets count; or how many entries
/// of their own line, if a comma is what entries `end` with.
fn column(text: &[u8], value: &Range<usize>, end: u8, counts: impl Fn(&[u8]) -> bool) -> usize {
    let width = value.len();
    let trimmed = |line: &[u8]| {
        let line = line.trim_ascii_end();
        line.trim_end_with(|c| matches!(c, ',' | '"' | '\'' | '}'))
            .len()
    };
    let ends_alike = |line: &&[u8]| {
        let line = &line[..trimmed(line)];
        let digits = line
            .iter()
            .rev()
            .take(width + 1)
            .take_while(|b| b.is_ascii_hexdigit());
        line.len() > width && digits.count() == width
    };
    let from = value.start.saturating_sub(COLUMN_REACH);
    let mut above = &text[from..value.start];
    let mut below = &text[value.end..(value.end + COLUMN_REACH).min(text.len())];
    if end != b'\n' {
        above = above.rsplit(|&b| b == b'\n').next().unwrap_or_default();
        below = below.split(|&b| b == b'\n').next().unwrap_or_default();
    }
    let above = &above[..above.rfind_byte(end).unwrap_or(0)];
    let below = &below[below.find_byte(end).map_or(below.len(), |at| at + 1)..];
    let alike = |lines: &mut dyn Iterator<Item = &[u8]>| {
        let alike = lines.take_while(ends_alike);
        alike.filter(|line| counts(&line[..trimmed(line)])).count()
    };
    alike(&mut above.rsplit(|&b| b == end)) + alike(&mut below.split(|&b| b == end))
}

/// How far around a value the lines of its list are read, in bytes. A bound: ten lines of a list of sums.
const COLUMN_REACH: usize = 1024;

/// The narrowest line of a text in base64 that is cut into lines, in characters. A weight: programs cut at
/// 64 and 76, some at 40 and more; keys are listed below each other, too, and most are shorter.
const BLOCK_WIDTH: usize = 40;

/// Whether a token is a whole line of a longer text in base64: the line above or below has a run of
/// base64 of the same length, behind the same indent or quote. One that has the same prefix is another
/// key.
pub(super) fn is_in_block(text: &[u8], token: &Range<usize>, prefix: &[u8]) -> bool {
    let is_base64 = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'_' | b'-');
    let line_start = |at: usize| {
        text[..at]
            .iter()
            .rev()
            .take(LINE_BYTES)
            .position(|&b| b == b'\n')
            .map(|back| at - back)
            .or((at <= LINE_BYTES).then_some(0))
    };
    let run = |at: usize| {
        text[at..]
            .iter()
            .take(LINE_BYTES)
            .take_while(|&&b| is_base64(b))
            .count()
    };
    let Some(start) = line_start(token.start) else {
        return false;
    };
    let column = token.start - start;
    let width = run(token.start);
    if width < BLOCK_WIDTH || width < token.len() {
        return false;
    }
    let fits = |other: usize| {
        let at = other + column;
        at < text.len()
            && text[other..at] == text[start..token.start]
            && run(at) == width
            && !text[at..].starts_with(prefix)
    };
    let above = start.checked_sub(1).and_then(line_start);
    let below = text[token.end..]
        .iter()
        .take(LINE_BYTES)
        .position(|&b| b == b'\n')
        .map(|ahead| token.end + ahead + 1);
    above.is_some_and(fits) || below.is_some_and(fits)
}

/// Whether base64 goes on behind a place, in the next line or the next string.
pub(super) fn goes_on_in_base64(text: &[u8], at: usize) -> bool {
    /// A bound: what parts two lines or strings of one text: quotes, a sign, the indent.
    const GAP: usize = 80;
    /// A weight: a shorter word goes on as text.
    const SHORTEST: usize = 24;
    let behind = &text[at..];
    let between = |b: &u8| b.is_ascii_whitespace() || b"\"'`\\+,.&_|*#/>n".contains(b);
    let gap = behind.iter().take(GAP).take_while(|b| between(b)).count();
    let run = behind[gap..].iter().take(SHORTEST);
    run.take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'))
        .count()
        == SHORTEST
}

/// The longest line that is taken for one of a text in base64, in bytes. A bound: programs cut at 76, and
/// it keeps the work linear.
const LINE_BYTES: usize = 256;

/// The names that RFC 2606, RFC 6761 and RFC 9476 keep for documentation and tests. `localhost` is
/// somebody's own machine.
const RESERVED: &[&str] = &[
    "alt",
    "example",
    "example.com",
    "example.net",
    "example.org",
    "invalid",
    "test",
];

/// Whether what stands behind a password is a host that RFC 2606 and RFC 6761 keep for documentation
/// and tests: nobody has an account there.
pub(super) fn is_for_example_host(text: &[u8], password: &Range<usize>) -> bool {
    /// The longest name of a host, in bytes (RFC 1035, section 2.3.4). A bound.
    const LONGEST: usize = 253;
    let Some(behind) = text[password.end..].strip_prefix(b"@") else {
        return false;
    };
    let len = behind
        .iter()
        .take(LONGEST)
        .take_while(|&&b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
        .count();
    let host = behind[..len].to_ascii_lowercase();
    let host = host.strip_suffix(b".").unwrap_or(&host);
    let is_within = |domain: &[u8]| {
        host.strip_suffix(domain)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with(b"."))
    };
    // Of one letter there is none.
    let is_letter = matches!(host, [letter] if letter.is_ascii_alphabetic());
    is_letter || RESERVED.iter().any(|domain| is_within(domain.as_bytes()))
}

/// How far a line is indented.
pub(super) fn indent(line: &[u8]) -> usize {
    line.iter().take_while(|b| b.is_ascii_whitespace()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Line<'_> {
        Line::around(text.as_bytes(), &(text.len()..text.len()))
    }

    #[test]
    fn a_name_says_that_its_value_is_an_id_or_a_hash() {
        for (before, word) in [
            ("discordClientId = \"", Some("id")),
            ("  \"trace_id\": \"", Some("id")),
            ("X-Request-ID: ", Some("id")),
            ("mistral.accountid=", Some("id")),
            ("<org value=\"", Some("org")),
            ("{name: acme_workspace, value: ", Some("workspace")),
            (
                "\"checksum acme 1.0 (registry+https://x.y/z)\" = \"",
                Some("checksum"),
            ),
            ("acme_commit: ", Some("commit")),
            ("SHA256_TOKEN=", Some("sha256")),
            ("client_id_secret = '", None),
            ("idToken: '", None),
            ("ACME_PROJECT_KEY=", None),
            ("valid = \"", None),
            ("grid: ", None),
        ] {
            assert_eq!(line(before).other_word(), word, "{before}");
        }
    }

    #[test]
    fn a_mark_says_that_a_digest_follows() {
        for (before, word) in [
            ("github.com/x/y v1.0.0 h1:", Some("h1")),
            ("integrity sha512-", Some("sha512")),
            ("hash = \"sha256:", Some("sha256")),
            ("rails (7.1) sha256=", Some("sha256")),
            ("key: ", None),
            ("MY_SHA256=", None),
            ("", None),
        ] {
            assert_eq!(line(before).digest_mark(), word, "{before}");
        }
    }

    #[test]
    fn entries_stand_among_keys() {
        for (text, expected) in [
            ("keys:\n  a: 1\n  ", true),
            ("{\n  \"apiKeys\": {\n    ", true),
            ("KEYS = {", true),
            ("const TOKENS = { a: 1, ", true),
            ("dependencies:\n  ", false),
            ("cache_keys:\n  ", false),
            ("versions = {", false),
            ("", false),
        ] {
            assert_eq!(
                is_among_keys(text.as_bytes(), text.len()),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn a_column_of_hex_digits_is_a_list() {
        let hex = |at: usize, len: usize| "0123456789abcdef".repeat(8)[at..at + len].to_owned();
        let line = |name: &str, at: usize, len: usize| format!("  {name}: {}\n", hex(at, len));
        let list = [line("a/one", 1, 32), line("a/two", 5, 32), line("b", 9, 32)];
        let other = line("other", 3, 40);
        for (text, at, expected) in [
            (list.concat(), 0, true),
            (list.concat(), 1, true),
            (list.concat(), 2, true),
            (list[..2].concat(), 0, false),
            (
                [&list[0][..], &other, &list[1], &list[2]].concat(),
                0,
                false,
            ),
            (list[0].clone(), 0, false),
        ] {
            let start = text.find(&list[at]).unwrap() + list[at].find(": ").unwrap() + 2;
            assert_eq!(
                is_in_column(text.as_bytes(), &(start..start + 32)),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn a_list_of_sums_is_told_by_what_stands_before_it() {
        for (before, expected) in [
            ("\"jason\": {:hex, :jason, \"1.4.1\", \"", true),
            ("{:git, \"https://host.net/x/y.git\", \"", true),
            ("SPEC CHECKSUMS:\n  A: 1\n\n  Auth: ", true),
            ("{\"index.html\": \"x\", \"token.rs\": \"", true),
            ("dist/credentials.go: ", true),
            ("| secret-agent-1.0.tar.gz | ", true),
            ("secret.java=", false),
            ("{\"db.password\": \"", false),
            ("\"hashes\": {\n   \"a\": 1,\n   \"auth\": \"", true),
            ("CHECKSUMS:\n  A: 1\nkeys:\n  auth: ", false),
            ("login(\"1\", \"", false),
            ("auth: ", false),
        ] {
            assert_eq!(line(before).is_sum(), expected, "{before}");
        }
    }
}
