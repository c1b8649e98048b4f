//! Every sort of value that is no secret.

mod counts;
mod siblings;

use crate::assignment::tests::notations;
use crate::confidence::Confidence;
use crate::detect::Detector;
use crate::filetype::FileType;
use crate::lab::Random;
use crate::rules::RuleSet;
use crate::text::Text;

const BASE62: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

fn draw(letters: &[u8], len: usize, seed: u64) -> String {
    Random::new(seed).text(letters, len)
}

/// What is found in a file at the hook's threshold.
fn found(rules: &RuleSet, path: &str, content: &str) -> Vec<String> {
    let text = Text::decode(content.as_bytes()).at(FileType::of_path(path.as_bytes()));
    Detector::new(rules)
        .detect(&text)
        .into_iter()
        .filter(|detection| detection.judgement.confidence > Confidence::Possible)
        .map(|detection| String::from_utf8_lossy(detection.candidate.secret()).into_owned())
        .collect()
}

#[test]
fn a_secret_is_found_in_every_notation() {
    let rules = RuleSet::builtin();
    let value = draw(BASE62, 20, 3);
    for (_, path, template) in notations() {
        let content = template.replace('@', &value);
        assert_eq!(
            found(&rules, path, &content),
            [value.as_str()],
            "{path}: {template}"
        );
    }
}

/// What was drawn may begin as a number or a hash does, or hold four letters of a mask in both cases.
#[test]
fn a_drawn_value_is_found_however_it_begins() {
    let rules = RuleSet::builtin();
    for (at, part) in ["0x", "0X", "md5", "mD5v", "MD5", "xXXx"]
        .into_iter()
        .enumerate()
    {
        let value = draw(BASE62, 40, at as u64);
        for value in [format!("{part}{value}"), format!("sk-proj-{part}{value}")] {
            let content = format!("env:\n  OPENAI_API_KEY: {value}\n");
            assert_eq!(
                found(&rules, "a.yml", &content).len(),
                1,
                "{part}: {content}"
            );
        }
    }
}

/// 256 bits are a key, also as a number.
#[test]
fn keys_of_hex_digits_are_found_as_numbers_too() {
    let rules = RuleSet::builtin();
    let of = |start: &str| {
        let is_found = |seed: &u64| {
            let value = draw(b"0123456789abcdef", 64, *seed);
            let content = format!("API_TOKEN = \"{start}{value}\"\n");
            !found(&rules, "a.py", &content).is_empty()
        };
        (0..400).filter(is_found).count()
    };
    for start in ["", "0x"] {
        assert!(of(start) >= 396, "{start}: {} of 400", of(start));
    }
}

/// A type stands between an annotation that names the secret and the secret; behind an attribute, the next one does.
#[test]
fn a_value_behind_an_annotation_is_found() {
    let rules = RuleSet::builtin();
    let value = draw(BASE62, 24, 12);
    for content in [
        format!("@Named(\"apiKey\") String k = \"{value}\";"),
        format!("@Value(\"auth.token\") String t = \"{value}\";"),
    ] {
        assert_eq!(
            found(&rules, "A.java", &content),
            [value.as_str()],
            "{content}"
        );
    }
}

