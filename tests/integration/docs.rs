//! README.md and docs/: what they tell people to type is typed, and what they name is there.
//!
//! A block of ```` ```console ```` is run, line by line, in one repository for each page. Above it
//! stands, in comments that no reader sees, that it is run and how its last command ends, and what
//! must be there before:
//!
//! ```text
//! <!-- given: app.py holds a made-up key -->
//! <!-- run, ends with 1 -->
//! ```
//!
//! `...` in the output stands for anything. An id of a finding is another one in each run.

#![cfg(unix)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

use crate::support::{Ran, Reading, Scratch, anthropic_key, run};

fn top() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// README.md and every page of docs/.
fn pages() -> Vec<(String, String)> {
    let mut paths = vec![PathBuf::from("README.md")];
    for dir in ["docs", "docs/reference"] {
        for entry in fs::read_dir(top().join(dir)).unwrap() {
            let name = entry.unwrap().file_name();
            paths.push(Path::new(dir).join(name));
        }
    }
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "md"));
    paths.sort();
    assert!(paths.len() >= 3, "{paths:?}");
    paths
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(top().join(&path)).unwrap();
            (path.display().to_string(), text)
        })
        .collect()
}

/// A repository with keyward on PATH.
fn repository() -> Scratch {
    let mut scratch = Scratch::new(Reading::Default);
    let bin = scratch.root().join("bin");
    fs::create_dir(&bin).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_keyward"), bin.join("keyward")).unwrap();
    scratch.first_on_path(&bin);
    scratch.commit_all();
    scratch
}

/// Runs one command with both channels in one.
fn sh(scratch: &Scratch, command: &str) -> Ran {
    run(scratch
        .command("sh")
        .args(["-c", &format!("{{ {command}\n}} 2>&1")]))
}

fn given(scratch: &Scratch, what: &str) {
    if what == "keyward is installed" {
        assert_eq!(sh(scratch, "keyward install").code, Some(0));
        return;
    }
    if what == "a server" {
        let server = scratch.root().join("server.git");
        scratch.git(&["init", "-q", "--bare", server.to_str().unwrap()]);
        return;
    }
    let (file, content) = what.split_once(" holds ").expect("`given: FILE holds ...`");
    match content {
        "a made-up key" => scratch.write(file, key_line()),
        "a made-up key, staged" => scratch.add(file, key_line()),
        text => scratch.write(file, format!("{text}\n")),
    }
}

fn key_line() -> String {
    format!("api_key = \"{}\"\n", anthropic_key())
}

/// Ids in a page and the ids that they stand for in this run.
struct Ids(BTreeMap<String, String>);

impl Ids {
    fn translate(&self, command: &str) -> String {
        self.0.iter().fold(command.to_owned(), |text, (from, to)| {
            text.replace(from, to)
        })
    }

    /// Whether the line is what the page says, and if so, which ids stand in it.
    fn fits(&mut self, expected: &str, line: &str) -> bool {
        let id = Regex::new("keyward allow ([0-9a-f]{8})").unwrap();
        let shown = Regex::new("(sk-ant-api03-)[A-Za-z0-9]{4}…").unwrap();
        let expected = &*shown.replace(expected, "$1...");
        let mut pattern = regex::escape(expected).replace(r"\.\.\.", ".*");
        let named = id.captures(expected).map(|found| found[1].to_owned());
        if let Some(named) = &named {
            pattern = pattern.replace(named.as_str(), "[0-9a-f]{8}");
        }
        if !Regex::new(&format!("^{pattern}$")).unwrap().is_match(line) {
            return false;
        }
        if let (Some(named), Some(found)) = (named, id.captures(line)) {
            self.0.insert(named, found[1].to_owned());
        }
        true
    }
}

#[test]
fn every_command_does_what_its_page_says() {
    let mut ran = 0;
    for (page, text) in pages() {
        let scratch = repository();
        let mut ids = Ids(BTreeMap::new());
        let mut lines = text.lines().peekable();
        let mut ends = None;
        while let Some(line) = lines.next() {
            let comment = line
                .strip_prefix("<!-- ")
                .and_then(|rest| rest.strip_suffix(" -->"));
            if let Some(what) = comment.and_then(|comment| comment.strip_prefix("given: ")) {
                given(&scratch, what);
            } else if let Some(how) = comment.and_then(|comment| comment.strip_prefix("run")) {
                let code = how.strip_prefix(", ends with ").unwrap_or("0");
                ends = Some(code.parse::<i32>().unwrap());
            } else if line == "```console" {
                let ends = ends.take();
                let ends = ends.unwrap_or_else(|| panic!("{page}: a block that nobody runs"));
                let mut block: Vec<(&str, Vec<&str>)> = Vec::new();
                for line in lines.by_ref().take_while(|line| *line != "```") {
                    match line.strip_prefix("$ ") {
                        Some(command) => block.push((command, Vec::new())),
                        None => block.last_mut().expect("a command first").1.push(line),
                    }
                }
                let last = block.len() - 1;
                for (at, (command, expected)) in block.into_iter().enumerate() {
                    let done = sh(&scratch, &ids.translate(command));
                    let code = if at == last { ends } else { 0 };
                    let told = format!("{page}: {command}\n{}", done.stdout);
                    assert_eq!(done.code, Some(code), "{told}");
                    let mut output = done.stdout.lines();
                    for line in expected {
                        assert!(
                            // git fills up what a server says with blanks.
                            output.any(|told| ids.fits(line, told.trim_end())),
                            "{told}\nhas no line: {line}"
                        );
                    }
                    ran += 1;
                }
            }
        }
    }
    assert!(ran >= 15, "{ran} commands were run");
}

