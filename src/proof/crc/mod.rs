//! Tokens that end with a sum over the characters before it: CRC-32, the start of a SHA-256, or the
//! exclusive or of all.

pub(super) mod seal;

use super::Tail;
use crate::encoding::{
    BASE32, BASE62, BASE64, BASE64_URL, crc32, encode_base64, encode_bits, encode_number, pad_left,
};
use sha2::{Digest, Sha256};

/// Lower case base36.
const BASE36: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// Where the part behind the last underscore starts.
fn after_underscore(secret: &[u8]) -> Option<usize> {
    Some(secret.iter().rposition(|&b| b == b'_')? + 1)
}

/// GitHub, npm, Vercel and Polar: the last six characters are the CRC-32, in base62, of what lies
/// between the prefix's underscore and them.
///
/// <https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/>,
/// <https://github.blog/changelog/2021-09-23-npm-has-a-new-access-token-format/>
pub(super) fn github(secret: &[u8]) -> Option<Tail> {
    let start = after_underscore(secret)?;
    let at = secret.len().checked_sub(6).filter(|&at| at > start)?;
    let chars = pad_left(encode_number(crc32(&secret[start..at]), BASE62), 6);
    Some(Tail { at, chars })
}

/// GitHub's fine-grained tokens: eight characters, 43 behind the second underscore, are the base32
/// of the SHA-256 of everything before them. Not documented; seen on published samples.
pub(super) fn github_fine_grained(secret: &[u8]) -> Option<Tail> {
    let at = after_underscore(secret)? + 43;
    if secret.len() < at + 8 {
        return None;
    }
    let digest = Sha256::digest(&secret[..at]);
    let chars = encode_bits(&digest[..5], 5, BASE32);
    Some(Tail { at, chars })
}

/// Routable tokens of GitLab: the last seven characters are the CRC-32, in lower case base36, of
/// everything before them. Tokens without a dot are older and have none.
///
/// <https://handbook.gitlab.com/handbook/engineering/architecture/design-documents/cells/routable_tokens/>
pub(super) fn gitlab(secret: &[u8]) -> Option<Tail> {
    let at = secret.len().checked_sub(7)?;
    if !secret[..at].contains(&b'.') {
        return None;
    }
    let chars = pad_left(encode_number(crc32(&secret[..at]), BASE36), 7);
    Some(Tail { at, chars })
}

/// Atlassian and Bitbucket: the last eight characters are the CRC-32, in upper case hex, of
/// everything before them, prefix and `=` included. Recomputed from published samples.
///
/// <https://support.atlassian.com/bitbucket-cloud/docs/app-passwords/>
pub(super) fn atlassian(secret: &[u8]) -> Option<Tail> {
    let at = secret.len().checked_sub(8).filter(|&at| at > 0)?;
    let chars = format!("{:08X}", crc32(&secret[..at])).into_bytes();
    Some(Tail { at, chars })
}

/// Cloudflare: the last eight characters are the CRC-32, in lower case hex, of the characters
/// between the prefix and them. The provider speaks of a checksum without saying which.
///
/// <https://developers.cloudflare.com/fundamentals/api/get-started/token-formats/>
pub(super) fn cloudflare(secret: &[u8]) -> Option<Tail> {
    let start = after_underscore(secret)?;
    let at = secret.len().checked_sub(8).filter(|&at| at > start)?;
    let chars = format!("{:08x}", crc32(&secret[start..at])).into_bytes();
    Some(Tail { at, chars })
}

/// Zuplo: `zpka_`, the key, an underscore, and the CRC-32 of the key in lower case hex.
///
/// <https://zuplo.com/docs/articles/api-key-leak-detection>
pub(super) fn zuplo(secret: &[u8]) -> Option<Tail> {
    let at = after_underscore(secret)?;
    let start = secret.iter().position(|&b| b == b'_')? + 1;
    if at <= start || secret.len() != at + 8 {
        return None;
    }
    let chars = format!("{:08x}", crc32(&secret[start..at - 1])).into_bytes();
    Some(Tail { at, chars })
}

