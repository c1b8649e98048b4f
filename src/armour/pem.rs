//! Blocks between `-----BEGIN X-----` and `-----END X-----`: PEM (RFC 7468), the armour of OpenPGP
//! (RFC 9580, section 6) and the four-dash form of SSH2 (RFC 4716), however a program or a document
//! has wrapped the lines.

use std::ops::Range;

use bstr::ByteSlice;

use super::{Armoured, Extent, der, openssh, pgp};
use crate::encoding::decode_base64;

/// What a block starts with.
pub(crate) const BEGIN: &[u8] = b"-----BEGIN ";

/// `-----BEGIN` in base64.
const BEGIN_IN_BASE64: &[u8] = b"LS0tLS1CRUdJTi";

/// The fewest dashes around a label.
const DASHES: &[u8] = b"----";

/// A bound: labels in use have up to 32 characters.
const LONGEST_LABEL: usize = 80;

/// A bound: the shortest private key in use, Ed25519 in PKCS #8, has as many characters.
const SHORTEST_BODY: usize = 64;

/// A bound: words are five letters long on average, lines of base64 are 64.
const SHORTEST_LINE: usize = 16;

/// A bound: of 64 random characters of base64 some 40 differ, of 64 random hex digits nearly all
/// 16.
const FEWEST_CHARACTERS: u32 = 20;
const FEWEST_HEX_DIGITS: u32 = 10;

/// How many hex digits OpenVPN's shared key has: 2,048 bits.
const OPENVPN_DIGITS: usize = 512;

/// A block, whole or without its end.
pub(crate) struct Block<'t> {
    text: &'t [u8],
    /// What stands between `BEGIN` and the dashes.
    pub(crate) label: &'t [u8],
    /// Where what is between the markers stands in the text.
    body: Range<usize>,
    /// The body ends with a marker, so that all of it should be base64.
    closed: bool,
}

/// The blocks of a text. One that is not closed ends with the text.
pub(crate) fn blocks(text: &[u8]) -> impl Iterator<Item = Block<'_>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let at = from + text[from..].find(b"BEGIN ")?;
            let dashes = text[from..at].trim_end_with(|c| c == ' ').ends_with(DASHES);
            from = at + b"BEGIN ".len();
            let near = &text[from..text.len().min(from + LONGEST_LABEL)];
            let line = &near[..near.find_byteset(b"\r\n\\").unwrap_or(near.len())];
            let Some(end) = line.find(DASHES).filter(|&end| dashes && end > 0) else {
                continue;
            };
            let label = line[..end].trim();
            let start = from + end;
            let start = start + text[start..].iter().take_while(|&&b| b == b'-').count();
            let len = text[start..].find(DASHES);
            let end = len.map_or(text.len(), |len| start + len);
            from = end;
            return Some(Block {
                text,
                label,
                body: start..end,
                closed: len.is_some(),
            });
        }
    })
}

/// Whether a value is the start of a block, which has rules of its own.
pub(crate) fn is_start(value: &[u8]) -> bool {
    value.starts_with(BEGIN.trim_ascii_end())
}

/// The text of a block that is written in base64 as a whole, in one line or in several.
pub(crate) fn from_base64(text: &[u8]) -> Option<Vec<u8>> {
    let text = text.trim_ascii_start();
    if !text.starts_with(BEGIN_IN_BASE64) {
        return None;
    }
    let mut chars: Vec<u8> = text
        .iter()
        .copied()
        .filter(|b| !b.is_ascii_whitespace())
        .take_while(|&b| is_base64(b))
        .collect();
    trim_to_bytes(&mut chars);
    decode_base64(&chars)
}

/// Takes off a last character that is too little for a byte.
fn trim_to_bytes(chars: &mut Vec<u8>) {
    if chars.len() % 4 == 1 {
        chars.pop();
    }
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}

