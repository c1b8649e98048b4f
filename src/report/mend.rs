//! How to mend a finding, in the words of the file that it is in.
//!
//! What a file is, is told by its name alone: a report has nothing else. A wrong guess costs a
//! reader a second; it never hides a finding.

use bstr::{BStr, ByteSlice};

use crate::change::EntryKind;
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
    let place = place(finding.path.as_ref());
    Mend {
        text: place
            .text
            .replace("{env}", env)
            .replace("{lower}", &env.to_ascii_lowercase()),
        way: place.way,
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

/// What to do in one kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    /// `{env}` is the variable, `{lower}` the same in lower case.
    text: &'static str,
    way: Way,
}

const fn edit(text: &'static str) -> Place {
    Place {
        text,
        way: Way::Edit,
    }
}

const fn keep_out(text: &'static str) -> Place {
    Place {
        text,
        way: Way::KeepOut,
    }
}

const ANY: Place =
    edit("take it out, and read it from the environment variable {env} where it is used");
const BRACES: Place = edit("read it from the environment: ${{env}}");
const C: Place = edit("read it from the environment: getenv(\"{env}\")");
const CI_SETTINGS: Place = edit("store it in the project's CI settings and read it there: ${env}");
const COMPOSE: Place =
    edit("read it from the environment: ${{env}}, set in an .env file that git ignores");
const CONFIG: Place = edit("move it to the environment ({env}), or to a file that git ignores");
const CPP: Place = edit("read it from the environment: std::getenv(\"{env}\")");
const DOCKERFILE: Place = edit(
    "pass it when the container runs (docker run -e {env}) or build with --secret; ARG and ENV stay in the image",
);
const DOCS: Place = edit("write a placeholder in its place: <{env}>");
const DOTENV: Place = keep_out("keep the file out of git");
const DOTNET: Place =
    edit("read it from the environment: Environment.GetEnvironmentVariable(\"{env}\")");
const ELIXIR: Place = edit("read it from the environment: System.fetch_env!(\"{env}\")");
const GITHUB_ACTIONS: Place = edit(
    "store it in the repository's settings, under secrets, and read it there: ${{ secrets.{env} }}",
);
const GITLAB_CI: Place = edit("store it as a masked CI/CD variable and read it there: ${env}");
const HTML: Place = edit("keep it on the server: every visitor can read what a page holds");
const JAVA: Place = edit("read it from the environment: System.getenv(\"{env}\")");
const JAVASCRIPT: Place = edit("read it from the environment: process.env.{env}");
const NOTEBOOK: Place =
    edit("read it in the cell: os.environ[\"{env}\"], and clear every output that shows it");
const OBJECTIVE_C: Place =
    edit("read it from the environment: NSProcessInfo.processInfo.environment[@\"{env}\"]");
const PERL: Place = edit("read it from the environment: $ENV{{env}}");
const PHP: Place = edit("read it from the environment: getenv('{env}')");
const POWERSHELL: Place = edit("read it from the environment: $env:{env}");
const PYTHON: Place = edit("read it from the environment: os.environ[\"{env}\"]");
const R: Place = edit("read it from the environment: Sys.getenv(\"{env}\")");
const RUBY: Place = edit("read it from the environment: ENV.fetch(\"{env}\")");
const SHELL: Place = edit("read it from the environment: \"${env}\"");
const SQL: Place = edit("pass it in when the script runs");
const STATE: Place = keep_out("keep the file out of git: it holds every secret it has seen");
const TERRAFORM: Place = edit("read it from a variable: var.{lower}, set with TF_VAR_{lower}");
const TFVARS: Place = edit("take it out and set TF_VAR_{lower} in the environment");
const YAML: Place =
    edit("move it to the environment ({env}); in Kubernetes, to a Secret named by secretKeyRef");

