//! `keyward doctor` asks in the place of each AI agent, and names what mends what is wrong.

#![cfg(unix)]

use std::fs;

use keyward::parts::agent::Agent;

use crate::doctor::Set;
use crate::support::{run, write_script};

impl Set {
    /// The lines about agents; what they end with is `code`.
    fn told_of_agents(&self, code: i32) -> String {
        let ran = self.doctor(&[]);
        assert_eq!(ran.code, Some(code), "{}{}", ran.stdout, ran.stderr);
        let mut lines = ran.stdout.lines().peekable();
        let mut told = String::new();
        while let Some(line) = lines.next() {
            if line.contains(" agents ") {
                told.push_str(line);
                told.push('\n');
                if let Some(mend) = lines.next_if(|line| line.starts_with("      ")) {
                    told.push_str(mend);
                    told.push('\n');
                }
            }
        }
        told
    }

    #[track_caller]
    fn says_of_agents(&self, code: i32, words: &[&str]) {
        let told = self.told_of_agents(code);
        for word in words {
            assert!(told.contains(word), "no {word}:\n{told}");
        }
    }
}

#[test]
fn each_agent_is_proven_by_what_its_settings_name() {
    let set = Set::on_path();
    assert_eq!(set.told_of_agents(0), "");
    let names: Vec<&str> = Agent::ALL.iter().map(|agent| agent.name()).collect();
    set.keyward(&[&["install", "--agents"][..], &names].concat())
        .passes();
    set.keyward(&[&["install", "--agents"][..], &names, &["--global"]].concat())
        .passes();
    let told = set.told_of_agents(0);
    assert_eq!(told.lines().count(), 1, "{told}");
    for file in [
        ".amp/plugins/keyward.ts",
        ".claude/settings.json",
        ".clinerules/hooks/PreToolUse",
        ".clinerules/hooks/PreToolUse.ps1",
        ".codex/hooks.json",
        ".cursor/hooks.json",
        ".devin/hooks.v1.json",
        ".factory/hooks.json",
        ".gemini/settings.json",
        ".github/hooks/keyward.json",
        ".kilo/plugin/keyward.js",
        ".kiro/hooks/keyward.json",
        ".opencode/plugin/keyward.js",
        ".qwen/settings.json",
        ".vibe/hooks.toml",
        ".windsurf/hooks.json",
    ] {
        assert!(told.contains(&format!(" ({file})")), "no {file}: {told}");
    }
    let home = set.scratch.home().join(".codeium/windsurf/hooks.json");
    assert!(told.contains(home.to_str().unwrap()), "{told}");
}

#[test]
fn what_does_not_stop_a_key_is_broken_and_the_mend_mends_it() {
    let set = Set::on_path();
    set.keyward(&["install", "--agents", "claude-code", "--global"])
        .passes();
    set.says_of_agents(0, &["a command with a made-up key was refused"]);
    // The program is gone, and another one is where the mend finds it.
    let elsewhere = set.scratch.root().join("elsewhere/keyward");
    fs::create_dir(elsewhere.parent().unwrap()).unwrap();
    fs::rename(set.program(), &elsewhere).unwrap();
    let mend = "keyward install --agents claude-code --global";
    set.says_of_agents(1, &["BROKEN", "it goes on unasked", mend]);
    let ran = set.doctor(&[]);
    assert!(ran.stdout.contains("NOT safe"), "{}", ran.stdout);
    for (text, word) in [
        ("#!/bin/sh\ncat >/dev/null\n", "went through"),
        ("#!/bin/sh\nexit 3\n", "ended with 3"),
        (
            "#!/bin/sh\ncat >/dev/null\necho no >&2\nexit 2\n",
            "refuses a command without",
        ),
    ] {
        write_script(&set.program(), text);
        set.says_of_agents(1, &["BROKEN", word, mend]);
        fs::remove_file(set.program()).unwrap();
    }
    run(set.scratch.command(&elsewhere).args(["install"])).passes();
    let anew = ["install", "--agents", "claude-code", "--global"];
    run(set.scratch.command(&elsewhere).args(anew)).passes();
    set.says_of_agents(0, &["a command with a made-up key was refused"]);

    let file = set.scratch.home().join(".claude/settings.json");
    let whole = fs::read_to_string(&file).unwrap();
    fs::write(&file, whole.replace("PostToolUse", "Stop")).unwrap();
    set.says_of_agents(0, &["untidy", "old entry", "not at PostToolUse", mend]);
    fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    set.says_of_agents(1, &["BROKEN", "can't be read", "mend the file"]);
}

