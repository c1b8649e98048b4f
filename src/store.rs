//! Where a team keeps its secrets, so that a mend says where the value goes.

use crate::table::table;

/// A row of the table of stores.
struct Row {
    /// The word in the settings.
    word: &'static str,
    /// Where the value goes; `{env}` stands for the variable.
    keep: &'static str,
    /// What starts a program with the values; empty if there is no such command.
    run: &'static str,
}

table! {
    /// A store of secrets.
    #[derive(Default)]
    pub enum Store of Row {
        /// None that keyward knows.
        #[default]
        None = Row {
            word: "none",
            keep: "put {env}=... into .env, which git must ignore; in CI, among its secrets",
            run: "",
        },
        /// 1Password.
        OnePassword = Row {
            word: "1password",
            keep: "put it into 1Password, and {env}=op://VAULT/ITEM/FIELD into .env.tpl",
            run: "op run --env-file=.env.tpl -- COMMAND",
        },
        /// Secrets Manager of AWS.
        Aws = Row {
            word: "aws",
            keep: "put it into AWS Secrets Manager as {env}, and let the task read it from there",
            run: "",
        },
        /// Key Vault of Azure.
        Azure = Row {
            word: "azure",
            keep: "put it into Azure Key Vault, and set {env} by a reference: @Microsoft.KeyVault(...)",
            run: "",
        },
        /// Secrets Manager of Bitwarden.
        Bitwarden = Row {
            word: "bitwarden",
            keep: "put it into Bitwarden Secrets Manager as {env}",
            run: "bws run -- COMMAND",
        },
        /// Doppler, which asks for the value.
        Doppler = Row {
            word: "doppler",
            keep: "put it into Doppler, which asks for the value: doppler secrets set {env}",
            run: "doppler run -- COMMAND",
        },
        /// dotenvx.
        Dotenvx = Row {
            word: "dotenvx",
            keep: "put {env}=... into .env, and encrypt that before git sees it: dotenvx encrypt",
            run: "dotenvx run -- COMMAND",
        },
        /// Secret Manager of Google Cloud.
        Gcp = Row {
            word: "gcp",
            keep: "put it into Google Secret Manager: gcloud secrets create {env} --data-file=-",
            run: "",
        },
        /// Infisical.
        Infisical = Row {
            word: "infisical",
            keep: "put it into Infisical as {env}",
            run: "infisical run -- COMMAND",
        },
        /// pass, which asks for the value.
        Pass = Row {
            word: "pass",
            keep: "put it into pass, which asks for the value: pass insert {env}",
            run: "",
        },
        /// SOPS.
        Sops = Row {
            word: "sops",
            keep: "put {env} into the encrypted file: sops edit secrets.env",
            run: "sops exec-env secrets.env 'COMMAND'",
        },
        /// HashiCorp Vault, which reads the value from standard input.
        Vault = Row {
            word: "vault",
            keep: "put it into Vault, from standard input: vault kv put secret/APP {env}=-",
            run: "",
        },
    }
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

    /// Where the value of a variable goes.
    pub(crate) fn keep(self, variable: &str) -> String {
        self.row().keep.replace("{env}", variable)
    }

    /// What starts a program with the values; empty if there is no such command.
    pub(crate) const fn run(self) -> &'static str {
        self.row().run
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
}
