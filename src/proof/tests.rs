use super::*;
use crate::encoding::BASE64;
use crate::lab::Random;
use crate::rules::format::Format;

/// Formats that the catalog gives each scheme, or a shape that stands for a pattern of it.
const FORMATS: &[(&str, &[&str])] = &[
    (
        "age-bech32",
        &[
            "AGE-SECRET-KEY-1<bech32-upper:58>",
            "AGE-SECRET-KEY-PQ-1<bech32-upper:58>",
        ],
    ),
    (
        "atlassian-crc32",
        &[
            "ATBB<base62:24><hex-upper:8>",
            "ATATT3xFfGF0<base64url:80,800>=<hex-upper:8>",
            "ATCTT3xFfGN0<base64url:80,800>=<hex-upper:8>",
        ],
    ),
    (
        "atlassian-data-center",
        &["BBDC-<base64-any:40,50>", "<base64:44>"],
    ),
    (
        "azure-cask",
        &[
            "<base62:52>JQQJ9<9|D|H><base62:1><letters-upper:1><base62:12>AAAB<AZDO|ACOG|AZAC><base62:4>",
            "<base62:52>JQQJ9<9|D|H><base62:1><letters-upper:1><base62:22><base62:4>",
        ],
    ),
    (
        "azure-his",
        &[
            "<base64:76><+ASt|ACDb|+ABa|APIM|+AMC><base64:5><A|Q|g|w>==",
            "<base64:33><+ASb|+AEh|+ARm|AIoT|AzCa|AZEG><base64:6>=",
            "<base64:42>+ACR<A|B|C|D><base64:5>",
            "<base62:42>AzSe<A|B|C|D><base62:5>",
            "<base64url:44>AzFu<base64url:5><A|Q|g|w>==",
        ],
    ),
    ("base58check", &["5<base58:50>", "<K|L><base58:51>"]),
    ("base64-der", &["M<C|D|E|F|G|H|I><base64:60,8000><|=|==>"]),
    ("basic-auth", &["<base64:12,1000><|=|==>"]),
    ("bech32", &["nsec1<bech32-lower:58>"]),
    (
        "bedrock",
        &[
            "ABSK<base64:109,269><|=|==>",
            "bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29t<base64-any:20,8000>",
        ],
    ),
    ("bip39", &["<letters-lower:3,8> <letters-lower:3,8>"]),
    ("clerk-host", &["pk_<live|test>_<base64:16,120><|=|==>"]),
    (
        "cloudflare-crc32",
        &["<cfut|cfat|cfk>_<base62:40><hex-lower:8>"],
    ),
    (
        "cloudflare-tunnel-json",
        &["eyJhIjoi<base64:100,300><|=|==>"],
    ),
    ("confluent-crc32", &["cflt<base64:60>"]),
    ("crates-io-xor", &["cio_tp_<base62:32>"]),
    (
        "discord-bot",
        &["<M|N|O><base64url:22,30>.<base64url:6>.<base64url:27,40>"],
    ),
    ("docker-auth", &["<base64:12,1000><|=|==>"]),
    ("elastic-key", &["<base64:56,64><|=|==>"]),
    (
        "github-crc32",
        &["<ghp|gho|ghu|npm|ghr>_<base62:36>", "ghr_<base62:76>"],
    ),
    (
        "github-fine-grained",
        &["github_pat_<base62:22>_<base62:59>"],
    ),
    (
        "github-server-token",
        &["ghs_<base62:36>", "ghs_<digits:1,20>_<jwt>"],
    ),
    (
        "gitlab-routable",
        &[
            "glpat-<base64url:27,300>.<01>.<base36-lower:9>",
            "glpat-<base64url:27,300>.<base36-lower:9>",
            "glrt-t<digits:1>_<base64url:27,300>.<01>.<base36-lower:9>",
        ],
    ),
    (
        "grafana-cloud-json",
        &[
            "glc_<base64:40,400><|=|==>",
            "eyJrIjoi<base64:40,400><|=|==>",
        ],
    ),
    ("grafana-crc32", &["glsa_<base62:32>_<hex-lower:8>"]),
    ("intercom-tok", &["dG9rO<base64:54>="]),
    ("jfrog-base58", &["AKCp<base62:69>"]),
    ("jfrog-reftkn", &["cmVmdGtu<base62:56>"]),
    ("jwt", &["<jwt>", "hf_oauth_<jwt>"]),
    ("jwt-base64", &["ZXlK<base64:60,8000><|=|==>"]),
    (
        "mapbox-json",
        &["<sk|tk>.eyJ<base64url:30,200>.<base64url:20,22>"],
    ),
    ("nkey-crc16", &["S<A|C|N|O|P|U|X><base32-upper:56>"]),
    ("npm-auth", &["<base64:12,1000><|=|==>"]),
    ("ntlm", &["TlRMTVNTUAADAAAA<base64:100,8000><|=|==>"]),
    (
        "onepassword-service-account",
        &["ops_eyJ<base64-any:160,8000>"],
    ),
    ("openssh-key", &[OPENSSH]),
    (
        "pem",
        &[
            RSA,
            RSA_ESCAPED,
            OPENSSH,
            PGP,
            "LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tL<base64:30,16000><|=|==>",
            "LS0tLS1CRUdJTiBPUEVOU1NIIFBSSVZBVEUgS0VZLS0tLS<base64:30,16000><|=|==>",
        ],
    ),
    ("polar-crc32", &["polar_oat_<base62:43>"]),
    (
        "pypi-macaroon",
        &[
            "pypi-AgEIcHlwaS5vcmc<base64url:50,1000>",
            "pypi-AgENdGVzdC5weXBpLm9yZw<base64url:50,1000>",
        ],
    ),
    ("secp256k1-range", &["<|0x><hex:64>"]),
    (
        "sentry-json",
        &["sntrys_eyJ<base64-any:60,600>_<base64:43>"],
    ),
    ("strkey-crc16", &["S<base32-upper:55>"]),
    ("supabase-anon", &["<jwt>"]),
    ("supabase-service-role", &["<jwt>"]),
    (
        "supabase-sha256",
        &["sb_<secret|publishable>_<base64url:22>_<base64url:8>"],
    ),
    (
        "teamcity",
        &["eyJ0eXAiOiAiVENWMiJ9.<base64url:36>.<base64url:48>"],
    ),
    ("url-password", &["<base62:12,40>"]),
    ("vercel-crc32", &["<vcp|vci|vca|vcr|vck>_<base62:56>"]),
    ("weaviate", &["<base64:82>92MjAw"]),
    ("webhook-secret", &["whsec_<base64:32>"]),
    ("wireguard", &["<base64:43>="]),
    (
        "workos-key",
        &["sk_<live|test>_a2V5Xz<base64:40,100><|=|==>"],
    ),
    ("xprv", &["<xprv|yprv|zprv|tprv><base58:107>"]),
    ("zuplo-crc32", &["zpka_<lower-alnum:32>_<hex-lower:8>"]),
];

