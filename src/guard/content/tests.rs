use super::*;
use crate::armour::samples::{self, Says};
use crate::confidence::Confidence;
use crate::encoding::encode_base64_padded;
use crate::proof::{Check, Proof};

/// The judgement on a file in which the detector finds nothing.
fn judged(wanted: Content, blob: &[u8]) -> Judgement {
    let held = Held {
        blob,
        text: &Text::decode(blob),
        surest: None,
    };
    judge(wanted, &held)
}

fn pem(label: &str, body: &str) -> String {
    format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
}

fn body() -> String {
    samples::lines(&samples::private_der(), "\n")
}

fn is_guarded(judgement: Judgement) -> bool {
    judgement != Harmless
}

#[test]
fn public_pem_passes_and_private_pem_does_not() {
    let public = [
        "CERTIFICATE",
        "CERTIFICATE REQUEST",
        "NEW CERTIFICATE REQUEST",
        "TRUSTED CERTIFICATE",
        "DH PARAMETERS",
        "EC PARAMETERS",
        "PUBLIC KEY",
        "RSA PUBLIC KEY",
        "X509 CRL",
        "PKCS7",
    ];
    for label in public {
        let text = pem(label, &body());
        assert_eq!(
            judged(Content::NotPublic, text.as_bytes()),
            Harmless,
            "{label}"
        );
        assert_eq!(
            judged(Content::PrivateKey, text.as_bytes()),
            Harmless,
            "{label}"
        );
    }
    for label in [
        "PRIVATE KEY",
        "RSA PRIVATE KEY",
        "EC PRIVATE KEY",
        "DSA PRIVATE KEY",
    ] {
        for before in ["", &pem("CERTIFICATE", &body())] {
            let text = format!("{before}{}", pem(label, &body()));
            let expected = sure("it holds a private key");
            assert_eq!(
                judged(Content::NotPublic, text.as_bytes()),
                expected,
                "{label}"
            );
            assert_eq!(
                judged(Content::PrivateKey, text.as_bytes()),
                expected,
                "{label}"
            );
        }
    }
    let vpn = pem("OpenVPN Static key V1", &body());
    assert!(is_guarded(judged(
        Content::NotPublicOrProse,
        vpn.as_bytes()
    )));
}

#[test]
fn a_passphrase_is_no_excuse_and_leaves_doubt() {
    let keys = [
        pem("ENCRYPTED PRIVATE KEY", &body()),
        pem(
            "RSA PRIVATE KEY",
            &format!("Proc-Type: 4,ENCRYPTED\n\n{}", body()),
        ),
        pem(
            "OPENSSH PRIVATE KEY",
            &samples::lines(&samples::openssh("aes256-ctr"), "\n"),
        ),
        format!(
            "PuTTY-User-Key-File-2: ssh-rsa\nEncryption: aes256-cbc\n{}",
            body()
        ),
    ];
    for key in &keys {
        assert!(
            matches!(
                judged(Content::NotPublic, key.as_bytes()),
                Judgement::Guarded { sure: false, .. }
            ),
            "{key}"
        );
    }
    let bare = pem(
        "OPENSSH PRIVATE KEY",
        &samples::lines(&samples::openssh("none"), "\n"),
    );
    assert!(matches!(
        judged(Content::NotPublic, bare.as_bytes()),
        Judgement::Guarded { sure: true, .. }
    ));
}

#[test]
fn a_header_without_a_key_is_a_placeholder() {
    let text = pem("PRIVATE KEY", "YOUR KEY HERE");
    assert_eq!(judged(Content::NotPublic, text.as_bytes()), Harmless);
}

#[test]
fn a_private_key_is_seen_in_utf16_and_unclosed() {
    let text = pem("PRIVATE KEY", &body());
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(is_guarded(judged(Content::PrivateKey, &wide)));
    let open = text
        .split("-----END")
        .next()
        .expect("split yields at least one piece");
    assert!(is_guarded(judged(Content::PrivateKey, open.as_bytes())));
}

