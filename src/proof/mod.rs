//! The check characters and the structure of tokens.
//!
//! Many providers end a token with a checksum, or write one that decodes to something. Where a rule
//! names such a scheme, a random string of the right shape is told from a key without asking
//! anybody. Each scheme is written from its published description, which its comment names.
//!
//! What a failure means differs. Where the provider promises the checksum, a failure means that the
//! string is not a key: [`Check::Invalid`]. Where it was only seen on samples, or older tokens lack
//! it, a failure means nothing: [`Check::Unknown`].

mod azure;
mod chain;
mod crc;
mod credentials;
mod jwt;
mod pem;
mod structure;

/// How a secret's check characters or structure stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// They hold: chance is out of the question.
    Valid,
    /// The provider promises that they hold, and they do not; or the structure tells that the
    /// secret is of no use as it stands. Not a key.
    Invalid,
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

/// How to compute the check characters of one scheme; `None` if the token is too short or lacks the
/// part.
type TailOf = fn(&[u8]) -> Option<Tail>;

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

/// Random bytes.
fn random_bytes(len: usize, random: Random<'_>) -> Vec<u8> {
    (0..len).map(|_| random(256) as u8).collect()
}

/// Declares the registry, so that a scheme cannot be in one list and not in another.
macro_rules! registry {
    ($($(#[doc = $doc:literal])* $variant:ident = $name:literal,)*) => {
        /// A scheme of check characters or of structure. The set is closed: a rule file names one.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Proof {
            $($(#[doc = $doc])* $variant,)*
        }

        impl Proof {
            /// Every scheme, sorted by name.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name that a rule file uses.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

registry! {
    /// Bech32 of an age identity, native or post-quantum.
    AgeBech32 = "age-bech32",
    /// CRC-32 of Atlassian and Bitbucket tokens, in upper case hex.
    AtlassianCrc32 = "atlassian-crc32",
    /// Personal tokens of Bitbucket, Jira and Confluence Data Center: digits, a colon, randomness.
    AtlassianDataCenter = "atlassian-data-center",
    /// Marvin32 of Microsoft's common annotated security keys.
    AzureCask = "azure-cask",
    /// Marvin32 of Microsoft's older identifiable keys.
    AzureHis = "azure-his",
    /// Base58Check of a Bitcoin private key (WIF).
    Base58check = "base58check",
    /// A private key in DER, in base64 without its PEM lines.
    Base64Der = "base64-der",
    /// `user:password` in base64, of the Authorization header.
    BasicAuth = "basic-auth",
    /// Bech32 with any human-readable part.
    Bech32 = "bech32",
    /// Amazon Bedrock keys, long-term and short-term: what they decode to says so.
    Bedrock = "bedrock",
    /// A BIP-39 recovery phrase in English.
    Bip39 = "bip39",
    /// A Clerk publishable key: a host name in base64.
    ClerkHost = "clerk-host",
    /// CRC-32 of Cloudflare tokens, in lower case hex.
    CloudflareCrc32 = "cloudflare-crc32",
    /// A Cloudflare tunnel token: account, tunnel and secret as JSON.
    CloudflareTunnelJson = "cloudflare-tunnel-json",
    /// CRC-32 of Confluent secrets, in base64.
    ConfluentCrc32 = "confluent-crc32",
    /// The check character of crates.io's trusted publishing.
    CratesIoXor = "crates-io-xor",
    /// A Discord bot token: its first part is the bot's number.
    DiscordBot = "discord-bot",
    /// The `auth` of a Docker configuration: `user:password` in base64.
    DockerAuth = "docker-auth",
    /// An Elasticsearch API key: id, colon, key, in base64.
    ElasticKey = "elastic-key",
    /// CRC-32 in base62, as GitHub and npm use it.
    GithubCrc32 = "github-crc32",
    /// SHA-256 in GitHub's fine-grained tokens.
    GithubFineGrained = "github-fine-grained",
    /// GitHub's server tokens: CRC-32 in base62, or an embedded JWT.
    GithubServerToken = "github-server-token",
    /// CRC-32 in base36 of GitLab's routable tokens.
    GitlabRoutable = "gitlab-routable",
    /// Grafana Cloud and legacy Grafana keys: JSON.
    GrafanaCloudJson = "grafana-cloud-json",
    /// CRC-32 of Grafana service account tokens, in hex.
    GrafanaCrc32 = "grafana-crc32",
    /// An Intercom token: `tok:` in base64.
    IntercomTok = "intercom-tok",
    /// A JFrog API key: base58 of 54 bytes.
    JfrogBase58 = "jfrog-base58",
    /// A JFrog reference token: `reftkn:` in base64.
    JfrogReftkn = "jfrog-reftkn",
    /// A JSON web token, alone or behind a prefix.
    Jwt = "jwt",
    /// A JSON web token in base64 once more.
    JwtBase64 = "jwt-base64",
    /// A Mapbox token: its middle part is JSON.
    MapboxJson = "mapbox-json",
    /// CRC-16 of a NATS seed.
    NkeyCrc16 = "nkey-crc16",
    /// A 1Password service account token: JSON.
    OnepasswordServiceAccount = "onepassword-service-account",
    /// An OpenSSH private key that is not encrypted, with or without its PEM lines.
    OpensshKey = "openssh-key",
    /// A private key in PEM that is not encrypted.
    Pem = "pem",
    /// CRC-32 in base62 of Polar's organisation tokens.
    PolarCrc32 = "polar-crc32",
    /// A PyPI token: a macaroon whose location is PyPI.
    PypiMacaroon = "pypi-macaroon",
    /// A private key of the curve secp256k1: within the order of the group.
    Secp256k1Range = "secp256k1-range",
    /// A Sentry organisation token: JSON.
    SentryJson = "sentry-json",
    /// CRC-16 of a Stellar seed.
    StrkeyCrc16 = "strkey-crc16",
    /// A Supabase key of the role `anon`, which is public.
    SupabaseAnon = "supabase-anon",
    /// A Supabase key of the role `service_role`.
    SupabaseServiceRole = "supabase-service-role",
    /// SHA-256 in the keys of a self-hosted Supabase.
    SupabaseSha256 = "supabase-sha256",
    /// A TeamCity token: its first part says so.
    Teamcity = "teamcity",
    /// A password, which is anything but a placeholder or a reference.
    UrlPassword = "url-password",
    /// CRC-32 in base62 of Vercel's tokens.
    VercelCrc32 = "vercel-crc32",
    /// A Weaviate key: 66 bytes with marks at fixed places.
    Weaviate = "weaviate",
    /// A WireGuard private key: an X25519 scalar, clamped.
    Wireguard = "wireguard",
    /// A WorkOS key: `key_` in base64.
    WorkosKey = "workos-key",
    /// Base58Check of an extended private key (BIP-32).
    Xprv = "xprv",
    /// CRC-32 of Zuplo keys, in hex.
    ZuploCrc32 = "zuplo-crc32",
}

impl Proof {
    /// The scheme of that name.
    pub fn named(name: &str) -> Option<Self> {
        let at = Self::ALL
            .binary_search_by_key(&name, |scheme| scheme.name())
            .ok()?;
        Some(Self::ALL[at])
    }

    /// Judges a secret of the rule's format. Takes any bytes, in linear time.
    pub fn check(self, secret: &[u8]) -> Check {
        match self {
            Self::AgeBech32 => chain::age(secret),
            Self::AtlassianCrc32 => promised(crc::atlassian, secret),
            Self::AtlassianDataCenter => structure::atlassian_data_center(secret),
            Self::AzureCask => azure::cask(secret),
            Self::AzureHis => azure::his(secret),
            Self::Base58check => chain::wif(secret),
            Self::Base64Der => pem::base64_der(secret),
            Self::BasicAuth | Self::DockerAuth => credentials::basic(secret),
            Self::Bech32 => chain::bech32(secret),
            Self::Bedrock => structure::bedrock(secret),
            Self::Bip39 => chain::bip39(secret),
            Self::ClerkHost => structure::clerk(secret),
            Self::CloudflareCrc32 => unpromised(crc::cloudflare, secret),
            Self::CloudflareTunnelJson => structure::cloudflare_tunnel(secret),
            Self::ConfluentCrc32 => promised(crc::confluent, secret),
            Self::CratesIoXor => unpromised(crc::crates_io, secret),
            Self::DiscordBot => structure::discord(secret),
            Self::ElasticKey => structure::elastic(secret),
            Self::GithubCrc32 => promised(crc::github, secret),
            Self::GithubFineGrained => unpromised(crc::github_fine_grained, secret),
            Self::GithubServerToken => jwt::github_server(secret),
            Self::GitlabRoutable => promised(crc::gitlab, secret),
            Self::GrafanaCloudJson => structure::grafana(secret),
            Self::GrafanaCrc32 => promised(crc::grafana, secret),
            Self::IntercomTok => structure::intercom(secret),
            Self::JfrogBase58 => structure::jfrog_api_key(secret),
            Self::JfrogReftkn => structure::jfrog_reference(secret),
            Self::Jwt => jwt::check(secret),
            Self::JwtBase64 => jwt::check_base64(secret),
            Self::MapboxJson => structure::mapbox(secret),
            Self::NkeyCrc16 => chain::nkey(secret),
            Self::OnepasswordServiceAccount => structure::onepassword(secret),
            Self::OpensshKey => pem::openssh(secret),
            Self::Pem => pem::check(secret),
            Self::PolarCrc32 | Self::VercelCrc32 => unpromised(crc::github, secret),
            Self::PypiMacaroon => structure::pypi(secret),
            Self::Secp256k1Range => chain::secp256k1(secret),
            Self::SentryJson => structure::sentry(secret),
            Self::StrkeyCrc16 => chain::strkey(secret),
            Self::SupabaseAnon => jwt::supabase(secret, "anon"),
            Self::SupabaseServiceRole => jwt::supabase(secret, "service_role"),
            Self::SupabaseSha256 => unpromised(crc::supabase, secret),
            Self::Teamcity => structure::teamcity(secret),
            Self::UrlPassword => credentials::password(secret),
            Self::Weaviate => structure::weaviate(secret),
            Self::Wireguard => chain::wireguard(secret),
            Self::WorkosKey => structure::workos(secret),
            Self::Xprv => chain::xprv(secret),
            Self::ZuploCrc32 => promised(crc::zuplo, secret),
        }
    }

    /// Turns a random sample of the rule's format into one for which [`check`](Self::check) says
    /// [`Check::Valid`], where the scheme has such an answer, and which still has the format.
    /// `random(n)` gives a number below `n`.
    pub fn seal(self, sample: &mut Vec<u8>, random: &mut dyn FnMut(usize) -> usize) {
        match self {
            Self::AgeBech32 | Self::Bech32 => chain::seal_bech32(sample),
            Self::AtlassianCrc32 => seal_tail(crc::atlassian, sample),
            Self::AtlassianDataCenter => structure::seal_atlassian_data_center(sample, random),
            Self::AzureCask => azure::seal_cask(sample),
            Self::AzureHis => azure::seal_his(sample, random),
            Self::Base58check => chain::seal_wif(sample, random),
            Self::Base64Der => pem::seal_der(sample, random),
            Self::BasicAuth | Self::DockerAuth => credentials::seal_basic(sample, random),
            Self::Bedrock => structure::seal_bedrock(sample, random),
            Self::Bip39 => chain::seal_bip39(sample, random),
            Self::ClerkHost => structure::seal_clerk(sample, random),
            Self::CloudflareCrc32 => seal_tail(crc::cloudflare, sample),
            Self::CloudflareTunnelJson => structure::seal_cloudflare_tunnel(sample, random),
            Self::ConfluentCrc32 => seal_tail(crc::confluent, sample),
            Self::CratesIoXor => seal_tail(crc::crates_io, sample),
            Self::DiscordBot => structure::seal_discord(sample, random),
            Self::ElasticKey => structure::seal_elastic(sample, random),
            Self::GithubCrc32 | Self::PolarCrc32 | Self::VercelCrc32 => {
                seal_tail(crc::github, sample);
            }
            Self::GithubFineGrained => seal_tail(crc::github_fine_grained, sample),
            Self::GithubServerToken => jwt::seal_github_server(sample, random),
            Self::GitlabRoutable => crc::seal_gitlab(sample),
            Self::GrafanaCloudJson => structure::seal_grafana(sample, random),
            Self::GrafanaCrc32 => seal_tail(crc::grafana, sample),
            Self::IntercomTok => structure::seal_intercom(sample, random),
            Self::JfrogBase58 => structure::seal_jfrog_api_key(sample),
            Self::JfrogReftkn => structure::seal_jfrog_reference(sample, random),
            Self::Jwt => jwt::seal(sample, random),
            Self::JwtBase64 => jwt::seal_base64(sample, random),
            Self::MapboxJson => structure::seal_mapbox(sample, random),
            Self::NkeyCrc16 => chain::seal_nkey(sample),
            Self::OnepasswordServiceAccount => structure::seal_onepassword(sample, random),
            Self::OpensshKey => pem::seal_openssh(sample, random),
            Self::Pem => pem::seal(sample, random),
            Self::PypiMacaroon => structure::seal_pypi(sample, random),
            Self::Secp256k1Range => chain::seal_secp256k1(sample),
            Self::SentryJson => structure::seal_sentry(sample, random),
            Self::StrkeyCrc16 => chain::seal_strkey(sample),
            Self::SupabaseAnon => jwt::seal_supabase(sample, "anon", random),
            Self::SupabaseServiceRole => jwt::seal_supabase(sample, "service_role", random),
            Self::SupabaseSha256 => seal_tail(crc::supabase, sample),
            Self::Teamcity => structure::seal_teamcity(sample),
            Self::UrlPassword => credentials::seal_password(sample, random),
            Self::Weaviate => structure::seal_weaviate(sample),
            Self::Wireguard => chain::seal_wireguard(sample, random),
            Self::WorkosKey => structure::seal_workos(sample, random),
            Self::Xprv => chain::seal_xprv(sample, random),
            Self::ZuploCrc32 => seal_tail(crc::zuplo, sample),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::BASE64;
    use crate::rules::format::Format;

    /// Formats that the catalog gives each scheme, or a shape that stands for a pattern of it.
    const FORMATS: &[(Proof, &[&str])] = &[
        (
            Proof::AgeBech32,
            &[
                "AGE-SECRET-KEY-1<bech32-upper:58>",
                "AGE-SECRET-KEY-PQ-1<bech32-upper:58>",
            ],
        ),
        (
            Proof::AtlassianCrc32,
            &[
                "ATBB<base62:24><hex-upper:8>",
                "ATATT3xFfGF0<base64url:80,800>=<hex-upper:8>",
                "ATCTT3xFfGN0<base64url:80,800>=<hex-upper:8>",
            ],
        ),
        (
            Proof::AtlassianDataCenter,
            &["BBDC-<base64-any:40,50>", "<base64:44>"],
        ),
        (
            Proof::AzureCask,
            &[
                "<base62:52>JQQJ9<9|D|H><base62:1><letters-upper:1><base62:12>AAAB<AZDO|ACOG|AZAC><base62:4>",
                "<base62:52>JQQJ9<9|D|H><base62:1><letters-upper:1><base62:22><base62:4>",
            ],
        ),
        (
            Proof::AzureHis,
            &[
                "<base64:76><+ASt|ACDb|+ABa|APIM|+AMC><base64:5><A|Q|g|w>==",
                "<base64:33><+ASb|+AEh|+ARm|AIoT|AzCa|AZEG><base64:6>=",
                "<base64:42>+ACR<A|B|C|D><base64:5>",
                "<base62:42>AzSe<A|B|C|D><base62:5>",
                "<base64url:44>AzFu<base64url:5><A|Q|g|w>==",
            ],
        ),
        (Proof::Base58check, &["5<base58:50>", "<K|L><base58:51>"]),
        (
            Proof::Base64Der,
            &["MII<letters:1><base64:160,8000><|=|==>"],
        ),
        (Proof::BasicAuth, &["<base64:12,1000><|=|==>"]),
        (Proof::Bech32, &["nsec1<bech32-lower:58>"]),
        (
            Proof::Bedrock,
            &[
                "ABSK<base64:109,269><|=|==>",
                "bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29t<base64-any:20,8000>",
            ],
        ),
        (Proof::Bip39, &["<letters-lower:3,8> <letters-lower:3,8>"]),
        (Proof::ClerkHost, &["pk_<live|test>_<base64:16,120><|=|==>"]),
        (
            Proof::CloudflareCrc32,
            &["<cfut|cfat|cfk>_<base62:40><hex-lower:8>"],
        ),
        (
            Proof::CloudflareTunnelJson,
            &["eyJhIjoi<base64:100,300><|=|==>"],
        ),
        (Proof::ConfluentCrc32, &["cflt<base64:60>"]),
        (Proof::CratesIoXor, &["cio_tp_<base62:32>"]),
        (
            Proof::DiscordBot,
            &["<M|N|O><base64url:22,30>.<base64url:6>.<base64url:27,40>"],
        ),
        (Proof::DockerAuth, &["<base64:12,1000><|=|==>"]),
        (Proof::ElasticKey, &["<base64:56,64><|=|==>"]),
        (
            Proof::GithubCrc32,
            &["<ghp|gho|ghu|npm|ghr>_<base62:36>", "ghr_<base62:76>"],
        ),
        (
            Proof::GithubFineGrained,
            &["github_pat_<base62:22>_<base62:59>"],
        ),
        (
            Proof::GithubServerToken,
            &["ghs_<base62:36>", "ghs_<digits:1,20>_<jwt>"],
        ),
        (
            Proof::GitlabRoutable,
            &[
                "glpat-<base64url:27,300>.<01>.<base36-lower:9>",
                "glpat-<base64url:27,300>.<base36-lower:9>",
                "glrt-t<digits:1>_<base64url:27,300>.<01>.<base36-lower:9>",
            ],
        ),
        (
            Proof::GrafanaCloudJson,
            &[
                "glc_<base64:40,400><|=|==>",
                "eyJrIjoi<base64:40,400><|=|==>",
            ],
        ),
        (Proof::GrafanaCrc32, &["glsa_<base62:32>_<hex-lower:8>"]),
        (Proof::IntercomTok, &["dG9rO<base64:54>="]),
        (Proof::JfrogBase58, &["AKCp<base62:69>"]),
        (Proof::JfrogReftkn, &["cmVmdGtu<base62:56>"]),
        (Proof::Jwt, &["<jwt>", "hf_oauth_<jwt>"]),
        (Proof::JwtBase64, &["ZXlK<base64:60,8000><|=|==>"]),
        (
            Proof::MapboxJson,
            &["<sk|tk>.eyJ<base64url:30,200>.<base64url:20,22>"],
        ),
        (Proof::NkeyCrc16, &["S<A|C|N|O|P|U|X><base32-upper:56>"]),
        (
            Proof::OnepasswordServiceAccount,
            &["ops_eyJ<base64-any:160,8000>"],
        ),
        (Proof::OpensshKey, &[OPENSSH]),
        (
            Proof::Pem,
            &[
                RSA,
                RSA_ESCAPED,
                OPENSSH,
                PGP,
                "LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tL<base64:30,16000><|=|==>",
                "LS0tLS1CRUdJTiBPUEVOU1NIIFBSSVZBVEUgS0VZLS0tLS<base64:30,16000><|=|==>",
            ],
        ),
        (Proof::PolarCrc32, &["polar_oat_<base62:43>"]),
        (
            Proof::PypiMacaroon,
            &[
                "pypi-AgEIcHlwaS5vcmc<base64url:50,1000>",
                "pypi-AgENdGVzdC5weXBpLm9yZw<base64url:50,1000>",
            ],
        ),
        (Proof::Secp256k1Range, &["<|0x><hex:64>"]),
        (
            Proof::SentryJson,
            &["sntrys_eyJ<base64-any:60,600>_<base64:43>"],
        ),
        (Proof::StrkeyCrc16, &["S<base32-upper:55>"]),
        (Proof::SupabaseAnon, &["<jwt>"]),
        (Proof::SupabaseServiceRole, &["<jwt>"]),
        (
            Proof::SupabaseSha256,
            &["sb_<secret|publishable>_<base64url:22>_<base64url:8>"],
        ),
        (
            Proof::Teamcity,
            &["eyJ0eXAiOiAiVENWMiJ9.<base64url:36>.<base64url:48>"],
        ),
        (Proof::UrlPassword, &["<base62:12,40>"]),
        (Proof::VercelCrc32, &["<vcp|vci|vca|vcr|vck>_<base62:56>"]),
        (Proof::Weaviate, &["<base64:82>92MjAw"]),
        (Proof::Wireguard, &["<base64:43>="]),
        (
            Proof::WorkosKey,
            &["sk_<live|test>_a2V5Xz<base64:40,100><|=|==>"],
        ),
        (Proof::Xprv, &["<xprv|yprv|zprv|tprv><base58:107>"]),
        (Proof::ZuploCrc32, &["zpka_<lower-alnum:32>_<hex-lower:8>"]),
    ];

    const RSA: &str = "-----BEGIN RSA PRIVATE KEY-----\n<base64:64>\n<base64:64>\n<base64:10,40>\n-----END RSA PRIVATE KEY-----";
    const RSA_ESCAPED: &str =
        r"-----BEGIN RSA PRIVATE KEY-----\\n<base64:64>\\n<base64:64>\\n<base64:10,40>\\n";
    const OPENSSH: &str = "-----BEGIN OPENSSH PRIVATE KEY-----\n<base64:64>\n<base64:64>\n-----END OPENSSH PRIVATE KEY-----";
    const PGP: &str = "-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: GnuPG v2\n\n<base64:64>\n<base64:32>\n=<base64:4>\n-----END PGP PRIVATE KEY BLOCK-----";

    /// Schemes of which no answer is [`Check::Valid`].
    const NEVER_VALID: &[Proof] = &[Proof::Secp256k1Range, Proof::UrlPassword];

    /// Schemes that no change of one character survives.
    const SUMS: &[Proof] = &[
        Proof::AgeBech32,
        Proof::AtlassianCrc32,
        Proof::AzureCask,
        Proof::Base58check,
        Proof::Bech32,
        Proof::CloudflareCrc32,
        Proof::ConfluentCrc32,
        Proof::GithubCrc32,
        Proof::GitlabRoutable,
        Proof::GrafanaCrc32,
        Proof::NkeyCrc16,
        Proof::PolarCrc32,
        Proof::StrkeyCrc16,
        Proof::SupabaseSha256,
        Proof::VercelCrc32,
        Proof::Xprv,
        Proof::ZuploCrc32,
    ];

    /// A generator that gives the same numbers every time.
    fn generator() -> impl FnMut(usize) -> usize {
        let mut state = 0x9e37_79b9_7f4a_7c15u64;
        move |below| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 16) as usize % below
        }
    }

    #[test]
    fn the_registry_is_sorted_and_finds_every_name() {
        assert!(Proof::ALL.is_sorted_by_key(|scheme| scheme.name()));
        for &scheme in Proof::ALL {
            assert_eq!(Proof::named(scheme.name()), Some(scheme));
            let camel: String = scheme
                .name()
                .split('-')
                .map(|word| word[..1].to_uppercase() + &word[1..])
                .collect();
            assert_eq!(format!("{scheme:?}"), camel);
        }
        assert_eq!(Proof::named("github"), None);
    }

    #[test]
    fn sealed_samples_are_valid_and_keep_their_format() {
        let mut random = generator();
        let schemes: Vec<Proof> = FORMATS.iter().map(|entry| entry.0).collect();
        assert_eq!(schemes, Proof::ALL);
        for &(scheme, formats) in FORMATS {
            for source in formats {
                let format = Format::parse(source).unwrap();
                let regex = regex::bytes::Regex::new(&format!("^(?:{})$", format.regex())).unwrap();
                for _ in 0..60 {
                    let mut sample = format.sample(&mut random);
                    scheme.seal(&mut sample, &mut random);
                    let expected = match NEVER_VALID.contains(&scheme) {
                        true => Check::Unknown,
                        false => Check::Valid,
                    };
                    assert_eq!(scheme.check(&sample), expected, "{source}");
                    // A phrase has no alphabet of its own that a format could name.
                    let shaped = scheme == Proof::Bip39 || regex.is_match(&sample);
                    assert!(shaped, "{source}");
                }
            }
        }
    }

    #[test]
    fn a_changed_character_breaks_a_sum() {
        let mut random = generator();
        for &(scheme, formats) in FORMATS.iter().filter(|entry| SUMS.contains(&entry.0)) {
            for source in formats {
                let format = Format::parse(source).unwrap();
                for _ in 0..60 {
                    let mut sample = format.sample(&mut random);
                    scheme.seal(&mut sample, &mut random);
                    let at = format.prefix().len() + 6 + random(10);
                    let other = |b: u8| b != sample[at] && b != sample[at] ^ 0x20;
                    let new = b"qpzry9x8".iter().copied().find(|&b| other(b)).unwrap();
                    sample[at] = match sample[at].is_ascii_uppercase() {
                        true => new.to_ascii_uppercase(),
                        false => new,
                    };
                    assert_ne!(scheme.check(&sample), Check::Valid, "{source} at {at}");
                }
            }
        }
    }

    #[test]
    fn any_bytes_are_judged_and_sealed() {
        let mut random = generator();
        let pieces: &[&[u8]] = &[
            b"",
            b"_",
            b".",
            b"=",
            b":",
            b"-",
            b"1",
            b"\\",
            b"eyJ",
            b"\xff\xfe",
            b"-----",
            b"-----BEGIN ",
            b"-----BEGIN PRIVATE KEY-----",
            b"LS0tLS1CRUdJTi",
            b"0x",
            b"xprv",
            b"pypi-AgEI",
            b"ATBB",
            b"ghs_1_eyJ.",
            b"AAAAAAAA",
        ];
        for &scheme in Proof::ALL {
            for _ in 0..300 {
                let mut bytes = Vec::new();
                for _ in 0..random(6) {
                    bytes.extend(pieces[random(pieces.len())]);
                    let len = random(90);
                    match random(3) {
                        0 => bytes.extend(random_bytes(len, &mut random)),
                        _ => bytes.extend(random_text(BASE64, len, &mut random)),
                    }
                }
                scheme.check(&bytes);
                let sealed = bytes.len();
                scheme.seal(&mut bytes, &mut random);
                assert!(bytes.len() < sealed + 1000);
            }
        }
    }

    #[test]
    fn formats_are_cut_anywhere_without_harm() {
        let mut random = generator();
        for &(scheme, formats) in FORMATS {
            for source in formats {
                let mut sample = Format::parse(source).unwrap().sample(&mut random);
                scheme.seal(&mut sample, &mut random);
                sample.truncate(400);
                for end in 0..sample.len() {
                    scheme.check(&sample[..end]);
                    scheme.check(&sample[end..]);
                    let mut part = sample[..end].to_vec();
                    scheme.seal(&mut part, &mut random);
                }
            }
        }
    }
}