const RSA: &str = "-----BEGIN RSA PRIVATE KEY-----\n<base64:64>\n<base64:64>\n<base64:10,40>\n-----END RSA PRIVATE KEY-----";
const RSA_ESCAPED: &str =
    r"-----BEGIN RSA PRIVATE KEY-----\\n<base64:64>\\n<base64:64>\\n<base64:10,40>\\n";
const OPENSSH: &str = "-----BEGIN OPENSSH PRIVATE KEY-----\n<base64:64>\n<base64:64>\n-----END OPENSSH PRIVATE KEY-----";
const PGP: &str = "-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: GnuPG v2\n\n<base64:64>\n<base64:32>\n=<base64:4>\n-----END PGP PRIVATE KEY BLOCK-----";

/// Schemes that no change of one character survives.
const SUMS: &[&str] = &[
    "age-bech32",
    "atlassian-crc32",
    "azure-cask",
    "base58check",
    "bech32",
    "cloudflare-crc32",
    "confluent-crc32",
    "github-crc32",
    "gitlab-routable",
    "grafana-crc32",
    "nkey-crc16",
    "polar-crc32",
    "strkey-crc16",
    "supabase-sha256",
    "vercel-crc32",
    "xprv",
    "zuplo-crc32",
];

/// A generator that gives the same numbers every time.
fn generator() -> impl FnMut(usize) -> usize {
    let mut random = Random::new(5);
    move |below| random.below(below)
}

fn named(name: &str) -> Proof {
    Proof::named(name).unwrap()
}

#[test]
fn the_registry_is_sorted_and_finds_every_name() {
    assert!(Proof::all().is_sorted_by_key(Proof::name));
    for proof in Proof::all() {
        assert_eq!(named(proof.name()), proof);
    }
    assert_eq!(Proof::named("github"), None);
}

#[test]
fn sealed_samples_are_valid_and_keep_their_format() {
    let mut random = generator();
    assert!(
        FORMATS
            .iter()
            .map(|entry| entry.0)
            .eq(Proof::all().map(Proof::name))
    );
    for &(name, formats) in FORMATS {
        let scheme = named(name);
        for source in formats {
            let format = Format::parse(source).unwrap();
            let regex = regex::bytes::Regex::new(&format!("^(?:{})$", format.regex())).unwrap();
            for _ in 0..60 {
                let mut sample = format.sample(&mut random);
                scheme.seal(&mut sample, &mut random);
                let expected = match scheme.disproves() {
                    true => Check::Unknown,
                    false => Check::Valid,
                };
                assert_eq!(scheme.check(&sample), expected, "{source}");
                // A phrase has no alphabet of its own that a format could name.
                let shaped = name == "bip39" || regex.is_match(&sample);
                assert!(shaped, "{source}");
            }
        }
    }
}

#[test]
fn a_changed_character_breaks_a_sum() {
    let mut random = generator();
    for &(name, formats) in FORMATS.iter().filter(|entry| SUMS.contains(&entry.0)) {
        let scheme = named(name);
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
    for scheme in Proof::all() {
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
    for &(name, formats) in FORMATS {
        let scheme = named(name);
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
