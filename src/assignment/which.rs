//! What a function of several things is told: which of them is meant, not what is secret.

use super::name::is_plural;
use super::string;
use crate::words::name::{is_identifier, pieces};
use crate::words::{Role, find_in_any_case, role};

/// A bound: how far the next argument is looked for.
const REACH: usize = 64;

/// Whether the first of the arguments at `at` says which of several things a function is about: which one, `tokens.update("id")`,
/// or what a new one is of, `tokens.create("id", x)`.
pub(super) fn says_which(bytes: &[u8], function: &[u8], at: usize) -> bool {
    is_of_several(function, role::WHICH)
        || is_of_several(function, role::ADDS) && behind_string(bytes, at).is_some()
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
/// of what is set behind them: `client.user.tokens.value.update("id", {})`. One that takes a secret is none.
pub(super) fn names_things(bytes: &[u8], function: &[u8], at: usize) -> bool {
    /// A bound: nothing has more ids.
    const IDS: usize = 4;
    let mut parts = function.rsplit(|&b| b == b'.');
    let verb = parts.next().unwrap_or_default();
    if !parts.next().is_some_and(is_identifier) || parts.next().is_none() {
        return false;
    }
    let takes = |piece| {
        let word = find_in_any_case(piece);
        word.is_some_and(|word| {
            [role::SETTER, role::TAKES_SECRET, role::TAKES_PAIR]
                .iter()
                .any(|it| word.is(*it))
        })
    };
    if pieces(verb).any(takes) {
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

/// Where another argument stands behind a string that is one, in whatever lines, also of a comment.
fn behind_string(bytes: &[u8], at: usize) -> Option<usize> {
    let is_between = |b: &u8| b.is_ascii_whitespace() || *b == b'*';
    let next = |at: usize| {
        let rest = &bytes[at..bytes.len().min(at + REACH)];
        at + rest.iter().take_while(|b| is_between(b)).count()
    };
    let behind = next(string::at(bytes, next(at))?.end);
    if bytes.get(behind) != Some(&b',') {
        return None;
    }
    let at = next(behind + 1);
    (!matches!(bytes.get(at)?, b')')).then_some(at)
}
