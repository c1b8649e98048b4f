//! What the name says: that the value is for everybody, or how surely it is a secret.

use super::{Case, Says, place};
use crate::assignment::Speaks;
use crate::judge::judgement::{Rejection, Unfit};
use crate::judge::sum::Sum;
use crate::words::name::{Reading, Strength, reading};
use crate::words::role;

/// What a name says, or what else speaks for its value: a function that takes a secret, or what holds secrets, speaks
/// as surely as `token` does.
pub(super) fn read(name: &[u8], speaks: Speaks) -> Reading {
    let reading = reading(name);
    if speaks == Speaks::Name {
        return reading;
    }
    let is_public = |word: &&str| speaks == Speaks::Holder && role::PUBLIC.has(word);
    Reading {
        strength: reading.strength.max(Some(Strength::Fair)),
        turned_by: reading.turned_by.filter(is_public),
    }
}

/// The name says that the value is something else, or nothing of a secret.
pub(super) fn refuses(case: &Case<'_>, _: &Sum) -> Says {
    let word = match (case.reading.turned_by, case.reading.strength) {
        (Some(word), _) => word,
        (None, None) => "",
        (None, Some(_)) => return Says::Nothing,
    };
    Says::No(Rejection::Unfit(Unfit::Name(word)))
}

/// A key to encrypt with for others comes with its id: `{"key_id": ..., "key": ...}`.
pub(super) fn has_id(case: &Case<'_>, _: &Sum) -> Says {
    match case.strength() == Strength::Weak && place::is_key_id_beside(case) {
        true => Says::No(Rejection::Unfit(Unfit::Name("key_id"))),
        false => Says::Nothing,
    }
}

/// How surely it speaks of a secret: what a value needs under it, in bits.
pub(super) fn weighs(case: &Case<'_>, _: &Sum) -> Says {
    Says::Bits(match case.strength() {
        // What it is the key to is said beside it.
        Strength::Weak if place::is_of_service(case) => weight(Strength::Fair),
        strength => weight(strength),
    })
}

/// The bits that a value has against it before it is looked at.
///
/// A weight: below the odds of a draw under such names, which were counted over code that nobody labelled
/// (`counts.tsv`, written by the test beside it), by what is raised falsely on public code (`docs/accuracy.md`).
pub(super) const fn weight(strength: Strength) -> f32 {
    match strength {
        Strength::Strong => -8.0,
        Strength::Fair => -12.0,
        Strength::Unknown => -16.0,
        Strength::Weak => -24.0,
    }
}
