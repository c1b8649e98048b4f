//! Writes tokens that decode to what their providers put in.

use super::field;
use crate::encoding::{
    BASE62, BASE64, BASE64_URL, decode_base64, encode_base64, encode_base64_padded,
};
use crate::proof::{Random, random_bytes, random_text};

/// Lower case hex.
const HEX: &[u8; 16] = b"0123456789abcdef";

const DIGITS: &[u8; 10] = b"0123456789";

/// Random characters as a string, for JSON.
fn word(alphabet: &[u8], len: usize, random: Random<'_>) -> String {
    String::from_utf8_lossy(&random_text(alphabet, len, random)).into_owned()
}

pub(in crate::proof) fn atlassian_data_center(sample: &mut Vec<u8>, random: Random<'_>) {
    let mut text = random_text(&DIGITS[1..], 12, random);
    text.push(b':');
    text.extend(random_bytes(20, random));
    let start = if sample.starts_with(b"BBDC-") { 5 } else { 0 };
    sample.truncate(start);
    sample.extend(encode_base64(&text, BASE64));
}

pub(in crate::proof) fn bedrock(sample: &mut Vec<u8>, random: Random<'_>) {
    let text = if sample.starts_with(b"ABSK") {
        let name = word(HEX, 4, random);
        let account = word(&DIGITS[1..], 12, random);
        let secret = word(BASE62, 64, random);
        format!("BedrockAPIKey-{name}-at-{account}:{secret}")
    } else {
        let id = word(BASE62, 20, random);
        let signature = word(HEX, 64, random);
        format!("bedrock.amazonaws.com/?X-Amz-Credential={id}&X-Amz-Signature={signature}")
    };
    sample.truncate(if sample.starts_with(b"ABSK") { 4 } else { 16 });
    sample.extend(encode_base64_padded(text.as_bytes()));
}

pub(in crate::proof) fn clerk(sample: &mut Vec<u8>, random: Random<'_>) {
    let host = word(b"abcdefghijklmnopqrstuvwxyz", 12, random);
    sample.truncate(8);
    sample.extend(encode_base64_padded(
        format!("{host}.clerk.accounts.dev$").as_bytes(),
    ));
}

