//! Turns the list of published example keys into static data.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

const KNOWN_EXAMPLES: &str = "src/judge/known_examples.toml";

/// Writes `known_examples.rs` to the build's output directory.
pub(crate) fn generate() -> Result<(), Box<dyn Error>> {
    for input in ["build/examples.rs", KNOWN_EXAMPLES] {
        println!("cargo::rerun-if-changed={input}");
    }
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let examples = known_examples(Path::new(KNOWN_EXAMPLES))?;
    fs::write(out.join("known_examples.rs"), examples)?;
    Ok(())
}

/// The SHA-256 digests of published examples, sorted.
fn known_examples(path: &Path) -> Result<String, Box<dyn Error>> {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        example: Vec<Example>,
    }
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Example {
        provider: String,
        what: String,
        sha256: String,
    }
    let file: File = toml::from_str(&fs::read_to_string(path)?)?;
    let mut digests: Vec<String> = file
        .example
        .into_iter()
        .map(|example| example.sha256)
        .collect();
    digests.sort();
    digests.dedup();
    let mut out = format!("static KNOWN_EXAMPLES: [[u8; 32]; {}] = [\n", digests.len());
    for digest in digests {
        if digest.len() != 64 {
            return Err(format!("{}: `{digest}` is no SHA-256", path.display()).into());
        }
        let bytes: Vec<String> = (0..32)
            .map(|at| format!("0x{}", &digest[2 * at..2 * at + 2]))
            .collect();
        writeln!(out, "[{}],", bytes.join(", "))?;
    }
    out.push_str("];\n");
    Ok(out)
}
