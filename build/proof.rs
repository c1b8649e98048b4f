//! What the build knows of the proofs in `src/proof/`: their names.

/// A scheme of check characters or of structure, known by its name alone. That there is one of that
/// name is seen when the tests read the catalog.
#[derive(Clone, Debug)]
pub(crate) struct Proof(String);

impl Proof {
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(Self(name.to_owned()))
    }

    pub(crate) fn name(&self) -> &str {
        &self.0
    }
}
