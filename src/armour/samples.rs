//! Keys for tests, written by code: none is a real one, and no file holds one.

use crate::encoding::{BASE64, crc24, encode_base64, encode_base64_padded};

/// What a sample is, for everybody who reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Says {
    /// A private key, whole and in the clear.
    Key,
    /// A private key that is cut off, or random bytes under its label.
    Unclear,
    /// A private key under a passphrase.
    Locked,
    /// What stands for a private key.
    Filler,
    /// A public key, a certificate or the like.
    Public,
    /// An encrypted message.
    Message,
    /// None of these.
    Nothing,
}

/// A file, what it is, and the proof that a rule would ask, if one reads the form.
pub(crate) struct Sample {
    pub(crate) name: &'static str,
    pub(crate) file: Vec<u8>,
    pub(crate) says: Says,
    pub(crate) proof: Option<&'static str>,
}

/// Bytes that look random and are the same every time.
pub(crate) fn noise(len: usize) -> Vec<u8> {
    let mut state = 7u32;
    std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    })
    .take(len)
    .collect()
}

/// Bytes in base64, in lines of 64 characters joined by `between`.
pub(crate) fn lines(bytes: &[u8], between: &str) -> String {
    let text = encode_base64_padded(bytes);
    let lines: Vec<_> = text.chunks(64).map(String::from_utf8_lossy).collect();
    lines.join(between)
}

/// A block around a body, which brings its own ends of lines.
pub(crate) fn block(label: &str, body: &str) -> String {
    format!("{}BEGIN {label}-----{body}-----END {label}-----", "-----")
}

/// A block in PEM that holds these bytes.
pub(crate) fn pem(label: &str, bytes: &[u8]) -> String {
    block(label, &format!("\n{}\n", lines(bytes, "\n"))) + "\n"
}

/// A SEQUENCE in DER that starts with these bytes and has 200 more.
pub(crate) fn der(start: &[u8]) -> Vec<u8> {
    let len = (start.len() + 200) as u16;
    [&[0x30, 0x82], &len.to_be_bytes()[..], start, &noise(200)].concat()
}

/// A private key of PKCS #1, as far as its version and its modulus tell.
pub(crate) fn private_der() -> Vec<u8> {
    der(&[2, 1, 0, 2, 0x81, 129, 0])
}

/// The algorithm of an encrypted private key: PBES2.
const PBES2: &[u8] = &[
    0x30, 0x0d, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 0x0d, 5, 0,
];

/// The algorithm of a public key: RSA.
const RSA: &[u8] = &[
    0x30, 0x0d, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 5, 0,
];

/// A key of OpenSSH under this cipher.
pub(crate) fn openssh(cipher: &str) -> Vec<u8> {
    let mut bytes = super::openssh::MAGIC.to_vec();
    let mut string = |string: &[u8]| {
        bytes.extend((string.len() as u32).to_be_bytes());
        bytes.extend(string);
    };
    string(cipher.as_bytes());
    string(b"bcrypt");
    string(b"");
    bytes.extend(1u32.to_be_bytes());
    for half in [51, 136] {
        bytes.extend((half as u32).to_be_bytes());
        bytes.extend(noise(half));
    }
    bytes
}

/// A packet of OpenPGP of 201 bytes, in the old form.
pub(crate) fn pgp_packet(tag: u8, version: u8) -> Vec<u8> {
    [&[0x81 | tag << 2, 0, 201, version], &noise(200)[..]].concat()
}

/// A block of OpenPGP with a header and a sum.
pub(crate) fn pgp(label: &str, bytes: &[u8]) -> String {
    let sum = encode_base64(&crc24(bytes).to_be_bytes()[1..], BASE64);
    let sum = String::from_utf8_lossy(&sum);
    let body = lines(bytes, "\n");
    block(label, &format!("\nVersion: GnuPG v2\n\n{body}\n={sum}\n")) + "\n"
}

/// A file of PuTTY.
pub(crate) fn putty(version: u8, encryption: &str) -> String {
    let public = lines(&noise(83), "\n");
    let private = lines(&noise(36), "\n");
    format!(
        "PuTTY-User-Key-File-{version}: ssh-ed25519\nEncryption: {encryption}\nComment: me\n\
         Public-Lines: 2\n{public}\nPrivate-Lines: 1\n{private}\nPrivate-MAC: 00\n"
    )
}

/// Every form that is read, and every way in which texts hold it.
pub(crate) fn all() -> Vec<Sample> {
    [plain(), wrapped(), broken(), other()]
        .into_iter()
        .flatten()
        .collect()
}

fn text(name: &'static str, says: Says, file: impl Into<Vec<u8>>) -> Sample {
    Sample {
        name,
        file: file.into(),
        says,
        proof: Some("pem"),
    }
}

