//! What the path of a file says about its text: its syntax, whether it is an example, and what to do
//! about a secret in it.
//!
//! The path decides how a bare value is read and how much a value must be, never whether a file is
//! looked at: it may be wrong or missing.
//!
//! What keyward knows of names stands in `kinds.toml`, one row a kind of file; the build makes static
//! tables of it.

use std::borrow::Cow;

use bstr::ByteSlice;

use crate::texts::Texts;
use crate::words::place_of;

/// What a path says about the text of its file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FileType {
    /// The syntax of the text.
    pub syntax: Syntax,
    /// Whether it is a test, an example or a document.
    pub example: bool,
    /// Whether a guard knows its name as one of files that hold secrets.
    pub keeps_secrets: bool,
    /// Whether it is a page, which people read in a browser.
    pub page: bool,
}

impl FileType {
    /// Reads it off a path.
    pub fn of_path(path: &[u8]) -> Self {
        let syntax = Path::new(path)
            .kinds()
            .into_iter()
            .find_map(|kind| kind.syntax)
            .unwrap_or_default();
        Self {
            syntax,
            example: syntax == Syntax::Prose || is_example(path),
            keeps_secrets: false,
            page: is_page(path),
        }
    }
}

/// How names and values are written in a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Syntax {
    /// A programming language: what is not in quotes is an expression.
    Code,
    /// Names and values: a bare value takes its line.
    Settings,
    /// Commands: a bare value is a word.
    Script,
    /// Text for people.
    Prose,
    /// Made by a program for a program: lock files, bundles, recordings of what a tool made.
    Machine,
    /// Rows of cells, the first of which names the columns: CSV.
    Table,
    /// The name does not tell.
    #[default]
    Unknown,
}

/// What to do about a secret in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileMend {
    /// What to do, as a sentence without its end. `{env}` stands for the variable that should hold the
    /// secret, `{lower}` for the same in lower case.
    pub(crate) text: &'static str,
    /// Whether that means to keep the whole file out of git, not to edit it.
    pub(crate) ignore: bool,
    /// What the code of the mend needs at the top of the file; empty if nothing.
    pub(crate) import: &'static str,
    /// Whether a team commits such a file, so that nobody should ignore it.
    pub(crate) shared: bool,
    /// Whether a browser runs or shows such a file, and so everybody can read it.
    pub(crate) browser: bool,
}

impl FileMend {
    /// What to do about a secret in any other file.
    const ANY: Self = Self {
        text: MEND,
        ignore: false,
        import: "",
        shared: false,
        browser: false,
    };

    /// Whether the secret is to be read from the environment, so that somebody has to put it there.
    pub(crate) fn reads_environment(&self) -> bool {
        self.text.contains("the environment") && !self.text.contains("git ignores")
    }
}

/// How code reads a variable of the environment where a literal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Code {
    /// What takes the place of the literal; `{env}` stands for the variable.
    pub(crate) literal: &'static str,
    /// By which it has to be a constant: words of its statement, and rules of the language.
    pub(crate) constant: &'static [&'static str],
    /// What a constant becomes that reads the environment; empty if it stays with people.
    pub(crate) variable: &'static str,
    /// What that needs at the top of the file; empty if nothing.
    pub(crate) import: &'static str,
    /// How texts and comments stand in it.
    pub(crate) signs: Signs,
}

/// How texts and comments stand in a language; `kinds.toml` says what each means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Signs {
    pub(crate) all: &'static [Sign],
    /// The sign of a text that starts on the next line; empty if there is none.
    pub(crate) document: &'static str,
    /// Whether a slash may open a pattern.
    pub(crate) patterns: bool,
    /// The signs between which code stands in a page.
    pub(crate) markup: Option<(&'static str, &'static str)>,
}

/// What opens a text or a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sign {
    pub(crate) open: &'static str,
    /// Empty: a comment ends with its line, a text with its sign.
    pub(crate) close: &'static str,
    pub(crate) comment: bool,
    /// Whether it may go over lines.
    pub(crate) lines: bool,
    /// Whether no backslash has a meaning in it.
    pub(crate) raw: bool,
    /// What opens code in it; empty if nothing does.
    pub(crate) hole: &'static str,
    /// Whether it opens nothing within a word.
    pub(crate) word: bool,
    /// It is another thing where that stands; empty if never.
    pub(crate) unless: &'static str,
}

