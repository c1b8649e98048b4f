//! `keyward doctor`: each way to break the set-up is found, and the mend that it names mends it.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use keyward::parts::config::Config;
use keyward::parts::hook::HookKind;

use crate::global::is_new;
use crate::support::{
    Ran, Reading, Scratch, anthropic_key, lay_out_husky, path_after, run, write_script,
};

/// A repository with keyward installed from a program of its own.
pub(crate) struct Set {
    pub(crate) scratch: Scratch,
}

impl Set {
    fn up() -> Self {
        Self::with(|_, _| {})
    }

    /// Sets it up where PATH leads to the program first.
    pub(crate) fn on_path() -> Self {
        Self::with(Scratch::first_on_path)
    }

    fn with(prepare: impl FnOnce(&mut Scratch, &Path)) -> Self {
        let mut scratch = Scratch::new(Reading::Default);
        let bin = scratch.root().join("bin");
        fs::create_dir(&bin).unwrap();
        let program = bin.join("keyward");
        // A copy could be busy when it is run: other tests fork while it is being written.
        symlink(env!("CARGO_BIN_EXE_keyward"), &program).unwrap();
        prepare(&mut scratch, &bin);
        let set = Self { scratch };
        set.scratch.commit_all();
        set.keyward(&["install"]).passes();
        set
    }

    pub(crate) fn program(&self) -> PathBuf {
        self.scratch.root().join("bin/keyward")
    }

    /// Runs the installed program.
    pub(crate) fn keyward(&self, args: &[&str]) -> Ran {
        run(self.scratch.command(self.program()).args(args))
    }

    /// Runs the program that the tests were built with, as a second one.
    pub(crate) fn doctor(&self, args: &[&str]) -> Ran {
        self.scratch.keyward(&[&["doctor"], args].concat())
    }

    fn hook(&self, kind: &str) -> PathBuf {
        self.scratch.top().join(".git/hooks").join(kind)
    }

    /// doctor must end with 1, say all of `words`, and name the mend.
    fn finds(&self, words: &[&str], mend: &str) {
        let ran = self.doctor(&[]);
        assert_eq!(ran.code, Some(1), "{}{}", ran.stdout, ran.stderr);
        self.says(&ran, "BROKEN", words, mend);
        assert!(ran.stdout.contains("Commits are NOT safe here"));
    }

    /// doctor must end with 0 and speak of it all the same.
    fn mentions(&self, words: &[&str], mend: &str) {
        let ran = self.doctor(&[]);
        assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
        self.says(&ran, "untidy", words, mend);
    }

    /// doctor must end with 0, and say that nobody has tried it.
    fn takes_for_said(&self, words: &[&str]) {
        let ran = self.doctor(&[]);
        assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
        let mut lines = ran
            .stdout
            .lines()
            .filter(|line| line.starts_with("untried"));
        assert!(
            lines.any(|line| words.iter().all(|word| line.contains(word))),
            "{words:?}: {}",
            ran.stdout
        );
        assert!(
            ran.stdout
                .contains("          to prove keyward doctor --run-others\n")
        );
    }

    fn says(&self, ran: &Ran, state: &str, words: &[&str], mend: &str) {
        let root = self.scratch.root();
        let told = ran.stdout.replace(&*root.to_string_lossy(), "ROOT");
        let line = told
            .lines()
            .find(|line| line.starts_with(state) && words.iter().all(|word| line.contains(word)));
        assert!(line.is_some(), "no line has {words:?}:\n{told}");
        let named = format!("          mend     {mend}");
        assert!(
            told.lines().any(|line| line == named),
            "no {mend:?}:\n{told}"
        );
    }

    /// Follows a mend, and nothing is broken any more.
    fn mended_by(&self, mend: &str) {
        let bin = self.scratch.root().join("bin");
        let path = path_after(&bin);
        let ran = run(self
            .scratch
            .command("sh")
            .args(["-c", mend])
            .env("PATH", path));
        assert_eq!(ran.code, Some(0), "{mend}: {}{}", ran.stdout, ran.stderr);
        let ran = self.doctor(&[]);
        assert_eq!(ran.code, Some(0), "{mend}: {}{}", ran.stdout, ran.stderr);
    }
}

