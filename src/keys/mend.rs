//! A key in a file of code, replaced by what reads it from the environment, with the import that this needs.

use std::ops::Range;

use bstr::ByteSlice;

use super::import::imported;
use super::lexis::{Lexis, Sort};
use super::outline::{Outline, has_word};
use crate::dotenv;
use crate::filetype::{self, Code, FileType, Syntax};

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

/// A place of a text, and what takes its place.
type Edit = (Range<usize>, Vec<u8>);

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
    let syntax = FileType::of_path(path).syntax;
    if filetype::mend(path).browser || text.contains_str("import.meta.env") || is_client(text) {
        return Err(ByHand::Browser);
    }
    let code = filetype::code(path).ok_or(ByHand::Language)?;
    let expression = code.literal.replace("{env}", variable);
    let mut places = places.to_vec();
    places.sort_by_key(|place| place.start);
    places.dedup();
    let mut edits = match syntax {
        Syntax::Settings => {
            let value = |place| Some((value(text, place)?, expression.clone().into_bytes()));
            let edits: Option<Vec<Edit>> = places.iter().map(value).collect();
            edits.ok_or(ByHand::Part)?
        }
        _ => in_code(text, &places, &code, syntax, &expression)?,
    };
    edits.sort_by_key(|(place, _)| (place.start, place.end));
    edits.dedup();
    let out = dotenv::replaced(text, &edits);
    let Some(needed) = places.first().filter(|_| !code.import.is_empty()) else {
        return Ok(out);
    };
    let lexis = Lexis::of(&out, &code.signs, true);
    // A part of a library has the imports of the whole.
    if code.import.ends_with(';') && out.lines().any(|line| line.starts_with(b"part of ")) {
        return Err(ByHand::Language);
    }
    Ok(imported(&out, &lexis, code.import, needed.start).into_owned())
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

/// What stands behind a place on its line.
fn rest_of_line(text: &[u8], at: usize) -> &[u8] {
    let rest = &text[at..];
    &rest[..rest.find_byte(b'\n').unwrap_or(rest.len())]
}

/// The value of settings that a key is the whole of, with its quotes.
fn value(text: &[u8], key: &Range<usize>) -> Option<Range<usize>> {
    /// A bound: no line that people write is longer.
    const LONGEST: usize = 4096;
    let quote = |at: Option<usize>| {
        let sign = at.and_then(|at| text.get(at)).copied();
        sign.filter(|sign| matches!(sign, b'"' | b'\''))
    };
    let whole = match (quote(key.start.checked_sub(1)), quote(Some(key.end))) {
        (None, None) => key.clone(),
        (open, close) if open == close => key.start - 1..key.end + 1,
        _ => return None,
    };
    let near = whole.start.saturating_sub(LONGEST);
    let line = near + line_start(&text[near..], whole.start - near);
    let head = &text[line..whole.start];
    let bare = head.trim_end();
    let is_value = bare.len() < head.len() && (bare.ends_with(b":") || bare.ends_with(b"-"));
    let rest = &text[whole.end..text.len().min(whole.end + LONGEST)];
    let rest = rest_of_line(rest, 0);
    let ends = rest.trim().is_empty()
        || rest.trim_start().len() < rest.len() && rest.trim().starts_with(b"#");
    (is_value && ends && !head.contains(&b'{')).then_some(whole)
}

/// What takes the places of the literals that the key is the whole of.
fn in_code(
    text: &[u8],
    places: &[Range<usize>],
    code: &Code,
    syntax: Syntax,
    expression: &str,
) -> Result<Vec<Edit>, ByHand> {
    let readings = [true, false].map(|lines| Lexis::of(text, &code.signs, lines));
    let bare = readings[0].code(text);
    let mut outline = Outline::of(&bare);
    let mut edits = Vec::new();
    for place in places {
        let [whole, other] = readings
            .each_ref()
            .map(|lexis| literal(text, lexis, place, syntax));
        let whole = whole.filter(|whole| other.as_ref() == Some(whole));
        let whole = whole.ok_or(ByHand::Part)?;
        if is_comment(&readings[0], &whole) {
            edits.push((whole, expression.as_bytes().to_vec()));
            continue;
        }
        if syntax == Syntax::Code && is_joined(&bare, &whole) {
            return Err(ByHand::Part);
        }
        outline.go_to(whole.start);
        if code.constant.contains(&"<=") && outline.is_attribute() {
            return Err(ByHand::Browser);
        }
        match outline.is_constant(code.constant) || is_under_constant(&bare, whole.start, code) {
            false => edits.push((whole, expression.as_bytes().to_vec())),
            true => {
                let made = as_variable(text, &bare, &outline, &whole, code, expression);
                edits.extend(made.ok_or(ByHand::Constant)?);
            }
        }
    }
    Ok(edits)
}

