//! How the build writes data down as Rust statics.

use std::error::Error;
use std::fmt::{self, Write as _};

/// Appends a static array, its values already written as Rust.
pub(crate) fn table(
    name: &str,
    kind: &str,
    len: usize,
    values: &str,
    out: &mut String,
) -> fmt::Result {
    writeln!(out, "static {name}: [{kind}; {len}] = [{values}];")
}

/// Appends a static slice of values whose `Debug` is Rust.
pub(crate) fn list(
    name: &str,
    kind: &str,
    values: &[impl fmt::Debug],
    out: &mut String,
) -> fmt::Result {
    let values = format!("{values:?}");
    writeln!(out, "static {name}: &[{kind}] = &{values};")
}

/// Numbers as the values of an array.
pub(crate) fn numbers(values: impl Iterator<Item = impl ToString>) -> String {
    let values: Vec<String> = values.map(|value| value.to_string()).collect();
    values.join(", ")
}

/// Appends texts as one static text and the places where each starts: without a pointer for each, the
/// program's start costs the same whatever their number.
pub(crate) fn texts(name: &str, texts: &[String], out: &mut String) -> Result<(), Box<dyn Error>> {
    let mut starts = vec![0];
    for text in texts {
        starts.push(starts[starts.len() - 1] + text.len());
    }
    let all = texts.concat();
    writeln!(out, "static {name}: &str = {};", rust_string(&all))?;
    let values = numbers(starts.iter());
    table(&format!("{name}_STARTS"), "u32", starts.len(), &values, out)?;
    Ok(())
}

/// A text as a literal.
pub(crate) fn rust_string(text: &str) -> String {
    format!("\"{}\"", text.escape_default())
}