#[test]
fn a_good_set_up_is_proven_and_left_as_it_was() {
    let set = Set::up();
    let tree = || {
        let mut all: Vec<String> = walk(&set.scratch.top().join(".git"));
        all.sort();
        all
    };
    let before = tree();
    let ran = set.doctor(&[]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    assert_eq!(before, tree());
    let told: Vec<&str> = ran.stdout.lines().collect();
    assert!(
        told[..told.len() - 1]
            .iter()
            .all(|line| line.starts_with("ok ")),
        "{told:#?}"
    );
    assert_eq!(told.last(), Some(&"Commits are checked here."));
    assert!(
        ran.stdout
            .contains("a made-up key was refused, a clean file was not")
    );
    assert!(told.len() <= 8, "{told:#?}");

    let ran = set.doctor(&["--json"]);
    assert_eq!(ran.code, Some(0));
    let json: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(json["protected"], true);
    let checks = json["checks"].as_array().unwrap();
    assert_eq!(checks.len(), told.len() - 1);
    assert!(
        checks
            .iter()
            .all(|check| check["state"] == "ok" && check["mend"].is_null())
    );
}

fn walk(directory: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let entry = entry.unwrap();
        found.push(entry.path().display().to_string());
        if entry.file_type().unwrap().is_dir() {
            found.extend(walk(&entry.path()));
        }
    }
    found
}

#[test]
fn only_what_is_tested_is_run() {
    let set = Set::up();
    let ran = set.scratch.home().join("ran");
    for kind in ["post-index-change", "reference-transaction", "post-commit"] {
        write_script(&set.hook(kind), "#!/bin/sh\ntouch \"$HOME/ran\"\n");
    }
    assert_eq!(set.doctor(&[]).code, Some(0));
    assert!(!ran.exists());
}

#[test]
fn break_01_a_hook_is_deleted() {
    let set = Set::up();
    fs::remove_file(set.hook("pre-merge-commit")).unwrap();
    set.finds(&["pre-merge-commit: there is no hook"], "keyward install");
    set.mended_by("keyward install");
}

#[test]
fn break_02_a_hook_is_not_executable() {
    let set = Set::up();
    fs::set_permissions(set.hook("pre-commit"), fs::Permissions::from_mode(0o644)).unwrap();
    set.finds(&["pre-commit", "not executable"], "keyward install");
    set.mended_by("keyward install");
}

#[test]
fn break_03_a_hook_is_emptied() {
    let set = Set::up();
    fs::write(set.hook("pre-commit"), "").unwrap();
    set.finds(
        &["pre-commit", "is empty, and lets everything pass"],
        "keyward install",
    );
    set.mended_by("keyward install");
}

#[test]
fn break_04_another_tool_overwrites_the_hook() {
    let set = Set::up();
    write_script(&set.hook("pre-commit"), "#!/bin/sh\nexit 0\n");
    set.finds(&["pre-commit", "somebody else's"], "keyward install");
    set.mended_by("keyward install");
}

#[test]
fn break_05_a_script_is_edited_to_pass() {
    for kind in HookKind::usual(&Config::default()) {
        let set = Set::up();
        let hook = set.hook(kind.name());
        let script = fs::read_to_string(&hook).unwrap();
        let edited = script.replace("keyward_refuse() {", "exit 0\nkeyward_refuse() {");
        assert_ne!(script, edited);
        fs::write(&hook, edited).unwrap();
        let what = format!("{kind}: a made-up key went through");
        set.finds(&["self-test", &what], "keyward install");
        set.mended_by("keyward install");
    }
}

#[test]
fn break_06_a_hooks_path_of_the_user_hides_the_hooks() {
    let set = Set::up();
    let corporate = set.scratch.root().join("corporate");
    fs::create_dir(&corporate).unwrap();
    let value = corporate.to_str().unwrap();
    set.scratch
        .git(&["config", "--global", "core.hooksPath", value]);
    set.finds(
        &[
            "there is no hook at ROOT/corporate",
            "(global, in",
            "which hides",
            ".git/hooks/pre-commit",
        ],
        "keyward install --shared",
    );
    set.mended_by("keyward install --shared");
}

