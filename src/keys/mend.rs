//! A key in a file of code, replaced by what reads it from the environment, with the import that this needs.

use std::borrow::Cow;
use std::ops::Range;

use bstr::ByteSlice;

use crate::disk;
use crate::dotenv;
use crate::filetype::{self, FileType, Syntax};

/// Why a key is not replaced by a command: what is to be done by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ByHand {
    /// The language has no expression that takes the place of every literal.
    Language,
    /// It is a part of a longer text.
    Part,
    /// The line wants a constant.
    Constant,
    /// A browser runs the file, and shows what it holds to everybody.
    Browser,
}

impl ByHand {
    /// The reason, for people.
    pub(crate) const fn told(&self) -> &'static str {
        match self {
            Self::Language => "a file of this kind is mended by hand",
            Self::Part => "the key is a part of a longer text: take it out by hand",
            Self::Constant => {
                "the line wants a constant, which no variable is: move it to where the program runs"
            }
            Self::Browser => {
                "a browser runs this file, and what it holds is public whatever it is called: let a server of yours \
                 use the key"
            }
        }
    }
}

/// The file with the key at these places replaced.
///
/// # Errors
/// When that is not surely right.
pub(crate) fn mended(
    path: &[u8],
    text: &[u8],
    places: &[Range<usize>],
    variable: &str,
) -> Result<Vec<u8>, ByHand> {
    /// What a browser runs by its extension.
    const BROWSER: [&[u8]; 5] = [b"astro", b"jsx", b"svelte", b"tsx", b"vue"];
    let syntax = FileType::of_path(path).syntax;
    let extension = filetype::extension(path).unwrap_or_default();
    let code = filetype::code(path).ok_or(ByHand::Language)?;
    if BROWSER.contains(&extension) || text.contains_str("import.meta.env") || is_client(text) {
        return Err(ByHand::Browser);
    }
    let expression = code.literal.replace("{env}", variable);
    let mut edits = Vec::new();
    for place in places {
        let whole = literal(text, place, syntax).ok_or(ByHand::Part)?;
        let line = line_start(text, whole.start);
        let is_word = |word: &&&str| has_word(&text[line..whole.start], word);
        if code.constant.iter().any(|word| is_word(&word)) {
            return Err(ByHand::Constant);
        }
        edits.push((whole, expression.clone().into_bytes()));
    }
    let out = dotenv::replaced(text, &edits);
    Ok(match code.import {
        "" => out,
        import => imported(&out, import).into_owned(),
    })
}

/// Whether a file of React says that a browser runs it.
fn is_client(text: &[u8]) -> bool {
    let first = text
        .lines()
        .map(<[u8]>::trim_ascii)
        .find(|line| !line.is_empty());
    first.is_some_and(|line| {
        line.starts_with(b"\"use client\"") || line.starts_with(b"'use client'")
    })
}

/// Where the line of a place starts.
fn line_start(text: &[u8], at: usize) -> usize {
    text[..at].rfind_byte(b'\n').map_or(0, |end| end + 1)
}

fn has_word(text: &[u8], word: &str) -> bool {
    let is_word = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
    let plain = word.bytes().all(|b| b.is_ascii_alphabetic());
    text.find_iter(word)
        .any(|at| !plain || !is_word(text[..at].last()) && !is_word(text.get(at + word.len())))
}

/// The literal that a key is the whole of, with its quotes; in scripts and settings also a bare word.
fn literal(text: &[u8], key: &Range<usize>, syntax: Syntax) -> Option<Range<usize>> {
    let before = key.start.checked_sub(1).map(|at| text[at]);
    let behind = text.get(key.end).copied();
    let line = line_start(text, key.start);
    if let (Some(open @ (b'"' | b'\'' | b'`')), Some(close)) = (before, behind) {
        let outer = key.start.checked_sub(2).map(|at| text[at]);
        // `f"..."` and `b"..."` are no plain text, and `"""` opens a long one.
        let is_marked =
            outer.is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_' || b == open || b == b'@');
        let goes_on = text.get(key.end + 1) == Some(&open);
        let is_odd = syntax == Syntax::Code && is_marked || goes_on;
        let whole = key.start - 1..key.end + 1;
        let is_inner = is_in_text(text, line, whole.start, syntax);
        return (open == close && !is_odd && !is_inner).then_some(whole);
    }
    let starts = match syntax {
        Syntax::Code => false,
        Syntax::Script => before == Some(b'='),
        _ => before.is_none_or(|b| b.is_ascii_whitespace()),
    };
    let ends = behind.is_none_or(|b| b.is_ascii_whitespace() || b == b';');
    let is_inner = is_in_text(text, line, key.start, syntax);
    (starts && ends && !is_inner).then(|| key.clone())
}

