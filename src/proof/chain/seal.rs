//! Seals samples of private keys and seeds.

use sha2::{Digest, Sha256};

use super::{
    BECH32_TAIL, BIP39_WORDS, STELLAR_SEED, WIF_VERSIONS, XPRV_VERSIONS, bech32_padding,
    bech32_values, bits_of, double_sha256, polymod,
};
use crate::encoding::{
    BECH32, crc16, decode_base32, encode_base32, encode_base58, encode_base64_padded,
};
use crate::proof::{Random, random_bytes};

pub(in crate::proof) fn bech32(sample: &mut Vec<u8>, _: Random<'_>) {
    let Some((prefix, mut data)) = bech32_values(sample) else {
        return;
    };
    // No number of bytes has this length; one character less is that of whole bytes.
    if bech32_padding(&data) >= 5 && data.len() > BECH32_TAIL + 1 {
        data.pop();
        sample.pop();
    }
    let upper = sample.iter().any(u8::is_ascii_uppercase);
    let body = data.len() - BECH32_TAIL;
    data[body - 1] &= !((1u32 << bech32_padding(&data).min(5)) - 1) as u8;
    data[body..].fill(0);
    let sum = polymod(prefix.into_iter().chain(data.iter().copied())) ^ 1;
    for (at, value) in data[body..].iter_mut().enumerate() {
        *value = (sum >> (5 * (BECH32_TAIL - 1 - at)) & 31) as u8;
    }
    let start = sample.len() - data.len();
    for (byte, value) in sample[start..].iter_mut().zip(data) {
        let char = BECH32[usize::from(value)];
        *byte = if upper {
            char.to_ascii_uppercase()
        } else {
            char
        };
    }
}

pub(super) fn encode_base58check(mut bytes: Vec<u8>) -> Vec<u8> {
    let check = double_sha256(&bytes);
    bytes.extend(&check[..4]);
    encode_base58(&bytes)
}

pub(in crate::proof) fn wif(sample: &mut Vec<u8>, random: Random<'_>) {
    let test = matches!(sample.first(), Some(b'9' | b'c'));
    let mut bytes = vec![WIF_VERSIONS[usize::from(test)]];
    bytes.extend(random_bytes(32, random));
    if sample.len() > 51 {
        bytes.push(1);
    }
    *sample = encode_base58check(bytes);
}

pub(in crate::proof) fn xprv(sample: &mut Vec<u8>, random: Random<'_>) {
    let Some((_, version)) = XPRV_VERSIONS
        .iter()
        .find(|(text, _)| sample.starts_with(*text))
    else {
        return;
    };
    let mut bytes = version.to_vec();
    bytes.extend(random_bytes(74, random));
    bytes[45] = 0;
    *sample = encode_base58check(bytes);
}

fn seal_crc16(bytes: &mut [u8]) {
    if let Some((covered, check)) = bytes.split_last_chunk_mut() {
        *check = crc16(covered).to_le_bytes();
    }
}

pub(in crate::proof) fn strkey(sample: &mut Vec<u8>, _: Random<'_>) {
    if let Some(mut bytes) = decode_base32(sample).filter(|bytes| bytes.len() == 35) {
        bytes[0] = STELLAR_SEED;
        seal_crc16(&mut bytes);
        *sample = encode_base32(&bytes);
    }
}

pub(in crate::proof) fn nkey(sample: &mut Vec<u8>, _: Random<'_>) {
    if let Some(mut bytes) = decode_base32(sample).filter(|bytes| bytes.len() == 36) {
        // Two letters are ten bits; those that follow up to the next byte are zero.
        bytes[1] &= 0xc0;
        seal_crc16(&mut bytes);
        *sample = encode_base32(&bytes);
    }
}

#[expect(clippy::ptr_arg, reason = "the signature of every seal")]
pub(in crate::proof) fn secp256k1(sample: &mut Vec<u8>, _: Random<'_>) {
    let start = if sample.starts_with(b"0x") { 2 } else { 0 };
    // Any first digit but the highest keeps the number below the order.
    if let Some(first) = sample
        .get_mut(start)
        .filter(|first| first.eq_ignore_ascii_case(&b'f'))
    {
        *first = b'e';
    }
}

pub(in crate::proof) fn wireguard(sample: &mut Vec<u8>, random: Random<'_>) {
    let mut key = random_bytes(32, random);
    key[0] &= !7;
    key[31] = key[31] & 0x3f | 0x40;
    *sample = encode_base64_padded(&key);
}

pub(in crate::proof) fn bip39(sample: &mut Vec<u8>, random: Random<'_>) {
    let count = sample.split(|&b| b == b' ').count();
    let count = if matches!(count, 15 | 18 | 21 | 24) {
        count
    } else {
        12
    };
    let mut words: Vec<usize> = (0..count).map(|_| random(BIP39_WORDS.len())).collect();
    let check = count / 3;
    words[count - 1] &= !((1 << check) - 1);
    let sum = Sha256::digest(&bits_of(&words)[..count * 4 / 3])[0] >> (8 - check);
    words[count - 1] |= usize::from(sum);
    let phrase: Vec<&str> = words.iter().map(|&word| BIP39_WORDS[word]).collect();
    *sample = phrase.join(" ").into_bytes();
}