fn is_comment(lexis: &Lexis, whole: &Range<usize>) -> bool {
    lexis
        .at(whole.start)
        .is_some_and(|token| token.sort == Sort::Comment)
}

/// The literal that a key is the whole of, with its quotes; in scripts also a bare word.
fn literal(text: &[u8], lexis: &Lexis, key: &Range<usize>, syntax: Syntax) -> Option<Range<usize>> {
    let before = key.start.checked_sub(1).map(|at| text[at]);
    let behind = text.get(key.end).copied();
    let is_quote = |b: u8| matches!(b, b'"' | b'\'' | b'`');
    match lexis.at(key.start) {
        None => {
            let is_end = |b: u8| b.is_ascii_whitespace() || b";&|)".contains(&b);
            let is_word = syntax == Syntax::Script && before == Some(b'=');
            (is_word && behind.is_none_or(is_end)).then(|| key.clone())
        }
        Some(token) if token.sort == Sort::Comment => {
            let quoted = before.is_some_and(is_quote) && before == behind;
            quoted.then(|| key.start - 1..key.end + 1)
        }
        Some(token) if token.sort == Sort::Text && token.inner == *key => {
            let outer = token.span.start.checked_sub(1).map(|at| text[at]);
            let next = text.get(token.span.end).copied();
            // `f"..."` and `$"..."` are no plain text, and two quotes open or mean another.
            let is_mark = |b: u8| b.is_ascii_alphanumeric() || b"_@$#%~".contains(&b);
            let is_odd = syntax == Syntax::Code && outer.is_some_and(|b| is_mark(b) || is_quote(b))
                || outer == before
                || next == behind;
            (!is_odd).then(|| token.span.clone())
        }
        Some(_) => None,
    }
}

/// Whether a text stands right beside another, which makes them one, or is the name of an entry.
fn is_joined(bare: &[u8], whole: &Range<usize>) -> bool {
    /// A bound: so far its neighbours are sought.
    const NEAR: usize = 200;
    let before = &bare[whole.start.saturating_sub(NEAR)..whole.start];
    let behind = &bare[whole.end..bare.len().min(whole.end + NEAR)];
    // A backslash takes away the end of a line.
    let before = before
        .trim_end_with(|c| c.is_ascii_whitespace() || c == '\\')
        .last();
    let behind = behind.trim_start().first();
    let is_name = behind == Some(&b':') && before.is_some_and(|b| b"{,(".contains(b));
    before == Some(&b'"') || behind == Some(&b'"') || is_name
}

/// Whether a line is indented under one that makes all of them constants.
fn is_under_constant(bare: &[u8], at: usize, code: &Code) -> bool {
    /// A bound: so many lines above are looked at.
    const LINES: usize = 200;
    let Some(word) = code.constant.iter().find_map(|rule| rule.strip_prefix('>')) else {
        return false;
    };
    let indent = |line: &[u8]| line.len() - line.trim_start().len();
    let start = line_start(bare, at);
    let own = indent(&bare[start..at]);
    let above = bare[..start].lines().rev().take(LINES);
    let mut above = above.filter(|line| !line.trim().is_empty());
    above
        .find(|line| indent(line) < own)
        .is_some_and(|line| line.trim() == word.as_bytes())
}