#[test]
fn break_07_hooks_are_turned_off() {
    for (scope, mend) in [
        (
            "--local",
            "git config --local --unset-all core.hooksPath && keyward install",
        ),
        (
            "--global",
            "git config core.hooksPath ROOT/repo/.git/hooks && keyward install",
        ),
    ] {
        let set = Set::up();
        set.scratch
            .git(&["config", scope, "core.hooksPath", "/dev/null"]);
        set.finds(&["turns all hooks off", &scope[2..]], mend);
        let root = set.scratch.root();
        set.mended_by(&mend.replace("ROOT", root.to_str().unwrap()));
    }
}

#[test]
fn break_08_the_program_is_gone() {
    let set = Set::up();
    fs::remove_file(set.program()).unwrap();
    set.finds(
        &["program", "can't be run", "none on PATH"],
        "keyward install",
    );
    symlink(env!("CARGO_BIN_EXE_keyward"), set.program()).unwrap();
    set.mended_by("keyward install");
}

#[test]
fn break_09_the_program_is_another_one() {
    for script in ["", "#!/bin/sh\nexit 0\n", "#!/bin/sh\nexit 1\n"] {
        let set = Set::up();
        fs::remove_file(set.program()).unwrap();
        write_script(&set.program(), script);
        set.finds(&["the hooks call", "bin/keyward"], "keyward install");
        let installed = set.scratch.keyward(&["install"]);
        assert_eq!(installed.code, Some(0), "{}", installed.stderr);
        set.mended_by("true");
    }
}

#[test]
fn break_10_the_kept_hook_is_gone() {
    let set = Set::up();
    set.keyward(&["uninstall"]);
    write_script(&set.hook("pre-commit"), "#!/bin/sh\ntouch \"$HOME/kept\"\n");
    set.keyward(&["install"]);
    let kept = set.hook("pre-commit.keyward-previous");
    // The self-test leaves the kept hook out.
    assert_eq!(set.doctor(&[]).code, Some(0));
    assert!(!set.scratch.home().join("kept").exists());
    fs::remove_file(kept).unwrap();
    set.finds(&["pre-commit.keyward-previous, is gone"], "keyward install");
    set.mended_by("keyward install");
}

#[test]
fn break_11_husky_is_not_set_up() {
    let set = Set::up();
    set.keyward(&["uninstall"]);
    set.scratch.git(&["config", "core.hooksPath", ".husky/_"]);
    set.keyward(&["install"]);
    set.finds(&["husky is not set up in this working tree"], "npm install");
    // What `npm install` makes husky do.
    let kinds = ["pre-commit", "pre-merge-commit", "commit-msg", "pre-push"];
    lay_out_husky(set.scratch.top(), &kinds);
    set.mended_by("true");
    let mut set = set;
    set.scratch.set("HUSKY", "0");
    set.finds(&["HUSKY=0"], "unset HUSKY");
}

#[test]
fn break_12_the_settings_are_wrong() {
    let mend = "correct the file, then: keyward doctor";
    let set = Set::up();
    set.scratch
        .write(".keyward.toml", "[scan]\nexlude = ['a']\n");
    set.finds(&["settings", "exlude", ".keyward.toml:2:"], mend);
    set.scratch.write(".keyward.toml", "[scan\n");
    set.finds(&["settings", ".keyward.toml"], mend);
    fs::remove_file(set.scratch.top().join(".keyward.toml")).unwrap();
    set.scratch.write(".keyward.allow", "nonsense\n");
    set.finds(&["allow", ".keyward.allow:1:"], mend);
}

#[test]
fn break_13_the_settings_switch_everything_off() {
    let mend = "correct .keyward.toml, then: keyward doctor";
    let set = Set::up();
    set.scratch
        .write(".keyward.toml", "[scan]\nexclude = ['*']\n");
    set.finds(&["covers every path"], mend);
    set.scratch.write(".keyward.toml", "[rules]\noff = ['*']\n");
    set.finds(&["switch every rule off"], mend);
    set.scratch.write(
        ".keyward.toml",
        "[rules]\noff = ['anthropic', 'github', 'aws']\n",
    );
    set.mended_by("true");
}

#[test]
fn break_14_the_hook_runs_on_the_path_of_this_shell_only() {
    let set = Set::up();
    // The program moved, and PATH leads there, in this shell.
    let elsewhere = set.scratch.root().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    fs::rename(set.program(), elsewhere.join("keyward")).unwrap();
    let mut set = set;
    set.scratch.first_on_path(&elsewhere);
    set.finds(
        &["program", "not on the short PATH of a GUI"],
        "keyward install",
    );
}

