//! `.talismanrc`: files that Talisman passes over, and patterns of what it lets pass.
//!
//! The file is YAML. Of that only the part is read that such files are written in: lists of words
//! and of flat tables, one entry a line. Whatever else stands there is told as left.
//! Source: the documents and the schema of Talisman 1.32.

use bstr::ByteSlice;

use super::{BAD_PATTERN, Criterion, Exemption, Import, regex};
use crate::glob::{PathGlob, PathGlobs};

pub(super) fn config(bytes: &[u8], import: &mut Import) {
    let Ok(text) = bytes.to_str() else {
        return import.leave(None, "the file: it is not UTF-8");
    };
    let mut section = String::new();
    let mut file: Option<File> = None;
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        let line = without_comment(line);
        let content = line.trim();
        if content.is_empty() || content == "---" {
            continue;
        }
        let indented = line.starts_with([' ', '\t']);
        let (item, content) = match content.strip_prefix('-') {
            Some(rest) => (true, rest.trim()),
            None => (false, content),
        };
        if !indented && !item {
            finish(file.take(), import);
            let (key, value) = pair(content).unwrap_or((content, ""));
            section = key.to_owned();
            top(key, value, number, import);
            continue;
        }
        match section.as_str() {
            "fileignoreconfig" => match pair(content) {
                Some(("filename", name)) => {
                    finish(file.take(), import);
                    file = Some(File::new(word(name), number));
                }
                Some((key, value)) => {
                    if let Some(file) = &mut file {
                        file.set(key, value);
                    }
                }
                // A word of a list below a key of the file.
                None => {
                    if let Some(file) = &mut file {
                        file.add(word(content));
                    }
                }
            },
            "allowed_patterns" => pattern(word(content), number, import),
            // Told with the section.
            _ => {}
        }
    }
    finish(file, import);
}

/// A key without indentation.
fn top(key: &str, value: &str, line: usize, import: &mut Import) {
    let number = Some(line);
    match key {
        "fileignoreconfig" | "version" => {}
        "allowed_patterns" => {
            for pattern in list(value) {
                self::pattern(pattern, line, import);
            }
        }
        "scopeconfig" => import.leave(number, "scopes: keyward knows lock files by itself"),
        "custom_patterns" => import.leave(
            number,
            "patterns of secrets: write those that keyward lacks as [[rule]] in .keyward.toml",
        ),
        "threshold" | "custom_severities" => {
            import.leave(number, "severities: see threshold in .keyward.toml");
        }
        _ => import.leave(number, "what keyward does not understand"),
    }
}

fn pattern(text: &str, line: usize, import: &mut Import) {
    match regex(text).filter(|_| !text.is_empty()) {
        Some(regex) => import.exemptions.push(Exemption {
            commit: None,
            criteria: vec![Criterion::Text(regex)],
        }),
        None => import.leave(Some(line), BAD_PATTERN),
    }
}

/// An entry of `fileignoreconfig`.
struct File {
    name: String,
    line: usize,
    key: String,
    detectors: Vec<String>,
    patterns: Vec<String>,
}

impl File {
    fn new(name: &str, line: usize) -> Self {
        Self {
            name: name.to_owned(),
            line,
            key: String::new(),
            detectors: Vec::new(),
            patterns: Vec::new(),
        }
    }

    fn set(&mut self, key: &str, value: &str) {
        key.clone_into(&mut self.key);
        for word in list(value) {
            self.add(word);
        }
    }

    fn add(&mut self, word: &str) {
        match self.key.as_str() {
            "ignore_detectors" => self.detectors.push(word.to_owned()),
            "allowed_patterns" => self.patterns.push(word.to_owned()),
            _ => {}
        }
    }
}

