//! Turns the guard's `patterns.toml` into static data, so that a commit of ordinary files pays
//! for a few comparisons of names and nothing else.

#[path = "../src/guard/words.rs"]
mod words;

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use words::{GuardFile, GuardWords};

use crate::emit::{numbers, texts_value};

const PATTERNS: &str = "src/guard/patterns.toml";

/// Writes `guard.rs` to the build's output directory.
///
/// # Panics
/// When `patterns.toml` breaks a rule of its own; the message says which.
pub(crate) fn generate() {
    println!("cargo:rerun-if-changed={PATTERNS}");
    println!("cargo:rerun-if-changed=src/guard/words.rs");
    println!("cargo:rerun-if-changed=build/guard.rs");
    let text = fs::read_to_string(PATTERNS).expect("the patterns are part of the source");
    let file: GuardFile = toml::from_str(&text).unwrap_or_else(|err| panic!("{PATTERNS}: {err}"));
    check(&file);
    let out = env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
    fs::write(Path::new(&out).join("guard.rs"), tables(&file)).expect("OUT_DIR can be written");
}

fn check(file: &GuardFile) {
    let ids: Vec<String> = file.guard.iter().map(|guard| guard.id.clone()).collect();
    sorted("guards", &ids);
    let mut all: Vec<&str> = Vec::new();
    for guard in &file.guard {
        let id = &guard.id;
        assert!(
            id.starts_with("guard-"),
            "{PATTERNS}: {id} must start with `guard-`"
        );
        assert!(!guard.files.is_empty(), "{PATTERNS}: {id} names no file");
        sorted(id, &guard.files);
        sorted(id, &guard.except);
        sorted(id, &guard.plain);
        for name in guard.files.iter().chain(&guard.except) {
            check_name(id, name);
        }
        for name in &guard.except {
            assert!(
                !name.contains(['*', '/']),
                "{PATTERNS}: {id}: the exception {name:?} must be a plain name"
            );
        }
        all.extend(guard.files.iter().map(String::as_str));
    }
    all.sort_unstable();
    for pair in all.windows(2) {
        assert!(
            pair[0] != pair[1],
            "{PATTERNS}: {:?} stands in two guards",
            pair[0]
        );
    }
}

fn check_name(id: &str, name: &str) {
    assert!(
        name.bytes()
            .all(|b| b.is_ascii_graphic() && !b.is_ascii_uppercase()),
        "{PATTERNS}: {id}: {name:?} must be lower-case ASCII without blanks"
    );
    assert!(
        !name.bytes().any(|b| b"?[]\\".contains(&b)),
        "{PATTERNS}: {id}: {name:?} may have no wildcard but `*`"
    );
    let (dirs, base) = split(name);
    assert!(
        !base.is_empty() && !dirs.contains('*') && !name.starts_with('/') && !name.contains("//"),
        "{PATTERNS}: {id}: {name:?} must be a name, after plain directories if any"
    );
    assert!(
        !base.contains("**"),
        "{PATTERNS}: {id}: {name:?} has one star too many"
    );
}

fn sorted(what: &str, words: &[String]) {
    for pair in words.windows(2) {
        assert!(
            pair[0] < pair[1],
            "{PATTERNS}: {what}: {:?} must come before {:?}, and only once",
            pair[1],
            pair[0]
        );
    }
}

/// The directories of a pattern, without the last `/`, and its name.
fn split(name: &str) -> (&str, &str) {
    name.rsplit_once('/').unwrap_or(("", name))
}

fn tables(file: &GuardFile) -> String {
    let mut out = String::new();
    let mut plain = Vec::new();
    let mut starred = Vec::new();
    for (index, guard) in file.guard.iter().enumerate() {
        for name in &guard.files {
            let (dirs, base) = split(name);
            if base.contains('*') {
                starred.push((dirs, base, index));
            } else {
                plain.push((base, dirs, index));
            }
        }
    }
    plain.sort_unstable();
    put(&mut out, "Guard", "GUARDS", file.guard.iter().map(guard));
    let bases: Vec<&str> = plain.iter().map(|(base, _, _)| *base).collect();
    let dirs: Vec<&str> = plain.iter().map(|(_, dirs, _)| *dirs).collect();
    let (bases, dirs) = (texts_value(&bases), texts_value(&dirs));
    let guards = numbers(plain.iter().map(|(_, _, guard)| guard));
    writeln!(
        out,
        "static NAMES: Names = Names {{ bases: {bases}, dirs: {dirs}, guards: &[{guards}] }};"
    )
    .expect("a string takes all");
    put(&mut out, "Starred", "STARRED", starred.iter().map(|(dirs, base, guard)| {
        let pieces: Vec<&str> = base.split('*').collect();
        let (head, tail) = (pieces[0], pieces[pieces.len() - 1]);
        let middle = &pieces[1..pieces.len() - 1];
        format!(
            "Starred {{ dirs: {dirs:?}, head: {head:?}, middle: &{middle:?}, tail: {tail:?}, guard: {guard} }}"
        )
    }));
    out
}

fn guard(words: &GuardWords) -> String {
    let GuardWords {
        id,
        name,
        files: _,
        except,
        content,
        seldom,
        plain,
        ambiguous,
        opaque,
    } = words;
    let seldom = seldom.unwrap_or(*content);
    format!(
        "Guard {{ id: {id:?}, name: {name:?}, except: &{except:?}, content: Content::{content:?}, \
         seldom: Content::{seldom:?}, plain: &{plain:?}, ambiguous: {ambiguous}, opaque: {opaque} }}"
    )
}

fn put(out: &mut String, kind: &str, name: &str, rows: impl Iterator<Item = String>) {
    writeln!(out, "static {name}: &[{kind}] = &[").expect("a string takes all");
    for row in rows {
        writeln!(out, "    {row},").expect("a string takes all");
    }
    out.push_str("];\n");
}
