//! How much a value must be to count as a secret: the numbers of the judge of assigned values, in one place.
//!
//! Each is a weight: another number finds other things. They were set together, by what
//! `benches/accuracy` finds and raises falsely on public code (`docs/accuracy.md`); none was measured by
//! itself, unless it says so.

use crate::assignment::Notation;
use crate::words::name::Strength;

/// A weight: the fewest bytes of a value. Fewer count under a name that leaves no doubt.
pub(super) const fn least_bytes(strength: Strength) -> usize {
    match strength {
        Strength::Strong => 8,
        Strength::Fair | Strength::Weak => 10,
    }
}

/// A weight: the fewest letters and digits of a value, without a long number.
pub(super) const LEAST_LETTERS: usize = 6;

/// A weight: a number of so many digits is a time or an id by its length, and tells nothing of a secret.
pub(super) const LONG_NUMBER: usize = 10;

/// A weight: the most signs, in fifths of the value. A third of what may be typed are signs, but so is much of
/// code: only in quotes, beside letters of both cases and digits, may they be more.
pub(super) const fn most_signs(quoted_sorts: bool) -> usize {
    if quoted_sorts { 3 } else { 2 }
}

/// A weight: the evidence for a random draw that a value needs, in bits, by how surely its name speaks.
pub(super) const fn floor(strength: Strength) -> f32 {
    match strength {
        Strength::Strong => 8.0,
        Strength::Fair => 12.0,
        Strength::Weak => 24.0,
    }
}

/// A weight: how many more bits are needed where no digit stands in the value, so that it may be a word.
pub(super) const NO_DIGIT: f32 = 8.0;

/// A weight: how many digits at the end make no other thing of a word.
pub(super) const DIGITS_OF_A_WORD: usize = 2;

/// A weight: how many more bits are needed by how the value is written. What may be code must be far from it.
pub(super) const fn written(notation: Notation) -> f32 {
    match notation {
        Notation::Quoted | Notation::Query => 0.0,
        Notation::Bare | Notation::Element => 3.0,
        Notation::Unclear => 24.0,
    }
}

/// A weight: the least evidence a character, in bits.
pub(super) const DENSITY: f32 = 0.5;

/// A weight: the same for letters that alternate with digits, as nobody writes. Digits give no evidence, so that
/// the letters' has to do.
pub(super) const DENSITY_OF_ALTERNATING: f32 = 0.3;

/// A weight: from so many bytes on, of which every fifth starts or ends a number, letters and digits alternate.
pub(super) const LONG_ALTERNATING: usize = 24;

/// A weight: so many bytes, with a digit in them, are as long as what a machine draws.
pub(super) const STRONG: usize = 12;

/// A weight: the same without a digit.
pub(super) const STRONG_LETTERS: usize = 15;

/// A weight: so many bits of entropy a character are as varied as what a machine draws.
pub(super) const STRONG_ENTROPY: f32 = 3.0;

/// A weight: fewer hex digits may be an id.
pub(super) const SHORT_HEX: usize = 12;

/// A weight: a longer value spells no words by chance. Of 4,000 random values of 8 letters and digits 11 do, of 12
/// letters and digits 2.
pub(super) const LONGEST_SPELLED: usize = 24;

/// A weight: the bytes of a value with all sorts of characters in it, as rules for passwords ask.
pub(super) const ALL_SORTS: std::ops::RangeInclusive<usize> = 12..=40;

/// A weight: the evidence that such a value needs, in bits.
pub(super) const ALL_SORTS_BITS: f32 = 4.0;

/// A weight: the fewest bytes of a password that a person made up, in a file that keeps secrets. Not measured.
pub(super) const MADE_UP: usize = 6;

/// A weight: on a line that goes on for so many bytes around the value no person wrote. Bundlers' lines have
/// thousands, people's seldom more than 200.
pub(super) const MINIFIED: usize = 500;