fn finish(file: Option<File>, import: &mut Import) {
    let Some(file) = file else {
        return;
    };
    let number = Some(file.line);
    let Ok(glob) = PathGlob::parse(&file.name) else {
        return import.leave(number, BAD_PATTERN);
    };
    let globs: PathGlobs = [glob].into_iter().collect();
    let mut criteria = vec![Criterion::Glob(globs)];
    let names = |detector: &str| file.detectors.iter().any(|named| named == detector);
    // With no detector named, or with patterns, the file's checksum or the patterns speak for its
    // content.
    match (names("filecontent"), names("filename")) {
        (true, true) => {}
        (true, false) => criteria.push(Criterion::IsSecret(true)),
        (false, true) => criteria.push(Criterion::IsSecret(false)),
        (false, false) if names("filesize") => {
            return import.leave(number, "the size of a file: keyward has no limit");
        }
        (false, false) => {}
    }
    if !file.patterns.is_empty() {
        let patterns: Option<Vec<_>> = file.patterns.iter().map(|text| regex(text)).collect();
        match patterns {
            Some(patterns) => {
                let any = patterns.into_iter().map(Criterion::Text).collect();
                criteria.push(Criterion::Any(any));
            }
            None => return import.leave(number, BAD_PATTERN),
        }
    }
    import.exemptions.push(Exemption {
        commit: None,
        criteria,
    });
}

/// `key: value`; the value may be missing.
fn pair(text: &str) -> Option<(&str, &str)> {
    let (key, value) = text.split_once(':')?;
    let is_key = !key.is_empty() && key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    let spaced = value.is_empty() || value.starts_with(' ');
    (is_key && spaced).then(|| (key, value.trim()))
}

/// The words of `[a, b]`; one word alone is itself.
fn list(value: &str) -> impl Iterator<Item = &str> {
    let inner = value
        .strip_prefix('[')
        .and_then(|value| value.strip_suffix(']'));
    inner
        .unwrap_or(value)
        .split(',')
        .map(|text| word(text.trim()))
        .filter(|text| !text.is_empty())
}

/// A word without its quotes.
fn word(text: &str) -> &str {
    let unquoted = |quote: char| {
        let inner = text.strip_prefix(quote)?;
        inner.strip_suffix(quote)
    };
    unquoted('"').or_else(|| unquoted('\'')).unwrap_or(text)
}

fn without_comment(line: &str) -> &str {
    if line.trim_start().starts_with('#') {
        return "";
    }
    line.split(" #").next().unwrap_or(line).trim_end()
}

#[cfg(test)]
mod tests {
    use super::super::tests::covers;
    use super::super::{Format, parse};

    #[test]
    fn files_are_named_with_what_is_passed_over_in_them() {
        let text = "\
# why
fileignoreconfig:
- filename: package-lock.json   # big
  checksum: 0123
- filename: 'a b/*.pem'
  ignore_detectors: [filename]
- filename: src/a.py
  checksum: 0123
  ignore_detectors:
  - filecontent
- filename: src/b.py
  allowed_patterns: [dummy]
- filename: big.bin
  ignore_detectors: [filesize]
allowed_patterns:
- 'fake.*key'
- \"(\"
scopeconfig:
- scope: go
custom_patterns:
- x
version: \"1.0\"
";
        let import = parse(Format::TalismanRc, text.as_bytes());
        for (path, line, text, expected) in [
            ("package-lock.json", 1, "k", true),
            ("a b/x.pem", 0, "", true),
            ("a b/x.pem", 1, "k", false),
            ("src/a.py", 1, "k", true),
            ("src/a.py", 0, "", false),
            ("src/b.py", 1, "k = 'dummy'", true),
            ("src/b.py", 1, "k = 'v'", false),
            ("big.bin", 1, "k", false),
            ("any.py", 1, "fake_key = 'v'", true),
            ("any.py", 1, "key = 'v'", false),
        ] {
            assert_eq!(covers(&import, path, line, text), expected, "{path} {text}");
        }
        let left: Vec<_> = import.left.iter().map(|left| left.line).collect();
        assert_eq!(left, [Some(13), Some(17), Some(18), Some(20)]);
    }
}
