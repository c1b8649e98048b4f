//! Comments in the source that allow what stands on their line, or on the next one.

use std::ops::Range;

use bstr::ByteSlice;

use crate::filetype::Syntax;

/// Which line a comment speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    /// Its own, or the next one if it has a line to itself; rule ids may follow.
    Keyward,
    /// Its own.
    Line,
    /// The next one.
    NextLine,
}

/// keyward's comment and those of its peers, sorted. A blank behind a colon may be missing or
/// added, any other blank may be a dash.
const COMMENTS: &[(&str, Scope)] = &[
    ("HashiCorpIgnore", Scope::Line),
    ("betterleaks:allow", Scope::Line),
    ("ggignore", Scope::Line),
    ("gitguardian:ignore", Scope::Line),
    ("gitleaks:allow", Scope::Line),
    ("infisical-scan:ignore", Scope::Line),
    ("keyward:allow", Scope::Keyward),
    ("kingfisher:allow", Scope::Line),
    ("kingfisher:ignore", Scope::Line),
    ("nosecret", Scope::Line),
    ("pragma: allowlist nextline secret", Scope::NextLine),
    ("pragma: allowlist secret", Scope::Line),
    ("pragma: whitelist nextline secret", Scope::NextLine),
    ("pragma: whitelist secret", Scope::Line),
    ("secretlint-disable-line", Scope::Line),
    ("secretlint-disable-next-line", Scope::NextLine),
    ("talisman:ignore", Scope::Line),
    ("trufflehog:ignore", Scope::Line),
];

/// How comments start, in the languages that people write; sorted.
const LEADERS: &[&str] = &[
    "!", "\"", "\"\"\"", "#", "%", "'", "(*", "*", "--", "..", "/*", "//", ";", "<!--", "@rem",
    "REM", "Rem", "rem", "{#", "{-", "{{!", "{{/*",
];

/// Those of them that start one behind something else, too, where a blank stands before them.
const BEHIND: &[&str] = &["#", "%", "'", "--", "//", ";"];

/// Those that do so without a blank: nothing else is written like them.
const OPENERS: &[&str] = &["(*", "/*", "<!--", "{#", "{-", "{{!", "{{/*"];

/// Those that are something else in a script: an option, the next command, a job.
const NOT_IN_SCRIPTS: &[&str] = &["%", "--", ";"];

/// How comments end that could have code behind them.
const CLOSERS: &[&str] = &["*)", "*/", "-->", "-}", "}}", "#}"];

/// A bound: in no line is a comment's text looked at in more places, each with the comments before it.
const MOST_PLACES: usize = 8;

/// A bound: before a place, no more comments are looked at. One comment starts within another seldom.
const MOST_LEADERS: usize = 4;

/// The names under which a language without comments has them: `"_comment": "..."`.
const NAMES: &[&str] = &["comment", "comments", "note"];

/// The comments of a line, and of the line above it, that allow something.
#[derive(Clone, Debug, Default)]
pub(crate) struct Comments<'l>(Vec<Comment<'l>>);

#[derive(Clone, Copy, Debug)]
struct Comment<'l> {
    text: &'static str,
    /// What stands behind keyward's own: the ids of rules, if it speaks of some.
    rules: Option<&'l [u8]>,
}

impl<'l> Comments<'l> {
    /// Those that speak of `line`, of which `above` is the line before.
    ///
    /// Their words count in a comment alone: in a string, a URL or a name they allow nothing. In a line of
    /// more than a few thousand bytes only the end is searched: a minified file has thousands of findings on
    /// one line.
    pub(crate) fn of(line: &'l [u8], above: Option<&'l [u8]>, syntax: Syntax) -> Self {
        let line = ending(line);
        let mut found = Vec::new();
        let mut starts = None;
        for (text, scope) in COMMENTS {
            if *scope == Scope::NextLine {
                continue;
            }
            for (at, rest) in places(line, text).take(MOST_PLACES) {
                let starts = starts.get_or_insert_with(|| Starts::of(line, syntax));
                if starts.have(line, at) {
                    let rules = (*scope == Scope::Keyward).then_some(rest);
                    found.push(Comment { text, rules });
                }
            }
        }
        if let Some(comment) = above.and_then(|above| comment_alone(ending(above), syntax)) {
            for (text, scope) in COMMENTS {
                match scope {
                    // At the comment's start, or it would speak of what stands before it.
                    Scope::Keyward => {
                        let rest = at_start(comment, text);
                        found.extend(rest.map(|rest| Comment {
                            text,
                            rules: Some(rest),
                        }));
                    }
                    Scope::Line => {}
                    Scope::NextLine => {
                        let mut places = places(comment, text);
                        let is_there = places.next().is_some();
                        found.extend(is_there.then_some(Comment { text, rules: None }));
                    }
                }
            }
        }
        Self(found)
    }

