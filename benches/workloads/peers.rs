//! Other hooks, timed where a variable names their program.

use std::ffi::OsString;

use crate::run::Program;
use crate::scratch::Scratch;

/// A peer and where its program is.
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    program: OsString,
    staged: &'static str,
    tree: &'static str,
}

/// The variable, the name, the command over what is staged and the command over a tree. `$P` is the
/// program. The file names of the commit go to those that read files, as their hooks do it.
const PEERS: [(&str, &str, &str, &str); 7] = [
    (
        "GITLEAKS",
        "gitleaks",
        r#""$P" git --pre-commit --staged --no-banner --redact ."#,
        r#""$P" dir --no-banner --redact ."#,
    ),
    (
        "RIPSECRETS",
        "ripsecrets",
        r#"git diff --cached --name-only -z | xargs -0 "$P" --strict-ignore"#,
        r#""$P" ."#,
    ),
    (
        "KINGFISHER",
        "Kingfisher",
        r#""$P" scan . --staged --no-validate --no-update-check --quiet"#,
        r#""$P" scan . --git-history none --no-validate --no-update-check --quiet"#,
    ),
    (
        "TRUFFLEHOG",
        "TruffleHog",
        r#""$P" git file://. --since-commit HEAD --no-verification --no-update --fail"#,
        r#""$P" filesystem . --no-verification --no-update"#,
    ),
    (
        "DETECT_SECRETS_HOOK",
        "detect-secrets",
        r#"git diff --cached --name-only -z | xargs -0 "$P""#,
        r#"git ls-files -z | xargs -0 "$P""#,
    ),
    (
        "SECRETLINT",
        "secretlint",
        r#"git diff --cached --name-only -z | xargs -0 "$P" --secretlintrcJSON '{"rules":[{"id":"@secretlint/secretlint-rule-preset-recommend"}]}'"#,
        r#""$P" --secretlintrcJSON '{"rules":[{"id":"@secretlint/secretlint-rule-preset-recommend"}]}' '**/*'"#,
    ),
    (
        "CREDSWEEPER",
        "CredSweeper",
        r#"git diff --cached --name-only -z | xargs -0 "$P" --error --path"#,
        r#""$P" --error --path ."#,
    ),
];

impl Peer {
    /// Those whose programs the environment names.
    pub(crate) fn from_env() -> Vec<Self> {
        PEERS
            .iter()
            .filter_map(|&(variable, name, staged, tree)| {
                let program = std::env::var_os(variable).filter(|value| !value.is_empty())?;
                Some(Self {
                    name,
                    program,
                    staged,
                    tree,
                })
            })
            .collect()
    }

    /// The peer as a hook.
    pub(crate) fn staged(&self, scratch: &Scratch) -> Program {
        self.shell(scratch, self.staged)
    }

    /// The peer over a working tree.
    pub(crate) fn tree(&self, scratch: &Scratch) -> Program {
        self.shell(scratch, self.tree)
    }

    fn shell(&self, scratch: &Scratch, line: &str) -> Program {
        scratch
            .program(["timeout", "120", "sh", "-c", line])
            .with("P", &self.program)
    }
}
