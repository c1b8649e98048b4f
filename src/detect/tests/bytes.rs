//! Bytes under a secret's name: as escapes in a string, and as a list of numbers.

use super::kinds::found_at;
use crate::lab::Random;

/// Bytes as a language's repr shows them: what may be typed as it is, the rest as escapes.
fn escaped(bytes: &[u8], escape: &dyn Fn(u8) -> String) -> String {
    let mut out = String::new();
    for &byte in bytes {
        match byte {
            b'"' | b'\'' | b'\\' | b'#' | b'$' => out += &escape(byte),
            b' '..=b'~' => out.push(char::from(byte)),
            byte => out += &escape(byte),
        }
    }
    out
}

/// Fills a text: `<x>` is drawn bytes as `\xfd`, `<u>` as `\u00fd`, `<o>` as octal, `<n>` as hex numbers, `<d>` as decimal
/// ones, `<c>` with a cast, `<l>` one a line.
fn filled(text: &str, bytes: &[u8]) -> String {
    let list = |each: &dyn Fn(u8) -> String, joint: &str| {
        let all: Vec<String> = bytes.iter().map(|&b| each(b)).collect();
        all.join(joint)
    };
    text.replace("<x>", &escaped(bytes, &|b| format!("\\x{b:02x}")))
        .replace("<u>", &escaped(bytes, &|b| format!("\\u{b:04x}")))
        .replace("<o>", &escaped(bytes, &|b| format!("\\{b:03o}")))
        .replace("<n>", &list(&|b| format!("0x{b:02x}"), ", "))
        .replace("<d>", &list(&|b| b.to_string(), ", "))
        .replace("<c>", &list(&|b| format!("(byte) {b}"), ", "))
        .replace("<l>", &list(&|b| format!("0x{b:02X}"), ",\n    "))
}

fn drawn(random: &mut Random, len: usize) -> Vec<u8> {
    (0..len).map(|_| random.below(256) as u8).collect()
}

#[test]
fn drawn_bytes_under_a_name_of_a_secret_are_found() {
    let mut random = Random::new(31);
    for (path, text) in [
        ("config.py", "SECRET_KEY = b'<x>'\n"),
        ("app.py", "app.secret_key = b\"<x>\"\n"),
        ("app.py", "app.config['SECRET_KEY'] = '<x>'\n"),
        ("config.rb", "  secret_token: \"<x>\",\n"),
        ("config.js", "const jwtSecret = '<x>';\n"),
        ("main.c", "static const char client_secret[] = \"<x>\";\n"),
        ("main.go", "\tjwtSecret = []byte(\"<x>\")\n"),
        ("main.c", "const char *password = \"<o>\";\n"),
        ("a.php", "$config['secret_key'] = \"<o>\";\n"),
        ("a.json", "{\"client_secret\": \"<u>\"}\n"),
        ("a.yml", "secret_key: \"<x>\"\n"),
        ("A.java", "String password = \"<u>\";\n"),
        ("main.go", "\tjwtSecret := []byte{<n>}\n"),
        ("main.go", "var clientSecret = []byte{\n    <l>,\n}\n"),
        (
            "A.java",
            "    private static final byte[] SECRET = {<c>};\n",
        ),
        ("A.java", "byte[] secretKey = new byte[] { <d> };\n"),
        ("a.py", "SECRET_KEY = bytes([<n>])\n"),
        ("a.py", "API_SECRET = bytearray([<d>])\n"),
        ("a.js", "const secret = new Uint8Array([<d>]);\n"),
        ("a.ts", "private secretKey = Buffer.from([<n>]);\n"),
        ("a.rs", "const SECRET: [u8; 32] = [<n>];\n"),
        ("a.rs", "let signing_secret = &[<d>];\n"),
        ("a.kt", "val apiSecret = byteArrayOf(<d>)\n"),
        ("a.swift", "let clientSecret: [UInt8] = [<n>]\n"),
        (
            "main.c",
            "static const uint8_t device_secret[32] = {\n    <l>\n};\n",
        ),
        ("a.cs", "byte[] secret = new byte[] { <n> };\n"),
        ("a.php", "$apiSecret = [<n>];\n"),
        ("a.erl", "Secret = <<<d>>>,\n"),
        ("a.json", "{\"secret_key\": [<d>]}\n"),
    ] {
        let found = (0..20).filter(|_| {
            let text = filled(text, &drawn(&mut random, 32));
            found_at(path, &text).len() == 1
        });
        assert!(found.count() >= 19, "{path}: {text}");
    }
}

