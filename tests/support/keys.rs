//! Keys that nobody was ever given. The source holds only their parts.

use std::hash::{BuildHasher, RandomState};

use bstr::ByteSlice as _;

/// A key of Anthropic's format, made anew for each call. It is put together here and not by the
/// catalog's rule, which it tests.
pub(crate) fn anthropic_key() -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    format!("{}{}AA", concat!("sk-ant-", "api03-"), random(ALPHABET, 93))
}

/// What such keys start with for everybody to see.
const PUBLIC: [&str; 2] = [concat!("sk-ant-", "api03-"), concat!("sk-ant-", "admin01-")];

/// Nothing that was told has nine characters of a key in a row, beside its public start.
#[track_caller]
pub(crate) fn assert_sealed(told: &[u8], key: &str) {
    assert_no_run(told, key, 9);
}

/// As `assert_sealed`, where not even so many characters may be told.
#[track_caller]
pub(crate) fn assert_no_run(told: &[u8], key: &str, length: usize) {
    let body = PUBLIC.iter().find_map(|start| key.strip_prefix(start));
    let body = body.unwrap_or(key).as_bytes();
    assert!(body.len() >= length, "this key is too short to look for");
    let is_told = body.windows(length).any(|run| told.contains_str(run));
    assert!(!is_told, "a part of a key is told");
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
