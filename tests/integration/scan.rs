//! `keyward scan`: files, directories and standard input, inside and outside of a repository.

use std::fs::{self, File};

use crate::support::{Ran, Reading, Scratch, anthropic_key, run};

/// Runs `keyward scan` where no repository is.
fn scan(scratch: &Scratch, args: &[&str]) -> Ran {
    let mut keyward = scratch.command(env!("CARGO_BIN_EXE_keyward"));
    run(keyward.current_dir(scratch.home()).arg("scan").args(args))
}

#[test]
fn standard_input_is_judged_as_a_file_is() {
    let scratch = Scratch::new(Reading::Default);
    let key = anthropic_key();
    let file = scratch.home().join("a.py");
    for (text, code) in [(format!("key = '{key}'\n"), 1), ("key = None\n".into(), 0)] {
        fs::write(&file, text).unwrap();
        let mut keyward = scratch.command(env!("CARGO_BIN_EXE_keyward"));
        let piped = run(keyward
            .args(["scan", "--stdin"])
            .stdin(File::open(&file).unwrap()));
        for ran in [piped, scan(&scratch, &["a.py"])] {
            assert_eq!(ran.code, Some(code), "{}{}", ran.stdout, ran.stderr);
            assert_eq!(ran.stdout.contains("Anthropic API key"), code == 1);
            assert!(!ran.stdout.contains(&key[20..]), "it shows the key");
        }
    }
}

#[test]
fn every_file_below_a_directory_is_read_where_no_repository_says_which() {
    let scratch = Scratch::new(Reading::Default);
    let below = scratch.home().join("some/where");
    fs::create_dir_all(&below).unwrap();
    fs::write(below.join("a.txt"), anthropic_key()).unwrap();
    fs::write(below.join("b.txt"), anthropic_key()).unwrap();
    let ran = scan(&scratch, &["some", "--format", "csv"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    for path in ["some/where/a.txt,1,1", "some/where/b.txt,1,1"] {
        assert!(ran.stdout.contains(path), "{}", ran.stdout);
    }
}

#[test]
fn in_a_repository_what_git_ignores_is_read_only_if_it_is_named() {
    let scratch = Scratch::new(Reading::Default);
    scratch.add(".gitignore", "*.log\n");
    scratch.write("a.log", anthropic_key());
    scratch.write("new.txt", "clean\n");
    assert_eq!(scratch.keyward(&["scan"]).code, Some(0));
    scratch.write("new.txt", anthropic_key());
    assert_eq!(scratch.keyward(&["scan"]).code, Some(1));
    // Whoever names a file means it.
    assert_eq!(scratch.keyward(&["scan", ".gitignore"]).code, Some(0));
    assert_eq!(scratch.keyward(&["scan", "a.log"]).code, Some(1));
}

#[test]
fn explain_tells_every_judgement_and_shows_no_secret() {
    let scratch = Scratch::new(Reading::Default);
    let key = anthropic_key();
    scratch.write("a.py", format!("key = '{key}'\n"));
    let ran = scratch.keyward(&["scan", "--explain", "a.py"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.contains("anthropic-api-key"), "{}", ran.stdout);
    assert!(ran.stdout.contains("a.py:1:8"), "{}", ran.stdout);
    assert!(!ran.stdout.contains(&key[20..]), "it shows the key");
}

#[test]
fn what_can_not_be_scanned_is_a_usage_error() {
    let scratch = Scratch::new(Reading::Default);
    for args in [
        &["scan", "absent"][..],
        &["scan", "--stdin", "a.py"],
        &["scan", "--staged", "a.py"],
        &["scan", "--range", "A..B", "--staged"],
        &["scan", "--explain", "--format", "csv"],
    ] {
        let ran = scratch.keyward(args);
        assert_eq!(ran.code, Some(2), "{args:?}: {}", ran.stdout);
        assert!(!ran.stderr.is_empty());
    }
}
