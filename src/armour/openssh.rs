//! OpenSSH's private keys, and public keys as SSH writes them.
//!
//! <https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.key>, RFC 4253, section 6.6

use bstr::ByteSlice;

use super::{Armoured, Extent};
use crate::encoding::decode_base64;

/// What a private key starts with.
pub(crate) const MAGIC: &[u8] = b"openssh-key-v1\0";

/// How the names of the algorithms of keys start.
const ALGORITHMS: &[&[u8]] = &[b"ecdsa-sha2-", b"sk-ecdsa-sha2-", b"sk-ssh-", b"ssh-"];

/// Takes a number of four bytes off.
fn number(bytes: &mut &[u8]) -> Option<u32> {
    let (number, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(u32::from_be_bytes(*number))
}

/// Takes a string off: its length, and as many bytes (RFC 4251, section 5).
fn string<'b>(bytes: &mut &'b [u8]) -> Option<&'b [u8]> {
    let len = usize::try_from(number(bytes)?).ok()?;
    let (string, rest) = bytes.split_at_checked(len)?;
    *bytes = rest;
    Some(string)
}

/// Reads a private key: magic, the name of the cipher, which is `none` without a passphrase, and
/// what [`is_whole`] walks.
pub(crate) fn read(bytes: &[u8]) -> Option<Armoured> {
    let mut rest = bytes.strip_prefix(MAGIC)?;
    let Some(cipher) = string(&mut rest) else {
        return Some(Armoured::private(false, Extent::Unclear));
    };
    let extent = match is_whole(rest) {
        Some(()) => Extent::Whole,
        None => Extent::Unclear,
    };
    Some(Armoured::private(cipher != b"none", extent))
}

/// Walks what follows the cipher: the derivation of the key and its options, the number of keys,
/// as many public keys, and the private section.
fn is_whole(mut rest: &[u8]) -> Option<()> {
    string(&mut rest)?;
    string(&mut rest)?;
    // Ends with the bytes, whatever number is written.
    for _ in 0..number(&mut rest)? {
        string(&mut rest)?;
    }
    string(&mut rest).map(|_| ())
}

/// Whether a text may be a private key in base64 without the lines of PEM.
pub(super) fn starts_in_base64(text: &[u8]) -> bool {
    // As many characters as stand for whole bytes of the magic.
    text.starts_with(b"b3BlbnNzaC1rZXktdjEA")
}

/// Whether a value starts like a public key: with the name of an algorithm, or with the length
/// of one and the name in base64.
pub(super) fn is_public_start(value: &[u8]) -> bool {
    /// A bound: 20 bytes, for the length and the longest start of a name.
    const HEAD: usize = 28;
    let is_name = |name: &[u8]| ALGORITHMS.iter().any(|start| name.starts_with(start));
    if is_name(value) {
        return true;
    }
    // No name has 65,536 bytes.
    value.starts_with(b"AAAA")
        && decode_base64(&value[..value.len().min(HEAD) / 4 * 4])
            .is_some_and(|bytes| bytes.get(4..).is_some_and(is_name))
}

/// Whether a file holds public keys: every line is one, or it is a key of minisign or signify,
/// whose comment says so.
pub(super) fn is_public_file(text: &[u8]) -> bool {
    if text.starts_with(b"untrusted comment:") {
        return text
            .lines()
            .next()
            .is_some_and(|line| line.contains_str("public key"));
    }
    let mut lines = text
        .lines()
        .map(<[u8]>::trim_ascii)
        .filter(|line| !line.is_empty() && !line.starts_with(b"#"))
        .peekable();
    lines.peek().is_some()
        && lines.all(|line| ALGORITHMS.iter().any(|start| line.starts_with(start)))
}
