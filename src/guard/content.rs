//! What the content of a file says about its name: whether a `.pem` holds a private key, whether
//! an `.env` holds values or references.

use bstr::ByteSlice;

use super::Held;
use super::words::Content;
use crate::armour::{self, Armoured, Kind, keystore, pgp};
use crate::assignment::env_file::{self, Line};
use crate::lfs;
use crate::text::Text;
use crate::words::reference::{self, Reference};

/// What became of a file whose name a guard fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Judgement {
    /// The content holds no secret, or only an encrypted one.
    Harmless,
    /// The file is refused.
    Guarded {
        /// Whether the content leaves no doubt.
        sure: bool,
        /// Why it counts, in a few words.
        why: &'static str,
    },
}

use Judgement::Harmless;

const fn sure(why: &'static str) -> Judgement {
    Judgement::Guarded { sure: true, why }
}

const fn unsure(why: &'static str) -> Judgement {
    Judgement::Guarded { sure: false, why }
}

const BY_NAME: &str = "its name says that it holds secrets";

/// Judges a file by what its guard wants to know of the content.
pub(super) fn judge(wanted: Content, held: &Held<'_>) -> Judgement {
    let (content, text) = (held.blob, held.text);
    if is_encrypted(content) {
        return Harmless;
    }
    if lfs::is_pointer(content) {
        return unsure("its name says that it holds secrets, and Git LFS keeps its content");
    }
    let keys = || armour::keys(content, text.bytes());
    match wanted {
        Content::Any => sure(BY_NAME),
        Content::NotReferences if only_references(text.bytes()) => Harmless,
        Content::NotReferences => sure(BY_NAME),
        Content::NotPublic => not_public(&keys()),
        Content::NotPublicOrProse => match not_public(&keys()) {
            Judgement::Guarded { sure: false, .. } if is_keynote(content) || is_prose(text) => {
                Harmless
            }
            judgement => judgement,
        },
        Content::NotTrustStore if keystore::is_trust_store(content) => Harmless,
        Content::NotTrustStore => sure(BY_NAME),
        Content::PrivateKey => private_key(&keys()).unwrap_or(Harmless),
        Content::PgpSecretKey if pgp::is_secret_key(content) => {
            sure("it holds an OpenPGP secret key")
        }
        Content::PgpSecretKey => private_key(&keys()).unwrap_or(Harmless),
        Content::SecretValue if held.secret => {
            sure("its name says that it holds secrets, and there is one in it")
        }
        Content::SecretValue => Harmless,
    }
}

/// Whether an environment file holds references and nothing else: at least one, and beside them
/// only empty values, comments, and what sops and dotenvx write for themselves.
///
/// A file of empty values alone does not pass: it waits to be filled, and once tracked it is
/// committed with whatever fills it.
fn only_references(text: &[u8]) -> bool {
    let mut any = false;
    for line in env_file::lines(text) {
        match line {
            Line::Inherited => {}
            Line::Value { name, value } if value.is_empty() || is_bookkeeping(name) => {}
            Line::Value { value, .. } if refers(value) => any = true,
            Line::Value { .. } | Line::Other => return false,
        }
    }
    any
}

/// Whether sops or dotenvx keeps a variable for itself: its version, its public key.
fn is_bookkeeping(name: &[u8]) -> bool {
    name.starts_with(b"sops_") || name.starts_with(b"DOTENV_PUBLIC_KEY")
}

/// Whether a value is a secret that is kept elsewhere, closed, or still to be filled in.
fn refers(value: &[u8]) -> bool {
    match reference::of(value) {
        Some(
            Reference::Store
            | Reference::Variable
            | Reference::Code
            | Reference::Blank
            | Reference::Encrypted,
        ) => true,
        Some(Reference::Place | Reference::Bracketed | Reference::Hashed) | None => false,
    }
}