#[test]
fn binary_keys_are_told_from_certificates() {
    let der = |inner: &[u8]| {
        let mut inner = inner.to_vec();
        inner.resize(300, 7);
        [&[0x30, 0x82, 0x01, 0x2c][..], &inner].concat()
    };
    let private = der(&[0x02, 0x01, 0x00]);
    let encrypted = der(&[
        0x30, 0x57, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d,
    ]);
    let certificate = der(&[0x30, 0x82, 0x01, 0x00]);
    let spki = der(&[
        0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01,
    ]);
    let rsa = der(&[0x02, 0x82, 0x01, 0x01, 0x00]);
    for (name, content, guarded) in [
        ("private", &private, true),
        ("encrypted", &encrypted, true),
        ("certificate", &certificate, false),
        ("public key", &spki, false),
        ("RSA public key", &rsa, false),
    ] {
        assert_eq!(
            is_guarded(judged(Content::NotPublic, content)),
            guarded,
            "{name}"
        );
        assert_eq!(
            is_guarded(judged(Content::PrivateKey, content)),
            guarded,
            "{name}"
        );
    }
    assert!(
        is_guarded(judged(Content::NotPublic, &certificate[..200])),
        "cut short"
    );
}

#[test]
fn the_guard_and_the_proofs_read_the_same() {
    let cut = |file: &[u8]| {
        let text = Text::decode(file).bytes().to_vec();
        // A rule's candidate starts with the block.
        text[text.rfind(b"-----BEGIN ").unwrap_or(0)..].to_vec()
    };
    for sample in samples::all() {
        let (name, says) = (sample.name, sample.says);
        let guarded = judged(Content::NotPublic, &sample.file);
        let expected = match says {
            Says::Key | Says::Unclear => sure("it holds a private key"),
            Says::Locked => {
                unsure("it holds a private key; a passphrase can be guessed at leisure")
            }
            Says::Filler | Says::Public | Says::Message => Harmless,
            Says::Nothing => unsure(BY_NAME),
        };
        assert_eq!(guarded, expected, "{name}");
        let guarded = judged(Content::PrivateKey, &sample.file);
        let expected = match says {
            Says::Nothing => Harmless,
            _ => expected,
        };
        assert_eq!(guarded, expected, "{name}");

        let Some(proof) = sample.proof.and_then(Proof::named) else {
            continue;
        };
        let secret = match proof.name() {
            "base64-der" if sample.file.starts_with(b"0") => encode_base64_padded(&sample.file),
            _ => cut(&sample.file),
        };
        let expected = match says {
            Says::Key => Check::Valid,
            Says::Unclear => Check::Unknown,
            _ => Check::Invalid,
        };
        assert_eq!(proof.check(&secret), expected, "{name}");
    }
}

#[test]
fn ssh_public_keys_pass() {
    let line = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA me@host\n";
    assert_eq!(judged(Content::NotPublic, line.as_bytes()), Harmless);
    let with_more = format!("{line}# comment\nnot a key\n");
    assert!(is_guarded(judged(Content::NotPublic, with_more.as_bytes())));
}

#[test]
fn other_meanings_of_key_pass() {
    let cases: &[(&str, &[u8], bool)] = &[
        ("keynote", b"PK\x03\x04\x14\0\x08\0", false),
        (
            "translation",
            "save = Änderungen speichern\nquit = Beenden\n".as_bytes(),
            false,
        ),
        ("short secret", b"hunter2\n", true),
        ("hex", b"0123456789abcdef0123456789abcdef\n", true),
        (
            "assigned",
            b"key = 0123456789abcdef0123456789abcdef\n",
            true,
        ),
        (
            "raw",
            &[0x93, 0x01, 0xfe, 0x7f, 0x00, 0x10, 0xd2, 0x05],
            true,
        ),
        ("empty", b"", true),
    ];
    for (name, content, guarded) in cases {
        assert_eq!(
            is_guarded(judged(Content::NotPublicOrProse, content)),
            *guarded,
            "{name}"
        );
    }
    assert!(is_guarded(judged(
        Content::NotPublic,
        b"PK\x03\x04\x14\0\x08\0"
    )));
}