/// A constant that becomes a variable, where its statement is one that is known.
fn as_variable(
    text: &[u8],
    bare: &[u8],
    outline: &Outline<'_>,
    whole: &Range<usize>,
    code: &Code,
    expression: &str,
) -> Option<Vec<Edit>> {
    const CONSTANT: &str = "const";
    let with = Some(code.variable).filter(|with| !with.is_empty())?;
    let behind = rest_of_line(bare, whole.end).trim();
    let gives = |part: &[u8]| part.ends_with(b"=") && part.find_iter("=").count() == 1;
    let is_alone = |part: &[u8]| gives(part.trim_end()) && !part.contains(&b',');
    if !matches!(behind, b"" | b";") {
        return None;
    }
    if let Some((start, statement)) = outline.statement() {
        let at = start + statement.find(CONSTANT)?;
        let is_one = is_alone(statement) && has_word(statement, CONSTANT);
        return is_one.then(|| {
            vec![
                (at..at + CONSTANT.len(), with.as_bytes().to_vec()),
                (whole.clone(), expression.as_bytes().to_vec()),
            ]
        });
    }
    let (open, head) = outline.list()?;
    let line = line_start(text, whole.start);
    let own = &bare[line..whole.start];
    if head.trim() != CONSTANT.as_bytes() || !is_alone(own) || line <= open {
        return None;
    }
    let close = end_of_list(bare, open, whole.end)?;
    let end = line + text[line..].find_byte(b'\n')? + 1;
    let indent = line_start(text, open);
    let indent =
        &text[indent..indent + text[indent..open].len() - text[indent..open].trim_start().len()];
    let comment = rest_of_line(text, whole.end);
    let below = close + 1 + rest_of_line(text, close + 1).len();
    let made = [
        b"\n",
        indent,
        with.as_bytes(),
        b" ",
        own.trim(),
        b" ",
        expression.as_bytes(),
        comment,
    ];
    Some(vec![(line..end, Vec::new()), (below..below, made.concat())])
}

