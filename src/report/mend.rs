//! How to mend a finding, in the words of the file that it is in.
//!
//! What a file is, is told by its name alone: a report has nothing else. A wrong guess costs a
//! reader a second; it never hides a finding.

use bstr::ByteSlice;

use crate::change::EntryKind;
use crate::filetype;
use crate::finding::{Finding, Found};

/// What a reader should do about a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mend {
    /// What to do, as a sentence without its end.
    pub(super) text: String,
    /// Whether that means to edit the file, or to keep the whole file out of git.
    pub(super) way: Way,
}

/// What becomes of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// It is edited, then staged again.
    Edit,
    /// It stays on disk and out of git.
    KeepOut,
}

/// The mend for a secret, which is to be read from the variable `env`.
pub(super) fn of(finding: &Finding, env: &str) -> Mend {
    if is_private_key(finding) {
        return Mend {
            text: "keep the key outside the repository: in a secret manager, or in ~/.ssh with ssh-agent".to_owned(),
            way: Way::Edit,
        };
    }
    if finding.kind == EntryKind::Message {
        return Mend {
            text: "take it out of the message".to_owned(),
            way: Way::Edit,
        };
    }
    let mend = filetype::mend(&finding.path);
    Mend {
        text: mend
            .text
            .replace("{env}", env)
            .replace("{lower}", &env.to_ascii_lowercase()),
        way: if mend.ignore { Way::KeepOut } else { Way::Edit },
    }
}

/// The command that takes a secret out of a commit that is made already; `None` if none is.
pub(super) fn rewrite(finding: &Finding) -> Option<String> {
    let commit = short(finding.commit.as_deref()?);
    Some(match finding.path.as_bytes() {
        // It says nothing of the object: a tag is made anew.
        b"tag message" if finding.kind == EntryKind::Message => {
            "delete the tag and make it anew: git tag -d NAME".to_owned()
        }
        _ => format!(
            "git rebase -i {commit}^ (mark it `edit`), or git commit --amend if it is the last"
        ),
    })
}

/// As much of a commit's id as people read.
pub(super) fn short(commit: &str) -> &str {
    commit.get(..10).unwrap_or(commit)
}

/// The environment variable that should hold the secret: the rule's, or one made from the rule's
/// id.
pub(super) fn env(finding: &Finding) -> String {
    if let Found::Secret { env, provider, .. } = &finding.found {
        if is_identifier(env) {
            return env.to_string();
        }
        let pieces: Vec<&str> = finding.rule.split('-').collect();
        let is_url = ["url", "uri", "dsn", "connection"]
            .iter()
            .any(|word| pieces.contains(word));
        if provider.kind == "database" && is_url {
            return "DATABASE_URL".to_owned();
        }
    }
    let made = finding
        .rule
        .trim_start_matches("generic-")
        .replace('-', "_")
        .to_ascii_uppercase();
    if is_identifier(&made) {
        made
    } else {
        "API_KEY".to_owned()
    }
}

