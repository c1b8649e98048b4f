//! Names and values in settings files of any format: which values are secrets, which are
//! references to secrets kept elsewhere.

use bstr::ByteSlice;

/// Whether an environment file holds references and nothing else: at least one, and beside them
/// only empty values, comments, and what sops and dotenvx write for themselves.
///
/// A file of empty values alone does not pass: it waits to be filled, and once tracked it is
/// committed with whatever fills it.
pub(super) fn only_references(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let mut any = false;
    for line in text.lines() {
        let line = line.trim_ascii();
        let line = line
            .strip_prefix(b"export ")
            .unwrap_or(line)
            .trim_ascii_start();
        if line.is_empty() || line.starts_with(b"#") {
            continue;
        }
        let Some((name, value)) = line.split_once_str(b"=") else {
            // A bare name takes its value from the environment.
            if is_name(line) {
                continue;
            }
            return false;
        };
        let value = unquoted(value.trim_ascii());
        let bookkeeping = name.starts_with(b"sops_") || name.starts_with(b"DOTENV_PUBLIC_KEY");
        if value.is_empty() || bookkeeping {
            continue;
        }
        if !is_reference(value) {
            return false;
        }
        any = true;
    }
    any
}

fn is_name(text: &[u8]) -> bool {
    text.iter().all(|&b| b.is_ascii_alphanumeric() || b == b'_')
}

/// The value without its quotes, or without the comment behind it.
fn unquoted(value: &[u8]) -> &[u8] {
    for quote in [b'"', b'\''] {
        if let Some(inner) = value.strip_prefix(&[quote]) {
            return match inner.find_byte(quote) {
                Some(end) => inner[..end].trim_ascii(),
                None => value,
            };
        }
    }
    match value.find(b" #") {
        Some(end) => value[..end].trim_ascii(),
        None if value.starts_with(b"#") => b"",
        None => value,
    }
}

/// How references to a secret manager start; sorted.
const REFERENCES: &[&[u8]] = &[
    b"!vault",
    b"/run/secrets/",
    b"@Microsoft.KeyVault(",
    b"ENC[",
    b"akeyless:",
    b"akv://",
    b"arn:aws:kms:",
    b"arn:aws:secretsmanager:",
    b"arn:aws:ssm:",
    b"aws-sm://",
    b"berglas://",
    b"bw://",
    b"bws:",
    b"conjur:",
    b"doppler://",
    b"dotenv://",
    b"encrypted:",
    b"env:",
    b"gcp-sm://",
    b"infisical://",
    b"keychain:",
    b"keyring:",
    b"op://",
    b"process.env.",
    b"ref+",
    b"secretref:",
    b"sm://",
    b"ssm:/",
    b"vault:",
];

/// Signs that stand around what another program fills in.
const WRAPPED: &[(&[u8], &[u8])] = &[
    (b"#{", b"}"),
    (b"$(", b")"),
    (b"$[", b"]"),
    (b"${", b"}"),
    (b"%", b"%"),
    (b"<", b">"),
    (b"@@", b"@@"),
    (b"__", b"__"),
    (b"{{", b"}}"),
];

/// Whether the whole value refers to a secret that is kept elsewhere, or is encrypted.
fn is_reference(value: &[u8]) -> bool {
    if REFERENCES.iter().any(|start| value.starts_with(start)) {
        return true;
    }
    if let Some(name) = value.strip_prefix(b"$")
        && !name.is_empty()
        && is_name(name)
    {
        return true;
    }
    WRAPPED.iter().any(|(open, close)| {
        let inner = value
            .strip_prefix(*open)
            .and_then(|rest| rest.strip_suffix(*close));
        // What `${NAME:-default}` falls back to is a value like any other.
        inner.is_some_and(|inner| {
            !inner.is_empty() && !inner.contains_str(open) && !has_default(open, inner)
        })
    })
}

