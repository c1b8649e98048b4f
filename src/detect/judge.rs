//! Judges a candidate: a secret, and how surely, or what it is instead.

use sha2::{Digest, Sha256};

use super::Candidate;
use super::assigned;
use super::context::{self, Strength};
use super::judgement::{Judgement, Rejection};
use super::shape;
use crate::finding::Confidence;
use crate::proof::Check;
use crate::rules::Reach;
use crate::words::password;
use crate::words::placeholder;
use crate::words::randomness::{Randomness, entropy};

include!(concat!(env!("OUT_DIR"), "/known_examples.rs"));

/// A password of so many bytes, which no list of words explains, was drawn by a machine.
const DRAWN: usize = 14;

/// Judges a candidate.
///
/// # Errors
/// Why it is not a secret.
pub fn judge(candidate: &Candidate<'_>) -> Result<Judgement, Rejection> {
    let rule = candidate.rule;
    let secret = candidate.secret;
    let body = candidate.body();
    if let Some(assignment) = &candidate.assignment {
        let judgement = assigned::judge(candidate, assignment)?;
        // Most values fall before, and a digest costs more than all else.
        if is_known_example(secret) {
            return Err(Rejection::KnownExample);
        }
        return Ok(judgement);
    }
    if is_known_example(secret) {
        return Err(Rejection::KnownExample);
    }
    // What a pattern finds has a structure of its own, which its checksum judges.
    let shaped = rule.reach != Reach::Around;
    if shaped {
        if let Some(placeholder) = placeholder::find(body, rule.alphabet, |word| rule.speaks(word))
        {
            return Err(Rejection::Placeholder(placeholder));
        }
        let bits = entropy(body);
        if bits < rule.min_entropy {
            return Err(Rejection::Entropy {
                bits,
                floor: rule.min_entropy,
            });
        }
    }
    // A key is what it is for whatever host, and so is a password that a machine drew.
    if !shaped
        && secret.len() < DRAWN
        && context::is_for_example_host(candidate.text, &candidate.span)
    {
        return Err(Rejection::ExampleHost);
    }
    if !shaped && rule.checksum.is_none() {
        // In a long random secret the marks of a reference are chance.
        let random = secret.len() >= 32 && entropy(secret) > 3.5;
        if !random && password::weak_password(secret) {
            return Err(Rejection::Weak);
        }
        if context::is_wordy(secret) {
            return Err(Rejection::Words);
        }
    }
    if shaped && context::is_wordy(body) {
        return Err(Rejection::Words);
    }
    if rule.reach == Reach::Near && rule.literal_len == 0 {
        // The length and the name of the algorithm, in base64 (RFC 4253, section 6.6).
        if [&b"AAAAB3NzaC1"[..], b"AAAAC3NzaC1", b"AAAAE2VjZHNh"]
            .iter()
            .any(|start| body.starts_with(start))
        {
            return Err(Rejection::PublicKey);
        }
        if !rule.hex && Randomness::of(body).bits < 0.0 {
            return Err(Rejection::Words);
        }
    }
    if rule.reach == Reach::Anchored
        && !shape::has_separator(rule)
        && context::is_in_block(candidate.text, &candidate.span, rule.prefix.as_bytes())
    {
        return Err(Rejection::Block);
    }
    if candidate.loose {
        return Ok(Judgement {
            confidence: Confidence::Possible,
            why: "its prefix and length are the format's, its characters are not".into(),
        });
    }
    let check = rule
        .checksum
        .map(|checksum| (checksum, checksum.check(secret)));
    if let Some((checksum, Check::Invalid)) = check {
        return match rule.unchecked {
            Some(confidence) => Ok(Judgement {
                confidence,
                why: "its format fits, its check characters do not".into(),
            }),
            None => Err(Rejection::Checksum(checksum.name())),
        };
    }
    let Some(evidence) = &candidate.evidence else {
        let confidence = match check {
            Some((_, Check::Valid)) if shaped && rule.confidence > Confidence::Possible => {
                Confidence::Certain
            }
            _ => rule.confidence,
        };
        let why = match (check, confidence) {
            (Some((_, Check::Valid)), _) if shaped => {
                "its format and its check characters hold".to_owned()
            }
            (_, Confidence::Certain) => format!("the format is {}'s alone", rule.provider.name),
            _ => "its format fits".to_owned(),
        };
        return Ok(Judgement { confidence, why });
    };
    if rule.literal_len == 0
        && evidence.strength != Strength::Variable
        && !rule.hex
        && is_hash(rule.alphabet, body)
    {
        return Err(Rejection::Hash);
    }
    let line = context::Line::around(candidate.text, &candidate.span);
    if rule.literal_len == 0
        && evidence.strength != Strength::Variable
        && let Some(word) = line.hash_word(rule.hex)
    {
        return Err(Rejection::Named(word));
    }
    if rule.literal_len == 0 && line.is_resource() {
        return Err(Rejection::Named("arn"));
    }
    if rule.literal_len == 0 && shape::is_uuid(body) && !rule.speaks("<uuid>") {
        return Err(Rejection::Named("uuid"));
    }
    let confidence = match (evidence.strength, line.names_credential(), rule.hex) {
        (Strength::Variable, _, _) | (_, true, _) => Confidence::Likely,
        (Strength::Named, false, false) => Confidence::Likely,
        (Strength::Named, false, true) | (Strength::Near, false, false) => Confidence::Possible,
        (Strength::Near, false, true) => return Err(Rejection::Context),
    };
    Ok(Judgement {
        confidence: confidence.min(rule.confidence),
        why: format!("its format fits and `{}` stands by it", evidence.word),
    })
}

