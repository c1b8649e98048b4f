//! A team: one policy by git URL, two clones with different tools for hooks, and a server. A secret
//! is refused on every way by which a commit is made or handed on.

#![cfg(unix)]

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{Ran, Reading, Scratch, anthropic_key, letters, run, write_script};

/// What only the shared policy knows, and that every commit is to be checked.
const POLICY: &str = "[hooks]\nunchecked = 'deny'\n\n[[rule]]\nid = 'ourco-deploy-token'\n\
                      name = 'OurCo deploy token'\nformat = 'ourco_<base62:32>'\n";

/// The hooks that the policy asks for.
const STAGES: [&str; 6] = [
    "pre-commit",
    "pre-merge-commit",
    "prepare-commit-msg",
    "commit-msg",
    "post-commit",
    "pre-push",
];

/// Programs that set hooks up; without one, the test lays out what it would write.
#[derive(Default)]
struct Tools {
    husky: Option<String>,
    pre_commit: Option<String>,
}

/// A secret that keyward knows, and below it one that the shared policy knows.
fn secrets() -> String {
    let body = letters(32);
    format!("{}\n{}{body}\n", anthropic_key(), concat!("our", "co_"))
}

/// Both secrets are told, and neither is shown.
fn refused(ran: &Ran, occasion: &str, secrets: &str) {
    let told = format!("{}{}", ran.stdout, ran.stderr);
    assert_ne!(ran.code, Some(0), "{occasion}: {told}");
    for said in [occasion, "Anthropic API key", "OurCo deploy token"] {
        assert!(told.contains(said), "{said}: {told}");
    }
    for secret in secrets.lines() {
        assert!(!told.contains(&secret[20..]), "it shows a secret");
    }
}

/// One person's clone.
struct Desk<'s> {
    scratch: &'s Scratch,
    dir: PathBuf,
}

impl<'s> Desk<'s> {
    fn clone(scratch: &'s Scratch, name: &str) -> Self {
        let dir = scratch.root().join(name);
        let server = scratch.root().join("server.git");
        let url = format!("file://{}", server.display());
        scratch.git(&["clone", "-q", &url, dir.to_str().unwrap()]);
        Self { scratch, dir }
    }

    fn run(&self, program: &str, args: &[&str]) -> Ran {
        let mut command = self.scratch.command(program);
        run(command.current_dir(&self.dir).args(args))
    }

    fn keyward(&self, args: &[&str]) -> Ran {
        self.run(env!("CARGO_BIN_EXE_keyward"), args)
    }

    fn try_git(&self, args: &[&str]) -> Ran {
        self.run("git", args)
    }

    fn git(&self, args: &[&str]) -> String {
        self.scratch.git_in(&self.dir, args)
    }

    fn add(&self, name: &str, content: &str) {
        fs::write(self.dir.join(name), content).unwrap();
        self.git(&["add", "--", name]);
    }

    /// A commit that no hook sees.
    fn commit_unseen(&self, name: &str, content: &str) -> String {
        self.add(name, content);
        let unseen = ["-c", "core.hooksPath=/dev/null"];
        self.git(&[&unseen[..], &["commit", "-q", "-m", "unseen"]].concat());
        self.git(&["rev-parse", "HEAD"])
    }

    /// Goes back to what the server has.
    fn reset(&self) {
        self.git(&["checkout", "-q", "-f", "main"]);
        self.git(&["reset", "-q", "--hard", "origin/main"]);
    }

    /// Runs git, which must be refused, make no commit and leave the branch where it is.
    fn is_refused(&self, args: &[&str], occasion: &str, secrets: &str) {
        let before = self.git(&["rev-parse", "HEAD"]);
        refused(&self.try_git(args), occasion, secrets);
        assert_eq!(self.git(&["rev-parse", "HEAD"]), before, "{args:?}");
    }