fn has_default(open: &[u8], inner: &[u8]) -> bool {
    const MARKS: &[&[u8]] = &[b":-", b":=", b"-", b"="];
    open == b"${"
        && MARKS
            .iter()
            .filter_map(|mark| inner.find(mark).map(|at| at + mark.len()))
            .min()
            .is_some_and(|at| at < inner.len())
        && inner
            .first()
            .is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_')
}

/// Whether a settings file has a literal value under a name like `password`, `token` or
/// `api_key`. YAML, JSON, TOML, INI, HCL, shell and property files are all read alike, in one
/// pass.
pub(super) fn has_secret(text: &[u8]) -> bool {
    let mut at = 0;
    while let Some(found) = text[at..].find_byteset(b":=") {
        let sign = at + found;
        let name = name_before(&text[..sign]);
        at = sign + 1;
        let behind = &text[at..];
        let behind = behind
            .strip_prefix(b"=")
            .or(behind.strip_prefix(b">"))
            .unwrap_or(behind);
        let start = text.len() - behind.trim_start_with(|c| c == ' ' || c == '\t').len();
        // What stands behind another name is passed over only in quotes: `//host:_authToken=...`
        // has a name behind the colon.
        let quoted = matches!(text.get(start), Some(b'"' | b'\''));
        let secret = is_secret_name(name);
        if secret || quoted {
            let (value, end) = value_at(text, start);
            if secret && !is_harmless(name, value) {
                return true;
            }
            at = at.max(end);
        }
    }
    false
}

/// The name that ends where `before` ends, without blanks and quotes.
fn name_before(before: &[u8]) -> &[u8] {
    /// Longer names than any program uses are cut.
    const LONGEST: usize = 80;
    let near = &before[before.len().saturating_sub(LONGEST)..];
    let near = near.trim_end_with(|c| matches!(c, ' ' | '\t' | '"' | '\''));
    let start = near
        .rfind_byteset(b" \t\r\n\"'{}[](),;:=/")
        .map_or(0, |at| at + 1);
    &near[start..]
}

/// The value at `start`, and where it ends. A table or a list has no value of its own.
///
/// No more is read than lies before that end, or the time would be quadratic in a long line.
fn value_at(text: &[u8], start: usize) -> (&[u8], usize) {
    let rest = &text[start..];
    for quotes in [&b"\"\"\""[..], b"'''"] {
        if let Some(inner) = rest.strip_prefix(quotes) {
            let length = inner.find(quotes).unwrap_or(inner.len());
            return (inner[..length].trim_ascii(), start + quotes.len() + length);
        }
    }
    match *rest {
        [quote @ (b'"' | b'\''), ..] => {
            let mut end = 1;
            while rest.get(end).is_some_and(|&b| b != quote && b != b'\n') {
                end += if rest[end] == b'\\' { 2 } else { 1 };
            }
            let end = end.min(rest.len());
            (rest[1..end].trim_ascii(), start + end)
        }
        [b'{', b'{', ..] => unquoted_at(text, start),
        [b'{' | b'[', ..] => (b"", start + 1),
        [b'|' | b'>', ..] => match block_below(rest) {
            Some(below) => {
                let length = below.find_byteset(b"\r\n").unwrap_or(below.len());
                (
                    below[..length].trim_ascii_end(),
                    text.len() - below.len() + length,
                )
            }
            None => unquoted_at(text, start),
        },
        _ => unquoted_at(text, start),
    }
}

/// The lines below a YAML block's sign: `|`, `>-`, `|2`.
fn block_below(rest: &[u8]) -> Option<&[u8]> {
    const LONGEST_SIGN: usize = 3;
    let sign = &rest[..rest.len().min(LONGEST_SIGN + 2)];
    let end = sign
        .find_byteset(b"\r\n")
        .filter(|&end| end <= LONGEST_SIGN)?;
    Some(rest[end..].trim_ascii_start())
}

fn unquoted_at(text: &[u8], start: usize) -> (&[u8], usize) {
    let rest = &text[start..];
    let length = rest.find_byteset(b",;\r\n").unwrap_or(rest.len());
    let value = unquoted(rest[..length].trim_ascii());
    let value = match value.find_byteset(b"{[(") {
        Some(_) => value,
        None => value
            .trim_end_with(|c| matches!(c, '}' | ']'))
            .trim_ascii_end(),
    };
    (value, start + length)
}

