//! What the content of a file says about its name: whether a `.pem` holds a private key, whether
//! an `.env` holds values or references.

use bstr::ByteSlice;

use super::Held;
use super::words::Content;
use crate::armour::{self, Armoured, Kind, keystore, pgp};
use crate::dotenv::{self, Line};
use crate::lfs;
use crate::text::Text;
use crate::words::randomness::Randomness;
use crate::words::reference;
use crate::words::{name, stand_in};

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
        Content::NotReferences if is_to_be_shared(held) => Harmless,
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
        Content::PrivateKeyOrDraw => match not_public(&keys()) {
            Judgement::Guarded { sure: false, .. } if !holds_draw(text) => Harmless,
            judgement => judgement,
        },
        Content::PrivateKey => private_key(&keys()).unwrap_or(Harmless),
        Content::PgpSecretKey if pgp::is_secret_key(content) => {
            sure("it holds an OpenPGP secret key")
        }
        Content::PgpSecretKey => private_key(&keys()).unwrap_or(Harmless),
        Content::SecretValue if held.secret() => {
            sure("its name says that it holds secrets, and there is one in it")
        }
        Content::SecretValue => Harmless,
    }
}

/// Whether an environment file is one to be shared: where a secret would stand, there is a reference or a
/// place to fill in, and the detector finds nothing in the rest.
///
/// With nothing under the name of a secret it holds references and places to fill in alone, beside empty
/// values, comments, and what sops and dotenvx write for themselves. A file of empty or plain values alone
/// does not pass: it waits to be filled, and once tracked it is committed with whatever fills it.
fn is_to_be_shared(held: &Held<'_>) -> bool {
    let (mut open, mut settled, mut plain) = (false, false, false);
    for line in dotenv::lines(held.text.bytes()) {
        let Line::Value { name, value } = line else {
            if line == Line::Inherited {
                continue;
            }
            return false;
        };
        if value.is_empty() || is_bookkeeping(name) {
            continue;
        }
        let speaks = names_secret(name);
        if reference::refers(value) || stand_in::is_to_be_filled_in(value) {
            open = true;
            settled |= speaks;
        } else if speaks {
            return false;
        } else {
            plain = true;
        }
    }
    match plain {
        true => settled && held.surest.is_none(),
        false => open,
    }
}

/// Whether a secret is kept under a name.
fn names_secret(name: &[u8]) -> bool {
    let reading = name::reading(name);
    reading.strength.is_some() && reading.turned_by.is_none()
}

/// Whether sops or dotenvx keeps a variable for itself: its version, its public key.
fn is_bookkeeping(name: &[u8]) -> bool {
    name.starts_with(b"sops_") || name.starts_with(b"DOTENV_PUBLIC_KEY")
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

/// Whether a file holds what nobody wrote: bytes that are no text, or a run of letters and digits that a machine drew.
fn holds_draw(text: &Text<'_>) -> bool {
    /// A bound: a shorter run is no key.
    const SHORTEST: usize = 16;
    let is_letter = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/');
    text.is_binary()
        || text
            .bytes()
            .split(|b| !is_letter(b))
            .any(|run| run.len() >= SHORTEST && Randomness::of(run).bits > 0.0)
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
mod tests;
