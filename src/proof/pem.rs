//! Private keys: in PEM (RFC 7468), however a program or a document has wrapped the lines, and what
//! lies inside.

use super::{Check, Random, random_bytes};
use crate::encoding::{BASE64, crc24, decode_base64, encode_base64, encode_base64_padded};

/// A body of fewer characters holds no private key.
const MIN_BODY: usize = 64;

const BEGIN: &[u8] = b"-----BEGIN ";
const DASHES: &[u8] = b"-----";

/// `-----BEGIN` in base64.
const BEGIN_IN_BASE64: &[u8] = b"LS0tLS1CRUdJTi";

/// What the first bytes of an OpenSSH key are.
const OPENSSH_MAGIC: &[u8] = b"openssh-key-v1\0";

/// What a body decodes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Inside {
    /// A private key, whole and in the clear.
    Key,
    /// A key under a passphrase.
    Encrypted,
    /// The start of a private key.
    Part,
    /// Something else.
    Other,
}

/// A PEM block, whole or without its end, found in the text that a candidate spans.
struct Armour<'t> {
    label: &'t [u8],
    /// Where the characters of the body stand.
    body: Vec<usize>,
    /// How many pieces the text around breaks them into.
    pieces: usize,
    /// Where the four characters of OpenPGP's checksum stand.
    crc: Option<usize>,
    /// The header says that there is a passphrase.
    encrypted: bool,
    /// The body holds what belongs in none, such as an ellipsis.
    elided: bool,
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}

/// Where an escape such as `\n`, `\\n`, `\x0a` or `\u000a` ends. A backslash before anything else
/// goes alone.
fn after_escape(text: &[u8], mut at: usize) -> usize {
    while text.get(at) == Some(&b'\\') {
        at += 1;
    }
    let digits = |len: usize| {
        text.get(at + 1..at + 1 + len)
            .is_some_and(|digits| digits[0] == b'0' && digits.iter().all(u8::is_ascii_hexdigit))
    };
    match text.get(at) {
        Some(b'n' | b'r' | b't') => at + 1,
        Some(b'x') if digits(2) => at + 3,
        Some(b'u') if digits(4) => at + 5,
        _ => at,
    }
}

impl<'t> Armour<'t> {
    fn find(text: &'t [u8]) -> Option<Self> {
        let label = find(text, BEGIN)? + BEGIN.len();
        let end = label + find(&text[label..], DASHES)?;
        let start = end + DASHES.len();
        let mut armour = Self {
            label: &text[label..end],
            body: Vec::new(),
            pieces: 0,
            crc: None,
            encrypted: false,
            elided: false,
        };
        let closed = find(&text[start..], DASHES).map(|len| start + len);
        armour.read(text, start, closed.unwrap_or(text.len()), closed.is_some());
        Some(armour)
    }

    /// Reads the body. `closed`: it ends with a marker, so that all of it should be base64.
    fn read(&mut self, text: &[u8], start: usize, end: usize, closed: bool) {
        let text = &text[..end];
        let mut at = start;
        // The state at the start of the line, to which a header line falls back.
        let mut line = (0, 0);
        while let Some(&byte) = text.get(at) {
            match byte {
                _ if is_base64(byte) => at = self.piece(text, at),
                b'\\' => {
                    at = after_escape(text, at);
                    line = (self.body.len(), self.pieces);
                }
                b'\n' | b'\r' => {
                    at += 1;
                    line = (self.body.len(), self.pieces);
                }
                b':' => {
                    self.body.truncate(line.0);
                    self.pieces = line.1;
                    at = self.header(text, at);
                }
                b'=' => {
                    let next = at + 1;
                    let crc = text.get(next..next + 4);
                    if self.is_pgp() && crc.is_some_and(|crc| crc.iter().all(|&b| is_base64(b))) {
                        self.crc = Some(next);
                        return;
                    }
                    at = next;
                }
                // A character reference, as XML writes the end of a line.
                b'&' if text.get(at + 1) == Some(&b'#') => {
                    let end = text[at..].iter().take(8).position(|&b| b == b';');
                    at += end.map_or(1, |len| len + 1);
                }
                b'.' if text.get(at + 1) != Some(&b'.') => {
                    // One that joins strings stands apart; one behind the text says that it goes on.
                    self.elided |= closed && is_base64(text[at - 1]);
                    at += 1;
                }
                b' ' | b'\t' | b'"' | b'\'' | b'`' | b',' | b';' | b'>' | b'#' | b'*' | b'|'
                | b'&' | b'_' => at += 1,
                _ => {
                    self.elided = closed || byte == b'.' || byte >= 0x80;
                    return;
                }
            }
        }
    }

