//! What stands for a secret: placeholders, defaults, references. They are asked for last: they cost the most.

use super::{Case, Says};
use crate::judge::context;
use crate::judge::judgement::Rejection;
use crate::judge::sum::Sum;
use crate::words::placeholder;
use crate::words::reference::{self, Reference};
use crate::words::stand_in::{is_masked, is_stand_in};

/// It breaks off where it ends.
pub(super) fn left_out(case: &Case<'_>, _: &Sum) -> Says {
    match context::is_broken_off(case.candidate.text(), &case.candidate.place) {
        true => Says::No(Rejection::LEFT_OUT),
        false => Says::Nothing,
    }
}

/// It says the same over and over, or a word that says so.
pub(super) fn placeholder(case: &Case<'_>, _: &Sum) -> Says {
    match placeholder::find(case.value, 62, |_| false) {
        Some(placeholder) => Says::No(Rejection::Placeholder(placeholder)),
        None => Says::Nothing,
    }
}

/// It is a default that everybody knows, or kept elsewhere. In a draw the marks of a reference are chance, those
/// of a mask are not.
pub(super) fn stand_in(case: &Case<'_>, _: &Sum) -> Says {
    let value = case.value;
    let letters_end = value
        .iter()
        .rposition(u8::is_ascii_alphanumeric)
        .map_or(0, |at| at + 1);
    let stands_in = match case.is_drawn() {
        true => is_masked(value) || reference::of(value).is_some_and(|it| !by_chance(it, value)),
        false => {
            is_stand_in(value) || letters_end < value.len() && is_stand_in(&value[..letters_end])
        }
    };
    match stands_in {
        true => Says::No(Rejection::STAND_IN),
        false => Says::Nothing,
    }
}

/// Whether a draw has this form of a reference by chance: a variable without brackets is a sign and letters.
fn by_chance(reference: Reference, value: &[u8]) -> bool {
    reference == Reference::Variable && !matches!(value.last(), Some(b'}' | b')' | b'%'))
}
