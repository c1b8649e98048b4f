//! Git LFS beside keyward: its objects are uploaded by every push that keyward lets through.
//!
//! Its program is a stand-in that does what is documented: as `git lfs pre-push` it reads the refs and uploads.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::global::with_older_git;
use crate::support::{Reading, Scratch, anthropic_key, run, write_script};

/// What Git LFS writes as its own hook.
const OWN_HOOK: &str =
    "#!/bin/sh\ncommand -v git-lfs >/dev/null 2>&1 || exit 2\ngit lfs pre-push \"$@\"\n";

/// A repository that keeps a file in Git LFS, which is set up there once keyward is: so it finds a hook in
/// its place and sets none.
fn with_lfs(mut scratch: Scratch) -> Scratch {
    let bin = scratch.root().join("lfs");
    write_script(
        &bin.join("git-lfs"),
        "#!/bin/sh\n[ \"$1\" = pre-push ] || exit 1\necho \"$2 $3\" >>\"$HOME/uploaded\"\n\
         cat >>\"$HOME/uploaded\"\n[ ! -e \"$HOME/no-network\" ]\n",
    );
    scratch.first_on_path(&bin);
    scratch.git(&["init", "-q", "--bare", "../server.git"]);
    scratch.git(&["remote", "add", "origin", "../server.git"]);
    fs::create_dir_all(scratch.top().join(".git/lfs/objects")).unwrap();
    scratch.write(
        ".gitattributes",
        "*.bin filter=lfs diff=lfs merge=lfs -text\n",
    );
    scratch.commit_all();
    scratch
}

fn uploads(scratch: &Scratch) -> String {
    let file = scratch.home().join("uploaded");
    let told = fs::read_to_string(&file).unwrap_or_default();
    let _ = fs::remove_file(file);
    told
}

/// What is pushed is uploaded, once.
fn assert_uploads(scratch: &Scratch) {
    uploads(scratch);
    scratch.git(&["commit", "-q", "--allow-empty", "-m", "more"]);
    scratch.try_git(&["push", "-q", "origin", "main"]).passes();
    let told = uploads(scratch);
    assert_eq!(told.matches("origin ../server.git\n").count(), 1, "{told}");
    assert_eq!(told.matches("refs/heads/main ").count(), 2, "{told}");
}

#[test]
fn a_push_uploads_whoever_was_set_up_first() {
    // keyward first, in each of its ways.
    let scratch = Scratch::new(Reading::Default);
    scratch.keyward(&["install"]).passes();
    assert_uploads(&with_lfs(scratch));
    let scratch = with_older_git();
    scratch.keyward(&["install", "--global"]).passes();
    assert_uploads(&with_lfs(scratch));
    let scratch = Scratch::new(Reading::Default);
    let template = scratch.root().join("template");
    fs::create_dir(&template).unwrap();
    let option = ["install", "--template", template.to_str().unwrap()];
    scratch.keyward(&option).passes();
    scratch.git(&["init", "-q", "--template", template.to_str().unwrap()]);
    assert_uploads(&with_lfs(scratch));

    // Git LFS first: its own hook is kept, or is the one to which the scripts for every repository go on.
    let own = |scratch: &Scratch| {
        write_script(&scratch.top().join(".git/hooks/pre-push"), OWN_HOOK);
    };
    let scratch = with_lfs(Scratch::new(Reading::Default));
    own(&scratch);
    scratch.keyward(&["install"]).passes();
    assert_uploads(&scratch);
    let hook = scratch.top().join(".git/hooks/pre-push");
    scratch.keyward(&["uninstall"]).passes();
    assert_eq!(fs::read_to_string(hook).unwrap(), OWN_HOOK);
    assert_uploads(&scratch);
    let scratch = with_lfs(with_older_git());
    own(&scratch);
    scratch.keyward(&["install", "--global"]).passes();
    assert_uploads(&scratch);
}

#[test]
fn a_push_that_can_not_upload_is_refused() {
    let mut scratch = Scratch::new(Reading::Default);
    scratch.keyward(&["install"]).passes();
    // A secret stops the push before anything is uploaded.
    scratch = with_lfs(scratch);
    scratch.add("key.txt", anthropic_key());
    scratch.git(&["commit", "-q", "--no-verify", "-m", "key"]);
    assert_eq!(
        scratch.try_git(&["push", "-q", "origin", "main"]).code,
        Some(1)
    );
    assert_eq!(uploads(&scratch), "");
    scratch.git(&["reset", "-q", "--hard", "HEAD^"]);
    fs::write(scratch.home().join("no-network"), "").unwrap();
    let ran = scratch.try_git(&["push", "-q", "origin", "main"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("Git LFS did not upload"),
        "{}",
        ran.stderr
    );
    // Without its program. Nothing that the repository calls by that name is run for it.
    let bin = scratch.root().join("few");
    fs::create_dir(&bin).unwrap();
    for name in ["git", "sh"] {
        let found = run(scratch
            .command("sh")
            .args(["-c", &format!("command -v {name}")]));
        symlink(found.stdout.trim(), bin.join(name)).unwrap();
    }
    scratch.set("PATH", bin.to_str().unwrap());
    scratch.git(&["config", "alias.lfs", "!touch \"$HOME/ran\""]);
    let ran = scratch.try_git(&["push", "-q", "origin", "main"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(
        ran.stderr
            .contains("git-lfs, which uploads them, is not on PATH"),
        "{}",
        ran.stderr
    );
    assert!(!Path::new(&scratch.home().join("ran")).exists());
    // A repository without Git LFS has no need of it.
    fs::remove_dir_all(scratch.top().join(".git/lfs")).unwrap();
    scratch.try_git(&["push", "-q", "origin", "main"]).passes();
}
