//! Files that move: what they held before is no news, however many move at once.

use std::fs;

use super::COMMIT;
use crate::probe::{hooked, with_both};
use crate::support::{Scratch, anthropic_key};

/// Where the file of a number goes.
type Place = fn(usize) -> String;

/// Moves each of so many files of one name, and edits it.
fn move_all(scratch: &Scratch, count: usize, to: impl Fn(usize) -> String, edit: &str) {
    for n in 0..count {
        let from = format!("app/providers/part{n:03}/tests.py");
        let held = fs::read_to_string(scratch.top().join(&from)).unwrap();
        fs::remove_file(scratch.top().join(&from)).unwrap();
        scratch.write(to(n), format!("{edit}{held}"));
    }
    scratch.git(&["add", "--all", "--force"]);
}

#[test]
fn many_files_of_one_name_move_without_a_word() {
    const COUNT: usize = 60;
    let keys: Vec<String> = (0..COUNT).map(|_| anthropic_key()).collect();
    let other = anthropic_key();
    let places: [(&str, Place); 4] = [
        ("up", |n| format!("lib/part{n:03}/tests.py")),
        ("renamed", |n| format!("spec/{n:03}_case.py")),
        ("shuffled", |n| {
            format!("app/providers/part{:03}/moved/x.py", COUNT - 1 - n)
        }),
        ("flat", |n| format!("{n}.txt")),
    ];
    for (name, to) in places {
        with_both(|scratch| {
            for (n, key) in keys.iter().enumerate() {
                let text = format!("a = 1\nkey = \"{key}\"\nn = {n}\n");
                scratch.write(format!("app/providers/part{n:03}/tests.py"), text);
            }
            scratch.commit_all();
            scratch.hook("pre-commit");
            move_all(scratch, COUNT, to, "import x\r\n");
            let told = scratch.keyward(&["hook", "pre-commit"]);
            assert_eq!(told.code, Some(0), "{name}: {}", told.stderr);
            assert_eq!(told.stderr, "", "{name}");
            // A key that none of them had is news.
            let text = format!("key = \"{other}\"\n");
            scratch.add("lib/part000/another.py", text);
            scratch.is_refused(&COMMIT);
        });
    }
}

#[test]
fn a_guarded_file_that_is_renamed_as_it_is_was_tracked() {
    for (from, to, content) in [
        ("a/server.keystore", "b/server.keystore", "\u{1}\u{2}data"),
        ("staging/agent.env", "_archived/agent.env", "LEVEL=debug\n"),
        (".env", "app/.env", "A=b\n"),
        ("x/.netrc", "y/.netrc", "machine x\n"),
        ("old/id_rsa", "new/id_rsa", "not public\n"),
    ] {
        hooked(&[(from, content)], |scratch| {
            let to_dir = scratch.top().join(to);
            fs::create_dir_all(to_dir.parent().unwrap()).unwrap();
            scratch.git(&["mv", from, to]);
            let told = scratch.keyward(&["hook", "pre-commit"]);
            assert_eq!(told.code, Some(0), "{to}: {}", told.stderr);
            assert!(told.stderr.contains("git tracks"), "{to}: {}", told.stderr);
            // The same in a copy, or with another content, is a new file.
            scratch.git(&["reset", "--quiet", "--hard"]);
            scratch.add(to, content);
            scratch.is_refused(&COMMIT);
            scratch.git(&["reset", "--quiet", "--hard"]);
            fs::remove_file(scratch.top().join(from)).unwrap();
            scratch.add(to, format!("{content}more\n"));
            scratch.git(&["add", "--all", "--force"]);
            scratch.is_refused(&COMMIT);
        });
    }
}