#[test]
fn what_is_never_a_secret() {
    let rules = RuleSet::builtin();
    let hex = draw(b"0123456789abcdef", 40, 5);
    let random = draw(BASE62, 24, 6);
    let signer = draw(b"0123456789ABCDEF", 16, 7);
    for (path, content) in [
        // which key signs
        (".gitconfig", format!("[user]\n\tsigningkey = {signer}\n")),
        (
            "a.md",
            format!("git config --global user.signingkey {signer}\n"),
        ),
        // versions
        (
            "composer.lock",
            "\"illuminate/auth\": \"^10.48.4|^11.0.8|^12.0\",".to_owned(),
        ),
        (
            "composer.json",
            "\"acme/password\": \">=4,<4.0.99|>=4.1,<=4.1.31\",".to_owned(),
        ),
        (
            "package.json",
            "\"jsonwebtoken\": \"^8.5.1||^9.0.2||~10.1.x\",".to_owned(),
        ),
        // references and templates
        ("a.yml", "password: ${DB_PASSWORD}".to_owned()),
        ("a.yml", "password: {{ vault_password }}".to_owned()),
        ("a.yml", "token: ${{ secrets.DEPLOY_TOKEN_2 }}".to_owned()),
        ("a.yml", "password: op://vault7/item-x2/field".to_owned()),
        ("a.py", "password = os.environ['DB_PASS_X7']".to_owned()),
        ("a.py", "token = f\"tok-{user.id2}-x8\"".to_owned()),
        ("a.js", "const token = process.env.X7_TOKEN".to_owned()),
        ("a.sh", "PASSWORD=$(pwgen -s 24 1)".to_owned()),
        ("a.sh", "PASSWORD=$DB_PASS2".to_owned()),
        // code
        ("a.py", "password = get_password(user2)".to_owned()),
        ("a.rs", "let token = self.tokens[at2].clone();".to_owned()),
        ("a.js", "if (token === Token.Kind2Xz) {".to_owned()),
        ("a.js", "const keyMap = { key: k2xQ9z }".to_owned()),
        ("a.py", "token: Optional[str] = None".to_owned()),
        // words, settings, labels
        ("a.json", "\"password\": \"Forgotten password?\"".to_owned()),
        ("de.json", "\"password\": \"Passwort\"".to_owned()),
        (
            "a.json",
            "\"token_type\": \"urn:ietf:params:oauth\"".to_owned(),
        ),
        // patterns from end to end
        ("a.yml", "token: '^(abc123|zyx789)$'".to_owned()),
        ("a.yml", format!("secret: '^{}$'", &random[..16])),
        ("a.py", "password = 'changeme'".to_owned()),
        ("a.py", "password = 'correcthorsebattery'".to_owned()),
        ("a.py", "SECRET = 'my-application-secret'".to_owned()),
        ("a.md", "The token: see the section below.".to_owned()),
        (
            "a.html",
            "<input type=\"password\" name=\"password\" value=\"\">".to_owned(),
        ),
        // names that say something else
        ("a.py", format!("password_hash = '{hex}'")),
        ("a.py", format!("public_key = '{random}'")),
        ("a.py", format!("csrf_token = '{random}'")),
        ("a.json", format!("\"nextPageToken\": \"{random}\"")),
        ("a.py", format!("cache_key = '{random}'")),
        ("a.py", format!("secret_name = '{random}'")),
        ("a.py", format!("key = '{hex}'")),
        ("a.py", format!("author = '{random}'")),
        ("a.config", "PublicKeyToken=b77a5c561934e089".to_owned()),
        (
            "a.py",
            "token = now.strftime('%Y-%m-%dT%H:%M:%S%Z')".to_owned(),
        ),
        (
            "a.yml",
            format!("withdrawal_credentials: '0x{hex}{}'", &hex[..24]),
        ),
        ("a.py", format!("api_token = '0x{hex}'")),
        ("a.rs", format!("let api_token = \"0x{hex}u64\";")),
        ("a.sql", format!("password = 'md5{}'", &hex[..32])),
        ("a.yml", format!("password: md5:{random}")),
        (
            "a.ldif",
            format!("userPassword: {{MD5}}{}==", &random[..22]),
        ),
        ("a.rs", format!("let key = \"xpub661{random}{random}\";")),
        // other kinds of values
        ("a.yml", format!("sha1_password: {hex}")),
        ("a.sql", format!("password: {hex}")),
        (
            "a.yml",
            "auth: 8f14e45f-ceea-467f-a0e6-1f2c3d4b5a69".to_owned(),
        ),
        (
            "a.yml",
            "password: $2b$12$Kx8vQz0mTnWqLrYpSdFgHu".to_owned(),
        ),
        (
            "a.yml",
            "password: ENC[AES256_GCM,data:Kx8vQz0mTn]".to_owned(),
        ),
        ("a.yml", "password_file: /run/secrets/db-x2".to_owned()),
        ("a.yml", "secret: /run/secrets/db-x2".to_owned()),
        (
            "a.yml",
            "auth: https://auth2.example.org/x7/token".to_owned(),
        ),
        ("a.yml", "secret: db2.internal.example.com".to_owned()),
        ("a.yml", "secret: 2031-04-05T06:07:08".to_owned()),
        ("a.json", "\"passport-token\": \"^0.4.34\"".to_owned()),
        ("a.py", "key = b'\\x8f\\x02\\xa1\\x7c\\x00\\x41'".to_owned()),
        ("a.py", "secret = '01234567890123456789'".to_owned()),
        ("a.py", "secret = 'abcdefghijklmnop'".to_owned()),
        ("a.py", "auth = 'Basic dXNlcm5hbWU6cGFzc3dvcmQ='".to_owned()),
        (
            "a.md",
            format!("![b](https://x.y/badge.svg?token={random})"),
        ),
        ("Cargo.lock", format!("token = {random}")),
        (
            "a.js",
            format!("check(\"password\", hashPassword(\"password\", \"{hex}\"))"),
        ),
        // what looks like the above
        ("a.rs", "(\"aad-secret\", \"A-Za-z0-9._~-\"),".to_owned()),
        ("a.js", "await getCredentials('acmeOAuth2Api')".to_owned()),
        ("a.yml", "auth_key_management: [\"802.1X-SHA1\"]".to_owned()),
        (
            "a.html",
            "<img alt=form.secret tags=\"mfa,totp,qr\">".to_owned(),
        ),
        ("a.c", "#define FTS5TOKEN fts5yyminor".to_owned()),
        ("a.js", format!("accessToken: 'pk.{random}'")),
        ("a.js", format!("accessToken: 'pk_live_{random}'")),
        ("a.sql", format!("password: '*{}'", hex.to_uppercase())),
        ("a.yml", format!("password: U2FsdGVkX1{random}")),
        (
            "a.py",
            "reset_password = '00299570-246d-11d0-a768-00aa006e0529'".to_owned(),
        ),
        ("a.py", "access_token = 'sk-ant-oat01-x'".to_owned()),
        (
            "a.py",
            "'Authorization': 'Bearer xoxb-1234-1243'".to_owned(),
        ),
        ("a.py", "token.endswith(b\".c2lnbmF0dXJl\")".to_owned()),
        (
            "a.py",
            "token = 'eyJhbGciOiJIUzI1NiIsImtpZCI6IjdrUTJ4Wm0ifQ'".to_owned(),
        ),
        (
            "a.xml",
            "<clientToken>XqJIt1342112125076</clientToken>".to_owned(),
        ),
        ("a.py", "auth == b'Basic beFuOnBhc3M='".to_owned()),
        ("a.py", "token = 'deadbeefcafe8274'".to_owned()),
        (
            "a.py",
            "api_key = 'a0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5'".to_owned(),
        ),
        ("a.py", "token = 'asdfasfasfasdfjkasdfadfa'".to_owned()),
    ] {
        // The sieve looks at every second place of a text.
        for content in [content.clone(), format!(" {content}")] {
            assert_eq!(found(&rules, path, &content), [""; 0], "{path}: {content}");
        }
    }
}

