//! Turns `kinds.toml`, what the names of files say about them, into static tables.

use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use serde::Deserialize;

use crate::emit::{list, rust_string};

const KINDS: &str = "src/filetype/kinds.toml";

/// The whole of `kinds.toml`; its head says what the words mean.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct KindsFile {
    mend: String,
    templates: Vec<String>,
    wrappers: Vec<String>,
    values: Vec<String>,
    vendored: Vec<String>,
    example: Example,
    kind: Vec<Kind>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Example {
    directories: Vec<String>,
    words: Vec<String>,
    stems: Vec<String>,
    starts: Vec<String>,
    ends: Vec<String>,
    camel_ends: Vec<String>,
    contains: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Kind {
    name: String,
    #[serde(default)]
    names: Vec<String>,
    #[serde(default)]
    contains: Vec<String>,
    #[serde(default)]
    starts: Vec<String>,
    #[serde(default)]
    directories: Vec<String>,
    #[serde(default)]
    ends: Vec<String>,
    #[serde(default)]
    extensions: Vec<String>,
    #[serde(default)]
    only: Vec<String>,
    syntax: Option<Syntax>,
    mend: Option<String>,
    #[serde(default)]
    ignore: bool,
    #[serde(default)]
    import: String,
    #[serde(default)]
    shared: bool,
    template: Option<String>,
    literal: Option<String>,
    literal_import: Option<String>,
    #[serde(default)]
    constant: Vec<String>,
}

/// The variants of `filetype::Syntax` that a row may name.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Syntax {
    Code,
    Settings,
    Script,
    Prose,
    Machine,
}

/// Writes `filetype.rs` to the build's output directory.
///
/// # Errors
/// What is wrong with `kinds.toml`, or why the tables can't be written.
pub(crate) fn generate() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed={KINDS}");
    println!("cargo:rerun-if-changed=build/filetype.rs");
    let text = fs::read_to_string(KINDS)?;
    let file: KindsFile = toml::from_str(&text).map_err(|error| format!("{KINDS}: {error}"))?;
    let tables = tables(&file).map_err(|error| format!("{KINDS}: {error}"))?;
    let out = env::var("OUT_DIR")?;
    fs::write(Path::new(&out).join("filetype.rs"), tables)?;
    Ok(())
}

fn tables(file: &KindsFile) -> Result<String, Box<dyn Error>> {
    let mut out = String::new();
    let names: Vec<String> = file
        .kind
        .iter()
        .map(|kind| kind.name.to_lowercase())
        .collect();
    in_order("kinds", &names)?;
    let mut rows = String::new();
    for kind in &file.kind {
        rows += &format!("{}, ", row(kind)?);
    }
    writeln!(out, "static KINDS: &[Kind] = &[{rows}];")?;
    writeln!(out, "static MEND: &str = {};", rust_string(&file.mend))?;
    keys("NAMES", &file.kind, |kind| &kind.names, &mut out)?;
    keys("CONTAINS", &file.kind, |kind| &kind.contains, &mut out)?;
    keys("STARTS", &file.kind, |kind| &kind.starts, &mut out)?;
    keys(
        "DIRECTORIES",
        &file.kind,
        |kind| &kind.directories,
        &mut out,
    )?;
    keys("ENDS", &file.kind, |kind| &kind.ends, &mut out)?;
    keys("EXTENSIONS", &file.kind, |kind| &kind.extensions, &mut out)?;
    let example = &file.example;
    for (name, words) in [
        ("TEMPLATES", &file.templates),
        ("WRAPPERS", &file.wrappers),
        ("VALUES", &file.values),
        ("VENDORED", &file.vendored),
        ("EXAMPLE_DIRECTORIES", &example.directories),
        ("EXAMPLE_WORDS", &example.words),
        ("EXAMPLE_STEMS", &example.stems),
        ("EXAMPLE_STARTS", &example.starts),
        ("EXAMPLE_ENDS", &example.ends),
        ("EXAMPLE_CONTAINS", &example.contains),
    ] {
        in_order(name, words)?;
        in_lower_case(name, words)?;
        list(name, "&str", words, &mut out)?;
    }
    in_order("camel-ends", &example.camel_ends)?;
    let ends = &example.camel_ends;
    list("EXAMPLE_CAMEL_ENDS", "&str", ends, &mut out)?;
    Ok(out)
}

