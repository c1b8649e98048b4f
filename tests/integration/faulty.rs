//! What could not be read or done is no success: a command that changes something says so, and ends with 3.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use crate::support::{Ran, Reading, Scratch, anthropic_key, ids, run, write_script};

/// Runs keyward where a call that names a file fails. `None` where no program may do that to another.
fn with_fault(
    scratch: &Scratch,
    call: &str,
    error: &str,
    file: &Path,
    args: &[&str],
) -> Option<Ran> {
    let strace = || {
        let mut strace = scratch.command("strace");
        strace.args(["-f", "-qq", "-o", "/dev/null"]);
        strace
    };
    let is_there = run(scratch.command("sh").args(["-c", "command -v strace"])).code == Some(0);
    if !is_there || run(strace().arg("true")).code != Some(0) {
        eprintln!("not tried, since strace is not here or may watch no program");
        return None;
    }
    let ran = run(strace()
        .arg("-P")
        .arg(file)
        .args(["-e", &format!("trace={call}")])
        .args(["-e", &format!("inject={call}:error={error}")])
        .arg(env!("CARGO_BIN_EXE_keyward"))
        .args(args));
    Some(ran)
}

#[test]
fn a_hook_that_can_not_be_read_is_not_said_to_be_gone() {
    for name in ["pre-commit", "pre-commit.legacy"] {
        let scratch = Scratch::new(Reading::Default);
        scratch.keyward(&["install"]).passes();
        let hooks = scratch.top().join(".git/hooks").canonicalize().unwrap();
        let hook = hooks.join(name);
        if name != "pre-commit" {
            fs::rename(hooks.join("pre-commit"), &hook).unwrap();
        }
        // What may not be read may be somebody else's: it is left, and that is told.
        for (error, told) in [
            ("EIO", "cannot read"),
            ("EACCES", "left as it is, since you may not read it"),
        ] {
            let Some(ran) = with_fault(&scratch, "openat", error, &hook, &["uninstall"]) else {
                return;
            };
            assert_eq!(ran.code, Some(3), "{name}: {}", ran.told());
            assert!(ran.told().contains(told), "{}", ran.told());
            assert!(hook.exists());
        }
        scratch.keyward(&["uninstall"]).passes();
        assert!(!hook.exists());
    }
}

#[test]
fn attributes_that_can_not_be_staged_are_told() {
    let mut scratch = Scratch::new(Reading::Default);
    scratch.add("a.py", format!("k = \"{}\"\n", anthropic_key()));
    let found = scratch.keyward(&["scan", "--format", "json"]);
    let git = run(Command::new("sh").args(["-c", "command -v git"]));
    let bin = scratch.root().join("refuses");
    let text = format!(
        "#!/bin/sh\ncase \"$*\" in *' add '*.gitattributes) echo busy >&2; exit 128;; esac\nexec '{}' \"$@\"\n",
        git.stdout.trim()
    );
    write_script(&bin.join("git"), &text);
    scratch.first_on_path(&bin);
    let ran = scratch.keyward(&["allow", &ids(&found.stdout)[0], "--reason", "made up"]);
    assert_eq!(ran.code, Some(3), "{}", ran.told());
    assert!(
        ran.stderr.contains(".keyward.allow is written and staged")
            && ran.stderr.contains("busy")
            && ran.stderr.contains("git add .gitattributes"),
        "{}",
        ran.told()
    );
    let staged = scratch.git(&["ls-files"]);
    assert!(staged.contains(".keyward.allow") && !staged.contains(".gitattributes"));
}

#[test]
fn a_repository_that_can_not_be_read_is_not_taken_for_none() {
    let scratch = Scratch::new(Reading::Default);
    scratch.write(".env", format!("A_KEY={}\n", anthropic_key()));
    let args = ["template", "--for", "pass"];
    let head = scratch.top().canonicalize().unwrap().join(".git/HEAD");
    if let Some(ran) = with_fault(&scratch, "statx", "EIO", &head, &args) {
        assert_eq!(ran.code, Some(3), "{}", ran.told());
        assert!(!scratch.top().join(".env.tpl").exists());
    }
    // Nor one whose place leads nowhere.
    fs::remove_dir_all(scratch.top().join(".git")).unwrap();
    symlink(".git", scratch.top().join(".git")).unwrap();
    let ran = scratch.keyward(&args);
    assert_eq!(ran.code, Some(3), "{}", ran.told());
    assert!(ran.stderr.contains("cannot look at"), "{}", ran.told());
    assert!(!scratch.top().join(".env.tpl").exists());
    fs::remove_file(scratch.top().join(".git")).unwrap();
    scratch.keyward(&args).passes();
}
