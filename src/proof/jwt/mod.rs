//! JSON web tokens (RFC 7519), alone, behind a prefix, or in base64 once more: a header and a payload,
//! each a JSON object in base64url, and a signature, with dots between them (RFC 7515, section 7.1).

pub(super) mod seal;

use serde_json::{Map, Value};

use super::{Check, crc, made};
use crate::encoding::decode_base64;
use crate::words::monotony;

/// The JSON object that base64 text decodes to.
pub(super) fn json_object(base64: &[u8]) -> Option<Map<String, Value>> {
    serde_json::from_slice(&decode_base64(base64)?).ok()
}

/// Where the token starts, behind a prefix such as `hf_oauth_`.
fn start(secret: &[u8]) -> Option<usize> {
    secret.windows(3).position(|window| window == b"eyJ")
}

/// Header and payload.
fn parts(secret: &[u8]) -> Option<(Map<String, Value>, Map<String, Value>)> {
    let mut parts = secret[start(secret)?..].split(|&b| b == b'.');
    Some((json_object(parts.next()?)?, json_object(parts.next()?)?))
}

/// A bound: the shortest signature in use, HMAC with SHA-256, has 32 bytes, and a copy may be cut.
const SIGNATURE: usize = 16;

/// Whether the third part is as long as a signature.
fn has_signature(secret: &[u8]) -> bool {
    /// How many characters a signature is drawn from.
    const ALPHABET: u32 = 64;
    let part = secret.split(|&b| b == b'.').nth(2).unwrap_or_default();
    part.len() * 3 / 4 >= SIGNATURE && monotony::of(part, ALPHABET, |_| false).is_none()
}

/// Whether a token says that it held until some day before (RFC 7519, section 4.1.4).
fn is_over(payload: &Map<String, Value>) -> bool {
    let end = payload.get("exp").and_then(Value::as_f64);
    end.is_some_and(|end| end < made::SECONDS)
}

/// Header and payload are JSON objects, and the header names the algorithm (RFC 7515, section 4.1.1).
///
/// A token without a signature opens nothing, and the tokens of documentation and Supabase's public
/// keys need not be kept secret. One whose time was over long ago is spent.
pub(super) fn check(secret: &[u8]) -> Check {
    let Some((header, payload)) = parts(secret) else {
        return Check::Invalid;
    };
    let signed = header
        .get("alg")
        .and_then(Value::as_str)
        .is_some_and(|alg| !alg.is_empty() && !alg.eq_ignore_ascii_case("none"));
    let text = |key: &str| payload.get(key).and_then(Value::as_str).unwrap_or("");
    // The subject of the example on jwt.io, which half the documentation of the world repeats.
    let example = match payload.get("sub") {
        Some(Value::String(sub)) => sub == "1234567890",
        Some(Value::Number(sub)) => sub.as_u64() == Some(1_234_567_890),
        _ => false,
    };
    let local = text("iss") == "supabase-demo";
    let public = text("iss").starts_with("supabase") && text("role") == "anon";
    match signed && has_signature(secret) && !example && !local && !public {
        true if is_over(&payload) => Check::Spent,
        holds => Check::promised(holds),
    }
}

/// A token in base64 once more, so that it starts with the base64 of `eyJ`.
pub(super) fn check_base64(secret: &[u8]) -> Check {
    decode_base64(secret).map_or(Check::Invalid, |token| check(&token))
}

/// Supabase's older keys: the payload names the issuer and the role.
///
/// <https://supabase.com/docs/guides/api/api-keys>
pub(super) fn supabase(secret: &[u8], role: &str) -> Check {
    let holds = parts(secret).is_some_and(|(header, payload)| {
        let text = |key: &str| payload.get(key).and_then(Value::as_str);
        // Local development has the same two keys everywhere, issued by `supabase-demo`.
        let issued = match text("iss") {
            Some("supabase") => true,
            Some("supabase-demo") => role == "anon",
            _ => false,
        };
        header.contains_key("alg") && issued && text("role") == Some(role)
    });
    Check::promised(holds)
}