/// How the code of the file at a path reads the environment where a literal stands; `None` where no expression takes
/// the place of each.
pub(crate) fn code(path: &[u8]) -> Option<Code> {
    let path = Path::new(path);
    let mut kinds = path.kinds().into_iter();
    kinds.find(|kind| kind.mend.is_some())?.code
}

/// What to do about a secret in the file at a path.
pub(crate) fn mend(path: &[u8]) -> FileMend {
    let path = Path::new(path);
    let mend = path
        .kinds()
        .into_iter()
        .find_map(|kind| match kind.template {
            Some(mend) if path.template => Some(mend),
            _ => kind.mend,
        });
    mend.unwrap_or(FileMend::ANY)
}

/// Whether a word, as the last one of a name, makes its file a template: `example`.
pub(crate) fn is_template(word: &[u8]) -> bool {
    TEMPLATES
        .iter()
        .any(|template| template.as_bytes().eq_ignore_ascii_case(word))
}

/// Every such word.
#[cfg(test)]
pub(crate) fn templates() -> impl Iterator<Item = &'static str> {
    TEMPLATES.iter()
}

/// Whether a value ends like the name of a file: `certs/server.pem`.
pub(crate) fn is_file_name(value: &[u8]) -> bool {
    extension(value).is_some_and(|extension| VALUES.find(extension).is_some())
}

/// Whether a name ends as that of a file of code, of text or of a package does, of which lists keep the sums. What ends
/// as settings do may be a setting: `auth.config`.
pub(crate) fn has_sum(name: &[u8]) -> bool {
    /// Settings whose ending is no word.
    const SETTINGS: [&[u8]; 5] = [b"json", b"toml", b"xml", b"yaml", b"yml"];
    let ending = extension(name).unwrap_or_default().to_ascii_lowercase();
    let kind = EXTENSIONS.kind(&ending).and_then(|kind| kind.syntax);
    PACKAGES.find(&ending).is_some()
        || SETTINGS.contains(&&ending[..])
        || kind.is_some_and(|syntax| syntax != Syntax::Settings)
}

/// Whether somebody else wrote what lies there: the names of the directories say so.
pub(crate) fn is_vendored(path: &[u8]) -> bool {
    let mut parts = path.rsplit(|&b| b == b'/').skip(1);
    parts.any(|part| VENDORED.find(&lower(part)).is_some())
}

/// Whether the last ending of a name says that the file is something else than settings: `.env.d.ts`.
///
/// One letter says nothing, and whoever calls a file `.env.conf` may mean settings.
pub(crate) fn ends_like_another_kind(name: &[u8]) -> bool {
    let ending = extension(name).unwrap_or_default().to_ascii_lowercase();
    let kind = EXTENSIONS.kind(&ending).filter(|_| ending.len() > 1);
    kind.is_some_and(|kind| kind.syntax != Some(Syntax::Settings))
}

/// A row of `kinds.toml`.
#[derive(Debug)]
struct Kind {
    only: &'static [&'static str],
    syntax: Option<Syntax>,
    mend: Option<FileMend>,
    template: Option<FileMend>,
    code: Option<Code>,
}

include!(concat!(env!("OUT_DIR"), "/filetype.rs"));

/// A path, taken apart.
struct Path<'p> {
    /// The directories, as they are written.
    directories: &'p [u8],
    /// The file's name in lower case, without the word of a template at its end.
    name: Cow<'p, [u8]>,
    /// Whether such a word was there.
    template: bool,
}

impl<'p> Path<'p> {
    fn new(path: &'p [u8]) -> Self {
        let (directories, name) = match path.rfind_byte(b'/') {
            Some(slash) => (&path[..slash], &path[slash + 1..]),
            None => (&[][..], path),
        };
        let mut path = Self {
            directories,
            name: lower(name),
            template: false,
        };
        if let Some(word) = extension(&path.name)
            && EXTENSIONS.kind(word).is_none()
            && let template = TEMPLATES.find(word).is_some()
            && (template || WRAPPERS.find(word).is_some())
        {
            path.template = template;
            let stem = path.name.len() - word.len() - 1;
            path.name = match path.name {
                Cow::Borrowed(name) => Cow::Borrowed(&name[..stem]),
                Cow::Owned(mut name) => {
                    name.truncate(stem);
                    Cow::Owned(name)
                }
            };
        }
        path
    }

