//! What stands for a rule's secret. The build compiles the rule without this: it knows no words.

use super::Rule;
use crate::proof::Check;
use crate::words::placeholder::{self, Placeholder};

impl Rule {
    /// Whether a secret of the rule's shape is a placeholder, by its part behind the public start. Where its
    /// check holds, what goes on and on are the zeros of a structure.
    pub(crate) fn placeholder(&self, secret: &[u8], body: &[u8]) -> Option<Placeholder> {
        let found = placeholder::find(body, self.alphabet, |word| self.speaks(word))?;
        let holds = || {
            self.checksum
                .is_some_and(|checksum| checksum.check(secret) == Check::Valid)
        };
        let is_structure = matches!(found, Placeholder::Monotonous(_)) && holds();
        (!is_structure).then_some(found)
    }
}
