//! Where a team keeps its secrets: where a mend says that the value goes, how an environment file refers to
//! it there, and how the store's own command takes and gives it.

use crate::table::table;

/// A row of the table of stores. In all its texts `{env}` stands for the variable, `{app}` for the program
/// that uses it, `{vault}` for the part of the store that was named, and `{tpl}` for the file of references.
struct Row {
    /// The word in the settings.
    word: &'static str,
    /// What people call it.
    name: &'static str,
    /// Where the value goes.
    keep: &'static str,
    /// What starts a program with the values; empty if there is no such command.
    run: &'static str,
    /// What stands for the value in a file of references; empty if there is no such file.
    reference: &'static str,
    /// What starts a program with the values of such a file.
    start: &'static str,
    /// The store's command that takes the value on standard input, or why none does.
    save: Result<Save, &'static str>,
    /// How another value takes its place.
    change: Change,
    /// The store's command that prints it.
    read: &'static [&'static str],
    /// The part of the store that is meant where none is named; empty if there are none.
    vault: &'static str,
}

/// How a value takes the place of another.
#[derive(Clone, Copy, Debug)]
enum Change {
    /// By the command that saved it.
    AsSaved,
    /// By another one, which reads the same.
    By(&'static [&'static str]),
    /// By no command that takes it on standard input: what people do.
    ByHand(&'static str),
}

/// A command that takes a value, and how.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Save {
    /// Its words.
    pub(crate) command: &'static [&'static str],
    /// What it reads.
    pub(crate) feed: Feed,
}

/// What the command of a store reads on standard input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Feed {
    /// The value.
    Value,
    /// An item of 1Password, as JSON.
    OnePasswordItem,
    /// An item of Bitwarden, as JSON in base64.
    BitwardenItem,
    /// A command for `security -i` of macOS.
    Security,
}

const fn takes(command: &'static [&'static str]) -> Result<Save, &'static str> {
    let feed = Feed::Value;
    Ok(Save { command, feed })
}

const fn takes_as(command: &'static [&'static str], feed: Feed) -> Result<Save, &'static str> {
    Ok(Save { command, feed })
}

/// A store whose references are commands: a shell runs them.
macro_rules! sourced {
    ($before:literal) => {
        concat!($before, "sh -c 'set -a; . {tpl}; exec \"$@\"' sh COMMAND")
    };
}

/// What the environment holds already, since the store's command put it there.
const GIVEN: &str = "${{env}}";

const IN_ARGUMENTS: &str =
    "its command takes a value as an argument, where every program of this machine can read it";

/// How the keychain of macOS is spoken to, or the secret service of other systems.
const KEYCHAIN: (&str, Save, &[&str]) = match cfg!(target_os = "macos") {
    true => (
        "$(security find-generic-password -s {app} -a {env} -w)",
        Save {
            command: &["security", "-i"],
            feed: Feed::Security,
        },
        &[
            "security",
            "find-generic-password",
            "-s",
            "{app}",
            "-a",
            "{env}",
            "-w",
        ],
    ),
    false => (
        "$(secret-tool lookup app {app} name {env})",
        Save {
            command: &[
                "secret-tool",
                "store",
                "--label={app}/{env}",
                "app",
                "{app}",
                "name",
                "{env}",
            ],
            feed: Feed::Value,
        },
        &["secret-tool", "lookup", "app", "{app}", "name", "{env}"],
    ),
};

