//! The key that a repository has for itself: what is noted of a secret in git's directory is keyed by it,
//! so that it says nothing anywhere else, and nobody can try keys against it who has not the repository. A user has one,
//! too, in a directory of their own: by its seal they know what they wrote themselves from what came with a repository.

use std::io;
use std::path::Path;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::disk::{self, Lock};
use crate::encoding::hex;

/// The name of its file in git's directory.
const NAME: &str = "keyward-key";

/// A bound: bytes of a key, and of a seal.
pub(crate) const LEN: usize = 32;

/// A key of a repository's own.
#[derive(Clone)]
pub(crate) struct LocalKey([u8; LEN]);

impl LocalKey {
    /// The key in a directory, such as the common one of a repository, if it has one.
    ///
    /// # Errors
    /// When its file is there and can't be read.
    pub(crate) fn read(directory: &Path) -> io::Result<Option<Self>> {
        let content = disk::read_regular(&directory.join(NAME), LEN as u64 + 1)?;
        Ok(content
            .and_then(|content| content.try_into().ok())
            .map(Self))
    }

    /// The same, made where there is none.
    ///
    /// # Errors
    /// When it can't be read or written, or the system has no random bytes.
    pub(crate) fn make(directory: &Path) -> io::Result<Self> {
        // Of two at once, both have the first one's.
        let _lock = Lock::of(directory);
        if let Some(key) = Self::read(directory)? {
            return Ok(key);
        }
        let key = random()?;
        disk::replace_private(&directory.join(NAME), &key)?;
        Ok(Self(key))
    }

    /// The digest of some bytes, in hex: 32 digits.
    pub(crate) fn digest(&self, bytes: &[u8]) -> String {
        digest(&self.0, bytes)
    }

    /// What only whoever has the key can put to some bytes that are for one purpose.
    pub(crate) fn seal(&self, purpose: &[u8], bytes: &[u8]) -> [u8; LEN] {
        self.sealing(purpose, bytes).finalize().into_bytes().into()
    }

    /// Whether that was put to them by somebody who has the key.
    pub(crate) fn is_sealed(&self, purpose: &[u8], bytes: &[u8], seal: &[u8]) -> bool {
        self.sealing(purpose, bytes).verify_slice(seal).is_ok()
    }

    fn sealing(&self, purpose: &[u8], bytes: &[u8]) -> Hmac<Sha256> {
        let mut mac = keyed(&self.0);
        mac.update(&(purpose.len() as u64).to_le_bytes());
        mac.update(purpose);
        mac.update(bytes);
        mac
    }
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("a key of any length is taken")
}

/// A key that nobody can guess.
///
/// # Errors
/// When the system has no random bytes.
pub(crate) fn random() -> io::Result<[u8; LEN]> {
    let mut key = [0; LEN];
    getrandom::fill(&mut key).map_err(io::Error::other)?;
    Ok(key)
}

/// The digest of some bytes, which nobody can make without the key, in hex: 32 digits.
pub(crate) fn digest(key: &[u8], bytes: &[u8]) -> String {
    let mut mac = keyed(key);
    mac.update(bytes);
    hex(&mac.finalize().into_bytes()[..LEN / 2])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_the_keys_own() {
        let (one, other) = (LocalKey([1; LEN]), LocalKey([2; LEN]));
        assert_eq!(one.digest(b"a"), one.digest(b"a"));
        assert_eq!(one.digest(b"a").len(), LEN);
        assert_ne!(one.digest(b"a"), one.digest(b"b"));
        assert_ne!(one.digest(b"a"), other.digest(b"a"));
    }

    #[test]
    fn a_seal_is_of_a_key_a_purpose_and_a_content() {
        let (one, other) = (LocalKey([1; LEN]), LocalKey([2; LEN]));
        let seal = one.seal(b"p", b"x");
        assert!(one.is_sealed(b"p", b"x", &seal));
        assert!(!other.is_sealed(b"p", b"x", &seal));
        for (purpose, bytes) in [
            (&b"q"[..], &b"x"[..]),
            (b"p", b"y"),
            (b"", b"px"),
            (b"px", b""),
        ] {
            assert!(!one.is_sealed(purpose, bytes, &seal));
        }
        assert!(!one.is_sealed(b"p", b"x", &seal[1..]) && !one.is_sealed(b"p", b"x", b""));
    }
}
