//! Whose a secret is.
//!
//! `build.rs` includes this file too.

use std::sync::Arc;

use super::record::{self, Field, List, Reader, Text, Writer, fields};

fields! {
    /// What is known of the service that a secret opens.
    #[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
    pub struct Provider {
        /// The short name that files and ids use: `anthropic`.
        pub id: Text,
        /// The name as the provider writes it.
        pub name: Text,
        /// The sort of service: `ai`, `cloud`, `vcs`, ...; `own` if only a user's rules know it.
        pub kind: Text,
        /// The environment variables that usually hold its keys, the most usual first.
        pub env: List<Text>,
        /// The page on which keys are documented; empty if unknown, as are the following.
        pub docs: Text,
        /// The page on which keys are revoked.
        pub revoke: Text,
        /// The page that shows what a key was used for.
        pub usage: Text,
        /// The page on which spending is limited.
        pub limit: Text,
    }
}

impl Provider {
    /// The provider's pages, with what each is for. Those that are not known are empty.
    pub fn pages(&self) -> [(&'static str, &Text); 4] {
        [
            ("docs", &self.docs),
            ("revoke", &self.revoke),
            ("usage", &self.usage),
            ("limit", &self.limit),
        ]
    }
}

/// A provider that many rules and findings share: one of the catalog's, or a user's own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ProviderRef(pub(super) Holder);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Holder {
    /// The number of one of the catalog's.
    Catalog(u16),
    Own(Arc<Provider>),
}

impl ProviderRef {
    /// The provider of the catalog with that number.
    pub(super) const fn catalog(number: u16) -> Self {
        Self(Holder::Catalog(number))
    }
}

impl From<Provider> for ProviderRef {
    fn from(provider: Provider) -> Self {
        Self(Holder::Own(Arc::new(provider)))
    }
}

impl Default for ProviderRef {
    /// A provider of which nothing is known.
    fn default() -> Self {
        Provider::default().into()
    }
}

impl Field for ProviderRef {
    fn write(&self, out: &mut Writer) {
        match &self.0 {
            Holder::Catalog(number) => number.write(out),
            Holder::Own(_) => {
                unreachable!("the rules of the catalog are of the catalog's providers")
            }
        }
    }

    fn read(from: &mut Reader) -> Self {
        Self::catalog(Field::read(from))
    }
}