    /// The kinds of the file, the one that its name says most surely first.
    fn kinds(&self) -> impl IntoIterator<Item = &'static Kind> {
        let name = &*self.name;
        let extension = extension(name).unwrap_or_default();
        let narrowed = |kind: Option<&'static Kind>| {
            kind.filter(|kind| {
                let mut only = kind.only.iter();
                kind.only.is_empty() || only.any(|only| only.as_bytes() == extension)
            })
        };
        let above = self.directories.split(|&b| b == b'/');
        let above = above.filter_map(|above| DIRECTORIES.texts.find(&lower(above)));
        [
            NAMES.kind(name),
            CONTAINS.longest(&|text| place_of(text, name).is_some()),
            narrowed(STARTS.longest(&|text| name.starts_with(text))),
            narrowed(DIRECTORIES.longest_of(above)),
            ENDS.longest(&|text| name.ends_with(text)),
            EXTENSIONS.kind(extension),
        ]
        .into_iter()
        .flatten()
    }
}

/// Texts, sorted, each with the number of its kind.
struct Keys {
    texts: Texts,
    kinds: &'static [u8],
}

impl Keys {
    /// The kind of a text.
    fn kind(&self, text: &[u8]) -> Option<&'static Kind> {
        self.texts.find(text).map(|at| self.at(at))
    }

    /// The kind of the longest text that fits.
    fn longest(&self, fits: &dyn Fn(&[u8]) -> bool) -> Option<&'static Kind> {
        self.longest_of((0..self.texts.len()).filter(|&at| fits(self.texts.bytes(at))))
    }

    /// The kind of the longest of some texts.
    fn longest_of(&self, some: impl Iterator<Item = usize>) -> Option<&'static Kind> {
        some.max_by_key(|&at| (self.texts.bytes(at).len(), at))
            .map(|at| self.at(at))
    }

    fn at(&self, at: usize) -> &'static Kind {
        &KINDS[usize::from(self.kinds[at])]
    }
}

/// A name in lower case.
fn lower(name: &[u8]) -> Cow<'_, [u8]> {
    match name.iter().any(u8::is_ascii_uppercase) {
        true => Cow::Owned(name.to_ascii_lowercase()),
        false => Cow::Borrowed(name),
    }
}

/// What follows the last dot of a name.
pub(crate) fn extension(name: &[u8]) -> Option<&[u8]> {
    name.rfind_byte(b'.').map(|dot| &name[dot + 1..])
}

/// Whether a path is that of a page.
fn is_page(path: &[u8]) -> bool {
    extension(path)
        .is_some_and(|it| it.eq_ignore_ascii_case(b"html") || it.eq_ignore_ascii_case(b"htm"))
}

/// Whether the names in a path say that a file is a test, an example or a document: what stands there for
/// a password is made up more often than not.
fn is_example(path: &[u8]) -> bool {
    let mut parts = path.rsplit(|&b| b == b'/');
    let name = parts.next().unwrap_or_default();
    if parts.any(|part| is_example_directory(&lower(part))) {
        return true;
    }
    let any = |texts: &Texts, fits: &dyn Fn(&[u8]) -> bool| {
        texts.iter().any(|text| fits(text.as_bytes()))
    };
    let lower = lower(name);
    let stem_of = |name: &'_ [u8]| name.find_byte(b'.').unwrap_or(name.len());
    let (stem, cased) = (&lower[..stem_of(&lower)], &name[..stem_of(name)]);
    EXAMPLE_STEMS.find(stem).is_some()
        || any(&EXAMPLE_STARTS, &|start| stem.starts_with(start))
        || any(&EXAMPLE_ENDS, &|end| stem.ends_with(end))
        || any(&EXAMPLE_CONTAINS, &|text| place_of(text, &lower).is_some())
        || any(&EXAMPLE_CAMEL_ENDS, &|end| {
            cased.ends_with(end) && cased.len() > end.len()
        })
}

