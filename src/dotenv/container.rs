//! What is read for containers.

use bstr::ByteSlice;

use super::dialect::Reading::{self, Refused, Value, Varies};
use super::dialect::{Source, between, control, is_end, is_filled, trimmed, unescaped};

/// Docker Compose.
pub(super) fn compose(source: &Source<'_>) -> Reading {
    let raw = trimmed(source.raw);
    let (inner, quote) = match raw.first() {
        Some(&quote @ (b'\'' | b'"')) => {
            let Some((inner, rest)) = between(raw) else {
                return Refused;
            };
            if !is_end(rest) && rest.find_byteset(b"'\"").is_some() {
                return Refused;
            }
            (inner, Some(quote))
        }
        _ => {
            let line = trimmed(source.line());
            (
                trimmed(&line[..line.find(" #").unwrap_or(line.len())]),
                None,
            )
        }
    };
    if quote == Some(b'\'') {
        return Value(unescaped(inner, |b| (b == b'\'').then(|| vec![b])));
    }
    let doubled = inner.replace(b"$$", b"");
    if is_filled(&doubled, b"_{", quote.is_some()) {
        return Varies;
    }
    let inner = inner.replace(b"$$", b"$");
    Value(match quote {
        Some(_) => unescaped(&inner, |b| match b {
            b'\\' | b'"' | b'$' => Some(vec![b]),
            b'a' => Some(vec![7]),
            b'b' => Some(vec![8]),
            b'f' => Some(vec![12]),
            b'v' => Some(vec![11]),
            _ => control(b),
        }),
        None => inner,
    })
}

/// `docker run --env-file`, which knows neither quotes nor comments behind values.
pub(super) fn docker(source: &Source<'_>) -> Reading {
    if source.entry.export || source.sign != b'=' || !source.gap.is_empty() {
        return Refused;
    }
    let line = source.line();
    let line = line.split(|&b| b == b'\n').next().unwrap_or_default();
    Value(line.strip_suffix(b"\r").unwrap_or(line).to_vec())
}
