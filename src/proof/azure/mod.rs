//! Microsoft's identifiable keys: the common annotated keys, and the older ones that carry four
//! characters of a signature.
//!
//! Both end with the hash Marvin32 over the bytes that the base64 text decodes to. The seed is eight
//! letters that depend on the kind of key.
//!
//! <https://github.com/microsoft/security-utilities>

pub(super) mod seal;

use super::Check;
use crate::encoding::{BASE62, BASE64, decode_base64, encode_base64, encode_number};

/// The seed of common annotated keys, and of the keys whose own seed is not published.
const DEFAULT_SEED: &[u8; 8] = b"Default0";

/// Marvin32, with a seed of eight letters that are read as one number, the highest byte first.
fn marvin32(seed: &[u8; 8], bytes: &[u8]) -> u32 {
    let (low, high) = marvin32_state(u64::from_be_bytes(*seed), bytes);
    low ^ high
}

/// The two halves that Marvin32 ends with.
fn marvin32_state(seed: u64, bytes: &[u8]) -> (u32, u32) {
    fn mix(low: &mut u32, high: &mut u32) {
        *high ^= *low;
        *low = low.rotate_left(20).wrapping_add(*high);
        *high = high.rotate_left(9) ^ *low;
        *low = low.rotate_left(27).wrapping_add(*high);
        *high = high.rotate_left(19);
    }
    let (mut low, mut high) = (seed as u32, (seed >> 32) as u32);
    let mut blocks = bytes.chunks_exact(4);
    for block in &mut blocks {
        low = low.wrapping_add(little_endian(block));
        mix(&mut low, &mut high);
    }
    let rest = blocks.remainder();
    low = low.wrapping_add(little_endian(rest) | 0x80 << (8 * rest.len()));
    mix(&mut low, &mut high);
    mix(&mut low, &mut high);
    (low, high)
}

/// Up to four bytes as a number, from low to high.
fn little_endian(bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .rev()
        .fold(0, |number, &b| number << 8 | u32::from(b))
}

/// How many characters of a common annotated key the checksum covers.
const CASK_COVERED: usize = 80;

/// The check characters of a common annotated key, in the two spellings that are in use.
fn cask_checks(secret: &[u8]) -> Option<[Vec<u8>; 2]> {
    if secret.len() < CASK_COVERED + 4 {
        return None;
    }
    let bytes = decode_base64(&secret[..CASK_COVERED])?;
    let hash = marvin32(DEFAULT_SEED, &bytes).to_le_bytes();
    let mut digits = encode_number(u32::from_be_bytes(hash), BASE62);
    digits.resize(6, b'0');
    digits.truncate(4);
    let mut base64 = encode_base64(&hash, BASE64);
    base64.truncate(4);
    Some([digits, base64])
}

/// Common annotated keys: four characters behind the provider's signature.
pub(super) fn cask(secret: &[u8]) -> Check {
    let Some(checks) = cask_checks(secret) else {
        return Check::Unknown;
    };
    let found = &secret[CASK_COVERED..CASK_COVERED + 4];
    Check::promised(checks.iter().any(|check| check == found))
}

/// A shape of the older identifiable keys.
struct Layout {
    /// Characters, padding and all.
    len: usize,
    /// Where the signature of four characters stands.
    at: usize,
    /// Signatures, and the seeds of the keys that carry them. Without seeds: not published.
    kinds: &'static [(&'static [u8; 4], &'static [&'static [u8; 8]])],
}

const LAYOUTS: &[Layout] = &[
    Layout {
        len: 88,
        at: 76,
        kinds: &[
            (b"+ASt", &[DEFAULT_SEED]),
            (b"ACDb", &[b"MastRW00", b"MastRO00"]),
            (b"+ABa", &[b"AbAcct00"]),
            (b"APIM", &[]),
            (b"+AMC", &[]),
        ],
    },
    Layout {
        len: 44,
        at: 33,
        kinds: &[
            (b"+ASb", SERVICE_BUS),
            (b"+AEh", SERVICE_BUS),
            (b"+ARm", SERVICE_BUS),
            (b"AIoT", &[b"IoTHub00", b"DpsKey00", b"Device00"]),
            (b"AzCa", &[b"Access00"]),
            (b"AZEG", &[]),
        ],
    },
    Layout {
        len: 52,
        at: 42,
        kinds: &[
            (b"AzSe", &[b"Query000", b"PAdmin00"]),
            (b"+ACR", &[b"ACRDflt0"]),
        ],
    },
    Layout {
        len: 56,
        at: 44,
        kinds: &[(b"AzFu", &[b"Functi00", b"System00", b"Master00"])],
    },
];