/// `tests`, `integration-tests`, `test_data`.
fn is_example_directory(name: &[u8]) -> bool {
    EXAMPLE_DIRECTORIES.find(name).is_some()
        || name
            .split(|b| matches!(b, b'-' | b'_'))
            .any(|word| EXAMPLE_WORDS.find(word).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_keep_the_sums_of_files() {
        for name in [
            "token.rs",
            "dist/password.c",
            "secret-agent-1.0.tar.gz",
            "secrets.whl",
            "credentials.go",
            "auth.json",
            "Token.HTML",
        ] {
            assert!(has_sum(name.as_bytes()), "{name}");
        }
        for name in [
            "api.token",
            "db.password",
            "auth.config",
            "server.key",
            "token",
            "",
            ".",
        ] {
            assert!(!has_sum(name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn a_path_tells_an_example() {
        for path in [
            "tests/unit/client.py",
            "src/test/java/org/acme/Client.java",
            "pkg/auth/login_test.go",
            "app/login.spec.ts",
            "app/ClientTests.cs",
            "integration-tests/config.yml",
            "spec/models/user.rb",
            "README.md",
            "docs/setup.rst",
            "test_login.py",
        ] {
            assert!(FileType::of_path(path.as_bytes()).example, "{path}");
        }
        for path in [
            "src/main.rs",
            "config/production.yml",
            "contest/entry.py",
            "src/latest.go",
            "app/Attest.java",
            ".env",
            "",
        ] {
            assert!(!FileType::of_path(path.as_bytes()).example, "{path}");
        }
    }

    #[test]
    fn a_name_tells_the_syntax() {
        for (path, syntax) in [
            ("src/main.rs", Syntax::Code),
            ("a/b.PY", Syntax::Code),
            ("config/app.yml.example", Syntax::Settings),
            (".env.production", Syntax::Settings),
            (".npmrc", Syntax::Settings),
            ("deploy/Dockerfile.web", Syntax::Script),
            ("run.sh", Syntax::Script),
            ("README.md", Syntax::Prose),
            ("Cargo.lock", Syntax::Machine),
            ("pnpm-lock.yaml", Syntax::Machine),
            (".bashrc", Syntax::Script),
            (".env.example", Syntax::Settings),
            ("env.sample", Syntax::Settings),
            ("index.html.erb", Syntax::Code),
            ("site.yml.j2", Syntax::Settings),
            ("dist/app.min.js", Syntax::Machine),
            ("LICENSE", Syntax::Unknown),
            ("", Syntax::Unknown),
        ] {
            assert_eq!(FileType::of_path(path.as_bytes()).syntax, syntax, "{path}");
        }
    }

    #[test]
    fn no_braces_are_left_to_fill() {
        let rows = KINDS.iter().flat_map(|kind| [kind.mend, kind.template]);
        for mend in rows.flatten().chain([FileMend::ANY]) {
            let left = mend.text.replace("{env}", "").replace("{lower}", "");
            let known = [
                "${}",
                "$ENV{}",
                "${{ secrets. }}",
                "${{ inputs. }}",
                "${ssm:/}",
                "${env:}",
            ];
            let code = known.iter().fold(left, |left, code| left.replace(code, ""));
            assert!(!code.contains(['{', '}']), "{}", mend.text);
        }
    }

    #[test]
    fn the_surest_part_of_a_name_has_the_word() {
        let text = |path: &str| mend(path.as_bytes()).text;
        for (path, like) in [
            (".github/compose.yml", "compose.yml"),
            (".GITHUB/ci.YML", ".github/workflows/a.yaml"),
            ("a.github/ci.yml", "ci.yml"),
            ("package-lock.json", "a.json"),
            ("app.min.js", "a.js"),
            ("docker-compose.toml", "a.toml"),
            ("Dockerfile.example", "Dockerfile"),
            ("config.yml.dist", "a.yml"),
            ("config.h.in", "a.h"),
            ("show.html.erb", "a.rb"),
            ("env.example", ".env.example"),
            ("notes", "notes.unknown"),
        ] {
            assert_eq!(text(path), text(like), "{path}");
        }
        assert!(mend(b"a/.env.local").ignore && !mend(b"a/.env.example").ignore);
        for name in ["", ".", "..", "a.", ".example", "/", "a/"] {
            assert_eq!(text(name), MEND, "{name}");
        }
    }

    #[test]
    fn a_value_may_name_a_file() {
        for value in ["certs/server.pem", "a.b.yml", ".env"] {
            assert!(is_file_name(value.as_bytes()), "{value}");
        }
        for value in ["", "server", "a.PEM", "a.pem1", "pem"] {
            assert!(!is_file_name(value.as_bytes()), "{value}");
        }
    }
}
