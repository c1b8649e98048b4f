//! Values that say where a secret is instead of what it is: addresses in a store, variables, calls,
//! and what only a key that is kept elsewhere opens.
//!
//! The forms are those that the stores, pipelines and formats document. A value counts as a whole;
//! what it falls back to, as in `${NAME:-value}`, is a value like any other.

use bstr::ByteSlice;

use super::name::is_identifier;
use super::number::is_uuid;
use super::place_of;
use super::randomness::Randomness;
use crate::encoding::decode_base64;

/// How a value says that the secret is not in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reference {
    /// The address of a secret in a store: `op://vault/item/field`.
    Store,
    /// A variable of the environment, of a template or of a pipeline: `${NAME}`, `{{ name }}`.
    Variable,
    /// A member or a call in code: `process.env.NAME`, `getenv("NAME")`.
    Code,
    /// A file, or a resource of a cloud that is no store of secrets.
    Place,
    /// A place to fill in: `<password>`.
    Blank,
    /// Brackets that may stand around anything, `[password]` or `{0}`: what they hold must not read as drawn
    /// at random.
    Bracketed,
    /// What only a key that is kept elsewhere opens: `ENC[...]`.
    Encrypted,
    /// A hash of a password, behind the name of its scheme.
    Hashed,
}

use Reference::{Blank, Bracketed, Code, Encrypted, Hashed, Place, Store, Variable};

/// How a reference starts, and whether that is enough to tell one.
struct Start {
    text: &'static str,
    kind: Reference,
    /// Words that stand before anything, such as `data.`: what follows must not read as drawn at
    /// random.
    common: bool,
}

const fn start(text: &'static str, kind: Reference) -> Start {
    Start {
        text,
        kind,
        common: false,
    }
}

const fn common(text: &'static str, kind: Reference) -> Start {
    Start {
        text,
        kind,
        common: true,
    }
}

/// What references start with, in lower case. Sorted; of two that fit, the longer one holds.
const STARTS: &[Start] = &[
    // A YAML tag of CloudFormation, as `!Ref` and `!ImportValue`.
    start("!getatt ", Code),
    start("!importvalue ", Code),
    start("!ref ", Code),
    // Home Assistant, ESPHome.
    start("!secret ", Store),
    // Summon.
    start("!var ", Store),
    start("!vault", Encrypted),
    // Grafana.
    start("$__env{", Variable),
    start("$__file{", Place),
    start("$__vault{", Store),
    start("$_env[", Code),
    start("$_server[", Code),
    start("$ansible_vault", Encrypted),
    // PowerShell.
    start("$env:", Variable),
    // Perl, CMake.
    start("$env{", Variable),
    // Symfony.
    start("%env(", Variable),
    start("/run/secrets/", Store),
    start("/var/run/secrets/", Store),
    // Azure App Service.
    start("@microsoft.appconfiguration(", Store),
    start("@microsoft.keyvault(", Store),
    start("akeyless:", Store),
    start("akv://", Store),
    // What Windows seals for its user (DPAPI), in base64.
    start("aqaaancmnd8bfderjhoaw", Encrypted),
    // What AWS KMS gives, in base64: the first bytes say its version and kind.
    start("aqecah", Encrypted),
    start("aqicah", Encrypted),
    start("arn:", Place),
    start("arn:aws:kms:", Store),
    start("arn:aws:secretsmanager:", Store),
    start("arn:aws:ssm:", Store),
    start("aws-sm://", Store),
    start("berglas://", Store),
    start("bun.env", Code),
    start("bw://", Store),
    start("bws:", Store),
    // CloverETL.
    start("conf#", Encrypted),
    common("config.", Code),
    start("config[", Code),
    start("conjur:", Store),
    // Jenkins.
    start("credentials(", Code),
    // TeamCity.
    start("credentialsjson:", Store),
    // Terraform, as `local.`, `module.` and `var.`.
    common("data.", Code),
    start("deno.env", Code),
    // Dashlane.
    start("dl://", Store),
    start("doppler://", Store),
    start("dotenv://", Store),
    // ejson.
    start("ej[1:", Encrypted),
    // Jasypt, and `ENC[` of sops and eyaml.
    start("enc(", Encrypted),
    start("enc[", Encrypted),
    // dotenvx.
    start("encrypted:", Encrypted),
    // NiFi.
    start("enc{", Encrypted),
    start("env!(", Code),
    start("env(", Code),
    common("env.", Code),
    start("env:", Variable),
    start("env::var", Code),
    start("env[", Code),
    start("environment.getenvironmentvariable", Code),
    start("file:", Place),
    start("file:///run/secrets/", Store),
    start("gcp-sm://", Store),
    start("getenv(", Code),
    start("import.meta.", Code),
    start("infisical://", Store),
    // Keeper.
    start("keeper://", Store),
    start("keychain:", Store),
    start("keyring:", Store),
    // Azure Container Apps, as `secretref:`.
    start("keyvaultref:", Store),
    common("local.", Code),
    common("module.", Code),
    start("op://", Store),
    start("option_env!(", Code),
    start("os.environ", Code),
    start("os.getenv", Code),
    // Proton Pass.
    start("pass://", Store),
    start("process.env", Code),
    // vals, with `secretref+`.
    start("ref+", Store),
    start("secretref+", Store),
    start("secretref:", Store),
    common("secrets.", Code),
    common("settings.", Code),
    start("sm://", Store),
    start("ssm:/", Store),
    start("std::env", Code),
    start("sys.getenv", Code),
    start("system.getenv", Code),
    // `Salted__` in base64, as `openssl enc` and transcrypt write it.
    start("u2fsdgvkx1", Encrypted),
    common("var.", Code),
    start("vault:", Store),
    // The transit engine of Vault.
    start("vault:v1:", Encrypted),
    // WebLogic, as `{aes}`.
    start("{3des}", Encrypted),
    start("{aes256}", Encrypted),
    start("{aes}", Encrypted),
    // Jenkins: a version and the length of what follows, in base64.
    start("{aqaaabaaaa", Encrypted),
    start("{bcrypt}", Hashed),
    // Spring Cloud.
    start("{cipher}", Encrypted),
    // opencode, as `{file:`.
    start("{env:", Variable),
    start("{file:", Place),
    // KeePass.
    start("{ref:", Store),
    start("{ssha}", Hashed),
];