    /// Takes a run of base64 characters; where it ends.
    fn piece(&mut self, text: &[u8], start: usize) -> usize {
        let len = text[start..].iter().take_while(|&&b| is_base64(b)).count();
        let piece = &text[start..start + len];
        // The signs that join strings or start a comment are in the alphabet.
        if !piece.iter().all(|&b| b == b'+') && piece != b"//" && piece != b"///" {
            self.body.extend(start..start + len);
            self.pieces += 1;
        }
        start + len
    }

    /// Skips a header line such as `Proc-Type: 4,ENCRYPTED`; where it ends.
    fn header(&mut self, text: &[u8], start: usize) -> usize {
        let rest = &text[start..];
        let len = rest
            .iter()
            .position(|b| matches!(b, b'\n' | b'\r' | b'\\'))
            .unwrap_or(rest.len());
        self.encrypted |= find(&rest[..len], b"ENCRYPTED").is_some();
        start + len
    }

    fn is_pgp(&self) -> bool {
        self.label.starts_with(b"PGP ")
    }

    /// What the body decodes to.
    fn inside(&self, text: &[u8]) -> Inside {
        let mut chars: Vec<u8> = self.body.iter().map(|&at| text[at]).collect();
        if chars.len() % 4 == 1 {
            chars.pop();
        }
        let Some(bytes) = decode_base64(&chars) else {
            return Inside::Other;
        };
        if self.is_pgp() {
            let crc = self.crc.and_then(|at| decode_base64(&text[at..at + 4]));
            return pgp(&bytes, crc.as_deref());
        }
        if self.label.starts_with(b"OPENSSH ") {
            return openssh_key(&bytes);
        }
        der(&bytes)
    }

    fn check(&self, text: &[u8]) -> Check {
        let private = find(self.label, b"PRIVATE KEY").is_some();
        let encrypted = self.encrypted || find(self.label, b"ENCRYPTED").is_some();
        if !private || encrypted || self.body.len() < MIN_BODY {
            return Check::Invalid;
        }
        match self.inside(text) {
            Inside::Key => Check::Valid,
            Inside::Encrypted => Check::Invalid,
            Inside::Part | Inside::Other if self.elided || !self.looks_random(text) => {
                Check::Invalid
            }
            Inside::Part | Inside::Other => Check::Unknown,
        }
    }

    /// Whether the body may be base64 rather than words or filling.
    fn looks_random(&self, text: &[u8]) -> bool {
        let mut seen = 0u128;
        for &at in &self.body {
            seen |= 1 << text[at];
        }
        // Words are five letters long on average, lines of base64 are 64.
        self.body.len() >= 16 * self.pieces && seen.count_ones() >= 20
    }
}

/// A private key in DER: a SEQUENCE that starts with the version, which is a small INTEGER. That of a
/// certificate, a public key or an encrypted key starts otherwise.
///
/// RFC 5208 and 5958 (PKCS #8), 8017 (RSA), 5915 (EC), 7292 (PKCS #12)
fn der(bytes: &[u8]) -> Inside {
    let Some((start, len)) = der_sequence(bytes) else {
        return Inside::Other;
    };
    match bytes[start..] {
        [0x02, 0x01, 0 | 1 | 3, ..] if len < 32 => Inside::Other,
        [0x02, 0x01, 0 | 1 | 3, ..] if bytes.len() - start < len => Inside::Part,
        [0x02, 0x01, 0 | 1 | 3, ..] => Inside::Key,
        _ => Inside::Other,
    }
}