#[test]
fn break_15_the_teams_policy_is_not_what_was_fetched() {
    let mend = "keyward config update && git add .keyward.toml .keyward && keyward doctor";
    let set = Set::up();
    let scratch = &set.scratch;
    let policy = scratch.root().join("policy");
    fs::create_dir(&policy).unwrap();
    scratch.git_in(&policy, &["init", "-q"]);
    fs::write(policy.join("base.toml"), "[guard]\nadd = ['*.team']\n").unwrap();
    scratch.git_in(&policy, &["add", "."]);
    scratch.git_in(&policy, &["commit", "-q", "-m", "policy"]);
    let extends = format!(
        "extends = [{{ git = 'file://{}', rev = 'main', path = 'base.toml' }}]\n",
        policy.display()
    );
    scratch.write(".keyward.toml", extends);
    set.finds(&["settings", "a file that was not fetched"], mend);
    set.mended_by(mend);
    scratch.commit_all();
    // The layers that are in force are named, each with its file.
    let system = scratch.root().join("system.toml");
    fs::write(&system, "[scan]\nthreshold = 'likely'\n").unwrap();
    let told = set.doctor(&[]).stdout;
    let line = told.lines().find(|line| line.contains("settings")).unwrap();
    for layer in [
        "built in; system, ",
        "; team, .keyward/base-",
        "; repository, .keyward.toml",
    ] {
        assert!(line.contains(layer), "{layer}: {line}");
    }
    // Somebody edits it, in the working tree or in what will be committed.
    let vendored = scratch.git(&["ls-files", ".keyward/base-*"]);
    scratch.write(&vendored, "[guard]\noff = ['*']\n");
    set.finds(&["settings", "was changed here", &vendored], mend);
    set.mended_by(mend);
    scratch.add(&vendored, "[guard]\noff = ['*']\n");
    scratch.write(&vendored, "[guard]\nadd = ['*.team']\n");
    set.finds(
        &["settings", "as staged", "was changed here", &vendored],
        mend,
    );
    set.mended_by(mend);
    // The record of what was fetched is gone, or says nothing.
    for record in [None, Some("nonsense\n")] {
        let file = scratch.top().join(".keyward/extends.toml");
        match record {
            None => fs::remove_file(file).unwrap(),
            Some(text) => fs::write(file, text).unwrap(),
        }
        let ran = set.doctor(&[]);
        assert_eq!(ran.code, Some(1), "{}", ran.stdout);
        scratch.git(&["checkout", "-q", "HEAD", "--", ".keyward"]);
    }
    // A policy of the machine that nobody can read.
    fs::write(&system, "[scna]\n").unwrap();
    set.finds(
        &["settings", "unknown key `scna`"],
        "correct the file, then: keyward doctor",
    );
}

#[test]
fn what_is_worn_out_is_told_and_pruned() {
    let set = Set::up();
    let key = anthropic_key();
    set.scratch.add("app.py", format!("key = \"{key}\"\n"));
    let found = set.keyward(&["scan", "--staged", "--format", "json"]);
    let finding: serde_json::Value =
        serde_json::from_str(found.stdout.lines().next().unwrap()).unwrap();
    let id = finding["id"].as_str().unwrap();
    let allowed = set.keyward(&["allow", id, "--reason", "made up"]);
    assert_eq!(allowed.code, Some(0), "{}", allowed.stderr);
    set.scratch.commit_all();
    let ran = set.doctor(&[]);
    assert_eq!(ran.code, Some(0), "{}", ran.stdout);
    assert!(
        ran.stdout.contains("1 entry in .keyward.allow, all in use"),
        "{}",
        ran.stdout
    );
    assert!(
        set.keyward(&["doctor", "--prune"])
            .stdout
            .contains("nothing to do")
    );

    let file = set.scratch.top().join(".keyward.allow");
    let in_use = fs::read_to_string(&file).unwrap();
    let more = "# gone with this\n0123456789abcdef acme-key * - unused\n\
                fedcba9876543210 acme-key * 2020-01-01 expired\n";
    fs::write(&file, format!("{in_use}{more}")).unwrap();
    set.mentions(
        &["1 of 3 entries", "expired", "fedcba98"],
        "keyward doctor --prune",
    );
    set.mentions(
        &["1 of 3 entries", "tracked files", "01234567"],
        "keyward doctor --prune",
    );
    set.mended_by("keyward doctor --prune");
    assert_eq!(fs::read_to_string(&file).unwrap(), in_use);
}

