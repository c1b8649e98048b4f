//! Turns the catalog of rules into static data, so that keyward parses none of it when it starts.

#[path = "../src/rules/compile.rs"]
#[allow(dead_code, unreachable_pub)]
mod compile;
#[path = "../src/rules/format.rs"]
#[allow(dead_code, unreachable_pub)]
mod format;
#[path = "../src/rules/needs.rs"]
#[allow(dead_code, unreachable_pub)]
mod needs;
#[path = "../src/rules/words.rs"]
#[allow(dead_code, unreachable_pub)]
mod words;

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use compile::{Compiled, Reach};
use words::ProviderFile;

use crate::confidence::Confidence;
use crate::emit::{numbers, table, texts};

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
        "src/confidence.rs",
        "src/rules",
    ] {
        println!("cargo::rerun-if-changed={input}");
    }
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let (catalog, keywords) = catalog(Path::new(CATALOG))?;
    fs::write(out.join("catalog.rs"), catalog)?;
    Ok(keywords)
}

/// The providers, the rules and what the keywords lead to as Rust statics; and the keywords.
fn catalog(dir: &Path) -> Result<(String, Vec<String>), Box<dyn Error>> {
    let mut paths: Vec<PathBuf> = fs::read_dir(dir)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    paths.retain(|path| path.extension().is_some_and(|ext| ext == "toml"));
    paths.sort();

    let most = match env::var(MOST_RULES) {
        Ok(most) => most.parse()?,
        Err(_) => usize::MAX,
    };
    let mut providers = Vec::new();
    let mut rules: Vec<(Compiled, usize)> = Vec::new();
    // Keyword -> the rules that it leads to, each with the number of its literal there.
    let mut keywords: BTreeMap<String, Vec<(usize, usize)>> = BTreeMap::new();
    for (provider_number, path) in paths.iter().enumerate() {
        let in_file = |reason: &dyn std::fmt::Display| format!("{}: {reason}", path.display());
        let stem = path
            .file_stem()
            .and_then(|stem| stem.to_str())
            .ok_or("a catalog file's name is not UTF-8")?;
        let source = fs::read_to_string(path)?;
        let file: ProviderFile = toml::from_str(&source).map_err(|error| in_file(&error))?;
        providers.push(record(&[
            stem,
            &file.provider,
            &file.kind,
            &file.env.join(LIST),
            &file.docs,
            &file.revoke,
            &file.usage,
            &file.limit,
        ]));
        for words in &file.rule {
            if rules.len() >= most {
                break;
            }
            if !words.id.starts_with(&format!("{stem}-")) {
                return Err(
                    in_file(&format!("`{}` does not start with `{stem}-`", words.id)).into(),
                );
            }
            let rule = compile::compile(&file, stem, words).map_err(|error| in_file(&error))?;
            for (number, keyword) in literals(&rule.reach).iter().enumerate() {
                keywords
                    .entry(keyword.0.to_ascii_lowercase())
                    .or_default()
                    .push((rules.len(), number));
            }
            rules.push((rule, provider_number));
        }
    }
    let rules: Vec<String> = rules
        .iter()
        .map(|(rule, provider)| {
            let halves: Vec<String> = (0..rules.len())
                .filter(|&other| rules[other].0.companion.as_ref() == Some(&rule.id))
                .map(|other| other.to_string())
                .collect();
            rule_record(rule, *provider, &halves)
        })
        .collect();
    let mut out = String::new();
    let names: Vec<String> = keywords.keys().cloned().collect();
    texts("PROVIDERS", &providers, &mut out)?;
    texts("RULES", &rules, &mut out)?;
    let mut starts = vec![0];
    let mut uses = Vec::new();
    for leads_to in keywords.values() {
        starts.push(starts[starts.len() - 1] + leads_to.len());
        for (rule, literal) in leads_to {
            uses.push(format!("Use {{ rule: {rule}, literal: {literal} }}"));
        }
    }
    table("USES", "Use", uses.len(), &uses.join(", "), &mut out)?;
    let values = numbers(starts.iter());
    table("USE_STARTS", "u16", starts.len(), &values, &mut out)?;
    Ok((out, names))
}

/// The literals of a rule, with the fewest and the most bytes before each.
fn literals(reach: &Reach) -> Vec<(String, usize, usize)> {
    match reach {
        Reach::Anchored(anchors) => anchors
            .iter()
            .map(|anchor| (anchor.text.clone(), anchor.min_before, anchor.max_before))
            .collect(),
        Reach::Around(words) | Reach::Near(words) | Reach::Named(words) => {
            words.iter().map(|word| (word.clone(), 0, 0)).collect()
        }
    }
}

/// A rule as a record: its fields in the order in which `src/rules/catalog.rs` reads them.
fn rule_record(rule: &Compiled, provider: usize, other_halves: &[String]) -> String {
    let reach = match rule.reach {
        Reach::Anchored(_) => "anchored",
        Reach::Around(_) => "around",
        Reach::Near(_) => "near",
        Reach::Named(_) => "named",
    };
    let (mut texts, mut mins, mut maxes) = (Vec::new(), Vec::new(), Vec::new());
    for (literal, min, max) in literals(&rule.reach) {
        texts.push(literal);
        mins.push(min.to_string());
        maxes.push(max.to_string());
    }
    let needs: Vec<String> = rule.needs.iter().map(|need| need.join(ANY)).collect();
    record(&[
        &rule.id,
        &rule.name,
        &provider.to_string(),
        &rule.regex,
        &rule.grouped.to_string(),
        reach,
        &texts.join(LIST),
        &mins.join(LIST),
        &maxes.join(LIST),
        &rule.max_len.to_string(),
        &rule.min_len.to_string(),
        &rule.bytes.0.to_string(),
        &needs.join(LIST),
        &rule.prefix,
        &rule.literal_len.to_string(),
        &rule.generic.to_string(),
        &rule.distinctive.to_string(),
        &rule.tail.0.to_string(),
        &rule.alphabet.to_string(),
        &rule.hex.to_string(),
        &rule.min_entropy.to_string(),
        rule.checksum.as_deref().unwrap_or_default(),
        rule.confidence.as_str(),
        rule.unchecked.map_or("", Confidence::as_str),
        &rule.public.to_string(),
        rule.companion.as_deref().unwrap_or_default(),
        &other_halves.join(LIST),
        &rule.env.join(LIST),
        &rule.samples.join(LIST),
        &rule.counterexamples.join(LIST),
        &rule.sources.join(LIST),
    ])
}

/// What parts the fields of a record, and the items of a list in a field: ASCII's own separators.
const FIELD: &str = "\x1f";
const LIST: &str = "\x1e";
/// Parts the items of an item.
const ANY: &str = "\x1d";

fn record(fields: &[&str]) -> String {
    fields.join(FIELD)
}
