//! Tokens without a checksum that decode to something which chance does not write.

use super::jwt::json_object;
use super::{Check, Random, random_bytes, random_text};
use crate::encoding::{
    BASE62, BASE64, BASE64_URL, decode_base58, decode_base64, encode_base64, encode_base64_padded,
};

/// Lower case hex.
const HEX: &[u8; 16] = b"0123456789abcdef";

/// Decimal digits.
const DIGITS: &[u8; 10] = b"0123456789";

/// Whether base64 text decodes to a JSON object with these keys.
fn has_keys(base64: &[u8], keys: &[&str]) -> bool {
    json_object(base64).is_some_and(|object| keys.iter().all(|&key| object.contains_key(key)))
}

/// The part behind the first of these prefixes that fits.
fn behind<'s>(secret: &'s [u8], prefixes: &[&str]) -> Option<&'s [u8]> {
    prefixes
        .iter()
        .find_map(|prefix| secret.strip_prefix(prefix.as_bytes()))
}

/// Random characters as a string, for JSON.
fn word(alphabet: &[u8], len: usize, random: Random<'_>) -> String {
    String::from_utf8_lossy(&random_text(alphabet, len, random)).into_owned()
}

/// A number in decimal digits that does not start with zero.
fn is_number(text: &[u8]) -> bool {
    text.first().is_some_and(|&b| b != b'0') && text.iter().all(u8::is_ascii_digit)
}

/// Splits at the first such byte.
fn split_at_byte(text: &[u8], byte: u8) -> Option<(&[u8], &[u8])> {
    let at = text.iter().position(|&b| b == byte)?;
    Some((&text[..at], &text[at + 1..]))
}

/// Bitbucket, Jira and Confluence Data Center: base64 of a number from 1000 on, a colon, and twenty
/// random bytes.
///
/// <https://confluence.atlassian.com/enterprise/using-personal-access-tokens-1026032365.html>
pub(super) fn atlassian_data_center(secret: &[u8]) -> Check {
    let text = decode_base64(behind(secret, &["BBDC-", ""]).unwrap_or(secret));
    let holds = text.as_deref().and_then(|text| split_at_byte(text, b':'));
    Check::promised(holds.is_some_and(|(number, rest)| {
        is_number(number) && (4..=20).contains(&number.len()) && rest.len() >= 8
    }))
}

pub(super) fn seal_atlassian_data_center(sample: &mut Vec<u8>, random: Random<'_>) {
    let mut text = random_text(&DIGITS[1..], 12, random);
    text.push(b':');
    text.extend(random_bytes(20, random));
    let start = if sample.starts_with(b"BBDC-") { 5 } else { 0 };
    sample.truncate(start);
    sample.extend(encode_base64(&text, BASE64));
}

/// The texts that Bedrock's prefixes are followed by.
const BEDROCK: [(&str, &str); 2] = [
    ("ABSK", "BedrockAPIKey-"),
    ("bedrock-api-key-", "bedrock.amazonaws.com"),
];

/// Amazon Bedrock: what follows the prefix is base64 of a text that names the service.
///
/// <https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys.html>
pub(super) fn bedrock(secret: &[u8]) -> Check {
    // The rest of a short-term key may hold more than base64.
    const HEAD: usize = 28;
    let holds = BEDROCK.iter().any(|(prefix, text)| {
        behind(secret, &[prefix])
            .and_then(|rest| decode_base64(&rest[..rest.len().min(HEAD)]))
            .is_some_and(|decoded| decoded.starts_with(text.as_bytes()))
    });
    Check::promised(holds)
}

