//! Commands that show a secret which a store or a service keeps.

use super::readers::value_of;
use super::shows::is_secret;

/// A command by its first words, between which options may stand, and what it needs to show a secret.
struct Store {
    words: &'static [&'static str],
    needs: Needs,
}

/// What a command needs beside its words.
#[derive(Clone, Copy, Debug)]
enum Needs {
    Nothing,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// The name of something that is secret.
    Name,
    /// An output of values, and not of names.
    Values,
    /// Nothing of these words.
    NoneOf(&'static [&'static str]),
    /// No format of its own that leaves the variables out.
    Variables,
}

const fn always(words: &'static [&'static str]) -> Store {
    Store {
        words,
        needs: Needs::Nothing,
    }
}

const fn store(words: &'static [&'static str], needs: Needs) -> Store {
    Store { words, needs }
}

const STORES: &[Store] = &[
    always(&["ansible-vault", "view"]),
    store(&["aws", "configure", "get"], Needs::Name),
    always(&["aws", "codeartifact", "get-authorization-token"]),
    always(&["aws", "configure", "export-credentials"]),
    always(&["aws", "ecr", "get-login-password"]),
    always(&["aws", "eks", "get-token"]),
    always(&["aws", "iam", "create-access-key"]),
    always(&["aws", "rds", "generate-db-auth-token"]),
    always(&["aws", "secretsmanager", "batch-get-secret-value"]),
    always(&["aws", "secretsmanager", "get-secret-value"]),
    store(
        &["aws", "ssm", "get-parameter"],
        Needs::OneOf(&["--with-decryption"]),
    ),
    store(
        &["aws", "ssm", "get-parameters"],
        Needs::OneOf(&["--with-decryption"]),
    ),
    store(
        &["aws", "ssm", "get-parameters-by-path"],
        Needs::OneOf(&["--with-decryption"]),
    ),
    always(&["aws", "sts", "assume-role"]),
    always(&["aws", "sts", "get-session-token"]),
    always(&["az", "account", "get-access-token"]),
    always(&["az", "acr", "credential", "show"]),
    always(&["az", "keyvault", "secret", "show"]),
    always(&["az", "storage", "account", "keys", "list"]),
    always(&["az", "storage", "account", "show-connection-string"]),
    always(&["bw", "get", "password"]),
    always(&["chamber", "export"]),
    always(&["chamber", "read"]),
    store(&["docker", "inspect"], Needs::Variables),
    store(&["docker", "container", "inspect"], Needs::Variables),
    store(&["podman", "inspect"], Needs::Variables),
    store(&["podman", "container", "inspect"], Needs::Variables),
    store(
        &["doppler", "secrets"],
        Needs::NoneOf(&["--only-names", "set", "delete", "upload", "substitute"]),
    ),
    always(&["dotenvx", "get"]),
    always(&["fly", "auth", "token"]),
    always(&["flyctl", "auth", "token"]),
    always(&[
        "gcloud",
        "auth",
        "application-default",
        "print-access-token",
    ]),
    always(&["gcloud", "auth", "print-access-token"]),
    always(&["gcloud", "auth", "print-identity-token"]),
    always(&["gcloud", "secrets", "versions", "access"]),
    store(
        &["gh", "auth", "status"],
        Needs::OneOf(&["--show-token", "-t"]),
    ),
    always(&["gh", "auth", "token"]),
    store(
        &["glab", "auth", "status"],
        Needs::OneOf(&["--show-token", "-t"]),
    ),
    always(&["glab", "auth", "token"]),
    always(&["gopass", "show"]),
    always(&["gpg", "--export-secret-keys"]),
    always(&["gpg", "--export-secret-subkeys"]),
    always(&["heroku", "auth:token"]),
    always(&["heroku", "config"]),
    store(&["heroku", "config:get"], Needs::Name),
    always(&["infisical", "export"]),
    store(
        &["infisical", "secrets"],
        Needs::NoneOf(&["set", "delete", "folders"]),
    ),
    always(&["keyring", "get"]),
    store(&["kubectl", "config", "view"], Needs::OneOf(&["--raw"])),
    always(&["kubectl", "create", "token"]),
    store(&["kubectl", "get", "secret"], Needs::Values),
    store(&["kubectl", "get", "secrets"], Needs::Values),
    always(&["lpass", "show"]),
    store(&["netlify", "env:get"], Needs::Name),
    store(&["oc", "get", "secret"], Needs::Values),
    store(&["oc", "get", "secrets"], Needs::Values),
    store(&["oc", "whoami"], Needs::OneOf(&["-t", "--show-token"])),
    store(&["op", "item", "get"], Needs::OneOf(&["--reveal"])),
    always(&["op", "read"]),
    always(&["pass", "show"]),
    store(&["pulumi", "config"], Needs::OneOf(&["--show-secrets"])),
    store(&["pulumi", "config", "get"], Needs::Name),
    store(
        &["pulumi", "stack", "output"],
        Needs::OneOf(&["--show-secrets"]),
    ),
    store(&["railway", "variables"], Needs::NoneOf(&["--set"])),
    always(&["secret-tool", "lookup"]),
    store(
        &["security", "find-generic-password"],
        Needs::OneOf(&["-w", "-g"]),
    ),
    store(
        &["security", "find-internet-password"],
        Needs::OneOf(&["-w", "-g"]),
    ),
    store(&["sops"], Needs::OneOf(&["-d", "--decrypt", "decrypt"])),
    store(&["terraform", "output"], Needs::Name),
    store(&["tofu", "output"], Needs::Name),
    always(&["vault", "kv", "get"]),
    always(&["vault", "print", "token"]),
    always(&["vault", "read"]),
];