#[test]
fn encrypted_files_pass_whatever_their_name() {
    let sops =
        "db:\n    password: ENC[AES256_GCM,data:x]\nsops:\n    mac: ENC[AES256_GCM,data:y]\n";
    let cases: &[(&str, &[u8])] = &[
        ("git-crypt", b"\0GITCRYPT\0\x01\x02"),
        ("ansible", b"$ANSIBLE_VAULT;1.1;AES256\n3132\n"),
        ("age", b"age-encryption.org/v1\n-> X25519 abc\n"),
        ("armored age", b"-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n"),
        ("armored PGP", b"\n-----BEGIN PGP MESSAGE-----\n\nhQEM\n"),
        ("PGP", &[0x85, 0x01, 0x0c, 0x03, 0xaa]),
        ("symmetric PGP", &[0x8c, 0x0d, 0x04, 0x09]),
        ("openssl", b"Salted__\x01\x02"),
        ("sops", sops.as_bytes()),
    ];
    for (name, content) in cases {
        for wanted in [
            Content::Any,
            Content::NotReferences,
            Content::NotPublic,
            Content::NotTrustStore,
        ] {
            assert_eq!(judged(wanted, content), Harmless, "{name}");
        }
    }
    for (name, content) in [
        ("git-crypt's own key", &b"\0GITCRYPTKEY\0"[..]),
        (
            "text that starts like a PGP packet",
            "Ä=1\nÃ\u{4}=2".as_bytes(),
        ),
        ("words about sops", b"# sops: mac\nA=1"),
    ] {
        assert!(is_guarded(judged(Content::Any, content)), "{name}");
    }
}

#[test]
fn a_git_lfs_pointer_counts_by_its_name() {
    let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n";
    for wanted in [
        Content::Any,
        Content::NotPublic,
        Content::SecretValue,
        Content::PrivateKey,
    ] {
        assert!(matches!(
            judged(wanted, pointer),
            Judgement::Guarded { sure: false, .. }
        ));
    }
}

#[test]
fn openpgp_secret_keys_are_found_in_both_forms() {
    let armored = pem("PGP PRIVATE KEY BLOCK", &body());
    assert!(is_guarded(judged(
        Content::PgpSecretKey,
        armored.as_bytes()
    )));
    assert!(is_guarded(judged(
        Content::PgpSecretKey,
        &[0x95, 0x03, 0xc6, 0x04, 0x5d]
    )));
    for (name, content) in [
        ("public", pem("PGP PUBLIC KEY BLOCK", &body()).into_bytes()),
        ("signature", pem("PGP SIGNATURE", &body()).into_bytes()),
        ("binary public", vec![0x99, 0x01, 0x0d, 0x04, 0x5d]),
        ("AsciiDoc", b"= Title\n\nText\n".to_vec()),
    ] {
        assert_eq!(judged(Content::PgpSecretKey, &content), Harmless, "{name}");
    }
}

fn key_store(tags: &[u32]) -> Vec<u8> {
    let mut store = vec![0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2];
    store.extend((tags.len() as u32).to_be_bytes());
    for tag in tags {
        store.extend(tag.to_be_bytes());
        store.extend(b"\0\x02ca\0\0\0\0\0\0\0\0\0\x05X.509\0\0\0\x03abc");
    }
    store.extend([0; 20]);
    store
}

#[test]
fn a_key_store_of_certificates_alone_passes() {
    assert_eq!(
        judged(Content::NotTrustStore, &key_store(&[2, 2])),
        Harmless
    );
    for store in [key_store(&[2, 1]), key_store(&[1]), key_store(&[])] {
        assert!(is_guarded(judged(Content::NotTrustStore, &store)));
    }
    let whole = key_store(&[2, 2]);
    for end in 0..whole.len() {
        assert!(
            is_guarded(judged(Content::NotTrustStore, &whole[..end])),
            "cut at {end}"
        );
    }
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
        ("A=akeyless:/prod/x\nB=pass://share/item/field\n", true),
        ("A=value\n", false),
        ("A=op://vault/item/field\nB=value\n", false),
        ("A=${B:-value}\n", false),
        ("A=${B:-}\n", true),
        ("A=$(cat file) value\n", false),
        ("A=\"op://x/y/z\nmore\"\n", false),
        ("A={\"password\": \"blue\"}\n", false),
        ("A={bcrypt}$2b$12$x\n", false),
        ("A=file:./dev.db\n", false),
        ("DOTENV_PRIVATE_KEY=00ff\nA=encrypted:BD9x\n", false),
        ("A=\nB=\n", false),
        ("# nothing\n", false),
        ("", false),
    ];
    for (text, expected) in cases {
        let guarded = is_guarded(judged(Content::NotReferences, text.as_bytes()));
        assert_eq!(!guarded, expected, "{text:?}");
    }
}