    /// As husky does it: `core.hooksPath` leads to scripts that run those of the team.
    fn set_up_husky(&self, husky: Option<&str>) {
        if let Some(husky) = husky {
            self.run(husky, &[]).passes();
            return;
        }
        let own = self.dir.join(".husky/_");
        for kind in STAGES {
            write_script(
                &own.join(kind),
                "#!/usr/bin/env sh\n. \"$(dirname \"$0\")/h\"\n",
            );
        }
        fs::write(
            own.join("h"),
            "team=$(dirname \"$(dirname \"$0\")\")/$(basename \"$0\")\n\
             [ -f \"$team\" ] || exit 0\nsh -e \"$team\" \"$@\"\n",
        )
        .unwrap();
        fs::write(own.join(".gitignore"), "*\n").unwrap();
        self.git(&["config", "core.hooksPath", ".husky/_"]);
    }

    /// As pre-commit does it: its scripts run what the team's file names. Of a push, the hooks are
    /// told by variables.
    fn set_up_pre_commit(&self, pre_commit: Option<&str>) {
        if let Some(pre_commit) = pre_commit {
            self.run(pre_commit, &["install"]).passes();
            return;
        }
        for kind in STAGES {
            let call = match kind {
                "pre-push" => {
                    "read -r ref new rest || exit 0\n\
                     export PRE_COMMIT_REMOTE_NAME=\"$1\" PRE_COMMIT_LOCAL_BRANCH=\"$ref\" \
                     PRE_COMMIT_TO_REF=\"$new\"\n\
                     exec keyward hook pre-push </dev/null\n"
                }
                _ => "exec keyward hook \"${0##*/}\" \"$@\"\n",
            };
            let text = format!(
                "#!/usr/bin/env bash\n# File generated by pre-commit: https://pre-commit.com\n{call}"
            );
            write_script(&self.dir.join(".git/hooks").join(kind), &text);
        }
    }

    /// Every way that a commit is made here.
    fn assert_guarded(&self) {
        let committed = "nothing was committed";
        let secrets = secrets();
        let git = |args: &[&str]| self.try_git(args);

        // What is clean goes all the way.
        self.add(&self.name(), "one\n");
        git(&["commit", "-q", "-m", "clean"]).passes();
        self.git(&["checkout", "-q", "-b", "side", "HEAD~1"]);
        self.add("side.txt", &self.name());
        git(&["commit", "-q", "-m", "side"]).passes();
        self.git(&["checkout", "-q", "main"]);
        git(&["merge", "-q", "--no-ff", "--no-edit", "side"]).passes();
        self.add("picked.txt", &self.name());
        git(&["commit", "-q", "-m", "to be picked"]).passes();
        self.git(&["checkout", "-q", "-B", "side", "HEAD~1"]);
        git(&["cherry-pick", "main"]).passes();
        self.git(&["checkout", "-q", "main"]);
        git(&["push", "-q", "origin", "main"]).passes();

        // Commits: plain, of all that is tracked, of a path, amended, without verification.
        self.add("key.txt", &secrets);
        for args in [
            &["commit", "-q", "-m", "key"][..],
            &["commit", "-q", "-m", "key", "key.txt"],
            &["commit", "-q", "--amend", "--no-edit"],
            &["commit", "-q", "--no-verify", "-m", "key"],
        ] {
            self.is_refused(args, committed, &secrets);
        }
        self.reset();
        fs::write(self.dir.join("picked.txt"), &secrets).unwrap();
        self.is_refused(&["commit", "-q", "-a", "-m", "key"], committed, &secrets);
        self.reset();

        // Merges: by git alone where a driver joins the two, by hand, and squashed.
        let driver = format!("cp '{}' %A", self.scratch.root().join("merged").display());
        fs::write(self.scratch.root().join("merged"), &secrets).unwrap();
        self.git(&["config", "merge.joined.driver", &driver]);
        fs::write(
            self.dir.join(".git/info/attributes"),
            "picked.txt merge=joined\n",
        )
        .unwrap();
        self.git(&["checkout", "-q", "-B", "side"]);
        self.commit_unseen("picked.txt", "theirs\n");
        self.git(&["checkout", "-q", "main"]);
        self.commit_unseen("picked.txt", "ours\n");
        let merge = ["merge", "--no-edit", "side"];
        self.is_refused(&merge, committed, &secrets);
        self.git(&["reset", "-q", "--hard"]);
        fs::remove_file(self.dir.join(".git/info/attributes")).unwrap();
        assert_ne!(git(&merge).code, Some(0), "there is no conflict");
        self.add("picked.txt", &secrets);
        self.is_refused(&["commit", "-q", "--no-edit"], committed, &secrets);
        self.reset();
        self.git(&["checkout", "-q", "-B", "side"]);
        let with_key = self.commit_unseen("key.txt", &secrets);
        self.git(&["checkout", "-q", "main"]);
        git(&["merge", "-q", "--squash", "side"]).passes();
        self.is_refused(&["commit", "-q", "-m", "key"], committed, &secrets);
        self.reset();

        // What somebody committed unseen is picked; what somebody took out is brought back.
        self.is_refused(&["cherry-pick", &with_key], committed, &secrets);
        self.reset();
        self.git(&["checkout", "-q", "side"]);
        self.git(&["rm", "-q", "key.txt"]);
        git(&["commit", "-q", "-m", "out"]).passes();
        self.is_refused(&["revert", "--no-edit", "HEAD"], committed, &secrets);
        self.reset();

        let message = ["commit", "-q", "--allow-empty", "-m", &secrets];
        self.is_refused(&message, committed, &secrets);

        // Pushes: to the branch, a new one, and where the next commit takes it out again.
        let pushed = "nothing was pushed";
        self.commit_unseen("key.txt", &secrets);
        self.commit_unseen("key.txt", "clean\n");
        for args in [
            &["push", "-q", "origin", "main"][..],
            &["push", "-q", "origin", "main:new"],
        ] {
            self.is_refused(args, pushed, &secrets);
        }
        // Without the hook, the server has the last word.
        let unseen = ["push", "-q", "--no-verify", "origin", "main"];
        self.is_refused(&unseen, "nothing was accepted", &secrets);
        self.reset();
    }