/// Where the content of a SEQUENCE starts, and its length, which may exceed what is there.
fn der_sequence(bytes: &[u8]) -> Option<(usize, usize)> {
    match *bytes {
        [0x30, len @ 0..=0x7f, ..] => Some((2, usize::from(len))),
        [0x30, 0x81, len, ..] => Some((3, usize::from(len))),
        [0x30, 0x82, high, low, ..] => Some((4, usize::from(u16::from_be_bytes([high, low])))),
        _ => None,
    }
}

/// An OpenSSH key: magic, and the name of the cipher, which is `none` without a passphrase.
///
/// <https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.key>
fn openssh_key(bytes: &[u8]) -> Inside {
    let Some(rest) = bytes.strip_prefix(OPENSSH_MAGIC) else {
        return Inside::Other;
    };
    let Some((len, rest)) = rest.split_first_chunk() else {
        return Inside::Part;
    };
    match rest.get(..u32::from_be_bytes(*len) as usize) {
        Some(b"none") => Inside::Key,
        Some(_) => Inside::Encrypted,
        None => Inside::Part,
    }
}

/// An OpenPGP secret key: the header of a packet with the tag 5, in the old or the new form, and the
/// checksum if there is one (RFC 9580, sections 4.2, 5.5.1 and 6.1).
fn pgp(bytes: &[u8], crc: Option<&[u8]>) -> Inside {
    let secret_key = matches!(bytes, [0x94..=0x97 | 0xc5, ..]);
    let whole = crc.is_none_or(|crc| crc == &crc24(bytes).to_be_bytes()[1..]);
    if secret_key && whole {
        Inside::Key
    } else {
        Inside::Other
    }
}

/// A PEM block, or one in base64 once more.
pub(super) fn check(secret: &[u8]) -> Check {
    if let Some(armour) = Armour::find(secret) {
        return armour.check(secret);
    }
    match unwrap_base64(secret) {
        Some(text) => Armour::find(&text).map_or(Check::Invalid, |armour| armour.check(&text)),
        None => Check::Invalid,
    }
}

/// The text of a PEM block that is written in base64 as a whole.
fn unwrap_base64(secret: &[u8]) -> Option<Vec<u8>> {
    if !secret.starts_with(BEGIN_IN_BASE64) {
        return None;
    }
    let len = secret.iter().take_while(|&&b| is_base64(b)).count();
    decode_base64(&secret[..len - usize::from(len % 4 == 1)])
}

/// A private key in base64 without the lines of PEM; with them, as [`check`].
pub(super) fn base64_der(secret: &[u8]) -> Check {
    if find(secret, BEGIN).is_some() {
        return check(secret);
    }
    bare(secret, der)
}

/// An OpenSSH key in base64 without the lines of PEM; with them, as [`check`].
pub(super) fn openssh(secret: &[u8]) -> Check {
    if find(secret, BEGIN).is_some() {
        return check(secret);
    }
    bare(secret, openssh_key)
}

fn bare(secret: &[u8], inside: fn(&[u8]) -> Inside) -> Check {
    match decode_base64(secret).map(|bytes| inside(&bytes)) {
        Some(Inside::Key) => Check::Valid,
        Some(Inside::Part) => Check::Unknown,
        Some(Inside::Encrypted | Inside::Other) | None => Check::Invalid,
    }
}

/// Random bytes behind the start of a private key in DER.
fn random_der(len: usize, random: Random<'_>) -> Vec<u8> {
    let mut bytes = random_bytes(len, random);
    let content = (len.saturating_sub(4) as u16).to_be_bytes();
    let head = [0x30, 0x82, content[0], content[1], 0x02, 0x01, 0];
    bytes.splice(..head.len().min(len), head);
    bytes
}

/// Random bytes behind the start of an OpenSSH key without a passphrase.
fn random_openssh(len: usize, random: Random<'_>) -> Vec<u8> {
    let mut bytes = OPENSSH_MAGIC.to_vec();
    for name in ["none", "none", ""] {
        bytes.extend((name.len() as u32).to_be_bytes());
        bytes.extend(name.as_bytes());
    }
    bytes.extend(1u32.to_be_bytes());
    let rest = len.saturating_sub(bytes.len());
    bytes.extend(random_bytes(rest, random));
    bytes
}

