//! Kinds of values that are no secrets, each beside what looks like it and is one.

use super::{BASE62, draw, found};
use crate::encoding::encode_base64_padded;
use crate::rules::RuleSet;

const HEX: &[u8] = b"0123456789abcdef";

/// A file in which nothing is to be found, and one like it in which the value is.
struct Kind {
    path: &'static str,
    silent: String,
    found: String,
    value: String,
}

/// Makes a kind of texts with `§` for the value, and `¤` for another draw.
fn kind(path: &'static str, value: &str, silent: &str, found: &str) -> Kind {
    let other = draw(BASE62, 10, 70);
    Kind {
        path,
        silent: silent.replace('§', value).replace('¤', &other),
        found: found.replace('§', value).replace('¤', &other),
        value: value.to_owned(),
    }
}

#[test]
fn what_is_no_secret_stays_silent_and_its_sibling_is_found() {
    let rules = RuleSet::builtin();
    let kinds = ids_and_sums()
        .into_iter()
        .chain(names_and_parts())
        .chain(public_and_known());
    let mut wrong = Vec::new();
    for kind in kinds {
        let silent = found(&rules, kind.path, &kind.silent);
        if !silent.is_empty() {
            wrong.push((kind.path, kind.silent, silent));
        }
        let other = found(&rules, kind.path, &kind.found);
        if other != [kind.value] {
            wrong.push((kind.path, kind.found, other));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What resembles a kind that is silent, and is a secret. `§` stands for letters and digits in the given number.
#[test]
fn what_only_resembles_such_a_kind_is_found() {
    let rules = RuleSet::builtin();
    let id = draw(BASE62, 24, 90);
    let mut wrong = Vec::new();
    let mut hold = |path: &str, text: String, value: &str| {
        if !found(&rules, path, &text)
            .iter()
            .any(|it| it.contains(value))
        {
            wrong.push((path.to_owned(), text));
        }
    };
    for (number, (path, len, text)) in RESEMBLE.iter().enumerate() {
        let value = draw(BASE62, *len, 200 + number as u64);
        hold(path, text.replace('¤', &id).replace('§', &value), &value);
    }
    for (number, (path, len, text)) in RESEMBLE_IN_HEX.iter().enumerate() {
        let hex = |seed: u64| draw(HEX, *len, 300 + seed + number as u64 * 10);
        let value = hex(0);
        let text = (1..9).fold(text.replace('§', &value), |text, seed| {
            text.replacen('¤', &hex(seed), 1)
        });
        hold(path, text, &value);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

const RESEMBLE: &[(&str, usize, &str)] = &[
    // compared in a language whose blocks open with a colon
    ("a.py", 32, "if password == \"§\":\n    pass"),
    ("a.py", 32, "elif token != '§':\n    pass"),
    (
        "a.py",
        32,
        "while os.environ[\"API_SECRET\"] == \"§\":\n    pass",
    ),
    ("a.gd", 32, "if api_key == \"§\":\n\tpass"),
    // what a getter gives is compared with it
    (
        "tests/a.test.js",
        32,
        "expect(req.get('x-api-key')).toBe('§');",
    ),
    (
        "tests/test_a.py",
        32,
        "assert config.get(\"secret\") == \"§\"",
    ),
    // settings that end like a file
    ("a.json", 32, "{\"db.password\": \"§\"}"),
    ("a.properties", 32, "app.secret=§"),
    // a key to search with of a service that has no public one
    (".env", 32, "BRAVE_SEARCH_API_KEY=§"),
    ("a.ts", 32, "apiKey: \"§\", // full access"),
    // who logs in is named
    ("a.yml", 24, "url: https://deploy:§@db.hostname.acme.net/"),
    // behind an id that was drawn, too
    (
        "A.java",
        40,
        "OAuth.builder().clientId(\"¤\").clientSecret(\"§\").build();",
    ),
    ("A.java", 24, "c.user(\"¤\").password(\"§\");"),
    ("config.json", 40, r#"{"env": "CLIENT_ID=¤\nAPP_SECRET=§"}"#),
    ("a.go", 20, r#"b := []byte("SENTRY_ID=¤\nDB_PASSWORD=§\n")"#),
    ("a.sh", 32, r#"printf "ID=¤\nSTRIPE_SECRET=§\n" > .env"#),
    ("a.js", 40, r#"h = "X-Client: ¤\r\nX-Api-Key: §\r\n""#),
    ("a.md", 40, "https://app.acme.io/cb?state=¤#access_token=§"),
    ("a.js", 20, "users[\"¤\"].password = \"§\";"),
    // what a function is given that does something else than to look one up
    (
        "a.ts",
        16,
        "await this.password.fill(\"§\", { force: true });",
    ),
    (
        "a.js",
        40,
        "this.client.auth.authenticate(\"§\", { retry: true });",
    ),
    (
        "a.js",
        40,
        "window.acme.secretKey.init(\"§\", { debug: true });",
    ),
    (
        "a.js",
        20,
        "client.secrets.create(\"db\", \"§\", {ttl: 5});",
    ),
    (
        "a.py",
        20,
        "self.client.secrets.create_secret(\"db\", \"§\", {\"ttl\": 5})",
    ),
    (
        "a.js",
        40,
        "const apiToken = new cf.workers.Token(\"main\", \"§\", {a: 1});",
    ),
    // a map that has the secret for its key
    ("A.java", 32, "validApiKeys.put(\"§\", \"billing\");"),
    ("A.java", 32, "this.apiKeys.put(\"§\", ROLE_ADMIN);"),
    ("a.rs", 32, "api_keys.insert(\"§\", user);"),
    ("a.cs", 32, "_apiKeys.Add(\"§\", user);"),
    // names that have such a word, and more
    (".env", 40, "SENDER_TOKEN=§"),
    (".env", 40, "SMS_SENDER_KEY=§"),
    (".env", 40, "API_VERSION_TOKEN=§"),
    (".env", 40, "CHANGE_TOKEN=§"),
    ("a.js", 40, "smsSenderKey: '§'"),
    // of which a public key is made, or got
    (
        "a.js",
        44,
        "const walletKey = \"§\";\nconst pub = secp.getPublicKey(walletKey);",
    ),
    (
        "a.py",
        40,
        "token = \"§\"\nkey = client.get_public_key(token)",
    ),
    // below a test, and in none
    (
        "a.py",
        12,
        "def test_connection():\n    pass\n\nDB_PASSWORD = \"§\"",
    ),
    (
        "main.go",
        12,
        "func TestMode() bool {\n\treturn true\n}\n\nvar dbPassword = \"§\"",
    ),
    (
        "A.java",
        12,
        "@TestConfiguration class A { String password = \"§\"; }",
    ),
    (
        "a.cpp",
        12,
        "int LATEST(int a);\nconst char* token = \"§\";",
    ),
    (
        "lib.rs",
        12,
        "mod tests { fn a() {} }\nconst PASSWORD: &str = \"§\";",
    ),
    // a password that says what it is, and was drawn
    (
        "README.md",
        24,
        "postgres://svc:Passw0rd-§@db.acme.io:5432/x",
    ),
    ("README.md", 24, "postgres://svc:secret_§@db.acme.io:5432/x"),
    // tokens with a number, and one beside its mask
    (".env", 20, "A_TOKEN=\"§1\"\nB_TOKEN=\"§2\""),
    ("a.go", 24, "DevToken: \"§dev\",\nProdToken: \"§prd\","),
    (
        "a.py",
        16,
        "API_KEY = \"§wxyz\"\nassert mask(API_KEY) == \"§****\"",
    ),
    // what only starts like strokes of keys, or like a path
    (".env", 32, "APP_TOKEN=alt-§"),
    (".env", 32, "SHIFT_API_KEY=shift-§"),
    ("a.py", 24, "password = \"/?§\""),
    // several secrets of one call
    (
        "README.md",
        50,
        "api.set_access_token(\"¤\",\"§\",\"¤Ab1\",\"¤Cd\")",
    ),
    ("a.py", 40, "API_TOKENS = [\"a\", \"b\", \"§\"]"),
    (".env", 40, "MY_API_TOKEN=dGVuYW50|§"),
];

const RESEMBLE_IN_HEX: &[(&str, usize, &str)] = &[
    (
        ".env",
        24,
        "BOARD_ID=¤\nLIST_ID=¤\nCARD_ID=¤\nUSER_ID=¤\nAPI_SECRET=§\n",
    ),
    (
        "a.yml",
        32,
        "org_id: ¤\nteam_id: ¤\nuser_id: ¤\nboard_id: ¤\napi_key: §\n",
    ),
    ("a.js", 64, "const storageSecret = \"0x§\";"),
    ("a.yml", 64, "storage_encryption_key: \"0x§\""),
];

fn ids_and_sums() -> Vec<Kind> {
    let token = draw(BASE62, 24, 71);
    let hex = |len: usize, seed| draw(HEX, len, seed);
    let sums = |name: &str, len: usize| {
        let line = |name: &str, seed| format!("  \"{name}\": \"{}\",\n", hex(len, seed));
        let mut text = "{\n".to_owned();
        for (at, other) in ["App", "Stage", "Volume", "Queue", "Zone"]
            .iter()
            .enumerate()
        {
            text.push_str(&line(other, 80 + at as u64));
        }
        text.push_str(&format!("  \"{name}\": \"§\",\n"));
        text + "  \"end\": 1\n}\n"
    };
    let uuid = format!(
        "{}-{}-4{}-a{}-{}",
        hex(8, 1),
        hex(4, 2),
        hex(3, 3),
        hex(3, 4),
        hex(12, 5)
    );
    let lone = "{\n  \"name\": \"x\",\n  \"AWS::IAM::AccessKey\": \"§\",\n  \"end\": 1\n}\n";
    vec![
        kind(
            "a.json",
            &hex(32, 72),
            &sums("AWS::IAM::AccessKey", 32),
            lone,
        ),
        kind(
            "a.json",
            &hex(16, 73),
            &sums("AWS::IAM::AccessKey", 16),
            lone,
        ),
        kind("a.js", &uuid, "'Lock-Token': 'urn:uuid:§'", "'Token': '§'"),
        kind(
            "a.rst",
            &uuid,
            "\"ClientToken\": \"§\"",
            "\"AccessToken\": \"§\"",
        ),
        kind(
            "a.rs",
            &uuid,
            "let api_key_uid = \"§\";",
            "let api_key = \"§\";",
        ),
        kind("a.js", &token, "versionToken: '§'", "sessionToken: '§'"),
        kind(
            "a.json",
            &token,
            "\"sender_key\": \"§\"",
            "\"session_key\": \"§\"",
        ),
        kind(
            "a.py",
            &token,
            &format!("accept_connection('pcx-{}')", hex(8, 74)),
            "accept_connection('u', '§')",
        ),
    ]
}

fn names_and_parts() -> Vec<Kind> {
    let slot = format!("0x{}", draw(HEX, 64, 79));
    let token = draw(BASE62, 24, 75);
    let hex = draw(HEX, 40, 76);
    let made = encode_base64_padded("anna:берёзка".as_bytes());
    let made = String::from_utf8(made).expect("base64 is ASCII");
    vec![
        kind(
            "tests/test_a.py",
            &token,
            "h = [\n    (\"printf\", \"¤¤Ab1x\"),\n    (\"drew\", \"¤¤Cd2y\"),\n    (\"password\", \"§\"),\n]",
            "h = [\n    (\"host\", \"localhost\"),\n    (\"password\", \"§\"),\n]",
        ),
        kind(
            "tests/a_test.go",
            &token,
            "{\"password\", \"§\"},\n\t{ \"test1\", \"¤¤Ab1x\" },\n\t{ \"test2\", \"¤¤Cd2y\" },",
            "{\"password\", \"§\"},\n\t{ \"ETag\", \"¤¤Ab1x\" },\n\t{ \"X-Signature\", \"¤¤Cd2y\" },",
        ),
        kind(
            "CHANGELOG.md",
            &hex,
            "* Merge api token §",
            "- now to set the api token §",
        ),
        kind(
            "SECURITY.md",
            &hex.to_ascii_uppercase(),
            "My OpenPGP signing key §",
            "The API key is §",
        ),
        kind(
            "a.json",
            &hex,
            "{\"name\": \"key\", \"value\": \"t5_2bhxu0/t2_5bn5wl/§\"}",
            "{\"name\": \"api_key\", \"value\": \"§\"}",
        ),
        kind(
            "a.py",
            &made,
            "def test_a():\n    assert h == \"Authorization: Basic §\"",
            "def a():\n    assert h == \"Authorization: Basic §\"",
        ),
        kind(
            "a.rs",
            &hex,
            "let tokens = [\"604\", \"5\", \"1\", \"§\"];",
            "let tokens = [\"§\"];",
        ),
        kind(
            "a.js",
            &token,
            "bindKey: bind('Ctrl-Shift-Z|Ctrl-Y')",
            "apiKey: bind('§')",
        ),
        kind(
            "a.py",
            &token,
            "IMAGE_KEYS = {\n  \"vllm-neuron7\": \"vLLMNeuron7\",\n}",
            "IMAGE_KEYS = {\n  \"vllm-neuron7\": \"§\",\n}",
        ),
        kind(
            "a.py",
            &token,
            "secret(['acme_ak', 'k'], 'ACME_AK')",
            "secret = '§'",
        ),
        kind(
            "pyproject.toml",
            &token,
            "secret = [\"jeepney==0.9.0\"]",
            "secret = [\"§\"]",
        ),
        kind("a.py", &token, "malformed_key = \"§\"", "acme_key = \"§\""),
        kind(
            "a.json",
            &hex,
            "{\"algorithm\": \"x\", \"key\": \"t5_2bh/t2_5bn5/§\"}",
            "{\"algorithm\": \"x\", \"secret\": \"§\"}",
        ),
        kind(
            "a.js",
            &token,
            "var SESSION_TOKEN = \"cl_¤111AAA\";\nvar M2M_TOKEN = \"cl_¤333AAA\";\n",
            "var SESSION_TOKEN = \"§\";\nvar M2M_NAME = \"cl_¤333AAA\";\n",
        ),
        kind(
            "a.json",
            &slot,
            "{\"address\": \"0x1\", \"storageKeys\": [\"§\"]}",
            "{\"address\": \"0x1\", \"secretKey\": \"§\"}",
        ),
        kind(
            "a.json",
            &token,
            "\"auth\": [\"<URL>/acme/authz/§\"]",
            "\"auth\": [\"§\"]",
        ),
    ]
}

fn public_and_known() -> Vec<Kind> {
    let token = draw(BASE62, 24, 77);
    let hex = draw(HEX, 64, 91);
    let short = draw(HEX, 20, 92);
    let chunks = |name: &str| {
        let chunk = |name: &str, seed| format!("{name}:\"{}\"", draw(HEX, 20, seed));
        let others = ["home", "about", "blog", "team", "shop"];
        let others = others
            .iter()
            .zip(93..)
            .map(|(name, seed)| chunk(name, seed));
        let mut chunks: Vec<String> = others.collect();
        chunks.insert(3, format!("{name}:\"§\""));
        format!("u=e=>({{{}}})[e]", chunks.join(","))
    };
    let lone = "u=({host:\"localhost\",user:\"me\",password:\"§\"})";
    let key = format!("{}=", draw(BASE62, 43, 78));
    vec![
        kind(
            "a.d.ts",
            &key,
            "// key = decode64(\"§\")\n// public_key = PublicKey.new(key)\n",
            "// api_key = decode64(\"§\")\n// box = SecretKey.new(api_key)\n",
        ),
        kind("main.js", &short, &chunks("password"), lone),
        kind(
            "main.js",
            &short,
            &chunks("token"),
            &lone.replace("password", "token"),
        ),
        kind(
            "sums.json",
            &hex,
            "{\"index.html\": \"¤\", \"credentials.go\": \"§\"}",
            "{\"index.html\": \"¤\", \"credentials.token\": \"§\"}",
        ),
        kind("sums.yml", &hex, "dist/token.rs: §\n", "api_token: §\n"),
        kind(
            "distinfo",
            &hex,
            "SHA256 (secret-agent-1.0.tar.gz) = §\n",
            "secret = §\n",
        ),
        kind(
            "tests/a.test.js",
            &hex,
            "expect(hash('secret')).toBe('§');",
            "expect(config('secret')).toBe('§');",
        ),
        kind(
            "tests/test_a.py",
            &hex,
            "assert sha256(b\"token\").hexdigest() == \"§\"",
            "assert os.getenv(\"token\") == \"§\"",
        ),
        kind(
            "a_test.go",
            &hex,
            "if md5(\"api_key\") != \"§\" {\n}",
            "if get(\"api_key\") != \"§\" {\n}",
        ),
        kind(
            "docs.config.ts",
            &token,
            "apiKey: \"§\", // SEARCH_ONLY_KEY",
            "apiKey: \"§\", // ADMIN_KEY",
        ),
        kind(
            ".env",
            &token,
            "ALGOLIA_SEARCH_ONLY_API_KEY=§",
            "ALGOLIA_ADMIN_API_KEY=§",
        ),
        kind(
            "a.yml",
            &token,
            "post: http://username:secrect@hostname.com/path",
            "post: http://username:§@hostname.com/path",
        ),
        kind(
            "doc.md",
            &token,
            "postgresql://user:correct%20horse%20battery%20staple@localhost",
            "postgresql://user:§@localhost",
        ),
        kind(
            "tests/test_a.py",
            &token,
            "\"ftp://user:2%23um25%21M%23JZ@ftp.example.com/a\"",
            "\"ftp://user:§@ftp.acme.net/a\"",
        ),
        kind(
            "a.md",
            &token,
            "[Badge]: https://img.shields.io/codecov/c/x?token=§&style=flat",
            "[Page]: https://codecov.io/c/x?token=§&style=flat",
        ),
        kind(
            "a.py",
            &token,
            "headers={'Cookie': '_oauth_request_token=enhjdg==|MTIzNA=='}",
            "headers={'Cookie': '_oauth_request_token=§'}",
        ),
        kind(
            "a.rs",
            &token,
            "service = \"STS.GetAccessKeyInfo\"; // aliyun",
            "token = \"§\"; // aliyun",
        ),
        kind(
            "src/lib.rs",
            &token,
            "#[test]\nfn t() {\n  parse(\"uid=Musti; pwd=Naukio;\");\n}",
            "#[test]\nfn t() {\n  parse(\"uid=Musti; pwd=§;\");\n}",
        ),
        kind(
            "tests/a.json",
            &token,
            "\"mongodb://testuser:SENTINELpassword1234@localhost:27017/admin\"",
            "\"mongodb://testuser:§@localhost:27017/admin\"",
        ),
        kind(
            "a.sql",
            &token,
            "CREATE ROLE salt WITH PASSWORD 'salt';",
            "CREATE ROLE salt WITH PASSWORD '§';",
        ),
        kind(
            "a.json",
            &token,
            "\"curl\":4325,\"-unit\":123456,\"x\":1",
            "curl -unit:§ x",
        ),
    ]
}