/// Where the list of constants ends that opens there, if none of them depends on the place of another.
fn end_of_list(bare: &[u8], open: usize, at: usize) -> Option<usize> {
    /// A bound: no list of constants that people write is longer.
    const LONGEST: usize = 64 << 10;
    let list = &bare[open + 1..bare.len().min(open + LONGEST)];
    let close = open + 1 + list.find_byte(b')')?;
    let list = &bare[open + 1..close];
    // What gives nothing repeats what stands above it.
    let mut lines = list
        .lines()
        .map(|line| line.trim())
        .filter(|line| !line.is_empty());
    (close > at && lines.all(|line| line.contains(&b'=')) && !has_word(list, "iota"))
        .then_some(close)
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
                "a.go",
                "package a\n\nimport \"os\"\n\nconst k string = \"KEY\" // mine\n",
                "package a\n\nimport \"os\"\n\nvar k string = os.Getenv(\"ACME_KEY\") // mine\n",
            ),
            (
                "a.go",
                "package a\n\nimport \"os\"\n\nconst (\n\ta = 1\n\tk = \"KEY\"\n\tl = \"KEY\" // b\n)\nvar x = 1\n",
                "package a\n\nimport \"os\"\n\nconst (\n\ta = 1\n)\nvar k = os.Getenv(\"ACME_KEY\")\nvar l = os.Getenv(\"ACME_KEY\") // b\nvar x = 1\n",
            ),
            (
                "a.dart",
                "library a;\n\nimport 'b.dart';\n\nconst k = 'KEY';\n",
                "library a;\n\nimport 'dart:io';\nimport 'b.dart';\n\nfinal k = Platform.environment['ACME_KEY']!;\n",
            ),
            (
                "a.dart",
                "// x\nlibrary a;\nf() => g('KEY');\n",
                "// x\nlibrary a;\nimport 'dart:io';\nf() => g(Platform.environment['ACME_KEY']!);\n",
            ),
            // What stands in a text, in a comment or further in is no import.
            (
                "a.py",
                "\"\"\"\nimport os\n\"\"\"\n# import os\ndef f():\n    import os\n\nk = 'KEY'\n",
                "\"\"\"\nimport os\n\"\"\"\n# import os\nimport os\ndef f():\n    import os\n\nk = os.environ[\"ACME_KEY\"]\n",
            ),
            (
                "a.py",
                "from __future__ import (\n    annotations,  # )\n    division,\n)\nk = 'KEY'\nimport os\n",
                "from __future__ import (\n    annotations,  # )\n    division,\n)\nimport os\nk = os.environ[\"ACME_KEY\"]\nimport os\n",
            ),
            (
                "a.py",
                "\u{feff}k = 'KEY'",
                "\u{feff}import os\nk = os.environ[\"ACME_KEY\"]",
            ),
            (
                "a.py",
                "s = '''\nimport os\n'''\nt = \"it's\"  # it's\nk = 'KEY'\n",
                "import os\ns = '''\nimport os\n'''\nt = \"it's\"  # it's\nk = os.environ[\"ACME_KEY\"]\n",
            ),
            (
                "a.go",
                "package a\n\n// #include <x.h>\nimport \"C\"\nvar k = \"KEY\"\n",
                "package a\nimport \"os\"\n\n// #include <x.h>\nimport \"C\"\nvar k = os.Getenv(\"ACME_KEY\")\n",
            ),
            (
                "a.go",
                "package a\nimport (\"fmt\"; \"os\")\nvar k = f(`\n'`, \"KEY\")\n",
                "package a\nimport (\"fmt\"; \"os\")\nvar k = f(`\n'`, os.Getenv(\"ACME_KEY\"))\n",
            ),
            (
                "a.go",
                "package a\nimport o \"os\"\nvar k = \"KEY\"\n",
                "package a\nimport \"os\"\nimport o \"os\"\nvar k = os.Getenv(\"ACME_KEY\")\n",
            ),
            // Texts of several lines, and what starts on the next one.
            (
                "a.sh",
                "cat <<-'eof' # it's\n\tK='\n\teof\nA='x\ny'\nB='KEY'\necho \"$(f \"KEY\") it's\"\n",
                "cat <<-'eof' # it's\n\tK='\n\teof\nA='x\ny'\nB=\"$ACME_KEY\"\necho \"$(f \"$ACME_KEY\") it's\"\n",
            ),
            (
                "a.sh",
                "x=$((1 << n))\ncat <<<it\nK=KEY\n",
                "x=$((1 << n))\ncat <<<it\nK=\"$ACME_KEY\"\n",
            ),
            (
                "a.rb",
                "f(<<~ONE, 'KEY')\n  it's\n  ONE\ng 'KEY' if x =~ /['\"]/\n",
                "f(<<~ONE, ENV.fetch(\"ACME_KEY\"))\n  it's\n  ONE\ng ENV.fetch(\"ACME_KEY\") if x =~ /['\"]/\n",
            ),
            (
                "a.php",
                "<p>it's</p>\n<?php function f() { return g('KEY'); } ?>\n",
                "<p>it's</p>\n<?php function f() { return g(getenv('ACME_KEY')); } ?>\n",
            ),
            (
                "a.html.erb",
                "<a href=\"x\"><%= f 'KEY' %></a>\n",
                "<a href=\"x\"><%= f ENV.fetch(\"ACME_KEY\") %></a>\n",
            ),
            (
                "a.cs",
                "[Old(\"x\")]\npublic string K = d[\"a\"] + \"KEY\";\n",
                "[Old(\"x\")]\npublic string K = d[\"a\"] + System.Environment.GetEnvironmentVariable(\"ACME_KEY\");\n",
            ),
            (
                "a.js",
                "const a = `${f('KEY')} it's`, r = /[`'\"]/;\nif (a < b) k = \"KEY\";\n",
                "const a = `${f(process.env.ACME_KEY)} it's`, r = /[`'\"]/;\nif (a < b) k = process.env.ACME_KEY;\n",
            ),
            ("a.js", "// k = 'KEY'\n", "// k = process.env.ACME_KEY\n"),
            (
                "a.kt",
                "@JvmField val k = \"KEY\"\n",
                "@JvmField val k = System.getenv(\"ACME_KEY\")\n",
            ),
            (
                "a.vb",
                "' it's\nDim k = \"KEY\"\n",
                "' it's\nDim k = System.Environment.GetEnvironmentVariable(\"ACME_KEY\")\n",
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
            (
                ".github/workflows/a.yml",
                "run: curl -u \"KEY\" x\n",
                ByHand::Part,
            ),
            ("a.sh", "f 'x\nK=\"KEY\"\n'\n", ByHand::Part),
            ("a.sh", "f \"x\n  'KEY' \"\n", ByHand::Part),
            ("a.sh", "cat <<eof\nK='KEY'\neof\n", ByHand::Part),
            ("a.sh", "cat << \\EOF\nK='KEY'\nEOF\n", ByHand::Part),
            ("a.rb", "x = <<-ONE\n  k = 'KEY'\n  ONE\n", ByHand::Part),
            (
                "a.rb",
                "=begin\n=end\nx = \"\n k = 'KEY'\n\"\n",
                ByHand::Part,
            ),
            ("a.php", "<?php $a = <<<X\n 'KEY'\n X;\n", ByHand::Part),
            ("a.php", "<input value=\"KEY\">\n", ByHand::Part),
            ("a.html.erb", "<a href=\"KEY\">\n", ByHand::Part),
            ("a.js", "f(`a ${b ? `\"KEY\"` : ''}`)\n", ByHand::Part),
            ("a.js", "const o = { \"KEY\": 1 };\n", ByHand::Part),
            ("a.js", "x = <App\n  token=\"KEY\"\n/>;\n", ByHand::Browser),
            ("a.py", "k = 'a' \\\n  'KEY'\n", ByHand::Part),
            (
                "a.go",
                "const (\n\ta = iota\n\tk = \"KEY\"\n)\n",
                ByHand::Constant,
            ),
            ("a.go", "const (\n\tk = \"KEY\"\n\tl\n)\n", ByHand::Constant),
            ("a.go", "const a, k = 1, \"KEY\"\n", ByHand::Constant),
            ("a.nim", "const\n  a = 1\n  k = \"KEY\"\n", ByHand::Constant),
            (
                "a.php",
                "<?php function f($a, $k = 'KEY') {}\n",
                ByHand::Constant,
            ),
            (
                "a.php",
                "<?php class A { private $k =\n [ 'a' => 'KEY' ]; }\n",
                ByHand::Constant,
            ),
            ("a.php", "<?php #[A('KEY')]\nclass B {}\n", ByHand::Constant),
            (
                "a.cs",
                "void F(int a, string k = \"KEY\") {}\n",
                ByHand::Constant,
            ),
            (
                "a.cs",
                "[A(Names = new[] {\n \"KEY\" })]\nclass B {}\n",
                ByHand::Constant,
            ),
            ("a.cs", "const string K\n  = \"KEY\";\n", ByHand::Constant),
            (
                "a.vb",
                "Sub F(Optional k As String = \"KEY\")\n",
                ByHand::Constant,
            ),
            ("a.vb", "<A(\"KEY\")> Class B\n", ByHand::Constant),
            ("a.dart", "f({String k = 'KEY'}) {}\n", ByHand::Constant),
            ("a.dart", "part of a;\nf() => g('KEY');\n", ByHand::Language),
            ("A.java", "@A(b = {\n\"KEY\"}) int x;\n", ByHand::Constant),
            ("a.ex", "  @k \"KEY\"\n", ByHand::Constant),
            ("a.fs", "let k = \"KEY\"\n", ByHand::Language),
        ] {
            assert_eq!(mend(path, text), Err(why), "{path} {text}");
        }
    }

    #[test]
    fn whatever_a_file_holds_it_is_read_to_its_end() {
        const PIECES: &[&str] = &[
            "\"", "'", "`", "\"\"\"", "\n", "\\", "${", "#{", "$(", "\\(", "{", "}", "(", ")", "[",
            "]", "<<EOF", "\nEOF\n", "<<<A", "/*", "*/", "//", "#", "=", ",", ";", "<?", "?>",
            "<%", "%>", "/", "KEY", "const", " ", "\n=begin", "\n=end",
        ];
        let mut random = Random::new(9);
        for round in 0..4000 {
            let text: String = (0..40)
                .map(|_| PIECES[random.below(PIECES.len())])
                .collect();
            let paths = [
                "a.py",
                "a.js",
                "a.rb",
                "a.php",
                "a.sh",
                "a.go",
                "a.cs",
                "a.kt",
                "a.swift",
                "a.html.erb",
                "a.ps1",
            ];
            let _ = mend(paths[round % paths.len()], &text);
        }
    }

    #[test]
    fn many_places_take_no_time() {
        const PLACES: usize = 30_000;
        let key = Random::new(6).token(32);
        for (path, line) in [
            ("a.py", "k = 'KEY'\n"),
            ("a.py", "'KEY', "),
            ("a.go", "const k = \"KEY\"\n"),
            ("a.go", "const (\nk = \"KEY\"\n)\n"),
            ("a.php", "(\"KEY\""),
            ("a.js", "`${\"KEY\""),
            ("a.kt", "\"${\"KEY\""),
            ("a.sh", "cat <<A\nK='KEY'\n"),
            (".github/workflows/a.yml", "A: KEY\n"),
        ] {
            let text = line.replace("KEY", &key).repeat(PLACES);
            let places: Vec<Range<usize>> = text
                .match_indices(&key)
                .map(|(at, key)| at..at + key.len())
                .collect();
            assert_eq!(places.len(), PLACES);
            let _ = mended(path.as_bytes(), text.as_bytes(), &places, "ACME_KEY");
        }
    }
}
