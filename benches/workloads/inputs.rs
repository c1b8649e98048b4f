//! What is scanned, made up from a seed.

use std::fmt;

use keyward::parts::lab::Random;

/// What ripgrep looks for, beside keyward's keywords: prefixes that many keys have.
pub(crate) const LITERALS: &str = "AKIA\nghp_\ngho_\nglpat-\nxoxb-\nsk-ant-\nsk_live_\nnpm_\nAIza\npypi-\n\
                            SG.\nhf_\ndop_v1_\nshpat_\nrk_live_\nya29.\ngithub_pat_\nBEGIN RSA\n";

const WORDS: [&str; 40] = [
    "buffer", "count", "node", "parent", "child", "index", "request", "response", "client",
    "server", "token", "length", "offset", "value", "result", "error", "status", "config",
    "option", "handle", "key", "entry", "table", "state", "event", "queue", "lock", "thread",
    "file", "path", "name", "user", "session", "cache", "page", "frame", "packet", "stream",
    "reader", "writer",
];

/// Makes up an input of a size in bytes.
pub(crate) type Maker = fn(&mut Random, usize) -> Vec<u8>;

/// Something like a program in C.
pub(crate) fn source(random: &mut Random, size: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(size + 200);
    while out.len() < size {
        let number = random.below(100_000);
        let [a, b, c, d] = [(); 4].map(|()| random.pick(&WORDS));
        let line = match random.below(8) {
            0 => format!("static int {a}_{b}(struct {c} *{d}, size_t n)\n{{\n"),
            1 => format!("\tif (!{a}->{b} || {a}->{c} > {number})\n\t\treturn -EINVAL;\n"),
            2 => format!("\t/* The {a} of a {b} outlives its {c}, so the {d} must be kept. */\n"),
            3 => format!("\t{a}->{b} = {c}_{d}({a}, {number}, \"{b} %s\");\n"),
            4 => format!("\tfor (i = 0; i < {a}->{b}_{c}; i++)\n\t\t{d}[i] = 0x{number:x};\n"),
            5 => format!(
                "#define {}_{}_{} {number}\n",
                a.to_uppercase(),
                b.to_uppercase(),
                c.to_uppercase()
            ),
            6 => "\treturn 0;\n}\n\n".into(),
            _ => format!("\tpr_debug(\"{a} {b}: {c} %d of {number}\\n\", {d});\n"),
        };
        out.extend_from_slice(line.as_bytes());
    }
    out.truncate(size);
    out
}

/// A minified script: no line ends.
pub(crate) fn line(random: &mut Random, size: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(size + 200);
    while out.len() < size {
        let number = random.below(100_000);
        let [a, b, c] = [(); 3].map(|()| random.pick(&WORDS));
        let piece = format!(
            "function t{number}(e,n){{return e&&n?{a}.{b}(e,\"{c}{number}\"):null}}var r={number};"
        );
        out.extend_from_slice(piece.as_bytes());
    }
    out.truncate(size);
    out
}

/// Input that makes scanners slow.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Nasty {
    Prefix,
    Base64,
    Akia,
    Quotes,
    Equals,
    EveryPrefix,
    Names,
    Assignments,
    Openings,
}

impl Nasty {
    pub(crate) const ALL: [Self; 9] = [
        Self::Prefix,
        Self::Base64,
        Self::Akia,
        Self::Quotes,
        Self::Equals,
        Self::EveryPrefix,
        Self::Names,
        Self::Assignments,
        Self::Openings,
    ];

    pub(crate) fn make(self, random: &mut Random, size: usize) -> Vec<u8> {
        let mut out = Vec::with_capacity(size + 200);
        let prefixes: Vec<&str> = LITERALS.lines().collect();
        while out.len() < size {
            match self {
                // In two pieces, so that no scanner takes this file for one that holds keys.
                Self::Prefix => {
                    out.extend_from_slice([&b"sk-ant-"[..], b"api03-"].concat().as_slice())
                }
                Self::Base64 => {
                    let alphabet =
                        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
                    random.fill(&mut out, alphabet, 76);
                    out.push(b'\n');
                }
                Self::Akia => out.extend_from_slice(b"AKIA"),
                Self::Quotes => out.extend_from_slice(b"\"'\"'"),
                Self::Assignments => {
                    out.extend_from_slice(
                        random.pick(&["password", "api_key", "token"]).as_bytes(),
                    );
                    out.extend_from_slice(random.pick(&["=", ": \"", "(\"", " = '"]).as_bytes());
                    let len = random.below(24);
                    random.fill(&mut out, b"abcdefghijkmnpqrstuvwxyz23456789", len);
                    out.extend_from_slice(random.pick(&["\"", "'", "\n", ";"]).as_bytes());
                }
                Self::Openings => out.extend_from_slice(b"key=\"pass("),
                Self::Equals => out.extend_from_slice(b"=:=:"),
                Self::EveryPrefix => {
                    out.extend_from_slice(random.pick(&prefixes).as_bytes());
                    let len = random.below(24);
                    random.fill(&mut out, b"abcdefghijklmnopqrstuvwxyz0123456789", len);
                    if random.below(8) == 0 {
                        out.push(b'\n');
                    }
                }
                Self::Names => out.extend_from_slice(
                    format!(
                        "aws_secret_{0}_token: mistral {1} cohere_api_key = {0}\n",
                        random.pick(&WORDS),
                        random.pick(&WORDS)
                    )
                    .as_bytes(),
                ),
            }
        }
        out.truncate(size);
        out
    }
}

impl fmt::Display for Nasty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Prefix => "one key prefix",
            Self::Base64 => "base64",
            Self::Akia => "`AKIA`",
            Self::Quotes => "quotes",
            Self::Equals => "`=` and `:`",
            Self::Assignments => "assignments",
            Self::Openings => "assignments that never end",
            Self::EveryPrefix => "many key prefixes",
            Self::Names => "names of providers",
        })
    }
}
