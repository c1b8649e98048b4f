//! pre-commit, prek, lefthook and husky, the real ones: ignored unless asked for, since they come
//! from elsewhere. `.ci/run` fetches what it can and runs those.
//!
//! Each program is named by a variable: `KEYWARD_TEST_PRE_COMMIT`, `KEYWARD_TEST_PREK`,
//! `KEYWARD_TEST_LEFTHOOK`, `KEYWARD_TEST_HUSKY`. Without it, its test fails.

#![cfg(unix)]

use std::fs;
use std::path::Path;

use crate::support::{Ran, Reading, Scratch, anthropic_key, run};

fn program(variable: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| panic!("{variable} does not name a program"))
}

fn refused(ran: &Ran, said: &str) {
    assert_ne!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    let told = format!("{}{}", ran.stdout, ran.stderr);
    assert!(told.contains(said), "{said}: {told}");
}

/// A repository whose PATH has keyward, with a bare one to push to.
fn repository() -> Scratch {
    let mut scratch = Scratch::new(Reading::Default);
    let bin = Path::new(env!("CARGO_BIN_EXE_keyward")).parent().unwrap();
    scratch.first_on_path(bin);
    scratch.write("a.txt", "one\n");
    scratch.commit_all();
    scratch.git(&["init", "-q", "--bare", "../server.git"]);
    scratch.git(&["remote", "add", "origin", "../server.git"]);
    scratch.git(&["push", "-q", "-u", "origin", "main"]);
    scratch
}

/// A key is refused by commit, by commit -a, in a message and by push; what is clean is not.
fn assert_guarded(scratch: &Scratch) {
    let git = |args: &[&str]| scratch.try_git(args);
    let key = anthropic_key();
    git(&["commit", "-q", "--allow-empty", "-m", "clean"]).passes();
    git(&["push", "-q"]).passes();
    scratch.add("key.txt", &key);
    refused(&git(&["commit", "-q", "-m", "key"]), "key.txt:1:1");
    scratch.add("key.txt", "clean\n");
    git(&["commit", "-q", "-m", "clean"]).passes();
    scratch.write("key.txt", &key);
    refused(&git(&["commit", "-q", "-a", "-m", "key"]), "key.txt:1:1");
    // Only the working tree has it.
    scratch.add("b.txt", "b\n");
    git(&["commit", "-q", "-m", "clean"]).passes();
    scratch.git(&["checkout", "-q", "key.txt"]);
    let message = ["commit", "-q", "--allow-empty", "-m", &key];
    refused(&git(&message), "commit message:1:1");
    git(&["push", "-q"]).passes();
    scratch.add("key.txt", &key);
    git(&["commit", "-q", "-n", "-m", "key"]).passes();
    refused(&git(&["push", "-q"]), "key.txt:1:1");
    refused(&git(&["push", "-q", "origin", "main:new"]), "key.txt:1:1");
}

fn pre_commit(program: &str) {
    let scratch = repository();
    let tool = |args: &[&str]| run(scratch.command(program).args(args));
    // The file that keyward's repository has, in a repository that needs no build.
    let keyward = scratch.root().join("keyward.git");
    fs::create_dir(&keyward).unwrap();
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/.pre-commit-hooks.yaml");
    fs::copy(manifest, keyward.join(".pre-commit-hooks.yaml")).unwrap();
    tool(&["validate-manifest", manifest]).passes();
    for args in [
        &["init", "-q"][..],
        &["add", "."],
        &["commit", "-q", "-m", "x"],
    ] {
        scratch.git_in(&keyward, args);
    }
    let revision = scratch.git_in(&keyward, &["rev-parse", "HEAD"]);
    let config = format!(
        "default_install_hook_types: [pre-commit, pre-merge-commit, commit-msg, pre-push]\n\
         repos:\n- repo: {}\n  rev: {revision}\n  hooks:\n  - id: keyward-system\n  \
         - id: keyward-system-message\n  - id: keyward-system-push\n",
        keyward.display()
    );
    scratch.write(".pre-commit-config.yaml", config);
    scratch.commit_all();
    tool(&["install"]).passes();
    assert_guarded(&scratch);
    // By hand, of which git knows nothing: what is asked for is looked at.
    let key = anthropic_key();
    scratch.add("old.txt", &key);
    scratch.git(&["commit", "-q", "-n", "-m", "key"]);
    refused(&tool(&["run", "--all-files"]), "old.txt:1:1");
    let range = ["run", "--from-ref", "HEAD~1", "--to-ref", "HEAD"];
    refused(&tool(&range), "old.txt:1:1");
    scratch.git(&["rm", "-q", "old.txt"]);
    scratch.git(&["commit", "-q", "-n", "-m", "no key"]);
    tool(&range).passes();
    refused(
        &tool(&["run", "--from-ref", "HEAD~2", "--to-ref", "HEAD"]),
        "old.txt:1:1",
    );
    scratch.git(&["rm", "-q", "key.txt"]);
    scratch.git(&["commit", "-q", "-n", "-m", "no key"]);
    tool(&["run", "--all-files"]).passes();
    // What calls keyward already is not set twice, and is no fault to doctor.
    let hook = scratch.top().join(".git/hooks/pre-commit");
    let before = fs::read(&hook).unwrap();
    let ran = scratch.keyward(&["install"]);
    ran.passes();
    assert!(
        ran.stdout.contains("keyward is called already for"),
        "{}",
        ran.stdout
    );
    assert_eq!(fs::read(&hook).unwrap(), before);
    scratch.keyward(&["doctor"]).passes();
    scratch.keyward(&["doctor", "--run-others"]).passes();
    // keyward's own hooks beside it, and taken away again.
    scratch
        .keyward(&["install", "--hook", "pre-commit"])
        .passes();
    let key = anthropic_key();
    scratch.add("other.txt", &key);
    refused(
        &scratch.try_git(&["commit", "-q", "-m", "key"]),
        "other.txt:1:1",
    );
    scratch.keyward(&["uninstall"]).passes();
    assert_eq!(fs::read(&hook).unwrap(), before);
}