impl Block<'_> {
    /// What the block holds. Only a private key is decoded.
    pub(crate) fn read(&self) -> Armoured {
        if self.is_shared() || self.label.contains_str("PRIVATE KEY") {
            self.read_private()
        } else if self.is_public() {
            Armoured::PUBLIC
        } else {
            Armoured::OTHER
        }
    }

    fn is_public(&self) -> bool {
        const PUBLIC: &[&[u8]] = &[
            b"CERTIFICATE",
            b"CERTIFICATE REQUEST",
            b"CMS",
            b"PARAMETERS",
            b"PGP SIGNATURE",
            b"PKCS7",
            b"PUBLIC KEY",
            b"PUBLIC KEY BLOCK",
            b"X509 CRL",
        ];
        PUBLIC.iter().any(|end| self.label.ends_with(end))
    }

    /// Whether it is a secret that two ends of a tunnel share, in hex.
    fn is_shared(&self) -> bool {
        self.label.starts_with(b"OpenVPN Static key")
    }

    fn is_pgp(&self) -> bool {
        self.label.starts_with(b"PGP ")
    }

    fn read_private(&self) -> Armoured {
        let body = self.body();
        let chars = body.chars(self.text);
        let mut encrypted = body.encrypted || self.label.contains_str("ENCRYPTED");
        let mut extent = match body.elided || !self.looks_random(&chars, &body) {
            true => Extent::Filler,
            false => Extent::Unclear,
        };
        if let Some(inside) = self.inside(chars, &body) {
            encrypted |= inside.encrypted;
            if inside.extent == Extent::Whole {
                extent = Extent::Whole;
            }
        }
        Armoured::private(encrypted, extent)
    }

    /// The private key that the body decodes to.
    fn inside(&self, mut chars: Vec<u8>, body: &Body) -> Option<Armoured> {
        if self.is_shared() {
            let whole = chars.len() == OPENVPN_DIGITS && chars.iter().all(u8::is_ascii_hexdigit);
            return whole.then_some(Armoured::private(false, Extent::Whole));
        }
        trim_to_bytes(&mut chars);
        let bytes = decode_base64(&chars)?;
        if self.is_pgp() {
            let crc = body
                .crc
                .and_then(|at| decode_base64(&self.text[at..at + 4]));
            return pgp::read(&bytes, crc.as_deref());
        }
        openssh::read(&bytes).or_else(|| der::read(&bytes))
    }

    /// Whether the body may be base64 rather than words or filling.
    fn looks_random(&self, chars: &[u8], body: &Body) -> bool {
        let seen = chars.iter().fold(0u128, |seen, &char| seen | 1 << char);
        let fewest = match self.is_shared() {
            true => FEWEST_HEX_DIGITS,
            false => FEWEST_CHARACTERS,
        };
        chars.len() >= SHORTEST_BODY
            && chars.len() >= SHORTEST_LINE * body.pieces.len()
            && seen.count_ones() >= fewest
    }

    /// The characters of the body.
    pub(crate) fn body(&self) -> Body {
        let mut body = Body::default();
        let mut at = self.body.start;
        // Where the pieces of the line start: a header line takes them back.
        let mut line = 0;
        let text = &self.text[..self.body.end];
        while let Some(&byte) = text.get(at) {
            match byte {
                _ if is_base64(byte) => at = body.piece(text, at),
                b'\\' => {
                    at = after_escape(text, at);
                    line = body.pieces.len();
                }
                b'\n' | b'\r' => {
                    at += 1;
                    line = body.pieces.len();
                }
                b':' | b'-' if is_in_header(text, at) => {
                    body.pieces.truncate(line);
                    at = body.header(text, at);
                }
                b'=' => {
                    at += 1;
                    let crc = text.get(at..at + 4);
                    if self.is_pgp() && crc.is_some_and(|crc| crc.iter().all(|&b| is_base64(b))) {
                        body.crc = Some(at);
                        break;
                    }
                }
                // A character reference, as XML writes the end of a line.
                b'&' if text.get(at + 1) == Some(&b'#') => {
                    let end = text[at..].iter().take(8).position(|&b| b == b';');
                    at += end.map_or(1, |len| len + 1);
                }
                b'.' if text.get(at + 1) != Some(&b'.') => {
                    // One that joins strings stands apart; one behind the text says that it goes on.
                    body.elided |= self.closed && is_base64(text[at - 1]);
                    at += 1;
                }
                b' ' | b'\t' | b'"' | b'\'' | b'`' | b',' | b';' | b'>' | b'#' | b'*' | b'|'
                | b'&' | b'_' => at += 1,
                _ => {
                    body.elided = self.closed || byte == b'.' || byte >= 0x80;
                    break;
                }
            }
        }
        body
    }
}

/// What stands between the markers of a block.
#[derive(Default)]
pub(crate) struct Body {
    /// Where its characters of base64 stand, in as many pieces as the text around breaks them into.
    pub(crate) pieces: Vec<Range<usize>>,
    /// Where the four characters of OpenPGP's checksum stand.
    pub(crate) crc: Option<usize>,
    /// A header says that there is a passphrase.
    encrypted: bool,
    /// It holds what belongs in none, such as an ellipsis.
    elided: bool,
}

impl Body {
    /// The characters of base64.
    pub(crate) fn chars(&self, text: &[u8]) -> Vec<u8> {
        self.pieces
            .iter()
            .flat_map(|piece| text[piece.clone()].iter().copied())
            .collect()
    }

    /// Takes a run of base64 characters; where it ends.
    fn piece(&mut self, text: &[u8], start: usize) -> usize {
        let len = text[start..].iter().take_while(|&&b| is_base64(b)).count();
        let piece = &text[start..start + len];
        // The signs that join strings or start a comment are in the alphabet.
        if !piece.iter().all(|&b| b == b'+') && piece != b"//" && piece != b"///" {
            self.pieces.push(start..start + len);
        }
        start + len
    }

    /// Skips a header line such as `Proc-Type: 4,ENCRYPTED` (RFC 1421); where it ends.
    fn header(&mut self, text: &[u8], start: usize) -> usize {
        let rest = &text[start..];
        let line = &rest[..rest.find_byteset(b"\r\n\\").unwrap_or(rest.len())];
        self.encrypted |= line.contains_str("ENCRYPTED");
        start + line.len()
    }
}

/// Whether a colon, or a dash before more of a name and a colon, makes its line a header:
/// `DEK-Info: AES-128-CBC`.
fn is_in_header(text: &[u8], at: usize) -> bool {
    text[at..]
        .iter()
        .find(|&&b| !b.is_ascii_alphanumeric() && b != b'-')
        == Some(&b':')
}

/// Where an escape such as `\n`, `\\n`, `\x0a` or `\u000a` ends. A backslash before anything else
/// goes alone.
fn after_escape(text: &[u8], mut at: usize) -> usize {
    while text.get(at) == Some(&b'\\') {
        at += 1;
    }
    let digits = |len: usize| {
        text.get(at + 1..at + 1 + len)
            .is_some_and(|digits| digits[0] == b'0' && digits.iter().all(u8::is_ascii_hexdigit))
    };
    match text.get(at) {
        Some(b'n' | b'r' | b't') => at + 1,
        Some(b'x') if digits(2) => at + 3,
        Some(b'u') if digits(4) => at + 5,
        _ => at,
    }
}