/// Under this name Docker and npm keep a base64 of user and password; for everybody else it is
/// the name of a method.
const AUTH: &[u8] = b"auth";

/// Last words of names that hold secrets; sorted.
const SECRET_WORDS: &[&[u8]] = &[
    b"accesskey",
    b"apikey",
    b"authkey",
    b"authtoken",
    b"dockerconfigjson",
    b"identitytoken",
    b"pass",
    b"passphrase",
    b"passwd",
    b"password",
    b"privatekey",
    b"psk",
    b"pwd",
    b"registrytoken",
    b"secret",
    b"secretkey",
    b"storepass",
    b"token",
];

/// Last two words of names that hold secrets; sorted.
const SECRET_PAIRS: &[(&[u8], &[u8])] = &[
    (b"access", b"key"),
    (b"account", b"key"),
    (b"api", b"key"),
    (b"auth", b"key"),
    (b"encryption", b"key"),
    (b"key", b"base"),
    (b"key", b"data"),
    (b"master", b"key"),
    (b"private", b"key"),
    (b"secret", b"key"),
    (b"shared", b"key"),
    (b"signing", b"key"),
    (b"tls", b"key"),
];

fn is_secret_name(name: &[u8]) -> bool {
    let words = words(name);
    let is = |word: &[u8], other: &[u8]| word.eq_ignore_ascii_case(other);
    match words[..] {
        [] => false,
        [.., first, last]
            if SECRET_PAIRS
                .iter()
                .any(|(one, other)| is(first, one) && is(last, other)) =>
        {
            true
        }
        [.., last] => is(last, AUTH) || SECRET_WORDS.iter().any(|word| is(last, word)),
    }
}

/// The words of a name: `clientKeyData`, `client-key-data` and `CLIENT_KEY_DATA` have three.
fn words(name: &[u8]) -> Vec<&[u8]> {
    let mut words = Vec::new();
    let mut start = 0;
    for at in 0..=name.len() {
        let breaks = match (at.checked_sub(1).map(|before| name[before]), name.get(at)) {
            (_, None) => true,
            (_, Some(b)) if !b.is_ascii_alphanumeric() => true,
            (Some(before), Some(b)) if b.is_ascii_uppercase() => {
                before.is_ascii_lowercase()
                    || before.is_ascii_digit()
                    || before.is_ascii_uppercase()
                        && name.get(at + 1).is_some_and(u8::is_ascii_lowercase)
            }
            _ => false,
        };
        if breaks {
            let word = name[start..at].trim_start_with(|c| !c.is_ascii_alphanumeric());
            if !word.is_empty() {
                words.push(word);
            }
            start = at;
        }
    }
    words
}

/// Words that no real secret has as a piece; sorted.
const PLACEHOLDERS: &[&[u8]] = &[
    b"changeit",
    b"changeme",
    b"dummy",
    b"example",
    b"fixme",
    b"insert",
    b"placeholder",
    b"redacted",
    b"replace",
    b"replaceme",
    b"sample",
    b"todo",
    b"your",
];

/// Words that are no secret by themselves, nor in a row; sorted.
const EMPTY_WORDS: &[&[u8]] = &[
    b"api",
    b"change",
    b"disabled",
    b"enabled",
    b"false",
    b"foo",
    b"here",
    b"key",
    b"me",
    b"my",
    b"nil",
    b"no",
    b"none",
    b"null",
    b"off",
    b"on",
    b"password",
    b"secret",
    b"test",
    b"token",
    b"true",
    b"undefined",
    b"yes",
];