/// GitHub's tokens of installed apps. One kind ends with a CRC-32 as GitHub's other tokens, which
/// early ones lack; the other has the app's number and a JWT behind the prefix.
///
/// <https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github>
pub(super) fn github_server(secret: &[u8]) -> Check {
    match secret.contains(&b'.') {
        true => Check::unpromised(check(secret) == Check::Valid),
        false => super::unpromised(crc::github, secret),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::{BASE64_URL, encode_base64, encode_base64_padded};

    const SIGNED: &[u8] = b"kQ8vTz2mWpR4nLxYcB7dHs9JgF3eA1uN5oXiZrM6tVw";

    fn token(header: &str, payload: &str) -> Vec<u8> {
        let part = |json: &str| encode_base64(json.as_bytes(), BASE64_URL);
        [&part(header)[..], &part(payload)[..], SIGNED].join(&b'.')
    }

    #[test]
    fn a_short_third_part_is_no_signature() {
        let part = |json: &str| encode_base64(json.as_bytes(), BASE64_URL);
        let head = [part(r#"{"alg":"RS256"}"#), part(r#"{"a":1}"#)].join(&b'.');
        let with = |signature: &[u8]| [&head[..], signature].join(&b'.');
        assert_eq!(check(&with(b"not-a-real-signature")), Check::Invalid);
        assert_eq!(check(&with(&[b'a'; 43])), Check::Invalid);
        assert_eq!(check(&with(SIGNED)), Check::Valid);
    }

    #[test]
    fn signed_objects_are_tokens() {
        for (header, payload, expected) in [
            (r#"{"alg":"RS256"}"#, r#"{"sub":"me"}"#, Check::Valid),
            (r#"{"alg":"RS256"}"#, r#"{"sub":7}"#, Check::Valid),
            (r#"{"alg":"RS256"}"#, r#"{"exp":1539595979}"#, Check::Spent),
            (r#"{"alg":"RS256"}"#, r#"{"exp":1.6e9}"#, Check::Spent),
            (r#"{"alg":"RS256"}"#, r#"{"exp":4102444800}"#, Check::Valid),
            (r#"{"alg":"RS256"}"#, r#"{"exp":"soon"}"#, Check::Valid),
            (r#"{"alg":"none"}"#, r#"{"sub":"me"}"#, Check::Invalid),
            (r#"{"alg":""}"#, r#"{"sub":"me"}"#, Check::Invalid),
            (r#"{"typ":"JWT"}"#, r#"{"sub":"me"}"#, Check::Invalid),
            (r#"{"alg":"RS256"}"#, r#"{"sub":"me""#, Check::Invalid),
            (r#"{"alg":"RS256"}"#, r#"["me"]"#, Check::Invalid),
            (
                r#"{"alg":"HS256"}"#,
                r#"{"sub":"1234567890"}"#,
                Check::Invalid,
            ),
            (
                r#"{"alg":"HS256"}"#,
                r#"{"sub":1234567890}"#,
                Check::Invalid,
            ),
            (
                r#"{"alg":"HS256"}"#,
                r#"{"iss":"supabase-demo","role":"service_role"}"#,
                Check::Invalid,
            ),
            (
                r#"{"alg":"HS256"}"#,
                r#"{"iss":"supabase","role":"anon"}"#,
                Check::Invalid,
            ),
            (
                r#"{"alg":"HS256"}"#,
                r#"{"iss":"supabase","role":"service_role"}"#,
                Check::Valid,
            ),
        ] {
            let token = token(header, payload);
            assert_eq!(check(&token), expected, "{header} {payload}");
            assert_eq!(check_base64(&encode_base64_padded(&token)), expected);
            assert_eq!(check(&[b"hf_oauth_", &token[..]].concat()), expected);
        }
    }

    #[test]
    fn supabase_keys_tell_their_role() {
        let key = |iss: &str, role: &str| {
            token(
                r#"{"alg":"HS256"}"#,
                &format!(r#"{{"iss":"{iss}","role":"{role}"}}"#),
            )
        };
        assert_eq!(supabase(&key("supabase", "anon"), "anon"), Check::Valid);
        assert_eq!(
            supabase(&key("supabase-demo", "anon"), "anon"),
            Check::Valid
        );
        assert_eq!(
            supabase(&key("supabase", "service_role"), "anon"),
            Check::Invalid
        );
        assert_eq!(
            supabase(&key("supabase", "service_role"), "service_role"),
            Check::Valid
        );
        assert_eq!(
            supabase(&key("supabase-demo", "service_role"), "service_role"),
            Check::Invalid
        );
        assert_eq!(
            supabase(&key("someone", "service_role"), "service_role"),
            Check::Invalid
        );
    }

    #[test]
    fn deep_nesting_is_no_token() {
        let deep = "[".repeat(100_000);
        let payload = format!(r#"{{"a":{deep}"#);
        assert_eq!(
            check(&token(r#"{"alg":"HS256"}"#, &payload)),
            Check::Invalid
        );
    }
}
