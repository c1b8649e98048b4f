//! What is read on Node.js.

use bstr::ByteSlice;

use super::dialect::Reading::{self, Unset, Value, Varies};
use super::dialect::{
    ALL_FILLED, Source, before_sign, between, is_end, is_filled, stripped, trimmed, unescaped,
};

/// dotenv.
pub(super) fn dotenv(source: &Source<'_>) -> Reading {
    let raw = trimmed(source.raw);
    let Some(&first) = raw.first() else {
        return Value(Vec::new());
    };
    let inner = match b"'\"`".contains(&first).then(|| between(raw)).flatten() {
        Some((inner, rest)) if is_end(rest) => inner,
        _ => stripped(before_sign(raw), b"'\"`"),
    };
    Value(match first {
        b'"' => inner.replace(b"\\n", b"\n").replace(b"\\r", b"\r"),
        _ => inner.to_vec(),
    })
}

/// dotenv with dotenv-expand.
pub(super) fn expanded(source: &Source<'_>) -> Reading {
    // Next.js takes a number for the name of a variable.
    expand(dotenv(source), b"_{($0123456789")
}

/// The variables of a value put in, whichever quotes it stood in.
fn expand(reading: Reading, signs: &[u8]) -> Reading {
    match reading {
        Value(value) if is_filled(&value, signs, true) => Varies,
        // What protects a sign goes.
        Value(value) => Value(value.replace(b"\\$", b"$")),
        other => other,
    }
}

/// dotenvx, which knows more escapes, and puts nothing in between single quotes.
pub(super) fn dotenvx(source: &Source<'_>) -> Reading {
    let raw = trimmed(source.raw);
    let quote = raw.first().filter(|first| b"'\"".contains(first));
    let Some((quote, (inner, rest))) = quote.zip(between(raw)) else {
        return expanded(source);
    };
    if !is_end(rest) {
        return expanded(source);
    }
    match quote {
        b'\'' => Value(unescaped(inner, |b| (b == b'\'').then(|| vec![b]))),
        _ => {
            let controls = [(&b"\\n"[..], b"\n"), (b"\\r", b"\r"), (b"\\t", b"\t")];
            let put = |text: Vec<u8>, (sign, is): (&[u8], &[u8; 1])| text.replace(sign, is);
            let value = controls.into_iter().fold(inner.to_vec(), put);
            expand(Value(value), ALL_FILLED)
        }
    }
}

/// `util.parseEnv` of Node.js: the next quote of the kind ends what one opens, whatever stands before it. Which blanks
/// it takes away is another matter in each of its versions.
pub(super) fn env_file(source: &Source<'_>) -> Reading {
    if source.sign != b'=' || source.is_marked {
        return Unset;
    }
    if source.is_wide || source.gap.contains(&b'\t') {
        return Varies;
    }
    let rest = source.rest.trim_start_with(|c| c == ' ');
    let quote = rest.first().filter(|first| b"'\"`".contains(first));
    let quoted = quote.and_then(|&quote| Some((quote, rest[1..].find_byte(quote)?)));
    if let Some((quote, end)) = quoted {
        let inner = rest[1..=end].replace(b"\r", b"");
        return Value(match quote {
            b'"' => inner.replace(b"\\n", b"\n"),
            _ => inner,
        });
    }
    let line = source.line();
    let line = match quote {
        Some(_) => line,
        None => line.split(|&b| b == b'#').next().unwrap_or_default(),
    };
    let line = line.replace(b"\r", b"");
    let value = line.trim_with(|c| c == ' ');
    match trimmed(value) == value {
        true => Value(value.to_vec()),
        false => Varies,
    }
}

/// The parser of Node.js with dotenv-expand.
pub(super) fn vite(source: &Source<'_>) -> Reading {
    expand(env_file(source), ALL_FILLED)
}