/// Whether a value under a secret's name is none: a reference, a placeholder, a switch, a number
/// too short for a secret, a sentence.
fn is_harmless(name: &[u8], value: &[u8]) -> bool {
    const LONGEST_SETTING: usize = 5;
    const SHORTEST_BASE64: usize = 12;
    let Some(&first) = value.first() else {
        return true;
    };
    let setting = value.len() <= LONGEST_SETTING && value.iter().all(u8::is_ascii_digit);
    let one_sign = value.iter().all(|&b| b == first);
    let sentence = value.fields().nth(2).is_some() && !value.contains_str("-----BEGIN ");
    if setting || one_sign || sentence || is_reference(value) || value.contains_str("...") {
        return true;
    }
    if words(name)
        .last()
        .is_some_and(|last| last.eq_ignore_ascii_case(AUTH))
    {
        let base64 = value.len() >= SHORTEST_BASE64
            && value.iter().any(u8::is_ascii_digit)
            && value
                .iter()
                .all(|&b| b.is_ascii_alphanumeric() || b"+/=_-".contains(&b));
        if !base64 {
            return true;
        }
    }
    // Terraform's `var.x`, a call, a template within the value.
    const CODE: &[&[u8]] = &[
        b"<%=",
        b"{{",
        b"data.",
        b"env(",
        b"local.",
        b"module.",
        b"os.environ",
        b"var.",
    ];
    if CODE.iter().any(|start| value.starts_with(start)) {
        return true;
    }
    let is_one_of =
        |word: &[u8], list: &[&[u8]]| list.iter().any(|other| word.eq_ignore_ascii_case(other));
    let mut pieces = value
        .split(|b| !b.is_ascii_alphanumeric())
        .filter(|piece| !piece.is_empty())
        .peekable();
    if pieces.peek().is_none() {
        return false;
    }
    let mut empty = true;
    for piece in pieces {
        if is_one_of(piece, PLACEHOLDERS)
            || piece.len() >= 3 && piece.iter().all(|&b| b == b'x' || b == b'X')
        {
            return true;
        }
        empty &= is_one_of(piece, EMPTY_WORDS);
    }
    empty
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted() {
        assert!(REFERENCES.is_sorted());
        assert!(SECRET_WORDS.is_sorted());
        assert!(SECRET_PAIRS.is_sorted());
        assert!(PLACEHOLDERS.is_sorted());
        assert!(EMPTY_WORDS.is_sorted());
        assert!(WRAPPED.is_sorted());
    }

    #[test]
    fn an_environment_file_of_references_is_told_from_one_with_values() {
        let cases = [
            ("A=op://vault/item/field\n", true),
            (
                "# all in 1Password\nexport A=\"op://vault/item/field\"\r\n\r\nB=\n",
                true,
            ),
            ("A=${B}\nC=$D\nE='{{ op://x/y/z }}'\n", true),
            ("A=vault:secret/data/x#y # note\nPATH_ONLY\n", true),
            ("DOTENV_PUBLIC_KEY=\"03ab\"\nA=\"encrypted:BD9x\"\n", true),
            ("A=ENC[AES256_GCM,data:x]\nsops_version=3.9.0\n", true),
            ("\u{feff}A=<fill in>\n", true),
            ("A=value\n", false),
            ("A=op://vault/item/field\nB=value\n", false),
            ("A=${B:-value}\n", false),
            ("A=${B:-}\n", true),
            ("A=$(cat file) value\n", false),
            ("A=\"op://x/y/z\nmore\"\n", false),
            ("DOTENV_PRIVATE_KEY=00ff\nA=encrypted:BD9x\n", false),
            ("A=\nB=\n", false),
            ("# nothing\n", false),
            ("", false),
        ];
        for (text, expected) in cases {
            assert_eq!(only_references(text.as_bytes()), expected, "{text:?}");
        }
    }

    #[test]
    fn a_secret_is_found_in_any_format() {
        let cases = [
            ("YAML", "db:\n  user: me\n  password: bluemonkey77x\n"),
            ("YAML in a block", "private_key: |\n  abcdef\n"),
            ("flow YAML", "db: {user: me, password: bluemonkey77x}\n"),
            ("JSON", "{\n  \"clientSecret\": \"bluemonkey77x\"\n}"),
            (
                "JSON on one line",
                "{\"n\":1,\"a\":{\"api_key\":\"bluemonkey77x\"}}",
            ),
            ("TOML", "[x]\ntoken = 'bluemonkey77x'\n"),
            ("TOML over lines", "token = \"\"\"\nbluemonkey77x\"\"\"\n"),
            ("INI", "[default]\naws_secret_access_key=bluemonkey77x\n"),
            ("HCL", "db_password   = \"bluemonkey77x\"\n"),
            ("shell", "export API_KEY=bluemonkey77x\n"),
            ("npm", "//registry.npmjs.org/:_authToken=bluemonkey77x\n"),
            (
                "docker",
                concat!("{\"auths\":{\"r\":{\"auth\":\"dXNlcjp0", "cjB1YjQ=\"}}}"),
            ),
            (
                "kubernetes",
                "users:\n- user:\n    client-key-data: bluemonkey77x\n",
            ),
            (
                "a key",
                "{\"private_key\": \"-----BEGIN X Y Z-----\\nMII\"}",
            ),
            ("ruby", ":password => \"bluemonkey77x\"\n"),
        ];
        for (name, text) in cases {
            assert!(has_secret(text.as_bytes()), "{name}");
        }
    }

    #[test]
    fn settings_without_a_secret_pass() {
        let cases = [
            ("reference", "password: ${DB_PASSWORD}\n"),
            (
                "Rails",
                "secret_key_base: <%= ENV[\"SECRET_KEY_BASE\"] %>\n",
            ),
            ("Helm", "password: {{ .Values.password }}\n"),
            ("quoted Helm", "password: \"{{ .Values.password }}\"\n"),
            ("Terraform", "password = var.password\n"),
            ("sops", "password: ENC[AES256_GCM,data:x]\n"),
            (
                "npm",
                "//registry.npmjs.org/:_authToken=${NPM_TOKEN}\nalways-auth=true\n",
            ),
            (
                "Docker",
                "{\"auths\": {\"r\": {}}, \"credsStore\": \"osxkeychain\"}",
            ),
            ("empty", "{\"password\": \"\", \"token\": null}"),
            (
                "placeholder",
                "password: your-password-here\napi_key: xxxxxxxx\ntoken: changeme\n",
            ),
            ("numbers", "token: 300\npassword: 0\n"),
            (
                "names of settings",
                "secret_name: prod-db\ntoken_url: https://x.y/z1\npassword_min: 12345678\n",
            ),
            ("method", "auth: oauth2\n"),
            ("vpc", "aws_vpc_cidr_block = \"10.250.192.0/18\"\n"),
            (
                "prose",
                "# The token: see the manual for it\nnote: \"the password: never tell\"\n",
            ),
            ("nothing", ""),
        ];
        for (name, text) in cases {
            assert!(!has_secret(text.as_bytes()), "{name}");
        }
    }

    #[test]
    fn names_are_split_into_words() {
        let cases: &[(&str, &[&str])] = &[
            ("clientKeyData", &["client", "Key", "Data"]),
            ("client-key-data", &["client", "key", "data"]),
            ("_authToken", &["auth", "Token"]),
            ("APIKey", &["API", "Key"]),
            ("oauth2Token", &["oauth2", "Token"]),
            ("", &[]),
            ("--", &[]),
        ];
        for (name, expected) in cases {
            let expected: Vec<&[u8]> = expected.iter().map(|word| word.as_bytes()).collect();
            assert_eq!(words(name.as_bytes()), expected, "{name}");
        }
    }

    #[test]
    fn time_is_linear_whatever_the_signs() {
        for piece in [
            "=",
            "a=",
            "\"=\"",
            "a='",
            "{a:",
            "password: |\n",
            "\"\"\"=",
            "a=\\\"",
        ] {
            let text = piece.repeat(1 << 20 >> piece.len().ilog2());
            let started = std::time::Instant::now();
            has_secret(text.as_bytes());
            only_references(text.as_bytes());
            assert!(started.elapsed().as_secs() < 5, "{piece:?}");
        }
    }
}
