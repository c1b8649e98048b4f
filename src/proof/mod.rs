//! The proofs of tokens: check characters, and structure that chance does not write.
//!
//! Many providers end a token with a checksum, or write one that decodes to something. Where a rule
//! names such a scheme, as `checksum = "github-crc32"`, a random string of the right shape is told
//! from a key without asking anybody. Each scheme is written from its published description, which
//! the comment of its check names.
//!
//! What a failure means differs. Where the provider promises the checksum, a failure means that the
//! string is not a key: [`Check::Invalid`]. Where it was only seen on samples, or older tokens lack
//! it, a failure means nothing: [`Check::Unknown`].
//!
//! A scheme has two halves: the check, which a scan asks, and the seal, which makes a random sample
//! hold, for the tests, `keyward rules check` and the bait of `keyward doctor`. The seals are in the
//! `seal.rs` of each folder. To add a scheme, write the two halves in the folder of its kind and add
//!
//! 1. a row to `SCHEMES`, with the name that rules use;
//! 2. a row to `FORMATS` in `tests.rs`, with formats of its tokens.
//!
//! A scheme whose check characters follow from the characters before them needs no seal: the function
//! that gives them, as a `Tail`, serves for both.

mod azure;
pub(crate) mod chain;
mod crc;
mod credentials;
mod jwt;
mod key;
pub(crate) mod made;
mod structure;
#[cfg(test)]
mod tests;

use std::fmt;

/// What the check characters or the structure of a secret say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// They hold: chance is out of the question.
    Valid,
    /// The provider promises that they hold, and they do not; or the structure tells that the
    /// secret is of no use as it stands. Not a key.
    Invalid,
    /// They hold, and say that the secret is of no use any more: its time was over before this version of
    /// keyward was made. The clock is not asked, since a verdict that depends on it would change on its
    /// own.
    Spent,
    /// Nothing is known: not promised, a part is missing, or an older token that has none.
    Unknown,
}

impl Check {
    /// For schemes that hold for every key of the format.
    fn promised(holds: bool) -> Self {
        if holds { Self::Valid } else { Self::Invalid }
    }

    /// For schemes that hold for keys that were seen, and are not promised.
    fn unpromised(holds: bool) -> Self {
        if holds { Self::Valid } else { Self::Unknown }
    }
}

/// Gives a random number below its argument.
type Random<'r> = &'r mut dyn FnMut(usize) -> usize;

