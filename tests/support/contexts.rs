//! How programs and files write a key down: the contexts in which every rule must find its own.

/// A way to write a key down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Context {
    Python,
    JavaScript,
    Go,
    Java,
    Shell,
    Dotenv,
    Yaml,
    Toml,
    Json,
    Dockerfile,
    CurlHeader,
    Notebook,
}

impl Context {
    pub(crate) const ALL: [Self; 12] = [
        Self::Python,
        Self::JavaScript,
        Self::Go,
        Self::Java,
        Self::Shell,
        Self::Dotenv,
        Self::Yaml,
        Self::Toml,
        Self::Json,
        Self::Dockerfile,
        Self::CurlHeader,
        Self::Notebook,
    ];

    /// A line that gives the key under a name, `ACME_API_KEY` in that language's own spelling.
    pub(crate) fn write(self, name: &str, key: &[u8]) -> Written {
        let (before, after, quote) = match self {
            Self::Python => (
                format!("{} = \"", name.to_ascii_lowercase()),
                "\"",
                Quote::Double,
            ),
            Self::JavaScript => (format!("const {} = \"", camel(name)), "\";", Quote::Double),
            Self::Go => (format!("\t{} := \"", camel(name)), "\"", Quote::Double),
            Self::Java => (
                format!("    private static final String {name} = \""),
                "\";",
                Quote::Double,
            ),
            Self::Shell if key.contains(&b'\'') => {
                (format!("export {name}=\""), "\"", Quote::Double)
            }
            Self::Shell => (format!("export {name}='"), "'", Quote::None),
            Self::Dotenv => bare(format!("{name}="), key),
            Self::Yaml => bare(format!("  {}: ", name.to_ascii_lowercase()), key),
            Self::Toml => (
                format!("{} = \"", name.to_ascii_lowercase()),
                "\"",
                Quote::Double,
            ),
            Self::Json => (
                format!("  \"{}\": \"", name.to_ascii_lowercase()),
                "\",",
                Quote::Double,
            ),
            Self::Dockerfile => bare(format!("ENV {name}="), key),
            Self::CurlHeader => (
                format!("curl -H \"{}: ", name.replace('_', "-")),
                "\" https://service.example/v1/items",
                Quote::Double,
            ),
            Self::Notebook => (
                format!("    \"{} = \\\"", name.to_ascii_lowercase()),
                "\\\"\\n\",",
                Quote::Twice,
            ),
        };
        let key = match quote {
            Quote::None => key.to_vec(),
            Quote::Double => escaped(key),
            Quote::Twice => escaped(&escaped(key)),
        };
        let start = before.len();
        let mut line = before.into_bytes();
        line.extend_from_slice(&key);
        let end = line.len();
        line.extend_from_slice(after.as_bytes());
        line.push(b'\n');
        Written { line, start, end }
    }
}

/// A line with a key in it.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    pub(crate) line: Vec<u8>,
    /// Where in the line the key starts.
    pub(crate) start: usize,
    /// Where it ends.
    pub(crate) end: usize,
}

enum Quote {
    None,
    Double,
    Twice,
}

/// Files that need no quotes around a value, until it holds what means something to them.
fn bare(mut before: String, key: &[u8]) -> (String, &'static str, Quote) {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"+/=_.-~:@$|".contains(b);
    let starts = key.first().is_some_and(u8::is_ascii_alphanumeric);
    if starts && key.iter().all(plain) {
        return (before, "", Quote::None);
    }
    before.push('"');
    (before, "\"", Quote::Double)
}

fn escaped(key: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(key.len());
    for &byte in key {
        match byte {
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            _ => out.push(byte),
        }
    }
    out
}

/// `ACME_API_KEY` as `acmeApiKey`.
fn camel(name: &str) -> String {
    let mut out = String::new();
    for (at, piece) in name.split(['_', '-']).enumerate() {
        let lower = piece.to_ascii_lowercase();
        if at == 0 {
            out.push_str(&lower);
        } else if let Some(first) = lower.get(..1) {
            out.push_str(&first.to_ascii_uppercase());
            out.push_str(&lower[1..]);
        }
    }
    out
}
