//! Private keys: in PEM, in base64 without the lines of PEM, or in base64 once more. What a key is
//! says [`armour`].

pub(super) mod seal;
#[cfg(test)]
mod tests;

use bstr::ByteSlice;

use super::Check;
use crate::armour::{self, Armoured, Extent, Kind, der, openssh};
use crate::encoding::decode_base64;

/// A key that is whole and in the clear is valid. One under a passphrase is of no use as it stands.
fn verdict(key: Option<Armoured>) -> Check {
    match key {
        Some(Armoured {
            kind: Kind::Private,
            encrypted: false,
            extent,
        }) => match extent {
            Extent::Whole => Check::Valid,
            Extent::Unclear => Check::Unknown,
            Extent::Filler => Check::Invalid,
        },
        _ => Check::Invalid,
    }
}

/// A block in PEM (RFC 7468), or one in base64 once more.
pub(super) fn pem(secret: &[u8]) -> Check {
    verdict(armour::block(secret))
}

/// A private key in DER, in base64 without the lines of PEM; with them, as [`pem`]. What only starts like one
/// may be something else.
pub(super) fn base64_der(secret: &[u8]) -> Check {
    let is_told = || decode_base64(secret).is_some_and(|bytes| der::is_told(&bytes));
    match bare(secret, der::read) {
        Check::Valid if !secret.contains_str(armour::pem::BEGIN) && !is_told() => Check::Unknown,
        check => check,
    }
}

/// An OpenSSH key in base64 without the lines of PEM; with them, as [`pem`].
pub(super) fn base64_openssh(secret: &[u8]) -> Check {
    bare(secret, openssh::read)
}

fn bare(secret: &[u8], read: fn(&[u8]) -> Option<Armoured>) -> Check {
    if secret.contains_str(armour::pem::BEGIN) {
        return pem(secret);
    }
    verdict(decode_base64(secret).and_then(|bytes| read(&bytes)))
}
