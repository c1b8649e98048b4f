//! gitleaks and its kin: `.gitleaksignore` and the allowlists of `.gitleaks.toml`.
//!
//! A fingerprint is `file:rule:line`, or `commit:file:rule:line`; lines count from 1. An allowlist
//! lets pass what one of its commits, paths, regexes and stop words fits, or what all of them fit
//! with `condition = "AND"`. Source: the documents of gitleaks 8.

use bstr::{BString, ByteSlice};
use serde::Deserialize;

use super::{BAD_PATTERN, Criterion, Exemption, Import, entries, path, regex};
use crate::shell;

pub(super) fn fingerprints(bytes: &[u8], import: &mut Import) {
    for (number, text) in entries(bytes, import) {
        let number = Some(number);
        match fingerprint(text) {
            Some((commit, file, line)) => import.exemptions.push(Exemption {
                commit: commit.map(|commit| (commit.to_owned(), file.clone())),
                criteria: vec![Criterion::Path(file), Criterion::Line(line)],
            }),
            None => import.leave(number, "not the fingerprint of a file and a line"),
        }
    }
}

fn fingerprint(text: &str) -> Option<(Option<&str>, BString, usize)> {
    let (rest, line) = text.rsplit_once(':')?;
    let line = line.parse().ok().filter(|line| *line > 0)?;
    let (rest, _rule) = rest.rsplit_once(':')?;
    let (commit, file) = match rest.split_once(':') {
        Some((commit, file)) if is_commit(commit) => (Some(commit), file),
        _ => (None, rest),
    };
    (!file.is_empty()).then(|| (commit, path(file), line))
}

fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|b| b.is_ascii_hexdigit())
}

