//! What the path of a file says about its text: its syntax, and whether it is an example.
//!
//! The path decides how a bare value is read and how much a value must be, never whether a file is
//! looked at: it may be wrong or missing.

/// What a path says about the text of its file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FileType {
    /// The sort of text.
    pub syntax: Syntax,
    /// Whether it is a test, an example or a document.
    pub example: bool,
}

impl FileType {
    /// Reads it off a path.
    pub fn of_path(path: &[u8]) -> Self {
        let syntax = Syntax::of_path(path);
        Self {
            syntax,
            example: syntax == Syntax::Prose || is_example(path),
        }
    }
}

/// A sort of text.
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
    /// The name does not tell.
    #[default]
    Unknown,
}

/// Extensions of programming languages. Sorted.
const CODE: &[&str] = &[
    "as", "asm", "astro", "c", "cc", "cjs", "clj", "cpp", "cr", "cs", "cshtml", "css", "cts",
    "cxx", "d", "dart", "ejs", "elm", "erb", "erl", "ex", "exs", "f90", "fs", "go", "graphql",
    "groovy", "h", "haml", "hpp", "hs", "html", "htm", "ipynb", "java", "jl", "js", "jsp", "jsx",
    "kt", "kts", "less", "lua", "m", "mjs", "ml", "mm", "mts", "nim", "pas", "php", "phtml", "pl",
    "pm", "proto", "pug", "py", "pyi", "pyx", "r", "rb", "rs", "sass", "scala", "scss", "sol",
    "sql", "svelte", "swift", "tcl", "ts", "tsx", "twig", "v", "vb", "vue", "zig",
];

/// Extensions of settings files.
const SETTINGS: &[&str] = &[
    "cfg",
    "cnf",
    "conf",
    "config",
    "env",
    "hcl",
    "ini",
    "json",
    "json5",
    "jsonc",
    "plist",
    "properties",
    "tf",
    "tfstate",
    "tfvars",
    "toml",
    "xml",
    "yaml",
    "yml",
];

/// Extensions of files of commands.
const SCRIPT: &[&str] = &[
    "bash",
    "bat",
    "bats",
    "cmd",
    "dockerfile",
    "envrc",
    "fish",
    "http",
    "ksh",
    "mk",
    "ps1",
    "psm1",
    "rest",
    "sh",
    "zsh",
];

/// Extensions of texts for people.
const PROSE: &[&str] = &[
    "adoc", "asciidoc", "markdown", "md", "mdx", "rst", "tex", "txt",
];

/// Extensions of what programs make.
const MACHINE: &[&str] = &[
    "lock", "map", "po", "pot", "snap", "sum", "svg", "xliff", "xlf",
];

/// Whole names of lock files, in lower case.
const LOCKS: &[&str] = &[
    "cargo.lock",
    "composer.lock",
    "flake.lock",
    "gemfile.lock",
    "go.sum",
    "npm-shrinkwrap.json",
    "package-lock.json",
    "packages.lock.json",
    "pipfile.lock",
    "pnpm-lock.yaml",
    "podfile.lock",
    "poetry.lock",
    "uv.lock",
    "yarn.lock",
];

impl Syntax {
    /// The sort of the file at a path.
    pub fn of_path(path: &[u8]) -> Self {
        let name = path.rsplit(|&b| b == b'/').next().unwrap_or(path);
        let name = String::from_utf8_lossy(name).to_ascii_lowercase();
        if LOCKS.contains(&name.as_str()) || name.contains(".min.") || name.contains("bundle.") {
            return Self::Machine;
        }
        if name.starts_with(".env") || name.ends_with("rc") {
            return Self::Settings;
        }
        if [
            "dockerfile",
            "makefile",
            "containerfile",
            "jenkinsfile",
            "procfile",
        ]
        .iter()
        .any(|start| name.starts_with(start))
        {
            return Self::Script;
        }
        // `config.yml.example` is YAML.
        let mut parts = name.rsplit('.');
        let mut extension = parts.next().unwrap_or_default();
        if matches!(
            extension,
            "example" | "sample" | "template" | "dist" | "tmpl" | "tpl" | "j2" | "in"
        ) {
            extension = parts.next().unwrap_or_default();
        }
        let is = |list: &[&str]| list.contains(&extension);
        if is(CODE) {
            Self::Code
        } else if is(SETTINGS) {
            Self::Settings
        } else if is(SCRIPT) {
            Self::Script
        } else if is(PROSE) {
            Self::Prose
        } else if is(MACHINE) {
            Self::Machine
        } else {
            Self::Unknown
        }
    }
}

/// Names of directories that hold tests, examples or documents. Sorted.
const EXAMPLE_DIRECTORIES: &[&str] = &[
    "__fixtures__",
    "__mocks__",
    "__snapshots__",
    "__tests__",
    "bench",
    "benches",
    "benchmark",
    "benchmarks",
    "cassettes",
    "demo",
    "demos",
    "doc",
    "docs",
    "docs_src",
    "documentation",
    "e2e",
    "example",
    "examples",
    "fixture",
    "fixtures",
    "mock",
    "mocks",
    "sample",
    "samples",
    "snapshots",
    "spec",
    "specs",
    "test",
    "testdata",
    "testing",
    "tests",
    "tutorial",
    "tutorials",
    "website",
];

/// Whether the names in a path say that a file is a test, an example or a document: what stands there for
/// a password is made up more often than not.
fn is_example(path: &[u8]) -> bool {
    let path = String::from_utf8_lossy(path);
    let mut parts = path.rsplit('/');
    let name = parts.next().unwrap_or_default();
    if parts.any(|part| is_example_directory(&part.to_ascii_lowercase())) {
        return true;
    }
    let lower = name.to_ascii_lowercase();
    let stem = lower.split('.').next().unwrap_or_default();
    if matches!(stem, "readme" | "changelog" | "conftest" | "test" | "tests")
        || stem.starts_with("test_")
        || ["_test", "_tests", "_spec", "-test", "-spec"]
            .iter()
            .any(|end| stem.ends_with(end))
    {
        return true;
    }
    // `a.test.ts`, `ClientTest.java`
    let stem = name.split('.').next().unwrap_or_default();
    lower.contains(".test.")
        || lower.contains(".spec.")
        || ["Test", "Tests", "TestCase", "Spec"]
            .iter()
            .any(|end| stem.ends_with(end) && stem.len() > end.len())
}

/// `tests`, `integration-tests`, `test_data`.
fn is_example_directory(name: &str) -> bool {
    EXAMPLE_DIRECTORIES.binary_search(&name).is_ok()
        || name.split(['-', '_']).any(|piece| {
            matches!(
                piece,
                "test" | "tests" | "example" | "examples" | "fixtures"
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_tells_an_example() {
        assert!(EXAMPLE_DIRECTORIES.is_sorted());
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
    fn a_name_tells_the_sort() {
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
            ("dist/app.min.js", Syntax::Machine),
            ("LICENSE", Syntax::Unknown),
            ("", Syntax::Unknown),
        ] {
            assert_eq!(Syntax::of_path(path.as_bytes()), syntax, "{path}");
        }
    }
}
