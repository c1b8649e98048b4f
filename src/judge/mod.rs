//! Judges a candidate: a secret, and how surely, or what it is instead.

pub(crate) mod context;
pub(crate) mod in_test;
mod judgement;
mod login;
mod shown;
mod signal;
mod sum;

use std::borrow::Cow;

use sha2::{Digest, Sha256};

use self::context::Line;
pub(crate) use self::judgement::{Judgement, Reasons, Rejection};
pub(crate) use self::login::{is_for_nobody, is_made_up};
use crate::armour;
use crate::candidate::{Candidate, Evidence, Nearness};
use crate::confidence::Confidence;
use crate::encoding::{decode_base64, percent_decoded};
use crate::proof::Check;
use crate::rules::{Reach, Rule};
use crate::words::monotony;
use crate::words::number;
use crate::words::placeholder::Placeholder;
use crate::words::randomness::{Randomness, entropy};
use crate::words::stand_in::is_stand_in;
use crate::words::wordy::is_wordy;

include!(concat!(env!("OUT_DIR"), "/known_examples.rs"));

/// A weight: a password of so many bytes that no list of words explains was drawn by a machine, so that it
/// counts before a host for examples, too. Not measured.
const DRAWN: usize = 14;

/// Judges a candidate.
///
/// # Errors
/// Why it is not a secret.
pub(crate) fn judge(candidate: &Candidate<'_>) -> Result<Judgement, Rejection> {
    if let Some(assignment) = &candidate.assignment {
        let judgement = signal::judge(candidate, assignment)?;
        // Most values fall before, and a digest costs more than all else.
        return match known_example(candidate) {
            Some(rejection) => Err(rejection),
            None => Ok(judgement),
        };
    }
    if let Some(rejection) = TESTS.iter().find_map(|test| test(candidate)) {
        return Err(rejection);
    }
    if candidate.loose {
        return Ok(Judgement {
            confidence: Confidence::Possible,
            why: "its prefix and length are the format's, its characters are not".into(),
        });
    }
    let rule = candidate.rule;
    let check = rule
        .checksum
        .map(|checksum| (checksum, checksum.check(candidate.secret())));
    let is_spent = matches!(check, Some((_, Check::Spent)));
    if is_spent || shown::is_over(candidate) {
        return Ok(Judgement {
            confidence: Confidence::Possible,
            why: "its format fits, but its time is over".into(),
        });
    }
    if let Some((checksum, Check::Invalid)) = check {
        return match rule.unchecked {
            Some(confidence) => Ok(Judgement {
                confidence,
                why: "its format fits, its check characters do not".into(),
            }),
            None => Err(Rejection::Checksum(checksum.name())),
        };
    }
    match &candidate.evidence {
        Some(evidence) => by_evidence(candidate, evidence),
        None => {
            let proven = matches!(check, Some((_, Check::Valid))) && is_shaped(candidate);
            if rule.alone && !proven {
                let line = Line::around(candidate.text(), &candidate.place);
                let rejection = digest(&line).or_else(|| hash_or_id(candidate, false, &line));
                if let Some(rejection) = rejection {
                    return Err(rejection);
                }
            }
            if shown::is_shown(candidate) {
                return Ok(Judgement {
                    confidence: Confidence::Possible,
                    why: "what stands beside it says that a page or an app shows it to everybody"
                        .into(),
                });
            }
            Ok(by_format(rule, proven))
        }
    }
}