#[test]
fn a_repository_has_no_program_of_its_own_run() {
    let set = Set::on_path();
    let top = set.scratch.top();
    let mark = set.scratch.root().join("mark");
    let script = format!("#!/bin/sh\ntouch '{}'\n", mark.display());
    write_script(&top.join("tools/keyward"), &script);
    for command in [
        format!("{}/tools/keyward agent-hook claude-code", top.display()),
        "./tools/keyward agent-hook claude-code".to_owned(),
        "tools/keyward agent-hook claude-code".to_owned(),
        format!(
            "touch {}; /x/keyward agent-hook claude-code",
            mark.display()
        ),
        format!("$(touch {})/keyward agent-hook claude-code", mark.display()),
    ] {
        let hook = serde_json::json!([{ "hooks": [{ "type": "command", "command": command }] }]);
        let events = ["UserPromptSubmit", "PreToolUse", "PostToolUse"];
        let hooks: serde_json::Map<_, _> = events
            .iter()
            .map(|event| ((*event).to_owned(), hook.clone()))
            .collect();
        set.scratch.write(
            ".claude/settings.json",
            serde_json::json!({ "hooks": hooks }).to_string(),
        );
        set.says_of_agents(
            0,
            &[
                "untried",
                "was not run",
                "keyward install --agents claude-code",
            ],
        );
        assert!(!mark.exists(), "{command}");
    }
    // Nor one that PATH finds in the repository.
    set.keyward(&["install", "--agents", "claude-code"])
        .passes();
    let path = format!("{}/tools:{}", top.display(), "/usr/bin:/bin");
    let mut doctor = set.scratch.command(env!("CARGO_BIN_EXE_keyward"));
    let ran = run(doctor.arg("doctor").env("PATH", path));
    assert!(!mark.exists(), "{}", ran.stdout);
    assert!(ran.stdout.contains("there is no keyward"), "{}", ran.stdout);
}

#[test]
fn aider_is_told_of_with_the_setting_that_mends_it() {
    let set = Set::on_path();
    set.scratch.write(".aider.chat.history.md", "x\n");
    set.says_of_agents(
        0,
        &[
            "untidy",
            "Aider commits with --no-verify",
            "git-commit-verify: true",
        ],
    );
    set.scratch
        .write(".aider.conf.yml", "model: x\ngit-commit-verify: true\n");
    assert_eq!(set.told_of_agents(0), "");
    set.scratch
        .write(".aider.conf.yml", "git-commit-verify: false\n");
    set.says_of_agents(0, &["untidy", "Aider"]);
    set.scratch
        .write(".keyward.toml", "[hooks]\nunchecked = \"deny\"\n");
    set.scratch.git(&["add", ".keyward.toml"]);
    set.keyward(&["install"]).passes();
    assert_eq!(set.told_of_agents(0), "");
}

#[test]
fn an_event_that_is_lost_is_told_whatever_the_settings_look_like() {
    let set = Set::on_path();
    for (agent, file, lost) in [
        ("cursor", ".cursor/hooks.json", "beforeReadFile"),
        ("copilot", ".github/hooks/keyward.json", "preToolUse"),
        ("kiro", ".kiro/hooks/keyward.json", "PostToolUse"),
        ("kimi", ".kimi-code/config.toml", "UserPromptSubmit"),
        ("vibe", ".vibe/hooks.toml", "pre_tool"),
    ] {
        let scope: &[&str] = if agent == "kimi" { &["--global"] } else { &[] };
        set.keyward(&[&["install", "--agents", agent][..], scope].concat())
            .passes();
        let path = match agent {
            "kimi" => set.scratch.home().join(file),
            _ => set.scratch.top().join(file),
        };
        let whole = fs::read_to_string(&path).unwrap();
        assert!(whole.contains(lost), "{whole}");
        fs::write(&path, whole.replace(&format!("\"{lost}\""), "\"Other\"")).unwrap();
        set.says_of_agents(0, &["untidy", &format!("not at {lost}")]);
        fs::remove_file(&path).unwrap();
    }
    set.keyward(&["install", "--agents", "cline"]).passes();
    let gone = set.scratch.top().join(".clinerules/hooks/UserPromptSubmit");
    fs::remove_file(gone).unwrap();
    set.says_of_agents(0, &["untidy", "not at UserPromptSubmit"]);
}
