//! How the build writes data down as Rust statics.

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

/// Numbers as the values of an array.
pub(crate) fn numbers(values: impl Iterator<Item = impl ToString>) -> String {
    let values: Vec<String> = values.map(|value| value.to_string()).collect();
    values.join(", ")
}

/// Appends static `Texts`.
pub(crate) fn texts(name: &str, all: &[impl AsRef<str>], out: &mut String) -> fmt::Result {
    writeln!(out, "static {name}: Texts = {};", texts_value(all))
}

/// The same as a value.
pub(crate) fn texts_value(texts: &[impl AsRef<str>]) -> String {
    let mut all = String::new();
    let mut starts = vec![0];
    for text in texts {
        all += text.as_ref();
        starts.push(all.len());
    }
    let starts = numbers(starts.iter());
    format!("Texts::new({}, &[{starts}])", rust_string(&all))
}

/// A text as a literal.
pub(crate) fn rust_string(text: &str) -> String {
    format!("\"{}\"", text.escape_default())
}