table! {
    /// A store of secrets.
    #[derive(Default)]
    pub enum Store of Row {
        /// None that keyward knows.
        #[default]
        None = Row {
            word: "none",
            name: "no store",
            keep: "put {env}=... into .env, which git must ignore; in CI, among its secrets",
            run: "",
            reference: "",
            start: "",
            save: Err("there is no store: name yours by --for"),
            change: Change::AsSaved,
            read: &[],
            vault: "",
        },
        /// 1Password.
        OnePassword = Row {
            word: "1password",
            name: "1Password",
            keep: "put it into 1Password, and {env}=op://VAULT/ITEM/FIELD into .env.tpl",
            run: "op run --env-file=.env.tpl -- COMMAND",
            reference: "op://{vault}/{app}-{env}/credential",
            start: "op run --env-file={tpl} -- COMMAND",
            save: takes_as(&["op", "item", "create", "--vault", "{vault}", "-"], Feed::OnePasswordItem),
            change: Change::By(&["op", "item", "edit", "{app}-{env}", "--vault", "{vault}"]),
            read: &["op", "read", "--no-newline", "op://{vault}/{app}-{env}/credential"],
            vault: "Private",
        },
        /// Secrets Manager of AWS.
        Aws = Row {
            word: "aws",
            name: "AWS Secrets Manager",
            keep: "put it into AWS Secrets Manager as {env}, and let the task read it from there",
            run: "",
            reference: "$(aws secretsmanager get-secret-value --secret-id {app}/{env} --query SecretString --output text)",
            start: sourced!(""),
            save: takes(&["aws", "secretsmanager", "create-secret", "--name", "{app}/{env}", "--secret-string", "file:///dev/stdin"]),
            change: Change::By(&["aws", "secretsmanager", "put-secret-value", "--secret-id", "{app}/{env}", "--secret-string", "file:///dev/stdin"]),
            read: &["aws", "secretsmanager", "get-secret-value", "--secret-id", "{app}/{env}", "--query", "SecretString", "--output", "text"],
            vault: "",
        },
        /// Key Vault of Azure, whose names have no underscores.
        Azure = Row {
            word: "azure",
            name: "Azure Key Vault",
            keep: "put it into Azure Key Vault, and set {env} by a reference: @Microsoft.KeyVault(...)",
            run: "",
            reference: "$(az keyvault secret show --vault-name {vault} --name {app}-{dashed} --query value --output tsv)",
            start: sourced!(""),
            save: takes(&["az", "keyvault", "secret", "set", "--vault-name", "{vault}", "--name", "{app}-{dashed}", "--file", "/dev/stdin", "--encoding", "utf-8", "--output", "none"]),
            change: Change::AsSaved,
            read: &["az", "keyvault", "secret", "show", "--vault-name", "{vault}", "--name", "{app}-{dashed}", "--query", "value", "--output", "tsv"],
            vault: "VAULT",
        },
        /// Secrets Manager of Bitwarden.
        Bitwarden = Row {
            word: "bitwarden",
            name: "Bitwarden Secrets Manager",
            keep: "put it into Bitwarden Secrets Manager as {env}",
            run: "bws run -- COMMAND",
            reference: GIVEN,
            start: sourced!("bws run -- "),
            save: Err(IN_ARGUMENTS),
            change: Change::AsSaved,
            read: &[],
            vault: "",
        },
        /// The password manager of Bitwarden.
        BitwardenItems = Row {
            word: "bw",
            name: "Bitwarden",
            keep: "put it into Bitwarden as the password of an item {env}",
            run: "",
            reference: "$(bw get password {app}-{env})",
            start: sourced!(""),
            save: takes_as(&["bw", "create", "item"], Feed::BitwardenItem),
            change: Change::ByHand("Bitwarden wants the number of the item: bw edit item ID"),
            read: &["bw", "get", "password", "{app}-{env}"],
            vault: "",
        },
        /// Doppler, which asks for the value.
        Doppler = Row {
            word: "doppler",
            name: "Doppler",
            keep: "put it into Doppler, which asks for the value: doppler secrets set {env}",
            run: "doppler run -- COMMAND",
            reference: GIVEN,
            start: sourced!("doppler run -- "),
            save: takes(&["doppler", "secrets", "set", "{env}", "--silent"]),
            change: Change::AsSaved,
            read: &["doppler", "secrets", "get", "{env}", "--plain"],
            vault: "",
        },
        /// dotenvx.
        Dotenvx = Row {
            word: "dotenvx",
            name: "dotenvx",
            keep: "put {env}=... into .env, and encrypt that before git sees it: dotenvx encrypt",
            run: "dotenvx run -- COMMAND",
            reference: "",
            start: "dotenvx run -- COMMAND",
            save: Err("dotenvx encrypts the file where it lies: dotenvx encrypt"),
            change: Change::AsSaved,
            read: &[],
            vault: "",
        },
        /// Secret Manager of Google Cloud.
        Gcp = Row {
            word: "gcp",
            name: "Google Secret Manager",
            keep: "put it into Google Secret Manager: gcloud secrets create {env} --data-file=-",
            run: "",
            reference: "$(gcloud secrets versions access latest --secret={app}-{env})",
            start: sourced!(""),
            save: takes(&["gcloud", "secrets", "create", "{app}-{env}", "--data-file=-", "--replication-policy=automatic", "--quiet"]),
            change: Change::By(&["gcloud", "secrets", "versions", "add", "{app}-{env}", "--data-file=-", "--quiet"]),
            read: &["gcloud", "secrets", "versions", "access", "latest", "--secret={app}-{env}"],
            vault: "",
        },
        /// gopass.
        Gopass = Row {
            word: "gopass",
            name: "gopass",
            keep: "put it into gopass, which asks for the value: gopass insert {env}",
            run: "",
            reference: "$(gopass show --noparsing {app}/{env})",
            start: sourced!(""),
            save: takes(&["gopass", "insert", "--multiline", "{app}/{env}"]),
            change: Change::By(&["gopass", "insert", "--multiline", "--force", "{app}/{env}"]),
            read: &["gopass", "show", "--noparsing", "{app}/{env}"],
            vault: "",
        },
        /// Infisical.
        Infisical = Row {
            word: "infisical",
            name: "Infisical",
            keep: "put it into Infisical as {env}",
            run: "infisical run -- COMMAND",
            reference: GIVEN,
            start: sourced!("infisical run -- "),
            save: Err(IN_ARGUMENTS),
            change: Change::AsSaved,
            read: &[],
            vault: "",
        },
        /// The keychain of macOS, or the secret service of a desktop.
        Keychain = Row {
            word: "keychain",
            name: "the keychain",
            keep: "put it into the keychain of this machine as {env}",
            run: "",
            reference: KEYCHAIN.0,
            start: sourced!(""),
            save: Ok(KEYCHAIN.1),
            change: Change::AsSaved,
            read: KEYCHAIN.2,
            vault: "",
        },
        /// pass, which asks for the value.
        Pass = Row {
            word: "pass",
            name: "pass",
            keep: "put it into pass, which asks for the value: pass insert {env}",
            run: "",
            reference: "$(pass show {app}/{env})",
            start: sourced!(""),
            save: takes(&["pass", "insert", "--multiline", "{app}/{env}"]),
            change: Change::By(&["pass", "insert", "--multiline", "--force", "{app}/{env}"]),
            read: &["pass", "show", "{app}/{env}"],
            vault: "",
        },
        /// SOPS.
        Sops = Row {
            word: "sops",
            name: "SOPS",
            keep: "put {env} into the encrypted file: sops edit secrets.env",
            run: "sops exec-env secrets.env 'COMMAND'",
            reference: GIVEN,
            start: "sops exec-env secrets.env 'set -a; . {tpl}; exec COMMAND'",
            save: Err("SOPS encrypts a file as a whole: sops encrypt --output secrets.env .env"),
            change: Change::AsSaved,
            read: &[],
            vault: "",
        },
        /// HashiCorp Vault, which reads the value from standard input.
        Vault = Row {
            word: "vault",
            name: "Vault",
            keep: "put it into Vault, from standard input: vault kv put secret/APP/{env} value=-",
            run: "",
            reference: "$(vault kv get -mount={vault} -field=value {app}/{env})",
            start: sourced!(""),
            save: takes(&["vault", "kv", "put", "-mount={vault}", "{app}/{env}", "value=-"]),
            change: Change::AsSaved,
            read: &["vault", "kv", "get", "-mount={vault}", "-field=value", "{app}/{env}"],
            vault: "secret",
        },
    }
}