/// By the whole name, in lower case and in order.
const NAMES: &[(&str, Place)] = &[
    (".bash_profile", SHELL),
    (".bashrc", SHELL),
    (".drone.yml", CI_SETTINGS),
    (".env", DOTENV),
    (".envrc", DOTENV),
    (".git-credentials", DOTENV),
    (".gitlab-ci.yaml", GITLAB_CI),
    (".gitlab-ci.yml", GITLAB_CI),
    (".netrc", DOTENV),
    (".npmrc", BRACES),
    (".pgpass", DOTENV),
    (".profile", SHELL),
    (".pypirc", DOTENV),
    (".travis.yml", CI_SETTINGS),
    (".yarnrc.yml", BRACES),
    (".zshenv", SHELL),
    (".zshrc", SHELL),
    ("bitbucket-pipelines.yml", CI_SETTINGS),
    ("cloudbuild.yaml", CI_SETTINGS),
    ("compose.yaml", COMPOSE),
    ("compose.yml", COMPOSE),
    ("containerfile", DOCKERFILE),
    ("credentials", DOTENV),
    ("docker-compose.yaml", COMPOSE),
    ("docker-compose.yml", COMPOSE),
    ("dockerfile", DOCKERFILE),
    ("gemfile", RUBY),
    (
        "gnumakefile",
        edit("read it from the environment: $({env})"),
    ),
    (
        "jenkinsfile",
        edit("store it in Jenkins and read it there: credentials('{lower}')"),
    ),
    ("makefile", edit("read it from the environment: $({env})")),
    ("rakefile", RUBY),
    ("readme", DOCS),
    ("vagrantfile", RUBY),
];

/// By what follows the last dot, in lower case and in order.
const EXTENSIONS: &[(&str, Place)] = &[
    ("adoc", DOCS),
    ("astro", JAVASCRIPT),
    ("bash", SHELL),
    ("bat", edit("read it from the environment: %{env}%")),
    ("c", C),
    ("cc", CPP),
    ("cfg", CONFIG),
    ("cjs", JAVASCRIPT),
    (
        "clj",
        edit("read it from the environment: (System/getenv \"{env}\")"),
    ),
    ("cmake", edit("read it from the environment: $ENV{{env}}")),
    ("cmd", edit("read it from the environment: %{env}%")),
    ("conf", CONFIG),
    ("config", CONFIG),
    ("cpp", CPP),
    ("cr", RUBY),
    ("cs", DOTNET),
    ("cshtml", DOTNET),
    ("csx", DOTNET),
    ("cts", JAVASCRIPT),
    ("cxx", CPP),
    (
        "dart",
        edit("read it from the environment: Platform.environment['{env}']"),
    ),
    ("dockerfile", DOCKERFILE),
    ("env", DOTENV),
    ("erb", RUBY),
    (
        "erl",
        edit("read it from the environment: os:getenv(\"{env}\")"),
    ),
    ("ex", ELIXIR),
    ("exs", ELIXIR),
    ("fish", SHELL),
    ("fs", DOTNET),
    (
        "go",
        edit("read it from the environment: os.Getenv(\"{env}\")"),
    ),
    ("gradle", JAVA),
    ("groovy", JAVA),
    ("h", C),
    ("hpp", CPP),
    ("hs", edit("read it from the environment: getEnv \"{env}\"")),
    ("htm", HTML),
    ("html", HTML),
    ("ini", CONFIG),
    ("ipynb", NOTEBOOK),
    ("java", JAVA),
    ("jl", edit("read it from the environment: ENV[\"{env}\"]")),
    ("js", JAVASCRIPT),
    ("json", CONFIG),
    ("json5", CONFIG),
    ("jsonc", CONFIG),
    ("jsx", JAVASCRIPT),
    ("ksh", SHELL),
    ("kt", JAVA),
    ("kts", JAVA),
    (
        "lua",
        edit("read it from the environment: os.getenv(\"{env}\")"),
    ),
    ("m", OBJECTIVE_C),
    ("markdown", DOCS),
    ("md", DOCS),
    ("mdx", DOCS),
    ("mjs", JAVASCRIPT),
    ("mk", edit("read it from the environment: $({env})")),
    (
        "ml",
        edit("read it from the environment: Sys.getenv \"{env}\""),
    ),
    ("mm", OBJECTIVE_C),
    ("mts", JAVASCRIPT),
    (
        "nim",
        edit("read it from the environment: getEnv(\"{env}\")"),
    ),
    ("php", PHP),
    ("phtml", PHP),
    ("pl", PERL),
    ("plist", CONFIG),
    ("pm", PERL),
    (
        "properties",
        edit("read it from the environment, where the framework can: ${{env}}"),
    ),
    ("ps1", POWERSHELL),
    ("psm1", POWERSHELL),
    ("py", PYTHON),
    ("pyi", PYTHON),
    ("pyw", PYTHON),
    ("r", R),
    ("rake", RUBY),
    ("rb", RUBY),
    ("rmd", R),
    (
        "rs",
        edit("read it from the environment: std::env::var(\"{env}\")"),
    ),
    ("rst", DOCS),
    (
        "sbt",
        edit("read it from the environment: sys.env(\"{env}\")"),
    ),
    (
        "scala",
        edit("read it from the environment: sys.env(\"{env}\")"),
    ),
    ("sh", SHELL),
    ("sql", SQL),
    ("svelte", JAVASCRIPT),
    (
        "swift",
        edit("read it from the environment: ProcessInfo.processInfo.environment[\"{env}\"]"),
    ),
    ("tf", TERRAFORM),
    ("tfstate", STATE),
    ("tfvars", TFVARS),
    ("toml", CONFIG),
    ("ts", JAVASCRIPT),
    ("tsx", JAVASCRIPT),
    ("vb", DOTNET),
    ("vue", JAVASCRIPT),
    ("xml", CONFIG),
    ("yaml", YAML),
    ("yml", YAML),
    ("zsh", SHELL),
];