    /// The comment that allows what `rule` found.
    pub(crate) fn allow(&self, rule: &str) -> Option<&'static str> {
        let covers = |comment: &&Comment<'_>| comment.rules.is_none_or(|rest| allows(rest, rule));
        self.0.iter().find(covers).map(|comment| comment.text)
    }
}

/// Where comments may start in a line, and its strings, in which they don't.
struct Starts {
    /// Each with the length of its sign.
    leaders: Vec<(usize, usize)>,
    strings: Vec<Range<usize>>,
}

impl Starts {
    fn of(line: &[u8], syntax: Syntax) -> Self {
        let mut starts = Self {
            leaders: Vec::new(),
            strings: Vec::new(),
        };
        let first = line.len() - line.trim_ascii_start().len();
        let mut at = first;
        if let Some(leader) = leader_at(&line[first..], LEADERS, syntax) {
            starts.leaders.push((first, leader.len()));
            at += leader.len();
        }
        // Where a quote is not closed behind this place, no other is.
        let mut open: [bool; 3] = [true; 3];
        while at < line.len() {
            let byte = line[at];
            let quote = b"\"'`".iter().position(|&quote| quote == byte);
            if let Some(quote) = quote.filter(|&quote| open[quote] && opens(&line[..at], byte)) {
                match closing(line, at) {
                    Some(end) => {
                        starts.strings.push(at + 1..end);
                        at = end + 1;
                        continue;
                    }
                    None => open[quote] = false,
                }
            }
            let behind_blank = at
                .checked_sub(1)
                .is_none_or(|before| line[before].is_ascii_whitespace());
            let kinds = if behind_blank { BEHIND } else { &[] };
            let leader = leader_at(&line[at..], OPENERS, syntax)
                .or_else(|| leader_at(&line[at..], kinds, syntax));
            if let Some(leader) = leader {
                starts.leaders.push((at, leader.len()));
            }
            at += 1;
        }
        starts
    }

    /// Whether a place of the line is in a comment.
    fn have(&self, line: &[u8], place: usize) -> bool {
        let around = self.strings.partition_point(|string| string.end <= place);
        if let Some(string) = self
            .strings
            .get(around)
            .filter(|string| string.start <= place)
        {
            // What stands in quotes within a comment is a part of it.
            return self.is_open_at(line, string.start)
                || is_named_comment(&line[..string.start - 1]);
        }
        self.is_open_at(line, place)
    }

    /// Whether one of the nearest comments before a place goes on up to it.
    fn is_open_at(&self, line: &[u8], place: usize) -> bool {
        let before = self.leaders.partition_point(|(start, _)| *start < place);
        let nearest = self.leaders[..before].iter().rev().take(MOST_LEADERS);
        nearest
            .into_iter()
            .any(|leader| is_open(line, *leader, place))
    }
}

/// Whether a comment that starts somewhere goes on up to a place.
fn is_open(line: &[u8], (start, length): (usize, usize), place: usize) -> bool {
    let Some(between) = line.get(start + length..place) else {
        return false;
    };
    let is_opener = OPENERS
        .iter()
        .any(|it| line[start..].starts_with(it.as_bytes()));
    !(is_opener && CLOSERS.iter().any(|closer| between.contains_str(closer)))
}