fn is_known_example(secret: &[u8]) -> bool {
    KNOWN_EXAMPLES
        .binary_search(&Sha256::digest(secret).into())
        .is_ok()
}

/// Whether a body is hex digits of the length of SHA-1 or SHA-256, as commit ids and digests are,
/// where the format has all letters and digits.
fn is_hash(alphabet: u32, body: &[u8]) -> bool {
    alphabet >= 62 && matches!(body.len(), 40 | 64) && body.iter().all(u8::is_ascii_hexdigit)
}

#[cfg(test)]
mod tests {
    use super::super::Detector;
    use super::*;
    use crate::lab::Random;
    use crate::rules::RuleSet;
    use crate::text::Text;

    const HEX: &[u8] = b"0123456789abcdef";
    const BASE62: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    fn draw(letters: &[u8], len: usize, seed: u64) -> String {
        let mut random = Random::new(seed);
        (0..len)
            .map(|_| char::from(letters[random.below(letters.len())]))
            .collect()
    }

    /// The rules that find something in a text, at the hook's threshold.
    fn found(text: &str) -> Vec<String> {
        let rules = RuleSet::builtin();
        Detector::new(&rules)
            .detect(&Text::decode(text.as_bytes()))
            .into_iter()
            .filter(|detection| detection.judgement.confidence > Confidence::Possible)
            .map(|detection| detection.candidate.rule.id.clone().into_owned())
            .collect()
    }

    /// Why a rule finds nothing in a text.
    fn rejected(text: &str, rule: &str) -> Vec<Rejection> {
        let rules = RuleSet::builtin();
        Detector::new(&rules)
            .explain(&Text::decode(text.as_bytes()))
            .into_iter()
            .filter(|(candidate, _)| candidate.rule.id == rule)
            .filter_map(|(_, judgement)| judgement.err())
            .collect()
    }

    #[test]
    fn what_code_calls_or_holds_is_no_token() {
        let token = draw(BASE62, 24, 3);
        assert_eq!(
            found(&format!("vercel_token = \"{token}\"")),
            ["vercel-legacy-token"]
        );
        for code in [
            format!("vercel.token.{token}"),
            format!("vercel_token = {token}(x)"),
            format!("vercel_token = {token}.value"),
            format!("vercel token #{token}"),
        ] {
            assert_eq!(found(&code), [""; 0], "{code}");
        }
        assert_eq!(
            rejected(
                "vercel_token = 'turbopackFileSystemCache'",
                "vercel-legacy-token"
            ),
            [Rejection::Words]
        );
    }