#[test]
#[ignore = "needs pre-commit"]
fn with_pre_commit() {
    pre_commit(&program("KEYWARD_TEST_PRE_COMMIT"));
}

#[test]
#[ignore = "needs prek"]
fn with_prek() {
    pre_commit(&program("KEYWARD_TEST_PREK"));
}

/// In whatever order both are set and taken away, a clean commit passes, and keyward looks as long as it is
/// installed.
fn every_order(program: &str) {
    const STEPS: u32 = 4;
    let scratch = repository();
    let tool = |args: &[&str]| run(scratch.command(program).args(args)).passes();
    scratch.write(
        ".pre-commit-config.yaml",
        "repos:\n- repo: local\n  hooks:\n  - {id: own, name: own, entry: 'true', language: system, \
         pass_filenames: false, always_run: true}\n",
    );
    scratch.commit_all();
    for nth in 0..4_u32.pow(STEPS) {
        let _ = fs::remove_dir_all(scratch.top().join(".git/hooks"));
        let mut is_set = false;
        let mut told = String::new();
        for step in 0..STEPS {
            let (words, set) = match nth / 4_u32.pow(step) % 4 {
                0 => (["tool", "install"], is_set),
                1 => (["tool", "uninstall"], is_set),
                2 => (["keyward", "install"], true),
                _ => (["keyward", "uninstall"], false),
            };
            match words[0] {
                "tool" => tool(&words[1..]),
                _ => scratch.keyward(&words[1..]).passes(),
            }
            is_set = set;
            told += &words.join(" ");
            told += ", ";
        }
        let commit = ["commit", "-q", "--allow-empty", "-m", "x"];
        assert_eq!(scratch.try_git(&commit).code, Some(0), "{told}");
        scratch.add("key.txt", anthropic_key());
        let ran = scratch.try_git(&commit);
        assert_eq!(
            ran.stderr.contains("1 secret in this commit"),
            is_set,
            "{told}"
        );
        scratch.git(&["reset", "-q", "--hard", "HEAD"]);
        if !is_set {
            scratch.git(&["reset", "-q", "--hard", "HEAD^"]);
        }
    }
}

#[test]
#[ignore = "needs pre-commit"]
fn in_every_order_with_pre_commit() {
    every_order(&program("KEYWARD_TEST_PRE_COMMIT"));
}

#[test]
#[ignore = "needs prek"]
fn in_every_order_with_prek() {
    every_order(&program("KEYWARD_TEST_PREK"));
}

#[test]
#[ignore = "needs lefthook"]
fn with_lefthook() {
    let scratch = repository();
    let lefthook = program("KEYWARD_TEST_LEFTHOOK");
    let tool = |args: &[&str]| run(scratch.command(&lefthook).args(args));
    scratch.write(
        "lefthook.yml",
        "pre-commit:\n  jobs:\n    - run: keyward hook pre-commit\n\
         pre-merge-commit:\n  jobs:\n    - run: keyward hook pre-merge-commit\n\
         commit-msg:\n  jobs:\n    - run: keyward hook commit-msg {1}\n\
         pre-push:\n  jobs:\n    - run: keyward hook pre-push {1} {2}\n      use_stdin: true\n",
    );
    scratch.commit_all();
    tool(&["install"]).passes();
    assert_guarded(&scratch);
    let hook = scratch.top().join(".git/hooks/pre-commit");
    let before = fs::read(&hook).unwrap();
    let ran = scratch.keyward(&["install"]);
    ran.passes();
    assert!(
        ran.stdout.contains("keyward is called already for"),
        "{}",
        ran.stdout
    );
    scratch.keyward(&["doctor"]).passes();
    scratch.keyward(&["doctor", "--run-others"]).passes();
    scratch
        .keyward(&["install", "--hook", "pre-commit"])
        .passes();
    scratch.keyward(&["uninstall"]).passes();
    assert_eq!(fs::read(&hook).unwrap(), before);
}

#[test]
#[ignore = "needs husky"]
fn with_husky() {
    let scratch = repository();
    let husky = program("KEYWARD_TEST_HUSKY");
    run(&mut scratch.command(&husky)).passes();
    scratch.write(".husky/pre-commit", "echo team >>\"$HOME/team\"\n");
    scratch.write(
        ".husky/pre-push",
        "echo \"push $1\" >>\"$HOME/team\"\ncat >>\"$HOME/team\"\n",
    );
    scratch.commit_all();
    let before = scratch.git(&["status", "--porcelain"]);
    scratch.keyward(&["install"]).passes();
    assert_guarded(&scratch);
    let team = fs::read_to_string(scratch.home().join("team")).unwrap();
    assert!(team.contains("team\n") && team.contains("push origin\nrefs/heads/main "));
    scratch.keyward(&["uninstall"]).passes();
    scratch.git(&["reset", "-q"]);
    assert_eq!(
        scratch.git(&["status", "--porcelain", "--", ".husky"]),
        before
    );
}
