use super::*;
use crate::armour::samples::{self, lines as body, noise, openssh};
use crate::encoding::{BASE64, BASE64_URL, crc24, encode_base64, encode_base64_padded};

fn block(label: &str, body: &str) -> Vec<u8> {
    samples::block(label, body).into_bytes()
}

fn der_key(len: usize) -> Vec<u8> {
    seal::der(len, &mut |n| n / 2)
}

#[test]
fn a_body_that_breaks_off_at_a_dot_is_no_key() {
    let start = [&[0x30, 0x82, 4, 0xa5, 2, 1, 0][..], &noise(44)].concat();
    let text = body(&start, "\n");
    for cut in [
        format!(" {text}. "),
        format!("\n{text}.\n"),
        format!(" {text}... "),
    ] {
        assert_eq!(pem(&block("RSA PRIVATE KEY", &cut)), Check::Invalid);
    }
    let whole = block("RSA PRIVATE KEY", &format!("\n{text}\n"));
    assert_eq!(pem(&whole), Check::Unknown);
}

#[test]
fn lines_may_be_wrapped_as_programs_do() {
    let key: Vec<u8> = [&der_key(7)[..], &noise(200)].concat();
    let key = [&[0x30, 0x82, 0, 203], &key[4..]].concat();
    for (open, between, close) in [
        ("\n", "\n", "\n"),
        ("\r\n    ", "\r\n    ", "\r\n    "),
        (r"\n", r"\n", r"\n"),
        (r"\\n", r"\\n", r"\\n"),
        (r"\r\n", r"\r\n", r"\r\n"),
        ("\\n\" +\n  \"", "\\n\" +\n  \"", "\\n\" +\n  \""),
        ("\\n' .\n  '", "\\n' .\n  '", "\\n' .\n  '"),
        ("\",\n  \"", "\",\n  \"", "\",\n  \""),
        ("\n> ", "\n> ", "\n> "),
        ("\n// ", "\n// ", "\n// "),
        ("\n# ", "\n# ", "\n# "),
        ("\n * ", "\n * ", "\n * "),
        (" ", " ", " "),
        ("\\\n", "\\\n", "\\\n"),
        ("&#13;\n", "&#13;\n", "&#13;\n"),
        (r"\u000a", r"\u000a", r"\u000a"),
    ] {
        let text = format!("{open}{}{close}", body(&key, between));
        let block = block("RSA PRIVATE KEY", &text);
        assert_eq!(pem(&block), Check::Valid, "{between:?}");
        let cut = block.len() - "-----END RSA PRIVATE KEY-----".len();
        assert_eq!(
            pem(&block[..cut]),
            Check::Valid,
            "{between:?}, without its end"
        );
    }
}

#[test]
fn text_after_a_key_without_end_does_no_harm() {
    let key = [&[0x30, 0x82, 0, 203, 2, 1, 0], &noise(200)[..]].concat();
    let text = format!(
        "{}BEGIN PRIVATE KEY-----\\n{}\",\n  \"client_email\": \"me\"\n}}",
        "-----",
        body(&key, "\\n")
    );
    assert_eq!(pem(text.as_bytes()), Check::Valid);
}

#[test]
fn encrypted_and_public_blocks_are_no_keys() {
    let key = [&[0x30, 0x82, 0, 203, 2, 1, 0], &noise(200)[..]].concat();
    let lines = format!("\n{}\n", body(&key, "\n"));
    for label in ["ENCRYPTED PRIVATE KEY", "PUBLIC KEY", "CERTIFICATE"] {
        assert_eq!(pem(&block(label, &lines)), Check::Invalid, "{label}");
    }
    for between in ["\n", r"\n"] {
        let header = format!(
            "{between}Proc-Type: 4,ENCRYPTED{between}DEK-Info: AES-128-CBC,00{between}{between}"
        );
        let text = format!("{header}{}", body(&key, between));
        assert_eq!(pem(&block("RSA PRIVATE KEY", &text)), Check::Invalid);
    }
    let header = "\nComment: of no meaning\n\n";
    let text = format!("{header}{}", body(&key, "\n"));
    assert_eq!(pem(&block("RSA PRIVATE KEY", &text)), Check::Valid);
}

