//! What the pages in docs/ tell people to type. Jobs for CI: `ci.rs`.

use std::fs;
use std::path::Path;

use crate::support::{Ran, Reading, Scratch, run};

fn top() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A shell in the working tree that finds keyward by its name.
fn shell(scratch: &Scratch, script: &str) -> Ran {
    let bin = Path::new(env!("CARGO_BIN_EXE_keyward")).parent().unwrap();
    let mut path = bin.as_os_str().to_owned();
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap());
    let mut command = scratch.command("bash");
    run(command.args(["-ec", script]).env("PATH", path))
}

/// The commands of keyward in a page: lines of code that start with it. What one does may stand behind two blanks.
fn commands(page: &str) -> Vec<&str> {
    page.lines()
        .filter_map(|line| line.strip_prefix("    "))
        .filter(|line| line.starts_with("keyward "))
        .filter_map(|line| line.split("  ").next())
        .collect()
}

#[cfg(unix)]
#[test]
fn every_command_of_a_page_is_understood() {
    let mut tried = 0;
    for entry in fs::read_dir(top().join("docs")).unwrap() {
        let page = entry.unwrap().path();
        if page.is_dir() {
            continue;
        }
        let text = fs::read_to_string(&page).unwrap();
        for command in commands(&text) {
            let scratch = Scratch::new(Reading::Default);
            scratch.add("a", "x\n");
            scratch.add(".claude/settings.json", "{}\n");
            fs::create_dir(scratch.home().join(".claude")).unwrap();
            scratch.commit_all();
            scratch.git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
            let ran = shell(&scratch, command);
            let page = page.display();
            assert_eq!(ran.code, Some(0), "{page}: {command}\n{}", ran.stderr);
            tried += 1;
        }
    }
    assert!(tried >= 6, "{tried}");
}

#[test]
fn every_file_that_a_page_names_is_there() {
    let pages = ["README.md", "docs/ci.md", "docs/team.md"];
    for page in pages {
        let text = fs::read_to_string(top().join(page)).unwrap();
        for word in text.split('`').skip(1).step_by(2) {
            let own = ["ci/", "docs/", "benches/", "action.yml", ".ci/"];
            if own.iter().any(|start| word.starts_with(start)) && !word.contains(['<', ' ']) {
                assert!(top().join(word).exists(), "{page} names {word}");
            }
        }
    }
}