#[test]
fn bytes_that_are_no_secrets_are_silent() {
    let mut random = Random::new(32);
    let message = b"\x00\x00\x00\x2a\x01\x02\x00\x10GET /\x00\x00\x00\x05hello\x00\x00\x00\x07";
    let image = [&b"\x89PNG\r\n\x1a\n"[..], &drawn(&mut random, 24)].concat();
    let rows: Vec<u8> = (0..32).collect();
    for (path, text, bytes) in [
        ("a.py", "password = b'<x>'\n", &message[..]),
        ("a.py", "secret = b'<x>'\n", &image),
        (
            "a.py",
            "SECRET = b'<x>'\n",
            "Zugangsschlüssel für Jürgen".as_bytes(),
        ),
        (
            "a.py",
            "password = '<x>'\n",
            "パスワードを入力して".as_bytes(),
        ),
        (
            "a.json",
            "{\"password\": \"<u>\"}",
            "Contrase\u{f1}a de acceso".as_bytes(),
        ),
        ("a.py", "SECRET = b'<x>'\n", &rows),
        ("a.go", "secret := []byte{<n>}\n", &rows),
        ("a.go", "secret := []byte{<n>}\n", &[0; 32]),
        ("a.go", "secret := []byte{<d>}\n", &[42; 32]),
        ("a.go", "password := []byte{<d>}\n", message),
        (
            "a.js",
            "const tokens = [<d>];\n",
            &[1, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 0, 0, 1, 2],
        ),
        (
            "a.c",
            "static const uint8_t public_key[32] = {<n>};\n",
            &drawn(&mut random, 32),
        ),
        (
            "a.c",
            "uint8_t password_hash[32] = {<n>};\n",
            &drawn(&mut random, 32),
        ),
        ("a.rs", "let key = [<n>];\n", &drawn(&mut random, 32)),
        ("a.rs", "let expected = [<n>];\n", &drawn(&mut random, 32)),
        (
            "a.rs",
            "#[test]\nfn derives() {\n    let secret = [<n>];\n}\n",
            &drawn(&mut random, 32),
        ),
        (
            "a_test.go",
            "\tsecret := []byte{<n>}\n\tnonce := []byte{1}\n\tciphertext := x\n",
            &drawn(&mut random, 32),
        ),
        (
            "check.c",
            "static const uint8_t kSecret[] = {<l>};\nstatic const uint8_t kOut[] = {<l>};\n\
             static const uint8_t kMore[] = {<l>};\n",
            &drawn(&mut random, 32),
        ),
        (
            "a.c",
            "static const uint8_t encrypted_secret[] = {<n>};\n",
            &[&b"\x30\x81\xb0\x30\x1b"[..], &drawn(&mut random, 32)].concat(),
        ),
        (
            "auth_test.go",
            "\tauthData := []byte{<d>}\n\tplugin := \"x\"\n",
            &drawn(&mut random, 20),
        ),
        ("a.js", "const version = tokens([1, 2, 3]);\n", &[]),
    ] {
        let text = filled(text, bytes);
        assert_eq!(found_at(path, &text), [""; 0], "{path}: {text}");
    }
}

#[test]
fn a_label_in_a_charset_of_east_asia_is_no_password() {
    // "password" in katakana as Shift-JIS and in Chinese as GBK, as programs call the field.
    for label in [
        r"\x83p\x83X\x83\x8f\x81[\x83h\x82\xf0\x93\xfc\x97\xcd",
        r"\xb1\xc2\xc3\xdc\xc2\xeb\xb4\xed\xce\xf3\xa3\xac\xc7\xeb",
    ] {
        let text = format!("password = b\"{label}\"");
        assert_eq!(found_at("i18n.py", &text), [""; 0], "{label}");
    }
}
