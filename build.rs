//! Turns data files into static data, so that keyward parses nothing when it starts.

#[path = "build/catalog.rs"]
mod catalog;
#[path = "src/confidence.rs"]
#[allow(dead_code, unreachable_pub)]
mod confidence;
#[path = "build/emit.rs"]
mod emit;
#[path = "build/examples.rs"]
mod examples;
#[path = "build/filetype.rs"]
mod filetype;
#[path = "build/guard.rs"]
mod guard;
#[path = "build/link.rs"]
mod link;
#[path = "build/proof.rs"]
mod proof;
#[path = "build/sieve.rs"]
mod sieve;
#[path = "build/verify.rs"]
mod verify;
#[path = "build/words.rs"]
mod words;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let keywords = catalog::generate()?;
    sieve::generate(&keywords)?;
    examples::generate()?;
    filetype::generate()?;
    guard::generate();
    words::generate()?;
    verify::generate()?;
    link::link();
    Ok(())
}
