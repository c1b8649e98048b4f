//! Secrets in the names of files and directories, and archives.

use super::COMMIT;
use keyward::parts::lab::Random;

use crate::FORMATS;
use crate::probe::{hooked, with_both};
use crate::support::{Reading, Scratch, anthropic_key};

/// Scans what is staged, and all files, in each format: each finds a secret, and none prints that part of it.
fn is_in_no_report(scratch: &Scratch, part: &str) {
    for format in FORMATS {
        for args in [
            &["scan", "--staged", "--format", format][..],
            &["scan", "--format", format, "."],
        ] {
            let ran = scratch.keyward(args);
            assert_eq!(ran.code, Some(1), "{args:?} {}", ran.stderr);
            assert!(!ran.stdout.contains(part), "{args:?}");
            assert!(!ran.stderr.contains(part), "{args:?}");
        }
    }
}

#[test]
fn a_key_in_a_name_is_refused_and_never_printed() {
    let key = anthropic_key();
    for path in [
        format!("backup-{key}/a"),
        key.clone(),
        format!("{key}.txt"),
        format!("notes {key}.md"),
        format!("keys/{key}/deep/er/a.py"),
        format!("a/b/dump_of={key}.sql"),
        format!("@{key}"),
        format!("old.{key}.bak"),
        format!("({key})"),
        format!("docs/{key}-2.json"),
        format!("x/.{key}"),
    ] {
        hooked(&[("a.txt", "x\n")], |scratch| {
            scratch.add(&path, "x\n");
            let told = scratch.is_refused(&COMMIT);
            let part = &key[20..32];
            assert!(told.contains("it stands in the name"), "{told}");
            assert!(told.contains("git mv OLD NEW"), "{told}");
            assert!(!told.contains(part), "{path}");
            is_in_no_report(scratch, part);
        });
    }
}

#[test]
fn a_key_in_a_name_is_sealed_in_what_else_is_said_of_the_file() {
    let (key, other) = (anthropic_key(), anthropic_key());
    hooked(
        &[
            (&format!("keys/{key}.py"), "x\n"),
            (&format!("{key}/.env"), "A=b\n"),
        ],
        |scratch| {
            // The name is no news, what is added is.
            scratch.add(&format!("keys/{key}.py"), format!("k = \"{other}\"\n"));
            scratch.add(&format!("{key}/.env"), "A=c\n");
            let told = scratch.is_refused(&COMMIT);
            assert!(told.contains("1 secret in this commit"), "{told}");
            assert!(!told.contains(&key[20..32]), "{told}");
            scratch.add(&format!("keys/{key}.py"), "y\n");
            scratch.passes(&COMMIT);
        },
    );
}

#[test]
fn a_directory_is_told_once_and_can_be_allowed() {
    let key = anthropic_key();
    with_both(|scratch| {
        scratch.hook("pre-commit");
        for n in 0..30 {
            scratch.add(&format!("of-{key}/{n}/file"), "x\n");
        }
        let told = scratch.is_refused(&COMMIT);
        assert!(told.contains("1 secret in this commit"), "{told}");
        let ran = scratch.keyward(&["scan", "--staged", "--format", "json"]);
        let line: serde_json::Value =
            serde_json::from_str(ran.stdout.lines().next().unwrap()).unwrap();
        let id = line["id"].as_str().unwrap();
        let allowed = scratch.keyward(&["allow", id, "--reason", "it was revoked"]);
        assert_eq!(allowed.code, Some(0), "{}", allowed.stderr);
        scratch.passes(&COMMIT);
        scratch.add(&format!("of-{key}/more"), "x\n");
        scratch.passes(&COMMIT);
    });
}