/// Options that ask for help, or write what is secret into a file.
const NOTHING_SHOWN: &[&str] = &[
    "--help",
    "-h",
    "--in-place",
    "-i",
    "--output-file",
    "--out-file",
];

/// The words of the store that a command shows a secret of; `None` for nearly every command.
pub(super) fn shown(name: &str, rest: &[&str]) -> Option<String> {
    let is_it = |store: &&Store| {
        store.words[0] == name
            && begins(rest, &store.words[1..])
            && store.needs.are_met(rest, store.words.len() - 1)
    };
    let store = STORES.iter().find(is_it)?;
    let is_silent = rest.iter().any(|word| NOTHING_SHOWN.contains(word));
    (!is_silent).then(|| store.words.join(" "))
}

/// Whether words begin with others, between which options and their values may stand.
fn begins(rest: &[&str], words: &[&str]) -> bool {
    let mut wanted = words.iter().copied().peekable();
    let mut may_be_value = false;
    for word in rest {
        let Some(want) = wanted.peek() else {
            break;
        };
        // `secret/name`
        let start = word.split('/').next().unwrap_or(word);
        if *word == *want || start == *want {
            wanted.next();
            may_be_value = false;
        } else if word.starts_with('-') {
            may_be_value = !word.contains('=');
        } else if !std::mem::take(&mut may_be_value) {
            return false;
        }
    }
    wanted.peek().is_none()
}

impl Needs {
    fn are_met(self, rest: &[&str], skip: usize) -> bool {
        let has = |words: &[&str]| rest.iter().any(|word| words.contains(word));
        match self {
            Self::Nothing => true,
            Self::OneOf(words) => has(words),
            Self::NoneOf(words) => !has(words),
            Self::Name => {
                let operands = rest.iter().filter(|word| !word.starts_with('-'));
                operands.skip(skip).any(|name| {
                    let own = name.rsplit([':', '.', '/']).next().unwrap_or(name);
                    is_secret(own)
                })
            }
            Self::Values => {
                const KINDS: &[&str] =
                    &["yaml", "json", "go-template", "template", "custom-columns"];
                let format = value_of(rest, "-o", "--output");
                format.is_some_and(|format| {
                    let format = format.trim_start_matches('=');
                    KINDS.iter().any(|kind| format.starts_with(kind))
                }) || has(&["--template"])
            }
            Self::Variables => {
                let format = value_of(rest, "-f", "--format");
                let is_other = has(&["--type=image", "--type=network", "--type=volume"]);
                !is_other
                    && format
                        .is_none_or(|format| format.contains("Env") || format.contains("json .}}"))
            }
        }
    }
}
