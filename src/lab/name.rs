//! Names of secrets.

use crate::rules::{Reach, Rule};

/// A name under which a program would hold a secret of the rule, in capitals, as an environment
/// variable has it. A rule that counts only next to its provider's name knows the secret by it.
pub fn name_of(rule: &Rule) -> String {
    // A pattern brings what must stand around the secret.
    if matches!(rule.reach, Reach::Around | Reach::Named) {
        return "SETTINGS".to_owned();
    }
    let named = rule.env.first().cloned().or_else(|| {
        let is_name = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        rule.literals
            .iter()
            .filter(|_| rule.reach == Reach::Near)
            .map(|literal| literal.text.clone())
            .find(|text| is_name(text))
    });
    named.map_or_else(|| "VALUE".to_owned(), |name| name.to_ascii_uppercase())
}
