//! What to ask whom, as `src/rules/catalog/verify` has it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;

/// All rows. Nobody pays for them who does not ask.
static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    let text = include_str!(concat!(env!("OUT_DIR"), "/verify.toml"));
    toml::from_str(text).expect("a test reads every row")
});

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Tables {
    check: Vec<Row>,
    revoke: Vec<Row>,
}

/// A call to a provider, and what its answers mean.
///
/// In texts `{key}` stands for the key, `{b64:x}` for the base64 of x, and `{name}` for what stands beside the key:
/// the id of a rule, or a name.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Row {
    /// The rules that find such keys.
    pub(super) rules: Vec<String>,
    /// `GET` where nothing is said.
    pub(super) method: String,
    pub(super) url: String,
    /// The hosts that are asked one after the other until one takes the key: regions.
    pub(super) hosts: Vec<String>,
    /// The address at a server of one's own, where there are such.
    pub(super) own: String,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: Option<String>,
    /// How the request is signed.
    pub(super) sign: Option<Sign>,
    /// Hosts that are taken from what stands beside the key; `*` stands for one label.
    pub(super) partners: BTreeMap<String, Vec<String>>,
    /// Pieces of the key that have names.
    pub(super) parts: BTreeMap<String, Part>,
    /// The hosts of keys that are addresses.
    pub(super) address: Vec<String>,
    pub(super) live: Vec<Condition>,
    pub(super) dead: Vec<Condition>,
    pub(super) limited: Vec<Condition>,
    pub(super) unknown: Vec<Condition>,
    /// The fields of an answer that name owner, scopes or expiry, and hold no secret.
    pub(super) tells: Vec<String>,
    /// What a person should know of the call.
    pub(super) note: String,
    /// Of a revocation: the answers to one that is done.
    pub(super) done: Vec<Condition>,
    /// What it does.
    pub(super) does: String,
    /// How it is undone; empty where it can't be.
    pub(super) undo: String,
}

/// How a request is signed.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Sign {
    pub(super) how: How,
    pub(super) service: String,
    /// Empty: the second label of the host.
    pub(super) region: String,
    pub(super) id: String,
    pub(super) secret: String,
    /// What a token claims beside who made it and until when.
    pub(super) claims: String,
}

/// A way to sign.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(super) enum How {
    #[default]
    Sigv4,
    AzureStorage,
    AzureBatch,
    AzureCosmos,
    AzureSas,
    AzureAppconfig,
    JwtHs256,
    Binance,
    Kucoin,
    Tc3,
    Exo2,
    Pusher,
    AliyunRpc,
    Duo,
    Ovh,
}

/// A piece of a key.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Part {
    /// It starts behind the first of these.
    behind: String,
    /// It ends before the next of these; empty: with the key.
    before: String,
}

impl Part {
    /// The piece of that key.
    pub(super) fn of<'k>(&self, key: &'k str) -> Option<&'k str> {
        let (_, rest) = key.split_once(self.behind.as_str())?;
        match self.before.as_str() {
            "" => Some(rest),
            before => rest.split_once(before).map(|(piece, _)| piece),
        }
    }
}

/// A condition on an answer: all that it names has to hold.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Condition {
    /// Any of these.
    pub(super) status: Vec<u16>,
    /// Any of these stands in the body.
    pub(super) text: Vec<String>,
    /// All of these are there.
    pub(super) json: Vec<String>,
    /// Each has its value.
    pub(super) is: BTreeMap<String, Value>,
    /// What it says, where that is more than its state.
    pub(super) means: String,
}

impl Condition {
    /// Whether it looks at more than a number.
    pub(super) fn has_detail(&self) -> bool {
        !self.text.is_empty() || !self.json.is_empty() || !self.is.is_empty()
    }
}

impl Row {
    pub(super) fn method(&self) -> &str {
        match self.method.as_str() {
            "" => "GET",
            method => method,
        }
    }
}

/// How it is asked whether such a key lives.
pub(super) fn check_of(rule: &str) -> Option<&'static Row> {
    row_of(&TABLES.check, rule)
}

/// How such a key is revoked.
pub(super) fn revoke_of(rule: &str) -> Option<&'static Row> {
    row_of(&TABLES.revoke, rule)
}

fn row_of(rows: &'static [Row], rule: &str) -> Option<&'static Row> {
    rows.iter()
        .find(|row| row.rules.iter().any(|it| it == rule))
}

/// All rows.
#[cfg(test)]
pub(super) fn all() -> impl Iterator<Item = &'static Row> {
    TABLES.check.iter().chain(&TABLES.revoke)
}

/// The rows that ask.
#[cfg(test)]
pub(super) fn checks() -> &'static [Row] {
    &TABLES.check
}
