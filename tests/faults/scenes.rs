//! What is run: each hook and each command, with a key to find or a file to write.

use std::fs;

use crate::outcome::Kind;
use crate::program;
use crate::support::{Scratch, anthropic_key, ids, run};

/// A command line and where it runs.
pub(crate) struct Call {
    pub(crate) words: Vec<String>,
    /// From the top of the working tree.
    pub(crate) dir: String,
    pub(crate) input: Vec<u8>,
    pub(crate) variables: Vec<(&'static str, String)>,
}

pub(crate) struct Scene {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) make: fn(&Scratch) -> Call,
}

/// Every hook, every command that looks, and every one that writes.
pub(crate) const SCENES: &[Scene] = &[
    looks("pre-commit", |scratch| {
        staged(scratch, &["hook", "pre-commit"])
    }),
    looks("pre-merge-commit", |scratch| {
        staged(scratch, &["hook", "pre-merge-commit"])
    }),
    looks("prepare-commit-msg", |scratch| {
        scratch.add(".keyward.toml", "[hooks]\nunchecked = 'deny'\n");
        let call = staged(scratch, &["hook", "prepare-commit-msg", ".git/message"]);
        scratch.write(".git/message", "more\n");
        call
    }),
    looks("commit-msg", |scratch| {
        start(scratch);
        scratch.write(".git/message", format!("use {}\n", anthropic_key()));
        call(&["hook", "commit-msg", ".git/message"])
    }),
    looks("post-commit", |scratch| {
        scratch.add(".keyward.toml", "[hooks]\nunchecked = 'tell'\n");
        committed(scratch, &["hook", "post-commit"])
    }),
    looks("pre-push", |scratch| {
        let mut call = committed(scratch, &["hook", "pre-push", "origin", "../remote.git"]);
        scratch.add_remote();
        let (tip, none) = (scratch.git(&["rev-parse", "HEAD"]), "0".repeat(40));
        call.input = format!("refs/heads/main {tip} refs/heads/main {none}\n").into_bytes();
        call
    }),
    looks("pre-receive", |scratch| {
        let mut call = committed(scratch, &["hook", "pre-receive"]);
        scratch.add_remote();
        scratch.git(&["push", "-q", "--no-verify", "origin", "main"]);
        let server = scratch.root().join("remote.git");
        scratch.git_in(&server, &["update-ref", "-d", "refs/heads/main"]);
        let (tip, none) = (scratch.git(&["rev-parse", "HEAD"]), "0".repeat(40));
        call.input = format!("{none} {tip} refs/heads/main\n").into_bytes();
        call.dir = "../remote.git".to_owned();
        call.variables = vec![("GIT_DIR", ".".to_owned())];
        call
    }),
    looks("the script of pre-commit", |scratch| {
        let call = staged(scratch, &[]);
        install(scratch, &["install"]);
        Call {
            words: words(&["sh", ".git/hooks/pre-commit"]),
            ..call
        }
    }),
    looks("scan", |scratch| staged(scratch, &["scan"])),
    looks("scan --staged", |scratch| {
        staged(scratch, &["scan", "--staged", "--format", "sarif"])
    }),
    looks("scan --range", |scratch| {
        committed(scratch, &["scan", "--range", "HEAD~1..HEAD"])
    }),
    looks("scan --history", |scratch| {
        packed(scratch, &["scan", "--history"])
    }),
    looks("scan --stdin", |scratch| {
        start(scratch);
        let input = format!("key = {}\n", anthropic_key()).into_bytes();
        Call {
            input,
            ..call(&["scan", "--stdin"])
        }
    }),
    looks("audit", |scratch| committed(scratch, &["audit"])),
    looks("audit of packs", |scratch| {
        packed(scratch, &["audit", "--json"])
    }),
    writes("install", |scratch| {
        start(scratch);
        scratch.write(".git/hooks/pre-commit", "#!/bin/sh\necho mine\n");
        run(scratch
            .command("chmod")
            .args(["+x", ".git/hooks/pre-commit"]))
        .passes();
        call(&["install"])
    }),
    writes("install --global", |scratch| {
        start(scratch);
        call(&["install", "--global"])
    }),
    writes("install --agents", |scratch| {
        start(scratch);
        scratch.write(".claude/settings.json", "{\n  \"model\": \"x\"\n}\n");
        call(&["install", "--agents", "claude-code"])
    }),
    writes("uninstall", |scratch| {
        start(scratch);
        scratch.write(".git/hooks/pre-commit", "#!/bin/sh\necho mine\n");
        run(scratch
            .command("chmod")
            .args(["+x", ".git/hooks/pre-commit"]))
        .passes();
        install(scratch, &["install"]);
        call(&["uninstall"])
    }),
    writes("allow", |scratch| {
        staged(scratch, &[]);
        let id = only_id(scratch);
        call(&["allow", &id, "--reason", "made up"])
    }),
    writes("ignore", |scratch| {
        start(scratch);
        scratch.add(".gitignore", "target/\n");
        scratch.add(".env", format!("KEY={}\n", anthropic_key()));
        call(&["ignore", ".env"])
    }),
    writes("fix", |scratch| {
        staged(scratch, &[]);
        scratch.write(".env", "PORT=1\n");
        let id = only_id(scratch);
        call(&["fix", &id, "--yes", "--name", "K"])
    }),
    writes("template", |scratch| {
        start(scratch);
        scratch.write(".env", format!("A_KEY={}\nPORT=1\n", anthropic_key()));
        call(&["template", "--for", "pass"])
    }),
    writes("init", |scratch| {
        start(scratch);
        scratch.add(".gitignore", "target/\n");
        scratch.write("Makefile", "all:\n");
        call(&["init", "--yes"])
    }),
    writes("config update", |scratch| {
        start(scratch);
        let policy = scratch.root().join("policy");
        fs::create_dir(&policy).unwrap();
        scratch.git_in(&policy, &["init", "-q"]);
        fs::write(policy.join("keyward.toml"), "[scan]\nexclude = ['a/']\n").unwrap();
        scratch.git_in(&policy, &["add", "."]);
        scratch.git_in(&policy, &["commit", "-q", "-m", "policy"]);
        scratch.git_in(&policy, &["tag", "v1"]);
        let url = format!("file://{}", policy.display());
        let extends =
            format!("extends = [{{ git = '{url}', rev = 'v1', path = 'keyward.toml' }}]\n");
        scratch.write(".keyward.toml", extends);
        call(&["config", "update"])
    }),
];

