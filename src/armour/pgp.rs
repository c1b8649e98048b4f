//! OpenPGP: the header of a packet, and the version behind it (RFC 9580, sections 4.2 and 5).

use super::{Armoured, Extent};
use crate::encoding::crc24;

/// Tags of packets (RFC 9580, section 5).
mod tag {
    pub(super) const PUBLIC_KEY_ENCRYPTED_SESSION_KEY: u8 = 1;
    pub(super) const SYMMETRIC_KEY_ENCRYPTED_SESSION_KEY: u8 = 3;
    pub(super) const SECRET_KEY: u8 = 5;
}

/// The header of a packet.
struct Packet<'b> {
    tag: u8,
    /// As written; `None` if the packet has no length of its own, or comes in parts.
    len: Option<usize>,
    /// What follows the header.
    body: &'b [u8],
}

impl<'b> Packet<'b> {
    /// Reads a header of the old or of the new form.
    fn read(bytes: &'b [u8]) -> Option<Self> {
        let (&first, rest) = bytes.split_first()?;
        if first & 0x80 == 0 {
            return None;
        }
        let (tag, (len, body)) = match first & 0x40 {
            0 => (first >> 2 & 0x0f, old_length(first & 3, rest)?),
            _ => (first & 0x3f, new_length(rest)?),
        };
        Some(Self { tag, len, body })
    }

    fn version(&self) -> Option<u8> {
        self.body.first().copied()
    }

    /// Whether as many bytes are there as the header announces.
    fn is_whole(&self) -> bool {
        self.len.is_none_or(|len| len <= self.body.len())
    }

    fn is_secret_key(&self) -> bool {
        self.tag == tag::SECRET_KEY && matches!(self.version(), Some(3..=6))
    }
}

/// A length of the old form, of which the header has said how many bytes it has, and what follows.
fn old_length(kind: u8, bytes: &[u8]) -> Option<(Option<usize>, &[u8])> {
    match kind {
        3 => Some((None, bytes)),
        power => {
            let (len, body) = bytes.split_at_checked(1 << power)?;
            Some((Some(big_endian(len)), body))
        }
    }
}

/// A length of the new form, and what follows.
fn new_length(bytes: &[u8]) -> Option<(Option<usize>, &[u8])> {
    match *bytes {
        [len @ 0..=191, ref body @ ..] => Some((Some(usize::from(len)), body)),
        [high @ 192..=223, low, ref body @ ..] => {
            let len = ((usize::from(high) - 192) << 8) + usize::from(low) + 192;
            Some((Some(len), body))
        }
        [224..=254, ref body @ ..] => Some((None, body)),
        [255, a, b, c, d, ref body @ ..] => Some((Some(big_endian(&[a, b, c, d])), body)),
        _ => None,
    }
}

/// A number, its highest byte first.
fn big_endian(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .fold(0, |number, &byte| number << 8 | usize::from(byte))
}

/// Whether the bytes start with a secret key, whether or not a passphrase protects it: that is
/// behind the numbers of the public key, and most are protected.
///
/// A text can't start so: no encoding of text has these bytes before a version number.
pub(crate) fn is_secret_key(bytes: &[u8]) -> bool {
    Packet::read(bytes).is_some_and(|packet| packet.is_secret_key())
}

/// Whether the bytes start an encrypted message: a packet with a session key.
pub(crate) fn is_message(bytes: &[u8]) -> bool {
    /// A bound: the packet has the parameters of a derivation and one key, and at 128 the header
    /// would be two characters of UTF-8.
    const LONGEST: usize = 127;
    Packet::read(bytes).is_some_and(|packet| match packet.tag {
        tag::PUBLIC_KEY_ENCRYPTED_SESSION_KEY => {
            packet.len.is_some() && matches!(packet.version(), Some(3 | 6))
        }
        tag::SYMMETRIC_KEY_ENCRYPTED_SESSION_KEY => {
            packet.len.is_some_and(|len| len <= LONGEST) && matches!(packet.version(), Some(4..=6))
        }
        _ => false,
    })
}

/// Reads a secret key. `crc`: the three bytes of the armour's checksum, if it has one (RFC 9580,
/// section 6.1).
pub(super) fn read(bytes: &[u8], crc: Option<&[u8]>) -> Option<Armoured> {
    let packet = Packet::read(bytes).filter(Packet::is_secret_key)?;
    let sum = crc24(bytes).to_be_bytes();
    let whole = packet.is_whole() && crc.is_none_or(|crc| crc == &sum[1..]);
    let extent = match whole {
        true => Extent::Whole,
        false => Extent::Unclear,
    };
    Some(Armoured::private(false, extent))
}
