//! The arguments of functions that take a secret, as their names say: `login(user, "x")`, `Client(id, "x")`.

use super::expression::{self, Start};
use super::name::is_getter;
use super::{Notation, Place, Speaks, Value};
use crate::words::name::{pieces, reading};
use crate::words::{find_in_any_case, role};

/// The strings that a function is given which takes a secret.
pub(super) fn arguments(place: &Place<'_>, found: &mut dyn FnMut(Value)) -> bool {
    let Place { bytes, name, .. } = place;
    if bytes.get(name.end) != Some(&b'(') {
        return false;
    }
    let function = &bytes[name.clone()];
    let Some(start) = takes_secret(function) else {
        return false;
    };
    // What a getter is given, `Login.GetToken("x")`, says which secret.
    if is_getter(function) && reading(function).strength.is_some() {
        return false;
    }
    expression::each(bytes, function, name.end + 1, start, &mut |literal| {
        found(Value {
            speaks: Speaks::Call,
            ..Value::new(literal.text, Notation::Quoted)
        });
    });
    true
}

/// Which arguments of a function may be a secret, as a word of its name says: `jwt.sign`, `createHmac`, `HMAC256`; of
/// one that is given an id first, those behind it. One that compares is given none.
fn takes_secret(function: &[u8]) -> Option<Start> {
    let mut takes = None;
    let mut pieces = pieces(function).peekable();
    while let Some(piece) = pieces.next() {
        let digits = piece.iter().rev().take_while(|b| b.is_ascii_digit());
        let word = find_in_any_case(&piece[..piece.len() - digits.count()]);
        match word {
            Some(word) if word.is(role::TAKES_SECRET) => takes = Some(Start::Call),
            // `client.set(...)` makes none.
            Some(word) if word.is(role::TAKES_PAIR) && pieces.peek().is_none() => {
                takes = takes.or(Some(Start::Pair));
            }
            Some(word) if word.is(role::TAKES_BOTH) => return None,
            _ => {}
        }
    }
    takes
}