#[test]
fn files_that_nothing_ignores_are_told() {
    let set = Set::up();
    set.scratch.write(".env", "A=b\n");
    set.scratch.write("app/.env.local", "A=b\n");
    // This machine's own excludes protect nobody else.
    set.scratch.write(".git/info/exclude", ".env\n");
    set.mentions(
        &["ignored", ".env", "app/.env.local"],
        "keyward ignore .env app/.env.local",
    );
    set.mended_by("keyward ignore .env app/.env.local");
    assert!(
        set.doctor(&[])
            .stdout
            .lines()
            .any(|line| line.starts_with("ok      ignored"))
    );
}

#[test]
fn somebody_elses_hook_is_run_only_when_that_is_asked_for() {
    let set = Set::up();
    let text = format!(
        "#!/bin/sh\ntouch \"$HOME/ran\"\nexec '{}' hook pre-commit\n",
        set.program().display()
    );
    write_script(&set.hook("pre-commit"), &text);
    set.takes_for_said(&["pre-commit", "calls keyward, as it reads"]);
    let ran = set.scratch.home().join("ran");
    assert!(!ran.exists());
    // Whoever asks for keyward's own beside it gets it, and no other is set.
    let installed = set.keyward(&["install"]);
    assert!(
        installed
            .stdout
            .contains("keyward is called already for pre-commit, by the hook that is there"),
        "{}",
        installed.stdout
    );
    assert_eq!(fs::read_to_string(set.hook("pre-commit")).unwrap(), text);
    let doctor = set.doctor(&["--run-others"]);
    assert_eq!(doctor.code, Some(0), "{}", doctor.stdout);
    assert!(ran.exists());
    write_script(
        &set.hook("pre-commit"),
        "#!/bin/sh\n# keyward hook pre-commit\nexit 1\n",
    );
    set.finds(&["pre-commit", "does not call keyward"], "keyward install");
    let doctor = set.doctor(&["--run-others"]);
    assert_eq!(doctor.code, Some(1), "{}", doctor.stdout);
}