/// Whether a place may lie within a longer text, which quotes on its line or a mark above it open.
fn is_in_text(text: &[u8], line: usize, at: usize, syntax: Syntax) -> bool {
    let is_open = |sign: &str, from: usize| text[from..at].find_iter(sign).count() % 2 == 1;
    let has_document = text[..at].find_iter("<<").any(|start| {
        let word =
            text[start + 2..].trim_start_with(|c| matches!(c, '-' | '~' | '<' | '\'' | '"' | ' '));
        word.first().is_some_and(u8::is_ascii_uppercase)
    });
    is_open("'", line)
        || is_open("\"", line)
        || is_open("`", 0)
        || is_open("\"\"\"", 0)
        || is_open("'''", 0)
        || has_document
        || syntax == Syntax::Settings && text[line..at].contains(&b'{')
}

/// The text with the import, where it is not there yet: before the first of its kind, or behind what has to stand
/// first.
fn imported<'t>(text: &'t [u8], import: &str) -> Cow<'t, [u8]> {
    let (word, what) = import.split_once(' ').unwrap_or((import, ""));
    let what = what.trim_end_matches(';');
    let is_import = |line: &&[u8]| {
        let line = line.trim_ascii();
        let lists = line.starts_with(word.as_bytes()) || line.first() == Some(&b'"');
        lists && names(line, what)
    };
    if text.lines().any(|line| is_import(&line)) {
        return Cow::Borrowed(text);
    }
    let at = place_of_import(text, word);
    let line = [import, disk::line_end(text)].concat().into_bytes();
    Cow::Owned(dotenv::replaced(text, &[(at..at, line)]))
}

/// Whether a line imports that: `import sys, os` does `os`, `import os.path` binds it too.
fn names(line: &[u8], what: &str) -> bool {
    let quoted = what.starts_with(['"', '\'']);
    if quoted {
        return line.contains_str(what);
    }
    let words = line.split(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'_' | b'/' | b'.')));
    let mut words = words.peekable();
    while let Some(word) = words.next() {
        // `import os as system` binds another name.
        let renamed = words.peek() == Some(&&b"as"[..]);
        if !renamed
            && (word == what.as_bytes()
                || word
                    .strip_prefix(what.as_bytes())
                    .is_some_and(|rest| rest.starts_with(b".")))
        {
            return true;
        }
    }
    false
}