/// Files as the programs write them.
fn plain() -> Vec<Sample> {
    let key = private_der();
    let ec = der(&[2, 1, 1]);
    let secret = pgp_packet(5, 4);
    let public = der(RSA);
    let certificate = der(&[0x30, 0x82, 0, 100]);
    vec![
        text("PKCS #1", Says::Key, pem("RSA PRIVATE KEY", &key)),
        text("PKCS #8", Says::Key, pem("PRIVATE KEY", &key)),
        text("EC", Says::Key, pem("EC PRIVATE KEY", &ec)),
        text("DSA", Says::Key, pem("DSA PRIVATE KEY", &key)),
        text(
            "short PKCS #8",
            Says::Key,
            pem(
                "PRIVATE KEY",
                &[&[0x30, 46, 2, 1, 0], &noise(43)[..]].concat(),
            ),
        ),
        text(
            "encrypted PKCS #8",
            Says::Locked,
            pem("ENCRYPTED PRIVATE KEY", &der(PBES2)),
        ),
        text(
            "encrypted PKCS #8 under a plain label",
            Says::Locked,
            pem("PRIVATE KEY", &der(PBES2)),
        ),
        text(
            "OpenSSH",
            Says::Key,
            pem("OPENSSH PRIVATE KEY", &openssh("none")),
        ),
        text(
            "encrypted OpenSSH",
            Says::Locked,
            pem("OPENSSH PRIVATE KEY", &openssh("aes256-ctr")),
        ),
        text("PGP", Says::Key, pgp("PGP PRIVATE KEY BLOCK", &secret)),
        text(
            "public PGP",
            Says::Public,
            pgp("PGP PUBLIC KEY BLOCK", &pgp_packet(6, 4)),
        ),
        text(
            "PGP signature",
            Says::Public,
            pgp("PGP SIGNATURE", &pgp_packet(2, 4)),
        ),
        text(
            "PGP message",
            Says::Message,
            pgp("PGP MESSAGE", &pgp_packet(1, 3)),
        ),
        text(
            "OpenVPN",
            Says::Key,
            block("OpenVPN Static key V1", &format!("\n{}\n", hex(256))),
        ),
        text(
            "certificate",
            Says::Public,
            pem("CERTIFICATE", &certificate),
        ),
        text("public key", Says::Public, pem("PUBLIC KEY", &public)),
        text(
            "SSH2 public key",
            Says::Public,
            format!(
                "---- {0} SSH2 PUBLIC KEY ----\nComment: me\n{1}\n---- END SSH2 PUBLIC KEY ----\n",
                "BEGIN",
                lines(&noise(83), "\n")
            ),
        ),
        text("unknown label", Says::Nothing, pem("SOMETHING", &key)),
    ]
}

/// A key in PEM as documents and programs wrap it.
fn wrapped() -> Vec<Sample> {
    let key = private_der();
    let pem = pem("PRIVATE KEY", &key);
    let header = |header: &str| {
        let body = lines(&key, "\n");
        block("RSA PRIVATE KEY", &format!("\n{header}\n\n{body}\n"))
    };
    let certificate = block("CERTIFICATE", &format!("\n{}\n", lines(&noise(90), "\n")));
    vec![
        text("ends of DOS", Says::Key, pem.replace('\n', "\r\n")),
        text("indented", Says::Key, pem.replace('\n', "\n    ")),
        text("quoted", Says::Key, pem.replace('\n', "\n> ")),
        text(
            "in JSON",
            Says::Key,
            format!("{{\"private_key\": \"{}\"}}\n", pem.replace('\n', r"\n")),
        ),
        text(
            "in strings",
            Says::Key,
            format!("\"{}\"", pem.replace('\n', "\\n\" +\n  \"")),
        ),
        text("in base64", Says::Key, encode_base64_padded(pem.as_bytes())),
        text("with a header", Says::Key, header("Comment: of no meaning")),
        text(
            "with the header of a passphrase",
            Says::Locked,
            header("Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00"),
        ),
        text(
            "behind a certificate",
            Says::Key,
            format!("{certificate}\n{pem}"),
        ),
        text(
            "within a certificate",
            Says::Key,
            certificate.replace("-----END", &format!("{pem}-----END")),
        ),
        text(
            "in UTF-16",
            Says::Key,
            pem.encode_utf16()
                .flat_map(u16::to_le_bytes)
                .collect::<Vec<u8>>(),
        ),
    ]
}

