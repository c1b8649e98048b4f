//! Keys in armour: what a block, a file or a blob in base64 holds, read in one place.
//!
//! The detector asks whether a block is a private key ([`block`], by way of the proofs), the guard
//! what keys a file has ([`keys`]), and whoever judges a value whether it is a public key
//! ([`is_public_start`]). Each format has a file of its own, which names its specification. All of
//! it takes any bytes, in linear time.

pub(crate) mod der;
pub(crate) mod keystore;
pub(crate) mod openssh;
pub(crate) mod pem;
pub(crate) mod pgp;
mod putty;
#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
mod tests;

use crate::encoding::{BECH32, decode_base64};

/// What a key in armour is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Armoured {
    pub(crate) kind: Kind,
    /// A passphrase protects it.
    pub(crate) encrypted: bool,
    pub(crate) extent: Extent,
}

/// What a block or a file in armour is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A private key, or a secret key that two share.
    Private,
    /// What anybody may see: a public key, a certificate, a signature, parameters.
    Public,
    /// Anything else, such as an encrypted message.
    Other,
}

/// How much of a private key is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// All that its own lengths announce.
    Whole,
    /// Random bytes: cut off, or of a form whose lengths say nothing.
    Unclear,
    /// What stands for a key: nothing, an ellipsis, words, one character over and over.
    Filler,
}

impl Armoured {
    const PUBLIC: Self = Self {
        kind: Kind::Public,
        encrypted: false,
        extent: Extent::Whole,
    };

    const OTHER: Self = Self {
        kind: Kind::Other,
        ..Self::PUBLIC
    };

    /// A private key.
    const fn private(encrypted: bool, extent: Extent) -> Self {
        Self {
            kind: Kind::Private,
            encrypted,
            extent,
        }
    }

    /// Whether it is a private key, under a passphrase or not, and not what stands for one.
    pub(crate) fn is_private(self) -> bool {
        self.kind == Kind::Private && self.extent != Extent::Filler
    }
}

/// The first block of a text, which may be in base64 as a whole.
pub(crate) fn block(text: &[u8]) -> Option<Armoured> {
    if let Some(block) = pem::blocks(text).next() {
        return Some(block.read());
    }
    let text = pem::from_base64(text)?;
    pem::blocks(&text).next().map(|block| block.read())
}

/// The keys of a file, given as it is and decoded as text: one of a file of DER or of PuTTY, one for
/// each block of a file in PEM. Empty if the file is something else.
///
/// A binary OpenPGP file has none: its first bytes are too common to go by in a file of any name.
/// Where the name says OpenPGP, ask [`pgp::is_secret_key`].
pub(crate) fn keys(raw: &[u8], text: &[u8]) -> Vec<Armoured> {
    let one = der::read_file(raw)
        .or_else(|| putty::read(text))
        .or_else(|| openssh::is_public_file(text).then_some(Armoured::PUBLIC))
        .or_else(|| private_in_base64(text));
    if let Some(key) = one {
        return vec![key];
    }
    match pem::from_base64(text) {
        Some(text) => pem::blocks(&text).map(|block| block.read()).collect(),
        None => pem::blocks(text).map(|block| block.read()).collect(),
    }
}

/// The private key that a file of nothing but base64 decodes to.
fn private_in_base64(text: &[u8]) -> Option<Armoured> {
    let text = text.trim_ascii();
    if !der::starts_in_base64(text) && !openssh::starts_in_base64(text) {
        return None;
    }
    let chars: Vec<u8> = text
        .iter()
        .copied()
        .filter(|b| !b.is_ascii_whitespace())
        .collect();
    let bytes = decode_base64(&chars)?;
    der::read_file(&bytes)
        .or_else(|| openssh::read(&bytes))
        .filter(|key| key.kind == Kind::Private)
}

/// Whether a value starts like a public key: SSH's by its name or in base64, a public key of
/// X.509 in base64, or a recipient of age (<https://github.com/C2SP/C2SP/blob/main/age.md>).
pub(crate) fn is_public_start(value: &[u8]) -> bool {
    let is_recipient = || {
        let data = value.strip_prefix(b"age1");
        data.is_some_and(|data| data.iter().all(|b| BECH32.contains(b)))
    };
    openssh::is_public_start(value) || der::is_public_start(value) || is_recipient()
}
