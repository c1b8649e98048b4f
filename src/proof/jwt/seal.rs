//! Writes JSON web tokens with a header, a payload and a random signature.

use super::start;
use crate::encoding::{BASE64_URL, encode_base64, encode_base64_padded};
use crate::proof::{Random, crc, random_text, seal_tail};

/// Replaces the token, from its `eyJ` on, by one with this payload.
fn write(sample: &mut Vec<u8>, payload: &str, random: Random<'_>) {
    let signature = random_text(BASE64_URL, 43, random);
    sample.truncate(start(sample).unwrap_or(0));
    for part in [r#"{"alg":"HS256","typ":"JWT"}"#, payload] {
        sample.extend(encode_base64(part.as_bytes(), BASE64_URL));
        sample.push(b'.');
    }
    sample.extend(signature);
}

pub(in crate::proof) fn jwt(sample: &mut Vec<u8>, random: Random<'_>) {
    let subject = random_text(b"abcdefghijkmnpqrstuvwxyz", 12, random);
    let issued = 1_700_000_000 + random(50_000_000);
    let payload = format!(
        r#"{{"sub":"{}","iat":{issued}}}"#,
        String::from_utf8_lossy(&subject)
    );
    write(sample, &payload, random);
}

pub(in crate::proof) fn base64(sample: &mut Vec<u8>, random: Random<'_>) {
    sample.clear();
    jwt(sample, random);
    *sample = encode_base64_padded(sample);
}

pub(in crate::proof) fn supabase(sample: &mut Vec<u8>, role: &str, random: Random<'_>) {
    let project = random_text(b"abcdefghijklmnopqrstuvwxyz", 20, random);
    let issued = 1_700_000_000 + random(50_000_000);
    let payload = format!(
        r#"{{"iss":"supabase","ref":"{}","role":"{role}","iat":{issued}}}"#,
        String::from_utf8_lossy(&project)
    );
    write(sample, &payload, random);
}

pub(in crate::proof) fn github_server(sample: &mut Vec<u8>, random: Random<'_>) {
    if sample.contains(&b'.') {
        jwt(sample, random);
    } else {
        seal_tail(crc::github, sample);
    }
}