const fn looks(name: &'static str, make: fn(&Scratch) -> Call) -> Scene {
    Scene {
        name,
        kind: Kind::Looks,
        make,
    }
}

const fn writes(name: &'static str, make: fn(&Scratch) -> Call) -> Scene {
    Scene {
        name,
        kind: Kind::Writes,
        make,
    }
}

fn words(args: &[&str]) -> Vec<String> {
    args.iter().map(|arg| (*arg).to_owned()).collect()
}

fn call(args: &[&str]) -> Call {
    let program = program().to_str().unwrap().to_owned();
    // git names the index to the hooks that look at it, so that one that is not there is an error.
    let names_index = ["hook", "scan"].iter().any(|it| args.first() == Some(it));
    let index = ("GIT_INDEX_FILE", ".git/index".to_owned());
    Call {
        words: [vec![program], words(args)].concat(),
        dir: String::new(),
        input: Vec::new(),
        variables: names_index.then_some(index).into_iter().collect(),
    }
}

/// A repository with a commit.
fn start(scratch: &Scratch) {
    scratch.write("README.md", "nothing of interest\n");
    scratch.commit_all();
}

/// One with a key that is staged.
fn staged(scratch: &Scratch, args: &[&str]) -> Call {
    start(scratch);
    scratch.add(
        "app.py",
        format!("import sys\nk = \"{}\"\n", anthropic_key()),
    );
    call(args)
}

/// One with a key in its last commit.
fn committed(scratch: &Scratch, args: &[&str]) -> Call {
    let call = staged(scratch, args);
    scratch.commit_all();
    call
}

/// The same, with its objects in a pack.
fn packed(scratch: &Scratch, args: &[&str]) -> Call {
    let call = committed(scratch, args);
    scratch.git(&["gc", "-q"]);
    call
}

fn install(scratch: &Scratch, args: &[&str]) {
    run(scratch.command(program()).args(args)).passes();
}

fn only_id(scratch: &Scratch) -> String {
    let scan = ["scan", "--format", "json", "app.py"];
    let ran = run(scratch.command(program()).args(scan));
    ids(&ran.stdout)[0].clone()
}
