//! Keys in DER (ITU-T X.690): told by the first elements of their outer SEQUENCE.
//!
//! A private key starts with its version, a small INTEGER: RFC 8017 (RSA), RFC 5915 (EC), RFC 5208
//! and 5958 (PKCS #8), RFC 7292 (PKCS #12). An encrypted one (RFC 5208) and a public one (RFC 5280)
//! start with the SEQUENCE that names the algorithm, a certificate with that of its content, and an
//! RSA public key of PKCS #1 with its modulus, a long INTEGER.

use super::{Armoured, Extent};
use crate::encoding::decode_base64;

const INTEGER: u8 = 0x02;
const OCTET_STRING: u8 = 0x04;
const OBJECT_IDENTIFIER: u8 = 0x06;
const SEQUENCE: u8 = 0x30;

/// 1.2.840.113549.1: what the identifiers of PKCS start with. The next number is that of the
/// standard.
const PKCS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01];

/// A bound: the content of the shortest key, an EC key of 256 bits with nothing else, has 37 bytes.
const SHORTEST: usize = 32;

/// A bound: the modulus of an RSA key of 512 bits, which nobody has used for long, with the zero
/// before it.
const SHORTEST_MODULUS: usize = 65;

/// An element: tag, length and content.
struct Element<'b> {
    tag: u8,
    /// As written; more than is there if the bytes are cut off.
    len: usize,
    /// What is there of the content.
    content: &'b [u8],
    /// What follows the element.
    rest: &'b [u8],
}

impl<'b> Element<'b> {
    /// Reads tag and length. `None` for a length of more than four bytes or none, which DER does
    /// not have in keys.
    fn read(bytes: &'b [u8]) -> Option<Self> {
        let (&tag, rest) = bytes.split_first()?;
        let (&first, rest) = rest.split_first()?;
        let (len, rest) = match first {
            0..=0x7f => (usize::from(first), rest),
            0x81..=0x84 => {
                let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
                let len = digits
                    .iter()
                    .fold(0usize, |len, &byte| len << 8 | usize::from(byte));
                (len, rest)
            }
            _ => return None,
        };
        let (content, rest) = rest.split_at(len.min(rest.len()));
        Some(Self {
            tag,
            len,
            content,
            rest,
        })
    }

    fn is_whole(&self) -> bool {
        self.content.len() == self.len
    }
}

/// Reads a key at the start of some bytes; what follows it is ignored.
pub(crate) fn read(bytes: &[u8]) -> Option<Armoured> {
    Element::read(bytes).and_then(|outer| key(&outer))
}

/// Whether bytes are a private key beyond doubt: not only the version at its start, but what must follow it.
/// Parameters of a curve and sessions of TLS start with a version, too.
pub(crate) fn is_told(bytes: &[u8]) -> bool {
    has_parts(bytes) == Some(true)
}

/// Whether bytes are a key that is cut off before anything of it is secret: an RSA key starts with its modulus, which
/// is a fifth of it.
pub(crate) fn is_mere_start(bytes: &[u8]) -> bool {
    /// The share of a key that its modulus has.
    const SHARE: usize = 5;
    Element::read(bytes).is_some_and(|outer| outer.content.len() * SHARE < outer.len)
}

fn has_parts(bytes: &[u8]) -> Option<bool> {
    /// A bound: the number that is an EC key has as many bytes at least.
    const SHORTEST_NUMBER: usize = 16;
    let outer = Element::read(bytes).filter(Element::is_whole)?;
    let version = Element::read(outer.content).filter(|first| first.tag == INTEGER)?;
    let second = Element::read(version.rest)?;
    let is_named = second.tag == SEQUENCE && second.content.starts_with(&[OBJECT_IDENTIFIER]);
    Some(match version.content {
        // RSA and DSA: the modulus.
        [0] if second.tag == INTEGER => second.len >= SHORTEST_MODULUS,
        [1] if second.tag == OCTET_STRING => second.len >= SHORTEST_NUMBER,
        // PKCS #8: the algorithm, and the key within.
        [0 | 1] => is_named && Element::read(second.rest)?.tag == OCTET_STRING,
        // PKCS #12: the kind of its content.
        [3] => is_named,
        _ => false,
    })
}

/// Reads a file: a key that fills it.
pub(super) fn read_file(bytes: &[u8]) -> Option<Armoured> {
    Element::read(bytes)
        .filter(|outer| outer.is_whole() && outer.rest.is_empty())
        .and_then(|outer| key(&outer))
}

fn key(outer: &Element<'_>) -> Option<Armoured> {
    if outer.tag != SEQUENCE {
        return None;
    }
    let extent = match outer.is_whole() {
        true => Extent::Whole,
        false => Extent::Unclear,
    };
    let first = Element::read(outer.content)?;
    match (first.tag, first.content) {
        (INTEGER, [0 | 1 | 3]) if outer.len >= SHORTEST => Some(Armoured::private(false, extent)),
        (INTEGER, _) if first.len >= SHORTEST_MODULUS => Some(Armoured::PUBLIC),
        (SEQUENCE, content) if is_encryption(content) => Some(Armoured::private(true, extent)),
        // A short file of digits may look like two SEQUENCEs, but has no byte of a name.
        (SEQUENCE, content) if outer.len > 0x7f || content.starts_with(&[OBJECT_IDENTIFIER]) => {
            Some(Armoured::PUBLIC)
        }
        _ => None,
    }
}

/// Whether an algorithm is an encryption with a password: PKCS #5, or one of PKCS #12.
fn is_encryption(algorithm: &[u8]) -> bool {
    Element::read(algorithm)
        .filter(|name| name.tag == OBJECT_IDENTIFIER)
        .and_then(|name| name.content.strip_prefix(PKCS))
        .is_some_and(|rest| matches!(rest, [5 | 12, ..]))
}

/// Whether a text may be a SEQUENCE in base64, by its first two characters.
pub(super) fn starts_in_base64(text: &[u8]) -> bool {
    matches!(text, [b'M', b'A'..=b'P', ..])
}

/// Whether a value starts like a SubjectPublicKeyInfo in base64 (RFC 5280, section 4.1.2.7).
pub(super) fn is_public_start(value: &[u8]) -> bool {
    /// A bound: two SEQUENCE headers and the header of a name end within 12 bytes.
    const HEAD: usize = 16;
    if !starts_in_base64(value) || value.len() < HEAD {
        return false;
    }
    decode_base64(&value[..HEAD]).is_some_and(|head| is_public_key_info(&head) == Some(true))
}

/// Whether an algorithm stands at the start of a SEQUENCE, and the lengths fit into each other.
fn is_public_key_info(head: &[u8]) -> Option<bool> {
    let outer = Element::read(head)?;
    let algorithm = Element::read(outer.content)?;
    let name = Element::read(algorithm.content)?;
    Some(
        outer.tag == SEQUENCE
            && algorithm.tag == SEQUENCE
            && name.tag == OBJECT_IDENTIFIER
            && name.len < algorithm.len
            && algorithm.len < outer.len
            && !is_encryption(algorithm.content),
    )
}