/// The kind of file that a path names: by its directory where that says most, then by its whole
/// name, then by what the name begins with, then by its extension.
fn place(path: &BStr) -> Place {
    let path = path.to_ascii_lowercase();
    let (directory, name) = match path.rfind_byte(b'/') {
        Some(slash) => path.split_at(slash + 1),
        None => path.split_at(0),
    };
    let extension = match name.rfind_byte(b'.') {
        Some(dot) => &name[dot + 1..],
        None => &[][..],
    };
    let is_yaml = matches!(extension, b"yml" | b"yaml");
    let in_github = is_yaml && directory.contains_str(".github/");
    if in_github && !name.starts_with(b"dependabot.") {
        return GITHUB_ACTIONS;
    }
    if is_yaml && directory.contains_str(".circleci/") {
        return CI_SETTINGS;
    }
    if is_yaml && name.starts_with(b"azure-pipelines") {
        return edit("store it as a secret variable of the pipeline and read it there: $({env})");
    }
    if let Some(place) = find(NAMES, name) {
        return place;
    }
    let begins = |start: &str| name.starts_with(start.as_bytes());
    if begins("dockerfile.") || begins("containerfile.") {
        return DOCKERFILE;
    }
    if is_yaml && (begins("docker-compose") || begins("compose.")) {
        return COMPOSE;
    }
    if begins(".env.") {
        let is_template = ["example", "sample", "template", "dist", "tpl", "defaults"]
            .iter()
            .any(|word| extension == word.as_bytes());
        return if is_template { DOCS } else { DOTENV };
    }
    find(EXTENSIONS, extension).unwrap_or(ANY)
}

fn find(table: &[(&str, Place)], key: &[u8]) -> Option<Place> {
    table
        .binary_search_by(|(name, _)| name.as_bytes().cmp(key))
        .ok()
        .map(|at| table[at].1)
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::super::samples::{secret, secret_with};
    use super::*;
    use crate::finding::{Provider, Secret};

    fn mend(path: &str) -> String {
        of(&secret(path), "ACME_KEY").text
    }

    #[test]
    fn tables_are_sorted_and_hold_each_name_once() {
        assert!(NAMES.is_sorted_by(|a, b| a.0 < b.0));
        assert!(EXTENSIONS.is_sorted_by(|a, b| a.0 < b.0));
        let lower = |name: &str| name == name.to_ascii_lowercase();
        assert!(NAMES.iter().chain(EXTENSIONS).all(|(name, _)| lower(name)));
    }

    #[test]
    fn no_braces_are_left_to_fill() {
        for (name, place) in NAMES.iter().chain(EXTENSIONS) {
            let left = place.text.replace("{env}", "").replace("{lower}", "");
            let code = left
                .replace("${}", "")
                .replace("$ENV{}", "")
                .replace("${{ secrets. }}", "");
            assert!(!code.contains(['{', '}']), "{name}: {}", place.text);
        }
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
                provider: Box::leak(Box::new(Provider {
                    kind: Cow::Borrowed(kind),
                    ..Provider::default()
                })),
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