/// Where an import goes that starts with this word.
fn place_of_import(text: &[u8], word: &str) -> usize {
    let mut at = 0;
    // Behind what has to stand first: marks, comments, a text about the module, `package` of Go.
    let mut first = 0;
    let mut long: Option<&[u8]> = None;
    for line in text.lines_with_terminator() {
        let trimmed = line.trim_ascii();
        let next = at + line.len();
        if let Some(close) = long {
            if trimmed.contains_str(close) {
                long = None;
            }
            first = next;
        } else if let Some(quotes) = [&b"\"\"\""[..], b"'''"]
            .into_iter()
            .find(|it| trimmed.starts_with(it))
        {
            long = (!trimmed[3..].contains_str(quotes)).then_some(quotes);
            first = next;
        } else if trimmed.starts_with(b"/*") {
            long = (!trimmed.contains_str("*/")).then_some(b"*/");
            first = next;
        } else if trimmed.starts_with(b"from __future__") || trimmed.starts_with(b"package ") {
            first = next;
        } else if trimmed.starts_with(b"#") || trimmed.starts_with(b"//") {
            if first == at {
                first = next;
            }
        } else if trimmed.is_empty() {
        } else {
            let is_import =
                line.starts_with(word.as_bytes()) || word == "import" && line.starts_with(b"from ");
            return if is_import { at } else { first };
        }
        at = next;
    }
    first
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::Random;

    fn mend(path: &str, text: &str) -> Result<String, ByHand> {
        let key = Random::new(6).token(32);
        let text = text.replace("KEY", &key);
        let places: Vec<Range<usize>> = text
            .match_indices(&key)
            .map(|(at, key)| at..at + key.len())
            .collect();
        let out = mended(path.as_bytes(), text.as_bytes(), &places, "ACME_KEY")?;
        let out = String::from_utf8(out).expect("UTF-8");
        assert!(!out.contains(&key));
        Ok(out)
    }

    #[test]
    fn the_line_reads_the_environment_as_its_language_does() {
        for (path, text, expected) in [
            (
                "a.py",
                "k = \"KEY\"\n",
                "import os\nk = os.environ[\"ACME_KEY\"]\n",
            ),
            (
                "a.py",
                "#!/usr/bin/python\n# x\n\"\"\"What\nit does\"\"\"\nfrom __future__ import annotations\n\nimport sys\nk = 'KEY'\n",
                "#!/usr/bin/python\n# x\n\"\"\"What\nit does\"\"\"\nfrom __future__ import annotations\n\nimport os\nimport sys\nk = os.environ[\"ACME_KEY\"]\n",
            ),
            (
                "a.py",
                "import sys, os\r\nk = 'KEY'\r\n",
                "import sys, os\r\nk = os.environ[\"ACME_KEY\"]\r\n",
            ),
            (
                "a.py",
                "import os as o\nk = 'KEY'\n",
                "import os\nimport os as o\nk = os.environ[\"ACME_KEY\"]\n",
            ),
            (
                "a.js",
                "const k = `KEY`;\n",
                "const k = process.env.ACME_KEY;\n",
            ),
            (
                "a.ts",
                "f({ key: 'KEY' })\n",
                "f({ key: process.env.ACME_KEY })\n",
            ),
            ("a.rb", "k = 'KEY'\n", "k = ENV.fetch(\"ACME_KEY\")\n"),
            (
                "a.go",
                "package main\n\nvar k = \"KEY\"\n",
                "package main\nimport \"os\"\n\nvar k = os.Getenv(\"ACME_KEY\")\n",
            ),
            (
                "a.go",
                "package main\n\nimport (\n\t\"fmt\"\n\t\"os\"\n)\nvar k = \"KEY\"\n",
                "package main\n\nimport (\n\t\"fmt\"\n\t\"os\"\n)\nvar k = os.Getenv(\"ACME_KEY\")\n",
            ),
            (
                "A.java",
                "String k = \"KEY\";\n",
                "String k = System.getenv(\"ACME_KEY\");\n",
            ),
            (
                "a.cs",
                "var k = \"KEY\";\n",
                "var k = System.Environment.GetEnvironmentVariable(\"ACME_KEY\");\n",
            ),
            (
                "a.php",
                "<?php\n$k = 'KEY';\n",
                "<?php\n$k = getenv('ACME_KEY');\n",
            ),
            (
                "a.sh",
                "export K=KEY\nL='KEY'\n",
                "export K=\"$ACME_KEY\"\nL=\"$ACME_KEY\"\n",
            ),
            ("a.ps1", "$k = 'KEY'\n", "$k = $env:ACME_KEY\n"),
            (
                "a.ex",
                "k = \"KEY\"\n",
                "k = System.fetch_env!(\"ACME_KEY\")\n",
            ),
            ("a.lua", "k = 'KEY'\n", "k = os.getenv(\"ACME_KEY\")\n"),
            ("a.jl", "k = \"KEY\"\n", "k = ENV[\"ACME_KEY\"]\n"),
            ("a.pl", "my $k = 'KEY';\n", "my $k = $ENV{ACME_KEY};\n"),
            ("a.R", "k <- 'KEY'\n", "k <- Sys.getenv(\"ACME_KEY\")\n"),
            (
                "a.scala",
                "val k = \"KEY\"\n",
                "val k = sys.env(\"ACME_KEY\")\n",
            ),
            (
                "a.clj",
                "(def k \"KEY\")\n",
                "(def k (System/getenv \"ACME_KEY\"))\n",
            ),
            (
                "a.ml",
                "let k = \"KEY\"\n",
                "let k = (Sys.getenv \"ACME_KEY\")\n",
            ),
            (
                ".github/workflows/a.yml",
                "env:\n  A: KEY\n  B: \"KEY\"\n",
                "env:\n  A: ${{ secrets.ACME_KEY }}\n  B: ${{ secrets.ACME_KEY }}\n",
            ),
        ] {
            assert_eq!(mend(path, text).as_deref(), Ok(expected), "{path}");
        }
    }

    #[test]
    fn what_is_not_surely_right_is_left_to_people() {
        for (path, text, why) in [
            ("a.py", "k = f\"KEY\"\n", ByHand::Part),
            ("a.py", "k = \"Bearer KEY\"\n", ByHand::Part),
            ("a.py", "k = \"\"\"KEY\"\"\"\n", ByHand::Part),
            ("a.go", "const k = \"KEY\"\n", ByHand::Constant),
            ("a.cs", "const string K = \"KEY\";\n", ByHand::Constant),
            ("A.java", "@Value(\"KEY\")\n", ByHand::Constant),
            ("a.jsx", "const k = 'KEY'\n", ByHand::Browser),
            ("a.ts", "'use client'\nconst k = 'KEY'\n", ByHand::Browser),
            (
                "a.js",
                "import.meta.env.X\nconst k = 'KEY'\n",
                ByHand::Browser,
            ),
            ("a.rs", "let k = \"KEY\";\n", ByHand::Language),
            ("a.json", "{\"k\": \"KEY\"}\n", ByHand::Language),
            ("a.sh", "curl -u me:KEY x\n", ByHand::Part),
            ("a.sh", "f '{\"k\": \"KEY\"}'\n", ByHand::Part),
            ("a.sh", "cat <<EOF\nK=KEY\nEOF\n", ByHand::Part),
            ("a.js", "f('{\"k\": \"KEY\"}')\n", ByHand::Part),
            ("a.js", "f(`\n\"KEY\"\n`)\n", ByHand::Part),
            ("a.py", "s = \"\"\"\nk = 'KEY'\n\"\"\"\n", ByHand::Part),
            (".github/workflows/a.yml", "env: {A: KEY}\n", ByHand::Part),
        ] {
            assert_eq!(mend(path, text), Err(why), "{path} {text}");
        }
    }
}