/// Grafana service accounts: the CRC-32 of everything before the last underscore, as the hex of its
/// bytes from low to high.
///
/// <https://github.com/grafana/grafana/blob/main/pkg/components/satokengen/satokengen.go>
pub(super) fn grafana(secret: &[u8]) -> Option<Tail> {
    let at = after_underscore(secret)?;
    if secret.len() != at + 8 {
        return None;
    }
    let chars = format!("{:08x}", crc32(&secret[..at - 1]).swap_bytes()).into_bytes();
    Some(Tail { at, chars })
}

/// Confluent: `cflt`, the secret, and the first six characters of the base64 of its CRC-32, bytes
/// from low to high.
///
/// <https://docs.confluent.io/cloud/current/security/authenticate/workload-identities/service-accounts/api-keys/overview.html>
pub(super) fn confluent(secret: &[u8]) -> Option<Tail> {
    let at = secret.len().checked_sub(6).filter(|&at| at > 4)?;
    let chars = encode_base64(&crc32(&secret[4..at]).to_le_bytes(), BASE64);
    Some(Tail { at, chars })
}

/// crates.io's trusted publishing: the last character stands for the exclusive or of those before
/// it, behind the prefix.
///
/// <https://github.com/rust-lang/crates.io/blob/main/crates/crates_io_trustpub/src/access_token.rs>
pub(super) fn crates_io(secret: &[u8]) -> Option<Tail> {
    let start = after_underscore(secret)?;
    let at = secret.len().checked_sub(1).filter(|&at| at > start)?;
    let sum = secret[start..at].iter().fold(0, |sum, b| sum ^ b) % 62;
    // Here the digits come last: the order is that of base64 without its two signs.
    let chars = vec![BASE64[usize::from(sum)]];
    Some(Tail { at, chars })
}

/// Supabase, self-hosted: the eight characters behind the last underscore are the base64url of the
/// SHA-256 of a fixed text and everything before them. How hosted projects compute theirs is not
/// published.
///
/// <https://supabase.com/docs/guides/api/api-keys>
pub(super) fn supabase(secret: &[u8]) -> Option<Tail> {
    let at = secret.len().checked_sub(8).filter(|&at| at > 1)?;
    if secret[at - 1] != b'_' {
        return None;
    }
    let digest = Sha256::new()
        .chain_update(b"supabase-self-hosted|")
        .chain_update(&secret[..at - 1])
        .finalize();
    let chars = encode_base64(&digest[..6], BASE64_URL);
    Some(Tail { at, chars })
}

#[cfg(test)]
mod tests {
    use crate::proof::{Check, Proof};

    fn named(name: &str) -> Proof {
        Proof::named(name).unwrap()
    }

    /// Joins the pieces of an example: no file holds a whole token.
    fn join(pieces: &[&str]) -> Vec<u8> {
        pieces.concat().into_bytes()
    }

    const COUNTED: &str = "0123456789ABCDEFGHIJabcdefghij";
    const VERCEL: &str = "ra8FWNO7I0umqHJyRIZfHcD0gVsp8sAYTfzuUNzfJ6Cbc7e3UM";
    const CLOUDFLARE: &str = concat!("8UghDKxvpk3Z9f4ylMuk", "4oFP5q4Pw10z4IZqiT1t");
    const ATLASSIAN: &str =
        "pyZ38oZrxAD8j80yqc6H971uwQVQsRyKqqEbVrmo5QyAKINPwd8SZw6sePU1wkSI8BtOB0Wv6HMwTbNp7peO";
    const REFRESH: &str = "tPE9Pm0jMUhMR3JxatEqrVoLUfmzDfMtgSgIvY46kiEPk7ucDDvGjGTedvkXeNwB0Zmhca";
    const FINE: &str = "rgPqGIXIfahzKL9jikfnVYfrxIsiYoPsGOxxSTvSQ4b";