/// The longest of some leaders that a text starts with.
fn leader_at(text: &[u8], leaders: &[&'static str], syntax: Syntax) -> Option<&'static str> {
    let is_one = |leader: &&&'static str| {
        let is_word = leader.ends_with(|c: char| c.is_ascii_alphabetic());
        text.starts_with(leader.as_bytes())
            && !(syntax == Syntax::Script && NOT_IN_SCRIPTS.contains(*leader))
            && !(is_word && text.get(leader.len()) != Some(&b' '))
    };
    leaders
        .iter()
        .filter(is_one)
        .max_by_key(|leader| leader.len())
        .copied()
}

/// Whether a quote behind these bytes may open a string: an apostrophe does not.
fn opens(before: &[u8], quote: u8) -> bool {
    /// A bound: `rb'` and `br'` are the longest signs before a quote; `don't` is longer.
    const PREFIX: usize = 2;
    let letters = before.iter().rev().take(PREFIX + 1);
    quote != b'\'' || letters.take_while(|b| b.is_ascii_alphanumeric()).count() <= PREFIX
}

/// Where the string ends that a quote at a place opens; `None` if it does not end in the line.
fn closing(line: &[u8], open: usize) -> Option<usize> {
    let mut at = open + 1;
    loop {
        match *line.get(at)? {
            b'\\' => at += 2,
            byte if byte == line[open] => return Some(at),
            _ => at += 1,
        }
    }
}

/// Whether the value that follows these bytes is a comment by its name: `"_comment": `.
fn is_named_comment(before: &[u8]) -> bool {
    let before = before.trim_ascii_end();
    let Some(before) = before.strip_suffix(b":") else {
        return false;
    };
    let name = before.trim_end_with(|c| c == ' ' || c == '"' || c == '\'');
    let start = name.rfind_byteset(b"\"' {,").map_or(0, |at| at + 1);
    let name = name[start..].trim_with(|c| matches!(c, '_' | '$' | '/' | '#' | '-'));
    name.is_empty() && before.len() > start
        || NAMES
            .iter()
            .any(|known| known.as_bytes().eq_ignore_ascii_case(name))
}

fn ending(line: &[u8]) -> &[u8] {
    const SEARCHED: usize = 4096;
    &line[line.len().saturating_sub(SEARCHED)..]
}

/// Each place where a comment's text stands as a word of its own, and what follows it.
fn places<'l>(line: &'l [u8], text: &'static str) -> impl Iterator<Item = (usize, &'l [u8])> {
    let first = text.as_bytes()[0];
    let mut from = 0;
    let starts = std::iter::from_fn(move || {
        let at = from + line[from..].find_byte(first)?;
        from = at + 1;
        Some(at)
    });
    starts.filter_map(move |at| {
        let before = at.checked_sub(1).map(|before| line[before]);
        let inside =
            before.is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b':'));
        if inside {
            None
        } else {
            Some((at, at_start(&line[at..], text)?))
        }
    })
}

/// What follows a comment's text at the start of `line`.
fn at_start<'l>(line: &'l [u8], text: &str) -> Option<&'l [u8]> {
    let mut rest = line;
    for b in text.bytes() {
        rest = match b {
            b' ' => rest
                .strip_prefix(b" ")
                .or_else(|| rest.strip_prefix(b"-"))
                .unwrap_or(rest),
            _ => rest.strip_prefix(&[b])?,
        };
        if b == b':' {
            rest = rest.trim_start_with(|c| c == ' ');
        }
    }
    let ends = rest
        .first()
        .is_none_or(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b':')))
        || rest.starts_with(b"--");
    ends.then_some(rest)
}

/// Whether the words behind `keyward:allow` cover a rule: if they start with rule ids, one of
/// them must be the rule's. Rule ids have a dash, which the words of a reason seldom have.
fn allows(rest: &[u8], rule: &str) -> bool {
    let rest = rest.trim_start_with(|c| c == ' ');
    let mut any = false;
    for word in rest
        .split(|b| matches!(b, b' ' | b'\t' | b','))
        .filter(|word| !word.is_empty())
    {
        let id = word.contains(&b'-')
            && word[0].is_ascii_lowercase()
            && !word.ends_with(b"-")
            && word
                .iter()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-');
        if !id {
            break;
        }
        if word == rule.as_bytes() {
            return true;
        }
        any = true;
    }
    !any
}