/// Random bytes behind the header of a packet.
fn random_pgp(len: usize, random: Random<'_>) -> Vec<u8> {
    let mut bytes = random_bytes(len, random);
    let content = (len.saturating_sub(3) as u16).to_be_bytes();
    let head = [0x95, content[0], content[1], 4];
    bytes.splice(..head.len().min(len), head);
    bytes
}

/// Random bytes that a body under this label may decode to.
fn random_key(label: &[u8], len: usize, random: Random<'_>) -> Vec<u8> {
    if label.starts_with(b"PGP ") {
        random_pgp(len, random)
    } else if label.starts_with(b"OPENSSH ") {
        random_openssh(len, random)
    } else {
        random_der(len, random)
    }
}

pub(super) fn seal(sample: &mut Vec<u8>, random: Random<'_>) {
    if let Some(text) = unwrap_base64(sample) {
        let Some(start) = find(&text, BEGIN) else {
            return;
        };
        let label = &text[start + BEGIN.len()..];
        // A sample's dashes may be cut within the last one, and filled at random.
        let label = &label[..find(label, b"-").unwrap_or(label.len())];
        let body = encode_base64_padded(&random_key(label, 200, random));
        let mut pem = [BEGIN, label, DASHES].concat();
        for line in body.chunks(64) {
            pem.push(b'\n');
            pem.extend(line);
        }
        pem.extend([b"\n-----END ", label, DASHES, b"\n"].concat());
        *sample = encode_base64_padded(&pem);
        return;
    }
    let Some(armour) = Armour::find(sample).filter(|armour| armour.body.len() >= MIN_BODY) else {
        return;
    };
    let bytes = random_key(armour.label, armour.body.len() * 3 / 4, random);
    let (body, crc) = (armour.body, armour.crc);
    for (at, char) in body.into_iter().zip(encode_base64(&bytes, BASE64)) {
        sample[at] = char;
    }
    if let Some(at) = crc {
        let sum = encode_base64(&crc24(&bytes).to_be_bytes()[1..], BASE64);
        sample[at..at + 4].copy_from_slice(&sum);
    }
}

pub(super) fn seal_der(sample: &mut Vec<u8>, random: Random<'_>) {
    seal_bare(sample, random_der, random);
}

pub(super) fn seal_openssh(sample: &mut Vec<u8>, random: Random<'_>) {
    seal_bare(sample, random_openssh, random);
}