#[test]
fn fillings_are_no_keys() {
    let key = [&[0x30, 0x82, 4, 203, 2, 1, 0], &noise(200)[..]].concat();
    let start = body(&key[..120], "\n");
    for text in [
        "\n...\n".to_owned(),
        "\n<your key here>\n".to_owned(),
        "".to_owned(),
        "\nMIIEpAIBAAKCAQEA...\n".to_owned(),
        format!("\n{start}\n...\n"),
        format!("\n{start}\n[snip]\n"),
        format!("\n{}\n", "x".repeat(640)),
        format!("\n{}\n", "MIIEpAIBAAKCAQEA".repeat(10)),
        format!(
            "\n{}\n",
            "the quick brown fox jumps over the lazy dog THE QUICK 12345 ".repeat(9)
        ),
    ] {
        assert_eq!(
            pem(&block("RSA PRIVATE KEY", &text)),
            Check::Invalid,
            "{text}"
        );
    }
}

#[test]
fn random_bodies_are_unknown() {
    let whole = format!("\n{}\n", body(&noise(200), "\n"));
    assert_eq!(pem(&block("RSA PRIVATE KEY", &whole)), Check::Unknown);
    let part = [&[0x30, 0x82, 4, 203, 2, 1, 0], &noise(200)[..]].concat();
    let part = format!("\n{}\n", body(&part, "\n"));
    assert_eq!(pem(&block("PRIVATE KEY", &part)), Check::Unknown);
}

#[test]
fn openssh_keys_tell_their_cipher() {
    for (cipher, expected) in [("none", Check::Valid), ("aes256-ctr", Check::Invalid)] {
        let text = format!("\n{}\n", body(&openssh(cipher), "\n"));
        let block = block("OPENSSH PRIVATE KEY", &text);
        assert_eq!(pem(&block), expected);
        assert_eq!(base64_openssh(&block), expected);
        assert_eq!(
            base64_openssh(&encode_base64_padded(&openssh(cipher))),
            expected
        );
    }
}

#[test]
fn pgp_blocks_have_packets_and_a_sum() {
    let key = [&[0x95, 0, 201, 4], &noise(200)[..]].concat();
    let sum = encode_base64(&crc24(&key).to_be_bytes()[1..], BASE64);
    let sum = String::from_utf8(sum).unwrap();
    let text = |sum: &str| format!("\nVersion: GnuPG v2\n\n{}\n{sum}\n", body(&key, "\n"));
    let label = "PGP PRIVATE KEY BLOCK";
    assert_eq!(pem(&block(label, &text(&format!("={sum}")))), Check::Valid);
    assert_eq!(pem(&block(label, &text(""))), Check::Valid);
    assert_eq!(pem(&block(label, &text("=AAAA"))), Check::Unknown);
}

#[test]
fn certificates_and_public_keys_are_no_private_keys() {
    let with = |inner: &[u8]| {
        encode_base64_padded(
            &[
                &[0x30, 0x82, 0, 200 + inner.len() as u8],
                inner,
                &noise(200),
            ]
            .concat(),
        )
    };
    let algorithm = [0x30, 5, 6, 3, 0x2b, 0x65, 0x70];
    for (inner, expected) in [
        // RSA, EC, PKCS #8 of both versions, PKCS #12.
        (&[2, 1, 0, 2, 0x81, 129][..], Check::Valid),
        (&[2, 1, 1, 4, 32], Check::Valid),
        (
            &[&[2, 1, 0][..], &algorithm, &[4, 34]].concat(),
            Check::Valid,
        ),
        (
            &[&[2, 1, 1][..], &algorithm, &[4, 34]].concat(),
            Check::Valid,
        ),
        (&[&[2, 1, 3][..], &algorithm].concat(), Check::Valid),
        // A session of TLS, the parameters of a curve, no more than a version.
        (&[2, 1, 1, 2, 2, 3, 4], Check::Unknown),
        (
            &[&[2, 1, 1][..], &algorithm, &[0x30, 68]].concat(),
            Check::Unknown,
        ),
        (&[2, 1, 0], Check::Unknown),
        (&[0x30, 0x0d], Check::Invalid),
    ] {
        assert_eq!(base64_der(&with(inner)), expected, "{inner:?}");
    }
    assert_eq!(base64_der(&with(&[2, 1, 0])[..100]), Check::Unknown);
    assert_eq!(
        base64_der(&encode_base64(&noise(99), BASE64_URL)),
        Check::Invalid
    );
}

#[test]
fn a_block_in_base64_is_opened() {
    let key = [&[0x30, 0x82, 0, 203, 2, 1, 0], &noise(200)[..]].concat();
    let block = block("PRIVATE KEY", &format!("\n{}\n", body(&key, "\n")));
    assert_eq!(pem(&encode_base64_padded(&block)), Check::Valid);
    let public = block.iter().copied().skip(11).collect::<Vec<_>>();
    assert_eq!(pem(&encode_base64_padded(&public)), Check::Invalid);
}
