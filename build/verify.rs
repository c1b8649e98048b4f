//! Puts the questions to providers together, for the feature `network`: one file, which is read when somebody asks.

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

const FOLDER: &str = "src/rules/catalog/verify";

/// Writes `verify.toml` to the build's output directory, without what only people read.
pub(crate) fn generate() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build/verify.rs");
    if env::var_os("CARGO_FEATURE_NETWORK").is_none() {
        return Ok(());
    }
    let mut paths: Vec<PathBuf> = fs::read_dir(FOLDER)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    paths.sort();
    let mut all = String::new();
    for path in paths {
        let text = fs::read_to_string(&path)?;
        toml::from_str::<toml::Table>(&text)
            .map_err(|error| format!("{}: {error}", path.display()))?;
        all.push_str(&without_sources(&text));
    }
    let out = PathBuf::from(env::var("OUT_DIR")?).join("verify.toml");
    Ok(fs::write(out, all)?)
}

fn without_sources(text: &str) -> String {
    let mut kept = String::new();
    let mut is_list = false;
    for line in text.lines() {
        if is_list {
            is_list = line != "]";
        } else if line.starts_with("sources = ") {
            is_list = line.ends_with('[');
        } else if !line.starts_with("sure = ") && !line.is_empty() {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}