/// Code in a page: what stands between backticks within a line, and the lines of blocks that are
/// indented or fenced, but for those of other languages than the shell's.
fn code(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut fence: Option<&str> = None;
    for line in text.lines() {
        match (fence, line.strip_prefix("```")) {
            (None, Some(language)) => fence = Some(language),
            (Some(_), Some(_)) => fence = None,
            (Some("console" | "sh"), None) => {
                found.extend(line.strip_prefix("$ ").map(str::to_owned));
            }
            (Some(_), None) => {}
            (None, None) => match line.strip_prefix("    ") {
                Some(code) => found.push(code.strip_prefix("$ ").unwrap_or(code).to_owned()),
                None => found.extend(line.split('`').skip(1).step_by(2).map(str::to_owned)),
            },
        }
    }
    found
}

#[test]
fn every_subcommand_and_option_that_a_page_names_exists() {
    let scratch = repository();
    let mut helps: BTreeMap<String, String> = BTreeMap::new();
    let mut help = |words: &str| -> String {
        let known = helps.entry(words.to_owned()).or_insert_with(|| {
            let ran = sh(&scratch, &format!("keyward {words} --help"));
            assert_eq!(ran.code, Some(0), "there is no `keyward {words}`");
            ran.stdout
        });
        known.clone()
    };
    let mut checked = 0;
    for (page, text) in pages() {
        for code in code(&text) {
            for call in code.split(['|', ';', '&', '(']) {
                let Some(call) = call.trim().strip_prefix("keyward ") else {
                    continue;
                };
                let mut words = call.split_whitespace();
                let mut command = words.next().unwrap_or_default().to_owned();
                if !command.starts_with(|c: char| c.is_ascii_lowercase()) {
                    continue;
                }
                let usage = help(&command);
                let mut rest = words.peekable();
                if usage.contains("<COMMAND>")
                    && let Some(below) = rest.next()
                {
                    command = format!("{command} {below}");
                }
                let usage = help(&command);
                for option in rest.filter(|word| word.starts_with("--") && word.len() > 2) {
                    let name = option.split('=').next().unwrap_or(option);
                    assert!(
                        usage.contains(name),
                        "{page}: `keyward {command}` has no {name}"
                    );
                }
                checked += 1;
            }
        }
    }
    assert!(checked >= 30, "{checked} calls were checked");
}

#[test]
fn every_path_and_link_that_a_page_names_is_there() {
    // Not to other sites, and no regex that looks like a link.
    let link = Regex::new(r"\]\(([A-Za-z0-9._/-]+)(#[^)]*)?\)").unwrap();
    let own = [
        "src/", "docs/", "hooks/", "benches/", "tests/", "npm/", ".ci/", ".github/", "./",
    ];
    for (page, text) in pages() {
        let beside = top().join(&page);
        for found in link.captures_iter(&text) {
            let target = &found[1];
            let path = beside.parent().unwrap().join(target);
            assert!(path.exists(), "{page}: there is no {target}");
        }
        for code in code(&text) {
            let word = code.split_whitespace().next().unwrap_or_default();
            if own.iter().any(|start| word.starts_with(start)) && !word.contains('*') {
                // A name to be filled in: its directory must be there.
                let there = word.split('<').next().unwrap_or(word);
                let path = top().join(there);
                assert!(path.exists(), "{page}: there is no {word}");
            }
        }
    }
}

#[test]
fn every_settings_file_that_a_page_shows_is_valid() {
    let mut checked = 0;
    for (page, text) in pages() {
        for block in text.split("```toml\n").skip(1) {
            let block = block.split("\n```").next().unwrap();
            // A provider's file is checked by the tests of the catalog, and what `extends` names is
            // not there.
            if block.starts_with("provider = ") || block.contains("extends = ") {
                continue;
            }
            let scratch = repository();
            scratch.write(".keyward.toml", block);
            scratch.add("a", "b\n");
            let ran = scratch.keyward(&["scan", "--staged"]);
            assert_eq!(ran.code, Some(0), "{page}: {}\n{block}", ran.stderr);
            checked += 1;
        }
    }
    assert!(checked >= 1);
}

#[test]
fn exit_codes_are_told_the_same_everywhere() {
    let scratch = repository();
    let help = scratch.keyward(&["--help"]).stdout;
    let readme = fs::read_to_string(top().join("README.md")).unwrap();
    for (code, word) in [
        (0, "clean"),
        (1, "findings"),
        (2, "usage"),
        (3, "could not"),
    ] {
        assert!(help.contains(&format!("{code} {word}")), "{help}");
        let row = readme
            .lines()
            .find(|line| line.starts_with(&format!("| {code} |")));
        assert!(row.is_some_and(|row| row.contains(word)), "{code}");
    }
}
