//! Kinds of values that are no secrets, each beside what looks like it and is one.

use super::{BASE62, draw, found};
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
    vec![
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
    let key = format!("{}=", draw(BASE62, 43, 78));
    vec![
        kind(
            "a.d.ts",
            &key,
            "// key = decode64(\"§\")\n// public_key = PublicKey.new(key)\n",
            "// api_key = decode64(\"§\")\n// box = SecretKey.new(api_key)\n",
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
