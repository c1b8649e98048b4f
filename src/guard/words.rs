//! The words of `patterns.toml`: what a guard may say.
//!
//! `build/guard.rs` includes this file too; it knows nothing but `serde`.

use serde::Deserialize;

/// The whole of `patterns.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GuardFile {
    /// The guards, sorted by id.
    pub(super) guard: Vec<GuardWords>,
}

/// One kind of file that holds secrets.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GuardWords {
    /// Words with dashes, starting with `guard-`.
    pub(super) id: String,
    /// What such a file is, in words: "environment file".
    pub(super) name: String,
    /// Names in lower case, sorted. `*` stands for any characters of a name; directories before
    /// the name must stand right above the file.
    pub(super) files: Vec<String>,
    /// Names that `files` fits and that hold no secret.
    #[serde(default)]
    pub(super) except: Vec<String>,
    /// What the content has to say; without it the name decides.
    #[serde(default)]
    pub(super) content: Content,
    /// The same where such a name seldom means it: in tests, examples, documents and what is vendored,
    /// and where the name ends like another kind of file. Without it, the same everywhere.
    pub(super) seldom: Option<Content>,
    /// Words that end such a name, before what `files` end in, where it means the settings of something else. They are
    /// asked as seldom.
    #[serde(default)]
    pub(super) plain: Vec<String>,
    /// Whether the name is shared with files that hold no secret, so that a finding is only
    /// likely.
    #[serde(default)]
    pub(super) ambiguous: bool,
    /// Whether no scan of its text would find the secret, so that no name makes it a template.
    #[serde(default)]
    pub(super) opaque: bool,
}

/// What the content of a file has to say to its guard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Content {
    /// Nothing: the name decides.
    #[default]
    Any,
    /// Anything but references to secrets kept elsewhere. For environment files.
    NotReferences,
    /// Anything but certificates and public keys.
    NotPublic,
    /// Anything but certificates, public keys, presentations and texts. For `.key`, a name that
    /// many programs use.
    NotPublicOrProse,
    /// Anything but a Java key store of certificates alone.
    NotTrustStore,
    /// A private key, or what nobody wrote: what a test puts into such a file is often a word or two.
    PrivateKeyOrDraw,
    /// A private key.
    PrivateKey,
    /// An OpenPGP secret key, armored or not.
    PgpSecretKey,
    /// A secret, as the detector knows them; a password that a person made up is one there, too.
    SecretValue,
}
