//! Turns `kinds.toml`, what the names of files say about them, into static tables.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use serde::Deserialize;

use crate::emit::{numbers, rust_string, texts, texts_value};

const KINDS: &str = "src/filetype/kinds.toml";

/// The whole of `kinds.toml`; its head says what the words mean.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct KindsFile {
    mend: String,
    templates: Vec<String>,
    wrappers: Vec<String>,
    packages: Vec<String>,
    values: Vec<String>,
    vendored: Vec<String>,
    example: Example,
    signs: BTreeMap<String, Signs>,
    kind: Vec<Kind>,
}

/// How texts and comments stand in a language.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Signs {
    all: Vec<Sign>,
    #[serde(default)]
    document: String,
    #[serde(default)]
    patterns: bool,
    markup: Option<(String, String)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sign {
    open: String,
    #[serde(default)]
    close: String,
    #[serde(default)]
    comment: bool,
    #[serde(default)]
    lines: bool,
    #[serde(default)]
    raw: bool,
    #[serde(default)]
    hole: String,
    #[serde(default)]
    word: bool,
    #[serde(default)]
    unless: String,
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
    #[serde(default)]
    browser: bool,
    template: Option<String>,
    literal: Option<String>,
    literal_import: Option<String>,
    #[serde(default)]
    signs: String,
    #[serde(default)]
    constant: Vec<String>,
    #[serde(default)]
    variable: String,
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
    Table,
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
        rows += &format!("{}, ", row(kind, &file.signs)?);
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
        ("PACKAGES", &file.packages),
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
        texts(name, words, &mut out)?;
    }
    in_order("camel-ends", &example.camel_ends)?;
    texts("EXAMPLE_CAMEL_ENDS", &example.camel_ends, &mut out)?;
    Ok(out)
}

fn row(kind: &Kind, signs: &BTreeMap<String, Signs>) -> Result<String, Box<dyn Error>> {
    let name = &kind.name;
    let narrowed = kind.starts.len() + kind.directories.len() > 0;
    if !kind.only.is_empty() && (!narrowed || !kind.extensions.is_empty()) {
        return Err(format!("{name}: `only` goes with `starts` or `directories`").into());
    }
    let says_how = kind.ignore || kind.shared || kind.browser || !kind.import.is_empty();
    if kind.mend.is_none() && (says_how || kind.template.is_some()) {
        return Err(format!("{name}: it needs a mend").into());
    }
    if kind.mend.is_none() && kind.syntax.is_none() {
        return Err(format!("{name}: it says nothing").into());
    }
    in_order(name, &kind.only)?;
    let syntax = kind.syntax.map(|syntax| format!("Syntax::{syntax:?}"));
    let (import, shared, browser) = (&kind.import, kind.shared, kind.browser);
    let mend = |text: &String, ignore: bool| {
        format!(
            "Some(FileMend {{ text: {text:?}, ignore: {ignore}, import: {import:?}, shared: {shared}, \
             browser: {browser} }})"
        )
    };
    let none = || "None".to_owned();
    let code = code(kind, signs)?;
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

/// How keyward fix writes code of that kind.
fn code(kind: &Kind, signs: &BTreeMap<String, Signs>) -> Result<Option<String>, Box<dyn Error>> {
    let (name, constant, variable) = (&kind.name, &kind.constant, &kind.variable);
    let Some(literal) = &kind.literal else {
        let has_more = kind.literal_import.is_some() || !kind.signs.is_empty();
        if has_more || !constant.is_empty() || !variable.is_empty() {
            return Err(
                format!("{name}: what says how code is written goes with `literal`").into(),
            );
        }
        return Ok(None);
    };
    in_order(name, constant)?;
    let import = kind.literal_import.as_ref().unwrap_or(&kind.import);
    let of_kind = signs.get(&kind.signs);
    let signs = of_kind.ok_or_else(|| format!("{name}: there are no signs {:?}", kind.signs))?;
    let mut all = String::new();
    for sign in &signs.all {
        let Sign {
            open,
            close,
            comment,
            lines,
            raw,
            hole,
            word,
            unless,
        } = sign;
        if open.is_empty() {
            return Err(format!("{}: a sign needs `open`", kind.signs).into());
        }
        all += &format!(
            "Sign {{ open: {open:?}, close: {close:?}, comment: {comment}, lines: {lines}, raw: {raw}, hole: {hole:?}, \
             word: {word}, unless: {unless:?} }}, "
        );
    }
    let (document, patterns, markup) = (&signs.document, signs.patterns, &signs.markup);
    Ok(Some(format!(
        "Some(Code {{ literal: {literal:?}, constant: &{constant:?}, variable: {variable:?}, import: {import:?}, \
         signs: Signs {{ all: &[{all}], document: {document:?}, patterns: {patterns}, markup: {markup:?} }} }})"
    )))
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
    let (texts, kinds): (Vec<&str>, Vec<usize>) = all.into_iter().unzip();
    let (texts, kinds) = (texts_value(&texts), numbers(kinds.iter()));
    writeln!(
        out,
        "static {name}: Keys = Keys {{ texts: {texts}, kinds: &[{kinds}] }};"
    )?;
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
