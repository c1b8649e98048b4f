//! What people see on terminals of 40, 80 and 200 columns, kept in `tests/integration/shown` to be looked at:
//! a change of it shows in the difference of the commit. To write it anew:
//!
//! ```text
//! KEYWARD_WRITE_DOCS=1 cargo test --locked --test integration widths
//! ```

#![cfg(unix)]

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::{Reading, Scratch, on_terminal};

/// A key of Anthropic's format that is the same for each run: what is shown of it and its fingerprint are, too.
fn key(seed: u32) -> String {
    let letters: Vec<char> = ('a'..='z').chain('A'..='Z').chain('0'..='9').collect();
    let mut state = seed;
    let random: String = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        letters[(state >> 16) as usize % letters.len()]
    })
    .take(93)
    .collect();
    format!("{}{}{random}AA", "sk-ant-", "api03-")
}

/// A commit that is refused for one key.
fn one_key(scratch: &Scratch) -> Command {
    scratch.add(
        "src/client.py",
        format!("client = Client(\n    api_key=\"{}\",\n)\n", key(1)),
    );
    git(scratch, &["commit", "-m", "one"])
}

/// A commit that is refused for several keys, a file of secrets among them.
fn many_keys(scratch: &Scratch) -> Command {
    scratch.add(
        "src/a rather long name of a directory/settings.ts",
        format!("export const key = '{}';\n", key(2)),
    );
    scratch.add(
        "deploy.sh",
        format!(
            "curl -H 'x-api-key: {}' https://api.anthropic.com\n",
            key(3)
        ),
    );
    scratch.add("again.yml", format!("key: {}\n", key(3)));
    scratch.add(".env", format!("ANTHROPIC_API_KEY={}\nPORT=8080\n", key(4)));
    git(scratch, &["commit", "-m", "many"])
}

fn scan(scratch: &Scratch) -> Command {
    many_keys(scratch);
    keyward(scratch, &["scan", "."])
}

fn mistake(scratch: &Scratch) -> Command {
    scratch.write(".keyward.toml", "[scan]\ntreshold = \"certain\"\n");
    keyward(scratch, &["scan", "."])
}

fn rules(scratch: &Scratch) -> Command {
    keyward(scratch, &["rules", "show", "anthropic-api-key"])
}

fn allowed(scratch: &Scratch) -> Command {
    scratch.add("a.py", format!("key = '{}'\n", key(5)));
    let args = [
        "allow",
        "--all",
        "--reason",
        "the example of the manual, revoked in January",
        "--until",
        "2099-01-31",
    ];
    scratch.keyward(&args).passes();
    keyward(scratch, &["allow", "--list"])
}

fn audit(scratch: &Scratch) -> Command {
    scratch.add("a.py", format!("key = '{}'\n", key(6)));
    scratch.git(&["commit", "--quiet", "--no-verify", "-m", "key"]);
    scratch.add("a.py", "key = None\n");
    scratch.git(&["commit", "--quiet", "--no-verify", "-m", "none"]);
    keyward(scratch, &["audit"])
}

fn git(scratch: &Scratch, args: &[&str]) -> Command {
    with(scratch.command("git"), args)
}

fn keyward(scratch: &Scratch, args: &[&str]) -> Command {
    with(scratch.command(env!("CARGO_BIN_EXE_keyward")), args)
}

fn with(mut command: Command, args: &[&str]) -> Command {
    command.args(args);
    command
}

/// Its name, and what shows it in a new repository.
type View = (&'static str, fn(&Scratch) -> Command);

const VIEWS: &[View] = &[
    ("refused", one_key),
    ("refused-many", many_keys),
    ("scan", scan),
    ("mistake", mistake),
    ("rules-show", rules),
    ("allow-list", allowed),
    ("audit", audit),
];

#[test]
fn a_view_is_shown_as_it_was_looked_at() {
    for columns in [40, 80, 200] {
        let mut shown = String::new();
        for (name, prepare) in VIEWS {
            let mut scratch = Scratch::new(Reading::Default);
            scratch.hook("pre-commit");
            scratch.set("TERM", "dumb");
            let command = prepare(&scratch);
            let Some((_, text)) = on_terminal(command, columns, "") else {
                return;
            };
            for line in text.lines() {
                // What is copied is in one line, and so is what a table or a mistake says.
                let is_open = line.contains("--reason") && !line.contains("--reason \"...\"");
                assert!(!is_open, "{name} {columns}: {line}");
            }
            shown.push_str(&format!("== {name}\n{text}\n"));
        }
        hold(columns, &shown);
    }
}

/// Holds what is shown to the file, or writes that.
#[track_caller]
fn hold(columns: u16, shown: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join(format!("tests/integration/shown/{columns}.txt"));
    if std::env::var_os("KEYWARD_WRITE_DOCS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, shown).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    let different = kept
        .lines()
        .zip(shown.lines())
        .find(|(kept, shown)| kept != shown);
    assert!(kept == shown, "{columns} columns: {different:?}");
}

#[test]
fn colours_are_for_terminals_that_have_them() {
    for (term, is_coloured) in [("xterm-256color", true), ("dumb", false)] {
        let mut scratch = Scratch::new(Reading::Default);
        scratch.set("TERM", term);
        let command = scan(&scratch);
        let Some((code, text)) = on_terminal(command, 80, "") else {
            return;
        };
        assert_eq!(
            (code, text.contains("\u{1b}[")),
            (Some(1), is_coloured),
            "{text}"
        );
    }
}
