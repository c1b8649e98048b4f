//! Seals samples of Microsoft's keys.

use super::{CASK_COVERED, cask_checks, his_kind, marvin32, split_hash};
use crate::encoding::{BASE62, BASE64, BASE64_URL, decode_base64, encode_base64};
use crate::proof::Random;

#[expect(clippy::ptr_arg, reason = "the signature of every seal")]
pub(in crate::proof) fn cask(sample: &mut Vec<u8>, _: Random<'_>) {
    if let Some([digits, _]) = cask_checks(sample) {
        sample[CASK_COVERED..CASK_COVERED + 4].copy_from_slice(&digits);
    }
}

pub(in crate::proof) fn his(sample: &mut Vec<u8>, random: Random<'_>) {
    let Some((layout, seeds, _)) = his_kind(sample) else {
        return;
    };
    let plain = &sample[layout.at..layout.at + 4] == b"AzSe";
    let alphabet = match &sample[layout.at..layout.at + 4] {
        b"AzFu" => BASE64_URL,
        _ => BASE64,
    };
    loop {
        let Some((mut bytes, _)) = decode_base64(sample).and_then(split_hash) else {
            return;
        };
        // Between signature and hash, bits that make the bytes full are zero.
        let used = (layout.at + 4) * 6 % 8;
        if let Some(last) = bytes.last_mut().filter(|_| used > 0) {
            *last &= !(0xff >> used);
        }
        let hash = marvin32(seeds[random(seeds.len())], &bytes);
        bytes.extend(hash.to_le_bytes());
        let mut text = encode_base64(&bytes, alphabet);
        // Keys of AI Search have letters and digits only: draw again until the hash has, too.
        if plain && !text[layout.at..].iter().all(u8::is_ascii_alphanumeric) {
            sample[0] = BASE62[random(62)];
            continue;
        }
        text.resize(layout.len, b'=');
        *sample = text;
        return;
    }
}
