//! Tokens without a checksum that decode to what chance does not write: JSON with certain keys, a text
//! with a certain start, a macaroon.

pub(super) mod seal;

use super::Check;
use super::jwt::json_object;
use crate::encoding::{decode_base58, decode_base64};

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

/// The texts that Bedrock's prefixes are followed by.
const BEDROCK: [(&str, &str); 2] = [
    ("ABSK", "BedrockAPIKey-"),
    ("bedrock-api-key-", "bedrock.amazonaws.com"),
];

/// Amazon Bedrock: what follows the prefix is base64 of a text that names the service.
///
/// <https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys.html>
pub(super) fn bedrock(secret: &[u8]) -> Check {
    /// A bound: as many characters as the longest of the texts has in base64. The rest of a
    /// short-term key may hold more than base64.
    const HEAD: usize = 28;
    let holds = BEDROCK.iter().any(|(prefix, text)| {
        behind(secret, &[prefix])
            .and_then(|rest| decode_base64(&rest[..rest.len().min(HEAD)]))
            .is_some_and(|decoded| decoded.starts_with(text.as_bytes()))
    });
    Check::promised(holds)
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

/// A Cloudflare tunnel: account, secret and tunnel as JSON.
///
/// <https://developers.cloudflare.com/cloudflare-one/networks/connectors/cloudflare-tunnel/>
pub(super) fn cloudflare_tunnel(secret: &[u8]) -> Check {
    Check::promised(has_keys(secret, &["a", "s", "t"]))
}

/// Discord: the first part is the bot's number, of 17 to 20 digits.
///
/// <https://discord.com/developers/docs/reference>
pub(super) fn discord(secret: &[u8]) -> Check {
    let id = split_at_byte(secret, b'.').and_then(|(first, _)| decode_base64(first));
    Check::promised(id.is_some_and(|id| is_number(&id) && (17..=20).contains(&id.len())))
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

/// Grafana Cloud (`glc_`: organisation, name, key) and older keys of Grafana (key, name, id): JSON.
///
/// <https://grafana.com/docs/grafana-cloud/security-and-account-management/authentication-and-permissions/access-policies/>
pub(super) fn grafana(secret: &[u8]) -> Check {
    Check::promised(match secret.strip_prefix(b"glc_") {
        Some(json) => has_keys(json, &["o", "n", "k"]),
        None => has_keys(secret, &["k", "n", "id"]),
    })
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

/// JFrog: base58 of 54 bytes. That it is base58 was seen and is not promised.
///
/// <https://jfrog.com/help/r/jfrog-platform-administration-documentation/api-key>
pub(super) fn jfrog_api_key(secret: &[u8]) -> Check {
    Check::unpromised(decode_base58(secret).is_some_and(|bytes| bytes.len() == 54))
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

/// Mapbox: kind, payload and signature; the payload names user and token.
///
/// <https://docs.mapbox.com/api/accounts/tokens/>
pub(super) fn mapbox(secret: &[u8]) -> Check {
    let payload = secret.split(|&b| b == b'.').nth(1);
    Check::promised(payload.is_some_and(|payload| has_keys(payload, &["u", "a"])))
}

/// What an NTLM message starts with: its signature, and the number of the one that answers a challenge.
const NTLM: &[u8] = b"NTLMSSP\0\x03\0\0\0";

/// NTLM's third message: an answer to a challenge, from which the password can be found. Behind its head
/// are the lengths and places of its parts, which lie within it.
///
/// <https://learn.microsoft.com/openspecs/windows_protocols/ms-nlmp/>, section 2.2.1.3
pub(super) fn ntlm(secret: &[u8]) -> Check {
    /// The parts whose lengths and places stand in the head: two answers, the domain, the user, the
    /// machine, the key of the session.
    const PARTS: usize = 6;
    /// The least length of an answer.
    const ANSWER: usize = 24;
    let holds = decode_base64(secret).is_some_and(|message| {
        let Some(head) = message
            .strip_prefix(NTLM)
            .and_then(|rest| rest.get(..PARTS * 8))
        else {
            return false;
        };
        let mut parts = head.chunks(8).map(|part| {
            let len = usize::from(u16::from_le_bytes([part[0], part[1]]));
            let at = u32::from_le_bytes([part[4], part[5], part[6], part[7]]) as usize;
            (len, at)
        });
        let within = |&(len, at): &(usize, usize)| len == 0 || at + len <= message.len();
        parts.clone().all(|part| within(&part))
            && parts.nth(1).is_some_and(|(len, _)| len >= ANSWER)
    });
    Check::promised(holds)
}

/// A 1Password service account: address, account and keys as JSON.
///
/// <https://developer.1password.com/docs/service-accounts/>
pub(super) fn onepassword(secret: &[u8]) -> Check {
    let json = behind(secret, &["ops_"]);
    Check::promised(json.is_some_and(|json| has_keys(json, &["email", "muk", "secretKey"])))
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

/// TeamCity: the first part is JSON that names the kind of token.
///
/// <https://www.jetbrains.com/help/teamcity/configuring-your-user-profile.html>
pub(super) fn teamcity(secret: &[u8]) -> Check {
    let header = split_at_byte(secret, b'.').and_then(|(header, _)| json_object(header));
    let kind = header.as_ref().and_then(|header| header.get("typ"));
    Check::promised(kind.is_some_and(|kind| kind == "TCV2"))
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

/// WorkOS: `key_`, an id and the secret, in base64 behind the prefix.
///
/// <https://workos.com/docs/reference/api-keys>
pub(super) fn workos(secret: &[u8]) -> Check {
    let base64 = behind(secret, &["sk_live_", "sk_test_"]);
    Check::promised(base64.is_some_and(|base64| decodes_to(base64, "key_")))
}