/// Signs that stand around what somebody or something else fills in.
struct Pair {
    open: &'static str,
    close: &'static str,
    kind: Reference,
}

const fn pair(open: &'static str, close: &'static str, kind: Reference) -> Pair {
    Pair { open, close, kind }
}

/// The signs, the longer ones of those that start alike first.
const PAIRS: &[Pair] = &[
    // Mule.
    pair("![", "]", Encrypted),
    pair("#{", "}", Variable),
    pair("$(", ")", Variable),
    pair("$[", "]", Variable),
    pair("${", "}", Variable),
    pair("%%", "%%", Variable),
    pair("%", "%", Variable),
    pair("(", ")", Bracketed),
    pair("<", ">", Blank),
    pair("@@", "@@", Variable),
    pair("@", "@", Bracketed),
    pair("[", "]", Bracketed),
    pair("__", "__", Blank),
    pair("{{", "}}", Variable),
    pair("{", "}", Bracketed),
];

/// What opens a place to fill in, where it stands within a text.
const TEMPLATES: &[&str] = &["${", "$(", "{{", "{%", "<%", "#{", "%(", "$[", "@@"];

/// A weight: from so many bits of evidence on, what follows a common start is a random draw, and no name. Of
/// the 3,763 names that follow such a start in 600 crates, the library of Python and Google's SDK the most
/// telling, `MONGOHQ_URL`, has 15; of 1,000 draws of 16 letters and digits less than 5 stay below.
const DRAWN: f32 = 16.0;

/// How the whole value says that the secret is elsewhere, or closed; `None` if it does not.
///
/// A variable with a [`fallback`] is what it falls back to.
pub(crate) fn of(value: &[u8]) -> Option<Reference> {
    /// A bound: nobody nests defaults deeper.
    const DEEPEST: usize = 4;
    let mut value = value;
    for _ in 0..DEEPEST {
        match fallback(value) {
            Some(default) => value = default,
            None => break,
        }
    }
    by_start(value)
        .or_else(|| is_variable(value).then_some(Variable))
        .or_else(|| by_pairs(value))
        .or_else(|| is_path_in_store(value).then_some(Store))
        .or_else(|| (is_encrypted_by_maven(value) || is_sealed(value)).then_some(Encrypted))
}

/// Whether a value is a secret that is kept elsewhere, closed, or still to be filled in.
pub(crate) fn refers(value: &[u8]) -> bool {
    match of(value) {
        Some(Store | Variable | Code | Blank | Encrypted) => true,
        Some(Place | Bracketed | Hashed) | None => false,
    }
}

/// Whether a text has a place to fill in anywhere: `Bearer ${TOKEN}`, `acme-<region>-key`.
pub(crate) fn has_template(text: &[u8]) -> bool {
    let holds = |mark: &&str| place_of(mark.as_bytes(), text).is_some();
    TEMPLATES.iter().any(holds) || has_blank(text)
}