/// Whether the file as a whole is encrypted: what is committed is of no use without a key that
/// lies elsewhere.
///
/// A private key with a passphrase is not meant: whoever has it can guess at the passphrase for
/// years, and nobody changes it when the history leaks.
fn is_encrypted(content: &[u8]) -> bool {
    const STARTS: &[&[u8]] = &[
        b"\0GITCRYPT\0",
        b"$ANSIBLE_VAULT;",
        b"-----BEGIN AGE ENCRYPTED FILE-----",
        b"-----BEGIN PGP MESSAGE-----",
        // OpenSSL's `enc`, plain and in base64.
        b"Salted__",
        b"U2FsdGVkX1",
        b"age-encryption.org/v1\n",
    ];
    // In YAML, in JSON, and in the JSON that sops makes of a file in any other format. In an
    // environment file sops leaves lines that it was not told of, so those are read one by one.
    const MARKS: &[(&[u8], &[u8])] = &[
        (b"\nsops:", b" mac: ENC[AES256_GCM,"),
        (b"\"sops\":", b"\"mac\": \"ENC[AES256_GCM,"),
        (b"\"encrypted_data\":", b"\"encryption_version\":"),
        (b"kind: SealedSecret", b"encryptedData:"),
    ];
    let text = content
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(content)
        .trim_ascii_start();
    STARTS
        .iter()
        .any(|start| text.starts_with(start) || content.starts_with(start))
        || pgp::is_message(content)
        || MARKS
            .iter()
            .any(|(one, other)| content.contains_str(one) && content.contains_str(other))
}

/// The judgement on a file that has a private key; `None` if it has none.
fn private_key(keys: &[Armoured]) -> Option<Judgement> {
    let mut private = keys.iter().filter(|key| key.is_private()).peekable();
    private.peek()?;
    Some(match private.all(|key| key.encrypted) {
        true => unsure("it holds a private key; a passphrase can be guessed at leisure"),
        false => sure("it holds a private key"),
    })
}

/// The judgement on a file that may hold nothing but public keys, certificates, and blocks that
/// stand for a private key.
fn not_public(keys: &[Armoured]) -> Judgement {
    if let Some(judgement) = private_key(keys) {
        return judgement;
    }
    let harmless = !keys.is_empty() && keys.iter().all(|key| key.kind != Kind::Other);
    if harmless { Harmless } else { unsure(BY_NAME) }
}

/// Whether the file is a Keynote presentation: a ZIP archive.
fn is_keynote(content: &[u8]) -> bool {
    content.starts_with(b"PK\x03\x04")
}

/// Whether the file is a text of words: a translation, a list of names.
///
/// Every line has at least two words, and none has a run of letters and digits that could be a
/// key.
fn is_prose(text: &Text<'_>) -> bool {
    /// A bound: no word of a translation has so many letters and a digit among them.
    const SHORTEST_KEY: usize = 16;
    if text.is_binary() {
        return false;
    }
    let mut lines = text
        .bytes()
        .lines()
        .map(<[u8]>::trim_ascii)
        .filter(|line| !line.is_empty())
        .peekable();
    lines.peek().is_some()
        && lines.all(|line| {
            let words = line.find_byteset(b" \t=:").is_some();
            let key = line
                .split(|b| !matches!(b, b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/'))
                .any(|run| run.len() >= SHORTEST_KEY && run.iter().any(u8::is_ascii_digit));
            words && !key
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::armour::samples::{self, Says};
    use crate::encoding::encode_base64_padded;
    use crate::proof::{Check, Proof};

    /// The judgement on a file in which the detector finds nothing.
    fn judged(wanted: Content, blob: &[u8]) -> Judgement {
        let held = Held {
            blob,
            text: &Text::decode(blob),
            secret: false,
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
            assert_eq!(only_references(text.as_bytes()), expected, "{text:?}");
        }
    }

    #[test]
    fn a_settings_file_is_guarded_for_the_secret_that_is_found_in_it() {
        let text = Text::decode(b"password: x");
        for secret in [true, false] {
            let held = Held {
                blob: text.bytes(),
                text: &text,
                secret,
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
}
