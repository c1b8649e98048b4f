//! The words of a rule file: what a person may write, in the catalog and in `.keyward.toml`.
//!
//! `build.rs` includes this file too; it knows nothing but `serde` and what a confidence is.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::provider::Provider;
use crate::confidence::Confidence;

/// A file of the catalog: a provider and its rules.
#[allow(dead_code, reason = "the build alone reads whole files")]
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProviderFile {
    /// The name as the provider writes it.
    pub provider: String,
    /// The sort of service: `ai`, `cloud`, `vcs`, `database`, ...
    pub kind: String,
    /// The environment variables that usually hold its keys, the most usual first. Rules with
    /// `context = "required"` take each as a context word.
    #[serde(default)]
    pub env: Vec<String>,
    /// Words that name the provider in code, lower case. A word counts only as a whole piece of an
    /// identifier or a host name; `acme_key` counts as `acme-key` and `acmeKey` too. The file's name
    /// if not given.
    pub words: Option<Vec<String>>,
    /// Not one service: its secrets may open any. A rule of a named service goes before.
    #[serde(default)]
    pub generic: bool,
    /// Where keys are documented.
    #[serde(default)]
    pub docs: String,
    /// Where keys are revoked.
    #[serde(default)]
    pub revoke: String,
    /// Where a key's use is shown.
    #[serde(default)]
    pub usage: String,
    /// Where spending is limited.
    #[serde(default)]
    pub limit: String,
    /// The rules, in any order.
    pub rule: Vec<RuleWords>,
}

impl ProviderFile {
    /// What the rules of the file keep of it. The id is the file's name.
    #[allow(dead_code, reason = "the build alone reads whole files")]
    pub(crate) fn provider(&self, id: &str) -> Provider {
        Provider {
            id: id.to_owned().into(),
            name: self.provider.clone().into(),
            kind: self.kind.clone().into(),
            env: self.env.iter().cloned().map(Into::into).collect(),
            docs: self.docs.clone().into(),
            revoke: self.revoke.clone().into(),
            usage: self.usage.clone().into(),
            limit: self.limit.clone().into(),
        }
    }
}

/// One rule.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleWords {
    /// Words with dashes, starting with the provider's: `github-personal-token`.
    pub id: String,
    /// What it finds: "GitHub personal access token".
    pub name: String,
    /// What the key looks like, in the notation of [`super::format`]; several if it has several.
    #[serde(default)]
    pub format: OneOrMany,
    /// A regex for what a format cannot say. ASCII only; a group `(?P<secret>...)` marks the
    /// secret where it is not the whole.
    pub pattern: Option<String>,
    /// Words in names: the rule finds the values that are assigned to such names, if they are random.
    /// They are compared without regard to case. Instead of a format or a pattern.
    #[serde(default)]
    pub names: Vec<String>,
    /// Literals of which every secret that `pattern` finds has at least one. They are compared
    /// without regard to case, as the pattern sees fit. With a format they are derived.
    #[serde(default)]
    pub keywords: Vec<String>,
    /// A test of the secret's check characters or structure, by its name in
    /// `src/proof/mod.rs`.
    pub checksum: Option<String>,
    /// How sure a finding is whose checksum fails, for shapes that nothing else has. Without it, a
    /// secret whose checksum fails is none.
    pub unchecked: Option<Confidence>,
    /// The fewest bits of Shannon entropy a character, instead of the derived floor.
    pub min_entropy: Option<f32>,
    /// `required`: the key has no prefix of its own, so that it counts only next to the provider's
    /// name or to one of the provider's environment variables. `alone`: also where nothing names the
    /// provider, if its check holds.
    pub context: Option<Context>,
    /// Instead of the provider's words, for a rule that has its own.
    pub words: Option<Vec<String>>,
    /// Instead of the provider's environment variables.
    pub env: Option<Vec<String>>,
    /// What to do about a secret that is found, if not to read it from a variable.
    #[serde(default)]
    pub mend: Mend,
    /// The rule of the other half of a pair. What it finds counts as context, and both halves near
    /// each other are one finding.
    pub companion: Option<String>,
    /// How sure a finding is, where the derived level is too high.
    pub confidence: Option<Confidence>,
    /// Public by design: never a finding, and no other rule may claim it.
    #[serde(default)]
    pub public: bool,
    /// Its secrets end by themselves within days: one in a document is only possible.
    #[serde(default)]
    pub short_lived: bool,
    /// Texts that, near a key, say that a page or an app shows it to everybody: it is only possible there.
    #[serde(default)]
    pub shown_beside: Vec<String>,
    /// Texts that, near a key, take that back.
    #[serde(default)]
    pub shown_unless: Vec<String>,
    /// Whole lines as users have them, in which the rule must find its secrets: formats in which `<key>`
    /// stands for the secret. A rule without any is tried under its environment variable.
    #[serde(default)]
    pub lines: Vec<String>,
    /// Formats of secrets that the rule must find, for rules with a `pattern`.
    #[serde(default)]
    pub examples: Vec<String>,
    /// Formats of what no rule may find.
    #[serde(default)]
    pub counterexamples: Vec<String>,
    /// Where the facts come from.
    #[serde(default)]
    pub sources: Vec<String>,
}

/// Whether a key counts by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Context {
    /// Only next to the provider's name or one of its environment variables.
    Required,
    /// There, and wherever its check holds; without a check, wherever its shape stands by itself. It has
    /// no literal to be found by: each long run of characters is tried.
    Alone,
}

/// What to do about a secret that stands in a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mend {
    /// To read it from an environment variable where it is used.
    #[default]
    Environment,
    /// To keep it outside the repository and outside variables: a private key.
    KeepOut,
}

impl Mend {
    pub(super) const ALL: [Self; 2] = [Self::Environment, Self::KeepOut];

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Environment => "environment",
            Self::KeepOut => "keep-out",
        }
    }
}

impl<'de> Deserialize<'de> for Confidence {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        Self::named(&word).ok_or_else(|| D::Error::unknown_variant(&word, &Self::WORDS))
    }
}

/// One string, or a list of them.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum OneOrMany {
    /// None given.
    #[default]
    None,
    /// `format = "..."`
    One(String),
    /// `format = ["...", "..."]`
    Many(Vec<String>),
}

impl OneOrMany {
    /// The strings.
    pub fn as_slice(&self) -> &[String] {
        match self {
            Self::None => &[],
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}