#[derive(Deserialize)]
struct Config {
    allowlist: Option<AllowList>,
    #[serde(default)]
    allowlists: Vec<AllowList>,
    #[serde(default)]
    rules: Vec<Rule>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Rule {
    id: String,
    regex: Option<String>,
    path: Option<String>,
    allowlist: Option<AllowList>,
    allowlists: Vec<AllowList>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct AllowList {
    condition: String,
    commits: Vec<String>,
    paths: Vec<String>,
    regex_target: String,
    regexes: Vec<String>,
    stopwords: Vec<String>,
    target_rules: Vec<String>,
}

pub(super) fn config(bytes: &[u8], import: &mut Import) {
    let config = bytes
        .to_str()
        .ok()
        .and_then(|text| toml::from_str::<Config>(text).ok());
    let Some(config) = config else {
        return import.leave(None, "the file: it is not a gitleaks configuration");
    };
    for list in config.allowlist.iter().chain(&config.allowlists) {
        if list.target_rules.is_empty() {
            allow_list(list, import);
        } else {
            import.leave(None, "an allowlist for some of gitleaks' rules alone");
        }
    }
    let mut own = 0;
    for rule in &config.rules {
        if rule.allowlist.is_some() || !rule.allowlists.is_empty() {
            import.leave(
                None,
                format!(
                    "the allowlist of gitleaks' rule {}: its rules are not keyward's",
                    shown(&rule.id)
                ),
            );
        }
        own += usize::from(rule.regex.is_some() || rule.path.is_some());
    }
    if own > 0 {
        import.leave(
            None,
            format!("{own} rules: write those that keyward lacks as [[rule]] in .keyward.toml"),
        );
    }
}

fn allow_list(list: &AllowList, import: &mut Import) {
    if !list.commits.is_empty() {
        import.leave(
            None,
            "commits: keyward allows secrets, wherever they lie, and no commits",
        );
    }
    let mut bad = false;
    let mut each = |patterns: &[String], make: fn(regex::bytes::Regex) -> Criterion| {
        let mut criteria = Vec::new();
        for pattern in patterns {
            match regex(pattern) {
                Some(regex) => criteria.push(make(regex)),
                None => bad = true,
            }
        }
        criteria
    };
    let target = match list.regex_target.as_str() {
        "line" | "match" => Criterion::Text,
        _ => Criterion::Secret,
    };
    let paths = each(&list.paths, Criterion::PathRegex);
    let regexes = each(&list.regexes, target);
    let words = list.stopwords.iter().filter(|word| !word.is_empty());
    let words: Vec<Criterion> = words
        .map(|word| Criterion::Word(word.to_ascii_lowercase().into_bytes()))
        .collect();
    let all = matches!(list.condition.as_str(), "AND" | "and" | "&&");
    if bad {
        import.leave(None, BAD_PATTERN);
    }
    let groups: Vec<Criterion> = [paths, regexes, words]
        .into_iter()
        .filter(|group| !group.is_empty())
        .map(Criterion::Any)
        .collect();
    let mut push = |criteria: Vec<Criterion>| {
        if !criteria.is_empty() {
            import.exemptions.push(Exemption {
                commit: None,
                criteria,
            });
        }
    };
    if all {
        // Less than all that was asked for would let more pass.
        if !bad && list.commits.is_empty() {
            push(groups);
        }
    } else {
        groups.into_iter().for_each(|group| push(vec![group]));
    }
}

/// A rule's id, short and on one line.
fn shown(id: &str) -> String {
    shell::shown_start(id, 40)
}

#[cfg(test)]
mod tests {
    use super::super::tests::covers;
    use super::super::{Format, parse};

    #[test]
    fn fingerprints_name_a_line_of_a_file_or_of_a_commit() {
        let commit = "0123456789abcdef0123456789abcdef01234567";
        let text = format!(
            "# why\n\nsrc/a:b.py:generic-api-key:7\n{commit}:old.py:aws:3\nsrc/c.py:x:0\nnonsense\n"
        );
        let import = parse(Format::GitleaksIgnore, text.as_bytes());
        assert!(covers(&import, "src/a:b.py", 7, ""));
        assert!(covers(&import, "src/a:b.py", 6, ""), "it ends on the next");
        assert!(!covers(&import, "src/a:b.py", 8, ""));
        assert!(!covers(&import, "src/a.py", 7, ""));
        let commits: Vec<_> = import.exemptions.iter().map(|e| e.commit.clone()).collect();
        assert_eq!(commits, [None, Some((commit.to_owned(), "old.py".into()))]);
        let left: Vec<_> = import.left.iter().map(|left| left.line).collect();
        assert_eq!(left, [Some(5), Some(6)]);
    }

    #[test]
    fn allowlists_name_paths_secrets_lines_and_words() {
        let text = "
title = 'x'
[extend]
useDefault = true
[allowlist]
description = 'global'
paths = ['^testdata/', '''(.*?)\\.snap$''']
regexes = ['^fake-']
stopwords = ['Example']
commits = ['0123']
[[allowlists]]
regexTarget = 'line'
regexes = ['# dummy$']
[[allowlists]]
condition = 'AND'
paths = ['^docs/']
regexes = ['^doc-']
[[allowlists]]
targetRules = ['x']
paths = ['.*']
[[rules]]
id = 'own'
regex = 'own_[a-z]+'
[[rules.allowlists]]
paths = ['.*']
";
        let import = parse(Format::GitleaksConfig, text.as_bytes());
        for (path, line, expected) in [
            ("testdata/a", "k = 'v'", true),
            ("src/testdata/a", "k = 'v'", false),
            ("a.snap", "k = 'v'", true),
            ("a", "k = 'fake-v'", true),
            ("a", "k = 'v-fake-'", false),
            ("a", "k = 'v-EXAMPLE'", true),
            ("a", "k = 'v' # dummy", true),
            ("a", "k = 'v'", false),
            ("docs/a", "k = 'doc-v'", true),
            ("docs/a", "k = 'v'", false),
            ("a", "k = 'doc-v'", false),
        ] {
            assert_eq!(covers(&import, path, 1, line), expected, "{path} {line}");
        }
        let left: Vec<_> = import.left.iter().map(ToString::to_string).collect();
        assert_eq!(left.len(), 4, "{left:?}");
        assert!(left[3].starts_with("1 rules"), "{left:?}");
    }
}
