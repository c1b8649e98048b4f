//! What to do about a finding, told the same to people and to programs.
//!
//! What a file is, is told by its name alone: a report has nothing else. A wrong guess costs a
//! reader a second; it never hides a finding.

use super::page::LONGEST;
use super::text::{cut, seen_from};
use crate::change::{self, EntryKind, Ignored};
use crate::filetype;
use crate::finding::{Finding, Found};
use crate::rules;
use crate::shell::{pathspec, quoted, shown};
use crate::verdict::{OnRemote, Reach, Rewrite};
use crate::words::name::is_identifier;

/// When a key must be revoked.
pub(super) const WHEN_TO_REVOKE: &str = "if it was ever pushed or shared";

/// The same, by what is known of the remotes.
pub(super) fn when_to_revoke(finding: &Finding, reach: &Reach) -> String {
    match (reach, reach.of(finding.commit.as_ref())) {
        (Reach::Unknown, _) => WHEN_TO_REVOKE.to_owned(),
        // What is tracked is in commits that nobody asked about.
        (_, None) if finding.found == Found::TrackedFile => WHEN_TO_REVOKE.to_owned(),
        (_, None) => "not pushed yet, so only if it was shared".to_owned(),
        (_, Some(OnRemote { branch, since })) => {
            let branch = cut(&shown(branch), LONGEST).into_owned();
            match since {
                Some(date) => format!("now, since it is on {branch} since {date}"),
                None => format!("now, since it is on {branch} already"),
            }
        }
    }
}

/// Brings back the message that git keeps of a commit that was refused.
pub(super) const COMMIT_AGAIN: &str =
    "git commit -e -F \"$(git rev-parse --git-path COMMIT_EDITMSG)\"";

/// Stands for the variable where several findings have one mend.
pub(super) const ANY_VARIABLE: &str = "NAME";

/// What a reader is advised to do about a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Advised {
    /// What to do, as a sentence without its end; empty where the command says it.
    pub(super) words: String,
    /// The command that does it, to be copied as a whole.
    pub(super) command: Option<String>,
    /// What the command does, or what the code needs; empty where the text says it.
    pub(super) effect: String,
    /// The variable that the secret is read from, where somebody has to set it.
    pub(super) variable: Option<String>,
    /// Whether that means to edit the file, which is then staged again.
    pub(super) edits: bool,
}

impl Advised {
    fn edit(words: impl Into<String>) -> Self {
        Self {
            words: words.into(),
            command: None,
            effect: String::new(),
            variable: None,
            edits: true,
        }
    }

    fn command(words: &str, command: String, effect: &'static str) -> Self {
        Self {
            words: words.to_owned(),
            command: Some(command),
            effect: effect.to_owned(),
            variable: None,
            edits: false,
        }
    }

    /// All of it in one line.
    pub(super) fn told(&self) -> String {
        match &self.command {
            None => self.words.clone(),
            Some(command) if self.words.is_empty() => command.clone(),
            Some(command) => format!("{}: {command}", self.words),
        }
    }
}

/// Advice for a reader who stands in a directory of the repository: commands have paths as seen from
/// there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Advice<'d> {
    directory: &'d [u8],
}

impl<'d> Advice<'d> {
    /// For a reader at the top of the repository.
    pub(super) const FROM_TOP: Advice<'static> = Advice { directory: b"" };

    /// For a reader in that directory, from the top of the repository.
    pub(super) fn seen_from(directory: &'d [u8]) -> Self {
        Self { directory }
    }

    /// The mend for a finding.
    pub(super) fn mend(self, finding: &Finding) -> Advised {
        match &finding.found {
            Found::Secret { .. } => self.mend_with(finding, &env(finding)),
            Found::File { ignored } if finding.commit.is_none() => {
                self.mend_of_file(finding, ignored)
            }
            Found::File { .. } => Advised::command(
                "",
                self.ignore(&finding.path),
                "so that it stays out; the file stays",
            ),
            Found::TrackedFile => Advised::command("", self.forget(&finding.path), UNSTAGES),
        }
    }