/// The text of a comment that has a line to itself, without what starts it.
fn comment_alone(line: &[u8], syntax: Syntax) -> Option<&[u8]> {
    let line = line.trim_ascii();
    let leader = leader_at(line, LEADERS, syntax)?;
    let comment = &line[leader.len()..];
    // Code may follow a comment that is closed.
    let closed = CLOSERS
        .iter()
        .filter_map(|closer| comment.find(closer).map(|at| at + closer.len()))
        .min();
    // Behind `*/` a template's own `}}` may stand.
    let code_behind = |end: usize| {
        !comment[end..]
            .trim_with(|c| c == ' ' || c == '}')
            .is_empty()
    };
    if closed.is_some_and(code_behind) {
        return None;
    }
    Some(
        comment
            .trim_start_with(|c| matches!(c, ' ' | '\t' | '#' | '/' | '*' | '!' | ';' | '-' | '%')),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: &str = "acme-api-key";

    fn find(line: &[u8], above: Option<&[u8]>, rule: &str) -> Option<&'static str> {
        Comments::of(line, above, Syntax::Unknown).allow(rule)
    }

    #[test]
    fn tables_are_sorted() {
        assert!(COMMENTS.is_sorted_by_key(|(text, _)| *text));
        assert!(LEADERS.is_sorted());
    }

    #[test]
    fn every_comment_works_on_the_line_it_speaks_of_and_on_no_other() {
        for (text, scope) in COMMENTS {
            let comment = format!("  # {text}");
            let line = format!("key = 1{comment}");
            let own = (*scope != Scope::NextLine).then_some(*text);
            let next = (*scope != Scope::Line).then_some(*text);
            assert_eq!(find(line.as_bytes(), None, RULE), own, "{text}");
            assert_eq!(
                find(b"key = 1", Some(comment.as_bytes()), RULE),
                next,
                "{text}"
            );
            assert_eq!(
                find(b"key = 1", Some(line.as_bytes()), RULE),
                None,
                "{text}"
            );
            for (before, after) in [
                ("x", ""),
                ("_", ""),
                (".", ""),
                ("", "x"),
                ("", "_x"),
                ("", "-x"),
                ("", "2"),
            ] {
                let line = format!("key = 1 # {before}{text}{after}");
                assert_eq!(find(line.as_bytes(), None, RULE), None, "{line}");
            }
            let line = format!("key = 1 # {}", text.to_ascii_uppercase());
            assert_eq!(find(line.as_bytes(), None, RULE), None, "{line}");
        }
    }

    #[test]
    fn comments_are_known_in_every_language() {
        for line in [
            "key //keyward:allow",
            "key #keyward:allow",
            "key --keyward:allow",
            "key /* keyward:allow */",
            "<a key=''/> <!-- keyward:allow-->",
            "key # keyward: allow",
            "{\"_comment\": \"keyward:allow\", \"key\": 1}",
            "key # keyward:allow -- for the tests",
            "key # keyward:allow, agreed",
        ] {
            assert_eq!(
                find(line.as_bytes(), None, RULE),
                Some("keyward:allow"),
                "{line}"
            );
        }
        for above in [
            "// keyward:allow",
            "\t# keyward:allow\r",
            "/* keyward:allow */",
            " * keyward:allow",
            "-- keyward:allow",
            "<!-- keyward:allow -->",
            "; keyward:allow",
            "REM keyward:allow",
            "{# keyward:allow #}",
            "{{/* keyward:allow */}}",
            "///keyward:allow acme-api-key",
        ] {
            assert_eq!(
                find(b"key", Some(above.as_bytes()), RULE),
                Some("keyward:allow"),
                "{above}"
            );
        }
        for above in [
            "key # keyward:allow",
            "# key = 1 # keyward:allow",
            "/* keyward:allow */ key = 1",
            "remark keyward:allow",
            "keyward:allow",
            "",
        ] {
            assert_eq!(find(b"key", Some(above.as_bytes()), RULE), None, "{above}");
        }
    }

    #[test]
    fn detect_secrets_spellings_are_known() {
        for line in [
            "# pragma: allowlist secret",
            "# pragma:allowlist secret",
            "# pragma: allowlist-secret",
        ] {
            assert_eq!(
                find(line.as_bytes(), None, RULE),
                Some("pragma: allowlist secret"),
                "{line}"
            );
        }
        for line in [
            "# pragma: allowlist",
            "# pragma: nocover",
            "# pragma: allowlist secrets",
        ] {
            assert_eq!(find(line.as_bytes(), None, RULE), None, "{line}");
        }
    }

    /// Each with `@` for every comment's text.
    #[test]
    fn words_count_only_in_comments() {
        for (line, expected) in [
            ("url = 'https://@/?k=1'", false),
            ("url = https://@/?k=1", false),
            ("{\"@\": 1, \"key\": 1}", false),
            ("{\"name\": \"@\", \"key\": 1}", false),
            ("{\"key\": 1, \"//\": \"@\"}", true),
            ("{\"_comment\": \"made up, @\", \"key\": 1}", true),
            ("print('@'); k = 1", false),
            ("print('a # @'); k = 1", false),
            ("print(\"it's \\\" // @\"); k = 1", false),
            ("cp @ 1", false),
            ("we put @ into git: 1", false),
            ("k='1';x=1;//# @", false),
            ("k='1';x=1 // @", true),
            ("k = \"1\" # \"@\"", true),
            ("k = 1 # don't: @", true),
            ("don't = 1 # it's @", true),
            ("let a: &'a str = x; // @", true),
            ("k = 1 /* @ */ + 2", true),
            ("k = 1/*@*/", true),
            ("/* a */ @ = 1", false),
            ("k = 1 /* a */ + @", false),
            ("<a b='1'/><!-- @ -->", true),
            ("Dim k = 1 ' @", true),
            ("REM @ 1", true),
            ("remark @ 1", false),
            ("-- @ 1", true),
            ("k = 1 -- @", true),
            ("tool --@ 1", true),
        ] {
            for (text, scope) in COMMENTS {
                let line = line.replace('@', text);
                let found = find(line.as_bytes(), None, RULE).is_some();
                assert_eq!(found, expected && *scope != Scope::NextLine, "{line}");
            }
        }
        for line in [
            "tool --ggignore 1",
            "a; ggignore 1",
            "a ; ggignore 1",
            "a % ggignore",
        ] {
            let comments = Comments::of(line.as_bytes(), None, Syntax::Script);
            assert_eq!(comments.allow(RULE), None, "{line}");
        }
    }

    #[test]
    fn rule_ids_limit_what_is_allowed() {
        for (words, expected) in [
            ("", true),
            ("acme-api-key", true),
            ("other-key acme-api-key", true),
            ("other-key, acme-api-key", true),
            ("acme-api-key published in the manual", true),
            ("published in the manual", true),
            ("other-key", false),
            ("acme-api-keys", false),
            ("other-key -- not the acme-api-key", false),
            ("-- acme-api-key", true),
        ] {
            let line = format!("key # keyward:allow {words}");
            assert_eq!(
                find(line.as_bytes(), None, RULE).is_some(),
                expected,
                "{words}"
            );
        }
    }

    #[test]
    fn only_the_end_of_a_long_line_is_searched() {
        let mut line = vec![b'g'; 1 << 20];
        line.extend_from_slice(b" # gitleaks:allow");
        assert_eq!(find(&line, None, RULE), Some("gitleaks:allow"));
        line.extend(vec![b'g'; 1 << 20]);
        assert_eq!(find(&line, Some(&line), RULE), None);
        assert_eq!(find(b"", Some(b""), ""), None);
        assert_eq!(find(b"\xff\xfe", Some(b"\xff#"), RULE), None);
    }
}
