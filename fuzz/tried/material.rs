//! Texts that are made of keys, of parts of keys and of what stands around them, as some bytes say: no byte string is
//! likely to be a key by itself, and what is kept of these holds none.

use keyward::parts::lab::{Random, sample};
use keyward::parts::rules::RuleSet;

/// What changes the meaning of what stands beside it.
const SIGNS: &[&[u8]] = &[
    b"\n",
    b" = \"",
    b"\"\n",
    b": ",
    b"/",
    b"\\n",
    b" ",
    b"-",
    b"_",
    b"\t",
    b"%2F",
    b"=",
    b"'",
    b"\" + \"",
    b"`",
    b"\\x41",
    b"\\u0041",
    b"{",
    b"}",
    b"[",
    b"]",
    b"<",
    b">",
    b"#",
    b"|",
    b"*",
    b"&",
    b"$",
    b"${",
    b"password = '",
    b"_token: ",
    b"https://",
    b"@",
    b"Bearer ",
    b"export ",
    b"\r\n",
    b"\0",
    b"\xff\xfe",
];

/// Keys are no longer, so that a text stays short.
const LONGEST: usize = 300;

/// Takes numbers off the front of some bytes.
pub(super) struct Source<'b>(pub(super) &'b [u8]);

impl<'b> Source<'b> {
    pub(super) fn byte(&mut self) -> usize {
        match self.0.split_first() {
            Some((&first, rest)) => {
                self.0 = rest;
                usize::from(first)
            }
            None => 0,
        }
    }

    /// So many as are left of so many.
    pub(super) fn take(&mut self, count: usize) -> &'b [u8] {
        let (taken, rest) = self.0.split_at(count.min(self.0.len()));
        self.0 = rest;
        taken
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What some bytes say, up to about so many.
pub(super) fn text(rules: &RuleSet, bytes: &[u8], most: usize) -> Vec<u8> {
    let numbers: Vec<_> = rules.numbered().map(|(number, _)| number).collect();
    let mut source = Source(bytes);
    let mut out = Vec::new();
    while !source.is_empty() && out.len() < most {
        let what = source.byte();
        let mut rule = || rules.get(numbers[(source.byte() << 8 | source.byte()) % numbers.len()]);
        match what % 6 {
            0 | 1 => {
                let rule = rule();
                let mut random = Random::new(source.byte() as u64);
                let secret = sample(rule, &mut random).expect("each rule accepts its own samples");
                let len = match what % 6 {
                    0 => secret.len(),
                    _ => source.byte() % (secret.len() + 1),
                };
                out.extend_from_slice(&secret[..len.min(LONGEST)]);
            }
            2 => {
                let rule = rule();
                let literal = &rule.literals[source.byte() % rule.literals.len()];
                out.extend_from_slice(literal.text.as_bytes());
            }
            3 => {
                let count = 1 + source.byte() % 12;
                out.extend_from_slice(source.take(count));
            }
            _ => out.extend_from_slice(SIGNS[source.byte() % SIGNS.len()]),
        }
    }
    out
}
