//! The structure of the source is the one that docs/architecture.md shows: each room knows only the
//! rooms above it in the table, nothing uses what its row forbids, and no files of different folders
//! use each other in a circle.
//!
//! What a file uses is read from its `use` lines and paths, without its tests. A name that a `mod.rs`
//! only passes on counts as a use of the file that defines it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A path in the code: `["crate", "rules", "Rule"]`.
type Segments = Vec<String>;

/// One of the two crates of the package: the library, or the program with the command line.
struct Crate {
    /// Module path, joined by `::`, to the file that holds it. The root is the empty path.
    modules: BTreeMap<String, PathBuf>,
}

/// What is known of one source file.
struct Source {
    /// Its module path.
    module: Vec<String>,
    /// Every path that it names, without its tests.
    paths: Vec<Segments>,
    /// The names that it passes on, with the path that each has.
    reexports: Vec<(String, Segments)>,
    /// Whether it belongs to the program.
    program: bool,
}

fn top() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(dir: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(dir)
        .unwrap_or_else(|error| panic!("{}: {error}", dir.display()))
        .map(|entry| entry.expect("a directory can be read to its end").path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// The code without comments, strings and characters, each replaced by blanks.
fn bare(code: &str) -> String {
    let mut out = String::with_capacity(code.len());
    let mut rest = code;
    while let Some(c) = rest.chars().next() {
        let len = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(raw) = raw_string(rest) {
            raw
        } else if c == '"' {
            quoted(rest)
        } else if c == '\'' {
            character(rest)
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
            continue;
        };
        out.push(' ');
        rest = &rest[len..];
    }
    out
}

fn raw_string(text: &str) -> Option<usize> {
    let body = text.strip_prefix("br").or(text.strip_prefix('r'))?;
    let hashes = body.len() - body.trim_start_matches('#').len();
    let inner = body[hashes..].strip_prefix('"')?;
    let close = format!("\"{}", "#".repeat(hashes));
    let end = inner.find(&close)?;
    Some(text.len() - inner.len() + end + close.len())
}

fn quoted(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 1;
    while at < bytes.len() && bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(text.len())
}

/// A character, or the sign of a lifetime.
fn character(text: &str) -> usize {
    let bytes = text.as_bytes();
    if bytes.get(1) == Some(&b'\\') {
        return text[3..].find('\'').map_or(1, |end| end + 4);
    }
    let first = text[1..].chars().next().map_or(0, char::len_utf8);
    match bytes.get(1 + first) {
        Some(b'\'') => first + 2,
        _ => 1,
    }
}

/// The code without what is compiled for tests alone.
fn without_tests(code: &str) -> String {
    let mut out = String::new();
    let mut rest = code;
    while let Some(at) = rest.find("#[cfg(test)]") {
        out.push_str(&rest[..at]);
        let item = &rest[at..];
        let body = item.find('{').unwrap_or(item.len());
        let end = match item.find(';') {
            Some(semicolon) if semicolon < body => semicolon + 1,
            _ => closing(item, body),
        };
        rest = &item[end..];
    }
    out + rest
}

/// Where the block ends that is opened at `open`.
fn closing(text: &str, open: usize) -> usize {
    let mut depth = 0;
    for (at, byte) in text.bytes().enumerate().skip(open) {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 && byte == b'}' {
            return at + 1;
        }
    }
    text.len()
}

/// Splits at commas that stand in no inner braces.
fn parts(group: &str) -> Vec<&str> {
    let (mut depth, mut start, mut found) = (0, 0, Vec::new());
    for (at, byte) in group.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            b',' if depth == 0 => {
                found.push(&group[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    found.push(&group[start..]);
    found
}

/// Each path of a tree such as `crate::{a::B, c::{self, D as E}}`, with the name that it gets.
fn flatten(prefix: &[String], tree: &str, found: &mut Vec<(String, Segments)>) {
    let tree = tree.trim();
    if tree.is_empty() {
        return;
    }
    if let Some(open) = tree.find('{') {
        let mut inner = prefix.to_vec();
        inner.extend(segments(&tree[..open]));
        let close = closing(tree, open);
        for part in parts(&tree[open + 1..close.max(open + 2) - 1]) {
            flatten(&inner, part, found);
        }
        return;
    }
    let (path, alias) = match tree.split_once(" as ") {
        Some((path, alias)) => (path, Some(alias.trim().to_owned())),
        None => (tree, None),
    };
    let mut whole = prefix.to_vec();
    whole.extend(segments(path));
    if whole.last().is_some_and(|last| last == "self") {
        whole.pop();
    }
    let name = alias.or(whole.last().cloned()).unwrap_or_default();
    found.push((name, whole));
}

fn segments(path: &str) -> Vec<String> {
    path.split("::")
        .map(str::trim)
        .filter(|segment| !segment.is_empty())
        .map(str::to_owned)
        .collect()
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Every path that starts with `crate`, `self`, `super` or `keyward`, wherever it stands.
fn paths_in(code: &str) -> Vec<Segments> {
    let mut found = Vec::new();
    for start in ["crate::", "self::", "super::", "keyward::"] {
        for (at, _) in code.match_indices(start) {
            let before = &code[..at];
            let is_inner = before.ends_with(|c: char| is_word(c) || c == ':' || c == '$');
            // `pub(in crate::git)` says who may use it, and uses nothing.
            if is_inner || before.ends_with("pub(in ") {
                continue;
            }
            let rest = &code[at..];
            let end = rest
                .find(|c: char| !is_word(c) && c != ':')
                .unwrap_or(rest.len());
            let tree = if rest[..end].ends_with("::") && rest[end..].starts_with('{') {
                &rest[..closing(rest, end)]
            } else {
                &rest[..end]
            };
            let mut flat = Vec::new();
            flatten(&[], tree, &mut flat);
            found.extend(flat.into_iter().map(|(_, path)| path));
        }
    }
    found
}

fn uses_in(code: &str) -> Vec<(bool, String, Segments)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("use ") {
        let line = code[..at].rsplit('\n').next().unwrap_or_default().trim();
        if !(line.is_empty() || line.starts_with("pub")) {
            continue;
        }
        let tree = &code[at + 4..];
        let tree = &tree[..tree.find(';').unwrap_or(tree.len())];
        let mut flat = Vec::new();
        flatten(&[], tree, &mut flat);
        found.extend(
            flat.into_iter()
                .map(|(name, path)| (line.starts_with("pub"), name, path)),
        );
    }
    found
}

struct House {
    library: Crate,
    program: Crate,
    sources: BTreeMap<PathBuf, Source>,
}

impl House {
    fn read() -> Self {
        let mut files = Vec::new();
        rust_files(&top().join("src"), &mut files);
        let mut house = Self {
            library: Crate {
                modules: BTreeMap::new(),
            },
            program: Crate {
                modules: BTreeMap::new(),
            },
            sources: BTreeMap::new(),
        };
        for file in files {
            let code = fs::read_to_string(&file).expect("sources are UTF-8");
            let relative = file
                .strip_prefix(top().join("src"))
                .expect("it was found there");
            let is_test =
                relative.iter().any(|part| part == "tests") || relative.ends_with("tests.rs");
            if is_test {
                continue;
            }
            let mut module: Vec<String> = relative
                .with_extension("")
                .iter()
                .map(|part| part.to_string_lossy().into_owned())
                .collect();
            let program = module[0] == "main";
            if matches!(
                module.last().map(String::as_str),
                Some("mod" | "lib" | "main")
            ) {
                module.pop();
            }
            let code = without_tests(&bare(&code));
            let uses = uses_in(&code);
            let mut paths = paths_in(&code);
            paths.extend(uses.iter().map(|(.., path)| path.clone()));
            let owner = match program {
                true => &mut house.program,
                false => &mut house.library,
            };
            owner.modules.insert(module.join("::"), file.clone());
            let source = Source {
                module,
                paths,
                reexports: uses
                    .into_iter()
                    .filter(|(public, ..)| *public)
                    .map(|(_, name, path)| (name, path))
                    .collect(),
                program,
            };
            house.sources.insert(file, source);
        }
        house
    }

    /// The file that defines what a path names, if it is one of these.
    fn resolve(&self, file: &Path, path: &[String], depth: usize) -> Option<PathBuf> {
        let source = &self.sources[file];
        let (mut owner, mut at) = match source.program {
            true => (&self.program, source.module.clone()),
            false => (&self.library, source.module.clone()),
        };
        let mut rest = path;
        match rest.first()?.as_str() {
            "crate" => at.clear(),
            "keyward" => {
                owner = &self.library;
                at.clear();
            }
            "self" => {}
            "super" => {}
            first => {
                let mut child = at.clone();
                child.push(first.to_owned());
                if !owner.modules.contains_key(&child.join("::")) {
                    return None;
                }
            }
        }
        if matches!(rest[0].as_str(), "crate" | "keyward" | "self") {
            rest = &rest[1..];
        }
        while rest.first().is_some_and(|segment| segment == "super") {
            at.pop()?;
            rest = &rest[1..];
        }
        while let Some(next) = rest.first() {
            let mut child = at.clone();
            child.push(next.clone());
            if !owner.modules.contains_key(&child.join("::")) {
                break;
            }
            at = child;
            rest = &rest[1..];
        }
        let found = owner.modules.get(&at.join("::"))?.clone();
        let Some(name) = rest.first() else {
            return Some(found);
        };
        let passed_on = self.sources[&found]
            .reexports
            .iter()
            .find(|(exported, _)| exported == name);
        match passed_on {
            Some((_, path)) if depth < 8 => self.resolve(&found, path, depth + 1).or(Some(found)),
            _ => Some(found),
        }
    }

    /// Each file with the files that it uses.
    fn arrows(&self) -> BTreeMap<&Path, BTreeSet<PathBuf>> {
        self.sources
            .iter()
            .map(|(file, source)| {
                let used = source
                    .paths
                    .iter()
                    .filter_map(|path| self.resolve(file, path, 0))
                    .filter(|used| used != file)
                    .collect();
                (file.as_path(), used)
            })
            .collect()
    }
}

fn shown(path: &Path) -> String {
    path.strip_prefix(top())
        .unwrap_or(path)
        .display()
        .to_string()
}

/// Every file that a file leads to.
fn reached<'a>(
    arrows: &'a BTreeMap<&Path, BTreeSet<PathBuf>>,
    from: &'a Path,
) -> BTreeSet<&'a Path> {
    let mut seen = BTreeSet::new();
    let mut waiting = vec![from];
    while let Some(file) = waiting.pop() {
        for used in arrows.get(file).into_iter().flatten() {
            if seen.insert(used.as_path()) {
                waiting.push(used);
            }
        }
    }
    seen
}

#[test]
fn no_circle_between_files_of_different_folders() {
    let house = House::read();
    let arrows = house.arrows();
    let reached: BTreeMap<&Path, BTreeSet<&Path>> = arrows
        .keys()
        .map(|&file| (file, reached(&arrows, file)))
        .collect();
    let mut circles = BTreeSet::new();
    for (&file, others) in &reached {
        for &other in others {
            if other.parent() != file.parent() && reached[other].contains(file) {
                let circle: Vec<String> = others
                    .iter()
                    .filter(|third| reached[**third].contains(file))
                    .map(|third| {
                        let on: Vec<String> = arrows[*third]
                            .iter()
                            .filter(|used| {
                                others.contains(used.as_path())
                                    && reached[used.as_path()].contains(file)
                            })
                            .map(|used| shown(used))
                            .collect();
                        format!("  {} uses {}", shown(third), on.join(", "))
                    })
                    .collect();
                circles.insert(circle.join("\n"));
            }
        }
    }
    let circles: Vec<String> = circles.into_iter().collect();
    assert!(circles.is_empty(), "circles:\n{}", circles.join("\n\n"));
}

/// The document that shows the structure.
fn document() -> String {
    fs::read_to_string(top().join("docs/architecture.md")).expect("docs/architecture.md is there")
}

/// The rows of the table under a heading, each as its cells.
fn table(document: &str, heading: &str) -> Vec<Vec<String>> {
    let start = document
        .find(&format!("## {heading}\n"))
        .unwrap_or_else(|| panic!("docs/architecture.md has no heading `{heading}`"));
    document[start..]
        .lines()
        .skip(1)
        .take_while(|line| !line.starts_with("## "))
        .filter(|line| line.starts_with('|'))
        .skip(2)
        .map(|line| {
            line.trim_matches('|')
                .split('|')
                .map(|cell| cell.trim().to_owned())
                .collect()
        })
        .collect()
}

/// What stands between backticks.
fn quoted_words(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// The paths of each room, from the bottom of the house up.
fn rooms() -> Vec<Vec<PathBuf>> {
    table(&document(), "The rooms")
        .iter()
        .map(|row| {
            quoted_words(&row[0])
                .into_iter()
                .map(|path| top().join(path.trim_end_matches('/')))
                .collect()
        })
        .collect()
}

/// The root of the library declares every room, and belongs to none.
fn is_root(file: &Path) -> bool {
    file.ends_with("src/lib.rs")
}

/// The number of the room that a file is in.
fn room_of(rooms: &[Vec<PathBuf>], file: &Path) -> usize {
    rooms
        .iter()
        .position(|paths| paths.iter().any(|path| file.starts_with(path)))
        .unwrap_or_else(|| panic!("docs/architecture.md has no room for {}", shown(file)))
}

#[test]
fn a_room_knows_only_the_rooms_above_it_in_the_table() {
    let rooms = rooms();
    let house = House::read();
    let mut wrong = Vec::new();
    for (file, used) in house.arrows() {
        if is_root(file) {
            continue;
        }
        let room = room_of(&rooms, file);
        for used in used {
            if !is_root(&used) && room_of(&rooms, &used) > room {
                wrong.push(format!("{} uses {}", shown(file), shown(&used)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_room_does_not_use_what_its_row_forbids() {
    let rows = table(&document(), "The rooms");
    let rooms = rooms();
    let house = House::read();
    let arrows = house.arrows();
    let mut wrong = Vec::new();
    for (number, row) in rows.iter().enumerate() {
        for forbidden in quoted_words(&row[2]) {
            let path = top().join(forbidden.trim_end_matches('/'));
            let is_room = forbidden.starts_with("src/");
            assert!(!is_room || path.exists(), "`{forbidden}` is not there");
            for (file, used) in &arrows {
                if is_root(file) || room_of(&rooms, file) != number {
                    continue;
                }
                let uses = match is_room {
                    true => used.iter().any(|used| used.starts_with(&path)),
                    false => names_crate(file, forbidden),
                };
                if uses {
                    wrong.push(format!("{} uses {forbidden}", shown(file)));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_has_one_home_is_used_nowhere_else() {
    let house = House::read();
    let mut wrong = Vec::new();
    for row in table(&document(), "What has one home") {
        let homes: Vec<PathBuf> = quoted_words(&row[1])
            .into_iter()
            .map(|path| top().join(path.trim_end_matches('/')))
            .collect();
        assert!(homes.iter().all(|home| home.exists()), "{row:?}");
        for name in quoted_words(&row[0]) {
            let mut used = false;
            for file in house.sources.keys() {
                let uses = names_crate(file, name);
                used |= uses;
                if uses && !homes.iter().any(|home| file.starts_with(home)) {
                    wrong.push(format!("{} uses {name}", shown(file)));
                }
            }
            assert!(used, "nothing uses `{name}`");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether a file, without its tests, names something outside of keyward: `git2`, `std::process::Command`.
fn names_crate(file: &Path, name: &str) -> bool {
    let code = fs::read_to_string(file).expect("sources are UTF-8");
    names(&without_tests(&bare(&code)), &name.replace('-', "_"))
}

/// The same of its code: by the whole path, by a `use` of it alone or in a group, or by a `use` of what it is in.
fn names(code: &str, name: &str) -> bool {
    let stands = |path: &str| {
        code.match_indices(path).any(|(at, _)| {
            let before = code[..at].chars().next_back();
            let behind = code[at + path.len()..].chars().next();
            !before.is_some_and(|c| is_word(c) || c == ':') && !behind.is_some_and(is_word)
        })
    };
    let wanted = segments(name);
    let is_used = |(_, called, path): (bool, String, Segments)| {
        if path.starts_with(&wanted) {
            return true;
        }
        match (path.last().map(String::as_str), path.split_last()) {
            // All of what it is in.
            (Some("*"), Some((_, above))) => wanted.starts_with(above),
            _ => wanted
                .strip_prefix(path.as_slice())
                .is_some_and(|rest| stands(&format!("{called}::{}", rest.join("::")))),
        }
    };
    let is_path = |(at, _): (usize, &str)| {
        let before = code[..at].chars().next_back();
        let behind = code[at + name.len()..].chars().next();
        !before.is_some_and(|c| is_word(c) || c == ':') && matches!(behind, Some(':' | ';'))
    };
    code.match_indices(name).any(is_path) || uses_in(code).into_iter().any(is_used)
}

#[test]
fn what_has_one_home_is_seen_however_it_is_named() {
    for (code, expected) in [
        ("use std::process::Command;", true),
        ("use std::process::{Child, Command, Stdio};", true),
        ("use std::{fs, process::{self, Command as Run}};", true),
        (
            "use std::process;\nfn a() { process::Command::new(x); }",
            true,
        ),
        (
            "use std::process as p;\nfn a() { p::Command::new(x); }",
            true,
        ),
        ("use std::process::*;", true),
        ("fn a() { std::process::Command::new(x); }", true),
        (
            "use std::process::{self, ExitCode};\nfn a() { process::exit(1); }",
            false,
        ),
        ("use std::process::Commands;", false),
        ("use clap::Command;\nuse std::process::id;", false),
        ("use std::fs;\nfn a() { clap::Command::new(x); }", false),
    ] {
        assert_eq!(names(code, "std::process::Command"), expected, "{code}");
    }
}

#[test]
fn every_file_of_the_source_has_one_room() {
    let rooms = rooms();
    for file in House::read().sources.keys() {
        if is_root(file) {
            continue;
        }
        let of: Vec<usize> = (0..rooms.len())
            .filter(|&room| rooms[room].iter().any(|path| file.starts_with(path)))
            .collect();
        assert_eq!(of.len(), 1, "{} is in the rooms {of:?}", shown(file));
    }
    for path in rooms.iter().flatten() {
        assert!(path.exists(), "{} is not there", shown(path));
    }
}

#[test]
fn no_file_is_longer_than_its_reader_can_keep_in_mind() {
    /// A bound: CONTRIBUTING.md says so. Clippy holds functions to theirs.
    const MOST_LINES: usize = 600;
    let mut files = Vec::new();
    for room in ["src", "build"] {
        rust_files(&top().join(room), &mut files);
    }
    let is_test = |file: &&PathBuf| {
        file.iter()
            .any(|part| part == "tests" || part == "tests.rs")
    };
    for file in files.iter().filter(|file| !is_test(file)) {
        let code = fs::read_to_string(file).expect("the file can be read");
        let lines = without_tests(&bare(&code)).lines().count();
        assert!(lines <= MOST_LINES, "{}: {lines} lines", shown(file));
    }
}

#[test]
fn every_path_that_the_guides_name_is_there() {
    for guide in ["docs/architecture.md", "CONTRIBUTING.md"] {
        let text = fs::read_to_string(top().join(guide)).expect("the guide is there");
        let mut named = 0;
        for word in quoted_words(&text) {
            let path = word.trim_end_matches('/');
            let is_path = (path.contains('/') || path.ends_with(".rs") || path.ends_with(".toml"))
                && !path.contains([' ', '<', '*', '(', '{', '\n', ':', '=', '$', '"']);
            if !is_path || path.starts_with("refs/") {
                continue;
            }
            named += 1;
            assert!(
                top().join(path).exists(),
                "{guide} names `{word}`, which is not there"
            );
        }
        assert!(named > 10, "{guide} names {named} paths");
    }
}

/// A page that promises something says which test holds it.
#[test]
fn every_test_that_the_page_on_security_names_exists() {
    let mut files = Vec::new();
    for dir in ["src", "tests"] {
        rust_files(&top().join(dir), &mut files);
    }
    let mut tests = BTreeSet::new();
    for file in files {
        let code = fs::read_to_string(file).unwrap();
        for part in code.split("#[test]").skip(1) {
            let name = part.split_once("fn ").map_or("", |(_, name)| name);
            let end = name.find('(').unwrap_or_default();
            tests.insert(name[..end].to_owned());
        }
    }
    let page = fs::read_to_string(top().join("docs/security.md")).unwrap();
    let is_test = |word: &&str| {
        let is_part = |c: char| c == '_' || c.is_ascii_lowercase() || c.is_ascii_digit();
        word.matches('_').count() > 1 && word.chars().all(is_part)
    };
    let named: Vec<&str> = page.split('`').skip(1).step_by(2).filter(is_test).collect();
    assert!(named.len() > 60, "{} tests", named.len());
    for name in named {
        assert!(
            tests.contains(name),
            "docs/security.md names `{name}`, which is no test"
        );
    }
}

#[test]
fn the_reader_of_code_sees_what_it_should() {
    let code = r##"
        use crate::{a::B, c::{self, D as E}};
        // use crate::comment::X;
        pub use self::inner::Thing;
        fn f<'a>(x: &'a str) -> char { let s = "crate::string::X"; super::g::h(s, '"', r#"self::raw"#); 'x' }
        #[cfg(test)]
        mod tests { use crate::only::InTests; }
        pub(in crate::seen) fn g() { crate::after::tests() }
    "##;
    let code = without_tests(&bare(code));
    let mut paths: Vec<String> = paths_in(&code).iter().map(|path| path.join("::")).collect();
    paths.sort();
    paths.dedup();
    assert_eq!(
        paths,
        [
            "crate::a::B",
            "crate::after::tests",
            "crate::c",
            "crate::c::D",
            "self::inner::Thing",
            "super::g::h",
        ]
    );
    let exported: Vec<String> = uses_in(&code)
        .into_iter()
        .filter(|(public, ..)| *public)
        .map(|(_, name, _)| name)
        .collect();
    assert_eq!(exported, ["Thing"]);
}

/// Whoever reads the list of what keyward is built of sees why each is there.
#[test]
fn each_dependency_has_its_reason_beside_it() {
    let mut missing = Vec::new();
    let mut count = 0;
    for name in ["Cargo.toml", "fuzz/Cargo.toml"] {
        let text = fs::read_to_string(top().join(name)).unwrap();
        let mut listed = false;
        let mut before = "";
        for line in text.lines() {
            if line.starts_with('[') {
                listed = line.ends_with("dependencies]");
            } else if listed && !line.is_empty() && !line.starts_with('#') {
                count += 1;
                if !before.starts_with("# ") {
                    missing.push(line.to_owned());
                }
            }
            before = line;
        }
    }
    assert!(missing.is_empty(), "no reason stands above {missing:#?}");
    assert!(count > 40, "{count}");
}

/// A whole class of faults is none of keyward's.
#[test]
fn no_unsafe_code_is_allowed() {
    let text = fs::read_to_string(top().join("Cargo.toml")).unwrap();
    assert!(text.contains("\nunsafe_code = \"forbid\"\n"));
}