/// What refuses a candidate before its proof is looked at, in this order: each test says why, or nothing.
const TESTS: &[fn(&Candidate<'_>) -> Option<Rejection>] = &[
    known_example,
    stands_in,
    cut_off,
    low_entropy,
    example_host,
    login::no_login,
    elided,
    made_up_token,
    weak,
    path,
    wordy,
    public_key,
    written,
    line_of_block,
    hex_alone,
];

/// Whether the candidate's rule tells its characters. What a pattern finds has a structure of its own,
/// which its checksum judges.
fn is_shaped(candidate: &Candidate<'_>) -> bool {
    candidate.rule.reach != Reach::Around
}

/// Whether nothing in the candidate is fixed, so that only what names its provider tells it.
fn is_unmarked(candidate: &Candidate<'_>) -> bool {
    candidate.rule.literal_len == 0
}

/// It is printed in documentation, as it is or in percent signs.
fn known_example(candidate: &Candidate<'_>) -> Option<Rejection> {
    let is_known = |text: &[u8]| {
        KNOWN_EXAMPLES
            .binary_search(&Sha256::digest(text).into())
            .is_ok()
    };
    let secret = candidate.secret();
    let is_known_decoded =
        || matches!(percent_decoded(secret), Cow::Owned(decoded) if is_known(&decoded));
    (is_known(secret) || is_known_decoded()).then_some(Rejection::EXAMPLE)
}

/// It stands for a secret.
fn stands_in(candidate: &Candidate<'_>) -> Option<Rejection> {
    /// A bound: a shorter text may repeat itself by chance.
    const SHORTEST: usize = 16;
    let (rule, secret) = (candidate.rule, candidate.secret());
    let placeholder = match is_shaped(candidate) {
        true => rule.placeholder(secret, candidate.body()),
        false if secret.len() >= SHORTEST => {
            monotony::throughout(secret).map(Placeholder::Monotonous)
        }
        false => None,
    };
    placeholder.map(Rejection::Placeholder)
}

/// It starts like a key in DER, but what is there of it is less than the modulus, and nothing goes on behind it.
fn cut_off(candidate: &Candidate<'_>) -> Option<Rejection> {
    let rule = candidate.rule;
    let is_der = rule.checksum.is_some_and(|it| it.name() == "base64-der");
    (is_der
        && is_shaped(candidate)
        && decode_base64(candidate.secret()).is_some_and(|key| armour::der::is_mere_start(&key))
        && !context::goes_on_in_base64(candidate.text(), candidate.place.end))
    .then_some(Rejection::Is("only the start of a key"))
}

/// Its characters are less evenly spread than a random draw's.
fn low_entropy(candidate: &Candidate<'_>) -> Option<Rejection> {
    if !is_shaped(candidate) {
        return None;
    }
    let (bits, floor) = (entropy(candidate.body()), candidate.rule.min_entropy);
    (bits < floor).then_some(Rejection::Entropy { bits, floor })
}

/// It is for a host of examples. A key is what it is for whatever host, and so is a password that a machine drew.
fn example_host(candidate: &Candidate<'_>) -> Option<Rejection> {
    (!is_shaped(candidate)
        && percent_decoded(candidate.secret()).len() < DRAWN
        && context::is_for_example_host(candidate.text(), &candidate.place))
    .then_some(Rejection::Is("for a host of examples"))
}

/// Dots or a word stand for what was left out.
fn elided(candidate: &Candidate<'_>) -> Option<Rejection> {
    let dots = || candidate.secret().windows(3).any(|dots| dots == b"...");
    // What ends with its check does not break off.
    let is_broken_off = || {
        candidate.rule.checksum.is_none()
            && context::is_broken_off(candidate.text(), &candidate.place)
    };
    let is_elided = || dots() || is_broken_off();
    (!is_shaped(candidate) && is_elided()).then_some(Rejection::LEFT_OUT)
}

/// It starts like a JSON web token, and a part of it is a word: `eyJhbGciOiJIUzI1NiJ9.payload.signature`.
fn made_up_token(candidate: &Candidate<'_>) -> Option<Rejection> {
    /// A weight: what a part needs to be no word, in bits. Two that were never seen side by side have some; of 43 drawn
    /// characters nearly all have more. Not measured.
    const BITS: f32 = 10.0;
    let secret = candidate.secret();
    if is_shaped(candidate) || !secret.starts_with(b"eyJ") {
        return None;
    }
    let is_word = |part: &[u8]| {
        part.iter()
            .all(|b| b.is_ascii_alphabetic() || matches!(b, b'-' | b'_'))
            && Randomness::of(part).bits < BITS
    };
    let mut parts = secret.split(|&b| b == b'.').skip(1);
    parts
        .any(is_word)
        .then_some(Rejection::Is("a made-up token: a part of it is a word"))
}

/// It is a password that stands for one, that everybody knows, or that is kept elsewhere.
fn weak(candidate: &Candidate<'_>) -> Option<Rejection> {
    /// A weight: in so long a random secret the marks of a reference are chance. Not measured.
    const LONG: usize = 32;
    /// A weight: of so many bits a character it is random. Not measured.
    const RANDOM: f32 = 3.5;
    if is_shaped(candidate) || candidate.rule.checksum.is_some() {
        return None;
    }
    let secret = candidate.secret();
    let random = secret.len() >= LONG && entropy(secret) > RANDOM;
    (!random && is_stand_in(secret)).then_some(Rejection::STAND_IN)
}

/// It is no password but the path to one: `/etc/app/secrets/db_password`.
fn path(candidate: &Candidate<'_>) -> Option<Rejection> {
    let is_password = candidate
        .rule
        .checksum
        .is_some_and(|it| it.name() == "url-password");
    let secret = candidate.secret();
    (!is_shaped(candidate)
        && is_password
        && secret.contains(&b'/')
        && signal::looks::reads_as_place(secret))
    .then_some(Rejection::Is("a path, a host or a page"))
}

/// It reads like an identifier.
fn wordy(candidate: &Candidate<'_>) -> Option<Rejection> {
    /// A weight: fewer letters are words by chance.
    const LETTERS: usize = 12;
    let text = match (is_shaped(candidate), candidate.rule.checksum) {
        (true, _) => candidate.body(),
        (false, None) => candidate.secret(),
        (false, Some(_)) => return None,
    };
    // Words without a digit are told by more than their pairs: `GetAccessKeyInfo`.
    let reads = || {
        is_shaped(candidate)
            && text.len() >= LETTERS
            && text.iter().all(u8::is_ascii_alphabetic)
            && Randomness::of(text).bits < 0.0
    };
    (is_wordy(text) || reads()).then_some(Rejection::WORDS)
}

/// It is a public key.
fn public_key(candidate: &Candidate<'_>) -> Option<Rejection> {
    (candidate.rule.reach == Reach::Near
        && is_unmarked(candidate)
        && armour::is_public_start(candidate.body()))
    .then_some(Rejection::Is("a public key"))
}

/// It reads as written, where nothing but a name near by or the word before it speaks for it.
fn written(candidate: &Candidate<'_>) -> Option<Rejection> {
    let rule = candidate.rule;
    let text = match rule.reach {
        Reach::Near if is_unmarked(candidate) && !rule.hex => candidate.body(),
        Reach::Around if rule.generic && rule.checksum.is_none() => candidate.secret(),
        _ => return None,
    };
    let reads = |text: &[u8]| Randomness::of(text).bits < 0.0;
    // So short a part of a phrase says little.
    let is_word = |word: &[u8]| word.len() < 5 && word.is_ascii() || reads(word);
    // A part of a token says nothing of the rest, and an object holds what it holds.
    let is_whole = |text: &[u8]| text.iter().all(|b| !b".{".contains(b));
    let says_words = || {
        let said = is_whole(text).then(|| signal::decoded::base64_text(text));
        said.flatten()
            .is_some_and(|said| is_whole(&said) && said.split(|&b| b == b' ').all(is_word))
    };
    (reads(text) || rule.reach == Reach::Around && says_words()).then_some(Rejection::WORDS)
}

/// It is a line of a longer text in base64.
fn line_of_block(candidate: &Candidate<'_>) -> Option<Rejection> {
    let rule = candidate.rule;
    (rule.reach == Reach::Anchored
        && !rule.has_separator()
        && context::is_in_block(candidate.text(), &candidate.place, rule.prefix.as_bytes()))
    .then_some(Rejection::Is("a line of a longer text in base64"))
}

/// It is hex digits alone, its literal start as well, where the format has more letters: a part of a longer run of them.
fn hex_alone(candidate: &Candidate<'_>) -> Option<Rejection> {
    (is_shaped(candidate)
        && candidate.secret().iter().all(u8::is_ascii_hexdigit)
        && is_hash(candidate.rule.alphabet, candidate.body()))
    .then_some(Rejection::Is(
        "hex digits where the format has more letters",
    ))
}

/// The judgement on what its format alone tells; `proven` if its check characters hold, too.
fn by_format(rule: &Rule, proven: bool) -> Judgement {
    let confidence = match proven && rule.confidence > Confidence::Possible {
        true => Confidence::Certain,
        false => rule.confidence,
    };
    let why = if proven {
        "its format and its check characters hold".into()
    } else if confidence == Confidence::Certain {
        format!("the format is {}'s alone", rule.provider.name).into()
    } else {
        "its format fits".into()
    };
    Judgement { confidence, why }
}

/// The judgement on what only counts next to its provider's name.
fn by_evidence(candidate: &Candidate<'_>, evidence: &Evidence<'_>) -> Result<Judgement, Rejection> {
    let rule = candidate.rule;
    let line = Line::around(candidate.text(), &candidate.place);
    if let Some(rejection) = digest(&line) {
        return Err(rejection);
    }
    // Dashes and dots tell a secret from a word, not from an id.
    if rule.prefix.is_empty()
        && let Some(rejection) =
            hash_or_id(candidate, evidence.nearness == Nearness::Variable, &line)
    {
        return Err(rejection);
    }
    if line.is_domain_check() {
        return Err(Rejection::Is("the check of a domain, in the DNS"));
    }
    if rule.public && evidence.nearness == Nearness::Near {
        return Err(Rejection::Is("nothing names it"));
    }
    let is_credential = line.names_credential();
    let (text, place) = (candidate.text(), &candidate.place);
    let is_named = evidence.nearness == Nearness::Variable || is_credential;
    if rule.hex
        && (!is_named && context::is_in_column(text, place) || context::is_among_sums(text, place))
    {
        return Err(Rejection::Is("one of a list of sums"));
    }
    let confidence = match (evidence.nearness, is_credential, rule.hex) {
        (Nearness::Variable, _, _) | (_, true, _) => Confidence::Likely,
        (Nearness::Named, false, false) => Confidence::Likely,
        (Nearness::Named, false, true) | (Nearness::Near, false, false) => Confidence::Possible,
        (Nearness::Near, false, true) => {
            return Err(Rejection::Is("nothing near by names the provider"));
        }
    };
    if context::is_in_badge(text, place.start) {
        return Ok(Judgement {
            confidence: Confidence::Possible,
            why: "its format fits, but it stands in the address of a badge".into(),
        });
    }
    Ok(Judgement {
        confidence: confidence.min(rule.confidence),
        why: format!("its format fits and `{}` stands by it", evidence.word).into(),
    })
}

/// It is a digest, by the mark before it. One may start like anything: `h1:AX...`.
fn digest(line: &Line<'_>) -> Option<Rejection> {
    line.digest_mark().map(Rejection::Named)
}

/// It is a hash or an id, by its form or by its name. Of the name of one of the provider's variables
/// nothing is asked.
fn hash_or_id(candidate: &Candidate<'_>, is_variable: bool, line: &Line<'_>) -> Option<Rejection> {
    let (rule, body) = (candidate.rule, candidate.body());
    if !is_variable {
        if is_hash(rule.alphabet, body) {
            return Some(Rejection::Is(
                "hex digits where the format has more letters",
            ));
        }
        if let Some(word) = line.other_word() {
            return Some(Rejection::Named(word));
        }
    }
    if body.iter().all(u8::is_ascii_hexdigit) && line.is_sum() {
        return Some(Rejection::Is("one of a list of sums"));
    }
    if line.is_resource() {
        return Some(Rejection::Named("arn"));
    }
    if line.is_revision() && body.iter().all(u8::is_ascii_hexdigit) {
        return Some(Rejection::Is("a revision"));
    }
    (number::is_uuid(body) && !rule.speaks("<uuid>")).then_some(Rejection::Named("uuid"))
}

/// Whether a body is hex digits alone where the format has at least twenty more characters: a hash or an
/// id.
///
/// A weight: of 16 random small letters and digits one text in 430,000 is so, with capitals one in
/// 2.6 thousand million.
fn is_hash(alphabet: u32, body: &[u8]) -> bool {
    /// The shortest that counts.
    const LEAST: usize = 16;
    alphabet >= 36 && body.len() >= LEAST && body.iter().all(u8::is_ascii_hexdigit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::Detector;
    use crate::lab::Random;
    use crate::rules::RuleSet;
    use crate::text::Text;

    const HEX: &[u8] = b"0123456789abcdef";
    const BASE62: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    fn draw(letters: &[u8], len: usize, seed: u64) -> String {
        Random::new(seed).text(letters, len)
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
            [Rejection::WORDS]
        );
    }

    #[test]
    fn a_name_behind_a_short_prefix_is_no_token() {
        assert_eq!(
            rejected(
                "call STS.assumeRoleWithWebIdentity()",
                "alibaba-security-token"
            ),
            [Rejection::WORDS]
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
        assert_eq!(
            rejected(&block, "square-access-token"),
            [Rejection::Is("a line of a longer text in base64")]
        );
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
                [Rejection::Is("for a host of examples")],
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