    /// One mend for several secrets of a file.
    pub(super) fn mend_of_all<'f>(
        self,
        secrets: impl IntoIterator<Item = &'f Finding>,
    ) -> Option<Advised> {
        let mut secrets = secrets.into_iter();
        let first = secrets.next()?;
        let variable = env(first);
        let is_shared = secrets.all(|secret| env(secret) == variable);
        let variable = if is_shared { &variable } else { ANY_VARIABLE };
        Some(self.mend_with(first, variable))
    }

    /// The mend for a secret that is to be read from a variable.
    fn mend_with(self, secret: &Finding, variable: &str) -> Advised {
        if secret.is_in_name() {
            let command = "git mv OLD NEW".to_owned();
            return Advised::command("give it a name without the key", command, "");
        }
        if is_kept_out(secret) {
            return Advised::edit(
                "keep the key outside the repository: in a secret manager, or in ~/.ssh with ssh-agent",
            );
        }
        match secret.kind {
            EntryKind::Message => return Advised::edit("take it out of the message"),
            EntryKind::Header => {
                return Advised {
                    edits: false,
                    ..Advised::edit(header(&secret.path))
                };
            }
            EntryKind::Member => {
                return Advised::edit("take it out of what is packed, and pack that again");
            }
            EntryKind::File | EntryKind::Link | EntryKind::Submodule => {}
        }
        let mend = filetype::mend(&secret.path);
        let text = mend
            .text
            .replace("{env}", variable)
            .replace("{lower}", &variable.to_ascii_lowercase());
        match mend.ignore {
            true => Advised::command(&text, self.ignore(&secret.path), ""),
            false => Advised {
                effect: match mend.import {
                    "" => String::new(),
                    import => format!("needs {import}"),
                },
                variable: mend.reads_environment().then(|| variable.to_owned()),
                ..Advised::edit(text)
            },
        }
    }

    /// The mend for a guarded file with what it holds: one that a team commits stays, without the secrets.
    pub(super) fn mend_of_guarded(self, file: &Finding, holds: &[&Finding]) -> Advised {
        match holds {
            [first, ..] if filetype::mend(&file.path).shared => {
                let variable = env(first);
                let is_shared = holds.iter().all(|secret| env(secret) == variable);
                self.mend_with(first, if is_shared { &variable } else { ANY_VARIABLE })
            }
            _ => self.mend(file),
        }
    }

    fn mend_of_file(self, file: &Finding, ignored: &Ignored) -> Advised {
        match ignored {
            Ignored::ByRepository => Advised::command("", self.forget(&file.path), UNSTAGES),
            Ignored::No | Ignored::ByThisMachine(_) => Advised::command(
                "",
                self.ignore(&file.path),
                "adds it to .gitignore and unstages it; the file stays",
            ),
        }
    }

    /// The command that has git ignore a file.
    fn ignore(self, path: &[u8]) -> String {
        format!(
            "keyward ignore {}",
            quoted(&seen_from(path, self.directory))
        )
    }

    /// The command that takes a file out of the index.
    pub(super) fn forget(self, path: &[u8]) -> String {
        format!("git rm --cached -- {}", self.pathspec(path))
    }

    /// The command that stages files again.
    pub(super) fn stage<'p>(self, paths: impl IntoIterator<Item = &'p [u8]>) -> String {
        let paths: Vec<_> = paths.into_iter().map(|path| self.pathspec(path)).collect();
        format!("git add {}", paths.join(" "))
    }

    /// A path as a git pathspec that means it alone.
    pub(super) fn pathspec(self, path: &[u8]) -> String {
        pathspec(&seen_from(path, self.directory))
    }
}

/// The mend for a finding, in a sentence without its end, for a reader at the top of the repository.
pub(crate) fn mend_in_words(finding: &Finding) -> String {
    let mend = Advice::FROM_TOP.mend(finding);
    match mend.effect.as_str() {
        "" => mend.told(),
        effect => format!("{} ({effect})", mend.told()),
    }
}

const UNSTAGES: &str = "unstages it; the file stays";