fn seal_bare(sample: &mut Vec<u8>, key: fn(usize, Random<'_>) -> Vec<u8>, random: Random<'_>) {
    if find(sample, BEGIN).is_some() {
        seal(sample, random);
        return;
    }
    let len = sample.iter().take_while(|&&b| b != b'=').count() * 3 / 4;
    *sample = encode_base64_padded(&key(len, random));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::BASE64_URL;

    /// A body that decodes to these bytes, in lines joined by `between`.
    fn body(bytes: &[u8], between: &str) -> String {
        let text = encode_base64_padded(bytes);
        let lines: Vec<_> = text.chunks(64).map(String::from_utf8_lossy).collect();
        lines.join(between)
    }

    fn block(label: &str, body: &str) -> Vec<u8> {
        format!("{}BEGIN {label}-----{body}-----END {label}-----", "-----").into_bytes()
    }

    /// Bytes that look random and are the same every time.
    fn noise(len: usize) -> Vec<u8> {
        let mut state = 7u32;
        std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .take(len)
        .collect()
    }

    fn der_key(len: usize) -> Vec<u8> {
        random_der(len, &mut |n| n / 2)
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
            assert_eq!(check(&block("RSA PRIVATE KEY", &cut)), Check::Invalid);
        }
        let whole = block("RSA PRIVATE KEY", &format!("\n{text}\n"));
        assert_eq!(check(&whole), Check::Unknown);
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
            assert_eq!(check(&block), Check::Valid, "{between:?}");
            let cut = block.len() - "-----END RSA PRIVATE KEY-----".len();
            assert_eq!(
                check(&block[..cut]),
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
        assert_eq!(check(text.as_bytes()), Check::Valid);
    }

    #[test]
    fn encrypted_and_public_blocks_are_no_keys() {
        let key = [&[0x30, 0x82, 0, 203, 2, 1, 0], &noise(200)[..]].concat();
        let lines = format!("\n{}\n", body(&key, "\n"));
        for label in ["ENCRYPTED PRIVATE KEY", "PUBLIC KEY", "CERTIFICATE"] {
            assert_eq!(check(&block(label, &lines)), Check::Invalid, "{label}");
        }
        for between in ["\n", r"\n"] {
            let header = format!(
                "{between}Proc-Type: 4,ENCRYPTED{between}DEK-Info: AES-128-CBC,00{between}{between}"
            );
            let text = format!("{header}{}", body(&key, between));
            assert_eq!(check(&block("RSA PRIVATE KEY", &text)), Check::Invalid);
        }
        let header = "\nComment: of no meaning\n\n";
        let text = format!("{header}{}", body(&key, "\n"));
        assert_eq!(check(&block("RSA PRIVATE KEY", &text)), Check::Valid);
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
                check(&block("RSA PRIVATE KEY", &text)),
                Check::Invalid,
                "{text}"
            );
        }
    }

    #[test]
    fn random_bodies_are_unknown() {
        let whole = format!("\n{}\n", body(&noise(200), "\n"));
        assert_eq!(check(&block("RSA PRIVATE KEY", &whole)), Check::Unknown);
        let part = [&[0x30, 0x82, 4, 203, 2, 1, 0], &noise(200)[..]].concat();
        let part = format!("\n{}\n", body(&part, "\n"));
        assert_eq!(check(&block("PRIVATE KEY", &part)), Check::Unknown);
    }

    #[test]
    fn openssh_keys_tell_their_cipher() {
        let key = |cipher: &str| {
            let mut bytes = OPENSSH_MAGIC.to_vec();
            bytes.extend((cipher.len() as u32).to_be_bytes());
            bytes.extend(cipher.as_bytes());
            bytes.extend(noise(150));
            bytes
        };
        for (cipher, expected) in [("none", Check::Valid), ("aes256-ctr", Check::Invalid)] {
            let text = format!("\n{}\n", body(&key(cipher), "\n"));
            let block = block("OPENSSH PRIVATE KEY", &text);
            assert_eq!(check(&block), expected);
            assert_eq!(openssh(&block), expected);
            assert_eq!(openssh(&encode_base64_padded(&key(cipher))), expected);
        }
    }

    #[test]
    fn pgp_blocks_have_packets_and_a_sum() {
        let key = [&[0x95, 0, 203, 4], &noise(200)[..]].concat();
        let sum = encode_base64(&crc24(&key).to_be_bytes()[1..], BASE64);
        let sum = String::from_utf8(sum).unwrap();
        let text = |sum: &str| format!("\nVersion: GnuPG v2\n\n{}\n{sum}\n", body(&key, "\n"));
        let label = "PGP PRIVATE KEY BLOCK";
        assert_eq!(
            check(&block(label, &text(&format!("={sum}")))),
            Check::Valid
        );
        assert_eq!(check(&block(label, &text(""))), Check::Valid);
        assert_eq!(check(&block(label, &text("=AAAA"))), Check::Unknown);
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
        assert_eq!(base64_der(&with(&[2, 1, 0])), Check::Valid);
        assert_eq!(base64_der(&with(&[2, 1, 3])), Check::Valid);
        assert_eq!(base64_der(&with(&[0x30, 0x0d])), Check::Invalid);
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
        assert_eq!(check(&encode_base64_padded(&block)), Check::Valid);
        let public = block.iter().copied().skip(11).collect::<Vec<_>>();
        assert_eq!(check(&encode_base64_padded(&public)), Check::Invalid);
    }
}