/// What is left of a key, and what stands for one.
fn broken() -> Vec<Sample> {
    let key = private_der();
    let whole = pem("PRIVATE KEY", &key);
    let cut = &key[..120];
    let label = "RSA PRIVATE KEY";
    let with = |body: &str| block(label, body);
    vec![
        text(
            "without its end",
            Says::Key,
            whole.split("-----END").next().unwrap_or_default(),
        ),
        text("cut off", Says::Unclear, pem(label, cut)),
        text("cut off, without its end", Says::Unclear, &whole[..150]),
        text("random", Says::Unclear, pem(label, &noise(200))),
        text(
            "OpenSSH, cut off",
            Says::Unclear,
            pem("OPENSSH PRIVATE KEY", &openssh("none")[..120]),
        ),
        text(
            "OpenSSH, with an ellipsis",
            Says::Filler,
            block(
                "OPENSSH PRIVATE KEY",
                &format!("\n{}\n...\n", lines(&openssh("none")[..96], "\n")),
            ),
        ),
        text(
            "PGP with a wrong sum",
            Says::Unclear,
            pgp("PGP PRIVATE KEY BLOCK", &pgp_packet(5, 4)).replace("\n=", "\n=A"),
        ),
        text("a header alone", Says::Filler, &whole[..28]),
        text("nothing within", Says::Filler, with("\n")),
        text("words", Says::Filler, with("\nYOUR KEY HERE\n")),
        text("an ellipsis", Says::Filler, with("\nMIIEpAIBAAKCAQEA...\n")),
        text(
            "cut by an ellipsis",
            Says::Filler,
            with(&format!("\n{}\n...\n", lines(cut, "\n"))),
        ),
        text(
            "one character",
            Says::Filler,
            with(&format!("\n{}\n", "x".repeat(640))),
        ),
        text(
            "a lookup in a template",
            Says::Filler,
            with("\n{{ lookup('vault', 'secret=kv/data/some/service/of/ours key=tls') }}\n"),
        ),
    ]
}

/// Files that are not in PEM.
fn other() -> Vec<Sample> {
    let der = |name, says, file: Vec<u8>| Sample {
        name,
        file,
        says,
        proof: Some("base64-der"),
    };
    let no_proof = |name, says, file: String| Sample {
        name,
        file: file.into_bytes(),
        says,
        proof: None,
    };
    let in_base64 = |bytes: &[u8]| encode_base64_padded(bytes);
    vec![
        der("DER", Says::Key, private_der()),
        der("encrypted DER", Says::Locked, self::der(PBES2)),
        der("public DER", Says::Public, self::der(RSA)),
        der(
            "certificate in DER",
            Says::Public,
            self::der(&[0x30, 0x82, 0, 100]),
        ),
        der(
            "RSA public key in DER",
            Says::Public,
            self::der(&[2, 0x81, 129, 0]),
        ),
        Sample {
            name: "DER in base64",
            file: in_base64(&private_der()),
            says: Says::Key,
            proof: Some("base64-der"),
        },
        Sample {
            name: "OpenSSH in base64",
            file: in_base64(&openssh("none")),
            says: Says::Key,
            proof: Some("openssh-key"),
        },
        Sample {
            name: "encrypted OpenSSH in base64",
            file: in_base64(&openssh("aes256-ctr")),
            says: Says::Locked,
            proof: Some("openssh-key"),
        },
        no_proof("PuTTY 2", Says::Key, putty(2, "none")),
        no_proof("PuTTY 3", Says::Key, putty(3, "none")),
        no_proof("encrypted PuTTY 2", Says::Locked, putty(2, "aes256-cbc")),
        no_proof("encrypted PuTTY 3", Says::Locked, putty(3, "aes256-cbc")),
        no_proof(
            "PuTTY, ends of DOS",
            Says::Key,
            putty(3, "none").replace('\n', "\r\n"),
        ),
        no_proof(
            "PuTTY, cut off",
            Says::Unclear,
            putty(3, "none").replace("Private-Lines: 1", "Private-Lines: 9"),
        ),
        no_proof(
            "PuTTY, with an ellipsis",
            Says::Filler,
            "PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none\nPrivate-Lines: 1\n...\n".into(),
        ),
        no_proof(
            "SSH public keys",
            Says::Public,
            format!(
                "# mine\nssh-ed25519 {} me@host\n",
                lines(&noise(51), "").trim_end_matches('=')
            ),
        ),
        no_proof("text", Says::Nothing, "a text about -----BEGIN\n".into()),
        no_proof("digits", Says::Nothing, format!("010{}", "7".repeat(48))),
        no_proof("empty", Says::Nothing, String::new()),
    ]
}

fn hex(len: usize) -> String {
    let digits: Vec<String> = noise(len).iter().map(|b| format!("{b:02x}")).collect();
    digits
        .chunks(16)
        .map(<[String]>::concat)
        .collect::<Vec<_>>()
        .join("\n")
}
