//! Whether code stands in a test, whatever its file is called.

use bstr::ByteSlice;

use super::context::indent;

/// How a test starts in some language.
struct Mark {
    text: &'static [u8],
    holds: Holds,
    /// What stands behind it besides.
    needs: Needs,
}

/// What of the lines below its mark a test holds.
#[derive(Clone, Copy)]
enum Holds {
    /// Those that are indented more.
    Indented,
    /// Those between the braces that open on its line or below.
    Braces,
    /// The item below, and what its braces hold.
    Item,
}

/// What a mark needs on its line to be one.
#[derive(Clone, Copy)]
enum Needs {
    Nothing,
    /// No word goes on: `@TestFactory` is another one.
    End,
    /// What a test is given, by which it is told from `func TestMode() bool`.
    Text(&'static [u8]),
}

const MARKS: [Mark; 8] = [
    mark(b"#[test]", Holds::Item, Needs::Nothing),
    mark(b"#[cfg(test)]", Holds::Item, Needs::Nothing),
    mark(b"fn test_", Holds::Braces, Needs::Nothing),
    mark(b"def test_", Holds::Indented, Needs::Nothing),
    mark(b"func Test", Holds::Braces, Needs::Text(b"testing.")),
    mark(b"@Test", Holds::Item, Needs::End),
    mark(b"TEST(", Holds::Braces, Needs::Nothing),
    mark(b"mod tests {", Holds::Braces, Needs::Nothing),
];

const fn mark(text: &'static [u8], holds: Holds, needs: Needs) -> Mark {
    Mark { text, holds, needs }
}

/// Whether a test of code stands right above a place, and holds it.
pub(crate) fn is_in_test(text: &[u8], at: usize) -> bool {
    /// A bound: a test of a cipher has so much before its keys.
    const REACH: usize = 2048;
    let before = &text[at.saturating_sub(REACH)..at];
    let mut lines = before.rsplit(|&b| b == b'\n');
    let own = lines.next().unwrap_or_default();
    // What a place is in is not closed above it: by a brace, or, where there is none, by a line that is indented no more.
    let mut statement = match is_statement(own.trim_ascii_start()) {
        true => indent(own),
        false => usize::MAX,
    };
    let mut brace = usize::MAX;
    let mut below = own;
    for line in lines {
        let (column, start) = (indent(line), line.trim_ascii_start());
        let mark = MARKS.iter().find(|mark| mark.starts(start));
        let is_open = |mark: &Mark| match mark.holds {
            Holds::Indented => column < statement,
            Holds::Braces => column < brace && !is_whole(start),
            Holds::Item => {
                column < brace && !is_whole(start) && !is_whole(below) && !below.ends_with(b";")
            }
        };
        if mark.is_some_and(is_open) {
            return true;
        }
        match start.trim_ascii_end() {
            b"" => continue,
            b"}" | b"})" | b"};" | b"});" => brace = brace.min(column),
            line if is_statement(line) => statement = statement.min(column),
            _ => {}
        }
        below = start;
    }
    false
}

impl Mark {
    /// Whether a test starts with it on a line, maybe behind words that say how it is called: `async def test_x`.
    fn starts(&self, line: &[u8]) -> bool {
        /// A bound: the longest such words.
        const BEFORE: usize = 24;
        let Some(at) = line[..line.len().min(BEFORE + self.text.len())].find(self.text) else {
            return false;
        };
        let is_word = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
        // A macro's name may go on before it: `TYPED_TEST(`.
        let is_macro = self.text.ends_with(b"(");
        let is_part = |b: &u8| is_word(b) && !(is_macro && *b == b'_');
        let rest = &line[at + self.text.len()..];
        let is_apart = !line[..at].last().is_some_and(is_part);
        is_apart
            && match self.needs {
                Needs::Nothing => true,
                Needs::End => !rest.first().is_some_and(is_word),
                Needs::Text(text) => rest.contains_str(text),
            }
    }
}

/// Whether a line is a statement of Python rather than a line of a text within one: `class A:`, `x = 1`, `f(x)`.
fn is_statement(line: &[u8]) -> bool {
    const STARTS: [&[u8]; 10] = [
        b"@", b"async ", b"class ", b"def ", b"for ", b"from ", b"if ", b"import ", b"try:",
        b"with ",
    ];
    let is_name = |b: &&u8| b.is_ascii_alphanumeric() || b"_.".contains(b);
    let len = line.iter().take_while(is_name).count();
    STARTS.iter().any(|start| line.starts_with(start))
        || len > 0 && (line[len..].starts_with(b" = ") || line[len..].starts_with(b"("))
}

/// Whether what opens on a line closes there, too.
fn is_whole(line: &[u8]) -> bool {
    let count = |brace| line.iter().filter(|&&b| b == brace).count();
    count(b'{') > 0 && count(b'{') == count(b'}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_holds_what_stands_in_it_and_nothing_below_it() {
        for (text, expected) in [
            ("#[test]\nfn f() {\n    let key = \"", true),
            ("#[test]\nfn f() {\n}\n\nfn g() {\n    let key = \"", false),
            ("#[test]\nfn f() { g() }\nfn g() {\n    let key = \"", false),
            (
                "#[cfg(test)]\nmod tests;\n\nfn g() {\n    let key = \"",
                false,
            ),
            ("mod tests {\n    const KEY: &str = \"", true),
            ("pub fn test_it() {\n    let key = \"", true),
            ("pub fn latest_it() {\n    let key = \"", false),
            ("async def test_a():\n    key = \"", true),
            ("def test_a():\n    f(1)\n\nkey = \"", false),
            ("func TestA(t *testing.T) {\n\tkey := \"", true),
            ("func TestMode() bool {\n\tkey := \"", false),
            ("    @Test\n    void a() {\n        String key = \"", true),
            (
                "    @TestFactory\n    Key a() {\n        String key = \"",
                false,
            ),
            ("TYPED_TEST(A, b) {\n  auto key = \"", true),
            ("LATEST(A, b) {\n  auto key = \"", false),
        ] {
            assert_eq!(is_in_test(text.as_bytes(), text.len()), expected, "{text}");
        }
    }
}
