//! Patterns of ignore files, and which file decides about a path.
//!
//! The answer comes from the `.gitignore` files as they are staged, since they are what a clone
//! gets; the files of this machine (`.git/info/exclude`, `core.excludesFile`) are asked only when
//! those say nothing. The rules are git's: the last pattern of the deepest file decides, and what
//! lies in an excluded directory can't be included again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock};

use bstr::{BStr, BString, ByteSlice};
use gix_glob::Pattern;
use gix_glob::pattern::Case;
use gix_glob::wildmatch::Mode as Wildmatch;

/// The ignore files of a repository, each read when it is first needed.
pub(super) struct Ignores {
    pub(super) case: Case,
    /// By the directory that they stand in; empty where there is none.
    pub(super) tracked: Mutex<HashMap<BString, Arc<Patterns>>>,
    /// Those of this machine, the strongest first, with the name of each file.
    pub(super) personal: OnceLock<Vec<(String, Patterns)>>,
}

impl Ignores {
    pub(super) fn new(ignores_case: bool) -> Self {
        Self {
            case: if ignores_case {
                Case::Fold
            } else {
                Case::Sensitive
            },
            tracked: Mutex::default(),
            personal: OnceLock::new(),
        }
    }
}

/// Which file ignores a path.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Source<'p> {
    Tracked,
    Personal(&'p str),
}

/// The file that keeps `path` from being added, if one does.
pub(super) fn ignored_by<'p>(
    path: &BStr,
    case: Case,
    tracked: &[(usize, Arc<Patterns>)],
    personal: &'p [(String, Patterns)],
) -> Option<Source<'p>> {
    let ends = path.find_iter("/").map(|slash| (slash, true));
    for (end, is_dir) in ends.chain([(path.len(), false)]) {
        let path = path[..end].as_bstr();
        let by_tracked = tracked
            .iter()
            .rev()
            .filter(|(base, _)| *base < end)
            .find_map(|(base, patterns)| patterns.decide(path[*base..].as_bstr(), is_dir, case));
        let decision = match by_tracked {
            Some(ignored) => Some((ignored, Source::Tracked)),
            None => personal.iter().find_map(|(name, patterns)| {
                Some((patterns.decide(path, is_dir, case)?, Source::Personal(name)))
            }),
        };
        if let Some((true, source)) = decision {
            return Some(source);
        }
    }
    None
}

/// The patterns of one file, in its order.
#[derive(Debug, Default)]
pub(super) struct Patterns(Vec<Pattern>);

impl Patterns {
    pub(super) fn parse(file: &[u8]) -> Self {
        let file = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
        Self(file.split_str("\n").filter_map(pattern).collect())
    }

    /// Whether the last pattern for `path` ignores it, or asks for it; `None` if there is none.
    fn decide(&self, path: &BStr, is_dir: bool, case: Case) -> Option<bool> {
        let name = path.rfind_byte(b'/').map(|slash| slash + 1);
        let mode = Wildmatch::NO_MATCH_SLASH_LITERAL;
        self.0
            .iter()
            .rev()
            .find(|pattern| {
                pattern.matches_repo_relative_path(path, name, Some(is_dir), case, mode)
            })
            .map(|pattern| !pattern.is_negative())
    }
}

/// The pattern of a line. git reads lines as C strings, so a NUL ends one.
fn pattern(line: &[u8]) -> Option<Pattern> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.starts_with(b"#") {
        return None;
    }
    let line = line.split(|&byte| byte == 0).next()?;
    Pattern::from_bytes(without_trailing_spaces(line))
}

/// Spaces at the end don't count unless a backslash stands before them.
fn without_trailing_spaces(line: &[u8]) -> &[u8] {
    let mut end = 0;
    let mut at = 0;
    while at < line.len() {
        let width = if line[at] == b'\\' { 2 } else { 1 };
        if line[at] != b' ' {
            end = (at + width).min(line.len());
        }
        at += width;
    }
    &line[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ignored(files: &[(&str, &str)], path: &str) -> bool {
        let tracked: Vec<(usize, Arc<Patterns>)> = files
            .iter()
            .map(|(directory, text)| (directory.len(), Arc::new(Patterns::parse(text.as_bytes()))))
            .collect();
        ignored_by(path.into(), Case::Sensitive, &tracked, &[]).is_some()
    }

    #[test]
    fn the_last_pattern_of_the_deepest_file_decides() {
        let files = [("", ".env\n!keep/.env\n"), ("app/", "!.env\n")];
        assert!(ignored(&files[..1], "app/.env"));
        assert!(!ignored(&files, "app/.env"));
        assert!(!ignored(&files[..1], "keep/.env"));
        assert!(!ignored(&[("", ".env\n!.env\n")], ".env"));
    }

    #[test]
    fn an_excluded_directory_can_not_be_entered_again() {
        let files = [("", "app/\n!app/.env\n"), ("app/", "!.env\n")];
        assert!(ignored(&files, "app/.env"));
        assert!(!ignored(&[("", "app/*\n!app/.env\n")], "app/.env"));
    }

    #[test]
    fn lines_are_read_as_git_reads_them() {
        for (file, path) in [
            ("\u{feff}.env\r\n", ".env"),
            (".env\r", ".env"),
            (".env   ", ".env"),
            ("a\\ ", "a "),
            ("\\#a\n\\!b", "!b"),
            ("/a/**/.env", "a/b/c/.env"),
            ("*\0.\0e\0n\0v\0", "anything"),
        ] {
            assert!(ignored(&[("", file)], path), "{file:?}");
        }
        for (file, path) in [
            ("#.env", ".env"),
            ("", ".env"),
            ("/.env", "a/.env"),
            (".env/", ".env"),
        ] {
            assert!(!ignored(&[("", file)], path), "{file:?}");
        }
    }

    #[test]
    fn this_machine_has_the_last_word_only_where_nobody_else_has() {
        let tracked = [(0, Arc::new(Patterns::parse(b"!.env\n")))];
        let personal = [("mine".to_owned(), Patterns::parse(b".env\nkeys/\n"))];
        let by = |path: &str| ignored_by(path.into(), Case::Sensitive, &tracked, &personal);
        assert_eq!(by(".env"), None);
        assert_eq!(by("keys/a"), Some(Source::Personal("mine")));
        assert_eq!(by("keys/.env"), Some(Source::Personal("mine")));
    }

    #[test]
    fn case_counts_unless_git_says_otherwise() {
        let patterns = Patterns::parse(b".ENV\n");
        assert_eq!(patterns.decide(".env".into(), false, Case::Sensitive), None);
        assert_eq!(
            patterns.decide(".env".into(), false, Case::Fold),
            Some(true)
        );
    }
}