    /// Tokens in pieces, by scheme.
    const EXAMPLES: &[(&str, &[&str])] = &[
        ("github-crc32", &["ghp", "_", COUNTED, "4Us3aw"]),
        ("github-crc32", &["npm", "_", COUNTED, "4Us3aw"]),
        ("github-crc32", &["ghr", "_", REFRESH, "44fRZr"]),
        ("github-server-token", &["ghs", "_", COUNTED, "4Us3aw"]),
        (
            "github-fine-grained",
            &[
                "github",
                "_pat_",
                "11CvLHUIrGjXXnraNxVdWJ_",
                FINE,
                "CMUDSXAT",
                "abcdefgh",
            ],
        ),
        ("vercel-crc32", &["vcp", "_", VERCEL, "18hwcp"]),
        (
            "polar-crc32",
            &[
                "polar",
                "_oat_",
                "A6FtbtFefZkDmINyM2M8DJSWKvxnfSCChdqfB",
                "3B9Yd3",
            ],
        ),
        (
            "gitlab-routable",
            &[
                "glpat",
                "-",
                "bzoxCnU6MnMKAAECAwQFBgcICQoLDA0ODw",
                ".01.0y",
                "09x6rhy",
            ],
        ),
        (
            "atlassian-crc32",
            &["ATBB", "FdB4cmJhQx1eznXCsm5q9AgK", "B5C997F3"],
        ),
        (
            "atlassian-crc32",
            &["ATATT3", "xFfGF0", ATLASSIAN, "=", "268AEC62"],
        ),
        (
            "atlassian-crc32",
            &["ATCTT3", "xFfGN0", ATLASSIAN, "=", "85F01F5D"],
        ),
        ("cloudflare-crc32", &["cfut", "_", CLOUDFLARE, "37225859"]),
        (
            "zuplo-crc32",
            &[
                "zpka",
                "_",
                "piy2erqxutpdxusjnr8be3mxhol6njb5",
                "_",
                "a35cc3f2",
            ],
        ),
        (
            "grafana-crc32",
            &[
                "glsa",
                "_",
                "nFkG0L7wGGjIcwqjTTXEHftQu3b9C41J",
                "_",
                "6227a73a",
            ],
        ),
        (
            "confluent-crc32",
            &[
                "cflt",
                "lXuTrrfW4NFvUDgybKyhviExtBEsXDalXFHNbfVXRehQtzqhg4qBv6",
                "rk2drw",
            ],
        ),
        (
            "crates-io-xor",
            &["cio", "_tp_", "pMISNtwgb6QPEZ9jY908PfZWf9UYwVD", "z"],
        ),
        (
            "crates-io-xor",
            &["cio", "_tp_", "0000000000000000000000000000000", "w"],
        ),
        (
            "supabase-sha256",
            &["sb", "_secret_", "iCoZyS4t0sSLPRgyRjpWLp", "_", "kfPHwAbC"],
        ),
    ];

    #[test]
    fn worked_examples_hold() {
        for (name, pieces) in EXAMPLES {
            assert_eq!(named(name).check(&join(pieces)), Check::Valid, "{}", name);
        }
    }

    #[test]
    fn a_token_without_the_part_is_unknown() {
        for token in ["glpat-0123456789abcdefghij", "ghp", "ghp_abc", ""] {
            assert_eq!(
                named("gitlab-routable").check(token.as_bytes()),
                Check::Unknown
            );
            assert_eq!(
                named("github-crc32").check(token.replace("glpat-", "").as_bytes()),
                Check::Unknown
            );
        }
    }

    #[test]
    fn a_failure_counts_only_where_the_sum_is_promised() {
        let body = "0123456789ABCDEFGHIJabcdefghij000000";
        let token = |prefix: &str| format!("{prefix}_{body}").into_bytes();
        assert_eq!(named("github-crc32").check(&token("ghp")), Check::Invalid);
        assert_eq!(
            named("github-server-token").check(&token("ghs")),
            Check::Unknown
        );
        assert_eq!(named("vercel-crc32").check(&token("vcp")), Check::Unknown);
    }
}