/// The rights that a key of Service Bus, Event Hubs or Relay grants.
const SERVICE_BUS: &[&[u8; 8]] = &[b"Send0000", b"Listen00", b"Manage00"];

/// The layout of a key, the seeds of its kind, and whether they are published.
fn his_kind(secret: &[u8]) -> Option<(&'static Layout, &'static [&'static [u8; 8]], bool)> {
    let layout = LAYOUTS.iter().find(|layout| layout.len == secret.len())?;
    let signature = &secret[layout.at..layout.at + 4];
    let (_, seeds) = layout.kinds.iter().find(|kind| kind.0 == signature)?;
    Some(match seeds {
        [] => (layout, &[DEFAULT_SEED], false),
        seeds => (layout, seeds, true),
    })
}

/// The older identifiable keys: the last four bytes are the hash of those before them.
pub(super) fn his(secret: &[u8]) -> Check {
    let Some((_, seeds, published)) = his_kind(secret) else {
        return Check::Unknown;
    };
    let Some((covered, hash)) = decode_base64(secret).and_then(split_hash) else {
        return Check::Invalid;
    };
    let holds = seeds.iter().any(|seed| marvin32(seed, &covered) == hash);
    if published {
        Check::promised(holds)
    } else {
        Check::unpromised(holds)
    }
}

/// Takes the last four bytes off, as a number.
fn split_hash(mut bytes: Vec<u8>) -> Option<(Vec<u8>, u32)> {
    let at = bytes.len().checked_sub(4)?;
    let hash = little_endian(&bytes[at..]);
    bytes.truncate(at);
    Some((bytes, hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marvin32_of_its_test_vectors() {
        let seed = 0x004f_b61a_001b_dbcc;
        let state = |bytes| {
            let (low, high) = marvin32_state(seed, bytes);
            (u64::from(high) << 32 | u64::from(low), low ^ high)
        };
        assert_eq!(state(b""), (0x30ed_35c1_00cd_3c7d, 0x3020_09bc));
        assert_eq!(state(b"\xaf"), (0x48e7_3fc7_7d75_ddc1, 0x3592_e206));
    }

    #[test]
    fn annotated_keys_hold_in_both_spellings() {
        let random = [
            "8sPaSPnjx9Gqe6DjUtncrsoYIZZW0bFBHZ7JENZ5viooGHnsXT9z",
            "JQQJ99BA",
        ]
        .concat();
        for (provider, checks) in [
            ("AAAAAAAAAAAAAAAAAAAAAZDO", ["4dth", "/ZAx"]),
            ("AAAAAAAAAAAAAAAAAAAAAZAC", ["wJHs", "ANQN"]),
            ("AAAAAAAAAAAAAAAAAAABACOG", ["34Lw", "p6bl"]),
            ("AAAAAAAAAAAAAAAAAAAAACOG", ["3I4D", "s7sC"]),
        ] {
            let head = format!("{random}{}", &provider[provider.len() - 20..]);
            for check in checks {
                assert_eq!(
                    cask(format!("{head}{check}").as_bytes()),
                    Check::Valid,
                    "{check}"
                );
            }
            assert_eq!(cask(format!("{head}0000").as_bytes()), Check::Invalid);
        }
    }

    #[test]
    fn identifiable_keys_hold() {
        let long = "6AanKvLJlGmz3N4ybkEZzvf4HggFKEods1PyHmQRb4AQZNHHeRl6bxTbBNCTMsX7WVG3Qjftc45S";
        let short = "4Rk0CRNs4MmcwBujFcf2cT1bFoIxeqrcS";
        for (head, signature, check) in [
            (long, "+ASt", "tO2v8A=="),
            (long, "ACDb", "A9Z1Vg=="),
            (long, "+ABa", "0gkBYg=="),
            (short, "+ASb", "K6J5Lw="),
            (short, "AzCa", "EbQG/I="),
        ] {
            let key = [head, signature, check].concat();
            assert_eq!(his(key.as_bytes()), Check::Valid, "{signature}");
            let other = key.replacen(&head[..1], "7", 1);
            assert_eq!(his(other.as_bytes()), Check::Invalid, "{signature}");
        }
        let unpublished = [long, "APIM", "tO2v8A=="].concat();
        assert_eq!(his(unpublished.as_bytes()), Check::Unknown);
    }
}
