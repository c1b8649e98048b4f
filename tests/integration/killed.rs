//! What writes files is killed at each of its writing calls: each file is as it was or as it is to be, and no key is
//! in fewer places than before.

#![cfg(target_os = "linux")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::process::Output;

use crate::support::{Reading, Scratch, anthropic_key, feed, files_below, ids, is_thorough, run};

/// The calls by which a file comes to be another.
const CALLS: &str = "write,fsync,fchmod,rename,mkdir,unlink,utimensat";

/// A bound: no command writes so often.
const MOST: usize = 400;

/// Runs keyward, and kills it at a writing call where a number is given.
fn keyward(scratch: &Scratch, args: &[String], input: &str, at: Option<usize>) -> Output {
    let program = env!("CARGO_BIN_EXE_keyward");
    let mut command = match at {
        None => scratch.command(program),
        Some(at) => {
            let mut strace = scratch.command("strace");
            strace.args([
                "-qq",
                "-o",
                "/dev/null",
                "-e",
                &format!("trace={CALLS}"),
                "-e",
            ]);
            strace.arg(format!("inject={CALLS}:signal=KILL:when={at}"));
            strace.arg(program);
            strace
        }
    };
    command.args(args);
    feed(command, input.as_bytes())
}

/// Whether this machine lets one program stop another at a call.
fn can_kill() -> bool {
    let scratch = Scratch::named("home", "none");
    let args = ["version".to_owned()];
    let is_there = run(scratch.command("sh").args(["-c", "command -v strace"])).code == Some(0);
    is_there && {
        let status = keyward(&scratch, &args, "", Some(1)).status;
        // A shell's number for it, or the signal itself.
        status.code() == Some(137) || status.signal().is_some()
    }
}

/// Kills a command at each of its writing calls in a repository of its own, and lets it go on to its end.
fn at_each_call(make: impl Fn() -> (Scratch, Vec<String>, String, BTreeSet<String>)) {
    // Without strace, or where it may stop no program, there is nothing to try.
    if !can_kill() {
        eprintln!("not tried, since strace is not here or may stop no program");
        return;
    }
    let step = if is_thorough() { 1 } else { 5 };
    for (kills, at) in (1..MOST).step_by(step).enumerate() {
        let (scratch, args, input, keys) = make();
        let before = files_below(scratch.top());
        let ended = keyward(&scratch, &args, &input, Some(at));
        let killed = files_below(scratch.top());
        if ended.status.success() {
            assert!(kills > 0, "{args:?} writes nothing");
            return;
        }
        for key in &keys {
            let places = |files: &BTreeMap<String, Vec<u8>>| {
                let holds = |text: &&Vec<u8>| String::from_utf8_lossy(text).contains(key.as_str());
                files.values().filter(holds).count()
            };
            assert!(places(&killed) > 0, "{args:?}: a key is lost at call {at}");
            assert!(places(&before) > 0);
        }
        // It goes on to its end, and what was whole then is whole now.
        let again = keyward(&scratch, &args, &input, None);
        let told = String::from_utf8_lossy(&again.stderr).into_owned();
        let after = files_below(scratch.top());
        // What is mended or replaced already is so no second time.
        let of = |name: &str| killed.get(name) != before.get(name);
        let is_done = of("app.py") || of(".env") && of(".env.local");
        assert!(
            again.status.success() || is_done,
            "{args:?} after call {at}: {told}"
        );
        for (name, content) in &killed {
            let is_old = before.get(name) == Some(content);
            let is_new = after.get(name) == Some(content);
            // A file that is written twice is as it was between.
            let is_between = name == ".gitignore" && after[name].starts_with(content);
            assert!(
                is_old || is_new || is_between,
                "{name} is half written at call {at}"
            );
        }
        for name in after.keys() {
            assert!(!name.contains(".tmp"), "{name} is left");
        }
        // Nor is anything left where keys are remembered.
        for entry in fs::read_dir(scratch.home().join(".local/share/keyward"))
            .into_iter()
            .flatten()
        {
            assert_eq!(entry.unwrap().file_name(), "keys.json");
        }
    }
    panic!("it never comes to its end");
}

fn words(args: &[&str]) -> Vec<String> {
    args.iter().map(|arg| (*arg).to_owned()).collect()
}

#[test]
fn a_mended_file_is_whole_and_the_key_is_kept() {
    at_each_call(|| {
        let scratch = Scratch::new(Reading::Default);
        let key = anthropic_key();
        scratch.add("app.py", format!("import sys\nk = \"{key}\"\n"));
        scratch.write(".env", "PORT=1\n");
        let ran = scratch.keyward(&["scan", "--format", "json", "app.py"]);
        let args = words(&["fix", &ids(&ran.stdout)[0], "--yes", "--name", "K"]);
        // What was mended is there no more to be mended again.
        (scratch, args, String::new(), BTreeSet::from([key]))
    });
}

#[test]
fn templates_are_whole_and_the_file_with_the_keys_stays() {
    at_each_call(|| {
        let scratch = Scratch::new(Reading::Default);
        let key = anthropic_key();
        scratch.write(".env", format!("A_KEY={key}\nPORT=1\n"));
        let args = words(&["template", "--for", "pass"]);
        (scratch, args, String::new(), BTreeSet::from([key]))
    });
}

#[test]
fn what_a_repository_needs_is_written_whole() {
    at_each_call(|| {
        let scratch = Scratch::new(Reading::Default);
        scratch.write(".gitignore", "target/\n");
        scratch.write("Makefile", "all:\n");
        (
            scratch,
            words(&["init", "--yes"]),
            String::new(),
            BTreeSet::new(),
        )
    });
}

#[test]
fn a_key_is_replaced_in_whole_files() {
    at_each_call(|| {
        let scratch = Scratch::new(Reading::Default);
        let (old, new) = (anthropic_key(), anthropic_key());
        scratch.write(".gitignore", ".env*\n");
        scratch.write(".env", format!("A_KEY={old}\n"));
        scratch.write(".env.local", format!("A_KEY={old}\n"));
        let args = words(&["keys", "rotate", "A_KEY", "--yes"]);
        (scratch, args, new, BTreeSet::new())
    });
}