    #[test]
    fn a_name_behind_a_short_prefix_is_no_token() {
        assert_eq!(
            rejected(
                "call STS.assumeRoleWithWebIdentity()",
                "alibaba-security-token"
            ),
            [Rejection::Words]
        );
        let token = draw(BASE62, 28, 4);
        assert_eq!(
            found(&format!("token = STS.{token}")),
            ["alibaba-security-token"]
        );
    }

    #[test]
    fn the_name_of_a_resource_is_no_key() {
        let id = draw(HEX, 32, 5);
        let aws = "aws_secret_access_key";
        for name in [
            format!("{aws}: \"arn:aws:inspector2:eu-west-1:000000000000:finding/{id}\""),
            format!("{aws}: \"aws:finding/{id}\""),
        ] {
            assert_eq!(found(&name), [""; 0], "{name}");
        }
        let key = draw(BASE62, 40, 6);
        assert_eq!(
            found(&format!("{aws}: \"{key}\"")),
            ["aws-secret-access-key"]
        );
    }

    #[test]
    fn a_key_in_a_url_is_for_its_host() {
        let key = draw(HEX, 32, 7);
        let other = format!("\"https://media.host.net/?url=x\\u0026key={key}\", \"flickr.com\"");
        assert_eq!(found(&other), [""; 0]);
        for own in [
            format!("\"https://api.flickr.com/?method=x&api_key={key}\""),
            format!("flickr_url = https://media.host.net/?api_key={key}"),
        ] {
            assert_eq!(found(&own), ["flickr-api-key"], "{own}");
        }
    }

    #[test]
    fn a_line_of_base64_is_no_token() {
        let line = |seed| draw(BASE62, 64, seed);
        let token = format!("EAAA{}", draw(BASE62, 60, 8));
        let block = format!("\"{}\\n\"\n\"{token}\\n\"\n\"{}\\n\"\n", line(9), line(10));
        assert_eq!(rejected(&block, "square-access-token"), [Rejection::Block]);
        let keys = format!("{token}\nEAAA{}\n", draw(BASE62, 60, 11));
        assert_eq!(found(&keys), ["square-access-token", "square-access-token"]);
        assert_eq!(
            found(&format!("a = {token}\nb = {}\n", line(12))),
            ["square-access-token"]
        );
    }

    #[test]
    fn public_keys_and_ids_are_no_secrets() {
        let hex = draw(HEX, 64, 13);
        assert_eq!(
            rejected(
                &format!("secp256k1\nPublicKey(\"{hex}\")"),
                "ethereum-private-key"
            ),
            [Rejection::Named("public key")]
        );
        let uuid = "41c6d04b-dead-cafe-1234-9bffd94346b3";
        assert_eq!(
            rejected(
                &format!("bitbucket_secret = {{{uuid}}}"),
                "bitbucket-client-secret"
            ),
            [Rejection::Named("uuid")]
        );
    }

    #[test]
    fn a_password_for_an_example_is_none() {
        let password = draw(BASE62, 12, 14);
        for host in [
            "example.com",
            "db.example.org:5432",
            "fixture.invalid",
            "x.example",
        ] {
            let url = format!("ftp://me:{password}@{host}/");
            assert_eq!(
                rejected(&url, "http-auth-url-password"),
                [Rejection::ExampleHost],
                "{host}"
            );
        }
        for host in [
            "host.net",
            "notexample.com",
            "example.com.host.net",
            "localhost",
        ] {
            let url = format!("ftp://me:{password}@{host}/");
            assert_eq!(found(&url), ["http-auth-url-password"], "{host}");
        }
    }

    #[test]
    fn a_phrase_is_no_bearer_token() {
        for phrase in [
            "final-impersonated-token",
            "workload-identity-auth",
            "authorization_uri=https://login.host.net/tenant",
        ] {
            let header = format!("Authorization: Bearer {phrase}");
            assert_eq!(found(&header), [""; 0], "{phrase}");
        }
        let header = format!("Authorization: Bearer {}", draw(BASE62, 24, 15));
        assert_eq!(found(&header), ["http-auth-bearer"]);
    }
}
