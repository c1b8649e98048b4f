//! TRAPS "What 'ignored' means": the guard asks what the commit's own `.gitignore` files say.

use std::fs;

use keyward::parts::lab::Random;

use crate::probe::with_both;
use crate::support::{Reading, Scratch};

/// What is said of `.env` at a path that is staged, whatever else is.
fn answer(scratch: &Scratch, path: &str) -> String {
    let seen = scratch.ask(scratch.top(), &[""]);
    let start = format!("Added File {path:?} ");
    let line = seen
        .iter()
        .find(|line| line.starts_with(&start))
        .unwrap_or_else(|| panic!("{seen:?}"));
    line.rsplit_once("] ").unwrap().1.to_owned()
}

#[test]
fn the_staged_file_counts_and_not_the_working_tree() {
    with_both(|scratch| {
        scratch.add(".env", "A=1\n");
        assert_eq!(answer(scratch, ".env"), "No");
        scratch.write(".gitignore", ".env\n");
        assert_eq!(answer(scratch, ".env"), "No");
        scratch.git(&["add", ".gitignore"]);
        assert_eq!(answer(scratch, ".env"), "ByRepository");
        scratch.write(".gitignore", "");
        assert_eq!(answer(scratch, ".env"), "ByRepository");
        scratch.add(".gitignore", ".env\n!.env\n");
        assert_eq!(answer(scratch, ".env"), "No");
    });
}

#[test]
fn files_in_directories_have_the_last_word_below() {
    with_both(|scratch| {
        scratch.add(".gitignore", ".env\n/closed/\n");
        scratch.add("app/.env", "A=1\n");
        scratch.add("app/deep/.env", "A=1\n");
        scratch.add("closed/.env", "A=1\n");
        scratch.add("app/.gitignore", "!.env\n");
        scratch.add("app/deep/.gitignore", ".env\n");
        scratch.add("closed/.gitignore", "!.env\n");
        assert_eq!(answer(scratch, "app/.env"), "No");
        assert_eq!(answer(scratch, "app/deep/.env"), "ByRepository");
        assert_eq!(answer(scratch, "closed/.env"), "ByRepository");
    });
}

#[test]
fn excludes_of_this_machine_protect_nobody_else() {
    with_both(|scratch| {
        scratch.add("a/.env", "A=1\n");
        let global = scratch.home().join(".config/git/ignore");
        fs::create_dir_all(global.parent().unwrap()).unwrap();
        fs::write(&global, ".env\n").unwrap();
        assert_eq!(
            answer(scratch, "a/.env"),
            "ByThisMachine(\"~/.config/git/ignore\")"
        );
        fs::write(scratch.home().join("mine"), "a/\n").unwrap();
        scratch.git(&["config", "--global", "core.excludesFile", "~/mine"]);
        assert_eq!(answer(scratch, "a/.env"), "ByThisMachine(\"~/mine\")");
        scratch.write(".git/info/exclude", ".env\n");
        assert_eq!(answer(scratch, "a/.env"), "ByThisMachine(\"~/mine\")");
        fs::write(scratch.home().join("mine"), ".env\n").unwrap();
        assert_eq!(
            answer(scratch, "a/.env"),
            "ByThisMachine(\".git/info/exclude\")"
        );
        scratch.add("a/.gitignore", "!.env\n");
        assert_eq!(answer(scratch, "a/.env"), "No");
        scratch.add("a/.gitignore", ".env\n");
        assert_eq!(answer(scratch, "a/.env"), "ByRepository");
    });
}

#[test]
fn case_is_as_the_repository_has_it() {
    with_both(|scratch| {
        scratch.git(&["config", "core.ignoreCase", "false"]);
        scratch.add(".env", "A=1\n");
        scratch.add(".gitignore", ".ENV\n");
        assert_eq!(answer(scratch, ".env"), "No");
        scratch.git(&["config", "core.ignoreCase", "true"]);
        assert_eq!(answer(scratch, ".env"), "ByRepository");
    });
}

#[cfg(unix)]
#[test]
fn a_link_is_no_ignore_file() {
    with_both(|scratch| {
        scratch.add(".env", "A=1\n");
        scratch.write("patterns", ".env\n");
        std::os::unix::fs::symlink("patterns", scratch.top().join(".gitignore")).unwrap();
        scratch.git(&["add", ".gitignore", "patterns"]);
        assert_eq!(answer(scratch, ".env"), "No");
    });
}

/// git itself is the judge: the same patterns and paths, in a working tree that is as staged.
#[test]
fn the_answer_is_the_one_that_git_gives_a_fresh_clone() {
    const LINES: [&str; 34] = [
        ".env",
        "!.env",
        "/.env",
        ".env/",
        "*.env",
        "!*.env",
        "a",
        "a/",
        "/a",
        "!a",
        "!a/",
        "a/*",
        "!a/*",
        "a/.env",
        "!a/.env",
        "**/.env",
        "a/**",
        "!a/**",
        "a/**/.env",
        "**/b/",
        "*",
        "!*/",
        "!*",
        "\\.env",
        ".en?",
        ".[a-f]nv",
        ".[!e]nv",
        ".env ",
        ".env\\ ",
        "#.env",
        "\\#.env",
        "?env",
        "b/.env\r",
        ".e*v",
    ];
    const PATHS: [&str; 6] = [
        ".env",
        "a/.env",
        "a/b/.env",
        "b/.env",
        "a/x.env",
        "b/a/.env.local",
    ];
    let mut numbers = Random::new(11);
    let mut random = |below| numbers.below(below);
    let scratch = Scratch::new(Reading::Libgit2);
    for path in PATHS {
        scratch.add(path, "A=1\n");
    }
    let mut ignored = 0;
    for round in 0..60 {
        for file in [".gitignore", "a/.gitignore", "a/b/.gitignore"] {
            let lines = if round < LINES.len() && file == ".gitignore" {
                1
            } else {
                random(4)
            };
            let text: Vec<&str> = (0..lines)
                .map(|at| {
                    LINES[if round < LINES.len() && at == 0 {
                        round
                    } else {
                        random(LINES.len())
                    }]
                })
                .collect();
            scratch.write(file, text.join("\n"));
        }
        scratch.git(&[
            "add",
            "--force",
            ".gitignore",
            "a/.gitignore",
            "a/b/.gitignore",
        ]);
        let expected: Vec<bool> = PATHS
            .iter()
            .map(|path| {
                let ran = scratch.try_git(&["check-ignore", "--quiet", "--no-index", path]);
                ran.code == Some(0)
            })
            .collect();
        let seen = scratch.ask(scratch.top(), &[""]);
        let found: Vec<bool> = PATHS
            .iter()
            .map(|path| {
                let start = format!("Added File {path:?} ");
                seen.iter()
                    .any(|line| line.starts_with(&start) && line.ends_with("ByRepository"))
            })
            .collect();
        let texts = [".gitignore", "a/.gitignore", "a/b/.gitignore"]
            .map(|file| fs::read_to_string(scratch.top().join(file)).unwrap());
        assert_eq!(found, expected, "{PATHS:?} with {texts:?}");
        ignored += expected.iter().filter(|&&ignored| ignored).count();
    }
    assert!(ignored > 60, "{ignored}");
}
