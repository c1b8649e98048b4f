//! Patterns of paths, with the meaning they have in a `.gitignore` at the top of the repository.

use std::fmt;

use bstr::{BStr, BString, ByteSlice};
use gix_glob::pattern::{Case, Mode};
use gix_glob::wildmatch;

/// A pattern of paths: `*.snap`, `testdata/`, `/docs/**/*.md`, `!keep.md`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathGlob {
    text: String,
    pattern: gix_glob::Pattern,
}

/// What is wrong with a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GlobError {
    /// Nothing but blanks, `!` and `/`.
    Empty,
    /// More characters or stars than [`PathGlob::parse`] takes.
    TooComplex,
}

impl fmt::Display for GlobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "the pattern names nothing",
            Self::TooComplex => "the pattern is too long or has too many stars",
        })
    }
}

impl std::error::Error for GlobError {}

/// A longer path than git and the file systems take; nothing covers it.
const LONGEST_PATH: usize = 4096;

impl PathGlob {
    /// Reads a pattern.
    ///
    /// # Errors
    /// When it is empty, or costs too much: each `**` can double the time that a path takes.
    pub fn parse(text: &str) -> Result<Self, GlobError> {
        const LONGEST: usize = 4 * LONGEST_PATH;
        const MOST_STARS: usize = 32;
        const MOST_DOUBLE_STARS: usize = 4;
        let stars = text.bytes().filter(|&b| b == b'*').count();
        if text.len() > LONGEST
            || stars > MOST_STARS
            || text.matches("**").count() > MOST_DOUBLE_STARS
        {
            return Err(GlobError::TooComplex);
        }
        let pattern = gix_glob::Pattern::from_bytes(text.as_bytes())
            .filter(|pattern| !pattern.text.is_empty())
            .ok_or(GlobError::Empty)?;
        Ok(Self {
            text: text.to_owned(),
            pattern,
        })
    }

    /// The pattern that covers one path and what may lie below it. `None` for a path that isn't UTF-8, or that
    /// is longer than any pattern.
    pub fn exact(path: &BStr) -> Option<Self> {
        let text = literal(path);
        Self::parse(&format!("/{}", text.to_str().ok()?)).ok()
    }

    /// Whether the pattern fits the path or a directory above it. A negated one fits nothing.
    pub fn covers(&self, path: &BStr) -> bool {
        covers(std::slice::from_ref(self), path)
    }

    /// The one path that the pattern names, if it is one that [`exact`](Self::exact) makes.
    pub(crate) fn exact_path(&self) -> Option<BString> {
        let mut path = BString::default();
        let mut bytes = self.text.strip_prefix('/')?.bytes();
        while let Some(byte) = bytes.next() {
            match byte {
                b'*' | b'?' | b'[' => return None,
                b'\\' => path.push(bytes.next()?),
                byte => path.push(byte),
            }
        }
        (!path.is_empty() && !path.ends_with(b"/")).then_some(path)
    }

    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn fits(&self, path: &BStr, name_at: usize, is_dir: bool) -> bool {
        self.pattern.matches_repo_relative_path(
            path,
            (name_at > 0).then_some(name_at),
            Some(is_dir),
            Case::Sensitive,
            wildmatch::Mode::NO_MATCH_SLASH_LITERAL,
        )
    }

    /// Whether it starts with `!`.
    pub fn is_negative(&self) -> bool {
        self.pattern.mode.contains(Mode::NEGATIVE)
    }
}

impl fmt::Display for PathGlob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A path as a line of a `.gitignore`, behind a `/`, has it: every character stands for itself.
///
/// git takes `*`, `?`, `[` and `\` at their word behind a backslash, and so it keeps a blank at the
/// end. Of what ends a line, a carriage return can stand in one as a set of its own; a line feed can
/// not, and what stands for it covers the same path with another control character there.
pub(crate) fn literal(path: &[u8]) -> BString {
    let mut out = BString::default();
    for (at, &byte) in path.iter().enumerate() {
        match byte {
            b'\n' => out.extend_from_slice(b"[[:cntrl:]]"),
            b'\r' => out.extend_from_slice(b"[\r]"),
            b'*' | b'?' | b'[' | b'\\' => out.extend([b'\\', byte]),
            b' ' if at + 1 == path.len() => out.extend_from_slice(b"\\ "),
            _ => out.push(byte),
        }
    }
    out
}

/// Patterns in order: the last that fits a path decides, and `!` in front of one means "not".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PathGlobs {
    globs: Vec<PathGlob>,
}

impl PathGlobs {
    /// No patterns, which cover nothing.
    pub const NONE: Self = Self { globs: Vec::new() };

    /// Reads patterns.
    ///
    /// # Errors
    /// At the first that [`PathGlob::parse`] doesn't take.
    pub fn parse(patterns: &[impl AsRef<str>]) -> Result<Self, GlobError> {
        patterns
            .iter()
            .map(|pattern| PathGlob::parse(pattern.as_ref()))
            .collect()
    }

    /// Whether the patterns cover a path, given from the top of the repository. As in git, what
    /// covers a directory covers all below it, and nothing below is brought back.
    pub fn covers(&self, path: &BStr) -> bool {
        covers(&self.globs, path)
    }

    /// Whether there are no patterns.
    pub fn is_empty(&self) -> bool {
        self.globs.is_empty()
    }