    /// A name that the other clone does not use.
    fn name(&self) -> String {
        let name = self.dir.file_name().unwrap().to_string_lossy();
        format!("of-{name}.txt")
    }

    /// The set-up proves itself, by the team's policy, and says how it comes about.
    fn assert_proven(&self, args: &[&str], how: &str) {
        let ran = self.keyward(&[&["doctor"], args].concat());
        ran.passes();
        assert!(ran.stdout.contains(how), "{}", ran.stdout);
        assert!(ran.stdout.contains(".keyward/keyward-"), "{}", ran.stdout);
    }
}

/// keyward's own repository, as pre-commit clones it, and the team's file that names it.
fn pre_commit_config(scratch: &Scratch) -> String {
    let keyward = scratch.root().join("keyward.git");
    fs::create_dir(&keyward).unwrap();
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/.pre-commit-hooks.yaml");
    fs::copy(manifest, keyward.join(".pre-commit-hooks.yaml")).unwrap();
    scratch.git_in(&keyward, &["init", "-q"]);
    scratch.git_in(&keyward, &["add", "."]);
    scratch.git_in(&keyward, &["commit", "-q", "-m", "x"]);
    let revision = scratch.git_in(&keyward, &["rev-parse", "HEAD"]);
    format!(
        "default_install_hook_types: [{}]\nrepos:\n- repo: {}\n  rev: {revision}\n  hooks:\n  \
         - id: keyward-system\n  - id: keyward-system-unchecked\n  - id: keyward-system-message\n  \
         - id: keyward-system-made\n  - id: keyward-system-push\n",
        STAGES.join(", "),
        keyward.display()
    )
}