/// What to do about a secret in what is recorded beside a message.
fn header(name: &[u8]) -> &'static str {
    const HEADERS: &[(&str, &str)] = &[
        (
            change::COMMIT_HEADER,
            "correct git config user.name and user.email, then: git commit --amend --reset-author",
        ),
        (
            change::REF_NAME,
            "give it a name without the key: git branch -m OLD NEW, or for a tag: git tag NEW OLD",
        ),
        (
            change::TAG_HEADER,
            "delete the tag and make it again without the key: git tag -d NAME",
        ),
    ];
    let row = HEADERS.iter().find(|(known, _)| known.as_bytes() == name);
    row.map_or("make it again without the key", |(_, mend)| mend)
}

/// The command that allows a finding.
pub(super) fn allow(id: &str) -> String {
    format!("keyward allow {id} --reason \"...\"")
}

/// How a secret comes out of its commit, or its tag.
pub(super) fn reopen(finding: &Finding, commit: &str, rewrite: &Rewrite) -> Advised {
    let is_of_tag = !finding.kind.has_path()
        && [change::TAG_MESSAGE, change::TAG_HEADER]
            .iter()
            .any(|name| finding.path == *name);
    if is_of_tag {
        // It says nothing of the object: a tag is made anew.
        let command = "git tag -d NAME".to_owned();
        return Advised::command("delete the tag and make it again", command, "");
    }
    // To open one after the other gives the others new names: one command for all of them.
    if rewrite.commits > 1 && rewrite.before_head {
        let words = format!("in {} commits", rewrite.commits);
        return Advised::command(&words, rewrite.command.clone(), "mark each of them `edit`");
    }
    let command = rewrite.of(commit, short(commit));
    let effect = match command == Rewrite::AMEND {
        true => "",
        false => "mark it `edit`",
    };
    Advised::command("in the commit", command, effect)
}

/// Words that say what a key opens.
const SORTS: &[&str] = &["admin", "live", "publishable", "root", "test"];

/// The sort of key that a finding is, if its rule says it, or the public start of its format.
pub(super) fn sort(finding: &Finding) -> Option<&'static str> {
    let shown = finding.secret.as_ref()?.redacted();
    // Of the last word, the secret has a part.
    let start = shown.rfind(|c: char| !c.is_alphanumeric() && c != '…');
    let start = &shown[..start.unwrap_or_default()];
    sort_of(&[&finding.rule, &finding.name, start])
}

/// The sort of key that some texts speak of.
pub(crate) fn sort_of(texts: &[&str]) -> Option<&'static str> {
    let mut words = texts
        .iter()
        .flat_map(|text| text.split(|c: char| !c.is_alphanumeric()));
    words.find_map(|word| {
        let mut sorts = SORTS.iter().copied();
        sorts.find(|sort| sort.eq_ignore_ascii_case(word))
    })
}

/// As much of a commit's id as people read.
pub(crate) fn short(commit: &str) -> &str {
    commit.get(..10).unwrap_or(commit)
}

/// The page on which a key is revoked, if its provider has one.
pub(super) fn revoke(finding: &Finding) -> Option<&str> {
    match &finding.found {
        Found::Secret { provider, .. } => Some(&*provider.revoke).filter(|page| !page.is_empty()),
        Found::File { .. } | Found::TrackedFile => None,
    }
}

/// The pages on which the use of a key is seen and its spending limited, each with what it is; those that its provider has.
pub(super) fn pages(finding: &Finding) -> impl Iterator<Item = (&'static str, &str)> {
    let provider = match &finding.found {
        Found::Secret { provider, .. } => Some(provider),
        Found::File { .. } | Found::TrackedFile => None,
    };
    let pages = provider.map(|it| [("usage", &*it.usage), ("limit", &*it.limit)]);
    pages
        .into_iter()
        .flatten()
        .filter(|(_, page)| !page.is_empty())
}

/// The environment variable that should hold a secret: the rule's, or one made from the rule's id.
pub(super) fn env(finding: &Finding) -> String {
    if let Found::Secret { env, .. } = &finding.found
        && is_identifier(env.as_bytes())
    {
        return env.to_string();
    }
    let made = finding
        .rule
        .trim_start_matches("generic-")
        .replace('-', "_")
        .to_ascii_uppercase();
    if is_identifier(made.as_bytes()) {
        made
    } else {
        "API_KEY".to_owned()
    }
}