fn row(kind: &Kind) -> Result<String, Box<dyn Error>> {
    let name = &kind.name;
    let narrowed = kind.starts.len() + kind.directories.len() > 0;
    if !kind.only.is_empty() && (!narrowed || !kind.extensions.is_empty()) {
        return Err(format!("{name}: `only` goes with `starts` or `directories`").into());
    }
    let says_how = kind.ignore || kind.shared || !kind.import.is_empty();
    if kind.mend.is_none() && (says_how || kind.template.is_some()) {
        return Err(format!("{name}: it needs a mend").into());
    }
    if kind.mend.is_none() && kind.syntax.is_none() {
        return Err(format!("{name}: it says nothing").into());
    }
    in_order(name, &kind.only)?;
    let syntax = kind.syntax.map(|syntax| format!("Syntax::{syntax:?}"));
    let (import, shared) = (&kind.import, kind.shared);
    let mend = |text: &String, ignore: bool| {
        format!(
            "Some(FileMend {{ text: {text:?}, ignore: {ignore}, import: {import:?}, shared: {shared} }})"
        )
    };
    let none = || "None".to_owned();
    if kind.literal.is_none() && kind.literal_import.is_some() | !kind.constant.is_empty() {
        return Err(format!("{name}: `constant` and `literal-import` go with `literal`").into());
    }
    let code = kind.literal.as_ref().map(|literal| {
        let (import, constant) = (
            kind.literal_import.as_ref().unwrap_or(import),
            &kind.constant,
        );
        format!(
            "Some(Code {{ literal: {literal:?}, constant: &{constant:?}, import: {import:?} }})"
        )
    });
    Ok(format!(
        "Kind {{ only: &{:?}, syntax: {}, mend: {}, template: {}, code: {} }}",
        kind.only,
        syntax.map_or_else(none, |syntax| format!("Some({syntax})")),
        kind.mend
            .as_ref()
            .map_or_else(none, |text| mend(text, kind.ignore)),
        kind.template
            .as_ref()
            .map_or_else(none, |text| mend(text, false)),
        code.unwrap_or_else(none),
    ))
}

/// Writes the table of all kinds' texts of one sort, each with the number of its kind, sorted by text.
fn keys(
    name: &str,
    kinds: &[Kind],
    of: impl Fn(&Kind) -> &Vec<String>,
    out: &mut String,
) -> Result<(), Box<dyn Error>> {
    let mut all: Vec<(&str, usize)> = Vec::new();
    for (number, kind) in kinds.iter().enumerate() {
        let texts = of(kind);
        in_order(&kind.name, texts)?;
        in_lower_case(&kind.name, texts)?;
        all.extend(texts.iter().map(|text| (text.as_str(), number)));
    }
    all.sort_unstable();
    if let Some(pair) = all.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        return Err(format!("{:?} stands in two kinds", pair[0].0).into());
    }
    list(name, "(&str, u8)", &all, out)?;
    Ok(())
}

fn in_order(what: &str, words: &[String]) -> Result<(), Box<dyn Error>> {
    match words.windows(2).find(|pair| pair[0] >= pair[1]) {
        Some(pair) => Err(format!(
            "{what}: {:?} must come before {:?}, and only once",
            pair[1], pair[0]
        )
        .into()),
        None => Ok(()),
    }
}

fn in_lower_case(what: &str, words: &[String]) -> Result<(), Box<dyn Error>> {
    let is_odd = |word: &&String| {
        word.is_empty()
            || !word.bytes().all(|b| b.is_ascii_graphic())
            || **word != word.to_lowercase()
    };
    match words.iter().find(is_odd) {
        Some(word) => Err(format!("{what}: {word:?} must be lower-case ASCII").into()),
        None => Ok(()),
    }
}