/// A rule of the user's may name any variable; only what is one in every language is quoted in
/// code.
fn is_identifier(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes
        .next()
        .is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// A key in armour, or its body. Keys of other shapes, a wallet's for one, fit into a variable.
fn is_private_key(finding: &Finding) -> bool {
    match &finding.found {
        Found::Secret { secret, .. } => {
            secret.redacted().starts_with("----") || finding.rule.starts_with("private-key")
        }
        Found::File { .. } | Found::TrackedFile => false,
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::super::samples::{secret, secret_with};
    use super::*;
    use crate::finding::Secret;
    use crate::rules::Provider;

    fn mend(path: &str) -> String {
        of(&secret(path), "ACME_KEY").text
    }

    #[test]
    fn the_mend_is_in_the_language_of_the_file() {
        let environment = |path: &str| {
            let text = mend(path);
            text.strip_prefix("read it from the environment: ")
                .map(str::to_owned)
                .unwrap_or(text)
        };
        assert_eq!(environment("src/app.py"), r#"os.environ["ACME_KEY"]"#);
        assert_eq!(environment("SRC/APP.PY"), r#"os.environ["ACME_KEY"]"#);
        assert_eq!(environment("web/a.tsx"), "process.env.ACME_KEY");
        assert_eq!(environment("web/a.mjs"), "process.env.ACME_KEY");
        assert_eq!(environment("main.go"), r#"os.Getenv("ACME_KEY")"#);
        assert_eq!(environment("main.rs"), r#"std::env::var("ACME_KEY")"#);
        assert_eq!(environment("Main.java"), r#"System.getenv("ACME_KEY")"#);
        assert_eq!(environment("main.kt"), r#"System.getenv("ACME_KEY")"#);
        assert_eq!(environment("a.rb"), r#"ENV.fetch("ACME_KEY")"#);
        assert_eq!(environment("a.php"), "getenv('ACME_KEY')");
        assert_eq!(
            environment("a.cs"),
            r#"Environment.GetEnvironmentVariable("ACME_KEY")"#
        );
        assert_eq!(
            environment("a.swift"),
            r#"ProcessInfo.processInfo.environment["ACME_KEY"]"#
        );
        assert_eq!(environment("a.c"), r#"getenv("ACME_KEY")"#);
        assert_eq!(environment("a.cpp"), r#"std::getenv("ACME_KEY")"#);
        assert_eq!(environment("bin/deploy.sh"), r#""$ACME_KEY""#);
        assert_eq!(environment("a.ps1"), "$env:ACME_KEY");
        assert_eq!(environment("a.pl"), "$ENV{ACME_KEY}");
        assert_eq!(environment("Makefile"), "$(ACME_KEY)");
        assert_eq!(environment(".npmrc"), "${ACME_KEY}");
    }

    #[test]
    fn the_mend_knows_where_services_keep_their_secrets() {
        assert_eq!(
            mend("docker-compose.prod.yml"),
            "read it from the environment: ${ACME_KEY}, set in an .env file that git ignores"
        );
        assert_eq!(
            mend(".github/workflows/ci.yml"),
            "store it in the repository's settings, under secrets, and read it there: ${{ secrets.ACME_KEY }}"
        );
        assert_eq!(
            mend("sub/.gitlab-ci.yml"),
            "store it as a masked CI/CD variable and read it there: $ACME_KEY"
        );
        assert_eq!(
            mend("deploy/Dockerfile.prod"),
            "pass it when the container runs (docker run -e ACME_KEY) or build with --secret; ARG and ENV stay in the image"
        );
        assert_eq!(
            mend("charts/web/values.yaml"),
            "move it to the environment (ACME_KEY); in Kubernetes, to a Secret named by secretKeyRef"
        );
        assert_eq!(
            mend("main.tf"),
            "read it from a variable: var.acme_key, set with TF_VAR_acme_key"
        );
        assert_eq!(
            mend("settings.json"),
            "move it to the environment (ACME_KEY), or to a file that git ignores"
        );
        assert_eq!(
            mend("a.ipynb"),
            r#"read it in the cell: os.environ["ACME_KEY"], and clear every output that shows it"#
        );
        assert_eq!(
            mend("README.md"),
            "write a placeholder in its place: <ACME_KEY>"
        );
        assert_eq!(
            mend(".env.example"),
            "write a placeholder in its place: <ACME_KEY>"
        );
        assert_eq!(
            mend("notes"),
            "take it out, and read it from the environment variable ACME_KEY where it is used"
        );
    }

    #[test]
    fn files_of_secrets_are_kept_out_as_a_whole() {
        for path in [".env", "a/.env.local", "prod.env", ".netrc"] {
            assert_eq!(of(&secret(path), "X").way, Way::KeepOut, "{path}");
        }
        assert_eq!(of(&secret("a.py"), "X").way, Way::Edit);
    }

    #[test]
    fn a_private_key_leaves_the_repository_whatever_the_file() {
        let armour = secret_with(
            "src/app.py",
            "",
            &format!("{}BEGIN {}", "-".repeat(5), "x".repeat(60)),
        );
        let mut body = secret("src/app.py");
        body.rule = Cow::Borrowed("private-key-pem");
        for finding in [armour, body] {
            assert_eq!(
                of(&finding, "X").text,
                "keep the key outside the repository: in a secret manager, or in ~/.ssh with ssh-agent"
            );
        }
    }

    #[test]
    fn the_variable_is_the_rules_or_made_from_its_id() {
        let named = |rule: &'static str, kind: &'static str, env: &'static str| {
            let mut finding = secret("a.py");
            finding.rule = Cow::Borrowed(rule);
            finding.found = Found::Secret {
                secret: Secret::new(b"acme_", 5),
                provider: Provider {
                    kind: Cow::Borrowed(kind),
                    ..Provider::default()
                }
                .into(),
                env: Cow::Borrowed(env),
            };
            super::env(&finding)
        };
        assert_eq!(named("acme-key", "ai", "ACME_API_KEY"), "ACME_API_KEY");
        assert_eq!(named("acme-secret-key", "ai", ""), "ACME_SECRET_KEY");
        assert_eq!(named("generic-password", "other", ""), "PASSWORD");
        assert_eq!(named("postgres-url", "database", ""), "DATABASE_URL");
        assert_eq!(named("acme-key", "ai", "X); rm"), "ACME_KEY");
        assert_eq!(named("é", "ai", "$(rm)"), "API_KEY");
    }
}