fn is_kept_out(finding: &Finding) -> bool {
    let Found::Secret { mend, .. } = &finding.found else {
        return false;
    };
    *mend == rules::Mend::KeepOut
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::super::samples::{file, secret, tracked};
    use super::*;

    fn mend(path: &str) -> String {
        Advice::FROM_TOP.mend_with(&secret(path), "ACME_KEY").told()
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
        assert_eq!(environment("api/a.ts"), "process.env.ACME_KEY");
        assert_eq!(environment("webhooks/a.mjs"), "process.env.ACME_KEY");
        assert_eq!(environment("web/a.cjs"), "process.env.ACME_KEY");
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
    fn what_a_browser_runs_is_kept_on_a_server() {
        for path in [
            "app/a.tsx",
            "a.jsx",
            "src/App.vue",
            "b.svelte",
            "web/config.js",
            "x/Public/js/a.mjs",
            "apps/frontend/src/b.ts",
        ] {
            let expected = "keep it on a server, which reads process.env.ACME_KEY: every visitor can read what a page runs";
            assert_eq!(mend(path), expected, "{path}");
            let advised = Advice::FROM_TOP.mend_with(&secret(path), "ACME_KEY");
            assert_eq!(advised.variable, None);
        }
        assert_eq!(
            mend("web/config.php"),
            "read it from the environment: getenv('ACME_KEY')"
        );
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
            "store it as a masked and hidden CI/CD variable and read it there: $ACME_KEY"
        );
        assert_eq!(
            mend("deploy/Dockerfile.prod"),
            "pass it when the container runs (docker run -e ACME_KEY), or to one step of the build: RUN --mount=type=secret,id=acme_key,env=ACME_KEY; ARG and ENV stay in the image"
        );
        assert_eq!(
            mend("deploy/web.yaml"),
            "move it to the environment (ACME_KEY); in Kubernetes, to a Secret named by secretKeyRef"
        );
        assert_eq!(
            mend("main.tf"),
            "read it from a variable: var.acme_key, declared as sensitive and set with TF_VAR_acme_key"
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
    fn the_mend_of_a_platform_is_its_own_form() {
        for (paths, form) in [
            (
                &[".github/workflows/ci.yml", ".github/workflows/a.yaml"][..],
                "${{ secrets.ACME_KEY }}",
            ),
            (
                &["action.yml", "tools/setup/action.yaml"],
                "${{ inputs.acme_key }}",
            ),
            (
                &[
                    ".gitlab-ci.yml",
                    "sub/.gitlab-ci.yml",
                    ".gitlab/ci/test.yml",
                ],
                "variable and read it there: $ACME_KEY",
            ),
            (&[".circleci/config.yml"], "in a context"),
            (
                &[
                    "azure-pipelines.yml",
                    "azure-pipelines-nightly.yml",
                    ".azure-pipelines/a.yml",
                ],
                "under env: ACME_KEY: $(ACME_KEY)",
            ),
            (
                &["bitbucket-pipelines.yml"],
                "secured variable of the repository and read it there: $ACME_KEY",
            ),
            (
                &["Jenkinsfile", "ci/Jenkinsfile.nightly"],
                "credentials('acme_key')",
            ),
            (
                &[".drone.yml", ".woodpecker.yml", ".woodpecker/test.yaml"],
                "from_secret: acme_key",
            ),
            (&[".buildkite/pipeline.yml"], "$$ACME_KEY"),
            (&["cloudbuild.yaml"], "$$ACME_KEY"),
            (&[".travis.yml"], "$ACME_KEY"),
            (
                &["Dockerfile", "docker/Dockerfile.web", "Containerfile"],
                "RUN --mount=type=secret,id=acme_key,env=ACME_KEY",
            ),
            (&["compose.yaml", "docker-compose.prod.yml"], "${ACME_KEY}"),
            (
                &[
                    "charts/web/values.yaml",
                    "values-prod.yml",
                    "values.prod.yaml",
                ],
                "existingSecret",
            ),
            (&["k8s/base/kustomization.yaml"], "secretGenerator"),
            (&["k8s/deployment.yaml"], "secretKeyRef"),
            (&["main.tf"], "var.acme_key, declared as sensitive"),
            (&["prod.tfvars", "prod.auto.tfvars.json"], "TF_VAR_acme_key"),
            (
                &[
                    "group_vars/all.yml",
                    "host_vars/db/main.yml",
                    "playbook.yml",
                ],
                "ansible-vault encrypt_string --stdin-name acme_key",
            ),
            (
                &["wrangler.toml", "worker/wrangler.jsonc"],
                "wrangler secret put ACME_KEY",
            ),
            (&["vercel.json"], "vercel env add ACME_KEY"),
            (&["netlify.toml"], "secret variable: ACME_KEY"),
            (&["railway.json"], "sealed: ACME_KEY"),
            (&["fly.toml"], "fly secrets import"),
            (&["render.yaml"], "sync: false"),
            (
                &["serverless.yml"],
                "${ssm:/acme_key}, or from the environment: ${env:ACME_KEY}",
            ),
        ] {
            for path in paths {
                let told = mend(path);
                assert!(told.contains(form), "{path}: {told}");
            }
        }
    }

    #[test]
    fn files_of_secrets_are_kept_out_as_a_whole() {
        for path in [".env", "a/.env.local", "prod.env", ".netrc"] {
            let mend = Advice::FROM_TOP.mend(&secret(path));
            let command = format!("keep the file out of git: keyward ignore {path}");
            assert_eq!((mend.told(), mend.edits), (command, false), "{path}");
        }
        assert!(Advice::FROM_TOP.mend(&secret("a.py")).edits);
    }

    #[test]
    fn a_private_key_leaves_the_repository_whatever_the_file() {
        for path in ["src/app.py", ".env"] {
            let mut key = secret(path);
            let Found::Secret { mend, .. } = &mut key.found else {
                unreachable!("it is a secret")
            };
            *mend = rules::Mend::KeepOut;
            assert_eq!(
                Advice::FROM_TOP.mend(&key).told(),
                "keep the key outside the repository: in a secret manager, or in ~/.ssh with ssh-agent"
            );
        }
    }

    #[test]
    fn a_guarded_file_is_ignored_or_forgotten() {
        let mend = |finding: &Finding| Advice::seen_from(b"src/").mend(finding).told();
        let here = Ignored::ByThisMachine("/home/me/.gitignore".to_owned());
        for ignored in [Ignored::No, here] {
            assert_eq!(mend(&file("a/.env", ignored)), "keyward ignore ../a/.env");
        }
        let forced = file("src/.env", Ignored::ByRepository);
        assert_eq!(mend(&forced), "git rm --cached -- .env");
        assert_eq!(mend(&tracked("src/.env")), "git rm --cached -- .env");
        let mut made = forced;
        made.commit = Some("0123456789abcdef".into());
        assert_eq!(mend(&made), "keyward ignore .env");
    }

    #[test]
    fn secrets_of_one_file_share_a_mend() {
        let secrets = [secret("a.py"), secret("a.py")];
        let shared = Advice::FROM_TOP
            .mend_of_all(&secrets)
            .map(|mend| mend.told());
        assert_eq!(
            shared.as_deref(),
            Some(r#"read it from the environment: os.environ["ACME_API_KEY"]"#)
        );
        assert_eq!(Advice::FROM_TOP.mend_of_all([]), None);
    }

    #[test]
    fn the_variable_is_the_rules_or_made_from_its_id() {
        let named = |rule: &'static str, variable: &'static str| {
            let mut finding = secret("a.py");
            finding.rule = Cow::Borrowed(rule);
            if let Found::Secret { env, .. } = &mut finding.found {
                *env = Cow::Borrowed(variable);
            }
            super::env(&finding)
        };
        assert_eq!(named("acme-key", "ACME_API_KEY"), "ACME_API_KEY");
        assert_eq!(named("acme-secret-key", ""), "ACME_SECRET_KEY");
        assert_eq!(named("generic-password", ""), "PASSWORD");
        assert_eq!(named("acme-key", "X); rm"), "ACME_KEY");
        assert_eq!(named("é", "$(rm)"), "API_KEY");
    }
}