pub(in crate::proof) fn cloudflare_tunnel(sample: &mut Vec<u8>, random: Random<'_>) {
    let account = word(HEX, 32, random);
    let tunnel = word(HEX, 32, random);
    let secret = word(BASE62, 44, random);
    let json = format!(r#"{{"a":"{account}","t":"{tunnel}","s":"{secret}"}}"#);
    *sample = encode_base64_padded(json.as_bytes());
}

pub(in crate::proof) fn discord(sample: &mut Vec<u8>, random: Random<'_>) {
    let at = sample
        .iter()
        .position(|&b| b == b'.')
        .unwrap_or(sample.len());
    let mut id = random_text(&DIGITS[1..], 1, random);
    let len = 17 + random(3);
    id.extend(random_text(DIGITS, len, random));
    sample.splice(..at, encode_base64(&id, BASE64_URL));
}

pub(in crate::proof) fn elastic(sample: &mut Vec<u8>, random: Random<'_>) {
    let id = word(BASE62, 20, random);
    let key = word(BASE62, 22, random);
    *sample = encode_base64_padded(format!("{id}:{key}").as_bytes());
}

pub(in crate::proof) fn grafana(sample: &mut Vec<u8>, random: Random<'_>) {
    let key = word(BASE62, 32, random);
    let name = word(b"abcdefghijklmnopqrstuvwxyz", 8, random);
    let number = 1 + random(999_999);
    let cloud = sample.starts_with(b"glc_");
    sample.truncate(if cloud { 4 } else { 0 });
    let json = if cloud {
        format!(r#"{{"o":"{number}","n":"{name}","k":"{key}","m":{{"r":"us"}}}}"#)
    } else {
        format!(r#"{{"k":"{key}","n":"{name}","id":{number}}}"#)
    };
    sample.extend(encode_base64_padded(json.as_bytes()));
}

pub(in crate::proof) fn intercom(sample: &mut Vec<u8>, random: Random<'_>) {
    let parts: Vec<String> = [8, 4, 4, 4, 12].map(|len| word(HEX, len, random)).into();
    *sample = encode_base64_padded(format!("tok:{}:1:0", parts.join("_")).as_bytes());
}

#[expect(clippy::ptr_arg, reason = "the signature of every seal")]
pub(in crate::proof) fn jfrog_api_key(sample: &mut Vec<u8>, _: Random<'_>) {
    for byte in sample.iter_mut().skip(4) {
        if matches!(byte, b'0' | b'O' | b'I' | b'l') {
            *byte = b'k';
        }
    }
}

pub(in crate::proof) fn jfrog_reference(sample: &mut Vec<u8>, random: Random<'_>) {
    let time = 1_700_000_000 + random(50_000_000);
    let token = word(BASE62, 27, random);
    *sample = encode_base64(format!("reftkn:01:{time}:{token}").as_bytes(), BASE64);
}

pub(in crate::proof) fn mapbox(sample: &mut Vec<u8>, random: Random<'_>) {
    let dots: Vec<usize> = (0..sample.len()).filter(|&at| sample[at] == b'.').collect();
    let [first, last] = dots[..] else {
        return;
    };
    let user = word(b"abcdefghijklmnopqrstuvwxyz", 8, random);
    let token = word(b"abcdefghijklmnopqrstuvwxyz0123456789", 25, random);
    let json = format!(r#"{{"u":"{user}","a":"{token}"}}"#);
    sample.splice(first + 1..last, encode_base64(json.as_bytes(), BASE64_URL));
}

pub(in crate::proof) fn ntlm(sample: &mut Vec<u8>, random: Random<'_>) {
    let mut message = super::NTLM.to_vec();
    // The head has 64 bytes; the answers stand behind it, the names between them and the end.
    let mut at = 64u32;
    let lens = [24u16, 24, 8, 12, 10, 0];
    for len in lens {
        message.extend(len.to_le_bytes());
        message.extend(len.to_le_bytes());
        message.extend(at.to_le_bytes());
        at += u32::from(len);
    }
    message.extend([5, 0x82, 0x88, 0xa2]);
    message.extend(random_bytes(48, random));
    let name = random_text(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", 15, random);
    message.extend(name.iter().flat_map(|&letter| [letter, 0]));
    *sample = encode_base64_padded(&message);
}

pub(in crate::proof) fn onepassword(sample: &mut Vec<u8>, random: Random<'_>) {
    let email = word(b"abcdefghijklmnopqrstuvwxyz0123456789", 13, random);
    let muk = word(BASE62, 43, random);
    let key = word(BASE62, 26, random);
    let json = format!(
        r#"{{"signInAddress":"my.1password.com","email":"{email}@1passwordserviceaccounts.com","muk":{{"kty":"oct","k":"{muk}"}},"secretKey":"{key}"}}"#
    );
    sample.truncate(4);
    sample.extend(encode_base64(json.as_bytes(), BASE64_URL));
}

pub(in crate::proof) fn pypi(sample: &mut Vec<u8>, random: Random<'_>) {
    // `AgEN` is the start of a macaroon whose location has 13 letters.
    let location: &[u8] = match sample.get(5..9) {
        Some(b"AgEN") => b"test.pypi.org",
        _ => b"pypi.org",
    };
    let identifier = random_text(HEX, 36, random);
    let caveat = random_text(HEX, 36, random);
    let mut bytes = vec![2, field::LOCATION, location.len() as u8];
    bytes.extend(location);
    bytes.extend([field::IDENTIFIER, 36]);
    bytes.extend(identifier);
    bytes.extend([field::END, field::IDENTIFIER, 36]);
    bytes.extend(caveat);
    bytes.extend([field::END, field::END, field::SIGNATURE, 32]);
    bytes.extend(random_bytes(32, random));
    sample.truncate(5);
    sample.extend(encode_base64(&bytes, BASE64_URL));
}

pub(in crate::proof) fn sentry(sample: &mut Vec<u8>, random: Random<'_>) {
    let time = 1_700_000_000 + random(50_000_000);
    let name = word(b"abcdefghijklmnopqrstuvwxyz", 8, random);
    let secret = random_text(BASE62, 43, random);
    let json = format!(
        r#"{{"iat":{time},"url":"https://sentry.io","region_url":"https://us.sentry.io","org":"{name}"}}"#
    );
    sample.truncate(7);
    sample.extend(encode_base64_padded(json.as_bytes()));
    sample.push(b'_');
    sample.extend(secret);
}

pub(in crate::proof) fn teamcity(sample: &mut Vec<u8>, _: Random<'_>) {
    let at = sample
        .iter()
        .position(|&b| b == b'.')
        .unwrap_or(sample.len());
    sample.splice(..at, encode_base64(br#"{"typ": "TCV2"}"#, BASE64_URL));
}

pub(in crate::proof) fn weaviate(sample: &mut Vec<u8>, _: Random<'_>) {
    if let Some(mut bytes) = decode_base64(sample).filter(|bytes| bytes.len() == 66) {
        bytes[16] = b'_';
        bytes[61..].copy_from_slice(b"_v200");
        *sample = encode_base64(&bytes, BASE64);
    }
}

pub(in crate::proof) fn workos(sample: &mut Vec<u8>, random: Random<'_>) {
    let id = word(b"0123456789ABCDEFGHJKMNPQRSTVWXYZ", 24, random);
    let secret = word(BASE62, 25, random);
    sample.truncate(8);
    sample.extend(encode_base64_padded(
        format!("key_01{id},{secret}").as_bytes(),
    ));
}
