//! Seals samples of tokens whose sum covers more than random characters.

use super::{BASE36, gitlab as tail};
use crate::encoding::{encode_number, pad_left};
use crate::proof::{Random, Tail, seal_tail};

/// Writes the payload's length and the checksum of a routable token.
#[expect(clippy::ptr_arg, reason = "the signature of every seal")]
pub(in crate::proof) fn gitlab(sample: &mut Vec<u8>, _: Random<'_>) {
    let Some(Tail { at, .. }) = tail(sample) else {
        return;
    };
    let covered = &sample[..at];
    let dash = covered
        .iter()
        .position(|&b| b == b'-')
        .map_or(0, |at| at + 1);
    // Runner tokens name their type before the payload: `glrt-t1_`.
    let start = match &covered[dash..] {
        [b't', digit, b'_', ..] if digit.is_ascii_digit() => dash + 3,
        _ => dash,
    };
    if let Some(len) = covered[start..].iter().position(|&b| b == b'.') {
        let digits = pad_left(encode_number(len as u32, BASE36), 2);
        if digits.len() == 2 && at >= start + len + 3 {
            sample[at - 2..at].copy_from_slice(&digits);
        }
    }
    seal_tail(tail, sample);
}
