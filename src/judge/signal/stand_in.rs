//! What stands for a secret: placeholders, defaults, references. They are asked for last: they cost the most.

use bstr::ByteSlice;

use super::{Case, Says};
use crate::judge::context;
use crate::judge::judgement::Rejection;
use crate::judge::sum::Sum;
use crate::words::placeholder;
use crate::words::randomness::Randomness;
use crate::words::reference::{self, Reference};
use crate::words::stand_in::{is_masked, is_stand_in};

/// It breaks off where it ends.
pub(super) fn left_out(case: &Case<'_>, _: &Sum) -> Says {
    match context::is_broken_off(case.candidate.text(), &case.candidate.place) {
        true => Says::No(Rejection::LEFT_OUT),
        false => Says::Nothing,
    }
}

/// Its name stands by chance in a longer run of what was drawn: `pw` in a line of base85. No longer one does.
pub(super) fn by_chance_named(case: &Case<'_>, _: &Sum) -> Says {
    /// A bound: so much of the run before the name is looked at.
    const REACH: usize = 40;
    /// A weight: so much tells it.
    const LEAST: usize = 24;
    /// A weight: the longest name that stands anywhere by chance.
    const NAME: usize = 4;
    if case.name.len() > NAME {
        return Says::Nothing;
    }
    let start = case.assignment.name.start;
    let before = &case.candidate.text()[start.saturating_sub(REACH)..start];
    let run = before.iter().rev().take_while(|b| b.is_ascii_graphic());
    let run = &before[before.len() - run.count()..];
    // Behind these another name begins, whatever stood before, and these part what is no base85.
    let is_apart = run.last().is_none_or(|b| b"&;?`<>#|%".contains(b))
        || run.iter().any(|b| b"\"',./:[]\\".contains(b));
    match !is_apart && run.len() >= LEAST && Randomness::of(run).is_drawn() {
        true => Says::No(Rejection::Is("named by chance, in a text that was drawn")),
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
            is_stand_in(value)
                || letters_end < value.len() && is_stand_in(&value[..letters_end])
                || is_own_name(case)
        }
    };
    match stands_in {
        true => Says::No(Rejection::STAND_IN),
        false => Says::Nothing,
    }
}

/// Whether the value is the name of its own entry in a block, written in another way: `"vllm-neuron": "vLLMNeuron"`.
fn is_own_name(case: &Case<'_>) -> bool {
    /// A bound: the longest such name, with what joins it to its value.
    const REACH: usize = 80;
    let start = case.candidate.place.start;
    let before = &case.candidate.text()[start.saturating_sub(REACH)..start];
    let is_joint = |c: char| c.is_whitespace() || "\"'`:=>".contains(c);
    let before = before.trim_end_with(is_joint);
    let is_name = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    let len = before.iter().rev().take_while(|b| is_name(b)).count();
    let bare = |text: &[u8]| -> Vec<u8> {
        let letters = text.iter().filter(|b| b.is_ascii_alphanumeric());
        letters.map(u8::to_ascii_lowercase).collect()
    };
    len >= case.value.len() && bare(&before[before.len() - len..]) == bare(case.value)
}

/// Whether a draw has this form of a reference by chance: a variable without brackets is a sign and letters.
fn by_chance(reference: Reference, value: &[u8]) -> bool {
    reference == Reference::Variable && !matches!(value.last(), Some(b'}' | b')' | b'%'))
}
