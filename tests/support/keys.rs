//! Keys that nobody was ever given. The source holds only their parts.

use std::hash::{BuildHasher, RandomState};

/// A key of Anthropic's format that nobody was ever given, made anew for each call.
pub(crate) fn anthropic_key() -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut key = String::from(concat!("sk-ant-", "api03-"));
    let seed = RandomState::new();
    for at in 0..93_u64 {
        let random = seed.hash_one(at) % 64;
        key.push(char::from(ALPHABET[usize::try_from(random).unwrap()]));
    }
    key.push_str("AA");
    key
}
