//! Comments in the source that allow what stands on their line, or on the next one.

use bstr::ByteSlice;

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

/// How comments end that could have code behind them.
const CLOSERS: &[&str] = &["*)", "*/", "-->", "-}", "}}", "#}"];

/// The comment that allows what `rule` found on `line`, of which `above` is the line before.
///
/// In a line of more than a few thousand bytes only the end is searched: a minified file has
/// thousands of findings on one line.
pub(crate) fn find(line: &[u8], above: Option<&[u8]>, rule: &str) -> Option<&'static str> {
    let line = ending(line);
    let here = COMMENTS.iter().find(|(text, scope)| match scope {
        Scope::Keyward => places(line, text).any(|rest| allows(rest, rule)),
        Scope::Line => places(line, text).next().is_some(),
        Scope::NextLine => false,
    });
    if let Some((text, _)) = here {
        return Some(text);
    }
    let comment = comment_alone(ending(above?))?;
    COMMENTS
        .iter()
        .find(|(text, scope)| match scope {
            // At the comment's start, or it would speak of what stands before it.
            Scope::Keyward => at_start(comment, text).is_some_and(|rest| allows(rest, rule)),
            Scope::Line => false,
            Scope::NextLine => places(comment, text).next().is_some(),
        })
        .map(|(text, _)| *text)
}

fn ending(line: &[u8]) -> &[u8] {
    const SEARCHED: usize = 4096;
    &line[line.len().saturating_sub(SEARCHED)..]
}

/// What follows each place where a comment's text stands as a word of its own.
fn places<'l>(line: &'l [u8], text: &'static str) -> impl Iterator<Item = &'l [u8]> {
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
            at_start(&line[at..], text)
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
fn comment_alone(line: &[u8]) -> Option<&[u8]> {
    let line = line.trim_ascii();
    let leader = LEADERS
        .iter()
        .filter(|leader| line.starts_with(leader.as_bytes()))
        .max_by_key(|leader| leader.len())?;
    let comment = &line[leader.len()..];
    let is_word = leader.ends_with(|c: char| c.is_ascii_alphabetic());
    if is_word && !comment.starts_with(b" ") {
        return None;
    }
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
            "pragma: allowlist secret",
            "pragma:allowlist secret",
            "pragma: allowlist-secret",
        ] {
            assert_eq!(
                find(line.as_bytes(), None, RULE),
                Some("pragma: allowlist secret"),
                "{line}"
            );
        }
        for line in [
            "pragma: allowlist",
            "pragma: nocover",
            "pragma: allowlist secrets",
        ] {
            assert_eq!(find(line.as_bytes(), None, RULE), None, "{line}");
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