/// One place in a store.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'p> {
    /// The store.
    pub(crate) store: Store,
    /// The part of it.
    pub(crate) vault: &'p str,
    /// The program that uses what is kept there.
    pub(crate) app: &'p str,
}

impl Store {
    /// The words for them in the settings.
    pub(crate) const WORDS: [&str; Self::ALL.len()] = {
        let mut words = [""; Self::ALL.len()];
        let mut at = 0;
        while at < words.len() {
            words[at] = Self::ALL[at].row().word;
            at += 1;
        }
        words
    };

    /// What people call it.
    pub(crate) const fn name(self) -> &'static str {
        self.row().name
    }

    /// The word in the settings.
    pub(crate) const fn word(self) -> &'static str {
        self.row().word
    }

    /// Where the value of a variable goes.
    pub(crate) fn keep(self, variable: &str) -> String {
        self.row().keep.replace("{env}", variable)
    }

    /// What starts a program with the values; empty if there is no such command.
    pub(crate) const fn run(self) -> &'static str {
        self.row().run
    }

    /// What starts a program with the values that a file of references names; its path is one word of a
    /// shell.
    pub(crate) fn start(self, references: &str) -> String {
        self.row().start.replace("{tpl}", references)
    }

    /// Whether a file can refer to what is kept there.
    pub(crate) const fn has_references(self) -> bool {
        !self.row().reference.is_empty()
    }

    /// Whether a shell reads its file of references.
    pub(crate) fn is_sourced(self) -> bool {
        self.row().reference.starts_with('$')
    }

    /// The part of the store that is meant where none is named; empty if it has none.
    pub(crate) const fn usual_vault(self) -> &'static str {
        self.row().vault
    }

    /// The command that takes a value, or why there is none.
    pub(crate) const fn save(self) -> Result<Save, &'static str> {
        self.row().save
    }

    /// The command that takes another value than the one which is there, or why there is none.
    pub(crate) fn change(self) -> Result<Save, &'static str> {
        let save = self.save()?;
        match self.row().change {
            Change::AsSaved => Ok(save),
            Change::By(command) => Ok(Save { command, ..save }),
            Change::ByHand(how) => Err(how),
        }
    }

    /// The part of the store, and the program, that a reference to the value of a variable names.
    pub(crate) fn named_by(self, reference: &str, variable: &str) -> Option<(String, String)> {
        let place = Place {
            store: self,
            vault: "{vault}",
            app: "{app}",
        };
        let pattern = place.reference(variable);
        let mut pattern = pattern.contains("{app}").then_some(&*pattern)?;
        let mut rest = reference;
        let (mut vault, mut app) = (self.usual_vault().to_owned(), String::new());
        while let Some((before, hole)) = pattern.split_once('{') {
            let (name, behind) = hole.split_once('}')?;
            rest = rest.strip_prefix(before)?;
            let literal = behind.split('{').next().unwrap_or_default();
            let end = match literal {
                "" => rest.len(),
                literal => rest.find(literal)?,
            };
            let named = rest[..end].to_owned();
            match name {
                "vault" => vault = named,
                _ => app = named,
            }
            (rest, pattern) = (&rest[end..], behind);
        }
        (rest == pattern).then_some((vault, app))
    }
}