/// A password that nobody can tell by its form, under its name.
#[test]
fn what_is_assigned_in_a_name_is_refused_and_never_printed() {
    let drawn = Random::new(9).token(24).replace(['-', '_'], "x");
    let line = format!("k = '{}'\n", anthropic_key());
    for path in [
        format!("password={drawn}/x.py"),
        format!("dumps/db_password={drawn}.sql"),
        format!("api_key={drawn}"),
    ] {
        hooked(&[("a.txt", "x\n")], |scratch| {
            scratch.add(&path, &line);
            let told = scratch.is_refused(&COMMIT);
            assert!(told.contains("it stands in the name"), "{told}");
            assert!(!told.contains(&drawn[5..14]), "{told}");
            is_in_no_report(scratch, &drawn[5..14]);
        });
    }
}

/// Of a submodule nothing is read but its name.
#[test]
fn a_key_in_the_name_of_a_submodule_is_refused() {
    let key = anthropic_key();
    with_both(|scratch| {
        scratch.add("a.txt", "x\n");
        scratch.commit_all();
        scratch.hook("pre-commit");
        let id = scratch.git(&["rev-parse", "HEAD"]);
        let link = |name: &str| {
            let info = format!("160000,{},{name}", id.trim());
            scratch.git(&["update-index", "--add", "--cacheinfo", &info]);
        };
        for name in [
            key.clone(),
            format!("modules/{key}/x"),
            format!("x-{key}.git"),
        ] {
            link(&name);
            let told = scratch.is_refused(&COMMIT);
            assert!(told.contains("it stands in the name"), "{told}");
            assert!(!told.contains(&key[20..32]), "{told}");
            // Also where it is committed already.
            scratch.git(&["commit", "-q", "--no-verify", "-m", "x"]);
            let ran = scratch.keyward(&["scan", "--range", "HEAD~1..HEAD"]);
            assert_eq!(ran.code, Some(1), "{}", ran.stdout);
            assert!(!ran.stdout.contains(&key[20..32]), "{}", ran.stdout);
            // That it points elsewhere is no news.
            scratch.git(&["commit", "-q", "--no-verify", "--allow-empty", "-m", "x"]);
            let info = format!(
                "160000,{},{name}",
                scratch.git(&["rev-parse", "HEAD"]).trim()
            );
            scratch.git(&["update-index", "--cacheinfo", &info]);
            scratch.passes(&COMMIT);
        }
        for name in ["module", ".env", "vendor/lib-2.0", "password=hunter2"] {
            link(name);
            scratch.passes(&COMMIT);
        }
    });
}

#[test]
fn ordinary_names_hold_no_secret() {
    let scratch = Scratch::new(Reading::Default);
    for path in [
        "src/sk-ant-api03.rs",
        "docs/ghp_example.md",
        "a/AKIA.txt",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08/layer.tar",
        "assets/index-BzT3kQ9x.js",
        "password=hunter2.txt",
        "token/0b1f3c6e-7d1c-4c84-9d2c-6f0a5a1f9c11.json",
    ] {
        scratch.add(path, "x\n");
    }
    let ran = scratch.keyward(&["scan", "--staged"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stdout);
}

#[test]
fn an_archive_passes_with_a_word() {
    let scratch = Scratch::new(Reading::Default);
    let archive = |start: &[u8]| [start, &[0; 64]].concat();
    scratch.add("a.zip", archive(b"PK\x03\x04"));
    let told = scratch.keyward(&["hook", "pre-commit"]);
    assert_eq!(told.code, Some(0));
    assert_eq!(
        told.stderr,
        "keyward: nobody looked into the archive a.zip; to check: keyward scan a.zip\n"
    );
    scratch.add("b.json.gz", archive(b"\x1f\x8b\x08"));
    scratch.add("c.docx", archive(b"PK\x03\x04"));
    let told = scratch.keyward(&["hook", "pre-commit"]);
    assert!(
        told.stderr.contains("the archive a.zip and 2 others"),
        "{}",
        told.stderr
    );
    let ran = scratch.keyward(&["scan", "--staged", "--format", "json"]);
    assert_eq!(ran.code, Some(0));
    assert_eq!(
        ran.stdout.matches("\"kind\":\"archive\"").count(),
        3,
        "{}",
        ran.stdout
    );
}