#[test]
fn what_breaks_off_is_no_secret() {
    let rules = RuleSet::builtin();
    for (number, end) in [
        "...",
        "..",
        "…",
        "[...]",
        "(…)",
        "<truncated>",
        "[REDACTED]",
        "(snip)",
        "{cut}",
        "... (more)",
        "***",
    ]
    .iter()
    .enumerate()
    {
        let value = draw(BASE62, 24, 40 + number as u64);
        for (path, template) in [
            ("a.md", "api_token: @"),
            ("a.log", "INFO session_secret=@"),
            (".env.local", "API_TOKEN=@"),
            ("a.sh", "export DB_PASSWORD=@"),
            ("a.py", "password = \"@\""),
            ("a.yml", "api_key: '@'"),
            ("a.md", "Authorization: Bearer @"),
            ("a.json", "{\"Authorization\": \"Bearer @\"}"),
        ] {
            let content = template.replace('@', &format!("{value}{end}"));
            assert_eq!(found(&rules, path, &content), [""; 0], "{path}: {content}");
            let whole = template.replace('@', &value);
            assert_eq!(
                found(&rules, path, &whole),
                [value.as_str()],
                "{path}: {whole}"
            );
        }
    }
}

#[test]
fn the_last_word_of_a_text_is_no_name() {
    let rules = RuleSet::builtin();
    let value = draw(BASE62, 16, 60);
    for (path, content) in [
        (
            "a.storyboard",
            format!("<item title=\"Custom Token\" id=\"{value}\"/>"),
        ),
        (
            "a.html",
            format!("<input placeholder='Your password' class='{value}'>"),
        ),
        (
            "a.tsx",
            format!("<Field label=\"Client secret\" slot=\"{value}\" />"),
        ),
    ] {
        assert_eq!(found(&rules, path, &content), [""; 0], "{content}");
    }
}