impl Place<'_> {
    /// What stands for the value of a variable in a file of references.
    pub(crate) fn reference(self, variable: &str) -> String {
        self.filled(self.store.row().reference, variable)
    }

    /// The words of a command, filled in.
    pub(crate) fn command(self, words: &[&str], variable: &str) -> Vec<String> {
        words
            .iter()
            .map(|word| self.filled(word, variable))
            .collect()
    }

    /// The command that prints the value of a variable.
    pub(crate) fn read(self, variable: &str) -> Vec<String> {
        self.command(self.store.row().read, variable)
    }

    fn filled(self, text: &str, variable: &str) -> String {
        text.replace("{vault}", self.vault)
            .replace("{app}", self.app)
            .replace("{dashed}", &variable.replace('_', "-"))
            .replace("{env}", variable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_store_has_a_word_and_names_the_variable() {
        assert!(Store::WORDS[1..].is_sorted());
        for &store in Store::ALL {
            assert!(store.keep("ACME_KEY").contains("ACME_KEY"), "{store:?}");
            assert!(!store.keep("X").contains(['{', '}']), "{store:?}");
        }
    }

    #[test]
    fn no_place_is_left_to_fill_in_and_no_command_is_told_a_value() {
        for &store in Store::ALL {
            let place = Place {
                store,
                vault: "v",
                app: "a",
            };
            let saved = store.save().map_or(&[][..], |save| save.command);
            let changed = store.change().map_or(&[][..], |change| change.command);
            let words = [saved, changed].map(|words| place.command(words, "MY_KEY"));
            let words = [&words.concat()[..], &place.read("MY_KEY")].concat();
            for word in words
                .iter()
                .chain([&place.reference("MY_KEY"), &store.start("t")])
            {
                let left = word.replace("${MY_KEY}", "");
                assert!(!left.contains(['{', '}']), "{store:?}: {word}");
            }
            let named = store.named_by(&place.reference("MY_KEY"), "MY_KEY");
            let (vault, app) = named.unwrap_or_else(|| ("v".to_owned(), "a".to_owned()));
            assert!(app == "a" && (vault == "v" || vault == store.usual_vault()));
            assert_eq!(store.named_by("op://v/a-OTHER/credential", "MY_KEY"), None);
            // What was handed over is read again.
            assert_eq!(saved.is_empty(), store.row().read.is_empty(), "{store:?}");
            assert_eq!(
                store.has_references(),
                store.start("t").contains('t') && store != Store::None && store != Store::Dotenvx
            );
        }
    }
}