#[test]
fn a_settings_file_is_guarded_for_the_secret_that_is_found_in_it() {
    let text = Text::decode(b"password: x");
    for secret in [true, false] {
        let held = Held {
            blob: text.bytes(),
            text: &text,
            surest: secret.then_some(Confidence::Likely),
        };
        assert_eq!(is_guarded(judge(Content::SecretValue, &held)), secret);
    }
}

#[test]
fn no_content_is_refused_with_a_panic() {
    let wanted = [
        Content::Any,
        Content::NotReferences,
        Content::NotPublic,
        Content::NotPublicOrProse,
        Content::NotTrustStore,
        Content::PrivateKey,
        Content::PgpSecretKey,
        Content::SecretValue,
    ];
    let hostile: &[&[u8]] = &[
        b"",
        b"\0",
        b"BEGIN ",
        b"-----BEGIN ",
        b"----BEGIN ----",
        b"-----BEGIN X-----",
        b"0\x82",
        b"0\x82\xff\xff",
        b"\xfe\xed\xfe\xed\0\0\0\x02\xff\xff\xff\xff",
        b"password",
        b"password:",
        b"password: |",
        b"password=\"",
        b"password=\"\"\"",
        b"=:=:=:",
        b"\xff\xfe=\0",
    ];
    for wanted in wanted {
        for content in hostile {
            let _ = judged(wanted, content);
        }
    }
}

#[test]
fn an_environment_file_whose_secrets_are_to_be_filled_in_passes() {
    let settings = "export LOG=debug\nPORT=8080\n";
    for value in [
        "REPLACE_LICENSE_KEY_HERE",
        "\"CHANGE-THIS! VERY IMPORTANT!\"",
        "changeme",
        "change_me",
        "your-api-key",
        "'your token here'",
        "<token>",
        "${TOKEN}",
        "Change this, please",
        "xxxxxxxx",
        "********",
        "TODO",
        "op://vault/item/field",
        "example-key",
        "insert-key-here",
        "sk-...",
    ] {
        for name in [
            "LICENSE_KEY",
            "DB_PASSWORD",
            "export API_TOKEN",
            "clientSecret",
        ] {
            let text = format!("{settings}{name}={value}\n");
            let judgement = judged(Content::NotReferences, text.as_bytes());
            assert_eq!(judgement, Harmless, "{name}={value}");
            let blob = format!("{settings}{name}={value}\nOTHER_SECRET=hunter2\n");
            assert!(is_guarded(judged(Content::NotReferences, blob.as_bytes())));
            let held = Held {
                blob: text.as_bytes(),
                text: &Text::decode(text.as_bytes()),
                surest: Some(Confidence::Possible),
            };
            assert!(is_guarded(judge(Content::NotReferences, &held)));
        }
    }
    for text in [
        "PORT=8080\n",
        "PORT=8080\nDB_PASSWORD=\n",
        "PORT=8080\nDB_PASSWORD=postgres\n",
        "PORT=8080\nDB_PASSWORD=admin\nAPI_KEY=changeme\n",
        "NAME=changeme\nPORT=1\n",
        "DB_PASSWORD=\"changeme\nmore\"\n",
        "API_KEY=changeme\nnot a setting\n",
    ] {
        assert!(
            is_guarded(judged(Content::NotReferences, text.as_bytes())),
            "{text}"
        );
    }
    for text in ["API_KEY=changeme\n", "A=changeme\nB=<b>\nC=\n"] {
        assert_eq!(
            judged(Content::NotReferences, text.as_bytes()),
            Harmless,
            "{text}"
        );
    }
}
