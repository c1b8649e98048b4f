//! Keys that nobody was ever given. The source holds only their parts.

use std::hash::{BuildHasher, RandomState};

/// A key of Anthropic's format, made anew for each call. It is put together here and not by the
/// catalog's rule, which it tests.
pub(crate) fn anthropic_key() -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    format!("{}{}AA", concat!("sk-ant-", "api03-"), random(ALPHABET, 93))
}

/// So many letters and digits, made anew for each call.
pub(crate) fn letters(count: usize) -> String {
    random(
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
        count,
    )
}

fn random(alphabet: &[u8], count: usize) -> String {
    let seed = RandomState::new();
    let pick = |at| seed.hash_one(at) as usize % alphabet.len();
    (0..count)
        .map(|at| char::from(alphabet[pick(at)]))
        .collect()
}