/// How sure the detector is of the one secret in a file.
fn confidence(rules: &RuleSet, path: &str, content: &str) -> Confidence {
    let text = Text::decode(content.as_bytes()).at(FileType::of_path(path.as_bytes()));
    let detector = Detector::new(rules);
    let found = detector.detect(&text);
    assert_eq!(found.len(), 1, "{path}: {content}");
    found[0].judgement.confidence
}

#[test]
fn only_a_human_can_tell() {
    let rules = RuleSet::builtin();
    let (possible, likely) = (Confidence::Possible, Confidence::Likely);
    for (value, path, expected) in [
        // spelled with digits
        ("c0rrecth0rse", "a.py", possible),
        ("S3CuR1Ty", "a.py", possible),
        // letters that may be a word of another language
        ("slaptazodzis", "nl.js", possible),
        ("qzvkwjxp", "nl.js", possible),
        ("qzvkwjxpbtmdhfr", "nl.js", likely),
        ("Zugangsgeheimwort", "de.json.js", possible),
        ("Asiakassalaisuus", "fi.js", possible),
        ("psycopg2", "a.py", possible),
        ("33c53cd7bb", "a.py", possible),
        // short, in a test
        ("kQ8vTz2mW", "app/a.py", likely),
        ("kQ8vTz2mW", "tests/a.py", possible),
        ("kQ8vTz2mWpR4", "tests/a.py", likely),
        // all the sorts of characters that a rule for passwords asks for
        ("8195274612Yq$", "tests/a.py", likely),
    ] {
        let content = format!("password = '{value}'");
        assert_eq!(
            confidence(&rules, path, &content),
            expected,
            "{path}: {content}"
        );
    }
}

#[test]
fn an_answer_that_a_document_shows_may_be_made_by_a_test() {
    let rules = RuleSet::builtin();
    let value = draw(BASE62, 24, 61);
    let path =
        "      responses:\n        '200':\n          content:\n            application/json:\n";
    for example in [
        format!(
            "              example:\n                data:\n                - id: a\n                  token: {value}\n"
        ),
        format!(
            "              examples:\n                ok:\n                  value:\n                    refresh_token: {value}\n"
        ),
    ] {
        let content = format!("{path}{example}");
        assert_eq!(
            found(&rules, "docs/api/admin.yaml", &content),
            [""; 0],
            "{content}"
        );
        let own = content.replace("example", "headers");
        assert_eq!(found(&rules, "docs/api/admin.yaml", &own), [value.as_str()]);
        assert_eq!(found(&rules, "api/admin.yaml", &content), [value.as_str()]);
    }
}

#[test]
fn hostile_texts_take_no_more_than_their_length() {
    let rules = RuleSet::builtin();
    for part in [
        "key=",
        "key=\"",
        "password:'",
        "token=\\\"",
        "key",
        "secret(",
        "pass=x&",
        "auth\n",
    ] {
        let text = part.repeat(100_000 / part.len());
        // A quadratic scan of these would not end within the test's patience.
        let _ = found(&rules, "a.js", &text);
        let _ = found(&rules, "a.env", &text);
    }
}

/// The constructor's name speaks of a secret, too, but the variable is what the secret is assigned to.
#[test]
fn of_two_names_the_first_has_the_value() {
    let rules = RuleSet::builtin();
    let value = draw(BASE62, 24, 9);
    let content = format!("val newPassword = StringCredentialValue(\"{value}\")");
    let text = Text::decode(content.as_bytes()).at(FileType::of_path(b"a.kt"));
    let detector = Detector::new(&rules);
    let found = detector.detect(&text);
    let ids: Vec<&str> = found
        .iter()
        .map(|it| it.candidate.rule.id.as_ref())
        .collect();
    assert_eq!(ids, ["generic-password"]);
}