/// Whether a name in angle brackets stands in a text, as documents write what is to be filled in.
pub(crate) fn has_blank(text: &[u8]) -> bool {
    /// A bound: what is filled in has a short name.
    const LONGEST: usize = 24;
    let is_name = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-".contains(b);
    text.find_iter(b"<").any(|open| {
        let rest = &text[open + 1..];
        let len = rest.iter().take(LONGEST).take_while(|b| is_name(b)).count();
        len >= 2 && rest[0].is_ascii_lowercase() && rest.get(len) == Some(&b'>')
    })
}

/// What a variable's value is where it has none of its own: `value` in `${NAME:-value}`. `None` if the text is
/// not a variable, or its default is empty or missing.
///
/// The marks are those of a shell (`:-`, `:=`, `-`, `=`) and Spring's `:`. A colon behind a single small word
/// names what resolves the rest instead: `${env:NAME}`.
pub(crate) fn fallback(value: &[u8]) -> Option<&[u8]> {
    let inner = value.strip_prefix(b"${")?.strip_suffix(b"}")?;
    let is_name = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.');
    let end = inner.iter().take_while(|b| is_name(b)).count();
    let (name, rest) = inner.split_at(end);
    if !name
        .first()
        .is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_')
    {
        return None;
    }
    let default = match rest {
        [b':', b'-' | b'=', default @ ..] | [b'-' | b'=', default @ ..] => default,
        // What is said instead, or taken instead of the variable's value.
        [b':', b'?' | b'+', ..] => return None,
        [b':', ..] if name.iter().all(u8::is_ascii_lowercase) => return None,
        [b':', default @ ..] => default,
        _ => return None,
    };
    (!default.is_empty()).then_some(default)
}

fn by_start(value: &[u8]) -> Option<Reference> {
    let first = value.first()?.to_ascii_lowercase();
    let from = STARTS.partition_point(|start| start.text.as_bytes()[0] < first);
    STARTS[from..]
        .iter()
        .take_while(|start| start.text.as_bytes()[0] == first)
        .filter(|start| {
            let len = start.text.len();
            value
                .get(..len)
                .is_some_and(|head| head.eq_ignore_ascii_case(start.text.as_bytes()))
                && !(start.common && is_drawn(&value[len..]))
        })
        .last()
        .map(|start| start.kind)
}

/// Whether a text is one token, and that a random one. A UUID in braces names something.
fn is_drawn(text: &[u8]) -> bool {
    text.iter()
        .all(|b| b.is_ascii_alphanumeric() || b"_-+/=.~".contains(b))
        && !is_uuid(text)
        && Randomness::of(text).bits >= DRAWN
}

/// `$NAME`. `$ecret7` may be a password: names in capitals, of words that are joined, and without digits are
/// variables.
fn is_variable(value: &[u8]) -> bool {
    let Some(name) = value.strip_prefix(b"$") else {
        return false;
    };
    let has = |kind: fn(&u8) -> bool| name.iter().any(kind);
    is_identifier(name)
        && (!has(u8::is_ascii_lowercase)
            || !has(u8::is_ascii_digit)
            || name.contains(&b'_') && !has(u8::is_ascii_uppercase))
}

/// Signs in pairs around the whole value, or around parts of it that nothing but signs parts:
/// `${HOST}:${PORT}`.
fn by_pairs(value: &[u8]) -> Option<Reference> {
    PAIRS
        .iter()
        .find(|pair| value.starts_with(pair.open.as_bytes()) && is_paired(value, pair))
        .map(|pair| pair.kind)
}

fn is_paired(value: &[u8], pair: &Pair) -> bool {
    let (open, close) = (pair.open.as_bytes(), pair.close.as_bytes());
    let mut rest = value;
    while let Some(behind) = rest.strip_prefix(open) {
        let Some(inner) = inner(behind, open, close) else {
            return false;
        };
        let (part, behind) = rest.split_at(open.len() + inner.len() + close.len());
        if inner.is_empty() || fallback(part).is_some() || pair.kind == Bracketed && is_drawn(inner)
        {
            return false;
        }
        let signs = behind.iter().take_while(|b| b.is_ascii_punctuation());
        let signs = &behind[..signs.count()];
        if signs.len() == behind.len() {
            return true;
        }
        let Some(next) = signs.find(open) else {
            return false;
        };
        rest = &behind[next..];
    }
    false
}

