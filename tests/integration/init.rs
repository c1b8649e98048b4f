//! `keyward init`: what a repository needs, shown before it is written.

use std::collections::BTreeMap;
use std::fs;

use crate::support::{Reading, Scratch, anthropic_key};

/// Every file of the working tree, and the hooks.
fn files(scratch: &Scratch) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut dirs = vec![scratch.top().to_owned()];
    while let Some(dir) = dirs.pop() {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            let name = path
                .strip_prefix(scratch.top())
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned();
            if path.is_dir() && (!name.starts_with(".git/") || name == ".git/hooks") {
                dirs.push(path);
            } else if path.is_file()
                && (!name.starts_with(".git/") || name.starts_with(".git/hooks/"))
            {
                found.insert(name, fs::read(path).unwrap());
            }
        }
    }
    found
}

#[test]
fn a_repository_is_set_up_in_one_go_and_once() {
    let scratch = Scratch::new(Reading::Default);
    let key = anthropic_key();
    scratch.write(".env", format!("# keys\nANTHROPIC_API_KEY={key}\nPORT=1\n"));
    scratch.write(".gitignore", "node_modules/\n");
    scratch.write(
        "package.json",
        "{\n  \"scripts\": {\n    \"test\": \"x\"\n  }\n}\n",
    );
    scratch.git(&["remote", "add", "origin", "git@github.com:acme/shop.git"]);
    let before = files(&scratch);
    let ran = scratch.keyward(&["init", "--dry-run"]);
    ran.passes();
    assert_eq!(files(&scratch), before, "a dry run writes nothing");
    for told in [
        ".gitignore (more lines)\n  + .env\n",
        ".keyward.toml (new)\n",
        ".github/workflows/keyward.yml (new)\n",
        "package.json (more lines)\n  + \"prepare\": \"keyward install || exit 0\",\n",
        ".env.example (new)\n  + # keys\n  + ANTHROPIC_API_KEY=\n  + PORT=1\n",
        "hooks of this clone: pre-commit, ",
    ] {
        assert!(ran.stdout.contains(told), "{told}: {}", ran.stdout);
    }
    let ran = scratch.keyward(&["init"]);
    assert_eq!(ran.code, Some(2), "{}", ran.stdout);
    assert!(ran.stderr.contains("--yes"), "{}", ran.stderr);
    assert_eq!(files(&scratch), before, "nobody was asked");
    let ran = scratch.keyward(&["init", "--yes", "--for", "pass"]);
    ran.passes();
    assert!(!format!("{}{}", ran.stdout, ran.stderr).contains(&key[20..]));
    let after = files(&scratch);
    assert_eq!(after[".env"], before[".env"]);
    assert!(after[".gitignore"].starts_with(b"node_modules/\n.env\n.env.*\n!.env.example\n"));
    assert!(after.contains_key(".git/hooks/pre-commit"));
    let settings = String::from_utf8(after[".keyward.toml"].clone()).unwrap();
    assert!(settings.contains("store = \"pass\"\n"), "{settings}");
    scratch.keyward(&["config", "check"]).passes();
    // What is left can be committed, and the file with the key cannot.
    scratch.git(&["add", "--all"]);
    assert!(!scratch.git(&["ls-files"]).contains(".env\n"));
    scratch.keyward(&["scan", "--staged"]).passes();
    let ran = scratch.keyward(&["init", "--yes"]);
    ran.passes();
    assert!(ran.stdout.starts_with("nothing to do"), "{}", ran.stdout);
    assert_eq!(files(&scratch), after, "a second run changes nothing");
}

#[cfg(unix)]
#[test]
fn no_link_is_followed_and_no_file_of_somebody_else_is_changed() {
    let scratch = Scratch::new(Reading::Default);
    let outside = scratch.root().join("outside");
    fs::write(&outside, "theirs\n").unwrap();
    std::os::unix::fs::symlink(&outside, scratch.top().join(".gitignore")).unwrap();
    let ran = scratch.keyward(&["init", "--yes"]);
    assert_eq!(ran.code, Some(3), "{}", ran.stdout);
    assert!(
        ran.stderr.contains(".gitignore: it is a symbolic link"),
        "{}",
        ran.stderr
    );
    assert_eq!(fs::read_to_string(&outside).unwrap(), "theirs\n");
    assert!(!scratch.top().join(".keyward.toml").exists());
}

#[test]
fn the_workflow_is_for_the_branch_of_the_repository() {
    let scratch = Scratch::new(Reading::Default);
    scratch.git(&["remote", "add", "origin", "git@github.com:acme/shop.git"]);
    let branches = |expected: &str| {
        let ran = scratch.keyward(&["init", "--dry-run"]);
        let told = format!("  +     branches: {expected}\n");
        assert!(ran.stdout.contains(&told), "{expected}: {}", ran.stdout);
    };
    scratch.git(&["checkout", "--quiet", "-b", "trunk"]);
    scratch.commit_all();
    branches("[trunk]");
    scratch.git(&["branch", "master"]);
    branches("[master]");
    // What the remote says goes before.
    let (head, develop) = ("refs/remotes/origin/HEAD", "refs/remotes/origin/develop");
    scratch.git(&["update-ref", develop, "HEAD"]);
    scratch.git(&["symbolic-ref", head, develop]);
    branches("[develop]");
}
