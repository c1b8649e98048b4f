//! What a function of several things is told: which of them is meant, not what is secret.

use super::name::is_plural;
use super::string;
use crate::words::name::{is_identifier, pieces};
use crate::words::randomness::{DRAWN, Randomness};
use crate::words::{Role, role};

/// A bound: how far the next argument is looked for.
const REACH: usize = 64;

/// Whether the first of the arguments at `at` says which of several things a function is about: which one, `tokens.update("id")`,
/// or what a new one is of, `tokens.create("id", {})`.
pub(super) fn says_which(bytes: &[u8], function: &[u8], at: usize) -> bool {
    is_of_several(function, role::WHICH)
        || is_of_several(function, role::MAKES) && behind_string(bytes, at).is_some()
        || is_of_several(function, role::ADDS) && names_new(bytes, at)
}

/// Whether the first of the arguments at `at` names what is added: before an object, a list or a text that was drawn, or if it
/// was not drawn itself. Else it is what is added: `api_keys.insert("x", user)`.
fn names_new(bytes: &[u8], at: usize) -> bool {
    let bits = |at: usize| {
        let literal = string::at(bytes, at)?;
        Some(Randomness::of(&bytes[literal.text]).bits)
    };
    let Some(next) = behind_string(bytes, at) else {
        return false;
    };
    matches!(bytes.get(next), Some(b'{' | b'['))
        || bits(next).is_some_and(|second| {
            second >= DRAWN || bits(argument(bytes, at)).is_some_and(|first| first < DRAWN)
        })
}

/// Whether a name is that of a function that does one of these things to one of several, as interfaces to services have them:
/// `client.tokens.update`. What a type makes is one thing, whatever the type is called: `TokenCredentials.create("x")`.
fn is_of_several(name: &[u8], verbs: Role) -> bool {
    let mut parts = name.rsplit(|&b| b == b'.');
    let verb = parts.next().and_then(|last| pieces(last).next());
    let things = parts.next().unwrap_or_default();
    let capital = |word: &[u8]| word.first().is_some_and(u8::is_ascii_uppercase);
    verb.is_some_and(|verb| {
        verbs.has_in_any_case(verb)
            && is_plural(things)
            && (!capital(things) || capital(verb) && parts.next().is_some())
    })
}

/// Whether the strings that a function is given at `at` are ids, as those of interfaces to services are which have an object
/// of what is set behind them: `client.user.tokens.value.update("id", {})`. A function that does anything else is given
/// what it needs: `this.password.fill("x", {})`.
pub(super) fn names_things(bytes: &[u8], function: &[u8], at: usize) -> bool {
    /// A bound: nothing has more ids.
    const IDS: usize = 4;
    let mut parts = function.rsplit(|&b| b == b'.');
    let verb = parts.next().unwrap_or_default();
    if !parts.next().is_some_and(is_identifier) || parts.next().is_none() {
        return false;
    }
    let is_which = |verb: &[u8]| role::WHICH.has_in_any_case(verb);
    if !pieces(verb).next().is_some_and(is_which) {
        return false;
    }
    let mut at = at;
    for _ in 0..IDS {
        match behind_string(bytes, at) {
            Some(next) if bytes.get(next) == Some(&b'{') => return true,
            Some(next) => at = next,
            None => return false,
        }
    }
    false
}

/// The first place from `at` on where something stands, in whatever lines, also of a comment.
fn argument(bytes: &[u8], at: usize) -> usize {
    let is_between = |b: &u8| b.is_ascii_whitespace() || *b == b'*';
    let rest = &bytes[at..bytes.len().min(at + REACH)];
    at + rest.iter().take_while(|b| is_between(b)).count()
}

/// Where another argument stands behind a string that is one, in whatever lines, also of a comment.
fn behind_string(bytes: &[u8], at: usize) -> Option<usize> {
    let behind = argument(bytes, string::at(bytes, argument(bytes, at))?.end);
    if bytes.get(behind) != Some(&b',') {
        return None;
    }
    let at = argument(bytes, behind + 1);
    (!matches!(bytes.get(at)?, b')')).then_some(at)
}
