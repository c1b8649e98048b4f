//! `keyward sweep`: a made-up home directory with a key in each place, and what lies in the way.

#![cfg(unix)]

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use serde_json::Value;

use crate::support::{Ran, Reading, Scratch, anthropic_key, assert_no_run, run};

/// Writes a file that nobody else can read.
fn plant(home: &Path, path: &str, content: impl AsRef<[u8]>) {
    let file = home.join(path);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, content).unwrap();
    mode(&file, 0o600);
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn sweep(scratch: &Scratch, args: &[&str]) -> Ran {
    scratch.keyward(&[&["sweep"], args].concat())
}

fn told(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}{}", ran.stdout, ran.stderr))
}

fn paths(report: &Value, of: &str) -> Vec<String> {
    let all = report[of].as_array().unwrap().iter();
    all.map(|one| one["path"].as_str().unwrap().to_owned())
        .collect()
}

/// The paths of 25 places, each with a text around a key.
fn places() -> Vec<(&'static str, String)> {
    let k = anthropic_key;
    let in_pieces = |key: String| {
        let (one, other) = key.split_at(30);
        (one.to_owned(), other.to_owned())
    };
    let (mail_one, mail_other) = in_pieces(k());
    let (cast_one, cast_other) = in_pieces(k());
    vec![
        (
            ".bashrc",
            format!("alias ll='ls -l'\nexport ANTHROPIC_API_KEY={}\n", k()),
        ),
        (".config/fish/config.fish", format!("set -gx K {}\n", k())),
        (
            ".bash_history",
            format!("ls\ncurl -H 'x-api-key: {}' https://a.example\nls\n", k()),
        ),
        (
            ".zsh_history",
            format!(": 1700000000:0;export KEY={}\n", k()),
        ),
        (
            ".local/share/fish/fish_history",
            format!("- cmd: export K={}\n  when: 1700000000\n", k()),
        ),
        (
            ".claude.json",
            format!(
                r#"{{"mcpServers": {{"a": {{"env": {{"KEY": "{}"}}}}}}}}"#,
                k()
            ),
        ),
        (
            ".cursor/mcp.json",
            format!(
                r#"{{"mcpServers": {{"a": {{"env": {{"KEY": "{}"}}}}}}}}"#,
                k()
            ),
        ),
        (
            "work/app/.mcp.json",
            format!(
                r#"{{"mcpServers": {{"a": {{"args": ["--api-key={}"]}}}}}}"#,
                k()
            ),
        ),
        (
            ".codex/config.toml",
            format!("[mcp_servers.a.env]\nKEY = \"{}\"\n", k()),
        ),
        (
            "work/app/.idea/workspace.xml",
            format!("<env name=\"API_KEY\" value=\"{}\" />\n", k()),
        ),
        (
            "work/app/.vscode/launch.json",
            format!(r#"{{"configurations": [{{"env": {{"K": "{}"}}}}]}}"#, k()),
        ),
        (
            "work/app/.git/config",
            format!("[http]\n\textraheader = \"x-api-key: {}\"\n", k()),
        ),
        (
            "work/api.postman_environment.json",
            format!(
                r#"{{"values": [{{"key": "k", "value": "{}", "type": "secret"}}]}}"#,
                k()
            ),
        ),
        (
            "work/a.bru",
            format!("auth:bearer {{\n  token: {}\n}}\n", k()),
        ),
        (
            ".config/google-chrome/Default/Bookmarks",
            format!(
                r#"{{"roots": {{"bar": {{"url": "https://a.example/?key={}"}}}}}}"#,
                k()
            ),
        ),
        (
            "Desktop/keys/old.txt",
            format!("the key for the demo is {}\n", k()),
        ),
        ("Documents/todo.md", format!("- [ ] rotate {}\n", k())),
        (
            "Downloads/settings.json",
            format!(r#"{{"apiKey": "{}"}}"#, k()),
        ),
        (
            "vault/.obsidian/plugins/ai/data.json",
            format!(r#"{{"apiKey": "{}"}}"#, k()),
        ),
        (
            ".thunderbird/a.default/Mail/Local Folders/Drafts",
            format!(
                "From - Mon\nContent-Transfer-Encoding: quoted-printable\n\nHi, the key=\n is {mail_one}=\n{mail_other}\n"
            ),
        ),
        (
            "Downloads/export/general/2026-01-01.json",
            format!(r#"[{{"text": "use {}"}}]"#, k()),
        ),
        (
            ".claude/projects/-home-a-app/1.jsonl",
            format!(
                "{}\n",
                serde_json::json!({"content": format!("ANTHROPIC_API_KEY={}\n", k())})
            ),
        ),
        (
            "demo.cast",
            format!(
                "{{\"version\": 2}}\n[0.1, \"o\", \"{cast_one}\"]\n[0.2, \"o\", \"{cast_other}\\r\\n\"]\n"
            ),
        ),
        (
            ".npm/_logs/2026-debug.log",
            format!("verbose argv \"--key\" \"{}\"\n", k()),
        ),
        (
            ".config/Code/User/History/1a2b/x.py",
            format!("client = Client('{}')\n", k()),
        ),
    ]
}

#[test]
fn a_key_in_each_place_is_found_and_none_is_shown() {
    let scratch = Scratch::new(Reading::Default);
    let home = scratch.home();
    let places = places();
    assert_eq!(places.len(), 25);
    for (path, content) in &places {
        plant(home, path, content);
    }
    let ran = sweep(&scratch, &["--json"]);
    assert_eq!(ran.code, Some(1), "{}{}", ran.stdout, ran.stderr);
    let report = told(&ran);
    let found: BTreeSet<String> = paths(&report, "findings").into_iter().collect();
    let expected: BTreeSet<String> = places.iter().map(|(path, _)| (*path).to_owned()).collect();
    assert_eq!(found, expected);
    assert!(paths(&report, "not_looked_at").is_empty(), "{report}");
    let by_hand = sweep(&scratch, &[]);
    assert_eq!(by_hand.code, Some(1));
    for said in [&ran.stdout, &by_hand.stdout, &ran.stderr, &by_hand.stderr] {
        for (_, content) in &places {
            let is_of_key = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
            for (at, start) in content.match_indices("sk-ant-api03-") {
                let body = &content[at + start.len()..];
                let end = body.find(|c| !is_of_key(c)).unwrap_or(body.len());
                assert_no_run(said.as_bytes(), &content[at..][..start.len() + end], 8);
            }
        }
    }
    assert!(
        by_hand.stdout.contains("sed -i '2d' ~/.bash_history") || cfg!(target_os = "macos"),
        "{}",
        by_hand.stdout
    );
    assert!(
        by_hand.stdout.contains("${env:ANTHROPIC_API_KEY}"),
        "{}",
        by_hand.stdout
    );
}

#[test]
fn one_key_takes_less_than_fifteen_lines() {
    let scratch = Scratch::new(Reading::Default);
    plant(
        scratch.home(),
        ".bash_history",
        format!("ls\nexport ANTHROPIC_API_KEY={}\n", anthropic_key()),
    );
    let ran = sweep(&scratch, &[]);
    assert_eq!(ran.code, Some(1));
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert!(lines.len() < 15, "{}", ran.stdout);
    assert!(
        lines
            .last()
            .is_some_and(|last| last.starts_with("keyward: 1 key ")),
        "{}",
        ran.stdout
    );
    fs::remove_file(scratch.home().join(".bash_history")).unwrap();
    let clean = sweep(&scratch, &[]);
    clean.passes();
    assert_eq!(clean.stdout.lines().count(), 1, "{}", clean.stdout);
}

#[test]
fn what_leads_out_is_not_followed_and_what_waits_is_not_opened() {
    let scratch = Scratch::new(Reading::Default);
    let home = scratch.home();
    let outside = scratch.root().join("outside");
    fs::create_dir(&outside).unwrap();
    plant(
        &outside,
        "secret",
        format!("export K={}\n", anthropic_key()),
    );
    plant(
        &outside,
        "settings/config.fish",
        format!("set K {}\n", anthropic_key()),
    );
    plant(
        &outside,
        "app/.vscode/launch.json",
        format!("\"{}\"", anthropic_key()),
    );
    symlink(outside.join("secret"), home.join(".bashrc")).unwrap();
    fs::create_dir_all(home.join(".config")).unwrap();
    symlink(outside.join("settings"), home.join(".config/fish")).unwrap();
    symlink(outside.join("app"), home.join("app")).unwrap();
    symlink("../outside/secret", home.join(".profile")).unwrap();
    symlink("nowhere", home.join(".zshenv")).unwrap();
    // Links of those who keep their settings in a repository are followed, and circles end.
    plant(
        home,
        "dotfiles/zshrc",
        format!("export K={}\n", anthropic_key()),
    );
    symlink("dotfiles/zshrc", home.join(".zshrc")).unwrap();
    plant(
        home,
        "dotfiles/claude/settings.json",
        format!("{{\"env\": {{\"K\": \"{}\"}}}}", anthropic_key()),
    );
    symlink(home.join("dotfiles/claude"), home.join(".claude")).unwrap();
    symlink(home, home.join("dotfiles/home")).unwrap();
    symlink("..", home.join("dotfiles/claude/up")).unwrap();
    // A store may mount a pipe: whoever opens it waits, or asks.
    run(scratch.command("mkfifo").arg(home.join(".env"))).passes();
    run(scratch.command("mkfifo").arg(home.join(".netrc"))).passes();
    let ran = sweep(&scratch, &["--json"]);
    assert_eq!(ran.code, Some(1), "{}{}", ran.stdout, ran.stderr);
    let report = told(&ran);
    assert_eq!(
        paths(&report, "findings"),
        [".zshrc", ".claude/settings.json"]
    );
    let left = report["not_looked_at"].as_array().unwrap();
    let left: BTreeSet<(&str, &str)> = left
        .iter()
        .map(|left| {
            (
                left["path"].as_str().unwrap(),
                left["reason"].as_str().unwrap(),
            )
        })
        .collect();
    let expected = [
        (".bashrc", "link-out"),
        (".config/fish", "link-out"),
        (".env", "no-file"),
        (".netrc", "no-file"),
        (".profile", "link-out"),
    ];
    assert_eq!(left, BTreeSet::from(expected));
}

#[test]
fn a_tool_s_own_file_is_told_only_if_others_can_read_it() {
    let scratch = Scratch::new(Reading::Default);
    let home = scratch.home();
    for path in [".netrc", "app/.env", ".aws/credentials"] {
        plant(home, path, format!("K={}\n", anthropic_key()));
    }
    mode(home, 0o755);
    sweep(&scratch, &[]).passes();
    mode(&home.join(".netrc"), 0o644);
    mode(&home.join("app/.env"), 0o644);
    mode(&home.join(".aws/credentials"), 0o644);
    mode(&home.join(".aws"), 0o700);
    let report = told(&sweep(&scratch, &["--json"]));
    assert_eq!(paths(&report, "findings"), ["app/.env", ".netrc"]);
    let first = &report["findings"][0];
    assert_eq!(first["readable_by"], "everybody");
    assert_eq!(first["command"], "chmod 600 ~/app/.env");
    // Where nobody comes in, nobody reads.
    mode(home, 0o700);
    sweep(&scratch, &[]).passes();
}

#[test]
fn a_key_in_the_name_of_what_was_not_looked_at_is_not_shown() {
    let scratch = Scratch::new(Reading::Default);
    let home = scratch.home();
    let keys: Vec<String> = (0..4).map(|_| anthropic_key()).collect();
    fs::create_dir_all(home.join("Downloads")).unwrap();
    let at = |key: &String| home.join(format!("Downloads/{key}.json"));
    let long = fs::File::create(at(&keys[0])).unwrap();
    long.set_len((64 << 20) + 1).unwrap();
    plant(&scratch.root(), "outside.json", "{}");
    symlink(scratch.root().join("outside.json"), at(&keys[1])).unwrap();
    run(scratch.command("mkfifo").arg(at(&keys[2]))).passes();
    let below = home.join(format!("Desktop/{}/a.txt", keys[3]));
    fs::create_dir_all(below.parent().unwrap()).unwrap();
    let long = fs::File::create(below).unwrap();
    long.set_len((64 << 20) + 1).unwrap();
    let json = sweep(&scratch, &["--json"]);
    let mut reasons: Vec<String> = told(&json)["not_looked_at"]
        .as_array()
        .unwrap()
        .iter()
        .map(|left| left["reason"].as_str().unwrap().to_owned())
        .collect();
    reasons.sort();
    assert_eq!(reasons, ["link-out", "no-file", "too-long", "too-long"]);
    let by_hand = sweep(&scratch, &["--verbose"]);
    assert!(by_hand.stdout.contains("~/Downloads/sk-ant-api03-"));
    for said in [&json.stdout, &json.stderr, &by_hand.stdout, &by_hand.stderr] {
        let shown = keys.iter().any(|key| said.contains(&key[20..32]));
        assert!(!shown, "{said}");
    }
}

#[test]
fn what_could_not_be_read_is_said() {
    let scratch = Scratch::new(Reading::Default);
    let home = scratch.home();
    let long = fs::File::create(home.join(".zsh_history")).unwrap();
    long.set_len((64 << 20) + 1).unwrap();
    let ran = sweep(&scratch, &[]);
    assert_eq!(ran.code, Some(3), "{}", ran.stdout);
    let said = "not looked at, longer than 64 MiB: ~/.zsh_history\n";
    assert!(ran.stdout.contains(said), "{}", ran.stdout);
    // One who may read all is not kept out by a mode.
    plant(home, ".bash_history", "ls\n");
    mode(&home.join(".bash_history"), 0);
    if fs::read(home.join(".bash_history")).is_err() {
        let ran = sweep(&scratch, &[]);
        assert!(
            ran.stdout.contains("permission denied: ~/.bash_history"),
            "{}",
            ran.stdout
        );
    } else {
        eprintln!("a file that nobody may read: not tried, since this user may read all");
    }
}
