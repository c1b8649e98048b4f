//! Private keys and seeds that people copy by hand: of Bitcoin, Nostr, age, Stellar, NATS, Ethereum
//! and WireGuard.

pub(super) mod seal;

use std::sync::LazyLock;

use sha2::{Digest, Sha256};

use super::Check;
use crate::encoding::{BECH32, crc16, decode_base32, decode_base58, decode_base64};

/// How many characters the checksum has (BIP-173).
const BECH32_TAIL: usize = 6;

/// The values of Bech32 text: those of the human-readable part as the checksum sees it, and those
/// of the data, checksum included.
///
/// `None` if the text mixes cases, lacks a part, or has other characters.
fn bech32_values(secret: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let upper = secret.iter().any(u8::is_ascii_uppercase);
    if upper && secret.iter().any(u8::is_ascii_lowercase) || !secret.is_ascii() {
        return None;
    }
    let text = secret.to_ascii_lowercase();
    let one = text.iter().rposition(|&b| b == b'1').filter(|&at| at > 0)?;
    let (prefix, data) = (&text[..one], &text[one + 1..]);
    let data: Option<Vec<u8>> = data
        .iter()
        .map(|b| BECH32.iter().position(|c| c == b).map(|at| at as u8))
        .collect();
    let data = data.filter(|data| data.len() > BECH32_TAIL)?;
    let mut expanded: Vec<u8> = prefix.iter().map(|b| b >> 5).collect();
    expanded.push(0);
    expanded.extend(prefix.iter().map(|b| b & 31));
    Some((expanded, data))
}

/// The checksum of BIP-173 over these values.
fn polymod(values: impl Iterator<Item = u8>) -> u32 {
    const GENERATOR: [u32; 5] = [
        0x3b6a_57b2,
        0x2650_8e6d,
        0x1ea1_19fa,
        0x3d42_33dd,
        0x2a14_62b3,
    ];
    values.fold(1, |sum, value| {
        let top = sum >> 25;
        let shifted = (sum & 0x1ff_ffff) << 5 ^ u32::from(value);
        GENERATOR
            .iter()
            .enumerate()
            .filter(|(bit, _)| top >> bit & 1 == 1)
            .fold(shifted, |sum, (_, generator)| sum ^ generator)
    })
}

/// The bits of the last data value that belong to no byte.
fn bech32_padding(data: &[u8]) -> u32 {
    (data.len() - BECH32_TAIL) as u32 * 5 % 8
}

/// Bech32: the checksum holds, and the bits that fill up the last character are zero.
///
/// <https://github.com/bitcoin/bips/blob/master/bip-0173.mediawiki>
pub(super) fn bech32(secret: &[u8]) -> Check {
    let holds = bech32_values(secret).is_some_and(|(prefix, data)| {
        let padding = bech32_padding(&data);
        let last = data[data.len() - BECH32_TAIL - 1];
        padding < 5
            && last & ((1 << padding) - 1) == 0
            && polymod(prefix.into_iter().chain(data)) == 1
    });
    Check::promised(holds)
}

/// An age identity: Bech32 behind `AGE-SECRET-KEY-` or, post-quantum, `AGE-SECRET-KEY-PQ-`, in one
/// case.
///
/// <https://github.com/C2SP/C2SP/blob/main/age.md>
pub(super) fn age(secret: &[u8]) -> Check {
    let prefix: &[u8] = b"age-secret-key-";
    let starts = secret
        .get(..prefix.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    if starts {
        bech32(secret)
    } else {
        Check::Invalid
    }
}

/// The bytes of Base58Check text without its four check bytes, if they hold.
fn base58check(secret: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = decode_base58(secret)?;
    let at = bytes.len().checked_sub(4)?;
    let check = bytes.split_off(at);
    (check == double_sha256(&bytes)[..4]).then_some(bytes)
}

fn double_sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(Sha256::digest(bytes)).into()
}

