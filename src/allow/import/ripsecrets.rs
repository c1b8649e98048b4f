//! `.secretsignore` of ripsecrets: patterns of paths as in a `.gitignore`, and below a line
//! `[secrets]` regexes of secrets. Source: the documents of ripsecrets 0.1.

use super::{BAD_PATTERN, Criterion, Exemption, Import, entries, regex};
use crate::glob::{PathGlob, PathGlobs};

pub(super) fn patterns(bytes: &[u8], import: &mut Import) {
    let mut secrets = false;
    let mut globs: Vec<PathGlob> = Vec::new();
    for (number, text) in entries(bytes, import) {
        let number = Some(number);
        if text == "[secrets]" {
            secrets = true;
        } else if !secrets {
            match PathGlob::parse(text) {
                Ok(glob) => globs.push(glob),
                Err(_) => import.leave(number, BAD_PATTERN),
            }
        } else if let Some(regex) = regex(text) {
            import.exemptions.push(Exemption {
                commit: None,
                criteria: vec![Criterion::Secret(regex)],
            });
        } else {
            import.leave(number, BAD_PATTERN);
        }
    }
    if !globs.is_empty() {
        // Together: a later one may take something back.
        let globs: PathGlobs = globs.into_iter().collect();
        import.exemptions.push(Exemption {
            commit: None,
            criteria: vec![Criterion::Glob(globs)],
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::covers;
    use super::super::{Format, parse};

    #[test]
    fn paths_come_before_secrets() {
        let text = "# c\ntest/*\n!test/real.py\n/\n\n[secrets]\n^abc\nx{\n(\n";
        let import = parse(Format::SecretsIgnore, text.as_bytes());
        for (path, line, expected) in [
            ("test/a.py", "k = 'v'", true),
            ("test/real.py", "k = 'v'", false),
            ("src/a.py", "k = 'abcd'", true),
            ("src/a.py", "k = 'xabc'", false),
        ] {
            assert_eq!(covers(&import, path, 1, line), expected, "{path} {line}");
        }
        let left: Vec<_> = import.left.iter().map(|left| left.line).collect();
        assert_eq!(left.first(), Some(&Some(4)));
        assert_eq!(left.last(), Some(&Some(9)));
    }
}
