//! How random bytes are: as a draw of any of the 256, against those that programs hold.
//!
//! The same weighing as of text. Runs of what may be typed are priced as writing; between them, zeros, small numbers,
//! steps and what stood just before cost little, as messages, tables and test vectors have them.

use super::{Class, LONGEST, Randomness, by_share, written};

/// A weight, as those below: what a byte costs as a part of a program's data, in bits. Of such data some 15% are beyond
/// ASCII, one in five is small, and text starts behind one in eight. Not measured by themselves.
const HIGH: f32 = 10.5;
const SMALL: f32 = 7.5;
const TEXT_STARTS: f32 = 3.5;

/// A weight: what goes on from the byte before: the same one, or the next in a row.
const STEP: f32 = 2.0;

/// A weight: a zero or `0xff` behind something else.
const FILL: f32 = 3.0;

/// A weight: what stood just before.
const REPEAT: f32 = 4.0;

/// A bound: how far back that is looked for.
const RECENT: usize = 8;

impl Randomness {
    /// Weighs bytes that are no text.
    pub(crate) fn of_bytes(bytes: &[u8]) -> Self {
        let bytes = &bytes[..bytes.len().min(LONGEST)];
        let even = 8.0 * bytes.len() as f32;
        Self {
            bits: held(bytes) - even.min(by_class(bytes)),
            len: bytes.len(),
            alphabet: 256,
        }
    }
}

const fn is_text(byte: u8) -> bool {
    matches!(byte, b' '..=b'~')
}

/// What bytes cost as a program's data, in bits.
fn held(bytes: &[u8]) -> f32 {
    let mut bits = 0.0;
    let mut at = 0;
    while at < bytes.len() {
        let run = bytes[at..].iter().take_while(|&&b| is_text(b)).count();
        if run == 0 {
            bits += goes_on(bytes, at).unwrap_or(match bytes[at] {
                0 | 0xff => FILL,
                ..0x20 | 0x7f => SMALL,
                _ => HIGH,
            });
            at += 1;
            continue;
        }
        let as_text = TEXT_STARTS + written(&bytes[at..at + run], |_| false);
        let as_data: f32 = (at..at + run)
            .map(|at| goes_on(bytes, at).unwrap_or(HIGH))
            .sum();
        bits += as_text.min(as_data);
        at += run;
    }
    bits
}

/// What a byte costs that goes on from those before it.
fn goes_on(bytes: &[u8], at: usize) -> Option<f32> {
    let byte = bytes[at];
    let before = &bytes[at.saturating_sub(RECENT)..at];
    let last = *before.last()?;
    let is_row = || {
        let step = byte.wrapping_sub(last);
        at >= 2 && last.wrapping_sub(bytes[at - 2]) == step
    };
    if byte == last || byte == last.wrapping_add(1) || byte == last.wrapping_sub(1) || is_row() {
        return Some(STEP);
    }
    before.contains(&byte).then_some(REPEAT)
}

/// What bytes cost as a draw that picks a class first: what may be typed among them is seldom as rare as chance has it.
fn by_class(bytes: &[u8]) -> f32 {
    /// The sizes of the classes: small letters, capitals, digits, signs with the space, and what nobody types.
    const SIZES: [f32; 5] = [26.0, 26.0, 10.0, 33.0, 161.0];
    let mut counts = [0u32; 5];
    for &byte in bytes {
        let class = match is_text(byte) {
            true => Class::of(byte) as usize,
            false => 4,
        };
        counts[class] += 1;
    }
    by_share(counts, SIZES)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::Random;

    fn drawn(random: &mut Random, len: usize) -> Vec<u8> {
        (0..len).map(|_| random.below(256) as u8).collect()
    }

    #[test]
    fn drawn_bytes_are_told() {
        let mut random = Random::new(5);
        for (len, limit, least) in [(16, 8.0, 940), (24, 12.0, 980), (32, 24.0, 980)] {
            let told = (0..1000)
                .filter(|_| Randomness::of_bytes(&drawn(&mut random, len)).bits > limit)
                .count();
            assert!(told >= least, "{len}: {told}");
        }
    }

    #[test]
    fn what_programs_hold_is_told_from_a_draw() {
        let latin = "Grüße an alle, die das hier lesen";
        let latin: Vec<u8> = latin.chars().map(|c| c as u32 as u8).collect();
        let message = b"\x00\x00\x00\x2a\x01\x02\x00\x10GET /index.html\x00\x00\x00\x05hello\x00";
        for bytes in [
            &(0..32).collect::<Vec<u8>>()[..],
            &(0..64).map(|n| n * 2 + 128).collect::<Vec<u8>>(),
            &[0u8; 32],
            &[0x5a; 32],
            &[0, 1, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0xff, 0xff, 0xff, 0xff],
            &[
                0xde, 0xad, 0xbe, 0xef, 0xde, 0xad, 0xbe, 0xef, 0xde, 0xad, 0xbe, 0xef,
            ],
            message,
            &latin,
        ] {
            let found = Randomness::of_bytes(bytes).bits;
            assert!(found < 8.0, "{bytes:02x?}: {found}");
        }
    }
}
