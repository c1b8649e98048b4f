//! The key that a repository has for itself: what is noted of a secret in git's directory is keyed by it,
//! so that it says nothing anywhere else, and nobody can try keys against it who has not the repository.

use std::io;
use std::path::Path;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::disk::{self, Lock};
use crate::encoding::hex;

/// The name of its file in git's directory.
const NAME: &str = "keyward-key";

/// A bound: bytes of a key.
const LEN: usize = 32;

/// A key of a repository's own.
#[derive(Clone)]
pub(crate) struct LocalKey([u8; LEN]);

impl LocalKey {
    /// The key of the repository with that common directory, if it has one.
    ///
    /// # Errors
    /// When its file is there and can't be read.
    pub(crate) fn read(common_dir: &Path) -> io::Result<Option<Self>> {
        let content = disk::read_regular(&common_dir.join(NAME), LEN as u64 + 1)?;
        Ok(content
            .and_then(|content| content.try_into().ok())
            .map(Self))
    }

    /// The same, made where there is none.
    ///
    /// # Errors
    /// When it can't be read or written, or the system has no random bytes.
    pub(crate) fn make(common_dir: &Path) -> io::Result<Self> {
        // Of two at once, both have the first one's.
        let _lock = Lock::of(common_dir);
        if let Some(key) = Self::read(common_dir)? {
            return Ok(key);
        }
        let key = random()?;
        disk::replace_private(&common_dir.join(NAME), &key)?;
        Ok(Self(key))
    }

    /// The digest of some bytes, in hex: 32 digits.
    pub(crate) fn digest(&self, bytes: &[u8]) -> String {
        digest(&self.0, bytes)
    }
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
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length is taken");
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
}