fn one_policy_holds(tools: &Tools) {
    let mut scratch = Scratch::new(Reading::Default);
    let bin = Path::new(env!("CARGO_BIN_EXE_keyward")).parent().unwrap();
    let path = std::env::var("PATH").unwrap();
    scratch.set("PATH", &format!("{}:{path}", bin.display()));
    let scratch = scratch;

    // The policy has a repository of its own. Once it is vendored, nobody needs that any more.
    let policy = scratch.root().join("policy");
    fs::create_dir(&policy).unwrap();
    scratch.git_in(&policy, &["init", "-q"]);
    fs::write(policy.join("keyward.toml"), POLICY).unwrap();
    scratch.git_in(&policy, &["add", "."]);
    scratch.git_in(&policy, &["commit", "-q", "-m", "policy"]);
    scratch.git_in(&policy, &["tag", "v1"]);
    let url = format!("file://{}", policy.display());
    let extends = format!("extends = [{{ git = '{url}', rev = 'v1', path = 'keyward.toml' }}]\n");
    scratch.write(".keyward.toml", extends);
    scratch.keyward(&["config", "update"]).passes();
    fs::rename(&policy, scratch.root().join("gone")).unwrap();

    // The lead sets both tools up for the team, and the hook of the server.
    scratch.write(".pre-commit-config.yaml", pre_commit_config(&scratch));
    let lead = Desk {
        dir: scratch.top().to_owned(),
        scratch: &scratch,
    };
    lead.set_up_husky(tools.husky.as_deref());
    lead.keyward(&["install"]).passes();
    for kind in STAGES {
        assert!(lead.dir.join(".husky").join(kind).is_file(), "{kind}");
    }
    lead.git(&["add", "--all"]);
    lead.try_git(&["commit", "-q", "-m", "the team's files"])
        .passes();
    scratch.git(&["init", "-q", "--bare", "../server.git"]);
    let server = Desk {
        dir: scratch.root().join("server.git"),
        scratch: &scratch,
    };
    server
        .keyward(&["install", "--hook", "pre-receive"])
        .passes();
    lead.try_git(&["push", "-q", "../server.git", "main"])
        .passes();
    server.assert_proven(&[], "Pushes are checked here.\n");

    // A clone needs husky's own set-up and no `keyward install`: the team's files call keyward.
    let with_husky = Desk::clone(&scratch, "with-husky");
    with_husky.set_up_husky(tools.husky.as_deref());
    with_husky.assert_proven(&[], "with-husky/.husky, by core.hooksPath = \".husky/_\"");
    with_husky.assert_guarded();

    let with_pre_commit = Desk::clone(&scratch, "with-pre-commit");
    with_pre_commit.set_up_pre_commit(tools.pre_commit.as_deref());
    let ran = with_pre_commit.keyward(&["doctor"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stdout);
    let mend = "mend     keyward doctor --run-others\n";
    assert!(ran.stdout.contains(mend), "{}", ran.stdout);
    let how = "with-pre-commit/.git/hooks: another tool's, which the self-test runs\n";
    with_pre_commit.assert_proven(&["--run-others"], how);
    with_pre_commit.assert_guarded();

    // Nothing is installed: the server refuses, and takes what is clean.
    let bare = Desk::clone(&scratch, "with-nothing");
    let secrets = secrets();
    bare.add("key.txt", &secrets);
    bare.try_git(&["commit", "-q", "-m", "key"]).passes();
    for to in ["main", "main:new", "main:refs/tags/v1"] {
        let push = ["push", "-q", "origin", to];
        bare.is_refused(&push, "nothing was accepted", &secrets);
    }
    bare.reset();
    bare.add("clean.txt", "clean\n");
    bare.try_git(&["commit", "-q", "-m", &secrets]).passes();
    let push = ["push", "-q", "origin", "main"];
    bare.is_refused(&push, "nothing was accepted", &secrets);
    bare.try_git(&["commit", "-q", "--amend", "-m", "clean"])
        .passes();
    bare.try_git(&push).passes();
}

#[test]
fn one_policy_holds_on_every_way() {
    one_policy_holds(&Tools::default());
}

#[test]
#[ignore = "needs husky and pre-commit"]
fn one_policy_holds_with_husky_and_pre_commit() {
    let named = |variable: &str| {
        std::env::var(variable).unwrap_or_else(|_| panic!("{variable} does not name a program"))
    };
    one_policy_holds(&Tools {
        husky: Some(named("KEYWARD_TEST_HUSKY")),
        pre_commit: Some(named("KEYWARD_TEST_PRE_COMMIT")),
    });
}