/// Whether a text is the address of an account of a chain: a version and a hash of 20 bytes in Base58Check, as Bitcoin,
/// Litecoin and Tron have them.
pub(crate) fn is_address(text: &[u8]) -> bool {
    /// A bound: so many bytes without the check.
    const LEN: usize = 21;
    /// A bound: such an address has 34 characters at most.
    const LONGEST: usize = 34;
    text.len() <= LONGEST && base58check(text).is_some_and(|bytes| bytes.len() == LEN)
}

/// The versions of a private key: Bitcoin's main and test network.
const WIF_VERSIONS: [u8; 2] = [0x80, 0xef];

/// A Bitcoin private key in the wallet import format: a version, 32 bytes, and 1 if the public key is
/// compressed.
///
/// <https://en.bitcoin.it/wiki/Wallet_import_format>
pub(super) fn wif(secret: &[u8]) -> Check {
    let holds = base58check(secret).is_some_and(|bytes| {
        WIF_VERSIONS.contains(&bytes[0])
            && (bytes.len() == 33 || bytes.len() == 34 && bytes[33] == 1)
    });
    Check::promised(holds)
}

/// The versions of extended private keys, by the four letters that they give (BIP-32, SLIP-132).
const XPRV_VERSIONS: [(&[u8; 4], [u8; 4]); 6] = [
    (b"tprv", [0x04, 0x35, 0x83, 0x94]),
    (b"uprv", [0x04, 0x4a, 0x4e, 0x28]),
    (b"vprv", [0x04, 0x5f, 0x18, 0xbc]),
    (b"xprv", [0x04, 0x88, 0xad, 0xe4]),
    (b"yprv", [0x04, 0x9d, 0x78, 0x78]),
    (b"zprv", [0x04, 0xb2, 0x43, 0x0c]),
];

/// An extended private key: 78 bytes in Base58Check, with a zero before the key.
///
/// <https://github.com/bitcoin/bips/blob/master/bip-0032.mediawiki>
pub(super) fn xprv(secret: &[u8]) -> Check {
    let holds = base58check(secret).is_some_and(|bytes| {
        bytes.len() == 78
            && bytes[45] == 0
            && XPRV_VERSIONS
                .iter()
                .any(|version| bytes.starts_with(&version.1))
    });
    Check::promised(holds)
}

/// The bytes of a key in base32, so many of which the last two are the CRC-16 of the others.
fn with_crc16(text: &[u8], len: usize) -> Option<Vec<u8>> {
    decode_base32(text).filter(|bytes| bytes.len() == len && crc16_holds(bytes))
}

/// Whether the last two bytes are the CRC-16 of those before them, from low to high.
fn crc16_holds(bytes: &[u8]) -> bool {
    bytes
        .split_last_chunk()
        .is_some_and(|(covered, check)| crc16(covered) == u16::from_le_bytes(*check))
}

/// The version of a Stellar seed: it makes the first letter an `S`.
const STELLAR_SEED: u8 = 18 << 3;

/// A Stellar seed: version, 32 bytes and CRC-16 in base32.
///
/// <https://github.com/stellar/stellar-protocol/blob/master/ecosystem/sep-0023.md>
pub(super) fn strkey(secret: &[u8]) -> Check {
    let holds = with_crc16(secret, 35).is_some_and(|bytes| bytes[0] == STELLAR_SEED);
    Check::promised(holds)
}

/// A NATS seed: `S` and the kind of key, 32 bytes and CRC-16 in base32.
///
/// <https://github.com/nats-io/nkeys>
pub(super) fn nkey(secret: &[u8]) -> Check {
    let holds = secret.first() == Some(&b'S') && with_crc16(secret, 36).is_some();
    Check::promised(holds)
}

/// Whether a text is the public half of a NATS key, by its CRC-16: an account, a cluster, an operator, a server, a user
/// or a curve.
pub(crate) fn is_public_nkey(text: &[u8]) -> bool {
    /// The characters of one.
    const LEN: usize = 56;
    text.len() == LEN
        && matches!(text[0], b'A' | b'C' | b'N' | b'O' | b'U' | b'X')
        && with_crc16(text, 35).is_some()
}

