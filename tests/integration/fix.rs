//! `keyward fix`: a finding mended where it stands, without losing the value.

#![cfg(unix)]

use std::fs;

use crate::support::{Reading, Scratch, anthropic_key, ids, letters, on_terminal, run};

/// The id of the first finding of what is staged, as it is told.
fn id_of(scratch: &Scratch, path: &str) -> String {
    let ran = scratch.keyward(&["scan", "--format", "json", path]);
    ids(&ran.stdout).swap_remove(0)
}

#[test]
fn a_key_in_three_files_is_mended_by_three_commands_and_the_program_runs() {
    let scratch = Scratch::new(Reading::Default);
    let (first, second, third) = (anthropic_key(), anthropic_key(), anthropic_key());
    let python = format!(
        "import sys\nANTHROPIC_API_KEY = \"{first}\"\nsys.stdout.write(ANTHROPIC_API_KEY)\n"
    );
    scratch.add("app.py", &python);
    scratch.add("app.js", format!("const claudeKey = '{second}';\n"));
    scratch.add(
        ".github/workflows/a.yml",
        format!("env:\n  DEPLOY_API_KEY: {third}\n"),
    );
    scratch.write(".env", "# mine\nPORT=1\n");
    let mut undo = String::new();
    for (path, name) in [
        ("app.py", "ANTHROPIC_API_KEY"),
        ("app.js", "CLAUDE_KEY"),
        (".github/workflows/a.yml", "DEPLOY_API_KEY"),
    ] {
        let before = fs::read_to_string(scratch.top().join(path)).unwrap();
        let id = id_of(&scratch, path);
        // Nobody is asked where nobody is.
        let ran = scratch.keyward(&["fix", &id]);
        assert_eq!(ran.code, Some(2), "{}", ran.stderr);
        assert_eq!(
            fs::read_to_string(scratch.top().join(path)).unwrap(),
            before
        );
        let ran = scratch.keyward(&["fix", &id, "--yes", "--name", name]);
        assert_eq!(ran.code, Some(0), "{path}: {}", ran.stderr);
        for key in [&first, &second, &third] {
            let said = format!("{}{}", ran.stdout, ran.stderr);
            assert!(!said.contains(&key[30..]), "{said}");
        }
        let told = ran
            .stdout
            .lines()
            .find_map(|line| line.strip_prefix("to undo it: "));
        undo = told.unwrap().to_owned();
    }
    let read = |path: &str| fs::read_to_string(scratch.top().join(path)).unwrap();
    assert_eq!(
        read("app.py"),
        "import os\nimport sys\nANTHROPIC_API_KEY = os.environ[\"ANTHROPIC_API_KEY\"]\nsys.stdout.write(ANTHROPIC_API_KEY)\n"
    );
    assert_eq!(
        read("app.js"),
        "const claudeKey = process.env.CLAUDE_KEY;\n"
    );
    assert_eq!(
        read(".github/workflows/a.yml"),
        "env:\n  DEPLOY_API_KEY: ${{ secrets.DEPLOY_API_KEY }}\n"
    );
    assert_eq!(
        read(".env"),
        format!(
            "# mine\nPORT=1\nANTHROPIC_API_KEY={first}\nCLAUDE_KEY={second}\nDEPLOY_API_KEY={third}\n"
        )
    );
    assert_eq!(
        read(".env.example"),
        "ANTHROPIC_API_KEY=\nCLAUDE_KEY=\nDEPLOY_API_KEY=\n"
    );
    assert_eq!(scratch.git(&["status", "--porcelain", "--", ".env"]), "");
    scratch.keyward(&["scan", "--staged"]).passes();
    if run(scratch.command("sh").args(["-c", "command -v python3"])).code == Some(0) {
        let ran = run(scratch
            .command("sh")
            .args(["-c", "set -a; . ./.env; exec python3 app.py"]));
        assert_eq!(ran.stdout, first);
    }
    // The way back that was told is one.
    run(scratch.command("sh").args(["-c", &undo])).passes();
    assert!(read(".github/workflows/a.yml").contains(&third));
}

#[test]
fn what_cannot_be_taken_back_or_is_not_sure_is_not_done() {
    let scratch = Scratch::new(Reading::Default);
    let key = anthropic_key();
    for (path, text, told) in [
        (
            "a.jsx",
            format!("const k = '{key}'\n"),
            "a browser runs this file",
        ),
        (
            "a.py",
            format!("k = \"Bearer {key}\"\n"),
            "a part of a longer text",
        ),
        ("a.json", format!("{{\"k\": \"{key}\"}}\n"), "by hand"),
    ] {
        scratch.add(path, &text);
        let ran = scratch.keyward(&["fix", &id_of(&scratch, path), "--yes", "--name", "K"]);
        assert_eq!(ran.code, Some(2), "{path}: {}", ran.stdout);
        assert!(ran.stderr.contains(told), "{path}: {}", ran.stderr);
        assert_eq!(fs::read_to_string(scratch.top().join(path)).unwrap(), text);
        scratch.git(&["rm", "-q", "--force", path]);
    }
    // What is not staged as it lies there, and a name that another value has.
    let text = format!("claude_key = \"{key}\"\n");
    scratch.write("b.py", &text);
    let id = id_of(&scratch, "b.py");
    let ran = scratch.keyward(&["fix", &id, "--yes"]);
    assert!(ran.stderr.contains("git add b.py"), "{}", ran.stderr);
    scratch.add("b.py", &text);
    scratch.write(".env", format!("ANTHROPIC_API_KEY={}\n", letters(20)));
    let ran = scratch.keyward(&["fix", &id, "--yes"]);
    assert_eq!(ran.code, Some(2), "{}", ran.stdout);
    assert!(ran.stderr.contains("--name OTHER_NAME"), "{}", ran.stderr);
    assert_eq!(
        fs::read_to_string(scratch.top().join("b.py")).unwrap(),
        text
    );
    // A template that no store asks for is in nobody's way.
    scratch.write(".env", "PORT=1\n");
    std::os::unix::fs::symlink("elsewhere", scratch.top().join(".env.tpl")).unwrap();
    let ran = scratch.keyward(&["fix", &id, "--yes"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    for id in ["x", "0123456789abcdef0", "12345678"] {
        assert_eq!(scratch.keyward(&["fix", id, "--yes"]).code, Some(2), "{id}");
    }
}

#[test]
fn nobody_waits_while_a_question_stands() {
    let scratch = Scratch::new(Reading::Default);
    let text = format!("claude_key = \"{}\"\n", anthropic_key());
    scratch.add("a.py", &text);
    let id = id_of(&scratch, "a.py");
    // Another command is at work: this one asks, and takes no for an answer, without its turn.
    let other = fs::File::open(scratch.top().join(".git")).unwrap();
    other.lock().unwrap();
    let mut keyward = scratch.command(env!("CARGO_BIN_EXE_keyward"));
    keyward.args(["fix", &id]);
    let Some((code, shown)) = on_terminal(keyward, 80, "n\n") else {
        return;
    };
    assert_ne!(code, Some(0), "{shown}");
    assert!(shown.contains("nothing was written"), "{shown}");
    assert_eq!(
        fs::read_to_string(scratch.top().join("a.py")).unwrap(),
        text
    );
}
