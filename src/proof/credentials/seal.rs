//! Writes users and passwords that a machine might have drawn.

use crate::encoding::{BASE62, encode_base64_padded};
use crate::proof::{Random, random_text};
use crate::words::stand_in::is_stand_in;

/// A bound: how often a password is drawn again. A short one may be a word by chance.
const DRAWS: usize = 20;

pub(in crate::proof) fn basic(sample: &mut Vec<u8>, random: Random<'_>) {
    let len = sample.iter().filter(|&&b| b != b'=').count() * 3 / 4;
    let user = (len / 4).clamp(1, 8);
    let mut text = random_text(b"abcdefghijklmnopqrstuvwxyz", user, random);
    text.push(b':');
    text.extend(password_of(len.saturating_sub(user + 1), random));
    *sample = encode_base64_padded(&text);
}

pub(in crate::proof) fn password(sample: &mut Vec<u8>, random: Random<'_>) {
    if is_stand_in(sample) {
        *sample = password_of(sample.len().max(12), random);
    }
}

/// Random bytes are a text once in a thousand million million samples.
pub(in crate::proof) fn webhook(_: &mut Vec<u8>, _: Random<'_>) {}

/// Random letters and digits that are not by chance a word that stands in for a password.
fn password_of(len: usize, random: Random<'_>) -> Vec<u8> {
    let mut password = random_text(BASE62, len, random);
    for _ in 0..DRAWS {
        if !is_stand_in(&password) {
            break;
        }
        password = random_text(BASE62, len, random);
    }
    password
}
