//! Writes private keys: the start that their format has, and random bytes.

use bstr::ByteSlice;

use crate::armour::{openssh, pem};
use crate::encoding::{BASE64, crc24, encode_base64, encode_base64_padded};
use crate::proof::{Random, random_bytes};

/// A bound: a body of fewer characters is what a cut sample has left.
const SHORTEST_BODY: usize = 64;

/// A bound: as many random bytes as a key in base64 once more gets.
const LEN_IN_BASE64: usize = 200;

/// Random bytes behind the start of a private key in DER.
pub(super) fn der(len: usize, random: Random<'_>) -> Vec<u8> {
    let mut bytes = random_bytes(len, random);
    let content = (len.saturating_sub(4) as u16).to_be_bytes();
    let head = [0x30, 0x82, content[0], content[1], 0x02, 0x01, 0];
    bytes.splice(..head.len().min(len), head);
    bytes
}

/// An OpenSSH key without a passphrase, with random bytes for its two halves.
fn openssh(len: usize, random: Random<'_>) -> Vec<u8> {
    /// As many bytes as the public half of an Ed25519 key has.
    const PUBLIC: usize = 51;
    let mut bytes = openssh::MAGIC.to_vec();
    for name in [&b"none"[..], b"none", b""] {
        write_string(&mut bytes, name);
    }
    bytes.extend(1u32.to_be_bytes());
    let halves = len.saturating_sub(bytes.len() + 8);
    let public = halves.min(PUBLIC);
    for len in [public, halves - public] {
        let half = random_bytes(len, random);
        write_string(&mut bytes, &half);
    }
    bytes
}

fn write_string(bytes: &mut Vec<u8>, string: &[u8]) {
    bytes.extend((string.len() as u32).to_be_bytes());
    bytes.extend(string);
}

/// Random bytes behind the header of a secret key packet.
fn pgp(len: usize, random: Random<'_>) -> Vec<u8> {
    let mut bytes = random_bytes(len, random);
    let content = (len.saturating_sub(3) as u16).to_be_bytes();
    let head = [0x95, content[0], content[1], 4];
    bytes.splice(..head.len().min(len), head);
    bytes
}

/// What a body under this label may decode to.
fn key(label: &[u8], len: usize, random: Random<'_>) -> Vec<u8> {
    if label.starts_with(b"PGP ") {
        pgp(len, random)
    } else if label.starts_with(b"OPENSSH ") {
        openssh(len, random)
    } else {
        der(len, random)
    }
}

pub(in crate::proof) fn pem(sample: &mut Vec<u8>, random: Random<'_>) {
    if let Some(text) = pem::from_base64(sample) {
        in_base64(sample, &text, random);
        return;
    }
    let Some(block) = pem::blocks(sample).next() else {
        return;
    };
    let body = block.body();
    let places: Vec<usize> = body.pieces.iter().cloned().flatten().collect();
    if places.len() < SHORTEST_BODY {
        return;
    }
    let bytes = key(block.label, places.len() * 3 / 4, random);
    for (at, char) in places.into_iter().zip(encode_base64(&bytes, BASE64)) {
        sample[at] = char;
    }
    if let Some(at) = body.crc {
        let sum = encode_base64(&crc24(&bytes).to_be_bytes()[1..], BASE64);
        sample[at..at + 4].copy_from_slice(&sum);
    }
}

/// Writes a block in base64, under the label at the start of a random text.
fn in_base64(sample: &mut Vec<u8>, text: &[u8], random: Random<'_>) {
    let Some(start) = text.find(pem::BEGIN) else {
        return;
    };
    let label = &text[start + pem::BEGIN.len()..];
    // A sample's dashes may be cut within the last one, and filled at random.
    let label = &label[..label.find_byte(b'-').unwrap_or(label.len())];
    let body = encode_base64_padded(&key(label, LEN_IN_BASE64, random));
    let mut block = [pem::BEGIN, label, b"-----"].concat();
    for line in body.chunks(64) {
        block.push(b'\n');
        block.extend(line);
    }
    block.extend([b"\n-----END ", label, b"-----\n"].concat());
    *sample = encode_base64_padded(&block);
}

pub(in crate::proof) fn base64_der(sample: &mut Vec<u8>, random: Random<'_>) {
    bare(sample, told, random);
}

/// Random bytes as the number of an EC key, or as the modulus of an RSA key if there are enough.
fn told(len: usize, random: Random<'_>) -> Vec<u8> {
    /// From so many bytes on the length of an element takes three.
    const LONG: usize = 132;
    let mut bytes = random_bytes(len, random);
    let head = match len < LONG {
        true => vec![
            0x30,
            len.saturating_sub(2) as u8,
            2,
            1,
            1,
            4,
            len.saturating_sub(7) as u8,
        ],
        false => {
            let [content, number] = [len - 4, len - 11].map(|len| (len as u16).to_be_bytes());
            [&[0x30, 0x82], &content[..], &[2, 1, 0, 2, 0x82], &number].concat()
        }
    };
    bytes.splice(..head.len().min(len), head);
    bytes
}

pub(in crate::proof) fn base64_openssh(sample: &mut Vec<u8>, random: Random<'_>) {
    bare(sample, openssh, random);
}

fn bare(sample: &mut Vec<u8>, key: fn(usize, Random<'_>) -> Vec<u8>, random: Random<'_>) {
    if sample.contains_str(pem::BEGIN) {
        pem(sample, random);
        return;
    }
    let len = sample.iter().take_while(|&&b| b != b'=').count() * 3 / 4;
    *sample = encode_base64_padded(&key(len, random));
}
