//! The arguments of functions that take a secret, as their names say: `login(user, "x")`.

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
    // What a getter is given, `Login.GetToken("x")`, says which secret.
    if !takes_secret(function) || is_getter(function) && reading(function).strength.is_some() {
        return false;
    }
    expression::each(bytes, function, name.end + 1, Start::Call, &mut |literal| {
        found(Value {
            speaks: Speaks::Call,
            ..Value::new(literal.text, Notation::Quoted)
        });
    });
    true
}

/// Whether a function is given a secret, as a word of its name says: `jwt.sign`, `createHmac`, `HMAC256`. One that
/// compares is not.
fn takes_secret(function: &[u8]) -> bool {
    let mut takes = false;
    for piece in pieces(function) {
        let digits = piece.iter().rev().take_while(|b| b.is_ascii_digit());
        let word = find_in_any_case(&piece[..piece.len() - digits.count()]);
        match word {
            Some(word) if word.is(role::TAKES_SECRET) => takes = true,
            Some(word) if word.is(role::TAKES_BOTH) => return false,
            _ => {}
        }
    }
    takes
}