/// What stands before the signs that close, of brackets those that belong to the ones that open.
fn inner<'a>(behind: &'a [u8], open: &[u8], close: &[u8]) -> Option<&'a [u8]> {
    if open == close {
        return behind.find(close).map(|len| &behind[..len]);
    }
    let (opens, closes) = (open[open.len() - 1], close[0]);
    let mut depth = close.len();
    for (at, &byte) in behind.iter().enumerate() {
        if byte == opens {
            depth += 1;
        } else if byte == closes {
            depth -= 1;
            if depth == 0 {
                return behind[..at + 1].strip_suffix(close);
            }
        }
    }
    None
}

/// The path of a secret in Google's or the address of one in Azure's store.
fn is_path_in_store(value: &[u8]) -> bool {
    value.starts_with(b"projects/") && value.contains_str("/secrets/")
        || value.starts_with(b"https://") && value.contains_str(".vault.azure.net/secrets/")
}

/// Maven's `{...=}`, with any text around it behind the first brace.
fn is_encrypted_by_maven(value: &[u8]) -> bool {
    value.first() == Some(&b'{') && value.contains_str("=}")
}

/// Whether a value is what a cipher gives, each part of it in base64: the vector and what it sealed, as Bitwarden writes
/// them, `2.<vector>|<text>|<check>`, or what it sealed, the vector and the tag, as Rails does, `<text>--<vector>--<tag>`.
fn is_sealed(value: &[u8]) -> bool {
    /// A block of AES, which is as long as a vector and a tag.
    const BLOCK: usize = 16;
    /// The vector of AES in the counter mode with a tag.
    const VECTOR: usize = 12;
    let sealed = match value {
        [b'0'..=b'9', b'.', sealed @ ..] => sealed,
        sealed => sealed,
    };
    // Each part is as long as base64 makes it.
    let bytes = |part: &[u8]| match part.len() % 4 {
        0 => decode_base64(part).map(|bytes| bytes.len()),
        _ => None,
    };
    if sealed.contains(&b'|') {
        let mut parts = sealed.split(|&b| b == b'|').map(bytes);
        return parts.next() == Some(Some(BLOCK)) && parts.all(|part| part >= Some(BLOCK));
    }
    let mut parts = value.split_str("--").map(bytes);
    parts.next().is_some_and(|text| text > Some(0)) && parts.eq([Some(VECTOR), Some(BLOCK)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_in_order() {
        assert!(STARTS.is_sorted_by_key(|start| start.text));
        for start in STARTS {
            assert_eq!(start.text, start.text.to_ascii_lowercase());
        }
        for (at, pair) in PAIRS.iter().enumerate() {
            // No sign hides a longer one behind it.
            let hidden = |later: &Pair| later.open.starts_with(pair.open);
            assert!(!PAIRS[at + 1..].iter().any(hidden), "{}", pair.open);
        }
    }

    #[test]
    fn references_are_told_by_their_kind() {
        for (value, kind) in [
            ("op://vault/item/field", Store),
            ("OP://vault/item/field", Store),
            ("akeyless:/prod/x7Kq9ZpL2m", Store),
            ("conjur:x7Kq9ZpL2mVn4RtB8wYc", Store),
            ("bws:x7Kq9ZpL2mVn4RtB8wYc", Store),
            ("keychain:x7Kq9ZpL2mVn4RtB8wYc", Store),
            ("secretref:x7Kq9ZpL2mVn4RtB8wYc", Store),
            ("ref+vault://secret/app#/key", Store),
            ("pass://share/item/field", Store),
            ("arn:aws:secretsmanager:eu-west-1:1:secret:x-AbCdEf", Store),
            ("arn:aws:iam::1:role/deploy", Place),
            ("projects/p/secrets/s/versions/latest", Store),
            ("https://v.vault.azure.net/secrets/s", Store),
            ("/run/secrets/db", Store),
            ("file:./dev.db", Place),
            ("vault:secret/data/app#key", Store),
            (
                "vault:v1:8SDd3WHDOjf7mq69CyCqYjBXAiQQAVZRkFM13ok481zoCmHnSeDX",
                Encrypted,
            ),
            ("ENC[AES256_GCM,data:x,type:str]", Encrypted),
            ("{cipher}AQB2", Encrypted),
            ("{AES256}h8SXXq34+uiw1PfpqqmIKNO=", Encrypted),
            ("{3DES}kRq29gdKn5otEL7bkr+fRw==", Encrypted),
            ("![SILBzI1hvmuGuTJoFmL+Tg==]", Encrypted),
            ("conf#eCflGDlDtKSJjh9VyDlRh7If", Encrypted),
            ("enc{8f14e45fceea467fa0e61f2c3d4b5a69}", Encrypted),
            ("AQAAANCMnd8BFdERjHoAwE/Cl+sBAAAAxx", Encrypted),
            ("{COQLCE6DU6GtcS5P=}", Encrypted),
            ("{bcrypt}$2a$10$x", Hashed),
            ("process.env['TOKEN']", Code),
            ("process.env.X7_TOKEN", Code),
            ("import.meta.env.TOKEN1", Code),
            ("secrets.TOKEN_PROD1", Code),
            ("getenv('A9')", Code),
            ("var.db_password", Code),
            ("$DB_PASS2", Variable),
            ("$db_pass2", Variable),
            ("$password", Variable),
            ("${DB_PASS}", Variable),
            ("${{ secrets.DEPLOY_2 }}", Variable),
            ("${env:DB_PASS}", Variable),
            ("${A}${B}", Variable),
            ("${HOST}:${PORT}", Variable),
            ("${A:-${B}}", Variable),
            ("${A:-}", Variable),
            ("${A:?set it}", Variable),
            ("${A:-op://v/i/f}", Store),
            ("{{ op://v/i/f }}", Variable),
            ("{{resolve:ssm:x:1}}", Variable),
            ("%DB_PASS%", Variable),
            ("%env(resolve:DB_PASS)%", Variable),
            ("$(cat file)", Variable),
            ("$[[ inputs.x ]]", Variable),
            ("@@X@@", Variable),
            ("<%= ENV[\"X\"] %>", Blank),
            ("<fill in>", Blank),
            ("<fill in>:", Blank),
            ("__PASSWORD__", Blank),
            ("%%DB_PASS%%", Variable),
            ("{8f14e45f-ceea-467f-a0e6-1f2c3d4b5a69}", Bracketed),
            ("([a-z0-9]{7,24}|x7K)", Bracketed),
            ("{0}", Bracketed),
            ("[password]", Bracketed),
        ] {
            assert_eq!(of(value.as_bytes()), Some(kind), "{value}");
        }
    }

    #[test]
    fn what_only_looks_like_one_is_none() {
        for value in [
            "",
            "$",
            "value",
            "$ecret7vQ",
            "$ecret7",
            "${}",
            "${A:-value}",
            "${A-value}",
            "${A:=value}",
            "${DB_PASS:value}",
            "${spring.password:value}",
            "${A:-${B:-value}}",
            "${A:-${A:-${A:-${A:-${A:-${A}}}}}}",
            "${A}value${B}",
            "$(cat file) value",
            "<a>value<b>",
            "config.x7Kq9ZpL2mVn4RtB8wYc",
            "(x7Kq9ZpL2mVn4RtB8wYc)",
            "[x7Kq9ZpL2mVn4RtB8wYc",
            "((((",
            "x7Kq9ZpL2mVn4RtB8wYc",
            "projects/x7Kq9ZpL2m",
        ] {
            assert_eq!(of(value.as_bytes()), None, "{value}");
        }
    }

    #[test]
    fn a_common_start_hides_no_random_draw() {
        let mut random = crate::lab::Random::new(5);
        let letters = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        let told = (0..1000)
            .filter(|_| {
                let drawn: Vec<u8> = (0..16).map(|_| letters[random.below(62)]).collect();
                of(&[b"config.", &drawn[..]].concat()).is_none()
            })
            .count();
        assert!(told >= 995, "{told}");
        assert_eq!(of(b"config.MONGOHQ_URL"), Some(Code));
    }

    #[test]
    fn a_default_is_a_value() {
        for (value, default) in [
            ("${A:-b}", Some("b")),
            ("${A:=b}", Some("b")),
            ("${A-b}", Some("b")),
            ("${a.b:c:d}", Some("c:d")),
            ("${a:b}", None),
            ("${A:?b}", None),
            ("${A:+b}", None),
            ("${A:-}", None),
            ("${A}", None),
            ("${:-b}", None),
            ("A:-b", None),
        ] {
            assert_eq!(
                fallback(value.as_bytes()),
                default.map(str::as_bytes),
                "{value}"
            );
        }
    }

    #[test]
    fn time_is_linear_whatever_the_signs() {
        for part in [
            "${A:-", "(", "(a)", "%", "%a%", "{{", "${A}:", "__", "<a", "$[[]",
        ] {
            let text = part.repeat((1 << 20) / part.len());
            let started = std::time::Instant::now();
            let _ = of(text.as_bytes());
            assert!(started.elapsed().as_secs() < 5, "{part}");
        }
    }
}
