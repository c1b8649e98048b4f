//! Turns data files into static data, so that keyward parses nothing when it starts.

#[path = "build/catalog.rs"]
mod catalog;
#[path = "build/guard.rs"]
mod guard;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    catalog::generate()?;
    guard::generate();
    Ok(())
}