/// A scalar of secp256k1 in hex: above zero and below the group's order. Nearly every number is, so
/// that only a failure says something.
///
/// <https://www.secg.org/sec2-v2.pdf>, section 2.4.1
pub(super) fn secp256k1(secret: &[u8]) -> Check {
    const ORDER: &[u8; 64] = b"fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
    let digits = secret
        .strip_prefix(b"0x")
        .unwrap_or(secret)
        .to_ascii_lowercase();
    let in_range = digits.len() == 64
        && digits.iter().all(u8::is_ascii_hexdigit)
        && digits.iter().any(|&b| b != b'0')
        && digits[..] < ORDER[..];
    if in_range {
        Check::Unknown
    } else {
        Check::Invalid
    }
}

/// A WireGuard private key: 32 bytes in base64. `wg genkey` clamps them as X25519 (RFC 7748, section
/// 5) wants; preshared keys and some other generators do not.
pub(super) fn wireguard(secret: &[u8]) -> Check {
    match decode_base64(secret) {
        Some(key) if key.len() == 32 => {
            Check::unpromised(key[0] & 7 == 0 && key[31] & 0xc0 == 0x40)
        }
        _ => Check::Invalid,
    }
}

/// The English words of BIP-39, sorted, as the BIP lists them.
///
/// <https://github.com/bitcoin/bips/blob/master/bip-0039/english.txt>
static BIP39_WORDS: LazyLock<Vec<&str>> =
    LazyLock::new(|| include_str!("bip39-english.txt").lines().collect());

/// The bits that one word stands for.
const BITS_PER_WORD: usize = 11;

/// A recovery phrase of 12, 15, 18, 21 or 24 English words: 11 bits each, of which the last ones are
/// the start of the SHA-256 of the others. Phrases that repeat a few words are those of test suites.
///
/// <https://github.com/bitcoin/bips/blob/master/bip-0039.mediawiki>
pub(super) fn bip39(secret: &[u8]) -> Check {
    Check::promised(bip39_words(secret).is_some_and(|words| {
        let mut distinct = words.clone();
        distinct.sort_unstable();
        distinct.dedup();
        let entropy = words.len() * 4 / 3;
        let mut bits = bits_of(&words);
        let check = bits.split_off(entropy);
        let sum = Sha256::digest(&bits)[0] >> (8 - words.len() / 3);
        distinct.len() * 2 > words.len() && check[0] >> (8 - words.len() / 3) == sum
    }))
}

/// The numbers of a phrase's words; `None` for another word, or another count of words.
fn bip39_words(secret: &[u8]) -> Option<Vec<usize>> {
    let text = std::str::from_utf8(secret).ok()?;
    let mut words = Vec::new();
    for word in text
        .split(|c: char| !c.is_ascii_alphabetic())
        .filter(|word| !word.is_empty())
    {
        if words.len() == 24 {
            return None;
        }
        words.push(
            BIP39_WORDS
                .binary_search(&&*word.to_ascii_lowercase())
                .ok()?,
        );
    }
    matches!(words.len(), 12 | 15 | 18 | 21 | 24).then_some(words)
}