pub(super) fn seal_bedrock(sample: &mut Vec<u8>, random: Random<'_>) {
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

/// Clerk's publishable keys: the host of the instance, and a dollar sign, in base64.
///
/// <https://clerk.com/docs/deployments/clerk-environment-variables>
pub(super) fn clerk(secret: &[u8]) -> Check {
    let holds = behind(secret, &["pk_live_", "pk_test_"])
        .and_then(decode_base64)
        .is_some_and(|text| match text.split_last() {
            Some((b'$', host)) => {
                let host_char = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-');
                host.contains(&b'.') && host.iter().all(host_char)
            }
            _ => false,
        });
    Check::promised(holds)
}

pub(super) fn seal_clerk(sample: &mut Vec<u8>, random: Random<'_>) {
    let host = word(b"abcdefghijklmnopqrstuvwxyz", 12, random);
    sample.truncate(8);
    sample.extend(encode_base64_padded(
        format!("{host}.clerk.accounts.dev$").as_bytes(),
    ));
}

/// A Cloudflare tunnel: account, secret and tunnel as JSON.
///
/// <https://developers.cloudflare.com/cloudflare-one/networks/connectors/cloudflare-tunnel/>
pub(super) fn cloudflare_tunnel(secret: &[u8]) -> Check {
    Check::promised(has_keys(secret, &["a", "s", "t"]))
}

pub(super) fn seal_cloudflare_tunnel(sample: &mut Vec<u8>, random: Random<'_>) {
    let account = word(HEX, 32, random);
    let tunnel = word(HEX, 32, random);
    let secret = word(BASE62, 44, random);
    let json = format!(r#"{{"a":"{account}","t":"{tunnel}","s":"{secret}"}}"#);
    *sample = encode_base64_padded(json.as_bytes());
}

/// Discord: the first part is the bot's number, of 17 to 20 digits.
///
/// <https://discord.com/developers/docs/reference>
pub(super) fn discord(secret: &[u8]) -> Check {
    let id = split_at_byte(secret, b'.').and_then(|(first, _)| decode_base64(first));
    Check::promised(id.is_some_and(|id| is_number(&id) && (17..=20).contains(&id.len())))
}

pub(super) fn seal_discord(sample: &mut Vec<u8>, random: Random<'_>) {
    let at = sample
        .iter()
        .position(|&b| b == b'.')
        .unwrap_or(sample.len());
    let mut id = random_text(&DIGITS[1..], 1, random);
    let len = 17 + random(3);
    id.extend(random_text(DIGITS, len, random));
    sample.splice(..at, encode_base64(&id, BASE64_URL));
}

/// Elasticsearch: the key's id of 20 characters, a colon, and the key of 22, in base64.
///
/// <https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-security-create-api-key>
pub(super) fn elastic(secret: &[u8]) -> Check {
    let text = decode_base64(secret);
    let parts = text.as_deref().and_then(|text| split_at_byte(text, b':'));
    let token = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    Check::promised(parts.is_some_and(|(id, key)| {
        id.len() == 20 && key.len() == 22 && id.iter().all(token) && key.iter().all(token)
    }))
}

pub(super) fn seal_elastic(sample: &mut Vec<u8>, random: Random<'_>) {
    let id = word(BASE62, 20, random);
    let key = word(BASE62, 22, random);
    *sample = encode_base64_padded(format!("{id}:{key}").as_bytes());
}

/// Grafana Cloud (`glc_`: organisation, name, key) and older keys of Grafana (key, name, id): JSON.
///
/// <https://grafana.com/docs/grafana-cloud/security-and-account-management/authentication-and-permissions/access-policies/>
pub(super) fn grafana(secret: &[u8]) -> Check {
    Check::promised(match secret.strip_prefix(b"glc_") {
        Some(json) => has_keys(json, &["o", "n", "k"]),
        None => has_keys(secret, &["k", "n", "id"]),
    })
}

pub(super) fn seal_grafana(sample: &mut Vec<u8>, random: Random<'_>) {
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

/// Printable text that base64 decodes to, if it starts so.
fn decodes_to(base64: &[u8], start: &str) -> bool {
    decode_base64(base64).is_some_and(|text| {
        text.starts_with(start.as_bytes()) && text.iter().all(|b| (b' '..=b'~').contains(b))
    })
}

/// Intercom: `tok:` and the token's parts.
///
/// <https://developers.intercom.com/docs/build-an-integration/learn-more/authentication>
pub(super) fn intercom(secret: &[u8]) -> Check {
    Check::promised(decodes_to(secret, "tok:"))
}

pub(super) fn seal_intercom(sample: &mut Vec<u8>, random: Random<'_>) {
    let parts: Vec<String> = [8, 4, 4, 4, 12].map(|len| word(HEX, len, random)).into();
    *sample = encode_base64_padded(format!("tok:{}:1:0", parts.join("_")).as_bytes());
}

/// JFrog: base58 of 54 bytes. That it is base58 was seen and is not promised.
///
/// <https://jfrog.com/help/r/jfrog-platform-administration-documentation/api-key>
pub(super) fn jfrog_api_key(secret: &[u8]) -> Check {
    Check::unpromised(decode_base58(secret).is_some_and(|bytes| bytes.len() == 54))
}

pub(super) fn seal_jfrog_api_key(sample: &mut [u8]) {
    for byte in sample.iter_mut().skip(4) {
        if matches!(byte, b'0' | b'O' | b'I' | b'l') {
            *byte = b'k';
        }
    }
}

/// JFrog reference tokens: `reftkn:`, a version, a time, and the token.
///
/// <https://jfrog.com/help/r/jfrog-platform-administration-documentation/access-tokens>
pub(super) fn jfrog_reference(secret: &[u8]) -> Check {
    let text = decode_base64(secret);
    let mut parts = text.iter().flat_map(|text| text.split(|&b| b == b':'));
    let number = |part: Option<&[u8]>| {
        part.is_some_and(|part| !part.is_empty() && part.iter().all(u8::is_ascii_digit))
    };
    Check::promised(
        parts.next() == Some(b"reftkn")
            && number(parts.next())
            && number(parts.next())
            && parts
                .next()
                .is_some_and(|token| token.iter().all(u8::is_ascii_graphic)),
    )
}

pub(super) fn seal_jfrog_reference(sample: &mut Vec<u8>, random: Random<'_>) {
    let time = 1_700_000_000 + random(50_000_000);
    let token = word(BASE62, 27, random);
    *sample = encode_base64(format!("reftkn:01:{time}:{token}").as_bytes(), BASE64);
}

/// Mapbox: kind, payload and signature; the payload names user and token.
///
/// <https://docs.mapbox.com/api/accounts/tokens/>
pub(super) fn mapbox(secret: &[u8]) -> Check {
    let payload = secret.split(|&b| b == b'.').nth(1);
    Check::promised(payload.is_some_and(|payload| has_keys(payload, &["u", "a"])))
}

pub(super) fn seal_mapbox(sample: &mut Vec<u8>, random: Random<'_>) {
    let dots: Vec<usize> = (0..sample.len()).filter(|&at| sample[at] == b'.').collect();
    let [first, last] = dots[..] else {
        return;
    };
    let user = word(b"abcdefghijklmnopqrstuvwxyz", 8, random);
    let token = word(b"abcdefghijklmnopqrstuvwxyz0123456789", 25, random);
    let json = format!(r#"{{"u":"{user}","a":"{token}"}}"#);
    sample.splice(first + 1..last, encode_base64(json.as_bytes(), BASE64_URL));
}

/// A 1Password service account: address, account and keys as JSON.
///
/// <https://developer.1password.com/docs/service-accounts/>
pub(super) fn onepassword(secret: &[u8]) -> Check {
    let json = behind(secret, &["ops_"]);
    Check::promised(json.is_some_and(|json| has_keys(json, &["email", "muk", "secretKey"])))
}

pub(super) fn seal_onepassword(sample: &mut Vec<u8>, random: Random<'_>) {
    let email = word(b"abcdefghijklmnopqrstuvwxyz0123456789", 13, random);
    let muk = word(BASE62, 43, random);
    let key = word(BASE62, 26, random);
    let json = format!(
        r#"{{"signInAddress":"my.1password.com","email":"{email}@1passwordserviceaccounts.com","muk":{{"kty":"oct","k":"{muk}"}},"secretKey":"{key}"}}"#
    );
    sample.truncate(4);
    sample.extend(encode_base64(json.as_bytes(), BASE64_URL));
}

/// The fields of a macaroon in its binary form.
mod field {
    pub(super) const END: u8 = 0;
    pub(super) const LOCATION: u8 = 1;
    pub(super) const IDENTIFIER: u8 = 2;
    pub(super) const VERIFICATION: u8 = 4;
    pub(super) const SIGNATURE: u8 = 6;
}

/// PyPI: a macaroon, version 2, whose location is PyPI.
///
/// <https://github.com/rescrv/libmacaroons/blob/master/doc/format.txt>,
/// <https://docs.pypi.org/api/secrets/>
pub(super) fn pypi(secret: &[u8]) -> Check {
    let macaroon = behind(secret, &["pypi-"]).and_then(decode_base64);
    Check::promised(macaroon.is_some_and(|bytes| is_pypi_macaroon(&bytes) == Some(true)))
}

/// Walks the fields of a macaroon; `None` if one is cut off.
fn is_pypi_macaroon(bytes: &[u8]) -> Option<bool> {
    let mut rest = bytes.strip_prefix(&[2])?;
    let (kind, location) = macaroon_field(&mut rest)?;
    if kind != field::LOCATION || !matches!(location, b"pypi.org" | b"test.pypi.org") {
        return Some(false);
    }
    let mut identified = false;
    loop {
        match macaroon_field(&mut rest)? {
            (field::IDENTIFIER, _) => identified = true,
            (field::LOCATION | field::VERIFICATION | field::END, _) => {}
            (field::SIGNATURE, signature) => {
                return Some(identified && signature.len() == 32 && rest.is_empty());
            }
            _ => return Some(false),
        }
    }
}

/// Takes one field off: its type and its content.
fn macaroon_field<'b>(rest: &mut &'b [u8]) -> Option<(u8, &'b [u8])> {
    let (&kind, after) = rest.split_first()?;
    *rest = after;
    if kind == field::END {
        return Some((kind, &[]));
    }
    let mut len = 0usize;
    // A token of a thousand characters has no length of more than two bytes.
    for shift in [0, 7] {
        let (&byte, after) = rest.split_first()?;
        *rest = after;
        len |= usize::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            let (content, after) = rest.split_at_checked(len)?;
            *rest = after;
            return Some((kind, content));
        }
    }
    None
}

pub(super) fn seal_pypi(sample: &mut Vec<u8>, random: Random<'_>) {
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

/// Sentry's organisation tokens: JSON, an underscore, and the secret.
///
/// <https://docs.sentry.io/account/auth-tokens/>
pub(super) fn sentry(secret: &[u8]) -> Check {
    let json = behind(secret, &["sntrys_"]).and_then(|rest| {
        let at = rest.iter().rposition(|&b| b == b'_')?;
        Some(&rest[..at])
    });
    Check::promised(json.is_some_and(|json| has_keys(json, &["iat", "org"])))
}

pub(super) fn seal_sentry(sample: &mut Vec<u8>, random: Random<'_>) {
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

/// TeamCity: the first part is JSON that names the kind of token.
///
/// <https://www.jetbrains.com/help/teamcity/configuring-your-user-profile.html>
pub(super) fn teamcity(secret: &[u8]) -> Check {
    let header = split_at_byte(secret, b'.').and_then(|(header, _)| json_object(header));
    let kind = header.as_ref().and_then(|header| header.get("typ"));
    Check::promised(kind.is_some_and(|kind| kind == "TCV2"))
}

pub(super) fn seal_teamcity(sample: &mut Vec<u8>) {
    let at = sample
        .iter()
        .position(|&b| b == b'.')
        .unwrap_or(sample.len());
    sample.splice(..at, encode_base64(br#"{"typ": "TCV2"}"#, BASE64_URL));
}

/// Weaviate: 66 bytes, of which the 17th is an underscore and the last five name the version.
///
/// <https://docs.weaviate.io/cloud/manage-clusters/authentication>
pub(super) fn weaviate(secret: &[u8]) -> Check {
    Check::promised(
        decode_base64(secret).is_some_and(|bytes| {
            bytes.len() == 66 && bytes[16] == b'_' && bytes.ends_with(b"_v200")
        }),
    )
}

pub(super) fn seal_weaviate(sample: &mut Vec<u8>) {
    if let Some(mut bytes) = decode_base64(sample).filter(|bytes| bytes.len() == 66) {
        bytes[16] = b'_';
        bytes[61..].copy_from_slice(b"_v200");
        *sample = encode_base64(&bytes, BASE64);
    }
}

/// WorkOS: `key_`, an id and the secret, in base64 behind the prefix.
///
/// <https://workos.com/docs/reference/api-keys>
pub(super) fn workos(secret: &[u8]) -> Check {
    let base64 = behind(secret, &["sk_live_", "sk_test_"]);
    Check::promised(base64.is_some_and(|base64| decodes_to(base64, "key_")))
}

pub(super) fn seal_workos(sample: &mut Vec<u8>, random: Random<'_>) {
    let id = word(b"0123456789ABCDEFGHJKMNPQRSTVWXYZ", 24, random);
    let secret = word(BASE62, 25, random);
    sample.truncate(8);
    sample.extend(encode_base64_padded(
        format!("key_01{id},{secret}").as_bytes(),
    ));
}
