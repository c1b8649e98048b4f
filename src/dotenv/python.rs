//! What is read in Python.

use bstr::ByteSlice;

use super::comment_at;
use super::dialect::Reading::{self, Unset, Value, Varies};
use super::dialect::{Source, between, control, is_end, stripped, trimmed, unescaped};

/// python-dotenv, by which environs and pydantic-settings read, too.
pub(super) fn dotenv(source: &Source<'_>) -> Reading {
    if source.sign != b'=' {
        return Unset;
    }
    let raw = trimmed(source.raw);
    let value = match raw.first() {
        Some(b'\'' | b'"') => {
            let Some((inner, _)) = between(raw).filter(|(_, rest)| is_end(rest)) else {
                return Unset;
            };
            let single = raw[0] == b'\'';
            unescaped(inner, |b| match b {
                b'\\' | b'\'' => Some(vec![b]),
                _ if single => None,
                b'"' => Some(vec![b]),
                b'a' => Some(vec![7]),
                b'b' => Some(vec![8]),
                b'f' => Some(vec![12]),
                b'v' => Some(vec![11]),
                _ => control(b),
            })
        }
        _ => {
            let line = source.raw.lines().next().unwrap_or_default();
            trimmed(&line[..comment_at(line)]).to_vec()
        }
    };
    match value.contains_str("${") {
        true => Varies,
        false => Value(value),
    }
}

/// django-environ, which knows no comments behind values.
pub(super) fn django(source: &Source<'_>) -> Reading {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
    if source.sign != b'='
        || source.is_marked
        || source.is_wide
        || !source.gap.is_empty()
        || source.entry.indented
        || !source.name.iter().all(plain)
    {
        return Unset;
    }
    let line = source.raw.lines().next().unwrap_or_default();
    Value(match stripped(line, b"'\"") {
        inner if inner.len() == line.len() => line.to_vec(),
        inner if line.starts_with(b"'") => inner.to_vec(),
        inner => unescaped(inner, |b| match b {
            b'n' | b'r' | b't' => None,
            _ => Some(vec![b]),
        }),
    })
}