/// Numbers of 11 bits as bytes, filled up with zeros.
fn bits_of(words: &[usize]) -> Vec<u8> {
    let mut bytes = vec![0u8; (words.len() * BITS_PER_WORD).div_ceil(8)];
    for (at, word) in words.iter().enumerate() {
        for bit in 0..BITS_PER_WORD {
            let to = at * BITS_PER_WORD + bit;
            bytes[to / 8] |= ((word >> (BITS_PER_WORD - 1 - bit) & 1) as u8) << (7 - to % 8);
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::seal::encode_base58check;
    use super::*;
    use crate::encoding::encode_base32;

    fn counted(head: &[u8]) -> Vec<u8> {
        let mut bytes = head.to_vec();
        bytes.extend(0..32u8);
        bytes
    }

    #[test]
    fn age_of_counted_bytes() {
        // The 32 bytes 00 to 1f as 52 values, and their checksum.
        let data: Vec<u8> = crate::encoding::encode_bits(&counted(b""), 5, BECH32);
        let data = String::from_utf8(data).unwrap().to_uppercase();
        let key = ["AGE-SECRET", "-KEY-1", &data, "WRYDWG"].concat();
        assert_eq!(age(key.as_bytes()), Check::Valid);
        assert_eq!(age(key.to_lowercase().as_bytes()), Check::Valid);
        assert_eq!(age(key.replace("-KEY", "-key").as_bytes()), Check::Invalid);
        assert_eq!(
            age(key.replace("WRYDWG", "WRYDWQ").as_bytes()),
            Check::Invalid
        );
        let prefix = "nsec1";
        assert_eq!(
            age([prefix, &data, "WRYDWG"].concat().as_bytes()),
            Check::Invalid
        );
    }

    #[test]
    fn bech32_of_bip_173() {
        // One of the BIP's own valid strings, and others made from it.
        assert_eq!(
            bech32(b"abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw"),
            Check::Valid
        );
        assert_eq!(
            bech32(b"abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxq"),
            Check::Invalid
        );
        assert_eq!(bech32(b"1qpzry9x8gf2tvdw0s3jn"), Check::Invalid);
    }

    #[test]
    fn wif_of_ones() {
        let mut bytes = vec![0x80];
        bytes.extend([1; 32]);
        assert_eq!(double_sha256(&bytes)[..4], [0x3b, 0x9d, 0xbc, 0xf3]);
        let key = encode_base58check(bytes);
        assert_eq!(wif(&key), Check::Valid);
        assert_eq!(wif(&key[1..]), Check::Invalid);
    }

    #[test]
    fn seeds_of_counted_bytes() {
        let mut stellar = counted(&[0x90]);
        stellar.extend([0x35, 0x48]);
        assert_eq!(strkey(&encode_base32(&stellar)), Check::Valid);
        let mut account = counted(&[0]);
        account.extend(crc16(&account).to_le_bytes());
        let mut account = encode_base32(&account);
        assert!(is_public_nkey(&account));
        account[9] ^= 1;
        assert!(!is_public_nkey(&account));
        let mut nats = counted(&[0x95, 0x00]);
        nats.extend([0xff, 0xf6]);
        let seed = encode_base32(&nats);
        assert!(seed.starts_with(b"SU") && seed.len() == 58);
        assert_eq!(nkey(&seed), Check::Valid);
    }

    #[test]
    fn only_scalars_are_keys() {
        let hex = |text: &str| secp256k1(text.as_bytes());
        assert_eq!(hex(&"7".repeat(64)), Check::Unknown);
        assert_eq!(hex(&format!("0x{}", "7".repeat(64))), Check::Unknown);
        assert_eq!(hex(&"0".repeat(64)), Check::Invalid);
        assert_eq!(hex(&"F".repeat(64)), Check::Invalid);
        assert_eq!(hex(&"7".repeat(63)), Check::Invalid);
    }

    #[test]
    fn phrases_with_their_checksum() {
        assert!(BIP39_WORDS.is_sorted() && BIP39_WORDS.len() == 2048);
        // Entropy of sixteen bytes 7f gives the BIP's second test vector, which repeats three words.
        let vector = "legal winner thank year wave sausage worth useful legal winner thank ";
        assert_eq!(bip39([vector, "yellow"].concat().as_bytes()), Check::Valid);
        assert_eq!(bip39([vector, "year"].concat().as_bytes()), Check::Invalid);
        let test = ["abandon ".repeat(11), "about".into()].concat();
        assert_eq!(bip39(test.as_bytes()), Check::Invalid);
        assert_eq!(bip39("legal ".repeat(40_000).as_bytes()), Check::Invalid);
    }
}
