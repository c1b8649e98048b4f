//! Turns the catalog of rules into static data, so that keyward parses none of it when it starts.

#[path = "../src/rules/charset.rs"]
#[allow(dead_code, unreachable_pub)]
mod charset;
#[path = "../src/rules/compile.rs"]
#[allow(dead_code, unreachable_pub)]
mod compile;
#[path = "../src/rules/format.rs"]
#[allow(dead_code, unreachable_pub)]
mod format;
#[path = "../src/rules/outline/mod.rs"]
#[allow(dead_code, unreachable_pub)]
mod outline;
#[path = "../src/rules/program/mod.rs"]
#[allow(dead_code, unreachable_pub)]
mod program;
#[path = "../src/rules/provider.rs"]
#[allow(dead_code, unreachable_pub)]
mod provider;
#[path = "../src/rules/record.rs"]
#[allow(dead_code, unreachable_pub)]
mod record;
#[path = "../src/rules/rule.rs"]
#[allow(dead_code, unreachable_pub)]
mod rule;
#[path = "../src/rules/shape.rs"]
#[allow(dead_code, unreachable_pub)]
mod shape;
#[path = "../src/rules/words.rs"]
#[allow(dead_code, unreachable_pub)]
mod words;

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use compile::{Owner, compile};
use program::Written;
use provider::{Provider, ProviderRef};
use record::{Field, Writer};
use rule::{Reach, Rule};
use words::ProviderFile;

use crate::emit::{numbers, rust_string, table};

const CATALOG: &str = "src/rules/catalog";
/// How many rules `benches/rules.sh` builds in, to see what they cost. Not for use.
const MOST_RULES: &str = "KEYWARD_BENCH_RULES";

/// Writes `catalog.rs` to the build's output directory. Gives the keywords, in the order of the uses
/// that are written down.
pub(crate) fn generate() -> Result<Vec<String>, Box<dyn Error>> {
    println!("cargo::rerun-if-env-changed={MOST_RULES}");
    for input in [
        "build/catalog.rs",
        "build/emit.rs",
        "build/proof.rs",
        "src/confidence.rs",
        "src/rules",
    ] {
        println!("cargo::rerun-if-changed={input}");
    }
    let most = match env::var(MOST_RULES) {
        Ok(most) => most.parse()?,
        Err(_) => usize::MAX,
    };
    let mut catalog = Catalog::default();
    for path in files(Path::new(CATALOG))? {
        let in_file = |error| format!("{}: {error}", path.display());
        catalog.add_file(&path, most).map_err(in_file)?;
    }
    catalog.pair_halves()?;
    let keywords = Keywords::of(&catalog.rules);
    let out = PathBuf::from(env::var("OUT_DIR")?).join("catalog.rs");
    fs::write(out, emit(&catalog, &keywords)?)?;
    Ok(keywords.0.into_keys().collect())
}

/// The catalog's files, sorted.
fn files(dir: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut paths: Vec<PathBuf> = fs::read_dir(dir)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    paths.retain(|path| path.extension().is_some_and(|ext| ext == "toml"));
    paths.sort();
    Ok(paths)
}

#[derive(Default)]
struct Catalog {
    providers: Vec<Provider>,
    rules: Vec<Rule>,
}

impl Catalog {
    /// Adds the provider of a file and its rules, as long as there are no more than `most`.
    fn add_file(&mut self, path: &Path, most: usize) -> Result<(), Box<dyn Error>> {
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        let stem = stem.ok_or("the file's name is not UTF-8")?;
        let file: ProviderFile = toml::from_str(&fs::read_to_string(path)?)?;
        let provider = file.provider(stem);
        let owner = Owner {
            provider: &provider,
            shared: ProviderRef::catalog(u16::try_from(self.providers.len())?),
            words: file.words.as_deref(),
            generic: file.generic,
        };
        for words in file.rule.iter().take(most - self.rules.len()) {
            if !words.id.starts_with(&format!("{stem}-")) {
                return Err(format!("`{}` does not start with `{stem}-`", words.id).into());
            }
            self.rules.push(compile(&owner, words)?);
        }
        self.providers.push(provider);
        Ok(())
    }

    /// Tells each rule which others name it as their companion.
    fn pair_halves(&mut self) -> Result<(), Box<dyn Error>> {
        let mut halves: BTreeMap<String, Vec<u16>> = BTreeMap::new();
        for (number, rule) in self.rules.iter().enumerate() {
            if let Some(companion) = &rule.companion {
                let halves = halves.entry(companion.clone().into_owned()).or_default();
                halves.push(u16::try_from(number)?);
            }
        }
        for rule in &mut self.rules {
            rule.other_halves = halves.remove(&*rule.id).unwrap_or_default().into();
        }
        Ok(())
    }

