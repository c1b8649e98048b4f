//! What the pages in docs/ and the files for CI tell people to type.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{Ran, Reading, Scratch, anthropic_key, run};

fn top() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A shell in the working tree that finds keyward by its name.
fn shell(scratch: &Scratch, script: &str, variables: &[(&str, &str)]) -> Ran {
    let bin = Path::new(env!("CARGO_BIN_EXE_keyward")).parent().unwrap();
    let mut path = bin.as_os_str().to_owned();
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap());
    let mut command = scratch.command("bash");
    command.args(["-ec", script]).env("PATH", path);
    run(command.envs(variables.iter().copied()))
}

/// The commands of keyward in a page: lines of code that start with it.
fn commands(page: &str) -> Vec<&str> {
    page.lines()
        .filter_map(|line| line.strip_prefix("    "))
        .filter(|line| line.starts_with("keyward "))
        .collect()
}

#[cfg(unix)]
#[test]
fn every_command_of_a_page_is_understood() {
    let mut tried = 0;
    for entry in fs::read_dir(top().join("docs")).unwrap() {
        let page = entry.unwrap().path();
        let text = fs::read_to_string(&page).unwrap();
        for command in commands(&text) {
            let scratch = Scratch::new(Reading::Default);
            scratch.add("a", "x\n");
            scratch.commit_all();
            scratch.git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
            let ran = shell(&scratch, command, &[]);
            let page = page.display();
            assert_eq!(ran.code, Some(0), "{page}: {command}\n{}", ran.stderr);
            tried += 1;
        }
    }
    assert!(tried >= 6, "{tried}");
}

#[test]
fn every_file_that_a_page_names_is_there() {
    let pages = ["README.md", "docs/ci.md", "docs/team.md"];
    for page in pages {
        let text = fs::read_to_string(top().join(page)).unwrap();
        for word in text.split('`').skip(1).step_by(2) {
            let own = ["ci/", "docs/", "benches/", "action.yml", ".ci/"];
            if own.iter().any(|start| word.starts_with(start)) && !word.contains(['<', ' ']) {
                assert!(top().join(word).exists(), "{page} names {word}");
            }
        }
    }
}

#[cfg(unix)]
#[test]
fn the_action_annotates_and_writes_its_report() {
    let script = top().join("ci/github.sh");
    let script = format!("'{}'", script.display());
    let scratch = Scratch::new(Reading::Default);
    scratch.add("a", "x\n");
    assert_eq!(shell(&scratch, &script, &[]).code, Some(0));
    scratch.add("a.py", format!("key = '{}'\n", anthropic_key()));
    let ran = shell(&scratch, &script, &[("KEYWARD_SARIF", "out.sarif")]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(
        ran.stdout.starts_with("::error file=a.py,line=1,"),
        "{}",
        ran.stdout
    );
    let report = fs::read(scratch.top().join("out.sarif")).unwrap();
    let report: serde_json::Value = serde_json::from_slice(&report).unwrap();
    assert_eq!(
        report["runs"][0]["results"][0]["ruleId"],
        "anthropic-api-key"
    );
    // A range is one argument, whatever an event puts into it.
    let ran = shell(&scratch, &script, &[("KEYWARD_RANGE", "a..b; touch ran")]);
    assert!(ran.code > Some(1), "{}", ran.stderr);
    assert!(!scratch.top().join("ran").exists());
    let action = fs::read_to_string(top().join("action.yml")).unwrap();
    assert!(action.contains("$GITHUB_ACTION_PATH/ci/github.sh"));
    for line in action.lines().filter(|line| line.contains("run: ")) {
        assert!(!line.contains("${{"), "{line}");
    }
}

#[cfg(unix)]
#[test]
fn the_job_for_gitlab_makes_both_reports_and_fails() {
    let job = fs::read_to_string(top().join("ci/gitlab.yml")).unwrap();
    let (_, script) = job.split_once("  script:\n").unwrap();
    let lines: Vec<&str> = script
        .lines()
        .map_while(|line| line.strip_prefix("    - "))
        .collect();
    assert_eq!(lines.len(), 3);
    let scratch = Scratch::new(Reading::Default);
    scratch.add("a.py", format!("key = '{}'\n", anthropic_key()));
    let ran = shell(&scratch, &lines.join("\n"), &[]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let read = |name: &str| -> serde_json::Value {
        let file: PathBuf = scratch.top().join(name);
        serde_json::from_slice(&fs::read(file).unwrap()).unwrap()
    };
    for name in [
        "gl-code-quality-report.json",
        "gl-secret-detection-report.json",
    ] {
        assert!(job.contains(&format!(": {name}\n")), "{name}");
    }
    let quality = read("gl-code-quality-report.json");
    assert_eq!(quality[0]["location"]["path"], "a.py");
    let secrets = read("gl-secret-detection-report.json");
    assert_eq!(secrets["vulnerabilities"][0]["location"]["file"], "a.py");
}