/// Makes a random sample of the format hold.
type Seal = fn(&mut Vec<u8>, Random<'_>);

/// How to compute the check characters of one scheme; `None` if the token is too short or lacks the
/// part.
type TailOf = fn(&[u8]) -> Option<Tail>;

/// The check characters that a token should have.
struct Tail {
    /// Where they start.
    at: usize,
    /// What they should be.
    chars: Vec<u8>,
}

impl Tail {
    fn holds(&self, secret: &[u8]) -> bool {
        secret.get(self.at..self.at + self.chars.len()) == Some(&self.chars[..])
    }
}

/// A scheme of check characters or of structure.
struct Scheme {
    /// As rules write it.
    name: &'static str,
    check: CheckBy,
    seal: SealBy,
    /// It says what is no secret, by any name, and proves none.
    disproves: bool,
}

/// How a scheme checks a token.
enum CheckBy {
    /// By a function of its own.
    Function(fn(&[u8]) -> Check),
    /// By check characters that every token of the format has.
    Promised(TailOf),
    /// By check characters that were seen, and are not promised.
    Unpromised(TailOf),
}

/// How a scheme seals a sample.
enum SealBy {
    Function(Seal),
    /// By writing the check characters.
    Tail(TailOf),
}

impl Scheme {
    const fn new(name: &'static str, check: fn(&[u8]) -> Check, seal: Seal) -> Self {
        Self {
            name,
            check: CheckBy::Function(check),
            seal: SealBy::Function(seal),
            disproves: false,
        }
    }

    const fn disproof(name: &'static str, check: fn(&[u8]) -> Check, seal: Seal) -> Self {
        Self {
            disproves: true,
            ..Self::new(name, check, seal)
        }
    }

    const fn promised(name: &'static str, tail: TailOf) -> Self {
        Self {
            name,
            check: CheckBy::Promised(tail),
            seal: SealBy::Tail(tail),
            disproves: false,
        }
    }

    const fn unpromised(name: &'static str, tail: TailOf) -> Self {
        Self {
            name,
            check: CheckBy::Unpromised(tail),
            seal: SealBy::Tail(tail),
            disproves: false,
        }
    }

    /// For tokens in which more than the check characters follows from the rest.
    const fn sealed_by(mut self, seal: Seal) -> Self {
        self.seal = SealBy::Function(seal);
        self
    }
}

/// Every scheme, sorted by name.
static SCHEMES: &[Scheme] = &[
    // Bech32 of an age identity, native or post-quantum.
    Scheme::new("age-bech32", chain::age, chain::seal::bech32),
    // CRC-32 of Atlassian and Bitbucket tokens, in upper case hex.
    Scheme::promised("atlassian-crc32", crc::atlassian),
    // Personal tokens of Bitbucket, Jira and Confluence Data Center: digits, a colon, randomness.
    Scheme::new(
        "atlassian-data-center",
        structure::atlassian_data_center,
        structure::seal::atlassian_data_center,
    ),
    // Marvin32 of Microsoft's common annotated security keys.
    Scheme::new("azure-cask", azure::cask, azure::seal::cask),
    // Marvin32 of Microsoft's older identifiable keys.
    Scheme::new("azure-his", azure::his, azure::seal::his),
    // Base58Check of a Bitcoin private key (WIF).
    Scheme::new("base58check", chain::wif, chain::seal::wif),
    // A private key in DER, in base64 without its PEM lines.
    Scheme::new("base64-der", key::base64_der, key::seal::base64_der),
    // `user:password` in base64, of the Authorization header.
    Scheme::new("basic-auth", credentials::basic, credentials::seal::basic),
    // Bech32 with any human-readable part.
    Scheme::new("bech32", chain::bech32, chain::seal::bech32),
    // Amazon Bedrock keys, long-term and short-term: what they decode to says so.
    Scheme::new("bedrock", structure::bedrock, structure::seal::bedrock),
    // A BIP-39 recovery phrase in English.
    Scheme::new("bip39", chain::bip39, chain::seal::bip39),
    // A Clerk publishable key: a host name in base64.
    Scheme::new("clerk-host", structure::clerk, structure::seal::clerk),
    // CRC-32 of Cloudflare tokens, in lower case hex.
    Scheme::unpromised("cloudflare-crc32", crc::cloudflare),
    // A Cloudflare tunnel token: account, tunnel and secret as JSON.
    Scheme::new(
        "cloudflare-tunnel-json",
        structure::cloudflare_tunnel,
        structure::seal::cloudflare_tunnel,
    ),
    // CRC-32 of Confluent secrets, in base64.
    Scheme::promised("confluent-crc32", crc::confluent),
    // The check character of crates.io's trusted publishing.
    Scheme::unpromised("crates-io-xor", crc::crates_io),
    // A Discord bot token: its first part is the bot's number.
    Scheme::new("discord-bot", structure::discord, structure::seal::discord),
    // The `auth` of a Docker configuration: `user:password` in base64.
    Scheme::new("docker-auth", credentials::basic, credentials::seal::basic),
    // An Elasticsearch API key: id, colon, key, in base64.
    Scheme::new("elastic-key", structure::elastic, structure::seal::elastic),
    // CRC-32 in base62, as GitHub and npm use it.
    Scheme::promised("github-crc32", crc::github),
    // SHA-256 in GitHub's fine-grained tokens.
    Scheme::unpromised("github-fine-grained", crc::github_fine_grained),
    // GitHub's server tokens: CRC-32 in base62, or an embedded JWT.
    Scheme::new(
        "github-server-token",
        jwt::github_server,
        jwt::seal::github_server,
    ),
    // CRC-32 in base36 of GitLab's routable tokens.
    Scheme::promised("gitlab-routable", crc::gitlab).sealed_by(crc::seal::gitlab),
    // Grafana Cloud and legacy Grafana keys: JSON.
    Scheme::new(
        "grafana-cloud-json",
        structure::grafana,
        structure::seal::grafana,
    ),
    // CRC-32 of Grafana service account tokens, in hex.
    Scheme::promised("grafana-crc32", crc::grafana),
    // An Intercom token: `tok:` in base64.
    Scheme::new(
        "intercom-tok",
        structure::intercom,
        structure::seal::intercom,
    ),
    // A JFrog API key: base58 of 54 bytes.
    Scheme::new(
        "jfrog-base58",
        structure::jfrog_api_key,
        structure::seal::jfrog_api_key,
    ),
    // A JFrog reference token: `reftkn:` in base64.
    Scheme::new(
        "jfrog-reftkn",
        structure::jfrog_reference,
        structure::seal::jfrog_reference,
    ),
    // A JSON web token, alone or behind a prefix.
    Scheme::new("jwt", jwt::check, jwt::seal::jwt),
    // A JSON web token in base64 once more.
    Scheme::new("jwt-base64", jwt::check_base64, jwt::seal::base64),
    // A Mapbox token: its middle part is JSON.
    Scheme::new("mapbox-json", structure::mapbox, structure::seal::mapbox),
    // CRC-16 of a NATS seed.
    Scheme::new("nkey-crc16", chain::nkey, chain::seal::nkey),
    // A password or `user:password` in base64, of npm's settings.
    Scheme::new("npm-auth", credentials::in_base64, credentials::seal::basic),
    // An NTLM message that answers a challenge: its parts lie within it.
    Scheme::new("ntlm", structure::ntlm, structure::seal::ntlm),
    // A 1Password service account token: JSON.
    Scheme::new(
        "onepassword-service-account",
        structure::onepassword,
        structure::seal::onepassword,
    ),
    // An OpenSSH private key that is not encrypted, with or without its PEM lines.
    Scheme::new(
        "openssh-key",
        key::base64_openssh,
        key::seal::base64_openssh,
    ),
    // A private key in PEM that is not encrypted.
    Scheme::new("pem", key::pem, key::seal::pem),
    // CRC-32 in base62 of Polar's organisation tokens.
    Scheme::unpromised("polar-crc32", crc::github),
    // A PyPI token: a macaroon whose location is PyPI.
    Scheme::new("pypi-macaroon", structure::pypi, structure::seal::pypi),
    // A private key of the curve secp256k1: within the order of the group.
    Scheme::disproof("secp256k1-range", chain::secp256k1, chain::seal::secp256k1),
    // A Sentry organisation token: JSON.
    Scheme::new("sentry-json", structure::sentry, structure::seal::sentry),
    // CRC-16 of a Stellar seed.
    Scheme::new("strkey-crc16", chain::strkey, chain::seal::strkey),
    // A Supabase key of the role `anon`, which is public.
    Scheme::new(
        "supabase-anon",
        |secret| jwt::supabase(secret, "anon"),
        |sample, random| jwt::seal::supabase(sample, "anon", random),
    ),
    // A Supabase key of the role `service_role`.
    Scheme::new(
        "supabase-service-role",
        |secret| jwt::supabase(secret, "service_role"),
        |sample, random| jwt::seal::supabase(sample, "service_role", random),
    ),
    // SHA-256 in the keys of a self-hosted Supabase.
    Scheme::unpromised("supabase-sha256", crc::supabase),
    // A TeamCity token: its first part says so.
    Scheme::new("teamcity", structure::teamcity, structure::seal::teamcity),
    // A password, which is anything but a placeholder or a reference.
    Scheme::disproof(
        "url-password",
        credentials::password,
        credentials::seal::password,
    ),
    // CRC-32 in base62 of Vercel's tokens.
    Scheme::unpromised("vercel-crc32", crc::github),
    // A Weaviate key: 66 bytes with marks at fixed places.
    Scheme::new("weaviate", structure::weaviate, structure::seal::weaviate),
    // The secret of a webhook: random bytes in base64 behind a prefix.
    Scheme::disproof(
        "webhook-secret",
        credentials::webhook,
        credentials::seal::webhook,
    ),
    // A WireGuard private key: an X25519 scalar, clamped.
    Scheme::new("wireguard", chain::wireguard, chain::seal::wireguard),
    // A WorkOS key: `key_` in base64.
    Scheme::new("workos-key", structure::workos, structure::seal::workos),
    // Base58Check of an extended private key (BIP-32).
    Scheme::new("xprv", chain::xprv, chain::seal::xprv),
    // CRC-32 of Zuplo keys, in hex.
    Scheme::promised("zuplo-crc32", crc::zuplo),
];

/// A scheme that a rule names.
#[derive(Clone, Copy)]
pub struct Proof(&'static Scheme);

impl Proof {
    /// Every scheme, sorted by name.
    pub fn all() -> impl Iterator<Item = Self> {
        SCHEMES.iter().map(Self)
    }

    /// The scheme of that name.
    pub fn named(name: &str) -> Option<Self> {
        let at = SCHEMES
            .binary_search_by_key(&name, |scheme| scheme.name)
            .ok()?;
        Some(Self(&SCHEMES[at]))
    }

    /// The name that a rule uses: `github-crc32`.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// Whether it says what is no secret, whatever its name says, and proves none: what it refuses is words, or no key
    /// of any kind.
    pub(crate) fn disproves(self) -> bool {
        self.0.disproves
    }

    /// Judges a secret of the rule's format. Takes any bytes, in linear time.
    pub fn check(self, secret: &[u8]) -> Check {
        match self.0.check {
            CheckBy::Function(check) => check(secret),
            CheckBy::Promised(tail) => promised(tail, secret),
            CheckBy::Unpromised(tail) => unpromised(tail, secret),
        }
    }

    /// Turns a random sample of the rule's format into one for which [`check`](Self::check) says
    /// [`Check::Valid`], where the scheme has such an answer, and which still has the format.
    /// `random(n)` gives a number below `n`.
    pub fn seal(self, sample: &mut Vec<u8>, random: &mut dyn FnMut(usize) -> usize) {
        match self.0.seal {
            SealBy::Function(seal) => seal(sample, random),
            SealBy::Tail(tail) => seal_tail(tail, sample),
        }
    }
}

impl PartialEq for Proof {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Proof {}

impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proof({})", self.name())
    }
}

fn promised(tail: TailOf, secret: &[u8]) -> Check {
    tail(secret).map_or(Check::Unknown, |tail| Check::promised(tail.holds(secret)))
}

fn unpromised(tail: TailOf, secret: &[u8]) -> Check {
    tail(secret).map_or(Check::Unknown, |tail| Check::unpromised(tail.holds(secret)))
}

fn seal_tail(tail: TailOf, sample: &mut [u8]) {
    if let Some(Tail { at, chars }) = tail(sample) {
        sample[at..at + chars.len()].copy_from_slice(&chars);
    }
}

/// Random characters of an alphabet.
fn random_text(alphabet: &[u8], len: usize, random: Random<'_>) -> Vec<u8> {
    (0..len).map(|_| alphabet[random(alphabet.len())]).collect()
}

fn random_bytes(len: usize, random: Random<'_>) -> Vec<u8> {
    (0..len).map(|_| random(256) as u8).collect()
}