    /// The patterns, in order.
    pub fn iter(&self) -> impl Iterator<Item = &PathGlob> {
        self.globs.iter()
    }
}

impl Extend<PathGlob> for PathGlobs {
    fn extend<T: IntoIterator<Item = PathGlob>>(&mut self, globs: T) {
        self.globs.extend(globs);
    }
}

impl IntoIterator for PathGlobs {
    type Item = PathGlob;
    type IntoIter = std::vec::IntoIter<PathGlob>;

    fn into_iter(self) -> Self::IntoIter {
        self.globs.into_iter()
    }
}

impl FromIterator<PathGlob> for PathGlobs {
    fn from_iter<T: IntoIterator<Item = PathGlob>>(globs: T) -> Self {
        Self {
            globs: globs.into_iter().collect(),
        }
    }
}

fn covers(globs: &[PathGlob], path: &BStr) -> bool {
    // On the command line a path may be absolute; patterns start at the top of the repository.
    let path = path.trim_start_with(|c| c == '/').as_bstr();
    if globs.is_empty() || path.is_empty() || path.len() > LONGEST_PATH {
        return false;
    }
    let mut name_at = 0;
    loop {
        let slash = path[name_at..].find_byte(b'/').map(|at| name_at + at);
        let (part, is_dir) = match slash {
            Some(at) => (path[..at].as_bstr(), true),
            None => (path, false),
        };
        let last = globs
            .iter()
            .rev()
            .find(|glob| glob.fits(part, name_at, is_dir));
        match (last, slash) {
            (Some(glob), _) if !glob.is_negative() => return true,
            (_, Some(at)) => name_at = at + 1,
            (_, None) => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covers(patterns: &[&str], path: &str) -> bool {
        PathGlobs::parse(patterns)
            .expect("the patterns of this test are valid")
            .covers(path.into())
    }

    #[test]
    fn patterns_mean_what_they_mean_to_git() {
        let cases: &[(&[&str], &str, bool)] = &[
            (&[], "a", false),
            (&["*.snap"], "a/b/c.snap", true),
            (&["*.snap"], "a/b/c.snap.rs", false),
            (&["testdata/"], "testdata/a", true),
            (&["testdata/"], "x/testdata/y/z", true),
            (&["testdata/"], "testdata", false),
            (&["testdata"], "testdata", true),
            (&["testdata"], "x/testdata/y", true),
            (&["/testdata"], "x/testdata/y", false),
            (&["x/testdata"], "x/testdata/y", true),
            (&["x/testdata"], "w/x/testdata/y", false),
            (&["docs/*.md"], "docs/a.md", true),
            (&["docs/*.md"], "docs/a/b.md", false),
            (&["docs/**/*.md"], "docs/a/b.md", true),
            (&["**/gen/*"], "a/b/gen/c", true),
            (&["*.md", "!keep.md"], "a/keep.md", false),
            (&["*.md", "!keep.md"], "a/other.md", true),
            (&["!keep.md", "*.md"], "keep.md", true),
            (&["docs/", "!docs/keep.md"], "docs/keep.md", true),
            (&["A"], "a", false),
            (&["a"], "/a", true),
            (&["a/b"], "//a/b", true),
            (&["a"], "", false),
            (&["a"], "/", false),
            (&["*"], "a//b", true),
        ];
        for (patterns, path, expected) in cases {
            assert_eq!(covers(patterns, path), *expected, "{patterns:?} {path:?}");
        }
    }

    #[test]
    fn an_exact_pattern_takes_no_sign_for_a_wildcard() {
        for path in ["a/b c.md", "a/[x]*?.txt", "!a", "#a", " a ", "a\\b", "ü/é"] {
            let glob = PathGlob::exact(path.into()).expect("UTF-8 and short");
            assert!(glob.covers(path.into()), "{path:?}");
            for other in [
                "b",
                "x/a",
                "x/a/b c.md",
                "a/[x]ab.txt",
                "a/xab.txt",
                "x/ü/é",
            ] {
                assert!(!glob.covers(other.into()), "{path:?} {other:?}");
            }
        }
        assert_eq!(PathGlob::exact(b"\xff".as_bstr()), None);
    }

    #[test]
    fn patterns_that_name_nothing_or_cost_too_much_are_refused() {
        for text in ["", " ", "/", "!", "!/", "\t"] {
            assert_eq!(PathGlob::parse(text), Err(GlobError::Empty), "{text:?}");
        }
        for text in ["**/".repeat(5), "a*".repeat(33), "a".repeat(1 << 15)] {
            assert_eq!(PathGlob::parse(&text), Err(GlobError::TooComplex));
        }
    }

    #[test]
    fn the_dearest_patterns_stay_cheap() {
        let paths = [
            "a/".repeat(2000),
            "a".repeat(4000),
            format!("{}b", "a/".repeat(1000)),
        ];
        let patterns = [
            "**/a/**/a/**/a/**/b*c",
            "a*a*a*a*a*a*a*a*a*a*b*c",
            "**/*a*a*a*a*c",
        ];
        let started = std::time::Instant::now();
        for path in &paths {
            for pattern in patterns {
                assert!(!covers(&[pattern], path));
            }
        }
        assert!(started.elapsed().as_secs() < 5);
        assert!(!covers(&["*"], &"a".repeat(LONGEST_PATH + 1)));
    }
}