#[test]
fn a_tool_whose_file_names_keyward_is_run_only_when_that_is_asked_for() {
    let set = Set::up();
    // As such a tool's hook: it says nothing of what the team's file names.
    let tool = format!(
        "#!/bin/sh\nexec '{}' hook pre-commit\n",
        set.program().display()
    );
    write_script(&set.scratch.root().join("bin/lefthook"), &tool);
    write_script(
        &set.hook("pre-commit"),
        "#!/bin/sh\nexec \"$HOME/../bin/lefthook\"\n",
    );
    set.finds(&["pre-commit", "somebody else's"], "keyward install");
    set.scratch.write(
        "lefthook.yml",
        "pre-commit:\n  jobs:\n    - run: keyward hook pre-commit\n",
    );
    set.takes_for_said(&["pre-commit", "calls keyward, as it reads"]);
    let ran = set.doctor(&["--run-others"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stdout);
    // git passes over what may not be run, whatever it calls.
    fs::set_permissions(set.hook("pre-commit"), fs::Permissions::from_mode(0o644)).unwrap();
    set.finds(&["pre-commit", "not executable"], "keyward install");
}

#[test]
fn one_cause_is_one_line() {
    let set = Set::up();
    for kind in ["pre-commit", "pre-merge-commit", "commit-msg", "pre-push"] {
        fs::remove_file(set.hook(kind)).unwrap();
    }
    set.finds(
        &["pre-commit, pre-merge-commit, commit-msg, pre-push: there is no hook at"],
        "keyward install",
    );
    let broken = |told: &str| told.matches("BROKEN").count();
    assert_eq!(broken(&set.doctor(&[]).stdout), 1);
    set.mended_by("keyward install");
    fs::set_permissions(set.hook("pre-commit"), fs::Permissions::from_mode(0o644)).unwrap();
    let told = set.doctor(&[]).stdout;
    assert_eq!(broken(&told), 1, "{told}");
    assert!(!told.contains("noexec"), "{told}");
}

#[test]
fn a_hook_of_ones_own_beside_a_tools_file_calls_nothing() {
    for file in [".pre-commit-config.yaml", "lefthook.yml"] {
        let set = Set::up();
        set.keyward(&["uninstall"]).passes();
        write_script(&set.hook("pre-commit"), "#!/bin/sh\necho mine\n");
        set.scratch.write(
            file,
            "repos:\n- repo: x\n  hooks:\n  - id: keyward\n  - run: keyward hook pre-commit\n",
        );
        set.keyward(&["install"]).passes();
        set.scratch.add("a.py", anthropic_key());
        let ran = set.scratch.try_git(&["commit", "-q", "-m", "a key"]);
        assert_eq!(ran.code, Some(1), "{file}: {}", ran.stderr);
        assert!(ran.stderr.contains("a.py:1:1"), "{file}: {}", ran.stderr);
    }
}

#[test]
fn every_way_in_which_a_team_calls_keyward_is_understood() {
    let hook = |call: &str| format!("#!/bin/sh\n{call}\n");
    let generated =
        "#!/usr/bin/env bash\n# File generated by pre-commit: https://pre-commit.com\nexit 0\n";
    for (file, text, hook) in [
        (
            ".pre-commit-config.yaml",
            "repos:\n- repo: x\n  hooks:\n  - id: keyward\n",
            generated.to_owned(),
        ),
        (
            "lefthook.yml",
            "pre-commit:\n  jobs:\n    - run: keyward hook pre-commit\n",
            hook("call_lefthook run pre-commit"),
        ),
        (
            ".overcommit.yml",
            "PreCommit:\n  K:\n    command: ['keyward', 'hook', 'pre-commit']\n",
            hook("exec overcommit-hook"),
        ),
        (
            "package.json",
            "{\"simple-git-hooks\": {\"pre-commit\": \"keyward hook pre-commit\"}}",
            hook("keyward hook pre-commit"),
        ),
        (
            "package.json",
            "{\"lint-staged\": {\"*\": \"keyward hook pre-commit\"}}",
            hook("npx lint-staged"),
        ),
    ] {
        let set = Set::up();
        fs::remove_file(set.hook("pre-commit")).unwrap();
        fs::remove_file(set.hook("pre-merge-commit")).unwrap();
        write_script(&set.hook("pre-commit"), &hook);
        set.scratch.write(file, text);
        let told = set.doctor(&[]);
        assert_eq!(told.code, Some(0), "{file}: {}", told.stdout);
        assert!(
            told.stdout.contains("untried hooks"),
            "{file}: {}",
            told.stdout
        );
        assert!(
            told.stdout.contains("if what is untried does as it says"),
            "{}",
            told.stdout
        );
        let installed = set.keyward(&["install"]);
        assert!(
            installed
                .stdout
                .contains("called already for pre-commit, by"),
            "{}",
            installed.stdout
        );
        assert!(
            !installed.stdout.contains("to bring keyward to the team"),
            "{}",
            installed.stdout
        );
        assert_eq!(fs::read_to_string(set.hook("pre-commit")).unwrap(), hook);
    }
}

#[test]
fn below_pre_commit_keyward_is_proven_alone() {
    let set = Set::up();
    fs::rename(set.hook("pre-commit"), set.hook("pre-commit.legacy")).unwrap();
    write_script(
        &set.hook("pre-commit"),
        "#!/usr/bin/env bash\n# File generated by pre-commit: https://pre-commit.com\ntouch \"$HOME/ran\"\n",
    );
    let ran = set.doctor(&[]);
    assert_eq!(ran.code, Some(0), "{}", ran.stdout);
    assert!(
        ran.stdout.contains("self-test  pre-commit, "),
        "{}",
        ran.stdout
    );
    assert!(!set.scratch.home().join("ran").exists());
}

#[test]
fn a_file_of_secrets_that_is_tracked_is_told() {
    let set = Set::up();
    set.scratch
        .add(".env", format!("KEY={}\n", anthropic_key()));
    set.scratch.commit_all();
    set.mentions(
        &["git tracks .env"],
        "revoke what is in it, and: git rm --cached .env && keyward ignore .env",
    );
}

#[test]
fn no_repository_is_no_good_set_up() {
    let scratch = Scratch::new(Reading::Default);
    fs::remove_dir_all(scratch.top().join(".git")).unwrap();
    let ran = scratch.keyward(&["doctor"]);
    assert_eq!(ran.code, Some(2), "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn every_kind_of_repository_is_proven() {
    for init in [
        &[][..],
        &["--object-format=sha256"],
        &["--ref-format=reftable"],
    ] {
        let scratch = Scratch::init(Reading::Default, init);
        // Before the first commit, too.
        assert_eq!(scratch.keyward(&["install"]).code, Some(0));
        let ran = scratch.keyward(&["doctor"]);
        assert_eq!(ran.code, Some(0), "{init:?}: {}{}", ran.stdout, ran.stderr);
        scratch.commit_all();
        let tree = scratch.root().join("linked tree");
        scratch.git(&["worktree", "add", "-q", "--detach", tree.to_str().unwrap()]);
        let ran = run(scratch
            .command(env!("CARGO_BIN_EXE_keyward"))
            .arg("doctor")
            .current_dir(&tree));
        assert_eq!(ran.code, Some(0), "{init:?}: {}{}", ran.stdout, ran.stderr);
    }
}

#[test]
fn an_installation_for_every_repository_is_proven() {
    let set = Set::up();
    assert_eq!(set.keyward(&["uninstall"]).code, Some(0));
    let ran = set.keyward(&["install", "--global"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    // The repository's own hook is run after the self-test, not in it.
    write_script(&set.hook("pre-commit"), "#!/bin/sh\ntouch \"$HOME/own\"\n");
    let ran = set.doctor(&[]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    assert!(
        ran.stdout.contains("commit-msg, pre-push"),
        "{}",
        ran.stdout
    );
    assert!(!set.scratch.home().join("own").exists());
    // Installed here too, nothing is dead and nothing is missing.
    assert_eq!(set.keyward(&["install"]).code, Some(0));
    let ran = set.doctor(&[]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    assert!(!ran.stdout.contains("never runs"), "{}", ran.stdout);
    // A repository's own core.hooksPath hides them, but for a git that runs what its config names.
    assert_eq!(set.keyward(&["uninstall"]).code, Some(0));
    fs::create_dir(set.scratch.top().join("own-hooks")).unwrap();
    set.scratch.git(&["config", "core.hooksPath", "own-hooks"]);
    if is_new() {
        assert_eq!(set.doctor(&[]).code, Some(0));
        return;
    }
    set.finds(
        &["there is no hook at ROOT/repo/own-hooks", "(local, in"],
        "keyward install",
    );
    set.mended_by("keyward install");
}

#[test]
fn a_server_is_proven_by_what_it_receives() {
    let set = Set::up();
    let server = set.scratch.root().join("server.git");
    set.scratch
        .git(&["init", "-q", "--bare", server.to_str().unwrap()]);
    let keyward = |args: &[&str]| {
        run(set
            .scratch
            .command(set.program())
            .args(args)
            .current_dir(&server))
    };
    let ran = keyward(&["doctor"]);
    assert_eq!(ran.code, Some(1), "{}{}", ran.stdout, ran.stderr);
    assert!(
        ran.stdout.contains("pre-receive: there is no hook"),
        "{}",
        ran.stdout
    );
    let mend = "mend     keyward install --hook pre-receive";
    assert!(ran.stdout.contains(mend), "{}", ran.stdout);
    // There, nothing else is meant.
    let ran = keyward(&["install"]);
    assert!(
        ran.stdout.contains("keyward now checks every push here"),
        "{}",
        ran.stdout
    );
    assert!(!server.join("hooks/pre-commit").exists());
    let ran = keyward(&["doctor"]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    assert!(
        ran.stdout
            .contains("pre-receive: a made-up key was refused"),
        "{}",
        ran.stdout
    );
}

#[test]
fn commits_that_skip_the_check_are_proven_to_be_looked_at() {
    let set = Set::up();
    set.scratch
        .write(".keyward.toml", "[hooks]\nunchecked = 'deny'\n");
    set.finds(
        &["prepare-commit-msg, post-commit: there is no hook"],
        "keyward install",
    );
    set.mended_by("keyward install");
    let ran = set.doctor(&[]);
    assert!(
        ran.stdout.contains("prepare-commit-msg, commit-msg"),
        "{}",
        ran.stdout
    );
    // The self-test leaves no word of a commit that was never made.
    assert!(!set.scratch.top().join(".git/keyward-checked").exists());
}