    /// The numbers of the rules, sorted by the rules' ids.
    fn by_id(&self) -> Result<Vec<usize>, Box<dyn Error>> {
        let id = |&number: &usize| &self.rules[number].id;
        let mut numbers: Vec<usize> = (0..self.rules.len()).collect();
        numbers.sort_by_key(id);
        match numbers.windows(2).find(|pair| id(&pair[0]) == id(&pair[1])) {
            Some(pair) => Err(format!("two rules are called `{}`", id(&pair[0])).into()),
            None => Ok(numbers),
        }
    }
}

/// The keywords, each with the rules that it leads to and the number of its literal there.
struct Keywords(BTreeMap<String, Vec<(usize, usize)>>);

impl Keywords {
    fn of(rules: &[Rule]) -> Self {
        let mut keywords: BTreeMap<String, Vec<(usize, usize)>> = BTreeMap::new();
        for (number, rule) in rules.iter().enumerate() {
            for (at, literal) in rule.literals.iter().enumerate() {
                let uses = keywords
                    .entry(literal.text.to_ascii_lowercase())
                    .or_default();
                uses.push((number, at));
            }
        }
        Self(keywords)
    }
}

/// The providers, the rules and what the keywords lead to, as Rust statics.
fn emit(catalog: &Catalog, keywords: &Keywords) -> Result<String, Box<dyn Error>> {
    let mut out = String::new();
    emit_records(catalog, &mut out)?;
    emit_programs(&catalog.rules, &mut out)?;
    let by_id = catalog.by_id()?;
    table(
        "RULES_BY_ID",
        "u16",
        by_id.len(),
        &numbers(by_id.iter()),
        &mut out,
    )?;
    let all = catalog.rules.iter().enumerate();
    let alone: Vec<usize> = all
        .filter(|(_, rule)| rule.alone)
        .map(|(number, _)| number)
        .collect();
    table(
        "ALONE",
        "u16",
        alone.len(),
        &numbers(alone.iter()),
        &mut out,
    )?;
    let shortest = alone.iter().map(|&number| catalog.rules[number].min_len);
    writeln!(
        out,
        "const ALONE_MIN_LEN: usize = {};",
        shortest.min().unwrap_or(usize::MAX)
    )?;
    let mut starts = vec![0];
    let mut uses = Vec::new();
    for leads_to in keywords.0.values() {
        starts.push(starts[starts.len() - 1] + leads_to.len());
        for (rule, literal) in leads_to {
            uses.push(format!(
                "Use {{ rule: RuleNumber({rule}), literal: {literal} }}"
            ));
        }
    }
    table("USES", "Use", uses.len(), &uses.join(", "), &mut out)?;
    table(
        "USE_STARTS",
        "u16",
        starts.len(),
        &numbers(starts.iter()),
        &mut out,
    )?;
    Ok(out)
}

/// The records of the providers and of the rules, and where each starts.
fn emit_records(catalog: &Catalog, out: &mut String) -> Result<(), Box<dyn Error>> {
    let mut records = Writer::default();
    let providers = written(&catalog.providers, &mut records);
    let rules = written(&catalog.rules, &mut records);
    for (name, starts) in [("PROVIDER_STARTS", providers), ("RULE_STARTS", rules)] {
        table(name, "u32", starts.len(), &numbers(starts.iter()), out)?;
    }
    let all = &records.numbers;
    table("RECORDS", "u32", all.len(), &numbers(all.iter()), out)?;
    let texts = rust_string(&records.texts);
    writeln!(out, "static RECORD_TEXTS: &str = {texts};")?;
    Ok(())
}

/// Writes records, and gives where each starts.
fn written(all: &[impl Field], records: &mut Writer) -> Vec<usize> {
    let one = |record: &_| {
        let start = records.numbers.len();
        Field::write(record, records);
        start
    };
    all.iter().map(one).collect()
}

/// The programs of the rules' patterns, one behind the other.
fn emit_programs(rules: &[Rule], out: &mut String) -> Result<(), Box<dyn Error>> {
    let (mut starts, mut programs) = (vec![0], Vec::new());
    for rule in rules {
        if !rule.regex.is_empty() {
            let hir = shape::parse(&rule.regex)?;
            let literals = rule.literals.iter().map(|it| it.text.clone().into_owned());
            let held = literals.filter(|_| rule.reach == Reach::Around);
            programs.extend(Written::relaxed(&hir)?.holding(held).numbers()?);
        }
        starts.push(programs.len());
    }
    for (name, kind, values) in [
        ("PROGRAMS", "u16", numbers(programs.iter())),
        ("PROGRAM_STARTS", "u32", numbers(starts.iter())),
    ] {
        let len = values.matches(',').count() + 1;
        table(name, kind, len, &values, out)?;
    }
    Ok(())
}
